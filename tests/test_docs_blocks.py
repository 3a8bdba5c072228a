"""Every block of code in the README and the manual does what the page says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cfml_pop.testing import sample_messages
from tests.docs_support import ROOT, Mailboxes, Page, Run, blocks, pages

TAGS = {"tags": True, "trim_blocks": True, "lstrip_blocks": True}
LOGIN = {"server": "pop.example.com", "username": "support", "password": "...", "secure": True}

LETTER = {"letter.eml": sample_messages()[0]}

# What the templates of a page get, where that is more than the connection "support".
PAGES = {
    "README.md": Page(files={**LETTER, "templates/inbox.html": b""}),
    "docs/columns.md": Page(files=LETTER),
    "docs/command-line-cfpop.md": Page(user="kim", files={"mail.toml": b""}),
    "docs/pop3.md": Page(deletes=True),
    "docs/porting.md": Page(options=TAGS, context={"pop": LOGIN, "url": {}}),
    "examples/webmail/README.md": Page(context={"window": {"startrow": 1, "maxrows": 25}}),
    "docs/tags.md": Page(options=TAGS, context={"secret": "...", "url": {}}),
}

HOSTS = "tests/test_hosts.py runs it, with the test client of the framework"
SHELL = "tests/test_docs_command_line_all.py runs it, and compares what it prints"
PYBABEL = "tests/test_translation.py gives it to pybabel"

# Blocks that are not run here: page, first line, and how they are checked instead.
NOT_RUN = {
    ("docs/command-line.md", "$ cfml-pop chek page.html"): SHELL,
    ("docs/command-line.md", "$ cfml-pop render page.html --set title=Inbox -o out.html"): SHELL,
    ("docs/command-line.md", "$ cfml-pop check wrong.html"): SHELL,
    ("docs/command-line.md", "<h1>Inbox</h1>"): "wrong on purpose: tests/test_docs_command_line_all.py lints it",
    ("docs/command-line.md", "repos:"): "tests/test_docs_command_line_all.py compares it with .pre-commit-hooks.yaml",
    ("docs/translation.md", '<% cfpop connection="support" action="getHeaderOnly" name="mail" catch="fault" %>'): PYBABEL,
    ("docs/translation.md", "[jinja2: templates/**.html]"): PYBABEL,
    ("docs/translation.md", "pip install babel"): PYBABEL,
    ("docs/hosts.md", "from cfml_pop import Settings, cfpop"): "tests/test_hosts.py runs it, beside the file that it reads",
    ("docs/hosts.md", "from flask import Flask, render_template_string"): HOSTS,
    ("docs/hosts.md", "import asyncio"): HOSTS,
    ("docs/hosts.md", "# shop/settings.py"): HOSTS,
    ("docs/hosts.md", "# shop/jinja2_environment.py"): HOSTS,
    ("docs/hosts.md", "# shop/views.py"): HOSTS,
    ("docs/hosts.md", "{# shop/jinja2/inbox.html #}"): HOSTS,
}


@pytest.fixture(scope="module")
def mailboxes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailboxes]:
    """What example.com is for pages that only read."""
    with Mailboxes(tmp_path_factory.mktemp("mailboxes")) as made:
        yield made


@pytest.mark.parametrize("page", pages())
def test_page(page: str, tmp_path: Path, mailboxes: Mailboxes) -> None:
    """The blocks of the page run in their order, and print what is shown behind them."""
    found = [one for one in blocks((ROOT / page).read_text("utf-8")) if (page, one.first) not in NOT_RUN]
    ran = []
    about = PAGES.get(page, Page())
    with mailboxes.of(about), Run(about, tmp_path) as run:
        for block in found:
            run.block(block)
            ran.append(block.line)
        run.finish()

    assert [block.line for block in found] == ran


def test_exceptions_exist() -> None:
    """A block that is not run still stands in its page."""
    there = {(page, block.first) for page in pages() for block in blocks((ROOT / page).read_text("utf-8"))}

    assert [] == [one for one in NOT_RUN if one not in there and (ROOT / one[0]).exists()]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("```ruby\nputs 1\n```", "nobody runs a block of language 'ruby'"),
        ("    make nonsense", "nonsense"),
        ("```python\nprint(1)\n```\n\n```text\n2\n```", "printed is\n1"),
        ("```text\n2\n```", "nothing before it prints"),
        ("- in a list\n\n  ```python\n  assert False, 'ran'\n  ```", "ran"),
        ("```sh\nmake nonsense\n```", "nonsense"),
        ("```sh\nmake demo NONSENSE=1\n```", "NONSENSE"),
        ("```sh\npip install 'cfml-pop[nonsense]'\n```", "nonsense"),
        ("```sh\npython examples/nonsense.py\n```", "nonsense"),
        ("```sh\nnonsense\n```", "nobody knows what nonsense is"),
        ("`a.py`:\n\n```python\nprint(1)\n```\n\n```sh\npython a.py\n```\n\n```text\n2\n```", "printed is\n1"),
        (
            '```jinja\n<% cfpop connection="support" name="mail" %>{{ mail.recordcount }}\n```\n\n```text\n15\n```',
            "printed is\n16",
        ),
        ("`a.html`:\n\n```jinja\nx\n```", "nothing uses the files"),
        ("```python\ndef test_it():\n    assert 1 == 2\n```", "1 failed"),
        ("```console\nmake demo\n```", "no command"),
        ("```console\n$ make demo | make nonsense\n```", "nonsense"),
        ("```python\nimport asyncio\nawait asyncio.sleep(0)\nassert False, 'awaited'\n```", "awaited"),
    ],
)
@pytest.mark.usefixtures("mailboxes")
def test_a_fault_is_seen(page: str, said: str, tmp_path: Path) -> None:
    """What a page says wrongly, or what nobody runs, fails."""
    with pytest.raises(AssertionError, match=said), Run(Page(), tmp_path) as run:
        for block in blocks(page):
            run.block(block)
        run.finish()
