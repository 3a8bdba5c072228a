"""The command line: `python -m cfml_pop COMMAND`.

Rule: one file a command; this one only reads the arguments, calls the command and says an error in one line.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from cfml_pop.cli import demo
from cfml_pop.errors import CfpopError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0, 1 for a fault named on stderr, 2 for wrong arguments, 130 for Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m cfml_pop", description="CFML's cfpop for Jinja2 and Python.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    demo.add_parser(commands)
    options = parser.parse_args(arguments)
    try:
        status: int = options.run(options)
    except (CfpopError, OSError) as error:
        print(f"cfml_pop: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # what a shell reports for Ctrl-C
    return status
