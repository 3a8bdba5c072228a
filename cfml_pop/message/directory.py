"""The directory that attachments are saved to.

Rule: nothing is written anywhere else. The directory is opened once, component by component, and everything in it is done
relative to the open directory, so that no symbolic link is followed and nobody can move it away in between. A file appears under
its name when it is complete, or not at all.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import tempfile
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path

from cfml_pop.errors import AttachmentError, AttributeFault
from cfml_pop.message.names import clean_name, numbered

__all__ = ["AttachmentDirectory", "Staged"]

_AT = os.open in os.supports_dir_fd and os.link in os.supports_dir_fd  # not on Windows: there paths are used
_DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
# What a file system without hard links answers, or one on which a file has as many as it may.
_NO_LINKS = frozenset(
    getattr(errno, name) for name in ("EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK") if hasattr(errno, name)
)
_NEW_FILE = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)


class Staged:
    """A file that is complete and has no name yet. `size` is its octets."""

    __slots__ = ("name", "size", "temporary")

    def __init__(self, name: str, temporary: str, size: int) -> None:
        self.name: str = name
        self.temporary: str = temporary
        self.size: int = size


class AttachmentDirectory:
    """`directory` below `root`, made if missing (mode 0700).

    A relative path starts at `root`; without one at a private folder in the temporary directory. With `root`, every path must lie
    inside it; without, an absolute path is taken as it is if `allow_absolute`. `unique`: a name that is taken gets a number;
    otherwise only one that this object has given out or a directory has, and an older file is replaced.

    What an engine does its own way: `prefix`: the number stands before the name. `overwrite`: without `unique`, a file of this
    object is replaced as well. `from_here`: without `root`, a relative path starts at the working directory, or, where it
    cannot be used there, at the private folder. `parents` False: only the last folder is made, those above must be there.

    Raises AttributeFault for a path that is not allowed, AttachmentError with path and reason for one that cannot be used.
    """

    def __init__(
        self,
        directory: str,
        *,
        root: str | os.PathLike[str] | None,
        allow_absolute: bool,
        unique: bool,
        prefix: bool = False,
        overwrite: bool = False,
        from_here: bool = False,
        parents: bool = True,
    ) -> None:
        self.unique = unique
        self._prefix = prefix
        self._overwrite = overwrite
        self._given: set[str] = set()
        self._next: dict[str, int] = {}
        self._older: dict[str, str] = {}  # files that were replaced and may come back, with the names they have meanwhile
        self._fresh: set[str] = set()  # files since the last `settle` before which there was none of the name
        self._closed = False
        self._descriptor: int | None = None
        self._close: Callable[[], object] = lambda: None
        descriptor = None
        places = [_locate(directory, root, allow_absolute)]
        private = root is None and not Path(directory).anchor
        if private and from_here and directory:
            places.insert(0, (os.path.realpath(Path.cwd()), list(Path(directory).parts)))
        for number, (base, components) in enumerate(places, 1):
            last = number == len(places)
            self.path: str = str(Path(base, *components))
            try:
                descriptor = _enter(base, components, private=private and last, parents=parents)
            except OSError as error:
                if last:
                    raise self._error(self.path, "the directory for attachments cannot be used", error) from error
            else:
                break
        if descriptor is not None:
            self._descriptor = descriptor
            self._close = weakref.finalize(self, os.close, descriptor)

    def close(self) -> None:
        """Give the directory's handle back; may be called again. Nothing can be saved afterwards."""
        self.settle()
        self._closed = True
        self._close()

    def stage(self, name: str, blocks: Iterable[bytes]) -> Staged:
        """Write `blocks` to a new file without a proper name yet. Raises AttachmentError, and then no file is left."""
        name = clean_name(name)
        temporary = _temporary()
        try:
            descriptor = os.open(self._at(temporary), _NEW_FILE, 0o600, dir_fd=self._handle)
            try:
                size = _write(descriptor, blocks)
            finally:
                os.close(descriptor)
        except OSError as error:
            self._remove(temporary)
            raise self._error(self._full(name), f"the attachment {name!r} could not be written", error) from error
        except BaseException:
            self._remove(temporary)
            raise
        return Staged(name, temporary, size)

    def commit(self, staged: Staged) -> str:
        """Give a staged file its name. Gives its path. Raises AttachmentError, and then the file is gone.

        A file that it replaced is kept until `settle`, for `drop` to put back.
        """
        try:
            name = self._link(staged) if self.unique else self._replace(staged)
        except OSError as error:
            self._remove(staged.temporary)
            raise self._error(self._full(staged.name), f"the attachment {staged.name!r} could not be written", error) from error
        except BaseException:
            self._remove(staged.temporary)
            raise
        return self._full(name)

    def drop(self, path: str) -> None:
        """Remove a file of this directory, if it is there; the older one that it replaced comes back."""
        self._remove(Path(path).name)

    def _remove(self, name: str) -> None:
        older = self._older.pop(name, None)
        self._fresh.discard(name)
        with contextlib.suppress(OSError):  # it was never made, or has its name already
            if older is None:
                os.unlink(self._at(name), dir_fd=self._handle)
            else:
                self._rename(older, name)

    def settle(self) -> None:
        """What was saved so far stays: older files that were replaced do not come back."""
        self._fresh.clear()
        while self._older:
            _, older = self._older.popitem()
            self._remove(older)

    def _link(self, staged: Staged) -> str:
        for number, name in numbered(staged.name, self._next.get(staged.name, 0), prefix=self._prefix):
            self._next[staged.name] = number + 1
            try:
                self._claim(staged.temporary, name)
            except FileExistsError:
                continue
            return name
        raise AssertionError("numbered() does not end")

    def _claim(self, temporary: str, name: str) -> None:
        """Name a file; FileExistsError if the name is taken, be it by a link that leads nowhere."""
        try:
            self._hard_link(temporary, name)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            # An empty file holds the name until the real one replaces it.
            os.close(os.open(self._at(name), _NEW_FILE, 0o600, dir_fd=self._handle))
            try:
                self._rename(temporary, name)
            except BaseException:
                self._remove(name)
                raise
        else:
            self._remove(temporary)

    def _replace(self, staged: Staged) -> str:
        key = staged.name.casefold()
        start = 0 if self._overwrite else self._next.get(key, 0)
        for number, name in numbered(staged.name, start, prefix=self._prefix):
            self._next[key] = number + 1
            if name.casefold() in self._given and not self._overwrite:
                continue
            older = self._put_aside(name)
            try:
                self._rename(staged.temporary, name)  # replaces a symbolic link itself, never what it points to
            except OSError as error:
                if older:
                    self._remove(older)
                if not self._is_directory(name, error):
                    raise
                continue
            if older and (name in self._older or name in self._fresh):  # the oldest is what comes back, or nothing
                self._remove(older)
            elif older:
                self._older[name] = older
            else:
                self._fresh.add(name)
            self._given.add(name.casefold())
            return name
        raise AssertionError("numbered() does not end")

    def _put_aside(self, name: str) -> str | None:
        """A second name for a file that is about to be replaced; None where there is no file, or it cannot have one."""
        older = _temporary()
        try:
            self._hard_link(name, older)
        except OSError:  # then it is replaced for good, which is what was asked for
            return None
        return older

    def _is_directory(self, name: str, error: OSError) -> bool:
        if isinstance(error, IsADirectoryError):
            return True
        if not isinstance(error, PermissionError):
            return False
        with contextlib.suppress(OSError):  # Windows calls it a permission
            return stat.S_ISDIR(os.stat(self._at(name), dir_fd=self._handle, follow_symlinks=False).st_mode)
        return False

    def _hard_link(self, source: str, name: str) -> None:
        handle = self._handle
        os.link(self._at(source), self._at(name), src_dir_fd=handle, dst_dir_fd=handle, follow_symlinks=False)

    def _rename(self, source: str, name: str) -> None:
        handle = self._handle
        os.replace(self._at(source), self._at(name), src_dir_fd=handle, dst_dir_fd=handle)

    @property
    def _handle(self) -> int | None:
        """The open directory. Never that number after it was closed: another file may have it by then."""
        if self._closed:
            raise OSError(errno.EBADF, "the directory was closed")
        return self._descriptor

    def _at(self, name: str) -> str:
        return name if self._descriptor is not None else self._full(name)

    def _full(self, name: str) -> str:
        return str(Path(self.path, name))

    @staticmethod
    def _error(path: str, what: str, error: OSError) -> AttachmentError:
        return AttachmentError(f"{what}: {error.strerror or error} ({path})", filename=path, errno=error.errno)


