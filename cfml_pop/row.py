"""One message, one row of column values.

Rule: the columns of a cfpop query are defined here and nowhere else, each by one entry of a table. Values are decoded when they
are asked for; only attachments are saved at once, while the call that names their directory runs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from types import MappingProxyType

from cfml_pop.cfml.cells import Address, AddressText, Attachment, AttachmentText, HeaderText, MailDate, Struct
from cfml_pop.dates import parse_date
from cfml_pop.errors import AttachmentError
from cfml_pop.message.addresses import write_addresses
from cfml_pop.message.bodies import AttachedPart
from cfml_pop.message.directory import AttachmentDirectory, Staged
from cfml_pop.message.message import Message
from cfml_pop.message.names import numbered
from cfml_pop.message.octets import Sink, Spool

__all__ = ["MessageCells", "RowBuilder", "Sink"]

LONG_HEADER = 16 * 1024
"""When only the header is wanted and more than this came (a server without TOP), the body is dropped at once."""


class RowBuilder:
    """Makes the rows of one call.

    `full` False: the columns of getHeaderOnly. `directory`: where attachments are saved, or None; see AttachmentDirectory for
    `root`, `allow_absolute` and `unique`, and for the AttachmentError that it may raise here. `memory_limit`: octets of raw mail
    kept in memory.
    """

    def __init__(
        self,
        *,
        full: bool,
        directory: str | None,
        root: str | os.PathLike[str] | None,
        allow_absolute: bool,
        unique: bool,
        memory_limit: int,
    ) -> None:
        self.full = full
        self._spool = Spool(memory_limit)
        self._directory = (
            AttachmentDirectory(directory, root=root, allow_absolute=allow_absolute, unique=unique)
            if full and directory
            else None
        )

    def sink(self) -> Sink:
        """What the raw octets of one message are written to."""
        return self._spool.sink()

    def build(
        self, sink: Sink, *, number: int, size: int, uid: str, save: bool = True, defects: Sequence[str] = ()
    ) -> MessageCells:
        """The row of the message in `sink`. `number`, `size` and `uid` are columns as they are; `defects` come before those
        found.

        Attachments are saved unless `save` is False. When one cannot be written, AttachmentError is raised, no file of this
        message is left, and the sink can be built again.
        """
        message = Message(sink.octets(), header_only=not self.full)
        if not self.full and sink.size > LONG_HEADER:
            defects = (*defects, message.header_fault) if message.header_fault else defects
            header = message.header_octets
            sink.keep(header + b"\r\n" if header[-1:] in (b"", b"\n") else header)
            message = Message(sink.octets(), header_only=True)
        saved = self._save(message.attachments) if self._directory is not None and save else None
        given: dict[str, int | str] = {"messagenumber": number, "size": size, "uid": uid}
        return MessageCells(message, given, full=self.full, saved=saved, defects=tuple(defects))

    def close(self) -> None:
        """Give the attachment directory back. May be called again; rows stay readable."""
        if self._directory is not None:
            self._directory.close()

    def _save(self, attachments: list[AttachedPart]) -> list[Attachment]:
        """Save them all or none: all are written before the first one gets its name."""
        directory = self._directory
        if directory is None:
            return []
        staged: list[Staged] = []
        paths: list[str] = []
        try:
            # extend() keeps what it has taken when the generator raises, so a failure knows what there is to remove.
            staged.extend(directory.stage(item.name, item.part.blocks()) for item in attachments)
            paths.extend(directory.commit(file) for file in staged)
        except BaseException as error:
            for name in (*(file.temporary for file in staged), *reversed(paths)):
                directory.drop(name)
            if isinstance(error, OSError) and not isinstance(error, AttachmentError):
                raise AttachmentError(f"an attachment could not be read back: {error}", errno=error.errno) from error
            raise
        directory.settle()
        return [_entry(item, file.size, path) for item, file, path in zip(attachments, staged, paths, strict=True)]


class MessageCells:
    """The cells of one row, as `Query` takes them."""

    __slots__ = ("_defects", "_given", "_read", "_saved", "message")

    def __init__(
        self,
        message: Message,
        given: dict[str, int | str],
        *,
        full: bool,
        saved: list[Attachment] | None = None,
        defects: tuple[str, ...] = (),
    ) -> None:
        self.message = message
        self._given = given
        self._read = _FULL if full else _HEADER
        self._saved = saved
        self._defects = defects

    def cell(self, column: str) -> object:
        """The value of a column (lower case); "" for one that the row does not have."""
        if column in self._given:
            return self._given[column]
        read = self._read.get(column)
        return read(self) if read is not None else ""

    @property
    def defects(self) -> tuple[str, ...]:
        """What was damaged. Asking for it decodes the texts, but not attachments that were not saved."""
        return tuple(dict.fromkeys((*self._defects, *self.message.defects)))

    # -- one method for each column that is more than a property of the message ----------------------------------------------

    def date(self) -> MailDate:
        text = self.message.date
        return MailDate(text, lambda: parse_date(text))

    def addresses(self, name: bytes) -> AddressText:
        found = self.message.addresses(name)
        return AddressText(
            write_addresses(found), lambda: tuple(Address(box.name, box.address) for box in found if box.name or box.address)
        )

    def reply_to(self) -> AddressText:
        return self.addresses(b"reply-to") or self.addresses(b"from")

    def header(self) -> HeaderText:
        return HeaderText(self.message.header, self.message.headers.items)

    def attachments(self) -> AttachmentText:
        items, saved = self.message.attachments, self._saved
        names = "\t".join([item.name for item in items])
        if saved is not None:
            return AttachmentText(names, tuple(saved))
        return AttachmentText(names, lambda: tuple(_entry(item, sum(map(len, item.part.blocks())), "") for item in items))

    def files(self) -> str:
        return "\t".join([entry.path for entry in self._saved or ()])

    def content_ids(self) -> Struct:
        """File name to Content-ID; a name that is there already gets a number, so that none is lost."""
        struct = Struct()
        start: dict[str, int] = {}
        for item in self.message.attachments:
            if item.content_id:
                key = item.name.lower()  # as the struct compares
                for number, name in numbered(item.name, start.get(key, 0)):
                    start[key] = number + 1
                    if name not in struct:
                        struct[name] = item.content_id
                        break
        return struct


def _entry(item: AttachedPart, size: int, path: str) -> Attachment:
    return Attachment(item.name, item.part.content_type, item.content_id, size, path)


Reader = Callable[[MessageCells], object]

_HEADER: MappingProxyType[str, Reader] = MappingProxyType(
    {
        "date": MessageCells.date,
        "from": lambda cells: cells.addresses(b"from"),
        "messageid": lambda cells: cells.message.message_id,
        "replyto": MessageCells.reply_to,
        "subject": lambda cells: cells.message.subject,
        "cc": lambda cells: cells.addresses(b"cc"),
        "to": lambda cells: cells.addresses(b"to"),
        "header": MessageCells.header,
    }
)

_FULL: MappingProxyType[str, Reader] = MappingProxyType(
    {
        **_HEADER,
        "body": lambda cells: cells.message.body,
        "textbody": lambda cells: cells.message.text,
        "htmlbody": lambda cells: cells.message.html,
        "attachments": MessageCells.attachments,
        "attachmentfiles": MessageCells.files,
        "cids": MessageCells.content_ids,
        "deliverystatus": lambda cells: cells.message.delivery_status,
    }
)
