r"""Commentaries of statement and gloss by turns, a paragraph each: chapters, and what is which.

Where the statements are set in type of their own (\x項中大筋兩旁各一。\x), they are told by it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TypeGuard

import regex

from pipeline.knowledge.numerals import integer
from pipeline.knowledge.patterns import pattern
from pipeline.model import Change, Diagnostic, Fold, Kind, Text
from pipeline.sources.layouts import is_size, sized
from pipeline.text.layer import rewrite

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
    titles = (TAGGED, pattern("chapter-line"), pattern("juan-line"))
    return any(title.match(chars, at) for title in titles)


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
        title = pattern("chapter-line").fullmatch(chars, a, b)
        if tag or title or pattern("juan-line").fullmatch(chars, a, b):
            blocks.append((start, b, "heading"))
        if pattern("juan-line").fullmatch(chars, a, b):
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
        spoken = bool(pattern("speech-opening").match(paragraph))
        against = (
            0.0 if spoken else min(3.0, len(pattern("gloss-words").findall(paragraph))),
            3.0 * spoken + 3.0 * bool(pattern("points-stated").fullmatch(paragraph)),
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
