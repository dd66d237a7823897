"""Signs that are no glyphs of their own change nothing of what a text says."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict

import opencc
import pytest
import regex

from pipeline.compare.show import codes
from pipeline.knowledge.glyphs import code_point, forms, ranges, standard, variants
from pipeline.knowledge.tables import table
from pipeline.model import Entry, Result
from pipeline.sources.normalize import matched, normalize
from pipeline.sources.recognise import recognise, script
from pipeline.sources.signs import UNUSUAL, cleared
from pipeline.text.layer import changes, plain
from tests.corpus import extract, invented, misplaced, untiled

TEXT = """## 頭直鼻中髮際傍行至頭維凡七穴第一

神庭，在髮際直鼻，督脈、足太陽、陽明之會，禁不可刺，令人癲疾，目失精，灸三壯。

曲差，一名鼻衝，俠神庭兩傍各一寸五分，在髮際，足太陽脈氣所發，正頭取之，刺入三分，灸五壯。

本神，在曲差兩傍各一寸五分，在髮際（一曰直耳上入髮際四分），足少陽、陽維之會，刺入三分，灸三壯。

頭維，在額角髮際，俠本神兩傍各一寸五分，足少陽、陽維之會，刺入五分，禁不可灸。
"""
VALUES = (
    "code", "name_basis", "channels", "depth_min_fen", "depth_max_fen", "retention_breaths",
    "moxa_min", "moxa_max", "needling_forbidden", "moxa_forbidden", "flags",
)  # fmt: skip


def said(text: str, script: str = "hant") -> list[dict[str, object]]:
    """What the entries of a text say, words aside; every character accounted for."""
    source = invented(text, "markdown", script)
    found = extract(source)
    assert untiled(source, found) == ""
    assert misplaced(source, found) == []
    assert [row.status for row in found.sections] == ["reconciled"]
    assert found.diagnostics == ()
    return [{name: asdict(entry)[name] for name in VALUES} for entry in found.entries]


def one(body: str) -> tuple[Entry, Result]:
    """The one entry of a section that has a single point."""
    found = extract(invented(f"## 頭凡一穴第一\n\n{body}", "markdown"))
    (entry,) = found.entries
    return entry, found


INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202c"
    "\u2060\u2063\u2066\u3164\ufeff\ufff9\U000e0001"
)


@pytest.mark.parametrize("sign", [*INVISIBLE, "\ufe00", "\ufe0f", "\U000e0100", "\U000e01ef"])
def test_an_invisible_sign_after_each_character_changes_nothing(sign: str) -> None:
    assert said(sign.join(TEXT)) == said(TEXT)


def test_a_selector_is_printed_with_its_glyph_and_other_signs_are_not() -> None:
    entry, _ = one("神\U000e0100庭\u200b，在髮\u00ad際直鼻\ufe00，灸三\u200b壯。")
    assert entry.name_raw == "神\U000e0100庭"
    assert entry.location == "在髮際直鼻\ufe00"
    assert entry.text == "神\U000e0100庭\u200b，在髮\u00ad際直鼻\ufe00，灸三\u200b壯。"


def test_what_is_taken_out_is_logged() -> None:
    text, _ = normalize(invented("神\ufe00庭\u200b，在⾸", "plain"))
    logged = [(c.start, c.end, c.before, c.after, c.rule) for c in changes(text)]
    assert logged == [
        (3, 4, "\u200b", "", "invisible"),
        (0, 2, "神\ufe00", "神", "selector"),
        (6, 7, "⾸", "首", "form"),
    ]


def test_the_layout_is_recognised_behind_invisible_signs() -> None:
    marked = "\u2060## 頭凡一穴第一\n\n神庭，在髮際，灸三壯。"
    seen = recognise(marked)
    assert (seen.format, seen.grammar) == ("markdown", "jiayi")
    assert [entry.code for entry in extract(invented(marked, "markdown")).entries] == ["GV24"]


@pytest.mark.parametrize(
    "name", ["神\u200b庭", "\ufeff神庭", "\ufa19庭", "神庭\U000e0100", "GV\u00ad24"]
)
def test_a_point_is_found_by_a_name_with_such_signs(name: str) -> None:
    assert codes(name) == ("GV24",)


# --- code points ----------------------------------------------------------------------------------


def test_invisible_signs_and_selectors_are_those_of_unicode() -> None:
    ours = {
        code
        for kind in ("invisible", "selector")
        for first, last in ranges(kind)
        for code in range(first, last + 1)
    }
    ignorable = {code for code in range(0x110000) if regex.match(r"\p{DI}", chr(code))}
    assert ours - ignorable == {0xFFF9, 0xFFFA, 0xFFFB}
    assert ignorable - ours == set()


def test_no_sign_that_is_folded_passes_for_a_usual_character() -> None:
    hidden = (*ranges("invisible"), *ranges("selector"))
    signs = {code for first, last in hidden for code in range(first, last + 1)} | set(forms())
    assert [sign for sign in map(chr, signs) if not UNUSUAL.match(sign)] == []


def test_every_radical_and_compatibility_ideograph_is_what_unicode_says() -> None:
    blocks = [range(0x2E80, 0x2FD6), range(0xF900, 0xFB00), range(0x2F800, 0x2FA20)]
    for code in (code for block in blocks for code in block):
        character = chr(code)
        standard = unicodedata.normalize("NFKC", character)
        if regex.match(r"\p{Han}", standard) and standard != character:
            assert forms()[code] == standard, hex(code)
    assert {forms()[code] for code in forms()} & {chr(code) for code in forms()} == set()


def test_radicals_without_decomposition_have_rows() -> None:
    rows = {row["sign"]: row["standard"] for row in table("normalization/radicals.tsv")}
    for sign, character in rows.items():
        assert unicodedata.name(sign).startswith(("CJK RADICAL", "CJK STROKE"))
        assert unicodedata.name(character).startswith("CJK UNIFIED IDEOGRAPH")
    radicals = {chr(c) for c in range(0x2E80, 0x2EF4) if unicodedata.category(chr(c)) == "So"}
    assert radicals - set(rows) == {"⺀"}  # the sign of repetition, which is no ideograph


def test_each_compatibility_ideograph_in_the_text_changes_nothing() -> None:
    there = {character: chr(code) for code, character in forms().items()}
    other = "".join(there.get(char, char) for char in TEXT)
    assert sum(a != b for a, b in zip(TEXT, other, strict=True)) > 20
    assert said(other) == said(TEXT)


SMALL = str.maketrans("，。、（）", "﹐﹒﹑﹙﹚")
VERTICAL = str.maketrans("，。、（）", "︐︒︑︵︶")
HALF = str.maketrans("，。、（）", "､｡､()")
STOPS = str.maketrans("，。", ",.")
WIDE_STOPS = str.maketrans("。", "．")


@pytest.mark.parametrize("other", [SMALL, VERTICAL, HALF, STOPS, WIDE_STOPS])
def test_other_forms_of_signs_change_nothing(other: dict[int, int]) -> None:
    assert said(TEXT.translate(other)) == said(TEXT)


def test_a_full_stop_in_a_name_of_a_file_is_none() -> None:
    assert matched(plain("卷三.txt在1.2．見."), "hant").chars == "卷三.txt在1.2．見。"


# --- forms of Japanese editions -------------------------------------------------------------------


def test_japanese_forms_and_signs_change_nothing() -> None:
    japanese = opencc.OpenCC("t2jp").convert(TEXT).translate(str.maketrans("、，", "・、"))
    assert "脈気所発" in japanese and "、正頭" in japanese
    assert script(japanese) == "hant"
    assert said(japanese) == said(TEXT)
    assert said(japanese.replace("・", "、")) == said(TEXT)


def test_a_text_of_two_entries_is_no_simplified_text_for_its_japanese_forms() -> None:
    assert script("会陽、足太陽脈気所発、当両傍、灸五壮。体、国、学、断、経。") == "hant"
    assert script("会阳，足太阳脉气所发，当两傍，灸五壮。") == "hans"


def test_japanese_forms_are_those_of_opencc() -> None:
    own = {"頚", "兪", "躯", "姫", "呉"}
    old = opencc.OpenCC("jp2t").convert
    modern = {"鷄": "雞", "鄕": "鄉", "鬭": "鬥", "齧": "噛", "溪": "谿", "擧": "舉"}
    rows = [row for row in table("normalization/variants.tsv") if row["class"] == "shinjitai"]
    assert len(rows) > 200
    for row in rows:
        if row["variant"] not in own:
            found = old(row["variant"])
            found = modern.get(found, found).translate(variants())
            assert found == row["standard"], row
    assert not {"予", "余", "弁", "欠", "芸", "糸", "缶"} & {row["variant"] for row in rows}


def test_words_are_standard_where_their_glyph_is_not() -> None:
    for row in table("normalization/words.tsv"):
        assert len(row["word"]) == len(row["standard"]), row
        assert standard(row["standard"]) == row["standard"] == standard(row["word"]), row
    assert standard("餘刂可入，刂") == "餘刺可入，刂"
    assert codes("欠盆") == ("ST12",)
    assert codes("糸竹空") == ("TE23",)


@pytest.mark.parametrize(
    "words",
    [
        "巨骨、在肩端、手陽明、蹻脈之会、刺入三分。",
        "迎香、在鼻下孔傍、手、足陽明之会、刺入三分。",
        "陰交、在齊下一寸、任脈、気衝之会、刺入三分。",
    ],
)
def test_what_is_listed_stays_listed_where_a_text_has_no_commas(words: str) -> None:
    entry, _ = one(words)
    assert [channel.split(":")[1] for channel in entry.channels] == ["會", "會"]
    assert "手" not in entry.location and "脈" not in entry.location


def test_a_text_with_commas_keeps_what_it_lists() -> None:
    assert matched(plain("督脈、任脈，會於此、彼"), "hant").chars == "督脈、任脈，會於此、彼"


# --- lost glyphs ----------------------------------------------------------------------------------

LOST = """## 頭直鼻中入髮際一寸循督脈却行至風府凡二穴第二

