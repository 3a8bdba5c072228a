"""`cfml-pop render`: variables, search path, and a file that is whole or not there."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cfml_pop.cli import main
from cfml_pop.testing import EmbeddedServer

ROOT = Path(__file__).parent.parent


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stdin(monkeypatch: pytest.MonkeyPatch, octets: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets), "utf-8"))


def test_variables(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--data gives values of any kind, --set texts, which win, also below a mapping; values are escaped."""
    (folder / "page.html").write_text("{{ name }} {{ url.startrow }} {{ url.uid }} {{ rows|length }}\n")
    (folder / "data.json").write_text(json.dumps({"name": "no", "rows": [1, 2], "url": {"startrow": 3, "uid": "a"}}))

    assert 0 == main(["render", "page.html", "--data", "data.json", "--set", "name=a=<b>", "--set", "url.uid=ü"])
    assert "a=&lt;b&gt; 3 ü 2" == capsys.readouterr().out.strip()


def test_stdin(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """- is stdin, for the template or for the data, and the template includes what is in the current folder."""
    (folder / "part.html").write_text("part")
    stdin(monkeypatch, b"<% include 'part.html' %>{{ n }}")
    assert 0 == main(["render", "-", "--set", "n=1"])
    stdin(monkeypatch, b'{"n": 2}')
    (folder / "page.html").write_text("{{ n + 1 }}")
    assert 0 == main(["render", "page.html", "--data", "-"])

    assert "part13" == capsys.readouterr().out
    assert 2 == main(["render", "-", "--data", "-"])


def test_search_path(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A template finds what lies beside it, then the ready-made ones, and nothing above its folder."""
    (folder / "pages").mkdir()
    (folder / "above.html").write_text("secret")
    (folder / "pages" / "a.html").write_text("<% include 'b.html' %><% include 'page.css' %>")
    (folder / "pages" / "b.html").write_text("beside")
    (folder / "pages" / "c.html").write_text("<% include '../above.html' %>")

    assert 0 == main(["render", "pages/a.html"])
    shown = capsys.readouterr().out
    assert shown.startswith("beside")
    assert "font" in shown
    assert 1 == main(["render", "pages/c.html"])
    assert "cfml-pop: pages/c.html:1: there is no template ../above.html\n" == capsys.readouterr().err


def test_ready_made_template(sample_server: EmbeddedServer, folder: Path) -> None:
    """A ready-made template is rendered by its name, with a mailbox from --data, into a file; attachments go to their folder."""
    mailbox = {
        "server": sample_server.host,
        "port": sample_server.port,
        "username": sample_server.user,
        "password": sample_server.password,
    }
    (folder / "box.json").write_text(json.dumps(mailbox))
    (folder / "own.html").write_text(
        '<% cfpop server=server port=port username=username password=password action="getAll" name="m" attachmentPath="in" %>'
    )

    assert 0 == main(["render", "inbox.html", "--data", "box.json", "-o", "inbox.html"])
    assert "Ingrid Solberg" in (folder / "inbox.html").read_text("utf-8")
    assert 0 == main(["render", "own.html", "--data", "box.json", "--attachment-root", "files", "-o", "x"])
    assert (folder / "files" / "in" / "wanderer.png").is_file()


@pytest.mark.parametrize(
    ("options", "page", "shown"),
    [
        (["--functions"], "{{ ucase('a') }}", "A"),
        (["--tags"], "<% cfset x = 1 & 2 %>{{ x }}", "12"),
        (["--jinja"], "{% if true %}<% a %>{% endif %}", "<% a %>"),
        (["--cfml"], "<% if true %>{% a %}<% endif %>", "{% a %}"),
        (["--dialect", "Lucee"], "{{ 1 }}", "1"),
    ],
)
def test_options_of_templates(
    options: list[str], page: str, shown: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The options load what their help says."""
    (folder / "page.txt").write_text(page)

    assert 0 == main(["render", "page.txt", *options])
    assert shown == capsys.readouterr().out


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("<% cfpop nmae='x' prt=1 %>", ("page.html:1: ", "nmae", "prt", "username")),
        ("x\n{{ 1/0 }}", ("page.html:2: ", "ZeroDivisionError")),
        ("\n\n{{ nothing.at.all }}", ("page.html:3: ", "'nothing' is undefined")),
        ("<% if %>", ("page.html:1: ", "Expected an expression")),
        ("{{ x|uper }}", ("page.html:1: ", "uper")),
        ("<% include ['a', 'b'] %>", ("page.html:1: ", "a or b")),
        ('<% cfpop connection="support" name="m" %>', ("page.html:1: ", "support")),
    ],
)
def test_faults_of_a_page(page: str, words: tuple[str, ...], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A page that fails gives status 1 and one line with its place; the old file stays as it was, and none is added."""
    (folder / "page.html").write_text(page)
    (folder / "out.html").write_text("old")

    assert 1 == main(["render", "page.html", "-o", "out.html"])
    printed = capsys.readouterr()
    assert ("", 1) == (printed.out, printed.err.count("\n"))
    assert [] == [word for word in words if word not in printed.err]
    assert "old" == (folder / "out.html").read_text()
    assert ["out.html", "page.html"] == sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["inbx.html"], "did you mean inbox.html?"),
        (["pag.html"], "did you mean page.html?"),
        (["zzz"], "ready-made are dump.html"),
        (["."], "is a folder"),
        (["page.html", "--set", "title"], "NAME=VALUE"),
        (["page.html", "--set", "=1"], "NAME=VALUE"),
        (["page.html", "--set", "a=1", "--set", "a.b=2"], "a is no mapping"),
        (["page.html", "--data", "none.json"], "no file none.json"),
        (["page.html", "--data", "bad.json"], "bad.json:2:1: no JSON"),
        (["page.html", "--data", "list.json"], "no JSON object"),
        (["page.html", "--data", "deep.json"], "deep.json cannot be read"),
        (["page.html", "--data", "long.json"], "long.json cannot be read"),
        (["page.html", "--data", "binary"], "UTF-8"),
        (["page.html", "--config", "none.toml"], "none.toml"),
    ],
)
def test_wrong_calls(arguments: list[str], word: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A call that cannot be meant so has status 2 and one line, and nothing is rendered."""
    (folder / "page.html").write_text("page")
    (folder / "bad.json").write_text('{"a":\n')
    (folder / "list.json").write_text("[]")
    (folder / "deep.json").write_text("[" * 100_000)
    (folder / "long.json").write_text("9" * 10_000)
    (folder / "binary").write_bytes(b"\xff\xff\xff")

    assert 2 == main(["render", *arguments])
    printed = capsys.readouterr()
    assert ("", 1) == (printed.out, printed.err.count("\n"))
    assert word in printed.err


def test_file_keeps_its_rights_and_links(folder: Path) -> None:
    """A file is replaced as a whole, never written into, and keeps its rights; a new one has the usual ones; links stay links."""
    (folder / "page.html").write_text("new")
    (folder / "old.html").write_text("old")
    (folder / "old.html").chmod(0o640)
    (folder / "link.html").symlink_to("old.html")
    usual = folder / "usual"
    usual.write_text("")

    with (folder / "old.html").open() as reader:
        assert 0 == main(["render", "page.html", "-o", "link.html"])
        assert "old" == reader.read()
    assert 0 == main(["render", "page.html", "-o", "fresh.html"])
    assert ("new", 0o640) == ((folder / "old.html").read_text(), stat.S_IMODE((folder / "old.html").stat().st_mode))
    assert (folder / "link.html").is_symlink()
    assert usual.stat().st_mode == (folder / "fresh.html").stat().st_mode


@pytest.mark.parametrize("out", ["none/out.html", "."])
def test_file_that_cannot_be_written(out: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An output that cannot be written is named as it was given, and nothing is left behind."""
    (folder / "page.html").write_text("page")

    assert 1 == main(["render", "page.html", "-o", out])
    assert capsys.readouterr().err.startswith(f"cfml-pop: {out}: ")
    assert ["page.html"] == [path.name for path in folder.iterdir()]


def test_page_that_is_no_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A template that is no UTF-8 text is named in one line."""
    (folder / "page.html").write_bytes(b"\xff")

    assert 1 == main(["render", "page.html"])
    assert "cfml-pop: page.html is no UTF-8 text\n" == capsys.readouterr().err


def heed_interrupts() -> None:
    """A shell starts what runs in its background with Ctrl-C ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_ctrl_c(folder: Path) -> None:
    """Ctrl-C while a page is rendered ends with status 130 and one line; the old file is as it was, and none is added."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        (folder / "page.html").write_text(
            f'begin <% cfpop server="127.0.0.1" port={silent.getsockname()[1]} username="kim" password="x" name="m" %> end'
        )
        (folder / "out.html").write_text("old")
        child = subprocess.Popen(
            [sys.executable, "-m", "cfml_pop", "render", "page.html", "-o", "out.html"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            encoding="utf-8",
            preexec_fn=heed_interrupts,
        )
        try:
            connection, _ = silent.accept()  # it waits for the greeting, which does not come
            child.send_signal(signal.SIGINT)
            _, errors = child.communicate(timeout=20)
            connection.close()
        finally:
            child.kill()
            child.communicate()

    assert (130, "cfml-pop: interrupted") == (child.returncode, errors.strip())
    assert "old" == (folder / "out.html").read_text()
    assert ["out.html", "page.html"] == sorted(path.name for path in folder.iterdir())
