"""Encoded words in headers (RFC 2047), read as they are met and not only as they are allowed.

Rule: in goes the unfolded value as octets, out comes text. Words may be glued to text, stand inside quotes, hold blanks or raw
8-bit octets, lack padding, and split a character between two of them. The work is linear: every octet is looked at a fixed number
of times.
"""

from __future__ import annotations

import binascii
import re
from itertools import zip_longest

from cfml_pop.message.charsets import decode_text, guess, is_known
from cfml_pop.message.quoted import decode_escapes

__all__ = ["BLANKS", "ENCODED_WORD", "decode_words", "decode_words_in_text", "one_line", "squeeze"]

# RFC 2047, section 2: encoded-word = "=?" charset "?" encoding "?" encoded-text "?=". No charset label is longer than 60.
_HEAD = re.compile(rb"=\?([^\s?=]{1,60})\?([bBqQ])\?")
_WORD = re.compile(rb"=\?([^\s?=]{1,60})\?([bBqQ])\?([^?]*)\?=")
_ONE_WORD = re.compile(rb"=\?([^\s?=]{1,60})\?(?:[qQ]\?([^?]*)|[bB]\?([^?]*))\?=")
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))

ENCODED_WORD = r'=\?[^\s?=]{1,60}\?[bBqQ]\?[^?"<>]*\?='
"""A word as a pattern for tokenizers; stricter than what is decoded, so that text before a broken word is not swallowed. To be
compiled with re.ASCII, as octets are no characters yet."""

_IN_TEXT = r"=\?[^\s?]{1,60}\?[bBqQ]\?[^\s?]*\?="
_WORDS_IN_TEXT = re.compile(rf"{_IN_TEXT}(?:[ \t\r\n]+{_IN_TEXT})*")

BLANKS = " \t\r\n\v\f"
"""What separates words while octets still stand for themselves as latin-1: `str.strip` and `str.split` also take 0x85 and 0xA0,
which are halves of letters in UTF-8."""

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SPACES = dict.fromkeys((*range(1, 32), *range(127, 160), 8232, 8233), " ") | {0: "\ufffd"}


def one_line(text: str) -> str:
    """`text` trimmed and without anything that ends a line or controls a terminal: each such character becomes a blank."""
    if not text.isprintable() and _CONTROLS.search(text):  # the first is cheap, and true for most
        text = text.translate(_SPACES)
    return text.strip()


def squeeze(octets: bytes) -> bytes:
    """`octets` trimmed, each run of blanks one blank."""
    return b" ".join(octets.split())


def decode_words_in_text(text: str) -> str:
    """`text` with the encoded words in it decoded, as one engine does with bodies."""
    if "=?" not in text:
        return text
    return _WORDS_IN_TEXT.sub(lambda found: decode_words(found[0].encode("utf-8", "replace")), text)


