"""What a reading or a dose says that a work says: of which point, in which field, which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from pipeline.judging.parallel import Verb
from pipeline.judging.shelf import CONTEXT, Book, Shelf, head
from pipeline.judging.wording import MEASURES, measured, phrase
from pipeline.knowledge import channels as ch
from pipeline.knowledge.acts import ACTS
from pipeline.knowledge.lexicon import lexicon, point_name
from pipeline.knowledge.numerals import integer
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.vocabulary import unit, words_of
from pipeline.knowledge.works import Work, work_of, works
from pipeline.model import DoseRow, Entry, Note, Reading
from pipeline.sources.glyphs import Glyphs, glyphs_of
from pipeline.sources.layouts import LOST

DOSES = {name: of[:3] for act, of in ACTS.items() for name in (of.field, act)}
"""For a field of readings the columns of entries: least, most, forbidden."""
FIELDS = {act: of.field for act, of in ACTS.items()}
"""The field of readings for an act of doses."""
SAYS = "云曰言作載载並并亦又及"
"""Glyphs between a name and the words."""
QUOTED = 4
"""Glyphs that make a quotation; fewer stand anywhere."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What a source is said to say: of a point a value or words, in a field of readings.

    ``verb``: what it is said to do, ``lemma``: to which words, where that is told (實作寶), and
    ``beside``: the text and notes about the note;
    ``around``: the main text before and after the note, of which a bare measure replaces the last
    one (在頸結喉下二寸: 五寸); ``entry``: the one that cites; ``running``: what stands before and
    after the words themselves.
    """

    work: Work | None
    field: str
    value: str
    code: str | None = None
    verb: Verb = "says"
    around: tuple[str, str] = ("", "")
    citing: str = ""
    entry: Entry | None = None
    lemma: str = ""
    beside: str = ""
    running: tuple[str, str] = ("", "")


# --- of readings and doses -----------------------------------------------------------------------


def saying_of(reading: Reading, entry: Entry | None, note: Note | None, citing: Book) -> Saying:
    """What is said in a reading, and around its note."""
    hand = pattern("this-says").match(glyphs([reading.value])[0]) if not reading.source else None
    if hand and entry and note:
        return _of_hand(hand["words"], entry, citing)
    if entry and note and pattern("other-place").fullmatch(glyphs([reading.source])[0]):
        return _of_hand(reading.value, entry, citing, "elsewhere")
    led = _led(reading.start, citing)
    source, words = _own_source(reading, led)
    if citing.witness.spec.grammar == "catalogue":
        source = _named_beside(source, reading, led, citing) or source
    work = meant(source, citing, note is not None) if source else None
    if work is None or not work.named or not work.work:
        return Saying(work, reading.field, reading.value)
    if pattern("own-words").match(glyphs([words])[0]):
        return Saying(None, reading.field, reading.value)
    around = ("", "") if note is None else citing.around(note.start)
    value, verb = words, _verb(note.text, words) if note else "says"
    value = pattern("copula").sub("", value) if entry is None else value
    if note is None and words == reading.value:
        value = pattern("all-say").sub("", _gapped(reading, citing))
    if entry is None and reading.field == "other" and words_of("does").get(value[:1]) == "lacks":
        value, verb = value[1:], "lacks"
    code = entry.code if entry else None
    if entry is None and reading.field in (*DOSES, "location", "channels"):
        placed = _placed(_before(note, value)) if reading.field == "location" else None
        code = placed if reading.field == "location" else spoken_of(around[0])
    field = reading.field
    if field in ("location", "posture", "warnings", "other"):
        code, named = _named(code, value)
        field = "location" if field == "other" and named != value and named[:1] == "在" else field
        value = named if field != "other" else value
    if field == "location":
        field, value = _as_dose(value, around[0] or led)
    siglum = citing.witness.spec.siglum
    lemma = _lemma(note.text, value) if note else ""
    beside = citing.beside(note.start) if note and lemma else ""
    if field in ("other", "location"):
        field, value = _as_amount(field, value)
    if entry is None and reading.field == "other" != field:
        code = spoken_of(around[0])
    running = _since(reading.source, led) if note is None else led, _after(reading.end, citing)
    return Saying(work, field, value, code, verb, around, siglum, entry, lemma, beside, running)


def _own_source(reading: Reading, led: str) -> tuple[str, str]:
    """Who says the words of a reading, and which; they can begin with another source than the one
    before them: 水熱穴注亦作二寸, 千金又取陰陵泉, or with the end of its name: 刺瘧。注作三寸半.
    """
    words = pattern("now").sub("", glyphs([reading.value])[0])
    note = pattern("commentary-says").match(words)
    for length in range(LONGEST, 1, -1) if note else ():
        name = led[-length:] + words[:1]
        if note and name in works():
            return name, words[note.end() :]
    for end in range(min(LONGEST, len(words) - 2), 1, -1):
        said = pattern("said-by-source").match(words, end)
        if said and words[:end] in works():
            return words[:end], words[said.end() :]
    for end in range(min(LONGEST, len(words)), 1, -1):
        work = works().get(words[:end])
        if not work or not work.named or work.chapters:
            continue
        if work.part == ("catalogue" if reading.source else "text"):
            return words[:end], _unnamed(words[end:]) or reading.value
    return reading.source, reading.value


def _unnamed(words: str) -> str:
    """Words without the name of another work that says the same: 甲乙、次注作手太陽."""
    for end in range(min(LONGEST, len(words) - 2), 1, -1):
        if words[:end] in works() and pattern("said-by-source").match(words, end):
            return words[end:]
    return words


def _named_beside(source: str, reading: Reading, before: str, citing: Book) -> str:
    """Another work that is named right before the words (發揮。作天窗後, 千、), or in brackets
    behind them （醫綱）: they are its own, whoever was named further off.
    """
    (known,) = glyphs([source])
    behind = pattern("source-behind").match(citing.witness.text, reading.end)
    led = before.rstrip(SAYS)
    names = glyphs([behind["name"]]) if behind else []
    names += [led[-length:] for length in range(LONGEST, 1, -1)]
    short = pattern("siglum-before").search(citing.witness.text[: reading.start][-LONGEST:])
    names += glyphs([short["name"]]) if short else []
    name = next((name for name in names if name in works() and works()[name].named), "")
    other = name and name not in known and known not in name
    return name if other and works()[name].title != works().get(known, works()[name]).title else ""


LONGEST = 8
"""Glyphs of the name of a source within words."""


def _of_hand(words: str, entry: Entry, citing: Book, part: str = "hand") -> Saying:
    """What a note says that the text in hand says of its point, here or in another place."""
    spec = citing.witness.spec
    work = Work(spec.work, spec.title, frozenset(), catalogue=True, named=True, part=part)
    value = pattern("needling-before-depth").sub("", words)
    field, value = _as_dose(value, "刺入一寸") if value != words else ("location", value)
    return Saying(work, field, value, entry.code, citing=spec.siglum, entry=entry)


def _as_dose(value: str, before: str) -> tuple[str, str]:
    """The field and value of a bare measure that stands for a depth: 刺入三分（甲乙經作二寸）."""
    (said,) = glyphs([value])
    sign, led = phrase(said.removeprefix("作")).chars, phrase(before).chars
    signs = [i for i, glyph in enumerate(led) if measured(glyph)]
    # Others that read otherwise stand between: 針一分，甲乙經作二寸，骨空論注作一分.
    last = next((i for i in signs[::-1] if i and not pattern("other-reading").match(led, i - 1)), 0)
    if (
        len(sign) == 1
        and ord(sign) > MEASURES
        and last
        and pattern("before-depth").match(led, last - 1)
    ):
        return "depth", f"{(ord(sign) - MEASURES) / 2:g}"
    return "location", value


def _as_amount(field: str, value: str) -> tuple[str, str]:
    """The field and value of a number of cones or breaths (灸三壯，甲乙作一壯), a ban (不灸) or a
    channel (作手陽明) that are all that is said.
    """
    (said,) = glyphs([value])
    told, ban = pattern("bare-dose").fullmatch(said), pattern("bare-ban").fullmatch(said)
    channel = pattern("bare-channel").fullmatch(said)
    number = integer(told["number"]) if told else None
    if told and number is not None:
        return next(FIELDS[act] for act in ACTS if unit(act) == told["unit"]), str(number)
    if ban:
        return FIELDS[words_of("act")[ban["act"]]], "forbidden"
    return ("channels", ch.canonical(ch.plain(channel["channel"]))) if channel else (field, value)


def _gapped(reading: Reading, citing: Book) -> str:
    """The words of a reading with a sign for what is lost where a copy has a blank in a line:
    目 動 for 目瞤動.
    """
    words = "".join(pattern("blank-in-line").sub(LOST, reading.text).split())
    words += LOST * bool(pattern("blank-behind").match(citing.witness.text, reading.end))
    return words if words.replace(LOST, "") == reading.value.replace(LOST, "") else reading.value


def _since(source: str, led: str) -> str:
    """The words before a place that come after the name of a source."""
    (name,) = glyphs([source])
    return led.rpartition(name)[2].lstrip(SAYS) if name else led


def _lemma(note: str, value: str) -> str:
    """The word that a source has another one for, where the note says it: 實 in 甲乙經實作寶."""
    told = pattern("lemma-of-reading").search(note.partition(value)[0])
    return glyphs([told["lemma"]])[0] if told else ""


def _before(note: Note | None, value: str) -> str:
    """The words of a note before those of a value."""
    return glyphs([note.text.partition(value)[0]])[0] if note else ""


def _led(position: int, citing: Book) -> str:
    """The words before a place in running text, and after any bracket."""
    words = citing.witness.text[max(0, position - 2 * CONTEXT) : position]
    return glyphs([pattern("brackets").split(words)[-1]])[0]


def _after(position: int, citing: Book) -> str:
    """The words after a place in running text, and before any bracket."""
    words = citing.witness.text[position : position + 2 * CONTEXT]
    return glyphs([pattern("brackets").split(words)[0]])[0]


def _named(code: str | None, value: str) -> tuple[str | None, str]:
    """The point that words name before they place it, and the words without its name: 灸筋縮在第九
    椎節下間, 魄戶上直附分.
    """
    (said,) = glyphs([value])
    other = pattern("name-before-place", name=head().pattern).match(said)
    own = next((n for n in names_of(code) if said.startswith(n)), "") if code else ""
    if len(said) >= len(own) + QUOTED and own:
        return code, said[len(own) :]
    if other:
        codes = codes_of(other["name"])
        return (min(codes) if len(codes) == 1 else code), said[other.end() :]
    return code, value


def meant(source: str, citing: Book, noted: bool) -> Work | None:
    """The work that is named; of several (素注、銅人) the first one that a witness can hold. A mere
    surname is sure only in a note.
    """
    simplified = citing.witness.spec.script == "hans"
    (whose,) = glyphs([source])
    names = (source, pattern("his-commentary").sub("注", whose), *source.strip("。").split("、"))
    found = [work_of(name, simplified) for name in names]
    works = [work for work in found if work and (work.part != "surname" or noted)]
    return next((work for work in works if work.work), works[0] if works else None)


def at_hand(source: str, citing: Book, books: Shelf) -> bool:
    """Whether what is named as a source may be at hand: a work that is, or nothing that has a name
    (一云); of a book that no table knows, or of several, if one of those it names is.
    """
    (form,) = glyphs([source])
    work = meant(source, citing, noted=True)
    if work:
        return not work.named or work.part == "surname" or bool(books.holding(work))
    if not form or pattern("nameless-source").fullmatch(form):
        return True
    parts = (form[a:b] for a in range(len(form)) for b in range(a + 2, len(form) + 1))
    known = (works()[part] for part in parts if part in works())
    return any(books.holding(one) for one in known if one.named)


def spoken_of(before: str) -> str | None:
    """The point that the words before a note end with, or speak of last; none where other words
    follow on its name that tell nothing of it (白環俞 上□ 次□); of points of one name the one that
    stands with the point before it (犢鼻 三里).
    """
    found = list(point_name().finditer(before[-NEAR:], overlapped=True))
    if not found or not pattern("told-of-point").fullmatch(before[-NEAR:], found[-1].end()):
        return None
    senses = lexicon().senses[found[-1].group()]
    if len(senses) == 1:
        return senses[0].code
    others = lexicon().senses[found[-2].group()] if len(found) > 1 else ()
    codes = [s.code for s in senses if any(o.code[:2] == s.code[:2] for o in others)]
    return codes[0] if len(codes) == 1 else None


def _placed(before: str) -> str | None:
    """The point that the words of a note before a place are on: 天鼎 in 乃天鼎穴也在頸缺盆上."""
    heads = list(head().finditer(before))
    ends = [m for m in point_name().finditer(before) if m.end() == len(before)]
    return _only((heads or ends)[-1].group()) if heads or ends else None


def _only(name: str) -> str | None:
    senses = lexicon().senses[name]
    return senses[0].code if len(senses) == 1 else None


NEAR = 12
"""Glyphs before a note, in which the point is named that it speaks of."""


def _verb(note: str, words: str) -> Verb:
    """What a source does with the words, by the one before them."""
    before = note.partition(words)[0].rstrip("「『 \n")
    return cast(Verb, words_of("does").get(before[-1:], "says"))


def amount_of(dose: DoseRow) -> str:
    """The amount of a dose as a value of readings: 3, 3–5, –100, forbidden."""
    if dose.forbidden:
        return "forbidden"
    low, high = ("" if one is None else f"{one:g}" for one in (dose.min, dose.max))
    return low if low == high else f"{low}–{high}"


@lru_cache(maxsize=64)
def whole_work(title: str | None) -> Work | None:
    """The work of a title, where no form of citation says which chapter (又, 亦)."""
    whole = (work for work in works().values() if work.named and not work.chapters)
    found = [work for work in whole if title and work.title == title]
    return next((work for work in found if work.work), found[0] if found else None)


# --- glyphs and names ----------------------------------------------------------------------------


@lru_cache(maxsize=16384)
def written(text: str) -> Glyphs:
    """The glyphs of words of a table, whatever their script."""
    return glyphs_of([text], "hans")[0] if text.strip() else Glyphs((), "", "")


def glyphs(texts: Sequence[str]) -> list[str]:
    """The glyphs of several such words, without signs."""
    return [written(text).chars for text in texts]


@lru_cache(maxsize=512)
def names_of(code: str) -> tuple[str, ...]:
    """The names of a point; one glyph is a word like any other."""
    senses = lexicon().senses.items()
    return tuple(n for n, found in senses if len(n) > 1 and any(s.code == code for s in found))


def codes_of(name: str) -> set[str]:
    """The points that a name can mean."""
    return {sense.code for sense in lexicon().senses[name]}
