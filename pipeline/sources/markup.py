"""Markup lifted from words: HTML, TEI, wikitext. What stands between the marks keeps its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from itertools import accumulate
from typing import Any

import regex

from pipeline.knowledge.tables import table
from pipeline.model import Text
from pipeline.text.layer import Edit, referred, rewrite

MARKUP = "markup"


@lru_cache(maxsize=1)
def _tags() -> dict[str, str]:
    return {row["tag"]: row["kind"] for row in table("normalization/tags.tsv")}


def uncomment(text: Text) -> Text:
    """Comments of HTML taken out; one that never ends is none."""
    edits: list[Edit] = []
    begin = text.chars.find("<!--")
    while begin >= 0 and (end := text.chars.find("-->", begin + 4)) >= 0:
        edits.append((begin, end + 3, "", MARKUP))
        begin = text.chars.find("<!--", end + 3)
    return rewrite(text, edits)


# --- HTML and TEI --------------------------------------------------------------------------------

TAG = regex.compile(r"</?[A-Za-z][A-Za-z0-9:._-]{0,40}+(?:[\s/][^<>]{0,2000})?>")
DECLARATION = regex.compile(r"<\?[^<>]{0,500}>|<![A-Za-z][^<>]{0,500}>|<!\[CDATA\[|\]\]>")
ENTITY = regex.compile(
    r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
    r"|\\u(?i:[3-9][0-9a-f]{3}|d[89ab][0-9a-f]{2}(?-i:\\u)d[c-f][0-9a-f]{2}|f[9a][0-9a-f]{2})"
)
"""A reference of HTML, or a glyph as programs write it out: two halves of one beyond U+FFFF."""
HAN = regex.compile(r"\p{Han}")
FLOW = regex.compile(r"(?<=\S)[ \t]{0,99}+\n[ \t]{0,99}+(?=\S)")
"""A line end that is only a blank in HTML."""


OFFICE = ("o:", "v:", "w:", "st1:")
"""Elements of Word, none of which is a paragraph (<o:p></o:p> in the middle of one)."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A tag: where it stands, its name, and whether it opens or closes an element, or both."""

    start: int
    end: int
    name: str
    opens: bool
    closes: bool

    @property
    def kind(self) -> str:
        """What the element is in a text; empty: its words are text."""
        return _tags().get(self.name, "")


class _Reader(HTMLParser):
    """The tags of a text, as the parser of the standard library finds them."""

    def __init__(self, chars: str) -> None:
        super().__init__(convert_charrefs=False)
        self.marks: list[Mark] = []
        self._lines = [0, *accumulate(len(line) + 1 for line in chars.split("\n"))]
        self._chars = chars
        # What is no tag is hidden, so that a stray sign (刺<入) cannot begin one.
        tags = list(TAG.finditer(chars))
        hidden = list(chars.replace("<", "\0").replace("&", "\0"))
        for tag in tags:
            hidden[tag.start()] = "<"
        self.feed("".join(hidden))
        self.close()

    def _mark(self, name: str, opens: bool, closes: bool) -> None:
        line, column = self.getpos()
        start = self._lines[line - 1] + column
        end = self._chars.index(">", start) + 1
        office = name.startswith(OFFICE)
        name = name if office else name.rpartition(":")[2]
        self.marks.append(Mark(start, end, name, opens, closes))

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._mark(tag, True, False)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self._mark(tag, True, True)

    def handle_endtag(self, tag: str) -> None:
        self._mark(tag, False, True)


def lift_tags(text: Text, flowing: bool = False) -> Text:
    """Elements taken out, their words left; in ``flowing`` text line ends are blanks.

    >>> from pipeline.text.layer import plain
    >>> lift_tags(plain("刺<b>入</b>三分，在髮際<small>一曰直耳上</small>")).chars
    '刺入三分，在髮際（一曰直耳上）'
    """
    declared = DECLARATION.finditer(text.chars)
    text = rewrite(text, ((*found.span(), "", MARKUP) for found in declared))
    marks = _Reader(text.chars).marks if TAG.search(text.chars) else []
    return rewrite(text, _lifted(text.chars, marks, flowing))


