"""What docs/tags.md shows works as it stands, and says what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cfml_pop.errors import NetworkError
from cfml_pop.jinja.environment import cfml_environment
from cfml_pop.jinja.statements import TYPES
from cfml_pop.jinja.tag_attributes import TAGS
from cfml_pop.jinja.tags import QUOTED
from cfml_pop.jinja.writing import SCOPES
from tests.jinja_support import FakeClient, install

TEXT = (Path(__file__).parent.parent / "docs" / "tags.md").read_text("utf-8")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    return install(monkeypatch)


@pytest.mark.parametrize("asynchronous", [False, True])
def test_the_page(fake: FakeClient, asynchronous: bool) -> None:
    """The page of the manual lists a mailbox, goes on where the URL says, and tells what went wrong."""
    source = re.findall(r"```jinja\n(.*?)```", TEXT, re.DOTALL)[0]
    template = cfml_environment(tags=True, enable_async=asynchronous).from_string(source)

    def printed(**context: object) -> str:
        return " ".join(template.render(secret="tiger", **context).split())

    first, second = '<p class="odd">ann@example.com: one &lt;1&gt;</p>', '<p class="even">bob@example.com: two</p>'
    assert f"{first} {second} 2 of 2" == printed(url={})
    assert f"{second} 1 of 2" == printed(url={"STARTROW": "2"})
    fake.error = NetworkError("pop.example.com does not answer")
    assert "<p>No mail today: pop.example.com does not answer</p>" == printed(url={})


def test_every_tag_and_attribute_is_there() -> None:
    """The table has every tag and every attribute, and none that does not exist."""
    rows = re.findall(r"^\| (`cf.*?) \| (.*?) \|", TEXT.partition("## The tags")[2], re.MULTILINE)
    shown: dict[str, set[str]] = {}
    for tags, attributes in rows:
        for tag in re.findall(r"`(\w+)`", tags):
            shown.setdefault(tag, set()).update(name.lower() for name in re.findall(r"`(\w+)`", attributes))
    assert set(QUOTED) == set(shown)
    assert {tag: set(attributes) for tag, attributes in TAGS.items()} == {tag: shown[tag] for tag in TAGS}


def test_lists_in_the_manual() -> None:
    """The types of cfparam and the scopes that a host must pass are those of the code."""
    types = re.findall(r"types: ([\w, ]+)", TEXT)[0]
    assert list(TYPES) == types.strip().split(", ")
    scopes = re.findall(r"Scopes that are not there \(`([\w ]+)`\)", TEXT)[0]
    assert set(SCOPES) == set(scopes.split())
