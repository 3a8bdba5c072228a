"""`cfml-pop schema`: the attributes of cfpop.

Rule: it prints the table of attributes and says nothing of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import click

from cfml_pop.cfml.attributes import ATTRIBUTES
from cfml_pop.cfml.schema import attribute_schema
from cfml_pop.cli import COMMANDS
from cfml_pop.cli.output import emit, json_text, table_text

__all__ = ["command"]

HEADINGS = ("Attribute", "Value", "Default", "Meaning", "Engines")
SHOWN: Mapping[str, str] = MappingProxyType({"None": "", "True": "yes", "False": "no"})
"""Defaults that a page writes in other words."""


@click.command(help=COMMANDS["schema"])
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How attributes are printed.",
)
@click.option("--json", "form", flag_value="json", help="The same as --format json: a JSON schema, draft 2020-12.")
def command(form: str) -> None:
    if form == "json":
        emit([json_text(attribute_schema(), indent=2), "\n"])
    else:
        emit([table_text(HEADINGS, records(), keep=HEADINGS[:1], fold=True)])


def records() -> Iterator[tuple[str, ...]]:
    """A record for each attribute."""
    for one in ATTRIBUTES.values():
        default = SHOWN.get(str(one.default), str(one.default))
        yield one.name, ", ".join(one.words) or one.kind, default, one.meaning, one.engines
