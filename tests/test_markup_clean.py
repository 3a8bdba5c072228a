"""HTML of a mail, cleaned."""

from __future__ import annotations

import copy
import dataclasses
import html
import pickle
import re
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfml_pop import CleanHTML, MissingExtra, clean_html, picture_url
from cfml_pop.markup.plain import plain_text
from cfml_pop.markup.policy import ATTRIBUTES, TAGS
from cfml_pop.markup.styles import safe_style
from cfml_pop.message.message import Message
from cfml_pop.testing import sample_messages
from tests.markup_vectors import VECTORS
from tests.servers.recorder import Recorder, recorder

HERE = Path(__file__).parent
# Written down once more, so that a slip in the policy is seen.
NEVER = frozenset(
    [
        "applet",
        "base",
        "body",
        "button",
        "embed",
        "form",
        "frame",
        "frameset",
        "head",
        "html",
        "iframe",
        "input",
        "link",
        "math",
        "meta",
        "noscript",
        "object",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
    ]
)
NEVER_ATTRIBUTES = frozenset(
    [
        "action",
        "autofocus",
        "cite",
        "class",
        "contenteditable",
        "data",
        "form",
        "formaction",
        "id",
        "longdesc",
        "name",
        "ping",
        "poster",
        "srcdoc",
        "srcset",
        "tabindex",
        "usemap",
    ]
)
GENERAL = ATTRIBUTES["*"] | {"rel", "target", "referrerpolicy"}


@dataclasses.dataclass
class File:
    """As much of an attachment as a picture needs."""

    content_id: str
    path: str = ""
    content_type: str = "image/gif"


