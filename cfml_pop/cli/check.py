"""`cfml-pop check`: the linter for people, programs and pre-commit.

Rule: what a fault is says `jinja/lint.py`; this file finds the templates, prints what was found and sets the exit status.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from cfml_pop.cli import COMMANDS
from cfml_pop.cli.group import FAULT
from cfml_pop.cli.output import emit, json_text, printable
from cfml_pop.cli.sarif import sarif_log
from cfml_pop.cli.templates import NoEnvironment, make_environment, read_settings, template_options
from cfml_pop.jinja.lint import ERROR, RULES, Finding, assume, lint

__all__ = ["SUFFIXES", "command", "find_templates"]

SUFFIXES = (".cfm", ".cfml", ".htm", ".html", ".j2", ".jinja", ".jinja2", ".txt", ".xml")
"""Files of a folder that are templates, unless --suffix says others."""

PASSED_OVER = frozenset({"__pycache__", "node_modules"})
"""Folders that no template of the project is in; those whose name begins with a dot are others."""

STDIN = "-"

MEGABYTE = 1024 * 1024
LARGEST = 16 * MEGABYTE
"""Octets of one template."""

Found = list[tuple[str, Finding]]


class CheckCommand(click.Command):
    """The command whose help ends with the rules."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Rules"):
            formatter.write_dl([(name, f"{rule.level.capitalize()}. {rule.help}") for name, rule in RULES.items()])


@click.command(
    cls=CheckCommand,
    help=f"{COMMANDS['check']} TEMPLATE is a file, a folder or - for stdin. Nothing runs and no mailbox is asked. The exit "
    "status is 1 when there are errors.",
)
@click.argument("templates", metavar="TEMPLATE...", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    show_default=True,
    help="How faults are printed.",
)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option("--strict", is_flag=True, help="Warnings make the exit status 1 as well.")
@click.option("--ignore", metavar="RULE", multiple=True, type=click.Choice(list(RULES)), help="Leave a rule out.")
@click.option("--known", metavar="NAME", multiple=True, help="A function, filter or test that the program gives.")
@click.option(
    "--suffix", metavar=".x", multiple=True, help=f"Which files of a folder are templates.  [default: {' '.join(SUFFIXES)}]"
)
@template_options
@click.pass_context
def command(
    context: click.Context,
    /,
    templates: tuple[str, ...],
    form: str,
    strict: bool,
    ignore: tuple[str, ...],
    known: tuple[str, ...],
    suffix: tuple[str, ...],
    **options: Any,
) -> None:
    config = options.pop("config")
    environment = make_environment(Path(), read_settings(config, NoEnvironment()), **options)
    assume(environment, known)
    names = list(find_templates(templates, suffix or SUFFIXES))
    found: Found = []
    for name in names:
        source = read_source(name)
        if isinstance(source, Finding):
            faults = [source]
        else:
            faults = lint(environment, source, name, known=known, configured=config is not None)
        found += [(shown(name), fault) for fault in faults if fault.rule not in ignore]

    if form == "sarif":
        emit([json_text(sarif_log(found), indent=2), "\n"])
    elif form == "json":
        emit([json_text([as_record(name, fault) for name, fault in found], indent=2), "\n"])
    else:
        print_findings(found, len(names))
    if any(strict or fault.level == ERROR for _, fault in found):
        context.exit(FAULT)


def find_templates(names: Iterable[str], suffixes: Collection[str]) -> Iterator[str]:
    """The files that are named, and those in the folders that are, each once. Raises UsageError for a folder without any."""
    given: set[str] = set()
    for name in names:
        files = [name] if name == STDIN or not Path(name).is_dir() else sorted(in_folder(name, suffixes))
        if not files:
            raise click.UsageError(f"there is no template in {name}: no file ends in {' '.join(suffixes)}; --suffix names others")
        for file in files:
            if file not in given:
                given.add(file)
                yield file


def in_folder(name: str, suffixes: Collection[str]) -> Iterator[str]:
    wanted = {suffix.lower() if suffix.startswith(".") else f".{suffix.lower()}" for suffix in suffixes}
    for folder, folders, files in os.walk(name):
        folders[:] = [one for one in folders if not one.startswith(".") and one not in PASSED_OVER]
        yield from (str(Path(folder, file)) for file in files if Path(file).suffix.lower() in wanted)


def read_source(name: str) -> str | Finding:
    """The text of a template, or what is wrong with the file."""
    try:
        with contextlib.nullcontext(sys.stdin.buffer) if name == STDIN else Path(name).open("rb") as file:
            octets = file.read(LARGEST + 1)
        if len(octets) > LARGEST:  # a device may never end
            return Finding(1, 0, "unreadable", f"this has more than {LARGEST // MEGABYTE} MB, which is no template", ERROR)
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        return Finding(line, 0, "unreadable", "this is no UTF-8 text", ERROR)
    except OSError as error:
        return Finding(1, 0, "unreadable", error.strerror or str(error), ERROR)


def shown(name: str) -> str:
    return "<stdin>" if name == STDIN else name


def as_record(name: str, fault: Finding) -> dict[str, object]:
    return {
        "file": name,
        "line": fault.line,
        "column": fault.column or None,
        "level": fault.level,
        "rule": fault.rule,
        "text": fault.text,
    }


def print_findings(found: Found, templates: int) -> None:
    """A line for each fault, as compilers write them, and on stderr how many there are. Colours on a terminal only."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for name, fault in found:
        place = ":".join(str(part) for part in (name, fault.line, fault.column) if part)
        style = "bold red" if fault.level == ERROR else "bold yellow"
        pieces = [(f"{place}: ", "bold"), (fault.level, style), (f": {fault.text} ", ""), (f"[{fault.rule}]", "dim")]
        console.print(Text.assemble(*[(printable(text).replace("\n", " "), look) for text, look in pieces]))
    errors = sum(fault.level == ERROR for _, fault in found)
    click.echo(
        f"{count(templates, 'template')}: {count(errors, 'error')}, {count(len(found) - errors, 'warning')}"
        if found
        else f"{count(templates, 'template')}, no faults",
        err=True,
    )


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
