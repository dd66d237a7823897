"""Whether the work that a note names says what the note says it says.

A note of the 甲乙經 that has 气府论注云灸三壮 names Wang Bing's commentary on 素問 59; a note of
新校正 there that has 《甲乙經》作五壯 names the 甲乙經. Where the work is in the corpus, the point
is looked up in it and the field compared; what no entry has is looked for in the words of the
cited chapter.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Literal

import regex

from pipeline.judging.parallel import COUNTED, Verb, answered
from pipeline.judging.shelf import Book, Shelf, shelf
from pipeline.judging.wording import alike, measured, phrase
from pipeline.knowledge.lexicon import any_name, lexicon, pattern
from pipeline.knowledge.works import Work, work_of, works
from pipeline.model import DoseRow, Entry, Note, Reading, Result
from pipeline.sources.glyphs import Glyphs, glyphs_of

Verdict = Literal[
    "confirmed", "nearly", "contradicted", "not_found", "not_in_corpus", "not_checkable"
]
RANK: dict[Verdict, int] = {
    "confirmed": 0,
    "nearly": 1,
    "contradicted": 2,
    "not_found": 3,
    "not_in_corpus": 4,
    "not_checkable": 5,
}
DOSES = {
    "depth": ("depth_min_fen", "depth_max_fen", "needling_forbidden"),
    "needling": ("depth_min_fen", "depth_max_fen", "needling_forbidden"),
    "retention": ("retention_breaths", "retention_breaths", "needling_forbidden"),
    "moxa": ("moxa_min", "moxa_max", "moxa_forbidden"),
}
"""For a field of readings the columns of entries: least, most, forbidden."""
WORDS = ("location", "posture", "warnings", "name")
"""Fields whose words can be looked for in the cited entry."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What a source is said to say: of a point a value or words, in a field of readings.

    ``verb``: what it is said to do; ``around``: the main text before and after the note, of which
    a bare measure replaces the last one (在頸結喉下二寸: 五寸); ``entry``: the one that cites.
    """

    work: Work | None
    field: str
    value: str
    code: str | None = None
    verb: Verb = "says"
    around: tuple[str, str] = ("", "")
    citing: str = ""
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and what it rests on: witness and entry, the words there, where was searched."""

    verdict: Verdict
    cited_witness: str | None = None
    cited_entry: str | None = None
    cited_text: str = ""
    searched: tuple[str, ...] = ()


def judge(saying: Saying, books: Shelf) -> Judgement:
    """Whether the work that is named says it, as far as the books at hand can tell.

    ``confirmed`` and ``contradicted`` need the point and the field in the cited place; where a
    work is named without the chapter, another chapter could say what one does not, and another
    value is ``not_found``.
    """
    work = saying.work
    if work is None or not work.named:
        return Judgement("not_checkable")
    if saying.field in DOSES and not AMOUNTS.fullmatch(saying.value):
        return Judgement("not_checkable")
    holders = books.holding(work)
    if not holders:
        return Judgement("not_in_corpus", searched=tuple(_places(work)))
    own = [book for book in holders if book.witness.spec.siglum == saying.citing]
    hand = bool(own) and not work.chapters and saying.entry is not None
    if hand:
        holders = own
    point = saying.code and saying.field in (*DOSES, *WORDS, "channels")
    found = list((_of_point if point else _of_words)(saying, holders, hand))
    best = min(found, key=lambda one: RANK[one.verdict])
    searched = tuple(dict.fromkeys(place for one in found for place in one.searched))
    if best.verdict == "not_in_corpus":
        return Judgement("not_in_corpus", searched=tuple(_places(work)))
    return replace(best, searched=searched if best.verdict == "not_found" else ())


def _places(work: Work) -> Iterator[str]:
    """The places that a citation names: 素問 41."""
    yield from (f"{work.title} {chapter}" for chapter in sorted(work.chapters))
    if not work.chapters:
        yield work.title


# --- what is said of a point ---------------------------------------------------------------------


def _of_point(saying: Saying, holders: Sequence[Book], hand: bool) -> Iterator[Judgement]:
    """What each book says of the point to it."""
    assert saying.work
    certain = bool(saying.work.chapters) or hand or saying.work.catalogue
    for book in holders:
        for found in _in_book(saying, book, saying.entry if hand else None):
            doubtful = found.verdict == "contradicted" and not certain
            yield replace(found, verdict="not_found") if doubtful else found


