"""The query, its columns and its rows."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from jinja2 import Environment
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.column import Column, ColumnIndexFault
from cfml_pop.cfml.query import ALL_COLUMNS, HEADER_COLUMNS, Query
from cfml_pop.errors import CfpopError


def mail() -> Query:
    return Query.from_rows(
        ("messagenumber", "from", "Subject", "cids"),
        [
            {"messagenumber": 4, "FROM": "ann", "subject": "one <1>", "cids": {"Logo.png": "c1"}},
            {"messagenumber": 5, "from": "bob", "subject": "two", "cids": {}},
            {"messagenumber": 6, "from": "ann", "subject": "three"},
        ],
    )


EMPTY = Query(HEADER_COLUMNS, ())


class Counting:
    """Cells that count how often they are asked."""

    lasting = True

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.defects = ("cut",)

    def cell(self, column: str) -> object:
        self.asked.append(column)
        return column.upper()


def test_counts() -> None:
    """recordcount, currentrow and columnlist are there in any case, by attribute and by item."""
    query = mail()
    assert 3 == query.recordcount == query.RecordCount == query["RECORDCOUNT"] == len(query)
    assert 1 == query.currentrow == query["currentRow"]
    assert "MESSAGENUMBER,FROM,SUBJECT,CIDS" == query.columnlist
    assert ("messagenumber", "from", "Subject", "cids") == query.columns
    assert (0, 0) == (EMPTY.recordcount, EMPTY.currentrow)


def test_column_is_indexed_from_one() -> None:
    """The first row is number 1, and a number may come as text, as a float, or as another column."""
    query = mail()
    assert "ann" == query["from"][1]
    assert ["ann", "bob", "ann"] == [query.FROM[number] for number in (1, 2, 3)]
    assert "two" == query.subject["2"] == query.subject[2.0]
    one_row = Query.from_rows(("n", "x"), [{"n": 1, "x": "here"}])
    assert "here" == one_row.x[one_row.n]


@pytest.mark.parametrize("index", [0, -1, 4, "0", "99", True, None, 1.5, object()])
def test_bad_index(index: object) -> None:
    """A bad row number raises an error that Jinja does not turn into nothing."""
    with pytest.raises(ColumnIndexFault) as caught:
        mail().subject[index]
    assert not isinstance(caught.value, (LookupError, TypeError, AttributeError))
    assert isinstance(caught.value, CfpopError)


def test_bad_index_text() -> None:
    """The error says which rows there are."""
    with pytest.raises(ColumnIndexFault, match=r"subject\[0\]: the query has rows 1 to 3 \(the first is 1, as in CFML\)"):
        mail().subject[0]
    with pytest.raises(ColumnIndexFault, match=r"subject\[1\]: the query has no rows"):
        EMPTY.subject[1]


def test_column_stands_for_first_row() -> None:
    """Where one value is wanted a column is its value in the first row."""
    query = mail()
    assert "one <1>" == str(query.subject) == f"{query.subject}"
    assert 4 == int(query.messagenumber)
    assert 4.0 == float(query.messagenumber)
    assert query.subject == "one <1>"
    assert query.messagenumber != 5
    assert query["from"] == Query.from_rows(("x",), [{"x": "ann"}]).x
    assert [True, True, False] == [query.messagenumber < 5, query.messagenumber >= 4, query.messagenumber > 4]
    assert (5, 14, 3, 6, 8, 40, 2, 0) == (
        query.messagenumber + 1,
        10 + query.messagenumber,
        query.messagenumber - 1,
        10 - query.messagenumber,
        query.messagenumber * 2,
        10 * query.messagenumber,
        10 // query.messagenumber,
        query.messagenumber % 2,
    )
    assert "ann!" == query["from"] + "!"
    assert {"ann": 1}[query["from"]] == 1
    assert "ANN" == query["from"].upper()
    assert "c1" == query.cids["Logo.png"]


def test_column_is_a_number_where_its_value_is() -> None:
    """A column of numbers can be rounded, negated, raised and used as an index."""
    column = Query.from_rows(("size",), [{"size": -3}]).size
    assert (3, -3, 3, -3) == (-column, +column, abs(column), round(column))
    assert (9, 8.0, -0.125) == (column**2, 8**-column / 64, column**-1 * 0.375)
    assert "c" == "abc"[column + 5]
    assert "a" == "abc"[column]
    assert -3.0 == round(column, 1)
    with pytest.raises(TypeError):
        range(mail().subject)


def test_a_key_that_looks_like_a_number() -> None:
    """A key of the current value wins over the row of that number."""
    query = Query.from_rows(("cids",), [{"cids": Struct({"2024": "c1"})}])
    assert "c1" == query.cids["2024"]
    assert {"2024": "c1"} == query.cids["1"] == query.cids[1]
    with pytest.raises(ColumnIndexFault):
        query.cids["2025"]


def test_column_of_no_rows_is_empty_text() -> None:
    """Without rows a column is empty text, and false."""
    assert "" == str(EMPTY.subject)
    assert not EMPTY.subject
    assert [] == list(EMPTY.subject)


def test_column_is_a_sequence_of_its_rows() -> None:
    """Length, iteration and membership of a column are over the rows."""
    query = mail()
    assert 3 == len(query.subject)
    assert [4, 5, 6] == list(query.messagenumber)
    assert "bob" in query["from"]
    assert query.subject[1] == query.subject.current


def test_member_that_is_missing() -> None:
    """Text that is no row number asks the first row's value, and is a KeyError where that has no such member."""
    with pytest.raises(KeyError):
        mail().cids["nope.png"]
    with pytest.raises(KeyError):
        mail().subject["nope"]


