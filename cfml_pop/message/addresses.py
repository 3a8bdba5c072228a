"""Lists of addresses (RFC 5322, section 3.4 and the obsolete forms of 4.4), read tolerantly and written so that they read back.

Rule: a decoded name never becomes syntax. Encoded words are decoded after the list was taken apart, and a name that holds `,` `<`
`"` or the like is quoted when the list is written; otherwise `=?utf-8?Q?=2C_boss=40example=2Ecom?=` would forge an address.
Characters that turn the direction of the text around are left out: they make one address look like another.

The work is linear: a quote or bracket that never closes is looked for once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from cfml_pop.message.charsets import guess
from cfml_pop.message.words import BLANKS, ENCODED_WORD, decode_words, one_line, squeeze

__all__ = ["MAX_ADDRESSES", "Mailbox", "as_it_stands", "more_addresses", "parse_addresses", "write_addresses"]


class Mailbox(NamedTuple):
    """One address: the decoded name and `local@domain`, either may be "". `group` is the name of the group it stands in.

    A group without members is one Mailbox with only `group`.
    """

    name: str
    address: str
    group: str | None = None


# Taken apart as latin-1, one character for each octet (hence re.ASCII: 0xA0 is no blank here); an encoded word is one token,
# whatever it holds.
_TOKEN = re.compile(
    ENCODED_WORD + r"""|"[^"\\]*(?:\\.[^"\\]*)*"|<[^<>"]*(?:"[^"\\<>]*(?:\\.[^"\\<>]*)*"[^<>"]*)*>|[\s]+|[^\s"<>(),;:=]+|.""",
    re.DOTALL | re.ASCII,
)
# The same behind a quote or bracket that never closes.
_LOOSE = re.compile(ENCODED_WORD + r"""|[\s]+|[^\s"<>(),;:=]+|.""", re.DOTALL | re.ASCII)
_WORD = re.compile(ENCODED_WORD, re.ASCII)
_BLANK = re.compile(r"\s", re.ASCII)
_UNCLOSED = re.compile(r'[^<>,;"]*')
_PARENTHESES = re.compile(r"\\.|[()]", re.DOTALL)
_NEEDS_QUOTES = re.compile(r'[,;:<>@"()\[\]\\]')
_BARE = re.compile(r"""[^\s<>,;:"()]+|"(?:[^"\\]|\\.)*"@[^\s<>,;:"()]+""", re.ASCII)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_ROUTE = re.compile(r"@[^:]*:")  # obsolete: <@relay.example,@other.example:kim@example.org>
_SPACED_AT = re.compile(r"\s*([@.])\s*", re.ASCII)
_NO_COMMA = re.compile(rb">(?=[^<>,;]*<)")
# Embeddings, overrides, isolates and marks of direction (Unicode Standard Annex #9).
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# One address of a list as most programs write it: no comment, no group, no backslash, nothing above ASCII. No octet can be read
# in two ways here, so that a failure costs no more than the text it has read.
_PLAIN = r"[^\"\\=<>@,;:()\[\]\x80-\xff]*"
_LOCAL_AND_DOMAIN = r"[!#-'*-+\--9=?A-Z^-~]+@[!#-'*-+\--9=?A-Z^-~]+"
_SIMPLE = re.compile(
    r'(?:(?:[ \t]*"([^"\\=\x80-\xff]*)"[ \t]*|(' + _PLAIN + r"(?:" + ENCODED_WORD + _PLAIN + r")*))"
    r"<(" + _LOCAL_AND_DOMAIN + r")>|[ \t]*([!#-'*-+\--9?A-Z^-~]+@[!#-'*-+\--9?A-Z^-~]+))[ \t]*(?:,|\Z)",
    re.ASCII,
)
# A list that is written as it stands: no blank too many, no word, quotes where they are needed and nowhere else.
_NAME_CHARACTER = r"[!#-'*+\--9?A-Z^-~]"
_QUOTED_CHARACTER = r"[!#-<>-\[\]-~]"
_CANONICAL = (
    rf"(?:(?:{_NAME_CHARACTER}+(?: {_NAME_CHARACTER}+)*"
    rf'|"(?=[^"]*[,;:<>@()\[\]]){_QUOTED_CHARACTER}+(?: {_QUOTED_CHARACTER}+)*") <{_LOCAL_AND_DOMAIN}>'
    r"|[!#-'*-+\--9?A-Z^-~]+@[!#-'*-+\--9?A-Z^-~]+)"
)
_CANONICAL_LIST = re.compile(rf"{_CANONICAL}(?:,[ \t]{_CANONICAL})*".encode("ascii"))

