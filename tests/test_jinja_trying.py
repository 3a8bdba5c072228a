"""cftry, cfcatch, cfthrow, cfrethrow."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from jinja2 import TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from cfml_pop.errors import AuthenticationError, FunctionFault, NetworkError, PageExit, Thrown
from tests.tags_support import MAIL, page, tags_environment

FAIL = "<% cfset zero = 1 / 0 %>"
SHOW = "[{{ cfcatch.type }}: {{ cfcatch.message }}]"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<% cftry %>a<% cfcatch %>b<% endcftry %>c", "ac"),
        ("<% cftry %>a" + FAIL + "b<% cfcatch %>" + SHOW + "<% endcftry %>c", "a[expression: operator /: divides by zero]c"),
        (
            "<% cftry %>a<% cfoutput query=mail %>{{ uid }}<% cfif currentrow eq 2 %>" + FAIL + "<% endcfif %><% endcfoutput %>"
            "<% cfcatch %>!<% endcftry %>",
            "au1u2!",
        ),
        ("<% cftry %>" + FAIL + "<% cfcatch type='any' %>b<% endcfcatch %>\n<% endcftry %>", "b"),
        (
            "<% cftry %>"
            + FAIL
            + "<% cfcatch type='database' %>a<% endcfcatch %> <% cfcatch type='EXPRESSION' %>b<% endcfcatch %><% endcftry %>",
            "b",
        ),
        ("<% CFTRY %>" + FAIL + "<% CFCATCH TYPE=Any %>b<% /CFCATCH %><% /CFTRY %>", "b"),
        (
            "<% cftry %><% cfthrow message=1 type='My.Own' %><% cfcatch type=my %>{{ cfcatch.type }}<% endcftry %>",
            "My.Own",
        ),
        ("<% cftry %><% cfthrow %><% cfcatch %>" + SHOW + "<% endcftry %>", "[application: ]"),
        (
            "<% cftry %><% cfthrow type='other.kind' %><% cfcatch type='oth' %>a<% cfcatch type='other.kind' %>b<% endcftry %>",
            "b",
        ),
        # what was set stays, and cfcatch is there in the cfcatch only
        (
            "<% cftry %><% cfset n = 1 %>"
            + FAIL
            + "<% cfcatch %><% cfset m = 2 %><% endcftry %>{{ n }}{{ m }}{{ cfcatch is defined }}",
            "12False",
        ),
        (
            "<% cfset cfcatch = 'own' %><% cftry %>" + FAIL + "<% cfcatch %>{{ cfcatch.type }}<% endcftry %>{{ cfcatch }}",
            "expressionown",
        ),
        ("<% cftry %>" + FAIL + "<% cfcatch name='e' %>{{ e.type }}<% endcftry %>", "expression"),
        # one in the other
        ("<% cftry %><% cftry %>a" + FAIL + "<% cfcatch type='database' %>b<% endcftry %>c<% cfcatch %>d<% endcftry %>", "ad"),
        (
            "<% cftry %>"
            + FAIL
            + "<% cfcatch %><% cftry %><% cfthrow message='in' %><% cfcatch %>{{ cfcatch.message }}<% endcftry %>"
            "{{ cfcatch.type }}<% endcftry %>",
            "inexpression",
        ),
        (
            "<% cftry %><% cftry %>"
            + FAIL
            + "<% cfcatch %>a<% cfrethrow %>b<% endcftry %><% cfcatch %>"
            + SHOW
            + "<% endcftry %>",
            "a[expression: operator /: divides by zero]",
        ),
        (
            "<% cftry %>" + FAIL + "<% cfcatch %><% cftry %><% cfrethrow %><% cfcatch %>" + SHOW + "<% endcftry %><% endcftry %>",
            "[expression: operator /: divides by zero]",
        ),
        ("<% cftry %><% cfthrow message=cfcatch.message %><% cfcatch %>a<% endcftry %>", "a"),
        # cffinally
        ("<% cftry %>a<% cfcatch %>b<% cffinally %>c<% endcftry %>", "ac"),
        ("<% cftry %>" + FAIL + "<% cfcatch %>b<% endcfcatch %><% cffinally %>c<% endcffinally %><% endcftry %>", "bc"),
        ("<% cftry %><% cftry %>a" + FAIL + "<% cffinally %>b<% endcftry %>c<% cfcatch %>d<% endcftry %>", "abd"),
        (
            "<% cftry %><% cftry %>"
            + FAIL
            + "<% cfcatch %>a<% cfrethrow %><% cffinally %>b<% endcftry %>c<% cfcatch %>d<% endcftry %>",
            "abd",
        ),
        (
            "<% cfloop times=3 index=i %><% cftry %>{{ i }}<% cfbreak %><%cffinally%>f<% endcftry %><% endcfloop %>",
            "1f",
        ),
        (
            "<%cfloop times=3 index=i%><%cftry%>" + FAIL + "<%cfcatch%>{{i}}<%cfcontinue%><%cffinally%>f<%/cftry%>.<%/cfloop%>",
            "1f2f3f",
        ),
        (
            "<%cftry%>" + FAIL + "<%cfcatch%><%cfloop times=3 index=i%>{{i}}<%cfbreak%><%/cfloop%><%cffinally%>f<%/cftry%>",
            "1f",
        ),
        (
            "<%cfloop times=2%><%cftry%><%cftry%><%cfbreak%><%cffinally%>f<%/cftry%><%cffinally%>g<%/cftry%><%/cfloop%>",
            "fg",
        ),
        # loops around, and left from inside
        (
            "<%cfloop from=1 to=4 index=i%><%cftry%>{{i}}<%cfif i eq 2%><%cfbreak%><%/cfif%>;<%cfcatch%><%/cftry%>.<%/cfloop%>",
            "1;.2",
        ),
        (
            "<%cfloop times=3 index=i%><%cftry%>{{i}}<%cfif i eq 2%><%cfcontinue%><%/cfif%>;<%cfcatch%><%/cftry%>.<%/cfloop%>",
            "1;.23;.",
        ),
        (
            "<%cfloop times=3 index=i%><%cftry%><%cftry%>{{i}}<%cfbreak%><%cfcatch%>x<%/cftry%><%cfcatch%>y<%/cftry%><%/cfloop%>",
            "1",
        ),
        (
            "<% cfloop from=1 to=3 index=i %><% cftry %>"
            + FAIL
            + "<% cfcatch %>{{ i }}<% cfbreak %><% endcftry %><% endcfloop %>",
            "1",
        ),
        (
            "<% cfloop query=mail %><% cftry %>{{ uid }}{{ mail.uid }}<% cfif uid eq 'u2' %>"
            + FAIL
            + "<% endcfif %>;<% cfcatch %>{{ uid }}!<% endcftry %><% endcfloop %>",
            "u1u1;u2u2u2!u3u3;",
        ),
        ("<% cftry %><% cfloop from=1 to=3 index=i %><% cfbreak %><% endcfloop %>{{ i }}<% cfcatch %><% endcftry %>", "1"),
        # Jinja around: what is bound there is seen inside
        (
            "<% for x in [1, 2] %><% cftry %>{{ x }}{{ loop.index }}" + FAIL + "<% cfcatch %>{{ x }};<% endcftry %><% endfor %>",
            "111;222;",
        ),
        ("<% set s = 5 %><% cftry %>{{ s }}<% cfcatch %><% endcftry %>", "5"),
        (
            "<% macro m(a) %><% cftry %>{{ a }}{{ caller() }}{{ kwargs.k }}{{ varargs|length }}"
            + FAIL
            + "<% cfcatch %>{{ a }}<% endcftry %><% endmacro %>"
            "<% call m(1, 2, k=3) %>c<% endcall %>",
            "1c311",
        ),
        ("<% set b %><% cftry %>x" + FAIL + "<% cfcatch %>y<% endcftry %><% endset %>{{ b }}", "xy"),
        (
            "<%autoescape false%><%cftry%>{{'<'}}<%cfcatch%><%endcftry%><%endautoescape%><%cftry%>{{'<'}}<%cfcatch%><%endcftry%>",
            "<&lt;",
        ),
        ("<% extends 'base' %><% cftry %>never shown<% cfset n = 3 %><% cfcatch %><% endcftry %>", "(3)"),
        ("<% extends 'base' %><% block b %><% cftry %>in" + FAIL + "<% cfcatch %>side<% endcftry %><% endblock %>", "(inside)"),
        # errors that come from elsewhere
        (
            "<%cftry%>a<%include 'bad'%>b<%cfcatch%>{{cfcatch.tagcontext[1].template}}:{{cfcatch.tagcontext[1].line}}<%/cftry%>",
            "axbad:2",
        ),
        (
            "<%cftry%>\n<%include 'nope'%><%cfcatch type=missingInclude%>{{cfcatch.tagcontext[1].line}}<%/cftry%>",
            "\n2",
        ),
        ("<% cftry %><% include 'syntax' %><% cfcatch type='template' %>a<% endcftry %>", "a"),
        (
            "<% cftry %>{{ nope.x }}<% cfcatch type='expression' %>{{ cfcatch.message }}<% endcftry %>",
            "&#39;nope&#39; is undefined",
        ),
        ("<% cftry %>{{ mail.subject[9] }}<% cfcatch %>a<% endcftry %>", "a"),
        ("<% cftry %>{{ 1 / 0 }}<% cfcatch type='ZeroDivisionError' %>a<% endcftry %>", "a"),
        ("<% cftry %>{{ fail() }}<% cfcatch type='application' %>{{ cfcatch.message }}<% endcftry %>", "from the host"),
    ],
)
def test_try(source: str, expected: str) -> None:
    """What was written before the error stays; the first cfcatch whose type fits runs; the page goes on after it."""

    def fail() -> None:
        raise OSError("from the host")

    templates = {
        "base": "({{ n }}<% block b %><% endblock %>)",
        "bad": "x\n<% cfset x = 1 / 0 %>".replace("\n", "<% if true\n%><% endif %>"),
        "syntax": "<% if %>",
    }
    assert expected == page(source, templates, fail=fail)


class Redirect(PageExit):
    """What a host would raise for cflocation."""


class Hard(BaseException):
    """Something like Ctrl-C."""


@pytest.mark.parametrize("error", [Redirect("/login"), SecurityError("no"), MemoryError(), asyncio.CancelledError(), Hard()])
@pytest.mark.parametrize("asynchronous", [False, True])
def test_never_caught(error: BaseException, asynchronous: bool) -> None:
    """Leaving the page, refusals, cancellation and the end of the process pass every cftry."""

    def fail() -> None:
        raise error

    template = tags_environment(enable_async=asynchronous).from_string(
        "<% cftry %>{{ fail() }}<% cfcatch %>a<% cffinally %>b<% endcftry %>"
    )
    with pytest.raises(type(error)):
        template.render(fail=fail)


@pytest.mark.parametrize(
    ("error", "kind", "detail"),
    [
        (
            AuthenticationError("wrong password", text="[AUTH] invalid password", code="AUTH"),
            "AuthenticationError",
            "[AUTH] invalid password",
        ),
        (NetworkError("gone"), "application", ""),
        (FunctionFault("bad", function="f"), "expression", ""),
        (Thrown("x", type="a.b", detail="more"), "a", "more"),
        (ConnectionError("gone"), "OSError", ""),
    ],
)
def test_what_cfcatch_says(error: Exception, kind: str, detail: str) -> None:
    """A cfcatch may ask for CFML's types or for a Python class; the server's own words are the detail."""

    def fail() -> None:
        raise error

    source = (
        f"<% cftry %>{{{{ fail() }}}}<% cfcatch type='{kind}' %>{{{{ cfcatch.message }}}}|{{{{ cfcatch.detail }}}}<% endcftry %>"
    )
    assert f"{getattr(error, 'message', error)}|{detail}" == tags_environment().from_string(source).render(fail=fail)
    # Nothing of the frames, which hold mail, stays in the page.
    assert None is error.__traceback__


def test_not_caught_keeps_its_place() -> None:
    """An error that no cfcatch takes leaves the page as it was raised, with its line."""
    with pytest.raises(FunctionFault, match="divides by zero") as caught:
        page("\n<% cftry %>\n" + FAIL + "<% cfcatch type='database' %><% endcftry %>")
    assert 3 == caught.value.lineno


def test_all_that_is_thrown() -> None:
    """Every attribute of cfthrow is in cfcatch, under its own name."""
    source = (
        "<% cftry %><% cfthrow message='m' detail='d' errorcode='e' extendedinfo='i' %><% cfcatch %>"
        "{{ cfcatch.Message }}{{ cfcatch.detail }}{{ cfcatch.errorCode }}{{ cfcatch.ExtendedInfo }}<% endcftry %>"
    )
    assert "mdei" == page(source)


def test_thrown() -> None:
    """What a page throws and does not catch is an error of ours, with the line of the cfthrow."""
    with pytest.raises(Thrown) as caught:
        page("\n<% cfthrow message='no mail' type='app' %>")
    assert ("no mail", "app", "", 2) == (caught.value.message, caught.value.type, caught.value.detail, caught.value.lineno)
    with pytest.raises(FunctionFault, match=r"cfthrow: message must be a simple value .* not a query"):
        page("<% cfthrow message=mail %>")


@pytest.mark.parametrize(
    ("source", "line", "text"),
    [
        ("\n<% cftry %>a<% endcftry %>", 2, "cftry needs a cfcatch"),
        ("\n<% cftry %>", 2, "Unexpected end of template"),
        ("<% cftry x=1 %><% cfcatch %><% endcftry %>", 1, "cftry: x is not an attribute of cftry; it has none"),
        (
            "<% cftry %>\n<% cfcatch tpye='any' %><% endcftry %>",
            2,
            "cfcatch: tpye is not an attribute of cfcatch; did you mean type",
        ),
        ("<% cftry %>\n<% cfcatch type='#x#' %><% endcftry %>", 2, "cfcatch: type must be spelt out"),
        (
            "<% cftry %><% cfcatch %><% endcfcatch %>x<% endcftry %>",
            1,
            "between endcfcatch and the next part of cftry nothing can stand",
        ),
        ("<% cftry %><% cffinally %><% cffinally %><% endcftry %>", 1, "cftry has one cffinally only"),
        ("\n<% cfrethrow %>", 2, "cfrethrow stands in no cfcatch"),
        ("\n<% cfcatch %>", 2, "cfcatch stands in cftry only"),
        ("<% cftry %><% cfbreak %><% cfcatch %><% endcftry %>", 1, "cfbreak stands in no cfloop"),
    ],
)
def test_faults_of_the_text(source: str, line: int, text: str) -> None:
    """A part in the wrong place is told when the template is compiled."""
    with pytest.raises(TemplateSyntaxError) as caught:
        tags_environment().from_string(source)
    assert (line, text) == (caught.value.lineno, (caught.value.message or "")[: len(text)])


def test_a_sandbox_is_not_talked_out_of_it() -> None:
    """A refusal of the sandbox is not caught by the page, and what cfcatch holds gives no way out."""
    sandbox = tags_environment(ImmutableSandboxedEnvironment)
    context: dict[str, Any] = {"items": [1], "mail": MAIL}
    with pytest.raises(SecurityError):
        sandbox.from_string("<% cftry %>{{ items.append(2) }}<% cfcatch %>a<% endcftry %>").render(context)
    for way in ("cfcatch.__class__.__mro__", "cfcatch['__class__'].__mro__", "cfcatch.tagcontext.append(1)"):
        with pytest.raises(SecurityError):
            sandbox.from_string("<% cftry %>" + FAIL + "<% cfcatch %>{{ " + way + " }}<% endcftry %>").render(context)
