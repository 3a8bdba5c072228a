"""The linter: what it finds, where, and what it must not find."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import TemplateSyntaxError

from cfml_pop import Connection, Settings, cfml_environment
from cfml_pop.jinja.files import SYNTAXES, file_environment
from cfml_pop.jinja.lint import ERROR, RULES, Finding, lint

ROOT = Path(__file__).parent.parent
WHO = 'server="pop.example.com" username=user password=secret'
MAIL = f'<% cfpop {WHO} name="mail" %>'
TAGS: dict[str, Any] = {"tags": True}
FUNCTIONS: dict[str, Any] = {"functions": True}


def found(source: str, known: tuple[str, ...] = (), **options: Any) -> list[Finding]:
    return lint(cfml_environment(**options), source, known=known)


def places(source: str, **options: Any) -> list[tuple[int, int, str]]:
    return [(one.line, one.column, one.rule) for one in found(source, **options)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            f'<% cfpop {WHO}\n  nmae="mail"\n  maxrows="many"\n  uid=a uid=b %>',
            [(1, 4, "attribute"), (2, 3, "unknown-attribute"), (3, 3, "attribute"), (4, 0, "attribute")],
        ),
        (f"<% cfpop {WHO} %>", [(1, 4, "attribute")]),
        ("<% cfpop 5 %>\n<% cfpop 6 %>", [(1, 0, "syntax"), (2, 0, "syntax")]),
        ("{{ a b }}{{ c }}\n{{ d e }}", [(1, 0, "syntax"), (2, 0, "syntax")]),
        ("<% if x y %>a<% else %>b<% endif %>\n<% for in z %>c<% endfor %>", [(1, 0, "syntax"), (2, 0, "syntax")]),
        ("<% set a = 1 b %>\n{{ ( }}", [(1, 0, "syntax"), (2, 0, "syntax")]),
        ("<% for x in y %>\n<% endfor z %>\n{{ a b }}", [(2, 0, "syntax"), (3, 0, "syntax")]),
        ("x\n<% if a %>\n<% for b in c %>", [(3, 4, "syntax")]),
        ("<% if a %>\n<% endfor %>\n<% endif %>", [(2, 0, "syntax")]),
        ('\n<% cfpop server="x %>\n<p class="y">\n{{ a b }}', [(2, 0, "syntax"), (4, 0, "syntax")]),
        ('<% cfpop server="x %>\n<% set a = "b" %>\n{{ a b }}', [(1, 0, "syntax"), (3, 0, "syntax")]),
        ("<%# never\n<% cfpop %>", [(1, 0, "syntax")]),
        ("<% fro x in y %>\n<% endfor %>", [(1, 4, "unknown-tag")]),
        ("<% cfset x = 1 %>", [(1, 4, "unknown-tag")]),
        ("<% cfset x = a & b %>\n<% cfpop 5 %>", [(1, 4, "unknown-tag"), (2, 0, "syntax")]),
        ("{{ x | UCASE }}", [(1, 8, "unknown-filter")]),
        ("{{ x | uper }}{{ y is odder }}", [(1, 8, "unknown-filter"), (1, 23, "unknown-filter")]),
        ("<% block a %><% endblock %>\n<% block a %><% endblock %>", [(2, 0, "syntax")]),
        (f'<% cfpop(\n  nmae="mail", {WHO.replace(" ", ", ")}, name="m") %>', [(2, 3, "unknown-attribute")]),
        ('{{ cfpop(server="x", usrname=u)|length }}', [(1, 4, "attribute"), (1, 22, "unknown-attribute")]),
        ("{{ cfpop(name='m', server=x) + 1 }}\n{{ a b }}", [(1, 0, "syntax"), (2, 0, "syntax")]),
    ],
)
def test_every_fault_is_found(source: str, expected: list[tuple[int, int, str]]) -> None:
    """All faults of all tags are told, each on its line and in its column where that is clear; none is told twice."""
    assert expected == places(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            '<% cfloop qery="m"\n step=2 %>a<% cfbreak %><% endcfloop %>\n<% cfparam %>',
            [(1, 11, "unknown-attribute"), (3, 0, "attribute")],
        ),
        ("<% cfif a b %>x<% cfelseif c %>y<% cfelse %>z<% /cfif %>\n<% cfset a = %>", [(1, 0, "syntax"), (2, 0, "syntax")]),
        ("<% cfloo from=1 to=2 %>", [(1, 4, "unknown-tag")]),
        ("<% cfelse %>", [(1, 0, "syntax")]),
        ("<% cfswitch expression=a %>x\n<% cfpop 5 %><% endcfswitch %>", [(1, 0, "syntax"), (2, 0, "syntax")]),
        ("<% cftry %>a<% endcftry %>\n<% cfpop 5 %>", [(1, 0, "syntax"), (2, 0, "syntax")]),
        ("<% cfloop from=1 %>a<% endcfloop %>", [(1, 0, "attribute"), (1, 0, "attribute")]),
        ("<% cfoutput %>{{ now() }}<% cfset x = leftt(a, 1) %><% endcfoutput %>", [(1, 39, "unknown-function")]),
        ("<% cfset loop = 1 %>\n{{ a b }}", [(1, 0, "syntax"), (2, 0, "syntax")]),
    ],
)
def test_every_fault_of_cfmls_tags(source: str, expected: list[tuple[int, int, str]]) -> None:
    """The same holds for CFML's tags beside cfpop: a tag with faults does not make its body or its end a fault."""
    assert expected == places(source, **TAGS)


