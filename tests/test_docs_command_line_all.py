"""What docs/command-line.md shows works as it stands, and nothing is missing there."""

from __future__ import annotations

import io
import json
import re
import shlex
import sys
from pathlib import Path

import click
import pytest

from cfml_pop.cli import COMMANDS, main
from cfml_pop.cli.check import SUFFIXES
from cfml_pop.cli.group import SHELLS, STATUS, group
from cfml_pop.jinja.lint import RULES
from cfml_pop.testing import EmbeddedServer

TEXT = (Path(__file__).parent.parent / "docs" / "command-line.md").read_text("utf-8")
OWN_PAGE = ("cfpop", "parse")
"""Commands whose options stand on docs/command-line-cfpop.md."""


def shown_commands() -> list[tuple[str, str]]:
    """Each command line of the page, and the output that the page shows below it."""
    found: list[tuple[str, str]] = []
    for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL):
        for piece in block.split("$ ")[1:]:
            line, _, output = piece.partition("\n")
            found.append((line, output))
    return found


@pytest.mark.parametrize(("line", "output"), shown_commands(), ids=lambda text: text.splitlines()[0] if text else "")
def test_the_commands(
    line: str,
    output: str,
    sample_server: EmbeddedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each command of the page does what is shown; one that shows no output ends well."""
    (wrong,) = re.findall(r"```html\n(.*?)```", TEXT, re.DOTALL)
    mailbox = {
        "server": sample_server.host,
        "port": sample_server.port,
        "username": sample_server.user,
        "password": sample_server.password,
    }
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "page.html": "<h1>{{ title }}</h1>",
        "wrong.html": wrong,
        "mailbox.json": json.dumps(mailbox),
        "greeting.txt": "Hello {{ who }}!\n",
    }.items():
        Path(name).write_text(text)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path("greeting.txt").read_bytes())))
    program, *arguments = shlex.split(line.partition(" < ")[0])
    status = main(arguments)
    printed = capsys.readouterr()

    assert "cfml-pop" == program
    if output:
        assert output.splitlines() == (printed.out + printed.err).splitlines()
    else:
        assert (0, "") == (status, printed.err)


def test_every_option_is_in_the_manual() -> None:
    """Each option of each command stands in the command's section or in that of all templates; none stands there that is none."""
    of_templates = options_of("Templates")
    for name in set(COMMANDS) - set(OWN_PAGE):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        real = {option for one in command.params if isinstance(one, click.Option) for option in one.opts}
        common = of_templates if name in ("render", "check") else set()

        assert real == options_of(name) | common


def options_of(title: str) -> set[str]:
    """The options in the table of a section."""
    rows = re.findall(r"^\| (`-.*?) \|", section(title), re.MULTILINE)
    return {option for row in rows for option in re.findall(r"(?<!\w)--?[a-z][a-z-]*", row)}


def section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_tables() -> None:
    """The tables of commands, statuses, shells and rules are those of the program."""
    commands = re.findall(r"^\| \[`(\w+)`\]\(#[\w-]+\) \| (.*) \|$", TEXT, re.MULTILINE)
    statuses = re.findall(r"^\| (\d+) \| (.*) \|$", TEXT, re.MULTILINE)
    shells = re.findall(r"^\| (\w+) \| `(.*)` \|$", section("Completion"), re.MULTILINE)
    rules = re.findall(r"^\| `([a-z-]+)` \| (error|warning) \| (.*) \|$", TEXT, re.MULTILINE)

    assert list(COMMANDS.items()) == [(name, text) for name, text in commands]
    assert [(str(status), text) for status, text in STATUS.items()] == statuses
    assert [(shell, line.replace("|", r"\|")) for shell, line in SHELLS.items()] == shells
    assert [(name, rule.level, rule.help) for name, rule in RULES.items()] == rules


def test_the_suffixes_and_the_hook() -> None:
    """The page names the suffixes of templates as the program has them, and the hook by its id."""
    hooks = (Path(__file__).parent.parent / ".pre-commit-hooks.yaml").read_text("utf-8")

    assert " ".join(SUFFIXES) in " ".join(TEXT.split())
    assert re.findall(r"- id: (.*)", TEXT) == re.findall(r"- id: (.*)", hooks)
