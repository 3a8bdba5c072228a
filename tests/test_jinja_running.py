"""What happens when a template runs a cfpop."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest
from jinja2 import ChainableUndefined, DebugUndefined, DictLoader, Environment, StrictUndefined, TemplateError, Undefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment

from cfml_pop.cfml.query import Query
from cfml_pop.errors import AttributeFault, AuthenticationError, CfpopError
from cfml_pop.jinja.running import settings_of
from cfml_pop.settings import Settings
from tests.jinja_support import ARGUMENTS, LOGIN, FakeClient, install, render

OPEN = Settings(servers=["POP.example.com"], actions=["getheaderonly"], attachment_root="/nowhere")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    return install(monkeypatch)


def environment_of(
    base: type[Environment] = Environment,
    settings: Settings | None = None,
    *,
    undefined: type[Undefined] = Undefined,
    asynchronous: bool = False,
) -> Environment:
    loader = DictLoader({"page": "\n\n{% cfpop " + LOGIN + "\n name=mail\n port=p\n timeout=t %}{{ mail.recordcount }}"})
    environment = base(
        extensions=["cfml_pop.CfpopExtension"], undefined=undefined, enable_async=asynchronous, loader=loader, autoescape=True
    )
    if settings is not None:
        environment.cfpop_settings = settings  # type: ignore[attr-defined]
    return environment


@pytest.mark.parametrize("undefined", [Undefined, StrictUndefined, DebugUndefined, ChainableUndefined])
@pytest.mark.parametrize(
    ("attribute", "name"),
    [
        ("uid=nope", "uid"),
        ("uid='#nope#'", "uid"),
        ("uid='a#nope#'", "uid"),
        ("uid=given.nope", "uid"),
        ("maxrows=nope", "maxrows"),
        ("attributeCollection=nope", "attributeCollection"),
        ("attributeCollection={'uid': nope}", "attributeCollection"),
    ],
)
def test_undefined_is_never_left_out(fake: FakeClient, undefined: type[Undefined], attribute: str, name: str) -> None:
    """A value that does not exist is a fault on its line, with every kind of undefined; it is never taken as not given."""
    environment = environment_of(undefined=undefined)
    with pytest.raises(
        AttributeFault, match=rf"^cfpop: {name} (has no value|holds 'uid', which has no value): .*nope'"
    ) as caught:
        render("{% cfpop " + LOGIN + "action=delete\n\n " + attribute + " %}", environment, given={})
    assert 3 == caught.value.lineno
    assert [] == fake.calls


def test_faults_at_run_time(fake: FakeClient) -> None:
    """All faults that only the run shows are in one error, each with the line of its attribute."""
    environment = environment_of()
    with pytest.raises(AttributeFault) as caught:
        environment.get_template("page").render(p="x", t="y")
    assert [
        "cfpop has 2 faults:",
        "  line 5: port must be a whole number, not 'x'",
        "  line 6: timeout must be a number of seconds above 0 and up to 2000000, not 'y'",
    ] == caught.value.message.splitlines()
    assert ("page", 5) == (caught.value.template_name, caught.value.lineno)
    with pytest.raises(AttributeFault) as caught:
        environment.get_template("page").render(t="y")
    assert "  line 5: port has no value: 'p' is undefined (text goes in quotes)" in caught.value.message.splitlines()
    assert (("port", "port has no value: 'p' is undefined (text goes in quotes)"), 2) == (
        caught.value.faults[0],
        len(caught.value.faults),
    )
    assert [] == fake.calls


def test_faults_from_a_collection(fake: FakeClient) -> None:
    """A fault in a collection is on the line of the collection."""
    with pytest.raises(AttributeFault, match="prot is not an attribute of cfpop; did you mean port") as caught:
        render("{% cfpop " + LOGIN + "\n name=m\n attributeCollection=args %}", args={"prot": 1})
    assert (3, []) == (caught.value.lineno, fake.calls)


@pytest.mark.parametrize("asynchronous", [False, True])
def test_errors_keep_their_class(fake: FakeClient, asynchronous: bool) -> None:
    """What the client raises arrives as it was, with the template's name and the tag's line."""
    fake.error = AuthenticationError("no", command="PASS", text="go away")
    environment = environment_of(asynchronous=asynchronous)
    with pytest.raises(AuthenticationError) as caught:
        environment.get_template("page").render(p=1, t=1)
    assert caught.value is fake.error
    assert ("page", 3, "go away") == (caught.value.template_name, caught.value.lineno, caught.value.text)


@pytest.mark.parametrize("asynchronous", [False, True])
def test_attribute_faults_of_the_client(fake: FakeClient, asynchronous: bool) -> None:
    """An attribute fault that the client finds is on its attribute's line too."""
    fake.error = AttributeFault("port 1 is not allowed", faults=[("port", "port 1 is not allowed")])
    with pytest.raises(AttributeFault, match=r"cfpop: port 1 is not allowed\n  File 'page', line 5"):
        environment_of(asynchronous=asynchronous).get_template("page").render(p=1, t=1)


