"""`cfml-pop schema`: the attributes of cfpop.

Rule: it prints the table of attributes and says nothing of its own.
"""

from __future__ import annotations

import json

import click

from cfml_pop.cfml.schema import attribute_schema
from cfml_pop.cli import COMMANDS

__all__ = ["command"]


@click.command(help=COMMANDS["schema"])
def command() -> None:
    click.echo(json.dumps(attribute_schema(), indent=2))
