"""The extension in every kind of environment that Jinja has."""

from __future__ import annotations

import asyncio
import re
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
    Template,
    TemplateRuntimeError,
    meta,
)
from jinja2.nativetypes import NativeEnvironment
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedEnvironment

from cfml_pop import CfpopExtension
from cfml_pop.jinja import binding as module
from cfml_pop.jinja.running import cfpop
from cfml_pop.settings import Settings
from tests.jinja_support import ARGUMENTS, LOGIN, FakeClient, install, render

NAME = "cfml_pop.CfpopExtension"
PAGE = (
    "{% cfpop "
    + LOGIN
    + 'name="mail" %}{% for row in mail %}{{ row.currentrow }}{{ row.subject }}{% endfor %}{{ mail.subject[1] }}'
)
ESCAPED = "1one &lt;1&gt;2twoone &lt;1&gt;"
PLAIN = "1one <1>2twoone <1>"
OPEN = Settings(servers=["pop.example.com"], actions=["getHeaderOnly"], attachment_root="/nowhere")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    return install(monkeypatch)


@pytest.mark.parametrize("base", [Environment, SandboxedEnvironment, ImmutableSandboxedEnvironment])
@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize(
    ("options", "source", "expected"),
    [
        ({"autoescape": True}, PAGE, ESCAPED),
        ({"autoescape": False}, PAGE, PLAIN),
        ({"undefined": StrictUndefined}, PAGE, PLAIN),
        ({"undefined": DebugUndefined}, PAGE, PLAIN),
        ({"undefined": ChainableUndefined}, PAGE, PLAIN),
        ({"block_start_string": "<%", "block_end_string": "%>"}, PAGE.replace("{%", "<%").replace("%}", "%>"), PLAIN),
        ({"trim_blocks": True, "lstrip_blocks": True}, "  " + PAGE.replace("%}", "%}\n", 1), PLAIN),
        ({}, PAGE.replace("{% cfpop", "x  \n {%- cfpop").replace('"mail" %}', '"mail" -%}\n  '), "x" + PLAIN),
        (
            {"line_statement_prefix": "%%"},
            f"%% cfpop {LOGIN} name=mail\n%% for row in mail\n{{{{ row.uid }}}}\n%% endfor\n",
            "u1\nu2\n",
        ),
        ({}, "{% raw %}{% cfpop %}{% endraw %}" + PAGE, "{% cfpop %}" + PLAIN),
        ({"extensions": ["jinja2.ext.loopcontrols"]}, PAGE.replace("{{ row.subject }}", "{% break %}"), "1one <1>"),
        (
            {"extensions": ["jinja2.ext.i18n"]},
            PAGE + "{% trans n=mail.recordcount %}{{ n }} mails{% endtrans %}",
            PLAIN + "2 mails",
        ),
        ({"optimized": False}, PAGE, PLAIN),
        ({"newline_sequence": "\r\n"}, PAGE + "\n.", PLAIN + "\r\n."),
    ],
)
def test_modes(
    fake: FakeClient, base: type[Environment], asynchronous: bool, options: dict[str, Any], source: str, expected: str
) -> None:
    """The tag does the same under every option of Jinja that changes how templates are read or run."""
    options = {"autoescape": False, **options, "extensions": [NAME, *options.get("extensions", ())], "enable_async": asynchronous}
    environment = base(**options)
    if "jinja2.ext.i18n" in options["extensions"]:
        environment.install_null_translations()  # type: ignore[attr-defined]
    environment.cfpop_settings = OPEN  # type: ignore[attr-defined]
    template = environment.from_string(source)
    assert expected == template.render()
    if asynchronous:
        assert expected == asyncio.run(template.render_async())
    assert 1 + asynchronous == len(fake.calls)


def test_native_environment(fake: FakeClient) -> None:
    """A native environment gives the query itself."""
    environment = NativeEnvironment(extensions=[NAME])
    mail: Any = environment.from_string("{% cfpop " + LOGIN + "name=mail %}{{ mail }}").render()
    assert 2 == mail.recordcount
    assert ["getHeaderOnly"] == [call.action for call in fake.calls]


def test_debug_extension_shows_no_mail(fake: FakeClient) -> None:
    """The debug extension prints the context: a query shows its size there and nothing of the mail."""
    environment = Environment(extensions=[NAME, "jinja2.ext.debug"], autoescape=True)
    text = environment.from_string("{% cfpop " + LOGIN + "name=mail %}{% debug %}").render()
    assert "Query(2 rows)" in text
    assert "ann@example.com" not in text
    assert 1 == len(fake.calls)


def test_concurrent_renders(fake: FakeClient) -> None:
    """Renders of one template at the same time keep their attributes apart."""
    environment = Environment(extensions=[NAME], enable_async=True, autoescape=True)
    template = environment.from_string(
        "{% cfpop server='h' username=user password='p' action=delete uid=user catch=e %}{{ user }}{{ e }}"
    )

    async def everybody() -> list[str]:
        return await asyncio.gather(*(template.render_async(user=f"u{number}") for number in range(20)))

    assert [f"u{number}None" for number in range(20)] == asyncio.run(everybody())
    assert {(f"u{number}", (f"u{number}",)) for number in range(20)} == {(call.username, call.uids) for call in fake.calls}


