"""Who says what in an entry of a catalogue: the book, or an authority that it names.

An authority is named before its words (《銅人》灸三壯; 明云四分), or behind them (（千金）). Which
of the acts that follow are its own is told by these rules, in this order:

1. A title set apart (《銅人》, 銅人。) heads all doses up to the next authority.
2. What an authority says in the sentence in which it is named is its own.
3. After a number, all acts that follow are its own (明云二分。留三呼); after a prohibition or words
   for a certain case, those only on which the book has spoken itself (神庭: 岐伯曰…止三七壯。禁鍼);
   after a rule for more points (凡針肩井，皆以三里下其氣) it cannot be decided.
4. After other words, an act is its own only if the book has spoken of that act before; else the
   book goes on. Where two authorities spoke of the place one after the other, it cannot be decided.
5. An unnamed source (一曰) has its sentence.
6. A source behind doses has those right before it, back to where an act stands a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import regex
from lark import Tree
from lark.lexer import Token

from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.numerals import interval
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.vocabulary import office_of, unit
from pipeline.knowledge.works import together, works
from pipeline.model import Text
from pipeline.reading.parse import Node, bounds
from pipeline.reading.statements import (
    SCOPE_UNDECIDED,
    Act,
    Aside,
    Authority,
    Channel,
    Channels,
    Cut,
    Dose,
    Forbidden,
    Lost,
    Office,
    Phase,
    Place,
    PointId,
    Remark,
    Said,
    Says,
    Statement,
    Warns,
)
from pipeline.reading.stubs import lost_behind
from pipeline.reading.values import (
    CLAUSES,
    acts_named,
    depth_of,
    in_words,
    lone,
    trimmed,
)
from pipeline.text.slice import Slice

Rival = Literal["", "quoted", "beside"]
"""An authority is named right behind another (明云、甲乙經云), or after its words on the place."""
Spoke = Literal["", "words", "place", "illness", "number", "special"]
"""What an authority spoke of last; ``special``: a prohibition, or words for a certain case."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, since when and of what.

    ``form``: how the authority was named; ``before``: who spoke before an unnamed source; ``last``:
    the authority that 又云 takes up; ``rival``: whether another authority
    spoke right before.
    ``about``: what was measured last. ``treating``: these are words of illness; ``talking``: the
    compiler argues; ``fresh``: a sentence begins. ``stated``: the acts on which the book spoke;
    ``dosed``: whether anybody has named a dose. ``case``: for whom what follows is meant.
    """

    by: Authority | None = None
    form: Literal["book", "headed", "says", "unnamed"] = "book"
    spoke: Spoke = ""
    rival: Rival = ""
    before: Voice | None = None
    last: Authority | None = None
    about: Act | Literal["place", ""] = ""
    treating: bool = False
    talking: bool = False
    fresh: bool = True
    stated: frozenset[Act] = frozenset()
    dosed: bool = False
    case: Slice | None = None
    needled: Slice | None = None
    """For whom the needle was meant last: its breaths are, too."""
    illness: int = -1
    """Where the illness begins for which an authority treats, after the book's own."""
    ailment: Slice | None = None
    """That illness."""
    story: bool = False
    """It is a story that is told."""
    apart: bool = False
    """The argument has lines of its own."""
    bracketed: bool = False
    """These words stand in the bracket of the names."""
    placed: bool = False
    """Whether the book has said where the point is."""
    told: bool = False
    """The book has said what the point is good for: what is cited after it is a quotation."""
    point: frozenset[str] = frozenset()
    """The codes that the name of the point can have."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause and where it stands, what follows it, whether that are words of illness, the
    authority that stands right behind it, and the next one behind the words that it stands in.
    """

    node: Node
    where: Slice
    following: Node | None
    treats: bool
    behind: Authority | None
    closing: Authority | None


Step = tuple[Voice, list[tuple[Says, Slice, Authority | None]]]
"""Who speaks after a clause, and what was said in it by whom."""


