"""Every action against real servers other than Dovecot, blocking and with asyncio, in clear and with STLS; and other clients.

poplib says what is in the mailbox. Where a server differs from the rest, the table below says how, and a test holds it.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import io
import os
import poplib
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cfml_pop import AuthenticationError, POP3ClientSession, POP3Error, Query, Settings, acfpop, cfpop
from cfml_pop.pop3.sasl.scram import scram_available
from tests.servers.dovecot import Dovecot
from tests.servers.other_base import PASSWORD, OtherMailbox, OtherServer
from tests.servers.other_clients import CLIENTS, Account, Reading
from tests.servers.other_root import PrivateRoot, Unavailable
from tests.servers.others import SERVERS

Door = Callable[..., Query]

COURIER = "TOP USER LOGIN-DELAY PIPELINING UIDL UTF8 IMPLEMENTATION SASL"
CYRUS = "SASL EXPIRE LOGIN-DELAY TOP UIDL PIPELINING RESP-CODES AUTH-RESP-CODE USER IMPLEMENTATION"
MAILUTILS = "TOP UIDL RESP-CODES PIPELINING AUTH-RESP-CODE EXPIRENEVER USER"
CRAM = "PLAIN LOGIN CRAM-MD5 CRAM-SHA1 CRAM-SHA256"
SCRAM = "PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512"
PLUS = "SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS SCRAM-SHA-512-PLUS"


@dataclasses.dataclass(frozen=True)
class Known:
    """What is known of a server. Capabilities are those before login, None when CAPA is refused; `tls` those after STLS."""

    started: str
    capabilities: str | None
    tls: str | None
    different: str
    sasl: str = ""
    sasl_tls: str = ""


EACH = "a process for each connection"

KNOWN = {
    "courier": Known(EACH, COURIER, COURIER, "nothing may follow PASS; 8-bit headers need UTF8", CRAM, "PLAIN LOGIN"),
    "cyrus": Known("own master", CYRUS, CYRUS, "-PLUS binds tls-unique only", SCRAM, f"{SCRAM} {PLUS}"),
    "popa3d": Known(EACH, None, None, "uids are made of a few header fields, so two messages may share one"),
    "solid": Known(EACH, None, None, "an empty line behind each message"),
    "mailutils": Known(EACH, MAILUTILS, MAILUTILS, "RETR adds X-UIDL, so LIST differs; EXPIRENEVER is one word"),
    "twisted": Known("a child process", "TOP UIDL USER PIPELINING", None, "nothing is kept when it ends"),
}

OTHER = pytest.mark.may_skip("needs root, private mounts and Debian's packages")


def place(name: str) -> object:
    return pytest.param(name, marks=[] if name == "twisted" else OTHER)


NAMES = [place(name) for name in KNOWN]
PLACES = [
    pytest.param(name, channel, id=f"{name}-{channel}", marks=[] if name == "twisted" else OTHER)
    for name, known in KNOWN.items()
    for channel in ("clear", "stls")
    if channel == "clear" or known.tls
]


@pytest.fixture(scope="module")
def start() -> Iterator[Callable[[str], OtherServer]]:
    """Gives the running server of a name; it is started when it is first asked for."""
    running: dict[str, OtherServer] = {}
    with contextlib.ExitStack() as stack:

        def started(name: str) -> OtherServer:
            if name not in running:
                try:
                    running[name] = stack.enter_context(SERVERS[name]())
                except Unavailable as reason:
                    pytest.skip(str(reason))
            return running[name]

        yield started


def awaited(**attributes: object) -> Query:
    return asyncio.run(acfpop(**attributes))  # type: ignore[arg-type]


DOORS = pytest.mark.parametrize("door", [cfpop, awaited], ids=["blocking", "asyncio"])


def call(mailbox: OtherMailbox, channel: str = "clear") -> dict[str, object]:
    """The attributes that log in."""
    login: dict[str, object] = {"server": mailbox.host, "username": mailbox.username, "password": mailbox.password, "timeout": 15}
    if channel == "clear":
        return {**login, "port": mailbox.port}
    return {**login, "port": mailbox.stls_port, "settings": Settings(tls_ca_file=mailbox.ca_file)}


def account(mailbox: OtherMailbox) -> Account:
    return Account(mailbox.host, mailbox.port, mailbox.username, mailbox.password)


def look(mailbox: OtherMailbox) -> Reading:
    """What poplib reads."""
    return CLIENTS["poplib"](account(mailbox))


def mail(number: int, body: bytes, charset: str = "us-ascii") -> bytes:
    header = (
        f"From: Ann <ann{number}@example.com>\r\nTo: team@example.org\r\nSubject: Mail {number}\r\n"
        f"Date: Mon, 02 Nov 2026 10:00:0{number} +0100\r\nMessage-ID: <m{number}@example.com>\r\n"
        f"Mime-Version: 1.0\r\nContent-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    return header.encode() + body


LONG = b"".join(b"%06d of a message that does not fit into one read of anybody's buffer, ever.\r\n" % n for n in range(3900))
MAILS = [
    mail(1, b"plain\r\n"),
    mail(2, b".\r\n..\r\n...\r\n.dots\r\n..more\r\n\r\n.\r\nend\r\n"),
    mail(3, "Grüße, naïve Zoë 한글 😀\r\n".encode(), "utf-8"),
    mail(4, "Gr\xfc\xdfe \x80\x93\x94\r\n.\xe4\r\n".encode("latin-1"), "windows-1252"),
    mail(5, LONG),
]
CHARSETS = ["ascii", "ascii", "utf-8", "cp1252", "ascii"]


@DOORS
@pytest.mark.parametrize(("name", "channel"), PLACES)
def test_whole_messages_are_those_that_poplib_reads(
    start: Callable[[str], OtherServer], name: str, channel: str, door: Door
) -> None:
    """Numbers, sizes, uids and octets agree with poplib's, and they are those that were stored."""
    server = start(name)
    mailbox = server.mailbox(MAILS)
    look(mailbox)  # Mailutils writes into the mailbox in the first session; from then on messages stay the same
    expected = look(mailbox)

    query = door(action="getAll", **call(mailbox, channel))

    assert [1, 2, 3, 4, 5] == [row["messagenumber"] for row in query]
    assert (expected.sizes, expected.uids) == ([row["size"] for row in query], [row["uid"] for row in query])
    assert expected.octets == [octets(row["header"], row["body"], charset) for row, charset in zip(query, CHARSETS, strict=True)]
    assert MAILS == [server.as_stored(message) for message in expected.octets]
    assert 300_000 < len(expected.octets[4])


