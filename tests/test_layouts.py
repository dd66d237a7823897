"""One text in many layouts: what differs is how it is written down, never what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import opencc
import pytest
import regex

from pipeline.compare.collate import collate
from pipeline.compare.edition import Edition, edition
from pipeline.compare.kinds import FIELDS
from pipeline.model import Witness
from pipeline.sources.normalize import normalize
from pipeline.sources.recognise import recognise, script
from pipeline.sources.wraps import join_lines
from pipeline.text.layer import changes
from pipeline.text.layer import plain as text_of
from tests.corpus import extract, invented, misplaced, untiled, witness

HEADING = regex.compile(r"^## \[(?P<path>[^\]\n]*)\] (?P<title>[^\n]*)$", regex.M)


@cache
def plain() -> str:
    """卷三 in Markdown, without its front matter."""
    text = witness("jiayi-j3").text
    return text[text.index("## [") :]


def paragraphs(change: Callable[[str], str]) -> str:
    """卷三 with each paragraph that is no heading changed."""
    return "\n\n".join(
        words if words.startswith("#") else change(words)
        for words in plain().split("\n\n")
        if words
    )


def wrapped(width: int, first: str = "", mark: str = "") -> Callable[[str], str]:
    """Lines of one width; what stands before the first and before each."""

    def lines(words: str) -> str:
        words = first + words
        parts = [words[i : i + width] for i in range(0, len(words), width)]
        return "\n".join(mark + part for part in parts)

    return lines


def unmarked(text: str) -> str:
    """Titles as lines like others, what they belong to in a line before them."""
    return HEADING.sub(lambda m: f"{m['path'].replace(chr(92), '　')}\n\n{m['title']}", text)


def tagged(text: str) -> str:
    return HEADING.sub(r"<h2>\g<title></h2>", text)


def html() -> str:
    body = tagged(paragraphs(lambda p: f"<p>{p}</p>"))
    body = regex.sub("（([^（）]*)）", r"<small>\1</small>", body)
    body = regex.sub("刺入", "刺<b>入</b>", body)
    body = regex.sub("分", "&#x5206;", body)
    return (
        f"<!DOCTYPE html>\n<html><head><title>甲乙經</title></head>\n<body>{body}</body></html>\n"
    )


def wiki() -> str:
    body = HEADING.sub(r"== \g<title> ==", plain())
    body = regex.sub("（([^（）]*)）", r"{{*|\1}}", body)
    return regex.sub("督脉", "[[督脉]]", body)


def tei() -> str:
    body = regex.sub("<h2>(.*?)</h2>", r"<head>\1</head>", html().partition("<body>")[2])
    body = body.replace("small>", "note>").replace("</body></html>", "")
    return f"<?xml version='1.0'?>\n<TEI><text><body>{body}</body></text></TEI>"


LAYOUTS: dict[str, Callable[[], str]] = {
    "CRLF": lambda: plain().replace("\n", "\r\n"),
    "CR": lambda: plain().replace("\n", "\r"),
    "soft breaks at 20": lambda: paragraphs(wrapped(20)),
    "soft breaks at 40": lambda: paragraphs(wrapped(40)),
    "soft breaks at 33, blanks at line ends": lambda: paragraphs(
        lambda p: wrapped(33)(p).replace("\n", "  \n")
    ),
    "quoted": lambda: "> " + paragraphs(wrapped(40)).replace("\n", "\n> "),
    "titles as lines": lambda: unmarked(plain()),
    "titles and indents": lambda: regex.sub("^(?=.)", "　　", unmarked(plain()), flags=regex.M),
    "indents and lines of 38": lambda: regex.sub(
        "\n+", "\n", unmarked(paragraphs(wrapped(38, "　　")))
    ),
    "indents and lines of 25": lambda: unmarked(paragraphs(wrapped(25, "　　"))),
    "setext": lambda: HEADING.sub(lambda m: f"{m['title']}\n------", plain()),
    "closed headings": lambda: HEADING.sub(lambda m: f"## {m['title']} ##", plain()),
    "titles in brackets": lambda: HEADING.sub(lambda m: f"【{m['title']}】", plain()),
    "bullets": lambda: paragraphs(lambda p: f"- {p}"),
    "stars": lambda: paragraphs(lambda p: f"* {p}").replace("\n\n* ", "\n* "),
    "numbers": lambda: paragraphs(lambda p: f"1. {p}"),
    "circles": lambda: paragraphs(lambda p: f"○{p}"),
    "bullets, lines hanging": lambda: paragraphs(
        lambda p: "- " + wrapped(30)(p).replace("\n", "\n  ")
    ),
    "names in brackets": lambda: paragraphs(
        lambda p: regex.sub("^(\\p{Han}{2,4})，(?=在|一名)", r"【\1】", p)
    ),
    "names, then a colon": lambda: paragraphs(
        lambda p: regex.sub("^(\\p{Han}{2,4})，(?=在|一名)", r"**\1**：", p)
    ),
    "notes in tortoise-shell brackets": lambda: plain().translate(str.maketrans("（）", "〔〕")),
    "notes in square brackets": lambda: plain().translate(str.maketrans("（）", "［］")),
    "HTML": html,
    "HTML, wrapped": lambda: regex.sub(r"([^\n<>&;a-z#/!]{25})(?=[^\n<>&;a-z#/])", "\\1\n", html()),
    "TEI": tei,
    "wikitext": wiki,
}


UNDIVIDED = {
    ("BL36", "remarks"),
    ("SI10", "entry"),
    ("TE14", "channels"),
    ("TE14", "depth_max_fen"),
    ("TE14", "depth_min_fen"),
    ("TE14", "moxa_max"),
    ("TE14", "moxa_min"),
    ("TE14", "posture"),
    ("TE14", "remarks"),
}
"""What only a line end tells: that how to make moxa fester (欲令灸發者) is no part of the entry
before it, and that an entry begins whose name is lost (在肩後大骨下 after a note); its doses stand
as second ones in the entry before it.
"""
ENDLESS: dict[str, Callable[[], str]] = {
    "one line, marked": lambda: witness("jiayi-j3").text.replace("\n", ""),
    "one line, titles after their juan": lambda: unmarked(plain()).replace("\n", ""),
    "one line, titles alone": lambda: HEADING.sub(r"\g<title>", plain()).replace("\n", ""),
    "one line, blanks for line ends": lambda: unmarked(plain()).replace("\n\n", "　　"),
}


def laid_out(text: str) -> Witness:
    """A witness recognised by its text alone."""
    return invented(text, recognise(text).format, script(text), siglum="other")


def both_ways(one: Edition, other: Edition) -> list[tuple[str, str | None, str, str, str]]:
    """What the columns of entries have that differs in more than writing."""
    return [
        (d.kind, d.code, d.field, d.value_a or "", d.value_b or "")
        for pair in ((one, other), (other, one))
        for d in collate(pair).differences
        if d.severity != "none" and d.field in (*FIELDS, "entry")
    ]


@cache
def record() -> Edition:
    return edition(extract(witness("jiayi-j3")))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_says_the_same(layout: str) -> None:
    source = laid_out(LAYOUTS[layout]())
    found = extract(source)
    assert both_ways(record(), edition(found)) == []
    assert untiled(source, found) == ""
    assert misplaced(source, found) == []
    counted = [(s.number, s.declared_points) for s in found.sections if s.declared_points]
    before = extract(witness("jiayi-j3")).sections
    assert counted == [(s.number, s.declared_points) for s in before if s.declared_points]


@pytest.mark.parametrize("layout", ENDLESS)
def test_a_book_in_one_line_says_the_same(layout: str) -> None:
    source = laid_out(ENDLESS[layout]())
    found = extract(source)
    differing = both_ways(record(), edition(found))
    assert {(code, field) for _, code, field, *_ in differing} == UNDIVIDED
    assert untiled(source, found) == ""
    assert misplaced(source, found) == []


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("刺<b>入</b>三&#x5206;", [(0, 1), (4, 5), (9, 10), (10, 18)]),
        ("<ruby>刺<rt>cì</rt></ruby>入三分", [(6, 7), (25, 26), (26, 27), (27, 28)]),
        ("刺{{!|入|⿱}}三[[分]]", [(0, 1), (5, 6), (10, 11), (13, 14)]),
        ("刺<!-- 一 -->入<br/>三分", [(0, 1), (11, 12), (17, 18), (18, 19)]),
    ],
)
def test_a_dose_maps_into_the_pieces_between_the_markup(
    text: str, pieces: list[tuple[int, int]]
) -> None:
    entry = f"神庭，在髮際，{text}，灸三壯。"
    source = invented(f"## 頭凡一穴第一\n\n{entry}")
    layer, _ = normalize(source)
    at = layer.chars.index("刺入三分")
    shift = source.text.index(text)
    found = list(zip(layer.starts[at : at + 4], layer.ends[at : at + 4], strict=True))
    assert found == [(a + shift, b + shift) for a, b in pieces]
    assert extract(source).entries[0].depth_min_fen == 3


@pytest.mark.parametrize("end", ["\n", " \n", "\r\n"])
def test_line_ends_put_back_where_the_log_has_wraps(end: str) -> None:
    source = witness("jiayi")
    text, _ = normalize(source)
    wraps = [step for step in changes(text) if step.rule == "hard-wrap"]
    chars: list[str] = []
    done = 0
    for wrap in sorted(wraps, key=lambda step: step.start):
        if "\n" not in source.text[wrap.start : wrap.end]:
            chars += source.text[done : wrap.start], end
            done = wrap.end
    again = replace(source, text="".join([*chars, source.text[done:]]))
    assert len(wraps) > 1000
    assert both_ways(edition(extract(source)), edition(extract(again))) == []


# --- a text set in lines of which blanks are left ------------------------------------------------

TAGS = regex.compile(r"<目录>(?P<path>[^<\n]*)\s*<篇名>(?P<title>[^\n]*?)\s*属性[：:]")


@cache
def printed() -> str:
    """卷三 of the tagged transcription: a blank for each line end, and for each lost glyph."""
    text = witness("jiayi").text
    ends = (text.rindex("<", 0, text.index(juan)) for juan in ("卷三", "卷四"))
    return text[slice(*ends)]


def pages() -> str:
    body = TAGS.sub(r"\n<h2>\g<title></h2>\n", printed())
    lines = (line for line in body.split("\n") if line)
    return "\n".join(line if line.startswith("<h2") else f"<p>{line}</p>" for line in lines)


def converted() -> str:
    """By a program that knows no names of points, with the forms of a Japanese edition."""
    traditional: str = opencc.OpenCC("s2t").convert(printed())
    # That 干HT抵 is 乾 and 懸鐘 is 懸鍾 no table says.
    traditional = traditional.translate(str.maketrans("幹鐘", "乾鍾"))
    japanese: str = opencc.OpenCC("t2jp").convert(traditional)
    return japanese


SET = {
    "CR LF": lambda: printed().replace("\n", "\r\n"),
    "titles as lines": lambda: TAGS.sub("\\g<path>\n\n\\g<title>\n\n", printed()),
    "HTML": pages,
    "blanks of no width": lambda: regex.sub("(?<=\\p{Han})", "\u200b", printed()),
    "converted": converted,
}


@pytest.mark.parametrize("form", SET)
def test_a_text_set_in_lines_says_the_same(form: str) -> None:
    tagged = edition(extract(invented(printed(), "tagged", "hans", siglum="jiayi")))
    found = extract(laid_out(SET[form]()))
    assert both_ways(tagged, edition(found)) == []


def test_what_a_point_is_good_for_begins_a_line_also_where_the_one_before_is_cut() -> None:
    """大成: 灸三壯。《明堂》日灸 | 主繞踝風, in a book with twenty such lines."""
    full = "巨骨下俠氣戶傍二寸陷中動脈應手舉臂取之銅人鍼三分灸五壯明堂日灸"
    entry = f"{full}\n陷中。灸三壯。\n主傷寒四肢熱不已。\n"
    cut = f"{full}\n主暴痹口鼻衄血。\n"
    joined = join_lines(text_of(entry * 20 + cut + entry)).chars
    assert "日灸\n主暴痹" in joined
    assert "日灸陷中" in joined
    assert "日灸主暴痹" in join_lines(text_of(entry * 5 + cut + entry)).chars
