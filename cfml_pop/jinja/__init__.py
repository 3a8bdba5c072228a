"""The cfpop tag in Jinja2, and CFML's tags and functions around it.

Rule: this is the only room that imports jinja2 and markupsafe. It holds no state of a call: extension, environment and globals
are shared by threads and tasks.
"""

__all__: list[str] = []
