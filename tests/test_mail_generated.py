"""Mail of any shape whose meaning is known: all of it comes back, from memory and files, and damage costs no more than a row."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cfml_pop.message.message import Message
from cfml_pop.message.parts import Part
from cfml_pop.parsing import parse_message
from tests.mail_support import build, build_windowed, row_of
from tests.mail_writer import Sent, messages

__all__: list[str] = []

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
HEADER_COLUMNS = ("date", "from", "messageid", "replyto", "subject", "cc", "to", "header")


def ends(text: str) -> str:
    return text.replace("\r\n", "\n")


def texts(sent: Sent, kind: str) -> list[str]:
    return [leaf.content for leaf in sent.leaves if leaf.content_type == kind and isinstance(leaf.content, str)]


def files(sent: Sent) -> list[tuple[str, str, str, bytes]]:
    """The attachments: what has a name, and each HTML after the first."""
    found, pages = [], 0
    for number, leaf in enumerate(sent.leaves, 1):
        if isinstance(leaf.content, bytes):
            found.append((leaf.name, leaf.content_type, leaf.content_id, leaf.content))
        elif leaf.content_type == "text/html":
            pages += 1
            if pages > 1:
                found.append((f"part-{number}.html", "text/html", "", leaf.content.encode()))
    return found


@quick
@given(messages())
def test_everything_comes_back(sent: Sent) -> None:
    """Subject, sender, every text and every octet of every attachment are what was sent, and nothing is called damaged."""
    message = Message(sent.raw)
    plain, html = texts(sent, "text/plain"), texts(sent, "text/html")
    found = []
    for item in message.attachments:
        part = item.part
        octets = b"".join(part.blocks())
        # The octets of a text are those of its charset; what they say is compared.
        said = ends(part.text).encode() if isinstance(part, Part) and part.content_type == "text/html" else octets
        found.append((item.name, part.content_type, item.content_id, said))

    assert (sent.subject, [sent.sender]) == (message.subject, [(box.name, box.address) for box in message.addresses(b"from")])
    assert "\n\n".join(text.rstrip("\n") for text in plain[:-1]) + "\n\n" * (len(plain) > 1) + "".join(plain[-1:]) == ends(
        message.text
    )
    assert (html or [""])[0] == ends(message.html)
    assert files(sent) == found
    assert () == message.defects


@quick
@given(messages(), st.integers(1, 500))
def test_windows_of_any_size_give_the_same_row(sent: Sent, block: int) -> None:
    """A message that is read through windows of a file gives the row that it gives from memory."""
    assert row_of(build(sent.raw)) == row_of(build_windowed(sent.raw, block=block))


PIECES = [
    b"\r\n",
    b"\n",
    b"\r",
    b"--b",
    b"--b--",
    b"=",
    b"=?utf-8?Q?",
    b"?=",
    b'"',
    b";",
    b"\0",
    b"\xff",
    b":",
    b" ",
    b"boundary=",
    b"<",
    b"(",
]
MUTATION = st.tuples(
    st.sampled_from(["cut", "drop", "twice", "put", "bend", "swap"]), st.floats(0, 1), st.floats(0, 1), st.sampled_from(PIECES)
)


def damaged(raw: bytes, mutations: list[tuple[str, float, float, bytes]]) -> bytes:
    for way, first, second, piece in mutations:
        start, end = sorted((int(first * len(raw)), int(second * len(raw))))
        near = min(end, start + 40)
        if way == "cut":
            raw = raw[:end]
        elif way == "drop":
            raw = raw[:start] + raw[near:]
        elif way == "twice":
            raw = raw[:near] + raw[start:near] + raw[near:]
        elif way == "put":
            raw = raw[:start] + piece + raw[start:]
        elif way == "bend":
            raw = raw[:start] + bytes(octet ^ 0x80 for octet in raw[start : start + 1]) + raw[start + 1 :]
        else:
            raw = raw[end:] + raw[start:end] + raw[:start]
    return raw


@settings(quick, max_examples=100)
@given(messages(), st.lists(MUTATION, min_size=1, max_size=4), st.integers(1, 100))
def test_damage_costs_no_row(sent: Sent, mutations: list[tuple[str, float, float, bytes]], block: int) -> None:
    """However a message is damaged there is a row, the same through any window, and its header columns need no body."""
    raw = damaged(sent.raw, mutations)
    full, header = build(raw), build(raw, full=False)

    assert row_of(full) == row_of(build_windowed(raw, block=block))
    assert [full.cell(column) for column in HEADER_COLUMNS] == [header.cell(column) for column in HEADER_COLUMNS]
    assert not [column for column in HEADER_COLUMNS[:-1] if any(ord(letter) < 32 for letter in str(full.cell(column)))]


TEXT = st.text(st.sampled_from([*"ab <>&=.", "\xe9", "\u20ac", "\u65e5"]), min_size=1, max_size=40).map(lambda text: f"x{text}x")
NAME = st.text(st.sampled_from([*"abc", "\xe9", "\u65e5"]), min_size=1, max_size=30).map(lambda stem: f"n{stem}.bin")


@quick
@given(TEXT, TEXT, TEXT, st.lists(st.tuples(NAME, st.binary(max_size=99)), max_size=3))
def test_mail_of_the_standard_library(subject: str, plain: str, html: str, attached: list[tuple[str, bytes]]) -> None:
    """What Python's email package writes is read as what it was given."""
    sent = EmailMessage(policy=SMTP)
    sent["Subject"] = subject
    sent["From"] = "Kim <kim@example.org>"
    sent.set_content(plain)
    sent.add_alternative(html, subtype="html")
    for name, octets in attached:
        sent.add_attachment(octets, maintype="application", subtype="octet-stream", filename=name)
    row = parse_message(sent.as_bytes())

    assert (subject, f"{plain}\n", f"{html}\n") == (row.subject, ends(row.textbody), ends(row.htmlbody))
    assert [(name, len(octets)) for name, octets in attached] == [(entry.name, entry.size) for entry in row.attachments.entries]
    assert () == row.defects
