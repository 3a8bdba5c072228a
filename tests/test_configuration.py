"""Settings from a mapping and from TOML, and where a connection's secret comes from."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import re
import signal
import traceback
import zoneinfo
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cfml_pop import AttributeFault, Connection, Secret, Settings
from cfml_pop.configuration.readers import CONNECTION, SETTINGS

FULL = """
dialect = "Lucee"
servers = ["pop.example.com", "pop.example.org:1110"]
actions = ["getheaderonly", "getAll"]
time_zone = "Europe/Berlin"
attachment_root = "files"
tls_ca_file = "/etc/ssl/own.pem"
idle_timeout = 12
memory_limit = 1_000_000
partial = true
unpack = ["tnef"]

[connections.support]
server = "pop.example.com"
username = "support"
password_env = "SUPPORT_PASSWORD"
port = 1995

[connections.sales]
url = "pops://sales@pop.example.org"
password_file = "sales.txt"

[connections]
orders = "pop://orders:tiger@localhost:1110"
whole.url_env = "WHOLE_MAILBOX"
"""

OPEN = "names {path}, which may be used by every user of this machine; run: chmod o= "
OBJECT = "is an object of Python and cannot be written here; in Python"

ENVIRON = {"SUPPORT_PASSWORD": "lion", "WHOLE_MAILBOX": "pops://kim:leopard@pop.example.net:2995"}


def secret_file(path: Path, text: str = "puma\n", mode: int = 0o600) -> Path:
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def faults_of(mapping: Any, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(AttributeFault) as caught:
        Settings.from_mapping(mapping, environ=environ or {})
    return [text for _, text in caught.value.faults]


def test_a_file_with_everything(tmp_path: Path) -> None:
    """Every kind of value, four ways to name a mailbox, and paths that start from the folder of the file."""
    file = tmp_path / "settings.toml"
    file.write_text(FULL, "utf-8")
    secret_file(tmp_path / "sales.txt")
    expected = Settings(
        dialect="lucee",
        servers=("pop.example.com", "pop.example.org:1110"),
        actions=("getheaderonly", "getAll"),
        time_zone=zoneinfo.ZoneInfo("Europe/Berlin"),
        attachment_root=str(tmp_path / "files"),
        tls_ca_file="/etc/ssl/own.pem",
        idle_timeout=12,
        memory_limit=1_000_000,
        partial=True,
        unpack=("tnef",),
        connections={
            "support": Connection(server="pop.example.com", username="support", password="lion", port=1995),
            "sales": Connection(server="pops://sales:puma@pop.example.org"),
            "orders": Connection(server="localhost", port=1110, username="orders", password="tiger", secure=False),
            "whole": Connection(server="pop.example.net", port=2995, username="kim", password="leopard"),
        },
    )

    assert expected == Settings.from_toml(file, environ=ENVIRON)


@pytest.mark.parametrize(
    "mapping",
    [
        {"dialect": "adobe", "connections": {"Support": "pops://kim:tiger@pop.example.com"}},
        {"DIALECT": "adobe", "CONNECTIONS": {"Support": {"URL": "pops://kim:tiger@pop.example.com"}}},
        {"DEBUG": True, "CFML_POP": {"dialect": "adobe", "connections": {"Support": "pops://kim:tiger@pop.example.com"}}},
        {"title": "Shop", "cfml_pop": {"dialect": "adobe", "connections": {"Support": "pops://kim:tiger@pop.example.com"}}},
    ],
)
def test_mappings_of_applications(mapping: dict[str, Any]) -> None:
    """Keys in lower or upper case, and ours alone out of an application's whole configuration; a connection keeps its name."""
    expected = Settings(dialect="adobe", connections={"Support": Connection(server="pops://kim:tiger@pop.example.com")})

    assert expected == Settings.from_mapping(mapping)


def test_objects_of_python_come_through_a_mapping() -> None:
    """What is a value already, a function or a Connection, is taken as it is."""

    def token() -> str:
        return "abc"

    def picture(_entry: object) -> None:
        return None

    zone = dt.timezone(dt.timedelta(hours=3))
    ready = Connection(server="pop.example.com", username="kim", password=token)
    settings = Settings.from_mapping(
        {
            "time_zone": zone,
            "inline_image": picture,
            "pipelining": None,
            "attachment_root": Path("/srv/mail"),
            "connections": {"ready": ready, "made": {"server": "pop.example.com", "username": "kim", "token": token}},
        }
    )

    assert (zone, picture, Path("/srv/mail")) == (settings.time_zone, settings.inline_image, settings.attachment_root)
    assert {"ready": ready, "made": Connection(server="pop.example.com", username="kim", token=token)} == settings.connections


