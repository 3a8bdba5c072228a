"""The ready-made templates, rendered by the real tag over a real socket."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cfml_pop.cfml.dialect import DIALECTS
from cfml_pop.cfml.query import ALL_COLUMNS
from cfml_pop.cli.pages import Pages
from cfml_pop.client import cfpop
from cfml_pop.settings import Connection, Settings
from cfml_pop.testing import EmbeddedServer, sample_messages

TEMPLATES = ("inbox.html", "message.html", "headers.txt", "dump.html")
GUARD = """<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; """
LINKS = {"message_url": "message-{uid}.html", "attachment_url": "files/{uid}/{file}", "inbox_url": "inbox.html"}


@pytest.fixture(scope="module")
def mailbox(sample_server: EmbeddedServer) -> dict[str, Any]:
    return mailbox_of(sample_server)


@pytest.fixture(scope="module")
def uids(mailbox: dict[str, Any]) -> list[str]:
    return [row.uid for row in cfpop(**mailbox)]


@pytest.fixture
def pages(mailbox: dict[str, Any], tmp_path: Path) -> Pages:
    return Pages(mailbox, Settings(attachment_root=tmp_path), links=LINKS)


@pytest.fixture(scope="module")
def empty() -> Iterator[Pages]:
    with EmbeddedServer([]) as server:
        yield Pages(mailbox_of(server), Settings(), links={})


def mailbox_of(server: EmbeddedServer) -> dict[str, Any]:
    return {"server": server.host, "port": server.port, "username": server.user, "password": server.password}


@pytest.fixture(params=[True, False], ids=["nh3", "without nh3"])
def cleaned(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the sanitizer is there."""
    if not request.param:
        monkeypatch.setitem(sys.modules, "nh3", None)
    return bool(request.param)


def frame(page: str) -> str:
    """What the page's frame shows."""
    return html.unescape(re.findall(r'<iframe sandbox srcdoc="([^"]*)"', page)[0])


@pytest.mark.parametrize("template", TEMPLATES)
def test_renders_the_whole_mailbox(pages: Pages, uids: list[str], template: str) -> None:
    """Each template reads the mailbox and leaves no template syntax behind."""
    page = pages.render(template, uid=uids[0])

    assert "touring bike" in page
    assert not re.search(r"<%|%>|\{\{|\}\}", page)


@pytest.mark.parametrize("template", TEMPLATES)
def test_stored_connection(mailbox: dict[str, Any], uids: list[str], template: str) -> None:
    """Each template also takes the name of a stored connection, and then no host and no password."""
    support = Connection(**mailbox, secure=False)
    pages = Pages({"connection": "support"}, Settings(connections={"support": support}), links={})

    assert "touring bike" in pages.render(template, uid=uids[0])


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_dialect(mailbox: dict[str, Any], uids: list[str], template: str, dialect: str, tmp_path: Path) -> None:
    """Each template renders whatever columns the host's dialect has, and saves nothing unasked."""
    settings = Settings(dialect=dialect, attachment_root=tmp_path)
    page = Pages(mailbox, settings, links={}).render(template, uid=uids[0])

    assert "touring bike" in page
    assert [] == list(tmp_path.iterdir())


def test_inbox(pages: Pages, uids: list[str]) -> None:
    """The list has a link for every message, the newest first, with sender, subject, date and size."""
    page = pages.render("inbox.html")

    assert [f"message-{uid}.html" for uid in reversed(uids)] == re.findall(r'href="(message-[^"]+)"', page)
    assert "Ingrid Solberg" in page
    assert "自転車のかごに眼鏡を忘れました" in page
    assert "Шесть велосипедов на выходные" in page
    assert "30 cakes for “your” spring party" in page
    assert '02 Mar 2026<span class="clock">, 08:12</span>' in page
    assert "no date" in page
    assert "710 Bytes" in page


def test_mail_is_escaped(pages: Pages) -> None:
    """A subject that is HTML is text on the page."""
    page = pages.render("inbox.html")

    assert "&lt;b&gt;Spring sale&lt;/b&gt;" in page
    assert "<b>Spring" not in page