@pytest.mark.parametrize(
    ("source", "options", "rule", "word"),
    [
        ('<% cfpop server="s" username="u" password="tiger" name="m" %>', {}, "literal-password", "connection="),
        ('<% cfpop server="pop://u:tiger@s" name="m" %>', {}, "literal-password", "connection="),
        (f'<% cfpop {WHO} action="delete" %>', {}, "delete-without-selection", "uid"),
        (f'<% cfpop {WHO} action="Delete" maxrows="-1" startrow="" %>', {}, "delete-without-selection", "uid"),
        (f'<% cfpop(action="delete", {WHO.replace(" ", ", ")}) %>', {}, "delete-without-selection", "uid"),
        ('<% cfpop(server="#host#", username=u, password=p, name="m") %>', {}, "hash-in-call", "#host#"),
        ('<% set m = cfpop(server="#a.b#", username=u, password=p) %>', {}, "hash-in-call", "#a.b#"),
        ("{{ dateFromat(x) }}", FUNCTIONS, "unknown-function", "dateFormat"),
        ("{{ DATEFROMAT(x) }}", FUNCTIONS, "unknown-function", "dateFormat"),
        ("{{ x | dateformat }}", {}, "unknown-filter", "--functions"),
        ("{{ helper(x) }}", FUNCTIONS, "unknown-function", "--known helper"),
        (MAIL + "<% for row in mail %>{{ row.subjct }}<% endfor %>", {}, "unknown-column", "subject"),
        (MAIL + '<% for row in mail %>{{ row["datee"] }}<% endfor %>', {}, "unknown-column", "date"),
        (f'<% cfpop {WHO} NAME="m" %><% for row in m %>{{{{ row.datee }}}}<% endfor %>', {}, "unknown-column", "date"),
        ("{% cfpop server=x %}", {}, "unported-tag", "--jinja"),
        ('<CFPOP server="x">', {}, "unported-tag", "<%"),
        (f'<% cfpop {WHO} name="m" nmae="x" %>', {"dialect": "lucee"}, "unknown-attribute", "name"),
    ],
)
def test_each_rule(source: str, options: dict[str, Any], rule: str, word: str) -> None:
    """One fault of each rule is found, as the only one, and its text says what to write."""
    findings = found(source, **options)

    assert [rule] == [one.rule for one in findings]
    assert word in findings[0].text


