"""File names: from what a message says to what may be written (and to what a part without a name is called).

Rule: whatever goes in, what comes out of `clean_name` is one plain component of a path, on every system, or "".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

__all__ = ["clean_name", "content_type_of", "made_up_name", "numbered"]

LONGEST = 200
"""Octets of a name in UTF-8. File systems allow 255; what is left is for a number and for a temporary name."""

_EXTENSION_LONGEST = 24
"""Octets of an extension that is kept when a name is cut; what is longer is a sentence with a dot in it."""

# Controls, what hides or reorders text (a name `exe.txt` shown for `txt.exe`), letters that are not drawn;
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
# and what Windows refuses.
_REFUSED = re.compile(r'[<>:"|?*]')
# DOS devices: they are meant whatever extension follows. The superscript digits count as digits there.
_DEVICE = re.compile(r"(con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])\s*(\.|$)", re.IGNORECASE)

# What an unnamed part of a type is called, where programs agree on a name;
_KNOWN = {
    "text/calendar": "invite.ics",
    "application/ics": "invite.ics",
    "application/pgp-signature": "signature.asc",
    "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/ms-tnef": "winmail.dat",
    "application/vnd.ms-tnef": "winmail.dat",
}
# and the extension for the others. Not from the `mimetypes` module: its answers depend on the machine.
_EXTENSION_TABLE = """
    text/plain=txt text/html=html text/csv=csv text/enriched=txt text/richtext=txt text/rtf=rtf application/rtf=rtf text/xml=xml
    application/xml=xml text/css=css text/markdown=md text/vcard=vcf text/x-vcard=vcf text/directory=vcf text/rfc822-headers=txt
    application/json=json application/pdf=pdf application/zip=zip application/gzip=gz application/x-gzip=gz application/x-tar=tar
    application/msword=doc application/vnd.ms-excel=xls application/vnd.ms-powerpoint=ppt application/postscript=ps
    application/vnd.openxmlformats-officedocument.wordprocessingml.document=docx
    application/vnd.openxmlformats-officedocument.spreadsheetml.sheet=xlsx
    application/vnd.openxmlformats-officedocument.presentationml.presentation=pptx
    application/vnd.oasis.opendocument.text=odt application/vnd.oasis.opendocument.spreadsheet=ods application/x-pkcs12=p12
    application/pgp-keys=asc application/pgp-encrypted=asc application/javascript=js text/javascript=js
    image/jpeg=jpg image/jpg=jpg image/pjpeg=jpg image/png=png image/gif=gif image/tiff=tif image/bmp=bmp image/webp=webp
    image/svg+xml=svg image/heic=heic image/avif=avif audio/mpeg=mp3 audio/wav=wav audio/x-wav=wav audio/ogg=ogg audio/mp4=m4a
    video/mp4=mp4 video/mpeg=mpg video/quicktime=mov video/webm=webm message/rfc822=eml message/global=eml message/partial=eml
    message/external-body=txt message/disposition-notification=txt message/feedback-report=txt application/applefile=applefile
    """
_EXTENSIONS = dict(item.split("=") for item in _EXTENSION_TABLE.split())
# The other way round the first type of an extension counts, and there are more spellings.
_TYPES = {extension: kind for kind, extension in reversed(_EXTENSIONS.items())} | {
    "htm": "text/html",
    "jpeg": "image/jpeg",
    "tiff": "image/tiff",
    "mpeg": "video/mpeg",
    "ics": "text/calendar",
    "log": "text/plain",
}


def clean_name(name: str) -> str:
    """The file name that `name` asks for, made harmless: the last component of a path of either kind, normalised (NFC), without
    characters that hide or reorder, without leading dots, and no device of DOS; at most 200 octets with the extension kept.

    "" when nothing is left: then the part needs a name of ours.
    """
    name = name.replace("\t", " ").replace("\n", " ")
    name = unicodedata.normalize("NFC", name[-2000:] if len(name) > 2000 else name)  # normalising a longer one costs time
    name = _REFUSED.sub("_", _UNSEEN.sub("", re.split(r"[/\\]", name)[-1]))
    name = " ".join(name.split()).strip(" ").lstrip(". ").rstrip(". ")
    if _DEVICE.match(name):
        name = "_" + name
    if len(name.encode()) > LONGEST:
        stem, dot, extension = name.rpartition(".")
        if not dot or len(extension.encode()) > _EXTENSION_LONGEST:
            stem, dot, extension = name, "", ""
        room = LONGEST - len((dot + extension).encode())
        name = stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + dot + extension
    return name


def content_type_of(name: str) -> str:
    """The content type that a file of that name has, where nothing says it; application/octet-stream if the extension is not
    known."""
    return _TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def made_up_name(content_type: str, number: int, *, content_id: str = "", subject: str = "") -> str:
    """A name for a part without one: after its Content-ID, its message's subject, its type, or `part-N.ext`; `number` is its
    place."""
    extension = _EXTENSIONS.get(content_type, "txt" if content_type.startswith("text/") else "bin")
    stem = clean_name((subject or content_id).replace("/", "_").replace("\\", "_"))
    if stem:
        return stem if stem.lower().endswith("." + extension) else clean_name(f"{stem}.{extension}")
    return _KNOWN.get(content_type) or f"part-{number}.{extension}"


def numbered(name: str, start: int = 1, *, prefix: bool = False) -> Iterator[tuple[int, str]]:
    """`name` with a number before its last dot, from `start` on; 0 is the name itself: a.txt, a1.txt, a2.txt; x.tar1.gz;
    noext1. With `prefix`: 1_a.txt. Where there is no name, the number is all there is."""
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    number = start if name else max(start, 1)
    while True:
        if prefix:
            yield number, f"{number}_{name}" if number else name
        else:
            yield number, f"{stem}{number or ''}{dot}{extension}"
        number += 1
