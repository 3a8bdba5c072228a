"""What happens when a template runs a cfpop.

Rule: nothing is sent before every attribute has been read and, in a sandbox, the host's permission has been seen. All state is in
arguments and local variables.

`attributes` is a tuple of (name, line, parts): one part is the value itself, several are joined to text.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Iterable, Mapping
from typing import Any

from jinja2 import Environment, Undefined, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.utils import internalcode

from cfml_pop.cfml import values
from cfml_pop.cfml.attributes import DELETE, GET_ALL, LATER, MARK_READ, Call, find_attribute, find_faults, resolve
from cfml_pop.cfml.dialect import DEFAULT, Dialect, find_dialect
from cfml_pop.cfml.permission import action_allowed, server_allowed
from cfml_pop.cfml.query import Query
from cfml_pop.errors import AttributeFault, CfpopError
from cfml_pop.jinja.binding import Place, find_fault
from cfml_pop.jinja.faults import calling_place, locate, refusal
from cfml_pop.jinja.veil import hidden
from cfml_pop.settings import Settings

__all__ = ["acfpop", "cfpop", "dialect_of", "run", "settings_of"]

Given = Iterable[tuple[str, int | None, tuple[object, ...]]]


def settings_of(environment: Environment) -> Settings:
    """The host's settings of this environment. Raises TypeError when something else was put in their place."""
    settings = getattr(environment, "cfpop_settings", None)
    if not isinstance(settings, Settings):
        raise TypeError(f"environment.cfpop_settings must be a cfml_pop.Settings, not {type(settings).__name__}")
    return settings


def dialect_of(environment: Environment) -> Dialect:
    """The dialect of this environment, the default one where the settings name none that exists (running a call tells that)."""
    settings = getattr(environment, "cfpop_settings", None)
    try:
        return find_dialect(settings.dialect) if isinstance(settings, Settings) else DEFAULT
    except AttributeFault:
        return DEFAULT


@pass_context
@internalcode
def cfpop(context: Context, *arguments: object, **attributes: object) -> object:
    """The function `cfpop(...)` of templates: gives the query back. In an async environment it gives an awaitable of it."""
    return _call_function("cfpop", context, arguments, attributes)


@pass_context
@internalcode
def acfpop(context: Context, *arguments: object, **attributes: object) -> object:
    """The awaitable twin, for environments with `enable_async`."""
    if not context.environment.is_async:
        fault = AttributeFault("acfpop(...) needs an environment with enable_async=True; write cfpop(...)")
        locate(fault, *calling_place(), {})
        raise fault
    return _call_function("acfpop", context, arguments, attributes)


@internalcode
def _call_function(function: str, context: Context, arguments: tuple[object, ...], attributes: Mapping[str, object]) -> object:
    place = calling_place()
    if arguments:
        fault = AttributeFault(f"{function}(...) takes its attributes by name: {function}(server=..., username=...)")
        locate(fault, *place, {})
        raise fault
    return run(context, place, tuple((name, None, (value,)) for name, value in attributes.items()), template=False)


@internalcode
def run(
    context: Context,
    place: Place,
    attributes: Given,
    keep: object = None,
    targets: Iterable[tuple[tuple[str, ...], object]] = (),
    *,
    template: bool = True,
    catching: bool = False,
) -> object:
    """Read the attributes and carry out the call; in an async environment, give an awaitable of the same.

    Gives the query; `keep` instead when a tag deleted or marked. With `catching` a pair: what would be bound, and None or the
    error. `targets` are the dotted names that will be bound; what is wrong with them is told with the faults of the attributes.
    """
    environment = context.environment
    lines = {_key(name): line or place[1] for name, line, _ in attributes}
    misplaced = [(words[0], find_fault(context, (place[0], lines.get(words[0])), words, root)) for words, root in targets]
    settings = settings_of(environment)
    try:
        dialect = find_dialect(settings.dialect)
        call = _read(attributes, [pair for pair in misplaced if pair[1]], dialect, template=template)
    except CfpopError as error:
        locate(error, *place, lines)
        raise error.with_traceback(None)  # noqa: B904 - its frames hold the password as the template gave it
    if environment.sandboxed:
        _permit(call, settings, place, lines)
    from cfml_pop import (
        client,
    )  # with POP3, TLS and the reader of mail: loaded by the first call, not by who only loads templates

    finish = _Finish(call, dialect, place, lines, keep if template else LATER, catching)
    if environment.is_async:
        return _arun(client.aperform(call, settings, sandboxed=environment.sandboxed), finish)
    try:
        query = client.perform(call, settings, sandboxed=environment.sandboxed)
    except CfpopError as error:
        return finish.failed(error)
    return finish.done(query)


