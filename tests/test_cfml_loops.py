"""Walking a query row by row, and in groups."""

from __future__ import annotations

import copy
import itertools
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.cfml.column import ColumnIndexFault
from cfml_pop.cfml.loops import QueryAtRow, count_up, rows_of, whole
from cfml_pop.cfml.query import Query
from tests.tags_support import MAIL

NONE = object()


def test_a_query_at_a_row() -> None:
    """In a loop a column stands for its value in the row of the turn; indexes, length and rows are those of the whole query."""
    view = QueryAtRow(MAIL, 2)
    assert ("two", "one", 2, 3, 3) == (str(view.subject), view.subject[1], view.currentrow, view.recordcount, len(view))
    assert ["one", "two", "three"] == [row.subject for row in view]
    assert "one" == str(MAIL.subject)
    with pytest.raises(ColumnIndexFault):
        view.subject[4]
    assert MAIL is whole(QueryAtRow(view, 3))
    for again in (copy.copy(view), pickle.loads(pickle.dumps(view))):  # noqa: S301 - our own
        assert ("two", 2) == (str(again.subject), again.currentrow)


def test_columns_of_a_turn() -> None:
    """A turn has the columns and what CFML counts among them, in any case, and nothing else."""
    turn = next(rows_of(MAIL, [3]))
    assert ["three", 3, 3, "SUBJECT,FROM,UID,DATE"] == [
        turn.column(name, NONE) for name in ("Subject", "currentRow", "RECORDCOUNT", "columnlist")
    ]
    assert [NONE, NONE, NONE] == [turn.column(name, NONE) for name in ("rows", "to_dicts", "defects")]


def test_no_column_is_hidden() -> None:
    """Whatever its name, a column of a view is read as that of the query."""
    names = ("current", "number", "query", "whole", "view", "row", "members", "column")
    view = QueryAtRow(Query.from_rows(names, [{}, {name: f"{name}2" for name in names}]), 2)
    assert [f"{name}2" for name in names] == [str(getattr(view, name)) for name in names]


def test_rows_taken_away() -> None:
    """A turn at a row that is not there gives empty text."""
    turn = next(rows_of(Query.from_rows(("a",), []), [1]))
    assert ("", "") == (turn.column("a", NONE), str(turn.view.a))


@pytest.mark.parametrize(
    ("case", "expected"), [(False, [("one", (1, 2)), ("three", (3,))]), (True, [("one", (1,)), ("two", (2,)), ("three", (3,))])]
)
def test_groups(case: bool, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    """Neighbours with the same value are a group, whose first row is its turn; text compares without case unless asked."""
    found = rows_of(MAIL, [1, 2, 3], "From", case=case)
    assert expected == [(str(turn.view.subject), turn.members) for turn in found]
    with pytest.raises(ValueError, match=r"must be a column of the query \(SUBJECT,FROM,UID,DATE\), not 'nope'"):
        rows_of(MAIL, [1], "nope")


@given(st.lists(st.sampled_from("abAB")))
def test_groups_are_a_partition(values: list[str]) -> None:
    """The groups hold every row once and in order, and no two neighbours are the same group."""
    query = Query.from_rows(("v",), [{"v": value} for value in values])
    turns = list(rows_of(query, range(1, len(values) + 1), "v"))
    assert list(range(1, len(values) + 1)) == [number for turn in turns for number in turn.members or ()]
    keys = [str(turn.view.v).lower() for turn in turns]
    assert [] == [one for one, other in itertools.pairwise(keys) if one == other]


@pytest.mark.parametrize(
    ("start", "end", "step", "expected"),
    [
        (1, 3, 1, [1, 2, 3]),
        (3, 1, -1, [3, 2, 1]),
        (1, 0, 1, []),
        (1, 2, -1, []),
        (0, 0.5, 0.1, [0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        (1.5, 3.5, 1, [1.5, 2.5, 3.5]),
        (2, 2, 5, [2]),
    ],
)
def test_counting(start: float, end: float, step: float, expected: list[float]) -> None:
    """Both ends are included, fractions do not add up errors, and a step that leads away gives nothing."""
    assert expected == list(count_up(start, end, step))


def test_step_zero() -> None:
    """A step of 0 would never end."""
    with pytest.raises(ValueError, match="must not be 0"):
        count_up(1, 2, 0)
