"""The layouts of transcriptions, each a function from the source as it is to running text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from operator import add

import regex

from pipeline.knowledge.tables import table
from pipeline.model import Text
from pipeline.text.layer import Edit, line_ends, rewrite, substitute

HAN = r"\p{Han}"

# --- marks and lost glyphs -----------------------------------------------------------------------

LOST = "□"


@lru_cache(maxsize=1)
def _marks() -> tuple[regex.Pattern[str], frozenset[str]]:
    rows = table("normalization/marks.tsv")
    found = sorted((row["mark"] for row in rows), key=len, reverse=True)
    # A mark in letters is a mark only between Han text, never inside a word of Latin letters.
    pattern = "|".join(
        rf"(?<![A-Za-z](?<!{mark})){mark}(?![a-z])"
        if mark.isalpha() and mark.isascii()
        else regex.escape(mark)
        for mark in found
    )
    return (
        regex.compile(rf"(?:{pattern}) ?"),
        frozenset(row["mark"] for row in rows if row["kind"] == "lost"),
    )


def lift_marks(text: Text) -> Text:
    """Typesetter's residue: a mark of a lost glyph becomes □, a mark of layout goes."""
    pattern, lost = _marks()
    edits: list[Edit] = []
    gaps: list[int] = []
    found = frozenset(text.lost)
    for match in pattern.finditer(text.chars):
        if text.starts[match.start()] in found:
            continue
        mark = match.group().rstrip(" ")
        if mark in lost:
            a, b = match.start(), match.start() + len(mark)
            edits.append((a, b, LOST, "lost-glyph"))
            gaps.append(text.starts[a])
            if match.end() > b:
                edits.append((b, match.end(), "", "blank"))
        else:
            edits.append((match.start(), match.end(), "", "mark"))
    return rewrite(text, edits, gaps)


def blanks_as_lost(text: Text) -> Text:
    """In a text that is not hard-wrapped a single blank beside Han text is a lost glyph (臂 内)."""
    pattern = regex.compile(rf"(?<=[{HAN}，。、）]) (?=[{HAN}，。、；：（])")
    found = [m.start() for m in pattern.finditer(text.chars)]
    edits = [(a, a + 1, "", "lost-glyph") for a in found]
    return rewrite(text, edits, (text.starts[a] for a in found))


# --- hard wraps ----------------------------------------------------------------------------------

WIDTH = 40
"""Characters in a full line of the hard-wrapped layout."""
INDENT = 2
GLYPH = 1.5
"""What a lost glyph took up in the line beyond the blank that is left of it."""
SLACK = 3.0
CLOSING = frozenset("。?!)？！）")
"""What the last line of a paragraph ends in; after anything else the text goes on."""


def unwrap(text: Text) -> Text:
    """Join hard-wrapped lines: a blank is a line end or a lost glyph.

    Which one is told by the width of the line it would end (a full line has 40 characters, the
    first of a paragraph 38) and by what stands on its two sides: 三 壮 is found unbroken elsewhere,
    颞 中 is not. Of all ways to set a paragraph in lines the likeliest is taken.
    """
    chars = text.chars
    unbroken = Counter(map(add, chars, chars[1:]))
    edits: list[Edit] = []
    lost: list[int] = []
    begin, fresh = 0, True
    for match in regex.finditer(r"\n\n+|\Z", chars):
        end = match.start()
        body = max(begin, chars.rfind("属性", begin, end))
        blanks = [m.start() for m in regex.finditer(" ", chars[body:end])]
        blanks = [
            body + b
            for b in blanks
            if chars[body + b - 1] not in "∶：> " and chars[body + b + 1 : body + b + 2] != "<"
        ]
        wraps = _set_lines(chars, body, end, blanks, unbroken, INDENT if fresh else 0)
        for blank in blanks:
            if blank in wraps:
                edits.append((blank, blank + 1, "", "hard-wrap"))
            else:
                edits.append((blank, blank + 1, "", "lost-glyph"))
                lost.append(text.starts[blank])
        fresh = chars[end - 1 : end] in CLOSING or chars.startswith("<", match.end())
        if match.end() > end:
            edits.append(
                (end, match.end(), "\n" if fresh else "", "paragraph" if fresh else "hard-wrap")
            )
        begin = match.end()
    return rewrite(text, edits, lost)


