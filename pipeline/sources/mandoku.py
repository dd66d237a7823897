"""The mandoku format of transcribed editions: header, page marks, printed lines, split notes.

    #+PROPERTY: ID KR3e0005
    <pb:KR3e0005_WYG_003-10a>¶
    陽脈氣所發正頭取之刺入三分灸五壯¶
    本神在曲差兩傍各一寸五分在髮際(一曰直耳上/入髪際四分)足¶

A small note stands in two columns, first half, slash, second half; one that goes on over a line or
a page is ``(…/…)¶(…/…)``. Page marks, line ends and slashes fall inside words.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, groupby, pairwise
from operator import itemgetter
from typing import TypeAlias

import regex

from pipeline.knowledge.lexicon import folded, point_name
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.tables import table
from pipeline.knowledge.works import cited
from pipeline.model import Change, Diagnostic, Severity, Text, Witness
from pipeline.sources.layouts import lift_marks
from pipeline.text.layer import Edit, line_ends, reorder, rewrite, substitute

PAGE = regex.compile(r"<pb:(?P<text>[^_<>]*)_(?P<edition>[^_<>]*)_(?P<page>[^<>]*)>")
PROPERTY = regex.compile(
    r"^#\+(?:PROPERTY:[ \t\u3000]*+)?(?P<key>[A-Z]+):?[ \t\u3000]++"
    r"(?P<value>[^ \t\u3000\n]*+(?:[ \t\u3000]++[^ \t\u3000\n]++)*+)[ \t\u3000]*$",
    regex.M,
)
NOTE = regex.compile(r"\([^()]*\)")
GAP = regex.compile(r"(?<=[\p{Han};）])　+(?=[\p{Han}&])")


@dataclass(frozen=True, slots=True)
class Page:
    """A page mark: where it stands, and the page as 003-11a (juan, leaf, side)."""

    start: int
    page: str


def header(text: str) -> dict[str, str]:
    """The properties of the first header: TITLE, ID, BASEEDITION, JUAN.

    >>> header("#+PROPERTY: JUAN 卷三")
    {'JUAN': '卷三'}
    """
    found: dict[str, str] = {}
    for match in PROPERTY.finditer(text):
        found.setdefault(match["key"], match["value"])
    return found


@lru_cache(maxsize=4)
def pages(source: str) -> tuple[Page, ...]:
    """The page marks of a source, in order."""
    return tuple(Page(m.start(), m["page"]) for m in PAGE.finditer(source))


def page_of(source: str, position: int) -> tuple[str | None, int | None]:
    """Page and printed line on it of a position; None before the first page mark."""
    starts, before, ends = _page_lines(source)
    at = bisect_right(starts, position) - 1
    if at < 0:
        return None, None
    line = bisect_left(ends, position) - before[at]
    return pages(source)[at].page, max(1, line)


@lru_cache(maxsize=4)
def _page_lines(source: str) -> tuple[array[int], array[int], array[int]]:
    """Where the pages begin, how many lines end before each, and where lines end."""
    ends = array("I", (m.start() for m in regex.finditer("\n", source)))
    starts = array("I", (mark.start for mark in pages(source)))
    return starts, array("I", (bisect_left(ends, start) for start in starts)), ends


def mandoku(text: Text) -> Text:
    """Printed lines as paragraphs, headings as ``#juan#title``, notes in one pair of brackets."""
    text = _indented(line_ends(text))
    heads = [m for m in PROPERTY.finditer(text.chars) if m["key"] == "JUAN"]
    juan = [(text.starts[m.start()], m["value"]) for m in heads]
    text = substitute(text, r"^#.*\n?|<pb:[^<>]*>¶?\n?", "", "markup")
    text = reorder(text, _turned_back(text, [start for start, _ in juan]), EXCHANGED)
    text = reorder(text, _filled(text.chars), DISPLACED)
    text = reorder(text, _notes_in_order(text.chars), TURNED)
    text = _lines(text, juan)
    text = substitute(text, r"\)\(", "", "note-joined")
    text = rewrite(text, _columns(text.chars))
    text = entities(text)
    text = lift_marks(text)
    edits: list[Edit] = []
    lost: list[int] = []
    chars = text.chars
    for gap in GAP.finditer(chars):
        before = gap.start() - chars.rfind("\n", 0, gap.start()) - 1
        if before <= 3 and pattern("behind-head").match(chars, gap.end()):
            edits.append((*gap.span(), "", "lost-glyph"))
            lost.append(text.starts[gap.start()])
        else:
            edits.append((*gap.span(), "。", "gap"))
    return replace(rewrite(text, edits, lost), columns=True)


