"""The ready-made templates, rendered against one mailbox.

Rule: every page reads its mail by its own tag; nothing here opens a POP session, and nothing is kept between two pages.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from cfml_pop.jinja.environment import cfml_environment, template_loader

if TYPE_CHECKING:
    from cfml_pop.settings import Settings

__all__ = ["Pages", "inline_images", "picture_url"]

# Pictures only, and none that can hold a script (SVG can).
INLINE_TYPES = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})
INLINE_LIMIT = 2 * 1024 * 1024

CID_URL = re.compile(
    r"""(?P<before>(?:(?<![\w-])(?:src|background|poster)\s*=\s*|url\(\s*)(?:["']|&quot;|&\#0*3[49];)?\s*)"""
    r"""cid:(?P<id>(?:(?!&quot;|&\#0*3[49];)[^"'\s)>])+)""",
    re.IGNORECASE,
)
"""A `cid:` URL up to the quote, blank, bracket or ">" behind it, and what stands before it where a picture is meant."""


def picture_url(file: object) -> str:
    """A saved picture of a mail as a data: URL; "" for what is no picture, not saved or over 2 MB.

    `file` is an entry of the attachments column.
    """
    path, kind = str(getattr(file, "path", "")), str(getattr(file, "content_type", "")).lower()
    if not path or kind not in INLINE_TYPES or Path(path).stat().st_size > INLINE_LIMIT:
        return ""
    return f"data:{kind};base64,{base64.b64encode(Path(path).read_bytes()).decode('ascii')}"


def inline_images(body: str, files: Iterable[object]) -> str:
    """The HTML of a mail with its pictures in it: each `cid:` URL (RFC 2392) that names one of `files` becomes a data: URL.

    A URL is looked for where HTML and CSS have pictures, not in text. It may be percent-encoded and written with entities. What
    names no picture stays as it is; it loads nothing.
    """
    named: dict[str, object] = {}
    for file in files:
        named.setdefault(str(getattr(file, "content_id", "")), file)

    def replace(found: re.Match[str]) -> str:
        file = named.get(unquote(html.unescape(found["id"])))
        url = picture_url(file) if file is not None else ""
        return found["before"] + url if url else found[0]

    return CID_URL.sub(replace, body)


class Pages:
    """A mailbox as pages.

    `mailbox` holds the variables that the templates' tag reads: server, port, username and password, or connection. `links` are
    the URL patterns of the templates (message_url, inbox_url, attachment_url, page_url) and the title of the list.
    """

    def __init__(self, mailbox: Mapping[str, object], settings: Settings, *, links: Mapping[str, str]) -> None:
        self._environment = cfml_environment(settings=settings, loader=template_loader())
        self._variables = {**mailbox, **links, "inline_images": inline_images}

    def render(self, template: str, **variables: object) -> str:
        """One page: `template` is inbox.html, message.html, headers.txt or dump.html."""
        return self._environment.get_template(template).render(self._variables, **variables)
