"""The synopsis: points × witnesses, and in each cell depth and cones as the witness has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.script import to_traditional
from pipeline.knowledge.tables import table
from pipeline.model import Entry
from pipeline.site.gather import Corpus, of_entry, standing
from pipeline.site.mentions import Ban

SHADES = (1, 2, 3, 4, 5, 7, 10, 15)
"""The most 分 of each shade but the last: fine where most depths are."""
DAMAGED = ("name_lost", "name_damaged", "location_damaged", "text_truncated", "misprint_suspected")
SUSPECT = ("value-out-of-range",)
"""Diagnostics that tell of a number that no book gives."""
UNREAD = ("dose-unread", "dose-cut", "numeral-unreadable", "subject-unread")
"""Diagnostics that tell of words in an entry that are a dose and were not read."""
ACTS = "nm"
"""What can be forbidden, needling and moxa, as cells have it."""
MEASURES = ("depth", "moxa", "retention", "needling")
"""What notes say of a treatment."""
ABREAST = 16
"""Witnesses on one page of the synopsis: more are no longer seen together."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a witness has of a point: depth and cones, ``×`` where forbidden; ``·`` in a commentary
    that names the point and states no dose.
    """

    witness: str
    entry_id: str
    depth: str
    moxa: str
    banned: str
    """n where needling is forbidden, m where moxa is."""
    shade: int | None
    damaged: bool = False
    by: str = ""
    """The authorities of whom it has what is no statement of its own."""
    more: int = 0
    """Further entries of the witness about the point."""
    unread: bool = False
    """Whether words of a dose stand in its entries that became no value."""
    doubts: tuple[str, ...] = ()
    """Why it is damaged or doubtful."""
    voices: str = ""
    """The works and persons that its entries quote on doses, as they are known or printed."""
    suspect: bool = False
    """Whether what is doubtful is a number of it, or its end."""
    elsewhere: bool = False
    """Whether the witness forbids the point outside of its entries, which do not forbid all."""


@dataclass(frozen=True, slots=True)
class Row:
    """A point with its cells, None where a witness does not have it."""

    point: str
    name: str
    simplified: str
    pinyin: str
    channel: str
    region: str
    place: int
    """Where the first witness that has it treats it."""
    cells: tuple[Cell | None, ...]
    differs: bool


def columns(corpus: Corpus) -> list[str]:
    """The witnesses that speak of points, in order of time."""
    speaking = {e.witness for e in corpus.entries.values()}
    speaking |= {i.witness for i in corpus.tables["identifications"] if i.codes}
    return [siglum for siglum in corpus.witnesses if siglum in speaking]


def rows(
    corpus: Corpus, witnesses: Sequence[str], bans: Mapping[str, Sequence[Ban]]
) -> Iterator[Row]:
    """A row for each point: the 361, and those besides that a witness has."""
    known = {row["code"]: row for row in table("authority/points.tsv")}
    places = {entry_id: n for n, entry_id in enumerate(corpus.entries)}
    others = sorted(point for point in corpus.points if point not in known)
    for point in (*known, *others):
        entries = corpus.points.get(point, ())
        banning = {ban.witness for ban in bans.get(point, ())}
        cells = tuple(cell(corpus, point, siglum, siglum in banning) for siglum in witnesses)
        row = known.get(point, {})
        yield Row(
            point,
            row.get("traditional", point),
            row.get("simplified", ""),
            row.get("pinyin", ""),
            row.get("channel", ""),
            row.get("region", ""),
            min((places[e.entry_id] for e in entries), default=len(places) + standing(point)),
            cells,
            differ([c for c in cells if c]),
        )


def cell(corpus: Corpus, point: str, siglum: str, elsewhere: bool = False) -> Cell | None:
    """What a witness has of a point; its first entry that states a dose stands for all."""
    mine = [e for e in corpus.points.get(point, ()) if e.witness == siglum]
    if not mine:
        named = corpus.by_code["identifications"].get(point, ())
        return Cell(siglum, "", "·", "", "", None) if siglum in {i.witness for i in named} else None
    entry = next((e for e in mine if spoken(e)), mine[0])
    forbidden = (entry.needling_forbidden, entry.moxa_forbidden)
    banned = "".join(act for act, is_so in zip(ACTS, forbidden, strict=True) if is_so)
    sources = (entry.needling_source, entry.moxa_source)
    doubts = tuple(flag for flag in entry.flags if flag in DAMAGED)
    return Cell(
        siglum,
        entry.entry_id,
        span(entry.depth_min_fen, entry.depth_max_fen) + "×" * entry.needling_forbidden,
        span(entry.moxa_min, entry.moxa_max) + "×" * entry.moxa_forbidden,
        banned,
        shade(entry.depth_max_fen),
        bool(doubts),
        "、".join(dict.fromkeys(s for s in sources if s)),
        len(mine) - 1,
        any(i.rule in UNREAD for e in mine for i in of_entry(corpus, "issues", e.entry_id)),
        doubts,
        "|".join(voices(corpus, mine)),
        suspect(corpus, entry),
        elsewhere and len(banned) < len(ACTS),
    )


def suspect(corpus: Corpus, entry: Entry) -> bool:
    """Whether a number of an entry is doubtful, or the end that may have had one."""
    return "text_truncated" in entry.flags or bool(out_of_range(corpus, entry))


def out_of_range(corpus: Corpus, entry: Entry) -> list[str]:
    """What is said of the numbers of an entry that no book gives; each names its column."""
    issues = of_entry(corpus, "issues", entry.entry_id)
    return [issue.message for issue in issues if issue.rule in SUSPECT]


def voices(corpus: Corpus, entries: Sequence[Entry]) -> list[str]:
    """Whom entries quote on doses: the work where it is known, else the words that name it; and
    the editors who speak of any in their notes.
    """
    doses = (d for e in entries for d in of_entry(corpus, "doses", e.entry_id) if d.source)
    notes = (r for e in entries for r in of_entry(corpus, "readings", e.entry_id))
    spoken = (to_traditional(d.work or d.source) for d in doses)
    added = (corpus.editors.get(r.note_id or "", "") for r in notes if r.field in MEASURES)
    return [voice for voice in dict.fromkeys((*spoken, *added)) if not voice.isascii()]


def heard(found: Sequence[Row]) -> list[str]:
    """The voices of all rows, those that speak of most points first; one that is heard at a single
    point is no choice for a filter.
    """
    points = Counter(
        voice
        for row in found
        for voice in {v for c in row.cells if c for v in c.voices.split("|") if v}
    )
    return [voice for voice, times in points.most_common() if times > 1]


def spoken(entry: Entry) -> bool:
    """Whether an entry says how the point is treated."""
    return (
        entry.depth_max_fen is not None
        or entry.moxa_max is not None
        or entry.needling_forbidden
        or entry.moxa_forbidden
    )


def span(least: float | None, most: float | None) -> str:
    """Least and most as one reads them.

    >>> span(3, 3), span(8, 9.5), span(None, 100), span(None, None)
    ('3', '8–9.5', '≤100', '')
    """
    if most is None:
        return "" if least is None else f"≥{least:g}"
    if least is None:
        return f"≤{most:g}"
    return f"{most:g}" if least == most else f"{least:g}–{most:g}"


def shade(depth: float | None) -> int | None:
    """The shade of a depth: the deeper, the darker."""
    if depth is None:
        return None
    return sum(depth > most for most in SHADES)


def differ(cells: Sequence[Cell]) -> bool:
    """Whether witnesses that speak of the same act say otherwise."""
    return any(
        len({value for c in cells if (value := getattr(c, name)) not in ("", "·")}) > 1
        for name in ("depth", "moxa")
    )


def pages(witnesses: Sequence[str]) -> list[Sequence[str]]:
    """The witnesses of each page."""
    starts = range(0, max(1, len(witnesses)), ABREAST)
    return [witnesses[start : start + ABREAST] for start in starts]


def channels() -> list[str]:
    """The channels in the order of their points."""
    return list(dict.fromkeys(lexicon().channel.values()))


def regions() -> list[str]:
    """The regions in the order in which the points of the channels come to them."""
    return list(dict.fromkeys(lexicon().region.values()))
