"""The filters mail_html and mail_text."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from jinja2 import Environment, StrictUndefined, UndefinedError
from jinja2.sandbox import SandboxedEnvironment

from cfml_pop import MissingExtra, Query, Settings, cfml_environment
from cfml_pop.cfml.cells import Attachment, AttachmentText

BIKE = Attachment("bike.png", "image/png", "bike@example.net", 70, "/saved/bike.png")
PICTURE = '<p>Hi <img src="cid:bike%40example.net" alt="bike"><script>x</script></p>'


def row(**columns: object) -> Any:
    cells = {"textbody": "", "htmlbody": "", "attachments": AttachmentText("", ()), **columns}
    return next(iter(Query.from_rows(tuple(cells), [cells])))


def render(source: str, *, settings: Settings | None = None, **variables: object) -> str:
    return cfml_environment(settings=settings).from_string(source).render(variables)


def test_html_is_escaped_unless_cleaned() -> None:
    """The column prints as text; through the filter it is HTML, without what is dangerous."""
    mail = row(htmlbody="<b>x</b><script>y</script>")

    assert "&lt;b&gt;x&lt;/b&gt;&lt;script&gt;y&lt;/script&gt;" == render("{{ row.htmlbody }}", row=mail)
    assert "<b>x</b>" == render("{{ row.htmlbody|mail_html }}", row=mail)
    assert "<b>x</b>" == render("{{ row.htmlbody|safe|mail_html }}", row=mail)


def test_pictures_of_the_mail() -> None:
    """With the attachments of the row, the host's function gets the entry and says the address."""
    seen = []

    def address(entry: Attachment) -> str:
        seen.append(entry)
        return f"/pictures/{entry.name}"

    mail = row(htmlbody=PICTURE, attachments=AttachmentText("bike.png", (BIKE,)))
    settings = Settings(inline_image=address)

    assert 'src="/pictures/bike.png"' in render("{{ row.htmlbody|mail_html(row.attachments) }}", settings=settings, row=mail)
    assert 'src="/pictures/bike.png"' in render(
        "{{ row.htmlbody|mail_html(row.attachments.entries) }}", settings=settings, row=mail
    )
    assert [BIKE, BIKE] == seen
    assert "src=" not in render("{{ row.htmlbody|mail_html }}", settings=settings, row=mail)
    assert "src=" not in render("{{ row.htmlbody|mail_html(row.attachments) }}", row=mail)


def test_a_function_for_one_call() -> None:
    """`inline_image=` in the call stands in for the one of the settings."""
    mail = row(htmlbody=PICTURE, attachments=AttachmentText("bike.png", (BIKE,)))
    source = "{{ row.htmlbody|mail_html(row.attachments, inline_image=address) }}"

    assert 'src="/bike.png"' in render(source, row=mail, address=lambda entry: f"/{entry.name}")


def test_a_template_cannot_forge_an_attachment() -> None:
    """Only entries of a column reach the host's function: it may read the file that an entry names."""
    settings = Settings(inline_image=lambda entry: f"/{entry.path}")
    forged = "{{ text|mail_html([namespace(content_id='bike@example.net', path='etc/passwd', content_type='image/png')]) }}"

    for source in (forged, "{{ text|mail_html('x') }}", "{{ text|mail_html(5) }}", "{{ text|mail_html(nothing) }}"):
        assert "src=" not in render(source, settings=settings, text=PICTURE)


def test_remote_pictures() -> None:
    """They are blocked unless asked for, and the template can say so."""
    source = "<% set shown = row.htmlbody|mail_html %>{{ shown.blocked|length }}{{ shown.reduced }}"
    mail = row(htmlbody="<img src=https://example.org/a.png>")

    assert "1" == render(source, row=mail)
    assert 'src="https://example.org/a.png"' in render("{{ row.htmlbody|mail_html(remote_images=true) }}", row=mail)
    assert "src=" not in render("{{ row.htmlbody|mail_html(remote_images='no') }}", row=mail)


def test_the_limit_of_the_settings() -> None:
    """`html_limit` says how much is cleaned; more is text, and still escaped."""
    settings = Settings(html_limit=20)

    assert '<pre style="white-space:pre-wrap">a &lt; b</pre>' == render(
        "{{ t|mail_html }}", settings=settings, t="<p>a &lt; b</p>        "
    )
    assert "a &lt; b" == render("{{ t|mail_text }}", settings=settings, t="<p>a &lt; b</p>        ")
    with pytest.raises(ValueError, match="html_limit"):
        Settings(html_limit=-1)


def test_text_of_a_row() -> None:
    """A row gives its text, or else the text of its HTML; what comes out is text, which autoescape escapes."""
    assert "1 &lt; 2\n  &lt;b&gt;" == render("{{ row|mail_text }}", row=row(textbody="1 < 2\n  <b>", htmlbody="<p>no"))
    assert "a &lt; b" == render("{{ row|mail_text }}", row=row(textbody=" \r\n", htmlbody="<p>a &lt; b</p>"))
    assert "" == render("{{ row|mail_text }}", row=row())


def test_plain_text_is_left_alone() -> None:
    """Text without a tag of HTML comes back as it is."""
    text = "Kim <kim@example.org> wrote:\r\n> x &amp; y\r\n\r\n\r\n  -- "

    assert text == str(cfml_environment(autoescape=False).from_string("{{ t|mail_text }}").render(t=text))
    assert "x" == render("{{ t|mail_text }}", t="<p>x</p>")


def test_undefined_and_none() -> None:
    """What is undefined stays so, also for a strict environment; None is nothing."""
    assert "[][]" == render("[{{ x|mail_html }}][{{ x|mail_text }}]")
    assert "[][]" == render("[{{ x|mail_html }}][{{ x|mail_text }}]", x=None)
    environment = Environment(extensions=["cfml_pop.CfpopExtension"], undefined=StrictUndefined, autoescape=True)
    with pytest.raises(UndefinedError):
        environment.from_string("{{ x|mail_html }}").render()


def test_in_a_sandbox() -> None:
    """Cleaning asks no server, so a sandbox allows it at once."""
    environment = SandboxedEnvironment(extensions=["cfml_pop.CfpopExtension"], autoescape=True)

    assert "<b>x</b>" == environment.from_string("{{ '<b onclick=y>x</b>'|mail_html }}").render()


def test_filters_of_the_host_stay() -> None:
    """A host's filters and test of these names are not replaced."""
    environment = Environment(autoescape=True)
    environment.filters["mail_html"] = environment.filters["mail_text"] = str.upper
    environment.tests["cleanable"] = str.isupper
    environment.add_extension("cfml_pop.CfpopExtension")

    assert "A B False" == environment.from_string("{{ 'a'|mail_html }} {{ 'b'|mail_text }} {{ 'c' is cleanable }}").render()


def test_without_nh3(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the sanitizer the filter is an error that says what to install, and a template can ask first."""
    assert "yes" == render("{{ 'yes' if 'x' is cleanable else 'no' }}")
    monkeypatch.setitem(sys.modules, "nh3", None)

    assert "no" == render("{{ 'yes' if 'x' is cleanable else 'no' }}")
    with pytest.raises(MissingExtra, match=r"pip install 'cfml-pop\[html\]'") as caught:
        render("\n{{ '<p>x'|mail_html }}")
    assert 2 == caught.value.lineno
