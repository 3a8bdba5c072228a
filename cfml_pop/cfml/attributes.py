"""The attributes of cfpop, and a call made of them.

Rule: ATTRIBUTES is the one list of attributes. The check of literals when a template is compiled, the check when it runs, the
error texts, the manual and the JSON schema all come from it. Rules between attributes stand in `_Reading.combine`, and nowhere
else.

Every fault of a call is found before one error is raised. No text shows a password.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from cfml_pop.cfml import values
from cfml_pop.cfml.column import current
from cfml_pop.cfml.dialect import DEFAULT, Dialect
from cfml_pop.cfml.kinds import DELETE, GET_ALL, GET_HEADER_ONLY, KINDS, MARK_READ
from cfml_pop.errors import AttributeFault
from cfml_pop.secret import Secret
from cfml_pop.url import PopUrl

__all__ = [
    "ATTRIBUTES",
    "DELETE",
    "GET_ALL",
    "GET_HEADER_ONLY",
    "LATER",
    "MARK_READ",
    "Attribute",
    "Call",
    "find_attribute",
    "find_faults",
    "resolve",
    "unknown_attribute",
]

_GETTING = frozenset({GET_HEADER_ONLY, GET_ALL})
_READ_LATE = frozenset({"uid", "messagenumber"})
"""Attributes whose value is read when the others are known."""

LATER: Final[object] = object()
"""Stands for a value that is not known before the template runs."""


@dataclasses.dataclass(frozen=True)
class Attribute:
    """One attribute.

    `name` is as it is written in documentation; any case is accepted. `kind` names an entry of KINDS. `default` is the value when
    it is not given, None where there is no such value; `meaning` says then what happens. `blank`: an empty text (or None) means
    "not given". `engines` says who has it.
    """

    name: str
    kind: str
    meaning: str
    _: dataclasses.KW_ONLY
    default: str | int | bool | None = None
    engines: str = "all"
    blank: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words that are accepted values, which a template may write without quotes."""
        return KINDS[self.kind].words

    @property
    def secret(self) -> bool:
        """Whether no error text may show the value, or the text that it is made of."""
        return self.kind == "password"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Call:
    """A call whose attributes have been read. With `connection`, server, port, username, password and secure are placeholders.

    `numbers` and `uids`: None when not given, () selects nothing. With one of them `startrow` is 1 and `maxrows` -1; both are
    given only in a dialect where both select. `windowed`: startrow was given, or a maxrows that limits. `timeout` in seconds.
    """

    server: str
    port: int
    secure: bool
    username: str
    password: Secret
    action: str
    name: str | None
    numbers: tuple[int, ...] | None
    uids: tuple[str, ...] | None
    attachmentpath: str | None
    timeout: float | None
    maxrows: int
    startrow: int
    windowed: bool
    generateuniquefilenames: bool
    connection: str | None
    catch: str | None


