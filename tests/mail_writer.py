"""Mail whose meaning is known: hypothesis strategies for messages, and a writer that spells each thing in any of its ways.

Rule: `Sent` says what was sent; nothing of the package's reader is used to write it. What is written is sound mail, however odd:
a reader has to give back all of it and to find no damage.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses

from hypothesis import strategies as st

__all__ = ["Leaf", "Sent", "messages"]

CHARSETS = ("utf-8", "iso-8859-1", "windows-1251", "koi8-r", "iso-2022-jp", "euc-jp", "gb18030", "utf-16", "utf-7")
WIDE = ("utf-16", "utf-7")
"""Those whose octets are no lines of text, or whose ASCII is none: only inside base64."""

_LETTERS = st.sampled_from([*"abz .,=_?<>&", "\xe9", "\xfc", "\u0436", "\u044f", "\u20ac", "\u65e5", "\u672c", "\U0001f600"])
_LINE = st.text(_LETTERS, max_size=30)
_BOUNDARIES = ("b", "bx", "b.c", "=_b=", "b'(b)", "bb: /?b", "b" * 70, "b" * 71)


@dataclasses.dataclass(frozen=True)
class Leaf:
    """A part that is no multipart: its type, its text or octets, its name and Content-ID ("" for none)."""

    content_type: str
    content: str | bytes
    name: str = ""
    content_id: str = ""


@dataclasses.dataclass(frozen=True)
class Sent:
    """A message as it is written, and what it says: subject, sender as (name, address), and the leaves in order."""

    raw: bytes
    subject: str
    sender: tuple[str, str]
    leaves: tuple[Leaf, ...]


@st.composite
def messages(draw: st.DrawFn) -> Sent:
    """A whole message."""
    end = draw(st.sampled_from([b"\r\n", b"\n"]))
    subject = " ".join(draw(st.text(_LETTERS, max_size=40)).replace("=?", "").replace("?=", "").split())
    name = " ".join(draw(st.text(_LETTERS, max_size=20)).replace("=?", "").replace("?=", "").split())
    address = draw(st.sampled_from(["kim@example.org", "k.j+x@mail.example.org", "k@x"]))
    leaves: list[Leaf] = []
    body = draw(_entity(leaves, 0))
    fields = [
        b"Subject:" + draw(st.sampled_from([b" ", b"", b"  ", b"\n\t"])) + draw(_words(subject)),
        b"From: " + draw(_words(name, phrase=True)) + b" <" + address.encode() + b">",
        draw(st.sampled_from([b"X-Odd : a:b", b"Received: by a;\n\tb", b"MIME-Version: 1.0", b"X-Long: " + b"x" * 2000])),
    ]
    fields = list(draw(st.permutations(fields)))
    raw = b"\n".join([*fields, body])
    return Sent(_line_ends(raw, end), subject, (name, address), tuple(leaves))


def _line_ends(raw: bytes, end: bytes) -> bytes:
    return raw if end == b"\n" else raw.replace(b"\n", end)


@st.composite
def _entity(draw: st.DrawFn, leaves: list[Leaf], depth: int) -> bytes:
    """Header and body of a part. Adds its leaves to `leaves`."""
    if depth < 3 and draw(st.integers(0, 2)):
        kind = draw(st.sampled_from(["mixed", "alternative", "related", "MIXED", "x-odd"]))
        boundary = draw(st.sampled_from(_BOUNDARIES)) + str(depth)  # no two on the way down are the same
        spelt = f'"{boundary}"' if not boundary.isalnum() or draw(st.booleans()) else boundary
        head = f"Content-Type: multipart/{kind};{draw(st.sampled_from(['', ' ', chr(10) + chr(9)]))}boundary={spelt}"
        children = [draw(_entity(leaves, depth + 1)) for _ in range(draw(st.integers(1, 3)))]
        blanks = draw(st.sampled_from(["", " ", " \t"]))
        pieces = [f"--{boundary}{blanks}\n".encode() + child + b"\n" for child in children]
        before = draw(st.sampled_from([b"", b"for old readers\n"]))
        return head.encode() + b"\n\n" + before + b"".join(pieces) + f"--{boundary}--{blanks}\nbehind".encode()
    return draw(st.one_of(_text(leaves), _text(leaves), _file(leaves)))


@st.composite
def _text(draw: st.DrawFn, leaves: list[Leaf]) -> bytes:
    kind = draw(st.sampled_from(["text/plain", "text/plain", "text/html"]))
    text = "x" + "\n".join(draw(st.lists(_LINE, min_size=1, max_size=4)))
    charset = draw(st.sampled_from([label for label in CHARSETS if _fits(text, label)]))
    octets = text.encode(charset)
    encoding = "base64" if charset in WIDE else draw(st.sampled_from(["base64", "quoted-printable", "8bit", ""]))
    label = draw(st.sampled_from([charset, charset.upper(), f'"{charset}"', f"{charset} (as sent)"]))
    leaves.append(Leaf(kind, text))
    return _with_header(draw, [f"Content-Type: {kind}; charset={label}"], octets, encoding)


@st.composite
def _file(draw: st.DrawFn, leaves: list[Leaf]) -> bytes:
    kind = draw(st.sampled_from(["application/pdf", "image/png", "application/x-odd", "text/csv"]))
    stem = draw(st.text(st.sampled_from([*"abc12-", "\xe9", "\u65e5", "\u0436"]), min_size=1, max_size=12))
    name = f"n{stem}{draw(st.sampled_from(['', ' (1)', ', x', ' =x']))}.bin"
    content_id = draw(st.sampled_from(["", "a@x", "1.2$3@y.org"]))
    octets = draw(st.binary(max_size=200))
    encoding = draw(st.sampled_from(["base64", "quoted-printable", "x-uuencode", "binary"]))
    fields = [f"Content-Type: {kind}"]
    parameter = draw(st.sampled_from(["name", "filename"]))
    spelt = draw(_parameter(parameter, name))
    if parameter == "name":
        fields[0] += spelt
    else:
        fields.append(f"Content-Disposition: {draw(st.sampled_from(['attachment', 'INLINE']))}{spelt}")
    if content_id:
        fields.append(f"Content-ID: <{content_id}>")
    if encoding == "binary":
        octets = octets.translate(None, b"\r\n-")
    leaves.append(Leaf(kind, octets, name, content_id))
    return _with_header(draw, fields, octets, encoding)


def _with_header(draw: st.DrawFn, fields: list[str], octets: bytes, encoding: str) -> bytes:
    if encoding:
        case = draw(st.sampled_from([str.lower, str.upper, str.title]))
        fields = [*fields, f"Content-Transfer-Encoding: {case(encoding)}"]
    head = "\n".join(draw(st.permutations(fields))).encode()
    return head + b"\n\n" + _transfer(octets, encoding, draw(st.integers(1, 19)))


def _fits(text: str, charset: str) -> bool:
    """Whether a charset can say a text, and says it in one way only."""
    try:
        return text == text.encode(charset).decode(charset)
    except UnicodeError:
        return False


def _transfer(octets: bytes, encoding: str, width: int) -> bytes:
    """The octets in a transfer encoding, in lines of any width."""
    if encoding == "base64":
        letters = base64.b64encode(octets)
        return b"\n".join(letters[place : place + 4 * width] for place in range(0, len(letters), 4 * width))
    if encoding == "x-uuencode":
        lines = [binascii.b2a_uu(octets[place : place + 45], backtick=True) for place in range(0, len(octets), 45)]
        return b"begin 644 x\n" + b"".join(lines) + b"`\nend"
    if encoding == "quoted-printable":
        plain = b"abcdefghijklmnopqrstuvwxyzx.,<>"
        signs = [bytes([octet]) if octet in plain else b"=%02X" % octet for octet in octets]
        return b"=\n".join(b"".join(signs[place : place + width]) for place in range(0, len(signs), width))
    return octets


@st.composite
def _words(draw: st.DrawFn, text: str, *, phrase: bool = False) -> bytes:
    """A text of a header: as it stands where that means the same, raw in UTF-8, or in encoded words cut anywhere."""
    way = draw(st.sampled_from(["plain", "b", "q", "Q", "B", "mixed"]))
    if way == "plain":
        if not phrase:
            return text.encode()
        return b'"' + text.encode() + b'"'
    charset = draw(st.sampled_from([label for label in CHARSETS if label not in WIDE and _fits(text, label)]))
    octets = text.encode(charset)
    size = draw(st.integers(1, 40))
    whole = charset.startswith("iso-2022")  # each word of it begins in ASCII (RFC 1468)
    pieces = [octets] if whole or not octets else [octets[place : place + size] for place in range(0, len(octets), size)]
    words = [
        f"=?{draw(st.sampled_from([charset, charset.upper(), charset + '*en']))}?{spelling}?".encode()
        + (base64.b64encode(piece) if spelling in "bB" else b"".join(b"=%02X" % octet for octet in piece))
        + b"?="
        for piece in pieces
        for spelling in [draw(st.sampled_from("bBqQ")) if way == "mixed" else way]
    ]
    return draw(st.sampled_from([b" ", b"\n ", b"\n\t"])).join(words)


@st.composite
def _parameter(draw: st.DrawFn, parameter: str, name: str) -> str:
    """`; name=...` in any spelling."""
    ways = ["raw", "word", "extended", "continued"] + (["quoted"] if name.isascii() else [])
    way = draw(st.sampled_from(ways))
    gap = draw(st.sampled_from(["; ", ";", ";\n\t", " ; "]))
    if way in ("raw", "quoted"):
        return f'{gap}{parameter}="{name}"'
    if way == "word":
        return f'{gap}{parameter}="=?utf-8?B?{base64.b64encode(name.encode()).decode()}?="'
    escaped = [f"%{octet:02X}" for octet in name.encode()]
    if way == "extended":
        return f"{gap}{parameter}*=utf-8'en'{''.join(escaped)}"
    size = draw(st.integers(1, 9))
    pieces = ["".join(escaped[place : place + size]) for place in range(0, len(escaped), size)]
    spelt = [
        f"{gap}{parameter}*{place}*={'' if place else chr(117) + 'tf-8' + chr(39) * 2}{piece}"
        for place, piece in enumerate(pieces)
    ]
    return "".join(draw(st.permutations(spelt)))