def _in_book(saying: Saying, book: Book, own: Entry | None) -> Iterator[Judgement]:
    """What the entries of a book say to it; what its words do, where no entry does."""
    assert saying.work and saying.code
    siglum, chapters = book.witness.spec.siglum, saying.work.chapters
    entries = (own,) if own else book.about(saying.code, chapters)
    said: list[Verdict] = []
    for entry in entries:
        verdict, words = _compared(saying, entry, book)
        if verdict == "contradicted" and saying.field in WORDS and _of_another(saying, book):
            verdict, words = "not_found", ""
        said.append(verdict)
        yield Judgement(verdict, siglum, entry.entry_id, words, (entry.entry_id,))
    if own or {"confirmed", "contradicted"}.intersection(said):
        return
    verdict, words = _in_words(saying, book)
    cited = entries[0].entry_id if entries else None
    yield Judgement(verdict, siglum, cited, words, _searched(book, chapters))


def _of_another(saying: Saying, book: Book) -> bool:
    """Whether a book says these very words of another point: they are no other place for this one,
    but came under it.
    """
    (value,) = _glyphs([saying.value])
    return len(value) >= QUOTED and any(
        alike(value, part).kind == "same" for part in book.words(frozenset())
    )


def _searched(book: Book, chapters: frozenset[int]) -> tuple[str, ...]:
    siglum = book.witness.spec.siglum
    return tuple(f"{siglum} {n}" for n in sorted(chapters)) or (siglum,)


# --- what is said of words -----------------------------------------------------------------------


def _of_words(saying: Saying, holders: Sequence[Book], hand: bool) -> Iterator[Judgement]:
    """What each book has for words that are said of no value of a point."""
    readers = (_having, _of_entry) if saying.code else (_of_places,)
    for book in holders:
        read = (reader(saying, book) for reader in readers)
        yield next(filter(None, read), None) or _parallel(saying, book, hand)


def _parallel(saying: Saying, book: Book, hand: bool) -> Judgement:
    """What a book says to it where it has the passage that the note stands in, or the words."""
    assert saying.work
    chapters, siglum = saying.work.chapters, book.witness.spec.siglum
    (value,) = _glyphs([saying.value])
    text = "".join(book.words(chapters))
    told, words = answered(saying.verb, value, *saying.around, text)
    searched = _searched(book, chapters)
    if told != "nowhere" and told != "unclear":
        return Judgement(told, siglum, cited_text=words, searched=searched)
    if told == "nowhere" and not (chapters or saying.work.catalogue or hand):
        return Judgement("not_in_corpus")
    if told == "nowhere" and saying.verb == "says" and len(value) >= QUOTED:
        return Judgement("not_found", siglum, searched=searched)
    return Judgement("not_checkable", siglum)


QUOTED = 4
"""Glyphs that make a quotation; fewer stand anywhere."""


@cache
def having() -> regex.Pattern[str]:
    """有 or 無 and names of points, as the whole of what is said (無靈臺中樞陽關三穴)."""
    return regex.compile(
        rf"中?(?P<verb>[有無])(?P<names>(?>{any_name()})*+)[二三四五六七八九十]?[穴之]?(?:而無.*)?$"
    )


def _having(saying: Saying, book: Book) -> Judgement | None:
    """Whether a work treats the points that it is said to have or to lack (無靈臺中樞陽關三穴)."""
    assert saying.work and saying.code
    said = having().match(_glyphs([saying.value])[0])
    if said is None:
        return None
    siglum, chapters = book.witness.spec.siglum, saying.work.chapters
    if not said["names"]:
        held = bool(book.about(saying.code, chapters))
        return Judgement("confirmed" if held == (said["verb"] == "有") else "contradicted", siglum)
    agreed = True
    for name in pattern().findall(said["names"]):
        codes = _codes(name)
        entries = [entry for code in codes for entry in book.about(code, chapters)]
        called = any(name in _glyphs([e.name_raw, *e.aliases]) for e in entries)
        whole = {entry.code for entry in entries} >= codes
        agreed &= called if said["verb"] == "有" else not (called and whole)
    return Judgement("confirmed" if agreed else "contradicted", siglum)


def _codes(name: str) -> set[str]:
    return {sense.code for sense in lexicon().senses[name]}


@cache
def placed() -> regex.Pattern[str]:
    """A point at a vertebra: 第六椎下有靈臺."""
    return regex.compile(
        rf"(?P<place>第?[一二三四五六七八九十]{{1,3}}+椎節?下)有(?P<name>{any_name()})"
    )


