"""CFML's regular expressions: the syntax, against the matcher of its engines, and the limits."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cfml_pop.cfml import perl5
from cfml_pop.cfml.perl5 import Perl5
from cfml_pop.cfml.perl5_syntax import LONGEST_PATTERN, MOST_GROUPS_INSIDE, MOST_REPEATED
from cfml_pop.errors import MissingExtra

ORO = Path(__file__).parent / "oro"
ANSWERS = [json.loads(line) for line in (ORO / "answers.jsonl").read_text("ascii").splitlines()]
MAY_HAVE = f"with all counts written out it may have {MOST_REPEATED} parts, at character"
CLASSES = json.loads((ORO / "classes.json").read_text("ascii"))


def spans(pattern: str, text: str, *, ignore_case: bool = False, start: int = 0) -> list[list[list[int]]]:
    matches = Perl5(pattern, ignore_case=ignore_case).matches(text, start)
    return [[list(found.span(group)) for group in range(found.re.groups + 1)] for found in matches]


def test_answers_of_oro() -> None:
    """Every match and every group is where Jakarta ORO finds it, and what it refuses is refused."""
    wrong = []
    for pattern, text, flags, expected in ANSWERS:
        try:
            actual = spans(pattern, text, ignore_case=flags == "i")
        except ValueError:
            actual = None
        if expected != actual:
            wrong.append((pattern, text, flags, expected, actual))

    assert [] == wrong
    assert 1200 == len(ANSWERS)


@pytest.mark.parametrize("written", sorted(CLASSES))
def test_classes_are_those_of_java(written: str) -> None:
    """A class takes the characters that it takes in Java, no-break spaces and letters of other languages included."""
    ranges = [[int(end, 16) for end in one.split("-")] for one in CLASSES[written].split()]
    theirs = {number for first, last in ranges for number in range(first, last + 1)}

    assert theirs == {number for number in range(0x250) if spans(written, chr(number))}


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"b\z", "ab", [[1, 2]]),  # ORO's \z matches nowhere
        (r"[[:^digit:]_]", "1_", [[1, 2]]),  # ORO loses the _
        (r"\B{2}", "aa", [[1, 1]]),  # ORO fails
        (r"-\-|(?=)\W", "a ", [[1, 2]]),  # ORO takes an empty look-ahead for one that fails
    ],
)
def test_slips_of_oro(pattern: str, text: str, expected: list[list[int]]) -> None:
    """Where ORO goes against its own documentation, the pattern means what it says."""
    assert expected == [found[0] for found in spans(pattern, text)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a(b", "a ( without its ), at character 2 of 'a(b'"),
        ("ab)", "a ) without its (, at character 3 of 'ab)'"),
        ("[ab", "a [ without its ], at character 1 of '[ab'"),
        ("[z-a]", "a range in [ ] ends before it begins, or with a class, at character 3 of '[z-a]'"),
        ("*a", "* has nothing before it to repeat, at character 1 of '*a'"),
        ("a++", "a repetition is repeated; write (?:...) round the first, at character 3 of 'a++'"),
        ("a{3,2}", "the interval {3,2} ends before it begins, at character 2 of 'a{3,2}'"),
        (
            "(?<=a)b",
            "(?< is not known; there are (?:, (?=, (?!, (?#, and the flags (?i), (?m) and (?x), at character 1 of '(?<=a)b'",
        ),
        ("(?#a", "a comment has no end, at character 1 of '(?#a'"),
        (r"(a)\2", r"\2 refers to a group that is not there, or only later, at character 4 of '(a)\\2'"),
        (r"(a|b\1)+", r"\1 stands inside the group that it refers to, at character 5 of '(a|b\\1)+'"),
        ("a\\", r"a \ stands last; write \\ for one that is meant, at character 2 of 'a\\'"),
        ("(" * 60, f"more than {MOST_GROUPS_INSIDE} groups stand one inside the other, at character 51 of '{'(' * 60}'"),
        ("((a{1000}){1000})*", f"it repeats too much; {MAY_HAVE} 11 of '((a{{1000}}){{1000}})*'"),
        ("a{9000}b{9000}", f"it is too long; {MAY_HAVE} 1 of 'a{{9000}}b{{9000}}'"),
    ],
)
def test_faults(pattern: str, expected: str) -> None:
    """A pattern that is none says what is wrong and where."""
    with pytest.raises(ValueError, match="is no regular expression of CFML") as caught:
        Perl5(pattern, ignore_case=False)

    assert f"is no regular expression of CFML: {expected}" == str(caught.value)


def test_borders_count_more() -> None:
    """A border counts for several parts, as it takes the time of several."""
    with pytest.raises(ValueError, match=MAY_HAVE):
        Perl5(r"\b" * 1300, ignore_case=False)


def test_too_long() -> None:
    """A pattern has a longest length, which the error says."""
    with pytest.raises(ValueError, match=f"is too long: {LONGEST_PATTERN + 1} characters, the limit is {LONGEST_PATTERN}"):
        Perl5("a" * (LONGEST_PATTERN + 1), ignore_case=False)


@pytest.mark.parametrize("pattern", ["(a|aa)+$", "(.*?,){11}P", r"^(\w|\w\w)*:?$", "(a|b|ab)*(a|aa)*-?$"])
def test_time_is_bounded(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern that would run for ever on a text made for it ends with an error."""
    monkeypatch.setattr(perl5, "TIME_LIMIT", 0.05)
    text = {"(.*?,){11}P": "a," * 5000}.get(pattern, "aa" * 5000 + "!")

    with pytest.raises(ValueError, match=r"took longer than 0\.05 s: the pattern has too many ways to match this text"):
        list(Perl5(pattern, ignore_case=False).matches(text))


def test_time_of_many_matches(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is for all matches of a call together."""
    monkeypatch.setattr(perl5, "TIME_LIMIT", 0.05)

    with pytest.raises(ValueError, match="took longer"):
        for _ in Perl5("a", ignore_case=False).matches("a" * 5_000_000):
            pass


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra the error says what to install."""
    monkeypatch.setitem(sys.modules, "regex", None)

    with pytest.raises(MissingExtra, match=r"need regex; install it with: pip install 'cfml-pop\[regex\]'"):
        Perl5("a", ignore_case=False)


@given(st.text(max_size=20), st.text(max_size=20))
@example(r"\cß", "")
@example(r"\c", "")
@example(r"[\c", "")
def test_any_pattern(pattern: str, text: str) -> None:
    """Any text is a pattern, or a ValueError."""
    try:
        found = spans(pattern, text)
    except ValueError:
        return
    assert all(0 <= begin <= end <= len(text) for (begin, end), *_ in found)


@given(st.text(alphabet="ab(|)*+?.[]^$\\{}1,-:=!wdsbW", max_size=12), st.text(alphabet="ab1- ", max_size=8))
def test_patterns_of_signs(pattern: str, text: str) -> None:
    """Signs in any order are a pattern, or a ValueError that shows the place."""
    try:
        found = spans(pattern, text)
    except ValueError as error:
        assert "at character" in str(error)  # noqa: PT017 - any pattern may be right
        return
    assert all(0 <= begin <= end <= len(text) for (begin, end), *_ in found)
