"""POP3 servers beside Dovecot, each as its Debian package has it: Courier, Cyrus, popa3d, Solid, Mailutils; and Twisted's.

Rule: a server is a class with what its package's own scripts would have set up (a system user, a folder), a configuration, and
how a mailbox is filled and looked at. All of them listen on 127.0.0.1 only. `SERVERS` is the table.
"""

from __future__ import annotations

import contextlib
import imaplib
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from cfml_pop.testing import EmbeddedServer
from tests.servers.other_base import CERTIFICATE, HOST, MAIL_GROUP, PASSWORD, OtherMailbox, OtherServer
from tests.servers.other_root import PATH

__all__ = ["SERVERS"]

START_SECONDS = 20.0
MAIL_TIME = 1_700_000_000

# As Debian's, without the two seconds that pam_unix waits after a wrong password.
PAM = "auth required pam_unix.so nodelay\naccount required pam_unix.so\n"


class MboxServer(OtherServer):
    """Servers of the system's own users, with one mbox file for each in /var/mail and PAM for passwords."""

    pam_service = ""

    def write_pam(self) -> None:
        self.path(f"/etc/pam.d/{self.pam_service}").write_text(PAM, "utf-8")

    def fill(self, username: str, uid: int, messages: Sequence[bytes]) -> None:
        self.append("/etc/passwd", f"{username}:x:{uid}:{MAIL_GROUP}::/home/{username}:/bin/sh\n")
        self.append("/etc/shadow", f"{username}:*:20000::::::\n")
        self.root.run("chpasswd", "-c", "SHA256", give=f"{username}:{PASSWORD}\n")
        file = self._file(username)
        file.write_bytes(b"".join(map(as_mbox, messages)))
        os.chown(file, uid, MAIL_GROUP)
        file.chmod(0o660)
        os.utime(file, (MAIL_TIME, MAIL_TIME))  # popa3d waits a second when the file has just changed

    def _file(self, username: str) -> Path:
        return self.path(f"/var/mail/{username}")

    def seen(self, username: str) -> list[bool] | None:
        del username
        return None


def as_mbox(message: bytes) -> bytes:
    """As a delivery agent appends it: LF line ends, From lines quoted, an empty line behind."""
    text = re.sub(rb"(?m)^(>*From )", rb">\1", message.replace(b"\r\n", b"\n"))
    return b"From sender@example.com Mon Nov  2 10:00:00 2026\n" + text + b"\n"


class Popa3d(MboxServer):
    """popa3d, a process for each connection."""

    name = "popa3d"
    pam_service = "popa3d"
    system_users = (("popa3d", "/var/lib/popa3d"),)

    def set_up(self) -> None:
        self.write_pam()
        self.port = self.inetd("/usr/sbin/popa3d", one_by_one=True)


class Solid(MboxServer):
    """solid-pop3d, a process for each connection."""

    name = "solid"
    pam_service = "solid-pop3d"
    system_users = (("spop3d", "/var/lib/solid-pop3d"),)

    def set_up(self) -> None:
        self.write_pam()
        self.port = self.inetd("/usr/sbin/solid-pop3d", one_by_one=True)

    def fill(self, username: str, uid: int, messages: Sequence[bytes]) -> None:
        super().fill(username, uid, messages)
        # The secret for APOP, as its own program pop_auth writes it: every bit turned over.
        home = self.path(f"/home/{username}")
        home.mkdir()
        secret = home / ".spop3d"
        secret.write_text(f"APOPSecret {bytes(255 - octet for octet in PASSWORD.encode()).hex()}\n", "utf-8")
        secret.chmod(0o600)
        for path in (home, secret):
            os.chown(path, uid, MAIL_GROUP)

    def as_stored(self, octets: bytes) -> bytes:
        return octets.removesuffix(b"\r\n")  # the empty line that ends a message in the mbox file


class Mailutils(MboxServer):
    """pop3d of GNU Mailutils, a process for each connection."""

    name = "mailutils"
    pam_service = "pop3d"

    def set_up(self) -> None:
        self.write_pam()
        for port, more in (("clear", ""), ("tls", MAILUTILS_TLS)):
            self.path(f"/etc/pop3d-{port}.conf").write_text(MAILUTILS + more, "utf-8")
        self.port = self._listen("clear")
        self.stls_port = self._listen("tls")

    def _listen(self, port: str) -> int:
        return self.inetd("/usr/sbin/pop3d", "--inetd", f"--config-file=/etc/pop3d-{port}.conf", one_by_one=True)

    def fill(self, username: str, uid: int, messages: Sequence[bytes]) -> None:
        super().fill(username, uid, messages)
        self.root.run("popauth", "--add", f"--file={APOP_SECRETS}", f"--user={username}", f"--password={PASSWORD}")

    def as_stored(self, octets: bytes) -> bytes:
        header, gap, body = octets.partition(b"\r\n\r\n")
        return re.sub(rb"\r\n(?:X-UIDL|X-IMAPbase|X-UID|Status):[^\r]*", b"", header) + gap + body

    def seen(self, username: str) -> list[bool] | None:
        messages = re.split(rb"(?m)^From ", self._file(username).read_bytes())[1:]
        return [re.search(rb"(?m)^Status:.*R", message.partition(b"\n\n")[0]) is not None for message in messages]


