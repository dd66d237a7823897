"""The critical apparatus: each entry in all its witnesses, glyph by glyph, as TEI P5.

The text of an entry is cut into segments: where all witnesses agree, and where they do not. In
every segment each witness has one reading, and the readings of a witness, put together, are its
text. How the text is cut does not depend on the order in which the witnesses are given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from rapidfuzz.distance import Indel

from pipeline.compare.collate import align, identity
from pipeline.compare.edition import Edition, entry_glyphs, place
from pipeline.knowledge.numerals import MEASURED, NUMERAL
from pipeline.model import Entry
from pipeline.sources.glyphs import Glyphs


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a text in all its witnesses. ``readings``: as written; ``forms``: as matched."""

    readings: tuple[str, ...]
    forms: tuple[str, ...]

    @property
    def kind(self) -> str:
        """``same`` (one writing), ``orthographic`` (one text), ``numeric`` or ``substantive``."""
        if len(set(self.readings)) == 1:
            return "same"
        if len(set(self.forms)) == 1:
            return "orthographic"
        return "numeric" if COUNTING.issuperset("".join(self.forms)) else "substantive"


COUNTING = frozenset(NUMERAL + MEASURED)


@dataclass(frozen=True, slots=True)
class Passage:
    """One entry in the editions that have it, by their numbers, and its segments."""

    entries: Mapping[int, Entry]
    segments: tuple[Segment, ...]
    """Their readings stand in the order of ``entries``."""


# --- alignment -----------------------------------------------------------------------------------


def segments(texts: Sequence[Glyphs]) -> tuple[Segment, ...]:
    """Parallel segments of several texts.

    >>> from pipeline.sources.glyphs import glyphs_of
    >>> one, other = glyphs_of(["刺入三分，灸三壮"], "hans") + glyphs_of(["刺入五分灸三壯"], "hant")
    >>> [s.readings for s in segments([one, other])]
    [('刺入', '刺入'), ('三', '五'), ('分，', '分'), ('灸三', '灸三'), ('壮', '壯')]
    """
    order = sorted(range(len(texts)), key=lambda i: (texts[i].chars, texts[i].written))
    columns = _columns([texts[i].chars for i in order])
    place_of = {i: n for n, i in enumerate(order)}
    found: list[Segment] = []
    for run in _runs(columns, [texts[i] for i in order]):
        readings, forms = [], []
        for i, text in enumerate(texts):
            glyphs = [g for column in run if (g := column[place_of[i]]) is not None]
            readings.append("".join(text.written[g] for g in glyphs))
            forms.append("".join(text.chars[g] for g in glyphs))
        found.append(Segment(tuple(readings), tuple(forms)))
    return tuple(found)


Column = list[int | None]
"""For each text the number of its glyph that stands here, or None."""


def _columns(texts: Sequence[str]) -> list[Column]:
    """All texts side by side; each is set against the one before it that is most like it."""
    if not texts:
        return []
    columns: list[Column] = [[n] for n in range(len(texts[0]))]
    for done, text in enumerate(texts[1:], 1):
        nearest = max(range(done), key=lambda i: Indel.normalized_similarity(texts[i], text))
        columns = _merge(columns, done, texts[nearest], nearest, text)
    return columns


def _merge(columns: list[Column], width: int, model: str, nearest: int, text: str) -> list[Column]:
    """Columns of ``width`` texts with one more, glyph beside like glyph of its model."""
    partner: dict[int, int] = {}
    for step in Indel.opcodes(model, text):
        if step.tag == "equal":
            for n in range(step.src_end - step.src_start):
                partner[step.src_start + n] = step.dest_start + n
    merged: list[Column] = []
    used = 0
    for column in columns:
        at = column[nearest]
        own = None if at is None else partner.get(at)
        if own is not None:
            merged += [[None] * width + [n] for n in range(used, own)]
            used = own + 1
        merged.append([*column, own])
    merged += [[None] * width + [n] for n in range(used, len(text))]
    return merged


