"""氣府論 with Wang Bing's commentary: layout, remarks of 新校正, entries, damage, counts."""

from __future__ import annotations

from collections import defaultdict

import pytest
import regex

from pipeline.model import Claim, Entry, Result, Text
from pipeline.reading.editors import find_remarks
from pipeline.reading.pages import Page, circled
from pipeline.sources.normalize import normalize
from tests.corpus import extract, invented, misplaced, result, untiled, witness
from tests.test_refer import commentary
from tests.work import calls

SIGLUM = "suwen-wang"
NUMBERS = ("count", "depth_min_fen", "depth_max_fen", "retention_breaths", "moxa_min", "moxa_max")


@pytest.fixture(scope="module")
def chapter() -> Result:
    return result(SIGLUM)


def entry(found: Result, name: str, section: int | None = None) -> Entry:
    return next(e for e in found.entries if e.name_raw == name and section in (None, e.section))


def notes_of(found: Result, name: str) -> list[str]:
    return [n.text for n in found.notes if n.entry_id == entry(found, name).entry_id]


def readings_of(found: Result, name: str, section: int | None = None) -> list[tuple[str, str, str]]:
    home = entry(found, name, section).entry_id
    return [(r.source, r.field, r.value) for r in found.readings if r.entry_id == home]


def codes(found: Result) -> set[str]:
    return {d.code for d in found.diagnostics}


# --- the chapter as a whole ----------------------------------------------------------------------


def test_offsets_and_coverage_are_exact(chapter: Result) -> None:
    assert not misplaced(witness(SIGLUM), chapter)
    assert not untiled(witness(SIGLUM), chapter)
    assert "unparsed" not in {row.kind for row in chapter.coverage}


def test_ids_are_unique(chapter: Result) -> None:
    for rows, key in (
        (chapter.entries, "entry_id"),
        (chapter.notes, "note_id"),
        (chapter.readings, "reading_id"),
        (chapter.sections, "section_id"),
    ):
        ids = [getattr(row, key) for row in rows]
        assert len(ids) == len(set(ids))


def test_every_value_has_its_claim(chapter: Result) -> None:
    rows: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in chapter.claims:
        if claim.value:
            rows[claim.entry_id, claim.field].append(claim)
    for one in chapter.entries:
        for column in NUMBERS:
            value = getattr(one, column)
            said = [c.value for c in rows[one.entry_id, column]]
            assert said == ([] if value is None else [str(value)])
        for column in ("channels", "posture", "warnings"):
            said = [c.value for c in rows[one.entry_id, column]]
            assert said == list(getattr(one, column))
        assert "，".join(c.value for c in rows[one.entry_id, "location"]) == one.location


def test_like_and_group_lead_to_an_entry(chapter: Result) -> None:
    ids = {one.entry_id for one in chapter.entries}
    for claim in chapter.claims:
        assert claim.text == witness(SIGLUM).text[claim.start : claim.end]
        if claim.basis in ("like", "group"):
            assert claim.ref in ids
        assert (claim.value == "") == (claim.basis == "external")


def test_sections_are_paragraphs_that_carry_notes(chapter: Result) -> None:
    assert [row.number for row in chapter.sections] == list(range(1, 20))
    assert chapter.sections[1].title == "俠背以下至尻尾，二十一節，十五間各一"


def test_lemmata_are_tied_to_notes(chapter: Result) -> None:
    rows = {(row.section, row.seq): row for row in chapter.identifications}
    assert rows[1, 5].lemma == "項中大筋兩傍各一"
    assert rows[1, 5].codes == ("BL10",)
    assert (rows[15, 3].lemma, rows[15, 3].count, rows[15, 3].kind) == ("髮際後中八", 8, "group")


# --- references and sets -------------------------------------------------------------------------


def test_a_chain_of_references(chapter: Result) -> None:
    last = entry(chapter, "秩邊")
    assert (last.depth_min_fen, last.moxa_min) == (5, 5)
    rows = {c.field: (c.basis, c.ref) for c in chapter.claims if c.entry_id == last.entry_id}
    assert rows["moxa_min"] == ("like", entry(chapter, "魄戶").entry_id)


