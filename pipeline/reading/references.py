"""References: from values that are stated for several points, or said to be those of another, to
the values of each point.

The stage knows columns, sets and models, and no wording: what cue means which set stands in the
grammar of a genre, which works there are in ``corpus/authority/works.tsv``. A value that a point
has of its own stands before one that it shares, a shared one before what is left to the rest; an
act that is forbidden takes no dose from a set. A model is taken only if one candidate remains.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

import regex

from pipeline.knowledge.lexicon import folded
from pipeline.knowledge.numerals import integer
from pipeline.knowledge.tables import table
from pipeline.model import Claim, Diagnostic, Entry, Reference, Result

COVERS: dict[str, tuple[str, ...]] = {
    "place": ("location",),
    "distance": ("distance",),
    "needling": ("depth_min_fen", "depth_max_fen", "needling_forbidden", "retention_breaths"),
    "moxa": ("moxa_min", "moxa_max", "moxa_forbidden"),
    "channels": ("channels",),
    "posture": ("posture",),
}
"""What a reference can cover, with the columns that it hands on; distance is a part of location."""
LISTED = frozenset({"location", "channels", "posture", "warnings", "aliases", "remarks"})
"""Columns that hold several values."""
STATED = ("location", "depth_min_fen", "depth_max_fen", "moxa_min", "moxa_max")
"""Columns whose value a reference out of the corpus leaves open."""
BANS = {
    "depth_min_fen": "needling_forbidden",
    "depth_max_fen": "needling_forbidden",
    "retention_breaths": "needling_forbidden",
    "moxa_min": "moxa_forbidden",
    "moxa_max": "moxa_forbidden",
}
"""The prohibition that keeps a shared dose away."""

Basis = Literal["direct", "like", "group", "external"]


@dataclass(frozen=True, slots=True)
class Subject:
    """A point of which a text speaks. ``block``: the note or section it belongs to; ``channel``:
    the one under which it stands, empty where that is not known; ``part``: the chapter, in a
    witness of several.
    """

    entry_id: str
    names: frozenset[str]
    code: str | None
    block: int
    channel: str
    part: int = 0


@dataclass(frozen=True, slots=True)
class Scope:
    """The points a statement is about: ``these`` (named ones), ``all`` of the block, the ``rest``
    of them, the ``next`` so many, those ``upto`` a point, a ``range`` from one point to another.
    """

    kind: Literal["these", "all", "rest", "next", "upto", "range"]
    names: tuple[str, ...] = ()
    at: int | None = None
    """Index of the subject in whose text the words stand."""
    members: tuple[int, ...] = ()
    """Indices of subjects, where the scope needs no name."""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One value with the source span of its words.

    ``distance``: the part of a place that another point can share; ``lead``: it places a whole
    list, and stands before the words of each point.
    """

    field: str
    value: str
    start: int
    end: int
    distance: bool = False
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """Where a reference leads: a point by its name, the same point under a channel (empty: under
    any other), or a chapter of a work.
    """

    kind: Literal["point", "channel", "work"]
    key: str
    work: str = ""
    chapter: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """Something said of points of a block: values, or a reference and what it covers."""

    block: int
    scope: Scope
    start: int
    end: int
    said: tuple[Said, ...] = ()
    target: Target | None = None
    covers: tuple[str, ...] = ()
    carried: bool = False
    """The scope was taken over from the clause before."""


@dataclass(frozen=True, slots=True)
class Held:
    """A value that a point has, with the reason."""

    said: Said
    basis: Basis
    ref: str | None


@dataclass(slots=True)
class Resolution:
    """What each subject holds by column, what stays open, what was found wrong."""

    held: list[dict[str, list[Held]]]
    references: list[Reference] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


# --- works ---------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _works() -> dict[str, dict[str, str]]:
    return {row["cited"]: row for row in table("authority/works.tsv")}


def chapter_cited(form: str) -> tuple[str, int] | None:
    """Work and chapter that a form of citation names.

    >>> chapter_cited("氣穴"), chapter_cited("附分")
    (('素問', 58), None)
    """
    row = _works().get(form)
    if row is None or not row["chapter"].isdecimal():
        return None
    return row["work"], int(row["chapter"])


def sources_cited(form: str) -> tuple[str, ...]:
    """The sources in a form of citation; one that names two chapters is divided.

    >>> sources_cited("氣穴骨空注"), sources_cited("水熱穴注")
    (('氣穴', '骨空注'), ('水熱穴注',))
    """
    if "|" in _works().get(form, {}).get("chapter", ""):
        for at in range(len(form) - 1, 0, -1):
            if form[:at] in _works() and form[at:] in _works():
                return form[:at], form[at:]
    return (form,)


