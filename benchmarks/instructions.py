"""How many machine instructions a message costs, counted by valgrind: `python -m benchmarks.instructions`.

Rule: no clock. The same mail goes the way from the server's octets to the cells of a row, without a socket, with the hash seed
fixed, and two numbers of messages in turn; the difference is what messages cost. Builds of one Python version differ, so the
count is taken as a ratio to a piece of plain Python that never changes.

`instructions.json` holds the baseline of each minor version of Python. It is written with `--write`, and changed only with a
reason in the commit.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

__all__ = ["BASELINE", "VERSION", "count", "main"]

BASELINE = Path(__file__).parent / "instructions.json"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"

FEW, MANY = 10, 60
"""Messages of the two runs of a path."""

REFERENCE = "reference"
OK = b"+OK\r\n"


# -- what is counted -----------------------------------------------------------------------------------------------------------


def _paths() -> dict[str, Callable[[int], None]]:
    """Name and work of each path. All is imported and made here, before anything is counted."""
    from benchmarks.mail import alternative, header_only
    from cfml_pop import columns
    from cfml_pop.cfml.attributes import resolve
    from cfml_pop.operation import operate
    from cfml_pop.pop3.effects import Connect, Early, Exchange, Peer
    from cfml_pop.row import RowBuilder
    from cfml_pop.settings import Settings

    capabilities = OK + b"TOP\r\nUIDL\r\nPIPELINING\r\nUSER\r\n.\r\n"
    settings = Settings()
    columns.REMEMBERED = 0  # the same mail again and again would never be taken apart

    def session(action: str, command: bytes, octets: bytes, messages: int) -> None:
        """A whole call whose server answers each command with what stands in a table."""
        numbers = range(1, messages + 1)
        answers = {
            b"CAPA": capabilities,
            b"STAT": b"+OK %d 1000\r\n" % messages,
            b"LIST": b"+OK\r\n" + b"".join(b"%d %d\r\n" % (number, len(octets)) for number in numbers) + b".\r\n",
            b"UIDL": b"+OK\r\n" + b"".join(b"%d uid%d\r\n" % (number, number) for number in numbers) + b".\r\n",
        }
        body = b"+OK\r\n" + octets + b".\r\n"
        call = resolve({"server": "127.0.0.1", "username": "kim", "password": "tiger", "action": action})
        builder = RowBuilder(
            full=action == "getAll", directory=None, root=None, allow_absolute=False, unique=False, memory_limit=1 << 25
        )
        steps = operate(call, settings, builder)
        greeting = b"+OK ready\r\n"
        effect = next(steps)
        try:
            while True:
                answer: object = None
                if isinstance(effect, Exchange):
                    lines = effect.outgoing.data.splitlines()
                    answer = greeting + b"".join([body if line[:4] == command else answers.get(line, OK) for line in lines])
                    greeting = b""
                elif isinstance(effect, Connect):
                    answer = Peer("127.0.0.1", loopback=True)
                elif isinstance(effect, Early):
                    answer = b""
                effect = steps.send(answer)
        except StopIteration as end:
            query = end.value
        assert len(query) == messages  # noqa: S101 - a benchmark of no work would be worse than none
        for row in query:
            for column in query.columns:
                row[column]

    header, whole = header_only().octets, alternative(12_000, encoding="quoted-printable").octets
    return {
        REFERENCE: _reference,
        "header": lambda messages: session("getHeaderOnly", b"TOP ", header, messages),
        "whole": lambda messages: session("getAll", b"RETR", whole, messages),
    }


def _reference(times: int) -> None:
    """Plain Python of the same kind: searching, slicing, decoding, calls, dictionaries. Not to be changed."""
    pattern = re.compile(rb"^([a-z-]+):[ \t]*([^\n]*)\n", re.MULTILINE)
    block = b"".join(b"field-%c: value number %d of a header\n" % (97 + number, number) for number in range(20))

    def clean(value: bytes) -> str:
        return value.decode("ascii").strip().replace("value", "text")

    for _ in range(times * 4):
        fields = {name.lower(): clean(value) for name, value in pattern.findall(block)}
        words = [word for text in fields.values() for word in text.split() if word.isalpha()]
        " ".join(sorted(set(words)))


# -- counting ------------------------------------------------------------------------------------------------------------------


def _counted() -> None:
    """Run in the process that valgrind watches: each run in a fork of its own, which is counted to its end."""
    paths = _paths()
    for work in paths.values():
        work(2)  # what is made on first use
    gc.collect()
    gc.disable()
    found = {}
    for name, work in paths.items():
        for messages in (FEW, MANY):
            pid = os.fork()
            if not pid:
                work(messages)
                os._exit(0)
            if os.waitpid(pid, 0)[1]:
                sys.exit(f"{name} failed")
            found[f"{name} {messages}"] = pid
    print(json.dumps(found), flush=True)


def count() -> dict[str, float]:
    """Instructions a message of each path, and of one turn of the reference. Raises RuntimeError when valgrind fails."""
    with tempfile.TemporaryDirectory(prefix="cfml_pop-instructions-") as folder:
        command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={folder}/%p", "--quiet"]
        command += [sys.executable, "-m", "benchmarks.instructions", "--counted"]
        environment = {
            **os.environ,
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(Path(__file__).parent.parent),
        }
        done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, check=False)  # noqa: S603 - valgrind
        if done.returncode:
            raise RuntimeError(f"valgrind ended with {done.returncode}: {done.stderr.strip()[-500:]}")
        pids = json.loads(done.stdout)
        totals = {name: _total(Path(folder, str(pid))) for name, pid in pids.items()}
    names = dict.fromkeys(name.rpartition(" ")[0] for name in totals)
    return {name: (totals[f"{name} {MANY}"] - totals[f"{name} {FEW}"]) / (MANY - FEW) for name in names}


def _total(path: Path) -> int:
    found = re.search(r"^summary:\s*(\d+)", path.read_text("utf-8", "replace"), re.MULTILINE)
    if found is None:
        raise RuntimeError(f"valgrind wrote no summary to {path.name}")
    return int(found[1])


def main() -> None:
    parser = argparse.ArgumentParser(description="Machine instructions a message, counted by valgrind.")
    parser.add_argument("--write", action="store_true", help="make this the baseline of this version of Python")
    parser.add_argument("--counted", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.counted:
        _counted()
        return
    counted = count()
    known = json.loads(BASELINE.read_text("utf-8")) if BASELINE.exists() else {}
    for name, instructions in counted.items():
        before = known.get(VERSION, {}).get(name)
        change = ""
        if before and name != REFERENCE:
            change = f"{instructions / counted[REFERENCE] / (before / known[VERSION][REFERENCE]) - 1:+.1%} of the baseline"
        print(f"{name:10} {instructions:12,.0f} {change}")
    if given.write:
        known[VERSION] = {name: round(instructions) for name, instructions in counted.items()}
        BASELINE.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
