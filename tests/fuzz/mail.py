"""The fuzz target: any octets at all as a message.

The first two octets of an input choose the dialect, whether the whole message or its header alone is read, and the size of the
windows in which a spool file is read; the rest is the message. Whatever that is, there is a row: no exception, no lone surrogate,
no control character in the columns of one line, the attachments' sizes are those of their octets, and the row is the same from
memory and through the windows. `python -m tests.fuzz mail` runs it, `tests/test_fuzz_mail_replay.py` replays the corpus.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

from cfml_pop.cfml.dialect import DIALECTS
from cfml_pop.message.octets import Sink, Spool
from cfml_pop.row import MessageCells, RowBuilder

__all__ = ["HEAD", "Misread", "run"]

HEAD = 2
"""Octets of an input that are no mail."""

NAMES = tuple(DIALECTS)
ONE_LINE = ("subject", "messageid")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Misread(Exception):
    """A row is not as it must be."""


def run(data: bytes) -> None:
    """Make every row of one input, and look at it."""
    choice, size = data[0] if data else 0, data[1] if len(data) > 1 else 0
    raw = data[HEAD:]
    dialect, full = NAMES[choice % len(NAMES)], not choice & 64
    in_memory = row_of(Spool(len(raw)), raw, dialect, full=full)
    windowed = row_of(Spool(0, block=size + 1), raw, dialect, full=full)
    if in_memory != windowed:
        wrong = [key for key in in_memory if in_memory[key] != windowed[key]]
        raise Misread(f"windows of {size + 1} octets change {', '.join(wrong)}")
    json.dumps(in_memory, ensure_ascii=False).encode()  # fails for a lone surrogate
    if dialect == "default":
        for column in ONE_LINE:
            if CONTROL.search(in_memory[column]):
                raise Misread(f"a control character is in {column}")
        for name, *_ in in_memory.get("entries", ()):
            if CONTROL.search(name) or "/" in name or name in ("", ".", ".."):
                raise Misread(f"{name!r} is no name for a file")


def row_of(spool: Spool, raw: bytes, dialect: str, *, full: bool) -> dict[str, Any]:
    """All cells, the structure behind them, and the defects."""
    builder = RowBuilder(
        full=full,
        directory=None,
        root=None,
        allow_absolute=False,
        unique=False,
        memory_limit=1 << 20,
        dialect=DIALECTS[dialect],
        time_zone=dt.timezone.utc,
    )
    sink = Sink(spool)
    sink.write(raw)
    cells: MessageCells = builder.build(sink, number=1, size=None, uid="u")
    row: dict[str, Any] = {column: cells.cell(column.lower()) for column in builder.columns}
    row["moment"] = str(cells.cell("date").datetime)
    row["boxes"] = [[box.name, box.address] for box in cells.cell("to").addresses]
    row["fields"] = cells.cell("header").items()
    if full:
        entries = cells.cell("attachments").entries
        for entry, item in zip(entries, cells.message.attachments, strict=True):
            if entry.size != sum(map(len, item.part.blocks())):
                raise Misread(f"{entry.name!r} has another size the second time")
        row["entries"] = [[entry.name, entry.content_type, entry.content_id, entry.size] for entry in entries]
    row["defects"] = cells.defects
    return row