@pytest.mark.parametrize("name", ["nope", "_rows", "__html__", "__aiter__", "jinja_pass_arg", "_keys_"])
def test_unknown_names(name: str) -> None:
    """Names that are no column are refused by attribute and by item, on query and row; no probe is answered by a value."""
    query = mail()
    for thing in (query, query.rows[0], query.subject):
        assert not hasattr(thing, name)
    for holder in (query, query.rows[0]):
        with pytest.raises(KeyError):
            holder[name]


def test_query_takes_no_numbers() -> None:
    """A query has no rows by number: the error says what to write, and Jinja does not swallow it."""
    with pytest.raises(ColumnIndexFault, match=r"write mail.subject\[1\]"):
        mail()[0]  # type: ignore[index]


def test_rows() -> None:
    """A row gives plain values by item and attribute in any case, with one underscore dropped, and its own place."""
    first, second, third = mail()
    assert "ann" == first["from"] == first["FROM"] == first.from_ == getattr(first, "from") == first.FROM
    assert "" == third["cids"]
    assert [1, 2, 3] == [row.currentrow for row in (first, second, third)]
    assert 3 == second.recordcount == second["RecordCount"]
    assert "MESSAGENUMBER,FROM,SUBJECT,CIDS" == second.ColumnList
    assert () == second.defects
    with pytest.raises(ColumnIndexFault, match=r'as in row\["subject"\], not by a value of type int'):
        first[0]  # type: ignore[index]
    with pytest.raises(TypeError):
        iter(first)  # type: ignore[call-overload]


def test_cells_are_asked_once_and_when_read() -> None:
    """A cell is decoded when it is first read, and never again."""
    cells = Counting()
    query = Query(ALL_COLUMNS, [cells])
    row = query.rows[0]
    assert [] == cells.asked
    assert "TEXTBODY" == row.textBody == row.textbody == row["TextBody"] == str(query.textBody) == query.textbody[1]
    assert ["textbody"] == cells.asked
    assert ("cut",) == row.defects


def test_iteration_moves_no_cursor() -> None:
    """Nested loops over the same query do not disturb each other."""
    query = mail()
    assert 9 == sum(1 for _ in query for _ in query)
    assert "one <1>" == str(query.subject)


def test_short_texts() -> None:
    """Printing shows no mail content, and the result of delete and markRead prints as nothing."""
    query = mail()
    assert ("Query(3 rows)", "Query(3 rows)") == (str(query), repr(query))
    assert "<Row 2 of 3>" == repr(query.rows[1])
    assert "<Column subject of 3 rows>" == repr(query.subject)
    quiet = Query(("uid",), [{"uid": "u"}], quiet=True)
    assert ("", "Query(1 row)") == (str(quiet), repr(quiet))


@pytest.mark.parametrize("duplicate", [lambda query: pickle.loads(pickle.dumps(query)), copy.deepcopy, copy.copy])  # noqa: S301
def test_copies_hold_every_cell(duplicate: Callable[[Any], Any]) -> None:
    """Pickling and copying read every cell, and the copy has no tie to the mail."""
    query = Query(("subject", "uid"), [Counting()], quiet=True)
    twin = duplicate(query)
    assert query.to_dicts() == twin.to_dicts()
    assert (("cut",), True) == (twin.rows[0].defects, twin.quiet)
    row = duplicate(mail().rows[1])
    assert ("two", 2, 3) == (row.subject, row.currentrow, row.recordcount)
    assert "two" == str(duplicate(mail().subject)[2])


class Text(str):
    """Text with more to it, as the cells of real rows are."""

    __slots__ = ()


