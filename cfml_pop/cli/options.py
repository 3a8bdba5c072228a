"""Options made of the table of attributes, and a help page in sections.

Rule: which attributes there are, what they mean and what they are without being given is said in `cfml/attributes.py` alone; a
new attribute is an option by itself. What the shell has another way for is in LEFT_OUT, with what to write instead.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NoReturn, TypeVar

import click

from cfml_pop.cfml.attributes import ATTRIBUTES, Attribute
from cfml_pop.errors import AttributeFault

__all__ = [
    "LEFT_OUT",
    "SectionCommand",
    "attribute_options",
    "given_attributes",
    "in_shell_words",
    "left_out",
    "section_option",
    "usage_error",
]

F = TypeVar("F", bound=Callable[..., object])

ATTRIBUTE_SECTION = "The tag's attributes"

LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {
        "variable": "binds a variable of a page; a command prints its rows",
        "mapping": "is a mapping of a page; write each attribute as an option",
        "password": "could be read by every user of this machine; write --password-env VAR, --password-file FILE or --netrc, or "
        "nothing to be asked for it",
        "debug": "has no effect in any program of today; leave it out",
    }
)
"""The kinds of attributes, and single attributes by name, that are no options, each with what to write instead."""

# What one value of a kind is called in the help.
_METAVARS = {
    "host": "HOST",
    "port": "PORT",
    "text": "TEXT",
    "path": "DIR",
    "seconds": "SECONDS",
    "numbers": "NUMBERS",
    "uids": "UIDS",
    "integer": "NUMBER",
    "boolean": "[yes|no]",
    "characters": "CHARACTERS",
}
_SEVERAL = frozenset({"numbers", "uids"})
"""Kinds that may be given more than once: then each value is one item, and is not taken apart."""

_WORDS = (
    (r"name the host in Settings\(cleartext_servers=\[(['\"])(.*?)\1\]\)", r"write --cleartext-server \2"),
    (r'secure="yes"', "--secure"),
    (r'action="(\w+)"', r"--action \1"),
    (r"\b(port)=(\d+)", r"--\1 \2"),
    (r"\b(uid|messagenumber)=(?=[;. ]|$)", r"--\1"),
    (r"Settings\(partial=True\)", "--partial"),
    (r"Settings\((\w+)=\.\.\.\)", r"\1 in the file of --config"),
)
"""What an error text of the tag says, and what that is on the command line."""


class SectionOption(click.Option):
    """An option that stands under a heading of the help page."""

    def __init__(self, *arguments: Any, section: str = "", **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.section = section


class SectionCommand(click.Command):
    """A command whose help page has its options under headings. Their names are taken in any case, as those of attributes."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        options["context_settings"] = {"token_normalize_func": str.lower, **(options.get("context_settings") or {})}
        super().__init__(*arguments, **options)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                sections.setdefault(getattr(parameter, "section", "") or "Other", []).append(record)
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)


def section_option(section: str) -> Callable[..., Callable[[F], F]]:
    """`click.option` for options under that heading."""

    def option(*arguments: Any, **options: Any) -> Callable[[F], F]:
        return click.option(*arguments, cls=SectionOption, section=section, **options)

    return option


def left_out(attribute: Attribute) -> str:
    """Why an attribute is no option, and what to write instead; "" for one that is."""
    return LEFT_OUT.get(attribute.name.lower()) or LEFT_OUT.get(attribute.kind) or ""


def attribute_options(command: F) -> F:
    """Add an option for each attribute: `--maxrows` sets `maxrows`. Those that are left out say in one line why."""
    for key, attribute in reversed(list(ATTRIBUTES.items())):
        names = [f"--{name.lower()}" for name in (key, *attribute.aliases)]
        command = click.option(*names, key, cls=SectionOption, section=ATTRIBUTE_SECTION, **_details(attribute))(command)
    return command


def _details(attribute: Attribute) -> dict[str, Any]:
    reason = left_out(attribute)
    if reason:
        return {"hidden": True, "expose_value": False, "is_flag": False, "flag_value": "", "callback": _refuser(reason)}
    default: object = attribute.default
    if isinstance(default, bool):
        default = "yes" if default else "no"
    meaning = attribute.meaning if default is None else f"{attribute.meaning}  [default: {default}]"
    if attribute.kind == "action":
        # No click.Choice: the table's own check says the words as they are written.
        return {"metavar": "|".join(attribute.words), "help": meaning, "shell_complete": _completer(attribute.words)}
    details: dict[str, Any] = {"metavar": _METAVARS.get(attribute.kind, "VALUE"), "help": meaning}
    if attribute.kind == "boolean":
        details |= {"is_flag": False, "flag_value": "yes"}  # alone it is true, as in the tag
    if attribute.kind in _SEVERAL:
        details |= {"multiple": True}
    return details


def _completer(words: Sequence[str]) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    def complete(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
        return [word for word in words if word.lower().startswith(begun.lower())]

    return complete


def _refuser(reason: str) -> Callable[[click.Context, click.Parameter, object], None]:
    def refuse(_context: click.Context, parameter: click.Parameter, value: object) -> None:
        if value is not None:
            raise click.UsageError(f"{parameter.opts[0]} {reason}")

    return refuse


def given_attributes(options: Mapping[str, Any], *, from_here: bool = True) -> dict[str, Any]:
    """The attributes of a call, of a command's options. `from_here`: a directory is meant from where the command runs."""
    given: dict[str, Any] = {}
    for key, attribute in ATTRIBUTES.items():
        value = options.get(key)
        if value is None or value == ():
            continue
        if isinstance(value, tuple):
            given[key] = value[0] if len(value) == 1 else list(value)
        elif attribute.kind == "path" and value.strip() and from_here:
            given[key] = os.path.abspath(value.strip())  # noqa: PTH100 - ".." goes, and no link is followed
        else:
            given[key] = value
    return given


def in_shell_words(text: str) -> str:
    """An error text of the tag, with options in place of attributes and settings."""
    for pattern, words in _WORDS:
        text = re.sub(pattern, words, text)
    return text


def usage_error(fault: AttributeFault) -> NoReturn:
    """Raise the faults of a call as a wrong command line."""
    texts = []
    for key, text in fault.faults or (("", fault.message),):
        attribute = ATTRIBUTES.get(key)
        named = attribute is not None and not left_out(attribute) and text.startswith(attribute.name)
        texts.append(f"--{key}{text[len(key) :]}" if named else text)
    raise click.UsageError(in_shell_words("; ".join(texts))) from None
