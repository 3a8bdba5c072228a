"""The webmail of examples/, asked by Flask's test client: what it shows, refuses, and does to a real mailbox."""

from __future__ import annotations

import contextlib
import html
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cfml_pop import Connection, Settings, cfpop
from cfml_pop.testing import sample_messages
from tests.servers.dovecot import Dovecot, Mailbox
from tests.servers.scripted import ScriptedServer
from tests.webmail_support import application, connection, letter, letters

EXAMPLE = Path(__file__).parent.parent / "examples" / "webmail"


def client_of(mailbox: Mailbox | Connection, **options: Any) -> Any:
    return application(mailbox, **options).test_client()


def scripted(server: ScriptedServer) -> Connection:
    return Connection(server="127.0.0.1", port=server.port, username="kim", password=server.password, secure=False)


@contextlib.contextmanager
def nobody() -> Iterator[Connection]:
    """A mailbox on a port where nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield Connection(server="127.0.0.1", port=closed.getsockname()[1], username="kim", password="tiger", secure=False)


def subjects(page: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r'<span class="subject">(.*?)</span>', page)]


def links(page: str, path: str) -> list[str]:
    """The addresses below `path` that a page links to."""
    return [html.unescape(found) for found in re.findall(rf'href="({path}\?[^"]*)"', page)]


def token(page: str) -> str:
    found: list[str] = re.findall(r'name="csrf_token" value="([^"]+)"', page)
    return found[0]


def uids(page: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r'name="uid" value="([^"]+)"', page)]


def test_the_newest_stand_first(dovecot: Dovecot) -> None:
    """Pages hold the newest messages first, each message is on one page, and a number behind the last page is the last page."""
    client = client_of(dovecot.mailbox(letters(7)), page_size=3)
    pages = [client.get(f"/?page={number}").text for number in (1, 2, 3, 99)]

    assert ["Letter 7", "Letter 6", "Letter 5"] == subjects(pages[0])
    assert ["Letter 4", "Letter 3", "Letter 2"] == subjects(pages[1])
    assert ["Letter 1"] == subjects(pages[2]) == subjects(pages[3])
    assert "4\N{EN DASH}6 of 7" in pages[1]
    assert ["/?page=1", "/?page=3"] == links(pages[1], "/")
    assert [["/?page=2"], ["/?page=2"]] == [links(pages[0], "/"), links(pages[2], "/")]


@pytest.fixture(scope="module")
def reading() -> Iterator[Any]:
    """A client for a mailbox of two messages, uid1 and uid2, that is only read."""
    with ScriptedServer(letters(2)) as server:
        yield client_of(scripted(server))


@pytest.mark.parametrize("page", ["", "0", "-1", "x", "9" * 5000])
def test_a_senseless_page_number(reading: Any, page: str) -> None:
    """What is no page number shows a page all the same."""
    assert ["Letter 2", "Letter 1"] == subjects(reading.get(f"/?page={page}").text)


def test_a_page_fetches_itself_only() -> None:
    """A page of the list asks for the headers of its own messages and of no others, however many there are."""
    with ScriptedServer(letters(40)) as server:
        client_of(scripted(server), page_size=3).get("/?page=2")
        asked = [command for command in server.commands if command.startswith(("TOP", "RETR", "LIST", "UIDL"))]

    assert {"35", "36", "37"} == {command.split()[1] for command in asked if " " in command}
    assert [] == [command for command in asked if " " not in command]


def test_an_empty_mailbox(dovecot: Dovecot) -> None:
    """An empty mailbox is said in words, without buttons and pages."""
    page = client_of(dovecot.mailbox([])).get("/")

    assert (200, True) == (page.status_code, "The mailbox is empty." in page.text)
    assert "Delete" not in page.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("invoice", ["Invoice 2", "Invoice 1"]),
        ("INVOICE kim", ["Invoice 2"]),
        ("from:kim", ["Lunch", "Invoice 2"]),
        ("subject:kim", []),
        ("date:2026-06-03", ["Lunch"]),
        ("3 june", ["Lunch"]),
        ("from:ann subject:invoice", ["Invoice 1"]),
        ("ünique", ["An Ünique thing"]),
        ("nobody", []),
        ("from:", ["An Ünique thing", "Lunch", "Invoice 2", "Invoice 1"]),
    ],
)
def test_search(searchable: Any, query: str, found: list[str]) -> None:
    """All words must stand in sender, subject or date, or in the field that a word names; case does not matter."""
    assert found == subjects(searchable.get("/", query_string={"q": query}).text)


@pytest.fixture(scope="module")
def searchable(dovecot: Dovecot) -> Any:
    messages = [
        letter("Invoice 1"),
        letter("Invoice 2", sender="Kim <kim@example.org>", day=2),
        letter("Lunch", sender="Kim <kim@example.org>", day=3),
        letter("An Ünique thing", day=4),
    ]
    return client_of(dovecot.mailbox(messages))


def test_search_reads_headers_once() -> None:
    """A second search fetches no header again but those of its own page, new mail is found, and what was deleted is not."""
    with ScriptedServer(letters(30)) as server:
        client = client_of(scripted(server), page_size=2)
        counts = []
        for query in ("letter", "letter 7"):
            before = len(server.commands)
            client.get("/", query_string={"q": query})
            counts.append(sum(command.startswith("TOP") for command in server.commands[before:]))
        server.messages[:1] = []
        server.uids[:1] = []
        server.messages.append(letter("Letter 31"))
        server.uids.append("uid31")
        shown = [subjects(client.get("/", query_string={"q": f"subject:{word}"}).text) for word in ("31", "1")]

    assert [30 + 2, 2] == counts
    assert ["Letter 31"] == shown[0]
    assert ["Letter 31", "Letter 21"] == shown[1]


def test_search_has_a_limit(dovecot: Dovecot) -> None:
    """Only the newest messages are looked at, and the page says how many."""
    page = client_of(dovecot.mailbox(letters(5)), search_limit=2).get("/?q=letter").text

    assert ["Letter 5", "Letter 4"] == subjects(page)
    assert "of the newest 2 messages" in page


def test_search_has_pages(dovecot: Dovecot) -> None:
    """What was found is shown a page at a time, and the links keep the query."""
    page = client_of(dovecot.mailbox(letters(5)), page_size=2).get("/?q=letter+%26&page=2").text
    second = client_of(dovecot.mailbox(letters(5)), page_size=2).get("/?q=letter&page=2").text

    assert [] == subjects(page)
    assert ["Letter 3", "Letter 2"] == subjects(second)
    assert ["/?page=1&q=letter", "/?page=3&q=letter"] == links(second, "/")


def test_headers() -> None:
    """Every answer, also of an error, forbids scripts, frames of others and guessing, and names itself to nobody."""
    with nobody() as mailbox:
        client = client_of(mailbox)
        for path in ("/", "/?q=a", "/message?uid=1", "/nothing", "/static/style.css", "/attachment?uid=1&number=1"):
            headers = client.get(path, buffered=True).headers
            policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))

            assert "'none'" == policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"]
            assert ("'self'", "'self'") == (policy["style-src"], policy["form-action"])
            assert "script-src" not in policy
            assert ("nosniff", "no-referrer") == (headers["X-Content-Type-Options"], headers["Referrer-Policy"])
            assert {"same-origin"} == {headers["Cross-Origin-Opener-Policy"], headers["Cross-Origin-Resource-Policy"]}
            assert path.startswith("/static") or "no-store" == headers["Cache-Control"]


def test_the_cookie(dovecot: Dovecot) -> None:
    """The session cookie is not for scripts and not for other sites, and two programs sign it differently."""
    mailbox = dovecot.mailbox(letters(1))
    cookie = client_of(mailbox).get("/").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert application(mailbox).secret_key != application(mailbox).secret_key
    assert b"mine" == application(mailbox, secret_key=b"mine").secret_key


def test_a_strange_host() -> None:
    """A request under another name than its own is refused, and no mailbox is asked."""
    with ScriptedServer(letters(1)) as server:
        client = client_of(scripted(server))
        for host in ("evil.example.com", "127.0.0.1.evil.example.com", "evil.example.com:8025", "[::1]"):
            for path in ("/", "/static/style.css", "/nothing"):
                answer = client.get(path, headers={"Host": host})

                assert (400, 0) == (answer.status_code, server.connections)
                assert "does not answer to that name" in answer.text
        assert 200 == client.get("/", headers={"Host": "localhost:8025"}).status_code


def test_a_message(dovecot: Dovecot) -> None:
    """A message shows its text and addresses escaped, and its attachments as downloads with their octets."""
    mailbox = dovecot.mailbox(sample_messages())
    client = client_of(mailbox)
    list_of = client.get("/").text
    page = client.get(links(list_of, "/message")[13]).text
    files = [client.get(link, buffered=True) for link in links(page, "/attachment")]
    sale = client.get(links(list_of, "/message")[3]).text

    assert "<h1>Rentals of January and February</h1>" in page
    assert "ruth@example.org" in page
    assert "every list rentals.csv. The first is January." in page
    assert [b"2026-01-05", b"2026-02-02"] == [re.findall(rb"2026-\d\d-\d\d", file.data)[0] for file in files]
    assert "<h1>&lt;b&gt;Spring sale&lt;/b&gt;: 20 % off everything</h1>" in sale


def test_an_attachment_is_a_download(dovecot: Dovecot) -> None:
    """Whatever an attachment says it is, it comes as a download with its name, and where it is opened it may do nothing."""
    message = (
        b'MIME-Version: 1.0\r\nSubject: x\r\nContent-Type: text/html; name="a \\"b\\" \xc3\xa4.html"\r\n'
        b"Content-Disposition: attachment; filename*=utf-8''%3Cb%3E%0D%0ASet-Cookie%3A%20a%3D1%20%C3%A4.html\r\n"
        b"\r\n<script>x()</script>\r\n"
    )
    client = client_of(dovecot.mailbox([message]))
    link = links(client.get(links(client.get("/").text, "/message")[0]).text, "/attachment")[0]
    answer = client.get(link, buffered=True)
    disposition = answer.headers["Content-Disposition"]

    assert b"<script>x()</script>" == answer.data.strip()
    assert "application/octet-stream" == answer.headers["Content-Type"]
    assert disposition.startswith("attachment; filename=")
    assert re.search(r"filename\*=UTF-8''[\w%.=-]*%C3%A4\.html$", disposition)
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert [] == answer.headers.getlist("Set-Cookie")
    assert ("nosniff", "no-store") == (answer.headers["X-Content-Type-Options"], answer.headers["Cache-Control"])


def test_no_file_stays(dovecot: Dovecot, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page saved to show it is gone when the answer was sent, also when the message does not exist."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    client = client_of(dovecot.mailbox(sample_messages()[:3]))
    pages = links(client.get("/").text, "/message")
    body = client.get(pages[1].replace("/message", "/body")).text
    client.get(links(client.get(pages[0]).text, "/attachment")[0], buffered=True)
    client.get("/body?uid=none")
    client.get("/attachment?uid=none&number=1")

    assert 'src="data:image/png;base64,iVBORw0KGgo' in body
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/message",
        "/message?uid=none",
        "/body?uid=none",
        "/delete",
        "/delete?uid=none&uid=nil",
        "/attachment?uid=none&number=1",
        "/attachment?uid=uid1&number=1",
        "/attachment?uid=uid1&number=0",
        "/attachment?uid=uid1&number=x",
        "/static/../app.py",
        "/message?uid=%00",
        "/message?uid=a%0D%0Ab",
        "/body?uid=%00",
        "/delete?uid=uid1&uid=a%7Fb",
        "/attachment?uid=a%0Ab&number=1",
    ],
)
def test_what_is_not_there(reading: Any, path: str) -> None:
    """An address or a message that does not exist is a page with status 404 and a way back."""
    page = reading.get(path)

    assert 404 == page.status_code
    assert path.startswith("/body") or 'href="/"' in page.text


def choose(client: Any, do: str, chosen: list[str], key: str | None = None) -> Any:
    page = client.get("/").text
    return client.post("/selected", data={"do": do, "uid": chosen, "csrf_token": token(page) if key is None else key})


def test_deleting(dovecot: Dovecot) -> None:
    """Deleting asks first; then exactly the chosen messages go, by uid, though the numbers have changed in between."""
    mailbox = dovecot.mailbox(letters(6))
    client = client_of(mailbox)
    chosen = uids(client.get("/").text)[1:3]
    answer = choose(client, "delete", chosen)
    question = client.get(answer.location)
    untouched = len(mailbox.subjects())
    cfpop(settings=Settings(connections={"x": connection(mailbox)}), connection="x", action="delete", uid=[mailbox.uidl()[0]])
    done = client.post("/delete", data={"uid": uids(question.text), "csrf_token": token(question.text)}, follow_redirects=True)

    assert (303, {"uid": chosen}) == (answer.status_code, parse_qs(urlsplit(answer.location).query))
    assert ["Letter 4", "Letter 5"] == sorted(subjects(question.text))
    assert 6 == untouched
    assert "2 messages deleted." in done.text
    assert ["Letter 2", "Letter 3", "Letter 6"] == mailbox.subjects()


def test_deleting_what_has_gone(dovecot: Dovecot) -> None:
    """Of messages that another program has deleted meanwhile the notice says so; when none is left it is a 404, and nothing else
    goes."""
    mailbox = dovecot.mailbox(letters(4))
    client = client_of(mailbox)
    page = client.get("/").text
    form = {"uid": [uids(page)[0], "gone"], "csrf_token": token(page)}
    partly = client.post("/delete", data=form, follow_redirects=True)
    again = client.post("/delete", data=form)
    empty = client.post("/delete", data={"csrf_token": form["csrf_token"]})

    assert "1 message deleted. 1 message had gone before." in partly.text
    assert (404, 404) == (again.status_code, empty.status_code)
    assert ["Letter 1", "Letter 2", "Letter 3"] == mailbox.subjects()


def test_a_form_without_its_token(dovecot: Dovecot) -> None:
    """A form without the token of its session is refused with 400 and a page; nothing is deleted and nothing marked."""
    mailbox = dovecot.mailbox(letters(2))
    client = client_of(mailbox)
    other = token(client_of(mailbox).get("/").text)
    data = {"do": "read", "uid": uids(client.get("/").text)}
    for path in ("/delete", "/selected"):
        for key in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": other}):
            answer = client.post(path, data={**data, **key})

            assert 400 == answer.status_code
            assert "Nothing was changed." in answer.text
    assert ["Letter 1", "Letter 2"] == mailbox.subjects()
    assert [False, False] == mailbox.seen()


def test_only_forms_change(dovecot: Dovecot) -> None:
    """The list, a search and the question before deleting change neither messages nor marks; other methods are refused."""
    mailbox = dovecot.mailbox(letters(1))
    client = client_of(mailbox)
    found = uids(client.get("/?q=letter").text)
    client.get("/delete", query_string={"uid": found})
    refused = [client.put(path, data={"uid": found}).status_code for path in ("/delete", "/selected", "/", "/message")]

    assert [405] * 4 == refused
    assert [False] == mailbox.seen()


def test_marking_read(dovecot: Dovecot) -> None:
    r"""The chosen messages carry \Seen, and no others."""
    mailbox = dovecot.mailbox(letters(4))
    client = client_of(mailbox)
    chosen = uids(client.get("/").text)
    answer = choose(client, "read", [chosen[0], chosen[2]])
    notice = client.get("/").text
    nothing = choose(client, "read", [])

    assert [False, True, False, True] == mailbox.seen()
    assert (303, 303) == (answer.status_code, nothing.status_code)
    assert "2 messages marked as read." in notice
    assert "Choose one or more messages first." in client.get("/").text


@pytest.mark.parametrize("path", ["/", "/?q=x", "/message?uid=1", "/body?uid=1", "/delete?uid=1", "/attachment?uid=1&number=1"])
def test_a_mailbox_that_is_down(path: str) -> None:
    """A mailbox that cannot be reached is a page with status 502, a sentence and a link that tries again; no secret is in it."""
    with nobody() as mailbox:
        page = client_of(mailbox).get(path)

    assert 502 == page.status_code
    assert "The mailbox could not be reached" in page.text
    assert f'href="{html.escape(path)}">Try again</a>' in page.text
    assert "tiger" not in page.text
    assert "Traceback" not in page.text


def test_a_mailbox_that_is_silent() -> None:
    """A mailbox that says nothing for too long is a page with status 504."""
    with ScriptedServer(letters(1), overrides={"STAT": lambda talk: talk.stall()}) as server:
        page = client_of(scripted(server), idle_timeout=0.2).get("/")

    assert (504, True) == (page.status_code, "did not answer in time" in page.text)


def test_a_wrong_password(dovecot: Dovecot) -> None:
    """A refused login is a page as well."""
    stored = Connection(server=dovecot.plain_host, port=dovecot.pop3_port, username="kim", password="wrong", secure=False)
    page = client_of(stored).get("/")

    assert (502, False) == (page.status_code, "wrong" in page.text)
    assert "The mailbox did not accept the login" in page.text


@pytest.mark.parametrize(
    ("overrides", "heading", "nothing"),
    [
        ({"DELE 1": b"-ERR [SYS/TEMP] locked\r\n"}, "The mailbox refused what it was asked", True),
        ({"QUIT": b"-ERR some messages were not removed\r\n"}, "The mailbox did not confirm the deletion", False),
    ],
)
def test_a_delete_that_fails(overrides: dict[str, bytes], heading: str, nothing: bool) -> None:
    """A refused delete says that nothing was deleted; where that is not known, it does not say so."""
    with ScriptedServer(letters(2)) as server:
        client = client_of(scripted(server))
        form = {"uid": ["uid1"], "csrf_token": token(client.get("/").text)}
        server.overrides.update(overrides)
        page = client.post("/delete", data=form)

    assert 502 == page.status_code
    assert heading in page.text
    assert nothing == ("Nothing was deleted." in page.text)


def test_odd_uids() -> None:
    """Messages open, load and are deleted by their links, whatever the uid holds."""
    odd = ["a,b", "c/d&e=f?g#h", '"<%>{{"', "+%2B", "~"]
    with ScriptedServer([sample_messages()[2]] * 5, uids=odd) as server:
        client = client_of(scripted(server))
        pages = [client.get(link) for link in links(client.get("/").text, "/message")]
        files = [client.get(links(page.text, "/attachment")[1], buffered=True).data for page in pages]
        asked = [uids(client.get(links(page.text, "/delete")[0]).text) for page in pages]

    assert [200] * 5 == [page.status_code for page in pages]
    assert [True] * 5 == [b"2026-02-02" in file for file in files]
    assert [[uid] for uid in reversed(odd)] == asked


def test_templates_know_no_password() -> None:
    """A template names the connection, and nothing that it can print shows the password."""
    sources = [path.read_text("utf-8") for path in (EXAMPLE / "webmail" / "templates").glob("*.html")]
    app = application(Connection(server="pop.example.com", username="kim", password="tiger"))
    with app.test_request_context():
        seen = app.jinja_env.from_string("{{ config }}{{ request }}{{ session }}{{ g }}{{ self }}").render()

    assert 4 == sum('<%- cfpop connection="mailbox"' in source for source in sources)
    assert not any("password" in source for source in sources)
    assert "tiger" not in seen


def test_a_fault_of_the_program(dovecot: Dovecot) -> None:
    """A fault of the program itself is a page without a trace."""
    app = application(dovecot.mailbox(letters(1)))
    app.config["PAGE_SIZE"] = 0
    app.logger.disabled = True
    page = app.test_client().get("/")

    assert 500 == page.status_code
    assert "This is a fault of the program." in page.text


# -- the command --------------------------------------------------------------------------------------------------------------


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    """`python examples/webmail/app.py`, as a user types it."""
    inherited = {name: value for name, value in os.environ.items() if name != "CFML_POP_URL"}
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(EXAMPLE / "app.py"), "--port", "0", *arguments],
        env={**inherited, "PYTHONPATH": str(EXAMPLE.parent.parent), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=heed_interrupts if os.name == "posix" else None,
    )


def heed_interrupts() -> None:
    """A shell starts what runs in its background with Ctrl-C ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def first_page(child: subprocess.Popen[str]) -> tuple[list[str], str]:
    """The subjects of its first page, and what it printed afterwards; it is ended as by Ctrl-C."""
    try:
        assert child.stdout is not None
        port = int(re.findall(r"http://127\.0\.0\.1:(\d+)/", child.stdout.readline())[0])
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
            connection.request("GET", "/")
            page = connection.getresponse().read().decode("utf-8")
        child.send_signal(signal.SIGINT)
        output, errors = child.communicate(timeout=20)
        return subjects(page), output + errors
    finally:
        child.kill()
        child.communicate()


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_the_command_serves_a_sample() -> None:
    """Without a mailbox of the user's own it serves the sample mailbox, warns of nothing, logs no request and ends on Ctrl-C."""
    shown, printed = first_page(start())

    assert "Five stars ★★★★★ from the coast road" == shown[0]
    assert "\nStopped.\n" == printed


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize("kind", ["url", "file"])
def test_the_command_serves_a_mailbox(dovecot: Dovecot, tmp_path: Path, kind: str) -> None:
    """CFML_POP_URL, or a TOML file, names another mailbox."""
    mailbox = dovecot.mailbox(letters(2))
    url = f"pop://{mailbox.username}:{mailbox.password}@{dovecot.plain_host}:{dovecot.pop3_port}"
    (tmp_path / "mail.toml").write_text(f'[connections.mailbox]\nurl = "{url}"\n', "utf-8")
    (tmp_path / "mail.toml").chmod(0o600)
    child = start("--settings", str(tmp_path / "mail.toml")) if kind == "file" else start(CFML_POP_URL=url)

    assert (["Letter 2", "Letter 1"], "\nStopped.\n") == first_page(child)


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["--settings", "none.toml"], {}, "none.toml"),
        (["--settings", "empty.toml"], {}, "[connections.mailbox]"),
        ([], {"CFML_POP_URL": "http://tiger@pop.example.com"}, "pop"),
        (["--port", "65536"], {}, "takes 0 to 65535"),
    ],
)
def test_a_wrong_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], environment: dict[str, str], said: str
) -> None:
    """A wrong call ends with a sentence about it, no trace and no secret."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.toml").write_text("", "utf-8")
    (tmp_path / "empty.toml").chmod(0o600)
    child = start(*arguments, **environment)
    try:
        output, errors = child.communicate(timeout=20)
    finally:
        child.kill()
        child.communicate()

    assert child.returncode in (1, 2)
    assert said in errors
    assert "" == output
    assert "Traceback" not in errors
    assert "tiger" not in errors
