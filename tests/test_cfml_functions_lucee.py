"""The functions of text, expressions and encoders against recorded answers of Lucee."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from cfml_pop.cfml.functions import binary, encoders, regex, text, text_changes
from cfml_pop.cfml.functions.family import Page
from cfml_pop.errors import FunctionFault

FAMILIES = (text.FAMILY, text_changes.FAMILY, regex.FAMILY, encoders.FAMILY, binary.FAMILY)
FUNCTIONS = {function.name: function for family in FAMILIES for function in family}
ANSWERS = [json.loads(line) for line in (Path(__file__).parent / "lucee" / "answers.jsonl").read_text("ascii").splitlines()]


@pytest.mark.parametrize(
    ("name", "answers"), [(name, list(answers)) for name, answers in itertools.groupby(ANSWERS, key=lambda answer: answer[0])]
)
def test_answers(name: str, answers: list[tuple[str, list[Any], Any]]) -> None:
    """A function gives what Lucee gives, and refuses what Lucee refuses."""
    wrong = []
    for _, given, expected in answers:
        try:
            actual = FUNCTIONS[name](Page(), *given)
        except FunctionFault:
            actual = None
        if expected != actual:
            wrong.append((given, expected, actual))

    assert [] == wrong
    assert 10 <= len(answers)
