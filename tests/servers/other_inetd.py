"""A listener on 127.0.0.1 that starts a program for each connection, as inetd does.

Rule: it knows nothing of POP3. The port is one that the system chose, and is held from the start.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import subprocess
import threading
from collections.abc import Mapping, Sequence

__all__ = ["Inetd"]


class Inetd:
    """Listens from its construction until `stop`; `port` says where.

    Each connection is standard input and output of a new process of `command`, with `environment` and the names that inetd and
    tcpserver give (TCPREMOTEIP, ...). `one_by_one`: a connection waits until the process of the last one has ended, so that a
    mailbox whose lock goes away with the process is free again. What programs write to standard error is in `said()`.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], *, one_by_one: bool = False) -> None:
        self._command = list(command)
        self._environment = dict(environment)
        self._turn: contextlib.AbstractContextManager[object] = threading.Lock() if one_by_one else contextlib.nullcontext()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._errors: list[bytes] = []
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer._serve(self.request)

        self._listener = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._listener.daemon_threads = True
        self.port: int = self._listener.server_address[1]
        self._thread = threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def said(self) -> str:
        """What the programs have written to standard error so far."""
        return b"".join(self._errors).decode("utf-8", "replace")

    def stop(self) -> None:
        """Listen no more and end the programs that still run; a second call does nothing."""
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()
        for process in list(self._running):
            process.kill()

    def _serve(self, connection: socket.socket) -> None:
        names = ("TCPREMOTEIP", "TCPREMOTEPORT", "TCPLOCALIP", "TCPLOCALPORT")
        ends = [*connection.getpeername()[:2], *connection.getsockname()[:2]]
        environment = self._environment | {name: str(end) for name, end in zip(names, ends, strict=True)}
        # Programs that write a reply in pieces would wait for the client's delayed acknowledgement after each.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._turn:
            # The socket is the program's from here on; a copy kept open here would hide that it hung up.
            process = subprocess.Popen(
                self._command,
                stdin=connection.fileno(),
                stdout=connection.fileno(),
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
            connection.close()
            self._running.add(process)
            with process:
                assert process.stderr is not None
                self._errors.append(process.stderr.read())
            self._running.discard(process)
