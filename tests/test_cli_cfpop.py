"""The tag from the shell: cfml-pop cfpop."""

from __future__ import annotations

import csv
import io
import json
import os
import poplib
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cfml_pop import Progress, cfpop
from cfml_pop.cfml.attributes import ATTRIBUTES, Attribute
from cfml_pop.cli import main, options
from cfml_pop.cli.progress import interruptible
from cfml_pop.testing import EmbeddedServer, sample_messages
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.scripted import ScriptedServer, Talk

ROOT = Path(__file__).parent.parent
MAILS = [b"Subject: mail %d\r\n\r\ntext\r\n" % number for number in range(1, 6)]

posix = pytest.mark.skipif(os.name != "posix", reason="signals and terminals are POSIX's")


class Outcome:
    """What a command printed, and how it ended."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `cfml-pop cfpop` here; `password` stands in the environment."""

    def call(*arguments: object, password: str | None = "secret") -> Outcome:
        if password is None:
            monkeypatch.delenv("CFML_POP_PASSWORD", raising=False)
        else:
            monkeypatch.setenv("CFML_POP_PASSWORD", password)
        status = main(["cfpop", *map(str, arguments)])
        return Outcome(status, *capsys.readouterr())

    return call


def place(server: EmbeddedServer | ScriptedServer) -> list[object]:
    user = server.user if isinstance(server, EmbeddedServer) else "kim"
    return ["--server", "127.0.0.1", "--port", server.port, "--username", user]


@pytest.fixture(scope="module")
def scripted() -> Iterator[ScriptedServer]:
    """A server whose mailbox no test changes."""
    with ScriptedServer(MAILS) as server:
        yield server


# -- options -----------------------------------------------------------------------------------------------------------------


def test_every_attribute_is_an_option_or_left_out_by_rule() -> None:
    """Each attribute of the table has an option of its name, or an entry in LEFT_OUT, and no entry of it is without one."""
    from cfml_pop.cli.cfpop import command

    shown = {parameter.name for parameter in command.params if not getattr(parameter, "hidden", False)}
    left_out = {key for key, attribute in ATTRIBUTES.items() if options.left_out(attribute)}

    assert set(ATTRIBUTES) - left_out == shown & set(ATTRIBUTES)
    assert {"name", "catch", "attributecollection", "password", "debug"} == left_out
    assert set() == {key for key in options.LEFT_OUT if key not in ATTRIBUTES} - {one.kind for one in ATTRIBUTES.values()}


