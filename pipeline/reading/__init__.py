"""From a normalized text to entries: segments, clauses, values, references, names."""