def unnamed(form: str) -> bool:
    """Whether a form of citation means an unnamed copy (別本, 一本)."""
    return _works().get(form, {}).get("part") == "unnamed"


# --- sets ----------------------------------------------------------------------------------------


class _Stage:
    """One run over the subjects and statements of a witness."""

    def __init__(self, subjects: Sequence[Subject], statements: Sequence[Statement], witness: str):
        self.subjects = subjects
        self.witness = witness
        self.blocks: dict[int, list[int]] = {}
        for index, subject in enumerate(subjects):
            self.blocks.setdefault(subject.block, []).append(index)
        self.statements = [self.settle(s, statements) for s in statements]
        self.out = Resolution([{} for _ in subjects])
        self.pending: list[list[tuple[Statement, bool]]] = [[] for _ in subjects]
        self.state: dict[tuple[int, str], int] = {}

    def settle(self, statement: Statement, statements: Sequence[Statement]) -> Statement:
        """A clause after one about all is about all; but if the rest gets a value of the same
        column, it was about the one point in whose text it stands.
        """
        at = statement.scope.at
        if not statement.carried or statement.scope.kind != "all" or at is None:
            return statement
        columns = {said.field for said in statement.said}
        for other in statements:
            rest = other.block == statement.block and other.scope.kind == "rest"
            if rest and columns & {said.field for said in other.said}:
                return replace(statement, scope=Scope("these", members=(at,), at=at))
        return statement

    def report(self, code: str, statement: Statement, message: str, index: int | None) -> None:
        entry_id = self.subjects[index].entry_id if index is not None else None
        if any((d.code, d.entry_id) == (code, entry_id) for d in self.out.diagnostics):
            return
        self.out.diagnostics.append(
            Diagnostic(
                code,
                "warning",
                message,
                self.witness,
                statement.start,
                statement.end,
                entry_id=entry_id,
            )
        )

    def named(self, name: str, block: int) -> int | None:
        found = [i for i in self.blocks.get(block, ()) if name in self.subjects[i].names]
        return found[0] if len(found) == 1 else None

    def members(self, statement: Statement) -> list[int]:
        """The subjects a statement is about, in the order of the text."""
        scope, block = statement.scope, self.blocks.get(statement.block, [])
        found = list(scope.members)
        if scope.kind == "these":
            for name in scope.names:
                index = self.named(name, statement.block)
                if index is None:
                    message = f"{name} is given a value and is not among the points of the note"
                    self.report("reference-missing", statement, message, scope.at)
                elif index not in found:
                    found.append(index)
            return found
        if scope.kind in ("all", "rest"):
            if scope.count is None:
                return list(block)
            if scope.count != len(block):
                message = f"{scope.count} points are spoken of, {len(block)} are named"
                self.report("scope-count-differs", statement, message, scope.at)
            # 此五穴者: the last five up to the words, of a block that goes on.
            upto = block.index(scope.at) + 1 if scope.at in block else 0
            upto = upto if upto >= scope.count else len(block)
            return block[max(0, upto - scope.count) : upto]
        if scope.kind == "next":
            after = [i for i in block if scope.at is None or i > scope.at]
            wanted = scope.count or 0
            if len(after) < wanted:
                message = f"the next {wanted} points are spoken of, {len(after)} follow"
                self.report("scope-count-differs", statement, message, scope.at)
            return after[:wanted]
        ends = [self.named(name, statement.block) for name in scope.names]
        first = scope.at if scope.kind == "upto" else ends[0]
        last = ends[-1]
        if first is None or last is None:
            message = f"{'、'.join(scope.names)}: an end of the range is not among the points"
            self.report("reference-missing", statement, message, scope.at)
            return []
        return [i for i in block if first <= i <= last]

    # --- values ----------------------------------------------------------------------------------

    def run(self) -> Resolution:
        own: list[tuple[Statement, list[int]]] = []
        shared: list[tuple[Statement, list[int]]] = []
        rest: list[tuple[Statement, list[int]]] = []
        for statement in self.statements:
            members = self.members(statement)
            if statement.target is not None:
                for index in members:
                    self.pending[index].append((statement, len(members) > 1))
                continue
            kind = {"all": shared, "rest": rest}.get(statement.scope.kind, own)
            kind.append((statement, members))
        for statement, members in own:
            for index in members:
                self.give(index, statement, statement.said, members)
        for index in range(len(self.subjects)):
            self.refer(index)
        for statements in (shared, rest):
            taken = [set(held) for held in self.out.held]
            for statement, members in statements:
                for index in members:
                    said = [s for s in statement.said if self.open(index, s, taken[index])]
                    self.give(index, statement, said, members)
        # Models may have got their values from a set only now.
        self.state.clear()
        for index in range(len(self.subjects)):
            self.refer(index, last=True)
        return self.out

    def open(self, index: int, said: Said, taken: set[str]) -> bool:
        """Whether a subject takes a shared value: it has none, and the act is not forbidden."""
        held = self.out.held[index]
        if BANS.get(said.field) in held:
            return False
        if said.field == "location":
            return said.lead or said.field not in taken
        if said.field != "channels":
            return said.field not in taken
        relation = said.value.partition(":")[2]
        own = [h for h in held.get("channels", ()) if h.basis == "direct"]
        return all(h.said.value.partition(":")[2] != relation for h in own)

    def give(
        self, index: int, statement: Statement, said: Iterable[Said], members: Sequence[int]
    ) -> None:
        """Give values to one of the points they are said of; what is said of several is held from
        the point in whose text it stands, else from the first of them.
        """
        many = len(members) > 1
        lead = members[0] if statement.scope.at is None else statement.scope.at
        ref = self.subjects[lead].entry_id if many else None
        for value in said:
            self.hold(index, value, Held(value, "group" if many else "direct", ref))

    def hold(self, index: int, said: Said, held: Held) -> None:
        values = self.out.held[index].setdefault(said.field, [])
        if said.field in LISTED:
            if all(other.said.value != said.value for other in values) or said.field != "channels":
                values.append(held)
        elif not values:
            values.append(held)
        elif values[0].said.value != said.value:
            subject = self.subjects[index]
            message = f"{said.field}: {said.value} against {values[0].said.value} before"
            self.out.diagnostics.append(
                Diagnostic(
                    "value-contradicts",
                    "warning",
                    message,
                    self.witness,
                    said.start,
                    said.end,
                    entry_id=subject.entry_id,
                )
            )

    # --- models ----------------------------------------------------------------------------------

    def refer(self, index: int, last: bool = False) -> None:
        """Take what the references of a subject cover from their models."""
        for statement, many in self.pending[index]:
            target = statement.target
            assert target is not None
            if target.kind == "work":
                if not last:
                    self.out.references.append(self.leads_out(index, statement, target))
                continue
            for cover in statement.covers:
                self.take(index, cover, statement, many, last)

    def leads_out(self, index: int, statement: Statement, target: Target) -> Reference:
        columns = {column for cover in statement.covers for column in COVERS[cover]}
        return Reference(
            witness=self.witness,
            entry_id=self.subjects[index].entry_id,
            code=self.subjects[index].code,
            work=target.work,
            chapter=target.chapter,
            columns=tuple(c for cover in COVERS.values() for c in cover if c in columns),
            start=statement.start,
            end=statement.end,
        )

    def model(self, index: int, statement: Statement, target: Target) -> int | None:
        """The one subject that a reference leads to: in the same block before in the chapter, there
        before in the witness.
        """
        me = self.subjects[index]
        if target.kind == "point":
            pools = [
                [i for i in self.blocks[me.block] if i != index],
                [i for i, s in enumerate(self.subjects) if i != index and s.part == me.part],
                [i for i in range(len(self.subjects)) if i != index],
            ]
            found: list[int] = []
            for pool in pools:
                found = [i for i in pool if target.key in self.subjects[i].names]
                if found:
                    break
            if not found and target.key in me.names:
                found = [index]
        else:
            found = [
                i
                for i, other in enumerate(self.subjects)
                if i != index
                and other.part == me.part
                and (other.code == me.code if me.code else other.names & me.names)
                and (not other.channel or target.key in ("", other.channel))
            ]
        if len(found) == 1:
            return found[0]
        self.no_model(index, statement, target, found)
        return None

    def no_model(
        self, index: int, statement: Statement, target: Target, found: Sequence[int]
    ) -> None:
        if found:
            among = ", ".join(self.subjects[i].entry_id for i in found)
            message = f"{target.key or 'the same point'} stands for more than one entry: {among}"
            self.report("reference-ambiguous", statement, message, index)
        else:
            message = f"{target.key or 'the same point'}: no entry to take the values from"
            self.report("reference-missing", statement, message, index)

    def take(self, index: int, cover: str, statement: Statement, many: bool, last: bool) -> None:
        """Hand on what one reference covers; the model's own references are followed first."""
        key = (index, cover)
        if self.state.get(key) == 2:
            return
        if self.state.get(key) == 1:
            if not last:
                message = f"{self.subjects[index].entry_id}: its {cover} is referred back to itself"
                self.report("reference-cycle", statement, message, index)
            return
        assert statement.target is not None
        known = len(self.out.diagnostics)
        model = self.model(index, statement, statement.target)
        if last:
            del self.out.diagnostics[known:]
        if model is None:
            return
        self.state[key] = 1
        for further, wide in self.pending[model]:
            if further.target is not None and further.target.kind != "work":
                for other in further.covers:
                    if _meet(other, cover):
                        self.take(model, other, further, wide, last)
        self.state[key] = 2
        for column in COVERS[cover]:
            self.copy(index, model, column, statement, many)

    def copy(self, index: int, model: int, column: str, statement: Statement, many: bool) -> None:
        mine, theirs = self.out.held[index], self.out.held[model]
        place = column in ("location", "distance")
        values = theirs.get("location" if place else column, [])
        if column == "distance":
            values = [h for h in values if h.said.distance]
        elif column == "location":
            values = [h for h in values if not h.said.lead] or values
        elif mine.get(column) or BANS.get(column) in mine:
            return
        ref = self.subjects[model].entry_id
        for value in values:
            said = replace(value.said, start=statement.start, end=statement.end)
            said = replace(said, lead=many) if place else said
            if place and any(h.said.value == said.value for h in mine.get("location", ())):
                continue
            mine.setdefault(said.field, []).append(Held(said, "like", ref))


