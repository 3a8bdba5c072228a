"""How a result gets its name, and where the name is seen."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from typing import Any

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment

from cfml_pop.errors import AttributeFault, NetworkError, TimeoutExpired
from cfml_pop.settings import Settings
from tests.jinja_support import LOGIN, FakeClient, install, render

TAG = "{% cfpop " + LOGIN + 'name="mail" %}'
SHOW = "[{{ (mail|default({})).recordcount }}]"
OPEN = Settings(servers=["pop.example.com"], actions=["getHeaderOnly", "delete"], attachment_root="/nowhere")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    return install(monkeypatch)


def tag(attributes: str) -> str:
    return "{% cfpop " + LOGIN + attributes + " %}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (TAG + SHOW, "[2]"),
        (TAG + "{% if true %}" + SHOW + "{% endif %}", "[2]"),
        ("{% if true %}" + TAG + "{% endif %}" + SHOW, "[2]"),
        (TAG + "{% for x in [1] %}" + SHOW + "{% endfor %}", "[2]"),
        (TAG + "{% block b %}" + SHOW + "{% endblock %}", "[2]"),
        (TAG + "{% macro m() %}" + SHOW + "{% endmacro %}{{ m() }}", "[2]"),
        (TAG + "{% include 'show' %}", "[2]"),
        ("{% for x in [1] %}" + TAG + SHOW + "{% include 'show' %}{% endfor %}", "[2][2]"),
        ("{% for x in [1] %}" + TAG + "{% endfor %}" + SHOW, "[]"),
        ("{% with %}" + TAG + SHOW + "{% endwith %}" + SHOW, "[2][]"),
        ("{% block b %}" + TAG + SHOW + "{% endblock %}" + SHOW, "[2][]"),
        ("{% macro m() %}" + TAG + SHOW + "{% endmacro %}{{ m() }}" + SHOW, "[2][]"),
        ("{% set x %}" + TAG + SHOW + "{% endset %}{{ x }}" + SHOW, "[2][]"),
        ("{% filter upper %}" + TAG + SHOW + "{% endfilter %}" + SHOW, "[2][]"),
        ("{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}" + TAG + SHOW + "{% endcall %}" + SHOW, "[2][]"),
        (tag("name=_mail") + "[{{ _mail.recordcount }}]", "[2]"),
        ("{% extends 'base' %}" + TAG, "base [2]"),
        (tag("name='variables.mail'") + SHOW, "[2]"),
        (tag("name=Variables.mail") + SHOW, "[2]"),
        (
            "{% set ns = namespace() %}{% for x in [1] %}" + tag("name='ns.mail'") + "{% endfor %}[{{ ns.mail.recordcount }}]",
            "[2]",
        ),
        (tag("name='variables.session.mail'") + "[{{ session.mail.recordcount }}]", "[2]"),
        (tag("name=session.mail.getMessages") + "[{{ session.mail.getMessages.recordcount }}]", "[2]"),
        ("{% set ns = namespace(a={}) %}" + tag("name='ns.a.b.c'") + "[{{ ns.a.b.c.recordcount }}]", "[2]"),
    ],
)
@pytest.mark.parametrize("asynchronous", [False, True])
def test_scopes(fake: FakeClient, asynchronous: bool, source: str, expected: str) -> None:
    """A name is seen where a variable set at the same place would be seen; a dotted one wherever its mapping is."""
    loader = DictLoader({"show": SHOW, "base": "base {% block b %}" + SHOW + "{% endblock %}"})
    environment = Environment(extensions=["cfml_pop.CfpopExtension"], loader=loader, enable_async=asynchronous, autoescape=True)
    assert expected == render(source, environment, session={"other": 1})
    assert 1 == len(fake.calls)


@pytest.mark.parametrize(
    "source", ["{% import 'lib' as l %}{{ l.mail.recordcount }}", "{% from 'lib' import mail %}{{ mail.recordcount }}"]
)
def test_not_exported(fake: FakeClient, source: str) -> None:
    """An import without context runs once for all users of the process, so the name is not among what it gives."""
    loader = DictLoader({"lib": TAG})
    environment = Environment(extensions=["cfml_pop.CfpopExtension"], loader=loader, undefined=StrictUndefined, autoescape=True)
    with pytest.raises(UndefinedError):
        render(source, environment)
    assert 1 == len(fake.calls)


def test_dotted_names_are_items(fake: FakeClient) -> None:
    """A dotted name is written as an item, and missing mappings in between are made."""
    session: dict[str, object] = {}
    render(tag("name='session.mail.getMessages'"), session=session)
    assert ["mail"] == list(session)
    mail = session["mail"]
    assert isinstance(mail, dict)
    assert 2 == mail["getMessages"].recordcount
    ordered: OrderedDict[str, object] = OrderedDict()
    render(tag("name='session.mail'"), session=ordered)
    assert "Query(2 rows)" == repr(ordered["mail"])
    assert 2 == len(fake.calls)


def test_a_failed_call_leaves_nothing(fake: FakeClient) -> None:
    """Levels of a dotted name are made only when there is something to bind."""
    session: defaultdict[str, Any] = defaultdict(dict)
    fake.error = NetworkError("gone")
    with pytest.raises(NetworkError):
        render(tag("name='session.mail.all'"), session=session)
    with pytest.raises(AttributeFault):
        render(tag("name='session.mail.all' port=p"), session=session, p="x")
    assert {} == session
    render(tag("name='session.mail.all' catch='session.err'"), session=session)
    assert [["mail", "err"], ["all"]] == [list(session), list(session["mail"])]


def test_target_and_attributes_in_one_error(fake: FakeClient) -> None:
    """A dotted name that leads nowhere is told together with the faults of the attributes."""
    with pytest.raises(AttributeFault) as caught:
        render(tag("\nname='nope.x'\ncatch='nay.e'\nport=p"), p="x")
    assert [
        "cfpop has 3 faults:",
        "  line 2: name='nope.x' needs a mapping 'nope', which is undefined here; pass nope={} or use namespace()",
        "  line 3: catch='nay.e' needs a mapping 'nay', which is undefined here; pass nay={} or use namespace()",
        "  line 4: port must be a whole number, not 'x'",
    ] == caught.value.message.splitlines()
    assert [] == fake.calls


def test_the_pages_own_export_stays(fake: FakeClient) -> None:
    """A tag in an inner scope does not take back the name that the page itself exports."""
    loader = DictLoader({"lib": "{% set mail = 'own' %}{% for x in [1] %}" + TAG + "{% endfor %}"})
    environment = Environment(extensions=["cfml_pop.CfpopExtension"], loader=loader, autoescape=True)
    assert "own" == render("{% from 'lib' import mail %}{{ mail }}", environment)
    assert 1 == len(fake.calls)


@pytest.mark.parametrize(
    ("context", "name", "text"),
    [
        (
            {},
            "session.mail",
            "name='session.mail' needs a mapping 'session', which is undefined here; pass session={} or use namespace()",
        ),
        ({"session": object()}, "session.mail", "which is a object here"),
        ({"session": {"a": "text"}}, "session.a.mail", "name='session.a.mail' needs a mapping 'session.a', which is a str here"),
        ({"session": [1]}, "session.mail", "which is a list here"),
    ],
)
def test_no_mapping(fake: FakeClient, context: dict[str, Any], name: str, text: str) -> None:
    """A dotted name that leads into no mapping is an error on its line, before anything is sent."""
    with pytest.raises(AttributeFault, match=r"^cfpop: ") as caught:
        render("\n" + tag(f"\nname='{name}'"), **context)
    assert text in caught.value.message
    assert (None, 3) == (caught.value.template_name, caught.value.lineno)
    assert [] == fake.calls


def test_sandboxes(fake: FakeClient) -> None:
    """A sandbox lets a mapping be changed; the immutable one does not, but a namespace of the template's own stays allowed."""
    sandbox = SandboxedEnvironment(extensions=["cfml_pop.CfpopExtension"], autoescape=True)
    immutable = ImmutableSandboxedEnvironment(extensions=["cfml_pop.CfpopExtension"], autoescape=True)
    for environment in (sandbox, immutable):
        environment.cfpop_settings = OPEN  # type: ignore[attr-defined]
        assert "[2]" == render("{% set ns = namespace() %}" + tag("name='ns.mail'") + "[{{ ns.mail.recordcount }}]", environment)
    assert "" == render(tag("name='session.mail'"), sandbox, session={})
    session: dict[str, object] = {}
    calls = len(fake.calls)
    with pytest.raises(SecurityError, match=r"would change 'session', which this sandbox forbids\n  File '<template>', line 1$"):
        render(tag("name='session.mail'"), immutable, session=session)
    assert ({}, calls) == (session, len(fake.calls))


