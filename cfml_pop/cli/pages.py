"""The ready-made templates, rendered against one mailbox.

Rule: every page reads its mail by its own tag; nothing here opens a POP session, and nothing is kept between two pages.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cfml_pop.jinja.environment import cfml_environment, template_loader

if TYPE_CHECKING:
    from cfml_pop.settings import Settings

__all__ = ["Pages", "inline_image"]

# Pictures only, and none that can hold a script (SVG can).
INLINE_TYPES = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})
INLINE_LIMIT = 2 * 1024 * 1024


def inline_image(file: object) -> str:
    """A saved picture of a mail as a data: URL; what is no picture, not saved or over 2 MB keeps its `cid:` URL.

    `file` is an entry of the attachments column.
    """
    path, kind = str(getattr(file, "path", "")), str(getattr(file, "content_type", "")).lower()
    if not path or kind not in INLINE_TYPES or Path(path).stat().st_size > INLINE_LIMIT:
        return f"cid:{getattr(file, 'content_id', '')}"
    return f"data:{kind};base64,{base64.b64encode(Path(path).read_bytes()).decode('ascii')}"


class Pages:
    """A mailbox as pages.

    `mailbox` holds the variables that the templates' tag reads: server, port, username and password, or connection. `links` are
    the URL patterns of the templates (message_url, inbox_url, attachment_url, page_url) and the title of the list.
    """

    def __init__(self, mailbox: Mapping[str, object], settings: Settings, *, links: Mapping[str, str]) -> None:
        self._environment = cfml_environment(settings=settings, loader=template_loader())
        self._variables = {**mailbox, **links, "inline_image": inline_image}

    def render(self, template: str, **variables: object) -> str:
        """One page: `template` is inbox.html, message.html, headers.txt or dump.html."""
        return self._environment.get_template(template).render(self._variables, **variables)