def session(mailbox: OtherMailbox, channel: str, sent: list[str]) -> POP3ClientSession:
    """A session that is connected and not logged in; what it sends is added to `sent`."""

    def trace(direction: str, line: str) -> None:
        if direction == ">":
            sent.append(line)

    port = mailbox.port if channel == "clear" else mailbox.stls_port
    return POP3ClientSession(mailbox.host, port, timeout=20, tls_ca_file=str(mailbox.ca_file), trace=trace)


def logins(sent: list[str]) -> list[str]:
    """The mechanisms that these commands used."""
    names = {"USER": "USER", "APOP": "+APOP"}
    return [names.get(words[0]) or words[1] for line in sent if (words := line.split())[0] in ("USER", "APOP", "AUTH")]


def octets(header: object, body: object, charset: str) -> bytes:
    """The message again, from the columns."""
    return str(header).encode("ascii").rstrip(b"\r\n") + b"\r\n\r\n" + str(body).encode(charset)


@DOORS
@pytest.mark.parametrize(("name", "channel"), PLACES)
def test_headers_are_those_of_top(start: Callable[[str], OtherServer], name: str, channel: str, door: Door) -> None:
    """getHeaderOnly has poplib's sizes, uids and header lines, and no message is marked as read by it."""
    server = start(name)
    mailbox = server.mailbox(MAILS[:3])
    with mailbox.pop3() as pop3:
        pop3.uidl()  # Mailutils writes into the mailbox in the first session
    with mailbox.pop3() as pop3:
        sizes = [int(line.split()[1]) for line in pop3.list()[1]]
        tops = [b"\r\n".join(pop3.top(number, 0)[1]).decode("ascii").strip() for number in (1, 2, 3)]
        uids = [line.split()[1].decode() for line in pop3.uidl()[1]]
    seen = server.seen(mailbox.username)

    query = door(**call(mailbox, channel))

    assert ["Mail 1", "Mail 2", "Mail 3"] == [row["subject"] for row in query]
    assert tops == [str(row["header"]).strip() for row in query]
    assert (sizes, uids) == ([row["size"] for row in query], [row["uid"] for row in query])
    assert seen == server.seen(mailbox.username)


