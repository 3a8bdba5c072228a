"""The Jinja2 extension with CFML's tags around cfpop.

Rule: only what Jinja calls stands here, and each method hands its work on. What compiled templates call takes the protocol's
version first, because bytecode caches and compiled modules outlive an upgrade of this package.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn, TypeVar

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.utils import internalcode

from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import Struct
from cfml_pop.cfml.operators import OPERATORS, concat, truth
from cfml_pop.errors import CfpopError
from cfml_pop.jinja import conditions, dump, loops, statements, trying, variables, writing
from cfml_pop.jinja.binding import PROTOCOL, Place, same_protocol
from cfml_pop.jinja.expressions import Reader
from cfml_pop.jinja.faults import calling_place, locate
from cfml_pop.jinja.functions import canonical_names, install_functions
from cfml_pop.jinja.grammar import PREFIX
from cfml_pop.jinja.names import resolve_names
from cfml_pop.jinja.running import settings_of
from cfml_pop.jinja.source import quote_tags

__all__ = ["ALONE", "PAGE_TAG", "PARTS", "QUOTED", "CfmlTagsExtension", "page_message"]

PAGE_TAG = "cfml page"
"""A tag that no template can write: it is put before the first token, so that the whole template goes through our hands once."""

WITH_TEXT: dict[str, Callable[[Reader, int], nodes.Node | list[nodes.Node]]] = {
    "cfdump": statements.parse_dump,
    "cfif": conditions.parse_if,
    "cfinclude": statements.parse_include,
    "cfloop": loops.parse_loop,
    "cfoutput": loops.parse_output,
    "cfparam": statements.parse_param,
    "cfsavecontent": statements.parse_savecontent,
    "cfset": statements.parse_set,
    "cfsilent": statements.parse_silent,
    "cfswitch": conditions.parse_switch,
    "cfthrow": trying.parse_throw,
    "cftry": trying.parse_try,
}
ALONE = ("cfbreak", "cfcontinue", "cfrethrow")
PARTS = ("cfcase", "cfcatch", "cfdefaultcase", "cfelse", "cfelseif", "cffinally")
"""Tags that stand in others only."""

QUOTED = frozenset({*WITH_TEXT, *ALONE, *PARTS})
UNKNOWN_TAG = re.compile(r"Encountered unknown tag '(cf\w*)'\.", re.IGNORECASE)
"""How Jinja begins the error."""

F = TypeVar("F", bound=Callable[..., Any])


def _about_unknown(tag: str) -> str:
    close = difflib.get_close_matches(tag.lower(), sorted({"cfpop", *QUOTED}), 1, 0.8)
    return f" Did you mean {close[0]}?" if close else f" docs/porting.md says what stands for CFML's other tags, as {tag}."


def page_message(message: str) -> str:
    """Jinja's message without our own tag around the page, and with what an unknown tag may have meant."""
    message = message.replace(f" The innermost block that needs to be closed is {PAGE_TAG!r}.", "")
    unknown = UNKNOWN_TAG.match(message)
    return message + _about_unknown(unknown[1]) if unknown else message


def placed(run: F) -> F:
    """What compiled templates call: the version is checked, and errors of ours get the template's name and line."""

    @functools.wraps(run)
    @internalcode
    def call(self: Extension, version: int, *arguments: Any) -> Any:
        same_protocol(version)
        try:
            return run(self, *arguments)
        except CfpopError as error:
            locate(error, *calling_place(), {})
            raise

    return call  # type: ignore[return-value]  # the version comes on top


