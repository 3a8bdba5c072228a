"""That each odd thing a mail may hold is shown by a mail in tests/mail, or by a test where no single mail can show it.

Rule: POINTS has every point of the list of odd mail, in order, with each of its clauses. A name without a colon is a mail with
its twin; `module:test` is a test in that module of the tests. What a mail shows is checked in test_message_mail.
"""

from __future__ import annotations

import ast
import json
from functools import cache
from pathlib import Path

__all__: list[str] = []

TESTS = Path(__file__).parent
MAIL = TESTS / "mail"

# Tests that are named more than once.
LINEAR_HEADERS = "message_message:hostile_headers_take_linear_time"
LINEAR_VALUES = "message_headers:hostile_values_take_linear_time"
CHARSETS = "message_headers:charsets_mean_what_programs_mean"
TRANSFER = "message_decoding:names_are_read_tolerantly"
DAMAGED = "message_decoding:damaged_text"
DATES = "dates:odd_dates"
PARAMETERS = "message_headers:parameters"
CLEAN = "message_names:clean_names"

POINTS: dict[int, dict[str, list[str]]] = {
    1: {"a first line From": ["mbox-from-line"], "a first line >From": ["mbox-quoted-from-line"],
        "a byte order mark": ["byte-order-mark-first"]},
    2: {"a blank line first": ["blank-line-first"]},
    3: {"the first line begins with a blank": ["header-begins-with-blank"]},
    4: {"a line without a colon": ["header-line-without-colon"]},
    5: {"no blank line": ["no-blank-line", "header-runs-into-boundary", "cut-in-header"]},
    6: {"blanks before the colon": ["blank-before-colon"]},
    7: {
        "LF": ["lf-only"],
        "mixed line ends": ["mixed-line-ends"],
        "a lone CR is data": ["header-lone-cr"],
        "a line of blanks goes on": ["header-line-of-blanks"],
    },
    8: {
        "Subject, Date, From: the first": ["fields-repeated"],
        "Content-Type, Content-Transfer-Encoding: the first": ["content-fields-repeated"],
        "To, Cc are joined": ["fields-repeated"],
        "Reply-To is joined": ["reply-to-repeated"],
        "Received in order": ["mail_facts:repeated_fields_keep_their_order"],
    },
    9: {
        "a character split over two words": ["encoded-word-split-character"],
        "a character split over two words, in raw octets": ["encoded-word-raw-8bit"],
        "blanks between words go": ["encoded-word-split-character"],
        "lower case": ["encoded-word-split-character"],
        "a language": ["encoded-word-split-character"],
        "missing padding, padding in the middle": ["encoded-word-padding-odd"],
        "an unknown charset": ["encoded-word-unknown-charset"],
        "raw blanks inside Q": ["encoded-word-glued-and-quoted"],
        "raw 8-bit octets inside Q and B": ["encoded-word-raw-8bit", "mail_facts:raw_octets_belong_to_the_charset_of_the_word"],
        "glued to text, inside quotes": ["encoded-word-glued-and-quoted"],
        "a word that never ends": ["encoded-word-unknown-charset"],
    },
    10: {"raw utf-8": ["raw-utf8-header", "name-8bit-a0"], "raw windows-1252": ["raw-cp1252-header"]},
    11: {
        "a decoded name is quoted": ["address-forged-by-word"],
        "what is written reads back": ["message_addresses:what_is_written_reads_back"],
    },
    12: {
        "no control characters": ["encoded-word-with-line-ends", "row:one_line_columns_hold_one_line"],
        "nothing that turns the text around": ["subject-bidi", "row:directions_in_one_line_columns"],
    },
    13: {
        "missing weekday, two-digit year, obsolete zone": ["date-two-digit-year"],
        "GMT+0200": ["date-gmt-offset"],
        "comments": ["date-comments"],
        "asctime": ["date-asctime"],
        "ISO 8601": ["date-iso"],
        "other forms": [DATES],
        "impossible": ["date-impossible", "dates:impossible_dates"],
        "zone -0000": ["date-minus-zero"],
    },
    14: {"no Reply-To": ["reply-to-missing"], "Reply-To": ["reply-to-given"]},
    15: {"trimmed, and the first": ["message-id-folded"]},
    16: {"the exact octets": ["header-as-sent", "header-line-without-colon"], "as latin-1": ["raw-cp1252-header"]},
    17: {
        "a header over 1 MB": ["message_headers:a_header_over_the_limit_is_cut", LINEAR_HEADERS],
        "200,000 fields": ["message_headers:fields_are_limited"],
        "1 MB of =?": [LINEAR_VALUES],
        "1 MB of addresses": ["message_addresses:hostile_lists_take_linear_time", "mail_limits:addresses"],
    },
    18: {"no MIME-Version": ["mime-version-missing"]},
    19: {"no Content-Type": ["lf-only"], "text": ["content-type-text-only"], ";;;": ["content-type-rubbish"],
         "in quotes": ["content-type-in-quotes"]},
    20: {"no boundary parameter": ["boundary-parameter-missing"]},
    21: {"the boundary never occurs": ["boundary-never-occurs"]},
    22: {"no closing boundary": ["boundary-not-closed"]},
    23: {"an outer boundary inside an open part": ["outer-boundary-in-open-part"]},
    24: {
        "begins like another": ["boundary-alike"],
        "trailing blanks": ["boundary-trailing-blanks", "boundary-alike"],
        "--b-- with text behind it": ["boundary-closing-with-text"],
        "70 and more characters": ["boundary-long"],
        "empty": ["boundary-empty"],
        "with -- inside": ["boundary-with-dashes"],
    },
    25: {"the line end belongs to the boundary": ["part-empty-attached"], "an empty part": ["part-empty", "part-empty-attached"]},
    26: {
        "preamble and epilogue are ignored": ["preamble-and-epilogue"],
        "unless there is nothing else": ["boundary-only-closing", "boundary-never-occurs"],
        "parts behind the end": ["boundary-closed-early"],
    },
    27: {"a part without headers": ["part-without-header", "part-text-like-header"], "in a digest": ["digest"]},
    28: {"a transfer encoding on a multipart": ["multipart-with-transfer-encoding"]},
    29: {
        "deeper than 64": ["message_message:deeper_than_the_limit", "mail_limits:depth"],
        "more than 5,000 parts": ["message_message:more_parts_than_the_limit", "mail_limits:parts"],
    },
    30: {
        "cut in the body": ["cut-in-base64", "boundary-not-closed", "message_message:cut_messages_give_a_row"],
        "cut in the header": ["cut-in-header"],
        "cut in the header of a part": ["cut-in-part-header"],
        "a broken RETR": ["operation:partial_gives_rows_for_what_a_broken_connection_left"],
    },
    31: {
        "wrong length": ["base64-wrong-length"],
        "foreign characters": ["base64-odd"],
        "missing padding": ["base64-padding-missing"],
        "= in the middle": ["base64-padding-within"],
        "several encodings in a row": ["base64-padding-between"],
        "text after the padding": ["base64-text-behind", "base64-odd"],
    },
    32: {
        "soft break with blanks, blanks at line ends, bad escapes, lower case": ["quoted-printable-odd"],
        "in blocks": ["message_decoding:long_lines_in_blocks"],
    },
    33: {
        "x-uuencode": ["uuencode"],
        "x-uue": ["uuencode-x-uue"],
        "uuencode in base64": ["uuencode-base64"],
        "short lines": ["uuencode-x-uue", "uuencode-blanks-lost", DAMAGED],
        "a block inside a text stays": ["uuencode-in-text-offered", "message_unpack:the_text_stays_as_sent"],
    },
    34: {
        "with a comment, ;, quotes": ["transfer-encoding-with-comment", TRANSFER],
        "blanks": ["transfer-encoding-8bits", TRANSFER],
        "7-bit": ["transfer-encoding-7-bit"],
        "8bits": ["transfer-encoding-8bits"],
        "unknown": ["transfer-encoding-unknown"],
    },
    35: {
        "no charset": ["charset-missing", "charset-missing-utf8"],
        "us-ascii with 8-bit octets": ["charset-ascii-lie"],
        "iso-8859-1 that is cp1252": ["charset-latin1-is-cp1252"],
        "gb2312 as gb18030": ["charset-gb2312-is-gb18030"],
        "ks_c_5601 as cp949": ["charset-ks-c-5601-is-cp949"],
        "shift_jis as cp932": ["charset-shift-jis-is-cp932"],
        "windows-31j": ["charset-windows-31j"],
        "unknown-8bit": ["charset-unknown-8bit"],
        "a label in quotes": ["charset-gb2312-is-gb18030"],
        "a label with blanks": ["charset-latin1-is-cp1252"],
        "utf-8 that is none, or cut": ["charset-utf8-lie", "charset-utf8-cut"],
        "meta if the header has none": ["charset-only-in-html"],
        "meta only if the header has none": ["charset-in-header-and-html"],
    },
    36: {
        "punycode": ["charset-punycode"],
        "idna": ["charset-idna"],
        "base64": ["charset-base64"],
        "rot13": ["charset-rot13"],
        "unicode_escape": ["charset-unicode-escape"],
        "utf-7": ["charset-utf-7-lone-surrogate"],
        "the table": [CHARSETS],
    },
    37: {
        "byte order mark, NUL": ["bom-and-nul"],
        "a lone surrogate": ["charset-utf-7-lone-surrogate", "name-lone-surrogate", "message_headers:any_octets_are_text"],
    },
    38: {"as sent": ["flowed-as-sent"], "the option": ["message_flowed:paragraphs_are_joined", "message_flowed:the_setting"]},
    39: {"no words in bodies": ["encoded-word-in-body-stays"]},
    40: {
        "the first that is no attachment": ["text-attached-first"],
        "further plain texts are appended": ["text-after-attachment"],
        "further HTML is listed": ["html-twice"],
    },
    41: {"the first that is not empty": ["body-first-non-empty"], "only HTML": ["html-only"]},
    42: {"an attachment without a name": ["attachment-unnamed"], "a text without a name": ["text-attached-unnamed"]},
    43: {"a named text is the only one": ["text-named-is-only-text"]},
    44: {"pdf": ["single-pdf"], "pkcs7-mime": ["encrypted-smime", "signed-opaque"], "calendar": ["single-calendar"]},
    45: {"a single text that is attached": ["single-text-attached"]},
    46: {
        "named after its subject": ["digest", "forwarded-base64"],
        "its parts never leak": ["forwarded-multipart"],
        "in base64": ["forwarded-base64"],
        "nothing else": ["forwarded-only"],
    },
    47: {
        "an image without a name": ["related-images"],
        "two of one name": ["related-images", "row:many_names_in_any_case_have_their_content_id"],
        "a Content-ID without brackets, empty, with blanks": ["related-images"],
        "a Content-ID of encoded words": ["content-id-encoded"],
    },
    48: {"invite.ics": ["calendar", "single-calendar"]},
    49: {
        "signature.asc": ["signed"],
        "smime.p7s": ["signed-smime"],
        "inside its signature": ["signed-opaque"],
        "encrypted, PGP": ["encrypted-pgp"],
        "encrypted, pkcs7-mime": ["encrypted-smime"],
    },
    50: {
        "as it is, and unpacked": ["tnef-attachments", "tnef-only-content", "tnef-named-only"],
        "damaged": ["tnef-damaged", "tnef-cut", "tnef-no-signature"],
        "an option": ["message_unpack:what_is_looked_into"],
    },
    51: {
        "delivery-status": ["bounce"],
        "rfc822-headers": ["bounce-headers-only"],
        "feedback-report": ["feedback-report"],
    },
    52: {"message/partial": ["partial-message"], "external-body": ["external-body"]},
    53: {"the resource fork": ["resource-fork"]},
    54: {
        "alternative in reverse order": ["alternative-reversed"],
        "related inside alternative inside mixed": ["related-in-alternative-in-mixed"],
    },
    55: {
        "which name counts": ["name-order"],
        "gaps, percent rubbish": ["name-rfc2231"],
        "orphans": ["name-rfc2231-orphan"],
        "a wrong charset": ["name-rfc2231-wrong-charset", "name-rfc2231-unknown-charset"],
        "encoded words inside quotes": ["name-encoded-word-in-quotes"],
        "unquoted blanks": ["name-unquoted-blanks"],
        "raw 8-bit": ["name-raw-8bit", "name-8bit-a0"],
        "a path of Windows": ["name-windows-path"],
        "no value before the name": ["disposition-without-value"],
        "other spellings": [PARAMETERS],
    },
    56: {
        "base name only, ..": ["name-climbs-out", "name-dots-only"],
        "leading dots": ["name-leading-dots"],
        "controls": ["name-controls"],
        "bidi overrides": ["name-bidi"],
        "DOS device names, streams, hosts": ["name-device", "name-stream-and-device"],
        "trailing dots and blanks": ["name-trailing-dots"],
        "NFC": ["name-decomposed"],
        "200 octets": ["name-too-long", "mail_limits:names"],
        "always one component": ["message_names:a_clean_name_is_one_harmless_component", CLEAN],
        "O_EXCL, no link followed": ["message_directory:links_below_the_root_are_not_followed"],
        "never outside": ["message_directory:a_name_never_leaves", "message_directory:paths_outside_the_root_are_refused"],
    },
    57: {
        "unique": ["message_directory:unique_names_get_numbers", "row:attachments_are_saved_in_order"],
        "otherwise": ["message_directory:without_unique_an_older_file_is_replaced",
                      "row:an_older_file_is_replaced_without_unique_names"],
    },
    58: {"a tab": ["name-climbs-out"], "a line end": ["name-line-end", "mail_facts:no_name_breaks_a_list"]},
    59: {"no octets": ["part-empty-attached", "mail_facts:an_attachment_of_no_octets_is_written"]},
    60: {
        "a full disk": ["disk_full:a_full_disk", "disk_full:a_full_disk_in_a_call"],
        "no permission": ["disk_full:a_folder_that_cannot_be_written"],
    },
}  # fmt: skip


