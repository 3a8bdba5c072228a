"""The command line: `cfml-pop COMMAND`.

Rule: one file a command, `cli/NAME.py`, which holds a click command called `command`; it is imported when the command is used, so
that none pays for what another needs. This module imports no library: without the extra it says what to install.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from cfml_pop.errors import MissingExtra

__all__ = ["COMMANDS", "main"]

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "demo": "Show a sample mailbox, as pages in a folder or as a small webmail.",
        "render": "Render a template to a file or to the terminal.",
        "check": "Find every fault of templates without running them.",
        "cfpop": "Read, delete or mark mail in a POP3 mailbox: the tag from the shell.",
        "parse": "Show what is in a message file.",
        "schema": "Print the attributes of cfpop as JSON schema or as a table.",
    }
)
"""Each command and its one line of help, in the order of `cfml-pop --help`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; None takes the arguments of the process. Returns the exit status (see `cli/group.py`)."""
    try:
        from cfml_pop.cli.group import run
    except MissingExtra as error:
        print(f"cfml-pop: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # before the group is there to say so
        return 130
    return run(arguments)