def test_a_new_attribute_is_an_option_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attribute that is added to the table is an option with its help, and reaches the call."""
    new = Attribute("maxAge", "integer", "Oldest message to take, in days.", default=7)
    monkeypatch.setattr(options, "ATTRIBUTES", {**ATTRIBUTES, "maxage": new})

    @options.attribute_options
    def function() -> None:
        """Options are put on it."""

    made = {parameter.name: parameter for parameter in function.__click_params__}  # type: ignore[attr-defined]  # click's own

    assert "Oldest message to take, in days.  [default: 7]" == made["maxage"].help
    assert {"maxage": "3"} == options.given_attributes({"maxage": "3", "port": None, "uid": ()})


@pytest.mark.parametrize("name", ["name", "catch", "attributecollection", "debug", "password"])
def test_what_is_left_out_says_what_to_write(run: Run, name: str) -> None:
    """An attribute that is no option is refused in one line with the reason, and its value is not repeated."""
    outcome = run(f"--{name}", "tiger")

    assert (2, "") == (outcome.status, outcome.out)
    assert outcome.err.startswith(f"cfml-pop: --{name} ")
    assert 1 == outcome.err.count("\n")
    assert "tiger" not in outcome.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port", "99999"], "--port must be between 1 and 65535, not '99999'"),
        (["--maxrows", "x", "--timeout", "-1"], "--timeout must be a number of seconds"),
        (["--maxrows", "x", "--timeout", "-1"], "; --maxrows must be a whole number, not 'x'"),
        (["--action", "nonsense"], "--action must be one of getHeaderOnly, getAll, delete, markRead, not 'nonsense'"),
        (["--server", "localhost:99"], "--server must be the host alone, not 'localhost:99'; write --port 99"),
        (["--server", "pop://kim:tiger@localhost"], "a password in a URL can be read by every user"),
        (["--delimiter", ";"], "--delimiter needs uid"),
        (["--columns", "body"], "there is no column 'body'; there is date, from,"),
        (["--columns", "body"], "--action getAll has more"),
        (["--columns", ","], "--columns names no column"),
        (["--csv-raw"], "write --format csv with it"),
        (["--force"], "write --save-eml DIR with it"),
        (["--save-eml", "x", "--action", "delete", "--uid", "a"], "write --action getAll, or no action"),
        (["--attachmentpath", "x"], "write --action getAll with it"),
        (["--action", "delete", "--yes"], "needs --uid, --messagenumber, --startrow or --maxrows; nothing was deleted"),
        (["--action", "delete", "--maxrows", "-1", "--yes"], "nothing was deleted"),
        (["--action", "delete", "--uid", "a"], "write --yes. Nothing was deleted"),
        (["--netrc", "--password-env", "X"], "--password-env and --netrc each say where the password is"),
        (["--maxrow", "1"], "--maxrows"),
        (["--tls-ca-file", "gone.pem"], "gone.pem"),
    ],
)
def test_wrong_calls(run: Run, arguments: list[str], said: str) -> None:
    """A wrong call ends with status 2 and one line that says what to type, before any server is asked."""
    outcome = run("--server", "pop.example.invalid", "--username", "kim", *arguments)

    assert (2, "") == (outcome.status, outcome.out)
    assert said in outcome.err
    assert 1 == outcome.err.count("\n")
    assert "tiger" not in outcome.err


def test_what_is_required(run: Run) -> None:
    """Without a server and a user name the line names both, and asks for no password."""
    outcome = run(password=None)

    assert 2 == outcome.status
    assert outcome.err.startswith("cfml-pop: --server is required (or connection); --username is required")


def test_names_in_any_case_and_lists(run: Run, scripted: ScriptedServer) -> None:
    """Options are taken in any case as attributes are; a list is one comma list or an option given again; alone means yes."""
    by_list = run(*place(scripted), "--messageNumber", "2,4", "--columns", "UID", "--format", "csv")
    again = run(*place(scripted), "--UID", "uid4", "--uid", "uid2", "--columns", "uid", "--format", "csv", "--secure", "no")
    delimited = run(*place(scripted), "--uid", "uid4;uid2", "--delimiters", ";", "--columns", "uid", "--format", "csv")

    assert ['"uid"\n"uid2"\n"uid4"\n'] * 3 == [by_list.out, again.out, delimited.out]


@pytest.fixture
def config(scripted: ScriptedServer, tmp_path: Path) -> Path:
    """A file of settings with one connection, and a root for attachments."""
    path = tmp_path / "mail.toml"
    path.write_text(
        'partial = true\nattachment_root = "root"\n[connections.kim]\n'
        f'server = "127.0.0.1"\nport = {scripted.port}\nsecure = false\nusername = "kim"\npassword = "secret"\n'
    )
    return path


def test_a_connection_of_a_file(run: Run, config: Path, tmp_path: Path) -> None:
    """--connection takes server, user name and password from the file of --config, asks for none, and obeys its settings."""
    there = ["--config", config, "--connection", "kim", "--columns", "uid", "--format", "csv"]
    outcome = run(*there, "--uid", "uid2", "--action", "getAll", "--attachmentpath", "below", password=None)
    outside = run(*there, "--action", "getAll", "--attachmentpath", tmp_path / "elsewhere", password=None)

    assert (0, '"uid"\n"uid2"\n', "") == (outcome.status, outcome.out, outcome.err)
    assert (tmp_path / "root" / "below").is_dir()
    assert (2, False) == (outside.status, (tmp_path / "elsewhere").exists())
    assert "attachment_root in the file of --config" in outside.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--connection", "lee"], "there is no connection 'lee'; there is kim"),
        (["--connection", "kim", "--netrc"], "--connection brings its own password"),
        (["--connection", "kim", "--port", "1"], "--port cannot stand beside connection"),
        (["--connection", "kim", "--config", "{folder}/gone.toml"], "gone.toml"),
        (["--connection", "kim", "--config", "{folder}/bad.toml"], "it is no TOML at line 1"),
        (["--connection", "kim", "--config", ""], ""),
    ],
)
def test_wrong_connections(run: Run, config: Path, tmp_path: Path, arguments: list[str], said: str) -> None:
    """What is wrong about a file of settings or a connection is one line, and shows nothing of the file."""
    (tmp_path / "bad.toml").write_text('password = = "tiger"')
    outcome = run("--config", config, *[text.format(folder=tmp_path) for text in arguments], password=None)

    assert (2, "", 1) == (outcome.status, outcome.out, outcome.err.count("\n"))
    assert said in outcome.err
    assert "tiger" not in outcome.err


def test_a_connection_without_a_file(run: Run) -> None:
    """Without --config the line says which option has the connections."""
    assert "name the file that has it by --config FILE.toml" in run("--connection", "kim").err


# -- output ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["getHeaderOnly", "getAll"])
@pytest.mark.parametrize("dialect", ["default", "lucee"])
def test_json_is_what_python_gets(run: Run, sample_server: EmbeddedServer, action: str, dialect: str) -> None:
    """--json prints exactly the values of cfpop(...).to_dicts(), and jsonl the same ones, line by line."""
    server = sample_server
    query = cfpop(
        server=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        action=action,
        dialect=dialect,
    )
    arguments = [*place(server), "--action", action, "--dialect", dialect]
    array = run(*arguments, "--json", password=server.password)
    lines = run(*arguments, "--format", "jsonl", password=server.password)

    assert query.to_dicts() == json.loads(array.out)
    assert query.to_dicts() == [json.loads(line) for line in lines.out.splitlines()]
    assert (0, "", 0, "") == (array.status, array.err, lines.status, lines.err)


def test_csv_is_what_python_gets(run: Run, sample_server: EmbeddedServer) -> None:
    """--format csv --csv-raw gives the same texts back through a reader of CSV, newlines included."""
    server = sample_server
    query = cfpop(server=server.host, port=server.port, username=server.user, password=server.password, action="getAll")
    outcome = run(*place(server), "--action", "getAll", "--format", "csv", "--csv-raw", password=server.password)
    expected = [
        {name: json.dumps(value) if isinstance(value, dict) else str(value) for name, value in row.items()}
        for row in query.to_dicts()
    ]

    assert expected == list(csv.DictReader(io.StringIO(outcome.out, newline="")))


def test_table(run: Run, sample_server: EmbeddedServer) -> None:
    """A table that is no terminal's has a line for each message, nothing cut off and no control characters."""
    outcome = run(*place(sample_server), password=sample_server.password)
    lines = outcome.out.splitlines()

    assert ["no.", "date", "from", "subject", "size", "uid"] == lines[0].split()
    assert 1 + len(sample_messages()) == len(lines)
    assert "2026-03-02 08:12" in lines[1]
    assert "Ingrid Solberg" in lines[1]
    assert "…" not in outcome.out
    assert "\x1b" not in outcome.out


