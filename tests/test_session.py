"""The POP3 client, member by member, blocking and with asyncio."""

from __future__ import annotations

import asyncio
import gc
import inspect
import io
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from cfml_pop import (
    POP3_PORT,
    AsyncPOP3ClientSession,
    AttributeFault,
    AuthenticationError,
    CommitError,
    LimitExceeded,
    MessageInfo,
    NetworkError,
    POP3ClientSession,
    POP3Error,
    TimeoutExpired,
    TLSError,
)
from cfml_pop.message.face import Header
from cfml_pop.pop3.limits import Limits
from cfml_pop.pop3.reply import Reply
from tests.servers import hostile
from tests.servers.hostile import Awaited
from tests.servers.scripted import ScriptedServer, Talk

MULTIPART = (
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nReceived: a\r\nReceived: b\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\n\r\nHello\r\n--x\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=a.png\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--x--\r\n"
)
MAILS = [MULTIPART, *(b"Subject: %d\r\n\r\n.dot %d\r\n" % (n, n) for n in range(2, 41))]


Door = Callable[..., Any]


@pytest.fixture(params=[POP3ClientSession, Awaited], ids=["blocking", "asyncio"])
def door(request: pytest.FixtureRequest) -> Door:
    """The class of the session."""
    chosen: Door = request.param
    return chosen


def logged_in(door: Door, server: ScriptedServer, **options: Any) -> Any:
    session = door("127.0.0.1", server.port, **{"timeout": 5, **options})
    session.login("kim", "secret")
    return session


def sent(server: ScriptedServer, *keywords: str) -> list[str]:
    return [command for command in server.commands if command.split()[0] in keywords]


# -- Poco's members ----------------------------------------------------------------------------------------------------------


def test_pop3_port() -> None:
    """The port of POP3 is 110 (RFC 1939, section 3)."""
    assert POP3_PORT == 110


def test_message_info() -> None:
    """A number and a size in octets; sizes above 32 bits are kept."""
    info = MessageInfo(id=3, size=2**40)

    assert ((3, 2**40), 3, 2**40) == (info, info.id, info.size)


def test_constructor_host_port(door: Door) -> None:
    """The session connects, reads the greeting and asks for capabilities."""
    with ScriptedServer() as server, door("127.0.0.1", server.port) as session:
        assert (["CAPA"], True) == (server.commands, "PIPELINING" in session.capabilities)


def test_constructor_socket(door: Door) -> None:
    """A connected socket is taken over."""
    with ScriptedServer(MAILS) as server:
        connection = socket.create_connection(("127.0.0.1", server.port))
        with door(connection) as session:
            session.login("kim", "secret")

            assert (40, 1) == (session.message_count(), server.connections)