@pytest.mark.parametrize(
    "action", ["action=delete", "action='DELETE'", "action=what", "attributeCollection={'action': what}", "action='markRead'"]
)
def test_delete_binds_nothing(fake: FakeClient, action: str) -> None:
    """On delete and markRead name keeps the value it had, even where the action is only known at run time."""
    old = {"recordcount": "old"}
    delete = tag("uid='1' name='mail' " + action)
    assert "[old]" == render(delete + SHOW, mail=old, what="delete")
    assert "u1u2" == render(TAG + "{% for row in mail %}" + delete + "{{ row.uid }}{% endfor %}", what="delete")
    assert "[]" == render(delete + SHOW, what="delete")
    session: dict[str, object] = {"mail": old}
    render(tag("uid='1' name='session.mail' " + action), session=session, what="delete")
    assert {"mail": old} == session
    assert 6 == len(fake.calls)


def test_dynamic_action_that_reads(fake: FakeClient) -> None:
    """Where the action is only known at run time and turns out to read, name is bound."""
    assert "[2]" == render(tag("name=mail action=what") + SHOW, what="getAll", mail="old")
    assert "getAll" == fake.call.action


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(
    ("attributes", "show"),
    [
        ("name='mail' catch='err'", "{{ mail.recordcount }} {{ mail.columns|length }} {{ err }}"),
        ("name='s.mail' catch='s.err'", "{{ s.mail.recordcount }} {{ s.mail.columns|length }} {{ s.err }}"),
        ("name='mail' catch='s.err'", "{{ mail.recordcount }} {{ mail.columns|length }} {{ s.err }}"),
    ],
)
def test_catch(fake: FakeClient, asynchronous: bool, attributes: str, show: str) -> None:
    """catch gives a query and none, or an empty query with the same columns and the error."""
    environment = Environment(extensions=["cfml_pop.CfpopExtension"], enable_async=asynchronous, autoescape=True)
    assert "2 4 None" == render(tag(attributes) + show, environment, s={})
    fake.error = TimeoutExpired("too slow")
    assert "0 18 too slow\n  File &#39;&lt;template&gt;&#39;, line 1" == render(
        tag(attributes + " action=getAll") + show, environment, s={}
    )
    fake.error = NetworkError("gone")
    assert "0 11 gone\n  File &#39;&lt;template&gt;&#39;, line 1" == render(tag(attributes) + show, environment, s={})