def _lifted(chars: str, marks: Sequence[Mark], flowing: bool) -> Iterator[Edit]:
    done, pre = 0, 0
    for start, end, after, kind in _replaced(chars, marks):
        if flowing and pre <= 0:
            yield from _flow(chars, done, start)
        if kind == "pre":
            pre += 1 if chars[start + 1] != "/" else -1
        yield start, end, after, MARKUP
        done = end
    if flowing:
        yield from _flow(chars, done, len(chars))


def _flow(chars: str, start: int, end: int) -> Iterator[Edit]:
    for found in FLOW.finditer(chars, start, end):
        yield *found.span(), "", "hard-wrap"


BECOMES = {"block": "\n\n", "pre": "\n\n", "heading": "\n\n", "break": "\n"}
WORDS = regex.compile(r"(?:<[^<>]{0,2000}>|\s)*+(?P<first>[^<\s])")


def _replaced(chars: str, marks: Sequence[Mark]) -> Iterator[tuple[int, int, str, str]]:
    """What is taken out, what stands for it, and the kind of the element."""
    elements = _elements(marks)
    page = any(mark.name == "html" for mark in marks)
    closing = {}  # what stands for the tags that close a note
    skip = 0
    for index, mark in enumerate(marks):
        if mark.start < skip:
            continue
        kind = "noise" if page and mark.name == "head" else mark.kind
        start, end, after = mark.start, mark.end, BECOMES.get(kind, "")
        if index in elements:
            inside, whole = elements[index]
            words = WORDS.match(chars, mark.end, inside)
            if kind == "noise" or (kind == "mark" and not HAN.search(chars, end, inside)):
                end = skip = whole
            elif kind == "heading" and words:
                after = "\n\n##"
            elif kind == "note" and words and words["first"] not in "（(〔［":
                after, closing[inside] = "（", "）"
        yield start, end, closing.get(start, after), kind


def _elements(marks: Sequence[Mark]) -> dict[int, tuple[int, int]]:
    """For each tag that opens an element: where its contents end, and where it ends.

    A reading in a ruby is closed by the next, or with the ruby.
    """
    found: dict[int, tuple[int, int]] = {}
    opened: list[int] = []
    count: Counter[str] = Counter()
    for index, mark in enumerate(marks):
        if mark.name in RUBY and opened and marks[opened[-1]].name in RUBY - {mark.name, "ruby"}:
            found[opened.pop()] = (mark.start, mark.start)
        if mark.opens and not mark.closes:
            opened.append(index)
            count[mark.name] += 1
        elif mark.closes and not mark.opens and count[mark.name]:
            while marks[opened[-1]].name != mark.name:
                count[marks[opened.pop()].name] -= 1
            count[mark.name] -= 1
            found[opened.pop()] = (mark.start, mark.end)
    return found


RUBY = frozenset({"ruby", "rt", "rp", "rtc"})


def resolve_entities(text: Text) -> Text:
    """Character references as the characters they stand for; a name that stands for none is text.

    >>> from pipeline.text.layer import plain
    >>> text = resolve_entities(plain("刺入三&#x5206;"))
    >>> text.chars, text.starts[3], text.ends[3]
    ('刺入三分', 3, 11)
    """
    edits: list[Edit] = []
    for found in ENTITY.finditer(text.chars):
        after = referred(found.group())
        if after != found.group():
            edits.append((*found.span(), after, "entity"))
    return rewrite(text, edits)


# --- wikitext ------------------------------------------------------------------------------------

WIKI = regex.compile(r"\{\{|\[\[|\'\'|\{\||^=.*=|<ref", regex.M)


def lift_wikitext(text: Text) -> Text:
    r"""Templates, links and emphasis of wikitext taken out, the words in them left.

    >>> from pipeline.text.layer import plain
    >>> lift_wikitext(plain("''神庭''，[[督脈|脈]]{{*|一曰直耳上}}{{!|顖|⿰頁囟}}")).chars
    '神庭，脈（一曰直耳上）顖'
    """
    if not WIKI.search(text.chars):
        return text
    from pipeline.sources.wikitext import parsed  # its library takes a while to load

    return rewrite(text, parsed(text.chars))