def test_constructor_refused(door: Door) -> None:
    """An error of the connection is raised where the session is made, or connected."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(NetworkError, match="could not connect"):
        door("127.0.0.1", port)


def test_destruction_by_exception_sends_no_quit(door: Door) -> None:
    """Leaving the block by an exception drops the connection, so nothing is deleted."""
    with ScriptedServer(MAILS) as server:
        with pytest.raises(ZeroDivisionError), logged_in(door, server) as session:
            session.delete_message(1)
            raise ZeroDivisionError
        time.sleep(0.05)

        assert ([], set()) == (sent(server, "QUIT"), server.deleted)


def test_destruction_of_the_last_reference_warns_and_sends_no_quit() -> None:
    """A forgotten session is closed without QUIT, and a ResourceWarning says so."""
    with ScriptedServer(MAILS) as server:
        session = logged_in(POP3ClientSession, server)
        session.delete_message(1)
        with pytest.warns(ResourceWarning, match="POP3ClientSession was not closed; nothing is deleted"):
            del session
            gc.collect()
        time.sleep(0.05)

        assert ([], set()) == (sent(server, "QUIT"), server.deleted)


def test_close_is_idempotent(door: Door) -> None:
    """QUIT is sent once; then the session is closed, and says so."""
    with ScriptedServer(MAILS) as server, logged_in(door, server) as session:
        session.delete_message(2)
        session.close()
        session.close()
        with pytest.raises(POP3Error, match="STAT is not possible, because the session is closed; open a new session"):
            session.message_count()

        assert (["QUIT"], {2}) == (sent(server, "QUIT"), server.deleted)


@pytest.mark.parametrize(
    ("answer", "state"), [(b"-ERR some deleted messages not removed\r\n", "failed"), (Talk.close, "unknown")]
)
def test_close_refused_or_lost(door: Door, answer: Any, state: str) -> None:
    """After deletes it is a CommitError with the numbers; without deletes nothing."""
    with ScriptedServer(MAILS, {"QUIT": answer}) as server:
        logged_in(door, server).__exit__(None, None, None)
        with pytest.raises(CommitError) as caught, logged_in(door, server) as session:
            session.delete_message(2)
            session.delete_message(4)

    assert (state, (2, 4)) == (caught.value.state, caught.value.numbers)


def test_login(door: Door) -> None:
    """A wrong password is one attempt and an AuthenticationError; the session may try again."""
    with ScriptedServer(MAILS) as server, door("127.0.0.1", server.port) as session:
        with pytest.raises(AuthenticationError):
            session.login("kim", "wrong")
        with pytest.raises(
            POP3Error, match=r"STAT is not possible, because the session is connected and not logged in; call login"
        ):
            session.message_count()
        session.login("kim", "secret")

        assert (40, 2) == (session.message_count(), len(sent(server, "PASS")))
        with pytest.raises(POP3Error, match="login is not possible, because the session is logged in"):
            session.login("kim", "secret")


def test_message_count(door: Door) -> None:
    """STAT's first number; it falls with each DELE."""
    with ScriptedServer(MAILS, {"STAT": b"+OK 42 12345\r\n"}) as server, logged_in(door, server) as session:
        assert session.message_count() == 42


def test_list_messages(door: Door) -> None:
    """LIST as MessageInfo, by number."""
    with ScriptedServer(MAILS[:2]) as server, logged_in(door, server) as session:
        assert [MessageInfo(1, len(MAILS[0])), MessageInfo(2, len(MAILS[1]))] == session.list_messages()


@pytest.mark.parametrize("missing", [False, True])
def test_retrieve_header(door: Door, missing: bool) -> None:
    """TOP id 0; where it is refused RETR, and the dialogue stays in step."""
    with (
        ScriptedServer(MAILS, {"TOP": b"-ERR no\r\n"} if missing else None) as server,
        logged_in(door, server) as session,
    ):
        header = session.retrieve_header(1)

        assert ("Grüße", ("a", "b"), True) == (header.get("SUBJECT"), header.get_all("received"), "Content-Type" in header)
        assert MULTIPART.partition(b"\r\n\r\n")[0] + b"\r\n" == header.content
        assert ("Received", "a") == header.items()[1]
        assert 40 == session.message_count()


def test_retrieve_header_of_a_server_that_sends_everything(door: Door) -> None:
    """`TOP n 0` answered with the whole message gives the header, and the body goes by."""
    whole = b"+OK\r\nSubject: x\r\n\r\n" + b"y" * 5_000_000 + b"\r\n.\r\n"
    with ScriptedServer(MAILS, {"TOP": whole}) as server, logged_in(door, server) as session:
        assert ("x", 40) == (session.retrieve_header(1).get("subject"), session.message_count())


def test_retrieve_message(door: Door) -> None:
    """The octets as sent, the header, the parts decoded."""
    with ScriptedServer(MAILS) as server, logged_in(door, server) as session:
        message = session.retrieve_message(1)

    assert (MULTIPART, len(MULTIPART), "Grüße") == (message.content, len(message), message.header.get("subject"))
    assert [("text/plain", "", b"Hello"), ("image/png", "a.png", b"\0\1\2")] == [
        (part.content_type, part.name, part.content) for part in message.parts
    ]
    assert ("Hello", "", ()) == (message.text, message.html, message.defects)


def test_retrieve_message_handler(door: Door) -> None:
    """Each part is reported with its header and a stream of its decoded body."""
    reported: list[tuple[str, bytes]] = []

    class Handler:
        def handle_part(self, header: Header, stream: Any) -> None:
            reported.append((header.get("content-type"), stream.read()))

    with ScriptedServer(MAILS) as server, logged_in(door, server) as session:
        assert session.retrieve_message(1, handler=Handler()) is None

    assert [("", b"Hello"), ("image/png", b"\0\1\2")] == reported


