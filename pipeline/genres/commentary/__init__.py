"""Commentaries on a main text: notes, remarks of later editors in them."""
