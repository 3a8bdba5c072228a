"""Every exception of the package.

Rule: this module imports nothing of ours, so that every room may raise and catch what stands here.

All of them descend from `CfpopError`, and each also from the builtin that a Python programmer would catch anyway
(`ValueError`, `ConnectionError`, `TimeoutError`, `OSError`). A message says what happened, where, and what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = [
    "AttachmentError",
    "AttributeFault",
    "AuthenticationError",
    "CfpopError",
    "CommitError",
    "FunctionFault",
    "LimitExceeded",
    "MissingExtra",
    "NetworkError",
    "POP3Error",
    "PageExit",
    "TLSError",
    "Thrown",
    "TimeoutExpired",
]


class CfpopError(Exception):
    """Base of every error that this package raises.

    `message` is the text without the place. `template_name` and `lineno` are filled when the call stood in a template.
    `query` holds the rows that were complete when a reading call failed (else None), `numbers` the message numbers that
    the failure is about.
    """

    query: Any = None
    numbers: tuple[int, ...] = ()
    template_name: str | None = None
    lineno: int | None = None

    def __init__(self, message: str, *, numbers: Iterable[int] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.numbers = tuple(numbers)

    def __str__(self) -> str:
        if self.lineno is None:
            return self.message
        return f"{self.message}\n  File {self.template_name or '<template>'!r}, line {self.lineno}"

    def __reduce__(self) -> tuple[Any, ...]:
        # The default would call the class with the message alone and forget what subclasses were given.
        state = dict(self.__dict__)
        for name in ("errno", "filename"):  # OSError keeps these outside __dict__
            if getattr(self, name, None) is not None:
                state[name] = getattr(self, name)
        return _rebuild, (type(self), self.args, state)


def _rebuild(cls: type[CfpopError], args: tuple[Any, ...], state: dict[str, Any]) -> CfpopError:
    error = cls.__new__(cls, *args)
    error.args = args
    for name, value in state.items():
        setattr(error, name, value)
    return error


class POP3Error(CfpopError):
    """The server refused a command or broke the protocol.

    `command` is the keyword sent ("" for the greeting), `code` the response code of RFC 2449 without brackets
    ("IN-USE", "SYS/TEMP", "" where there was none), `text` the server's own words. No secret is in any of them.
    """

    def __init__(self, message: str, *, command: str = "", code: str = "", text: str = "", numbers: Iterable[int] = ()) -> None:
        super().__init__(message, numbers=numbers)
        self.command = command
        self.code = code
        self.text = text


class AuthenticationError(POP3Error):
    """The server did not accept the user name or the password, or a function of the host's `Connection` could not give one."""


class CommitError(POP3Error):
    """QUIT after deletes was refused or its answer was lost.

    `numbers` are the messages that were marked. `state` is "failed" when it is known that they were not all removed, and
    "unknown" when no answer came: then only a look into the mailbox tells (RFC 1939, section 6).
    """

    def __init__(
        self,
        message: str,
        *,
        state: str,
        command: str = "QUIT",
        code: str = "",
        text: str = "",
        numbers: Iterable[int] = (),
    ) -> None:
        super().__init__(message, command=command, code=code, text=text, numbers=numbers)
        self.state = state


class NetworkError(CfpopError, ConnectionError):
    """The connection could not be made, or it broke."""


class TLSError(NetworkError):
    """TLS could not be had, or the certificate did not hold. Nothing secret was sent."""


class TimeoutExpired(CfpopError, TimeoutError):
    """The time for the whole call, or the longest allowed silence, is over."""


class AttributeFault(CfpopError, ValueError):
    """One or more attributes are wrong. `faults` holds (attribute, text) pairs, all that were found."""

    def __init__(self, message: str, *, faults: Iterable[tuple[str, str]] = (), numbers: Iterable[int] = ()) -> None:
        super().__init__(message, numbers=numbers)
        self.faults: tuple[tuple[str, str], ...] = tuple(faults)


class FunctionFault(CfpopError, ValueError):
    """A CFML function, operator or tag got what it cannot take.

    `function` is its name, `argument` that of the argument ("" where it is about the call as a whole).
    """

    def __init__(self, message: str, *, function: str = "", argument: str = "", numbers: Iterable[int] = ()) -> None:
        super().__init__(message, numbers=numbers)
        self.function = function
        self.argument = argument


class Thrown(CfpopError):
    """What a page threw itself with cfthrow. `type` is its kind in CFML's sense; the other attributes are as it gave them."""

    def __init__(
        self,
        message: str,
        *,
        type: str = "application",  # noqa: A002 - CFML's name
        detail: str = "",
        errorcode: str = "",
        extendedinfo: str = "",
        numbers: Iterable[int] = (),
    ) -> None:
        super().__init__(message, numbers=numbers)
        self.type = type
        self.detail = detail
        self.errorcode = errorcode
        self.extendedinfo = extendedinfo


class PageExit(Exception):
    """Base for what a host's function raises to leave the page, as cflocation and cfabort do. cftry lets it pass."""


class AttachmentError(CfpopError, OSError):
    """An attachment, or the directory for it, could not be written. `filename` is the path."""

    def __init__(
        self, message: str, *, filename: str | None = None, errno: int | None = None, numbers: Iterable[int] = ()
    ) -> None:
        super().__init__(message, numbers=numbers)
        self.filename = filename
        self.errno = errno


class LimitExceeded(CfpopError):
    """The server sent more than a limit allows. `limit` is its name, `value` what it is set to; the text says how to raise it."""

    def __init__(self, message: str, *, limit: str, value: int, numbers: Iterable[int] = ()) -> None:
        super().__init__(message, numbers=numbers)
        self.limit = limit
        self.value = value


class MissingExtra(CfpopError, ImportError):
    """A library that an extra of this package brings is not installed. The message says how to install it."""