def test_retrieve_message_stream(door: Door) -> None:
    """The raw octets are copied, dots unstuffed; 0xFF and NUL are octets like others."""
    odd = b"Subject: x\r\n\r\n.\r\n..\r\n\xff\x00\r\n"
    stream = io.BytesIO()
    with ScriptedServer([odd]) as server, logged_in(door, server) as session:
        assert session.retrieve_message(1, stream=stream) is None

    assert odd == stream.getvalue()


def test_retrieve_message_both(door: Door) -> None:
    """A handler and a stream together are a TypeError, and nothing is sent."""
    with ScriptedServer(MAILS) as server, logged_in(door, server) as session:
        with pytest.raises(TypeError, match="handler or a stream, not both"):
            session.retrieve_message(1, handler=object(), stream=io.BytesIO())

        assert [] == sent(server, "RETR")


def test_retrieve_message_refused(door: Door) -> None:
    """A refusal leaves the session as it was."""
    with ScriptedServer(MAILS) as server, logged_in(door, server) as session:
        with pytest.raises(POP3Error, match="refused RETR 99: no such message"):
            session.retrieve_message(99)

        assert b"Subject: 2\r\n\r\n.dot 2\r\n" == session.retrieve_message(2).content


def test_retrieve_message_into_a_stream_that_fails(door: Door) -> None:
    """The error of the stream comes through, and the connection is dropped: the rest of the message is on its way."""

    class Full(io.BytesIO):
        def write(self, _data: Any) -> int:
            raise OSError(28, "No space left on device")

    with ScriptedServer(MAILS) as server, logged_in(door, server) as session:
        with pytest.raises(OSError, match="No space left"):
            session.retrieve_message(1, stream=Full())
        with pytest.raises(POP3Error, match="the session is closed"):
            session.message_count()

        assert [] == sent(server, "QUIT")


def test_delete_message(door: Door) -> None:
    """DELE marks; only close() deletes."""
    with ScriptedServer(MAILS) as server:
        session = logged_in(door, server)
        session.delete_message(3)
        assert set() == server.deleted
        session.__exit__(None, None, None)

        assert {3} == server.deleted


def test_send_command(door: Door) -> None:
    """With none, one and two arguments; a refusal is a Reply that is false; lines come where the command has them."""
    with ScriptedServer(MAILS[:2]) as server, logged_in(door, server) as session:
        assert Reply(True, "") == session.send_command("NOOP")
        assert Reply(True, "2 22") == session.send_command("LIST", 2)
        assert Reply(False, "no such message") == session.send_command("list 7")
        assert (b"1 uid1", b"2 uid2") == session.send_command("UIDL").lines
        assert (b"Subject: 2", b"") == session.send_command("TOP", 2, 0).lines
        assert not session.send_command("XYZZY")


def test_send_command_multiline(door: Door) -> None:
    """`multiline=True` says that lines follow a positive status."""
    with ScriptedServer(MAILS, {"XLIST": b"+OK two\r\na\r\n..b\r\n.\r\n"}) as server, logged_in(door, server) as session:
        assert Reply(True, "two", (b"a", b".b")) == session.send_command("XLIST", multiline=True)


def test_send_command_passes_the_state_table(door: Door) -> None:
    """DELE, RSET and QUIT by hand mean what their methods mean; AUTH and STLS are refused with the method to call."""
    with ScriptedServer(MAILS, {"QUIT": b"-ERR no\r\n"}) as server:
        session = door("127.0.0.1", server.port)
        with pytest.raises(POP3Error, match="DELE is not possible"):
            session.send_command("DELE", 1)
        for command in ("AUTH PLAIN", "STLS", "APOP kim x"):
            with pytest.raises(POP3Error, match="changes the session; use"):
                session.send_command(command)
        session.login("kim", "secret")
        session.send_command("DELE", 1)
        session.send_command("RSET")
        session.send_command("DELE", "2")
        with pytest.raises(CommitError) as caught:
            session.__exit__(None, None, None)

        assert (2,) == caught.value.numbers


