"""No pattern of the mail reader takes more than linear time over what it is given.

Rule: USED has a line for each pattern in cfml_pop/message: how it is applied, how much it is given at most (0: whatever the mail
has), and what is worst for it. A pattern that is not in the table fails; one that is quadratic does not come to an end in the
time of a test: it is given 100,000 characters of each odd thing.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator

import pytest

import cfml_pop.message

__all__: list[str] = []

SIZE = 100_000
UNITS = ["a", " ", "\n", "a ", " \n", '"', "\\", "(", "<", "=", "=?", "a:", "a\n ", "\t\n", "0", "--"]
"""Runs that are tried on every pattern, then a character that fits nowhere."""

USED: dict[str, tuple[str, int, list[str]]] = {
    "addresses._TOKEN": ("match", 0, ["=?a?q?a", '"\\"', '<"', '<""', '<"a\\', "=?a?q??"]),
    "addresses._LOOSE": ("match", 0, ["=?a?q?a"]),
    "addresses._WORD": ("match", 0, ["=?a?q?a", "=?a?q??"]),
    "addresses._BLANK": ("search", 0, []),
    "addresses._UNCLOSED": ("match", 0, []),
    "addresses._PARENTHESES": ("findall", 0, ["\\(", ")"]),
    "addresses._NEEDS_QUOTES": ("search", 0, []),
    "addresses._BARE": ("fullmatch", 0, ['"\\a', '"a"@']),
    "addresses._QUOTED_PAIR": ("findall", 0, []),
    "addresses._ROUTE": ("match", 0, ["@", "@a,"]),
    "addresses._SPACED_AT": ("squeezed", 0, ["@", " @", ". "]),  # runs of blanks are one blank before
    "addresses._NO_COMMA": ("findall", 0, [">a", "><"]),
    "addresses._CANONICAL_LIST": ("fullmatch", 10_000, ["a@b, ", "a ", "a@", 'a, "', '"a,', "a <a@b>, "]),
    "addresses._DIRECTIONS": ("findall", 0, ["\u202e"]),
    "addresses._SIMPLE": ("match", 0, ['"" ', "<a@", "a@", "=?a?q?a", "=?a?q?a?= ", "=?a?q??=", "a@b "]),
    "bodies._BRACKETS": ("search", 0, ["<a", "<>"]),
    "charsets._LABEL_NOISE": ("findall", 60, []),
    "charsets._SURROGATE": ("findall", 0, []),
    "decoding._ONLY_BASE64": ("fullmatch", 76, []),
    "decoding._PAD": ("findall", 0, []),
    "decoding._PAD_OR_EMPTY": ("findall", 0, ["\r\n", " \r"]),
    "decoding._PADDING": ("match", 0, ["= \r\n"]),
    "decoding._BEGIN": ("search", 0, ["begin ", "begin", "begin-base64"]),
    "decoding._BASE64_END": ("search", 0, ["====", "==== ", "====\r"]),
    "decoding._ENCODING": ("match", 0, ["'", " '"]),
    "decoding._IDENTITIES": ("fullmatch", 0, ["7bit"]),
    "flowed._LINE": ("findall", 0, [">", "> ", "\r", "\r\r\n"]),
    "headers._FIELD": ("findall", 0, ["a :", "a  ", "a:\n ", ":"]),
    "headers._FIELD_NAME": ("match", 0, ["a", "a "]),
    "headers._FIRST_LINE": ("search", 0, [" a\n", "\t\n"]),
    "headers._KNOWN_FIELD": ("findall", 0, ["\nsubject ", "\nsubject:\n ", "\nsubject", "\ncontent-type\t"]),
    "headers._NO_FIELD_LINE": ("search", 0, ["a:\n", "a \n", "a"]),
    "headers._SOME_FIELD": ("search", 0, [" a\n", "a \n", "a"]),
    "headers._EMPTY_LINE_OR_DASHES": ("search", 0, ["\r", "a\n", "\n-"]),
    "headers._CONTENT_FIELD": ("search", 0, ["content-", "content-a", "content-a\n", "content-a "]),
    "headers._CONTENT_TYPE": ("search", 0, ["content-type", "content-type ", "content-type:\n "]),
    "headers._BOUNDARY_TAIL": ("match", 0, ["-- ", "--\r"]),
    "headers._STRAY": ("search", 0, ["\r", "a \n", "\x0b", "a:\n", "\n\x0b"]),
    "javamail._DATE": ("match", 1000, ["1 jan", "1-jan-", "1 jan 2026 "]),
    "javamail._CONTENT_TYPE": ("fullmatch", 8192, ["a/b;", "a/b;a=", "a/b;a=b", ";a= ", 'a/b;a="', 'a/b;a="\\', "a/b; a = b "]),
    "message._TURNS": ("findall", 0, ["\u202e"]),
    "names._UNSEEN": ("findall", 0, ["\u202e"]),
    "names._REFUSED": ("findall", 2000, []),
    "names._DEVICE": ("match", 2000, ["con ", "com1", "nul"]),
    "parameters._VALUE": ("match", 0, [";", '; "', ";a"]),
    "parameters._PARAMETER": ("findall", 0, [";a", ";a=", ';a="', ';a="\\', "; ", "a =", 'a="\\"', ';a= "b', '";a']),
    "parameters._QUOTED_PAIR": ("findall", 0, ['\\"']),
    "parameters._SECTION": ("fullmatch", 0, ["*", "*0", "a*0*"]),
    "parameters._PERCENT": ("findall", 0, ["%", "%0", "%00"]),
    "parts._PLAIN_TYPE": ("fullmatch", 0, ["text/a", "text/plain; charset=", "text/plain;charset=a"]),
    "parts._BOUNDARY_TAIL": ("match", 200, [" --", "--\r"]),
    "parts._SOME_BOUNDARY": ("search", 65536, ["--a ", "--\n", "--a" + " " * 300, "--a\r", "--a\x01\n", "- "]),
    "parts._KIND": ("fullmatch", 0, ["a/", "a/b"]),
    "parts._META_CHARSET": ("search", 4096, ["<meta ", "<meta charset", "<meta charset= ", "charset "]),
    "quoted._TRAILING_BLANKS": ("findall", 0, ["\t ", " \r", "  \r"]),
    "quoted._ODD_LINE_END": ("search", 0, ["\r\n", "a\r\n"]),
    "quoted._ESCAPE": ("findall", 0, ["=\r", "=0"]),
    "unpack._BEGIN": ("match", 24, ["begin ", "begin 6"]),
    "unpack._TYPE": ("fullmatch", 0, ["a/", "a/b"]),
    "uublocks._BEGIN": ("match", 0, ["begin ", "begin 644 ", "begin 644 a\r"]),
    "uublocks._FULL.False": ("match", 0, ["M" + "`" * 60 + "\n", "M" + "`" * 60 + "\r\r\n"]),
    "uublocks._FULL.True": ("match", 0, ["A" * 60 + "\n", "A" * 77 + "\n", "A" * 76 + "\r\r\n"]),
    "uublocks._BASE64_LINE": ("fullmatch", 4096, ["A", "A="]),
    "words._HEAD": ("findall", 0, ["=?a", "=?a?", "=?a?q", "=?a?q?"]),
    "words._ONE_WORD": ("fullmatch", 0, ["=?a?q?", "=?a?q?a", "=?a?q??="]),
    "words._WORD": ("findall", 0, ["=?a?q?", "=?a?q?a", "=?a?q??=", "=?a?q?="]),
    "words._WORDS_IN_TEXT": ("findall", 0, ["=?a?q?", "=?a?q?a", "=?a?q??= ", "=?a?q??=\n\n", "?= "]),
    "words._CONTROLS": ("findall", 0, ["\0"]),
}


def patterns() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes]]]:
    """Every compiled pattern of the room, by module and name; those of a tuple or dict with their key."""
    for module in pkgutil.iter_modules(cfml_pop.message.__path__):
        for name, value in vars(importlib.import_module(f"cfml_pop.message.{module.name}")).items():
            place = f"{module.name}.{name}"
            if isinstance(value, re.Pattern):
                yield place, value
            elif isinstance(value, (tuple, dict)):
                items = value.items() if isinstance(value, dict) else enumerate(value)
                yield from ((f"{place}.{key}", item) for key, item in items if isinstance(item, re.Pattern))


PATTERNS = dict(patterns())


def test_every_pattern_is_in_the_table() -> None:
    """A pattern that is new has to say what is worst for it, and one that is gone leaves no line."""
    assert sorted(PATTERNS) == sorted(USED)


@pytest.mark.parametrize("name", USED)
def test_time_is_linear(name: str) -> None:
    """Of each odd thing a hundred thousand characters, or as many as the pattern is ever given, are read in no time."""
    pattern = PATTERNS[name]
    way, most, units = USED[name]
    size = min(most or SIZE, SIZE)
    applied = 0
    for unit in [*UNITS, *units]:
        for first, last in (("", "\x01"), (units[-1] if units else "", "\x01"), ("a", "")):
            text = first + unit * (size // len(unit)) + last
            if way == "squeezed":
                text = " ".join(text.split())
            apply: Callable[[str | bytes], object] = getattr(pattern, "findall" if way == "squeezed" else way)
            apply(text.encode("utf-8") if isinstance(pattern.pattern, bytes) else text)
            applied += 1

    assert 3 * (len(UNITS) + len(units)) == applied
