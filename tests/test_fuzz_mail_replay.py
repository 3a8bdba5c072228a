"""Mails that fuzzing has found worth keeping, played again; and every mail of the tests, in every dialect."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import mail

HERE = Path(__file__).parent
KEPT = sorted((HERE / "fuzz" / "mails").iterdir())
MAILS = sorted((HERE / "mail").glob("*.eml"))


def test_kept_mails_give_rows() -> None:
    """Every input that fuzzing kept gives a row that is as it must be."""
    for path in KEPT:
        mail.run(path.read_bytes())

    assert len(KEPT) >= 100


@pytest.mark.parametrize("choice", range(len(mail.NAMES)), ids=mail.NAMES)
def test_every_mail_in_every_dialect(choice: int) -> None:
    """No dialect breaks the promises of a row, whatever is wrong with the mail."""
    for path in MAILS:
        raw = path.read_bytes()
        if len(raw) <= 20_000:
            mail.run(bytes([choice, 99]) + raw)
            mail.run(bytes([choice | 64, 5]) + raw)


def test_a_row_that_changes_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that depends on the windows, or a control character in a line, does not pass."""
    rows = iter([{"subject": "a", "messageid": ""}, {"subject": "b", "messageid": ""}])
    monkeypatch.setattr(mail, "row_of", lambda *_, **__: next(rows))
    with pytest.raises(mail.Misread, match="windows of 1 octets change subject"):
        mail.run(bytes(9))

    monkeypatch.setattr(mail, "row_of", lambda *_, **__: {"subject": "a\tb", "messageid": ""})
    with pytest.raises(mail.Misread, match="control character is in subject"):
        mail.run(bytes(9))
