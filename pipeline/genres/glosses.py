r"""The 素問直解 and commentaries like it: statement and gloss by turns, a paragraph each.

Where the statements are set in type of their own (\x项中大筋两旁各一。\x), they are told by it.

The gloss says which points a statement of the 素問 stands for (项中央一穴 … 风府穴也).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import TypeGuard

import regex
from lark import Tree
from lark.lexer import Token

from pipeline.judging.counts import Part, differ, sections
from pipeline.judging.cover import cover
from pipeline.knowledge.lexicon import lexicon, points
from pipeline.knowledge.numerals import NUMERAL, integer, multiplied
from pipeline.model import (
    Change,
    Diagnostic,
    Fold,
    Identification,
    Kind,
    Note,
    Reading,
    Result,
    Text,
    Witness,
)
from pipeline.reading.citations import IN_ENTRIES, read
from pipeline.reading.names import (
    Context,
    called,
    context_of_names,
    is_misprint,
    restore,
    senses_of,
)
from pipeline.reading.parse import bounds, parse
from pipeline.reading.rows import note_of, readings_of
from pipeline.sources.layouts import is_size, sized
from pipeline.sources.normalize import normalize
from pipeline.text.layer import rewrite, span, verbatim
from pipeline.text.slice import Slice

GRAMMAR = "suwen_zhijie"


def extract(witness: Witness) -> Result:
    """Everything one witness holds: 下关二穴 … 听宫下，颊车上，即下关穴 → 下關 ST7."""
    text, diagnostics = normalize(witness)
    text, restored = restore(text, witness.spec.siglum)
    lemmata = statements(text)
    text = join(set_apart(text, lemmata), lemmata)
    chapters, blocks = segment(text, lemmata)
    glosses = [read_gloss(text, pair) for chapter in chapters for pair in chapter.pairs]
    book = own_names(glosses)
    rows: list[Identification] = []
    found = [*diagnostics, *restored, *unclosed(witness.spec.siglum, text, lemmata)]
    for chapter in chapters:
        for seq, pair in enumerate(chapter.pairs, 1):
            row, said = identify(witness, text, chapter, seq, glosses[len(rows)], book)
            rows.append(row)
            found += said
            found += truncated(witness, text, chapter, pair)
    notes, readings = remarks(witness, text, glosses)
    parts, counted = count_up(witness, text, chapters, rows, glosses)
    end = span(text, len(text.chars), len(text.chars))[1]
    spans: list[tuple[int, int, Kind]] = [(0, end, "prose")]
    spans += [(*span(text, a, b), kind) for a, b, kind in blocks]
    spans += [(note.start, note.end, "note") for note in notes]
    return Result(
        witnesses=(witness,),
        sections=sections(witness.spec.siglum, parts),
        notes=notes,
        readings=readings,
        identifications=tuple(rows) if _of_points(rows, glosses) else (),
        coverage=cover(witness, text, spans),
        diagnostics=(*found, *counted),
    )


def _of_points(rows: Sequence[Identification], glosses: Sequence[Said]) -> bool:
    """Whether there is a commentary on points: in a chapter of it half of the glosses or more name
    some (素問直解 58: 36 of 48), and most of their statements count them (35 of 36). Where
    paragraphs are paired that are none, one in eight names any; of a catalogue half, and one in
    four counts.
    """
    pairs = Counter(row.section for row in rows)
    naming = [(row.section, said) for row, said in zip(rows, glosses, strict=True) if row.codes]
    counted = sum(said.each or said.count is not None for _, said in naming)
    chapters = Counter(section for section, _ in naming)
    most = any(2 * chapters[section] >= pairs[section] for section in chapters)
    return most and 2 * counted > len(naming)


# --- paragraphs, chapters, statements and glosses ------------------------------------------------

CHAPTER = regex.compile(rf"[^，。：？\n]{{0,12}}第(?P<number>[{NUMERAL}]+)篇?(?=\n|$)")
BOOK = regex.compile(rf"卷之?[{NUMERAL}]+(?=\n|$)")
TAGGED = regex.compile(r"#(?P<path>[^#\n]*)#")
"""Before a heading that the source marks as one."""
CLOSED = frozenset("。？！」』")


def statements(text: Text) -> Sequence[Place]:
    """Where the source has the statements, if their type tells them.

    Type of another size also sets apart a signature or a heading, once or so in a chapter.
    """
    chars = text.chars
    headings = sum(_heading(chars, m.start()) for m in regex.finditer(r"^.", chars, regex.M))
    found = sized(text)
    return found if len(found) >= 2 * max(1, headings) else ()


def _is_mark(step: Change | Fold) -> TypeGuard[Change]:
    """Whether a step lifted out a mark of type size."""
    return isinstance(step, Change) and is_size(step.before)


def unclosed(siglum: str, text: Text, lemmata: Sequence[Place]) -> Iterator[Diagnostic]:
    """The marks of type without another: what they open or close is read as a gloss."""
    ends = {at for lemma in lemmata for at in lemma}
    for mark in filter(_is_mark, text.log) if lemmata else ():
        if not {mark.start, mark.end} & ends:
            message = "a mark of type size has no other: a statement may be read as gloss"
            yield Diagnostic("type-unclosed", "warning", message, siglum, mark.start, mark.end)


def set_apart(text: Text, lemmata: Sequence[Place]) -> Text:
    """The text with each statement in a paragraph of its own, the marks of its type as markup."""
    places = {bisect_left(text.starts, at) for lemma in lemmata for at in lemma}
    missing = (
        at
        for at in sorted(places)
        if 0 < at < len(text.chars) and "\n" not in text.chars[at - 1 : at + 1]
    )
    if lemmata:
        log = (step._replace(rule="markup") if _is_mark(step) else step for step in text.log)
        text = replace(text, log=tuple(log))
    return rewrite(text, ((at, at, "\n", "paragraph") for at in missing))


def _lemma(text: Text, lemmata: Sequence[Place], at: int) -> int | None:
    """Which of the statements set in type of their own a position belongs to, if any."""
    start = text.starts[at]
    index = bisect_right(lemmata, start, key=itemgetter(0)) - 1
    return index if index >= 0 and start < lemmata[index][1] else None


def join(text: Text, lemmata: Sequence[Place] = ()) -> Text:
    """Paragraphs that were broken in the middle of a sentence, joined (卫散营 / 溢，气竭血着).

    A text that does not close its paragraphs with a sign is left as it is. A statement in type of
    its own is one paragraph, whatever its signs.
    """
    chars = text.chars
    breaks = [m.start() for m in regex.finditer("\n", chars)]
    if lemmata:
        joined = [b for b in breaks[:-1] if _goes_on(text, lemmata, b)]
        return rewrite(text, ((b, b + 1, "", "paragraph") for b in joined))
    begins = [0, *(b + 1 for b in breaks)]
    bare = [b for a, b in zip(begins, breaks, strict=False) if _open(chars, a, b)]
    if 2 * len(bare) > len(breaks):
        return text
    joined = [b for b in bare if not _heading(chars, b + 1)]
    return rewrite(text, ((b, b + 1, "", "paragraph") for b in joined))


def _goes_on(text: Text, lemmata: Sequence[Place], at: int) -> bool:
    """Whether a line end stands inside a statement, or inside a sentence of a gloss."""
    if not 0 < at < len(text.chars) - 1 or _heading(text.chars, at + 1):
        return False
    before, after = (_lemma(text, lemmata, i) for i in (at - 1, at + 1))
    if before is not None or after is not None:
        return before == after
    return _open(text.chars, text.chars.rfind("\n", 0, at) + 1, at)


def _open(chars: str, start: int, end: int) -> bool:
    inside = end > start and chars[end - 1] not in CLOSED
    return inside and not _heading(chars, start)


def _heading(chars: str, at: int) -> bool:
    return any(pattern.match(chars, at) for pattern in (TAGGED, CHAPTER, BOOK))


Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pair:
    """A statement and its gloss, either of them None where it is not in the text."""

    statement: Place | None
    gloss: Place | None
    title: bool = False
    """The gloss comments on the title of the chapter, which stands for the statement."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the commented book. The first may have begun before the text does."""

    number: int | None
    title: Place | None
    juan: str
    start: int
    end: int
    pairs: tuple[Pair, ...]
    first: bool = False
    last: bool = False


