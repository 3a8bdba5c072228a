"""CFML's functions as globals and filters."""

from __future__ import annotations

import asyncio
import datetime as dt
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader, Environment, FileSystemBytecodeCache, ModuleLoader, StrictUndefined, TemplateAssertionError
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.nativetypes import NativeEnvironment
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment

from cfml_pop.cfml import functions as tables
from cfml_pop.cfml.functions.family import KINDS, Family, Page, argument, rest
from cfml_pop.cfml.query import Query
from cfml_pop.errors import FunctionFault
from cfml_pop.jinja import functions as module
from cfml_pop.jinja.environment import cfml_environment
from cfml_pop.settings import Settings
from tests.tags_support import MAIL

NAMES = {"functions": "cfml_pop.CfmlFunctionsExtension", "tags": "cfml_pop.CfmlTagsExtension"}


@pytest.fixture(autouse=True)
def family(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few functions in place of the real ones, so that these tests are about the way into Jinja alone."""
    monkeypatch.setitem(KINDS, "mutable array", KINDS["array"])
    made = Family("Test")

    @made.function("leftOf", argument("string"), argument("count", "integer", 1))
    def left_of(text: str, count: int) -> str:
        return text[:count]

    @made.function("trim", argument("string"))
    def trim(text: str) -> str:
        return f"[{text}]"

    @made.function("zoneName", page=True)
    def zone_name(page: Page) -> str:
        return str(page.time_zone)

    @made.function("addTo", argument("array", "mutable array"), rest("values"))
    def add_to(array: list[Any], *values: Any) -> bool:
        array.extend(values)
        return True

    @made.function("putInto", argument("value", "any"), argument("array", "mutable array", also=("list",)))
    def put_into(value: object, array: list[Any]) -> bool:
        array.append(value)
        return True

    @made.function("rowsOf", argument("query", "query"))
    def rows_of(query: Query) -> Query:
        return query

    @made.function("year", argument("date", "any", ""))
    def year(date: Any) -> int:
        return int(str(date)[:4])

    found = {function.name: function for function in made}
    monkeypatch.setattr(module, "FUNCTIONS", found)
    monkeypatch.setattr(tables, "FUNCTIONS", found)
    monkeypatch.setattr(tables, "_SPELLINGS", {name.lower(): name for name in found})


def make(extension: str = "functions", base: type[Environment] = Environment, **options: Any) -> Environment:
    return base(extensions=[NAMES[extension]], **{"autoescape": True, **options})


@pytest.mark.parametrize("extension", ["functions", "tags"])
@pytest.mark.parametrize("base", [Environment, SandboxedEnvironment, ImmutableSandboxedEnvironment, NativeEnvironment])
@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ leftOf('abc', 2) }}", "ab"),
        ("{{ LEFTOF('abc', 2) }}{{ Leftof ('xyz') }}", "abx"),
        ("{{ leftof(COUNT=2, string='abc') }}", "ab"),
        ("{{ 'abc'|leftOf }}{{ 'abc' | LEFTOF(2) }}{{ 'abc'|LeftOf(count=2) }}", "aabab"),
        ("{{ trim(' a ') }}{{ TRIM('b') }}{{ ' c '|trim }}", "[ a ][b]c"),
        ("{% set x = LEFTOF('abc') %}{{ x }}", "a"),
        ("{% if leftOF(LEFTOF('abc', 2)) == 'a' %}yes{% endif %}", "yes"),
        ("{% macro LeftOf(x) %}own{% endmacro %}{{ LeftOf('abc') }}{{ LEFTOF('abc') }}", "owna"),
        ("{% set LeftOf = own %}{{ LeftOf('abc') }}", "host"),
        ("{{ box.LEFTOF('x') }}", "method"),
        ("{% for x in ['abc'] %}{{ LEFTOF(x) }}{% endfor %}", "a"),
        ("LEFTOF(1) {# LEFTOF( #}{% raw %}{{ LEFTOF(1) }}{% endraw %}", "LEFTOF(1) {{ LEFTOF(1) }}"),
        ("{{ 'LEFTOF(1)' }}", "LEFTOF(1)"),
        ("{{ isDefined('mail') }}{{ ISDEFINED('mail.subject') }}{{ IsDefined('nope') }}", "TrueTrueFalse"),
        ("{{ parameterExists(mail) }}{{ PARAMETEREXISTS(nope) }}", "TrueFalse"),
        ("{{ 3 is odd }}{{ 4 is divisibleby(2) }}{{ range(2)|list|length }}", "TrueTrue2"),
    ],
)
def test_calls(extension: str, base: type[Environment], asynchronous: bool, source: str, expected: str) -> None:
    """Functions and filters are called in any case and by names of arguments; what is the template's own stays its own."""

    class Box:
        def LEFTOF(self, _: str) -> str:  # noqa: N802 - that is the test
            return "method"

    template = make(extension, base, enable_async=asynchronous).from_string(source)
    context = {"mail": MAIL, "own": lambda _: "host", "box": Box()}
    assert expected == str(asyncio.run(template.render_async(context)) if asynchronous else template.render(context))


def test_what_is_there_stays() -> None:
    """Functions and filters of the host or of Jinja under the same name are kept, exactly as they are written."""
    environment = make()
    environment.globals["Leftof"] = lambda _: "host"
    environment.filters["LEFTOF"] = lambda _: "host"
    assert "hosta" == environment.from_string("{{ Leftof('abc') }}{{ LEFTOF('abc') }}").render()
    assert "hosta" == environment.from_string("{{ 'abc'|LEFTOF }}{{ 'abc'|leftof }}").render()
    taken = Environment(autoescape=True)
    taken.globals["leftOf"] = lambda _: "host"
    taken.add_extension(NAMES["functions"])
    assert "host" == taken.from_string("{{ leftOf('abc') }}").render()
    with pytest.raises(UndefinedError):
        taken.from_string("{{ LEFTOF('abc') }}").render()
    with pytest.raises(TemplateAssertionError, match="No filter named 'TRIM'"):
        make().from_string("{{ 'a'|TRIM }}")


@pytest.mark.parametrize("extension", ["functions", "tags"])
@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ leftOf(nope) }}", "leftOf(): string has no value: 'nope' is undefined; write leftOf(string, [count])"),
        (
            "{{ LEFTOF('a', count=box.nope) }}",
            "leftOf(): count has no value: 'dict object' has no attribute 'nope'; write leftOf(",
        ),
        ("{{ nope|leftOf }}", "leftOf(): string has no value: 'nope' is undefined"),
        ("{{ addTo([], 1, nope) }}", "addTo(): values has no value: 'nope' is undefined"),
        ("{{ leftOf() }}", "leftOf(): string is missing"),
        ("{{ leftOf('a', 'b') }}", "leftOf(): count must be a number, not 'b'"),
        ("{{ leftOf('a', 1, 2) }}", "leftOf(): takes at most 2 arguments, not 3"),
        ("{{ leftOf('a', cuont=1) }}", "leftOf(): cuont is no argument of this function"),
        ("{{ zoneName(nope) }}", "zoneName(): argument 1 has no value"),
        ("{{ isDefined('a b') }}", "isDefined(): takes the name of a variable, with dots"),
        ("{{ isDefined(nope) }}", "isDefined(): its argument has no value: 'nope' is undefined"),
        ("{{ isDefined('f()') }}", "isDefined(): takes the name of a variable"),
    ],
)
def test_faults(extension: str, source: str, text: str) -> None:
    """A wrong call is one error with template and line, function, argument and what is accepted."""
    for asynchronous in (False, True):
        loader = DictLoader({"page": "\n\n" + source})
        environment = make(extension, loader=loader, enable_async=asynchronous, undefined=StrictUndefined)
        with pytest.raises(FunctionFault) as caught:
            environment.get_template("page").render(box={})
        assert text == caught.value.message[: len(text)]
        assert ("page", 3) == (caught.value.template_name, caught.value.lineno)