MAX_ADDRESSES = 10_000
"""Addresses of one column that are told apart. Servers take some hundreds to some thousands of recipients; the half million that
fit into a header took seconds."""


def parse_addresses(values: Sequence[bytes], most: int = MAX_ADDRESSES) -> tuple[Mailbox, ...]:
    """The addresses of the unfolded values of one or several fields, in order, at most `most`. Nothing raises; what cannot be an
    address is a name."""
    found: list[Mailbox] = []
    for value in values:
        text = value.decode("latin-1")
        found += _simple_list(text) or islice(_List(text).read(), most - len(found))
        if len(found) >= most:
            break
    return tuple(found[:most])


def as_it_stands(value: bytes) -> str | None:
    """What `write_addresses` makes of an unfolded value, where that is the value itself, as of most; else None."""
    if len(value) > MAX_ADDRESSES or not _CANONICAL_LIST.fullmatch(value):
        return None
    return value.decode("ascii").replace("\t", " ")


def more_addresses(values: Sequence[bytes]) -> bool:
    """Whether there are more than MAX_ADDRESSES. They are counted only where enough stands in the values that can part two: a
    comma, the end of a group, which may be an entry itself, or a bracket behind another one."""
    if sum(map(len, values)) <= MAX_ADDRESSES:
        return False
    parted = sum(value.count(b",") + 2 * value.count(b";") + len(_NO_COMMA.findall(value)) + 2 for value in values)
    return parted > MAX_ADDRESSES and len(parse_addresses(values, MAX_ADDRESSES + 1)) > MAX_ADDRESSES


def _simple_list(value: str) -> list[Mailbox]:
    """The addresses of a list of which all are simple; four fifths of the time are saved. Empty if one of them is not."""
    found = []
    position, end = 0, len(value)
    while position < end:
        match = _SIMPLE.match(value, position)
        if match is None:
            return []
        quoted, name, angle, bare = match.groups()
        position = match.end()
        if bare is not None:
            found.append(Mailbox("", bare))
            continue
        if quoted is not None:
            name = quoted
        if "=?" in name:
            name = _shown(decode_words(squeeze(name.encode("latin-1"))))
        elif name.isprintable() and "  " not in name:
            name = name.strip()
        else:
            name = one_line(squeeze(name.encode("latin-1")).decode("ascii"))
        found.append(Mailbox(name, angle))
    return found


def write_addresses(mailboxes: Iterable[Mailbox]) -> str:
    """The addresses as one line, joined by ", "; a group as `Name: member, member;`."""
    parts: list[str] = []
    group: str | None = None
    for mailbox in mailboxes:
        text = _write(mailbox)
        if mailbox.group is group is None:  # nearly all
            parts.append(text)
            continue
        if group is not None and mailbox.group != group:
            parts[-1] += ";"
        if mailbox.group is not None and mailbox.group != group:
            text = f"{_name(mailbox.group)}: {text}".rstrip()
        group = mailbox.group
        parts.append(text)
    if group is not None:
        parts[-1] += ";"
    return ", ".join(parts)


def _write(mailbox: Mailbox) -> str:
    name, address, _ = mailbox
    if name and address and not _NEEDS_QUOTES.search(name):  # most
        return f"{name} <{address}>"
    if not name:
        bare = not address or ("=?" not in address and _BARE.fullmatch(address))  # what looks like a word would be read as a name
        return address if bare else f"<{address}>"
    return f"{_name(name)} <{address}>" if address else _name(name)


