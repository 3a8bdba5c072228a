"""Rows and readings of messages, for the tests that read whole folders of mail.

Rule: one way from octets to a row, the one that `operation` goes; tests say only where the octets are.
"""

from __future__ import annotations

from typing import Any

from cfml_pop.cfml.query import ALL_COLUMNS
from cfml_pop.message.octets import Spool
from cfml_pop.row import MessageCells, RowBuilder

__all__ = ["build", "build_windowed", "row_of"]


def build(raw: bytes, *, full: bool = True) -> MessageCells:
    """The row of `raw`, read from memory."""
    builder = _builder(full=full, limit=len(raw))
    sink = builder.sink()
    sink.write(raw)
    return builder.build(sink, number=7, size=len(raw), uid="u7")


def build_windowed(raw: bytes, *, block: int) -> MessageCells:
    """The same, read through a window of `block` octets on a spool file."""
    sink = Spool(0, block=block).sink()
    sink.write(raw)
    return _builder(full=True, limit=0).build(sink, number=7, size=len(raw), uid="u7")


def row_of(cells: MessageCells) -> dict[str, Any]:
    """Every column of a row, and the structure behind some."""
    row: dict[str, Any] = {column: cells.cell(column.lower()) for column in ALL_COLUMNS}
    return row | {"entries": cells.cell("attachments").entries, "items": cells.cell("header").items(), "defects": cells.defects}


def _builder(*, full: bool, limit: int) -> RowBuilder:
    return RowBuilder(full=full, directory=None, root=None, allow_absolute=False, unique=False, memory_limit=limit)
