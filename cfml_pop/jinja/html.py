"""The filters `mail_html` and `mail_text`.

Rule: only what `mail_html` has cleaned becomes Markup; all other text stays text, which autoescape escapes. The room `markup` is
loaded when a page first asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from jinja2 import Environment, Undefined, pass_environment
from markupsafe import Markup

from cfml_pop.cfml.cells import Attachment, AttachmentText
from cfml_pop.cfml.query import Row
from cfml_pop.errors import MissingExtra
from cfml_pop.jinja.faults import placed
from cfml_pop.settings import Settings

__all__ = ["CleanMarkup", "cleanable", "mail_html", "mail_text"]


class CleanMarkup(Markup):
    """Cleaned HTML in a template. `blocked`: addresses of the remote pictures left out; `reduced`: why it is only text, or ""."""

    blocked: tuple[str, ...] = ()
    reduced: str = ""


@pass_environment
@placed
def mail_html(
    environment: Environment,
    value: object,
    attachments: object = (),
    *,
    remote_images: bool = False,
    inline_image: Callable[[Attachment], str | None] | None = None,
) -> CleanMarkup | Undefined:
    """The filter `row.htmlbody|mail_html(row.attachments)`: HTML of a mail, fit to stand in a page (see `clean_html`).

    With the attachments of the row, `cid:` pictures get the address that `Settings.inline_image`, or `inline_image` of the call,
    gives. `remote_images=true` lets pictures from the net be loaded, which tells their sender that the mail was read. What is
    already Markup is cleaned as well.
    """
    from cfml_pop.markup.clean import clean_html

    if isinstance(value, Undefined):
        str(value)  # raises where undefined values are errors
        return value
    settings = _settings(environment)
    shown = clean_html(
        "" if value is None else str(value),
        _entries(attachments),
        inline_image=inline_image or settings.inline_image,
        remote_images=remote_images is True,
        limit=settings.html_limit,
    )
    markup = CleanMarkup(str(shown))
    markup.blocked, markup.reduced = shown.blocked, shown.reduced
    return markup


@pass_environment
@placed
def mail_text(environment: Environment, value: object) -> str | Undefined:
    """The filter `row|mail_text`: the text of a row, or else that of its HTML; `row.htmlbody|mail_text`: the text of HTML.

    Text without a tag of HTML comes back as it is.
    """
    from cfml_pop.markup.plain import looks_like_html
    from cfml_pop.markup.text import html_to_text

    if isinstance(value, Undefined):
        str(value)
        return value
    if isinstance(value, Row):
        text = str(value["textbody"])
        if text.strip():
            return text
        return html_to_text(str(value["htmlbody"]), limit=_settings(environment).html_limit)
    text = "" if value is None else str(value)
    return html_to_text(text, limit=_settings(environment).html_limit) if looks_like_html(text) else text


def cleanable(_value: object) -> bool:
    """The test `row.htmlbody is cleanable`: whether nh3 is installed, without which `mail_html` is an error."""
    from cfml_pop.markup.clean import load_nh3

    try:
        load_nh3()
    except MissingExtra:
        return False
    return True


def _settings(environment: Environment) -> Settings:
    settings = getattr(environment, "cfpop_settings", None)
    return settings if isinstance(settings, Settings) else Settings()


def _entries(attachments: object) -> list[Attachment]:
    """The entries of a column, or those given. A template can make objects that look like entries; the host's function, which may
    read a file by its path, sees none of them."""
    if isinstance(attachments, AttachmentText):
        return list(attachments.entries)
    if isinstance(attachments, Iterable) and not isinstance(attachments, str):
        return [entry for entry in attachments if isinstance(entry, Attachment)]
    return []
