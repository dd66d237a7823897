"""The works that texts cite, by the forms they cite them in: ``corpus/authority/works.tsv``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from pipeline.knowledge.lexicon import folded
from pipeline.knowledge.numerals import integer
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.script import to_traditional
from pipeline.knowledge.tables import table
from pipeline.knowledge.vocabulary import words_of


@dataclass(frozen=True, slots=True)
class Work:
    """What a citation names: a work, perhaps a chapter of it, or a copy that has no name."""

    work: str
    """Work id; empty where no work of the corpus holds the place."""
    title: str
    chapters: frozenset[int]
    """Two where the form runs two together."""
    catalogue: bool
    """Whether the work says all it says of a point in one place."""
    named: bool
    part: str = ""
    """Which part of the work, or how sure the form is: the column of the table."""
    begins: str = ""
    """What the half of the chapter begins with that is named (水穴, 熱穴: 素問 61)."""


@lru_cache(maxsize=1)
def works() -> Mapping[str, Work]:
    """Every form of citation, folded, with what it names."""
    return {
        folded(row["cited"]): Work(
            row["witness_work"],
            row["work"],
            frozenset(int(n) for n in row["chapter"].split("|") if n),
            row["part"] == "catalogue",
            row["part"] != "unnamed",
            row["part"],
            _half(row["cited"]),
        )
        for row in table("authority/works.tsv")
    }


@lru_cache(maxsize=1)
def halves() -> Mapping[str, str]:
    """The halves of chapters that are cited by themselves, and the words that each begins with."""
    return {row["cited"]: row["begins"] for row in table("authority/halves.tsv")}


def _half(form: str) -> str:
    bare = form.removeprefix("素問")
    return next((begins for half, begins in halves().items() if bare.startswith(half)), "")


def cited(short: bool = False) -> tuple[str, ...]:
    """The forms of citation of notes; ``short``: those that only catalogues have (明云).

    >>> "素注" in cited(), "明" in cited(), "明" in cited(short=True)
    (True, False, True)
    """
    return tuple(form for form, work in works().items() if (work.part == "siglum") == short)


def work_of(source: str, simplified: bool = False) -> Work | None:
    """The work that a note names as ``source``; None if no form of the table is that.

    >>> work = work_of("气府论注", True)
    >>> work.work, work.title, sorted(work.chapters), work.catalogue, work.named
    ('suwen', '素問', [59], False, True)
    """
    form = re.sub(r"[《》〈〉「」\s]", "", source)
    form = folded(to_traditional(form) if simplified else form)
    # Words of the sentence before or after a name (又骨空論, 一本亦); 素刺禁 for 素問刺禁.
    alone = pattern("again-before-citation").sub("", form)
    bare = pattern("also-behind-citation").sub("", form)
    for name in (form, alone, bare, _whole(form)):
        if name in works():
            return works()[name]
    return _damaged(form)


def _whole(form: str) -> str:
    """A form that begins with a short title (素), with the title in full."""
    for short, full in words_of("short-title").items():
        if form.startswith(short) and not form.startswith(full):
            return full + form.removeprefix(short)
    return form


def _damaged(form: str) -> Work | None:
    """The work of a name that has lost a glyph (素問骨□注), if it is the only one."""
    form = re.sub("&[^;]{1,12};|[□〓]", "□", form)
    if form.count("□") != 1 or len(form) < 4:
        return None
    like = re.compile(re.escape(form).replace("□", "."))
    found = {(w.work, w.chapters): w for name, w in works().items() if like.fullmatch(name)}
    return next(iter(found.values())) if len(found) == 1 else None


def together(form: str) -> list[Work | None]:
    """The works of a form, of several that are written together each one; a form that is none is
    one that nobody knows.

    >>> [work.title for work in together("資生入門")], together("甲乙經注")
    (['針灸資生經', '醫學入門'], [None])
    """
    known = works().get(form) or works().get(form.removesuffix("經"))
    for at in range(2, len(form) - 1) if known is None else ():
        first, rest = works().get(form[:at]), together(form[at:])
        if first and first.named and all(rest):
            return [first, *rest]
    return [known]


def place_of(form: str) -> tuple[str, int] | None:
    """Work and chapter, where a form of citation names one.

    >>> place_of("氣穴"), place_of("附分")
    (('素問', 58), None)
    """
    work = works().get(form)
    if work is None or len(work.chapters) != 1:
        return None
    return work.title, min(work.chapters)


def divided(form: str) -> tuple[str, ...]:
    """The forms of citation in one; it is divided where it names two chapters.

    >>> divided("氣穴骨空注"), divided("水熱穴注")
    (('氣穴', '骨空注'), ('水熱穴注',))
    """
    if form in works() and len(works()[form].chapters) > 1:
        for at in range(len(form) - 1, 0, -1):
            if form[:at] in works() and form[at:] in works():
                return form[:at], form[at:]
    return (form,)


def chapter_of(title: str) -> int | None:
    """The number of a chapter by its title.

    >>> chapter_of("氣穴論篇第五十八"), chapter_of("《气府论》第五十九"), chapter_of("頭凡七穴第一")
    (58, 59, None)
    """
    match = pattern("chapter-number").search(title)
    return integer(match[1]) if match else None


def year_of(source: str, work: str | None) -> int | None:
    """When a work was written that is cited as ``source``; of several that are joined the first.

    >>> year_of("銅人", "銅人腧穴鍼灸圖經"), year_of("素注", "素問"), year_of("素問", "素問")
    (1026, 762, 100)
    >>> year_of("又", "甲乙經"), year_of("一曰", None)
    (282, None)
    """
    title = (work or "").split("、")[0]
    form = work_of(source.split("、")[0], simplified=True)
    part = "commentary" if form and form.part == "commentary" else ""
    return _years().get((title, part), _years().get((title, "")))


@lru_cache(maxsize=1)
def _years() -> Mapping[tuple[str, str], int]:
    return {(row["work"], row["part"]): int(row["year"]) for row in table("authority/cited.tsv")}
