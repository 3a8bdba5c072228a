r"""The syntax of CFML's regular expressions, written anew for the library `regex`.

Rule: a pattern is read once, from left to right; every construct is known here or refused with its place. What is written for
`regex` uses no name, no flag and no class of that library whose meaning is not Java's.

Compared with Jakarta ORO 2.0.8 on random patterns. Its slips are not followed: `\z` never matches there, a repeated `^` or `\b`
and an empty branch of a look-ahead go wrong, a look-ahead that failed leaves its groups set, and a negated POSIX class spoils
the class that it stands in. A reference to a group from inside it is refused: what it means there is nowhere said.
"""

from __future__ import annotations

from typing import NoReturn

__all__ = ["LONGEST_PATTERN", "MOST_GROUPS_INSIDE", "MOST_REPEATED", "Reader", "shown"]

LONGEST_PATTERN = 8_000
"""Characters. The longest pattern that is passed around, one for addresses of RFC 822, has 6500."""

MOST_GROUPS_INSIDE = 50
"""Groups inside groups; a thousand end the recursion of this reader and of `regex`."""

MOST_REPEATED = 10_000
"""How long a pattern may be when its counts are written out, `(ab){100}` being 300: `regex` keeps some 200 octets for each, and
`((a{1000}){1000}){1000}` takes all memory that there is."""

WORD = r"\p{L}\p{Nd}_"
BLANKS = r"\p{Zs}\p{Zl}\p{Zp}"
SIGNS = r"\p{Pc}\p{Pd}\p{Ps}\p{Pe}\p{Po}\p{Sm}\p{Sc}\p{Sk}"
SPACE = r"\x09-\x0D\x1C-\x20\u1680\u2000-\u2006\u2008-\u200A\u2028\u2029\u205F\u3000"

SHORTHAND = {"w": WORD, "d": r"\p{Nd}", "s": SPACE}

POSIX = {
    "alnum": r"\p{L}\p{Nd}",
    "alpha": r"\p{L}",
    "ascii": r"\x00-\x7F",
    "blank": BLANKS,
    "cntrl": r"\p{Cc}",
    "digit": r"\p{Nd}",
    "graph": r"\p{L}\p{Nd}" + SIGNS,
    "lower": r"\p{Lowercase}",
    "print": r"\p{L}\p{Nd}" + SIGNS + BLANKS,
    "punct": SIGNS,
    "space": SPACE,
    "upper": r"\p{Uppercase}",
    "word": WORD,
    "xdigit": "0-9A-Fa-f",
}

LETTERS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "e": "\x1b", "a": "\x07"}

BORDER = rf"(?:(?<=[{WORD}])(?![{WORD}])|(?<![{WORD}])(?=[{WORD}]))"
NO_BORDER = rf"(?:(?<=[{WORD}])(?=[{WORD}])|(?<![{WORD}])(?![{WORD}]))"

PARTS_OF_BORDER = 8
"""What a border counts for: `regex` needs as much time for it."""

# \z is the end, $ and \Z are the end or before a line end that is the last character.
PLACES = {"A": r"\A", "z": r"\Z", "Z": r"(?=\n?\Z)", "G": r"\G", "b": BORDER, "B": NO_BORDER}


