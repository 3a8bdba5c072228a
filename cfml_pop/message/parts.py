"""The MIME tree of a message, as a flat list of its leaves in the order in which they stand (RFC 2046, section 5).

Rule: offsets only; nothing is decoded here. There is no recursion, and the outer boundary is looked for first, so that a part
which never ends costs the parts inside it and not those behind it.

Beyond a limit the octets stay together as one part that is not looked into, and the message's defects say so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from cfml_pop.message.charsets import decode_text, guess
from cfml_pop.message.decoding import decode_blocks, decode_whole, decoder
from cfml_pop.message.flowed import unflow
from cfml_pop.message.headers import CUT, Headers, split_header, unfold
from cfml_pop.message.names import clean_name
from cfml_pop.message.octets import Octets, dashed_lines
from cfml_pop.message.parameters import Parameters, main_value
from cfml_pop.message.words import decode_words, one_line

__all__ = ["MAX_DEPTH", "MAX_PARTS", "Part", "find_parts"]

MAX_PARTS = 5000
"""Parts of a message that are told apart; digests of mailing lists reach some hundreds."""

MAX_DEPTH = 64
"""Multiparts within one another; forwarding adds one or two each time."""

TAIL = 200
"""Octets behind a boundary that may be blanks up to the line end."""

FIELD_LIMIT = 8 * 1024
"""Octets read of a field that says what a part is: a name of 255 letters fits, spelt in the longest way (RFC 2231)."""

KEPT_LIMIT = 1024
"""Octets kept of these fields of a part, of which there may be thousands; more are read again when they are asked for."""

LONGEST_GIVEN = 2000
"""Characters of a name that is not cleaned: normalising longer ones costs time."""

_KEPT = (b"content-type", b"content-disposition", b"content-transfer-encoding", b"content-id")
_BOUNDARY_TAIL = re.compile(rb"([ \t]*--)?[ \t]*\r?(?:\n|(\Z))")
_BEHIND = b"\n\r- \t"
_SOME_BOUNDARY = re.compile(rb"^--(?!-*[ \t]*\r?$)([!-~](?:[ -~]{0,198}[!-~])?)[ \t]*\r?$", re.MULTILINE)
# As most texts have it; what more there may be is read as parameters.
_PLAIN_TYPE = re.compile(
    rb"((?:text|multipart)/[a-z]+)"
    rb'(?:;[ \t]*(?:charset="?([a-z0-9_-]+)"?|boundary=(?:"([^"\\]+)"|([a-z0-9_=.+-]+))))?',
    re.IGNORECASE,
)
_KIND = re.compile(r"[\w.+!#$&^-]+/[\w.+!#$&^-]+", re.ASCII)
_META_CHARSET = re.compile(rb"<meta\b[^<>]{0,300}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})", re.IGNORECASE)


class Part:
    """One leaf: where its octets are, and what its header says. `number` counts the leaves from 1.

    `head` is where its header begins, `start` and `end` hold its body. `parent` is the content type of the multipart around it,
    "" at the top. `repairs` fills as the part is decoded. `unflow`: the text, if it is format=flowed, has its lines joined. Of
    the header only what is needed is kept, as there may be thousands.
    """

    __slots__ = (
        "_boundary", "_known", "_said", "_text", "content_type", "end", "head", "number", "octets", "parent", "repairs", "start",
        "unflow",
    )  # fmt: skip

    def __init__(self, octets: Octets, headers: Headers, head: int, start: int, end: int, parent: str) -> None:
        self.octets: Octets = octets
        self._said: tuple[str, str, str] | None = None
        self._boundary: bytes | None = None
        self.head: int = head
        self.start: int = start
        self.end: int = end
        self.parent: str = parent
        self.number: int = 0
        self.repairs: dict[str, None] = {}
        self.unflow: bool = False
        self._known: dict[bytes, bytes] | None = headers.known
        if len(headers.block) > (KEPT_LIMIT if parent else FIELD_LIMIT):  # that of the message itself is kept with it
            self._keep_little(headers)
        field = self.field(b"content-type")
        plain = _PLAIN_TYPE.fullmatch(field)
        if plain:
            self.content_type = plain[1].decode("ascii").lower()
            self._boundary = plain[3] or plain[4]
            if not self.field(b"content-disposition"):
                self._said = "", "", (plain[2] or b"").decode("ascii")
        else:
            self.content_type = _content_type(main_value(field), parent)
        self._text: str | None = None

    def detach(self, *, body: bool) -> None:
        """Keep octets of its own instead of those of the whole message: header and body, or without `body` the header only."""
        end = self.end if body else self.start
        self.octets = self.octets[self.head : end]
        self.start -= self.head
        self.end = end - self.head
        self.head = 0

    @property
    def headers(self) -> Headers:
        """The whole header of the part, read again."""
        return Headers(split_header(self.octets, self.head, self.end, top=not self.parent).octets)

    def _keep_little(self, headers: Headers) -> None:
        """Of a long header keep what says what the part is, and if that is long as well, nothing."""
        fields = {name: headers.first(name) for name in _KEPT if name in headers.known}
        sizes = list(map(len, fields.values()))
        self._known = fields if sum(sizes) <= KEPT_LIMIT else None
        if max(sizes, default=0) > FIELD_LIMIT:
            self.repairs["a field of a part is too long and was cut"] = None

    @property
    def parameters(self) -> Parameters:
        """The Content-Type."""
        return Parameters(self.field(b"content-type"))

    @property
    def boundary(self) -> bytes:
        """What parts the parts of a multipart, b"" if it does not say."""
        return (self.parameters.octets("boundary") if self._boundary is None else self._boundary).rstrip()

    def _what_it_says(self) -> tuple[str, str, str]:
        """Disposition, name and charset: what is asked of every leaf, read once. The parameters themselves are not kept."""
        if self._said is None:
            parameters, disposition = self.parameters, Parameters(self.field(b"content-disposition"))
            name = disposition.get("filename") or parameters.get("name")
            self._said = disposition.value, clean_name(name) if name else "", parameters.get("charset")
            if disposition.more or parameters.more:
                self.repairs["a field of a part has too many parameters; the rest was left unread"] = None
        return self._said

    @property
    def disposition(self) -> str:
        """The Content-Disposition without its parameters, "" if there is none."""
        return self._what_it_says()[0]

    def field(self, name: bytes) -> bytes:
        """The first field of this name (lower case) that says what the part is, unfolded; b"" if it is missing."""
        found = (self.headers.known if self._known is None else self._known).get(name)
        return unfold(found)[:FIELD_LIMIT] if found else b""

    @property
    def declared_type(self) -> str | None:
        """What stands as type in its Content-Type, in lower case, whether it is one or not; None without such a field."""
        known = self.headers.known if self._known is None else self._known
        return main_value(self.field(b"content-type")) if b"content-type" in known else None

    def given_name(self, field: bytes, parameter: str) -> str | None:
        """The file name in a parameter as it was given, normalised (NFC) and not cleaned; None if the parameter is missing."""
        name = Parameters(self.field(field)).given(parameter)
        return None if name is None else unicodedata.normalize("NFC", name[:LONGEST_GIVEN])

    @property
    def name(self) -> str:
        """The file name it came with, made safe; "" if it has none."""
        return self._what_it_says()[1]

    @property
    def content_id(self) -> str:
        """The Content-ID, brackets included, "" if there is none. Words in it are decoded, as they are in every other field."""
        return one_line(decode_words(self.field(b"content-id")))

    @property
    def encoding(self) -> str:
        """The Content-Transfer-Encoding as it stands; on a multipart it is void (RFC 2045, section 6.4)."""
        if self.content_type.startswith("multipart/"):
            return ""
        return one_line(guess(self.field(b"content-transfer-encoding")))

    def decoded(self) -> bytes:
        """The octets of the body, decoded."""
        data, defects = decode_whole(self.octets, self.encoding, self.start, self.end)
        self.repairs.update(dict.fromkeys(defects))
        return data

    def blocks(self) -> Iterator[bytes]:
        """The same a block at a time, for attachments of any size."""
        made = decoder(self.encoding)
        yield from decode_blocks(self.octets, self.start, self.end, made)
        self.repairs.update(made.defects)

    @property
    def known_text(self) -> str | None:
        """The text, if it was asked for before."""
        return self._text

    @property
    def text(self) -> str:
        """The body as text: transfer encoding and charset undone, line ends as sent."""
        if self._text is None:
            data = self.decoded()
            charset = self._what_it_says()[2]
            if not charset and self.content_type == "text/html":
                meta = _META_CHARSET.search(data, 0, 4096)  # HTML: the declaration stands at the head (the standard says 1024)
                if meta and not meta[1].lower().startswith((b"utf-16", b"utf-32")):
                    charset = meta[1].decode("ascii", "replace")
            self._text, repair = decode_text(data, charset)
            if repair:
                self.repairs[repair] = None
            if self.unflow and self.content_type == "text/plain" and self.parameters.get("format").lower() == "flowed":
                self._text = unflow(self._text, delete_blank=self.parameters.get("delsp").lower() == "yes")
        return self._text


def find_parts(octets: Octets, headers: Headers, body: int) -> tuple[list[Part], list[str]]:
    """The leaves of the message whose header was `headers` and whose body begins at `body`; and what was damaged."""
    found: list[Part] = []
    defects: dict[str, None] = {}
    made = 0
    # Entries still to be looked at, the next one last: a part's span, or the part that was made of the message itself.
    todo: list[tuple[int, int, str, int] | Part] = [Part(octets, headers, 0, body, len(octets), "")]
    depth = 0
    while todo:
        entry = todo.pop()
        if isinstance(entry, Part):
            part = entry
        else:
            start, end, parent, depth = entry
            block, body, fault = split_header(octets, start, end)
            if fault:
                defects["the header of a part is too long and was cut" if fault == CUT else fault] = None
            part = Part(octets, Headers(block), start, body, end, parent)
        if not part.content_type.startswith("multipart/"):
            found.append(part)
            continue
        if depth >= MAX_DEPTH:
            defects[f"parts nest deeper than {MAX_DEPTH}; what is inside was left as it is"] = None
            found.append(part)
            continue
        spans, faults = _spans(part, MAX_PARTS - made)
        defects.update(dict.fromkeys(faults))
        if spans is None:
            if part.start < part.end:  # no boundary: all of it is text
                part.content_type = "text/plain"
                found.append(part)
            continue
        made += len(spans)
        todo.extend((start, end, part.content_type, depth + 1) for start, end in reversed(spans))
    for number, part in enumerate(found, 1):
        part.number = number
    return found, list(defects)


def _spans(part: Part, room: int) -> tuple[list[tuple[int, int]] | None, list[str]]:
    """Where the parts of a multipart begin and end, at most `room`, None if no boundary is found; and what was damaged."""
    octets, start, end = part.octets, part.start, part.end
    boundary = part.boundary
    faults: list[str] = []
    if not boundary:
        match = _SOME_BOUNDARY.search(octets[start : min(end, start + 64 * 1024)])
        if match is None:
            return None, ["a multipart has no boundary; it was read as text"]
        boundary = match[1]
        faults.append("a multipart does not say its boundary; the first line that looks like one was taken")
    spans: list[tuple[int, int]] = []
    begin = -1  # where the current part begins
    closed = False
    for line, after, closing in _delimiters(octets, boundary, start, end):
        if begin >= 0:
            spans.append((begin, max(begin, line)))
        elif closed and not closing:
            faults.append("a multipart goes on behind its closing boundary")
        begin = -1 if closing else after
        closed = closing
        if begin >= 0 and len(spans) >= room:
            spans[-1:] = [(spans[-1][0] if spans else begin, end)]
            return spans, [*faults[:2], f"there are more than {MAX_PARTS} parts; the rest was left as one"]
    if begin >= 0:
        spans.append((begin, end))
        faults.append("a multipart has no closing boundary; its last part may be cut")
    elif not spans:
        if closed:
            faults.append("a multipart has nothing but a closing boundary; it was read as text")
        elif start < end:
            faults.append("the boundary of a multipart never occurs; it was read as text")
        else:
            faults.append("a multipart is empty")
    return (spans or None), faults


def _delimiters(octets: Octets, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Boundary lines: where the line end before each begins (it belongs to the boundary), where the next line begins, whether it
    closes."""
    needle = b"\n--" + boundary
    if start == 0 and octets[: len(needle) - 1] == needle[1:]:
        found = _delimiter(octets, 0, len(needle) - 1, end)
        if found:
            yield found
    for position in dashed_lines(octets, needle, max(start - 1, 0), end):
        found = _delimiter(octets, position, position + len(needle), end)
        if found:
            yield found


def _delimiter(octets: Octets, line: int, behind: int, end: int) -> tuple[int, int, bool] | None:
    tail = octets[behind : min(behind + TAIL, end)]
    if tail[:1] not in _BEHIND:  # another boundary that begins like this one: the usual case where there are many
        return None
    match = _BOUNDARY_TAIL.match(tail)
    if match is None or (match[2] is not None and behind + len(tail) < end):
        return None  # another boundary that begins like this one
    if line and octets[line - 1 : line] == b"\r":
        line -= 1
    return line, behind + match.end(), match[1] is not None


def _content_type(value: str, parent: str) -> str:
    if _KIND.fullmatch(value):
        return value
    if value == "multipart":
        return "multipart/mixed"
    if not value and parent == "multipart/digest":
        return "message/rfc822"  # RFC 2046, section 5.1.5
    return "text/plain"
