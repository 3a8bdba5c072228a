"""What docs/command-line-cfpop.md shows works as it stands."""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cfml_pop.cfml.attributes import ATTRIBUTES
from cfml_pop.cli import main, options
from cfml_pop.cli.cfpop import command as cfpop_command
from cfml_pop.cli.parse import command as parse_command
from cfml_pop.testing import EmbeddedServer, sample_messages

PAGE = Path(__file__).parent.parent / "docs" / "command-line-cfpop.md"
TEXT = PAGE.read_text("utf-8")
COMMANDS = [line[2:] for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]


def visible(command: click.Command) -> list[click.Option]:
    """The options of a command that its help shows."""
    return [one for one in command.params if isinstance(one, click.Option) and not one.hidden]


def test_the_table_of_attributes() -> None:
    """The table of options is the table of attributes, in its order, with the option's own metavar and meaning."""
    section = TEXT.partition("## Attributes")[2].partition("\n## ")[0]
    by_name = {option.name: option for option in visible(cfpop_command)}
    shown = {"None": "", "True": "yes", "False": "no", ",": "`,`"}
    expected = []
    for key, attribute in ATTRIBUTES.items():
        if not options.left_out(attribute):
            written = f"{by_name[key].opts[0]} {by_name[key].metavar}".replace("|", r"\|")
            expected.append((written, shown.get(str(attribute.default), str(attribute.default)), attribute.meaning))

    assert expected == re.findall(r"^\| `(--.*?)` \| ?(.*?) \| (.*) \|$", section, re.MULTILINE)


def test_every_option_is_in_the_manual() -> None:
    """No option of the two commands is missing on the page, and none stands there that does not exist."""
    there = set(re.findall(r"--[a-z][a-z-]*", TEXT))
    known = {name for command in (cfpop_command, parse_command) for option in visible(command) for name in option.opts}

    assert known - {"--delimiters"} == there  # an alias of the table's


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    """The sample mailbox of a person called kim."""
    with EmbeddedServer(sample_messages(), user="kim", password="sesame") as server:
        yield server


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a letter in it."""
    folder: Path = tmp_path_factory.mktemp("docs")
    (folder / "letter.eml").write_bytes(sample_messages()[1])
    return folder


@pytest.mark.parametrize("line", COMMANDS)
def test_the_commands(
    server: EmbeddedServer, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    """Each command of the page runs against a mailbox, prints its result and ends with status 0, when the server is put in."""
    (folder / ".netrc").write_text(f"machine {server.host} login kim password {server.password}\n")
    (folder / ".netrc").chmod(0o600)
    (folder / "kim.secret").write_text(server.password)
    (folder / "kim.secret").chmod(0o600)
    toml = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)[0].replace('tls_ca_file = "authority.pem"\n', "")
    place = f'server = "{server.host}"\nport = {server.port}\nsecure = false'
    (folder / "mail.toml").write_text(toml.replace('server = "pop.example.com"', place))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("CFML_POP_PASSWORD", server.password)
    typed = server.password.encode() if line.startswith("pass show") else (folder / "letter.eml").read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed)))

    own = line.rpartition("| ")[2].partition(" < ")[0].replace("pop.example.com --secure", f"{server.host} --port {server.port}")
    program, *arguments = shlex.split(own.replace("*.eml", "letter.eml"))
    if "delete" in arguments:
        arguments.append("--yes")

    assert ("cfml-pop", 0) == (program, main(arguments))
    assert "" != capsys.readouterr().out


def test_the_program(server: EmbeddedServer, capsys: pytest.CaptureFixture[str]) -> None:
    """The program of the page can be pasted, and tells how far it is until all is there."""
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    place = f'server="{server.host}", port={server.port}'
    for shown, real in (('server="pop.example.com", secure=True', place), ('"..."', repr(server.password))):
        assert shown in code
        code = code.replace(shown, real)
    exec(compile(code, str(PAGE), "exec"), {})  # noqa: S102 - that is the test
    lines = capsys.readouterr().out.splitlines()

    assert re.match(r"0 of \d+ messages, 0 of \d+ octets", lines[0])
    assert re.fullmatch(r"(\d+) of \1 messages, (\d+) of \2 octets", lines[-1])
