"""Every action and every selection against a real Dovecot: in clear, with STLS and with TLS; blocking and with asyncio.

What happened to the mailbox is read back over IMAP.
"""

from __future__ import annotations

import asyncio
import imaplib
import poplib
from collections.abc import Callable
from pathlib import Path

import pytest

from cfml_pop import (
    AttachmentError,
    AuthenticationError,
    Connection,
    POP3Error,
    Query,
    Settings,
    TLSError,
    acfpop,
    cfml_environment,
    cfpop,
)
from cfml_pop.testing import sample_messages
from tests.servers.dovecot import PASSWORD, Dovecot, Mailbox

Door = Callable[..., Query]


def awaited(**attributes: object) -> Query:
    return asyncio.run(acfpop(**attributes))  # type: ignore[arg-type]


@pytest.fixture(params=[cfpop, awaited], ids=["blocking", "asyncio"])
def door(request: pytest.FixtureRequest) -> Door:
    """The function or its awaitable twin."""
    chosen: Door = request.param
    return chosen


@pytest.fixture(params=["clear", "stls", "tls"])
def channel(request: pytest.FixtureRequest, dovecot: Dovecot) -> dict[str, object]:
    """Where to connect, and the settings that trust the server."""
    return channels(dovecot)[request.param]


def channels(dovecot: Dovecot) -> dict[str, dict[str, object]]:
    settings = Settings(tls_ca_file=dovecot.ca_file)
    return {
        "clear": {"server": dovecot.plain_host, "port": dovecot.pop3_port},
        "stls": {"server": dovecot.host, "port": dovecot.pop3_port, "settings": settings},
        "tls": {"server": dovecot.host, "port": dovecot.pop3s_port, "secure": True, "settings": settings},
    }


def mail(number: int) -> bytes:
    return (
        f"From: Ann <ann{number}@example.com>\r\nTo: team@example.org\r\nSubject: Mail {number}\r\n"
        f"Date: Mon, 02 Nov 2026 10:00:{number:02d} +0100\r\nMessage-ID: <m{number}@example.com>\r\n"
        f"\r\nBody {number}\r\n.\r\n..dots\r\n"
    ).encode()


FIVE = [mail(number) for number in range(1, 6)]


def login(mailbox: Mailbox) -> dict[str, object]:
    return {"username": mailbox.username, "password": mailbox.password, "timeout": 20}


SELECTIONS: list[tuple[dict[str, object], list[int]]] = [
    ({"messagenumber": "4,2"}, [4, 2]),
    ({"messagenumber": "2,99"}, [2]),
    ({"messagenumber": ""}, []),
    ({"startrow": 2, "maxrows": 2}, [2, 3]),
    ({"startrow": 4}, [4, 5]),
    ({"maxrows": 1}, [1]),
    ({"maxrows": 0}, []),
    ({"uid": ""}, []),
    ({"uid": "2,4"}, [2, 4]),
    ({"uid": "4|nope", "delimiter": "|"}, [4]),
    ({"uid": "3", "messagenumber": "1", "maxrows": 1}, [3]),
]


def with_real_uids(mailbox: Mailbox, attributes: dict[str, object]) -> dict[str, object]:
    """Numbers inside `uid` stand for the uids that Dovecot gives those messages."""
    if not attributes.get("uid"):
        return attributes
    separator = str(attributes.get("delimiter", ","))
    known = mailbox.uidl()
    items = [known[int(item) - 1] if item.isdigit() else item for item in str(attributes["uid"]).split(separator)]
    return {**attributes, "uid": separator.join(items)}


@pytest.mark.parametrize("action", ["getHeaderOnly", "getAll"])
@pytest.mark.parametrize(("attributes", "expected"), [({}, [1, 2, 3, 4, 5]), *SELECTIONS])
def test_reading_gives_the_selected_rows(
    dovecot: Dovecot, door: Door, channel: dict[str, object], action: str, attributes: dict[str, object], expected: list[int]
) -> None:
    """Rows are the messages meant; reading whole messages marks them, reading headers does not, and nothing is removed."""
    mailbox = dovecot.mailbox(FIVE)
    uids, sizes = mailbox.uidl(), mailbox.sizes()

    query = door(action=action, **channel, **login(mailbox), **with_real_uids(mailbox, attributes))

    assert [(n, f"Mail {n}", f"Ann <ann{n}@example.com>", uids[n - 1], sizes[n - 1]) for n in expected] == [
        (row["messagenumber"], row["subject"], str(row["from"]), row["uid"], row["size"]) for row in query
    ]
    assert [action == "getAll" and n in expected for n in range(1, 6)] == mailbox.seen()
    if action == "getAll":
        assert [f"Body {n}\r\n.\r\n..dots\r\n" for n in expected] == [row["body"] for row in query]


