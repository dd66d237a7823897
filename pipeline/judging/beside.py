"""Statements of illness beside those of another witness: lines that are lost, clauses to cut.

A transcription that dropped a line gives the illness of one statement to the point of another
(胸中膨膨然|陵泉主之). With a second witness of the work at hand the words between are known.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import regex
from rapidfuzz.distance import Indel

from pipeline.judging.wording import one_for_one
from pipeline.knowledge.lexicon import point_name
from pipeline.knowledge.treatments import any_of
from pipeline.model import Diagnostic, Emendation, Indication, Result, Symptom, Witness
from pipeline.reading.bare import Bare, bare, stretch
from pipeline.reading.segment import find_notes, without_notes
from pipeline.sources.layouts import LOST as LOST_GLYPH
from pipeline.sources.normalize import kept_of
from pipeline.text.rising import rising

LOST = 8
"""A shorter gap is a word left out, not a line."""
NEAR = 60
"""What is lost between statements is reported of one that is so near."""


@dataclass(frozen=True, slots=True)
class _Side:
    """A witness: the words of the part that has statements, where each statement begins and ends in
    them, its rows; its notes, each with its place and whether it is closed.
    """

    siglum: str
    text: Bare
    starts: Sequence[int]
    rows: dict[str, list[Indication]]
    spans: dict[str, tuple[int, int]]
    notes: Sequence[tuple[int, int, bool]]


@dataclass(frozen=True, slots=True)
class _Gap:
    """Words ``there`` of one witness for which the other has ``here``: both as places of words."""

    here: tuple[int, int]
    there: tuple[int, int]


def beside(result: Result) -> Result:
    """A result with what its witnesses of one work tell about each other's statements."""
    works: dict[str, list[Witness]] = {}
    told = {r.witness for r in result.indications if r.direction == "illness_first"}
    for witness in result.witnesses:
        if witness.spec.siglum in told:
            works.setdefault(witness.spec.work, []).append(witness)
    for witnesses in works.values():
        if len(witnesses) > 1:
            sides = [_side(witness, result) for witness in witnesses]
            for here in sides:
                for there in sides:
                    if here is not there:
                        result = _compared(result, here, there)
    return result


def _side(witness: Witness, result: Result) -> _Side:
    rows: dict[str, list[Indication]] = {}
    for row in result.indications:
        if row.witness == witness.spec.siglum and row.direction == "illness_first":
            rows.setdefault(row.statement_id, []).append(row)
    text = kept_of(result.layers, witness)
    notes, _ = find_notes(text, witness.spec.siglum)
    main = without_notes(text, notes)
    firsts = [found[0] for found in rows.values()]
    begin = bisect_left(main.starts, min(row.start for row in firsts))
    end = bisect_left(main.starts, max(row.end for row in firsts))
    words = bare(main, begin, end)
    starts = [main.starts[i] if i < len(main.starts) else main.ends[-1] for i in words.at]
    spans = {
        row.statement_id: (bisect_left(starts, row.start), bisect_left(starts, row.end))
        for row in firsts
    }
    held = [(text.starts[n.start - 1], text.ends[n.end - 1], n.closed) for n in notes]
    return _Side(witness.spec.siglum, words, starts, rows, spans, held)


# --- what agrees ---------------------------------------------------------------------------------


ANCHOR = 8
"""So many words, once in each witness, are one place."""


def _once(words: str) -> dict[str, int]:
    grams = Counter(words[i : i + ANCHOR] for i in range(len(words) - ANCHOR + 1))
    places = {words[i : i + ANCHOR]: i for i in range(len(words) - ANCHOR + 1)}
    return {gram: place for gram, place in places.items() if grams[gram] == 1}


def _anchors(a: str, b: str) -> list[tuple[int, int]]:
    """Places that are the same in both, in the order of both: the longest chain of them."""
    there = _once(b)
    pairs = sorted((i, there[gram]) for gram, i in _once(a).items() if gram in there)
    return [pairs[k] for k in rising([j for _, j in pairs])]


WIDEST = 6000
"""Between two anchors the witnesses are compared up to so many words."""


