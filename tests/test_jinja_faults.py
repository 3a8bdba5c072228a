"""Places in templates, written into errors."""

from __future__ import annotations

from jinja2 import DictLoader, Environment, pass_context
from jinja2.runtime import Context

from cfml_pop.errors import AttributeFault, NetworkError
from cfml_pop.jinja.faults import calling_place, explain, locate


def test_one_fault() -> None:
    """One fault is told in one line, on its attribute's line."""
    assert ("cfpop: port is bad", 3) == explain([("port", "port is bad")], {"port": 3, "server": 2}, 1)


def test_fault_without_a_line_of_its_own() -> None:
    """What is missing is on the tag's line, and what came out of a collection on the collection's."""
    assert ("cfpop: port is bad", 1) == explain([("port", "port is bad")], {"server": 2}, 1)
    assert ("cfpop: port is bad", 7) == explain([("port", "port is bad")], {"attributecollection": 7}, 1)
    assert ("cfpop: port is bad", None) == explain([("port", "port is bad")], {}, None)


def test_several_faults() -> None:
    """Several faults are listed in the order of their lines."""
    text, line = explain([("b", "b is bad"), ("a", "a is bad"), ("c", "c is missing")], {"a": 2, "b": 5}, 1)
    assert ("cfpop has 3 faults:\n  line 1: c is missing\n  line 2: a is bad\n  line 5: b is bad", 1) == (text, line)
    assert ("cfpop has 2 faults:\n  a is bad\n  b is bad", None) == explain([("a", "a is bad"), ("b", "b is bad")], {}, None)


def test_locate() -> None:
    """An error gets its place once; a second place does not overwrite the first."""
    error = NetworkError("gone")
    locate(error, "page.html", 4, {})
    locate(error, "other.html", 9, {})
    assert ("page.html", 4, "gone\n  File 'page.html', line 4") == (error.template_name, error.lineno, str(error))


def test_locate_attribute_fault() -> None:
    """An attribute fault is placed on its attribute's line, and keeps its pairs."""
    fault = AttributeFault("port is bad", faults=[("port", "port is bad")])
    locate(fault, "page.html", 4, {"port": 6})
    assert ("cfpop: port is bad", 6, (("port", "port is bad"),)) == (fault.message, fault.lineno, fault.faults)
    plain = AttributeFault("nothing was deleted")
    locate(plain, None, 4, {})
    assert "nothing was deleted\n  File '<template>', line 4" == str(plain)


@pass_context
def where(context: Context) -> str:
    assert context.environment.loader is not None
    return "{!r},{!r} ".format(*calling_place())


def test_calling_place() -> None:
    """The calling template and line are found from a function, also in an include and in a macro of another file."""
    templates = {
        "a": "\n{{ where() }}\n{% include 'b' %}{% from 'c' import m %}{{ m() }}",
        "b": "{{ where() }}",
        "c": "{% macro m() %}\n\n{{ where() }}{% endmacro %}",
    }
    environment = Environment(loader=DictLoader(templates), autoescape=False)  # noqa: S701 - the quotes are looked at
    environment.globals["where"] = where
    assert ["'a',2", "'b',1", "'c',3"] == environment.get_template("a").render().split()


def test_calling_place_outside() -> None:
    """Outside a template there is no place."""
    assert (None, None) == calling_place()
