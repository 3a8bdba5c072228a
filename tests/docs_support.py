"""Runs the code blocks of the manual: each page in order, in a folder of its own, as a reader would.

Rule: a page says what it needs. Its blocks share one namespace; a block is saved under the name that ends the line before it
("`inbox.html`:"); output stands in a `text` block behind what prints it. Hosts below example.com are the embedded server.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import dataclasses
import doctest
import importlib.util
import inspect
import io
import itertools
import json
import os
import re
import runpy
import shlex
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import CodeType
from typing import Any
from unittest import mock

import click
import tomli
import trustme
from jinja2 import ChoiceLoader, FileSystemLoader
from markdown_it import MarkdownIt

from cfml_pop import Connection, Settings, cfml_environment, template_loader
from cfml_pop.cli.group import LazyGroup, group
from cfml_pop.pop3.transport.tls import default_context
from cfml_pop.testing import EmbeddedServer, sample_messages

__all__ = ["ROOT", "Block", "Mailboxes", "Page", "Run", "blocks", "pages"]

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "..."
OUTPUT = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclasses.dataclass(frozen=True)
class Block:
    """A block of code: the line it starts at, its language, and the file that the text before it says it is."""

    line: int
    language: str
    text: str
    file: str | None

    @property
    def first(self) -> str:
        return self.text.partition("\n")[0]


@dataclasses.dataclass(frozen=True)
class Page:
    """What the templates of a page are rendered with: options of cfml_environment, names, files beside it. A page that deletes,
    or logs in as another user, has mailboxes of its own."""

    deletes: bool = False
    user: str = "support"
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    context: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    files: Mapping[str, bytes] = dataclasses.field(default_factory=dict)


def pages() -> list[str]:
    """Every page for readers, seen from the root."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").rglob("README.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found if path.exists())


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a Markdown text, fenced or indented, also inside of lists and quotations."""
    before = ""
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "inline":
            before = token.content
        elif token.type in ("fence", "code_block"):
            named = re.search(r"`([\w./-]+\.\w+)`:$", before)
            line = token.map[0] + 1 if token.map else 0
            yield Block(line, token.info.strip(), token.content, named[1] if named else None)
            before = ""


class Mailboxes:
    """The sample mailbox under the names below example.com, with TLS on port 995 and STLS on others; started when asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._authority = trustme.CA()
        self._servers: dict[str, EmbeddedServer] = {}
        self._user = Page.user
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Mailboxes:
        self._authority.cert_pem.write_to_path(str(self._folder / "authority.pem"))
        issued = self._authority.issue_cert("*.example.com", "example.com")
        issued.private_key_and_cert_chain_pem.write_to_path(str(self._folder / "server.pem"))
        look_up = socket.getaddrinfo

        def found(host: Any, port: Any, *more: Any, **options: Any) -> Any:
            if not str(host).endswith("example.com"):
                return look_up(host, port, *more, **options)
            return look_up("127.0.0.1", self.server("implicit" if port == 995 else "stls").port, *more, **options)

        self._open.enter_context(mock.patch.dict(os.environ, {"SSL_CERT_FILE": str(self._folder / "authority.pem")}))
        self._open.enter_context(mock.patch.object(socket, "getaddrinfo", found))
        default_context.cache_clear()  # it is made once a process, with the authorities of that time
        self._open.callback(default_context.cache_clear)
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    @contextlib.contextmanager
    def of(self, page: Page) -> Iterator[None]:
        """Mailboxes for a page: its own if it needs that, which end with the block."""
        if not page.deletes and page.user == self._user:
            yield
            return
        servers, self._servers = self._servers, {}
        user, self._user = self._user, page.user
        try:
            yield
        finally:
            for server in self._servers.values():
                server.stop()
            self._servers, self._user = servers, user

    def server(self, tls: Any) -> EmbeddedServer:
        if tls not in self._servers:
            certificate = self._folder / "server.pem"
            server = EmbeddedServer(sample_messages(), user=self._user, password=PASSWORD, tls=tls, certificate=certificate)
            self._servers[tls] = self._open.enter_context(server)
        return self._servers[tls]


class Run:
    """One page, block by block. Use as a context manager: the folder is the working directory, and that for temporary files."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.folder = folder
        self.names: dict[str, Any] = {"__name__": "__main__"}
        self.printed: str | None = None
        self.failed: BaseException | None = None
        self.unused: set[str] = set()
        self.tests: list[Path] = []
        self._open = contextlib.ExitStack()
        for name, content in page.files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)

    def __enter__(self) -> Run:
        before = Path.cwd()
        self._open.callback(os.chdir, before)
        os.chdir(self.folder)
        self._open.enter_context(mock.patch.object(tempfile, "tempdir", str(self.folder)))
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def finish(self) -> None:
        """What can only be said behind the last block. Call it in the block of `with`."""
        if self.failed is not None:
            raise self.failed
        assert not self.unused, f"nothing uses the files {sorted(self.unused)}"
        if self.tests:
            plugin = importlib.util.find_spec("cfml_pop.testing.plugin")
            named = ["-p", "cfml_pop.testing.plugin"] if plugin else []  # by name: where we are not installed it is not found
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *named, *map(str, self.tests)]
            path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
            done = subprocess.run(
                command,
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
                capture_output=True,
                text=True,
                timeout=100,
                check=False,
            )
            assert 0 == done.returncode, done.stdout

    def block(self, block: Block) -> None:
        """Run one block. Raises AssertionError where it is of no known language, or what it shows is not so."""
        language = "directive" if block.language.startswith("{") else block.language
        assert language in LANGUAGES, f"line {block.line}: nobody runs a block of language {block.language!r}"
        if self.failed is not None and not (language == "text" and block.text.startswith("Traceback")):
            raise self.failed
        self.unused = {name for name in self.unused if name not in block.text}
        if block.file is not None:
            path = self.folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")
            self.unused.add(block.file)
        LANGUAGES[language](self, block)

    def directive(self, block: Block) -> None:
        """Sphinx carries it out (tests/test_docs_site.py builds every page)."""

    def python(self, block: Block) -> None:
        """A file waits for the command that runs it, tests for pytest at the end of the page; other code runs at once."""
        self.printed = None
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code = compile("\n" * block.line + block.text, block.file or "<manual>", "exec", flags=flags, dont_inherit=True)
        if re.search(r"^(async )?def test_", block.text, re.MULTILINE):
            self.tests.append(self.folder / f"test_line_{block.line}.py")
            self.tests[-1].write_text(block.text, "utf-8")
        elif block.file is None:
            self.execute(code)

    def execute(self, code: CodeType) -> None:
        with contextlib.redirect_stdout(io.StringIO()) as out:
            done = eval(code, self.names)  # noqa: S307 - running the manual is the test
            if inspect.iscoroutine(done):
                asyncio.run(_finish(done))
        self.printed = out.getvalue()

    def template(self, block: Block) -> None:
        """A template is rendered; a file waits for what loads it."""
        self.names["page"] = block.text
        self.printed = None
        if block.file is None:
            self.printed = self.environment().from_string(block.text).render({**self.names, **self.page.context})

    def environment(self) -> Any:
        support = Connection(server="pop.example.com", username="support", password=PASSWORD)
        names = ("support", "sales", "mailbox")
        settings = Settings(connections=dict.fromkeys(names, support), attachment_root=self.folder)
        loader = ChoiceLoader([FileSystemLoader(self.folder), template_loader()])
        made = cfml_environment(settings=settings, **{"loader": loader, **self.page.options})
        made.tests["contains"] = lambda text, part: part.lower() in text.lower()
        return made

    def text(self, block: Block) -> None:
        """What the block before it prints; `...` stands for anything."""
        assert self.printed is not None, f"line {block.line}: nothing before it prints"
        self.failed = None
        same = doctest.OutputChecker().check_output(_filled(block.text), _filled(self.printed), OUTPUT)
        assert same, f"line {block.line}: {block.text}\nis shown, but printed is\n{self.printed}"

    def console(self, block: Block) -> None:
        """Commands stand behind `$ `."""
        lines = [line.removeprefix("$ ") for line in block.text.splitlines() if line.startswith("$ ")]
        assert lines, f"line {block.line}: no command stands behind a $"
        self.shell(dataclasses.replace(block, text="\n".join(lines)))

    def unnamed(self, block: Block) -> None:
        """An indented block is a template where it has a tag, else shell lines."""
        return self.template(block) if "<%" in block.text else self.shell(block)

    def shell(self, block: Block) -> None:
        """Scripts that the page made are run; of other commands what they name must be there."""
        for line in block.text.replace("\\\n", " ").splitlines():
            words = shlex.shlex(line, posix=True, punctuation_chars="|<>")
            words.whitespace_split = True
            before = "|"
            for sign, part in itertools.groupby(words, lambda word: word if word in ("|", "<", ">") else ""):
                if not sign and before == "|":  # behind < and > stand files
                    self.command(block, list(part))
                before = sign or before

    def command(self, block: Block, words: list[str]) -> None:
        """One command with its arguments, and environment variables before it."""
        given = {}
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            name, _, given[name] = words.pop(0).partition("=")
        if words:
            command = Path(words[0]).name or words[0]
            assert command in COMMANDS, f"line {block.line}: nobody knows what {command} is"
            with mock.patch.dict(os.environ, given):
                COMMANDS[command](self, words[1:])

    def make(self, words: list[str]) -> None:
        makefile = (ROOT / "Makefile").read_text("utf-8")
        for word in words:
            name, given, _ = word.partition("=")  # a target, or a variable
            assert re.search(rf"\$\((if \$\()?{name}\)" if given else rf"^{name}:", makefile, re.MULTILINE), word

    def pip(self, words: list[str]) -> None:
        extras = tomli.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
        for extra in re.findall(r"\[(.*?)\]", " ".join(words)):
            assert set(extra.split(",")) <= set(extras), extra

    def program(self, words: list[str]) -> None:
        """`python ...`: a script of the page is run, others and modules must be there."""
        if words[0] == "-m":
            if words[1] == "pip":
                return self.pip(words[2:])
            assert importlib.util.find_spec(words[1]) is not None, words
            for word in words[2:]:
                assert not word.startswith("tests/") or (ROOT / word).exists(), word
        elif (self.folder / words[0]).exists():
            with mock.patch.object(sys, "argv", words), contextlib.redirect_stdout(io.StringIO()) as out:
                try:
                    runpy.run_path(words[0], run_name="__main__")
                except Exception as error:  # noqa: BLE001 - the page may show it, as the reader sees it; else it is raised
                    self.failed = error
                    out.write("".join(traceback.format_exception(error)))
            self.printed = out.getvalue()
        else:
            assert (ROOT / words[0]).exists(), words
        return None

    def cfml_pop(self, words: list[str]) -> None:
        """Our own command: it is there, and takes these arguments (tests of `cli` run it)."""
        command = LazyGroup().get_command(click.Context(group), words[0])
        assert command is not None, words[0]
        command.make_context(words[0], words[1:])

    def toml(self, block: Block) -> None:
        tomli.loads(block.text)

    def json(self, block: Block) -> None:
        json.loads(block.text)

    def system(self, words: list[str]) -> None:
        """A command of the reader's machine."""


LANGUAGES: dict[str, Callable[[Run, Block], None]] = {
    "python": Run.python,
    "jinja": Run.template,
    "html": Run.template,
    "text": Run.text,
    "": Run.unnamed,
    "sh": Run.shell,
    "console": Run.console,
    "directive": Run.directive,
    "toml": Run.toml,
    "json": Run.json,
}

COMMANDS: dict[str, Callable[[Run, list[str]], None]] = {
    "cfml-pop": Run.cfml_pop,
    "make": Run.make,
    "pip": Run.pip,
    "python": Run.program,
    "python3": Run.program,
    **dict.fromkeys((".", "apt-get", "cd", "export", "git", "mkdir", "pass", "pyright"), Run.system),
}


def _filled(text: str) -> str:
    """The lines that have anything in them: templates leave empty ones."""
    return "".join(f"{line.strip()}\n" for line in text.splitlines() if line.strip())


async def _finish(work: Any) -> None:
    await work