def test_the_rest_spares_what_is_forbidden_or_stated(chapter: Result) -> None:
    moxa = {e.name_raw: (e.moxa_min, e.moxa_forbidden) for e in chapter.entries if e.section == 16}
    assert moxa["大椎"] == (9, False)
    assert moxa["陶道"] == (5, False)
    assert moxa["脊中"] == (None, True)
    assert moxa["腰俞"] == (3, False)


def test_homonyms_are_told_apart_by_their_neighbours(chapter: Result) -> None:
    where = [(e.section, e.code) for e in chapter.entries if (e.name or "").endswith("臨泣")]
    assert where == [(1, "GB15"), (4, "GB15"), (6, "GB41")]
    assert [e.code for e in chapter.entries if e.name_raw == "三里"] == ["ST36", "LI10"]


# --- remarks of 新校正 ---------------------------------------------------------------------------


def remark_texts(given: str) -> list[str]:
    text, _ = normalize(commentary(given))
    remarks, _ = find_remarks("w", circled(text))
    return [remark.inside.words for remark in remarks]


def test_a_remark_ends_at_its_sign() -> None:
    given = "缺盆，穴名也，在肩上。《新校正》云：『按骨空注作「手陽明」。』刺可入同身寸之三分。"
    assert remark_texts(given) == ["按骨空注作「手陽明」。"]


def test_without_a_sign_a_remark_ends_where_the_commentary_goes_on() -> None:
    given = (
        "譩譆，在第六椎下兩傍。\n"
        "《新校正》云：『按骨空論注云：「以手厭之。」刺可入同身寸之六分，留七呼。"
    )
    assert remark_texts(given) == ["按骨空論注云：「以手厭之。」"]
    assert entry(extract(commentary(given)), "譩譆").retention_breaths == 7


def test_a_misplaced_sign_does_not_swallow_the_next_point() -> None:
    given = (
        "胞肓，在第十九椎下兩傍。\n《新校正》云：『按《甲乙經》作「三壯」。\n"
        "秩邊，在第二十一椎下兩傍，可灸五壯。』"
    )
    assert remark_texts(given) == ["按《甲乙經》作「三壯」。"]
    assert entry(extract(commentary(given)), "秩邊").moxa_min == 5


def test_the_commentary_is_taken_up_again_inside_the_quotes(chapter: Result) -> None:
    assert entry(chapter, "腰俞").retention_breaths == 7
    assert entry(chapter, "巨闕").location == "遞相雲同身寸之一寸"
    assert notes_of(chapter, "腰俞")[0].endswith("宜從二分之說，留七呼。")


def test_a_remark_on_several_points_belongs_to_each(chapter: Result) -> None:
    for name in ("靈臺", "中樞", "陽關"):
        assert notes_of(chapter, name) == ["按《甲乙經》無「靈臺、中樞、陽關」三穴。"]
    assert notes_of(chapter, "至陽") == []
    assert notes_of(chapter, "急脈") == notes_of(chapter, "足少陰舌下")


def test_readings(chapter: Result) -> None:
    assert readings_of(chapter, "角孫") == [("《甲乙經》", "channels", "手陽明")]
    assert readings_of(chapter, "肓門") == [
        ("《甲乙經》", "moxa", "30"),
        ("水穴注", "moxa", "3"),
    ]
    assert [r[:2] for r in readings_of(chapter, "客主人") if r[1] != "other"] == [
        ("《甲乙經》", "channels"),
        ("氣穴注", "channels"),
        ("刺禁注", "channels"),
    ]
    assert ("骨空注", "depth", "20") in readings_of(chapter, "關元")
    assert ("《甲乙經》", "text", "著") in readings_of(chapter, "輒筋")


# --- damage and counts ---------------------------------------------------------------------------


