"""Counts: how many points a source says it has, against what was found; the rows of sections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import regex

from pipeline.knowledge.lexicon import lexicon, points
from pipeline.knowledge.numerals import NUMERAL, integer, written
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.profiles import grouped
from pipeline.knowledge.tables import table
from pipeline.model import Diagnostic, Entry, SectionRow, SectionSegment, Segments
from pipeline.reading.names import Context
from pipeline.reading.order import context_of
from pipeline.reading.segment import lettered
from pipeline.text.slice import Slice, at

# --- numbers that are stated ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stated:
    """A number of points that a source states, and where.

    ``parts``: the single and the double points that it says it is made of.
    """

    number: int
    parts: tuple[int, ...]
    where: Slice


@cache
def _forms(kind: str) -> tuple[tuple[regex.Pattern[str], int], ...]:
    numeral = rf"(\d{{1,9}}|[{NUMERAL}]{{1,9}})"
    return tuple(
        (regex.compile(row["form"].replace("N", numeral)), int(row["sides"]))
        for row in table("authority/counts.tsv")
        if row["kind"] == kind
    )


def stated(kind: str, words: Slice) -> list[Stated]:
    """The numbers of a kind that words state, in order (凡三百六十五穴 → 365)."""
    found: list[Stated] = []
    for form, sides in _forms(kind):
        for match in form.finditer(words.layer.chars, words.start, words.end):
            numbers = [int(n) if n.isdecimal() else integer(n) for n in match.groups()]
            known = [n for n in numbers if n is not None]
            if known == numbers:
                where = Slice(words.layer, *match.span())
                found.append(Stated(sides * known[0], tuple(known[1:]), where))
    return sorted(found, key=lambda one: one.where.start)


def differ(declared: int | None, found: int | None, issue: Diagnostic) -> list[Diagnostic]:
    """The issue, where both numbers are known and are not the same."""
    return [] if declared is None or found is None or declared == found else [issue]


def totals(
    declared: Iterable[Stated], found: int, says: str, siglum: str, section: int | None = None
) -> Iterator[Diagnostic]:
    """Totals against their own parts (654 is not 48 + 2 × 308) and against what was found.

    ``says`` is what to say of the latter, with places for ``declared`` and ``found``.
    """
    for total in declared:
        where = (siglum, *total.where.source, section)
        if len(total.parts) == 2:
            single, double = total.parts
            made = single + 2 * double
            message = (
                f"the total of {total.number} points is not that of its parts: "
                f"{single} single and {double} double make {made}"
            )
            issue = Diagnostic("total-differs", "warning", message, *where)
            yield from differ(total.number, made, issue)
        message = says.format(declared=total.number, found=found)
        yield from differ(total.number, found, Diagnostic("total-differs", "info", message, *where))


# --- parts of a witness --------------------------------------------------------------------------


NOWHERE = Context()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a witness: what the source calls it, how many points it says that it has, and the
    entries in it. ``start``/``end``: source positions.
    """

    section_id: str
    """Where it stands repeatedly a letter is put to it."""
    title: str
    start: int
    end: int
    held: Sequence[Entry] = ()
    number: int | None = None
    juan: str = ""
    declared: int | None = None
    stated: Stated | None = None
    """Where the number stands, if not in the title."""
    reached: int | None = None
    """The points that the number counts, where they are not those of the entries in it."""
    duplicate_of: int | None = None
    """Index of the part that it repeats."""
    profile: str = ""
    unit: str | None = None
    """Whether the number counts points or entries; None where the book has numbered sections."""
    context: Context = NOWHERE


def parts_of(segments: Segments, entries: Sequence[Entry]) -> list[Part]:
    """The sections of a book with the entries in them."""
    held: dict[int, list[Entry]] = {}
    for entry, segment in zip(entries, segments.entries, strict=True):
        held.setdefault(segment.section, []).append(entry)
    return [
        _grouped(segments, section, part)
        for section, part in zip(segments.sections, _parts(segments, held), strict=True)
    ]


