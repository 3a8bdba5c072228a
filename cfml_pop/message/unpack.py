"""Attachments inside attachments and texts: uuencoded blocks of a text, and what a winmail.dat holds.

Rule: they are offered besides what they stand in, never instead of it: the text keeps every octet, the winmail.dat stays an
attachment. Where nothing can be inside, looking costs one search of the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from cfml_pop.message.bodies import AttachedPart, Bodies, content_id_of
from cfml_pop.message.charsets import guess
from cfml_pop.message.decoding import hides_text
from cfml_pop.message.enclosed import Decoded, Enclosed
from cfml_pop.message.lazy import lazy
from cfml_pop.message.names import clean_name, content_type_of, made_up_name
from cfml_pop.message.octets import occurrences
from cfml_pop.message.parts import MAX_PARTS, Part
from cfml_pop.message.tnef import SIGNATURE, Span, Tnef, TnefFile, read_tnef
from cfml_pop.message.uublocks import find_uublocks

__all__ = ["Unpacked"]

RTF_ONLY = "the text of the winmail.dat is there as RTF only, which is not read"

_TOO_MANY = f"there are more than {MAX_PARTS} files inside the parts; the others are only in these"
_TNEF_TYPES = frozenset(["application/ms-tnef", "application/vnd.ms-tnef"])
_BEGIN = re.compile(rb"begin(-base64)? {1,9}[0-7]{3}")
_BEGIN_LONGEST = 5 + 7 + 9 + 3
_TYPE = re.compile(r"[a-z0-9.+_-]{1,60}/[a-z0-9.+_-]{1,80}")


class Unpacked:
    """The attachments of a message with those inside, each behind what it stands in. `kinds`: which of UNPACKED are looked
    into."""

    def __init__(self, bodies: Bodies, kinds: Collection[str]) -> None:
        self._bodies = bodies
        self._uuencode = "uuencode" in kinds
        self._tnef = "tnef" in kinds

    @lazy
    def attachments(self) -> list[AttachedPart]:
        plain = [part for part in self._bodies.plain if self._uuencode and _may_hold_uublocks(part)]
        if not plain and not (self._bodies.attachments and self._streams):
            return self._bodies.attachments
        # By the place in the mail; a text that is an attachment as well stands before what is in it.
        found: list[tuple[int, int, list[AttachedPart]]] = []
        room = MAX_PARTS
        for item in self._bodies.attachments:
            stream = self._streams.get(item.part.number)
            inside = _files(stream, room) if stream else []
            room -= len(inside)
            found.append((item.part.number, 0, [item, *inside]))
        for part in plain:
            inside = _uufiles(part, room)
            room -= len(inside)
            found.append((part.number, 1, inside))
        return [item for *_, items in sorted(found, key=lambda entry: entry[:2]) for item in items]

    @lazy
    def tnef_parts(self) -> list[Part]:
        """The attachments that may be a winmail.dat."""
        return [
            item.part
            for item in (self._bodies.attachments if self._tnef else ())
            if isinstance(item.part, Part) and (item.part.content_type in _TNEF_TYPES or item.name.lower() == "winmail.dat")
        ]

    @lazy
    def _streams(self) -> dict[int, Tnef]:
        """What each winmail.dat holds, by the number of its part. One that has only the name must begin as TNEF does."""
        found: dict[int, Tnef] = {}
        room = MAX_PARTS
        for part in self.tnef_parts:
            data = Decoded(part)
            if part.content_type in _TNEF_TYPES or data.read(0, 4) == SIGNATURE:
                found[part.number] = stream = read_tnef(data, room)
                room = max(room - len(stream.files), 0)
        return found

    @lazy
    def texts(self) -> tuple[str, str]:
        """The plain text and the HTML inside a winmail.dat, for a message that has no other; of several the first."""
        for stream in self._streams.values():
            texts = stream.text, stream.html
            stream.data.release()
            if any(texts):
                return texts
            if stream.rtf:
                stream.faults[RTF_ONLY] = None
        return "", ""


def _may_hold_uublocks(part: Part) -> bool:
    """Whether the decoded text is worth a look. Quoted-printable leaves letters as they are; base64 does not."""
    octets, start = part.octets, part.start
    if hides_text(part.encoding):
        return part.known_text is None or "begin" in part.known_text
    return (start == 0 and _BEGIN.match(octets[:_BEGIN_LONGEST]) is not None) or any(
        _BEGIN.match(octets[found + 1 : found + 1 + _BEGIN_LONGEST])
        for found in occurrences(octets, b"\nbegin", max(start - 1, 0), part.end)
    )


def _uufiles(part: Part, room: int) -> list[AttachedPart]:
    found = find_uublocks(part.blocks(), room)
    if found.cut:
        part.repairs["a uuencoded file in the text is not complete; it is only in the text"] = None
    if found.more:
        part.repairs[_TOO_MANY] = None
    if not found.blocks:
        return []
    data = Decoded(part, found.blocks[-1].end)
    files = []
    for block in found.blocks:
        name = clean_name(guess(block.name).strip())
        content_type = content_type_of(name)
        leaf = Enclosed(data, block.start, block.end, content_type, "x-uuencode")
        files.append(AttachedPart(name or made_up_name(content_type, part.number), "", leaf))
    return files


def _files(stream: Tnef, room: int) -> list[AttachedPart]:
    files = [file for file in stream.files if file.span]
    if stream.more or len(files) > room:
        stream.faults[_TOO_MANY] = None
    stream.data.last = max((file.span.end for file in files if file.span), default=0)
    return [_file(stream.data, file, file.span) for file in files[:room] if file.span]


def _file(data: Decoded, file: TnefFile, span: Span) -> AttachedPart:
    name = clean_name(file.name)
    if file.is_message:  # one attachment, as a message/rfc822 is: what it holds is its own
        content_type = "application/ms-tnef"
        name = clean_name(f"{name}.dat") if name and not name.lower().endswith(".dat") else name
    elif _TYPE.fullmatch(file.content_type) and not file.content_type.startswith("multipart/"):
        content_type = file.content_type
    else:
        content_type = content_type_of(name)
    content_id = content_id_of(file.content_id)
    name = name or made_up_name(content_type, data.part.number, content_id=content_id)
    return AttachedPart(name, content_id, Enclosed(data, span.start, span.end, content_type))
