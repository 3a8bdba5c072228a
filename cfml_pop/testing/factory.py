"""The type of the fixture `make_pop_server`.

Rule: it takes what `EmbeddedServer` takes, but for the process, which is the fixture's; a test compares the two.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from typing import Literal, Protocol

from cfml_pop.testing.server import EmbeddedServer
from cfml_pop.testing.sources import Messages

__all__ = ["MakePopServer"]


class MakePopServer(Protocol):
    """Starts a server that stops with the test."""

    def __call__(
        self,
        messages: Messages = (),
        *,
        user: str = "support",
        password: str = "open sesame",  # noqa: S107 - as EmbeddedServer's
        tls: Literal["implicit", "stls"] | None = None,
        certificate: str | os.PathLike[str] | None = None,
        latency: float | Mapping[str, float] = 0.0,
        refuse: str | Iterable[str] | Mapping[str, str] = (),
        drop: str | Iterable[str] = (),
        drop_after: int | None = None,
        without: str | Collection[str] = (),
    ) -> EmbeddedServer: ...