def spoken(tree: Tree[Token], layer: Text, about: PointId, name: str = "") -> Iterator[Statement]:
    """What an entry says, and on whose authority, in its order; ``name`` is that of its head."""
    nodes = list(tree.children)
    sources = _sources(nodes, layer)
    behind = dict(_behind(nodes, sources))
    argued = _argued(nodes)
    treated = _before_illness(nodes)
    closing = _closing(nodes, sources)
    voice = Voice(point=_codes(name))
    begin, cones = _place_after_illness(nodes, name)
    opening = next((i for i, node in enumerate(nodes) if _rule(node) not in AROUND_NAMES), -1)
    lost = lost_behind(nodes, layer, (*DOSES, *(set(ENDS) - {"unnamed"}), "stub", "cut"))
    for index, node in enumerate(nodes):
        where = Slice(layer, *bounds(node))
        if lost and where.end > lost.start:
            yield Statement(about, Lost(lost.verbatim), lost)
            yield from _before(where, lost, about)
            voice, lost = replace(voice, treating=True, told=True, stated=ACTS), None
            continue
        if where.start < cones < where.end:
            number = Slice(layer, cones, begin)
            least, most = cones_of(number.words) or (None, None)
            dose = Dose("moxa", least, most, unit("moxa"))
            yield Statement(about, dose, number, behind.get(index))
        if where.start < begin and _rule(node) not in DOSES:
            where = replace(where, start=min(begin, where.end))
            if where.start == where.end:
                continue
        following = nodes[index + 1] if index + 1 < len(nodes) else None
        if index in argued:
            voice = replace(voice, talking=True)
        clause = Clause(node, where, following, treated[index], behind.get(index), closing[index])
        voice, said = STEPS.get(_rule(node), _clause)(clause, voice)
        if index == opening and voice.by:
            # What opens with an authority is told by nobody else: the book makes it its own.
            voice = replace(voice, by=replace(voice.by, behind=True))
        for says, place, by in said:
            yield Statement(about, says, place, by)


def _before(where: Slice, lost: Slice, about: PointId) -> Iterator[Statement]:
    """What is left before a loss of a clause on the place."""
    left = trimmed(replace(where, end=max(where.start, lost.start)))
    if pattern("place-like").search(left.words):
        yield Statement(about, Place(left.verbatim), left)


AROUND_NAMES = ("PUNCTUATION", "BRACKET", "behind", "aside", "count", "counted", "phase", "alias")
"""What can stand between a name and the first words on the point."""


def _place_after_illness(nodes: Sequence[Node], name: str) -> tuple[int, int]:
    """Where the words on the place begin if the illness and its treatment stand before them
    (猥退風，半身不隨，灸大門，腦後尖骨上一寸), and where the number of cones behind the name
    (灸龍頷百壯，在鳩尾頭上) does; else the start of the document.
    """
    named = regex.escape(name.removesuffix("穴")) or "(?!)"
    treated = pattern("treated-point", name=named)
    for node in nodes:
        rule, words = _rule(node), str(node)
        if rule == "TEXT":
            first = bounds(node)[0]
            if found := pattern("site").match(words) or treated.search(words):
                cones = found.start("cones") if "cones" in found.re.groupindex else -1
                return first + found.end(), first + cones if cones >= 0 else 0
            if pattern("placing").search(words):
                break
        elif rule in ENDS or "\n" in _sign(node):
            break
    return 0, 0


def _codes(name: str) -> frozenset[str]:
    return frozenset(sense.code for sense in lexicon().senses.get(name, ()))


def _before_illness(nodes: Sequence[Node]) -> list[bool]:
    """For each clause whether words of illness come next."""
    found: list[bool] = []
    treats = False
    for node in reversed(nodes):
        found.append(treats)
        if _rule(node) != "PUNCTUATION":
            treats = _rule(node) == "treats"
    return found[::-1]


def _sources(nodes: Sequence[Node], layer: Text) -> Mapping[int, Authority]:
    """The sources in brackets behind their words; （同上） is the one before it."""
    found: dict[int, Authority] = {}
    last: Authority | None = None
    for index, node in enumerate(nodes):
        if _rule(node) == "behind":
            named = Slice(layer, *bounds(node))
            last = found[index] = _source(named, last)
    return found


def _source(named: Slice, last: Authority | None) -> Authority:
    by = authority(named, behind=True)
    again = last and pattern("same-source").fullmatch(named.words)
    return replace(last, printed=by.printed, where=named) if last and again else by


def _closing(nodes: Sequence[Node], sources: Mapping[int, Authority]) -> list[Authority | None]:
    """For each clause the source behind the words that it stands in, up to the next ○:
    ○小兒唇緊灸三壯又云凡噦灸七壯(千金).
    """
    found: list[Authority | None] = []
    by: Authority | None = None
    for index in range(len(nodes) - 1, -1, -1):
        by = None if _rule(nodes[index]) == "ring" else sources.get(index, by)
        found.append(by)
    return found[::-1]


def _rule(node: Node | None) -> str:
    if node is None:
        return ""
    return node.type if isinstance(node, Token) else str(node.data)


# --- who speaks ----------------------------------------------------------------------------------