def test_send_command_quit_closes(door: Door) -> None:
    """QUIT by hand commits, and the session is closed."""
    with ScriptedServer(MAILS) as server, logged_in(door, server) as session:
        session.send_command("DELE", 2)
        assert session.send_command("quit")
        with pytest.raises(POP3Error, match="the session is closed"):
            session.noop()

        assert ({2}, "QUIT") == (server.deleted, server.commands[-1])


@pytest.mark.parametrize("text", ["1\r\nDELE 1", "1\n", "1\0", "\x7f"])
def test_send_command_with_control_characters(door: Door, text: str) -> None:
    """Nothing is sent, and the session goes on."""
    with ScriptedServer(MAILS) as server, logged_in(door, server) as session:
        for words in (("LIST", text), ("LIST " + text,), ("NOOP" + text,)):
            with pytest.raises(AttributeFault, match="control character"):
                session.send_command(*words)

        assert (40, set()) == (session.message_count(), server.deleted)


def test_timeout(door: Door) -> None:
    """It is the idle limit, can be read and set, and must be above zero."""
    with ScriptedServer(MAILS, {"RETR": Talk.stall}) as server:
        session = logged_in(door, server, timeout=7)
        assert session.timeout == 7
        (session._session if isinstance(session, Awaited) else session).timeout = 0.2
        with pytest.raises(TimeoutExpired, match=r"silent for 0\.2 s"):
            session.retrieve_message(1)
        with pytest.raises(ValueError, match="above 0"):
            (session._session if isinstance(session, Awaited) else session).timeout = 0
        session.__exit__(None, None, None)


def test_deadline(door: Door) -> None:
    """It is the limit for the whole session."""
    with (
        ScriptedServer([b"x" * 3000], segment=1, pause=0.01) as server,
        pytest.raises(TimeoutExpired, match=r"the time of 0\.4 s"),
    ):
        logged_in(door, server, deadline=0.4).retrieve_message(1)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Reply(True, "x"), True),
        (Reply(False, "x"), False),
        ("+OK fine", True),
        (b"+OK", True),
        ("+OKAY", False),
        ("+", False),
        ("-ERR", False),
    ],
)
def test_is_positive(answer: Any, expected: bool) -> None:
    """The status is the token +OK, not a plus sign."""
    assert expected == POP3ClientSession.is_positive(answer)


# -- beyond Poco -------------------------------------------------------------------------------------------------------------


def test_both_sessions_have_the_same_methods() -> None:
    """Name by name and argument by argument; only connecting differs."""

    def members(kind: type) -> dict[str, list[str]]:
        return {
            name: list(inspect.signature(member).parameters)
            for name, member in inspect.getmembers(kind, inspect.isfunction)
            if not name.startswith("_")
        }

    assert members(POP3ClientSession) == {
        name: value for name, value in members(AsyncPOP3ClientSession).items() if name != "connect"
    }


def test_unique_ids(door: Door) -> None:
    """UIDL of all and of one."""
    with ScriptedServer(MAILS[:2]) as server, logged_in(door, server) as session:
        assert ({1: "uid1", 2: "uid2"}, "uid2") == (session.unique_ids(), session.unique_id(2))


def test_reset(door: Door) -> None:
    """RSET takes the marks back, here and there."""
    with ScriptedServer(MAILS, {"QUIT": b"-ERR no\r\n"}) as server, logged_in(door, server) as session:
        session.delete_message(1)
        session.reset()
        session.noop()
        session.close()

        assert ["RSET", "NOOP", "QUIT"] == sent(server, "RSET", "NOOP", "QUIT")


def test_retrieve_messages_is_pipelined(door: Door) -> None:
    """A result or an error for each, in order, while others are on their way."""
    with ScriptedServer(MAILS, {"RETR 3": b"-ERR busy\r\n"}) as server, logged_in(door, server) as session:
        items = list(session.retrieve_messages(range(1, 41)))

        assert list(range(1, 41)) == [number for number, _ in items]
        assert [MAILS[n - 1] if n != 3 else "127.0.0.1" for n in range(1, 41)] == [
            item.content if not isinstance(item, POP3Error) else str(item).partition(":")[0] for _, item in items
        ]
        assert 40 == session.message_count()


