"""Timing of several things in turns, for all benchmarks.

Rule: what is compared runs round and round in one process, so that a slow moment of the machine meets all alike; medians are
shown, and ratios are taken within each round. Time is CPU time of this process: others that use the machine do not count.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

__all__ = ["Case", "Figures", "measure", "ratio"]

BATCH = 0.03
"""Seconds that a case runs in one round; what takes longer runs once."""

Case = Callable[[int], None]
"""Does the work so many times."""


class Figures(NamedTuple):
    """Seconds for one time, a figure for each round."""

    seconds: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def least(self) -> float:
        return min(self.seconds)


def measure(cases: Mapping[str, Case], rounds: int) -> dict[str, Figures]:
    """Run all cases `rounds` times in turns; each round begins with another one."""
    names = list(cases)
    loops = {name: _loops(case) for name, case in cases.items()}
    found: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            start = time.process_time()
            cases[name](loops[name])
            found[name].append((time.process_time() - start) / loops[name])
    return {name: Figures(seconds) for name, seconds in found.items()}


def ratio(one: Figures, other: Figures) -> float:
    """How many times longer `one` takes than `other`: the median of the ratios of each round."""
    return statistics.median(a / b for a, b in zip(one.seconds, other.seconds, strict=True))


def _loops(case: Case) -> int:
    case(1)  # what is loaded or compiled on first use
    start = time.process_time()
    case(1)
    return max(1, int(BATCH / max(time.process_time() - start, 1e-6)))
