"""The attributes and the call made of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from cfml_pop.cfml.attributes import (
    ATTRIBUTES,
    DELETE,
    GET_ALL,
    GET_HEADER_ONLY,
    LATER,
    MARK_READ,
    Call,
    find_attribute,
    find_faults,
    resolve,
    unknown_attribute,
)
from cfml_pop.cfml.query import Query
from cfml_pop.cfml.schema import attribute_schema
from cfml_pop.errors import AttributeFault
from cfml_pop.secret import Secret
from tests.test_cfml_kinds import allows

LOGIN: dict[str, object] = {"server": "pop.example.com", "username": "kim", "password": "tiger"}


def call(**more: object) -> Call:
    return resolve({**LOGIN, **more})


def faults(given: dict[str, object], *, template: bool = False) -> list[str]:
    """The texts of all faults, as the error lists them."""
    with pytest.raises(AttributeFault) as caught:
        resolve(given, template=template)
    assert [text for _, text in caught.value.faults] == [text for _, text in find_faults(given, template=template)]
    for _, text in caught.value.faults:
        assert text in str(caught.value)
    return [text for _, text in caught.value.faults]


def test_defaults() -> None:
    """Only the server and the login are needed; everything else has a default."""
    expected = Call(
        server="pop.example.com",
        port=110,
        secure=False,
        username="kim",
        password=Secret("tiger"),
        action=GET_HEADER_ONLY,
        name=None,
        numbers=None,
        uids=None,
        attachmentpath=None,
        timeout=None,
        maxrows=-1,
        startrow=1,
        windowed=False,
        generateuniquefilenames=False,
        connection=None,
        catch=None,
    )
    assert expected == call()


def test_everything_given() -> None:
    """Names in any case, and values as text, make the same call as plain Python values."""
    given: dict[str, object] = {
        "SERVER": " pop.example.com ",
        "Port": "1995",
        "UserName": Markup("kim&co"),
        "PASSWORD": "ti ger ",
        "action": " GETALL ",
        "MessageNumber": "3,1,3",
        "attachmentPath": "inbox",
        "timeOut": "2.5",
        "maxRows": "20",
        "startRow": "2",
        "generateUniqueFilenames": "Yes",
        "secure": "YES",
        "debug": "no",
    }
    actual = resolve(given)
    assert ("pop.example.com", 1995, True, "kim&co", Secret("ti ger ")) == (
        actual.server,
        actual.port,
        actual.secure,
        actual.username,
        actual.password,
    )
    assert (GET_ALL, (3, 1), "inbox", 2.5, True) == (
        actual.action,
        actual.numbers,
        actual.attachmentpath,
        actual.timeout,
        actual.generateuniquefilenames,
    )
    assert str is type(actual.username)


def test_port_follows_secure() -> None:
    """The port is 995 when secure, 110 when not, and what is given when it is given."""
    assert 995 == call(secure="yes").port
    assert 110 == call(secure="no").port
    assert 2110 == call(secure=True, port=2110).port


@pytest.mark.parametrize("name", ["port", "timeout", "maxrows", "startrow", "delimiter", "attachmentpath", "debug"])
@pytest.mark.parametrize("blank", ["", "  ", None])
def test_blank_means_not_given(name: str, blank: object) -> None:
    """An empty text, or None, is "not given" for the attributes that wrappers pass empty."""
    assert call() == call(**{name: blank})


def test_a_column_is_its_current_value() -> None:
    """A Column with an empty text is "not given" like the text itself, and one with a mapping is a collection."""
    query = Query.from_rows(["subject", "cids"], [{"subject": " ", "cids": {"maxrows": 5}}])
    assert call() == call(port=query.subject)
    assert 5 == call(attributeCollection=query.cids).maxrows


@pytest.mark.parametrize("name", ["server", "username", "password", "action", "secure", "generateUniqueFileNames", "connection"])
@pytest.mark.parametrize("blank", ["", None])
def test_blank_is_a_fault_elsewhere(name: str, blank: object) -> None:
    """For the other attributes an empty text is a fault."""
    assert any(text.startswith(f"{name} must ") for text in faults({**LOGIN, name: blank}))


@pytest.mark.parametrize("action", [GET_ALL, DELETE])
def test_empty_selection_selects_nothing(action: str) -> None:
    """An empty uid or messagenumber selects nothing; it is never taken for "all"."""
    assert () == call(action=action, uid="").uids
    assert () == call(action=action, uid=" , ").uids
    assert () == call(action=action, messagenumber="").numbers
    assert () == call(action=action, messagenumber=" , ").numbers
    assert [f"{name} must be text, not None" for name in ("uid", "messagenumber")] == [
        faults({**LOGIN, name: None})[0] for name in ("uid", "messagenumber")
    ]


def test_uid_wins() -> None:
    """uid wins over messagenumber, and either over startrow and maxrows."""
    both = call(uid="a,b", messagenumber="1", startrow=2, maxrows=3)
    assert (("a", "b"), None, 1, -1, False) == (both.uids, both.numbers, both.startrow, both.maxrows, both.windowed)
    numbers = call(messagenumber="1", startrow=2, maxrows=3)
    assert (None, (1,), 1, -1, False) == (numbers.uids, numbers.numbers, numbers.startrow, numbers.maxrows, numbers.windowed)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"startrow": 3}, (3, -1, True)),
        ({"startrow": 1}, (1, -1, True)),
        ({"startrow": 0}, (1, -1, True)),
        ({"startrow": "-4"}, (1, -1, True)),
        ({"maxrows": 0}, (1, 0, True)),
        ({"maxrows": "5"}, (1, 5, True)),
        ({"maxrows": -1}, (1, -1, False)),
        ({"maxrows": -7}, (1, -1, False)),
        ({"startrow": "", "maxrows": ""}, (1, -1, False)),
    ],
)
def test_window(given: dict[str, object], expected: tuple[int, int, bool]) -> None:
    """A negative maxrows is all and so no window, 0 is none; startrow below 1 is the first row."""
    actual = call(**given)
    assert expected == (actual.startrow, actual.maxrows, actual.windowed)


def test_delete_takes_no_startrow_below_one() -> None:
    """On delete a startrow below 1 is more likely a slip than a wish to delete everything."""
    assert ["startrow must be 1 or more on delete, not 0"] == faults({**LOGIN, "action": "delete", "startrow": 0})


def test_delimiter() -> None:
    """Each character of delimiter separates uids, blanks mean a comma, and without uid it is a fault."""
    assert ("a", "b,c", "d") == call(uid="a|b,c$|d", delimiter="|$").uids
    assert ("a", "b") == call(uid="a,b", delimiters=" ").uids
    assert ["delimiter needs uid, whose items it separates"] == faults({**LOGIN, "delimiter": "|"})
    assert ["delimiter needs uid, whose items it separates"] == faults({**LOGIN, "delimiter": "|", "messagenumber": "1|2"})


def test_required() -> None:
    """Without connection the server, the user name and the password are required, and all three are told."""
    assert ["server is required (or connection)", "username is required", "password is required"] == faults({})


def test_connection() -> None:
    """connection stands alone: what it brings is left as placeholders, and must not be given, in a collection neither."""
    actual = resolve({"connection": "support", "action": "getAll"})
    assert ("support", "", 0, "", Secret(""), False) == (
        actual.connection,
        actual.server,
        actual.port,
        actual.username,
        actual.password,
        actual.secure,
    )
    own = ("server", "port", "username", "password", "secure")
    expected = [f"{name} cannot stand beside connection, which brings its own" for name in own]
    values: dict[str, object] = {**LOGIN, "port": 995, "secure": True}
    assert expected == faults({"connection": "support", **values})
    assert expected == faults({"connection": "support", "attributeCollection": values})


def test_names() -> None:
    """Aliases stand for their attribute, a name given twice is a fault, and an unknown one names the nearest."""
    assert ("u",) == call(uid="u", delimiters="|").uids
    assert ["delimiter is given twice"] == faults({**LOGIN, "uid": "u", "delimiter": "|", "delimiters": "|"})
    assert ["server is given twice"] == faults({**LOGIN, "SERVER": "x"})
    assert ["generateUniauueFilenames is not an attribute of cfpop; did you mean generateUniqueFileNames?"] == faults(
        {**LOGIN, "generateUniauueFilenames": "yes"}
    )
    assert ["sever is not an attribute of cfpop; did you mean server?"] == faults(
        {"sever": "x", "username": "u", "password": "p"}
    )
    assert "zzz is not an attribute of cfpop; there are server, port, " in unknown_attribute("zzz")
    assert "name" == getattr(find_attribute("VARIABLE"), "name", None)
    assert None is find_attribute("zzz")


def test_all_faults_at_once() -> None:
    """One error tells everything that is wrong."""
    assert [
        "port must be a whole number, not 'pop3'",
        "action must be one of getHeaderOnly, getAll, delete, markRead, not 'getal'",
        "timeout must be a number of seconds above 0 and up to 2000000, not 0",
        "secure must be yes or no, not 'maybe'",
        "server is required (or connection)",
        "username is required",
    ] == faults({"password": "p", "port": "pop3", "action": "getal", "timeout": 0, "secure": "maybe"})


def test_attribute_collection() -> None:
    """A collection adds attributes in any case; those given beside it win; its own faults are told."""
    collection = {"SERVER": "other", "username": "u", "Password": "p", "maxrows": "5"}
    actual = resolve({"server": "mine", "attributeCollection": collection})
    assert ("mine", "u", 5) == (actual.server, actual.username, actual.maxrows)
    assert ["attributeCollection must be a mapping of attributes, not a value of type str"] == faults(
        {**LOGIN, "attributecollection": "x"}
    )
    assert ["attributeCollection must be a mapping of attributes, not a value of type NoneType"] == faults(
        {**LOGIN, "attributecollection": None}
    )
    assert ["attributeCollection must not hold another attributeCollection"] == faults(
        {**LOGIN, "attributeCollection": {"attributecollection": {}}}
    )
    assert ["uuid is not an attribute of cfpop; did you mean uid?"] == faults({**LOGIN, "attributeCollection": {"uuid": "1"}})
    assert ["1 is not an attribute of cfpop; there are"] == [
        text[:41] for text in faults({**LOGIN, "attributeCollection": {1: "1"}})
    ]
    assert () == resolve({**LOGIN, "action": "delete", "attributeCollection": {"uid": ""}}).uids


def test_name_in_a_tag() -> None:
    """In a tag the get actions need name, and it must stand on the tag itself; delete and markRead do without."""
    missing = "name is required for getAll: the variable that gets the query"
    inside = 'name inside attributeCollection cannot bind a variable; write name="..." on the tag'
    assert [missing] == faults({**LOGIN, "action": "getAll"}, template=True)
    assert [inside] == faults({**LOGIN, "attributeCollection": {"name": "m"}}, template=True)
    assert "m" == resolve({**LOGIN, "name": "m", "attributeCollection": {"name": "other"}}, template=True).name
    for action in (DELETE, MARK_READ):
        assert None is resolve({**LOGIN, "action": action, "uid": "1"}, template=True).name
        assert None is resolve({**LOGIN, "action": action, "attributeCollection": {"name": "m"}}, template=True).name
        assert "m" == resolve({**LOGIN, "action": action, "name": "m"}, template=True).name


def test_catch_in_a_tag() -> None:
    """catch too must stand on the tag itself."""
    assert "err" == resolve({**LOGIN, "name": "m", "catch": "err"}, template=True).catch
    assert ['catch inside attributeCollection cannot bind a variable; write catch="..." on the tag'] == faults(
        {**LOGIN, "name": "m", "attributeCollection": {"catch": "err"}}, template=True
    )


def test_name_and_catch_are_refused_from_python() -> None:
    """A function gives its query back, so a variable's name is a fault there, whatever the action and wherever it comes from."""
    name = "name is for the tag; a function call gives its query back: write mail = cfpop(...)"
    assert [name] == faults({**LOGIN, "name": "m"})
    assert [name] == faults({**LOGIN, "name": "m", "action": "delete", "uid": "1"})
    assert [name] == faults({**LOGIN, "attributeCollection": {"name": "m"}})
    assert ["catch is for the tag; a function call gives its query back: errors are raised; use try"] == faults(
        {**LOGIN, "catch": "e"}
    )


