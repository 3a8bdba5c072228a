"""Messages of templates with the tag are found by the real pybabel, with the settings that docs/translation.md gives."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

PAGE = (Path(__file__).parent.parent / "docs" / "translation.md").read_text("utf-8")
BLOCKS: dict[str, str] = dict(re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL))
JINJA = "[jinja2: templates/**.html]\nextensions = cfml_pop.CfpopExtension\nsilent = false\n"


def extract(folder: Path, template: str, mapping: str) -> subprocess.CompletedProcess[str]:
    """Run the command of the manual on one template."""
    (folder / "templates").mkdir(exist_ok=True)
    (folder / "templates" / "page.html").write_text(template, "utf-8")
    (folder / "babel.cfg").write_text(mapping, "utf-8")
    command = BLOCKS["sh"].splitlines()[-1].split()
    assert ["pybabel", "extract"] == command[:2]
    root = str(Path(__file__).parent.parent)
    code = f"import sys; sys.path.insert(0, {root!r}); from babel.messages.frontend import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *command[1:]], cwd=folder, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


def messages(folder: Path) -> dict[object, list[int]]:
    """The messages found, each with its lines."""
    with (folder / "messages.pot").open("rb") as file:
        return {message.id: [line for _, line in message.locations if line] for message in read_po(file) if message.id}


def test_the_page_of_the_manual(tmp_path: Path) -> None:
    """The texts of the manual's page are found with their lines, its comment for translators as well."""
    done = extract(tmp_path, BLOCKS["html"], BLOCKS["ini"])

    assert 0 == done.returncode, done.stderr
    assert {
        "Inbox": [3],
        ("%(num)d message", "%(num)d messages"): [4],
        "Nothing is deleted without a question.": [5],
    } == messages(tmp_path)
    assert "#. the heading of the list" in (tmp_path / "messages.pot").read_text("utf-8")


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ('{% cfpop connection=_("one") action="delete" uid="#gettext(\'two\')#" name="mail" %}', {"one": [1], "two": [1]}),
        ('\n{% set mail = cfpop(connection=_("one")) %}{{ cfpop(connection=_("two"), name="mail") }}', {"one": [2], "two": [2]}),
        ('{% for row in mail %}\n{% cfpop connection="a" name="b" %}{{ _("in a loop") }}{% endfor %}', {"in a loop": [2]}),
    ],
)
def test_in_the_tag(tmp_path: Path, template: str, found: dict[object, list[int]]) -> None:
    """Texts in attributes, in quoted values and in every form of the tag are found, also with Jinja's own delimiters."""
    done = extract(tmp_path, template, JINJA)

    assert (0, found) == (done.returncode, messages(tmp_path)), done.stderr


def test_in_the_tags_of_cfml(tmp_path: Path) -> None:
    """In pages of `tags=True` texts are found in tags, in their bodies and in `#...#`, though names are rewritten there."""
    page = """<% cfset title = _("set") %>
<% cfif mail.recordCount GT 0 %>{{ _("if") }}<% cfelse %>{{ gettext('else') }}<% /cfif %>
<% cfoutput query="mail" %>{{ _("output") }}<% trans name=from %>from {{ name }}<% endtrans %><% /cfoutput %>
<% cfset x = "a #_('quoted')# b" %>
<% cftry %><% cfpop connection=_("try") name="mail" %><% cfcatch %>{{ _("catch") }}<% endcftry %>
"""
    done = extract(tmp_path, page, BLOCKS["ini"])

    assert 0 == done.returncode, done.stderr
    expected = {"set": [1], "if": [2], "else": [2], "output": [3], "from %(name)s": [3], "quoted": [4], "try": [5], "catch": [5]}
    assert expected == messages(tmp_path)


@pytest.mark.parametrize(
    ("template", "error"),
    [
        ('{{ _("lost") }}\n{% cfpop servr="pop.example.com" name="mail" %}', "servr"),
        ('{{ _("lost") }}\n{% cfpop connection="a" maxrows="many" name="mail" %}', "maxrows"),
        ('{{ _("lost") }}\n{% cfpop connection="a" name="mail"', "this cfpop has no end"),
    ],
)
def test_a_broken_tag_is_told(tmp_path: Path, template: str, error: str) -> None:
    """With `silent = false` a tag that cannot be read ends pybabel with what is wrong; without, Jinja leaves the page out."""
    done = extract(tmp_path, template, JINJA)

    assert 0 != done.returncode
    assert [] == [part for part in ("templates/page.html", "TemplateSyntaxError", "line 2", error) if part not in done.stderr]
    assert not (tmp_path / "messages.pot").exists() or {} == messages(tmp_path)
    assert 0 == extract(tmp_path, template, JINJA.replace("silent = false\n", "")).returncode
    assert {} == messages(tmp_path)


def test_the_program_of_the_manual() -> None:
    """The program in docs/translation.md runs, and its environment translates."""
    names: dict[str, object] = {}
    exec(compile(BLOCKS["python"], "docs/translation.md", "exec"), names)  # noqa: S102 - that is the test
    environment: object = names["environment"]

    assert "Inbox" == environment.from_string('{{ _("Inbox") }}').render()  # type: ignore[attr-defined]
