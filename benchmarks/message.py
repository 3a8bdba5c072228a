"""The mail reader beside its peers: `python -m benchmarks.message`, or `make bench-message`.

Rule: one run, all readers in turns, every reader asked for the same columns of the same octets, and its answers compared with
what is in the mail. No two small messages have the same addresses, as our reader remembers some. A reader that is missing,
refuses, or answers otherwise is shown as such. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import itertools
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import memory
from benchmarks.mail import INPUTS, Mail, blocks_of_large_mail, mailbox_of
from benchmarks.readers import READERS, Read, Reader, found
from benchmarks.rounds import Case, Figures, measure, ratio

__all__ = ["main"]

OURS, FAST, EMAIL, PEER = "cfml_pop", "cfml_pop + pybase64", "email, compat32", "fast-mail-parser"


class Goal(NamedTuple):
    """`one` takes `times` as long as `other` on `input`: at least, or at most."""

    input: str
    one: str
    other: str
    times: float
    least: bool


GOALS = (
    *(Goal(name, EMAIL, OURS, 2.5, True) for name in ("header 3.2 KB", "alternative 12 KB", "alternative 52 KB")),
    Goal("attachment 1 MB", EMAIL, OURS, 7, True),
    Goal("attachment 25 MB", EMAIL, OURS, 8, True),
    Goal("attachment 25 MB", EMAIL, FAST, 25, True),
    *(Goal(name, OURS, PEER, 1.3, False) for name in ("header 3.2 KB", "alternative 12 KB", "alternative 52 KB")),
)
MEMORY_GOAL = 40_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description="The mail reader beside its peers.")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of all readers on each message (default 15)")
    parser.add_argument("--memory-size", type=int, default=500, help="MB of the message for memory; 0: none (default 500)")
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--markdown", type=Path, help="write the tables here, too")
    given = parser.parse_args()
    report = run(given.rounds, given.memory_size * 1_000_000)
    text = tables(report)
    print(text)
    if given.json:
        given.json.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    if given.markdown:
        given.markdown.write_text(text + "\n", "utf-8")


def run(rounds: int, memory_size: int) -> dict[str, Any]:
    """All figures, as they go to JSON."""
    loaded: dict[str, tuple[Reader, Read]] = {}
    versions: dict[str, str] = {}
    missing: dict[str, str] = {}
    for reader in READERS:
        try:
            versions[reader.name], read = reader.load()
        except (ImportError, OSError) as error:
            missing[reader.name] = str(error)
        else:
            loaded[reader.name] = reader, read
    inputs = {}
    for name, make in INPUTS.items():
        mail = make()
        wrong = {reader.name: _wrong(reader, read, mail) for reader, read in loaded.values()}
        gc.collect()
        figures = measure({reader.name: _case(reader, read, mail) for reader, read in loaded.values()}, rounds)
        inputs[name] = {"octets": len(mail.octets), "readers": {key: _entry(key, figures, wrong[key]) for key in figures}}
    return {
        "date": dt.date.today().isoformat(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "rounds": rounds,
        "versions": versions,
        "missing": missing,
        "inputs": inputs,
        "goals": [_reached(goal, inputs) for goal in GOALS],
        "memory": _memory(memory_size) if memory_size else {},
    }


def _case(reader: Reader, read: Read, mail: Mail) -> Case:
    messages, bodies = itertools.cycle(reader.prepare(mailbox_of(mail, reader.name))), mail.bodies

    def case(times: int) -> None:
        with reader.around():
            for message in itertools.islice(messages, times):
                read(message, bodies)

    return case


def _wrong(reader: Reader, read: Read, mail: Mail) -> list[str]:
    """The columns in which a reader's answer is not what is in the mail, or what it raises."""
    try:
        with reader.around():
            answer = found(read(reader.prepare([mail.octets])[0], mail.bodies))
    except Exception as error:  # noqa: BLE001 - whatever a reader raises is its result
        return [f"{type(error).__name__}: {error}"]
    return [name for name, one, other in zip(answer._fields, answer, mail.expected, strict=True) if one != other]


def _entry(name: str, figures: dict[str, Figures], wrong: list[str]) -> dict[str, Any]:
    seconds = figures[name]
    times = {key: ratio(seconds, figures[key]) for key in (OURS, FAST) if key in figures}
    return {"median_us": seconds.median * 1e6, "least_us": seconds.least * 1e6, "times": times, "wrong": wrong}