def _of_places(saying: Saying, book: Book) -> Judgement | None:
    """Whether points lie at the vertebrae where a note on several says they do (第六椎下有靈臺)."""
    assert saying.work
    told = [(m["place"], m["name"]) for m in placed().finditer(_glyphs([saying.value])[0])]
    held: list[str] = []
    for place, name in told:
        entries = (e for code in _codes(name) for e in book.about(code, saying.work.chapters))
        wanted = next(filter(measured, phrase(place).chars), "")
        places = [entry.location for entry in entries]
        held += [one for one in places if wanted in phrase(_glyphs([one])[0]).chars][:1]
    if not told or len(held) < len(told):
        return None
    return Judgement("confirmed", book.witness.spec.siglum, cited_text="，".join(held))


def _of_entry(saying: Saying, book: Book) -> Judgement | None:
    """Whether what a book says of the point has words that are said to be read or missing there."""
    assert saying.work and saying.code
    words = COUNTED.sub("", _glyphs([saying.value])[0])
    entries = book.about(saying.code, saying.work.chapters)
    if saying.verb == "says" or not words or not entries:
        return None
    forms = [words] if len(words) > 1 else list(_beside(words, saying.entry))
    there = [text for entry in entries for text in _texts(entry, book)]
    glyphs = zip(there, _glyphs(there), strict=True)
    found = [text for text, one in glyphs if any(form in one for form in forms)]
    if bool(found) == (saying.verb == "lacks"):
        return None
    siglum = book.witness.spec.siglum
    return Judgement("confirmed", siglum, entries[0].entry_id, "".join(found[:1]))


def _beside(glyph: str, citing: Entry | None) -> Iterator[str]:
    """A glyph between those that stand beside each of another one in the words of the citing entry:
    一寸著脇 for 一寸搓脇.
    """
    for words in _glyphs([citing.location]) if citing else ():
        for at in range(2, len(words) - 1):
            if words[at] != glyph:
                yield words[at - 2 : at] + glyph + words[at + 1]


# --- in an entry ---------------------------------------------------------------------------------


def _compared(saying: Saying, entry: Entry, book: Book) -> tuple[Verdict, str]:
    """What an entry says to it, and in which words."""
    claims = book.claims.get(entry.entry_id, ())
    if saying.field in DOSES:
        columns = DOSES[saying.field]
        verdict = _dose(saying.value, *(getattr(entry, column) for column in columns))
        return verdict, next((c.text for c in claims if c.field in columns), "")
    if saying.field == "channels":
        stated = set(saying.value.split("、"))
        have = {channel.partition(":")[0] for channel in entry.channels}
        verdict = "confirmed" if stated <= have else "contradicted" if have else "not_found"
        return verdict, "，".join(dict.fromkeys(c.text for c in claims if c.field == "channels"))
    if saying.field == "name":
        return _name(saying, entry)
    return _said(saying, _texts(entry, book))


def _texts(entry: Entry, book: Book) -> list[str]:
    """What an entry says in words."""
    fields = ("location", "posture", "warnings", "remarks")
    claims = book.claims.get(entry.entry_id, ())
    texts = [entry.location, *entry.posture, *entry.warnings, *entry.remarks]
    return [*texts, *(claim.text for claim in claims if claim.field in fields)]


def _dose(value: str, least: float | None, most: float | None, forbidden: bool) -> Verdict:
    if value == "forbidden":
        if forbidden:
            return "confirmed"
        return "not_found" if least is None else "contradicted"
    amounts = AMOUNTS.fullmatch(value)
    assert amounts
    if least is None and most is None:
        return "contradicted" if forbidden else "not_found"
    one, low, high = (float(amount) if amount else None for amount in amounts.groups())
    stated = (one, one) if one is not None else (low, high)
    return "confirmed" if (least, most) == stated else "contradicted"


AMOUNTS = regex.compile(r"forbidden|(\d+(?:\.\d+)?)|(\d+(?:\.\d+)?)?–(\d+(?:\.\d+)?)")
"""A dose as a value: 3, 3–5, –100, forbidden."""


def _name(saying: Saying, entry: Entry) -> tuple[Verdict, str]:
    names = [entry.name_raw, *entry.aliases]
    said, *there = _glyphs([saying.value, *names])
    found = next((name for name, words in zip(names, there, strict=True) if said in words), "")
    return ("confirmed", found) if found and len(said) > 1 else ("not_found", "")


