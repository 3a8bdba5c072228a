"""The pytest plugin: fixtures of embedded POP3 servers.

Rule: the plugin is loaded in every run of pytest, so it loads nothing but pytest until a fixture is used. What a server can do
stands in `EmbeddedServer`; a fixture only starts and stops it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cfml_pop.testing.factory import MakePopServer
    from cfml_pop.testing.process import ServerProcess
    from cfml_pop.testing.server import EmbeddedServer

__all__ = ["make_pop_server", "pop_server", "pop_server_process", "pytest_configure"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "pop_server(messages, tls=..., latency=..., refuse=..., ...): the mailbox of the fixture pop_server"
    )


@pytest.fixture(scope="session")
def pop_server_process() -> Iterator[ServerProcess]:
    """The process in which the servers of all tests run; it starts with the first."""
    from cfml_pop.errors import MissingExtra
    from cfml_pop.testing.process import ServerProcess

    try:
        process = ServerProcess().start()
    except MissingExtra as error:
        pytest.fail(str(error), pytrace=False)
    yield process
    process.stop()


@pytest.fixture
def make_pop_server(pop_server_process: ServerProcess) -> Iterator[MakePopServer]:
    """A function that starts a POP3 server as `EmbeddedServer(...)` would; the servers stop with the test."""
    from cfml_pop.testing.server import EmbeddedServer

    with contextlib.ExitStack() as stack:

        def make(messages: Any = (), **options: Any) -> EmbeddedServer:
            return stack.enter_context(EmbeddedServer(messages, **options, process=pop_server_process))

        yield make


@pytest.fixture
def pop_server(request: pytest.FixtureRequest, make_pop_server: MakePopServer) -> EmbeddedServer:
    """A POP3 server with an empty mailbox, or as `@pytest.mark.pop_server(messages=..., tls=..., refuse=...)` says."""
    mark = request.node.get_closest_marker("pop_server")
    try:
        return make_pop_server(*mark.args, **mark.kwargs) if mark else make_pop_server()
    except (TypeError, ValueError) as error:
        text = str(error).replace("EmbeddedServer.__init__()", "it")
        pytest.fail(f"@pytest.mark.pop_server of {request.node.nodeid}: {text}", pytrace=False)