def test_settings() -> None:
    """The page's time zone is that of the settings."""
    environment = cfml_environment(functions=True, settings=Settings(time_zone=dt.timezone.utc))
    assert "UTC" == environment.from_string("{{ ZoneName() }}").render()
    assert "None" == make().from_string("{{ zoneName() }}").render()


@pytest.mark.parametrize("extension", ["functions", "tags"])
def test_changes_in_a_sandbox(extension: str) -> None:
    """A function that changes its argument asks the sandbox first."""
    items = [1]
    assert "True" == make(extension, SandboxedEnvironment).from_string("{{ addTo(items, 2) }}").render(items=items)
    for call in ("addTo(items, 3)", "ADDTO(array=items)", "items|addTo(3)"):
        with pytest.raises(SecurityError, match=r"addTo\(\) would change its argument, which this sandbox forbids"):
            make(extension, ImmutableSandboxedEnvironment).from_string(f"{{{{ {call} }}}}").render(items=items)
    assert [1, 2] == items
    with pytest.raises(FunctionFault):
        make(extension, ImmutableSandboxedEnvironment).from_string("{{ addTo() }}").render()


def test_what_is_judged_in_a_sandbox() -> None:
    """The sandbox judges the argument that is changed, wherever it stands in the call."""
    locked: list[object] = []

    class Guarded(SandboxedEnvironment):
        def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
            return obj is not locked and super().is_safe_attribute(obj, attr, value)

    environment = make("functions", Guarded)
    for call in ("putInto([], locked)", "putInto(value=[], array=locked)", "putInto(LIST=locked, value=[])"):
        with pytest.raises(SecurityError, match=r"putInto\(\) would change its argument"):
            environment.from_string(f"{{{{ {call} }}}}").render(locked=locked)

    assert [] == locked
    assert "True" == environment.from_string("{{ putInto(locked, []) }}").render(locked=locked)


