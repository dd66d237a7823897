"""Segments: headings and sections, notes, entries; the rest is prose. Regular expressions only.

An entry is found by its head, never by its inside: a name at the start of a paragraph or after a
sentence or a note, followed by what only follows a head (在, 一名, 者木也, a channel, 肺之募也 …).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import regex

from pipeline.knowledge.lexicon import lexicon, point_name
from pipeline.knowledge.numerals import integer
from pipeline.knowledge.patterns import pattern
from pipeline.model import (
    Diagnostic,
    EntrySegment,
    Kind,
    NoteSegment,
    SectionSegment,
    Segments,
    Text,
)
from pipeline.text.layer import lift, span
from pipeline.text.slice import Slice, at

# --- notes ---------------------------------------------------------------------------------------


def find_notes(
    text: Text, siglum: str, heads: Sequence[int] = ()
) -> tuple[list[NoteSegment], list[Diagnostic]]:
    """The notes in brackets. One that is never closed ends where the next entry begins inside it,
    else with its paragraph (胆俞: the note breaks off after 并足太阳, then 脾俞，在第十一椎下).
    ``heads``: where entries are known to begin, in order.
    """
    notes: list[NoteSegment] = []
    diagnostics: list[Diagnostic] = []
    chars = text.chars
    shift, position = 0, 0
    brackets = _brackets(chars)
    i = 0
    while i < len(brackets):
        begin, sign, _, _ = brackets[i]
        if begin < position:
            i += 1
            continue
        if sign == "）":
            message = "a bracket closes that was never opened"
            where = Slice(text, begin, begin + 1)
            diagnostics.append(at("bracket-unopened", where, message, siglum))
            i += 1
            continue
        end, closed, used = _close(text, brackets, i, heads)
        outer = span(text, begin, end + 1 if closed else end)
        notes.append(NoteSegment(begin + 1, end, begin - shift, outer, closed))
        stop = end + 1 if closed else end
        if not closed:
            message = f"a note is never closed; taken to end before {chars[end : end + 4]!r}"
            diagnostics.append(at("note-unclosed", Slice(text, begin, end), message, siglum))
        shift += stop - begin
        position = stop
        i += used
    return notes, diagnostics


BRACKET = regex.compile("[（）]")
Bracket = tuple[int, str, int, int]
"""Position, sign, index of the bracket that closes it, end of its paragraph."""


def _brackets(chars: str) -> list[Bracket]:
    """All brackets; -1 for one that its paragraph does not close. The last of these may be closed
    by the first bracket of a later paragraph: -2.
    """
    found: list[Bracket] = []
    opened: list[int] = []
    end = -1
    for match in BRACKET.finditer(chars):
        start, sign = match.start(), match.group()
        if start > end:
            if opened:
                found[opened[-1]] = (*found[opened[-1]][:2], -2, end)
            opened = []
            end = chars.find("\n", start)
            end = len(chars) if end < 0 else end
        if sign == "（":
            opened.append(len(found))
        elif opened:
            first = opened.pop()
            found[first] = (*found[first][:2], len(found), end)
        found.append((start, sign, -1, end))
    if opened:
        found[opened[-1]] = (*found[opened[-1]][:2], -2, end)
    return found


def _close(
    text: Text, brackets: Sequence[Bracket], i: int, heads: Sequence[int]
) -> tuple[int, bool, int]:
    """Where the note that opens at ``brackets[i]`` ends, whether it is closed, brackets used."""
    chars = text.chars
    begin, _, partner, paragraph = brackets[i]
    if partner >= 0:
        return brackets[partner][0], True, partner - i + 1
    if partner == -2:
        later = bisect_left(brackets, paragraph, lo=i, key=lambda bracket: bracket[0])
        at, sign = brackets[later][:2] if later < len(brackets) else (len(chars), "")
        short = sign == "）" and at - paragraph < 200 and "\n#" not in chars[paragraph:at]
        if short and not _head_in_note(chars, begin + 1, at, heads):
            return at, True, later - i + 1
    head = _head_in_note(chars, begin + 1, paragraph, heads)
    return head or _cut_off(text, begin + 1, paragraph), False, 1


def _cut_off(text: Text, start: int, end: int) -> int:
    """Where a note ends that is never closed: with its paragraph, or, where statements of illness
    follow in it, at the lost glyph before the first (…胞轉不得□端，少腹苦寒，中極主之).
    """
    treats = pattern("treats").search(text.chars, start, end)
    if treats is None:
        return end
    lost = [p for p in text.lost if text.starts[start] <= p <= text.starts[treats.start()]]
    return bisect_left(text.starts, max(lost)) if lost else end


def _head_in_note(chars: str, start: int, end: int, heads: Sequence[int]) -> int | None:
    first = bisect_left(heads, start)
    if first < len(heads) and heads[first] < end:
        return heads[first]
    needle = pattern("needle-enters")
    if needle.search(chars, start, end) is None:
        return None
    for match in point_name().finditer(chars, start, end):
        after = pattern("after-name-in-note").match(chars, match.end(), end)
        if after and needle.search(chars, after.end(), min(end, after.end() + DOSED)):
            return match.start()
    return None


DOSED = 202
"""Characters behind the head of an entry in which it has its dose."""


# --- sections ------------------------------------------------------------------------------------


def find_sections(main: Text, juan: str) -> list[SectionSegment]:
    """The headed parts of a text, titles that ran on into the body put together again."""
    chars = main.chars
    sections: list[SectionSegment] = []
    heads = [m.start() for m in regex.finditer(r"^#", chars, regex.M)]
    first = heads[0] if heads else len(chars)
    if chars[:first].strip():
        # What stands before the first heading, or a text without any, is a part without a title.
        sections.append(
            SectionSegment(None, "", (0, 0), juan, 0, first, span(main, 0, first), None)
        )
    seen: dict[tuple[str, int, str], int] = {}
    for begin, stop in pairwise([*heads, len(chars)]):
        line = chars.find("\n", begin, stop)
        line = stop if line < 0 else line
        path, _, title = chars[begin + 1 : line].partition("#")
        title, body, found = _title(chars, title, line, stop, sections)
        section = SectionSegment(
            number=integer(found["number"]) if found else None,
            title=title,
            heading=(begin + 2 + len(path), body - (chars[body - 1 : body] == "\n")),
            juan=path.split("\\")[0] or juan,
            path=path,
            start=body,
            end=stop,
            source=(span(main, begin, stop)[0], span(main, begin, stop)[1]),
            declared=integer(found["count"]) if found and found["count"] else None,
        )
        if section.number is not None:
            key = (section.juan, section.number, title)
            if key in seen and _same(chars, sections[seen[key]], section):
                section = replace(section, duplicate_of=seen[key])
            else:
                seen.setdefault(key, len(sections))
        sections.append(section)
    return sections


def numbered(sections: Sequence[SectionSegment], siglum: str) -> list[SectionSegment]:
    """A short id for each section: its number, for repeated ones with a letter, else its place."""
    labels: list[str] = []
    for index, section in enumerate(sections):
        number = "" if section.number is None else f"{section.number:02d}"
        if section.number is None or section.declared is None:
            number = ".".join(filter(None, (f"s{index:03d}", number)))
        labels.append(f"{siglum}/{number}")
    ids = zip(sections, lettered(labels), strict=True)
    return [replace(section, section_id=section_id) for section, section_id in ids]


def lettered(labels: Iterable[str]) -> list[str]:
    """Labels with a letter where one stands again.

    >>> lettered(["22", "23", "23", "29", "23"])
    ['22', '23', '23b', '29', '23c']
    """
    times: Counter[str] = Counter()
    found: list[str] = []
    for label in labels:
        found.append(label + (_letters(times[label]) if times[label] else ""))
        times[label] += 1
    return found


def _letters(number: int) -> str:
    """a, b, … z, aa, ab, …, from 0."""
    rest, last = divmod(number, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("a") + last)


def _title(
    chars: str, title: str, line: int, stop: int, before: Sequence[SectionSegment]
) -> tuple[str, int, dict[str, str] | None]:
    """Title, start of the body, and the parts of the title; 第九附分 divides after 九."""
    body = min(line + 1, stop)
    found = pattern("numbered-title").search(title)
    if found is None:
        run_on = pattern("title-run-on").match(chars, body, stop) if title else None
        # The title of a juan is whole; what follows it is a table of contents.
        if run_on is None or pattern("juan-at-end").search(title):
            return title, body, None
        title += run_on.group().rstrip("\n")
        body = run_on.end()
        found = pattern("numbered-title").search(title)
        assert found is not None
        expected = next((s.number + 1 for s in reversed(before) if s.number), 1)
        while integer(found["number"]) != expected and len(found["number"]) > 1:
            shorter = found["number"][:-1]
            if integer(shorter) != expected:
                break
            title, body = title[:-1], body - 1
            found = pattern("numbered-title").search(title)
            assert found is not None
    return title, body, found.groupdict()


def _same(chars: str, first: SectionSegment, second: SectionSegment) -> bool:
    return chars[first.start : first.end].strip() == chars[second.start : second.end].strip()


# --- entries -------------------------------------------------------------------------------------


def find_heads(
    main: Text, section: SectionSegment, anchors: Sequence[int]
) -> list[tuple[int, int, bool]]:
    """Where entries begin in a section: start and end of each head, and whether it stands merged
    in the text of the entry before (足跗阳，阳跷之…).
    """
    chars, end = main.chars, section.end
    heads: list[tuple[int, int, bool]] = []
    begins = [section.start, *(m.end() for m in regex.finditer("\n", chars[section.start : end]))]
    begins = [begins[0], *(section.start + b for b in begins[1:])]
    # Where nothing divides, only a known name right after a dose opens an entry.
    known_only = {m.end() for m in pattern("last-dose").finditer(chars, section.start, end)}
    divided = {a for a in anchors if section.start < a < end}
    # A bracket that stands here closes a note that nothing opens.
    divided |= {m.end() for m in regex.finditer("[。）]", chars, pos=section.start, endpos=end)}
    stops = sorted(known_only | divided)
    doses = _doses(chars, section.start, end)
    paragraphs = [b for b in begins if b < end]
    for start, stop in pairwise([*paragraphs, end]):
        found = _paragraph_head(chars, start, stop)
        first = len(heads)
        orphan = not found and not (heads and _continues(chars, doses, heads[-1][0], start, stop))
        if found:
            heads.append((*found, False))
        for boundary in stops[bisect_right(stops, start) : bisect_left(stops, stop)]:
            inner = pattern("head-in-paragraph").match(chars, boundary, stop)
            if inner is None or pattern("opening-act").match(inner["name"]):
                continue
            known = inner["name"] in lexicon().senses
            if orphan and len(heads) == first:
                # The head of the paragraph is damaged: only what is beyond doubt is taken from it.
                opens = known and _dosed(doses, boundary, stop)
            else:
                opens = _dosed(doses, heads[-1][1], boundary) and (
                    known or (boundary in divided and _short(inner))
                )
            if opens:
                heads.append((*inner.span("name"), False))
        merged = [(a, b, True) for a, b in _merged(chars, heads[first:], stop)]
        heads[first:] = sorted([*heads[first:], *merged])
    return heads


def _short(head: regex.Match[str]) -> bool:
    """Whether a head inside a paragraph is too short to be anything but a damaged name."""
    return len(head["name"]) <= 2 and head["forbidden"] is None


def _paragraph_head(chars: str, start: int, stop: int) -> tuple[int, int] | None:
    dosed = pattern("act").search(chars, start, stop) is not None
    nameless = pattern("place-without-head").match(chars, start, stop)
    if nameless and dosed:
        return nameless.end(), nameless.end()
    head = pattern("head-of-paragraph").match(chars, start, stop)
    if (
        head is None
        or pattern("opening-act").match(head["name"])
        or pattern("speech").search(head["name"])
    ):
        return None
    if dosed or head["name"] in lexicon().senses:
        return head.span("name")
    return None


Doses = tuple[Sequence[int], Sequence[int]]
"""Where the doses of a text begin and end."""


def _doses(chars: str, start: int, end: int) -> Doses:
    found = list(pattern("act").finditer(chars, start, end))
    return [m.start() for m in found], [m.end() for m in found]


def _dosed(doses: Doses, start: int, end: int) -> bool:
    """Whether a dose stands between two places."""
    first = bisect_left(doses[0], start)
    return first < len(doses[0]) and doses[1][first] <= end


def _continues(chars: str, doses: Doses, head: int, start: int, stop: int) -> bool:
    """Whether a paragraph without a head goes on with the entry before: it opens with a dose
    (刺入五分 after 为合。), or the entry has none yet and they have one place (在) together.
    """
    if pattern("opening-act").match(chars, start, stop):
        return True
    places = "在" in chars[head:start], "在" in chars[start:stop]
    return not _dosed(doses, head, start) and not all(places)


def _merged(
    chars: str, heads: Sequence[tuple[int, int, bool]], stop: int
) -> Iterator[tuple[int, int]]:
    """Heads run into the entry before, whose end is lost: a known name, then what follows a head,
    in an entry that has its place but no dose yet.
    """
    for (begin, named, _), (limit, _, _) in pairwise([*heads, (stop, stop, False)]):
        place = chars.find("在", named, limit)
        if place < 0 or not pattern("after-run-in-head").search(chars, place + 1, limit):
            continue
        dose = pattern("act").search(chars, named, limit)
        for match in point_name().finditer(chars, place + 1, dose.end() if dose else limit):
            if chars[match.start() - 1] in "名在去直當俠至循從自過上入":
                continue
            if match.group() == chars[begin:named]:
                continue
            if pattern("after-run-in-head").match(chars, match.end(), limit):
                yield match.span()
                break


def segment_jiayi(text: Text, siglum: str, juan: str) -> tuple[Segments, list[Diagnostic]]:
    """Segments of a book like the 甲乙經: numbered sections, entries, notes in brackets."""
    notes, diagnostics = find_notes(text, siglum)
    main = without_notes(text, notes)
    sections = numbered(find_sections(main, juan), siglum)
    anchors = [note.anchor for note in notes]
    entries: list[EntrySegment] = []
    blocks: list[tuple[int, int, Kind]] = [
        (0, span(text, len(text.chars), len(text.chars))[1], "prose")
    ]
    of_points: list[int] = []
    for index, section in enumerate(sections):
        blocks.append((section.source[0], span(main, section.start, section.start)[0], "heading"))
        if section.declared is None and not _of_points(main, section):
            continue
        of_points.append(index)
        heads = find_heads(main, section, anchors)
        doses = _doses(main.chars, section.start, section.end)
        for seq, ((a, b, merged), after) in enumerate(
            pairwise([*heads, (section.end, 0, False)]), 1
        ):
            end = _entry_end(main.chars, doses, b, after[0])
            flags = ("merged_with_next",) if merged or after[2] else ()
            entry_id = f"{section.section_id}/{seq:03d}"
            entries.append(EntrySegment(entry_id, index, seq, (a, b), a, end, (), flags))
    entries, sections = own_notes(main, entries, sections, notes)
    for entry in entries:
        blocks.append((*entry_source(main, entry, notes), "entry"))
    for index in of_points:
        for words in _unowned(main, sections[index], [e for e in entries if e.section == index]):
            blocks.append((*words.source, "unparsed"))
            message = f"a dose that belongs to no entry: {words.words}"
            said = at("dose-unread", words, message, siglum, "error")
            diagnostics.append(replace(said, section=sections[index].number))
    blocks += [(*note.outer, "note") for note in notes]
    found = Segments(text, main, tuple(sections), tuple(entries), tuple(notes), tuple(blocks))
    return found, diagnostics


def _of_points(main: Text, section: SectionSegment) -> bool:
    """A section whose title counts no points is one if most of its paragraphs are entries."""
    if pattern("measured").search(main.chars, section.start, section.end) is None:
        return False
    paragraphs = [p for p in main.chars[section.start : section.end].split("\n") if p]
    found = sum(
        1
        for p in paragraphs
        if pattern("head-of-paragraph").match(p) and pattern("measured").search(p)
    )
    enough = 3 if section.title else 1
    return found >= enough and 2 * found > len(paragraphs)


def _unowned(
    main: Text, section: SectionSegment, entries: Sequence[EntrySegment]
) -> Iterator[Slice]:
    """Stretches of a section of points that state doses and belong to no entry, a paragraph or
    what is left of it each: the head of an entry was damaged.
    """
    stops = [section.start, *(at for e in entries for at in (e.start, e.end)), section.end]
    for start, end in zip(stops[::2], stops[1::2], strict=True):
        for part in regex.finditer(r"[^\n]+", main.chars, pos=start, endpos=end):
            if pattern("dose-in-full").search(main.chars, *part.span()):
                yield Slice(main, *part.span())


def _entry_end(chars: str, doses: Doses, start: int, limit: int) -> int:
    """The end of an entry: before the first paragraph that does not go on with it."""
    at = chars.find("\n", start, limit)
    while at >= 0:
        following = chars.find("\n", at + 1, limit)
        following = limit if following < 0 else following
        if following > at + 1 and not _continues(chars, doses, start, at + 1, following):
            return at
        at = chars.find("\n", at + 1, limit)
    return start + len(chars[start:limit].rstrip("\n"))


def without_notes(text: Text, notes: Iterable[NoteSegment]) -> Text:
    """The text with its notes lifted out."""
    return lift(text, ((n.start - 1, n.end + 1 if n.closed else n.end) for n in notes))


def own_notes(
    main: Text,
    entries: Sequence[EntrySegment],
    sections: Sequence[SectionSegment],
    notes: Sequence[NoteSegment],
) -> tuple[list[EntrySegment], list[SectionSegment]]:
    """Give each note to the entry in which or right after which it stands, else to its section."""
    owned: dict[int, list[int]] = {}
    general: dict[int, list[int]] = {}
    starts = [e.start for e in entries]
    bodies = [s.start for s in sections]
    for n, note in enumerate(notes):
        e = bisect_left(starts, note.anchor) - 1
        s = bisect_right(bodies, note.anchor) - 1
        if e >= 0 and entries[e].section == s and note.anchor <= entries[e].end + 1:
            owned.setdefault(e, []).append(n)
        elif s >= 0:
            general.setdefault(s, []).append(n)
    return (
        [replace(e, notes=tuple(owned.get(i, ()))) for i, e in enumerate(entries)],
        [
            replace(s, notes=tuple(general[i])) if i in general else s
            for i, s in enumerate(sections)
        ],
    )


def entry_source(main: Text, entry: EntrySegment, notes: Sequence[NoteSegment]) -> tuple[int, int]:
    """The source span of an entry: its words and the notes that belong to it."""
    start, end = span(main, entry.start, entry.end)
    for n in entry.notes:
        end = max(end, notes[n].outer[1])
    return start, end
