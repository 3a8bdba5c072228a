"""A Jinja environment made for pages that come from CFML.

Rule: only options of Jinja are set here. Everything works the same in an Environment of the host's own that has the extension.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import BaseLoader, Environment, FileSystemLoader, select_autoescape

from cfml_pop.cfml.dialect import find_dialect
from cfml_pop.settings import Settings

__all__ = ["CFML_SYNTAX", "cfml_environment", "extend_environment", "template_loader"]

CFML_SYNTAX: Mapping[str, str] = MappingProxyType(
    {
        "block_start_string": "<%",
        "block_end_string": "%>",
        "variable_start_string": "{{",
        "variable_end_string": "}}",
        "comment_start_string": "<%#",
        "comment_end_string": "#%>",
    }
)
"""The delimiters. Comments are not Jinja's `{#`, which is common in style sheets: `@media print{#menu{...}}`."""

HERE = Path(__file__).resolve().parent.parent


def cfml_environment(
    *,
    settings: Settings | None = None,
    dialect: str | None = None,
    functions: bool = False,
    tags: bool = False,
    **jinja_options: Any,
) -> Environment:
    """An environment with `<% %>` for statements, `{{ }}` for output, `<%# #%>` for comments, and the cfpop tag.

    Values are escaped as in HTML, except in templates whose name ends in `.txt`. Templates come from `template_loader()` unless
    a loader is given. `jinja_options` are those of `jinja2.Environment` and win over what is said here; `extensions` are
    loaded beside ours. `functions` adds CFML's functions, `tags` these and the tags around cfpop (docs/tags.md). `dialect`
    replaces that of `settings`. Raises AttributeFault for a dialect that does not exist.

    >>> cfml_environment().from_string("<% set n = 2 %>{{ n }}").render()
    '2'
    """
    options: dict[str, Any] = {
        **CFML_SYNTAX,
        "autoescape": select_autoescape(
            enabled_extensions=(), disabled_extensions=("txt",), default_for_string=True, default=True
        ),
        "loader": template_loader() if "loader" not in jinja_options else None,
        **jinja_options,
    }
    environment = Environment(**options)  # noqa: S701 - autoescape is on, by select_autoescape above
    return extend_environment(environment, settings=settings, dialect=dialect, functions=functions, tags=tags)


def extend_environment(
    environment: Environment,
    *,
    settings: Settings | None = None,
    dialect: str | None = None,
    functions: bool = False,
    tags: bool = False,
) -> Environment:
    """Add the cfpop tag to an environment that is there already, as that of Flask or Django; gives the same environment.

    Its delimiters and other options stay. The arguments are those of `cfml_environment`. Do it before templates are loaded.
    Raises TypeError when `settings` is no Settings, AttributeFault for a dialect that does not exist.

    >>> extend_environment(Environment()).cfpop_settings.dialect
    'default'
    """
    settings = Settings() if settings is None else settings
    if not isinstance(settings, Settings):
        raise TypeError(f"settings= takes a Settings, not a {type(settings).__name__}; write Settings.from_mapping(...)")
    settings = dataclasses.replace(settings, dialect=find_dialect(settings.dialect if dialect is None else dialect).name)
    # By name: loaded only where it is asked for.
    wanted = {"CfpopExtension": True, "CfmlFunctionsExtension": functions, "CfmlTagsExtension": tags}
    for name in (name for name, asked in wanted.items() if asked):
        environment.add_extension(f"cfml_pop.{name}")
    environment.cfpop_settings = settings  # type: ignore[attr-defined]
    return environment


def template_loader() -> BaseLoader:
    """A loader of the ready-made templates: those packed with the package, or in a clone those beside it.

    Raises FileNotFoundError when there are none.
    """
    for folder in (HERE / "templates", HERE.parent / "templates"):
        if folder.is_dir():
            return FileSystemLoader(folder)
    raise FileNotFoundError(f"the templates of cfml_pop are neither in {HERE} nor beside it")
