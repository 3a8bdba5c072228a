"""How long a call or a session may still take.

Rule: one clock for each. `remaining` is what the next wait may last; it raises when nothing is left.
"""

from __future__ import annotations

import time

from cfml_pop.errors import TimeoutExpired

__all__ = ["Clock"]


class Clock:
    """`total`: seconds from now for everything, or None. `idle`: seconds that one wait may last, or None; may be changed."""

    def __init__(self, total: float | None, idle: float | None) -> None:
        self.idle = idle
        self._total = total
        self._end = None if total is None else time.monotonic() + total

    def grace(self, seconds: float, *, at_most: bool = False) -> None:
        """From now on there are `seconds`, whatever was left; with `at_most`, not more than so many."""
        end = time.monotonic() + seconds
        if at_most and self._end is not None and self._end < end:
            return
        self._total, self._end = seconds, end
        if not at_most:
            self.idle = None  # what has its own time has it to the end

    def remaining(self, doing: str) -> float | None:
        """Seconds the next wait may last, None for ever. Raises TimeoutExpired when the total is used up."""
        if self._end is None:
            return self.idle
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.expired(doing)
        return left if self.idle is None else min(left, self.idle)

    def expired(self, doing: str) -> TimeoutExpired:
        """The error for a wait that was too long."""
        hint = "timeout= allows more or less time"
        if self._end is not None and (self.idle is None or self._end - time.monotonic() <= 0.001):
            return TimeoutExpired(f"the time of {self._total:g} s was over while {doing}; {hint}")
        return TimeoutExpired(f"the server was silent for {self.idle:g} s while {doing}; {hint}")
