"""The attributes of cfpop as a JSON schema.

Rule: nothing is said here that the table of attributes and the kinds do not say.
"""

from __future__ import annotations

from cfml_pop.cfml.attributes import ATTRIBUTES
from cfml_pop.cfml.kinds import KINDS

__all__ = ["attribute_schema"]


def attribute_schema() -> dict[str, object]:
    """The attributes as a JSON schema (draft 2020-12), names as documented.

    It says which values are accepted one by one; of the rules between attributes it holds the required ones only.
    """
    properties = {
        attribute.name: {
            **(
                {"anyOf": [KINDS[attribute.kind].schema, {"enum": ["", None]}]}
                if attribute.blank
                else KINDS[attribute.kind].schema
            ),
            "description": attribute.meaning,
            **({"default": attribute.default} if attribute.default is not None else {}),
        }
        for attribute in ATTRIBUTES.values()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cfpop",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "anyOf": [
            {"required": ["connection"]},
            {"required": ["server", "username", "password"]},
            {"required": ["attributeCollection"]},
        ],
    }
