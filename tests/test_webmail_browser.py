"""The webmail of examples/ in a real browser, against Dovecot: what a person sees, presses and is protected from.

Screenshots stay in test-artefacts/ (`CFML_POP_ARTEFACTS` names another folder).
"""

from __future__ import annotations

import contextlib
import re
import socket
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize
from playwright.sync_api import TimeoutError as Late

from cfml_pop import Connection
from cfml_pop.testing import sample_messages
from tests.servers.dovecot import Dovecot
from tests.servers.recorder import recorder
from tests.webmail_support import ARTEFACTS, HOSTILE, REFRESH, application, launch, letter, letters, served, uncleaned

DESK = ViewportSize(width=1200, height=860)
PHONE = ViewportSize(width=390, height=844)
INLINE, RENTALS = "Your order 2041 is on its way", "Rentals of January and February"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with launch(chromium) as browser:
        yield browser


class Visit:
    """A browser window of one person. `requests` are all addresses that were asked for, `complaints` what the console said."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context, self.base = context, base
        self.requests: list[str] = []
        self.complaints: list[str] = []
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("console", self.heard)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.page = context.new_page()

    def heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def go(self, path: str = "/") -> None:
        self.page.goto(self.base + path)

    def open(self, subject: str) -> None:
        self.go()
        self.page.get_by_role("link", name=subject).click()
        self.page.wait_for_load_state()

    def keep(self, name: str, *, full: bool = True) -> None:
        """A screenshot for people."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=ARTEFACTS / f"webmail-{name}.png", full_page=full)

    def subjects(self) -> list[str]:
        found: list[str] = self.page.locator(".subject").all_inner_texts()
        return found

    def strangers(self) -> list[str]:
        """What was asked of others than the webmail."""
        return [url for url in self.requests if not url.startswith((self.base, "data:"))]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Open a window on an application; it is served as long as the test runs."""
    with contextlib.ExitStack() as stack:

        def start(app: Flask, **options: Any) -> Visit:
            base = stack.enter_context(served(app))
            context = browser.new_context(viewport=options.pop("viewport", DESK), **options)
            stack.callback(context.close)
            return Visit(context, base)

        yield start


@pytest.fixture(scope="module")
def sample(dovecot: Dovecot) -> Flask:
    """An application for the sample mailbox; tests that use it change nothing."""
    return application(dovecot.mailbox(sample_messages()), title="Lindmark Cycles")


def test_reading(visit: Callable[..., Visit], sample: Flask) -> None:
    """From the list a message opens with its HTML and the picture inside it, and the way back leads to the list; nothing is asked
    of anybody else, and the browser has nothing to complain of."""
    window = visit(sample)
    window.go()
    window.keep("list")
    newest = window.subjects()[0]
    window.open(INLINE)
    frame = window.page.frame_locator("iframe")
    picture = frame.get_by_alt_text("The Wanderer 7 in red")
    width = picture.evaluate("async picture => { await picture.decode(); return picture.naturalWidth }")
    window.keep("message")
    window.page.get_by_role("link", name="← Inbox").click()

    assert "Five stars ★★★★★ from the coast road" == newest
    assert 300 == width
    assert window.base + "/" == window.page.url
    assert ([], []) == (window.strangers(), window.complaints)


def test_a_download(visit: Callable[..., Visit], sample: Flask, tmp_path: Path) -> None:
    """An attachment is downloaded under its name, octet for octet."""
    window = visit(sample)
    window.open(RENTALS)
    with window.page.expect_download() as downloading:
        window.page.get_by_role("link", name="rentals.csv").nth(1).click()
    downloading.value.save_as(tmp_path / "saved")
    sent = b"day,bike,hours\n2026-02-02,Wanderer 5,5\n2026-02-14,Tandem,6\n2026-02-15,Tandem,4\n2026-02-27,Cargo,8\n"

    assert "rentals.csv" == downloading.value.suggested_filename
    assert sent == (tmp_path / "saved").read_bytes()
    assert [] == window.complaints


def test_pages_and_search(visit: Callable[..., Visit], dovecot: Dovecot) -> None:
    """Older and newer pages are a click away, and a search finds by sender and subject."""
    window = visit(application(dovecot.mailbox([*letters(6), letter("Lunch", sender="Kim <kim@example.org>")]), page_size=3))
    window.go()
    shown = [window.subjects()]
    for _ in range(2):
        window.page.get_by_role("link", name="Older").click()
        shown.append(window.subjects())
    window.page.get_by_role("searchbox").fill("kim lunch")
    window.page.get_by_role("button", name="Search").click()
    window.keep("search")

    assert [["Lunch", "Letter 6", "Letter 5"], ["Letter 4", "Letter 3", "Letter 2"], ["Letter 1"]] == shown
    assert ["Lunch"] == window.subjects()
    assert [] == window.complaints


def attack(visit: Callable[..., Visit], app: Flask, expected: Collection[str] = ()) -> tuple[Visit, list[str]]:
    """Open the hostile mail and press what it offers. Returns the window, and what was asked of others, which is waited for where
    it is expected."""
    with recorder() as proxy:
        window = visit(app, proxy={"server": f"http://127.0.0.1:{proxy.server_port}", "bypass": "127.0.0.1"})
        window.open("Hostile")
        for wanted in ("#trap", "#send"):
            found = window.page.frame_locator("article iframe").locator(wanted)
            if found.count():
                with contextlib.suppress(Late):  # it may have gone to another page
                    found.click(timeout=200, force=True, no_wait_after=True)
        for _ in range(50):
            window.page.wait_for_timeout(200)  # what a script or a refresh would start, it starts now
            if set(expected) <= set(proxy.asked):
                break
        return window, [url for url in proxy.asked if "sender.test" in url]


@pytest.mark.parametrize(
    ("cleaned", "html"),
    [(True, HOSTILE + REFRESH), (False, HOSTILE), (False, REFRESH)],
    ids=["cleaned", "by policy", "leaving by policy"],
)
def test_a_hostile_mail(visit: Callable[..., Visit], dovecot: Dovecot, cleaned: bool, html: str) -> None:
    """The script of a mail does not run and nothing is asked of its sender; the frame and its policy see to that also where the
    cleaning is taken away."""
    app = application(dovecot.mailbox([letter("Hostile", html=html)]), title="Mail")
    window, asked = attack(visit, app if cleaned else uncleaned(app))
    if cleaned:
        window.keep("hostile")

    assert ("Hostile \N{EN DASH} Mail", []) == (window.page.title(), asked)
    assert cleaned == ([] == window.complaints), window.complaints


@pytest.mark.parametrize(
    ("html", "title", "names"),
    [(HOSTILE, "The script ran", ("pixel.gif", "style.css", "frame")), (REFRESH, "Hostile \N{EN DASH} Mail", ("refresh",))],
    ids=["script", "leaving"],
)
def test_a_browser_would_run_it(
    visit: Callable[..., Visit], dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch, html: str, title: str, names: tuple[str, ...]
) -> None:
    """The test above can fail: without cleaning, policy and sandbox the same mail runs its script and asks its sender."""
    app = uncleaned(application(dovecot.mailbox([letter("Hostile", html=html)]), title="Mail"))
    monkeypatch.setattr(sys.modules["webmail.pages"], "BODY_POLICY", "default-src * 'unsafe-inline'")
    monkeypatch.setattr(sys.modules["webmail"], "POLICY", "default-src * 'unsafe-inline'")  # it keeps the frame from leaving
    loader = app.jinja_env.loader
    assert loader is not None
    source = loader.get_source(app.jinja_env, "message.html")[0]
    app.jinja_env.loader = ChoiceLoader([DictLoader({"message.html": re.sub(' sandbox="[^"]*"', "", source)}), loader])
    expected = {f"http://sender.test/{name}" for name in names}
    window, asked = attack(visit, app, expected)

    assert title == window.page.title()
    assert set() == expected - set(asked)


def test_deleting(visit: Callable[..., Visit], dovecot: Dovecot) -> None:
    """A message is deleted after a question, a notice says so, and only that message is gone."""
    mailbox = dovecot.mailbox(letters(4))
    window = visit(application(mailbox))
    window.open("Letter 2")
    window.page.get_by_role("link", name="Delete…").click()
    window.keep("confirm", full=False)
    window.page.get_by_role("link", name="Keep").click()
    kept = mailbox.subjects()
    window.page.get_by_role("link", name="Delete…").click()
    window.page.get_by_role("button", name="Delete this message").click()
    window.keep("deleted", full=False)

    assert 4 == len(kept)
    assert "1 message deleted." == window.page.get_by_role("status").inner_text()
    assert ["Letter 4", "Letter 3", "Letter 1"] == window.subjects()
    assert ["Letter 1", "Letter 3", "Letter 4"] == mailbox.subjects()
    assert [] == window.complaints


def test_several_at_once(visit: Callable[..., Visit], dovecot: Dovecot) -> None:
    """Chosen messages are marked as read, and others deleted after a question that names them; all that with scripts switched
    off in the browser, as no page has any."""
    mailbox = dovecot.mailbox(letters(5))
    window = visit(application(mailbox), java_script_enabled=False)
    window.go()
    window.page.get_by_label("Letter 1").check()
    window.page.get_by_label("Letter 4").check()
    window.keep("chosen", full=False)
    window.page.get_by_role("button", name="Mark as read").click()
    seen = mailbox.seen()
    window.page.get_by_label("Letter 2").check()
    window.page.get_by_label("Letter 3").check()
    window.page.get_by_role("button", name="Delete…").click()
    asked = window.subjects()
    window.page.get_by_role("button", name="Delete 2 messages").click()

    assert [True, False, False, True, False] == seen
    assert ["Letter 2", "Letter 3"] == asked
    assert ["Letter 1", "Letter 4", "Letter 5"] == mailbox.subjects()


def test_a_form_of_another_site(visit: Callable[..., Visit], dovecot: Dovecot) -> None:
    """A page of another site that sends the form for deleting has neither cookie nor token: 400, and nothing is deleted."""
    mailbox = dovecot.mailbox(letters(1))
    window = visit(application(mailbox))
    window.go()
    form = f'<form method="post" action="{window.base}/delete"><input name="uid" value="{mailbox.uidl()[0]}"><button>Win</button>'
    window.context.route("http://other.test/", lambda route: route.fulfill(body=form, content_type="text/html"))
    window.page.goto("http://other.test/")
    with window.page.expect_response(re.compile("/delete$")) as answer:
        window.page.get_by_role("button").click()

    assert 400 == answer.value.status
    assert "cookie" not in answer.value.request.all_headers()
    assert ["Letter 1"] == mailbox.subjects()


def focused(page: Page) -> str:
    """The name of what the keyboard is on."""
    text: str = page.evaluate(
        "(document.activeElement.innerText || document.activeElement.ariaLabel || document.activeElement.name).trim()"
    )
    return text


def test_keyboard(visit: Callable[..., Visit], dovecot: Dovecot) -> None:
    """Tab and Enter alone lead past the bar to a message, open it, and lead back; what has the focus is seen."""
    window = visit(application(dovecot.mailbox(letters(2))))
    window.go()
    page = window.page
    page.keyboard.press("Tab")
    first = focused(page)
    box = page.get_by_role("link", name="Skip to the content").bounding_box()
    page.keyboard.press("Enter")
    order = []
    for _ in range(4):
        page.keyboard.press("Tab")
        order.append(focused(page))
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    window.keep("keyboard", full=False)
    page.keyboard.press("Enter")
    page.wait_for_url("**/message?uid=*")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
        if focused(page) == "← Inbox":
            page.keyboard.press("Enter")
            break
    page.wait_for_url(window.base + "/")

    assert "Skip to the content" == first
    assert box is not None
    assert box["y"] >= 0
    assert ["Mark as read", "Delete…", "uid"] == order[:3]
    assert "Letter 2" in order[3]
    assert "solid" == outline


PATHS = (
    "/",
    "/?q=nothing",
    "/message?uid={inline}",
    "/message?uid={rentals}",
    "/delete?uid={inline}",
    "/message?uid=none",
)


@pytest.fixture(scope="module")
def paths(sample: Flask) -> list[str]:
    """A page of each kind."""
    page = sample.test_client().get("/").text
    found = re.findall(r'name="uid" value="([^"]+)"', page)
    return [path.format(inline=found[14], rentals=found[13]) for path in PATHS]


SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), summary, label.pick')]
  .filter(one => !one.matches('.skip, p a, .pick input'))
  .map(one => [one.innerText || one.name, one.getBoundingClientRect()])
  .filter(([_, box]) => box.height < 44 || box.width < 44)
  .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""


def test_phone(visit: Callable[..., Visit], sample: Flask, paths: list[str]) -> None:
    """On a phone, also a narrow one, no page is wider than it, and what is pressed is at least 44 pixels high and wide."""
    window = visit(sample, viewport=PHONE, is_mobile=True, has_touch=True)
    wide, small = [], []
    for path in paths:
        window.go(path)
        small += [(path, found) for found in window.page.evaluate(SMALL)]
        if path in paths[:4]:
            window.keep(f"phone-{paths.index(path)}")
        for width in (320, PHONE["width"]):
            window.page.set_viewport_size(ViewportSize(width=width, height=PHONE["height"]))
            if window.page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append((path, width))

    assert ([], []) == (wide, small)


def test_accessibility(visit: Callable[..., Visit], sample: Flask, paths: list[str]) -> None:
    """axe-core finds nothing on any page; in the dark scheme it looks at the contrast again. On a page that was spoilt it finds
    what is wrong, so it would have found it."""
    window = visit(sample)
    found = []
    for path in paths:
        window.go(path)
        found += [(path, one["id"], one["nodes"][0]["html"]) for one in Axe().run(window.page).response["violations"]]
        window.page.emulate_media(color_scheme="dark")
        dark = window.page.evaluate("axe.run({runOnly: {type: 'rule', values: ['color-contrast']}})")
        found += [(path, "dark", one["nodes"][0]["html"]) for one in dark["violations"]]
        if path in (paths[0], paths[2]):
            window.keep(f"dark-{paths.index(path)}")
        window.page.emulate_media(color_scheme="light")
    window.page.evaluate("document.querySelector('label[for=q]').remove(); document.getElementById('q').placeholder = ''")
    window.page.evaluate("document.querySelector('h1').style.color = '#ccc'")
    spoilt = window.page.evaluate("axe.run({runOnly: {type: 'rule', values: ['label', 'color-contrast']}})")

    assert [] == found
    assert {"label", "color-contrast"} == {one["id"] for one in spoilt["violations"]}


def test_a_mailbox_that_is_down(visit: Callable[..., Visit]) -> None:
    """A mailbox that cannot be reached is a page that says so and offers to try again."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        stored = Connection(server="127.0.0.1", port=closed.getsockname()[1], username="kim", password="tiger", secure=False)
        window = visit(application(stored))
        window.go()
        window.keep("error", full=False)
        window.page.get_by_role("link", name="Try again").click()

    assert "The mailbox could not be reached" == window.page.get_by_role("heading").inner_text()
    assert window.base + "/" == window.page.url
