"""What is known of the field: tables, numerals, scripts, names; no text comes here."""
