"""The normalized layer: markup lifted, wrapped lines joined, signs folded, every step logged.

The text of record is never touched. A ``Text`` carries for each of its code points the span of
the source it was read from; each step composes these spans, so that any value can be traced back
exactly. Paragraphs are separated by line feeds; a heading is a line ``#path#title`` (tags and
Markdown alike), so that what follows need not know the format.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import regex

from pipeline.knowledge.glyphs import standard
from pipeline.knowledge.lexicon import lexicon, longest
from pipeline.knowledge.script import to_traditional
from pipeline.knowledge.tables import table
from pipeline.model import Change, Diagnostic, Layer, Text, Witness
from pipeline.sources.layouts import (
    circled,
    hypertext,
    lift_marks,
    markdown,
    prose,
    tagged,
    wikitext,
)
from pipeline.sources.mandoku import inspect, mandoku
from pipeline.sources.signs import MODERN, amounts, cleared, older, punctuated
from pipeline.sources.wraps import BLANKS, lines_of
from pipeline.text.layer import fold, line_ends, plain, rewrite


def normalize(witness: Witness) -> tuple[Text, list[Diagnostic]]:
    """The normalized layer of a witness and what was found damaged on the way.

    >>> from pipeline.text.layer import plain
    >>> fold_signs(plain("刺入三分,灸三壮 ∶")).chars
    '刺入三分，灸三壮：'
    """
    return layer_of(witness), list(damage(witness))


def layer_of(witness: Witness) -> Text:
    """The normalized layer of a witness."""
    return layer(witness.text, witness.spec.format, witness.spec.script)


@lru_cache(maxsize=1)
def damage(witness: Witness) -> tuple[Diagnostic, ...]:
    """What was found damaged, in the order of places."""
    text = layer_of(witness)
    places = sorted({*lost_places(witness.text, text.lost), *passages(witness.text)})
    said = (_lost(witness, place) for place in places)
    return (*said, *_replaced(witness, text), *(inspect(witness, text) if text.columns else ()))


def damage_once(witness: Witness, text: Text) -> Iterator[Diagnostic]:
    """Of each kind of damage the first, with how many there are, of a text with nothing of ours: as
    far as signs tell, for where its lines end is not asked for its sake.
    """
    lost = lost_places(witness.text, [p for p in text.lost if not witness.text[p].isspace()])
    places = sorted({*lost, *passages(witness.text)})
    others = inspect(witness, text) if text.columns else ()
    found: list[tuple[str, tuple[int, int] | Diagnostic]] = [(_lost_code(p), p) for p in places]
    found += [(d.code, d) for d in others]
    times = Counter(code for code, _ in found)
    for code, first in dict(reversed(found)).items():
        d = first if isinstance(first, Diagnostic) else _lost(witness, first)
        again = f"{times[code]} times in this file, first: " if times[code] > 1 else ""
        yield replace(d, message=again + d.message)


def _replaced(witness: Witness, text: Text) -> Iterator[Diagnostic]:
    """Words of our time that were put into a text, each once: where it stands first, how often."""
    found: dict[str, list[Change]] = {}
    for change in text.log:
        if isinstance(change, Change) and change.rule == MODERN:
            found.setdefault(change.before, []).append(change)
    for word, places in found.items():
        first = places[0]
        message = f"{word} was put for {first.after} by a word list, {len(places)} times"
        place = (witness.spec.siglum, first.start, first.end)
        yield Diagnostic("word-replaced", "info", message, *place)


@lru_cache(maxsize=1)
def readable(source: str) -> Text:
    """A source with each character by one code point: what its layout is told by."""
    return cleared(plain(source))


def unread(witness: Witness) -> Text:
    """A witness with the marks of its layout read, and nothing else of its layout."""
    return lift_marks(line_ends(readable(witness.text)))


@lru_cache(maxsize=8)
def layer(source: str, form: str, script: str) -> Text:
    """The normalized layer of a source; the last ones are kept: each stage asks for it, and what is
    said across witnesses asks for all of them.
    """
    text = matched(FORMATS[form](readable(source)), script)
    readable.cache_clear()  # what the steps shared is as long as the text
    lines_of.cache_clear()
    return replace(
        text,
        lost=tuple(p for p in text.lost if not (BLANK_END.match(source, p) or divides(text, p))),
    )


def kept_of(layers: Iterable[Layer], witness: Witness) -> Text:
    """The normalized layer of a witness among those that were kept; of one that was read back from
    tables, made anew.
    """
    kept = (layer.text for layer in layers if layer.witness == witness.spec.siglum)
    return next(kept, None) or layer_of(witness)


BLANK_END = regex.compile(r"[ \t\u3000]+(?=[\r\n]|\Z)")
"""A blank at the end of a line is what a line end left, no lost glyph."""
EDGE = frozenset("\n。，、；：（）○#")


def divides(text: Text, place: int) -> bool:
    """Whether a blank stands between a whole name and what is said of it at the head of a line, or
    between two names: no glyph is lost there (百會 在頂中; 內關 合谷 風市).

    >>> from pipeline.text.layer import plain
    >>> words = rewrite(plain("百會 在頂中，肩 在肩端"), [(2, 3, "", "lost"), (8, 9, "", "lost")])
    >>> divides(words, 2), divides(words, 8)
    (True, False)
    """
    if text.source[place] not in " \u3000":
        return False
    at, chars, names = bisect_left(text.starts, place), text.chars, lexicon().senses
    if chars[at - 1 : at] not in _lasts():
        return False
    sizes = range(2, longest() + 1)
    left = [n for n in sizes if chars[at - n : at] in names and _edge(text, at - n)]
    if not left:
        return False
    if any(chars[at : at + n] in names and _edge(text, at + n) for n in sizes):
        return True
    stops = [at - n - 1 for n in left if chars[at - n - 1 : at - n] == "。"]
    return any(_edge(text, begin, "\n") for begin in (*(at - n for n in left), *stops))


@lru_cache(maxsize=1)
def _lasts() -> frozenset[str]:
    """What the names of points end in."""
    return frozenset(name[-1] for name in lexicon().senses)


def _edge(text: Text, at: int, sign: str = " \u3000\r\n") -> bool:
    """Whether a place in the words is at an end of the text or a line, a blank, or a sign."""
    if not 0 < at < len(text.chars):
        return True
    if sign != "\n" and not EDGE.isdisjoint(text.chars[at - 1 : at + 1]):
        return True
    between = text.source[text.ends[at - 1] : text.starts[at]]
    return text.chars[at - 1] == "\n" or any(char in sign for char in between)


LOST_LINE = regex.compile(r"^[^\w\n\r]+$", regex.M)


def lost_places(source: str, lost: Sequence[int]) -> list[tuple[int, int]]:
    r"""Where text is lost: each glyph by itself; a line of nothing but lost glyphs, or a run of
    several, as a whole.

    >>> lost_places("神庭□在\n□□□\n灸□□□□壯\n", [2, 5, 6, 7, 10, 11, 12, 13])
    [(2, 3), (5, 8), (10, 14)]
    """
    lines = [m.span() for m in LOST_LINE.finditer(source)] if lost else []
    begins = [a for a, _ in lines]
    places: list[tuple[int, int]] = []
    for run in _runs(source, sorted(lost)):
        a, b = lines[bisect_right(begins, run[0]) - 1] if begins else (0, 0)
        if a <= run[0] < b:
            places.append((a, b))
        elif len(run) >= RUN:
            places.append((run[0], run[-1] + 1))
        else:
            places += [(p, min(p + 1, len(source))) for p in run]
    return list(dict.fromkeys(places))


RUN = 4
"""Lost glyphs in a row that are no name or number of which some glyphs are lost, but words."""


def _runs(source: str, lost: Sequence[int]) -> Iterator[list[int]]:
    """Lost glyphs that follow each other, with nothing but blanks between."""
    run: list[int] = []
    for position in lost:
        if run and source[run[-1] + 1 : position].strip(" \u3000"):
            yield run
            run = []
        run.append(position)
    if run:
        yield run


def passages(source: str) -> Iterator[tuple[int, int]]:
    """Where an editor says in brackets that words are lost: （下缺）, [以下原闕]."""
    for match in _said_lost().finditer(source):
        yield match.span()


@lru_cache(maxsize=1)
def _said_lost() -> regex.Pattern[str]:
    said = [r["sign"] for r in table("normalization/lost.tsv") if r["where"] == "passage"]
    return regex.compile(rf"[（(［\[〔【](?:{'|'.join(said)})[。]?[）)］\]〕】]")


def _lost_code(place: tuple[int, int]) -> str:
    return "text-lost" if place[1] > place[0] + 1 else "glyph-lost"


def _lost(witness: Witness, place: tuple[int, int]) -> Diagnostic:
    position, end = place
    siglum = witness.spec.siglum
    if _lost_code(place) == "text-lost":
        words = "".join(witness.text[position:end].split())
        message = f"text is lost: {words[:20]}" + "…" * (len(words) > 20)
        return Diagnostic("text-lost", "warning", message, siglum, *place)
    around = "".join(witness.text[max(0, position - 6) : position + 7].split())
    message = f"a glyph is lost at a blank or mark: {around}"
    return Diagnostic("glyph-lost", "warning", message, siglum, *place)


RUN_OF_BLANKS = re.compile(f"[{BLANKS}]+")


def fold_signs(text: Text) -> Text:
    """Punctuation in one form, blanks out: what is left is text, signs and paragraph ends."""
    text = punctuated(text)
    return rewrite(
        text, ((m.start(), m.end(), "", "blank") for m in RUN_OF_BLANKS.finditer(text.chars))
    )


def matched(text: Text, script: str) -> Text:
    """The words of a running text in the form in which they are matched."""
    text = amounts(older(fold_signs(text)))
    if script == "hans":
        text = fold(text, "script", to_traditional)
    return fold(text, "variant", standard)


FORMATS: dict[str, Callable[[Text], Text]] = {
    "markdown": markdown,
    "html": hypertext,
    "wikitext": wikitext,
    "tagged": tagged,
    "plain": prose,
    "mandoku": mandoku,
    "circled": circled,
}
