"""Twisted's POP3 server protocol, mended.

Rule: Twisted keeps the connection, the commands and their order; what it puts on the wire wrongly is overridden here, each with
its reason. Only the child process imports this module.

What Twisted 26.10 gets wrong, and where it is mended:

- a stored CRLF leaves as CR CR LF, and a line "." behind the border of two 16 KB blocks is not stuffed: `transformChunk`
- STAT and LIST give stored octets and count deleted messages, LIST and UIDL list these: `do_STAT`, `do_LIST`, `do_UIDL`
- `UIDL n` answers without the number: `do_UIDL`
- TOP misses the end of a header that lies across two blocks: `do_TOP`
- CAPA says PIPELINE for PIPELINING, and capabilities that no RFC knows: `listCapabilities`
- a faulty command that was pipelined behind another one ends the answers to all that follow: `processCommand`
- no STLS: `do_STLS`
- each message waits for the client's delayed ACK: `connectionMade`
"""

from __future__ import annotations

import io
from typing import IO, Any

from twisted.cred.error import UnauthorizedLogin
from twisted.internet.protocol import ServerFactory
from twisted.mail import pop3

from cfml_pop.testing.knobs import Knobs
from cfml_pop.testing.maildrop import Maildrop, Session, stuffed, top

__all__ = ["Factory", "MailboxAdapter", "MendedPOP3"]


class MailboxAdapter(pop3.Mailbox):
    """A session's messages as Twisted asks for them. Only what `MendedPOP3` leaves to Twisted is here."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def listMessages(self, i: int | None = None) -> Any:
        if i is None:
            return [len(self.session.octets(index)) for index in self.session.present()]
        return len(self.session.octets(i))

    def getMessage(self, i: int) -> IO[Any]:
        return io.BytesIO(self.session.octets(i))

    def deleteMessage(self, i: int) -> None:
        self.session.mark(i)

    def undeleteMessages(self) -> None:
        self.session.reset()

    def sync(self) -> None:
        self.session.commit()


class MendedPOP3(pop3.POP3):
    """One connection."""

    factory: Factory
    # The greeting. Without a timestamp in angle brackets it offers no APOP (RFC 1939, section 7).
    magic: bytes = b"POP3 server ready"
    AUTH_CMDS = (*pop3.POP3.AUTH_CMDS, b"STLS")

    encrypted: bool = False
    receiving: bool = False
    dropping_plain: bool = False

    def connectionMade(self) -> None:
        self.transport.setTcpNoDelay(True)  # Twisted sends a message's last line by itself; it would wait 40 ms for an ACK
        super().connectionMade()

    def authenticateUserPASS(self, user: bytes, password: bytes) -> tuple[Any, MailboxAdapter, Any]:
        if (user, password) != (self.factory.user, self.factory.password):
            raise UnauthorizedLogin
        return pop3.IMailbox, MailboxAdapter(self.factory.maildrop.session()), lambda: None

    def listCapabilities(self) -> list[bytes]:
        capabilities = [b"TOP", b"UIDL", b"USER", b"PIPELINING"]
        if self.stls_possible():
            capabilities.append(b"STLS")
        return capabilities

    def processCommand(self, command: bytes, *args: bytes) -> Any:
        try:
            return super().processCommand(command, *args)
        except (ValueError, TypeError, pop3.POP3Error) as error:  # TypeError: a wrong number of arguments
            words = b"".join(error.args) if isinstance(error, pop3.POP3Error) else str(error).encode("ascii", "replace")
            self.failResponse(words if not isinstance(error, TypeError) else b"wrong number of arguments")
            return None

    # Lists

    def do_STAT(self) -> None:
        sizes = self.mbox.listMessages()
        self.successResponse(b"%d %d" % (len(sizes), sum(sizes)))

    def do_LIST(self, i: bytes | None = None) -> None:
        self.answer_list(i, lambda index: b"%d" % len(self.mbox.session.octets(index)))

    def do_UIDL(self, i: bytes | None = None) -> None:
        self.answer_list(i, lambda index: self.mbox.session.uid(index).encode("ascii"))

    def answer_list(self, number: bytes | None, value: Any) -> None:
        """One line for `number`, or a list of all messages that are not marked as deleted."""
        if number is not None:
            index = int(number) - 1
            self.successResponse(b"%d %b" % (index + 1, value(index)))
            return
        present = self.mbox.session.present()
        self.successResponse(b"%d messages" % len(present))
        lines = [b"%d %b\r\n" % (index + 1, value(index)) for index in present]
        self.transport.writeSequence([*lines, b".\r\n"])

    # Messages

    def do_RETR(self, i: bytes) -> Any:
        return self._sendMessageContent(i, lambda file: io.BytesIO(stuffed(file.read())), lambda size: b"%d octets" % size)

    def do_TOP(self, i: bytes, size: bytes) -> Any:
        lines = int(size)
        if lines < 0:
            raise ValueError("bad number of lines")
        return self._sendMessageContent(
            i, lambda file: io.BytesIO(stuffed(top(file.read(), lines))), lambda _: b"top of message follows"
        )

    def transformChunk(self, chunk: bytes) -> bytes:
        return chunk  # do_RETR and do_TOP have made the octets of the wire already, over the whole message

    # TLS

    def stls_possible(self) -> bool:
        return self.factory.stls_context is not None and not self.encrypted and self.mbox is None

    def do_STLS(self) -> None:
        if not self.stls_possible():
            self.failResponse(b"STLS is not possible now")
            return
        self.successResponse(b"begin TLS negotiation")
        self._userIs = None
        self.encrypted = True
        # What came in one block behind STLS was sent without TLS; whoever obeys it lets a stranger speak first (RFC 2595, 4).
        self.dropping_plain = self.receiving
        self._buffer = b""
        self.transport.startTLS(self.factory.stls_context)

    def dataReceived(self, data: bytes) -> None:
        self.receiving = True
        super().dataReceived(data)
        self.receiving = False
        if self.dropping_plain:
            self.dropping_plain = False
            self._buffer = b""

    def lineReceived(self, line: bytes) -> None:
        if not self.dropping_plain:
            super().lineReceived(line)


class Factory(ServerFactory):
    """What all connections share: the mailbox, who may open it, the TLS context for STLS (None: not offered), and the knobs."""

    protocol: type[MendedPOP3] = MendedPOP3
    noisy = False

    def __init__(self, maildrop: Maildrop, *, user: str, password: str, stls_context: Any, knobs: Knobs) -> None:
        self.maildrop = maildrop
        self.user: bytes = user.encode()
        self.password: bytes = password.encode()
        self.stls_context = stls_context
        self.knobs = knobs
        self.commands: list[str] = []
        self.connections: set[MendedPOP3] = set()