@pytest.mark.parametrize(
    ("source", "options"),
    [
        ('<% cfpop connection="support" name="mail" %>', {}),
        (f'<% cfpop {WHO} action="delete" uid=row.uid %>', {}),
        (f'<% cfpop {WHO} action="delete" maxrows=n %>', {}),
        (f"<% cfpop {WHO} action=what attributeCollection=more %>", {}),
        (f'<% cfpop {WHO} action="delete" %>', {"settings": Settings(allow_delete_all=True)}),
        ('<% cfpop server="#host#" username="#u#" password="#p#" name="m" %>', {}),
        ('<% cfpop(server="a#b", username=u, password=p, name="m") %>', {}),
        ("{{ LEFT(x, 2) }}{{ y | ucase }}{{ caller() }}{{ super() }}{{ _('z') }}{{ range(3) }}", FUNCTIONS),
        ("<% macro m(a) %>{{ a() }}<% endmacro %>{{ m(x) }}<% import 'x.html' as y %>{{ y.z() }}", FUNCTIONS),
        ("<% from 'x.html' import f as g %>{{ g() }}<% set h = x.y %>{{ h() }}", FUNCTIONS),
        ("{{ helper(x) }}", {}),
        ("<% cfset f = g %>{{ f(1) }}", TAGS),
        (MAIL + "<% for row in mail %>{{ row.from_ }}{{ row.SUBJECT }}{{ row.currentrow }}{{ row.defects }}<% endfor %>", {}),
        (MAIL + "<% for row in mail %>{{ row.x is defined }}{{ row.y | default('') }}<% endfor %>", {}),
        (MAIL + "<% set mail = other %><% for row in mail %>{{ row.x }}<% endfor %>", {}),
        (MAIL + "<% for row in mail %><% endfor %><% for row in other %>{{ row.x }}<% endfor %>{{ row.y }}", {}),
        (MAIL + "{{ queryAddColumn(mail, 'x') }}<% for row in mail %>{{ row.x }}<% endfor %>", FUNCTIONS),
        ("<%# {% cfpop %} #%>" + MAIL, {}),
        ("<% raw %>{{ a b }}<% endraw %>", {}),
        ("<% macro cfpop(x) %><% endmacro %>{{ cfpop(3) }}", {}),
        ("{{ '}}' }}<% set x %>{{ 1 }}<% endset %>{{ x }}", {}),
    ],
)
def test_no_false_alarm(source: str, options: dict[str, Any]) -> None:
    """What is right, or is only known when the page runs, is not found."""
    assert [] == found(source, **options)


def test_no_false_alarm_in_the_ready_made_templates() -> None:
    """The templates of the package and the ported example have no fault; the two functions of the example are the program's."""
    ours = cfml_environment()
    ported = cfml_environment(tags=True)
    clean = [lint(ours, path.read_text("utf-8"), path.name) for path in sorted((ROOT / "templates").glob("*.html"))]
    moved = [
        lint(ported, path.read_text("utf-8"), path.name, known=("redirect", "addressIn"))
        for path in sorted((ROOT / "examples" / "porting").glob("*.html"))
    ]

    assert [[]] * 4 == clean
    assert [[]] * 5 == moved


def test_connections_are_the_programs() -> None:
    """A connection that does not exist is an error where the settings are the program's, and not where they are not known."""
    environment = cfml_environment(
        settings=Settings(connections={"support": Connection(server="pop.example.com", username="kim", password="tiger")})
    )
    page = '<% cfpop connection="#any#" name="m" %>\n<% cfpop connection="suport" name="m" %>'

    assert [] == lint(environment, page)
    assert ["cfpop: there is no connection 'suport'; did you mean support?"] == [
        one.text for one in lint(environment, page, configured=True)
    ]


def test_known_functions() -> None:
    """A function that the program says it gives is no fault, nor is one that the environment has."""
    environment = cfml_environment(functions=True)
    environment.globals["ours"] = len

    assert [] == lint(environment, "{{ theirs(x) }}{{ ours(x) }}", known=["theirs"])


