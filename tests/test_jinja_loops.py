"""cfoutput, cfloop, cfbreak, cfcontinue."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import TemplateSyntaxError

from cfml_pop.cfml.query import Query
from cfml_pop.errors import FunctionFault
from cfml_pop.settings import Settings
from tests.tags_support import MAIL, page, tags_environment


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # cfoutput
        ("<% cfoutput %>{{ x }} #x#<% endcfoutput %>", "5 #x#"),
        ("<% cfoutput %><% set y = 1 %><% endcfoutput %>{{ y }}", "1"),
        ("<% cfoutput query='mail' startrow=2 %>{{ subject }} <% endcfoutput %>", "two three "),
        ("<% cfoutput query='mail' startrow=2 maxrows='1' %>{{ subject }} <% endcfoutput %>", "two "),
        ("<% cfoutput query='mail' startrow=9 %>x<% endcfoutput %>", ""),
        ("<% cfoutput query='mail' maxrows=0 %>x<% endcfoutput %>", ""),
        ("<% cfoutput query='mail' maxrows=-1 %>x<% endcfoutput %>", "xxx"),
        ("<% cfoutput query=mail maxrows='#x - 3#' %>{{ currentrow }}/{{ recordcount }} <% endcfoutput %>", "1/3 2/3 "),
        ("<% cfoutput query='#mail#' %>x<% endcfoutput %>", "xxx"),
        ("<% cfoutput query='m#suffix#' %>x<% endcfoutput %>", "xxx"),
        ("<% CFOUTPUT QUERY = 'Mail' , STARTROW = 3 / %>{{ subject }}<% /CFOUTPUT %>", "three"),
        (
            "<% cfoutput query='mail' group='from' %>{{ from }}:<% cfoutput %>{{ subject }},<% endcfoutput %>;<% endcfoutput %>",
            "ann:one,two,;bob:three,;",
        ),
        ("<% cfoutput query='mail' group=from groupCaseSensitive=true %>{{ from }};<% endcfoutput %>", "ann;Ann;bob;"),
        (
            "<%cfoutput query='mail' group='from'%><%cfoutput%>{{mail.currentrow}}<%endcfoutput%>{{currentrow}};<%endcfoutput%>",
            "121;33;",
        ),
        (
            "<%cfoutput query=mail group=from%><%cfoutput group=uid%>{{uid}}<%cfoutput%>.<%/cfoutput%><%/cfoutput%><%/cfoutput%>",
            "u1.u2.u3.",
        ),
        (
            "<% cfoutput query='mail' group='from' maxrows=2 %>{{ from }}<% cfoutput %>.<% endcfoutput %><% endcfoutput %>",
            "ann..",
        ),
        (
            "<%cfoutput query=mail group=from%><%cfloop query=mail%><%cfoutput%>{{uid}}<%/cfoutput%><%/cfloop%>;<%/cfoutput%>",
            "u1u2u3;u1u2u3;",
        ),
        # the rows of all loops around are in sight, the innermost first
        (
            "<%cfoutput query=other%><%cfoutput query=mail maxrows=1%>{{a}}{{uid}}{{other.uid}};<%/cfoutput%><%/cfoutput%>",
            "1u1x;2u1y;",
        ),
        # cfloop query
        ("<% cfloop query='mail' %>{{ subject }};<% endcfloop %>", "one;two;three;"),
        ("<% cfloop query='mail' startrow=2 endrow=2 %>{{ subject }}<% endcfloop %>", "two"),
        ("<% cfloop query='mail' endrow=99 %>x<% endcfloop %>", "xxx"),
        (
            "<% cfloop query='mail' group='from' %>{{ from }}<% cfloop %>{{ uid }}<% endcfloop %>;<% endcfloop %>",
            "annu1u2;bobu3;",
        ),
        ("<% cfloop query='empty' %>x<% endcfloop %>[{{ empty.a }}]", "[]"),
        (
            "<%cfloop query=mail%><%cfloop query=mail startrow=currentrow%>{{currentrow}}<%/cfloop%>{{currentrow}};<%/cfloop%>",
            "1231;232;33;",
        ),
        # other forms; the index stays, as in CFML
        ("<% cfloop from=1 to=3 index='i' %>{{ i }}<% endcfloop %>{{ I }}", "1233"),
        ("<% cfloop from='3' to='1' step='-1' index=i %>{{ i }}<% endcfloop %>", "321"),
        ("<% cfloop from=1 to=0 index=i %>x<% endcfloop %>{{ i }}", ""),
        ("<% cfloop from=0.5 to=1.5 step=.5 index=variables.i %>{{ i }} <% endcfloop %>", "0.5 1 1.5 "),
        (
            "<% cfloop from=1 to='#mail.recordcount#' index='i' %>{{ mail.subject[i] }}<% cfset i = 9 %><% endcfloop %>",
            "onetwothree",
        ),
        ("<% cfloop index='s.n' from=1 to=2 %>{{ s.n }}<% endcfloop %>", "12"),
        ("<% cfloop list='a,,b, c' index='x1' %>[{{ x1 }}]<% endcfloop %>", "[a][b][ c]"),
        ("<% cfloop list='a;b|c' delimiters=';|' index='i' item='v' %>{{ i }}{{ v }}<% endcfloop %>", "1a2b3c"),
        ("<% cfloop list='' index='i' %>x<% endcfloop %>", ""),
        ("<% cfloop list='a]b^c' delimiters=']^' index='i' %>{{ i }}.<% endcfloop %>", "a.b.c."),
        ("<% cfloop list='a,b' delimiters='' index='i' %>{{ i }}.<% endcfloop %>", "a,b."),
        ("<% cfloop array=names index='n' %>{{ n }}<% endcfloop %>", "pq"),
        ("<% cfloop array='#names#' item='n' %>{{ n }}<% endcfloop %>", "pq"),
        ("<% cfloop array='#names#' item='n' index='i' %>{{ i }}{{ n }}<% endcfloop %>", "1p2q"),
        ("<% cfloop collection=s item='k' %>{{ k }}={{ s[k] }}<% endcfloop %>", "a=1"),
        ("<% cfloop collection='#s#' index='k' item='v' %>{{ k }}={{ v }}<% endcfloop %>", "a=1"),
        ("<% cfset n = 0 %><% cfloop condition='n lt 3' %><% cfset n++ %>{{ n }}<% endcfloop %>", "123"),
        ('<% cfset n = 0 %><% cfloop condition="n lt 2 and ""a"" is ""A""" %><% cfset ++n %>{{ n }}<% endcfloop %>', "12"),
        ("<% cfloop condition=false %>x<% endcfloop %>", ""),
        ("<% cfloop times=3 %>x<% endcfloop %>", "xxx"),
        ("<% cfloop times='2' index='i' %>{{ i }}<% endcfloop %>", "12"),
        # leaving
        ("<% cfloop from=1 to=9 index=i %><% cfif i eq 3 %><% cfbreak %><% endcfif %>{{ i }}<% endcfloop %>", "12"),
        (
            "<%cfloop query=mail%><%cfif currentrow eq 2%><%cfcontinue%><%endcfif%>{{uid}}<%endcfloop%>{{mail.uid}}",
            "u1u3u1",
        ),
        (
            "<%cfloop from=1 to=2 index=i%><%cfloop from=1 to=9 index=j%><%cfbreak%><%endcfloop%>{{i}}{{j}};<%endcfloop%>",
            "11;21;",
        ),
        # the name is another query after the loop has begun
        ("<% cfloop query=mail %><% cfset mail = empty %>{{ uid }}{{ mail.recordcount }}<% endcfloop %>", "u10u20u30"),
        # loops in what collects output
        ("<% macro m() %><% cfoutput query='mail' %>{{ uid }}<% endcfoutput %><% endmacro %>{{ m()|upper }}", "U1U2U3"),
        ("<% set s %><% cfloop query='mail' %>{{ uid }}<% endcfloop %><% endset %>{{ s }}", "u1u2u3"),
    ],
)
def test_loops(source: str, expected: str) -> None:
    """Each form of the loops, with the names that its body sees."""
    context: dict[str, Any] = {"x": 5, "names": ["p", "q"], "s": {"a": 1}, "empty": Query.from_rows(("a",), []), "suffix": "ail"}
    context["other"] = Query.from_rows(("a", "uid"), [{"a": 1, "uid": "x"}, {"a": 2, "uid": "y"}])
    assert expected == page(source, **context)


