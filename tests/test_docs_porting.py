"""What docs/porting.md lists is what there is, and what it says of spellings is so. (Its blocks run in test_docs_blocks.py.)"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cfml_pop import FunctionFault, Settings, cfml_environment, cfpop
from cfml_pop.cfml.functions import FUNCTIONS
from cfml_pop.testing import EmbeddedServer

TEXT = (Path(__file__).parent.parent / "docs" / "porting.md").read_text("utf-8")


def section(title: str) -> str:
    return TEXT.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(title: str) -> list[list[str]]:
    """The cells of the table in a section, without its head; in code a bar is a bar again."""
    lines = [line for line in section(title).splitlines() if line.startswith("| ")][2:]
    return [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]*)`", cell)


@pytest.fixture(scope="module")
def mailbox(sample_server: EmbeddedServer) -> dict[str, Any]:
    server = sample_server
    return {"server": server.host, "port": server.port, "username": server.user, "password": server.password}


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Any]:
    made = cfml_environment(settings=Settings(attachment_root=tmp_path), tags=True, trim_blocks=True, lstrip_blocks=True)
    made.tests["contains"] = lambda text, part: part.lower() in text.lower()
    yield made
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.mark.parametrize(("sql", "here"), rows("Query of queries"), ids=str)
def test_query_of_queries(environment: Any, mailbox: dict[str, Any], sql: str, here: str) -> None:
    """What stands for a SELECT is an expression of Jinja's, and finds something in the sample mailbox."""
    mail = cfpop(**mailbox, action="getAll")
    scope = {"mail": mail, "other": mail, "found": mail, "x": mail.rows[2]["from"], "list": mail.rows[0]["uid"]}
    for expression in code(here):
        wrapped = f"[{expression[4:]}]" if expression.startswith("for ") else expression
        source = (
            "<% " + expression + " %>{{ row.subject }}<% endfor %>"
            if wrapped != expression
            else "{{ (" + expression + ")|list|length if (" + expression + ") is iterable else (" + expression + ") }}"
        )
        shown = environment.from_string(source).render(**scope)

        assert shown not in ("", "0"), (sql, expression)


def test_attributes_as_pages_write_them(environment: Any) -> None:
    """What the table of attributes calls the same is accepted as it stands."""
    environment.globals["expandPath"] = str
    written = [(spelled, here) for spelled, here in rows("Attributes of cfpop") if spelled.startswith("`") and '="' in spelled]
    compiled = []
    for spelled, here in written:
        for attributes in code(spelled):
            if '="' not in attributes or not here.startswith(("the same", "seconds")):
                continue
            names = set(re.findall(r'(\w+)="', attributes.lower()))
            login = (
                "" if "attributecollection" in names else 'username="kim" password="x" ' + 'server="h" ' * ("server" not in names)
            )
            environment.from_string(f"<% cfpop {login}{attributes} {'' if 'name' in names else 'name=mail'} %>")
            compiled.append(names)

    assert 15 == len(compiled)


DIFFERENCES = (
    ('{{ htmlEditFormat("<") }}', "&lt;"),
    ('{{ replace(htmlEditFormat("<\\n"), chr(10), "<br>", "all") }}', "&amp;lt;&lt;br&gt;"),
    ('{{ replace(htmlEditFormat("<\\n"), chr(10), "<br>", "all")|safe }}', "&lt;<br>"),
    ("<% cfoutput %>#x#<% /cfoutput %>", "#x#"),
    ('{{ isDate("2024-01-01") }}', "True"),
    ('{{ yesNoFormat(isDate("2024-01-01")) }}', "Yes"),
    ("{{ 10 / 5 }}", "2.0"),
    ("<% cfset x = 10 / 5 %>{{ x }}", "2"),
    ('<% cfset x = "a""\\n" %>{{ x|safe }}', 'a"\\n'),
    ('{{ "#x#\\n." }}', "#x#\n."),
    ("{{ nothing }}", ""),
    ("{{ given[1] }}", "b"),
    ("<% cfset x = given[1] %>{{ x }}", "a"),
    ('<% cfset x = listToArray("a,b") %>{{ x[1] }}', "a"),
    ('<% cfset x = variables["a" & 1] %>{{ x }}', "one"),
)


@pytest.mark.parametrize(("source", "printed"), DIFFERENCES)
def test_differences(environment: Any, source: str, printed: str) -> None:
    """What the manual calls the same spelling with another meaning, and how it is written instead."""
    assert printed == environment.from_string(source).render(given=["a", "b"], variables={"a1": "one"})


def test_undefined_in_a_tag(environment: Any) -> None:
    """In a tag what is not there is an error with its name."""
    with pytest.raises(FunctionFault, match="'nothing' is undefined"):
        environment.from_string("<% cfset x = nothing %>").render()


def test_functions_are_listed() -> None:
    """The list of functions is the table of functions."""
    listed = code(section("Functions that are there"))

    assert sorted([*FUNCTIONS, "isDefined", "parameterExists", "regex"]) == sorted(listed)


def test_the_host_gives_what_is_not_there() -> None:
    """Nothing that is listed as the host's is there, and each has its reason."""
    listed = [name for cell, reason in rows("What is the host's") for name in code(cell) if reason]
    there = {name.lower() for name in FUNCTIONS}

    assert [] == [name for name in listed if name.lower() in there]
    assert len(listed) == len(set(listed)) > 50
