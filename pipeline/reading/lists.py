"""Lists of points and illnesses in the parts of a catalogue that have no entries.

An illness and its points (左癱右瘓：曲池 陽谿; 〔瘖瘂〕 天突 靈道; 治頭重。穴百會; without
signs 唇腫內關神門), or points and what they are good for (承漿、主小便不禁; 百會 主諸中風).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import regex

from pipeline.knowledge.lexicon import ends, lexicon
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.treatments import LOST, any_of, damaged, named
from pipeline.knowledge.works import works
from pipeline.model import (
    Diagnostic,
    Indication,
    Kind,
    Result,
    SectionSegment,
    Segments,
    Symptom,
    Text,
)
from pipeline.reading.cures import clauses
from pipeline.reading.indications import chapter, name_open
from pipeline.reading.names import basis_of
from pipeline.reading.parse import terminal
from pipeline.reading.statements import SCOPE_UNDECIDED
from pipeline.reading.treatments import LONGEST
from pipeline.reading.values import trimmed
from pipeline.sources.read import line_of, line_starts
from pipeline.text.slice import Slice

FEW = 3
"""So many statements of one form in a part are a list."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point that is listed: where it stands and what its name can mean."""

    where: Slice
    key: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A statement of a list: the whole of it, the illness, the verb, the points."""

    where: Slice
    illness: Slice
    act: str
    points: tuple[Point, ...]
    direction: str
    source: str = ""


# --- names ---------------------------------------------------------------------------------------


def _tokens(layer: Text, start: int, end: int) -> Iterator[Slice]:
    """The words of a stretch that signs, blanks or notes divide."""
    cuts = [start]
    for i in range(start, end):
        between = layer.source[layer.ends[i - 1] : layer.starts[i]] if i > start else ""
        if between:
            cuts.append(i)
        if pattern("divides").match(layer.chars, i):
            cuts += [i, i + 1]
    for a, b in pairwise([*cuts, end]):
        if a < b and not pattern("divides").match(layer.chars, a):
            yield Slice(layer, a, b)


def _point(where: Slice) -> Point | None:
    """The point that words name, a verb or a word behind the name left out (灸神闕, 太衝等)."""
    found = pattern("listed-name").fullmatch(where.words)
    if found is None or pattern("channel-alone").fullmatch(found["name"]):
        return None
    key = found["name"]
    a, b = found.span("name")
    place = replace(where, start=where.start + a, end=where.start + b)
    codes = named().get(key) or damaged().get(key + LOST, ())
    return Point(place, key if key in named() else key + LOST, codes) if codes else None


def _several(where: Slice) -> list[Point]:
    """The points of words that run on (百會風池大椎); none if anything else is among them."""
    if one := _point(where):
        return [one]
    found: list[Point] = []
    at = where.start
    while at < where.end:
        for stop in range(min(where.end, at + LONGEST), at + 1, -1):
            if one := _point(replace(where, start=at, end=stop)):
                break
        else:
            return []
        found.append(one)
        at = stop
    return found


def _leading(layer: Text, start: int, end: int) -> tuple[list[Point], int]:
    """The points that a stretch begins with, and where they end."""
    found: list[Point] = []
    for token in _tokens(layer, start, end):
        points = _several(token)
        if not points:
            break
        found += points
    return found, found[-1].where.end if found else start


# --- forms ---------------------------------------------------------------------------------------


def _lines(layer: Text, section: SectionSegment) -> list[tuple[int, int]]:
    """The lines of the source that a part has."""
    if section.start >= section.end:
        return []
    first, last = layer.starts[section.start], layer.ends[section.end - 1]
    breaks = [m.end() for m in regex.finditer("\n", layer.source, pos=first, endpos=last)]
    cuts = [bisect_left(layer.starts, at) for at in breaks]
    places = sorted({section.start, *cuts, section.end})
    return [(a, b) for a, b in pairwise(places) if layer.chars[a:b].strip()]


def _headed(layer: Text, section: SectionSegment) -> Iterator[Listed]:
    """左癱右瘓：曲池 陽谿, 〔瘖瘂〕 天突 靈道: an illness, then its points."""
    lines = _lines(layer, section)
    for index, (start, end) in enumerate(lines):
        head = pattern("illness-of-list").match(layer.chars, start, end)
        if head is None:
            continue
        points, stop = _leading(layer, head.end(), end)
        if not points and layer.chars[head.end() - 1] == "：":
            continue
        whole = not points or not layer.chars[stop:end].strip()
        for a, b in lines[index + 1 :] if whole else ():
            if pattern("illness-of-list").match(layer.chars, a, b):
                break
            more, after = _leading(layer, a, b)
            if not more or layer.chars[after:b].strip(" \n。，"):
                break
            points, stop = [*points, *more], after
        if points:
            illness = trimmed(Slice(layer, *head.span("illness")))
            where = Slice(layer, head.start(), stop)
            yield Listed(where, illness, "", tuple(points), "illness_first")


def _treated(layer: Text, section: SectionSegment) -> Iterator[Listed]:
    """治頭重。穴百會."""
    for start in _begins(layer, section):
        found = pattern("illness-before-point").match(layer.chars, start, section.end)
        if found is None:
            continue
        points, stop = _leading(layer, *found.span("rest"))
        if points:
            illness = trimmed(Slice(layer, *found.span("illness")))
            where = Slice(layer, found.start(), stop)
            act = Slice(layer, *found.span("act")).verbatim
            yield Listed(where, illness, act, tuple(points), "illness_first")


def _led(layer: Text, section: SectionSegment, notes: Sequence[int]) -> Iterator[Listed]:
    """承漿、主小便不禁: points, and what they are good for, up to the next ones."""
    heads = list(_heads(layer, section))
    stops = [*(points[0].where.start for points, _ in heads[1:]), section.end]
    for (points, cue), stop in zip(heads, stops, strict=False):
        after = bisect_left(notes, cue.end + 1)
        ends = [stop, *notes[after : after + 1]]
        line = layer.chars.find("\n", cue.end, stop)
        sentence = _sentence(layer, cue.end, stop)
        illness = trimmed(Slice(layer, cue.end, min(*ends, line if line > 0 else stop, sentence)))
        if len(illness.words) > 1:
            where = Slice(layer, points[0].where.start, illness.end)
            yield Listed(where, illness, cue.verbatim, tuple(points), "point_first")


def _unsigned(layer: Text, section: SectionSegment) -> Iterator[Listed]:
    """唇腫內關神門合谷: an illness and its points in a line without any sign, behind one that does
    not go on.
    """
    lines = _lines(layer, section)
    width = max((stop - start for start, stop in lines), default=0)
    before = [0, *(stop - start for start, stop in lines)]
    for (start, stop), length in zip(lines, before, strict=False):
        end = start + len(layer.chars[start:stop].rstrip())
        full = length >= max(width - RAGGED, SHORT)
        if full or pattern("sign-in-line").search(layer.chars, start, end):
            continue
        for at in range(start + 2, min(end - 1, start + SHORT)):
            if points := _to_the_end(layer, at, end):
                illness = Slice(layer, start, at)
                if not _treats(illness):
                    yield Listed(Slice(layer, start, end), illness, "", points, "illness_first")
                break


SHORT = 20
"""Characters of an illness that no sign ends, and of a line that need not be full."""
RAGGED = 4
"""Characters by which full lines differ."""


def _treats(illness: Slice) -> bool:
    """Whether there are names or a treatment among the words of an illness, so that points are
    among them (癲癇百會神庭各七壯), or the name after it may have lost a glyph.
    """
    words = illness.words
    sizes = range(2, LONGEST + 1)
    names = (words[a : a + n] in named() for a in range(len(words)) for n in sizes)
    return pattern("no-illness-alone").search(words) is not None or any(names)


def _to_the_end(layer: Text, at: int, end: int) -> tuple[Point, ...]:
    """The points from a place to the end of a line, with how they are treated; none if anything
    else stands among them.
    """
    found: list[Point] = []
    while at < end:
        for stop in range(min(end, at + LONGEST), at + 1, -1):
            if layer.chars[at:stop] in named() and (one := _point(Slice(layer, at, stop))):
                break
        else:
            return ()
        found.append(one)
        treated = pattern("treated-in-list").match(layer.chars, stop, end)
        at = treated.end() if treated else stop
    return tuple(found)


def _heads(layer: Text, section: SectionSegment) -> Iterator[tuple[list[Point], Slice]]:
    """Points at the start of a sentence with 主 or 治 behind them."""
    done = section.start
    for start in _begins(layer, section):
        if start < done or not _names_begin(layer.chars, start):
            continue
        cue = pattern("led-cue").match(layer.chars, start, min(section.end, start + 80))
        if cue is None:
            continue
        points, stop = _leading(layer, start, cue.start("cue"))
        if points and not layer.chars[stop : cue.start("cue")].strip("、，穴等\n"):
            done = cue.end()
            yield points, Slice(layer, *cue.span("cue"))


def _begins(layer: Text, section: SectionSegment) -> list[int]:
    """Where sentences and lines begin."""
    ends = regex.finditer("[。；\n]", layer.chars, pos=section.start, endpos=section.end)
    lines = (start for start, _ in _lines(layer, section))
    return sorted({section.start, *(m.end() for m in ends), *lines})


def _names_begin(chars: str, start: int, sign: str = "") -> bool:
    """Whether a name stands there, with one of the signs behind it."""
    found = (end for end in ends(start, len(chars)) if chars[start:end] in named())
    return any(not sign or chars[end : end + 1] in sign for end in found)


def _sentence(layer: Text, start: int, end: int) -> int:
    """Where the words of an illness end: before a sentence on anything else."""
    for stop in regex.finditer(r"[。；]\n?([^。；\n]*+)", layer.chars, pos=start, endpos=end):
        others = any_of("aside").search(stop[1]) or pattern("ends-illness").search(stop[1])
        if not stop[1] or others or _names_begin(layer.chars, stop.start(1), "，、"):
            return stop.start()
    return end


# --- whose -----------------------------------------------------------------------------------


def _sourced(behind: Mapping[int, str], found: Sequence[Listed]) -> list[Listed]:
    """The statements with the source behind them: （銅）; it is that of those before, too, that
    have the same verb. Where a part names any, whose the others are is not decided.
    """
    named_ones = [_source(behind.get(_after(one), "")) for one in found]
    if not any(named_ones):
        return list(found)
    out: list[Listed] = []
    source, act = "", ""
    for one, printed in zip(reversed(found), reversed(named_ones), strict=True):
        source = printed or (source if one.act == act else "")
        act = one.act
        out.append(replace(one, source=source or SCOPE_UNDECIDED))
    return out[::-1]


def _after(one: Listed) -> int:
    """Where a note behind a statement stands: after its last sign."""
    chars, at = one.where.layer.chars, one.where.end
    while at < len(chars) and chars[at] in "。，\n":
        at += 1
    return at


def _source(note: str) -> str:
    found = pattern("source-of-list").match(note)
    return found["source"] if found and found["source"] in works() else ""


def closed(segments: Segments, rows: Sequence[Indication]) -> Iterator[Indication]:
    """Statements with the source right behind them: 九種心痛取間使（綱目）."""
    text = segments.text
    for row in rows:
        at = bisect_left(text.starts, row.end)
        while text.chars[at : at + 1] in ("。", "\n", " "):
            at += 1
        # Most texts have no brackets: for them the grammar of catalogues need not be built.
        bracket = not row.source and text.chars.startswith("（", at)
        yield replace(row, source=_bracketed(text, at)) if bracket else row


def _bracketed(text: Text, at: int) -> str:
    """The source that a bracket at a place is."""
    named = terminal("catalogue", "entry", "BEHIND").match(text.chars, at)
    return Slice(text, *named.span()).verbatim.strip("（）()") if named else ""


# --- rows ----------------------------------------------------------------------------------------


def read_lists(siglum: str, segments: Segments) -> tuple[Result, list[tuple[int, int, Kind]]]:
    """The rows of the lists of a catalogue, what is open in them, and where they stand."""
    owned = {entry.section for entry in segments.entries}
    starts = line_starts(segments.main.source)
    text = segments.text.chars
    behind = {note.anchor: text[note.start : note.end] for note in segments.notes}
    notes = sorted(behind)
    rows: list[Indication] = []
    symptoms: list[Symptom] = []
    said: list[Diagnostic] = []
    for index, section in enumerate(segments.sections):
        if index in owned:
            continue
        found = _of_part(segments.main, section, notes)
        for number, one in enumerate(_sourced(behind, found), 1):
            statement_id = f"{siglum}/{chapter(section)}/L{number:03d}"
            line = line_of(starts, one.where.source[0])
            rows += _rows(statement_id, siglum, section, one, line)
            symptoms += clauses(statement_id, siglum, one.illness)
            said += [
                name_open(siglum, statement_id, point.where, point.codes)
                for point in one.points
                if len(point.codes) > 1
            ]
    places: list[tuple[int, int, Kind]] = [(row.start, row.end, "statement") for row in rows]
    told = Result(indications=tuple(rows), symptoms=tuple(symptoms), diagnostics=tuple(said))
    return told, places


def _of_part(layer: Text, section: SectionSegment, notes: Sequence[int]) -> list[Listed]:
    """The statements of a part, of the form that finds most points in it."""
    forms: tuple[Callable[[], Iterator[Listed]], ...] = (
        lambda: _headed(layer, section),
        lambda: _treated(layer, section),
        lambda: _led(layer, section, notes),
        lambda: _unsigned(layer, section),
    )
    found = max((list(form()) for form in forms), key=lambda some: sum(len(s.points) for s in some))
    return found if len(found) >= FEW else []


def _rows(
    statement_id: str, siglum: str, section: SectionSegment, one: Listed, line: int
) -> Iterator[Indication]:
    start, end = one.where.source
    patient = pattern("patient").match(one.illness.words)
    for number, point in enumerate(one.points, 1):
        code = point.codes[0] if len(point.codes) == 1 else None
        lost = point.key.endswith(LOST)
        yield Indication(
            indication_id=f"{statement_id}/p{number}",
            statement_id=statement_id,
            witness=siglum,
            juan=section.juan,
            section=section.number,
            entry_id=None,
            direction=one.direction,
            stratum="mingtang",
            source=one.source,
            syndrome=one.illness.verbatim,
            name_raw=point.where.verbatim,
            name=lexicon().standard[code] if code else None,
            code=code,
            name_basis=("restored" if lost else basis_of(point.key, code)) if code else "unknown",
            candidates=() if code else point.codes,
            target_kind="point",
            act=one.act,
            role="main" if number == 1 else "and",
            step=None,
            needle=None,
            moxa=None,
            side="",
            modifiers=(),
            patient=patient.group() if patient else "",
            text=one.where.layer.source[start:end],
            start=start,
            end=end,
            line=line,
            point_start=point.where.source[0],
            point_end=point.where.source[1],
            flags=("name_damaged",) if lost else (),
        )
