"""Repair by witness, on two made-up witnesses of one work."""

from __future__ import annotations

from dataclasses import replace

from pipeline.judging.emend import emend
from pipeline.model import Emendation, Witness, join
from tests.corpus import extract, invented

WHOLE = """## 面凡二十九穴第十

睛明，一名淚孔，在目內眥外，手足太陽之會，刺入六分，灸三壯。

顴髎，一名兌骨，在面頄骨下廉陷者中，手少陽、太陽之會，刺入三分。
"""
DAMAGED = """## 面凡二十九穴第十

睛明，一名淚孔，在目內外，手足太陽之會，刺入六分，灸三壯。

顴，一名兌骨，在面骨下廉陷者中，手少陽、太陽之會，刺入四分。
"""


def of(text: str, siglum: str) -> Witness:
    source = invented(text, siglum=siglum)
    return replace(source, spec=replace(source.spec, work="jiayi"))


def proposals(damaged: str = DAMAGED, whole: str = WHOLE) -> list[Emendation]:
    found = join([extract(of(damaged, "a")), extract(of(whole, "b"))])
    return [row for row in emend(found) if row.witness == "a"]


def test_what_the_damaged_witness_has_nowhere_is_proposed_with_its_evidence() -> None:
    found = {(row.field, row.printed): row for row in proposals()}
    assert found["name", "顴"].proposed == "顴髎"
    assert found["location", "在目內外"].proposed == "在目內眥外"
    assert found["location", "在面骨下廉陷者中"].proposed == "在面頄骨下廉陷者中"
    assert (
        found["location", "在目內外"].evidence == "孔在目內[眥]外手足太: the witness has 眥 nowhere"
    )


def test_a_proposal_points_at_the_gap() -> None:
    row = next(row for row in proposals() if row.printed == "在目內外")
    assert DAMAGED[: row.start].endswith("在目內") and DAMAGED[row.end :].startswith("外")


def test_a_difference_is_no_loss() -> None:
    assert not [row for row in proposals() if "三" in row.proposed or "四" in row.proposed]


def test_a_glyph_the_witness_has_elsewhere_is_not_proposed() -> None:
    elsewhere = DAMAGED.replace("一名淚孔", "一名眥孔")
    assert not [row for row in proposals(elsewhere) if row.printed == "在目內外"]


def test_the_whole_witness_needs_nothing() -> None:
    assert proposals(WHOLE, WHOLE) == []


def test_one_glyph_that_agrees_beside_a_gap_is_too_little() -> None:
    whole = WHOLE.replace("目內眥外", "內眥頰傍")
    damaged = DAMAGED.replace("目內外", "內頰中")
    assert not [row for row in proposals(damaged, whole) if "眥" in row.proposed]


def test_a_damaged_name_says_nothing_of_the_rest_of_its_entry() -> None:
    whole = WHOLE.replace("陷者中，手少陽", "陷者骨中，手少陽")
    assert not [row for row in proposals(DAMAGED, whole) if "骨中" in row.proposed]