def elements(text: str, *, scripting: bool = True) -> list[Any]:
    """The elements that a browser builds of `text`, by the algorithm of the HTML standard."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree: Any = html5lib.parseFragment(text, treebuilder="etree", scripting=scripting)
    return list(tree.iter())[1:]


def faults(text: str) -> list[str]:
    """What in `text` the policy does not know, and each address that is none of a link to the net."""
    found = []
    for scripting in (True, False):
        for element in elements(text, scripting=scripting):
            if not isinstance(element.tag, str):
                found.append("a comment")
                continue
            name = element.tag.removeprefix("{http://www.w3.org/1999/xhtml}")
            if name not in TAGS or name in NEVER:
                found.append(f"<{name}>")
            for attribute, value in element.attrib.items():
                if (
                    attribute not in ATTRIBUTES.get(name, set()) | GENERAL
                    or attribute in NEVER_ATTRIBUTES
                    or attribute[:2] == "on"
                ):
                    found.append(f"{name} {attribute}")
                elif attribute in ("src", "background"):
                    found.append(f"{attribute}={value}")
                elif attribute == "href" and not re.match(r"(https?://|mailto:|tel:)", value):
                    found.append(f"href={value}")
                elif attribute == "style" and re.search(
                    r"url|\\|@|expression|position|image\s*\(|image-set|[{}<]|:\s*-|behavior|binding", value
                ):
                    found.append(f"style={value}")
    return found


@pytest.mark.parametrize("vector", VECTORS)
def test_nothing_evil_is_left(vector: str) -> None:
    """Of a vector only tags, attributes and addresses of the policy are left, also when it stands in the middle of other HTML."""
    for text in (vector, f"<p>a{vector}</p>b", f"<table><tr><td>{vector}</table>", f'<a title="{vector}'):
        assert [] == faults(clean_html(text))


@pytest.mark.parametrize("vector", VECTORS)
def test_cleaning_twice_changes_nothing(vector: str) -> None:
    """What was cleaned is read again as the same elements and the same text: nothing can wake up when a browser reads it."""
    once = clean_html(vector)

    assert shape(once) == shape(clean_html(once))


def shape(text: str) -> list[tuple[Any, ...]]:
    return [(element.tag, element.text, element.tail, sorted(element.attrib.items())) for element in elements(text)]


@pytest.mark.parametrize(
    "text",
    [
        "<script>x</script>",
        "<p onclick=x>",
        "<a href=javascript:x>",
        "<img src=http://evil.test/>",
        "<p style='top:url(x)'>",
        "<!--x-->",
    ],
)
def test_faults_are_seen(text: str) -> None:
    """The check of the tests above sees what it is there for."""
    assert 0 < len(faults(text))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(VECTORS),
            st.sampled_from(
                ["<svg>", "<math>", "<style>", "</style>", "<table>", "<td>", "<a title='", "'>", '">', "<!--", "-->", "x"]
            ),
            st.sampled_from(
                ["<mtext>", "<mglyph>", "<desc>", "<select>", "</svg>", "</table>", "<p>", "<noscript>", "</noscript>", "&lt;"]
            ),
        ),
        max_size=6,
    ).map("".join)
)
def test_nothing_evil_is_left_of_a_mixture(text: str) -> None:
    """Vectors cannot help each other."""
    cleaned = clean_html(text)

    assert [] == faults(cleaned)
    assert [] == faults(clean_html(cleaned))


# -- in a browser -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def evil() -> Iterator[Recorder]:
    """A proxy that answers for every host. `asked` has the addresses."""
    with recorder() as server:
        yield server


def browse(chromium: str, proxy: Recorder, folder: Path, bodies: list[str]) -> tuple[str, list[str]]:
    """The page's title after all bodies were put in, and what was asked of evil.test. Each is parsed as part of the page, and
    again as innerHTML, as scripts of a page would do."""
    (folder / "page.html").write_text(
        "<!doctype html><meta charset=utf-8><title>untouched</title>"
        "<script>let count = 0; function pwned() { count += 1; document.title = 'pwned ' + count }</script>"
        + "".join(f"<div class=mail>{body}</div>" for body in bodies)
        + "<script>for (const mail of document.querySelectorAll('.mail')) {"
        " mail.innerHTML = mail.innerHTML; for (const link of mail.querySelectorAll('a')) { link.target = ''; "
        " if (/^(javascript|data|vbscript)/i.test(link.protocol)) link.click() } }</script>",
        "utf-8",
    )
    command = [
        *(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--dump-dom"),
        f"--proxy-server=http://127.0.0.1:{proxy.server_port}",
        f"--user-data-dir={folder / 'profile'}",
        (folder / "page.html").as_uri(),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", timeout=100, check=True)
    title = re.findall(r"<title>(.*?)</title>", done.stdout)[0]
    return title, [path for path in proxy.asked if "evil.test" in path]


def test_nothing_runs_in_a_browser(chromium: str, evil: Recorder, tmp_path: Path) -> None:
    """All vectors, cleaned, in one page of a real browser: no script runs, and nothing is asked for."""
    assert ("untouched", []) == browse(chromium, evil, tmp_path, [clean_html(vector) for vector in VECTORS])


@pytest.mark.parametrize(
    ("vector", "runs", "asks"),
    [
        ("<img src=x onerror=pwned()>", True, False),
        ("<a href='java\nscript:pwned()'>x</a>", True, False),
        ("<noscript><p title='</noscript><img src=x onerror=pwned()>'>", True, False),
        ("<p style='background:u\\72l(http://evil.test/13.gif)'>x</p>", False, True),
    ],
)
def test_a_browser_would_run_it(chromium: str, evil: Recorder, tmp_path: Path, vector: str, runs: bool, asks: bool) -> None:
    """The test above can fail: the same page with a vector as it was sent shows that it ran or asked."""
    title, asked = browse(chromium, evil, tmp_path, [vector])

    assert (runs, asks) == (title.startswith("pwned"), bool(asked))


# -- links and pictures -------------------------------------------------------------------------------------------------------


def test_links() -> None:
    """Links to the net, to an address and to a number stay, and open a window that knows nothing of this one."""
    text = "<a href=' https://example.org/?a=1&amp;b=2 '>x</a><a href=MAILTO:kim@example.org>x</a><a href=tel:+4712345>x</a>"
    found = [dict(element.attrib) for element in elements(clean_html(text))]

    assert ["https://example.org/?a=1&b=2", "MAILTO:kim@example.org", "tel:+4712345"] == [item["href"] for item in found]
    assert [{"noopener noreferrer nofollow"}, {"_blank"}] == [{item[name] for item in found} for name in ("rel", "target")]


def test_remote_pictures_are_blocked() -> None:
    """A picture from the net has no address and keeps its alt text; the result says which were blocked, each once."""
    shown = clean_html(
        "<img src=https://example.org/a.png alt=logo width=9><img src=https://example.org/a.png><td background=http://example.org/b>"
        "<p style='color:red;background:url(http://example.org/c.png)'>"
    )

    assert ("https://example.org/a.png", "http://example.org/c.png") == shown.blocked
    assert "example.org" not in shown
    assert 'alt="logo"' in shown
    assert "color:red" in shown


def test_remote_pictures_if_asked_for() -> None:
    """With remote_images they have their address, as pictures and as backgrounds; other addresses still have none."""
    shown = clean_html(
        "<img src=https://example.org/a.png srcset='https://example.org/s.png 2x'><table background=http://example.org/b></table>"
        "<p style='background:url(http://example.org/c.png)'></p><img src=//example.org/d><img src=javascript:x>",
        remote_images=True,
    )

    assert ["https://example.org/a.png", "http://example.org/b", "http://example.org/c.png"] == re.findall(
        r"https?://[\w./]+", shown
    )
    assert () == shown.blocked
    assert 'referrerpolicy="no-referrer"' in shown


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<img src="cid:ii_1"><img src="cid:ii_10">', ["/ii_1", "/ii_10"]),
        ("<img src=cid:ii_10><img SRC = ' CID:ii_1 '>", ["/ii_10", "/ii_1"]),
        ('<img src="cid:a%40b"><img src="cid:a@b"><img src="cid:a&#64;b">', ["/a@b", "/a@b", "/a@b"]),
        ("<img src=cid:50%25>", ["/50%"]),
        ("<table background=cid:ii_1></table><p style='background: #fff url(cid:ii_10) no-repeat'></p>", ["/ii_1", "/ii_10"]),
        ('<p style="background: url(&quot;cid:ii_1&quot;)">', ["/ii_1"]),
        ('<img title="cid:ii_1" alt="cid:ii_10"> cid:a@b', []),
        ('<img src="cid:ii_100"><img src="cid:"><a href="cid:ii_1">', []),
    ],
)
def test_inline_images(body: str, expected: list[str]) -> None:
    """A picture that is named by its Content-ID, however it is written, has the address that the host's function gives."""
    files = [File(content_id, f"/{content_id}") for content_id in ("", "ii_1", "ii_10", "a@b", "50%")]
    shown = clean_html(body, files, inline_image=lambda file: file.path)

    assert expected == re.findall(
        r'(?:src="|background="|url\(&quot;)([^"&]*)', html.unescape(shown).replace('url("', "url(&quot;")
    )


