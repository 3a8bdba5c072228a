"""The columns of a cfpop row: what each holds, in the form of a dialect.

Rule: the columns of a cfpop query are defined here and nowhere else. Each is one entry of a table, under the choice of the
dialect that picks it; a reader gets the message and gives the cell, and is called when the cell is read.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from cfml_pop.cfml.cells import Address, AddressText, Attachment, AttachmentText, HeaderText, MailDate, Struct
from cfml_pop.cfml.dialect import DEFAULT, Dialect
from cfml_pop.cfml.simple import date, in_zone
from cfml_pop.dates import parse_date
from cfml_pop.message import javamail
from cfml_pop.message.addresses import Mailbox, as_it_stands, parse_addresses, write_addresses
from cfml_pop.message.bodies import AttachedPart
from cfml_pop.message.headers import unfold
from cfml_pop.message.message import Message
from cfml_pop.message.names import numbered
from cfml_pop.message.reading import UNPACKED, Reading

if TYPE_CHECKING:
    from cfml_pop.message.octets import Octets
    from cfml_pop.row import MessageCells

__all__ = ["Form", "attachment_entry"]

REMEMBERED = 500
"""Octets of an address field for which its cell is remembered."""

_NO_EMPTY_LINE = -4
"""What JavaMail gives as size of a body when no empty line ends the header."""


class Form:
    """How the rows of one call are made: `columns` in order, a reader for each, and `reading`, the choices about mail.

    `full`: the columns of getAll. `saved`: attachments are saved. `zone` is that of the page's dates, None for the machine's.
    """

    def __init__(
        self,
        dialect: Dialect = DEFAULT,
        zone: dt.tzinfo | None = None,
        *,
        full: bool = True,
        saved: bool = False,
        unpack: Collection[str] = UNPACKED,
        unflow: bool = False,
    ) -> None:
        self.dialect = dialect
        self.zone = zone
        self.reading: Reading = Reading(
            parts=dialect.parts,
            text=dialect.text,
            html=dialect.html,
            body=dialect.body,
            words_in_bodies=dialect.words_in_bodies,
            unknown_words=dialect.unknown_words,
            unpack=unpack if dialect.unpacks else (),
            unflow=unflow,
        )
        self._last: Message | None = None
        self.columns: tuple[str, ...] = dialect.columns(full=full)
        extra = _SAVED if saved and not full else ()
        self.columns = (*self.columns, *extra)
        keys = frozenset(column.lower() for column in self.columns)
        chosen = {key: table[getattr(dialect, choice)] for key, (choice, table) in _CHOSEN.items()}
        self.readers: Mapping[str, Reader] = {key: read for key, read in {**_PLAIN, **chosen}.items() if key in keys}

    def open(self, octets: Octets, *, header_only: bool) -> Message:
        """The message in `octets`; the one opened last is had again."""
        last = self._last
        if last is None or last.octets is not octets:
            # Bound at once: another thread may open another one meanwhile.
            self._last = last = Message(octets, header_only=header_only, reading=self.reading)
        return last

    def size(self, octets: Octets, listed: int | None, *, header_only: bool) -> int:
        """The column size. `octets` are those that came; `listed` is what LIST said, None if it said nothing."""
        if self.dialect.size == "body":
            message = self.open(octets, header_only=header_only)
            return (-1 if listed is None else listed) - message.body_start if message.header_ends else _NO_EMPTY_LINE
        if listed is None:
            return 0 if header_only else len(octets)
        return listed


Reader = Callable[[Form, "MessageCells"], Any]

_SAVED = ("attachments", "attachmentfiles")
"""What getHeaderOnly has besides where it saves attachments."""


# -- dates -------------------------------------------------------------------------------------------------------------------

_DATE_FORMS = {"tolerant": parse_date, "javamail": javamail.parse_date}


def _date_as_sent(form: Form, cells: MessageCells) -> MailDate:
    text, read = cells.message.date, _DATE_FORMS[form.dialect.date_forms]
    return MailDate(text, functools.partial(read, text))


def _date_of_page(form: Form, cells: MessageCells) -> MailDate:
    """As a date of the page prints, `{ts '...'}`; "" where it cannot be read."""
    moment = _DATE_FORMS[form.dialect.date_forms](cells.message.date)
    return MailDate("" if moment is None else str(date(moment, form.zone)), moment)


def _date_as_text(form: Form, cells: MessageCells) -> MailDate:
    """As in `Mon, 1 Jan 2024 10:00:00 +01:00`, in the page's zone; "" where it cannot be read."""
    moment = _DATE_FORMS[form.dialect.date_forms](cells.message.date)
    if moment is None:
        return MailDate("")
    local = in_zone(moment, form.zone)
    # No strftime: its names are those of the machine's language.
    day, month = _DAYS[local.weekday()], _MONTHS[local.month - 1]
    offset = local.strftime("%z")
    return MailDate(f"{day}, {local.day} {month} {local.year} {local:%H:%M:%S} {offset[:3]}:{offset[3:5]}", moment)


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


# -- addresses ---------------------------------------------------------------------------------------------------------------


def _decoded(cells: MessageCells, name: bytes) -> AddressText:
    values = cells.message.address_values(name)
    return _remembered(values) if sum(map(len, values)) <= REMEMBERED else _address_text(values)


