"""CFML's `cfpop` for Jinja2 and Python.

Rule: this module only names what is public and where it stands. A name is imported when it is first used, so that the POP3 client
does not load Jinja and a script without async does not load asyncio.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cfml_pop.cfml.column import Column, ColumnIndexFault
    from cfml_pop.cfml.query import Query, Row
    from cfml_pop.cfml.schema import attribute_schema
    from cfml_pop.client import acfpop, cfpop
    from cfml_pop.errors import (
        AttachmentError,
        AttributeFault,
        AuthenticationError,
        CfpopError,
        CommitError,
        FunctionFault,
        LimitExceeded,
        MissingExtra,
        NetworkError,
        PageExit,
        POP3Error,
        Thrown,
        TimeoutExpired,
        TLSError,
    )
    from cfml_pop.jinja.environment import CFML_SYNTAX, cfml_environment, extend_environment, template_loader
    from cfml_pop.jinja.extension import CfpopExtension
    from cfml_pop.jinja.functions import CfmlFunctionsExtension
    from cfml_pop.jinja.tags import CfmlTagsExtension
    from cfml_pop.markup.clean import CleanHTML, clean_html
    from cfml_pop.markup.pictures import picture_url
    from cfml_pop.markup.text import html_to_text
    from cfml_pop.parsing import parse_message
    from cfml_pop.pop3.conversation import MessageInfo
    from cfml_pop.progress import Progress
    from cfml_pop.secret import Secret
    from cfml_pop.session.aio import AsyncPOP3ClientSession
    from cfml_pop.session.blocking import POP3ClientSession
    from cfml_pop.session.work import POP3_PORT
    from cfml_pop.settings import Connection, Settings

__all__ = [
    "CFML_SYNTAX",
    "POP3_PORT",
    "AsyncPOP3ClientSession",
    "AttachmentError",
    "AttributeFault",
    "AuthenticationError",
    "CfmlFunctionsExtension",
    "CfmlTagsExtension",
    "CfpopError",
    "CfpopExtension",
    "CleanHTML",
    "Column",
    "ColumnIndexFault",
    "CommitError",
    "Connection",
    "FunctionFault",
    "LimitExceeded",
    "MessageInfo",
    "MissingExtra",
    "NetworkError",
    "POP3ClientSession",
    "POP3Error",
    "PageExit",
    "Progress",
    "Query",
    "Row",
    "Secret",
    "Settings",
    "TLSError",
    "Thrown",
    "TimeoutExpired",
    "acfpop",
    "attribute_schema",
    "cfml_environment",
    "cfpop",
    "clean_html",
    "extend_environment",
    "html_to_text",
    "parse_message",
    "picture_url",
    "template_loader",
]

__version__ = "0.1.0"

_HOME = {
    **dict.fromkeys(__all__, "errors"),  # unless it stands below
    "AsyncPOP3ClientSession": "session.aio",
    "CFML_SYNTAX": "jinja.environment",
    "CfmlFunctionsExtension": "jinja.functions",
    "CfmlTagsExtension": "jinja.tags",
    "CfpopExtension": "jinja.extension",
    "CleanHTML": "markup.clean",
    "Column": "cfml.column",
    "ColumnIndexFault": "cfml.column",
    "Connection": "settings",
    "MessageInfo": "pop3.conversation",
    "POP3ClientSession": "session.blocking",
    "POP3_PORT": "session.work",
    "Progress": "progress",
    "Query": "cfml.query",
    "Row": "cfml.query",
    "Secret": "secret",
    "Settings": "settings",
    "acfpop": "client",
    "attribute_schema": "cfml.schema",
    "cfml_environment": "jinja.environment",
    "cfpop": "client",
    "clean_html": "markup.clean",
    "extend_environment": "jinja.environment",
    "html_to_text": "markup.text",
    "parse_message": "parsing",
    "picture_url": "markup.pictures",
    "template_loader": "jinja.environment",
}

if not TYPE_CHECKING:  # a checker would take any name of the package for one that exists

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module 'cfml_pop' has no attribute {name!r}")
        value = getattr(importlib.import_module(f"cfml_pop.{_HOME[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