def test_bytecode_cache(fake: FakeClient, tmp_path: Path) -> None:
    """A template from a bytecode cache runs like a new one; one of another version of the protocol says what to do."""

    def page() -> Template:
        cache = FileSystemBytecodeCache(str(tmp_path))
        loader = DictLoader({"page": PAGE})
        return Environment(extensions=[NAME], loader=loader, bytecode_cache=cache, autoescape=True).get_template("page")

    assert [ESCAPED, ESCAPED] == [page().render(), page().render()]
    assert 1 == len(list(tmp_path.iterdir()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PROTOCOL", 99)
        with pytest.raises(TemplateRuntimeError, match="compiled by another version of cfml_pop"):
            page().render()
    assert 2 == len(fake.calls)


def test_module_loader(fake: FakeClient, tmp_path: Path) -> None:
    """Templates compiled to Python modules run, and errors know their names."""
    compiler = Environment(extensions=[NAME], loader=DictLoader({"page": PAGE}), autoescape=True)
    compiler.compile_templates(str(tmp_path), zip=None)
    environment = Environment(extensions=[NAME], loader=ModuleLoader(str(tmp_path)), autoescape=True)
    assert ESCAPED == environment.get_template("page").render()
    assert 1 == len(fake.calls)


def test_overlay(fake: FakeClient) -> None:
    """An overlay takes the settings that its base has when it is made; a later change of either is not the other's."""
    base = Environment(extensions=[NAME], autoescape=True)
    first, second = Settings(partial=True), Settings(idle_timeout=5)
    base.cfpop_settings = first  # type: ignore[attr-defined]
    overlay = base.overlay(block_start_string="<%", block_end_string="%>")
    source = PAGE.replace("{%", "<%").replace("%}", "%>")
    assert ESCAPED == overlay.from_string(source).render()
    overlay.cfpop_settings = second  # type: ignore[attr-defined]
    overlay.from_string(source).render()
    base.from_string(PAGE).render()
    other = base.overlay()
    base.cfpop_settings = second  # type: ignore[attr-defined]
    other.from_string(PAGE).render()
    assert [first, second, first, first] == fake.settings


def test_ways_to_load(fake: FakeClient) -> None:
    """The extension loads by class, by name, later, twice, and from a bare Template."""
    environment = Environment(autoescape=True)
    environment.add_extension(NAME)
    settings = Settings(partial=True)
    environment.cfpop_settings = settings  # type: ignore[attr-defined]
    environment.add_extension(CfpopExtension)
    assert settings is environment.cfpop_settings  # type: ignore[attr-defined]
    assert ESCAPED == environment.from_string(PAGE).render()
    assert PLAIN == Template(PAGE, extensions=[NAME]).render()
    assert 2 == len(fake.calls)
    assert NAME == CfpopExtension.identifier


def test_globals_of_the_host_stay() -> None:
    """A function that the host has put under our name is not replaced."""
    environment = Environment(autoescape=True)
    environment.globals["cfpop"] = "mine"
    environment.add_extension(NAME)
    assert "mine" == environment.globals["cfpop"]
    assert cfpop is Environment(extensions=[NAME], autoescape=True).globals["cfpop"]


def test_undeclared_variables() -> None:
    """Tools that look for a template's variables see those in attributes, and not the bound name."""
    environment = Environment(extensions=[NAME], autoescape=True)
    source = "{% cfpop server=host username='#user.name#' password=p name=mail catch=err %}{{ mail }}{{ err }}"
    assert {"host", "user", "p"} == meta.find_undeclared_variables(environment.parse(source))


def test_messages_for_translation_are_found() -> None:
    """Texts marked for translation inside attributes are found."""
    environment = Environment(extensions=[NAME, "jinja2.ext.i18n"], autoescape=True)
    source = "{% cfpop " + LOGIN + "name=mail uid=_('one') %}{{ _('two') }}"
    extracted = environment.extract_translations(source)  # type: ignore[attr-defined]
    assert ["one", "two"] == [message for _, _, message in extracted]


def test_runs_twice_where_a_block_is_shown_twice(fake: FakeClient) -> None:
    """A block that is shown twice runs its tag twice, as it runs everything else in it."""
    render("{% block b %}{% cfpop " + LOGIN + "name=mail %}{% endblock %}{{ self.b() }}")
    assert 2 == len(fake.calls)


def test_errors_point_into_the_template(fake: FakeClient) -> None:
    """In a traceback the last line of a template is the tag's."""
    environment = Environment(extensions=[NAME], loader=DictLoader({"page": "\n\n" + PAGE}), autoescape=True)

    def fail() -> None:
        raise KeyError

    fake.before = fail
    with pytest.raises(KeyError) as caught:
        environment.get_template("page").render()
    lines = [entry.lineno + 1 for entry in caught.traceback if re.search("template", entry.name)]
    assert 3 == lines[-1]


def test_no_state(fake: FakeClient) -> None:
    """Running a template leaves nothing on the extension."""
    environment = Environment(extensions=[NAME], autoescape=True)
    before = dict(vars(environment.extensions[NAME]))
    render(PAGE + "{{ cfpop(" + ARGUMENTS + ") }}", environment)
    assert before == vars(environment.extensions[NAME])
    assert 2 == len(fake.calls)
