"""The layouts of transcriptions, each a function from the source as it is to running text."""

from __future__ import annotations

from functools import lru_cache

import regex

from pipeline.knowledge.patterns import written
from pipeline.knowledge.tables import table
from pipeline.model import Change, Text
from pipeline.sources.items import lift_items
from pipeline.sources.leaves import lift_leaves
from pipeline.sources.markup import lift_tags, lift_wikitext, resolve_entities, uncomment
from pipeline.sources.titles import divide, headings
from pipeline.sources.wraps import blanks_at_wraps, join_lines, set_anew, unwrap
from pipeline.text.layer import Edit, line_ends, rewrite, substitute

HAN = r"\p{Han}"

# --- marks and lost glyphs -----------------------------------------------------------------------

LOST = "□"
BLANK = r"[ \t\u00a0\u3000]"
PLATE = r"\\r[^\\\n]{0,60}\\p[^\\\n]{0,40}\\r"


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
    r"""Typesetter's residue: a mark of a lost glyph becomes □, a mark of layout goes, and so does
    the name of a plate (\r正人形第一图\pm-m2.bmp\r).
    """
    text = substitute(text, PLATE, "", "markup")
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


@lru_cache(maxsize=1)
def _sizes() -> frozenset[str]:
    return frozenset(r["mark"] for r in table("normalization/marks.tsv") if r["kind"] == "size")


def is_size(mark: str) -> bool:
    """Whether a mark that was lifted out sets type of another size."""
    return mark.rstrip(" ") in _sizes()


def sized(text: Text) -> list[tuple[int, int]]:
    r"""What stands in the source between two marks of type size (\x项中大筋两旁各一。\x).

    Where one of two marks is lost, the next that opens a line opens anew; no two marks belong
    together over an empty line.
    """
    found: list[tuple[int, int]] = []
    begin: int | None = None
    for step in text.log:
        if not (isinstance(step, Change) and step.before and is_size(step.before)):
            continue
        a, b = step.start, step.end
        opens = regex.search(r"(?:^|[\r\n])[ \u3000]*$", text.source[max(0, a - 8) : a]) is not None
        closes = regex.match(r"[ \u3000]*(?:[\r\n]|$)", text.source[b : b + 8]) is not None
        if begin is None:
            begin = None if closes and not opens else b
        elif (opens and not closes) or regex.search(EMPTY, text.source[begin:a]):
            begin = b
        else:
            found.append((begin, a))
            begin = None
    return found


EMPTY = r"(?:\r\n?|\n)[ \u3000]*[\r\n]"


def blanks_as_lost(text: Text) -> Text:
    """In a text that is not hard-wrapped a single blank beside Han text is a lost glyph (臂 内)."""
    pattern = regex.compile(rf"(?<=[{HAN}，。、）]) (?=[{HAN}，。、；：（])")
    found = [m.start() for m in pattern.finditer(text.chars)]
    if SPACED * len(found) > len(text.chars):
        return rewrite(text, [(a, a + 1, "", "blank") for a in found])
    edits = [(a, a + 1, "", "lost-glyph") for a in found]
    return rewrite(text, edits, (text.starts[a] for a in found))


SPACED = 4
"""Characters for each blank of a text that is set wide: no text lost every fourth glyph."""

# --- formats -------------------------------------------------------------------------------------


LINK = r"(\[)[^\[\]\n]*(\]\((?:[^()\s]|\([^()\s]*\))*(?: +\"[^\"\n]*\")?\))"
"""A link of Markdown: [words](target "title")."""
EMPHASIS = r"(\*{1,3})[^*\n]+(\1)"


def _words(text: Text, flowing: bool = False) -> Text:
    """The words of a text out of comments, templates, elements, character references, quotation."""
    text = uncomment(line_ends(text))
    text = lift_wikitext(text)
    text = resolve_entities(lift_tags(text, flowing))
    text = substitute(text, QUOTED, "", "markup")
    return substitute(text, written("mark-of-reference"), "", "markup")


def _paragraphs(text: Text) -> Text:
    return lift_items(join_lines(set_anew(headings(lift_marks(text)))))


QUOTED = r"^ {0,3}(?:> ?)+"
"""The mark before each line of a quotation."""


