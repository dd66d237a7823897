r"""The 素問直解 and commentaries like it: statement and gloss by turns, a paragraph each.

Where the statements are set in type of their own (\x项中大筋两旁各一。\x), they are told by it.

The gloss says which points a statement of the 素問 stands for (项中央一穴 … 风府穴也).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from lark import Tree

from pipeline.genres.stages import Stage
from pipeline.judging.counts import Part, differ, sections
from pipeline.judging.cover import cover
from pipeline.knowledge.lexicon import lexicon, points
from pipeline.knowledge.patterns import pattern
from pipeline.model import (
    Diagnostic,
    Identification,
    Kind,
    Note,
    Reading,
    Result,
    Text,
    Witness,
)
from pipeline.reading.citations import IN_ENTRIES, read
from pipeline.reading.glosses import (
    Named,
    Names,
    Said,
    Sentence,
    codes_of,
    head_of,
    meant,
    own_names,
    read_gloss,
)
from pipeline.reading.names import (
    called,
    is_misprint,
    restore,
)
from pipeline.reading.pairs import (
    Chapter,
    Pair,
    Place,
    join,
    segment,
    set_apart,
    statements,
    unclosed,
)
from pipeline.reading.parse import bounds
from pipeline.reading.rows import note_of, readings_of
from pipeline.sources.normalize import damage, layer_of
from pipeline.text.layer import span, verbatim
from pipeline.text.slice import Slice


@dataclass(frozen=True, slots=True)
class Divided:
    """The text in paragraphs, its chapters, what each paragraph is; what is damaged."""

    text: Text
    chapters: list[Chapter]
    blocks: list[tuple[int, int, Kind]]
    diagnostics: tuple[Diagnostic, ...]


Identified = tuple[list[Identification], list[Diagnostic]]
Counted = tuple[list[Part], list[Diagnostic]]


def divided(witness: Witness, layer: Text) -> Divided:
    """Chapters, and in them statements with their glosses."""
    text, restored = restore(layer, witness.spec.siglum)
    lemmata = statements(text)
    text = join(set_apart(text, lemmata), lemmata)
    open_ends = unclosed(witness.spec.siglum, text, lemmata)
    return Divided(text, *segment(text, lemmata), (*damage(witness), *restored, *open_ends))


def glosses(divided: Divided) -> list[Said]:
    """What each statement and its gloss say."""
    pairs = (pair for chapter in divided.chapters for pair in chapter.pairs)
    return [read_gloss(divided.text, pair) for pair in pairs]


def identified(witness: Witness, divided: Divided, glosses: list[Said]) -> Identified:
    """What each statement stands for: 下关二穴 … 听宫下，颊车上，即下关穴 → 下關 ST7."""
    known = own_names(glosses)
    rows: list[Identification] = []
    found: list[Diagnostic] = []
    for chapter in divided.chapters:
        for seq, pair in enumerate(chapter.pairs, 1):
            row, said = identify(witness, divided.text, chapter, seq, glosses[len(rows)], known)
            rows.append(row)
            found += said
            found += truncated(witness, divided.text, chapter, pair)
    return rows, found


def result(
    witness: Witness,
    divided: Divided,
    glosses: list[Said],
    identified: Identified,
    remarks: Result,
    counted: Counted,
) -> Result:
    """All of it, and what each part of the text became."""
    text, (rows, said), (parts, differing) = divided.text, identified, counted
    end = span(text, len(text.chars), len(text.chars))[1]
    spans: list[tuple[int, int, Kind]] = [(0, end, "prose")]
    spans += [(*span(text, a, b), kind) for a, b, kind in divided.blocks]
    spans += [(note.start, note.end, "note") for note in remarks.notes]
    return replace(
        remarks,
        witnesses=(witness,),
        sections=sections(witness.spec.siglum, parts),
        identifications=tuple(rows) if _of_points(rows, glosses) else (),
        coverage=cover(witness, text, spans),
        diagnostics=(*divided.diagnostics, *said, *differing),
    )


def _of_points(rows: Sequence[Identification], glosses: Sequence[Said]) -> bool:
    """Whether there is a commentary on points: in a chapter of it half of the glosses or more name
    some (素問直解 58: 36 of 48), and most of their statements count them (35 of 36). Where
    paragraphs are paired that are none, one in eight names any; of a catalogue half, and one in
    four counts.
    """
    pairs = Counter(row.section for row in rows)
    naming = [(row.section, said) for row, said in zip(rows, glosses, strict=True) if row.codes]
    counted = sum(said.each or said.count is not None for _, said in naming)
    chapters = Counter(section for section, _ in naming)
    most = any(2 * chapters[section] >= pairs[section] for section in chapters)
    return most and 2 * counted > len(naming)


# --- rows ----------------------------------------------------------------------------------------


def identify(
    witness: Witness, text: Text, chapter: Chapter, seq: int, said: Said, book: Names
) -> tuple[Identification, list[Diagnostic]]:
    """What one statement stands for, and what is doubtful about it."""
    siglum, lex = witness.spec.siglum, lexicon()
    names = meant(said) or _headed(said)
    counted = said.count is not None or (said.tally and not said.spoken)
    group = said.total or any(named.listed for named in names) or (counted and not names)
    kind = "group" if group else "point" if names else "prose"
    where = _source(text, said.pair)
    printed: dict[str, str] = {}
    diagnostics: list[Diagnostic] = []
    for named in names:
        codes = codes_of(named, said, book)
        words = verbatim(witness.text, text, named.start, named.end)
        place = span(text, named.start, named.end)
        printed |= {code: words for code in codes if code not in printed}
        if not codes:
            among = sorted(called([named.key]) | book.get(named.key, set()))
            message = f"{words}: candidates {', '.join(among)}"
            at = (siglum, *place, chapter.number)
            diagnostics.append(Diagnostic("name-ambiguous", "info", message, *at))
        for key, (a, b) in ((named.key, place), *((head, where) for head in said.heads)):
            for code in filter(partial(is_misprint, key), codes):
                message = f"{key} is taken for a misprint of {lex.standard[code]}"
                at = (siglum, a, b, chapter.number)
                diagnostics.append(Diagnostic("name-misprint", "info", message, *at))
    row = Identification(
        witness=siglum,
        section=chapter.number or 0,
        seq=seq,
        lemma=_printed(witness, text, said.pair.statement),
        count=said.count,
        kind=kind,
        gloss=_printed(witness, text, said.pair.gloss),
        points_raw=tuple(printed.values()),
        points=tuple(lex.standard[code] for code in printed),
        codes=tuple(printed),
        location=_location(witness, text, said, book) if kind == "point" else "",
        start=where[0],
        end=where[1],
    )
    return row, diagnostics


def _headed(said: Said) -> list[Named]:
    """The name that heads a counted statement, where the gloss names none: 犊鼻二穴, 客主人各一."""
    head = head_of(said)
    counted = said.each or (said.count is not None and not said.total)
    if said.pair.statement is None or not counted or head not in said.heads:
        return []
    start = said.pair.statement[0] + said.words.index(head)
    return [Named(head, start, start + len(head), False)]


def _printed(witness: Witness, text: Text, place: Place | None) -> str:
    return "" if place is None else verbatim(witness.text, text, *place)


def _source(text: Text, pair: Pair) -> Place:
    places = [span(text, *place) for place in (pair.statement, pair.gloss) if place]
    return min(a for a, _ in places), max(b for _, b in places)


def _location(witness: Witness, text: Text, said: Said, book: Names) -> str:
    """Where the gloss places its points: the words of place of the sentences that mean them, of a
    point that comes again (瞳子浮白各二穴) those of the first such sentence.
    """
    names = meant(said)
    kept = {named.key for named in names}
    sentences = [
        (s, {c for n in s.named if n.key in kept for c in codes_of(n, said, book) or (n.key,)})
        for s in said.sentences
    ]
    if not names:
        placed = [s for s in said.sentences if s.pieces]
        counted = [s for s in placed if s.counted]
        sentences = [(s, {""}) for s in (counted or placed)[:1]]
    done: set[str] = set()
    pieces: list[str] = []
    for sentence, meaning in sentences:
        places = list(sentence.pieces)
        if len(places) > 1 and _is_topic(text, sentence, said):
            del places[0]
        if places and not meaning <= done:
            done |= meaning
            pieces += (verbatim(witness.text, text, *place) for place in places)
    return "，".join(piece for piece in pieces if piece)


def _is_topic(text: Text, sentence: Sentence, said: Said) -> bool:
    """Whether the first words of place only take up the statement: 在天府下五寸，乃天府之下…; but
    两髀厌分中，两腿砚子骨分界之处 is a place itself.
    """
    words = text.chars[slice(*sentence.pieces[0])]
    if sentence.pieces[0] == sentence.topic:
        return words in said.words
    return words == head_of(said) and not pattern("end-of-place").match(words[-1])


def truncated(witness: Witness, text: Text, chapter: Chapter, pair: Pair) -> Iterator[Diagnostic]:
    """What stands before the beginning and after the end of the text, or is missing inside it."""
    siglum = witness.spec.siglum
    where = _source(text, pair)
    ends = ": the text ends here" if chapter.last and pair is chapter.pairs[-1] else ""
    message = f"a statement without its gloss{ends}"
    if pair.statement is None:
        message = "a gloss without its statement, which stands before the beginning of the text"
    if pair.statement is None or pair.gloss is None:
        yield Diagnostic("text-truncated", "warning", message, siglum, *where, chapter.number)


def remarks(witness: Witness, divided: Divided, glosses: list[Said]) -> Result:
    """The remarks of the glosses on the text itself: 六，旧本讹八，今改; 齐，脐通; 行，音杭."""
    notes: list[Note] = []
    readings: list[Reading] = []
    for number, tree in enumerate((t for said in glosses for t in said.remarks), 1):
        siglum, inside = witness.spec.siglum, Slice(divided.text, *bounds(tree))
        notes.append(note_of(f"{siglum}/n{number:04d}", None, siglum, number, inside))
        clauses = [node for node in tree.children if isinstance(node, Tree)]
        _, statements = read(clauses, divided.text, None, IN_ENTRIES)
        readings += readings_of(notes[-1], statements)
    return Result(notes=tuple(notes), readings=tuple(readings))


# --- counts --------------------------------------------------------------------------------------


def counted(
    witness: Witness, divided: Divided, glosses: list[Said], identified: Identified
) -> Counted:
    """The chapters, and their own totals (凡三百六十五穴) against what the statements add up to."""
    parts: list[Part] = []
    diagnostics: list[Diagnostic] = []
    text, read = divided.text, zip(identified[0], glosses, strict=True)
    for chapter in divided.chapters:
        inside = list(islice(read, len(chapter.pairs)))
        added = sum(row.count or 0 for row, said in inside if not said.total)
        total = next((one for one in reversed(inside) if one[1].total), None)
        parts.append(
            Part(
                f"{witness.spec.siglum}/{_id(chapter, len(parts))}",
                _printed(witness, text, chapter.title),
                *span(text, chapter.start, chapter.end),
                number=chapter.number,
                juan=chapter.juan,
                declared=total[0].count if total else None,
                reached=added if total else None,
            )
        )
        if total:
            diagnostics += _totals(chapter, inside, added, *total)
        for row, _ in inside:
            if row.kind == "point":
                found = points(row.codes)
                says = f"{row.lemma} states {row.count} points, its gloss gives {found}"
                where = (row.witness, row.start, row.end, chapter.number)
                issue = Diagnostic("count-differs", "warning", says, *where)
                diagnostics += differ(row.count, found, issue)
    return parts, diagnostics


def _id(chapter: Chapter, place: int) -> str:
    return f"s{place:03d}" if chapter.number is None and place else f"{chapter.number or 0:02d}"


def _totals(
    chapter: Chapter,
    inside: Sequence[tuple[Identification, Said]],
    added: int,
    row: Identification,
    said: Said,
) -> Iterator[Diagnostic]:
    """A total against the statements before it, and against the commentary's own count."""
    where = (row.witness, row.start, row.end, chapter.number)
    glossed = sum(
        points(other.codes) if other.kind == "point" else other.count or own.tally or 0
        for other, own in inside
        if not own.total
    )
    message = (
        f"the total is {row.count} points; the statements here state {added}, "
        f"with what their glosses say of them {glossed}"
    )
    if chapter.first and chapter.title is None:
        message += "; the chapter begins before the text does"
    yield from differ(row.count, added, Diagnostic("total-differs", "warning", message, *where))
    apart = abs((said.tally or 0) - glossed)
    message = (
        f"the commentary counts {said.tally} points, the total is {row.count}; its glosses give "
        f"{glossed}, {apart} {'fewer' if glossed < (said.tally or 0) else 'more'}"
    )
    yield from differ(said.tally, row.count, Diagnostic("total-differs", "info", message, *where))


GLOSSES = (
    Stage("layer", layer_of),
    Stage("divided", divided),
    Stage("glosses", glosses),
    Stage("identified", identified),
    Stage("remarks", remarks),
    Stage("counted", counted),
    Stage("result", result),
)