def _reached(goal: Goal, inputs: dict[str, Any]) -> dict[str, Any]:
    readers = inputs[goal.input]["readers"]
    times = None
    if goal.one in readers and goal.other in readers:
        # One of the two is ours, to which all ratios are.
        times = (
            readers[goal.one]["times"][goal.other] if goal.other in (OURS, FAST) else 1 / readers[goal.other]["times"][goal.one]
        )
    reached = times is not None and (times >= goal.times if goal.least else times <= goal.times)
    return {**goal._asdict(), "measured": times, "reached": reached}


def _memory(size: int) -> dict[str, Any]:
    """Peak memory of each reader on a message of `size` octets, each in a process of its own."""
    readers = {}
    with tempfile.TemporaryDirectory(prefix="cfml_pop-bench-") as directory:
        path = Path(directory, "large.eml")
        with path.open("wb") as file:
            file.writelines(blocks_of_large_mail(size))
        for name in memory.READERS:
            target = Path(directory, "attachments")
            target.mkdir(mode=0o700)
            command = [sys.executable, "-m", "benchmarks.memory", name, str(path), str(target)]
            done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)  # noqa: S603 - this very module's
            readers[name] = json.loads(done.stdout) if done.returncode == 0 else {"error": f"ended with {done.returncode}"}
            for saved in target.iterdir():
                saved.unlink()
            target.rmdir()
        octets = path.stat().st_size
    return {"octets": octets, "readers": readers}


# -- tables --------------------------------------------------------------------------------------------------------------------


def tables(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    lines = [
        f"{report['date']}, {report['python']}, {report['system']}; medians of {report['rounds']} rounds in turns, CPU time.",
        "",
        "Microseconds a message (messages/s; MB/s) [times cfml_pop without extras]:",
        "",
        "| | " + " | ".join(report["inputs"]) + " |",
        "|---|" + "---|" * len(report["inputs"]),
    ]
    for name in report["versions"]:
        cells = [_cell(entry["readers"][name], entry["octets"]) for entry in report["inputs"].values()]
        lines.append(f"| {name} {_version(report['versions'][name])}| " + " | ".join(cells) + " |")
    lines += [f"| {name} | missing: {why} |" for name, why in report["missing"].items()]
    lines += ["", "| goal | to reach | measured | |", "|---|---|---|---|", *map(_goal, report["goals"])]
    if report["memory"]:
        lines += ["", *_memory_table(report["memory"])]
    return "\n".join(lines)


def _version(version: str) -> str:
    return f"({version}) " if version[:1].isdigit() else ""


def _cell(entry: dict[str, Any], octets: int) -> str:
    median = entry["median_us"]
    text = f"{median:.0f} ({1e6 / median:.0f}/s; {octets / median:.0f}) [{entry['times'].get(OURS, float('nan')):.2f}]"
    return text + (f" **wrong: {', '.join(entry['wrong'])}**" if entry["wrong"] else "")


def _goal(goal: dict[str, Any]) -> str:
    measured = "not measured" if goal["measured"] is None else f"{goal['measured']:.2f}"
    what = f"{goal['input']}: {goal['one']} in times of {goal['other']}"
    return f"| {what} | {'>=' if goal['least'] else '<='} {goal['times']:g} | {measured} | {'yes' if goal['reached'] else 'no'} |"


def _memory_table(report: dict[str, Any]) -> list[str]:
    lines = [
        f"Peak memory for a message of {report['octets'] / 1e6:.0f} MB, two attachments, each reader in a process of its own:",
        "",
        "| | peak MB | seconds | |",
        "|---|---|---|---|",
    ]
    decoded = max(entry.get("decoded", 0) for entry in report["readers"].values())
    for name, entry in report["readers"].items():
        note = entry["error"] or ("" if entry["decoded"] == decoded else f"wrong: {entry['decoded']} octets decoded")
        figures = f"{entry['peak'] / 1e6:.0f} | {entry['seconds']:.1f}" if "peak" in entry else " | "
        lines.append(f"| {name} | {figures} | {note} |")
    return lines


if __name__ == "__main__":
    main()