@pytest.mark.parametrize("missing", [False, True])
def test_retrieve_headers(door: Door, missing: bool) -> None:
    """The header and so many lines of each; where TOP is refused, the whole message."""
    with (
        ScriptedServer(MAILS, {"TOP": b"-ERR no\r\n"} if missing else None) as server,
        logged_in(door, server) as session,
    ):
        items = dict(session.retrieve_headers(range(2, 41)))

        assert {n: str(n) for n in range(2, 41)} == {n: item.header.get("subject") for n, item in items.items()}
        assert (1 if missing else 39) == len(sent(server, "TOP"))


def test_an_iterator_is_read_to_its_end_before_the_next_command() -> None:
    """Another command in between is refused; leaving early drops the connection without QUIT."""
    with ScriptedServer(MAILS) as server:
        session = logged_in(POP3ClientSession, server)
        items = session.retrieve_messages(range(1, 41))
        next(items)
        with pytest.raises(POP3Error, match="still being read"):
            session.message_count()
        items.close()
        with pytest.raises(POP3Error, match="the session is closed"):
            session.message_count()
        time.sleep(0.05)

        assert [] == sent(server, "QUIT")


def test_two_tasks_cannot_speak_at_once() -> None:
    """The second is told so, and the first is not disturbed."""

    async def scene(port: int) -> tuple[object, object]:
        async with AsyncPOP3ClientSession("127.0.0.1", port) as session:
            await session.login("kim", "secret")
            first, second = await asyncio.gather(session.message_count(), session.message_count(), return_exceptions=True)
            return first, second

    with ScriptedServer(MAILS) as server:
        first, second = asyncio.run(scene(server.port))

    assert (40, POP3Error) == (first, type(second))


def test_cancelling_drops_the_connection_at_once() -> None:
    """Without QUIT; the session is closed then, and its end tells what was marked in vain."""

    async def scene(port: int) -> None:
        with pytest.raises(CommitError, match="ended before QUIT was sent, so messages 1 are not deleted"):
            await part(port)

    async def part(port: int) -> None:
        async with AsyncPOP3ClientSession("127.0.0.1", port) as session:
            await session.login("kim", "secret")
            await session.delete_message(1)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(session.retrieve_message(2), 0.1)
            with pytest.raises(POP3Error, match="the session is closed"):
                await session.message_count()

    with ScriptedServer(MAILS, {"RETR": Talk.stall}) as server:
        asyncio.run(scene(server.port))
        time.sleep(0.05)

        assert ([], set()) == (sent(server, "QUIT"), server.deleted)


def test_trace_shows_every_line_and_no_secret(door: Door) -> None:
    """What is sent and received, with the password starred; also where it is sent by hand."""
    lines: list[str] = []
    with ScriptedServer(MAILS, password="tiger") as server:
        with door("127.0.0.1", server.port, trace=lambda way, line: lines.append(f"{way} {line}")) as session:
            session.login("kim", "tiger")
            session.message_count()
        with door("127.0.0.1", server.port, trace=lambda way, line: lines.append(f"{way} {line}")) as session:
            session.send_command("USER", "kim")
            session.send_command("PASS", "tiger")

    assert {"> USER kim", "> PASS ***", "> STAT", "< +OK 40 " + str(sum(map(len, MAILS))), "> QUIT"} <= set(lines)
    assert "tiger" not in "\n".join(lines)


def test_progress_counts_octets(door: Door) -> None:
    """It is called with the number and the octets so far, which end at the size of the message."""
    seen: list[tuple[int, int]] = []
    with ScriptedServer([b"x" * 600_000 + b"\r\n"]) as server:
        with logged_in(door, server, progress=lambda number, octets: seen.append((number, octets))) as session:
            session.retrieve_message(1)

    assert ({1}, 600_002, True) == ({number for number, _ in seen}, seen[-1][1], seen == sorted(seen))


