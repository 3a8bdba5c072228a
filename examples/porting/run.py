"""Three ported pages and the program around them: what CFML's server did for the pages, in Python.

Without anything it renders the pages once against a sample mailbox and prints what they show; with `serve` it shows them at
127.0.0.1 until Ctrl-C. It needs the extras html, regex and testing. Beside each page.html stands page.cfm, the page as it was,
line by line.
"""

from __future__ import annotations

import html
import re
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from jinja2 import FileSystemLoader

from cfml_pop import CfpopError, MissingExtra, PageExit, Settings, cfml_environment, picture_url
from cfml_pop.testing import EmbeddedServer, sample_messages

HERE = Path(__file__).parent
PAGES = ("list.html", "message.html", "bounces.html")


class Redirect(PageExit):
    """cflocation: a page stops here, and the browser goes elsewhere."""


def redirect(address: str) -> None:
    raise Redirect(address)


def address_in(text: str) -> str:
    """The function that bounces.cfm defined for itself: the first mail address in a text."""
    found = re.search(r"[a-z0-9._%+-]+@[a-z0-9-]+(\.[a-z0-9-]+)+", text, re.IGNORECASE)
    return found.group().lower() if found else ""


def scope(query: str) -> dict[str, str]:
    """A query string, or the body of a form, as CFML has it: of fields with the same name the values are one list."""
    return {name: ",".join(values) for name, values in parse_qs(query, keep_blank_values=True).items()}


class Site:
    """The pages for one mailbox. `mailbox` has server, port, user and password; attachments are saved below `folder`."""

    def __init__(self, mailbox: dict[str, Any], folder: Path) -> None:
        settings = Settings(attachment_root=folder, inline_image=picture_url)
        self.folder = folder
        self.environment = cfml_environment(
            settings=settings, tags=True, loader=FileSystemLoader(HERE), trim_blocks=True, lstrip_blocks=True
        )
        self.environment.globals.update(redirect=redirect, addressIn=address_in)
        self.application = {"pop": {"server": mailbox["server"], "port": mailbox["port"]}, "files": ""}
        self.session = {"mail": {"user": mailbox["user"], "password": mailbox["password"]}}

    def page(self, name: str, url: str = "", form: str = "") -> str:
        """A page for a query string and the body of a form. Raises Redirect where the page sends the browser elsewhere."""
        return self.environment.get_template(name).render(
            application=self.application, session=self.session, url=scope(url), form=scope(form)
        )

    def file(self, path: str) -> bytes | None:
        """A saved attachment by its path below the folder; None if there is none."""
        wanted = (self.folder / path).resolve()
        return wanted.read_bytes() if wanted.is_relative_to(self.folder.resolve()) and wanted.is_file() else None


class Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        self.answer("")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        if self.headers.get("Origin") != f"http://{self.headers['Host']}":
            self.reply(403, b"A form of another site.", ("Content-Type", "text/plain"))  # it must not delete mail here
        else:
            self.answer(body)

    def answer(self, form: str) -> None:
        address = urlsplit(self.path)
        name = address.path.lstrip("/") or "list.html"
        if self.headers.get("Host") != f"127.0.0.1:{self.server.server_port}":  # type: ignore[attr-defined]  # HTTPServer's
            self.reply(403, b"Ask for 127.0.0.1.", ("Content-Type", "text/plain"))
        elif name in PAGES:
            try:
                text = self.site.page(name, address.query, form)
                self.reply(200, text.encode(), ("Content-Type", "text/html; charset=utf-8"))
            except Redirect as elsewhere:
                self.reply(303, b"", ("Location", str(elsewhere)))
            except CfpopError as error:
                self.reply(500, str(error).encode(), ("Content-Type", "text/plain; charset=utf-8"))
        elif name.startswith("files/") and (octets := self.site.file(unquote(name.removeprefix("files/")))) is not None:
            # What strangers sent is never shown as a page of ours, only downloaded.
            self.reply(200, octets, ("Content-Type", "application/octet-stream"), ("Content-Disposition", "attachment"))
        else:
            self.reply(404, b"There is no such page.", ("Content-Type", "text/plain"))

    def reply(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        policy = ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
        for header in (*headers, policy, ("X-Content-Type-Options", "nosniff"), ("Content-Length", str(len(body)))):
            self.send_header(*header)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: addresses of pages hold uids."""


def text_of(page: str) -> str:
    """What a page says, for the terminal."""
    body = page.partition("</nav>")[2]
    rows = re.sub(r"\s+", " ", body).replace("</tr>", "\n").replace("</h1>", "\n").replace("</p>", "\n").replace("</li>", "\n")
    return "\n".join(" ".join(html.unescape(re.sub(r"<[^>]+>", " ", line)).split()) for line in rows.splitlines()).strip()


def show(site: Site) -> None:
    listed = site.page("list.html")
    print(text_of(listed))
    uids = re.findall(r'name="uid" value="([^"]+)"', listed)
    print("\n" + text_of(site.page("message.html", f"uid={uids[-2]}")))
    print("\n" + text_of(site.page("bounces.html")))
    try:
        site.page("list.html", "start=1", f"uid={uids[0]}&uid={uids[1]}")
    except Redirect as elsewhere:
        print(f"\nTwo are deleted; the browser goes to {elsewhere}")


def main() -> None:
    if sys.argv[1:] not in ([], ["serve"]):
        sys.exit("usage: python run.py [serve]")
    with EmbeddedServer(sample_messages()) as server, tempfile.TemporaryDirectory() as folder:
        mailbox = {"server": server.host, "port": server.port, "user": server.user, "password": server.password}
        site = Site(mailbox, Path(folder))
        if sys.argv[1:] != ["serve"]:
            show(site)
            return
        with HTTPServer(("127.0.0.1", 0), type("SiteHandler", (Handler,), {"site": site})) as http:
            print(f"The pages are at http://127.0.0.1:{http.server_port}/ until Ctrl-C.", flush=True)
            try:
                http.serve_forever()
            except KeyboardInterrupt:
                print("\nStopped.")


if __name__ == "__main__":
    try:
        main()
    except MissingExtra as error:
        sys.exit(str(error))
