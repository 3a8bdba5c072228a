"""octets: a window of a spool file reads as bytes do."""

from __future__ import annotations

import errno
import gc
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfml_pop.errors import AttachmentError
from cfml_pop.message.octets import Octets, Spool, occurrences

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
    assert list(occurrences(data, needle, start, end)) == list(occurrences(window, needle, start, end))
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
