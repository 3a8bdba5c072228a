"""Other readers of the same octets: Python's `email`, and GMime by its C library.

Rule: an oracle gives the leaves of a message in order, each as its content type and its decoded octets, and those of an embedded
message/rfc822 behind it. A multipart in which it finds no part is text, as it is with us. What an oracle cannot give is None.

As a program (`python -m tests.oracles`) it is GMime's reader: messages in base64 as a JSON list on stdin, version and leaves on
stdout. A fault in C code then ends that process and not the tests.
"""

from __future__ import annotations

import base64
import ctypes
import ctypes.util
import email
import email.message
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["OracleLeaf", "email_leaves", "find_gmime", "gmime_leaves"]


class OracleLeaf(NamedTuple):
    """A leaf: its content type, and its octets decoded; None where the oracle does not give them."""

    content_type: str
    data: bytes | None


# -- Python's email ------------------------------------------------------------------------------------------------------------


def email_leaves(raw: bytes) -> list[OracleLeaf]:
    """The leaves of `raw` by `email` with its compat32 policy, those of embedded messages included."""
    return list(_email_leaves(email.message_from_bytes(raw)))


def _email_leaves(message: email.message.Message) -> Iterator[OracleLeaf]:
    kind = message.get_content_type()
    if message.is_multipart():
        if kind.startswith("message/"):  # it parses the content of most of these, and the octets as they were are gone
            yield OracleLeaf(kind, None)
        if not kind.startswith("message/") or kind == "message/rfc822":
            for part in message.get_payload():
                assert isinstance(part, email.message.Message)
                yield from _email_leaves(part)
    else:
        data = message.get_payload(decode=True)
        assert isinstance(data, bytes)
        yield OracleLeaf("text/plain" if kind.startswith("multipart/") else kind, data)


# -- GMime ---------------------------------------------------------------------------------------------------------------------


def find_gmime() -> str | None:
    """The name of GMime's shared library, None where it is not installed."""
    return ctypes.util.find_library("gmime-3.0")


def gmime_leaves(messages: list[bytes]) -> tuple[str, list[list[OracleLeaf]]]:
    """GMime's version, and the leaves of each message, those of embedded messages included."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.oracles"],
        input=json.dumps([base64.b64encode(raw).decode() for raw in messages]),
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
        encoding="ascii",
        timeout=60,
        check=True,
    )
    answer = json.loads(done.stdout)
    return answer["version"], [
        [OracleLeaf(kind, None if data is None else base64.b64decode(data)) for kind, data in leaves]
        for leaves in answer["leaves"]
    ]


class _GMime:
    """The few functions of GMime 3 that are needed. C pointers are int or None; nothing is given back, as the process ends."""

    def __init__(self, library: str) -> None:
        self._library = ctypes.CDLL(library)
        self._call("init", None)
        self.multipart = self._call("multipart_get_type")
        self.message_part = self._call("message_part_get_type")
        self.part = self._call("part_get_type")
        numbers = [ctypes.c_uint.in_dll(self._library, f"gmime_{name}_version").value for name in ("major", "minor", "micro")]
        self.version = ".".join(map(str, numbers))

    def _call(self, name: str, result: Any = ctypes.c_void_p, *arguments: Any) -> Any:
        function = getattr(self._library, f"g_mime_{name}")
        function.restype = result
        return function(*(ctypes.c_void_p(item) if item is None else item for item in arguments))

    def _is(self, item: int, kind: int) -> bool:
        return bool(self._library.g_type_check_instance_is_a(ctypes.c_void_p(item), ctypes.c_void_p(kind)))

    def leaves(self, raw: bytes) -> list[OracleLeaf]:
        stream = self._call("stream_mem_new_with_buffer", ctypes.c_void_p, raw, ctypes.c_size_t(len(raw)))
        parser = self._call("parser_new_with_stream", ctypes.c_void_p, ctypes.c_void_p(stream))
        message = self._call("parser_construct_message", ctypes.c_void_p, ctypes.c_void_p(parser), None)
        return list(self._message(message)) if message else []

    def _message(self, message: int) -> Iterator[OracleLeaf]:
        part = self._call("message_get_mime_part", ctypes.c_void_p, ctypes.c_void_p(message))
        if part:
            yield from self._object(part)

    def _object(self, item: int) -> Iterator[OracleLeaf]:
        pointer = ctypes.c_void_p(item)
        content_type = self._call("object_get_content_type", ctypes.c_void_p, pointer)
        kind = self._call("content_type_get_mime_type", ctypes.c_char_p, ctypes.c_void_p(content_type)).decode().lower()
        if self._is(item, self.multipart):
            count = self._call("multipart_get_count", ctypes.c_int, pointer)
            if not count:
                text = self._call("multipart_get_prologue", ctypes.c_char_p, pointer) or b""  # its line ends were changed
                yield OracleLeaf("text/plain", None if text.strip() else b"")
            for index in range(count):
                yield from self._object(self._call("multipart_get_part", ctypes.c_void_p, pointer, ctypes.c_int(index)))
        elif self._is(item, self.message_part):
            yield OracleLeaf(kind, None)
            message = self._call("message_part_get_message", ctypes.c_void_p, pointer)
            if message and kind == "message/rfc822":
                yield from self._message(message)
        elif self._is(item, self.part):
            yield OracleLeaf(kind, self._content(pointer))
        else:
            yield OracleLeaf(kind, None)

    def _content(self, part: ctypes.c_void_p) -> bytes:
        wrapper = self._call("part_get_content", ctypes.c_void_p, part)
        if not wrapper:
            return b""
        stream = ctypes.c_void_p(self._call("stream_mem_new"))
        self._call("data_wrapper_write_to_stream", ctypes.c_ssize_t, ctypes.c_void_p(wrapper), stream)
        array = self._call("stream_mem_get_byte_array", ctypes.POINTER(_ByteArray), stream)
        return ctypes.string_at(array.contents.data, array.contents.len) if array.contents.len else b""


class _ByteArray(ctypes.Structure):
    """GByteArray."""

    _fields_ = (("data", ctypes.c_void_p), ("len", ctypes.c_uint))


def main() -> None:
    """Read messages on stdin, write their leaves on stdout."""
    library = find_gmime()
    if library is None:
        sys.exit("GMime is not installed")
    gmime = _GMime(library)
    found = []
    for text in json.load(sys.stdin):
        leaves = gmime.leaves(base64.b64decode(text))
        found.append([(kind, None if data is None else base64.b64encode(data).decode()) for kind, data in leaves])
    json.dump({"version": gmime.version, "leaves": found}, sys.stdout)


if __name__ == "__main__":
    main()
