"""Repair by witness: what one witness of a work lacks and another has, with the evidence.

Proposals only: the values of a witness stay as they are. A glyph counts as lost, not as a variant,
where the transcription left a blank, where the witness has it nowhere at all (no 髎 in the whole
file), or where a name or passage is damaged already; and only if the words around it agree. Main
text is laid along main text, notes along notes; what stands elsewhere in the entry is no loss.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import regex
from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from pipeline.judging.saying import DOSES
from pipeline.judging.wording import phrase
from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.vocabulary import words_of
from pipeline.model import Claim, Emendation, Entry, Note, Result, Text, Witness
from pipeline.sources.glyphs import GAPS, is_sign
from pipeline.sources.normalize import kept_of

AGREE = 2
"""Glyphs that must agree on each side of a gap (fewer at the ends of an entry)."""
MOVED = 60
"""How like words must be (per cent) to others of the entry to be the same in another place."""


@dataclass(frozen=True)
class _Side:
    """A witness, its normalized text, its entries by what they are about, their notes and claims.

    ``words``: its glyphs; ``stock``: which they are; ``lost``: where a blank or a mark is for one.
    """

    witness: Witness
    text: Text
    words: str
    stock: frozenset[str]
    lost: tuple[int, ...]
    entries: dict[tuple[str, int | None], Entry]
    notes: dict[str, list[Note]]
    claims: dict[str, list[Claim]]


@dataclass(frozen=True, slots=True)
class _Loss:
    """Glyphs that are missing before a glyph of a passage, and those beside them in the model;
    ``there``: the place of the first of them in the passage of the model, ``notes``: how many notes
    stand before it there, ``alone``: whether the model has such a glyph nowhere else.
    """

    at: int
    missing: str
    before: str
    after: str
    there: int = 0
    notes: int = 0
    alone: bool = False


def emend(result: Result) -> Iterator[Emendation]:
    """Proposals for every witness of which another witness of the same work is at hand."""
    works: dict[str, list[Witness]] = {}
    named = {e.witness for e in result.entries if e.code and not e.duplicate_of}
    for witness in result.witnesses:
        if witness.spec.siglum in named:
            works.setdefault(witness.spec.work, []).append(witness)
    for witnesses in works.values():
        sides = [_side(result, witness) for witness in witnesses] if len(witnesses) > 1 else []
        for damaged in sides:
            for whole in sides:
                if whole is not damaged:
                    others = [side for side in sides if side not in (damaged, whole)]
                    yield from _pair(damaged, whole, others)
                    yield from _lost_notes(damaged, whole)


def _side(result: Result, witness: Witness) -> _Side:
    siglum, text = witness.spec.siglum, kept_of(result.layers, witness)
    entries: dict[tuple[str, int | None], Entry] = {}
    for entry in result.entries:
        if entry.witness == siglum and entry.code and not entry.duplicate_of:
            entries.setdefault((entry.code, entry.section), entry)
    notes: dict[str, list[Note]] = {}
    for note in result.notes:
        notes.setdefault(note.entry_id or "", []).append(note)
    claims: dict[str, list[Claim]] = {}
    for claim in result.claims:
        claims.setdefault(claim.entry_id, []).append(claim)
    glyphs = "".join(c for c in text.chars if not is_sign(c))
    marks = (start for char, start in zip(text.chars, text.starts, strict=True) if char in GAPS)
    lost = tuple(sorted({*text.lost, *marks}))
    return _Side(witness, text, glyphs, frozenset(glyphs), lost, entries, notes, claims)


def _pair(damaged: _Side, whole: _Side, others: Sequence[_Side]) -> Iterator[Emendation]:
    for key, entry in damaged.entries.items():
        other = whole.entries.get(key)
        if other is None:
            continue
        mine, theirs = _passages(damaged, entry), _passages(whole, other)
        model = "".join(_words(whole, part) for part in theirs)
        everything = "".join(_words(damaged, part) for part in mine)
        for here, there in zip(mine, theirs, strict=True):
            if not here:
                continue
            a, b = _words(damaged, here), _words(whole, there)
            blanks = [_blank(damaged, here, i) for i in range(len(here) + 1)]
            for other_blanks in _blanks_of(others, key, a):
                blanks = [one or two for one, two in zip(blanks, other_blanks, strict=True)]
            told = list(_losses(a, b, everything, blanks, damaged.stock))
            places = {loss.at for loss in told}
            known = (
                *_beside(a, b, blanks),
                *_ahead(a, b, blanks),
                *_of_name(a, b, entry),
                *_of_pair(a, b, damaged, whole),
            )
            told += {x.at: x for x in known if x.at not in places}.values()
            for loss in sorted(told, key=lambda loss: loss.at):
                loss = _beside_notes(loss, whole, other, there)
                found = _proposal(damaged, entry, here, loss, blanks, model)
                if found:
                    yield _row(damaged, entry, other, loss, found)


def _lost_notes(damaged: _Side, whole: _Side) -> Iterator[Emendation]:
    """The note at the end of an entry that has none, where the two have the same notes in nearly
    all the others.
    """
    both = [(e, whole.entries[key]) for key, e in damaged.entries.items() if key in whole.entries]
    noted = [(e, other) for e, other in both if whole.notes.get(other.entry_id)]
    bare = [(e, other) for e, other in noted if not damaged.notes.get(e.entry_id)]
    for entry, other in bare if len(bare) <= FEW * len(noted) else ():
        first, *more = whole.notes[other.entry_id]
        places = _passages(whole, other)
        words = _words(whole, places[1])
        last = places[1] and places[0] and places[0][-1] < places[1][0]
        if last and not more and not set(words) & GAPS:
            at = entry.start + len(damaged.witness.text[entry.start : entry.end].rstrip())
            before = _words(damaged, _passages(damaged, entry)[0])[-AGREE * 2 :]
            why = f"{len(noted)} entries have notes there, all but {len(bare)} of them here too"
            yield Emendation(
                witness=entry.witness,
                entry_id=entry.entry_id,
                field="text",
                printed="",
                proposed=f"（{words}）",
                from_witness=first.witness,
                from_entry=other.entry_id,
                evidence=f"{before}[{words}]: {why}",
                start=at,
                end=at,
            )


FEW = 0.05
"""Of the entries with notes the share that may lack theirs, for the two to have the same notes: of
113 in the 甲乙經 one does (上關).
"""


def _blanks_of(
    sides: Sequence[_Side], key: tuple[str, int | None], words: str
) -> Iterator[list[bool]]:
    """Where other witnesses that have the very words of a passage left a blank in them."""
    for side in sides:
        for here in _passages(side, side.entries[key]) if key in side.entries else ():
            if here and _words(side, here) == words:
                yield [_blank(side, here, i) for i in range(len(here) + 1)]


def _passages(side: _Side, entry: Entry) -> tuple[list[int], list[int]]:
    """The places of an entry's glyphs in the normalized text: of the main text, of its notes."""
    text = side.text
    first, last = bisect_left(text.starts, entry.start), bisect_left(text.starts, entry.end)
    spans = [(note.start, note.end) for note in side.notes.get(entry.entry_id, ())]
    main: list[int] = []
    noted: list[int] = []
    for i in range(first, last):
        if not is_sign(text.chars[i]) and text.chars[i] not in GAPS:
            inside = any(a <= text.starts[i] < b for a, b in spans)
            (noted if inside else main).append(i)
    return main, noted


