"""The readers in Python, each run in a process of its own: `python -m benchmarks.peers READER`, with the job on standard input.

Rule: what is imported is imported before the clock starts. A run prints one line of JSON: seconds, CPU seconds, peak memory, and
what it got, from which it is told whether it did all the work.
"""

from __future__ import annotations

import asyncio
import dataclasses
import email
import email.header
import email.utils
import json
import poplib
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import Any

import jinja2

from benchmarks.memory import peak
from benchmarks.raw import drain
from cfml_pop import Query, Settings, acfpop, cfml_environment, cfpop

__all__ = ["PYTHON", "Task", "main", "run"]

PAGE = """<table>{% for row in mail %}<tr><td>{{ row.subject }}</td><td>{{ row.from }}</td><td>{{ row.date }}</td>
<td>{{ row.to }}</td><td>{{ row.size }}</td></tr>{% endfor %}</table>"""
"""Five columns of each row, as plain Jinja."""

TAG = '<% cfpop server=server port=port username=username password=password secure=secure action="getHeaderOnly" name="mail" %>'


@dataclasses.dataclass(frozen=True)
class Task:
    """One job for one reader. `folder` is where attachments go;"""

    job: str
    host: str
    port: int
    tls: bool
    ca_file: str
    username: str
    password: str
    folder: str
    messages: int = 0  # of the mailbox
    window: tuple[int, int] | None = None
    uids: tuple[str, ...] | None = None
    first: int | None = None  # only so many messages: a run that does not do all the work
    others: tuple[str, ...] = ()  # more mailboxes, read at the same time (asyncio only)

    def context(self) -> ssl.SSLContext | None:
        return ssl.create_default_context(cafile=self.ca_file) if self.tls else None


Got = dict[str, int]

# -- cfml_pop ------------------------------------------------------------------------------------------------------------------

ACTIONS = {"all": "getAll", "big": "getAll", "text": "getAll", "delete": "delete"}


def _call(task: Task) -> dict[str, Any]:
    call: dict[str, Any] = {
        "server": task.host,
        "port": task.port,
        "secure": task.tls,
        "username": task.username,
        "password": task.password,
        "action": ACTIONS.get(task.job, "getHeaderOnly"),
        "settings": Settings(tls_ca_file=task.ca_file),
    }
    if task.window:
        call["startrow"], call["maxrows"] = task.window
    if task.uids is not None:
        call["uid"] = ",".join(task.uids)
    if task.job in ("all", "big"):
        call |= {"attachmentpath": task.folder, "generateuniquefilenames": True}
    return call


def _read(task: Task, mail: Query) -> Got:
    """Read every cell; of a large text only its length is kept."""
    filled = 0
    if task.job == "text":
        for row in mail:
            filled += bool(row.body)
    elif task.job != "delete":
        columns = mail.columns
        for row in mail:
            cells = [row[column] for column in columns]
            filled += bool(row.body if "body" in columns else row.subject) and len(cells) > 0
    return {"messages": len(mail), "filled": filled}


def ours(task: Task) -> Got:
    if task.job == "render":
        environment = cfml_environment(settings=Settings(tls_ca_file=task.ca_file))
        template = environment.from_string(TAG + PAGE.replace("{%", "<%").replace("%}", "%>"))
        page = template.render(server=task.host, port=task.port, username=task.username, password=task.password, secure=task.tls)
        return {"messages": page.count("<tr>"), "filled": page.count("Angebot")}
    return _read(task, cfpop(**_call(task)))


def ours_async(task: Task) -> Got:
    async def run() -> Got:
        if task.job == "render":
            environment = cfml_environment(settings=Settings(tls_ca_file=task.ca_file), enable_async=True)
            template = environment.from_string(TAG + PAGE.replace("{%", "<%").replace("%}", "%>"))
            page = await template.render_async(
                server=task.host, port=task.port, username=task.username, password=task.password, secure=task.tls
            )
            return {"messages": page.count("<tr>"), "filled": page.count("Angebot")}
        tasks = [task, *(dataclasses.replace(task, username=name) for name in task.others)]
        mails = await asyncio.gather(*(acfpop(**_call(one)) for one in tasks))
        return [_read(task, mail) for mail in mails][-1]

    return asyncio.run(run())


# -- the limit -----------------------------------------------------------------------------------------------------------------


def raw(task: Task) -> Got:
    keyword = {"all": "RETR", "big": "RETR", "text": "RETR", "delete": "DELE"}.get(task.job, "TOP")
    messages, octets = drain(
        task.host,
        task.port,
        task.context(),
        task.username,
        task.password,
        keyword=keyword,
        window=task.window,
        uids=task.uids,
    )
    return {"messages": messages, "filled": messages, "octets": octets}


