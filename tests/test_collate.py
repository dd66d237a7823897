from __future__ import annotations

import csv
import json
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipeline.commands.diff import register
from pipeline.compare.align import groups, moved
from pipeline.compare.apparatus import agreement, apparatus, warnings
from pipeline.compare.book import book
from pipeline.compare.collate import collate, collated, prepared
from pipeline.compare.collatex import collatex
from pipeline.compare.columns import regions
from pipeline.compare.difference import QUIET, Difference
from pipeline.compare.display import (
    as_json,
    explanations,
    markdown,
    names_of,
    readings,
    summary,
)
from pipeline.compare.edition import Edition, edition, only, read_edition
from pipeline.compare.kinds import FIELDS
from pipeline.compare.reasons import explain
from pipeline.model import Entry, join
from pipeline.publish.export import export
from pipeline.publish.schema import columns
from pipeline.run import run
from pipeline.sources.glyphs import glyphs_of, is_sign
from pipeline.sources.recognise import sources
from pipeline.text.rising import longest_run
from tests.cases import Case, cases, judge
from tests.corpus import HEADING, extract, invented, result, side, witness
from tests.work import calls

EDITIONS = os.environ.get("MINGTANG_EDITIONS", "")

app = typer.Typer()
register(app)
cli = CliRunner()


def both(case: Case) -> list[Edition]:
    a, b = case.given.split("\n~~~\n")
    return [side(a, "a", case.options[0]), side(b, "b", case.options[1])]


def said(editions: list[Edition]) -> Iterator[str]:
    for one in readings(collate(editions), every=True):
        shown = ["".join(f"[{t}]" if d else t for t, d in p) or "—" for p in (one.a, one.b)]
        name = one.difference.name if one.field == "entry" else one.field
        yield f"{one.difference.kind} {name}: {shown[0]} | {shown[1]}"


@pytest.mark.parametrize("case", cases("collate.txt"), ids=lambda case: case.place)
def test_what_a_difference_means(case: Case) -> None:
    judge(case, "\n".join(said(both(case))))


@pytest.mark.parametrize("case", cases("collate.txt"), ids=lambda case: case.place)
def test_the_other_way_round_the_same_differences(case: Case) -> None:
    a, b = both(case)
    swapped = {"only_a": "only_b", "only_b": "only_a"}
    there = sorted((d.code or "", d.field, d.kind) for d in collate([a, b]).differences)
    back = sorted(
        (d.code or "", d.field, swapped.get(d.kind, d.kind)) for d in collate([b, a]).differences
    )
    assert there == back


def test_two_layouts_of_one_text_differ_in_writing_only() -> None:
    found = collate([edition(result("jiayi-j3")), edition(result("jiayi"))])
    inside = [d for d in found.differences if d.difference not in found.beyond]
    assert {d.kind for d in inside} == {"orthographic", "punctuation"}
    # The other juan, of which the one transcription has nothing.
    beyond = [d for d in found.differences if d.difference in found.beyond]
    assert {d.kind for d in beyond} == {"only_b"}


def test_the_words_stand_where_the_row_says() -> None:
    texts = {siglum: witness(siglum).text for siglum in ("jiayi-j3", "jiayi")}
    rows = collate([edition(result(siglum)) for siglum in texts], every=True).differences
    assert {d.field for d in rows} >= set(FIELDS)
    for d in rows:
        for siglum, text, start, end in (
            (d.witness_a, d.text_a, d.start_a, d.end_a),
            (d.witness_b, d.text_b, d.start_b, d.end_b),
        ):
            assert text is None or text == texts[siglum][start:end]


def test_marks_cover_what_differs() -> None:
    a = side("水道，在大巨下一寸，刺入三分。")
    b = side("水道，在大巨下，三寸，刺入三分。", "b")
    found = collate([a, b])
    assert found.differences[0].value_a == "在大巨下一寸"
    assert found.marks[0] == (((4, 5),), ((5, 6),))


