"""Peak memory of a reader, in a process of its own: `python -m benchmarks.memory READER FILE DIRECTORY`.

Rule: the message comes from a file, and the attachments have to be had whole: on disk where a reader can write them block by
block, in memory where it cannot.
"""

from __future__ import annotations

import argparse
import binascii
import email
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from cfml_pop.message import decoding
from cfml_pop.row import RowBuilder

__all__ = ["READERS", "main", "peak"]


def _ours(path: Path, directory: Path) -> int:
    builder = RowBuilder(full=True, directory=str(directory), root=None, allow_absolute=True, unique=True, memory_limit=1 << 20)
    sink = builder.sink()
    with path.open("rb") as file:
        while block := file.read(64 * 1024):
            sink.write(block)
    cells = builder.build(sink, number=1, size=sink.size, uid="1")
    for column in ("subject", "from", "to", "header", "textbody", "htmlbody", "attachments"):
        cells.cell(column)
    builder.close()
    return sum(saved.stat().st_size for saved in directory.iterdir())


def _ours_without_pybase64(path: Path, directory: Path) -> int:
    decoding.a2b_base64 = binascii.a2b_base64
    return _ours(path, directory)


def _email(path: Path, _directory: Path) -> int:
    with path.open("rb") as file:
        message = email.message_from_binary_file(file)
    return sum(len(cast("bytes", part.get_payload(decode=True))) for part in message.walk() if part.get_filename())


def _fast_mail_parser(path: Path, _directory: Path) -> int:
    import fast_mail_parser

    return sum(len(item.content) for item in fast_mail_parser.parse_email(path.read_bytes()).attachments)


def _gmime(path: Path, _directory: Path) -> int:
    from benchmarks import gmime

    gmime.load()
    return sum(len(data) for _, data in gmime.read(path.read_bytes())["attachments"])


READERS: dict[str, Callable[[Path, Path], int]] = {
    "cfml_pop, spool file": _ours_without_pybase64,
    "cfml_pop + pybase64, spool file": _ours,
    "email, compat32": _email,
    "fast-mail-parser": _fast_mail_parser,
    "GMime": _gmime,
}


def peak() -> int:
    """Octets of memory that this process had at most."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would also have what the process had that started this one
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text("ascii"))
        if found:
            return int(found[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reader", choices=READERS)
    parser.add_argument("file", type=Path)
    parser.add_argument("directory", type=Path)
    given = parser.parse_args()
    start = time.perf_counter()
    try:
        decoded, error = READERS[given.reader](given.file, given.directory), ""
    except Exception as caught:  # noqa: BLE001 - whatever a reader raises is its result
        decoded, error = 0, f"{type(caught).__name__}: {caught}"
    print(json.dumps({"decoded": decoded, "error": error, "seconds": time.perf_counter() - start, "peak": peak()}))


if __name__ == "__main__":
    main()
