"""What a test has at hand becomes the messages of a mailbox."""

from __future__ import annotations

import mailbox
from email.message import EmailMessage
from pathlib import Path

import pytest

from cfml_pop.testing import EmbeddedServer
from cfml_pop.testing.sources import Messages, octets_of


def letter(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message.set_content("Zoë\n")
    return message


def test_octets_and_text() -> None:
    """Octets stay as they are, text is UTF-8, and one source is as good as a list of one."""
    assert [b"\xff\n"] == octets_of(b"\xff\n") == octets_of([bytearray(b"\xff\n")])
    assert ["Subject: é\n\n".encode(), b"x"] == octets_of(("Subject: é\n\n", memoryview(b"x")))
    assert [] == octets_of(())


def test_email_message() -> None:
    """A message of Python's `email` is what it would send."""
    assert [letter("a").as_bytes(), letter("b").as_bytes()] == octets_of([letter("a"), letter("b")])


def test_files_and_folders(tmp_path: Path) -> None:
    """A path is a file or a folder of .eml files, these by name; a folder without any is an error."""
    for name in ("b.eml", "a.eml", "c.txt"):
        (tmp_path / name).write_bytes(name.encode())

    assert [b"a.eml", b"b.eml"] == octets_of(tmp_path)
    assert [b"c.txt", b"a.eml", b"b.eml"] == octets_of([tmp_path / "c.txt", tmp_path])
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=r"no Maildir and has no \.eml file"):
        octets_of(tmp_path / "empty")
    with pytest.raises(FileNotFoundError):
        octets_of(tmp_path / "nothing.eml")


def test_stores(tmp_path: Path) -> None:
    """A Maildir, given as a path or as mailbox.Maildir, and an mbox give their messages in order; reading changes nothing."""
    maildir = mailbox.Maildir(tmp_path / "maildir", factory=None, create=True)
    mbox = mailbox.mbox(tmp_path / "mbox", factory=None, create=True)
    for subject in ("one", "two"):
        maildir.add(letter(subject))
        mbox.add(letter(subject))
    before = sorted(tmp_path.rglob("*"))
    expected = [letter("one").as_bytes(), letter("two").as_bytes()]

    assert expected == octets_of(tmp_path / "maildir")
    assert expected == octets_of(maildir)
    assert expected == [message.rstrip(b"\n") + b"\n" for message in octets_of(mbox)]
    assert before == sorted(tmp_path.rglob("*"))
    mbox.close()


@pytest.mark.parametrize(
    ("wrong", "kind", "text"),
    [
        ("inbox/letter.eml", ValueError, r"pathlib\.Path\('inbox/letter\.eml'\)"),
        (7, TypeError, "not int"),
        ([None], TypeError, "not NoneType"),
    ],
)
def test_what_is_no_message(wrong: Messages, kind: type[Exception], text: str) -> None:
    """A path given as text and values that are no mail are told when the server is made."""
    with pytest.raises(kind, match=text):
        EmbeddedServer(wrong)