@pytest.mark.parametrize(
    ("tag", "lines", "texts"),
    [
        ("cfloop", [2], ["cfloop: needs one of query, list, array, collection, from and to, times, condition"]),
        ("cfloop from=1 index=i", [2], ["cfloop: to is missing"]),
        ("cfloop list='a'", [2], ['cfloop: index is missing: the name of a variable, as in index="item"']),
        ("cfloop from=1 to=2", [2], ['cfloop: index is missing: the name of a variable, as in index="i"']),
        ("cfloop list='a' from=1", [2], ["cfloop: list and from are loops of two kinds"]),
        ("cfloop query=mail\n list='a' index=i", [2], ["cfloop: query and list are loops of two kinds"]),
        ("cfloop times=3 \n step=1", [3], ["cfloop: step has no meaning beside times"]),
        ("cfloop list='a'\nindex='a b'", [3], ['cfloop: index takes the name of a variable, as in index="i"']),
        ("cfloop list='a' index='#x#'", [2], ['cfloop: index takes the name of a variable, as in index="i"']),
        (
            "cfloop qeury=mail\n\nindex=i\nfrm=1",
            [2, 5],
            ["qeury is not an attribute of cfloop; did you mean query", "frm is not an"],
        ),
        ("cfloop list='a' list='b' index=i", [2], ["cfloop: list is given twice"]),
        ("cfloop condition='n lt'", [2], ["cfloop: expected a value, got the end"]),
        ("cfoutput maxrows=3", [2], ["cfoutput: maxrows needs query"]),
        ("cfoutput group='x'", [2], ["cfoutput: group needs query"]),
        ("cfoutput 'mail'", [2], ["cfoutput: expected an attribute, got \"'mail'\""]),
        ("cfoutput query=", [2], ["cfoutput: expected a value, got the end"]),
        ("cfbreak", [2], ["cfbreak stands in no cfloop and no cfoutput with query"]),
        ("cfcontinue", [2], ["cfcontinue stands in no cfloop and no cfoutput with query"]),
        ("cfbreak 1", [2], ["cfbreak: unexpected '1'"]),
    ],
)
def test_faults_of_the_text(tag: str, lines: list[int], texts: list[str]) -> None:
    """What is wrong with a tag is told when the template is compiled: all of it, each with its line."""
    with pytest.raises(TemplateSyntaxError) as caught:
        tags_environment().from_string(f"\n<% {tag} %>")
    message = caught.value.message or ""
    assert lines[0] == caught.value.lineno
    if len(texts) == 1:
        assert texts[0] == message[: len(texts[0])]
        return
    listed = message.splitlines()
    assert f"cfloop has {len(texts)} faults:" == listed[0]
    assert [f"  line {line}: {text}" for line, text in zip(lines, texts, strict=True)] == [
        one[: len(f"  line {line}: {text}")] for one, line, text in zip(listed[1:], lines, texts, strict=True)
    ]


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("cfoutput query='nope'", "cfoutput: query has no value: 'nope' is undefined"),
        ("cfoutput query='no#x#pe'", "cfoutput: query must be a query, or the name of one; there is none called 'no5pe'"),
        ("cfoutput query=names", "cfoutput: query must be a query, or the name of one, not an array"),
        ("cfoutput query=mail startrow=0", "cfoutput: startrow must be 1 or more, not 0"),
        ("cfoutput query=mail startrow='abc'", "cfoutput: startrow must be a number, not 'abc'"),
        ("cfoutput query=mail maxrows=nope", "cfoutput: maxrows has no value: 'nope' is undefined"),
        ("cfoutput query=mail group='nope'", "cfoutput: group must be a column of the query (SUBJECT,FROM,UID,DATE), not 'nope'"),
        ("cfoutput query=mail groupCaseSensitive='x'", "cfoutput: groupCaseSensitive must be yes or no, not 'x'"),
        ("cfloop from=1 to='abc' index=i", "cfloop: to must be a number, not 'abc'"),
        ("cfloop from=1 to=2 step=0 index=i", "cfloop: step must not be 0"),
        ("cfloop from=1 to=nope index=i", "cfloop: to has no value: 'nope' is undefined"),
        ("cfloop list=mail index=i", "cfloop: list must be a simple value (text, number, boolean, date), not a query"),
        ("cfloop array='names' index=i", "cfloop: array must be an array (array=names), not 'names'"),
        ("cfloop collection=names index=i", "cfloop: collection must be a struct (collection=form), not an array"),
        ("cfloop times='x'", "cfloop: times must be a number, not 'x'"),
        ("cfloop condition=names", "cfloop condition: the condition must be yes or no, not an array"),
        ("cfloop from=1 to=101 index=i", "cfloop: more than 100 turns; a host may allow more with Settings(loop_limit=...)"),
        ("cfloop condition=true", "cfloop: more than 100 turns; a host may allow more with Settings(loop_limit=...)"),
    ],
)
@pytest.mark.parametrize("asynchronous", [False, True])
def test_faults_of_values(tag: str, text: str, asynchronous: bool) -> None:
    """A loop over something that is no query, a bad number and a loop without end are each one error with the line."""
    environment = tags_environment(enable_async=asynchronous)
    environment.cfpop_settings = Settings(loop_limit=100)  # type: ignore[attr-defined]
    template = environment.from_string(f"\n\n<% {tag} %><% end{tag.split()[0]} %>")
    with pytest.raises(FunctionFault) as caught:
        template.render(mail=MAIL, names=["p"], x=5)
    assert (text, 3) == (caught.value.message, caught.value.lineno)


def test_up_to_the_limit() -> None:
    """As many turns as the limit says are allowed; of a condition the last is the one that finds it false."""
    environment = tags_environment()
    environment.cfpop_settings = Settings(loop_limit=3)  # type: ignore[attr-defined]
    source = "<% cfset n = 0 %><% cfloop condition='n lt 3' %><% cfset n++ %><% endcfloop %>{{ n }}"
    with pytest.raises(FunctionFault):
        environment.from_string(source).render()
    environment.cfpop_settings = Settings(loop_limit=4)  # type: ignore[attr-defined]
    assert "3" == environment.from_string(source).render()
