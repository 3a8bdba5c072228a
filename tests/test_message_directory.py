"""directory: attachments stay where they belong."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path, PureWindowsPath

import pytest

from cfml_pop.errors import AttachmentError, AttributeFault
from cfml_pop.message import directory as directory_module
from cfml_pop.message.directory import AttachmentDirectory
from cfml_pop.message.names import numbered

__all__: list[str] = []


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def make(path: str | Path, *, root: Path | None = None, absolute: bool = True, unique: bool = True) -> AttachmentDirectory:
    return AttachmentDirectory(str(path), root=root, allow_absolute=absolute, unique=unique)


def save(directory: AttachmentDirectory, name: str, data: bytes) -> str:
    return directory.commit(directory.stage(name, [data]))


def test_unique_names_get_numbers(tmp_path: Path) -> None:
    """With unique names a file that is there stays, also a link that leads nowhere."""
    (tmp_path / "a.txt").write_bytes(b"old")
    (tmp_path / "a1.txt").symlink_to(tmp_path / "nowhere")
    directory = make(tmp_path)

    assert [str(tmp_path / "a2.txt"), str(tmp_path / "a3.txt")] == [
        save(directory, "a.txt", b"1"),
        save(directory, "a.txt", b"2"),
    ]
    assert (b"old", b"1", False) == (
        (tmp_path / "a.txt").read_bytes(),
        (tmp_path / "a2.txt").read_bytes(),
        (tmp_path / "nowhere").exists(),
    )
    directory.close()
    directory.close()


def test_without_unique_an_older_file_is_replaced(tmp_path: Path) -> None:
    """Without unique names an older file is replaced, a link itself and not its target; a name of this call is numbered, in any
    case."""
    (tmp_path / "target").write_bytes(b"target")
    (tmp_path / "a.txt").symlink_to(tmp_path / "target")
    directory = make(tmp_path, unique=False)

    assert ["a.txt", "A1.txt", "a2.txt"] == [
        Path(save(directory, name, data)).name for name, data in (("a.txt", b"1"), ("A.txt", b"2"), ("a.txt", b"3"))
    ]
    assert b"target" == (tmp_path / "target").read_bytes()
    assert (b"1", False) == ((tmp_path / "a.txt").read_bytes(), (tmp_path / "a.txt").is_symlink())


def test_modes_are_private(tmp_path: Path) -> None:
    """Directories are made for their owner alone, and files likewise."""
    path = Path(save(make(tmp_path / "box"), "a", b"x"))

    assert (0o700, 0o600) == (stat.S_IMODE(path.parent.stat().st_mode), stat.S_IMODE(path.stat().st_mode))


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "..", "a/../../b", "", "x\\..\\..\\y"])
def test_a_name_never_leaves(tmp_path: Path, name: str) -> None:
    """Whatever an attachment is called, its file lies in the directory."""
    box = tmp_path / "box"
    box.mkdir()

    assert box == Path(save(make(box), name, b"x")).parent
    assert ["box"] == listing(tmp_path)


@pytest.mark.parametrize("path", ["../out", "a/../../out", "/outside", "in\0side"])
def test_paths_outside_the_root_are_refused(tmp_path: Path, path: str) -> None:
    """With a root, a path that climbs or lies elsewhere is an AttributeFault, and nothing is made."""
    with pytest.raises(AttributeFault, match="attachmentPath"):
        make(path, root=tmp_path / "root")
    assert [] == listing(tmp_path)


class WindowsPath(PureWindowsPath):
    """A path as on Windows, as far as it is looked at."""

    def absolute(self) -> WindowsPath:
        return self


@pytest.mark.parametrize("path", ["\\inbox", "/inbox", "C:inbox", "C:\\inbox", "\\\\host\\share\\inbox", "box\\..\\..\\x"])
def test_paths_of_windows_outside_the_root_are_refused(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path with a drive or a root of its own, which would replace the one it is put behind, is no relative path."""
    monkeypatch.setattr(directory_module, "Path", WindowsPath)
    with pytest.raises(AttributeFault, match=r"outside the host's|holds"):
        directory_module._locate(path, "C:\\mail", True)
    if "C:" in path or path[0] in "\\/":
        with pytest.raises(AttributeFault, match="is absolute"):
            directory_module._locate(path, None, False)


def test_a_path_inside_the_root(tmp_path: Path) -> None:
    """With a root, a relative path starts there and an absolute one may lie inside it."""
    assert str(tmp_path / "a" / "b") == make("a/b", root=tmp_path, absolute=False).path
    assert str(tmp_path / "c") == make(tmp_path / "c", root=tmp_path, absolute=False).path


def test_links_below_the_root_are_not_followed(tmp_path: Path) -> None:
    """A symbolic link on the way down is refused."""
    (tmp_path / "root").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "out")
    for path in ("link", "link/deeper"):
        with pytest.raises(AttachmentError, match="link"):
            make(path, root=tmp_path / "root")
    with pytest.raises(AttachmentError, match="link"):
        make(tmp_path / "root" / "link")
    assert [] == listing(tmp_path / "out")


def test_absolute_paths_need_permission(tmp_path: Path) -> None:
    """Without a root, an absolute path is refused where it is not allowed."""
    with pytest.raises(AttributeFault, match="absolute"):
        make(tmp_path, absolute=False)


def test_the_private_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative path without a root lies in a folder of this user alone; one that others may write to, or a link, is refused."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = tmp_path / f"cfml_pop-{os.getuid()}"

    assert str(folder / "inbox") == make("inbox").path
    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    folder.chmod(0o777)
    with pytest.raises(AttachmentError, match="others"):
        make("inbox")
    folder.rename(tmp_path / "moved")
    folder.symlink_to(tmp_path / "moved")
    with pytest.raises(AttachmentError, match="cannot be used"):
        make("inbox")


