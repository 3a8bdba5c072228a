"""What a person sees while a long call runs, and what Ctrl-C does to it.

Rule: the bar is drawn on stderr, on a terminal only, and is gone afterwards; nothing of a mail stands in it. An interrupted call
drops its connection, so that nothing is deleted, and says in one line how far it was.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import click

from cfml_pop.progress import Progress

__all__ = ["LONG_MESSAGES", "LONG_OCTETS", "interruptible", "progress_bar"]

LONG_MESSAGES = 25
LONG_OCTETS = 1_000_000
"""From so many messages or octets on a call is long enough for a bar."""

INTERRUPTED = 130
"""The exit status, as a shell reports it for a program that Ctrl-C ended."""

_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""What ends a program besides Ctrl-C; SIGHUP says that its terminal was closed, and Windows has none."""

_DOING = {"delete": "Marking", "markRead": "Marking"}


@contextlib.contextmanager
def progress_bar(action: str, *, wanted: bool = True) -> Iterator[Callable[[Progress], None]]:
    """Gives what `cfpop(progress=...)` takes. On a terminal, where `wanted`, it draws a bar once the call shows to be long."""
    if not (wanted and sys.stderr.isatty()):
        yield lambda _progress: None
        return
    bar = _Bar(_DOING.get(action, "Reading"))
    try:
        yield bar.show
    finally:
        bar.stop()


class _Bar:
    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._bar: Any = None
        self._task: Any = None

    def show(self, progress: Progress) -> None:
        if self._bar is None:
            if progress.messages < LONG_MESSAGES and progress.expected < LONG_OCTETS:
                return
            self._start()
        known = progress.expected > 0
        self._bar.update(
            self._task,
            total=progress.expected if known else progress.messages,
            completed=progress.octets if known else progress.done,
            messages=f"{progress.done}/{progress.messages} messages",
            octets=_octets(progress),
        )

    def stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self._bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[messages]}"),
            TextColumn("{task.fields[octets]}"),
            TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            expand=True,
        )
        self._task = self._bar.add_task(self._doing, total=None, messages="", octets="")
        self._bar.start()


def _octets(progress: Progress) -> str:
    if not progress.expected and progress.octets < 100_000:
        return ""
    came = f"{progress.octets / 1e6:.1f}"
    return f"{came}/{progress.expected / 1e6:.1f} MB" if progress.expected else f"{came} MB"


@contextlib.contextmanager
def interruptible(told: Callable[[], str]) -> Iterator[None]:
    """Ctrl-C, SIGTERM and SIGHUP inside the block end the command with status 130 and one line on stderr: `told()` says what was
    done."""
    main = threading.current_thread() is threading.main_thread()  # elsewhere signals are not ours to take
    # What is ignored stays so: nohup means that a closed terminal ends nothing.
    taken = [number for number in _ENDING if main and signal.getsignal(number) != signal.SIG_IGN]
    previous = {number: signal.signal(number, _interrupt) for number in taken}
    try:
        yield
    except (KeyboardInterrupt, click.Abort):
        start = "\n" if sys.stderr.isatty() else ""  # behind the ^C that the terminal shows
        click.echo(f"{start}cfml-pop: interrupted: {told()}", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
