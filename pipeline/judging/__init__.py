"""What is said about what was read: checks, coverage, citations, emendations."""
