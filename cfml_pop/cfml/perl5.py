r"""Regular expressions as CFML's engines read them, in a bounded time.

Rule: the syntax is that of Perl 5.003 as Jakarta ORO takes it, the matcher of Lucee and OpenBD (and of Adobe's engine, by its own
name). What ORO refuses is refused here, with its place; see `perl5_syntax`. No use of a pattern takes more than TIME_LIMIT of the
processor, whatever the pattern and the text are: both may come from a mail.

What differs from Python's `re`: a point matches line ends as well; `\w`, `\d`, `\s` and `[[:alpha:]]` are Java's letters, digits
and blanks; an unknown escape of a letter is that letter; `(?i)` holds from where it stands; there is no look-behind, no
possessive or atomic group, and no group with a name. Of matches one behind the other, none is empty where the one before it
ended.

Why `regex`: Python's `re` cannot be stopped, and needs hours for `(a|aa)+$` on 60 letters. RE2 never takes long, but has neither
back references nor look-ahead, which pages use. `regex` has both, takes a time limit, and lets other threads run meanwhile.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from cfml_pop.cfml.perl5_syntax import Reader, shown
from cfml_pop.errors import MissingExtra

if TYPE_CHECKING:
    import regex

__all__ = ["TIME_LIMIT", "Perl5", "compiled"]

TIME_LIMIT = 2.0
"""Seconds of the processor, for all matches of one call. A page's expressions on a mail of a MB need a few hundredths."""


class Perl5:
    """A compiled expression."""

    def __init__(self, pattern: str, *, ignore_case: bool) -> None:
        """Raises ValueError: the pattern is wrong or too long; MissingExtra: the library is not there."""
        try:
            import regex
        except ImportError as error:
            raise MissingExtra("regular expressions need regex; install it with: pip install 'cfml-pop[regex]'") from error
        written = Reader(pattern).whole()
        flags = regex.VERSION0 | regex.UNICODE | regex.DOTALL | (regex.IGNORECASE if ignore_case else 0)
        try:
            self._regex = regex.compile(written, flags)
        except (regex.error, RecursionError, OverflowError) as error:
            raise ValueError(f"cannot be used as an expression: {error}: {shown(pattern)}") from None

    def matches(self, subject: str, start: int = 0) -> Iterator[regex.Match[str]]:
        """All matches from `start` on (counted from 0), one behind the other. Raises ValueError when time is up."""
        end = -1
        try:
            for found in self._regex.finditer(subject, start, timeout=TIME_LIMIT):
                if found.end() > end:
                    end = found.end()
                    yield found
        except TimeoutError:
            raise ValueError(
                f"took longer than {TIME_LIMIT:g} s: the pattern has too many ways to match this text; "
                "write it so that a repeated part cannot match the same text in two ways"
            ) from None


@functools.lru_cache(maxsize=128)
def compiled(pattern: str, ignore_case: bool) -> Perl5:
    """The expression for a pattern; the last 128 are kept."""
    return Perl5(pattern, ignore_case=ignore_case)
