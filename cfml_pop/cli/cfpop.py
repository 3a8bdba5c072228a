"""`cfml-pop cfpop`: the tag from the shell.

Rule: what the options mean is what the attributes mean; this file only brings them together with the password, the files and the
form of the output. Everything that can be wrong about the command line is said before the server is asked.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import click

from cfml_pop.cfml.attributes import DELETE, GET_ALL, GET_HEADER_ONLY, MARK_READ, Call, resolve
from cfml_pop.cfml.dialect import DIALECTS, find_dialect
from cfml_pop.cfml.query import Query, Row, plain
from cfml_pop.cli import COMMANDS
from cfml_pop.cli.options import (
    SectionCommand,
    attribute_options,
    given_attributes,
    in_shell_words,
    section_option,
    usage_error,
)
from cfml_pop.cli.output import FORMATS, emit, rows_text
from cfml_pop.cli.passwords import Sources, password_options
from cfml_pop.cli.progress import interruptible, progress_bar
from cfml_pop.cli.saving import EmlFolder
from cfml_pop.client import perform
from cfml_pop.errors import AttributeFault, CfpopError
from cfml_pop.progress import Progress
from cfml_pop.secret import Secret
from cfml_pop.settings import Settings
from cfml_pop.url import parse_pop_url

__all__ = ["TABLE_COLUMNS", "chosen_columns", "command"]

TABLE_COLUMNS = ("messagenumber", "date", "from", "subject", "size", "uid")
"""What a table shows when --columns says nothing. The other formats have all columns."""

KEPT_COLUMNS = ("messagenumber", "date", "size", "uid")
"""Columns that are not cut where the terminal is narrow: what is left of them would be of no use."""

DONE_COLUMNS = ("messagenumber", "uid")
"""The columns of delete and markRead."""

PLACEHOLDER = "-"
"""Stands for a user name or password that is not known yet, while the rest of the call is checked."""

of_settings = section_option("Settings")
of_output = section_option("Output")


@click.command(
    cls=SectionCommand,
    help=COMMANDS["cfpop"],
    epilog="Exit status: 0, 1 for a fault of the mailbox, 2 for a wrong call, 130 for Ctrl-C.",
)
@attribute_options
@password_options
@of_settings(
    "--config",
    metavar="FILE.toml",
    type=click.Path(exists=True, dir_okay=False),
    help="A file of settings, with the connections that --connection names; the options below win over it.",
)
@of_settings("--dialect", type=click.Choice(list(DIALECTS), case_sensitive=False), help="Whose choices count.")
@of_settings("--partial", is_flag=True, help="A message that could not be read is a row with defects instead of an error.")
@of_settings("--cleartext-server", metavar="HOST", multiple=True, help="The password may go to this host without TLS.")
@of_settings(
    "--tls-ca-file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="PEM file of the authorities to trust instead of the system's.",
)
@of_output("--format", "form", type=click.Choice(FORMATS), help="How rows are printed.  [default: table]")
@of_output("--json", "form", flag_value="json", help="The same as --format json.")
@of_output("--columns", metavar="A,B,C", help="These columns, in this order; defects is one more.")
@of_output("--csv-raw", is_flag=True, help="CSV with every text as it is, also where a spreadsheet would take it for a formula.")
@of_output("--save-eml", metavar="DIR", type=click.Path(), help="Save each message as DIR/UID.eml; the action is getAll then.")
@of_output("--force", is_flag=True, help="--save-eml replaces files that are there.")
@of_output("--yes", is_flag=True, help="Delete without asking.")
@of_output("--no-progress", is_flag=True, help="No progress bar on a terminal.")
def command(**options: Any) -> None:
    state = _State()
    with interruptible(state.told):
        _run(options, state)


class _State:
    """How far the call is, for the line that says so when it is interrupted."""

    def __init__(self) -> None:
        self.action = ""
        self.progress: Progress | None = None
        self.ended = False
        self.folder: EmlFolder | None = None

    def told(self) -> str:
        at = self.progress
        if self.action == DELETE:
            if at is not None and self.ended:
                return f"{_counted(at.messages)} had been deleted"
            if at is not None and 0 < at.messages == at.done:
                return f"the server had been told to delete {_counted(at.messages)}, and may have; look into the mailbox"
            return "nothing was deleted"
        text = "nothing was changed" if at is None else f"{at.done} of {at.messages} messages were read, nothing was deleted"
        if self.action == MARK_READ and at is not None:
            text = f"{at.done} of {at.messages} messages were retrieved and may be marked as read; nothing was deleted"
        if self.folder is not None and self.folder.written:
            text += f"; {_counted(self.folder.written)} saved in {self.folder.path}, each one whole"
        return text


class _Shown(NamedTuple):
    """How rows are printed."""

    form: str
    columns: Sequence[str]
    raw: bool


def _run(options: Mapping[str, Any], state: _State) -> None:
    settings = _settings(options)
    given = given_attributes(options, from_here=settings.attachment_root is None)
    sources = Sources(options["password_env"], options["password_file"], options["netrc"])
    sources.check()
    if options["save_eml"] is not None:
        given.setdefault("action", GET_ALL)
    call = _checked(given, settings, sources)
    state.action = call.action
    shown = _shown(options, call, settings)
    folder = _folder(options, call)
    if call.action == DELETE and not options["yes"]:
        _confirm(call)
    if call.connection is None:
        username, given["password"] = sources.read(call.server, call.username if call.username != PLACEHOLDER else None)
        given.setdefault("username", username)

    with progress_bar(call.action, wanted=not options["no_progress"]) as draw:

        def progress(at: Progress) -> None:
            state.progress = at
            draw(at)

        query = _asked(given, settings, progress, keep_octets=folder is not None)
    state.ended = True
    if folder is not None:
        state.folder = folder
        there = folder.save(query.rows)
        already = f", {there} were there already" if there else ""
        click.echo(f"{_counted(folder.written)} saved in {folder.path}{already}", err=True)
    if shown.form == "table" and not query:
        click.echo("no messages", err=True)
        return
    emit(rows_text(shown.form, shown.columns, _records(query, shown), raw=shown.raw, keep=KEPT_COLUMNS))


def _checked(given: dict[str, Any], settings: Settings, sources: Sources) -> Call:
    """The call, but for its password. Raises UsageError for what is wrong with it."""
    trial = {"password": Secret(PLACEHOLDER), **given} if "connection" not in given else given
    url = str(given.get("server", ""))
    if "://" in url:
        try:
            found = parse_pop_url(url.strip())
        except AttributeFault:
            found = None  # said with all other faults
        if found is not None and found.password is not None:
            raise click.UsageError("--server: a password in a URL can be read by every user of this machine; leave it out there")
    if "connection" in given:
        _check_connection(str(given["connection"]).strip(), settings, sources)
    elif sources.netrc is not None:
        trial.setdefault("username", PLACEHOLDER)
    try:
        call = resolve(trial, dialect=find_dialect(settings.dialect))
    except AttributeFault as fault:
        usage_error(fault)
    chosen = call.uids is not None or call.numbers is not None or call.windowed
    if call.action == DELETE and not chosen and not settings.allow_delete_all:
        raise click.UsageError("--action delete needs --uid, --messagenumber, --startrow or --maxrows; nothing was deleted")
    saving = call.action == GET_ALL or find_dialect(settings.dialect).header_only_saves
    if call.action in (GET_ALL, GET_HEADER_ONLY) and call.attachmentpath is not None and not saving:
        raise click.UsageError("--attachmentpath saves nothing with --action getHeaderOnly; write --action getAll with it")
    return call


def _settings(options: Mapping[str, Any]) -> Settings:
    """Those of the file that --config names, and over them what options say."""
    named = {
        "dialect": options["dialect"],
        "partial": options["partial"] or None,
        "cleartext_servers": options["cleartext_server"] or None,
        "tls_ca_file": options["tls_ca_file"],
    }
    settings = Settings()
    if options["config"] is not None:
        try:
            settings = Settings.from_toml(options["config"])
        except AttributeFault as fault:
            raise click.UsageError(f"--config: {fault.message}") from None
        except OSError as error:
            raise click.UsageError(f"--config: {options['config']} cannot be read: {error.strerror or error}") from None
    return dataclasses.replace(settings, **{field: value for field, value in named.items() if value is not None})


def _check_connection(name: str, settings: Settings, sources: Sources) -> None:
    if any(value is not None for value in sources):
        raise click.UsageError("--connection brings its own password; leave out the option that says where it is")
    if name not in settings.connections:
        there = ", ".join(settings.connections)
        raise click.UsageError(
            f"--connection: there is no connection {name!r}; "
            + (f"there is {there}" if there else "name the file that has it by --config FILE.toml")
        )


def _shown(options: Mapping[str, Any], call: Call, settings: Settings) -> _Shown:
    form = options["form"] or "table"
    if options["csv_raw"] and form != "csv":
        raise click.UsageError("--csv-raw is about CSV; write --format csv with it")
    reading = call.action not in (DELETE, MARK_READ)
    there = find_dialect(settings.dialect).columns(full=call.action == GET_ALL) if reading else DONE_COLUMNS
    if options["columns"] is not None:
        columns = chosen_columns(options["columns"], [*there, "defects"] if reading else there)
    else:
        columns = [name for name in there if name.lower() in TABLE_COLUMNS] if form == "table" else list(there)
        columns.sort(key=lambda name: TABLE_COLUMNS.index(name.lower()) if form == "table" else 0)
    return _Shown(form, columns, options["csv_raw"])


def chosen_columns(text: str, there: Sequence[str]) -> list[str]:
    """The columns of a comma list, in any case. Raises UsageError for one that is not `there`, and where none is named."""
    known = {name.lower(): name for name in there}
    wanted = [name.strip().lower() for name in text.split(",") if name.strip()]
    for name in wanted:
        if name not in known:
            more = "; --action getAll has more" if "body" not in known and "from" in known else ""
            raise click.UsageError(f"--columns: there is no column {name!r}; there is {', '.join(there)}{more}")
    if not wanted:
        raise click.UsageError(f"--columns names no column; there is {', '.join(there)}")
    return [known[name] for name in dict.fromkeys(wanted)]


def _folder(options: Mapping[str, Any], call: Call) -> EmlFolder | None:
    if options["save_eml"] is None:
        if options["force"]:
            raise click.UsageError("--force is about files of --save-eml; write --save-eml DIR with it")
        return None
    if call.action != GET_ALL:
        raise click.UsageError(
            f"--save-eml needs whole messages, not --action {call.action}; write --action getAll, or no action"
        )
    return EmlFolder(options["save_eml"], force=options["force"])


def _confirm(call: Call) -> None:
    """Ask before a delete. Without a terminal nobody can answer, so --yes is needed there."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError("--action delete asks at a terminal, and here is none; write --yes. Nothing was deleted")
    where = f"connection {call.connection}" if call.connection else f"{call.username}@{call.server}"
    if not click.confirm(f"Delete {_which(call)} of {where}?", err=True):
        raise click.ClickException("nothing was deleted")


