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
from functools import lru_cache
from typing import Literal, TypeVar

import regex

from pipeline.judging.chain import aside, said_aside
from pipeline.judging.parallel import answered, parallel
from pipeline.judging.running import (
    AGAIN,
    Said,
    another,
    by_entry,
    near,
    repeated,
    sayings,
    sources_again,
    sure,
)
from pipeline.judging.saying import (
    DOSES,
    FIELDS,
    NEAR,
    QUOTED,
    Saying,
    amount_of,
    at_hand,
    codes_of,
    glyphs,
    meant,
    names_of,
    saying_of,
    whole_work,
    written,
)
from pipeline.judging.shelf import CONTEXT, Book, Shelf, shelf
from pipeline.judging.wording import MEASURES, Likeness, abridged, alike, beside, measured, phrase
from pipeline.knowledge.lexicon import any_name, point_name
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.vocabulary import words_of
from pipeline.knowledge.works import Work, work_of
from pipeline.model import DoseRow, Entry, Note, Reading, Result
from pipeline.sources.layouts import LOST

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
WORDS = ("location", "posture", "warnings", "name", "aliases")
"""Fields whose words can be looked for in the cited entry."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and what it rests on: witness and entry, the words there, where was searched, and
    through which entries a place was followed.
    """

    verdict: Verdict
    cited_witness: str | None = None
    cited_entry: str | None = None
    cited_text: str = ""
    searched: tuple[str, ...] = ()
    through: tuple[str, ...] = ()


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
    few = _few(saying)
    if few and not glyphs([saying.value])[0].replace(LOST, ""):
        return Judgement("not_checkable")
    own = [book for book in holders if book.witness.spec.siglum == saying.citing]
    hand = bool(own) and not work.chapters and saying.entry is not None
    if hand:
        holders = own
    point = saying.code and saying.field in (*DOSES, *WORDS, "channels", "drain")
    found = list((_of_point if point else _of_words)(saying, holders, hand))
    # The main text alone can have words; that it has none of a point says nothing.
    bare = {book.witness.spec.siglum for book in holders if not book.entries}
    found = [one for one in found if one.cited_witness not in bare or RANK[one.verdict] < 2]
    found = found or [Judgement("not_in_corpus")]
    best = min(found, key=lambda one: RANK[one.verdict])
    if best.verdict != "confirmed":
        worse = (one for one in _run_on(saying, holders) if RANK[one.verdict] < RANK[best.verdict])
        best = min((best, *worse), key=lambda one: RANK[one.verdict])
    if best.verdict == "confirmed" and not (
        _of_its_point(saying, holders) and _of_its_part(saying, holders)
    ):
        best = replace(best, verdict="nearly")
    if few and best.verdict == "not_found":
        return Judgement("not_checkable")
    if few and LOST in saying.value and best.verdict == "confirmed":
        best = replace(best, verdict="nearly")
    if best.verdict == "not_found" and point and not _treated(saying, holders):
        return Judgement("not_in_corpus", searched=tuple(_places(work)))
    searched = tuple(dict.fromkeys(place for one in found for place in one.searched))
    if best.verdict == "not_in_corpus":
        return Judgement("not_in_corpus", searched=tuple(_places(work)))
    return replace(best, searched=searched if best.verdict == "not_found" else best.through)


def _of_its_point(saying: Saying, holders: Sequence[Book]) -> bool:
    """Whether what editors are said to say of a point stands in a note of theirs on that point, and
    not on another (資生經 has under 懸顱 what 新校正 says of 懸釐).
    """
    assert saying.work
    if saying.work.part != "editors" or not saying.code or saying.field in DOSES:
        return True
    value = glyphs([saying.value])[0]
    return any(
        value in one
        for book in holders
        for entry in book.about(saying.code)
        for one in glyphs([note.text for note in book.notes if note.entry_id == entry.entry_id])
    )


def _of_its_part(saying: Saying, holders: Sequence[Book]) -> bool:
    """Whether what a work is said to say stands in its main text, and not in the commentary that is
    printed with it (素問云鍼二分 is 王冰's).
    """
    if saying.work is None or saying.work.part != "text" or not saying.code:
        return True
    if saying.field in DOSES or saying.verb != "says":
        return saying.verb != "says"
    return saying.field == "channels" or _in_main(saying.value, holders)


