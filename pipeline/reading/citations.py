"""What a note says and on whose authority: which source says, reads or lacks what.

A note is read clause by clause: ``NOTE`` has a reader for each rule of the grammars of notes, and
``Speaking`` holds who speaks when a clause begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import regex
from lark import Tree
from lark.lexer import Token

from pipeline.knowledge import channels as ch
from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.vocabulary import unit
from pipeline.knowledge.works import divided, work_of
from pipeline.model import Entry, Text
from pipeline.reading.parse import Node, bounds, parse, rule_of, tokens
from pipeline.reading.rows import read_as
from pipeline.reading.statements import (
    OF_THE_TEXT,
    Authority,
    Channels,
    Dose,
    Name,
    Place,
    Remark,
    Says,
    Scope,
    Sound,
    Statement,
    Warns,
    Wording,
    Words,
    scope_of,
)
from pipeline.reading.values import (
    CLAUSES,
    DOSES,
    INCH,
    SIGNS,
    channel_values,
    depth_of,
    trimmed,
)
from pipeline.text.slice import Slice

Mode = Literal["", "says", "reads", "lacks", "names"]
Voice = Authority | None
"""Who says something; None for the note itself."""
HERE = Scope("these")
"""The points that the note stands with."""


@dataclass(frozen=True, slots=True)
class Near:
    """What stands around a note: the statements before and after it, and where it stood in them;
    the points that it may name.
    """

    said: Sequence[Statement]
    anchor: int
    points: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Manner:
    """How notes of a kind speak. ``voice``: whose words those are that no source is named for, none
    where they are only argued about; ``says``, ``reads``: what words of a source are about that do
    not show it, at words of place and elsewhere.
    """

    voice: tuple[Voice, ...]
    says: tuple[type[Words], type[Words]]
    reads: tuple[type[Words], type[Words]]


@dataclass(frozen=True, slots=True)
class Speaking:
    """Who speaks, how, of which points: 《甲乙經》及氣穴注并云 ….

    ``lemma``: the words stand for quoted words of the text; ``words``: where the words of a source
    begin, until something in them is understood; ``aside``: what was said in the sentence before
    any source was named.
    """

    manner: Manner
    by: tuple[Voice, ...]
    mode: Mode = ""
    about: Scope = HERE
    lemma: bool = False
    words: Slice | None = None
    aside: tuple[Statement, ...] = ()


IN_ENTRIES = Speaking(Manner((None,), (Place, Place), (Place, Wording)), (None,))
"""Where a note begins in the entries of a catalogue, where most words place the point."""
OF_EDITORS = Speaking(Manner((), (Place, Remark), (Wording, Wording)), ())
"""Where editors begin to argue about the words of a commentary."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a note and where it stands; what follows on it, what the note said before it."""

    node: Node
    where: Slice
    following: Node | None
    near: Near | None
    before: Sequence[Statement]


Step = tuple[Speaking, list[Statement]]
"""Who speaks after a clause, and what it says."""


def read_note(
    inside: Slice, grammar: str, near: Near | None, speaking: Speaking
) -> tuple[Speaking, list[Statement], list[tuple[int, int]]]:
    """What a note says, for each source and each thing said one statement; who speaks at its end,
    and the spans of the normalized text that nobody understood.

    氣府論注云：灸五壯 → a dose of moxa, by 氣府論注.
    """
    tree, failed = parse(grammar, "note", inside)
    return *read(tree.children, inside.layer, near, speaking), failed


def read(nodes: Sequence[Node], layer: Text, near: Near | None, speaking: Speaking) -> Step:
    """What the clauses of a note say, one after the other."""
    found: list[Statement] = []
    at = 0
    while at < len(nodes):
        end = _end(nodes, at, speaking)
        run = [nodes[at], *(n for n in nodes[at + 1 : end] if rule_of(n) != "PUNCTUATION")]
        where = Slice(layer, bounds(run[0])[0], bounds(run[-1])[1])
        following = nodes[end] if end < len(nodes) else None
        clause = Clause(nodes[at], where, following, near, found)
        speaking, said = NOTE[rule_of(nodes[at])](clause, speaking)
        found += said
        at = end
    if nodes:
        speaking, said = _closed(speaking, bounds(nodes[-1])[1], near)
        found += said
    return speaking, found


def _end(nodes: Sequence[Node], at: int, speaking: Speaking) -> int:
    """Where a clause ends: words go on to the end of the sentence after 作, else while words last
    (over sentences where nobody is cited).
    """
    end = at + 1
    while rule_of(nodes[at]) == "words" and end < len(nodes):
        node, rule = nodes[end], rule_of(nodes[end])
        if rule == "PUNCTUATION":
            goes_on = speaking.by == speaking.manner.voice or "。" not in str(node)
        else:
            goes_on = rule == "words" or (speaking.mode in OTHERWISE and rule != "citation")
        if not goes_on:
            break
        end += 1
    return end


