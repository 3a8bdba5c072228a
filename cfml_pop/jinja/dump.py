"""cfdump: a value as an HTML table.

Rule: every text is escaped, nothing is called, and no attribute of an object is read. Depth, length and number of what is shown
are bounded. Secrets show as `***`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from jinja2 import Undefined
from markupsafe import Markup, escape

from cfml_pop.cfml import simple
from cfml_pop.cfml.column import current
from cfml_pop.cfml.loops import whole
from cfml_pop.cfml.query import Query, Row
from cfml_pop.errors import CfpopError, FunctionFault
from cfml_pop.jinja import variables
from cfml_pop.secret import Secret

__all__ = ["dump"]

DEEPEST = 8
MOST_ITEMS = 200
"""Of one struct, array or query; `top` asks for fewer or more, up to MOST_TOP."""

MOST_TOP = 10_000
LONGEST = 4000
"""Characters of one text: a mail's body is to be seen, not to be read."""

MOST_CELLS = 50_000
"""Of the whole dump: a thousand rows of a thousand structs are no help to anybody."""


def dump(value: object, label: object = "", top: object = MOST_ITEMS) -> Markup:
    """The table. Raises FunctionFault when `top` is no number between 1 and MOST_TOP."""
    most = variables.read(simple.integer, top, "cfdump: top", "cfdump")
    caption = variables.read(simple.text, label, "cfdump: label", "cfdump")
    if not 1 <= most <= MOST_TOP:
        raise FunctionFault(f"cfdump: top must be between 1 and {MOST_TOP}, not {most}", function="cfdump", argument="top")
    heading = Markup("<strong>{}</strong> ").format(caption) if caption else Markup("")
    return Markup('<div class="cfdump">{}{}</div>').format(heading, _Dump(most).show(value, 0))


class _Dump:
    def __init__(self, most: int) -> None:
        self.most = most
        self.cells = 0
        self.open: list[int] = []

    def show(self, value: object, depth: int) -> Markup:
        value = current(value)
        self.cells += 1
        if isinstance(value, Undefined):
            return Markup("<em>undefined</em>")
        if value is None:
            return Markup("<em>null</em>")
        if isinstance(value, Secret):
            return Markup("***")
        if isinstance(value, str):
            text = str.__str__(value)
            more = f" ... ({len(text)} characters)" if len(text) > LONGEST else ""
            return escape(text[:LONGEST] + more) if text else Markup("<em>[empty string]</em>")
        if isinstance(value, (bool, int, float, dt.date)):
            return escape(simple.text(value))
        if isinstance(value, BaseException):
            return escape(f"{type(value).__name__}: {value.message if isinstance(value, CfpopError) else value}")
        if depth >= DEEPEST or self.cells > MOST_CELLS or id(value) in self.open:
            return Markup("<em>...</em>")
        self.open.append(id(value))
        try:
            return self.nested(value, depth + 1)
        finally:
            self.open.pop()

    def nested(self, value: object, depth: int) -> Markup:
        if isinstance(value, Query):
            return self.query(whole(value), depth)
        if isinstance(value, Row):
            return self.table("row", [(name, value[name]) for name in value._columns], depth, len(value._columns))
        if isinstance(value, Mapping):
            return self.table("struct", value.items(), depth, len(value))
        if isinstance(value, (list, tuple)):
            return self.table("array", enumerate(value, 1), depth, len(value))
        return Markup("<em>{}</em>").format(type(value).__name__)

    def table(self, kind: str, items: Iterable[tuple[object, object]], depth: int, count: int) -> Markup:
        rows: list[Markup] = []
        for number, (key, item) in enumerate(items):
            if number >= self.most or self.cells > MOST_CELLS:
                rows.append(Markup('<tr><td colspan="2"><em>... {} in all</em></td></tr>').format(count))
                break
            name = str(key)
            shown = Markup("***") if "password" in name.lower() else self.show(item, depth)
            rows.append(Markup("<tr><th>{}</th><td>{}</td></tr>").format(name[:LONGEST], shown))
        return Markup('<table border="1"><caption>{}</caption>{}</table>').format(kind, Markup("").join(rows))

    def query(self, query: Query, depth: int) -> Markup:
        rows = [Markup("<tr>{}</tr>").format(Markup("").join(Markup("<th>{}</th>").format(name) for name in query.columns))]
        for row in query.rows:
            if len(rows) > self.most or self.cells > MOST_CELLS:
                rows.append(
                    Markup('<tr><td colspan="{}"><em>... {} in all</em></td></tr>').format(len(query.columns), len(query))
                )
                break
            cells = (Markup("<td>{}</td>").format(self.show(row[name], depth)) for name in query.columns)
            rows.append(Markup("<tr>{}</tr>").format(Markup("").join(cells)))
        return Markup('<table border="1"><caption>query, {} rows</caption>{}</table>').format(len(query), Markup("").join(rows))