上星一穴，在顱上直鼻中央，刺入三分，留六呼，灸三壯。

{}會，在上星後一寸，骨間陷者中，督脈氣所發，刺入四分，灸五壯。
"""


@pytest.mark.parametrize(
    "sign",
    ["□", "〓", "■", "●", "▇", "◆", "\ufffd", "\ue00e", "\U000f0001", "？", "?", "[缺]", "〔缺〕",
     "［缺字］", "[囗@乂]", "⿰骨寥", "⿱⿰囗囗頁"],
)  # fmt: skip
def test_a_sign_for_a_lost_glyph_is_one(sign: str) -> None:
    found = extract(invented(LOST.format(sign), "markdown"))
    last = found.entries[-1]
    assert (last.code, last.name_basis, last.flags) == ("GV22", "restored", ("name_damaged",))
    assert [d.code for d in found.diagnostics].count("glyph-lost") == 1
    assert last.name_raw == f"{sign}會"


@pytest.mark.parametrize("sign", ["⿰囟頁", "[囟*頁]", "⿰恩頁"])
def test_a_glyph_described_by_its_parts_is_that_glyph(sign: str) -> None:
    found = extract(invented(LOST.format(sign), "markdown"))
    assert (found.entries[-1].code, found.entries[-1].name_basis) == ("GV22", "printed")
    assert [d.code for d in found.diagnostics] == []


@pytest.mark.parametrize("mark", ["●", "■", "● ", "○", "　●"])
def test_a_mark_of_a_list_is_no_lost_glyph(mark: str) -> None:
    text, _ = normalize(invented(f"{mark}神庭，在髮際。\n{mark}曲差，在髮際。", "plain"))
    assert text.lost == ()


def test_in_a_list_all_items_are_marked() -> None:
    items = "●神庭，在髮際。\n●曲差，在髮際。\n●本神，在髮際。\n●治頭痛，灸三壯。\n"
    text, _ = normalize(invented(f"{items}上●，在顱上。", "plain"))
    assert [text.source[p] for p in text.lost] == ["●"]
    text, _ = normalize(invented("●會，在上星後。\n曲差，在髮際。\n●神庭，在髮際。", "plain"))
    assert text.lost == (0,)


@pytest.mark.parametrize("sign", ["□", "■", "〓", "○", "？", "×", "\ufffd", "[缺]", "⿱一二"])
def test_a_lost_number_is_no_value_and_no_place(sign: str) -> None:
    entry, found = one(f"神庭，在髮際直鼻，刺入{sign}分，留六呼，灸{sign}壯。")
    assert (entry.depth_min_fen, entry.moxa_min, entry.retention_breaths) == (None, None, 6)
    assert entry.location == "在髮際直鼻"
    assert entry.remarks == ()
    assert [d.code for d in found.diagnostics].count("glyph-lost") == 2


@pytest.mark.parametrize("words", ["刺入二□分", "刺入□寸三分", "刺入一寸□分", "刺入□、五分"])
def test_a_number_that_is_partly_lost_is_no_value(words: str) -> None:
    entry, _ = one(f"神庭，在髮際直鼻，{words}，灸三壯。")
    assert (entry.depth_min_fen, entry.depth_max_fen, entry.moxa_min) == (None, None, 3)
    assert entry.location == "在髮際直鼻"


# --- amounts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "depth", "moxa"),
    [
        ("刺入3分，灸5壯", (3, 3), (5, 5)),
        ("刺入３分，灸１０壯", (3, 3), (10, 10)),
        ("刺入1寸5分，灸100壯", (15, 15), (100, 100)),
        ("刺入叁分，灸伍壯", (3, 3), (5, 5)),
        ("刺入贰分，灸拾伍壯", (2, 2), (15, 15)),
        ("刺入弐分，灸〡壯", (2, 2), (1, 1)),
        ("刺入0.3寸，灸3~5壯", (3, 3), (3, 5)),
        ("刺入0.5～1寸，灸3-5壯", (5, 10), (3, 5)),
        ("刺入三、五分，灸三、五壯", (3, 5), (3, 5)),
        ("刺入三分，灸三、七壯", (3, 3), (3, 7)),
        ("刺入三四分，灸三至五壯", (3, 4), (3, 5)),
        ("刺入三分，灸五、三壯", (3, 3), (None, None)),
        ("刺入 3 分，灸 5 壯", (3, 3), (5, 5)),
    ],
)
def test_amounts_of_doses(
    words: str, depth: tuple[int | None, ...], moxa: tuple[int | None, ...]
) -> None:
    entry, _ = one(f"曲差，在髮際，{words}。")
    assert (entry.depth_min_fen, entry.depth_max_fen) == depth
    assert (entry.moxa_min, entry.moxa_max) == moxa
    assert (entry.location, entry.remarks) == ("在髮際", ())


@pytest.mark.parametrize(
    "words",
    ["去髮際1寸", "大陸之間", "拾取二分", "灸12345壯", "留鍼20分鐘", "灸〡〨壯", "刺入0.25寸"],
)
def test_what_is_no_amount_of_a_dose_stays(words: str) -> None:
    assert matched(plain(words), "hant").chars == words


def test_minutes_are_no_depth() -> None:
    entry, _ = one("曲差，在髮際，刺入三分，留鍼二十分鐘，灸五壯。")
    assert (entry.depth_min_fen, entry.depth_max_fen) == (3, 3)


# --- tables ---------------------------------------------------------------------------------------


def test_a_composition_is_one_and_its_character_another() -> None:
    for row in table("normalization/compositions.tsv"):
        text = cleared(plain(f"{row['composition']}會"))
        assert (text.chars, text.lost) == (f"{row['character']}會", ()), row


def test_a_code_point_is_written_as_unicode_does() -> None:
    assert code_point("U+F967") == ord("\uf967")
