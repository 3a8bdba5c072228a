"""From octets to text, by a closed table of charsets.

Rule: what a message says is looked up in this table and nowhere else. Python's own lookup would import modules by the names that
a message gives, and among its codecs are quadratic ones (punycode), ones that raise whatever is asked of them (idna), and ones
that are no charsets (rot13, base64, unicode_escape).

A label means what mail programs mean by it: iso-8859-1 is read as windows-1252, gb2312 as gb18030, shift_jis as windows-31j, as
browsers do (WHATWG Encoding Standard). Text that does not fit its label is read as UTF-8 if it is that, else as windows-1252.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["clean_text", "decode_text", "guess", "is_known"]

# One line per codec: Python's name, then the labels. Labels are compared without case, and without "-", "_", ".", ":" and blanks.
_TABLE = """
utf_8: utf-8 utf8mb4 unicode-1-1-utf-8 unicode-utf-8 cp65001 x-utf-8
iso8859_2: iso-8859-2 latin2 l2 csisolatin2
iso8859_3: iso-8859-3 latin3 l3
iso8859_4: iso-8859-4 latin4 l4
iso8859_5: iso-8859-5 cyrillic
iso8859_6: iso-8859-6 iso-8859-6-e iso-8859-6-i arabic
iso8859_7: iso-8859-7 greek greek8
iso8859_8: iso-8859-8 iso-8859-8-e iso-8859-8-i hebrew logical visual
iso8859_10: iso-8859-10 latin6
iso8859_13: iso-8859-13 latin7
iso8859_14: iso-8859-14 latin8
iso8859_15: iso-8859-15 latin9 latin-0
iso8859_16: iso-8859-16 latin10
cp1250: windows-1250 cp1250 x-cp1250
cp1251: windows-1251 cp1251 x-cp1251 win-1251 win1251
cp1252: windows-1252 cp1252 x-cp1252 iso-8859-1 iso8859-1-windows latin1 l1 ibm819 cp819 csisolatin1 ansi x-ansi
cp1253: windows-1253 cp1253 x-cp1253
cp1254: windows-1254 cp1254 x-cp1254 iso-8859-9 latin5 l5
cp1255: windows-1255 cp1255 x-cp1255
cp1256: windows-1256 cp1256 x-cp1256
cp1257: windows-1257 cp1257 x-cp1257
cp1258: windows-1258 cp1258 x-cp1258
cp874: windows-874 cp874 tis-620 iso-8859-11 dos-874
koi8_r: koi8-r koi8 koi
koi8_u: koi8-u koi8-ru
mac_roman: macintosh mac x-mac-roman macroman
mac_cyrillic: x-mac-cyrillic mac-cyrillic x-mac-ukrainian
mac_latin2: x-mac-ce mac-ce mac-centraleurope
mac_greek: x-mac-greek
mac_turkish: x-mac-turkish
cp437: ibm437 cp437
cp775: ibm775 cp775
cp850: ibm850 cp850
cp852: ibm852 cp852
cp855: ibm855 cp855
cp858: ibm858 cp858 ibm00858
cp862: ibm862 cp862
cp866: ibm866 cp866 csibm866
gb18030: gb18030 gb2312 gbk cp936 ms936 windows-936 x-gbk euc-cn x-euc-cn gb-2312-80 csgb2312 chinese iso-ir-58
hz: hz-gb-2312 hz
big5hkscs: big5 big5-hkscs big5-eten cn-big5 x-x-big5 csbig5 big5-tw
cp950: cp950 ms950 windows-950
cp932: shift-jis shiftjis sjis x-sjis ms-kanji windows-31j cp932 ms932 windows-932 csshiftjis
euc_jp: euc-jp x-euc-jp eucjp
cp949: euc-kr ks-c-5601-1987 ks-c-5601-1989 ks-c-5601 ksc5601 ksc-5601 cp949 ms949 uhc windows-949 korean iso-ir-149 cseuckr
johab: johab
iso2022_kr: iso-2022-kr csiso2022kr
iso2022_jp_ext: iso-2022-jp iso-2022-jp-1 csiso2022jp cp50220 cp50221 iso-2022-jp-ms
iso2022_jp_2: iso-2022-jp-2
iso2022_jp_3: iso-2022-jp-3
iso2022_jp_2004: iso-2022-jp-2004
utf_16: utf-16 ucs-2 iso-10646-ucs-2 unicode
utf_16_le: utf-16le
utf_16_be: utf-16be
utf_32: utf-32 ucs-4 iso-10646-ucs-4
utf_32_le: utf-32le
utf_32_be: utf-32be
utf_7: utf-7 unicode-1-1-utf-7 x-unicode-2-0-utf-7
"""

# Labels that say nothing about octets above 127.
_PLAIN = "us-ascii ascii ansi-x3.4-1968 iso646-us iso-ir-6 us 646 unknown-8bit x-unknown unknown 8bit 7bit binary default none"

# In these an octet below 128 need not be the ASCII character, so pure ASCII octets are no short cut.
_NOT_ASCII = frozenset(["hz", "iso2022_kr", "iso2022_jp_ext", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_2004", "utf_7"]) | {
    f"utf_{size}{order}" for size in (16, 32) for order in ("", "_le", "_be")
}

_LABEL_NOISE = re.compile(r"[-_.:\s\"']+")


@lru_cache(maxsize=256)  # mail uses a handful, and comes in numbers; one that makes labels up gains nothing
def _plain_label(label: str) -> str:
    # A language may follow the charset of an encoded word (RFC 2231, section 5).
    return _LABEL_NOISE.sub("", label[:60].partition("*")[0].partition("(")[0].partition(";")[0]).lower()


_CODECS = {_plain_label(label): codec for codec, _, labels in (line.partition(": ") for line in _TABLE.strip().split("\n"))
           for label in labels.split()}  # fmt: skip
_CODECS |= {label.replace("iso", "", 1): codec for label, codec in _CODECS.items() if label.startswith("iso8859")}
_UNDECLARED = frozenset({"", *map(_plain_label, _PLAIN.split())})

_HIGH = bytes(range(128, 256))
_SURROGATE = re.compile("[\ud800-\udfff]")
_BOM = b"\xef\xbb\xbf"


def decode_text(data: bytes, label: str = "") -> tuple[str, str]:
    """The text of `data` in the charset `label` ("" where none was declared), and what was repaired ("" if nothing).

    Never raises, never gives a lone surrogate; a byte order mark goes and NUL becomes U+FFFD. Takes linear time.
    """
    name = _plain_label(label)
    codec = _CODECS.get(name, "")
    if data.isascii() and codec not in _NOT_ASCII:
        return clean_text(data.decode("ascii")), "" if codec or name in _UNDECLARED else _unknown(label)
    if data.startswith(_BOM):
        codec = "utf_8"
    if not codec:
        return clean_text(guess(data)), "" if name in _UNDECLARED - {"usascii"} else _unknown(label, plain=name in _UNDECLARED)
    try:
        text, repair = data.decode(codec), ""
    except UnicodeError:
        text, repair = _misfit(data, codec)
    if codec == "utf_7":  # can spell half a pair; all others are strict about these
        text = _SURROGATE.sub("\ufffd", text)
    return clean_text(text), repair


def is_known(label: str) -> bool:
    """Whether a label stands in the table."""
    name = _plain_label(label)
    return name in _CODECS or name in _UNDECLARED


def guess(data: bytes) -> str:
    """UTF-8 if `data` is that, else windows-1252, in which every octet has a character or becomes U+FFFD."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _misfit(data, "utf_8")[0]


def clean_text(text: str) -> str:
    """`text` without byte order mark and NUL."""
    if text[:1] == "\ufeff":
        text = text[1:]
    return text.replace("\0", "\ufffd") if "\0" in text else text


def _unknown(label: str, *, plain: bool = False) -> str:
    return "text declared as ASCII holds other octets" if plain else f"the charset {label[:40]!r} is not known"


def _misfit(data: bytes, codec: str) -> tuple[str, str]:
    """Text that is not quite in the charset it declares: that charset where only a little is wrong, else UTF-8 or
    windows-1252."""
    if codec != "utf_8":
        try:
            return data.decode("utf-8"), f"text declared as {codec} is UTF-8"
        except UnicodeDecodeError:
            pass
    text = data.decode(codec, "replace")
    # A cut or bent character among many sound ones: a tenth of the high octets is far below what a wrong label gives.
    marks = len(data) if codec in _NOT_ASCII else len(data) - len(data.translate(None, _HIGH))
    if text.count("\ufffd") * 10 <= marks:
        return text, f"some octets are no {codec}"
    return data.decode("cp1252", "replace"), f"text declared as {codec} is not; it was read as windows-1252"
