"""The extension with CFML's tags, in all kinds of environments and beside the cfpop tag."""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from jinja2 import (
    ChainableUndefined,
    DebugUndefined,
    DictLoader,
    Environment,
    FileSystemBytecodeCache,
    ModuleLoader,
    StrictUndefined,
    TemplateRuntimeError,
    TemplateSyntaxError,
    Undefined,
    UndefinedError,
)
from jinja2.ext import babel_extract
from jinja2.nativetypes import NativeEnvironment
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment

from cfml_pop.cfml.query import Query
from cfml_pop.errors import FunctionFault, NetworkError
from cfml_pop.jinja import binding
from cfml_pop.jinja.environment import CFML_SYNTAX
from cfml_pop.settings import Settings
from tests.jinja_support import LOGIN, FakeClient, install
from tests.tags_support import MAIL, TAGS, page, tags_environment

BOTH = ["cfml_pop.CfpopExtension", TAGS]
WHOLE = (
    "<% cfparam name='n' default='0' %><% cfset list = '' %>"
    "<% cfoutput query='mail' %><% cftry %><% cfif currentrow mod 2 eq 1 %><% cfset n = n + 1 %><% cfset list = list & uid %>"
    "<% cfelse %><% cfthrow message='#subject#<' %><% endcfif %>{{ subject }};<% cfcatch %>{{ cfcatch.message }};<% endcftry %>"
    "<% endcfoutput %>"
    "<% cfloop from=1 to='#n#' index='i' %>{{ i }}<% endcfloop %>{{ list }}{{ n }}"
)
PRINTED = "one;two&lt;;three;12u1u32"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    return install(monkeypatch)


def cfpop(attributes: str) -> str:
    return "<% cfpop " + LOGIN + attributes + " %>"


@pytest.mark.parametrize("base", [Environment, SandboxedEnvironment, ImmutableSandboxedEnvironment, NativeEnvironment])
@pytest.mark.parametrize("undefined", [Undefined, StrictUndefined, DebugUndefined, ChainableUndefined])
@pytest.mark.parametrize("asynchronous", [False, True])
def test_every_kind_of_environment(base: type[Environment], undefined: type[Undefined], asynchronous: bool) -> None:
    """A page prints the same in every kind of environment."""
    environment = tags_environment(base, undefined=undefined, enable_async=asynchronous)
    plain = PRINTED.replace("&lt;", "<")
    escaped = plain if base is NativeEnvironment else PRINTED  # Jinja's native templates are no HTML
    for made, expected in (
        (environment, escaped),
        (environment.overlay(), escaped),
        (environment.overlay(autoescape=False), plain),
    ):
        template = made.from_string(WHOLE)
        found = asyncio.run(template.render_async(mail=MAIL)) if asynchronous else template.render(mail=MAIL)
        assert expected == found


def test_native_values() -> None:
    """In a native environment a page that is one value gives that value."""
    environment = tags_environment(NativeEnvironment, autoescape=False)
    found: list[Any] = [
        environment.from_string(source).render()
        for source in ("<% cfset x = [1, 2] %>{{ x }}", "<% cftry %>{{ 1 }}<% cfcatch %><% endcftry %>")
    ]
    assert [[1, 2], 1] == found


def test_other_extensions() -> None:
    """Jinja's own extensions work beside ours, whichever is loaded first."""
    others = ["jinja2.ext.do", "jinja2.ext.loopcontrols", "jinja2.ext.debug", "jinja2.ext.i18n"]
    source = (
        "<%cfset n = [1]%><%do n.append(2)%>{{n|length}}<%for x in n%><%if x == 2%><%break%><%endif%>{{x}}<%endfor%>"
        "<% trans count=n|length %>{{ count }} one<% pluralize %>{{ count }} many<% endtrans %>"
    )
    for extensions in ([*others, TAGS], [TAGS, *others]):
        environment = tags_environment(extensions=extensions)
        environment.install_null_translations()  # type: ignore[attr-defined]
        assert "212 many" == environment.from_string(source).render()
        assert "tiger" not in environment.from_string("<% cfset x = 1 %><% debug %>").render()