OPENING = regex.compile(r"^[ \t\u3000]++(?=[^\s#<])", regex.M)
FREE = r"(?![^()\n]*\))"
"""Outside of a note; in one, blanks are a gap as they stand."""


def _indented(text: Text) -> Text:
    """Indents and gaps of full width where an editor left tabs or blanks; none at ends.

    A tab is two where full blanks stand beside it, or where one is all that lines open with; so is
    half a blank one, where lines open with an odd number or with few.
    """
    opening = OPENING.findall(text.chars)
    tabs, halves = ([one for one in opening if sign in one] for sign in "\t ")
    few = tabs and not any("\t\t" in one for one in tabs)
    tab = 2 if few or (tabs and any("\u3000" in one for one in opening)) else 1
    odd = halves and (any(len(one) % 2 for one in halves) or max(map(len, halves)) < 4)
    half = " " if odd else "  "
    for left, blank in (
        (r"[ \t]+$", ""),
        (r"\t", "\u3000" * tab),
        (half + FREE, "\u3000"),
    ):
        text = substitute(text, left, blank, "blank")
    return text


EXCHANGED, DISPLACED, TURNED = "columns-exchanged", "note-displaced", "note-order"
"""The rules by which parts of notes are read in another order."""

Place: TypeAlias = tuple[int, int]
Pieces: TypeAlias = Iterator[tuple[int, int, list[Place]]]
"""Spans of a text, and the order in which their parts are read."""


# --- columns that are exchanged ------------------------------------------------------------------


def _turned_back(text: Text, juan: Sequence[int]) -> Pieces:
    """The notes of those juan whose columns are exchanged (起本在第二卷/新校正云按全元), in order.

    A juan of too few notes goes with the rest of the text. ``juan``: where each begins.
    """
    notes = [note for note in NOTE.finditer(text.chars) if len(_pieces(note)) == 2]
    whole = votes(note.group() for note in notes)
    home = [bisect_right(juan, text.starts[note.start()]) for note in notes]
    for _, group in groupby(zip(home, notes, strict=True), key=itemgetter(0)):
        held = [note for _, note in group]
        own = votes(note.group() for note in held)
        if exchanged(own) or (exchanged(whole) and not exchanged(own[::-1])):
            for (a, b), (x, y) in map(_pieces, held):
                yield a, y, [(x, y), (b, x), (a, b)]


def votes(notes: Iterable[str]) -> tuple[int, int]:
    """How many notes are longer in their first half, and how many in their second.

    >>> votes(["(一曰直耳上/入髪際四分)", "(謂足陽明也/上謂手陽明下)", "(持謂執持/樞謂樞要)"])
    (0, 1)
    """
    found: Counter[bool] = Counter()
    for note in notes:
        first, *others = (len(_places(half)) for half in note[1:-1].split("/"))
        if len(others) == 1 and first != others[0]:
            found[first < others[0]] += 1
    return found[False], found[True]


def exchanged(found: tuple[int, int]) -> bool:
    """Whether the columns are exchanged, beyond doubt: the first column of a note is filled first.

    In sixteen juan as they were printed 0 to 16 of 100 uneven notes are longer in the second half
    (a glyph is displaced, a note ends where the next begins). Three votes against none, three to
    one: chance gives that less than once in sixty juan.
    """
    first, second = found
    return second >= max(3, 3 * first)


# --- glyphs that stand in the other column -------------------------------------------------------

