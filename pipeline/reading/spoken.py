"""What the notes of a commentary say of which points, clause by clause.

``STEPS`` has a step for each rule of the grammar; ``Spoken`` holds what a note has spoken of when
a clause begins. Steps never change it: each gives what holds after its clause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from typing import Literal

import regex
from lark.lexer import Token

from pipeline.knowledge import channels as ch
from pipeline.knowledge.lexicon import Sense, folded, lexicon
from pipeline.knowledge.numerals import NUMERAL, integer
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.vocabulary import relation_of
from pipeline.knowledge.works import place_of
from pipeline.model import Diagnostic
from pipeline.reading.gaps import ACTS, acts_in, goes_on, relates, shares, strays
from pipeline.reading.names import Context, all_of, context_of_words, sense_of, situated
from pipeline.reading.pages import Page
from pipeline.reading.parse import Node, bounds, parse
from pipeline.reading.references import COVERS, Subject
from pipeline.reading.rows import Home
from pipeline.reading.statements import (
    Act,
    Channel,
    Count,
    Dose,
    Model,
    Place,
    PointId,
    Said,
    Scope,
    Statement,
    Unread,
    scope_of,
)
from pipeline.reading.values import CLAUSES, trimmed
from pipeline.text.slice import Slice, at

# --- what is read --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """A point that a note names: its name, before what is said of it alone, and the end of that.

    ``described``: the name heads these words, it does not only stand in a list.
    """

    point: PointId
    block: int
    key: str
    sense: Sense | None
    candidates: tuple[str, ...]
    head: Slice
    end: int
    described: bool
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """From where on the words are about which points."""

    start: int
    scope: Scope


@dataclass(frozen=True, slots=True)
class Book:
    """What the notes of a witness say, before references are followed."""

    drafts: tuple[Draft, ...]
    statements: tuple[Statement, ...]
    turns: tuple[Turn, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A note, the remarks lifted out of it, and what is known around its names."""

    siglum: str
    block: int
    where: Slice
    context: Context


Heard = Statement | Turn | Diagnostic
Way = Literal["head", "list", "clause"]
"""How points came to be spoken of: at the head of what follows, in a list, for a clause."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a note has spoken of so far."""

    points: Mapping[PointId, Draft] = field(default_factory=dict)
    """Those it has named, in order."""
    here: PointId | None = None
    """The one in whose text the words stand."""
    heads: bool = False
    """The words in hand follow on the name that its entry begins with."""
    scope: Scope | None = None
    """The points that clauses are about, and how they came to be."""
    way: Way = "head"
    fresh: bool = False
    """Nothing has been said of them yet."""
    group: Scope | None = None
    """The set that was spoken of last (凡此五者)."""
    last: tuple[Statement, ...] = ()
    """What was said last."""
    free: Literal["", "places", "argues"] = ""
    """What free words do that go on: place the point, or argue up to the end of the sentence."""
    held: Slice | None = None
    """Free words that end in 者: they belong to the words of place that follow."""
    lost: Slice | None = None
    """Unread words since which it is not known of whom is spoken."""
    loose: Slice | None = None
    """The free words that were just passed over."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a note: its nodes (free words are taken together), the rule of the clause before
    it, what the note said before it.
    """

    rule: str
    nodes: tuple[Node, ...]
    where: Slice
    after: str
    note: Note
    said: Sequence[Heard]


Step = tuple[Spoken, list[Heard]]
"""What a note has spoken of after a clause, and what the clause says."""


def read_notes(siglum: str, grammar: str, page: Page) -> Book:
    """Read the notes of a page.

    附分，在第二椎下，… gives a draft and statements on its place, channel and doses.
    """
    drafts: list[Draft] = []
    heard: list[Heard] = []
    for index, block in enumerate(page.blocks):
        start, end = page.moves.end(block.where.start), page.moves.end(block.where.end)
        where = Slice(page.main, start, end)
        channel = block.paragraph.channel if block.paragraph else ""
        note = Note(siglum, index, where, context_of_words(where.words, channel))
        tree, failed = parse(grammar, "entry", where)
        spoken, said = read(_in_order(tree.children, where, failed), note)
        drafts += spoken.points.values()
        heard += said
        for place in failed:
            lost = Slice(page.main, *place)
            heard.append(at("clause-unparsed", lost, f"not understood: {lost.words}", siglum))
    return Book(
        tuple(drafts),
        tuple(one for one in heard if isinstance(one, Statement)),
        tuple(one for one in heard if isinstance(one, Turn)),
        tuple(one for one in heard if isinstance(one, Diagnostic)),
    )