def test_messages_are_extracted() -> None:
    """What collects the messages to translate finds them in pages with these tags, with their lines."""
    source = "{{ _('one') }}\n<% cfif a & b eq 'x' %>{{ gettext('two') }}<% cfset t = _('three') %><% endcfif %>"
    options = {**CFML_SYNTAX, "extensions": TAGS, "silent": "false"}
    found = list(babel_extract(io.BytesIO(source.encode()), ("_", "gettext"), [], options))
    assert [(1, "one"), (2, "two"), (2, "three")] == [(line, text) for line, _, text, _ in found]


def test_line_statements() -> None:
    """The text of our tags is CFML's, which stands between delimiters only; a line statement says so."""
    with pytest.raises(TemplateSyntaxError, match="cfset cannot be read here; its tag stands between <% and %>"):
        tags_environment(line_statement_prefix="#").from_string("# cfset x = 1\n")


def test_whitespace_control() -> None:
    """Blanks and line ends around tags go as they do around Jinja's."""
    assert "ab" == page("a  <%- cfset x = 1 -%>  b")
    environment = tags_environment(trim_blocks=True, lstrip_blocks=True)
    assert "a\nb\n1\n" == environment.from_string(
        "a\n  <% cfset x = 1 %>\nb\n  <%+ cfif true -%>\n1\n<% endcfif %>\n"
    ).render().replace("  ", "")


def test_line_ends() -> None:
    """Pages with CRLF have the same lines."""
    with pytest.raises(TemplateSyntaxError) as caught:
        tags_environment().from_string("a\r\n<% cfset x =\r\n 1 + %>\r\n")
    assert 3 == caught.value.lineno


