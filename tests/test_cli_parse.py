"""The row of a message file: cfml-pop parse."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from cfml_pop import parse_message
from cfml_pop.cfml.query import ALL_COLUMNS, plain
from cfml_pop.cli import main
from cfml_pop.testing import mailbox

MAILS = sorted(Path(str(mailbox.__file__)).parent.glob("*.eml"))
ORDER = next(path for path in MAILS if path.name.startswith("02"))
BROKEN = next(path for path in MAILS if path.name.startswith("14"))


def shown(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    status = main(["parse", *map(str, arguments)])
    out, err = capsys.readouterr()

    assert (0, "") == (status, err)
    return out


@pytest.mark.parametrize("dialect", ["default", "adobe"])
def test_json_is_the_row(capsys: pytest.CaptureFixture[str], dialect: str) -> None:
    """--json has for each file its name, the columns of its row as parse_message gives them, and its defects."""
    found = json.loads(shown(capsys, *MAILS, "--json", "--dialect", dialect))
    expected = []
    for path in MAILS:
        row = parse_message(path, dialect=dialect)
        columns = {name: plain(row[name]) for name in found[0] if name not in ("file", "defects")}
        expected.append({"file": str(path), **columns, "defects": list(row.defects)})

    assert expected == found
    assert dialect == "adobe" or ["file", *ALL_COLUMNS, "defects"] == list(found[0])


def test_stdin(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is a message on stdin."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Subject: hello\r\n\r\nworld\r\n")))

    assert "hello\n" == shown(capsys, "-", "--columns", "subject")


def test_page(capsys: pytest.CaptureFixture[str]) -> None:
    """A page has the header, the text, the attachments and the defects, one file below the other."""
    text = shown(capsys, ORDER, BROKEN)
    first, _, second = text.partition("=" * 78)

    assert "From:       Mira Kovač <orders@example.net>\n" in first
    assert "Wanderer 7, red, 54 cm" in first
    assert "Attachments:\n  wanderer.png (image/png, 4,616 octets)\n" in first
    assert "Defects:" not in first
    assert "Defects:\n" in second
    assert "  the date cannot be read\n" in second


def test_a_page_of_html(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Mail that has HTML only is shown as text."""
    path = tmp_path / "a.eml"
    path.write_bytes(b"Content-Type: text/html\r\n\r\n<p>Hello <a href='https://example.org/'>shop</a><script>x()</script>")

    assert "\nHello shop (https://example.org/)\n" in shown(capsys, path)


def test_mail_does_not_speak_to_the_terminal(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Controls in a header, a text, a name of an attachment or a file are not printed."""
    path = tmp_path / "a\x1b[2J.eml"
    path.write_bytes(
        b"Subject: =?utf-8?q?=1B[31mred?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b'--b\r\n\r\ntext \x1b]0;title\x07\r\n--b\r\nContent-Disposition: attachment; filename="x\x1b[1my"\r\n\r\nz\r\n--b--\r\n'
    )
    pages = shown(capsys, path) + shown(capsys, path, "--json") + shown(capsys, path, "--format", "csv")

    assert "red" in pages
    assert set() == {sign for sign in pages if ord(sign) < 32} - {"\n"}


def test_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """One column is printed bare, several have a heading each, and the order is the one asked for."""
    assert "Your order 2041 is on its way\n" == shown(capsys, ORDER, "--columns", "Subject")
    assert "cc:\n\nsubject:\nYour order 2041 is on its way\n" == shown(capsys, ORDER, "--columns", "cc,subject")
    assert '"subject","file"\n"Your order 2041 is on its way","' in shown(
        capsys, ORDER, "--columns", "subject,file", "--format", "csv"
    )


def test_attachments_are_saved(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--save-attachments writes them below where the command runs, for the owner alone, and replaces no file."""
    monkeypatch.chdir(tmp_path)
    text = shown(capsys, ORDER, ORDER, "--save-attachments", "files")
    files = sorted((tmp_path / "files").iterdir())

    assert ["wanderer.png", "wanderer1.png"] == [path.name for path in files]
    assert [4616, 4616] == [path.stat().st_size for path in files]
    assert f"saved as {tmp_path / 'files' / 'wanderer1.png'}" in text
    assert os.name != "posix" or {0o600} == {path.stat().st_mode & 0o777 for path in files}


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ([], 2, "FILE.eml"),
        (["gone.eml"], 1, "gone.eml cannot be read: No such file or directory"),
        ([str(ORDER), "gone.eml"], 1, "gone.eml cannot be read: No such file or directory"),
        (["."], 1, ". cannot be read: Is a directory"),
        ([str(ORDER), "--columns", "nonsense"], 2, "there is no column 'nonsense'; there is file, date,"),
        ([str(ORDER), "--csv-raw"], 2, "write --format csv with it"),
        ([str(ORDER), "--format", "table"], 2, "--format"),
        ([str(ORDER), "--save-attachments", str(ORDER)], 1, "the directory for attachments cannot be used"),
    ],
)
def test_wrong_calls(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    status: int,
    said: str,
) -> None:
    """What cannot be done is one line that says what, and nothing is printed before it."""
    monkeypatch.chdir(tmp_path)
    ended = main(["parse", *arguments])
    out, err = capsys.readouterr()

    assert (status, "", 1) == (ended, out, err.count("\n"))
    assert err.startswith("cfml-pop: ")
    assert said in err