def _in_order(nodes: Sequence[Node], where: Slice, failed: Sequence[tuple[int, int]]) -> list[Node]:
    """The clauses of a note, with a token for each stretch that could not be parsed."""
    chars = where.layer.chars
    lost = [Token("UNREAD", chars[a:b], start_pos=a, end_pos=b) for a, b in failed]
    return sorted([*nodes, *lost], key=bounds)


def read(nodes: Sequence[Node], note: Note) -> Step:
    """What the clauses of a note say, one after the other."""
    spoken, heard = Spoken(), list[Heard]()
    for clause in _clauses(nodes, note, heard):
        if clause.rule not in GOES_ON:
            held = spoken.held if clause.rule == "APART" else None
            spoken = replace(spoken, free="" if spoken.free == "places" else spoken.free, held=held)
        spoken, said = STEPS[clause.rule](clause, spoken)
        heard += said
    return _closed(spoken, note.where.end), _unbroken(heard)


def _unbroken(heard: Sequence[Heard]) -> list[Heard]:
    """Without the doses whose own words go on in unread ones: 一寸*五分."""
    gaps = [one.where for one in heard if isinstance(one, Statement) and type(one.says) is Unread]
    return [
        one
        for one in heard
        if not (isinstance(one, Statement) and isinstance(one.says, Dose))
        or not any(gap.start <= one.where.start and one.where.end <= gap.end for gap in gaps)
    ]


FREE = ("TEXT", "PLACED", "DISCOURSE")
GOES_ON = (*FREE, "UPTO", "PUNCTUATION")
"""Clauses after which free words can still go on."""


def _clauses(nodes: Sequence[Node], note: Note, said: Sequence[Heard]) -> Iterator[Clause]:
    """The clauses of a note: free words up to the next clause are one, those before 下至 belong to
    it. A clause is called by its first node, by 下至 if it has one.
    """
    rules = [node.type if isinstance(node, Token) else str(node.data) for node in nodes]
    starts = [
        i
        for i, rule in enumerate(rules)
        if not i or rules[i - 1] not in FREE or rule not in (*FREE, "UPTO")
    ]
    after = ""
    for i, end in pairwise([*starts, len(nodes)]):
        rule = "UPTO" if rules[end - 1] == "UPTO" else rules[i]
        where = replace(note.where, start=bounds(nodes[i])[0], end=bounds(nodes[end - 1])[1])
        yield Clause(rule, tuple(nodes[i:end]), where, after, note, said)
        after = after if rule in (*FREE, "UPTO") else rule


def _at(clause: Clause, *kinds: str) -> list[Slice]:
    """Where the tokens of some kinds stand in a clause."""
    nodes = clause.nodes
    found = [t for n in nodes for t in ([n] if isinstance(n, Token) else n.children)]
    some = [t for t in found if isinstance(t, Token) and t.type in kinds]
    return [replace(clause.where, start=bounds(t)[0], end=bounds(t)[1]) for t in some]


def _number(words: str) -> int | None:
    return integer(regex.sub(f"[^{NUMERAL}]", "", words))


# --- entries -------------------------------------------------------------------------------------


def numbered(siglum: str, page: Page, drafts: Sequence[Draft]) -> Iterator[tuple[Home, Subject]]:
    """Of each point the entry it becomes, in its section and note, and what it is to references."""
    times: Counter[tuple[int | None, int]] = Counter()
    for draft in drafts:
        block = page.blocks[draft.block]
        of, note = block.paragraph, block.number
        section, channel, part = (of.number, of.channel, of.part) if of else (None, "", 0)
        seq = times[section, note] = times[section, note] + 1
        entry_id = f"{siglum}/{section or 0:02d}.{note}/{seq:03d}"
        code = draft.sense.code if draft.sense else None
        names = frozenset({draft.key, folded(lexicon().standard[code])} if code else {draft.key})
        source = replace(draft.head, end=draft.end).source
        home = Home(entry_id, siglum, section, seq, draft.head, source, note)
        yield home, Subject(draft.point, entry_id, names, code, draft.block, channel, part)


