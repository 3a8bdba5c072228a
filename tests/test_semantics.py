"""The conformance cases, one line each: number, dialect, mailbox, attributes, expectation.

Rule: the table is `semantics_cases`; this file runs it, and holds that all cases are there and which may deviate.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from tests.semantics_cases import DEVIATIONS, LINES
from tests.semantics_support import Line, look, run

CASES = 136

DIALECTS_PAGE = Path(__file__).parent.parent / "docs" / "dialects.md"

MAY_DEVIATE: dict[str, set[int]] = {
    "wording": {8, 11, 12, 26, 54, 55, 56, 57, 59},
    "traffic": {36, 53, 60, 61},
    "never": {42, 44, 45, 52, 99, 100, 103, 104, 110, 111, 117, 119, 120},
    "lost": {71, 75, 97, 98},
    "markread": {5},
}
"""The cases that cannot pass as they are written, by kind."""

DEVIATE_AS_WELL: dict[str, set[int]] = {
    "wording": {4, 6, 18, 50},
    "traffic": {23},
    "never": {95},
    "deleting": {9, 39, 40},
    "place": {124, 125, 126},
}
"""Cases that differ in a word, or in the half of one engine; docs/dialects.md has the reason of each."""


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_case(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a call gives, does and sends is what the line says."""
    outcome = run(line, tmp_path, monkeypatch)

    assert line.expected == {word: look(outcome, word, wanted) for word, wanted in line.expected.items()}


def test_every_case_has_a_line() -> None:
    """The cases are numbered from 1 to 136, and none is missing."""
    assert list(range(1, CASES + 1)) == sorted({line.number for line in LINES})


def test_lines_are_told_apart() -> None:
    """No line stands there twice, and each looks at something."""
    assert len(LINES) == len({repr(dataclasses.replace(line, expected={}, deviates="")) for line in LINES})
    assert [] == [line.name for line in LINES if not line.expected]


def test_what_deviates_is_what_may() -> None:
    """Every deviation is of a known kind and stands in one of the two lists, and nothing stands there that passes."""
    expected: dict[str, set[int]] = {kind: MAY_DEVIATE.get(kind, set()) | DEVIATE_AS_WELL.get(kind, set()) for kind in DEVIATIONS}
    found: dict[str, set[int]] = {kind: set() for kind in DEVIATIONS}
    for line in LINES:
        if line.deviates:
            found[line.deviates].add(line.number)

    assert expected == found


def test_the_manual_lists_what_deviates() -> None:
    """docs/dialects.md has a line for every deviation, with its kind, and for no other case."""
    part = DIALECTS_PAGE.read_text("utf-8").partition("## The cases that deviate")[2].partition("\n## ")[0]
    found = {
        (int(number), kind)
        for numbers, kind in re.findall(r"^\| ([0-9, ]+) \| (\w+) \|", part, re.MULTILINE)
        for number in numbers.split(",")
    }

    assert {(line.number, line.deviates) for line in LINES if line.deviates} == found
