"""uublocks: which uuencoded files stand in a text, for any octets, in blocks of any size."""

from __future__ import annotations

import binascii
import shutil
import subprocess
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.message import uublocks
from cfml_pop.message.message import Message
from cfml_pop.message.octets import Spool
from cfml_pop.message.uublocks import Uublock, find_uublocks

__all__: list[str] = []

FULL = b"M" + b"A" * 60 + b"\n"
PIECES = [
    b"begin 644 a\n",
    b"begin-base64 644 a\n",
    b"begin ",
    b"\n",
    b"\r\n",
    b"`\n",
    b" \n",
    b"end\n",
    b"end",
    b"====\n",
    FULL,
    b"#86)C\n",
    b"YWJj\n",
    b"prose\n",
    b"x" * 5000,
    b"\0\xff",
]
ANY_TEXT = st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join)


def uuencoded(name: bytes, data: bytes, *, end: bytes = b"\r\n", zeros: bool = True) -> bytes:
    """`zeros`: a zero is written as a grave accent and not as a blank."""
    lines = [binascii.b2a_uu(data[start : start + 45], backtick=zeros) for start in range(0, len(data), 45)]
    return b"".join([b"begin 644 %s\n" % name, *lines, b"`\nend\n"]).replace(b"\n", end)


def cut_up(text: bytes, size: int) -> Iterator[bytes]:
    yield from (text[start : start + size] for start in range(0, len(text), size))


def found(text: bytes) -> list[tuple[str, bytes]]:
    message = Message(b"Subject: s\r\n\r\n" + text)
    return [(item.name, b"".join(item.part.blocks())) for item in message.attachments]


@given(st.lists(st.binary(max_size=200), max_size=4), st.sampled_from([b"\n", b"\r\n"]), st.booleans())
def test_what_was_encoded_is_found(files: list[bytes], end: bytes, zeros: bool) -> None:
    """Every file comes back octet for octet, whatever stands between them."""
    text = (
        b"prose"
        + end
        + (end + b"begin the next" + end).join(
            uuencoded(b"f%d.bin" % number, data, end=end, zeros=zeros) for number, data in enumerate(files)
        )
    )

    assert [(f"f{number}.bin", data) for number, data in enumerate(files)] == found(text)


@given(ANY_TEXT, st.sampled_from([1, 3, 7, 64]))
def test_any_text_in_blocks_of_any_size(text: bytes, size: int) -> None:
    """What is found does not depend on where a block ends, and every find begins and ends as one must."""
    whole = find_uublocks([text], 5)
    parted = find_uublocks(cut_up(text, size), 5)

    assert (whole.blocks, whole.cut, whole.more) == (parted.blocks, parted.cut, parted.more)
    for block in whole.blocks:
        assert text[block.start :].startswith(b"begin")
        assert text[: block.end].endswith((b"end", b"===="))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (b"begin 644 a\n#86)C\n`\nend", [b"a"]),  # no line end behind the last line
        (b"begin 0644 a b.txt\n#86)C\n`\nend \n", [b"a b.txt"]),
        (b"begin 644 a\n#86)C\n \nend\n", [b"a"]),  # zero as a blank,
        (b"begin 644 a\n#86)C\n\nend\n", [b"a"]),  # and the blank lost
        (b"begin 644 a\n#86)C\nend\n", [b"a"]),  # without the line that says zero
        (b"begin 644 a\n#86)C*\n`\nend\n", [b"a"]),  # with a check sum
        (b"begin 644 a\n`\nend\n", [b"a"]),  # no octets
        (b"begin-base64 644 a\n====\n", [b"a"]),
        (b"begin 644 a\n" + FULL + b"M\n`\nend\n", [b"a"]),  # a line of zeros that lost its blanks
        (b"begin 644 a\nend\n", []),
        (b"begin 644 a\nM\n`\nend\n", []),  # short lines only
        (b"begin 644 a\n#86)C#86)C\n`\nend\n", []),  # longer than it says
        (b"begin 644 a\n#86)c\n`\nend\n", []),  # a foreign character
        (b"begin 644 a\n#86)C\n`\n#86)C\nend\n", []),  # goes on behind its last line
        (b"begin 644 a\n#86)C\n`\n", []),  # no end
        (b"begin 648 a\n#86)C\n`\nend\n", []),  # not octal
        (b"begin 644\n#86)C\n`\nend\n", []),  # no name
        (b" begin 644 a\n#86)C\n`\nend\n", []),
        (b"> begin 644 a\n> #86)C\n> `\n> end\n", []),
        (b"Begin 644 a\n#86)C\n`\nend\n", []),
        (b"begin-base64 644 a\nYWJj\nend\n", []),
        (b"begin-base64 644 a\nsome words\n====\n", []),
        (b"begin 644 a\n" + b"begin 644 b\n#86)C\n`\nend\n", [b"b"]),
        (b"x" * 9998 + b"begin 644 a\n#86)C\n`\nend\n", []),  # at the end of a line too long to keep
    ],
)
def test_what_is_a_block(text: bytes, names: list[bytes]) -> None:
    """A block has a first line with octal mode and name, lines as long as they say, and an end line; anything else is prose."""
    assert names == [block.name for block in find_uublocks(cut_up(text, 4999), 9).blocks]


