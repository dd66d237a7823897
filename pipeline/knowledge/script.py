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

from pipeline.knowledge.tables import home


def to_traditional(text: str) -> str:
    """Traditional characters for simplified ones, as many as came in.

    >>> to_traditional("太冲者，岐伯云后溪")
    '太衝者，岐伯云後谿'
    """
    return _converter()(text)


@lru_cache(maxsize=1)
def _converter() -> Callable[[str], str]:
    config = home() / "corpus/normalization/opencc/s2t_mingtang.json"
    own = Path(opencc.__file__).parent / "clib" / "share" / "opencc"

    # OpenCC looks for dictionaries only beside the config: name ours and its own absolutely.
    def absolute(node: Any) -> Any:
        if isinstance(node, dict):
            return {k: locate(v) if k == "file" else absolute(v) for k, v in node.items()}
        return [absolute(n) for n in node] if isinstance(node, list) else node

    def locate(name: str) -> str:
        for folder in (config.parent, own):
            if (folder / name).is_file():
                return (folder / name).resolve().as_posix()
        raise FileNotFoundError(f"{name}: neither beside {config} nor in {own}")

    tree = absolute(json.loads(config.read_text(encoding="utf-8")))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / config.name
        path.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
        convert: Callable[[str], str] = opencc.OpenCC(str(path)).convert
    return convert