def _in_main(value: str, holders: Sequence[Book]) -> bool:
    (words,) = glyphs([value])
    return any(alike(words, part).kind == "same" for book in holders for part in book.main)


def _treated(saying: Saying, holders: Sequence[Book]) -> bool:
    """Whether the books speak of the point; of a work of which some chapters are at hand the others
    do, if these are silent on it.
    """
    assert saying.work and saying.code
    if saying.work.chapters or saying.work.catalogue or saying.work.part == "editors":
        return True
    return any(book.about(saying.code) for book in holders)


def _few(saying: Saying) -> bool:
    """Whether of words no more than a glyph is there (一名□, 刺), so that silence tells nothing."""
    if saying.verb != "says" or saying.field in (*DOSES, "drain", "channels"):
        return False
    known = phrase(glyphs([saying.value])[0]).chars.replace(LOST, "")
    return len(known) < 2 and not (known and measured(known))


def _run_on(saying: Saying, holders: Sequence[Book]) -> Iterator[Judgement]:
    """Whether words in running text stand in a book with the words before or after them too, or in
    what its editors say of it.
    """
    assert saying.work
    (value,) = glyphs([saying.value])
    before, after = saying.running
    if saying.field in DOSES or not value:
        return
    editors = saying.work.part == "editors"
    hand = any(book.witness.spec.siglum == saying.citing for book in holders)
    for book in holders:
        for remark in () if hand or saying.field not in WORDS else _on_point(saying, book):
            like = alike(value, remark)
            if like.kind == "same":
                siglum, words = book.witness.spec.siglum, remark[like.start : like.end]
                yield Judgement("nearly", siglum, cited_text=words)
        own, other = ("", "") if editors else _about_it(saying, book)
        # In a text with notes of its own editors the note would be found that is judged.
        notes = "" if hand else "".join(_editors(saying.work, book))
        for text, theirs in ((own, False), (other, False), (notes, True)):
            like = beside(before, value, after, text)
            if theirs and not like.kind and len(phrase(value).chars) >= QUOTED:
                like = alike(value, text)
                like = like if like.kind == "same" else Likeness("")
            same = like.kind == "same" and (editors or text is own) and _told(saying, value)
            if like.kind:
                verdict: Verdict = "confirmed" if same else "nearly"
                words = text[like.start : like.end]
                yield Judgement(verdict, book.witness.spec.siglum, cited_text=words)


def _on_point(saying: Saying, book: Book) -> list[str]:
    """What the editors of a commentary say on a point, where it is cited without the chapter: they
    quote what it says of the point in others (刺腰痛注作跟後街中動脈).
    """
    cited = saying.work and saying.work.part == "commentary" and not saying.work.chapters
    entries = book.about(saying.code) if cited and saying.code else ()
    ids = {entry.entry_id for entry in entries}
    return glyphs([note.text for note in book.notes if note.entry_id in ids])


def _told(saying: Saying, value: str) -> bool:
    """Whether words tell enough that who has them says this: more than a glyph, no mere name, and
    of no point in particular, or of nothing that is understood, a sentence.
    """
    if saying.field in ("name", "aliases") or point_name().fullmatch(value):
        return False
    least = LONG if not saying.code else QUOTED if saying.field == "other" else 2
    return len(phrase(value).chars) >= least


def _about_it(saying: Saying, book: Book) -> tuple[str, str]:
    """What the cited chapters say of no other point than the one that words are said of, and what
    they say of those that are named before the words.
    """
    parts = book.words(saying.work.chapters if saying.work else frozenset())
    names_other = point_name().search(glyphs([saying.value])[0])
    if not saying.code or names_other or saying.field not in (*WORDS, "channels"):
        return "".join(parts), ""
    names, beside_it = names_of(saying.code), point_name().findall(saying.running[0][-NEAR:])
    own = [part for part in parts if any(n in part for n in names) or not _names_any(part)]
    other = (part for part in parts if any(n in part for n in beside_it))
    return "\n".join(own), "\n".join(other)