def test_later_is_not_judged() -> None:
    """What is only known at run time is neither refused nor missed, and neither is what depends on it."""
    assert () == find_faults({"attributeCollection": LATER, "delimiter": "|"}, template=True)
    assert () == find_faults({**LOGIN, "action": LATER, "port": LATER, "uid": LATER, "delimiter": LATER}, template=True)
    assert (("port", "port must be a whole number, not 'x'"),) == find_faults({**LOGIN, "uid": LATER, "port": "x"})
    assert (("port", "port cannot stand beside connection, which brings its own"),) == find_faults(
        {"connection": LATER, "port": LATER}
    )


@given(password=st.text("QXZ \u20ac'\"#", min_size=6).filter(lambda text: len(text.strip()) > 3))
def test_no_text_shows_the_password(password: str) -> None:
    """However wrong the other attributes are, the password stays out of error and repr."""
    given = {"password": password, "action": "x", "port": "x", "sever": "x"}
    with pytest.raises(AttributeFault) as caught:
        resolve(given)
    assert password not in str(caught.value)
    assert "Secret('***')" in repr(call())


def test_table() -> None:
    """The table's keys are the lower-case names, and every entry says what it means and who has it."""
    assert [attribute.name.lower() for attribute in ATTRIBUTES.values()] == list(ATTRIBUTES)
    assert 19 == len(ATTRIBUTES)
    assert [True] * 19 == [bool(attribute.meaning and attribute.engines) for attribute in ATTRIBUTES.values()]
    assert ("yes", "no", "true", "false") == ATTRIBUTES["secure"].words
    assert () == ATTRIBUTES["server"].words


