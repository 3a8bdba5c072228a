"""Servers that cheat at logging in: behaviours 45, 57, 58 and 59 of the list of hostile and odd servers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import importlib.util
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from cfml_pop import AuthenticationError, CfpopError, LimitExceeded, POP3Error
from tests.servers.hostile import DOORS, MAILS, endless
from tests.servers.scripted import Answer, ScriptedServer, Talk

SCRAM = pytest.mark.skipif(
    importlib.util.find_spec("scramp") is None, reason="the extra scram is not installed (Python 3.11 or later)"
)

BEHAVIOURS = (45, 57, 58, 59)


def login(door: str, sasl: str, overrides: dict[str, Answer], **how: Any) -> tuple[CfpopError | None, list[str], float]:
    """The error of a login by `sasl`, what the server was told, and how long it took."""
    capabilities = [b"UIDL", b"USER", b"SASL " + sasl.encode()]
    began = time.monotonic()
    error: CfpopError | None = None
    with ScriptedServer(MAILS[:3], overrides, capabilities=capabilities) as server:
        try:
            with DOORS[door]("127.0.0.1", server.port, timeout=3, deadline=4) as session:
                session.login("kim", **{"password": "secret", "mechanism": sasl, **how})
                session.message_count()
        except CfpopError as caught:
            error = caught
        return error, server.commands, time.monotonic() - began


def heard(talk: Talk) -> str:
    """The client's next line."""
    line = next(talk.lines(), None)
    if line is None:
        raise ConnectionError("the client has gone")
    text = line.decode()
    talk.server.commands.append(text)
    return text


# -- 45: challenges ----------------------------------------------------------------------------------------------------------


def ever(challenge: bytes) -> Answer:
    def answer(talk: Talk) -> None:
        while True:
            talk.send(challenge)
            heard(talk)

    return answer


def then(*challenges: bytes) -> Answer:
    """Challenges, an answer of the client after each, and then that all is well."""

    def answer(talk: Talk) -> bytes:
        for challenge in challenges:
            talk.send(challenge)
            if heard(talk) == "*":
                return b"-ERR cancelled\r\n"
        return b"+OK\r\n"

    return answer


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("sasl", ["PLAIN", "LOGIN", "CRAM-MD5", pytest.param("SCRAM-SHA-256", marks=SCRAM)])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (endless(b"+ ", b"QUJD" * 10_000, 10 * 1024 * 1024), LimitExceeded),
        (then(*[b"+ ****\r\n"] * 3), AuthenticationError),
        (then(*[b"+ QUJ\r\n"] * 3), AuthenticationError),
        (then(*[b"+ \xff\xfe\r\n"] * 3), AuthenticationError),
        (ever(b"+ QUJD\r\n"), POP3Error),
        (ever(b"+ \r\n"), POP3Error),
        (b"HELLO\r\n", POP3Error),
    ],
    ids=["10 MB", "no base64", "cut base64", "no ASCII", "no end", "no end of nothing", "no status"],
)
def test_challenges_that_are_none(door: str, sasl: str, answer: Answer, kind: type[CfpopError]) -> None:
    """45: an error, soon, and the password is not sent in another way instead."""
    error, commands, took = login(door, sasl, {"AUTH": answer})

    assert isinstance(error, kind), error
    assert "secret" not in str(error)
    assert [] == [line for line in commands if line.startswith("PASS")]
    assert took < 2


# -- 57 and 59: SCRAM --------------------------------------------------------------------------------------------------------


SALT = b"sixteen octets ."


def encoded(text: str) -> bytes:
    return b"+ " + base64.b64encode(text.encode()) + b"\r\n"


def decoded(line: str) -> str:
    return base64.b64decode(line.rpartition(" ")[2]).decode()


def scram(
    *, nonce: Callable[[str], str] = lambda own: own + "server", iterations: str = "4096", spoil: bool = False, last: bool = True
) -> Answer:
    """A SCRAM-SHA-256 server that knows the password, with one thing that may be wrong."""

    def answer(talk: Talk) -> bytes:
        words = talk.command.split(" ")
        if len(words) < 3:
            talk.send(b"+ \r\n")
        first = decoded(words[2] if len(words) > 2 else heard(talk))
        bare = first.partition("n,,")[2]
        own = bare.partition("r=")[2]
        server_first = f"r={nonce(own)},s={base64.b64encode(SALT).decode()},i={iterations}"
        talk.send(encoded(server_first))
        final = heard(talk)
        if final == "*":
            return b"-ERR cancelled\r\n"
        without_proof = decoded(final).partition(",p=")[0]
        salted = hashlib.pbkdf2_hmac("sha256", b"secret", SALT, int(iterations))
        key = hmac.digest(salted, b"Server Key", "sha256")
        signature = hmac.digest(key, f"{bare},{server_first},{without_proof}".encode(), "sha256")
        if spoil:
            signature = bytes(32)
        if last:
            talk.send(encoded(f"v={base64.b64encode(signature).decode()}"))
            if heard(talk) == "*":
                return b"-ERR cancelled\r\n"
        return b"+OK\r\n"

    return answer


@SCRAM
@pytest.mark.parametrize("door", DOORS)
def test_scram_with_a_right_server(door: str) -> None:
    """57: what the others are measured by: this server's logins succeed."""
    error, _, _ = login(door, "SCRAM-SHA-256", {"AUTH": scram()})

    assert error is None


@SCRAM
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "answer",
    [
        scram(nonce=lambda own: "another" + own),
        scram(nonce=lambda own: own),
        scram(iterations="1"),
        scram(iterations="1000000000"),
        scram(iterations="-1"),
        scram(iterations="many"),
        scram(spoil=True),
        scram(last=False),
        b"+OK\r\n",
        then(b"+ \r\n"),
    ],
    ids=["nonce", "nonce unchanged", "1", "10^9", "-1", "many", "signature", "no last message", "no proof", "no server message"],
)
def test_scram_with_a_server_that_cheats(door: str, answer: Answer) -> None:
    """57 and 59: who cannot prove to know the password is not the server, and costs no time."""
    error, commands, took = login(door, "SCRAM-SHA-256", {"AUTH": answer})

    assert isinstance(error, AuthenticationError), error
    assert [] == [line for line in commands if line.startswith(("PASS", "STAT"))]
    assert took < 2


# -- 58 ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("sasl", ["XOAUTH2", "OAUTHBEARER"])
def test_the_error_challenge_of_oauth(door: str, sasl: str) -> None:
    """58: it is answered, the refusal is told with what it says, and the token is not."""
    status = json.dumps({"status": "invalid_token", "schemes": "bearer", "scope": "mail"})

    def answer(talk: Talk) -> bytes:
        if " " not in talk.command.partition(" ")[2]:
            talk.send(b"+ \r\n")
            heard(talk)
        talk.send(encoded(status))
        heard(talk)
        return b"-ERR [AUTH] no\r\n"

    error, commands, _ = login(door, sasl, {"AUTH": answer}, password=None, token="token")

    assert isinstance(error, AuthenticationError)
    assert ("AUTH", True) == (error.code, "token" not in str(error).replace("invalid_token", ""))
    assert 1 == len([line for line in commands if line.startswith("AUTH")])
