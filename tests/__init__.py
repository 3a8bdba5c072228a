"""The tests of cfml_pop: one file a module, and servers/ for the real servers they run against."""
