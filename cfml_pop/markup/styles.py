"""The style attribute.

Rule: a declaration is kept only if all of it is understood and its property stands in the policy; what could be read in two ways
goes. nh3 then reads it with a parser of CSS and writes it anew. An escape (`u\\72l(`) costs the whole attribute: no mail program
writes one there.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cfml_pop.markup.policy import FUNCTIONS, STYLES

__all__ = ["safe_style"]

DECLARATION = re.compile(r"""(?:[^;"'()]|"[^"\n]*"|'[^'\n]*'|\((?:[^"'()]|"[^"\n]*"|'[^'\n]*'|\([^"'()]*\))*\))+""")
WHOLE = re.compile(r"\s*([a-z-]+)\s*:[^:<>{}]*", re.IGNORECASE)
COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
FUNCTION = re.compile(r"([\w-]*)\s*\(")
URL = re.compile(r"""url\(\s*(?:"([^"\n]*)"|'([^'\n]*)'|([^"'()\s]*))\s*\)""", re.IGNORECASE)
NEGATIVE = re.compile(r"(?:^|[\s,:(/*+-])-\s*[\d.]")
"""A negative length, or a subtraction, which may make one."""


def safe_style(style: str, picture: Callable[[str], str | None]) -> str | None:
    """The declarations of `style` that are safe, None if there are none.

    `picture` says what stands for the address of a picture: another address, or None for no picture.
    """
    style = COMMENT.sub(" ", style)
    if "\\" in style:
        return None
    kept = [text for found in DECLARATION.finditer(style) if (text := _declaration(found[0], picture))]
    return ";".join(kept) or None


def _declaration(text: str, picture: Callable[[str], str | None]) -> str:
    shown: list[str] = []

    def resolve(found: re.Match[str]) -> str:
        address = picture(found[1] or found[2] or found[3] or "")
        if address is None or '"' in address or "\n" in address:
            return " none "
        shown.append(f'url("{address}")')
        return f" \x00{len(shown) - 1}\x00 "

    text = URL.sub(resolve, text.replace("\x00", ""))
    whole = WHOLE.fullmatch(text)
    if whole is None or whole[1].lower() not in STYLES or NEGATIVE.search(text) or "@" in text:
        return ""
    if any(name.lower() not in FUNCTIONS for name in FUNCTION.findall(text)):
        return ""
    for number, url in enumerate(shown):
        text = text.replace(f"\x00{number}\x00", url)
    return text.strip()