def _tokens(node: Node) -> list[Token]:
    return [node] if isinstance(node, Token) else [t for t in node.children if isinstance(t, Token)]


def _at(clause: Clause, *kinds: str) -> list[Slice]:
    """Where the tokens of some kinds stand in a clause."""
    found = (t for t in _tokens(clause.node) if t.type in kinds)
    return [Slice(clause.where.layer, *bounds(token)) for token in found]


def _say(speaking: Speaking, says: Says, where: Slice) -> Step:
    """Each source says it; what names no source waits for one that agrees."""
    one = Statement(speaking.about, says, where)
    if not speaking.by:
        return replace(speaking, aside=(*speaking.aside, one)), []
    return replace(speaking, words=None), [replace(one, by=by) for by in speaking.by]


def _words_of(speaking: Speaking, kind: type[Words], where: Slice) -> Step:
    return _say(speaking, kind(where.verbatim), where)


# --- who speaks ----------------------------------------------------------------------------------

OTHERWISE = ("reads", "lacks")
"""What a source does that has other words for the text."""
SOURCES = ("SOURCE", "COPY", "UNNAMED", "UNNAMED_READS", "SILENT")
VERBS: dict[str, Mode] = {
    "SAID": "says",
    "UNNAMED": "says",
    "AGAIN": "says",
    "READS": "reads",
    "UNNAMED_READS": "reads",
    "AGAIN_READS": "reads",
    "LACKS": "lacks",
    "NAMES": "names",
}
"""What a source does, by the token that says so."""


def _authorities(clause: Clause) -> Iterator[Authority]:
    """The sources that a clause names; 氣穴骨空注 are two."""
    copies = _at(clause, "COPY")
    for where in _at(clause, *SOURCES):
        start = where.start
        for form in divided(where.words):
            part = _titled(replace(where, start=start, end=start + len(form)))
            start, work = start + len(form), work_of(part.words)
            title = work.title if work and work.named else None
            if where in copies:
                title = OF_THE_TEXT
            chapter = min(work.chapters) if work and len(work.chapters) == 1 else None
            yield Authority(part.verbatim, title, chapter, part)


TITLE = regex.compile("《[^》]+》")


def _titled(where: Slice) -> Slice:
    """A source without the words that it is said to replace (《素问》揣作搏)."""
    title = TITLE.match(where.words)
    if title is None or work_of(where.words) or not work_of(title.group()):
        return where
    return replace(where, end=where.start + title.end())


def _citation(clause: Clause, speaking: Speaking) -> Step:
    """A source, or several, and what they do; 同 repeats for them what was said before."""
    verb = _tokens(clause.node)[-1].type
    where, mode = _at(clause, verb)[-1], VERBS.get(verb, "")
    by = tuple(_authorities(clause)) or speaking.by
    speaking = replace(speaking, by=by, mode=mode)
    if mode:
        return replace(speaking, words=_after(where)), []
    if verb == "LACKING":
        return _words_of(speaking, Remark, where)
    again = speaking.aside if verb == "SHARES" else ()
    if verb == "AGREES":
        again = tuple(_once_more(s, clause.where) for s in clause.before[-1:])
    heard = [replace(s, by=one) for s in again for one in by]
    return (replace(speaking, words=None) if heard else speaking), heard


def _once_more(statement: Statement, where: Slice) -> Statement:
    """The same said in another place; words are those of the place itself."""
    says = statement.says
    if isinstance(says, Words):
        says = replace(says, said=where.verbatim)
    return replace(statement, says=says, where=where)


def _reads(clause: Clause, speaking: Speaking) -> Step:
    """「手少陽」作「足少陽」: what is quoted before are the words that the source replaces."""
    lemma = bool(_at(clause, "LEMMA"))
    return replace(speaking, mode="reads", lemma=lemma, words=_after(clause.where)), []


def _remark(clause: Clause, speaking: Speaking) -> Step:
    where = trimmed(clause.where)
    after = replace(speaking, by=speaking.manner.voice, mode="", about=HERE, words=None)
    return after, [Statement(HERE, Remark(where.verbatim), where)]


def _after(where: Slice) -> Slice:
    return replace(where, start=where.end)


# --- of which points -----------------------------------------------------------------------------