def test_place_in_include(fake: FakeClient) -> None:
    """The place is that of the file that holds the tag, not of the page that includes it."""
    fake.error = CfpopError("no")
    with pytest.raises(CfpopError) as caught:
        render("\n\n\n\n\n{% include 'page' %}", environment_of(), p=1, t=1)
    assert ("page", 3) == (caught.value.template_name, caught.value.lineno)


def test_functions(fake: FakeClient) -> None:
    """The function of templates uses the environment's settings, and its faults have the line of the call."""
    settings = Settings(partial=True)
    assert "2" == render("{{ cfpop(" + ARGUMENTS + ").recordcount }}", environment_of(settings=settings))
    assert ([settings], [False]) == (fake.settings, fake.sandboxed)
    with pytest.raises(AttributeFault, match="port must be a whole number, not 'x'") as caught:
        render("\n\n{{ cfpop(" + ARGUMENTS + ", port='x') }}", environment_of())
    assert (None, 3) == (caught.value.template_name, caught.value.lineno)
    with pytest.raises(AttributeFault, match=r"cfpop\(\.\.\.\) takes its attributes by name") as caught:
        render("\n{{ cfpop('h') }}", environment_of())
    assert 2 == caught.value.lineno
    with pytest.raises(AttributeFault, match="uid has no value: 'nope' is undefined"):
        render("{{ cfpop(" + ARGUMENTS + ", uid=nope) }}", environment_of())
    fake.error = CfpopError("no")
    with pytest.raises(CfpopError) as raised:
        render("\n{{ cfpop(" + ARGUMENTS + ") }}", environment_of())
    assert 2 == raised.value.lineno


def test_function_gives_the_quiet_query(fake: FakeClient) -> None:
    """The function gives what was deleted, which prints as nothing."""
    assert " 1 u1" == render(
        "{% set done = cfpop(" + ARGUMENTS + ", action='delete', uid='u1') %}{{ done }} {{ done.recordcount }} {{ done.uid[1] }}"
    )
    assert "delete" == fake.call.action


def test_async_functions(fake: FakeClient) -> None:
    """In an async environment both functions give their query; without it acfpop says what to write."""
    source = "{{ cfpop(" + ARGUMENTS + ").recordcount }}{{ acfpop(" + ARGUMENTS + ").recordcount }}"
    template = environment_of(asynchronous=True).from_string(source)
    assert "22" == asyncio.run(template.render_async())
    fake.error = CfpopError("no")
    with pytest.raises(CfpopError) as caught:
        asyncio.run(environment_of(asynchronous=True).from_string("\n{{ acfpop(" + ARGUMENTS + ") }}").render_async())
    assert 2 == caught.value.lineno
    with pytest.raises(AttributeFault, match=r"acfpop.* needs an environment with enable_async=True; write cfpop.*\n.*line 2"):
        render("\n{{ acfpop(" + ARGUMENTS + ") }}", environment_of())


