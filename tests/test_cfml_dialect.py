"""The table of dialects: how one is chosen, what its choices do where the conformance cases do not look, and the manual.

Rule: a choice is tested by a call over a socket (`semantics_support`), under the dialect that has it and under one that has not.
"""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import pickle
import re
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, StrictUndefined, UndefinedError

from cfml_pop import AttributeFault, Query, Settings, acfpop, cfml_environment, cfpop
from cfml_pop.cfml.attributes import LATER, find_faults, resolve
from cfml_pop.cfml.dialect import DIALECTS, Dialect, find_dialect
from cfml_pop.cfml.functions import Page, find_function
from cfml_pop.errors import AttachmentError
from cfml_pop.message.directory import AttachmentDirectory
from cfml_pop.row import RowBuilder
from tests.jinja_support import LOGIN, install
from tests.semantics_cases import HEADER_A, HEADER_O
from tests.semantics_support import EMPTY, Line, box, line, look, mail, multipart, run
from tests.servers.scripted import ScriptedServer

MANUAL = (Path(__file__).parent.parent / "docs" / "dialects.md").read_text("utf-8")

THREE = box(*[mail(f"X-Number: {number}") for number in (1, 2, 3)])
TWINS = box(mail(), mail(), mail(), uids="u1 u2 u2")
ALL = 'action="getAll"'
SAVE = 'action="getAll" attachmentPath="$D"'
TEXTS = multipart("mixed", *[f"Content-Type: text/{kind}\n\n{kind}{n}" for n in (1, 2) for kind in ("plain", "html")])
BLANKS = multipart("mixed", "Content-Type: text/plain\n\n  ", "Content-Type: text/html\n\n<b>")
UUENCODED = mail(body="see\n\nbegin 644 a.txt\n#86)C\n`\nend\n")
NAMED = multipart("mixed", *['Content-Type: application/pdf\nContent-Disposition: attachment; filename="a.pdf"\n\nx'] * 2)
PICTURES = multipart("related", *[f"Content-Type: image/png; name={n}.png\n{n}: <i@x>\n\nx" for n in ("Content-ID", "X-ID")])
TAGGED = mail("Subject: =?x-foo?Q?a?=\nMessage-ID: <1@x>\nMessage-ID: <2@x>\nX-A:v\nSender: s@x", usual=False)
CLIMBING = box(NAMED.replace(b"a.pdf", b"../../evil.txt", 1).replace(b"a.pdf", b"../../evil.txt"))
CLIMBED = {
    **dict.fromkeys(("default", "adobe"), "in/evil.txt in/evil1.txt"),
    "lucee": "in/evil.txt",
    "openbd": "in/_.._evil.txt",
}
NO_UIDL = box(mail(), mail(), mail(), answers={"UIDL": b"-ERR\r\n"})
OPEN = {"allow_delete_all": True}
NO_LIST = box(mail(), answers={"LIST": b"-ERR\r\n"})

