"""How fast the pipeline is, beside what one would use instead."""