@pytest.mark.parametrize(("attributes", "expected"), SELECTIONS)
@pytest.mark.parametrize("where", ["clear", "tls"])
def test_delete_removes_the_selected_and_nothing_else(
    dovecot: Dovecot, door: Door, where: str, attributes: dict[str, object], expected: list[int]
) -> None:
    """What was deleted is gone, the others are there, unread as before; the result names those deleted."""
    mailbox = dovecot.mailbox(FIVE)
    uids = mailbox.uidl()
    attributes = with_real_uids(mailbox, attributes)

    query = door(action="delete", **channels(dovecot)[where], **login(mailbox), **attributes)

    assert [f"Mail {n}" for n in range(1, 6) if n not in expected] == mailbox.subjects()
    assert not any(mailbox.seen())
    assert [(n, uids[n - 1]) for n in expected] == [(row["messagenumber"], row["uid"]) for row in query]


@pytest.mark.parametrize(("attributes", "expected"), [({}, [1, 2, 3, 4, 5]), *SELECTIONS])
@pytest.mark.parametrize("where", ["clear", "stls"])
def test_mark_read_sets_seen_and_changes_nothing_else(
    dovecot: Dovecot, door: Door, where: str, attributes: dict[str, object], expected: list[int]
) -> None:
    r"""\Seen is set on the selected messages only, their octets stay the same, none is removed."""
    mailbox = dovecot.mailbox(FIVE)
    before = mailbox.peek()

    query = door(action="markRead", **channels(dovecot)[where], **login(mailbox), **with_real_uids(mailbox, attributes))

    assert [n in expected for n in range(1, 6)] == mailbox.seen()
    assert before == mailbox.peek()
    assert (sorted(expected), "") == (sorted(row["messagenumber"] for row in query), str(query))


def text(octets: bytes) -> str:
    """As the header column decodes: UTF-8, else Latin-1."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def test_the_octets_are_those_that_other_clients_read(dovecot: Dovecot, door: Door, channel: dict[str, object]) -> None:
    """The header column is what poplib reads, for the whole sample mailbox; sizes and uids agree."""
    mailbox = dovecot.mailbox(sample_messages())
    pop3 = poplib.POP3(dovecot.plain_host, dovecot.pop3_port, timeout=20)
    pop3.user(mailbox.username)
    pop3.pass_(PASSWORD)
    tops = [b"\r\n".join(pop3.top(number + 1, 0)[1]) for number in range(pop3.stat()[0])]
    pop3.quit()

    query = door(**channel, **login(mailbox))

    assert [text(top).strip() for top in tops] == [str(row["header"]).strip() for row in query]
    assert (mailbox.uidl(), mailbox.sizes()) == ([row["uid"] for row in query], [row["size"] for row in query])


def test_ten_thousand_messages_are_a_handful_of_flights(dovecot: Dovecot) -> None:
    """A mailbox that a message-by-message client needs 20,000 round trips for."""
    mailbox = dovecot.mailbox([mail(number % 60) for number in range(10_000)])

    query = cfpop(**channels(dovecot)["clear"], **login(mailbox))  # type: ignore[arg-type]

    assert [f"Mail {n % 60}" for n in range(10_000)] == [row["subject"] for row in query]


def test_a_wrong_password_gives_the_words_of_the_server(dovecot: Dovecot, door: Door, channel: dict[str, object]) -> None:
    """One attempt; the text has the server's reason and not the password."""
    mailbox = dovecot.mailbox(FIVE)

    with pytest.raises(AuthenticationError, match=r"did not accept the login: \[AUTH\] Authentication failed") as caught:
        door(**channel, **{**login(mailbox), "password": "tiger-in-clear"})

    assert "tiger" not in str(caught.value)


@pytest.mark.parametrize("secure", [True, False])
def test_a_certificate_of_another_name_is_refused(dovecot: Dovecot, door: Door, secure: bool) -> None:
    """With TLS and with STLS alike; the password is not sent."""
    mailbox = dovecot.mailbox(FIVE)
    port = dovecot.pop3s_port if secure else dovecot.pop3_port

    with pytest.raises(TLSError, match=r"certificate of 127\.0\.0\.3:\d+ was not accepted"):
        door(
            server=dovecot.wrong_name_host,
            port=port,
            secure=secure,
            settings=Settings(tls_ca_file=dovecot.ca_file),
            **login(mailbox),
        )


