"""Signs that are no glyphs of their own, folded before the layout of a text is looked at.

What is invisible goes, what stands for a character becomes it, what stands for a lost glyph
becomes □; later the signs of punctuation get one form, and the amounts of doses plain numerals.

Everything is a logged rewrite; the text of record keeps what was printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

import regex

from pipeline.knowledge.glyphs import (
    code_point,
    forms,
    modern,
    ranges,
    signs_in,
    translator,
    variants,
)
from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.numerals import NUMERAL
from pipeline.knowledge.numerals import written as in_numerals
from pipeline.knowledge.patterns import pattern, written
from pipeline.knowledge.script import to_traditional
from pipeline.knowledge.tables import table
from pipeline.model import Text
from pipeline.text.layer import Edit, fold, rewrite

LOST = "□"


def cleared(text: Text) -> Text:
    """A text without invisible characters, each character by one code point, lost glyphs as □.

    >>> from pipeline.text.layer import plain
    >>> cleared(plain("刺\u2f0a\u00ad三分，\u3013會，⿰骨翏")).chars
    '刺入三分，□會，髎'
    """
    unusual = set(UNUSUAL.findall(text.chars))
    if not _odd().isdisjoint(unusual):
        text = rewrite(text, _invisible(text.chars))
        text = rewrite(text, _selected(text.chars))
        text = fold(text, "form", lambda chars: chars.translate(forms()), sparse=True)
    if not DESCRIBING.isdisjoint(unusual):
        text = _described(text)
    found = list(_lost(text.chars))
    return rewrite(
        text,
        [(a, b, LOST, "lost-glyph") for a, b in found],
        [text.starts[a] for a, _ in found],
    )


UNUSUAL = re.compile(r"[^\n\r -Z\\-~\u3000-\u303f\u4e00-\u9fff！-～]")
"""What is neither ASCII nor a common Han character or sign, or is [: hardly anything in most."""
DESCRIBING = frozenset("[㇯⿰⿱⿲⿳⿴⿵⿶⿷⿸⿹⿺⿻⿼⿽⿾⿿")
"""What a description of a glyph begins with."""


@lru_cache(maxsize=1)
def _odd() -> frozenset[str]:
    """Characters that are invisible, select a shape, or are another form of one."""
    hidden = (*ranges("invisible"), *ranges("selector"))
    codes = (code for first, last in hidden for code in range(first, last + 1))
    return frozenset(map(chr, (*codes, *forms())))


@lru_cache(maxsize=1)
def _patterns() -> tuple[regex.Pattern[str], regex.Pattern[str], regex.Pattern[str]]:
    """Runs of invisible characters; a selector of a shape; a glyph with its selectors."""
    invisible, selector = signs_in("invisible"), signs_in("selector")
    return (
        regex.compile(f"[{invisible}]+"),
        regex.compile(f"[{selector}]"),
        regex.compile(f"([^\r\n{selector}]?)[{selector}]+"),
    )


def _invisible(chars: str) -> Iterator[Edit]:
    for match in _patterns()[0].finditer(chars):
        yield *match.span(), "", "invisible"


def _selected(chars: str) -> Iterator[Edit]:
    """A glyph is one with its selectors, and is printed with them."""
    _, selector, selected = _patterns()
    for match in selected.finditer(chars) if selector.search(chars) else ():
        yield *match.span(), match[1], "selector"


# --- glyphs described by their parts -------------------------------------------------------------

LONGEST = 24
"""Signs in the longest description that is tried."""
OPERATORS = {"*": "⿰", "/": "⿱"}
BRACKETED = regex.compile(r"\[(?=[^\[\]]*[*/@\-+?])(\p{Han}(?:[*/@\-+?()]|\p{Han}){1,20})\]")
"""Parts in square brackets, as transcripts of Buddhist texts describe a glyph: [囗@乂]."""


def _described(text: Text) -> Text:
    """Each description becomes the character it describes, or a lost glyph."""
    known = {
        row["composition"]: row["character"] for row in table("normalization/compositions.tsv")
    }
    edits: list[Edit] = []
    lost: list[int] = []
    for start, end, parts in _descriptions(text.chars):
        character = known.get(parts, LOST)
        edits.append((start, end, character, "composition" if parts in known else "lost-glyph"))
        if parts not in known:
            lost.append(text.starts[start])
    return rewrite(text, edits, lost)


DESCRIPTIONS = regex.compile(rf"[⿰-⿿㇯]|{BRACKETED.pattern}")


def _descriptions(chars: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and parts of each description."""
    done = 0
    for match in DESCRIPTIONS.finditer(chars):
        if match.start() < done:
            continue
        if match[1]:
            done = match.end()
            yield *match.span(), _prefixed(match[1])
        elif done := _extent(chars, match.start()):
            yield match.start(), done, chars[match.start() : done]


def _prefixed(parts: str) -> str:
    """Two parts with the sign between them as Unicode writes it: 囟*頁 is ⿰囟頁."""
    if len(parts) == 3 and parts[1] in OPERATORS:
        return OPERATORS[parts[1]] + parts[0] + parts[2]
    return parts


def _extent(chars: str, start: int) -> int:
    """Where a description ends that begins with a sign of composition; 0 where it is none."""
    wanted = 1
    for i in range(start, min(len(chars), start + LONGEST)):
        if "⿰" <= chars[i] <= "⿿" or chars[i] == "㇯":
            wanted += {"⿲": 2, "⿳": 2, "⿾": 0, "⿿": 0}.get(chars[i], 1)
        elif regex.match(r"[\p{Han}？?]", chars[i]):
            wanted -= 1
        else:
            return 0
        if not wanted:
            return i + 1
    return 0


# --- lost glyphs ---------------------------------------------------------------------------------


PLACES: dict[str, Callable[[str], str]] = {
    "anywhere": lambda sign: sign,
    "inside": lambda sign: sign,
    "unasked": lambda sign: written("question-unasked", sign=sign),
    "dose": lambda sign: written("lost-in-dose", sign=sign),
}


@lru_cache(maxsize=1)
def _losses() -> tuple[re.Pattern[str], regex.Pattern[str], frozenset[str]]:
    """Where a sign of ``lost.tsv`` may begin; the signs where they are such; those that can mark a
    list.
    """
    patterns: list[str] = []
    single = ""
    first_two: set[str] = set()
    listing: set[str] = set()
    for row in table("normalization/lost.tsv"):
        if row["where"] not in PLACES:
            continue
        first, _, last = row["sign"].partition("–")
        if first.startswith("U+"):
            inside = rf"\U{code_point(first):08x}-\U{code_point(last or first):08x}"
            single += inside
            sign = f"[{inside}]"
        else:
            sign = regex.escape(row["sign"])
            if len(row["sign"]) == 1:
                single += sign
            else:
                first_two.add(row["sign"][:2])
        patterns.append(PLACES[row["where"]](sign))
        if row["where"] == "inside":
            listing.add(row["sign"])
    opening, following = ("".join(map(re.escape, signs)) for signs in zip(*first_two, strict=True))
    # Hardly any place has one of the signs: that is asked first, by what is fastest at it.
    begin = re.compile(rf"[{single}{opening}](?:(?<=[{single}])|(?=[{following}]))")
    return begin, regex.compile("|".join(patterns)), frozenset(listing)


def _lost(chars: str) -> Iterator[tuple[int, int]]:
    begin, pattern, listing = _losses()
    found: list[tuple[int, int]] = []
    done = 0
    for place in begin.finditer(chars):
        if place.start() >= done and (match := pattern.match(chars, place.start())):
            found.append(match.span())
            done = match.end()
    opening = [
        place for place in found if chars[slice(*place)] in listing and _opens(chars, *place)
    ]
    items = [place for place in opening if _marks_item(chars, place[1])]
    # In a list of three and more the items are marked whose names are not known, too (●治頭痛).
    listed = opening if len(items) > 2 and 2 * len(items) > len(opening) else items
    yield from sorted(set(found) - set(listed))


def _opens(chars: str, start: int, end: int) -> bool:
    """Whether a sign opens a line, and no run of signs."""
    line = chars.rfind("\n", 0, start) + 1
    return not chars[line:start].strip(" \u3000#>-") and chars[end : end + 1] != chars[start:end]


def _marks_item(chars: str, end: int) -> bool:
    """Whether a sign at the head of a line stands before a blank or a known name: ●神庭，在髮際."""
    after = chars[end : end + NAME].translate(variants())
    after = to_traditional(after).translate(variants())
    return after[:1] in " \u3000\n" or any(
        after[:n] in lexicon().senses for n in range(2, len(after) + 1)
    )


NAME = 4
"""Characters of the longest name."""


# --- signs of punctuation ------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _punctuation() -> tuple[Mapping[int, str], regex.Pattern[str], Mapping[str, str]]:
    """Signs folded everywhere; those that are stops behind Han text only, and their forms."""
    rows = table("normalization/punctuation.tsv")
    everywhere = {ord(row["sign"]): row["standard"] for row in rows if not row["after"]}
    stops = {row["sign"]: row["standard"] for row in rows if row["after"]}
    inside = "".join(map(regex.escape, stops))
    pattern = regex.compile(rf"(?<=\p{{Han}})[{inside}](?![A-Za-z\d{inside}])")
    return everywhere, pattern, stops


@lru_cache(maxsize=1)
def one_form() -> Callable[[str], str]:
    """The form in which signs of punctuation are read."""
    return translator(_punctuation()[0])


def punctuated(text: Text) -> Text:
    """Signs in one form; 、 as a comma where a text writes none but this, and a comma as 、 between
    channels that a text without any 、 lists (督脈，足太陽，陽明之會).
    """
    _, stopping, stops = _punctuation()
    possible = re.compile(f"[{re.escape(''.join(stops))}]")  # asked first: few texts have any
    lone = _lone_pauses(text.source)
    none = not any(sign in text.source for sign in _pauses()[1])

    def stop(found: re.Match[str]) -> str:
        return stops[found[0]] if stopping.match(found.string, found.start()) else found[0]

    def convert(chars: str) -> str:
        chars = possible.sub(stop, one_form()(chars))
        chars = pattern("listing-comma").sub("、", chars) if none else chars
        return pattern("lone-pause").sub("，", chars) if lone else chars

    return fold(text, "sign", convert, sparse=True)


FEW = 10
"""Where a text has ten times more 、 than commas, as Japanese editions do, they are its commas."""


@lru_cache(maxsize=1)
def _pauses() -> tuple[str, str, regex.Pattern[str]]:
    """Commas and pauses in all their forms, and pauses before a clause."""
    everywhere, _, _ = _punctuation()
    comma, pause = (
        "".join((sign, *(chr(c) for c, s in everywhere.items() if s == sign))) for sign in "，、"
    )
    return comma, pause, pattern("pause-before-clause", pauses=regex.escape(pause))


def _lone_pauses(source: str) -> bool:
    comma, pause, clause = _pauses()
    commas, pauses = (sum(map(source.count, signs)) for signs in (comma, pause))
    return pauses > FEW * commas and clause.search(source) is not None


# --- amounts -------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def other_numerals() -> dict[int, str]:
    """Signs that are numerals where a dose counts with them, and the plain ones."""
    return {ord(row["sign"]): row["numeral"] for row in table("normalization/numerals.tsv")}


LONGEST_AMOUNT = 24
"""Characters before a unit in which its amount begins."""


@lru_cache(maxsize=1)
def _counted() -> re.Pattern[str]:
    """A unit behind a numeral: hardly anything in most texts."""
    numerals = re.escape(NUMERAL + "".join(map(chr, other_numerals())))
    return re.compile(written("unit-behind-number", numerals=numerals))


@lru_cache(maxsize=1)
def _amounts() -> regex.Pattern[str]:
    """Amounts of doses that are not in plain numerals, or join two: 3, 叁, 三、五, 3~5."""
    numerals = NUMERAL + "".join(map(chr, other_numerals()))
    return pattern("amount-in-dose", numerals=numerals)


MODERN = "modern"
"""The rule by which words are read that a word list of our time has put into a text."""


def older(text: Text) -> Text:
    """Words that a word list of our time put for older ones: 香港脚 is 脚气."""
    words, meant = modern()
    return rewrite(
        text, ((m.start(), m.end(), meant[m.group()], MODERN) for m in words.finditer(text.chars))
    )


def amounts(text: Text) -> Text:
    """The amounts of doses in plain numerals: 灸3壯 is 灸三壯, 刺入0.3寸 is 刺入三分.

    Where no cue makes it a dose a digit stays a digit and 陸 a word.
    """
    edits: list[Edit] = []
    done = 0
    for unit in _counted().finditer(text.chars):
        begin = max(done, unit.start() - LONGEST_AMOUNT)
        match = _amounts().search(text.chars, begin, unit.end() + 1)
        if match is None:
            continue
        done = match.end()
        plain = _plain(match["least"], match["join"], match["most"], match["unit"])
        if plain and plain != match.group():
            same = plain[-1] == match["unit"]
            end = match.end() - same
            edits.append((match.start(), end, plain[:-1] if same else plain, "amount"))
    return rewrite(text, edits)


def _plain(least: str, join: str | None, most: str | None, unit: str) -> str:
    """An amount with its unit in plain numerals; empty where it is none."""
    numbers = [least, most] if join and most else [least]
    if any(regex.fullmatch(r"[\u3021-\u3029]{2,}", number) for number in numbers):
        return ""  # units and tens are told apart by their place
    if any("." in number for number in numbers):
        if unit != "寸" or not all(regex.fullmatch(r"\d+(?:\.\d)?", n) for n in numbers):
            return ""
        numbers, unit = [str(round(10 * float(number))) for number in numbers], "分"
    signs = other_numerals()
    plain = [in_numerals(int(n)) or "〇" if n.isdecimal() else n.translate(signs) for n in numbers]
    return "、".join(plain) + unit
