"""How Sphinx builds the pages of this folder: `make docs`.

Rule: nothing is fetched while building, and no page that is built loads anything from the net.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cfml_pop.testing  # noqa: E402 - the line above says where

project = "cfml_pop"
author = "the cfml_pop contributors"
version = release = cfml_pop.__version__
html_title = f"cfml_pop {version}"

extensions = ["myst_parser", "sphinx.ext.autodoc", "docs.extension"]
exclude_patterns = ["*.py"]

# -- Markdown ------------------------------------------------------------------------------------------------------------------
# Headings get the anchors that repository hosts give them, so a link to one works in both places.
myst_heading_anchors = 4

# -- docstrings ----------------------------------------------------------------------------------------------------------------
default_role = "code"  # our docstrings write `name` for code
autodoc_member_order = "bysource"
for public in cfml_pop.testing.__all__:  # automodule sees what is imported, and ours import a name when it is used
    getattr(cfml_pop.testing, public)
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
nitpicky = True
# Types in signatures: Python's own, which a build without the net cannot look up, and of ours what a user never makes or calls.
INNER = {
    "cfml.query": ("Cells", "Style"),
    "markup.clean": ("A",),
    "markup.pictures": ("Saved",),
    "message.bodies": ("AttachedPart",),
    "message.headers": ("Headers",),
    "message.octets": ("Octets",),
    "message.parts": ("Part",),
    "session.work": ("PartHandler",),
}
nitpick_ignore = [("py:class", f"cfml_pop.{module}.{name}") for module, names in INNER.items() for name in names]
nitpick_ignore_regex = [("py:.*", r"(?!cfml_pop\.).*")]

# -- pages ---------------------------------------------------------------------------------------------------------------------
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
html_show_search_summary = False  # it fetches pages, which browsers do not allow for files
html_theme_options = {"navigation_with_keys": True, "top_of_page_buttons": []}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
