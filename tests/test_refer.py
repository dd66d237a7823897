"""References: the constructions of ``cases/refer.txt``, cycles, missing models, other witnesses."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.judging.across import external
from pipeline.model import Entry, Result, Witness
from pipeline.reading import references as refer
from pipeline.reading import spoken
from pipeline.reading.references import Subject
from pipeline.reading.spoken import STEPS, Clause, Spoken, Step
from pipeline.reading.statements import Dose, Model, PointId, Scope, Statement
from pipeline.run import run
from pipeline.text.layer import plain
from pipeline.text.slice import Slice
from tests.cases import Case, cases, judge
from tests.corpus import extract, invented

CASES = cases("refer.txt")
REPORTED = ("reference-", "scope-", "value-contradicts", "list-", "subject-")


def page(given: str) -> str:
    """A page of commentary: lines with > are main text, the others notes; without main text, one
    note on a line of it.
    """
    if ">" not in given:
        given = "> 足太陽脈氣所發者①。\n①" + given
    lines = []
    for line in given.split("\n"):
        lines.append("\n\n" + line[1:].strip() if line.startswith(">") else "\u3000\u3000" + line)
    return "\n".join(lines) + "\n"


def commentary(given: str, siglum: str = "w") -> Witness:
    """A witness of the 素問 that exists in memory only."""
    found = invented(page(given), "circled", "hant", "suwen_wang", siglum)
    return replace(found, spec=replace(found.spec, work="suwen"))


def shown(found: Result) -> str:
    """Every value that is not stated of its point alone: point, column, value, basis, source."""
    names = {entry.entry_id: entry.name_raw for entry in found.entries}
    lines = []
    for claim in found.claims:
        if claim.basis == "direct" or claim.field.endswith("_max") or "max_fen" in claim.field:
            continue
        words = [names[claim.entry_id], claim.field, claim.value, claim.basis]
        words.append(names.get(claim.ref or "", claim.ref or ""))
        lines.append(" ".join(word for word in words if word))
    for diagnostic in found.diagnostics:
        if diagnostic.code.startswith(REPORTED):
            lines.append(f"! {diagnostic.code} {names.get(diagnostic.entry_id or '', '')}".strip())
    return "\n".join(lines)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.place)
def test_construction(case: Case) -> None:
    judge(case, shown(extract(commentary(case.given))))


def test_there_are_constructions_enough() -> None:
    assert len(CASES) >= 25
    assert sum(case.title.endswith("(made up)") for case in CASES) >= 5


def test_every_step_is_taken_by_a_construction(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: set[str] = set()

    def taking(rule: str) -> Callable[[Clause, Spoken], Step]:
        def step(clause: Clause, before: Spoken) -> Step:
            taken.add(rule)
            return STEPS[rule](clause, before)

        return step

    monkeypatch.setattr(spoken, "STEPS", {rule: taking(rule) for rule in STEPS})
    for case in CASES:
        extract(commentary(case.given))
    assert taken == set(STEPS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.place)
def test_every_claim_leads_to_its_words(case: Case) -> None:
    source = commentary(case.given)
    found = extract(source)
    for claim in found.claims:
        assert source.text[claim.start : claim.end] == claim.text
        assert claim.text
        assert claim.ref or claim.basis == "direct"


# --- the stage by itself -------------------------------------------------------------------------


def subject(number: int, block: int = 0) -> Subject:
    return Subject(PointId(number), f"w/{number}", frozenset({f"p{number}"}), None, block, "")


WORDS = plain("如附分法如魄戶法可灸五壯")


def like(number: int, model: int, *covers: str) -> Statement:
    scope = Scope("these", members=(PointId(number),))
    says = Model("point", f"p{model}", covers=covers)
    return Statement(scope, says, Slice(WORDS, number, number + 1))


def test_a_cycle_is_reported_and_gives_nothing() -> None:
    found = refer.resolve([subject(0), subject(1)], [like(0, 1, "moxa"), like(1, 0, "moxa")], "w")
    assert [d.code for d in found.diagnostics] == ["reference-cycle"]
    assert found.held == {0: {}, 1: {}}


def test_a_point_that_is_its_own_model_is_a_cycle() -> None:
    found = refer.resolve([subject(0)], [like(0, 0, "moxa")], "w")
    assert [d.code for d in found.diagnostics] == ["reference-cycle"]


def test_a_missing_model_is_reported() -> None:
    found = refer.resolve([subject(0)], [like(0, 9, "moxa", "needling")], "w")
    assert [(d.code, d.entry_id) for d in found.diagnostics] == [("reference-missing", "w/0")]


def test_a_model_that_could_be_two_entries_is_not_taken() -> None:
    twins = [
        subject(0),
        replace(subject(1), block=1),
        replace(subject(2, 2), names=subject(1).names),
    ]
    found = refer.resolve(twins, [like(0, 1, "moxa")], "w")
    assert [d.code for d in found.diagnostics] == ["reference-ambiguous"]
    assert not found.held[PointId(0)]


def test_a_chain_takes_the_value_at_its_end() -> None:
    value = Statement(
        Scope("these", members=(PointId(2),)), Dose("moxa", 5, 5, "壯"), Slice(WORDS, 8, 12)
    )
    points = [subject(0), subject(1), subject(2)]
    found = refer.resolve(points, [like(0, 1, "moxa"), like(1, 2, "moxa"), value], "w")
    held = found.held[PointId(0)]["moxa_min"][0]
    assert (held.says, held.basis, held.ref) == (Dose("moxa", 5, 5, "壯"), "like", "w/1")
    assert held.where.source == (0, 1)


# --- other witnesses -----------------------------------------------------------------------------

FU = """> 《氣府論篇》第五十九
> 足太陽脈氣所發者①。兩眉頭各一②。
①兼氣浮薄相通者。
②謂攢竹穴也，所在刺灸分壯與氣穴同法。"""
XUE = """> 《氣穴論篇》第五十八
> 眉本二穴①。
①攢竹，在眉頭陷者中，足太陽脈氣所發，刺可入同身寸之三分，留六呼，若灸者，可灸三壯。"""


def only(results: list[Result], siglum: str) -> tuple[Entry, Result]:
    found = next(r for r in results if r.witnesses[0].spec.siglum == siglum)
    return found.entries[0], found


def test_a_reference_out_of_the_corpus_is_recorded_without_a_value() -> None:
    entry, found = only(external([extract(commentary(FU, "fu"))]), "fu")
    assert (entry.location, entry.depth_min_fen, entry.moxa_min) == ("", None, None)
    open_rows = [(c.field, c.value, c.ref) for c in found.claims if c.basis == "external"]
    assert ("location", "", "素問 58") in open_rows
    assert ("depth_min_fen", "", "素問 58") in open_rows


def test_a_reference_to_another_witness_is_followed() -> None:
    results = [extract(commentary(FU, "fu")), extract(commentary(XUE, "xue"))]
    entry, found = only(external(results), "fu")
    model, _ = only(results, "xue")
    assert entry.location == "在眉頭陷者中"
    assert (entry.depth_min_fen, entry.retention_breaths, entry.moxa_min) == (3, 6, 3)
    assert entry.channels == ()
    assert not [c for c in found.claims if c.basis == "external"]
    rows = [c for c in found.claims if c.basis == "like"]
    assert {c.ref for c in rows} == {model.entry_id}
    assert {c.text for c in rows} == {"所在刺灸分壯與氣穴同法"}


def test_a_chapter_without_the_point_is_reported() -> None:
    other = XUE.replace("攢竹，在眉頭陷者中", "巨骨，在肩端上")
    results = external([extract(commentary(FU, "fu")), extract(commentary(other, "xue"))])
    entry, found = only(results, "fu")
    assert entry.depth_min_fen is None
    assert "reference-missing" in {d.code for d in found.diagnostics}


def test_a_point_that_the_cited_chapter_lacks_is_taken_from_another() -> None:
    lacks = XUE.replace("攢竹，在眉頭陷者中", "巨骨，在肩端上")
    has = XUE.replace("氣穴論篇》第五十八", "骨空論篇》第六十")
    sources = {"fu": FU, "xue": lacks, "gu": has}
    results = external([extract(commentary(text, s)) for s, text in sources.items()])
    entry, found = only(results, "fu")
    assert (entry.depth_min_fen, entry.moxa_min) == (3, 3)
    assert "reference-elsewhere" in {d.code for d in found.diagnostics}


def test_of_other_chapters_with_the_same_numbers_the_first_is_named() -> None:
    lacks = XUE.replace("攢竹，在眉頭陷者中", "巨骨，在肩端上")
    gu = XUE.replace("氣穴論篇》第五十八", "骨空論篇》第六十")
    shui = XUE.replace("氣穴論篇》第五十八", "水熱穴論篇》第六十一")
    # One that refers to another chapter itself is no model, though it has a depth of its own.
    refers = FU.replace("氣府論篇》第五十九", "骨空論篇》第六十").replace(
        "所在刺灸分壯", "刺可入同身寸之四分，灸分壯"
    )
    for sixty, model in ((gu, "gu/01.1/001"), (refers, "shui/01.1/001")):
        sources = {"fu": FU, "xue": lacks, "gu": sixty, "shui": shui}
        results = external([extract(commentary(text, s)) for s, text in sources.items()])
        entry, found = only(results, "fu")
        assert (entry.depth_min_fen, entry.moxa_min) == (3, 3)
        assert {c.ref for c in found.claims if c.basis == "like"} == {model}


def test_a_point_that_other_chapters_give_differently_is_not_taken() -> None:
    other = XUE.replace("攢竹，在眉頭陷者中", "巨骨，在肩端上")
    deep = XUE.replace("氣穴論篇》第五十八", "骨空論篇》第六十")
    flat = XUE.replace("氣穴論篇》第五十八", "水熱穴論篇》第六十一").replace("三分", "二分")
    sources = {"fu": FU, "xue": other, "gu": deep, "shui": flat}
    results = external([extract(commentary(text, s)) for s, text in sources.items()])
    entry, found = only(results, "fu")
    assert (entry.location, entry.depth_min_fen, entry.moxa_min) == ("", None, None)
    said = [d.message for d in found.diagnostics if d.code == "reference-ambiguous"]
    assert len(said) == 1 and "gu/" in said[0] and "shui/" in said[0]


def test_what_a_note_forbids_is_not_taken_from_the_cited_chapter() -> None:
    forbids = FU.replace("所在刺灸", "不可刺，所在刺灸")
    results = external([extract(commentary(forbids, "fu")), extract(commentary(XUE, "xue"))])
    entry, _ = only(results, "fu")
    assert entry.needling_forbidden and entry.moxa_min == 3
    assert (entry.depth_min_fen, entry.retention_breaths) == (None, None)


def test_references_are_followed_from_chapter_to_chapter_to_the_end() -> None:
    """水熱穴 refers to 骨空, this to 氣府, this to 氣穴."""
    texts = {"xue": XUE, "fu": FU}
    texts["gu"] = FU.replace("氣府論篇》第五十九", "骨空論篇》第六十").replace("與氣穴", "與氣府")
    texts["shui"] = FU.replace("氣府論篇》第五十九", "水熱穴論篇》第六十一").replace(
        "與氣穴", "與骨空"
    )
    results = external([extract(commentary(text, s)) for s, text in texts.items()])
    assert [result.entries[0].depth_min_fen for result in results] == [3, 3, 3, 3]


def test_two_witnesses_that_refer_to_each_other_end() -> None:
    back = re.sub("在眉頭.*", "所在刺灸分壯與氣府同法。", XUE)
    results = external([extract(commentary(FU, "fu")), extract(commentary(back, "xue"))])
    assert [r.entries[0].depth_min_fen for r in results] == [None, None]


def test_a_run_follows_references(tmp_path: Path) -> None:
    specs = []
    for siglum, text in (("fu", FU), ("xue", XUE)):
        source = commentary(text, siglum)
        path = tmp_path / f"{siglum}.txt"
        path.write_text(source.text, encoding="utf-8")
        specs.append(replace(source.spec, path=path))
    found = run(specs)
    assert [entry.depth_min_fen for entry in found.entries] == [3, 3]
