"""The remarks of 新校正: whose they are, what they read, in which source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import regex
from lark import Tree
from lark.lexer import Token

from pipeline.genres.commentary.notes import Book, Draft
from pipeline.genres.commentary.page import GRAMMAR, NUM, Page, Remark, bare
from pipeline.knowledge import channels as ch
from pipeline.knowledge.lexicon import folded, lexicon
from pipeline.knowledge.numerals import NUMERAL, integer
from pipeline.knowledge.tables import table
from pipeline.knowledge.works import divided, works
from pipeline.model import (
    Entry,
    Note,
    Reading,
    Text,
    Witness,
)
from pipeline.reading.parse import bounds, parse
from pipeline.reading.rows import note_of, read_as
from pipeline.reading.segment import CHANNEL
from pipeline.reading.statements import Dose, scope_of
from pipeline.reading.values import channel_values, depth_of, doses, trimmed
from pipeline.text.layer import span, verbatim
from pipeline.text.slice import Slice

# --- remarks: whose they are, what they say ------------------------------------------------------


OF_VALUES = frozenset({"location", "channels", "posture", "depth", "retention", "moxa", "needling"})
SELF = regex.compile("^此|^王")
"""A citation of the commentary in hand: it reads differently only where it says something else."""
PLACE_LIKE = regex.compile(rf"[上下中內外前後傍端際間]$|(?<![{NUMERAL}]){NUM}[寸分]半?$|^[在去]")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a remark says: column of readings, value, place, and of which points alone."""

    source: str
    column: str
    value: str
    start: int
    end: int
    only: frozenset[str] = frozenset()
    wide: bool = False
    """It is about a whole set (是三穴者去齊各二寸)."""


def read_remarks(
    witness: Witness,
    text: Text,
    page: Page,
    remarks: Sequence[Remark],
    book: Book,
    entries: Sequence[Entry],
) -> tuple[list[Note], list[Reading]]:
    """Notes and readings: a remark on several points belongs to each of them."""
    notes: list[Note] = []
    readings: list[Reading] = []
    times: Counter[str] = Counter()
    for remark in remarks:
        stated = _stated(witness, text, remark, book)
        owners = _owners(text, page, remark, book, stated)
        inside = Slice(text, remark.start, remark.end)
        belongs: list[int | None] = [*owners] or [None]
        for owner in belongs:
            entry = None if owner is None else entries[owner]
            home = entry.entry_id if entry else witness.spec.siglum
            times[home] += 1
            order = times[home]
            note_id = f"{home}/n{order}" if entry else f"{home}/n{order:04d}"
            row = note_of(
                note_id, entry.entry_id if entry else None, witness.spec.siglum, order, inside
            )
            notes.append(row)
            said = [s for s in stated if _concerns(s, owner, book, stated) and _differs(s, entry)]
            readings += [
                _reading(witness, text, row, number, one) for number, one in enumerate(said, 1)
            ]
    return notes, readings


def _reading(witness: Witness, text: Text, row: Note, number: int, said: Stated) -> Reading:
    start, end = span(text, said.start, said.end)
    return Reading(
        f"{row.note_id}/r{number}",
        row.note_id,
        row.entry_id,
        said.source,
        None,
        said.column,
        said.value or verbatim(witness.text, text, said.start, said.end),
        witness.text[start:end],
        start,
        end,
        "not_checkable",
    )


def _concerns(said: Stated, owner: int | None, book: Book, stated: Sequence[Stated]) -> bool:
    """Whether a statement is about a point: one that names points is about them alone, one about a
    whole set not about a point that the remark gives the same column of its own.
    """
    if owner is None:
        return not said.only
    key = book.drafts[owner].key
    if said.only:
        return key in said.only
    return not said.wide or all(key not in s.only or s.column != said.column for s in stated)


def _differs(said: Stated, entry: Entry | None) -> bool:
    """A remark that repeats the words of the commentary before it differs reads nothing."""
    if entry is None or not SELF.search(said.source):
        return True
    mine = {
        "depth": str(entry.depth_min_fen),
        "moxa": str(entry.moxa_min),
        "retention": str(entry.retention_breaths),
        "channels": "、".join(c.partition(":")[0] for c in entry.channels),
    }
    return mine.get(said.column) != said.value


def _owners(
    text: Text, page: Page, remark: Remark, book: Book, stated: Sequence[Stated]
) -> list[int]:
    """The points a remark belongs to: those it names, else those the words before it are about.

    On a list it belongs to each of its points if it reads a value of theirs; remarks on the main
    text or the count of the points belong to none.
    """
    mine = [i for i, draft in enumerate(book.drafts) if draft.block == remark.block]
    scope = next(
        (
            s
            for at, s, block in reversed(book.scopes)
            if block == remark.block and at < remark.anchor
        ),
        None,
    )
    about = book.members(scope, remark.block) if scope else []
    if not remark.editorial:
        return about[:1]
    topics = [i for i in mine if _speaks_of(text, page, remark, book.drafts[i], book.drafts)]
    if topics:
        return topics
    if len(about) > 1 and not any(s.column in OF_VALUES for s in stated):
        return []
    return about


