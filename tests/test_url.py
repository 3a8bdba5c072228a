"""POP URLs: the forms of RFC 2384, and what is said about everything else."""

from __future__ import annotations

import dataclasses
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.errors import AttributeFault
from cfml_pop.secret import Secret
from cfml_pop.url import PopUrl, parse_pop_url

TIGER = Secret("tiger")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pop://rg@mailsrv.qualcomm.com", PopUrl("mailsrv.qualcomm.com", username="rg")),
        ("pop://rg;AUTH=+APOP@mail.eudora.com:8110", PopUrl("mail.eudora.com", 8110, username="rg", auth="+APOP")),
        ("pop://baz;AUTH=SCRAM-MD5@foo.bar", PopUrl("foo.bar", username="baz", auth="SCRAM-MD5")),
        ("POP://;auth=*@host", PopUrl("host", auth="*")),
        ("pop://kim;Auth=scram-sha-256@host", PopUrl("host", username="kim", auth="SCRAM-SHA-256")),
        ("pop://host", PopUrl("host")),
        ("pops://host", PopUrl("host", 995, True)),
        ("Pops://host:110", PopUrl("host", 110, True)),
        ("pop://host:65535", PopUrl("host", 65535)),
        ("pop://192.0.2.1:1", PopUrl("192.0.2.1", 1)),
        ("pop://kim@[2001:db8::1]:110", PopUrl("2001:db8::1", username="kim")),
        ("pops://[::1]", PopUrl("::1", 995, True)),
        ("pop://kim%40example.com@mail_1.example.com.", PopUrl("mail_1.example.com.", username="kim@example.com")),
        ("pop://%E2%82%AC+a=b%20c%ff@host", PopUrl("host", username="€+a=b c\udcff")),
        ("pop://kim:tiger@host", PopUrl("host", username="kim", password=TIGER)),
        ("pop://kim:t%3A%2f%25@host", PopUrl("host", username="kim", password=Secret("t:/%"))),
        ("pop://kim:tiger;AUTH=PLAIN@host", PopUrl("host", username="kim", password=TIGER, auth="PLAIN")),
    ],
)
def test_a_pop_url_gives_its_parts(text: str, expected: PopUrl) -> None:
    """RFC 2384, sections 3 and 6: the examples, and the forms around them; a `user:password` is taken as well."""
    assert expected == parse_pop_url(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no scheme; put pop:// or pops:// in front"),
        ("pop.example.com", "has no scheme"),
        ("pop:host", "has no scheme"),
        ("pop3://host", r"scheme is not known; write pop://"),
        ("pop3s://tiger@host", r"scheme is not known; write pops://"),
        ("imap://tiger@host", r"write pop://"),
        ("://host", r"write pop://"),
        ("pop://host/", "a path, query or fragment means nothing here"),
        ("pop://kim:ti/tiger@host", "as %2F"),
        ("pop://host?tiger", "a path, query or fragment"),
        ("pop://host#tiger", "a path, query or fragment"),
        ("pop://kim@example.com:tiger@host", "write the one in a user name as %40"),
        ("pop://@host", 'leave out "@"'),
        ("pop://:tiger@host", "the user name is missing"),
        ("pop://:tiger;AUTH=*@host", "the user name is missing"),
        ("pop://kim:@host", "the password is empty"),
        ("pop://kim;tiger@host", ";AUTH= and a mechanism"),
        ("pop://kim;AUTH=@host", ";AUTH= and a mechanism"),
        ("pop://kim;AUTH=+tiger@host", ";AUTH= and a mechanism"),
        ("pop://kim;AUTH=PLAIN:tiger@host", ";AUTH= and a mechanism"),
        ("pop://kim;AUTH=PLAIN;x=tiger@host", ";AUTH= and a mechanism"),
        ("pop://tiger kim@host", "the user name holds a character that a URL cannot; write it as %XX"),
        ("pop://tigér@host", "the user name holds a character"),
        ("pop://tiger%zz@host", "the user name holds a character"),
        ("pop://tiger%4@host", "the user name holds a character"),
        ("pop://kim:tiger:x@host", "the password holds a character"),
        ("pop://tiger%0D%0ADELE%201@host", r"the user name holds the control character U\+000D \(as %0D\)"),
        ("pop://kim:tiger%00@host", r"the password holds the control character U\+0000"),
        ("pop://tiger\r\n@host", r"holds the control character U\+000D"),
        ("pop://host\n", r"holds the control character U\+000A"),
        (" pop://host", "scheme is not known"),
        ("pop://host ", "the host is no host name"),
        ("pop://", "it names no host"),
        ("pop://kim@", "it names no host"),
        ("pop://:110", "it names no host"),
        ("pop://-host", "the host is no host name"),
        ("pop://ho%73t", "the host is no host name"),
        ("pop://bücher.example", "xn-- for other alphabets"),
        ("pop://host:", "no number from 1 to 65535"),
        ("pop://host:0", "no number from 1 to 65535"),
        ("pop://host:65536", "no number from 1 to 65535"),
        ("pop://host:+110", "no number from 1 to 65535"),
        ("pop://host:\uff11\uff11\uff10", "no number from 1 to 65535"),
        ("pop://kim:tiger", "no number from 1 to 65535"),
        ("pop://2001:db8::1", r"write it like \[2001:db8::1\]"),
        ("pop://[2001:db8::1", "no IPv6 address"),
        ("pop://[tiger]", "no IPv6 address"),
        ("pop://[]", "no IPv6 address"),
        ("pop://[192.0.2.1]", "no IPv6 address"),
        ("pop://[fe80::1%25eth0]", "no IPv6 address"),
        ("pop://[::1]110", 'only ":" and a port'),
        ("pop://[::1]:", "no number from 1 to 65535"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(text: str, words: str) -> None:
    """The error is about the server attribute and repeats nothing that may be a name or a password."""
    with pytest.raises(AttributeFault, match=words) as caught:
        parse_pop_url(text)

    assert (("server", str(caught.value)),) == caught.value.faults
    assert "tiger" not in str(caught.value)


def test_the_password_is_never_shown() -> None:
    """Neither the URL that is written again nor repr holds it."""
    url = parse_pop_url("pops://kim:tiger@host")

    assert "pops://kim@host" == url.text()
    assert "tiger" not in repr(url)


HOSTS = st.from_regex(r"[a-z0-9_]([a-z0-9_.-]{0,20}[a-z0-9_.])?", fullmatch=True) | st.builds(
    lambda number: str(ipaddress.IPv6Address(number)), st.integers(0, 2**128 - 1)
)
NAMES = st.text(st.characters(exclude_characters=[*map(chr, range(32)), "\x7f"], exclude_categories=["Cs"]), min_size=1)
AUTHS = st.sampled_from(["*", "+APOP"]) | st.from_regex(r"[A-Z0-9_-]{1,20}", fullmatch=True)


@st.composite
def urls(draw: st.DrawFn) -> PopUrl:
    secure = draw(st.sampled_from([True, None]))
    username, password, auth = draw(st.none() | NAMES), draw(st.none() | NAMES), draw(st.none() | AUTHS)
    return PopUrl(
        host=draw(HOSTS),
        port=draw(st.integers(1, 65535) | st.sampled_from([110, 995])),
        secure=secure,
        username=username,
        password=Secret(password) if password and username else None,
        auth=auth,
    )


@given(urls())
def test_a_url_is_read_as_it_was_written(url: PopUrl) -> None:
    """Every URL comes back the same from its text, but for the password, which is not in it."""
    assert dataclasses.replace(url, password=None) == parse_pop_url(url.text())


@given(st.text(max_size=60) | st.text("pos:/@;%[]AUTH=*+.09a", max_size=60).map("pop://".__add__))
def test_any_text_is_a_url_or_a_fault(text: str) -> None:
    """Nothing else is raised, and what was read once is read the same again."""
    try:
        url = parse_pop_url(text)
    except AttributeFault:
        return

    assert dataclasses.replace(url, password=None) == parse_pop_url(url.text())
    assert 0 < url.port < 65536


@pytest.mark.timeout(10, func_only=True)
@pytest.mark.parametrize("text", ["pop://" + "%41" * 300_000 + "@", "pop://" + "a." * 500_000 + "-", "pop://" + ":" * 1_000_000])
def test_a_long_text_takes_no_time(text: str) -> None:
    """Reading is linear in the length of the text, and the error stays short."""
    with pytest.raises(AttributeFault) as caught:
        parse_pop_url(text)

    assert len(str(caught.value)) < 300
