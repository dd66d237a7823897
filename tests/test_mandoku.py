"""The format of transcribed editions, on small files made for the purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.model import Result, Witness
from pipeline.sources.mandoku import header, page_of
from pipeline.sources.normalize import normalize
from pipeline.sources.read import read
from pipeline.sources.recognise import Choice, sources
from tests.corpus import extract, invented, misplaced, untiled

HEAD = """# -*- mode: mandoku-view; -*-
#+TITLE: 試書
#+PROPERTY: ID KR9x0001
#+PROPERTY: BASEEDITION SK
#+PROPERTY: JUAN 卷三
<pb:KR9x0001_SK_003-1a>¶
"""
TITLE = "　　頭直鼻中髮際傍行至頭維凡七穴第一¶\n"
# Lines of twenty-one characters, as the edition sets them: only a short line ends a paragraph.
FILL = "黄帝問曰氣穴三百六十五以應一歲願聞孫絡谿谷¶\n" * 4 + "也¶\n"


def edition(body: str) -> Witness:
    return invented(HEAD + body, "mandoku", "hant", "jiayi")


def codes(found: Result) -> list[str]:
    return [d.code for d in found.diagnostics]


def test_a_page_break_inside_a_number_is_no_break() -> None:
    body = TITLE + FILL + "曲差一名鼻衝俠神庭兩傍各一寸五分足太陽脈氣所¶\n"
    body += "發正頭取之在髮際陷者中按之應手而動脈刺入二十¶\n<pb:KR9x0001_SK_003-1b>¶\n三分灸五壯¶\n"
    found = extract(edition(body))
    (entry,) = found.entries
    assert (entry.depth_min_fen, entry.moxa_min) == (23, 5)
    assert (entry.page, entry.page_line) == ("003-1a", 7)
    assert untiled(found.witnesses[0], found) == ""


def test_a_blank_in_a_head_is_a_lost_glyph_and_ends_a_sentence_elsewhere() -> None:
    body = TITLE + FILL + "中膂内　在第二十椎下兩傍刺入三分　灸三壯¶\n"
    text, _ = normalize(edition(body))
    assert "中膂內在第二十椎下兩傍刺入三分。灸三壯" in text.chars
    assert len(text.lost) == 1


def test_a_note_reads_on_over_halves_line_and_page() -> None:
    body = TITLE + FILL + "天衝在耳上如前三分刺入三分灸三壯(氣府論註云/足太陽少陽)¶\n"
    body += "<pb:KR9x0001_SK_003-1b>¶\n(之/㑹)¶\n"
    found = extract(edition(body))
    assert [note.text for note in found.notes] == ["氣府論註云足太陽少陽之㑹"]
    (reading,) = found.readings
    assert (reading.source, reading.field) == ("氣府論註", "channels")
    assert reading.value == "足太陽、足少陽"


def test_padding_at_the_end_of_a_half_is_no_text() -> None:
    body = TITLE + FILL + "本神在曲差兩傍各一寸五分(一曰直耳上/入髪際　)刺入三分灸三壯¶\n"
    found = extract(edition(body))
    assert [note.text for note in found.notes] == ["一曰直耳上入髪際"]
    assert "note-displaced" not in codes(found)


@pytest.mark.parametrize(
    ("note", "read", "severity"),
    [
        # The glyph stands where the first column has a gap before a citation.
        ("分三刺瘧論註/云  寸五分", "分刺瘧論註云三寸五分", ["info"]),
        ("銅人經云針入三分少素問繆/刺論云足太陽厥隂  陽所結", None, ["info"]),
        ("兩骨空註云在毛際/  傍䑕鼷上一寸", "骨空註云在毛際兩傍䑕鼷上一寸", ["info"]),
        ("卷義錯作素問/肝欲辛　欲酸", "卷義錯素問肝欲辛作欲酸", ["info"]),
        # A gap counts as one glyph, and so does an entity.
        ("刺&KR1075;腦令又骨空/論  銅人  云之  人", None, ["info"]),
        # At the head of the columns the first has lost its own glyph.
        ("入曰直耳上/  髪際四分", "入曰直耳上入髪際四分", ["warning"]),
        ("少作手心足/  陽脈之會", "少作手心足少陽脈之會", ["warning"]),
        # A gap before a citation is a pause.
        ("三脈之㑹/發  氣府論註云足陽明脈", "三脈之㑹發氣府論註云足陽明脈", []),
        ("三焦合於天井今/法也　又詳巨虚上", "三焦合於天井今法也又詳巨虚上", []),
        ("寸在巨骨下/寸  吕廣撰募腧經云", "寸在巨骨下寸吕廣撰募腧經云", []),
        # What is neither is left as it is.
        ("在巨骨下任脈/寸  兩傍各六", "在巨骨下任脈寸兩傍各六", ["warning"]),
        ("在巨/寸兩　傍各六", "在巨寸兩傍各六", ["warning"]),
        ("在巨骨下任脈/寸　　各六", "在巨骨下任脈寸各六", ["warning"]),
    ],
)
def test_a_gap_of_the_second_column_holds_the_glyph_beside_it(
    note: str, read: str | None, severity: list[str]
) -> None:
    source = edition(TITLE + FILL + f"本神在曲差兩傍各一寸五分({note})刺入三分灸三壯¶\n")
    found = extract(source)
    told = [d for d in found.diagnostics if d.code == "note-displaced"]
    assert [d.severity for d in told] == severity
    if read:
        assert [note.text for note in found.notes] == [read]
    assert untiled(source, found) == ""
    assert misplaced(source, found) == []
    assert (found.entries[0].depth_min_fen, found.entries[0].moxa_min) == (3, 3)


IN_ORDER = ["(新校正云按/此說)", "(循經脉行止所主則皮部可知諸/經謂十二經脉)", "(蜚生化也/害)"]
TURNED = ["(此說/新校正云按)", "(經謂十二經脉/循經脉行止所主則皮部可知諸)", "(害/蜚生化也)"]


READ = ["新校正云按此說", "循經脉行止所主則皮部可知諸經謂十二經脉", "蜚生化也害"]


@pytest.mark.parametrize(
    ("notes", "read", "told"),
    [
        (TURNED, READ, [True]),
        (IN_ORDER, READ, []),
        # Halves of one length have no vote and turn with the others.
        ([*TURNED, "(持謂執持/樞謂樞要)"], [*READ, "樞謂樞要持謂執持"], [True]),
        # Where the vote is not clear they stay.
        (TURNED[:2], ["此說新校正云按", ...], [False]),
        ([*TURNED, *IN_ORDER[:2]], ["此說新校正云按", *([...] * 4)], [False]),
    ],
)
def test_exchanged_halves_are_turned_back(
    notes: list[str], read: list[Any], told: list[bool]
) -> None:
    source = edition(TITLE + FILL + "".join(f"神庭在髮際直鼻{note}¶\n" for note in notes))
    found = extract(source)
    text = [note.text for note in found.notes]
    assert [b if a is ... else a for a, b in zip(read, text, strict=True)] == text
    said = [d.message for d in found.diagnostics if d.code == "columns-exchanged"]
    assert ["were turned back" in message for message in said] == told
    assert untiled(source, found) == ""
    assert misplaced(source, found) == []


def test_each_juan_has_its_own_vote() -> None:
    second = HEAD.replace("卷三", "卷四")
    few = HEAD.replace("卷三", "卷五") + "(丙/云某)神庭在髮際直鼻¶\n"
    notes = [
        "".join(f"{note}神庭在髮際直鼻¶\n" for note in some)
        for some in (TURNED, IN_ORDER, [*TURNED, *TURNED])
    ]
    text, _ = normalize(edition(notes[0] + second + notes[1] + second + notes[2] + few))
    assert text.chars.count("（新校正云按此說）") == 4
    assert "（云某丙）" in text.chars


def test_a_juan_is_found_with_any_line_ends() -> None:
    body = TITLE + FILL + "神庭在髮際直鼻¶\n" + HEAD.replace("卷三", "卷四") + TITLE
    texts = [normalize(edition(b))[0].chars for b in (body, body.replace("\n", "\r\n"))]
    assert texts[0] == texts[1]
    assert texts[0].count("#卷三#") == texts[0].count("#卷四#") == 1


def test_entities_are_resolved_by_the_table_or_kept_and_reported() -> None:
    body = TITLE + FILL + "顴&KR1038;一名兑骨在面&KR7777;骨下亷陷者中刺入三分¶\n"
    found = extract(edition(body))
    (entry,) = found.entries
    assert (entry.name, entry.name_raw) == ("顴髎", "顴&KR1038;")
    assert "&KR7777;" in entry.location
    assert codes(found).count("entity-unknown") == 1


def test_pieces_of_a_note_read_in_the_order_whose_joints_are_attested() -> None:
    # The joints are learnt from the rest of the text: here the formula stands whole ten times.
    whole = "(在足大指本節後陷者中足厥隂脉/之所注也刺可入三分留十呼)¶\n" * 10
    broken = "(太衝在/某)¶\n(之所注也刺可入三分留十呼/在足大指本節後陷者中/足厥隂脉)¶\n"
    text, diagnostics = normalize(edition(FILL + whole + broken))
    assert "在足大指本節後陷者中足厥陰脈之所注也刺可入三分留十呼）" in text.chars
    assert "note-reordered" in [d.code for d in diagnostics]


@pytest.mark.parametrize("broken", ["", "#+PROPERTY:\n", "#+PROPERTY: ID\n<pb:\n", "<pb:x>¶\n"])
def test_a_broken_header_is_read_over(broken: str) -> None:
    source = invented(broken + TITLE + "神庭在髮際直鼻刺入三分灸三壯¶\n", "mandoku")
    found = extract(source)
    assert [entry.code for entry in found.entries] == ["GV24"]
    assert untiled(source, found) == ""


def test_a_missing_page_is_reported() -> None:
    body = TITLE + FILL + "<pb:KR9x0001_SK_003-2a>¶\n# page missing\n"
    assert "page-missing" in codes(extract(edition(body)))


def test_the_header_names_title_id_and_juan() -> None:
    assert header(HEAD) == {"TITLE": "試書", "ID": "KR9x0001", "BASEEDITION": "SK", "JUAN": "卷三"}


def test_pages_are_those_of_the_marks() -> None:
    text = HEAD + "甲¶\n乙¶\n<pb:KR9x0001_SK_003-1b>¶\n丙¶\n"
    assert page_of(text, text.index("乙")) == ("003-1a", 2)
    assert page_of(text, text.index("丙")) == ("003-1b", 1)
    assert page_of(text, 0) == (None, None)


def test_names_of_the_contents_are_held_against_the_entries() -> None:
    listed = "頭直鼻中髮際傍行至頭維凡七穴第一¶\n　神庭　　曲差　　本神¶\n"
    body = (
        "　試書卷三¶\n"
        + listed
        + TITLE
        + FILL
        + "神庭在髮際直鼻刺入三分¶\n頭維在額角髮際刺入五分¶\n"
    )
    messages = [
        d.message for d in extract(edition(body)).diagnostics if d.code == "contents-differ"
    ]
    assert [m.split()[0] for m in messages] == ["曲差", "本神", "頭維"]


def test_a_folder_of_one_edition_is_one_witness(tmp_path: Path) -> None:
    for juan, name in (("卷一", "001"), ("卷二", "002")):
        text = HEAD.replace("卷三", juan) + TITLE + "神庭在髮際直鼻刺入三分¶\n"
        (tmp_path / f"KR9x0001_{name}.txt").write_text(text, encoding="utf-8")
    (spec,) = sources([tmp_path])
    assert (spec.siglum, spec.format, spec.title) == ("kr9x0001-sk", "mandoku", "試書")
    source = read(spec)
    assert [name for name, _ in source.files] == ["KR9x0001_001.txt", "KR9x0001_002.txt"]
    assert source.text[source.files[1][1] :].startswith("# -*-")
    (spec,) = sources([tmp_path], Choice(siglum="mine", grammar="other"))
    assert (spec.siglum, spec.grammar) == ("mine", "other")


def test_a_known_edition_has_the_siglum_of_the_manifest(tmp_path: Path) -> None:
    text = HEAD.replace("KR9x0001", "KR3e0005").replace("EDITION SK", "EDITION WYG")
    (tmp_path / "x.txt").write_text(text, encoding="utf-8")
    assert [spec.siglum for spec in sources([tmp_path / "x.txt"])] == ["jiayi-wyg"]


def test_a_known_edition_is_in_the_script_of_its_file(tmp_path: Path) -> None:
    text = HEAD.replace("KR9x0001", "KR3e0005").replace("EDITION SK", "EDITION WYG")
    text += "头直鼻中发际傍行至头维凡七穴第一¶\n神庭在发际直鼻督脉足太阳阳明之会灸三壮¶\n"
    (tmp_path / "x.txt").write_text(text.replace(": ", ":\t"), encoding="utf-8")
    (spec,) = sources([tmp_path / "x.txt"])
    assert (spec.siglum, spec.script) == ("jiayi-wyg", "hans")


@pytest.mark.parametrize(
    ("opening", "heading"),
    [
        ("　　", True),
        ("\t\t", True),
        ("\t", True),
        ("  ", True),
        ("    ", True),
        ("　", False),
    ],
)
def test_an_indent_of_other_blanks_is_one(opening: str, heading: bool) -> None:
    body = HEAD + FILL + f"{opening}頭直鼻中凡二穴第一¶\n神庭在髮際直鼻刺入三分¶\n"
    assert (1 in [s.number for s in extract(edition(body)).sections]) == heading
