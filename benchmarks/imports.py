"""How long imports take: `python -m benchmarks.imports [--rounds 15]`.

Rule: each figure is the CPU time of the statement alone, in an interpreter of its own that has written its bytecode before; all
are measured in turns, and what stands beside another is from the same rounds. `python -X importtime -c STATEMENT` says which
module it is.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

__all__ = ["STATEMENTS", "main", "measured"]

ROOT = Path(__file__).parent.parent

STATEMENTS = (
    "import jinja2",
    "import cfml_pop",
    "from cfml_pop import cfpop",
    "import cfml_pop.jinja.extension",
    "from cfml_pop import cfml_environment; cfml_environment()",
    "from cfml_pop import cfml_environment; cfml_environment(functions=True)",
    "from cfml_pop import cfml_environment; cfml_environment(tags=True)",
)

CHILD = """
import sys, time
sys.path.insert(0, {root!r})
before, begin = len(sys.modules), time.process_time()
{statement}
print(time.process_time() - begin, len(sys.modules) - before)
"""


def measured(statement: str) -> tuple[float, int]:
    """Seconds of CPU time, and how many modules were loaded."""
    code = CHILD.format(root=str(ROOT), statement=statement)
    command = [sys.executable, "-I", "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - a statement of ours
    seconds, modules = done.stdout.split()
    return float(seconds), int(modules)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description="CPU time of imports, medians")
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args(arguments).rounds
    for statement in STATEMENTS:
        measured(statement)  # writes the bytecode
    figures = [[measured(statement) for statement in STATEMENTS] for _ in range(rounds)]
    print("| statement | ms | least | modules |\n|---|---|---|---|")
    for statement, column in zip(STATEMENTS, zip(*figures, strict=True), strict=True):
        seconds = [one[0] * 1000 for one in column]
        print(f"| `{statement}` | {statistics.median(seconds):.0f} | {min(seconds):.0f} | {column[0][1]} |")


if __name__ == "__main__":
    main()
