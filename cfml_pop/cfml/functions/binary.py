"""Binary values: octets, their text forms, and character sets.

Rule: a binary is Python's `bytes`. Encodings are hex, uu, base64 and base64url; a character set is one that Python knows as one
of text and that needs no more time than the text is long. What cannot be read is an error; a character that a set does not have
is `?`, as Java writes it, and octets that are no text are U+FFFD.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import dataclasses
import re
from collections.abc import Callable
from typing import Any

from cfml_pop.cfml import simple
from cfml_pop.cfml.column import current
from cfml_pop.cfml.functions.family import KINDS, Family, Page, argument

__all__ = ["ENCODINGS", "FAMILY", "UTF_8", "Charset"]

FAMILY = Family("Binary values")

REFUSED = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7"})
"""Sets of Python that are no plain text, or take time by the square of its length."""

JAVA = {"utf-16": ("utf-16-be", codecs.BOM_UTF16_BE), "unicode": ("utf-16-be", codecs.BOM_UTF16_BE)}
"""What Java means otherwise than Python: the name, and what is written before."""

BLANKS = re.compile(r"\s+")


def _binary(value: Any, _: Page) -> bytes:
    value = current(value)
    if not isinstance(value, (bytes, bytearray)):
        raise ValueError(f"must be a binary, as toBinary and charsetDecode make it, not {simple.kind_of(value)}")  # noqa: TRY004 - as all kinds do
    return bytes(value)


KINDS["binary"] = _binary


@dataclasses.dataclass(frozen=True)
class Charset:
    """A character set. `name` is Python's, `mark` what is written before the text."""

    name: str
    mark: bytes = b""

    def encode(self, text: str) -> bytes:
        return self.mark + text.encode(self.name, "replace")

    def decode(self, octets: bytes) -> str:
        if self.mark and octets[:2] in (codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE):
            return octets.decode("utf-16", "replace")
        return octets.decode(self.name, "replace")


UTF_8 = Charset("utf-8")


def _charset(value: Any, _: Page) -> Charset:
    name = simple.text(value)
    key = name.strip().lower()
    if key in JAVA:
        return Charset(*JAVA[key])
    try:
        found = codecs.lookup(key).name
        "a".encode(found).decode(found)  # LookupError for what is no text, as hex and zlib
    except (LookupError, UnicodeError, ValueError):
        found = ""
    if not found or found in REFUSED:
        raise ValueError(f"must be a character set, as utf-8, iso-8859-1 or windows-1252, not {name!r}")
    return Charset(found)


KINDS["charset"] = _charset


def _uu(octets: bytes) -> str:
    return b"".join(binascii.b2a_uu(octets[at : at + 45]) for at in range(0, len(octets), 45)).decode("ascii")


def _from_uu(text: str) -> bytes:
    return b"".join(binascii.a2b_uu(line) for line in text.splitlines() if line.strip())


def _from_base64(text: str) -> bytes:
    text = BLANKS.sub("", text).rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


ENCODINGS: dict[str, tuple[Callable[[bytes], str], Callable[[str], bytes]]] = {
    "hex": (lambda octets: octets.hex().upper(), binascii.unhexlify),
    "uu": (_uu, _from_uu),
    "base64": (lambda octets: base64.b64encode(octets).decode("ascii"), _from_base64),
    "base64url": (lambda octets: base64.urlsafe_b64encode(octets).decode("ascii").rstrip("="), _from_base64),
}


def _encoding(value: Any, _: Page) -> str:
    word = simple.text(value).strip().lower()
    if word not in ENCODINGS:
        raise ValueError(f"must be one of {', '.join(ENCODINGS)}, not {simple.text(value)!r}")
    return word


KINDS["binary encoding"] = _encoding


@FAMILY.function("toBase64", argument("string", "any"), argument("encoding", "charset", UTF_8))
def to_base64(value: Any, charset: Charset) -> str:
    """A binary, or text in a character set, in base64. Source: Lucee and Adobe, ToBase64."""
    value = current(value)
    octets = bytes(value) if isinstance(value, (bytes, bytearray)) else charset.encode(simple.text(value))
    return ENCODINGS["base64"][0](octets)


@FAMILY.function("toBinary", argument("base64", "any"))
def to_binary(value: Any) -> bytes:
    """A binary from base64, blanks and missing = allowed; a binary as it is. Source: Lucee and Adobe, ToBinary."""
    value = current(value)
    return bytes(value) if isinstance(value, (bytes, bytearray)) else binary_decode(simple.text(value), "base64")


@FAMILY.function("binaryEncode", argument("binary", "binary"), argument("encoding", "binary encoding"))
def binary_encode(octets: bytes, encoding: str) -> str:
    """A binary as text: hex in capitals, uu in lines, base64, base64url without =. Source: Lucee and Adobe, BinaryEncode."""
    return ENCODINGS[encoding][0](octets)


@FAMILY.function("binaryDecode", argument("string"), argument("encoding", "binary encoding"))
def binary_decode(text: str, encoding: str) -> bytes:
    """A binary from its text. Source: Lucee and Adobe, BinaryDecode."""
    try:
        return ENCODINGS[encoding][1](text)
    except ValueError:
        raise ValueError(f"string cannot be read as {encoding}: it has other characters, or an end too early") from None


@FAMILY.function("charsetEncode", argument("binary", "binary"), argument("encoding", "charset"))
def charset_encode(octets: bytes, charset: Charset) -> str:
    """A binary as text in a character set. Source: Lucee and Adobe, CharsetEncode."""
    return charset.decode(octets)


@FAMILY.function("charsetDecode", argument("string"), argument("encoding", "charset"))
def charset_decode(text: str, charset: Charset) -> bytes:
    """Text as a binary, in a character set. Source: Lucee and Adobe, CharsetDecode."""
    return charset.encode(text)
