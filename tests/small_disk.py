"""A disk of 64 KB that is really full, and one that is read-only: a tmpfs in a private mount namespace, seen by one process.

Rule: nothing outside changes. The mounts end with the process that runs inside them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["OCTETS", "no_mounts", "run"]

OCTETS = 64 * 1024
"""What fits on the disk."""

# $1: the folder, $2: its options, $3: the interpreter, $4: the script.
ENTER = """
set -e
mount -t tmpfs -o "size=64k,mode=755" tmpfs "$1"
echo before >"$1/before.txt"
if [ -n "$2" ]; then mount -o "remount,$2" "$1"; fi
exec "$3" -W error -c "$4" "$1"
"""
ROOT = Path(__file__).parent.parent


@cache
def no_mounts() -> str:
    """Why this machine cannot mount, "" if it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "only root can mount a small disk (Linux)"
    if not all(map(shutil.which, ("unshare", "mount"))):
        return "unshare or mount is missing (Debian: util-linux, mount)"
    probe = subprocess.run(["unshare", "--mount", "--propagation", "private", "true"], capture_output=True, check=False)
    return "" if probe.returncode == 0 else "mounts are not allowed here"


def run(script: str, folder: Path, *, options: str = "") -> dict[str, Any]:
    """What `script` prints as JSON at its end. The disk's folder is its `sys.argv[1]`; `options` such as "ro" are mounted."""
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", ENTER, "enter", str(folder), options, sys.executable,
         script],
        capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