def test_inbox_pages(pages: Pages) -> None:
    """A window of the mailbox says what it shows and links to its neighbours; without page_url it only says it."""
    page = pages.render("inbox.html", startrow=6, maxrows=5, page_url="?from={startrow}")

    assert 5 == page.count("<li>")
    assert ["?from=1", "?from=11"] == re.findall(r'href="(\?from=\d+)"', page)
    assert "Messages 6 to 10 of the mailbox" in page
    assert "there may be more" in page
    assert "<nav" not in pages.render("inbox.html", maxrows=5)


def test_inbox_last_page(pages: Pages) -> None:
    """The last window links back only, and one behind the end says so."""
    last = pages.render("inbox.html", startrow=16, maxrows=5, page_url="?from={startrow}")

    assert ["?from=11"] == re.findall(r'href="(\?from=\d+)"', last)
    assert "No messages from number 99 on" in pages.render("inbox.html", startrow=99)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("inbox.html", "The mailbox is empty"),
        ("headers.txt", "The mailbox is empty"),
        ("dump.html", "The query has no rows"),
        ("message.html", "No such message"),
    ],
)
def test_nothing_to_show(empty: Pages, template: str, text: str) -> None:
    """An empty mailbox is said in words."""
    assert text in empty.render(template, uid="none")


def test_message_as_text(pages: Pages, uids: list[str]) -> None:
    """A message without HTML shows its text, addresses and date, and has no frame."""
    page = pages.render("message.html", uid=uids[14])

    assert "<iframe" not in page
    assert "Friday, 13 March 2026, 13:13" in page
    assert 'Ingrid Solberg <span class="soft">&lt;ingrid.solberg@example.org&gt;</span>' in page
    assert "\n.\n..\n.. the dots above" in page.replace("\r\n", "\n")


def test_html_stays_in_its_frame(pages: Pages, uids: list[str], cleaned: bool) -> None:
    """HTML of a mail stands in the srcdoc of a frame without any permission, behind a policy that loads nothing; where nh3 is
    installed it is cleaned first."""
    page = pages.render("message.html", uid=uids[12])
    outside = re.sub(r'srcdoc="[^"]*"', "", page)

    assert cleaned == ("<script" not in frame(page))
    assert cleaned == ("pixel.gif" not in frame(page))
    assert frame(page).startswith(GUARD)
    assert "<script" not in outside
    assert "pixel.gif" not in outside
    assert re.search(r"<iframe sandbox srcdoc=", page)
    assert "allow-" not in outside


def test_inline_picture(pages: Pages, uids: list[str]) -> None:
    """A picture that the HTML names by its Content-ID becomes a data: URL when attachments are saved, else it loads nothing."""
    with_files = frame(pages.render("message.html", uid=uids[1], attachmentpath="one"))
    without = frame(pages.render("message.html", uid=uids[1]))

    assert 'src="data:image/png;base64,iVBORw0KGgo' in with_files
    assert "src=" not in without
    assert 'alt="' in without


@pytest.mark.parametrize("template", ["inbox.html", "headers.txt", "dump.html"])
@pytest.mark.parametrize(
    ("variables", "count"),
    [
        ({"startrow": "1"}, 16),
        ({"startrow": ""}, 16),
        ({"startrow": 0}, 16),
        ({"startrow": -5}, 16),
        ({"startrow": None}, 16),
        ({"startrow": "x"}, 16),
        ({"startrow": "16"}, 1),
        ({"maxrows": "2"}, 2),
        ({"maxrows": ""}, 16),
        ({"maxrows": "all"}, 16),
        ({"maxrows": -1}, 16),
        ({"maxrows": "0"}, 0),
    ],
)
def test_window_as_text(pages: Pages, template: str, variables: dict[str, object], count: int) -> None:
    """startrow and maxrows may come as text, empty or wrong, as from a form: what is no number is the default."""
    page = pages.render(template, page_url="?from={startrow}", **variables)
    mark = {"inbox.html": "<li>", "dump.html": '<h2 id="row-', "headers.txt": "ROW>"}[template]
    if template == "headers.txt":
        page = re.sub(r"(?m)^ +\d+  (?=\d{4}-|no date)", "ROW>", page)

    assert count == page.count(mark)
    if "maxrows" in variables and count != 2:
        assert "<nav" not in page