def test_a_function_is_no_variable() -> None:
    """Where the tags are loaded, a name alone is never a function: a variable that is not there is not there."""
    environment = make("tags")
    assert "[]False" == environment.from_string("[{{ year }}]{{ isDefined('year') }}").render()
    assert "19" == environment.from_string("{% cfset year = 1 %}{{ year }}{{ leftOf('9') }}").render()
    assert "2024False" == environment.from_string("{{ year('2024-01') }}{{ isDefined('leftOf') }}").render()


def test_functions_in_tags() -> None:
    """In a tag's expression functions are called in any case too, and what the template has bound is its own there as well."""
    source = (
        "{% cfset a = LEFTOF('abc') & leftOf(string='xyz', count=1 + 1) %}{{ a }}{% cfif LeftOf('yes', 3) %}!{% endcfif %}"
        "{% macro LeftOf(x) %}own{% endmacro %}{% cfset b = LeftOf('abc') & LEFTOF('abc') %}{{ b }}"
    )
    assert "axy!owna" == make("tags").from_string(source).render()
    environment = make("tags")
    environment.globals["LeftOf"] = lambda _: "host"
    assert "hosta" == environment.from_string("{% cfset b = LeftOf('abc') & LEFTOF('abc') %}{{ b }}").render()


def test_a_query_in_a_loop() -> None:
    """A function gets the query itself, not the view of it at the row."""
    source = "{% cfloop query=mail %}{{ rowsOf(mail).currentrow }}{% cfset q = rowsOf(mail) %}{% endcfloop %}{{ q.subject }}"
    assert "111one" == make("tags").from_string(source).render(mail=MAIL)


def test_compiled(tmp_path: Path) -> None:
    """Calls run from a bytecode cache and from compiled modules."""
    loader = DictLoader({"page": "{{ LEFTOF('abc', 2) }}{{ 'x'|LEFTOF }}"})
    for _ in range(2):
        environment = make(loader=loader, bytecode_cache=FileSystemBytecodeCache(str(tmp_path)))
        assert "abx" == environment.get_template("page").render()
    make(loader=loader).compile_templates(tmp_path / "modules", zip=None)
    assert "abx" == make(loader=ModuleLoader(tmp_path / "modules")).get_template("page").render()


def test_nothing_is_loaded_unasked() -> None:
    """An environment without functions and tags does not even load their modules, nor those that clean HTML."""
    code = "import sys, cfml_pop; cfml_pop.cfml_environment().from_string('1').render(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    unasked = {"cfml_pop.cfml.functions", "cfml_pop.jinja.tags", "cfml_pop.jinja.names", "cfml_pop.markup.clean"}
    assert set() == unasked & set(done.stdout.split())


def test_opt_in() -> None:
    """cfml_environment has functions and tags only where they are asked for; the tags bring the functions."""
    plain, functions, tags = cfml_environment(), cfml_environment(functions=True), cfml_environment(tags=True)
    assert [False, True, True] == ["leftOf" in environment.globals for environment in (plain, functions, tags)]
    assert [False, False, True] == [NAMES["tags"] in environment.extensions for environment in (plain, functions, tags)]
    both = cfml_environment(functions=True, tags=True)
    assert "ab" == both.from_string("{{ LEFTOF('abc', 2) }}").render()
