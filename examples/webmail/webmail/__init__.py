"""A webmail for one POP3 mailbox, on Flask.

Rule: here stands what holds for every page: settings, headers, errors. `pages` has the addresses, `mailbox` what is done with
mail in Python; what a page shows it reads itself, by the tag in its template.
"""

from __future__ import annotations

import dataclasses
import secrets
import zlib
from collections.abc import Sequence

from flask import Flask, Response, render_template, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException, SecurityError

from cfml_pop import (
    CFML_SYNTAX,
    AttributeFault,
    AuthenticationError,
    CfpopError,
    CommitError,
    LimitExceeded,
    NetworkError,
    POP3Error,
    Settings,
    TimeoutExpired,
    extend_environment,
    picture_url,
)
from webmail.mailbox import Mailbox
from webmail.pages import FRAME, not_there, pages

__all__ = ["create_app"]

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors {ancestors}"
)

# The mailbox's faults and what a page says of them; the first that fits. Others are the program's.
FAULTS: tuple[tuple[type[CfpopError], str], ...] = (
    (CommitError, "The mailbox did not confirm the deletion"),
    (AuthenticationError, "The mailbox did not accept the login"),
    (POP3Error, "The mailbox refused what it was asked"),
    (NetworkError, "The mailbox could not be reached"),
    (TimeoutExpired, "The mailbox did not answer in time"),
    (LimitExceeded, "The mailbox sent too much"),
)


def create_app(
    settings: Settings,
    *,
    title: str = "",
    hosts: Sequence[str] = ("127.0.0.1", "localhost"),
    secret_key: bytes | None = None,
    page_size: int = 25,
    search_limit: int = 2000,
) -> Flask:
    """The application for the connection "mailbox" of `settings`. Raises AttributeFault when there is none.

    `title`: what the pages are called; "" is the user's name. `hosts`: the names it answers to. `secret_key` signs the session
    cookie; None is a new one for this process, so that forms do not outlive it. `page_size`: messages on a page.
    `search_limit`: of how many messages, the newest, a search looks at the headers.
    """
    if "mailbox" not in settings.connections:
        raise AttributeFault("the settings have no connection called mailbox; write [connections.mailbox] in the file")
    settings = dataclasses.replace(settings, inline_image=picture_url)

    app = Flask(__name__)
    app.config.update(
        PAGE_SIZE=page_size,
        TITLE=title or settings.connections["mailbox"].username,
        TRUSTED_HOSTS=list(hosts),  # another site can point a name of its own to 127.0.0.1; the Host header gives it away
        SECRET_KEY=secret_key or secrets.token_bytes(32),
        SESSION_COOKIE_NAME="webmail",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        WTF_CSRF_TIME_LIMIT=None,  # a list may stay open for longer than an hour; the token ends with the session
        WTF_CSRF_SSL_STRICT=False,  # it asks for a Referer, and these pages send none
    )
    app.extensions["mailbox"] = Mailbox(settings, search_limit=search_limit)
    app.jinja_options = {**CFML_SYNTAX, "trim_blocks": True, "lstrip_blocks": True}
    environment = extend_environment(app.jinja_env, settings=settings)
    environment.globals["not_there"] = not_there
    environment.filters["tint"] = tint
    CSRFProtect(app)
    app.register_blueprint(pages)
    app.after_request(guard)
    for kind, _ in FAULTS:
        app.register_error_handler(kind, mailbox_failed)
    app.register_error_handler(HTTPException, refused)
    return app


def tint(name: str) -> int:
    """Which of the eight colours of the style sheet a sender has, always the same."""
    return zlib.crc32(name.encode("utf-8", "replace")) % 8


def guard(response: Response) -> Response:
    """What a browser may do with an answer. A view may have said something narrower."""
    ancestors = "'self'" if request.endpoint == FRAME else "'none'"
    headers = {
        "Content-Security-Policy": POLICY.format(ancestors=ancestors),
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response


def mailbox_failed(error: CfpopError) -> tuple[str, int]:
    """The mailbox is another server, so its faults are those of a gateway: 504 when it took too long, else 502."""
    heading = next(heading for kind, heading in FAULTS if isinstance(error, kind))
    unharmed = request.method == "POST" and not isinstance(error, CommitError)
    text = f"{'Nothing was deleted. ' if unharmed else ''}{sentence(error.message)}"
    status = 504 if isinstance(error, TimeoutExpired) else 502
    return render_template("error.html", heading=heading, text=text, retry=True), status


def refused(error: HTTPException) -> tuple[str, int] | Response:
    """A page for what HTTP has a number for: an address that does not exist, a form without its token, a fault of the program."""
    status = error.code or 500
    if isinstance(error, SecurityError):  # under a strange name there is no address a link could have
        return Response("This server does not answer to that name.\n", status, mimetype="text/plain")
    if status < 400:
        return Response(status=status, headers=error.get_headers())
    text = error.description or error.name
    if isinstance(error, CSRFError):
        text = "The form was too old, or did not come from this site. Nothing was changed. Go back and try again."
    elif status == 500:
        text = "This is a fault of the program. The terminal that it runs in says more."
    return render_template("error.html", heading=error.name, text=text, retry=False), status


def sentence(text: str) -> str:
    """`text` as a sentence of its own."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
