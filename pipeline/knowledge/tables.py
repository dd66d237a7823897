"""Tables decided by people: where they are, how they are read, what makes one invalid.

Tables are TSV with ``#`` head lines and a header row, or TOML. They lie beside the checkout or,
in an installed wheel, inside the package. A wrong table is a wrong program: it raises.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pipeline.model import Spec


class TableError(Exception):
    """A table or manifest that cannot be used; the message names file, line and reason."""


@lru_cache(maxsize=1)
def home() -> Path:
    """The folder that holds ``corpus/`` and ``grammars/``: checkout or installed package."""
    here = Path(__file__).resolve().parent.parent
    return here.parent if (here.parent / "grammars").is_dir() else here / "data"


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a TSV table as dictionaries; a row with too few or too many cells raises.

    >>> next(rows(home() / "corpus/authority/points.tsv"))["traditional"]
    '中府'
    """
    header: list[str] = []
    with path.open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            cells = line.split("\t")
            if not header:
                header = cells
            elif len(cells) != len(header):
                raise TableError(f"{path}:{number}: {len(cells)} cells, {len(header)} expected")
            else:
                yield dict(zip(header, cells, strict=True))
    if not header:
        raise TableError(f"{path}: no header row")


def table(name: str) -> tuple[dict[str, str], ...]:
    """A table of ``corpus/`` by its path there, e.g. ``authority/points.tsv``."""
    return _table(name)


@cache
def _table(name: str) -> tuple[dict[str, str], ...]:
    return tuple(rows(home() / "corpus" / name))


@cache
def grammar(name: str) -> str:
    """The text of a grammar of ``grammars/``, e.g. ``jiayi``."""
    return (home() / "grammars" / f"{name}.lark").read_text(encoding="utf-8")


FIELDS = ("work", "title", "edition", "format", "grammar", "script", "licence", "origin")


def editions(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    """The ``[[edition]]`` blocks of a manifest by id and base edition of the header."""
    return {(block["id"], block["base"]): block for block in _toml(path).get("edition", [])}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TableError(f"{path}: {error}") from error


def manifest(path: Path) -> tuple[Spec, ...]:
    """The witnesses a manifest names, in its order; ``file`` is relative to the manifest."""
    data = _toml(path)
    specs: list[Spec] = []
    for number, block in enumerate(data.get("witness", []), 1):
        missing = [
            key for key in ("siglum", "file", *FIELDS) if not isinstance(block.get(key), str)
        ]
        if missing:
            raise TableError(f"{path}: witness {number}: no {', '.join(missing)}")
        if block["siglum"] in {spec.siglum for spec in specs}:
            raise TableError(f"{path}: witness {number}: siglum {block['siglum']} stands twice")
        specs.append(
            Spec(
                siglum=block["siglum"],
                path=path.parent / block["file"],
                name=block["file"],
                juan=block.get("juan", ""),
                encoding=block.get("encoding", ""),
                **{key: block[key] for key in FIELDS},
            )
        )
    return tuple(specs)