# --- points --------------------------------------------------------------------------------------


def _draft(clause: Clause, name: Slice, described: bool) -> Draft:
    sense, candidates = sense_of(name.words, clause.note.context)
    if not (sense or candidates or situated(clause.note.context)):
        candidates = all_of(name.words)
    block, point = clause.note.block, PointId(name.start)
    return Draft(point, block, name.words, sense, candidates, name, name.end, described)


def _known(spoken: Spoken, new: Draft) -> Draft | None:
    """The point of the note that has a name, or is the one it stands for."""
    for old in spoken.points.values():
        if old.key == new.key or (new.sense and old.sense and old.sense.code == new.sense.code):
            return old
    return None


def _named(clause: Clause, spoken: Spoken, name: Slice, described: bool) -> tuple[Spoken, PointId]:
    """The point a name stands for; a head takes over what was only listed."""
    new = _draft(clause, name, described)
    old = _known(spoken, new)
    if old and (old.described or not described):
        return spoken, old.point
    if old:
        new = replace(new, point=old.point, flags=old.flags)
    return _with(spoken, new), new.point


def _with(spoken: Spoken, draft: Draft) -> Spoken:
    return replace(spoken, points={**spoken.points, draft.point: draft})


def _closed(spoken: Spoken, end: int) -> Spoken:
    """The words about the point in hand end."""
    if spoken.here is None or not spoken.heads:
        return spoken
    draft = spoken.points[spoken.here]
    words = replace(draft.head, start=draft.head.end, end=max(end, draft.head.end)).words
    end = draft.head.end + len(words.rstrip("\n、』」"))
    return _with(spoken, replace(draft, end=max(draft.end, end)))


def _opened(spoken: Spoken, here: PointId | None, name: Slice) -> Spoken:
    """The words that follow on a name are about a point."""
    heads = here is not None and spoken.points[here].head == name
    return replace(spoken, here=here, heads=heads)


def _head(clause: Clause, spoken: Spoken) -> Step:
    name = _at(clause, "HEAD")[0]
    spoken, point = _named(clause, _closed(spoken, name.start), name, described=True)
    spoken = replace(_opened(spoken, point, name), group=None)
    spoken, heard = _about(clause, spoken, Scope("these", at=point, members=(point,)), "head")
    if placed := _placed_before(name):
        heard += _say(spoken, [(Place(placed.verbatim), placed)])[1]
    for count in _at(clause, "COUNT"):
        spoken, said = _count(spoken, count)
        heard += said
    return spoken, heard


def _placed_before(name: Slice) -> Slice | None:
    """The place that goes before a name: 骨上謂腰橫骨上髦際中曲骨穴也."""
    chars, start = name.layer.chars, max(0, name.start - 40)
    at = chars.rfind("謂", start, name.start)
    found = pattern("place-before-name").fullmatch(chars, at, name.start) if at >= 0 else None
    return Slice(name.layer, *found.span("place")) if found else None


def _list(clause: Clause, spoken: Spoken) -> Step:
    spoken = _closed(spoken, clause.where.start)
    names = _at(clause, "NAMED", "RUN_ON")
    found: list[PointId] = []
    for name in names:
        spoken, point = _named(clause, spoken, name, described=False)
        found.append(point)
    members = tuple(dict.fromkeys(found))
    alone = len(members) == 1
    spoken = _opened(spoken, members[0] if alone else None, names[0])
    scope = Scope("these", at=members[0], members=members)
    spoken, heard = _about(clause, spoken, scope, "head" if alone else "list")
    for tail in _at(clause, "LIST_TAIL"):
        number, each = _number(tail.words), "各" in tail.words
        right = not number or number in (len(members), len(spoken.points))
        if number and (each or alone) and "穴" in tail.words:
            spoken, said = _count(spoken, tail)
            heard += said
        elif not right and not each and "左右" not in tail.words:
            message = f"the list is said to have {number} points and names {len(members)}"
            heard.append(at("list-count-differs", clause.where, message, clause.note.siglum))
    return spoken, heard


