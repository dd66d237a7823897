"""Where a text forbids a point outside of its entries: in a list (頭維禁不可灸), a verse, or a
chapter on what is forbidden.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import regex
from markupsafe import Markup

from pipeline.knowledge.lexicon import ends, lexicon
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.script import to_traditional
from pipeline.model import SectionRow
from pipeline.site.addresses import Places, at_position
from pipeline.site.gather import Corpus, of_witness
from pipeline.site.search import folds
from pipeline.site.spans import Span, layout, woven


@dataclass(frozen=True, slots=True)
class Ban:
    """A place that forbids a point, or stands in a chapter on what is forbidden."""

    witness: str
    title: str
    """Of its section."""
    html: Markup
    address: str | None
    others: tuple[str, ...]
    """Further points that are called so."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A text without blanks, by what its glyphs are looked up by; where each of them stands."""

    key: str
    at: list[int]


def bans(corpus: Corpus, where: Places) -> Mapping[str, list[Ban]]:
    """By code, what texts forbid outside of the entries of points, in order of time."""
    keys = str.maketrans(*folds(corpus.texts.values()))
    names = _names(keys)
    forbids = regex.compile(pattern("forbids-an-act").pattern.translate(keys))
    found: defaultdict[str, list[Ban]] = defaultdict(list)
    for siglum in corpus.witnesses:
        if siglum in corpus.texts:
            for code, ban in _of_text(corpus, where, siglum, keys, names, forbids):
                found[code].append(ban)
    return found


def _names(keys: Mapping[int, int]) -> dict[str, tuple[str, ...]]:
    """What the names of points are looked up by, and the codes that each can mean."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for name, senses in lexicon().senses.items():
        if len(name) > 1:
            found[name.translate(keys)] |= dict.fromkeys(sense.code for sense in senses)
    return {name: tuple(codes) for name, codes in found.items()}


def _of_text(
    corpus: Corpus,
    where: Places,
    siglum: str,
    keys: Mapping[int, int],
    names: Mapping[str, tuple[str, ...]],
    forbids: regex.Pattern[str],
) -> Iterator[tuple[str, Ban]]:
    text = corpus.texts[siglum]
    at = [n for n, char in enumerate(text) if not char.isspace()]
    glyphs = Glyphs("".join(text[n] for n in at).translate(keys), at)
    sections = of_witness(corpus, "sections", siglum)
    starts = [section.start for section in sections]
    entries = [(e.start, e.end) for e in of_witness(corpus, "entries", siglum)]
    seen: set[int] = set()
    for a, b, cue in sorted({*_sentences(glyphs, forbids), *_chapters(glyphs, sections)}):
        for start, end in _named(glyphs.key, a, b, names):
            place = at[start]
            if start in seen or any(x <= place < y for x, y in entries):
                continue
            seen.add(start)
            section = sections[bisect_right(starts, place) - 1] if starts else None
            codes = names[glyphs.key[start:end]]
            for code in codes:
                yield (
                    code,
                    Ban(
                        siglum,
                        section.title if section else "",
                        _shown(text, glyphs, (start, end), cue),
                        at_position(where, siglum, place),
                        tuple(other for other in codes if other != code),
                    ),
                )


BEFORE = 30
"""Glyphs of a sentence before the word that forbids in which names are what it forbids."""


def _sentences(
    glyphs: Glyphs, forbids: regex.Pattern[str]
) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """Stretches before a word that forbids, in its sentence and after the word before it."""
    past = 0
    for cue in forbids.finditer(glyphs.key):
        least = max(past, cue.start() - BEFORE)
        stops = [glyphs.key.rfind(stop, least, cue.start()) + 1 for stop in STOPS]
        past = cue.end()
        yield max(least, *stops), cue.start(), cue.span()


STOPS = "。；;()（）"
"""Signs over which no word forbids."""


def _chapters(
    glyphs: Glyphs, sections: tuple[SectionRow, ...]
) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """What stands in chapters on what is forbidden."""
    for section in sections:
        if pattern("title-that-forbids").search(to_traditional(section.title)):
            start, end = (bisect_left(glyphs.at, n) for n in (section.start, section.end))
            yield start, end, (start, start)


def _named(
    key: str, start: int, end: int, names: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[int, int]]:
    """Where names of points stand in a stretch, the longest that begins at each place."""
    while start < end:
        stop = next((stop for stop in ends(start, end) if key[start:stop] in names), 0)
        if stop:
            yield start, stop
        start = stop or start + 1


AROUND = 12
"""Glyphs that are shown on either side."""


def _shown(text: str, glyphs: Glyphs, name: tuple[int, int], cue: tuple[int, int]) -> Markup:
    """The words around a name, it and the word that forbids marked."""
    last = cue[1] if name[0] < cue[1] else name[1] + AROUND
    first, end = max(0, name[0] - AROUND), min(len(glyphs.at), last + AROUND)
    places = [(*name, "v v-name"), (*cue, "v v-ban")]
    a, b = glyphs.at[first], glyphs.at[end - 1] + 1
    spans = [
        Span(glyphs.at[x] - a, glyphs.at[y - 1] + 1 - a, kind)
        for x, y, kind in places
        if first <= x < y <= end
    ]
    words = text[a:b]
    return woven(words, 0, len(words), [*spans, *layout(words)])[0]
