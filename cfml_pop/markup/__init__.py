"""HTML of mails, made fit to be shown.

Rule: nothing here knows POP, CFML or Jinja, and nothing is fetched. What a sanitizer could not do in linear time is measured
first (`gate`) and shown as text instead. Libraries are imported when they are used; without them there is an error, never raw
HTML.
"""

__all__: list[str] = []