RUN = 3
"""Fewer words that agree may do so by chance."""


def _runs(a: str, b: str) -> list[tuple[int, int, int]]:
    """The runs of words that agree: place in both, and how many."""
    found: list[tuple[int, int, int]] = []
    for (i, j), (i2, j2) in pairwise([(0, 0), *_anchors(a, b), (len(a), len(b))]):
        if not (0 <= i2 - i <= WIDEST and 0 <= j2 - j <= WIDEST):
            continue
        for step in Indel.opcodes(a[i:i2], b[j:j2]):
            size = step.src_end - step.src_start
            if step.tag == "equal":
                place = i + step.src_start, j + step.dest_start
                joins = found and found[-1][0] + found[-1][2] == place[0]
                if joins and found[-1][1] + found[-1][2] == place[1]:
                    found[-1] = (*found[-1][:2], found[-1][2] + size)
                else:
                    found.append((*place, size))
    return [run for run in found if run[2] >= RUN]


def _compared(result: Result, here: _Side, there: _Side) -> Result:
    runs = _runs(here.text.words, there.text.words)
    gaps = [
        _Gap((i + size, i2), (j + size, j2))
        for (i, j, size), (i2, j2, _) in pairwise(runs)
        if (j2 - j - size) - (i2 - i - size) >= LOST
    ]
    marked: dict[str, set[str]] = {}
    emendations: list[Emendation] = []
    said: list[Diagnostic] = []
    for gap in (_settled(there, gap) for gap in gaps if _told(there, gap.there)):
        for statement_id, flags in _damaged(here, there, gap):
            marked.setdefault(statement_id, set()).update(flags)
            emendations += _proposals(here, there, gap, statement_id)
            if "fused" in flags:
                said.append(_fused(here, there, gap, statement_id))
    cut = list(_clauses(here, there, runs, result)) if _signed(there) and not _signed(here) else []
    anew = {symptom.statement_id for symptom in cut}
    return replace(
        result,
        indications=tuple(
            _flagged(row, marked.get(row.statement_id)) for row in result.indications
        ),
        emendations=(*result.emendations, *emendations),
        diagnostics=(*result.diagnostics, *said),
        symptoms=(*(s for s in result.symptoms if s.statement_id not in anew), *cut),
    )


# --- what is lost --------------------------------------------------------------------------------


def _told(side: _Side, place: tuple[int, int]) -> bool:
    """Whether words stand in statements."""
    return any(a < place[1] and place[0] < b for a, b in side.spans.values())


def _settled(there: _Side, gap: _Gap) -> _Gap:
    """A gap that begins where a statement does, if it can: 主之[胸脅滿…巨虛上廉主之] is the same as
    [主之胸脅滿…巨虛上廉]主之.
    """
    if gap.here[0] < gap.here[1]:
        return gap
    words, (a, b) = there.text.words, gap.there
    begins = {start for start, _ in there.spans.values()}
    for step in (-1, 1):
        shift = 0
        while a + shift not in begins:
            left, right = (a + shift - 1, b + shift - 1) if step < 0 else (a + shift, b + shift)
            if left < 0 or right >= len(words) or words[left] != words[right]:
                break
            shift += step
        else:
            return _Gap((gap.here[0] + shift,) * 2, (a + shift, b + shift))
    return gap


def _damaged(here: _Side, there: _Side, gap: _Gap) -> Iterator[tuple[str, set[str]]]:
    """The statement in which words are lost, and what that makes of it: where they have a treatment
    in them, the illness and the point are those of two statements.
    """
    lost = there.text.words[slice(*gap.there)]
    treated = any_of("formula").search(lost) is not None
    for statement_id, (start, end) in here.spans.items():
        if start < gap.here[1] and gap.here[0] < end:
            inside = gap.here[0] > start
            fused = ("fused",) if treated and inside else ()
            yield statement_id, {"text_lost_inside" if inside else "text_lost_before", *fused}
            return
    order = sorted(here.spans.items(), key=lambda item: item[1])
    after = next((s for s, (start, _) in order if 0 <= start - gap.here[1] <= NEAR), None)
    before = next((s for s, (_, end) in order[::-1] if 0 <= gap.here[0] - end <= NEAR), None)
    if after or before:
        yield after or before or "", {"text_lost_before" if after else "text_lost_after"}