@lru_cache(maxsize=8192)
def _names_any(part: str) -> bool:
    return point_name().search(part) is not None


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
    entries = (own,) if own else book.about(saying.code, saying.work)
    said: list[Verdict] = []
    for entry in entries:
        verdict, words = _compared(saying, entry, book)
        if verdict == "contradicted" and saying.field in WORDS and _of_another(saying, book):
            verdict, words = "not_found", ""
        said.append(verdict)
        yield Judgement(verdict, siglum, entry.entry_id, words, (entry.entry_id,))
        if saying.field == "location" and verdict != "confirmed":
            yield from _through(saying, entry, book)
    if own or "confirmed" in said or ("contradicted" in said and saying.field in DOSES):
        return
    namesake = next(_namesakes(saying, book), None) if not entries else None
    if namesake:
        yield namesake
    verdict, words = _in_words(saying, book)
    cited = entries[0].entry_id if entries else None
    yield Judgement(verdict, siglum, cited, words, _searched(book, chapters))


def _namesakes(saying: Saying, book: Book) -> Iterator[Judgement]:
    """The entries that have the point's name in the work, are of another one, and say it: 少海, of
    手少陰 in a catalogue, is one of 手太陽 in the commentary.
    """
    name = glyphs([saying.entry.name or saying.entry.name_raw])[0] if saying.entry else ""
    chapters = saying.work.chapters if saying.work else frozenset()
    for entry in (e for found in book.entries.values() for e in found if name):
        if (not chapters or book.chapter(entry.start) in chapters) and glyphs([entry.name_raw]) == [
            name
        ]:
            verdict, words = _compared(saying, entry, book)
            if verdict == "confirmed":
                siglum = book.witness.spec.siglum
                yield Judgement("nearly", siglum, entry.entry_id, words, (entry.entry_id,))


def _through(saying: Saying, entry: Entry, book: Book) -> Iterator[Judgement]:
    """What a place says of how far a point lies to each side, through the point it is told from."""
    (value,) = glyphs([saying.value])
    measure = said_aside(value)
    found = aside(entry, book) if measure else None
    if found:
        verdict: Verdict = "confirmed" if found.measure == measure else "contradicted"
        words = "，".join(found.words)
        siglum = book.witness.spec.siglum
        yield Judgement(verdict, siglum, entry.entry_id, words, through=found.entries)


