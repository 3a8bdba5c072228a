"""The encoders; the cases are answers of Lucee 5.4, but those that say otherwise. What they write is read by the readers of
others."""

from __future__ import annotations

import html
import json
import pickle
import re
import shutil
import subprocess
import urllib.parse
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Any

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from cfml_pop.cfml.escaped import Escaped, is_escaped
from cfml_pop.cfml.functions.encoders import FAMILY
from cfml_pop.errors import FunctionFault
from tests.functions_text_support import Case, call, said, without_a_case

MIXED = "a,b.c-d_e f\x01\t\r\x7f\x96\xa0中Ω"

CASES: list[Case] = [
    ("htmlEditFormat", ('<a href="x">&amp;',), "&lt;a href=&quot;x&quot;&gt;&amp;amp;"),
    ("htmlEditFormat", ("a\r\nb",), "a\nb"),
    ("htmlEditFormat", ("é€",), "é€"),
    ("htmlEditFormat", ("<", -1), "&lt;"),
    ("htmlEditFormat", ("",), ""),
    ("htmlEditFormat", ("'",), "&#39;"),  # Lucee leaves it
    ("htmlEditFormat", (Escaped("&lt;"),), "&amp;lt;"),
    ("htmlCodeFormat", ('<a>"',), "<pre>&lt;a&gt;&quot;</pre>"),
    ("htmlCodeFormat", ("a\r\nb",), "<pre>a\nb</pre>"),
    ("htmlCodeFormat", ("",), "<pre></pre>"),
    ("xmlFormat", ('<a b="c">\'&',), "&lt;a b=&quot;c&quot;&gt;&apos;&amp;"),
    ("xmlFormat", ("<node>Good &amp; Juicy</node>",), "&lt;node&gt;Good &amp;amp; Juicy&lt;/node&gt;"),
    ("xmlFormat", ("é€\t\n",), "é€\t\n"),
    ("xmlFormat", ("\x01",), "\ufffd"),  # Lucee leaves it, and the XML is none
    ("encodeForHTML", ('<a href="x">\'&/é\n',), "&lt;a href&#x3d;&quot;x&quot;&gt;&#x27;&amp;&#x2f;&eacute;&#xa;"),
    ("encodeForHTML", (MIXED,), "a,b.c-d_e f&#xfffd;&#x9;&#xd;&#xfffd;&#xfffd;&nbsp;&#x4e2d;&Omega;"),
    ("encodeForHTML", ("&lt;", True), "&lt;"),
    ("encodeForHTML", ("%26lt%3B", True), "&lt;"),
    ("encodeForHTML", ("",), ""),
    ("encodeForHTML", ("\U0001f600",), "&#x1f600;"),  # Lucee writes half of it
    ("encodeForHTMLAttribute", ('<a href="x">\'& é\n',), "&lt;a&#x20;href&#x3d;&quot;x&quot;&gt;&#x27;&amp;&#x20;&eacute;&#xa;"),
    ("encodeForHTMLAttribute", (MIXED,), "a,b.c-d_e&#x20;f&#xfffd;&#x9;&#xd;&#xfffd;&#xfffd;&nbsp;&#x4e2d;&Omega;"),
    ("encodeForXML", ('<a b="c">\'&é\n',), "&#x3c;a b&#x3d;&#x22;c&#x22;&#x3e;&#x27;&#x26;&#xe9;&#xa;"),
    ("encodeForXML", ("a,b.c-d_e f\r\x7f\x96\xa0中Ω",), "a,b.c-d_e f&#xd;&#x7f;&#x96;&#xa0;&#x4e2d;&#x3a9;"),
    ("encodeForXML", ("\x01",), "&#xfffd;"),  # Lucee writes what no reader takes
    ("encodeForXMLAttribute", ('<a b="c">\'& é',), "&#x3c;a b&#x3d;&#x22;c&#x22;&#x3e;&#x27;&#x26; &#xe9;"),
    ("encodeForXMLAttribute", ("\t",), "&#x9;"),  # Lucee leaves it, and the reader makes it a blank
    ("encodeForJavaScript", ("a\"b'c\\</script>é\n",), r"a\x22b\x27c\x5C\x3C\x2Fscript\x3E\xE9\x0A"),
    ("encodeForJavaScript", (MIXED,), r"a,b.c\x2Dd_e\x20f\x01\x09\x0D\x7F\x96\xA0\u4E2D\u03A9"),
    ("encodeForCSS", ('a b"<',), r"a\20 b\22 \3c "),
    ("encodeForCSS", (MIXED,), r"a\2c b\2e c\2d d\5f e\20 f\1 \9 \d \7f \96 \a0 \4e2d \3a9 "),
    ("encodeForURL", ("a b&é~*+",), "a+b%26%C3%A9%7E*%2B"),
    ("encodeForURL", ("a,b.c-d_e f\x01中Ω",), "a%2Cb.c-d_e+f%01%E4%B8%AD%CE%A9"),
    ("encodeForURL", ("&lt;", True), "%3C"),
    ("urlEncodedFormat", ("a b&c=d/é~*-_.",), "a%20b%26c%3Dd%2F%C3%A9%7E%2A%2D%5F%2E"),
    ("urlEncodedFormat", ("!'()@+,;:$",), "%21%27%28%29%40%2B%2C%3B%3A%24"),
    ("urlEncodedFormat", ("é", "iso-8859-1"), "%E9"),
    ("urlEncodedFormat", ("\x80中 ",), "%C2%80%E4%B8%AD%20"),
    ("urlEncodedFormat", ("",), ""),
    ("urlDecode", ("a+b%20c%C3%A9",), "a b cé"),
    ("urlDecode", ("%E9", "iso-8859-1"), "é"),
    ("urlDecode", ("100%",), "100%"),
    ("urlDecode", ("%zz%4",), "%zz%4"),
    ("urlDecode", ("%u4e2d",), "%u4e2d"),
    ("urlDecode", ("%C3",), "\ufffd"),
    ("urlDecode", ("a%00b",), "a\x00b"),
    ("decodeFromURL", ("a+b%20c",), "a b c"),
    ("decodeForHTML", ("&lt;a&gt;&eacute;&#x41;&#65;&amp;lt;",), "<a>éAA&lt;"),
    ("decodeForHTML", (f"&#{'9' * 5000};&#{'0' * 5000}65;&#x{'0' * 5000}42;",), "\ufffdAB"),
    ("decodeForHTML", ("&apos;",), "'"),  # Lucee leaves it
    ("jsStringFormat", ("c\\d\n\r\t\f\b",), r"c\\d\n\r\t\f\b"),
    ("jsStringFormat", ("a\"b'c",), r"a\u0022b\u0027c"),  # Lucee: \" and \'
    ("jsStringFormat", ("</script>",), r"\u003c/script\u003e"),  # Lucee leaves it
    ("jsStringFormat", ("\ud800",), r"\ud800"),
    ("jsStringFormat", ("\x01\u2028\x0b\x00",), r"\u0001\u2028\u000b\u0000"),
]

