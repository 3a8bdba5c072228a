"""The program beside its peers, in one run: `python -m benchmarks.message`.

Rule: figures are shown as ratios from one run and never asserted. A peer that is not there is said to be missing, and a reader
that does not find what is in the mail is marked.
"""

__all__: list[str] = []