# -- what a Python user would write --------------------------------------------------------------------------------------------


def _decoded(message: Message, name: str) -> str:
    value = message.get(name)
    return "" if value is None else str(email.header.make_header(email.header.decode_header(value)))


def _columns(octets: bytes) -> tuple[Message, list[Any]]:
    message = email.message_from_bytes(octets)
    date = message.get("date")
    cells = [
        _decoded(message, "subject"),
        email.utils.parsedate_to_datetime(date) if date else None,
        *(_decoded(message, name) for name in ("from", "to", "cc", "reply-to")),
        message.get("message-id"),
        octets.partition(b"\r\n\r\n")[0].decode("utf-8", "replace"),
    ]
    return message, cells


def _content(message: Message, folder: Path, number: int) -> tuple[str, str]:
    text = html = ""
    for part in message.walk():
        if part.is_multipart():
            continue
        data, name = part.get_payload(decode=True), part.get_filename()
        if not isinstance(data, bytes):
            continue
        if name:
            (folder / f"{number}-{name}").write_bytes(data)
        elif part.get_content_type() == "text/html":
            html = html or data.decode(part.get_content_charset() or "utf-8", "replace")
        else:
            text = text or data.decode(part.get_content_charset() or "utf-8", "replace")
    return text, html


def with_poplib(task: Task) -> Got:
    context = task.context()
    pop3 = poplib.POP3_SSL(task.host, task.port, context=context) if context else poplib.POP3(task.host, task.port)
    pop3.user(task.username)
    pop3.pass_(task.password)
    count = pop3.stat()[0]
    numbers = range(1, count + 1)
    uids: dict[int, str] = {}
    sizes: dict[int, int] = {}
    if task.window:
        numbers = range(task.window[0], min(sum(task.window), count + 1))
        for number in numbers:
            sizes[number] = int(pop3.list(number).split()[2])  # type: ignore[attr-defined]  # bytes, whatever the stubs say
            uids[number] = pop3.uidl(number).split()[2].decode()
    else:
        uids = {int(line.split()[0]): line.split()[1].decode() for line in pop3.uidl()[1]}
        sizes = {int(line.split()[0]): int(line.split()[1]) for line in pop3.list()[1]}
    wanted = list(numbers) if task.uids is None else [n for n, uid in uids.items() if uid in frozenset(task.uids)]
    rows: list[Any] = []
    filled = 0
    for number in wanted[: task.first]:
        if task.job == "delete":
            pop3.dele(number)
            rows.append(number)
            continue
        lines = pop3.retr(number)[1] if task.job in ACTIONS else pop3.top(number, 0)[1]
        message, cells = _columns(b"\r\n".join(lines) + b"\r\n")
        if task.job in ACTIONS:
            text, html = _content(message, Path(task.folder), number)
            filled += bool(text or html)
            cells += [text, html] if task.job != "text" else []
        else:
            filled += bool(cells[0])
        rows.append([number, sizes[number], uids[number], *cells])
    pop3.quit()
    if task.job == "render":
        names = ("messagenumber", "size", "uid", "subject", "date", "from", "to", "cc", "replyto", "messageid", "header")
        mail = [dict(zip(names, row, strict=True)) for row in rows]
        page = jinja2.Environment(autoescape=True).from_string(PAGE).render(mail=mail)
        return {"messages": page.count("<tr>"), "filled": page.count("Angebot")}
    return {"messages": len(rows), "filled": filled if task.job != "delete" else 0}


PYTHON: dict[str, Callable[[Task], Got]] = {
    "cfml_pop": ours,
    "cfml_pop async": ours_async,
    "raw drain": raw,
    "poplib + email": with_poplib,
}


def run(reader: str, task: Task) -> dict[str, Any]:
    """One run of a reader in a process of its own. Raises RuntimeError with the end of its traceback."""
    done = subprocess.run(  # noqa: S603 - this very module
        [sys.executable, "-m", "benchmarks.peers", reader],
        input=json.dumps(dataclasses.asdict(task)),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-300:])
    got: dict[str, Any] = json.loads(done.stdout)
    return got


def main() -> None:
    given = json.load(sys.stdin)
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    task = Task(**values)
    read = PYTHON[sys.argv[1]]
    start, cpu = time.perf_counter(), time.process_time()
    got = read(task)
    seconds, used = time.perf_counter() - start, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu": used, "peak": peak(), **got}))


if __name__ == "__main__":
    main()
