"""Templates as files: their environment, and how they are found.

Rule: a template includes and extends what lies in its own folder or below, and the ready-made templates; nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader
from jinja2.defaults import (
    BLOCK_END_STRING,
    BLOCK_START_STRING,
    COMMENT_END_STRING,
    COMMENT_START_STRING,
    VARIABLE_END_STRING,
    VARIABLE_START_STRING,
)

from cfml_pop.jinja.environment import CFML_SYNTAX, cfml_environment, template_loader

__all__ = ["SYNTAXES", "file_environment", "ready_made"]

SYNTAXES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "cfml": CFML_SYNTAX,
        "jinja": MappingProxyType(
            {
                "block_start_string": BLOCK_START_STRING,
                "block_end_string": BLOCK_END_STRING,
                "variable_start_string": VARIABLE_START_STRING,
                "variable_end_string": VARIABLE_END_STRING,
                "comment_start_string": COMMENT_START_STRING,
                "comment_end_string": COMMENT_END_STRING,
            }
        ),
    }
)
"""The delimiters by name: those of `cfml_environment` and Jinja's own."""


def file_environment(folder: Path, *, syntax: str = "cfml", **options: Any) -> Environment:
    """An environment for templates in `folder`. `options` are those of `cfml_environment`; `syntax` is one of SYNTAXES."""
    loader = ChoiceLoader([FileSystemLoader(folder), template_loader()])
    return cfml_environment(**{**SYNTAXES[syntax], "loader": loader, **options})


def ready_made() -> list[str]:
    """The names of the ready-made templates that are pages."""
    return template_loader().list_templates()
