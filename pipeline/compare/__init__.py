"""Editions side by side: collation, apparatus, pages, what each says of a point."""
