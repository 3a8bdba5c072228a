"""Content transfer encodings (RFC 2045, section 6; uuencode as it is met): whole, or block by block.

Rule: a decoder is fed octets and gives octets; it never raises, and what it had to mend is in `defects`. The C functions of
`binascii` do the work, for base64 those of pybase64 where it is installed; code here looks at single octets only where something
is damaged.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

from cfml_pop.message.octets import BLOCK, Octets
from cfml_pop.message.quoted import QuotedPrintable

try:
    import pybase64  # the extra "fast"
except ImportError:
    pybase64 = None  # type: ignore[assignment]  # it is not there

__all__ = ["Decoder", "a2b_base64", "decode_blocks", "decode_whole", "decoder", "hides_text"]

# It is given letters without padding only; of these both make the same, and both skip what is no letter.
a2b_base64: Callable[[bytes], bytes] = partial(pybase64.b64decode, validate=False) if pybase64 else binascii.a2b_base64

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(set(range(256)) - set(_LETTERS))
_ONLY_BASE64 = re.compile(rb"[A-Za-z0-9+/=]*\s*")
_PAD = re.compile(b"=")
_PAD_OR_EMPTY = re.compile(rb"=|^[ \t]*\r?\n", re.MULTILINE)
_PADDING = re.compile(rb"[=\s]*")
_AGAIN = 1000
"""So many encodings one behind the other are read; mail that joins base64 texts joins a few."""

_LINE = 76
"""Octets of an encoded line (RFC 2045, section 6.7 and 6.8)."""

_CARRY = 64 * 1024
"""A line longer than this is decoded in pieces: RFC 2045 allows 76."""

_AT_ONCE = 64 * 1024
"""Octets decoded at once: what is read and what is made of it stay in the processor's cache."""

_LINE_END = 1000
"""So near the end of a block a line end is looked for: RFC 5322 allows lines of 998."""


class Decoder(Protocol):
    """`feed` gives what is certain so far, `finish` the rest; `whole` is both for what is in memory anyway."""

    defects: dict[str, None]

    def whole(self, data: bytes) -> bytes: ...

    def feed(self, data: bytes) -> bytes: ...

    def finish(self) -> bytes: ...


class Identity:
    """7bit, 8bit, binary, and whatever is not known."""

    def __init__(self) -> None:
        self.defects: dict[str, None] = {}

    def whole(self, data: bytes) -> bytes:
        return data

    def feed(self, data: bytes) -> bytes:
        return data

    def finish(self) -> bytes:
        return b""


