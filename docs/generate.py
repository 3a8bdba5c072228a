"""Writes into the manual what the code knows: `python -m docs.generate`.

Rule: what stands between `<!-- NAME: ... -->` and `<!-- end of NAME -->` in a page is made here and nowhere else. A test holds
that the pages have what this gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from cfml_pop.cfml.attributes import ATTRIBUTES, Attribute

__all__ = ["PARTS", "attributes", "filled", "main"]

DOCS = Path(__file__).resolve().parent

TAKES = {
    "action": "an action",
    "boolean": "yes or no",
    "characters": "characters",
    "host": "host, or a POP URL",
    "integer": "whole number",
    "mapping": "a mapping",
    "numbers": "numbers, with commas",
    "password": "text",
    "path": "path",
    "port": "1 to 65535",
    "seconds": "seconds",
    "text": "text",
    "uids": "uids, with commas",
    "variable": "name of a variable",
}
"""What each kind of value is called in the manual."""


def attributes() -> str:
    """The table of attributes."""
    head = ["| attribute | takes | when not given | meaning |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *map(row, ATTRIBUTES.values())])


def row(attribute: Attribute) -> str:
    meaning = attribute.meaning
    if attribute.aliases:
        meaning += f" Also `{'`, `'.join(attribute.aliases)}`."
    if attribute.engines != "all":
        meaning += f" Engines: {attribute.engines}."
    return f"| `{attribute.name}` | {TAKES[attribute.kind]} | {default(attribute)} | {meaning} |"


def default(attribute: Attribute) -> str:
    if attribute.default is None:
        return ""
    if isinstance(attribute.default, bool):
        return "yes" if attribute.default else "no"
    return f"`{attribute.default}`"


PARTS: Mapping[str, Callable[[], str]] = {"attributes": attributes}
"""What is made, by the name in the pages."""


def filled(text: str) -> str:
    """A page with its parts made anew."""

    def part(found: re.Match[str]) -> str:
        return f"{found[1]}\n{PARTS[found[2]]()}\n{found[3]}"

    return re.sub(r"(<!-- (\w+): .*? -->)\n.*?\n(<!-- end of \2 -->)", part, text, flags=re.DOTALL)


def main() -> None:
    """Bring every page up to date, and say which ones changed."""
    for path in sorted(DOCS.glob("*.md")):
        before = path.read_text("utf-8")
        after = filled(before)
        if before != after:
            path.write_text(after, "utf-8")
            print(f"{path.name} was changed")


if __name__ == "__main__":
    main()