def _grouped(segments: Segments, section: SectionSegment, part: Part) -> Part:
    """A part of a catalogue with the number that its title states: of points where it says that
    both sides are counted or where that is nearer, else of entries.
    """
    if not section.profile:
        return part
    part = replace(part, context=context_of(section.title))
    title = Slice(segments.main, max(0, section.heading[0] - 1), section.heading[1] + 1)
    said = stated("group", title)
    if not said or grouped(section.profile):
        return part
    number, held = said[0].number, len(part.held)
    both = "左右" in said[0].where.words
    nearer = abs(number - (counted(part) or 0)) < abs(number - held)
    return replace(part, declared=number, unit="points" if both or nearer else "entries")


def _parts(segments: Segments, held: Mapping[int, Sequence[Entry]]) -> list[Part]:
    return [
        Part(
            section.section_id,
            pattern("text-tag").sub("", Slice(segments.main, *section.heading).verbatim),
            *section.source,
            held.get(index, ()),
            section.number,
            section.juan,
            section.declared,
            duplicate_of=section.duplicate_of,
            profile=section.profile,
        )
        for index, section in enumerate(segments.sections)
    ]


def counted(part: Part) -> int | None:
    """What the entries of a part add up to; of a part without entries nothing is said."""
    if part.reached is not None or not part.held:
        return part.reached
    return points(entry.code for entry in part.held)


def sections(siglum: str, parts: Sequence[Part]) -> tuple[SectionRow, ...]:
    """A row for each part, with what its own count is worth."""
    ids = lettered(part.section_id for part in parts)
    return tuple(
        SectionRow(
            section_id=ids[index],
            witness=siglum,
            juan=part.juan,
            number=part.number,
            title=part.title,
            start=part.start,
            end=part.end,
            declared_points=part.declared,
            counted_points=counted(part),
            entries=len(part.held),
            status=_status(part),
            duplicate_of=None if part.duplicate_of is None else ids[part.duplicate_of],
            profile=part.profile,
            channel=part.context.section_channel or None,
            region=part.context.region or None,
            declared_unit=part.unit,
        )
        for index, part in enumerate(parts)
    )


def found_of(part: Part) -> int | None:
    """What is found of what the number of a part counts."""
    return len(part.held) if part.unit == "entries" and part.held else counted(part)


def _status(part: Part) -> str:
    if part.duplicate_of is not None:
        return "duplicate"
    if part.declared is None:
        return "undeclared"
    return "reconciled" if found_of(part) == part.declared else "differs"


def declarations(
    siglum: str, parts: Sequence[Part], says: Callable[[Part], str]
) -> Iterator[Diagnostic]:
    """Parts whose own count is not what was found, with what ``says`` says of them; and where a
    number that is confirmed stands outside of the title.
    """
    for part in parts:
        status = _status(part)
        if status == "differs":
            where = (siglum, part.start, part.start + len(part.title), part.number)
            message = f"{part.title}: {says(part)}"
            issue = Diagnostic("section-count-differs", "warning", message, *where)
            yield from differ(part.declared, found_of(part), issue)
        if status == "reconciled" and part.stated:
            message = (
                f"{part.stated.where.verbatim}: {part.declared} points, "
                f"as the list of {len(part.held)} names gives"
            )
            yield at("points-declared", part.stated.where, message, siglum, "info")


def reasons(part: Part) -> str:
    """What a difference can be: 七 is one glyph from 三."""
    declared, found = part.declared or 0, counted(part) or 0
    if part.unit == "entries":
        return f"declares {declared} entries, {len(part.held)} are found"
    midline = sum(entry.code in lexicon().midline for entry in part.held)
    said = [
        f"declares {declared} points, its {len(part.held)} entries give {found}",
        f"{midline} of them on the midline" if midline else "none of them on the midline",
    ]
    if (declared - midline) % 2:
        said.append(f"so the number must be {'odd' if midline % 2 else 'even'}")
    if sum(a != b for a, b in zip(written(declared), written(found), strict=False)) == 1:
        said.append(f"{written(declared)} is one glyph from {written(found)}: likely a misprint")
    elif found < declared:
        said.append("entries are missing, or the number is misprinted")
    else:
        said.append("the number is misprinted, or entries came in from elsewhere")
    return ", ".join(said)
