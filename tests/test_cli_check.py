"""`cfml-pop check`: which files it reads, how it prints, its exit status, and its use by other programs."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cfml_pop.cli import main
from cfml_pop.cli.check import SUFFIXES, find_templates
from cfml_pop.jinja.lint import RULES

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "tests" / "schemas" / "sarif-2.1.0.json").read_text("utf-8"))
WRONG = '<% cfpop nmae="m"\n  connection="support" %>\n'
DOUBTFUL = '<% cfpop server="s" username="u" password="tiger" name="m" %>\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a wrong and a doubtful template and one without fault, which is the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "doubtful.html").write_text(DOUBTFUL)
    (tmp_path / "right.html").write_text('<% cfpop connection="support" name="m" %>')
    (tmp_path / "wrong.html").write_text(WRONG)
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Each fault is a line as compilers write it, with its rule; how many there are is said on stderr."""
    assert 1 == main(["check", "."])
    printed = capsys.readouterr()

    assert [
        (
            "doubtful.html:1:34: warning: cfpop: the password stands in the template; "
            'use connection="..." or a variable [literal-password]'
        ),
        "wrong.html:1:4: error: cfpop: name is required for getHeaderOnly: the variable that gets the query [attribute]",
        "wrong.html:1:10: error: cfpop: nmae is not an attribute of cfpop; did you mean name? [unknown-attribute]",
    ] == printed.out.splitlines()
    assert "3 templates: 2 errors, 1 warning\n" == printed.err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["right.html"], 0),
        (["doubtful.html"], 0),
        (["doubtful.html", "--strict"], 1),
        (["doubtful.html", "--strict", "--ignore", "literal-password"], 0),
        (["wrong.html"], 1),
        (["wrong.html", "--json"], 1),
        (["wrong.html", "--ignore", "attribute", "--ignore", "unknown-attribute"], 0),
        (["right.html", "doubtful.html", "wrong.html"], 1),
    ],
)
def test_status(arguments: list[str], status: int) -> None:
    """Errors make the exit status 1, in every format; warnings do with --strict; what is ignored does not."""
    assert status == main(["check", *arguments])


def test_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--json prints an array of the faults, with null for a column that is not known."""
    (folder / "syntax.html").write_text("\n{{ a b }}")
    main(["check", "--json", "right.html", "syntax.html", "wrong.html"])
    found = json.loads(capsys.readouterr().out)

    assert [
        ("syntax.html", 2, None, "syntax"),
        ("wrong.html", 1, 4, "attribute"),
        ("wrong.html", 1, 10, "unknown-attribute"),
    ] == [(one["file"], one["line"], one["column"], one["rule"]) for one in found]
    assert {"file", "line", "column", "level", "rule", "text"} == set(found[0])


def test_sarif(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The SARIF log holds the official schema, names every rule, and has a result for each fault with its place."""
    (folder / "a b ü.html").write_text("{{ a b }}")
    elsewhere = folder.parent / "elsewhere.html"
    elsewhere.write_text("\n{{ a b }}")
    assert 1 == main(["check", "--format", "sarif", ".", str(folder / "wrong.html"), str(elsewhere)])
    log = json.loads(capsys.readouterr().out)
    Draft202012Validator(SCHEMA).validate(log)
    (run,) = log["runs"]
    places = [one["locations"][0]["physicalLocation"] for one in run["results"]]

    assert list(RULES) == [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [list(RULES)[one["ruleIndex"]] for one in run["results"]] == [one["ruleId"] for one in run["results"]]
    assert {"uri": "a%20b%20%C3%BC.html", "uriBaseId": "%SRCROOT%"} == places[0]["artifactLocation"]
    assert {"startLine": 1} == places[0]["region"]
    assert {"uri": "wrong.html", "uriBaseId": "%SRCROOT%"} == places[-2]["artifactLocation"]
    assert {"uri": elsewhere.as_uri()} == places[-1]["artifactLocation"]
    assert {"warning", "error"} == {one["level"] for one in run["results"]}


@pytest.mark.usefixtures("folder")
def test_sarif_without_faults(capsys: pytest.CaptureFixture[str]) -> None:
    """A run without faults has an empty list of results, which readers take for a clean run."""
    assert 0 == main(["check", "--format", "sarif", "right.html"])
    log = json.loads(capsys.readouterr().out)
    Draft202012Validator(SCHEMA).validate(log)

    assert [] == log["runs"][0]["results"]


def test_files_of_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder stands for its templates by suffix, in any case, but not those in hidden folders; each file is read once."""
    monkeypatch.chdir(tmp_path)
    for name in ("b.HTML", "a.cfm", "c.py", "deep/er/d.j2", ".git/e.html", "node_modules/f.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")

    assert ["a.cfm", "b.HTML", str(Path("deep", "er", "d.j2"))] == list(find_templates([".", "a.cfm"], SUFFIXES))
    assert ["c.py", "a.cfm"] == list(find_templates([".", "a.cfm"], ["py"]))


def test_folder_without_templates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without a template is a wrong call: somebody meant another one."""
    assert 2 == main(["check", str(tmp_path)])
    assert "--suffix" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
@pytest.mark.skipif(not Path("/dev/zero").is_char_device(), reason="this system has no /dev/zero")
@pytest.mark.may_skip("a device that never ends is one of Unix")
def test_a_file_without_end(capsys: pytest.CaptureFixture[str]) -> None:
    """What is larger than any template is a fault of that file, and the others are read."""
    assert 1 == main(["check", "/dev/zero", "right.html"])
    assert [
        "/dev/zero:1: error: this has more than 16 MB, which is no template [unreadable]"
    ] == capsys.readouterr().out.splitlines()


def test_files_that_cannot_be_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is no text is an error of its own, and the others are checked all the same."""
    (folder / "binary.html").write_bytes(b"\n\xff")
    assert 1 == main(["check", "binary.html", "wrong.html"])

    assert ["binary.html:2: error: this is no UTF-8 text [unreadable]", "wrong.html:1:4: error", "wrong.html:1:10: error"] == [
        line if "unreadable" in line else line[: line.index(": cfpop")] for line in capsys.readouterr().out.splitlines()
    ]


def test_stdin(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """- is stdin, with or without the mark that editors of Windows put in front."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf{{ a b }}")))

    assert 1 == main(["check", "-"])
    assert capsys.readouterr().out.startswith("<stdin>:1: error: ")


