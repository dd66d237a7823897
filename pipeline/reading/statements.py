"""What a text says of a point: one statement for each thing that one voice says.

``says`` is one of a few small classes, all of them words and numbers; where it was read is the
``where`` of the statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NewType

from pipeline.text.slice import Slice

Act = Literal["needling", "retention", "drain", "moxa"]
Basis = Literal["direct", "like", "group", "external"]
PointId = NewType("PointId", int)
"""A point that a text speaks of, by the place where it is first named; in the order of the text."""


# --- what is said --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in words, as the source writes them."""

    said: str


@dataclass(frozen=True, slots=True)
class Place(Words):
    """Where the point is: 在第四椎下.

    ``distance``: the part of a place that another point can share (去脊各三寸); ``lead``: it
    places a whole list, and stands before the words of each point.
    """

    distance: bool = False
    lead: bool = False


class Head(Words):
    """The name that heads an entry: 神庭."""


class Name(Words):
    """Another name of the point: 一名鼻衝; □ where it is lost."""


class Posture(Words):
    """How the body is held: 側臥屈足取之."""


class Warns(Words):
    """A consequence or a condition of treatment: 令人癲疾."""


class Role(Words):
    """What the point is to an organ, outside the transport points: 三焦下輔俞."""


class Remark(Words):
    """Words on the point that belong to none of the others."""


class Aside(Words):
    """A dose that is none of the point: in words of illness (治癭氣灸百壯), in an argument."""


class Cut(Words):
    """A dose whose unit is lost where a line is cut: 灸三."""


class Lost(Words):
    """Where a line breaks off, and what stood behind it up to words of illness is lost."""


class Wording(Words):
    """Of a note: other words for those of the text (□抵一作適之)."""


class Sound(Words):
    """Of a note: how a glyph is read (音隘)."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, in its canonical form, and what the point is to it: 足太陽, 會."""

    name: str
    relation: str


@dataclass(frozen=True, slots=True)
class Channels:
    """Of a note: the channels that a source names, whatever the point is to them."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Office:
    """The point in its set: 井 滎 俞 原 經 合 募."""

    name: str


@dataclass(frozen=True, slots=True)
class Phase:
    """The phase of a transport point: 金 水 木 火 土."""

    name: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many points there are of the name; None where the number cannot be read."""

    points: int | None


@dataclass(frozen=True, slots=True)
class Dose:
    """How much of an act, least and most, in 分 (1 寸 = 10 分), 呼, 吸 or 壯; None where the text
    gives no bound, both where the number cannot be read. ``expr``: a quantity that is no number
    (隨年壯), ``condition``: the words it depends on, ``daily``: to be given every day (日灸三壯).
    """

    act: Act
    least: float | None
    most: float | None
    unit: str
    daily: bool = False
    expr: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """An act that is forbidden: 禁不可刺. ``condition``: under these circumstances alone."""

    act: Act
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """The words of another place hold here: of a point by its name, of the same point under a
    channel (empty: under any other), or of a chapter of a work. ``covers``: which of them.
    """

    kind: Literal["point", "channel", "work"]
    key: str
    work: str = ""
    chapter: int | None = None
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """Words that are not read and could have given doses of these acts: 刺*可入同身寸之二分. The
    points they are about take no such dose from what is said of several.
    """

    acts: tuple[Act, ...]


Says = Words | Channel | Channels | Office | Phase | Count | Dose | Forbidden | Model | Unread
Said = tuple[Says, Slice]
"""What a clause says and where, before it is known of whom."""


# --- of whom, by whom ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scope:
    """The points a statement is about: ``these`` (named ones), ``all`` of the block, the ``rest``
    of them, the ``next`` so many, those ``upto`` a point, a ``range`` from one point to another.
    """

    kind: Literal["these", "all", "rest", "next", "upto", "range"]
    names: tuple[str, ...] = ()
    at: PointId | None = None
    """The point in whose text the words stand."""
    members: tuple[PointId, ...] = ()
    """Points, where the scope needs no name."""
    count: int | None = None
    block: int = 0
    """The note or section that speaks."""
    carried: bool = False
    """The scope was taken over from the clause before."""


SCOPE_UNDECIDED = "scope-undecided"
"""The source of what could be said by more than one."""
OF_THE_TEXT = ""
"""The work of an authority that is another copy of the text in hand: 別本."""


@dataclass(frozen=True, slots=True)
class Authority:
    """Whom a text cites: as printed, the work as works.tsv knows it, and where it is named.
    ``behind``: the name stands behind the words, which the book makes its own.
    """

    printed: str
    work: str | None
    chapter: int | None
    where: Slice
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that one voice says: of a point or of the points of a scope; ``by``
    is None for the book itself. ``ref`` is the entry that the words were taken from.
    """

    about: Scope | PointId
    says: Says
    where: Slice
    by: Authority | None = None
    basis: Basis = "direct"
    ref: str | None = None


def scope_of(statement: Statement) -> Scope:
    """The points that a statement of a note is about, before it is known which these are."""
    assert isinstance(statement.about, Scope)
    return statement.about