PLACE = regex.compile(r"&[A-Za-z0-9]+;|  |.", regex.S)
"""What takes up the place of one glyph in a column: a gap is two blanks, or one of full width."""
GAPS = frozenset({"  ", "　"})


def _places(half: str) -> list[str]:
    """The glyphs and gaps of half a note, padding not counted."""
    return PLACE.findall(half.rstrip(" 　"))


def _filled(chars: str) -> Pieces:
    """Notes in which a gap of the second column holds the glyph that stands beside it.

    In (分三刺瘧論註/云  寸五分) the 三 stands where the first column has a gap before a citation,
    and is read 云三寸五分. At the head of a column there is no gap: where the first has no citation
    there (入曰直耳上/  髪際四分), its own glyph is lost, and 入 is read in both places. What is
    neither stays as it is and is reported.
    """
    for note in NOTE.finditer(chars):
        holes = list(_holes(note))
        if holes:
            swaps = [(gap, glyph) for gap, glyph, _ in holes if glyph]
            swaps += [(glyph, gap) for gap, glyph, moved in holes if glyph and moved]
            at, order = note.start() + 1, []
            for here, there in sorted(swaps):
                order += [(at, here[0]), there]
                at = here[1]
            yield note.start() + 1, note.end() - 1, [*order, (at, note.end() - 1)]


def _holes(note: regex.Match[str]) -> Iterator[tuple[Place, Place | None, bool]]:
    """Gaps of the second column that are none before a citation: each with the glyph of the first
    that is to be read there, if any, and whether that has a gap in its own place.
    """
    chars, halves = note.string, _pieces(note)
    if len(halves) != 2:
        return
    first, second = ([m.span() for m in PLACE.finditer(chars, *half)] for half in halves)
    padding = len(_places(chars[slice(*halves[1])]))
    for at, gap in enumerate(second[:padding]):
        if chars[slice(*gap)] not in GAPS or _cites(chars[gap[1] : halves[1][1]]):
            continue
        glyph = first[at] if at < len(first) else None
        if glyph is None or chars[slice(*glyph)] in GAPS:
            yield gap, None, False
            continue
        moved = _cites(chars[glyph[1] : halves[0][1]] + chars[slice(*halves[1])])
        yield gap, glyph if moved or at == 0 else None, moved


@lru_cache(maxsize=1)
def _cited() -> regex.Pattern[str]:
    names = sorted((name for name in cited() if len(name) > 1), key=len, reverse=True)
    return pattern("cited-or-said", works="|".join(map(regex.escape, names)))


def _cites(words: str) -> bool:
    """Whether words begin with a citation (氣府論註云, 又詳)."""
    return _cited().match(folded(words)) is not None


# --- notes in several pieces ---------------------------------------------------------------------

PIECES = 3
"""A printed line of a note has two halves; from three pieces on, a note within the note was set in
smaller type, and the transcription may give the pieces of the line in another order."""
MOST_PIECES = 12
"""Twice what stands in any line; with more slashes than that they are not the marks of a layout."""


def _notes_in_order(chars: str) -> Pieces:
    """For each line of a note in several pieces the order in which they read on.

    In 足大指本節後同身寸之二寸陷者中 / 新校正云 … / 足厥陰脈之所注也 the pieces turn round: of all
    turns of the lines of a note those are taken whose joints, within a line and from line to
    line, are together best attested in the same text, and which fill two columns of one length.
    Where a note ends at the head of a line on
    which the next one begins, (謂旋璣…在/壯)膺中骨陷中各一(天突下…), the first piece may belong to
    that one. Every piece stays whole; what was moved is logged and reported.
    """
    notes = list(NOTE.finditer(chars))
    found = [run for run in _reading_on(chars, notes) if _has_choice(chars, notes, *run)]
    grams = _attested(chars) if found else Counter()
    for begin, end in found:
        yield from _best(chars, notes, begin, end, grams)


