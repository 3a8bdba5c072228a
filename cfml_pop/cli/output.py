"""What commands print: text, tables, JSON and CSV.

Rule: what comes out of a mail cannot speak to the terminal, nor to a spreadsheet. Whatever a command prints of a mail goes
through here; stdout holds the result alone, all else goes to stderr.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["FORMATS", "csv_text", "emit", "json_text", "one_line", "printable", "rows_text", "table_text"]

FORMATS = ("table", "json", "jsonl", "csv")
"""How rows can be printed: for people, as one JSON array, as one JSON object a line, for spreadsheets."""

# What a terminal acts on: controls of ASCII and of ISO 6429 (a tab and a line feed do no harm), separators of lines, surrogates.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# What turns the text around it, or is not seen: with it a line can look like another one (Unicode Standard Annex #9, Technical
# Standard #39).
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_ESCAPED = re.compile(f"{_CONTROLS.pattern[:-1]}{_UNSEEN.pattern[1:]}")

# A cell that begins with one of these, or with blanks and then one, is a formula to one spreadsheet or another.
_FORMULA = re.compile("[\t\r\n]|\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20]")

_TITLES = {"messagenumber": "no."}
"""Headings of a table that are shorter than the column's name."""

UNBOUNDED = 100_000
"""Columns of a table that no terminal shows: nothing is cut off for a file or a pipe."""


def printable(text: str) -> str:
    """`text` as a terminal may have it, in lines that end with LF: controls become U+FFFD, what turns text around or hides in it
    is left out, and what stdout's encoding cannot say becomes "?"."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROLS.sub("\ufffd", _UNSEEN.sub("", text))
    encoding = _encoding()
    return text if encoding == "utf-8" else text.encode(encoding, "replace").decode(encoding)


def one_line(text: str) -> str:
    """The same on one line, each run of blanks being one."""
    return " ".join(printable(text).split())


def json_text(value: object, *, indent: int | None = None) -> str:
    """`value` as JSON. Signs that `printable` would change are escaped, so that a reader gets every one of them back."""
    text = json.dumps(value, ensure_ascii=_encoding() != "utf-8", indent=indent)
    return _ESCAPED.sub(lambda found: json.dumps(found[0])[1:-1], text) if not text.isascii() or "\x7f" in text else text


def csv_text(names: Sequence[str], records: Iterable[Sequence[object]], *, raw: bool = False) -> Iterator[str]:
    """A line of names, and one for each record; text is quoted, numbers are not, structures are JSON.

    A text that a spreadsheet could take for a formula gets an apostrophe in front, controls become U+FFFD, and lines end with LF;
    `raw` leaves every text as it is.
    """
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    for record in itertools.chain([names], records):
        writer.writerow([_csv_cell(value, raw) for value in record])
        yield written.getvalue()
        written.seek(0)
        written.truncate()


def _csv_cell(value: object, raw: bool) -> object:
    if value is None or isinstance(value, (int, float)):
        return value
    text = value if isinstance(value, str) else json_text(value)
    if raw:
        return text
    text = printable(text)  # first: what is left out could stand before the sign of a formula
    return f"'{text}" if _FORMULA.match(text) else text


def table_text(names: Sequence[str], records: Iterable[Sequence[object]], *, keep: Iterable[str] = (), fold: bool = False) -> str:
    """A table for people: a line for each record, numbers to the right. On a terminal cells are cut so that a line fits; those in
    the columns `keep` are the last to be. `fold`: they are not cut but go on in the next line."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = [list(record) for record in records]
    terminal, unicode = sys.stdout.isatty(), _encoding() == "utf-8"
    kept = set(keep)
    table = Table(box=SIMPLE_HEAD if terminal and unicode else None, pad_edge=False, show_edge=False, header_style="bold")
    for place, name in enumerate(names):
        numbers = bool(rows) and all(isinstance(row[place], int) for row in rows)
        table.add_column(Text(_TITLES.get(name, name)), justify="right" if numbers else "left", no_wrap=name in kept)
    for row in rows:
        cells = [one_line(cell if isinstance(cell, str) else json_text(cell)) for cell in row]
        table.add_row(*[Text(cell, no_wrap=not fold, overflow="fold" if fold else "ellipsis") for cell in cells])
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=None if terminal else UNBOUNDED, highlight=False)
    console.print(table)
    text = "".join(line.rstrip() + "\n" for line in written.getvalue().split("\n") if line)
    return text if unicode else text.encode(_encoding(), "replace").decode(_encoding())


def rows_text(
    form: str, names: Sequence[str], records: Iterable[Mapping[str, object]], *, raw: bool = False, keep: Iterable[str] = ()
) -> Iterator[str]:
    """The records in one of FORMATS, piece by piece; each record has a value for each of `names`. `raw` is csv_text's, `keep`
    table_text's."""
    if form == "json":
        start = "[\n"
        for record in records:
            yield start + json_text({name: record[name] for name in names})
            start = ",\n"
        yield "[]\n" if start == "[\n" else "\n]\n"
    elif form == "jsonl":
        for record in records:
            yield json_text({name: record[name] for name in names}) + "\n"
    elif form == "csv":
        yield from csv_text(names, ([record[name] for name in names] for record in records), raw=raw)
    else:
        yield table_text(names, ([record[name] for name in names] for record in records), keep=keep)


def emit(pieces: Iterable[str]) -> None:
    """Write to stdout. BrokenPipeError when its reader has gone (`| head`), and then nothing is tried again at the end."""
    try:
        for piece in pieces:
            sys.stdout.write(piece)
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered would be tried again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def _encoding() -> str:
    return codecs.lookup(sys.stdout.encoding or "ascii").name
