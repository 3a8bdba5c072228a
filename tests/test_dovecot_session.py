"""The POP3 client against a real Dovecot: every login mechanism that it has, and the same octets as other clients read."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import poplib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cfml_pop import (
    AsyncPOP3ClientSession,
    AuthenticationError,
    Connection,
    POP3ClientSession,
    POP3Error,
    Settings,
    acfpop,
    cfpop,
)
from cfml_pop.pop3.sasl.scram import scram_available
from cfml_pop.testing import sample_messages
from tests.servers import dovecot as dovecot_module
from tests.servers.dovecot import PASSWORD, Dovecot, find_dovecot

KEY = b"a key of thirty-two octets, or so"
MECHANISMS = ["SCRAM-SHA-256", "SCRAM-SHA-1", "OAUTHBEARER", "XOAUTH2", "PLAIN", "LOGIN", "CRAM-MD5", "+APOP", "USER"]

OAUTH = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
"""

OAUTH_SETTINGS = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
"""


def token(username: str, *, seconds: int = 600, key: bytes = KEY) -> str:
    """A JSON Web Token (RFC 7519) signed with HS256, as an identity provider would give it."""

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    now = int(time.time())
    claims = {"sub": username, "iat": now - 5, "nbf": now - 5, "exp": now + seconds, "iss": "tests"}
    head = f"{part(json.dumps({'alg': 'HS256', 'typ': 'JWT'}).encode())}.{part(json.dumps(claims).encode())}"
    return f"{head}.{part(hmac.new(key, head.encode(), hashlib.sha256).digest())}"


@pytest.fixture(scope="module")
def strong(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    """A Dovecot that offers every mechanism it has, and takes tokens signed with KEY."""
    program = find_dovecot()
    if program is None:
        pytest.skip("dovecot is not installed (Debian: dovecot-pop3d and dovecot-imapd)")
    folder = tmp_path_factory.mktemp("oauth")
    for parent in (folder, *folder.parents):
        if parent.parent == parent or parent == Path(tempfile.gettempdir()):
            break
        parent.chmod(0o755)
    keys = folder / "keys" / "default" / "HS256"
    keys.mkdir(parents=True)
    for path in (folder / "keys", folder / "keys" / "default", keys):
        path.chmod(0o755)
    write(keys / "default", base64.b64encode(KEY).decode())
    write(folder / "oauth2.conf", OAUTH_SETTINGS.format(folder=folder))
    before = dovecot_module.CONFIGURATION
    names = "plain login cram-md5 apop scram-sha-1 scram-sha-256 xoauth2 oauthbearer"
    configuration = before.replace("auth_mechanisms = plain login", f"auth_mechanisms = {names}").replace(
        "passdb {{\n  driver = static\n", OAUTH.replace("{folder}", str(folder)).lstrip()
    )
    assert "oauth2" in configuration
    dovecot_module.CONFIGURATION = configuration
    try:
        with Dovecot(program) as server:
            yield server
    finally:
        dovecot_module.CONFIGURATION = before


def write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o644)


MAILS = [b"Subject: %d\r\n\r\n.dot\r\n\xff\r\n" % number for number in range(1, 31)]


def credentials(mechanism: str, username: str, *, right: bool) -> dict[str, str]:
    if "OAUTH" in mechanism:
        return {"token": token(username, key=KEY if right else b"x" * 32)}
    return {"password": PASSWORD if right else "wrong"}


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("channel", ["clear", "tls"])
def test_login_by(strong: Dovecot, mechanism: str, channel: str) -> None:
    """Each mechanism logs in with the right secret; with a wrong one it is refused once, and the session may try again."""
    if mechanism.startswith("SCRAM") and not scram_available():
        pytest.skip("the extra scram is not installed (Python 3.11 or later)")
    mailbox = strong.mailbox(MAILS[:2])
    options: dict[str, Any] = {"secure": True, "tls_ca_file": str(strong.ca_file)} if channel == "tls" else {}
    host, port = (strong.host, strong.pop3s_port) if channel == "tls" else (strong.plain_host, strong.pop3_port)
    lines: list[str] = []

    with POP3ClientSession(host, port, timeout=20, trace=lambda way, line: lines.append(way + line), **options) as session:
        with pytest.raises(AuthenticationError):
            session.login(mailbox.username, mechanism=mechanism, **credentials(mechanism, mailbox.username, right=False))
        session.login(mailbox.username, mechanism=mechanism, **credentials(mechanism, mailbox.username, right=True))

        assert session.message_count() == 2
    used = {"USER": ">PASS", "+APOP": ">APOP"}.get(mechanism, f">AUTH {mechanism}")
    assert 2 == sum(line.startswith(used) for line in lines)
    assert PASSWORD not in "".join(lines)


def test_the_strongest_mechanism_is_taken(strong: Dovecot) -> None:
    """With a password SCRAM-SHA-256, with a token OAUTHBEARER; the password itself does not travel."""
    if not scram_available():
        pytest.skip("the extra scram is not installed (Python 3.11 or later)")
    mailbox = strong.mailbox(MAILS[:1])

    def used(**secret: str) -> list[str]:
        lines: list[str] = []
        with POP3ClientSession(strong.plain_host, strong.pop3_port, trace=lambda way, line: lines.append(way + line)) as session:
            session.login(mailbox.username, **secret)
        return [line for line in lines if line.startswith((">AUTH", ">USER", ">PASS", ">APOP"))]

    assert [">AUTH SCRAM-SHA-256 ***"] == used(password=PASSWORD)
    assert [">AUTH OAUTHBEARER"] == [line.removesuffix(" ***") for line in used(token=token(mailbox.username))]


@pytest.mark.parametrize("channel", ["clear", "stls", "tls"])
def test_the_octets_are_those_of_poplib(dovecot: Dovecot, channel: str) -> None:
    """The same messages, sizes and uids, for the whole sample mailbox, both doors."""
    mailbox = dovecot.mailbox([*sample_messages(), *MAILS])
    pop3 = poplib.POP3(dovecot.plain_host, dovecot.pop3_port, timeout=20)
    pop3.user(mailbox.username)
    pop3.pass_(PASSWORD)
    expected = [b"".join(line + b"\r\n" for line in pop3.retr(n + 1)[1]) for n in range(pop3.stat()[0])]
    pop3.quit()
    port = dovecot.pop3s_port if channel == "tls" else dovecot.pop3_port
    host = dovecot.plain_host if channel == "clear" else dovecot.host
    options: dict[str, Any] = {"secure": channel == "tls", "tls_ca_file": str(dovecot.ca_file), "timeout": 20}

    def octets(item: object) -> bytes:
        assert not isinstance(item, POP3Error)
        return item.content  # type: ignore[attr-defined, no-any-return]

    with POP3ClientSession(host, port, **options) as session:
        session.login(mailbox.username, PASSWORD)
        numbers = range(1, session.message_count() + 1)
        assert expected == [octets(item) for _, item in session.retrieve_messages(numbers)]
        assert mailbox.sizes() == [info.size for info in session.list_messages()]
        assert mailbox.uidl() == list(session.unique_ids().values())

    async def scene() -> list[bytes]:
        async with AsyncPOP3ClientSession(host, port, **options) as session:
            await session.login(mailbox.username, PASSWORD)
            return [octets(item) async for _, item in session.retrieve_messages(numbers)]

    assert expected == asyncio.run(scene())


def test_delete_and_reset(dovecot: Dovecot) -> None:
    """What is marked is gone after close(), what RSET took back is not, and nothing is after an exception."""
    mailbox = dovecot.mailbox(MAILS[:4])
    where = (dovecot.plain_host, dovecot.pop3_port)

    with pytest.raises(ZeroDivisionError), POP3ClientSession(*where) as session:
        session.login(mailbox.username, PASSWORD)
        session.delete_message(1)
        raise ZeroDivisionError
    assert ["1", "2", "3", "4"] == mailbox.subjects()

    with POP3ClientSession(*where) as session:
        session.login(mailbox.username, PASSWORD)
        session.delete_message(1)
        session.reset()
        session.delete_message(3)
        assert session.message_count() == 3
    assert ["1", "2", "4"] == mailbox.subjects()


def test_a_stored_connection_with_a_token(strong: Dovecot) -> None:
    """cfpop and acfpop log in to a real server with the token that a function gives; a wrong one is refused and not shown."""
    mailbox = strong.mailbox(MAILS[:2])

    def settings(give: Callable[[], Any]) -> Settings:
        stored = Connection(server=strong.host, port=strong.pop3s_port, username=mailbox.username, token=give)
        return Settings(connections={"support": stored}, tls_ca_file=strong.ca_file)

    async def later() -> str:
        return token(mailbox.username)

    wrong = token(mailbox.username, key=b"x" * 32)

    assert 2 == len(cfpop(connection="support", settings=settings(lambda: token(mailbox.username))))
    assert 2 == len(asyncio.run(acfpop(connection="support", settings=settings(later))))
    with pytest.raises(AuthenticationError, match="connection 'support' did not accept the login") as caught:
        cfpop(connection="support", settings=settings(lambda: wrong))
    assert wrong not in str(caught.value)