def segment(
    text: Text, lemmata: Sequence[Place] = ()
) -> tuple[list[Chapter], list[tuple[int, int, Kind]]]:
    """Chapters with their statements and glosses, and what each paragraph is.

    The number of a chapter whose title is lost is told by the title that follows.
    """
    chars = text.chars
    paragraphs = [m.span() for m in regex.finditer(r"[^\n]+", chars)]
    blocks: list[tuple[int, int, Kind]] = []
    parts: list[tuple[int | None, Place | None, str, list[Place]]] = []
    juan = ""
    for start, b in paragraphs:
        tag = TAGGED.match(chars, start, b)
        a = tag.end() if tag else start
        juan = tag["path"] or juan if tag else juan
        title = CHAPTER.fullmatch(chars, a, b)
        if tag or title or BOOK.fullmatch(chars, a, b):
            blocks.append((start, b, "heading"))
        if BOOK.fullmatch(chars, a, b):
            juan = chars[a:b]
        elif tag or title:
            number = integer(title["number"]) if title else None
            parts.append((number, (a, b), juan, []))
        else:
            if not parts:
                parts.append((None, None, juan, []))
            parts[-1][3].append((a, b))
    chapters: list[Chapter] = []
    for i, (number, place, juan, body) in enumerate(parts):
        if number is None and place is None and len(parts) > 1 and parts[1][0]:
            number = parts[1][0] - 1
        labels = _labels(text, lemmata, body)
        pairs = _pairs(labels, body, place)
        blocks += [
            (a, b, "lemma" if label == STATEMENT else "gloss")
            for (a, b), label in zip(body, labels, strict=True)
        ]
        start = place[0] if place else body[0][0]
        end = body[-1][1] if body else (place or (0, 0))[1]
        last = i == len(parts) - 1
        first = i == 0 and place is None
        chapters.append(Chapter(number, place, juan, start, end, tuple(pairs), first, last))
    return chapters, blocks