def _speaks_of(
    text: Text, page: Page, remark: Remark, draft: Draft, drafts: Sequence[Draft]
) -> bool:
    """Whether a remark names a point: by its name, by the words of the main text for it, or by what
    is left of its name where the line is cut off. A name before a source (腰俞穴《繆刺論》注) says
    only where that source is to be read, one after 如 is a model.
    """
    words = bare(text.chars, remark)
    relation = "" if draft.key not in _channel_names() else "(?=[在穴])"
    name = rf"(?<![如同與]){regex.escape(draft.key)}(?!穴?《|穴?[^，。「」]{{2,6}}注作){relation}"
    if regex.search(name, words):
        return True
    lemma = text.chars[slice(*page.blocks[draft.block].lemma)]
    for clause in regex.split("[，。]", lemma):
        rest = ch.SIX.sub("", clause, count=1) if ch.SIX.match(clause) else clause
        others = [rest.replace(draft.key, "")] if draft.key in clause else []
        if draft.key.endswith(rest):
            others.append(rest)
        if any(len(other) > 1 and other in words for other in others):
            return True
    tail = regex.search(r"、(\p{Han}+)$", words)
    if tail is None:
        return False
    likely = [d for d in drafts if d.block == draft.block and d.key.startswith(tail[1])]
    return likely == [draft]


@lru_cache(maxsize=1)
def _channel_names() -> frozenset[str]:
    return frozenset(folded(row["name"]) for row in table("authority/channels.tsv"))


def _stated(witness: Witness, text: Text, remark: Remark, book: Book) -> list[Stated]:
    """The statements of a remark, in order."""
    if not remark.editorial:
        return [Stated("", "other", "", *_trimmed(text, remark.start, remark.end))]
    reader = _Apparatus(witness, text, remark, book)
    edges = [remark.start, *(p for own in remark.own for p in own), remark.end]
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        if a < b:
            reader.read(parse(GRAMMAR, "note", text.chars, a, b)[0])
    return reader.found


def _trimmed(text: Text, a: int, b: int) -> tuple[int, int]:
    where = trimmed(Slice(text, a, b))
    return where.start, where.end