def test_lines_cut_off_are_flagged_and_reported(chapter: Result) -> None:
    cut = {e.name_raw for e in chapter.entries if "text_truncated" in e.flags}
    assert cut >= {"目窻", "正營", "環銚", "膺窻", "屋翳", "氣街", "天窻", "風府"}
    said = {d.entry_id: d.message for d in chapter.diagnostics if d.code == "text-truncated"}
    home = entry(chapter, "環銚").entry_id
    assert said[home].endswith("環銚 has no place, channel, needling, moxa")
    lines = [d.message for d in chapter.diagnostics if d.code == "text-truncated"]
    for last in ("上天窻", "循䯒", "瘖瘖瘖", "自窻"):
        assert any(last in line for line in lines)


def test_misprints_stay_as_printed(chapter: Result) -> None:
    assert entry(chapter, "正營", 4).location == "在自窻"
    assert "搓脇" in entry(chapter, "輒筋").location
    assert "misprint_suspected" in entry(chapter, "大巨").flags
    assert entry(chapter, "魄門").name == "魂門"


def test_counts_are_compared(chapter: Result) -> None:
    rows = {row.number: row for row in chapter.sections}
    assert (rows[1].declared_points, rows[1].status) == (78, "differs")
    assert (rows[13].declared_points, rows[13].counted_points) == (22, 22)
    said = [d.message for d in chapter.diagnostics if d.code == "section-count-differs"]
    assert any(line.endswith("今少一穴") for line in said)
    assert "total-differs" in codes(chapter)


def test_a_note_on_words_that_name_another_channel_is_not_counted() -> None:
    found = extract(
        commentary(
            "> 氣府論篇第五十九\n> 衝脈氣所發者，二穴，至橫骨一①。足少陰舌下各一②。\n"
            "①橫骨，在陰上，衝脈足少陰之會，刺可入同身寸之一寸。\n"
            "②足少陰舌下二穴，在人迎前，足少陰脈氣所發，刺可入同身寸之四分。"
        )
    )
    row = found.sections[0]
    assert (row.declared_points, row.counted_points, row.status) == (2, 2, "reconciled")


def test_a_sentence_with_two_measures_is_taken_up_once() -> None:
    """A damaged page, where the commentary was copied into a remark of the editors."""
    source = commentary(
        "> 項中央二①。\n①風府，在項上，《新校正》云：『按王氏云：「風髮際同身寸之一寸，"
        "大筋內宛宛中，督脈陽維之會，刺可入同身寸之四分，留三呼"
    )
    text, _ = normalize(source)
    (remark,) = find_remarks("w", circled(text))[0]
    assert len(remark.own) == 1
    assert misplaced(source, extract(source)) == []


def test_a_list_that_counts_otherwise_is_reported() -> None:
    assert "list-count-differs" in codes(extract(commentary("謂三里、解谿三穴也。")))


def test_a_page_without_main_text() -> None:
    found = extract(invented("　　①謂攢竹穴也，在眉頭。\n", "circled", "hant", "suwen_wang"))
    assert [(e.section, e.note, e.location) for e in found.entries] == [(None, 1, "在眉頭")]


def test_the_layout_needs_no_signature() -> None:
    text: Text = normalize(commentary("攢竹，在眉頭。"))[0]
    assert circled(text).signature is None


# --- the grammar ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "unit",
    [
        "謂攢竹、大杼、",
        "神堂、魄戶，",
        "刺灸分壯如魄戶法，",
        "足太陽少陽、",
        "按《甲乙經》作「三壯」，",
    ],
)
def test_twice_the_text_is_at_most_three_times_the_work(unit: str) -> None:
    def work(times: int) -> int:
        return calls(lambda: extract(commentary("附分，在第二椎下。" + unit * times)))

    extract(commentary(unit))
    assert work(120) < 3 * work(60)


TIED = """手陽明脈氣所發者六穴。大迎骨空各一①。柱骨之會各一②。髃骨之會各一③。

　　①謂大迎二穴也，在曲頷前，刺可入同身寸之三分。
　　②謂天鼎二穴也，在頸缺盆上，刺可入同身寸之四分。
　　③謂肩髃二穴也，在肩端，刺可入同身寸之六分。
"""
WHOLE = ["手陽明脈氣所發者六穴。大迎骨空各一", "柱骨之會各一", "髃骨之會各一"]