def test_no_messages(run: Run, scripted: ScriptedServer) -> None:
    """Where nothing was chosen JSON is an empty list, and a table is a word on stderr."""
    table = run(*place(scripted), "--uid", "")
    array = run(*place(scripted), "--uid", "", "--json")

    assert (0, "", "no messages\n") == (table.status, table.out, table.err)
    assert [] == json.loads(array.out)


def test_partial_and_defects(run: Run) -> None:
    """A refused message ends the call with its reason; with --partial it is a row, whose column defects says why."""
    with ScriptedServer(MAILS, {"RETR 2": b"-ERR damaged\r\n"}) as server:
        ended = run(*place(server), "--action", "getAll")
        going = run(*place(server), "--action", "getAll", "--partial", "--columns", "messagenumber,defects", "--json")

    assert (1, "") == (ended.status, ended.out)
    assert "refused RETR 2: damaged" in ended.err
    assert [(1, 0), (2, 1), (3, 0), (4, 0), (5, 0)] == [
        (row["messagenumber"], len(row["defects"])) for row in json.loads(going.out)
    ]


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_fault_is_one_line(run: Run, scripted: ScriptedServer, form: str) -> None:
    """A fault of the mailbox is one line of text on stderr, whatever the format, with nothing on stdout and no password."""
    outcome = run(*place(scripted), "--format", form, password="tiger")

    assert (1, "", 1) == (outcome.status, outcome.out, outcome.err.count("\n"))
    assert outcome.err.startswith("cfml-pop: ")
    assert "check username and password" in outcome.err
    assert "tiger" not in outcome.err


