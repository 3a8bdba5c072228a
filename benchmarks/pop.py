"""The program beside its peers, reading real mailboxes: `python -m benchmarks.pop`, or `make bench`.

Rule: one run, one machine, all readers in turns against the same Dovecot; ratios are taken within each round. A reader that is
missing, cannot do a job, or does not do all of it is shown as such. Nothing is asserted. Everything listens on loopback only.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime as dt
import json
import os
import platform
import poplib
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import table
from benchmarks.jobs import GOALS, JOBS, ONE_BY_ONE, QUICK, SIZES, Job
from benchmarks.link import Link
from benchmarks.mailboxes import Box, Store
from benchmarks.peers import Task, run
from benchmarks.programs import PROGRAMS, Unable
from tests.servers.dovecot import Dovecot, find_dovecot
from tests.servers.other_root import Unavailable

__all__ = ["main"]

PART = 10
"""Where a reader that waits for each answer would take long, it reads one in so many messages, and its time is multiplied."""

PATIENCE = 100.0
"""Seconds that such a run may take before only a part of it is run."""

DECODING = ("all", "big")


def main() -> None:
    parser = argparse.ArgumentParser(description="cfml_pop beside its peers, on mailboxes of a real Dovecot.")
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=list(JOBS), help="only these jobs")
    parser.add_argument("--peers", nargs="+", help="only these readers, such as 'raw drain' and cfml_pop")
    parser.add_argument("--links", nargs="+", type=int, help="only these round trips, in ms (0, 20, 50)")
    parser.add_argument("--rounds", type=int, help="rounds of each job (default: what the job says, 1 to 7)")
    parser.add_argument("--quick", action="store_true", help="small mailboxes, for development: no figures to quote")
    parser.add_argument("--full", action="store_true", help="also the slowest runs as a whole; takes hours")
    parser.add_argument("--no-tls", action="store_true", help="without TLS only")
    for name, (default, what) in SIZES.items():
        parser.add_argument(f"--{name}", type=int, metavar="N", help=f"{what} (default {default:,})")
    parser.add_argument("--output", type=Path, default=Path("bench-output"), help="folder of the figures (default bench-output)")
    given = parser.parse_args()
    sizes = {name: getattr(given, name) or (QUICK[name] if given.quick else SIZES[name][0]) for name in SIZES}
    program = find_dovecot()
    if program is None:
        sys.exit("make bench: no Dovecot (Debian: apt-get install dovecot-pop3d dovecot-imapd)")
    given.output.mkdir(exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))  # so that Dovecot and its folder go as well
    report: dict[str, Any] = {
        "date": dt.datetime.now(dt.timezone.utc).isoformat(timespec="minutes"),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "dovecot": _version(program),
        "sizes": sizes,
        "quick": given.quick,
    }
    with Dovecot(program) as dovecot, tempfile.TemporaryDirectory(prefix="cfml_pop-bench-") as folder:
        bench = Bench(dovecot, Path(folder), given, sizes)
        report |= {"missing": bench.missing, "runs": bench.runs}
        for name in given.jobs:
            bench.job(name, JOBS[name])
            report["goals"] = [table.reached(goal, bench.runs) for goal in GOALS]
            (given.output / "pop.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    text = table.markdown(report)
    (given.output / "pop.md").write_text(text + "\n", "utf-8")
    print(text)
    print(table.plot(report, given.output / "pop.png"))


@contextlib.contextmanager
def _folder(place: Path) -> Iterator[str]:
    """A new folder in `place`, whose files are emptied afterwards, and removed only with `place`.

    ext4 without a journal takes no inode again soon after it was freed: where files were removed a moment ago, a new one costs
    ten times as much, and the next reader would pay for the one before it.
    """
    folder = tempfile.mkdtemp(dir=place)
    try:
        yield folder
    finally:
        for path in Path(folder).rglob("*"):
            if path.is_file() and not path.is_symlink():
                os.truncate(path, 0)


def _version(program: str) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, encoding="utf-8", check=False)  # noqa: S603 - Dovecot
    return f"Dovecot {done.stdout.split()[0]}" if done.stdout else "Dovecot"


class Bench:
    """All runs, one after another. `runs` is what was found, `missing` the readers that are not there, with the reason."""

    def __init__(self, dovecot: Dovecot, folder: Path, given: argparse.Namespace, sizes: dict[str, int]) -> None:
        self._dovecot = dovecot
        self._folder = folder
        self._given = given
        self._sizes = sizes
        (folder / "mail").mkdir()
        self._store = Store(dovecot, folder / "mail")
        self.runs: list[dict[str, Any]] = []
        self.missing: dict[str, str] = {}
        self._built: dict[str, Path] = {}
        for name, program in PROGRAMS.items():
            target = folder / f"built-{name}"
            target.mkdir()
            try:
                self._built[name] = program.build(target)
            except Unavailable as error:
                self.missing[name] = str(error)

    def job(self, name: str, job: Job) -> None:
        """Run a job on all its links, and remove its mail."""
        count = self._sizes[job.size]
        box = self._store.box(job.kind, count)
        others = tuple(self._store.box(job.kind, count).username for _ in range(7)) if name == "eight" else ()
        for tls, links in ((False, job.links), (True, job.tls)):
            if tls and self._given.no_tls:
                continue
            for link in links:
                if self._given.links is None or link in self._given.links:
                    with self._port(link, tls=tls) as (port, wire):
                        self._rounds(name, job, box, others, link, tls, port, wire)
        self._store.clear()

    @contextlib.contextmanager
    def _port(self, link: int, *, tls: bool) -> Iterator[tuple[int, Link | None]]:
        port = self._dovecot.pop3s_port if tls else self._dovecot.pop3_port
        if not link:
            yield port, None
            return
        with Link(link / 1000, self._dovecot.host if tls else self._dovecot.plain_host, port) as wire:
            yield wire.port, wire

    def _rounds(
        self, name: str, job: Job, box: Box, others: tuple[str, ...], link: int, tls: bool, port: int, wire: Link | None
    ) -> None:
        peers = [peer for peer in job.peers if self._given.peers is None or peer in self._given.peers]
        found: dict[str, dict[str, Any]] = {
            peer: {"job": name, "link": link, "tls": tls, "peer": peer, "messages": box.messages, "rounds": []} for peer in peers
        }
        rounds = self._given.rounds or job.rounds
        for number in range(rounds):
            first = number % len(peers)
            for peer in peers[first:] + peers[:first]:
                run = found[peer]
                if run.get("failed") or (number and link and peer in ONE_BY_ONE):
                    continue
                if peer in self.missing:
                    run["failed"] = f"missing: {self.missing[peer]}"
                    continue
                used = self._store.box(job.kind, box.messages) if job.fresh else box
                host = self._dovecot.host if tls or wire else self._dovecot.plain_host
                with _folder(self._folder) as folder:
                    task = Task(
                        name, host, port, tls, str(self._dovecot.ca_file), used.username, used.password, folder, used.messages
                    )
                    task = dataclasses.replace(task, **job.select(used), others=others if peer == "eight async" else ())  # type: ignore[arg-type]  # what a job selects
                    self._run(run, peer, used, task, wire, link)
        for run in found.values():
            print(table.line(run), flush=True)
        self.runs += found.values()

    def _run(self, run: dict[str, Any], peer: str, box: Box, task: Task, wire: Link | None, link: int) -> None:
        expected = len(task.uids) if task.uids is not None else task.window[1] if task.window else box.messages
        seconds = table.COMMANDS.get(peer, {}).get(task.job, 0) * expected * link / 1000
        if peer == "JavaMail" and task.uids is not None:
            seconds = box.messages * link / 1000
            if seconds > PATIENCE and (link > 20 or task.tls) and not self._given.full:
                run["failed"] = f"not run: it asks for the uid of each message, {seconds:.0f} s"
                return
        if seconds > PATIENCE and (link > 20 or task.tls) and not self._given.full:
            expected //= PART
            task = dataclasses.replace(task, first=expected)
            run["part"] = PART
        try:
            got = self._measured(peer, task)
        except Unable as error:
            run["failed"] = f"cannot: {error}"
            return
        except (RuntimeError, ValueError, OSError) as error:
            run["failed"] = f"failed: {error}"
            return
        finally:
            through = wire.report() if wire else []
        got["seconds"] *= run.get("part", 1)
        if through:
            through = through[1:] if peer == "JavaMail" and task.job != "delete" else through  # the first warms it up
            got |= {key: sum(one[key] for one in through) for key in ("up", "down")}
            got["flights"] = max((one["flights"] for one in through), default=0)
        run["rounds"].append(got)
        if wrong := self._wrong(peer, box, task, got, expected):
            run["wrong"] = wrong

    def _measured(self, peer: str, task: Task) -> dict[str, Any]:
        if peer in PROGRAMS:
            return PROGRAMS[peer].run(self._built[peer], task)
        return run({"one async": "cfml_pop async", "eight async": "cfml_pop async"}.get(peer, peer), task)

    def _wrong(self, peer: str, box: Box, task: Task, got: dict[str, Any], expected: int) -> str:
        """What of the work was not done, "" if all was."""
        if got["messages"] != expected:
            return f"{got['messages']} of {expected} messages"
        if task.job == "delete":
            pop3 = poplib.POP3(self._dovecot.plain_host, self._dovecot.pop3_port, timeout=60)
            pop3.user(box.username)
            pop3.pass_(box.password)
            left, wanted = pop3.stat()[0], box.messages - expected
            pop3.quit()
            return f"{left} messages are left" if left != wanted else ""
        if got["filled"] != expected:
            return f"{got['filled']} of {expected} messages have a text"
        if task.job in DECODING and peer != "raw drain" and not got.get("undecoded") and task.first is None:
            saved = sum(path.stat().st_size for path in Path(task.folder).glob("*") if path.is_file())
            return f"{saved} of {box.saved} octets of attachments" if saved != box.saved else ""
        return ""


if __name__ == "__main__":
    main()