def _labels(text: Text, lemmata: Sequence[Place], body: Sequence[Place]) -> list[int]:
    if lemmata:
        return [GLOSS if _lemma(text, lemmata, a) is None else STATEMENT for a, _ in body]
    return layers([text.chars[a:b] for a, b in body])


def _pairs(labels: Sequence[int], body: Sequence[Place], title: Place | None) -> list[Pair]:
    pairs: list[Pair] = []
    for i, (label, place) in enumerate(zip(labels, body, strict=True)):
        if label == STATEMENT:
            pairs.append(Pair(place, None))
        elif not pairs:
            pairs.append(Pair(title, place, title is not None))
        else:
            begin = place[0] if labels[i - 1] == STATEMENT else (pairs[-1].gloss or place)[0]
            pairs[-1] = replace(pairs[-1], gloss=(begin, place[1]))
    return pairs


STATEMENT, GLOSS = 0, 1
SPOKEN = regex.compile("(?:黃帝|帝|岐伯|雷公)[^，。]{0,6}?[曰問乃]")
STATED = regex.compile(rf"[^。]{{1,28}}(?<!左右)[{NUMERAL}]{{1,9}}穴。?")
GLOSSED = regex.compile(
    "左右|一名|又名|[^，。]即|[爲謂][^，。]{2,4}(?=，|。|$)|穴也|(?<=，)乃|故曰|猶|"
    "舊本|今改|音[^，。](?=。|，|$)|承上|此一節|論云"
)
SAME_AGAIN = 2.5
"""What it costs that two statements or two glosses follow each other."""