def _runs(columns: Iterable[Column], texts: Sequence[Glyphs]) -> Iterator[list[Column]]:
    """Neighbouring columns of one kind together: same, orthographic, or substantive."""
    run: list[Column] = []
    before = (False, False)
    for column in columns:
        written = {None if n is None else t.written[n] for n, t in zip(column, texts, strict=True)}
        forms = {None if n is None else t.chars[n] for n, t in zip(column, texts, strict=True)}
        alike = len(forms) == 1
        state = (alike and len(written) == 1, alike)
        if run and state != before:
            yield run
            run = []
        run.append(column)
        before = state
    if run:
        yield run


def passages(editions: Sequence[Edition]) -> tuple[Passage, ...]:
    """Every entry of the editions with its apparatus, in the order of the first edition; what it
    has not, after what comes before it elsewhere.
    """
    found: list[Passage] = []
    for group in groups(editions):
        entries = {n: editions[n].entries[i] for n, i in sorted(group.items())}
        texts = [entry_glyphs(editions[n], entry) for n, entry in entries.items()]
        found.append(Passage(entries, segments(texts)))
    return tuple(found)


def groups(editions: Sequence[Edition]) -> list[dict[int, int]]:
    """The entries that are one: for each edition, by its number, the number of the entry.

    Each edition is aligned with those before it in the order of their labels, so that the groups
    are the same in whatever order the editions come.
    """
    order = sorted(range(len(editions)), key=lambda n: identity(editions[n]))
    found: list[dict[int, int]] = []
    stock: list[tuple[Entry, Edition]] = []
    for n in order:
        side = editions[n]
        model = _model(stock)
        fresh: list[tuple[dict[int, int], tuple[Entry, Edition]]] = []
        for i, j in align(model, side) if stock else [(None, j) for j in _own(side)]:
            if i is not None:
                group, representative = found[i], stock[i]
            elif j is not None:
                group, representative = {}, (side.entries[j], side)
            if j is not None:
                group[n] = j
            fresh.append((group, representative))
        found = [group for group, _ in fresh]
        stock = [representative for _, representative in fresh]
    return _reading_order(found, len(editions))


def _own(side: Edition) -> Iterator[int]:
    return (j for j, entry in enumerate(side.entries) if entry.duplicate_of is None)


def _model(stock: Sequence[tuple[Entry, Edition]]) -> Edition:
    """What is aligned so far, as an edition: of each group its first entry."""
    witnesses = {w: row for _, side in stock for w, row in side.witnesses.items()}
    return Edition("", witnesses, tuple(entry for entry, _ in stock))


def _reading_order(found: Iterable[dict[int, int]], editions: int) -> list[dict[int, int]]:
    """Groups as the first edition has them, others behind the group they follow in theirs."""
    rest = list(found)
    ordered: list[dict[int, int]] = []
    for n in range(editions):
        mine = sorted((g for g in rest if n in g), key=lambda g: g[n])
        rest = [g for g in rest if n not in g]
        if not ordered:
            ordered = mine
            continue
        follow = {g[n]: at for at, g in enumerate(ordered) if n in g}
        behind: dict[int, list[dict[int, int]]] = {}
        at = -1
        known = iter(sorted(follow))
        upcoming = next(known, None)
        for group in mine:
            while upcoming is not None and upcoming < group[n]:
                at = follow[upcoming]
                upcoming = next(known, None)
            behind.setdefault(at, []).append(group)
        ordered = behind.get(-1, []) + [
            g for k, group in enumerate(ordered) for g in (group, *behind.get(k, []))
        ]
    return ordered


# --- TEI -----------------------------------------------------------------------------------------

