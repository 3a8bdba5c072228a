"""The per-message path costs no more machine instructions than its baseline says."""

from __future__ import annotations

import json
import shutil

import pytest

from benchmarks.instructions import BASELINE, REFERENCE, VERSION, count

__all__: list[str] = []

GROWTH = 1.10


@pytest.mark.may_skip("valgrind is only on Linux, and a new Python has no baseline yet")
@pytest.mark.timeout(300)
def test_a_message_costs_no_more_than_before() -> None:
    """Header and whole message take at most 10 % more instructions than the baseline of this Python, builds evened out."""
    if shutil.which("valgrind") is None:
        pytest.skip("valgrind is not installed (Debian: valgrind)")
    baseline = json.loads(BASELINE.read_text("utf-8")).get(VERSION)
    if baseline is None:
        pytest.skip(f"no baseline for Python {VERSION}: run python -m benchmarks.instructions --write")
    counted = count()
    unit = counted[REFERENCE] / baseline[REFERENCE]
    grown = {name: counted[name] / unit / baseline[name] for name in baseline if name != REFERENCE}

    assert {"header", "whole"} == set(grown)
    assert {} == {name: times for name, times in grown.items() if times > GROWTH}