def _count(spoken: Spoken, where: Slice) -> Step:
    number = _number(where.words)
    return _say(spoken, [] if number is None else [(Count(number), where)])


def _sides(clause: Clause, spoken: Spoken) -> Step:
    """左右二也: one point on either side."""
    said = (one for one in clause.said if isinstance(one, Statement))
    counted = {p for one in said if isinstance(one.says, Count) for p in scope_of(one).members}
    members = spoken.scope.members if spoken.scope else ()
    if len(members) != 1 or members[0] in counted or _number(clause.where.words) != 2:
        return spoken, []
    return _count(spoken, clause.where)


# --- which points --------------------------------------------------------------------------------


def _about(clause: Clause, spoken: Spoken, scope: Scope, way: Way = "clause") -> Step:
    """Turn to other points."""
    scope = replace(scope, block=clause.note.block)
    spoken = replace(spoken, scope=scope, way=way, fresh=True, lost=None)
    return spoken, [Turn(clause.where.start, scope)]


def _on_line(clause: Clause, spoken: Spoken) -> Spoken:
    """At the start of a line the words about the point in hand are at their end."""
    if _after(clause) != "\n":
        return spoken
    return replace(_closed(spoken, clause.where.start), here=None)


def _subject(clause: Clause, spoken: Spoken) -> Step:
    spoken = _on_line(clause, spoken)
    found: list[PointId] = []
    others: list[str] = []
    names = _at(clause, "SUBJECT", "SUBJECT_RUN", "RUN_ON")
    for name in names:
        new = _draft(clause, name, described=True)
        known = _known(spoken, new)
        if known is None and len(names) == 1 and spoken.here is None:
            spoken, known = _opened(_with(spoken, new), new.point, name), new
        if known is None:
            others.append(name.words)
        else:
            found.append(known.point)
    named = Scope("these", tuple(others), spoken.here, tuple(found))
    heard: list[Heard] = []
    if (loose := _running_in(clause, spoken)) and loose.words.endswith("、"):
        spoken, heard = _gap(clause, spoken, loose, ACTS)
    spoken, turned = _about(clause, spoken, named)
    return spoken, [*heard, *turned]


def _after(clause: Clause) -> str:
    """The sign before a clause."""
    start = clause.where.start
    return clause.where.layer.chars[max(start - 1, 0) : start]


def _all(clause: Clause, spoken: Spoken) -> Step:
    spoken = _on_line(clause, spoken)
    scope = Scope("all", at=spoken.here, count=_number(clause.where.words))
    spoken, heard = _about(clause, spoken, scope)
    return replace(spoken, group=spoken.scope), heard


def _rest(clause: Clause, spoken: Spoken) -> Step:
    return _about(clause, spoken, Scope("rest", at=spoken.here))


def _next(clause: Clause, spoken: Spoken) -> Step:
    """下五穴各相去一寸: of which points, and words of their place, if one follows."""
    spoken = _on_line(clause, spoken)
    count = _number(clause.where.words)
    spoken, heard = _about(clause, spoken, Scope("next", at=spoken.here, count=count))
    return replace(spoken, held=clause.where), heard


def _same(clause: Clause, spoken: Spoken) -> Step:
    """下十二穴并同: what was just said holds for the next twelve."""
    count, block = _number(clause.where.words), clause.note.block
    scope = Scope("next", at=spoken.here, count=count, block=block)
    if spoken.lost:
        return spoken, [Statement(scope, Unread(ACTS), clause.where)]
    return spoken, [Statement(scope, said.says, clause.where) for said in spoken.last]


def _range(clause: Clause, spoken: Spoken) -> Step:
    ends = pattern("range").match(clause.where.words)
    assert ends is not None
    return _about(clause, spoken, Scope("range", (ends[1], ends[2]), spoken.here))


def _upto(clause: Clause, spoken: Spoken) -> Step:
    """在第四肋端下至太一，各…: the words place the point in hand, what follows is said of all up to
    the one named.
    """
    heard: list[Heard] = []
    first = clause.nodes[0]
    if spoken.free == "places" or (isinstance(first, Token) and first.type == "PLACED"):
        spoken, heard = _place(spoken, clause.where)
    if spoken.here is None:
        return spoken, heard
    (where,) = _at(clause, "UPTO")
    name = where.words.removeprefix("下至").rstrip("，")
    scope = Scope("upto", (name,), spoken.here)
    spoken, turned = _about(replace(clause, where=where), spoken, scope)
    return spoken, [*heard, *turned]


