"""Where the messages of a mailbox come from.

Rule: whatever a test has at hand becomes octets here, in a fixed order; the server knows octets only.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import mailbox
    from email.message import Message

__all__ = ["MessageSource", "Messages", "octets_of"]

MessageSource: TypeAlias = "bytes | bytearray | memoryview | str | Message | mailbox.Mailbox[Any] | os.PathLike[str]"
"""One message (octets, text, a message of Python's `email`, the path of an .eml file) or a whole store (see `octets_of`)."""

Messages: TypeAlias = "MessageSource | Iterable[MessageSource]"
"""One source, or several in order."""


def octets_of(messages: Messages) -> list[bytes]:
    """The octets of every message, in order.

    Text is sent as UTF-8. A path is a message file, a Maildir (a folder that has `new` and `cur`), or a folder of .eml files, by
    name; a Maildir and other stores of Python's `mailbox` give their messages by key, which in a Maildir is the time of delivery.
    Raises FileNotFoundError for a path that is not there or a folder without a message, ValueError for text that can be no
    message, TypeError for anything else.
    """
    return list(read(messages))


def read(source: object) -> Iterator[bytes]:
    if isinstance(source, (bytes, bytearray, memoryview)):
        yield bytes(source)
    elif isinstance(source, str):
        if source and "\n" not in source and ":" not in source.partition(" ")[0]:
            raise ValueError(f"{source!r} is no text of a message; a file or folder is given as pathlib.Path({source!r})")
        yield source.encode("utf-8", "surrogateescape")
    elif isinstance(source, os.PathLike):
        yield from from_path(Path(source))
    elif hasattr(source, "as_bytes"):  # email.message.Message, which is imported by who has one
        yield source.as_bytes()
    elif hasattr(source, "get_bytes"):  # mailbox.Mailbox
        yield from (source.get_bytes(key) for key in sorted(source.keys()))  # type: ignore[attr-defined]
    elif isinstance(source, Iterable):
        for one in source:
            yield from read(one)
    else:
        raise TypeError(f"a message is octets, text, an email.message.Message, a path or a mailbox, not {type(source).__name__}")


def from_path(path: Path) -> Iterator[bytes]:
    if not path.is_dir():
        yield path.read_bytes()
    elif (path / "cur").is_dir() and (path / "new").is_dir():
        import mailbox

        yield from read(mailbox.Maildir(path, factory=None, create=False))
    else:
        files = sorted(path.glob("*.eml"))
        if not files:
            raise FileNotFoundError(f"{path} is no Maildir and has no .eml file")
        yield from (file.read_bytes() for file in files)
