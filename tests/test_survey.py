"""What real pages write, counted over 85 public pages with 118 calls of cfpop: it compiles, and says what it said.

Rule: the counts of the survey stand here as tables; what two or more pages use is either there or is listed in docs/porting.md as
the host's.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Mapping
from typing import Any

import pytest
from jinja2 import TemplateSyntaxError

from cfml_pop import AttributeFault, FunctionFault, POP3Error
from cfml_pop.cfml.attributes import Call
from cfml_pop.secret import Secret
from tests.jinja_support import FakeClient, install
from tests.tags_support import MAIL, page, tags_environment
from tests.test_docs_porting import code, rows

EXTENSIONS = ["cfml_pop.CfpopExtension", "cfml_pop.CfmlTagsExtension"]
LOGIN = 'server="#session.host#" username="#session.user#" password="#session.password#"'
SCOPES: dict[str, Any] = {
    "session": {"host": "pop.example.com", "user": "kim", "password": "tiger", "mail": {}},
    "application": {"port": 1110},
    "url": {"uid": "a1", "msg": "3", "start": "11"},
    "form": {"one": 3, "uid": "a1,a2", "messagenumber": "3,1", "max": "20"},
    "variables": {"popPort": 1110},
}


def scopes() -> dict[str, Any]:
    """The scopes anew: pages write into them."""
    return copy.deepcopy(SCOPES)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    return install(monkeypatch)


def run(client: FakeClient, source: str, **context: Any) -> Call:
    """The call that a page makes."""
    environment = tags_environment(extensions=EXTENSIONS)
    environment.globals["expandPath"] = lambda path: path
    environment.from_string(source).render({**scopes(), "mails": {}, **context})
    return client.call


# -- attributes ----------------------------------------------------------------------------------------------------------------

# attribute: calls that have it, of the 148 that are counted with those of tests and guides; a value as pages write it, the same
# as an expression, what the call gets
ATTRIBUTES: dict[str, tuple[int, str, str, dict[str, object]]] = {
    "action": (142, "getAll", "#act#", {}),
    "server": (142, "pop.example.com", "#session.host#", {"server": "pop.example.com"}),
    "username": (142, "kim", "#session.user#", {"username": "kim"}),
    "password": (142, "tiger", "#session.password#", {"password": Secret("tiger")}),
    "port": (58, "1110", "#application.port#", {"port": 1110}),
    "uid": (34, "a1", "#url.uid#", {"uids": ("a1",)}),
    "secure": (33, "false", "#not true#", {"secure": False}),
    "messagenumber": (31, "3", "#url.msg#", {}),  # uid counts beside it
    "timeout": (29, "90", "#45 * 2#", {"timeout": 90.0}),
    "maxrows": (26, "10", "#form.max - 10#", {}),
    "attachmentpath": (24, "mail/", "#expandPath('mail/')#", {}),
    "generateuniquefilenames": (18, "yes", "#unique#", {"generateuniquefilenames": True}),
    "startrow": (12, "11", "#url.start#", {}),
    "delimiter": (1, ",", "#chr(44)#", {}),
}
CONTEXT = {"act": "getAll", "unique": "Yes", "form": {"max": 20}}
OPTIONAL = [name for name in ATTRIBUTES if name not in ("action", "server", "username", "password")]

ACTIONS = (
    ("getAll", ("getAll", "GetAll", "getall", "GETALL", "Getall")),
    ("getHeaderOnly", ("getHeaderOnly", "GetHeaderOnly", "getheaderonly", "GETHEADERONLY", "getHeaderonly")),
    ("delete", ("delete", "Delete", "DELETE")),
)


@pytest.mark.parametrize(("action", "spelled"), [(action, one) for action, all_ in ACTIONS for one in all_])
def test_casings_of_actions(client: FakeClient, action: str, spelled: str) -> None:
    """However an action is cased, literal or computed, in an upper-case tag too, it is that action."""
    for source in (
        f'<% cfpop action="{spelled}" {LOGIN} uid="a1" name="mail" %>',
        f'<% CFPOP ACTION="#act#" {LOGIN} UID="a1" NAME="mail" %>',
        f"<% CfPop Action={spelled} {LOGIN} Uid='a1' Name=mail / %>",
    ):
        assert action == run(client, source, act=spelled).action


@pytest.mark.parametrize("action", ["getAll", "getHeaderOnly", "delete"])
@pytest.mark.parametrize("column", [1, 2], ids=["literal", "computed"])
def test_every_pair_of_attributes(client: FakeClient, action: str, column: int) -> None:
    """Each attribute with each other one, as text and as #expression#, on each action: it compiles and reaches the call."""
    for pair in itertools.combinations(OPTIONAL, 2):
        chosen = {*pair, "server", "username", "password"}
        if action == "delete" or "delimiter" in pair:
            chosen.add("uid")
        given = " ".join(f'{name}="{ATTRIBUTES[name][column]}"' for name in sorted(chosen))
        call = run(client, f'<% cfpop action="{action}" name="mail" {given} %>', **CONTEXT)
        expected = {key: value for name in chosen for key, value in ATTRIBUTES[name][3].items()}

        assert expected == {key: getattr(call, key) for key in expected}, pair
        assert action == call.action


