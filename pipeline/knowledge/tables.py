"""Tables decided by people: where they are, how they are read, what makes one invalid.

Tables are TSV with ``#`` head lines and a header row, or TOML. They lie beside the checkout or,
in an installed wheel, inside the package. A wrong table is a wrong program: it raises.
"""

from __future__ import annotations

import codecs
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import regex

from pipeline import disk
from pipeline.knowledge.shapes import SHAPES, Shape
from pipeline.model import Spec


class MisuseError(Exception):
    """What is wrong with the command line or its files; the message is for whoever typed it."""


class TableError(MisuseError):
    """A table or manifest that cannot be used; the message names file, line and reason."""


@lru_cache(maxsize=1)
def home() -> Path:
    """The folder that holds ``corpus/`` and ``grammars/``: checkout or installed package."""
    here = Path(__file__).resolve().parent.parent
    return here.parent if (here.parent / "grammars").is_dir() else here / "data"


def installed() -> bool:
    """Whether this is an installed package, which carries no texts."""
    return home().name == "data"


def rows(path: Path, shape: Shape | None = None) -> Iterator[dict[str, str]]:
    """The rows of a TSV table as dictionaries.

    TableError for a row with too few or too many cells, for what is no UTF-8, and for what is not
    of the ``shape``.

    >>> next(rows(home() / "corpus/authority/points.tsv"))["traditional"]
    '中府'
    """
    return (row for _, row in numbered(path, shape))


