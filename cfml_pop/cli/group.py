"""The group of commands: finds a command, runs it, and says what went wrong in one line.

Rule: whatever happens, stderr gets one line that begins with `cfml-pop: ` and never a trace, and the exit status is one of the four
of STATUS. A command raises; it maps no error itself. It may leave with another of these by `context.exit(status)`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from cfml_pop.cli import COMMANDS
from cfml_pop.errors import CfpopError, MissingExtra

try:
    import click
except ImportError as error:
    raise MissingExtra("the command line needs click and rich; install them with: pip install 'cfml-pop[cli]'") from error

__all__ = ["FAULT", "INTERRUPTED", "OK", "STATUS", "WRONG_CALL", "LazyGroup", "group", "run"]

OK, FAULT, WRONG_CALL, INTERRUPTED = 0, 1, 2, 130

STATUS: Mapping[int, str] = MappingProxyType(
    {
        OK: "all went well",
        FAULT: "a fault, named on stderr; or check found errors",
        WRONG_CALL: "the command line was wrong; nothing was done",
        INTERRUPTED: "Ctrl-C; nothing is half-written",
    }
)
"""The exit statuses. 130 is what a shell reports for a program that Ctrl-C ended."""


class LazyGroup(click.Group):
    """The commands of COMMANDS; each is imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"cfml_pop.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup)
def group() -> None:
    """CFML's cfpop for Jinja2 and Python."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the group. Returns the exit status."""
    try:
        status = group.main(arguments, prog_name="cfml-pop", standalone_mode=False)
    except click.UsageError as error:
        return say(error.format_message(), WRONG_CALL)
    except click.ClickException as error:
        return say(error.format_message(), FAULT)
    except click.Abort:
        return INTERRUPTED
    except (CfpopError, OSError) as error:
        return say(str(error), FAULT)
    return status if isinstance(status, int) else OK


def say(text: str, status: int) -> int:
    """Print the text as the one line of a fault. Returns `status`."""
    print(f"cfml-pop: {' '.join(text.split())}", file=sys.stderr)
    return status
