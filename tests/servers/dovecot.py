"""A real Dovecot for the tests: POP3 in every TLS flavour, and IMAP and poplib to read the mailbox's state back.

Rule: nothing of it touches the system's own Dovecot; configuration, sockets, mail and log lie in one temporary folder, all ports
are free ones on loopback. It runs as root (mail belongs to nobody then) and without any privilege.

Three loopback addresses share the ports, because Dovecot chooses certificates and TLS by the local address.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import getpass
import grp
import imaplib
import os
import poplib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import trustme

__all__ = ["PASSWORD", "Dovecot", "Mailbox", "find_dovecot"]

PASSWORD = "opensesame"
TLS_HOST = "127.0.0.1"
PLAIN_HOST = "127.0.0.2"
WRONG_NAME_HOST = "127.0.0.3"
START_SECONDS = 20.0

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
instance_name = cfml_pop-{pop3}
protocols = pop3 imap
listen = 127.0.0.1, 127.0.0.2, 127.0.0.3
login_greeting = ready
{identity}

mail_location = maildir:{folder}/mail/%u
mailbox_list_index = no
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 100
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home/%u
}}
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login

ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
local 127.0.0.2 {{
  ssl = no
}}
local 127.0.0.3 {{
  ssl_cert = <{folder}/wrong.pem
  ssl_key = <{folder}/wrong.pem
}}

service pop3-login {{
  {jail}
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service imap-login {{
  {jail}
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  {jail}
  # Wrong passwords are part of the tests; the delay that grows with them is not.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


def find_dovecot() -> str | None:
    """The path of the dovecot program, or None."""
    return shutil.which("dovecot", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))


@dataclasses.dataclass(frozen=True)
class Mailbox:
    """One user's INBOX. Lists are in the order of the mailbox; each call is a session of its own and changes nothing."""

    dovecot: Dovecot
    username: str
    password: str = PASSWORD

    def flags(self) -> list[set[str]]:
        r"""The IMAP flags of each message without \Recent, which belongs to the session that looks."""
        with self._imap() as imap:
            return [{flag.decode() for flag in imaplib.ParseFlags(line)} - {r"\Recent"} for line in _fetch(imap, "(FLAGS)")]

    def seen(self) -> list[bool]:
        r"""For each message: does it carry \Seen?"""
        return [r"\Seen" in flags for flags in self.flags()]

    def uids(self) -> list[int]:
        """The IMAP uid of each message."""
        with self._imap() as imap:
            return [int(match[1]) for line in _fetch(imap, "(UID)") if (match := re.search(rb"UID (\d+)", line))]

    def subjects(self) -> list[str]:
        """The Subject line of each message as it stands in the header."""
        return [match[1].decode("latin-1") if (match := SUBJECT.search(octets)) else "" for octets in self.peek()]

    def peek(self) -> list[bytes]:
        r"""The octets of each message over IMAP, without setting \Seen."""
        with self._imap() as imap:
            return [octets for _, octets in _fetch_literals(imap, "(BODY.PEEK[])")]

    def uidl(self) -> list[str]:
        """The uid of each message as UIDL gives it."""
        with self._pop3() as pop3:
            return [line.split()[1].decode() for line in pop3.uidl()[1]]

    def sizes(self) -> list[int]:
        """The octets of each message as LIST gives them."""
        with self._pop3() as pop3:
            return [int(line.split()[1]) for line in pop3.list()[1]]

    def messages(self) -> list[bytes]:
        r"""The lines of each message as RETR sends them, with CRLF ends. They are not marked as read: RSET takes that back."""
        with self._pop3() as pop3:
            result = [b"".join(line + b"\r\n" for line in pop3.retr(number + 1)[1]) for number in range(pop3.stat()[0])]
            pop3.rset()
            return result

    @contextlib.contextmanager
    def _imap(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4(self.dovecot.plain_host, self.dovecot.imap_port, timeout=20) as imap:
            imap.login(self.username, self.password)
            imap.select("INBOX", readonly=True)
            yield imap

    @contextlib.contextmanager
    def _pop3(self) -> Iterator[poplib.POP3]:
        pop3 = poplib.POP3(self.dovecot.plain_host, self.dovecot.pop3_port, timeout=20)
        try:
            pop3.user(self.username)
            pop3.pass_(self.password)
            yield pop3
            pop3.quit()
        finally:
            pop3.close()


SUBJECT = re.compile(rb"^Subject: *([^\r\n]*)", re.MULTILINE | re.IGNORECASE)


def _fetch(imap: imaplib.IMAP4, what: str) -> list[bytes]:
    return [item for item in imap.fetch("1:*", what)[1] if isinstance(item, bytes)] if _count(imap) else []


def _fetch_literals(imap: imaplib.IMAP4, what: str) -> list[tuple[bytes, bytes]]:
    return [item for item in imap.fetch("1:*", what)[1] if isinstance(item, tuple)] if _count(imap) else []


def _count(imap: imaplib.IMAP4) -> int:
    data = imap.response("EXISTS")[1]
    return int(data[-1]) if data and isinstance(data[-1], bytes) else int(imap.select("INBOX", readonly=True)[1][0] or 0)


class Dovecot:
    """The server. A context manager; it also stops when the interpreter ends.

    plain POP3, no TLS offered:   `plain_host`, `pop3_port`
    POP3 that offers STLS:        `host`, `pop3_port`
    POP3 with TLS at once:        `host`, `pop3s_port`
    a certificate for another name, both ways: `wrong_name_host` with either port
    IMAP without TLS:             `plain_host`, `imap_port`

    `ca_file` is the authority that signed the certificates; `host` and "localhost" are the names in the right one. Any user name
    exists, with the password `PASSWORD`.
    """

    host = TLS_HOST
    plain_host = PLAIN_HOST
    wrong_name_host = WRONG_NAME_HOST

    def __init__(self, program: str) -> None:
        self._program = program
        # A short path of its own: the path of a Unix socket may have about 100 octets.
        self._folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = _mail_owner()
        self._mailboxes = 0
        self.pop3_port = self.pop3s_port = self.imap_port = 0
        self.ca_file = self._folder / "ca.pem"

    def start(self) -> Dovecot:
        atexit.register(self.stop)
        self._folder.chmod(0o755)
        for name in ("run", "state", "mail", "home"):
            (self._folder / name).mkdir(mode=0o755)
        self._own(self._folder / "mail", self._folder / "home")
        self._write_certificates()
        for last_try in (False, False, True):
            self._launch()
            if self._answers():
                return self
            self._end_process()  # most likely another program took one of the ports in between
            if last_try:
                log = self.log()
                self.stop()
                raise RuntimeError(f"dovecot does not answer; its log says:\n{log}")
        return self

    def stop(self) -> None:
        """End the server and remove all its files; a second call does nothing."""
        self._end_process()
        shutil.rmtree(self._folder, ignore_errors=True)
        atexit.unregister(self.stop)

    def __enter__(self) -> Dovecot:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def log(self) -> str:
        """What the server has logged so far."""
        path = self._folder / "dovecot.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def mailbox(self, messages: Iterable[bytes | Path]) -> Mailbox:
        """A new user whose INBOX holds `messages` in this order, unread. Line ends are stored as they are given.

        A message may be a file whose line ends are CRLF: that is linked, not copied, and its name tells Dovecot the size.
        """
        self._mailboxes += 1
        username = f"user{self._mailboxes}"
        maildir = self._folder / "mail" / username
        folders = [maildir, *(maildir / name for name in ("cur", "new", "tmp"))]
        for folder in folders:
            folder.mkdir(mode=0o700)
        paths = []
        for number, octets in enumerate(messages, 1):
            path = maildir / "new" / f"{1_700_000_000 + number}.M{number}P1.test"  # Dovecot orders new mail by this time
            if isinstance(octets, bytes):
                path.write_bytes(octets)
            else:
                size = octets.stat().st_size
                path = path.with_name(f"{path.name},S={size},W={size}")
                path.hardlink_to(octets)
            paths.append(path)
        self._own(*folders, *paths)
        return Mailbox(self, username)

    def _own(self, *paths: Path) -> None:
        if os.geteuid() == 0:
            for path in paths:
                os.chown(path, pwd.getpwnam(self._owner[0]).pw_uid, grp.getgrnam(self._owner[1]).gr_gid)

    def _write_certificates(self) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca_file))
        right = authority.issue_cert("localhost", TLS_HOST)
        wrong = authority.issue_cert("elsewhere.example.org")
        for certificate, name in ((right, "server.pem"), (wrong, "wrong.pem")):
            certificate.private_key_and_cert_chain_pem.write_to_path(str(self._folder / name))

    def _launch(self) -> None:
        self.pop3_port, self.pop3s_port, self.imap_port = _free_ports(3)
        user, group = self._owner
        unprivileged = os.geteuid() != 0
        identity = f"default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}"
        path = self._folder / "dovecot.conf"
        path.write_text(
            CONFIGURATION.format(
                folder=self._folder,
                pop3=self.pop3_port,
                pop3s=self.pop3s_port,
                imap=self.imap_port,
                user=user,
                group=group,
                password=PASSWORD,
                identity=identity if unprivileged else "",
                jail="chroot =" if unprivileged else "",
            ),
            "utf-8",
        )
        # Dovecot's processes keep what they inherit open: a pipe here would never end for whoever reads it.
        self._process = subprocess.Popen(
            [self._program, "-F", "-c", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _answers(self) -> bool:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self._process is None or self._process.poll() is not None:
                return False
            with contextlib.suppress(OSError), socket.create_connection((PLAIN_HOST, self.pop3_port), timeout=5) as connection:
                if connection.recv(100).startswith(b"+OK"):
                    return True
            time.sleep(0.02)
        return False

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _mail_owner() -> tuple[str, str]:
    """User and group that own the mail: nobody when run as root (Dovecot serves no mail of root's), else whoever runs this."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        return nobody.pw_name, grp.getgrgid(nobody.pw_gid).gr_name
    return getpass.getuser(), grp.getgrgid(os.getegid()).gr_name


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for free in sockets:
            free.bind(("", 0))
        return [free.getsockname()[1] for free in sockets]
