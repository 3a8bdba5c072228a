"""The ready-made environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import DictLoader, FileSystemLoader

from cfml_pop.errors import AttributeFault
from cfml_pop.jinja import environment as module
from cfml_pop.jinja.environment import CFML_SYNTAX, cfml_environment, template_loader
from cfml_pop.settings import Settings
from tests.jinja_support import LOGIN, FakeClient, install


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    return install(monkeypatch)


def test_syntax(fake: FakeClient) -> None:
    """Statements stand in <% %>, output in {{ }}, comments in <%# #%>, which may hold statements."""
    source = (
        "<%# <% cfpop nonsense %> #%><% cfpop " + LOGIN + 'name="mail" %>\n<% for row in mail %>{{ row.subject }};<% endfor %>'
    )
    assert "\none &lt;1&gt;;two;" == cfml_environment().from_string(source).render()
    assert 1 == len(fake.calls)


@pytest.mark.parametrize(
    "text", ["a{#b}", "@media print{#menu{color:#fff}}", "{% if %}", "<a href='#'>50%</a>", "${x}", "100 % > 5"]
)
def test_page_text_is_left_alone(text: str) -> None:
    """Style sheets, Jinja's default statements and percent signs are text in these pages."""
    assert text == cfml_environment().from_string(text).render()


@pytest.mark.parametrize(
    ("name", "expected"), [("a.html", "&lt;"), ("a.cfm", "&lt;"), ("a", "&lt;"), ("a.txt", "<"), ("A.TXT", "<")]
)
def test_escaping(name: str, expected: str) -> None:
    """Values are escaped by the template's name: everywhere but in .txt, and in templates without a name."""
    environment = cfml_environment(loader=DictLoader({name: "{{ '<' }}"}))
    assert expected == environment.get_template(name).render()
    assert "&lt;" == environment.from_string("{{ '<' }}").render()


def test_settings_and_dialect() -> None:
    """The settings are the environment's; a dialect given beside them replaces theirs, and must exist."""
    settings = Settings(partial=True)
    environment = cfml_environment(settings=settings, dialect="DEFAULT")
    assert settings == environment.cfpop_settings  # type: ignore[attr-defined]
    with pytest.raises(AttributeFault, match="there is no dialect 'cobol'"):
        cfml_environment(dialect="cobol")
    with pytest.raises(AttributeFault, match="there is no dialect 'cobol'"):
        cfml_environment(settings=Settings(dialect="cobol"))


def test_options_win(fake: FakeClient) -> None:
    """Options of Jinja win over ours, and other extensions are loaded beside ours."""
    environment = cfml_environment(
        extensions=["jinja2.ext.do"], variable_start_string="[[", variable_end_string="]]", autoescape=False
    )
    source = "<% set found = [] %><% do found.append(1) %><% cfpop " + LOGIN + "name=mail %>[[ found ]][[ mail.subject ]]"
    assert "[1]one <1>" == environment.from_string(source).render()
    assert 1 == len(fake.calls)
    assert None is cfml_environment(loader=None).loader


def test_syntax_is_a_set_of_jinja_options() -> None:
    """The delimiters alone can be given to an environment of the host's own."""
    assert {"<%", "%>", "{{", "}}", "<%#", "#%>"} == set(CFML_SYNTAX.values())


def test_template_loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loader finds the templates inside the package first, then beside it, and says so when there are none."""
    package = tmp_path / "cfml_pop"
    package.mkdir()
    monkeypatch.setattr(module, "HERE", package)
    with pytest.raises(FileNotFoundError, match="templates"):
        template_loader()
    for folder in (tmp_path / "templates", package / "templates"):
        folder.mkdir()
        loader = template_loader()
        assert isinstance(loader, FileSystemLoader)
        assert [str(folder)] == loader.searchpath
