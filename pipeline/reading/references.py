"""References: from values that are stated for several points, or said to be those of another, to
the values of each point.

The stage knows columns, sets and models, and no wording: what cue means which set stands in the
grammar of a genre, which works there are in ``corpus/authority/works.tsv``. A value that a point
has of its own stands before one that it shares, a shared one before what is left to the rest; an
act that is forbidden takes no dose from a set. A model is taken only if one candidate remains.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipeline.model import Claim, Diagnostic, Reference
from pipeline.reading.rows import COLUMNS, cells, column_of, first
from pipeline.reading.statements import Channel, Model, Place, Says, Scope, Statement, scope_of
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
LISTED = frozenset(c for c, combine in COLUMNS.items() if combine not in (first, bool))
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


@dataclass(slots=True)
class Resolution:
    """What each subject holds by column, what stays open, what was found wrong."""

    held: list[dict[str, list[Statement]]]
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


class _Stage:
    """One run over the subjects and statements of a witness."""

    def __init__(self, subjects: Sequence[Subject], statements: Sequence[Statement], witness: str):
        self.subjects = subjects
        self.witness = witness
        self.blocks: dict[int, list[int]] = {}
        for index, subject in enumerate(subjects):
            self.blocks.setdefault(subject.block, []).append(index)
        self.statements = [_settled(s, statements) for s in statements]
        self.out = Resolution([{} for _ in subjects])
        self.pending: list[list[tuple[Model, Slice, bool]]] = [[] for _ in subjects]
        self.state: dict[tuple[int, str], int] = {}

    def report(self, code: str, where: Slice, message: str, index: int | None) -> None:
        entry_id = self.subjects[index].entry_id if index is not None else None
        if any((d.code, d.entry_id) == (code, entry_id) for d in self.out.diagnostics):
            return
        self.out.diagnostics.append(at(code, where, message, self.witness, entry_id=entry_id))

    def named(self, name: str, block: int) -> int | None:
        found = [i for i in self.blocks.get(block, ()) if name in self.subjects[i].names]
        return found[0] if len(found) == 1 else None

    def members(self, scope: Scope, where: Slice) -> list[int]:
        """The subjects of a scope, in the order of the text."""
        block = self.blocks.get(scope.block, [])
        found = list(scope.members)
        if scope.kind == "these":
            for name in scope.names:
                index = self.named(name, scope.block)
                if index is None:
                    message = f"{name} is given a value and is not among the points of the note"
                    self.report("reference-missing", where, message, scope.at)
                elif index not in found:
                    found.append(index)
            return found
        if scope.kind in ("all", "rest"):
            if scope.count is None:
                return list(block)
            if scope.count != len(block):
                message = f"{scope.count} points are spoken of, {len(block)} are named"
                self.report("scope-count-differs", where, message, scope.at)
            # 此五穴者: the last five up to the words, of a block that goes on.
            upto = block.index(scope.at) + 1 if scope.at in block else 0
            upto = upto if upto >= scope.count else len(block)
            return block[max(0, upto - scope.count) : upto]
        if scope.kind == "next":
            after = [i for i in block if scope.at is None or i > scope.at]
            wanted = scope.count or 0
            if len(after) < wanted:
                message = f"the next {wanted} points are spoken of, {len(after)} follow"
                self.report("scope-count-differs", where, message, scope.at)
            return after[:wanted]
        ends = [self.named(name, scope.block) for name in scope.names]
        start = scope.at if scope.kind == "upto" else ends[0]
        last = ends[-1]
        if start is None or last is None:
            message = f"{'、'.join(scope.names)}: an end of the range is not among the points"
            self.report("reference-missing", where, message, scope.at)
            return []
        return [i for i in block if start <= i <= last]

    # --- values ----------------------------------------------------------------------------------

    def run(self) -> Resolution:
        own: list[tuple[Statement, list[int]]] = []
        shared: list[tuple[Statement, list[int]]] = []
        rest: list[tuple[Statement, list[int]]] = []
        for statement in self.statements:
            scope = scope_of(statement)
            members = self.members(scope, statement.where)
            if isinstance(statement.says, Model):
                for index in members:
                    model = statement.says, statement.where, len(members) > 1
                    self.pending[index].append(model)
                continue
            kind = {"all": shared, "rest": rest}.get(scope.kind, own)
            kind.append((statement, members))
        for statement, members in own:
            for index in members:
                self.give(index, statement, members)
        for index in range(len(self.subjects)):
            self.refer(index)
        for statements in (shared, rest):
            taken = [set(held) for held in self.out.held]
            for statement, members in statements:
                for index in members:
                    if self.open(index, statement.says, taken[index]):
                        self.give(index, statement, members)
        # Models may have got their values from a set only now.
        self.state.clear()
        for index in range(len(self.subjects)):
            self.refer(index, last=True)
        return self.out

    def open(self, index: int, says: Says, taken: set[str]) -> bool:
        """Whether a subject takes a shared value: it has none, and the act is not forbidden."""
        held, column = self.out.held[index], column_of(says)
        if BANS.get(column) in held:
            return False
        if isinstance(says, Place):
            return says.lead or column not in taken
        if not isinstance(says, Channel):
            return column not in taken
        own = [s.says for s in held.get(column, ()) if s.basis == "direct"]
        return all(isinstance(c, Channel) and c.relation != says.relation for c in own)

    def give(self, index: int, statement: Statement, members: Sequence[int]) -> None:
        """Give a value to one of the points it is said of; what is said of several is held from
        the point in whose text it stands, else from the first of them.
        """
        if len(members) > 1:
            here = scope_of(statement).at
            ref = self.subjects[members[0] if here is None else here].entry_id
            statement = replace(statement, basis="group", ref=ref)
        self.hold(replace(statement, about=index), index)

    def hold(self, statement: Statement, index: int) -> None:
        says, column = statement.says, column_of(statement.says)
        values = self.out.held[index].setdefault(column, [])
        if column in LISTED:
            if not isinstance(says, Channel) or all(other.says != says for other in values):
                values.append(statement)
        elif not values:
            values.append(statement)
        else:
            entry_id = self.subjects[index].entry_id
            for (name, value), (_, before) in zip(cells(says), cells(values[0].says), strict=True):
                if value != before:
                    message = f"{name}: {value} against {before} before"
                    self.out.diagnostics.append(
                        at(
                            "value-contradicts",
                            statement.where,
                            message,
                            self.witness,
                            entry_id=entry_id,
                        )
                    )

    # --- models ----------------------------------------------------------------------------------

    def refer(self, index: int, last: bool = False) -> None:
        """Take what the references of a subject cover from their models."""
        for target, where, many in self.pending[index]:
            if target.kind == "work":
                if not last:
                    self.out.references.append(self.leads_out(index, target, where))
                continue
            for cover in target.covers:
                self.take(index, cover, (target, where, many), last)

    def leads_out(self, index: int, target: Model, where: Slice) -> Reference:
        columns = {column for cover in target.covers for column in COVERS[cover]}
        start, end = where.source
        return Reference(
            witness=self.witness,
            entry_id=self.subjects[index].entry_id,
            code=self.subjects[index].code,
            work=target.work,
            chapter=target.chapter,
            columns=tuple(c for cover in COVERS.values() for c in cover if c in columns),
            start=start,
            end=end,
        )

    def model(self, index: int, target: Model, where: Slice) -> int | None:
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
        name = target.key or "the same point"
        if found:
            among = ", ".join(self.subjects[i].entry_id for i in found)
            message = f"{name} stands for more than one entry: {among}"
            self.report("reference-ambiguous", where, message, index)
        else:
            message = f"{name}: no entry to take the values from"
            self.report("reference-missing", where, message, index)
        return None

    def take(
        self, index: int, cover: str, reference: tuple[Model, Slice, bool], last: bool
    ) -> None:
        """Hand on what one reference covers; the model's own references are followed first."""
        target, where, many = reference
        key = (index, cover)
        if self.state.get(key) == 2:
            return
        if self.state.get(key) == 1:
            if not last:
                message = f"{self.subjects[index].entry_id}: its {cover} is referred back to itself"
                self.report("reference-cycle", where, message, index)
            return
        known = len(self.out.diagnostics)
        model = self.model(index, target, where)
        if last:
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
            self.copy(index, model, column, where, many)

    def copy(self, index: int, model: int, column: str, where: Slice, many: bool) -> None:
        mine, theirs = self.out.held[index], self.out.held[model]
        place = column in ("location", "distance")
        values = theirs.get("location" if place else column, [])
        if column == "distance":
            values = [s for s in values if isinstance(s.says, Place) and s.says.distance]
        elif column == "location":
            values = [s for s in values if isinstance(s.says, Place) and not s.says.lead] or values
        elif mine.get(column) or BANS.get(column) in mine:
            return
        ref = self.subjects[model].entry_id
        for value in values:
            says = replace(value.says, lead=many) if isinstance(value.says, Place) else value.says
            if place and any(cells(s.says) == cells(says) for s in mine.get("location", ())):
                continue
            mine.setdefault(column_of(says), []).append(
                Statement(index, says, where, None, "like", ref)
            )


def _meet(one: str, other: str) -> bool:
    return one == other or {one, other} == {"place", "distance"}


def resolve(
    subjects: Sequence[Subject], statements: Sequence[Statement], witness: str
) -> Resolution:
    """The values that each subject of a witness holds.

    秩邊 (刺灸分壯如魄戶法) takes five cones from 魄戶, which took them from 附分 (如附分法).
    """
    return _Stage(subjects, statements, witness).run()


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
