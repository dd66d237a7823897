"""Encyclopedia articles on a channel, in Markdown: headed prose and a list of its points."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import regex
from lark.lexer import Token

from pipeline.genres.stages import Stage
from pipeline.judging.check import check, repeated
from pipeline.judging.counts import Part, Stated, declarations, reasons, sections, stated
from pipeline.judging.cover import cover
from pipeline.knowledge.channels import canonical, plain
from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.tables import table
from pipeline.knowledge.vocabulary import office_of, relation_of, unsaid
from pipeline.model import (
    Change,
    Claim,
    Diagnostic,
    Entry,
    Kind,
    Result,
    Text,
    Witness,
)
from pipeline.reading.names import Context, resolve
from pipeline.reading.parse import bounds, parse
from pipeline.reading.rows import Home, entry_of
from pipeline.reading.statements import Channel, Head, Office, PointId, Remark, Said, Statement
from pipeline.reading.values import trimmed
from pipeline.sources.normalize import damage, layer_of
from pipeline.text.layer import span
from pipeline.text.slice import Slice, at

GRAMMAR = "wiki"
HEADING = regex.compile(r"^#[^#\n]*#(?P<title>[^\n]*)", regex.M)
QUOTATION = regex.compile(
    r"^(?:\d+[.．、]|[-*+])?(?P<title>《[^》\n]+》)：[^\n]*(?:\n(?![#\d*+-])[^\n]+)*", regex.M
)
RELATIONS = ("NETWORK", "CLEFT")


@dataclass(frozen=True, slots=True)
class Lead:
    """What an article is about: its name, the channel, empty where none is known; its points."""

    name: str
    channel: str
    items: tuple[Item, ...]


def lead(layer: Text) -> Lead:
    """The name that an article begins with, and the items of its lists."""
    opening = regex.match(r"\s*(?P<name>\p{Han}*)", layer.chars)
    channel = canonical(opening["name"]) if opening else ""
    if channel not in {row["canonical"] for row in table("authority/channels.tsv")}:
        channel = ""
    return Lead(opening["name"] if opening else "", channel, tuple(find_items(layer)))


def entries(witness: Witness, layer: Text, lead: Lead) -> Result:
    """An entry for each item: 1. 湧泉，井穴 → 湧泉, 井."""
    found, claims, unread = read_items(witness.spec.siglum, layer, lead.items, lead.channel)
    return Result(entries=tuple(found), claims=tuple(claims), diagnostics=tuple(unread))


def names(layer: Text, lead: Lead, entries: Result) -> Result:
    """Names as points, homonyms by the channel of the article: 湧泉 → KI1."""
    raw = entries.entries
    context = Context(channels=frozenset(filter(None, [lead.channel])))
    keys = [layer.chars[slice(*item.head)] for item in lead.items]
    declared = _declared(layer)
    counts = {0: declared.number if declared else None}
    found, said = resolve(raw, keys, [context] * len(raw), [0] * len(raw), counts)
    found = [
        replace(one, name_basis="restored") if "misprint_suspected" in one.flags else one
        for one in found
    ]
    return replace(entries, entries=tuple(found), diagnostics=(*entries.diagnostics, *said))


def checked(witness: Witness, layer: Text, lead: Lead, names: Result) -> Result:
    """Sections, counts, and what cannot be right."""
    siglum, text = witness.spec.siglum, layer
    parts = _parts(siglum, text, lead.items, names.entries, lead.name)
    rows = sections(siglum, parts)
    found, said = check(siglum, text, rows, names.entries)
    counted = declarations(siglum, parts, reasons)
    diagnostics = (*names.diagnostics, *counted, *said, *repeated(found))
    return replace(names, sections=rows, entries=tuple(found), diagnostics=diagnostics)


def result(witness: Witness, layer: Text, entries: Result, checked: Result) -> Result:
    """All of it, and what each part of the text became."""
    blocks: list[tuple[int, int, Kind]] = [(0, len(witness.text), "prose")]
    blocks += [(*span(layer, *m.span()), "heading") for m in HEADING.finditer(layer.chars)]
    blocks += [(entry.start, entry.end, "entry") for entry in checked.entries]
    unread = [(d.start, d.end) for d in entries.diagnostics]
    return replace(
        checked,
        witnesses=(witness,),
        coverage=cover(witness, layer, blocks, unread),
        diagnostics=(*damage(witness), *checked.diagnostics),
    )


ARTICLE = (
    Stage("layer", layer_of),
    Stage("lead", lead),
    Stage("entries", entries),
    Stage("names", names),
    Stage("checked", checked),
    Stage("result", result),
)


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list of points: its name and the whole of it."""

    head: tuple[int, int]
    start: int
    end: int


def find_items(text: Text) -> list[Item]:
    """The items of every list most of whose items begin with the name of a point."""
    runs: list[list[Item]] = []
    known = lexicon().senses
    for match in pattern("point-of-list").finditer(text.chars):
        item = Item(match.span("name"), *match.span())
        if runs and runs[-1][-1].end + 1 == item.start:
            runs[-1].append(item)
        else:
            runs.append([item])
    return [
        item
        for run in runs
        if 2 * sum(text.chars[slice(*one.head)] in known for one in run) > len(run)
        for item in run
    ]


