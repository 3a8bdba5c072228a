"""The rules of the house: who may import whom, and what every module has."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "cfml_pop"
MODULES = sorted(PACKAGE.rglob("*.py"))

# A room is a folder or a file directly in the package. Every room may import its own files.
MAY_IMPORT: dict[str, set[str]] = {
    # It only names what is public.
    "__init__": {"cfml", "client", "errors", "jinja", "markup", "parsing", "pop3", "progress", "secret", "session", "settings"},
    "__main__": {"cli"},
    "dates": set(),
    "errors": set(),
    "progress": set(),
    "secret": set(),
    "url": {"errors", "secret"},
    "settings": {"configuration", "errors", "secret", "url"},  # configuration only when it is asked for
    "configuration": {"cfml", "errors", "secret", "settings", "url"},
    "cfml": {"dates", "errors", "secret", "url"},
    "message": {"dates", "errors", "secret"},
    "pop3": {"errors", "secret"},
    "session": {"pop3", "message", "errors", "secret", "url"},
    "columns": {"message", "cfml", "dates"},
    "row": {"columns", "message", "cfml", "errors"},
    "selection": {"cfml", "errors", "settings"},
    "operation": {"row", "selection", "cfml", "pop3", "progress", "settings", "errors", "secret"},
    "parsing": {"row", "cfml", "settings", "errors"},
    "client": {"operation", "row", "pop3", "progress", "settings", "cfml", "errors", "secret"},
    "markup": {"errors"},
    "jinja": {"client", "settings", "cfml", "markup", "errors", "secret", "url"},
    "testing": {"cfml", "client", "errors", "jinja", "secret", "settings"},
    "cli": {
        "__init__",
        "cfml",
        "client",
        "errors",
        "jinja",
        "markup",
        "message",
        "parsing",
        "progress",
        "row",
        "secret",
        "settings",
        "testing",
        "url",
    },
}

# Libraries and modules of the standard library that belong to certain places only.
ONLY_IN: dict[str, tuple[str, ...]] = {
    "jinja2": ("jinja",),
    "markupsafe": ("jinja",),
    "twisted": ("testing",),
    "OpenSSL": ("testing",),
    "trustme": ("testing",),
    "pytest": ("testing/plugin.py",),
    "nh3": ("markup",),
    "inscriptis": ("markup",),
    "lxml": ("markup",),
    "scramp": ("pop3/sasl",),
    "asn1crypto": ("pop3/sasl",),
    "regex": ("cfml/perl5.py",),
    "socket": ("pop3/transport", "testing"),
    "ssl": ("pop3/transport", "testing"),
    "asyncio": ("pop3/transport", "testing"),
    "select": ("pop3/transport", "testing"),
    "selectors": ("pop3/transport", "testing"),
    "http": ("cli", "testing"),
    "click": ("cli",),
    "rich": ("cli",),
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(dotted: str) -> str:
    """`cfml_pop.pop3.wire` is in the room `pop3`, `cfml_pop` itself is `__init__`."""
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name of all that a module imports, also inside functions; not what is for type checkers only."""
    for_types = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        for statement in block.body
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute"
            module = node.module or ""
            if module == "cfml_pop":  # `from cfml_pop import client` imports the module, not a name of the package
                yield from ((node.lineno, f"cfml_pop.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, module


def trespasses(path: Path, source: str) -> list[str]:
    """What the module at `path` imports and may not."""
    place = path.relative_to(PACKAGE)
    room = place.parts[0].removesuffix(".py")
    found = []
    for line, dotted in imports(ast.parse(source)):
        top = dotted.split(".")[0]
        if top == "cfml_pop":
            target = room_of(dotted)
            if target != room and target not in MAY_IMPORT[room]:
                found.append(f"{place}:{line} imports {dotted}")
            if room == "operation" and dotted.startswith("cfml_pop.pop3.transport"):
                found.append(f"{place}:{line} imports the transport")
        elif top in ONLY_IN and not place.as_posix().startswith(ONLY_IN[top]):
            found.append(f"{place}:{line} imports {dotted}")
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports(path: Path) -> None:
    """Every module imports only what its room may."""
    assert [] == trespasses(path, path.read_text("utf-8"))


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("message/parts.py", "import cfml_pop.cfml.values"),
        ("operation.py", "from cfml_pop.pop3.transport.blocking import BlockingDriver"),
        ("pop3/wire.py", "def late():\n    import socket"),
        ("cfml/query.py", "from markupsafe import Markup"),
        ("client.py", "import asyncio.events"),
        ("row.py", "from cfml_pop import client"),
        ("jinja/tag.py", "from cfml_pop.testing import EmbeddedServer"),
    ],
)
def test_trespass_is_seen(place: str, source: str) -> None:
    """The check above sees an import that is not allowed, wherever it stands."""
    assert 1 == len(trespasses(PACKAGE / place, source))


def test_every_room_has_a_rule() -> None:
    """A new room is entered in the table before it is used."""
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES}

    assert set() == rooms - set(MAY_IMPORT)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_shape(path: Path) -> None:
    """Every module has a docstring that states its rule, an `__all__` whose names exist, and fewer than 400 lines."""
    source = path.read_text("utf-8")
    tree = ast.parse(source)
    docstring = ast.get_docstring(tree) or ""
    assigned = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }

    assert "Rule:" in docstring
    assert "__all__" in assigned
    assert source.count("\n") < 400
    names = ast.literal_eval(assigned["__all__"])
    assert sorted(names) == sorted(set(names))


def test_public_names() -> None:
    """Every name that the package says is public can be imported from it, and an unknown one is an AttributeError."""
    import cfml_pop

    missing = [name for name in cfml_pop.__all__ if getattr(cfml_pop, name, None) is None]

    assert [] == missing
    assert set(cfml_pop.__all__) <= set(dir(cfml_pop))
    with pytest.raises(AttributeError, match="nonsense"):
        _ = cfml_pop.nonsense  # type: ignore[attr-defined]  # that is the test
