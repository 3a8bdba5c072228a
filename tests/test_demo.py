"""The demo: pages in a folder, a table in the terminal, and the small webmail."""

from __future__ import annotations

import contextlib
import html
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from cfml_pop.cli import main
from cfml_pop.cli.output import printable
from cfml_pop.cli.webmail import Webmail, whole_number
from cfml_pop.testing import EmbeddedServer, MissingExtra, sample_messages
from tests.servers.scripted import ScriptedServer

ROOT = Path(__file__).parent.parent
COUNT = len(sample_messages())


@pytest.fixture
def written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, str]:
    """The folder that the demo wrote, and what it printed."""
    assert 0 == main(["demo", "--output", str(tmp_path / "out")])
    return tmp_path / "out", capsys.readouterr().out


@pytest.fixture(scope="module")
def webmail(sample_server: EmbeddedServer) -> Iterator[Webmail]:
    mailbox = {
        "server": sample_server.host,
        "port": sample_server.port,
        "username": sample_server.user,
        "password": sample_server.password,
    }
    with Webmail(mailbox) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.octets = response.read()
        self.text = self.octets.decode("utf-8", "replace")


def ask(webmail: Webmail, path: str, *, method: str = "GET", host: str | None = None) -> Answer:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", webmail.server_port, timeout=20)) as connection:
        connection.request(method, path, headers={"Host": host} if host is not None else {})
        return Answer(connection.getresponse())


def uid_links(page: str) -> list[str]:
    return re.findall(r'href="(/message\?uid=[^"]+)"', page)


def test_pages_are_written(written: tuple[Path, str]) -> None:
    """There is a list, a dump, and one page a message, and every link of them leads to a file that is there."""
    folder, _ = written
    pages = sorted(path.name for path in folder.glob("*.html"))
    outside_frames = [re.sub(r'srcdoc="[^"]*"', "", path.read_text("utf-8")) for path in folder.glob("*.html")]
    links = {link for page in outside_frames for link in re.findall(r'href="([^"]+)"', page)}

    assert COUNT + 2 == len(pages)
    assert {"inbox.html", "dump.html"} <= set(pages)
    assert [] == [link for link in links if not (folder / unquote(html.unescape(link))).is_file()]


def test_attachments_are_written(written: tuple[Path, str]) -> None:
    """The attachments lie beside the pages, a folder for each message, with their octets."""
    folder, _ = written
    lists = sorted(folder.glob("attachments/*/rentals*.csv"))

    assert ["rentals.csv", "rentals1.csv"] == [path.name for path in lists]
    assert b"2026-01-05" in lists[0].read_bytes()
    assert b"2026-02-02" in lists[1].read_bytes()
    assert [] == [path for path in folder.glob("attachments/*") if not any(path.iterdir())]


def test_table_is_printed(written: tuple[Path, str]) -> None:
    """The terminal shows one line a message and where the pages are."""
    folder, printed = written

    assert COUNT == len(re.findall(r"^ +\d+  (?:\d{4}-\d\d-\d\d|no date)", printed, re.MULTILINE))
    assert "Ingrid Solberg" in printed
    assert f"{COUNT} messages" in printed
    assert (folder / "inbox.html").resolve().as_uri() in printed


def test_columns_stand_below_each_other(written: tuple[Path, str]) -> None:
    """Every line of the table has its subject at the same cell, also behind a name in East Asian signs."""
    _, printed = written
    lines = [line for line in printed.splitlines() if re.match(r" +\d+  ", line)]
    starts = []
    for line in lines:
        wide = [2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line]
        cells = [sum(wide[:place]) for place in range(len(line))]
        starts.append(line[cells.index(63)] if 63 in cells else "in the middle of a sign")

    assert 63 == printed.splitlines()[0].index("Subject")
    assert COUNT == len(starts)
    assert [] == [start for start in starts if start == " " or len(start) > 1]
    assert "自" in starts