class Reader:
    """One pattern. `whole` gives it for `regex`, `groups` is then how many groups it has. Raises ValueError.

    The other methods return what they read and how long that is, its counts written out.
    """

    def __init__(self, pattern: str) -> None:
        if len(pattern) > LONGEST_PATTERN:
            raise ValueError(f"is too long: {len(pattern)} characters, the limit is {LONGEST_PATTERN}")
        self.pattern = pattern
        self.at: int = 0
        self.groups: int = 0
        self.open: set[int] = set()
        self.depth: int = 0
        self.total: int = _count_groups(pattern)
        self.fold: bool = False
        self.lines: bool = False
        self.free: bool = False

    def whole(self) -> str:
        written, length = self.alternatives()
        if self.at < len(self.pattern):
            self.fault("a ) without its (", self.at)
        if length > MOST_REPEATED:
            self.fault(f"it is too long; with all counts written out it may have {MOST_REPEATED} parts", 0)
        return written

    def fault(self, text: str, at: int) -> NoReturn:
        raise ValueError(f"is no regular expression of CFML: {text}, at character {at + 1} of {shown(self.pattern)}")

    def follows(self, text: str) -> bool:
        if self.pattern.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def alternatives(self) -> tuple[str, int]:
        branches, size = [], 0
        while True:
            written, length = self.sequence()
            branches.append(written)
            size += length
            if not self.follows("|"):
                return "|".join(branches), size

    def sequence(self) -> tuple[str, int]:
        pieces, size = [], 0
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            if self.free and self.skip():
                continue
            written, length = self.atom()
            if written:
                written, length = self.counted(written, length)
            pieces.append(written)
            size += length
        return "".join(pieces), size

    def skip(self) -> bool:
        """With (?x), blanks and comments to the end of the line mean nothing."""
        if self.pattern[self.at] in " \t\n\r\f\v":
            self.at += 1
            return True
        if self.pattern[self.at] == "#":
            end = self.pattern.find("\n", self.at)
            self.at = end + 1 if end >= 0 else len(self.pattern)
            return True
        return False

    def atom(self) -> tuple[str, int]:
        """Something that can be repeated; "" for what is only an instruction: a comment, a flag."""
        at, character = self.at, self.pattern[self.at]
        self.at += 1
        if character in "*+?":
            self.fault(f"{character} has nothing before it to repeat", at)
        if character == "(":
            return self.group(at)
        if character == "[":
            return self.folded(self.bracket(at)), 1
        if character == ".":
            return ".", 1
        if character in "^$":
            return (f"(?:(?m:{character}))" if self.lines else (r"\A" if character == "^" else PLACES["Z"])), 1
        if character == "\\":
            border = self.pattern[self.at : self.at + 1] in ("b", "B")
            return self.escape(at), PARTS_OF_BORDER if border else 1
        return self.folded(_literal(character)), 1

    def folded(self, written: str) -> str:
        return f"(?i:{written})" if self.fold else written

    def counted(self, written: str, length: int) -> tuple[str, int]:
        """What was read, with *, +, ? or {} behind it."""
        at = self.at
        found = self.count()
        if found is None:
            return written, length
        lazy = "?" if self.follows("?") else ""
        again = self.at
        if self.count() is not None:
            self.fault("a repetition is repeated; write (?:...) round the first", again)
        least, most = found
        if max(least, most or 0) > MOST_REPEATED or (length * max(least, most or 0, 1)) > MOST_REPEATED:
            self.fault(f"it repeats too much; with all counts written out it may have {MOST_REPEATED} parts", at)
        until = "" if most is None else most
        return f"(?:{written}){{{least},{until}}}{lazy}", length * max(least, most or 0, 1)

    def count(self) -> tuple[int, int | None] | None:
        """Least and most (None: any number); None if no repetition stands here."""
        for sign, least, most in (("*", 0, None), ("+", 1, None), ("?", 0, 1)):
            if self.follows(sign):
                return least, most
        end = self.pattern.find("}", self.at) if self.pattern.startswith("{", self.at) else -1
        if end < 0:
            return None
        first, comma, second = self.pattern[self.at + 1 : end].partition(",")
        if not _is_number(first) or (second and not _is_number(second)):
            return None
        at, self.at = self.at, end + 1
        least = int(first)
        if not comma:
            return least, least
        if not second:
            return least, None
        if int(second) < least:
            self.fault(f"the interval {{{first},{second}}} ends before it begins", at)
        return least, int(second)

    def group(self, at: int) -> tuple[str, int]:
        if self.follows("?"):
            if self.follows("#"):
                end = self.pattern.find(")", self.at)
                self.at = end + 1 if end >= 0 else self.fault("a comment has no end", at)
                return "", 0
            for start in (":", "=", "!"):
                if self.follows(start):
                    return self.inside(f"(?{start}", at)
            return self.flags(at)
        self.groups += 1
        number = self.groups
        self.open.add(number)
        written = self.inside("(", at)
        self.open.remove(number)
        return written

    def inside(self, start: str, at: int) -> tuple[str, int]:
        self.depth += 1
        if self.depth > MOST_GROUPS_INSIDE:
            self.fault(f"more than {MOST_GROUPS_INSIDE} groups stand one inside the other", at)
        written, length = self.alternatives()
        self.depth -= 1
        if not self.follows(")"):
            self.fault("a ( without its )", at)
        return f"{start}{written})", length + 1

    def flags(self, at: int) -> tuple[str, int]:
        begin = self.at
        while self.at < len(self.pattern) and self.pattern[self.at] in "imsxgo":
            self.at += 1
        flags = self.pattern[begin : self.at]
        if not flags or not self.follows(")"):
            self.fault(
                f"{self.pattern[at : self.at + 1]} is not known; there are (?:, (?=, (?!, (?#, and the flags (?i), (?m) and (?x)",
                at,
            )
        self.fold |= "i" in flags
        self.lines |= "m" in flags
        self.free |= "x" in flags
        return "", 0

    def escape(self, at: int) -> str:
        """What follows a \\ outside square brackets."""
        if self.at == len(self.pattern):
            self.fault(r"a \ stands last; write \\ for one that is meant", at)
        letter = self.pattern[self.at]
        if letter.lower() in SHORTHAND:
            self.at += 1
            return f"[{'^' if letter.isupper() else ''}{SHORTHAND[letter.lower()]}]"
        if letter in PLACES:
            self.at += 1
            return PLACES[letter]
        if letter in "123456789":
            digits = self.digits("0123456789", 5)
            if len(digits) == 1 or int(digits) <= self.total:
                return self.reference(int(digits), at)
            self.at -= len(digits)
            if letter in "89":
                self.fault(rf"\{digits} refers to a group that is not there", at)
        return self.folded(_literal(self.character()))

    def reference(self, number: int, at: int) -> str:
        if number > self.groups:
            self.fault(rf"\{number} refers to a group that is not there, or only later", at)
        if number in self.open:
            self.fault(rf"\{number} stands inside the group that it refers to", at)
        return self.folded(rf"\g<{number}>")

    def digits(self, allowed: str, most: int) -> str:
        begin = self.at
        while self.at < len(self.pattern) and self.at - begin < most and self.pattern[self.at] in allowed:
            self.at += 1
        return self.pattern[begin : self.at]

    def character(self) -> str:
        """The one character that an escape means, wherever it stands."""
        letter = self.pattern[self.at]
        if letter in "01234567":
            return chr(int(self.digits("01234567", 3), 8))
        self.at += 1
        if letter == "x":
            return chr(int(self.digits("0123456789abcdefABCDEF", 2) or "0", 16))
        if letter == "c" and self.at < len(self.pattern):
            self.at += 1
            return chr(ord(self.pattern[self.at - 1].upper()[0]) ^ 64)
        return LETTERS.get(letter, letter)

    def bracket(self, at: int) -> str:
        """A class. Classes that are negated inside it, as in [\\W1], stand beside it and as look-aheads: of a set and its
        opposite `regex` makes one set of everything, which some of its versions cannot use without case.
        """
        negated = self.follows("^")
        inner: list[str] = []
        beside: list[str] = []
        first = self.at
        while self.at < len(self.pattern) and (self.pattern[self.at] != "]" or self.at == first):
            low = self.member(inner, beside)
            if low is None or not self.pattern.startswith("-", self.at) or self.pattern.startswith("-]", self.at):
                inner.extend([] if low is None else [_literal(low)])
                continue
            here = self.at
            self.at += 1
            high = self.member([], []) if self.at < len(self.pattern) else self.fault("a [ without its ]", at)
            if high is None or high < low:
                self.fault("a range in [ ] ends before it begins, or with a class", here)
            inner.append(f"{_literal(low)}-{_literal(high)}")
        if not self.follows("]"):
            self.fault("a [ without its ]", at)
        if not beside:
            return f"[{'^' if negated else ''}{''.join(inner)}]"
        either = "|".join(([f"[{''.join(inner)}]"] if inner else []) + beside)
        return f"(?!{either})." if negated else f"(?:{either})"

    def member(self, inner: list[str], beside: list[str]) -> str | None:
        """One character of a class; None for a class in it, which is entered in `inner`, or in `beside` where it is negated."""
        character = self.pattern[self.at]
        if character == "[" and self.pattern.startswith("[:", self.at):
            end = self.pattern.find(":]", self.at)
            name = self.pattern[self.at + 2 : end].removeprefix("^") if end >= 0 else ""
            if name in POSIX:
                negated = self.pattern[self.at + 2] == "^"
                self.at = end + 2
                (beside if negated else inner).append(f"(?![{POSIX[name]}])." if negated else POSIX[name])
                return None
        self.at += 1
        if character != "\\" or self.at == len(self.pattern):
            return character
        letter = self.pattern[self.at]
        if letter.lower() in SHORTHAND:
            self.at += 1
            chosen = SHORTHAND[letter.lower()]
            (beside if letter.isupper() else inner).append(f"(?![{chosen}])." if letter.isupper() else chosen)
            return None
        if letter == "b":
            self.at += 1
            return "\b"
        return self.character()


def _count_groups(pattern: str) -> int:
    """How many groups a pattern has at most: \\12 means the twelfth only if there can be one."""
    return pattern.count("(") - pattern.count("(?") - pattern.count(r"\(")


def _literal(character: str) -> str:
    return character if character.isalnum() or character == "_" or ord(character) > 127 else f"\\x{ord(character):02X}"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def shown(pattern: str) -> str:
    """A pattern for an error text, the beginning of a long one."""
    return repr(pattern if len(pattern) <= 200 else pattern[:200] + "...")
