"""SASL mechanisms and APOP: the vectors of their RFCs, scripted counterparts that lie, and two real server sides."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import importlib.metadata
import importlib.util
import json
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from cfml_pop.errors import AttributeFault, AuthenticationError
from cfml_pop.pop3.sasl import Credentials, Mechanism, apop_digest, choose, decode_challenge
from cfml_pop.pop3.sasl.digests import CramMD5
from cfml_pop.pop3.sasl.oauth import OAuthBearer, XOAuth2
from cfml_pop.pop3.sasl.plain import Login, Plain
from cfml_pop.pop3.sasl.scram import Scram, endpoint_binding, scram_available
from cfml_pop.secret import Secret
from tests.servers import dovecot as dovecot_module
from tests.servers.dovecot import Dovecot, Mailbox, find_dovecot

scramp: Any = pytest.importorskip("scramp", minversion="1.4.18", reason="the extra scram is not installed (Python 3.11 or later)")

TIGER = Secret("tiger")
KIM = Credentials("kim", TIGER)
TOKEN = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="
SCRAM = ["SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"]
EVERYTHING = ["CRAM-MD5", "PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER", *SCRAM, "GSSAPI", "NTLM", "EXTERNAL"]


@pytest.fixture(scope="module")
def certificate() -> bytes:
    """A server's certificate in DER, signed with SHA-256."""
    pem = trustme.CA().issue_cert("pop.example.com").cert_chain_pems[0].bytes()
    return ssl.PEM_cert_to_DER_cert(pem.decode())


def chosen(credentials: Credentials = KIM, offered: list[str] = EVERYTHING, **how: Any) -> list[str]:
    how = {"private": True, "certificate": None, "weak": False} | how
    return [mechanism.name for mechanism in choose(offered, credentials, **how)]


# -- credentials ---------------------------------------------------------------------------------------------------------------


def test_credentials_do_not_show_their_secrets() -> None:
    """Neither repr holds a password or a token, not even when they were given as plain strings."""
    credentials = Credentials("kim", "tiger", "lion")  # type: ignore[arg-type]

    assert "Credentials(username='kim', password=Secret('***'))" == repr(credentials)
    assert (Secret("tiger"), Secret("lion")) == (credentials.password, credentials.ask_token())


@pytest.mark.parametrize(
    ("username", "password", "token", "fault"),
    [
        ("", TIGER, None, "the username is empty"),
        ("kim\0", TIGER, None, "the username holds the control character U\\+0000"),
        ("kim", Secret(""), None, "the password is empty"),
        ("kim", Secret("ti\x01ger"), None, "the password holds the control character U\\+0001"),
        ("kim", Secret("tiger\ud800"), None, "the password holds half a character"),
        ("kim", None, "tiger\n", "the token holds the control character U\\+000A"),
        ("kim", None, "tiger tiger", "the token holds a blank"),
        ("kim", None, "tiger\xe9", "a character outside ASCII"),
        ("kim", None, "", "the token is empty"),
    ],
)
def test_credentials_that_no_mechanism_can_send_are_refused(username: str, password: Any, token: Any, fault: str) -> None:
    """The fault is found before anything is sent, and its text shows no secret."""
    with pytest.raises(AttributeFault, match=fault) as caught:
        Credentials(username, password, token)

    assert "tiger" not in str(caught.value)


@pytest.mark.parametrize(
    ("given_token", "fault"), [(lambda: None, "NoneType"), (lambda: "a\x01b", "U\\+0001"), (None, "NoneType")]
)
def test_what_the_function_for_the_token_gives_is_checked_too(given_token: Any, fault: str) -> None:
    """A function that gives no token is found out when it is asked."""
    with pytest.raises(AttributeFault, match=fault):
        Credentials("kim", None, given_token).ask_token()


# -- the order -----------------------------------------------------------------------------------------------------------------