def test_all_attributes_at_once(client: FakeClient) -> None:
    """A wrapper that passes everything says the same in text and in expressions."""
    calls = []
    for column in (1, 2):
        given = " ".join(f'{name}="{row[column]}"' for name, row in ATTRIBUTES.items())
        calls.append(run(client, f'<% cfpop name="mail" {given} %>', **CONTEXT))

    assert calls[0] == calls[1]


UID = {"uids": ("a1",)}
# What pages write, and what the call gets.
SPELLINGS: tuple[tuple[str, str, Mapping[str, object]], ...] = (
    ("no action", f'<% cfpop {LOGIN} name="mail" %>', {"action": "getHeaderOnly"}),
    ("self-closing", f'<% cfpop {LOGIN} uid="a1" name="mail" /%>', UID),
    ("self-closing behind a blank", f'<% cfpop {LOGIN} uid="a1" name="mail" / %>', UID),
    ("single quotes", f"<% cfpop {LOGIN} uid='#url.uid#' name='mail' %>", UID),
    ("blanks round =", f'<% cfpop {LOGIN} uid = "#url.uid#" name = "mail" %>', UID),
    ("blanks in hashes", f'<% cfpop {LOGIN} uid="# url.uid #" name="mail" %>', UID),
    ("several lines", f'<% cfpop\n\t{LOGIN}\r\n\tuid="a1"\n\tname="mail"\n%>', UID),
    ("without quotes", f"<% cfpop {LOGIN} action=getAll port=variables.popPort uid=url.uid name=mail %>", {**UID, "port": 1110}),
    ("upper case", '<% CFPOP SERVER="#SESSION.HOST#" USERNAME="#Session.User#" PASSWORD="x" UID="#URL.Uid#" NAME="m" %>', UID),
    ("text and expression", f'<% cfpop {LOGIN} action="getAll" attachmentPath="#session.user#/files" name="m" %>',
     {"attachmentpath": "kim/files"}),
    ("attributeCollection", '<% cfpop attributeCollection="#all#" name="m" %>', {**UID, "server": "s.example"}),
    ("attributeCollection without quotes", "<% cfpop attributeCollection=all name=m %>", {**UID, "server": "s.example"}),
    ("attributeCollection beside attributes", '<% cfpop attributeCollection="#all#" uid="b2" name="m" %>', {"uids": ("b2",)}),
    ("name in attributeCollection", '<% cfpop attributeCollection="#all#" action="delete" %>', {**UID, "action": "delete"}),
    ("a list from a form", f'<% cfpop {LOGIN} action="delete" uid="#form.uid#" %>', {"uids": ("a1", "a2")}),
    ("numbers from a form", f'<% cfpop {LOGIN} action="delete" messagenumber="#form.messagenumber#" %>', {"numbers": (3, 1)}),
    ("a number less another", f'<% cfpop {LOGIN} action="delete" messagenumber="#form.one - 1#" %>', {"numbers": (2,)}),
    ("an item of an array", f'<% cfset a = listToArray("x,a1") %><% cfpop {LOGIN} uid="#a[2]#" name="m" %>', UID),
    ("delete with a name", f'<% cfpop {LOGIN} action="delete" uid="a1" name="mail" %>', {**UID, "action": "delete"}),
    ("connection", '<% cfpop connection="#url.uid#" name="mail" %>', {"connection": "a1"}),
    ("script call", '<% cfpop(action="getAll", server="s.example", username="kim", password="x", uid=url.uid, name="m") %>', UID),
    ("object", '<% set m = cfpop(action="getAll", server="s.example", username="kim", password="x", uid=url.uid) %>', UID),
    ("in cfif", f'<% cfif isDefined("url.uid") %><% cfpop {LOGIN} uid="#url.uid#" name="m" %><% /cfif %>', UID),
    ("in cftry", f'<% cftry %><% cfpop {LOGIN} uid="#url.uid#" name="m" %><% cfcatch %><% /cfcatch %><% /cftry %>', UID),
)  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), [row[1:] for row in SPELLINGS], ids=[row[0] for row in SPELLINGS])
def test_spellings(client: FakeClient, source: str, expected: Mapping[str, object]) -> None:
    """Each way in which pages write the tag is read as it was meant."""
    everything = {"server": "s.example", "username": "kim", "password": "x", "uid": "a1", "timeout": ""}
    call = run(client, source, all=everything)

    assert expected == {key: getattr(call, key) for key in expected}


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("name", ["mail", "session.mail.getMessages", "loc.qMsgs", "local.qryEmails", "variables.mail", "Mail"])
def test_names(name: str) -> None:
    """Plain and dotted names get the query, and are found in any case."""
    source = f'<% cfpop {LOGIN} action="getAll" name="{name}" %>{{{{ {name.upper()}.subject[2] }}}}'.replace("SESSION", "session")
    shown = tags_environment(extensions=EXTENSIONS).from_string(source).render(**scopes(), loc={}, local={})

    assert "two" == shown


