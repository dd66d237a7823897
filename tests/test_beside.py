"""Statements of illness in two witnesses of a work: lost lines, fused statements, clauses."""

from __future__ import annotations

from dataclasses import replace

from pipeline.model import Result, Witness
from pipeline.run import run_witnesses
from tests.corpus import invented

WHOLE = (
    "## 肝受病發胸脅滿痛第四\n\n"
    "暴脹，胸脅滿，足寒，大便難，面脣白，時嘔血，太衝主之。胸脅滿，惡聞人聲與木音，巨虛上廉主之。"
    "胸滿善太息，胸中膨膨然，丘墟主之。胸脅榰滿，頭痛項內寒，外丘主之。脅下榰滿，嘔吐逆，"
    "陽陵泉主之。心痛善悲，厥逆，懸心如飢之狀，心澹澹而驚，大陵及間使主之。\n"
)
LOST = "丘墟主之。胸脅榰滿，頭痛項內寒，外丘主之。脅下榰滿，嘔吐逆，"


def both(here: str, there: str) -> Result:
    def witness(siglum: str, text: str) -> Witness:
        made = invented(text, "markdown", "hant", "jiayi")
        return replace(made, spec=replace(made.spec, siglum=siglum, work="book"))

    return run_witnesses([witness("a", here), witness("b", there)])


def test_a_lost_line_fuses_two_statements() -> None:
    found = both(WHOLE.replace(LOST, ""), WHOLE)
    flags = {row.code: row.flags for row in found.indications if row.witness == "a"}
    assert flags["GB34"] == ("fused", "text_lost_inside")
    assert [code for code, said in flags.items() if said] == ["GB34"]
    assert not any(row.flags for row in found.indications if row.witness == "b")
    (proposal,) = found.emendations
    assert (proposal.witness, proposal.from_witness, proposal.entry_id) == ("a", "b", None)
    assert proposal.proposed == LOST.translate(dict.fromkeys(map(ord, "，。")))
    assert proposal.statement_id == next(r.statement_id for r in found.indications if r.flags)
    assert "statement-fused" in {d.code for d in found.diagnostics}


def test_words_that_stand_in_a_gap_stay() -> None:
    """胸中[膨膨然丘墟主之胸脅]榰滿: two words of a lost line are there."""
    here = WHOLE.replace(LOST, "胸脅，")
    found = both(here, WHOLE)
    text = here
    for row in sorted(found.emendations, key=lambda row: -row.start):
        assert row.printed == ""
        text = text[: row.start] + row.proposed + text[row.end :]
    signs = dict.fromkeys(map(ord, "，。\n#"))
    assert text.translate(signs) == WHOLE.translate(signs)


def test_a_word_that_is_written_otherwise_is_not_lost() -> None:
    here = WHOLE.replace("陽陵泉主之。心痛善悲，厥逆，懸心如飢之狀，心澹澹", "心淡淡")
    proposals = [row.proposed for row in both(here, WHOLE).emendations]
    assert proposals == ["陽陵泉主之心痛善悲厥逆懸心如飢之狀"]


def test_nothing_is_put_before_what_is_left_of_a_note() -> None:
    """The beginning of the note is lost too: 外丘主之，（千金作卷）."""
    here = WHOLE.replace(LOST, "作卷）")
    assert not [row for row in both(here, WHOLE).emendations if row.proposed.startswith("丘墟")]


def test_a_glyph_of_names_beside_others_is_doubted() -> None:
    names = "肩髃主之。喉痹，肩髃主之。肘痛，肩髃主之。"
    whole = WHOLE.replace("太衝主之。", f"太衝主之。{names}").replace("頭痛項內寒", "鼻髃痛寒")
    here = whole.replace(LOST.replace("頭痛項內寒", "鼻髃痛寒"), "")
    (proposal,) = both(here, whole).emendations
    assert proposal.evidence.endswith("doubtful there: 鼻髃痛")


def test_where_a_statement_as_a_whole_is_lost_the_next_one_says_so() -> None:
    gone = "胸脅滿，惡聞人聲與木音，巨虛上廉主之。"
    found = both(WHOLE.replace(gone, ""), WHOLE)
    flags = {row.code: row.flags for row in found.indications if row.witness == "a"}
    assert {code: said for code, said in flags.items() if said} == {"GB40": ("text_lost_before",)}


def test_clauses_without_signs_are_cut_as_in_the_other_witness() -> None:
    bare = WHOLE.translate(dict.fromkeys(map(ord, "，。")))
    found = both(bare, WHOLE)
    cut = [s for s in found.symptoms if s.witness == "a"]
    assert {s.basis for s in cut} == {"parallel"}
    assert [s.key for s in cut] == [s.key for s in found.symptoms if s.witness == "b"]
    source = found.witnesses[0].text
    assert all(s.text == source[s.start : s.end] for s in cut)


def test_a_statement_has_its_clauses_once() -> None:
    """Also where the text without signs has one somewhere, and clauses of its own by it."""
    few = WHOLE.translate(dict.fromkeys(map(ord, "，。"))).replace("外丘", "，外丘")
    found = [s for s in both(few, WHOLE).symptoms if s.witness == "a"]
    assert {s.basis for s in found} == {"parallel"}
    assert len({s.symptom_id for s in found}) == len(found)


def test_other_words_are_no_parallel() -> None:
    bare = "## 手受病第四\n\n咳逆上氣喉痹不得息華蓋主之瘧寒熱汗不出合谷主之癲疾狂走後頂主之\n"
    found = both(bare, WHOLE)
    assert not [s for s in found.symptoms if s.witness == "a"]
    assert not found.emendations
