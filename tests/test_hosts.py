"""The recipes of docs/hosts.md and the hosts of examples/, through each framework's own test client."""

from __future__ import annotations

import asyncio
import dataclasses
import importlib.util
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from cfml_pop import Connection, Settings
from cfml_pop.testing import EmbeddedServer
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.scripted import ScriptedServer, Talk

ROOT = Path(__file__).parent.parent
FIRST = "Is the blue touring bike still there?"
CANNOT = "The mailbox cannot be read now."


def example(name: str) -> ModuleType:
    """A file of examples/, imported under its own name as Django needs it."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def settings_for(**mailboxes: tuple[str, int]) -> Settings:
    connections = {
        name: Connection(server=host, port=port, username="support", password="open sesame", secure=False)
        for name, (host, port) in mailboxes.items()
    }
    return Settings(connections=connections, idle_timeout=0.3)


def url_of(server: EmbeddedServer) -> str:
    return f"pop://{server.user}:{quote(server.password)}@{server.host}:{server.port}"


@pytest.fixture(scope="module")
def silent() -> Iterator[tuple[str, int]]:
    """A server that answers nothing after its greeting."""
    with ScriptedServer([], {"CAPA": Talk.stall}) as server:
        yield "127.0.0.1", server.port


@pytest.fixture(scope="module")
def refusing() -> Iterator[tuple[str, int]]:
    """A server that takes no password, and repeats in its answer what a page must not show."""
    with ScriptedServer([], {"PASS": b"-ERR internal-host-17 says no\r\n"}) as server:
        yield "127.0.0.1", server.port


def is_a_plain_page(status: int, text: str) -> None:
    assert CANNOT in text
    assert ("too long" in text) == (status == 504)
    assert not re.search(r"Traceback|internal-host|sesame|127\.0\.0\.1|CfpopError|POP3Error", text)


# -- Flask -------------------------------------------------------------------------------------------------------------------


def test_flask_shows_mail(sample_server: EmbeddedServer) -> None:
    """The list, a message from its link, and a uid that no message has."""
    client = example("flask_inbox").create_app(settings_for(support=(sample_server.host, sample_server.port))).test_client()
    page = client.get("/").text
    link = re.findall(r'<a href="(/message/[^"]+)">' + re.escape(FIRST), page)[0]

    assert "<h1>16 messages</h1>" in page
    assert "&lt;b&gt;Spring sale&lt;/b&gt;" in page
    assert "last Saturday I tried the blue touring bike" in client.get(link).text
    assert "There is no such message." in client.get("/message/no/such,uid").text


def test_flask_reads_a_real_server(dovecot: Dovecot) -> None:
    """The same page from Dovecot over TLS."""
    mailbox = dovecot.mailbox([b"Subject: Over TLS & well\r\n\r\nhello\r\n"])
    support = Connection(server=dovecot.host, port=dovecot.pop3s_port, username=mailbox.username, password=PASSWORD)
    settings = Settings(connections={"support": support}, tls_ca_file=dovecot.ca_file)

    assert "Over TLS &amp; well" in example("flask_inbox").create_app(settings).test_client().get("/").text


@pytest.mark.parametrize(("kind", "status"), [("refusing", 502), ("silent", 504)])
def test_flask_shows_a_page_for_a_fault(request: pytest.FixtureRequest, kind: str, status: int) -> None:
    """A plain sentence with 502 or 504; a fault of the template stays an error of the site."""
    app = example("flask_inbox").create_app(settings_for(support=request.getfixturevalue(kind)))
    answer = app.test_client().get("/")

    assert status == answer.status_code
    is_a_plain_page(status, answer.text)
    empty = example("flask_inbox").create_app(Settings())
    assert 500 == empty.test_client().get("/").status_code


# -- FastAPI -----------------------------------------------------------------------------------------------------------------


class Asgi:
    """A client of an ASGI application by httpx alone: Starlette's own needs one package or another, as its versions go."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def get(self, path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://localhost") as client:
                return await client.get(path)

        return asyncio.run(ask())


def fastapi_client(settings: Settings) -> Asgi:
    return Asgi(example("fastapi_mailboxes").create_app(settings))


def test_fastapi_reads_mailboxes_at_once() -> None:
    """Each server greets only when all are connected, so reading one after the other would end in silence."""
    meeting = threading.Barrier(3)

    def greet(_talk: Talk) -> bytes:
        meeting.wait(20)
        return b"+OK\r\n"

    servers = [ScriptedServer([b"Subject: mail %d\r\n\r\n" % n], {"": greet}, password="open sesame") for n in range(3)]
    with servers[0], servers[1], servers[2]:
        settings = settings_for(**{f"box{n}": ("127.0.0.1", server.port) for n, server in enumerate(servers)})
        answer = fastapi_client(dataclasses.replace(settings, idle_timeout=20)).get("/")

    assert 200 == answer.status_code
    assert ["mail 0", "mail 1", "mail 2"] == re.findall("<li>(.*?)</li>", answer.text)


