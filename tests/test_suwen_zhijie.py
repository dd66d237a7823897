"""The 素問直解: which points the statements stand for, by their glosses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.model import Identification, Result
from pipeline.reading.names import restore
from pipeline.reading.pairs import GLOSS, STATEMENT, join, layers
from pipeline.reading.parse import parse
from pipeline.text.layer import plain
from pipeline.text.slice import Slice
from tests.corpus import extract, invented, misplaced, result, untiled, witness
from tests.work import calls

SIGLUM = "suwen-zhijie"


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("巨虛、上下廉各一", "巨虛上下廉各一"),
        ("中膂、內俞", "中膂內俞"),
        ("魄戶、神堂", "魄戶、神堂"),
    ],
)
def test_a_comma_inside_a_name_goes(printed: str, read: str) -> None:
    assert restore(plain(printed), "w")[0].chars == read


def test_broken_paragraphs_are_joined_where_half_of_them_are_closed() -> None:
    broken = "卫散营\n溢，气竭血着。\n"
    assert join(plain(broken)).chars == "卫散营溢，气竭血着。\n"
    unclosed = "卫散营\n溢\n气竭血着。\n"
    assert join(plain(unclosed)).chars == unclosed


def read(text: str) -> Result:
    return extract(invented(text, "plain", "hans", "suwen_zhijie"))


def one(text: str) -> Identification:
    """The last identification of a made-up text."""
    return read(text).identifications[-1]


@pytest.mark.parametrize(
    ("statement", "gloss", "codes", "location"),
    [
        # From the book: what stands before a word of place is the landmark only.
        ("上关二穴。", "听宫之上为上关，一名客主人穴。", "GB3", "听宫之上"),
        ("下关二穴。", "听宫下，颊车上，即下关穴。", "ST7", "听宫下，颊车上"),
        ("枕骨二穴。", "脑后左右玉枕穴，即枕骨也。", "BL9", "脑后左右"),
        (
            "曲牙二穴。",
            "曲牙即颊车，又名牙车，当牙骨尽处，开口陷中。",
            "ST6",
            "当牙骨尽处，开口陷中",
        ),
        (
            "天窗二穴。",
            "天牖下名天容。天容下即天窗，后发际尽处两旁。",
            "SI16",
            "天容下，后发际尽处两旁",
        ),
        ("背俞二穴。", "背俞，七椎两旁，膈俞穴也。", "BL17", "七椎两旁"),
        ("分肉二穴。", "脐上水分穴，两旁滑肉门为分肉。", "ST24", "脐上水分穴，两旁"),
        ("犊鼻二穴。", "膝盖下两旁中央形如牛鼻，左右二穴。", "ST35", "膝盖下两旁中央形如牛鼻"),
        # Made up, of the same make.
        ("腨中央二穴。", "委中之下，腨肠分肉间，即承山穴。", "BL57", "委中之下，腨肠分肉间"),
        (
            "手鱼二穴。",
            "手鱼，掌后一寸，太渊之上，鱼际穴也，左右二穴。",
            "LU10",
            "掌后一寸，太渊之上",
        ),
        ("脐旁四穴。", "脐两旁肓俞、天枢，左右凡四穴。", "KI16 ST25", "脐两旁"),
        ("顶上一穴。", "前顶后一寸五分为百会，一名三阳五会。", "GV20", "前顶后一寸五分"),
        ("中渎二穴。", "膝上五寸，在分肉间，左右二穴。", "GB32", "膝上五寸，在分肉间"),
        ("鸠尾一穴。", "蔽骨之端为鸠尾，即尾翳也。", "CV15", "蔽骨之端"),
    ],
)
def test_statement(statement: str, gloss: str, codes: str, location: str) -> None:
    row = one(f"　　{statement}\n\n　　{gloss}\n")
    assert (row.lemma, row.gloss) == (statement, gloss)
    assert (row.kind, " ".join(row.codes), row.location) == ("point", codes, location)


def test_group_lists_what_can_be_told() -> None:
    rows = result(SIGLUM).identifications
    heat = next(row for row in rows if row.lemma == "热俞五十九穴。")
    assert (heat.kind, heat.count, heat.location) == ("group", 59, "")
    # 三里 by the channel of its neighbours; 膺俞 is six other points in this book; KT骨 is 髃骨.
    assert heat.codes == ("BL11", "ST12", "ST30", "ST36", "ST37", "ST39", "LU2", "LI15", "BL40")
    assert "KT骨" in heat.points_raw and "巨虚、上下廉" in heat.points_raw


def test_prose_names_no_points() -> None:
    rows = result(SIGLUM).identifications
    spoken = [row for row in rows if "曰：" in row.lemma]
    assert len(spoken) == 6
    assert all((r.kind, r.count, r.codes, r.location) == ("prose", None, (), "") for r in spoken)


def test_broken_paragraphs_are_joined() -> None:
    lemmas = [row.lemma for row in result(SIGLUM).identifications]
    assert any("卫散营溢，气竭血着" in lemma for lemma in lemmas)
    assert any("不敢复出。乃藏之金兰之室" in lemma for lemma in lemmas)
    assert any("亦三百六十五脉，并注于络" in lemma for lemma in lemmas)


def test_ends_of_the_text() -> None:
    found = result(SIGLUM)
    first, last = found.identifications[0], found.identifications[-1]
    assert (first.lemma, first.kind, first.codes) == ("", "group", ())
    assert first.gloss.startswith("五脏俞穴，出于井")
    assert (last.section, last.gloss, last.count) == (59, "", 25)
    codes = [d.code for d in found.diagnostics]
    assert codes.count("text-truncated") == 2


# The statements of the whole book stand between marks of type size, the glosses do not.
SIZED = """\
<目录>卷第五

