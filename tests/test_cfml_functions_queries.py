"""Functions of queries, read and changed: one line a case; the query of cfpop stays fixed, one of the page can be filled."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2.sandbox import SandboxedEnvironment

from cfml_pop.cfml import new_query
from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import MailDate, Struct
from cfml_pop.cfml.functions import queries, query_changes
from cfml_pop.cfml.new_query import NewQuery
from cfml_pop.cfml.query import PlainCells, Query
from tests.functions_support import call, evaluate, fault_of, without_case

MAIL = Query.from_rows(
    ("messagenumber", "From", "uid"),
    [
        {"messagenumber": 4, "from": "O'Hara", "uid": "u1"},
        {"messagenumber": 5, "from": None, "uid": "u2"},
        {"messagenumber": 6, "from": "ann", "uid": "U3"},
    ],
)
NOTHING = Query(("uid",), ())

CASES: list[tuple[str, Any]] = [
    ("valueList(mail.uid)", "u1,u2,U3"),
    ("valueList(mail['UID'], '; ')", "u1; u2; U3"),
    ("valueList(mail.from)", "O'Hara,,ann"),
    ("valueList(mail.messagenumber)", "4,5,6"),
    ("valueList(none_.uid)", ""),
    ("listFindNoCase(valueList(mail.uid), 'u3')", 3),
    ("quotedValueList(mail.uid)", "'u1','u2','U3'"),
    ("quotedValueList(mail.from, '|')", "'O'Hara'|''|'ann'"),
    ("quotedValueList(none_.uid)", ""),
    ("valueArray(mail.from)", ["O'Hara", "", "ann"]),
    ("isQuery(mail)", True),
    ("isQuery(queryNew('a'))", True),
    ("isQuery(mail.uid)", False),
    ("isQuery(mail.rows[0])", False),
    ("isQuery({})", False),
    ("queryRecordCount(mail)", 3),
    ("queryIsEmpty(mail)", False),
    ("queryIsEmpty(none_)", True),
    ("queryCurrentRow(mail)", 1),
    ("queryCurrentRow(none_)", 0),
    ("queryCurrentRow(mail.rows[2])", 3),
    ("queryColumnList(mail)", "messagenumber,From,uid"),
    ("queryColumnList(mail, '|')", "messagenumber|From|uid"),
    ("queryColumnArray(mail)", ["messagenumber", "From", "uid"]),
    ("queryColumnCount(mail)", 3),
    ("queryColumnExists(mail, 'FROM')", True),
    ("queryColumnExists(mail, 'body')", False),
    ("queryKeyExists(mail, 'Uid')", True),
    ("queryColumnData(mail, 'FROM')", ["O'Hara", "", "ann"]),
    ("queryColumnData(mail, 'from')[1]", "O'Hara"),
    ("queryGetCell(mail, 'uid', 1)", "u1"),
    ("queryGetCell(mail, 'uid')", "U3"),
    ("queryGetCell(mail, 'from', 2)", ""),
    ("queryGetCell(none_, 'uid')", ""),
    ("queryRowData(mail, 2)", {"messagenumber": 5, "From": "", "uid": "u2"}),
    ("queryRowData(mail, 3).FROM", "ann"),
    ("queryGetRow(mail, 1)['UID']", "u1"),
    ("valueList(querySlice(mail, 2).uid)", "u2,U3"),
    ("valueList(querySlice(mail, -2, 1).uid)", "u2"),
    ("valueList(queryReverse(mail).uid)", "U3,u2,u1"),
    ("queryConvertForGrid(mail, 2, 2).TotalRowCount", 3),
    ("valueList(queryConvertForGrid(mail, 2, 2).query.uid)", "U3"),
    ("valueList(queryConvertForGrid(mail, 1, 1).query.uid)", "u1"),
    ("queryConvertForGrid(mail, 9, 2).query.recordcount", 0),
    ("queryNew('id,title').columnlist", "ID,TITLE"),
    ("queryNew(['id', 'title']).columns", ("id", "title")),
    ("queryNew(' id , title ', 'integer,CF_SQL_VARCHAR').columns", ("id", "title")),
    ("queryNew('').columnlist", ""),
    ("queryNew(mail.columnlist).columnlist", "MESSAGENUMBER,FROM,UID"),
    ("queryNew('id').id", ""),
    (
        "queryNew('id,title', '', [{'ID': 1, 'title': 'a'}, {'id': 2}]).to_dicts()",
        [{"id": 1, "title": "a"}, {"id": 2, "title": ""}],
    ),
    ("queryNew('id,title', 'integer,varchar', [[1, 'a'], [2]]).to_dicts()", [{"id": 1, "title": "a"}, {"id": 2, "title": ""}]),
    ("queryNew('id,title', '', [1, 'a']).to_dicts()", [{"id": 1, "title": "a"}]),
    ("queryNew('id,title', '', {'id': 1, 'TITLE': 'a', 'other': 0}).to_dicts()", [{"id": 1, "title": "a"}]),
    ("queryNew('id,title', '', {'id': [1, 2], 'title': ['a']}).to_dicts()", [{"id": 1, "title": "a"}, {"id": 2, "title": ""}]),
    (
        "queryNew('a,b', '', {'a': listToArray('1,2'), 'B': listToArray('3')}).to_dicts()",
        [{"a": "1", "b": "3"}, {"a": "2", "b": ""}],
    ),
    ("queryNew('a,b', '', listToArray('1,2')).to_dicts()", [{"a": "1", "b": "2"}]),
    ("queryNew('UID', '', mail.rows[2]).to_dicts()", [{"UID": "U3"}]),
    ("queryNew('uid', '', [mail.rows[0], {'uid': 'x'}]).uid[2]", "x"),
    ("queryNew('s', '', {'s': {'x': 1}}).to_dicts()", [{"s": {"x": 1}}]),
    ("queryAddRow(queryNew('a'))", 1),
    ("queryAddRow(queryNew('a', '', [[1], [2]]), 3)", 5),
    ("queryAddRow(queryNew('a', '', [[1]]), {'A': 2})", 2),
    ("queryAddRow(queryNew('a'), [{'a': 1}, {'a': 2}])", 2),
    ("querySetCell(queryNew('a', '', [[1]]), 'A', 2)", True),
    ("querySetRow(queryNew('a', '', [[1]]), 1, {'a': 2})", True),
    ("queryAddColumn(queryNew('a'), 'b')", 2),
    ("queryAddColumn(queryNew('a'), 'b', 'VarChar')", 2),
    ("queryDeleteColumn(queryNew('a,b', '', [[1, 2], [3]]), 'B')", [2, ""]),
    ("queryRenameColumn(queryNew('a'), 'A', 'c').columnlist", "C"),
    ("queryDeleteRow(queryNew('a', '', [[1]]))", True),
    ("queryClear(queryNew('a', '', [[1]])).recordcount", 0),
    ("valueList(queryRowSwap(queryNew('a', '', [[1], [2]]), 1, 2).a)", "2,1"),
    ("valueList(queryAppend(queryNew('a', '', [[1]]), queryNew('A', '', [[2]])).a)", "1,2"),
    ("valueList(queryPrepend(queryNew('a', '', [[1]]), queryNew('A', '', [[2]])).a)", "2,1"),
    ("valueList(queryInsertAt(queryNew('a', '', [[1], [2]]), queryNew('A', '', [[9]]), 2).a)", "1,9,2"),
    ("valueList(queryInsertAt(queryNew('a', '', [[1]]), {'a': 9}, 2).a)", "1,9"),
    ("querySort(queryNew('a', '', [[2], [1]]), 'a')", True),
]


@pytest.mark.parametrize(("source", "expected"), CASES)
def test_case(source: str, expected: object) -> None:
    """A function gives what the engines give."""
    assert expected == evaluate(source, mail=MAIL, none_=NOTHING)


@pytest.mark.parametrize("family", [queries.FAMILY, query_changes.FAMILY], ids=lambda family: family.title)
def test_every_function_has_a_case(family: Any) -> None:
    """Every function of the family is called above, and its docstring names its source."""
    assert [] == without_case(family, (source for source, _ in CASES))


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("queryAddRow(q)", [("b", 2), ("a", 10), ("", "")]),
        ("queryAddRow(q, ['c', 3])", [("b", 2), ("a", 10), ("c", 3)]),
        ("querySetCell(q, 'NAME', 'x')", [("b", 2), ("x", 10)]),
        ("querySetCell(q, 'n', mail.uid, 1)", [("b", "u1"), ("a", 10)]),
        ("querySetRow(q, 1, ['x', 0])", [("x", 0), ("a", 10)]),
        ("querySetRow(q, 1, {'n': 0})", [("b", 0), ("a", 10)]),
        ("querySetRow(q, 0, {'n': 0})", [("b", 2), ("a", 10), ("", 0)]),
        ("querySetRow(q, 2, other.rows[0])", [("b", 2), ("a", "row")]),
        ("queryAddRow(q, other.rows[0])", [("b", 2), ("a", 10), ("", "row")]),
        ("queryDeleteRow(q)", [("b", 2)]),
        ("queryDeleteRow(q, 1)", [("a", 10)]),
        ("queryAddColumn(q, 'More', ['x'])", [("b", 2, "x"), ("a", 10, "")]),
        ("queryAddColumn(q, 'more', 'varchar', [1, 2, 3])", [("b", 2, 1), ("a", 10, 2), ("", "", 3)]),
        ("queryDeleteColumn(q, 'name')", [(2,), (10,)]),
        ("queryRenameColumn(q, 'NAME', 'Who')", [("b", 2), ("a", 10)]),
        ("querySort(q, 'name')", [("a", 10), ("b", 2)]),
        ("querySort(q, 'n', 'desc')", [("a", 10), ("b", 2)]),
        ("queryAppend(q, q)", [("b", 2), ("a", 10), ("b", 2), ("a", 10)]),
        ("queryReverse(q)", [("b", 2), ("a", 10)]),
    ],
)
def test_what_becomes_of_the_query(call: str, expected: list[tuple[object, ...]]) -> None:
    """A function changes the page's query in place, also one whose rows were read before."""
    for read_before in (False, True):
        query = NewQuery(("Name", "n"), [{"name": "b", "N": 2}, {"name": "a", "n": 10}])
        if read_before:
            assert "b" == query.name[1]
        evaluate(call, q=query, mail=MAIL, other=Query.from_rows(("N",), [{"n": "row"}]))
        assert expected == [tuple(row[name] for name in query.columns) for row in query]
        assert (len(expected), len(expected)) == (query.recordcount, len(query))
        assert list(range(1, len(expected) + 1)) == [row.currentrow for row in query]
        assert {len(expected)} == {row.recordcount for row in query}


