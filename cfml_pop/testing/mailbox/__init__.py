"""The sample mailbox: mail to a small bicycle shop, one file a message.

Rule: this folder holds messages and the function that reads them. They are sent as they lie here, octet for octet.
"""

from __future__ import annotations

from importlib.resources import files

__all__ = ["sample_messages"]


def sample_messages() -> list[bytes]:
    """The octets of each sample message, in the order of the mailbox (the order of the file names)."""
    messages = [entry for entry in files(__name__).iterdir() if entry.name.endswith(".eml")]
    return [entry.read_bytes() for entry in sorted(messages, key=lambda entry: entry.name)]
