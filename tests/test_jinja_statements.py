"""cfparam, cfdump, cfinclude, cfsavecontent, cfsilent."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from jinja2 import TemplateNotFound, TemplateSyntaxError

from cfml_pop.cfml.query import Query
from cfml_pop.errors import FunctionFault, NetworkError
from cfml_pop.jinja.dump import dump
from cfml_pop.secret import Secret
from tests.tags_support import MAIL, page, tags_environment


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<% cfparam name='x' default='5' %>{{ x }}", "5"),
        ("<% cfset x = 1 %><% cfparam name='X' default='5' %>{{ x }}", "1"),
        ("<% cfparam name='given' default='5' %>{{ given }}", "context"),
        ("<% cfparam name='url.startrow' default='#1 + 1#' type='numeric' %>{{ url.startrow }}", "2"),
        ("<% cfparam name=url.page default=nope %>{{ url.page }}", "3"),
        ("<% cfparam name='s.a.b' default='1' %>{{ s.a.b }}", "1"),
        ("<% cfparam name='given' %>", ""),
        ("<% cfparam name='variables.v' default='1' %>{{ v }}", "1"),
        ("<% cfparam name='given#1#' default='1' %>{{ given1 }}", "1"),
        ("<% cfparam name='b' type='boolean' default='no' %><% cfparam name='d' type='date' default='#day#' %>{{ b }}", "no"),
        (
            "<% cfparam name='mail' type='query' %><% cfparam name='url' type=struct %><% cfparam name='given' type='STRING' %>",
            "",
        ),
        ("<% cfparam name='i' type='integer' default='4' %><% cfparam name='a' type='array' default='#[1]#' %>{{ a[1] }}", "1"),
        ("<% cfoutput query='mail' maxrows=1 %><% cfparam name='uid' default='x' %>{{ uid }}<% endcfoutput %>", "u1"),
        ("<% for y in [7] %><% cfparam name='y' default='x' %>{{ y }}<% endfor %>", "7"),
        ("<% cfsavecontent variable='s' %><b>{{ '<' }}</b><% endcfsavecontent %>{{ s }}{{ s }}", "<b>&lt;</b><b>&lt;</b>"),
        ("<% cfsavecontent variable=s.html %>a<% endcfsavecontent %>{{ s.html }}", "a"),
        ("<% cfsavecontent variable='s#1#' %>a<% endcfsavecontent %>{{ s1 }}", "a"),
        ("<% cfsilent %>a<% cfset x = 1 %><% endcfsilent %>{{ x }}", "1"),
        ("<% cfset n = 1 %><% cfinclude template='add.cfm' %>{{ n }}<% cfinclude template='#which#.cfm' %>{{ n }}", "(1)2(2)3"),
        ("<% cfoutput query=mail %><% cfinclude template='row.cfm' / %><% endcfoutput %>", "one!two!three!"),
    ],
)
def test_statements(source: str, expected: str) -> None:
    """Defaults are given where a name stands for nothing; what is saved or included shares the page's variables."""
    templates = {"add.cfm": "({{ n }})<% cfset n = n + 1 %>", "row.cfm": "{{ subject }}!"}
    context: dict[str, Any] = {"given": "context", "url": {"page": 3}, "day": dt.date(2024, 1, 2), "which": "add"}
    assert expected == page(source, templates, **context)


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("cfparam name='x'", "cfparam: x is required and was not given"),
        ("cfparam name='x y' default=1", "cfparam(): takes the name of a variable, with dots"),
        ("cfparam name='x' type='numeric' default='abc'", "cfparam: x must be of type numeric, not 'abc'"),
        ("cfparam name='mail' type='struct'", "cfparam: mail must be of type struct, not a query"),
        ("cfparam name='mail' type='string'", "cfparam: mail must be of type string, not a query"),
        ("cfparam name='x' type='text' default=1", "cfparam: type must be one of any, array, boolean, date"),
        ("cfparam name='x' default=nope", "x has no value: 'nope' is undefined"),
        ("cfparam name='session.x' default=1", "session.x: session is not there"),
        ("cfdump var=mail top=0", "cfdump: top must be between 1 and 10000, not 0"),
        ("cfdump var=mail top='x'", "cfdump: top must be a number, not 'x'"),
        ("cfdump var=mail label=mail", "cfdump: label must be a simple value"),
    ],
)
def test_faults_of_values(tag: str, text: str) -> None:
    """A missing parameter, a wrong type and a type that does not exist are errors with their line."""
    with pytest.raises(FunctionFault) as caught:
        page(f"\n<% {tag} %>")
    assert (text, 2) == (caught.value.message[: len(text)], caught.value.lineno)


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("cfparam default=1", "cfparam: name is missing"),
        ("cfdump", "cfdump: var is missing"),
        ("cfinclude", "cfinclude: template is missing"),
        (
            "cfinclude file='x'",
            "cfinclude has 2 faults:\n  line 2: file is not an attribute of cfinclude; there is template\n  line 2: ",
        ),
        ("cfsavecontent variable='a b'", "cfsavecontent: 'a b' is not the name of a variable"),
        ("cfsavecontent", "cfsavecontent: variable is missing"),
        ("cfsilent x", "cfsilent: x is not an attribute of cfsilent; it has none"),
    ],
)
def test_faults_of_the_text(tag: str, text: str) -> None:
    """What is missing or unknown is told when the template is compiled."""
    with pytest.raises(TemplateSyntaxError) as caught:
        tags_environment().from_string(f"\n<% {tag} %><% end{tag.split()[0]} %>")
    assert (text, 2) == ((caught.value.message or "")[: len(text)], caught.value.lineno)