def test_an_unknown_authority_is_refused(dovecot: Dovecot, door: Door) -> None:
    """Without the setting that names the private authority its certificate does not hold."""
    mailbox = dovecot.mailbox(FIVE)

    with pytest.raises(TLSError, match=r"Settings\(tls_ca_file=\.\.\.\)"):
        door(server=dovecot.host, port=dovecot.pop3s_port, secure=True, **login(mailbox))


def test_a_mailbox_that_changes_between_two_calls_is_met_by_uid(dovecot: Dovecot, door: Door) -> None:
    """Numbers move when another client deletes; a uid never means another message."""
    mailbox = dovecot.mailbox(FIVE)
    where = channels(dovecot)["clear"]
    uids = [row["uid"] for row in door(**where, **login(mailbox))]
    door(action="delete", uid=uids[0], **where, **login(mailbox))

    query = door(action="delete", uid=f"{uids[0]},{uids[2]}", **where, **login(mailbox))

    assert [(2, uids[2])] == [(row["messagenumber"], row["uid"]) for row in query]
    assert ["Mail 2", "Mail 4", "Mail 5"] == mailbox.subjects()


def test_a_message_that_vanishes_under_us_is_an_error_that_names_it(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another client removes a message after we have listed it: the call raises and holds the rows that are complete."""
    from cfml_pop.pop3 import dialogue

    mailbox = dovecot.mailbox(FIVE)
    original = dialogue.Dialogue.batch

    def removed_meanwhile(self: dialogue.Dialogue, *arguments: object) -> object:
        with imaplib.IMAP4(dovecot.plain_host, dovecot.imap_port) as imap:
            imap.login(mailbox.username, PASSWORD)
            imap.select("INBOX")
            imap.store("3", "+FLAGS", r"(\Deleted)")
            imap.expunge()
        monkeypatch.setattr(dialogue.Dialogue, "batch", original)
        return original(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(dialogue.Dialogue, "batch", removed_meanwhile)

    with pytest.raises((POP3Error, ConnectionError)) as caught:
        cfpop(action="getAll", **channels(dovecot)["clear"], **login(mailbox))  # type: ignore[arg-type]

    error = caught.value
    assert isinstance(error, (POP3Error, ConnectionError))
    assert 3 in error.numbers  # type: ignore[union-attr]
    assert {"Mail 1", "Mail 2"} <= {row["subject"] for row in error.query}  # type: ignore[union-attr]


def test_an_attachment_folder_that_cannot_be_written_changes_nothing(dovecot: Dovecot, door: Door, tmp_path: Path) -> None:
    """The call fails before the server is asked for anything, and leaves no half file."""
    mailbox = dovecot.mailbox(sample_messages())
    blocked = tmp_path / "file"
    blocked.write_text("in the way")

    with pytest.raises(AttachmentError, match="file"):
        door(action="getAll", attachmentpath=str(blocked / "in"), **channels(dovecot)["clear"], **login(mailbox))

    assert not any(mailbox.seen())
    assert [blocked] == list(tmp_path.iterdir())


def test_the_tag_reads_and_deletes_in_one_page(dovecot: Dovecot) -> None:
    """A page as people write them: list, delete the first by uid, list again; a stored connection holds the password."""
    mailbox = dovecot.mailbox(FIVE)
    support = Connection(server=dovecot.host, port=dovecot.pop3s_port, username=mailbox.username, password=PASSWORD, secure=True)
    environment = cfml_environment(settings=Settings(connections={"support": support}, tls_ca_file=dovecot.ca_file))
    page = environment.from_string(
        '<% cfpop connection="support" name="mail" %>{{ mail.recordcount }} {{ mail.subject }}'
        '<% cfpop connection="support" action="delete" uid="#mail.uid[1]#" %>'
        '<% cfpop connection="support" name="mail" action="getAll" %>'
        " -> <% for row in mail %>{{ row.subject }}, <% endfor %>"
    )

    assert "5 Mail 1 -> Mail 2, Mail 3, Mail 4, Mail 5, " == page.render()
    assert ["Mail 2", "Mail 3", "Mail 4", "Mail 5"] == mailbox.subjects()


def test_several_mailboxes_are_read_at_once(dovecot: Dovecot) -> None:
    """The awaitable twin runs many calls on one loop."""
    boxes = [dovecot.mailbox([mail(number)] * 50) for number in range(1, 6)]

    async def scene() -> list[Query]:
        where = channels(dovecot)["tls"]
        return await asyncio.gather(*(acfpop(action="getAll", **where, **login(box)) for box in boxes))  # type: ignore[arg-type]

    assert [[f"Mail {n}"] * 50 for n in range(1, 6)] == [[row["subject"] for row in query] for query in asyncio.run(scene())]
