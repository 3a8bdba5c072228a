"""What of a mail's HTML may be shown.

Rule: only what stands in these tables passes. They hold what a mail needs to look as its sender meant it, and nothing that runs,
loads, submits, names an element of the page around it, or leaves the place that the page gives the mail.
"""

from __future__ import annotations

import re

__all__ = ["ATTRIBUTES", "DROPPED_WITH_CONTENT", "FUNCTIONS", "LINK", "LINK_REL", "PICTURE", "SCHEMES", "STYLES", "TAGS"]

TAGS = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "address",
        "article",
        "aside",
        "b",
        "bdi",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "font",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "main",
        "mark",
        "nav",
        "ol",
        "p",
        "pre",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "section",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "wbr",
    ]
)
"""Other tags go and their text stays. No id, name or class anywhere: they would speak to the scripts and styles of the page."""

DROPPED_WITH_CONTENT = frozenset(
    [
        "applet",
        "embed",
        "frameset",
        "iframe",
        "math",
        "noembed",
        "noframes",
        "noscript",
        "object",
        "script",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
        "xmp",
    ]
)

_BOX = {"align", "bgcolor", "height", "valign", "width"}
ATTRIBUTES: dict[str, set[str]] = {
    "*": {"align", "dir", "lang", "style", "title"},
    "a": {"href"},
    "col": {"span", *_BOX},
    "colgroup": {"span", *_BOX},
    "font": {"color", "face", "size"},
    "hr": {"color", "noshade", "size", "width"},
    "img": {"alt", "border", "height", "hspace", "src", "vspace", "width"},
    "li": {"type", "value"},
    "ol": {"reversed", "start", "type"},
    "table": {"background", "border", "cellpadding", "cellspacing", "frame", "rules", "summary", *_BOX},
    "tbody": _BOX,
    "td": {"abbr", "background", "colspan", "nowrap", "rowspan", *_BOX},
    "tfoot": _BOX,
    "th": {"abbr", "background", "colspan", "nowrap", "rowspan", "scope", *_BOX},
    "thead": _BOX,
    "time": {"datetime"},
    "tr": {"background", *_BOX},
    "ul": {"type"},
}

_SIDES = ("top", "right", "bottom", "left")
STYLES = frozenset(
    {"background", "background-color", "background-image", "background-position", "background-repeat", "background-size"}
    | {"border", "border-collapse", "border-color", "border-radius", "border-spacing", "border-style", "border-width"}
    | {f"border-{side}" for side in _SIDES}
    | {f"border-{side}-{what}" for side in _SIDES for what in ("color", "style", "width")}
    | {"caption-side", "clear", "color", "direction", "display", "empty-cells", "float"}
    | {"font", "font-family", "font-size", "font-style", "font-variant", "font-weight", "height", "letter-spacing", "line-height"}
    | {"list-style-position", "list-style-type", "margin", "max-height", "max-width", "min-height", "min-width"}
    | {f"margin-{side}" for side in _SIDES}
    | {"overflow-wrap", "padding"}
    | {f"padding-{side}" for side in _SIDES}
    | {"table-layout", "text-align", "text-decoration", "text-indent", "text-transform", "vertical-align", "visibility"}
    | {"white-space", "width", "word-break", "word-spacing", "word-wrap"}
)
"""No position, transform, z-index or negative length: a mail must not lie over the page around it."""

FUNCTIONS = frozenset({"rgb", "rgba", "hsl", "hsla", "calc"})
"""Functions of CSS that load nothing. `url` is looked at by itself."""

SCHEMES = frozenset({"http", "https", "mailto", "tel", "cid", "data"})
"""What nh3 lets through; `clean` looks at each address once more. data: is for pictures that a host's function gave, never for
those of the mail."""

LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\x00-\x20]", re.IGNORECASE)
"""How the address of a link begins. Relative ones would lead into the site that shows the mail."""

LINK_REL = "noopener noreferrer nofollow"

_SIGN = r"[^\\\x00-\x20\x7f\ud800-\udfff]"
PICTURE = re.compile(
    rf"https?://{_SIGN}+|data:image/(?:png|gif|jpeg|webp);base64,[A-Za-z0-9+/=]+"
    rf"|(?![/:]){_SIGN}(?:(?![:/?#]){_SIGN})*(?:[/?#]{_SIGN}*)?|/(?!/){_SIGN}*",
    re.IGNORECASE,
)
"""An address that a host may give a picture inside a mail: http, https, a picture as data:, or a relative path. No SVG: it can
hold a script, which runs when somebody opens the picture by itself."""
