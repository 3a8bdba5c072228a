"""Somebody between client and server: behaviours 51 to 56 of the list of hostile and odd servers."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
import trustme

from cfml_pop import AuthenticationError, POP3Error, TLSError
from cfml_pop.pop3.transport import addresses
from cfml_pop.settings import Settings
from tests.servers.hostile import CALLS, DOORS, MAILS, Case, Fault, client_context, play, played, server_context
from tests.servers.scripted import Answer, ScriptedServer, Talk

YESTERDAY = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=1)


def injected(pause: float) -> Answer:
    """Say that TLS may begin, and put an answer in clear behind it."""

    def answer(talk: Talk) -> None:
        talk.send(b"+OK\r\n" if pause else b"+OK\r\n+OK injected\r\n")
        if pause:
            time.sleep(pause)
            talk.send(b"+OK injected\r\n")
        talk.stall()

    return answer


def channel(kind: str, context: Any) -> dict[str, Any]:
    return {"tls": kind, "context": context}


def stls(name: str, overrides: dict[str, Answer], words: str, number: int) -> Case:
    return Case(
        number=number,
        name=name,
        overrides=overrides,
        serving=channel("stls", server_context("127.0.0.1")),
        options={"tls_context": client_context()},
        expected=Fault(TLSError, words),
    )


CERTIFICATES = {
    "another name": (server_context("example.com"), "mismatch"),
    "expired": (server_context("127.0.0.1", not_after=YESTERDAY), "expired"),
    "another authority": (server_context("127.0.0.1", authority=trustme.CA()), "self.signed|unable to get local issuer"),
}


CASES = [
    stls("clear octets behind the answer to STLS", {"STLS": injected(0)}, "14 octets in clear", 51),
    stls("clear octets after the answer to STLS", {"STLS": injected(0.05)}, "no TLS with", 51),
    stls("STLS refused", {"STLS": b"-ERR no\r\n"}, "offers STLS but refused it: no", 53),
    *(
        Case(
            number=54,
            name=f"{name}, {kind}",
            serving=channel(kind, context),
            options={"tls_context": client_context(), "secure": kind == "implicit"},
            expected=Fault(TLSError, f"the certificate of .* was not accepted: .*({words})"),
        )
        for name, (context, words) in CERTIFICATES.items()
        for kind in ("implicit", "stls")
    ),
]


@pytest.mark.parametrize(("case", "door", "tls"), played(CASES), ids=str)
def test_security(case: Case, door: str, tls: bool) -> None:
    """Where the channel is not what it should be, nothing secret is sent."""
    play(case, door, tls)


BEHAVIOURS = (51, 52, 53, 54, 55, 56)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("number", "overrides", "capabilities"), [(52, {}, []), (53, {"STLS": b"-ERR no\r\n"}, [b"STLS"])])
def test_no_password_in_clear(
    door: str, number: int, overrides: dict[str, Answer], capabilities: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """52 and 53: STLS that was taken out of CAPA, or refused, ends the session before the password is sent."""
    assert number in BEHAVIOURS
    monkeypatch.setattr(addresses, "is_loopback", lambda _: False)
    with ScriptedServer(MAILS, overrides, capabilities=capabilities) as server:
        with pytest.raises(TLSError, match="the password was not sent"):
            DOORS[door]("127.0.0.1", server.port)
        with pytest.raises(TLSError, match="the password was not sent"):
            CALLS[door](server="127.0.0.1", port=server.port, username="kim", password="secret", timeout=4)

        assert [] == [line for line in server.commands if line.split()[0] in ("USER", "PASS", "AUTH")]


@pytest.mark.parametrize("door", CALLS)
@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_call_sends_no_password_to_a_stranger(door: str, name: str) -> None:
    """54: the certificate must hold."""
    with ScriptedServer(MAILS, tls="implicit", context=CERTIFICATES[name][0]) as server:
        with pytest.raises(TLSError, match="was not accepted"):
            CALLS[door](
                server="127.0.0.1",
                port=server.port,
                secure=True,
                username="kim",
                password="secret",
                timeout=4,
                settings=Settings(tls_context=client_context()),
            )

        assert [] == server.commands


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("greeting", "words"),
    [
        (b"+OK " + b"<" * 8000 + b"\r\n", "offers no APOP"),
        (b"+OK <1896.697170952>\r\n", "offers no APOP"),
        (b"+OK ready\r\n", "offers no APOP"),
        (b"+OK " + b"<" * 1_000_000 + b"\r\n", "more than 8192 octets"),
    ],
    ids=["brackets", "no at", "no timestamp", "a million brackets"],
)
def test_apop_with_a_greeting_that_is_none(door: str, greeting: bytes, words: str) -> None:
    """55: a timestamp that is no msg-id is none (CVE-2007-1558), and to find that out takes no time."""
    began = time.monotonic()
    with ScriptedServer(MAILS, {"": greeting}) as server:
        with pytest.raises(Exception, match=words) as caught:
            with DOORS[door]("127.0.0.1", server.port, timeout=3) as session:
                session.login("kim", "secret", mechanism="+APOP")

        assert [] == [line for line in server.commands if line.startswith(("APOP", "PASS"))]
    assert type(caught.value).__module__ == "cfml_pop.errors"
    assert time.monotonic() - began < 5


def after(keyword: str, extra: bytes) -> dict[str, Answer]:
    """The right answer with `extra` in the same segment."""

    def answer(talk: Talk) -> bytes:
        word, *words = talk.command.split(" ")
        return (talk.server.usual(talk, word, words) or b"") + extra

    return {keyword: answer}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("keyword", ["CAPA", "USER", "PASS", "STAT", "RETR"])
def test_answers_ahead_of_their_questions_are_not_taken(door: str, keyword: str) -> None:
    """56: an answer that was there before its command was sent is an attack, and ends the session."""
    extra = b"+OK 99 1\r\n"
    with ScriptedServer(MAILS[:3], after(keyword, extra), capabilities=[b"UIDL"]) as server:
        with pytest.raises((POP3Error, AuthenticationError)) as caught:
            with DOORS[door]("127.0.0.1", server.port, timeout=3) as session:
                session.login("kim", "secret")
                session.message_count()
                session.retrieve_message(1)
                session.message_count()

        if keyword == "USER":
            assert [] == [line for line in server.commands if line.startswith("PASS")]
    assert "before" in str(caught.value) or "closed" in str(caught.value)


@pytest.mark.parametrize("door", CALLS)
@pytest.mark.parametrize("keyword", ["", "CAPA", "USER", "PASS", "STAT", "UIDL"])
def test_a_call_deletes_nothing_where_answers_come_ahead(door: str, keyword: str) -> None:
    """56: with one command at a time, an answer too many is seen at the next one."""
    overrides = {"": b"+OK ready\r\n+OK\r\n"} if not keyword else after(keyword, b"+OK 3 60\r\n")
    with ScriptedServer(MAILS[:3], overrides, capabilities=[b"UIDL"]) as server:
        with pytest.raises(POP3Error):
            CALLS[door](
                server="127.0.0.1", port=server.port, username="kim", password="secret", action="delete", uid="uid2", timeout=4
            )

        assert set() == server.deleted
