"""The Dovecot of the tests tells the truth about its mailboxes."""

from __future__ import annotations

import poplib
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.dovecot import PASSWORD, Dovecot, Mailbox, find_dovecot

MESSAGES = [
    b"Subject: first\r\n\r\none\r\n.\r\n",
    b"Subject: second\n\ntwo\n",
    b"From: x@example.com\r\nSubject: third\r\n\r\nthree\r\n",
]


@pytest.fixture
def mailbox(dovecot: Dovecot) -> Mailbox:
    return dovecot.mailbox(MESSAGES)


def login(connection: poplib.POP3, mailbox: Mailbox) -> poplib.POP3:
    connection.user(mailbox.username)
    connection.pass_(mailbox.password)
    return connection


def test_order_and_octets(mailbox: Mailbox) -> None:
    """Messages come back in the order given, with CRLF line ends, over IMAP and POP3 alike."""
    expected = [message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for message in MESSAGES]

    assert expected == mailbox.messages()
    assert expected == mailbox.peek()
    assert [len(message) for message in expected] == mailbox.sizes()
    assert ["first", "second", "third"] == mailbox.subjects()


def test_looking_changes_nothing(mailbox: Mailbox) -> None:
    """Reading the state back marks nothing as read."""
    mailbox.messages()
    mailbox.peek()
    mailbox.uidl()

    assert [set(), set(), set()] == mailbox.flags()


def test_retr_is_seen_over_imap(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """A message that was retrieved and left with QUIT is seen; the others are not."""
    connection = login(poplib.POP3(dovecot.host, dovecot.pop3_port, timeout=20), mailbox)
    connection.retr(2)
    connection.quit()

    assert [False, True, False] == mailbox.seen()


def test_delete_is_read_back(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """A deleted message is gone from every list, and the others keep their uids."""
    uidl, uids = mailbox.uidl(), mailbox.uids()
    connection = login(poplib.POP3(dovecot.host, dovecot.pop3_port, timeout=20), mailbox)
    connection.dele(2)
    connection.quit()

    assert ["first", "third"] == mailbox.subjects()
    assert [uidl[0], uidl[2]] == mailbox.uidl()
    assert [uids[0], uids[2]] == mailbox.uids()


def test_empty_mailbox(dovecot: Dovecot) -> None:
    """A mailbox without messages reads back as empty lists."""
    mailbox = dovecot.mailbox([])

    assert ([], [], [], [], []) == (
        mailbox.flags(),
        mailbox.uids(),
        mailbox.subjects(),
        mailbox.uidl(),
        mailbox.messages(),
    )


def test_mailboxes_are_apart(dovecot: Dovecot) -> None:
    """Two mailboxes of one session share nothing."""
    first, second = dovecot.mailbox([MESSAGES[0]]), dovecot.mailbox([MESSAGES[1]])

    assert (["first"], ["second"]) == (first.subjects(), second.subjects())


def test_stls_by_address(dovecot: Dovecot) -> None:
    """STLS is offered on one address and not on the other."""
    offered = []
    for host in (dovecot.host, dovecot.plain_host):
        connection = poplib.POP3(host, dovecot.pop3_port, timeout=20)
        offered.append("STLS" in connection.capa())
        connection.quit()

    assert [True, False] == offered


def test_certificates(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """The right certificate holds for the authority that clients are given, also after STLS; the other has another name."""
    context = ssl.create_default_context(cafile=dovecot.ca_file)
    implicit = login(poplib.POP3_SSL(dovecot.host, dovecot.pop3s_port, context=context, timeout=20), mailbox)
    assert 3 == implicit.stat()[0]
    implicit.quit()

    upgraded = poplib.POP3(dovecot.host, dovecot.pop3_port, timeout=20)
    upgraded.stls(context)
    assert 3 == login(upgraded, mailbox).stat()[0]
    upgraded.quit()

    with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
        poplib.POP3_SSL(dovecot.wrong_name_host, dovecot.pop3s_port, context=context, timeout=20)


def test_wrong_password_is_refused_quickly(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """A wrong password is refused, as often as tests like, without a growing delay."""
    for _ in range(3):
        connection = poplib.POP3(dovecot.host, dovecot.pop3_port, timeout=1.5)
        connection.user(mailbox.username)
        with pytest.raises(poplib.error_proto, match="AUTH"):
            connection.pass_("not " + PASSWORD)
        connection.close()


def test_runs_without_privilege() -> None:
    """The same class works for a user without any privilege, and leaves no file behind."""
    if find_dovecot() is None:
        pytest.skip("dovecot is not installed")
    script = (
        "import os, encodings.idna\n"
        "from tests.servers.dovecot import Dovecot, find_dovecot\n"  # root's Python may be out of reach for the other user
        "if os.geteuid() == 0:\n"
        "    os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "with Dovecot(find_dovecot()) as server:\n"
        "    mailbox = server.mailbox([b'Subject: x\\n\\n'])\n"
        "    print(os.geteuid() != 0, mailbox.subjects(), mailbox.seen(), len(mailbox.messages()))\n"
        "print(server.ca_file.parent.exists())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ("True ['x'] [False] 1\nFalse\n", 0) == (done.stdout, done.returncode), done.stderr
