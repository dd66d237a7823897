"""References: from values that are stated for several points, or said to be those of another, to
the values of each point.

The stage knows columns, sets and models, and no wording: what cue means which set stands in the
grammar of a genre, which works there are in ``corpus/authority/works.tsv``. A value that a point
has of its own stands before one that it shares, a shared one before what is left to the rest; an
act that is forbidden takes no dose from a set. A model is taken only if one candidate remains.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pipeline.knowledge.acts import ACT_OF, BANS, amounts
from pipeline.knowledge.lexicon import lexicon
from pipeline.model import Claim, Diagnostic, Reference
from pipeline.reading.rows import COLUMNS, cells, column_of, first
from pipeline.reading.statements import (
    Channel,
    Dose,
    Model,
    Place,
    PointId,
    Says,
    Scope,
    Statement,
    Unread,
    scope_of,
)
from pipeline.text.slice import Slice, at

COVERS: dict[str, tuple[str, ...]] = {
    "place": ("location",),
    "distance": ("distance",),
    "needling": ("depth_min_fen", "depth_max_fen", "needling_forbidden", "retention_breaths"),
    "moxa": ("moxa_min", "moxa_max", "moxa_forbidden"),
    "channels": ("channels",),
    "posture": ("posture",),
}
"""What a reference can cover, with the columns that it hands on; distance is a part of location."""
DOSED = {
    "needling": ("depth_min_fen", "needling_forbidden"),
    "moxa": ("moxa_min", "moxa_forbidden"),
}
"""Of what is done to a point the columns of which one has a value, if anything is said of it."""
TOLD = ("reference-cycle", "subject-unread")
"""What says already that an entry takes no dose from its model."""
LISTED = frozenset(c for c, combine in COLUMNS.items() if combine not in (first, bool))
"""Columns that hold several values."""
STATED = ("location", "depth_min_fen", "depth_max_fen", "moxa_min", "moxa_max")
"""Columns whose value a reference out of the corpus leaves open."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A point of which a text speaks. ``block``: the note or section it belongs to; ``channel``:
    the one under which it stands, empty where that is not known; ``part``: the chapter, in a
    witness of several; ``copy``: how often that chapter stood before.
    """

    point: PointId
    entry_id: str
    names: frozenset[str]
    code: str | None
    block: int
    channel: str
    part: int = 0
    copy: int = 0


@dataclass(slots=True)
class Resolution:
    """What each subject holds by column, what stays open, what was found wrong."""

    held: dict[PointId, dict[str, list[Statement]]]
    references: list[Reference] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


# --- sets ----------------------------------------------------------------------------------------


def _settled(statement: Statement, statements: Sequence[Statement]) -> Statement:
    """A clause after one about all is about all; but if the rest gets a value of the same column,
    it was about the one point in whose text it stands.
    """
    scope, column = scope_of(statement), column_of(statement.says)
    if not scope.carried or scope.kind != "all" or scope.at is None:
        return statement
    for other in statements:
        there = scope_of(other)
        rest = there.block == scope.block and there.kind == "rest"
        if rest and column and column_of(other.says) == column:
            alone = Scope("these", members=(scope.at,), at=scope.at, block=scope.block)
            return replace(statement, about=alone)
    return statement


Referring = tuple[Model, Slice, bool]
"""A model, where it is named, and whether several points refer to it there."""


class _Stage:
    """One run over the subjects and statements of a witness."""

    def __init__(self, subjects: Sequence[Subject], witness: str):
        self.subjects: Final = {subject.point: subject for subject in subjects}
        self.witness: Final = witness
        self.blocks: Final[dict[int, list[PointId]]] = {}
        for subject in subjects:
            self.blocks.setdefault(subject.block, []).append(subject.point)
        self.called: Final[dict[str, list[Subject]]] = {}
        self.standing: Final[dict[tuple[int, str | None], list[Subject]]] = {}
        for subject in self.subjects.values():
            self.standing.setdefault((subject.part, subject.code), []).append(subject)
            for name in subject.names:
                self.called.setdefault(name, []).append(subject)
        self.out = Resolution({point: {} for point in self.subjects})
        self.told: set[tuple[str, str | None]] = set()
        self.pending: dict[PointId, list[Referring]] = {point: [] for point in self.subjects}
        self.unread: dict[PointId, dict[str, Slice]] = {point: {} for point in self.subjects}
        self.state: dict[tuple[PointId, str], int] = {}

    def report(self, code: str, where: Slice, message: str, point: PointId | None) -> None:
        entry_id = self.subjects[point].entry_id if point is not None else None
        if (code, entry_id) not in self.told:
            self.tell(at(code, where, message, self.witness, entry_id=entry_id))

    def tell(self, diagnostic: Diagnostic) -> None:
        self.told.add((diagnostic.code, diagnostic.entry_id))
        self.out.diagnostics.append(diagnostic)

    def named(self, name: str, block: Sequence[PointId]) -> PointId | None:
        found = [point for point in block if name in self.subjects[point].names]
        return found[0] if len(found) == 1 else None

    def members(self, scope: Scope, where: Slice) -> list[PointId]:
        """The subjects of a scope, in the order of the text."""
        block = self.blocks.get(scope.block, [])
        named = [self.named(name, block) for name in scope.names]
        match scope.kind:
            case "these":
                for name, point in zip(scope.names, named, strict=True):
                    if point is None:
                        message = f"{name} is given a value and is not among the points of the note"
                        self.report("reference-missing", where, message, scope.at)
                return list(dict.fromkeys((*scope.members, *(p for p in named if p is not None))))
            case "all" | "rest":
                return self.counted(scope, block, where)
            case "next":
                after = [point for point in block if scope.at is None or point > scope.at]
                wanted = scope.count or 0
                if len(after) < wanted:
                    message = f"the next {wanted} points are spoken of, {len(after)} follow"
                    self.report("scope-count-differs", where, message, scope.at)
                return after[:wanted]
        start = scope.at if scope.kind == "upto" else named[0]
        last = named[-1]
        if start is None or last is None:
            message = f"{'、'.join(scope.names)}: an end of the range is not among the points"
            self.report("reference-missing", where, message, scope.at)
            return []
        return [point for point in block if start <= point <= last]

    def strangers(self, statement: Statement, members: Sequence[PointId]) -> None:
        """Where a dose is given to a name that no point has (腰俞、長*強各…) it can be the name of
        any other point of the note: none of these takes what is said of the rest.
        """
        scope, says = scope_of(statement), statement.says
        if not isinstance(says, Dose):
            return
        block = self.blocks.get(scope.block, [])
        if any(not self.named(n, block) and n not in lexicon().senses for n in scope.names):
            others = [point for point in block if point not in members]
            self.miss(Unread((says.act,)), statement.where, others)

    def counted(self, scope: Scope, block: list[PointId], where: Slice) -> list[PointId]:
        """All points of a block, or so many (此五穴者): the last ones up to the words, of a block
        that goes on.
        """
        if scope.count is None:
            return block
        if scope.count != len(block):
            message = f"{scope.count} points are spoken of, {len(block)} are named"
            self.report("scope-count-differs", where, message, scope.at)
        upto = block.index(scope.at) + 1 if scope.at in block else 0
        upto = upto if upto >= scope.count else len(block)
        return block[max(0, upto - scope.count) : upto]

    # --- values ----------------------------------------------------------------------------------

    def run(self, statements: Sequence[Statement]) -> Resolution:
        said: dict[str, list[tuple[Statement, list[PointId]]]] = {"own": [], "all": [], "rest": []}
        for statement in (_settled(one, statements) for one in statements):
            scope = scope_of(statement)
            members = self.members(scope, statement.where)
            self.strangers(statement, members)
            if isinstance(statement.says, Unread):
                self.miss(statement.says, statement.where, members)
            elif isinstance(statement.says, Model):
                for point in members:
                    model = statement.says, statement.where, len(members) > 1
                    self.pending[point].append(model)
            else:
                said[scope.kind if scope.kind in said else "own"].append((statement, members))
        for statement, members in said["own"]:
            for point in members:
                self.give(point, statement, members)
        for point in self.subjects:
            self.refer(point)
        for kind in ("all", "rest"):
            taken = {point: set(held) for point, held in self.out.held.items()}
            for statement, members in said[kind]:
                for point in members:
                    if self.open(point, statement.says, taken[point]):
                        self.give(point, statement, members)
        # Models may have got their values from a set only now.
        self.state.clear()
        for point in self.subjects:
            self.refer(point, last=True)
        for point in self.subjects:
            self.lacks(point)
        told = {d.entry_id for d in self.out.diagnostics if d.code in TOLD}
        rings = {d.entry_id for d in self.out.diagnostics if d.code == "reference-cycle"}
        for point, subject in self.subjects.items():
            if subject.entry_id not in told:
                self.unmet(point, rings)
        return self.out

    def lacks(self, point: PointId) -> None:
        """Report at its entry what a point lacks where words are not read that can have been on it:
        陶道 among those of 餘并, after a subject that nobody knows.
        """
        held = self.out.held[point]
        lost = {
            ACT_OF[column]: where
            for column, where in self.unread[point].items()
            if column not in held and BANS[column] not in held
        }
        if lost:
            where = min(lost.values(), key=lambda one: one.start)
            dose, entry = " and ".join(lost), self.subjects[point].entry_id
            message = f"{entry}: {dose} can stand in words that are not read: {where.words}"
            self.report("subject-unread", where, message, point)

    def unmet(self, point: PointId, rings: Collection[str | None]) -> None:
        """Report references whose models have no dose to hand on: 刺灸分壯如魄戶法, where the words
        on 魄戶 are lost.
        """
        held = self.out.held[point]
        lacking = [c for c, columns in DOSED.items() if not any(map(held.get, columns))]
        for target, where, _ in self.pending[point]:
            covers = [c for c in lacking if c in target.covers and target.kind != "work"]
            model = self.model(point, target, where) if covers else None
            if model is not None and self.subjects[model].entry_id not in rings:
                message = f"{self.subjects[model].entry_id} has no {' and '.join(covers)} to take"
                self.report("reference-missing", where, message, point)

    def open(self, point: PointId, says: Says, taken: set[str]) -> bool:
        """Whether a subject takes a shared value: it has none, none of its own can have been lost,
        and the act is not forbidden.
        """
        held, column = self.out.held[point], column_of(says)
        if BANS.get(column) in held or column in self.unread[point]:
            return False
        if isinstance(says, Place):
            return says.lead or column not in taken
        if not isinstance(says, Channel):
            return column not in taken
        own = [s.says for s in held.get(column, ()) if s.basis == "direct"]
        return all(isinstance(c, Channel) and c.relation != says.relation for c in own)

    def miss(self, says: Unread, where: Slice, members: Sequence[PointId]) -> None:
        """Note the points of which something is not read, and say which words these are."""
        columns = [column for act in says.acts for column in amounts(act)]
        for point in members:
            self.unread[point].update(dict.fromkeys(columns, where))
        if members:
            several = len(members) > 1
            told = "it is not known of whom" if several else "no dose is read"
            message = f"not read, {told}: {where.words}"
            entry_id = None if several else self.subjects[members[0]].entry_id
            lost = at("subject-unread", where, message, self.witness, entry_id=entry_id)
            self.tell(lost)

    def give(self, point: PointId, statement: Statement, members: Sequence[PointId]) -> None:
        """Give a value to one of the points it is said of; what is said of several is held from
        the point in whose text it stands, else from the first of them.
        """
        if len(members) > 1:
            here = scope_of(statement).at
            ref = self.subjects[members[0] if here is None else here].entry_id
            statement = replace(statement, basis="group", ref=ref)
        self.hold(replace(statement, about=point), point)

    def hold(self, statement: Statement, point: PointId) -> None:
        says, column = statement.says, column_of(statement.says)
        values = self.out.held[point].setdefault(column, [])
        if column in LISTED or not values:
            if not isinstance(says, Channel) or all(other.says != says for other in values):
                values.append(statement)
            return
        entry_id, where = self.subjects[point].entry_id, statement.where
        for (name, value), (_, before) in zip(cells(says), cells(values[0].says), strict=True):
            if value != before:
                message = f"{name}: {value} against {before} before"
                issue = at("value-contradicts", where, message, self.witness, entry_id=entry_id)
                self.tell(issue)

    # --- models ----------------------------------------------------------------------------------

    def refer(self, point: PointId, last: bool = False) -> None:
        """Take what the references of a subject cover from their models."""
        for target, where, many in self.pending[point]:
            if target.kind == "work":
                if not last:
                    self.out.references.append(self.leads_out(point, target, where))
                continue
            for cover in target.covers:
                self.take(point, cover, (target, where, many), last)

    def leads_out(self, point: PointId, target: Model, where: Slice) -> Reference:
        columns = {column for cover in target.covers for column in COVERS[cover]}
        start, end = where.source
        return Reference(
            witness=self.witness,
            entry_id=self.subjects[point].entry_id,
            code=self.subjects[point].code,
            work=target.work,
            chapter=target.chapter,
            columns=tuple(c for cover in COVERS.values() for c in cover if c in columns),
            start=start,
            end=end,
        )

    def model(self, point: PointId, target: Model, where: Slice) -> PointId | None:
        """The one subject that a reference leads to: in the same block before in the chapter, there
        before in the witness; of a chapter that stands twice in the same copy.
        """
        me = self.subjects[point]
        if target.kind == "point":
            called = [s for s in self.called.get(target.key, ()) if s is not me]
            pools = (
                [s for s in called if s.block == me.block],
                [s for s in called if s.part == me.part],
                called,
                [me] * (target.key in me.names),
            )
            found = next(filter(None, pools), [])
        else:
            found = [
                other
                for other in self.same(me)
                if other.part == me.part
                and other is not me
                and (not other.channel or target.key in ("", other.channel))
            ]
        found = [other for other in found if other.copy == me.copy] or found
        if len(found) == 1:
            return found[0].point
        name = target.key or "the same point"
        code, message = "reference-missing", f"{name}: no entry to take the values from"
        if found:
            among = ", ".join(one.entry_id for one in found)
            code, message = "reference-ambiguous", f"{name} stands for more than one entry: {among}"
        self.report(code, where, message, point)
        return None

    def same(self, me: Subject) -> Iterable[Subject]:
        """The subjects that are the same point, or have one of its names where nobody knows it."""
        if me.code:
            return self.standing[me.part, me.code]
        return dict.fromkeys(s for name in sorted(me.names) for s in self.called[name])

    def take(self, point: PointId, cover: str, reference: Referring, last: bool) -> None:
        """Hand on what one reference covers; the model's own references are followed first."""
        target, where, many = reference
        key = (point, cover)
        if self.state.get(key) == 2:
            return
        if self.state.get(key) == 1:
            if not last:
                message = f"{self.subjects[point].entry_id}: its {cover} is referred back to itself"
                self.report("reference-cycle", where, message, point)
            return
        known = len(self.out.diagnostics)
        model = self.model(point, target, where)
        if last:
            self.told.difference_update((d.code, d.entry_id) for d in self.out.diagnostics[known:])
            del self.out.diagnostics[known:]
        if model is None:
            return
        self.state[key] = 1
        for further in self.pending[model]:
            if further[0].kind != "work":
                for other in further[0].covers:
                    if _meet(other, cover):
                        self.take(model, other, further, last)
        self.state[key] = 2
        for column in COVERS[cover]:
            self.copy(point, model, column, where, many)

    def copy(self, point: PointId, model: PointId, column: str, where: Slice, many: bool) -> None:
        mine, theirs = self.out.held[point], self.out.held[model]
        place = column in ("location", "distance")
        values = theirs.get("location" if place else column, [])
        if column == "distance":
            values = [s for s in values if isinstance(s.says, Place) and s.says.distance]
        elif column == "location":
            values = [s for s in values if isinstance(s.says, Place) and not s.says.lead] or values
        elif mine.get(column) or BANS.get(column) in mine:
            return
        ref = self.subjects[model].entry_id
        if not values and column in self.unread[model]:
            message = f"{column} is that of {ref}, where words are not read"
            self.report("subject-unread", where, message, point)
        for value in values:
            says = replace(value.says, lead=many) if isinstance(value.says, Place) else value.says
            if place and any(cells(s.says) == cells(says) for s in mine.get("location", ())):
                continue
            mine.setdefault(column_of(says), []).append(
                Statement(point, says, where, None, "like", ref)
            )


def _meet(one: str, other: str) -> bool:
    return one == other or {one, other} == {"place", "distance"}


def resolve(
    subjects: Sequence[Subject], statements: Sequence[Statement], witness: str
) -> Resolution:
    """The values that each subject of a witness holds.

    秩邊 (刺灸分壯如魄戶法) takes five cones from 魄戶, which took them from 附分 (如附分法).
    """
    return _Stage(subjects, witness).run(statements)


# --- claims ---------------------------------------------------------------------------------------


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
