"""Attachments and raw mail where there is no room, no permission, or another folder than before."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from cfml_pop.client import cfpop
from cfml_pop.errors import AttachmentError
from cfml_pop.message.octets import Spool
from cfml_pop.parsing import parse_message
from cfml_pop.row import RowBuilder
from cfml_pop.settings import Settings
from cfml_pop.testing.server import EmbeddedServer
from tests.small_disk import no_mounts, run

__all__: list[str] = []

mounted = pytest.mark.skipif(bool(no_mounts()), reason=no_mounts() or "it can")


def mail(*sizes: int, subject: bytes = b"files") -> bytes:
    """A message with attachments `a0.bin`, `a1.bin`, ... of so many octets."""
    part = b"--b\r\nContent-Type: application/octet-stream; name=a%d.bin\r\n\r\n%b\r\n"
    parts = b"".join(part % (number, b"x" * size) for number, size in enumerate(sizes))
    head = b"Subject: %b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n" % subject
    return head + parts + b"--b--\r\n"


PLAIN = b"Subject: plain\r\n\r\nhello\r\n"

SAVES = """
import json, os, sys
from cfml_pop import AttachmentError, parse_message
from tests.test_disk_full import mail
folder = sys.argv[1]
try:
    parse_message(mail(20_000, 30_000, 40_000), attachmentpath=os.path.join(folder, "deep", "er"), generateuniquefilenames=%s)
    text = path = number = None
except AttachmentError as error:
    text, path, number = error.message, error.filename, error.errno
left = sorted(name for _, _, names in os.walk(folder) for name in names)
try:
    saved = parse_message(mail(20_000, 30_000), attachmentpath=os.path.join(folder, "deep")).attachmentfiles.count("\\t") + 1
except AttachmentError:
    saved = 0
print(json.dumps({"text": text, "path": path, "errno": number, "left": left, "saved": saved}))
"""


@mounted
@pytest.mark.parametrize("unique", [True, False])
def test_a_full_disk(tmp_path: Path, unique: bool) -> None:
    """A disk that is really full leaves no file of the message and its whole room, and the error has path and reason."""
    found = run(SAVES % unique, tmp_path)

    assert (str(tmp_path / "deep" / "er" / "a2.bin"), errno.ENOSPC) == (found["path"], found["errno"])
    assert "the attachment 'a2.bin' could not be written: No space left on device" in found["text"]
    assert (["before.txt"], 2) == (found["left"], found["saved"])


@mounted
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A disk that is mounted read-only is an error with path and reason before any mail is read."""
    found = run(SAVES % True, tmp_path, options="ro")

    assert (str(tmp_path / "deep" / "er"), errno.EROFS) == (found["path"], found["errno"])
    assert "the directory for attachments cannot be used: Read-only file system" in found["text"]
    assert (["before.txt"], 0) == (found["left"], found["saved"])


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_a_folder_that_cannot_be_made() -> None:
    """Where nobody may make a folder, the error has path and reason."""
    with pytest.raises(AttachmentError, match="cannot be used") as caught:
        parse_message(PLAIN, attachmentpath="/proc/inbox")

    assert "/proc/inbox" == caught.value.filename


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs permissions")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    """A folder that may not be written is an error with path and reason, and nothing is in it."""
    parse_message(mail(5), attachmentpath=tmp_path / "other")  # everything is imported
    root = os.geteuid() == 0
    # Root may write everywhere, so the effective user is another one for a moment; the folders above must be open to it.
    folder = Path(tempfile.mkdtemp(prefix="cfml_pop-test-"))
    folder.chmod(0o555)
    try:
        if root:
            os.seteuid(65534)
        with pytest.raises(AttachmentError, match="Permission denied") as caught:
            parse_message(mail(5), attachmentpath=folder)
    finally:
        if root:
            os.seteuid(0)
        left = list(folder.iterdir())
        folder.rmdir()

    assert (str(folder / "a0.bin"), []) == (caught.value.filename, left)


CALL = """
import gc, json, os, sys, tempfile
from cfml_pop import AttachmentError, Settings, cfpop
from cfml_pop.testing.server import EmbeddedServer
from tests.test_disk_full import PLAIN, mail
folder = sys.argv[1]
tempfile.tempdir = folder
partial = Settings(partial=True, memory_limit={limit})
found = {{}}
with EmbeddedServer([PLAIN, mail(70_000), PLAIN]) as server:
    login = dict(server=server.host, port=server.port, username=server.user, password=server.password, action="getAll")
    login |= {more}
    try:
        cfpop(settings=Settings(memory_limit={limit}), **login)
    except AttachmentError as error:
        found |= dict(text=str(error), path=error.filename, errno=error.errno, numbers=error.numbers)
        found["rows"] = [row.subject for row in error.query]
    query = cfpop(settings=partial, **login)
    found["partial"] = [[row.subject, list(row.defects)] for row in query]
