"""The page's variables, and what its names stand for.

Rule: one mapping a render, `variables`, in any case; it lives in the context, so that includes share it and two renders never do.
Names are looked up in the current rows (the innermost first), then there, then as Jinja found them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from types import FunctionType
from typing import Any, TypeVar

from jinja2 import TemplateRuntimeError, Undefined
from jinja2.runtime import Context
from jinja2.utils import missing

from cfml_pop.cfml import simple
from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.column import Column, current
from cfml_pop.cfml.functions import FUNCTIONS, spelling
from cfml_pop.cfml.limits import fits
from cfml_pop.cfml.loops import LoopRow, whole
from cfml_pop.cfml.query import Query
from cfml_pop.errors import FunctionFault

__all__ = [
    "NAME_PATH",
    "Rows",
    "any_case",
    "at",
    "at_row",
    "begin",
    "defined",
    "end",
    "find_item",
    "find_key",
    "function",
    "is_defined",
    "is_function",
    "is_missing",
    "item",
    "joined",
    "key_of",
    "look",
    "look_in_rows",
    "member",
    "named",
    "page_of",
    "page_variables",
    "read",
    "settled",
]

T = TypeVar("T")
PAGE = "_cfml_page"
Rows = tuple[LoopRow, ...]

NAME_PATH = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*(?:\.[A-Za-z_$][A-Za-z0-9_$]*)*")


class PageState:
    """What one render holds: its variables. `closed` has their names once the page is over."""

    __slots__ = ("_closed", "_variables", "own")

    def __init__(self, variables: MutableMapping[str, Any] | None) -> None:
        self.own: bool = variables is None
        self._variables: MutableMapping[str, Any] = Struct() if variables is None else variables
        self._closed: frozenset[str] | None = None

    def __repr__(self) -> str:
        return "<variables of the page>"


# -- the page ------------------------------------------------------------------------------------------------------------------


def begin(context: Context) -> None:
    """At the start of each template: the first one of a render makes the page, unless the host or an outer template has."""
    page_of(context)


def end(context: Context) -> None:
    """At the end of the template that made the page. What lives on are macros of a library that was imported without context:
    they are the same for all users of the process, and what is in the variables is one user's."""
    page = context.vars.get(PAGE)
    if isinstance(page, PageState):
        page._closed = frozenset(name.lower() for name in page._variables)
        page._variables = Struct()


def page_of(context: Context) -> PageState:
    """The page that this render is; made here where a host renders a block alone."""
    page = context.resolve_or_missing(PAGE)
    if isinstance(page, PageState):
        return page
    given = context.resolve_or_missing("variables")
    if given is not missing and not isinstance(given, MutableMapping):
        raise TemplateRuntimeError(f"'variables' in the context must be a mapping, not a {type(given).__name__}")
    page = context.vars[PAGE] = PageState(None if given is missing else given)
    return page


def page_variables(context: Context) -> MutableMapping[str, Any]:
    """The mapping itself, to be written to. Raises TemplateRuntimeError when the page is over."""
    page = page_of(context)
    if page._closed is not None:
        raise TemplateRuntimeError(
            "the page's variables are not there in a library imported without context; write: import ... with context"
        )
    return page._variables


def _find(context: Context, name: str) -> Any:
    page = page_of(context)
    found = find_item(page._variables, name)
    if found is missing and page._closed and name.lower() in page._closed:
        page_variables(context)  # says what is wrong
    return found


def find_item(container: Mapping[Any, Any], name: object) -> Any:
    """The item of that name, any case; else `missing`. `get` and `in` only, as a defaultdict would make what is looked for."""
    key = find_key(container, name)
    return container.get(key) if key is not missing else missing


def find_key(container: Mapping[Any, Any], name: object) -> Any:
    """The key as the container spells it; else `missing`."""
    if name in container:
        return name
    if isinstance(name, str) and not isinstance(container, Struct):
        folded = name.lower()
        return next((key for key in container if isinstance(key, str) and key.lower() == folded), missing)
    return missing


# -- reading -------------------------------------------------------------------------------------------------------------------


def look(context: Context, name: str, rows: object, jinja_value: Any) -> Any:
    """What a name stands for. `jinja_value` is what Jinja found, an Undefined where it found nothing."""
    found = look_in_rows(name, rows, missing)
    if found is not missing:
        return found
    found = _find(context, name)
    if found is missing:
        # A function is no variable: without this, a page whose variable is missing would get the function of that name.
        found = context.environment.undefined(name=name) if is_function(jinja_value) else jinja_value
        if isinstance(found, Undefined):
            found = page_variables(context) if name.lower() == "variables" else any_case(context, name, found)
    return at_row(rows, found)


def look_in_rows(name: str, rows: object, jinja_value: Any) -> Any:
    """What a name stands for that Jinja has bound outside of the query loop."""
    if isinstance(rows, tuple):
        for turn in reversed(rows):
            found = turn.column(name, missing)
            if found is not missing:
                return found
    return at_row(rows, jinja_value)


def any_case(context: Context, name: str, otherwise: Any) -> Any:
    """What the context has under a name of other case; functions of the environment are no variables."""
    shared = context.environment.globals
    there = {
        key: value
        for key, value in context.get_all().items()
        if not key.startswith("_") and not (callable(value) and shared.get(key) is value)
    }
    found = find_item(there, name)
    return otherwise if found is missing else found


