"""A small webmail of the ready-made templates, for one person on one machine.

Rule: it reads and never changes the mailbox. It answers on 127.0.0.1 only, to its own name only, and what comes out of a mail
reaches the browser as a page with scripts switched off or as a download.
"""

from __future__ import annotations

import contextlib
import html
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from cfml_pop.cli.pages import Pages
from cfml_pop.client import cfpop
from cfml_pop.errors import CfpopError
from cfml_pop.settings import Settings

__all__ = ["Webmail", "serve"]

HOST = "127.0.0.1"
PAGE_SIZE = 50
LINKS = {
    "title": "Inbox",
    "message_url": "/message?uid={uid}",
    "inbox_url": "/",
    "attachment_url": "/attachment?uid={uid}&number={number}",
    "page_url": "/?startrow={startrow}",
}
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FILE_POLICY = "default-src 'none'; sandbox"


def serve(mailbox: Mapping[str, Any], *, port: int = 0) -> None:
    """Serve `mailbox` until Ctrl-C (or SIGTERM), then return. `port` 0 takes a free one; the address is printed."""
    with Webmail(mailbox, port=port) as server:
        print(f"The mailbox is at http://{HOST}:{server.server_port}/ until Ctrl-C.", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            previous = signal.signal(signal.SIGTERM, interrupt)
            try:
                server.serve_forever(poll_interval=0.2)
            finally:
                signal.signal(signal.SIGTERM, previous)
    print("\nStopped.", flush=True)


def interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class Webmail(ThreadingHTTPServer):
    """The HTTP server. Attachments lie in a folder of its own while a request is answered, and never longer."""

    daemon_threads = True
    allow_reuse_address = False  # on Windows it would let two programs share the port

    def __init__(self, mailbox: Mapping[str, Any], *, port: int = 0) -> None:
        super().__init__((HOST, port), Handler)
        self.mailbox: dict[str, Any] = dict(mailbox)
        self._folder = tempfile.TemporaryDirectory(prefix="cfml_pop-", ignore_cleanup_errors=True)
        self.settings: Settings = Settings(attachment_root=Path(self._folder.name).resolve())
        self.pages: Pages = Pages(mailbox, self.settings, links=LINKS)
        self.names: set[str] = {f"{name}:{self.server_port}" for name in (HOST, "localhost")}
        if self.server_port == 80:
            self.names |= {HOST, "localhost"}

    def server_close(self) -> None:
        super().server_close()
        self._folder.cleanup()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that leaves before the answer is there is no fault to report."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    @contextlib.contextmanager
    def folder(self) -> Iterator[str]:
        """An empty folder below the attachment root; gives its name, removes it afterwards."""
        path = tempfile.mkdtemp(dir=self._folder.name)
        try:
            yield Path(path).name
        finally:
            shutil.rmtree(path, ignore_errors=True)


class Handler(BaseHTTPRequestHandler):
    """One request. GET and HEAD of three addresses: the list, a message, an attachment."""

    server: Webmail
    server_version = "cfml_pop"
    sys_version = ""
    timeout = 30  # seconds a connection may stay silent

    def do_GET(self) -> None:
        # Another site can have a browser ask here, under a name of its own that points to 127.0.0.1; the name gives it away.
        if self.headers.get("Host", "").lower() not in self.server.names:
            self.send_text(421, "This server does not answer to that name.")
            return
        address = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        try:
            if address.path == "/":
                self.send_inbox(query)
            elif address.path == "/message":
                self.send_message(query)
            elif address.path == "/attachment":
                self.send_attachment(query)
            else:
                self.send_text(404, "There is no such page.")
        except CfpopError as error:
            self.send_text(502, f"The mailbox could not be read: {error.message}")

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def send_inbox(self, query: Mapping[str, str]) -> None:
        page = self.server.pages.render("inbox.html", startrow=whole_number(query.get("startrow"), 1), maxrows=PAGE_SIZE)
        self.send_page(200, page)

    def send_message(self, query: Mapping[str, str]) -> None:
        with self.server.folder() as folder:
            page = self.server.pages.render("message.html", uid=query.get("uid", ""), attachmentpath=folder)
        self.send_page(200, page)

    def send_attachment(self, query: Mapping[str, str]) -> None:
        settings, mailbox = self.server.settings, self.server.mailbox
        with self.server.folder() as folder:
            mail = cfpop(settings=settings, action="getAll", uid=[query.get("uid", "")], attachmentpath=folder, **mailbox)
            paths = [Path(file.path) for row in mail for file in row.attachments.entries]
            number = whole_number(query.get("number"), 0)
            if not 1 <= number <= len(paths):
                self.send_text(404, "There is no such attachment.")
                return
            path = paths[number - 1]
            octets = path.read_bytes()
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(path.name, safe='')}",
            "Content-Security-Policy": FILE_POLICY,
        }
        self.send_octets(200, octets, headers)

    def send_text(self, status: int, text: str) -> None:
        page = f'<!doctype html><meta charset="utf-8"><title>{status}</title><p>{html.escape(text)}</p>'
        self.send_page(status, page)

    def send_page(self, status: int, page: str) -> None:
        octets = page.encode("utf-8", "replace")
        self.send_octets(status, octets, {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": PAGE_POLICY})

    def send_octets(self, status: int, octets: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(octets)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(octets)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Requests are not logged; a uid is nobody's business."""


def whole_number(text: str | None, otherwise: int) -> int:
    """`text` as a number from 1 on with at most nine digits, else `otherwise`."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= 1 else otherwise
