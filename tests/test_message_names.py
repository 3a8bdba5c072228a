"""names: what may be written as a file name."""

from __future__ import annotations

from itertools import islice
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cfml_pop.message.names import LONGEST, clean_name, made_up_name, numbered

__all__: list[str] = []


@given(st.text(max_size=400))
@example("..")
@example("a/../..\\..")
@example("\u202etxt.exe")
@example("aux\t.txt ")
def test_a_clean_name_is_one_harmless_component(name: str) -> None:
    """Whatever a message asks for, the name is one component on either kind of system, visible, short, and clean already."""
    clean = clean_name(name)

    assert clean in ("", PurePosixPath(clean).name)
    assert clean in ("", PureWindowsPath(clean).name)
    assert not clean.startswith(".")
    assert not clean.endswith((".", " "))
    assert len(clean.encode("utf-8")) <= LONGEST
    assert not any(ord(char) < 32 or char in '/\\:*?"<>|\u202e' for char in clean)
    assert clean == clean_name(clean)


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("a:b?.txt", "a_b_.txt"),
        (".bashrc", "bashrc"),
        ("NUL", "_NUL"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("e\u0301.txt", "\xe9.txt"),
        ("x" * 300 + ".jpeg", "x" * 195 + ".jpeg"),
        ("a\tb\nc.txt", "a b c.txt"),
        ("...", ""),
        ("CLOCK$.txt", "_CLOCK$.txt"),
        ("a\u180eb\u034fc\u3164d\U000e0041e", "abcde"),
        ("\u3164", ""),
    ],
)
def test_clean_names(name: str, clean: str) -> None:
    """Known tricks and accidents."""
    assert clean == clean_name(name)


def test_numbers_stand_before_the_last_dot() -> None:
    """A taken name gets a number before its extension."""
    assert ["a.txt", "a1.txt", "a2.txt"] == [name for _, name in islice(numbered("a.txt", 0), 3)]
    assert ["x.tar1.gz"] == [name for _, name in islice(numbered("x.tar.gz"), 1)]
    assert ["no1", "no2"] == [name for _, name in islice(numbered("no"), 2)]


def test_made_up_names() -> None:
    """A part without a name is called after its Content-ID, its message's subject, its type, or its place."""
    assert "logo@x.png" == made_up_name("image/png", 3, content_id="logo@x")
    assert "a_b.eml" == made_up_name("message/rfc822", 2, subject="a/b")
    assert "smime.p7s" == made_up_name("application/pkcs7-signature", 2)
    assert "part-4.bin" == made_up_name("application/x-thing", 4)