FORMS = ["{% cfpop LOGIN name='mail' %}{{ mail.recordcount }}", "{{ cfpop(ARGUMENTS).recordcount }}"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("base", [SandboxedEnvironment, ImmutableSandboxedEnvironment])
@pytest.mark.parametrize("missing", ["servers", "actions", "attachment_root"])
def test_sandbox_needs_the_hosts_word(fake: FakeClient, form: str, base: type[Environment], missing: str) -> None:
    """A sandboxed template may do nothing until the host has said which servers, which actions and which directory."""
    source = form.replace("LOGIN", LOGIN).replace("ARGUMENTS", ARGUMENTS)
    given = {"servers": OPEN.servers, "actions": OPEN.actions, "attachment_root": OPEN.attachment_root, missing: None}
    with pytest.raises(SecurityError, match="cfpop is refused in a sandboxed environment until the host has given"):
        render(source, environment_of(base, Settings(**given)))  # type: ignore[arg-type]
    assert [] == fake.calls
    assert "2" == render(source, environment_of(base, OPEN))
    assert [True] == fake.sandboxed


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ("action='delete' uid='1' server='pop.example.com'", "action 'delete' is not allowed here"),
        ("name='m' server='pop.example.com' port=25", "server 'pop.example.com' with port 25 is not allowed here"),
        ("name='m' server='other.example.com'", "server 'other.example.com' with port 110 is not allowed here"),
    ],
)
def test_sandbox_allows_what_the_host_named(fake: FakeClient, attributes: str, text: str) -> None:
    """Another server or action is refused, without telling which are allowed."""
    with pytest.raises(SecurityError, match=rf"^cfpop: {text}\n  File '<template>', line 2$") as caught:
        render("\n{% cfpop username='u' password='p' " + attributes + " %}", environment_of(SandboxedEnvironment, OPEN))
    assert "getheaderonly" not in str(caught.value)
    assert "POP.example.com" not in str(caught.value)
    assert [] == fake.calls


def test_sandbox_and_ports(fake: FakeClient) -> None:
    """An entry with a port allows that port, in the tag and in the function."""
    environment = environment_of(SandboxedEnvironment, dataclasses.replace(OPEN, servers=["POP.example.com:2110"]))
    assert "2" == render("{% cfpop " + LOGIN + "port=2110 name='mail' %}{{ mail.recordcount }}", environment)
    assert "2" == render("{{ cfpop(" + ARGUMENTS + ", port=2110).recordcount }}", environment)
    assert 2 == len(fake.calls)
    with pytest.raises(SecurityError, match=r"with port 110 is not allowed here\n  File '<template>', line 3$"):
        render("\n\n{{ cfpop(" + ARGUMENTS + ") }}", environment)


def test_sandbox_refusal_has_its_place(fake: FakeClient) -> None:
    """A sandbox that nobody has opened refuses with the line of the tag."""
    with pytest.raises(SecurityError, match=r"all three\n  File '<template>', line 2$"):
        render("\n{% cfpop " + LOGIN + "\nname=m %}", environment_of(SandboxedEnvironment))
    assert [] == fake.calls


PASSWORDS = [
    'password="p#ss wo#rd"',
    'password="p#ss#rd"',
    'password="p#ss.wo#rd"',
    'password="p#ss-wo#rd"',
    'password="p#ss|wo#rd"',
    'password="p#ss is wo#rd"',
    'password="p#ss["wo"]#rd"',
    'password="p#ss()#rd"',
    'password="p#ss"',
    'password="p#known.ss#rd"',
    'password="p#known["ss"]#rd"',
    "password=ss",
    "password=ss.wo",
    "password=ss-wo",
    "password=ss wo",
    "password=ss wo wo",
    "password=ss?wo",
    "password=ss+)wo",
    "password=(ss wo)",
    "password=known.ss",
    "password={'ss': 'wo'}",
    "password=['ss']",
    "password='ss'wo",
    "attributeCollection={'password': ss}",
    "attributeCollection={'PASSWORD': known.ss}",
]


