"""How a message is read where mail leaves a choice.

Rule: names of choices only. What each does stands where it is done: which part is what in `placing`, the rest in `message`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, NamedTuple

__all__ = ["DEFAULT_READING", "UNPACKED", "Reading"]

UNPACKED = ("tnef", "uuencode")
"""What can be looked into for more attachments; so does everybody who does not say otherwise."""


class Reading(NamedTuple):
    """`parts`: the table that says which part is what. `text`, `html`: which of several texts count. `body`: the first text that
    is more than blanks, the first with any character, or the last of all. `words_in_bodies`: encoded words in texts are decoded.
    `unknown_words`: encoded words of an unknown charset. `unpack`: what is looked into for more attachments, of UNPACKED.
    `unflow`: the paragraphs of format=flowed are joined.
    """

    parts: Literal["default", "lucee", "openbd"] = "default"
    text: Literal["joined", "last"] = "joined"
    html: Literal["first", "last"] = "first"
    body: Literal["first", "first_filled", "last"] = "first"
    words_in_bodies: bool = False
    unknown_words: Literal["guessed", "kept"] = "guessed"
    unpack: Collection[str] = UNPACKED
    unflow: bool = False


DEFAULT_READING = Reading()
