"""An inbox in Django, with its Jinja2 backend: python examples/django_inbox.py [runserver --noreload PORT]

Needs cfml-pop[testing] and django (in a clone: pip install '.[testing]' django). The mailbox is that of CFML_POP_URL
(pops://user:password@host), else a sample one.
A whole project in one file; docs/hosts.md shows the same in the files of a usual one.
"""

from __future__ import annotations

import atexit
import os
import secrets
import sys
from typing import Any

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from jinja2 import DictLoader, Environment

from cfml_pop import LimitExceeded, NetworkError, POP3Error, Settings, TimeoutExpired, extend_environment
from cfml_pop.testing import EmbeddedServer, sample_messages

PAGES = {
    "layout.html": """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Inbox</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
  li { list-style: none; padding: .6rem 0; border-top: 1px solid #ddd } ol { padding: 0 } small { color: #666 }
  a { color: #0b57a4; text-decoration: none } pre { white-space: pre-wrap; font: inherit }
</style>
{% block page %}{% endblock %}
""",
    "inbox.html": """{% extends "layout.html" %}{% block page %}
{% cfpop connection="support" maxrows=50 name="mail" %}
<h1>{{ mail.recordcount }} messages</h1>
<ol>
{% for row in mail %}
  <li>
    <a href="{{ url('message') }}?uid={{ row.uid|urlencode }}">{{ row.subject or "no subject" }}</a><br>
    <small>{{ row.from }}</small>
  </li>
{% endfor %}
</ol>
{% endblock %}""",
    "message.html": """{% extends "layout.html" %}{% block page %}
{% cfpop connection="support" action="getAll" uid=[uid] name="mail" %}
{% for row in mail %}
<h1>{{ row.subject or "no subject" }}</h1>
<p><small>{{ row.from }}</small></p>
<pre>{{ row.body }}</pre>
{% else %}
<h1>There is no such message.</h1>
{% endfor %}
<p><a href="{{ url('inbox') }}">Inbox</a></p>
{% endblock %}""",
    "fault.html": """{% extends "layout.html" %}{% block page %}
<h1>The mailbox cannot be read now.</h1>
<p>{{ reason }} Try again in a minute.</p>
{% endblock %}""",
}


def mailbox() -> dict[str, object]:
    """The connection of CFML_POP_URL, else of a sample mailbox, which lives as long as this process."""
    if os.environ.get("CFML_POP_URL"):
        return {"url_env": "CFML_POP_URL"}
    server = EmbeddedServer(sample_messages()).start()
    atexit.register(server.stop)
    return {"server": server.host, "port": server.port, "username": server.user, "password": server.password, "secure": False}


def environment(**options: Any) -> Environment:
    """What the Jinja2 backend calls with its own options."""
    made = Environment(**options)  # noqa: S701 - Django's options have autoescape=True
    made.globals["url"] = reverse
    return extend_environment(made, settings=Settings.from_mapping(settings.CFML_POP))


def inbox(request: HttpRequest) -> HttpResponse:
    return render(request, "inbox.html")


def message(request: HttpRequest) -> HttpResponse:
    return render(request, "message.html", {"uid": request.GET.get("uid", "")})


class MailboxFaults:
    """A middleware: what the mailbox did wrong is a page with a sentence; all else stays an error of the site."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> Any:
        return self.answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, (POP3Error, NetworkError, TimeoutExpired, LimitExceeded)):
            return None
        late = isinstance(error, TimeoutExpired)
        reason = "The mail server took too long to answer." if late else "The mail server was not reached, or refused."
        return render(request, "fault.html", {"reason": reason}, status=504 if late else 502)


urlpatterns = [path("", inbox, name="inbox"), path("message", message, name="message")]


def configure(connection: dict[str, object]) -> None:
    settings.configure(
        ALLOWED_HOSTS=["localhost", "127.0.0.1"],
        CFML_POP={"connections": {"support": connection}, "idle_timeout": 20},
        MIDDLEWARE=["django.middleware.security.SecurityMiddleware", f"{__name__}.MailboxFaults"],
        ROOT_URLCONF=__name__,
        SECRET_KEY=secrets.token_urlsafe(),
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.jinja2.Jinja2",
                "OPTIONS": {"environment": f"{__name__}.environment", "loader": DictLoader(PAGES)},
            }
        ],
    )
    django.setup()


if __name__ == "__main__":
    configure(mailbox())
    execute_from_command_line([sys.argv[0], *(sys.argv[1:] or ["runserver", "--noreload"])])
