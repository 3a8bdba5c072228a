"""The tag over real sockets: from the text of a template to the commands that a server sees, blocking and with asyncio."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from jinja2 import DictLoader, Environment, StrictUndefined, Undefined
from jinja2.sandbox import SandboxedEnvironment

from cfml_pop.cfml.query import ALL_COLUMNS, HEADER_COLUMNS
from cfml_pop.errors import (
    AttachmentError,
    AuthenticationError,
    CfpopError,
    NetworkError,
    POP3Error,
    TimeoutExpired,
    TLSError,
)
from cfml_pop.jinja.environment import CFML_SYNTAX, template_loader
from cfml_pop.markup.pictures import picture_url
from cfml_pop.settings import Settings
from cfml_pop.testing import EmbeddedServer
from tests.servers.scripted import Answer, ScriptedServer, Talk

PASSWORD = "tiger-lily"
BOTH = pytest.mark.parametrize("asynchronous", [False, True], ids=["blocking", "asyncio"])


def message(subject: str, *names: str) -> bytes:
    """A message with a text and attachments of these names, each of which holds its place in the list."""
    head = f"From: Ann <ann@example.com>\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
    if not names:
        return f"{head}\r\nbody of {subject}\r\n".encode()
    parts = [f"\r\nbody of {subject}\r\n"] + [
        f"Content-Disposition: attachment; filename={name}\r\n\r\n{place}\r\n" for place, name in enumerate(names)
    ]
    return (
        f"{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "".join(f"--b\r\n{part}" for part in parts) + "--b--\r\n"
    ).encode()


MAIL = [message("one"), message("two", "a.txt"), message("three")]


def render(source: str, settings: Settings, asynchronous: bool, **context: object) -> str:
    """Render a template named page.html in an environment that has the extension and nothing else."""
    environment = Environment(
        extensions=["cfml_pop.CfpopExtension"],
        loader=DictLoader({"page.html": source}),
        enable_async=asynchronous,
        autoescape=True,
    )
    environment.cfpop_settings = settings  # type: ignore[attr-defined]
    template = environment.get_template("page.html")
    return asyncio.run(template.render_async(context)) if asynchronous else template.render(context)


def login(server: ScriptedServer | EmbeddedServer) -> dict[str, object]:
    user = server.user if isinstance(server, EmbeddedServer) else "kim"
    return {"h": "127.0.0.1", "port": server.port, "user": user, "password": server.password}


LOGIN = "server=h port=port username=user password=password "


def stall(talk: Talk) -> None:
    talk.stall()


FAULTS: dict[str, tuple[type[CfpopError], str, dict[str, Answer]]] = {
    "wrong password": (AuthenticationError, "password='tiger-wrong'", {}),
    "refused connection": (NetworkError, "", {}),
    "silent server": (TimeoutExpired, "timeout=0.3", {"": stall}),
    "silent later": (TimeoutExpired, "timeout=0.5", {"STAT": stall, "LIST": stall, "UIDL": stall}),
    "wrong certificate": (TLSError, "secure=yes", {}),
    "unwritable folder": (AttachmentError, "attachmentpath='file/folder'", {}),
    "refused message": (POP3Error, "", {"RETR 2": b"-ERR not this one\r\n"}),
}


@BOTH
@pytest.mark.parametrize("fault", FAULTS)
def test_faults(tmp_path: Path, fault: str, asynchronous: bool) -> None:
    """What goes wrong on the way keeps its class, tells template and line and no password, and is what catch binds."""
    kind, attributes, overrides = FAULTS[fault]
    (tmp_path / "file").write_bytes(b"no folder")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    tls = "implicit" if "certificate" in fault else ""
    settings = Settings(attachment_root=tmp_path)
    given = LOGIN.replace("password=password", "") if "password" in attributes else LOGIN
    tag = "\n\n{% cfpop " + given + attributes + "\n action=getAll name=mail MORE %}"
    with ScriptedServer(MAIL, overrides, password=PASSWORD, tls=tls, context=context) as server:
        variables = login(server)
        if fault == "refused connection":
            with socket.create_server(("127.0.0.1", 0)) as closed:
                variables["port"] = closed.getsockname()[1]
        with pytest.raises(kind) as caught:
            render(tag.replace("MORE", ""), settings, asynchronous, **variables)
        seen: dict[str, Any] = {}
        text = tag.replace("MORE", "catch='seen.err'") + "{{ mail.recordcount }}{{ mail.columnlist }}"
        page = render(text, settings, asynchronous, seen=seen, **variables)

    assert "0" + ",".join(ALL_COLUMNS).upper() == page.strip()
    for error in (caught.value, seen["err"]):
        assert (kind, "page.html", 3) == (type(error), error.template_name, error.lineno)
        assert str(error).endswith("\n  File 'page.html', line 3")
        chain: BaseException | None = error
        while chain is not None:
            assert "tiger" not in f"{chain} {chain!r} {vars(chain)}"
            chain = chain.__cause__ or chain.__context__
    assert (None, None, None) == (seen["err"].__traceback__, seen["err"].__cause__, seen["err"].__context__)
    assert not any(path.name != "file" for path in tmp_path.rglob("*"))


@BOTH
@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("messagenumber='3,1'", ["three", "one"]),
        ("messagenumber=[2]", ["two"]),
        ("uid='uid2'", ["two"]),
        ("uid='#uids#'", ["two", "three"]),
        ("uid='uid1|uid3' delimiter='|'", ["one", "three"]),
        ("startrow=2", ["two", "three"]),
        ("startrow=2 maxrows=1", ["two"]),
        ("maxrows='2'", ["one", "two"]),
        ("maxrows=0", []),
        ("uid=''", []),
        ("attributeCollection={'maxrows': 1, 'action': 'getAll'}", ["one"]),
        ("attributeCollection=more", ["two"]),
    ],
)
def test_selection_reaches_the_server(attributes: str, expected: list[str], asynchronous: bool) -> None:
    """Only the messages that the attributes choose are asked for, wherever the attributes come from."""
    source = "{% cfpop " + LOGIN + attributes + " name=mail %}{% for row in mail %}{{ row.subject }} {% endfor %}"
    with ScriptedServer(MAIL) as server:
        more = {"messagenumber": 2, "ACTION": "getall", "maxrows": ""}
        page = render(source, Settings(), asynchronous, more=more, uids=["uid3", "uid2"], **login(server))
    numbers = [("one", "two", "three").index(subject) + 1 for subject in expected]

    assert expected == page.split()
    asked = [int(line.split()[1]) for line in server.commands if line.split()[0] in ("TOP", "RETR")]
    assert sorted(numbers) == sorted(set(asked))


@BOTH
@pytest.mark.parametrize(
    ("attributes", "keyword"),
    [
        ("action=getHeaderOnly name=mail", "TOP"),
        ("action=getAll name=mail", "RETR"),
        ("action=delete uid='uid1,uid3'", "DELE"),
        ("action=markRead uid='uid1,uid3'", "RETR"),
    ],
)
def test_one_session_a_call(attributes: str, keyword: str, asynchronous: bool) -> None:
    """Each action is one connection with one login and one QUIT at its end."""
    with ScriptedServer(MAIL) as server:
        page = render("{% cfpop " + LOGIN + attributes + " %}", Settings(), asynchronous, **login(server))
    words = [line.split()[0].upper() for line in server.commands]

    assert "" == page
    assert (1, 1, 1, "QUIT") == (server.connections, words.count("PASS"), words.count("QUIT"), words[-1])
    assert keyword in words
    assert ({1, 3} if "delete" in attributes else set()) == server.deleted


@BOTH
def test_columns_and_json(asynchronous: bool) -> None:
    """The columns of real queries stand in the documented order, and the rows are JSON in every environment."""
    source = "{% cfpop LOGIN name=one %}{% cfpop LOGIN action=getAll name=all %}[{{ one.columnlist }}][{{ all.columnlist }}]"
    source = source.replace("LOGIN", LOGIN) + "{{ [one.to_dicts(), all.to_dicts()]|tojson }}"
    with ScriptedServer(MAIL) as server:
        page = render(source, Settings(), asynchronous, **login(server))
    _, first, second, rows = page.replace("]", "[", 2).replace("[[", "[").split("[", 3)
    one, every = json.loads("[" + rows)

    assert [set(HEADER_COLUMNS), set(ALL_COLUMNS)] == [set(one[0]), set(every[0])]
    assert [",".join(HEADER_COLUMNS).upper(), ",".join(ALL_COLUMNS).upper()] == [first, second]
    assert [1, 2, 3] == [row["messagenumber"] for row in one]
    assert ("two", "a.txt", "uid2", "body of two", {}) == tuple(
        every[1][name].strip() if isinstance(every[1][name], str) else every[1][name]
        for name in ("subject", "attachments", "uid", "body", "cids")
    )


@BOTH
def test_unique_file_names(tmp_path: Path, asynchronous: bool) -> None:
    """With generateUniqueFileNames no file is replaced, within a message, between messages and between calls."""
    mail = [message("one", "a.txt", "a.txt"), message("two", "a.txt")]
    source = "{% cfpop " + LOGIN + "action=getAll attachmentPath='in' generateUniqueFileNames name=mail %}"
    source += "{{ (mail.attachmentfiles[1] ~ '\t' ~ mail.attachmentfiles[2]).split('\t')|join(' ') }}"
    with EmbeddedServer(mail) as server:
        first = render(source, Settings(attachment_root=tmp_path), asynchronous, **login(server))
        second = render(source, Settings(attachment_root=tmp_path), asynchronous, **login(server))

    assert ["a.txt", "a1.txt", "a2.txt"] == [Path(path).name for path in first.split()]
    assert ["a3.txt", "a4.txt", "a5.txt"] == [Path(path).name for path in second.split()]
    assert ["0", "1", "0"] == [Path(path).read_text().strip() for path in first.split()]


SENT = ("a,b", "c/d?e&f", "ü日\udcffà", "{number}", 'g"<h>%41')
UIDS = tuple(uid.encode("utf-8", "surrogateescape").decode("latin-1") for uid in SENT)  # as the uid column has them


@pytest.mark.parametrize("kind", ["plain", "sandboxed", "strict", "asynchronous"])
def test_templates_and_odd_uids(tmp_path: Path, kind: str) -> None:
    """The ready-made templates run in every kind of environment, and link and open messages whatever their uids hold."""
    mail = [message(f"subject {number}", "a.txt") for number in range(len(UIDS))]
    with ScriptedServer(mail, uids=SENT) as server:
        environment = (SandboxedEnvironment if kind == "sandboxed" else Environment)(
            **CFML_SYNTAX,  # type: ignore[arg-type]
            autoescape=lambda name: name is None or not name.endswith(".txt"),
            extensions=["cfml_pop.CfpopExtension"],
            loader=template_loader(),
            enable_async=kind == "asynchronous",
            undefined=StrictUndefined if kind == "strict" else Undefined,
        )
        environment.cfpop_settings = Settings(  # type: ignore[attr-defined]
            servers=[f"127.0.0.1:{server.port}"] if kind == "sandboxed" else None,
            actions=["getHeaderOnly", "getAll"],
            attachment_root=tmp_path,
            inline_image=picture_url,
        )
        variables = {
            "server": "127.0.0.1",
            "port": server.port,
            "username": "kim",
            "password": server.password,
            "attachment_url": "/file/{uid}/{number}/{file}",
        }

        def page(template: str, **more: object) -> str:
            made = environment.get_template(template)
            given = {**variables, **more}
            return asyncio.run(made.render_async(given)) if kind == "asynchronous" else made.render(given)

        inbox = page("inbox.html")
        assert 5 == page("headers.txt").count("Ann")
        assert 5 == page("dump.html").count('id="row-')
        assert 5 == inbox.count("<li>")
        for link in ("uid=a%2Cb", "uid=c%2Fd%3Fe%26f", "uid=%7Bnumber%7D", "uid=g%22%3Ch%3E%2541"):
            assert f'href="message?{link}"' in inbox
        for number, uid in enumerate(UIDS):
            shown = page("message.html", uid=uid, attachmentpath=f"folder{number}")
            assert f"<h1>subject {number}</h1>" in shown
            assert "No such message" not in shown
        assert "/file/%7Bnumber%7D/1/a.txt" in page("message.html", uid="{number}", attachmentpath="again")
        assert "/file/c%2Fd%3Fe%26f/1/a.txt" in page("message.html", uid="c/d?e&f", attachmentpath="again")
        assert "No such message" in page("message.html", uid="a")