def test_attachments(pages: Pages, uids: list[str], tmp_path: Path) -> None:
    """Each attachment is linked to its own file, also two of the same name; without a folder they are only named."""
    page = pages.render("message.html", uid=uids[2], attachmentpath="two")

    assert [f"files/{uids[2]}/rentals.csv", f"files/{uids[2]}/rentals1.csv"] == re.findall(r'href="(files/[^"]+)"', page)
    assert ["rentals.csv", "rentals1.csv"] == sorted(path.name for path in (tmp_path / "two").iterdir())
    assert "files/" not in pages.render("message.html", uid=uids[2])


def test_evil_name_stays_inside(pages: Pages, uids: list[str], tmp_path: Path) -> None:
    """A name with a path in it is saved in the folder like any other."""
    pages.render("message.html", uid=uids[11], attachmentpath="three")

    assert ["evil.sh"] == [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert not (tmp_path.parent / "evil.sh").exists()


def test_bounce(pages: Pages, uids: list[str]) -> None:
    """A bounce shows its delivery status."""
    assert "Final-Recipient: rfc822; paula.nguyen@example.net" in pages.render("message.html", uid=uids[6])


def test_every_message_has_a_page(pages: Pages, uids: list[str]) -> None:
    """Every sample message, however broken, gives a whole page."""
    for number, uid in enumerate(uids):
        page = pages.render("message.html", uid=uid, attachmentpath=f"folder{number}")

        assert page.rstrip().endswith("</html>")
        assert "No such message" not in page


def test_dump(pages: Pages, uids: list[str]) -> None:
    """The dump has every column of every row."""
    page = pages.render("dump.html")
    columns = [column.lower() for column in re.findall(r'<th scope="row">([^<]+)</th>', page)]

    assert [column.lower() for column in ALL_COLUMNS] * len(uids) == columns


def test_headers_is_plain_text(pages: Pages) -> None:
    """The text table escapes nothing and has one line a message below its heading."""
    lines = pages.render("headers.txt").strip("\n").splitlines()

    assert 1 + len(sample_messages()) == len(lines)
    assert any("<b>Spring sale</b>" in line for line in lines)


@pytest.mark.parametrize("template", ["inbox.html", "message.html", "dump.html"])
def test_nothing_from_elsewhere(pages: Pages, uids: list[str], template: str) -> None:
    """A page loads nothing: no script, no style sheet, no font, no picture from anywhere, and its policy says so."""
    page = re.sub(r'srcdoc="[^"]*"|<pre.*?</pre>', "", pages.render(template, uid=uids[0]), flags=re.DOTALL)

    assert "default-src 'none'" in page
    assert not re.search(r"<script|<link|<img|\son\w+=|url\(|@import|https?://", page)


def test_script_does_not_run(pages: Pages, uids: list[str], chromium: str, tmp_path: Path, cleaned: bool) -> None:
    """In a real browser the script of a mail changes nothing: the title of the page stays the subject. The frame alone sees to
    that where nothing was cleaned."""
    path = tmp_path / "page.html"
    path.write_text(pages.render("message.html", uid=uids[12]), "utf-8")
    assert cleaned == ("&lt;script&gt;" not in path.read_text("utf-8"))
    done = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--dump-dom", path.as_uri()],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    title = re.findall(r"<title>(.*?)</title>", re.sub(r'srcdoc="[^"]*"', "", done.stdout))

    assert ["&lt;b&gt;Spring sale&lt;/b&gt;: 20 % off everything"] == title


def test_browser_would_run_it(chromium: str, tmp_path: Path) -> None:
    """The test above can fail: the same mail in a frame that may run scripts does change the title."""
    message = next(message for message in sample_messages() if b"<script>" in message).decode()
    body = message.split("\r\n\r\n", 1)[1]
    path = tmp_path / "page.html"
    path.write_text(f'<title>untouched</title><iframe srcdoc="{html.escape(body)}"></iframe>', "utf-8")
    done = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--dump-dom", path.as_uri()],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        timeout=60,
        check=True,
    )

    assert "<title>The script ran</title>" in done.stdout
