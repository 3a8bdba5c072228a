"""`python -m cfml_pop`.

Rule: nothing but the call.
"""

from __future__ import annotations

import sys

from cfml_pop.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