class Base64:
    """Base64 with wrong lengths, foreign characters, missing padding, or several encodings in a row."""

    def __init__(self) -> None:
        self.defects: dict[str, None] = {}
        self._line = b""  # a line that is not complete yet
        self._carry = b""  # up to three letters that do not fill a group yet
        self._inside = False  # a long line goes on
        self._ends = 0  # paddings so far
        self._behind = False  # what comes next stands behind one, and was not judged yet
        self._ended = False

    def whole(self, data: bytes) -> bytes:
        head = self.feed(data)
        tail = self.finish()
        return head + tail if tail else head

    def feed(self, data: bytes) -> bytes:
        # Whole lines hold whole groups of four in sound mail, and then nothing is copied in `_letters`.
        if self._line:
            data = self._line + data
        cut = data.rfind(b"\n") + 1
        if len(data) - cut > _CARRY:
            cut = len(data)
        self._line = data[cut:]
        decoded = self._lines(data[:cut] if self._line else data)
        if cut:
            self._inside = data[cut - 1 : cut] != b"\n"
        return decoded

    def finish(self) -> bytes:
        line, self._line = self._line, b""
        return self._lines(line, last=True) + self._pad(missing=True)

    def _lines(self, data: bytes, *, last: bool = False) -> bytes:
        if not self._ends and b"=" not in data:
            return self._letters(data)
        pieces: list[bytes] = []
        position = 0
        while not self._ended:
            if self._behind:
                position = _behind_padding(data, position)
                following = data[position : position + _LINE].partition(b"\n")
                if not last and not following[1] and len(following[0]) < _LINE:
                    self._line = data[position:] + self._line  # too little to judge by
                    break
                if following[0] and not self._goes_on(following[0]):
                    break
                self._behind = False
            stop = self._stop(data, position)
            if stop is None:
                pieces.append(self._letters(data[position:]))
                break
            line = data.rfind(b"\n", position, stop.start()) + 1
            if line > position:  # apart, as the line with the padding is no multiple of four, and all would be decoded twice
                pieces.append(self._letters(data[position:line]))
                position = line
            pieces.append(self._letters(data[position : stop.start()]))
            if stop[0] == b"=":
                pieces.append(self._pad())
                self._ends += 1
            self._behind = True
            position = stop.end()
        return b"".join(pieces)

    def _stop(self, data: bytes, position: int) -> re.Match[bytes] | None:
        """The next padding; once there was one also the next empty line, as footers stand behind those."""
        stop = (_PAD_OR_EMPTY if self._ends else _PAD).search(data, position)
        if stop and self._inside and not stop.start() and stop[0] != b"=":  # only the end of a line that came before
            stop = _PAD_OR_EMPTY.search(data, stop.end())
        return stop

    def _goes_on(self, following: bytes) -> bool:
        """Whether the line behind the padding is base64 as well; a mailing list's footer is not. What comes later has no say: one
        foreign character far away must not cost what lies between."""
        self.defects["there is something behind the end of the base64 text"] = None
        self._ended = self._ends > _AGAIN or not _ONLY_BASE64.fullmatch(following)
        return not self._ended

    def _letters(self, data: bytes) -> bytes:
        if self._carry:
            data = self._carry + data
            self._carry = b""
        try:
            decoded = a2b_base64(data)
        except binascii.Error:  # the number of letters is no multiple of four
            letters = data.translate(None, _NOT_BASE64)
            whole = len(letters) - len(letters) % 4
            self._carry = letters[whole:]
            decoded = a2b_base64(letters[:whole])
        if len(decoded) // 3 * 4 + len(self._carry) != _letters_in_lines(data) and data.translate(None, _LETTERS + b" \t\r\n"):
            self.defects["the base64 text holds foreign characters"] = None
        return decoded

    def _pad(self, *, missing: bool = False) -> bytes:
        letters, self._carry = self._carry, b""
        if len(letters) == 1 or (missing and letters):
            self.defects["the base64 text is cut"] = None
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4)) if len(letters) > 1 else b""


