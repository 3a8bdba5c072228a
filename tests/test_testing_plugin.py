"""The pytest plugin, used as an outside project uses it; and the page of the manual about it."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cfml_pop.testing import EmbeddedServer, MakePopServer

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "testing.md"


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project of its own with our plugin and no other one."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeini("[pytest]\naddopts = -p cfml_pop.testing.plugin --strict-markers -W error\n")
    return pytester


def test_the_page_of_the_manual(project: pytest.Pytester) -> None:
    """Every code block of docs/testing.md is a test file that passes as it stands."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    project.makepyfile(**{f"test_{number}": block for number, block in enumerate(blocks)})

    project.runpytest_inprocess().assert_outcomes(passed=sum(block.count("\ndef test_") for block in blocks))
    assert 5 == len(blocks)


def test_the_page_names_everything() -> None:
    """Every option and every property of the server is on the page."""
    text = PAGE.read_text("utf-8")
    options = list(inspect.signature(EmbeddedServer).parameters)
    public = [name for name in vars(EmbeddedServer) if not name.startswith("_") and name not in ("start", "stop")]

    assert [] == [name for name in (*options, *public) if not re.search(rf"`[^`]*\b{name}\b", text)]


def test_servers_of_one_test_do_not_live_on(project: pytest.Pytester) -> None:
    """Each test has a mailbox of its own, the process is one for all, and every port is closed when its test is over."""
    project.makepyfile(
        """
        import poplib
        import pytest

        seen = []

        @pytest.mark.pop_server(messages=["Subject: x\\n\\n"])
        @pytest.mark.parametrize("turn", [1, 2])
        def test_delete(pop_server, make_pop_server, turn):
            for server in seen:
                with pytest.raises(ConnectionRefusedError):
                    poplib.POP3(server.host, server.port)
            seen.extend([pop_server, make_pop_server()])
            connection = poplib.POP3(pop_server.host, pop_server.port, timeout=10)
            connection.user(pop_server.user)
            connection.pass_(pop_server.password)
            assert 1 == connection.stat()[0]
            connection.dele(1)
            connection.quit()
            assert [1] == pop_server.deleted

        def test_one_process(pop_server, pop_server_process):
            assert pop_server._process is pop_server_process is seen[0]._shared
            assert [[1], [], [1], []] == [server.deleted for server in seen]
        """
    )

    project.runpytest_inprocess().assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("mark", "line"),
    [
        ("latencey=1", "@pytest.mark.pop_server of test_it.py::test_it: it got an unexpected keyword argument 'latencey'*"),
        ("refuse='RETRE'", "@pytest.mark.pop_server of test_it.py::test_it: refuse: 'RETRE' is no command of POP3; did you*"),
        ("'inbox.eml'", "@pytest.mark.pop_server of test_it.py::test_it: 'inbox.eml' is no text of a message; *"),
    ],
)
def test_wrong_mark(project: pytest.Pytester, mark: str, line: str) -> None:
    """A mark that is wrong is told in one line with the test and what to write, not in a trace through the plugin."""
    project.makepyfile(test_it=f"import pytest\n\n@pytest.mark.pop_server({mark})\ndef test_it(pop_server):\n    pass\n")
    result = project.runpytest_inprocess()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([line])
    result.stdout.no_fnmatch_line("*Error*")


def test_without_twisted(project: pytest.Pytester) -> None:
    """Where the extra is not installed, a test that uses a fixture fails with one line that says what to install."""
    project.makeconftest(
        """
        import importlib.util
        real = importlib.util.find_spec
        importlib.util.find_spec = lambda name, *rest: None if name == "twisted" else real(name, *rest)
        """
    )
    project.makepyfile(test_it="def test_it(pop_server):\n    pass\n\ndef test_other():\n    pass\n")
    result = project.runpytest_subprocess()

    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(
        ["the embedded POP3 server needs twisted; install it with: pip install 'cfml-pop[[]testing]'"], consecutive=True
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*plugin.py*")


def test_unused_plugin_loads_nothing(project: pytest.Pytester) -> None:
    """In a run that uses no fixture of ours the plugin has loaded none of the package's modules that work."""
    project.makepyfile(
        test_it="""
        import sys

        def test_it():
            ours = {name for name in sys.modules if name.startswith("cfml_pop")}
            assert {"cfml_pop", "cfml_pop.testing", "cfml_pop.testing.plugin"} == ours
            assert not {"twisted", "OpenSSL", "trustme", "jinja2"} & set(sys.modules)
        """
    )

    project.runpytest_subprocess().assert_outcomes(passed=1)


@pytest.mark.skipif(sys.platform == "win32", reason="kill is POSIX's")
def test_killed_run(project: pytest.Pytester) -> None:
    """When the run is killed in the middle of a test, the server's port is closed soon."""
    from tests.test_testing_server import ends_within

    project.makepyfile(
        test_it="""
        import os, signal

        def test_it(pop_server, capsys):
            with capsys.disabled():
                print(f"port={pop_server.port}.", flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest"], cwd=project.path, capture_output=True, text=True, timeout=60, check=False
    )

    assert -9 == done.returncode
    port = re.search(r"port=(\d+)\.", done.stdout)
    assert port
    assert ends_within(10, int(port[1]))


def test_the_factory_takes_what_the_server_takes() -> None:
    """`MakePopServer` has every option of `EmbeddedServer` with the same default, but for the process."""
    server = dict(inspect.signature(EmbeddedServer.__init__).parameters)
    del server["process"]

    assert list(server.values()) == list(inspect.signature(MakePopServer.__call__).parameters.values())
