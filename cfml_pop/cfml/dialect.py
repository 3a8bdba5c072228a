"""The engines whose choices a host may ask for.

Rule: a dialect is a row of a table, never a branch in the code: the code knows the choices, and not who made them. What no engine
is known to do otherwise is the default's. No dialect widens what may be deleted, or where a password may go.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from cfml_pop.cfml.query import ALL_COLUMNS, HEADER_COLUMNS, Style
from cfml_pop.errors import AttributeFault

__all__ = ["DEFAULT", "DIALECTS", "Dialect", "find_dialect"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Dialect:
    """The choices of one engine. `name` is what `Settings(dialect=...)` says; docs/dialects.md has the reasons.

    The query
        `header_columns`, `all_columns`: the columns of getHeaderOnly and getAll. `style`: columnlist, and what is asked for
        outside: rows and columns that are not there.

    Header columns
        `date`: the header as sent, a date of the page's zone (`{ts '...'}`), or text in that zone. `date_forms`: which dates can
        be read; JavaMail rolls 31 Feb over and takes zones that it does not know for UTC. `addresses`: decoded and joined by
        ", ", or raw as sent, joined by ",". `from_sender`: without From, Sender stands for it. `message_id`: the first, or all
        joined by ",". `unknown_words`: encoded words of a charset that does not exist are guessed, or left as they are.
        `header`: as sent, or rebuilt with this line end. `size`: octets of the message, or of its body, as JavaMail counts them.

    Bodies
        `parts`: the table that says which part is what (`message.bodies`). `text`, `html`: which of several fills textBody and
        HTMLBody. `body`: the first text that is more than blanks, the first with any character, or the last one of all.
        `words_in_bodies`: encoded words in texts are decoded. `unpacks`: what is inside a winmail.dat or uuencoded in a text
        is offered as well, if the host's settings say so.

    Attachments
        `separator` of the lists. `listed`: names stand in the column always, or only when files were saved. `cids`: the values,
        and whether parts without Content-ID have an entry. `numbering`: a1.txt or 1_a.txt. `same_name`: without unique names, a
        name used earlier in the call gets a number, or the file is overwritten. `relative_paths`: where they start without an
        attachment root. `make_parents`: missing folders above the last are made. `blank_path`: what attachmentPath="" means.
        `directory_always`: the directory is made on every action. `header_only_saves`: getHeaderOnly with attachmentPath saves.

    Selection
        `repeated_numbers`: numbers given twice give two rows. `bad_numbers`: a number without message is ignored or refused.
        `empty_list`: what uid="" and messagenumber="" select on the get actions. `uid_and_numbers`: uid alone, or what both
        select. `uids`: compared octet for octet, or as CFML compares, on the get actions. `window`: startrow and maxrows that
        cannot be met are lenient or refused. `delete_by_window`: startrow and maxrows can say what is deleted.
        `unknown_attributes`: refused, or ignored on the get actions. `trimmed_action`: blanks around the action go.
    """

    name: str

    header_columns: tuple[str, ...] = HEADER_COLUMNS
    all_columns: tuple[str, ...] = ALL_COLUMNS
    style: Style = Style()  # noqa: RUF009 - a NamedTuple is as constant as a number

    date: Literal["sent", "page", "text"] = "sent"
    date_forms: Literal["tolerant", "javamail"] = "tolerant"
    addresses: Literal["decoded", "raw"] = "decoded"
    from_sender: bool = False
    message_id: Literal["first", "all"] = "first"
    unknown_words: Literal["guessed", "kept"] = "guessed"
    header: Literal["sent", "lf", "crlf"] = "sent"
    size: Literal["message", "body"] = "message"

    parts: Literal["default", "lucee", "openbd"] = "default"
    text: Literal["joined", "last"] = "joined"
    html: Literal["first", "last"] = "first"
    body: Literal["first", "first_filled", "last"] = "first"
    words_in_bodies: bool = False
    unpacks: bool = True

    separator: str = "\t"
    listed: Literal["always", "saved"] = "always"
    cids: Literal["bare", "brackets"] = "bare"
    numbering: Literal["suffix", "prefix"] = "suffix"
    same_name: Literal["number", "overwrite"] = "number"
    relative_paths: Literal["private", "working_directory"] = "private"
    make_parents: bool = True
    blank_path: Literal["none", "temporary"] = "none"
    directory_always: bool = False
    header_only_saves: bool = False

    repeated_numbers: bool = False
    bad_numbers: Literal["ignored", "refused"] = "ignored"
    empty_list: Literal["none", "all"] = "none"
    uid_and_numbers: Literal["uid", "both"] = "uid"
    uids: Literal["exact", "cfml"] = "exact"
    window: Literal["lenient", "refused"] = "lenient"
    delete_by_window: bool = True
    unknown_attributes: Literal["refused", "ignored"] = "refused"
    trimmed_action: bool = True

    def columns(self, *, full: bool) -> tuple[str, ...]:
        """The columns of getAll (`full`) or getHeaderOnly."""
        return self.all_columns if full else self.header_columns


DEFAULT = Dialect(name="default")

_LUCEE_FLAGS = ("answered", "deleted", "draft", "flagged", "recent", "seen")
_ADOBE_HEADER = ("date", "from", "messagenumber", "messageid", "replyto", "subject", "cc", "to", "header", "UID")
_OPENBD_HEADER = ("date", "from", "messagenumber", "replyto", "subject", "cc", "to", "messageid", "uid", "header")

_TABLE = (
    DEFAULT,
    # Lucee 6.2 and its mail extension, read in their sources and run.
    Dialect(
        name="lucee",
        all_columns=(*HEADER_COLUMNS, *_LUCEE_FLAGS, *ALL_COLUMNS[len(HEADER_COLUMNS) :]),
        style=Style(outside="empty", unknown="fault"),
        date="page",
        date_forms="javamail",
        addresses="raw",
        message_id="all",
        unknown_words="kept",
        header="lf",
        size="body",
        parts="lucee",
        text="last",
        html="last",
        body="first_filled",
        words_in_bodies=True,
        unpacks=False,
        same_name="overwrite",
        relative_paths="working_directory",
        make_parents=False,
        blank_path="temporary",
        directory_always=True,
        repeated_numbers=True,
        uids="cfml",
    ),
    # Adobe ColdFusion, from its manuals and from pages written for it.
    Dialect(
        name="adobe",
        header_columns=_ADOBE_HEADER,
        all_columns=(*_ADOBE_HEADER, "body", "textBody", "HTMLBody", "attachments", "attachmentfiles", "cids"),
        style=Style(sorted_list=True, unknown="fault"),
        cids="brackets",
        header_only_saves=True,
    ),
    # OpenBD, read in its source; its address rendering was run.
    Dialect(
        name="openbd",
        header_columns=_OPENBD_HEADER,
        all_columns=(*_OPENBD_HEADER, "body", "attachments", "attachmentfiles", "htmlbody", "textbody"),
        style=Style(sorted_list=True, upper_list=False, outside="empty"),
        date="text",
        date_forms="javamail",
        from_sender=True,
        unknown_words="kept",
        header="crlf",
        parts="openbd",
        text="last",
        html="last",
        body="last",
        unpacks=False,
        separator=",",
        listed="saved",
        numbering="prefix",
        same_name="overwrite",
        relative_paths="working_directory",
        repeated_numbers=True,
        bad_numbers="refused",
        empty_list="all",
        uid_and_numbers="both",
        window="refused",
        delete_by_window=False,
        unknown_attributes="ignored",
        trimmed_action=False,
    ),
)

DIALECTS: Mapping[str, Dialect] = MappingProxyType({dialect.name: dialect for dialect in _TABLE})


def find_dialect(name: str) -> Dialect:
    """The dialect of that name, any case. Raises AttributeFault, which lists the known ones."""
    try:
        return DIALECTS[str(name).lower()]
    except KeyError:
        text = f"there is no dialect {name!r}; there is {', '.join(DIALECTS)}"
        raise AttributeFault(text, faults=[("dialect", text)]) from None