def _letters_in_lines(data: bytes) -> int:
    """How many letters there are if all lines but the last are as long as the first; cheaper than to count them."""
    first = data.find(b"\n") + 1
    if not first:
        return len(data)
    return len(data) - -(-len(data) // first) * (2 if data[first - 2 : first] == b"\r\n" else 1)


def _behind_padding(data: bytes, pad: int) -> int:
    match = _PADDING.match(data, pad)
    return match.end() if match else pad + 1


_BEGIN = re.compile(rb"^begin(-base64)?[ \t][^\n]*\n?", re.MULTILINE)
_BASE64_END = re.compile(rb"^====[ \t]*\r?$", re.MULTILINE)


class Uuencoded:
    """x-uuencode: what stands before `begin` and behind `end` goes; short lines are filled up.

    The program of that name writes base64 as well, between `begin-base64` and `====`.
    """

    def __init__(self) -> None:
        self.defects: dict[str, None] = {}
        self._carry = b""
        self._state = "before"
        self._base64: Base64 | None = None

    def whole(self, data: bytes) -> bytes:
        head = self.feed(data)
        tail = self.finish()
        return head + tail if tail else head

    def feed(self, data: bytes) -> bytes:
        data = self._carry + data
        cut = data.rfind(b"\n") + 1
        if not cut and len(data) > _CARRY:  # a line of uuencode has 61 characters; this is none, and is not hoarded
            cut = len(data)
        self._carry = data[cut:]
        return self._lines(data[:cut])

    def finish(self) -> bytes:
        data, self._carry = self._carry, b""
        decoded = self._lines(data)
        if self._state == "inside" and self._base64 is not None:
            decoded += self._base64.finish()
        if self._state != "after":
            self.defects["the uuencoded text has no beginning" if self._state == "before" else "the uuencoded text is cut"] = None
        return decoded

    def _lines(self, data: bytes) -> bytes:
        if self._state == "before":
            begin = _BEGIN.search(data)
            if begin is None:
                return b""
            self._state = "inside"
            self._base64 = Base64() if begin[1] else None
            data = data[begin.end() :]
        if self._state == "after":
            return b""
        if self._base64 is not None:
            return self._lines_of_base64(data, self._base64)
        pieces = []
        for line in data.split(b"\n"):
            line = line.rstrip(b"\r")
            if line == b"end":
                self._state = "after"
                break
            if line:
                pieces.append(self._line(line))
        return b"".join(pieces)

    def _lines_of_base64(self, data: bytes, inner: Base64) -> bytes:
        end = _BASE64_END.search(data)
        decoded = inner.feed(data[: end.start()] if end else data)
        if end:
            decoded += inner.finish()
            self._state = "after"
        self.defects.update(inner.defects)
        return decoded

    def _line(self, line: bytes) -> bytes:
        try:
            return binascii.a2b_uu(line)
        except binascii.Error:  # trailing garbage: the first character says how much of the line counts
            size = 1 + (((line[0] - 32) & 63) + 2) // 3 * 4
            self.defects["the uuencoded text holds foreign characters"] = None
            try:
                return binascii.a2b_uu(line[:size])
            except binascii.Error:
                return b""


_DECODERS: dict[str, type[Base64 | QuotedPrintable | Uuencoded | Identity]] = {
    "base64": Base64,
    "base-64": Base64,
    "quoted-printable": QuotedPrintable,
    "quotedprintable": QuotedPrintable,
    "quoted_printable": QuotedPrintable,
    "qp": QuotedPrintable,
    "x-uuencode": Uuencoded,
    "uuencode": Uuencoded,
    "x-uue": Uuencoded,
    "uue": Uuencoded,
    "": Identity,
    "7bit": Identity,
    "8bit": Identity,
    "binary": Identity,
}
_ENCODING = re.compile(r"[\s\"']*([^\s;(\"',]*)")
_IDENTITIES = re.compile(r"|(?:7|8)-?bits?|binary|none|identity|plain|ascii|8-bit-ascii")


def decoder(encoding: str) -> Decoder:
    """The decoder for a Content-Transfer-Encoding as it stands in the header; comments, quotes and blanks in it do not matter."""
    name = encoding.lower()
    if name in _DECODERS:
        return _DECODERS[name]()
    match = _ENCODING.match(name)
    name = match[1].rstrip(":.") if match else ""
    made = _DECODERS.get(name, Identity)()
    if type(made) is Identity and not _IDENTITIES.fullmatch(name):
        made.defects[f"the transfer encoding {name[:40]!r} is not known"] = None
    return made


def hides_text(encoding: str) -> bool:
    """Whether letters of a text stand as others in it: base64 and uuencode, not quoted-printable."""
    return not isinstance(decoder(encoding), (Identity, QuotedPrintable))


def decode_whole(octets: Octets, encoding: str, start: int = 0, end: int | None = None) -> tuple[bytes, tuple[str, ...]]:
    """The octets of `octets[start:end]` decoded, and what was damaged."""
    made = decoder(encoding)
    end = len(octets) if end is None else end
    if end - start > BLOCK:
        return b"".join(decode_blocks(octets, start, end, made)), tuple(made.defects)
    return made.whole(octets[start:end]), tuple(made.defects)


def decode_blocks(octets: Octets, start: int, end: int, made: Decoder, *, block: int = _AT_ONCE) -> Iterator[bytes]:
    """The octets of `octets[start:end]`, decoded by `made` a block at a time. No block is empty."""
    while start < end:
        stop = min(start + block, end)
        if stop < end:  # at a line end, so that the decoder need not keep and join a line
            line = octets.rfind(b"\n", max(start, stop - _LINE_END), stop) + 1
            stop = line or stop
        piece = made.feed(octets[start:stop])
        start = stop
        if piece:
            yield piece
    piece = made.finish()
    if piece:
        yield piece
