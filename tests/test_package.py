"""The wheel holds what an installed package needs, and works where no clone is near."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest
import tomli
from packaging.requirements import Requirement

import cfml_pop
import cfml_pop.testing
from cfml_pop.jinja.environment import template_loader
from cfml_pop.testing import EmbeddedServer, sample_messages
from tests.typing_support import pyright

ROOT = Path(__file__).parent.parent
TEMPLATES = ["dump.html", "headers.txt", "inbox.html", "mailbox.html", "message.html", "page.css"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the clone without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = ["-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation"]
    subprocess.run([sys.executable, *command, "--wheel-dir", str(folder), str(ROOT)], check=True, timeout=120)
    return next(folder.glob("cfml_pop-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a fresh environment that has the wheel; its dependencies it borrows from the environment of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    if not python.exists():
        python = folder / "Scripts" / "python.exe"
    command = [
        "-m",
        "pip",
        "--quiet",
        "--disable-pip-version-check",
        "--python",
        str(python),
        "install",
        "--no-deps",
        "--no-index",
    ]
    subprocess.run([sys.executable, *command, str(wheel)], check=True, timeout=120)
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], check=True, capture_output=True, text=True
    )
    # A path line adds the folder alone; the .pth files in it, such as that of an editable install, are not read.
    Path(site.stdout.strip(), "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return python


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, built from the clone without the network."""
    folder = tmp_path_factory.mktemp("sdist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder], cwd=ROOT, check=True, timeout=120)
    return next(folder.glob("cfml_pop-*.tar.gz"))


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """The table `project` of pyproject.toml."""
    table: dict[str, Any] = tomli.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return table


def run(python: Path, code: str, folder: Path) -> str:
    """What `code` prints under `python`, with `folder` as the working directory and nothing of the clone on the path."""
    done = subprocess.run([python, "-I", "-c", code], cwd=folder, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout


def test_wheel_content(wheel: Path) -> None:
    """The wheel has the type marker, the templates and the sample mailbox, and nothing that is not of the package."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        mail = [archive.read(name) for name in sorted(names) if name.endswith(".eml")]

    assert "cfml_pop/py.typed" in names
    assert TEMPLATES == sorted(name.removeprefix("cfml_pop/templates/") for name in names if "/templates/" in name)
    assert sample_messages() == mail
    assert {"cfml_pop", wheel.name.split("-py3")[0] + ".dist-info"} == {name.split("/")[0] for name in names}


def test_wheel_has_every_module(wheel: Path) -> None:
    """No module of the clone is missing in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.endswith(".py")}

    assert {path.relative_to(ROOT).as_posix() for path in (ROOT / "cfml_pop").rglob("*.py")} == packed


def test_templates_in_a_clone() -> None:
    """In a clone template_loader() finds the templates beside the package."""
    assert TEMPLATES == template_loader().list_templates()


def test_templates_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    """From the installed wheel it finds those that were packed."""
    code = (
        "import cfml_pop, pathlib, sys\n"
        "home = pathlib.Path(cfml_pop.__file__).resolve()\n"
        "print(home.is_relative_to(pathlib.Path(sys.prefix).resolve()))\n"
        "print(*cfml_pop.template_loader().list_templates())\n"
    )

    assert f"True\n{' '.join(TEMPLATES)}\n" == run(installed, code, tmp_path)


def test_installed_demo(installed: Path, tmp_path: Path) -> None:
    """The demo runs from the installed wheel."""
    code = "import sys; from cfml_pop.cli import main; sys.stdout.reconfigure(encoding='utf-8'); sys.exit(main(['demo']))"
    printed = run(installed, code, tmp_path)

    assert "Ingrid Solberg" in printed
    assert (tmp_path / "demo-output" / "inbox.html").is_file()


def test_core_needs_little(installed: Path, tmp_path: Path) -> None:
    """`import cfml_pop` and the Python function load neither Jinja nor asyncio nor the testing extra."""
    code = "import sys; from cfml_pop import cfpop; print(sorted({'asyncio', 'jinja2', 'twisted'} & set(sys.modules)))"

    assert "[]\n" == run(installed, code, tmp_path)


def test_wheel_from_the_sdist(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    """The wheel that is built from the source distribution has the same files, octet for octet, as the one from the clone."""
    command = ["-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation"]
    subprocess.run([sys.executable, *command, "--wheel-dir", str(tmp_path), str(sdist)], check=True, timeout=120)
    with zipfile.ZipFile(wheel) as ours, zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as theirs:
        assert sorted(ours.namelist()) == sorted(theirs.namelist())
        assert [] == [name for name in ours.namelist() if ours.read(name) != theirs.read(name)]


def test_sdist_content(sdist: Path) -> None:
    """The source distribution has what its own tests, examples and manual need, and nothing that was made on the way."""
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    for needed in (
        "tests/conftest.py",
        "examples/list_inbox.py",
        "docs/testing.md",
        "templates/inbox.html",
        "Makefile",
        "README.md",
    ):
        assert needed in names
    assert [] == [name for name in names if "__pycache__" in name or name.startswith((".venv", ".git/", ".mypy_cache"))]


def test_first_example_of_the_readme(installed: Path, tmp_path: Path) -> None:
    """The page and the program that README shows first work as they stand, from the wheel, but for the mailbox's address."""
    text = (ROOT / "README.md").read_text("utf-8").partition("## In a template")[2]
    page = re.search(r"```jinja\n(.*?)```", text, re.DOTALL)
    program = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert page
    assert program
    with EmbeddedServer(sample_messages()) as server:
        address = f'"{server.host}", port={server.port}, secure=False'
        code = program[1].replace('"pop.example.com"', address).replace('"..."', repr(server.password))
        assert address in code
        printed = run(installed, f"import sys; sys.stdout.reconfigure(encoding='utf-8'); page = {page[1]!r}\n{code}", tmp_path)

    assert "<h1>3 messages</h1>" in printed
    assert "Is the blue touring bike still there?" in printed


def test_every_extra_is_in_the_manual(project: dict[str, Any]) -> None:
    """docs/install.md names each extra that is for users, and no other."""
    table = (ROOT / "docs" / "install.md").read_text("utf-8").partition("## Extras")[2].partition("\n## ")[0]
    extras = set(project["optional-dependencies"]) - {"bench", "dev", "docs"}

    assert extras == set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))


