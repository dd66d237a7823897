"""Many books: each read by a process that may be ended, and kept until all are put together."""