def _points(clause: Clause, speaking: Speaking) -> Step:
    """Points that what follows is about; 爲 before a point gives its name."""
    names = _at(clause, "POINT")
    said: list[Statement] = []
    if speaking.mode == "names":
        speaking, said = _words_of(speaking, Name, names.pop(0))
        speaking = replace(speaking, mode="")
    known = clause.near.points if clause.near else ()
    chosen = tuple(name.words for name in names if name.words in known)
    if chosen:
        speaking = replace(speaking, about=Scope("these", chosen))
    more: list[Statement] = []
    if speaking.by and _at(clause, "PLACE", "RECALLED"):
        speaking, more = _place(clause, speaking)
    elif chosen:
        # The editors' own argument; before a reading, such words only recall the text.
        places = _at(clause, "PLACE")
        more = [Statement(speaking.about, Place(place.verbatim), place) for place in places]
    return speaking, [*said, *more]


def _these(clause: Clause, speaking: Speaking) -> Step:
    return replace(speaking, about=Scope("all")), []


# --- what is said --------------------------------------------------------------------------------


def _place(clause: Clause, speaking: Speaking) -> Step:
    return _words_of(speaking, Place, _at(clause, "PLACE", "RECALLED", "DISTANCE")[-1])


def _quantity(clause: Clause, speaking: Speaking) -> Step:
    """A bare measure, of the needle or of a distance: 作二寸."""
    where = trimmed(clause.where)
    measure = depth_of(where.words)
    if measure and _of_needle(measure[0], clause):
        return _say(speaking, Dose("needling", *measure, unit("needling")), where)
    return _words_of(speaking, Place if measure else Wording, where)


def _of_needle(fen: float, clause: Clause) -> bool:
    """What was spoken of last says whether a measure is that of the needle, in the note or in the
    words before it; after another dose its size does: places are measured in 寸, the needle in 分
    unless it goes deep.
    """
    said = clause.near.said if clause.near else ()
    before = [s for s in said if clause.near and s.where.end <= clause.near.anchor]
    spoken = [s.says for s in (*before, *clause.before) if isinstance(s.says, Place | Dose)]
    depths = [s.says.least for s in said if isinstance(s.says, Dose) and s.says.act == "needling"]
    match spoken[-1:]:
        case [Dose("needling")]:
            return True
        case [Dose()]:
            return bool(depths) and (fen < INCH or (depths[0] or 0) >= INCH)
    return False


def _as_in_entries(clause: Clause, speaking: Speaking) -> Step:
    """A dose, a posture, a consequence; a dose whose number cannot be read is words."""
    assert isinstance(clause.node, Tree)
    heard: list[Statement] = []
    for says, place in CLAUSES[str(clause.node.data)](clause.node, clause.where.layer):
        where = trimmed(place)
        read = says if read_as(says) else Wording(where.verbatim)
        speaking, said = _say(speaking, read, where)
        heard += said
    return speaking, heard


def _channels(clause: Clause, speaking: Speaking) -> Step:
    """A list of channels; 并足太陽 where a note breaks off."""
    if isinstance(clause.node, Tree) and clause.node.data == "channel_list":
        parts = (part for part in clause.node.children if isinstance(part, Tree))
        names = [channel.name for part in parts for channel in channel_values(part)]
    else:
        printed = pattern("any-channel").finditer(clause.where.words)
        names = [name for name, _ in ch.expand([m.group() for m in printed])]
    return _say(speaking, Channels(tuple(dict.fromkeys(names))), clause.where)


def _sound(clause: Clause, speaking: Speaking) -> Step:
    return speaking, [Statement(HERE, Sound(clause.where.verbatim), clause.where)]


def _replaced(clause: Clause, speaking: Speaking) -> Step:
    """Other words for those of the text: 骨空作骨孔; 脊，舊本訛資; 齊，臍通."""
    by = tuple(_authorities(clause)) or speaking.by
    _, said = _words_of(replace(speaking, by=by), Wording, _at(clause, "INSTEAD", "SAME")[0])
    return replace(speaking, words=None), said


# --- in words ------------------------------------------------------------------------------------


def _words(clause: Clause, speaking: Speaking) -> Step:
    """Words that stand for themselves; a single glyph does not, except as a reading."""
    speaking = replace(speaking, words=None)
    otherwise = speaking.mode in OTHERWISE
    bare = clause.where.words.strip(SIGNS)
    if _led_to(clause.following, otherwise) or (len(bare) < 2 and not otherwise):
        return speaking, []
    kind = _kind(clause.where.words, speaking, clause.near)
    return _words_of(speaking, kind, clause.where)


def _led_to(node: Node | None, otherwise: bool) -> bool:
    """Whether words before a clause only say which points it is about (五藏并足太陽…), or are those
    that it replaces (□抵一作適之).
    """
    if not isinstance(node, Tree):
        return False
    if node.data == "citation":
        return not otherwise and _tokens(node)[0].type in ("UNNAMED_READS", "AGAIN_READS")
    first = node.children[0]
    prefixed = isinstance(first, Tree) and bool(tokens(first, "CHANNEL_PREFIX"))
    return node.data == "broken" or prefixed