def authority(where: Slice, behind: bool = False, last: Authority | None = None) -> Authority:
    """An authority by its words: 《甲乙》、《銅人》 is two; 下經 after 明堂 is its part."""
    remark = pattern("remark-on-source")
    words, verbatim = where.words.strip("（）"), where.verbatim.strip("（）()")
    if behind:
        words, verbatim = remark.sub("", words), remark.sub("", verbatim)
    words = pattern("stop-inside-title").sub("", words)
    core = pattern("says-after-title").sub("", words).strip("《》")
    core = pattern("says-from-title").sub("", core)
    titles: list[str] = []
    chapters: set[int] = set()
    for form in filter(None, pattern("between-titles").split(core)):
        part = works().get(f"{last.work}{form}") if last and last.work else None
        for work in [part] if part else together(form):
            titles.append(work.title if work and work.named else "")
            chapters |= work.chapters if work else set()
    printed = pattern("says-as-printed").sub("", verbatim)
    printed = pattern("around-title").sub("", printed)
    title = "、".join(titles) if all(titles) else None
    chapter = min(chapters) if len(chapters) == 1 else None
    return Authority(printed, title, chapter, where, behind)


def _speaks(clause: Clause, voice: Voice) -> Step:
    """明云, 《銅人》, 銅人。: an authority begins."""
    if pattern("reads").search(clause.where.words):
        return _unnamed(clause, voice)
    heads = _rule(clause.node) == "headed" and regex.search("[》、，。]", clause.where.words)
    form: Literal["headed", "says"] = "headed" if heads else "says"
    by = authority(clause.where, last=voice.last)
    between = voice.form == "says" and form == "says"
    rival: Rival = ""
    if between:
        rival = "quoted" if voice.spoke == "" else "beside" if voice.spoke == "place" else ""
    return _begin(voice, by, form, rival), []


def _begin(
    voice: Voice, by: Authority, form: Literal["headed", "says", "unnamed"], rival: Rival = ""
) -> Voice:
    return replace(
        voice,
        by=by,
        form=form,
        spoke="",
        rival=rival,
        before=None,
        last=by,
        treating=False,
        illness=-1,
        talking=voice.talking and not voice.story,
        story=False,
        fresh=True,
        case=None,
        needled=None,
    )


def _again(clause: Clause, voice: Voice) -> Step:
    """又云: the authority before goes on; without one it is an unnamed source."""
    printed = clause.where.verbatim[:1]
    last = voice.last
    by = Authority(
        printed, last.work if last else None, last.chapter if last else None, clause.where
    )
    after = _begin(voice, by, "says" if last else "unnamed")
    return replace(after, last=last, before=None if last else voice), []


def _unnamed(clause: Clause, voice: Voice) -> Step:
    """一曰 has its sentence, and so has 甲乙經作, which only gives another reading."""
    before = voice.before if voice.form == "unnamed" else voice
    if _rule(clause.node) == "says":
        by = authority(clause.where, last=voice.last)
        return replace(_begin(voice, by, "unnamed"), before=before), []
    printed = regex.sub("[：∶:，,、。]$", "", clause.where.verbatim)
    by = Authority(printed, None, None, clause.where)
    return replace(_begin(voice, by, "unnamed"), before=before, last=voice.last), []


def _nameless(clause: Clause, voice: Voice) -> Step:
    """云、二分: an authority whose name is lost."""
    by = Authority(SCOPE_UNDECIDED, None, None, clause.where)
    return replace(_begin(voice, by, "says"), last=voice.last), []


def _talks(clause: Clause, voice: Voice) -> Step:
    apart = clause.where.layer.chars[clause.where.start - 1] == "\n"
    return replace(voice, talking=True, apart=apart, treating=False, case=None), []


def _tells(clause: Clause, voice: Voice) -> Step:
    """文伯曰：…: a story, which goes on up to the next authority, or to the end of the line; before
    any dose it is a sentence.
    """
    if not (voice.dosed or voice.told):
        return _unnamed(clause, voice)
    return replace(voice, talking=True, story=True, treating=False, case=None), []


def _book(voice: Voice) -> Voice:
    """The book goes on."""
    return replace(voice, by=None, form="book", spoke="", rival="", before=None)


def _behind(
    nodes: Sequence[Node], sources: Mapping[int, Authority]
) -> Iterator[tuple[int, Authority]]:
    """The clauses that have an authority behind them: doses right before it, else words back to the
    source or dose before them.
    """
    for index, by in sources.items():
        acts: set[str] = set()
        before = [i for i in range(index - 1, -1, -1) if _rule(nodes[i]) != "PUNCTUATION"]
        doses = bool(before) and _rule(nodes[before[0]]) in DOSES
        for i in before:
            rule = _rule(nodes[i])
            if rule in ENDS or (rule in DOSES) != doses or _act(nodes[i]) in acts:
                break
            acts |= {_act(nodes[i])} if doses else set()
            yield i, by


DOSES = (
    "needling",
    "retention",
    "drain",
    "moxa",
    "limit",
    "permitted",
    "measured",
    "forbidden",
)
ENDS = (
    "behind",
    "ring",
    "headed",
    "says",
    "again",
    "unnamed",
    "nameless",
    "treats",
    "talks",
    "tells",
)


ACTS: frozenset[Act] = frozenset(("needling", "retention", "drain", "moxa"))
"""What the book may have spoken of where its words are lost."""


