"""Makes the catalogues of the languages, when the program is built or put into an environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def catalogues(root: Path) -> None:
    """Compile each catalogue of the package that was changed since."""
    for source in root.glob("pipeline/locale/*/LC_MESSAGES/*.po"):
        made = source.with_suffix(".mo")
        if made.exists() and made.stat().st_mtime >= source.stat().st_mtime:
            continue
        beside = made.with_suffix(f".{os.getpid()}")
        with source.open("rb") as words, beside.open("wb") as file:
            write_mo(file, read_po(words, abort_invalid=True))
        beside.replace(made)


class CustomBuildHook(BuildHookInterface[Any]):
    """What hatchling calls before it builds, and before an installation that can be edited."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See the module."""
        catalogues(Path(self.root))
