"""format=flowed: the paragraphs of a text whose lines were broken to be sent (RFC 3676, section 4).

Rule: text in, text out, in one pass. Only lines that say they flow are joined; any other line loses no more than a stuffed blank.
"""

from __future__ import annotations

import re

__all__ = ["unflow"]

_LINE = re.compile(r"(>*)( ?)([^\n]*?)(\r?\n|\r?\Z)")
_SIGNATURE = "-- "


def unflow(text: str, *, delete_blank: bool = False) -> str:
    """`text` with its flowed lines joined, stuffed blanks removed, and quoted paragraphs behind one run of `>` and a blank.

    `delete_blank`: the blank at which a line was broken was added (DelSp=yes). The line `-- ` above a signature never flows, and
    lines of different depths of quoting are never joined (sections 4.3 and 4.5).
    """
    done: list[str] = []
    flowing = -1  # the depth of the paragraph that goes on; -1 if none does
    last_end = ""
    for match in _LINE.finditer(text):
        quotes, _, content, end = match.groups()
        if not match[0]:
            break
        depth = len(quotes)
        goes_on = flowing == depth and content != _SIGNATURE
        if flowing >= 0 and not goes_on:  # a paragraph that was not finished
            done.append(last_end)
        if not goes_on and quotes:
            done.append(f"{quotes} " if content else quotes)
        flows = content.endswith(" ") and content != _SIGNATURE and bool(end)
        done.append(content[:-1] if flows and delete_blank else content)
        if not flows:
            done.append(end)
        flowing, last_end = (depth if flows else -1), end
    if flowing >= 0:
        done.append(last_end)
    return "".join(done)
