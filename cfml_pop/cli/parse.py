"""`cfml-pop parse`: the row of a message file.

Rule: a file is read as a message of a mailbox is, so that both give the same row; this file only lays it out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

import click

from cfml_pop.cfml.dialect import DIALECTS, find_dialect
from cfml_pop.cfml.query import Row, plain
from cfml_pop.cli import COMMANDS
from cfml_pop.cli.cfpop import chosen_columns
from cfml_pop.cli.options import usage_error
from cfml_pop.cli.output import emit, one_line, printable, rows_text
from cfml_pop.cli.progress import interruptible
from cfml_pop.errors import AttributeFault, CfpopError
from cfml_pop.parsing import parse_message

__all__ = ["command"]

FORMATS = ("page", "json", "jsonl", "csv")

# The lines at the top of a page: the column, and what it is called there.
_HEAD = (
    ("from", "From"),
    ("to", "To"),
    ("cc", "Cc"),
    ("replyto", "Reply-To"),
    ("date", "Date"),
    ("subject", "Subject"),
    ("messageid", "Message-ID"),
)


@click.command(help=COMMANDS["parse"])
@click.argument("files", nargs=-1, required=True, metavar="FILE.eml...", type=click.Path())
@click.option("--format", "form", type=click.Choice(FORMATS), help="How it is printed.  [default: page]")
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option("--columns", metavar="A,B,C", help="These columns, in this order; file and defects are two more.")
@click.option(
    "--csv-raw", is_flag=True, help="CSV with every text as it is, also where a spreadsheet would take it for a formula."
)
@click.option(
    "--save-attachments", metavar="DIR", type=click.Path(), help="Save the attachments there; a name that is taken gets a number."
)
@click.option(
    "--dialect", type=click.Choice(list(DIALECTS), case_sensitive=False), default="default", help="Whose choices count."
)
def command(
    files: tuple[str, ...],
    form: str | None,
    columns: str | None,
    csv_raw: bool,
    save_attachments: str | None,
    dialect: str,
) -> None:
    form = form or "page"
    if csv_raw and form != "csv":
        raise click.UsageError("--csv-raw is about CSV; write --format csv with it")
    there = ["file", *find_dialect(dialect).columns(full=True), "defects"]
    chosen = there if columns is None else chosen_columns(columns, there)
    folder = None if save_attachments is None else os.path.abspath(save_attachments)  # noqa: PTH100 - ".." goes, links stay
    with interruptible(lambda: "nothing is half-written"):
        rows = [(name, _read(name, folder, dialect)) for name in files]
        if form == "page":
            pages = (_cells(name, row, chosen) if columns else _page(name, row) for name, row in rows)
            emit("\n".join(page).rstrip("\n") + "\n" for page in _separated(pages))
        else:
            emit(rows_text(form, chosen, ({key: _cell(name, row, key) for key in chosen} for name, row in rows), raw=csv_raw))


def _read(name: str, folder: str | None, dialect: str) -> Row:
    source = sys.stdin.buffer if name == "-" else name
    try:
        return parse_message(source, attachmentpath=folder, generateuniquefilenames=True, dialect=dialect)
    except AttributeFault as fault:
        usage_error(fault)
    except CfpopError as error:
        error.message = f"{name}: {error.message}"
        raise
    except OSError as error:
        raise click.ClickException(f"{name} cannot be read: {error.strerror or error}") from None


def _cell(name: str, row: Row, key: str) -> object:
    if key == "file":
        return name
    return list(row.defects) if key == "defects" else plain(row[key])


def _separated(pages: Iterator[list[str]]) -> Iterator[list[str]]:
    for number, page in enumerate(pages):
        yield (["", "=" * 78, ""] if number else []) + page


def _cells(name: str, row: Row, chosen: Sequence[str]) -> list[str]:
    """The chosen columns, a heading for each where there are several."""
    lines: list[str] = []
    for key in chosen:
        value = _cell(name, row, key)
        text = "\n".join(value) if isinstance(value, list) else value if isinstance(value, str) else str(value)
        lines += [*([f"{key}:"] if len(chosen) > 1 else []), printable(text).rstrip("\n")]
    return lines


def _page(name: str, row: Row) -> list[str]:
    """The message as a page: header, text, attachments, what was damaged."""
    lines = [f"{'File:':12}{one_line(name)} ({row.size:,} octets)"]
    for column, label in _HEAD:
        value = one_line(row[column])
        if value and not (column == "replyto" and value == one_line(row.from_)):
            lines.append(f"{label + ':':12}{value}")
    lines += ["", *printable(_text(row)).rstrip("\n").split("\n")]
    entries = row.attachments.entries
    if entries:
        lines += ["", "Attachments:"]
        for entry in entries:
            saved = f", saved as {one_line(entry.path)}" if entry.path else ""
            lines.append(f"  {one_line(entry.name)} ({one_line(entry.content_type)}, {entry.size:,} octets){saved}")
    if row.defects:
        lines += ["", "Defects:", *[f"  {one_line(defect)}" for defect in row.defects]]
    return lines


def _text(row: Row) -> str:
    """The text to read: the plain one; else the HTML as text where the extra is there, as it is where it is not."""
    if row.textbody.strip() or not row.htmlbody:
        return row.textbody or row.body
    from cfml_pop.errors import MissingExtra
    from cfml_pop.markup.text import html_to_text

    try:
        return str(html_to_text(row.htmlbody))
    except MissingExtra as error:
        return f"({error.message})\n\n{row.htmlbody}"
