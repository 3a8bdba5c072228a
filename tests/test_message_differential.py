"""Other readers find the same leaves with the same octets in every mail of the corpora, or the difference is listed.

Rule: tests/corpora/differences.toml holds the exceptions of each oracle exactly, with the reason. Before leaves are compared
- the last line end goes on both sides: whether it belongs to the boundary behind it is read in two ways where none follows;
- a text/plain of blanks and line ends is left out: two boundaries one behind the other are an empty part for some readers and
  none for others.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.corpora_support import CORPORA, MAILS, Leaf, differences, every, read_octets
from tests.oracles import OracleLeaf, email_leaves, find_gmime, gmime_leaves

__all__: list[str] = []


def messages() -> dict[str, bytes]:
    """Every message there is, by `source/name`: the corpora, Lucee's rows, and those named for their faults."""
    cases = json.loads((CORPORA / "golden" / "lucee.json").read_bytes())["cases"]
    mail = sorted((Path(__file__).parent / "mail").glob("*.eml"))
    return (
        {str(mail): mail.raw for mail in MAILS}
        | {f"golden/{name}": base64.b64decode(case["raw_b64"]) for name, case in cases.items()}
        | {f"mail/{path.stem}": path.read_bytes() for path in mail}
    )


MESSAGES = messages()


@cache
def gmime() -> tuple[str, dict[str, list[OracleLeaf]]]:
    """GMime's version, and what it says about all messages, asked once."""
    version, leaves = gmime_leaves(list(MESSAGES.values()))
    return version, dict(zip(MESSAGES, leaves, strict=True))


def flat(leaves: list[Leaf], *, undone: bool) -> Iterator[OracleLeaf]:
    """Our leaves as an oracle gives them. `undone`: an embedded message in base64 or quoted-printable is one leaf."""
    for leaf in leaves:
        whole = undone and leaf.part.encoding.lower() in ("base64", "quoted-printable")
        enclosed = leaf.enclosed if not whole else None
        yield OracleLeaf(leaf.part.content_type, None if enclosed else leaf.data)
        if enclosed:
            yield from flat(enclosed.leaves, undone=undone)


def same(ours: list[OracleLeaf], theirs: list[OracleLeaf]) -> bool:
    """Whether both have the same leaves, and the same octets where both have any."""
    ours, theirs = filled(ours), filled(theirs)
    return [leaf.content_type for leaf in ours] == [leaf.content_type for leaf in theirs] and all(
        our.data == their.data for our, their in zip(ours, theirs, strict=True) if None not in (our.data, their.data)
    )


def filled(leaves: list[OracleLeaf]) -> list[OracleLeaf]:
    bare = [OracleLeaf(kind, data if data is None else data.removesuffix(b"\n").removesuffix(b"\r")) for kind, data in leaves]
    return [leaf for leaf in bare if leaf.content_type != "text/plain" or leaf.data is None or leaf.data.strip()]


def holds(oracle: str, version: str, message: str, *, alike: bool) -> bool:
    """Whether the list of an oracle is right about a message. A difference that is listed must occur, but only with a version by
    which the list was made: others may have mended it."""
    source, _, name = message.partition("/")
    if name in differences()[oracle].get(source, {}):
        return not (alike and version in differences()["versions"][oracle])
    return alike


@pytest.mark.parametrize("message", MESSAGES)
def test_email_finds_the_same(message: str) -> None:
    """Python's email, which takes embedded messages as they stand, finds the same leaves and octets, or the list says why not."""
    leaves = list(flat(read_octets(MESSAGES[message], encoded=True).leaves, undone=False))
    alike = same(leaves, email_leaves(MESSAGES[message]))

    assert holds("email", "{}.{}".format(*sys.version_info), message, alike=alike)


@pytest.mark.skipif(find_gmime() is None, reason="GMime is not installed (Debian: libgmime-3.0-0)")
@pytest.mark.parametrize("message", MESSAGES)
def test_gmime_finds_the_same(message: str) -> None:
    """GMime, for which an encoded embedded message is one leaf, finds the same leaves and octets, or the list says why not."""
    version, theirs = gmime()
    leaves = list(flat(read_octets(MESSAGES[message]).leaves, undone=True))

    assert holds("gmime", version, message, alike=same(leaves, theirs[message]))


@pytest.mark.parametrize("message", [message for message in MESSAGES if not message.startswith("mail/")])
def test_text_is_what_the_charset_says(message: str) -> None:
    """Where Python's codec of a text's declared charset can decode it, our text is that; iso-8859-1 is windows-1252 for us."""
    for leaf in every(read_octets(MESSAGES[message]).leaves):
        label = leaf.part.parameters.get("charset").strip()
        if leaf.part.content_type.startswith("text/") and label:
            try:
                expected = leaf.data.decode("cp1252" if label.lower() == "iso-8859-1" else label)
            except (LookupError, UnicodeError):
                continue  # not known, or damaged
            assert expected == leaf.part.text


def test_listed_messages_exist_and_have_reasons() -> None:
    """Each entry of the list names a message there is, and says why in more than a few words."""
    entries = {
        (oracle, f"{source}/{name}"): reason
        for oracle in ("email", "gmime")
        for source, names in differences()[oracle].items()
        for name, reason in names.items()
    }

    assert [] == [message for _, message in entries if message not in MESSAGES]
    assert [] == [key for key, reason in entries.items() if len(reason.split()) < 6]
