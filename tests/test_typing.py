"""The public API as type checkers see it: mypy reads tests/typing with all else (`make test`), pyright here."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import cfml_pop
import cfml_pop.testing
from tests.typing_support import pyright

ROOT = Path(__file__).parent.parent
PROGRAMS = ROOT / "tests" / "typing"


@pytest.mark.may_skip("pyright needs Node.js, or a way to fetch it")
def test_programs_of_users() -> None:
    """Every type in tests/typing/right.py is what pyright infers, and every line of wrong.py that has to be refused is."""
    status, report = pyright(
        "--project", str(ROOT / "pyproject.toml"), "--pythonpath", sys.executable, python=sys.executable, folder=ROOT
    )
    errors = [(Path(one["file"]).name, one["range"]["start"]["line"] + 1, one["message"]) for one in report["generalDiagnostics"]]

    assert (0, []) == (status, errors)
    assert len(list(PROGRAMS.glob("*.py"))) == report["summary"]["filesAnalyzed"]


def test_every_public_name_is_used() -> None:
    """tests/typing covers each name of `cfml_pop` and of `cfml_pop.testing`, but for errors that add nothing to their base."""
    text = "".join(path.read_text("utf-8") for path in PROGRAMS.glob("*.py"))
    names = [*cfml_pop.__all__, *cfml_pop.testing.__all__]
    missing = {name for name in names if not re.search(rf"\b{name}\b", text)}

    errors = {name for name in missing if issubclass(getattr(cfml_pop, name), Exception)}

    assert set() == missing - errors


def test_mypy_reads_them() -> None:
    """The settings of mypy have the folder among its files, and are strict about a `type: ignore` that is not needed."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    section = text.partition("[tool.mypy]")[2].partition("\n[")[0]

    assert "strict = true" in section
    assert re.search(r'^files = \[.*"tests"', section, re.MULTILINE)