def test_schema() -> None:
    """The schema holds every attribute under its documented name, refuses others, and is plain JSON."""
    schema = attribute_schema()
    assert schema == json.loads(json.dumps(schema))
    properties = schema["properties"]
    assert isinstance(properties, dict)
    assert [attribute.name for attribute in ATTRIBUTES.values()] == list(properties)
    assert (False, "https://json-schema.org/draft/2020-12/schema") == (schema["additionalProperties"], schema["$schema"])
    assert ["getHeaderOnly", "getAll", "delete", "markRead"] == properties["action"]["examples"]
    assert {"enum": ["", None]} in properties["port"]["anyOf"]


def test_schema_defaults_are_what_resolve_takes() -> None:
    """A default in the schema is a value of its type, and giving it is the same as leaving it out; prose stands elsewhere."""
    properties: Any = attribute_schema()["properties"]
    defaults = {name: entry["default"] for name, entry in properties.items() if "default" in entry}
    assert {
        "action": "getHeaderOnly",
        "maxrows": -1,
        "startrow": 1,
        "generateUniqueFileNames": False,
        "secure": False,
        "delimiter": ",",
    } == defaults
    given = {**defaults, "uid": "a"}  # a window and a delimiter change nothing beside a uid
    assert call(uid="a") == call(**given)
    assert "110, or 995 when secure" in properties["port"]["description"]