def _set_lines(
    chars: str, start: int, end: int, blanks: Sequence[int], unbroken: Counter[str], indent: int
) -> frozenset[int]:
    """The blanks at which the likeliest setting of ``chars[start:end]`` breaks its lines."""
    points = [start - 1, *blanks, end]
    best = [0.0] + [math.inf] * (len(points) - 1)
    back = [0] * len(points)
    for j in range(1, len(points)):
        last = j == len(points) - 1
        for i in range(j - 1, -1, -1):
            width = points[j] - points[i] - 1 + (j - i - 1) * (GLYPH - 1)
            full = WIDTH - (indent if i == 0 else 0)
            if width > full + 14 and i < j - 1:
                break
            cost = best[i] + sum(_gap(chars, points[k], unbroken) for k in range(i + 1, j))
            if not last or width > full:
                cost += ((width - full) / SLACK) ** 2
            if cost < best[j]:
                best[j], back[j] = cost, i
    wraps: set[int] = set()
    j = back[-1]
    while j > 0:
        wraps.add(points[j])
        j = back[j]
    return frozenset(wraps)


def _gap(chars: str, blank: int, unbroken: Counter[str]) -> float:
    """What it costs to take a blank for a lost glyph: more where its two sides belong together."""
    left, right = chars[blank - 1], chars[blank + 1 : blank + 2]
    return 2.0 + min(3.0, math.log1p(unbroken[left + right]) if right not in ",。;、)" else 0.0)


# --- formats -------------------------------------------------------------------------------------


LINK = r"(\[)[^\[\]\n]*(\]\((?:[^()\s]|\([^()\s]*\))*(?: +\"[^\"\n]*\")?\))"
"""A link of Markdown: [words](target "title")."""
EMPHASIS = r"(\*{1,3})[^*\n]+(\1)"


def _uncomment(text: Text) -> Text:
    """Comments of HTML taken out; one that never ends is none."""
    edits: list[Edit] = []
    begin = text.chars.find("<!--")
    while begin >= 0 and (end := text.chars.find("-->", begin + 4)) >= 0:
        edits.append((begin, end + 3, "", "markup"))
        begin = text.chars.find("<!--", end + 3)
    return rewrite(text, edits)


def markdown(text: Text) -> Text:
    """Markdown: front matter, headings ``## [path] title``, one paragraph a line; of a link its
    words are text, its target markup, as are emphasis, templates, marks of footnotes, comments.
    """
    text = line_ends(text)
    text = substitute(text, r"\A---\n(?s:.*?)\n---(?:\n|\Z)", "", "markup")
    text = _uncomment(text)
    text = substitute(text, r"\{\{[^{}\n]*\}\}|\\\[\d+\\\]", "", "markup")
    for pattern in (LINK, EMPHASIS):
        edits = [
            (*found.span(group), "", "markup")
            for found in regex.finditer(pattern, text.chars)
            for group in (1, 2)
        ]
        text = rewrite(text, edits)
    text = substitute(
        text, r"^#+[ \u3000]*\[[^\]\n]*\][ \u3000]*|^#+[ \u3000]*", _heading, "markup"
    )
    text = lift_marks(text)
    return substitute(text, r"\n[\n \u3000]*\n[ \u3000]*|\n", "\n", "paragraph")


def _heading(match: regex.Match[str]) -> str:
    path = regex.match(r"[^\[]*\[([^\]]*)\]", match.group())
    return f"#{path.group(1) if path else ''}#"


def tagged(text: Text) -> Text:
    """Tagged text: ``<目录>path<篇名>title属性：body``, hard-wrapped, glyphs lost at blanks."""
    text = line_ends(text)
    text = lift_marks(text)
    # The blank after a title that ran on into the body (凡四十二穴第八 凡五脏) ends the title.
    text = substitute(text, r"(?<=穴第[一二三四五六七八九十]{1,3}) (?=\p{Han})", "\n", "paragraph")
    text = unwrap(text)
    tag = r"(?<![ \n])[ \n]*(?:<目录>(?P<path>[^<\n]*))?<篇名>"
    text = substitute(text, tag, lambda m: f"\n#{m.group('path') or ''}#", "markup")
    return substitute(text, r"(?<![ \n])[ \n]*属性[：:]", "\n", "markup")


def prose(text: Text) -> Text:
    """Plain text, one paragraph a line; comments of HTML are markup."""
    text = _uncomment(line_ends(text))
    text = lift_marks(text)
    text = blanks_as_lost(text)
    return substitute(text, r"\n[\n \u3000]*", "\n", "paragraph")


def circled(text: Text) -> Text:
    """Main text flush left, notes indented under circled numbers: one line each; an empty line goes
    before what stands flush left.
    """
    text = blanks_as_lost(lift_marks(line_ends(text)))
    return substitute(
        text, r"\n[\n \u3000]*", lambda m: "\n\n" if m.group().endswith("\n") else "\n", "paragraph"
    )
