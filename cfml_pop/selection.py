"""Selections that are refused.

Rule: each function judges what a call selects and raises, or returns; none changes anything, and none speaks to a server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cfml_pop.cfml.attributes import DELETE, Call
from cfml_pop.cfml.dialect import Dialect, find_dialect
from cfml_pop.errors import AttributeFault, POP3Error
from cfml_pop.settings import Settings

__all__ = ["refuse_numbers", "refuse_twins", "refuse_unselected_delete", "refuse_window"]


def refuse_unselected_delete(call: Call, settings: Settings) -> None:
    """A delete that does not say which messages it means would empty the mailbox."""
    if call.action != DELETE or call.uids is not None or call.numbers is not None:
        return
    dialect = find_dialect(settings.dialect)
    if not dialect.delete_by_window:
        raise AttributeFault(
            f'action="delete" needs uid or messagenumber in the dialect {dialect.name!r}, whose engine deletes nothing '
            "without them; nothing was deleted"
        )
    if not call.windowed and not settings.allow_delete_all:
        raise AttributeFault(
            'action="delete" needs uid, messagenumber, startrow or maxrows. Without one it would empty the mailbox, which '
            "only Settings(allow_delete_all=True) allows; nothing was deleted"
        )


def refuse_window(call: Call, dialect: Dialect, count: int) -> None:
    """OpenBD: a startrow behind the last message is an error, unless there is no message at all."""
    if dialect.window == "refused" and 0 < count < call.startrow:
        raise AttributeFault(f"startrow must be at most {count}, the number of messages, not {call.startrow}")


def refuse_numbers(call: Call, dialect: Dialect, count: int) -> None:
    """OpenBD: a number that no message has is an error."""
    bad = [number for number in call.numbers or () if number > count]
    if dialect.bad_numbers == "refused" and bad:
        raise AttributeFault(
            f"messagenumber must be at most {count}, the number of messages, not {bad[0]}; nothing was done", numbers=bad
        )


def refuse_twins(numbers: Iterable[int], uids: Mapping[int, str]) -> None:
    """RFC 1939 lets identical messages share a uid; then a uid does not say which one is meant."""
    first: dict[str, int] = {}
    for number in numbers:
        uid = uids[number]
        if uid in first:
            raise POP3Error(
                f"messages {first[uid]} and {number} have the same uid {uid!r}, so it does not say which one is meant; "
                "use messagenumber=. Nothing was done",
                command="UIDL",
                numbers=(first[uid], number),
            )
        first[uid] = number
