"""Where cfml-pop cfpop gets the password from."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cfml_pop.cli import main
from tests.servers.scripted import ScriptedServer

SECRET = "ti ger#1 "
WRONG = "not-the-tiger"

posix = pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    """A mailbox whose password has blanks, one of them at its end."""
    with ScriptedServer([b"Subject: mail\r\n\r\n"], password=SECRET) as server:
        yield server


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has an empty home directory and no password in its environment."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.delenv("CFML_POP_PASSWORD", raising=False)


def status_of(server: ScriptedServer, *arguments: object, username: str | None = "kim") -> int:
    user = [] if username is None else ["--username", username]
    return main(["cfpop", "--server", "127.0.0.1", "--port", str(server.port), *user, "--json", *map(str, arguments)])


def private(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\nsecond line\n"])
def test_file(server: ScriptedServer, tmp_path: Path, end: str) -> None:
    """The first line of the file is the password, blanks and all, without its line end."""
    assert 0 == status_of(server, "--password-file", private(tmp_path / "secret", SECRET + end))


def test_stdin(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--password-file -` takes the first line of stdin, so that a password manager can give it."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{SECRET}\nrest".encode())))

    assert 0 == status_of(server, "--password-file", "-")


def test_environment(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """CFML_POP_PASSWORD is used when nothing is said, and a variable that is named wins over it."""
    monkeypatch.setenv("CFML_POP_PASSWORD", SECRET)
    first = status_of(server)
    monkeypatch.setenv("CFML_POP_PASSWORD", WRONG)
    monkeypatch.setenv("MINE", SECRET)

    assert (0, 0, 1) == (first, status_of(server, "--password-env", "MINE"), status_of(server))


@pytest.mark.parametrize("username", ["kim", None])
@pytest.mark.parametrize("entry", ["machine 127.0.0.1", "machine other login x password y\ndefault"])
def test_netrc(tmp_path: Path, username: str | None, entry: str) -> None:
    """A netrc file gives user name and password of the server's entry or its default one, of the home directory or by name."""
    text = f"{entry} login kim password tiger#1\n"  # with a blank it would need quotes, which Python 3.10 does not read
    with ScriptedServer(password="tiger#1") as server:
        named = status_of(server, "--netrc", private(tmp_path / "mine", text), username=username)
        private(tmp_path / ".netrc", text)

        assert (0, 0) == (named, status_of(server, "--netrc", username=username))
        assert ["USER kim"] * 2 == [line for line in server.commands if line.startswith("USER")]


def test_prompt(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a terminal the password is asked for by getpass, which does not show it, with the mailbox named."""
    asked = []

    def getpass(prompt: str, _stream: object) -> str:
        asked.append(prompt)
        return SECRET

    monkeypatch.setattr("cfml_pop.cli.passwords.getpass.getpass", getpass)
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda _self: True})())

    assert 0 == status_of(server)
    assert ["Password for kim@127.0.0.1: "] == asked


NETRC = f"machine 127.0.0.1 login kim password {WRONG}"


@pytest.mark.parametrize(
    ("arguments", "content", "said"),
    [
        (["--password-env", "NOWHERE"], "", "the environment variable NOWHERE is empty or not set"),
        (["--password-file", "{path}.gone"], "", "cannot be read: No such file or directory"),
        (["--password-file", "{path}"], "\nsecond", "the first line of {path} is empty; the password stands there"),
        (["--password-file", "{path}"], "\x00tiger", "password"),
        (["--netrc", "{path}.gone"], "", "cannot be read: No such file or directory"),
        (["--netrc", "{path}"], "machine other login kim password x", "{path} has no entry for 127.0.0.1; write there: machine"),
        (["--netrc", "{path}"], f"{NETRC} {WRONG} x", "{path} cannot be read as a netrc file, from line 1 on"),
        (["--netrc", "{path}"], NETRC.replace("kim", "lee"), "is for another login than kim; leave --username out to use it"),
        (["--netrc", "{path}"], "machine 127.0.0.1 login kim", "{path}"),
        ([], "", "write --password-env VAR, --password-file FILE or --netrc, or set CFML_POP_PASSWORD"),
    ],
)
def test_what_is_wrong_with_a_source(
    server: ScriptedServer,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    content: str,
    said: str,
) -> None:
    """A source that gives no password is a wrong call: one line that names it, and nothing of what it holds."""
    path = private(tmp_path / "source", content)
    before = server.connections
    status = status_of(server, *[text.format(path=path) for text in arguments])
    shown = capsys.readouterr()

    assert (2, "", 1) == (status, shown.out, shown.err.count("\n"))
    assert said.format(path=path) in shown.err
    assert "tiger" not in shown.err
    assert before == server.connections


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
@pytest.mark.parametrize("option", ["--password-file", "--netrc"])
def test_a_file_of_others(
    server: ScriptedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, mode: int
) -> None:
    """A file that others may use is refused, with what to type, also a netrc file that is named."""
    path = private(tmp_path / "source", NETRC if option == "--netrc" else SECRET)
    path.chmod(mode)

    assert 2 == status_of(server, option, path)
    assert f"{path} can be used by others than you (mode {mode:03o}); write: chmod 600 {path}" in capsys.readouterr().err


@posix
def test_the_netrc_of_the_home_directory(server: ScriptedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same holds for ~/.netrc."""
    private(tmp_path / ".netrc", NETRC).chmod(0o644)

    assert 2 == status_of(server, "--netrc")
    assert "chmod 600" in capsys.readouterr().err


def test_nothing_is_asked_for_a_wrong_call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever made a mistake in another option is not asked for the password first."""

    def getpass(_prompt: str, _stream: object) -> str:
        raise AssertionError("asked")

    monkeypatch.setattr("cfml_pop.cli.passwords.getpass.getpass", getpass)
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda _self: True})())

    assert 2 == main(["cfpop", "--server", "localhost", "--username", "kim", "--maxrows", "x"])
    assert "--maxrows" in capsys.readouterr().err


@pytest.mark.parametrize("option", [[], ["--password-file", "{path}"], ["--netrc", "{path}"]])
def test_a_wrong_password_is_not_shown(
    server: ScriptedServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, option: list[str]
) -> None:
    """When the server refuses the password, no line shows it, wherever it came from."""
    path = private(tmp_path / "source", NETRC if option[:1] == ["--netrc"] else WRONG)
    if not option:
        monkeypatch.setenv("CFML_POP_PASSWORD", WRONG)
    status = status_of(server, *[text.format(path=path) for text in option])
    shown = capsys.readouterr()

    assert (1, "", 1) == (status, shown.out, shown.err.count("\n"))
    assert "tiger" not in shown.err
