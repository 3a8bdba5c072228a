"""The two spellings that are turned into the statement form."""

from __future__ import annotations

import pytest
from jinja2 import Environment, TemplateSyntaxError, UndefinedError

from cfml_pop.errors import AttributeFault
from tests.jinja_support import ARGUMENTS, FakeClient, install, render


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    return install(monkeypatch)


@pytest.mark.parametrize(
    "source",
    [
        '{{ cfpop(ARGUMENTS, name="mail") }}',
        '{{- cfpop(ARGUMENTS, NAME="mail") -}}',
        '{{ cfpop(name="mail", **{ARGUMENTS_AS_DICT}) }}',
        '{% do cfpop(ARGUMENTS, name="mail") %}',
        '{% cfpop(ARGUMENTS, name="mail") %}',
        '{% cfpop(ARGUMENTS, name="mail") / %}',
        '{% cfpop(ARGUMENTS, name="mail")/ -%}',
        '{{ cfpop(ARGUMENTS, name="mail", catch="err") }}',
        '{{ cfpop(ARGUMENTS, uid=["a", dict(name="x")["name"]], name="mail") }}',
    ],
)
def test_forms_that_bind(fake: FakeClient, source: str) -> None:
    """A call that is the whole statement binds its name and prints nothing, also without the do extension."""
    source = source.replace("ARGUMENTS_AS_DICT", '"server": "h", "username": "u", "password": "p"').replace(
        "ARGUMENTS", ARGUMENTS
    )
    assert "[2]" == render(source + "[{{ mail.recordcount }}]")
    assert 1 == len(fake.calls)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ cfpop(ARGUMENTS) }}", "Query(2 rows)"),
        ("{{ cfpop(ARGUMENTS).recordcount }}", "2"),
        ("{{ cfpop(ARGUMENTS, action='delete', uid='1') }}", ""),
        ("{% set mail = cfpop(ARGUMENTS) %}{{ mail.subject[2] }}", "two"),
        ("{% for row in cfpop(ARGUMENTS) %}{{ row.uid }}{% endfor %}", "u1u2"),
        ("{{ other.cfpop(name='x') }}", "other x"),
        ("{% macro cfpop(name='x') %}m{{ name }}{% endmacro %}{{ cfpop() }}", "mx"),
        ("{{ 'cfpop(' }}cfpop(name=x)", "cfpop(cfpop(name=x)"),
        ("{% raw %}{{ cfpop(name='x') }}{% endraw %}", "{{ cfpop(name='x') }}"),
    ],
)
def test_other_calls_go_through(fake: FakeClient, source: str, expected: str) -> None:
    """A call without name is an expression like any other, and what only looks like a call is left alone."""

    class Other:
        def cfpop(self, name: str) -> str:
            return f"other {name}"

    assert expected == render(source.replace("ARGUMENTS", ARGUMENTS), other=Other())
    assert ("ARGUMENTS" in source) == bool(fake.calls)


@pytest.mark.parametrize(
    "source",
    [
        '{% set m = cfpop(ARGUMENTS,\n name="mail") %}',
        '{{ cfpop(ARGUMENTS,\n name="mail").recordcount }}',
        '{% for row in cfpop(ARGUMENTS,\n name="mail") %}{% endfor %}',
        '{{ f(cfpop(ARGUMENTS,\n variable="mail")) }}',
        '{% if cfpop(ARGUMENTS,\n catch="mail") %}{% endif %}',
        '{% do x or cfpop(ARGUMENTS,\n name="mail") %}',
    ],
)
def test_name_elsewhere(fake: FakeClient, source: str) -> None:
    """name inside a larger expression can bind nothing: an error on its line says what to write."""
    with pytest.raises(TemplateSyntaxError, match="write set mail = cfpop") as caught:
        render("\n" + source.replace("ARGUMENTS", ARGUMENTS))
    assert 3 == caught.value.lineno
    assert [] == fake.calls


def test_name_out_of_a_mapping(fake: FakeClient) -> None:
    """A name that reaches the function at run time is refused there."""
    with pytest.raises(AttributeFault, match="write mail = cfpop"):
        render("{{ cfpop(**args) }}", args={"server": "h", "username": "u", "password": "p", "name": "mail"})
    assert [] == fake.calls


def test_lexer_errors_of_others_are_left_alone() -> None:
    """The hint about quotes is given inside a cfpop tag only."""
    environment = Environment(extensions=["cfml_pop.CfpopExtension"], autoescape=True)
    with pytest.raises(TemplateSyntaxError) as caught:
        environment.from_string("{{ a ? b }}")
    assert "unexpected char '?' at 5" == caught.value.message


def test_do_without_name_stays_with_its_extension(fake: FakeClient) -> None:
    """do cfpop(...) without name is the do extension's."""
    environment = Environment(extensions=["cfml_pop.CfpopExtension", "jinja2.ext.do"], autoescape=True)
    assert "" == render("{% do cfpop(" + ARGUMENTS + ", action='delete', uid='1') %}", environment)
    assert ("1",) == fake.call.uids
    with pytest.raises(TemplateSyntaxError, match="unknown tag 'do'"):
        render("{% do cfpop(" + ARGUMENTS + ") %}")


def test_the_hosts_own_function_is_left_alone(fake: FakeClient) -> None:
    """Where cfpop is a function of the host, calls of it are the host's, with name too; the tag stays ours."""
    environment = Environment(extensions=["cfml_pop.CfpopExtension"], autoescape=True)
    environment.globals["cfpop"] = lambda **given: f"own {given}"
    assert "own {&#39;name&#39;: &#39;m&#39;}" == render("{{ cfpop(name='m') }}", environment)
    assert [] == fake.calls
    assert "2" == render("{% cfpop(" + ARGUMENTS + ", name='m') %}{{ m.recordcount }}", environment)


def test_undefined_calls_stay_undefined() -> None:
    """A function that does not exist is Jinja's error, as before."""
    with pytest.raises(UndefinedError):
        render("{{ cfpops(name='x') }}")
