"""The options of the commands that read templates, and the environment that they ask for.

Rule: what a template means is the same for `render` and `check`: both make their environment here.
"""

from __future__ import annotations

import collections
import dataclasses
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cfml_pop.cfml.dialect import DIALECTS
from cfml_pop.jinja.files import file_environment
from cfml_pop.settings import Settings

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["NoEnvironment", "make_environment", "read_settings", "template_options"]

F = TypeVar("F", bound=Callable[..., Any])

OPTIONS = (
    click.option(
        "--dialect", type=click.Choice(list(DIALECTS), case_sensitive=False), help="Whose choices count.  [default: default]"
    ),
    click.option("--functions", is_flag=True, help="Load CFML's functions."),
    click.option("--tags", is_flag=True, help="Load CFML's tags around cfpop, and its functions."),
    click.option("--cfml", "syntax", flag_value="cfml", default=True, help="Statements stand in <% %>, comments in <%# #%>."),
    click.option("--jinja", "syntax", flag_value="jinja", help="Statements stand in {% %}, comments in {# #}."),
    click.option(
        "--config",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE.toml",
        help="Settings: connections, limits and what else a program allows.",
    ),
)


def template_options(command: F) -> F:
    """Add the options to a command."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


class NoEnvironment(collections.UserDict[str, str]):
    """Stands for the environment where no mailbox is asked: every variable that a configuration names is set, to a POP URL."""

    def __missing__(self, name: str) -> str:
        return "pops://kim:none@localhost"

    def __contains__(self, name: object) -> bool:
        return True


def read_settings(config: Path | None, environ: Mapping[str, str] = os.environ, **changes: Any) -> Settings:
    """The settings of the file, or the default ones, with what the command line says in place of theirs."""
    settings = Settings() if config is None else Settings.from_toml(config, environ=environ)
    return dataclasses.replace(settings, **{name: value for name, value in changes.items() if value is not None})


def make_environment(
    folder: Path, settings: Settings, *, dialect: str | None, functions: bool, tags: bool, syntax: str
) -> Environment:
    """The environment of templates in `folder`."""
    return file_environment(folder, settings=settings, dialect=dialect, functions=functions, tags=tags, syntax=syntax)
