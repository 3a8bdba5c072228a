"""A message that is there already, as the row that getAll would give.

Rule: the octets go the way that those of a server go, so that a row is the same from wherever its message came.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cfml_pop.cfml.dialect import find_dialect
from cfml_pop.cfml.query import Query, Row
from cfml_pop.errors import LimitExceeded
from cfml_pop.row import RowBuilder
from cfml_pop.settings import Settings

__all__ = ["parse_message"]

BLOCK = 256 * 1024
"""Octets read at once from a file or stream."""

Source = bytes | bytearray | memoryview | str | os.PathLike[str] | BinaryIO


def parse_message(
    source: Source,
    *,
    attachmentpath: str | os.PathLike[str] | None = None,
    generateuniquefilenames: bool = False,
    settings: Settings | None = None,
    dialect: str | None = None,
) -> Row:
    """The row of one message (RFC 5322): `source` is its octets, the path of an `.eml` file, or a stream opened in binary mode.

    It has the columns of getAll; messagenumber is 1, uid "", size the octets read. With `attachmentpath` attachments are saved
    as by the tag, under the rules of `settings`; None saves nothing. `dialect` is for this call, in place of that of `settings`.
    The stream is read to its end and left open. Whatever the octets are, there is a row, and `row.defects` says what was damaged.

    Raises OSError for a file that cannot be read, TypeError for text where octets are wanted, LimitExceeded above
    `Settings(message_limit=...)`, AttachmentError and AttributeFault as cfpop does.

    >>> parse_message(b"Subject: hello\\r\\n\\r\\nworld\\r\\n").subject
    'hello'
    """
    settings = settings or Settings()
    chosen = find_dialect(settings.dialect if dialect is None else dialect)
    builder = RowBuilder(
        full=True,
        directory=None if attachmentpath is None else os.fspath(attachmentpath),
        root=settings.attachment_root,
        allow_absolute=settings.attachment_root is None,
        unique=generateuniquefilenames,
        memory_limit=settings.memory_limit,
        unpack=settings.unpack,
        unflow=settings.unflow,
        dialect=chosen,
        time_zone=settings.time_zone,
        attachment_limit=settings.attachment_limit,
        attachment_count=settings.attachment_count,
    )
    with contextlib.closing(builder):
        sink = builder.sink()
        for block in _blocks(source):
            if sink.size + len(block) > settings.message_limit:
                raise LimitExceeded(
                    f"the message has more than {settings.message_limit} octets; Settings(message_limit=...) allows more",
                    limit="message",
                    value=settings.message_limit,
                )
            sink.write(block)
        cells = builder.build(sink, number=1, size=sink.size, uid="")
    return Query(builder.columns, [cells], style=chosen.style).rows[0]


def _blocks(source: Source) -> Iterator[bytes | memoryview]:
    if isinstance(source, (bytes, bytearray, memoryview)):
        yield memoryview(source).cast("B")
    elif isinstance(source, (str, os.PathLike)):
        if isinstance(source, str) and "\n" in source:
            raise TypeError("parse_message(...) takes octets, a path or a binary stream; write message.encode() for a text")
        with Path(source).open("rb") as stream:
            yield from _read(stream)
    elif hasattr(source, "read"):
        yield from _read(source)
    else:
        raise TypeError(f"parse_message(...) takes octets, a path or a binary stream, not {type(source).__name__}")


def _read(stream: BinaryIO) -> Iterator[bytes]:
    while (block := stream.read(BLOCK)) is None or block:
        if block is None:  # otherwise what is not there yet would be missing without a word
            raise BlockingIOError(
                "parse_message(...) was given a stream that does not wait for its data; read it to its end first"
            )
        if not isinstance(block, (bytes, bytearray, memoryview)):
            raise TypeError("parse_message(...) was given a stream of text; open it in binary mode")
        yield bytes(block)