def _reading_on(chars: str, notes: Sequence[regex.Match[str]]) -> Iterator[tuple[int, int]]:
    """Notes that read on, from the first to behind the last."""
    begin = 0
    for k in range(len(notes)):
        last = k + 1 == len(notes)
        if last or not (_runs_on(chars, notes[k], notes[k + 1]) or _spills(chars, notes, k)):
            yield begin, k + 1
            begin = k + 1


def _has_choice(chars: str, notes: Sequence[regex.Match[str]], begin: int, end: int) -> bool:
    """Whether there is more than one order in which notes can read on."""
    return any(
        PIECES <= len(_pieces(notes[k])) <= MOST_PIECES
        or (k + 1 < end and _spills(chars, notes, k))
        for k in range(begin, end)
    )


def _runs_on(chars: str, note: regex.Match[str], after: regex.Match[str]) -> bool:
    return regex.fullmatch(r"¶\n　*", chars[note.end() : after.start()]) is not None


def _spills(chars: str, notes: Sequence[regex.Match[str]], k: int) -> bool:
    """Whether a line may hold the end of a note and the beginning of the next: the note goes on
    from the line before, in two pieces that are no two columns, and the next one stands on the
    same line.
    """
    words = [chars[a:b].strip(" 　") for a, b in _pieces(notes[k])]
    return (
        0 < k < len(notes) - 1
        and _runs_on(chars, notes[k - 1], notes[k])
        and len(words) == PIECES - 1
        and _slant(words) > 0
        and "\n" not in chars[notes[k].end() : notes[k + 1].start()]
    )


def _best(
    chars: str, notes: Sequence[regex.Match[str]], begin: int, end: int, grams: Counter[str]
) -> Pieces:
    """The best order of the lines of notes that read on; nothing where they stand as they are.

    Line by line the best way to reach each order is kept (score, orders so far).
    """
    ways: dict[str, tuple[float, tuple[int, ...]]] = {"": (0.0, ())}
    for k in range(begin, end):
        words = [chars[a:b].strip(" 　") for a, b in _pieces(notes[k])]
        orders = range(len(words)) if PIECES <= len(words) <= MOST_PIECES else range(1)
        reached: dict[str, tuple[float, tuple[int, ...]]] = {}
        for tail, (score, done) in ways.items():
            opened = k > begin and not _runs_on(chars, notes[k - 1], notes[k])
            before = "" if opened and done[-1] != SPILT else tail
            for turn in orders:
                order = words[turn:] + words[:turn]
                here = _flow(grams, before, order) - _slant(order)
                found = (score + here, (*done, turn))
                if order[-1] not in reached or found[0] > reached[order[-1]][0]:
                    reached[order[-1]] = found
            if k + 1 < end and _spills(chars, notes, k):
                here = _flow(grams, before, words[1:]) + _flow(grams, "", words[:1])
                found = (score + here, (*done, SPILT))
                if words[0] not in reached or found[0] > reached[words[0]][0]:
                    reached[words[0]] = found
        ways = reached
    _, orders_found = max(ways.values(), key=lambda way: way[0])
    for k, turn in enumerate(orders_found, begin):
        note, bounds = notes[k], _pieces(notes[k])
        slashes = [(b, b + 1) for _, b in bounds[:-1]]
        if turn == SPILT:
            lemma = (note.end() - 1, notes[k + 1].start() + 1)
            yield bounds[0][0], lemma[1], [bounds[1], lemma, bounds[0], slashes[0]]
        elif turn:
            order_found = bounds[turn:] + bounds[:turn]
            parts = [order_found[0]]
            for slash, piece in zip(slashes, order_found[1:], strict=True):
                parts += [slash, piece]
            yield bounds[0][0], bounds[-1][1], parts


SPILT = -1
"""The order of a line whose first piece belongs to the note after it."""


def _pieces(note: regex.Match[str]) -> list[tuple[int, int]]:
    a, b = note.start() + 1, note.end() - 1
    cuts = [a - 1, *(m.start() for m in regex.finditer("/", note.string, pos=a, endpos=b)), b]
    return [(x + 1, y) for x, y in pairwise(cuts)]


