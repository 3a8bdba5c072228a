"""`cfml-pop`, and the same as `python -m cfml_pop`.

Rule: nothing but the call.
"""

from __future__ import annotations

import sys

from cfml_pop.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
