"""Messages as files: the octets that came, one file a message.

Rule: a file appears under its name when it is whole, or not at all; only its owner may read it; and none takes the place of
another unless that was asked for.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import IO
from urllib.parse import quote

import click

from cfml_pop.cfml.query import Row
from cfml_pop.message.names import clean_name
from cfml_pop.message.octets import BLOCK, Octets
from cfml_pop.row import octets_of

__all__ = ["EmlFolder", "eml_names"]

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)

LONGEST = 190
"""Octets of a uid in a file's name; the name of a longer one is made of its digest."""


def eml_names(keys: Iterable[tuple[int, str]]) -> list[str]:
    """A file name for each message number and uid, no two alike, also where case does not count.

    It is the uid: letters, digits and ".", "-", "_", "~" as they are, all else as %XX, as in URLs. A message without a uid goes
    by its number, and one whose name another one has by both, as in `uid+number`.
    """
    taken: set[str] = set()
    names = []
    for number, uid in keys:
        stem = _stem(uid) if uid else str(number)
        if stem.casefold() in taken:
            stem = f"{stem}+{number}"
        taken.add(stem.casefold())
        names.append(f"{stem}.eml")
    return names


def _stem(uid: str) -> str:
    stem = quote(uid, safe="", errors="surrogateescape")
    if len(stem) > LONGEST:
        stem = hashlib.sha256(uid.encode("utf-8", "surrogateescape")).hexdigest()
    if clean_name(f"{stem}.eml") != f"{stem}.eml":  # begins with a dot, or is a device on Windows
        stem = f"%{ord(stem[0]):02X}{stem[1:]}"
    return stem


class EmlFolder:
    """The folder that messages are saved in, made where it is missing, for its owner alone. `written` counts the files that were.

    `force`: a file of the name that is there is replaced. Otherwise it stays; when it holds the same octets, that is what was
    asked for, else nothing is written and the text says what to do. Raises OSError, and UsageError for a path that is no folder.
    """

    def __init__(self, folder: str, *, force: bool) -> None:
        self.path = Path(folder)
        self.written = 0
        self._force = force
        if self.path.exists() and not self.path.is_dir():
            raise click.UsageError(f"--save-eml {folder} is no folder; name one, which is made if it is missing")

    def save(self, rows: Iterable[Row]) -> int:
        """Write each message that came whole. Gives how many of them were there already."""
        whole = [(row, octets) for row in rows if (octets := octets_of(row)) is not None]
        names = eml_names((row.messagenumber, row.uid) for row, _ in whole)
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        todo = [(name, octets) for name, (_, octets) in zip(names, whole, strict=True) if self._wanted(name, octets)]
        for name, octets in todo:
            self._write(name, octets)
            self.written += 1
        return len(whole) - len(todo)

    def _wanted(self, name: str, octets: Octets) -> bool:
        path = self.path / name
        if self._force or not os.path.lexists(path):
            return True
        if path.is_file() and not path.is_symlink() and _holds(path, octets):
            return False
        raise self._refused(name)

    def _refused(self, name: str) -> click.ClickException:
        return click.ClickException(
            f"{self.path / name} is there and holds something else; write --force to replace it, or another --save-eml"
        )

    def _write(self, name: str, octets: Octets) -> None:
        path, temporary = self.path / name, self.path / f".cfml_pop-{secrets.token_hex(8)}.part"
        try:
            with _new_file(temporary) as file:
                for offset in range(0, len(octets), BLOCK):
                    file.write(octets[offset : offset + BLOCK])
            if self._force:
                temporary.replace(path)
            else:
                self._name(temporary, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()

    def _name(self, temporary: Path, path: Path) -> None:
        """Give the file its name, unless another one has it by now."""
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            raise self._refused(path.name) from None
        except OSError:  # a file system without links: an empty file holds the name until the whole one takes its place
            with contextlib.suppress(FileExistsError), _new_file(path):
                try:
                    temporary.replace(path)
                except BaseException:
                    if os.path.lexists(temporary):  # the name still stands for the empty file
                        path.unlink(missing_ok=True)
                    raise
                return
            raise self._refused(path.name) from None


def _new_file(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, _NEW, 0o600), "wb")


def _holds(path: Path, octets: Octets) -> bool:
    if path.stat().st_size != len(octets):
        return False
    with path.open("rb") as file:
        return all(file.read(BLOCK) == octets[offset : offset + BLOCK] for offset in range(0, len(octets), BLOCK))
