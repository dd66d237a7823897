"""Catalogues of points in the ways in which they are written, with no manifest to tell."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pipeline.knowledge.profiles import profiles
from pipeline.knowledge.tables import home
from pipeline.model import Entry, Result
from pipeline.sources.recognise import recognise
from tests.cases import Case, cases, judge
from tests.corpus import extract, invented, misplaced, untiled

WRITTEN = {
    "colon and type": r"""<篇名>考正穴法
属性：\x扶突\x（一名水穴）∶气舍上一寸五分，仰而取之。《铜人》灸三壮。
主咳嗽多唾，上气，咽引喘息。
\x禾 \x（一名长 ）∶鼻孔下，挟水沟旁五分。《铜人》针三分，禁灸。
主尸厥及口不可开。
\x迎香\x∶禾 上一寸，鼻下孔旁五分。手足阳明之会。针三分，留三呼。
主鼻塞不闻香臭。
\x承泣\x∶目下七分，直瞳子陷中。禁灸。
""",
    "bracket": r"""<篇名>肝人
属性：肝出于大敦，大敦者木也。（在足大趾端足厥阴脉之所出也为井冬三月宜灸之）
大敦
（在足大趾端去爪甲如韭叶及三毛中灸三壮主卒心痛汗出阴跳遗溺
行间
（在足大趾间动脉应手陷者中灸三壮主咳逆上气唾沫）
膝开
（在犊鼻下二寸陷者中足厥阴脉气所发灸五壮主膝内廉痛）
曲泉
（在膝内辅骨下大筋上小筋下陷者中屈膝乃得之灸三壮主女子疝）
""",
    "tallied": r"""<篇名>偃伏头部中行十穴
属性：神庭一穴。在鼻直入发际五分。灸二七壮。
上星（自此以下。不言一穴。）在鼻直上入发际一寸陷中。针三分。囟会在上星后一寸陷中。可灸二七壮。
百会一名三阳五会。在前顶后寸半。灸七壮。
神聪四穴。在百会四面各相去一寸。针三分。
""",
    "nameless": r"""<篇名>头部中行四穴
属性：在颅上直鼻中央，入发际一寸，陷容豆。日灸三壮至百五壮止。
<篇名>头部中行四穴
属性：在上星后一寸，陷者中。日灸二七壮，七日停。
<篇名>头部中行四穴
属性：在囟会后一寸半，骨陷中。灸五壮。主头风、热痛。
<篇名>头部中行四穴
属性：在前顶后一寸半，顶中心。灸百五壮即停。
""",
    "nameless over several channels": r"""<篇名>手少阳三焦经四穴
属性：在臂上大交脉，支沟上一寸。灸三壮。
<篇名>手少阳三焦经四穴
属性：在肘上三寸(原注∶又名清冷渊、青灵)。灸三壮。
<篇名>手少阳三焦经四穴
属性：在秉风后，大骨下陷中。灸三壮。
<篇名>手少阳三焦经四穴
属性：在肩胛上廉，去脊三寸陷者中。灸三壮。
<篇名>脊中第三行二穴
属性：在第十二椎下两旁各三寸。灸三壮。
<篇名>脊中第三行二穴
属性：在第十三椎下两旁各三寸，与鸠尾相直。灸三壮。
""",
    "placed": r"""<篇名>穴法图
属性：百会在顶中陷中，容豆许。灸七壮。
肩 在肩端两骨间有陷宛宛中，举臂取之。针八分，灸五壮。
目窗在临泣后一寸。灸五壮，针三分。
临泣 在目上直入发际五分陷中。针三分，灸五壮。
""",
    "colon": """手太阴肺之经，历孔最列缺而终也。○孔最穴：去腕上七寸。列缺：去腕侧上一寸五分。
经渠：在寸口陷中。太渊：在掌后陷中。合谷：见手阳明经。
""",
    "sourced": r"""<篇名>头面部第一
属性：神庭（甲乙）一名发际。（本事）发际直鼻（甲乙）禁刺（甲乙）
按外台秘要方。并作入发际五分。
曲差（甲乙）一名鼻冲。（甲乙）挟神庭两旁。各一寸五分。（甲乙）
本神（甲乙）曲差两旁各一寸五分。在发际。（甲乙）
""",
    "tailed": """<篇名>肺经分寸歌
属性：太阴中府三肋间，上行云门寸六许。
【注】中府在任脉中行华盖穴旁，直开去六寸，乳上三肋间陷中，仰而取之，是其穴也。上直行一寸六分，
动脉应手，举臂取之，云门穴也。从云门穴下循腋下三寸动脉陷中，天府穴也。从天府穴下行肘中，
约纹上去五寸动脉中，侠白穴也。
""",
    "treating": """<篇名>头部主病针灸要穴歌
