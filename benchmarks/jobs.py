"""What is measured: the jobs, where each runs, and what must be reached.

Rule: tables only. A job is what one call does to one kind of mailbox.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from benchmarks.mailboxes import Box

__all__ = ["ASYNC", "GOALS", "JOBS", "ONE_BY_ONE", "OURS", "PEERS", "QUICK", "RAW", "SIZES", "Goal", "Job"]

OURS, ASYNC, RAW, POPLIB = "cfml_pop", "cfml_pop async", "raw drain", "poplib + email"

PEERS = (RAW, OURS, ASYNC, POPLIB, "JavaMail", "Poco", "mpop", "curl")
"""In the order of the table."""

ONE_BY_ONE = frozenset({POPLIB, "JavaMail", "Poco", "curl"})
"""Those that wait for each answer: on a delayed link they take minutes, and what they take is known after one round."""

SIZES: Mapping[str, tuple[int, str]] = {
    "messages": (2_000, "messages of headers, all and delete"),
    "window": (100_000, "messages of the mailbox of which 20 are shown"),
    "uids": (10_000, "messages of the mailbox of which 50 are read by uid"),
    "big": (20, "messages with 50 MB of attachments each"),
    "text": (100_000, "messages of 10 KB"),
    "render": (1_000, "rows of the page"),
    "eight": (10_000, "messages of each of eight mailboxes read at the same time"),
}
"""Options: their defaults, and what they are."""

QUICK = {"messages": 200, "window": 2_000, "uids": 1_000, "big": 2, "text": 2_000, "render": 100, "eight": 500}


def _everything(_box: Box) -> dict[str, object]:
    return {}


def _window(box: Box) -> dict[str, object]:
    """20 rows in the middle."""
    return {"window": (max(box.messages // 2, 1), 20)}


def _uids(box: Box) -> dict[str, object]:
    """50 uids, evenly spread."""
    return {"uids": box.uids[:: max(len(box.uids) // 50, 1)][:50]}


def _all_uids(box: Box) -> dict[str, object]:
    return {"uids": box.uids}


@dataclasses.dataclass(frozen=True)
class Job:
    """`kind` of mailbox, the option of SIZES that says how large, `links` (round trips in ms) without TLS and `tls` with it.

    `peers`: which readers; `fresh`: each run needs a mailbox of its own.
    """

    kind: str
    size: str
    links: tuple[int, ...]
    tls: tuple[int, ...] = ()
    select: Callable[[Box], dict[str, object]] = _everything
    peers: tuple[str, ...] = PEERS
    fresh: bool = False
    rounds: int = 5


JOBS: Mapping[str, Job] = {
    "headers": Job("mixed", "messages", (0, 20, 50), (0, 20, 50), rounds=7),
    "all": Job("mixed", "messages", (0, 20, 50), (0, 20, 50)),
    "window": Job("short", "window", (0, 20, 50), (0, 20, 50), _window),
    "uids": Job("short", "uids", (0, 20, 50), (0, 20, 50), _uids),
    "delete": Job("short", "messages", (0, 20, 50), (0,), _all_uids, fresh=True, rounds=3),
    "big": Job("large", "big", (0, 20), (0,), peers=(RAW, OURS, ASYNC, "Poco", "mpop", "curl"), rounds=1),
    "text": Job("text", "text", (0,), (0,), rounds=1),
    "render": Job("short", "render", (0, 20, 50), (0,)),
    "eight": Job("short", "eight", (50,), (50,), _window, peers=("one async", "eight async")),
}


@dataclasses.dataclass(frozen=True)
class Goal:
    """Without TLS at a round trip of `link` ms, `one` takes at most (`least`: at least) `times` as long as `other`.

    Without `other`, `one` needs at most `times` MB of memory.
    """

    job: str
    link: int
    one: str
    other: str
    times: float
    least: bool = False


GOALS = (
    Goal("headers", 0, OURS, RAW, 3),
    Goal("headers", 20, OURS, RAW, 1.6),
    Goal("headers", 0, POPLIB, OURS, 6, least=True),
    Goal("headers", 20, POPLIB, OURS, 60, least=True),
    Goal("all", 0, OURS, RAW, 2.5),
    Goal("all", 20, OURS, RAW, 1.5),
    Goal("all", 0, POPLIB, OURS, 6, least=True),
    Goal("all", 0, "Poco", OURS, 2.5, least=True),
    Goal("all", 0, "JavaMail", OURS, 2.5, least=True),
    *(Goal("all", 20, name, OURS, 20, least=True) for name in (POPLIB, "Poco", "JavaMail")),
    Goal("big", 0, OURS, "", 64),
    Goal("text", 0, OURS, "", 200),
    Goal("eight", 50, "eight async", "one async", 1.5),
)