def _meet(one: str, other: str) -> bool:
    return one == other or {one, other} == {"place", "distance"}


def resolve(
    subjects: Sequence[Subject], statements: Sequence[Statement], witness: str
) -> Resolution:
    """The values that each subject of a witness holds.

    秩邊 (刺灸分壯如魄戶法) takes five cones from 魄戶, which took them from 附分 (如附分法).
    """
    return _Stage(subjects, statements, witness).run()


# --- claims --------------------------------------------------------------------------------------


def claims(entry_id: str, held: Mapping[str, Sequence[Held]], source: str) -> Iterator[Claim]:
    """The rows that say where each value of an entry was read."""
    for values in held.values():
        for one in values:
            said = one.said
            yield Claim(
                entry_id,
                said.field,
                said.value,
                one.basis,
                one.ref,
                source[said.start : said.end],
                said.start,
                said.end,
            )


def open_claims(reference: Reference, source: str) -> Iterator[Claim]:
    """The rows of a reference out of the corpus: what it covers, without a value."""
    for column in reference.columns:
        if column in STATED or column == "distance":
            yield Claim(
                reference.entry_id,
                "location" if column == "distance" else column,
                "",
                "external",
                named_work(reference),
                source[reference.start : reference.end],
                reference.start,
                reference.end,
            )


