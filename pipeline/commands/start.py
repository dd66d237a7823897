"""Where the command ``mingtang`` begins."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command. Asked for its version alone it answers before the program is loaded."""
    if sys.argv[1:] == ["--version"]:
        from importlib.metadata import version

        print(f"mingtang {version('mingtang')}")
        return
    # pyarrow takes numpy where there is one: no command asks for it, and it takes as long to load
    # as all other libraries together.
    sys.modules.setdefault("numpy", None)  # type: ignore[arg-type]
    from pipeline.commands.cli import app

    app()
