"""Statements of illness in running text: the words of an illness, and the points that treat it.

頭腦中寒，鼻衄目泣出，神庭主之。熱病汗不出，上星主之，先取譩譆，後取天牖、風池。石水，刺氣衝。
All is found in the words without their signs: a treatment is a formula after points or a verb
before them. Signs only decide where a list or an illness begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise

import regex

from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.treatments import (
    FORMULA,
    LOST,
    any_of,
    damaged,
    forms,
    named,
    one_of,
    remains,
)
from pipeline.knowledge.vocabulary import words_of
from pipeline.reading.bare import Bare

AND = "及"
"""What joins the last point of a list, whichever word it is."""
STOPS = frozenset("。；")
LONG_LIST = 3
"""In a list of so many points an unread glyph is a damaged name, not the end of the list."""
LONGEST = 7
"""Characters in the longest name, with the signs of glyphs lost at a line end in it."""
CLAUSE = 60
"""In a text with signs so many characters have one."""


@dataclass(frozen=True, slots=True)
class Named:
    """A point as a treatment names it: where it stands, in what words it is matched, what it can
    mean; ``where``: words of place before it; ``sep``: what stands between it and the next.
    """

    start: int
    end: int
    key: str
    codes: tuple[str, ...]
    damaged: bool = False
    where: str = ""
    sep: str = ""


@dataclass(frozen=True, slots=True)
class Treatment:
    """A formula or a verb with its points; ``order``: the words before it (先 後 亦 又云)."""

    start: int
    end: int
    act: str
    names: tuple[Named, ...]
    order: str = ""
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Ailment:
    """A statement of illness: its words are ``start`` to ``told``, the treatments follow, with the
    spans of what is said of their manner.
    """

    start: int
    told: int
    end: int
    treatments: tuple[Treatment, ...]
    manners: tuple[tuple[int, int], ...] = ()


# --- names ---------------------------------------------------------------------------------------


def _name(text: Bare, start: int, end: int) -> Named | None:
    """The name that is ``words[start:end]``, where no sign divides it."""
    key = text.words[start:end]
    known = named().get(key)
    if known is None and LOST not in key:  # so it is with most words
        return None
    codes = known or damaged().get(key)
    if codes is None and LOST in key[1:-1] and LOST not in (key[0], key[-1]):  # a line ends there
        key = key.replace(LOST, "")
        codes = known = named().get(key)
    if codes is None or _divided(text, start, end):
        return None
    if key[0] == LOST and _inside(text, start):
        return None
    return Named(start, end, key, codes, known is None)


def _inside(text: Bare, start: int) -> bool:
    """Whether a lost glyph stands in a clause of a text that has signs: it may be the middle of a
    name (臂□俞), not its beginning.
    """
    punctuated = "，" in "".join(text.signs[max(0, start - CLAUSE) : start])
    return punctuated and start > 0 and not text.signs[start] and not _joins(text.words[start - 1])


def _joins(word: str) -> bool:
    return any_of("list").fullmatch(word) is not None


def _divided(text: Bare, start: int, end: int) -> bool:
    """Whether a sign stands between two names, or ends a clause inside what looks like one; one of
    巨虛、上廉 and 中膂、內俞 does not.
    """
    for i in range(start + 1, end):
        sign = text.signs[i].strip("\n")
        both = text.words[start:i] in named() and text.words[i:end] in named()
        if sign and (both or sign != "、"):
            return True
    return False


def _ending(text: Bare, end: int, floor: int) -> Named | None:
    """The longest name that ends there, or before a blank there."""
    blank = end > floor and text.words[end - 1] == LOST
    for last in (end, end - 1) if blank else (end,):
        for start in range(max(floor, last - LONGEST), last - 1):
            if name := _name(text, start, last):
                return name
    return None


def beginning(text: Bare, start: int) -> Named | None:
    """The longest name that begins there, or after a blank there."""
    blank = text.words[start : start + 1] == LOST
    for first in (start, start + 1) if blank else (start,):
        for end in range(min(len(text.words), first + LONGEST), first + 1, -1):
            if name := _name(text, first, end):
                return name
    return None


def _where_before(text: Bare, end: int, floor: int) -> str:
    """Words of place right before a name: 當上脘傍五分，通谷."""
    starts = range(max(floor, end - LONGEST), end)
    found = (any_of("where").fullmatch(text.words, i, end) for i in starts)
    return next((match.group() for match in found if match), "")


def _listed(text: Bare, place: int, floor: int) -> tuple[int, str]:
    """Where the words end that stand before a name or a word of lists, and that word or sign."""
    if place > floor and any_of("list").fullmatch(text.words, place - 1, place):
        return place - 1, AND
    return place, text.signs[place]


def names_before(text: Bare, end: int, floor: int, last: Named | None = None) -> list[Named]:
    """The points of a list that ends there, or before its ``last`` one, which is known already:
    馬刀腫瘻淵掖章門支溝 before 主之.
    """
    found: list[Named] = [last] if last else []
    place, sep = _listed(text, last.start, floor) if last else (end, "")
    while not (found and STOPS & set(text.signs[place])):
        name = _ending(text, place, floor) or _unread(text, place, floor, len(found), sep)
        if name is None:
            break
        where = _where_before(text, name.start, floor)
        found.insert(0, replace(name, where=where, sep=sep))
        place, sep = _listed(text, name.start - len(where), floor)
    return found[_cut(text, found) :]


def _unread(text: Bare, end: int, floor: int, listed: int, sep: str) -> Named | None:
    """What is no name and yet must be one: the first of a list, cut off before 及; in a long list a
    glyph between two names.
    """
    if sep == AND:
        return next((one for one in _remnant(text, end, floor) if len(one.codes) == 1), None)
    if listed < LONG_LIST or end - 1 <= floor:
        return None
    before = _ending(text, _listed(text, end - 1, floor)[0], floor)
    return Named(end - 1, end, text.words[end - 1], (), True) if before else None


def _cut(text: Bare, found: Sequence[Named]) -> int:
    """Where a list begins among the names before a formula: a part of the body is no point
    (肩腫引缺盆，商陽主之), nor is a name inside a clause; 及 comes after the first and binds all.
    """
    first = len(found) - 1
    for i in range(len(found) - 2, -1, -1):
        name, bound = found[i], "、" in found[i].sep or found[i].sep == AND
        after = any(one.sep == AND for one in found[i + 1 :])
        clause = "，" not in name.sep or (text.signs[name.start] and not after)
        if not bound and (name.damaged or name.key in forms("bodily") or not clause):
            break
        first = i
    return max(first, 0)


def names_after(text: Bare, start: int) -> list[Named]:
    """The points of a list that begins there; the whole where a formula follows, else as far as
    it is one beyond doubt: 刺氣衝，石水….
    """
    found: list[Named] = []
    place = start
    while place < len(text.words):
        where = any_of("where").match(text.words, place)
        name = beginning(text, where.end() if where else place)
        skipped = name is None and bool(found) and beginning(text, place + 1)
        if skipped and _formula_follows(text, place + 1):
            name = Named(place, place + 1, text.words[place], (), True)
        if name is None or any(name.key == one.key for one in found):
            break
        place = name.end
        sep = text.signs[place]
        joined = any_of("list").match(text.words, place)
        if joined:
            place, sep = place + 1, AND
        found.append(replace(name, where=where.group() if where else "", sep=sep))
        if STOPS & set(sep):
            break
    if not found or _formula(text, found[-1].end):
        return found
    return list(_sure(text, found))


def _formula_follows(text: Bare, place: int) -> bool:
    """Whether nothing but names stands before the next formula."""
    while name := beginning(text, place):
        place = name.end
        place += bool(any_of("list").match(text.words, place))
    return _formula(text, place) is not None


def _formula(text: Bare, place: int) -> regex.Match[str] | None:
    return None if STOPS & set(text.signs[place]) else any_of("formula").match(text.words, place)


def _sure(text: Bare, found: Sequence[Named]) -> Iterator[Named]:
    yield found[0]
    for name, following in pairwise(found):
        last = text.signs[following.end] or any_of("manner").match(text.words, following.end)
        meant = following.key not in forms("bodily") or last
        adjoins = not name.sep.strip("\n") and meant
        if name.sep != AND and "、" not in name.sep and not adjoins:
            break
        yield following


def may_treat(text: Bare) -> bool:
    """Whether a glyph that ends a name stands before any formula of a stretch: of 桂枝湯主之 none
    does, and where none does no treatment has a point.
    """
    for formula in closing().finditer(text.words, overlapped=True):
        end = formula.start()
        while end and text.words[end - 1] == LOST:
            end -= 1
        if text.words[end - 1 : end] in _last_glyphs():
            return True
    return False


@cache
def closing() -> regex.Pattern[str]:
    """The formulas that end a statement of illness."""
    return regex.compile(f"{one_of('formula')}|{one_of('misprint')}")


@cache
def _last_glyphs() -> frozenset[str]:
    """The last glyphs of names, whole or torn, and of what is left of them."""
    return frozenset(name[-1] for name in (*named(), *remains()))


# --- treatments ----------------------------------------------------------------------------------


@cache
def _cue() -> regex.Pattern[str]:
    kinds = ("order", "verb", "formula", "misprint", "behind")
    return pattern("treatment-cue", **{kind: one_of(kind) for kind in kinds})


def treatments(text: Bare) -> list[Treatment]:
    """The treatments of a stretch that name points, in order."""
    found: list[Treatment] = []
    place = floor = 0
    while cue := _cue().search(text.words, place):
        one = _by_verb(text, cue) if cue["verb"] else _by_formula(text, cue, floor)
        place = one.end if one else cue.end("verb") if cue["verb"] else cue.end()
        if one:
            found.append(one)
            floor = one.end
    return found


def _by_verb(text: Bare, cue: regex.Match[str]) -> Treatment | None:
    start = cue.start()
    if start and pattern("denial-of-act").match(text.words, start - 1):
        return None
    names = names_after(text, cue.end()) if not STOPS & set(text.signs[cue.end()]) else []
    if not names or names[0].damaged:  # 刺足□陰 is a channel, 刺□中 a place
        return None
    end = names[-1].end
    if any_of("topic").match(text.words, end):
        return None
    formula = _formula(text, end)
    end = formula.end() if formula else end
    printed = formula.group() if formula else ""
    return Treatment(start, end, cue["verb"], tuple(names), cue["order"], printed)


def _by_formula(text: Bare, cue: regex.Match[str], floor: int) -> Treatment | None:
    names = names_before(text, cue.start(), floor)
    if not names:
        if cue["misprint"] or not floor or _of_channel(text, cue):
            return None
        alone = set(cue.group()) & words_of("understood").keys()
        last = [] if alone else _remnant(text, cue.start(), floor)
        names = [name for one in last for name in names_before(text, 0, floor, one)]
    start = names[0].start - len(names[0].where) if names else cue.start()
    before = text.words[floor:start]
    again = max((w for w in forms("again") if before.endswith(w)), key=len, default="")
    behind = any_of("behind").match(text.words, cue.start())
    act, formula = (behind.group(), "") if behind else (FORMULA, cue.group())
    return Treatment(start - len(again), cue.end(), act, tuple(names), again, formula)


def _of_channel(text: Bare, cue: regex.Match[str]) -> bool:
    """Whether a formula has a channel before it, or part of the name of one: 膻中者，心主之宮城也;
    從腰以上者，手太陰、陽明皆主之.
    """
    before = text.words[max(0, cue.start() - LONGEST) : cue.start()]
    return pattern("channel-before-formula", channel=one_of("channel")).search(before) is not None


def _remnant(text: Bare, end: int, floor: int) -> list[Named]:
    """What is left of a name of which a glyph is lost without a sign: 次 of 次髎."""
    while end > floor and text.words[end - 1] == LOST:
        end -= 1
    for start in range(max(floor, end - 3), end):
        key = text.words[start:end]
        codes = remains().get(key, ())
        # Without a sign before it, what is the end of a name may be that of another.
        heads = [c for c in codes if text.signs[start] or _heads(key, c)]
        if heads and not any(text.signs[start + 1 : end]):
            return [Named(start, end, key, codes, True)]
    torn = next((i for i in range(max(floor, end - 3), end) if text.words[i:end] in tails()), end)
    return [Named(torn, end, text.words[torn:end], (), True)] if torn < end else []


@lru_cache(maxsize=1)
def tails() -> frozenset[str]:
    """The ends of names that are cut through where a line is lost: 陵泉 of 陽陵泉."""
    return frozenset(name[i:] for name in named() for i in range(1, len(name)))


def _heads(key: str, code: str) -> bool:
    """Whether a name of the point begins with these words and a glyph outside GB 2312."""
    return any(code in codes for name, codes in damaged().items() if name == key + LOST)


# --- statements ----------------------------------------------------------------------------------


def ailments(text: Bare) -> list[Ailment]:
    """The statements of illness of a stretch, in order."""
    found: list[Ailment] = []
    for one in treatments(text):
        before = found[-1] if found else None
        floor = before.end if before else 0
        place, manners = _manners(text, floor, one.start) if before else (0, ())
        anew = one.act == FORMULA and not one.order  # its illness is lost
        if before and ((place == one.start and not anew) or _goes_on(text, before, one, place)):
            spoken = (place, one.start) if place < one.start else None
            manners = (*before.manners, *manners, *([spoken] if spoken else []))
            more = (*before.treatments, one)
            found[-1] = replace(before, end=one.end, treatments=more, manners=manners)
            continue
        if before:
            end = manners[-1][1] if manners else floor
            found[-1] = replace(before, end=end, manners=(*before.manners, *manners))
        start = _illness(text, place, one.start)
        found.append(Ailment(start, _told(text, start, one), one.end, (one,)))
    if found:
        place, manners = _manners(text, found[-1].end, len(text.words))
        last = replace(found[-1], end=max(place, found[-1].end))
        found[-1] = replace(last, manners=(*last.manners, *manners))
    return found


def _manners(text: Bare, start: int, end: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """What is said of the manner of a treatment right behind it, and where that ends."""
    found: list[tuple[int, int]] = []
    while match := any_of("manner").match(text.words, start, end):
        found.append(match.span())
        start = match.end()
    return start, tuple(found)


def _goes_on(text: Bare, before: Ailment, one: Treatment, place: int) -> bool:
    """Whether a treatment takes up the one before, with a few words between: 先取X…後取Y."""
    step = forms("order").get(one.order)
    first = forms("order").get(before.treatments[-1].order)
    near = not any(STOPS & set(text.signs[i]) for i in range(place, one.start))
    return step == "2" and first == "1" and near


def _illness(text: Bare, start: int, end: int) -> int:
    """Where the words of an illness begin between two treatments: after the last sentence that is
    of something else.
    """
    stops = [i for i in range(start + 1, end + 1) if set(text.signs[i]) & {"。", "\n"}]
    begin = start
    for a, b in pairwise([start, *stops]):
        if _closes(text, a, b):
            begin = b
    inner = [m.end() for m in any_of("midst").finditer(text.words, begin, end)]
    return inner[-1] if inner and "。" not in "".join(text.signs[begin + 1 : end]) else begin


def _closes(text: Bare, start: int, end: int) -> bool:
    """Whether a sentence has no part in the illness after it: a paragraph ends there, or it is of
    a treatment, a prognosis, or theory. A line end alone may stand inside a sentence.
    """
    sign = text.signs[end]
    if "。" in sign and ("\n" in sign or end - start == 1):
        return True
    if any_of("ending").search(text.words, start, end):
        return True
    closed = [m.end() for m in any_of("closed").finditer(text.words, start, end)]
    if "。" in sign:
        return bool(closed)
    return text.words[end - 1] == "也" or end in closed


def _told(text: Bare, start: int, one: Treatment) -> int:
    """Where the words of an illness end: before the first treatment, of a channel too."""
    found = _channel_treated().search(text.words, start, one.start)
    return found.start() if found and one.order else one.start


@cache
def _channel_treated() -> regex.Pattern[str]:
    return regex.compile(rf"(?:{one_of('order')})?(?:{one_of('verb')})(?:{one_of('channel')})")