@pytest.fixture(scope="module")
def rows() -> list[Difference]:
    """The tagged transcription against the print of the 四庫全書."""
    printed = edition(run(sources([Path(EDITIONS) / "KR3e0005"])))
    return list(collate([edition(result("jiayi")), printed]).differences)


@pytest.mark.skipif(not EDITIONS, reason="MINGTANG_EDITIONS does not name the folder of editions")
class TestPrintedEdition:
    def test_every_dose_that_differs(self, rows: list[Difference]) -> None:
        doses = {
            (d.code, d.field.split("_")[0], d.value_a, d.value_b)
            for d in rows
            if d.kind == "numeric" and d.code and not d.note_a and not d.note_b
            if d.field != "location"
        }
        assert doses == {
            ("GV2", "depth", "3", "2"),
            ("ST16", "moxa", "5", "3"),
            ("CV13", "depth", "80", "8"),
            ("CV12", "depth", "3", "2"),
            ("GB37", "moxa", "3", "5"),
            ("BL66", "moxa", None, "3"),
        }

    def test_every_number_of_a_place_that_differs(self, rows: list[Difference]) -> None:
        assert {d.code for d in rows if d.kind == "numeric" and d.field == "location"} == {
            "KI15",
            "ST19",
            "ST28",
            "ST29",
            "SP10",
        }

    def test_no_prohibition_differs(self, rows: list[Difference]) -> None:
        # 禁不可刺灸中央 is 禁不可刺，灸中央 in the other: what the moxa does is no prohibition.
        assert not [d for d in rows if d.kind == "forbidden"]

    def test_a_statement_in_lines_that_are_lost_is_lost(self, rows: list[Difference]) -> None:
        # 狂瘈瘲眩仆，|[…癲疾互引口喎喘悸者，大迎主之，及取陽明太]|陰候手足變血而止
        told = [d for d in rows if (d.value_b or "").startswith("癲疾互引口喎喘悸者")]
        assert [(d.field, d.kind) for d in told] == [("statement", "lost")]

    def test_five_sections_are_in_the_print_only(self, rows: list[Difference]) -> None:
        ids = [d.entry_b or "" for d in rows if d.kind == "only_b" and d.field == "entry"]
        assert {i.split("/")[1] for i in ids} == {"24", "25", "26", "27", "28"}
        assert not [d for d in rows if d.kind == "only_a" and d.field == "entry"]

    def test_lost_glyphs_are_no_words(self, rows: list[Difference]) -> None:
        names = {d.code: d.kind for d in rows if d.field == "name_raw" and d.severity != "none"}
        lost = "BL31 BL32 BL33 BL34 GB1 SI18 GV25 ST3 LI19 TE22 TE18 TE15 LI15 TE14 SI10 TE13"
        assert {names[code] for code in lost.split()} == {"lost"}

    def test_an_entry_that_breaks_off_has_lost_its_doses(self, rows: list[Difference]) -> None:
        found = {d.difference: d.kind for d in rows if d.code == "BL61" and d.severity != "none"}
        assert sorted(found.values()) == ["lost", "moved"]

    def test_numbers_of_notes(self, rows: list[Difference]) -> None:
        found = {
            (d.code, d.field, d.value_a, d.value_b)
            for d in rows
            if d.kind == "numeric" and (d.note_a or d.note_b)
        }
        assert found == {
            ("BL34", "depth", "2", "3"),
            ("CV14", "depth", "12", "16"),
            ("ST44", "moxa", None, "3"),
        }

    def test_words_of_notes(self, rows: list[Difference]) -> None:
        noted = [d for d in rows if d.kind == "substantive" and d.note_a and d.code == "GB13"]
        assert [(d.field, d.value_a, d.value_b) for d in noted] == [("source", "(一曰", "(入曰")]


