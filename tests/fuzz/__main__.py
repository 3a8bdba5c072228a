"""Run a fuzz target under atheris, which sees which branches an input reaches.

    python -m tests.fuzz pop3 -max_len=4096 -max_total_time=1800 tests/fuzz/corpus
    python -m tests.fuzz mail -max_len=4096 -max_total_time=1800 tests/fuzz/mails

takes libFuzzer's options behind the target's name. atheris is no dependency of the project (`pip install atheris`).
"""

from __future__ import annotations

import importlib
import sys

TARGETS = ("pop3", "mail")


def main() -> None:
    name = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if name not in TARGETS:
        sys.exit(f"python -m tests.fuzz {'|'.join(TARGETS)} [options of libFuzzer] [folder]")
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["cfml_pop"]):
        module = importlib.import_module(f"tests.fuzz.{name}")

    def target(data: bytes) -> None:
        module.run(bytes(data))

    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


main()
