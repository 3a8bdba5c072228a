"""A secret does not show itself."""

from __future__ import annotations

import copy
import traceback

import pytest

from cfml_pop import AttributeFault, Secret, cfml_environment


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


@pytest.mark.parametrize(
    "source",
    [
        '{{ cfpop(server="localhost", username="u", password="tigerlily", bogus=1) }}',
        '<% cfset mail = cfpop(server="localhost", username="u", password="tigerlily", messagenumber=nothing) %>',
        '<% cfpop server="localhost" username="u" password="tigerlily" uid="#nothing#" name="mail" %>',
        '<% cfpop server="localhost" username="u" password="tigerlily#nothing#" name="mail" %>',
        '<% cfpop server="localhost" username="u" password="tigerlily" attributeCollection=more name="mail" %>',
    ],
)
@pytest.mark.parametrize("enable_async", [False, True])
def test_no_frame_of_a_refused_call_shows_the_password(source: str, enable_async: bool) -> None:
    """What is wrong with the attributes is told without the frames that read them."""
    template = cfml_environment(tags=True, enable_async=enable_async).from_string(source)
    with pytest.raises(AttributeFault) as caught:
        template.render(more={"bogus": 1})

    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()).split("\n  File ")
    frames = [frame for frame in shown[1:] if "/cfml_pop/" in frame or "<template>" in frame]
    assert frames
    assert "tigerlily" not in "".join(frames) + str(caught.value)
