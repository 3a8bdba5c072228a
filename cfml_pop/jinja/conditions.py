"""cfif, cfelseif, cfelse; cfswitch, cfcase, cfdefaultcase.

Rule: each becomes an `if` of Jinja's, which is no scope. What is no condition at all ("abc") is an error, never false.
"""

from __future__ import annotations

from jinja2 import nodes

from cfml_pop.cfml import simple
from cfml_pop.jinja import variables
from cfml_pop.jinja.expressions import Reader
from cfml_pop.jinja.tag_attributes import Given, read_attributes

__all__ = ["case_matches", "parse_if", "parse_switch"]

BRANCHES = ("name:cfelseif", "name:cfelse", "name:endcfif")
CASES = ("name:cfcase", "name:cfdefaultcase", "name:endcfswitch")


def parse_if(reader: Reader, lineno: int) -> nodes.Node:
    """`cfif` with its branches, up to endcfif."""
    parser = reader.parser
    found = nodes.If(reader.condition("cfif"), parser.parse_statements(BRANCHES), [], [], lineno=lineno)
    while True:
        token = next(parser.stream)
        if token.value == "endcfif":
            return found
        text = parser.stream.expect("string")
        branch = Reader(reader.extension, parser, token.value, text.value, text.lineno)
        if token.value == "cfelseif":
            test = branch.condition("cfelseif")
            found.elif_.append(nodes.If(test, parser.parse_statements(BRANCHES), [], [], lineno=token.lineno))
            continue
        if branch.current.kind != "end":
            branch.fail("takes no condition; write cfelseif")
        found.else_ = parser.parse_statements(("name:endcfif",), drop_needle=True)
        return found


def parse_switch(reader: Reader, lineno: int) -> list[nodes.Node]:
    """`cfswitch`: the first case that matches, any case of letters; else the default case."""
    parser = reader.parser
    wanted = read_attributes(reader, "cfswitch")["expression"].value
    value = parser.free_identifier(lineno)
    between = parser.parse_statements(CASES)
    branches: list[tuple[int, Given, Given | None, list[nodes.Node]]] = []
    default: list[nodes.Node] | None = None
    while True:
        if any(
            not isinstance(node, nodes.TemplateData) or node.data.strip() for one in between for node in one.iter_child_nodes()
        ):
            parser.fail("in cfswitch all stands in a cfcase or cfdefaultcase", lineno)
        token = next(parser.stream)
        if token.value == "endcfswitch":
            break
        text = parser.stream.expect("string")
        given = read_attributes(Reader(reader.extension, parser, token.value, text.value, text.lineno), token.value)
        body = parser.parse_statements((f"name:end{token.value}",), drop_needle=True)
        between = parser.parse_statements(CASES)
        if token.value == "cfcase":
            branches.append((token.lineno, given["value"], given.get("delimiters"), body))
        elif default is None:
            default = body
        else:
            parser.fail("cfswitch has one cfdefaultcase only", token.lineno)
    made: list[nodes.Node] = [nodes.Assign(value, wanted, lineno=lineno)]
    rest = default or []
    for line, accepted, delimiters, body in reversed(branches):
        between_items = delimiters.value if delimiters else nodes.Const(",")
        test = reader.call("_case", value, accepted.value, between_items, lineno=line)
        rest = [nodes.If(test, body, [], rest, lineno=line)]
    return [*made, *rest]


def case_matches(value: object, accepted: object, delimiters: object) -> bool:
    """Whether the value is one of the items of the list. As text, without case; numbers by their value."""
    wanted = variables.read(simple.text, value, "cfswitch: expression", "cfswitch").lower()
    listed = variables.read(simple.text, accepted, "cfcase: value", "cfcase").lower()
    apart = variables.read(simple.text, delimiters, "cfcase: delimiters", "cfcase")
    for character in apart[1:]:
        listed = listed.replace(character, apart[0])
    items = listed.split(apart[0]) if apart else [listed]
    number = simple.numeric(wanted)
    return any(item == wanted or (number is not None and simple.numeric(item) == number) for item in items)