def layers(paragraphs: Sequence[str]) -> list[int]:
    """Which paragraphs are statements and which glosses: they alternate, but for a missing one.

    >>> layers(["下關二穴。", "聽宮下，頰車上，即下關穴。", "天柱二穴。"])
    [0, 1, 0]
    >>> layers(["一藏五俞，五五二十五俞，合兩手足，共五十俞，左右皆同。", "府俞七十二穴。"])
    [1, 0]
    """
    labels: list[int] = []
    cost, back = [0.0, 0.5], []
    for i, paragraph in enumerate(paragraphs):
        spoken = bool(SPOKEN.match(paragraph))
        against = (
            0.0 if spoken else min(3.0, len(GLOSSED.findall(paragraph))),
            3.0 * spoken + 3.0 * bool(STATED.fullmatch(paragraph)),
        )
        again = SAME_AGAIN if i else 0.0
        change = 0.0 if i else SAME_AGAIN + 1.0
        ways = [
            min((cost[label] + again, label), (cost[1 - label] + change, 1 - label))
            for label in (STATEMENT, GLOSS)
        ]
        back.append([before for _, before in ways])
        cost = [way + own for (way, _), own in zip(ways, against, strict=True)]
    label = STATEMENT if cost[STATEMENT] <= cost[GLOSS] else GLOSS
    for before in reversed(back):
        labels.append(label)
        label = before[label]
    return labels[::-1]


# --- statements and glosses: what they say -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """A name that a gloss means: as the point itself, or in a list (此八者)."""

    key: str
    start: int
    end: int
    listed: bool
    other: Named | None = None
    """Of two names of one point (曲牙即颊车) the one that was not taken."""


@dataclass(slots=True)
class Sentence:
    """One sentence of a gloss: the words of place in it and the names it means."""

    pieces: list[Place] = field(default_factory=list)
    topic: Place | None = None
    """A piece that a copula explains after a comma (在天府下五寸，乃…)."""
    named: list[Named] = field(default_factory=list)
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What a statement and its gloss say, names not yet resolved."""

    pair: Pair
    words: str
    count: int | None
    total: bool
    spoken: bool
    each: bool
    """Counted by sides (客主人各一)."""
    heads: tuple[str, ...]
    """Names of points in the statement."""
    sentences: tuple[Sentence, ...]
    landmarks: tuple[tuple[str, int], ...]
    """Names that only place another point, and where they stand."""
    tally: int | None
    """The gloss's own count (共五十俞)."""
    remarks: tuple[Tree[Token], ...]


def read_gloss(text: Text, pair: Pair) -> Said:
    """A statement and its gloss, parsed."""
    chars = text.chars
    stated = [] if pair.statement is None or pair.title else _tokens(text, "entry", pair.statement)
    nodes = [] if pair.gloss is None else _nodes(text, "note", pair.gloss)
    words = "" if pair.statement is None else chars[slice(*pair.statement)]
    total = any(t.type == "TOTAL" for t in stated)
    numbers = [n for t in stated if (n := _number(t)) is not None]
    tallies = [n for t in nodes if isinstance(t, Token) and t.type == "TALLY" and (n := _number(t))]
    return Said(
        pair=pair,
        words=words,
        count=numbers[0 if total else -1] if numbers else None,
        total=total,
        spoken=any(t.type == "SPEAKER" for t in stated),
        each=any(t.type == "EACH" for t in stated),
        heads=tuple(str(t) for t in stated if t.type == "NAMED_IN_STATEMENT"),
        sentences=tuple(_sentences(nodes, words)),
        landmarks=tuple(
            (str(t).rstrip("穴"), bounds(t)[0])
            for t in nodes
            if isinstance(t, Token) and t.type == "LANDMARK"
        ),
        tally=tallies[-1] if tallies else None,
        remarks=tuple(n for n in nodes if isinstance(n, Tree)),
    )