def test_fastapi_shows_what_can_be_read(sample_server: EmbeddedServer, refusing: tuple[str, int]) -> None:
    """One mailbox that is down leaves the other on the page; one alone, and one that is not there, have pages of their own."""
    client = fastapi_client(settings_for(support=(sample_server.host, sample_server.port), sales=refusing))
    page = client.get("/")

    assert 200 == page.status_code
    assert (True, 1) == (FIRST in page.text, page.text.count("This mailbox cannot be read now."))
    assert "support: 16 messages" in client.get("/mailbox/support").text
    assert 404 == client.get("/mailbox/boss").status_code


@pytest.mark.parametrize(("kind", "status"), [("refusing", 502), ("silent", 504)])
def test_fastapi_shows_a_page_for_a_fault(request: pytest.FixtureRequest, kind: str, status: int) -> None:
    """A plain sentence with 502 or 504; the list of mailboxes is a 502 only when none can be read."""
    client = fastapi_client(settings_for(support=request.getfixturevalue(kind)))
    answer = client.get("/mailbox/support")

    assert (status, 502) == (answer.status_code, client.get("/").status_code)
    is_a_plain_page(status, answer.text)


# -- Django ------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def django_project() -> ModuleType:
    project = example("django_inbox")
    project.configure({"server": "127.0.0.1", "port": 1, "username": "nobody", "password": "none", "secure": False})
    return project


def django_get(connection: dict[str, object], path: str) -> Any:
    from django.conf import settings
    from django.test import Client, override_settings

    ours = {"connections": {"support": connection}, "idle_timeout": 0.3}
    with override_settings(CFML_POP=ours, TEMPLATES=list(settings.TEMPLATES)):  # the engines are made anew
        return Client(SERVER_NAME="localhost").get(path)


@pytest.mark.usefixtures("django_project")
def test_django_shows_mail(sample_server: EmbeddedServer) -> None:
    """The list through Django's Jinja2 backend, escaped, and a message from its link."""
    connection: dict[str, object] = {"url": url_of(sample_server)}
    page = django_get(connection, "/").content.decode()
    link = re.findall(r'<a href="(/message[^"]+)">' + re.escape(FIRST), page)[0]

    assert "<h1>16 messages</h1>" in page
    assert "&lt;b&gt;Spring sale&lt;/b&gt;" in page
    assert "last Saturday I tried the blue touring bike" in django_get(connection, link).content.decode()
    assert "There is no such message." in django_get(connection, "/message").content.decode()


@pytest.mark.parametrize(("kind", "status"), [("refusing", 502), ("silent", 504)])
@pytest.mark.usefixtures("django_project")
def test_django_shows_a_page_for_a_fault(request: pytest.FixtureRequest, kind: str, status: int) -> None:
    """A plain sentence with 502 or 504."""
    host, port = request.getfixturevalue(kind)
    connection = {"server": host, "port": port, "username": "support", "password": "open sesame", "secure": False}
    answer = django_get(connection, "/")

    assert status == answer.status_code
    is_a_plain_page(status, answer.content.decode())


@pytest.mark.usefixtures("django_project")
def test_djangos_debug_page_shows_urls() -> None:
    """As docs/hosts.md warns: a key that says password is hidden there and a URL is not; a variable shows nothing."""
    from django.test import override_settings
    from django.views.debug import SafeExceptionReporterFilter

    ours = {"a": {"password": "tiger"}, "b": {"url": "pops://kim:lion@h"}, "c": {"url_env": "SUPPORT_MAILBOX"}}
    with override_settings(CFML_POP={"connections": ours}):
        shown = SafeExceptionReporterFilter().get_safe_settings()["CFML_POP"]["connections"]

    assert {**ours, "a": {"password": SafeExceptionReporterFilter.cleansed_substitute}} == shown


# -- the manual --------------------------------------------------------------------------------------------------------------


def recipe(title: str) -> list[str]:
    """The blocks of code of a section of docs/hosts.md."""
    text = (ROOT / "docs" / "hosts.md").read_text("utf-8")
    return re.findall(r"```\w+\n(.*?)```", text.partition(f"## {title}\n")[2].partition("\n## ")[0], re.DOTALL)


def run(code: str, **names: Any) -> dict[str, Any]:
    scope = {"__name__": "recipe", **names}
    exec(compile(code, "docs/hosts.md", "exec", dont_inherit=True), scope)  # noqa: S102 - the manual's own code
    return scope


@pytest.fixture
def mailboxes(monkeypatch: pytest.MonkeyPatch, sample_server: EmbeddedServer) -> None:
    for name in ("SUPPORT_MAILBOX", "SALES_MAILBOX"):
        monkeypatch.setenv(name, url_of(sample_server))