def at_row(rows: object, value: Any) -> Any:
    """The value; of a query that is being looped over, its view at the current row."""
    if isinstance(value, Query) and isinstance(rows, tuple):
        query = whole(value)
        for turn in reversed(rows):
            if turn.query is query:
                return turn.view
    return value


def member(context: Context, value: Any, name: str) -> Any:
    """`value.name` in an expression of a tag: an item of a mapping, in any case, before an attribute."""
    if isinstance(value, Mapping):
        found = find_item(value, name)
        if found is not missing:
            return found
    return context.environment.getattr(value, name)


def item(context: Context, value: Any, index: Any) -> Any:
    """`value[index]` in an expression of a tag. Every list counts from 1, as in CFML."""
    index = defined(index, "an index")
    if isinstance(value, Column):
        return value[index]
    index = current(index)
    if isinstance(value, Mapping):
        found = find_item(value, key_of(index))
        return context.environment.undefined(obj=value, name=key_of(index)) if found is missing else found
    if isinstance(value, (list, tuple)):
        return at(value, index)
    if isinstance(value, str):
        raise FunctionFault("text has no items; write mid() for a part of it")
    return context.environment.getitem(value, index)


def function(context: Context, name: str, jinja_value: Any) -> Any:
    """What is called: what Jinja found if it can be called, else the environment's function, else the page's variable.

    So a variable or a column that is called like a function does not hide it; in CFML too these are two worlds.
    """
    if callable(jinja_value) and not isinstance(jinja_value, Undefined):
        return jinja_value
    found = context.environment.globals.get(name, missing)
    if found is missing:
        found = _find(context, name)
    if found is missing and isinstance(jinja_value, Undefined):
        found = any_case(context, name, missing)
    if found is missing and isinstance(jinja_value, Undefined):
        return context.environment.undefined(_unknown_function(name), name=name)
    return jinja_value if found is missing else found


def _unknown_function(name: str) -> str:
    close = difflib.get_close_matches(name.lower(), [key.lower() for key in FUNCTIONS], 1, 0.8)
    known = spelling(close[0]) if close else None
    hint = f"did you mean {known}?" if known else f"the host may give one: environment.globals[{name!r}]"
    return f"there is no function {name!r}; {hint}"


def is_function(value: Any) -> bool:
    """Whether a value is one of CFML's functions, as they are entered in the environment."""
    return isinstance(value, FunctionType) and hasattr(value, "cfml_function")


def is_missing(value: Any) -> bool:
    """Whether a value is undefined or CFML's null."""
    return value is None or isinstance(value, Undefined)


def is_defined(context: Context, function: str, path: Any, rows: object, known: Any) -> bool:
    """Whether a name, with dots, stands for something. It is looked up and never run."""
    text = read(simple.text, path, f"{function}(): its argument", function).strip()
    if not NAME_PATH.fullmatch(text):
        raise FunctionFault(
            f'{function}(): takes the name of a variable, with dots, as in {function}("form.uid"), not {text[:100]!r}',
            function=function,
            argument="name",
        )
    return not is_missing(named(context, text, rows, known))


def named(context: Context, path: str, rows: object, known: Any = None) -> Any:
    """What a name with dots stands for; None or an Undefined where it stands for nothing.

    `known` is what Jinja has found for its first word, where the template spells it.
    """
    root, *names = path.strip().split(".")
    if is_missing(known):
        known = context.resolve_or_missing(root)
    if known is missing or (callable(known) and context.environment.globals.get(root) is known):
        known = context.environment.undefined(name=root)  # what the host and Jinja have for all pages are functions
    value = look(context, root, rows, known)
    for name in names:
        if is_missing(value):
            break
        value = member(context, value, name)
    return value


def read(convert: Callable[[Any], T], value: Any, what: str, function: str = "") -> T:
    """A value, converted. What is undefined or cannot be converted is a FunctionFault that begins with `what`."""
    value = defined(value, what, function)
    try:
        return convert(value)
    except FunctionFault:
        raise
    except ValueError as error:
        raise FunctionFault(f"{what} {error}", function=function) from None


def defined(value: Any, what: str, function: str = "") -> Any:
    """The value. An undefined one is a FunctionFault: it is never taken as empty text."""
    if isinstance(value, Undefined):
        raise FunctionFault(f"{what} has no value: {value._undefined_message}", function=function)
    return value


def settled(value: Any, what: str) -> Any:
    """A value to keep: a column gives its value in the current row, a query at a row the whole query. None and undefined: no."""
    value = current(defined(value, what))
    return whole(value) if isinstance(value, Query) else value


# -- kinds of values -----------------------------------------------------------------------------------------------------------


def at(items: list[Any] | tuple[Any, ...], index: Any) -> Any:
    """The item of a list at a position from 1 on, whatever kind of list it is. Raises ColumnIndexFault."""
    position = Array._position(index)
    if isinstance(items, Array) or position > len(items):
        return Array.__getitem__(items if isinstance(items, Array) else Array(items), index)
    return items[position - 1]


def key_of(step: Any) -> str:
    """The text that names an item of a struct."""
    return read(simple.text, step, "the name of a key")


def joined(parts: Iterable[Any]) -> str:
    """The text of a string with `#...#` in it; a loop that doubles one ends before the memory does, as with the operator `&`."""
    texts: list[str] = []
    length = 0
    for part in parts:
        texts.append(read(simple.text, part, "a part of the text"))
        length += len(texts[-1])
    read(fits, length, "the text")
    return "".join(texts)
