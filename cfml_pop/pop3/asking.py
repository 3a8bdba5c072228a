"""A password or an access token that a function of the host gives, as from a vault or an OAuth library.

Rule: it is asked for at each login and kept no longer than the login. Of a stored connection, which a template names, what the
function raises is told by its kind and place, not by its text, which may hold what a vault was asked with. An error of this
package that it raises goes through, because its words are the host's; and so does any error to a program that logs in itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cfml_pop.errors import AttributeFault, AuthenticationError, CfpopError
from cfml_pop.pop3.effects import Ask, Steps
from cfml_pop.pop3.sasl import Credentials
from cfml_pop.secret import Secret

__all__ = ["ask", "ask_credentials"]


def ask(function: Callable[[], Any], what: str, *, through: bool = False) -> Steps[Secret]:
    """What the function gives. `what` names it in errors: "the token of the connection 'support'". `through`: what it raises is
    raised as it is.

    Raises AuthenticationError when the function raises, AttributeFault when it gives no text, or is async in a call that is not.
    """
    given = yield Ask(function)
    if isinstance(given, (str, Secret)):
        return Secret(given)
    if isinstance(given, CfpopError) or (through and isinstance(given, Exception)):
        raise given
    if isinstance(given, Exception):
        given = f"{type(given).__name__}{_place(given)}"
        raise AuthenticationError(f"{what} could not be had: the function that gives it raised {given}. Nothing was sent")
    later, kind = inspect.isawaitable(given), type(given).__name__
    if inspect.iscoroutine(given):
        given.close()  # otherwise Python warns that it was never awaited
    given = None  # octets of a password are no text, and still not to be shown
    if later:
        raise _fault(
            f"{what} comes from an async function, and this call is not async; use acfpop(...), an environment with "
            "enable_async=True, AsyncPOP3ClientSession, or a plain function"
        )
    raise _fault(f"{what}: the function that gives it returned a {kind}; it must return a text")


def ask_credentials(
    username: str, password: str | Secret | Callable[[], Any], token: Callable[[], Any] | None, whose: str
) -> Steps[Credentials]:
    """Who logs in, with the token where there is a function for one; a password that is a function is asked for as well."""
    if token is not None:
        return Credentials(username, token=(yield from ask(token, f"the token of {whose}")))
    if callable(password):
        password = yield from ask(password, f"the password of {whose}")
    return Credentials(username, Secret(password))


def _place(error: Exception) -> str:
    """File and line where it was raised, "" when that is not in Python."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f" ({Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno})"


def _fault(text: str) -> AttributeFault:
    return AttributeFault(text, faults=[("connection", text)])
