"""Pictures of a mail inside its page.

Rule: only a file that was saved as an attachment of the mail is read, and only if it is a picture that cannot hold a script.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Protocol

__all__ = ["picture_url"]

# SVG is missing: it can hold a script.
TYPES = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})
LIMIT = 2 * 1024 * 1024


class Saved(Protocol):
    """As much of an entry of the attachments column as is looked at."""

    @property
    def path(self) -> str: ...
    @property
    def content_type(self) -> str: ...


def picture_url(file: Saved) -> str:
    """A saved picture of a mail as a data: URL; "" for what is no picture, not saved or over 2 MB.

    `file` is an entry of the attachments column. To be given as `Settings(inline_image=picture_url)`, or to `clean_html`.
    """
    kind = file.content_type.lower()
    if not file.path or kind not in TYPES or Path(file.path).stat().st_size > LIMIT:
        return ""
    return f"data:{kind};base64,{base64.b64encode(Path(file.path).read_bytes()).decode('ascii')}"
