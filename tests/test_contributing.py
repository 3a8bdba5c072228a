"""What CONTRIBUTING.md and .editorconfig say is so."""

from __future__ import annotations

import configparser
import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
COMMANDS = [line.partition("#")[0].strip() for line in re.findall(r"^    (\S.*)$", TEXT, re.MULTILINE)]
FOLDERS = ("cfml_pop", "docs", "templates", "tests/servers", "tests/typing", "benchmarks")
KINDS = (".py", ".md", ".html", ".css", ".txt", ".toml", ".sh")


def test_commands() -> None:
    """Every command is a target of the Makefile, or a module or program that the extra dev brings."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    development = (ROOT / "pyproject.toml").read_text("utf-8").partition("\ndev = [")[2].partition("\n]")[0]
    for command in COMMANDS:
        words = command.split()
        if words[0] == "make":
            assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE), command
        elif words[:2] == [".venv/bin/python", "-m"]:
            assert importlib.util.find_spec(words[2]), command
        else:
            assert f'"{words[0].removeprefix(".venv/bin/")}>=' in development, command
    assert 8 == len(COMMANDS)


def test_paths() -> None:
    """Every path that is named is there; those which `make` makes are left out of version control."""
    named = {*re.findall(r"`([\w./-]+/[\w./-]*|[\w-]+\.(?:py|toml|md))`", TEXT), *re.findall(r"\]\((.*?)\)", TEXT)}
    named |= {word for command in COMMANDS for word in re.findall(r"tests/\S+\.py", command)}

    assert len(named) > 15
    assert [] == [path for path in sorted(named) if not (ROOT / path).exists()]
    assert {".venv/", "/demo-output/"} <= set((ROOT / ".gitignore").read_text("utf-8").split())


def test_one_page() -> None:
    """It stays one page: who has to read more does not."""
    assert len(TEXT.split()) < 600


def test_editorconfig() -> None:
    """The files are as .editorconfig has editors write them."""
    rules = configparser.ConfigParser()
    rules.read_string("[top]\n" + (ROOT / ".editorconfig").read_text("utf-8"))
    everywhere = dict(rules["*"])
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in KINDS]

    assert ("true", "lf", "utf-8") == (rules["top"]["root"], everywhere["end_of_line"], everywhere["charset"])
    assert len(files) > 150
    for path in files:
        text = path.read_bytes().decode("utf-8")
        assert "\r" not in text, path
        assert text.endswith("\n") or not text, path
        assert not re.search(r"[ \t]$", text, re.MULTILINE), path
        if path.suffix == ".py":
            assert "\t" not in text, path