def _words(side: _Side, places: Sequence[int]) -> str:
    return "".join(side.text.chars[i] for i in places)


def _losses(
    a: str, b: str, entry: str, blanks: Sequence[bool], stock: frozenset[str]
) -> Iterator[_Loss]:
    """What ``a`` lacks of ``b``, where the words around agree; of what stands elsewhere in the
    entry no more than glyphs.
    """
    for i, j, end in _insertions(a, b):
        loss = _Loss(i, b[j:end], b[max(0, j - 4) : j], b[end : end + 4], j)
        short = len(loss.missing) <= AGREE
        moved = None if short else _elsewhere(loss.missing, a)
        if moved is not None:
            yield from _inside(loss.missing, *moved)
        elif (short or loss.missing not in entry) and _agrees(loss, a, blanks, stock):
            yield loss


def _elsewhere(missing: str, a: str) -> tuple[int, str] | None:
    """The words of a passage that are the missing ones in another place, all but a glyph or two."""
    like = fuzz.partial_ratio_alignment(missing, a, score_cutoff=MOVED)
    return (like.dest_start, a[like.dest_start : like.dest_end]) if like else None


def _inside(missing: str, begin: int, words: str) -> Iterator[_Loss]:
    """What words that stand in another place lack there (在脊端 of 在脊骶端)."""
    for i, j, end in _insertions(words, missing):
        if i and i < len(words):
            yield _Loss(begin + i, missing[j:end], missing[:j], missing[end:])