def _of_another(saying: Saying, book: Book) -> bool:
    """Whether a book says these very words of another point: they are no other place for this one,
    but came under it.
    """
    (value,) = glyphs([saying.value])
    names = names_of(saying.code) if saying.code else ()
    return len(value) >= QUOTED and any(
        alike(value, part).kind == "same"
        for part in book.words(frozenset())
        if not any(name in part for name in names)
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
    (value,) = glyphs([saying.value])
    text = "".join(book.words(chapters))
    told, words = answered(saying.verb, value, *saying.around, text, saying.lemma)
    if told in ("nowhere", "not_found") and saying.lemma:
        found = next((one for one in _replacing(saying, value) if one in text), "")
        told, words = ("confirmed", found) if found else (told, words)
    if told == "confirmed" and saying.verb == "says" and not _told(saying, value):
        told = "nearly"
    searched = _searched(book, chapters)
    where = chapters or (saying.work.catalogue and any(saying.around))
    like = alike(value, text) if told == "nowhere" and where and len(value) >= QUOTED else None
    if like and (like.kind == "same" or (like.kind == "near" and _same_points(value, text, like))):
        told = "confirmed" if like.kind == "same" else "nearly"
        words = text[like.start : like.end]
    if told != "nowhere" and told != "unclear":
        return Judgement(told, siglum, cited_text=words, searched=searched)
    if not (chapters or saying.work.catalogue or hand) and (
        told == "nowhere" or (told == "unclear" and not parallel(*saying.around, text))
    ):
        return Judgement("not_in_corpus")
    if told == "nowhere" and saying.verb == "says" and len(value) >= QUOTED:
        return Judgement("not_found", siglum, searched=searched)
    return Judgement("not_checkable", siglum)


def _same_points(value: str, text: str, like: Likeness) -> bool:
    """Whether words name a point, and those that are like them the same one: 乃天鼎穴也 for 謂天鼎
    二穴也.
    """
    named = point_name().findall(value)
    return bool(named) and named == point_name().findall(text[like.start : like.end])


def _replacing(saying: Saying, value: str) -> Iterator[str]:
    """The words about the note, its own and those of others too, with the value for the lemma:
    內穀為寶 for 內穀為實.
    """
    for at in regex.finditer(regex.escape(saying.lemma), saying.beside):
        if at.start() >= LED:
            yield saying.beside[at.start() - LED : at.start()] + value


LED = 3
"""Glyphs before or after a word that tell where it stands."""


def _having(saying: Saying, book: Book) -> Judgement | None:
    """Whether a work treats the points that it is said to have or to lack (無靈臺中樞陽關三穴)."""
    assert saying.work and saying.code
    said = pattern("point-had", name=any_name()).match(glyphs([saying.value])[0])
    if said is None:
        return None
    has = words_of("does")[said["verb"]] == "has"
    siglum = book.witness.spec.siglum
    if not said["names"]:
        held = bool(book.about(saying.code, saying.work))
        return Judgement("confirmed" if held == has else "contradicted", siglum)
    agreed = True
    for name in point_name().findall(said["names"]):
        codes = codes_of(name)
        entries = [entry for code in codes for entry in book.about(code, saying.work)]
        called = any(name in glyphs([e.name_raw, *e.aliases]) for e in entries)
        whole = {entry.code for entry in entries} >= codes
        agreed &= called if has else not (called and whole)
    return Judgement("confirmed" if agreed else "contradicted", siglum)


def _of_places(saying: Saying, book: Book) -> Judgement | None:
    """Whether points lie at the vertebrae where a note on several says they do (第六椎下有靈臺)."""
    assert saying.work
    at_vertebrae = pattern("point-at-vertebra", name=any_name())
    told = [(m["place"], m["name"]) for m in at_vertebrae.finditer(glyphs([saying.value])[0])]
    held: list[str] = []
    for place, name in told:
        entries = (e for code in codes_of(name) for e in book.about(code, saying.work))
        wanted = next(filter(measured, phrase(place).chars), "")
        places = [entry.location for entry in entries]
        held += [one for one in places if wanted in phrase(glyphs([one])[0]).chars][:1]
    if not told or len(held) < len(told):
        return None
    return Judgement("confirmed", book.witness.spec.siglum, cited_text="，".join(held))


def _of_entry(saying: Saying, book: Book) -> Judgement | None:
    """Whether what a book says of the point has words that are said to be read or missing there."""
    assert saying.work and saying.code
    words = pattern("counts-itself").sub("", glyphs([saying.value])[0])
    entries = book.about(saying.code, saying.work)
    if saying.verb == "says" or not words or not entries:
        return None
    forms = [words] if len(words) > 1 else list(_beside(words, saying.entry))
    there = [text for entry in entries for text in _texts(entry, book)]
    pairs = zip(there, glyphs(there), strict=True)
    found = [text for text, one in pairs if any(form in one for form in forms)]
    if bool(found) == (saying.verb == "lacks"):
        return None
    siglum = book.witness.spec.siglum
    return Judgement("confirmed", siglum, entries[0].entry_id, "".join(found[:1]))


def _beside(glyph: str, citing: Entry | None) -> Iterator[str]:
    """A glyph between those that stand beside each of another one in the words of the citing entry:
    一寸著脇 for 一寸搓脇.
    """
    for words in glyphs([citing.location]) if citing else ():
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
        listed, words = book.page(entry.start)
        main = saying.work is not None and saying.work.part == "text"
        if stated == {listed} and (main or not have):
            return "confirmed" if main else "nearly", words
        verdict = "contradicted" if have else "not_found"
        # 足少陽、太陽: the second has the limb of the first.
        if stated <= have | {channel[1:] for channel in have if channel[0] in LIMBS}:
            verdict = "nearly" if main else "confirmed"  # the channels are those of the commentary
        return verdict, "，".join(dict.fromkeys(c.text for c in claims if c.field == "channels"))
    if saying.field in ("name", "aliases"):
        return _name(saying, entry)
    texts = _texts(entry, book, saying.work.part if saying.work else "")
    verdict, words = _said(saying, texts)
    measure = _before_case(saying) if verdict == "not_found" else ""
    if measure:
        verdict, words = _said(replace(saying, value=measure), texts)
        verdict = "nearly" if verdict == "confirmed" else verdict
    if verdict == "not_found" and saying.field == "warnings":
        return _deep(saying, texts)
    if verdict == "not_found" and saying.field == "location" and _elsewhere(saying, entry):
        return "contradicted", entry.location
    return verdict, words


LIMBS = "手足"


def _deep(saying: Saying, texts: Sequence[str]) -> tuple[Verdict, str]:
    """Whether some texts warn of deep needling, where that is all that is said: 不宜刺太深."""
    if pattern("deep-warned").fullmatch(glyphs([saying.value])[0]):
        found = map(pattern("deep-here").search, glyphs(texts))
        for text, one in zip(texts, found, strict=True):
            if one:
                return "nearly", _verbatim(text, *one.span())
    return "not_found", ""


def _before_case(saying: Saying) -> str:
    """The measure that a place begins with, where the note goes on by itself: 一寸 of 一寸為鳩尾處,
    若不為鳩尾處則….
    """
    value, names = glyphs([saying.value])[0], "|".join(names_of(saying.code or ""))
    told = pattern("before-case", names=names).match(value)
    return told["measure"] if told else ""


def _elsewhere(saying: Saying, entry: Entry) -> bool:
    """Whether an entry begins its place from another part of the body than the words do."""
    value, there = glyphs([saying.value, entry.location])
    whole = len(phrase(value).chars) >= LONG and value[:1] == there[:1] == "在"
    parts = set(value[1:3]) - set(words_of("opposite"))
    return whole and bool(parts) and not parts.intersection(there)


def _texts(entry: Entry, book: Book, part: str = "") -> list[str]:
    """What an entry says in words, its own notes included; what editors say in theirs."""
    if part == "editors":
        return [note.text for note in book.notes if note.entry_id == entry.entry_id]
    fields = ("location", "posture", "warnings", "remarks")
    claims = book.claims.get(entry.entry_id, ())
    if part in ("hand", "elsewhere"):
        lemmata = [row for row in book.lemmata if entry.code in row.codes]
        here = [row for row in lemmata if row.start <= entry.start][-1:]
        own = [row.lemma for row in lemmata if (row in here) == (part == "hand")]
        if part == "elsewhere":
            return own
        return [*own, *(claim.text for claim in claims if not book.noted(claim.start))]
    texts = [entry.location, *entry.posture, *entry.warnings, *entry.remarks, entry.name_raw]
    texts += (claim.text for claim in claims if claim.field in fields)
    return [*texts, *(book.remarks.get(entry.entry_id, ()) if part == "catalogue" else ())]


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
    if one is low is None and least == most == high:
        return "nearly"  # 灸三壯, and no more than three (不過三壯)
    return "confirmed" if (least, most) == stated else "contradicted"


AMOUNTS = regex.compile(r"forbidden|(\d+(?:\.\d+)?)|(\d+(?:\.\d+)?)?–(\d+(?:\.\d+)?)")
"""A dose as a value: 3, 3–5, –100, forbidden."""


def _name(saying: Saying, entry: Entry) -> tuple[Verdict, str]:
    names = [entry.name_raw, *entry.aliases]
    said, *there = glyphs([saying.value, *names])
    like = regex.compile(regex.escape(said).replace(LOST, "."))
    found = next((name for name, words in zip(names, there, strict=True) if like.search(words)), "")
    if found and len(said) > 1:
        return "confirmed" if len(said.replace(LOST, "")) > 1 else "nearly", found
    slips = words_of("slip")
    for name, words in zip(names, there, strict=True):
        unlike = [(a, b) for a, b in zip(said, words, strict=False) if a != b]
        if len(said) == len(words) > 1 == len(unlike) and slips.get(unlike[0][0]) == unlike[0][1]:
            return "nearly", name
    other = saying.field == "name" and saying.verb == "reads"
    return ("contradicted", entry.name_raw) if other else ("not_found", "")


def _said(saying: Saying, texts: Sequence[str]) -> tuple[Verdict, str]:
    """What the likest of some texts says to it, and in which of its words."""
    value, *there = glyphs([saying.value, *texts])
    best: tuple[Verdict, str] = ("not_found", "")
    for text, words in zip(texts, there, strict=True):
        verdict, (start, end) = _likeness(saying.around[0], value, words)
        shorter = abridged(value, words) if verdict == "not_found" else None
        if shorter:
            verdict, start, end = "nearly", shorter.start, shorter.end
        if verdict == "not_found" and _overrun(value, words):
            verdict, end = "nearly", len(words)
        placed = _placed(value) if verdict == "not_found" else ""
        like = alike(placed, words) if placed else None
        if like and like.kind in ("same", "near"):
            verdict, start, end = "nearly", like.start, like.end
        if RANK[verdict] < RANK[best[0]]:
            best = verdict, _verbatim(text, start, end)
    if best[0] == "confirmed" and _aside(saying, value, there):
        return "nearly", best[1]
    return best


def _aside(saying: Saying, value: str, texts: Sequence[str]) -> bool:
    """Whether a bare measure is one from the midline, as that of the work before it (銅人去腹中行
    五分，素注一寸), and the texts have it otherwise (下一寸).
    """
    chars = phrase(value).chars
    before = pattern("measured-aside").search(saying.running[0])
    if before is None or len(chars) != 1 or not measured(chars):
        return False
    return all(alike(before["from"] + value, text).kind != "same" for text in texts)


def _overrun(value: str, text: str) -> bool:
    """Whether words are a text and go on: 長強在脊骶端正在尻骨下王氏云…."""
    rest = phrase(value[len(text) :]).chars
    return len(text) >= QUOTED and value.startswith(text) and not any(map(measured, rest))


def _placed(value: str) -> str:
    """The words of a place to its last measure, where a few follow that tell of no other place
    (本節後二寸動脈應手).
    """
    there = phrase(value)
    last = max((i for i, sign in enumerate(there.chars) if ord(sign) > MEASURES), default=-1)
    behind = there.chars[last + 1 :]
    if last < LONG or not 0 < len(behind) <= QUOTED or set(behind) & set(words_of("opposite")):
        return ""
    return value[: there.places[last][1]]


def _verbatim(text: str, start: int, end: int) -> str:
    """The words of a text from one of its glyphs to another."""
    return regex.sub(
        r"(?<![\p{P}\p{Z}])[\p{P}\p{Z}]++$", "", "".join(written(text).written[start:end])
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
    others = [i for i, sign in enumerate(there.chars) if ord(sign) > MEASURES]
    if measure and ord(measure[0]) > MEASURES and not led and len(others) == 1:
        return "contradicted", there.places[others[0]]  # the one measure of a place
    return "not_found", (0, 0)


EACH = "各"
KINDS: dict[str, Verdict] = {
    "same": "confirmed",
    "near": "nearly",
    "measure": "contradicted",
    "turned": "contradicted",
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
    parts = _editors(saying.work, book) if saying.work.part == "editors" else _parts(saying, book)
    if saying.value == "forbidden":
        banned = filter(pattern("forbids-or-denies").search, _lemmata(saying, book))
        return next((("nearly", lemma) for lemma in banned), ("not_found", ""))
    if saying.field not in (*DOSES, "channels", "drain"):
        (value,) = glyphs([saying.value])
        held = (one for one in _lemmata(saying, book) if alike(value, one).kind == "same")
        lemma = next(held, "") if len(value) > 1 else ""
        if lemma:
            named = saying.field not in ("name", "aliases") or pattern(
                "named-in-text", name=regex.escape(value)
            ).search(lemma)
            return "confirmed" if named else "nearly", lemma
    best: tuple[Verdict, str] = ("not_found", "")
    for part in parts:
        found = _in_part(saying, part)
        if RANK[found[0]] < RANK[best[0]]:
            best = found
    return best if best[0] != "not_found" else _in_theory(saying, book)


def _parts(saying: Saying, book: Book) -> list[str]:
    """The parts of the cited chapters that name the point, and the main text that is on it."""
    chapters = saying.work.chapters if saying.work else frozenset()
    names = names_of(saying.code or "")
    parts = [part for part in book.words(chapters) if any(name in part for name in names)]
    return parts + _lemmata(saying, book)


def _lemmata(saying: Saying, book: Book) -> list[str]:
    """The main text of the cited chapters that is on the point."""
    chapters = saying.work.chapters if saying.work else frozenset()
    lemmata = (row for row in book.lemmata if saying.code in row.codes)
    held = [r.lemma for r in lemmata if not chapters or book.chapter(r.start) in chapters]
    return glyphs(held)


def _editors(work: Work, book: Book) -> list[str]:
    """What the notes of editors say in the cited chapters, on whatever point."""
    notes = (n for n in book.notes if not work.chapters or book.chapter(n.start) in work.chapters)
    return glyphs([note.text for note in notes])


def _in_theory(saying: Saying, book: Book) -> tuple[Verdict, str]:
    """What the chapters say of no point: such words belong to no other one (內踝以下至地三寸)."""
    (value,) = glyphs([saying.value])
    length = pattern("length").fullmatch(value)
    enough = length or len(phrase(value).chars) >= LONG
    value = length["is"] + length["measure"] if length else value
    if saying.field not in ("location", "posture", "warnings") or not enough:
        return "not_found", ""
    text = book.theory(saying.work.chapters if saying.work else frozenset())
    like = alike(value, text)
    # From where to where it is so long does not stand in these words.
    kind = "near" if like.kind == "same" and length else like.kind
    return KINDS[kind if kind in ("same", "near") else ""], text[like.start : like.end]


LONG = 5
"""Glyphs, a measure being one, of words that can be known without a point."""


def _in_part(saying: Saying, part: str) -> tuple[Verdict, str]:
    if saying.field in DOSES:
        return "not_found", ""
    (value,) = glyphs([saying.value.replace("、", "")])
    like = alike(value, part)
    whole = like.kind == "same" and saying.field == "drain"
    if whole or (like.kind in ("same", "near") and len(value) > 3):
        # A part can speak of several points: whose measure one is that stands alone is not told.
        bare = saying.field not in (*DOSES, "drain") and len(phrase(value).chars) == 1
        return "nearly" if bare else KINDS[like.kind], part[like.start : like.end]
    return "not_found", ""


# --- the readings of a run -----------------------------------------------------------------------


def verdicts(result: Result) -> Result:
    """The result with every reading judged, and what it was compared with."""
    run = _Run(
        shelf(result),
        {entry.entry_id: entry for entry in result.entries},
        {note.note_id: note for note in result.notes},
        sayings(result),
        by_entry(result.doses),
        sources_again(result),
    )
    readings = tuple(_of_reading(one, run) for one in result.readings)
    doses = tuple(_of_dose(one, run) for one in result.doses)
    return replace(result, readings=readings, doses=doses)


@dataclass(frozen=True, slots=True)
class _Run:
    """What the readings of a run are judged by: the books, entries and notes by their ids, what is
    said in running text, and the doses of each entry.
    """

    books: Shelf
    entries: Mapping[str, Entry]
    notes: Mapping[str, Note]
    said: Mapping[str, Sequence[Said]]
    doses: Mapping[str, Sequence[DoseRow]]
    again: Mapping[str, str]
    """By reading or dose whose source is that of the one before (又, 同上), which that is."""


def _of_reading(one: Reading, run: _Run) -> Reading:
    entry, note = run.entries.get(one.entry_id or ""), run.notes.get(one.note_id or "")
    citing = run.books.of(entry.witness if entry else one.reading_id.partition("/")[0])
    saying = saying_of(one, entry, note, citing)
    found = judge(saying, run.books)
    if found.verdict == "confirmed" and (
        _of_another_work(one, saying, citing) or _otherwise_related(one, found)
    ):
        found = replace(found, verdict="nearly")
    catalogue = citing.witness.spec.grammar == "catalogue"
    if entry is not None and (note is None or catalogue):
        found = _if_sure(found, one, entry, run)
    if found.verdict == "not_checkable" and catalogue:
        found = _elsewhere_named(one, found, run, citing)
    return replace(_with(one, found), cited_text=found.cited_text, searched=found.searched)


def _of_another_work(one: Reading, saying: Saying, citing: Book) -> bool:
    """Whether the work that was looked up is none that the row names as its source."""
    named = meant(one.source, citing, one.note_id is not None) if one.source else None
    return bool(named and saying.work and named.title != saying.work.title)


def _otherwise_related(one: Reading, found: Judgement) -> bool:
    """Whether the channel that is named does something else at the point: 陽蹻所出, 陽蹻所生."""
    if one.field != "channels":
        return False
    said, there = (
        set(pattern("relation-sign").findall(w)) for w in glyphs([one.text, found.cited_text])
    )
    return bool(said and there) and not said & there


def _elsewhere_named(one: Reading, found: Judgement, run: _Run, citing: Book) -> Judgement:
    """The judgement on words of a work that no table knows (范汪), of one that was named before
    them (又, 同上), or of several (資生引明堂): if it is not at hand, that is what is told.
    """
    absent = _absent(one.reading_id, one.source, run, citing)
    return Judgement("not_in_corpus", searched=(absent,)) if absent else found


def _absent(row: str, source: str, run: _Run, citing: Book) -> str:
    """The source of a row, of 又 and 同上 the one before, if nothing of it is at hand."""
    named = run.again.get(row, source)
    return "" if not named or at_hand(named, citing, run.books) else named


Row = TypeVar("Row", Reading, DoseRow)


def _with(row: Row, found: Judgement) -> Row:
    """A row with the verdict on it, and the entry on which it rests."""
    return replace(
        row,
        verdict=found.verdict,
        cited_witness=found.cited_witness,
        cited_entry=found.cited_entry,
    )


def _if_sure(found: Judgement, one: Reading | DoseRow, entry: Entry, run: _Run) -> Judgement:
    """The judgement on words in running text; that they are not there says nothing of an authority
    who may have ended before them.
    """
    citing = run.books.of(entry.witness).witness
    source = citing.text
    if found.verdict not in ("contradicted", "not_found"):
        return found
    if "、" in one.source and isinstance(one, Reading):
        return Judgement("not_checkable")  # the words can be those of the other one
    said = run.said.get(entry.entry_id, ())
    field = one.field if isinstance(one, Reading) else one.act
    words = isinstance(one, Reading) and field not in DOSES and found.verdict == "not_found"
    certain = sure(one, entry, source, said) or _speaks_on(one, entry, run)
    # Words that are near to the name of a work of many chapters can be in one that nobody holds.
    if words and one.source and (certain or near(one, entry.start, source)):
        work = work_of(one.source, citing.spec.script == "hans")
        parts = ("text", "commentary") if certain and field in WORDS else ("text",)
        if work and work.part in parts and not work.chapters:
            return Judgement("not_in_corpus", searched=(work.title,))
    other = "" if certain else another(one, entry.start, source)
    if other and not at_hand(other, run.books.of(entry.witness), run.books):
        return Judgement("not_in_corpus", searched=(other,))
    return found if certain else Judgement("not_checkable")


def _of_dose(dose: DoseRow, run: _Run) -> DoseRow:
    """A dose with the verdict on it; what the book itself says, an amount on a condition, and what
    is no number are not judged.
    """
    if not dose.source:
        return dose
    citing = run.books.of(dose.witness)
    work = meant(dose.source, citing, noted=False)
    if (work is None or not work.named) and dose.source in AGAIN:
        taken = meant(run.again.get(dose.dose_id, ""), citing, noted=False)
        work = taken if taken and taken.title == dose.work else whole_work(dose.work)
    amount = dose.expr or (dose.condition and not dose.forbidden)
    if amount or work is None or not work.named:
        absent = _absent(dose.dose_id, dose.source, run, citing)
        return _with(dose, Judgement("not_in_corpus")) if absent else dose
    field = dose.act if dose.forbidden else FIELDS.get(dose.act, dose.act)
    entry = run.entries.get(dose.entry_id)
    code = entry.code if entry else None
    value = amount_of(dose) if field in DOSES else dose.text
    saying = Saying(work, field, value, code, citing=dose.witness, entry=entry)
    found = judge(saying, run.books)
    if entry and not citing.noted(dose.start):
        found = _if_sure(found, dose, entry, run)
    if dose.condition:
        found = replace(found, verdict=ON_CONDITION.get(found.verdict, found.verdict))
    settled = found.verdict in ("confirmed", "not_in_corpus")
    if not settled and repeated(dose, run.doses[dose.entry_id]):
        found = Judgement("not_checkable")
    return _with(dose, found)


def _speaks_on(one: Reading | DoseRow, entry: Entry, run: _Run) -> bool:
    """Whether all that stands between the name of an authority and some words is its own: 膽胃脈也.
    膽之脈循脅裏出氣街 before 繞毛際.
    """
    citing = run.books.of(entry.witness)
    name, led = glyphs([one.source, citing.witness.text[entry.start : one.start]])
    between = led.rpartition(name)[2] if name else ""
    work = meant(one.source, citing, noted=False)
    if work is None or not work.chapters or not QUOTED <= len(between) <= CONTEXT:
        return False
    texts = ("".join(book.words(work.chapters)) for book in run.books.holding(work))
    return any(alike(between, text).kind in ("same", "near") for text in texts)


ON_CONDITION: dict[Verdict, Verdict] = {"confirmed": "nearly", "contradicted": "not_found"}
"""What a work says to a ban for some (婦人禁針) that forbids it to all, or states a dose."""


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