def _flagged(row: Indication, flags: set[str] | None) -> Indication:
    return replace(row, flags=tuple(dict.fromkeys((*row.flags, *sorted(flags))))) if flags else row


def _proposals(here: _Side, there: _Side, gap: _Gap, statement_id: str) -> Iterator[Emendation]:
    """What is missing in a gap, put between the words that stand in it; no words of the witness,
    and no sign, are replaced. A note that is never closed, or never opened, has lost words of its
    own: nothing is put after the one and before the other.
    """
    said, lost = here.text.words[slice(*gap.here)], there.text.words[slice(*gap.there)]
    for step in _missing(said, lost):
        i, j, end = gap.here[0] + step[0], gap.there[0] + step[1], gap.there[0] + step[2]
        place = _place(here, i, _notes_between(there, j))
        if place is None or _closes(here, i):
            continue
        yield _proposal(here, there, statement_id, place, (j, end))


def _proposal(
    here: _Side, there: _Side, statement_id: str, at: int, part: tuple[int, int]
) -> Emendation:
    """The proposal to put some words of the other witness at a place."""
    words, (j, end) = there.text.words, part
    before, after = words[max(0, j - 4) : j], words[end : end + 4]
    why = "the words around agree, a line is lost"
    why += "".join(f"; doubtful there: {odd}" for odd in _odd(words, j, end))
    return Emendation(
        witness=here.siglum,
        entry_id=None,
        field="text",
        printed="",
        proposed=words[j:end],
        from_witness=there.siglum,
        from_entry=None,
        evidence=f"{before}[{words[j:end]}]{after}: {why}",
        start=at,
        end=at,
        statement_id=statement_id,
    )


def _closes(side: _Side, i: int) -> bool:
    """Whether a bracket closes soon after a word that none opened."""
    at = side.text.at[i] if i < len(side.text.at) else len(side.text.layer.chars)
    return "）" in side.text.layer.chars[at : at + NOTE]


NOTE = 12
"""Characters in which what is left of a note ends."""


def _odd(words: str, j: int, end: int) -> Iterator[str]:
    """A glyph that belongs to names of points (肩髃), where it stands in none of them and beside
    glyphs that it has beside it nowhere else (鼻髃痛).
    """
    for k in range(max(1, j), min(end, len(words) - 1)):
        pairs = words[k - 1 : k + 1], words[k : k + 2]
        single = words[k] not in (words[k - 1], words[k + 1]) and words.count(words[k]) >= OFTEN
        if single and all(words.count(pair) == 1 for pair in pairs):
            named = [m.span() for m in point_name().finditer(words) if words[k] in m.group()]
            held = any(first <= k < last for first, last in named)
            if not held and 2 * len(named) >= words.count(words[k]):
                yield words[k - 1 : k + 2]


OFTEN = 3
"""How often a glyph must stand in a text for what is beside it to tell anything."""


def _missing(said: str, lost: str) -> Iterator[tuple[int, int, int]]:
    """Where words lack others, and which; what stands in place of another word is no loss, and of
    as many blanks as words each has its own.

    >>> list(_missing("刺氣街", "大便難刺氣衝")), list(_missing("肘臂", "臑肘臂痛"))
    ([(0, 0, 3)], [(0, 0, 1), (2, 3, 4)])
    >>> list(_missing("□□肘", "澼臑肘")), list(_missing("淡淡", "主之心澹澹"))
    ([(0, 0, 1), (1, 1, 2)], [(0, 0, 3)])
    """
    said = one_for_one(said)
    steps = Indel.opcodes(said, one_for_one(lost))
    taken = [s for s in steps if s.tag == "delete"]
    gone = [said[s.src_start : s.src_end].strip(LOST_GLYPH) for s in taken]
    replaced = {s.src_start for s in taken}
    replaced |= {s.src_end for s in taken} if any(gone) else set()
    for s in (s for s in steps if s.tag == "insert"):
        size = s.dest_end - s.dest_start
        blanks = next((t for t in taken if s.src_start in (t.src_start, t.src_end)), None)
        single = blanks is not None and blanks.src_end - blanks.src_start == size > 1
        if blanks and single and set(said[blanks.src_start : blanks.src_end]) == {LOST_GLYPH}:
            for n in range(size):
                yield blanks.src_start + n, s.dest_start + n, s.dest_start + n + 1
        elif size >= LOST or not any(gone) or s.src_start not in replaced:
            yield s.src_start, s.dest_start, s.dest_end