def _nodes(text: Text, rule: str, place: Place) -> list[Tree[Token] | Token]:
    return parse(GRAMMAR, rule, Slice(text, *place))[0].children


def _tokens(text: Text, rule: str, place: Place) -> list[Token]:
    return [node for node in _nodes(text, rule, place) if isinstance(node, Token)]


def _number(token: Token) -> int | None:
    """The number of a count; of 五五二十五 the product."""
    numeral = regex.search(rf"[{NUMERAL}]+", str(token))
    if numeral is None or token.type not in ("TOTAL", "COUNT", "PRODUCT", "TALLY"):
        return None
    if token.type == "PRODUCT":
        return multiplied(numeral.group())
    ends = (integer(numeral.group()[start:]) for start in range(len(numeral.group())))
    return next((number for number in ends if number is not None), None)


PLACE = frozenset({"TEXT", "LANDMARK", "MENTION"})
AT = "中上下傍間內外前後"
"""What the last word of a place can be (兩髀厭分中)."""


def _sentences(nodes: Sequence[Tree[Token] | Token], words: str) -> Iterator[Sentence]:
    """The sentences of a gloss on the statement ``words``."""
    sentence = Sentence()
    equal: Named | None = None
    above = False
    i = 0
    while i < len(nodes):
        node = nodes[i]
        i += 1
        if isinstance(node, Tree) or (node.type == "STOP" and regex.search("[。！？；\n]", node)):
            yield sentence
            sentence, equal, above = Sentence(), None, False
        elif above or node.type == "ABOVE":
            above = True
        elif node.type in PLACE:
            start, end = bounds(node)
            while i < len(nodes) and _type(nodes[i]) in PLACE:
                end = bounds(nodes[i])[1]
                i += 1
            sentence.pieces.append((start, end))
            equal = None
        elif _apposed(nodes, i - 1):
            start, end = bounds(node)
            sentence.pieces.append((start, end - node.endswith("，")))
        elif node.type == "POINT":
            listed = _listed(nodes, i)
            named = Named(str(node), *bounds(node), listed)
            if equal is not None:
                # Of two names of one point the one that the statement has not is the answer.
                sentence.named.pop()
                pair = (named, equal) if equal.key in words else (equal, named)
                named = replace(pair[0], other=pair[1])
            sentence.named.append(named)
            equal = named if _explained(nodes, i) else None
        elif node.type == "COPULA" and i > 1 and _type(nodes[i - 2]) == "STOP" and not equal:
            if len(sentence.pieces) == 1 and not sentence.named:
                sentence.topic = sentence.pieces[0]
        elif node.type == "COUNTED":
            sentence.counted = True
    yield sentence


def _apposed(nodes: Sequence[Tree[Token] | Token], i: int) -> bool:
    """Whether a name is a place in apposition to the point named after it (髀厌分中，环跳穴也)."""
    node = nodes[i]
    if not isinstance(node, Token) or node.type not in ("TOPIC", "POINT") or node[-1:] == "穴":
        return False
    name = node.rstrip("，")
    codes = called([name])
    later: list[Token] = []
    for other in nodes[i + 1 :]:
        if isinstance(other, Tree) or (other.type == "STOP" and "。" in other):
            break
        later += [other] if other.type == "POINT" else []
    return name[-1] in AT and any(codes == called([str(other)]) for other in later)


def _type(node: Tree[Token] | Token) -> str:
    return node.type if isinstance(node, Token) else str(node.data)


