"""What each action does, from the first command to QUIT.

Rule: generators only. No socket, no Jinja, no clock. Which messages are meant is decided once, before any is read or deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cfml_pop.cfml.attributes import DELETE, GET_ALL, GET_HEADER_ONLY, MARK_READ, Call
from cfml_pop.cfml.dialect import Dialect, find_dialect
from cfml_pop.cfml.query import Cells, Query
from cfml_pop.cfml.values import comparable
from cfml_pop.errors import AttachmentError, CfpopError, LimitExceeded, NetworkError, POP3Error
from cfml_pop.pop3 import requests
from cfml_pop.pop3.asking import ask_credentials
from cfml_pop.pop3.dialogue import Dialogue
from cfml_pop.pop3.effects import Close, Steps
from cfml_pop.pop3.limits import Limits
from cfml_pop.pop3.login import login
from cfml_pop.pop3.requests import Request
from cfml_pop.pop3.wire import OutOfStep
from cfml_pop.progress import Meter, Tell
from cfml_pop.row import RowBuilder, Sink
from cfml_pop.selection import refuse_numbers, refuse_twins, refuse_unselected_delete, refuse_window
from cfml_pop.settings import Settings

__all__ = ["operate"]

FEW = 10
"""Up to a tenth of the mailbox is asked for message by message; for more, one LIST and one UIDL of everything are shorter."""

_SETTING = {"message": "message_limit", "list_entries": "list_limit", "list_octets": "list_limit"}


def operate(call: Call, settings: Settings, builder: RowBuilder, progress: Tell | None = None) -> Steps[Query]:
    """The whole of one call: connect, log in, select, act, QUIT. Ends with the Query.

    Raises AttributeFault before anything is sent when a delete names no messages. What goes wrong while messages are read is
    raised with `error.query` holding the rows that are complete, unless `settings.partial`. `progress` is told how far it is.
    """
    refuse_unselected_delete(call, settings)
    return (yield from _Operation(call, settings, builder, progress).run())


class _Operation:
    """The state of one call. A second connection, where one is made, goes on with it."""

    def __init__(self, call: Call, settings: Settings, builder: RowBuilder, progress: Tell | None) -> None:
        self.call = call
        self.settings = settings
        self.builder = builder
        self.meter = None if progress is None else Meter(progress)
        self.dialect: Dialect = find_dialect(settings.dialect)
        self.whole = call.action == GET_ALL or builder.saving
        self.dialogue = Dialogue()
        self.chosen: list[int] | None = None
        self.sizes: dict[int, int] = {}
        self.uids: dict[int, str] = {}
        self.rows: dict[int, Cells] = {}
        self.sinks: dict[int, Sink] = {}
        self.failures: dict[int, CfpopError] = {}
        self.deleting = False
        self.marked: set[int] = set()
        self.again = False
        self.top_refused = False

    def run(self) -> Steps[Query]:
        try:
            again: CfpopError | None = None
            try:
                query = yield from self._session(self.settings.pipelining)
            except OutOfStep as error:
                # What is told is the broken connection itself, where that was it.
                again = error.__cause__ if isinstance(error.__cause__, CfpopError) else error
            if again is not None:
                if not self._may_reconnect():
                    raise again
                yield Close()
                self.again = True
                query = yield from self._session(pipelining=False)
        except CfpopError as error:
            # A delete or an attribute fault has no rows to give; a failed login has none either.
            if self.chosen is None or self.call.action not in (GET_HEADER_ONLY, GET_ALL):
                raise
            return self._settle(error)
        return query

    # -- one connection ------------------------------------------------------------------------------------------------------

    def _session(self, pipelining: bool | None) -> Steps[Query]:
        settings, call = self.settings, self.call
        limits = Limits(
            message=settings.message_limit,
            list_entries=settings.list_limit,
            list_octets=max(Limits().list_octets, 64 * settings.list_limit),  # who allows more entries wants them to fit
        )
        self.dialogue = Dialogue(limits, pipelining=pipelining)
        cleartext = call.server.lower() in {host.lower() for host in settings.cleartext_servers}
        # A template that names a stored connection does not know its host, and is not told by an error.
        label = f"connection {call.connection!r}" if call.connection else ""
        yield from self.dialogue.connect(call.server, call.port, secure=call.secure, cleartext=cleartext, label=label)
        numbers = yield from (self._select() if self.chosen is None else self._find_again(self.chosen))
        self.chosen = numbers
        if self.meter is not None:
            self.meter.begin(numbers, self.sizes if self.whole or call.action == MARK_READ else {})
        query = yield from _ACTIONS[call.action](self, numbers)
        yield from self.dialogue.quit()
        return query

    def _may_reconnect(self) -> bool:
        """Whether nothing was marked for deletion, and what was done already can be found again by its uids."""
        if self.deleting:
            return False
        if self.chosen is None or not (self.rows or self.marked):
            # Nothing was done yet: begin anew, and keep nothing that the first connection said.
            self.chosen = None
            self.sizes, self.uids, self.sinks, self.failures = {}, {}, {}, {}
            self.top_refused = False
            return True
        known = [self.uids.get(number, "") for number in self.chosen]
        return all(known) and len(set(known)) == len(known)

    def _login(self, *then: Request[Any]) -> Steps[dict[str, Any]]:
        """Log in with `then` behind it. Ends with the answers by keyword; a refused STAT is raised."""
        answers: dict[str, Any] = {}

        def keep(request: Request[Any], outcome: object) -> None:
            if isinstance(outcome, POP3Error) and request.keyword == "STAT":
                raise outcome
            answers[request.keyword] = outcome

        stored = self.settings.connections.get(self.call.connection or "")
        secrets = (self.call.password, None) if stored is None else (stored.password, stored.token)
        credentials = yield from ask_credentials(self.call.username, *secrets, f"the connection {self.call.connection!r}")
        yield from login(self.dialogue, credentials, then, keep)
        return answers

    # -- which messages ------------------------------------------------------------------------------------------------------

    def _select(self) -> Steps[list[int]]:
        """The numbers of the messages meant, with their sizes and uids."""
        call = self.call
        if call.uids is not None:
            return (yield from self._select_by_uid(call.uids))
        if call.numbers is None and call.maxrows < 0:
            answers = yield from self._login(requests.stat(), requests.list_all(), requests.uidl_all())
            self.uids = {} if isinstance(answers["UIDL"], POP3Error) else answers["UIDL"]
            if isinstance(answers["LIST"], POP3Error):  # no sizes then; which messages there are, STAT says as well
                refuse_window(self.call, self.dialect, answers["STAT"][0])
                return list(range(call.startrow, answers["STAT"][0] + 1))
            self.sizes = answers["LIST"]
            if len(self.sizes) < answers["STAT"][0] and not self.settings.partial:
                # Pages read and then delete, so a message passed over would be lost mail.
                raise POP3Error(
                    f"the server counts {answers['STAT'][0]} messages and lists {len(self.sizes)}; try again, or select by "
                    "messagenumber or uid",
                    command="LIST",
                )
            refuse_window(self.call, self.dialect, len(self.sizes))
            return sorted(self.sizes)[call.startrow - 1 :]
        answers = yield from self._login(requests.stat())
        count: int = answers["STAT"][0]
        if call.numbers is not None:
            refuse_numbers(self.call, self.dialect, count)
            numbers = [number for number in call.numbers if number <= count]
        else:
            refuse_window(self.call, self.dialect, count)
            numbers = list(range(call.startrow, min(call.startrow + call.maxrows, count + 1)))
        yield from self._describe(numbers, count)
        return numbers

    def _select_by_uid(self, wanted: tuple[str, ...]) -> Steps[list[int]]:
        if not wanted:
            yield from self._login(requests.stat())
            return []
        answers = yield from self._login(requests.stat(), requests.uidl_all())
        if isinstance(answers["UIDL"], POP3Error):
            raise POP3Error(
                f"uid= cannot be used: the server has no UIDL ({answers['UIDL'].text or 'refused'}); use messagenumber=. "
                "Nothing was done",
                command="UIDL",
                text=answers["UIDL"].text,
            )
        self.uids = answers["UIDL"]
        acting = self.call.action in (DELETE, MARK_READ)
        if self.dialect.uids == "cfml" and not acting:
            alike = frozenset(map(comparable, wanted))
            numbers = sorted(number for number, uid in self.uids.items() if comparable(uid) in alike)
        else:
            asked = frozenset(wanted)
            numbers = sorted(number for number, uid in self.uids.items() if uid in asked)
        if acting:  # before numbers narrow it: a uid that two messages carry is an error in every dialect
            refuse_twins(numbers, self.uids)
        if self.call.numbers is not None:  # in a dialect where both select
            refuse_numbers(self.call, self.dialect, answers["STAT"][0])
            found = frozenset(numbers)
            numbers = [number for number in self.call.numbers if number in found]
        yield from self._describe(numbers, answers["STAT"][0])
        return numbers

    def _describe(self, numbers: list[int], count: int) -> Steps[None]:
        """Sizes and uids of the chosen, where they are not known yet."""
        if not numbers:
            return
        # On a second connection nothing is pipelined, and a server may have been unable to answer for one message.
        singly = len(numbers) * FEW < count and not self.again
        asked: list[Request[Any]] = []
        if not self.uids:
            asked += [requests.uidl_one(number) for number in numbers] if singly else [requests.uidl_all()]
        if self.call.action != DELETE:
            asked += [requests.list_one(number) for number in numbers] if singly else [requests.list_all()]

        def keep(request: Request[Any], outcome: Any) -> None:
            if isinstance(outcome, POP3Error):
                return  # no UIDL on this server, or no size for this message: the columns say so
            known = self.uids if request.keyword == "UIDL" else self.sizes
            known.update({request.number: outcome} if request.number else outcome)

        yield from self.dialogue.batch(asked, keep)

    def _find_again(self, chosen: list[int]) -> Steps[list[int]]:
        """On a second connection: the same messages, which must still carry the same uids."""
        before = dict(self.uids)
        answers = yield from self._login(requests.stat(), requests.uidl_all())
        now = answers["UIDL"]
        if isinstance(now, POP3Error) or any(now.get(number) != before[number] for number in chosen):
            raise POP3Error(
                "the connection got out of step, and on a new one the mailbox was no longer the same; try the call again",
                command="UIDL",
            )
        return chosen

    # -- reading -------------------------------------------------------------------------------------------------------------

    def _read(self, numbers: list[int]) -> Steps[Query]:
        """The header, or the whole message, of each; rows are built as messages come."""
        self.failures.clear()  # a second connection asks again for what the first refused
        todo = [number for number in dict.fromkeys(numbers) if number not in self.rows]
        yield from self.dialogue.batch(self._reading(todo), self._told(self._was_read))
        again = [number for number in todo if number not in self.rows and number not in self.failures]
        if again:  # TOP was refused for them
            self._refuse_expiring("the server refuses TOP, and")
            yield from self.dialogue.batch(self._reading(again, whole=True), self._told(self._was_read))
        if self.failures and not self.settings.partial:
            yield from self.dialogue.quit()
            first = next(iter(self.failures.values()))
            first.numbers = tuple(self.failures)
            raise first
        return self._query()

    def _reading(self, numbers: Iterable[int], *, whole: bool = False) -> Iterator[Request[Any]]:
        for number in numbers:
            if whole or self.top_refused or self.whole:
                size = self.sizes.get(number, 0)
                sink = self.sinks[number] = self.builder.sink(size)
                yield requests.retr(number, self._watched(number, sink.write), size)
            else:
                sink = self.sinks[number] = self.builder.sink()
                yield requests.top(number, 0, self._watched(number, sink.write))

    def _watched(self, number: int, write: Callable[[bytes], object]) -> Callable[[bytes], object]:
        return write if self.meter is None else self.meter.watched(number, write)

    def _told(self, answer: Callable[[Request[Any], Any], object]) -> Callable[[Request[Any], Any], object]:
        return answer if self.meter is None else self.meter.after(answer)

    def _was_read(self, request: Request[Any], outcome: int | POP3Error) -> None:
        number = request.number
        sink = self.sinks.pop(number)
        if isinstance(outcome, POP3Error):
            sink.discard()
            if request.keyword == "TOP":
                if not self.rows:
                    self._refuse_expiring("the server refuses TOP, and")
                # TOP is optional (RFC 1939, section 7). Refused for the first message, it is not asked for the others.
                self.top_refused = self.top_refused or not self.rows
            else:
                self.failures[number] = outcome
            return
        try:
            self.rows[number] = self._row(number, sink)
        except (AttachmentError, LimitExceeded) as error:
            error.numbers = (number,)
            if not self.settings.partial:
                raise
            self.rows[number] = self._row(number, sink, save=False, defects=(error.message,))

    def _row(self, number: int, sink: Sink, *, save: bool = True, whole: bool = True, defects: tuple[str, ...] = ()) -> Cells:
        uid, size = self.uids.get(number, ""), self.sizes.get(number)
        return self.builder.build(sink, number=number, size=size, uid=uid, save=save, whole=whole, defects=defects)

    def _query(self) -> Query:
        """The rows there are, in the order chosen; under `partial` a row for each that failed as well."""
        if self.settings.partial:
            for number, failure in self.failures.items():
                sink = self.sinks.get(number) or self.builder.sink()
                self.rows[number] = self._row(number, sink, save=False, whole=False, defects=(failure.message,))
        rows = [self.rows[number] for number in self.chosen or () if number in self.rows]
        return Query(self.builder.columns, rows, style=self.dialect.style)

    def _settle(self, error: CfpopError) -> Query:
        """Reading stopped: raise with the complete rows, or, under `partial`, give a row with the reason for each other one."""
        missing = [number for number in self.chosen or () if number not in self.rows]
        # An attachment that cannot be saved is a row already; here the spool file is full.
        cut = isinstance(error, (NetworkError, POP3Error, TimeoutError, AttachmentError))
        if self.settings.partial and cut:
            self.failures = {number: self.failures.get(number, error) for number in missing}
            return self._query()
        error.query = self._query()
        if error.numbers:
            error.message += f" (at message {error.numbers[0]})"
        if isinstance(error, LimitExceeded) and error.limit in _SETTING:
            error.message += f"; Settings({_SETTING[error.limit]}=...) allows more"
        error.numbers = tuple(missing) or error.numbers
        raise error

    # -- deleting and marking ------------------------------------------------------------------------------------------------

    def _delete(self, numbers: list[int]) -> Steps[Query]:
        self.deleting = True
        yield from self.dialogue.delete(sorted(set(numbers)), self._told(lambda _request, _outcome: None))
        return self._done(numbers)

    def _mark_read(self, numbers: list[int]) -> Steps[Query]:
        """RETR is what marks a message read on real servers (POP3 has no command for it), and RSET would undo it."""
        self._refuse_expiring("markRead retrieves messages, and")

        def marked(request: Request[Any], outcome: object) -> None:
            if isinstance(outcome, POP3Error):
                raise outcome
            self.marked.add(request.number)

        def forget(_piece: bytes) -> None:
            """The octets are not wanted."""

        todo = [number for number in dict.fromkeys(numbers) if number not in self.marked]
        yield from self.dialogue.batch(
            (requests.retr(n, self._watched(n, forget), self.sizes.get(n, 0)) for n in todo), self._told(marked)
        )
        return self._done(numbers)

    def _refuse_expiring(self, why: str) -> None:
        """RFC 2449, section 6.7: a server that announces EXPIRE 0 may delete what was retrieved."""
        if self.dialogue.capabilities.get("EXPIRE", ())[:1] == ("0",):
            raise POP3Error(f"{why} EXPIRE 0 says that it may delete what is retrieved; nothing was retrieved", command="RETR")

    def _done(self, numbers: list[int]) -> Query:
        rows = [{"messagenumber": number, "uid": self.uids.get(number, "")} for number in dict.fromkeys(numbers)]
        return Query(("messagenumber", "uid"), rows, quiet=True)


_ACTIONS: dict[str, Callable[[_Operation, list[int]], Steps[Query]]] = {
    GET_HEADER_ONLY: _Operation._read,
    GET_ALL: _Operation._read,
    DELETE: _Operation._delete,
    MARK_READ: _Operation._mark_read,
}