def _address_text(values: tuple[bytes, ...]) -> AddressText:
    """The cell for the values of a field as they stand."""
    unfolded = [unfold(value) for value in values]
    text = as_it_stands(unfolded[0]) if len(unfolded) == 1 else None
    if text is not None:
        return AddressText(text, lambda: _boxes(parse_addresses(unfolded)))
    found = parse_addresses(unfolded)
    return AddressText(write_addresses(found), functools.partial(_boxes, found))


_remembered = functools.lru_cache(maxsize=1024)(_address_text)  # the same people again and again; a cell is not changed


def _boxes(found: Iterable[Mailbox]) -> tuple[Address, ...]:
    return tuple([Address(box.name, box.address) for box in found if box.name or box.address])


def _raw(cells: MessageCells, name: bytes) -> AddressText:
    message = cells.message
    return AddressText(
        ",".join(message.headers.raw(name)),
        lambda: _boxes(message.addresses(name)),
    )


_ADDRESSES = {"decoded": _decoded, "raw": _raw}


def _addresses(name: bytes) -> Reader:
    return lambda form, cells: _ADDRESSES[form.dialect.addresses](cells, name)


def _from(form: Form, cells: MessageCells) -> AddressText:
    read = _ADDRESSES[form.dialect.addresses]
    found = read(cells, b"from")
    return read(cells, b"sender") if form.dialect.from_sender and not found else found


def _reply_to(form: Form, cells: MessageCells) -> AddressText:
    return _ADDRESSES[form.dialect.addresses](cells, b"reply-to") or _from(form, cells)


# -- the header --------------------------------------------------------------------------------------------------------------


def _header_as_sent(_form: Form, cells: MessageCells) -> HeaderText:
    return HeaderText(cells.message.header, cells.message.headers.items)


def _header_rebuilt(line_end: str) -> Reader:
    def read(_form: Form, cells: MessageCells) -> HeaderText:
        headers = cells.message.headers
        return HeaderText("".join(f"{name}: {value}{line_end}" for name, value in headers.raw_items()), headers.items)

    return read


# -- attachments -------------------------------------------------------------------------------------------------------------


def attachment_entry(item: AttachedPart, size: int, path: str) -> Attachment:
    """What is known of an attachment. `size` in octets, decoded; `path` "" when it was not saved."""
    return Attachment(item.name, item.part.content_type, item.content_id, size, path)


def _attachments(form: Form, cells: MessageCells) -> AttachmentText:
    items, saved = cells.message.attachments, cells.saved
    names = form.dialect.separator.join([item.listed for item in items])
    if saved is not None:
        return AttachmentText(names, tuple(saved))
    return AttachmentText(
        names if form.dialect.listed == "always" else "",
        lambda: tuple(attachment_entry(item, sum(map(len, item.part.blocks())), "") for item in items),
    )


def _files(form: Form, cells: MessageCells) -> str:
    return form.dialect.separator.join([entry.path for entry in cells.saved or ()])


def _content_ids(_form: Form, cells: MessageCells) -> Struct:
    """File name to Content-ID, of the parts that have one."""
    saved = cells.saved is not None
    return _by_name(
        (item.name if item.unnamed and saved else item.listed, item.content_id)
        for item in cells.message.attachments
        if item.content_id
    )


def _bracketed_content_ids(_form: Form, cells: MessageCells) -> Struct:
    """The same with the brackets, and "null" for a part that has none."""
    return _by_name((item.listed, f"<{item.content_id}>" if item.content_id else "null") for item in cells.message.attachments)


def _by_name(entries: Iterable[tuple[str, str]]) -> Struct:
    """A struct of these; a name that is there already gets a number, so that none is lost."""
    struct = Struct()
    start: dict[str, int] = {}
    for wanted, value in entries:
        key = wanted.lower()  # as the struct compares
        for number, name in numbered(wanted, start.get(key, 0)):
            start[key] = number + 1
            if name not in struct:
                struct[name] = value
                break
    return struct


# -- the table ---------------------------------------------------------------------------------------------------------------

_PLAIN: Mapping[str, Reader] = MappingProxyType(
    {
        "from": _from,
        "replyto": _reply_to,
        "subject": lambda _, cells: cells.message.subject,
        "cc": _addresses(b"cc"),
        "to": _addresses(b"to"),
        "body": lambda _, cells: cells.message.body,
        "textbody": lambda _, cells: cells.message.text,
        "htmlbody": lambda _, cells: cells.message.html,
        "attachments": _attachments,
        "attachmentfiles": _files,
        "deliverystatus": lambda _, cells: cells.message.delivery_status,
    }
)

_CHOSEN: Mapping[str, tuple[str, Mapping[str, Reader]]] = MappingProxyType(
    {
        "date": ("date", {"sent": _date_as_sent, "page": _date_of_page, "text": _date_as_text}),
        "messageid": (
            "message_id",
            {
                "first": lambda _, cells: cells.message.message_id,
                "all": lambda _, cells: ",".join(cells.message.headers.raw(b"message-id")),
            },
        ),
        "header": ("header", {"sent": _header_as_sent, "lf": _header_rebuilt("\n"), "crlf": _header_rebuilt("\r\n")}),
        "cids": ("cids", {"bare": _content_ids, "brackets": _bracketed_content_ids}),
    }
)
"""Columns that differ by a choice of the dialect: its name, and a reader for each of its values."""
