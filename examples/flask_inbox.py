"""An inbox in Flask, in Flask's own environment: python examples/flask_inbox.py [PORT]

Needs cfml-pop[testing] and flask (in a clone: pip install '.[testing]' flask). The mailbox is that of CFML_POP_URL
(pops://user:password@host), else a sample one.
"""

from __future__ import annotations

import os
import sys

from flask import Flask, render_template_string

from cfml_pop import (
    CfpopError,
    Connection,
    LimitExceeded,
    NetworkError,
    POP3Error,
    Settings,
    TimeoutExpired,
    extend_environment,
)
from cfml_pop.testing import EmbeddedServer, sample_messages

LAYOUT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{% block title %}Inbox{% endblock %}</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
  li { list-style: none; padding: .6rem 0; border-top: 1px solid #ddd } ol { padding: 0 } small { color: #666 }
  a { color: #0b57a4; text-decoration: none } pre { white-space: pre-wrap; font: inherit }
</style>
{% block page %}{% endblock %}
"""

INBOX = """{% extends layout %}{% block page %}
{% cfpop connection="support" maxrows=50 name="mail" %}
<h1>{{ mail.recordcount }} messages</h1>
<ol>
{% for row in mail %}
  <li><a href="{{ url_for('message', uid=row.uid) }}">{{ row.subject or "no subject" }}</a><br><small>{{ row.from }}</small></li>
{% endfor %}
</ol>
{% endblock %}"""

MESSAGE = """{% extends layout %}{% block page %}
{% cfpop connection="support" action="getAll" uid=[uid] name="mail" %}
{% for row in mail %}
<h1>{{ row.subject or "no subject" }}</h1>
<p><small>{{ row.from }}</small></p>
<pre>{{ row.body }}</pre>
{% else %}
<h1>There is no such message.</h1>
{% endfor %}
<p><a href="{{ url_for('inbox') }}">Inbox</a></p>
{% endblock %}"""

FAULT = """{% extends layout %}{% block page %}
<h1>The mailbox cannot be read now.</h1>
<p>{{ reason }} Try again in a minute.</p>
{% endblock %}"""


def create_app(settings: Settings) -> Flask:
    app = Flask(__name__)
    environment = extend_environment(app.jinja_env, settings=settings)
    environment.globals["layout"] = environment.from_string(LAYOUT)

    @app.get("/")
    def inbox() -> str:
        return render_template_string(INBOX)

    @app.get("/message/<path:uid>")
    def message(uid: str) -> str:
        return render_template_string(MESSAGE, uid=uid)

    def mailbox_fault(error: CfpopError) -> tuple[str, int]:
        app.logger.warning("%s", error)  # what the server said is for the log, not for the reader
        late = isinstance(error, TimeoutExpired)
        reason = "The mail server took too long to answer." if late else "The mail server was not reached, or refused."
        return render_template_string(FAULT, reason=reason), 504 if late else 502

    for kind in (POP3Error, NetworkError, TimeoutExpired, LimitExceeded):  # the mailbox's faults; others are the page's
        app.register_error_handler(kind, mailbox_fault)
    return app


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    if os.environ.get("CFML_POP_URL"):
        create_app(Settings.from_mapping({"connections": {"support": {"url_env": "CFML_POP_URL"}}, "idle_timeout": 20})).run(
            port=port
        )
        return
    with EmbeddedServer(sample_messages()) as server:
        support = Connection(server=server.host, port=server.port, username=server.user, password=server.password, secure=False)
        create_app(Settings(connections={"support": support})).run(port=port)


if __name__ == "__main__":
    main()