def _each(clause: Clause, spoken: Spoken) -> Step:
    """并, 各: of the points just named for the clause, else of all."""
    if spoken.lost or (spoken.fresh and spoken.way == "clause"):
        return spoken, []
    if loose := _running_in(clause, spoken):
        spoken = replace(spoken, loose=replace(loose, end=clause.where.end))
    return _about(clause, spoken, Scope("all", at=spoken.here))


# --- what is not read ----------------------------------------------------------------------------


def _gap(clause: Clause, spoken: Spoken, where: Slice, acts: Sequence[Act]) -> Step:
    """Pass over unread words: they can have been a dose of the points in hand, or have turned to
    others. In the words of one point they are about it, if they name no more.
    """
    spoken, scope = _on_line(clause, spoken), spoken.scope
    one = scope is not None and len(scope.members) == 1 and spoken.way == "head"
    alone = one and not shares(where.words) and _after(clause) != "\n"
    if scope is None or not alone:
        scope = Scope("all", at=spoken.here, block=clause.note.block)
    unread = Statement(scope, Unread(tuple(acts)), where)
    lost = spoken.lost if alone else where
    scope = spoken.scope if alone else None
    return replace(spoken, scope=scope, lost=lost, last=(), free="", held=None), [unread]


PAUSE = regex.compile("[，。；：\n]")


def _unparsed(clause: Clause, spoken: Spoken) -> Step:
    """What could not be parsed is a gap if there is something of a dose between its pauses."""
    chars, where = clause.where.layer.chars, _broken(clause)
    end = PAUSE.search(chars, where.end)
    stretch = regex.split(PAUSE, chars[: where.start])[-1], chars[where.start : end and end.start()]
    acts = acts_in("".join(stretch))
    return _gap(clause, spoken, where, acts) if acts else (spoken, [])


def _ahead(where: Slice) -> tuple[Act, ...]:
    """The acts of which the sentence goes on to speak: 腰*俞 can be a subject of 各刺可入…."""
    chars = where.layer.chars
    end = SENTENCE.search(chars, where.end)
    return acts_in(chars[where.end : end and end.start()])


SENTENCE = regex.compile("[。；\n]")


LAST = 8
"""A dose right before some words is among so many things that were said last: a clause says of one
act what it says, and what is wrong with it.
"""


def _broken(clause: Clause) -> Slice:
    """Unread words with the dose before them that they go on with."""
    where = clause.where
    last = islice(reversed(clause.said), LAST)
    doses = (s for s in last if isinstance(s, Statement) and isinstance(s.says, Dose))
    before = next((s.where for s in doses), where)
    between = where.layer.chars[before.end : where.start]
    touches = before.end <= where.start and (not between or between in "，。、；：「」")
    return replace(where, start=before.start) if touches and goes_on(where.words) else where


def _told(clause: Clause, spoken: Spoken, acts: Sequence[Act]) -> Step:
    """Before a dose: free words that run into it can have been its subject (道髮道留五呼)."""
    loose = _running_in(clause, spoken)
    if loose is None or spoken.lost or spoken.way == "head":
        return spoken, []
    return _gap(clause, spoken, loose, acts)


def _running_in(clause: Clause, spoken: Spoken) -> Slice | None:
    """Free words that run into a clause."""
    loose = spoken.loose
    return loose if loose and loose.end == clause.where.start else None


# --- what is said of them ------------------------------------------------------------------------


def _say(spoken: Spoken, said: Sequence[Said]) -> Step:
    """Say something of the points in hand."""
    if spoken.scope is None or not said:
        return spoken, []
    scope = replace(spoken.scope, carried=not spoken.fresh)
    last = tuple(Statement(scope, *one) for one in said)
    return replace(spoken, last=last, fresh=False), [*last]


