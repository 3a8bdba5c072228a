"""Writes TNEF streams for the tests, after [MS-OXTNEF].

Rule: it knows the format from the specification, and nothing of the reader that is tested with it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

__all__ = ["attachment", "attribute", "message_properties", "prop", "property_list", "stream"]

IID_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


def stream(*attributes: bytes, codepage: int = 1252) -> bytes:
    """Signature, key, version and codepage, and then `attributes`."""
    start = attribute(1, 0x00089006, struct.pack("<I", 0x10000)) + attribute(1, 0x00069007, struct.pack("<II", codepage, 0))
    return struct.pack("<IH", 0x223E9F78, 0x1234) + start + b"".join(attributes)


def attribute(level: int, key: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, key, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def prop(key: int, value: str | bytes | int, *, kind: int | None = None) -> bytes:
    """A property: text as Unicode, octets as binary, a number as 32 bits, unless `kind` says otherwise."""
    if isinstance(value, int):
        return struct.pack("<HHi", kind or 3, key, value)
    data = value.encode("utf-16-le") + b"\0\0" if isinstance(value, str) else value
    head = struct.pack("<HHII", kind or (0x1F if isinstance(value, str) else 0x102), key, 1, len(data))
    return head + data + b"\0" * (-len(data) % 4)


def property_list(properties: Iterable[bytes]) -> bytes:
    properties = list(properties)
    return struct.pack("<I", len(properties)) + b"".join(properties)


def message_properties(*properties: bytes) -> bytes:
    return attribute(1, 0x00069003, property_list(properties))


def attachment(title: bytes, data: bytes | None, *properties: bytes) -> bytes:
    """Rendering data, then title and data, then the properties, as Outlook writes them."""
    pieces = [attribute(2, 0x00069002, struct.pack("<HIHHI", 1, 0xFFFFFFFF, 0, 0, 0))]
    if data is not None:
        pieces.append(attribute(2, 0x0006800F, data))
    if title:
        pieces.append(attribute(2, 0x00018010, title + b"\0"))
    if properties:
        pieces.append(attribute(2, 0x00069005, property_list(properties)))
    return b"".join(pieces)