def test_configuration(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --config connections are known; variables that hold their passwords need not be set, because no mailbox is asked."""
    (folder / "mailboxes.toml").write_text('[connections.help]\nurl_env = "CFML_POP_TEST_NOT_SET"\n')

    assert 1 == main(["check", "--config", "mailboxes.toml", "right.html"])
    assert "there is no connection 'support'; there are help" in capsys.readouterr().out
    (folder / "mailboxes.toml").write_text('[connections.support]\nurl_env = "CFML_POP_TEST_NOT_SET"\n')
    assert 0 == main(["check", "--config", "mailboxes.toml", "right.html"])
    capsys.readouterr()
    assert 1 == main(["render", "--config", "mailboxes.toml", "right.html"])
    assert "CFML_POP_TEST_NOT_SET" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_known_filters_and_tests(capsys: pytest.CaptureFixture[str]) -> None:
    """--known names filters and tests of the program as well; what is not named stays a fault."""
    Path("own.html").write_text("{{ 'a'|tint }}{{ 1 is prime }}{{ 'b'|tnit }}")
    assert 1 == main(["check", "own.html", "--known", "tint", "--known", "prime"])
    assert ["tnit"] == re.findall(r"there is no \w+ (\w+)", capsys.readouterr().out)
    Path("own.html").write_text("{{ 'a'|tint }}{{ 1 is prime }}")
    assert 0 == main(["check", "own.html", "--known", "tint", "--known", "prime"])


def test_names_do_not_speak_to_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name or a text with control characters is printed without them, and stays on its line."""
    (folder / "a\x1b[31m\n.html").write_text("{{ a b }}<% x\x1b[31m %>")
    main(["check", "."])
    printed = capsys.readouterr().out

    assert "\x1b" not in printed
    assert "a\ufffd[31m .html:1: error: " in printed


def test_pre_commit_hook() -> None:
    """The hook calls the command that there is, with the extra that it needs, for files that are templates."""
    text = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    keys = dict(re.findall(r"^[- ] (\w+): (.*)$", text, re.MULTILINE))

    assert ("cfml-pop-check", "cfml-pop check", "python", '[".[cli]"]') == tuple(
        keys[key] for key in ("id", "entry", "language", "additional_dependencies")
    )
    assert [] == [suffix for suffix in SUFFIXES if suffix not in (".txt", ".xml") and not re.search(keys["files"], f"a{suffix}")]