def _values(clause: Clause, spoken: Spoken) -> Step:
    """Channels, doses, a posture, a consequence, an office."""
    (node,) = clause.nodes
    assert not isinstance(node, Token)
    said = list(CLAUSES[clause.rule](node, clause.where.layer))
    lost = [one for one in said if isinstance(one[0], Dose) and one[0].least is None]
    acts = tuple(one.act for one, _ in said if isinstance(one, Dose))
    spoken, untold = _told(clause, spoken, acts) if acts else (spoken, [])
    spoken, heard = _say(spoken, [one for one in said if one not in lost])
    heard = [*untold, *heard]
    if acts and spoken.lost:
        scope = Scope("all", at=spoken.here, block=clause.note.block)
        heard.append(Statement(scope, Unread(acts), clause.where))
    for _, where in lost:
        message = f"no number: {where.words}"
        heard.append(at("numeral-unreadable", where, message, clause.note.siglum))
    return spoken, heard


def _moxa(clause: Clause, spoken: Spoken) -> Step:
    if spoken.here is not None and any("炙" in where.words for where in _at(clause, "MOXA")):
        draft = spoken.points[spoken.here]
        spoken = _with(spoken, replace(draft, flags=(*draft.flags, "misprint_suspected")))
    return _values(clause, spoken)


def _qi(clause: Clause, spoken: Spoken) -> Step:
    """五督脈氣也, 本經氣也."""
    name = ch.plain(clause.where.words.removesuffix("氣也"))
    name = clause.note.context.section_channel if name == "本經" else ch.canonical(name)
    if name:
        return _say(spoken, [(Channel(name, relation_of("ISSUE")), clause.where)])
    members = spoken.scope.members if spoken.scope else ()
    where = replace(clause.where, start=min([*members, clause.where.start]))
    message = f"the channel is not known: {clause.where.words}"
    return spoken, [at("dose-unread", where, message, clause.note.siglum, "error")]


def _if_moxa(clause: Clause, spoken: Spoken) -> Step:
    """若灸者 opens a clause: after an exception (臨泣留七呼) on the set again (此五者)."""
    last = spoken.last
    retained = all(isinstance(s.says, Dose) and s.says.act == "retention" for s in last)
    carried = any(scope_of(s).carried for s in last)
    excepted = spoken.way == "clause" and not spoken.fresh and last and retained and not carried
    return _about(clause, spoken, spoken.group) if spoken.group and excepted else (spoken, [])


# --- where they are ------------------------------------------------------------------------------

BEFORE_PLACE = frozenset({"PUNCTUATION", "head", "list", "subject", "NEXT", "RANGE", ""})
"""What stands before words that place a point: no value, in the middle of which they would be."""


def _place(spoken: Spoken, where: Slice, distance: bool = False, lead: bool = False) -> Step:
    where = trimmed(where)
    if where.words.endswith("也"):
        where = replace(where, end=where.end - 1)
    words = where.verbatim
    return _say(spoken, [(Place(words, distance, lead), where)] if words else [])


def _held(spoken: Spoken, where: Slice) -> Slice:
    """Words of a place, with those held right before them."""
    held = spoken.held
    return replace(where, start=held.start) if held and where.start - held.end <= 1 else where


def _words(clause: Clause, spoken: Spoken) -> Step:
    """Free words place the point if they open like a place or go on with one."""
    where, scope, listed = clause.where, spoken.scope, spoken.way == "list"
    broken = _broken(clause)
    acts = acts_in(broken.words)
    if acts or (strays(where.words) and clause.rule != "PLACED" and spoken.free != "places"):
        return _gap(clause, spoken, broken, acts or _ahead(where))
    spoken = replace(spoken, loose=where)
    if scope is None or (spoken.free == "places" and relates(where.words)):
        return spoken, []
    opens = clause.rule == "PLACED" and clause.after in BEFORE_PLACE and not listed
    opens = opens and scope.kind not in ("all", "rest")
    if spoken.free == "argues" or clause.rule == "DISCOURSE":
        return replace(spoken, free="argues", held=None), []
    if spoken.free == "places" or opens:
        spoken, heard = _place(spoken, _held(spoken, where))
        return replace(
            spoken, free="" if where.words.endswith("也") else "places", held=None
        ), heard
    held = where if where.words.endswith("者") and not listed else None
    return replace(spoken, held=held), []


