"""What CFML means: how values are read, which attributes there are, and what a query is.

Rule: nothing here knows of templates, sockets or MIME.
"""

__all__: list[str] = []
