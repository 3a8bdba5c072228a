"""The command line as a whole: its help, its errors, its exit statuses, its completion."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import cfml_pop
from cfml_pop.cli import COMMANDS, main
from cfml_pop.cli.group import SHELLS, STATUS, group

ROOT = Path(__file__).parent.parent


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`cfml-pop` in a process of its own, that is no terminal."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "cfml_pop", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_help_names_commands_and_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    """The help has a line for each command, exit status and shell."""
    assert 0 == main(["--help"])
    shown = capsys.readouterr().out

    assert [] == [name for name in COMMANDS if not re.search(rf"^  {name} ", shown, re.MULTILINE)]
    assert [] == [status for status in STATUS if not re.search(rf"^  {status} ", shown, re.MULTILINE)]
    assert [] == [line for line in SHELLS.values() if line not in shown]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command of the table is there, and its own help begins with its line in the table."""
    command = group.get_command(click.Context(group), name)
    assert command is not None
    assert 0 == main([name, "--help"])
    shown = " ".join(capsys.readouterr().out.split())

    assert f"Usage: cfml-pop {name} " in shown
    assert COMMANDS[name] in shown


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """--version is that of the package."""
    assert 0 == main(["--version"])
    assert f"cfml-pop {cfml_pop.__version__}\n" == capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ("name a command", "render", "cfml-pop --help")),
        (["chekc"], ("'chekc'", "did you mean check?")),
        (["whatever"], ("'whatever'", "there are demo, render")),
        (["--verson"], ("--verson", "--version")),
        (["check"], ("TEMPLATE", "cfml-pop check --help")),
        (["check", "--strikt", "templates"], ("--strikt", "--strict")),
        (["check", "--ignore", "nothing", "templates"], ("nothing", "literal-password")),
        (["check", "no/such/file"], ("no/such/file",)),
        (["check", "--dialect", "lucy", "templates"], ("lucy", "lucee")),
        (["schema", "--format", "xml"], ("xml", "json")),
        (["--completion", "csh"], ("csh", "bash")),
        (["render"], ("TEMPLATE", "cfml-pop render --help")),
    ],
)
def test_wrong_calls(arguments: list[str], words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong call ends with status 2 and one line on stderr, which says what to type; stdout stays empty."""
    assert 2 == main(arguments)
    printed = capsys.readouterr()

    assert ("", 1) == (printed.out, printed.err.count("\n"))
    assert printed.err.startswith("cfml-pop: ")
    assert [] == [word for word in words if word not in printed.err]


def test_fault_of_the_program(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An exception that nobody foresaw is one line with its place, and no trace."""

    def broken() -> None:
        raise LookupError("x\x1b[31m\ny")

    monkeypatch.setattr("cfml_pop.cli.schema.attribute_schema", broken)

    assert 1 == main(["schema", "--json"])
    line = capsys.readouterr().err
    assert re.fullmatch(r"cfml-pop: LookupError: x.\[31m y at .*test_cli_group\.py:\d+; .*report it\n", line)
    assert "\x1b" not in line


def in_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60, check=False)


def test_lazy_commands() -> None:
    """--help loads no command, and `check` loads neither Twisted nor another command."""
    code = (
        "import sys; from cfml_pop.cli import main\n"
        "for arguments in (['--help'], ['check', 'templates']):\n"
        "    main(arguments)\n"
        "    names = {'twisted', 'cfml_pop.cli.demo', 'cfml_pop.cli.cfpop', 'cfml_pop.cli.render', 'cfml_pop.cli.check'}\n"
        "    print('loaded', *sorted(names & set(sys.modules)))\n"
    )
    done = in_python(code)

    assert ["loaded", "loaded cfml_pop.cli.check"] == [line for line in done.stdout.splitlines() if line.startswith("loaded")]


def test_without_the_extra() -> None:
    """Without click, or without rich, one line says what to install, and the status is 1."""
    code = (
        "import sys; from cfml_pop.__main__ import main\n"
        "for missing in ('rich', 'click'):\n"
        "    sys.modules[missing] = None\n"
        "    print(main())\n"
        "    del sys.modules[missing]\n"
    )
    done = in_python(code)
    line = "cfml-pop: the command line needs click and rich; install them with: pip install 'cfml-pop[cli]'\n"

    assert ("1\n1\n", line * 2) == (done.stdout, done.stderr)


