"""What commands print, and the names of files they save messages as."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import unicodedata
from pathlib import Path

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cfml_pop import Settings
from cfml_pop.cfml.attributes import resolve
from cfml_pop.cli.output import csv_text, emit, json_text, one_line, printable, rows_text, table_text
from cfml_pop.cli.saving import EmlFolder, eml_names
from cfml_pop.client import perform
from cfml_pop.testing import EmbeddedServer, sample_messages

TEXTS = st.text(st.characters(), max_size=20)


def utf8(monkeypatch: pytest.MonkeyPatch, encoding: str = "utf-8") -> io.TextIOWrapper:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    return stream


@given(TEXTS)
def test_nothing_speaks_to_the_terminal(text: str) -> None:
    """No text has a control character but tab and line feed left, no half of a pair, and nothing that turns text around."""
    shown = printable(text)

    assert set() == {sign for sign in shown if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")} - set("\t\n")
    assert set() == {
        sign
        for sign in shown
        if unicodedata.bidirectional(sign) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    }
    assert "\n" not in one_line(text)


def test_readable_text_stays() -> None:
    """Letters of any script, wide blanks and emoji that are joined stay as they are; line ends become LF."""
    text = "Grüße\u00a0! 自転車\u3000店 \U0001f469\u200d\U0001f4bb\t\u05e9\u05dc"

    assert text == printable(text)
    assert "a\nb\nc\n" == printable("a\r\nb\rc\n")
    assert "a\ufffd[31mb\ufffdc" == printable("a\x1b[31mb\x9bc")
    assert "exe.txt" == printable("\u202eexe\u202c.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_what_stdout_cannot_say(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    """Where stdout is no UTF-8, text has "?" for what it cannot say, JSON has escapes, and nothing fails."""
    stream = utf8(monkeypatch, encoding)
    records = [{"subject": "Öl 自", "defects": ["ö"]}]
    for form in ("table", "json", "csv"):
        emit(rows_text(form, ["subject", "defects"], records))
    stream.flush()
    shown = stream.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]  # a BytesIO

    expected = {"utf-8": (3, 3), "ascii": (0, 0), "latin-1": (2, 0)}[encoding]  # in JSON of latin-1 there are escapes

    assert expected == (shown.count("Ö"), shown.count("自"))
    assert records == json.loads(shown[shown.index("[\n{") : shown.index("}\n]") + 3])


@settings(max_examples=40)  # nested values are slow to make up
@given(
    st.recursive(TEXTS | st.integers() | st.none() | st.booleans(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner))
)
def test_json_keeps_every_sign(value: object) -> None:
    """JSON is read back as it was, and has no sign in it that a terminal acts on."""
    text = json_text(value)

    assert value == json.loads(text)
    assert text == printable(text)


@given(st.lists(st.tuples(TEXTS, TEXTS | st.integers() | st.none() | st.lists(st.integers())), max_size=3))
def test_csv_is_safe_for_spreadsheets(records: list[tuple[object, object]]) -> None:
    """No cell of a text can be taken for a formula, each record is one row, and what stands behind the apostrophe is the text."""
    rows = list(csv.reader(io.StringIO("".join(csv_text(["a", "b"], records)), newline="")))

    assert ["a", "b"] == rows[0]
    assert len(records) == len(rows) - 1
    for record, row in zip(records, rows[1:], strict=True):
        for value, cell in zip(record, row, strict=True):
            if isinstance(value, str):
                assert printable(value) == cell.removeprefix("'") or printable(value) == cell
                assert not re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]", cell)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\n=1", "\uff1d1", "=cmd|' /C calc'!A0", "\u200b=1"]
)
def test_formulas(text: str) -> None:
    """The ways to begin a formula are defused, numbers are not touched, and `raw` changes nothing."""
    made = "".join(csv_text(["a", "b"], [[text, -1]]))
    raw = "".join(csv_text(["a", "b"], [[text, -1]], raw=True))

    assert f'"a","b"\n"\'{printable(text)}",-1\n' == made
    assert f'"a","b"\n"{text}",-1\n' == raw


def test_csv_quotes_what_separates() -> None:
    """Every text is quoted, so that a separator of another country does not begin a cell either."""
    assert '"a;b"\n"x;=1"\n"a ""b"", c\nd"\n' == "".join(csv_text(["a;b"], [["x;=1"], ['a "b", c\r\nd']]))


def test_table_without_terminal() -> None:
    """A table has headings, numbers to the right, one line for each record, and nothing of a cell is taken as markup."""
    text = table_text(["messagenumber", "subject"], [[1, "[bold]a[/bold]\nb"], [12, "x" * 300]])

    assert ["no. subject", "  1 [bold]a[/bold] b", " 12 " + "x" * 300] == [
        re.sub(r"(?<=\S) +", " ", line) for line in text.splitlines()
    ]


def test_names_of_files() -> None:
    """A uid is the file's name where it can be, else it is escaped so that no two are alike, and no name leads elsewhere."""
    keys = [
        (1, "a-1_.~Z"),
        (2, "../etc"),
        (3, ".hidden"),
        (4, "con"),
        (5, "a/b"),
        (6, "a%2Fb"),
        (7, ""),
        (8, "A-1_.~z"),
        (9, "a/b"),
    ]

    assert [
        "a-1_.~Z.eml",
        "%2E.%2Fetc.eml",
        "%2Ehidden.eml",
        "%63on.eml",
        "a%2Fb.eml",
        "a%252Fb.eml",
        "7.eml",
        "A-1_.~z+8.eml",
        "a%2Fb+9.eml",
    ] == eml_names(keys)


@given(st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=300), max_size=8))
def test_names_are_distinct_and_safe(uids: list[str]) -> None:
    """Whatever the uids are, names differ in more than case, are one component of a path and not too long."""
    names = eml_names(enumerate(uids, 1))

    assert len(uids) == len({name.casefold() for name in names})
    assert [] == [name for name in names if not re.fullmatch(r"[A-Za-z0-9%_~+-][A-Za-z0-9._~%+-]*\.eml", name) or len(name) > 255]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """Saving into something that is a file is a wrong call, said before the server is asked."""
    (tmp_path / "file").write_text("")

    with pytest.raises(click.UsageError, match="is no folder"):
        EmlFolder(str(tmp_path / "file"), force=False)


def test_an_interrupted_save_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system without links, Ctrl-C before the file has its name leaves no empty file under it, and no part."""

    def no_links(_path: Path, _target: object) -> None:
        raise PermissionError

    def interrupted(_path: Path, _target: object) -> None:
        raise KeyboardInterrupt

    with EmbeddedServer(sample_messages()[:1]) as server:
        query = perform(
            resolve(
                {
                    "server": server.host,
                    "port": server.port,
                    "username": server.user,
                    "password": server.password,
                    "action": "getAll",
                }
            ),
            Settings(),
            keep_octets=True,
        )
    monkeypatch.setattr(Path, "hardlink_to", no_links)
    monkeypatch.setattr(Path, "replace", interrupted)
    folder = EmlFolder(str(tmp_path), force=False)
    with pytest.raises(KeyboardInterrupt):
        folder.save(query.rows)

    assert [] == list(tmp_path.iterdir())