def test_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages run from a bytecode cache and from compiled modules; those of another version say so."""
    loader = DictLoader({"page": WHOLE})
    for _ in range(2):
        environment = tags_environment(loader=loader, bytecode_cache=FileSystemBytecodeCache(str(tmp_path)))
        assert PRINTED == environment.get_template("page").render(mail=MAIL)
    tags_environment(loader=loader).compile_templates(tmp_path / "modules", zip=None)
    compiled = tags_environment(loader=ModuleLoader(tmp_path / "modules")).get_template("page")
    assert PRINTED == compiled.render(mail=MAIL)
    monkeypatch.setattr(binding, "PROTOCOL", 99)
    with pytest.raises(TemplateRuntimeError, match="compiled by another version of cfml_pop"):
        compiled.render(mail=MAIL)


def test_threads_and_tasks() -> None:
    """Nothing is kept between renders: threads and tasks that run one template do not see each other's variables."""
    source = "<%cfset own = given%><%for x in wait%><%cfloop query=mail%><%cfset n = (n ?: 0) + given%><%endcfloop%><%endfor%>"
    template = tags_environment().from_string(source + "{{ own }}:{{ n }}")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda given: template.render(given=given, mail=MAIL, wait=range(5)), range(40)))
    assert [f"{given}:{given * 15}" for given in range(40)] == found

    async def pausing() -> Any:
        for step in range(3):
            await asyncio.sleep(0)
            yield step

    async def main() -> list[str]:
        asynchronous = tags_environment(enable_async=True).from_string(source + "{{ own }}:{{ n }}")
        return await asyncio.gather(*(asynchronous.render_async(given=given, mail=MAIL, wait=pausing()) for given in range(20)))

    assert [f"{given}:{given * 9}" for given in range(20)] == asyncio.run(main())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (cfpop('name="box"') + "{{ box.recordcount }}", "2"),
        ("<% cfif true %>" + cfpop('name="box"') + "<% endcfif %>{{ BOX.recordcount }}", "2"),
        ("<% cfloop times=1 %>" + cfpop('name="box"') + "<% endcfloop %>{{ box.recordcount }}", "2"),
        ("<% cftry %>" + cfpop('name="box"') + "<% cfcatch %><% endcftry %>{{ box.recordcount }}", "2"),
        ("<% macro m() %>" + cfpop('name="box"') + "<% endmacro %>{{ m() }}{{ box.recordcount }}", "2"),
        (cfpop('name="box"') + "<% cfoutput query='box' %>{{ uid }}{{ box.uid }};<% endcfoutput %>", "u1u1;u2u2;"),
        (cfpop('name="session.box"') + "<% cfoutput query='session.box' %>{{ session.box.uid }};<% endcfoutput %>", "u1;u2;"),
        ("<% cfset loc = {} %>" + cfpop('name="loc.box"') + "{{ loc.box.recordcount }}", "2"),
        (cfpop('name="box"') + cfpop('action="delete" uid="u1" name="box"') + "{{ box.recordcount }}", "2"),
        (cfpop('name="box"') + "<%cfset act = 'delete'%>" + cfpop('action=act uid="u1" name="box"') + "{{box.recordcount}}", "2"),
        (
            cfpop("name=box")
            + "<%cfoutput query=box%>"
            + cfpop('action="delete" uid=uid name=box')
            + "{{subject}};<%/cfoutput%>",
            "one &lt;1&gt;;two;",
        ),
        ("{{ cfpop(server='h', username='k', password='t', name='box') }}{{ box.recordcount }}", "2"),
        ("<% set q = cfpop(server='h', username='k', password='t') %><% cfoutput query=q %>{{ uid }}<% endcfoutput %>", "u1u2"),
        ("<% cfset user = 'kim' %><% cfpop server='h' username=user password='#user#' name=box %>{{ box.recordcount }}", "2"),
    ],
)
@pytest.mark.parametrize("asynchronous", [False, True])
def test_beside_cfpop(fake: FakeClient, asynchronous: bool, source: str, expected: str) -> None:
    """With the tags loaded the name of a cfpop is a variable of the page, wherever the tag stands."""
    environment = tags_environment(extensions=BOTH, enable_async=asynchronous)
    assert expected == environment.from_string(source).render(session={}, Kim="x")
    assert 0 < len(fake.calls)


def test_uids_of_rows(fake: FakeClient) -> None:
    """A delete in a loop gets the uid of its row."""
    source = cfpop("name=box") + "<% cfloop query=box %>" + cfpop('action="delete" uid=uid') + "<% endcfloop %>"
    tags_environment(extensions=BOTH).from_string(source).render()
    assert [None, ("u1",), ("u2",)] == [call.uids for call in fake.calls]


def test_faults_of_cfpop(fake: FakeClient) -> None:
    """A mailbox fault is caught by cftry with its text; with `catch` the error is a variable of the page."""
    fake.error = NetworkError("gone")
    environment = tags_environment(extensions=BOTH)
    source = (
        "\n<% cftry %>" + cfpop("name=box") + "<% cfcatch %>{{ cfcatch.message }} {{ cfcatch.tagcontext[1].line }}<% endcftry %>"
    )
    assert "\ngone 2" == environment.from_string(source).render()
    assert "0gone" == environment.from_string(cfpop("name=box catch=err") + "{{ box.recordcount }}{{ Err.message }}").render()
    assert (
        "gone"
        == environment.from_string(
            "<% cfloop times=1 %>" + cfpop("name=box catch=err") + "<% endcfloop %>{{ err.message }}"
        ).render()
    )
    fake.error = None
    assert "2True" == environment.from_string(cfpop("name=box catch=err") + "{{ box.recordcount }}{{ err is none }}").render()


