"""`#expr#` in quoted values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, TemplateSyntaxError
from jinja2.ext import Extension

from cfml_pop.errors import AttributeFault
from cfml_pop.jinja.interpolation import split
from tests.jinja_support import FakeClient, install, render

TAG = '{% cfpop server="h" username="u" password="p" action="delete" uid=UID %}'


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    return install(monkeypatch)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(False, "", 0)]),
        ("a", [(False, "a", 0)]),
        ("##", [(False, "#", 0)]),
        ("a##b", [(False, "a#b", 0)]),
        ("#x#", [(True, "x", 0)]),
        ("# x #", [(True, " x ", 0)]),
        ("#x##y#", [(True, "x", 0), (True, "y", 0)]),
        ("###x#", [(False, "#", 0), (True, "x", 0)]),
        ("#x###", [(True, "x", 0), (False, "#", 0)]),
        ("a #x# b", [(False, "a ", 0), (True, "x", 0), (False, " b", 0)]),
        ("#x['#']#", [(True, "x['#']", 0)]),
        ("#'\\'#'#", [(True, "'\\'#'", 0)]),
        ("a\n#x#\n#y#", [(False, "a\n", 0), (True, "x", 1), (False, "\n", 0), (True, "y", 2)]),
    ],
)
def test_split(text: str, expected: list[tuple[bool, str, int]]) -> None:
    """A text is cut into plain pieces and expressions; ## is #, and a # in an expression's own quotes does not end it."""
    assert expected == split(text)


@pytest.mark.parametrize("text", ["#", "a#b", "#x", "###", "# #", "#'#", "it's #1"])
def test_split_refuses(text: str) -> None:
    """A # without a second one, or with nothing between, is refused with the remedy."""
    with pytest.raises(ValueError, match="write ## for the character #"):
        split(text)


@given(st.lists(st.one_of(st.text("ab #'\"\n\\"), st.sampled_from([("x",), ("y.z",), ("a['#']",)]))))
def test_what_is_written_comes_back(parts: list[str | tuple[str]]) -> None:
    """A text made of escaped plain parts and expressions is cut into just those parts."""
    source = "".join(f"#{part[0]}#" if isinstance(part, tuple) else part.replace("#", "##") for part in parts)
    actual: list[str | tuple[str]] = []
    for computed, piece, _ in split(source):
        actual.append((piece,) if computed else piece)
    expected: list[str | tuple[str]] = []
    for part in parts:
        if part and isinstance(part, str) and expected and isinstance(expected[-1], str):
            expected[-1] += part
        elif part:
            expected.append(part)
    assert (expected or [""]) == actual


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"#a#"', ("1", "2")),
        ('"# a #"', ("1", "2")),
        ('"x#n#,#n#y"', ("x3", "3y")),
        ('"##n##"', ("#n#",)),
        ("'#d[\"k\"]#'", ("v",)),
        ("\"#d['k']#\"", ("v",)),
        ("\"#a|join('-')#\"", ("1-2",)),
        ('"#{"k": {"l": "m"}}["k"]["l"]#"'.replace('"', "'").replace("'#", '"#', 1)[:-1] + '"', ("m",)),
        ('"p&#m#"', ("p&<b>",)),
    ],
)
@pytest.mark.parametrize("autoescape", [True, False])
def test_values(fake: FakeClient, autoescape: bool, value: str, expected: tuple[str, ...]) -> None:
    """One expression alone gives its object, several are joined; nothing is ever escaped on its way to the server."""
    environment = Environment(extensions=["cfml_pop.CfpopExtension"], autoescape=autoescape)  # noqa: S701
    render(
        TAG.replace("UID", value),
        environment,
        a=["1", "2"],
        n=3,
        d={"k": "v"},
        m=environment.from_string("<b>").module.__html__(),
    )
    assert expected == fake.call.uids


def test_values_at_run_time_are_not_searched(fake: FakeClient) -> None:
    """A # in a value that arrives at run time is a plain character."""
    render(TAG.replace("UID", '"#x#"'), x="#boom()#")
    assert ("#boom()#",) == fake.call.uids
    render(TAG.replace("UID", '"a#x#"'), x="#boom()#")
    assert ("a#boom()#",) == fake.call.uids


@pytest.mark.parametrize("value", [None, True, [1], {"a": 1}])
def test_only_text_and_numbers_are_joined(fake: FakeClient, value: object) -> None:
    """What is neither text nor number is not joined to text by chance."""
    with pytest.raises(AttributeFault, match="uid must be text, not "):
        render(TAG.replace("UID", '"a#x#"'), x=value)
    assert [] == fake.calls


@pytest.mark.parametrize(
    ("value", "text", "line"),
    [
        ('"#1 +#"', "unexpected 'end' in #1 +#; write ## for the character #", 1),
        ('"\n\n#a b#"', "unexpected 'b' in #a b#; write ## for the character #", 3),
        ('"\n#?#"', "unexpected char '?' at 0 in #?#; write ## for the character #", 2),
        ('"#a}}b#"', "unexpected '}}' in #a}}b#; write ## for the character #", 1),
        ('"\n# #"', "there is nothing between # and #; write ## for the character #", 1),
        ('"a #"', "a # has no second # after it; write ## for the character #", 1),
    ],
)
def test_faults(value: str, text: str, line: int) -> None:
    """An expression that cannot be read is an error on its own line, with the remedy for a # that was meant as such."""
    with pytest.raises(TemplateSyntaxError) as caught:
        render("\n" + TAG.replace("UID", value))
    assert (f"cfpop: uid: {text}", line + 1) == (caught.value.message, caught.value.lineno)


def test_line_ends_that_are_escapes() -> None:
    """A line end that comes from an escape does not move the line of a fault."""
    with pytest.raises(TemplateSyntaxError) as caught:
        render("\n" + TAG.replace("UID", '"\\n\\n\\n#a b#"'))
    assert 2 == caught.value.lineno


SEEN: list[str] = []


class Preprocessing(Extension):
    """An extension that sees every source before it is read."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002 - Jinja's signature
        SEEN.append(source)
        return source


def test_fragments_are_not_preprocessed(fake: FakeClient) -> None:
    """Other extensions see the template once, and never an expression inside a value."""
    SEEN.clear()
    environment = Environment(extensions=["cfml_pop.CfpopExtension", Preprocessing], autoescape=True)
    source = TAG.replace("UID", '"a#x#"')
    render(source, environment, x="1")
    assert [source] == SEEN
    assert ("a1",) == fake.call.uids