def _temporary() -> str:
    return f".cfml_pop-{secrets.token_hex(8)}.part"


def _write(descriptor: int, blocks: Iterable[bytes]) -> int:
    size = 0
    for block in blocks:
        view = memoryview(block)
        while view:
            view = view[os.write(descriptor, view) :]
        size += len(block)
    return size


def _locate(directory: str, root: str | os.PathLike[str] | None, allow_absolute: bool) -> tuple[str, list[str]]:
    """An absolute path that is trusted, and the components below it that are not."""
    path = Path(directory)
    if "\0" in directory or ".." in path.parts:
        raise _refused(f'attachmentPath {directory!r} holds ".." or NUL; write the directory itself')
    absolute = bool(path.anchor)  # on Windows also "\\inbox" and "C:inbox", which lead away from where they are put
    if root is not None:
        base = os.path.realpath(root)
        if not absolute:
            return base, list(path.parts)
        for start in (base, str(Path(root).absolute())):
            if path.is_relative_to(start):
                return base, list(path.relative_to(start).parts)
        # The root itself is the host's affair, and is not told to a template.
        raise _refused(
            f"attachmentPath {directory!r} is outside the host's Settings(attachment_root=...); write a path relative to it"
        )
    if not absolute:
        user = os.getuid() if hasattr(os, "getuid") else "user"
        return os.path.realpath(tempfile.gettempdir()), [f"cfml_pop-{user}", *path.parts]
    if not allow_absolute:
        raise _refused(
            f"attachmentPath {directory!r} is absolute, which is not allowed here; write a relative path, or let the host set "
            "Settings(attachment_root=...)"
        )
    # The caller's own path: links above the directory are the system's affair (/tmp and /var are links on some), the last is
    # ours.
    return os.path.realpath(path.parent), [path.name] if path.name else []


