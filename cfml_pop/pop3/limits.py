"""How much a server may send.

Rule: everything that a server can make long has a limit here, with the reason for its default. Beyond it: `LimitExceeded`.
"""

from __future__ import annotations

import dataclasses

__all__ = ["Limits"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one session, in octets where nothing else is said."""

    reply_line: int = 8192
    """A status line. RFC 2449, section 4 allows 512; some servers put whole sentences with addresses there."""

    capabilities: int = 65536
    """The CAPA reply. Real ones stay under 1 KB."""

    challenge: int = 65536
    """One line of a SASL exchange. Kerberos tickets reach some kilobytes; RFC 5034 leaves it to the mechanism."""

    list_entries: int = 250_000
    """Entries of a LIST or UIDL reply, and messages that STAT counts. The largest mailboxes seen hold some hundred thousand."""

    list_octets: int = 16 * 1024**2
    """A whole LIST or UIDL reply: 200,000 uids of the full length that RFC 1939 allows."""

    list_line: int = 1024
    """One line of LIST or UIDL. RFC 1939, section 7 allows a uid of 70; servers with longer ones exist."""

    header: int = 1024 * 1024
    """A header asked for by itself. Servers refuse far less (Postfix 100 KB, Exchange 256 KB)."""

    raw_reply: int = 16 * 1024**2
    """The lines of a multi-line answer to a command sent by hand; they are kept in memory."""

    session: int = 1024**4
    """All octets of one connection. A mailbox may be large; without an end a server could fill any disk message by message."""

    message: int = 2 * 1024**3
    """One message. Larger ones do not pass through mail systems; without a limit a server could fill the disk."""
