"""The ready-made templates, rendered against one mailbox.

Rule: every page reads its mail by its own tag; nothing here opens a POP session, and nothing is kept between two pages.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cfml_pop.jinja.environment import cfml_environment, template_loader
from cfml_pop.markup.pictures import picture_url

if TYPE_CHECKING:
    from cfml_pop.settings import Settings

__all__ = ["Pages"]


class Pages:
    """A mailbox as pages.

    `mailbox` holds the variables that the templates' tag reads: server, port, username and password, or connection. `links` are
    the URL patterns of the templates (message_url, inbox_url, attachment_url, page_url) and the title of the list. Pictures
    inside a mail are shown as data: URLs unless `settings` say otherwise.
    """

    def __init__(self, mailbox: Mapping[str, object], settings: Settings, *, links: Mapping[str, str]) -> None:
        settings = dataclasses.replace(settings, inline_image=settings.inline_image or picture_url)
        self._environment = cfml_environment(settings=settings, loader=template_loader())
        self._variables = {**mailbox, **links}

    def render(self, template: str, **variables: object) -> str:
        """One page: `template` is inbox.html, message.html, headers.txt or dump.html."""
        return self._environment.get_template(template).render(self._variables, **variables)