def _listed(nodes: Sequence[Tree[Token] | Token], i: int) -> bool:
    """Whether a name stands in a list that 此八者 closes."""
    while i < len(nodes) and (
        _type(nodes[i]) == "POINT" or (_type(nodes[i]) == "STOP" and str(nodes[i]) in "、，")
    ):
        i += 1
    return i < len(nodes) and _type(nodes[i]) == "THESE"


def _explained(nodes: Sequence[Tree[Token] | Token], i: int) -> bool:
    """Whether a copula and another name follow a name (玉枕穴，即枕骨也)."""
    while i < len(nodes) and _type(nodes[i]) in ("HOLE", "STOP"):
        if str(nodes[i]) not in "穴，":
            return False
        i += 1
    return [_type(node) for node in nodes[i : i + 2]] == ["COPULA", "POINT"]


# --- from names to points ------------------------------------------------------------------------


Book = dict[str, frozenset[str]]
"""What the names that head statements of the witness stand for by its own glosses."""


def own_names(glosses: Iterable[Said]) -> Book:
    """The heads of statements with their points (膺俞 → the six of 膺俞十二穴)."""
    found = (
        (_head(said), frozenset(code for one in meant(said) for code in codes_of(one, said, {})))
        for said in glosses
    )
    return {head: codes for head, codes in found if head and codes}


def _head(said: Said) -> str:
    """What a counted statement is about: 犢鼻 in 犢鼻二穴; empty where it says more. A stray sign
    before it or after it (膺俞；十二穴) is none of it.
    """
    head = regex.match(
        rf"\P{{Han}}{{0,3}}+(?P<head>[^，。]+?)(?:\P{{Han}}{{0,3}}+[{NUMERAL}]{{1,9}}穴|各[{NUMERAL}]{{1,9}})。?$",
        said.words,
    )
    return head["head"] if head else ""


def meant(said: Said) -> list[Named]:
    """The names a gloss means, in order, each once: what it only steps on is left out.

    In 天牖下名天容。天容下即天窗 the statement is about 天窗; 天容 leads there.
    """
    if said.total or said.spoken or said.pair.title:
        return []
    names = [named for sentence in said.sentences for named in sentence.named]
    steps = {n.key for n in names if any(n.key == key and n.end < at for key, at in said.landmarks)}
    kept = [n for n in names if n.key not in steps or n.key in said.words]
    first: dict[str, Named] = {}
    for named in kept or names:
        first.setdefault(named.key, named)
    return list(first.values())


def codes_of(named: Named, said: Said, book: Book) -> tuple[str, ...]:
    """The point a name stands for; those of a name of several points (五脏之俞); none if unsure."""
    for one in (named, named.other):
        senses = senses_of(one.key, _context(one, said)) if one else []
        codes = tuple(dict.fromkeys(sense.code for sense in senses))
        if named.listed and one and book.get(one.key, frozenset(codes)) != frozenset(codes):
            return ()
        if len(codes) == 1 or (codes and all(sense.kind == "part" for sense in senses)):
            return codes
    return ()


def _context(named: Named, said: Said) -> Context:
    landmarks = [key for key, _ in said.landmarks]
    lists = (sentence.named for sentence in said.sentences if named in sentence.named)
    near = [one.key for names in lists for one in names if one.key != named.key]
    return context_of_names([*landmarks, *said.heads], near)


# --- rows ----------------------------------------------------------------------------------------


