"""Several mailboxes on one page in FastAPI, read at the same time: python examples/fastapi_mailboxes.py [PORT]

Needs cfml-pop[testing], fastapi and uvicorn (in a clone: pip install '.[testing]' fastapi uvicorn). The mailboxes are those of
SUPPORT_MAILBOX and SALES_MAILBOX (pops://user:password@host), else two sample ones. Starlette without FastAPI has the same parts.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from cfml_pop import (
    CfpopError,
    Connection,
    LimitExceeded,
    NetworkError,
    POP3Error,
    Query,
    Settings,
    TimeoutExpired,
    acfpop,
    cfml_environment,
)
from cfml_pop.testing import EmbeddedServer, sample_messages

MAILBOX_FAULTS = (POP3Error, NetworkError, TimeoutExpired, LimitExceeded)

LAYOUT = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Mailboxes</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
  main { display: flex; flex-wrap: wrap; gap: 2rem } section { flex: 1 18rem; min-width: 0 }
  li { overflow-wrap: anywhere } a { color: #0b57a4; text-decoration: none } p { color: #a40b0b }
</style>
<main>
<% block page %><% endblock %>
</main>
"""

# The mailboxes were read by Python, at once. Tags that stand one below the other in a template are read one after the other.
ALL = """<% extends layout %><% block page %>
<% for name, box in boxes.items() %>
<section>
<h2><a href="/mailbox/{{ name|urlencode }}">{{ name }}</a></h2>
<% if box.recordcount is defined %>
<ul><% for row in box %><li>{{ row.subject }}</li><% endfor %></ul>
<% else %>
<p>This mailbox cannot be read now.</p>
<% endif %>
</section>
<% endfor %>
<% endblock %>"""

# Here the template reads, and render_async lets other requests go on meanwhile.
ONE = """<% extends layout %><% block page %>
<% cfpop connection=name maxrows=20 name="mail" %>
<section>
<h2>{{ name }}: {{ mail.recordcount }} messages</h2>
<ul><% for row in mail %><li>{{ row.subject }}, from {{ row.from }}</li><% endfor %></ul>
</section>
<% endblock %>"""

FAULT = """<% extends layout %><% block page %><section><h2>The mailbox cannot be read now.</h2>
<p>{{ reason }} Try again in a minute.</p></section><% endblock %>"""


def create_app(settings: Settings) -> FastAPI:
    app = FastAPI(openapi_url=None)
    environment = cfml_environment(settings=settings, enable_async=True)
    environment.globals["layout"] = environment.from_string(LAYOUT)
    pages = {name: environment.from_string(text) for name, text in {"all": ALL, "one": ONE, "fault": FAULT}.items()}

    async def page(template: str, status: int = 200, **values: object) -> HTMLResponse:
        # Not Jinja2Templates: its TemplateResponse renders without await, which an async environment cannot do inside a loop.
        return HTMLResponse(await pages[template].render_async(values), status)

    async def read(name: str) -> Query | CfpopError:
        try:
            return await acfpop(connection=name, maxrows=20, settings=settings)
        except MAILBOX_FAULTS as error:  # one mailbox that is down leaves the others on the page
            return error

    @app.get("/")
    async def mailboxes() -> HTMLResponse:
        found = await asyncio.gather(*map(read, settings.connections))
        down = all(isinstance(one, CfpopError) for one in found)
        return await page("all", 502 if down else 200, boxes=dict(zip(settings.connections, found, strict=True)))

    @app.get("/mailbox/{name}")
    async def mailbox(name: str) -> HTMLResponse:
        if name not in settings.connections:  # here a real application asks who this user is
            return HTMLResponse("There is no such mailbox.", 404)
        return await page("one", name=name)

    async def mailbox_fault(_request: Request, error: Exception) -> HTMLResponse:
        late = isinstance(error, TimeoutExpired)
        reason = "The mail server took too long to answer." if late else "The mail server was not reached, or refused."
        return await page("fault", 504 if late else 502, reason=reason)

    for kind in MAILBOX_FAULTS:
        app.add_exception_handler(kind, mailbox_fault)
    return app


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    names = [name for name in ("support", "sales") if os.environ.get(f"{name.upper()}_MAILBOX")]
    if names:
        urls = {name: {"url_env": f"{name.upper()}_MAILBOX"} for name in names}
        uvicorn.run(create_app(Settings.from_mapping({"connections": urls, "idle_timeout": 20})), port=port)
        return
    messages = sample_messages()
    with contextlib.ExitStack() as stack:
        samples = {}
        for name, mail in (("support", messages[:7]), ("sales", messages[7:])):
            server = stack.enter_context(EmbeddedServer(mail))
            samples[name] = Connection(
                server=server.host, port=server.port, username=server.user, password=server.password, secure=False
            )
        uvicorn.run(create_app(Settings(connections=samples)), port=port)


if __name__ == "__main__":
    main()
