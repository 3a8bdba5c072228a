"""A POP3 server on loopback that does as a test says: right by default, wrong where the script overrides it.

Each connection is served by a thread that ends with it; commands are answered in order, however they come in segments.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

Answer = bytes | Callable[["Talk"], bytes | None]

CRLF = b"\r\n"
CAPABILITIES = (b"TOP", b"UIDL", b"RESP-CODES", b"PIPELINING", b"USER")


def stuffed(message: bytes) -> bytes:
    """A message as it stands on the wire, with its final dot."""
    lines = message.split(CRLF)
    if lines[-1] == b"":
        lines.pop()
    return b"".join((b"." + line if line.startswith(b".") else line) + CRLF for line in lines) + b"." + CRLF


class Talk:
    """One connection. Overrides get it and may send, wait, close or wrap it in TLS by themselves."""

    def __init__(self, connection: socket.socket, server: ScriptedServer) -> None:
        self.socket = connection
        self.server = server
        self.buffer = b""
        self.deleted: set[int] = set()
        self.marked: set[int] = set()
        self.command = ""

    def send(self, data: bytes) -> None:
        size = self.server.segment
        for start in range(0, len(data), size or len(data) or 1):
            self.socket.sendall(data[start : start + (size or len(data))])
            if size:
                time.sleep(self.server.pause)

    def lines(self) -> Iterator[bytes]:
        while True:
            while CRLF not in self.buffer:
                block = self.socket.recv(65536)
                if not block:
                    return
                self.buffer += block
            line, _, self.buffer = self.buffer.partition(CRLF)
            yield line

    def stall(self) -> None:
        """Say nothing more until the client leaves."""
        while self.socket.recv(65536):
            pass

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def start_tls(self) -> bytes | None:
        assert self.server.context is not None
        self.socket.sendall(b"+OK\r\n")
        self.socket = self.server.context.wrap_socket(self.socket, server_side=True)
        return None


class ScriptedServer:
    """`overrides` maps a command line ("RETR 2"), a keyword ("RETR") or "" (the greeting) to an answer.

    `tls`: "" none, "implicit", or "stls" with `context`. `segment`: send in pieces of so many octets, `pause` seconds apart.
    """

    def __init__(
        self,
        messages: Sequence[bytes] = (),
        overrides: Mapping[str, Answer] | None = None,
        *,
        capabilities: Sequence[bytes] = CAPABILITIES,
        uids: Sequence[str] | None = None,
        password: str = "secret",
        tls: str = "",
        context: ssl.SSLContext | None = None,
        segment: int = 0,
        pause: float = 0.0,
    ) -> None:
        self.messages = list(messages)
        self.uids = list(uids) if uids is not None else [f"uid{n}" for n in range(1, len(self.messages) + 1)]
        self.overrides = dict(overrides or {})
        self.capabilities = [*capabilities, *([b"STLS"] if tls == "stls" else [])]
        self.password = password
        self.tls = tls
        self.context = context
        self.segment = segment
        self.pause = pause
        self.commands: list[str] = []
        self.connections = 0
        self.deleted: set[int] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._talks: list[Talk] = []
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> ScriptedServer:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for talk in self._talks:
            talk.close()
        for thread in [self._accepting, *self._threads]:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        talk = Talk(connection, self)
        self._talks.append(talk)
        with contextlib.suppress(OSError, ValueError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or small answers wait 40 ms for each other
            if self.tls == "implicit":
                assert self.context is not None
                talk.socket = self.context.wrap_socket(connection, server_side=True)
            self._answer(talk, "", b"+OK ready\r\n")
            for line in talk.lines():
                text = line.decode("utf-8", "surrogateescape")
                self.commands.append(text)
                talk.command = text
                self._answer(talk, text, None)
                if text.upper() == "QUIT":
                    break
        talk.close()

    def _answer(self, talk: Talk, line: str, usual: bytes | None) -> None:
        keyword = line.partition(" ")[0].upper()
        answer: Answer | None = self.overrides.get(line, self.overrides.get(keyword, usual))
        if answer is None:
            answer = self.usual(talk, keyword, line.split(" ")[1:])
        if callable(answer):
            answer = answer(talk)
        if answer is not None:
            talk.send(answer)

    def usual(self, talk: Talk, keyword: str, words: Sequence[str]) -> bytes | None:
        """The right answer to a command."""
        there = {n: m for n, m in enumerate(self.messages, 1) if n not in self.deleted}
        number = int(words[0]) if words and words[0].isdigit() else 0
        if keyword == "CAPA":
            return b"+OK\r\n" + b"".join(tag + CRLF for tag in self.capabilities) + b".\r\n"
        if keyword == "STLS":
            return talk.start_tls()
        if keyword == "PASS" and " ".join(words) != self.password:
            return b"-ERR [AUTH] wrong password\r\n"
        if keyword == "STAT":
            return b"+OK %d %d\r\n" % (len(there), sum(map(len, there.values())))
        if keyword in ("LIST", "UIDL"):
            value = {n: str(len(m)) if keyword == "LIST" else self.uids[n - 1] for n, m in there.items()}
            entries = {n: f"{n} {text}\r\n".encode("utf-8", "surrogateescape") for n, text in value.items()}
            if words:
                return b"+OK " + entries[number] if number in entries else b"-ERR no such message\r\n"
            return b"+OK\r\n" + b"".join(entries.values()) + b".\r\n"
        if keyword in ("RETR", "TOP", "DELE") and number not in there:
            return b"-ERR no such message\r\n"
        if keyword == "RETR":
            return b"+OK\r\n" + stuffed(there[number])
        if keyword == "TOP":
            return b"+OK\r\n" + stuffed(there[number].partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        if keyword == "DELE":
            talk.deleted.add(number)
            return b"+OK\r\n"
        if keyword == "QUIT":
            self.deleted |= talk.deleted
            return b"+OK bye\r\n"
        return b"+OK\r\n" if keyword in ("USER", "PASS", "NOOP", "RSET") else b"-ERR unknown command\r\n"
