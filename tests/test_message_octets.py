"""octets: a window of a spool file reads as bytes do."""

from __future__ import annotations

import errno
import gc
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.errors import AttachmentError
from cfml_pop.message import octets
from cfml_pop.message.octets import Octets, Spool, dashed_lines

__all__: list[str] = []


def windowed(data: bytes, block: int = 256) -> Octets:
    sink = Spool(0, block=block).sink()
    sink.write(data)
    return sink.octets()


@given(
    data=st.binary(max_size=60).map(lambda raw: bytes(octet % 3 + 97 for octet in raw)),
    needle=st.sampled_from([b"a", b"ab", b"aba", b"ccab"]),
    start=st.integers(0, 70),
    end=st.integers(0, 70),
    block=st.integers(1, 20),
)
def test_window_behaves_as_bytes(data: bytes, needle: bytes, start: int, end: int, block: int) -> None:
    """Length, slices, find and rfind of a window are those of the same octets in memory, for any block size."""
    window = windowed(data, block)

    assert len(data) == len(window)
    assert data[start:end] == window[start:end]
    assert data.find(needle, start, end) == window.find(needle, start, end)
    assert data.rfind(needle, start, end) == window.rfind(needle, start, end)
    assert data[start:end] == window[start:end]


def test_memory_up_to_the_limit_then_the_file() -> None:
    """Octets stay in memory up to the limit of the call; the message that goes beyond it moves to the file as a whole."""
    spool = Spool(10)
    first, second = spool.sink(), spool.sink()
    first.write(b"12345678")
    second.write(memoryview(b"ab"))
    second.write(b"c")

    assert (bytes, b"12345678") == (type(first.octets()), first.octets()[:])
    assert (8, b"abc", 3) == (spool.held, second.octets()[:], second.size)
    assert not isinstance(second.octets(), bytes)


def test_sinks_filled_in_turns_are_not_mixed() -> None:
    """Two messages that are written in turns beyond the limit both stay whole."""
    spool = Spool(0)
    first, second = spool.sink(), spool.sink()
    for _ in range(3):
        first.write(b"aa")
        second.write(b"b")

    assert (b"aaaaaa", b"bbb") == (first.octets()[:], second.octets()[:])


def test_discard_gives_room_back() -> None:
    """A discarded message counts no longer, in memory and in the file, and its sink can be written again."""
    spool = Spool(4)
    sink = spool.sink()
    sink.write(b"1234")
    sink.discard()
    sink.write(b"56")
    long = spool.sink()
    long.write(b"123456")
    long.discard()

    assert (2, b"56", 0) == (spool.held, sink.octets()[:], spool.file.size)


def test_the_file_has_no_name_and_goes_with_its_last_window() -> None:
    """The spool file is unlinked, and is closed when nothing refers to it any more."""
    window = windowed(b"abc")
    descriptor = window._file._descriptor  # type: ignore[attr-defined]
    assert 0 == os.fstat(descriptor).st_nlink
    assert b"abc" == window[:]
    del window
    gc.collect()
    with pytest.raises(OSError, match=r"Bad file descriptor"):
        os.fstat(descriptor)


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the spool file cannot be written, the error says what to do."""

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    sink = Spool(0).sink()
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(AttachmentError, match="memory_limit"):
        sink.write(b"x")


def test_windows_share_one_block() -> None:
    """However many messages of a spool file are read, one block of it is in memory, and each still reads its own octets."""
    spool = Spool(0, block=1000)
    windows = []
    for letter in b"abc":
        sink = spool.sink()
        sink.write(bytes([letter]) * 3000)
        windows.append(sink.octets())

    for _ in range(2):
        assert [b"a" * 10, b"b" * 10, b"c" * 10] == [window[5:15] for window in windows]
        assert [(-1, 5), (-1, 5), (-1, 5)] == [
            (window.find(other, 5), window.find(own, 5))
            for window, own, other in zip(windows, (b"a", b"b", b"c"), (b"b", b"c", b"a"), strict=True)
        ]
    assert (spool.file.cache[1],) == (b"c" * len(spool.file.cache[1]),)
    assert len(spool.file.cache[1]) <= 1001


def test_a_block_of_what_was_given_back_is_not_read_again() -> None:
    """Octets written where others were discarded are read as they are now."""
    spool = Spool(0)
    sink = spool.sink()
    sink.write(b"old")
    assert b"old" == sink.octets()[:]
    assert b"o" == sink.octets()[:1]
    sink.discard()
    sink.write(b"new")

    assert b"n" == sink.octets()[:1]


def test_what_is_kept_counts() -> None:
    """What a sink keeps counts in memory, and goes to the file beyond the limit."""
    spool = Spool(10)
    first, second = spool.sink(), spool.sink()
    first.write(b"x" * 100)
    first.keep(b"abcdef")
    second.write(b"y" * 100)
    second.keep(b"abcdef")

    assert (6, b"abcdef", b"abcdef", 6) == (spool.held, first.octets()[:], second.octets()[:], spool.file.size)


@given(
    pieces=st.lists(st.sampled_from([b"\n", b"-", b"\n--", b"b", b"\n--b", b"a" * 7]), max_size=60).map(b"".join),
    needle=st.sampled_from([b"\n--b", b"\n--", b"\n--bb", b"\n--" + b"ba" * 5]),
    stretch=st.integers(1, 12),
    cut=st.integers(0, 9),
)
def test_dashed_lines_against_find(pieces: bytes, needle: bytes, stretch: int, cut: int) -> None:
    """A boundary is found wherever `find` finds it, in memory and in a file, whatever stands before it and however far the
    stretches reach."""
    start, end = cut, max(cut, len(pieces) - cut)
    expected = []
    position = pieces.find(needle, start, end)
    while position >= 0:
        expected.append(position)
        position = pieces.find(needle, position + len(needle), end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(octets, "STRETCH", stretch)
        found = list(dashed_lines(pieces, needle, start, end))
        in_file = list(dashed_lines(windowed(pieces, 7), needle, start, end))

    assert (expected, expected) == (found, in_file)


def test_what_will_not_fit_goes_to_the_file_at_once() -> None:
    """A message that is expected to be larger than what is left of the memory never takes any of it."""
    spool = Spool(10)
    sink = spool.sink(11)
    sink.write(b"abc")

    assert (0, 3) == (spool.held, spool.file.size)
    assert b"abc" == sink.octets()[:]