def test_the_first_of_two_with_one_content_id() -> None:
    """Of two attachments with one Content-ID the first counts, and each is asked for once."""
    asked = []
    files = [File("x", "first"), File("x", "second")]
    clean_html("<img src=cid:x><img src=cid:x>", files, inline_image=lambda file: asked.append(file.path))

    assert ["first"] == asked


@pytest.mark.parametrize(
    "url",
    [
        "/files/1?cid=x&y=2#z",
        "files/1.png",
        "?id=1",
        "https://example.org/x",
        "data:image/png;base64,AA==",
        "./x",
        "a",
        "/",
        "../x:y",
    ],
)
def test_addresses_that_a_host_may_give(url: str) -> None:
    """http, https, a picture as data: and relative paths."""
    shown = clean_html("<img src=cid:x>", [File("x")], inline_image=lambda _file: url)

    assert [url] == [element.attrib.get("src") for element in elements(shown)]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:pwned()",
        "java\nscript:x",
        " javascript:x",
        "data:text/html,x",
        "data:image/svg+xml;base64,AA==",
        "file:///etc/passwd",
        "//evil.test/x",
        "\\\\evil.test\\x",
        "/\\evil.test",
        "x\x00y",
        "",
        "cid:x",
        "vbscript:x",
        "https://a\nb",
        "/\t/evil.test",
        5,
        b"/x",
    ],
)
def test_addresses_that_a_host_may_not_give(url: Any) -> None:
    """Anything else is no address, wherever the picture stands."""
    shown = clean_html(
        "<img src=cid:x alt=A><table background=cid:x></table><p style='background:url(cid:x)'></p>",
        [File("x")],
        inline_image=lambda _file: url,
    )

    assert [] == faults(shown)


def test_a_function_that_raises() -> None:
    """An error of the host's function is an error of the call; it does not vanish inside the sanitizer."""
    with pytest.raises(ZeroDivisionError):
        clean_html("<img src=cid:x>", [File("x")], inline_image=lambda _file: str(1 / 0))