def _act(node: Node) -> str:
    """The act of a dose; of a prohibition by its last word."""
    rule = _rule(node)
    if rule == "forbidden":
        assert isinstance(node, Tree)
        return "moxa" if pattern("moxa-last").search(str(node.children[0])) else "needling"
    return {"limit": "moxa", "permitted": "moxa", "measured": "needling"}.get(rule, rule)


def _argued(nodes: Sequence[Node]) -> frozenset[int]:
    """Where paragraphs begin, after the first dose, that open with an authority or in words, and
    argue.
    """
    opens = [i + 1 for i, node in enumerate(nodes) if "\n" in _sign(node)]
    dosed = next((i for i, node in enumerate(nodes) if _rule(node) in DOSES), len(nodes))
    found = []
    for first, stop in pairwise([*(i for i in opens if i > dosed), len(nodes)]):
        rules = [_rule(node) for node in nodes[first:stop]]
        words = "".join(str(n) for n in nodes[first:stop] if isinstance(n, Token))
        named = rules[:1] in (["says"], ["headed"])
        doubts = named and ("talks" in rules or pattern("doubt").search(words))
        if doubts or ((named or rules[:1] == ["TEXT"]) and pattern("argument").search(words)):
            found.append(first)
    return frozenset(found)


def _sign(node: Node) -> str:
    return str(node) if isinstance(node, Token) and node.type == "PUNCTUATION" else ""


# --- of what, for whom ---------------------------------------------------------------------------


def _pause(clause: Clause, voice: Voice) -> Step:
    """A sign: 。 ends the sentence and with it an unnamed source; a line ends the argument."""
    words = clause.where.words
    if not regex.search("[。；\n]", words):
        return voice, []
    if voice.case and _said_behind(voice.case, clause.where):
        voice = replace(voice, case=None)
    if voice.form == "unnamed" and regex.search("[。\n]", words):
        back = voice.before
        voice = replace(_book(voice), treating=back.treating if back else False)
        if back and back.form == "headed":
            voice = replace(voice, by=back.by, form=back.form, spoke=back.spoke)
    goes_on = voice.apart and _rule(clause.following) not in OPENS_LINES
    talking = voice.talking and ("\n" not in words or goes_on)
    if voice.story and not talking:
        voice = replace(_book(voice), treating=voice.told)
    return replace(voice, fresh=True, talking=talking, story=voice.story and talking), []


OPENS_LINES = ("treats", "headed", "says", "unnamed", "ring", "needling", "moxa", "forbidden")
"""What goes on with the entry in the line after an argument; in words the argument goes on."""


def _said_behind(case: Slice, end: Slice) -> bool:
    """Whether the sentence of a case has said what is to be done (若連第一椎數下，當在五椎下)."""
    words = Slice(case.layer, case.end, end.start).words
    treated = pattern("act-on-point").fullmatch(words)  # 舌急鍼瘂門 only names the point
    return treated is None and regex.search(r"\p{Han}", words) is not None and "。" not in words


def _treats(clause: Clause, voice: Voice) -> Step:
    """主治…: words of illness, the book's own where they open a line or end headed doses."""
    own = pattern("treats-oneself").search(clause.where.words) and voice.spoke != ""
    if voice.form in ("headed", "unnamed") or own:
        voice = _book(voice)
    spoke: Spoke = "illness" if voice.by else ""
    illness = clause.where.end if voice.by and voice.told else -1
    return replace(
        voice,
        treating=True,
        fresh=False,
        case=None,
        spoke=spoke,
        told=voice.told or voice.by is None,
        illness=illness,
    ), []


def _ring(clause: Clause, voice: Voice) -> Step:
    """○ before a quotation."""
    dosed = voice.dosed or voice.told
    book = replace(_book(voice), treating=True, talking=False, fresh=True, case=None)
    return replace(book, dosed=dosed), []


def _case(clause: Clause, voice: Voice) -> Step:
    """若灸偏風, 小兒風癇: for whom what follows is meant. At the end of the book's own illness it
    belongs to that (主治小兒急慢驚風。刺三分).
    """
    where, person = trimmed(clause.where), _rule(clause.node) == "person"
    ends_illness = voice.treating and not voice.dosed and voice.by is None
    if person and ends_illness and _rule(clause.following) != "forbidden":
        return replace(voice, fresh=False), []
    if _rule(clause.following) == "forbidden" and _of_the_book(clause, voice, person):
        voice = replace(_book(voice), treating=voice.told)
    if person and (act := pattern("act-on-other").search(where.words)):
        where = replace(where, end=where.start + act.start())
    return replace(voice, case=where), []


