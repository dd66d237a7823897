"""Tables out: rows, schema, files, databases, search."""
