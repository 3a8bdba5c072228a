"""The webmail of examples/ for tests: an application for a mailbox, a server for it, a browser, and where screenshots go."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from flask import Flask
from markupsafe import Markup
from playwright.sync_api import Browser, sync_playwright
from webmail import create_app
from werkzeug.serving import WSGIRequestHandler, make_server

from cfml_pop import Connection, Settings
from tests.servers.dovecot import Mailbox

__all__ = ["ARTEFACTS", "HOSTILE", "REFRESH", "application", "connection", "launch", "letter", "letters", "served", "uncleaned"]

ARTEFACTS = Path(os.environ.get("CFML_POP_ARTEFACTS", Path(__file__).parent.parent / "test-artefacts"))
"""Screenshots of a test run are kept here, to be looked at."""

HOSTILE = """<html><head><title>Newsletter</title>
<script>document.title = 'The script ran'; parent.document.title = 'The script ran';</script>
<link rel="stylesheet" href="http://sender.test/style.css"><link rel="prefetch" href="http://sender.test/prefetch">
<style>@import "http://sender.test/import.css"; body { background: url(http://sender.test/background.png) }</style>
</head>
<body onload="document.title = 'The script ran'">
<p style="background: url(http://sender.test/inline.png); position: fixed; inset: 0">Nothing to see here.</p>
<img src="http://sender.test/pixel.gif"><img src="x" onerror="document.title = 'The script ran'">
<iframe src="http://sender.test/frame"></iframe>
<video src="http://sender.test/film" poster="http://sender.test/poster.png" autoplay></video>
<object data="http://sender.test/object"></object><a href="javascript:document.title='The script ran'" id="trap">click</a>
<form action="http://sender.test/form" id="form"><input name="password"><button id="send">send</button></form>
<script>document.forms[0].submit()</script></body></html>
"""
"""HTML that tries to run a script and to be noticed by its sender."""

REFRESH = '<meta http-equiv="refresh" content="0; url=http://sender.test/refresh">'
"""The same by leaving for another page at once."""


def letter(
    subject: str, text: str = "Hello.", *, html: str = "", sender: str = "Ann Lee <ann@example.org>", day: int = 1
) -> bytes:
    """A small message, with CRLF ends."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "support@example.com", subject
    message["Date"] = format_datetime(dt.datetime(2026, 6, day, 10, tzinfo=dt.timezone.utc))
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def letters(count: int) -> list[bytes]:
    """Messages "Letter 1" to "Letter `count`", the oldest first."""
    return [letter(f"Letter {number}", f"This is letter {number}.", day=1 + number % 28) for number in range(1, count + 1)]


def connection(mailbox: Mailbox) -> Connection:
    """A mailbox of Dovecot, read without TLS on loopback."""
    dovecot = mailbox.dovecot
    return Connection(
        server=dovecot.plain_host,
        port=dovecot.pop3_port,
        username=mailbox.username,
        password=mailbox.password,
        secure=False,
    )


def application(stored: Connection | Mailbox, *, idle_timeout: float = 20, **options: Any) -> Flask:
    """The webmail for one mailbox."""
    stored = connection(stored) if isinstance(stored, Mailbox) else stored
    return create_app(Settings(connections={"mailbox": stored}, idle_timeout=idle_timeout), **options)


def uncleaned(app: Flask) -> Flask:
    """The application without the first wall: HTML of mails is put into the frame as it was sent."""
    app.jinja_env.filters["mail_html"] = lambda html, _attachments: Markup(html)  # noqa: S704 - that is the test
    return app


class Handler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Quiet."""


@contextlib.contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve an application on loopback; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def launch(chromium: str, env: dict[str, str | float | bool] | None = None) -> Iterator[Browser]:
    """A Chromium without a window, driven by Playwright."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"], env=env)
        try:
            yield browser
        finally:
            browser.close()
