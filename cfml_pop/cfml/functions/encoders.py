"""Encoders: text made safe for a place in a page, and read back.

Rule: what an encoder gives out is read back as what went in by the reader of its place (HTML, XML, JavaScript, CSS, URL); only
characters that the place cannot hold become U+FFFD. What is safe in HTML, in elements and in attributes in quotes of both
kinds, is marked `Escaped`, so that autoescaping leaves it; the others give out no character that autoescaping would change.

So two functions write more than CFML's: htmlEditFormat escapes the apostrophe too, and jsStringFormat writes quotes, `<`, `>`
and `&` as `\\u0022` and so on, which JavaScript reads as the same. The encodeFor... family follows OWASP's ESAPI, which both
engines use. The cases in the tests are answers of Lucee 5.4.
"""

from __future__ import annotations

import html.entities
import re
import urllib.parse

from cfml_pop.cfml.escaped import Escaped
from cfml_pop.cfml.functions.binary import UTF_8, Charset
from cfml_pop.cfml.functions.family import Family, argument
from cfml_pop.cfml.functions.text_changes import html as escaped_html

__all__ = ["FAMILY"]

FAMILY = Family("Encoders")

ENCODE = (argument("string"), argument("canonicalize", "boolean", False))
CHARSET = argument("charset", "charset", UTF_8)

NOT_PLAIN = re.compile(r"[^0-9A-Za-z,._ -]")
NOT_PLAIN_ATTRIBUTE = re.compile(r"[^0-9A-Za-z,._-]")
NOT_PLAIN_SCRIPT = re.compile(r"[^0-9A-Za-z,._]")
NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Za-z]")

NOT_IN_HTML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

SCRIPT = re.compile(r"[\x00-\x1f\x7f\"'\\<>&\u2028\u2029\ud800-\udfff]")
SCRIPT_LETTERS = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\b": "\\b"}

MOST_ENCODINGS = 5
"""Times that `canonicalize` reads a text back. ESAPI refuses what is encoded twice; nothing honest is five times."""


LONG_ZEROS = re.compile(r"&#0{5,}(?=[0-9])")
LONG_NUMBER = re.compile(r"&#[0-9]{8,};?")
"""Python reads no more than 4300 digits; a character has seven."""


def _unescaped(text: str) -> str:
    return html.unescape(LONG_NUMBER.sub("\ufffd", LONG_ZEROS.sub("&#", text)))


def _canonical(text: str, wanted: bool) -> str:
    for _ in range(MOST_ENCODINGS if wanted else 0):
        text, before = urllib.parse.unquote(_unescaped(text)), text
        if text == before:
            break
    return text


def _entity(found: re.Match[str]) -> str:
    number = ord(found[0])
    name = html.entities.codepoint2name.get(number)
    return f"&{name};" if name else f"&#x{number:x};"


def _reference(found: re.Match[str]) -> str:
    return f"&#x{ord(found[0]):x};"


def _html(text: str, special: re.Pattern[str]) -> Escaped:
    return Escaped(special.sub(_entity, NOT_IN_HTML.sub("\ufffd", text)))


def _xml(text: str) -> Escaped:
    return Escaped(NOT_PLAIN.sub(_reference, NOT_IN_XML.sub("\ufffd", text)))


@FAMILY.function("htmlEditFormat", argument("string"), argument("version", "number", -1))
def html_edit_format(text: str, _: float) -> Escaped:
    """Text with & < > and both quotes escaped, without carriage returns; HTML. The version of HTML is not looked at. Source:
    Lucee and Adobe, HTMLEditFormat, which leave the apostrophe."""
    return Escaped(escaped_html(text.replace("\r", "")))


@FAMILY.function("htmlCodeFormat", argument("string"), argument("version", "number", -1))
def html_code_format(text: str, _: float) -> Escaped:
    """As `htmlEditFormat`, in a `pre` element. Source: Lucee and Adobe, HTMLCodeFormat."""
    return Escaped(f"<pre>{html_edit_format(text, -1)}</pre>")


@FAMILY.function("xmlFormat", argument("string"), argument("escapeChars", "boolean", False))
def xml_format(text: str, _: bool) -> Escaped:
    """Text with & < > and both quotes escaped, for XML and HTML; control characters that XML cannot hold become U+FFFD, with
    `escapeChars` and without. Source: Lucee and Adobe, XMLFormat; Lucee leaves control characters."""
    return Escaped(escaped_html(NOT_IN_XML.sub("\ufffd", text)).replace("&#39;", "&apos;"))


@FAMILY.function("encodeForHTML", *ENCODE)
def encode_for_html(text: str, canonicalize: bool) -> Escaped:
    """Text for an element of HTML: all but letters and digits of ASCII, blank and , . - _ as a character reference. With
    `canonicalize` it is read back from HTML and URL form before. Source: Lucee and Adobe, EncodeForHTML."""
    return _html(_canonical(text, canonicalize), NOT_PLAIN)