def test_sort_by_several_columns() -> None:
    """Columns are sorted by in turn, each in its order; numbers in numeric order and before text."""
    query = NewQuery(("a", "n"), [{"a": "x", "n": 10}, {"a": "x", "n": "9"}, {"a": "b", "n": "none"}, {"a": "b", "n": 1}])
    call("querySort", query, "a,n", "desc,asc")
    assert [("x", "9"), ("x", 10), ("b", 1), ("b", "none")] == [(row.a, row.n) for row in query]


FIXED = "query must be a query made by queryNew: the result of cfpop is fixed, but duplicate(...) of it is not"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("valueList('mail.uid')", "valueList(): column must be a column of a query, as in mail.uid, not 'mail.uid'"),
        ("valueList(mail)", "valueList(): column must be a column of a query, as in mail.uid, not a query"),
        ("valueList(odd.uid)", "valueList(): element 2 must be a simple value (text, number, boolean, date), not a struct"),
        ("queryColumnList('mail')", "queryColumnList(): query must be a query, not 'mail'"),
        ("queryCurrentRow({})", "queryCurrentRow(): query must be a query or a row of one, not a struct"),
        (
            "queryColumnData(mail, 'body')",
            "columnName must be a column of the query, and 'body' is none; there is messagenumber, From",
        ),
        ("queryGetCell(mail, 'uid', 4)", "queryGetCell(): rowNumber must be 1 to 3, not 4"),
        ("queryRowData(mail, 0)", "queryRowData(): rowNumber must be 1 to 3, not 0"),
        ("queryRowData(none_, 1)", "queryRowData(): rowNumber finds nothing: the query has no rows"),
        ("querySlice(mail, 4)", "querySlice(): offset must be 1 to 3 or -1 to -3, not 4"),
        ("queryConvertForGrid(mail, 0, 2)", "queryConvertForGrid(): page must be 1 or more, not 0"),
        ("queryNew('a,A')", "queryNew(): columnNames must be names of columns: 'a' cannot name a column"),
        ("queryNew('recordcount')", "columnNames must be names of columns: 'recordcount' cannot name a column"),
        ("queryNew('a,b', 'varchar')", "queryNew(): columnTypes must name a type for each of the 2 columns, not 1"),
        ("queryNew('a', 'text')", "queryNew(): columnTypes must be of bigint, binary,"),
        ("queryNew({})", "columnNames must be a simple value (text, number, boolean, date), not a struct"),
        ("queryNew('a', '', 'b')", "data must be a struct, an array of structs, or an array of arrays, not 'b'"),
        ("queryAddRow(mail)", f"queryAddRow(): {FIXED}"),
        ("queryAddRow(queryNew('a,b'), {'c': 1})", "numberOrData must have values for columns of the query (a, b), and has none"),
        ("queryAddRow(queryNew('a'), 0)", "queryAddRow(): numberOrData must be 1 to 100000 rows, not 0"),
        ("queryAddRow(queryNew('a', '', [1]), 100000)", "queryAddRow(): would make a query of more than 100000 rows"),
        ("querySetCell(mail, 'uid', 'x')", f"querySetCell(): {FIXED}"),
        ("querySetCell(queryNew('a'), 'a', 'x')", "querySetCell(): rowNumber finds nothing: the query has no rows"),
        ("querySetCell(queryNew('a', '', [1]), 'a', 'x', 2)", "querySetCell(): rowNumber must be 1 to 1, not 2"),
        (
            "querySetCell(queryNew('a', '', [1]), 'b', 'x')",
            "columnName must be a column of the query, and 'b' is none; there is a",
        ),
        ("querySetRow(queryNew('a'), 0, [[1], [2]])", "querySetRow(): rowData must be one row, not 2"),
        (
            "querySetRow(queryNew('a', '', [1]), 1, {'b': 2})",
            "querySetRow(): rowData must have values for columns of the query (a), and has none",
        ),
        ("queryAddColumn(queryNew('Ab'), 'aB')", "queryAddColumn(): columnName must be new, and 'aB' is there already"),
        ("queryAddColumn(queryNew('a'), 'b', 'text')", "queryAddColumn(): datatype must be one of bigint"),
        ("queryAddColumn(queryNew('a'), 'b c')", "queryAddColumn(): 'b c' cannot name a column"),
        (
            "queryRenameColumn(queryNew('a,b'), 'a', 'B')",
            "queryRenameColumn(): newColumnName must be a new name: 'B' cannot name",
        ),
        (
            "queryAppend(queryNew('a'), mail)",
            "query2 must have the same columns as the query, and they have a and messagenumber, From",
        ),
        ("queryInsertAt(queryNew('a'), [1], 2)", "queryInsertAt(): position must be 1 to 1, not 2"),
        ("querySort(queryNew('a'), 'b')", "querySort(): columnNames must be a column of the query, and 'b' is none; there is a"),
        ("querySort(queryNew('a,b'), 'a,b', 'asc')", "querySort(): directions must have one for each of the 2 columns, not 1"),
        ("querySort(queryNew('a'), 'a', 'down')", "querySort(): directions must be asc or desc, not 'down'"),
    ],
)
def test_what_is_refused(source: str, expected: str) -> None:
    """An error names the function, the argument, and what it takes; that the result of cfpop is fixed is said."""
    odd = Query.from_rows(("uid",), [{"uid": "a"}, {"uid": Struct()}])
    assert expected in fault_of(source, mail=MAIL, none_=NOTHING, odd=odd)