def test_a_failing_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is an AttachmentError with path and reason, and no file is left."""
    directory = make(tmp_path)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(AttachmentError, match="No space left") as caught:
        directory.stage("a.txt", [b"x"])
    assert (str(tmp_path / "a.txt"), errno.ENOSPC) == (caught.value.filename, caught.value.errno)
    assert [] == listing(tmp_path)


@pytest.mark.parametrize("unique", [True, False])
def test_a_directory_in_the_way(tmp_path: Path, unique: bool) -> None:
    """A directory with the attachment's name is not replaced: the file gets a number, and no temporary file is left."""
    (tmp_path / "a.txt").mkdir()

    assert str(tmp_path / "a1.txt") == save(make(tmp_path, unique=unique), "a.txt", b"x")
    assert (["a.txt", "a1.txt"], b"x") == (listing(tmp_path), (tmp_path / "a1.txt").read_bytes())


def test_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file system has no hard links, a taken name is numbered all the same."""

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    (tmp_path / "a.txt").write_bytes(b"old")

    assert str(tmp_path / "a1.txt") == save(make(tmp_path), "a.txt", b"new")
    assert (b"old", b"new") == ((tmp_path / "a.txt").read_bytes(), (tmp_path / "a1.txt").read_bytes())


def test_only_missing_hard_links_are_worked_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any other failure to give a file its name is told, and leaves no empty file under it."""
    directory = make(tmp_path)

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", refused)
    with pytest.raises(AttachmentError, match="No space left"):
        save(directory, "a.txt", b"new")
    assert [] == listing(tmp_path)


def test_a_claimed_name_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without hard links, the empty file that held the name goes when the real one cannot replace it."""

    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    def no_rename(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    directory = make(tmp_path)
    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(os, "replace", no_rename)
    with pytest.raises(AttachmentError, match="Input/output error"):
        save(directory, "a.txt", b"new")
    assert [] == listing(tmp_path)


def test_an_older_file_comes_back(tmp_path: Path) -> None:
    """Dropping a file puts the one that it replaced back, until what was saved is settled; then nothing of that is left."""
    (tmp_path / "a.txt").write_bytes(b"old")
    (tmp_path / "b.txt").symlink_to("nowhere")
    directory = make(tmp_path, unique=False)
    for path in (save(directory, "a.txt", b"new"), save(directory, "b.txt", b"new")):
        directory.drop(path)

    assert (b"old", True) == ((tmp_path / "a.txt").read_bytes(), (tmp_path / "b.txt").is_symlink())
    again = make(tmp_path, unique=False)
    path = save(again, "a.txt", b"new")
    again.settle()
    assert (["a.txt", "b.txt"], b"new") == (listing(tmp_path), Path(path).read_bytes())
    again.drop(path)
    assert ["b.txt"] == listing(tmp_path)


@pytest.mark.parametrize("older", [None, b"older"])
def test_what_was_overwritten_twice_comes_back(tmp_path: Path, older: bytes | None) -> None:
    """Where a name may be taken again, dropping it brings back what was there before all of them, or nothing."""
    if older is not None:
        (tmp_path / "a.txt").write_bytes(older)
    directory = AttachmentDirectory(str(tmp_path), root=None, allow_absolute=True, unique=False, overwrite=True)
    for data in (b"one", b"two", b"three"):
        save(directory, "a.txt", data)
    directory.drop("a.txt")
    directory.settle()

    assert ({} if older is None else {"a.txt": older}) == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    save(directory, "a.txt", b"kept")
    directory.settle()
    save(directory, "a.txt", b"not kept")
    directory.drop("a.txt")
    assert {"a.txt": b"kept"} == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_closing_settles(tmp_path: Path) -> None:
    """No file of an older name is left when the directory is closed."""
    (tmp_path / "a.txt").write_bytes(b"old")
    directory = make(tmp_path, unique=False)
    save(directory, "a.txt", b"new")
    directory.close()

    assert (["a.txt"], b"new") == (listing(tmp_path), (tmp_path / "a.txt").read_bytes())


def test_nothing_is_saved_after_closing(tmp_path: Path) -> None:
    """Saving after close() is an AttachmentError, also when another directory has the handle's number by then."""
    (tmp_path / "box").mkdir()
    (tmp_path / "other").mkdir()
    directory = make(tmp_path / "box")
    staged = directory.stage("a.txt", [b"x"])
    number = directory._descriptor
    directory.close()
    other = os.open(tmp_path / "other", os.O_RDONLY)
    try:
        if number is not None and other != number:
            os.dup2(other, number)
        with pytest.raises(AttachmentError, match="closed"):
            directory.stage("b.txt", [b"x"])
        with pytest.raises(AttachmentError, match="closed"):
            directory.commit(staged)
        assert [] == listing(tmp_path / "other")
    finally:
        os.close(other)
        if number is not None and other != number:
            os.close(number)


def test_names_that_differ_in_case_take_linear_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each spelling of one name goes on numbering where the last one stopped."""
    asked: list[str] = []

    def watched(name: str, start: int = 1, *, prefix: bool = False) -> Iterator[tuple[int, str]]:
        for number, made in numbered(name, start, prefix=prefix):
            asked.append(made)
            yield number, made

    monkeypatch.setattr(directory_module, "numbered", watched)
    directory = make(tmp_path, unique=False)
    for name in ("a.txt", "A.txt", "a.TXT", "A.TXT", "a.Txt", "A.Txt"):
        save(directory, name, b"x")

    assert ["a.txt", "A1.txt", "a2.TXT", "A3.TXT", "a4.Txt", "A5.Txt"] == asked