MARKED = (
    "htmlEditFormat",
    "htmlCodeFormat",
    "xmlFormat",
    "encodeForHTML",
    "encodeForHTMLAttribute",
    "encodeForXML",
    "encodeForXMLAttribute",
)
OTHERS = ("encodeForJavaScript", "encodeForCSS", "encodeForURL", "urlEncodedFormat", "jsStringFormat")

# Python's reader of HTML drops references to noncharacters, as U+FDD0.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]) | st.sampled_from("<>&'\"\\ /%+#;\n\t"))


@pytest.mark.parametrize(("name", "given_", "expected"), CASES)
def test_cases(name: str, given_: tuple[Any, ...], expected: str) -> None:
    """Each function gives what Lucee gives, but where it says otherwise."""
    assert expected == call(FAMILY, name, *given_)


def test_every_function_has_a_case() -> None:
    """Every function names its source and is called by the table."""
    assert [] == without_a_case(FAMILY, CASES)
    assert set(MARKED) == {name for name, given_, _ in CASES if isinstance(call(FAMILY, name, *given_), Escaped)}


def test_faults() -> None:
    """A character set that is none is one error that says which there are."""
    with pytest.raises(FunctionFault) as caught:
        call(FAMILY, "urlEncodedFormat", "a", "rot13")

    expected = "urlEncodedFormat(): charset must be a character set, as utf-8, iso-8859-1 or windows-1252, not 'rot13'"
    assert expected == said(caught.value)