def _pause(clause: Clause, spoken: Spoken) -> Step:
    ends = "。" in clause.where.words or "\n" in clause.where.words
    return (replace(spoken, free="", held=None) if ends else spoken), []


def _idle(clause: Clause, spoken: Spoken) -> Step:
    return spoken, []


def _apart(clause: Clause, spoken: Spoken) -> Step:
    """How far a point is from the midline."""
    goes_on = spoken.scope is not None and not clause.where.words.endswith("也")
    goes_on = goes_on and spoken.free != "argues"
    where = _held(spoken, clause.where)
    spoken, heard = _place(spoken, where, distance=True, lead=spoken.way == "list")
    return (replace(spoken, free="places") if goes_on else spoken), heard


def _spread(clause: Clause, spoken: Spoken) -> Step:
    """其正髮際之中: where all points of a list lie, or of the note (此三者)."""
    heard: list[Heard] = []
    lead = spoken.way == "list"
    if clause.where.words.startswith("此"):
        lead = True
        spoken, heard = _about(clause, spoken, Scope("all", at=spoken.here))
    spoken, said = _place(spoken, clause.where, lead=lead)
    return spoken, [*heard, *said]


# --- by a model ----------------------------------------------------------------------------------

COVERED = {
    "OF_PLACE": ("place",),
    "OF_DISTANCE": ("distance",),
    "OF_NEEDLING": ("needling",),
    "OF_MOXA": ("moxa",),
    "OF_DOSES": ("needling", "moxa"),
}
"""What the words of a reference say that it covers."""


def _reference(clause: Clause, spoken: Spoken) -> Step:
    """所在刺灸分壯與氣穴同法."""
    (node,) = clause.nodes
    assert not isinstance(node, Token)
    kinds = [token.type for token in node.children if isinstance(token, Token)]
    covers = dict.fromkeys(c for kind in kinds for c in COVERED.get(kind, ()))
    if "AND" in kinds and kinds[kinds.index("AND") + 1] not in COVERED:
        # 相去及如肺俞法: 及 joins a word that is lost, which can only be 刺.
        covers["needling"] = None
    if any("遠近" in way.words for way in _at(clause, "WAY")):
        covers = {"distance": None}
    heard: list[Heard] = []
    its = [where.words for where in _at(clause, "ITS")]
    if spoken.lost:
        scope = Scope("all", at=spoken.here, block=clause.note.block)
        return spoken, [Statement(scope, Unread(ACTS), clause.where)]
    if spoken.scope is None or (its and its != ["此"]):
        spoken, heard = _about(clause, spoken, Scope("all", at=spoken.here))
    assert spoken.scope is not None
    target = _target(_at(clause, "MODEL")[0].words, clause.note.context)
    says = replace(target, covers=tuple(covers or COVERS))
    heard.append(Statement(spoken.scope, says, clause.where))
    return replace(spoken, fresh=False), heard


def _target(model: str, context: Context) -> Model:
    """A chapter of a work, the same point under a channel, another point."""
    cited = place_of(model)
    if cited:
        return Model("work", model, *cited)
    bare = model.removesuffix("中")
    if bare == "脈":
        return Model("channel", "")
    if pattern("channel-alone").fullmatch(bare):
        return Model("channel", ch.canonical(ch.plain(bare)))
    sense, _ = sense_of(model, context)
    return Model("point", folded(lexicon().standard[sense.code]) if sense else model)


VALUES = ("channels", "needling", "retention", "forbidden", "warning", "posture", "office")
STEPS: dict[str, Callable[[Clause, Spoken], Step]] = {
    "head": _head,
    "list": _list,
    "SIDES": _sides,
    "subject": _subject,
    "ALL": _all,
    "REST": _rest,
    "NEXT": _next,
    "SAME": _same,
    "RANGE": _range,
    "UPTO": _upto,
    "EACH": _each,
    "moxa": _moxa,
    "qi": _qi,
    "IF_MOXA": _if_moxa,
    "APART": _apart,
    "SPREAD": _spread,
    "TREATED": _idle,
    "PUNCTUATION": _pause,
    "reference": _reference,
    "UNREAD": _unparsed,
    **dict.fromkeys(FREE, _words),
    **dict.fromkeys(VALUES, _values),
}
"""What each rule of a note does."""