_TABLE = (
    Attribute("server", "host", "Host name or address of the POP3 server. Required without connection."),
    Attribute("port", "port", "Port of the server; when not given 110, or 995 when secure.", blank=True),
    Attribute("username", "text", "Name to log in with. Required without connection."),
    Attribute("password", "password", "Password; blanks around it belong to it. Required without connection."),
    Attribute("action", "action", "What to do.", default=GET_HEADER_ONLY, engines="all; markRead: Adobe"),
    Attribute(
        "name",
        "variable",
        "Variable for the query. Required on the get actions of a tag; binds nothing on delete and markRead.",
        aliases=("variable",),
    ),
    Attribute("messagenumber", "numbers", 'Numbers of the messages; "" selects none. Ignored with uid.'),
    Attribute("uid", "uids", 'Unique ids of the messages; "" selects none.'),
    Attribute("attachmentpath", "path", "Directory that getAll saves attachments in.", blank=True),
    Attribute("timeout", "seconds", "Seconds the whole call may take; when not given, silence alone has a limit.", blank=True),
    Attribute("maxrows", "integer", "Most messages to take; negative is all, 0 none.", default=-1, blank=True),
    Attribute("startrow", "integer", "First message to take; below 1 is 1, and refused on delete.", default=1, blank=True),
    Attribute("generateUniqueFileNames", "boolean", "Number attachment files instead of replacing older ones.", default=False),
    Attribute("secure", "boolean", "TLS from the first octet.", default=False, engines="Adobe 10, Lucee, OpenBD"),
    Attribute(
        "delimiter",
        "characters",
        "Characters that separate the uids; each of them does.",
        default=",",
        engines="Adobe 11, Lucee 6",
        blank=True,
        aliases=("delimiters",),
    ),
    Attribute("attributeCollection", "mapping", "Mapping of further attributes; those of the tag itself win."),
    Attribute("debug", "boolean", "Accepted for old pages, without effect.", engines="Adobe 6.1 to 9, Lucee", blank=True),
    Attribute(
        "connection",
        "text",
        "A mailbox that the host has stored, in place of server, port, username, password and secure.",
        engines="this package; Lucee's means another thing",
    ),
    Attribute(
        "catch",
        "variable",
        "Variable for what the mailbox or the network did wrong, instead of an error; none when all went well.",
        engines="this package",
    ),
)

ATTRIBUTES: Mapping[str, Attribute] = MappingProxyType({attribute.name.lower(): attribute for attribute in _TABLE})
"""The attributes by lower-case name, in the order of the manual."""

_ALIASES = {alias: key for key, attribute in ATTRIBUTES.items() for alias in attribute.aliases}


def find_attribute(name: str) -> Attribute | None:
    """The attribute of that name or alias, any case."""
    key = name.lower()
    return ATTRIBUTES.get(_ALIASES.get(key, key))


def unknown_attribute(name: str) -> str:
    """The error text for a name that is no attribute, with the nearest that is."""
    near = _nearest(name)
    if near is not None:
        return f"{name} is not an attribute of cfpop; did you mean {near.name}?"
    return f"{name} is not an attribute of cfpop; there are {', '.join(attribute.name for attribute in _TABLE)}"


def find_faults(
    given: Mapping[str, object], *, template: bool = False, dialect: Dialect = DEFAULT
) -> tuple[tuple[str, str], ...]:
    """Every fault of a call, as (attribute in lower case, text). A value may be LATER; what depends on it is not judged."""
    return tuple(_Reading(given, template, dialect).faults)


def resolve(given: Mapping[str, object], *, template: bool = False, dialect: Dialect = DEFAULT) -> Call:
    """The call that these attributes ask for. Names in any case; `template` is true for a tag, which binds `name`.

    Raises one AttributeFault with all faults.
    """
    reading = _Reading(given, template, dialect)
    if reading.faults:
        raise _fault(reading.faults)
    read = reading.read
    secure = read.get("secure", False)
    chosen = "uid" in read or "messagenumber" in read  # uid wins over messagenumber, and either over the window
    return Call(
        server=read.get("server", ""),
        port=0 if "connection" in read else read.get("port", 995 if secure else 110),
        secure=secure,
        username=read.get("username", ""),
        password=read.get("password", Secret("")),
        action=reading.action,
        name=read.get("name"),
        numbers=None if "uid" in read and dialect.uid_and_numbers == "uid" else read.get("messagenumber"),
        uids=read.get("uid"),
        attachmentpath=read.get("attachmentpath"),
        timeout=read.get("timeout"),
        maxrows=-1 if chosen else max(read.get("maxrows", -1), -1),
        startrow=1 if chosen else max(read.get("startrow", 1), 1),
        # A negative maxrows is "all", so it does not say which messages a delete may take.
        windowed=not chosen and ("startrow" in read or read.get("maxrows", -1) >= 0),
        generateuniquefilenames=read.get("generateuniquefilenames", False),
        connection=read.get("connection"),
        catch=read.get("catch"),
    )


