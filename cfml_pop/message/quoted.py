"""Quoted-printable (RFC 2045, section 6.7), whole or block by block.

Rule: a piece of a long line ends where nothing behind it can change what it means, so that blocks of any size give what the whole
gives. `binascii` does the work; code here mends what it reads differently.
"""

from __future__ import annotations

import binascii
import re

__all__ = ["MOST_BLANKS", "QuotedPrintable", "decode_escapes", "decode_quoted"]

_CARRY = 64 * 1024
"""A line longer than this is decoded in pieces: RFC 2045 allows 76."""


class QuotedPrintable:
    """Quoted-printable with blanks at line ends, `=` and blanks as a soft break, and escapes that are none."""

    def __init__(self) -> None:
        self.defects: dict[str, None] = {}
        self._carry = b""

    def whole(self, data: bytes) -> bytes:
        return self._lines(data, last=True)

    def feed(self, data: bytes) -> bytes:
        if self._carry:
            data = self._carry + data
        cut = data.rfind(b"\n") + 1
        if len(data) - cut > _CARRY:
            cut = _last_certain(data)
        self._carry = data[cut:]
        piece = data[:cut]
        if not piece.endswith(b"="):
            return self._lines(piece, last=False)
        # Another "=" follows, so none of these begins an escape.
        self.defects[_BROKEN] = None
        sound = piece.rstrip(b"=")
        return self._lines(sound, last=False) + piece[len(sound) :]

    def finish(self) -> bytes:
        data, self._carry = self._carry, b""
        return self._lines(data, last=True)

    def _lines(self, data: bytes, *, last: bool) -> bytes:
        decoded, sound = _decode(data, last=last)
        if not sound:
            self.defects[_BROKEN] = None
        return decoded


def _last_certain(data: bytes) -> int:
    """Where a line that goes on may be parted: before a CR, blanks and an escape at its end."""
    end = len(data) - data.endswith(b"\r")
    # One blank more than can be trailing ones, so that the rest of a longer run is seen to be one.
    end -= min(end - len(data[:end].rstrip(b" \t")), MOST_BLANKS + 1)
    for size in (1, 2):
        if data[end - size : end - size + 1] == b"=":
            return end - size
    return end


_BROKEN = "the quoted-printable text holds broken escapes"

MOST_BLANKS = 998
"""Blanks before a line end that are taken for padding. RFC 5322 allows a line no more octets, and without a bound a block could
not be decoded before the next."""

# The look-behind starts a match only at the head of a run of blanks: otherwise a long run would be walked from each of its
# blanks.
_TRAILING_BLANKS = re.compile(rb"(?<![ \t])[ \t]{1,%d}(?=\r?\n)" % MOST_BLANKS)
# A line end behind a blank, or one without CR. What begins with "\n" is found as fast as that.
_ODD_LINE_END = re.compile(rb"\n(?<![^ \t]\r\n)")
_ESCAPE = re.compile(rb"=(?:([0-9A-Fa-f]{2})|\r?\n|\Z)")


def decode_quoted(data: bytes, *, last: bool = True) -> bytes:
    """Quoted-printable octets, decoded. Blanks before a line end go (RFC 2045, section 6.7, rule 3); broken escapes stay.

    `last`: the end of `data` ends its last line.
    """
    return _decode(data, last=last)[0]


def _decode(data: bytes, *, last: bool) -> tuple[bytes, bool]:
    """The same, and whether all escapes were sound."""
    odd = _ODD_LINE_END.search(data) is not None
    # Looking for two or three octets is several times cheaper than counting one, and so is leaving one out.
    if odd and (b" \n" in data or b" \r\n" in data or (b"\t" in data and (b"\t\n" in data or b"\t\r\n" in data))):
        data = _TRAILING_BLANKS.sub(b"", data)
    if last and data.endswith((b" ", b"\t")):
        stripped = data.rstrip(b" \t")
        data = stripped if len(data) - len(stripped) <= MOST_BLANKS else data
    escapes = len(data) - len(data.replace(b"=", b""))
    if not escapes:
        return data, True
    breaks = data.count(b"=\r\n")
    # No CR without LF: as many of the one as of the other.
    paired = not odd and len(data.replace(b"\r", b"")) == len(data.replace(b"\n", b""))
    if paired or data.count(b"=\r") == breaks:
        decoded = binascii.a2b_qp(data)
        # Each sound escape makes one octet of three, a soft break none of two or three; a broken one takes less away.
        if len(data) - len(decoded) == 2 * escapes + breaks:
            return decoded, True
    decoded = decode_escapes(data)
    # A sound escape leaves no "=" behind, unless it is that of "=" itself; the last octet may be a soft break without a line end.
    return decoded, decoded.count(b"=") == data.count(b"=3D") + data.count(b"=3d")


def decode_escapes(data: bytes) -> bytes:
    """`=XX` and soft line breaks only: what quoted-printable and the Q encoding of RFC 2047 have in common."""
    # a2b_qp takes "==" for one "=", and swallows a line that begins behind "=" CR without LF.
    if b"==" in data or (b"\r" in data and data.count(b"=\r") != data.count(b"=\r\n")):
        return _ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()) if match[1] else b"", data)
    return binascii.a2b_qp(data)
