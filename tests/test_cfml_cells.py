"""cells: text that prints as CFML prints it, with structure behind it."""

from __future__ import annotations

import copy
import pickle
import sys
from datetime import datetime, timezone
from types import FrameType
from typing import Any

import pytest

from cfml_pop.cfml.cells import Address, AddressText, Attachment, AttachmentText, HeaderText, MailDate, Struct

__all__: list[str] = []

MOMENT = datetime(2026, 3, 2, 10, tzinfo=timezone.utc)
CELLS = [
    (MailDate("Mon, 2 Mar", lambda: MOMENT), "datetime", MOMENT),
    (AddressText("K <k@x>", lambda: (Address("K", "k@x"),)), "addresses", (Address("K", "k@x"),)),
    (AttachmentText("a\tb", lambda: (Attachment("a", "t/x", "", 1, ""),)), "entries", (Attachment("a", "t/x", "", 1, ""),)),
]


@pytest.mark.parametrize(("cell", "name", "structure"), CELLS)
def test_cells_are_text_and_survive_copying(cell: str, name: str, structure: object) -> None:
    """A cell equals its text, and keeps it and its structure when it is pickled or copied."""
    for again in (cell, pickle.loads(pickle.dumps(cell)), copy.deepcopy(cell)):  # noqa: S301 - our own data
        assert (str(cell), structure) == (str(again), getattr(again, name))
        assert type(cell) is type(again)


def test_structure_is_read_once_and_late() -> None:
    """The callable behind a cell is called when the structure is first asked for, and not again."""
    calls: list[int] = []

    def read() -> tuple[Address, ...]:
        calls.append(1)
        return (Address("", "x"),)

    cell = AddressText("x", read)

    assert [] == calls
    assert cell.addresses == cell.addresses
    assert [1] == calls


def test_date_without_a_moment() -> None:
    """A date that cannot be read has no datetime and the timestamp 0.0."""
    assert (None, 0.0) == (MailDate("x", lambda: None).datetime, MailDate("x").timestamp)
    assert MOMENT.timestamp() == MailDate("x", MOMENT).timestamp


def test_header_values_by_name_in_any_case() -> None:
    """Header fields are found in any case, repeated ones in order, missing ones as the default."""
    header = HeaderText("...", (("To", "a"), ("X", "1"), ("TO", "b")))

    assert ("a", ("a", "b"), "", "d", ()) == (
        header.get("to"),
        header.get_all("tO"),
        header.get("none"),
        header.get("none", "d"),
        header.get_all("none"),
    )


def test_struct_compares_keys_without_case() -> None:
    """A struct finds a key in any case, keeps the case first given, and stays one when copied."""
    struct = Struct({"Logo.png": 1})
    struct["LOGO.PNG"] = 2
    struct.update(other=3)

    assert {"Logo.png": 2, "other": 3} == dict(struct)
    assert ("logo.PNG" in struct, struct.get("OTHER"), struct.get("x", 9)) == (True, 3, 9)
    assert 3 == struct.pop("Other")
    assert "other" not in struct
    again = pickle.loads(pickle.dumps(struct))  # noqa: S301 - our own data
    assert (2, 2, Struct) == (again["logo.png"], copy.deepcopy(struct)["logo.png"], type(struct.copy()))
    for joined in (struct | {"OTHER": 1}, {"Logo.PNG": 1} | struct):
        assert (Struct, joined["logo.png"]) == (type(joined), 2)
    assert ["Logo.PNG"] == list({"Logo.PNG": 1} | struct)
    with pytest.raises(TypeError):
        struct | [1]
    del struct["LOGO.png"]
    assert {} == struct
    with pytest.raises(KeyError):
        struct["logo.png"]


@pytest.mark.parametrize("line", range(1, 6))
def test_two_threads_may_read_one_cell(line: int) -> None:
    """A thread that comes while another reads the structure takes nothing from it, before whichever line it comes."""
    cell: MailDate = MailDate("x", lambda: MOMENT)
    lines = 0
    seen: list[object] = []

    def interrupt(frame: FrameType, event: str, _: object) -> Any:
        nonlocal lines
        if frame.f_code.co_name != "_value":
            return None
        lines += event == "line"
        if lines == line and not seen:
            seen.append(MailDate.timestamp.fget(cell))  # type: ignore[attr-defined]  # what another thread does here
        return interrupt

    before = sys.gettrace()
    sys.settrace(interrupt)
    try:
        moment = cell.datetime
    finally:
        sys.settrace(before)
    assert (MOMENT, [MOMENT.timestamp()]) == (moment, seen)


def test_structs_are_equal_without_case() -> None:
    """A struct equals any mapping with the same values under the same names in any case."""
    struct = Struct({"Logo.png": 1})

    assert struct == {"LOGO.PNG": 1}
    assert {"logo.png": 1} == struct
    assert not struct != Struct({"logo.PNG": 1})  # noqa: SIM202 - this is the operator that is tested
    assert struct != {"logo.png": 2}
    assert struct != {"Logo.png": 1, "logo.png": 1}
    assert struct != [("Logo.png", 1)]
