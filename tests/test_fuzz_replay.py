"""What fuzzing has found worth keeping, played again."""

from __future__ import annotations

from pathlib import Path

import pytest

from cfml_pop.errors import CfpopError
from tests.fuzz import pop3

CORPUS = sorted((Path(__file__).parent / "fuzz" / "corpus").iterdir())


def test_the_corpus_ends_in_every_way() -> None:
    """Only errors of ours leave, each within its bound of steps; and the corpus is one that reaches far."""
    ends = {type(pop3.run(path.read_bytes())).__name__ for path in CORPUS}

    assert {
        "NoneType",
        "AuthenticationError",
        "CommitError",
        "LimitExceeded",
        "NetworkError",
        "OutOfStep",
        "POP3Error",
        "TimeoutExpired",
    } <= ends


def test_every_scene_has_an_input_that_ends_well() -> None:
    """Whoever asks, there is a server in the corpus that satisfies it."""
    well = {data[0] % len(pop3.SCENES) for data in (path.read_bytes() for path in CORPUS) if pop3.run(data) is None}

    assert set(range(len(pop3.SCENES))) == well


@pytest.mark.parametrize(
    ("mode", "size", "expected"),
    [
        (0, 0, [b"+OK\r\na\n", b"b"]),
        (1, 0, [b"+OK\r\n", b"a\n", b"\x1eb"]),
        (2, 0, [b"+", b"O", b"K", b"\r", b"\n", b"a", b"\n", b"\x1e", b"b"]),
        (3, 4, [b"+OK\r", b"\na\n\x1e", b"b"]),
        (3, 0, [b"+OK\r\na\n\x1eb"]),
        (7, 0, [b"+OK\r\na\n\x1eb"]),
    ],
)
def test_blocks(mode: int, size: int, expected: list[bytes]) -> None:
    """The four ways in which answers come."""
    assert expected == pop3.blocks(b"+OK\r\na\n\x1eb", mode, size)


def test_a_client_that_misbehaves_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another exception than ours, and commands that are none, do not pass for an outcome."""

    def other(_: pop3.Fuzzed) -> None:
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "as an example")

    def odd(driver: pop3.Fuzzed) -> None:
        driver.sent = b"DELE 1\nDELE 2\r\n"
        raise CfpopError("as an example")

    monkeypatch.setattr(pop3, "SCENES", (other, odd))
    with pytest.raises(UnicodeDecodeError):
        pop3.run(bytes(4))
    with pytest.raises(pop3.Misbehaved, match="no command"):
        pop3.run(b"\1\0\0\0")
