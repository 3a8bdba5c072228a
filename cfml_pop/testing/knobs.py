"""What a test can have the embedded server do: wait, refuse, drop, and know less.

Rule: a knob is a table from a command to what happens at it. It is checked here, before any server sees it, and the protocol only
looks it up; so this module needs no Twisted, and a new command is a word in a tuple.

A key is a command of POP3 alone ("RETR": every RETR) or with its argument ("RETR 2", which wins); in any case. "connect" stands
for the greeting, "login" for every command that logs in.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterable, Mapping
from typing import TypedDict

__all__ = ["IN_USE", "Knobs", "knobs", "look_up", "starred"]

COMMANDS = ("CAPA", "STLS", "USER", "PASS", "APOP", "AUTH", "STAT", "LIST", "UIDL", "RETR", "TOP", "DELE", "NOOP", "RSET", "QUIT")
LOGIN = ("PASS", "APOP", "AUTH")
KEYS = ("connect", "login", *COMMANDS)

OPTIONAL = ("CAPA", "PIPELINING", "TOP", "UIDL")
"""What a server may lack: the optional commands of RFC 1939, section 7, and what RFC 2449 added."""

IN_USE = "in-use"
"""A refusal of its own name: the login fails because another session holds the mailbox (RFC 1939, section 4; RFC 2449, 8.1.2)."""

TEXTS = {
    "CONNECT": "too many connections, try again later",
    **dict.fromkeys(LOGIN, "[AUTH] authentication failed"),
    "RETR": "the message cannot be read",
    "TOP": "the message cannot be read",
    "DELE": "the mailbox is read-only",
    "QUIT": "some deleted messages not removed",
}
"""What -ERR says unless the test says it. The last is the wording of RFC 1939, section 6."""

VISIBLE = {"PASS": 1, "APOP": 2, "AUTH": 2}
"""How many words of a command may be shown; what follows is a secret."""


class Knobs(TypedDict):
    """All knobs, checked, as they travel to the child process: keys in upper case, "" for every command."""

    latency: dict[str, float]
    refuse: dict[str, str]
    drop: dict[str, str]
    drop_after: int | None
    without: list[str]


def knobs(
    *,
    latency: float | Mapping[str, float] = 0.0,
    refuse: str | Iterable[str] | Mapping[str, str] = (),
    drop: str | Iterable[str] = (),
    drop_after: int | None = None,
    without: str | Collection[str] = (),
) -> Knobs:
    """The knobs, checked. ValueError for a command that is none, for a wait below 0 and the like; it names the knob."""
    refused: dict[str, str] = {}
    for name, text in refuse.items() if isinstance(refuse, Mapping) else dict.fromkeys(listed(refuse), "").items():
        if "\r" in text or "\n" in text:
            raise ValueError(f"refuse: the answer to {name!r} is one line")
        if name.lower() == IN_USE:
            refused.update(dict.fromkeys(LOGIN, text or "[IN-USE] the mailbox is locked by another session"))
        else:
            refused.update({key: text or TEXTS.get(key.split()[0], "refused") for key in keys("refuse", name)})
    waits = latency if isinstance(latency, Mapping) else {"": latency}
    for name, seconds in waits.items():
        if not isinstance(seconds, (int, float)) or math.isnan(seconds) or seconds < 0:
            raise ValueError(f"latency: seconds from 0, or math.inf for no answer at all, not {seconds!r} ({name or 'all'})")
    if drop_after is not None and (not isinstance(drop_after, int) or drop_after < 1):
        raise ValueError(f"drop_after: octets from 1, or None, not {drop_after!r}")
    lacking = [name.upper() for name in listed(without)]
    for name in lacking:
        if name not in OPTIONAL:
            raise ValueError(f"without: {name!r} is none of {', '.join(OPTIONAL)}; refuse={name!r} has it announced and refused")
    return {
        "latency": {key: float(seconds) for name, seconds in waits.items() for key in keys("latency", name)},
        "refuse": refused,
        "drop": {key: "" for name in listed(drop) for key in keys("drop", name)},
        "drop_after": drop_after,
        "without": lacking,
    }


def listed(names: str | Iterable[str]) -> list[str]:
    """One name or several."""
    return [names] if isinstance(names, str) else list(names)


def keys(knob: str, name: str) -> tuple[str, ...]:
    """The keys in a table that the key `name` of a user stands for."""
    words = name.upper().split()
    if not words:
        return ("",)
    if words[0] not in {key.upper() for key in KEYS}:
        names = [*KEYS, IN_USE] if knob == "refuse" else KEYS
        close = difflib.get_close_matches(words[0], [key.upper() for key in names], 1)
        meant = [key for key in names if key.upper() in close]
        hint = f"; did you mean {meant[0]!r}?" if meant else f"; there are {', '.join(names)}"
        raise ValueError(f"{knob}: {name!r} is no command of POP3{hint}")
    if len(words) > 1 and words[0] in ("CONNECT", "LOGIN"):
        raise ValueError(f"{knob}: {words[0].lower()!r} stands alone, not as {name!r}")
    return LOGIN if words[0] == "LOGIN" else (" ".join(words),)


def look_up(table: Mapping[str, float] | Mapping[str, str], line: str) -> float | str | None:
    """What `table` says about the command `line`: of the keys that it begins with, the one with most words."""
    words = line.upper().split()
    for count in range(len(words), -1, -1):
        key = " ".join(words[:count])
        if key in table:
            return table[key]
    return None


def starred(line: str) -> str:
    """The command `line` without a password in it, and with its name in upper case."""
    words = line.split(" ")
    words[0] = words[0].upper()
    shown = VISIBLE.get(words[0], len(words))
    return " ".join([*words[:shown], *(["***"] if len(words) > shown else [])])
