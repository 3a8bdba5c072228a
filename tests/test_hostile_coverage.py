"""That the list of hostile and odd servers is tested whole."""

from __future__ import annotations

from tests import (
    test_hostile_ends,
    test_hostile_framing,
    test_hostile_lists,
    test_hostile_sasl,
    test_hostile_security,
    test_hostile_size,
    test_hostile_state,
)
from tests.servers.hostile import Case

TABLES: tuple[list[Case], ...] = (
    test_hostile_framing.CASES,
    test_hostile_ends.CASES,
    test_hostile_size.CASES,
    test_hostile_lists.CASES,
    test_hostile_security.CASES,
    test_hostile_state.CASES,
)
TESTS: tuple[tuple[int, ...], ...] = (
    test_hostile_ends.BEHAVIOURS,
    test_hostile_size.BEHAVIOURS,
    test_hostile_lists.BEHAVIOURS,
    test_hostile_security.BEHAVIOURS,
    test_hostile_sasl.BEHAVIOURS,
    test_hostile_state.BEHAVIOURS,
)

OVER_TLS = {2, *range(23, 32), 36, 37, 38, 39}
"""Those that TLS could change: where records and ends of connections count, and floods."""


def test_every_behaviour_has_a_test() -> None:
    """There are 62; a table line or a function says which it plays."""
    played = {case.number for table in TABLES for case in table} | {number for numbers in TESTS for number in numbers}

    assert set(range(1, 63)) == played


def test_what_tls_could_change_is_played_over_tls() -> None:
    """A line with `tls`, or a flood that is in the list of those over TLS."""
    played = {case.number for table in TABLES for case in table if case.tls}
    played |= {int(name.split()[0]) for name in test_hostile_size.OVER_TLS}

    assert OVER_TLS - played == set()
