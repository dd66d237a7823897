"""What is looked for in Chinese text, each by its name: rows of ``grammars/patterns.tsv``.

A row is a regular expression: a piece, in capitals, or a pattern that the program asks for.
``<NAME>`` puts in a piece of the table or of the grammars, ``{name}`` what the program gives.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

import regex

from pipeline.knowledge.numerals import COUNTS, LOST, NUMERAL
from pipeline.knowledge.shapes import SHAPES
from pipeline.knowledge.tables import TableError, grammar, numbered, path_of

TABLE = "patterns.tsv"
PIECE = re.compile("<([A-Z_]+)>")
GIVEN = re.compile("{([a-z]+)}")
SIGNS: Mapping[str, str] = {"NUMERALS": NUMERAL, "COUNTS": COUNTS, "LOST": LOST}
"""Pieces that are known elsewhere, as members of a class of characters."""


class Row(NamedTuple):
    """The words of a row as they are written, and its line."""

    words: str
    line: int


@lru_cache(maxsize=2048)
def pattern(name: str, /, **given: str) -> regex.Pattern[str]:
    """A pattern by its name; ``given``: what stands in it for names in braces.

    >>> pattern("vertebra").search("在第三椎下兩傍")[1]
    '三'
    """
    try:
        return regex.compile(written(name, **given))
    except regex.error as error:
        raise _wrong(rows()[name], f"{name} is no regular expression: {error}") from error


@cache
def piece(name: str) -> str:
    """A piece with all that is in it, as words of a regular expression.

    >>> regex.fullmatch(piece("FIGURE"), "三、五").group()
    '三、五'
    """
    if name in SIGNS:
        return SIGNS[name]
    return written(name) if name in rows() else put(_of_grammars()[name])


def written(name: str, /, **given: str) -> str:
    """The words of a row with its pieces and what is given put in."""
    words = put(rows()[name].words)
    return GIVEN.sub(lambda hole: given[hole[1]], words) if given else words


def put(words: str) -> str:
    """Words of a regular expression with the pieces put in that they name."""
    return PIECE.sub(lambda found: piece(found[1]), words)


@cache
def rows() -> dict[str, Row]:
    """The rows by their names. TableError for a row with a piece that nobody has."""
    table = numbered(path_of(TABLE), SHAPES[TABLE])
    found = {row["name"]: Row(row["pattern"], line) for line, row in table}
    for row in found.values():
        for name in PIECE.findall(row.words):
            if name not in found and name not in SIGNS and name not in _of_grammars():
                raise _wrong(row, f"there is no piece <{name}>")
    return found


@cache
def _of_grammars() -> dict[str, str]:
    """The pieces that the grammars share."""
    return dict(re.findall(r"^//let (\w+) = (.*)$", grammar("common"), re.M))


def _wrong(row: Row, reason: str) -> TableError:
    return TableError(f"{path_of(TABLE)}:{row.line}: {reason}")
