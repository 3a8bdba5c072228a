"""Values of a row that print as CFML prints them, and have structure.

Rule: each is exactly the text that the column holds, and works wherever a str does. The structure behind it is read when it is
first asked for, from a callable; pickling and copying keep the structure, not the callable.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

__all__ = ["Address", "AddressText", "Attachment", "AttachmentText", "HeaderText", "MailDate", "Struct"]

T = TypeVar("T")
C = TypeVar("C", bound="_Cell[Any]")


@dataclasses.dataclass(frozen=True)
class Address:
    """One address: the decoded name, and `local@domain`; either may be ""."""

    name: str
    address: str


@dataclasses.dataclass(frozen=True)
class Attachment:
    """One attachment. `size` is in octets, decoded; `content_id` has no brackets; `path` is "" when the file was not saved."""

    name: str
    content_type: str
    content_id: str
    size: int
    path: str


class _Cell(str, Generic[T]):
    """Text, and a structure that is given as it is or as a callable without arguments."""

    __slots__ = ("_read", "_structure")  # a page of mail has thousands of cells

    _structure: T | None
    _read: Callable[[], T | None] | None

    def __new__(cls: type[C], text: str = "", structure: T | Callable[[], T | None] | None = None) -> C:
        cell = str.__new__(cls, text)
        if callable(structure):
            cell._read, cell._structure = structure, None
        else:
            cell._read, cell._structure = None, structure
        return cell

    def _value(self) -> T | None:
        read = self._read  # taken once: another thread may be done between a look and the call
        if read is not None:
            self._structure = read()
            self._read = None  # what it was read from may go now
        return self._structure

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str.__str__(self), self._value())


class MailDate(_Cell[dt.datetime]):
    """The Date header as sent. `datetime` is aware, or None if it cannot be read; `timestamp` is in seconds, then 0.0."""

    __slots__ = ()

    @property
    def datetime(self) -> dt.datetime | None:
        return self._value()

    @property
    def timestamp(self) -> float:
        moment = self._value()
        return moment.timestamp() if moment is not None else 0.0


class AddressText(_Cell[tuple[Address, ...]]):
    """Addresses in one line, joined by ", ". `addresses` has them apart."""

    __slots__ = ()

    @property
    def addresses(self) -> tuple[Address, ...]:
        return self._value() or ()


class HeaderText(_Cell[tuple[tuple[str, str], ...]]):
    """The header as sent. Values by name, in any case, are decoded and in one line."""

    __slots__ = ()

    def get(self, name: str, default: str = "") -> str:
        """The first value of a field, `default` if there is none."""
        return next(iter(self.get_all(name)), default)

    def get_all(self, name: str) -> tuple[str, ...]:
        """All values of a field, in order."""
        key = name.lower()
        return tuple(value for field, value in self.items() if field.lower() == key)

    def items(self) -> tuple[tuple[str, str], ...]:
        """All fields as (name, value), in order, repeated ones included."""
        return self._value() or ()


class AttachmentText(_Cell[tuple[Attachment, ...]]):
    """The names of the attachments, joined by TAB. `entries` has what is known of each."""

    __slots__ = ()

    @property
    def entries(self) -> tuple[Attachment, ...]:
        return self._value() or ()


class Struct(dict[str, Any]):
    """A CFML struct: keys compare without case, and keep the case in which they were first given."""

    def __init__(self, items: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__()
        self._keys: dict[str, str] = {}
        self.update(items)

    def _key(self, key: object) -> Any:
        return self._keys.get(key.lower(), key) if isinstance(key, str) else key

    def __getitem__(self, key: str) -> Any:
        return super().__getitem__(self._key(key))

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(self._keys.setdefault(key.lower(), key), value)

    def __delitem__(self, key: str) -> None:
        super().__delitem__(self._key(key))
        del self._keys[key.lower()]

    def __contains__(self, key: object) -> bool:
        return super().__contains__(self._key(key))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return len(self) == len(other) and _folded(self) == _folded(other)

    def __ne__(self, other: object) -> bool:  # dict has its own
        return not self == other

    __hash__ = None  # as a dict

    def __ior__(self, other: Any) -> Struct:  # type: ignore[override]  # dict's own would go round __setitem__
        self.update(other)
        return self

    def __or__(self, other: Any) -> Any:
        return _joined(self, other)

    def __ror__(self, other: Any) -> Any:
        return _joined(other, self)

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(self._key(key), default)

    def pop(self, key: str, *default: Any) -> Any:
        stored = self._key(key)
        value = super().pop(stored, *default)
        self._keys.pop(key.lower(), None)
        return value

    def popitem(self) -> tuple[str, Any]:
        key, value = super().popitem()
        del self._keys[key.lower()]
        return key, value

    def clear(self) -> None:
        super().clear()
        self._keys.clear()

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, items: Mapping[str, Any] | Iterable[tuple[str, Any]] = (), /, **more: Any) -> None:  # type: ignore[override]
        for key, value in _pairs(items):
            self[key] = value
        for key, value in more.items():
            self[key] = value

    def copy(self) -> Struct:
        return Struct(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return Struct, (list(self.items()),)


def _folded(items: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key.lower() if isinstance(key, str) else key: value for key, value in items.items()}


def _joined(first: Any, second: Any) -> Any:
    if not isinstance(first, Mapping) or not isinstance(second, Mapping):
        return NotImplemented
    joined = Struct(first)
    joined.update(second)
    return joined


def _pairs(items: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    return iter(items.items()) if isinstance(items, Mapping) else iter(items)
