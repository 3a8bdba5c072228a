"""Real servers for the tests, each started and stopped by the tests themselves."""
