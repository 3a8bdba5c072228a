"""cftry, cfcatch, cfthrow, cfrethrow.

Rule: the body of a cftry becomes a block of the template, which Jinja compiles to a generator; it is run here, piece by piece, so
that what was written before the error stays, as in CFML. Everything after the error is ordinary code where the tag stands.

Caught is what an engine would report as an exception: our own errors and Jinja's run-time errors, and other exceptions of Python.
Never caught are SecurityError, PageExit, MemoryError and all that is no `Exception`: cancellation, Ctrl-C, exit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context, Undefined
from jinja2.utils import internalcode, missing
from jinja2.visitor import NodeTransformer

from cfml_pop.cfml import simple
from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import Struct
from cfml_pop.errors import AttributeFault, CfpopError, FunctionFault, PageExit, Thrown
from cfml_pop.jinja import variables, writing
from cfml_pop.jinja.binding import PROTOCOL, Place
from cfml_pop.jinja.expressions import Reader
from cfml_pop.jinja.faults import failing_place
from cfml_pop.jinja.grammar import PREFIX
from cfml_pop.jinja.loops import leave_by_exception, leave_nodes
from cfml_pop.jinja.names import TRY_BLOCK
from cfml_pop.jinja.nesting import nesting_of
from cfml_pop.jinja.tag_attributes import read_attributes

__all__ = [
    "Leave",
    "arun_try",
    "catch",
    "parse_rethrow",
    "parse_throw",
    "parse_try",
    "raise_again",
    "run_try",
    "throw",
    "uncatch",
]

NOT_CAUGHT = (SecurityError, PageExit, MemoryError)
ENDS = ("name:cfcatch", "name:cffinally", "name:endcftry")
MISSING_FILE = "missinginclude"

Result = tuple[str, int, Exception | None, str, Place]
"""What was written, which cfcatch takes the error (-1: none does; -2: there is no error), the error, how a loop is left, and the
place of the error."""

NO_ERROR = -2


class Leave(Exception):
    """A cfbreak or cfcontinue on its way out of a cftry. `args[0]` is the tag."""


# -- parsing -------------------------------------------------------------------------------------------------------------------


def parse_try(reader: Reader, lineno: int) -> list[nodes.Node]:
    """`cftry` with its cfcatch, each closed by endcfcatch or by what follows, and cffinally."""
    read_attributes(reader, "cftry")
    parser, extension = reader.parser, reader.extension
    nesting = nesting_of(parser)
    nesting.tries += 1
    number = nesting.tries
    nesting.left.append(False)
    with nesting.attempt():
        body = parser.parse_statements(ENDS)
    leaves = nesting.left.pop()
    types: list[str] = []
    catches: list[tuple[int, str, list[nodes.Node]]] = []
    finally_: list[nodes.Node] | None = None
    result, before = f"{PREFIX}result_{number}", f"{PREFIX}before_{number}"
    while True:
        token = next(parser.stream)
        if token.value == "endcftry":
            break
        text = parser.stream.expect("string")
        given = (
            read_attributes(Reader(extension, parser, token.value, text.value, text.lineno), token.value)
            if token.value == "cfcatch"
            else {}
        )
        if token.value == "cfcatch":
            wanted = given["type"].text if "type" in given else "any"
            if wanted is None:
                parser.fail("cfcatch: type must be spelt out", given["type"].lineno)
            types.append(wanted.strip().lower())
            nesting.caught.append(result)
            catches.append(
                (token.lineno, (given["name"].text or "cfcatch") if "name" in given else "cfcatch", _part(parser, token.value))
            )
            nesting.caught.pop()
        elif finally_ is None:
            finally_ = _part(parser, token.value)
        else:
            parser.fail("cftry has one cffinally only", token.lineno)
    if not catches and finally_ is None:
        parser.fail("cftry needs a cfcatch", lineno)
    branches = [
        _catch_node(reader, position, line, name, statements, (result, before))
        for position, (line, name, statements) in enumerate(catches)
    ]
    made = _run_nodes(reader, body, types, result, branches, leaves=leaves, lineno=lineno)
    if finally_ is None:
        return made
    # The whole becomes the body of another one, so that what a cfcatch raises, or a loop left in it, waits for the cffinally.
    leaving = _ByException(extension)
    made = [leaving.visit(node) for node in made]
    in_loop = "loop" in nesting.inside
    return _run_nodes(reader, made, [], f"{PREFIX}whole_{number}", finally_, leaves=in_loop, lineno=lineno)


class _ByException(NodeTransformer):
    """Turns what leaves a loop that is outside of the nodes into the exception for it."""

    def __init__(self, extension: Extension) -> None:
        self.extension = extension

    def visit_For(self, node: nodes.For) -> nodes.Node:
        return node  # its own

    def leave(self, node: nodes.Break | nodes.Continue) -> nodes.Node:
        return leave_by_exception(self.extension, "cfbreak" if isinstance(node, nodes.Break) else "cfcontinue", node.lineno)

    visit_Break = visit_Continue = leave  # noqa: N815 - Jinja's names


def _catch_node(
    reader: Reader, position: int, lineno: int, name: str, statements: list[nodes.Node], results: tuple[str, str]
) -> nodes.Node:
    """The branch for one cfcatch; `results` are the variables of the result and of what the name stood for before."""
    result, before = results
    caught = reader.call("_catch", nodes.ContextReference(), nodes.Const(name), *_parts_of(result, (2, 4), lineno), lineno=lineno)
    old = nodes.Name(before, "load", lineno=lineno)
    forget = reader.call("_uncatch", nodes.ContextReference(), nodes.Const(name), old, lineno=lineno)
    statements.insert(0, nodes.Assign(nodes.Name(before, "store", lineno=lineno), caught, lineno=lineno))
    statements.append(nodes.ExprStmt(forget, lineno=lineno))
    return nodes.If(_is(result, 1, position, lineno), statements, [], [], lineno=lineno)


def _part(parser: Parser, tag: str) -> list[nodes.Node]:
    """The statements of a cfcatch or cffinally, up to the next part."""
    body = parser.parse_statements((f"name:end{tag}", *ENDS))
    if parser.stream.current.value == f"end{tag}":
        next(parser.stream)
        between = parser.parse_statements(ENDS)
        if any(
            not isinstance(node, nodes.TemplateData) or node.data.strip() for one in between for node in one.iter_child_nodes()
        ):
            parser.fail(f"between end{tag} and the next part of cftry nothing can stand")
    return body


def _run_nodes(
    reader: Reader, body: list[nodes.Node], types: list[str], result: str, after: list[nodes.Node], *, leaves: bool, lineno: int
) -> list[nodes.Node]:
    """Code that runs a body, writes what it has written, then does what comes `after`, and raises what no cfcatch took."""
    whole = nodes.Scope(body, lineno=lineno)
    digest = hashlib.sha256(f"{reader.parser.name} {lineno} {result} {whole!r}".encode()).hexdigest()[:16]
    name = TRY_BLOCK + digest
    # Never run where it stands; the block is found under its name. Names that a macro must take are mentioned for the compiler.
    seen = {node.name for node in whole.find_all(nodes.Name)} & {"caller", "varargs", "kwargs"}
    mentioned = [nodes.ExprStmt(nodes.Name(one, "load", lineno=lineno), lineno=lineno) for one in sorted(seen)]
    block = nodes.Block(name, body, True, False, lineno=lineno)
    call = reader.call("_try", nodes.DerivedContextReference(), nodes.Const(name), nodes.Const(tuple(types)), lineno=lineno)
    written = nodes.MarkSafeIfAutoescape(_part_of(result, 0, lineno), lineno=lineno)
    again = reader.call("_raise", _part_of(result, 2, lineno), lineno=lineno)
    made: list[nodes.Node] = [
        nodes.If(nodes.Const(False), [*mentioned, block], [], [], lineno=lineno),
        nodes.Assign(nodes.Name(result, "store", lineno=lineno), call, lineno=lineno),
        nodes.Output([written], lineno=lineno),
        *after,
        nodes.If(_is(result, 1, -1, lineno), [nodes.ExprStmt(again, lineno=lineno)], [], [], lineno=lineno),
    ]
    for tag in ("cfbreak", "cfcontinue") if leaves else ():
        leaving = leave_nodes(reader.extension, reader.parser, tag, lineno)
        made.append(nodes.If(_is(result, 3, tag, lineno), [leaving], [], [], lineno=lineno))
    return made


def _part_of(result: str, index: int, lineno: int) -> nodes.Expr:
    return nodes.Getitem(nodes.Name(result, "load", lineno=lineno), nodes.Const(index), "load", lineno=lineno)


def _parts_of(result: str, indexes: Iterable[int], lineno: int) -> list[nodes.Expr]:
    return [_part_of(result, index, lineno) for index in indexes]


def _is(result: str, index: int, value: object, lineno: int) -> nodes.Expr:
    return nodes.Compare(_part_of(result, index, lineno), [nodes.Operand("eq", nodes.Const(value))], lineno=lineno)


def parse_rethrow(extension: Extension, parser: Parser, lineno: int) -> list[nodes.Node]:
    """`cfrethrow`."""
    caught = nesting_of(parser).caught
    if not caught:
        parser.fail("cfrethrow stands in no cfcatch", lineno)
    call = extension.call_method("_raise", [nodes.Const(PROTOCOL), _part_of(caught[-1], 2, lineno)], lineno=lineno)
    return [nodes.ExprStmt(call, lineno=lineno)]


def parse_throw(reader: Reader, lineno: int) -> list[nodes.Node]:
    """`cfthrow`."""
    given = read_attributes(reader, "cfthrow")
    pairs = [nodes.Pair(nodes.Const(name), one.value, lineno=one.lineno) for name, one in given.items()]
    return [nodes.ExprStmt(reader.call("_throw", nodes.Dict(pairs, lineno=lineno), lineno=lineno), lineno=lineno)]


# -- running -------------------------------------------------------------------------------------------------------------------


@internalcode
def run_try(context: Context, name: str, types: tuple[str, ...]) -> Result:
    """Run the body of a cftry."""
    written: list[Any] = []
    try:
        written.extend(context.blocks[name][0](context))  # keeps what has come when the generator raises
    except NOT_CAUGHT:
        raise
    except Leave as leave:
        return _result(context, written, leave=leave.args[0])
    except Exception as error:  # noqa: BLE001 - that is what cftry is for; what passes stands above
        return _result(context, written, _which(error, types), error)
    return _result(context, written)


@internalcode
async def arun_try(context: Context, name: str, types: tuple[str, ...]) -> Result:
    """The same in an async environment."""
    written: list[Any] = []
    pieces: Any = context.blocks[name][0](context)
    try:
        async for piece in pieces:
            written.append(piece)  # noqa: PERF401 - a comprehension would lose what came before the error
    except NOT_CAUGHT:
        raise
    except Leave as leave:
        return _result(context, written, leave=leave.args[0])
    except Exception as error:  # noqa: BLE001 - as above
        return _result(context, written, _which(error, types), error)
    finally:
        await pieces.aclose()
    return _result(context, written)


def _result(
    context: Context, written: list[Any], which: int = NO_ERROR, error: Exception | None = None, leave: str = ""
) -> Result:
    text = context.environment.concat(written) if written else ""
    place: Place = (None, None)
    if error is not None:
        place = failing_place(error.__traceback__)
        # Its frames hold mail and sockets, and the error goes into the context.
        error.__context__ = error.__cause__ = None
        error = error.with_traceback(None)
    return text, which, error, leave, place


def _which(error: Exception, types: tuple[str, ...]) -> int:
    """The position of the cfcatch that takes the error, -1 if none does."""
    kind = kind_of(error).lower()
    names = {"any", kind, *(one.__name__.lower() for one in type(error).__mro__ if one is not object)}
    parts = kind.split(".")
    names.update(".".join(parts[:length]) for length in range(1, len(parts)))
    return next((position for position, wanted in enumerate(types) if wanted in names), -1)


def kind_of(error: Exception) -> str:
    """What CFML calls the type of an exception."""
    if isinstance(error, Thrown):
        return error.type
    if isinstance(error, TemplateNotFound):
        return MISSING_FILE
    if isinstance(error, TemplateSyntaxError):
        return "template"
    if isinstance(error, CfpopError) and not isinstance(error, (AttributeFault, FunctionFault)):
        return "application"
    return (
        "expression" if isinstance(error, (CfpopError, TemplateError, ArithmeticError, LookupError, TypeError)) else "application"
    )


def catch(context: Context, name: str, error: Exception, place: Place) -> object:
    """Give the page the exception under its name, cfcatch; the result is what the name stood for, or None."""
    before = variables.find_item(variables.page_variables(context), name)
    described = Struct(
        {
            "type": kind_of(error),
            "message": error.message if isinstance(error, CfpopError) else str(error),
            "detail": str(getattr(error, "detail", "") or getattr(error, "text", "")),
            "errorcode": str(getattr(error, "errorcode", "") or getattr(error, "code", "")),
            "extendedinfo": str(getattr(error, "extendedinfo", "")),
            "tagcontext": Array([Struct({"template": place[0] or "", "line": place[1] or 0})]),
        }
    )
    writing.assign(context, name, (), described, None)
    return None if before is missing else before  # to Jinja a variable that is `missing` is not there


def uncatch(context: Context, name: str, before: object) -> None:
    """At the end of the cfcatch its name stands for what it stood for before."""
    if before is None:
        writing.forget(context, name)
    else:
        writing.assign(context, name, (), before, None)


def throw(given: Mapping[str, Any]) -> NoReturn:
    """Raise what the page throws."""
    texts: dict[str, Any] = {
        name: variables.read(simple.text, value, f"cfthrow: {name}", "cfthrow") for name, value in given.items()
    }
    raise Thrown(texts.pop("message", ""), **texts)


def raise_again(error: object) -> NoReturn:
    """Raise an exception that was caught."""
    if not isinstance(error, Exception) or isinstance(error, Undefined):
        raise FunctionFault("cfrethrow: there is no exception here", function="cfrethrow")
    raise error