class _Reading:
    """Attributes being read: `read` holds the values by lower-case name, `faults` what was wrong."""

    def __init__(self, given: Mapping[str, object], template: bool, dialect: Dialect) -> None:
        self.faults: list[tuple[str, str]] = []
        self.unknown: list[tuple[str, str]] = []
        self.template = template
        self.dialect = dialect
        self.read: dict[str, Any] = {}
        self.own = self.keyed(given)
        self.collected: dict[str, Any] = {}
        self.open = False  # whether more attributes may come at run time
        self.collect(self.own.pop("attributecollection", {}))
        for key, value in {**self.collected, **self.own}.items():
            self.coerce(key, value)
        self.action: Any = self.read.get("action", LATER if self.open else GET_HEADER_ONLY)
        # A name that is not known could have been the selection of a delete: there it is a fault whatever the engine does.
        if dialect.unknown_attributes == "refused" or self.action not in {*_GETTING, LATER}:
            self.faults = self.unknown + self.faults
        self.combine()

    def given(self, key: str) -> object:
        """The value of an attribute as it was given, None if it was not."""
        return current(self.own.get(key, self.collected.get(key)))

    def fault(self, key: str, text: str) -> None:
        self.faults.append((key, text))

    def keyed(self, given: Mapping[Any, object]) -> dict[str, Any]:
        """The attributes by lower-case name; unknown names and names given twice are faults."""
        found: dict[str, Any] = {}
        for name, value in given.items():
            attribute = find_attribute(name) if isinstance(name, str) else None
            if attribute is None:
                self.unknown.append((str(name).lower(), unknown_attribute(str(name))))
                meant = _nearest(str(name))
                if meant is not None and self.dialect.unknown_attributes == "refused":
                    self.read[meant.name.lower()] = LATER  # one fault is enough: it is not called missing as well
            elif attribute.name.lower() in found:
                self.fault(attribute.name.lower(), f"{attribute.name} is given twice")
            else:
                found[attribute.name.lower()] = value
        return found

    def collect(self, collection: Any) -> None:
        if collection is LATER:
            self.open = True
            return
        try:
            self.collected = self.keyed(KINDS["mapping"].read(collection))
        except ValueError as error:
            self.fault("attributecollection", f"attributeCollection {error}")
            return
        if "attributecollection" in self.collected:
            del self.collected["attributecollection"]
            self.fault("attributecollection", "attributeCollection must not hold another attributeCollection")

    def coerce(self, key: str, value: object) -> None:
        attribute = ATTRIBUTES[key]
        if attribute.blank and _is_blank(value):
            if key == "attachmentpath" and value is not None and self.dialect.blank_path == "temporary":
                self.read[key] = ""
            return
        try:
            self.read[key] = value if key in _READ_LATE or value is LATER else KINDS[attribute.kind].read(value)
        except ValueError as error:
            self.read[key] = LATER  # it is given, so nothing more is said about it
            self.fault(key, f"{attribute.name} {error}")

    def combine(self) -> None:
        """The rules between attributes."""
        read, reading = self.read, self.action in _GETTING
        self.spread_url()
        if "connection" in read:
            for key in ("server", "port", "username", "password", "secure"):
                if key in read:
                    self.fault(key, f"{key} cannot stand beside connection, which brings its own")
        elif not self.open:
            for key in ("server", "username", "password"):
                if key not in read:
                    self.fault(key, f"{key} is required" + (" (or connection)" if key == "server" else ""))
        self.combine_uid()
        self.combine_by_dialect()
        if self.action == DELETE and read.get("startrow") not in (None, LATER) and read["startrow"] < 1:
            self.fault("startrow", f"startrow must be 1 or more on delete, not {read['startrow']}")
        for key in ("name", "catch"):
            self.combine_target(key, required=key == "name" and reading)

    def spread_url(self) -> None:
        """A POP URL as server brings what it says about the other attributes; those that are given themselves win."""
        url = self.read.get("server")
        if not isinstance(url, PopUrl):
            return
        if url.auth not in (None, "*"):
            self.fault("server", f"server: cfpop chooses the login mechanism itself; leave ;AUTH={url.auth} out of the POP URL")
        if url.secure and self.read.get("secure") is False:
            self.fault("secure", "secure must not be no beside a pops:// URL")
        found: dict[str, object] = {"username": url.username, "password": url.password, "secure": url.secure}
        if url.secure or url.port != 110:
            found["port"] = url.port
        self.read["server"] = url.host
        for key, value in found.items():
            if value is not None:
                self.read.setdefault(key, value)

    def combine_uid(self) -> None:
        uid, delimiter = self.read.get("uid"), self.read.get("delimiter", ",")
        if "uid" in self.read:
            if uid is not LATER and delimiter is not LATER:
                try:
                    self.read["uid"] = values.items(uid, delimiter)
                except ValueError as error:
                    self.fault("uid", f"uid {error}")
        elif "delimiter" in self.read and not self.open:
            self.fault("delimiter", "delimiter needs uid, whose items it separates")

    def combine_by_dialect(self) -> None:
        """Rules of an engine: numbers that are none, windows that cannot be, an action with blanks around it."""
        read, dialect = self.read, self.dialect
        if read.get("messagenumber", LATER) is not LATER:
            try:
                acting = self.action in (DELETE, MARK_READ)  # there nothing is guessed: 1.9 is no message
                numbers = values.message_numbers(
                    read["messagenumber"],
                    repeats=dialect.repeated_numbers,
                    strict=acting or dialect.bad_numbers == "refused",
                    whole=acting,
                )
            except ValueError as error:
                numbers = ()
                self.fault("messagenumber", f"messagenumber {error}")
            read["messagenumber"] = numbers
        if dialect.window == "refused":
            for key in ("startrow", "maxrows"):
                if read.get(key, 1) is not LATER and read.get(key, 1) < 1:
                    self.fault(key, f"{key} must be 1 or more, not {read[key]}")
        if dialect.empty_list == "all" and self.action in _GETTING and not self.faults:
            # Text only: no engine has lists of another kind, and an empty one is a selection that turned out to be empty.
            empty = [key for key in ("messagenumber", "uid") if read.get(key) == () and isinstance(self.given(key), str)]
            for key in empty:
                del read[key]
            if "uid" in empty:  # it is given all the same, so it wins over the window
                read.pop("startrow", None)
                read.pop("maxrows", None)
        action = self.given("action")
        if not dialect.trimmed_action and isinstance(action, str) and action != action.strip():
            self.fault("action", f"action must have no blanks around it, as in {values.describe(action)}")

    def combine_target(self, key: str, *, required: bool) -> None:
        """A variable can only be bound where the template's own text names it."""
        if not self.template:
            if key in self.read:
                instead = "write mail = cfpop(...)" if key == "name" else "errors are raised; use try"
                self.fault(key, f"{key} is for the tag; a function call gives its query back: {instead}")
        elif key in self.own:
            return
        elif key in self.collected:
            if key == "catch" or required:
                self.fault(key, f'{key} inside attributeCollection cannot bind a variable; write {key}="..." on the tag')
            self.read.pop(key, None)
        elif required and not self.open:
            self.fault("name", f"name is required for {self.action}: the variable that gets the query")


def _nearest(name: str) -> Attribute | None:
    near = difflib.get_close_matches(name.lower(), [*ATTRIBUTES, *_ALIASES], 1)
    return find_attribute(near[0]) if near else None


def _is_blank(value: object) -> bool:
    value = current(value)
    return value is None or (isinstance(value, str) and not value.strip())


def _fault(faults: list[tuple[str, str]]) -> AttributeFault:
    return AttributeFault("cfpop: " + "; ".join(text for _, text in faults), faults=faults)