@pytest.mark.parametrize(
    ("limits", "override", "call", "limit"),
    [
        (Limits(message=1000), {}, lambda s: s.retrieve_message(1), "message"),
        (Limits(header=500), {"TOP": b"+OK\r\n" + b"x" * 600 + b"\r\n.\r\n"}, lambda s: s.retrieve_header(1), "header"),
        (
            Limits(raw_reply=500),
            {"XX": b"+OK\r\n" + b"x" * 600 + b"\r\n.\r\n"},
            lambda s: s.send_command("XX", multiline=True),
            "raw_reply",
        ),
        (
            Limits(list_entries=3),
            {"LIST": b"+OK\r\n1 1\r\n2 1\r\n3 1\r\n4 1\r\n.\r\n"},
            lambda s: s.list_messages(),
            "list_entries",
        ),
        (Limits(reply_line=600), {"NOOP": b"+OK " + b"x" * 700 + b"\r\n"}, lambda s: s.noop(), "reply_line"),
        (
            Limits(capabilities=100),
            {"CAPA": b"+OK\r\n" + b"X" * 200 + b"\r\n.\r\n"},
            lambda s: s.read_capabilities(),
            "capabilities",
        ),
    ],
)
def test_limits(door: Door, limits: Limits, override: dict[str, Any], call: Callable[[Any], object], limit: str) -> None:
    """Each limit can be set, is named by its error, and ends the session."""
    with ScriptedServer([b"x" * 2000]) as server, pytest.raises(LimitExceeded) as caught:
        if limit == "capabilities":
            server.overrides.update(override)
        session = logged_in(door, server, limits=limits)
        server.overrides.update(override)
        with session:
            call(session)

    assert limit == caught.value.limit