@DOORS
@pytest.mark.parametrize(("name", "channel"), PLACES)
def test_delete_by_uid_removes_that_message(start: Callable[[str], OtherServer], name: str, channel: str, door: Door) -> None:
    """The message with the uid is gone in the next session, the others are there with their uids and octets."""
    mailbox = start(name).mailbox(MAILS[:4])
    look(mailbox)
    before = look(mailbox)

    query = door(action="delete", uid=before.uids[1], **call(mailbox, channel))

    after = look(mailbox)
    assert [(2, before.uids[1])] == [(row["messagenumber"], row["uid"]) for row in query]
    assert [before.octets[n] for n in (0, 2, 3)] == after.octets
    assert [before.uids[n] for n in (0, 2, 3)] == after.uids


@DOORS
@pytest.mark.parametrize(("name", "channel"), PLACES)
def test_mark_read_leaves_the_messages(start: Callable[[str], OtherServer], name: str, channel: str, door: Door) -> None:
    """Every message is there afterwards; where the server keeps a mark, it is on the selected one only."""
    server = start(name)
    mailbox = server.mailbox(MAILS[:3])
    with mailbox.pop3() as pop3:
        uids = [line.split()[1].decode() for line in pop3.uidl()[1]]
    assert server.seen(mailbox.username) in ([False, False, False], None)

    query = door(action="markRead", uid=uids[2], **call(mailbox, channel))

    assert server.seen(mailbox.username) in ([False, False, True], None)
    assert [(3, uids[2])] == [(row["messagenumber"], row["uid"]) for row in query]
    after = look(mailbox)
    assert (uids, 3) == (after.uids, len(after.octets))


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_password_is_one_authentication_error(start: Callable[[str], OtherServer], name: str) -> None:
    """Both doors say so with the class made for it, without the password; the right one works afterwards."""
    mailbox = start(name).mailbox(MAILS[:1])
    wrong = {**call(mailbox), "password": "tiger-in-clear"}

    async def both() -> list[Query | BaseException]:  # at the same time: Courier takes five seconds to say no
        calls = acfpop(**wrong), asyncio.to_thread(cfpop, **wrong)  # type: ignore[arg-type]
        return list(await asyncio.gather(*calls, return_exceptions=True))

    refusals = asyncio.run(both())

    assert [AuthenticationError, AuthenticationError] == [type(refusal) for refusal in refusals]
    assert {"PASS", "AUTH"} >= {refusal.command for refusal in refusals if isinstance(refusal, AuthenticationError)}
    assert "tiger" not in str(refusals)
    assert ["Mail 1"] == [row["subject"] for row in cfpop(**call(mailbox))]  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "channel"), PLACES)
def test_capabilities(start: Callable[[str], OtherServer], name: str, channel: str) -> None:
    """The table above is what the server announces before login, and what of it changes with TLS."""
    mailbox = start(name).mailbox([])
    known = KNOWN[name]
    expected, sasl = (known.capabilities, known.sasl) if channel == "clear" else (known.tls, known.sasl_tls)
    pop3 = poplib.POP3(mailbox.host, mailbox.port if channel == "clear" else mailbox.stls_port or 0, timeout=20)
    try:
        if channel == "stls":
            pop3.stls(ssl.create_default_context(cafile=mailbox.ca_file))
        if expected is None:
            with pytest.raises(poplib.error_proto, match="ERR"):
                pop3.capa()
        else:
            capabilities = pop3.capa()
            assert set(expected.split()) == set(capabilities)
            assert set(sasl.split()) == set(capabilities.get("SASL", []))
        pop3.quit()
    finally:
        pop3.close()


@OTHER
def test_courier_wraps_a_message_whose_header_needs_utf8(start: Callable[[str], OtherServer]) -> None:
    """Without the UTF8 command it sends a report with the mail inside; the row has what was sent and the size of LIST."""
    mailbox = start("courier").mailbox(["Subject: Grüße\r\n\r\nhello\r\n".encode()])
    expected = look(mailbox)

    row = next(iter(cfpop(action="getAll", **call(mailbox))))  # type: ignore[arg-type]

    assert b"Subject: Cannot display Unicode content" in expected.octets[0]
    assert ("Cannot display Unicode content", expected.sizes[0]) == (row["subject"], row["size"])
    assert expected.sizes[0] < len(expected.octets[0])


