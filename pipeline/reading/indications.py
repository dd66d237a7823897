"""From statements of illness to rows: each point of each statement, named as far as it is known."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.numerals import integer
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.treatments import FORMULA, LOST, any_of, arrangement, forms, named
from pipeline.knowledge.vocabulary import words_of
from pipeline.model import Diagnostic, Indication, Result, SectionSegment, Segments, Symptom
from pipeline.reading.bare import Bare, bare, stretch
from pipeline.reading.names import basis_of, is_misprint
from pipeline.reading.treatments import (
    Ailment,
    Named,
    Treatment,
    ailments,
    beginning,
    may_treat,
)
from pipeline.sources.read import line_of, line_starts
from pipeline.sources.wraps import GLYPH, INDENT, SLACK, WIDTH
from pipeline.text.slice import Slice, at

BREAK = regex.compile(r"[^。！？）)\s][ \u3000]*\n[ \u3000]*\n")
"""A paragraph that ends inside a sentence."""
FIRST = "1"
"""What is done first: 先取譩譆."""
SCRAP = 4
"""So many words behind the last statement are one that is cut off: 身腫皮膚."""
CLAUSES = 40
"""In a text with signs so many words have one of a clause."""
SHORT = 15
"""The last line before a lost one; those before a page end are longer (measured in `jiayi`)."""


@dataclass(frozen=True, slots=True)
class Told:
    """A point of a statement, and what it is there: which treatment names it, its role."""

    name: Named | None
    treatment: Treatment
    role: str
    step: int | None
    code: str | None
    candidates: tuple[str, ...]


# --- points --------------------------------------------------------------------------------------


def _roles(one: Treatment, first: bool) -> Iterator[tuple[Named, str, int | None]]:
    """What each point of a treatment is: main is the first of a statement, or the only one."""
    order = forms("order").get(one.order, "") or forms("again").get(one.order, "")
    for i, name in enumerate(one.names):
        if order.isdigit():
            yield name, "sequence", int(order)
        elif order and not first:
            yield name, order, None
        else:
            yield name, "main" if first and i == 0 else "and", None


def _choice(name: Named, before: str | None, after: str | None) -> tuple[str, ...]:
    """The points a name can mean: told by words of place, else by its neighbours in the order of
    the book, else by the head of an entry; one only where nothing else is left.
    """
    codes = name.codes
    if name.where and len(codes) > 1:
        codes = _at(name.where, codes) or codes
    if len(codes) > 1:
        both = bool(before and after) or not name.damaged
        fitting = _between(codes, before, after) if both else ()
        codes = fitting if len(fitting) == 1 else codes
    if len(codes) > 1 and not name.damaged:
        headed = tuple(c for c in arrangement().heads.get(name.key, ()) if c in codes)
        codes = headed if len(headed) == 1 else codes
    return codes


def _at(where: str, codes: Sequence[str]) -> tuple[str, ...]:
    """The points in the region that words of place name (跗下), or of a point in them (上脘)."""
    lex = lexicon()
    regions = {forms("where").get(where, "")} - {""}
    for i in range(len(where)):
        for code in named().get(where[i : i + 2], ()):
            regions |= set(lex.region[code].split("|"))
    return tuple(c for c in codes if regions & set(lex.region[c].split("|")))


def _between(codes: Sequence[str], before: str | None, after: str | None) -> tuple[str, ...]:
    """The points that stand between two others in the order of the book."""
    if not before and not after:
        return ()
    found: tuple[str, ...] = ()
    for order in (arrangement().place, arrangement().section):
        low, high = order.get(before or "", 0), order.get(after or "", len(order))
        found = tuple(c for c in codes if low <= order.get(c, -1) <= high)
        if len(found) == 1:
            break
    return found


def _resolved(statements: Sequence[Ailment], kinds: Sequence[str]) -> list[list[Told]]:
    """The points of the statements of a chapter. What a name means its neighbours tell: those in
    its list, of the first of a statement those of the statements before and after.
    """
    firsts = [
        _sole(statement.treatments[0].names[:1]) if kind == "mingtang" else None
        for statement, kind in zip(statements, kinds, strict=True)
    ]
    told: list[list[Told]] = []
    for i, statement in enumerate(statements):
        rows: list[Told] = []
        for k, one in enumerate(statement.treatments):
            before = next((c for c in reversed(firsts[:i]) if c), None)
            after = next((c for c in firsts[i + 1 :] if c), None)
            codes = [_sole([name]) for name in one.names]
            for j, (name, role, step) in enumerate(_roles(one, k == 0)):
                near = (
                    (before, after)
                    if j == 0 and k == 0
                    else (codes[j - 1] if j else None, codes[j + 1] if j + 1 < len(codes) else None)
                )
                found = _choice(name, *near)
                code = found[0] if len(found) == 1 else None
                rows.append(Told(name, one, role, step, code, () if code else found))
            if not one.names:
                rows += _understood(one, told[i - 1] if i else [])
        told.append(rows)
    return told


def _sole(names: Sequence[Named]) -> str | None:
    """The point of a name that has one only."""
    return names[0].codes[0] if names and len(names[0].codes) == 1 else None


def _understood(one: Treatment, before: Sequence[Told]) -> list[Told]:
    """The points of a formula without any, which are those of the statement before: 皆主之."""
    if not words_of("understood").keys() & set(one.formula):
        return [Told(None, one, "main", None, None, ())]
    return [
        Told(None, one, "main" if i == 0 else "and", None, t.code, ()) for i, t in enumerate(before)
    ]


# --- theory and statements -----------------------------------------------------------------------


def strata(text: Bare, statements: Sequence[Ailment]) -> list[str]:
    """Of each statement whether it is one of the 明堂, or treats inside a passage of theory, which
    is quoted from the 素問 and the 靈樞: there no formula ends it, and it stands before those that
    have one, or after words of theory.
    """
    formal = [any(one.formula for one in s.treatments) for s in statements]
    found = ["mingtang" if is_formal else "neijing" for is_formal in formal]
    for i in range(len(statements) - 2, -1, -1):
        if found[i] == "neijing" and found[i + 1] == "mingtang" and formal[i + 1 :].count(True):
            found[i] = (
                "mingtang" if _leads_to(text, statements[i], statements[i + 1]) else "neijing"
            )
    for i, statement in enumerate(statements[1:], 1):
        words = text.words[statement.start : statement.told]
        follows = statement.start == statements[i - 1].end
        if found[i] == "neijing" and found[i - 1] == "mingtang" and follows:
            found[i] = "neijing" if any_of("theory").search(words) else "mingtang"
    return found


def _leads_to(text: Bare, one: Ailment, following: Ailment) -> bool:
    """Whether statements stand in one run: nothing between them, in the order of the book."""
    place = arrangement().place
    codes = [_sole(s.treatments[0].names[:1]) for s in (one, following)]
    places = [place.get(code or "", 0) for code in codes]
    ordered = 0 in places or places[0] <= places[1]
    paragraph = "\n" in text.signs[following.start] and "。" in text.signs[following.start]
    return following.start == one.end and not paragraph and ordered


# --- rows ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Home:
    """A statement before its rows are made: which it is, in what text, its kind, its points."""

    statement_id: str
    section: SectionSegment
    text: Bare
    statement: Ailment
    stratum: str
    told: Sequence[Told]
    damage: Sequence[str]
    signed: bool
    """Whether the text has signs that divide clauses."""


def read_indications(siglum: str, segments: Segments) -> Result:
    """The statements of illness of a book, from the chapters that have any: the rows of their
    points, the clauses of their words, and what is doubtful about their names.
    """
    homes = list(_homes(siglum, segments))
    starts = line_starts(segments.main.source) if homes else array("I")
    return Result(
        indications=tuple(row for home in homes for row in _rows(siglum, home, starts)),
        symptoms=tuple(row for home in homes for row in _clauses(siglum, home)),
        diagnostics=tuple(said for home in homes for said in _names(siglum, home)),
    )


def _homes(siglum: str, segments: Segments) -> Iterator[_Home]:
    counts: Counter[str] = Counter()
    owned = {entry.section for entry in segments.entries}
    for index, section in enumerate(segments.sections):
        if index in owned:
            continue
        if (
            pattern("formula-over-lines").search(segments.main.chars, section.start, section.end)
            is None
        ):
            continue
        text = bare(segments.main, section.start, section.end)
        statements = ailments(text) if may_treat(text) else ()
        if not any(_named(one) for statement in statements for one in statement.treatments):
            continue
        home = f"{siglum}/{chapter(section)}"
        kinds = strata(text, statements)
        signed = any(sign.strip("\n。") for sign in text.signs[1:-1])
        known = zip(statements, kinds, _resolved(statements, kinds), strict=True)
        begins = [*(statement.start for statement in statements[1:]), len(text.words)]
        for (statement, stratum, told), following in zip(known, begins, strict=True):
            counts[home] += 1
            flags = tuple(damage(text, statement, following))
            statement_id = f"{home}/{counts[home]:03d}"
            yield _Home(statement_id, section, text, statement, stratum, told, flags, signed)


def _named(one: Treatment) -> bool:
    """Whether a treatment is beyond doubt one of points: 神庭主之, not 桂枝湯主之."""
    return bool(one.formula) and any(name.codes for name in one.names)


def chapter(section: SectionSegment) -> str:
    """Book and chapter as they stand in an identifier: 07.01."""
    juan = integer(section.juan.removeprefix("卷"))
    book = f"{juan:02d}" if juan else section.juan
    number = f"{section.number:02d}" if section.number else section.section_id.split("/")[-1]
    return f"{book}.{number}"


def _allowed(act: str) -> tuple[str | None, str | None]:
    """Whether the book allows needle and moxa where it names an act so: 序例: 諸言主之者可灸可刺，
    其言刺之者不可灸，言灸之者不可刺.
    """
    acts = words_of("allowed").get(act)
    if acts is None:
        return None, None
    needle, moxa = ("allowed" if one in acts else "forbidden" for one in ("needling", "moxa"))
    return needle, moxa


def _rows(siglum: str, home: _Home, starts: array[int]) -> Iterator[Indication]:
    text, statement = home.text, home.statement
    words = stretch(text, statement.start, statement.told)
    start, end = stretch(text, statement.start, statement.end).source
    patient = pattern("patient").match(words.words)
    syndrome, side = words.verbatim, _side(home)
    manners = tuple(stretch(text, *span).verbatim for span in statement.manners)
    for number, one in enumerate(home.told, 1):
        place = stretch(text, one.name.start, one.name.end) if one.name else None
        needle, moxa = _allowed(one.treatment.act)
        yield Indication(
            indication_id=f"{home.statement_id}/p{number}",
            statement_id=home.statement_id,
            witness=siglum,
            juan=home.section.juan,
            section=home.section.number,
            entry_id=None,
            direction="illness_first",
            stratum=home.stratum,
            source="",
            syndrome=syndrome,
            name_raw=place.verbatim if place else "",
            name=lexicon().standard[one.code] if one.code else None,
            code=one.code,
            name_basis=_basis(one),
            candidates=one.candidates,
            target_kind="point",
            act=one.treatment.act,
            role=one.role,
            step=one.step,
            needle=needle,
            moxa=moxa,
            side=side,
            modifiers=manners,
            patient=patient.group() if patient else "",
            text=text.layer.source[start:end],
            start=start,
            end=end,
            line=line_of(starts, start),
            point_start=place.source[0] if place else None,
            point_end=place.source[1] if place else None,
            flags=tuple(dict.fromkeys((*_flags(one), *home.damage))),
        )


def _basis(one: Told) -> str:
    if one.code is None or one.name is None:
        return "unknown"
    return "restored" if one.name.damaged else basis_of(one.name.key, one.code)


def _side(home: _Home) -> str:
    """The manner that says on which side: 左取右，右取左."""
    spans = home.statement.manners
    return next(
        (stretch(home.text, a, b).verbatim for a, b in spans if _sided(home.text, a, b)), ""
    )


def _sided(text: Bare, start: int, end: int) -> bool:
    return all(side in text.words[start:end] for side in words_of("side"))


def _flags(one: Told) -> Iterator[str]:
    if one.name is None:
        yield "point_understood"
    elif one.name.damaged:
        yield "name_damaged"
    elif _misprinted(one):
        yield "misprint_suspected"
    if any_of("misprint").fullmatch(one.treatment.formula):
        yield "formula_misprint"


def damage(text: Bare, statement: Ailment, following: int) -> Iterator[str]:
    """What words and lines show to be lost in a statement, or between it and the place where the
    next begins. Where a point is cut through (胸中膨膨然，陵泉主之), or the illness has points that
    nothing ends (陽谷及築賓，胸背痛), these are those of two statements.
    """
    treatments, words = statement.treatments, text.words
    torn = any(
        name.damaged and not name.codes and words[name.start - 1 : name.start] == LOST
        for name in treatments[0].names[:1]
    )
    if torn or _lists(text, statement.start, statement.told):
        yield "fused"
    illness = words[statement.start : statement.told]
    first = forms("order")
    if first.get(illness[:1]) == FIRST or not (illness or treatments[0].act != FORMULA):
        yield "text_lost_before"
    doubled = any(pattern("formula-doubled").search(one.formula) for one in treatments)
    if doubled or torn or _broken(stretch(text, statement.start, statement.end)):
        yield "text_lost_inside"
    first_only = first.get(treatments[-1].order) == FIRST and not treatments[-1].formula
    begun = first_only and pattern("first-goes-on").match(words, statement.end)
    rest = following == len(words) and following - statement.end >= SCRAP
    open_end = rest and text.signs[-1].strip()[:1] not in ("。", "）")
    if begun or (open_end and any("，" in sign for sign in text.signs[-CLAUSES:])):
        yield "text_lost_after"


def _broken(words: Slice) -> bool:
    """Whether a paragraph ends inside a sentence, and its last line is short: where a page ends in
    the middle of one, the line is full. The lines are told by their blanks.
    """
    source, (start, end) = words.layer.source, words.source
    for match in BREAK.finditer(source, start, end):
        paragraph = source[source.rfind("\n", 0, match.start()) + 1 : match.start() + 1]
        width = 0.0
        for line in paragraph.split(" ")[::-1]:
            wider = width + len(line) + (GLYPH if width else 0)
            if width >= WIDTH - SLACK or wider > WIDTH + INDENT:
                break
            width = wider
        if width < SHORT:
            return True
    return False


def _lists(text: Bare, start: int, end: int) -> bool:
    """Whether points are listed among the words of an illness."""
    if any_of("list").search(text.words, start, end) is None:
        return False
    for place in range(start, end - 3):
        first = beginning(text, place)
        if first and not first.damaged and first.key not in forms("bodily"):
            joined = any_of("list").match(text.words, first.end)
            second = beginning(text, joined.end()) if joined else None
            if second and second.end <= end and not second.damaged:
                return True
    return False


def _misprinted(one: Told) -> bool:
    assert one.name is not None
    return one.name.key in forms("name") or is_misprint(one.name.key, one.code)


def _clauses(siglum: str, home: _Home) -> Iterator[Symptom]:
    """The clauses of an illness, where signs divide them; words without any sign are one clause
    only in a text that has signs.
    """
    text, statement = home.text, home.statement
    if not home.signed:
        return
    cuts = [i for i in range(statement.start + 1, statement.told) if text.signs[i].strip("\n")]
    ends = [statement.start, *cuts, statement.told]
    clauses = [(a, b) for a, b in pairwise(ends) if text.words[a:b].strip(LOST)]
    for number, (a, b) in enumerate(clauses, 1):
        place = stretch(text, a, b)
        yield Symptom(
            symptom_id=f"{home.statement_id}/s{number}",
            statement_id=home.statement_id,
            witness=siglum,
            ord=number,
            text=place.printed,
            start=place.source[0],
            end=place.source[1],
            key=text.words[a:b],
            basis="punctuation",
        )


def _names(siglum: str, home: _Home) -> Iterator[Diagnostic]:
    """What is to be said of a statement: two of them fused; of its names: restored, undecided,
    unknown, a misprint.
    """
    standard = lexicon().standard
    if "fused" in home.damage:
        place = stretch(home.text, home.statement.start, home.statement.end)
        message = f"{home.statement_id}: illness and point are of two statements, a line is lost"
        yield at("statement-fused", place, message, siglum)
    for one in home.told:
        if one.name is None:
            continue
        place = stretch(home.text, one.name.start, one.name.end)
        shown = place.verbatim or "(no name)"
        if one.code is None:
            yield name_open(siglum, home.statement_id, place, one.candidates)
        elif one.name.damaged:
            message = (
                f"{shown} restored as {standard[one.code]} {one.code}: the one point left here"
            )
            yield at("name-restored", place, message, siglum, "info")
        elif _misprinted(one):
            message = f"{shown} is taken for a misprint of {standard[one.code]}"
            yield at("name-misprint", place, message, siglum, "info")


def name_open(
    siglum: str, statement_id: str, place: Slice, candidates: Sequence[str]
) -> Diagnostic:
    """What is said of a name in a statement that is no point, or one of several: 三里."""
    standard = lexicon().standard
    among = ", ".join(f"{standard[c]} {c}" for c in candidates) or "none"
    code = "name-ambiguous" if candidates else "name-unknown"
    shown = place.verbatim or "(no name)"
    return at(code, place, f"{shown} in {statement_id}: candidates {among}", siglum)