def test_a_password_does_not_leave_in_clear(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without TLS, and not on loopback, the session refuses before anything secret is sent, unless it is told otherwise."""
    from cfml_pop.pop3.transport import addresses

    monkeypatch.setattr(addresses, "is_loopback", lambda _: False)
    with ScriptedServer(MAILS) as server:
        with pytest.raises(TLSError, match="offers no TLS"):
            door("127.0.0.1", server.port)
        assert [] == sent(server, "USER", "PASS")
        with door("127.0.0.1", server.port, cleartext=True) as session:
            session.login("kim", "secret")


# -- logging in --------------------------------------------------------------------------------------------------------------


def scripted_sasl(mechanism: str, *exchange: tuple[bytes, bytes]) -> Callable[[Talk], bytes | None]:
    """An answer to AUTH: sends each challenge and expects each response (both without base64), then +OK or -ERR."""

    def answer(talk: Talk) -> bytes | None:
        import base64

        words = talk.command.split(" ")
        assert words[1] == mechanism
        lines = talk.lines()
        for challenge, expected in exchange:
            talk.send(b"+ " + base64.b64encode(challenge) + b"\r\n")
            got = base64.b64decode(next(lines))
            if got != expected:
                return b"-ERR [AUTH] no\r\n"
        return b"+OK\r\n"

    return answer


SASL = [b"UIDL", b"TOP"]


def test_login_by_plain(door: Door) -> None:
    """PLAIN's one response stands on the AUTH line (RFC 4616)."""
    with ScriptedServer(MAILS, {"AUTH": b"+OK\r\n"}, capabilities=[*SASL, b"SASL PLAIN LOGIN"]) as server:
        with door("127.0.0.1", server.port) as session:
            session.login("kim", "tiger")

        assert ["AUTH PLAIN AGtpbQB0aWdlcg=="] == sent(server, "AUTH", "USER", "PASS")


def test_login_by_xoauth2_takes_two_steps(door: Door) -> None:
    """Some large providers refuse the token on the AUTH line, so it follows; a function is asked for it at login."""
    response = b"user=kim\x01auth=Bearer tok3n\x01\x01"
    overrides = {"AUTH": scripted_sasl("XOAUTH2", (b"", response))}
    with ScriptedServer(MAILS, overrides, capabilities=[*SASL, b"SASL PLAIN XOAUTH2"]) as server:
        with door("127.0.0.1", server.port) as session:
            session.login("kim", token=lambda: "tok3n")

        assert ["AUTH XOAUTH2"] == sent(server, "AUTH", "USER", "PASS")


def test_a_function_for_the_token_may_be_async() -> None:
    """In the async session it is awaited; in the other it is an error that says so. What it raises, the program gets."""

    async def give() -> str:
        return "tok3n"

    async def fail() -> str:
        raise KeyError("vault")

    async def log_in(port: int) -> None:
        async with AsyncPOP3ClientSession("127.0.0.1", port) as session:
            with pytest.raises(KeyError, match="vault"):
                await session.login("kim", token=fail)
            await session.login("kim", token=give)

    overrides = {"AUTH": scripted_sasl("XOAUTH2", (b"", b"user=kim\x01auth=Bearer tok3n\x01\x01"))}
    with ScriptedServer(MAILS, overrides, capabilities=[*SASL, b"SASL XOAUTH2"]) as server:
        asyncio.run(log_in(server.port))
        with (
            POP3ClientSession("127.0.0.1", server.port) as session,
            pytest.raises(AttributeFault, match="an async function"),
        ):
            session.login("kim", token=give)

        assert ["AUTH XOAUTH2"] == sent(server, "AUTH", "USER", "PASS")


def test_a_refused_token_gives_the_reason_and_not_the_token(door: Door) -> None:
    """The server explains itself in a challenge of JSON; the error has its status."""

    def refuse(talk: Talk) -> bytes | None:
        import base64

        lines = talk.lines()
        talk.send(b"+ \r\n")
        next(lines)
        talk.send(b"+ " + base64.b64encode(b'{"status":"401","schemes":"bearer"}') + b"\r\n")
        assert next(lines) == b""
        return b"-ERR [AUTH] tok3n is not valid\r\n"

    with ScriptedServer(MAILS, {"AUTH": refuse}, capabilities=[*SASL, b"SASL XOAUTH2"]) as server:
        with door("127.0.0.1", server.port) as session, pytest.raises(AuthenticationError, match="401") as caught:
            session.login("kim", token="tok3n")

    assert "tok3n" not in str(caught.value)


def test_a_mechanism_may_be_chosen(door: Door) -> None:
    """By name; one that is not offered is an error that says what is."""
    with ScriptedServer(MAILS, {"AUTH": b"+OK\r\n"}, capabilities=[*SASL, b"SASL PLAIN", b"USER", b"PIPELINING"]) as server:
        with door("127.0.0.1", server.port) as session:
            with pytest.raises(AuthenticationError, match=r"by SCRAM-SHA-256: it is not offered.*it offers PLAIN"):
                session.login("kim", "tiger", mechanism="SCRAM-SHA-256")
            session.login("kim", "tiger", mechanism="PLAIN")

        assert [] == sent(server, "USER")


def test_apop_only_when_it_is_asked_for(door: Door) -> None:
    """A timestamp in the greeting does not choose it; the digest is that of RFC 1939, section 7."""
    greeting = b"+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>\r\n"
    with ScriptedServer(MAILS, {"": greeting, "APOP": b"+OK\r\n"}, password="tanstaaf") as server:
        with door("127.0.0.1", server.port) as session:
            session.login("mrose", "tanstaaf", mechanism="+APOP")
        with door("127.0.0.1", server.port) as session:
            session.login("mrose", "tanstaaf")

        assert ["APOP mrose c4c9334bac560ecc979e58001b3e22fb", "USER mrose"] == sent(server, "APOP", "USER")


def test_endless_challenges_are_given_up(door: Door) -> None:
    """A server that asks for ever is told `*`, or left."""

    def endless(talk: Talk) -> bytes | None:
        lines = talk.lines()
        talk.send(b"+ \r\n")
        while next(lines, b"*") != b"*":
            talk.send(b"+ \r\n")
        return b"-ERR cancelled\r\n"

    with ScriptedServer(MAILS, {"AUTH": endless}, capabilities=[*SASL, b"SASL LOGIN"]) as server:
        with door("127.0.0.1", server.port) as session, pytest.raises(AuthenticationError, match="asks for more than LOGIN"):
            session.login("kim", "tiger")


def test_a_pop_url_is_a_server(door: Door) -> None:
    """RFC 2384: host, port, user and mechanism come from it; the password too, where it stands there."""
    with ScriptedServer(MAILS, {"AUTH": b"+OK\r\n"}, capabilities=[*SASL, b"SASL PLAIN"]) as server:
        with door(f"pop://kim;AUTH=PLAIN@127.0.0.1:{server.port}") as session:
            session.login(password="tiger")
        with door(f"pop://kim:tiger@127.0.0.1:{server.port}") as session:
            session.login()
            with pytest.raises(POP3Error):
                session.login()
        with door(f"pop://127.0.0.1:{server.port}") as session, pytest.raises(TypeError, match="needs a username"):
            session.login()

        assert ["AUTH PLAIN AGtpbQB0aWdlcg=="] * 2 == sent(server, "AUTH")


def test_utf8_and_languages(door: Door) -> None:
    """RFC 6856: UTF8 before the login, LANG at any time, both only where they are announced."""
    overrides = {
        "UTF8": b"+OK\r\n",
        "LANG": b"+OK\r\nde Deutsch\r\nfr fran\xc3\xa7ais\r\n.\r\n",
        "LANG de": b"+OK de Jetzt auf Deutsch\r\n",
    }
    with ScriptedServer(MAILS, overrides, capabilities=[b"UTF8 USER", b"LANG"]) as server:
        with door("127.0.0.1", server.port) as session:
            session.utf8()
            assert {"de": "Deutsch", "fr": "français"} == session.languages()
            assert session.set_language("de").text == "de Jetzt auf Deutsch"
            session.login("kim", "secret")
            with pytest.raises(POP3Error, match="UTF8 is not possible, because the session is logged in"):
                session.utf8()
    with ScriptedServer(MAILS) as server, door("127.0.0.1", server.port) as session:
        with pytest.raises(POP3Error, match="does not announce UTF8; nothing was sent"):
            session.utf8()


def test_the_whole_session_has_a_limit(door: Door) -> None:
    """A server cannot go on for ever, message by message."""
    with ScriptedServer([b"x" * 4000] * 5) as server, pytest.raises(LimitExceeded, match="more than 10000 octets") as caught:
        session = logged_in(door, server, limits=Limits(session=10_000))
        with session:
            list(session.retrieve_messages(range(1, 6)))

    assert caught.value.limit == "session"


def test_a_channel_is_bound_only_by_name(door: Door) -> None:
    """A server that offers nothing but a -PLUS gets USER and PASS: what it binds is announced nowhere."""
    outside = hostile.server_context("127.0.0.1")
    offered = [*SASL, b"USER", b"SASL SCRAM-SHA-256-PLUS"]
    with ScriptedServer(MAILS, capabilities=offered, tls="implicit", context=outside) as server:
        with door("127.0.0.1", server.port, secure=True, tls_context=hostile.client_context()) as session:
            session.login("kim", "secret")

        assert ["USER kim", "PASS secret"] == sent(server, "AUTH", "USER", "PASS")


@pytest.mark.parametrize("marked", [False, True])
def test_closing_with_an_iterator_that_was_left_early(door: Door, marked: bool) -> None:
    """The connection is dropped without QUIT; what was marked before is told, and nothing else is an error."""
    with ScriptedServer(MAILS) as server:
        session = logged_in(door, server)
        if marked:
            session.delete_message(1)
        items = session.retrieve_messages(range(2, 41))
        next(items)
        if marked:
            with pytest.raises(CommitError, match="messages 1 are not deleted"):
                session.close()
        else:
            session.close()
        items.close()
        session.__exit__(None, None, None)
        time.sleep(0.05)

        assert ([], set()) == (sent(server, "QUIT"), server.deleted)


def test_breaking_out_of_an_async_loop_leaves_the_block_in_peace() -> None:
    """An async iterator that is left is finalised later by the loop; the end of the block must not stumble over it."""

    async def scene(port: int) -> int:
        async with AsyncPOP3ClientSession("127.0.0.1", port) as session:
            await session.login("kim", "secret")
            async for number, _ in session.retrieve_messages(range(1, 41)):
                first = number
                break
        await asyncio.sleep(0)
        return first

    with ScriptedServer(MAILS) as server:
        assert asyncio.run(scene(server.port)) == 1


def test_lang_by_hand_has_lines(door: Door) -> None:
    """LANG without an argument is answered with a list (RFC 6856, section 3.2), and the dialogue stays in step."""
    with ScriptedServer(MAILS, {"LANG": b"+OK\r\nde Deutsch\r\n.\r\n"}) as server, logged_in(door, server) as session:
        assert ((b"de Deutsch",), 40) == (session.send_command("LANG").lines, session.message_count())