def test_a_server_without_tls(run: Run, monkeypatch: pytest.MonkeyPatch, scripted: ScriptedServer) -> None:
    """Where a host offers no TLS the line names the option that allows it, and with that option it goes on."""
    monkeypatch.setattr("cfml_pop.pop3.transport.addresses.is_loopback", lambda _address: False)
    refused = run(*place(scripted))
    allowed = run(*place(scripted), "--cleartext-server", "127.0.0.1", "--columns", "uid", "--maxrows", 1)

    assert 1 == refused.status
    assert "write --cleartext-server 127.0.0.1 to send it in clear" in refused.err
    assert ["uid", "uid1"] == allowed.out.split()


# -- files -------------------------------------------------------------------------------------------------------------------


def test_saved_messages_are_those_of_poplib(run: Run, sample_server: EmbeddedServer, tmp_path: Path) -> None:
    """--save-eml writes for each message the octets that poplib retrieves, under its uid, for the owner alone, in one session."""
    server = sample_server
    attachments = ("--attachmentpath", tmp_path / "attachments")
    outcome = run(*place(server), "--save-eml", tmp_path / "new" / "mail", *attachments, "--json", password=server.password)
    session = poplib.POP3(server.host, server.port, timeout=20)
    try:
        session.user(server.user)
        session.pass_(server.password)
        uids = [line.split()[1].decode() for line in session.uidl()[1]]
        octets = {
            f"{uid}.eml": b"".join(line + b"\r\n" for line in session.retr(number)[1]) for number, uid in enumerate(uids, 1)
        }
        session.quit()
    finally:
        session.close()
    files = list((tmp_path / "new" / "mail").iterdir())

    assert octets == {path.name: path.read_bytes() for path in files}
    assert f"{len(uids)} messages saved in {tmp_path / 'new' / 'mail'}\n" == outcome.err
    assert len(uids) == len(json.loads(outcome.out))
    if os.name == "posix":
        assert {0o600} == {path.stat().st_mode & 0o777 for path in files}


def test_messages_are_fetched_once(run: Run, tmp_path: Path) -> None:
    """Saving asks for each message once, in one session."""
    with ScriptedServer(MAILS) as server:
        run(*place(server), "--save-eml", tmp_path)
        retrieved = [line for line in server.commands if line.startswith("RETR")]

        assert ([f"RETR {number}" for number in range(1, 6)], 1) == (retrieved, server.connections)