class CfmlTagsExtension(Extension):
    """CFML's tags around cfpop, and its functions: cfset, cfif, cfoutput, cfloop, cftry, cfparam, cfdump, cfinclude and others.

    With them a name in the template stands for a column of the current row, then for a variable of the page, then for what the
    context has. See docs/tags.md.

    >>> from jinja2 import Environment
    >>> environment = Environment(extensions=["cfml_pop.CfmlTagsExtension"])
    """

    tags: set[str] = {PAGE_TAG, *WITH_TEXT, *ALONE, *PARTS}  # noqa: RUF012 - Jinja reads it from the class

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        install_functions(environment)

    # -- parsing ---------------------------------------------------------------------------------------------------------------

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002 - Jinja's
        return quote_tags(self.environment, source, QUOTED)

    def filter_stream(self, stream: TokenStream) -> TokenStream | Iterable[Token]:
        return self._tokens(stream, canonical_names(self.environment, stream))

    def _tokens(self, stream: TokenStream, tokens: Iterator[Token]) -> Iterator[Token]:
        first = True
        for token in tokens:
            # A fragment, as of `compile_expression`, begins with none of these and is no page.
            if first and token.type in ("data", "block_begin", "variable_begin"):
                yield Token(token.lineno, "block_begin", "")
                yield Token(token.lineno, "name", PAGE_TAG)
                yield Token(token.lineno, "block_end", "")
            first = False
            if token.type == "name" and token.value.startswith(PREFIX):
                raise TemplateSyntaxError(
                    f"names that begin with {PREFIX} are not the page's", token.lineno, stream.name, stream.filename
                )
            yield token

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        token = next(parser.stream)
        tag, lineno = token.value, token.lineno
        if tag == PAGE_TAG:
            return self._parse_page(parser, lineno)
        if tag in PARTS:
            within = {"cfcatch": "cftry", "cffinally": "cftry", "cfelse": "cfif", "cfelseif": "cfif"}.get(tag, "cfswitch")
            parser.fail(f"{tag} stands in {within} only", lineno)
        if parser.stream.current.type != "string":
            parser.fail(f"{tag} cannot be read here; its tag stands between {self.environment.block_start_string} and "
                        f"{self.environment.block_end_string}", lineno)  # fmt: skip
        text = next(parser.stream)
        reader = Reader(self, parser, tag, text.value, text.lineno)
        if tag in WITH_TEXT:
            return WITH_TEXT[tag](reader, lineno)
        reader.expect_end()
        if tag == "cfrethrow":
            return trying.parse_rethrow(self, parser, lineno)
        return loops.parse_leave(self, parser, tag, lineno)

    def _parse_page(self, parser: Parser, lineno: int) -> list[nodes.Node]:
        parser.stream.expect("block_end")
        try:
            body = parser.subparse()
        except TemplateSyntaxError as error:
            error.args = (page_message(error.message or ""),)
            raise
        # This was the last of the template; Jinja expects the end of our tag, and then its own.
        parser.stream.push(Token(parser.stream.current.lineno, "block_end", ""))
        next(parser.stream)
        body = resolve_names(self, parser, body)
        begin = self.call_method("_begin", [nodes.Const(PROTOCOL), nodes.ContextReference()], lineno=lineno)
        page: list[nodes.Node] = [nodes.ExprStmt(begin, lineno=lineno), *body]
        if not any(isinstance(node, nodes.Extends) or node.find(nodes.Extends) for node in body):
            last = parser.stream.current.lineno
            end = self.call_method("_end", [nodes.Const(PROTOCOL), nodes.ContextReference()], lineno=last)
            page.append(nodes.ExprStmt(end, lineno=last))
        return page

    # -- names -----------------------------------------------------------------------------------------------------------------

    @placed
    def _begin(self, context: Context) -> None:
        variables.begin(context)

    @placed
    def _end(self, context: Context) -> None:
        variables.end(context)

    @placed
    def _look(self, context: Context, name: str, rows: object, jinja_value: Any) -> Any:
        return variables.look(context, name, rows, jinja_value)

    @placed
    def _look_in_rows(self, context: Context, name: str, rows: object, jinja_value: Any) -> Any:  # noqa: ARG002 - as _look
        return variables.look_in_rows(name, rows, jinja_value)

    @placed
    def _at_row(self, rows: object, value: Any) -> Any:
        return variables.at_row(rows, value)

    @placed
    def _function(self, context: Context, name: str, jinja_value: Any) -> Any:
        return variables.function(context, name, jinja_value)

    @placed
    def _is_defined(self, context: Context, function: str, name: Any, rows: object, known: Any) -> bool:
        return variables.is_defined(context, function, name, rows, known)

    # -- expressions -----------------------------------------------------------------------------------------------------------

    @placed
    def _operate(self, operator: str, left: Any, right: Any) -> Any:
        where = f"operator {operator}: one side"
        zone = settings_of(self.environment).time_zone
        return OPERATORS[operator](variables.defined(left, where, operator), variables.defined(right, where, operator), zone)

    @placed
    def _concat(self, parts: Iterable[Any]) -> str:
        return concat([variables.defined(part, "operator &: one side", "&") for part in parts])

    @placed
    def _truth(self, value: Any, where: str) -> bool:
        return truth(variables.defined(value, f"{where}: the condition", where), where)

    @placed
    def _otherwise(self, value: Any, other: Any) -> Any:
        return other if variables.is_missing(value) else value

    @placed
    def _member(self, context: Context, value: Any, name: str) -> Any:
        return variables.member(context, value, name)

    @placed
    def _item(self, context: Context, value: Any, index: Any) -> Any:
        return variables.item(context, value, index)

    @placed
    def _join(self, parts: Iterable[Any]) -> str:
        return variables.joined(parts)

    @placed
    def _array(self, items: Iterable[Any]) -> Array:
        return Array([variables.settled(item, "an item of the array") for item in items])

    @placed
    def _struct(self, pairs: Iterable[tuple[Any, Any]]) -> Struct:
        return Struct([(variables.key_of(key), variables.settled(value, f"{key} of the struct")) for key, value in pairs])

    # -- tags ------------------------------------------------------------------------------------------------------------------

    @placed
    def _assign(self, context: Context, root: str, steps: tuple[Any, ...], value: Any, jinja_value: Any) -> None:
        writing.assign(context, root, steps, value, jinja_value)

    @placed
    def _assign_path(self, context: Context, path: Any, value: Any, tag: str) -> None:
        writing.assign_path(context, variables.defined(path, f"{tag}: the name", tag), value, tag)

    @internalcode
    def _turns(self, version: int, *arguments: Any) -> Iterator[Any]:
        same_protocol(version)
        return placed_turns(loops.turns, *arguments)

    @placed
    def _members(self, context: Context, *arguments: Any) -> Iterator[Any]:  # noqa: ARG002 - as _turns
        return loops.members(*arguments)

    @internalcode
    def _values(self, version: int, *arguments: Any) -> Iterator[Any]:
        same_protocol(version)
        return placed_turns(loops.values, *arguments)

    @internalcode
    def _while(self, version: int, *arguments: Any) -> Iterator[Any]:
        same_protocol(version)
        return placed_turns(loops.while_true, *arguments)

    @internalcode
    def _leave(self, version: int, tag: str) -> NoReturn:
        same_protocol(version)
        raise trying.Leave(tag)

    @internalcode
    def _try(self, version: int, context: Context, *arguments: Any) -> Any:
        same_protocol(version)
        run = trying.arun_try if context.environment.is_async else trying.run_try
        return run(context, *arguments)

    @placed
    def _catch(self, context: Context, name: str, error: Exception, place: Place) -> object:
        return trying.catch(context, name, error, place)

    @placed
    def _uncatch(self, context: Context, name: str, before: object) -> None:
        trying.uncatch(context, name, before)

    @placed
    def _raise(self, error: object) -> NoReturn:
        trying.raise_again(error)

    @placed
    def _throw(self, given: Any) -> NoReturn:
        trying.throw(given)

    @placed
    def _case(self, value: Any, accepted: Any, delimiters: Any) -> bool:
        return conditions.case_matches(value, accepted, delimiters)

    @placed
    def _param(self, *arguments: Any) -> None:
        statements.param(*arguments)

    @placed
    def _dump(self, *arguments: Any) -> Any:
        return dump.dump(*arguments)


# Compiled templates hold this name, so it must not change when the module moves. Subclasses get one of their own from Jinja.
CfmlTagsExtension.identifier = "cfml_pop.CfmlTagsExtension"


@internalcode
def placed_turns(run: Callable[..., Iterator[Any]], *arguments: Any) -> Iterator[Any]:
    """The turns of a loop; an error on the way gets its place."""
    try:
        yield from run(*arguments)
    except CfpopError as error:
        locate(error, *calling_place(), {})
        raise
