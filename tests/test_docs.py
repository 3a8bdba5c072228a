"""What the manual lists is what there is. (Its blocks of code run in test_docs_blocks.py.)"""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def test_the_limits_in_the_manual_are_the_limits() -> None:
    """Every limit has its line in docs/pop3.md, and no line is without a limit."""
    import dataclasses

    from cfml_pop.pop3.limits import Limits

    text = (DOCS / "pop3.md").read_text("utf-8").partition("## Limits")[2].partition("##")[0]

    assert {field.name for field in dataclasses.fields(Limits)} == set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))


def test_the_manual_names_every_method() -> None:
    """A method that is not in docs/pop3.md is not found by anybody."""
    from cfml_pop import POP3ClientSession

    text = (DOCS / "pop3.md").read_text("utf-8")
    missing = [name for name in vars(POP3ClientSession) if not name.startswith("_") and f"`{name}(" not in text]

    assert [] == missing


def test_the_limits_of_html() -> None:
    """The limits that docs/html.md names are those of the program."""
    from cfml_pop import Settings
    from cfml_pop.markup.gate import ATTRIBUTES, DEPTH, LIMIT

    text = " ".join((DOCS / "html.md").read_text("utf-8").split())

    assert LIMIT == Settings().html_limit
    assert f"({LIMIT:,}) characters, {DEPTH} open elements, {ATTRIBUTES:,} attributes in a tag" in text


def test_the_manual_has_all_columns() -> None:
    """Every column has its place in the table of docs/columns.md, and none is there that does not exist."""
    from cfml_pop.cfml.query import ALL_COLUMNS

    columns = (DOCS / "columns.md").read_text("utf-8").partition("## All columns")[2].partition("\n## ")[0]
    named = [name for line in re.findall(r"^\| (`.*?) \| ", columns, re.MULTILINE) for name in re.findall(r"`(\w+)`", line)]

    assert sorted(ALL_COLUMNS) == sorted(named)


def test_the_reference_has_all_errors_and_settings() -> None:
    """No error and no setting is missing in docs/cfpop.md, and none is there that does not exist."""
    import dataclasses

    import cfml_pop
    from cfml_pop import CfpopError, Settings

    text = (DOCS / "cfpop.md").read_text("utf-8")
    errors = re.findall(r"^\| `(\w+)` \|", text.partition("## Errors")[2].partition("\n## ")[0], re.MULTILINE)
    settings = re.findall(r"^\| (`.*?) \|", text.partition("## Settings\n")[2].partition("\n## ")[0], re.MULTILINE)
    public = [getattr(cfml_pop, name) for name in cfml_pop.__all__]

    assert sorted(errors) == sorted(
        one.__name__ for one in public if isinstance(one, type) and issubclass(one, CfpopError) and one is not CfpopError
    )
    assert {field.name for field in dataclasses.fields(Settings)} == {
        name for line in settings for name in re.findall(r"`(\w+)`", line)
    }


def test_every_public_name_is_in_the_manual() -> None:
    """A name that neither the README nor a page of docs/ mentions is not found by anybody."""
    import cfml_pop

    manual = "".join(path.read_text("utf-8") for path in (DOCS.parent / "README.md", *DOCS.glob("*.md")))

    assert [] == [name for name in cfml_pop.__all__ if not re.search(rf"\b{name}\b", manual)]


def test_the_defaults_of_settings() -> None:
    """What docs/cfpop.md says a setting is when it is not set, is so."""
    import dataclasses

    from cfml_pop import Settings

    text = (DOCS / "cfpop.md").read_text("utf-8").partition("## Settings\n")[2]
    units = {"MB": 1024**2, "GB": 1024**3}
    shown = {}
    for name, cell in re.findall(r"^\| `(\w+)` \| ?(.*?) \| .* \|$", text.partition("\n## ")[0], re.MULTILINE):
        number, _, unit = cell.replace(",", "").partition(" ")
        words = tuple(re.findall(r"`(.+?)`", cell))
        shown[name] = int(number) * units.get(unit, 1) if number.isdigit() else words or {"True": True, "False": False}.get(cell)

    for field in dataclasses.fields(Settings):
        default = getattr(Settings(), field.name)
        if isinstance(default, (str, tuple, dict)):
            default = ((default,) if isinstance(default, str) else tuple(default)) or None
        assert default == (None if shown[field.name] == () else shown[field.name]), field.name
