"""RFC 1939 and its extensions: framing, replies, commands, the dialogue as generators, and the drivers that carry it.

Rule: this room knows nothing of MIME or CFML. Only `transport/` touches sockets, ssl and asyncio; everything else yields effects.
"""

from __future__ import annotations

__all__: list[str] = []