TEI = "http://www.tei-c.org/ns/1.0"
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold."""
NCNAME = re.compile(r"[^\W\d][\w.-]*")


def sigla(editions: Sequence[Edition]) -> tuple[str, ...]:
    """Identifiers for the editions, fit for ``xml:id`` and each its own."""
    found: list[str] = []
    for edition in editions:
        plain = re.sub(r"[^\w.-]+", "-", edition.label)
        siglum = plain if NCNAME.fullmatch(plain) else f"w-{plain}"
        number = 2
        while siglum in found:
            siglum, number = f"{siglum.partition('--')[0]}--{number}", number + 1
        found.append(siglum)
    return tuple(found)


def tei(editions: Sequence[Edition], entries: Sequence[Passage] | None = None) -> str:
    """The apparatus as a TEI P5 document, by the method of parallel segmentation.

    Every entry is an ``ab`` named by its point. ``lem`` is the reading of the first edition that
    has the entry; readings that differ in writing only stand together in a ``rdgGrp``.
    """
    names = sigla(editions)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<TEI xmlns="{TEI}">',
        *_header(editions, names),
        '<text xml:lang="lzh"><body><div type="collation">',
    ]
    for number, passage in enumerate(passages(editions) if entries is None else entries, 1):
        lines.append(_block(number, passage, editions, names))
    lines += ["</div></body></text>", "</TEI>", ""]
    return "\n".join(lines)


def _header(editions: Sequence[Edition], names: Sequence[str]) -> Iterator[str]:
    titles = "; ".join(_title(edition) for edition in editions)
    yield "<teiHeader><fileDesc>"
    yield f"<titleStmt><title>Collation: {_text(titles)}</title></titleStmt>"
    yield "<publicationStmt><p>Made by mingtang of the editions named here.</p></publicationStmt>"
    yield "<sourceDesc><listWit>"
    for edition, name in zip(editions, names, strict=True):
        yield f"<witness xml:id={_attribute(name)}>{_text(_title(edition))}</witness>"
    yield "</listWit></sourceDesc></fileDesc>"
    yield '<encodingDesc><variantEncoding method="parallel-segmentation" location="internal"/>'
    yield "</encodingDesc></teiHeader>"


def _title(edition: Edition) -> str:
    rows = edition.witnesses.values()
    return ", ".join(f"{r.title}. {r.edition}".rstrip(". ") for r in rows) or edition.label


def _block(number: int, passage: Passage, editions: Sequence[Edition], names: Sequence[str]) -> str:
    present = list(passage.entries)
    first = next(iter(passage.entries.values()))
    point = next((e.code for e in passage.entries.values() if e.code), None) or first.name_raw
    parts = [f'<ab xml:id="e{number}" n={_attribute(point)}>']
    for n, entry in passage.entries.items():
        where = place(editions[n], entry, entry.start)
        parts.append(f"<milestone unit={_attribute('entry')} edRef={_attribute('#' + names[n])}")
        parts.append(f" n={_attribute(f'{entry.entry_id} ({where})')}/>")
    absent = [f"#{name}" for n, name in enumerate(names) if n not in passage.entries]
    if absent:
        parts.append(f'<note type="absent" target={_attribute(" ".join(absent))}/>')
    for segment in passage.segments:
        if segment.kind == "same":
            parts.append(_text(segment.readings[0]))
        else:
            parts.append(_app(segment, [f"#{names[n]}" for n in present]))
    parts.append("</ab>")
    return "".join(parts)


def _app(segment: Segment, names: Sequence[str]) -> str:
    """An ``app``: the first witness gives the lemma; one text in several writings is a group."""
    by_form: dict[str, dict[str, list[str]]] = {}
    for name, reading, form in zip(names, segment.readings, segment.forms, strict=True):
        by_form.setdefault(form, {}).setdefault(reading, []).append(name)
    parts = []
    tag = "lem"
    for writings in by_form.values():
        group = len(by_form) > 1 and len(writings) > 1
        parts.append('<rdgGrp type="orthographic">' if group else "")
        for reading, witnesses in writings.items():
            wit = _attribute(" ".join(witnesses))
            parts.append(f"<{tag} wit={wit}>{_text(reading)}</{tag}>")
            tag = "rdg"
        parts.append("</rdgGrp>" if group else "")
    return f'<app type="{segment.kind}">{"".join(parts)}</app>'


def _text(text: str) -> str:
    """Character data; a character that XML cannot hold stands as an empty ``g`` with its number."""
    return FORBIDDEN.sub(lambda m: f'<g n="U+{ord(m[0]):04X}"/>', escape(text))


def _attribute(text: str) -> str:
    return quoteattr(FORBIDDEN.sub("\ufffd", text))