NAMES = (
    ("Messages#CurrentRow#", "messages1.subject"),
    ("#attributes.listVarName#", "listed.subject"),
    ("#arguments.name#", "session.mail.subject"),
    ("session.#url.uid#", "session.a1.subject"),
    ("variables.m#currentrow#", "m1.subject"),
    ("m#max(listToArray('1,0')[1], 0)#", "m1.subject"),
)


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(("name", "found"), NAMES)
def test_name_made_at_run_time(name: str, found: str, asynchronous: bool) -> None:
    """A name with #expression# in it is made for each turn; delete binds nothing under it."""
    source = (
        f'<% cfoutput query="mail" maxrows="1" %><% cfpop {LOGIN} name="{name}" %>{{{{ {found} }}}}<% /cfoutput %>'
        f" {{{{ {found}[2] }}}}"
        f'<% cfset currentRow = 1 %><% cfpop {LOGIN} action="delete" uid="#url.uid#" name="{name}" %> {{{{ {found} }}}}'
    )
    given = {
        **scopes(),
        "attributes": {"listVarName": "listed"},
        "arguments": {"name": "session.mail"},
    }
    shown = tags_environment(extensions=EXTENSIONS, enable_async=asynchronous).from_string(source).render(mail=MAIL, **given)

    assert "one &lt;1&gt; two one &lt;1&gt;" == shown


def test_bad_name_made_at_run_time(client: FakeClient) -> None:
    """What is no name is told; without the page's variables the tag says so when it is compiled, and what to write."""
    with pytest.raises(AttributeFault, match=r"name must be the name of a variable, .* not 'a b'"):
        run(client, f'<% cfpop {LOGIN} name="a#space#b" %>', space=" ")
    with pytest.raises(AttributeFault, match="name has no value: 'nothing' is undefined"):
        run(client, f'<% cfpop {LOGIN} name="a#nothing#" %>')
    assert [] == client.calls
    with pytest.raises(TemplateSyntaxError, match="name must be spelt out"):
        tags_environment(extensions=EXTENSIONS[:1]).from_string(f'<% cfpop {LOGIN} name="Messages#n#" %>')


def test_name_made_at_run_time_beside_others(client: FakeClient) -> None:
    """It goes with `catch`, and with an action that turns out to be delete, which binds nothing."""
    source = (
        f'<% cfpop {LOGIN} action="#act#" uid="a1" name="m#n#" catch="fault" %>'
        '{{ m1.recordcount if isDefined("m1") else "none" }} {{ fault.code }}'
    )
    printed = []
    refused = POP3Error("no", command="PASS", code="AUTH", text="no")
    for action, error in (("getAll", None), ("delete", None), ("getAll", refused)):
        client.error = error
        environment = tags_environment(extensions=EXTENSIONS)
        printed.append(environment.from_string(source).render(**scopes(), act=action, n=1))

    assert ["2 ", "none ", "0 AUTH"] == printed


