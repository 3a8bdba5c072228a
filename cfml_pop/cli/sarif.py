"""Findings as a SARIF 2.1.0 log, the form that code hosts and editors read.

Rule: only what was found is said: no column where none is known, no address of a rule that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePath
from urllib.parse import quote

import cfml_pop
from cfml_pop.jinja.lint import RULES, Finding

__all__ = ["sarif_log"]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
"""The name under which readers of SARIF know the folder that the paths start from."""


def sarif_log(found: Iterable[tuple[str, Finding]]) -> dict[str, object]:
    """The log of one run: pairs of file and finding."""
    rules = [
        {
            "id": name,
            "shortDescription": {"text": rule.help},
            "help": {"text": rule.help},
            "defaultConfiguration": {"level": rule.level},
        }
        for name, rule in RULES.items()
    ]
    driver = {"name": "cfml-pop check", "semanticVersion": cfml_pop.__version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(name, finding) for name, finding in found],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(name: str, finding: Finding) -> dict[str, object]:
    region = {"startLine": finding.line, **({"startColumn": finding.column} if finding.column else {})}
    return {
        "ruleId": finding.rule,
        "ruleIndex": list(RULES).index(finding.rule),
        "level": finding.level,
        "message": {"text": finding.text},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(name), "region": region}}],
    }


def _artifact(name: str) -> dict[str, str]:
    """A path below the folder that the command runs in is told from there, any other as a whole."""
    path = PurePath(name)
    if path.is_absolute():
        try:
            path = path.relative_to(Path.cwd())
        except ValueError:
            return {"uri": path.as_uri()}
    return {"uri": quote(path.as_posix()), "uriBaseId": ROOT}
