"""The POP3 client for programs: `POP3ClientSession`, and `AsyncPOP3ClientSession` with the same methods, awaited.

Rule: nothing is deleted by accident. DELE marks, only `close()` commits; leaving a `with` block by an exception, cancelling, or
losing the last reference drops the connection without QUIT (RFC 1939, section 6).
"""

from __future__ import annotations

__all__: list[str] = []