def test_defects_are_kept() -> None:
    """What was damaged in a message is still known of its row when the page copies, cuts, joins or sorts the query."""
    mail = Query(("uid",), [PlainCells({"uid": "b"}, ("cut",)), PlainCells({"uid": "a"})])
    own = call("duplicate", mail)
    call("querySort", own, "uid")
    for query in (
        own,
        call("queryReverse", mail),
        call("queryAppend", call("querySlice", mail, 2), call("querySlice", mail, 1, 1)),
    ):
        for twin in (query, pickle.loads(pickle.dumps(query)), copy.copy(query)):  # noqa: S301 - our own data
            assert [("a", ()), ("b", ("cut",))] == [(row.uid, row.defects) for row in twin]


def test_the_most_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A query takes rows up to the limit, by either way that adds them, and none beyond."""
    monkeypatch.setattr(new_query, "MOST_ROWS", 2)
    assert 2 == evaluate("queryAddRow(queryNew('a', '', [[1]]))")
    assert 2 == evaluate("queryAddColumn(queryNew('a'), 'b', [1, 2])")
    for source in ("queryAddRow(queryNew('a', '', [[1]]), 2)", "queryAddColumn(queryNew('a'), 'b', [1, 2, 3])"):
        assert "would make a query of more than 2 rows" in fault_of(source)


def test_a_new_query_prints_as_any() -> None:
    """A query of the page is printed as cfpop's, and not as the quiet result of delete."""
    assert "Query(1 row)" == str(NewQuery(("a",), [{}]))