def identify(
    witness: Witness, text: Text, chapter: Chapter, seq: int, said: Said, book: Book
) -> tuple[Identification, list[Diagnostic]]:
    """What one statement stands for, and what is doubtful about it."""
    siglum, lex = witness.spec.siglum, lexicon()
    names = meant(said) or _headed(said)
    counted = said.count is not None or (said.tally and not said.spoken)
    group = said.total or any(named.listed for named in names) or (counted and not names)
    kind = "group" if group else "point" if names else "prose"
    where = _source(text, said.pair)
    printed: dict[str, str] = {}
    diagnostics: list[Diagnostic] = []
    for named in names:
        codes = codes_of(named, said, book)
        words = verbatim(witness.text, text, named.start, named.end)
        place = span(text, named.start, named.end)
        printed |= {code: words for code in codes if code not in printed}
        if not codes:
            among = sorted(called([named.key]) | book.get(named.key, set()))
            message = f"{words}: candidates {', '.join(among)}"
            at = (siglum, *place, chapter.number)
            diagnostics.append(Diagnostic("name-ambiguous", "info", message, *at))
        for key, (a, b) in ((named.key, place), *((head, where) for head in said.heads)):
            for code in filter(partial(is_misprint, key), codes):
                message = f"{key} is taken for a misprint of {lex.standard[code]}"
                at = (siglum, a, b, chapter.number)
                diagnostics.append(Diagnostic("name-misprint", "info", message, *at))
    row = Identification(
        witness=siglum,
        section=chapter.number or 0,
        seq=seq,
        lemma=_printed(witness, text, said.pair.statement),
        count=said.count,
        kind=kind,
        gloss=_printed(witness, text, said.pair.gloss),
        points_raw=tuple(printed.values()),
        points=tuple(lex.standard[code] for code in printed),
        codes=tuple(printed),
        location=_location(witness, text, said, book) if kind == "point" else "",
        start=where[0],
        end=where[1],
    )
    return row, diagnostics


def _headed(said: Said) -> list[Named]:
    """The name that heads a counted statement, where the gloss names none: 犊鼻二穴, 客主人各一."""
    head = _head(said)
    counted = said.each or (said.count is not None and not said.total)
    if said.pair.statement is None or not counted or head not in said.heads:
        return []
    start = said.pair.statement[0] + said.words.index(head)
    return [Named(head, start, start + len(head), False)]


def _printed(witness: Witness, text: Text, place: Place | None) -> str:
    return "" if place is None else verbatim(witness.text, text, *place)


def _source(text: Text, pair: Pair) -> Place:
    places = [span(text, *place) for place in (pair.statement, pair.gloss) if place]
    return min(a for a, _ in places), max(b for _, b in places)


def _location(witness: Witness, text: Text, said: Said, book: Book) -> str:
    """Where the gloss places its points: the words of place of the sentences that mean them, of a
    point that comes again (瞳子浮白各二穴) those of the first such sentence.
    """
    names = meant(said)
    kept = {named.key for named in names}
    sentences = [
        (s, {c for n in s.named if n.key in kept for c in codes_of(n, said, book) or (n.key,)})
        for s in said.sentences
    ]
    if not names:
        placed = [s for s in said.sentences if s.pieces]
        counted = [s for s in placed if s.counted]
        sentences = [(s, {""}) for s in (counted or placed)[:1]]
    done: set[str] = set()
    pieces: list[str] = []
    for sentence, meaning in sentences:
        places = list(sentence.pieces)
        if len(places) > 1 and _is_topic(text, sentence, said):
            del places[0]
        if places and not meaning <= done:
            done |= meaning
            pieces += (verbatim(witness.text, text, *place) for place in places)
    return "，".join(piece for piece in pieces if piece)


def _is_topic(text: Text, sentence: Sentence, said: Said) -> bool:
    """Whether the first words of place only take up the statement: 在天府下五寸，乃天府之下…; but
    两髀厌分中，两腿砚子骨分界之处 is a place itself.
    """
    words = text.chars[slice(*sentence.pieces[0])]
    if sentence.pieces[0] == sentence.topic:
        return words in said.words
    return words == _head(said) and words[-1] not in AT


def truncated(witness: Witness, text: Text, chapter: Chapter, pair: Pair) -> Iterator[Diagnostic]:
    """What stands before the beginning and after the end of the text, or is missing inside it."""
    siglum = witness.spec.siglum
    where = _source(text, pair)
    ends = ": the text ends here" if chapter.last and pair is chapter.pairs[-1] else ""
    message = f"a statement without its gloss{ends}"
    if pair.statement is None:
        message = "a gloss without its statement, which stands before the beginning of the text"
    if pair.statement is None or pair.gloss is None:
        yield Diagnostic("text-truncated", "warning", message, siglum, *where, chapter.number)


