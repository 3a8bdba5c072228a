"""What is sent in which order, and what is made of the answers; without a socket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from cfml_pop.errors import AuthenticationError, CommitError, NetworkError, POP3Error, TLSError
from cfml_pop.pop3 import requests
from cfml_pop.pop3.dialogue import Dialogue
from cfml_pop.pop3.effects import Connect, Grace, StartTLS, Steps
from cfml_pop.pop3.login import login as log_in
from cfml_pop.pop3.requests import Request
from cfml_pop.pop3.sasl import Credentials
from cfml_pop.pop3.wire import OutOfStep
from cfml_pop.secret import Secret
from tests.servers.playback import Playback

CAPA = b"+OK\r\nPIPELINING\r\nUIDL\r\nTOP\r\n.\r\n"
KIM = Credentials("kim", Secret("tiger"))
PLAIN_CAPA = b"+OK\r\nUIDL\r\n.\r\n"


def connected(dialogue: Dialogue, *, secure: bool = True, cleartext: bool = False) -> Steps[None]:
    yield from dialogue.connect("pop.example.com", 995, secure=secure, cleartext=cleartext)


def login(dialogue: Dialogue, *then: Request[Any], secure: bool = True) -> Steps[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []
    yield from connected(dialogue, secure=secure)
    yield from log_in(dialogue, KIM, then, lambda request, outcome: seen.append((request.keyword, outcome)))
    return seen


def test_a_session_is_set_up_in_three_flights() -> None:
    """CAPA; USER and PASS together; CAPA and the lists together. Nothing is sent behind PASS: some servers lose it."""
    driver = Playback([b"+OK hi\r\n", CAPA, b"+OK\r\n+OK\r\n", CAPA + b"+OK 2 20\r\n+OK\r\n1 9\r\n2 11\r\n.\r\n"])

    seen = driver.run(login(Dialogue(), requests.stat(), requests.list_all()))

    assert [("STAT", (2, 20)), ("LIST", {1: 9, 2: 11})] == seen
    assert [b"CAPA\r\n", b"USER kim\r\nPASS tiger\r\n", b"CAPA\r\nSTAT\r\nLIST\r\n"] == driver.flights
    assert [Connect("pop.example.com", 995, tls=True)] == driver.effects


def test_without_pipelining_each_command_waits() -> None:
    """A server that announces nothing gets one command at a time, and is not asked for CAPA twice."""
    driver = Playback([b"+OK hi\r\n", b"-ERR what\r\n", b"+OK\r\n", b"+OK\r\n", b"+OK 0 0\r\n"])

    driver.run(login(Dialogue(), requests.stat()))

    assert [b"CAPA\r\n", b"USER kim\r\n", b"PASS tiger\r\n", b"STAT\r\n"] == driver.flights


@pytest.mark.parametrize("answers", [b"-ERR [AUTH] no tiger here\r\n", b"-ERR bad password\r\n"])
def test_a_refused_password_is_one_attempt_and_its_error_holds_no_secret(answers: bytes) -> None:
    """Words of a server that repeat the password are dropped."""
    driver = Playback([b"+OK hi\r\n", PLAIN_CAPA, b"+OK\r\n", answers])

    with pytest.raises(AuthenticationError, match=r"pop\.example\.com:995 did not accept the login") as caught:
        driver.run(login(Dialogue()))

    assert 1 == driver.sent.count(b"PASS")
    assert "tiger" not in repr(caught.value) + str(caught.value) + caught.value.text


@pytest.mark.parametrize("code", ["IN-USE", "LOGIN-DELAY", "SYS/TEMP", "sys/perm"])
def test_a_busy_mailbox_is_not_a_wrong_password(code: str) -> None:
    """RFC 2449, section 8.1 and RFC 3206 tell the two apart."""
    driver = Playback([b"+OK hi\r\n", PLAIN_CAPA, b"+OK\r\n", f"-ERR [{code}] later\r\n".encode()])

    with pytest.raises(POP3Error) as caught:
        driver.run(login(Dialogue()))

    assert (POP3Error, code.upper(), "later") == (type(caught.value), caught.value.code, caught.value.text)


def test_a_refused_session_gives_the_words_of_the_server() -> None:
    """A greeting of -ERR is an error of its own."""
    with pytest.raises(POP3Error, match=r"refused the session: \[SYS/TEMP\] try later"):
        Playback([b"-ERR [SYS/TEMP] try later\r\n"]).run(connected(Dialogue()))


def test_stls_is_taken_when_offered_and_capabilities_are_asked_again() -> None:
    """RFC 2595, section 4: what was announced in clear does not count afterwards."""
    driver = Playback([b"+OK hi\r\n", b"+OK\r\nSTLS\r\nPIPELINING\r\n.\r\n", b"+OK go\r\n", PLAIN_CAPA])
    dialogue = Dialogue()

    driver.run(connected(dialogue, secure=False))

    assert {"UIDL": ()} == dialogue.capabilities
    assert [Connect("pop.example.com", 995, tls=False), StartTLS("pop.example.com")] == driver.effects


@pytest.mark.parametrize(
    ("answer", "words"), [(b"-ERR no\r\n", "refused it: no"), (b"+OK go\r\n+OK injected\r\n", "14 octets in clear")]
)
def test_stls_that_fails_or_is_followed_by_clear_octets_ends_the_session(answer: bytes, words: str) -> None:
    """There is no falling back to clear text, and no injected answer counts."""
    driver = Playback([b"+OK hi\r\n", b"+OK\r\nSTLS\r\n.\r\n", answer])

    with pytest.raises(TLSError, match=words):
        driver.run(login(Dialogue(), secure=False))

    assert b"PASS" not in driver.sent


def test_without_tls_only_loopback_or_a_named_host_gets_a_password() -> None:
    """The error names the setting; nothing secret was sent."""
    far = Playback([b"+OK hi\r\n", PLAIN_CAPA], loopback=False)

    with pytest.raises(TLSError, match=r"cleartext_servers=\['pop\.example\.com'\]"):
        far.run(login(Dialogue(), secure=False))

    assert b"CAPA\r\n" == far.sent
    Playback([b"+OK hi\r\n", PLAIN_CAPA], loopback=False).run(connected(Dialogue(), secure=False, cleartext=True))
    Playback([b"+OK hi\r\n", PLAIN_CAPA]).run(connected(Dialogue(), secure=False))


def test_the_user_name_is_answered_before_the_password_leaves_in_clear() -> None:
    """On a clear channel to a named host nothing is sent ahead of the login, whatever the server announces."""
    driver = Playback([b"+OK hi\r\n", CAPA, b"-ERR no such user\r\n"], loopback=False)

    def steps() -> Steps[None]:
        dialogue = Dialogue()
        yield from connected(dialogue, secure=False, cleartext=True)
        yield from log_in(dialogue, KIM)

    with pytest.raises(AuthenticationError):
        driver.run(steps())

    assert b"CAPA\r\nUSER kim\r\n" == driver.sent


def ready(*blocks: bytes, capabilities: bytes = CAPA) -> tuple[Dialogue, Playback]:
    """A dialogue that is past its greeting, and the rest of what it will hear."""
    dialogue = Dialogue()
    driver = Playback([b"+OK hi\r\n", capabilities, *blocks])
    driver.run(connected(dialogue))
    driver.sent = b""
    driver.flights.clear()
    return dialogue, driver


def fetch(dialogue: Dialogue, numbers: Sequence[int]) -> Steps[dict[int, Any]]:
    outcomes: dict[int, Any] = {}
    pieces: dict[int, list[bytes]] = {number: [] for number in numbers}

    def keep(request: Request[Any], outcome: Any) -> None:
        outcomes[request.number] = outcome if isinstance(outcome, POP3Error) else b"".join(pieces[request.number])

    yield from dialogue.batch((requests.retr(number, pieces[number].append) for number in numbers), keep)
    return outcomes


def message(number: int) -> bytes:
    return b"+OK\r\nm%d\r\n.\r\n" % number


def test_the_window_grows_after_the_first_answer() -> None:
    """One request, then sixteen, then the rest: three flights for a hundred messages."""
    dialogue, driver = ready(message(1), b"".join(map(message, range(2, 18))), b"".join(map(message, range(18, 101))))

    outcomes = driver.run(fetch(dialogue, range(1, 101)))

    assert {n: b"m%d\r\n" % n for n in range(1, 101)} == outcomes
    assert [1, 16, 83] == [flight.count(b"RETR") for flight in driver.flights]


def test_without_pipelining_a_batch_is_one_request_at_a_time() -> None:
    """RFC 2449, section 6.6: commands may run ahead only where the server announces it."""
    dialogue, driver = ready(message(1), message(2), capabilities=PLAIN_CAPA)

    assert {1: b"m1\r\n", 2: b"m2\r\n"} == driver.run(fetch(dialogue, [1, 2]))
    assert [b"RETR 1\r\n", b"RETR 2\r\n"] == driver.flights


def test_a_refusal_in_a_batch_is_a_value() -> None:
    """The other answers still belong to their requests."""
    dialogue, driver = ready(message(1), b"-ERR [SYS/TEMP] gone\r\n" + message(3))

    outcomes = driver.run(fetch(dialogue, [1, 2, 3]))

    assert (b"m1\r\n", b"m3\r\n") == (outcomes[1], outcomes[3])
    assert ("RETR", "SYS/TEMP", "gone", (2,)) == (
        outcomes[2].command,
        outcomes[2].code,
        outcomes[2].text,
        outcomes[2].numbers,
    )


@pytest.mark.parametrize("garbage", [b"HELLO\r\n", b""])
def test_nonsense_or_an_end_inside_a_batch_is_out_of_step(garbage: bytes) -> None:
    """It may be the pipelining that the server cannot do, so the error is one that allows a second try."""
    dialogue, driver = ready(message(1), garbage)

    with pytest.raises(OutOfStep) as caught:
        driver.run(fetch(dialogue, [1, 2, 3]))

    assert (2,) == caught.value.numbers


def test_an_end_without_pipelining_is_a_broken_connection() -> None:
    """Then a second try would meet the same."""
    dialogue, driver = ready(message(1), b"+OK\r\nm", capabilities=PLAIN_CAPA)

    with pytest.raises(NetworkError) as caught:
        driver.run(fetch(dialogue, [1, 2]))

    assert (2,) == caught.value.numbers


def delete(dialogue: Dialogue, *numbers: int) -> Steps[None]:
    yield from dialogue.delete(numbers)
    yield from dialogue.quit()


def test_deletes_are_committed_by_a_confirmed_quit() -> None:
    """DELE is pipelined; QUIT leaves only when each was confirmed, and has ten seconds of its own."""
    dialogue, driver = ready(b"+OK\r\n", b"+OK\r\n+OK\r\n", b"+OK bye\r\n")

    driver.run(delete(dialogue, 1, 2, 3))

    assert [b"DELE 1\r\n", b"DELE 2\r\nDELE 3\r\n", b"QUIT\r\n"] == driver.flights
    assert Grace(10.0) in driver.effects


def test_a_refused_dele_means_that_quit_is_never_sent() -> None:
    """So the server deletes nothing (RFC 1939, section 6: no UPDATE state without QUIT)."""
    dialogue, driver = ready(b"+OK\r\n", b"-ERR locked\r\n+OK\r\n")

    with pytest.raises(POP3Error, match="refused DELE 2: locked"):
        driver.run(delete(dialogue, 1, 2, 3))

    assert b"QUIT" not in driver.sent


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (b"-ERR [SYS/PERM] not removed\r\n", "failed", "did not delete all of messages 1, 2: not removed"),
        (b"", "unknown", "was lost"),
        (b"+O", "unknown", "was lost"),
        (b"HELLO\r\n", "unknown", "was lost"),
    ],
)
def test_a_refused_or_lost_quit_after_deletes_is_a_commit_error(answer: bytes, state: str, words: str) -> None:
    """It says which messages, and whether their state is known."""
    dialogue, driver = ready(b"+OK\r\n", b"+OK\r\n", answer)

    with pytest.raises(CommitError, match=words) as caught:
        driver.run(delete(dialogue, 1, 2))

    assert (state, (1, 2)) == (caught.value.state, caught.value.numbers)


@pytest.mark.parametrize("answer", [b"-ERR no\r\n", b"", b"HELLO\r\n"])
def test_a_refused_or_lost_quit_without_deletes_changes_nothing(answer: bytes) -> None:
    """What was read stays read; nothing hangs on the answer."""
    dialogue, driver = ready(answer)

    driver.run(dialogue.quit())

    assert b"QUIT\r\n" == driver.sent


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(b"+OK 2 abc\r\n", "abc"), (b"+OK abc\r\n", "abc"), (b"+OK 2   a b\r\n", "a b"), (b"+OK 2 [x] \xff\r\n", "[x] \xff")],
)
def test_uidl_of_one_message_may_leave_out_the_number(answer: bytes, expected: str) -> None:
    """Some servers answer with the uid alone."""
    dialogue, driver = ready(answer)

    assert expected == driver.run(dialogue.ask(requests.uidl_one(2)))


@pytest.mark.parametrize("lines", [b"1 5\r\nrubbish\r\n", b"0 5\r\n", b"1 -5\r\n"])
def test_an_unreadable_list_line_is_an_error(lines: bytes) -> None:
    """A line passed over would be a message lost without a word."""
    dialogue, driver = ready(b"+OK\r\n" + lines + b".\r\n")

    with pytest.raises(POP3Error, match="unreadable line"):
        driver.run(dialogue.ask(requests.list_all()))
