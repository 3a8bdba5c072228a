"""`cfml-pop render`: a template to a file or to the terminal.

Rule: the output is written when it is whole. A file appears, or changes, in one step; what goes wrong before leaves it as it was.
"""

from __future__ import annotations

import difflib
import json
import secrets
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cfml_pop.cli import COMMANDS
from cfml_pop.cli.templates import make_environment, read_settings, template_options
from cfml_pop.jinja.files import ready_made

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["command", "read_variables", "write_whole"]

STREAM = "-"


@click.command(help=COMMANDS["render"] + " TEMPLATE is a file, the name of a ready-made template, or - for stdin.")
@click.argument("template")
@click.option(
    "--set", "pairs", metavar="NAME=VALUE", multiple=True, help="Set a variable to a text; a.b=x sets b in the mapping a."
)
@click.option("--data", metavar="FILE.json", help="Take variables from a JSON object; - is stdin. --set wins.")
@click.option("-o", "--output", metavar="OUT", default=STREAM, help="Write to this file instead of stdout.")
@click.option(
    "--attachment-root",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The folder that attachments are saved in; no tag gets out of it.",
)
@template_options
def command(
    template: str, pairs: tuple[str, ...], data: str | None, output: str, attachment_root: Path | None, **options: Any
) -> None:
    if template == STREAM == data:
        raise click.UsageError("the template and --data cannot both come from stdin; give one of them as a file")
    variables = read_variables(data, pairs)
    root = attachment_root.resolve() if attachment_root else None
    settings = read_settings(options.pop("config"), attachment_root=root)
    try:
        page = find_template(template, settings=settings, **options)
    except UnicodeDecodeError:
        raise click.ClickException(f"{template} is no UTF-8 text") from None
    write_whole(output, page.render(variables).encode("utf-8", "surrogatepass"))


def find_template(name: str, **options: Any) -> Template:
    """The template of that name, compiled. A file comes before a ready-made template."""
    path = Path(name)
    if name == STREAM:
        source = sys.stdin.buffer.read().decode("utf-8")
        environment = make_environment(Path(), **options)
        return environment.from_string(source)
    if path.is_dir():
        raise click.UsageError(f"{name} is a folder; name a template in it")
    if path.exists():
        return make_environment(path.parent, **options).get_template(path.name)
    there = ready_made()
    if name in there:
        return make_environment(Path(), **options).get_template(name)
    near = difflib.get_close_matches(path.name, [*there, *(one.name for one in path.parent.glob("*"))], 1, 0.7)
    hint = f"did you mean {near[0]}?" if near else f"ready-made are {', '.join(there)}"
    raise click.UsageError(f"there is no template {name}; {hint}")


def read_variables(data: str | None, pairs: Iterable[str]) -> dict[str, Any]:
    """The variables of a page. Raises UsageError for what is no JSON object, and for a pair without a name."""
    variables = {} if data is None else read_data(data)
    for pair in pairs:
        name, sign, value = pair.partition("=")
        steps = name.split(".")
        if not sign or not all(step.isidentifier() for step in steps):
            raise click.UsageError(f"--set takes NAME=VALUE, as in --set title=Inbox, not {pair!r}")
        within = variables
        for position, step in enumerate(steps[:-1], 1):
            within = within.setdefault(step, {})
            if not isinstance(within, dict):
                raise click.UsageError(f"--set {name}: {'.'.join(steps[:position])} is no mapping")
        within[steps[-1]] = value
    return variables


def read_data(name: str) -> dict[str, Any]:
    try:
        octets = sys.stdin.buffer.read() if name == STREAM else Path(name).read_bytes()
        found = json.loads(octets)
    except FileNotFoundError:
        raise click.UsageError(f"--data: there is no file {name}") from None
    except json.JSONDecodeError as error:
        raise click.UsageError(f"--data: {name}:{error.lineno}:{error.colno}: no JSON: {error.msg}") from None
    except UnicodeDecodeError:
        raise click.UsageError(f"--data: {name} is no JSON, which is UTF-8 text") from None
    except (RecursionError, ValueError) as error:  # lists in lists without end; a number of thousands of digits
        raise click.UsageError(f"--data: {name} cannot be read: {error}") from None
    if not isinstance(found, dict):
        raise click.UsageError(f'--data: {name} holds no JSON object, as {{"title": "Inbox"}} is one')
    return found


def write_whole(output: str, octets: bytes) -> None:
    """Write all of it. A file gets a temporary name beside its own first; its rights stay, a new one has the usual ones."""
    if output == STREAM:
        sys.stdout.flush()
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    if path.exists() and not path.is_file():  # a device, a pipe; a folder says so itself
        with path.open("wb") as file:
            file.write(octets)
        return
    path = path.resolve()  # a link stays one
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with beside.open("xb") as file:
            file.write(octets)
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, output) from error  # the name that was given, not the temporary one
    finally:
        beside.unlink(missing_ok=True)
