"""Places of a text found again in another text of the work, by the alignment of the two.

What people decided of the one, and the claims of its entries, are carried over: a place whose
glyphs stand side by side with the same glyphs is the same place, whatever signs, script and layout.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.compare.book import Book, book
from pipeline.compare.columns import blocks, once
from pipeline.compare.edition import Edition
from pipeline.compare.passages import passages
from pipeline.model import Claim, Decision, Witness, column
from pipeline.sources.glyphs import GAPS
from pipeline.sources.normalize import layer
from pipeline.sources.quotes import (
    Letters,
    Range,
    alike,
    letters,
    places,
    quote,
    spans,
    whole,
    write,
)

Outcome = Literal["carried", "changed", "lost"]
REACH = 6
"""Glyphs from a place to the nearest that both texts have: further away nothing tells it."""
RUN = 4
"""Glyphs in a row that two texts do not have in common by chance."""
WORD = 8
"""Glyphs of a word that tells a place, wherever it stands: a sentence and its neighbour."""
WORDS = ("code", "entry")
"""What is decided of a name or of an entry as a whole, whatever a glyph of it was corrected to."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A decision of one text, and the row that it is in another; ``said``: why it is none, or not
    the same. ``there``: it stands beside the other already.
    """

    was: Decision
    decision: Decision | None
    said: str = ""
    there: bool = False


@dataclass(frozen=True, slots=True)
class CarriedClaim:
    """Row of carried claims: where the words of a claim stand in another text."""

    entry_id: str | None = column("the entry in the new text")
    field: str = column("column of entries")
    value: str = column("the value, as in the old text")
    basis: str = column("as in claims")
    ref: str | None = column("as in claims, in the old text")
    text: str = column("the words in the new text, verbatim")
    start: int | None = column("where they begin there", "code points")
    end: int | None = column("where they end, exclusive", "code points")
    source: str = column("as in claims")
    outcome: str = column("carried, changed (the words are others there) or lost")
    was_entry: str = column("the entry in the old text")
    was_text: str = column("the words in the old text, verbatim")
    was_start: int = column("where they begin there", "code points")
    was_end: int = column("where they end, exclusive", "code points")


@dataclass(frozen=True, slots=True)
class Ways:
    """Two texts side by side: ``to[g]`` is the glyph of the new one beside glyph ``g`` of the old;
    ``entries`` the entry that an entry became.
    """

    old: Book
    new: Book
    order: list[int]
    """The glyphs of the old text by their place in the source, and where each begins."""
    starts: list[int]
    to: dict[int, int]
    entries: dict[str, str]


def ways(old: Edition, new: Edition) -> Ways:
    """The alignment of two texts, one witness each, as every comparison is made from it."""
    books = book(old), book(new)
    to: dict[int, int] = {}
    entries: dict[str, str] = {}
    for passage in passages([old, new], books):
        if {0, 1} <= passage.entries.keys():
            here, there = (passage.entries[n] for n in (0, 1))
            entries[old.entries[here].entry_id] = new.entries[there].entry_id
        for rows in (passage.body, *(inset.columns for inset in passage.insets)):
            both = [(x, y) for x, y in rows if x is not None and y is not None]
            to.update(both if passage.entries else _in_a_row(both, RUN))
    to |= _left_over(books, to)
    order = sorted(range(len(books[0].spans)), key=lambda g: books[0].spans[g])
    return Ways(*books, order, [books[0].spans[g][0] for g in order], to, entries)


def _left_over(books: Sequence[Book], to: Mapping[int, int]) -> dict[int, int]:
    """What is an entry or a note in one text and prose in the other: words that each of them has
    once, wherever they stand, and what lies side by side.
    """
    found: dict[int, int] = {}
    left, free = _without(books, to)
    here, there = (once(text, WORD) for text in _chars(books, (left, free)))
    for word, a in here.items():
        if (b := there.get(word)) is not None:
            pairs = zip(left[a : a + WORD], free[b : b + WORD], strict=True)
            found.update(_in_a_row(pairs, WORD))
    left, free = _without(books, {**to, **found})
    for a, b, n in blocks(*_chars(books, (left, free))):
        found.update(_in_a_row(zip(left[a : a + n], free[b : b + n], strict=True), RUN))
    return found


def _without(books: Sequence[Book], to: Mapping[int, int]) -> tuple[list[int], list[int]]:
    """The glyphs of each text that stand beside none of the other."""
    taken = set(to.values())
    left = [g for g in range(len(books[0].chars)) if g not in to]
    return left, [g for g in range(len(books[1].chars)) if g not in taken]


def _chars(books: Sequence[Book], glyphs: Sequence[Sequence[int]]) -> tuple[str, str]:
    one, other = ("".join(b.chars[g] for g in some) for b, some in zip(books, glyphs, strict=True))
    return one, other


def _in_a_row(pairs: Iterable[tuple[int, int]], least: int) -> Iterator[tuple[int, int]]:
    """Glyphs side by side that follow each other in both texts, as many at least."""
    run: list[tuple[int, int]] = []
    for pair in (*pairs, (-1, -1)):
        if run and (pair[0] - run[-1][0], pair[1] - run[-1][1]) != (1, 1):
            yield from run if len(run) >= least else ()
            run = []
        run.append(pair)


def led(way: Ways, place: Range) -> tuple[Outcome, Range]:
    """The glyphs of the new text that stand where a stretch of the old source stood; whether they
    are the same.
    """
    low, high = (bisect_left(way.starts, at) for at in place)
    own = sorted(g for g in way.order[low:high] if way.old.chars[g] not in GAPS)
    first, last = (own[0], own[-1] + 1) if own else _gap(way, low, high)
    beside = [way.to[g] for g in own if g in way.to]
    if own and len(beside) == len(own) and beside[-1] - beside[0] == len(own) - 1:
        return "carried", (beside[0], beside[-1] + 1)
    before = next((g for g in range(first - 1, first - 1 - REACH, -1) if g in way.to), None)
    after = next((g for g in range(last, last + REACH) if g in way.to), None)
    if before is None or after is None:
        return "lost", (0, 0)
    left, right = way.to[before] + 1, way.to[after]
    # Between the nearest glyphs that both have there may stand more than the place: as much more.
    left, right = left + (first - 1 - before), right - (after - last)
    same = not own and before == first - 1 and after == last
    if not own and same and all(way.new.chars[g] in GAPS for g in range(left, right)):
        return "carried", (left, right)
    return (
        ("changed", (left, right)) if left < right <= left + len(own) + REACH else ("lost", (0, 0))
    )


def _gap(way: Ways, low: int, high: int) -> Range:
    """Of a place without glyphs the one behind it in reading order, and the same again; what stands
    for a lost glyph is passed over.
    """
    squares = sorted(way.order[low:high])
    if squares:
        return squares[0], squares[-1] + 1
    behind = way.order[low] if low < len(way.order) else len(way.order)
    return behind, behind


# --- decisions -----------------------------------------------------------------------------------


def carried(old: Witness, new: Witness, here: Edition, there: Edition) -> list[Carried]:
    """Each decision of one text as one of another; the rows of other texts are not meant."""
    way = ways(here, there)
    texts = [letters(layer(w.text, w.spec.format, w.spec.script)) for w in (old, new)]
    parts = here.sections.get(old.spec.siglum, ())
    goal = _Goal(new.spec.siglum, texts[1], there)
    own = (decision for decision in old.decisions if decision.witness == old.spec.siglum)
    found = []
    for decision in own:
        meant = quote(decision.anchor)
        at = places(texts[0], meant, parts) if meant else []
        if len(at) != 1:
            said = f"stands in {len(at)} places of the old text"
            found.append(Carried(decision, None, said))
        else:
            found.append(_carried(decision, whole(spans(texts[0], at[0])), way, goal))
    return found


@dataclass(frozen=True, slots=True)
class _Goal:
    """The text that decisions are carried to."""

    siglum: str
    text: Letters
    edition: Edition


def _carried(decision: Decision, place: Range, way: Ways, goal: _Goal) -> Carried:
    outcome, glyphs = led(way, place)
    now = "".join(way.new.written[g] for g in range(*glyphs))
    if outcome == "lost":
        return Carried(decision, None, "the words are not in the new text")
    if outcome == "changed" and alike(now) == alike(decision.value):
        return Carried(decision, None, f"the new text reads {now} itself")
    if outcome == "changed" and decision.field not in WORDS:
        return Carried(decision, None, f"the new text reads {now}")
    parts = goal.edition.sections.get(goal.siglum, ())
    anchor = write(goal.text, _letters(way.new, glyphs, goal.text), parts)
    fresh = replace(decision, witness=goal.siglum, anchor=anchor)
    return Carried(decision, fresh, f"the new text reads {now}" if outcome == "changed" else "")


def _letters(new: Book, glyphs: Range, text: Letters) -> Range:
    """Glyphs of a comparison as letters of their text."""
    kept = [g for g in range(*glyphs) if new.chars[g] not in GAPS]
    place = {start: i for i, start in reversed(list(enumerate(text.starts)))}
    if kept:
        first, last = place[new.spans[kept[0]][0]], place[new.spans[kept[-1]][0]]
        return first, last + 1
    behind = next((g for g in range(glyphs[1], len(new.chars)) if new.chars[g] not in GAPS), None)
    at = len(text.starts) if behind is None else place[new.spans[behind][0]]
    return at, at


# --- claims --------------------------------------------------------------------------------------


def carried_claims(old: Edition, new: Edition) -> list[CarriedClaim]:
    """Where the words of each claim stand in another text."""
    way = ways(old, new)
    return [row for found in old.claimed.values() for row in _claims(found, way, new)]


def _claims(found: Sequence[Claim], way: Ways, new: Edition) -> Iterator[CarriedClaim]:
    for claim in found:
        outcome, glyphs = led(way, (claim.start, claim.end))
        (siglum,) = new.witnesses
        spots = [way.new.spans[g] for g in range(*glyphs)]
        start, end = whole(spots) if spots else (None, None)
        yield CarriedClaim(
            entry_id=way.entries.get(claim.entry_id),
            field=claim.field,
            value=claim.value,
            basis=claim.basis,
            ref=claim.ref,
            text="" if start is None else new.texts[siglum][start:end],
            start=start,
            end=end,
            source=claim.source,
            outcome=outcome,
            was_entry=claim.entry_id,
            was_text=claim.text,
            was_start=claim.start,
            was_end=claim.end,
        )
