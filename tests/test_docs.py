"""What the manual shows works as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cfml_pop.testing import EmbeddedServer, sample_messages

DOCS = Path(__file__).parent.parent / "docs"


def test_the_session_of_the_manual(capsys: pytest.CaptureFixture[str]) -> None:
    """The session in docs/pop3.md can be pasted: it lists messages with their parts, and deletes the first."""
    text = (DOCS / "pop3.md").read_text("utf-8")
    code = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0]
    with EmbeddedServer(sample_messages()) as server:
        for shown, real in (
            ('"pop.example.com", secure=True', f'"{server.host}", {server.port}'),
            ('"kim", "..."', f'"{server.user}", "{server.password}"'),
        ):
            assert shown in code
            code = code.replace(shown, real)
        exec(compile(code, "docs/pop3.md", "exec"), {})  # noqa: S102 - that is the test
        first = capsys.readouterr().out
        exec(compile(code, "docs/pop3.md", "exec"), {})  # noqa: S102
        second = capsys.readouterr().out

    assert f"{len(sample_messages())} messages" == first.splitlines()[0]
    assert f"{len(sample_messages()) - 1} messages" == second.splitlines()[0]
    assert "multipart" not in first
    assert "Is the blue touring bike still there?" in first


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


def test_the_examples_of_html(capsys: pytest.CaptureFixture[str]) -> None:
    """The examples in docs/html.md can be pasted, and do what is said beside them."""
    text = (DOCS / "html.md").read_text("utf-8")
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(compile(code, "docs/html.md", "exec"), {})  # noqa: S102 - that is the test
    printed = capsys.readouterr().out

    assert printed.startswith("<p>Hello <img ")
    assert "('https://example.org/logo.png',)\nSee our shop (https://example.org/).\n\n* bells\n* lamps\n\n> Hi\n" in printed


def test_the_limits_of_html() -> None:
    """The limits that docs/html.md names are those of the program."""
    from cfml_pop import Settings
    from cfml_pop.markup.gate import ATTRIBUTES, DEPTH, LIMIT

    text = " ".join((DOCS / "html.md").read_text("utf-8").split())

    assert LIMIT == Settings().html_limit
    assert f"({LIMIT:,}) characters, {DEPTH} open elements, {ATTRIBUTES:,} attributes in a tag" in text


def test_the_reference_has_all_attributes_and_columns() -> None:
    """The table of attributes in docs/cfpop.md is the one that the program reads by, and every column has its line."""
    from cfml_pop.cfml.attributes import ATTRIBUTES
    from cfml_pop.cfml.query import ALL_COLUMNS

    text = (DOCS / "cfpop.md").read_text("utf-8")
    attributes = text.partition("## Attributes")[2].partition("\n## ")[0]
    columns = text.partition("## Columns")[2].partition("\n## ")[0]
    named = [name for line in re.findall(r"^\| (`.*?) \| ", columns, re.MULTILINE) for name in re.findall(r"`(\w+)`", line)]
    shown = {"None": "", "True": "yes", "False": "no", ",": "`,`"}
    table = [(one.name, shown.get(str(one.default), str(one.default)), one.meaning) for one in ATTRIBUTES.values()]

    assert table == re.findall(r"^\| `(\w+)` \| ?(.*?) \| (.*) \|$", attributes, re.MULTILINE)
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