EXAMPLES: list[tuple[str, object, bool]] = [
    ("server", "pop.example.com", True),
    ("server", "", False),
    ("port", "995", True),
    ("port", "", True),
    ("port", "pop3", False),
    ("port", 65536, False),
    ("action", "GETALL", True),
    ("action", "get", False),
    ("secure", " Yes ", True),
    ("secure", "on", False),
    ("timeout", "2.5", True),
    ("timeout", "0.0", False),
    ("timeout", "1e3", False),
    ("timeout", "", True),
    ("maxrows", "-1", True),
    ("maxrows", "1_0", False),
    ("uid", ["a", "b"], True),
    ("messagenumber", 3, True),
    ("attributeCollection", {}, True),
    ("attributeCollection", "a", False),
]


@pytest.mark.parametrize(("name", "value", "good"), EXAMPLES)
def test_schema_agrees_with_resolve(name: str, value: object, good: bool) -> None:
    """What the schema says of one attribute's value is what a call says."""
    properties: Any = attribute_schema()["properties"]
    assert good == allows(properties[name], value)
    assert good == (() == find_faults({**LOGIN, name: value}))


@pytest.mark.parametrize(
    ("server", "more", "expected"),
    [
        ("pops://kim:tiger@pop.example.com", {}, ("pop.example.com", 995, True, "kim", "tiger")),
        ("pop://kim:tiger@pop.example.com:2110", {}, ("pop.example.com", 2110, False, "kim", "tiger")),
        ("pop://k%40x:p%3Aw@[::1]", {"secure": "yes"}, ("::1", 995, True, "k@x", "p:w")),
        (
            "pops://kim@pop.example.com:2995",
            {"password": "lion", "username": "ann"},
            ("pop.example.com", 2995, True, "ann", "lion"),
        ),
        ("POP://kim;AUTH=*@pop.example.com", {"password": "x", "port": 7}, ("pop.example.com", 7, False, "kim", "x")),
    ],
)
def test_a_pop_url_brings_what_it_says(server: str, more: dict[str, object], expected: tuple[object, ...]) -> None:
    """RFC 2384: host, port, TLS, user and password; attributes that are given themselves win."""
    call = resolve({"server": server, **more})

    assert expected == (call.server, call.port, call.secure, call.username, call.password.reveal())


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"server": "imap://x", "username": "a", "password": "b"}, "is no POP URL"),
        ({"server": "pop://x"}, "username is required"),
        ({"server": "pop://kim;AUTH=+APOP@x", "password": "b"}, r"leave ;AUTH=\+APOP out"),
        ({"server": "pops://kim:p@x", "secure": "no"}, "secure must not be no beside a pops:// URL"),
        ({"server": "pop://kim:ti ger@x"}, "is no POP URL"),
    ],
)
def test_a_pop_url_that_cannot_be_used_is_a_fault(attributes: dict[str, object], text: str) -> None:
    """It says what to write instead, and shows no password."""
    with pytest.raises(AttributeFault, match=text) as caught:
        resolve(attributes)

    assert "ger" not in str(caught.value)


@pytest.mark.parametrize("action", ["delete", "markRead"])
@pytest.mark.parametrize("numbers", ["1.9", "1,abc", "0", "-1,2", "1,,2.0"])
def test_numbers_of_a_delete_are_whole(action: str, numbers: str) -> None:
    """What acts on messages takes whole numbers from 1 on; the get actions leave out what is none and cut fractions, as Lucee."""
    login = {"server": "h", "username": "u", "password": "p"}

    with pytest.raises(AttributeFault, match="messagenumber must be whole numbers from 1 on, not '"):
        resolve({**login, "action": action, "messagenumber": numbers})

    assert resolve({**login, "action": "getAll", "messagenumber": numbers}).numbers is not None
    assert (1, 2) == resolve({**login, "action": action, "messagenumber": " 1,, 2"}).numbers
