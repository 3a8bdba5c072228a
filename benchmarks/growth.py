"""How time and memory grow: `python -m benchmarks.growth`, or `make bench-growth`.

Rule: each point is a call in a process of its own against a real Dovecot, the least of some rounds. A line is fitted through the
points, and between neighbours the exponent is shown (1: linear, below: what does not grow outweighs it); above 1.15 between large
points it is called a knee.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import json
import math
import poplib
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.mail import LINE
from benchmarks.mailboxes import Store
from benchmarks.peers import Task, run
from tests.servers.dovecot import PASSWORD, Dovecot, find_dovecot

__all__ = ["exponents", "fitted", "main"]

MESSAGES = (1_000, 3_000, 10_000, 30_000, 100_000)
OCTETS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 500_000_000)

KNEE = 1.15
LARGE = 0.3
"""Seconds from which on a point says more about the work than about the login."""

Points = list[tuple[float, float]]


def fitted(points: Points) -> tuple[float, float]:
    """`(a, b)` of the line a + b x with the least squares of relative errors, so that small points count as much as large."""
    weights = [(x, y, 1 / y**2) for x, y in points]
    total = sum(w for _, _, w in weights)
    x_mean = sum(w * x for x, _, w in weights) / total
    y_mean = sum(w * y for _, y, w in weights) / total
    spread = sum(w * (x - x_mean) ** 2 for x, _, w in weights)
    slope = sum(w * (x - x_mean) * (y - y_mean) for x, y, w in weights) / spread if spread else 0.0
    return y_mean - slope * x_mean, slope


def exponents(points: Points) -> list[float]:
    """Between neighbours: the power with which y grows."""
    return [math.log(d / b) / math.log(c / a) for (a, b), (c, d) in itertools.pairwise(points)]


def _message(path: Path, size: int) -> None:
    """A mail of about `size` octets with one attachment, written in pieces."""
    line = base64.encodebytes(bytes(range(LINE))).replace(b"\n", b"\r\n")
    with path.open("wb") as file:
        file.write(
            b"Subject: growth\r\nFrom: kim@example.org\r\nDate: Tue, 03 Nov 2026 09:30:12 +0100\r\nMIME-Version: 1.0\r\n"
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
            b"--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n"
            b"Content-Disposition: attachment; filename=a.pdf\r\n\r\n"
        )
        left = max((size - 400) // len(line), 1)
        while left:
            count = min(left, 10_000)
            file.write(line * count)
            left -= count
        file.write(b"\r\n--b--\r\n")


def _by_messages(dovecot: Dovecot, folder: Path, counts: list[int], rounds: int) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {"headers": [], "window": []}
    store = Store(dovecot, folder)
    for count in counts:
        box = store.box("short", count)
        for job, points in found.items():
            window = (count // 2, 20) if job == "window" else None
            task = _task(dovecot, job, box.username, str(folder), window=window)
            points.append({"x": count, **_least(task, rounds)})
            print(f"{job}: {count:,} messages, {points[-1]['seconds']:.3f} s, {points[-1]['peak'] / 1e6:.0f} MB", flush=True)
    return found


def _by_octets(dovecot: Dovecot, folder: Path, sizes: list[int], rounds: int) -> dict[str, list[dict[str, Any]]]:
    points = []
    for size in sizes:
        path = folder / "message"
        _message(path, size)
        username = dovecot.mailbox([path]).username
        pop3 = poplib.POP3(dovecot.plain_host, dovecot.pop3_port, timeout=60)
        pop3.user(username)
        pop3.pass_(PASSWORD)
        pop3.quit()
        with tempfile.TemporaryDirectory(dir=folder) as target:
            task = _task(dovecot, "big", username, target)
            points.append({"x": path.stat().st_size, **_least(task, rounds)})
        path.unlink()
        print(f"size: {size:,} octets, {points[-1]['seconds']:.3f} s, {points[-1]['peak'] / 1e6:.0f} MB", flush=True)
    return {"size": points}


def _task(dovecot: Dovecot, job: str, username: str, folder: str, **more: Any) -> Task:
    return Task(job, dovecot.plain_host, dovecot.pop3_port, False, str(dovecot.ca_file), username, PASSWORD, folder, **more)


def _least(task: Task, rounds: int) -> dict[str, float]:
    runs = []
    for _ in range(rounds):
        runs.append(run("cfml_pop", task))
        for path in Path(task.folder).glob("a*.pdf"):
            path.unlink()
    return {key: min(got[key] for got in runs) for key in ("seconds", "cpu", "peak")}


def judged(points: list[dict[str, Any]]) -> dict[str, Any]:
    """The line through time and memory, the exponents between neighbours, and whether there is a knee."""
    time = [(point["x"], point["seconds"]) for point in points]
    memory = [(point["x"], point["peak"]) for point in points]
    steep = [power for power, (_, seconds) in zip(exponents(time), time, strict=False) if power > KNEE and seconds >= LARGE] + [
        power for power in exponents(memory) if power > KNEE
    ]
    return {
        "points": points,
        "time": fitted(time),
        "memory": fitted(memory),
        "time_exponents": exponents(time),
        "memory_exponents": exponents(memory),
        "knee": bool(steep),
    }


def markdown(report: dict[str, dict[str, Any]]) -> str:
    lines = []
    for name, one in report.items():
        unit, scale = ("octets", 1e6) if name == "size" else ("messages", 1e3)
        (a, b), (c, d) = one["time"], one["memory"]
        per = "MB" if name == "size" else "1,000 messages"
        line = f"{a:.3f} s + {b * scale * 1e3:.3g} ms a {per}; {c / 1e6:.0f} MB + {d * scale / 1e3:.3g} KB a {per}"
        lines += [
            f"### `{name}`: {line}; {'**a knee**' if one['knee'] else 'no knee'}",
            "",
            f"| {unit} | seconds | CPU s | peak MB | exponent of time | of memory |",
            "|---|---|---|---|---|---|",
        ]
        powers = zip([None, *one["time_exponents"]], [None, *one["memory_exponents"]], strict=True)
        for point, (time, memory) in zip(one["points"], powers, strict=True):
            shown = ["" if power is None else f"{power:.2f}" for power in (time, memory)]
            figures = f"{point['seconds']:.3f} | {point['cpu']:.3f} | {point['peak'] / 1e6:.0f}"
            lines.append(f"| {point['x']:,} | {figures} | {' | '.join(shown)} |")
        lines.append("")
    return "\n".join(lines)


def plot(report: dict[str, dict[str, Any]], path: Path) -> None:
    try:
        import matplotlib as mpl
    except ImportError:
        print("no plot: matplotlib is not installed (it comes with the extra bench)")
        return
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, len(report), figsize=(4.5 * len(report), 6), squeeze=False)
    for column, (name, one) in enumerate(report.items()):
        views: list[tuple[str, str, float, Callable[[float], float]]] = [
            ("seconds", "s", 1, lambda x, one=one: one["time"][0] + one["time"][1] * x),  # type: ignore[misc]  # bound now
            ("peak", "MB", 1e6, lambda x, one=one: (one["memory"][0] + one["memory"][1] * x) / 1e6),  # type: ignore[misc]  # bound now
        ]
        for row, (key, unit, scale, line) in enumerate(views):
            axis = axes[row][column]
            where = [point["x"] for point in one["points"]]
            axis.loglog(where, [point[key] / scale for point in one["points"]], "o")
            axis.loglog(where, [max(line(x), 1e-4) for x in where], "-", color="0.6")
            axis.set_title(f"{name} ({unit})", fontsize=9)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description="Growth of time and memory with the mailbox and with the message.")
    parser.add_argument("--messages", nargs="*", type=int, default=list(MESSAGES), help="sizes of the mailbox")
    parser.add_argument("--octets", nargs="*", type=int, default=list(OCTETS), help="sizes of the message")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("bench-output"))
    given = parser.parse_args()
    program = find_dovecot()
    if program is None:
        sys.exit("make bench-growth: no Dovecot (Debian: apt-get install dovecot-pop3d dovecot-imapd)")
    given.output.mkdir(exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))  # so that Dovecot and its folder go as well
    found: dict[str, list[dict[str, Any]]] = {}
    with Dovecot(program) as dovecot, tempfile.TemporaryDirectory(prefix="cfml_pop-bench-") as folder:
        for part in ("mail", "sizes"):
            Path(folder, part).mkdir()
        if given.messages:
            found |= _by_messages(dovecot, Path(folder, "mail"), given.messages, given.rounds)
        if given.octets:
            found |= _by_octets(dovecot, Path(folder, "sizes"), given.octets, given.rounds)
    report = {name: judged(points) for name, points in found.items()}
    (given.output / "growth.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    text = markdown(report)
    (given.output / "growth.md").write_text(text + "\n", "utf-8")
    plot(report, given.output / "growth.png")
    print(text)


if __name__ == "__main__":
    main()
