"""The process that Twisted runs in, as its parent holds it.

Rule: this side only starts the child, asks it and stops it; it imports no Twisted, so that a test suite pays for none. One child
serves any number of mailboxes, because starting it costs more than all else.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from cfml_pop.errors import CfpopError, MissingExtra

__all__ = ["ServerProcess", "require"]

PACKAGE_ROOT = Path(__file__).resolve().parents[2]


class ServerProcess:
    """The child process of one or more embedded servers; a context manager. Give it to `EmbeddedServer(process=...)`.

    It ends with `stop()`, with the block, or when the process that started it ends, however that one died. Raises MissingExtra
    when the extra is not installed, CfpopError when the child does not answer.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def start(self) -> ServerProcess:
        require("twisted")
        path = os.pathsep.join([str(PACKAGE_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        self._child = subprocess.Popen(
            [sys.executable, "-m", "cfml_pop.testing.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,  # Ctrl-C is for the parent, which then ends the child
        )
        return self

    def stop(self) -> None:
        """End the child; a second call does nothing."""
        child, self._child = self._child, None
        if child is None or child.stdin is None or child.stdout is None:
            return
        with contextlib.suppress(BrokenPipeError):  # it may be gone already
            child.stdin.close()
        child.stdout.close()
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def ask(self, request: dict[str, object], messages: Sequence[bytes] = ()) -> dict[str, Any]:
        """Send a request (see `child`), with the octets of `messages` behind it, and give its answer back."""
        child = self._child
        if child is None or child.stdin is None or child.stdout is None:
            raise CfpopError("the embedded POP3 server is not running")
        line = json.dumps({**request, "sizes": [len(message) for message in messages]}).encode()
        with self._lock:
            with contextlib.suppress(BrokenPipeError):  # the child ended early; the empty line below says so
                child.stdin.write(line + b"\n" + b"".join(messages))
                child.stdin.flush()
            answer = child.stdout.readline()
        if not answer:
            raise CfpopError("the embedded POP3 server did not start or has ended; what it wrote to stderr says why")
        answered: dict[str, Any] = json.loads(answer)
        if "error" in answered:
            raise CfpopError(f"the embedded POP3 server: {answered['error']}")
        return answered

    def __enter__(self) -> ServerProcess:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def require(*modules: str) -> None:
    """Raise MissingExtra unless all `modules` can be imported."""
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtra(
            f"the embedded POP3 server needs {', '.join(missing)}; install it with: pip install 'cfml-pop[testing]'"
        )
