"""HTML of a mail, cleaned by nh3 so that it can stand in a page.

Rule: nothing is returned that nh3 has not built from its own tree, except text that is escaped. Every address passes the policy
last, also one that a host's function gave.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote

from cfml_pop.errors import MissingExtra
from cfml_pop.markup.gate import LIMIT, excess
from cfml_pop.markup.plain import plain_text
from cfml_pop.markup.policy import ATTRIBUTES, DROPPED_WITH_CONTENT, LINK, LINK_REL, PICTURE, SCHEMES, STYLES, TAGS
from cfml_pop.markup.styles import safe_style

__all__ = ["CleanHTML", "clean_html", "load_nh3", "whole_characters"]

SURROGATE = re.compile("[\ud800-\udfff]")
WHITE = "".join(map(chr, range(33)))
"""What a browser strips from both ends of an address."""


class HasContentId(Protocol):
    """Anything with a Content-ID without brackets: an entry of the attachments column, a part of a message."""

    @property
    def content_id(self) -> str: ...


A = TypeVar("A", bound=HasContentId)


class CleanHTML(str):
    """Cleaned HTML.

    `blocked` has the addresses of the remote pictures that were left out, each once, in order. `reduced` is "", or says in a few
    words why the HTML was too much to clean; then this is the text of the mail in a `<pre>`.
    """

    __slots__ = ("blocked", "reduced")

    blocked: tuple[str, ...]
    reduced: str

    def __new__(cls, text: str, *, blocked: Iterable[str] = (), reduced: str = "") -> CleanHTML:
        self = super().__new__(cls, text)
        self.blocked, self.reduced = tuple(blocked), reduced
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        return (str(self),), {"blocked": self.blocked, "reduced": self.reduced}


def load_nh3() -> ModuleType:
    """The sanitizer. Raises MissingExtra when it is not installed."""
    try:
        import nh3
    except ImportError as error:
        raise MissingExtra("cleaning HTML needs nh3; install it with: pip install 'cfml-pop[html]'") from error
    return nh3


def clean_html(
    html: str,
    attachments: Iterable[A] = (),
    *,
    inline_image: Callable[[A], str | None] | None = None,
    remote_images: bool = False,
    limit: int = LIMIT,
) -> CleanHTML:
    """The HTML of a mail, fit to stand in a page: no script, no style sheet, no form, no frame, nothing loaded.

    Links keep http, https, mailto and tel, and open in a new window that knows nothing of this one. A picture that names one of
    `attachments` by its Content-ID (`cid:`, RFC 2392) gets the address that `inline_image(attachment)` returns: http, https, a
    data: URL of a PNG, GIF, JPEG or WebP, or a relative path; with None or anything else it has no address and shows its alt
    text. What the function raises is raised here. Remote pictures have an address only if `remote_images`.

    HTML of more than `limit` characters, or that no parser reads in linear time, becomes text in a `<pre>`; see
    `CleanHTML.reduced`. Raises MissingExtra without nh3.
    """
    nh3 = load_nh3()
    reason = excess(html, limit)
    if reason:
        return CleanHTML(
            f'<pre style="white-space:pre-wrap">{entities.escape(whole_characters(plain_text(html)))}</pre>', reduced=reason
        )
    named: dict[str, A] = {}
    if inline_image is not None:
        for attachment in attachments:
            if attachment.content_id:
                named.setdefault(attachment.content_id, attachment)
    pictures = _Pictures(named, inline_image, remote_images)
    cleaner = nh3.Cleaner(
        tags=set(TAGS),
        clean_content_tags=set(DROPPED_WITH_CONTENT),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=pictures.attribute,
        set_tag_attribute_values={"a": {"target": "_blank"}, "img": {"referrerpolicy": "no-referrer"}},
        link_rel=LINK_REL,
        url_schemes=set(SCHEMES),
        filter_style_properties=set(STYLES),
    )
    text: str = cleaner.clean(whole_characters(html))
    if pictures.error is not None:
        raise pictures.error
    return CleanHTML(text, blocked=pictures.blocked)


def whole_characters(text: str) -> str:
    """`text` with U+FFFD for lone surrogates, which no UTF-8 and so no library in Rust can hold."""
    return SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


class _Pictures:
    """The last look at each attribute; nh3 drops what the policy does not name. `href`, `src`, `background` and `style` are all
    that hold an address there."""

    def __init__(self, named: Mapping[str, A], inline_image: Callable[[A], str | None] | None, remote_images: bool) -> None:
        self._found: dict[str, str | None] = {}
        self._named = named
        self._address: Callable[[Any], str | None] | None = inline_image
        self._remote = remote_images
        self.blocked: dict[str, None] = {}
        self.error: Exception | None = None

    def attribute(self, _tag: str, name: str, value: str) -> str | None:
        try:
            if name in ("src", "background"):
                return self.picture(value)
            if name == "style":
                return safe_style(value, self.picture)
        except Exception as error:  # noqa: BLE001 - nh3 would only print it; clean_html raises it
            self.error = self.error or error
            return None
        if name == "href":
            address = value.strip(WHITE)
            return address if LINK.match(address) else None
        return value

    def picture(self, value: str) -> str | None:
        """The address of a picture, None for no address."""
        address = value.strip(WHITE)
        scheme, _, rest = address.partition(":")
        if scheme.lower() == "cid":
            return self.inline(rest)
        if scheme.lower() not in ("http", "https") or not PICTURE.fullmatch(address):
            return None
        if self._remote:
            return address
        self.blocked[address] = None
        return None

    def inline(self, content_id: str) -> str | None:
        """The address of the picture with this Content-ID. A URL is percent-encoded (RFC 2392), though not by every sender."""
        if content_id not in self._found:
            attachment = self._named.get(content_id) or self._named.get(unquote(content_id))
            given = self._address(attachment) if self._address is not None and attachment is not None else None
            self._found[content_id] = given if isinstance(given, str) and PICTURE.fullmatch(given) else None
        return self._found[content_id]