APOP_SECRETS = "/etc/apop.passwd"
MAILUTILS = f"logging {{ syslog no; }};\napop-database-file {APOP_SECRETS};\n"
MAILUTILS_TLS = f"tls-mode ondemand;\ntls {{ ssl-certificate-file {CERTIFICATE}; ssl-key-file {CERTIFICATE}; }};\n"


class Courier(OtherServer):
    """courierpop3d behind its login program; accounts are in userdb, mailboxes are Maildirs."""

    name = "courier"
    system_users = (("courier", "/var/lib/courier"),)

    def set_up(self) -> None:
        settings = self.path("/etc/courier/authdaemonrc")
        settings.write_text(
            settings.read_text("utf-8").replace('"authpam"', '"authuserdb"').replace("daemons=5", "daemons=2"), "utf-8"
        )
        folder = "/run/courier/authdaemon"
        self.root.run("install", "-d", "-o", "courier", "-g", "courier", folder)
        # Its logger keeps what it inherits open: a pipe here would never end for whoever reads it.
        self.root.run("sh", "-c", "exec authdaemond start >/dev/null 2>&1")
        until = time.monotonic() + START_SECONDS
        while not self.path(f"{folder}/socket").is_socket():
            if time.monotonic() > until:
                raise RuntimeError("Courier's authdaemond does not start")
            time.sleep(0.02)
        self.port = self.inetd("sh", "-c", COURIER.format(stls="NO"))
        self.stls_port = self.inetd("sh", "-c", COURIER.format(stls="YES"))

    def fill(self, username: str, uid: int, messages: Sequence[bytes]) -> None:
        maildir = self._maildir(username)
        for name in ("cur", "new", "tmp"):
            (maildir / name).mkdir(parents=True)
        for number, message in enumerate(messages, 1):
            file = maildir / "new" / f"{MAIL_TIME + number}.M{number}P1.test"
            file.write_bytes(message.replace(b"\r\n", b"\n"))
        self.root.run("chown", "-R", f"{uid}:{uid}", f"/home/{username}")
        hashed = self.root.run("openssl", "passwd", "-5", PASSWORD).strip()
        fields = [f"uid={uid}", f"gid={uid}", f"home=/home/{username}", f"systempw={hashed}"]
        for kind in ("hmac-md5", "hmac-sha1", "hmac-sha256"):  # what the CRAM mechanisms need
            digest = self.root.run("userdbpw", f"-{kind}", give=f"{PASSWORD}\n").strip()
            fields.append(f"{kind}pw={digest}")
        self.append("/etc/courier/userdb", f"{username}\t{'|'.join(fields)}\n")
        self.path("/etc/courier/userdb").chmod(0o600)
        self.root.run("makeuserdb")

    def seen(self, username: str) -> list[bool] | None:
        files = [file for name in ("cur", "new") for file in (self._maildir(username) / name).iterdir()]
        return ["S" in file.name.partition(":2,")[2] for file in sorted(files)]

    def _maildir(self, username: str) -> Path:
        return self.path(f"/home/{username}/Maildir")


# What the start script of the package gives to the login program.
COURIER = f"""
set -a
. /etc/courier/pop3d-ssl
. /etc/courier/pop3d
POP3AUTH=$POP3AUTH_ORIG POP3AUTH_TLS=$POP3AUTH_TLS_ORIG POP3_STARTTLS={{stls}} TLS_CERTFILE={CERTIFICATE} TLS_CACHEFILE=
exec /usr/lib/courier/courier/courierpop3login /usr/lib/courier/courier/courierpop3d Maildir
"""


