"""Every error: kin, text, and the way through a pickle."""

from __future__ import annotations

import pickle

import pytest

from cfml_pop import errors

MADE: list[errors.CfpopError] = [
    errors.CfpopError("what, where"),
    errors.POP3Error("refused", command="RETR", code="SYS/TEMP", text="busy", numbers=[2]),
    errors.AuthenticationError("no", command="PASS", code="AUTH", text="no"),
    errors.CommitError("lost", state="unknown", numbers=[1, 2]),
    errors.NetworkError("broke"),
    errors.TLSError("certificate"),
    errors.TimeoutExpired("5 s"),
    errors.AttributeFault("2 faults", faults=[("port", "must be a number")]),
    errors.AttachmentError("disk full", filename="in/a.txt", errno=28, numbers=[3]),
    errors.LimitExceeded("too long", limit="message", value=5),
    errors.FunctionFault("must be a number", function="left", argument="count"),
    errors.Thrown("no mail", type="my.kind", detail="d", errorcode="e", extendedinfo="i"),
]


@pytest.mark.parametrize(
    ("name", "kin"),
    [
        ("NetworkError", ConnectionError),
        ("TLSError", errors.NetworkError),
        ("TimeoutExpired", TimeoutError),
        ("AttributeFault", ValueError),
        ("AttachmentError", OSError),
        ("AuthenticationError", errors.POP3Error),
        ("CommitError", errors.POP3Error),
    ],
)
def test_an_error_has_builtin_kin(name: str, kin: type[Exception]) -> None:
    """Who catches ConnectionError, TimeoutError, ValueError or OSError catches ours as well."""
    assert issubclass(getattr(errors, name), (errors.CfpopError, kin))
    assert issubclass(getattr(errors, name), kin)


@pytest.mark.parametrize("error", MADE, ids=lambda error: type(error).__name__)
def test_an_error_survives_a_pickle(error: errors.CfpopError) -> None:
    """Task queues send errors between processes; nothing of what they know gets lost."""
    error.template_name, error.lineno = "inbox.html", 3
    names = (
        "message",
        "numbers",
        "template_name",
        "lineno",
        "command",
        "code",
        "text",
        "state",
        "faults",
        "filename",
        "errno",
        "limit",
    )

    twin = pickle.loads(pickle.dumps(error))  # noqa: S301 - made here

    assert (type(error), str(error)) == (type(twin), str(twin))
    assert [getattr(error, name, None) for name in names] == [getattr(twin, name, None) for name in names]


def test_an_error_in_a_template_names_file_and_line() -> None:
    """The place stands behind the text, as Jinja shows it for syntax errors."""
    error = errors.POP3Error("refused")
    error.template_name, error.lineno = "inbox.html", 3

    assert "refused\n  File 'inbox.html', line 3" == str(error)


def test_every_error_is_a_public_name() -> None:
    """What can be raised can be imported from the package."""
    import cfml_pop

    assert {name: getattr(errors, name) for name in errors.__all__} == {name: getattr(cfml_pop, name) for name in errors.__all__}
