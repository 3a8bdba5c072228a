"""What a host's lists of servers and actions allow.

Rule: names compare without case, and a list is never told in an error text.
"""

from __future__ import annotations

from collections.abc import Collection

from cfml_pop.cfml import values

__all__ = ["USUAL_PORTS", "action_allowed", "server_allowed"]

USUAL_PORTS = frozenset({110, 995})
"""POP3 and POP3 over TLS (RFC 1939, RFC 8314)."""


def action_allowed(action: str, allowed: Collection[str] | None) -> bool:
    """Whether the action is in the list; None allows every action."""
    return allowed is None or action.lower() in {name.lower() for name in allowed}


def server_allowed(host: str, port: int, allowed: Collection[str] | None, *, usual_ports: bool = False) -> bool:
    """Whether the list holds the host, as "host", or with this port, as "host:port"; None allows every host.

    With `usual_ports` an entry without a port means 110 and 995 only: otherwise a page could try all ports of an allowed host.
    """
    if allowed is None:
        return not usual_ports or port in USUAL_PORTS
    for entry in allowed:
        name, only = values.host_and_port(entry.strip())
        if name.lower() == host.lower() and (only == str(port) if only else not usual_ports or port in USUAL_PORTS):
            return True
    return False
