"""Content-Type and Content-Disposition: a value and its parameters (RFC 2045, section 5.1; RFC 2231; and what is met instead).

Rule: a parameter can be had only through `Parameters.get`, which knows the order in which the spellings of one name count.
"""

from __future__ import annotations

import re
from itertools import islice

from cfml_pop.message.charsets import decode_text
from cfml_pop.message.words import BLANKS, decode_words, one_line

__all__ = ["Parameters", "main_value"]

LIMIT = 200
"""Parameters of one field that are read, and"""
CONTINUATIONS = 1000
"""pieces of continued ones: a name of 64 KB in lines of 70."""

# Octets stand for themselves as latin-1 here, hence re.ASCII: 0xA0 is no blank.
_VALUE = re.compile(r"[\s;\"]*([^\s;()\",]+)", re.ASCII)
# A parameter begins behind ";" or, in damaged fields, behind a blank or at once. Unquoted values may hold blanks. Only `"` and
# `\` are taken as escaped in quotes: programs on Windows put whole paths there and double no backslash.
_PARAMETER = re.compile(
    r"""(?:\A|;\s*|(?<=[\s"]))([^\s=;"()<>]+)\s*=\s*(?:"([^"\\]*(?:\\.[^"\\]*)*)"|"?([^;]*))""",
    re.DOTALL | re.ASCII,
)
_QUOTED_PAIR = re.compile(r'\\(["\\])')
_SECTION = re.compile(r"(.+?)(?:\*([0-9]{1,9}))?(\*)?", re.DOTALL)
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")


def main_value(field: bytes) -> str:
    """What stands before the first parameter of an unfolded field, in lower case; "" if nothing does."""
    return _value(field.decode("latin-1"))[0]


def _value(text: str) -> tuple[str, int]:
    """The same of a field as latin-1, and where it ends."""
    match = _VALUE.match(text)
    return (match[1].lower(), match.end()) if match and "=" not in match[1] else ("", 0)


class Parameters:
    """A structured field. `value` is what stands before the first parameter, in lower case; "" if nothing does. `more`: there
    are more parameters than are read.

    Takes the unfolded octets; nothing raises, and the work is linear in their number.
    """

    __slots__ = ("_pieces", "_plain", "_sections", "more", "value")

    def __init__(self, field: bytes) -> None:
        text = field.decode("latin-1")  # one character for each octet, so that raw 8-bit values can be had back
        self.value: str
        self.value, start = _value(text)
        self._plain: dict[str, str] = {}
        self._sections: dict[str, dict[int, tuple[str, bool]]] = {}
        self._pieces = 0
        self.more: bool = False
        for found in islice(_PARAMETER.finditer(text, start), LIMIT + CONTINUATIONS + 1):
            name, quoted, unquoted = found.groups()
            if quoted is not None:
                value = _QUOTED_PAIR.sub(r"\1", quoted) if "\\" in quoted else quoted
            else:
                value = unquoted.strip(BLANKS).rstrip('"')
            self._keep(name.lower(), value)

    def _keep(self, name: str, value: str) -> None:
        if "*" not in name:
            if len(self._plain) < LIMIT:
                self._plain.setdefault(name, value)
            else:
                self.more = True
            return
        if self._pieces == CONTINUATIONS:
            self.more = True
            return
        self._pieces += 1
        match = _SECTION.fullmatch(name)
        if match is not None:
            section = -1 if match[2] is None else int(match[2])
            self._sections.setdefault(match[1], {}).setdefault(section, (value, match[3] is not None))

    def octets(self, name: str) -> bytes:
        """A parameter that is no text, such as a boundary; b"" if it is missing."""
        if name in self._plain:
            return self._plain[name].encode("latin-1")
        return self.get(name).encode("utf-8", "replace")

    def given(self, name: str) -> str | None:
        """The text of a parameter as it is meant to be seen, tabs kept; None if it is missing."""
        if name not in self._plain and name not in self._sections:
            return None
        return "\t".join(map(one_line, self._decoded(name).split("\t")))

    def get(self, name: str) -> str:
        """The text of a parameter (`name` in lower case), "" if it is missing.

        `name*` counts before `name*0`, `name*1`, ..., and these before `name`, in which encoded words and raw 8-bit octets are
        read.
        """
        return one_line(self._decoded(name))

    def _decoded(self, name: str) -> str:
        sections = self._sections.get(name)
        if not sections:
            value = self._plain.get(name, "")
            return value if value.isascii() and "=?" not in value else decode_words(value.encode("latin-1"))
        if -1 in sections:
            sections = {0: sections[-1]}
        charset, octets = "", []
        for number, index in enumerate(sorted(sections)):  # a missing section leaves a gap, no more
            value, extended = sections[index]
            if extended and number == 0 and value.count("'") >= 2:
                charset, _, value = value.split("'", 2)
            piece = value.encode("latin-1")
            octets.append(_PERCENT.sub(lambda match: bytes.fromhex(match[1].decode()), piece) if extended else piece)
        joined = b"".join(octets)
        if not charset and b"=?" in joined:
            return decode_words(joined)
        return decode_text(joined, charset)[0]
