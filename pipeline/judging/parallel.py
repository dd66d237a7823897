"""What a note says of the words of another work, where both have the same passage.

胠满（《素问》作支满）: the words around the note are looked for in the work; it says so if they
stand there with 支滿 among them.
"""

from __future__ import annotations

from typing import Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import ScoreAlignment

from pipeline.judging.wording import alike, phrase
from pipeline.knowledge.patterns import pattern

Verb = Literal["says", "reads", "has", "lacks"]
"""What a source does with the words: it says them, reads them instead, has them more, or less."""
BESIDE = 5
"""Glyphs beside a note that must agree, for a passage to be the same."""
LIKE = 70
"""How like a passage must be (per cent of glyphs), for it to be the same at all."""
Answer = Literal["confirmed", "nearly", "contradicted", "not_found", "nowhere", "unclear"]
"""``nowhere``: the work has no such passage; ``unclear``: it is not told which words are meant."""


def answered(
    verb: Verb, words: str, before: str, after: str, text: str, lemma: str = ""
) -> tuple[Answer, str]:
    """What a text says to it, and in which words; all of them glyphs without signs. ``lemma``: the
    words that are replaced, where the note says which.

    >>> answered("reads", "支滿", "脹心痛胸脇胠滿", "膺背肩胛間痛", "脹心痛胸脇支滿膺背")
    ('confirmed', '脹心痛胸脇支滿')
    >>> answered("lacks", "甚字", "其病甚", "者死", "若其病者死矣")
    ('confirmed', '其病者死')
    """
    words = pattern("counts-itself").sub("", pattern("counts-itself").sub("", words))
    if not words:
        return "unclear", ""
    if verb == "says":
        like = alike(words, text)
        told: Answer = "confirmed" if like.kind == "same" else "nearly"
        if like.kind in ("same", "near") and len(words) > BESIDE:
            return told, text[like.start : like.end]
        return "nowhere", ""
    found = next((form for form in _forms(verb, words, before, after) if form in text), "")
    if found:
        return "confirmed", found
    place = parallel(before, after, text)
    if place is None:
        return "nowhere", ""
    there = text[place.dest_start : place.dest_end]
    kept = (
        words in there if verb == "lacks" else verb == "reads" and _kept(lemma, before, after, text)
    )
    return ("contradicted" if kept else "not_found"), there


def parallel(before: str, after: str, text: str) -> ScoreAlignment | None:
    """Where a text has the passage that some words stand in, if it does."""
    return fuzz.partial_ratio_alignment(before + after, text, score_cutoff=LIKE)


def _kept(lemma: str, before: str, after: str, text: str) -> bool:
    """Whether the words that are said to be replaced stand in the text too, as they do here."""
    if not lemma:
        return _stands(before[-BESIDE:] + after[:BESIDE], text)
    at = before.rfind(lemma, -FAR)
    return at >= 0 and _stands(before[max(0, at - BESIDE) : at + len(lemma)], text)


def _stands(words: str, text: str) -> bool:
    return len(words) >= BESIDE and phrase(words).chars in phrase(text).chars


def _forms(verb: Verb, words: str, before: str, after: str) -> list[str]:
    """How the passage would run if the source does so."""
    left, right = before[-BESIDE:], after[:BESIDE]
    if verb == "has":
        return [left + words]
    if verb == "lacks":
        bare = before.removesuffix(words)
        return [] if bare == before else [bare[-BESIDE:] + after[: BESIDE - 1]]
    # What is replaced are the words before the note, most often as many, or others not far from it.
    size = len(words)
    lemmata = sorted(range(1, size + 3), key=lambda n: abs(n - size))
    heads = (before[: len(before) - n][-BESIDE:] + words for n in lemmata)
    forms = [head for head in heads if len(head) == BESIDE + size]
    forms += [words + right] * (len(right) == BESIDE)
    starts = range(len(before) - size - FAR, len(before) - size)
    inside = [(before[max(0, i - 3) : i], before[i + size : i + size + 3]) for i in starts if i > 2]
    return [*forms, *(a + words + b for a, b in inside if len(a + b) > BESIDE)]


FAR = 8
"""How many glyphs can stand between replaced words and a note at the end of the sentence."""