def _name(name: str) -> str:
    if not _NEEDS_QUOTES.search(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _List:
    """One value, taken apart from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.last_semicolon = text.rfind(";")
        self.group: str | None = None
        self.members = 0
        self.clear()

    def clear(self) -> None:
        self.words: list[str] = []  # as they stand, blanks included
        self.comments: list[str] = []
        self.angle: str | None = None

    def read(self) -> Iterator[Mailbox]:
        text, position = self.text, 0
        token, comments_close = _TOKEN, True
        while position < len(text):
            match = token.match(text, position)
            assert match is not None  # noqa: S101 - the last alternative matches any character
            piece = match[0]
            position = match.end()
            if piece == "(" and comments_close:
                end = _close(text, position)
                if end < 0:
                    comments_close = False
                else:
                    self.comments.append(text[position : end - 1])
                    position = end
            elif piece in (",", ";"):
                yield from self.flush()
                if piece == ";":
                    yield from self.end_group()
            elif piece == ":" and self.angle is None and self.group is None and self.last_semicolon >= position:
                self.group = self.phrase(self.words)
                self.members = 0
                self.clear()
            elif piece[0] == "<" and piece[-1] == ">":
                if self.angle is not None:  # a comma was forgotten
                    yield from self.flush()
                self.angle = piece[1:-1].strip(BLANKS)
            elif piece in ("<", '"') and token is _TOKEN:
                token = _LOOSE
                position, found = self.loose(position)
                yield from found
            elif piece not in ("<", ">", '"', "(", ")"):
                self.words.append(piece)
        yield from self.flush()
        yield from self.end_group()

    def loose(self, position: int) -> tuple[int, list[Mailbox]]:
        """Go on behind a quote or bracket that never closes. A bracket behind it may close all the same: `"Kim <kim@x.org>`."""
        rest = _UNCLOSED.match(self.text, position)
        end = rest.end() if rest else position
        if self.text[position - 1] == "<" and "@" in self.text[position:end]:
            found = list(self.flush()) if self.angle is not None else []
            self.angle = self.text[position:end].strip(BLANKS)
            return end, found
        return position, []

    def flush(self) -> Iterator[Mailbox]:
        """The address that ends here, if there is anything of one."""
        words, comments, angle = self.words, self.comments, self.angle
        self.clear()
        if angle is not None:
            name = self.phrase(words) or self.phrase(comments)
            address = _address(angle)
        else:
            name, address = self.without_angle(words, _squeezed(words))
            name = name or (self.phrase(comments) if address else "")  # comments alone are no address
        if name or address:
            self.members += 1
            yield Mailbox(name, address, self.group)

    def without_angle(self, words: list[str], text: str) -> tuple[str, str]:
        joined = _SPACED_AT.sub(r"\1", text) if "@" in text else text
        if not _BLANK.search(joined) or (joined.startswith('"') and _BARE.fullmatch(joined)):
            if not joined.startswith('"') or "@" in joined[joined.rfind('"') :]:
                return ("", _address(joined)) if not _WORD.match(joined) else (self.phrase(words), "")
            return self.phrase(words), ""
        for index in range(len(words) - 1, -1, -1):  # `Kim Jones kim@example.org`, without brackets
            if "@" in words[index] and words[index][0] not in '"=':
                return self.phrase([*words[:index], *words[index + 1 :]]), _address(words[index])
        return self.phrase(words), ""

    def end_group(self) -> Iterator[Mailbox]:
        if self.group is not None and not self.members:
            yield Mailbox("", "", self.group)
        self.group = None

    @staticmethod
    def phrase(words: list[str]) -> str:
        """The text of a name: quotes taken off, blanks run together, encoded words decoded."""
        plain = []
        for word in words:
            if len(word) > 1 and word[0] == '"' == word[-1]:
                word = word[1:-1]
                if "\\" in word:
                    word = _QUOTED_PAIR.sub(r"\1", word)
            plain.append(word)
        text = _squeezed(plain)
        return _shown(decode_words(text.encode("latin-1"))) if text else ""


def _squeezed(words: list[str]) -> str:
    return squeeze("".join(words).encode("latin-1")).decode("latin-1") if words else ""


def _shown(text: str) -> str:
    """`text` in one line and in one direction."""
    return one_line(text if text.isascii() else _DIRECTIONS.sub("", text))


def _address(text: str) -> str:
    """The address in a pair of brackets, or a bare one: without comments and route."""
    if "(" in text:
        pieces, position = [], 0
        while (start := text.find("(", position)) >= 0 and (end := _close(text, start + 1)) >= 0:
            pieces.append(text[position:start])
            position = end
        text = "".join([*pieces, text[position:]]).strip(BLANKS)
    route = _ROUTE.match(text)
    if route:
        text = text[route.end() :]
    if text[:7].lower() == "mailto:":
        text = text[7:]
    return _shown(guess(text.encode("latin-1")))


def _close(text: str, position: int) -> int:
    """The offset behind the parenthesis that closes the one before `position`, or -1."""
    depth = 1
    for match in _PARENTHESES.finditer(text, position):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if not depth:
            return match.end()
    return -1
