"""What a circled note says of which points, in its order: drafts of entries, statements on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import regex
from lark import Tree
from lark.lexer import Token

from pipeline.genres.commentary.page import GRAMMAR, Page, Paragraph, Remark, shifted
from pipeline.knowledge import channels as ch
from pipeline.knowledge.lexicon import Sense, folded, lexicon
from pipeline.knowledge.numerals import NUMERAL, integer
from pipeline.knowledge.works import place_of
from pipeline.model import (
    Diagnostic,
    Text,
    Witness,
)
from pipeline.reading import references as refer
from pipeline.reading.names import Context, context_of_words, sense_of
from pipeline.reading.parse import Node, bounds, parse, tokens
from pipeline.reading.references import Subject
from pipeline.reading.segment import CHANNEL
from pipeline.reading.statements import (
    Channel,
    Count,
    Dose,
    Model,
    Office,
    Place,
    Posture,
    Said,
    Scope,
    Statement,
    Warns,
    Words,
    scope_of,
)
from pipeline.reading.values import channel_values, doses, in_words, trimmed
from pipeline.text.slice import Slice, at

COVERED = {
    "OF_PLACE": ("place",),
    "OF_DISTANCE": ("distance",),
    "OF_NEEDLING": ("needling",),
    "OF_MOXA": ("moxa",),
    "OF_DOSES": ("needling", "moxa"),
}


# --- reading a note ------------------------------------------------------------------------------


@dataclass(slots=True)
class Draft:
    """A point that a note names: its printed name and the words about it alone, in the text
    without remarks.
    """

    block: int
    key: str
    sense: Sense | None
    candidates: tuple[str, ...]
    head: tuple[int, int]
    start: int
    end: int
    described: bool
    flags: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Book:
    """What the notes of a witness say, before references are followed."""

    page: Page
    drafts: list[Draft] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    scopes: list[tuple[int, Scope, int]] = field(default_factory=list)
    """(position, scope, block): which points the words from there on are about."""
    unparsed: list[tuple[int, int]] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    """Of each block: where it stands in the text without remarks."""
    ids: list[str] = field(default_factory=list)

    def subjects(self, witness: Witness) -> list[Subject]:
        """The points for the reference stage; entry ids are given here."""
        standard = lexicon().standard
        seq: Counter[tuple[int | None, int]] = Counter()
        found: list[Subject] = []
        for draft in self.drafts:
            paragraph, number = self.where(draft.block)
            section = paragraph.number if paragraph else None
            seq[section, number] += 1
            entry_id = (
                f"{witness.spec.siglum}/{section or 0:02d}.{number}/{seq[section, number]:03d}"
            )
            self.ids.append(entry_id)
            code = draft.sense.code if draft.sense else None
            names = {draft.key} | ({folded(standard[code])} if code else set())
            channel = paragraph.channel if paragraph else ""
            found.append(Subject(entry_id, frozenset(names), code, draft.block, channel))
        return found

    def where(self, block: int) -> tuple[Paragraph | None, int]:
        """Paragraph and circled number of a block."""
        at = self.page.blocks[block].paragraph
        return (None if at is None else self.page.paragraphs[at]), self.page.blocks[block].number

    def members(self, scope: Scope, block: int) -> list[int]:
        """The drafts a scope speaks of, as far as it names them or means all."""
        mine = [i for i, draft in enumerate(self.drafts) if draft.block == block]
        if scope.kind != "these":
            return mine
        named = [i for i in mine if self.drafts[i].key in scope.names]
        return list(dict.fromkeys((*scope.members, *named)))


def read_notes(witness: Witness, main: Text, page: Page, remarks: Sequence[Remark]) -> Book:
    """Read the notes of a page, the editors' remarks lifted out.

    附分，在第二椎下，… gives a draft and statements on its place, channel and doses.
    """
    book = Book(page)
    for index, block in enumerate(page.blocks):
        start = shifted(block.start, remarks)
        end = shifted(block.end, remarks)
        book.spans.append((start, end))
        tree, failed = parse(GRAMMAR, "entry", main.chars, start, end)
        paragraph, _ = book.where(index)
        channel = paragraph.channel if paragraph else ""
        context = context_of_words(main.chars[start:end], channel)
        _Reader(witness, main, book, index, context, end).read(tree)
        for place in failed:
            where = Slice(main, *place)
            book.unparsed.append(where.source)
            message = f"not understood: {where.words}"
            book.diagnostics.append(at("clause-unparsed", where, message, witness.spec.siglum))
    return book


BEFORE_PLACE = frozenset({"PUNCTUATION", "head", "list", "subject", "NEXT", "UPTO", "RANGE", ""})
"""What stands before words that place a point: no value, in the middle of which they would be."""


class _Reader:
    """Reads the tree of one note: names, scopes and clauses in their order."""

    def __init__(
        self, witness: Witness, main: Text, book: Book, block: int, context: Context, end: int
    ):
        self.siglum = witness.spec.siglum
        self.main = main
        self.book = book
        self.block = block
        self.first = len(book.drafts)
        """Index of the first draft of the note."""
        self.context = context
        self.end = end
        self.scope: Scope | None = None
        self.group: Scope | None = None
        self.listed = False
        self.here: int | None = None
        self.opened = (0, 0)
        self.named = False
        self.fresh = False
        self.each = False
        self.placing = False
        self.talk = False
        self.held: tuple[int, int] | None = None
        self.clause: list[Token] = []
        self.last: tuple[Statement, ...] = ()
        self.after = ""

    def read(self, tree: Tree[Token]) -> None:
        for node in tree.children:
            kind = node.type if isinstance(node, Token) else str(node.data)
            if isinstance(node, Token) and kind in ("TEXT", "PLACED", "DISCOURSE"):
                self.clause.append(node)
                continue
            if kind == "UPTO" and isinstance(node, Token):
                self.upto(node)
                continue
            self.flush(str(node) if kind == "PUNCTUATION" else "")
            self.after = kind
            if kind == "PUNCTUATION":
                continue
            getattr(self, f"on_{kind.lower()}")(node)
            if kind not in ("APART", "SPREAD"):
                self.placing = False
                self.held = None
        self.flush("。")
        if self.here is not None:
            self.close(self.end)

    # --- points ----------------------------------------------------------------------------------

    def draft(self, token: Token, described: bool) -> int:
        """The entry for a name; a head takes over the entry of the list."""
        a, b = bounds(token)
        key = str(token)
        sense, candidates = sense_of(key, self.context)
        drafts = self.book.drafts
        index = self.known(key, sense)
        if index is None:
            drafts.append(Draft(self.block, key, sense, candidates, (a, b), a, b, described))
            return len(drafts) - 1
        old = drafts[index]
        if described and not old.described:
            drafts[index] = Draft(self.block, key, sense, candidates, (a, b), a, b, True, old.flags)
        return index

    def known(self, key: str, sense: Sense | None) -> int | None:
        """The draft of the note for a name or for the point it stands for."""
        drafts = self.book.drafts
        for index in range(self.first, len(drafts)):
            old = drafts[index]
            if old.key == key or (sense and old.sense and old.sense.code == sense.code):
                return index
        return None

    def close(self, at: int) -> None:
        """End the words about the point in hand."""
        if self.here is None:
            return
        draft = self.book.drafts[self.here]
        chars = self.main.chars
        while at > draft.head[1] and chars[at - 1] in "\n、』」":
            at -= 1
        if self.opened == draft.head:
            draft.end = max(draft.end, at)

    def on_head(self, node: Tree[Token]) -> None:
        token = tokens(node, "HEAD")[0]
        self.group = None
        self.close(bounds(token)[0])
        index = self.draft(token, True)
        self.here, self.opened = index, bounds(token)
        self.about(Scope("these", at=index, members=(index,)), bounds(node)[0], named=False)
        for count in tokens(node, "COUNT"):
            self.count(count)

    def on_list(self, node: Tree[Token]) -> None:
        self.close(bounds(node)[0])
        named = tokens(node, "NAMED")
        before = len(self.book.drafts)
        members = tuple(dict.fromkeys(self.draft(t, False) for t in named))
        for t, index in zip(named, members, strict=False):
            if index >= before and len(members) > 1:
                self.book.drafts[index].end = bounds(t)[1]
        self.here = members[0] if len(members) == 1 else None
        self.opened = bounds(named[0])
        self.about(Scope("these", at=members[0], members=members), bounds(node)[0], named=False)
        self.listed = len(members) > 1
        for tail in tokens(node, "LIST_TAIL"):
            number = integer(regex.sub(f"[^{NUMERAL}]", "", tail))
            if number and ("各" in tail or len(members) == 1) and "穴" in tail:
                self.count(tail)
            elif number and "左右" not in tail and "各" not in tail:
                self.check_list(number, len(members), self.where(node))

    def check_list(self, number: int, found: int, where: Slice) -> None:
        if number not in (found, len(self.book.drafts) - self.first):
            message = f"the list is said to have {number} points and names {found}"
            self.report("list-count-differs", message, where)

    def report(self, code: str, message: str, where: Slice) -> None:
        self.book.diagnostics.append(at(code, where, message, self.siglum))

    def where(self, node: Node) -> Slice:
        return Slice(self.main, *bounds(node))

    def count(self, token: Token) -> None:
        number = integer(regex.sub(f"[^{NUMERAL}]", "", token))
        if number is not None:
            self.state([(Count(number), self.where(token))])

    def on_sides(self, token: Token) -> None:
        """左右二也: one point on either side."""
        single = self.scope is not None and len(self.scope.members) == 1
        if single and integer(regex.sub(f"[^{NUMERAL}]", "", token)) == 2:
            draft = self.scope.members[0] if self.scope else 0
            stated = any(
                isinstance(statement.says, Count) and draft in scope_of(statement).members
                for statement in self.book.statements
            )
            if not stated:
                self.count(token)

    # --- scopes ----------------------------------------------------------------------------------

    def about(self, scope: Scope, at: int, named: bool = True) -> None:
        """Turn to other points; ``named``: for a clause, not as head or list of what follows."""
        self.scope = scope = replace(scope, block=self.block)
        self.named = named
        self.listed = False
        self.fresh = True
        self.each = False
        self.book.scopes.append((at, scope, self.block))

    def on_subject(self, node: Tree[Token]) -> None:
        named = tokens(node, "SUBJECT")
        at = bounds(node)[0]
        if self.main.chars[at - 1 : at] == "\n":
            self.close(at)
            self.here = None
        members = []
        for token in named:
            key, sense = str(token), sense_of(str(token), self.context)[0]
            index = self.known(key, sense)
            if index is None and len(named) == 1 and self.here is None:
                index = self.here = self.draft(token, True)
                self.opened = bounds(token)
            members.append(index if index is not None else key)
        found = tuple(m for m in members if isinstance(m, int))
        names = tuple(m for m in members if isinstance(m, str))
        self.about(Scope("these", names, self.here, found), at)

    def on_all(self, token: Token) -> None:
        self.wide("all", token)
        self.group = self.scope

    def on_rest(self, token: Token) -> None:
        at = bounds(token)[0]
        self.about(Scope("rest", at=self.here), at)

    def on_next(self, token: Token) -> None:
        self.wide("next", token)

    def wide(self, kind: Literal["all", "next"], token: Token) -> None:
        at = bounds(token)[0]
        if self.main.chars[at - 1 : at] == "\n":
            self.close(at)
            self.here = None
        count = integer(regex.sub(f"[^{NUMERAL}]", "", token))
        self.about(Scope(kind, at=self.here, count=count), at)

    def on_same(self, token: Token) -> None:
        """下十二穴并同: what was just said holds for the next twelve."""
        count = integer(regex.sub(f"[^{NUMERAL}]", "", token))
        scope = Scope("next", at=self.here, count=count, block=self.block)
        where = self.where(token)
        self.book.statements += (Statement(scope, said.says, where) for said in self.last)

    def on_range(self, token: Token) -> None:
        ends = regex.match("自(.+?)(?:以?下)?至(.+?)，?$", str(token))
        assert ends is not None
        self.about(Scope("range", (ends[1], ends[2]), self.here), bounds(token)[0])

    def upto(self, token: Token) -> None:
        """在第四肋端下至太一，各…: the words place the point in hand, what follows is said of all
        up to the one named.
        """
        a, b = bounds(token)
        name = str(token).removeprefix("下至").rstrip("，")
        start = bounds(self.clause[0])[0] if self.clause else a
        placed = self.placing or bool(self.clause and self.clause[0].type == "PLACED")
        self.clause = []
        if placed and self.scope is not None:
            self.place(Slice(self.main, start, b), distance=False)
        if self.here is not None:
            self.about(Scope("upto", (name,), self.here), a)

    def on_each(self, token: Token) -> None:
        """并, 各: of the points just named for the clause, else of all."""
        if not (self.fresh and self.named):
            self.about(Scope("all", at=self.here), bounds(token)[0])
        self.each = True

    # --- clauses ---------------------------------------------------------------------------------

    def state(self, said: Sequence[Said]) -> None:
        """Say something of the points in hand."""
        if self.scope is None or not said:
            return
        scope = replace(self.scope, carried=not (self.fresh or self.each))
        self.last = tuple(Statement(scope, *one) for one in said)
        self.book.statements += self.last
        self.fresh = self.each = False

    def place(self, where: Slice, distance: bool, lead: bool = False) -> None:
        where = trimmed(where)
        if where.words.endswith("也"):
            where = replace(where, end=where.end - 1)
        words = where.verbatim
        if words:
            self.state([(Place(words, distance, lead), where)])

    def flush(self, sign: str) -> None:
        """A clause of free words places the point if it opens like a place or goes on with one."""
        clause, self.clause = self.clause, []
        stop = "。" in sign or "\n" in sign
        if clause and self.scope is not None:
            a, b = bounds(clause[0])[0], bounds(clause[-1])[1]
            opens = clause[0].type == "PLACED" and self.after in BEFORE_PLACE and not self.listed
            opens = opens and self.scope.kind not in ("all", "rest")
            closed = self.main.chars[b - 1] == "也"
            if self.talk or clause[0].type == "DISCOURSE":
                self.placing, self.held, self.talk = False, None, True
            elif self.placing or opens:
                begin = self.held[0] if self.held and a - self.held[1] <= 1 else a
                self.place(Slice(self.main, begin, b), distance=False)
                self.placing, self.held = not closed, None
            elif self.main.chars[b - 1] == "者" and not self.listed:
                self.held = (a, b)
            else:
                self.held = None
        if stop:
            self.placing, self.held, self.talk = False, None, False

    def on_apart(self, token: Token) -> None:
        self.place(self.where(token), distance=True, lead=self.listed)
        self.placing = self.scope is not None and not str(token).endswith("也")

    def on_spread(self, token: Token) -> None:
        if str(token).startswith("此"):
            self.about(Scope("all", at=self.here), bounds(token)[0])
            self.place(self.where(token), distance=False, lead=True)
        else:
            self.place(self.where(token), distance=False, lead=self.listed)
        self.placing = False

    def on_channels(self, node: Tree[Token]) -> None:
        self.state([(channel, self.where(node)) for channel in channel_values(node)])

    def on_qi(self, node: Tree[Token]) -> None:
        where = self.where(node)
        name = ch.plain(where.words.removesuffix("氣也"))
        name = self.context.section_channel if name == "本經" else ch.canonical(name)
        if name:
            self.state([(Channel(name, "脈氣所發"), where)])

    def doses(self, node: Tree[Token]) -> None:
        found: list[Said] = []
        for says, where in doses(node, self.main):
            if isinstance(says, Dose) and says.least is None:
                self.report("numeral-unreadable", f"no number: {where.words}", where)
            else:
                found.append((says, where))
        if found:
            self.state(found)

    on_needling = on_retention = on_forbidden = doses

    def on_moxa(self, node: Tree[Token]) -> None:
        if any("炙" in t for t in tokens(node, "MOXA")) and self.here is not None:
            self.book.drafts[self.here].flags.append("misprint_suspected")
        self.doses(node)

    def on_warning(self, node: Tree[Token]) -> None:
        self.words(Warns, node)

    def on_posture(self, node: Tree[Token]) -> None:
        self.words(Posture, node)

    def words(self, kind: type[Words], node: Tree[Token]) -> None:
        self.state(list(in_words(kind)(node, self.main)))

    def on_office(self, node: Tree[Token]) -> None:
        self.state([(Office("募"), self.where(node))])

    def on_if_moxa(self, token: Token) -> None:
        """若灸者 opens a clause: after an exception (臨泣留七呼) on the set again (此五者)."""
        last = self.last
        retained = all(isinstance(s.says, Dose) and s.says.act == "retention" for s in last)
        carried = any(scope_of(s).carried for s in last)
        excepted = self.named and not self.fresh and last and retained and not carried
        if self.group is not None and excepted:
            self.about(self.group, bounds(token)[0])

    def on_reference(self, node: Tree[Token]) -> None:
        kinds = [t.type for t in node.children if isinstance(t, Token)]
        model = str(tokens(node, "MODEL")[0])
        covers = dict.fromkeys(c for kind in kinds for c in COVERED.get(kind, ()))
        if "AND" in kinds and kinds[kinds.index("AND") + 1] not in COVERED:
            # 相去及如肺俞法: 及 joins a word that is lost, which can only be 刺.
            covers["needling"] = None
        if any("遠近" in way for way in tokens(node, "WAY")):
            covers = {"distance": None}
        its = [str(t) for t in tokens(node, "ITS")]
        if self.scope is None or (its and its != ["此"]):
            self.about(Scope("all", at=self.here), bounds(node)[0])
        assert self.scope is not None
        says = replace(self.target(model), covers=tuple(covers or refer.COVERS))
        self.book.statements.append(Statement(self.scope, says, self.where(node)))
        self.fresh = self.each = False

    def target(self, model: str) -> Model:
        cited = place_of(model)
        if cited:
            return Model("work", model, *cited)
        bare = model.removesuffix("中")
        name = ch.canonical(ch.plain(bare))
        if bare == "脈":
            return Model("channel", "")
        if regex.fullmatch(f"(?:{CHANNEL})脈?", bare):
            return Model("channel", name)
        sense, _ = sense_of(model, self.context)
        return Model("point", folded(lexicon().standard[sense.code]) if sense else model)