def test_all_faults_are_told_at_once() -> None:
    """Each with its place, and with what was meant where that can be guessed."""
    mapping = {
        "conections": {},
        "partial": "yes",
        "memory_limit": True,
        "list_limit": -1,
        "idle_timeout": 0,
        "servers": "pop.example.com",
        "actions": ["getAl"],
        "unpack": ["zip"],
        "cleartext_servers": ["pop://kim:tiger@pop.example.com"],
        "dialect": "lucy",
        "time_zone": "Europe/Berln",
        "attachment_root": 5,
        "tls_context": "default",
        "inline_image": "cfml_pop.picture_url",
        "connections": {"support": {"server": "pop.example.com", "username": "kim", "password_env": "NO_SUCH", "port": "995"}},
    }

    assert [
        "conections is no setting; did you mean connections?",
        "partial must be true or false, not a text",
        "memory_limit must be a whole number, not true or false",
        "list_limit must not be negative",
        "idle_timeout takes seconds above 0, up to 2000000, not 0",
        'servers must be a list of texts, as ["pop.example.com"], not a text',
        "actions holds 'getAl'; did you mean getAll?",
        "unpack holds 'zip'; there are tnef, uuencode",
        'cleartext_servers takes hosts, as "pop.example.com" or "pop.example.com:110"',
        "dialect names none that exists: there is no dialect 'lucy'; there is default, lucee, adobe, openbd",
        "time_zone names no time zone that is known: 'Europe/Berln'; did you mean Europe/Berlin?",
        "attachment_root must be a path, not a whole number",
        f"tls_context {OBJECT}: dataclasses.replace(settings, tls_context=...)",
        f"inline_image {OBJECT}: dataclasses.replace(settings, inline_image=...)",
        "connections.support.password_env names the environment variable NO_SUCH, which is not set",
        "connections.support.port must be a whole number, not a text",
    ] == faults_of(mapping)
    with pytest.raises(AttributeFault, match=r"the settings have 2 faults:\n  partil is .*\n  servers must"):
        Settings.from_mapping({"partil": True, "servers": 5})


@pytest.mark.parametrize(
    ("connection", "fault"),
    [
        (5, " must be a table or a POP URL, not a whole number"),
        ({"sever": "x"}, ".sever is no part of a connection; did you mean server?"),
        ({"server": "h", "url": "pops://kim:tiger@h"}, " has url and server; keep one of them"),
        ({"server": "h", "username": "kim"}, " is not complete: it needs url or url_env; or server, username, and one of"),
        ({"server": "h", "password": "tiger"}, " is not complete: it needs url or url_env; or server, username, and one of"),
        ({"server": "h", "username": "kim", "password": "tiger", "password_env": "A_B"}, " has password and password_env; keep"),
        ({"server": "h", "username": "kim", "password": 7717}, ".password must be a text, not a whole number"),
        ({"server": "h", "username": "kim", "token": "tiger"}, ".token is an object of Python and cannot be written here"),
        ({"url": "pops://kim:tiger@h", "secure": True}, ".secure stands in the URL itself: pops:// is secure, pop:// is not"),
        ({"url": "pops://kim:ti@ger@h"}, '.url cannot be read: a POP URL is written like .* more than one "@"'),
        ("pops://kim;AUTH=LOGIN:tiger@h", ".url cannot be read: "),
        ("pops://kim;AUTH=LOGIN@h", " cannot be used: the login mechanism is chosen by the program; leave ;AUTH=LOGIN out"),
        ({"url_env": "A_URL"}, ".url_env cannot be read: a POP URL is written like"),
        ({"url_env": "AN_EMPTY"}, ".url_env names the environment variable AN_EMPTY, which is empty"),
        (
            {"server": "h", "username": "kim", "password_env": "tiger"},
            ".password_env names an environment variable that",
        ),
        (
            {"server": "h", "username": "kim", "password_file": "tiger"},
            r".password_file names a file in \. that cannot",
        ),
        ({"server": "h", "username": "kim", "password": "tiger", "port": 0}, ".port must be a number from 1 to 65535"),
        ({"server": "h", "username": "kim", "password": "tiger", "secure": "no"}, ".secure must be true or false, not a text"),
    ],
)
def test_no_fault_of_a_connection_shows_a_value(connection: Any, fault: str) -> None:
    """Neither its text nor the frames of this package, because any value may be a password in the wrong place."""
    environ = {"A_URL": "pops://kim:tiger:7717@h", "AN_EMPTY": "", "A_B": "tiger"}
    with pytest.raises(AttributeFault, match=f"^the settings have a fault: connections[.]support{fault}") as caught:
        Settings.from_mapping({"connections": {"support": connection}}, environ=environ)

    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()).split("\n  File ")
    frames = "".join(frame for frame in shown if "/cfml_pop/" in frame)
    assert "from_mapping" in frames
    assert not {"tiger", "7717"} & set(frames.replace("'", " ").replace(":", " ").split())
    assert "tiger" not in str(caught.value)


def test_what_is_no_toml_is_told_by_its_place(tmp_path: Path) -> None:
    """The line is not shown, nor in a frame: it may hold a password."""
    file = tmp_path / "settings.toml"
    file.write_text('[connections.support]\npassword = "tiger\n', "utf-8")
    with pytest.raises(AttributeFault, match=r"settings\.toml has a fault: it is no TOML at line 2, column \d+$") as caught:
        Settings.from_toml(file)
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    file.write_bytes(b"dialect = '\xff'")

    assert "tiger" not in shown
    assert (None, None) == (caught.value.__cause__, caught.value.__context__)
    with pytest.raises(AttributeFault, match="it is not written in UTF-8"):
        Settings.from_toml(file)
    with pytest.raises(FileNotFoundError):
        Settings.from_toml(tmp_path / "none.toml")