def read_items(
    siglum: str, text: Text, items: Sequence[Item], channel: str
) -> tuple[list[Entry], list[Claim], list[Diagnostic]]:
    """Entries, names not yet resolved, where their values and links stand, and what became none.

    What a point is in its channel goes where the classical books have it: 井穴 to ``shu``, 絡穴 and
    郄穴 to ``channels`` as 絡 and 郄 of the article's channel, 通於陰蹻脈 as a channel without
    relation; a second office (原穴) and all else (八脈交會穴) are remarks. Of an article whose
    channel is not known 絡穴 and 郄穴 are no value.
    """
    links = list(_links(text))
    entries: list[Entry] = []
    claims: list[Claim] = []
    unread: list[Diagnostic] = []
    for seq, item in enumerate(items, 1):
        head = Slice(text, *item.head)
        start, end = span(text, item.start, item.end)
        first, last = (bisect_left(links, (at,)) for at in (start, end + 3))
        end = max([end, *(stop for _, _, stop in links[first:last])])
        home = Home(f"{siglum}/00/{seq:03d}", siglum, None, seq, head, (start, end))
        said: list[Said] = [(Head(head.verbatim), head)]
        again = False
        for token in _categories(text, item):
            if token.type in RELATIONS and not channel:
                unread.append(_channelless(home, Slice(text, *bounds(token))))
                continue
            said.append(_category(token, text, channel, again))
            again = again or isinstance(said[-1][0], Office)
        entry, found, _ = entry_of(home, [Statement(PointId(head.start), *one) for one in said])
        entries.append(entry)
        claims += found
        claims += (
            Claim(home.entry_id, "link", link, "direct", None, link, a, b)
            for a, b, _ in links[first : bisect_left(links, (end,))]
            for link in (text.source[a:b],)
        )
    return entries, claims, unread


def _channelless(home: Home, where: Slice) -> Diagnostic:
    message = f"the channel is not known: {where.words}"
    return at("dose-unread", where, message, home.witness, "error", home.entry_id)


def _categories(text: Text, item: Item) -> Iterator[Token]:
    """What stands after the name, token by token."""
    tree, _ = parse(GRAMMAR, "entry", Slice(text, item.head[1], item.end))
    for node in tree.children:
        if isinstance(node, Token) and node.type not in ("STOP", "TEXT"):
            yield node


def _category(token: Token, text: Text, channel: str, again: bool) -> Said:
    """What a token says of the point; ``again``: its office was named before."""
    where = Slice(text, *bounds(token))
    if token.type in ("OFFICE", "FRONT") and not again:
        office = "募" if token.type == "FRONT" else regex.sub("^五|穴$", "", where.words)
        return Office(office_of(office)), where
    if token.type in RELATIONS:
        return Channel(channel, relation_of(token.type)), where
    if token.type == "OPENS":
        other = canonical(plain(regex.sub("^[通交][於于]?", "", where.words)))
        return Channel(other, unsaid()), where
    where = trimmed(where)
    return Remark(where.verbatim), where


def _links(text: Text) -> Iterator[tuple[int, int, int]]:
    """Of each link the place of its target in the source, and where its markup ends."""
    for step in text.log:
        if isinstance(step, Change) and step.rule == "markup" and step.before.startswith("]("):
            target = regex.match(r"\]\(([^ ]*?)(?: |\)$)", step.before)
            if target and text.source[step.start : step.end] == step.before:
                yield step.start + target.start(1), step.start + target.end(1), step.end


# --- sections ------------------------------------------------------------------------------------


def _parts(
    siglum: str, text: Text, items: Sequence[Item], entries: Sequence[Entry], name: str
) -> list[Part]:
    """The lead, the headed parts and the quotations of an article, these inside the part they stand
    in; the article's own count of points (左右各27個腧穴) goes with the part that lists them.
    """
    parts: list[Part] = []
    declared = _declared(text)
    begins = [item.start for item in items]
    listing = False
    for index, (title, a, b) in enumerate(_places(text, name)):
        held = entries[bisect_left(begins, a) : bisect_left(begins, b)]
        said = declared if held and not listing else None
        listing = listing or bool(held)
        start, end = span(text, a, b)
        start = 0 if (title, a) == (name, 0) else start
        number = said.number if said else None
        label = f"{siglum}/s{index:03d}"
        parts.append(Part(label, title, start, end, held, declared=number, stated=said))
    return parts


def _declared(text: Text) -> Stated | None:
    """How many points an article says its channel has."""
    return next(iter(stated("channel", Slice(text, 0, len(text.chars)))), None)


def _places(text: Text, name: str) -> list[tuple[str, int, int]]:
    """Title, start and end of each part, in order."""
    chars = text.chars
    heads = list(HEADING.finditer(chars))
    stops = [*(head.start() for head in heads), len(chars)]
    places = [(name, 0, stops[0])] if chars[: stops[0]].strip() else []
    for head, stop in zip(heads, stops[1:], strict=True):
        title = Slice(text, *head.span("title")).verbatim
        while chars[stop - 1].isspace():
            stop -= 1
        places.append((title, head.start(), stop))
    for quotation in QUOTATION.finditer(chars):
        title = Slice(text, *quotation.span("title")).verbatim
        places.append((title, quotation.start("title"), quotation.end()))
    return sorted(places, key=lambda place: place[1])