def test_nothing_is_lost_by_an_error() -> None:
    """A change that is refused leaves the query as it was."""
    query = NewQuery(("a",), [{"a": 1}])
    for source in ("queryAddRow(q, 100000)", "queryAddColumn(q, 'a b', [2])", "queryRenameColumn(q, 'a', '1')"):
        fault_of(source, q=query)
    assert [{"a": 1}] == query.to_dicts()


def test_a_row_in_a_loop_shows_what_was_set() -> None:
    """A loop over a query sees the cells that are set inside it, as CFML's loops do."""
    environment = SandboxedEnvironment(autoescape=True)
    template = environment.from_string("{% for row in q %}{{ set(q, 'a', row.a * 2, row.currentrow) and row.a }},{% endfor %}")
    query = NewQuery(("a",), [{"a": 1}, {"a": 2}])
    set_cell = lambda *given: call("querySetCell", *given)  # noqa: E731 - a template cannot take a keyword-only page
    assert "2,4," == template.render(q=query, set=set_cell)
    assert "2,4" == call("valueList", query.a)


def test_rows_that_are_added_in_a_loop_are_not_looped_over() -> None:
    """A loop goes over the rows that were there when it began."""
    query = NewQuery(("a",), [{"a": 1}])
    for row in query:
        call("queryAddRow", query, {"a": row.a + 1})
    assert "1,2" == call("valueList", query.a)


