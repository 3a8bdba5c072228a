"""A secret does not show itself."""

from __future__ import annotations

import copy
import traceback

from cfml_pop import Secret


def test_a_secret_shows_nothing_by_itself() -> None:
    """repr, str and formatting give stars; only reveal() gives the text."""
    secret = Secret("tiger")

    assert ("***", "Secret('***')", "***", "tiger") == (str(secret), repr(secret), f"{secret}", secret.reveal())


def test_a_secret_is_a_value() -> None:
    """Equal texts are equal secrets; a secret of a secret is the same; an empty one is false."""
    assert (True, True, False) == (Secret("a") == Secret(Secret("a")), bool(Secret("a")), bool(Secret("")))
    assert Secret("a") == copy.deepcopy(Secret("a"))


def test_a_trace_with_local_variables_shows_no_secret() -> None:
    """Error reporters print the locals of every frame."""

    def fail(password: Secret) -> None:
        raise ValueError(len(password.reveal()))

    try:
        fail(Secret("tiger"))
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())

    assert ("tiger" in shown.replace('Secret("tiger")', ""), "***" in shown) == (False, True)