def _of_the_book(clause: Clause, voice: Voice, person: bool) -> bool:
    """Whether to whom an act is forbidden is the book's word again: in a sentence of its own, after
    an unnamed source (一云二七壯至百壯孕婦不可灸) or the number of an authority that is cited
    before the illness (甲乙經曰：刺一寸。孕婦不可灸); not if the sentence goes on (一云小兒忌灸).
    """
    at = clause.where.start
    first = voice.by is not None and voice.by.where.end == at
    goes_on = first or voice.spoke == "words" or clause.where.layer.chars[at - 1] in "，、"
    named = person and voice.form == "says" and voice.spoke == "number" and not voice.told
    return not goes_on and (voice.form == "unnamed" or named)


def _general(clause: Clause, voice: Voice) -> Step:
    """凡灸頭頂不得過七壯: a rule for more points than this one."""
    where = trimmed(clause.where)
    kind = Remark if voice.by and not pattern("forbids").search(where.words) else Warns
    said = [(kind(where.verbatim), where, voice.by)] if not voice.talking else []
    if voice.form == "says" and voice.spoke == "number":
        voice = replace(voice, spoke="words", rival="quoted")
    return voice, [*said, (Aside(where.verbatim), where, voice.by)]


def _warning(clause: Clause, voice: Voice) -> Step:
    """A consequence; how to treat a case ends it (如風癇熱病。宜先瀉後補。立愈). An authority's
    灸之 alone is none, nor is the manner of needling (得氣即瀉).
    """
    if pattern("treatment-of-case").match(clause.where.words):
        voice = replace(voice, case=None)
    if voice.treating or voice.talking:
        return voice, []
    where, by = trimmed(clause.where), clause.behind or voice.by
    plain = by and (voice.told or pattern("manner").match(where.words))
    return voice, [((Remark if plain else Warns)(where.verbatim), where, by)]


def _denied(clause: Clause, voice: Voice) -> Step:
    """不云灸一壯: what an authority does not say."""
    return replace(voice, fresh=False), [(Aside(clause.where.verbatim), clause.where, voice.by)]


def _cut(clause: Clause, voice: Voice) -> Step:
    """灸三 at the end of a cut line: how many is not known."""
    kind = Aside if voice.treating or voice.talking else Cut
    return replace(voice, fresh=False), [(kind(clause.where.verbatim), clause.where, voice.by)]


def _caution(clause: Clause, voice: Voice) -> Step:
    """不可妄灸, 不宜刺太深: it forbids nothing."""
    voice, said = _warning(clause, voice)
    where = trimmed(clause.where)
    return voice, [*said, (Aside(where.verbatim), where, voice.by)]


def _words(clause: Clause, voice: Voice) -> Step:
    """Free words: before the doses they place the point."""
    words, where = clause.where.words, clause.where
    if _rule(clause.following) in (*DOSES, "case", "person") and _names(words, voice):
        return voice, []
    if pattern("site").match(words) and not voice.placed:
        voice = replace(voice, treating=False, dosed=False)
        where = replace(where, start=where.start + words.index("穴") + 1)
        words = where.words
    told = pattern("point-in-state").fullmatch(words)
    if told and voice.point & _codes(told["name"]):
        return replace(voice, case=replace(where, end=where.start + len(told["state"]))), []
    if voice.case and pattern("next-point").fullmatch(words) and words[1:] in lexicon().senses:
        voice = replace(voice, case=None, fresh=False)
    if voice.treating and not voice.dosed and pattern("such-as").fullmatch(words):
        return replace(voice, case=where if str(clause.following) == "，" else None), []
    if voice.treating or voice.talking:
        fresh = voice.fresh and pattern("on-treatment").search(words) is not None
        others = pattern("dose-of-another").search(words) is not None
        aside = (Aside(where.verbatim), where, voice.by)
        return replace(voice, fresh=fresh), [aside] if others else []
    if voice.by and voice.spoke in ("number", "special") and pattern("patients").fullmatch(words):
        unknown = replace(voice.by, printed=SCOPE_UNDECIDED, work=None, chapter=None)
        return replace(voice, by=unknown, form="headed", case=trimmed(where)), []
    if voice.by and voice.spoke in ("number", "special") and pattern("on-treatment").search(words):
        return replace(voice, fresh=False), []
    if voice.dosed and voice.fresh and _goes_on(clause, voice):
        return _tells(clause, voice)
    if voice.form == "says" and voice.spoke == "" and pattern("own-entry").fullmatch(words):
        return replace(voice, form="headed"), []
    if voice.form == "says" and pattern("procedure").match(words):
        voice = replace(voice, form="headed")
    placing = pattern("place-like").search(words) is not None
    placing = placing and where.layer.chars[where.start - 1] not in "灸刺鍼"
    if voice.bracketed:
        return voice, [(Remark(where.verbatim), where, voice.by)]
    if pattern("with-tool").match(words) or (_rule(clause.following) == "warning" and not placing):
        return replace(voice, dosed=True), [(Remark(where.verbatim), where, voice.by)]
    by = clause.behind or voice.by
    if by is None:
        kind: type[Place] | type[Remark] = Remark if voice.dosed else Place
    else:
        sited = placing and len(words) > 1 and not pattern("no-place").search(words)
        sited = sited and (not voice.told or _places(voice, words))
        kind = Place if sited or clause.behind else Remark
    if by and voice.dosed and pattern("concludes").search(words) and not placing:
        return replace(voice, talking=True, story=True), [(kind(where.verbatim), where, by)]
    placed = voice.placed or (kind is Place and (by is None or by.behind))
    after = replace(voice, fresh=False, placed=placed, about="place" if placing else voice.about)
    if voice.by and voice.spoke in ("", "words", "place", "illness"):
        after = replace(after, spoke="place" if placing else "words")
    return after, [(kind(where.verbatim), where, by)]