def test_saving_again(run: Run, scripted: ScriptedServer, tmp_path: Path) -> None:
    """A file that holds the message already stays; one that holds something else is refused and nothing is written; --force
    replaces it."""
    run(*place(scripted), "--save-eml", tmp_path, "--maxrows", 2)
    again = run(*place(scripted), "--save-eml", tmp_path, "--maxrows", 3)
    (tmp_path / "uid5.eml").write_bytes(b"mine")
    refused = run(*place(scripted), "--save-eml", tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    forced = run(*place(scripted), "--save-eml", tmp_path, "--force")

    assert f"1 message saved in {tmp_path}, 2 were there already\n" == again.err
    assert (1, "") == (refused.status, refused.out)
    assert "uid5.eml is there and holds something else; write --force to replace it" in refused.err
    assert ["uid1.eml", "uid2.eml", "uid3.eml", "uid5.eml"] == before
    assert 0 == forced.status
    assert MAILS == [path.read_bytes() for path in sorted(tmp_path.iterdir())]


@posix
def test_saving_follows_no_link(run: Run, scripted: ScriptedServer, tmp_path: Path) -> None:
    """A link that stands in a file's place is not written through, with --force neither."""
    folder, target = tmp_path / "mail", tmp_path / "target"
    folder.mkdir()
    target.write_bytes(MAILS[0])
    (folder / "uid1.eml").symlink_to(target)
    refused = run(*place(scripted), "--save-eml", folder, "--maxrows", 1)
    forced = run(*place(scripted), "--save-eml", folder, "--maxrows", 1, "--force")

    assert (1, 0) == (refused.status, forced.status)
    assert (False, MAILS[0]) == ((folder / "uid1.eml").is_symlink(), target.read_bytes())


def test_a_cut_message_is_no_file(run: Run, tmp_path: Path) -> None:
    """With --partial, whole messages are saved and one that was cut is not."""

    def cut(talk: Talk) -> bytes | None:
        talk.socket.sendall(b"+OK\r\nSubject: mai")
        talk.close()
        return None

    with ScriptedServer(MAILS, {"RETR 3": cut}) as server:
        outcome = run(*place(server), "--save-eml", tmp_path, "--partial")

    assert 0 == outcome.status
    assert "2 messages saved" in outcome.err
    assert ["uid1.eml", "uid2.eml"] == sorted(path.name for path in tmp_path.iterdir())


def test_a_full_disk_leaves_no_half(run: Run, scripted: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When writing fails in the middle, the file that was begun is gone, and the line says why."""

    def full(_path: object, _target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    outcome = run(*place(scripted), "--save-eml", tmp_path, "--force")

    assert 1 == outcome.status
    assert "No space left on device" in outcome.err
    assert [] == list(tmp_path.iterdir())


def test_attachments_are_saved_here(
    run: Run, sample_server: EmbeddedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative --attachmentpath starts where the command runs."""
    monkeypatch.chdir(tmp_path)
    run(*place(sample_server), "--action", "getAll", "--attachmentpath", "a/../files", password=sample_server.password)

    assert (tmp_path / "files" / "rentals.csv").is_file()


def test_interrupted_while_saving(run: Run, scripted: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C between two files leaves whole ones only, and the line says how many."""
    replace = Path.replace

    def interrupted(path: Path, target: Path) -> Path:
        if target.name == "uid3.eml":
            raise KeyboardInterrupt
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    outcome = run(*place(scripted), "--save-eml", tmp_path, "--force")

    assert (130, "") == (outcome.status, outcome.out)
    assert f"deleted; 2 messages saved in {tmp_path}, each one whole\n" in outcome.err
    assert MAILS[:2] == [path.read_bytes() for path in sorted(tmp_path.iterdir())]


# -- against Dovecot ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secure", [["--secure"], []], ids=["tls", "stls"])
def test_deletes_and_marks_by_uid(run: Run, dovecot: Dovecot, secure: list[str]) -> None:
    """delete and markRead do to a real mailbox what their table says, over TLS and STLS with --tls-ca-file."""
    mailbox = dovecot.mailbox(MAILS)
    uids = mailbox.uidl()
    there = ["--server", dovecot.host, "--port", dovecot.pop3s_port if secure else dovecot.pop3_port, *secure]
    there += ["--username", mailbox.username, "--tls-ca-file", dovecot.ca_file, "--json"]
    marked = run(*there, "--action", "markRead", "--uid", uids[1], password=PASSWORD)
    deleted = run(*there, "--action", "delete", "--uid", uids[0], "--uid", uids[3], "--yes", password=PASSWORD)

    assert [{"messagenumber": 2, "uid": uids[1]}] == json.loads(marked.out)
    assert [{"messagenumber": 1, "uid": uids[0]}, {"messagenumber": 4, "uid": uids[3]}] == json.loads(deleted.out)
    assert ["mail 2", "mail 3", "mail 5"] == mailbox.subjects()
    assert [True, False, False] == mailbox.seen()


def test_saved_messages_are_those_of_dovecot(run: Run, dovecot: Dovecot, tmp_path: Path) -> None:
    """What --save-eml writes of a real mailbox is what poplib retrieves from it, dots at line starts included."""
    mailbox = dovecot.mailbox([*sample_messages(), b"Subject: dots\r\n\r\n.\r\n..\r\n.x\r\n"])
    there = ["--server", dovecot.plain_host, "--port", dovecot.pop3_port, "--username", mailbox.username]
    run(*there, "--save-eml", tmp_path, "--json", password=PASSWORD)

    assert mailbox.messages() == [(tmp_path / f"{uid}.eml").read_bytes() for uid in mailbox.uidl()]


def test_a_certificate_that_does_not_hold(run: Run, dovecot: Dovecot) -> None:
    """Without --tls-ca-file the certificate of the test's authority is refused, in one line."""
    outcome = run("--server", dovecot.host, "--port", dovecot.pop3s_port, "--secure", "--username", "kim", password=PASSWORD)

    assert (1, "", 1) == (outcome.status, outcome.out, outcome.err.count("\n"))
    assert "certificate" in outcome.err


# -- terminals and signals ---------------------------------------------------------------------------------------------------


def child(server: ScriptedServer, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cfml_pop", "cfpop", *map(str, place(server)), *arguments],
        cwd=ROOT,
        env={**os.environ, "CFML_POP_PASSWORD": "secret"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what runs in a shell's background has it ignored
    )


@posix
@pytest.mark.parametrize(
    ("stop", "arguments", "stalled", "said"),
    [
        (signal.SIGINT, ["--save-eml", "{folder}"], "RETR 3", "2 of 5 messages were read, nothing was deleted"),
        (signal.SIGTERM, ["--action", "delete", "--maxrows", "5", "--yes"], "DELE 3", "nothing was deleted"),
        (signal.SIGHUP, ["--save-eml", "{folder}"], "RETR 3", "2 of 5 messages were read, nothing was deleted"),
        (
            signal.SIGINT,
            ["--action", "delete", "--maxrows", "5", "--yes"],
            "QUIT",
            "the server had been told to delete 5 messages, and may have; look into the mailbox",
        ),
    ],
    ids=["reading", "deleting", "hung up", "leaving"],
)
def test_interrupted(tmp_path: Path, stop: signal.Signals, arguments: list[str], stalled: str, said: str) -> None:
    """SIGINT, SIGTERM and SIGHUP in the middle end with status 130 and one true line; no file is there and nothing is deleted."""
    reached = threading.Event()

    def stall(talk: Talk) -> None:
        reached.set()
        talk.stall()

    folder = tmp_path / "mail"
    # Without pipelining a command is sent when the answer to the one before has been read.
    with ScriptedServer(MAILS, {stalled: stall}, capabilities=[b"TOP", b"UIDL", b"USER"]) as server:
        process = child(server, *[text.format(folder=folder) for text in arguments])
        try:
            assert reached.wait(20)
            process.send_signal(stop)
            out, err = process.communicate(timeout=20)
        finally:
            process.kill()
            process.communicate()
        commands = list(server.commands)

    assert (130, "", f"cfml-pop: interrupted: {said}\n") == (process.returncode, out, err)
    assert (set(), False) == (server.deleted, folder.exists())
    assert ("QUIT" in commands) == (stalled == "QUIT")


@posix
def test_a_reader_that_leaves() -> None:
    """When the reader of stdout has gone, the command ends without a word, with status 1."""
    read, write = os.pipe()
    os.close(read)
    with ScriptedServer(MAILS) as server:
        process = subprocess.run(
            [sys.executable, "-m", "cfml_pop", "cfpop", *map(str, place(server)), "--json"],
            cwd=ROOT,
            env={**os.environ, "CFML_POP_PASSWORD": "secret"},
            stdout=write,
            stderr=subprocess.PIPE,
            check=False,
        )
    os.close(write)

    assert (1, b"") == (process.returncode, process.stderr)


def at_terminal(
    server: ScriptedServer, *arguments: str, answers: list[tuple[str, str]], password: str | None = None
) -> tuple[int, str]:
    """Run the command on a terminal of its own; when a text of `answers` is shown, what stands beside it is typed."""
    import pty

    environment = {name: value for name, value in os.environ.items() if name not in ("CFML_POP_PASSWORD", "NO_COLOR")}
    environment |= {"TERM": "xterm-256color", "COLUMNS": "100"} | ({"CFML_POP_PASSWORD": password} if password else {})
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "cfml_pop", "cfpop", *map(str, place(server)), *arguments],
        cwd=ROOT,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, waiting = b"", list(answers)
    try:
        while True:
            try:
                block = os.read(ours, 65536)
            except OSError:  # on Linux the end of a terminal
                break
            if not block:
                break
            shown += block
            if waiting and waiting[0][0].encode() in shown:
                os.write(ours, waiting.pop(0)[1].encode())
        return process.wait(20), shown.decode()
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@posix
def test_asks_at_a_terminal() -> None:
    """On a terminal a delete is asked for, then the password, which is not shown; a short call draws no bar."""
    with ScriptedServer(MAILS) as server:
        status, shown = at_terminal(
            server,
            *("--action", "delete", "--uid", "uid2"),
            answers=[("[y/N]", "y\n"), ("Password", "secret\n")],
        )

    assert (0, {2}) == (status, server.deleted)
    assert "Delete the messages with uid uid2 of kim@127.0.0.1? [y/N]" in shown
    assert "Password for kim@127.0.0.1:" in shown
    assert "secret" not in shown
    assert "messages" not in shown.partition("Password")[2]


@posix
def test_a_no_deletes_nothing() -> None:
    """Whoever does not say yes has deleted nothing, and the server was not asked."""
    with ScriptedServer(MAILS) as server:
        status, shown = at_terminal(server, "--action", "delete", "--maxrows", "2", answers=[("[y/N]", "\n")])

    assert (1, 0) == (status, server.connections)
    assert "Delete 2 messages from number 1 on of kim@127.0.0.1?" in shown
    assert "cfml-pop: nothing was deleted" in shown


@posix
def test_progress_bar_on_a_terminal() -> None:
    """A long call shows messages and octets on a terminal, and the bar is wiped off before the table."""
    mails = [b"Subject: mail\r\n\r\n" + b"a line of text\r\n" * 2000] * 40
    with ScriptedServer(mails) as server:
        status, shown = at_terminal(server, "--action", "getAll", answers=[], password="secret")

    bar, _, table = shown.rpartition("\x1b[2K")
    assert 0 == status
    assert "/40 messages" in bar
    assert "/1.3 MB" in bar
    assert ("messages" in table, "uid40" in table) == (False, True)


@pytest.mark.parametrize(("terminal", "arguments", "bars"), [(True, [], 1), (True, ["--no-progress"], 0), (False, [], 0)])
def test_where_there_is_a_bar(
    run: Run, monkeypatch: pytest.MonkeyPatch, scripted: ScriptedServer, terminal: bool, arguments: list[str], bars: int
) -> None:
    """Only a terminal has a bar, and with --no-progress it has none; the call is the same."""
    made = []

    class Bar:
        def __init__(self, doing: str) -> None:
            made.append(doing)

        def show(self, progress: Progress) -> None:
            assert 5 == progress.messages

        def stop(self) -> None:
            made.append("stopped")

    monkeypatch.setattr("cfml_pop.cli.progress._Bar", Bar)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    outcome = run(*place(scripted), "--json", *arguments)

    assert (0, 5) == (outcome.status, len(json.loads(outcome.out)))
    assert ["Reading", "stopped"] * bars == made


@posix
def test_an_ignored_hangup_stays_ignored() -> None:
    """Under nohup a closed terminal ends nothing, and what the signals did before they do again afterwards."""
    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM)}
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible(lambda: ""):
            inside = signal.getsignal(signal.SIGHUP)
        after = {number: signal.getsignal(number) for number in before}
    finally:
        signal.signal(signal.SIGHUP, before[signal.SIGHUP])

    assert signal.SIG_IGN == inside
    assert {**before, signal.SIGHUP: signal.SIG_IGN} == after
