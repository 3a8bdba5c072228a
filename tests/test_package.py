"""The wheel holds what an installed package needs, and works where no clone is near."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from cfml_pop.jinja.environment import template_loader
from cfml_pop.testing import sample_messages

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
