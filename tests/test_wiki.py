"""The encyclopedia article: its list of points, what it says of them, its prose."""

from __future__ import annotations

from pipeline.knowledge.lexicon import lexicon
from pipeline.model import Result
from pipeline.sources.normalize import normalize
from tests.corpus import extract, invented, misplaced, result, untiled, witness

SIGLUM = "wiki-ki"


def article(text: str, script: str = "hant") -> Result:
    return extract(invented(text, "markdown", script, "wiki"))


def test_points_in_order() -> None:
    entries = result(SIGLUM).entries
    assert [e.code for e in entries] == [f"KI{n}" for n in range(1, 28)]
    assert [e.name for e in entries] == [lexicon().standard[f"KI{n}"] for n in range(1, 28)]
    assert [e.entry_id for e in entries[:2]] == ["wiki-ki/00/001", "wiki-ki/00/002"]
    assert {e.section for e in entries} == {None}


def test_categories() -> None:
    entries = {e.name: e for e in result(SIGLUM).entries}
    offices = {name: e.shu for name, e in entries.items() if e.shu}
    assert offices == {"湧泉": "井", "然谷": "滎", "太谿": "俞", "復溜": "經", "陰谷": "合"}
    assert entries["太谿"].remarks == ("原穴",)
    assert entries["大鐘"].channels == ("足少陰:絡",)
    assert entries["水泉"].channels == ("足少陰:郄",)
    assert entries["照海"].remarks == ("八脈交會穴",)
    assert entries["照海"].channels == ("陰蹺:其他",)


def test_a_cleft_may_be_written_with_another_glyph() -> None:
    found = article("**足少陰腎經**\n\n- 水泉，郗穴\n- 太谿，郄穴\n- 照海，八脈交會穴\n")
    assert [e.channels for e in found.entries] == [("足少陰:郄",), ("足少陰:郄",), ()]


def test_misprint_is_restored_and_said() -> None:
    found = result(SIGLUM)
    entry = found.entries[15]
    assert (entry.name_raw, entry.name, entry.name_basis) == ("盲俞", "肓俞", "restored")
    assert entry.flags == ("misprint_suspected",)
    assert [d.entry_id for d in found.diagnostics if d.code == "name-misprint"] == [entry.entry_id]


def test_link_targets() -> None:
    source, found = witness(SIGLUM), result(SIGLUM)
    links = [c for c in found.claims if c.field == "link"]
    assert [c.value for c in links[:2]] == ["../Page/湧泉穴.md", "../Page/井穴.md"]
    assert len({c.entry_id for c in links}) == 27
    assert all(source.text[c.start : c.end] == c.value == c.text for c in links)


def test_sections_and_count() -> None:
    found = result(SIGLUM)
    titles = ["足少陰腎經", "经脉循行", "主治概要", "腧穴", "参考文献", "《靈樞·經脈》"]
    assert [s.title for s in found.sections] == titles
    listing = found.sections[3]
    assert (listing.entries, listing.declared_points, listing.counted_points) == (27, 54, 54)
    assert listing.status == "reconciled"
    assert [d.code for d in found.diagnostics].count("points-declared") == 1
    text = witness(SIGLUM).text
    quotation = text[found.sections[5].start : found.sections[5].end]
    assert quotation.endswith("其支者，從肺出，絡心，注胸中。")


def test_another_article() -> None:
    found = article(
        "**手太阴肺经**，左右各三个穴。\n\n## 腧穴\n\n"
        '- [中府](../Page/中府穴.md "w")，肺之募穴\n- 列缺，络穴，八脉交会穴，通于任脉\n'
        "- 太渊，输穴，原穴，八会穴之脉会\n\n## 注\n\n1. 见书\n",
        "hans",
    )
    assert [e.code for e in found.entries] == ["LU1", "LU7", "LU9"]
    assert [e.shu for e in found.entries] == ["募", None, "俞"]
    assert found.entries[1].channels == ("手太陰:絡", "任脈:其他")
    assert found.entries[2].remarks == ("原穴", "八会穴之脉会")
    assert found.sections[1].status == "reconciled"


def test_markup_of_markdown_is_lifted() -> None:
    source = invented(
        '<!-- x -->\n**甲**，[乙](../乙_(穴).md "t")。\\[1\\] {{-}}\n', grammar="wiki"
    )
    text, _ = normalize(source)
    assert text.chars.strip() == "甲，乙。"
    assert untiled(source, extract(source)) == ""


def test_lists_of_other_things_are_prose() -> None:
    assert article("**足少陰腎經**\n\n1. 腎臟\n2. 膀胱\n").entries == ()
    half = "**足少陰腎經**\n\n1. 腎臟，先天之本\n2. 太谿，原穴\n"
    assert article(half).entries == ()
    assert [e.code for e in article(f"{half}3. 湧泉，井穴\n").entries] == [None, "KI3", "KI1"]


def test_the_number_of_points_is_that_of_the_first_list() -> None:
    """Of two numbers the first is meant: 左右各三個穴 are six, whatever follows."""
    lists = "## 腧穴\n\n- 太谿，輸穴\n- 照海，八脈交會穴\n\n## 要穴\n\n- 湧泉，井穴\n"
    found = article(f"**足少陰腎經**，左右各三個穴，共有5個穴。\n\n{lists}")
    assert [s.declared_points for s in found.sections] == [None, 6, None]


def test_source_is_traced_and_accounted_for() -> None:
    source, found = witness(SIGLUM), result(SIGLUM)
    assert untiled(source, found) == ""
    assert misplaced(source, found) == []
    assert {row.kind for row in found.coverage} == {"markup", "heading", "entry", "prose"}