def _goes_on(clause: Clause, voice: Voice) -> bool:
    """Whether the compiler goes on in a line of his own after an authority has spoken: 明云五壯。
    鍼四分。 此有竅陰矣。足少陽膽經亦有此穴.
    """
    before = clause.where.layer.chars[clause.where.start - 1]
    heard = voice.form == "says" and voice.spoke not in ("", "illness")
    return heard and before == "\n" and pattern("compiler").search(clause.where.words) is not None


def _places(voice: Voice, words: str) -> bool:
    """Whether an authority after the illness begins with a place: 千金云：內踝上三寸."""
    return voice.spoke == "" and pattern("place-measured").search(words) is not None


def _names(words: str, voice: Voice) -> bool:
    """Whether words right before a dose only name the point, the manner or the tool: 曲髮灸三壯,
    此穴灸三壯, 可小繞鍼入八分, 宜細三棱鍼鍼三分. Among illnesses few words are one (又尿血灸三壯).
    """
    name = words.removesuffix("穴")
    if name in lexicon().senses or pattern("before-act").search(words):
        return True
    quoted = voice.told and voice.by is not None
    return len(name) < (2 if voice.treating or quoted else 4)


def _clause(clause: Clause, voice: Voice) -> Step:
    """Any other clause, as in the entries of the 甲乙經: channels, aliases, offices, posture."""
    by, rule = clause.behind or voice.by, _rule(clause.node)
    if (voice.treating or voice.talking) and not (rule == "alias" and _by_itself(clause.where)):
        return replace(voice, fresh=False), []
    if rule == "alias" and clause.where.layer.chars[clause.where.start - 1] == "（":
        by = None  # after a story the names in brackets are the book's
    if isinstance(clause.node, Token):
        said = [lone(clause.node, clause.where.layer)]
    else:
        read = OWN.get(str(clause.node.data)) or CLAUSES[str(clause.node.data)]
        said = list(read(clause.node, clause.where.layer))
    channels = tuple(says.name for says, _ in said if isinstance(says, Channel))
    if channels and by and not by.behind:
        said = [(Channels(channels), clause.where)]
    elif by and not by.behind and voice.told and rule == "posture":
        said = [(Remark(clause.where.verbatim), clause.where)]  # 席弘賦云：兼風府取之
    spoke: Spoke = "place" if voice.by and voice.spoke in ("", "words") else voice.spoke
    after = replace(voice, fresh=False, spoke=spoke)
    return after, [(says, where, by) for says, where in said]


def _by_itself(where: Slice) -> bool:
    """Whether words open a bracket of their own, after a sentence: 而已也。（一名天滿."""
    return where.layer.chars[max(0, where.start - 2) : where.start] in ("。（", "）（", "\n（")


def _phased(tree: Tree[Token], layer: Text) -> Iterator[Said]:
    """為井木: the office and its phase."""
    start, end = bounds(tree)
    office, phase = Slice(layer, start, end - 1), Slice(layer, end - 1, end)
    sign = office.words[-1]
    yield Office(office_of(sign)), office
    yield Phase(phase.words), phase


OWN = {
    "counted": CLAUSES["count"],
    "phased": _phased,
    "element": CLAUSES["phase"],
    "supplied": in_words(Remark),
}
"""What the rules mean that entries of the 甲乙經 do not have."""


def _source_behind(clause: Clause, voice: Voice) -> Step:
    """（甲乙） right behind the head: who has the name."""
    after = replace(voice, fresh=True)
    return after, []


def _bracket(clause: Clause, voice: Voice) -> Step:
    """（一名太泉，避唐祖諱）: behind the names what stands in their bracket is on them."""
    return replace(voice, bracketed=clause.where.words.startswith("（")), []


def _skip(clause: Clause, voice: Voice) -> Step:
    return voice, []


# --- doses ---------------------------------------------------------------------------------------