def test_attribute_faults_are_caught(fake: FakeClient) -> None:
    """What is wrong with a cfpop is an exception of the page too, as in CFML; nothing has been sent."""
    source = "<% cftry %>" + cfpop("name=box port=p") + "<% cfcatch type='expression' %>{{ cfcatch.message }}<% endcftry %>"
    assert "cfpop: port must be a whole number, not &#39;x&#39;" == tags_environment(extensions=BOTH).from_string(source).render(
        p="x"
    )
    assert [] == fake.calls


def test_a_sandbox_still_refuses(fake: FakeClient) -> None:
    """The host's permission is asked as without the tags, and a refusal is not caught."""
    environment = tags_environment(SandboxedEnvironment, extensions=BOTH)
    source = "<% cftry %>" + cfpop("name=box") + "<% cfcatch %>caught<% endcftry %>{{ box.recordcount }}"
    from jinja2.exceptions import SecurityError

    with pytest.raises(SecurityError):
        environment.from_string(source).render()
    environment.cfpop_settings = Settings(servers=["pop.example.com"], actions=["getHeaderOnly"], attachment_root="/nowhere")  # type: ignore[attr-defined]
    assert "2" == environment.from_string(source).render()
    assert 1 == len(fake.calls)


def test_names_with_two_owners(fake: FakeClient) -> None:
    """A name that Jinja has set cannot be that of a cfpop where the tags are loaded."""
    with pytest.raises(TemplateSyntaxError, match="'box' is Jinja's variable here"):
        tags_environment(extensions=BOTH).from_string("<% set box = 1 %>" + cfpop("name=box"))
    assert [] == fake.calls


def test_a_changing_query() -> None:
    """Rows that a host's query loses while it is looped over are empty, and no error."""
    query = Query.from_rows(("a",), [{"a": 1}, {"a": 2}])

    def shorten() -> str:
        query.rows = query.rows[:1]
        return ""

    source = "<% cfoutput query=q %>{{ a }}{{ shorten() }};<% endcfoutput %>"
    assert "1;;" == tags_environment().from_string(source).render(q=query, shorten=shorten)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<% cflop %><% endcflop %>", "Encountered unknown tag 'cflop'. Did you mean cfloop?"),
        ("<% CFLOCATION url='x' %>", "docs/porting.md says what stands for CFML's other tags, as CFLOCATION."),
        ("<% cfif true %><% cfmail %><% endcfif %>", "docs/porting.md says what stands for CFML's other tags, as cfmail."),
        ("<% endcfif %>", "Encountered unknown tag 'endcfif'."),
    ],
)
def test_unknown_tags(source: str, expected: str) -> None:
    """A tag that there is not is told with the nearest one, or with where to read what stands for it."""
    with pytest.raises(TemplateSyntaxError) as caught:
        tags_environment().from_string("\n" + source)

    assert 2 == caught.value.lineno
    assert expected in str(caught.value.message)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ dateFromat(now()) }}", "there is no function 'dateFromat'; did you mean dateFormat?"),
        ("<% cfset x = Ucase2('a') %>", "there is no function 'Ucase2'; did you mean uCase?"),
        ("<% cfset x = expandPath('a') %>", "there is no function 'expandPath'; the host may give one: environment.globals["),
    ],
)
def test_unknown_functions(source: str, expected: str) -> None:
    """A function that there is not is told with the nearest one, or with who may bring it."""
    with pytest.raises(UndefinedError) as caught:
        page(source)

    assert str(caught.value).startswith(expected)


@pytest.mark.parametrize(
    ("struct", "expected"),
    [("{A: 1, b: 2}", "the struct has no key 'c'; it has A, b"), ("{}", "the struct has no key 'c'; it has none")],
)
def test_unknown_keys(struct: str, expected: str) -> None:
    """The error for a key that a struct does not have names those that there are."""
    environment = tags_environment(extensions=BOTH)
    with pytest.raises(FunctionFault, match=expected):
        environment.from_string(f"<% cfset s = {struct} %><% cfset x = s.c %>").render()
