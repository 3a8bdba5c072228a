"""The Jinja2 extension.

Rule: only what Jinja calls stands here, and each method hands its work on. What compiled templates call takes the protocol's
version first, because bytecode caches and compiled modules outlive an upgrade of this package.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jinja2 import Environment, Undefined, nodes
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.parser import Parser
from jinja2.utils import internalcode

from cfml_pop.jinja import binding, running, veil
from cfml_pop.jinja.fixed_width import fixed_width
from cfml_pop.jinja.forms import rewrite
from cfml_pop.jinja.html import cleanable, mail_html, mail_text
from cfml_pop.jinja.tag import parse_tag
from cfml_pop.jinja.undefined import ColumnUndefined
from cfml_pop.settings import Settings

__all__ = ["CfpopExtension"]


class CfpopExtension(Extension):
    """The tag `{% cfpop ... %}`, and the functions `cfpop(...)` and (with `enable_async`) `acfpop(...)`.

    Beside them the filters `fixed_width`, `mail_html` and `mail_text`, and the test `cleanable`. What the host has under one of
    these names stays, and calls of a function `cfpop` of its own are left alone; a macro or variable of that name in a template
    does not hide ours where a call has `name` or `catch`.

    The host's settings are `environment.cfpop_settings`, a `Settings`; put another in its place before templates run. An overlay
    has those that its base had when the overlay was made; what is put in place of either later is not seen by the other.

    >>> from jinja2 import Environment
    >>> environment = Environment(extensions=["cfml_pop.CfpopExtension"])
    """

    tags: set[str] = {"cfpop"}  # noqa: RUF012 - Jinja reads it from the class

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.extend(cfpop_settings=Settings())
        if environment.undefined is Undefined:  # what a host has chosen itself stays
            environment.undefined = ColumnUndefined
        # setdefault: a host's own function of that name stays, and so does everything when the extension is loaded again.
        environment.globals.setdefault("cfpop", running.cfpop)
        environment.globals.setdefault("acfpop", running.acfpop)
        environment.filters.setdefault("fixed_width", fixed_width)
        environment.filters.setdefault("mail_html", mail_html)
        environment.filters.setdefault("mail_text", mail_text)
        environment.tests.setdefault("cleanable", cleanable)

    def parse(self, parser: Parser) -> list[nodes.Node]:
        return parse_tag(self, parser)

    def filter_stream(self, stream: TokenStream) -> TokenStream | Iterable[Token]:
        return rewrite(stream, ours=self.environment.globals.get("cfpop") is running.cfpop)

    @internalcode
    def _run(self, version: int, *arguments: Any) -> object:
        binding.same_protocol(version)
        return running.run(*arguments)

    @internalcode
    def _run_catching(self, version: int, *arguments: Any) -> object:
        binding.same_protocol(version)
        return running.run(*arguments, catching=True)

    @internalcode
    def _veil(self, version: int, value: object) -> object:
        binding.same_protocol(version)
        return veil.veil(value)

    @internalcode
    def _bind(self, version: int, *arguments: Any) -> None:
        binding.same_protocol(version)
        binding.bind(*arguments)

    @internalcode
    def _unexport(self, version: int, *arguments: Any) -> None:
        binding.same_protocol(version)
        binding.unexport(*arguments)


# Compiled templates hold this name, so it must not change when the module moves. Subclasses get one of their own from Jinja.
CfpopExtension.identifier = "cfml_pop.CfpopExtension"