# fmt: off
LINES = (
    # query
    line(1, "default", THREE, columnlist="DATE,FROM,MESSAGENUMBER,MESSAGEID,REPLYTO,SUBJECT,CC,TO,SIZE,HEADER,UID"),
    line(1, "adobe", THREE, columnlist="CC,DATE,FROM,HEADER,MESSAGEID,MESSAGENUMBER,REPLYTO,SUBJECT,TO,UID"),
    line(1, "adobe", EMPTY, ALL, columns=f"{HEADER_A},body,textBody,HTMLBody,attachments,attachmentfiles,cids"),
    line(1, "openbd", EMPTY, ALL, columns=f"{HEADER_O},body,attachments,attachmentfiles,htmlbody,textbody"),
    line(2, "default", THREE, 'name="q"', page="{{ q.subject[99] }}", error="ColumnIndexFault"),
    line(2, "adobe", THREE, 'name="q"', page="{{ q.subject[99] }}", error="ColumnIndexFault"),
    line(2, "openbd", THREE, 'name="q"', page="[{{ q.subject[99] }}{{ q['subject'][0] }}]", text="[]"),
    line(3, "default", THREE, 'name="q"', page="[{{ q.bcc }}]{{ q.bcc is defined }}", text="[]False"),
    line(3, "openbd", THREE, 'name="q"', page="[{{ q.bcc }}]{{ q.bcc is defined }}", text="[]False"),
    line(3, "lucee", THREE, 'name="q"', page="{{ q.bcc is defined }}{{ q.bcc|default('none') }}", text="Falsenone"),
    line(3, "lucee", THREE, 'name="q"', page="{{ isDefined('q.bcc') }}{{ isDefined('q.cc') }}", text="FalseTrue"),
    line(3, "lucee", THREE, 'name="q"', page="<% cfloop query='q' %>{{ q.bcc }}<% endcfloop %>", error="UndefinedError: Column"),
    line(3, "openbd", THREE, 'name="q"', page="<% cfloop query='q' %>{{ q.bcc }}.<% endcfloop %>", text="..."),
    line(3, "lucee", THREE, 'name="q"', page="<% cfloop query='q' %>[{{ q.subject[99] }}]<% endcfloop %>", text="[][][]"),
    line(3, "adobe", THREE, 'name="q"', page="<% if q.bcc %><% endif %>", error="UndefinedError"),
    line(3, "adobe", THREE, 'name="q"', page="{{ q.bcc|length }}", error="UndefinedError"),
    line(3, "adobe", THREE, 'name="q"', page="<% for x in q.bcc %><% endfor %>", error="UndefinedError"),
    line(3, "adobe", THREE, 'name="q"', page="{{ q.bcc == 'x' }}", error="UndefinedError"),
    line(3, "adobe", THREE, 'name="q"', page="{{ q.bcc != 'x' }}", error="UndefinedError"),
    line(3, "openbd", THREE, 'name="q"', page="{{ q.bcc|length }}{{ q.bcc == 'x' }}{{ q.bcc != 'x' }}{{ not q.bcc }}",
         text="0FalseTrueTrue"),
    line(3, "adobe", THREE, 'name="q"', page="{{ q.bcc }}", error="UndefinedError: its columns are CC,DATE"),
    line(3, "lucee", THREE, 'name="q"', page="<% for row in q %>{{ row.bcc }}<% endfor %>",
         error="UndefinedError: found in row"),
    line(3, "lucee", THREE, 'name="q"', page="{{ q['bcc'] }}", error="UndefinedError"),
    # header columns
    line(4, "default", box(mail()), date="Mon, 1 Jan 2024 10:00:00 +0000", size=len(mail())),
    line(4, "adobe", box(mail()), date="Mon, 1 Jan 2024 10:00:00 +0000"),
    line(5, "default", box(TAGGED), from_="", messageid="<1@x>", subject="a"),
    line(5, "adobe", box(TAGGED), from_="", messageid="<1@x>", subject="a"),
    line(5, "openbd", box(TAGGED), from_="s@x", replyto="s@x", messageid="<1@x>", subject="=?x-foo?Q?a?="),
    line(6, "default", box(TAGGED), header=TAGGED[:-6].decode()),
    line(6, "openbd", box(TAGGED), header=TAGGED[:-6].decode().replace("X-A:v", "X-A: v")),
    line(7, "default", NO_LIST, size=0),
    line(7, "lucee", NO_LIST, size=-1 - len(mail()) + 4),
    # bodies
    line(8, "default", box(TEXTS), ALL, textbody="plain1\r\n\r\nplain2", htmlbody="html1", body="plain1"),
    line(8, "adobe", box(TEXTS), ALL, textbody="plain1\r\n\r\nplain2", htmlbody="html1", body="plain1"),
    line(8, "lucee", box(TEXTS), ALL, textbody="plain2", htmlbody="html2", body="plain1"),
    line(8, "openbd", box(TEXTS), ALL, textbody="plain2", htmlbody="html2", body="html2"),
    line(9, "default", box(BLANKS), ALL, body="<b>"),
    line(9, "lucee", box(BLANKS), ALL, body="  "),
    line(10, "default", box(mail(body="=?utf-8?Q?a?=")), ALL, body="=?utf-8?Q?a?=\r\n"),
    line(10, "openbd", box(mail(body="=?utf-8?Q?a?=")), ALL, body="=?utf-8?Q?a?=\r\n"),
    line(11, "default", box(UUENCODED), ALL, attachments="a.txt"),
    line(11, "adobe", box(UUENCODED), ALL, attachments="a.txt"),
    line(11, "lucee", box(UUENCODED), ALL, attachments=""),
    line(11, "openbd", box(UUENCODED), SAVE, attachments=""),
    line(11, "default", box(UUENCODED), ALL, settings={"unpack": ()}, attachments=""),
    # attachments
    line(12, "adobe", box(PICTURES), ALL, cids={"Content-ID.png": "<i@x>", "X-ID.png": "null"}),
    line(12, "default", box(PICTURES), ALL, cids={"Content-ID.png": "i@x"}),
    line(13, "default", box(NAMED), SAVE, files="in/a.pdf in/a1.pdf"),
    line(13, "adobe", box(NAMED), SAVE, files="in/a.pdf in/a1.pdf"),
    line(13, "openbd", box(NAMED), SAVE, files="in/a.pdf", attachments="a.pdf,a.pdf"),
    line(14, "default", box(NAMED), 'action="getAll" attachmentPath="a/b"',
         files="temp/cfml_pop-UID/a/b/a.pdf temp/cfml_pop-UID/a/b/a1.pdf"),
    line(15, "default", box(NAMED), 'action="getAll" attachmentPath=""', files=""),
    line(15, "adobe", box(NAMED), 'action="getAll" attachmentPath=""', files=""),
    line(15, "openbd", box(NAMED), 'action="getAll" attachmentPath=""', files=""),
    line(16, "default", box(NAMED), 'attachmentPath="$D"', folders=""),
    line(16, "openbd", box(NAMED), 'attachmentPath="$D"', folders=""),
    line(16, "lucee", box(NAMED), 'action="delete" uid="uid1" attachmentPath="$D"', folders="in", left=[]),
    line(16, "default", box(NAMED), 'action="delete" uid="uid1" attachmentPath="$D"', folders="", left=[]),
    # selection
    line(17, "openbd", THREE, 'messageNumber="1,abc"', error="AttributeFault: must be whole numbers from 1 on", connections=0),
    line(17, "openbd", THREE, 'messageNumber="0"', error="AttributeFault: must be whole numbers from 1 on", connections=0),
    line(17, "openbd", THREE, 'messageNumber="3,1,3"', rows=[3, 1, 3]),
    line(17, "adobe", THREE, 'messageNumber="3,9,1,x,3"', rows=[3, 1]),
    line(18, "openbd", THREE, 'action="delete" messageNumber="2,9"', error="AttributeFault", sent="", left=[1, 2, 3]),
    line(18, "openbd", THREE, 'action="delete" messageNumber=""', rows=[], sent="", left=[1, 2, 3]),
    line(18, "openbd", THREE, 'action="delete" uid="" messageNumber="1"', rows=[], sent="", left=[1, 2, 3]),
    line(18, "openbd", THREE, 'action="markRead" uid=""', rows=[], sent=""),
    line(18, "lucee", THREE, 'action="delete" uid="UID1"', rows=[], sent="", left=[1, 2, 3]),
    line(18, "lucee", THREE, 'action="delete" uid="uid1" messageNumber="1,2,3"', sent="DELE 1", left=[2, 3]),
    line(18, "lucee", TWINS, 'action="delete" uid="u2"', error="POP3Error", sent="", left=[1, 2, 3]),
    line(18, "openbd", TWINS, 'action="delete" uid="u2"', error="POP3Error", sent="", left=[1, 2, 3]),
    line(18, "openbd", TWINS, 'action="delete" uid="u2" messageNumber="3,1,3"', error="POP3Error", sent="", left=[1, 2, 3]),
    line(19, "openbd", THREE, 'uid="" messageNumber="2"', rows=[2]),
    line(19, "openbd", THREE, 'uid="" startRow="3" maxRows="1"', rows=[1, 2, 3]),
    line(19, "openbd", THREE, 'messageNumber="" startRow="2" maxRows="1"', rows=[2]),
    line(19, "adobe", THREE, 'uid=""', rows=[]),
    line(20, "openbd", THREE, 'uid="uid1,uid2,uid3" messageNumber="3,1,3"', rows=[3, 1, 3]),
    line(20, "openbd", THREE, 'uid="uid1" messageNumber="9"', error="AttributeFault: at most 3", sent=""),
    line(21, "adobe", THREE, 'uid="UID1"', rows=[]),
    line(22, "adobe", THREE, 'startRow="9"', rows=[]),
    line(22, "adobe", THREE, 'maxRows="0"', rows=[]),
    line(22, "openbd", EMPTY, 'startRow="2" maxRows="1"', rows=[]),
    line(23, "adobe", THREE, 'action="delete" startRow="2"', sent="DELE 2, DELE 3", left=[1]),
    line(24, "adobe", THREE, 'foo="1"', error="AttributeFault: foo is not an attribute", connections=0),
    line(24, "openbd", THREE, 'action="markRead" uid="uid1" foo="1"', error="AttributeFault", connections=0),
    line(25, "adobe", THREE, 'action=" GetHeaderOnly "', rows=[1, 2, 3]),
    # what is the same in all
    *[line(26, name, THREE, f'action="delete"{window}', error="AttributeFault", connections=0)
      for name in DIALECTS for window in ("", ' maxRows="-1"', ' startRow="0"', ' uid="uid1" foo="1"')],
    *[line(26, name, THREE, f'action="delete" {empty}=""', settings=OPEN, rows=[], sent="", left=[1, 2, 3])
      for name in DIALECTS for empty in ("uid", "messageNumber")],
    *[line(26, name, THREE, 'action="delete" uid="UID1,uid3"', sent="DELE 3", left=[1, 2]) for name in DIALECTS],
    *[line(26, name, TWINS, 'action="delete" uid="u2"', error="POP3Error", sent="", left=[1, 2, 3]) for name in DIALECTS],
    *[line(26, name, NO_UIDL, 'action="delete" uid="uid1"', error="POP3Error", sent="", left=[1, 2, 3]) for name in DIALECTS],
    *[line(27, name, CLIMBING, SAVE, files=files) for name, files in CLIMBED.items()],
    *[line(27, name, CLIMBING, 'action="getAll" attachmentPath="../in"', error="AttributeFault", files="") for name in DIALECTS],
)
# fmt: on


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.name)
def test_choice(line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A choice does what the manual says, and only under the dialects that have it."""
    outcome = run(line, tmp_path, monkeypatch)

    assert line.expected == {word: look(outcome, word, wanted) for word, wanted in line.expected.items()}


def placed(part: str, dialect: str, tmp_path: Path) -> str:
    """Which columns of a row have something of a part, which holds an x; `part` alone, or behind a text if it begins with +."""
    raw = multipart("mixed", "Content-Type: text/plain\n\ntext", part[1:]) if part[0] == "+" else mail(*part.split("\n\n"))
    made = RowBuilder(
        full=True,
        directory=str(tmp_path),
        root=None,
        allow_absolute=True,
        unique=False,
        memory_limit=1 << 20,
        dialect=find_dialect(dialect),
    )
    sink = made.sink()
    sink.write(raw)
    cells = made.build(sink, number=1, size=1, uid="")
    made.close()
    columns = {"text": "textbody", "body": "body", "delivery": "deliverystatus"}
    found = [word for word, column in columns.items() if "x" in cells.cell(column).replace("text", "")]
    files = [path.name for path in tmp_path.iterdir()]
    return " ".join([*found, *map("=".join, zip(cells.cell("attachments").split(), files, strict=True))])


@pytest.mark.parametrize(
    ("part", "default", "lucee", "openbd"),
    [
        ("+Content-Type: text/plain; name=a.txt\n\nx", "a.txt=a.txt", "a.txt=a.txt", "text body"),
        ("+Content-Type: text/plain\nContent-Disposition: attachment\n\nx", "part-2.txt=part-2.txt", "text",
         "unknownfile=unknownfile"),
        ("Content-Type: text/plain; name=a.txt\n\nx", "text body a.txt=a.txt", "text body", "text body"),
        ("Content-Type: application/pdf; name=a.pdf\n\nx", "a.pdf=a.pdf", "", "a.pdf=a.pdf"),
        ("+Content-Type: image/png\nContent-ID: <i2@x>\n\nx", "i2@x.png=i2@x.png", "cid:i2@x=_c0beef2b426e63c4bccad9f50b6efdff",
         "unknownfile=unknownfile"),
        ("+Content-Type: image/png\n\nx", "part-2.png=part-2.png", "", "unknownfile=unknownfile"),
        ("+Content-Type: text/calendar\n\nx", "invite.ics=invite.ics", "", "body"),
        ("+Content-Type: message/rfc822\n\nSubject: s\n\nx", "s.eml=s.eml", "", "unknownfile=unknownfile"),
        ("+Content-Type: message/delivery-status\n\nx", "delivery", "delivery", "unknownfile=unknownfile"),
    ],
)  # fmt: skip
def test_which_part_is_what(part: str, default: str, lucee: str, openbd: str, tmp_path: Path) -> None:
    """The table of parts in the manual: the columns and files that each dialect gives a part."""
    found = {}
    for dialect in ("default", "lucee", "openbd"):
        (tmp_path / dialect).mkdir()
        found[dialect] = placed(part, dialect, tmp_path / dialect)

    assert {"default": default, "lucee": lucee, "openbd": openbd} == found


# -- choosing ----------------------------------------------------------------------------------------------------------------


def test_every_dialect_is_found_in_any_case() -> None:
    """A dialect is found by its own name, whatever its case."""
    for name, dialect in DIALECTS.items():
        assert dialect is find_dialect(name.upper())
        assert name == dialect.name


@pytest.mark.parametrize("name", ["cobol", "", "default ", None])
def test_unknown_dialect_names_the_known(name: Any) -> None:
    """An unknown dialect is an attribute fault that lists what there is."""
    with pytest.raises(AttributeFault, match=f"there is no dialect {name!r}; there is default, lucee, adobe, openbd"):
        find_dialect(name)


def test_a_call_overrides_the_settings() -> None:
    """`dialect` of one call wins over the settings, which stay as they are; both doors take it."""
    settings = Settings(dialect="lucee")
    with ScriptedServer([mail()]) as server:
        login: dict[str, Any] = {"server": "127.0.0.1", "port": server.port, "username": "kim", "password": "secret"}
        seen = [
            cfpop(**login).columnlist,
            cfpop(settings=settings, **login).columnlist,
            cfpop(settings=settings, dialect="OpenBD", **login).columnlist,
            asyncio.run(acfpop(settings=settings, dialect="openbd", **login)).columnlist,
            cfpop(settings=settings, **login).columnlist,
        ]

    plain = "DATE,FROM,MESSAGENUMBER,MESSAGEID,REPLYTO,SUBJECT,CC,TO,SIZE,HEADER,UID"
    sorted_list = "cc,date,from,header,messageid,messagenumber,replyto,subject,to,uid"
    assert [plain, plain, sorted_list, sorted_list, plain] == seen


def test_an_unknown_dialect_sends_nothing() -> None:
    """Given to a call, to its settings or to an environment, it is refused before anything happens."""
    with ScriptedServer([mail()]) as server:
        login: dict[str, Any] = {"server": "127.0.0.1", "port": server.port, "username": "kim", "password": "secret"}
        refused: tuple[dict[str, Any], ...] = ({"dialect": "cobol"}, {"dialect": ""}, {"settings": Settings(dialect="cobol")})
        for given in refused:
            with pytest.raises(AttributeFault, match="there is no dialect"):
                cfpop(**login, **given)
            with pytest.raises(AttributeFault, match="there is no dialect"):
                asyncio.run(acfpop(**login, **given))
            with pytest.raises(AttributeFault, match="there is no dialect"):
                cfml_environment(**given)

    assert 0 == server.connections


def test_an_environment_has_a_dialect_of_its_own() -> None:
    """`cfml_environment(dialect=)` wins over its settings; a host's own environment has that of its settings."""
    assert "openbd" == cfml_environment(settings=Settings(dialect="lucee"), dialect="OPENBD").cfpop_settings.dialect  # type: ignore[attr-defined]
    assert "lucee" == cfml_environment(settings=Settings(dialect="lucee")).cfpop_settings.dialect  # type: ignore[attr-defined]


def test_a_page_says_where_it_met_an_unknown_dialect(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a host's own environment it shows when a cfpop runs, with template and line; compiling and other tags go on."""
    fake = install(monkeypatch)
    environment = Environment(extensions=["cfml_pop.CfpopExtension", "jinja2.ext.i18n"], autoescape=True)
    environment.cfpop_settings = Settings(dialect="cobol")  # type: ignore[attr-defined]
    template = environment.from_string(f'{{{{ 1 }}}}\n{{% cfpop {LOGIN} name="mail" %}}')

    with pytest.raises(AttributeFault, match="there is no dialect 'cobol'") as caught:
        template.render()

    assert (2, []) == (caught.value.lineno, fake.calls)
    assert [(1, "gettext", "word")] == list(environment.extract_translations("{% trans %}word{% endtrans %}"))  # type: ignore[attr-defined]


def test_a_template_cannot_choose() -> None:
    """`dialect` is the host's: in a tag and in a function call it is no attribute."""
    environment = cfml_environment()
    with pytest.raises(Exception, match="dialect is not an attribute of cfpop"):
        environment.from_string(f'<% cfpop {LOGIN} dialect="lucee" name="mail" %>')
    with pytest.raises(AttributeFault, match="dialect is not an attribute of cfpop"):
        environment.from_string('{{ cfpop(server="h", username="u", password="p", dialect="lucee") }}').render()


# -- selections that no page writes as text -------------------------------------------------------------------------------------

LOGIN_OF = {"server": "h", "username": "u", "password": "p"}


@pytest.mark.parametrize(("uid", "uids"), [("", None), (" , ", None), ([], ()), ((), ()), (["u1"], ("u1",))])
def test_an_empty_list_of_python_selects_nothing(uid: object, uids: object) -> None:
    """Only empty text selects everything in OpenBD's way; a list without items is a selection that turned out to be empty."""
    call = resolve({**LOGIN_OF, "uid": uid, "maxrows": 1}, dialect=find_dialect("openbd"))

    assert (uids, -1) == (call.uids, call.maxrows)


@pytest.mark.parametrize(
    "given", [{"action": "delete", "uid": "1", "uidd": "2"}, {"attributeCollection": {"action": "delete", "x": 1}}]
)
def test_a_delete_ignores_no_attribute(given: dict[str, object]) -> None:
    """Wherever the action and the name come from: a name that is not known could have been the selection."""
    with pytest.raises(AttributeFault, match="is not an attribute of cfpop"):
        resolve({**LOGIN_OF, **given}, dialect=find_dialect("openbd"))


def test_an_action_that_is_known_late_is_judged_late() -> None:
    """When a template is compiled, an attribute that is not known is let pass if the action may be one that gets; then not."""
    openbd = find_dialect("openbd")

    assert () == find_faults({**LOGIN_OF, "action": LATER, "foo": 1}, dialect=openbd)
    assert ["foo"] == [key for key, _ in find_faults({**LOGIN_OF, "action": "markRead", "uid": "1", "foo": 1}, dialect=openbd)]


# -- the query keeps its style -----------------------------------------------------------------------------------------------


def openbd_query() -> Query:
    return Query(("date", "cc"), [{"date": "d", "cc": "c"}], style=find_dialect("openbd").style)


@pytest.mark.parametrize(
    "again",
    [
        copy.copy,
        copy.deepcopy,
        lambda query: pickle.loads(pickle.dumps(query)),  # noqa: S301 - our own
        lambda query: call("duplicate", query),
        lambda query: call("querySlice", query, 1),
        lambda query: copy.deepcopy(call("duplicate", query)),
    ],
    ids=["copy", "deepcopy", "pickle", "duplicate", "querySlice", "deepcopy of duplicate"],
)
def test_a_query_keeps_its_style(again: Any) -> None:
    """Copied, pickled or made of it by a page, it has the columnlist and the empty cells of its dialect, and so have its rows."""
    query = again(openbd_query())

    assert ("cc,date", "cc,date", "") == (query.columnlist, query.rows[0].columnlist, query.cc[9])


def call(name: str, *given: object) -> Any:
    function = find_function(name)
    assert function is not None
    return function(Page(), *given)


def test_an_unknown_column_is_an_attribute_error_in_python() -> None:
    """Whatever the dialect: `hasattr` and `getattr` with a default work, and the error says which columns there are."""
    query = Query(("date",), [{"date": "d"}], style=find_dialect("lucee").style)

    assert (False, 0) == (hasattr(query, "bcc"), getattr(query.rows[0], "size", 0))
    with pytest.raises(AttributeError, match=r"Column \[bcc\] not found in query; its columns are DATE"):
        _ = query.bcc
    with pytest.raises(KeyError, match=r"Column \[bcc\] not found in row; its columns are DATE"):
        query.rows[0]["bcc"]


def test_a_host_keeps_its_own_undefined() -> None:
    """The extension puts its own in the place of Jinja's default only; other undefined values stay as they are in Jinja."""
    query = Query(("date",), [{"date": "d"}], style=find_dialect("lucee").style)
    strict = Environment(extensions=["cfml_pop.CfpopExtension"], undefined=StrictUndefined, autoescape=True)
    plain = Environment(extensions=["cfml_pop.CfpopExtension"], autoescape=True)

    assert StrictUndefined is strict.undefined
    with pytest.raises(UndefinedError, match="has no attribute 'bcc'"):
        strict.from_string("{{ q.bcc }}").render(q=query)
    with pytest.raises(UndefinedError, match=r"Column \[bcc\] not found in query"):
        plain.from_string("{{ q.bcc }}").render(q=query)
    with pytest.raises(UndefinedError, match="'nothing' is undefined"):
        plain.from_string("{{ nothing + 1 }}").render()
    assert "[]0True1" == plain.from_string("[{{ n }}]{{ n|length }}{{ n == m }}{{ {n: 1}[m] }}").render()


# -- nothing is lost that was there ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", ["lucee", "openbd"])
def test_a_message_that_cannot_be_saved_gives_older_files_back(
    dialect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two attachments of one name over an older file, and a third that cannot be written: the older file is there again."""
    (tmp_path / "a.txt").write_text("older")
    real = AttachmentDirectory.commit

    def commit(self: AttachmentDirectory, staged: Any) -> str:
        if staged.name == "c.txt":
            raise AttachmentError("the disk is full")
        return real(self, staged)

    monkeypatch.setattr(AttachmentDirectory, "commit", commit)
    parts = [f"Content-Type: application/pdf; name={name}\n\nnew" for name in ("a.txt", "a.txt", "c.txt")]
    with ScriptedServer([multipart("mixed", *parts)]) as server, pytest.raises(AttachmentError, match="disk is full"):
        cfpop(
            server="127.0.0.1",
            port=server.port,
            username="kim",
            password="secret",
            action="getAll",
            attachmentpath=tmp_path,
            dialect=dialect,
        )

    assert {"a.txt": "older"} == {path.name: path.read_text() for path in tmp_path.iterdir()}


def test_a_row_says_what_was_overwritten(tmp_path: Path) -> None:
    """Where an engine saves two attachments of one name into one file, `defects` of the later row name it."""
    with ScriptedServer([NAMED, mail()]) as server:
        login: dict[str, Any] = {"server": "127.0.0.1", "port": server.port, "username": "kim", "password": "secret"}
        given: dict[str, Any] = {**login, "action": "getAll", "attachmentpath": tmp_path}
        first = [row.defects for row in cfpop(**given, dialect="lucee")]
        second = [row.defects for row in cfpop(**given, dialect="default")]

    assert [("'a.pdf' was saved over an attachment of the same name; generateUniqueFileNames keeps both",), ()] == first
    assert [(), ()] == second


# -- the manual --------------------------------------------------------------------------------------------------------------


def shown(value: object) -> str:
    """A choice as the manual has it."""
    words: dict[object, str] = {True: "yes", False: "no", "\t": "TAB", ",": "comma"}
    return words.get(value, str(value))


def choices(dialect: Dialect) -> dict[str, str]:
    values = {field.name: getattr(dialect, field.name) for field in dataclasses.fields(dialect)}
    for name in ("name", "header_columns", "all_columns"):
        del values[name]
    values |= {f"style.{name}": value for name, value in values.pop("style")._asdict().items()}
    return {name: shown(value) for name, value in values.items()}


def test_the_manual_has_every_choice() -> None:
    """docs/dialects.md has a line for each choice with the value of each dialect, and for nothing else."""
    part = MANUAL.partition("## The choices")[2].partition("\n## ")[0]
    lines = re.findall(r"^\| `([\w.]+)` \| (?:.*) \| (\w+) \| (\w+) \| (\w+) \| (\w+) \|$", part, re.MULTILINE)
    names = re.findall(r"^\| Choice \| .* \| (\w+) \| (\w+) \| (\w+) \| (\w+) \|$", part, re.MULTILINE)[0]

    assert tuple(DIALECTS) == names
    for number, name in enumerate(names, 1):
        assert choices(DIALECTS[name]) == {found[0]: found[number] for found in lines}


def test_a_choice_is_made_by_somebody() -> None:
    """What all dialects do alike is no choice."""
    made = [choices(dialect) for dialect in DIALECTS.values()]

    assert [] == [name for name in made[0] if len({row[name] for row in made}) == 1]


def test_the_manual_has_the_columns() -> None:
    """The columns stand there for every dialect, those of getAll behind those of getHeaderOnly."""
    header, _, full = MANUAL.partition("Columns of getHeaderOnly:")[2].partition("getAll adds to them:")
    for name, dialect in DIALECTS.items():
        count = len(dialect.header_columns)

        assert f"- `{name}`: `{' '.join(dialect.header_columns)}`\n" in header
        assert f"- `{name}`: `{' '.join(dialect.all_columns[count:])}`\n" in full
        assert dialect.header_columns == dialect.all_columns[:count]


def test_no_dialect_may_delete_more() -> None:
    """Only these choices touch deleting, and each only takes something away from what the default may delete."""
    for dialect in DIALECTS.values():
        assert dialect.delete_by_window <= DIALECTS["default"].delete_by_window
        assert [] == [name for name in ("allow_delete_all", "cleartext_servers", "tls_context") if hasattr(dialect, name)]
