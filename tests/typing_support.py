"""Pyright, as the tests run it.

Rule: where it cannot run at all the test is skipped with what it said; what it finds is the test's to judge.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

__all__ = ["pyright"]


def pyright(*arguments: str, python: str, folder: Path) -> tuple[int, dict[str, Any]]:
    """The status and the report of pyright, which needs Node.js and fetches it where there is none."""
    if importlib.util.find_spec("pyright") is None:
        pytest.skip("pyright is not installed (it is in the extra dev)")
    home = Path(python).parent
    environment = {**os.environ, "PATH": f"{home}{os.pathsep}{os.environ.get('PATH', '')}", "VIRTUAL_ENV": str(home.parent)}
    environment["PYRIGHT_PYTHON_IGNORE_WARNINGS"] = "1"  # that there is a newer one is no fault
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=110,
        check=False,
    )
    if not done.stdout.startswith("{"):
        pytest.skip(f"pyright does not run here: {(done.stderr or done.stdout).strip()[-200:]}")
    return done.returncode, json.loads(done.stdout)