def _attested(chars: str) -> Counter[str]:
    """Runs of two to four characters of the text, counted where their order is certain; with names
    of points as they are, and as one sign.
    """
    runs: list[str] = []
    for line in chars.split("\n"):
        for note in NOTE.finditer(line):
            pieces = [line[a:b] for a, b in _pieces(note)]
            runs += pieces if len(pieces) >= PIECES else ["".join(pieces)]
        runs += OUTSIDE.split(NOTE.sub("(", line))
    of_points = (run for run in _any_point("\n".join(runs)).split("\n") if POINT in run)
    grams = Counter(chain.from_iterable(map(_grams, runs)))
    grams.update(gram for run in of_points for gram in _grams(run) if POINT in gram)
    return grams


OUTSIDE = regex.compile("[()¶]")


def _grams(run: str) -> Iterator[str]:
    return (run[i : i + n] for n in (2, 3, 4) for i in range(len(run) - n + 1))


POINT = "★"
"""Any point: after its name goes on what goes on after others (四滿在中注 / 下同身寸之一寸)."""


def _any_point(words: str) -> str:
    return point_name().sub(POINT, words)


def _flow(grams: Counter[str], before: str, pieces: Sequence[str]) -> float:
    """How well pieces read on from what stands before and in themselves."""
    return sum(_joint(grams, x, y) for x, y in pairwise([before, *pieces]))


def _slant(pieces: Sequence[str]) -> float:
    """How far pieces are from filling two columns of one length."""
    sizes = [len(regex.sub(r"&[A-Za-z0-9]+;", "□", piece)) for piece in pieces]
    gaps = [abs(sum(sizes[:cut]) - sum(sizes[cut:])) for cut in range(1, len(sizes))]
    return SLANT_COST * max(0, min(gaps, default=0) - 1)


SLANT_COST = 2.0
"""What each character costs by which one column is longer."""


def _joint(grams: Counter[str], x: str, y: str) -> float:
    if not x or not y:
        return 0.0
    same, alike = (x, y), (_any_point(x), _any_point(y))
    beside = alike if POINT in (alike[0][-1], alike[1][0]) else same
    return max(_joined(grams, *words) for words in (same, beside))


def _joined(grams: Counter[str], x: str, y: str) -> float:
    runs = ((1, 1, 1.0), (2, 1, 1.5), (1, 2, 1.5), (2, 2, 2.0), (3, 1, 2.0), (1, 3, 2.0))
    return sum(w * math.log1p(grams[x[-m:] + y[:n]]) for m, n, w in runs)


def _columns(chars: str) -> Iterator[Edit]:
    """Slashes and padding of split notes, to be taken out: the halves read on."""
    for note in NOTE.finditer(chars):
        for sign in regex.finditer(r"/|[ \u3000]+", chars, pos=note.start(), endpos=note.end()):
            yield (*sign.span(), "", "note-columns")


def _lines(text: Text, juan: list[tuple[int, str]]) -> Text:
    """A line shorter than a full one ends its paragraph; indents tell headings and lists."""
    chars = text.chars
    lines = list(regex.finditer(r"[^\n]*\n?", chars))
    widths = [_width(m.group()) for m in lines]
    # Of the widths that many lines share, the widest is that of a full line.
    often = Counter(w for w in widths if w > 1)
    most = max(often.values(), default=0)
    full = max((w for w, n in often.items() if 4 * n >= most), default=0)
    edits: list[Edit] = []
    indents = [_indent(m.group()) for m in lines]
    heading = False
    for k, (match, width) in enumerate(zip(lines, widths, strict=True)):
        a, b = match.span()
        body = match.group().rstrip("\n¶")
        if a == b:
            continue
        words = body.strip("　 ")
        title = indents[k] == 1 and pattern("title-of-juan").fullmatch(words) is not None
        follows = indents[k + 1] if k + 1 < len(lines) else 0
        if words and (title or (indents[k] == 2 and not heading)):
            at = bisect_right(juan, text.starts[a], key=lambda item: item[0]) - 1
            edits.append((a, a + indents[k], f"#{juan[at][1] if at >= 0 else ''}#", "markup"))
        elif indents[k]:
            edits.append((a, a + indents[k], "", "blank"))
        if indents[k] == 1 and not title:
            for gap in regex.finditer(r"　+", body, pos=1):
                edits.append((a + gap.start(), a + gap.end(), "、", "list"))
        full_line = width >= full or (body.endswith(")") and chars[b : b + 1] == "(")
        goes_on = bool(words) and full_line and follows == indents[k]
        heading = goes_on and indents[k] == 2
        edits.append((a + len(body), b, "" if goes_on else "\n", "line-end"))
    return rewrite(text, edits)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip("　"))