def test_the_strongest_comes_first(certificate: bytes) -> None:
    """On a private channel: SCRAM, tokens, the password itself; a bound SCRAM is for those who ask for it by name."""
    both = Credentials("kim", TIGER, TOKEN)

    assert chosen(both, certificate=certificate) == [
        "SCRAM-SHA-256",
        "SCRAM-SHA-1",
        "OAUTHBEARER",
        "XOAUTH2",
        "PLAIN",
        "LOGIN",
        "SCRAM-SHA-256-PLUS",
        "SCRAM-SHA-1-PLUS",
    ]
    assert chosen() == ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN"]


@pytest.mark.parametrize(
    ("credentials", "how", "expected"),
    [
        (KIM, {"private": False}, ["SCRAM-SHA-256", "SCRAM-SHA-1"]),
        (KIM, {"private": False, "weak": True}, ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"]),
        (KIM, {"weak": True}, ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN", "CRAM-MD5"]),
        (KIM, {"offered": ["plain", "Login"]}, ["PLAIN", "LOGIN"]),
        (KIM, {"offered": ["GSSAPI"]}, []),
        (Credentials("kim", token=TOKEN), {}, ["OAUTHBEARER", "XOAUTH2"]),
        (Credentials("kim", token=TOKEN), {"private": False}, []),
        (Credentials("kim", token=TOKEN), {"private": False, "weak": True}, ["OAUTHBEARER", "XOAUTH2"]),
        (Credentials("kim"), {"weak": True}, []),
    ],
)
def test_what_is_left_out(credentials: Credentials, how: dict[str, Any], expected: list[str]) -> None:
    """No secret goes over an open channel and no CRAM-MD5 anywhere unless the host allows it; nothing without its secret."""
    assert expected == chosen(credentials, **how)


def test_without_the_library_scram_is_not_offered(monkeypatch: pytest.MonkeyPatch, certificate: bytes) -> None:
    """The extra is an extra: the login goes on with what is left."""
    monkeypatch.setitem(sys.modules, "scramp", None)

    assert not scram_available()
    assert ["PLAIN", "LOGIN"] == chosen(certificate=certificate)


@pytest.mark.parametrize(
    ("version", "expected"), [("1.4.17", False), ("1.4.18", True), ("1.5.0", True), ("2.0", True), ("0.9.9", False)]
)
def test_an_old_library_counts_as_missing(monkeypatch: pytest.MonkeyPatch, version: str, expected: bool) -> None:
    """Before 1.4.18 scramp believed servers that it should not."""
    monkeypatch.setattr(importlib.metadata, "version", lambda _name: version)

    assert expected == scram_available()


def test_the_library_is_imported_only_when_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A login by PLAIN does not pay for SCRAM."""
    monkeypatch.delitem(sys.modules, "scramp")

    assert ["PLAIN"] == chosen(offered=["PLAIN"])
    assert "scramp" not in sys.modules


def test_a_password_that_scram_cannot_take_goes_by_plain() -> None:
    """SASLprep allows only what Unicode 3.2 had; PLAIN takes every text."""
    assert ["PLAIN", "LOGIN"] == chosen(Credentials("kim", Secret("tiger\N{GRINNING FACE}")))


@pytest.mark.parametrize(
    ("offered", "bound", "initial"),
    [
        ("SCRAM-SHA-256-PLUS", True, b"p=tls-server-end-point,,n=kim,r="),
        ("SCRAM-SHA-256-PLUS SCRAM-SHA-256", True, b"n,,n=kim,r="),
        ("SCRAM-SHA-256", True, b"y,,n=kim,r="),
        ("SCRAM-SHA-256", False, b"n,,n=kim,r="),
        ("SCRAM-SHA-256-PLUS SCRAM-SHA-256", False, b"n,,n=kim,r="),
    ],
)
def test_the_server_is_told_what_the_client_saw(offered: str, bound: bool, initial: bytes, certificate: bytes) -> None:
    """RFC 5802, section 6: "y" says that the client could have bound the channel, so a removed -PLUS comes to light."""
    first = choose(offered.split(), KIM, private=True, certificate=certificate if bound else None, weak=False)[0].initial()

    assert initial == (first or b"")[: len(initial)]


# -- PLAIN, LOGIN, CRAM-MD5, APOP ----------------------------------------------------------------------------------------------


def test_plain() -> None:
    """RFC 4616, section 4: the second example, and a name and password outside ASCII as plain UTF-8."""
    assert b"\0tim\0tanstaaftanstaaf" == Plain("tim", Secret("tanstaaftanstaaf")).initial()
    assert b"\0j\xc3\xbcrgen\0\xe2\x82\xac\xff" == Plain("jürgen", Secret("€\udcff")).initial()


def test_login_answers_by_order() -> None:
    """The user name comes first and then the password, whatever the server calls them."""
    mechanism = Login("kim", TIGER)

    assert [None, b"kim", b"tiger"] == [mechanism.initial(), mechanism.respond(b"Username:"), mechanism.respond(b"")]
    mechanism.finish()


def test_cram_md5() -> None:
    """RFC 2195, section 2: the example."""
    mechanism = CramMD5("tim", Secret("tanstaaftanstaaf"))

    assert mechanism.initial() is None
    assert b"tim b913a602c7eda7a495b4e6e7334d3890" == mechanism.respond(b"<1896.697170952@postoffice.reston.mci.net>")
    mechanism.finish()


def test_apop() -> None:
    """RFC 1939, section 7: the example; the msg-id may stand anywhere and its host may be an address."""
    digest = apop_digest("POP3 server ready <1896.697170952@dbc.mtview.ca.us>", Secret("tanstaaf"))

    assert "c4c9334bac560ecc979e58001b3e22fb" == digest
    assert hashlib.md5(b"<1.2@[127.0.0.1]>tiger", usedforsecurity=False).hexdigest() == apop_digest(
        "<no> <1.2@[127.0.0.1]> hi", TIGER
    )


@pytest.mark.parametrize(
    "greeting", ["", "ready", "<no-host>", "<a@b", "a@b>", "<@b>", "<a@>", "<a b@c>", "<a@b@c>", "<\xff@b>", '<"a"@b>']
)
def test_a_greeting_without_a_message_id_has_no_apop(greeting: str) -> None:
    """What is no RFC 822 msg-id is not hashed with the password (CVE-2007-1558)."""
    assert apop_digest(greeting, TIGER) is None


@pytest.mark.timeout(10, func_only=True)
@pytest.mark.parametrize(
    "greeting", ["<" * 1_000_000, "<" + "a" * 1_000_000, "<a@" * 300_000, "<a" + "@a" * 500_000, "<a@[" * 250_000]
)
def test_a_hostile_greeting_takes_no_time(greeting: str) -> None:
    """The search is linear in the length of the greeting."""
    assert apop_digest(greeting, TIGER) is None


# -- tokens --------------------------------------------------------------------------------------------------------------------


def test_oauthbearer() -> None:
    """RFC 7628, section 4.3: the response of its SMTP example, and the answer to its error challenge."""
    mechanism = OAuthBearer("someuser@example.com", lambda: Secret(TOKEN))
    told = "bixhPXNvbWV1c2VyQGV4YW1wbGUuY29tLAFhdXRoPUJlYXJlciB2RjlkZnQ0cW1UYzJOdmIzUmxja0JoYkhSaGRtbHpkR0V1WTI5dENnPT0BAQ=="
    error = (
        b"eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NoZW1lcyI6ImJlYXJlciBtYWMiLCJzY29wZSI6Imh0dHBzOi8vbWFpbC5leGFtcGxlLmNvbS8ifQ=="
    )

    assert base64.b64decode(told) == mechanism.initial()
    assert b"\x01" == mechanism.respond(decode_challenge(error))
    assert "status invalid_token, scope https://mail.example.com/" == mechanism.detail
    assert mechanism.two_step


def test_oauthbearer_escapes_the_user_name() -> None:
    """RFC 5801, section 4: a comma would end the name."""
    assert b"n,a=a=2Cb=3Dc,\x01auth=Bearer t\x01\x01" == OAuthBearer("a,b=c", lambda: Secret("t")).initial()


def test_xoauth2() -> None:
    """The example of the mechanism's description; an error challenge is answered by an empty line."""
    mechanism = XOAuth2("someuser@example.com", lambda: Secret("ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"))
    told = "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
    error = {"status": "401", "schemes": "bearer mac", "scope": "https://mail.google.com/"}

    assert base64.b64decode(told) == mechanism.initial()
    assert b"" == mechanism.respond(json.dumps(error).encode() + b"\n")
    assert "status 401, scope https://mail.google.com/" == mechanism.detail
    assert mechanism.two_step


@pytest.mark.parametrize(
    ("challenge", "detail"),
    [
        (b"", ""),
        (b"no\r\n\x1b[31mJSON", "no [31mJSON"),
        (b"[" * 60_000, "[" * 200),
        (b'["status"]', '["status"]'),
        (b'{"status": {"a": 1}, "error": 7}', "error 7"),
        (b'{"status": "bad \xe2\x80\xae\\u0000 \\ud800"}', "status bad   ?"),
        (b'{"status": "' + b"x" * 1000 + b'"}', "status " + "x" * 193),
        (b'{"status": "no ' + TOKEN.encode() + b'"}', ""),
        (TOKEN.encode(), ""),
    ],
)
def test_the_reason_is_one_short_line_without_the_token(challenge: bytes, detail: str) -> None:
    """Whatever an error challenge holds, `detail` can stand in an error text."""
    mechanism = XOAuth2("kim", lambda: Secret(TOKEN))
    mechanism.initial()
    mechanism.respond(challenge)

    assert detail == mechanism.detail


def test_the_function_for_the_token_is_asked_once_and_only_at_login() -> None:
    """Choosing asks nothing; two mechanisms of one login share the answer."""
    asked: list[int] = []
    credentials = Credentials("kim", token=lambda: asked.append(1) or "abc")  # type: ignore[func-returns-value]

    mechanisms = choose(EVERYTHING, credentials, private=True, certificate=None, weak=False)
    before = len(asked)
    told = [mechanism.initial() for mechanism in mechanisms]

    assert (0, 1) == (before, len(asked))
    assert [b"n,a=kim,\x01auth=Bearer abc\x01\x01", b"user=kim\x01auth=Bearer abc\x01\x01"] == told


def test_a_server_that_agrees_after_its_error_challenge_is_not_believed() -> None:
    """First "this token is wrong" and then +OK makes no sense."""
    mechanism = XOAuth2("kim", lambda: Secret(TOKEN))
    mechanism.initial()
    mechanism.respond(b'{"status": "401"}')

    with pytest.raises(AuthenticationError, match=r"status 401.*agreed to it afterwards"):
        mechanism.finish()


# -- SCRAM ---------------------------------------------------------------------------------------------------------------------

VECTORS = [
    (
        "SCRAM-SHA-1",
        "fyko+d2lbbFgONRv9qkxdawL",
        b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
        b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
        b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
    ),
    (
        "SCRAM-SHA-256",
        "rOprNGfwEbeRWgbNEkqO",
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
    ),
]
NONCE = VECTORS[0][1]
FIRST, LAST = VECTORS[0][2], VECTORS[0][4]


def sha1() -> Scram:
    """A client that has sent its first message."""
    mechanism = Scram("SCRAM-SHA-1", "user", Secret("pencil"), nonce=NONCE)
    assert b"n,,n=user,r=" + NONCE.encode() == mechanism.initial()
    return mechanism


@pytest.mark.parametrize(("name", "nonce", "server_first", "client_final", "server_final"), VECTORS, ids=["5802", "7677"])
def test_scram_vectors(name: str, nonce: str, server_first: bytes, client_final: bytes, server_final: bytes) -> None:
    """RFC 5802, section 5 and RFC 7677, section 3: the examples."""
    mechanism = Scram(name, "user", Secret("pencil"), nonce=nonce)

    assert b"n,,n=user,r=" + nonce.encode() == mechanism.initial()
    assert client_final == mechanism.respond(server_first)
    assert b"" == mechanism.respond(server_final)
    mechanism.finish()


@pytest.mark.timeout(10, func_only=True)
@pytest.mark.parametrize(
    ("challenge", "words"),
    [
        (b"r=other+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096", "nonce doesn't match"),
        (b"r=" + NONCE.encode() + b",s=QSXCR+Q6sek8bf92,i=4096", "wrong"),
        (FIRST.replace(b"4096", b"1"), "for 1 iterations, fewer than 4096"),
        (FIRST.replace(b"4096", b"4095"), "for 4095 iterations, fewer than 4096"),
        (FIRST.replace(b"4096", b"10000001"), "more than 10000000"),
        (FIRST.replace(b"4096", b"1000000000"), "for 1000000000 iterations, more than 10000000"),
        (FIRST.replace(b"4096", b"9" * 50_000), "wrong"),
        (FIRST.replace(b"4096", b"-4096"), "wrong"),
        (FIRST + b",i=1000000000", "wrong"),
        (b"m=ext," + FIRST, "wrong"),
        (FIRST.replace(b"s=Q", b"s=*"), "wrong"),
        (b"", "wrong"),
        (b"\xff\xfe", "wrong"),
        (LAST, "wrong"),
    ],
)
def test_a_wrong_first_message_of_the_server_ends_the_login(challenge: bytes, words: str) -> None:
    """No proof is given to a server that is not following the exchange, or wants one that costs too little or too much."""
    mechanism = sha1()

    with pytest.raises(AuthenticationError, match=f"(?s){words}") as caught:
        mechanism.respond(challenge)

    assert ("AUTH", False, None) == (caught.value.command, "pencil" in str(caught.value), caught.value.__context__)
    with pytest.raises(AuthenticationError):
        mechanism.respond(FIRST)
    with pytest.raises(AuthenticationError, match="without its signature"):
        mechanism.finish()


@pytest.mark.parametrize(
    "final", [LAST.replace(b"rm", b"mr"), b"", b"v=", b"v=****", b"x=1", LAST[:-4], LAST + b",v=1", FIRST, b"\xff"]
)
def test_a_wrong_signature_of_the_server_ends_the_login(final: bytes) -> None:
    """Only who knows the password can sign; whoever cannot is not the server, even if it says +OK."""
    mechanism = sha1()
    mechanism.respond(FIRST)

    with pytest.raises(AuthenticationError, match="the server's part of SCRAM-SHA-1 is wrong"):
        mechanism.respond(final)
    with pytest.raises(AuthenticationError, match="without its signature"):
        mechanism.finish(LAST)


@pytest.mark.parametrize("challenges", [[], [FIRST]])
def test_success_without_the_servers_signature_is_refused(challenges: list[bytes]) -> None:
    """A server that skips its part may be anybody."""
    mechanism = sha1()
    for challenge in challenges:
        mechanism.respond(challenge)

    with pytest.raises(AuthenticationError, match="agreed to SCRAM-SHA-1 without its signature"):
        mechanism.finish()


def test_the_signature_may_come_with_the_success() -> None:
    """Where a server sends its last message with +OK it is checked as well."""
    mechanism = sha1()
    mechanism.respond(FIRST)
    mechanism.finish(LAST)
    mechanism = sha1()
    mechanism.respond(FIRST)

    with pytest.raises(AuthenticationError, match="is wrong"):
        mechanism.finish(b"v=AAAA")


@pytest.mark.parametrize("before", [[], [FIRST]])
def test_an_error_of_the_server_is_its_reason(before: list[bytes]) -> None:
    """RFC 5802, section 7: the -ERR that follows is the refusal, and `detail` says why; +OK is not believed."""
    mechanism = sha1()
    for challenge in before:
        mechanism.respond(challenge)

    assert b"" == mechanism.respond(b"e=invalid-proof\x1b")
    assert "invalid-proof" == mechanism.detail
    with pytest.raises(AuthenticationError, match="asks for more"):
        mechanism.respond(b"e=again")
    with pytest.raises(AuthenticationError, match="without its signature"):
        mechanism.finish()


def exchange(mechanism: Scram, server: Any) -> None:
    """A whole login at scramp's server side."""
    server.set_client_first((mechanism.initial() or b"").decode())
    server.set_client_final(mechanism.respond(server.get_server_first().encode()).decode())
    assert b"" == mechanism.respond(server.get_server_final().encode())
    mechanism.finish()


ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=40)


@settings(max_examples=25, deadline=None)
@given(
    ASCII,
    ASCII,
    st.sampled_from(SCRAM),
    st.binary(min_size=1),
)
def test_scram_goes_through_with_another_implementation(username: str, password: str, name: str, binding: bytes) -> None:
    """Any name and password, also with the signs that SCRAM escapes, are accepted by a server that holds the same ones."""
    mechanism = scramp.ScramMechanism(name)
    known = mechanism.make_auth_info(password)
    asked: list[str] = []
    channel = ("tls-server-end-point", binding) if name.endswith("-PLUS") else None
    server = mechanism.make_server(lambda user: asked.append(user) or known, channel_binding=channel)  # type: ignore[func-returns-value]

    exchange(Scram(name, username, Secret(password), binding=binding if channel else None), server)

    assert [username] == asked


def test_scram_prepares_names_and_passwords() -> None:
    """RFC 4013, section 3: the soft hyphen is left out, and a Roman numeral nine is I and X."""
    mechanism = scramp.ScramMechanism("SCRAM-SHA-256")
    users = {"IX": mechanism.make_auth_info("a")}

    exchange(Scram("SCRAM-SHA-256", "\u2168", Secret("\u00aa")), mechanism.make_server(users.get))
    exchange(Scram("SCRAM-SHA-256", "I\u00adX", Secret("a")), mechanism.make_server(users.get))
    with pytest.raises(ValueError, match="SCRAM-SHA-256 cannot take") as caught:
        Scram("SCRAM-SHA-256", "kim", Secret("tiger\u0627"))

    assert ("tiger" in str(caught.value), None) == (False, caught.value.__context__)


def test_another_certificate_breaks_the_binding(certificate: bytes) -> None:
    """Somebody between the two has another certificate than the server, and the server sees that."""
    mechanism = scramp.ScramMechanism("SCRAM-SHA-256-PLUS")
    users = {"kim": mechanism.make_auth_info("tiger")}
    right = hashlib.sha256(certificate).digest()
    client = choose(["SCRAM-SHA-256-PLUS"], KIM, private=True, certificate=certificate, weak=False)[0]
    assert isinstance(client, Scram)

    exchange(client, mechanism.make_server(users.get, channel_binding=("tls-server-end-point", right)))
    client = Scram("SCRAM-SHA-256-PLUS", "kim", TIGER, binding=b"other")
    with pytest.raises(scramp.ScramException, match="channel bindings don't match"):
        exchange(client, mechanism.make_server(users.get, channel_binding=("tls-server-end-point", right)))


def test_a_removed_plus_comes_to_light(certificate: bytes) -> None:
    """Without -PLUS in the list the client says "y", and a server that did offer it ends the login."""
    mechanism = scramp.ScramMechanism("SCRAM-SHA-256")
    users = {"kim": mechanism.make_auth_info("tiger")}
    client = choose(["SCRAM-SHA-256"], KIM, private=True, certificate=certificate, weak=False)[0]
    assert isinstance(client, Scram)

    with pytest.raises(scramp.ScramException, match="server-does-support-channel-binding"):
        exchange(client, mechanism.make_server(users.get, channel_binding=("tls-server-end-point", b"x")))


def signed(key: Any, algorithm: Any, **how: Any) -> bytes:
    """A certificate in DER with a signature of this kind."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pop.example.com")])
    day = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, day, day)
    return builder.sign(key, algorithm, **how).public_bytes(serialization.Encoding.DER)


def test_the_binding_uses_the_hash_of_the_certificates_signature() -> None:
    """RFC 5929, section 4.1: that hash, SHA-256 instead of MD5 and SHA-1, and nothing where there is no such hash."""
    short, long = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
    pss = padding.PSS(padding.MGF1(hashes.SHA384()), 48)
    plain = signed(long, hashes.SHA256())
    # The last octet of the signature's identifier: 4 is MD5 with RSA, 5 is SHA-1, 11 is SHA-256. Nobody signs with the first two.
    old = [plain.replace(bytes.fromhex("2a864886f70d01010b"), bytes.fromhex(f"2a864886f70d0101{end}")) for end in ("04", "05")]
    cases: list[tuple[bytes, Callable[[bytes], Any]]] = [
        (plain, hashlib.sha256),
        (old[0], hashlib.sha256),
        (old[1], hashlib.sha256),
        (signed(short, hashes.SHA384()), hashlib.sha384),
        (signed(long, hashes.SHA512()), hashlib.sha512),
        (signed(long, hashes.SHA384(), rsa_padding=pss), hashlib.sha384),
    ]

    assert [use(der).digest() for der, use in cases] == [endpoint_binding(der) for der, _ in cases]
    assert endpoint_binding(signed(ed25519.Ed25519PrivateKey.generate(), None)) is None


@given(st.binary(max_size=60))
def test_what_is_no_certificate_binds_nothing(junk: bytes) -> None:
    """An unreadable certificate is no reason to fail, and gives no binding."""
    assert endpoint_binding(junk) is None
    assert endpoint_binding(b"\x30\x82\x01" + junk) is None


# -- all of them ---------------------------------------------------------------------------------------------------------------


def every_mechanism() -> list[Mechanism]:
    both = Credentials("kim", TIGER, TOKEN)
    plus = [Scram("SCRAM-SHA-256-PLUS", "kim", TIGER, binding=b"x" * 32)]
    return [*choose(EVERYTHING, both, private=True, certificate=None, weak=True), *plus]


@pytest.mark.parametrize("mechanism", every_mechanism(), ids=lambda mechanism: mechanism.name)
def test_challenges_without_end_are_refused(mechanism: Mechanism) -> None:
    """A server that never stops asking gets at most two answers after the first."""
    mechanism.initial()
    answers = 0

    def go_on() -> None:
        nonlocal answers
        while answers < 10:
            mechanism.respond(b"more")
            answers += 1

    with pytest.raises(AuthenticationError):
        go_on()
    assert answers <= 2


@pytest.mark.parametrize("mechanism", [m for m in every_mechanism() if m.name != "LOGIN"], ids=lambda mechanism: mechanism.name)
def test_success_before_anything_was_said_is_refused(mechanism: Mechanism) -> None:
    """A server that agrees to AUTH without asking for the proof does not check it."""
    with pytest.raises(AuthenticationError, match=f"agreed to {mechanism.name}"):
        mechanism.finish()


def test_success_before_the_password_is_refused() -> None:
    """LOGIN is through when the password was asked for, not the name."""
    mechanism = Login("kim", TIGER)
    mechanism.respond(b"Username:")

    with pytest.raises(AuthenticationError, match="agreed to LOGIN before it asked for the proof"):
        mechanism.finish()


@pytest.mark.parametrize("mechanism", every_mechanism(), ids=lambda mechanism: mechanism.name)
@given(challenges=st.lists(st.binary(max_size=40) | st.sampled_from([b"", b"r=x,s=AAAA,i=4096", b"v=AAAA", b"{}"]), max_size=4))
def test_any_challenges_end_in_answers_or_in_one_error(mechanism: Mechanism, challenges: list[bytes]) -> None:
    """No octets of a server lead to anything but octets or AuthenticationError, and no error shows a secret."""
    fresh = next(m for m in every_mechanism() if m.name == mechanism.name)
    fresh.initial()
    try:
        for challenge in challenges:
            assert isinstance(fresh.respond(challenge), bytes)
    except AuthenticationError as error:
        shown = f"{error} {fresh.detail}"
        assert (False, False) == ("tiger" in shown, TOKEN in shown)


# -- base64 --------------------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=100))
def test_a_challenge_is_decoded(challenge: bytes) -> None:
    """Base64 as RFC 5034, section 4 has it; blanks around it do not matter, and none at all is the empty challenge."""
    assert challenge == decode_challenge(b" " + base64.b64encode(challenge) + b" ")


@pytest.mark.parametrize(
    "text", [b"a", b"aaa", b"=", b"aa==aa==", b"a a a a ", b"aaaa!", b"VXNlcm5hbWU", b"\xff\xff\xff\xff", b"aB=="]
)
def test_a_challenge_that_is_no_base64_is_an_error(text: bytes) -> None:
    """Decoders pass over foreign characters; what a server meant then is a guess."""
    with pytest.raises(AuthenticationError, match="no base64"):
        decode_challenge(text)


# -- a real server -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def strict_dovecot() -> Iterator[Dovecot]:
    """A Dovecot that offers more mechanisms than the one of the other tests."""
    program = find_dovecot()
    if program is None:
        pytest.skip("dovecot is not installed (Debian: dovecot-pop3d and dovecot-imapd)")
    names = "plain login cram-md5 scram-sha-1 scram-sha-256"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            dovecot_module,
            "CONFIGURATION",
            dovecot_module.CONFIGURATION.replace("auth_mechanisms = plain login", f"auth_mechanisms = {names}"),
        )
        with Dovecot(program) as server:
            yield server


@pytest.fixture(scope="module")
def mailbox(strict_dovecot: Dovecot) -> Mailbox:
    return strict_dovecot.mailbox([])


def login(server: Dovecot, mechanism: Mechanism) -> str:
    """AUTH in steps, as POP3 does it; gives the server's last line."""
    with socket.create_connection((server.plain_host, server.pop3_port), timeout=20) as connection:
        stream = connection.makefile("rwb")
        stream.readline()
        line, first = b"AUTH " + mechanism.name.encode(), mechanism.initial()
        while True:
            stream.write(line + b"\r\n")
            stream.flush()
            reply = stream.readline().rstrip(b"\r\n")
            if not reply.startswith(b"+ "):
                break
            challenge = decode_challenge(reply[2:])
            answer, first = (mechanism.respond(challenge) if first is None else first), None
            line = base64.b64encode(answer)
        if reply.startswith(b"+OK"):
            mechanism.finish()
        return reply.decode()


@pytest.mark.parametrize("name", ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN", "CRAM-MD5"])
def test_dovecot_accepts(strict_dovecot: Dovecot, mailbox: Mailbox, name: str) -> None:
    """A real server takes the right password, and its proof is accepted; a wrong password it refuses."""
    right = Credentials(mailbox.username, Secret(mailbox.password))
    wrong = Credentials(mailbox.username, TIGER)
    good, bad = (choose([name], who, private=True, certificate=None, weak=True)[0] for who in (right, wrong))

    assert "+OK Logged in." == login(strict_dovecot, good)
    assert "-ERR [AUTH] Authentication failed." == login(strict_dovecot, bad)


def test_the_extra_brings_all_it_needs() -> None:
    """scramp and asn1crypto come together, so SCRAM with and without binding is there or is not."""
    assert (True, True) == (scram_available(), importlib.util.find_spec("asn1crypto") is not None)