属性：神庭主灸羊痫风，目眩头痛灸脑空。
【注】神庭穴，主治风痫，羊癫。灸三壮，禁针刺。脑空穴，主治偏正头疼，目眩。刺四分，灸五壮。
【注】上星、通天二穴，主治鼻渊。通天穴宜刺三分，灸三壮。
【注】水沟穴，主治中风口噤。刺三分，灸三壮。
""",
    "running": """手少阴心经，凡九穴：极泉，在臂内腋下筋间，针三分，灸七壮；青灵，在肘上三寸，
禁针，灸三壮；少海，在肘内大骨外，针三分，灸三壮；灵道，在掌后一寸五分，针三分，灸三壮。
""",
    "running without a sign": """督脉诸穴○长强一名气之阴郄在脊骶端足少阴所结针二分留七呼灸三壮○
腰俞一名背解在第二十一椎节下间针二分留七呼灸三壮○阳关在第十六椎节下间针五分灸三壮○命门在第十四椎节下间针五分灸三壮
""",
    "sourced in frames": """偃伏头部中行凡一十穴
【神庭】一穴，在鼻直入发际五分。督脉、足太阳、阳明三脉之会。灸二七壮。禁不可针。
【上星】一穴，在鼻直上入发际一寸陷者中。督脉气所发。灸七壮。
【囟会】一穴，在上星后一寸陷者中。督脉气所发。灸二七壮。针入二分，留三呼。
【前顶】一穴，在囟会后一寸五分骨陷中。督脉气所发。针入一分，灸三壮。
""",
}
HEADS = {
    "colon and type": "扶突 LI18, 禾 LI19, 迎香 LI20, 承泣 ST1",
    "bracket": "大敦 LR1, 行间 LR2, 膝开 LR7, 曲泉 LR8",
    "tallied": "神庭 GV24, 上星 GV23, 囟会 GV22, 百会 GV20, 神聪 extra",
    "nameless": " GV23,  GV22,  GV21,  GV20",
    "nameless over several channels": " TE8,  TE11,  SI11,  SI14,  BL50,  BL51",
    "placed": "百会 GV20, 肩 LI15, 目窗 GB16, 临泣 GB15",
    "colon": "孔最 LU6, 列缺 LU7, 经渠 LU8, 太渊 LU9",
    "sourced": "神庭 GV24, 曲差 BL4, 本神 GB13",
    "tailed": "中府 LU1, 云门 LU2, 天府 LU3, 侠白 LU4",
    "treating": "神庭 GV24, 脑空 GB19, 上星 GV23, 通天 BL7, 水沟 GV26",
    "running": "极泉 HT1, 青灵 HT2, 少海 HT3, 灵道 HT4",
    "running without a sign": "长强 GV1, 腰俞 GV2, 阳关 GV3, 命门 GV4",
    "sourced in frames": "神庭 GV24, 上星 GV23, 囟会 GV22, 前顶 GV21",
}


def heads(result: Result) -> str:
    found = [e for e in result.entries if e.kind != "transport"]
    return ", ".join(f"{e.name_raw} {e.code or e.kind}" for e in found)


@pytest.mark.parametrize("name", list(WRITTEN))
def test_each_way_of_writing(name: str) -> None:
    form = "tagged" if "<篇名>" in WRITTEN[name] else "plain"
    source = invented(WRITTEN[name], form, "hans", "catalogue")
    result = extract(source)
    assert heads(result) == HEADS[name]
    assert untiled(source, result) == ""
    assert misplaced(source, result) == []
    assert {s.profile for s in result.sections if s.entries} == {name.split()[0]}


LISTED = """<篇名>肺人
属性：肺出于少商，少商者木也。（在手大指端内侧去爪甲如韭叶手太阴脉所出也冬月宜灸）
流于鱼际，鱼际者火也。（在手大指本节后散脉中手太阴脉所流也为荣夏月宜灸）
注于太渊，太渊者土也。（在掌后陷者中手太阴脉所注也为输灸三壮
少商
（在手大指端内侧去爪甲如韭叶灸一壮主疟）
鱼际
（在手大指本节后内侧散脉中灸三壮主虚热）
太渊
（在掌后陷者中灸三壮主胸痹）
列缺
（在腕上一寸半灸五壮主偏风口㖞半身不遂掌中热）
孔最
（在腕上七寸手太阴郄也灸五壮主热病汗不出此穴可灸五壮汗即出）
尺泽
（在肘中约纹上动脉手太阴脉之所入也为合灸三壮主心膨膨痛心乱少气）
"""


def test_the_lists_of_transport_points_are_kept_apart() -> None:
    source = invented(LISTED, "tagged", "hans", "catalogue")
    result = extract(source)
    assert heads(result) == "少商 LU11, 鱼际 LU10, 太渊 LU9, 列缺 LU7, 孔最 LU6, 尺泽 LU5"
    lists = [e for e in result.entries if e.kind == "transport"]
    assert [(e.code, e.phase, e.shu, e.channels, e.location, e.moxa_min) for e in lists] == [
        ("LU11", "木", None, ("手太陰:出",), "在手大指端内侧去爪甲如韭叶", None),
        ("LU10", "火", "滎", ("手太陰:溜",), "在手大指本节后散脉中", None),
        ("LU9", "土", "俞", ("手太陰:注",), "在掌后陷者中", 3),
    ]
    assert [s.entries for s in result.sections if s.entries] == [6]
    assert not result.notes
    assert untiled(source, result) == ""
    assert misplaced(source, result) == []


def test_channels_printed_without_their_limb() -> None:
    """太陰之絡 of 列缺 is that of the hand, and so is that to which its branch goes; of a meeting
    nothing is known.
    """
    text = (
        "<篇名>手太阴肺经\n属性：\\x中府\\x∶云门下。太阴之会。针三分。\n\\x云门\\x∶巨骨下。针三分。\n"
        "\\x列缺\\x∶腕后。太阴络别走阳明。针三分。\n\\x鱼际\\x∶大指后。针三分。\n"
    )
    entries = extract(invented(text, "tagged", "hans", "catalogue")).entries
    channels = {e.name_raw: e.channels for e in entries if e.channels}
    assert channels == {"中府": ("太陰:會",), "列缺": ("手太陰:絡", "手陽明:別走")}


PLACED = """<篇名>仰人头面三十六穴远近法第一
属性：头部中行
上星在颅上直鼻中央，入发际一寸，陷容豆。囟会在上星后一寸陷者中。
前顶在囟会后一寸半骨陷中。百会在前顶后一寸半，顶中心。
头部第二行
五处在头上，去上星一寸半。承光在五处后一寸，不灸。
"""


def test_a_list_of_places_without_a_dose_is_a_catalogue() -> None:
    source = invented(PLACED, "tagged", "hans", "jiayi")
    result = extract(source)
    assert heads(result) == "上星 GV23, 囟会 GV22, 前顶 GV21, 百会 GV20, 五处 BL5, 承光 BL6"
    assert [e.name for e in result.entries if e.moxa_forbidden] == ["承光"]
    assert untiled(source, result) == ""


def shown(entry: Entry) -> str:
    """An entry as ``tests/cases/catalogues.txt`` has it."""
    among = f"? {' '.join(entry.candidates)}".rstrip()
    code = "extra" if entry.kind == "extra" else entry.code or among
    told = ", ".join(filter(None, (entry.name_basis, " ".join(entry.flags))))
    return f"- {entry.name_raw or '⟨⟩'} {code} ({told}): {entry.location}"


@pytest.mark.parametrize("case", cases("catalogues.txt"), ids=lambda case: case.title)
def test_catalogues(case: Case) -> None:
    source = invented(case.given, case.options[0], "hans", "catalogue")
    result = extract(source)
    judge(case, "\n".join(map(shown, result.entries)))
    assert untiled(source, result) == ""
    assert misplaced(source, result) == []


def test_a_way_of_writing_that_is_named_is_the_only_one() -> None:
    source = invented(WRITTEN["tallied"], "tagged", "hans", "catalogue")
    for name, found in (("tallied", {"tallied"}), ("sourced", set())):
        named = extract(replace(source, spec=replace(source.spec, profile=name)))
        assert {s.profile for s in named.sections if s.entries} == found


def test_every_way_of_writing_has_a_text() -> None:
    assert {name.split()[0] for name in WRITTEN} == {profile.name for profile in profiles()}


def test_the_chapter_on_a_new_catalogue_is_true() -> None:
    chapter = (home() / "docs" / "catalogues.md").read_text(encoding="utf-8")
    text, row, shown = re.findall(r"```text\n(.*?)```", chapter, re.S)
    assert row in (home() / "grammars" / "profiles.tsv").read_text(encoding="utf-8")
    seen = recognise(text)
    assert seen.grammar == "catalogue"
    result = extract(invented(text, seen.format, seen.script, seen.grammar))
    profile = {section.section_id: section.profile for section in result.sections}
    told = [
        f"{e.name_raw} {e.code} {profile[e.entry_id.rpartition('/')[0]]}" for e in result.entries
    ]
    assert "\n".join(told) + "\n" == shown
