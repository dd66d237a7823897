"""What tells early that a text holds nothing of ours must never be wrong about one that does."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.knowledge.tables import home, manifest
from pipeline.knowledge.treatments import LOST
from pipeline.model import Text
from pipeline.reading.bare import SIGNS, bare
from pipeline.reading.early import may_hold
from pipeline.reading.indications import read_indications
from pipeline.reading.segment import segment_jiayi
from pipeline.sources.normalize import layer_of
from pipeline.sources.read import read
from pipeline.text.layer import cut

SPECS = {spec.siglum: spec for spec in manifest(home() / "corpus" / "witnesses.toml")}


@pytest.mark.parametrize("siglum", ["jiayi", "jiayi-j3"])
def test_paragraphs_with_an_entry_or_a_statement_may_hold_one(siglum: str) -> None:
    text = layer_of(read(SPECS[siglum]))
    begin = held = 0
    while begin < len(text.chars):
        end = text.chars.find("\n", begin + 200) + 1 or len(text.chars)
        part = cut(text, begin, end)
        if not may_hold(part.chars):
            segments, _ = segment_jiayi(part, siglum, "")
            assert not segments.entries, part.chars
            assert not read_indications(siglum, segments).indications, part.chars
        else:
            held += 1
        begin = end
    assert held > 50


@pytest.mark.parametrize(
    ("words", "held"),
    [
        ("灸（一云五壯）三壯。", True),
        ("頭痛，神庭（音）主之。", True),
        ("頭痛，神庭主（一作王）之。", True),
        ("瘧，次主之。", True),
        ("痙，神庭、陵泉主之。", True),
        ("頭痛，神庭（音某\n主之。", True),
        ("太陽病，桂枝湯主之。", False),
        ("神庭者，百神所集。", False),
        ("刺之則痛，灸之則已。", False),
    ],
)
def test_what_may_be_of_ours(words: str, held: bool) -> None:
    assert may_hold(words) == held


@given(st.text("神庭在頭，。、\n（）□主之", max_size=30), st.sets(st.integers(0, 40), max_size=6))
def test_words_without_signs(chars: str, gaps: set[int]) -> None:
    """Each glyph as it stands, and a sign for each that is lost and not shown."""
    starts = [i + sum(gap <= i for gap in sorted(gaps)) for i in range(len(chars))]
    free = sorted(set(range(40)) - set(starts))
    text = Text("", chars, array("I", starts), array("I", [a + 1 for a in starts]), (), tuple(free))
    found = bare(text, 0, len(chars))
    last = starts[-1] if starts else 0
    shown = [(a, 1, c) for a, c in zip(starts, chars, strict=True) if c not in SIGNS]
    lost = [(a, 0, LOST) for a in free if (starts[0] if starts else 0) <= a < last]
    assert found.words == "".join(c for _, _, c in sorted([*shown, *lost]))
    assert not any(
        chars[i] in SIGNS for i, c in zip(found.at, found.words, strict=False) if c != LOST
    )
    assert "".join(found.signs) == "".join(c for c in chars if c in SIGNS)
