"""The mails of tests/corpora, what their sources say of them, and what our reader says in the same form.

Rule: what a source means by a key is taken from tests/corpora/README.md and stands here once, in `_said` and `_Same`; what then
differs is entered in tests/corpora/differences.toml, with the reason.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import tomli

from cfml_pop.message.message import Message
from cfml_pop.message.names import clean_name
from cfml_pop.message.parts import Part
from cfml_pop.row import MessageCells
from tests.mail_support import build

__all__ = [
    "CORPORA",
    "MAILS",
    "TWINS",
    "Leaf",
    "Mail",
    "Reading",
    "differences",
    "every",
    "read",
    "read_octets",
    "said",
    "statement",
    "wrong_keys",
]

CORPORA = Path(__file__).parent / "corpora"


@dataclass(frozen=True)
class Mail:
    """One message of a source. `str` gives `source/name`, by which tests and lists name it."""

    source: str
    name: str

    def __str__(self) -> str:
        return f"{self.source}/{self.name}"

    @property
    def path(self) -> Path:
        return CORPORA / self.source / f"{self.name}.eml"

    @property
    def raw(self) -> bytes:
        return self.path.read_bytes()


MAILS = [Mail(path.parent.name, path.stem) for path in sorted(CORPORA.glob("*/*.eml"))]
TWINS = [mail for mail in MAILS if mail.path.with_suffix(".json").exists()]


def statement(mail: Mail) -> dict[str, Any]:
    """What the source says of a mail."""
    twin: dict[str, Any] = json.loads(mail.path.with_suffix(".json").read_bytes())
    return twin


@cache
def differences() -> dict[str, Any]:
    """The list of differences that are known."""
    return tomli.loads((CORPORA / "differences.toml").read_text("utf-8"))


# -- what our reader says --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Leaf:
    """A leaf of a message, decoded once. `enclosed` is the message in it, if it is one."""

    part: Part
    data: bytes
    enclosed: Reading | None

    @property
    def shown(self) -> bool:
        """Neither named nor marked as an attachment."""
        return not self.part.name and self.part.disposition in ("", "inline")


@dataclass(frozen=True)
class Reading:
    """A message as our reader sees it: the cells of its row, and its leaves."""

    cells: MessageCells
    leaves: list[Leaf]


@cache
def read(mail: Mail) -> Reading:
    """The reading of a mail, made once for all tests."""
    return read_octets(mail.raw)


def read_octets(raw: bytes, *, encoded: bool = False) -> Reading:
    """The reading of octets; embedded messages are parsed by our reader again. `encoded`: as they stand, their transfer encoding
    not undone."""
    cells = build(raw)
    leaves = []
    for part in cells.message.parts:
        data = part.decoded()
        enclosed = None
        if part.content_type == "message/rfc822":
            enclosed = read_octets(raw[part.start : part.end] if encoded else data, encoded=encoded)
        leaves.append(Leaf(part, data, enclosed))
    return Reading(cells, leaves)


def said(mail: Mail, keys: Iterable[str]) -> dict[str, Any]:
    """What our reader says about `keys`, in the form of a twin of the source of `mail`."""
    anew = read_octets(mail.raw, encoded=True) if mail.source == "imap-tools" else read(mail)
    return _said(anew, keys, mail.source)


def _said(reading: Reading, keys: Iterable[str], source: str) -> dict[str, Any]:
    cells, leaves = reading.cells, reading.leaves
    found: dict[str, Any] = {}
    for key in keys:
        if key in ("from", "to", "cc", "bcc", "reply_to"):
            boxes = cells.message.addresses(key.replace("_", "-").encode())
            found[key] = [{"name": box.name, "address": box.address} for box in boxes if box.name or box.address]
        elif key == "date":
            found[key] = cells.cell("date").datetime
        elif key == "messages":
            found[key] = [leaf.enclosed for leaf in leaves if leaf.enclosed]
        elif key in ("text", "html"):
            found[key] = list(_texts(leaves, "text/plain" if key == "text" else "text/html", source))
        elif key == "attachments":
            found[key] = [_attachment(leaf) for leaf in _attachments(leaves, source)]
        elif key != "lossy":
            found[key] = str(cells.cell({"date_raw": "date", "message_id": "messageid"}.get(key, key)))
    return found


def _texts(leaves: list[Leaf], kind: str, source: str) -> Iterator[str]:
    if source != "imap-tools":
        yield from (leaf.part.text for leaf in leaves if leaf.shown and leaf.part.content_type == kind)
        return
    # At most one string: all of them, also of embedded messages, run together. To Python's email each block of a delivery
    # status is a header; what follows the header, or a block that is none, is text/plain.
    texts = []
    for leaf in every(leaves):
        if leaf.shown and leaf.part.content_type == kind:
            texts.append(leaf.part.text)
        elif kind == "text/plain" and leaf.part.content_type == "message/delivery-status":
            texts.extend(Message(block).text for block in re.split(rb"(?<=\n)(?:\r?\n)+", leaf.data.rstrip(b"\r\n")))
    if "".join(texts).strip():
        yield "".join(texts)


def every(leaves: list[Leaf]) -> Iterator[Leaf]:
    """All leaves, those of embedded messages behind the leaf that holds them."""
    for leaf in leaves:
        yield leaf
        yield from every(leaf.enclosed.leaves if leaf.enclosed else [])


def _attachments(leaves: list[Leaf], source: str) -> list[Leaf]:
    if source == "imap-tools":
        return [leaf for leaf in every(leaves) if leaf.part.name or leaf.part.content_id or leaf.enclosed]
    texts = ("text/plain", "text/html")
    found = [leaf for leaf in leaves if not (leaf.shown and leaf.part.content_type in texts)]
    return [leaf for leaf in found if not leaf.enclosed] if source == "james-mime4j" else found  # those are its `messages`


def _attachment(leaf: Leaf) -> dict[str, Any]:
    part = leaf.part
    return {
        "filename": part.name,
        "content_type": part.content_type,
        "size": len(leaf.data),
        "sha256": hashlib.sha256(leaf.data).hexdigest(),
        "content_id": part.content_id.strip("<>"),
        "disposition": part.disposition,
    }


# -- whether both say the same ---------------------------------------------------------------------------------------------------
#
# What is compared is made alike by these rules, and by no others:
# - texts: CRLF is LF, and blanks and line ends at both ends do not count;
# - values of one line: a run of blanks is one blank, as we make a blank of a TAB;
# - file names: ours is the cleaned name, so the source's is cleaned as well;
# - U+FFFD in a twin stands for what the source lost (README: `lossy`); a better answer is right;
# - imap-tools writes utf-8 into the <meta> of an HTML text, and has an embedded message as Python's email writes it anew; it
#   reads iso-8859-1 to the letter, where we read windows-1252 as mail programs do; it states one From, keeps comments behind a
#   name, and takes for a name what stands for an address without "@";
# - mail-parser states dates in UTC, and no name where it is the address.

_META = re.compile(r"(<meta[^>]*\bcharset\s*=\s*[\"']?)[\w-]+", re.IGNORECASE)
_COMMENTS = re.compile(r"\s*\(.*\)$")
_C1 = {octet: bytes([octet]).decode("cp1252", "replace") for octet in range(0x80, 0xA0)}


def wrong_keys(twin: dict[str, Any], said: dict[str, Any], source: str) -> list[str]:
    """The keys of a twin that our reading does not match."""
    same = _Same(source)
    return [key for key, stated in twin.items() if key != "lossy" and not same.matches(key, stated, said[key])]


@dataclass(frozen=True)
class _Same:
    """Compares what a source states with what we say."""

    source: str

    def matches(self, key: str, stated: Any, said: Any) -> bool:
        if key == "date":
            return self.date(stated, said)
        if key in ("subject", "date_raw", "message_id"):
            return self.line(stated, said)
        if key == "from" and self.source == "imap-tools":
            said = said[:1]
        compare: dict[str, Callable[[Any, Any], bool]] = {
            "text": self.text,
            "html": self.text,
            "attachments": self.attachment,
            "messages": self.message,
        }
        same = compare.get(key, self.address)
        return len(stated) == len(said) and all(map(same, stated, said))

    def line(self, stated: str, said: str) -> bool:
        return self.text(" ".join(stated.split()), " ".join(said.split()))

    def text(self, stated: str, said: str) -> bool:
        stated, said = (text.replace("\r\n", "\n").strip() for text in (stated, said))
        if self.source == "imap-tools":
            stated, said = (_META.sub(r"\1utf-8", text.translate(_C1)) for text in (stated, said))
        pieces = re.findall("\ufffd+|[^\ufffd]+", stated)
        return stated == said or (
            "\ufffd" in stated
            and re.fullmatch("".join(".+" if piece[0] == "\ufffd" else re.escape(piece) for piece in pieces), said) is not None
        )

    def date(self, stated: str | None, said: dt.datetime | None) -> bool:
        if stated is None or said is None:
            return stated is None and said is None
        moment = dt.datetime.fromisoformat(stated)
        if moment.tzinfo is None:  # the header has no zone; ours is UTC then
            return moment == said.replace(tzinfo=None)
        return moment == said and (moment.utcoffset() == said.utcoffset() or self.source == "mail-parser")

    def address(self, stated: dict[str, str], said: dict[str, str]) -> bool:
        name, address = said["name"], said["address"]
        if self.source == "imap-tools":
            stated = {**stated, "name": _COMMENTS.sub("", stated["name"])}
            name, address = (_COMMENTS.sub("", name), address) if "@" in address else (name or address, "")
        elif self.source == "mail-parser" and name == address:
            name = ""
        found = {"name": name, "address": address}
        return all(self.line(value, found[key]) for key, value in stated.items())

    def attachment(self, stated: dict[str, Any], said: dict[str, Any]) -> bool:
        anew = self.source == "imap-tools" and stated["content_type"] == "message/rfc822"
        return all(
            self.line(clean_name(value), said[key]) if key == "filename" else value == said[key]
            for key, value in stated.items()
            if not (anew and key in ("size", "sha256"))
        )

    def message(self, stated: dict[str, Any], said: Reading) -> bool:
        return not wrong_keys(stated, _said(said, stated, self.source), self.source)
