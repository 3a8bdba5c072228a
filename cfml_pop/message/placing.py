"""Which part is what, in the engines that other pages were written for.

Rule: a table of (question about the part, what it is then), from above; the first that fits decides. The package's own table is
`bodies.sort_parts`; in these an engine may also pass a part over, and the names are those that the engine lists.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from enum import Enum, auto
from types import MappingProxyType

from cfml_pop.message.bodies import AttachedPart, Bodies, content_id_of, sort_parts
from cfml_pop.message.charsets import decode_text
from cfml_pop.message.headers import split_header
from cfml_pop.message.javamail import sound_content_type
from cfml_pop.message.names import clean_name
from cfml_pop.message.parts import Part

__all__ = ["SCHEMES", "InnerBody"]


PASSED_OVER = "a part without a name is in no column of this dialect"


class Place(Enum):
    """What a part is. TEXT fills the body only, INNER is an enclosed message whose body does, NOTHING is passed over."""

    PLAIN = auto()
    HTML = auto()
    TEXT = auto()
    DELIVERY = auto()
    INNER = auto()
    ATTACHMENT = auto()
    NOTHING = auto()


Table = tuple[tuple[Callable[[Part], bool], Place], ...]


class InnerBody:
    """The body of an enclosed message as it stands, to be read as text."""

    def __init__(self, part: Part) -> None:
        self.number: int = part.number
        self._part = part

    @property
    def text(self) -> str:
        data = self._part.decoded()
        return decode_text(data[split_header(data, 0, len(data), top=True).body :])[0]


def _kind(part: Part) -> str:
    """The type as JavaMail reads it: what is no type stays none."""
    declared = part.declared_type
    # A leaf that says multipart is one whose boundary does not occur: it was read as text. Digests have no other default.
    return "text/plain" if declared is None or declared.startswith("multipart/") else declared


def _lucee_name(part: Part) -> str | None:
    """The file name, not cleaned; None for a part without. Content-Type gives one only if it keeps to RFC 2045."""
    name = part.given_name(b"content-disposition", "filename")
    if name is None and sound_content_type(part.field(b"content-type")):
        name = part.given_name(b"content-type", "name")
    return name


def _is(*kinds: str) -> Callable[[Part], bool]:
    return lambda part: _kind(part) in kinds


def _always(_part: Part) -> bool:
    return True


def _openbd_text(kind: str = "") -> Callable[[Part], bool]:
    """Inline and text of this kind, or of any; a file name does not matter."""
    return lambda part: (
        part.disposition in ("", "inline")
        and (_kind(part) == kind if kind else _kind(part).startswith("text/") and _kind(part) != "text/enriched")
    )


_TEXTS: Table = (
    (_is("text/plain"), Place.PLAIN),
    (_is("text/html"), Place.HTML),
    (_is("message/delivery-status"), Place.DELIVERY),
)

LUCEE: Table = (
    (lambda part: _lucee_name(part) is not None, Place.ATTACHMENT),
    *_TEXTS,
    (lambda part: bool(content_id_of(part.content_id)), Place.ATTACHMENT),
    (_is("message/rfc822"), Place.INNER),
    (_always, Place.NOTHING),
)
LUCEE_ALONE: Table = (*_TEXTS, (_always, Place.NOTHING))
"""For a message that is one part: whatever its name and disposition say."""

OPENBD: Table = (
    (_openbd_text("text/plain"), Place.PLAIN),
    (_openbd_text("text/html"), Place.HTML),
    (_openbd_text(), Place.TEXT),
    (_always, Place.ATTACHMENT),
)


def _sort(parts: list[Part], table: Table, attach: Callable[[Part], AttachedPart]) -> Bodies:
    bodies = Bodies([], [], [], [], [])
    for part in parts:
        place = next(place for fits, place in table if fits(part))
        if place is Place.PLAIN:
            bodies.plain.append(part)
        elif place is Place.HTML:
            bodies.html.append(part)
        elif place is Place.DELIVERY:
            bodies.delivery.append(part)
        elif place is Place.ATTACHMENT:
            bodies.attachments.append(attach(part))
        elif place is Place.NOTHING:  # a page that reads and then deletes would lose it without a word
            part.repairs[f"{PASSED_OVER} ({part.content_type[:60]})"] = None
        if place not in (Place.ATTACHMENT, Place.NOTHING):
            bodies.texts.append(InnerBody(part) if place is Place.INNER else part)
    return bodies


def _lucee(parts: list[Part]) -> Bodies:
    alone = len(parts) == 1 and not parts[0].parent
    return _sort(parts, LUCEE_ALONE if alone else LUCEE, _lucee_attached)


def _openbd(parts: list[Part]) -> Bodies:
    return _sort(parts, OPENBD, _openbd_attached)


def _lucee_attached(part: Part) -> AttachedPart:
    """An unnamed part with a Content-ID is listed as `cid:<id>` and saved under the digest of that."""
    shown = _lucee_name(part)
    content_id = content_id_of(part.content_id)
    if shown is None:
        shown = f"cid:{content_id}"
        digest = hashlib.md5(shown.encode(), usedforsecurity=False).hexdigest()
        return AttachedPart(f"_{digest}", content_id, part, shown=shown, unnamed=True)
    return AttachedPart(clean_name(shown), content_id, part, shown=shown)


def _openbd_attached(part: Part) -> AttachedPart:
    shown = part.given_name(b"content-disposition", "filename") or part.given_name(b"content-type", "name") or "unknownfile"
    name = clean_name(shown.replace(" ", "_").replace("/", "_"))
    return AttachedPart(name or "unknownfile", content_id_of(part.content_id), part, shown=shown)


SCHEMES: Mapping[str, Callable[[list[Part]], Bodies]] = MappingProxyType(
    {"default": sort_parts, "lucee": _lucee, "openbd": _openbd}
)
"""By the name that `Reading.parts` gives."""