class Cyrus(OtherServer):
    """Cyrus under its master process; accounts are in SASL's own database, messages come by IMAP."""

    name = "cyrus"
    system_users = (("cyrus", "/var/spool/cyrus"),)

    def __init__(self) -> None:
        super().__init__()
        self._imap_port = 0
        self._master: subprocess.Popen[bytes] | None = None

    def set_up(self) -> None:
        self.port, self.stls_port, self._imap_port = free_ports(3)
        self.path("/etc/imapd.conf").write_text(CYRUS, "utf-8")
        self.path("/etc/imapd-tls.conf").write_text(f"{CYRUS}tls_server_cert: {CERTIFICATE}\ntls_server_key: {CERTIFICATE}\n")
        self.path("/etc/cyrus.conf").write_text(
            CYRUS_SERVICES.format(host=HOST, pop3=self.port, stls=self.stls_port, imap=self._imap_port), "utf-8"
        )
        self.root.run("sh", "-c", CYRUS_FOLDERS)
        self._master = subprocess.Popen(
            self.root.command("/usr/lib/cyrus/bin/master", "-D"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": PATH},
            start_new_session=True,
        )
        until = time.monotonic() + START_SECONDS
        for port in (self.port, self.stls_port, self._imap_port):
            while True:
                with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=START_SECONDS) as connection:
                    if connection.recv(2) in (b"+O", b"* "):
                        break
                if time.monotonic() > until or self._master.poll() is not None:
                    raise RuntimeError("Cyrus does not start")
                time.sleep(0.02)

    def stop(self) -> None:
        super().stop()
        if self._master is not None:
            self._master.wait(timeout=10)
            self._master = None

    def fill(self, username: str, uid: int, messages: Sequence[bytes]) -> None:
        del uid
        self.root.run("saslpasswd2", "-p", "-c", "-u", "localhost", username, give=PASSWORD)
        self.root.run("chown", "cyrus:mail", "/etc/sasldb2")
        with self._imap(username) as imap:
            for message in messages:
                kind, words = imap.append("INBOX", "", "", message)
                assert kind == "OK", words

    def seen(self, username: str) -> list[bool] | None:
        with self._imap(username) as imap:
            return [r"\Seen" in str(line) for line in imap.fetch("1:*", "(FLAGS)")[1]]

    @contextlib.contextmanager
    def _imap(self, username: str) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4(HOST, self._imap_port, timeout=20) as imap:
            imap.login(username, PASSWORD)
            imap.select("INBOX", readonly=True)
            yield imap


# The mailbox of an account is made when it first logs in. A wrong password waits three seconds unless told otherwise.
CYRUS = """
configdirectory: /var/lib/cyrus
proc_path: /run/cyrus/proc
mboxname_lockpath: /run/cyrus/lock
defaultpartition: default
partition-default: /var/spool/cyrus/mail
sievedir: /var/spool/sieve
servername: localhost
autocreate_quota: 0
allowplaintext: yes
failedloginpause: 0
popuseimapflags: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_mech_list: PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-512
"""

CYRUS_SERVICES = """
START {{
  recover cmd="/usr/sbin/cyrus ctl_cyrusdb -r"
}}
SERVICES {{
  imap cmd="imapd" listen="{host}:{imap}" prefork=0 maxchild=20
  pop3 cmd="pop3d" listen="{host}:{pop3}" prefork=0 maxchild=20
  pop3tls cmd="pop3d -C /etc/imapd-tls.conf" listen="{host}:{stls}" prefork=0 maxchild=20
}}
EVENTS {{
}}
"""

CYRUS_FOLDERS = """
set -e
cp /usr/lib/cyrus/cyrus-hardwired-config.txt /usr/lib/cyrus/cyrus-hardwired-config.active
install -d -o cyrus -g mail /run/cyrus /run/cyrus/socket /var/lib/cyrus /var/spool/cyrus /var/spool/sieve
cyrus makedirs --cleansquat
"""


class Twisted(OtherServer):
    """The embedded server of cfml_pop.testing; every mailbox is a server of its own."""

    name = "twisted"

    def __init__(self) -> None:
        super().__init__()
        self._servers: list[EmbeddedServer] = []

    def start(self) -> OtherServer:
        return self

    def mailbox(self, messages: Iterable[bytes]) -> OtherMailbox:
        server = EmbeddedServer(list(messages), password=PASSWORD).start()
        self._servers.append(server)
        return OtherMailbox(server.user, server.port, None, None)

    def stop(self) -> None:
        while self._servers:
            self._servers.pop().stop()

    def seen(self, username: str) -> list[bool] | None:
        del username
        return None


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on at the moment."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for free in sockets:
            free.bind((HOST, 0))
        return [free.getsockname()[1] for free in sockets]


SERVERS: dict[str, type[OtherServer]] = {server.name: server for server in (Courier, Cyrus, Popa3d, Solid, Mailutils, Twisted)}
