"""What the names of a page stand for."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import TemplateRuntimeError, TemplateSyntaxError, meta

from tests.tags_support import MAIL, page, tags_environment

LIBRARY = {
    "lib": "<% cfset user = 'kim' %><% macro show() %>[{{ user }}]<% endmacro %>"
    "<% macro put(x) %><% cfset got = x %><% endmacro %>"
}
LOOP, END = '<% cfoutput query="mail" %>', "<% endcfoutput %>"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # rows, then variables, then the context; any case
        (LOOP + "{{ subject }} " + END, "one two three "),
        (LOOP + "{{ SUBJECT[0] }}{{ Mail.Subject }} " + END, "oone ttwo tthree "),
        ("<% cfset subject = 'own' %>{{ subject }}" + LOOP + "{{ subject }}" + END + "{{ Subject }}", "ownonetwothreeown"),
        ("<% cfset given = 'own' %>{{ given }}{{ GIVEN }}", "ownown"),
        ("{{ given }}{{ Given }}", "contextcontext"),
        ("<% cfset x = 1 %><% cfset X = 2 %>{{ x }}{{ variables.x }}{{ Variables.X }}", "222"),
        ("<% cfset variables.x = 3 %>{{ x }}<% cfset variables['y'] = 4 %>{{ Y }}", "34"),
        ("{{ scope.Count }}{{ SCOPE.count }}{{ scope.items }}{{ scope.values()|list|length }}", "77x2"),
        # the query's name is its current row, and after the loop the first row again
        (
            LOOP + "{{ mail.subject }}{{ mail.subject[1] }}{{ mail.currentrow }}" + END + "{{ mail.subject }}",
            "oneone1twoone2threeone3one",
        ),
        ("<% cfset q = mail %>" + LOOP + "{{ q.uid }}" + END + "{{ q.uid }}", "u1u2u3u1"),
        ("<% cfloop query='session.box' %>{{ session.box.uid }}{{ session['box'].uid }};<% endcfloop %>", "u1u1;u2u2;u3u3;"),
        (
            "<% cfloop query='session.box' %><% cfset u = session.box.uid & session['box']['uid'] %>{{ u }};<% endcfloop %>",
            "u1u1;u2u2;u3u3;",
        ),
        (
            LOOP
            + "<% cfif currentrow eq 2 %><% cfset kept = mail %><% cfset s = mail.subject %><% endcfif %>"
            + END
            + "{{ kept.subject }}{{ s }}",
            "onetwo",
        ),
        # values are never old: loops, ifs, includes, macros, blocks
        ("<% cfset n = 0 %><% for i in [1, 2] %><% cfset n = n + i %>{{ n }}<% endfor %>{{ n }}", "133"),
        (
            "<% cfset n = 0 %>" + LOOP + "<% cfset n = n + 1 %>{{ n }}" + LOOP + "<% cfset n += 10 %>" + END + "{{ n }} " + END,
            "131 3262 6393 ",
        ),
        ("<% if true %><% cfset n = 1 %><% endif %>{{ n }}", "1"),
        ("{{ n }}<% cfset n = 1 %>{{ n }}<% cfset n = 2 %>{{ n }}", "12"),
        ("<% cfset n = 1 %><% include 'add' %>{{ n }}<% include 'add' %>{{ n }}", "[]22[]33"),
        (LOOP + "<% include 'show' %>" + END, "(one mail one)(two mail two)(three mail three)"),
        ("<% cfset n = 1 %><% macro m() %>{{ n }}<% cfset n = n + 1 %><% endmacro %>{{ m() }}{{ m() }}{{ n }}", "123"),
        ("<% cfset n = 1 %><% block b %>{{ n }}<% cfset n = 2 %><% endblock %>{{ n }}", "12"),
        ("<% extends 'base' %><% cfset n = 5 %><% block b %>{{ n }}<% cfset n = 6 %><% endblock %>", "5:5:6"),
        (
            "<% with %><% cfset n = 1 %><% endwith %><% filter upper %><% cfset m = 'a' %>{{ m }}<% endfilter %>{{ n }}{{ m }}",
            "A1a",
        ),
        ("<% set block %><% cfset n = 1 %><% endset %>{{ n }}", "1"),
        ("<% autoescape false %><% cfset n = '<' %>{{ n }}<% endautoescape %>{{ n }}", "<&lt;"),
        (LOOP + "<% block b scoped %>{{ subject }};<% endblock %>" + END, "one;two;three;"),
        (LOOP + "<% macro m() %>{{ subject }};<% endmacro %>{{ m() }}" + END, "one;two;three;"),
        ("<% macro m(q) %>[{{ subject }}{{ q.subject }}]<% endmacro %>" + LOOP + "{{ m(mail) }}" + END, "[one][two][three]"),
        # Jinja's own names
        ("<% cfset x = 1 %><% for x in [7] %>{{ x }}<% endfor %>{{ x }}", "71"),
        (LOOP + "<% for subject in [7] %>{{ subject }}<% endfor %>" + END, "777"),
        ("<% for subject in [7] %>" + LOOP + "{{ subject }}" + END + "{{ subject }}<% endfor %>", "onetwothree7"),
        ("<% for item in [7] %>" + LOOP + "{{ item }}" + END + "<% endfor %>", "777"),
        ("<% macro m(x) %>{{ x }}<% endmacro %><% cfset x = 1 %>{{ m(2) }}{{ x }}", "21"),
        ("<% with x = 2 %>{{ x }}<% endwith %><% cfset x = 1 %>{{ x }}", "21"),
        ("<% set j = 3 %>" + LOOP + "{{ j }}" + END, "333"),
        ("<% for x in [1, 2] %>{{ loop.index }}<% cfset y = loop.index + x %>{{ y }};<% endfor %>", "12;24;"),
        ("<% macro m() %>{{ caller('a') }}<% endmacro %><% call(x) m() %>{{ x }}<% endcall %>", "a"),
        ("<% from 'lib2' import f %>{{ f(1) }}", "(1)"),
        # a name that is called
        ("<% cfset joiner = 1 %>{{ joiner }}{{ joiner(';')() }}{{ joiner(';')|string|length > 1 }}", "1True"),
        ("<% cfset f = given.upper %>{{ f() }}", "CONTEXT"),
        # isDefined looks, and never runs
        (
            "{{ isDefined('given') }}{{ ISDEFINED('Given') }}{{ isDefined('nope') }}{{ isDefined('nope.x') }}",
            "TrueTrueFalseFalse",
        ),
        ("{{ isDefined('scope.count') }}{{ isDefined('scope.nope') }}{{ isDefined('range') }}", "TrueFalseFalse"),
        (
            "<% cfset x = 1 %>{{ isDefined('x') }}{{ isDefined('variables.X') }}" + LOOP + "{{ isDefined('uid') }}" + END,
            "TrueTrueTrueTrueTrue",
        ),
        ("<% for y in [1] %>{{ isDefined('y') }}<% endfor %>{{ isDefined('y') }}", "TrueFalse"),
        (
            "{{ parameterExists(scope.count) }}{{ parameterExists(nope.x) }}<% cfset e = parameterExists(Nope.x.y) %>{{ e }}",
            "TrueFalseFalse",
        ),
    ],
)
def test_names(source: str, expected: str) -> None:
    """A name is the row's, then the page's, then the context's, wherever it was set; what Jinja binds around it is Jinja's."""
    templates = {
        "add": "[{{ subject }}]<% cfset n = n + 1 %>{{ n }}",
        "show": "({{ subject }} {{ 'mail' }} {{ mail.subject }})",
        "base": "{{ n }}:<% block b %><% endblock %>:{{ n }}",
        "lib2": "<% macro f(x) %>({{ x }})<% endmacro %>",
    }
    context: dict[str, Any] = {"given": "context", "scope": {"count": 7, "items": "x"}, "session": {"box": MAIL}}
    assert expected == page(source, templates, **context)


@pytest.mark.parametrize("call", ["{{ l.show() }}", "{{ l.put(1) }}"])
def test_a_library_without_context(call: str) -> None:
    """A library imported without context runs once for all users: its macros cannot reach a page's variables, and say so."""
    with pytest.raises(TemplateRuntimeError, match=r"write: import \.\.\. with context"):
        page("<% import 'lib' as l %>" + call, LIBRARY)