def _refused(text: str) -> AttributeFault:
    return AttributeFault(text, faults=[("attachmentpath", text)])


def _enter(base: str, components: list[str], *, private: bool, parents: bool = True) -> int | None:
    """Open `base` and below it every component, made where missing; without `parents` only the last one, and the private
    folder. `private`: the first component must be this user's alone."""
    Path(base).mkdir(mode=0o700, parents=parents, exist_ok=True)
    made = set(range(len(components))) if parents else {len(components) - 1, 0 if private else -1}
    if not _AT:
        _enter_by_path(base, components, made)
        return None
    descriptor = os.open(base, _DIRECTORY)
    try:
        for number, component in enumerate(components):
            if number in made:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(component, 0o700, dir_fd=descriptor)
            below = os.open(component, _DIRECTORY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
            if private and number == 0:
                _refuse_foreign(os.fstat(descriptor))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _enter_by_path(base: str, components: list[str], made: set[int]) -> None:
    path = Path(base)
    for number, component in enumerate(components):
        path = path / component
        if number in made:
            path.mkdir(mode=0o700, exist_ok=True)
        if path.is_symlink():
            raise NotADirectoryError(0, "it is a symbolic link")


def _refuse_foreign(status: os.stat_result) -> None:
    if status.st_uid != os.getuid():
        raise PermissionError(1, "the folder belongs to another user")
    if stat.S_IMODE(status.st_mode) & 0o022:
        raise PermissionError(1, "others may write to the folder")
