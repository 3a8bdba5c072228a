"""CFML's decisions, against the published cases of Lucee's tests and cfdocs' examples."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.cfml.arrays import Array
from cfml_pop.cfml.cells import MailDate, Struct
from cfml_pop.cfml.functions import decisions, validity
from cfml_pop.cfml.query import Query
from cfml_pop.dates import parse_date
from cfml_pop.errors import FunctionFault
from tests.page_support import NOW, call, unproven

__all__: list[str] = []

HEADER = "Tue, 2 Jan 2024 23:30:00 -0500 (EST)"
MAIL = MailDate(HEADER, parse_date(HEADER))
QUERY = Query.from_rows(["subject", "uid"], [{"subject": "7", "uid": "a"}, {"subject": "x", "uid": "b"}])
EMPTY = Query.from_rows(["uid"], [])

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    *[
        ("isNumeric", (value,), expected)
        for value, expected in [
            (6.62607004e-34, True), (-77, True), (0, True), ("6.62607004e-34", True), ("35e3f", False), ("6f", False),
            ("2d", False),
            ("12E4d", False), ("123456789L", False), ("1", True), ("susi", False), (True, False), ("6/2017", False),
            (Array(), False),
            (" 123 ", True), ("+123", True), ("-123", True), ("+12+3", False), ("12-3", False), ("+", False), ("", False),
            (NOW, False),
            (None, False), ("1_000", False), ("inf", False), (float("nan"), False), (10**400, False), (QUERY.subject, True),
        ]
    ],
    *[
        ("isBoolean", (value,), expected)
        for value, expected in [
            ("true", True), ("YES", True), ("no", True), (False, True), (123.123, True), ("0", True), ("6/2007", False),
            ("peter", False),
            ("", False), (NOW, False), (Struct(), False), (None, False),
        ]
    ],
    *[
        ("isDate", (value,), expected)
        for value, expected in [
            ("Tue, 11 Dec 2018 00:00:00 Z", True), ("Tue, 11 Dec 2018 00:00:00 GMT", True), ("12-31-2002", True),
            ("Dec 31, 2002", True),
            ("13/31/2002", False), ("19:00", True), ("7pm", True), ("13-11-2-13", False), ("HelloWorld", False), (1.5, False),
            ("2024", False), (MAIL, True), (HEADER, True), (HEADER[:16], True), (MailDate("soon", None), False), ("", False),
            (NOW, True),
            (None, False), (True, False), (Array(), False), (QUERY.subject, False), (dt.date(2024, 1, 2), True),
        ]
    ],
    *[
        ("isNumericDate", (value,), expected)
        for value, expected in [
            (37621.79167, True), (-1, True), ("Monday", False), (NOW, True), ("12/12/03", True), (1e9, False), ("", False),
            (-700_000, False),
        ]
    ],
    *[
        ("isSimpleValue", (value,), expected)
        for value, expected in [("", True), (1, True), (True, True), (NOW, True), (Array(), False), (Struct(), False),
        (None, False)]
    ],
    ("isSimpleValue", (QUERY,), False),
    ("isSimpleValue", (QUERY.subject,), True),
    ("isBinary", (b"x",), True),
    ("isBinary", ("x",), False),
    *[
        ("isEmpty", (value,), expected)
        for value, expected in [("", True), (" ", False), (0, False), (Array(), True), (Array([1]), False), (Struct(), True),
        (EMPTY, True)]
    ],
    ("isEmpty", (QUERY,), False),
    ("isEmpty", (None,), True),
    ("yesNoFormat", (True,), "Yes"),
    ("yesNoFormat", ("false",), "No"),
    ("yesNoFormat", ("",), "No"),
    ("yesNoFormat", (-1,), "Yes"),
    ("booleanFormat", ("yes",), "true"),
    ("booleanFormat", ("",), "false"),
    ("trueFalseFormat", (0,), "false"),
    ("isValid", ("regex", "a1", "[a-z][0-9]"), True),
    ("isValid", ("regular_expression", "a1b", "[a-z][0-9]"), False),
    ("isValid", ("Regex", "ab", "ab|a"), True),
    ("isValid", ("regex", "ab", "a|ab"), False),
    ("isValid", ("regex", "", "x*"), True),
    ("isValid", ("regex", 123, "[0-9]+"), True),
    ("isValid", ("regex", Struct(), ".*"), False),
]  # fmt: skip

TYPES: list[tuple[str, bool, list[Any]]] = [
    ("any", True, ["string", 1, True, NOW, Struct(), Array(), QUERY]),
    ("any", False, [None]),
    ("array", True, [Array(), [1]]),
    ("array", False, [True, Struct(), "array"]),
    ("binary", True, [b"x"]),
    ("binary", False, [True, Struct(), "array", Array()]),
    ("boolean", True, ["true", 123.123, True, False, 0, "999", 9.99, "yes"]),
    ("boolean", False, ["6/2007", "peter", NOW]),
    ("creditcard", True, ["4000000000006", "378888888888858", "5588888888888838", "6011222233334444", "6011-2222-3333-4444",
                          "6011 2222 3333 4444", "6011,2222,3333,4444"]),
    ("creditcard", False, ["abc", "6010222233334444", "4000000000007", "", "0" * 30]),
    ("date", True, ["6/2007", 123.123, NOW, 1, "{ts '2004-04-10 15:53:02'}", MAIL]),
    ("date", False, ["true", True, "xxx"]),
    ("time", True, [NOW, "{ts '2004-04-10 15:53:02'}"]),
    ("time", False, [1, True, "xxx", 123]),
    ("email", True, ["a-b.c@abc-_fgdg.dfgd.dj", "a@gmail.com", "A@gmail.com", "0@gmail.com", "_@gmail.com", "+@gmail.com",
                     "AZ.+-_az09@gmail.com", "user+foo@gmail.com", "user_@gmail.com", "-foo@gmail.com", "foo@gm.ail.com"]),
    ("email", False, ["a-b.c@a@bc-_fgdg.dfgd.dj", "@abc-_fgdg.dfgd.dj", "dddd@abc-_fgdg.dfgd.", "user.@gmail.com",
    ".foo@gmail.com",
                      "a b@gmail.com", "", "a@b", "x" * 400 + "@gmail.com", Struct()]),
    ("eurodate", True, ["1/1/2001", "31/12/2001", "29/2/2000", "1.1.2001", "31.12.2001"]),
    ("eurodate", False, ["12/31/2001", "31/13/2001", "29/2/2001", "1-1.2001", "1/1.2001", NOW, ""]),
    ("usdate", True, ["1/1/2001", "12/31/2001", "2/29/2000", "12.31.2001", "1-1-2001", "12/31/99"]),
    ("usdate", False, ["31/12/2001", "13/31/2001", "2/29/2001", "31.12.2001", "1-1.2001", "1/1.2001", NOW, "2/29/01"]),
    ("float", True, [1, 1.3, "1", True]),
    ("float", False, ["hans", NOW, Struct(), Array()]),
    ("numeric", True, ["true", True, 123, 1.3, "1", ("3", 3, 3), ("3", 2, 4)]),
    ("numeric", False, ["Wednesday, January 30, 2002 7:02:12 AM PST", "hans", Struct(), Array(), ("1", 2, 4), ("5", 2, 4)]),
    ("number", True, ["1.5"]),
    ("number", False, ["x"]),
    ("phone", True, ["(678) 256-3011"]),
    ("phone", False, ["256-3011"]),
    ("guid", True, ["858162ee-20fb-49d9-b39f-9292de01572e"]),
    ("guid", False, ["858162ee-20fb-49d9-b39f9292de01572e"]),
    ("uuid", True, ["858162ee-20fb-49d9-b39f9292de01572e"]),
    ("uuid", False, ["858162ee-20fb-49d9-b39f-9292de01572e"]),
    ("integer", True, ["1234", 123, 123.000, (5, 1, 9)]),
    ("integer", False, ["123.4", 12.3, "-21474836480", "21474836470", True, (5, 6, 9)]),
    ("query", True, [QUERY]),
    ("query", False, ["string", 1, True, NOW, Struct(), Array()]),
    ("range", True, [("3", 1, 5), ("1", 1, 5), ("5", 1, 5)]),
    ("range", False, [("6", 1, 5), ("0", 1, 5), ("10", 10, 5), ("s", 1, 5), (True, 0, 5)]),
    ("ssn", True, ["987-65-4320"]),
    ("ssn", False, ["000-65-4320", "987-65-432", "98765-4320"]),
    ("social_security_number", True, ["987 65 4320"]),
    ("string", True, ["", "string", 1, True, NOW, ("ddd", 3, 3), ("ddd", 2, 4)]),
    ("string", False, [Struct(), Array(), QUERY, ("d", 2, 4), ("ddddd", 2, 4)]),
    ("struct", True, [Struct(), {}]),
    ("struct", False, ["string", 1, True, NOW, Array(), QUERY]),
    ("telephone", True, ["1.678.256.3011", "16782563011", "(678) 256-3011", "+1 678 256 3011 x12"]),
    ("telephone", False, ["256-3011", "0782563011", "1.678.256.30111111"]),
    ("url", True, ["http://www.lucee.org/", "http://a", "https://[::1]/x", "ftp://example.com:21/a", "mailto:a@gmail.com",
    "news:a.b",
                   "http://www.lucee.com/svn.cfm?repositorypath=viewCount%2Fz-v1.4.zip%3A108&download=1"]),
    ("url", False, ["http://.-", "http://.", "1.678.256.3011", "javascript:alert(1)", "http://a b", "http://", "http://a:x",
    "", "mailto:a"]),
    ("variablename", True, ["string", True, "abc.abc"]),
    ("variablename", False, [1, NOW, "1abc", "abc abc", "abc&&", "abc[1]", "abc."]),
    ("zipcode", True, ["12345", "12345-1234", "12345 1234"]),
    ("zipcode", False, ["12345|1234", "12345 123", "123451234"]),
]  # fmt: skip
VALID: list[tuple[str, tuple[Any, ...], bool]] = [
    (kind, values if isinstance(values, tuple) else (values,), expected) for kind, expected, cases in TYPES for values in cases
]


@pytest.mark.parametrize(("name", "values", "expected"), CASES)
def test_cases(name: str, values: tuple[Any, ...], expected: Any) -> None:
    """Each published case, and each edge, gives what the reference says."""
    assert expected == call(name, *values)


@pytest.mark.parametrize(("kind", "values", "expected"), VALID)
def test_types(kind: str, values: tuple[Any, ...], expected: bool) -> None:
    """isValid takes what is of a type, and nothing else."""
    assert expected is call("isValid", kind.title(), *values)


def test_every_function_is_proven() -> None:
    """Every function names its source and has a case, and so has every type of isValid."""
    assert [] == unproven(decisions.FAMILY, [*(name for name, _, _ in CASES), "isValid"])
    assert set(validity.TYPES) == {kind for kind, _, _ in VALID}


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [
        ("yesNoFormat", ("maybe",), "value must be yes or no, true or false, or a number, not 'maybe'; write yesNoFormat(value)"),
        ("isValid", ("component", 1), "type must be one of any, array, binary, boolean, creditcard"),
        ("isValid", ("regex", "a"), "pattern must be given for the type regex: an expression"),
        ("isValid", ("regex", "a", "("), "pattern is no regular expression of CFML: a ( without its ), at character 1 of '('"),
        ("isValid", ("range", 1, 2), "min and max must be given for the type range"),
        ("isValid", ("range", 1, "a", 2), "min must be a number, not 'a'"),
        ("isValid", ("range", 1, 0, Array()), "max must be a number, not an array"),
    ],
)
def test_errors(name: str, values: tuple[Any, ...], text: str) -> None:
    """A type that is not known, and bounds that are none, are an error that says what is accepted."""
    with pytest.raises(FunctionFault) as caught:
        call(name, *values)

    assert text in str(caught.value)


@given(
    st.sampled_from(sorted(validity.TYPES)),
    st.text(max_size=60) | st.floats() | st.none() | st.booleans() | st.binary(max_size=3),
)
def test_no_value_fails(kind: str, value: object) -> None:
    """No value of any type makes isValid fail."""
    assert call("isValid", kind, value, -(10**9), 10**9) in (True, False)


@pytest.mark.parametrize("kind", sorted(validity.TYPES))
@pytest.mark.parametrize(
    "text", ["a" * 20_000, "a." * 9_000, "a@" * 9_000, "1" * 20_000, "1-" * 9_000, " " * 20_000, "http://" + "a." * 9_000]
)
def test_floods(kind: str, text: str) -> None:
    """Long text is decided as well: it is only text, and what text may be."""
    bounds = (0, 5) if kind == "range" else ()

    assert (kind in ("any", "string")) is call("isValid", kind, text, *bounds)