@cache
def functions(module: str) -> frozenset[str]:
    """The names of the tests in a module, without `test_`."""
    tree = ast.parse((TESTS / f"test_{module}.py").read_bytes())
    return frozenset(node.name.removeprefix("test_") for node in tree.body if isinstance(node, ast.FunctionDef))


def named() -> list[str]:
    return [name for clauses in POINTS.values() for names in clauses.values() for name in names]


def test_every_point_is_there() -> None:
    """The list has sixty points, and each clause of one names something that shows it."""
    assert list(range(1, 61)) == list(POINTS)
    assert [] == [(point, what) for point, clauses in POINTS.items() for what, names in clauses.items() if not (what and names)]


def test_what_is_named_exists() -> None:
    """Each mail that is named has a twin which states something, and each test that is named is a test."""
    missing = []
    for name in dict.fromkeys(named()):
        module, colon, function = name.partition(":")
        if colon:
            found = function in functions(module)
        else:
            found = (MAIL / f"{name}.eml").exists() and bool(json.loads((MAIL / f"{name}.json").read_bytes()))
        if not found:
            missing.append(name)

    assert [] == missing


def test_no_mail_is_left_over() -> None:
    """Each mail is named at a point, or is one of those that show more of a point than its clauses say."""
    more = ("address-", "tnef-", "uuencode-")

    assert [] == [path.stem for path in MAIL.glob("*.eml") if path.stem not in named() and not path.stem.startswith(more)]
