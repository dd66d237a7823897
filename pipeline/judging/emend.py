"""Repair by witness: what one witness of a work lacks and another has, with the evidence.

Proposals only: the values of a witness stay as they are. A glyph counts as lost, not as a variant,
where the transcription left a blank, where the witness has it nowhere at all (no 髎 in the whole
file), or where a name or passage is damaged already; and only if the words around it agree.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

from rapidfuzz.distance import Indel

from pipeline.model import Claim, Emendation, Entry, Result, Text, Witness
from pipeline.sources.normalize import normalize

AGREE = 2
"""Glyphs that must agree on each side of a gap (fewer at the ends of an entry)."""
SIGNS = frozenset("，。、；：？！（）「」『』《》\n")


def emend(result: Result) -> Iterator[Emendation]:
    """Proposals for every witness of which another witness of the same work is at hand."""
    works: dict[str, list[Witness]] = {}
    for witness in result.witnesses:
        if any(entry.witness == witness.spec.siglum for entry in result.entries):
            works.setdefault(witness.spec.work, []).append(witness)
    for witnesses in works.values():
        if len(witnesses) < 2:
            continue
        texts = {w.spec.siglum: normalize(w)[0] for w in witnesses}
        for damaged in witnesses:
            for whole in witnesses:
                if whole is not damaged:
                    yield from _pair(result, damaged, whole, texts)


def _pair(
    result: Result, damaged: Witness, whole: Witness, texts: dict[str, Text]
) -> Iterator[Emendation]:
    text, model = texts[damaged.spec.siglum], texts[whole.spec.siglum]
    stock = frozenset(text.chars)
    lost = frozenset(text.lost)
    models: dict[tuple[str, int | None], Entry] = {}
    for entry in result.entries:
        if entry.witness == whole.spec.siglum and entry.code and not entry.duplicate_of:
            models.setdefault((entry.code, entry.section), entry)
    claims: dict[str, list[Claim]] = {}
    for claim in result.claims:
        claims.setdefault(claim.entry_id, []).append(claim)
    for entry in result.entries:
        if entry.witness != damaged.spec.siglum or not entry.code or entry.duplicate_of:
            continue
        other = models.get((entry.code, entry.section))
        if other is None:
            continue
        yield from _gaps(damaged, text, entry, whole, model, other, claims, stock, lost)


def _gaps(
    damaged: Witness,
    text: Text,
    entry: Entry,
    whole: Witness,
    model: Text,
    other: Entry,
    claims: dict[str, list[Claim]],
    stock: frozenset[str],
    lost: frozenset[int],
) -> Iterator[Emendation]:
    here, there = _glyphs(text, entry), _glyphs(model, other)
    a = "".join(text.chars[i] for i in here)
    b = "".join(model.chars[i] for i in there)
    for i0, j0, j1 in _insertions(a, b):
        before, missing, after = b[max(0, j0 - 4) : j0], b[j0:j1], b[j1 : j1 + 4]
        near = min(AGREE, i0), min(AGREE, len(a) - i0)
        if (
            a[i0 - near[0] : i0] != before[len(before) - near[0] :]
            or a[i0 : i0 + near[1]] != after[: near[1]]
        ):
            continue
        start, end = _place(text, here, i0)
        why = _reason(
            entry, missing, stock, any(start <= p <= end for p in lost), i0 in (0, len(a))
        )
        if not why:
            continue
        field, printed, at = _field(damaged, entry, claims.get(entry.entry_id, []), start, end)
        yield Emendation(
            witness=entry.witness,
            entry_id=entry.entry_id,
            field=field,
            printed=printed,
            proposed=_inserted(printed, at, missing) if field != "text" else missing,
            from_witness=other.witness,
            from_entry=other.entry_id,
            evidence=f"{before}[{missing}]{after}: {why}",
            start=start,
            end=end,
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


def _glyphs(text: Text, entry: Entry) -> list[int]:
    """The positions of an entry's glyphs, signs left out."""
    first, last = bisect_left(text.starts, entry.start), bisect_left(text.starts, entry.end)
    return [i for i in range(first, last) if text.chars[i] not in SIGNS]


def _place(text: Text, here: Sequence[int], i: int) -> tuple[int, int]:
    """The source span between two glyphs."""
    start = text.ends[here[i - 1]] if i else text.starts[here[0]]
    end = text.starts[here[i]] if i < len(here) else start
    return min(start, end), max(start, end)


def _reason(entry: Entry, missing: str, stock: frozenset[str], blank: bool, edge: bool) -> str:
    if blank:
        return "a blank stands in its place"
    nowhere = "".join(dict.fromkeys(c for c in missing if c not in stock))
    if nowhere:
        return f"the witness has {nowhere} nowhere"
    if "text_truncated" in entry.flags:
        return "the entry is truncated"
    if edge and entry.name_basis == "restored":
        return "the name is damaged"
    return ""


def _field(
    witness: Witness, entry: Entry, claims: Sequence[Claim], start: int, end: int
) -> tuple[str, str, int]:
    """The field a gap belongs to, what is printed there, and the gap's place in it."""
    head = entry.start + len(entry.name_raw)
    if start <= head and entry.name_basis == "restored":
        return "name", entry.name_raw, min(len(entry.name_raw), max(0, start - entry.start))
    for claim in claims:
        if (
            claim.field in ("location", "aliases", "channels", "posture")
            and claim.start <= end
            and start <= claim.end
        ):
            at = max(claim.start, min(start, claim.end))
            printed = "".join(claim.text.split())
            return claim.field, printed, len("".join(witness.text[claim.start : at].split()))
    return "text", "", 0


def _inserted(printed: str, at: int, missing: str) -> str:
    return printed[:at] + missing + printed[at:]