def _agrees(loss: _Loss, a: str, blanks: Sequence[bool], stock: frozenset[str]) -> bool:
    """Whether the glyphs beside a gap are those of the model; at a blank fewer need to be."""
    i = loss.at
    left = _common(a[:i][::-1], loss.before[::-1])
    right = _common(a[i:], loss.after)
    if left >= min(AGREE, i) and right >= min(AGREE, len(a) - i):
        return True
    if left > AGREE and right and not stock.intersection(loss.missing):
        return True  # no such glyph in the witness: 陽維之[郄]在外, where it has 在內
    return blanks[i] and len(loss.missing) <= AGREE and (left >= AGREE or min(left, right) > 0)


def _common(one: str, other: str) -> int:
    """How many glyphs two texts begin with alike.

    >>> _common("顳中足", "顳中少")
    2
    """
    pairs = enumerate(zip(one, other, strict=False))
    shorter = min(len(one), len(other))
    return next((n for n, (x, y) in pairs if x != y), shorter)


def _beside(a: str, b: str, blanks: Sequence[bool]) -> Iterator[_Loss]:
    """The glyph that stands in the model after those before a blank, where what follows is read
    otherwise there (陰維之□，在內, 陰維之郄，在外).
    """
    for i in range(1, len(a) + 1):
        found = {
            b[j + 1]: b[max(0, j - 3) : j + 1]
            for j in range(len(b) - 1)
            if blanks[i] and b[j] == a[i - 1] and b[j + 1] != a[i : i + 1]
            if b[j - 1 : j + 1] == a[i - 2 : i] or set(a[i : i + 2]) & set(b[j + 2 : j + 4])
        }
        if len(found) == 1:
            ((glyph, before),) = found.items()
            yield _Loss(i, glyph, before, "")


def _ahead(a: str, b: str, blanks: Sequence[bool]) -> Iterator[_Loss]:
    """The glyph that stands in the model before those after a blank, where what goes before is read
    otherwise there (俠肩□在外肩, 俠人髎在外肩).
    """
    for i in (i for i in range(1, len(a) - AHEAD + 1) if blanks[i]):
        places = [j for j in range(1, len(b)) if b[j + 1 : j + 1 + AHEAD] == a[i : i + AHEAD]]
        if len(places) == 1 and b[places[0]] != a[i - 1]:
            (j,) = places
            yield _Loss(i, b[j], b[max(0, j - 3) : j], b[j + 1 : j + 5], j)


AHEAD = 3
"""Glyphs after a blank that must agree where those before it do not."""


def _of_name(a: str, b: str, entry: Entry) -> Iterator[_Loss]:
    """The last glyph of a name that the point is known by (氣之陰郄) and the model has."""
    for name, senses in lexicon().senses.items():
        if len(name) > AGREE and name in b and any(s.code == entry.code for s in senses):
            at = a.find(name[:-1])
            if at >= 0 and name not in a:
                yield _Loss(at + len(name) - 1, name[-1], name[:-1], "")


def _of_pair(a: str, b: str, damaged: _Side, whole: _Side) -> Iterator[_Loss]:
    """The glyph that always follows another one in the model (顳顬), and never here."""
    for j, (one, other) in enumerate(pairwise(b)):
        if other in damaged.stock or one not in a or whole.words.count(one) < PAIRED:
            continue
        if whole.words.count(one) <= 1 + whole.words.count(one + other):
            for i in (k + 1 for k, glyph in enumerate(a) if glyph == one):
                yield _Loss(i, other, b[max(0, j - 3) : j + 1], b[j + 2 : j + 6])


PAIRED = 3
"""How often a glyph must stand before another one to belong to it."""


# --- what is proposed ----------------------------------------------------------------------------