def test_a_block_that_is_cut_is_told() -> None:
    """Only where there was data: prose that begins like a block is nothing to report."""
    assert (True, False) == (
        find_uublocks([b"begin 644 a\n" + FULL], 9).cut,
        find_uublocks([b"begin 644 people\nWe all\n"], 9).cut,
    )


def test_no_more_blocks_than_asked_for() -> None:
    """The limit is kept, and it is said that there are more."""
    seen = find_uublocks([b"begin 644 a\n`\nend\n" * 3], 2)

    assert ([Uublock(b"a", 0, 17), Uublock(b"a", 18, 35)], True) == (seen.blocks, seen.more)


def test_a_long_line_is_not_kept() -> None:
    """A line without an end takes no memory, in a block and outside."""
    for start in (b"", b"begin 644 a\n"):
        tracemalloc.start()
        try:
            find_uublocks((start + b"M" * 100_000 if not number else b"M" * 100_000 for number in range(50)), 9)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

        assert peak < 1_000_000


def test_what_had_to_be_mended_is_told() -> None:
    """A check sum behind a line is left out, and the message says so when the file was read."""
    message = Message(b"Subject: s\r\n\r\nbegin 644 a\n#86)C*\n`\nend\n")
    read = [b"".join(item.part.blocks()) for item in message.attachments]

    assert ([b"abc"], ("the uuencoded text holds foreign characters",)) == (read, message.defects)


@pytest.mark.parametrize(
    "raw",
    [
        b"begin 644 a\n#86)C\n`\nend\n",
        b"Subject: s\n\nbegin 644 a\n#86)C\n`\nend\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\nx=20\r\nbegin 644 a\r\n#86)C\r\n`\r\nend\r\n",
        b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 x\n" + uuencoded(b"x", b"begin 644 a\n#86)C\n`\nend\n"),
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nbegin 644 a\n#86)C\n`\nend\n--b--\n",
    ],
)
def test_where_a_block_may_stand(raw: bytes) -> None:
    """At the very beginning of a mail without header, of a body, and of a part; in every transfer encoding."""
    assert ["a"] == [item.name for item in Message(raw).attachments]


@pytest.mark.parametrize(
    "line",
    [b"begin 644 x\n", b"begin 644 x\n" + FULL, b'"AAAA\n', b"begin ", b"\nbegin ", b"begin 644 x" + b" " * 500 + b"\n", b"`\n"],
)
def test_time_is_linear(line: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is looked at more than twice: as one of a block, and as the first one of another."""
    looks = 0

    def counted(method: object) -> object:
        def call(*arguments: object) -> object:
            nonlocal looks
            looks += 1
            return method(*arguments)  # type: ignore[operator]

        return call

    monkeypatch.setattr(uublocks._Scan, "_begin", counted(uublocks._Scan._begin))
    monkeypatch.setattr(uublocks._Scan, "_line", counted(uublocks._Scan._line))
    text = b"begin 644 x\n" + line * 3000
    find_uublocks(cut_up(text, 1000), 9)

    assert looks <= 2 * max(text.count(b"\n"), text.count(b"begin")) + 2 * len(text) // 1000 + 4


def test_a_large_file_takes_a_block_of_memory() -> None:
    """Neither the text nor the file is held whole, where it is found and where it is read."""
    sink = Spool(0).sink()
    sink.write(b"Subject: s\r\n\r\nbegin 644 x.bin\r\n")
    lines = FULL.replace(b"\n", b"\r\n") * 5000
    for _ in range(20):
        sink.write(lines)
    sink.write(b"`\r\nend\r\n")
    message = Message(sink.octets())
    tracemalloc.start()
    try:
        size = sum(len(block) for item in message.attachments for block in item.part.blocks())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert 20 * 5000 * 45 == size
    assert peak < 3_000_000 < sink.size / 2


def test_the_decoder_of_others_reads_the_same(tmp_path: Path) -> None:
    """GNU uudecode gives the same files for what its uuencode wrote, in both forms."""
    if shutil.which("uudecode") is None or shutil.which("uuencode") is None:
        pytest.skip("uuencode and uudecode are not installed (Debian: sharutils)")
    data = bytes(range(256)) * 5
    (tmp_path / "source").write_bytes(data)
    for option in ([], ["-m"]):
        run = subprocess.run(["uuencode", *option, "source", "file.bin"], cwd=tmp_path, check=True, capture_output=True)
        (tmp_path / "text").write_bytes(b"prose\n" + run.stdout + b"more prose\n")
        subprocess.run(["uudecode", "-o", "theirs", "text"], cwd=tmp_path, check=True)

        assert [("file.bin", (tmp_path / "theirs").read_bytes())] == found((tmp_path / "text").read_bytes())
        assert data == (tmp_path / "theirs").read_bytes()
