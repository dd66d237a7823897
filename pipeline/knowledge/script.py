"""Simplified to traditional characters: OpenCC, with our own dictionary first.

A hypothesis for matching and for standard names, never for the text of record.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import opencc

from pipeline.knowledge.tables import TableError, home, words


def to_traditional(text: str) -> str:
    """Traditional characters for simplified ones, as many as came in.

    >>> to_traditional("太冲者，岐伯云后溪")
    '太衝者，岐伯云後谿'
    """
    return _converter()(text)


@lru_cache(maxsize=4096)
def to_simplified(text: str) -> str:
    """Simplified characters, to ask what a simplified edition could have printed."""
    simplified: str = _simplifier().convert(text)
    return simplified


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


DICTIONARY = "normalization/opencc/mingtang.txt"
"""Our words, before those of OpenCC."""


@lru_cache(maxsize=1)
def _converter() -> Callable[[str], str]:
    config = home() / "corpus/normalization/opencc/s2t_mingtang.json"
    library = Path(opencc.__file__).parent / "clib" / "share" / "opencc"
    own = words(DICTIONARY)
    with tempfile.TemporaryDirectory() as folder:
        ours = Path(folder) / Path(DICTIONARY).name
        lines = "".join(f"{before}\t{after}\n" for before, after in own.items())
        ours.write_text(lines, encoding="utf-8", newline="\n")

        # OpenCC looks for dictionaries only beside the config: name ours and its own absolutely.
        def absolute(node: Any) -> Any:
            if isinstance(node, dict):
                return {k: locate(v) if k == "file" else absolute(v) for k, v in node.items()}
            return [absolute(n) for n in node] if isinstance(node, list) else node

        def locate(name: str) -> str:
            return (ours if name == ours.name else library / name).resolve().as_posix()

        path = Path(folder) / config.name
        try:
            tree = absolute(json.loads(config.read_text(encoding="utf-8")))
            path.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
            convert: Callable[[str], str] = opencc.OpenCC(str(path)).convert
        except (OSError, ValueError, RuntimeError) as error:
            raise TableError(f"{config}: {error}") from error
    return convert
