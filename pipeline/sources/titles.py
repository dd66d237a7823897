"""Lines that are titles, in whatever layout: each becomes a heading ``#path#title``."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import regex

from pipeline.knowledge.numerals import integer
from pipeline.knowledge.patterns import pattern
from pipeline.model import Text
from pipeline.sources.items import is_name
from pipeline.sources.wraps import CLOSING, GOES_ON, lines_of
from pipeline.text.layer import Edit, rewrite

UNDERLINE = regex.compile(r"={3,}|-{3,}")


ENDLESS = 400
"""Signs in the lines of a text, one with another, when its paragraphs have no line ends."""
MARKED = regex.compile(r"(?<=[^\n#])(?=#{1,6} ?\[[^\]\n]{1,60}\])")


def divide(text: Text) -> Text:
    r"""A text without line ends in paragraphs: before and after titles, and before heads.

    >>> from pipeline.text.layer import plain
    >>> divide(plain("頭凡二穴第一神庭，在髮際，灸三壯。上星，在顱上，灸三壯。")).chars
    '頭凡二穴第一\n神庭，在髮際，灸三壯。\n上星，在顱上，灸三壯。'
    """
    lines = lines_of(text.chars)
    whole = len(lines) == 1 and pattern("counted-title").match(
        text.chars, lines[0].start, lines[0].end - 1
    )
    if len(text.chars) < ENDLESS * len(lines) and not whole:
        return text
    marked = [found.start() for found in MARKED.finditer(text.chars)]
    text = rewrite(text, [(at, at, "\n", "paragraph") for at in marked])
    breaks: set[int] = set()
    number = 0
    for found in pattern("break-of-paragraph").finditer(text.chars):
        if found["words"]:
            end, number = _numbered(text.chars, found.end(), number)
            breaks |= {found.start("words"), end}
        elif found["dose"] or (found["name"] and is_name(found["name"])):
            breaks.add(found.end() - len(found["name"] or ""))
    inside = (at for at in sorted(breaks) if text.chars[at - 1 : at] not in ("", "\n"))
    return rewrite(text, [(at, at, "\n", "paragraph") for at in inside])


def _numbered(chars: str, end: int, last: int) -> tuple[int, int]:
    """Where the number of a section ends, and the number: after 第八, 第九二間 is 第九."""
    begin = chars.rindex("第", 0, end) + 1
    for stop in range(end, begin, -1):
        if integer(chars[begin:stop]) == last + 1:
            return stop, last + 1
    return end, integer(chars[begin:end]) or 0


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
    apart = between.strip() or following.juan or following.path is not None
    return not apart and not pattern("counting-title").fullmatch(chars, title.start, title.end)


def _titles(chars: str) -> list[Title]:
    """The titles of a text, but for those of a table of contents: three or more in a row that come
    again.
    """
    lines = [(line.start, line.end) for line in lines_of(chars)]
    signed = _signed(chars, [start for start, _ in lines])
    found: list[Title | None] = []
    for index in range(len(lines)):
        after_title = bool(found) and found[-1] is not None
        possible = index in signed or index + 1 in signed
        found.append(_title(chars, lines, index, after_title) if possible else None)
    last = {chars[slice(*title.words)]: title.start for title in found if title}
    titles: list[Title] = []
    for marked, run in groupby(found, lambda title: title is not None and title.path is None):
        row = [title for title in run if title]
        again = [t for t in row if not t.juan and last[chars[slice(*t.words)]] > t.start]
        listed = again if marked and len(again) > 2 else []
        titles += [title for title in row if title not in listed]
    return titles


def _signed(chars: str, starts: Sequence[int]) -> frozenset[int]:
    """The lines in which anything stands by which they, or those before them, can be titles."""
    found = pattern("sign-of-title").finditer(chars)
    return frozenset(bisect_right(starts, sign.start()) - 1 for sign in found)


def _title(
    chars: str, lines: Sequence[tuple[int, int]], index: int, after_title: bool
) -> Title | None:
    """The title that a line is, if it is one."""
    start, end = lines[index]
    if headed := pattern("heading-of-layout").match(chars, start, end):
        juan = pattern("juan-title").fullmatch(headed["words"])
        return Title(start, end, (start, end), headed["path"], _juan(juan))
    counts = chars.find("凡", start, end) >= 0
    if counts and (certain := pattern("counting-title").fullmatch(chars, start, end)):
        begins = pattern("juan-before-blank").match(chars, *certain.span("words"))
        return Title(start, end, certain.span("words"), juan=begins["juan"] if begins else "")
    after = lines[index + 1] if index + 1 < len(lines) else None
    if index and not after_title and not _ends(chars, lines[index - 1], start):
        return None
    if after and chars[after[0]] in GOES_ON:
        return None
    if juan := pattern("juan-title").fullmatch(chars, start, end):
        return Title(start, end, juan.span("words"), juan=_juan(juan))
    for kind in (pattern("framed-title"), pattern("marked-title"), pattern("bracketed-title")):
        likely = kind.fullmatch(chars, start, end)
        if likely and not is_name(likely["words"]):
            return Title(start, end, likely.span("words"))
    if after and _underlined(chars, lines[index], after):
        return Title(start, after[1], (start, end))
    if (
        after
        and pattern("short-line").fullmatch(chars, start, end)
        and pattern("counted-title").match(chars, *after)
    ):
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
