"""CFML's functions as globals and filters of Jinja.

Rule: what the host or Jinja has under a name stays. A function reaches what it is given and nothing else: no attribute of an
object, no file, no name of the page (but `isDefined`, which only looks). Its faults get the template's name and line.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, cast

from jinja2 import Environment, Undefined, pass_context
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.runtime import Context
from jinja2.utils import internalcode

from cfml_pop.cfml.functions import FUNCTIONS, Function, Page, spelling
from cfml_pop.cfml.loops import whole
from cfml_pop.cfml.query import Query
from cfml_pop.jinja import variables
from cfml_pop.jinja.faults import calling_place, placed, refusal
from cfml_pop.jinja.grammar import PAGE_FUNCTIONS
from cfml_pop.jinja.running import settings_of
from cfml_pop.settings import Settings

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

__all__ = ["CfmlFunctionsExtension", "canonical_names", "install_functions"]

CHANGED = "mutable "
"""How the kinds of arguments begin that a function changes, as arrayAppend its array."""


class CfmlFunctionsExtension(Extension):
    """CFML's functions, in any case: `{{ dateFormat(mail.date, "yyyy-mm-dd") }}`, `{{ mail.subject | LEFT(20) }}`.

    A function is a global, and a filter where Jinja has none of that name. A macro or variable of the same exact name is the
    template's own. The host's settings are `environment.cfpop_settings` (`time_zone`).

    >>> from jinja2 import Environment
    >>> environment = Environment(extensions=["cfml_pop.CfmlFunctionsExtension"])
    """

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        install_functions(environment)

    def filter_stream(self, stream: TokenStream) -> TokenStream | Iterable[Token]:
        return canonical_names(self.environment, stream)


CfmlFunctionsExtension.identifier = "cfml_pop.CfmlFunctionsExtension"


def install_functions(environment: Environment) -> None:
    """Enter the functions. What is there under the same name stays."""
    environment.extend(cfpop_settings=Settings())
    for name in FUNCTIONS:
        call = _as_callable(name)
        environment.globals.setdefault(name, call)
        environment.filters.setdefault(name, call)
    environment.globals.setdefault("isDefined", is_defined)
    environment.globals.setdefault("parameterExists", parameter_exists)


@functools.cache  # the table is fixed, so this holds each function once, for all environments
def _as_callable(name: str) -> Callable[..., Any]:
    @pass_context
    @placed
    @internalcode
    def call(context: Context, *given: Any, **named: Any) -> Any:
        function = FUNCTIONS[name]  # loaded by the first call
        values = [_taken(function, position, value) for position, value in enumerate(given)]
        by_name = {key: _taken(function, key, value) for key, value in named.items()}
        if context.environment.sandboxed:
            for value in _changed(function, values, by_name):
                _refuse_change(context, name, value)
        page = Page(time_zone=settings_of(context.environment).time_zone)
        return function(page, *values, **by_name)

    call.__name__ = call.__qualname__ = name
    call.cfml_function = name  # type: ignore[attr-defined]  # by which variables knows that it is no variable
    return call


def _taken(function: Function, which: int | str, value: Any) -> Any:
    if isinstance(value, Undefined):
        name = str(which)
        if isinstance(which, int):
            known = function.arguments
            name = known[min(which, len(known) - 1)].name if known else f"argument {which + 1}"
        raise function.fault(f"has no value: {value._undefined_message}", name)
    return whole(value) if isinstance(value, Query) else value


def _changed(function: Function, values: list[Any], by_name: Mapping[str, Any]) -> Iterator[Any]:
    """The values that the function would change, given by position or by any of their names."""
    named = {name.lower(): value for name, value in by_name.items()}
    for position, one in enumerate(function.arguments):
        if one.kind.startswith(CHANGED):
            yield from values[position : position + 1]
            yield from (named[name.lower()] for name in (one.name, *one.also) if name.lower() in named)


def _refuse_change(context: Context, name: str, value: Any) -> None:
    """A sandbox has a verdict of its own on changing mappings and lists; a query counts as a mapping."""
    probe: Any = value if isinstance(value, (list, MutableMapping)) else {}
    method = "append" if isinstance(probe, list) else "update"
    if not cast("SandboxedEnvironment", context.environment).is_safe_attribute(probe, method, getattr(probe, method)):
        raise refusal(f"{name}() would change its argument, which this sandbox forbids", *calling_place())


@pass_context
@placed
@internalcode
def is_defined(context: Context, name: Any) -> bool:
    """Whether a name, with dots, stands for something: `isDefined("form.uid")`. Loop variables of Jinja are not seen."""
    return variables.is_defined(context, "isDefined", name, (), None)


@pass_context
@internalcode
def parameter_exists(context: Context, value: Any) -> bool:  # noqa: ARG001 - for the same signature as its kin
    """Whether the value exists: `parameterExists(form.uid)`, CFML's older form of isDefined."""
    return not isinstance(value, Undefined) and value is not None


is_defined.cfml_function = parameter_exists.cfml_function = None  # type: ignore[attr-defined]


def canonical_names(environment: Environment, stream: TokenStream) -> Iterator[Token]:
    """The tokens, with functions and filters of ours spelled as they are entered.

    `NAME(` and `| NAME` only; and no name behind a dot or `is`, none that the environment has as it is written, and none that the
    template has bound before (macro, set, import).
    """
    own: set[str] = set()
    before = before_that = Token(0, "data", "")
    held: Token | None = None
    for token in stream:
        if held is not None:
            yield _spelled(environment, held, before_that, token, own)
        if token.type == "name":
            if before.type == "name" and before.value in ("macro", "set", "as", "import"):
                own.add(token.value)
            held = token
        else:
            held = None
            yield token
        before_that, before = before, token
    if held is not None:
        yield held


def _spelled(environment: Environment, token: Token, before: Token, after: Token, own: set[str]) -> Token:
    name = token.value
    if before.type == "pipe":
        table: Any = environment.filters
    elif after.type == "lparen" and before.type != "dot" and not (before.type == "name" and before.value in ("is", "macro")):
        table = environment.globals
    else:
        return token
    if name in table or name in own:
        return token
    spelled = PAGE_FUNCTIONS.get(name.lower())
    ours = spelling(name)
    if ours is not None:
        spelled = ours if table.get(ours) is _as_callable(ours) else None
    return token if spelled is None or spelled not in table else token._replace(value=spelled)