# --- alignment -----------------------------------------------------------------------------------


def align(a: Edition, b: Edition) -> tuple[tuple[int | None, int | None], ...]:
    return tuple((one.get(0), one.get(1)) for one in groups((a, b), (book(a), book(b))))


def test_several_statements_of_one_point_go_by_their_words() -> None:
    a = side("上星，在顱上，刺入三分。\n\n上星，直鼻中央陷者中，灸三壯，刺入二分。")
    b = side("上星，直鼻中央陷者中，灸五壯，刺入二分。\n\n上星，在顱上，刺入三分。", "b")
    assert set(align(a, b)) == {(0, 1), (1, 0)}


def test_an_entry_without_a_name_goes_by_its_place_and_words() -> None:
    a, b = side(THREE), side(THREE, "b")
    nameless = replace(b.entries[1], code=None, name=None, name_raw="")
    b = replace(b, entries=(b.entries[0], nameless, b.entries[2]))
    assert align(a, b) == ((0, 0), (1, 1), (2, 2))


def test_two_points_are_never_one() -> None:
    a = side("上星，在顱上，直鼻中央，刺入三分。")
    b = side("囟會，在顱上，直鼻中央，刺入三分。", "b")
    assert set(align(a, b)) == {(0, None), (None, 0)}


def test_two_books_in_different_order_have_no_moves() -> None:
    assert moved([(i, 9 - i) for i in range(10)]) == frozenset()
    assert moved([(0, 9), *((i, i - 1) for i in range(1, 10))]) == {(0, 9)}


THREE = (
    "神庭，在髮際，刺入三分。\n\n上星，在顱上，直鼻中央陷者中可容豆，刺入三分。\n\n"
    "囟會，在上星後一寸，刺入四分。"
)


def test_work_grows_with_the_number_of_entries() -> None:
    def work(copies: int) -> int:
        whole = edition(result("jiayi-j3"))
        shifts = [
            (e, n * len(whole.texts["jiayi-j3"])) for n in range(copies) for e in whole.entries[:30]
        ]
        entries = [replace(e, start=e.start + n, end=e.end + n) for e, n in shifts]
        a = replace(whole, entries=tuple(entries), texts={})
        b = replace(a, label="b", entries=tuple(replace(e, moxa_min=9) for e in a.entries))
        return calls(lambda: collate([a, b]))

    work(1)
    # Five times the entries: five times the work, not twenty-five times.
    assert work(10) < 10 * work(2)


def kinds_of(a: str, b: str) -> set[tuple[str, str]]:
    sides = [
        edition(extract(invented(text, "markdown", siglum=name)))
        for text, name in ((a, "a"), (b, "b"))
    ]
    return {(d.kind, d.field) for d in collate(sides).differences}


PROSE = "# 論第二\n\n凡刺之道，必中氣穴，無中肉節，中氣穴則針遊於巷，中肉節則皮膚痛。\n\n"


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ("# 頭凡四十二穴第八\n\n{}", "# 頭凡四十一穴第八\n\n{}", "numeric"),
        ("{}年十六歲大忌。", "{}年十八歲大忌。", "numeric"),
        ("{}刺禁論云，刺頭。", "{}禁刺論云，刺頭。", "moved"),
        ("{}諸分諸脉，其無寒者。", "{}諸脉諸分，其無寒者。", "moved"),
        ("{}三寸五分。", "{}五寸三分。", "numeric"),
        ("{}善驚螈□，天井主之。", "{}善驚瘈瘲，天井主之。", "lost"),
        # Twenty glyphs that one side has alone are a passage, nineteen are other words.
        ("{}", "{}凡刺之道，必通十二經絡之所終始，絡脈之所別處。", "only_b"),
        ("{}", "{}凡刺之道，必通十二經絡之所終始，絡脈所別處。", "substantive"),
        (
            "{}癲疾發如狂走者，\n\n風，時振寒，不得言。",
            "{}癲疾發如狂走者，面皮厚敦敦不治，虛則頭重洞泄淋癃，大小便難，癲疾憎風，時振寒，不得言。",
            "lost",
        ),
        (
            "{}癲疾發如狂走者，風，時振寒，不得言。",
            "{}癲疾發如狂走者，面皮厚敦敦不治，虛則頭重洞泄淋癃，大小便難，癲疾憎風，時振寒，不得言。",
            "only_b",
        ),
    ],
)
def test_what_differs_in_prose_is_of_the_kind_that_it_is(a: str, b: str, kind: str) -> None:
    found = kinds_of(a.format(PROSE), b.format(PROSE))
    assert {name for name, _ in found} - {"punctuation", "orthographic"} == {kind}


