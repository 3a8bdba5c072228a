"""What a host's lists allow."""

from __future__ import annotations

import pytest

from cfml_pop.cfml.permission import action_allowed, server_allowed


def test_actions() -> None:
    """Actions compare without case; no list allows all, an empty one none."""
    assert action_allowed("getAll", ["GETALL"])
    assert action_allowed("getAll", None)
    assert not action_allowed("getAll", [])
    assert not action_allowed("delete", ["getAll"])


@pytest.mark.parametrize(
    ("host", "port", "allowed", "usual", "expected"),
    [
        ("mail", 25, None, False, True),
        ("mail", 25, ["MAIL"], False, True),
        ("mail", 25, ["mail"], True, False),
        ("mail", 110, ["mail"], True, True),
        ("mail", 995, ["mail"], True, True),
        ("mail", 2110, ["mail:2110"], True, True),
        ("mail", 2110, ["mail:2110"], False, True),
        ("mail", 110, ["mail:2110"], False, False),
        ("mail", 110, ["mail:2110", "mail"], True, True),
        ("mail", 110, [], False, False),
        ("other", 110, ["mail"], True, False),
        ("::1", 110, ["[::1]"], True, True),
        ("::1", 110, ["::1"], True, True),
        ("::1", 2110, ["[::1]:2110"], True, True),
        ("::1", 2110, ["[::1]:211"], True, False),
    ],
)
def test_servers(host: str, port: int, allowed: list[str] | None, usual: bool, expected: bool) -> None:
    """An entry is a host, or a host with one port; where only usual ports go, a host alone means 110 and 995."""
    assert expected == server_allowed(host, port, allowed, usual_ports=usual)