def test_delete_in_the_loop_over_the_same_name(client: FakeClient) -> None:
    """A delete that names the query that is looped over leaves the loop alone: each row is deleted by its own uid."""
    source = (
        f'<% cfpop {LOGIN} name="mail" %><% cfloop query="mail" %>'
        f'<% cfpop {LOGIN} action="Delete" uid="#mail.uid#" name="mail" %>{{{{ mail.subject }}}} {{{{ uid }}}};<% /cfloop %>'
    )
    shown = tags_environment(extensions=EXTENSIONS).from_string(source).render(**scopes())

    assert "one &lt;1&gt; u1;two u2;" == shown
    assert [None, ("u1",), ("u2",)] == [call.uids for call in client.calls]


def test_second_read_in_the_loop(client: FakeClient) -> None:
    """A cfpop for each row, by the row's uid or bare column, binds its own name and goes on."""
    source = (
        f'<% cfpop {LOGIN} name="mail" %><% cfoutput query="mail" %>'
        f'<% cfpop {LOGIN} action="getAll" uid="#uid#" name="msg" %>{{{{ currentrow }}}}{{{{ msg.subject[2] }}}};<% /cfoutput %>'
    )

    assert "1two;2two;" == tags_environment(extensions=EXTENSIONS).from_string(source).render(**scopes())
    assert [("u1",), ("u2",)] == [call.uids for call in client.calls[1:]]


# -- functions -----------------------------------------------------------------------------------------------------------------

FUNCTIONS = dict(
    re.findall(
        r"(\w+) (\d+)",
        """
    len 32, isdefined 22, dateformat 20, chr 19, timeformat 19, htmleditformat 17, trim 16, listlen 14, replace 13, now 12,
    left 12, listgetat 11, mid 11, findnocase 10, createobject 10, structnew 9, parsedatetime 9, decrypt 9,
    urlencodedformat 8, valuelist 8, structkeyexists 7, lcase 7, listappend 7, arraynew 7, listlast 6, getfilefrompath 6,
    replacenocase 5, structdelete 5, right 5, directoryexists 5, htmlcodeformat 5, expandpath 5, arraylen 4, arrayappend 4,
    removechars 4, hash 4, refindnocase 4, listfirst 4, listtoarray 4, rereplace 4, incrementvalue 4, listfind 4, find 3,
    isdate 3, evaluate 3, fileexists 3, dateadd 3, refind 3, listfindnocase 3, decrementvalue 3, createuuid 3,
    gettempdirectory 3, arraytolist 2, createodbcdatetime 2, writeoutput 2, jsstringformat 2, isnumeric 2, createdatetime 2,
    year 2, month 2, day 2, rand 2, int 2, iif 2, structappend 2, listcontainsnocase 2, xmlformat 1, dayofweek 1, ceiling 1,
    listdeleteat 1, replacelist 1, randrange 1, listchangedelims 1, structkeylist 1, de 1, queryconvertforgrid 1,
    paragraphformat 1, parameterexists 1, fileread 1, listsort 1, datediff 1, round 1, hour 1, minute 1,
    listdeleteduplicates 1, numberformat 1, structkeyarray 1, rematch 1, abs 1, datecompare 1, gettickcount 1, writedump 1,
    arraydeleteat 1, deserializejson 1, echo 1, listrest 1, encrypt 1, structclear 1, rereplacenocase 1, querynew 1,
    queryaddrow 1, querysetcell 1, createodbcdate 1, gettempfile 1, structcount 1, structisempty 1, isquery 1
    """,
    )
)
"""Each function and how many of the 85 pages use it."""

HOST = {name.lower() for cell, _ in rows("What is the host's") for name in code(cell)}


def test_functions_of_pages() -> None:
    """Every function that any page uses is there, or is the host's and says so; none is both."""
    entered = {name.lower() for name in tags_environment().globals}
    there = {name for name in FUNCTIONS if name in entered}

    assert 107 == len(FUNCTIONS)
    assert sorted(set(FUNCTIONS) - HOST) == sorted(there)


# -- tags ----------------------------------------------------------------------------------------------------------------------

