"""Encyclopedia articles on a channel, in Markdown: headed prose and a list of its points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import regex
from lark.lexer import Token

from pipeline.judging.check import check, points_of, repeated
from pipeline.judging.cover import cover
from pipeline.knowledge.channels import canonical, plain
from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.numerals import NUMERAL, integer
from pipeline.knowledge.tables import table
from pipeline.model import (
    Change,
    Claim,
    Diagnostic,
    Entry,
    Kind,
    Result,
    SectionRow,
    Text,
    Witness,
)
from pipeline.reading.names import resolve
from pipeline.reading.parse import bounds, parse
from pipeline.reading.rows import Home, entry_of
from pipeline.reading.statements import Channel, Head, Office, Remark, Said, Statement
from pipeline.reading.values import OFFICES, trimmed
from pipeline.sources.normalize import normalize
from pipeline.text.layer import span, verbatim
from pipeline.text.slice import Slice

GRAMMAR = "wiki"
HEADING = regex.compile(r"^#[^#\n]*#(?P<title>[^\n]*)", regex.M)
ITEM = regex.compile(
    r"^(?:\d+[.．、]|[-*+])(?P<name>\p{Han}{1,6})(?![^，、。；（\n])[^\n]*", regex.M
)
QUOTATION = regex.compile(
    r"^(?:\d+[.．、]|[-*+])?(?P<title>《[^》\n]+》)：[^\n]*(?:\n(?![#\d*+-])[^\n]+)*", regex.M
)
DECLARED = regex.compile(
    rf"(?P<sides>左右各有?|一[侧側]各?有?)?(?(sides)|共有?)(?P<number>\d{{1,9}}|[{NUMERAL}]{{1,9}})[個个]?[腧俞輸]?穴"
)
RELATIONS = {"NETWORK": "絡", "CLEFT": "郄"}


def extract(witness: Witness) -> Result:
    """Everything one witness holds: 1. 湧泉，井穴 → 湧泉 KI1, 井."""
    text, diagnostics = normalize(witness)
    lead = regex.match(r"\s*(?P<name>\p{Han}*)", text.chars)
    channel = canonical(lead["name"]) if lead else ""
    if channel not in {row["canonical"] for row in table("authority/channels.tsv")}:
        channel = ""
    items = find_items(text)
    raw, claims = read_items(witness.spec.siglum, text, items, channel)
    entries, named = _resolve(raw, text, items, channel)
    sections, counted = _sections(witness, text, items, entries, lead["name"] if lead else "")
    entries, checked = check(text, sections, entries)
    blocks: list[tuple[int, int, Kind]] = [(0, len(witness.text), "prose")]
    blocks += [(*span(text, *m.span()), "heading") for m in HEADING.finditer(text.chars)]
    blocks += [(entry.start, entry.end, "entry") for entry in entries]
    return Result(
        witnesses=(witness,),
        sections=sections,
        entries=tuple(entries),
        claims=tuple(claims),
        coverage=cover(witness, text, blocks),
        diagnostics=(*diagnostics, *named, *counted, *checked, *repeated(entries)),
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
    for match in ITEM.finditer(text.chars):
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
) -> tuple[list[Entry], list[Claim]]:
    """Entries, names not yet resolved, and where their values and links stand.

    What a point is in its channel goes where the classical books have it: 井穴 to ``shu``, 絡穴 and
    郄穴 to ``channels`` as 絡 and 郄 of the article's channel, 通於陰蹻脈 as a channel without
    relation; a second office (原穴) and all else (八脈交會穴) are remarks.
    """
    links = list(_links(text))
    entries: list[Entry] = []
    claims: list[Claim] = []
    for seq, item in enumerate(items, 1):
        head = Slice(text, *item.head)
        start, end = span(text, item.start, item.end)
        end = max([end, *(stop for a, _, stop in links if start <= a < end + 3)])
        home = Home(f"{siglum}/00/{seq:03d}", siglum, None, seq, head, (start, end))
        said: list[Said] = [(Head(head.verbatim), head)]
        for token in _categories(text, item):
            again = any(isinstance(says, Office) for says, _ in said)
            said.append(_category(token, text, channel, again))
        entry, found = entry_of(home, [Statement(seq - 1, *one) for one in said])
        entries.append(entry)
        claims += found
        claims += (
            Claim(home.entry_id, "link", link, "direct", None, link, a, b)
            for a, b, _ in links
            if start <= a < end
            for link in (text.source[a:b],)
        )
    return entries, claims


def _categories(text: Text, item: Item) -> Iterator[Token]:
    """What stands after the name, token by token."""
    tree, _ = parse(GRAMMAR, "entry", text.chars, item.head[1], item.end)
    for node in tree.children:
        if isinstance(node, Token) and node.type not in ("STOP", "TEXT"):
            yield node


def _category(token: Token, text: Text, channel: str, again: bool) -> Said:
    """What a token says of the point; ``again``: its office was named before."""
    where = Slice(text, *bounds(token))
    if token.type in ("OFFICE", "FRONT") and not again:
        office = "募" if token.type == "FRONT" else regex.sub("^五|穴$", "", where.words)
        return Office(OFFICES.get(office, office)), where
    if token.type in RELATIONS and channel:
        return Channel(channel, RELATIONS[token.type]), where
    if token.type == "OPENS":
        other = canonical(plain(regex.sub("^[通交][於于]?", "", where.words)))
        return Channel(other, "其他"), where
    where = trimmed(where)
    return Remark(where.verbatim), where


def _links(text: Text) -> Iterator[tuple[int, int, int]]:
    """Of each link the place of its target in the source, and where its markup ends."""
    for step in text.log:
        if isinstance(step, Change) and step.rule == "markup" and step.before.startswith("]("):
            target = regex.match(r"\]\(([^ ]*?)(?: |\)$)", step.before)
            if target and text.source[step.start : step.end] == step.before:
                yield step.start + target.start(1), step.start + target.end(1), step.end


def _resolve(
    raw: Sequence[Entry], text: Text, items: Sequence[Item], channel: str
) -> tuple[list[Entry], list[Diagnostic]]:
    """Names to points, homonyms by the channel of the article. A misprint is a name restored."""
    placed = [replace(entry, channels=(f"{channel}:其他",) * bool(channel)) for entry in raw]
    keys = [text.chars[slice(*item.head)] for item in items]
    found, diagnostics = resolve(placed, keys, [""] * len(placed))
    entries = []
    for entry, own in zip(found, raw, strict=True):
        misprint = "misprint_suspected" in entry.flags
        basis = "restored" if misprint else entry.name_basis
        entries.append(replace(entry, channels=own.channels, name_basis=basis))
    return entries, diagnostics


# --- sections ------------------------------------------------------------------------------------


def _sections(
    witness: Witness, text: Text, items: Sequence[Item], entries: Sequence[Entry], name: str
) -> tuple[tuple[SectionRow, ...], list[Diagnostic]]:
    """The lead, the headed parts and the quotations of an article, these inside the part they stand
    in; the article's own count of points (左右各27個腧穴) goes with the part that lists them.
    """
    chars = text.chars
    heads = list(HEADING.finditer(chars))
    places: list[tuple[str, int, int]] = []
    first = heads[0].start() if heads else len(chars)
    if chars[:first].strip():
        places.append((name, 0, first))
    for head in heads:
        after = HEADING.search(chars, head.end())
        stop = after.start() if after else len(chars)
        title = verbatim(witness.text, text, *head.span("title"))
        places.append((title, head.start(), len(chars[:stop].rstrip())))
    for quotation in QUOTATION.finditer(chars):
        title = verbatim(witness.text, text, *quotation.span("title"))
        places.append((title, quotation.start("title"), quotation.end()))
    places.sort(key=lambda place: place[1])
    declared = DECLARED.search(chars)
    number = _number(declared) if declared else None
    listing = next(
        (i for i, (_, a, b) in enumerate(places) if any(a <= item.start < b for item in items)),
        None,
    )
    rows: list[SectionRow] = []
    diagnostics: list[Diagnostic] = []
    for index, (title, a, b) in enumerate(places):
        inside = [e for e, item in zip(entries, items, strict=True) if a <= item.start < b]
        counted = sum(map(points_of, inside)) if inside else None
        said = number if index == listing else None
        start, end = span(text, a, b)
        if (title, a) == (name, 0):
            start = 0
        status = "undeclared"
        if said is not None:
            status = "reconciled" if said == counted else "differs"
        rows.append(
            SectionRow(
                section_id=f"{witness.spec.siglum}/s{index:03d}",
                witness=witness.spec.siglum,
                juan="",
                number=None,
                title=title,
                start=start,
                end=end,
                declared_points=said,
                counted_points=counted,
                entries=len(inside),
                status=status,
            )
        )
        if declared and status == "reconciled":
            printed = verbatim(witness.text, text, *declared.span())
            message = f"{printed}: {said} points, as the list of {len(inside)} names gives"
            where = (witness.spec.siglum, *span(text, *declared.span()))
            diagnostics.append(Diagnostic("points-declared", "info", message, *where))
    return tuple(rows), diagnostics


def _number(declared: regex.Match[str]) -> int | None:
    """The points an article declares; those of one side count for both."""
    printed = declared["number"]
    number = int(printed) if printed.isdecimal() else integer(printed)
    return number * (2 if declared["sides"] else 1) if number else None