@OTHER
@pytest.mark.parametrize("channel", ["clear", "stls"])
def test_courier_sends_the_mail_itself_after_utf8(start: Callable[[str], OtherServer], channel: str) -> None:
    """With the UTF8 command the same mail comes as it was stored, and LIST has its size."""
    stored = "Subject: Grüße\r\n\r\nhello\r\n".encode()
    mailbox = start("courier").mailbox([stored])
    received = io.BytesIO()

    with session(mailbox, channel, []) as client:
        client.utf8()
        client.login(mailbox.username, PASSWORD)
        client.retrieve_message(1, stream=received)
        sizes = [message.size for message in client.list_messages()]

    assert (stored, [len(stored)]) == (received.getvalue(), sizes)


@OTHER
def test_mailutils_sends_more_than_it_lists(start: Callable[[str], OtherServer]) -> None:
    """The first session gets an X-UIDL line that LIST does not count; the row has the size of LIST and all the octets."""
    mailbox = start("mailutils").mailbox(MAILS[:1])

    row = next(iter(cfpop(action="getAll", **call(mailbox))))  # type: ignore[arg-type]

    assert len(MAILS[0]) == row["size"]
    assert (row["uid"], "plain\r\n") == (row["header"].get("X-UIDL"), row["body"])


@OTHER
def test_popa3d_gives_one_uid_to_messages_without_identity(start: Callable[[str], OtherServer]) -> None:
    """Reading them works; a delete by that uid is refused, because it does not say which one is meant, and nothing is lost."""
    mailbox = start("popa3d").mailbox([b"Subject: one\r\n\r\n1\r\n", b"Subject: two\r\n\r\n2\r\n"])

    query = cfpop(**call(mailbox))  # type: ignore[arg-type]
    uid = next(iter(query))["uid"]

    assert [uid, uid] == [row["uid"] for row in query]
    with pytest.raises(POP3Error, match="have the same uid"):
        cfpop(action="delete", uid=uid, **call(mailbox))  # type: ignore[arg-type]
    assert [b"1", b"2"] == [message.split(b"\r\n")[2] for message in look(mailbox).octets]


MECHANISMS = {
    "courier-clear": "USER PLAIN LOGIN CRAM-MD5",
    "courier-stls": "USER PLAIN LOGIN",
    "cyrus-clear": "USER +APOP PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256",
    "cyrus-stls": "USER +APOP PLAIN LOGIN SCRAM-SHA-1 SCRAM-SHA-256",
    "popa3d-clear": "USER",
    "solid-clear": "USER +APOP",
    "mailutils-clear": "USER +APOP",
    "mailutils-stls": "USER +APOP",
    "twisted-clear": "USER",
}


@pytest.mark.parametrize(
    ("where", "mechanism"),
    [
        pytest.param(where, mechanism, marks=[] if where == "twisted-clear" else OTHER)
        for where, mechanisms in MECHANISMS.items()
        for mechanism in mechanisms.split()
    ],
)
def test_mechanisms(start: Callable[[str], OtherServer], where: str, mechanism: str) -> None:
    """Each mechanism that the client and the server have logs in when it is asked for, and no other is used."""
    name, channel = where.split("-")
    sent: list[str] = []
    mailbox = start(name).mailbox(MAILS[:1])
    if mechanism.startswith("SCRAM") and not scram_available():
        pytest.skip("the extra scram is not installed")
    with session(mailbox, channel, sent) as client:
        client.login(mailbox.username, PASSWORD, mechanism=mechanism)
        assert 1 == client.message_count()

    assert [mechanism] == logins(sent)
    assert PASSWORD not in " ".join(sent)


@OTHER
@pytest.mark.parametrize("channel", ["clear", "stls"])
def test_the_strongest_mechanism_is_taken(start: Callable[[str], OtherServer], channel: str) -> None:
    """Cyrus has them all; a wrong password costs one attempt at the strongest, and the right one logs in by it."""
    if not scram_available():
        pytest.skip("the extra scram is not installed")
    mailbox = start("cyrus").mailbox([])
    sent: list[str] = []
    with session(mailbox, channel, sent) as client:
        with pytest.raises(AuthenticationError, match="did not accept the login"):
            client.login(mailbox.username, "tiger-in-clear")
        assert ["SCRAM-SHA-256"] == logins(sent)
        client.login(mailbox.username, PASSWORD)

    assert ["SCRAM-SHA-256", "SCRAM-SHA-256"] == logins(sent)


