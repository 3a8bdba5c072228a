"""Stored connections whose password or token is a function: a vault, an OAuth library."""

from __future__ import annotations

import asyncio
import base64
import copy
import functools
import gc
import pickle
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from cfml_pop import (
    AttributeFault,
    AuthenticationError,
    Connection,
    NetworkError,
    Query,
    Secret,
    Settings,
    TimeoutExpired,
    acfpop,
    cfml_environment,
    cfpop,
)
from tests.servers.scripted import ScriptedServer, Talk

MAILS = [b"Subject: one\r\n\r\nbody\r\n", b"Subject: two\r\n\r\nbody\r\n"]
BEARER = (b"TOP", b"UIDL", b"SASL OAUTHBEARER XOAUTH2")
VAULT = "https://vault.example.com/?key=tigerlily"


def settings_for(server: ScriptedServer, **secret: Any) -> Settings:
    connection = Connection(server="127.0.0.1", port=server.port, username="kim", secure=False, **secret)
    return Settings(connections={"support": connection})


def taking_tokens(*tokens: str) -> ScriptedServer:
    """A server that takes these, one at each login, and drops the first connection where more than one is said."""
    left = list(tokens)

    def answer(talk: Talk) -> bytes | None:
        lines = talk.lines()
        talk.send(b"+ \r\n")
        said = base64.b64decode(next(lines))
        assert said == b"n,a=kim,\x01auth=Bearer " + left.pop(0).encode() + b"\x01\x01"
        return b"+OK\r\n"

    return ScriptedServer(MAILS, {"AUTH": answer}, capabilities=BEARER)


def perform(mode: str, **attributes: Any) -> Query:
    return cfpop(**attributes) if mode == "sync" else asyncio.run(acfpop(**attributes))


def asking(mode: str, function: Callable[[], Any]) -> Callable[[], Any]:
    """The function, or one that is async and does the same."""

    async def later() -> Any:
        await asyncio.sleep(0)
        return function()

    return later if mode == "async" else function


@pytest.mark.parametrize("mode", ["sync", "async", "plain function in async"])
def test_a_token_is_asked_for_at_each_login(mode: str) -> None:
    """Two calls ask twice, because a token expires; OAUTHBEARER carries it and no password is sent."""
    tokens = iter(["first", "second"])
    with taking_tokens("first", "second") as server:
        settings = settings_for(server, token=asking(mode, lambda: next(tokens)))
        counts = [len(perform(mode, connection="support", settings=settings)) for _ in range(2)]

        assert [2, 2] == counts
        assert 2 == sum(line.startswith("AUTH OAUTHBEARER") for line in server.commands)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_password_may_come_from_a_vault(mode: str) -> None:
    """It is asked for at each login, as text or as Secret, and used as one that is stored."""
    passwords = iter(["secret", Secret("secret")])
    with ScriptedServer(MAILS) as server:
        settings = settings_for(server, password=asking(mode, lambda: next(passwords)))

        assert [2, 2] == [len(perform(mode, connection="support", settings=settings)) for _ in range(2)]


def test_a_template_and_an_async_template_use_it() -> None:
    """The template says which mailbox, and nothing of how one gets in."""
    page = '<% cfpop connection="support" name="mail" %>{{ mail.recordcount }}'
    with taking_tokens("abc", "abc") as server:
        plain = cfml_environment(settings=settings_for(server, token=lambda: "abc"))
        environment = cfml_environment(settings=settings_for(server, token=asking("async", lambda: "abc")), enable_async=True)

        assert ("2", "2") == (plain.from_string(page).render(), asyncio.run(environment.from_string(page).render_async()))


def test_a_second_connection_asks_again() -> None:
    """A server that hangs up on pipelined commands is asked without; by then a token may have been replaced."""
    tokens = iter(["secret", "secret"])
    asked = []

    def give() -> str:
        asked.append(1)
        return next(tokens)

    def once(talk: Talk) -> bytes | None:
        if len(asked) < 2:
            talk.close()
        return None if len(asked) < 2 else b"+OK\r\n"

    with ScriptedServer(MAILS, {"USER": once}) as server:
        query = cfpop(connection="support", settings=settings_for(server, password=give))

        assert (2, 2, 2) == (len(query), len(asked), server.connections)


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("kind", ["password", "token"])
def test_what_the_function_raises_is_told_without_its_words(mode: str, kind: str) -> None:
    """They may hold what the vault was asked with. Kind and line are told; no chain and no frame leads to the words."""

    def fail() -> str:
        raise TimeoutError(VAULT)

    with ScriptedServer(MAILS, capabilities=BEARER) as server:
        settings = settings_for(server, **{kind: asking(mode, fail)})
        with pytest.raises(AuthenticationError) as caught:
            perform(mode, connection="support", settings=settings)

        assert [] == [line for line in server.commands if line.startswith(("AUTH", "USER"))]
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    place = f"(test_secret_functions.py, line {fail.__code__.co_firstlineno + 1})"
    start = f"the {kind} of the connection 'support' could not be had: the function that gives it raised TimeoutError {place}"
    assert start + ". Nothing was sent" == str(caught.value)
    assert (None, None, False) == (caught.value.__cause__, caught.value.__context__, "tigerlily" in shown)