def test_entry_point() -> None:
    """The installed command and `python -m cfml_pop` are the same function."""
    from cfml_pop import __main__

    text = (ROOT / "pyproject.toml").read_text("utf-8")

    assert 'cfml-pop = "cfml_pop.__main__:main"' in text
    assert __main__.main is main


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """--completion prints a script that asks this program by the variable which it reads."""
    monkeypatch.setattr(
        "click.shell_completion.BashComplete._check_version", lambda _: None
    )  # asks a bash, which may not be there

    assert 0 == main(["--completion", shell])
    assert f"_CFML_POP_COMPLETE={shell}_complete" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("cfml-pop ", "demo render check cfpop parse schema"),
        ("cfml-pop ch", "check"),
        ("cfml-pop --comp", "--completion"),
        ("cfml-pop schema --form", "--format"),
        ("cfml-pop check --format s", "sarif"),
        ("cfml-pop check --ignore unknown-c", "unknown-connection unknown-column"),
    ],
)
def test_completion(words: str, offered: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Commands, options and their values are completed."""
    monkeypatch.setenv("_CFML_POP_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
    with pytest.raises(SystemExit):
        main([])

    assert offered.split() == [line.partition(",")[2] for line in capsys.readouterr().out.splitlines()]


def test_schema_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """--json prints the schema of the Python function, and the schema is one."""
    import json

    from jsonschema import Draft202012Validator

    assert 0 == main(["schema", "--json"])
    printed = json.loads(capsys.readouterr().out)

    assert cfml_pop.attribute_schema() == printed
    Draft202012Validator.check_schema(printed)


def test_schema_as_table(capsys: pytest.CaptureFixture[str]) -> None:
    """The table has a line for each attribute, with its meaning."""
    from cfml_pop.cfml.attributes import ATTRIBUTES

    assert 0 == main(["schema"])
    heading, *lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("\u2500")]

    assert ["Attribute", "Value", "Default", "Meaning", "Engines"] == heading.split()
    assert [one.name for one in ATTRIBUTES.values()] == [line.split()[0] for line in lines]
    assert [] == [one.name for one, line in zip(ATTRIBUTES.values(), lines, strict=True) if one.meaning not in line]


def test_reader_that_leaves() -> None:
    """When the reader of the output goes away there is no trace."""
    command = f"{sys.executable} -m cfml_pop schema --json | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)

    assert ("{\n", "") == (done.stdout, done.stderr)


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal is POSIX's")
@pytest.mark.parametrize(("environment", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_on_a_terminal(environment: dict[str, str], coloured: bool, tmp_path: Path) -> None:
    """Colours are for a terminal that has them and a person who wants them."""
    page = tmp_path / "page.html"
    page.write_text("{{ a b }}")
    shown = on_terminal(["check", str(page)], {"TERM": "xterm-256color", **environment})

    assert "error" in shown
    assert coloured == ("\x1b[1;31m" in shown or "\x1b[31m" in shown)


def test_a_pipe_that_is_no_terminal(tmp_path: Path) -> None:
    """A pipe gets no escape sequence, a terminal's width does not cut its lines, and what its encoding lacks becomes "?"."""
    page = tmp_path / "ü.html"
    page.write_text("<% cfpop ü %>", "utf-8")
    done = run("check", str(page), COLUMNS="20", PYTHONUTF8="0", PYTHONIOENCODING="ascii")

    assert 1 == done.returncode
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout
    assert "?.html:1:10: error: cfpop: ? is not an attribute" in done.stdout
    assert [] == [line for line in done.stdout.splitlines() if not line.endswith("]")]


def on_terminal(arguments: list[str], environment: dict[str, str]) -> str:
    """What the command shows on a pseudo-terminal."""
    import pty

    ours, theirs = pty.openpty()
    variables = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLORTERM")}
    child = subprocess.Popen(
        [sys.executable, "-m", "cfml_pop", *arguments], cwd=ROOT, env={**variables, **environment}, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            octets = os.read(ours, 65536)
        except OSError:  # Linux's way to say that the other side is closed
            break
        if not octets:
            break
        shown += octets
    os.close(ours)
    child.wait(timeout=20)
    return shown.decode("utf-8")


@pytest.mark.parametrize(
    ("stream", "arguments", "said"),
    [
        ("stdin", ["render", "-"], "cfml-pop: stdin is closed\n"),
        ("stdin", ["check", "-"], ""),
        ("stdin", ["parse", "-"], "cfml-pop: - cannot be read: stdin is closed\n"),
        ("stdout", ["schema"], "cfml-pop: stdout is closed\n"),
    ],
)
def test_a_closed_stream_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stream: str, arguments: list[str], said: str
) -> None:
    """A standard stream that the caller has closed is a fault in one line, and no trace."""
    monkeypatch.setattr(sys, stream, None)
    assert 1 == main(arguments)
    out, err = capsys.readouterr()
    shown = ("<stdin>:1: error: stdin is closed [unreadable]\n", "1 template: 1 error, 0 warnings\n")
    assert (("", said) if said else shown) == (out, err)


def test_without_stderr_stdout_stays_clean(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What goes wrong is never printed among the results, not even where stderr is closed."""
    monkeypatch.setattr(sys, "stderr", None)
    assert 2 == main(["chek"])
    sys.stderr.close()
    assert "" == capsys.readouterr().out