@OTHER
def test_cyrus_binds_what_tls_1_3_does_not_have(start: Callable[[str], OtherServer]) -> None:
    """It offers SCRAM with channel binding and knows `tls-unique` alone, so the right password is refused by it."""
    if not scram_available():
        pytest.skip("the extra scram is not installed")
    mailbox = start("cyrus").mailbox([])
    sent: list[str] = []
    with session(mailbox, "stls", sent) as client, pytest.raises(AuthenticationError, match="bad protocol"):
        client.login(mailbox.username, PASSWORD, mechanism="SCRAM-SHA-256-PLUS")

    assert ["SCRAM-SHA-256-PLUS"] == logins(sent)


@OTHER
@pytest.mark.parametrize("name", ["curl", "poco"])
def test_other_clients_read_the_same_from_dovecot(dovecot: Dovecot, name: str) -> None:
    """Octets, sizes and uids of another client, of poplib and of ours are the same for the same mailbox."""
    mailbox = dovecot.mailbox(MAILS)
    where = Account(dovecot.plain_host, dovecot.pop3_port, mailbox.username, mailbox.password)

    reading = read(name, where)

    assert CLIENTS["poplib"](where) == reading
    assert MAILS == reading.octets
    assert reading == ours(where)


@pytest.mark.parametrize("client", ["curl", "poco"])
@pytest.mark.parametrize("name", [pytest.param(name, marks=OTHER) for name in KNOWN])
def test_other_clients_read_the_same(start: Callable[[str], OtherServer], name: str, client: str) -> None:
    """The same from every other server."""
    mailbox = start(name).mailbox(MAILS)
    look(mailbox)

    reading = read(client, account(mailbox))

    assert look(mailbox) == reading
    assert reading == ours(account(mailbox))


def read(client: str, where: Account) -> Reading:
    try:
        return CLIENTS[client](where)
    except Unavailable as reason:
        pytest.skip(str(reason))


def ours(where: Account) -> Reading:
    """The same from cfpop."""
    query = cfpop(action="getAll", server=where.host, port=where.port, username=where.username, password=where.password)
    return Reading(
        [row["size"] for row in query],
        [row["uid"] for row in query],
        [octets(row["header"], row["body"], charset) for row, charset in zip(query, CHARSETS, strict=True)],
    )


@OTHER
def test_a_private_root_is_private(start: Callable[[str], OtherServer]) -> None:
    """What is written inside is not outside, and everything ends with the root."""
    start("popa3d")  # skips where there are no private roots
    with PrivateRoot("popa3d") as root:
        root.path("/etc/cfml_pop-was-here").write_text("inside", "utf-8")
        root.run("sh", "-c", "echo someone:x:4242:8::/:/bin/false >>/etc/passwd")
        sleeper = subprocess.Popen(root.command("sleep", "60"))

        assert "inside" == root.run("cat", "/etc/cfml_pop-was-here")
        assert not Path("/etc/cfml_pop-was-here").exists()
        assert "someone:" not in Path("/etc/passwd").read_text("utf-8")
        assert not Path("/usr/sbin/popa3d").exists() or root.path("/usr/sbin/popa3d").exists()

    assert 0 != sleeper.wait(timeout=10)
    with pytest.raises(RuntimeError, match="has ended"):
        root.path("/etc/passwd")


@OTHER
def test_nothing_is_left_when_the_tests_are_killed(start: Callable[[str], OtherServer], tmp_path: Path) -> None:
    """A server ends with the process that started it, even when that one has no time to say so."""
    start("cyrus")
    script = (
        "import os, sys\n"
        "from tests.servers.others import SERVERS\n"
        "server = SERVERS['cyrus']().start()\n"
        "print(server.port, server.path('/').parent, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    port, process = done.stdout.split()

    assert -9 == done.returncode, done.stderr
    until = time.monotonic() + 10
    while Path(process).exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not Path(process).exists()
    with pytest.raises(ConnectionRefusedError):
        poplib.POP3("127.0.0.1", int(port), timeout=5)
