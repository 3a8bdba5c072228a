"""A query that a page keeps: through a session's pickle or copy, and then in Jinja's loops and filters."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from jinja2 import Environment
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment

from cfml_pop.cfml.cells import Address, AddressText, Attachment, AttachmentText, HeaderText, MailDate, Struct
from cfml_pop.cfml.new_query import to_new_query
from cfml_pop.cfml.query import PlainCells, Query
from cfml_pop.jinja.environment import cfml_environment

COLUMNS = ("messagenumber", "date", "from", "subject", "size", "header", "attachments", "cids", "body")
FEBRUARY, MARCH, APRIL = (datetime(2026, month, 2, 10, tzinfo=timezone.utc) for month in (2, 3, 4))


class Lazy(PlainCells):
    """Cells of a call: what is behind them cannot be pickled, as a spool file cannot."""

    def __init__(self, values: dict[str, object], defects: tuple[str, ...] = ()) -> None:
        super().__init__(values, defects)
        self.spool = lambda: None

    def cell(self, column: str) -> object:
        assert self.spool is not None
        return super().cell(column)


def message(number: int, moment: datetime, sender: str, subject: str, size: int) -> Lazy:
    return Lazy(
        {
            "messagenumber": number,
            "date": MailDate(f"{moment:%d %b %Y}", lambda: moment),
            "from": AddressText(
                f"{sender.title()} <{sender}@example.com>", lambda: (Address(sender.title(), f"{sender}@example.com"),)
            ),
            "subject": subject,
            "size": size,
            "header": HeaderText(f"Subject: {subject}\n", lambda: (("Subject", subject),)),
            "attachments": AttachmentText("a.txt\tb.txt", lambda: (Attachment("a.txt", "text/plain", "", 1, ""),)),
            "cids": Struct({"Logo.png": f"c{number}"}),
            "body": "<b>&</b>",
        },
        ("cut",) if number == 2 else (),
    )


def mail() -> Query:
    return Query(
        COLUMNS,
        [message(1, MARCH, "bob", "zebra", 30), message(2, APRIL, "ann", "Apple", 7), message(3, FEBRUARY, "bob", "mango", 100)],
    )


def pickled(protocol: int) -> Callable[[Any], Any]:
    return lambda value: pickle.loads(pickle.dumps(value, protocol))  # noqa: S301 - our own data


WAYS = [pytest.param(pickled(protocol), id=f"pickle{protocol}") for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
WAYS += [pytest.param(copy.deepcopy, id="deepcopy"), pytest.param(copy.copy, id="copy")]
KEPT: list[Any] = [pytest.param(lambda query: query, id="as it was"), *WAYS, pytest.param(to_new_query, id="copied by the page")]


@pytest.mark.parametrize("keep", WAYS)
def test_a_query_is_kept(keep: Callable[[Any], Any]) -> None:
    """Every protocol of pickle, and every copy, keeps text, structure, order, counts and defects of a query."""
    query, twin = mail(), keep(mail())
    assert query.to_dicts() == twin.to_dicts()
    assert (query.columns, 3, 1, "MESSAGENUMBER,DATE") == (twin.columns, twin.recordcount, twin.currentrow, twin.columnlist[:18])
    assert [(), ("cut",), ()] == [row.defects for row in twin]
    assert [1, 2, 3] == [row.currentrow for row in twin]
    assert [MARCH, APRIL, FEBRUARY] == [row.date.datetime for row in twin]
    assert query.rows[1].from_.addresses == twin.rows[1].from_.addresses
    assert ("zebra", "a.txt") == (twin.rows[0].header.get("SUBJECT"), twin.rows[0].attachments.entries[0].name)
    assert "c3" == twin.rows[2].cids["LOGO.PNG"]


@pytest.mark.parametrize("keep", WAYS)
def test_parts_of_a_query_are_kept(keep: Callable[[Any], Any]) -> None:
    """A row and a column are kept alone: a row with its place, a column with its rows."""
    row = keep(mail().rows[1])
    assert ("Apple", 2, 3, APRIL, ("cut",)) == (row.subject, row.currentrow, row.recordcount, row.date.datetime, row.defects)
    column = keep(mail().subject)
    assert (["zebra", "Apple", "mango"], "mango", "zebra") == (list(column), column[3], str(column))


@pytest.mark.parametrize("keep", WAYS)
@pytest.mark.parametrize("name", ["date", "from", "header", "attachments", "cids", "subject", "size"])
def test_cells_are_kept(name: str, keep: Callable[[Any], Any]) -> None:
    """A cell taken out of a row is kept with its type."""
    cell = mail().rows[0][name]
    assert (cell, type(cell)) == (keep(cell), type(keep(cell)))


def test_a_deep_copy_shares_nothing() -> None:
    """What is changed inside a copy stays out of the query it was made of."""
    query = mail()
    twin = copy.deepcopy(query)
    twin.rows[0].cids["logo.png"] = "other"
    assert "c1" == query.cids["Logo.png"]


def test_a_quiet_query_stays_quiet() -> None:
    """The result of delete prints as nothing when it comes out of a session, too."""
    for keep in (pickled(2), copy.deepcopy):
        assert "" == str(keep(Query(("uid",), [{"uid": "u"}], quiet=True)))


TEMPLATES = [
    (
        "{% for who, rows in session.mail|groupby('from') %}{{ who.addresses[0].name }}:{{ rows|length }} {% endfor %}",
        "Ann:1 Bob:2 ",
    ),
    ("{% for g in session.mail|groupby('FROM')|sort(attribute='list.0.size') %}{{ g.list|sum('size') }},{% endfor %}", "7,130,"),
    ("{{ session.mail|sort(attribute='subject')|map(attribute='messagenumber')|join }}", "231"),
    ("{{ session.mail|sort(attribute='Subject', case_sensitive=true)|map(attribute='messagenumber')|join }}", "231"),
    ("{{ session.mail|sort(attribute='date.timestamp')|map(attribute='messagenumber')|join }}", "312"),
    ("{{ session.mail|sort(attribute='from,size', reverse=true)|map(attribute='messagenumber')|join }}", "312"),
    ("{{ session.mail|selectattr('size', 'gt', 7)|map(attribute='subject')|join(' ') }}", "zebra mango"),
    ("{{ session.mail|rejectattr('defects')|map(attribute='Subject')|map('upper')|join(' ') }}", "ZEBRA MANGO"),
    ("{{ session.mail|sum(attribute='size') }} {{ session.mail|map(attribute='size')|list|max }}", "137 100"),
    ("{{ session.mail|unique(attribute='from')|list|length }} {{ (session.mail|min(attribute='size')).subject }}", "2 Apple"),
    (
        "{% for row in session.mail|reverse %}{{ row.currentrow }}{{ loop.index }}{{ loop.last }} {% endfor %}",
        "31False 22False 13True ",
    ),
    (
        "{{ session['mail'].subject[2] }}{{ session.mail.SUBJECT[3] }}{{ session.mail['from'][1] }}",
        "ApplemangoBob &lt;bob@example.com&gt;",
    ),
    ("{{ session.mail.body }}{{ session.mail.cids['Logo.png'] }}{{ session.mail|length }}", "&lt;b&gt;&amp;&lt;/b&gt;c13"),
    ("{% for row in session.mail if row.subject == 'mango' %}{{ row.header.get('subject') }}{% endfor %}", "mango"),
    ("{{ session.mail.to_dicts()|map(attribute='subject')|list|tojson }}", '["zebra", "Apple", "mango"]'),
    ("{{ session.mail|map(attribute='attachments.entries')|map('first')|map(attribute='name')|join }}", "a.txta.txta.txt"),
    ("{% for two in session.mail|batch(2) %}{{ two|map(attribute='size')|sum }}/{% endfor %}", "37/100/"),
    ("{{ 'Apple' in session.mail.subject }}{{ 'none' in session.mail.subject }}", "TrueFalse"),
    ("{{ session.mail.rows[1].subject }}{{ session.mail.rows|length }}", "Apple3"),
]


ENVIRONMENTS = [
    pytest.param(make(autoescape=True), id=make.__name__)
    for make in (Environment, SandboxedEnvironment, ImmutableSandboxedEnvironment)
]
ENVIRONMENTS += [pytest.param(cfml_environment(block_start_string="{%", block_end_string="%}"), id="cfml_environment")]


@pytest.mark.parametrize(("source", "expected"), TEMPLATES)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("keep", [KEPT[0], KEPT[3], KEPT[-1]])
def test_loops_and_filters(source: str, expected: str, environment: Environment, keep: Callable[[Any], Any]) -> None:
    """Filters and loops read a query out of a session as a sequence of rows, in every environment, however it was kept."""
    assert expected == environment.from_string(source).render(session={"mail": keep(mail())})


@pytest.mark.parametrize(("source", "expected"), TEMPLATES)
def test_loops_and_filters_awaited(source: str, expected: str) -> None:
    """The same in an asynchronous environment."""
    template = SandboxedEnvironment(autoescape=True, enable_async=True).from_string(source)
    assert expected == asyncio.run(template.render_async(session={"mail": mail()}))


def test_rows_for_hosts() -> None:
    """A host makes a query of its own rows, keys in any case; what is missing is empty, what is no column is not kept."""
    query = Query.from_rows(("Uid", "Subject"), ({"UID": number, "other": 1} for number in (1, 2)))
    assert [{"Uid": 1, "Subject": ""}, {"Uid": 2, "Subject": ""}] == query.to_dicts()
    assert ("Uid", "Subject") == query.columns
    assert not hasattr(query, "other")
    assert [2, 1] == [int(row.uid) for row in reversed(query)]
    assert (True, False) == (bool(query), bool(Query.from_rows(("a",), ())))