def test_every_extra_is_tested(project: dict[str, Any]) -> None:
    """`dev` brings all other extras, and what each asks for is what the tests run with."""
    extras: dict[str, list[str]] = project["optional-dependencies"]
    ours = {name for line in extras["dev"] for name in Requirement(line).extras if Requirement(line).name == "cfml-pop"}
    wrong = []
    for line in [*project["dependencies"], *(line for lines in extras.values() for line in lines)]:
        wanted = Requirement(line)
        if wanted.name == "cfml-pop" or (wanted.marker and not wanted.marker.evaluate()):
            continue
        try:
            if importlib.metadata.version(wanted.name) not in wanted.specifier:
                wrong.append(line)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(line)

    assert set(extras) - {"dev"} == ours
    assert [] == wrong


def test_entry_point(installed: Path, tmp_path: Path) -> None:
    """pytest finds the fixtures of the installed wheel by itself."""
    code = "import os, sys, pytest; sys.exit(pytest.main(['--fixtures', '-q', '-p', 'no:cacheprovider', '-c', os.devnull]))"
    done = subprocess.run(
        [installed, "-I", "-c", code], cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=60, check=False
    )

    assert "pop_server -- " in done.stdout
    assert "make_pop_server -- " in done.stdout


@pytest.mark.may_skip("pyright needs Node.js, or a way to fetch it")
def test_public_symbols_have_types(installed: Path, tmp_path: Path) -> None:
    """Every public name of the installed package is typed to its last part, and nothing in it has an unknown type."""
    _, report = pyright("--ignoreexternal", "--verifytypes", "cfml_pop", python=str(installed), folder=tmp_path)
    completeness = report["typeCompleteness"]
    known = {symbol["name"]: symbol["isTypeKnown"] for symbol in completeness["symbols"]}
    public = [f"{module.__name__}.{name}" for module in (cfml_pop, cfml_pop.testing) for name in module.__all__]

    assert [] == [name for name in public if not known.get(name)]
    assert 0 == completeness["exportedSymbolCounts"]["withUnknownType"]
    assert completeness["completenessScore"] > 0.98  # with all modules, of which users see few