@lru_cache(maxsize=16384)
def _written(text: str) -> Glyphs:
    """The glyphs of words of a table, whatever their script."""
    return glyphs_of([text], "hans")[0] if text.strip() else Glyphs((), "", "")


def _glyphs(texts: Sequence[str]) -> list[str]:
    return [_written(text).chars for text in texts]


def _said(saying: Saying, texts: Sequence[str]) -> tuple[Verdict, str]:
    """What the likest of some texts says to it, and in which of its words."""
    value, *there = _glyphs([saying.value, *texts])
    best: tuple[Verdict, str] = ("not_found", "")
    for text, glyphs in zip(texts, there, strict=True):
        verdict, (start, end) = _likeness(saying.around[0], value, glyphs)
        if RANK[verdict] < RANK[best[0]]:
            best = verdict, _verbatim(text, start, end)
    return best


def _verbatim(text: str, start: int, end: int) -> str:
    """The words of a text from one of its glyphs to another."""
    return regex.sub(
        r"(?<![\p{P}\p{Z}])[\p{P}\p{Z}]++$", "", "".join(_written(text).written[start:end])
    )


def _likeness(led: str, value: str, text: str) -> tuple[Verdict, tuple[int, int]]:
    """Whether a text has some words; a bare measure is one of the place that leads to it, and
    各二寸 near to 去任脈二寸.
    """
    measure, there = phrase(value).chars, phrase(text)
    bare = bool(measure) and measured(measure[-1]) and measure[:-1] in ("", EACH)
    for words in [*(_replaced(led, measure[-1:], value) if bare else ()), value]:
        like = alike(words, text)
        verdict = KINDS[like.kind]
        if verdict != "not_found" and not (words != value and verdict == "nearly"):
            return verdict, (like.start, like.end)
    if bare and measure[-1] in there.chars:
        return "nearly", there.places[there.chars.index(measure[-1])]
    return "not_found", (0, 0)


EACH = "各"
KINDS: dict[str, Verdict] = {
    "same": "confirmed",
    "near": "nearly",
    "measure": "contradicted",
    "": "not_found",
}
"""What is said by words that are so like."""


def _replaced(led: str, measure: str, value: str) -> Iterator[str]:
    """The words before a measure that stands before a note, with another one for it."""
    before = phrase(led)
    if before.chars and measured(before.chars[-1]) and before.chars[-1] != measure:
        at = before.places[-1][0]
        yield led[max(0, at - PLACED) : at] + value


PLACED = 4
"""How many glyphs before a measure say from where it is."""


# --- in the words of a chapter -------------------------------------------------------------------


def _in_words(saying: Saying, book: Book) -> tuple[Verdict, str]:
    """What the parts of the cited chapter that name the point say to it, main text and notes."""
    assert saying.work and saying.code
    chapters = saying.work.chapters
    names = _names(saying.code)
    parts = [part for part in book.words(chapters) if any(name in part for name in names)]
    lemmata = (row for row in book.lemmata if saying.code in row.codes)
    parts += _glyphs(
        [r.lemma for r in lemmata if not chapters or book.chapter(r.start) in chapters]
    )
    best: tuple[Verdict, str] = ("not_found", "")
    for part in parts:
        found = _in_part(saying, part)
        if RANK[found[0]] < RANK[best[0]]:
            best = found
    return best


@lru_cache(maxsize=512)
def _names(code: str) -> tuple[str, ...]:
    """The names of a point; one glyph is a word like any other."""
    senses = lexicon().senses.items()
    return tuple(n for n, found in senses if len(n) > 1 and any(s.code == code for s in found))


def _in_part(saying: Saying, part: str) -> tuple[Verdict, str]:
    if saying.field in DOSES:
        return "not_found", ""
    (value,) = _glyphs([saying.value.replace("、", "")])
    like = alike(value, part)
    if like.kind in ("same", "near") and len(value) > 3:
        return KINDS[like.kind], part[like.start : like.end]
    return "not_found", ""


# --- the readings of a run -----------------------------------------------------------------------


