"""Every message in tests/mail, each named for its fault, gives what its twin says.

Rule: `<name>.eml` is the message, `<name>.json` what the row holds. A twin names only the columns it is about; `moment` is the
parsed date, `addresses` the parsed addresses of a column, `attachments` a list of [name, content type, content id, size].
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cfml_pop.row import MessageCells
from tests.mail_support import build, build_windowed, row_of

__all__: list[str] = []

MAIL = Path(__file__).parent / "mail"
NAMES = sorted(path.stem for path in MAIL.glob("*.eml"))


def facts(cells: MessageCells, keys: list[str]) -> dict[str, Any]:
    """What the row says about the keys of a twin, in the twin's form."""
    found: dict[str, Any] = {}
    for key in keys:
        value: Any = cells.cell(key)
        if key == "moment":
            moment = cells.cell("date").datetime
            value = None if moment is None else moment.isoformat()
        elif key == "addresses":
            value = {column: [[box.name, box.address] for box in cells.cell(column).addresses] for column in ("from", "to", "cc")}
        elif key == "attachments":
            entries = cells.cell("attachments").entries
            value = [[entry.name, entry.content_type, entry.content_id, entry.size] for entry in entries]
        elif key == "defects":
            value = list(cells.defects)
        found[key] = value
    return found


def test_there_are_fixtures_and_twins() -> None:
    """Each message has a twin that states at least one column, and no twin is left over."""
    assert sorted(path.stem for path in MAIL.glob("*.json")) == NAMES
    assert len(NAMES) >= 40
    assert all(json.loads((MAIL / f"{name}.json").read_bytes()) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_row_is_as_the_twin_says(name: str) -> None:
    """The row of a damaged message holds what its twin states."""
    expected = json.loads((MAIL / f"{name}.json").read_bytes())
    found = facts(build((MAIL / f"{name}.eml").read_bytes()), list(expected))
    if "addresses" in expected:
        found["addresses"] = {column: found["addresses"][column] for column in expected["addresses"]}

    assert expected == found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("block", [1, 7, 64, 300])
def test_file_window_gives_the_same_row(name: str, block: int) -> None:
    """A message read through a window of a spool file gives the row that the same octets in memory give."""
    raw = (MAIL / f"{name}.eml").read_bytes()

    assert row_of(build(raw)) == row_of(build_windowed(raw, block=block))


@pytest.mark.parametrize("name", NAMES)
def test_header_only_row_has_the_same_header_columns(name: str) -> None:
    """getHeaderOnly gives the header columns of getAll, and leaves the others empty."""
    raw = (MAIL / f"{name}.eml").read_bytes()
    full, header = build(raw), build(raw, full=False)

    columns = ("date", "from", "messagenumber", "messageid", "replyto", "subject", "cc", "to", "size", "header", "uid")
    assert [full.cell(column) for column in columns] == [header.cell(column) for column in columns]
    assert header.cell("body") == ""
