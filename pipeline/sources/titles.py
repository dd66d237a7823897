"""Lines that are titles, in whatever layout: each becomes a heading ``#path#title``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import regex

from pipeline.model import Text
from pipeline.sources.items import is_name
from pipeline.sources.wraps import BLANKS, CLOSING, GOES_ON, lines_of
from pipeline.text.layer import Edit, rewrite

NUM = "[一二三四五六七八九十百廿卅]{1,6}"
PLAIN = r"[^，。、；：？！,;:?!.#<>\n]"
COUNTED = rf"(?:{PLAIN}|、){{0,40}}?凡{NUM}穴(?:（[^（）\n]*）|\([^()\n]*\))?第{NUM}"
PART = r"(?:（[^（）\n]{1,3}）|\([^()\n]{1,3}\)|[上中下])?"
VOLUME = rf"(?:(?!卷){PLAIN}){{0,12}}(?P<juan>第{NUM}卷{PART}|卷[之第]?{NUM}{PART})"
BLANK = rf"[{BLANKS}]"
NUMBERED = rf"{PLAIN}{{2,30}}?第{NUM}[篇章]?{PART}|第{NUM}[篇章](?:{BLANK}+{PLAIN}{{1,20}})?"
FRAME = r"[=＝#*_'【】〖〗 \t\u3000\u00a0]{0,12}+"

CERTAIN = regex.compile(rf"{FRAME}(?P<words>{COUNTED}{PART}){FRAME}")
"""頭直鼻中髮際傍行至頭維凡七穴第一"""
JUAN = regex.compile(rf"{FRAME}(?P<words>{VOLUME}(?:{BLANK}+(?P<rest>{PLAIN}{{1,30}}?))?){FRAME}")
"""卷三, 卷之三, 針灸甲乙經卷三, 卷三　諸穴"""
SHORT = regex.compile(rf"{PLAIN}{{2,40}}")
REST = regex.compile(COUNTED)
"""What is left of a title that breaks off and goes on with the text: 凡二十六穴第九附分."""
LIKELY = (
    regex.compile(rf"{FRAME}(?P<words>{NUMBERED}){FRAME}"),
    regex.compile(
        rf"(?P<mark>={{1,6}}+|#{{1,6}}+){BLANK}{{0,9}}+(?P<words>[^=#\n]{{1,60}}?){BLANK}{{0,9}}(?P=mark)"
    ),
    regex.compile(rf"【(?P<words>{PLAIN}{{2,30}})】"),
)
"""奇經八脈第二; == 頭部 ==; 【頭部】"""
HEADED = regex.compile(r"(?:#|<目录>)(?P<path>[^#<\n]*)(?:#|<篇名>|$)(?P<words>[^\n]*)")
"""What the layout itself has marked."""
UNDERLINE = regex.compile(r"={3,}|-{3,}")


@dataclass(frozen=True, slots=True)
class Title:
    """A line that is a title."""

    start: int
    end: int
    words: tuple[int, int]
    path: str | None = None
    """What the layout says of where it stands; None where it says nothing."""
    juan: str = ""
    """The juan that begins here, and what follows its number (卷三　諸穴: 卷三\\諸穴)."""


def headings(text: Text) -> Text:
    r"""Titles marked as headings, with the juan they stand in.

    >>> from pipeline.text.layer import plain
    >>> headings(plain("卷三　諸穴\n\n頭凡七穴第一\n\n神庭，在髮際。")).chars
    '#卷三\\諸穴#頭凡七穴第一\n\n神庭，在髮際。'
    """
    chars = text.chars
    edits: list[Edit] = []
    path = ""
    begin = -1  # where a line of the juan begins that belongs to the title after it
    found = _titles(chars)
    for title, following in zip(found, [*found[1:], None], strict=False):
        path = title.juan or title.path or path
        if title.path == "" and path and chars[title.start] == "#":
            edits.append((title.start + 1, title.start + 1, path, "heading"))
        if title.path is not None:
            continue
        begin = title.start if begin < 0 else begin
        if title.juan and following and _introduces(chars, title, following):
            continue
        edits.append((begin, title.words[0], f"#{path}#", "heading"))
        if title.words[1] < title.end:
            edits.append((title.words[1], title.end, "", "markup"))
        begin = -1
    return rewrite(text, edits)


def _introduces(chars: str, title: Title, following: Title) -> bool:
    """Whether the line of a juan says only where the title after it stands."""
    between = chars[title.end : following.start]
    return not between.strip() and not following.juan and following.path is None


def _titles(chars: str) -> list[Title]:
    """The titles of a text, but for those of a table of contents: three or more in a row that all
    come again.
    """
    lines = [(line.start, line.end) for line in lines_of(chars)]
    found: list[Title | None] = []
    for index in range(len(lines)):
        after_title = bool(found) and found[-1] is not None
        found.append(_title(chars, lines, index, after_title))
    words = Counter(chars[slice(*title.words)] for title in found if title)
    titles: list[Title] = []
    for marked, run in groupby(found, lambda title: title is not None and title.path is None):
        row = [title for title in run if title]
        again = all(words[chars[slice(*title.words)]] > 1 for title in row)
        if not (marked and again and len(row) > 2):
            titles += row
    return titles


def _title(
    chars: str, lines: Sequence[tuple[int, int]], index: int, after_title: bool
) -> Title | None:
    """The title that a line is, if it is one."""
    start, end = lines[index]
    if headed := HEADED.match(chars, start, end):
        juan = JUAN.fullmatch(headed["words"])
        return Title(start, end, (start, end), headed["path"], _juan(juan))
    if certain := CERTAIN.fullmatch(chars, start, end):
        return Title(start, end, certain.span("words"))
    after = lines[index + 1] if index + 1 < len(lines) else None
    if index and not after_title and not _ends(chars, lines[index - 1], start):
        return None
    if after and chars[after[0]] in GOES_ON:
        return None
    if juan := JUAN.fullmatch(chars, start, end):
        return Title(start, end, juan.span("words"), juan=_juan(juan))
    for kind in LIKELY:
        likely = kind.fullmatch(chars, start, end)
        if likely and not is_name(likely["words"]):
            return Title(start, end, likely.span("words"))
    if after and _underlined(chars, lines[index], after):
        return Title(start, after[1], (start, end))
    if after and SHORT.fullmatch(chars, start, end) and REST.match(chars, *after):
        return Title(start, end, (start, end))
    return None


def _ends(chars: str, line: tuple[int, int], start: int) -> bool:
    """Whether the text before ``start`` comes to its end: a title never breaks a sentence."""
    return chars[line[1] - 1] in CLOSING or chars.count("\n", line[1], start) > 1


def _underlined(chars: str, line: tuple[int, int], after: tuple[int, int]) -> bool:
    """Whether the second line underlines the first."""
    return (
        UNDERLINE.fullmatch(chars, *after) is not None
        and chars.count("\n", line[1], after[0]) == 1
        and line[1] - line[0] <= 60
        and chars[line[1] - 1] not in CLOSING
    )


def _juan(found: regex.Match[str] | None) -> str:
    if found is None:
        return ""
    return "\\".join(filter(None, (found["juan"], found["rest"])))