def test_work_grows_with_the_number_of_witnesses() -> None:
    whole = edition(result("jiayi-j3"))
    sides = [
        replace(whole, label=f"w{n}", entries=whole.entries[n : 20 + n], texts={}) for n in range(7)
    ]

    def work(number: int) -> int:
        return calls(lambda: collate(sides[:number]))

    work(2)
    two, four, six = map(work, (2, 4, 6))
    # Two witnesses more cost as much whether two are there or four.
    assert six - four < 1.2 * (four - two)


@given(st.permutations(range(12)))
def test_a_longest_run_has_no_longer(order: list[int]) -> None:
    pairs = list(enumerate(order))
    run = sorted(longest_run(pairs))
    assert set(run) <= set(pairs)
    assert [j for _, j in run] == sorted(j for _, j in run)
    best = [1] * 12
    for n in range(12):
        best[n] = 1 + max((best[m] for m in range(n) if order[m] < order[n]), default=0)
    assert len(run) == max(best)


@settings(deadline=None)
@given(st.data())
def test_every_entry_is_aligned_once_whatever_the_order(data: st.DataObject) -> None:
    entries = edition(result("jiayi-j3")).entries[:40]
    a = replace(edition(result("jiayi-j3")), entries=entries)
    picked = data.draw(st.lists(st.sampled_from(entries), max_size=40, unique=True))
    b = replace(edition(result("jiayi-j3")), label="b", entries=tuple(picked))
    pairs = align(a, b)
    assert sorted(i for i, _ in pairs if i is not None) == list(range(40))
    assert sorted(j for _, j in pairs if j is not None) == list(range(len(picked)))
    assert {(j, i) for i, j in pairs} == set(align(b, a))
    for i, j in pairs:
        assert j is None or (i is not None and a.entries[i] == b.entries[j])


# --- glyphs --------------------------------------------------------------------------------------

HAN = st.text("上星在顱一寸五分，。（）□ 髎㑹会\n", max_size=30)


@given(HAN, HAN)
def test_regions_rebuild_one_text_from_the_other(a: str, b: str) -> None:
    built, done = "", 0
    for a0, a1, b0, b1 in regions(a, b):
        built += a[done:a0] + b[b0:b1]
        done = a1
    assert built + a[done:] == b


@given(st.lists(HAN, max_size=5), st.sampled_from(["hans", "hant"]))
def test_no_character_of_a_value_is_lost(texts: list[str], script: str) -> None:
    for text, found in zip(texts, glyphs_of(texts, script), strict=True):
        assert "".join(found.written) == "".join(text.split())
        assert len(found.written) == len(found.scripted) == len(found.chars)
        assert not any(map(is_sign, found.chars))


def test_an_entity_is_the_character_it_stands_for() -> None:
    found = glyphs_of(["素&KR1038;，一名面王"], "hant")[0]
    assert found.written[:2] == ("素", "&KR1038;，")
    assert found.chars == "素髎一名面王"