def _proposal(
    damaged: _Side,
    entry: Entry,
    here: Sequence[int],
    loss: _Loss,
    blanks: Sequence[bool],
    model: str,
) -> tuple[int, int, str] | None:
    """Where the gap is and why it is a loss; none where it is none, or the glyph is doubtful."""
    start, end = _gap(damaged, here, loss.at, entry, loss.notes)
    missing, edge = loss.missing, loss.at in (0, len(here))
    nowhere = "".join(dict.fromkeys(c for c in missing if c not in damaged.stock))
    if _blank(damaged, here, loss.at):
        why = "a blank stands in its place"
    elif nowhere:
        why = f"the witness has {nowhere} nowhere"
    elif "text_truncated" in entry.flags and loss.at == len(here):
        why = "the entry is truncated"
    elif edge and entry.name_basis == "restored":
        why = "the name is damaged"
    elif loss.at == len(here) and _undosed(missing, entry):
        why = "the entry has no such dose, and the other ends with it"
    elif blanks[loss.at]:
        why = "a blank stands in its place in another witness of these words"
    else:
        return None
    if not loss.after and blanks[loss.at] and not nowhere and not edge:
        return None
    known = all(c.isalpha() and c not in GAPS for c in missing)
    why += "; the other has such a glyph only here" if loss.alone else ""
    why += "".join(f"; also written {name}" for name in _written(missing, entry))
    return (start, end, why) if known and not _doubted(loss, damaged, model) else None


def _undosed(missing: str, entry: Entry) -> bool:
    """Whether words are a dose, of an act on which an entry says nothing: 灸三壯."""
    if pattern("last-dose").fullmatch(missing) is None:
        return False
    act = next((act for act, unit in words_of("unit").items() if unit == missing[-1]), "needling")
    least, most, forbidden = DOSES[act]
    said = (getattr(entry, least), getattr(entry, most), getattr(entry, forbidden))
    return said in ((None, None, False), (None, None, act == "retention"))


def _written(name: str, entry: Entry) -> Iterator[str]:
    """How a name of the point is written otherwise, but for a glyph that no other name has (𩩲骬
    for 𩩲骭).
    """
    senses = lexicon().senses
    for other in senses if name in senses and len(name) > 1 else ():
        unlike = [one for one, there in zip(name, other, strict=False) if one != there]
        same_point = any(s.code == entry.code for s in senses[other])
        one_glyph = len(other) == len(name) and len(unlike) == 1
        if same_point and one_glyph and sum(unlike[0] in every for every in senses) == 1:
            yield other


def _doubted(loss: _Loss, damaged: _Side, model: str) -> bool:
    """Whether the model itself has another glyph in the same words, which the witness lacks too:
    one of the two is its misprint (在臑中央, and 在腨腸中央 before it).
    """
    left, right = loss.before[-1:], loss.after[:AGREE]
    glyph = phrase(loss.missing).chars
    if len(glyph) > 1 or len(right) < AGREE:
        return False
    return any(
        one == left
        and phrase(other).chars != glyph
        and other not in damaged.stock
        and right in model[k + 2 : k + 6]
        for k, (one, other) in enumerate(pairwise(model))
    )


def _gap(side: _Side, here: Sequence[int], i: int, entry: Entry, after: int) -> tuple[int, int]:
    """The source span of a gap: the blank in it, else the place after the glyph before and after
    some notes; after the sign that ends a measure (一寸，□外廉) or opens what is said (云：□謂).
    """
    start, end = _between(side, here, i)
    source = side.witness.text
    notes = [n for n in side.notes.get(entry.entry_id, ()) if start <= n.start < end]
    if 0 < after <= len(notes):
        start = notes[after - 1].end
        start += source[start : start + 1] in ("）", ")")
    found = next((p for p in side.lost if start <= p <= end), None)
    if found is not None:
        blank = regex.compile(r"(?:[^\S\r\n]|[□〓])*").match(source, found, end)
        return found, blank.end() if blank else found
    signs = "".join(side.text.chars[here[i - 1] + 1 : here[i]]) if 0 < i < len(here) else ""
    before = side.text.chars[here[i - 1]] if i else ""
    if not i:
        # A lost name stands before the sign that follows on it.
        end -= len(source[:end]) - len(source[:end].rstrip("，,、"))
    at = end if not i or (signs and (signs[-1] == "：" or before in "寸分")) else start
    return at, at


