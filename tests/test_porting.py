"""The ported pages in examples/porting against a real Dovecot, beside what Lucee made of the originals.

Rule: under the dialect `lucee` a ported page says what the original said; each exception stands here with its reason.
"""

from __future__ import annotations

import datetime as dt
import html
import http.client
import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from jinja2 import Environment, FileSystemLoader
from jinja2.sandbox import SandboxedEnvironment

from cfml_pop import CFML_SYNTAX, Settings, picture_url
from cfml_pop.testing import EmbeddedServer, sample_messages
from tests.servers.dovecot import Dovecot, Mailbox

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "examples" / "porting"
RECORDED = ROOT / "tests" / "porting"
ALL = (*sample_messages(), *(path.read_bytes() for path in sorted(RECORDED.glob("*.eml"))))
JONAS = "Jonas Lindmark <jonas@example.com>"

# The recording, the page, its url scope, its form scope.
CASES: tuple[tuple[str, str, dict[str, str], dict[str, str]], ...] = (
    ("list", "list", {}, {}),
    ("list-second", "list", {"start": "11"}, {}),
    ("list-sender", "list", {"sender": JONAS}, {}),
    ("list-deleted", "list", {"deleted": "2"}, {}),
    ("message-1", "message", {"uid": "UID-1", "header": "yes"}, {}),
    ("message-2", "message", {"uid": "UID-2"}, {}),
    ("message-3", "message", {"uid": "UID-3"}, {}),
    ("message-8", "message", {"uid": "UID-8"}, {}),
    ("message-13", "message", {"uid": "UID-13"}, {}),
    ("message-15", "message", {"uid": "UID-15"}, {}),
    ("message-none", "message", {"uid": "nope"}, {}),
    ("bounces", "bounces", {}, {}),
    ("bounces-delete", "bounces", {}, {"delete": "yes"}),
)
HTML_MAIL = {"message-2", "message-13"}
"""Lucee's page prints their HTML as it was sent; here it is cleaned."""

LYING_CHARSET = ("for \x93your\x94 spring", "for “your” spring")
"""The subject says iso-8859-1 and means windows-1252: Lucee gives control characters."""


