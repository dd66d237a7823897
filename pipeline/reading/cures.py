"""What a point is good for, as entries of catalogues say it: 灸三壯。主頭風目眩, or 主治中風."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

from pipeline.knowledge.lexicon import alternatives
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.treatments import any_of, one_of
from pipeline.knowledge.works import works
from pipeline.model import Entry, EntrySegment, Indication, Result, Segments, Symptom
from pipeline.sources.read import line_of, line_starts
from pipeline.text.slice import Slice


@dataclass(frozen=True, slots=True)
class Cure:
    """The words of an illness that stand after a cue, and whose they are (the book's: empty)."""

    cue: Slice
    words: Slice
    source: str


@dataclass(frozen=True, slots=True)
class _Body:
    """An entry without its head: where it stands, whom it cites, where notes stand in the book.
    ``even``: 。 stands for every comma.
    """

    chars: str
    start: int
    end: int
    quotes: Sequence[regex.Match[str]]
    ends: Sequence[int]
    notes: Sequence[int]
    even: bool


@lru_cache(maxsize=1)
def _quotes() -> regex.Pattern[str]:
    """Who is cited: 甄權云, 《千金》云, 百證賦云, 甲乙、千金云, 《千金》《外臺》主."""
    titles = alternatives(form for form in works() if len(form) > 1)
    return pattern("quotation-opening", titles=titles)


@lru_cache(maxsize=1)
def _cues() -> regex.Pattern[str]:
    return regex.compile(rf"(?P<further>{one_of('further')})|{one_of('cue')}")


def cures(segments: Segments, even: bool = False) -> Iterator[tuple[EntrySegment, list[Cure]]]:
    """What each entry says its point is good for. ``even``: 。 stands for every comma."""
    chars, notes = segments.main.chars, [note.anchor for note in segments.notes]
    for entry in segments.entries:
        place = entry.head[1], entry.end
        if not _cues().search(chars, *place):
            yield entry, []
            continue
        quotes = list(_quotes().finditer(chars, *place))
        body = _Body(chars, *place, quotes, [quote.end() for quote in quotes], notes, even)
        yield entry, list(_cures(segments, body))


def _cures(segments: Segments, body: _Body) -> Iterator[Cure]:
    """The words after the first cue of each voice up to the book's own, and after further ones in
    the same paragraph.
    """
    place, own = body.start, False
    for cue in _cues().finditer(body.chars, body.start, body.end):
        if cue.start() < place or bool(cue["further"]) != own:
            continue
        if own and _parted(body, place, cue.start()):
            break
        sources = _voices(body, cue)
        stop = _end(body, cue.end())
        following = _cues().search(body.chars, stop, body.end)
        if not sources and following and following["further"]:
            goes_on = not _parted(body, stop, following.start())
            stop = following.start() if goes_on else stop
        words = _trimmed(Slice(segments.main, cue.end(), stop))
        if words.words:
            for source in sources or ("",):
                yield Cure(Slice(segments.main, *cue.span()), words, source)
            place, own = words.end, own or not sources


def _parted(body: _Body, start: int, end: int) -> bool:
    """Whether another paragraph, a quotation or a dose stands between two places."""
    quoted = bisect_right(body.ends, start) < bisect_right(body.ends, end)
    dosed = pattern("act").search(body.chars, start, end) is not None
    return quoted or dosed or "\n" in body.chars[start:end]


REACH = 200
"""How far behind a quotation a dose of the book ends it."""


def _voices(body: _Body, cue: regex.Match[str]) -> tuple[str, ...]:
    """Whose a cue is: of the authorities cited last, unless the words are the book's own, or they
    have stated a dose in between; nobody for the book.
    """
    before = bisect_right(body.ends, cue.start()) - 1
    if before < 0:
        return ()
    last = body.quotes[before]
    between = body.chars[max(last.end(), cue.start() - REACH) : cue.start()]
    sure = pattern("treats-oneself").search(cue.group()) and between
    new_line = "\n" in between and cue.group() == "主"
    if sure or new_line or pattern("act").search(between):
        return ()
    return tuple(body.chars[a:b] for a, b in sorted(last.spans("title") + last.spans("work")))


def _end(body: _Body, start: int) -> int:
    """Where the words of an illness end: with the sentence, before a quotation, a note, a case."""
    stops = [body.end, _sentence(body, start)]
    if halt := any_of("halt").search(body.chars, start, body.end):
        stops.append(halt.start())
    if defined := pattern("illness-defined").match(body.chars, start, body.end):
        stops.append(defined.end(1))
    quote = bisect_left(body.quotes, start, key=lambda match: match.start())
    stops += [match.start() for match in body.quotes[quote : quote + 1]]
    note = bisect_right(body.notes, start)
    return min(*stops, *body.notes[note : note + 1])


SENTENCE = regex.compile(r"。\n?([^。，；：\n]*+)")


def _sentence(body: _Body, start: int) -> int:
    """Where a sentence ends; where 。 stands for every comma, before a clause of something else."""
    for stop in SENTENCE.finditer(body.chars, start, body.end):
        if not (body.even and stop[1]) or any_of("aside").search(stop[1]):
            return stop.start()
    return body.end


SIGNS = "，。；：、○\n "


def _trimmed(where: Slice) -> Slice:
    """Words without the signs before and after them."""
    words = where.words
    start = where.start + len(words) - len(words.lstrip(SIGNS))
    return Slice(where.layer, start, max(start, where.start + len(words.rstrip(SIGNS))))


# --- rows ----------------------------------------------------------------------------------------


def read_cures(siglum: str, segments: Segments, entries: Sequence[Entry]) -> Result:
    """The rows of what the entries of a catalogue say their points are good for."""
    chars = segments.main.chars
    even = 2 * chars.count("，") < chars.count("。")
    starts = line_starts(segments.main.source)
    rows: list[Indication] = []
    symptoms: list[Symptom] = []
    for (segment, found), entry in zip(cures(segments, even), entries, strict=True):
        for number, cure in enumerate(found, 1):
            statement_id = f"{entry.entry_id}/i{number}"
            line = line_of(starts, cure.cue.source[0])
            rows.append(_row(statement_id, segments, segment, entry, cure, line))
            symptoms += clauses(statement_id, siglum, cure.words)
    return Result(indications=tuple(rows), symptoms=tuple(symptoms))


def _row(
    statement_id: str,
    segments: Segments,
    segment: EntrySegment,
    entry: Entry,
    cure: Cure,
    line: int,
) -> Indication:
    section = segments.sections[segment.section]
    head = Slice(segments.main, *segment.head)
    start, end = cure.cue.source[0], cure.words.source[1]
    return Indication(
        indication_id=f"{statement_id}/p1",
        statement_id=statement_id,
        witness=entry.witness,
        juan=section.juan,
        section=section.number,
        entry_id=entry.entry_id,
        direction="point_first",
        stratum="mingtang",
        source=cure.source,
        syndrome=cure.words.verbatim,
        name_raw=entry.name_raw,
        name=entry.name,
        code=entry.code,
        name_basis=entry.name_basis,
        candidates=entry.candidates,
        target_kind="point",
        act=cure.cue.verbatim,
        role="main",
        step=None,
        needle=None,
        moxa=None,
        side="",
        modifiers=(),
        patient="",
        text=segments.main.source[start:end],
        start=start,
        end=end,
        line=line,
        point_start=head.source[0] if head.words else None,
        point_end=head.source[1] if head.words else None,
        flags=(),
    )


CLAUSE = regex.compile(r"[^，。、；：？！\n]++")


def clauses(statement_id: str, siglum: str, words: Slice) -> Iterator[Symptom]:
    """The clauses of an illness, where signs divide them; a text without any has none."""
    if not any(sign in words.layer.chars for sign in "，。"):
        return
    found = CLAUSE.finditer(words.layer.chars, words.start, words.end)
    for number, clause in enumerate(found, 1):
        place = Slice(words.layer, *clause.span())
        yield Symptom(
            symptom_id=f"{statement_id}/s{number}",
            statement_id=statement_id,
            witness=siglum,
            ord=number,
            text=place.printed,
            start=place.source[0],
            end=place.source[1],
            key=place.words,
            basis="punctuation",
        )