def test_no_such_template() -> None:
    """A template that is not there is Jinja's own error."""
    with pytest.raises(TemplateNotFound):
        page("<% cfinclude template='nope' %>", {})


def bare(text: str) -> str:
    """A dump without its elements."""
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def test_dump() -> None:
    """A dump shows queries, structs and arrays in one another, every text escaped, and its label."""
    found = page("<% cfdump var='#s#' label='<s>' %>", s={"a": [1, "<b>", None, True, ""], "q": MAIL})
    assert found.startswith('<div class="cfdump"><strong>&lt;s&gt;</strong> <table border="1"><caption>struct</caption>')
    assert (
        "&lt;s&gt; struct a array 1 1 2 &lt;b&gt; 3 null 4 true 5 [empty string] q query, 3 rows subject from uid date "
        "one ann u1 [empty string] two Ann u2 [empty string] three bob u3 [empty string]" == bare(found)
    )
    assert "undefined" == bare(page("<% cfdump var=nope %>"))
    assert "row subject one" == bare(page("<% cfdump var=row %>", row=MAIL.rows[0]))[:15]
    assert "one" == bare(page("<% cfdump var=mail.subject %>"))
    assert "query, 3 rows subject from" == bare(page("<% cfoutput query=mail %><% cfdump var=mail %><% endcfoutput %>"))[:26]


def test_a_dump_has_an_end() -> None:
    """Structs that hold themselves, long texts, many items and deep nests are cut, and it says how much there is."""
    loop: dict[str, Any] = {"x": 1}
    loop["self"] = loop
    assert "struct x 1 self ..." == bare(dump(loop))
    assert "a" * 4000 + " ... (5000 characters)" == bare(dump("a" * 5000))
    assert "array 1 0 2 1 ... 500 in all" == bare(dump(list(range(500)), top=2))
    assert "query, 3 rows subject one ... 3 in all" == bare(dump(Query.from_rows(["subject"], list(MAIL.to_dicts())), top=1))
    deep: list[Any] = []
    for _ in range(50):
        deep = [deep]
    assert "array 1 " * 8 + "..." == bare(dump(deep))
    wide = [[0] * 100 for _ in range(10_000)]
    assert 300_000 > len(bare(dump(wide, top=10_000)))


def test_a_dump_keeps_secrets() -> None:
    """Passwords and objects of the host show neither text nor attributes."""

    class Thing:
        secret = "tiger"

        def __repr__(self) -> str:
            return self.secret

    value = {"Password": "tiger", "dbpassword": ["tiger"], "s": Secret("tiger"), "thing": Thing(), "error": NetworkError("gone")}
    assert "struct Password *** dbpassword *** s *** thing Thing error NetworkError: gone" == bare(dump(value))