def _width(line: str) -> int:
    """Characters in a printed line; a split note is as wide as the longer of its columns."""
    line = regex.sub(r"&[A-Za-z0-9]+;", "□", line.rstrip("\n¶"))
    halves = [max(map(len, m.group()[1:-1].split("/"))) for m in NOTE.finditer(line)]
    return len(NOTE.sub("", line)) + sum(halves)


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    rows = table("normalization/entities.tsv")
    return {f"&{row['entity'].strip('&;')};": row["character"] for row in rows if row["character"]}


UNKNOWN = "〓"
"""Stands in the normalized layer for a character that no table resolves."""


def entities(text: Text) -> Text:
    """Entities as the characters they stand for; unknown ones keep their place and are reported."""
    edits: list[Edit] = []
    for match in regex.finditer(r"&[A-Za-z0-9]+;", text.chars):
        known = _known().get(match.group())
        rule = "entity" if known else "entity-unknown"
        edits.append((*match.span(), known or UNKNOWN, rule))
    return rewrite(text, edits)


# --- what a reader of the edition should know ----------------------------------------------------


def inspect(witness: Witness, text: Text) -> Iterator[Diagnostic]:
    """Unknown entities, missing pages, notes whose halves do not fit or were read in another
    order, columns that seem exchanged.
    """
    siglum, source = witness.spec.siglum, witness.text
    for change in text.log:
        if not isinstance(change, Change):
            continue
        where = (siglum, change.start, change.end)
        if change.rule == "entity-unknown":
            message = f"{change.before} is not in the table of entities and stands unresolved"
            yield Diagnostic("entity-unknown", "warning", message, *where)
        elif change.rule == TURNED:
            message = f"the pieces of a note are read in another order: {change.after}"
            yield Diagnostic("note-reordered", "info", message, *where)
        elif change.rule == DISPLACED:
            severity, message = _of_gaps(change)
            yield Diagnostic("note-displaced", severity, message, *where)
    for match in regex.finditer(r"^#[ \t]*page[ \t]+missing.*$", source, regex.M | regex.I):
        page, _ = page_of(source, match.start())
        message = f"page {page} is missing in the transcription"
        if page is None:
            message = "the page before the first page mark is missing in the transcription"
        yield Diagnostic("page-missing", "error", message, siglum, *match.span())
    yield from _of_columns(siglum, source, text)


def _of_gaps(change: Change) -> tuple[Severity, str]:
    """What is said of a note with a gap that is no pause."""
    if change.before == change.after:
        return "warning", f"a gap is no pause, the halves of a note do not fit: {change.after}"
    said = f"a glyph of the second column stands in the first; read as {change.after}"
    if sorted(change.before) == sorted(change.after):
        return "info", said
    return "warning", f"{said}; what the first column had in its place is lost"


def _of_columns(siglum: str, source: str, text: Text) -> Iterator[Diagnostic]:
    """What was done to columns that are exchanged, or seem to be and were left."""
    turned = sum(isinstance(c, Change) and c.rule == EXCHANGED for c in text.log)
    first, second = votes(match.group() for match in NOTE.finditer(source))
    if not turned and second <= first:
        return
    said = (
        f"the halves of {turned} split notes are exchanged and were turned back"
        if turned
        else "the halves of split notes seem exchanged"
    )
    message = f"{said}: {second} notes are longer in the second half, {first} in the first"
    yield Diagnostic("columns-exchanged", "warning", message, siglum, 0, len(source))
