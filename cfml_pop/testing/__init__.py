"""An embedded POP3 server with a sample mailbox, for the demo and for tests of pages that read mail; and the pytest plugin.

Rule: only `cli` imports this room. Importing it needs no extra; starting a server needs `cfml-pop[testing]`. A name is imported
when it is first used, because pytest imports the package in every run, for the plugin.

>>> from cfml_pop.testing import EmbeddedServer, sample_messages
>>> with EmbeddedServer(sample_messages()) as server:  # doctest: +SKIP
...     cfpop(server=server.host, port=server.port, username=server.user, password=server.password)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cfml_pop.errors import MissingExtra
    from cfml_pop.testing.factory import MakePopServer
    from cfml_pop.testing.mailbox import sample_messages
    from cfml_pop.testing.process import ServerProcess
    from cfml_pop.testing.server import EmbeddedServer

__all__ = ["EmbeddedServer", "MakePopServer", "MissingExtra", "ServerProcess", "sample_messages"]

_HOME = {
    "EmbeddedServer": "cfml_pop.testing.server",
    "MakePopServer": "cfml_pop.testing.factory",
    "MissingExtra": "cfml_pop.errors",
    "ServerProcess": "cfml_pop.testing.process",
    "sample_messages": "cfml_pop.testing.mailbox",
}

if not TYPE_CHECKING:  # a checker would take any name of the package for one that exists

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module 'cfml_pop.testing' has no attribute {name!r}")
        value = getattr(importlib.import_module(_HOME[name]), name)
        globals()[name] = value
        return value