del query
gc.collect()
status = os.statvfs(folder)
found["left"] = sorted(name for _, _, names in os.walk(folder) for name in names)
found["free"] = status.f_bavail * status.f_bsize
print(json.dumps(found))
"""


@mounted
def test_a_full_disk_in_a_call(tmp_path: Path) -> None:
    """The rows before are in the error's query, and with `partial` the message is a row that says what is missing."""
    found = run(CALL.format(limit=1 << 20, more="dict(attachmentpath=os.path.join(folder, 'box'))"), tmp_path)
    reason = f"the attachment 'a0.bin' could not be written: No space left on device ({tmp_path / 'box' / 'a0.bin'})"

    assert (str(tmp_path / "box" / "a0.bin"), errno.ENOSPC) == (found["path"], found["errno"])
    assert reason in found["text"]
    assert ["plain"] == found["rows"]
    assert [["plain", []], ["files", [reason]], ["plain", []]] == found["partial"]
    assert ["before.txt"] == found["left"]


@mounted
def test_a_full_spool_file(tmp_path: Path) -> None:
    """Raw mail for which there is no room is an error with path and reason, with `partial` a row; the room is given back."""
    found = run(CALL.format(limit=0, more="{}"), tmp_path)
    reason = f"mail could not be kept in a temporary file (No space left on device); make room in {tmp_path}"

    assert (str(tmp_path), errno.ENOSPC) == (found["path"], found["errno"])
    assert reason in found["text"]
    assert ["plain"] == found["rows"]
    assert ["plain", "", ""] == [subject for subject, _ in found["partial"]]
    assert [[False], [True], [True]] == [[reason in " ".join(defects)] for _, defects in found["partial"]]
    assert (["before.txt"], True) == (found["left"], found["free"] >= 56 * 1024)


def test_a_message_that_does_not_fit_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk fills while a message leaves memory, neither memory nor file keeps it, and the next one has the room."""
    spool = Spool(10)
    first, second, third = spool.sink(), spool.sink(), spool.sink()
    first.write(b"12345")
    second.write(b"abcd")
    real = os.write

    def full(descriptor: int, data: Any) -> int:
        if bytes(data) == b"efgh":
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(AttachmentError, match="No space left"):
        second.write(b"efgh")
    third.write(b"xyz")

    assert (0, b"", 8, 0) == (second.size, second.octets(), spool.held, spool.file.size)
    assert (b"12345", b"xyz") == (first.octets(), third.octets())


def test_a_folder_replaced_by_a_link(tmp_path: Path) -> None:
    """A folder that is moved away and replaced by a link while the call runs: the file goes where the folder went."""
    (tmp_path / "other").mkdir()
    builder = RowBuilder(
        full=True, directory=str(tmp_path / "box"), root=None, allow_absolute=True, unique=True, memory_limit=9999
    )
    (tmp_path / "box").rename(tmp_path / "moved")
    (tmp_path / "box").symlink_to(tmp_path / "other")
    sink = builder.sink()
    sink.write(mail(5))
    builder.build(sink, number=1, size=1, uid="")
    builder.close()

    assert [] == list((tmp_path / "other").iterdir())
    assert ["a0.bin"] == [path.name for path in (tmp_path / "moved").iterdir()]


def test_a_limit_for_the_octets_of_one_message(tmp_path: Path) -> None:
    """However many attachments a call saves, each message is saved whole or not at all."""
    with EmbeddedServer([mail(3, 3), mail(3, 9), mail(3)]) as server:
        query = cfpop(
            server=server.host, port=server.port, username=server.user, password=server.password, action="getAll",
            attachmentpath=str(tmp_path), generateuniquefilenames=True, settings=Settings(attachment_limit=5, partial=True),
        )  # fmt: skip

    assert [2, 0, 1] == [len(row.attachmentfiles.split("\t")) if row.attachmentfiles else 0 for row in query]
    assert ["a0.bin", "a01.bin", "a1.bin"] == sorted(path.name for path in tmp_path.iterdir())
