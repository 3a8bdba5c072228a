"""Where in a template something went wrong.

Rule: an error keeps its class; only its place and, where several attributes are wrong, the list of their lines are added here.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from types import FrameType, TracebackType
from typing import Any, TypeVar

from jinja2 import Template, TemplateSyntaxError
from jinja2.exceptions import SecurityError, TemplateError, TemplateNotFound, TemplatesNotFound
from jinja2.utils import internalcode

from cfml_pop.errors import AttributeFault, CfpopError

__all__ = ["ESCAPE_HINT", "TagFaults", "calling_place", "explain", "failing_place", "locate", "page_fault", "placed", "refusal"]

F = TypeVar("F", bound=Callable[..., Any])

ESCAPE_HINT = "in a template's text a backslash begins an escape: write \\\\ or /"


class TagFaults(TemplateSyntaxError):
    """What is wrong with a tag, as `faults`: pairs of line and text. The message tells all of them."""

    faults: tuple[tuple[int, str], ...] = ()


def explain(faults: Iterable[tuple[str, str]], lines: Mapping[str, int | None], lineno: int | None) -> tuple[str, int | None]:
    """The text for these (attribute, text) pairs, and the line to point at: the first faulty attribute's.

    `lines` holds the lines of the attributes in the template; a fault of one that is not there (it is missing, or came out of a
    collection) is on the collection's line or on `lineno`.
    """
    elsewhere = lines.get("attributecollection", lineno)
    placed = [(lines.get(key, elsewhere), text) for key, text in faults]
    placed.sort(key=lambda pair: pair[0] or 0)
    if len(placed) == 1:
        return f"cfpop: {placed[0][1]}", placed[0][0]
    listed = [f"  line {line}: {text}" if line else f"  {text}" for line, text in placed]
    return "\n".join([f"cfpop has {len(placed)} faults:", *listed]), placed[0][0]


def locate(error: CfpopError, template_name: str | None, lineno: int | None, lines: Mapping[str, int | None]) -> None:
    """Write the place into an error that has none yet."""
    if error.lineno is not None:
        return
    if isinstance(error, AttributeFault) and error.faults:
        error.message, lineno = explain(error.faults, lines, lineno)
        error.args = (error.message,)
    error.template_name, error.lineno = template_name, lineno


def placed(run: F) -> F:
    """A function that templates call; errors of ours get the template's name and line."""

    @functools.wraps(run)
    @internalcode
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return run(*arguments, **named)
        except CfpopError as error:
            locate(error, *calling_place(), {})
            raise

    return call  # type: ignore[return-value]  # the same arguments


def refusal(text: str, template_name: str | None, lineno: int | None) -> SecurityError:
    """Jinja's own error for a refusal, with the place at the end as in ours."""
    place = f"\n  File {template_name or '<template>'!r}, line {lineno}" if lineno is not None else ""
    return SecurityError(text + place)


def page_fault(error: Exception) -> tuple[str, str | None, int | None] | None:
    """What a page, or what it asked for, went wrong with: text, file (or name) of the template and line where they are known.

    None for an exception that is neither ours nor Jinja's and came through no template.
    """
    file, lineno = _failing_file(error.__traceback__)
    if isinstance(error, CfpopError):
        name = error.template_name
        same = name is None or (file is not None and PurePath(file).name == PurePath(name).name)
        return error.message, file if same else name, error.lineno if error.lineno is not None else lineno
    if isinstance(error, TemplateSyntaxError):
        return error.message or "", error.filename or error.name, error.lineno
    if isinstance(error, TemplateNotFound):
        missing = error.templates if isinstance(error, TemplatesNotFound) else [error.name]
        return f"there is no template {' or '.join(str(one) for one in missing)}", file, lineno
    if isinstance(error, TemplateError):
        return (error.message or type(error).__name__).partition("\n  File ")[0], file, lineno
    return None if lineno is None else (f"{type(error).__name__}: {error}", file, lineno)


def _failing_file(traceback: TracebackType | None) -> tuple[str | None, int | None]:
    """File and line of the innermost template in a traceback that Jinja has rewritten, as it does for what leaves `render`."""
    place: tuple[str | None, int | None] = (None, None)
    while traceback is not None:
        if "__jinja_exception__" in traceback.tb_frame.f_globals:
            place = str(PurePath(traceback.tb_frame.f_code.co_filename)), traceback.tb_lineno
        traceback = traceback.tb_next
    return place


def failing_place(traceback: TracebackType | None) -> tuple[str | None, int | None]:
    """Name and line of the innermost template that an exception came through; (None, None) if it came through none."""
    place: tuple[str | None, int | None] = (None, None)
    while traceback is not None:
        template = traceback.tb_frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template):
            place = template.name, template.get_corresponding_lineno(traceback.tb_lineno)
        traceback = traceback.tb_next
    return place


def calling_place() -> tuple[str | None, int | None]:
    """Name and line of the template whose code is calling, from the stack; (None, None) outside a template."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        template = frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template):
            return template.name, template.get_corresponding_lineno(frame.f_lineno)
        frame = frame.f_back
    return None, None
