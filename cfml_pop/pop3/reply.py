"""Status lines and list lines: from octets to values.

Rule: nothing here waits or reads; a line comes in, a value or a `POP3Error` goes out.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

from cfml_pop.errors import POP3Error

__all__ = [
    "Capabilities",
    "Reply",
    "parse_capabilities",
    "parse_list_line",
    "parse_reply",
    "parse_stat",
    "parse_uidl_line",
    "plain_sizes",
    "plain_uids",
    "printable",
]

# RFC 1939, section 3: "+OK" and "-ERR", upper case. Lower case is read as well; "+OKAY" or "+ERR" is not a status.
# RFC 1957 tells of clients that failed on "+OK" without a blank behind it, so none is asked for.
_STATUS = re.compile(rb"(\+OK|-ERR)(?![0-9A-Za-z])[ \t]*(.*)", re.DOTALL | re.IGNORECASE)

# RFC 2449, section 8: a response code stands in brackets at the start of the text; levels are divided by "/".
_CODE = re.compile(r"\[([!-.0-Z\\^-~]+(?:/[!-.0-Z\\^-~]+)*)\][ \t]*(.*)", re.DOTALL)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")

_NUMBER = re.compile(rb"[0-9]{1,19}(?![0-9])")  # 19 digits fit every 63-bit counter; more is no number of this world


@dataclasses.dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the server; its truth is `ok`.

    `text` is what stands behind the status and the code, as one line of readable text, `lines` the lines of a multi-line answer
    as they were sent, without their ends. `code` is the response code of RFC 2449 without brackets, "" where there was none.
    `octets` is the text as it was sent, for answers that are values: a uid must not be made readable.
    """

    ok: bool
    text: str
    lines: tuple[bytes, ...] = ()
    code: str = ""
    octets: bytes = dataclasses.field(default=b"", compare=False, repr=False)

    def __bool__(self) -> bool:
        return self.ok


_OK = Reply(ok=True, text="")


def printable(octets: bytes) -> str:
    """The server's words as one line of text: UTF-8, else Latin-1, control and direction characters as blanks."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
    return _CONTROL.sub(" ", text).strip()


def parse_reply(line: bytes, command: str) -> Reply:
    """Read a status line (without its line end). Raises POP3Error when it is none: then the dialogue is out of step."""
    if line == b"+OK":  # the answer to thousands of TOP
        return _OK
    match = _STATUS.match(line)
    if match is None:
        what = f"in answer to {command}" if command else "as its greeting"
        raise POP3Error(
            f"the server sent no POP3 status {what}, but {printable(line[:200])!r}; is this a POP3 port?",
            command=command,
            text=printable(line[:200]),
        )
    text = printable(match[2])
    code = _CODE.match(text)
    if code is not None:
        return Reply(match[1][:1] == b"+", code[2], code=code[1].upper(), octets=match[2])
    return Reply(match[1][:1] == b"+", text, octets=match[2])


def _numbers(line: bytes, count: int) -> list[int] | None:
    """The first `count` decimal numbers of a line, or None."""
    words = line.split(None, count)[:count]
    if len(words) < count or not all(_NUMBER.fullmatch(word) for word in words):
        return None
    return [int(word) for word in words]


def parse_stat(octets: bytes) -> tuple[int, int]:
    """`(messages, octets)` of a STAT reply's text; more text may follow (RFC 1939, section 5)."""
    numbers = _numbers(octets, 2)
    if numbers is None:
        text = printable(octets[:80])
        raise POP3Error(f"the server's answer to STAT is not two numbers: {text!r}", command="STAT", text=text)
    return numbers[0], numbers[1]


def parse_list_line(line: bytes) -> tuple[int, int] | None:
    """`(number, size)` of a line of LIST; None when the line says something else."""
    numbers = _numbers(line, 2)
    return None if numbers is None or numbers[0] < 1 else (numbers[0], numbers[1])


# Lines of LIST and UIDL as all but a few servers write them.
_SIZES = re.compile(rb"^([1-9][0-9]{0,18}) ([0-9]{1,19})\r$", re.MULTILINE)
_UIDS = re.compile(rb"^([1-9][0-9]{0,18}) ([!-~]+)\r$", re.MULTILINE)


def plain_sizes(lines: bytes) -> list[tuple[int, int]]:
    """What `parse_list_line` gives for each of many lines, of those that are plain."""
    return [(int(number), int(size)) for number, size in _SIZES.findall(lines)]


def plain_uids(lines: bytes) -> list[tuple[int, str]]:
    """What `parse_uidl_line` gives for each of many lines, of those that are plain."""
    return [(int(number), uid.decode("ascii")) for number, uid in _UIDS.findall(lines)]


def parse_uidl_line(line: bytes) -> tuple[int, str] | None:
    """`(number, uid)` of a line of UIDL; None when the line says something else.

    RFC 1939, section 7 wants one blank and a uid of 0x21 to 0x7E. Servers with several blanks, and with other octets, exist: the
    uid is the rest of the line. It is decoded as Latin-1, which every output can carry, and in which two uids never become one.
    """
    words = line.split(None, 1)
    if not words or not _NUMBER.fullmatch(words[0]) or int(words[0]) < 1:
        return None
    return int(words[0]), words[1].rstrip().decode("latin-1") if len(words) == 2 else ""


class Capabilities(dict[str, tuple[str, ...]]):
    """What CAPA announced: tag in upper case -> its arguments. Empty when the server does not know CAPA."""


def parse_capabilities(lines: Iterable[bytes]) -> Capabilities:
    """Read the lines of a CAPA reply (RFC 2449, section 5). Of a repeated tag the last line counts."""
    found = Capabilities()
    for line in lines:
        words = printable(line).split()
        if words:
            found[words[0].upper()] = tuple(words[1:])
    return found
