"""A stand-in for the client, for the tests of the jinja room: it records calls and gives queries, without a network."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from jinja2 import Environment

from cfml_pop import client
from cfml_pop.cfml.attributes import DELETE, MARK_READ, Call
from cfml_pop.cfml.query import Query
from cfml_pop.errors import CfpopError
from cfml_pop.settings import Settings

LOGIN = 'server="pop.example.com" username="kim" password="tiger" '
ARGUMENTS = 'server="pop.example.com", username="kim", password="tiger"'
ROWS = (
    {"subject": "one <1>", "from": "ann@example.com", "uid": "u1", "cids": {"logo.png": "c1"}},
    {"subject": "two", "from": "bob@example.com", "uid": "u2", "cids": {}},
)


class FakeClient:
    """`calls` holds what was asked, `error` is raised instead of an answer when set."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.settings: list[Settings] = []
        self.sandboxed: list[bool] = []
        self.error: CfpopError | None = None
        self.before: Callable[[], None] = lambda: None

    def perform(self, call: Call, settings: Settings, *, sandboxed: bool = False) -> Query:
        self.before()
        self.calls.append(call)
        self.settings.append(settings)
        self.sandboxed.append(sandboxed)
        if self.error is not None:
            raise self.error
        if call.action in (DELETE, MARK_READ):
            return Query(("messagenumber", "uid"), [{"messagenumber": 1, "uid": "u1"}], quiet=True)
        return Query.from_rows(("subject", "from", "uid", "cids"), ROWS)

    async def aperform(self, call: Call, settings: Settings, *, sandboxed: bool = False) -> Query:
        return self.perform(call, settings, sandboxed=sandboxed)

    @property
    def call(self) -> Call:
        return self.calls[-1]


def install(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    """Put a FakeClient in the client's place for one test."""
    fake = FakeClient()
    monkeypatch.setattr(client, "perform", fake.perform)
    monkeypatch.setattr(client, "aperform", fake.aperform)
    return fake


def render(source: str, /, environment: Environment | None = None, **context: object) -> str:
    """Render a template in an environment that has the extension and nothing else."""
    environment = environment or Environment(extensions=["cfml_pop.CfpopExtension"], autoescape=True)
    return environment.from_string(source).render(**context)