@pytest.mark.parametrize("name", MARKED + OTHERS)
@given(text=st.text())
def test_autoescaping_changes_nothing(name: str, text: str) -> None:
    """What an encoder gives comes out of an escaping template as it is, and ends neither element nor attribute."""
    encoded = call(FAMILY, name, text)
    printed = jinja2.Environment(autoescape=True).from_string("{{ x }}").render(x=encoded)

    assert str.__str__(encoded) == printed
    inner = printed[5:-6] if name == "htmlCodeFormat" else printed
    assert not set("<>\"'") & set(inner)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(name, value) for name, value in attrs if tag == "p"]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("name", ["htmlEditFormat", "encodeForHTML", "encodeForHTMLAttribute", "xmlFormat"])
@given(text=TEXTS)
def test_html_is_read_back(name: str, text: str) -> None:
    """A reader of HTML finds the text again, in an element and in an attribute with quotes of either kind."""
    encoded = call(FAMILY, name, text)
    reader = _Reader()
    reader.feed(f"<p title=\"{encoded}\" lang='{encoded}'>{encoded}</p>")
    reader.close()

    assert text == "".join(reader.texts)
    assert [("title", text), ("lang", text)] == reader.attributes


@pytest.mark.parametrize("name", ["encodeForXML", "encodeForXMLAttribute"])
@given(text=TEXTS)
def test_xml_is_read_back(name: str, text: str) -> None:
    """A reader of XML finds the text again, in an element and in an attribute; U+FFFE and the like as U+FFFD."""
    expected = re.sub("[\ufffe\uffff]", "\ufffd", text)
    encoded = call(FAMILY, name, text)
    element = ET.fromstring(f'<a b="{encoded}">{encoded}</a>')  # noqa: S314 - text of this test

    assert expected == (element.text or "")
    assert expected == element.get("b")


@given(st.text())
def test_xml_format_is_read_back(text: str) -> None:
    """A reader of XML takes whatever xmlFormat gives, and reads what XML can hold."""
    element = ET.fromstring(f"<a>{call(FAMILY, 'xmlFormat', text)}</a>")  # noqa: S314 - text of this test
    held = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", text)

    assert re.sub("\r\n?", "\n", held) == (element.text or "")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_url_is_read_back(text: str) -> None:
    """urlDecode reads what the encoders of URLs write, and so does urllib."""
    for name in ("urlEncodedFormat", "encodeForURL"):
        encoded = call(FAMILY, name, text)
        assert text == call(FAMILY, "urlDecode", encoded)
        assert text == call(FAMILY, "decodeFromURL", encoded)
        assert [("x", text)] == urllib.parse.parse_qsl(f"x={encoded}", keep_blank_values=True)


@given(st.text(st.characters(max_codepoint=0xFF)))
def test_url_in_another_character_set(text: str) -> None:
    """The character set of both directions is the one given."""
    assert text == call(FAMILY, "urlDecode", call(FAMILY, "urlEncodedFormat", text, "iso-8859-1"), "iso-8859-1")


@given(st.text())
def test_html_decoded(text: str) -> None:
    """decodeForHTML reads what encodeForHTML writes, as Python's reader does."""
    encoded = call(FAMILY, "encodeForHTML", text)

    assert html.unescape(encoded) == call(FAMILY, "decodeForHTML", encoded)


