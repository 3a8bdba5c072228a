"""GMime 3.2 (C) through ctypes, as it has no Python package.

Rule: only what the benchmark needs; every object that a function hands over is given back.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from typing import Any

__all__ = ["VERSION", "load", "read"]

VERSION = "3.2"

_lib: Any = None
_glib: Any = None
_gobject: Any = None


class _ByteArray(ctypes.Structure):
    _fields_ = (("data", ctypes.c_void_p), ("len", ctypes.c_uint))


_POINTER, _TEXT, _INT, _SIZE = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t
_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "g_mime_init": (None, ()),
    "g_mime_stream_mem_new": (_POINTER, ()),
    "g_mime_stream_mem_new_with_byte_array": (_POINTER, (_POINTER,)),
    "g_mime_stream_mem_set_owner": (None, (_POINTER, _INT)),
    "g_mime_stream_mem_get_byte_array": (ctypes.POINTER(_ByteArray), (_POINTER,)),
    "g_mime_stream_mem_new_with_buffer": (_POINTER, (_TEXT, _SIZE)),
    "g_mime_parser_new_with_stream": (_POINTER, (_POINTER,)),
    "g_mime_parser_construct_message": (_POINTER, (_POINTER, _POINTER)),
    "g_mime_message_get_subject": (_TEXT, (_POINTER,)),
    "g_mime_message_get_date": (_POINTER, (_POINTER,)),
    "g_mime_message_get_from": (_POINTER, (_POINTER,)),
    "g_mime_message_get_to": (_POINTER, (_POINTER,)),
    "g_mime_message_get_cc": (_POINTER, (_POINTER,)),
    "g_mime_message_get_reply_to": (_POINTER, (_POINTER,)),
    "g_mime_message_get_message_id": (_TEXT, (_POINTER,)),
    "g_mime_message_get_mime_part": (_POINTER, (_POINTER,)),
    "g_mime_object_get_headers": (_POINTER, (_POINTER, _POINTER)),
    "g_mime_multipart_get_type": (_SIZE, ()),
    "g_mime_multipart_get_count": (_INT, (_POINTER,)),
    "g_mime_multipart_get_part": (_POINTER, (_POINTER, _INT)),
    "g_mime_part_get_filename": (_TEXT, (_POINTER,)),
    "g_mime_part_get_content": (_POINTER, (_POINTER,)),
    "g_mime_data_wrapper_write_to_stream": (ctypes.c_ssize_t, (_POINTER, _POINTER)),
    "g_mime_object_get_content_type": (_POINTER, (_POINTER,)),
    "g_mime_content_type_get_media_subtype": (_TEXT, (_POINTER,)),
    "g_mime_text_part_get_text": (_POINTER, (_POINTER,)),
    "internet_address_list_to_string": (_POINTER, (_POINTER, _POINTER, _INT)),
}
_GLIB = {"g_free": (None, (_POINTER,)), "g_date_time_to_unix": (ctypes.c_int64, (_POINTER,))}
_GOBJECT = {"g_object_unref": (None, (_POINTER,)), "g_type_check_instance_is_a": (_INT, (_POINTER, _SIZE))}


def load() -> None:
    """Find the library; OSError says how to get it."""
    global _lib, _glib, _gobject
    if _lib is not None:
        return
    try:
        lib, glib, gobject = (ctypes.CDLL(name) for name in ("libgmime-3.0.so.0", "libglib-2.0.so.0", "libgobject-2.0.so.0"))
    except OSError as error:
        raise OSError(f"{error} (Debian: apt-get install libgmime-3.0-0)") from error
    for library, functions in ((lib, _FUNCTIONS), (glib, _GLIB), (gobject, _GOBJECT)):
        for name, (result, arguments) in functions.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    lib.g_mime_init()
    _lib, _glib, _gobject = lib, glib, gobject


def _taken(pointer: Any) -> str:
    """The text behind a pointer that is ours to free."""
    if not pointer:
        return ""
    text = ctypes.string_at(pointer).decode("utf-8", "replace")
    _glib.g_free(pointer)
    return text


def _addresses(addresses: Any) -> str:
    return _taken(_lib.internet_address_list_to_string(addresses, None, 0)) if addresses else ""


def _content(part: Any) -> bytes:
    stream = _lib.g_mime_stream_mem_new()
    _lib.g_mime_data_wrapper_write_to_stream(_lib.g_mime_part_get_content(part), stream)
    array = _lib.g_mime_stream_mem_get_byte_array(stream).contents
    data = ctypes.string_at(array.data, array.len) if array.len else b""
    _gobject.g_object_unref(stream)
    return data


def read(octets: bytes, bodies: bool = True) -> dict[str, Any]:
    """The columns of `readers.Columns`; without `bodies` those of the header."""
    lib = _lib
    stream = lib.g_mime_stream_mem_new_with_buffer(octets, len(octets))
    parser = lib.g_mime_parser_new_with_stream(stream)
    _gobject.g_object_unref(stream)
    message = lib.g_mime_parser_construct_message(parser, None)
    _gobject.g_object_unref(parser)
    text, html, attachments = "", "", []
    multipart = lib.g_mime_multipart_get_type()
    todo = [lib.g_mime_message_get_mime_part(message)] if bodies else []
    while todo:
        part = todo.pop()
        if _gobject.g_type_check_instance_is_a(part, multipart):
            count = lib.g_mime_multipart_get_count(part)
            todo.extend(lib.g_mime_multipart_get_part(part, number) for number in range(count - 1, -1, -1))
            continue
        name = lib.g_mime_part_get_filename(part)
        if name:
            attachments.append((name.decode("utf-8", "replace"), _content(part)))
        elif lib.g_mime_content_type_get_media_subtype(lib.g_mime_object_get_content_type(part)) == b"html":
            html = html or _taken(lib.g_mime_text_part_get_text(part))
        else:
            text = text or _taken(lib.g_mime_text_part_get_text(part))
    columns = {
        "subject": lib.g_mime_message_get_subject(message).decode("utf-8", "replace"),
        "date": _glib.g_date_time_to_unix(lib.g_mime_message_get_date(message)),
        "sender": _addresses(lib.g_mime_message_get_from(message)),
        "to": _addresses(lib.g_mime_message_get_to(message)),
        "cc": _addresses(lib.g_mime_message_get_cc(message)),
        "reply_to": _addresses(lib.g_mime_message_get_reply_to(message)),
        "message_id": lib.g_mime_message_get_message_id(message).decode("utf-8", "replace"),
        "header": octets[: octets.find(b"\r\n\r\n") + 2].decode("utf-8", "surrogateescape"),
        "text": text,
        "html": html,
        "attachments": attachments,
    }
    _gobject.g_object_unref(message)
    return columns