def named_work(reference: Reference) -> str:
    """The work and chapter of a reference as the tables name it: 素問 58."""
    return f"{reference.work} {reference.chapter or ''}".strip()


# --- other witnesses -----------------------------------------------------------------------------


def external(results: Sequence[Result]) -> list[Result]:
    """Results in which references out of one witness are followed into the others.

    The model is the one entry of the cited chapter for the same point. Of a chapter that no witness
    has, the reference stays as it is.
    """
    chapters = _chapters(results)
    referring = frozenset(r.entry_id for result in results for r in result.references)
    rounds = sum(len(result.references) for result in results)
    done = list(results)
    while rounds:
        entries = {entry.entry_id: entry for result in done for entry in result.entries}
        after = [_follow(result, chapters, entries, referring, report=False) for result in done]
        if all(a.entries == b.entries for a, b in zip(after, done, strict=True)):
            break
        done, rounds = after, rounds - 1
    entries = {entry.entry_id: entry for result in done for entry in result.entries}
    return [_follow(result, chapters, entries, referring, report=True) for result in done]


def _chapters(results: Sequence[Result]) -> dict[tuple[str, int], dict[str, list[str]]]:
    """For each chapter of a work that some witness has: its entries by code."""
    titles = {row["witness_work"]: row["work"] for row in _works().values() if row["work"]}
    found: dict[tuple[str, int], dict[str, list[str]]] = {}
    for result in results:
        works = {w.spec.siglum: titles.get(w.spec.work, w.spec.work) for w in result.witnesses}
        for section in result.sections:
            chapter = _chapter(section.title) or _chapter(section.juan)
            if chapter is None or section.witness not in works:
                continue
            points = found.setdefault((works[section.witness], chapter), {})
            for entry in result.entries:
                inside = section.start <= entry.start < section.end
                if inside and entry.witness == section.witness and entry.code:
                    points.setdefault(entry.code, []).append(entry.entry_id)
    return found