def _pause(clause: Clause, speaking: Speaking) -> Step:
    """A sign ends the words of a source, if they do not stand in quotation marks; 。 what else was
    said in the sentence.
    """
    said: list[Statement] = []
    words, sign = speaking.words, clause.where.words
    quoted = words is not None and words.layer.chars[words.start - 1] in "「『"
    if not quoted:
        speaking, said = _closed(speaking, clause.where.start, clause.near)
    if "。" in sign:
        speaking = replace(speaking, mode="", about=HERE, lemma=False, aside=())
    return speaking, said


def _quote(clause: Clause, speaking: Speaking) -> Step:
    return (replace(speaking, words=_after(clause.where)) if speaking.mode else speaking), []


def _unquote(clause: Clause, speaking: Speaking) -> Step:
    return _closed(speaking, clause.where.start, clause.near)


def _closed(speaking: Speaking, end: int, near: Near | None) -> Step:
    """What a source says or reads in words, where none of them was understood as a value."""
    words = speaking.words
    speaking = replace(speaking, words=None)
    if words is None or not speaking.by or end <= words.start:
        return speaking, []
    where = trimmed(replace(words, end=end))
    if not where.words:
        return speaking, []
    return _words_of(speaking, _kind(where.words, speaking, near), where)


def _kind(words: str, speaking: Speaking, near: Near | None) -> type[Words]:
    """What words are about: a name, a consequence, a place, or the words of the text."""
    reads = speaking.mode in OTHERWISE
    if speaking.mode == "lacks":
        return Wording
    if near is None or speaking.by == (None,):
        return Wording if reads else Remark
    if reads and words.strip(SIGNS) in lexicon().senses:
        return Name
    if pattern("deadly").search(words):
        return Warns
    if speaking.lemma or all(by and by.work == OF_THE_TEXT for by in speaking.by):
        return Wording
    if pattern("place-of-citation").search(words.strip(SIGNS)):
        return Place
    at_place, elsewhere = speaking.manner.reads if reads else speaking.manner.says
    return at_place if _at_place(near) else elsewhere


def _at_place(near: Near) -> bool:
    """Whether a note stands in words of place or after them."""
    before = [s for s in near.said if s.where.start < near.anchor]
    return bool(before) and isinstance(before[-1].says, Place)


def _idle(clause: Clause, speaking: Speaking) -> Step:
    return speaking, []


Reader = Callable[[Clause, Speaking], Step]
NOTE: dict[str, Reader] = {
    "citation": _citation,
    "reads": _reads,
    "remark": _remark,
    "points": _points,
    "these": _these,
    "place": _place,
    "quantity": _quantity,
    "bare_channels": _channels,
    "channel_list": _channels,
    "broken": _channels,
    "sound": _sound,
    "replaced": _replaced,
    "words": _words,
    "PUNCTUATION": _pause,
    "BREAK": _pause,
    "QUOTE": _quote,
    "UNQUOTE": _unquote,
    **dict.fromkeys(("warning", "posture", *DOSES), _as_in_entries),
    **dict.fromkeys(("TEXT", "JOIN", "SAID", "NAMES", "SHARES", "LACKING"), _idle),
}
"""What each rule of a note means."""


# --- of one point --------------------------------------------------------------------------------


def concerning(said: Sequence[Statement], key: str, entry: Entry | None) -> list[Statement]:
    """What a note says of one of the points it stands with; of what is said of a whole set only
    fields that it does not give for the point itself.
    """
    own = {field_of(s) for s in said if key in scope_of(s).names}
    found = []
    for statement in said:
        about = scope_of(statement)
        of_all = not about.names and (about.kind != "all" or field_of(statement) not in own)
        if (key in about.names or of_all) and not _in_hand(statement, entry):
            found.append(statement)
    return found


def field_of(statement: Statement) -> str:
    """The field of readings that a statement goes into."""
    return (read_as(statement.says) or ("",))[0]


def _in_hand(statement: Statement, entry: Entry | None) -> bool:
    """Whether a note only repeats what the commentary in hand says of the point."""
    if (
        entry is None
        or statement.by is None
        or not pattern("commentary-in-hand").search(statement.by.printed)
    ):
        return False
    return read_as(statement.says) in (
        ("depth", str(entry.depth_min_fen)),
        ("moxa", str(entry.moxa_min)),
        ("retention", str(entry.retention_breaths)),
        ("channels", "、".join(c.partition(":")[0] for c in entry.channels)),
    )