def test_what_is_no_mapping() -> None:
    """Django's settings object is one of attributes; the error says what to write."""
    with pytest.raises(TypeError, match=r"takes a mapping, as settings\.CFML_POP, not a SimpleNamespace"):
        import types

        Settings.from_mapping(types.SimpleNamespace(CFML_POP={}))  # type: ignore[arg-type]
    assert ["CFML_POP must be a table, not a text"] == faults_of({"CFML_POP": "lucee"})
    assert ["connections must be a table of connections by name, not a list"] == faults_of({"connections": []})


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (
            lambda path: secret_file(path, mode=0o644),
            OPEN,
        ),
        (
            lambda path: secret_file(path, mode=0o602),
            OPEN,
        ),
        (lambda path: secret_file(path, "\n"), "names {path}, which is empty"),
        (
            lambda path: secret_file(path, "a\nb\n"),
            "names {path}, which holds more than one line; it must hold",
        ),
        (lambda path: secret_file(path, "x" * 70_000), "names {path}, which holds more than one line"),
        (lambda path: path.mkdir(), "names {path}, which cannot be read: Is a directory"),
        (lambda path: path.write_bytes(b"\xff") and path.chmod(0o600), "names {path}, which is not written in UTF-8"),
    ],
)
def test_a_password_file_that_is_refused(tmp_path: Path, make: Callable[[Path], object], fault: str) -> None:
    """One that every user of the machine may read or write, and one that does not hold a password alone."""
    path = tmp_path / "password"
    make(path)
    found = faults_of({"connections": {"a": {"server": "h", "username": "kim", "password_file": path}}})

    assert [True] == [one.startswith("connections.a.password_file " + fault.format(path=path)) for one in found], found


@contextlib.contextmanager
def alarm(seconds: int) -> Iterator[None]:
    """What waits for longer than that is interrupted with TimeoutError."""

    def ring(_number: int, _frame: object) -> None:
        raise TimeoutError

    previous = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


def test_a_named_pipe_as_a_password_file(tmp_path: Path) -> None:
    """A pipe that nobody writes to is refused at once; opened as a file is, it would hold up the program for ever."""
    path = tmp_path / "pipe"
    os.mkfifo(path, 0o600)
    with alarm(5):
        found = faults_of({"connections": {"a": {"server": "h", "username": "kim", "password_file": path}}})

    assert [f"connections.a.password_file names {path}, which is no file"] == found


@pytest.mark.parametrize(
    ("mapping", "fault"),
    [
        (
            {"connections": {"a": {"server": "h", "username": "kim", "password_file": "ti\0ger"}}},
            "connections.a.password_file names a file whose name holds the control character U+0000; take it out",
        ),
        (
            {"attachment_root": "~no-such-user/x"},
            "attachment_root begins with ~ and a user who has no home directory; write the whole path",
        ),
        (
            {"connections": {"a": {"server": "h", "username": "kim", "password_file": "~tiger-x"}}},
            "connections.a.password_file begins with ~ and a user who has no home directory; write the whole path",
        ),
    ],
)
def test_a_path_that_is_none(mapping: dict[str, Any], fault: str) -> None:
    """What Python refuses in a path is a fault with its place as all others, and shows no value."""
    assert [fault] == faults_of(mapping)


@pytest.mark.parametrize("mode", [0o600, 0o440, 0o400])
def test_a_password_file_that_is_taken(tmp_path: Path, mode: int) -> None:
    """Its owner's alone or a group's as well; blanks belong to the password, the end of the line does not."""
    path = secret_file(tmp_path / "password", " ti ger \r\n", mode)
    link = tmp_path / "link"
    link.symlink_to(path)  # as a container's secrets are mounted
    settings = Settings.from_mapping({"connections": {"a": {"server": "h", "username": "kim", "password_file": str(link)}}})

    assert Secret(" ti ger ") == settings.connections["a"].password


def test_every_setting_can_be_read() -> None:
    """A field of Settings that has no reader would be called unknown."""
    assert sorted(field.name for field in dataclasses.fields(Settings)) == sorted([*SETTINGS, "connections"])


def test_the_manual_has_it_all(tmp_path: Path) -> None:
    """The file that docs/cfpop.md shows can be read, and its table has every key of a connection."""
    text = (Path(__file__).parent.parent / "docs" / "cfpop.md").read_text("utf-8").partition("## Settings from a mapping")[2]
    file = tmp_path / "mail.toml"
    file.write_text(re.findall(r"```toml\n(.*?)```", text, re.DOTALL)[0], "utf-8")
    settings = Settings.from_toml(file, environ={"SUPPORT_PASSWORD": "lion", "SALES_MAILBOX": "pops://kim:puma@pop.example.com"})
    keys = {key for line in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for key in re.findall(r"`(\w+)`", line)}

    assert (str(tmp_path / "files"), {"support", "sales"}) == (settings.attachment_root, set(settings.connections))
    assert set(CONNECTION) == keys
