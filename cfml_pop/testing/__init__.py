"""An embedded POP3 server with a sample mailbox, for the demo and for tests of pages that read mail.

Rule: only `cli` imports this room. Importing it needs no extra; starting a server needs `cfml-pop[testing]`.

>>> from cfml_pop.testing import EmbeddedServer, sample_messages
>>> with EmbeddedServer(sample_messages()) as server:  # doctest: +SKIP
...     cfpop(server=server.host, port=server.port, username=server.user, password=server.password)
"""

from __future__ import annotations

from cfml_pop.errors import MissingExtra
from cfml_pop.testing.mailbox import sample_messages
from cfml_pop.testing.server import EmbeddedServer

__all__ = ["EmbeddedServer", "MissingExtra", "sample_messages"]