@internalcode
async def _arun(performing: Awaitable[Query], finish: _Finish) -> object:
    try:
        query = await performing
    except CfpopError as error:
        return finish.failed(error)
    return finish.done(query)


class _Finish:
    """What the template gets, when all went well and when it did not; the same for both kinds of environment."""

    def __init__(
        self, call: Call, dialect: Dialect, place: Place, lines: Mapping[str, int | None], keep: object, catching: bool
    ) -> None:
        self.call = call
        self.dialect = dialect
        self.place = place
        self.lines = lines
        self.keep = keep
        self.catching = catching

    def done(self, query: Query) -> object:
        result = self._bound(query)
        return (result, None) if self.catching else result

    @internalcode
    def failed(self, error: CfpopError) -> object:
        locate(error, *self.place, self.lines)
        if not self.catching or isinstance(error, AttributeFault):
            raise error
        # The error goes into the context: without its frames, which hold mail and sockets.
        error = error.with_traceback(None)
        error.__context__ = error.__cause__ = None
        return self._bound(Query(self.dialect.columns(full=self.call.action == GET_ALL), (), style=self.dialect.style)), error

    def _bound(self, query: Query) -> object:
        return self.keep if self.keep is not LATER and self.call.action in (DELETE, MARK_READ) else query


def _read(attributes: Given, faults: list[tuple[str, str]], dialect: Dialect, *, template: bool) -> Call:
    """The call that the attributes ask for. Raises AttributeFault with `faults` and all that is wrong besides."""
    given: dict[str, Any] = {}
    for name, _, parts in attributes:
        try:
            given[name] = _defined(parts[0] if len(parts) == 1 else "".join(values.untrimmed(_defined(part)) for part in parts))
        except ValueError as error:
            given[name] = LATER
            faults.append((_key(name), hidden(name) if _is_secret(name) else f"{name} {error}"))
    if faults:
        faults += find_faults(given, template=template, dialect=dialect)
        raise AttributeFault("cfpop: " + "; ".join(text for _, text in faults), faults=faults)
    return resolve(given, template=template, dialect=dialect)


def _defined(value: object) -> object:
    """The value. An undefined one is a fault and never "not given": a delete with a misspelt uid would empty the mailbox."""
    if isinstance(value, Undefined):
        raise ValueError(f"has no value: {value._undefined_message} (text goes in quotes)")  # noqa: TRY004 - a fault like others
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, Undefined):
                text = hidden(key) if _is_secret(key) else item._undefined_message
                raise ValueError(f"holds {key!r}, which has no value: {text}")  # noqa: TRY004
    if isinstance(value, AsyncIterable):  # what map and select give in an async environment
        raise ValueError("must be a list that is there already: write |list behind the filter")  # noqa: TRY004
    return value


def _permit(call: Call, settings: Settings, place: Place, lines: Mapping[str, int | None]) -> None:
    """In a sandbox, refuse what the host has not allowed in so many words. The lists themselves are not told to the template."""

    def refused(attribute: str, text: str) -> SecurityError:
        return refusal(text, place[0], lines.get(attribute, place[1]))

    if settings.servers is None or settings.actions is None or settings.attachment_root is None:
        raise refused(
            "",
            "cfpop is refused in a sandboxed environment until the host has given "
            "Settings(servers=..., actions=..., attachment_root=...), all three",
        )
    if not action_allowed(call.action, settings.actions):
        raise refused("action", f"cfpop: action {call.action!r} is not allowed here")
    if call.connection is None and not server_allowed(call.server, call.port, settings.servers, usual_ports=True):
        raise refused("server", f"cfpop: server {call.server!r} with port {call.port} is not allowed here")


def _is_secret(name: object) -> bool:
    attribute = find_attribute(name) if isinstance(name, str) else None
    return attribute is not None and attribute.secret


def _key(name: str) -> str:
    attribute = find_attribute(name)
    return attribute.name.lower() if attribute else name.lower()