def test_an_error_of_this_package_goes_through() -> None:
    """A host that wants its own words raises one; a template that catches gets it."""

    def fail() -> str:
        raise NetworkError("the vault sleeps")

    page = '<% cfpop connection="support" name="mail" catch="fault" %>{{ fault.message }}, {{ mail.recordcount }}'
    with ScriptedServer(MAILS) as server:
        environment = cfml_environment(settings=settings_for(server, password=fail))

        assert "the vault sleeps, 0" == environment.from_string(page).render()


def test_an_async_function_in_a_call_that_is_not() -> None:
    """It says what to do, and Python does not warn of something that was never awaited."""
    with ScriptedServer(MAILS) as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        settings = settings_for(server, token=asking("async", lambda: "abc"))
        with pytest.raises(
            AttributeFault,
            match=r"the token of the connection 'support' comes from an async function.*use acfpop\(\.\.\.\), an env",
        ):
            cfpop(connection="support", settings=settings)
        gc.collect()


@pytest.mark.parametrize("given", [None, b"tigerlily", 5])
@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_function_that_gives_no_text(mode: str, given: object) -> None:
    """Octets are none either; what it gave is not shown."""
    with ScriptedServer(MAILS) as server:
        settings = settings_for(server, password=asking(mode, lambda: given))
        with pytest.raises(AttributeFault, match=f"returned a {type(given).__name__}; it must return a text") as caught:
            perform(mode, connection="support", settings=settings)

    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "tigerlily" not in "".join(one for one in shown.split("\n  File ") if "/cfml_pop/" in one)


def test_an_async_function_has_the_time_of_the_call() -> None:
    """A vault that hangs ends with the call's timeout, and cancelling the call cancels the function."""
    ended = []
    begun = asyncio.Event()

    async def hang() -> str:
        try:
            begun.set()
            await asyncio.sleep(60)
        finally:
            ended.append(1)
        return ""

    async def cancel(settings: Settings) -> None:
        task = asyncio.ensure_future(acfpop(connection="support", settings=settings))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with ScriptedServer(MAILS) as server:
        settings = settings_for(server, password=hang)
        with pytest.raises(TimeoutExpired, match="a function that gives a password or token gave none within"):
            perform("async", connection="support", settings=settings, timeout=0.2)
        begun = asyncio.Event()
        asyncio.run(cancel(settings))

    assert [1, 1] == ended


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"token": "abc"}, r"token=\.\.\.\) takes a function that gives an access token, because a token expires"),
        ({"token": str, "password": "x"}, "takes password= or token=, not both"),
        ({"password": "x", "port": "995"}, r"port=\.\.\.\) takes a number from 1 to 65535, not '995'"),
        ({"password": "x", "secure": "no"}, r"secure=\.\.\.\) takes True or False, not 'no'"),
        ({}, "needs username= and password= or token="),
    ],
)
def test_a_connection_that_cannot_be(arguments: dict[str, Any], text: str) -> None:
    """Told where it is made."""
    with pytest.raises(TypeError, match=text):
        Connection(server="pop.example.com", username="kim", **arguments)


def test_a_connection_shows_no_secret_and_is_not_pickled_with_one() -> None:
    """Not in its repr, whatever a function was made with; a pickle would hold it in clear, a copy does not."""

    def vault(key: str) -> str:
        return key

    made = [
        Connection(server="pop.example.com", username="kim", password="tigerlily"),
        Connection(server="pop.example.com", username="kim", password=functools.partial(vault, "tigerlily")),
        Connection(server="pops://pop.example.com", username="kim", token=functools.partial(vault, "tigerlily")),
    ]

    assert not any("tigerlily" in repr(one) for one in made)
    assert [made[0], *map(copy.copy, made[1:])] == [copy.deepcopy(made[0]), *made[1:]]
    with pytest.raises(TypeError, match="a Secret is not pickled, because a pickle shows it"):
        pickle.dumps(made[0])
    assert made[0] == copy.copy(made[0])
    token = Connection(server="pop.example.com", username="kim", token=str)
    assert token == pickle.loads(pickle.dumps(token))  # noqa: S301 - made a line above
