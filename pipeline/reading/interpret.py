"""From trees to entries: what each clause says, as typed values with the span it was read from."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import regex
from lark import Tree
from lark.lexer import Token

from pipeline.knowledge import channels as ch
from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.numerals import NUMERAL, integer, interval
from pipeline.model import (
    Claim,
    Diagnostic,
    Entry,
    EntrySegment,
    Note,
    NoteSegment,
    Reading,
    SectionSegment,
    Segments,
    Text,
    Witness,
)
from pipeline.reading.parse import parse
from pipeline.reading.segment import entry_source
from pipeline.sources.mandoku import page_of
from pipeline.sources.read import line_of, line_starts
from pipeline.text.layer import span, verbatim

RELATIONS = {
    "MEETING": "會",
    "ISSUE": "脈氣所發",
    "NETWORK": "絡",
    "CLEFT": "郄",
    "BORN": "所生",
    "KNOT": "結",
    "BELONGS": "別屬",
    "UNION": "合",
    "LEAVES": "別走",
}
TRANSPORT = {
    "出": "出",
    "溜": "溜",
    "留": "溜",
    "流": "溜",
    "注": "注",
    "過": "過",
    "行": "行",
    "入": "入",
}
OFFICES = {"榮": "滎", "輸": "俞"}
SIGNS = "，。、；：？！「」『』"


@dataclass(frozen=True, slots=True)
class Value:
    """One statement of a clause: column, value, place in the text it was parsed in."""

    field: str
    value: str
    start: int
    end: int


# --- clauses, shared by entries and notes --------------------------------------------------------


INCH = 10
"""A 寸 in 分."""


def depth_of(words: str) -> tuple[int, int] | None:
    """A measure in 分, least and most.

    >>> [depth_of(w) for w in ("一寸五分", "八九分", "半寸", "二寸半", "同身寸之三分")]
    [(15, 15), (8, 9), (5, 5), (25, 25), (3, 3)]
    """
    words = words.replace("同身寸之", "")
    if words == "半寸":
        return 5, 5
    match = regex.fullmatch(rf"(?:([{NUMERAL}]+)寸)?(?:([{NUMERAL}]+)分)?(半)?", words)
    if match is None or not (match[1] or match[2]):
        return None
    inches = interval(match[1]) if match[1] else (0, 0)
    tenths = interval(match[2]) if match[2] else (0, 0)
    if inches is None or tenths is None:
        return None
    half = 5 if match[3] else 0
    return inches[0] * INCH + tenths[0] + half, inches[1] * INCH + tenths[1] + half


def bounds(node: Tree[Token] | Token) -> tuple[int, int]:
    """Where a node stands: every token of a clause is kept in its tree, so its ends are theirs."""
    first = last = node
    while isinstance(first, Tree):
        first = first.children[0]
    while isinstance(last, Tree):
        last = last.children[-1]
    assert first.start_pos is not None and last.end_pos is not None
    return first.start_pos, last.end_pos


def tokens(tree: Tree[Token], kind: str) -> list[Token]:
    """The direct tokens of a kind in a clause."""
    return [t for t in tree.children if isinstance(t, Token) and t.type == kind]


def channel_values(tree: Tree[Token]) -> list[tuple[str, str]]:
    """Channels and relations of a clause ``channels``: [(足太陽, 會), …].

    A list does not name one channel twice: in 足少陽（郄）少陽所生 the first has lost its relation.
    """
    names = [ch.plain(t) for t in tokens(tree, "CHANNEL")]
    relation = next(t for t in reversed(tree.children) if isinstance(t, Token))
    if relation.type == "TRANSPORT":
        said = TRANSPORT[next(c for c in relation if c in TRANSPORT)]
    else:
        said = RELATIONS[relation.type]
    found = ch.expand(names)
    values: list[tuple[str, str]] = []
    for position, (name, index) in enumerate(found):
        repeated = any(name == later and index < at for later, at in found[position + 1 :])
        values.append((name, "其他" if repeated else said))
    kept: list[tuple[str, str]] = []
    for (name, said), (_, index) in zip(values, found, strict=True):
        alone = (name, "其他") in kept and said != "其他"
        kept.append((ch.canonical(names[index]) if alone else name, said))
    if relation.type == "UNION":
        organ = regex.search("與(.+?)合", str(relation))
        assert organ is not None
        kept.append((organ.group(1), said))
    return kept


def forbidden(token: Token) -> list[str]:
    """The acts a prohibition names: needling, moxa or both."""
    acts = (("[刺鍼]", "needling_forbidden"), ("灸", "moxa_forbidden"))
    return [field for sign, field in acts if regex.search(sign, token)]


def doses(tree: Tree[Token]) -> Iterator[Value]:
    """The values of needling, retention, moxa and prohibition clauses."""
    start, end = bounds(tree)
    words = "".join(str(t) for t in tree.scan_values(lambda _: True))
    if tree.data == "needling":
        depth = depth_of(regex.sub("^可?逆?[刺鍼][可之]?入?", "", words))
        if depth:
            yield Value("depth_min_fen", str(depth[0]), start, end)
            yield Value("depth_max_fen", str(depth[1]), start, end)
        else:
            yield Value("unreadable", words, start, end)
    elif tree.data in ("retention", "moxa"):
        numbers = [interval(numeral) for numeral in regex.findall(f"[{NUMERAL}]+", words)]
        least, most = numbers[0], numbers[-1]
        if least is None or most is None:
            yield Value("unreadable", words, start, end)
        elif tree.data == "moxa":
            yield Value("moxa_min", str(least[0]), start, end)
            yield Value("moxa_max", str(most[1]), start, end)
        else:
            yield Value("retention_breaths", str(least[0]), start, end)
    elif tree.data == "forbidden":
        token = tree.children[0]
        assert isinstance(token, Token)
        for field in forbidden(token):
            yield Value(field, "true", start, end)


def trimmed(chars: str, start: int, end: int) -> tuple[int, int]:
    """A span without the signs at its ends."""
    while start < end and chars[start] in SIGNS + "\n":
        start += 1
    while start < end and chars[end - 1] in SIGNS + "\n":
        end -= 1
    return start, end


# --- entries -------------------------------------------------------------------------------------


def values_of(tree: Tree[Token], chars: str, stump: int = -1) -> Iterator[Value]:
    """The values of an entry in their order.

    Free words before the doses place the point. After them, words that lead to a prohibition are
    its condition (女子禁不可刺, 耳中有乾□抵，不可灸) and belong with what it warns of; other words
    are remarks. So is the stump of a clause that ends where the next entry was run in (``stump``).
    """
    nodes = list(tree.children)
    dosed = False
    i = 0
    while i < len(nodes):
        node = nodes[i]
        i += 1
        if isinstance(node, Token):
            if node.type == "LEAD_CHANNEL":
                yield from _lone(node)
            elif node.type == "TEXT":
                j = i
                while j < len(nodes) and _is(nodes[j], "TEXT"):
                    j += 1
                start, end = bounds(node)[0], bounds(nodes[j - 1])[1]
                i = j
                if end == stump:
                    yield Value("remarks", "", start, end)
                    continue
                if not dosed:
                    yield Value("location", "", start, end)
                    continue
                while j < len(nodes) and _is(nodes[j], "PUNCTUATION"):
                    j += 1
                if j < len(nodes) and _rule(nodes[j]) == "forbidden":
                    i = _condition(nodes, j)
                    for other in nodes[j:i]:
                        if _rule(other) == "forbidden":
                            assert isinstance(other, Tree)
                            yield from doses(other)
                    yield Value("warnings", "", start, bounds(nodes[i - 1])[1])
                else:
                    yield Value("remarks", "", start, end)
            continue
        yield from CLAUSES[str(node.data)](node, chars)
        dosed = dosed or node.data in DOSES


def _count(tree: Tree[Token], chars: str) -> Iterator[Value]:
    numeral = regex.sub(rf"[^{NUMERAL}]", "", str(tree.children[0]))
    yield Value("count", str(integer(numeral)), *bounds(tree))


def _phase(tree: Tree[Token], chars: str) -> Iterator[Value]:
    yield Value("phase", regex.sub("[^金木水火土]", "", str(tree.children[0])), *bounds(tree))


def _alias(tree: Tree[Token], chars: str) -> Iterator[Value]:
    named = tokens(tree, "ALIAS")
    cue = bounds(tokens(tree, "ALIAS_CUE")[0])[1]
    yield Value("aliases", "" if named else "□", *(bounds(named[0]) if named else (cue, cue)))
    for token in tokens(tree, "LEAD_CHANNEL"):
        yield from _lone(token)


def _office(tree: Tree[Token], chars: str) -> Iterator[Value]:
    sign = str(tree.children[0]).rstrip("也")[-1]
    yield Value("shu", OFFICES.get(sign, sign), *bounds(tree))


def _seat(tree: Tree[Token], chars: str) -> Iterator[Value]:
    words = str(tree.children[0])
    name = regex.sub("^在|郄?一空$", "", words)
    yield Value("location", "", *bounds(tree))
    relation = "郄" if "郄" in words else "其他"
    yield Value("channels", f"{ch.canonical(name)}:{relation}", *bounds(tree))


def _channels(tree: Tree[Token], chars: str) -> Iterator[Value]:
    for name, relation in channel_values(tree):
        yield Value("channels", f"{name}:{relation}", *bounds(tree))


def _branch(tree: Tree[Token], chars: str) -> Iterator[Value]:
    name = ch.plain(str(tree.children[1]).removesuffix("者"))
    yield Value("channels", f"{ch.canonical(name)}:別走", *bounds(tree))


def _lone_clause(tree: Tree[Token], chars: str) -> Iterator[Value]:
    for token in tokens(tree, "LONE_CHANNEL"):
        yield from _lone(token)


def _words(field: str) -> Callable[[Tree[Token], str], Iterator[Value]]:
    def clause(tree: Tree[Token], chars: str) -> Iterator[Value]:
        yield Value(field, "", *trimmed(chars, *bounds(tree)))

    return clause


def _dose(tree: Tree[Token], chars: str) -> Iterator[Value]:
    yield from doses(tree)


DOSES = ("needling", "retention", "moxa", "forbidden")
CLAUSES: dict[str, Callable[[Tree[Token], str], Iterator[Value]]] = {
    "count": _count,
    "phase": _phase,
    "alias": _alias,
    "office": _office,
    "role": _words("role"),
    "seat": _seat,
    "channels": _channels,
    "branch": _branch,
    "lone": _lone_clause,
    "warning": _words("warnings"),
    "posture": _words("posture"),
    **dict.fromkeys(DOSES, _dose),
}
"""What each rule of an entry means."""


def _lone(token: Token) -> Iterator[Value]:
    name = ch.plain(regex.sub("[經之]$", "", str(token)))
    yield Value("channels", f"{ch.canonical(name)}:其他", *bounds(token))


def _is(node: Tree[Token] | Token, kind: str) -> bool:
    return isinstance(node, Token) and node.type == kind


def _rule(node: Tree[Token] | Token) -> str:
    return "" if isinstance(node, Token) else str(node.data)


def _condition(nodes: Sequence[Tree[Token] | Token], i: int) -> int:
    """The end of a conditional prohibition: past its warnings, up to the next dose."""
    last = i + 1
    for j in range(i + 1, len(nodes)):
        if _rule(nodes[j]) in ("warning", "forbidden"):
            last = j + 1
        elif not isinstance(nodes[j], Token):
            break
    return last


LISTS = ("aliases", "channels", "posture", "warnings", "remarks")
NUMBERS = (
    "count",
    "depth_min_fen",
    "depth_max_fen",
    "retention_breaths",
    "moxa_min",
    "moxa_max",
)


def interpret(
    witness: Witness, text: Text, segments: Segments, grammar: str
) -> tuple[
    list[Entry], list[Note], list[Reading], list[Claim], list[tuple[int, int]], list[Diagnostic]
]:
    """Entries (names not yet resolved), notes, readings, claims, source spans nobody understood."""
    siglum, main = witness.spec.siglum, segments.main
    lines = line_starts(witness.text)
    ids = section_ids(segments.sections)
    lost = sorted(text.lost)
    entries: list[Entry] = []
    notes: list[Note] = []
    readings: list[Reading] = []
    claims: list[Claim] = []
    unparsed: list[tuple[int, int]] = []
    diagnostics: list[Diagnostic] = []
    free = set(range(len(segments.notes)))
    merged = {e.start for e in segments.entries if "merged_with_next" in e.flags}
    for segment in segments.entries:
        section = segments.sections[segment.section]
        entry_id = f"{siglum}/{ids[segment.section]}/{segment.seq:03d}"
        tree, failed = parse(grammar, "entry", main.chars, segment.head[1], segment.end)
        stump = segment.end if segment.end in merged else -1
        values = [*_head(main.chars, segment), *values_of(tree, main.chars, stump)]
        values = list(dict.fromkeys(_whole(main.chars, value, failed) for value in values))
        start, end = entry_source(main, segment, segments.notes)
        entry, found, complaints = build(
            witness, main, segment, section, entry_id, values, (start, end), lines
        )
        complaints += _not_understood(main, failed, siglum)
        cut_short = ["text_truncated"] if stump >= 0 else []
        flags = [*segment.flags, *cut_short, *damage(main, segment, values, lost, witness.text)]
        for order, n in enumerate(segment.notes, 1):
            free.discard(n)
            note = segments.notes[n]
            row = note_row(witness, text, note, f"{entry_id}/n{order}", entry_id, order)
            notes.append(row)
            said, failed = read_note(witness, text, note, row, grammar, values, segment)
            readings += said
            complaints += _not_understood(text, failed, siglum)
            if not note.closed:
                flags += ["text_truncated", "merged_with_next"]
            elif regex.search("缺", row.text):
                flags.append("text_truncated")
        entries.append(replace(entry, flags=tuple(dict.fromkeys(flags))))
        claims += found
        unparsed += [(d.start, d.end) for d in complaints if d.code == "clause-unparsed"]
        diagnostics += [replace(d, section=section.number, entry_id=entry_id) for d in complaints]
    for order, n in enumerate(sorted(free), 1):
        note = segments.notes[n]
        row = note_row(witness, text, note, f"{siglum}/n{order:04d}", None, order)
        notes.append(row)
        said, failed = read_note(witness, text, note, row, grammar, [], None)
        readings += said
        complaints = list(_not_understood(text, failed, siglum))
        unparsed += [(d.start, d.end) for d in complaints]
        diagnostics += complaints
    return entries, notes, readings, claims, unparsed, diagnostics


def _not_understood(
    text: Text, failed: Sequence[tuple[int, int]], siglum: str
) -> Iterator[Diagnostic]:
    for a, b in failed:
        message = f"not understood: {text.chars[a:b]}"
        yield Diagnostic("clause-unparsed", "warning", message, siglum, *span(text, a, b))


def _whole(chars: str, value: Value, failed: Sequence[tuple[int, int]]) -> Value:
    """A dose that runs on into what nobody understood is no dose (刺入一寸五 without 分)."""
    after = next((b for a, b in failed if a == value.end), None)
    if value.field not in NUMBERS or after is None:
        return value
    return Value("unreadable", chars[value.start : after], value.start, after)


def _head(chars: str, segment: EntrySegment) -> Iterator[Value]:
    """The channel that a head names: 手少陰郄 is the cleft of 手少陰."""
    match = regex.fullmatch(r"([手足][太少陽厥][陽陰明])郄", chars[slice(*segment.head)])
    if match:
        yield Value("channels", f"{ch.canonical(match.group(1))}:郄", *segment.head)


def section_ids(sections: Sequence[SectionSegment]) -> list[str]:
    """A short id for each section: its number, for repeated ones with a letter, else its place."""
    ids: list[str] = []
    used: dict[str, int] = {}
    for index, section in enumerate(sections):
        if section.number is None:
            base = f"s{index:03d}"
        elif section.declared is None:
            base = f"s{index:03d}.{section.number:02d}"
        else:
            base = f"{section.number:02d}"
        times = used.get(base, 0)
        used[base] = times + 1
        ids.append(base + (_letters(times) if times else ""))
    return ids


def _letters(number: int) -> str:
    """a, b, … z, aa, ab, …, from 0."""
    rest, last = divmod(number, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("a") + last)


def build(
    witness: Witness,
    main: Text,
    segment: EntrySegment,
    section: SectionSegment,
    entry_id: str,
    values: Sequence[Value],
    source: tuple[int, int],
    lines: array[int],
) -> tuple[Entry, list[Claim], list[Diagnostic]]:
    """One entry and its claims from the values of its clauses."""
    lists: dict[str, list[str]] = {field: [] for field in LISTS}
    numbers: dict[str, int] = {}
    words: dict[str, str] = {}
    location: list[str] = []
    banned: set[str] = set()
    claims: list[Claim] = []
    diagnostics: list[Diagnostic] = []
    siglum = witness.spec.siglum
    page, page_line = page_of(witness.text, source[0])

    def written(value: Value) -> str:
        return verbatim(witness.text, main, value.start, value.end)

    if segment.head[0] < segment.head[1]:
        place = span(main, *segment.head)
        name = verbatim(witness.text, main, *segment.head)
        words_at = witness.text[slice(*place)]
        claims.append(Claim(entry_id, "name_raw", name, "direct", None, words_at, *place))
    for value in values:
        place = span(main, value.start, value.end)
        said = value.value
        if value.field == "location":
            said = written(value)
            if not said.strip("也之者、"):
                continue
            location.append(said)
        elif value.field in LISTS:
            said = said or written(value)
            if value.field != "channels" or said not in lists["channels"]:
                lists[value.field].append(said)
        elif value.field in NUMBERS:
            if numbers.setdefault(value.field, int(said)) != int(said):
                message = f"{value.field}: {said} against {numbers[value.field]} before"
                diagnostics.append(
                    Diagnostic("value-contradicts", "warning", message, siglum, *place)
                )
                continue
        elif value.field.endswith("_forbidden"):
            banned.add(value.field)
        elif value.field == "unreadable":
            diagnostics.append(
                Diagnostic("numeral-unreadable", "error", f"no number: {said}", siglum, *place)
            )
            continue
        else:
            said = said or written(value)
            words.setdefault(value.field, said)
        claims.append(
            Claim(
                entry_id,
                value.field,
                said,
                "direct",
                None,
                witness.text[place[0] : place[1]],
                *place,
            )
        )
    return (
        Entry(
            entry_id=entry_id,
            witness=siglum,
            section=section.number,
            seq=segment.seq,
            note=None,
            name_raw=verbatim(witness.text, main, *segment.head),
            name=None,
            code=None,
            name_basis="unknown",
            aliases=tuple(lists["aliases"]),
            count=numbers.get("count"),
            location="，".join(location),
            channels=tuple(lists["channels"]),
            shu=words.get("shu"),
            phase=words.get("phase"),
            posture=tuple(lists["posture"]),
            depth_min_fen=numbers.get("depth_min_fen"),
            depth_max_fen=numbers.get("depth_max_fen"),
            needling_forbidden="needling_forbidden" in banned,
            retention_breaths=numbers.get("retention_breaths"),
            moxa_min=numbers.get("moxa_min"),
            moxa_max=numbers.get("moxa_max"),
            moxa_forbidden="moxa_forbidden" in banned,
            warnings=tuple(lists["warnings"]),
            start=source[0],
            end=source[1],
            line=line_of(lines, source[0]),
            text=witness.text[source[0] : source[1]],
            duplicate_of=None,
            flags=(),
            role=words.get("role"),
            remarks=tuple(lists["remarks"]),
            candidates=(),
            page=page,
            page_line=page_line,
        ),
        claims,
        diagnostics,
    )


def damage(
    main: Text, segment: EntrySegment, values: Sequence[Value], lost: Sequence[int], source: str
) -> Iterator[str]:
    """Flags for the glyphs lost inside an entry: in its name, an alias, its location."""
    start, end = span(main, segment.start, segment.end)
    spans = [("alias_damaged", v.start, v.end) for v in values if v.field == "aliases"]
    spans += [("location_damaged", v.start, v.end) for v in values if v.field == "location"]
    if segment.head[0] == segment.head[1]:
        yield "name_lost"
    for position in lost[bisect_left(lost, start - 2) : bisect_left(lost, end)]:
        at = bisect_left(main.starts, position)
        if segment.head[0] <= at <= segment.head[1] and segment.head[0] < segment.head[1]:
            yield "name_damaged"
            continue
        flag = next((flag for flag, a, b in spans if a <= at <= b), None)
        if flag:
            yield flag


# --- notes and readings --------------------------------------------------------------------------


def note_row(
    witness: Witness, text: Text, note: NoteSegment, note_id: str, entry_id: str | None, order: int
) -> Note:
    """The row of a note: what stands inside the brackets."""
    start, end = span(text, note.start, note.end)
    said = witness.text[start:end]
    if witness.spec.format == "mandoku":
        said = verbatim(witness.text, text, note.start, note.end)
    return Note(note_id, entry_id, witness.spec.siglum, order, said, start, end)


def read_note(
    witness: Witness,
    text: Text,
    note: NoteSegment,
    row: Note,
    grammar: str,
    values: Sequence[Value],
    segment: EntrySegment | None,
) -> tuple[list[Reading], list[tuple[int, int]]]:
    """What a note says: for each source it names and each field one reading; and the spans of the
    normalized text that nobody understood.

    同 repeats what was said last for one more source; a bare measure (作二寸) belongs to what was
    spoken of last in the note, else to the clause the note stands after, else to the nearest value.
    """
    tree, failed = parse(grammar, "note", text.chars, note.start, note.end)
    found: list[tuple[str, Value]] = []
    sources: list[str] = [""]
    after_reads = lacks = False
    nodes = list(tree.children)
    i = 0
    while i < len(nodes):
        node = nodes[i]
        i += 1
        if isinstance(node, Token):
            if node.type != "TEXT":
                if "。" in node:
                    after_reads = lacks = False
                continue
            start, end = bounds(node)[0], bounds(node)[1]
            unsourced = sources == [""]
            while i < len(nodes) and _goes_on(nodes[i], after_reads, unsourced):
                if not _is(nodes[i], "PUNCTUATION"):
                    end = bounds(nodes[i])[1]
                i += 1
            nearby = nodes[i] if i < len(nodes) else None
            if nearby is not None and (_scope(nearby) or (_replacing(nearby) and not after_reads)):
                continue
            words = text.chars[start:end]
            if len(words.strip(SIGNS)) < 2 and not after_reads:
                continue
            field = (
                "text"
                if lacks
                else _field_of_words(words, sources, after_reads, note, values, segment)
            )
            found += [(s, Value(field, "", start, end)) for s in sources]
            continue
        rule, (start, end) = str(node.data), bounds(node)
        if rule == "citation":
            if not tokens(node, "AGAIN"):
                named = tokens(node, "SOURCE") + tokens(node, "UNNAMED") + tokens(node, "SILENT")
                sources = [_printed(witness, text, t).removeprefix("又") for t in named]
            reads = tokens(node, "READS")
            after_reads = bool(reads) or str(node.children[0]).endswith("作")
            lacks = bool(reads) and not reads[0].endswith("作")
            if tokens(node, "AGREES") and found:
                last = found[-1][1]
                found += [(s, replace(last, start=start, end=end)) for s in sources]
            stated = next((c for c in node.children if isinstance(c, Tree)), None)
            token = next(
                (t for t in node.children if isinstance(t, Token) and t.type == "BARE_CHANNELS"),
                None,
            )
            if stated is not None:
                value = _stated(stated, found, note, values)
                found += [(s, value) for s in sources]
            elif token is not None:
                names = [ch.plain(m) for m in regex.findall(r"[^「」、及與]+[、及與]?", str(token))]
                said = "、".join(name for name, _ in ch.expand(names))
                found += [(s, Value("channels", said, *bounds(token))) for s in sources]
        elif rule == "channels":
            names = [name for name, _ in channel_values(node)]
            # 督脈別絡、手足太陽三脈之會: two clauses, one list.
            while i < len(nodes):
                at = i + (str(nodes[i]) == "、" and i + 1 < len(nodes))
                following = nodes[at]
                if isinstance(following, Token) or following.data != "channels":
                    break
                names += [name for name, _ in channel_values(following)]
                end = bounds(following)[1]
                i = at + 1
            found += [
                (s, Value("channels", "、".join(dict.fromkeys(names)), start, end)) for s in sources
            ]
        elif rule == "broken":
            name = ch.canonical(ch.plain(str(node.children[0])[1:]))
            found += [(s, Value("channels", name, start, end)) for s in sources]
        elif rule == "sound":
            found.append(("", Value("sound", "", start, end)))
        elif rule == "replaced":
            said = str(node.children[0]).partition("作")[2]
            at = end - len(said)
            found += [(s, Value("text", "", at, end)) for s in sources]
        elif rule == "remark":
            found.append(("", Value("other", "", *trimmed(text.chars, start, end))))
        elif rule in ("warning", "posture"):
            a, b = trimmed(text.chars, start, end)
            field = "warnings" if rule == "warning" else "posture"
            found += [(s, Value(field, "", a, b)) for s in sources]
        else:
            for value in doses(node):
                reading = FIELDS.get(value.field)
                if reading:
                    said = "forbidden" if value.field.endswith("_forbidden") else value.value
                    found += [(s, replace(value, field=reading, value=said)) for s in sources]
    readings = [
        _reading(witness, text, row, number, source, value)
        for number, (source, value) in enumerate(found, 1)
        if value.start < value.end
    ]
    return readings, failed


def _goes_on(node: Tree[Token] | Token, after_reads: bool, unsourced: bool) -> bool:
    """Whether a run of words goes on: to the end of the sentence after 作, else while words last
    (over sentences where nobody is cited).
    """
    if isinstance(node, Token):
        return node.type == "TEXT" or (
            node.type == "PUNCTUATION" and (unsourced or "。" not in node)
        )
    return after_reads and node.data != "citation"


def _scope(node: Tree[Token] | Token) -> bool:
    """Whether the words before a clause only say which points it is about (五藏并足太陽…)."""
    return isinstance(node, Tree) and (
        node.data == "broken" or bool(tokens(node, "CHANNEL_PREFIX"))
    )


def _replacing(node: Tree[Token] | Token) -> bool:
    """Whether the words before a citation are the lemma it replaces (□抵一作適之)."""
    return (
        isinstance(node, Tree) and node.data == "citation" and str(node.children[0]).endswith("作")
    )


FIELDS = {
    "depth_min_fen": "depth",
    "retention_breaths": "retention",
    "moxa_min": "moxa",
    "needling_forbidden": "needling",
    "moxa_forbidden": "moxa",
}


def _reading(
    witness: Witness, text: Text, row: Note, number: int, source: str, value: Value
) -> Reading:
    start, end = span(text, value.start, value.end)
    said = value.value or verbatim(witness.text, text, value.start, value.end)
    return Reading(
        f"{row.note_id}/r{number}",
        row.note_id,
        row.entry_id,
        source,
        None,
        value.field,
        said,
        witness.text[start:end],
        start,
        end,
        "not_checkable",
    )


def _printed(witness: Witness, text: Text, token: Token) -> str:
    return verbatim(witness.text, text, *bounds(token))


def _field_of_words(
    words: str,
    sources: Sequence[str],
    after_reads: bool,
    note: NoteSegment,
    values: Sequence[Value],
    segment: EntrySegment | None,
) -> str:
    bare = words.strip(SIGNS)
    if sources == [""] or segment is None:
        return "text" if after_reads else "other"
    if after_reads and bare in lexicon().senses:
        return "name"
    if regex.search("立死|殺人|者死", words):
        return "warnings"
    placed = next(
        (v for v in values if v.field == "location" and v.start <= note.anchor <= v.end), None
    )
    if after_reads and placed is None and not regex.search(r"[寸分]|^[在去]", words):
        return "text"
    return "location"


def _stated(
    tree: Tree[Token],
    found: Sequence[tuple[str, Value]],
    note: NoteSegment,
    values: Sequence[Value],
) -> Value:
    token = tree.children[0]
    assert isinstance(token, Token)
    start, end = trimmed(str(token), 0, len(token))
    a = bounds(token)[0] + start
    b = bounds(token)[0] + end
    words = str(token)[start:end]
    number = interval(regex.sub(rf"[^{NUMERAL}]", "", words))
    if tree.data == "breaths_stated" and number:
        return Value("retention", str(number[0]), a, b)
    if tree.data == "cones_stated" and number:
        return Value("moxa", str(number[0]), a, b)
    measure = depth_of(words)
    if measure is None:
        return Value("text", "", a, b)
    if _speaks_of_depth(measure[0], found, note, values):
        return Value("depth", str(measure[0]), a, b)
    return Value("location", "", a, b)


def _speaks_of_depth(
    fen: int, found: Sequence[tuple[str, Value]], note: NoteSegment, values: Sequence[Value]
) -> bool:
    spoken = next((v.field for _, v in reversed(found) if v.field in ("depth", "location")), None)
    if spoken:
        return spoken == "depth"
    before = [
        v
        for v in values
        if v.end <= note.anchor + 1
        and v.field in ("location", "depth_min_fen", "moxa_min", "retention_breaths")
    ]
    if not before or before[-1].field == "location":
        return False
    depths = [int(v.value) for v in values if v.field == "depth_min_fen"]
    # After the doses: places are measured in 寸, the needle in 分 unless it goes deep.
    return bool(depths) and (fen < INCH or depths[0] >= INCH)
