"""How like the words of a note are to those of the work that it cites."""

from __future__ import annotations

import pytest

from pipeline.judging.parallel import answered
from pipeline.judging.wording import abridged, alike, beside, phrase
from pipeline.knowledge.tables import table


@pytest.mark.parametrize(
    ("words", "text", "kind", "found"),
    [
        ("在氣舍後半寸", "直扶突氣舍後同身寸之半手陽明脈氣所發", "same", "氣舍後同身寸之半"),
        ("在內踝前一寸五分", "在足內踝前同身寸之一寸半", "same", "內踝前同身寸之一寸半"),
        ("在腹臍下橫骨兩端", "氣街在腹齊下橫骨兩端鼠鼷", "same", "腹齊下橫骨兩端"),
        ("下至太乙各上下相去一寸", "在第四肋端下至太一各上下相去同身寸之一寸", "same",
         "下至太一各上下相去同身寸之一寸"),
        ("刺深令人耳無聞", "灸三壯刺深令人耳無所聞", "near", "刺深令人耳無所聞"),
        ("在曲角上顳之中", "在曲角上顳顬之中足陽明", "near", "曲角上顳顬之中"),
        ("在耳上廓表之間髮際之下", "在耳上郭表之中間上髮際之下開口有空", "near",
         "耳上郭表之中間上髮際之下"),
        ("在犢鼻下六寸", "在膝犢鼻下䯒外廉同身寸之六寸", "near", "犢鼻下䯒外廉同身寸之六寸"),
        ("在外踝七寸", "在外踝上七寸斜屬三陽", "near", "外踝上七寸"),
        ("在期門下五分", "在期門下一寸五分足太陰", "measure", "期門下一寸五分"),
        ("在第一椎下", "在第十一椎下兩傍", "measure", "第十一椎下"),
        ("在曲角顳之上", "在曲角上顳顬之下廉", "turned", "曲角上顳顬之下"),
        ("在足外踝下", "在手外踝下", "turned", "外踝下"),
        ("不可灸之處", "可灸之處", "", ""),
        ("一寸", "在乳後一寸五分", "", ""),
        ("去□五分", "在目外去眥同身寸之五分手太陽", "same", "去眥同身寸之五分"),
        ("在肩□後大骨下", "在肩臑後大骨下胛上廉", "same", "肩臑後大骨下"),
        ("去□五分", "在目外去眥同身寸之三分", "", ""),
        ("在膝下二寸", "在臍下二寸", "near", "臍下二寸"),
        ("在腋下二寸", "在臍下二寸", "", ""),
        ("爪甲□上", "去爪甲角如韭葉", "", ""),
        ("氣舍後同身寸之半寸是也", "直扶突氣舍後同身寸之半手陽明", "same", "氣舍後同身寸之半"),
        ("後", "在乳後一寸", "", ""),
    ],
)  # fmt: skip
def test_likeness(words: str, text: str, kind: str, found: str) -> None:
    like = alike(words, text)
    assert (like.kind, text[like.start : like.end]) == (kind, found)


@pytest.mark.parametrize(
    ("before", "words", "after", "kind"),
    [
        ("與頭口參相引", "僻", "口不能言", "same"),
        ("", "目□動", "與頭口參相引", "same"),
        ("與頭口參相引", "顴", "口不能言", ""),
        ("參相引", "僻", "", ""),  # too few beside it
        ("與口參引目動", "僻", "刺之令人不", ""),
    ],
)
def test_few_words_are_known_by_those_beside_them(
    before: str, words: str, after: str, kind: str
) -> None:
    text = "目不明淚出目瞤動與項口參相引喎僻口不能言刺承泣"
    assert beside(before, words, after, text).kind == kind


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("在肩□後舉臂取之", "在肩臑後大骨下胛上廉陷者中舉臂取之"),
        ("舉臂取之在肩臑後", None),  # the other way round
        ("在肩臑後取之", None),
        ("舉臂取之八分", "舉臂取之刺入八分"),
        ("在肩臑後八分", None),  # too far from it
    ],
)
def test_a_text_may_have_more_between_two_parts(words: str, found: str | None) -> None:
    like = abridged(words, text := "在肩臑後大骨下胛上廉陷者中舉臂取之刺入八分")
    assert (like and text[like.start : like.end]) == (found and found.removeprefix("在"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("半寸", "五分"), ("寸半", "一寸五分"), ("二寸二分", "同身寸之二寸二分"), ("廿椎", "二十椎")],
)
def test_one_measure_in_two_writings(one: str, other: str) -> None:
    assert phrase(one).chars == phrase(other).chars


def test_words_that_are_written_otherwise_are_as_long() -> None:
    """The places of glyphs are those of the text."""
    rows = table("normalization/quoted.tsv")
    assert [row for row in rows if len(row["written"]) != len(row["standard"])] == []


@pytest.mark.parametrize(
    ("verb", "words", "text", "answer"),
    [
        ("reads", "語", "刺中肝五日死其動爲語刺中脾", "confirmed"),
        ("reads", "欠", "刺中肝五日死其動爲語刺中脾", "not_found"),
        ("reads", "語", "經脈十二者伏行分肉之間", "nowhere"),
        ("has", "者字", "刺中肝五日死其動爲欠者刺中脾", "confirmed"),
        ("lacks", "欠字", "刺中肝五日死其動爲刺中脾十", "confirmed"),
        ("lacks", "五日", "刺中肺三日死刺中肝五日死其動爲欠刺中脾", "contradicted"),
        ("lacks", "此句", "刺中肝五日死其動爲刺中脾十", "unclear"),
        ("says", "五日死其動爲", "刺中肝五日死其動爲語", "confirmed"),
        ("says", "十日死其動", "刺中肝五日死其動爲語", "nowhere"),
    ],
)
def test_what_stands_in_a_parallel_passage(verb: str, words: str, text: str, answer: str) -> None:
    before, after = "刺中肺三日死刺中肝五日死其動爲欠", "刺中脾十五日死"
    assert answered(verb, words, before, after, text)[0] == answer  # type: ignore[arg-type]
