"""The table of dialects."""

from __future__ import annotations

import pytest

from cfml_pop.cfml.dialect import DIALECTS, find_dialect
from cfml_pop.errors import AttributeFault


def test_every_dialect_is_found_in_any_case() -> None:
    """A dialect is found by its own name, whatever its case."""
    for name, dialect in DIALECTS.items():
        assert dialect is find_dialect(name.upper())
        assert name == dialect.name


def test_unknown_dialect_names_the_known() -> None:
    """An unknown dialect is an attribute fault that lists what there is."""
    with pytest.raises(AttributeFault, match="there is no dialect 'cobol'; there is default"):
        find_dialect("cobol")
