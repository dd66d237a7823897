"""What the search of the pages looks in: names of points, and the texts part by part.

Data are script files, since a page that was opened from a disk may load nothing else. A glyph is
looked up by the one that stands for all forms of it (針 鍼 针), so that any script finds any other.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from pipeline.knowledge.glyphs import forms, variants
from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.script import to_simplified
from pipeline.knowledge.tables import table
from pipeline.site.addresses import Part, Places, point_file
from pipeline.site.gather import Corpus, of_witness, point_of
from pipeline.site.spans import LAYOUT, REFERENCE, UNWRITABLE, references
from pipeline.sources.read import line_of

HAN = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000))
"""What a person may type: the common blocks. Rarer glyphs of the texts come to these."""

WIDEST = "\uffff"
"""The last character that scripts count as one; what comes after it counts as two."""


def script(name: str, document: Any) -> str:
    r"""A call of a function of the pages with data, as a script file.

    >>> script("points", {"name": "神庭"})
    'mingtang.points({"name":"神庭"});\n'
    """
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return f"mingtang.{name}({writable(text)});\n"


def writable(text: str) -> str:
    """A text without what no file in UTF-8 can hold; line separators of Unicode are escaped."""
    clean = text.translate({ord(char): shown for char, shown in UNWRITABLE.items()})
    return clean.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def folds(texts: Iterable[str]) -> list[str]:
    """Two strings of one length: glyphs, and what each is looked up by."""
    mine = {chr(code) for block in HAN for code in block}.union(
        *map(set, texts), references().values()
    )
    glyphs = sorted(char for char in mine if ord(char) > 0x2E00 and char not in UNWRITABLE)
    once = [char.translate(forms()).translate(variants()) for char in glyphs]
    keys = [to_simplified(char) for char in "\n".join(once).split("\n")]
    keys = [_quoted().get(key, key) for key in keys]
    pairs = [
        (a, b)
        for a, b in zip(glyphs, keys, strict=True)
        if a != b and len(b) == 1 and (a > WIDEST or b <= WIDEST)
    ]
    return ["".join(a for a, _ in pairs), "".join(b for _, b in pairs)]


@cache
def _quoted() -> dict[str, str]:
    """Glyphs of quoted words, simplified, by what the quoted work has (a kneecap in two forms)."""
    rows = table("normalization/quoted.tsv")
    return {to_simplified(row["written"]): to_simplified(row["standard"]) for row in rows}


def points(corpus: Corpus, pages: Iterable[str]) -> list[list[str]]:
    """Every point that has a page: code, names, pinyin, other names, file."""
    known = {row["code"]: row for row in table("authority/points.tsv")}
    others: dict[str, dict[str, None]] = {}
    for name, senses in lexicon().senses.items():
        for sense in senses:
            others.setdefault(sense.code, {})[name] = None
    for point, entries in corpus.points.items():
        names = (name for e in entries for name in (e.name_raw, *e.aliases) if name)
        others.setdefault(point, {}).update(dict.fromkeys(names))
    return [
        [
            point,
            known[point]["traditional"] if point in known else point,
            known[point]["pinyin"] if point in known else "",
            "|".join(others.get(point, ())),
            point_file(point),
        ]
        for point in pages
    ]


def parts(corpus: Corpus, where: Places) -> Iterator[tuple[Part, str]]:
    """The data of each part of each text, as a script file."""
    for siglum in corpus.texts:
        for part in where.parts[siglum]:
            yield part, script("part", _part(corpus, where, part))


def _part(corpus: Corpus, where: Places, part: Part) -> dict[str, Any]:
    """Words without blanks and marks (t), where in them lines (l), headings (h) and, with their
    points, entries (e) and statements of illness (s) stand, and what was not read (u); the first
    line (n), witness (w) and page (f).
    """
    text = _looked_in(corpus, part)
    blanks = [n for n, char in enumerate(text, part.start) if not char]
    wide = [n for n, char in enumerate(text, part.start) if char > WIDEST]
    lines = where.lines[part.witness]
    first = line_of(lines, part.start)
    here = lines[first : line_of(lines, max(part.start, part.end - 1))]

    def at(position: int) -> int:
        place = max(part.start, min(position, part.end))
        return place - part.start - bisect_left(blanks, place) + bisect_left(wide, place)

    return {
        "w": part.witness,
        "f": part.file,
        "n": first,
        "t": "".join(text),
        "l": steps([at(position) for position in (part.start, *here)]),
        "h": [at(end) for row in _headings(corpus, part) for end in (row.start, row.end)],
        "e": [
            [at(e.start), at(e.end), point_of(e), e.entry_id]
            for e in of_witness(corpus, "entries", part.witness)
            if part.start <= e.start < part.end and point_of(e)
        ],
        "s": [
            [at(start), at(end), codes]
            for (start, end), codes in _statements(corpus, part.witness).items()
            if part.start <= start < part.end
        ],
        "u": [
            [at(row.start), at(row.end)]
            for row in of_witness(corpus, "coverage", part.witness)
            if row.kind in UNREAD and row.start < part.end and row.end > part.start
        ],
    }


def _looked_in(corpus: Corpus, part: Part) -> list[str]:
    """The glyphs of a part, each in its place; nothing where it has a blank or a mark of the
    layout, and the glyph itself where it has its name.
    """
    text = corpus.texts[part.witness][part.start : part.end]
    glyphs = ["" if char.isspace() else char for char in text]
    for named in REFERENCE.finditer(text):
        if glyph := references().get(named[1]):
            glyphs[named.start() : named.end()] = [glyph, *[""] * (len(named[0]) - 1)]
    marks = [mark.span() for mark in LAYOUT.finditer(text)]
    for row in of_witness(corpus, "coverage", part.witness):
        if row.kind == "markup" and row.start < part.end and row.end > part.start:
            marks.append((max(row.start, part.start) - part.start, row.end - part.start))
    for start, end in marks:
        glyphs[start:end] = [""] * len(glyphs[start:end])
    return glyphs


def _headings(corpus: Corpus, part: Part) -> list[Any]:
    """The headings on a part: what is found is shown with no words beyond them."""
    rows = of_witness(corpus, "coverage", part.witness)
    return [r for r in rows if r.kind == "heading" and part.start <= r.start < part.end]


UNREAD = ("prose", "unparsed")
"""Kinds of coverage of which nothing became a value."""


def _statements(corpus: Corpus, siglum: str) -> dict[tuple[int, int], list[str]]:
    """Where statements of illness stand, and the points that they name."""
    found: dict[tuple[int, int], list[str]] = {}
    for row in of_witness(corpus, "indications", siglum):
        codes = found.setdefault((row.start, row.end), [])
        if row.code and row.direction == "illness_first" and row.code not in codes:
            codes.append(row.code)
    return found


def steps(numbers: Sequence[int]) -> list[int]:
    """Rising numbers, each by what it adds to the one before.

    >>> steps([0, 4, 9])
    [0, 4, 5]
    """
    return [n - before for before, n in zip((0, *numbers), numbers, strict=False)]