def _beside_notes(loss: _Loss, whole: _Side, other: Entry, model: Sequence[int]) -> _Loss:
    """A loss with the notes before it in the model (顳（音熱）[顬]（音儒）)."""
    alone = any(whole.words.count(glyph) == 1 for glyph in loss.missing)
    if not 0 < loss.there < len(model):
        return replace(loss, alone=alone)
    first, last = whole.text.ends[model[loss.there - 1]], whole.text.starts[model[loss.there]]
    notes = [n for n in whole.notes.get(other.entry_id, ()) if first <= n.start < last]
    return replace(loss, notes=len(notes), alone=alone)


def _between(side: _Side, here: Sequence[int], i: int) -> tuple[int, int]:
    """The source span between two glyphs."""
    text = side.text
    start = text.ends[here[i - 1]] if i else text.starts[here[0]]
    end = text.starts[here[i]] if i < len(here) else start
    return min(start, end), max(start, end)


def _blank(side: _Side, here: Sequence[int], i: int) -> bool:
    """Whether the transcription left a blank or a mark between two glyphs."""
    start, end = _between(side, here, i)
    return any(start <= p <= end for p in side.lost)


def _row(
    damaged: _Side, entry: Entry, other: Entry, loss: _Loss, proposal: tuple[int, int, str]
) -> Emendation:
    start, end, why = proposal
    field, value, at = _field(damaged, entry, start, end)
    printed = damaged.witness.text[start:end]
    rest = value[at + len("".join(printed.split())) :]
    return Emendation(
        witness=entry.witness,
        entry_id=entry.entry_id,
        field=field,
        printed=printed,
        proposed=loss.missing,
        from_witness=other.witness,
        from_entry=other.entry_id,
        evidence=f"{loss.before}[{loss.missing}]{loss.after}: {why}",
        start=start,
        end=end,
        value=value,
        emended="" if field == "text" else value[:at] + loss.missing + rest,
    )


def _insertions(a: str, b: str) -> list[tuple[int, int, int]]:
    """Where ``a`` lacks words of ``b`` and has nothing in their place: the place, and the words.

    Of several ways to lay what they share those are taken that leave a gap whole: the 刺 of 刺腰痛
    is not the one of 刺入五分, which is lost with all around it.

    >>> _insertions("在面骨下廉", "在面頄骨下兼"), _insertions("中刺腰痛", "中足刺入五分刺腰痛")
    ([(2, 2, 3)], [(1, 1, 6)])
    """
    same = [
        (s.src_start, s.dest_start, s.src_end - s.src_start)
        for s in Indel.opcodes(a, b)
        if s.tag == "equal"
    ]
    whole = [(len(a), len(b), 0)]
    for k in range(len(same) - 1, -1, -1):
        (i, j, size), (i1, j1, size1) = same[k], whole[-1]
        before = same[k - 1] if k else (0, 0, 0)
        pure = before[0] + before[2] == i and i + size == i1
        if pure and b[j1 - size : j1] == b[j : j + size]:
            whole[-1] = (i, j1 - size, size + size1)
        else:
            whole.append((i, j, size))
    whole.append((0, 0, 0))
    return [
        (i1, j + size, j1)
        for (i, j, size), (i1, j1, _) in pairwise(reversed(whole))
        if i + size == i1 and j + size < j1
    ]


def _field(side: _Side, entry: Entry, start: int, end: int) -> tuple[str, str, int]:
    """The field a gap belongs to, its value as printed, and the place of the gap in that."""
    head = entry.start + len(entry.name_raw)
    if start <= head and entry.name_basis == "restored":
        return "name", entry.name_raw, min(len(entry.name_raw), max(0, start - entry.start))
    for claim in side.claims.get(entry.entry_id, ()):
        if (
            claim.field in ("location", "aliases", "channels", "posture")
            and claim.start <= end
            and start <= claim.end
        ):
            at = max(claim.start, min(start, claim.end))
            printed = "".join(claim.text.split())
            return claim.field, printed, len("".join(side.witness.text[claim.start : at].split()))
    return "text", "", 0
