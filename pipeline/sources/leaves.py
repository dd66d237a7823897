"""What stands on each page of a printed text and is none of it: page numbers, running heads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import regex

from pipeline.model import Text
from pipeline.text.layer import Edit, rewrite

NUMBER = r"[-–—·•－〔\[（(]{0,2}[ ]?(?P<n>[0-9]{1,4})[ ]?[-–—·•－〕\]）)]{0,2}"
LEAF = regex.compile(
    rf"^[ \t\u3000]*+(?:{NUMBER}|(?P<head>\p{{Han}}[^\n]{{1,30}}?)[ \t\u3000]+(?P<n>[0-9]{{1,4}})"
    r"|(?P<n>[0-9]{1,4})[ \t\u3000]+(?P<head>\p{Han}[^\n]{1,30}?))[ \t\u3000]*$",
    regex.M,
)
"""A line that is a page number, or words with one before or after them."""


def lift_leaves(text: Text) -> Text:
    r"""Page numbers and running heads out; what they stand in goes on behind them.

    >>> from pipeline.text.layer import plain
    >>> lift_leaves(plain("曲差，在髮際，正頭取\n\n- 12 -\n\n之，刺入三分。\n- 13 -")).chars
    '曲差，在髮際，正頭取\n之，刺入三分。'
    """
    lines: defaultdict[str, list[regex.Match[str]]] = defaultdict(list)
    for found in LEAF.finditer(text.chars):
        lines["".join(found["head"] or "").replace("\u3000", "")].append(found)
    leaves = [found for key in lines for found in _pages(text.chars, lines[key], key)]
    return rewrite(text, _lifted(text.chars, sorted(leaves, key=lambda found: found.start())))


def _pages(chars: str, found: list[regex.Match[str]], head: str) -> list[regex.Match[str]]:
    """Of lines that are alike those that number pages: they count up; a bare number stands apart
    from the text, or in dashes (a 3 alone in its line can be what is left of 刺入3分).
    """
    apart = [one for one in found if head or one.group().strip() != one["n"] or _apart(chars, one)]
    numbers = [int(one["n"]) for one in apart]
    rising = all(0 < after - before < 3 for before, after in pairwise(numbers))
    return apart if len(apart) > 1 and rising else []


def _apart(chars: str, found: regex.Match[str]) -> bool:
    """Whether an empty line goes before a line or follows on it."""
    before, after = _solid(chars, found.start(), -1), _solid(chars, found.end(), 1)
    return "\n\n" in (chars[before : found.start()][-2:], chars[found.end() : after][:2])


def _solid(chars: str, at: int, step: int) -> int:
    """The nearest place that white space does not reach, before or behind another."""
    while 0 <= at + min(step, 0) < len(chars) and chars[at + min(step, 0)].isspace():
        at += step
    return at


CLOSED = "。！？」』）"
"""What ends a paragraph before the end of a page."""


def _lifted(chars: str, leaves: list[regex.Match[str]]) -> Iterator[Edit]:
    """The lines, with the white space around them; those that follow on one another are one."""
    done = 0
    for index, found in enumerate(leaves):
        if found.start() < done:
            continue
        end = found.end()
        for after in leaves[index + 1 :]:
            if _solid(chars, end, 1) < _solid(chars, after.start(), 1):
                break
            end = after.end()
        start, done = _solid(chars, found.start(), -1), _solid(chars, end, 1)
        inside = start > 0 and done < len(chars)
        gap = "\n\n" if chars[start - 1 : start] in CLOSED else "\n"
        yield start, done, gap if inside else "", "markup"
