"""One message, one row of cells.

Rule: what the columns hold is said in `columns`; here a row is made of a message. Values are decoded when they are asked for;
only attachments are saved at once, while the call that names their directory runs.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from cfml_pop.cfml.cells import Attachment
from cfml_pop.cfml.dialect import DEFAULT, Dialect
from cfml_pop.cfml.query import Row
from cfml_pop.columns import Form, attachment_entry
from cfml_pop.errors import AttachmentError, LimitExceeded
from cfml_pop.message.bodies import AttachedPart
from cfml_pop.message.directory import AttachmentDirectory, Staged
from cfml_pop.message.message import Message
from cfml_pop.message.octets import Octets, Sink, Spool, Window
from cfml_pop.message.reading import UNPACKED

__all__ = ["MessageCells", "RowBuilder", "Sink", "octets_of"]

LONG_HEADER = 16 * 1024
"""When only the header is wanted and more than this came (a server without TOP), the body is dropped at once."""


class RowBuilder:
    """Makes the rows of one call.

    `full` False: the columns of getHeaderOnly. `directory`: where attachments are saved, or None; see AttachmentDirectory for
    `root`, `allow_absolute` and `unique`, and for the AttachmentError that it may raise here. `memory_limit`: octets of raw mail
    kept in memory. `attachment_limit`: octets of one saved attachment, `attachment_count`: saved attachments of one message, None
    for no limit. `unpack`, `unflow`: see Reading. `keep_octets`: messages stay as they came, for `octets_of`, also where their
    attachments were saved. `columns` are those of the rows; `saving` says whether attachments are saved:
    with getHeaderOnly only where the dialect does so.
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
        unpack: Collection[str] = UNPACKED,
        unflow: bool = False,
        attachment_limit: int | None = None,
        attachment_count: int | None = None,
        dialect: Dialect = DEFAULT,
        time_zone: dt.tzinfo | None = None,
        keep_octets: bool = False,
    ) -> None:
        self._keep_octets = keep_octets
        self._spool = Spool(memory_limit)
        self._open = 0  # octets of the messages in the spool file of which is kept what was found out to save attachments
        self._directory: AttachmentDirectory | None = None
        self.saving: bool = directory is not None and (full or dialect.header_only_saves)
        if directory is not None and (self.saving or dialect.directory_always):
            self._directory = AttachmentDirectory(
                directory,
                root=root,
                allow_absolute=allow_absolute,
                unique=unique,
                prefix=dialect.numbering == "prefix",
                overwrite=dialect.same_name == "overwrite",
                from_here=dialect.relative_paths == "working_directory",
                parents=dialect.make_parents,
            )
        self.full = full
        self._written: set[str] = set()
        self._limit = attachment_limit
        self._count = attachment_count
        self._whole = full or self.saving
        self._form = Form(dialect, time_zone, full=full, saved=self.saving, unpack=unpack, unflow=unflow)
        self.columns: tuple[str, ...] = self._form.columns

    def sink(self, expected: int = 0) -> Sink:
        """What the raw octets of one message are written to. `expected` is how many there will be, 0 if that is not known."""
        return self._spool.sink(expected)

    def build(
        self,
        sink: Sink,
        *,
        number: int,
        size: int | None,
        uid: str,
        save: bool = True,
        whole: bool = True,
        defects: Sequence[str] = (),
    ) -> MessageCells:
        """The row of the message in `sink`. `number` and `uid` are columns as they are, `size` is what LIST said, None if it said
        nothing; `whole` False says that the message did not come to its end; `defects` come before those found.

        Attachments are saved unless `save` is False. When one cannot be written, AttachmentError is raised, above a limit
        LimitExceeded; no file of this message is left, and the sink can be built again.
        """
        octets, header_only = sink.octets(), not self._whole
        if header_only and sink.size > LONG_HEADER:
            long = self._form.open(octets, header_only=True)
            defects = (*defects, long.header_fault) if long.header_fault else defects
            header = long.header_octets
            sink.keep(header + b"\r\n" if header[-1:] in (b"", b"\n") else header)
            octets = sink.octets()
        saved: list[Attachment] | None = None
        message: Message | None = None
        if self.saving and save:
            message = self._form.open(octets, header_only=header_only)
            saved = self._save(message.attachments)
            defects = (*defects, *self._overwritten(saved), *_repairs(message))
        given = (number, self._form.size(octets, size, header_only=header_only), uid)
        if message is not None and not self._keep_octets:
            kept = message.without_attachments
            if kept < sink.size and sink.room_for(kept):
                message.drop_attachments()
                sink.release(kept)  # from here on the window shows nothing
                octets, whole = message.octets, False
        cells = MessageCells(octets, given, self._form, header_only=header_only, saved=saved, whole=whole, defects=tuple(defects))
        if message is not None and (cells.lasting or self._open + sink.size <= self._spool.limit // 2):
            self._open += 0 if cells.lasting else sink.size
            cells.keep(message)
        return cells

    def close(self) -> None:
        """Give the attachment directory back. May be called again; rows stay readable."""
        if self._directory is not None:
            self._directory.close()

    def _save(self, attachments: list[AttachedPart]) -> list[Attachment]:
        """Save them all or none: all are written before the first one gets its name."""
        directory = self._directory
        if directory is None:
            return []
        if self._count is not None and len(attachments) > self._count:
            raise LimitExceeded(
                f"the message has {len(attachments)} attachments, more than {self._count}; Settings(attachment_count=...) allows "
                "more; none was saved",
                limit="attachment_count",
                value=self._count,
            )
        staged: list[Staged] = []
        paths: list[str] = []
        try:
            # extend() keeps what it has taken when the generator raises, so a failure knows what there is to remove.
            staged.extend(directory.stage(item.name, self._bounded(item)) for item in attachments)
            paths.extend(directory.commit(file) for file in staged)
        except BaseException as error:
            # Each path once: dropped again, an older file that came back would go.
            for name in (*(file.temporary for file in staged), *dict.fromkeys(reversed(paths))):
                directory.drop(name)
            if isinstance(error, OSError) and not isinstance(error, AttachmentError):
                raise AttachmentError(f"an attachment could not be read back: {error}", errno=error.errno) from error
            raise
        directory.settle()
        return [attachment_entry(item, file.size, path) for item, file, path in zip(attachments, staged, paths, strict=True)]

    def _overwritten(self, saved: Sequence[Attachment]) -> Iterator[str]:
        """What `defects` say of a row whose attachment took the file of another one of this call, as in some engines."""
        for entry in saved:
            if entry.path in self._written:
                yield f"{entry.name!r} was saved over an attachment of the same name; generateUniqueFileNames keeps both"
            self._written.add(entry.path)

    def _bounded(self, item: AttachedPart) -> Iterator[bytes]:
        size = 0
        for block in item.part.blocks():
            size += len(block)
            if self._limit is not None and size > self._limit:
                raise LimitExceeded(
                    f"the attachment {item.name!r} has more than {self._limit} octets; Settings(attachment_limit=...) allows "
                    "more; no attachment of this message was saved",
                    limit="attachment_limit",
                    value=self._limit,
                )
            yield block


def _repairs(message: Message) -> Iterator[str]:
    """What was mended while the attachments were decoded, which is not done again."""
    for part in message.parts:
        yield from part.repairs


class MessageCells:
    """The cells of one row, as `Query` takes them. `given` are the columns messagenumber, size and uid.

    What is read of a message in memory is kept with it. Of those in the spool file, of which there may be a hundred thousand,
    few are kept open besides the one read last, and the row keeps no long text of them (`lasting`).
    """

    __slots__ = (
        "_defects",
        "_form",
        "_header_only",
        "_message",
        "_octets",
        "_whole",
        "lasting",
        "messagenumber",
        "saved",
        "size",
        "uid",
    )

    saved: list[Attachment] | None

    def __init__(
        self,
        octets: Octets,
        given: tuple[int, int, str],
        form: Form,
        *,
        header_only: bool = False,
        saved: list[Attachment] | None = None,
        whole: bool = True,
        defects: tuple[str, ...] = (),
    ) -> None:
        self.messagenumber: int
        self.size: int
        self.uid: str
        self.messagenumber, self.size, self.uid = given
        self.saved = saved
        self.lasting: bool = not isinstance(octets, Window)
        self._octets = octets
        self._header_only = header_only
        self._whole = whole and not header_only
        self._message: Message | None = None
        self._form = form
        self._defects = defects

    def keep(self, message: Message) -> None:
        """The message, opened before, is kept with all that is read of it."""
        self._message = message

    @property
    def message(self) -> Message:
        message = self._message
        if message is None:
            message = self._form.open(self._octets, header_only=self._header_only)
            if self.lasting:
                self._message = message
        return message

    @property
    def octets(self) -> Octets | None:
        """The message as it came, dots unstuffed; None where only its header was asked for, or it did not come to its end."""
        return self._octets if self._whole else None

    def cell(self, column: str) -> Any:
        """The value of a column (lower case); "" for one that the row does not have."""
        read = self._form.readers.get(column)
        if read is not None:
            return read(self._form, self)
        return getattr(self, column) if column in _GIVEN else ""

    @property
    def defects(self) -> tuple[str, ...]:
        """What was damaged. Asking for it decodes the texts, but not attachments that were not saved."""
        return tuple(dict.fromkeys((*self._defects, *self.message.defects)))


def octets_of(row: Row) -> Octets | None:
    """The message of a row as it came. None for a row that holds no whole one: of getHeaderOnly, of a message that was cut, or
    whose attachments were saved by a call that did not ask for `keep_octets`; or a row that was copied or pickled, which keeps
    the cells alone."""
    return getattr(row._cells, "octets", None)


_GIVEN = ("messagenumber", "size", "uid")