def test_picture_url_takes_pictures_only(tmp_path: Path) -> None:
    """What may hold a script, is very large or was not saved is no inline picture."""
    path = tmp_path / "file"
    path.write_bytes(b"GIF")
    large = tmp_path / "large"
    large.write_bytes(bytes(2 * 1024 * 1024 + 1))

    assert "data:image/gif;base64,R0lG" == picture_url(File("x", str(path), "image/GIF"))
    assert ["", "", "", ""] == [
        picture_url(file)
        for file in (
            File("x", str(path), "image/svg+xml"),
            File("x", str(path), "text/html"),
            File("x", str(large)),
            File("x", ""),
        )
    ]


# -- what stays ---------------------------------------------------------------------------------------------------------------


def bodies() -> list[str]:
    """The HTML of all mails that come with the tests and with the package."""
    mails = [*(path.read_bytes() for path in sorted((HERE / "mail").glob("*.eml"))), *sample_messages()]
    return [text for mail in mails if (text := Message(mail).html)]


@pytest.mark.parametrize("body", bodies())
def test_the_text_of_real_mail_stays(body: str) -> None:
    """All visible words of a mail are there after it was cleaned."""
    assert plain_text(re.sub(r"(?is)<(script|style|title)\b.*?</\1>", "", body)).split() == plain_text(clean_html(body)).split()


def test_there_is_real_mail() -> None:
    """The test above has something to test."""
    assert 5 < len(bodies())


def test_layout_stays() -> None:
    """Tables, fonts, colours, lists, lengths and harmless styles are kept."""
    text = (
        '<table width="100%" cellpadding="4" bgcolor="#eeeeee"><tbody><tr><td colspan="2" align="center">'
        '<font color="red" size="2" face="Arial">x</font></td></tr></tbody></table>'
        '<ol start="3" type="a"><li>y</li></ol><p style="color:rgb(1, 2, 3);margin:0 4px;display:none">z</p>'
    )

    assert shape(text) == shape(clean_html(text))


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("COLOR: Red; top:0", "COLOR: Red"),
        ("color:red!important;;", "color:red!important"),
        ("font:12px/1.5 'Segoe UI', serif", "font:12px/1.5 'Segoe UI', serif"),
        ("font-family:'a;b:c';color:blue", "color:blue"),
        ("color:blue;font-family:'\\27 '", None),
        ("background:#fff url('cid:x') no-repeat", 'background:#fff  url("/x")  no-repeat'),
        ("background:url(cid:x),url(cid:y)", 'background: url("/x") , none'),
        ("background:url(cid:x", "background:url"),
        ("width:calc(100% + 9px);width:calc(100% - 9px);width:attr(x)", "width:calc(100% + 9px)"),
        ("margin:-1px;margin:calc(-1 * 9px);margin:1px -.5em;padding:1px", "padding:1px"),
        ("color:/*;*/red", "color: red"),
        ("color:red}p{color:blue", None),
        ("@import 'x'", None),
    ],
)
def test_styles(style: str, expected: str | None) -> None:
    """A declaration is kept if its property is in the policy and all of its value is understood."""
    assert expected == safe_style(style, {"cid:x": "/x"}.get)


def test_too_much_becomes_text() -> None:
    """HTML over the limit is shown as its text, escaped and whole, and the result says why."""
    shown = clean_html("<p>1 &lt; 2</p><script>x</script><b>end</b>", limit=10)

    assert '<pre style="white-space:pre-wrap">1 &lt; 2\nend</pre>' == shown
    assert "longer than 10 characters" == shown.reduced
    assert "" == clean_html("<p>x").reduced


def test_the_result_can_be_copied_and_pickled() -> None:
    """A cleaned text keeps what it knows."""
    shown = clean_html("<img src=https://example.org/a.png>")

    for twin in (copy.copy(shown), copy.deepcopy(shown), pickle.loads(pickle.dumps(shown))):  # noqa: S301 - our own octets
        assert (CleanHTML, shown, shown.blocked, "") == (type(twin), twin, twin.blocked, twin.reduced)


def test_without_nh3(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the sanitizer there is an error that says what to install, and no HTML."""
    monkeypatch.setitem(sys.modules, "nh3", None)

    with pytest.raises(MissingExtra, match=r"pip install 'cfml-pop\[html\]'"):
        clean_html("<p>x")
