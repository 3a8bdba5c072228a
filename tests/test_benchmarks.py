"""The benchmarks measure what they say: same mail, same commands for the limit as for the client, honest marks."""

from __future__ import annotations

import dataclasses
import email
import hashlib
from pathlib import Path
from typing import Any

import pytest

from benchmarks.growth import exponents, fitted
from benchmarks.jobs import JOBS, OURS, RAW, Goal
from benchmarks.link import Link
from benchmarks.mailboxes import MAKERS, Store
from benchmarks.peers import Task, ours, ours_async, raw, with_poplib
from benchmarks.table import markdown, ratio, reached
from tests.servers.dovecot import Dovecot

__all__: list[str] = []


def test_mail_is_the_same_everywhere(tmp_path: Path) -> None:
    """The mixed mailbox of a size has always the same octets, and knows what its attachments decode to (judge: email)."""
    made = MAKERS["mixed"](tmp_path, 30)
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in made.files)).hexdigest()
    parts = [part for path in made.files for part in email.message_from_bytes(path.read_bytes()).walk() if part.get_filename()]

    assert "c9ec642213c3fcf4" == digest[:16]
    assert sum(len(bytes(part.get_payload(decode=True))) for part in parts) == made.saved


@pytest.mark.parametrize("job", ["headers", "all", "window", "uids", "delete"])
def test_the_limit_sends_what_the_client_sends(dovecot: Dovecot, tmp_path: Path, job: str) -> None:
    """The raw drain, the client and its asyncio twin send as many octets for the same messages, and get as many."""
    (tmp_path / "mail").mkdir()
    store = Store(dovecot, tmp_path / "mail")
    counted = []
    with Link(0.002, dovecot.plain_host, dovecot.pop3_port) as link:
        for number, read in enumerate((raw, ours, ours_async)):
            box = store.box("short", 300)
            folder = tmp_path / str(number)
            folder.mkdir(mode=0o700)
            task = Task(job, "127.0.0.1", link.port, False, str(dovecot.ca_file), box.username, box.password, str(folder))
            got = read(dataclasses.replace(task, **JOBS[job].select(box)))  # type: ignore[arg-type]  # what a job selects
            (one,) = link.report()
            # A uid differs from mailbox to mailbox in nothing but its digits.
            counted.append((got["messages"], one["up"] - len(box.username), one["down"]))

    assert counted[0] == counted[1]
    assert counted[0] == counted[2]
    assert counted[0][0] > 0


def test_flights_are_counted(dovecot: Dovecot, tmp_path: Path) -> None:
    """The link counts how often a client waited for an answer: poplib once a command, the client far less often."""
    box = Store(dovecot, tmp_path).box("short", 40)
    flights = []
    with Link(0.01, dovecot.plain_host, dovecot.pop3_port) as link:
        for read in (with_poplib, ours):
            task = Task("headers", "127.0.0.1", link.port, False, "", box.username, box.password, str(tmp_path))
            assert {"messages": 40, "filled": 40} == read(dataclasses.replace(task, ca_file=str(dovecot.ca_file)))
            flights.append(link.report()[0]["flights"])

    assert 40 + len(("USER", "PASS", "STAT", "UIDL", "LIST", "QUIT")) == flights[0]
    assert len(("CAPA", "USER PASS", "CAPA STAT LIST UIDL", "TOP 1", "TOP 2 to 17", "TOP from 18", "QUIT")) >= flights[1]


def entry(peer: str, *seconds: float, **more: Any) -> dict[str, Any]:
    rounds = [{"seconds": each, "cpu": 0.1, "peak": 10_000_000} for each in seconds]
    return {"job": "headers", "link": 0, "tls": False, "peer": peer, "messages": 2, "rounds": rounds, **more}


def test_ratios_are_taken_within_rounds() -> None:
    """A slow moment that meets both leaves a ratio as it is; a reader of one round is set against the median."""
    assert 2.0 == ratio(entry("a", 2, 20, 2), entry("b", 1, 10, 1))
    assert 3.0 == ratio(entry("a", 3), entry("b", 1, 10, 1))
    assert ratio(entry("a"), entry("b", 1)) is None


def test_marks_are_shown() -> None:
    """A table shows what is missing, partial or wrong, and that it is void when the limit is slower than mpop."""
    runs = [
        entry(RAW, 2),
        entry(OURS, 3, wrong="1 of 2 messages"),
        entry("mpop", 1),
        entry("Poco", failed="missing: not installed"),
        entry("curl", 5, part=10),
    ]
    goal = reached(Goal("headers", 0, OURS, RAW, 1.4), runs)
    report = {"date": "", "python": "", "dovecot": "", "system": "", "quick": True, "missing": {}, "goals": [goal], "runs": runs}
    text = markdown(report)

    assert ("no", 1.5, True) == (goal["state"], goal["measured"], goal["marked"])
    for words in ("missing: not installed", "1 of 2 messages", "one in 10 messages", "Void", "no figures to quote", "marked run"):
        assert words in text


def test_growth_of_a_line() -> None:
    """A straight line is found as it is; its exponents come from neighbours."""
    points = [(1.0, 5.0), (10.0, 23.0), (100.0, 203.0)]

    assert (3.0, 2.0) == pytest.approx(fitted(points))
    assert [1.0, 2.0] == pytest.approx(exponents([(1.0, 3.0), (10.0, 30.0), (20.0, 120.0)]))