def test_glyphs_of_a_book_stand_where_they_say() -> None:
    whole, text = book(edition(result("jiayi"))), witness("jiayi").text
    glyphs = [*zip(whole.written, whole.spans, strict=True)]
    for written, (start, end) in random.Random(1).sample(glyphs, 2000):
        assert written in ("", "".join(text[start:end].split()))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("script 会→會", "simplified to traditional"),
        ("variant 㑹→會", "variants.tsv"),
        ("entity &KR1038;→髎", "entities.tsv"),
        ("signs", "punctuation"),
    ],
)
def test_a_rule_says_where_it_is_written(rule: str, words: str) -> None:
    assert words in explain(rule)


# --- outputs and commands ------------------------------------------------------------------------


def test_an_edition_read_back_is_the_edition(tmp_path: Path) -> None:
    export(result("jiayi-j3"), tmp_path)
    assert read_edition(tmp_path) == replace(edition(result("jiayi-j3")), texts={})


def test_several_witnesses_of_one_output_go_with_themselves(tmp_path: Path) -> None:
    whole = join([result("jiayi-j3"), result("jiayi")])
    export(whole, tmp_path)
    a, b = edition(whole, "now"), read_edition(tmp_path, "then")
    # A sign behind an entry is no part of it, and tables have no more than entries.
    assert {d.kind for d in collate([a, b]).differences} <= {"punctuation"}
    assert only(b, ["jiayi"]).label == "jiayi"
    assert {e.witness for e in only(b, ["jiayi"]).entries} == {"jiayi"}


def test_exit_status_is_that_of_diff(tmp_path: Path) -> None:
    assert cli.invoke(app, ["diff", "jiayi-j3", "jiayi"]).exit_code == 0
    (tmp_path / "a.txt").write_text(HEADING + THREE, encoding="utf-8")
    other = HEADING + THREE.replace("四分", "五分")
    (tmp_path / "b.txt").write_text(other, encoding="utf-8")
    a, b = str(tmp_path / "a.txt"), str(tmp_path / "b.txt")
    assert cli.invoke(app, ["diff", a, b]).exit_code == 1
    assert cli.invoke(app, ["diff", a]).exit_code == 2
    assert cli.invoke(app, ["diff", a, "no-such"]).exit_code == 2
    assert cli.invoke(app, ["diff", a, b, "--format", "parquet"]).exit_code == 2
    (tmp_path / "empty.txt").write_text("無穴\n", encoding="utf-8")
    assert cli.invoke(app, ["diff", a, str(tmp_path / "empty.txt")]).exit_code == 2