@pytest.mark.parametrize("undefined", [Undefined, StrictUndefined, DebugUndefined, ChainableUndefined])
@pytest.mark.parametrize("source", PASSWORDS)
def test_no_piece_of_a_password(fake: FakeClient, undefined: type[Undefined], source: str) -> None:
    """Whatever is wrong with a password, no error and no error behind it shows a piece of its text."""
    if "##" in source or source.count('"') > 2:
        source = source.replace('"ss"', "'ss'").replace('"wo"', "'wo'")
    with pytest.raises((CfpopError, TemplateError)) as caught:
        render("{% cfpop server='h' username='u' " + source + " name=m %}", environment_of(undefined=undefined), known={})
    error: BaseException | None = caught.value
    while error is not None:
        text = str(error).replace("password", "").replace("attributeCollection", "")
        assert (False, False, [source]) == ("ss" in text, "wo" in text, [source])
        error = error.__cause__ or error.__context__
    assert [] == fake.calls


def test_no_piece_of_a_password_in_calls(fake: FakeClient) -> None:
    """The same holds in cfpop(...), with and without a name, and for signs that Jinja cannot read."""
    for source in (
        "{% cfpop LOGIN password=ss?wo %}",
        "{{ cfpop(LOGIN, password=ss) }}",
        "{{ cfpop(LOGIN, password=ss wo, name='m') }}",
    ):
        with pytest.raises((CfpopError, TemplateError), match="password cannot be read; in a password write ##") as caught:
            render(source.replace("LOGIN", "server='h', username='u'"), environment_of())
        assert "ss wo" not in str(caught.value)
        assert "'ss'" not in str(caught.value)
        assert "?" not in str(caught.value)
    assert [] == fake.calls


def test_passwords_that_can_be_read(fake: FakeClient) -> None:
    """Looking at passwords closely changes none that is right, in any kind of environment."""
    for value in ('"a#b.c[1]###d"', "b.c[1] ~ '#d' if b else ''", "(nope|default('x#d')).replace('x', 'a' ~ b.c[1])[1:]|string"):
        for asynchronous in (False, True):
            source = "{% cfpop server='h' username='u' password=VALUE name=m %}".replace("VALUE", value)
            render(source, environment_of(undefined=StrictUndefined, asynchronous=asynchronous), b={"c": "xyz"})
    assert ["ay#d", "ay#d", "y#d", "y#d", "y#d", "y#d"] == [call.password.reveal() for call in fake.calls]


def test_sandbox_and_stored_connections(fake: FakeClient) -> None:
    """A connection that the host has stored needs no place among the servers."""
    assert "2" == render(
        "{% cfpop connection='c' name='mail' %}{{ mail.recordcount }}", environment_of(SandboxedEnvironment, OPEN)
    )
    assert "c" == fake.call.connection


def test_async_filters(fake: FakeClient) -> None:
    """What a filter gives piece by piece in an async environment is refused with the remedy, and taken as a list."""
    rows = [{"uid": "u1"}, {"uid": "u2"}]
    source = "{% cfpop " + LOGIN + "action=delete uid=rows|map(attribute='uid')FILTER %}"
    with pytest.raises(AttributeFault, match=r"uid must be a list that is there already: write \|list behind the filter"):
        render(source.replace("FILTER", ""), environment_of(asynchronous=True), rows=rows)
    render(source.replace("FILTER", "|list"), environment_of(asynchronous=True), rows=rows)
    assert [("u1", "u2")] == [call.uids for call in fake.calls]


def test_settings_of() -> None:
    """The settings are the environment's; anything else in their place is refused."""
    environment = environment_of(settings=OPEN)
    assert OPEN is settings_of(environment)
    assert Settings() == settings_of(environment_of())
    environment.cfpop_settings = {"servers": []}  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match=r"cfpop_settings must be a cfml_pop\.Settings, not dict"):
        settings_of(environment)


def test_cancelled_render_stops_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelling an async render cancels the call inside it, also where errors are caught."""
    from cfml_pop import client

    ended: list[str] = []

    async def slow(*_: object, **__: object) -> Query:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return Query((), ())

    monkeypatch.setattr(client, "aperform", slow)
    template = environment_of(asynchronous=True).from_string("{% cfpop " + LOGIN + "name=mail catch=err %}")

    async def impatient() -> None:
        await asyncio.wait_for(template.render_async(), 0.05)

    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(impatient())
    assert ["cancelled"] == ended
