"""What a host configures."""

from __future__ import annotations

import dataclasses

import pytest

from cfml_pop import Connection, Secret, Settings
from cfml_pop.cfml.attributes import resolve
from cfml_pop.client import _builder
from cfml_pop.message.reading import UNPACKED


def test_settings_are_frozen() -> None:
    """Overlays of an environment share them, so they are replaced and never changed."""
    settings = Settings()

    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.partial = True  # type: ignore[misc]

    assert (False, True) == (settings.partial, dataclasses.replace(settings, partial=True).partial)


@pytest.mark.parametrize("field", ["servers", "actions", "cleartext_servers", "unpack"])
def test_a_single_name_is_no_collection(field: str) -> None:
    """A text would be read as a set of letters: the error says what to write."""
    with pytest.raises(
        TypeError, match=rf"Settings\({field}=\.\.\.\) takes a collection of names; write \['pop\.example\.com'\]"
    ):
        Settings(**{field: "pop.example.com"})  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["servers", "cleartext_servers"])
@pytest.mark.parametrize("entry", ["", "pops://kim:tiger@pop.example.com", "kim@pop.example.com", "pop.example.com/"])
def test_what_is_no_host_is_refused(field: str, entry: str) -> None:
    """An entry that could never be met is an error, which does not show it: it may hold a password."""
    with pytest.raises(ValueError, match=rf"Settings\({field}=\.\.\.\) takes hosts, as") as caught:
        Settings(**{field: ["pop.example.org", entry]})  # type: ignore[arg-type]

    assert "tiger" not in str(caught.value)


def test_a_connection_keeps_its_password_to_itself() -> None:
    """A stored connection may be printed."""
    connection = Connection(server="pop.example.com", username="kim", password="tiger")

    assert (Secret("tiger"), False) == (connection.password, "tiger" in repr(connection))
    assert "tiger" not in repr(Settings(connections={"support": connection}))


@pytest.mark.parametrize(
    ("field", "value"),
    [("idle_timeout", 0), ("idle_timeout", 1e10), ("memory_limit", -1), ("list_limit", -1), ("loop_limit", -1)],
)
def test_a_setting_that_cannot_work_is_refused(field: str, value: float) -> None:
    """Where it is set, and not when the first mail is read."""
    with pytest.raises(ValueError, match=rf"Settings\({field}=\.\.\.\)"):
        Settings(**{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("time_zone", "Europe/Berlin", r"takes a tzinfo, as zoneinfo\.ZoneInfo\('Europe/Berlin'\)"),
        ("connections", {"support": {"server": "pop.example.com"}}, "takes a Connection for each name; 'support' has none"),
        ("inline_image", "picture_url", r"takes a function, as cfml_pop\.picture_url"),
        ("html_limit", "1000", "takes a whole number, not '1000'"),
        ("idle_timeout", "60", "takes seconds above 0"),
    ],
)
def test_a_setting_of_another_kind_is_refused(field: str, value: object, text: str) -> None:
    """Where it is set, with what it takes."""
    with pytest.raises((TypeError, ValueError), match=rf"Settings\({field}=\.\.\.\) {text}"):
        Settings(**{field: value})  # type: ignore[arg-type]


def test_a_connection_may_be_a_pop_url() -> None:
    """RFC 2384: it brings port, user, password and TLS; what is given beside it wins."""
    connection = Connection(server="pops://kim:tiger@pop.example.com:2995", username="ann")

    assert ("pop.example.com", 2995, True, "ann", Secret("tiger")) == (
        connection.server,
        connection.port,
        connection.secure,
        connection.username,
        connection.password,
    )
    with pytest.raises(TypeError, match="needs username= and password="):
        Connection(server="pops://kim@pop.example.com")


def test_what_may_be_unpacked() -> None:
    """Both kinds unless the host says otherwise; a kind that does not exist is refused."""
    assert (("tnef", "uuencode"), ()) == (Settings().unpack, Settings(unpack=()).unpack)
    with pytest.raises(
        ValueError, match=r'Settings\(unpack=\.\.\.\) takes "tnef" and "uuencode", or \(\) for nothing, not .zip.'
    ):
        Settings(unpack=["tnef", "zip"])


def test_what_is_unpacked_reaches_the_rows() -> None:
    """A call looks into what its host allows, and the settings name the kinds that the reader knows."""
    call = resolve({"server": "pop.example.com", "username": "kim", "password": "tiger", "action": "getAll"})
    builders = [_builder(call, settings, sandboxed=False) for settings in (Settings(unpack=()), Settings())]

    assert [(), UNPACKED] == [builder._form.reading.unpack for builder in builders]
