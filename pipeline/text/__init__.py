"""A normalized text with its offsets and its log."""
