"""Lists of points and illnesses in catalogues: what holds of their rows."""

from __future__ import annotations

from collections import Counter

import pytest

from pipeline.model import Indication, Result
from pipeline.reading.statements import SCOPE_UNDECIDED
from tests.corpus import extract, invented, misplaced, untiled

ENTRIES = """<篇名>手太阴肺经

属性：\\x云门\\x∶巨骨下，侠气户旁二寸陷中，动脉应手，举臂取之。针三分，灸五壮。
\\x天府\\x∶腋下三寸，动脉中。禁灸，针四分，留三呼。
\\x侠白\\x∶天府下，去肘五寸动脉中。针三分，灸五壮。


"""
COLONS = """<篇名>诸风门

属性：左瘫右痪∶曲池 阳溪 合谷
中渚 三里（二壮）
足无膏泽∶上廉
风痫∶神庭 百会，灸鸠尾（三壮） 肩
问曰∶此何症也
"""
HEADS = """<篇名>诸证灸法要穴

属性：〔喑哑〕
天突 灵道
复溜
〔戴眼〕
神庭
脊骨三椎、五椎，各灸五七壮。
〔偏风〕（左患灸右。）
百会风池大椎
"""
PLACES = """<篇名>治病要穴

属性：\\x百会\\x 主诸中风等症，及头风癫狂。
\\x上星\\x 主鼻渊，鼻塞。
\\x风池\\x 主肺中风。
"""
SENTENCES = """<篇名>头旋

属性：治忽头旋（资生经）。穴目窗
治头重。穴率谷 至阴 肾俞
治失枕头重如石。灸脑后七壮。
疗风痹。穴天井。灸三壮。
"""
SOURCED = """<篇名>小便不禁

属性：承浆、主小便不禁。（见便黄。）关元、涌泉、主小便数。少府、主阴暴痛遗尿。（千）关门、治遗
溺。（铜见疝。）太阴、大都、主霍乱。神门、（见心烦。）大敦、治遗溺。腰痛。遗溺、灸阳陵泉。随年壮。
"""
UNSIGNED = """<篇名>口部

属性：口属脾鼻属肺上齿属胃各随其经治之
唇肿内关神门合谷下三里内庭
口苦下三里绝骨然谷
鼻中衄血上星百壮迎香合谷神效
取左气冲七壮
癫痫百会神庭各七壮鬼眼三壮阳溪间使
风痫神庭治目眩百会上廉间使
口噤不开上关颊车阿是
"""


def lists(text: str) -> list[Indication]:
    source = invented(ENTRIES + text, "tagged", "hans", "catalogue")
    found: Result = extract(source)
    assert untiled(source, found) == ""
    assert misplaced(source, found) == []
    rows = [row for row in found.indications if "/L" in row.statement_id]
    for row in rows:
        assert row.text == source.text[row.start : row.end]
        assert row.point_start is not None and row.start <= row.point_start < row.end
    return rows


def told(rows: list[Indication]) -> list[tuple[str, list[str | None], str]]:
    """Of each statement the illness, the points, the verb."""
    ids = dict.fromkeys(row.statement_id for row in rows)
    groups = [[row for row in rows if row.statement_id == one] for one in ids]
    return [(g[0].syndrome, [row.code or row.name_raw for row in g], g[0].act) for g in groups]


def test_an_illness_and_its_points_behind_a_colon_in_lines() -> None:
    rows = lists(COLONS)
    assert told(rows) == [
        ("左瘫右痪", ["LI11", "LI5", "LI4", "TE3", "三里"], ""),
        ("足无膏泽", ["上廉"], ""),
        ("风痫", ["GV24", "GV20", "CV15", "肩"], ""),
    ]
    assert {row.direction for row in rows} == {"illness_first"}
    assert [row.candidates for row in rows if row.code is None][-1] == ("LI15", "TE14")


def test_an_illness_as_a_heading_of_points() -> None:
    assert told(lists(HEADS)) == [
        ("喑哑", ["CV22", "HT4", "KI7"], ""),
        ("戴眼", ["GV24"], ""),
        ("偏风", ["GV20", "GB20", "GV14"], ""),
    ]


def test_points_of_a_region_with_what_they_are_good_for() -> None:
    rows = lists(PLACES)
    assert told(rows) == [
        ("诸中风等症，及头风癫狂", ["GV20"], "主"),
        ("鼻渊，鼻塞", ["GV23"], "主"),
        ("肺中风", ["GB20"], "主"),
    ]
    assert {(row.direction, row.entry_id) for row in rows} == {("point_first", None)}


def test_an_illness_and_its_points_in_a_sentence() -> None:
    assert told(lists(SENTENCES)) == [
        ("忽头旋", ["GB16"], "治"),
        ("头重", ["GB8", "BL67", "BL23"], "治"),
        ("风痹", ["TE10"], "疗"),
    ]


def test_points_first_and_whose_they_are() -> None:
    """The source behind is that of the statements before with the same verb, of others it is not
    decided; a channel in the list ends the illness before and has no row.
    """
    rows = lists(SOURCED)
    assert told(rows) == [
        ("小便不禁", ["CV24"], "主"),
        ("小便数", ["CV4", "KI1"], "主"),
        ("阴暴痛遗尿", ["HT8"], "主"),
        ("遗溺", ["ST22"], "治"),
        ("遗溺。腰痛", ["HT7", "LR1"], "治"),
    ]
    assert Counter(row.source for row in rows) == {"千": 4, "銅": 1, SCOPE_UNDECIDED: 2}


def test_an_illness_and_its_points_without_any_sign() -> None:
    """A line with anything else among its points, or a treatment among the illness, is not read."""
    assert told(lists(UNSIGNED)) == [
        ("唇肿", ["PC6", "HT7", "LI4", "ST36", "ST44"], ""),
        ("口苦", ["ST36", "GB39", "KI2"], ""),
        ("鼻中衄血", ["GV23", "LI20", "LI4"], ""),
    ]


def test_a_source_behind_a_statement_of_the_prose_is_its_source() -> None:
    text = "头痛，取神庭（纲目）。\n胃脘痛，三里主之（灵枢）。\n心痛，内关主之。\n"
    given = f"{ENTRIES}<篇名>胸\n\n属性：{text}"
    found = extract(invented(given, "tagged", "hans", "catalogue"))
    rows = [row for row in found.indications if row.direction == "illness_first"]
    assert [(row.name_raw, row.source) for row in rows] == [
        ("神庭", "纲目"),
        ("三里", "灵枢"),
        ("内关", ""),
    ]


@pytest.mark.parametrize("text", ["属性：左瘫∶曲池 阳溪", "属性：治头重。穴百会\n治头重。穴率谷"])
def test_fewer_than_three_are_no_list(text: str) -> None:
    assert lists(f"<篇名>诸风门\n\n{text}\n") == []
