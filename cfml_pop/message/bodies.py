"""Which leaf is what: text, HTML, delivery status, attachment.

Rule: every leaf gets at least one place, so nothing of a mail is lost. What decides is the table in `sort_parts`, from above.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Protocol

from cfml_pop.message.enclosed import Enclosed
from cfml_pop.message.headers import Headers, split_header
from cfml_pop.message.names import clean_name, made_up_name
from cfml_pop.message.parts import Part

__all__ = ["AttachedPart", "Bodies", "Text", "content_id_of", "sealed", "sort_parts"]

# Text for programs: never the body of a mail, even if there is no other.
_DATA = frozenset(
    f"text/{kind}" for kind in ("calendar", "vcard", "x-vcard", "directory", "rfc822-headers", "xml", "csv", "css", "javascript")
)
_BRACKETS = re.compile(r"<([^<>]*)>")


class Text(Protocol):
    """Something that can be read as text. `number` is that of its leaf."""

    number: int

    @property
    def text(self) -> str: ...


@dataclasses.dataclass(frozen=True)
class AttachedPart:
    """A leaf that is an attachment, or a file inside one: its clean file name (made up where it has none), and its Content-ID
    without brackets.

    `shown`: what an engine lists it as, "" for its name. `unnamed`: the engine has one name in lists and another for the file.
    """

    name: str
    content_id: str
    part: Part | Enclosed
    shown: str = ""
    unnamed: bool = False

    @property
    def listed(self) -> str:
        """The name that stands in lists."""
        return self.shown or self.name


@dataclasses.dataclass(frozen=True)
class Bodies:
    """The leaves by what they are, each list in the order of the mail. A text may be an attachment as well.

    `texts`: what may be the body.
    """

    plain: list[Part]
    html: list[Part]
    delivery: list[Part]
    attachments: list[AttachedPart]
    texts: list[Text]


def sort_parts(parts: list[Part]) -> Bodies:
    """Give each leaf its place:

    - message/delivery-status: delivery status;
    - named, or marked as an attachment: attachment;
    - text/plain: text; text/html: HTML, and those after the first are attachments also;
    - everything else: attachment.

    Without any text, the first inline text leaf (text/plain and text/html may be named) is the body as well.
    """
    bodies = Bodies([], [], [], [], [])
    spare: Part | None = None
    for part in parts:
        kind = part.content_type
        if kind == "message/delivery-status":
            bodies.delivery.append(part)
            continue
        # RFC 2183, section 2.8: a disposition that is not known means attachment.
        inline = part.disposition in ("", "inline")
        name = part.name
        if inline and not name and kind == "text/plain":
            bodies.plain.append(part)
            continue
        if inline and not name and kind == "text/html":
            bodies.html.append(part)
            if len(bodies.html) == 1:
                continue
        elif inline and spare is None and kind.startswith("text/") and kind not in _DATA:
            spare = part if not name or kind in ("text/plain", "text/html") else None
        bodies.attachments.append(_attached(part, name))
    if spare is not None and not bodies.plain and not bodies.html:
        (bodies.html if spare.content_type == "text/html" else bodies.plain).append(spare)
    leaves: list[Part] = [*bodies.plain, *bodies.html]
    leaves.sort(key=lambda part: part.number)
    bodies.texts.extend(leaves)
    return bodies


def _attached(part: Part, name: str) -> AttachedPart:
    content_id = content_id_of(part.content_id)
    kind = part.content_type
    if not name:
        subject = _subject(part) if kind in ("message/rfc822", "message/global") else ""
        name = made_up_name(kind, part.number, content_id=content_id, subject=subject)
    elif kind == "application/applefile" and part.parent == "multipart/appledouble":
        name = clean_name(f"{name}.rsrc")  # the resource fork carries the name of the document beside it (RFC 1740)
    return AttachedPart(name, content_id, part)


def sealed(part: Part) -> str:
    """What is to be said of a part that only a key opens, "" of any other: the mail has a text that no column holds."""
    if part.content_type == "application/pgp-encrypted" or part.parent == "multipart/encrypted":
        return "the message is encrypted; its text is only in an attachment"
    if part.content_type in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        if part.parameters.get("smime-type").lower() == "signed-data":
            return "the message is inside its signature; its text is only in an attachment"
        return "the message is encrypted; its text is only in an attachment"
    return ""


def content_id_of(raw: str) -> str:
    """A Content-ID as it stands, without brackets and blanks."""
    match = _BRACKETS.search(raw)
    return "".join((match[1] if match else raw.strip("<>")).split())


def _subject(part: Part) -> str:
    """The subject of an attached message, from its first block."""
    head = next(part.blocks(), b"")
    return Headers(split_header(head, 0, len(head), top=True).octets).text(b"subject")
