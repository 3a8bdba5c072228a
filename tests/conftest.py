"""Fixtures for all tests, and the rule that CI skips nothing.

Rule: a fixture here stands for something costly that many tests share; what one file needs stays in that file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator

import hypothesis
import pytest

from cfml_pop.testing import EmbeddedServer, sample_messages
from tests.servers.dovecot import Dovecot, find_dovecot

__all__ = ["chromium", "dovecot", "sample_server"]

# A busy machine is no fault of the code: no example is timed.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On CI (CI=true) a skipped test is a failure: a machine that lacks a server would otherwise pass without having tested."""
    report = yield
    may_skip = item.get_closest_marker("may_skip") is not None
    if report.skipped and not may_skip and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        reason = call.excinfo.value if call.excinfo else "no reason given"
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and on CI nothing may be: {reason}"
    return report


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A running Dovecot; every test makes mailboxes of its own with `dovecot.mailbox(...)`."""
    program = find_dovecot()
    if program is None:
        pytest.skip("dovecot is not installed (Debian: dovecot-pop3d and dovecot-imapd)")
    with Dovecot(program) as server:
        yield server


@pytest.fixture(scope="session")
def sample_server() -> Iterator[EmbeddedServer]:
    """The embedded server with the sample mailbox; tests that use it delete nothing."""
    with EmbeddedServer(sample_messages()) as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium or Chrome."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    pytest.skip("no Chromium is installed (Debian: chromium)")
