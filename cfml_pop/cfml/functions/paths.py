"""CFML's functions about the text of a path.

Rule: text only, nothing is looked up on a disk; `/` and `\\` both separate, on every system. What asks or changes files
(fileExists, expandPath, getTempDirectory, ...) is the host's.
"""

from __future__ import annotations

from cfml_pop.cfml.functions.family import Family, argument

__all__ = ["FAMILY"]

FAMILY = Family("Paths")

PATH = argument("path")


def _name_at(path: str) -> int:
    return max(path.rfind("/"), path.rfind("\\")) + 1


@FAMILY.function("getFileFromPath", PATH)
def get_file_from_path(path: str) -> str:
    """What stands behind the last separator: "" of a path that ends with one. Source: Adobe and Lucee, GetFileFromPath."""
    return path[_name_at(path) :]


@FAMILY.function("getDirectoryFromPath", PATH)
def get_directory_from_path(path: str) -> str:
    """What stands up to the last separator, that included; "/" where there is none, as in Lucee.

    Source: Lucee, GetDirectoryFromPath.
    """
    return path[: _name_at(path)] or "/"