def remarks(
    witness: Witness, text: Text, glosses: Sequence[Said]
) -> tuple[tuple[Note, ...], tuple[Reading, ...]]:
    """The remarks of the glosses on the text itself: 六，旧本讹八，今改; 齐，脐通; 行，音杭."""
    notes: list[Note] = []
    readings: list[Reading] = []
    for number, tree in enumerate((t for said in glosses for t in said.remarks), 1):
        siglum, inside = witness.spec.siglum, Slice(text, *bounds(tree))
        notes.append(note_of(f"{siglum}/n{number:04d}", None, siglum, number, inside))
        clauses = [node for node in tree.children if isinstance(node, Tree)]
        _, statements = read(clauses, text, None, IN_ENTRIES)
        readings += readings_of(notes[-1], statements)
    return tuple(notes), tuple(readings)


# --- counts --------------------------------------------------------------------------------------


def count_up(
    witness: Witness,
    text: Text,
    chapters: Sequence[Chapter],
    rows: Sequence[Identification],
    glosses: Sequence[Said],
) -> tuple[list[Part], list[Diagnostic]]:
    """The chapters, and their own totals (凡三百六十五穴) against what the statements add up to."""
    parts: list[Part] = []
    diagnostics: list[Diagnostic] = []
    read = zip(rows, glosses, strict=True)
    for chapter in chapters:
        inside = list(islice(read, len(chapter.pairs)))
        added = sum(row.count or 0 for row, said in inside if not said.total)
        total = next((one for one in reversed(inside) if one[1].total), None)
        parts.append(
            Part(
                f"{witness.spec.siglum}/{_id(chapter, len(parts))}",
                _printed(witness, text, chapter.title),
                *span(text, chapter.start, chapter.end),
                number=chapter.number,
                juan=chapter.juan,
                declared=total[0].count if total else None,
                reached=added if total else None,
            )
        )
        if total:
            diagnostics += _totals(chapter, inside, added, *total)
        for row, _ in inside:
            if row.kind == "point":
                found = points(row.codes)
                says = f"{row.lemma} states {row.count} points, its gloss gives {found}"
                where = (row.witness, row.start, row.end, chapter.number)
                issue = Diagnostic("count-differs", "warning", says, *where)
                diagnostics += differ(row.count, found, issue)
    return parts, diagnostics


def _id(chapter: Chapter, place: int) -> str:
    return f"s{place:03d}" if chapter.number is None and place else f"{chapter.number or 0:02d}"


def _totals(
    chapter: Chapter,
    inside: Sequence[tuple[Identification, Said]],
    added: int,
    row: Identification,
    said: Said,
) -> Iterator[Diagnostic]:
    """A total against the statements before it, and against the commentary's own count."""
    where = (row.witness, row.start, row.end, chapter.number)
    glossed = sum(
        points(other.codes) if other.kind == "point" else other.count or own.tally or 0
        for other, own in inside
        if not own.total
    )
    message = (
        f"the total is {row.count} points; the statements here state {added}, "
        f"with what their glosses say of them {glossed}"
    )
    if chapter.first and chapter.title is None:
        message += "; the chapter begins before the text does"
    yield from differ(row.count, added, Diagnostic("total-differs", "warning", message, *where))
    apart = abs((said.tally or 0) - glossed)
    message = (
        f"the commentary counts {said.tally} points, the total is {row.count}; its glosses give "
        f"{glossed}, {apart} {'fewer' if glossed < (said.tally or 0) else 'more'}"
    )
    yield from differ(said.tally, row.count, Diagnostic("total-differs", "info", message, *where))
