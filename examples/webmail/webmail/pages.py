"""The addresses of the webmail.

Rule: GET changes nothing. What changes the mailbox is a POST with a token, names messages by uid, and ends in a redirect, so that
reloading the page does not do it again.
"""

from __future__ import annotations

import contextlib
import math
from typing import NoReturn, cast

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from webmail.mailbox import Mailbox

__all__ = ["FRAME", "not_there", "pages"]

pages = Blueprint("pages", __name__)

FRAME = "pages.body"
"""The endpoint whose answers stand in a frame of the message page."""

# HTML of a mail: no script, no form, nothing loaded; a link may open a window of its own.
BODY_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
FILE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


@pages.before_request
def known_kind() -> None:
    """No message has a uid with a control character in it, and the tag calls one a fault of the page."""
    if any(not character.isprintable() and ord(character) < 0xA0 for uid in request.values.getlist("uid") for character in uid):
        not_there()


@pages.get("/")
def inbox() -> str:
    """A page of messages, the newest first. POP3 numbers grow with time, so the page is a window counted from the end."""
    size, query = current_app.config["PAGE_SIZE"], request.args.get("q", "").strip()
    found = mailbox().search(query) if query else None
    count = mailbox().count() if found is None else len(found)
    last = max(1, math.ceil(count / size))
    page = min(request.args.get("page", 1, positive), last)
    newest = count - (page - 1) * size
    oldest = max(1, newest - size + 1)
    window = {"startrow": oldest, "maxrows": newest - oldest + 1}
    if found is not None:
        window = {"uid": found[(page - 1) * size :][:size]}
    return render_template(
        "list.html", query=query, count=count, page=page, last=last, window=window, limit=mailbox().search_limit
    )


@pages.get("/message")
def message() -> str:
    return render_template("message.html", uid=request.args.get("uid", ""))


@pages.get("/body")
def body() -> Response:
    """The HTML of a message, cleaned, with its pictures inside; for the frame of the message page."""
    with mailbox().folder() as folder:
        page = make_response(render_template("body.html", uid=request.args.get("uid", ""), folder=folder))
    page.headers["Content-Security-Policy"] = BODY_POLICY
    return page


@pages.get("/attachment")
def attachment() -> Response:
    """An attachment as a download, whatever it is."""
    number = request.args.get("number", 0, int)
    with contextlib.ExitStack() as stack:
        files = stack.enter_context(mailbox().files(request.args.get("uid", "")))
        if not 1 <= number <= len(files):
            abort(404, "There is no such attachment. The message may have been deleted.")
        name, path = files[number - 1]
        response = send_file(path, "application/octet-stream", as_attachment=True, download_name=name, etag=False)
        response.call_on_close(stack.pop_all().close)  # the file has to be there until it is sent
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response


@pages.post("/selected")
def selected() -> AnyResponse:
    """The buttons above the list."""
    uids = request.form.getlist("uid")
    if not uids:
        flash("Choose one or more messages first.")
    elif request.form.get("do") == "delete":
        return redirect(url_for(".confirm", uid=uids), 303)
    else:
        flash(f"{messages(mailbox().mark_read(uids))} marked as read.")
    return redirect(url_for(".inbox"), 303)


@pages.get("/delete")
def confirm() -> str:
    return render_template("confirm.html", uids=request.args.getlist("uid"))


@pages.post("/delete")
def delete() -> AnyResponse:
    uids = set(request.form.getlist("uid"))
    done = mailbox().delete(uids)
    if not done:
        not_there()
    gone = f" {messages(len(uids) - done)} had gone before." if done < len(uids) else ""
    flash(f"{messages(done)} deleted.{gone}")
    return redirect(url_for(".inbox"), 303)


def mailbox() -> Mailbox:
    return cast(Mailbox, current_app.extensions["mailbox"])


def not_there() -> NoReturn:
    """Leave a page whose messages do not exist. Templates call it when their query is empty."""
    abort(404, "The mailbox has no such message. It may have been deleted, or fetched by another program.")


def positive(text: str) -> int:
    """A page number; ValueError is "not given" to Flask."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def messages(number: int) -> str:
    return "1 message" if number == 1 else f"{number} messages"