# Tag or sub-form, pages of 85, a page that uses it ("" where it is the host's), and what that prints.
TAGS: tuple[tuple[str, int, str, str], ...] = (
    ("cfif", 64, '<% cfif mail.recordCount %>yes<% /cfif %>', "yes"),
    ("cfset", 58, "<% cfset n = mail.recordCount + 1 %>{{ n }}", "4"),
    ("cfelse", 51, "<% cfif mail.recordCount eq 0 %>none<% cfelse %>some<% /cfif %>", "some"),
    ("cfoutput:plain", 34, "<% cfoutput %>{{ mail.subject }}<% /cfoutput %>", "one"),
    ("cfoutput:query", 28, '<% cfoutput query="mail" %>{{ currentRow }}{{ subject }}<% /cfoutput %>', "1one2two3three"),
    ("cfloop:query", 24, '<% cfloop query="mail" %>{{ mail.uid }}<% /cfloop %>', "u1u2u3"),
    ("cfloop:from/to", 11, '<% cfloop from="1" to="#mail.recordCount#" index="i" %>{{ mail.uid[i] }}<% /cfloop %>', "u1u2u3"),
    ("cfloop:list", 10, '<% cfloop list="a#chr(9)#b" delimiters="#chr(9)#" index="f" %>{{ f }};<% /cfloop %>', "a;b;"),
    ("cfloop:condition", 2, '<% cfset n = 0 %><% cfloop condition="n lt 3" %><% cfset n = n + 1 %>{{ n }}<% /cfloop %>', "123"),
    ("cfloop:collection", 2, '<% cfloop collection="#form#" item="key" %>{{ key }}={{ form[key] }}<% /cfloop %>', "uid=a1"),
    ("cftry", 33, '<% cftry %><% cfset x = nothing.there %><% cfcatch type="any" %>caught<% /cfcatch %><% /cftry %>', "caught"),
    ("cfcatch", 33, "<% cftry %><% cfset x = 1 / 0 %><% cfcatch %><% /cfcatch %><% /cftry %>on", "on"),
    ("cfparam", 16, '<% cfparam name="url.start" default="1" %>{{ url.start }}', "1"),
    ("cfelseif", 15, '<% cfif n eq 1 %>a<% cfelseif n eq 2 %>b<% /cfif %>', "b"),
    ("cfinclude", 17, '<% cfset t = "Mail" %><% cfinclude template="head.cfm" %>{{ seen }}', "[Mail]yes"),
    ("cfbreak", 3, '<% cfloop query="mail" %><% cfif uid is "u2" %><% cfbreak %><% /cfif %>{{ uid }}<% /cfloop %>', "u1"),
    ("cfsavecontent", 5, '<% cfsavecontent variable="x" %><b>{{ n }}</b><% /cfsavecontent %>{{ x }}', "<b>2</b>"),
    ("cfthrow", 3, '<% cftry %><% cfthrow message="no" %><% cfcatch %>{{ cfcatch.message }}<% /cfcatch %><% /cftry %>', "no"),
    ("cfrethrow", 2, ("<% cftry %><% cftry %><% cfthrow message='in' %><% cfcatch %><% cfrethrow %><% /cfcatch %><% /cftry %>"
     "<% cfcatch %>out: {{ cfcatch.message }}<% /cfcatch %><% /cftry %>"), "out: in"),
    ("cfswitch", 1, '<% cfswitch expression="#n#" %><% cfcase value="1,2" %>few<% /cfcase %><% /cfswitch %>', "few"),
    ("cfcase", 1, '<% cfswitch expression="x" %><% cfdefaultcase %>d<% /cfdefaultcase %><% /cfswitch %>', "d"),
    ("cfsilent", 1, "<% cfsilent %>no<% /cfsilent %>yes", "yes"),
    ("cfdump", 11, '<% cfdump var="#form#" %>', '<div class="cfdump">'),
    ("cfquery:qoq", 10, '<% for row in mail|sort(attribute="uid", reverse=true) %>{{ row.uid }}<% endfor %>', "u3u2u1"),
    *((name, pages, "", "") for name, pages in (
        ("cfquery", 26), ("cffunction", 17), ("cfargument", 15), ("cfscript", 14), ("cflocation", 12), ("cfreturn", 11),
        ("cfsetting", 11), ("cfqueryparam", 10), ("cfinvoke", 9), ("cffile", 8), ("cfdirectory", 8), ("cfcomponent", 8),
        ("cfabort", 7), ("cfform", 6), ("cfmail", 5), ("cfinput", 4), ("cfinvokeargument", 3), ("cflock", 3), ("cfflush", 3),
        ("cflog", 2), ("cfmodule", 2), ("cfhtmlhead", 2), ("cfmailparam", 1), ("cfschedule", 1), ("cfcookie", 1),
        ("cftransaction", 1), ("cfprocessingdirective", 1), ("cfthread", 1), ("cfheader", 1), ("cfcontent", 1),
    )),
)  # fmt: skip


