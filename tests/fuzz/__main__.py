"""Run the fuzz target under atheris, which sees which branches an input reaches.

    python -m tests.fuzz -max_len=4096 -max_total_time=1800 tests/fuzz/corpus

takes libFuzzer's options. atheris is no dependency of the project (`pip install atheris`).
"""

from __future__ import annotations

import importlib
import sys


def main() -> None:
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["cfml_pop"]):
        from tests.fuzz import pop3

    def target(data: bytes) -> None:
        pop3.run(bytes(data))

    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


main()
