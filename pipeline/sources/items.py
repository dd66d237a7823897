"""What stands before a head, and the brackets of notes: marks of a list, names in brackets."""

from __future__ import annotations

import regex

from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.script import to_traditional
from pipeline.model import Text
from pipeline.text.layer import Edit, rewrite

NAMED = regex.compile(
    r"^(?P<open>[【“「『])(?P<name>[^【】“”「」『』\n]{1,8})(?P<close>[】”」』]\n?[：:]?)(?=[^\n])",
    regex.M,
)
PAIRS = (
    *(("〔", "〕"), ("［", "］"), ("【", "】"), ("〈", "〉"), ("[", "]"), ("“", "”"), ("‘", "’")),
    *(("⦅", "⦆"), ("｟", "｠"), ("〖", "〗"), ("❨", "❩")),
)


def lift_items(text: Text) -> Text:
    r"""Marks of lists out; 【name】 that begins a paragraph is a name; notes in round brackets.

    >>> from pipeline.text.layer import plain
    >>> lift_items(plain("○神庭，在髮際。\n【上星】在顱上〔一曰入髮際〕。")).chars
    '神庭，在髮際。\n上星在顱上（一曰入髮際）。'
    """
    marks = pattern("item-mark").finditer(text.chars)
    text = rewrite(text, ((*found.span("mark"), "", "markup") for found in marks))
    named = list(NAMED.finditer(text.chars))
    known = sum(is_name(found["name"]) for found in named)
    if named and 2 * known >= len(named):
        sides = ((found.span(side)) for found in named for side in ("open", "close"))
        text = rewrite(text, ((a, b, "", "markup") for a, b in sides))
    return _round(text)


def is_name(words: str) -> bool:
    """Whether words in either script are the name of a point."""
    return to_traditional(words) in lexicon().senses


def _round(text: Text) -> Text:
    """Brackets of other forms in the round one, where what stands in them begins as notes do."""
    edits: list[Edit] = []
    for left, right in PAIRS:
        inside = rf"\{left}(?P<words>[^\{left}\{right}\n]{{1,200}}+)\{right}"
        found = list(regex.finditer(inside, text.chars))
        notes = sum(_is_note(text.chars, each) for each in found)
        if 2 * notes > len(found):  # then one that is not closed is a note too
            edits += _signs(text.chars, left, "（") + _signs(text.chars, right, "）")
    return rewrite(text, sorted(edits))


def _signs(chars: str, sign: str, after: str) -> list[Edit]:
    places = (found.start() for found in regex.finditer(regex.escape(sign), chars))
    return [(at, at + 1, after, "note-bracket") for at in places]


def _is_note(chars: str, found: regex.Match[str]) -> bool:
    """Whether brackets hold a note and no speech (曰：“…”), nor begin the paragraph."""
    before = chars[found.start() - 1 : found.start()] or "\n"
    return before not in "\n曰云：:" and pattern("note-words").match(found["words"]) is not None