class _Apparatus:
    """Reads a remark: which source says what, of which points."""

    def __init__(self, witness: Witness, text: Text, remark: Remark, book: Book):
        self.source = witness.text
        self.text = text
        self.found: list[Stated] = []
        self.unsourced: list[Stated] = []
        self.sources: list[str] = []
        self.only: list[str] = []
        self.mode = ""
        self.lemma = False
        self.wide = False
        self.quoted: int | None = None
        self.words: tuple[int, int] | None = None
        self.previous = ""
        self.points = {d.key for d in book.drafts if d.block == remark.block}
        before = [c for end, c, b in book.places if b == remark.block and end <= remark.anchor]
        self.near = before[-1] if before else ""
        start = span(text, remark.start, remark.start)[0]
        self.depth = next(
            (
                statement.says.least
                for statement in reversed(book.statements)
                if scope_of(statement).block == remark.block
                and isinstance(statement.says, Dose)
                and statement.says.act == "needling"
                and statement.says.least is not None
                and statement.where.source[1] <= start
            ),
            0,
        )

    def read(self, tree: Tree[Token]) -> None:
        for node in tree.children:
            kind = node.type if isinstance(node, Token) else str(node.data)
            method = getattr(self, f"on_{kind.lower()}", None)
            if method is not None:
                method(node)
            if kind != "JOIN" and node != "、":
                self.previous = kind
        self.finish(bounds(tree)[1] if tree.children else 0)

    # --- sources ---------------------------------------------------------------------------------

    def on_source(self, token: Token) -> None:
        named = [verbatim(self.source, self.text, *bounds(token))]
        if not named[0].startswith("《"):
            named = list(divided(named[0]))
        self.sources = [*self.sources, *named] if self.previous == "SOURCE" else named
        self.mode = ""

    def on_said(self, token: Token) -> None:
        if self.previous == "SOURCE":
            self.mode = "name" if str(token).startswith("爲") else "said"
            self.words = (bounds(token)[1], len(self.found))

    def on_reads(self, token: Token) -> None:
        if self.previous == "UNQUOTE" and self.quoted is not None:
            # What was quoted are the words that the source replaces.
            self.lemma = True
            del self.found[self.quoted :]
        self.mode = "reads"
        self.words = (bounds(token)[1], len(self.found))

    def on_agrees(self, token: Token) -> None:
        """灸三十壯與《甲乙經》同: the source says what the words before it say."""
        if self.previous == "SOURCE":
            for said in self.unsourced:
                self.found += [replace(said, source=source) for source in self.sources]

    def on_lacks(self, token: Token) -> None:
        if self.previous == "SOURCE":
            self.add("other", "", *bounds(token))

    def on_remark(self, token: Token) -> None:
        a, b = _trimmed(self.text, *bounds(token))
        self.found.append(Stated("", "other", "", a, b))
        self.sources, self.mode, self.only = [], "", []

    # --- points ----------------------------------------------------------------------------------

    def on_point(self, token: Token) -> None:
        name = str(token)
        if self.mode == "name":
            self.add("name", "", *bounds(token))
            self.mode, self.words = "", None
        elif name in self.points:
            self.only = [*self.only, name] if self.previous == "POINT" else [name]
            self.wide = False

    def on_these(self, token: Token) -> None:
        self.only, self.wide = [], True

    # --- values ----------------------------------------------------------------------------------

    def add(self, column: str, value: str, a: int, b: int) -> None:
        only = frozenset(self.only)
        if a < b:
            self.found += [
                Stated(source, column, value, a, b, only, self.wide) for source in self.sources
            ]
            if not self.sources:
                self.unsourced.append(Stated("", column, value, a, b, only))

    def on_place(self, token: Token) -> None:
        a, b = bounds(token)
        a += 1 if str(token).startswith("又") else 0
        b -= 1 if str(token).endswith("也") else 0
        cited = regex.compile("，《[^》]{1,20}》[論篇]?注?作").match(self.text.chars, b)
        if self.sources:
            self.add("location", "", a, b)
        elif self.only and self.previous == "POINT" and cited is None:
            # The editors' own argument; before a reading, such words only recall the text.
            self.found.append(Stated("", "location", "", a, b, frozenset(self.only)))

    def on_quantity(self, token: Token) -> None:
        measure = depth_of(str(token).removeprefix("各"))
        if measure is None:
            return
        if not str(token).startswith("各") and self.of_depth(measure[0]):
            self.add("depth", str(measure[0]), *bounds(token))
        else:
            self.add("location", "", *bounds(token))

    def of_depth(self, fen: int) -> bool:
        """Whether a bare measure is that of the needle: it follows on it, or is of its size."""
        if self.near in ("depth_min_fen", "depth_max_fen"):
            return True
        return self.near != "location" and fen <= 2 * self.depth

    def on_breaths_stated(self, token: Token) -> None:
        self.number("retention", token)

    def on_cones_stated(self, token: Token) -> None:
        self.number("moxa", token)

    def number(self, column: str, token: Token) -> None:
        number = integer(regex.sub(f"[^{NUMERAL}]", "", token))
        if number is not None:
            self.add(column, str(number), *bounds(token))

    def on_bare_channels(self, token: Token) -> None:
        names = [m.group() for m in regex.finditer(f"{CHANNEL}|{ch.SIX.pattern}", str(token))]
        self.channels([name for name, _ in ch.expand(names)], token)

    def on_channels(self, node: Tree[Token]) -> None:
        self.channels([channel.name for channel in channel_values(node)], node)

    def channels(self, names: Sequence[str], node: Tree[Token] | Token) -> None:
        if self.sources and names:
            self.add("channels", "、".join(dict.fromkeys(names)), *bounds(node))

    def on_needling(self, node: Tree[Token]) -> None:
        for says, where in doses(node, self.text):
            read = read_as(says)
            if read is not None:
                self.add(*read, where.start, where.end)

    on_forbidden = on_needling

    # --- words -----------------------------------------------------------------------------------

    def on_quote(self, token: Token) -> None:
        self.quoted = len(self.found)
        if self.mode:
            self.words = (bounds(token)[1], len(self.found))

    def on_unquote(self, token: Token) -> None:
        self.finish(bounds(token)[0])

    def on_break(self, token: Token) -> None:
        a = bounds(token)[0]
        quoted = self.words is not None and self.text.chars[self.words[0] - 1] in "「『"
        if not quoted or "\n" in token:
            self.finish(a)
        if "。" in token:
            self.unsourced, self.only, self.lemma, self.wide = [], [], False, False

    def finish(self, end: int) -> None:
        """What a source says or reads in words, where none of them was understood as a value."""
        words, self.words = self.words, None
        if words is None or len(self.found) > words[1] or not self.sources:
            return
        a, b = _trimmed(self.text, words[0], end)
        if a < b:
            self.add(self.column(self.text.chars[a:b]), "", a, b)

    def column(self, words: str) -> str:
        """What words are about that are no value: a name, a place, or just words."""
        if words in lexicon().senses and self.mode == "reads":
            return "name"
        if self.lemma or all(_of_main_text(source) for source in self.sources):
            return "text"
        if PLACE_LIKE.search(words) or (self.near == "location" and self.mode == "said"):
            return "location"
        return "text" if self.mode == "reads" else "other"


def _of_main_text(source: str) -> bool:
    """Whether a source is another copy or paragraph of the text commented on (別本, 足少陽脈中)."""
    return source.endswith("中") or (source in works() and not works()[source].named)
