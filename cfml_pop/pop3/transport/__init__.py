"""The drivers: they carry out what a dialogue asks for.

Rule: the only place with sockets, ssl and asyncio. A driver knows nothing of POP3; every error that leaves it is one of
ours, and it drops the connection on every way out.
"""

from __future__ import annotations

__all__: list[str] = []