def test_a_library_with_context() -> None:
    """Imported with context it shares the page's variables both ways."""
    assert "[kim]5kim" == page("<% import 'lib' as l with context %>{{ l.show() }}{{ l.put(5) }}{{ got }}{{ user }}", LIBRARY)


def test_no_render_sees_another() -> None:
    """Variables end with their render; those in a mapping of the host's are the host's."""
    environment = tags_environment(templates={"page": "{{ seen }}<% cfset seen = 1 %>{{ seen }}", **LIBRARY})
    assert ["1", "1"] == [environment.get_template("page").render() for _ in range(2)]
    variables: dict[str, object] = {"Seen": 7}
    assert ["71", "11"] == [environment.get_template("page").render(variables=variables) for _ in range(2)]
    assert {"Seen": 1} == variables
    with pytest.raises(TemplateRuntimeError, match="'variables' in the context must be a mapping, not a int"):
        environment.get_template("page").render(variables=5)


@pytest.mark.parametrize(
    ("source", "line", "text"),
    [
        ("<% set x = 1 %>\n<% cfset x = 2 %>", 2, "'x' is Jinja's variable here"),
        ("<% for x in [1] %>\n<% cfset x = 2 %><% endfor %>", 2, "'x' is Jinja's variable here"),
        ("<% macro m(x) %>\n\n<% cfset x = 2 %><% endmacro %>", 3, "'x' is Jinja's variable here"),
        ("<% cfset x = 1 %>\n<% set x = 2 %>", 2, "'x' is set by cfset (or name) as well"),
        ("<% cfset x = 1 %>\n<% set x %>2<% endset %>", 2, "'x' is set by cfset (or name) as well"),
        ("\n{{ _cfml_rows }}", 2, "names that begin with _cfml_ are not the page's"),
        ("\n<% cfset _cfml_page = 1 %>", 2, "cfset: names that begin with _cfml_ are not the page's"),
        ("\n<% cfset loop = 1 %>", 2, "'loop' cannot be set: it is not the page's"),
        ("\n<% cfset x = _cfml_rows %>", 2, "cfset: names that begin with _cfml_ are not the page's"),
    ],
)
def test_two_owners(source: str, line: int, text: str) -> None:
    """A name that both Jinja and the page would set is refused on its line: one of the two would read an old value."""
    with pytest.raises(TemplateSyntaxError) as caught:
        tags_environment().from_string(source)
    assert (line, text) == (caught.value.lineno, (caught.value.message or "")[: len(text)])


@pytest.mark.parametrize("source", ["<% nonsense %>", "<% if true %>", "<% endif %>", "a<% if x %><% endfor %>"])
def test_jinjas_errors_are_its_own(source: str) -> None:
    """That the whole page goes through our hands changes no error of Jinja's."""
    with pytest.raises(TemplateSyntaxError) as plain:
        tags_environment(extensions=[]).from_string("\n" + source)
    with pytest.raises(TemplateSyntaxError) as ours:
        tags_environment().from_string("\n" + source)
    assert (plain.value.message, plain.value.lineno) == (ours.value.message, ours.value.lineno)


def test_fragments_and_tools() -> None:
    """Expressions are compiled as before, and what a template needs is still found."""
    environment = tags_environment()
    assert 3 == environment.compile_expression("a + 1")(a=2)
    found = meta.find_undeclared_variables(environment.parse("{{ a }}<% cfif b.c eq d %><% endcfif %>"))
    assert {"a", "b", "d"} == {name for name in found if not name.startswith("_cfml_")}