@FAMILY.function("encodeForHTMLAttribute", *ENCODE)
def encode_for_html_attribute(text: str, canonicalize: bool) -> Escaped:
    """Text for an attribute of HTML, also one without quotes: as `encodeForHTML`, blanks too. Source: Lucee and Adobe,
    EncodeForHTMLAttribute."""
    return _html(_canonical(text, canonicalize), NOT_PLAIN_ATTRIBUTE)


@FAMILY.function("encodeForXML", *ENCODE)
def encode_for_xml(text: str, canonicalize: bool) -> Escaped:
    """Text for an element of XML: all but letters and digits of ASCII, blank and , . - _ by number. Source: Lucee and Adobe,
    EncodeForXML."""
    return _xml(_canonical(text, canonicalize))


@FAMILY.function("encodeForXMLAttribute", *ENCODE)
def encode_for_xml_attribute(text: str, canonicalize: bool) -> Escaped:
    """Text for an attribute of XML, in quotes: as `encodeForXML`. Source: Lucee and Adobe, EncodeForXMLAttribute; Lucee leaves
    a tab, which a reader would make a blank."""
    return _xml(_canonical(text, canonicalize))


@FAMILY.function("encodeForJavaScript", *ENCODE)
def encode_for_javascript(text: str, canonicalize: bool) -> str:
    """Text for a string of JavaScript in quotes: all but letters and digits of ASCII and , . _ as \\xHH or \\uHHHH. Source:
    Lucee and Adobe, EncodeForJavaScript."""
    return NOT_PLAIN_SCRIPT.sub(_script_escape, _canonical(text, canonicalize))


def _script_escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number < 0x100:
        return f"\\x{number:02X}"
    if number < 0x10000:
        return f"\\u{number:04X}"
    number -= 0x10000
    return f"\\u{0xD800 + (number >> 10):04X}\\u{0xDC00 + (number & 0x3FF):04X}"


@FAMILY.function("encodeForCSS", *ENCODE)
def encode_for_css(text: str, canonicalize: bool) -> str:
    """Text for a string or a value of CSS: all but letters and digits of ASCII as \\ and their number. Source: Lucee and Adobe,
    EncodeForCSS."""
    text = _canonical(text, canonicalize).replace("\x00", "\ufffd")  # CSS reads a zero as U+FFFD
    return NOT_ALPHANUMERIC.sub(lambda found: f"\\{ord(found[0]):x} ", text)


@FAMILY.function("encodeForURL", *ENCODE)
def encode_for_url(text: str, canonicalize: bool) -> str:
    """Text for a parameter of a URL, in UTF-8: a blank is +, letters and digits of ASCII and . - _ * are themselves. Source:
    Lucee and Adobe, EncodeForURL."""
    quoted = urllib.parse.quote_plus(_canonical(text, canonicalize), safe="*", errors="replace")
    return quoted.replace("~", "%7E")


@FAMILY.function("urlEncodedFormat", argument("string"), CHARSET)
def url_encoded_format(text: str, charset: Charset) -> str:
    """Text for a URL: all but letters and digits of ASCII as %HH, a blank as %20, in a character set. Source: Lucee and Adobe,
    URLEncodedFormat."""
    quoted = urllib.parse.quote(charset.encode(text), safe="")
    for letter in "-._~":
        quoted = quoted.replace(letter, f"%{ord(letter):02X}")
    return quoted


@FAMILY.function("urlDecode", argument("string"), CHARSET)
def url_decode(text: str, charset: Charset) -> str:
    """Text from a URL, + as a blank; a % without two digits stays, octets that are no text become U+FFFD. Source: Lucee and
    Adobe, URLDecode."""
    return charset.decode(urllib.parse.unquote_to_bytes(charset.encode(text.replace("+", " "))))


@FAMILY.function("decodeFromURL", argument("string"))
def decode_from_url(text: str) -> str:
    """As `urlDecode`, in UTF-8. Source: Lucee and Adobe, DecodeFromURL."""
    return url_decode(text, UTF_8)


@FAMILY.function("decodeForHTML", argument("string"))
def decode_for_html(text: str) -> str:
    """Text with all character references of HTML 5 read, once; plain text, which is escaped when printed. Source: Lucee and
    Adobe, DecodeForHTML; theirs knows the names of HTML 4."""
    return _unescaped(text)


@FAMILY.function("jsStringFormat", argument("string"))
def js_string_format(text: str) -> str:
    """Text for a string of JavaScript or JSON, in quotes of either kind, in a script or in an attribute; what HTML and
    JavaScript could take for more than text is written by number. Source: Lucee and Adobe, JSStringFormat, which put a
    backslash before quotes."""
    return SCRIPT.sub(lambda found: SCRIPT_LETTERS.get(found[0]) or f"\\u{ord(found[0]):04x}", text)