def test_jinjas_own_delimiters() -> None:
    """The linter reads the delimiters of the environment, whatever they are."""
    page = '{% cfpop nmae="m" connection="c" %}{# <% cfpop #}'

    assert ["attribute", "unknown-attribute"] == [
        one.rule for one in lint(file_environment(ROOT / "templates", syntax="jinja"), page)
    ]
    assert {"cfml", "jinja"} == set(SYNTAXES)


def test_deep_templates() -> None:
    """Expressions too deep for Python are a fault of the template, not of the linter."""
    assert [(1, "syntax")] == [(one.line, one.rule) for one in found("{{ " + "(" * 5000)]


SECRETS = [
    "#tiger",
    "tiger(",
    '"tiger',
    "tiger tiger",
    "'tiger' tiger",
    '"#tiger|nofilter#"',
    "tiger..x",
    "[tiger",
    '"#tiger()#" x',
]


@pytest.mark.parametrize("written", [*SECRETS, '"tiger"'])
@pytest.mark.parametrize(
    "form", ['<% cfpop server="s" username="u" password={} name="m" %>', '<% cfpop(password={}, name="m") %>']
)
@pytest.mark.parametrize("options", [{}, TAGS], ids=["plain", "tags"])
def test_no_finding_shows_a_password(written: str, form: str, options: dict[str, Any]) -> None:
    """Whatever is wrong with a password, no text shows a piece of it."""
    findings = found(form.format(written), **options)

    assert findings != []
    assert [] == [one for one in findings if "tiger" in one.text]


PIECES = [
    "<% cfpop ",
    "<% cfpop(",
    "<% ",
    " %>",
    "{{ ",
    " }}",
    "<%# ",
    " #%>",
    "<% raw %>",
    "<% endraw %>",
    'server="x" ',
    'name="mail" ',
    "name=mail, ",
    "action=delete ",
    "uid=[1] ",
    ")",
    "(",
    '"',
    "'",
    "#",
    "|upper",
    "\n",
    "text",
    "<% if a %>",
    "<% else %>",
    "<% endif %>",
    "<% for row in mail %>",
    "<% endfor %>",
    "row.x",
    "<% set x = ",
    "<% block b %>",
    "<% endblock %>",
    "<% cfset x = 1 %>",
    "<% cfif a %>",
    "<% cfelse %>",
    "<% endcfif %>",
    "<% cfloop ",
    "<% /cfloop %>",
    "<% cftry %>",
    "<% cfcatch %>",
    "<% endcftry %>",
    "<% cfbreak %>",
    "<% cfoutput query=mail %>",
    "<% endcfoutput %>",
    "<% macro m(a) %>",
    "<% endmacro %>",
    "=",
    "a.b ",
    "1 ",
    "<% cfswitch ",
    "<% cfcase ",
    "<% endcfcase %>",
    "<% endcfswitch %>",
    "<% include 'a' %>",
    "{% cfpop ",
    "\\",
]


AT_RUN_TIME = {"attribute", "unknown-attribute", "delete-without-selection", "unknown-filter"}
"""Rules whose errors come when the page runs; those of a tag's own text come when it is compiled."""


@example(["<% ", "1 "], {})
@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25), st.sampled_from([{}, FUNCTIONS, TAGS]))
def test_what_is_passed_compiles(pieces: list[str], options: dict[str, Any]) -> None:
    """A template compiles if and only if the linter finds nothing that would end that; the linter itself never fails."""
    environment = cfml_environment(**options)
    source = "".join(pieces)
    errors = [one for one in lint(environment, source) if one.level == ERROR]
    try:
        environment.compile(source)
    except TemplateSyntaxError:
        compiles = False
    else:
        compiles = True

    assert compiles or errors
    assert not compiles or {one.rule for one in errors} <= {
        "attribute",
        "unknown-attribute",
        "delete-without-selection",
        "unknown-filter",
    }
    lines = source.count("\n") + 1
    assert [] == [one for one in errors if not 1 <= one.line <= lines or one.rule not in RULES]