@pytest.mark.parametrize(
    ("signs", "lemmata", "told"),
    [
        ("①②③", WHOLE, 0),
        ("①③②", WHOLE, 2),
        ("②①③", WHOLE, 2),
        ("①①③", WHOLE, 1),
        ("①-③", WHOLE, 1),
        ("①②-", WHOLE, 1),
        ("①--", WHOLE, 2),
        ("-②③", ["", "手陽明脈氣所發者六穴。大迎骨空各一。柱骨之會各一", "髃骨之會各一"], 1),
    ],
)
def test_the_words_of_notes_whose_signs_are_displaced(
    signs: str, lemmata: list[str], told: int
) -> None:
    """The order decides where there is a sentence for each note; else the note has no words."""
    main, _, notes = TIED.partition("\n")
    pieces = regex.split("[①②③]", main)
    main = "".join(a + b.replace("-", "") for a, b in zip(pieces, [*signs, ""], strict=True))
    found = extract(invented(main + "\n" + notes, "circled", grammar="suwen_wang"))
    assert [row.lemma for row in found.identifications] == lemmata
    assert [d.code for d in found.diagnostics].count("mark-displaced") == told


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        ("瞳子髎穴也，在目外去", ("text_truncated", "location_damaged")),
        # The place is whole where the line goes on behind it, and where others speak.
        ("瞳子髎在目外去眥五分，手太陽、手足少陽三脈之會，刺可入同身寸之三", ("text_truncated",)),
        (
            "瞳子髎穴也，在目外去眥五分，刺可入同身寸之三分。《新校正》云：按甲乙經在眉",
            ("text_truncated",),
        ),
    ],
)
def test_a_line_that_is_cut_damages_the_place_that_it_is_cut_in(
    words: str, flags: tuple[str, ...]
) -> None:
    assert entry(extract(commentary(words)), "瞳子髎").flags == flags


def laid_out(given: str) -> Page:
    return circled(normalize(commentary(given))[0])


@pytest.mark.parametrize(
    ("last", "signature"), [("掖下三寸，脇下至胠", False), ("經筋醫理探源", True)]
)
def test_the_last_line_is_a_signature_if_it_has_no_sign(last: str, signature: bool) -> None:
    page = laid_out(f"> 項中央二①。\n①風府，在項上。\n> {last}")
    assert (page.signature is not None) == signature
    assert len(page.paragraphs) == 2 - signature


def test_a_channel_is_not_known_where_a_paragraph_is_lost() -> None:
    """The numbers of the notes begin anew on no words: these can have announced another channel."""
    main = "> 足太陽脈氣所發者，七十八穴①。\n①攢竹，在眉頭。\n{}> 項中央二①。\n①風府，在項上。"
    whole, torn = (laid_out(main.format(lost)) for lost in ("", "①大椎，在項後。\n"))
    assert [one.channel for one in whole.paragraphs] == ["足太陽", "足太陽"]
    assert [one.channel for one in torn.paragraphs] == ["足太陽", ""]


@pytest.mark.parametrize(
    ("words", "lemmata"),
    [
        # Of three signs two are lost: each note has a sentence.
        ("項中央二。掖下三寸。腋下一③。", ["項中央二", "腋下三寸", "腋下一"]),
        # There are fewer sentences than notes, or more.
        ("項中央二。腋下一③。", ["", "", "項中央二。腋下一"]),
        ("項中央二。掖下三寸。背。腋下一③。", ["", "", "項中央二。腋下三寸。背。腋下一"]),
    ],
)
def test_sentences_stand_for_lost_signs_if_there_is_one_for_each_note(
    words: str, lemmata: list[str]
) -> None:
    page = laid_out(f"> {words}\n①風府，在項上。\n②天池，在腋下。\n③天谿，在腋下。")
    assert [block.lemma.words for block in page.blocks] == lemmata
