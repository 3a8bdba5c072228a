"""Every example runs as it stands and prints what it is for."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# For each example what its output must contain, in this order.
EXPECTED: dict[str, tuple[str, ...]] = {
    "async_two_mailboxes.py": (
        "mailbox 1: 7 messages, the last one: Undelivered mail: Your bicycle is ready\n",
        "mailbox 2: 9 messages, the last one: Five stars ★★★★★ from the coast road\n",
    ),
    "catch_in_template.py": ("16 messages.\n", "The mailbox could not be read (PASS was refused).\n"),
    "delete_by_uid.py": ("16 messages, 4 deleted, 12 left\n",),
    "list_inbox.py": (
        "1  2026-03-02  Is the blue touring bike still there?\n",
        "4  2026-03-05  自転車のかごに眼鏡を忘れました\n",
        "11  no date     Toner low (black, 8 %)\n",
        "16 messages\n",
    ),
    "mark_read.py": ("message 1 is read (0001-", "message 2 is read (0002-", "message 3 is read (0003-"),
    "render_template.py": (
        "<h1>3 messages</h1>",
        "<b>Is the blue touring bike still there?</b> from Ingrid Solberg &lt;ingrid.solberg@example.org&gt;: Good morning,",
    ),
    "settings_in_toml.py": ("support: 16 messages\n  Fax from 555 0142 (2 pages\n",),
    "save_attachments.py": ("wanderer.png", "rentals.csv", "rentals1.csv", "evil.sh"),
}

# For each example that serves pages, its arguments and what its first page must contain.
SERVERS: dict[str, tuple[list[str], str]] = {
    "django_inbox.py": (["runserver", "--noreload", "{port}"], "<h1>16 messages</h1>"),
    "fastapi_mailboxes.py": (["{port}"], "<li>Five stars ★★★★★ from the coast road</li>"),
    "flask_inbox.py": (["{port}"], "<h1>16 messages</h1>"),
}


def clean_environment() -> dict[str, str]:
    """The variables of this process without those that name a mailbox."""
    kept = {name: value for name, value in os.environ.items() if name != "CFML_POP_URL" and not name.endswith("_MAILBOX")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


def test_no_example_is_forgotten() -> None:
    """Every file in examples/ has an entry here."""
    assert sorted([*EXPECTED, *SERVERS]) == sorted(path.name for path in (ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("name", EXPECTED)
def test_example(name: str, tmp_path: Path) -> None:
    """It ends well, warns of nothing, and its output holds what it should, in order."""
    done = subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "examples" / name)],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    places = [done.stdout.find(text) for text in EXPECTED[name]]

    assert (0, "") == (done.returncode, done.stderr)
    assert -1 not in places, done.stdout
    assert sorted(places) == places
    assert [] == list(tmp_path.iterdir())


Serving = tuple[int, subprocess.Popen[bytes], Path]


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Serving]]:
    """Port, process and log of each example that serves pages; all are started at once."""
    folder = tmp_path_factory.mktemp("serving")
    with contextlib.ExitStack() as stack:
        yield {name: start(stack, folder, name) for name in SERVERS}


def start(stack: contextlib.ExitStack, folder: Path, name: str) -> Serving:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = folder / f"{name}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", str(ROOT / "examples" / name), *(one.format(port=port) for one in SERVERS[name][0])],
            cwd=folder,
            env=clean_environment(),
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    stack.callback(process.wait, 20)
    stack.callback(process.terminate)
    return port, process, log


@pytest.mark.parametrize("name", SERVERS)
def test_example_that_serves(serving: dict[str, Serving], name: str) -> None:
    """Without a mailbox of the user's own it serves the sample mailbox, until it is ended."""
    assert SERVERS[name][1] in first_page(*serving[name])


def first_page(port: int, process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(600):
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
            return str(answer.read(), "utf-8")
        assert process.poll() is None, log.read_text("utf-8")
        time.sleep(0.05)
    raise AssertionError(log.read_text("utf-8"))
