"""Properties that are read once.

Rule: as `functools.cached_property`, which before Python 3.12 takes a lock for each first reading: a twentieth of the time that a
short message takes. What is read depends on the octets alone, so that two threads that read at once read the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

__all__ = ["lazy"]

T = TypeVar("T")


class lazy(Generic[T]):  # noqa: N801 - a decorator, as `property`
    """A property that is an attribute once it was read."""

    def __init__(self, read: Callable[[Any], T]) -> None:
        self._read = read
        self._name = read.__name__
        self.__doc__ = read.__doc__

    def __get__(self, instance: Any, _owner: type | None = None) -> T:
        value = self._read(instance)
        setattr(instance, self._name, value)  # `__dict__` would be made for it, from Python 3.11 on
        return value
