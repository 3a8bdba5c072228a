"""The group of commands: finds a command, runs it, and says what went wrong in one line.

Rule: whatever goes wrong, stderr gets one line that begins with `cfml-pop: ` and never a trace, and the exit status is one of the
four in STATUS. A command raises and maps no error itself; it may leave with one of these by `context.exit(status)`.
"""

from __future__ import annotations

import difflib
import errno
import importlib
import io
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import cfml_pop
from cfml_pop.cli import COMMANDS
from cfml_pop.errors import CfpopError, MissingExtra

try:
    import click
    import rich  # noqa: F401 - the commands need both; this is where one that is missing is named
    from click.shell_completion import CompletionItem, get_completion_class
except ImportError as _missing:
    raise MissingExtra("the command line needs click and rich; install them with: pip install 'cfml-pop[cli]'") from _missing

__all__ = ["FAULT", "INTERRUPTED", "OK", "STATUS", "WRONG_CALL", "LazyGroup", "group", "run"]

PROGRAM = "cfml-pop"
COMPLETE = "_CFML_POP_COMPLETE"
"""The variable by which a shell asks for completions; its name is click's choice for PROGRAM."""

OK, FAULT, WRONG_CALL, INTERRUPTED = 0, 1, 2, 130

STATUS: Mapping[int, str] = MappingProxyType(
    {
        OK: "all went well",
        FAULT: "a fault, named on stderr; or check found errors",
        WRONG_CALL: "the command line is wrong; nothing was done",
        INTERRUPTED: "Ctrl-C; nothing is half-written",
    }
)
"""The exit statuses. 130 is what a shell reports for a program that Ctrl-C ended."""

SHELLS: Mapping[str, str] = MappingProxyType(
    {
        "bash": f'eval "$({PROGRAM} --completion bash)"',
        "zsh": f'eval "$({PROGRAM} --completion zsh)"',
        "fish": f"{PROGRAM} --completion fish | source",
    }
)
"""The shells whose completion there is, and the line for the file that each reads when it starts."""


class LazyGroup(click.Group):
    """The commands of COMMANDS; each is imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"cfml_pop.cli.{cmd_name}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            ctx.fail(f"name a command: {', '.join(COMMANDS)} ({PROGRAM} --help says more)")
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            near = difflib.get_close_matches(name.lower(), COMMANDS, 1)
            ctx.fail(
                f"there is no command {name!r}; " + (f"did you mean {near[0]}?" if near else f"there are {', '.join(COMMANDS)}")
            )
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """click's own would import every command for its line of help."""
        found = [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)] if incomplete.startswith("-") else found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Exit status"):
            formatter.write_dl([(str(status), meaning) for status, meaning in STATUS.items()])
        with formatter.section("Completion, for the file that the shell reads when it starts"):
            formatter.write_dl(list(SHELLS.items()))


def print_completion(ctx: click.Context, _parameter: click.Parameter, shell: str | None) -> None:
    """The callback of --completion."""
    if shell is None or ctx.resilient_parsing:
        return
    found = get_completion_class(shell)
    if found is None:
        ctx.fail(f"click knows no completion for {shell}")
    click.echo(found(group, {}, PROGRAM, COMPLETE).source())
    ctx.exit(OK)


@click.group(cls=LazyGroup, no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(cfml_pop.__version__, prog_name=PROGRAM, message="%(prog)s %(version)s", help="Print the version.")
@click.option(
    "--completion",
    type=click.Choice(list(SHELLS)),
    expose_value=False,
    is_eager=True,
    callback=print_completion,
    help="Print what completes commands and options in this shell.",
)
def group() -> None:
    """CFML's cfpop for Jinja2 and Python: read, delete and mark mail in a POP3 mailbox; render and check the templates that do.

    Each command has its own --help.
    """


class Closed(io.TextIOBase):
    """Stands for stdin or stdout where the caller has closed it (`>&-`): whoever needs it gets an OSError that says so."""

    encoding = "utf-8"

    def __init__(self, title: str) -> None:
        self.title = title

    @property
    def buffer(self) -> Closed:
        return self

    def read(self, size: int | None = -1, /) -> str:  # noqa: ARG002 - io's signature
        raise OSError(errno.EBADF, f"{self.title} is closed")

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]  # typeshed says so of the base class
        return self.read(size)

    def write(self, text: str, /) -> int:
        self.read()
        return len(text)


def open_closed() -> None:
    """Put something in the place of each standard stream that is None. Without stderr nobody can be told, and stdout is no place
    for it."""
    if sys.stdin is None:
        sys.stdin = Closed("stdin")
    if sys.stdout is None:
        sys.stdout = Closed("stdout")
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for as long as the program runs


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the group. Returns the exit status."""
    open_closed()
    try:
        status = group.main(arguments, prog_name=PROGRAM, complete_var=COMPLETE, standalone_mode=False)
    except click.UsageError as error:
        text = error.format_message()
        # What a command raises says itself what to write; click's own words do not.
        if error.ctx is not None and (type(error) is not click.UsageError or "unexpected extra" in text):
            text = f"{text.rstrip('.')} ({error.ctx.command_path} --help says what it takes)"
        return say(text, WRONG_CALL)
    except click.ClickException as error:
        return say(error.format_message(), FAULT)
    except (click.Abort, KeyboardInterrupt):
        return say("interrupted", INTERRUPTED)
    except OSError as error:
        if isinstance(error, BrokenPipeError) and not isinstance(error, CfpopError):
            return FAULT  # who reads the output has gone, as `head` does
        return say(fault_line(error), FAULT)
    except Exception as error:  # noqa: BLE001 - the one place that must not let a trace through
        return say(fault_line(error), FAULT)
    return status if isinstance(status, int) else OK


def fault_line(error: Exception) -> str:
    """What went wrong: a fault of ours or of a page with its place in front, any other as a fault of the program."""
    from cfml_pop.jinja.faults import page_fault

    found = page_fault(error)
    if found is not None:
        text, name, lineno = found
        place = "" if lineno is None else f"{name or '<template>'}:{lineno}: "
        first, *more = [line.strip() for line in text.splitlines()] or [type(error).__name__]
        return place + first + (" " + "; ".join(more) if more else "")
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename and error.strerror else error.strerror or str(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} at {frame.filename}:{frame.lineno}; this is a fault of the program, please report it"


def say(text: str, status: int) -> int:
    """Print the text as the one line of a fault. Returns `status`."""
    from cfml_pop.cli.output import one_line

    print(f"{PROGRAM}: {one_line(text)}", file=sys.stderr)
    return status
