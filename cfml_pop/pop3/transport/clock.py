"""How long a call may still take.

Rule: one clock a call. `remaining` is what the next wait may last; it raises when nothing is left.
"""

from __future__ import annotations

import time

from cfml_pop.errors import TimeoutExpired

__all__ = ["Clock"]


class Clock:
    """`timeout`: seconds for the whole call, or None; `idle`: seconds of silence allowed where there is no total."""

    def __init__(self, timeout: float | None, idle: float) -> None:
        self._total = timeout
        self._idle = idle
        self._end = None if timeout is None else time.monotonic() + timeout

    def grace(self, seconds: float) -> None:
        """From now on there are `seconds`, whatever was left."""
        self._total = seconds
        self._end = time.monotonic() + seconds

    def remaining(self, doing: str) -> float:
        """Seconds the next wait may last. Raises TimeoutExpired when the total is used up."""
        if self._end is None:
            return self._idle
        left = self._end - time.monotonic()
        if left <= 0:
            raise self.expired(doing)
        return left

    def expired(self, doing: str) -> TimeoutExpired:
        """The error for a wait that was too long."""
        if self._end is None:
            return TimeoutExpired(
                f"the server was silent for {self._idle:g} s while {doing}; timeout= allows a call more or less time"
            )
        return TimeoutExpired(f"the time of {self._total:g} s was over while {doing}; timeout= allows a call more or less time")