def test_all_formats_are_written(tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["diff", "jiayi-j3", "jiayi", "-o", str(out), "--html", str(tmp_path / "p.html")]
    done = cli.invoke(app, [*arguments, "--format", "csv,parquet,json,markdown,tei", "--explain"])
    assert done.exit_code == 0, done.output
    assert sorted(p.name for p in out.iterdir()) == [
        "apparatus.xml", "collation.csv", "collation.json", "collation.md", "collation.parquet",
    ]  # fmt: skip
    names = [c.name for c in columns(Difference)]
    assert pq.read_schema(out / "collation.parquet").names == names
    header = (out / "collation.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == ",".join(names)
    first = {p.name: p.read_bytes() for p in out.iterdir()}
    cli.invoke(app, [*arguments, "--format", "csv,parquet,json,markdown,tei", "--explain"])
    assert {p.name: p.read_bytes() for p in out.iterdir()} == first


def test_an_apparatus_has_every_witness_at_every_place(tmp_path: Path) -> None:
    sides = [side(THREE, "a"), side(THREE.replace("四分", "五分"), "b"), side(THREE[:20], "c")]
    found = list(apparatus(collate(sides)))
    loci = {v.locus_id for v in found}
    assert all([v.witness for v in found if v.locus_id == i] == ["a", "b", "c"] for i in loci)
    readings_at = [[v.reading for v in found if v.locus_id == i] for i in loci]
    assert ["四", "五", ""] in readings_at
    assert "absent" in {v.kind for v in found if v.witness == "c"}
    for v in found:
        text = sides["abc".index(v.witness)].texts[v.witness]
        assert v.text is None or v.text == text[v.start : v.end]


def test_an_apparatus_has_the_dose_of_each_authority() -> None:
    """In its words where they differ; 留三呼, which another authority says in the same words, with
    the base and the edition that differs.
    """
    text = (
        "# 考正穴法\n\n雲門：巨骨下，俠氣戶旁二寸陷中。《銅人》針三分，灸五壯。《素注》針七分。\n\n"
        "天府：腋下三寸，動脈中。針四分，留三呼。\n\n"
        "俠白：天府下，去肘五寸動脈中。《銅人》針三分，灸五壯。\n"
    )
    other = text.replace("《素注》針七分", "《素注》針六分").replace("針四分", "《甲乙》針四分")
    sides = [
        edition(extract(invented(words, "markdown", grammar="catalogue", siglum=siglum)))
        for words, siglum in ((text, "a"), (text, "b"), (other, "c"))
    ]
    found = [
        (v.witness, v.code, v.field, v.source, v.kind, v.reading) for v in apparatus(collate(sides))
    ]
    assert found == [
        ("a", "LU2", "depth_min_fen", "素注", "base", "七"),
        ("b", "LU2", "depth_min_fen", "素注", "same", "七"),
        ("c", "LU2", "depth_min_fen", "素注", "numeric", "六"),
        ("a", "LU3", "depth_min_fen", "甲乙", "base", ""),
        ("b", "LU3", "depth_min_fen", "甲乙", "same", ""),
        ("c", "LU3", "depth_min_fen", "甲乙", "only_b", "《甲乙》"),
        ("a", "LU3", "retention_breaths", "甲乙", "base", ""),
        ("c", "LU3", "retention_breaths", "甲乙", "only_b", "留三呼"),
    ]


def test_witnesses_that_hang_together_are_named() -> None:
    a, b = side(THREE, "a"), side(THREE.replace("四分", "五分").replace("陷者", "陷"), "b")
    found = agreement(collate([a, replace(a, label="copy"), b]))
    assert [(x.witness_a, x.witness_b, x.places, x.agreed) for x in found] == [
        ("a", "copy", 2, 2),
        ("a", "b", 2, 0),
        ("copy", "b", 2, 0),
    ]
    (said,) = warnings(found)
    assert "a and copy" in said


def test_the_base_is_chosen(tmp_path: Path) -> None:
    names = []
    for name, text in (("a", THREE), ("b", THREE.replace("四分", "五分")), ("c", THREE)):
        (tmp_path / f"{name}.txt").write_text(HEADING + text, encoding="utf-8")
        names.append(str(tmp_path / f"{name}.txt"))
    out = tmp_path / "out"
    done = cli.invoke(app, ["diff", *names, "--base", names[1], "-o", str(out), "--format", "csv"])
    assert done.exit_code == 1, done.output
    assert sorted(p.name for p in out.iterdir()) == [
        "agreement.csv", "apparatus.csv", "collation.csv",
    ]  # fmt: skip
    with (out / "apparatus.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["base"] for row in rows} == {"b"}
    assert [row["witness"] for row in rows[:3]] == ["b", "a", "c"]
    assert cli.invoke(app, ["diff", *names, "--base", "x"]).exit_code == 2


def test_collatex_reads_the_alignment() -> None:
    found = json.loads(collatex(collate([side(THREE, "a"), side(THREE[:-3], "b")])))
    assert found["witnesses"] == ["a", "b"]
    read = "".join(cell[0][0]["t"] for cell in found["table"] if cell[0])
    assert sorted(read) == sorted("".join((HEADING + THREE).split()).replace("#", ""))


def test_text_formats_quote_what_the_source_has() -> None:
    a, b = side("上星，在顱&lt;|前上，刺入三分。"), side("上星，在顱上，刺入三分。", "b")
    found = collate([a, b])
    assert "<" not in markdown(found).replace("<br>", "")
    assert "在顱" in as_json(found)


@pytest.mark.parametrize("name", ["上脘", "CV13", "cv-13", "Shàngwǎn", "shangwan"])
def test_show_finds_a_point_by_any_name(name: str) -> None:
    found = cli.invoke(app, ["show", name, "--in", "jiayi-j3"])
    assert found.exit_code == 0
    assert "80 分" in found.output


def test_show_says_what_it_does_not_know() -> None:
    assert cli.invoke(app, ["show", "無此", "--in", "jiayi-j3"]).exit_code == 2
    assert cli.invoke(app, ["show", "LU11", "--in", "jiayi-j3"]).exit_code == 1


def test_damaged_entries_never_raise() -> None:
    whole = edition(result("jiayi-j3"))

    def cut(entry: Entry, rng: random.Random) -> Entry:
        return replace(
            entry,
            code=rng.choice([entry.code, None]),
            name_raw=rng.choice([entry.name_raw, "", "□"]),
            location=entry.location[: rng.randrange(8)],
            text=entry.text[: rng.randrange(len(entry.text) + 1)],
            channels=entry.channels[: rng.randrange(3)],
            flags=rng.choice([(), ("text_truncated",), ("name_lost",)]),
        )

    for seed in range(5):
        rng = random.Random(seed)
        damaged = [cut(e, rng) for e in whole.entries if rng.random() < 0.9]
        rng.shuffle(damaged)
        other = replace(whole, label="b", entries=tuple(damaged))
        found = collate([whole, other, replace(other, label="c", witnesses={})])
        markdown(found, every=True, explained=True)
        as_json(found)


def test_how_long_the_needle_stays_goes_with_what_is_forbidden() -> None:
    """禁不可刺 against 刺入三分，留七呼 is one difference."""
    a, b = (
        side("神庭，在髮際，刺入三分，留七呼，灸三壯。"),
        side("神庭，在髮際，禁不可刺，灸三壯。", "b"),
    )
    found = collate([a, b]).differences
    assert {d.field for d in found} >= {"needling_forbidden", "depth_min_fen", "retention_breaths"}
    assert {d.difference for d in found} == {1}


def test_the_name_says_all_of_an_entry_that_is_missing_and_not_of_its_note() -> None:
    one, two = "神庭，在髮際，灸三壯。", "上星，在顱上，灸三壯。"
    found = collate([side(f"{one[:-1]}（《千金》云五壯）。\n\n{two}"), side(one, "b")])
    assert {d.field for d in found.differences if d.kind == "only_a"} == {"entry", "note"}
    assert names_of(found, "only_a") == "a: GV23 上星"


def test_what_is_only_written_otherwise_is_counted_alike_where_it_has_no_rows() -> None:
    a, b = "百會，在前頂後，灸三壯。序：天地之間。", "百㑹在前頂後，灸五壮。\n\n序天，地之間。"
    sides = [prepared(side(a)), prepared(side(b, "b"))]
    whole, counted = collated(sides), collated(sides, described=False)
    assert summary(whole) == summary(counted)
    assert {"numeric", "orthographic", "punctuation"} <= summary(whole).keys()
    told = tuple(d for d in whole.differences if d.kind not in QUIET)
    assert counted.differences == told


def test_rules_that_made_most_glyphs_one_come_first() -> None:
    text = "百{0}，在前頂後，灸三{1}。\n\n{0}宗，在腕後，灸三{1}。\n\n神庭，在髮際，灸三{1}。"
    found = explanations(
        collate([side(text.format("會", "壯")), side(text.format("㑹", "壮"), "b")])
    )
    assert [(rule[:5], number) for rule, number in found] == [("壮 = 壯", 3), ("㑹 = 會", 2)]