def test_catch_on_delete(fake: FakeClient) -> None:
    """On delete catch binds the error only, and the mail that is being walked stays."""
    source = tag("name='mail' catch='err' action='delete' uid='1'") + "{{ mail }} {{ err.message if err else '-' }}"
    assert "old -" == render(source, mail="old")
    fake.error = NetworkError("gone")
    assert "old gone" == render(source, mail="old")
    assert "gone" == render(tag("catch='err' action='delete' uid='1'") + "{{ err.message }}")


def test_caught_error_holds_no_frames(fake: FakeClient) -> None:
    """The caught error has no traceback, whose frames would keep mail and sockets alive."""
    fake.error = NetworkError("gone")
    seen: dict[str, object] = {}
    render(tag("name='mail' catch='s.err'"), s=seen)
    error = seen["err"]
    assert isinstance(error, NetworkError)
    assert (None, None, None) == (error.__traceback__, error.__context__, error.__cause__)


def test_what_catch_lets_pass(fake: FakeClient) -> None:
    """Attribute faults, a sandbox's refusal and what is no error of ours are not caught."""
    source = tag("name='mail' catch='err' port=p")
    with pytest.raises(AttributeFault, match="port must be"):
        render(source, p="x")
    fake.error = AttributeFault("not allowed", faults=[("server", "not allowed")])
    with pytest.raises(AttributeFault, match="not allowed"):
        render(source, p=1)
    fake.error = None

    def interrupt() -> None:
        raise KeyboardInterrupt

    fake.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        render(source, p=1)
    with pytest.raises(SecurityError):
        render(source, SandboxedEnvironment(extensions=["cfml_pop.CfpopExtension"], autoescape=True), p=1)


def test_caught_names_are_not_exported(fake: FakeClient) -> None:
    """Neither name of a tag with catch is given to importing templates."""
    loader = DictLoader({"lib": tag("name='mail' catch='err'") + "{% set other = 1 %}"})
    environment = Environment(extensions=["cfml_pop.CfpopExtension"], loader=loader, autoescape=True)
    assert "[][]1" == render("{% import 'lib' as l %}[{{ l.mail }}][{{ l.err }}]{{ l.other }}", environment)
    assert 1 == len(fake.calls)
