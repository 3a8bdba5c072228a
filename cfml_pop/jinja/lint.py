"""The linter: every fault of a template's text, without running it and without a mailbox.

Rule: what `lint` finds nothing wrong with compiles in the same environment. Nothing of the template runs, and no finding shows
text of a password.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from jinja2 import Environment, TemplateSyntaxError, pass_context
from jinja2.runtime import Context

from cfml_pop.jinja.lint_reading import read_template
from cfml_pop.jinja.lint_report import ERROR, RULES, WARNING, Finding, Report, Rule
from cfml_pop.jinja.lint_rules import Rules

__all__ = ["ERROR", "RULES", "WARNING", "Finding", "Rule", "assume", "lint"]

TAG = re.compile(r"(?P<opening><%|\{%|\{\{|<)[-+]?\s*cfpop\b", re.IGNORECASE)


def lint(
    environment: Environment,
    source: str,
    name: str | None = None,
    *,
    known: Collection[str] = (),
    configured: bool = False,
) -> list[Finding]:
    """The faults of the source, by line. `known` are functions that the program gives to its templates.

    `configured`: the environment's settings are the program's, so that a connection which they do not hold does not exist. Raises
    AttributeFault when the settings name a dialect that does not exist.

    >>> from cfml_pop import cfml_environment
    >>> [(one.line, one.rule) for one in lint(cfml_environment(), '<% cfpop conection="support" name="mail" %>')]
    [(1, 'unknown-attribute')]
    """
    report = Report(source)
    rules = Rules(environment, report, known, configured)
    try:
        tree = read_template(environment, source, name, report, rules.see_tag)
        if tree is not None:
            rules.see_tree(tree)
        if not any(one.level == ERROR for one in report.findings):
            environment.compile(source, name)
    except TemplateSyntaxError as error:
        report.add("syntax", error.lineno, error.message or "")
    except RecursionError:
        report.add("syntax", 1, "expressions or blocks lie too deep in one another")
    _see_other_delimiters(environment, source, report)
    return report.findings


def assume(environment: Environment, names: Collection[str]) -> None:
    """Let the environment read filters and tests of these names, which only the program has."""
    for name in names:
        environment.filters.setdefault(name, _from_program)
        environment.tests.setdefault(name, _from_program)


@pass_context
def _from_program(_context: Context, value: object, *_: object, **__: object) -> object:
    """A filter that takes the context is not worked out ahead by the compiler."""
    return value


def _see_other_delimiters(environment: Environment, source: str, report: Report) -> None:
    """A page that is made for other delimiters is only text here, and would be found without fault."""
    read = {environment.block_start_string, environment.variable_start_string}
    found = list(TAG.finditer(source))
    if any(one["opening"] in read for one in found):
        return
    for one in found:
        line = source.count("\n", 0, one.start()) + 1
        if one["opening"] == "<":
            text = f"a tag of CFML itself; it becomes {environment.block_start_string} cfpop ... {environment.block_end_string}"
        else:
            text = f"{one['opening']} is not read here, but {environment.block_start_string}; see --jinja and --cfml"
        report.add("unported-tag", line, f"cfpop: {text}", word="cfpop")
