"""cfset: writing variables, and items below a name."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from jinja2 import Environment, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment

from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.column import ColumnIndexFault
from cfml_pop.errors import FunctionFault
from tests.tags_support import MAIL, page, tags_environment


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<% cfset x = 1 %><% cfset x = x + 1 %>{{ x }}", "2"),
        ("<% cfset x = 1 %><% cfset x += 2 %><% cfset x *= 5 %><% cfset x -= 1 %><% cfset x /= 2 %>{{ x }}", "7"),
        ("<% cfset x = 7 %><% cfset x %= 4 %><% cfset x &= 'a' & x %>{{ x }}", "3a3"),
        ("<% cfset x = 1 %><% cfset x++ %><% cfset ++x %><% cfset x-- %><% cfset --x %>{{ x }}", "1"),
        ("<% cfset a.b.c = 1 %><% cfset A.B.d = 2 %>{{ a.b.c }}{{ a.b.D }}", "12"),
        ("<% cfset a['b c'].d = 1 %>{{ a['b c'].d }}", "1"),
        ("<% cfset k = 'b' %><% cfset a[k] = 1 %><% cfset a['#k#2'] = 2 %>{{ a.b }}{{ a.b2 }}", "12"),
        ("<% cfset a = [] %><% cfset a[1] = 'x' %><% cfset a[2].n = 'y' %>{{ a[1] }}{{ a[2].n }}", "xy"),
        ("<% cfset a = [1, 2] %><% cfset a[2] += 5 %><% cfset a[1]++ %>{{ a[1] }}{{ a[2] }}", "27"),
        ("<% cfset Messages.RecordCount = 0 %>{{ messages.recordcount }}", "0"),
        ('<% cfset i = 2 %><% cfset "Messages#i#" = i %><% cfset "s.m#i#" = 3 %>{{ Messages2 }}{{ s.m2 }}', "23"),
        ("<% cfset variables.a.b = 1 %>{{ a.b }}<% cfset n = 'c' %><% cfset variables[n] = 2 %>{{ c }}", "12"),
        ("<% cfset x = mail.subject %><% cfset y = mail %>{{ x|upper }}{{ y.recordcount }}", "ONE3"),
        ("<% cfset x = '' %><% cfset f(1) %>{{ x }}<% cfset void = f(2) %>{{ void }}", "3"),
        ("<% cfset ns.n = 1 %>{{ ns.n }}<% set own = namespace(n=1) %><% cfset own.n += 1 %>{{ own.n }}", "12"),
        ("<% for s in structs %><% cfset s.n = s.n + 1 %>{{ s.n }}<% endfor %>", "23"),
        ("<% cfset x = nothing %>{{ x is none }}", "True"),
    ],
)
def test_cfset(source: str, expected: str) -> None:
    """Names in any case, levels made as they are needed, operators with `=`, names that the page makes itself."""
    assert expected == page(source, f=lambda x: x + 1, structs=[{"n": 1}, {"n": 2}], nothing=None)


def test_scopes_of_the_host() -> None:
    """What is written below a name of the context is in the host's mapping, under the key that was there in any case."""
    session: dict[str, Any] = {"Count": 1}
    form: defaultdict[str, Any] = defaultdict(dict)
    items = ["a"]
    tags = ("session.count = 2", "SESSION.mail = mail", "form.x = 1", "items[1] = 'b'", "items[2] = 'c'")
    tags_environment().from_string("".join(f"<% cfset {tag} %>" for tag in tags)).render(
        session=session, form=form, items=items, mail=MAIL
    )
    assert ({"Count": 2, "mail": MAIL}, {"x": 1}, ["b", "c"]) == (session, dict(form), items)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("session.x = 1", "session.x: session is not there; the host passes it to the page: session={}"),
        ("Form.x.y = 1", "Form.x.y: Form is not there; the host passes it to the page: form={}"),
        ("mail.subject = 1", "mail.subject: takes items of structs and arrays only, not of a query"),
        ("text.x = 1", "text.x: takes items of structs and arrays only, not of 'abc'"),
        ("text.x.y = 1", "text.x.y: takes items of structs and arrays only, not of 'abc'"),
        ("thing.x = 1", "thing.x: takes items of structs and arrays only, not of a value of type object"),
        ("x = nope", "x has no value: 'nope' is undefined"),
        ("nope += 1", "operator +: one side has no value: 'nope' is undefined"),
        ("variables = 1", "variables is the page's own scope and cannot be set as a whole; write variables.x"),
        ("s[mail] = 1", "the name of a key must be a simple value (text, number, boolean, date), not a query"),
        ("s[nope] = 1", "an index of s has no value: 'nope' is undefined"),
        ("items[5] = 1", "items.5: the list has 1 items, so 5 is too far behind the last one"),
        ('"a b#1#" = 1', "cfset: 'a b1' is not the name of a variable"),
        ('"a.b()" = 1', "cfset: 'a.b()' is not the name of a variable"),
    ],
)
def test_faults(source: str, text: str) -> None:
    """What cannot be written is an error with its line."""
    with pytest.raises(FunctionFault) as caught:
        page(f"\n<% cfset {source} %>", text="abc", s={}, items=["a"], thing=object())
    assert (text, 2) == (caught.value.message, caught.value.lineno)


def test_positions_outside() -> None:
    """Position 0 of an array is an error, and so is one far behind the last."""
    for target in ("a[0]", "a[200000]"):
        with pytest.raises(ColumnIndexFault):
            page(f"<% cfset a = [] %><% cfset {target} = 1 %>")


@pytest.mark.parametrize("base", [SandboxedEnvironment, ImmutableSandboxedEnvironment])
def test_sandboxes(base: type[Environment]) -> None:
    """In every sandbox a page has its variables; whether it changes what the host gave is the sandbox's own verdict."""
    environment = tags_environment(base)
    context: dict[str, Any] = {"session": {}, "items": [1], "ns": Struct(), "array": Array([1])}
    assert "6" == environment.from_string("<% cfset x = 5 %><% cfset x++ %>{{ x }}").render(context)
    for target in ("session.a", "items[1]", "session.c.b", "ns.x", "array[1]"):
        template = environment.from_string(f"\n<% cfset {target} = 1 %>")
        if base is SandboxedEnvironment:
            assert "\n" == template.render(context)
            continue
        with pytest.raises(SecurityError, match=r"which this sandbox forbids\n  File '<template>', line 2"):
            template.render(context)
    if base is ImmutableSandboxedEnvironment:
        with pytest.raises(SecurityError):
            environment.from_string("<% cfset x = 1 %>").render(variables={})


@pytest.mark.parametrize("base", [SandboxedEnvironment, ImmutableSandboxedEnvironment])
@pytest.mark.parametrize(
    "expression",
    [
        "s.__class__.__mro__",
        "s['__class__'].__mro__",
        "f.__globals__.x",
        "mail.subject.__class__.__mro__",
        "variables.__class__.__mro__",
    ],
)
def test_no_way_out_of_a_sandbox(base: type[Environment], expression: str) -> None:
    """The expressions of tags reach no attribute that the sandbox hides."""
    environment = tags_environment(base)
    for source in (f"<% cfset x = {expression} %>", f"<% cfif {expression} %><% endcfif %>", f"{{{{ {expression} }}}}"):
        with pytest.raises((SecurityError, UndefinedError)):
            environment.from_string(source).render(s={}, f=lambda: 1, mail=MAIL)