def _chapter(title: str) -> int | None:
    """The number of a chapter by its title: 氣穴論篇第五十八 → 58."""
    match = regex.search(r"第([一二三四五六七八九十]+)$", title)
    return integer(match.group(1)) if match else None


def _follow(
    result: Result,
    chapters: Mapping[tuple[str, int], Mapping[str, Sequence[str]]],
    entries: Mapping[str, Entry],
    referring: frozenset[str],
    report: bool,
) -> Result:
    updated = {entry.entry_id: entry for entry in result.entries}
    rows = list(result.claims)
    diagnostics = list(result.diagnostics)
    for reference in result.references:
        points = chapters.get((reference.work, reference.chapter or 0))
        if points is None:
            continue
        entry = updated[reference.entry_id]
        found = _models(reference, points, entries)
        others = [] if found else _elsewhere(reference, chapters, entries, referring)
        if report and len(found) != 1:
            diagnostics.append(_unfound(reference, found, others))
        models = found or others
        if len(models) == 1:
            updated[reference.entry_id], rows = _fill(entry, entries[models[0]], reference, rows)
    return replace(
        result,
        entries=tuple(updated[entry.entry_id] for entry in result.entries),
        claims=tuple(rows),
        diagnostics=tuple(diagnostics),
    )


def _models(
    reference: Reference, points: Mapping[str, Sequence[str]], entries: Mapping[str, Entry]
) -> list[str]:
    """The entries of a chapter for the point of a reference; of several those of its very name."""
    found = [e for e in points.get(reference.code or "", ()) if e != reference.entry_id]
    name = folded(entries[reference.entry_id].name_raw)
    same = [e for e in found if folded(entries[e].name_raw) == name]
    return same if len(found) > 1 and len(same) == 1 else found


def _elsewhere(
    reference: Reference,
    chapters: Mapping[tuple[str, int], Mapping[str, Sequence[str]]],
    entries: Mapping[str, Entry],
    referring: frozenset[str],
) -> list[str]:
    """Entries of other chapters of the work, where the cited one lacks the point (髃骨氣穴注中無,
    水熱穴注骨空論注中有之): of those with the same numbers of their own the first.
    """
    found = [
        entries[model]
        for (work, chapter), points in sorted(chapters.items())
        if work == reference.work and chapter != reference.chapter
        for model in _models(reference, points, entries)
        if model not in referring
    ]
    columns = [c for c in reference.columns if c.endswith(("_fen", "_min", "_max"))]
    told = {tuple(getattr(e, c) for c in columns): e.entry_id for e in reversed(found)}
    told = {values: model for values, model in told.items() if any(values)}
    return list(told.values())


def _unfound(reference: Reference, found: Sequence[str], others: Sequence[str]) -> Diagnostic:
    if len(others) == 1:
        code = "reference-elsewhere"
        message = f"{named_work(reference)} has no such point; taken from {others[0]}"
    elif others:
        among = ", ".join(sorted(others))
        code = "reference-ambiguous"
        message = f"{named_work(reference)} has no such point; other chapters differ: {among}"
    elif found:
        among = ", ".join(found)
        code, message = "reference-ambiguous", f"{named_work(reference)} has it twice: {among}"
    else:
        code, message = "reference-missing", f"{named_work(reference)} has no such point"
    return Diagnostic(
        code,
        "warning",
        message,
        reference.witness,
        reference.start,
        reference.end,
        entry_id=reference.entry_id,
    )


def _fill(
    entry: Entry, model: Entry, reference: Reference, rows: list[Claim]
) -> tuple[Entry, list[Claim]]:
    """An entry with the columns of its model that it lacks, and the claims that say so."""
    values: dict[str, object] = {}
    for column in reference.columns:
        if column == "distance" or getattr(entry, column) or not getattr(model, column):
            continue
        if BANS.get(column) and getattr(entry, BANS[column]):
            continue
        values[column] = getattr(model, column)
    if not values:
        return entry, rows
    open_row = next(
        (r for r in rows if r.entry_id == entry.entry_id and r.basis == "external"), None
    )
    kept = [
        r
        for r in rows
        if not (r.entry_id == entry.entry_id and r.basis == "external" and r.field in values)
    ]
    text = open_row.text if open_row else ""
    for column, value in values.items():
        shown = value if isinstance(value, tuple) else (value,)
        kept += [
            Claim(
                entry.entry_id,
                column,
                str(one).lower() if isinstance(one, bool) else str(one),
                "like",
                model.entry_id,
                text,
                reference.start,
                reference.end,
            )
            for one in shown
        ]
    return replace(entry, **values), kept  # type: ignore[arg-type]
