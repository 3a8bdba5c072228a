"""What CI is: `make test`, and no test skipped."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


SKIPS = """
import pytest

@pytest.fixture
def server():
    pytest.skip("no server")

def test_in_the_fixture(server):
    pass

def test_in_the_test():
    pytest.skip("no server")

@pytest.mark.skip("no server")
def test_by_mark():
    pass
"""


@pytest.mark.parametrize(("ci", "status", "summary"), [("true", 1, "failed"), ("", 0, "skipped")])
def test_skipped_is_failed_on_ci(tmp_path: Path, ci: str, status: int, summary: str) -> None:
    """On CI a test that is skipped, in whatever way, fails the run and says why; elsewhere it is only skipped."""
    (tmp_path / "test_it.py").write_text(SKIPS, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", os.devnull, "--rootdir", ".", "-rs", "test_it.py"],
        cwd=tmp_path,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    counts = {
        word: int(number) for number, word in re.findall(r"(\d+) (failed|skipped|error|errors)", done.stdout.splitlines()[-1])
    }

    assert status == done.returncode, done.stdout
    assert 3 == sum(counts.values())
    assert any(word.startswith((summary, "error")) for word in counts)
    assert "no server" in done.stdout


def test_ci_runs_make_test() -> None:
    """CI types what a developer types."""
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()

    assert "set -euo pipefail" in lines
    assert "make test" == lines[-1]


def test_installer_leaves_others_alone(tmp_path: Path) -> None:
    """Where dovecot and a browser are there, or packages cannot be installed, the installer ends well and changes nothing."""
    done = subprocess.run(
        ["bash", str(ROOT / "tests" / "servers" / "install.sh")],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        preexec_fn=become_nobody,
    )

    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout == "" or "the tests that need them are skipped" in done.stdout


def become_nobody() -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
