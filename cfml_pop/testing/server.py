"""The embedded server as its user holds it.

Rule: this side only starts and stops the child process; it imports no Twisted, so that a test suite pays for none.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Literal

from cfml_pop.errors import CfpopError, MissingExtra

__all__ = ["EmbeddedServer"]

PACKAGE_ROOT = Path(__file__).resolve().parents[2]


class EmbeddedServer:
    """A POP3 server on 127.0.0.1 with one mailbox, in a process of its own; a context manager.

    `messages`: octets of each message, with LF or CRLF line ends. `tls`: None, "implicit" (from the first octet) or "stls"
    (offered). `certificate`: PEM file with the private key, the server's certificate and its chain; None has one made for
    localhost and 127.0.0.1, by an authority whose certificate is in `ca_file` (give it to `Settings(tls_ca_file=...)`).

    After `start()`: `host`, `port`, `user`, `password`. Several sessions may be open at a time; each sees the mailbox as it was
    at its login, and DELE removes at QUIT. The server stops with `stop()`, with the block, or when its parent process ends.
    Raises MissingExtra when the extra is not installed, CfpopError when the child did not start.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        messages: Iterable[bytes],
        *,
        user: str = "support",
        password: str = "open sesame",  # noqa: S107 - opens a mailbox of sample mail on loopback
        tls: Literal["implicit", "stls"] | None = None,
        certificate: str | os.PathLike[str] | None = None,
    ) -> None:
        if tls not in (None, "implicit", "stls"):
            raise ValueError(f'tls is None, "implicit" or "stls", not {tls!r}')
        self.messages = tuple(messages)
        self.user = user
        self.password = password
        self.tls = tls
        self.port = 0
        self.ca_file: Path | None = None
        self._certificate = certificate
        self._child: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def start(self) -> EmbeddedServer:
        """Start the child and wait until it listens."""
        require("twisted", "OpenSSL", "service_identity")
        options: dict[str, object] = {
            "user": self.user,
            "password": self.password,
            "tls": self.tls,
            "certificate": self._certificate_text() if self.tls else "",
            "sizes": [len(message) for message in self.messages],
        }
        path = os.pathsep.join([str(PACKAGE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        self._child = subprocess.Popen(
            [sys.executable, "-m", "cfml_pop.testing.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C is for the parent, which then ends the child
        )
        try:
            self.port = self._hand_over(options)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End the child; a second call does nothing."""
        child, self._child = self._child, None
        if child is not None and child.stdin is not None and child.stdout is not None:
            with contextlib.suppress(BrokenPipeError):  # it may be gone already
                child.stdin.close()
            child.stdout.close()
            try:
                child.wait(timeout=5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def __enter__(self) -> EmbeddedServer:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _hand_over(self, options: dict[str, object]) -> int:
        child = self._child
        if child is None or child.stdin is None or child.stdout is None:
            raise CfpopError("the embedded server is not running")
        with contextlib.suppress(BrokenPipeError):  # the child ended early; the empty line below says so
            child.stdin.write(json.dumps(options).encode() + b"\n" + b"".join(self.messages))
            child.stdin.flush()
        line = child.stdout.readline()
        if not line:
            raise CfpopError("the embedded POP3 server did not start; what it wrote to stderr says why")
        return int(line)

    def _certificate_text(self) -> str:
        if self._certificate is not None:
            return Path(self._certificate).read_text("ascii")
        require("trustme")
        import trustme

        authority = trustme.CA()
        self._folder = tempfile.TemporaryDirectory(prefix="cfml_pop-")
        self.ca_file = Path(self._folder.name, "ca.pem")
        authority.cert_pem.write_to_path(str(self.ca_file))
        return authority.issue_cert("localhost", self.host).private_key_and_cert_chain_pem.bytes().decode("ascii")


def require(*modules: str) -> None:
    """Raise MissingExtra unless all `modules` can be imported."""
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtra(
            f"the embedded POP3 server needs {', '.join(missing)}; install it with: pip install 'cfml-pop[testing]'"
        )
