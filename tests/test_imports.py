"""What an import loads, by name: `make bench` and its kin measure times, and no test asserts one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.imports import STATEMENTS, measured
from cfml_pop.cfml.functions import FAMILIES

ROOT = Path(__file__).parent.parent
FILES = {f"cfml_pop.cfml.functions.{file}" for file in FAMILIES}

# Statement -> what it must not load: what takes long and is not needed yet.
NOT_NEEDED: dict[str, set[str]] = {
    "import cfml_pop": {"jinja2", "dataclasses", "datetime", "inspect", "ssl", "cfml_pop.settings", "cfml_pop.errors"},
    "from cfml_pop import cfpop": {"jinja2", "asyncio", "email", "cfml_pop.session", "cfml_pop.markup"},
    "import cfml_pop.jinja.extension": {
        *("asyncio", "decimal", "email", "socket", "ssl", "tomllib"),
        *(
            "cfml_pop.client",
            "cfml_pop.message",
            "cfml_pop.operation",
            "cfml_pop.pop3",
            "cfml_pop.markup",
            "cfml_pop.cfml.functions",
        ),
    },
    "from cfml_pop import cfml_environment; cfml_environment()": {"socket", "ssl", "cfml_pop.client", "cfml_pop.jinja.tags"},
    "from cfml_pop import cfml_environment; cfml_environment(functions=True)": {"ssl", "cfml_pop.client", *FILES},
    "from cfml_pop import cfml_environment; cfml_environment(tags=True)": {"ssl", "cfml_pop.client", *FILES},
}


def loaded(statement: str) -> set[str]:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); old = set(sys.modules); {statement}; print(*set(sys.modules) - old)"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, encoding="utf-8", timeout=60, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("statement", NOT_NEEDED)
def test_not_needed(statement: str) -> None:
    """An import loads nothing that a program may never need; `import cfml_pop` loads no other module of ours."""
    modules = loaded(statement)

    assert set() == NOT_NEEDED[statement] & modules
    assert "cfml_pop" in modules
    if statement == "import cfml_pop":
        assert {"cfml_pop"} == {name for name in modules if name.startswith("cfml_pop")}


def test_a_family_is_loaded_by_its_function() -> None:
    """A page that calls one function loads its family and what that one stands on, and nothing else."""
    page = (
        "from cfml_pop import cfml_environment; cfml_environment(functions=True).from_string('{{ LISTLEN(\"a,b\") }}').render()"
    )

    assert {"cfml_pop.cfml.functions.lists"} == FILES & loaded(page)


def test_the_benchmark() -> None:
    """The benchmark measures statements whose modules are held here, and counts what they load."""
    seconds, modules = measured("import cfml_pop")

    assert {*NOT_NEEDED, "import jinja2"} == set(STATEMENTS)
    assert 0 <= seconds
    assert len(loaded("import cfml_pop")) == modules