@pytest.fixture(scope="module")
def run() -> ModuleType:
    """The program of the example."""
    spec = importlib.util.spec_from_file_location("porting_run", PAGES / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def shared(dovecot: Dovecot) -> Mailbox:
    """A mailbox that no test changes."""
    return dovecot.mailbox(ALL)


@pytest.fixture(scope="module", params=["plain", "sandbox", "async"])
def site(
    request: pytest.FixtureRequest, run: ModuleType, dovecot: Dovecot, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Any]:
    """A site for a mailbox, in each kind of environment; that one is shared, as compiling the pages takes longest."""
    folder = tmp_path_factory.mktemp("files")
    base: type[Environment] = SandboxedEnvironment if request.param == "sandbox" else Environment
    options: dict[str, Any] = dict(CFML_SYNTAX)
    environment: Any = base(
        extensions=["cfml_pop.CfpopExtension", "cfml_pop.CfmlTagsExtension"],
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        enable_async=request.param == "async",
        **options,
    )
    environment.globals.update(redirect=run.redirect, addressIn=run.address_in)
    if request.param == "plain":
        nowhere = {"server": "", "port": 0, "user": "", "password": ""}
        environment = run.Site(nowhere, folder).environment

    def make(mailbox: Mailbox, dialect: str = "lucee", password: str = "") -> Any:
        login = {"user": mailbox.username, "password": password or mailbox.password}
        made = run.Site({"server": dovecot.plain_host, "port": dovecot.pop3_port, **login}, folder)
        made.environment = environment
        made.environment.cfpop_settings = Settings(
            servers=[f"{dovecot.plain_host}:{dovecot.pop3_port}"],
            actions=["getHeaderOnly", "getAll", "delete"],
            attachment_root=folder,
            inline_image=picture_url,
            dialect=dialect,
            time_zone=dt.timezone.utc,
        )
        return made

    return make


def said(page: str, uids: list[str]) -> str:
    """A page from its heading on, with `UID-n` for the uids, blanks and entities as one."""
    for number, uid in enumerate(uids, 1):
        page = page.replace(uid, f"UID-{number}")
    page = page[page.find("<h1>") :].replace("&#34;", "&quot;").replace("&#39;", "'")
    return " ".join(re.sub(r"(>|<)", r" \1 ", page).split())


def with_uids(scope: dict[str, str], uids: list[str]) -> str:
    return urlencode({name: re.sub(r"UID-(\d+)", lambda found: uids[int(found[1]) - 1], text) for name, text in scope.items()})


@pytest.mark.parametrize(("name", "page", "url", "form"), CASES, ids=[case[0] for case in CASES])
def test_port_says_what_the_original_said(
    site: Callable[..., Any],
    dovecot: Dovecot,
    shared: Mailbox,
    name: str,
    page: str,
    url: dict[str, str],
    form: dict[str, str],
) -> None:
    """Word for word and tag for tag, under Lucee's dialect, but for the body of HTML mail."""
    mailbox = dovecot.mailbox(ALL) if form else shared
    uids = mailbox.uidl()
    recorded = (RECORDED / f"{name}.txt").read_text("utf-8").replace(".cfm", ".html").replace(*LYING_CHARSET)
    shown = site(mailbox).page(f"{page}.html", with_uids(url, uids), with_uids(form, uids))
    expected, actual = said(recorded, []), said(shown, uids)
    if name in HTML_MAIL:
        body = re.compile(r'< div class="body" > .*? < /div >')
        assert body.findall(expected) != body.findall(actual)
        expected, actual = body.sub("", expected), body.sub("", actual)

    assert expected == actual


def test_bounces_are_deleted(site: Callable[..., Any], dovecot: Dovecot) -> None:
    """The three bounces that were understood are gone, as under Lucee; the unclear one and all other mail stays."""
    mailbox = dovecot.mailbox(ALL)
    uids = mailbox.uidl()
    site(mailbox).page("bounces.html", form="delete=yes")

    assert [uid for number, uid in enumerate(uids, 1) if number not in (7, 17, 18)] == mailbox.uidl()
    assert "Maintenance on Sunday" in mailbox.subjects()


def test_ticked_messages_are_deleted(site: Callable[..., Any], run: ModuleType, dovecot: Dovecot) -> None:
    """Checkboxes arrive as one list; the page deletes by uid, and the browser goes on to a page that says how many."""
    mailbox = dovecot.mailbox(ALL)
    uids = mailbox.uidl()
    with pytest.raises(run.Redirect) as elsewhere:
        site(mailbox).page("list.html", "start=1", f"uid={uids[4]}&uid={uids[1]}")

    assert "list.html?start=1&deleted=2" == str(elsewhere.value)
    assert [uid for number, uid in enumerate(uids, 1) if number not in (2, 5)] == mailbox.uidl()


def test_no_tick_deletes_nothing(site: Callable[..., Any], dovecot: Dovecot) -> None:
    """A form without a uid shows the list and deletes nothing."""
    mailbox = dovecot.mailbox(ALL)
    page = site(mailbox).page("list.html", "start=1", "uid=")

    assert len(ALL) == len(mailbox.uidl())
    assert "10 shown, from number 1 on" in page


def test_paging(site: Callable[..., Any], shared: Mailbox) -> None:
    """Following the links shows every message once, the newest of each page first, and leads back."""
    pages = [site(shared).page("list.html")]
    while newer := re.findall(r'href="list.html\?start=(\d+)">Newer', pages[-1]):
        pages.append(site(shared).page("list.html", f"start={newer[0]}"))
    numbers = [[int(number) for number in re.findall(r'class="number">(\d+)', page)] for page in pages]

    assert [list(range(10, 0, -1)), list(range(19, 10, -1))] == numbers
    assert ["1"] == re.findall(r'href="list.html\?start=(\d+)">&laquo; Older', pages[1])


def test_default_dialect_decodes(site: Callable[..., Any], shared: Mailbox) -> None:
    """Without Lucee's dialect the senders are decoded, and can be chosen by that name."""
    page = site(shared, "default").page("list.html")
    links = [html.unescape(link) for link in re.findall(r'href="list.html\?(start=1&amp;sender=[^"]+)"', page)]
    chosen = site(shared, "default").page("list.html", next(link for link in links if quote("佐藤") in link))

    assert ">Mira Kovač</a>" in page
    assert "佐藤 美咲 &lt;misaki.sato@example.org&gt;" in chosen
    assert ["4"] == re.findall(r'class="number">(\d+)', chosen)


def test_attachments_are_saved(site: Callable[..., Any], shared: Mailbox) -> None:
    """Each file is linked, and lies in the message's own folder with what was sent; two of one name are two files."""
    uid = shared.uidl()[2]
    pages = site(shared, "default")
    page, folder = pages.page("message.html", f"uid={uid}"), pages.folder / uid
    links = re.findall(r'href="files/([^"]+)">([^<]+)', page)

    assert [(f"{uid}/rentals%2Ecsv", "rentals.csv"), (f"{uid}/rentals1%2Ecsv", "rentals.csv")] == links
    assert ["rentals.csv", "rentals1.csv"] == sorted(path.name for path in folder.iterdir())
    assert "2026-01-05,Wanderer 5,3" in (folder / "rentals.csv").read_text()
    assert "2026-02-02,Wanderer 5,5" in (folder / "rentals1.csv").read_text()


def test_html_is_cleaned(site: Callable[..., Any], shared: Mailbox) -> None:
    """Of the HTML in a mail its text stays, without script and pictures from elsewhere; a picture in the mail is shown."""
    uids = shared.uidl()
    sale = site(shared).page("message.html", f"uid={uids[12]}")
    order = site(shared).page("message.html", f"uid={uids[1]}")

    assert "<h2>Spring sale at Pedal &amp; Chain</h2>" in sale
    assert not re.search(r"<script|onload|onerror|javascript:|pixel\.gif|http-equiv=", sale)
    assert '<img src="data:image/png;base64,' in order


def test_wrong_password(site: Callable[..., Any], shared: Mailbox) -> None:
    """What cftry caught stands on the page, which is whole."""
    page = site(shared, password="wrong").page("list.html")

    assert "The mailbox cannot be read: " in page
    assert "0 shown" in page
    assert page.rstrip().endswith("</html>")


@pytest.mark.parametrize("name", ["header", "footer", "list", "message", "bounces"])
def test_line_by_line(name: str) -> None:
    """The lines that are HTML alone are the same in the original and in the port, in the same order."""

    def plain(kind: str) -> list[str]:
        lines = [line.strip() for line in (PAGES / f"{name}.{kind}").read_text("utf-8").splitlines()]
        return [
            line.replace(".cfm", ".html") for line in lines if line.startswith("<") and not re.search(r"</?cf|<!---|[#%{]", line)
        ]

    assert plain("cfm") == plain("html")
    assert plain("html")


def started(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "error", str(PAGES / "run.py"), *arguments]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


def test_example_runs(tmp_path: Path) -> None:
    """As a user runs it: it ends well, warns of nothing, prints what the pages show, and leaves nothing."""
    done = subprocess.run(
        started(), cwd=tmp_path, env=ENVIRONMENT, capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    lines = done.stdout.splitlines()

    assert (0, "") == (done.returncode, done.stderr)
    assert "2 3 Mar 2026, 13:30 Mira Kovač Your order 2041 is on its way" in lines
    assert "paula.nguyen@example.net 5.1.1 Undelivered mail: Your bicycle is ready" in done.stdout
    assert "Two are deleted; the browser goes to list.html?start=1&deleted=2" == lines[-1]
    assert [] == list(tmp_path.iterdir())


class Browser:
    """Requests of a browser to the served example."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, path: str, form: str | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET" if form is None else "POST", path, form, headers)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


def test_example_serves(tmp_path: Path) -> None:
    """A browser lists, opens, downloads and deletes; a form of another site and another host name are refused."""
    with subprocess.Popen(
        started("serve"), cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
    ) as process:
        try:
            assert process.stdout is not None
            port = int(re.findall(r"127\.0\.0\.1:(\d+)/", process.stdout.readline())[0])
            browser = Browser(port)
            own = {"Origin": f"http://127.0.0.1:{port}"}
            listed = browser.ask("/")[2].decode()
            uids = re.findall(r'name="uid" value="([^"]+)"', listed)
            message = browser.ask(f"/message.html?uid={uids[7]}")[2].decode()
            file = browser.ask("/" + re.findall(r'href="(files/[^"]+)"', message)[0])
            foreign = browser.ask("/list.html?start=1", f"uid={uids[0]}", Origin="http://example.com")
            renamed = browser.ask("/", Host="example.com")
            outside = browser.ask("/files/..%2F..%2Fetc%2Fpasswd")
            before = browser.ask("/")[2].decode()
            deleted = browser.ask("/list.html?start=1", f"uid={uids[0]}", **own)
            after = browser.ask("/" + deleted[1]["location"])[2].decode()
        finally:
            process.terminate()

    assert 10 == len(uids)
    assert "rentals.csv" in message
    assert (200, "attachment", b"day,bike,hours") == (file[0], file[1]["content-disposition"], file[2][:14])
    assert [403, 403, 404, 303] == [foreign[0], renamed[0], outside[0], deleted[0]]
    assert uids[0] in before
    assert uids[0] not in after
    assert "1 deleted." in after


def test_script_does_not_run(run: ModuleType, chromium: str, tmp_path: Path, sample_server: EmbeddedServer) -> None:
    """In a real browser, without the server's policy, the script of a mail changes nothing: the title stays the subject."""
    mailbox = {
        "server": sample_server.host,
        "port": sample_server.port,
        "user": sample_server.user,
        "password": sample_server.password,
    }
    site = run.Site(mailbox, tmp_path)
    listed = site.page("list.html", "start=11")
    uid = re.findall(r'name="uid" value="([^"]+)"', listed)[3]
    path = tmp_path / "page.html"
    path.write_text(site.page("message.html", f"uid={uid}"), "utf-8")
    done = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--dump-dom", path.as_uri()],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        timeout=60,
        check=True,
    )

    assert "<title>&lt;b&gt;Spring sale&lt;/b&gt;: 20 % off everything</title>" in done.stdout
    assert "The script ran" not in done.stdout
