"""One call, one POP session, one Query back. First signatures; the body follows."""

from __future__ import annotations

from typing import Any

from cfml_pop.settings import Settings

__all__ = ["acfpop", "aperform", "cfpop", "perform"]


def perform(call: Any, settings: Settings, *, sandboxed: bool = False) -> Any:
    raise NotImplementedError


async def aperform(call: Any, settings: Settings, *, sandboxed: bool = False) -> Any:
    raise NotImplementedError


def cfpop(*, settings: Settings | None = None, **attributes: object) -> Any:
    raise NotImplementedError


async def acfpop(*, settings: Settings | None = None, **attributes: object) -> Any:
    raise NotImplementedError
