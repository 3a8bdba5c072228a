"""The dialogue: connecting, TLS, login, requests one by one or pipelined, deleting and leaving.

Rule: everything here is a generator of effects. What may be sent in which order is decided here and nowhere else;
whoever runs the generator only carries octets.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from cfml_pop.errors import CfpopError, CommitError, NetworkError, POP3Error, TimeoutExpired, TLSError
from cfml_pop.pop3 import requests
from cfml_pop.pop3.effects import Connect, Grace, Peer, StartTLS, Steps
from cfml_pop.pop3.limits import Limits
from cfml_pop.pop3.reply import Capabilities, Reply, parse_reply, printable
from cfml_pop.pop3.requests import Request
from cfml_pop.pop3.wire import OutOfStep, Trace, Wire
from cfml_pop.secret import Secret

__all__ = ["QUIT_SECONDS", "Dialogue"]

T = TypeVar("T")

QUIT_SECONDS = 10.0
"""What QUIT may take by itself: a server removes messages then, and to give up early means not to know."""

PARTING_SECONDS = 2.0
"""What QUIT may take at most when nothing was deleted; nothing hangs on it then."""

WINDOW = {"TOP": 1024, "RETR": 256}
"""Requests under way at most; others 1024. Answers to TOP are small: at 20 ms a window of 256 already halves their speed."""

WINDOW_OCTETS = 32 * 1024 * 1024
"""Expected octets under way at most, so that giving up does not leave the server with gigabytes to send."""

RAMP = 16
"""The window starts at 1 and grows by this factor: the first answer shows whether the framing holds before much is asked."""


class Dialogue:
    """One POP3 session, from the greeting to QUIT.

    `pipelining`: None as the server announces, False never. `trace` is called with ">" or "<" and a line without secrets.
    `capabilities` are those of the state the session is in. `encrypted`: TLS; `private`: TLS or loopback; `certificate`: the
    server's, in DER.
    """

    def __init__(self, limits: Limits | None = None, *, pipelining: bool | None = None, trace: Trace | None = None) -> None:
        self.limits: Limits = limits or Limits()
        self.capabilities: Capabilities = Capabilities()
        self.wire: Wire = Wire(trace, self.limits.session)
        self._trace = trace
        self.deleted: list[int] = []
        self.server: str = ""
        self.greeting: str = ""
        self.encrypted: bool = False
        self.certificate: bytes | None = None
        self._allow_pipelining = pipelining is not False
        self.private: bool = False
        self._hidden: list[bytes] = []
        self._begun: deque[Request[Any]] = deque()

    @property
    def pipelining(self) -> bool:
        """Whether commands may be sent before earlier ones are answered (RFC 2449, section 6.6)."""
        return self._allow_pipelining and "PIPELINING" in self.capabilities

    # -- requests ------------------------------------------------------------------------------------------------------------

    def _reply(self, command: str) -> Steps[Reply]:
        # Nothing here is kept in a local variable before it is known to hold no secret.
        return parse_reply(self._shown((yield from self.wire.status(self.limits.reply_line, command)), command), command)

    def _shown(self, line: bytes, command: str) -> bytes:
        """The status line, without its words where they repeat a secret: these would go on into error texts and logs.

        Positive answers to other commands than those of the login are values, in which a short password may stand by chance.
        """
        quoted = command in ("USER", "PASS", "AUTH", "APOP") or line[:3].upper() != b"+OK"
        if quoted and any(secret in line for secret in self._hidden):
            status = next((token for token in (b"+OK", b"-ERR") if line.upper().startswith(token)), b"?")
            line = status + b" (the server's words held the password and are not shown)"
        if self._trace is not None:
            self._trace("<", printable(line))
        return line

    def _outcome(self, request: Request[T]) -> Steps[T | POP3Error]:
        """The answer to a request that was sent; a refusal is given as an error, not raised."""
        wire, keyword = self.wire, request.keyword
        # As `_reply`, without a generator more for each of thousands. The line is in no variable here either.
        reply = parse_reply(self._shown((yield from wire.status(self.limits.reply_line, keyword)), keyword), keyword)
        outcome = (
            (yield from request.read(wire, reply, self.limits)) if reply.ok else self.refused(keyword, reply, request.number)
        )
        wire.answered()
        return outcome

    def refused(self, keyword: str, reply: Reply, number: int = 0) -> POP3Error:
        """The error for a negative answer to `keyword`, which was about message `number` (0: none)."""
        about = f"{keyword} {number}" if number else keyword
        code = f"[{reply.code}] " if reply.code else ""
        return POP3Error(
            f"{self.server} refused {about}: {code}{reply.text or '(no reason given)'}",
            command=keyword,
            code=reply.code,
            text=reply.text,
            numbers=(number,) if number else (),
        )

    def hide(self, secret: Secret) -> None:
        """From now on no words of the server that hold this are shown."""
        if secret:
            self._hidden.append(secret.reveal().encode("utf-8", "surrogateescape"))

    def begin(self, request: Request[Any]) -> None:
        """Send a request whose answer is read later, by `finish`, in the order of sending."""
        self.wire.send(request.keyword, *request.arguments)
        self._begun.append(request)

    def finish(self, request: Request[T]) -> Steps[T | POP3Error]:
        """The answer to a request that was begun, which is the oldest."""
        self._begun.popleft()
        return (yield from self._outcome(request))

    def skip_answers(self) -> Steps[None]:
        """Read the answers to all that was begun."""
        while self._begun:
            yield from self.finish(self._begun[0])

    def sasl_reply(self) -> Steps[Reply | bytes]:
        """The answer to AUTH or to a response: a Reply, or the octets of a challenge, still in base64 (RFC 5034, section 4)."""
        line = self._shown((yield from self.wire.status(self.limits.challenge, "AUTH")), "AUTH")
        self.wire.answered()
        return line[2:] if line[:1] == b"+" and line[1:2] in (b"", b" ") else parse_reply(line, "AUTH")

    def attempt(self, request: Request[T]) -> Steps[T | POP3Error]:
        """Send one request and give its answer, or the POP3Error of its refusal."""
        self.wire.send(request.keyword, *request.arguments)
        return (yield from self._outcome(request))

    def ask(self, request: Request[T]) -> Steps[T]:
        """Send one request and give its answer; a refusal is raised."""
        outcome = yield from self.attempt(request)
        if isinstance(outcome, POP3Error):
            raise outcome
        return outcome

    def batch(self, requests: Iterable[Request[Any]], answer: Callable[[Request[Any], Any], object]) -> Steps[None]:
        """Send requests ahead of their answers and call `answer(request, result or POP3Error)` for each, in order.

        `requests` may be a generator that looks at earlier answers. Without pipelining it is one request at a time.
        Raises OutOfStep when the answers stop making sense: then a new connection without pipelining may still work.
        """
        source = iter(requests)
        under_way: deque[Request[Any]] = deque()
        window, octets, ended, ahead = 1, 0, False, False
        while True:
            if len(under_way) <= window // 2:  # refill by halves, so that commands leave in few segments
                while not ended and len(under_way) < window and (octets <= WINDOW_OCTETS or not under_way):
                    request = next(source, None)
                    if request is None:
                        ended = True
                        break
                    self.wire.send(request.keyword, *request.arguments)
                    under_way.append(request)
                    octets += request.octets
                if not under_way:
                    return
                ahead = ahead or len(under_way) > 1
                if self.pipelining:
                    window = min(window * RAMP, WINDOW.get(under_way[-1].keyword, WINDOW["TOP"]))
            request = under_way.popleft()
            octets -= request.octets
            try:
                outcome = yield from self._outcome(request)
            except (NetworkError, POP3Error) as error:
                error.numbers = error.numbers or ((request.number,) if request.number else ())
                if not ahead or isinstance(error, TLSError):
                    raise
                # Some servers announce PIPELINING and then mix up answers, or hang up on a batch.
                raise OutOfStep(
                    f"{error.message} (while {len(under_way)} more commands were under way)",
                    command=request.keyword,
                    numbers=error.numbers,
                ) from error
            answer(request, outcome)

    # -- from connecting to QUIT ---------------------------------------------------------------------------------------------

    def connect(
        self, host: str, port: int, *, secure: bool, cleartext: bool = False, socket: Any = None, label: str = ""
    ) -> Steps[None]:
        """Connect (or take over a connected `socket`), read the greeting, ask for capabilities and make the channel private.

        `secure`: TLS from the first octet. Else STLS is taken when it is offered (RFC 2595); where it is not, only a loopback
        connection or `cleartext` goes on without TLS. Raises TLSError otherwise: nothing secret was sent. Errors speak of
        `label`, where one is given, instead of host and port.
        """
        self.wire = Wire(self._trace, self.limits.session)
        self.capabilities = Capabilities()
        self.server = label or f"{host}:{port}"
        peer: Peer = yield Connect(host, port, secure, socket, label)
        greeting = yield from self._reply("")
        self.wire.answered()
        self.greeting = greeting.text
        self.encrypted, self.certificate = secure, peer.certificate
        if not greeting:
            code = f"[{greeting.code}] " if greeting.code else ""
            raise POP3Error(f"{self.server} refused the session: {code}{greeting.text}", code=greeting.code, text=greeting.text)
        yield from self.learn()
        if secure:
            self.private = True
        elif "STLS" in self.capabilities:
            yield from self.start_tls(host)
        else:
            self.private = peer.loopback
            if not (peer.loopback or cleartext):
                raise TLSError(
                    f'{self.server} offers no TLS (no STLS), so the password was not sent. Write secure="yes" (port 995), '
                    f"or name the host in Settings(cleartext_servers=[{host!r}]) to send it in clear"
                )

    def start_tls(self, host: str) -> Steps[None]:
        """STLS, the handshake, and the capabilities anew (RFC 2595, section 4)."""
        outcome = yield from self.attempt(requests.stls())
        if isinstance(outcome, POP3Error):
            raise TLSError(f"{self.server} offers STLS but refused it: {outcome.text}; the password was not sent")
        if self.wire.unread:
            # RFC 2595, section 4 lets nothing stand between this answer and the handshake. Octets that came in clear would be
            # taken for answers of the protected session: somebody on the way put them there.
            raise TLSError(
                f"{self.server} sent {self.wire.unread} octets in clear behind its answer to STLS; the password was not sent"
            )
        self.certificate = yield StartTLS(host)
        self.encrypted = self.private = True
        self.capabilities = Capabilities()
        yield from self.learn()

    def learn(self) -> Steps[None]:
        """CAPA: what the server can do in this state. Empty when it does not know CAPA."""
        outcome = yield from self.attempt(requests.capa())
        self.capabilities = Capabilities() if isinstance(outcome, POP3Error) else outcome

    def delete(self, numbers: Iterable[int], then: Callable[[Request[Any], Any], object] = lambda *_: None) -> Steps[None]:
        """Mark messages for deletion, and call `then(request, answer)` for each. The first refusal is raised, and then nothing
        will be deleted unless QUIT is sent."""

        def marked(request: Request[Any], outcome: object) -> None:
            if isinstance(outcome, POP3Error):
                raise outcome
            self.deleted.append(request.number)
            then(request, outcome)

        yield from self.batch((requests.dele(number) for number in numbers), marked)

    def quit(self) -> Steps[None]:
        """Leave. After deletes the answer decides: a refused or lost one is a CommitError (RFC 1939, section 6).

        Without deletes nothing hangs on it, so whatever happens then is passed over.
        """
        yield Grace(QUIT_SECONDS) if self.deleted else Grace(PARTING_SECONDS, at_most=True)
        try:
            outcome = yield from self.attempt(requests.quit_())
        except OutOfStep as error:
            if self.deleted:  # raised before QUIT left
                raise CommitError(
                    f"{error.message}, so QUIT was not sent: messages {_some(self.deleted)} are not deleted",
                    state="failed",
                    numbers=self.deleted,
                ) from error
            return
        except (CfpopError, OSError) as error:
            if not self.deleted:
                return
            text = "no answer in time" if isinstance(error, TimeoutExpired) else str(error)
            raise CommitError(
                f"{self.server} was told to delete messages {_some(self.deleted)}, but its answer to QUIT was lost ({text}): "
                "they may be deleted or still there; look into the mailbox before you repeat it",
                state="unknown",
                numbers=self.deleted,
            ) from error
        if isinstance(outcome, POP3Error) and self.deleted:
            raise CommitError(
                f"{self.server} did not delete all of messages {_some(self.deleted)}: {outcome.text}",
                state="failed",
                code=outcome.code,
                text=outcome.text,
                numbers=self.deleted,
            )
        self.deleted.clear()


def _some(numbers: list[int]) -> str:
    """The numbers for an error text; a thousand of them help nobody."""
    shown = ", ".join(map(str, numbers[:10]))
    return shown if len(numbers) <= 10 else f"{shown} and {len(numbers) - 10} more"
