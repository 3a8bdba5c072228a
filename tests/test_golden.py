"""The rows that Lucee gives, cell by cell, under the dialect `lucee`; and OpenBD's addresses under `openbd`.

Rule: `tests/corpora/golden/lucee.json` holds what Lucee does. A cell that differs stands in EXCEPTIONS with its reason, and only
for a reason of the list that is given there; an exception that does not occur any more fails.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from cfml_pop import parse_message
from cfml_pop.cfml.dialect import find_dialect
from cfml_pop.row import RowBuilder

__all__: list[str] = []

GOLDEN: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "corpora" / "golden" / "lucee.json").read_text("utf-8"))[
    "cases"
]

TRACE = "Lucee puts a stack trace into body and loses the rest; here the part is decoded as well as can be"
LOST = "Lucee loses the characters; here they are read"
ONE_KEY = "Lucee's struct has one entry for two names that differ in case; here the second gets a number"
CLIMBS = "Lucee takes the name for a path; here the file stays in the directory, under a name that is none"

_BODIES = ("body", "textBody")
EXCEPTIONS: dict[str, dict[str, str]] = {
    "no_ct_8bit": dict.fromkeys(_BODIES, LOST),
    "plain_spaces_charset": dict.fromkeys(_BODIES, LOST),
    "plain_qp": dict.fromkeys(_BODIES, LOST),
    "html_meta_charset": dict.fromkeys(("body", "HTMLBody"), LOST),
    "plain_dq_empty_charset": dict.fromkeys(_BODIES, TRACE),
    "plain_bad_cte": dict.fromkeys(_BODIES, TRACE),
    "utf7": dict.fromkeys(_BODIES, TRACE),
    "mp_missing_parts": dict.fromkeys(_BODIES, TRACE),
    "mp_bad_cte_part": dict.fromkeys((*_BODIES, "HTMLBody"), TRACE),
    "mp_bad_charset_part": dict.fromkeys((*_BODIES, "HTMLBody"), TRACE),
    "fn_rfc2047": dict.fromkeys(("body", "attachments"), TRACE),
    "cid_dupname": {"cids": ONE_KEY},
}
"""Message to cell to reason."""

SAVED_EXCEPTIONS: dict[str, str] = {
    "fn_rfc2047": TRACE,
    "fn_traversal": CLIMBS,
    "fn_win": CLIMBS,
    "tabname": "the name of a file holds no tab; the column attachments does, as in Lucee",
    "cid_dupname": ONE_KEY,
}
"""Message to reason, for the rows and files of a call that saves."""


def served(case: dict[str, Any]) -> bytes:
    raw = base64.b64decode(case["raw_b64"])
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


def row_of(case: dict[str, Any], dialect: str, directory: Path | None = None, *, unique: bool = False) -> dict[str, Any]:
    """The row as the golden file writes it: dates in UTC, attachments by name."""
    raw = served(case)
    builder = RowBuilder(
        full=True,
        directory=None if directory is None else str(directory),
        root=None,
        allow_absolute=True,
        unique=unique,
        memory_limit=1 << 20,
        dialect=find_dialect(dialect),
        time_zone=dt.timezone.utc,
    )
    sink = builder.sink()
    sink.write(raw)
    # What LIST gives is the length of the message as it is stored.
    cells = builder.build(sink, number=1, size=len(base64.b64decode(case["raw_b64"])), uid="u1")
    builder.close()
    return {column: cells.cell(column.lower()) for column in builder.columns}


def moment(text: str) -> str | None:
    """`{ts '...'}` as the golden file writes dates."""
    return text[5:-2].replace(" ", "T") + "Z" if text else None


@pytest.mark.parametrize("name", GOLDEN)
def test_row_is_lucees(name: str) -> None:
    """Every cell of the row is the one that Lucee gives, but for the exceptions."""
    expected = dict(GOLDEN[name]["lucee_like"])
    row = row_of(GOLDEN[name], "lucee")
    row["date"] = moment(row["date"])
    wrong = {}
    for column, value in row.items():
        if column in ("uid", "messagenumber", "answered", "deleted", "draft", "flagged", "recent", "seen"):
            continue
        wanted = expected.get(column, "")
        if column == "subject" and wanted is None:
            wanted = ""
        if wanted != value:
            wrong[column] = (wanted, value)

    assert EXCEPTIONS.get(name, {}).keys() == wrong.keys(), wrong


@pytest.mark.parametrize("unique", [False, True])
@pytest.mark.parametrize("name", [name for name in GOLDEN if "saved_uniq0" in GOLDEN[name]])
def test_saved_files_are_lucees(name: str, unique: bool, tmp_path: Path) -> None:
    """What a call with attachmentPath saves, and the cells that this changes, are Lucee's, but for the exceptions."""
    saved = GOLDEN[name][f"saved_uniq{int(unique)}"]
    directory = tmp_path / "att"
    directory.mkdir()
    (directory / "a.txt").write_bytes(b"there before")

    row = row_of(GOLDEN[name], "lucee", directory, unique=unique)

    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    expected = {
        column: text.replace("$D", str(tmp_path)) if isinstance(text, str) else text for column, text in saved["row"].items()
    }
    alike = saved["files"] == files and all(row[column] == expected[column] for column in expected)
    assert alike is not (name in SAVED_EXCEPTIONS or TRACE in EXCEPTIONS.get(name, {}).values())
    assert all(path.startswith("att/") for path in files)
    assert not unique or b"there before" == (directory / "a.txt").read_bytes()


@pytest.mark.parametrize("name", GOLDEN)
def test_addresses_are_openbds(name: str) -> None:
    """Addresses are rendered as OpenBD does, but for one that is none."""
    expected = GOLDEN[name]["openbd_addresses"]
    row = row_of(GOLDEN[name], "openbd")

    if name == "hdr_bad_address":  # OpenBD puts brackets around the whole of it
        expected = {**expected, "from": "Foo Bar <foo@bar>", "replyto": "Foo Bar <foo@bar>"}
    assert expected == {column: row[column] for column in expected}


def test_exceptions_are_about_messages_that_exist() -> None:
    """Nothing is excepted that is not there, and a twelfth part of the cells at most is."""
    assert EXCEPTIONS.keys() | SAVED_EXCEPTIONS.keys() <= GOLDEN.keys()
    assert sum(map(len, EXCEPTIONS.values())) * 12 <= len(GOLDEN) * 14


def test_what_is_passed_over_is_told() -> None:
    """A part that Lucee drops is in no column of its dialect, and the row's defects say so; other dialects list it."""
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nT\n--b\nContent-Type: image/png\n\nAAAA\n--b--\n"

    row = parse_message(raw, dialect="lucee")

    assert ("", ("a part without a name is in no column of this dialect (image/png)",)) == (row.attachments, row.defects)
    assert ("part-2.png", ()) == (parse_message(raw).attachments, parse_message(raw).defects)