def numbered(path: Path, shape: Shape | None = None) -> Iterator[tuple[int, dict[str, str]]]:
    """The same, each with its line."""
    header: list[str] = []
    seen: dict[tuple[str, ...], int] = {}
    for number, line in _lines(path):
        where = f"{path}:{number}"
        cells = line.split("\t")
        if not header:
            header = cells
            _headed(where, header, shape)
            continue
        if len(cells) != len(header):
            raise TableError(f"{where}: {len(cells)} cells, {len(header)} expected")
        row = dict(zip(header, cells, strict=True))
        if shape:
            _shaped(where, row, shape)
            key = tuple(row[column] for column in shape.key)
            if (first := seen.setdefault(key, number)) != number:
                raise TableError(f"{where}: {' '.join(key).strip()} stands in line {first} already")
        yield number, row
    if not header:
        raise TableError(f"{path}: no header row")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a table with their numbers, without remarks and empty lines."""
    try:
        data = disk.read(path)
    except OSError as error:
        raise TableError(f"{path}: {error.strerror or error}") from error
    for number, raw in enumerate(data.split(b"\n"), 1):
        try:
            line = raw.removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError as error:
            byte = f"byte 0x{raw[error.start]:02x} at offset {error.start}"
            raise TableError(f"{path}:{number}: {byte} is no UTF-8; save it as UTF-8") from error
        if line.startswith("\ufeff"):
            raise TableError(f"{path}:{number}: a byte order mark; save it as UTF-8 without")
        if "\r" in line or "\0" in line:
            raise TableError(f"{path}:{number}: a carriage return or NUL inside the line")
        if line and not line.startswith("#"):
            yield number, line


def _headed(where: str, header: Sequence[str], shape: Shape | None) -> None:
    if shape and sorted(header) != sorted(shape.cells):
        columns = ", ".join(shape.cells)
        raise TableError(f"{where}: the columns are {', '.join(header)}; they must be {columns}")


def _shaped(where: str, row: Mapping[str, str], shape: Shape) -> None:
    for column, pattern in shape.cells.items():
        if not _cell(pattern)(row[column]) or row[column] != row[column].strip():
            raise TableError(f"{where}: {column} is {row[column]!r}, must match {pattern}")
    for column in shape.expressions:
        try:
            regex.compile(row[column])
        except regex.error as error:
            reason = f"{column} is no regular expression: {error}"
            raise TableError(f"{where}: {reason}") from error
    if shape.rising and int(row[shape.rising[0]]) > int(row[shape.rising[1]]):
        raise TableError(f"{where}: {shape.rising[0]} is more than {shape.rising[1]}")
    for column, other in shape.within.items():
        if row[column] not in _column(other, column):
            raise TableError(f"{where}: {column} {row[column]!r} is not in {other}")


@cache
def _cell(pattern: str) -> Callable[[str], re.Match[str] | None]:
    """What tells whether a cell is of a shape; asked by name it would be looked up for each."""
    return re.compile(pattern).fullmatch


def table(name: str) -> tuple[dict[str, str], ...]:
    """A table of ``corpus/`` by its path there (``authority/points.tsv``), or of ``grammars/`` by
    its name (``profiles.tsv``).
    """
    return _table(name)


@cache
def _table(name: str) -> tuple[dict[str, str], ...]:
    return tuple(rows(path_of(name), SHAPES.get(name)))


def path_of(name: str) -> Path:
    """The file of a table: what grammars are made of stands with them, all else in the corpus."""
    return home() / ("corpus" if "/" in name else "grammars") / name


@cache
def _column(name: str, column: str) -> frozenset[str]:
    return frozenset(row[column] for row in _table(name))


@cache
def words(name: str) -> dict[str, str]:
    """A dictionary for OpenCC: simplified and traditional words, as many characters in as out."""
    path = home() / "corpus" / name
    found: dict[str, str] = {}
    for number, line in _lines(path):
        simplified, _, traditional = line.partition("\t")
        if not simplified or len(simplified) != len(traditional) or "\t" in traditional:
            reason = "two words of one length, with a tab between, are expected"
            raise TableError(f"{path}:{number}: {reason}")
        if simplified in found:
            raise TableError(f"{path}:{number}: {simplified} stands twice")
        found[simplified] = traditional
    return found


@cache
def grammar(name: str) -> str:
    """The text of a grammar of ``grammars/``, e.g. ``jiayi``."""
    path = home() / "grammars" / f"{name}.lark"
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise TableError(f"{path}: {error}") from error


@cache
def genres() -> tuple[str, ...]:
    """The names of the grammars, each for a genre of text."""
    found = (path.stem for path in (home() / "grammars").glob("*.lark"))
    return tuple(sorted(name for name in found if name != "common"))


# --- manifests -----------------------------------------------------------------------------------

MANIFEST = "witnesses.toml"
"""The manifest of a folder."""

FIELDS = ("work", "title", "edition", "format", "grammar", "script", "licence", "origin")
BLOCKS = {
    "witness": (("siglum", "file", *FIELDS), ("juan", "encoding", "profile")),
    "edition": (("id", "base", "siglum"), FIELDS),
}
"""The blocks of a manifest: keys that each must have, and keys it may have; all hold words."""


def values() -> dict[str, tuple[str, ...]]:
    """What keys of a manifest may say that choose from a list; the layouts are known elsewhere."""
    profiles = tuple(row["profile"] for row in table("profiles.tsv"))
    return {"script": ("hans", "hant"), "grammar": genres(), "profile": profiles}


def sound(siglum: str) -> bool:
    """Whether a siglum can stand in ids (jiayi/10/011) and on a terminal.

    >>> sound("jiayi-j3"), sound("甲乙"), sound("a/b"), sound("")
    (True, True, False, False)
    """
    return bool(siglum) and siglum.isprintable() and not re.search(r"[/\s]", siglum)


def siglum_of(words: str) -> str:
    """Words as a siglum, which may have no blanks and no slashes in it."""
    return re.sub(r"[^\w.-]+", "-", words).strip("-")


def editions(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    """The ``[[edition]]`` blocks of a manifest by id and base edition of the header."""
    return {(block["id"], block["base"]): block for block in _blocks(path).get("edition", [])}


def manifest(path: Path) -> tuple[Spec, ...]:
    """The witnesses a manifest names, in its order; ``file`` is relative to the manifest.

    TableError for a manifest that says anything else than a manifest can say.
    """
    specs = []
    for block in _blocks(path).get("witness", []):
        words: dict[str, Any] = {
            key: block[key] for key in (*FIELDS, "juan", "encoding", "profile") if key in block
        }
        file = block["file"]
        specs.append(Spec(siglum=block["siglum"], path=path.parent / file, name=file, **words))
    return tuple(specs)


def _blocks(path: Path) -> dict[str, list[dict[str, str]]]:
    """The blocks of a manifest by their kind, each found to be what it must be."""
    try:
        data = disk.read(path).removeprefix(codecs.BOM_UTF8)
        return _parsed(path, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        before = data[: error.start].split(b"\n")
        byte = f"byte 0x{data[error.start]:02x} at offset {len(before[-1])}"
        raise TableError(f"{path}:{len(before)}: {byte} is no UTF-8; save it as UTF-8") from error
    except (OSError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise TableError(f"{path}: {getattr(error, 'strerror', None) or error}") from error


@lru_cache(maxsize=4)
def _parsed(path: Path, text: str) -> dict[str, list[dict[str, str]]]:
    """The same of its text: each book of a library asks for what the manifest near it says."""
    data: dict[str, Any] = tomllib.loads(text)
    lines = text.split("\n")
    for kind, blocks in data.items():
        where = f"{path}:{_line(lines, kind)}"
        if kind not in BLOCKS:
            raise TableError(f"{where}: {kind!r} is none of {', '.join(BLOCKS)}")
        if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
            raise TableError(f"{where}: {kind} must be written as [[{kind}]] blocks")
        for number, block in enumerate(blocks):
            _block(path, lines, kind, number, block)
        _once(path, lines, kind, blocks)
    if not data:
        raise TableError(f"{path}: no [[witness]]")
    return data


def _block(path: Path, lines: Sequence[str], kind: str, number: int, block: dict[str, Any]) -> None:
    """TableError where a block has other keys than it must, or values that cannot be."""
    needed, possible = BLOCKS[kind]

    def refuse(reason: str, key: str = "") -> None:
        raise TableError(f"{path}:{_line(lines, kind, number, key)}: {kind} {number + 1}: {reason}")

    if missing := [key for key in needed if key not in block]:
        refuse(f"no {', '.join(missing)}")
    for key, value in block.items():
        if key not in (*needed, *possible):
            refuse(f"{key!r} is none of {', '.join((*needed, *possible))}", key)
        if not isinstance(value, str):
            refuse(f"{key} is {value!r}; it must be words in quotation marks", key)
        if key in values() and value not in values()[key]:
            refuse(f"{key} {value!r} is none of {', '.join(values()[key])}", key)
    if "profile" in block and block["grammar"] != "catalogue":
        refuse("profile is a way of writing of the grammar catalogue", "profile")
    if not sound(block["siglum"]):
        refuse(f"siglum {block['siglum']!r} is empty or has a blank, / or control in it", "siglum")
    if kind == "witness" and not _inside(block["file"]):
        refuse(f"file {block['file']!r} is not inside the folder of the manifest", "file")


def _inside(file: str) -> bool:
    path = Path(file)
    return bool(file) and "\0" not in file and not path.is_absolute() and ".." not in path.parts


def _once(path: Path, lines: Sequence[str], kind: str, blocks: Sequence[Mapping[str, str]]) -> None:
    """TableError where two witnesses have one siglum, in whatever case and form of Unicode, for
    files are called by it, or two editions one header.
    """
    key = ("siglum",) if kind == "witness" else ("id", "base")
    seen = set()
    for number, block in enumerate(blocks):
        words = tuple(block[k] for k in key)
        alike = tuple(unicodedata.normalize("NFC", word).casefold() for word in words)
        if alike in seen:
            where = f"{path}:{_line(lines, kind, number, key[0])}: {kind} {number + 1}"
            raise TableError(f"{where}: {key[0]} {' '.join(words)} stands twice")
        seen.add(alike)


def _line(lines: Sequence[str], kind: str, number: int = 0, key: str = "") -> int:
    """The line where a block begins, or a key of it stands; as near to it as can be seen."""
    name = rf"[\"']?{re.escape(kind)}[\"']?\s*"
    found = [n for n, line in enumerate(lines, 1) if re.match(rf"\s*\[\[?\s*{name}[\].]", line)]
    plain = [n for n, line in enumerate(lines, 1) if re.match(rf"\s*{name}[.=]", line)]
    starts = found or plain or [1]
    start = starts[min(number, len(starts) - 1)]
    for n, line in enumerate(lines[start - 1 :], start):
        if key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[.=]", line):
            return n
        if n > start and re.match(r"\s*\[", line):
            break
    return start