def _counted(messages: int) -> str:
    return "1 message" if messages == 1 else f"{messages} messages"


def _which(call: Call) -> str:
    """Which messages a call names, for people."""
    if call.uids is not None:
        return f"the messages with uid {', '.join(call.uids) or '(none)'}"
    if call.numbers is not None:
        return f"the messages number {', '.join(map(str, call.numbers)) or '(none)'}"
    if call.maxrows < 0:
        return "all messages" if call.startrow == 1 else f"all messages from number {call.startrow} on"
    return f"{_counted(call.maxrows)} from number {call.startrow} on"


def _asked(given: Mapping[str, Any], settings: Settings, progress: Callable[[Progress], None], *, keep_octets: bool) -> Query:
    """The call itself, its errors in the words of the command line."""
    try:
        call = resolve(given, dialect=find_dialect(settings.dialect))
        return perform(call, settings, progress=progress, keep_octets=keep_octets)
    except AttributeFault as fault:
        usage_error(fault)
    except CfpopError as error:
        error.message = in_shell_words(error.message)
        raise


def _records(query: Query, shown: _Shown) -> Iterator[dict[str, object]]:
    cell = _table_cell if shown.form == "table" else _cell
    for row in query.rows:
        yield {name: cell(row, name) for name in shown.columns}


def _cell(row: Row, name: str) -> object:
    return list(row.defects) if name == "defects" else plain(row[name])


def _table_cell(row: Row, name: str) -> object:
    """For people: a date as they read it, the first sender's name, and texts where there are structures."""
    if name == "date":
        moment = row.date.datetime
        return "no date" if moment is None else f"{moment:%Y-%m-%d %H:%M}"
    if name == "from":
        return next((one.name or one.address for one in row.from_.addresses), str(row.from_))
    if name == "defects":
        return "; ".join(row.defects)
    return _cell(row, name)