@pytest.mark.parametrize(("name", "source", "printed"), [(name, *rest) for name, _, *rest in TAGS], ids=[row[0] for row in TAGS])
def test_tags_of_pages(name: str, source: str, printed: str) -> None:
    """Each tag and each of its forms that a page uses works, in blocking and in async, or is listed as the host's."""
    if not source:
        assert name in HOST
        return
    shown = page(source, {"head.cfm": "[{{ t }}]<% cfset seen = 'yes' %>"}, n=2, url={}, form={"uid": "a1"})

    assert printed == shown[: len(printed)]
    assert printed == shown or name == "cfdump"


# Operator, pages of 85, an expression, its value as CFML prints it.
OPERATORS: tuple[tuple[str, int, str, str], ...] = (
    ("eq", 29, '"A" eq "a"', "true"),
    ("gt", 29, '"10" gt 9', "true"),
    ("&", 24, '"a" & 1', "a1"),
    ("neq", 23, '1 neq "1.0"', "false"),
    ("and", 22, "1 and 0", "false"),
    ("not", 22, "not 0", "true"),
    ("+", 19, '"2" + 3', "5"),
    ("or", 16, "0 or 1", "true"),
    ("-", 15, "5 - 7", "-2"),
    ("contains", 13, '"mailer-DAEMON" contains "daemon"', "true"),
    ("is", 12, '"x" is "X"', "true"),
    ("lt", 7, "2 lt 10", "true"),
    ("*", 6, "2 * 3", "6"),
    ("is not", 5, '"a" is not "b"', "true"),
    ("lte", 4, "2 lte 2", "true"),
    ("gte", 4, "2 gte 3", "false"),
    ("mod", 3, "7 mod 2", "1"),
    ("/", 1, "6 / 4", "1.5"),
    ("does not contain", 1, '"abc" does not contain "x"', "true"),
    ("<=", 1, "1 <= 1", "true"),
    ("&&", 1, "1 && 0", "false"),
    ("<", 1, "1 < 2", "true"),
    (">", 1, "1 > 2", "false"),
    ("redundant hashes", 9, "#n# + #len('ab')#", "4"),
    ("text with hashes", 38, '"#n# of #n + 1#, ##1"', "2 of 3, #1"),
    ("doubled quotes", 3, '"say ""a"""', 'say "a"'),
)


@pytest.mark.parametrize(("expression", "value"), [row[2:] for row in OPERATORS], ids=[row[0] for row in OPERATORS])
def test_operators_of_pages(expression: str, value: str) -> None:
    """Each operator that a page uses, in cfset and, where it is a condition, in cfif."""
    source = f'<% cfset x = ({expression}) & "" %>{{{{ x|safe }}}}'
    if value in ("true", "false"):
        source += f"<% cfif {expression} %>true<% cfelse %>false<% /cfif %>"

    assert value * (2 if value in ("true", "false") else 1) == page(source, n=2)


@pytest.mark.parametrize(("source", "value"), [("x++", "3"), ("x &= 1", "21"), ("x = x + 1", "3"), ("x += 5", "7"), ("x--", "1")])
def test_assignments_of_pages(source: str, value: str) -> None:
    """Each way of writing a variable again, in a loop, where Jinja's set would lose it."""
    assert value == page(f'<% cfset x = 2 %><% cfloop list="a" index="i" %><% cfset {source} %><% /cfloop %>{{{{ x }}}}')


def test_var_is_refused_with_advice() -> None:
    """`var`, in 8 pages, stands in functions, and these are the host's; in a page it is told so."""
    with pytest.raises(TemplateSyntaxError, match="var belongs into functions"):
        page("<% cfset var x = 1 %>")


# Scope and pages of 85. None: it belongs to functions and custom tags, which are the host's.
SCOPES_OF_PAGES: tuple[tuple[str, int, bool], ...] = (
    ("session", 30, True),
    ("url", 17, True),
    ("application", 12, True),
    ("form", 10, True),
    ("cgi", 6, True),
    ("request", 5, True),
    ("variables", 4, False),
    ("client", 2, True),
    ("cookie", 1, True),
    ("server", 1, True),
)


@pytest.mark.parametrize(("scope", "passed"), [(name, passed) for name, _, passed in SCOPES_OF_PAGES])
def test_scopes_of_pages(scope: str, passed: bool) -> None:
    """A scope that the host passes is read and written in any case; one that it forgot is told by name."""
    source = f"<% cfset {scope}.Count = 1 %><% cfset {scope.upper()}.count = {scope}.COUNT + 1 %>{{{{ {scope}.count }}}}"

    assert "2" == page(source, **({scope: {}} if passed else {}))
    if passed:
        with pytest.raises(FunctionFault, match=f"{scope} is not there; the host passes it"):
            page(source)