def cones_of(words: str) -> tuple[int | None, int | None] | None:
    """How many cones, least and most; None where a number cannot be read.

    >>> [cones_of(w) for w in ("灸二七壯。止七七壯", "灸三壯、五壯", "灸至百壯", "日七壯至百五")]
    [(14, 49), (3, 5), (None, 100), (7, 105)]
    >>> cones_of("灸五百壯。少亦一、二百壯"), cones_of("灸至三五百壯"), cones_of("灸三□壯")
    ((100, 500), (300, 500), None)
    """
    least: int | None = None
    most: int | None = None
    for at, match in enumerate(pattern("cones").finditer(words)):
        number, cue = interval(match["number"]), match["cue"] or ""
        if number is None:
            return None
        if cue.startswith("少"):
            least = number[0]
        elif at == 0:
            least, most = (None if cue and number[0] == number[1] else number[0]), number[1]
        else:
            least, most = least, number[1]
    if least is not None and most is not None and least > most:
        return None
    return least, most


def _most_lost(where: Slice) -> bool:
    """Whether the line is cut behind 至, or in the number behind it: 灸七壯至二."""
    behind = where.layer.chars[where.end : where.end + 2]
    cut = behind[:1] in ("\n", "") and behind[1:] not in tuple("，。；：、（）○《")
    return cut and pattern("most-lost").search(where.words) is not None


def _said_of(clause: Clause) -> Iterator[Dose | Forbidden]:
    """What a clause says of an act, whoever says it."""
    words, rule = clause.where.words.replace("\n", ""), _rule(clause.node)
    if rule == "forbidden":
        yield from map(Forbidden, acts_named(words))
    elif rule == "permitted":
        yield Dose("moxa", None, None, unit("moxa"), expr=clause.where.verbatim)
    elif rule == "limit":
        cones = cones_of(words)
        yield Dose("moxa", None, cones[1] if cones else None, unit("moxa"))
    elif rule == "moxa":
        if "年" in words:
            aged = pattern("by-age").search(clause.where.words)
            yield Dose("moxa", None, None, unit("moxa"), expr=aged.group() if aged else words)
        else:
            lost = _most_lost(clause.where)
            left = pattern("most-lost").sub("", words) if lost else words
            fewest, greatest = cones_of(left) or (None, None)
            greatest = None if lost else greatest
            yield Dose("moxa", fewest, greatest, unit("moxa"), "日" in words)
    elif rule in ("needling", "measured"):
        fen = depth_of(pattern("depth-cue").sub("", words))
        least, most = fen or (None, None)
        yield Dose("needling", least, most, unit("needling"))
    else:
        act: Act = "retention" if rule == "retention" else "drain"
        breaths = interval("".join(pattern("amount").findall(words))) or (None, None)
        yield Dose(act, breaths[0], breaths[1], unit(act))


def _dose(clause: Clause, voice: Voice) -> Step:
    """A dose or a prohibition: whose it is, and for whom."""
    if not _admitted(clause, voice):
        aside = (Aside(clause.where.verbatim), clause.where, voice.by)
        return replace(voice, fresh=False, case=None), [aside]
    voice = replace(voice, fresh=voice.fresh or (voice.by is None and not voice.dosed))
    found: list[tuple[Says, Slice, Authority | None]] = []
    voice, case = _treated_for(clause, voice)
    if case and pattern("point").search(case.words):  # of others: 五勞七傷，穴胃俞，灸七壯
        return replace(voice, fresh=False), [(Aside(clause.where.verbatim), clause.where, voice.by)]
    for says in _said_of(clause):
        voice = replace(voice, case=case)
        voice, by = _whose(clause, voice, says.act)
        condition = _condition(voice, says.act)
        where = clause.where
        found.append((replace(says, condition=condition), where, by))
        voice = _heard(voice, says, bool(condition), by)
    if isinstance(clause.following, Token) and clause.following == "、":  # 婦人禁鍼、禁灸
        voice = replace(voice, case=case)
    if _most_lost(clause.where):
        found.append((Cut(clause.where.verbatim), clause.where, voice.by))
    return voice, found


def _treated_for(clause: Clause, voice: Voice) -> tuple[Voice, Slice | None]:
    """For whom a dose is meant: also for the illness in a quotation after the book's own, if it is
    of an act that the book has spoken of (甄權云：主水氣浮腫。日灸七壯).
    """
    act = _act(clause.node)
    if voice.case or voice.illness < 0 or clause.behind or act not in voice.stated:
        return voice, voice.case
    if act == "needling" and voice.fresh:  # 千金云：主腋下瘰癧。鍼三分，留七呼
        return replace(voice, illness=-1), None
    words = trimmed(replace(clause.where, start=voice.illness, end=clause.where.start))
    last = max(words.words.rfind(sign) for sign in "。\n")
    again = pattern("treats-again").match(words.words, last + 1)
    words = replace(words, start=words.start + (again.end() if again else 0))
    ailment = words if words.words else voice.ailment
    voice = replace(voice, illness=clause.where.end, ailment=ailment)
    return voice, None if act in ("retention", "drain") else ailment