def _notes_between(side: _Side, i: int) -> list[tuple[int, int, bool]]:
    """The notes between a word and the one before it."""
    text = side.text
    first = text.layer.ends[text.at[i - 1]] if i else 0
    return [note for note in side.notes if first <= note[0] < side.starts[i]]


def _place(side: _Side, i: int, model: Sequence[tuple[int, int, bool]]) -> int | None:
    """Where words are put before a word: after the sign before it, and after as many notes as stand
    there in the model.
    """
    notes = _notes_between(side, i)
    if not all(closed for _, _, closed in notes):
        return None
    if len(model) < len(notes):
        return notes[len(model)][0] if not model else notes[len(model) - 1][1]
    return side.starts[i]


def _fused(here: _Side, there: _Side, gap: _Gap, statement_id: str) -> Diagnostic:
    place = stretch(here.text, gap.here[0], max(gap.here[1], gap.here[0]))
    row = here.rows[statement_id][0]
    lost = there.text.words[slice(*gap.there)]
    message = f"{statement_id}: illness and point are of two statements; lost between them: {lost}"
    other = stretch(there.text, *gap.there).source
    start = min(place.source[0], row.end - 1)
    return Diagnostic(
        "statement-fused",
        "warning",
        message,
        here.siglum,
        start,
        max(start + 1, place.source[1]),
        row.section,
        see=((there.siglum, *other),),
    )


# --- clauses -------------------------------------------------------------------------------------


def _signed(side: _Side) -> bool:
    """Whether a witness has the signs of clauses."""
    return sum("，" in sign for sign in side.text.signs) * 20 > len(side.text.signs)


SAME = 0.8
"""The part of a statement that must stand in the other witness for its clauses to be taken."""


def _clauses(
    here: _Side, there: _Side, runs: Sequence[tuple[int, int, int]], result: Result
) -> Iterator[Symptom]:
    """The clauses of statements without signs, cut where the other witness has a sign in the same
    words.
    """
    firsts = [i for i, _, _ in runs]
    cuts = [c for c, sign in enumerate(there.text.signs) if regex.search("[，。；：]", sign)]
    for statement_id, (start, _) in here.spans.items():
        row = here.rows[statement_id][0]
        told = start + _length(row.syndrome)
        held = runs[max(0, bisect_right(firsts, start) - 1) : bisect_left(firsts, told)]
        agree = sum(max(0, min(told, i + n) - max(start, i)) for i, _, n in held)
        if not row.syndrome or agree < SAME * (told - start):
            continue
        places = {start, told}
        for i, j, size in held:
            inner = cuts[bisect_right(cuts, j) : bisect_left(cuts, j + size)]
            places |= {i + c - j for c in inner if start < i + c - j < told}
        for number, (a, b) in enumerate(pairwise(sorted(places)), 1):
            place = stretch(here.text, a, b)
            yield Symptom(
                symptom_id=f"{statement_id}/s{number}",
                statement_id=statement_id,
                witness=here.siglum,
                ord=number,
                text=place.printed,
                start=place.source[0],
                end=place.source[1],
                key=place.words.replace("\n", "").replace("。", ""),
                basis="parallel",
            )


def _length(syndrome: str) -> int:
    """How many words a syndrome has: an entity is one."""
    return len(regex.sub(r"[^\p{Han}\p{Co}]", "", regex.sub(r"&[A-Za-z0-9]+;", "字", syndrome)))