def decode_words(value: bytes, *, keep_unknown: bool = False) -> str:
    """The text of an unfolded header value. What is no valid word stays as it is; raw 8-bit is UTF-8, else windows-1252.

    `keep_unknown`: words of a charset that is not known stay as well; else their text is guessed.
    """
    if b"=?" not in value:
        return guess(value)
    word = None if keep_unknown else _ONE_WORD.fullmatch(value)
    if word:  # most names, and what would be done with it below
        if word[2] is not None:
            decoded = decode_escapes(word[2].replace(b"_", b" "))
        elif word[3].isascii():
            decoded, rest = _whole_groups(word[3])
            decoded += _from_base64(rest) if rest else b""
        else:
            decoded = word[3]  # what a program forgot to encode
        return decode_text(decoded, word[1].decode("latin-1"))[0]
    pieces = _WORD.split(value)  # text, label, encoding, payload, text, ...
    if b"=?" in b" ".join(pieces[::4]):
        pieces = _loose_words(value)
    if keep_unknown:
        pieces = _known_words(pieces)
    text = [guess(pieces[0])] if pieces[0] else []
    # Neighbouring words of one charset are joined before they are decoded, as a character may be split.
    octets: list[bytes] = []
    charset = base64 = b""  # base64 that a program cut within a group of four; it goes on in the next word
    last = len(pieces) - 4
    for number in range(1, last + 1, 4):
        label, encoding, payload, between = pieces[number : number + 4]
        label = label.lower().partition(b"*")[0]  # a language may stand behind it (RFC 2231, section 5)
        if label != charset:
            if charset:
                text.append(_text(octets, base64, charset))
            charset, octets, base64 = label, [], b""
        if encoding in b"qQ":
            if base64:
                octets.append(_from_base64(base64))
                base64 = b""
            octets.append(decode_escapes(payload.replace(b"_", b" ")))
        elif not payload.isascii():  # what a program forgot to encode
            octets += _from_base64(base64), payload
            base64 = b""
        else:
            decoded, base64 = _whole_groups(base64 + payload)
            octets.append(decoded)
        if between and (number == last or not between.isspace()):  # RFC 2047, section 6.2: blanks between two words go
            text += _text(octets, base64, charset), guess(between)
            charset, octets, base64 = b"", [], b""
    if charset:
        text.append(_text(octets, base64, charset))
    return "".join(text)


def _loose_words(value: bytes) -> list[bytes]:
    """What `_WORD.split` gives, of a value that holds broken words, or words with "?" in them."""
    pieces: list[bytes] = []
    position = 0  # up to here the value is dealt with
    end = -1  # the first "?=" at or behind the text of the current head
    heads = list(_HEAD.finditer(value))
    for head, following in zip_longest(heads, heads[1:]):
        start, payload = head.span()
        if start < position:
            continue
        if end < payload:
            end = value.find(b"?=", payload)
        if end < 0:
            break
        if following is not None and payload < following.start() < end:
            continue  # this one never ended
        pieces += value[position:start], head[1], head[2], value[payload:end]
        position = end + 2
    pieces.append(value[position:])
    return pieces


def _known_words(pieces: list[bytes]) -> list[bytes]:
    """The same, with the words of charsets that are not known as text."""
    kept = pieces[:1]
    for number in range(1, len(pieces) - 1, 4):
        label, encoding, payload, between = pieces[number : number + 4]
        if is_known(label.decode("latin-1")):
            kept += label, encoding, payload, between
        else:
            kept[-1] += b"=?%b?%b?%b?=%b" % (label, encoding, payload, between)
    return kept


def _text(octets: list[bytes], base64: bytes, charset: bytes) -> str:
    """The text of a run of words, of which `base64` is left."""
    if base64:
        octets.append(_from_base64(base64))
    return decode_text(octets[0] if len(octets) == 1 else b"".join(octets), charset.decode("latin-1"))[0]


def _whole_groups(payload: bytes) -> tuple[bytes, bytes]:
    """What base64 decodes to, and what is left of it. What is padded is decoded to its end, else groups of four are, so that each
    octet is looked at once."""
    if b"=" in payload:
        return _from_base64(payload), b""
    letters = payload.translate(None, _NOT_BASE64)
    whole = len(letters) & ~3
    return binascii.a2b_base64(letters[:whole]), letters[whole:]


def _from_base64(payload: bytes) -> bytes:
    """The octets of base64 that may be padded anywhere, as texts encoded one by one and joined are."""
    padding = len(payload) - len(payload.rstrip(b"="))
    if not len(payload) % 4 and padding < 3:  # as nearly all; then the length tells whether it is base64 and nothing else
        try:
            sound = binascii.a2b_base64(payload)
        except binascii.Error:
            sound = b""
        if len(sound) == len(payload) // 4 * 3 - padding:
            return sound
    decoded = []
    for piece in filter(None, payload.split(b"=")):
        letters = piece.translate(None, _NOT_BASE64)
        if len(letters) % 4 == 1:
            letters = letters[:-1]  # six bits make no octet
        decoded.append(binascii.a2b_base64(letters + b"=" * (-len(letters) % 4)))
    return b"".join(decoded)
