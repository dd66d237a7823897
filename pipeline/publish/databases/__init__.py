"""The databases that tables are loaded into: SQLite, DuckDB and PostgreSQL."""
