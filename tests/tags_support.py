"""Pages with CFML's tags, for their tests: each is rendered in a blocking and in an async environment."""

from __future__ import annotations

import copy
from typing import Any

from jinja2 import BaseLoader, DictLoader, Environment

from cfml_pop.cfml.query import Query
from cfml_pop.jinja.environment import CFML_SYNTAX

TAGS = "cfml_pop.CfmlTagsExtension"
MAIL = Query.from_rows(
    ("subject", "from", "uid", "date"),
    [
        {"subject": "one", "from": "ann", "uid": "u1", "date": ""},
        {"subject": "two", "from": "Ann", "uid": "u2", "date": ""},
        {"subject": "three", "from": "bob", "uid": "u3", "date": ""},
    ],
)


def tags_environment(
    base: type[Environment] = Environment, templates: dict[str, str] | None = None, **options: Any
) -> Environment:
    """An environment with `<% %>`, the tags and autoescape."""
    loader: BaseLoader | None = DictLoader(templates) if templates is not None else None
    options = {"autoescape": True, "extensions": [TAGS], "loader": loader, **CFML_SYNTAX, **options}
    return base(**options)


def page(source: str, templates: dict[str, str] | None = None, /, **context: Any) -> str:
    """What a page prints. Blocking and async must print the same; each gets its own copy of the context."""
    printed = [
        tags_environment(templates=templates, enable_async=asynchronous)
        .from_string(source)
        .render({"mail": MAIL, **copy.deepcopy(context)})
        for asynchronous in (False, True)
    ]
    assert printed[0] == printed[1]
    return printed[0]