def test_a_page_fills_its_query() -> None:
    """A page may copy mail into a query of its own: queryNew of columnList, queryAddRow, querySetCell by the names of columns."""
    source = (
        "{% set copy = queryNew(mail.columnlist) %}{% for row in mail if row.currentrow != 2 %}{% set n = queryAddRow(copy) %}"
        "{% for column in listToArray(copy.columnlist) %}{% set _ = querySetCell(copy, column, row[column]) %}{% endfor %}"
        "{% endfor %}{{ valueList(copy.uid) }} {{ copy.recordcount }} {{ copy['FROM'][2] }}"
    )
    names = ("queryNew", "queryAddRow", "querySetCell", "listToArray", "valueList")
    functions = {name: lambda *given, name=name: call(name, *given) for name in names}
    assert "u1,U3 2 ann" == SandboxedEnvironment(autoescape=True).from_string(source).render(mail=MAIL, **functions)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_new_query_in_a_session(protocol: int) -> None:
    """A query of the page is pickled with all it holds, and what comes back can be changed without the first."""
    query = NewQuery(("a", "B"), [{"a": Struct({"x": Array([1])})}, {}])
    query_twin = pickle.loads(pickle.dumps(query, protocol))  # noqa: S301 - our own data
    assert query.to_dicts() == query_twin.to_dicts()
    for twin in (query_twin, copy.copy(query), copy.deepcopy(query)):
        call("querySetCell", twin, "b", "new", 1)
        call("queryAddRow", twin)
        assert ("new", 3) == (twin.b[1], twin.recordcount)
    assert ("", 2) == (query.b[1], query.recordcount)


def test_dates_in_lists_are_as_sent() -> None:
    """The dates of cfpop stand in a list as the header has them, those of the page as CFML prints them."""
    moment = dt.datetime(2024, 1, 2, 3, 4, 5)
    query = Query.from_rows(("date",), [{"date": MailDate("Tue, 2 Jan 2024", moment)}, {"date": moment}])
    assert "Tue, 2 Jan 2024|{ts '2024-01-02 03:04:05'}" == call("valueList", query.date, "|")


ROWS = st.lists(st.fixed_dictionaries({"a": st.integers(0, 9), "b": st.text("xyz", max_size=2)}), max_size=6)


@given(ROWS)
def test_lists_and_arrays_of_a_column_agree(rows: list[dict[str, Any]]) -> None:
    """valueList is arrayToList of queryColumnData, for every query."""
    query = Query.from_rows(("a", "b"), rows)
    for name in ("a", "b"):
        assert call("valueList", getattr(query, name)) == call("arrayToList", call("queryColumnData", query, name))


@given(ROWS, st.data())
def test_a_new_query_is_a_list_of_rows(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    """Any run of changes does to the query what it does to a Python list of dicts."""
    query, model = NewQuery(("a", "b"), rows), [dict(row) for row in rows]
    for step in data.draw(st.lists(st.sampled_from(["add", "set", "delete", "swap", "read"]), max_size=8)):
        place = data.draw(st.integers(1, len(model))) if model else 0
        if step == "add":
            call("queryAddRow", query, {"A": 7})
            model.append({"a": 7, "b": ""})
        elif place and step == "set":
            call("querySetCell", query, "B", "new", place)
            model[place - 1]["b"] = "new"
        elif place and step == "delete":
            call("queryDeleteRow", query, place)
            del model[place - 1]
        elif place and step == "swap":
            call("queryRowSwap", query, 1, place)
            model[0], model[place - 1] = model[place - 1], model[0]
        else:
            assert len(model) == len(query.rows)
    assert model == query.to_dicts()