def test_to_dicts_is_plain() -> None:
    """to_dicts holds exact built-in types, keyed as the columns are defined, fit for JSON."""
    query = Query.from_rows(
        ("messageid", "textBody", "size", "cids"), [{"messageid": Text("m"), "SIZE": 3, "cids": {Text("a"): Text("b")}}]
    )
    expected = {"messageid": "m", "textBody": "", "size": 3, "cids": {"a": "b"}}
    (actual,) = query.to_dicts()
    assert expected == actual
    assert [str, str, int, dict] == [type(value) for value in actual.values()]
    assert [expected] == json.loads(json.dumps(query.to_dicts()))


@pytest.mark.parametrize(
    "columns", [("a", "A"), ("recordcount",), ("__class__",), ("_a",), ("a b",), ("defects",), ("rows",), ("",)]
)
def test_column_names_that_are_refused(columns: tuple[str, ...]) -> None:
    """A column must have a name of its own that is no name of the query's."""
    with pytest.raises(ValueError, match="cannot name a column"):
        Query(columns, ())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% for row in mail %}{{ row.from }};{% endfor %}", "ann;bob;ann;"),
        (
            "{% for mail in mail %}{{ mail.currentrow }}/{{ mail.recordcount }}:{{ mail.subject }};{% endfor %}",
            "1/3:one <1>;2/3:two;3/3:three;",
        ),
        ("{{ mail|map(attribute='from')|join(',') }}", "ann,bob,ann"),
        ("{{ mail|selectattr('from', 'eq', 'bob')|map(attribute='Subject')|first }}", "two"),
        ("{% for who, rows in mail|groupby('from') %}{{ who }}{{ rows|length }} {% endfor %}", "ann2 bob1 "),
        ("{{ (mail|sort(attribute='subject'))|map(attribute='messagenumber')|list }}", "[4, 6, 5]"),
        ("{% for some in mail|batch(2) %}{{ some|length }}{% endfor %}", "21"),
        ("{{ mail|length }}{{ (mail|first).from }}{{ (mail|last).subject }}", "3annthree"),
        ("{{ mail.from|join('+') }}{{ mail.subject|upper }}{{ mail.messagenumber ~ '!' }}", "ann+bob+annONE <1>4!"),
        ("{{ mail['from'][2] }}{{ mail.FROM[2] }}{{ mail['subject'][mail.recordcount] }}", "bobbobthree"),
        ("{{ mail.nope is defined }}{{ mail.nope|default('-') }}{{ mail['nope'] }}", "False-"),
        ("{{ mail.cids['Logo.png'] }}{{ mail.cids['nope'] is defined }}", "c1False"),
        ("{{ mail.to_dicts()|tojson|length > 20 }}{{ 'yes' if mail else 'no' }}", "Trueyes"),
        ("{{ mail.rows[0].subject }}", "one <1>"),
    ],
)
@pytest.mark.parametrize("environment", [Environment, SandboxedEnvironment])
def test_in_templates(environment: type[Environment], source: str, expected: str) -> None:
    """Loops, filters, indexes and missing names do in a template what a reader of the page expects, in a sandbox too."""
    assert expected == environment().from_string(source).render(mail=mail())


@pytest.mark.parametrize(
    "source",
    ["{{ mail.subject[0] }}", "{{ mail['subject'][9] }}", "{{ mail.subject[nope] }}", "{{ mail[1] }}", "{{ mail.rows[0][1] }}"],
)
def test_bad_indexes_are_loud_in_templates(source: str) -> None:
    """A bad row number does not print as nothing."""
    with pytest.raises(ColumnIndexFault):
        Environment(autoescape=True).from_string(source).render(mail=mail())


@pytest.mark.parametrize("name", ["_keys", "_query", "_cells", "__class__", "__init__"])
def test_sandbox_reaches_nothing_private(name: str) -> None:
    """No item of a query, column or row leads to what is inside it."""
    environment = SandboxedEnvironment(autoescape=True)
    for thing in ("mail", "mail.subject", "mail.rows[0]"):
        assert "" == environment.from_string(f"{{{{ {thing}['{name}'] }}}}").render(mail=mail())


def test_escaping_knows_no_short_cut() -> None:
    """Under autoescape a column's text is escaped: nothing here calls itself safe markup."""
    assert "one &lt;1&gt;" == Environment(autoescape=True).from_string("{{ mail.subject }}").render(mail=mail())
    marked = Query.from_rows(("body",), [{"body": Markup("<b>")}])
    assert isinstance(marked.body, Column)
    assert not hasattr(marked.body, "__html__")
