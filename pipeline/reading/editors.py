"""The remarks of 新校正: where they begin and end, whose they are, what they read."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import regex

from pipeline.knowledge.lexicon import folded
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.tables import table
from pipeline.model import Diagnostic, DoseRow, Entry, Note, Reading
from pipeline.reading.citations import HERE, OF_EDITORS, Near, concerning, field_of, read_note
from pipeline.reading.pages import Page, Remark, around
from pipeline.reading.parse import lexer, parser
from pipeline.reading.rows import note_of, quoted_doses, readings_of
from pipeline.reading.spoken import Book, Draft
from pipeline.reading.statements import Forbidden, PointId, Scope, Statement, scope_of
from pipeline.reading.statements import Remark as InWords
from pipeline.reading.values import trimmed
from pipeline.text.slice import Slice, at

GRAMMAR = "suwen_wang"
"""Of the notes of Wang Bing and of the remarks in them."""

# --- where they are ------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _head() -> regex.Pattern[str]:
    return lexer(parser(GRAMMAR, "entry")).patterns["HEAD"]


def find_remarks(siglum: str, page: Page) -> tuple[list[Remark], list[Diagnostic]]:
    """The remarks of 新校正 and the notes in brackets, in order."""
    found: list[Remark] = []
    diagnostics: list[Diagnostic] = []
    chars = page.text.chars
    for index, block in enumerate(page.blocks):
        begin, stop = block.where.start, block.where.end
        cues = list(pattern("editors-speak").finditer(chars, begin, stop))
        taken: list[Slice] = []
        for cue, limit in zip(cues, [*(c.start() for c in cues[1:]), stop], strict=False):
            end, closed = _remark_end(chars, cue.end(), limit)
            taken.append(Slice(page.text, cue.start(), end + closed))
            inside = Slice(page.text, cue.end(), end)
            found.append(Remark(index, taken[-1], inside, tuple(_resumed(inside)), True))
            if not closed:
                message = (
                    f"a remark of the editors is not closed; taken to end at {chars[end - 4 : end]}"
                )
                diagnostics.append(at("note-unclosed", taken[-1], message, siglum, "info"))
        for match in regex.compile("（([^（）\n]*)）").finditer(chars, begin, stop):
            before = bisect_right(taken, match.start(), key=lambda one: one.start) - 1
            if before < 0 or taken[before].end <= match.start():
                outer, inside = (Slice(page.text, *match.span(group)) for group in (0, 1))
                found.append(Remark(index, outer, inside))
    return sorted(found, key=lambda remark: remark.outer.start), diagnostics


def _remark_end(chars: str, start: int, limit: int) -> tuple[int, bool]:
    """Where a remark ends and whether a sign closes it.

    The sign is a hint, often missing or misplaced. Before it the remark ends where the commentary
    goes on: at a line that opens with a point and its place, or at a measure of the commentary's
    own kind (同身寸之…) that is no quotation.
    """
    closing = chars.find("』", start, limit)
    resumed = next((m.start() for m in _head().finditer(chars, start, limit)), limit)
    line, quoted = start, 0
    for match in pattern("quotation-or-measure").finditer(chars, start, resumed):
        if match.group() == "\n":
            line, quoted = match.end(), 0
        elif match.group() in "「」":
            quoted += 1 if match.group() == "「" else -1
        elif quoted <= 0:
            resumed = line if line > start else _clause(chars, start, match.start())
            break
    if start <= closing < resumed:
        return closing, True
    end = resumed
    while end > start and chars[end - 1] == "\n":
        end -= 1
    return end, False


def _clause(chars: str, start: int, at: int) -> int:
    """Where the sentence or quotation before ``at`` ends."""
    return max(start, *(chars.rfind(sign, start, at) + 1 for sign in "。」』"))


def _resumed(inside: Slice) -> Iterator[Slice]:
    """Words of the commentary inside a remark: a measure of its own kind in a quotation from
    another book, a dose after the editors' verdict. What two measures share is given once.
    """
    chars, start, end = inside.layer.chars, inside.start, inside.end
    done = begin = start
    quoted = False
    for sign in pattern("mark-in-remark").finditer(chars, start, end):
        if sign.group().endswith("「"):
            quoted = quoted or sign.group() != "「"
        elif sign.group() == "」":
            quoted = False
        if sign["ends"] or sign.group().endswith("「"):
            begin = sign.end()
        if not sign["measure"] or quoted or sign.start() < done:
            continue
        stop = regex.compile("[。」』\n]|$").search(chars, sign.end(), end)
        done = stop.start() if stop else end
        yield replace(inside, start=begin, end=done)
        begin = done
    verdict = pattern("verdict-of-editors").search(chars[start:end])
    if verdict and start + verdict.start("own") >= done:
        yield replace(inside, start=start + verdict.start("own"), end=start + verdict.end())


# --- what they say -------------------------------------------------------------------------------

NO_VALUES = frozenset({"name", "warnings", "text", "other"})
"""What a source says of a list of points as a whole, not of each of them."""


def read_remarks(
    siglum: str, page: Page, book: Book, entries: Sequence[Entry]
) -> tuple[list[Note], list[Reading], list[DoseRow]]:
    """Notes, readings and doses: a remark on several points belongs to each of them."""
    notes: list[Note] = []
    readings: list[Reading] = []
    doses: list[DoseRow] = []
    times: Counter[str] = Counter()
    rows = {draft.point: (draft.key, e) for draft, e in zip(book.drafts, entries, strict=True)}
    for remark in page.remarks:
        said = _said(page, remark, book)
        for owner in _owners(page, remark, book, said) or (None,):
            key, entry = ("", None) if owner is None else rows[owner]
            home = entry.entry_id if entry else siglum
            order = times[home] = times[home] + 1
            note_id = f"{home}/n{order}" if entry else f"{home}/n{order:04d}"
            of = entry.entry_id if entry else None
            notes.append(note_of(note_id, of, siglum, order, remark.inside))
            heard = list(concerning(said, key, entry))
            readings += readings_of(notes[-1], heard)
            doses += quoted_doses(notes[-1], heard)
    return notes, readings, doses


def _said(page: Page, remark: Remark, book: Book) -> list[Statement]:
    """What a remark says, in order; a note in brackets is words."""
    if not remark.editorial:
        where = trimmed(remark.inside)
        return [Statement(HERE, InWords(where.verbatim), where)]
    near = Near(
        [s for s in book.statements if scope_of(s).block == remark.block],
        page.moves.end(remark.outer.start),
        frozenset(d.key for d in book.drafts if d.block == remark.block),
    )
    found: list[Statement] = []
    speaking = OF_EDITORS
    for part in around(remark.inside, remark.own):
        speaking, said, _ = read_note(part, GRAMMAR, near, speaking)
        found += said
    return found


def _owners(page: Page, remark: Remark, book: Book, said: Sequence[Statement]) -> list[PointId]:
    """The points a remark belongs to: those it names, else those the words before it are about.

    On a list it belongs to each of its points if it reads a value of theirs; remarks on the main
    text or the count of the points belong to none.
    """
    mine = [draft for draft in book.drafts if draft.block == remark.block]
    anchor = page.moves.end(remark.outer.start)
    scopes = [t.scope for t in book.turns if t.scope.block == remark.block and t.start < anchor]
    about = _members(scopes[-1], mine) if scopes else []
    if scopes and scopes[-1].kind == "rest":
        about = [point for point in about if point not in _banned(book)]
    if not remark.editorial:
        return about[:1]
    topics = [draft.point for draft in mine if _speaks_of(page, remark, draft, mine)]
    if topics or len(about) < 2 or any(field_of(s) not in NO_VALUES for s in said):
        return topics or about
    return []


def _banned(book: Book) -> set[PointId]:
    """The points of which an act is forbidden in words of their own: the rest is not they."""
    bans = (scope_of(s) for s in book.statements if isinstance(s.says, Forbidden))
    return {point for scope in bans if scope.kind == "these" for point in scope.members}


def _members(scope: Scope, drafts: Sequence[Draft]) -> list[PointId]:
    """The points of a note that a scope speaks of, as far as it names them or means all."""
    if scope.kind != "these":
        return [draft.point for draft in drafts]
    named = (draft.point for draft in drafts if draft.key in scope.names)
    return list(dict.fromkeys((*scope.members, *named)))


def _speaks_of(page: Page, remark: Remark, draft: Draft, drafts: Sequence[Draft]) -> bool:
    """Whether a remark names a point: by its name, by the words of the main text for it, or by what
    is left of its name where the line is cut off. A name before a source (腰俞穴《繆刺論》注) says
    only where that source is to be read, one after 如 is a model.
    """
    words = "".join(part.words for part in around(remark.inside, remark.own))
    key = regex.escape(draft.key)
    name = pattern("name-in-remark", name=key)
    if draft.key in _channel_names():
        name = pattern("name-like-channel", name=key)
    if name.search(words):
        return True
    for clause in regex.split("[，。]", page.blocks[draft.block].lemma.words):
        rest = (
            pattern("one-of-six").sub("", clause, count=1)
            if pattern("one-of-six").match(clause)
            else clause
        )
        others = [rest.replace(draft.key, "")] if draft.key in clause else []
        if draft.key.endswith(rest):
            others.append(rest)
        if any(len(other) > 1 and other in words for other in others):
            return True
    tail = regex.search(r"、(\p{Han}+)$", words)
    return tail is not None and [d for d in drafts if d.key.startswith(tail[1])] == [draft]


@lru_cache(maxsize=1)
def _channel_names() -> frozenset[str]:
    return frozenset(folded(row["name"]) for row in table("authority/channels.tsv"))