def test_second_run_replaces(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second run writes the same files again and adds none."""
    runs = []
    for _ in range(2):
        main(["demo", "--output", str(tmp_path)])
        runs.append(sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")))
    capsys.readouterr()

    assert runs[0] == runs[1]


def test_mail_does_not_speak_to_the_terminal() -> None:
    """Control characters of a mail, also those above 127, are not printed."""
    assert "a\ufffd[31mb\ufffdc\n" == printable("a\x1b[31mb\x9bc\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "many"], ("--port", "many")),
        (["--serve", "--port", "65536"], ("--port", "65536", "65535")),
        (["--outptu", "x"], ("--outptu", "--output")),
        (["more"], ("more",)),
    ],
)
def test_wrong_arguments(arguments: list[str], words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong call of the demo ends with status 2 and one line that says what is wrong and where there is help."""
    assert 2 == main(["demo", *arguments])
    line = capsys.readouterr().err

    assert 1 == line.count("\n")
    assert [] == [word for word in ("cfml-pop: ", "cfml-pop demo --help", *words) if word not in line]


def test_missing_extra(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without the extra the demo says in one line what to install."""

    def start(_: EmbeddedServer) -> EmbeddedServer:
        raise MissingExtra("install the testing extra")

    monkeypatch.setattr(EmbeddedServer, "start", start)

    assert 1 == main(["demo", "--output", str(tmp_path)])
    assert "cfml-pop: install the testing extra\n" == capsys.readouterr().err


def test_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An output folder that is a file gives one line, no trace."""
    (tmp_path / "file").write_text("")

    assert 1 == main(["demo", "--output", str(tmp_path / "file" / "below")])
    assert capsys.readouterr().err.startswith("cfml-pop: ")


def test_webmail_list_and_message(webmail: Webmail) -> None:
    """The list links to every message, and each link shows its message."""
    inbox = ask(webmail, "/")
    links = uid_links(inbox.text)
    message = ask(webmail, links[-1])

    assert (200, 200, COUNT) == (inbox.status, message.status, len(links))
    assert "Is the blue touring bike still there?" in message.text
    assert 'href="/"' in message.text


def test_webmail_headers(webmail: Webmail) -> None:
    """A page may load nothing and stand in no other's frame, is not guessed at and not stored."""
    headers = ask(webmail, "/").headers

    assert "text/html; charset=utf-8" == headers["Content-Type"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert ("nosniff", "no-store") == (headers["X-Content-Type-Options"], headers["Cache-Control"])


def test_webmail_attachment(webmail: Webmail) -> None:
    """An attachment comes as a download, whatever its type says, and the second of the same name is the second."""
    link = next(link for link in uid_links(ask(webmail, "/").text) if "uid=0003-" in link)
    files = re.findall(r'href="(/attachment[^"]+)"', ask(webmail, link).text)
    second = ask(webmail, files[1].replace("&amp;", "&"))

    assert 2 == len(files)
    assert second.octets.startswith(b"day,bike,hours\n2026-02-02")
    assert "attachment; filename*=UTF-8''rentals1.csv" == second.headers["Content-Disposition"]
    assert ("application/octet-stream", "nosniff") == (second.headers["Content-Type"], second.headers["X-Content-Type-Options"])
    assert "default-src 'none'; sandbox" == second.headers["Content-Security-Policy"]


def test_webmail_keeps_no_files(webmail: Webmail) -> None:
    """After the answer none of the attachments it needed is left."""
    link = next(link for link in uid_links(ask(webmail, "/").text) if "uid=0002-" in link)

    assert "data:image/png;base64," in ask(webmail, link).text
    assert [] == list(Path(str(webmail.settings.attachment_root)).iterdir())


@pytest.mark.parametrize("host", ["evil.example.com", "127.0.0.1", "127.0.0.1:1", ""])
def test_webmail_checks_the_host(webmail: Webmail, host: str) -> None:
    """A request under another name than its own is refused, and shows no mail."""
    answer = ask(webmail, "/", host=host)

    assert 421 == answer.status
    assert "Ingrid" not in answer.text


def test_webmail_answers_to_localhost(webmail: Webmail) -> None:
    """localhost is its own name as well."""
    assert 200 == ask(webmail, "/", host=f"localhost:{webmail.server_port}").status


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/nothing", 404, "There is no such page."),
        ("/message?uid=unknown", 200, "No such message"),
        ("/message", 200, "No such message"),
        ("/attachment?uid=unknown&number=1", 404, "There is no such attachment."),
        ("/attachment?uid=unknown&number=0", 404, "There is no such attachment."),
        ("/?startrow=99", 200, "No messages from number 99 on"),
        ("/?startrow=x", 200, "Ingrid Solberg"),
        ("/?startrow=99999999999999", 200, "Ingrid Solberg"),
        ("/../../etc/passwd", 404, "There is no such page."),
    ],
)
def test_webmail_odd_requests(webmail: Webmail, path: str, status: int, text: str) -> None:
    """What is not there is said so, and a senseless number is no number."""
    answer = ask(webmail, path)

    assert (status, True) == (answer.status, text in answer.text)


def test_webmail_head(webmail: Webmail) -> None:
    """HEAD gives the same headers and no body; other methods are refused."""
    head = ask(webmail, "/", method="HEAD")

    assert (200, b"") == (head.status, head.octets)
    assert int(head.headers["Content-Length"]) > 1000
    assert 501 == ask(webmail, "/", method="POST").status


@pytest.mark.parametrize(("error", "traces"), [(ConnectionResetError(), 0), (BrokenPipeError(), 0), (ValueError(), 1)])
def test_webmail_leaving_browser(webmail: Webmail, capsys: pytest.CaptureFixture[str], error: Exception, traces: int) -> None:
    """A browser that goes away leaves no trace in the terminal; a fault of the program does."""
    try:
        raise error
    except Exception:  # noqa: BLE001 - whatever it is
        webmail.handle_error(None, ("127.0.0.1", 1))

    assert traces == capsys.readouterr().err.count("Traceback")


def test_webmail_without_mailbox() -> None:
    """When the mailbox cannot be read the page says why, without the password and without a trace."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        mailbox = {"server": "127.0.0.1", "port": closed.getsockname()[1], "username": "u", "password": "tiger"}
        with Webmail(mailbox) as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            answer = ask(server, "/")
            server.shutdown()
            thread.join()

    assert 502 == answer.status
    assert "The mailbox could not be read: " in answer.text
    assert "tiger" not in answer.text


@pytest.mark.parametrize(
    ("text", "number"), [("7", 7), (None, 1), ("", 1), ("0", 1), ("-3", 1), ("٣", 1), ("1e3", 1), ("9" * 10, 1)]
)
def test_whole_number(text: str | None, number: int) -> None:
    """Only plain digits are a number, and not too many."""
    assert number == whole_number(text, 1)


def heed_interrupts() -> None:
    """A shell starts what runs in its background with Ctrl-C ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_serve_until_interrupted(kind: signal.Signals) -> None:
    """The served demo says its address, answers there, and ends on Ctrl-C with status 0 and no trace."""
    child = subprocess.Popen(
        [sys.executable, "-m", "cfml_pop", "demo", "--serve"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        preexec_fn=heed_interrupts,
    )
    try:
        assert child.stdout is not None
        address = re.findall(r"http://127\.0\.0\.1:(\d+)/", child.stdout.readline())
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", int(address[0]), timeout=20)) as connection:
            connection.request("GET", "/")
            assert 200 == connection.getresponse().status
        os.killpg(child.pid, kind)  # Ctrl-C reaches the whole group, as it does here
        output, errors = child.communicate(timeout=20)
    finally:
        child.kill()
        child.communicate()

    assert (0, "\nStopped.\n", "") == (child.returncode, output, errors)


def test_webmail_opens_odd_uids() -> None:
    """A message and its attachment open by their links, whatever the uid holds."""
    uids = ["a,b", "c/d&e=f", "{number}"]
    mail = sample_messages()[2]
    with ScriptedServer([mail] * 3, uids=uids) as server:
        mailbox = {"server": "127.0.0.1", "port": server.port, "username": "kim", "password": server.password}
        with Webmail(mailbox) as site:
            thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            try:
                links = [html.unescape(link) for link in uid_links(ask(site, "/").text)]
                pages = [ask(site, link).text for link in links]
                files = [re.findall(r'href="(/attachment[^"]+)"', page) for page in pages]
                octets = [ask(site, html.unescape(found[1])).octets for found in files]
            finally:
                site.shutdown()
                thread.join()

    assert 3 == len(links)
    assert [True] * 3 == ["Rentals of January" in page for page in pages]
    assert [True] * 3 == [b"2026-02-02" in file for file in octets]


def test_rows_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With --json the rows are all that is printed, and nothing is written."""
    monkeypatch.chdir(tmp_path)

    assert 0 == main(["demo", "--json"])
    rows = json.loads(capsys.readouterr().out)
    assert (COUNT, "Is the blue touring bike still there?") == (len(rows), rows[0]["subject"])
    assert [] == list(tmp_path.iterdir())
    assert 2 == main(["demo", "--json", "--serve"])
    assert "take one of them" in capsys.readouterr().err
