"""What comes in, and as what text: bytes, layouts, recognition, normalization."""