@pytest.mark.usefixtures("mailboxes")
def test_recipe_of_a_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The script prints what is in the mailbox that the file names."""
    code, toml = recipe("A script")
    (tmp_path / "mailboxes.toml").write_text(toml, "utf-8")
    monkeypatch.chdir(tmp_path)
    run(code)

    assert f"1 {FIRST}" == capsys.readouterr().out.splitlines()[0]


@pytest.mark.usefixtures("mailboxes")
def test_recipe_of_flask(refusing: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows the mail, and a sentence for a fault; the configuration may come from the environment alone."""
    (code,) = recipe("Flask")
    assert f"<li>{FIRST}</li>" in run(code)["app"].test_client().get("/").text

    monkeypatch.setenv("FLASK_CFML_POP__CONNECTIONS__support__url_env", "SUPPORT_MAILBOX")
    line = next(one for one in code.splitlines() if one.startswith('app.config["CFML_POP"]'))
    app = run(code.replace(line, "app.config.from_prefixed_env()"))["app"]
    assert f"<li>{FIRST}</li>" in app.test_client().get("/").text

    monkeypatch.setenv("SUPPORT_MAILBOX", "pop://support:x@{}:{}".format(*refusing))
    answer = run(code)["app"].test_client().get("/")
    assert (502, CANNOT) == (answer.status_code, answer.text)


@pytest.mark.usefixtures("mailboxes")
def test_recipe_of_fastapi(refusing: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """One mailbox, both, none of that name, and a sentence for a fault."""
    (code,) = recipe("FastAPI and Starlette")
    client = Asgi(run(code)["app"])
    both = client.get("/").text

    assert f"<li>{FIRST}</li>" in client.get("/mailbox/support").text
    assert 2 == both.count(f"<p>{FIRST}</p>")
    assert 404 == client.get("/mailbox/boss").status_code
    monkeypatch.setenv("SUPPORT_MAILBOX", "pop://support:x@{}:{}".format(*refusing))
    client = Asgi(run(code)["app"])
    answer = client.get("/mailbox/support")
    assert (502, CANNOT) == (answer.status_code, answer.text)
    assert (1, 1) == (client.get("/").text.count(f"<p>{FIRST}</p>"), client.get("/").text.count("cannot be read now"))


@pytest.mark.usefixtures("mailboxes")
def test_recipe_of_django(tmp_path: Path, refusing: tuple[str, int]) -> None:
    """A project of these files shows the mail, and a sentence for a fault, in a process of its own: it is set up once."""
    for block in recipe("Django"):
        place = re.match(r"(?:# |\{# )(\S+)", block)
        assert place is not None
        path = tmp_path / place[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block, "utf-8")
    (tmp_path / "shop" / "__init__.py").touch()
    (tmp_path / "shop" / "urls.py").write_text(
        "from django.urls import path\nfrom shop.views import inbox\nurlpatterns = [path('', inbox)]\n", "utf-8"
    )
    with (tmp_path / "shop" / "settings.py").open("a", encoding="utf-8") as settings:
        settings.write("INSTALLED_APPS = ['shop']\nROOT_URLCONF = 'shop.urls'\nSECRET_KEY = 'of a test'\n")
    (tmp_path / "try.py").write_text(
        "import os, django\nfrom django.test import Client\ndjango.setup()\n"
        "answer = Client(SERVER_NAME='localhost').get('/')\nprint(answer.status_code, answer.content.decode())\n"
        f"os.environ['SUPPORT_MAILBOX'] = 'pop://support:x@{refusing[0]}:{refusing[1]}'\n"
        "from django.test.signals import setting_changed\n"
        "setting_changed.send(sender=None, setting='TEMPLATES', value=None, enter=True)  # the engines are made anew\n"
        "answer = Client(SERVER_NAME='localhost').get('/')\nprint(answer.status_code, answer.content.decode())\n",
        "utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "try.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}", "DJANGO_SETTINGS_MODULE": "shop.settings"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )

    assert (0, "") == (done.returncode, done.stderr.replace("Bad Gateway: /\n", ""))
    assert done.stdout.startswith("200 ")
    assert f"<li>{FIRST}</li>" in done.stdout
    assert done.stdout.endswith(f"502 {CANNOT}\n")


def test_recipe_of_secrets() -> None:
    """The connections of the last section can be made, and hold functions."""
    (code,) = recipe("Passwords and tokens")
    connections = run(code)["settings"].connections

    assert ("...", True) == (connections["support"].token(), callable(connections["sales"].password))


def test_extend_environment_refuses_what_is_no_settings() -> None:
    """A mapping in place of a Settings is told at once, and not when the first page runs."""
    from jinja2 import Environment

    from cfml_pop import AttributeFault, extend_environment

    environment = Environment(autoescape=True)
    with pytest.raises(TypeError, match=r"settings= takes a Settings, not a dict; write Settings\.from_mapping"):
        extend_environment(environment, settings={})  # type: ignore[arg-type]
    with pytest.raises(AttributeFault, match="there is no dialect 'lucy'"):
        extend_environment(environment, dialect="lucy")
    assert environment is extend_environment(environment, functions=True)
    assert "3" == environment.from_string("{{ len('abc') }}").render()