<篇名>气府篇第五十九篇

属性：伯承上编《气穴论》，而复言气府也。
\\x项中大筋两旁各一。\\x
风池二穴。
\\x风府两旁各一。\\x
天柱二穴，以明上文外两旁，在项中大筋两旁名为风池者各
一。内两旁，在风府穴两旁，名为天柱者各一穴。
\\x客主人各一。\\x
一名上关，在耳前之上。
\\x耳后陷中各一。\\x
翳风二穴。
"""
POINTS = ["", "GB20", "BL10", "GB3", "TE17"]


def sized(text: str, form: str = "tagged") -> Result:
    source = invented(text, form, "hans", "suwen_zhijie")
    found = extract(source)
    assert untiled(source, found) == ""
    return found


@pytest.mark.parametrize(
    "text",
    [
        SIZED,
        SIZED.replace("\n", "\r\n"),
        # All in one paragraph, and each in one of its own.
        SIZED.replace("。\n", "。").replace("\\x\n", "\\x"),
        SIZED.replace("\n", "\n\n").replace("各\n\n一", "各一"),
        # Of a chapter without number the heading is one too.
        SIZED + "\n<篇名>跋\n\n属性：此书成于康熙乙亥。\n",
    ],
)
def test_statements_are_told_by_their_type(text: str) -> None:
    found = sized(text)
    rows = [row for row in found.identifications if row.section == 59]
    assert [" ".join(row.codes) for row in rows] == POINTS
    assert rows[0].lemma == "气府篇第五十九篇"
    assert [row.lemma for row in rows[2:4]] == ["风府两旁各一。", "客主人各一。"]
    assert rows[2].location == "内两旁，在风府穴两旁"
    titles = [(s.number, s.title, s.juan) for s in found.sections]
    assert titles[0] == (59, "气府篇第五十九篇", "卷第五")
    assert [title for _, title, _ in titles[1:]] == ["跋"] * ("跋" in text)
    assert all("<篇名>" not in row.lemma and "\\x" not in row.lemma for row in rows)


def test_a_statement_in_its_own_type_is_one_whatever_its_signs() -> None:
    long = "\\x帝曰：善。愿闻其\n余。岐伯曰：足少阳\n脉气。\\x\n风池二穴。\n"
    rows = sized(SIZED + long).identifications
    assert rows[-1].lemma == "帝曰：善。愿闻其余。岐伯曰：足少阳脉气。"
    assert [" ".join(row.codes) for row in rows][:5] == POINTS


def test_a_lost_mark_of_type_spoils_one_statement() -> None:
    """Where one end is lost the next mark that opens a line opens anew."""
    lost = SIZED.replace("\\x风府两旁各一。\\x", "\\x风府两旁各一。")
    rows = sized(lost).identifications
    assert [" ".join(row.codes) for row in rows if row.lemma.startswith(("客", "耳"))] == POINTS[3:]


def test_type_that_sets_apart_a_signature_tells_no_statements() -> None:
    text = "气穴论第五十八\n\\x高世栻撰。\\x\n上关二穴。\n听宫之上为上关。\n下关二穴。\n"
    rows = read(text).identifications
    assert [row.lemma for row in rows if row.codes] == ["上关二穴。", "下关二穴。"]


def test_a_catalogue_is_no_commentary() -> None:
    """Names of points over what is said of them: half of the glosses name some, none is counted."""
    names = ("百会", "后顶", "强间", "脑户")
    text = "\n\n".join(f"{name}（甲乙）\n\n后一寸五分，即{name}穴也，灸五壮。" for name in names)
    found = read(f"头部\n\n{text}\n")
    assert found.identifications == ()
    codes = [d.code for d in found.diagnostics]
    assert (codes.count("nothing-recognised"), codes.count("dose-in-prose")) == (1, 1)


def test_chapters() -> None:
    lost, named = result(SIGLUM).sections
    assert (lost.number, lost.title, lost.declared_points, lost.status) == (58, "", 365, "differs")
    assert (named.number, named.title, named.status) == (59, "气府篇第五十九篇", "undeclared")


def test_totals() -> None:
    stated, own = [d.message for d in result(SIGLUM).diagnostics if d.code == "total-differs"]
    assert "the total is 365 points; the statements here state 308" in stated
    assert "counts 366 points, the total is 365; its glosses give 362, 4 fewer" in own


def test_remarks_on_the_text() -> None:
    found = result(SIGLUM)
    said = {
        note.text: [
            (r.source, r.field, r.value) for r in found.readings if r.note_id == note.note_id
        ]
        for note in found.notes
    }
    assert said["行，音杭"] == [("", "sound", "音杭")]
    assert said["齐，脐通"] == [("", "text", "脐")]
    assert said["KT ，膂同，余篇仿此"] == [("", "text", "膂")]
    assert said["四，旧本讹二；二，旧本讹四，今改"] == [
        ("旧本", "text", "二"),
        ("旧本", "text", "四"),
    ]
    assert all(note.entry_id is None for note in found.notes)


def test_misprints_and_lost_glyphs_are_reported() -> None:
    messages = [d.message for d in result(SIGLUM).diagnostics]
    assert "抉突 is taken for a misprint of 扶突" in messages
    assert "神厥 is taken for a misprint of 神闕" in messages
    assert any(m.startswith("KT骨 restored as 髃骨") for m in messages)


def test_layers_resume_after_a_gap() -> None:
    texts = ["天柱二穴。", "上關二穴。", "聽宮之上爲上關，一名客主人穴。", "大迎二穴。"]
    assert layers(texts) == [STATEMENT, STATEMENT, GLOSS, STATEMENT]
    assert layers([]) == []


def test_names_do_not_need_punctuation() -> None:
    signs = str.maketrans("", "", "，。、；：？《》")
    source = witness(SIGLUM)
    bare = {
        row.lemma: row
        for row in extract(replace(source, text=source.text.translate(signs))).identifications
    }
    rows = [row for row in result(SIGLUM).identifications if row.kind == "point"]
    same = [
        row
        for row in rows
        if (found := bare.get(row.lemma.translate(signs)))
        and (set(found.codes), found.count) == (set(row.codes), row.count)
    ]
    assert len(same) >= 0.9 * len(rows)


def test_source_is_traced_and_accounted_for() -> None:
    source, found = witness(SIGLUM), result(SIGLUM)
    assert untiled(source, found) == ""
    assert misplaced(source, found) == []
    assert {row.kind for row in found.coverage} == {"markup", "heading", "lemma", "gloss", "note"}
    for row in found.identifications:
        passage = "".join(source.text[row.start : row.end].split())
        assert passage.startswith(row.lemma) and passage.endswith(row.gloss)


@pytest.mark.parametrize(
    "piece", ["天突", "天突、", "聽宮之上", "四，舊本訛二；", "肩上即肩井穴。"]
)
def test_a_gloss_of_twice_the_length_is_at_most_three_times_the_work(piece: str) -> None:
    def work(text: str) -> int:
        return calls(lambda: parse("suwen_zhijie", "note", Slice(plain(text), 0, len(text))))

    text = piece * (800 // len(piece))
    work(text)
    assert work(text * 2) <= 3 * work(text)


def test_the_last_total_of_a_chapter_is_its_own() -> None:
    text = "气穴论第五十八篇\n\n"
    for statement, gloss in (
        ("上关二穴。", "听宫之上为上关。"),
        ("凡三百六十五穴。", "此总结也。"),
        ("下关二穴。", "听宫下，即下关穴。"),
        ("凡四穴。", "此总结也。"),
    ):
        text += f"　　{statement}\n\n　　{gloss}\n\n"
    (section,) = read(text).sections
    assert (section.declared_points, section.status) == (4, "reconciled")


def test_a_point_that_comes_again_has_its_first_place() -> None:
    row = one("　　天池二穴。\n\n　　乳后一寸，天池穴也。腋下三寸，亦天池穴。\n")
    assert (row.codes, row.location) == (("PC1",), "乳后一寸")
