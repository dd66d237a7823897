"""Statements of illness: what holds of all of them, and how they stand in the books."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import lru_cache

import pytest
import regex

from pipeline.compare.edition import edition
from pipeline.compare.show import statements
from pipeline.compare.treats import treatments as treated_with
from pipeline.genres import GENRES
from pipeline.genres.stages import walk
from pipeline.knowledge.patterns import pattern
from pipeline.model import Indication, Result, Witness
from pipeline.reading import treatments
from pipeline.reading.bare import bare
from pipeline.reading.segment import segment_jiayi
from pipeline.sources.normalize import normalize
from pipeline.text.layer import plain
from tests.corpus import extract, invented, result, witness

SIGNS = regex.compile(r"(?<!属性)[，。、；：？！,.;:?!∶“”‘’「」『』]")


@lru_cache(maxsize=1)
def book() -> Witness:
    return witness("jiayi")


@lru_cache(maxsize=1)
def told() -> Result:
    return result("jiayi")


def test_a_row_stands_where_it_says() -> None:
    source = book().text
    for row in told().indications:
        assert row.text == source[row.start : row.end]
        if row.point_start is not None:
            assert row.start <= row.point_start < row.end
            printed = "".join(source[row.point_start : row.point_end].split())
            assert row.name_raw.replace("□", "") in printed or "、" in printed


def test_each_character_of_a_statement_is_one_in_the_coverage() -> None:
    kinds = [(row.start, row.end, row.kind) for row in told().coverage]
    firsts = {row.start for row in told().indications if row.stratum == "mingtang"}
    for start in firsts:
        assert next(kind for a, b, kind in kinds if a <= start < b) == "statement"


def test_signs_change_no_point() -> None:
    """Of a text without any sign but brackets each point is read as in the text with them."""
    source = book().text
    gone = {match.start() for match in SIGNS.finditer(source)}
    kept = [i for i in range(len(source)) if i not in gone]
    without = walk(GENRES["jiayi"], replace(book(), text="".join(source[i] for i in kept)))

    def points(rows: tuple[Indication, ...], at: list[int] | range) -> Counter[tuple[object, ...]]:
        return Counter(
            (row.code, row.act, None if row.point_start is None else at[row.point_start])
            for row in rows
        )

    there, here = points(told().indications, range(len(source))), points(without.indications, kept)
    assert there == here


def test_what_the_verb_says_of_needle_and_moxa() -> None:
    """序例: 諸言主之者可灸可刺，其言刺之者不可灸，言灸之者不可刺."""
    for row in told().indications:
        if row.act == "刺":
            assert (row.needle, row.moxa) == ("allowed", "forbidden")
        elif row.act == "灸":
            assert (row.needle, row.moxa) == ("forbidden", "allowed")
        elif row.act in ("主之", "灸刺"):
            assert (row.needle, row.moxa) == ("allowed", "allowed")
        else:
            assert (row.needle, row.moxa) == (None, None)


def test_clauses_are_those_of_the_illness() -> None:
    illness = {row.statement_id: row for row in told().indications}
    words: dict[str, str] = {}
    for clause in told().symptoms:
        row = illness[clause.statement_id]
        assert row.start <= clause.start < clause.end <= row.end
        words[row.statement_id] = words.get(row.statement_id, "") + clause.key
    for statement_id, said in words.items():
        han = regex.sub(r"[\W□]", "", illness[statement_id].syndrome)
        assert abs(len(han) - len(said.replace("□", ""))) <= 8, statement_id


@pytest.mark.parametrize("piece", ["咳逆上氣魄戶主之", "神庭及", "□", "刺", "神庭", "先取譩譆後"])
def test_the_work_grows_with_the_text(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0
    name = treatments._name

    def counted(*given: object) -> object:
        nonlocal looked
        looked += 1
        return name(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(treatments, "_name", counted)
    work = []
    for times in (200, 400):
        looked = 0
        text = plain(piece * times)
        treatments.ailments(bare(text, 0, len(text.chars)))
        work.append(looked)
    assert work[1] <= 2.2 * work[0] + 50


def test_what_notes_in_statements_speak_of() -> None:
    given = (
        "## 受病發熱第一\n\n頭痛（一作身痛），曲骨（《千金》作屈骨）主之。"
        "肘痛，天井主之（《千金》作灸湧泉）。肩痛，肩井主之（《千金》以此條置風門）。"
    )
    found = walk(GENRES["jiayi"], invented(given)).readings
    assert [(r.field, r.value, (r.statement_id or "")[-3:]) for r in found] == [
        ("syndrome", "身痛", "001"),
        ("point", "屈骨", "001"),
        ("act", "灸湧泉", "002"),
        ("other", "《千金》以此條置風門", "003"),
    ]


def test_the_book_against_itself() -> None:
    """40 places in KR3e0005 and, without most entries of the arm, 35 here."""
    codes = Counter(d.code for d in told().diagnostics)
    assert codes["act-against-prohibition"] == 35
    assert codes["statement-repeated"] == 0


def test_an_illness_and_its_points_are_shown_both_ways() -> None:
    sides = [edition(told())]
    found = list(treated_with(sides, "喉痺"))
    assert len(found) >= 24
    assert {"喉痹", "喉痹咽肿,水浆不下"} <= {one.illness for one in found}
    assert next(one for one in found if one.illness == "喉痹").codes[0] == "GB12"
    (lu2,) = [s for s in statements(sides, "LU2") if "indications" in s.fields]
    assert "喉痹,胸中暴逆 (取)" in lu2.fields["indications"]
    (arm,) = statements(sides, "LI4")  # its entry is lost, its statements are not
    assert "喑不能言" in arm.fields["indications"]


def test_the_statements_of_the_book() -> None:
    """The chapters have 766 主之 (心主之中宮 not counted) and one 主多: each is read."""
    rows = [row for row in told().indications if row.stratum == "mingtang"]
    assert len({row.statement_id for row in rows}) == 808
    assert len({row.code for row in rows if row.code and row.act == "主之"}) == 307
    texts = {row.statement_id: regex.sub(r"\([^()]*\)", "", row.text) for row in rows}
    formulas = [regex.findall(r"主[\s主]*[之多]", text) for text in texts.values()]
    assert sum(map(len, formulas)) == 767  # with 本神主多


def test_each_formula_stands_in_a_statement() -> None:
    """主之 of 卷七 to 卷十二, notes aside: 767; none is outside a statement."""
    layer, _ = normalize(book())
    segments, _ = segment_jiayi(layer, "jiayi", book().spec.juan)
    start = min(s.start for s in segments.sections if s.juan.startswith("卷七"))
    places = [m.start() for m in regex.finditer("主\n?之", segments.main.chars, pos=start)]
    spans = {(row.start, row.end) for row in told().indications}
    found = [segments.main.starts[place] for place in places]
    assert len(found) == 767
    assert [at for at in found if not any(a <= at < b for a, b in spans)] == []
    by_formula = {row.code for row in told().indications if row.act == "主之"} - {None}
    assert len(by_formula) == 307


def test_a_source_that_agrees_is_not_whose_the_statement_is() -> None:
    assert [pattern("source-of-list").match(note) for note in ("明同", "甲云。胞中有血")] == [
        None
    ] * 2
    notes = ("銅見腹脹。", "並千。", "明下", "下")
    found = [pattern("source-of-list").match(note) for note in notes]
    assert [m["source"] for m in found if m] == ["銅", "千", "明下", "下"]


def test_what_treats_an_illness_has_the_doubts_of_all_its_points() -> None:
    side = edition(extract(invented("# 頭痛第一\n\n喉痹，天突、上□主之。\n\n喉痹，刺少商。\n")))
    formula, verb = treated_with([side], "喉痹")
    assert (formula.points, formula.flags) == (("天突 CV22", "上髎 BL31"), ("name_damaged",))
    assert (verb.points, verb.flags) == (("少商 LU11 刺",), ())


def test_in_the_entry_of_a_point_no_verb_is_put_to_it() -> None:
    text = "## 頭部\n\n神庭一穴。在鼻直入髮際五分。灸三壯。主喉痹。"
    text += "\n\n上星一穴。在神庭後五分。灸三壯。\n\n囟會一穴。在上星後一寸。灸五壯。"
    (found,) = treated_with([edition(extract(invented(text, grammar="catalogue")))], "喉痹")
    assert found.points == ("神庭 GV24",)
