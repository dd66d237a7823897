"""The command ``mingtang``: what the pipeline does, from a terminal."""
