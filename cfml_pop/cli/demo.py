"""`cfml-pop demo`: the sample mailbox, read by the ready-made templates.

Rule: the mail goes the whole way, from the embedded server over a real socket through the tag into the page. No shortcut.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from cfml_pop.cli import COMMANDS
from cfml_pop.cli.output import emit, json_text, printable
from cfml_pop.client import cfpop
from cfml_pop.settings import Settings
from cfml_pop.testing import EmbeddedServer, sample_messages

__all__ = ["command"]

SAFE_NAME = re.compile(r"[A-Za-z0-9_-]{1,70}")


@click.command(help=COMMANDS["demo"])
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("demo-output"), show_default=True, help="Folder for the pages."
)
@click.option("--serve", is_flag=True, help="Serve the pages on 127.0.0.1 until Ctrl-C instead.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port for --serve; 0 takes a free one.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON instead, and write nothing.")
def command(output: Path, serve: bool, port: int, as_json: bool) -> None:
    if serve and as_json:
        raise click.UsageError("--json prints and --serve shows; take one of them")
    with EmbeddedServer(sample_messages()) as server:
        mailbox: dict[str, Any] = {
            "server": server.host,
            "port": server.port,
            "username": server.user,
            "password": server.password,
        }
        if serve:
            from cfml_pop.cli import webmail

            webmail.serve(mailbox, port=port)
        elif as_json:
            emit([json_text(cfpop(**mailbox).to_dicts(), indent=2), "\n"])
        else:
            write_pages(mailbox, output)


def write_pages(mailbox: dict[str, Any], output: Path) -> None:
    """Print the mailbox as a table, and write each page and the attachments into the folder `output`."""
    from cfml_pop.cli.pages import Pages

    attachments = output / "attachments"
    attachments.mkdir(parents=True, exist_ok=True)
    links = {
        "title": "Lindmark Cycles, support",
        "message_url": "message-{uid}.html",
        "inbox_url": "inbox.html",
        "attachment_url": "attachments/{uid}/{file}",
    }
    pages = Pages(mailbox, Settings(attachment_root=attachments.resolve()), links=links)
    print(printable(pages.render("headers.txt")))

    uids = [str(row.uid) for row in cfpop(**mailbox)]
    (output / "inbox.html").write_text(pages.render("inbox.html"), "utf-8")
    for uid in uids:
        # The embedded server's uids are such names; a link to any other file would not hold.
        if SAFE_NAME.fullmatch(uid):
            page = pages.render("message.html", uid=uid, attachmentpath=uid)
            (output / f"message-{uid}.html").write_text(page, "utf-8")
            with contextlib.suppress(OSError):  # the folder of a message without attachments is empty
                (attachments / uid).rmdir()
    (output / "dump.html").write_text(pages.render("dump.html"), "utf-8")
    saved = sum(path.is_file() for path in attachments.rglob("*"))
    print(f"{len(uids)} messages and {saved} attachments. The pages are in {output.resolve()}; begin with:")
    print(f"  file://{quote(str((output / 'inbox.html').resolve()))}")
    print("make demo SERVE=1 (cfml-pop demo --serve) shows them as a small webmail.")