def verdicts(result: Result) -> Result:
    """The result with every reading judged, and what it was compared with."""
    books = shelf(result)
    by_id = {entry.entry_id: entry for entry in result.entries}
    notes = {note.note_id: note for note in result.notes}
    shelved = {book.witness.spec.siglum: book for book in books.books}
    judged = []
    for reading in result.readings:
        entry, note = by_id.get(reading.entry_id or ""), notes.get(reading.note_id or "")
        citing = shelved[reading.reading_id.partition("/")[0] if entry is None else entry.witness]
        found = judge(_saying(reading, entry, note, citing), books)
        judged.append(
            replace(
                reading,
                verdict=found.verdict,
                cited_witness=found.cited_witness,
                cited_entry=found.cited_entry,
                cited_text=found.cited_text,
                searched=found.searched,
            )
        )
    doses = (_of_dose(dose, by_id, shelved, books) for dose in result.doses)
    return replace(result, readings=tuple(judged), doses=tuple(doses))


FIELDS = {"needling": "depth", "retention": "retention", "moxa": "moxa"}
"""The field of readings for an act of doses."""


def _of_dose(
    dose: DoseRow, entries: Mapping[str, Entry], shelved: Mapping[str, Book], books: Shelf
) -> DoseRow:
    """A dose with the verdict on it; what the book itself says, what depends on a condition, and
    what is no number are not judged.
    """
    if not dose.source or dose.condition or dose.expr or dose.act not in FIELDS:
        return dose
    simplified = shelved[dose.witness].witness.spec.script == "hans"
    work = work_of(dose.source, simplified)
    if work is None or not work.named:
        work = _whole_work(dose.work)
    field = dose.act if dose.forbidden else FIELDS[dose.act]
    entry = entries.get(dose.entry_id)
    code = entry.code if entry else None
    found = judge(Saying(work, field, _amount(dose), code, citing=dose.witness, entry=entry), books)
    return replace(
        dose,
        verdict=found.verdict,
        cited_witness=found.cited_witness,
        cited_entry=found.cited_entry,
    )


def _amount(dose: DoseRow) -> str:
    if dose.forbidden:
        return "forbidden"
    low, high = ("" if one is None else f"{one:g}" for one in (dose.min, dose.max))
    return low if low == high else f"{low}–{high}"


@lru_cache(maxsize=64)
def _whole_work(title: str | None) -> Work | None:
    """The work of a title, where no form of citation says which chapter (又, 亦)."""
    found = (work for work in works().values() if work.named and not work.chapters)
    return next((work for work in found if title and work.title == title), None)


def _saying(reading: Reading, entry: Entry | None, note: Note | None, citing: Book) -> Saying:
    """What is said in a reading, and around its note."""
    simplified = citing.witness.spec.script == "hans"
    work = work_of(reading.source, simplified) if reading.source else None
    if work is None or not work.named or not work.work:
        return Saying(work, reading.field, reading.value)
    around = ("", "") if note is None else citing.around(note.start)
    code = entry.code if entry else None
    if entry is None and reading.field in DOSES:
        code = _spoken_of(around[0])
    value, verb = reading.value, _verb(note.text, reading.value) if note else "says"
    if entry is None and reading.field == "other" and value[:1] in LACKING:
        value, verb = value[1:], "lacks"
    return Saying(work, reading.field, value, code, verb, around, citing.witness.spec.siglum, entry)


def _spoken_of(before: str) -> str | None:
    """The point that the words before a note end with, or speak of last."""
    names = pattern().findall(before[-NEAR:], overlapped=True)
    senses = lexicon().senses[names[-1]] if names else ()
    return senses[0].code if len(senses) == 1 else None


LACKING = ("無", "无")
NEAR = 12
"""Glyphs before a note, in which the point is named that it speaks of."""
VERBS: dict[str, Verb] = {"作": "reads", "無": "lacks", "无": "lacks", "有": "has"}


def _verb(note: str, words: str) -> Verb:
    """What a source does with the words, by the one before them."""
    before = note.partition(words)[0].rstrip("「『 \n")
    return VERBS.get(before[-1:], "says")


# --- summary -------------------------------------------------------------------------------------


def citations(result: Result) -> Iterator[tuple[str, dict[Verdict, int]]]:
    """How many citations of each work there are, by verdict; the most cited work first."""
    simplified = {w.spec.siglum: w.spec.script == "hans" for w in result.witnesses}
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for reading in result.readings:
        siglum = reading.reading_id.partition("/")[0]
        work = work_of(reading.source, simplified.get(siglum, False)) if reading.source else None
        if work and work.named:
            counts[work.title][reading.verdict] += 1
    for title, found in sorted(counts.items(), key=lambda c: (-c[1].total(), c[0])):
        yield title, {verdict: found[verdict] for verdict in RANK}
