"""Glyphs as matching needs them: variants folded to one form, and what is no glyph of its own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache

from pipeline.knowledge.tables import table


@lru_cache(maxsize=1)
def variants() -> dict[int, str]:
    """Variant glyphs to the one form used for matching (脉 → 脈)."""
    return {ord(row["variant"]): row["standard"] for row in table("normalization/variants.tsv")}


@lru_cache(maxsize=1)
def _words() -> tuple[re.Pattern[str], dict[str, str]]:
    meant = {row["word"]: row["standard"] for row in table("normalization/words.tsv")}
    return re.compile("|".join(map(re.escape, meant))), meant


def standard(chars: str) -> str:
    """Variant glyphs, and words written with another glyph, in the form used for matching.

    >>> standard("欠盆，手太陽脉"), standard("欠伸")
    ('缺盆，手太陽脈', '欠伸')
    """
    words, meant = _words()
    return _fold_variants()(words.sub(lambda match: meant[match.group()], chars))


@lru_cache(maxsize=1)
def _fold_variants() -> Callable[[str], str]:
    return translator(variants())


def translator(meant: Mapping[int, str]) -> Callable[[str], str]:
    """What ``str.translate`` does, in less time where few characters of a text are in the table.

    >>> translator({ord("脉"): "脈"})("手太陽脉")
    '手太陽脈'
    """
    found = re.compile(f"[{''.join(re.escape(chr(code)) for code in meant)}]")
    by_char = {chr(code): standard for code, standard in meant.items()}
    return lambda chars: found.sub(lambda match: by_char[match[0]], chars)


@lru_cache(maxsize=1)
def modern() -> tuple[re.Pattern[str], dict[str, str]]:
    """Words of our time that word lists put into texts, and the older words that were there."""
    meant = {row["word"]: row["meant"] for row in table("normalization/modern.tsv")}
    return re.compile("|".join(map(re.escape, meant))), meant


@lru_cache(maxsize=16384)
def rare(char: str) -> bool:
    """Whether a Han character is outside GB 2312, which old transcriptions are confined to; signs
    are not: whoever lacks a glyph has some sign for a sign.

    >>> rare("髎"), rare("髃"), rare("穴"), rare("『")
    (True, True, False, False)
    """
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return char.isalpha()
    return False


@lru_cache(maxsize=1)
def forms() -> dict[int, str]:
    """Code points that are the same character as another: radicals, compatibility ideographs.

    >>> [chr(code).translate(forms()) for code in (0x2F0A, 0xF967, 0x2ED3, 0xFA0E)]
    ['入', '不', '长', '﨎']
    """
    found = {
        code: character
        for first, last in ranges("decomposed")
        for code in range(first, last + 1)
        if (character := _decomposed(chr(code))) != chr(code)
    }
    for row in table("normalization/radicals.tsv"):
        found[ord(row["sign"])] = row["standard"]
    return found


def _decomposed(character: str) -> str:
    """What Unicode says a character stands for, to the end (U+2F0A, <compat> 5165: 入)."""
    while len(parts := unicodedata.decomposition(character).split()) in (1, 2):
        if len(parts) == 2 and not parts[0].startswith("<"):
            break
        character = chr(int(parts[-1], 16))
    return character


def ranges(kind: str) -> tuple[tuple[int, int], ...]:
    """First and last code points of the ranges of a kind, of ``codepoints.tsv``."""
    return tuple(
        (code_point(row["first"]), code_point(row["last"]))
        for row in table("normalization/codepoints.tsv")
        if row["kind"] == kind
    )


def code_point(written: str) -> int:
    """A code point as tables write it: U+F967."""
    return int(written[2:], 16)


def signs_in(kind: str) -> str:
    """The ranges of a kind as the inside of a class of a regular expression."""
    return "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in ranges(kind))
