"""Fuzzing: a target that takes any octets for a server's answers, and a corpus of what it has found worth keeping."""