def _admitted(clause: Clause, voice: Voice) -> bool:
    """Whether a dose is one of the point: not inside an argument, nor after words of illness in
    the same sentence (治癭氣灸百壯), if it does not stand apart in brackets (治五指拘攣灸（五壯））
    and is not the first of the entry (在手肘骨尖上。治瘰癧，可灸七七壯).
    """
    if voice.talking:
        return False
    quoted = voice.treating and voice.told
    if "（" in clause.where.words or (clause.behind and not quoted):
        return True
    if _rule(clause.node) == "forbidden" and voice.case:
        return True
    if voice.treating:
        if not voice.dosed and (voice.by is None or voice.by.behind):
            return not pattern("cures").match(str(clause.following))
        if _rule(clause.node) == "forbidden":
            return voice.fresh
        again = voice.by is None and _act(clause.node) in voice.stated
        if voice.case is None:
            return voice.fresh and not again
        return voice.fresh or not voice.dosed
    quoting = voice.form in ("says", "unnamed") and voice.spoke == "words"
    return voice.fresh or not quoting


def _whose(clause: Clause, voice: Voice, act: Act) -> tuple[Voice, Authority | None]:
    """By whose authority an act is stated."""
    if clause.behind:
        return voice, clause.behind
    if voice.by is None and voice.treating and voice.case:
        return voice, clause.closing
    if voice.by is None or voice.form != "says":
        return voice, voice.by
    if act in ("retention", "drain") and voice.spoke in ("number", "special"):
        return voice, voice.by
    if voice.spoke in ("", "number", "illness") or not voice.fresh:
        return voice, voice.by
    if voice.spoke in ("place", "words"):
        both = voice.rival == "beside" and voice.spoke == "place"
        beside = both and act in voice.stated and not clause.treats
        if voice.rival == "quoted" or beside:
            unknown = replace(voice.by, printed=SCOPE_UNDECIDED, work=None, chapter=None)
            return replace(voice, by=unknown), unknown
        if act in voice.stated:
            return voice, voice.by
    elif act in voice.stated:
        return voice, voice.by
    return _book(voice), None


def _condition(voice: Voice, act: Act) -> str:
    """The words that an act depends on; 若灸偏風 is about cones alone, 若刺 about the needle."""
    case = voice.case
    if case is None and act in ("retention", "drain"):
        case = voice.needled
    if case is None:
        return ""
    named = acts_named(case.words)
    other = ("needling",) if act == "moxa" else ("moxa",)
    return "" if named == other else case.verbatim


def _heard(voice: Voice, says: Dose | Forbidden, cased: bool, by: Authority | None) -> Voice:
    """Who speaks, and of what, after a dose."""
    special = cased or isinstance(says, Forbidden)
    keeps = says.act in ("retention", "drain")
    stated = voice.stated if by or cased else voice.stated | {says.act}
    return replace(
        voice,
        spoke=("special" if special else "number") if voice.by else "",
        about="needling" if keeps else says.act,
        stated=stated,
        dosed=True,
        rival=voice.rival if by and by.printed == SCOPE_UNDECIDED else "",
        case=voice.case if keeps else None,
        needled=voice.needled if keeps else voice.case if cased else None,
    )


def _measured(clause: Clause, voice: Voice) -> Step:
    """A measure alone is that of the needle after a dose (鍼五分。明云、九分), else of a place."""
    fen = depth_of(clause.where.words.replace("\n", ""))
    needle = voice.about == "needling" or (voice.about == "moxa" and fen and fen[0] < 10)
    return _dose(clause, voice) if fen and needle else _words(clause, voice)


STEPS: Mapping[str, Callable[[Clause, Voice], Step]] = {
    "headed": _speaks,
    "says": _speaks,
    "again": _again,
    "unnamed": _unnamed,
    "nameless": _nameless,
    "behind": _source_behind,
    "talks": _talks,
    "tells": _tells,
    "aside": _skip,
    "denied": _denied,
    "cut": _cut,
    "counted": _clause,
    "phased": _clause,
    "element": _clause,
    "supplied": _clause,
    "unsaid": _skip,
    "named": _skip,
    "stub": _skip,
    "BRACKET": _bracket,
    "treats": _treats,
    "ring": _ring,
    "case": _case,
    "person": _case,
    "rule": _general,
    "warning": _warning,
    "caution": _caution,
    "measured": _measured,
    "TEXT": _words,
    "PUNCTUATION": _pause,
    **dict.fromkeys([rule for rule in DOSES if rule != "measured"], _dose),
}
"""What each rule does to who speaks, and what it says; the others speak as in ``CLAUSES``."""