@given(st.text())
def test_script_text_is_json(text: str) -> None:
    """What jsStringFormat gives is the inside of a string of JSON, and that string is the text."""
    assert text == json.loads(f'"{call(FAMILY, "jsStringFormat", text)}"')


@pytest.mark.skipif(not shutil.which("node"), reason="needs node")
@pytest.mark.may_skip("node is not on every machine; test_script_text_is_json checks jsStringFormat without it")
def test_script_text_in_javascript() -> None:
    """JavaScript reads every character of the basic plane and beyond back from both encoders, in quotes of either kind."""
    text = "".join(map(chr, range(0xD800))) + "".join(map(chr, range(0xE000, 0x10010)))
    lines = [
        f"console.log({quote}{call(FAMILY, name, text)}{quote} === text)"
        for name in ("jsStringFormat", "encodeForJavaScript")
        for quote in "'\""
    ]
    script = "\n".join([f"const text = {json.dumps(text)};", *lines])
    done = subprocess.run(["node", "-"], input=script.encode(), capture_output=True, timeout=60, check=True)

    assert ["true"] * 4 == done.stdout.decode().split()


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_css_is_read_back(text: str) -> None:
    """Read as CSS reads escapes, what encodeForCSS gives is the text; a zero is U+FFFD there."""
    read = re.sub(r"\\([0-9a-f]{1,6}) ", lambda found: chr(int(found[1], 16)), call(FAMILY, "encodeForCSS", text))

    assert text.replace("\x00", "\ufffd") == read


def test_marked_text_loses_its_mark() -> None:
    """What is made of marked text is not marked, if it is another text: a part of it, or it with more, need not be HTML."""
    marked = Escaped("&lt;b&gt;")
    made = {
        "+": marked + "<",
        "r+": "<" + marked,
        "*": marked * 1,
        "%": marked % (),
        "slice": marked[:],
        "index": marked[0],
        "join": "".join([marked]),  # noqa: FLY002 - join is what is tested
        "f": f"{marked}",
        "str": str(marked),
    }
    arguments: dict[str, tuple[Any, ...]] = {
        "center": (1,), "ljust": (1,), "rjust": (1,), "zfill": (1,), "join": (["a"],), "replace": ("x", "y"), "translate": ({},),
        "removeprefix": ("x",), "removesuffix": ("x",), "format_map": ({},), "partition": ("x",), "rpartition": ("x",),
    }  # fmt: skip
    for name in dir(str):
        if not name.startswith("_") and name not in (
            "encode",
            "maketrans",
            "count",
            "endswith",
            "startswith",
            "find",
            "rfind",
            "index",
            "rindex",
        ):
            made[name] = getattr(marked, name)(*arguments.get(name, ()))
    flat = {name: value if isinstance(value, (list, tuple)) else [value] for name, value in made.items()}

    assert [] == [name for name, values in flat.items() if any(is_escaped(value) and value != marked for value in values)]
    assert [] == [name for name in ("+", "r+", "slice", "join", "f", "str", "replace") if is_escaped(made[name])]
    assert {"capitalize", "strip", "expandtabs", "replace", "split", "title"} <= set(flat)


def test_marked_text_in_templates() -> None:
    """In a template marked text is escaped once: alone, joined by ~, and put into markup; what is added to it is escaped."""
    environment = jinja2.Environment(autoescape=True)
    marked = call(FAMILY, "htmlEditFormat", "<b>")

    assert "&lt;b&gt;" == environment.from_string("{{ x }}").render(x=marked)
    assert "&lt;b&gt;&lt;i&gt;" == environment.from_string("{{ x ~ '<i>' }}").render(x=marked)
    assert "&amp;lt;b&amp;gt;&lt;i&gt;" == environment.from_string("{{ x + '<i>' }}").render(x=marked)
    assert "&lt;b&gt;" == Markup("") + marked
    assert is_escaped(pickle.loads(pickle.dumps(marked)))  # noqa: S301 - of this test