def markdown(text: Text) -> Text:
    """Markdown: front matter, headings ``## [path] title``, paragraphs; of a link its words
    are text, its target markup, as are emphasis and marks of footnotes.
    """
    text = line_ends(text)
    text = substitute(text, r"\A---\n(?s:.*?)\n---(?:\n|\Z)", "", "markup")
    text = divide(_rows(_words(text)))
    text = substitute(text, r"\\\[\d+\\\]|\[\^?\d{1,4}\](?![(\[:])", "", "markup")
    for pattern in (LINK, EMPHASIS):
        edits = [
            (*found.span(group), "", "markup")
            for found in regex.finditer(pattern, text.chars)
            for group in (1, 2)
        ]
        text = rewrite(text, edits)
    text = substitute(
        text,
        rf"^{BLANK}*+#+{BLANK}*+\[[^\]\n]*\]{BLANK}*+|^{BLANK}*+#+{BLANK}*+",
        _heading,
        "markup",
    )
    text = substitute(text, rf"(?<=^#[^\n]{{1,200}}?){BLANK}+#+{BLANK}*$", "", "markup")
    return _paragraphs(text)


def _rows(text: Text) -> Text:
    """Each row of a table as a paragraph, its cells apart: | 神庭 | 在髮際直鼻 |."""
    text = substitute(
        text, r"^[ \t]{0,9}+\|(?:[ \t]{0,99}+:?-{2,}+:?[ \t]{0,99}+\|)++[ \t]{0,99}+$", "", "markup"
    )
    edits = [
        (*cell.span(), "\n" if cell["open"] else "" if cell["close"] else "\u3000", "markup")
        for row in regex.finditer(r"^[ \t]{0,9}+\|[^\n]*+(?<=\|[ \t]{0,99})$", text.chars, regex.M)
        for cell in CELL.finditer(text.chars, *row.span())
    ]
    return rewrite(text, edits)


CELL = regex.compile(
    r"(?P<open>^[ \t]{0,9}+\|[ \t]{0,99}+)|(?P<close>(?<![ \t])[ \t]{0,99}+\|[ \t]{0,99}+$)"
    r"|(?<![ \t])[ \t]{0,99}+\|[ \t]{0,99}+",
    regex.M,
)


def wikitext(text: Text) -> Text:
    """Wikitext: ``== title ==``, templates, links, emphasis."""
    return _paragraphs(_words(text))


def hypertext(text: Text) -> Text:
    """HTML and TEI: line ends are where elements are, not where the source has them."""
    return _paragraphs(_words(text, flowing=True))


def _heading(match: regex.Match[str]) -> str:
    path = regex.match(r"[^\[]*\[([^\]]*)\]", match.group())
    return f"#{path.group(1) if path else ''}#"


def tagged(text: Text) -> Text:
    """Tagged text: ``<目录>path<篇名>title属性：body``, hard-wrapped, glyphs lost at blanks.
    Where the whole file was converted the tags are in traditional characters.
    """
    text = line_ends(text)
    text = substitute(text, written("contents-tag"), "目录", "markup")
    text = substitute(text, written("property-tag"), "属", "markup")
    text = lift_marks(text)
    # The blank after a title that ran on into the body (凡四十二穴第八 凡五脏) ends the title.
    text = substitute(text, written("blank-behind-title"), "\n", "paragraph")
    text = unwrap(blanks_at_wraps(headings(text)))
    tag = written("title-tag")
    text = substitute(text, tag, lambda m: f"\n#{m.group('path') or ''}#", "markup")
    return substitute(text, written("text-tag"), "\n", "markup")


def prose(text: Text) -> Text:
    """Plain text; what it has of markup is markup."""
    return blanks_as_lost(_paragraphs(divide(lift_leaves(_words(text)))))


def circled(text: Text) -> Text:
    """Main text flush left, notes indented under circled numbers: one line each; an empty line goes
    before what stands flush left.
    """
    text = blanks_as_lost(lift_marks(line_ends(text)))
    if regex.search(rf"\n{BLANK}+\S", text.chars):
        apart = "\n"
    else:  # the indents are lost: what stands below is one block with what stands above it
        text = substitute(text, r"(?<!\s)\s++(?=[①-⑳])", _one_end, "paragraph")
        apart = "\n\n"
    return substitute(
        text,
        rf"\n(?:\n|{BLANK})*",
        lambda m: "\n\n" if m.group().endswith(apart) else "\n",
        "paragraph",
    )


def _one_end(gap: regex.Match[str]) -> str:
    """An empty line and all behind it as one line end."""
    words = gap.group()
    empty = regex.search(rf"\n{BLANK}*+\n", words)
    return words if empty is None else words[: empty.start()] + "\n"
