"""What tells early that a text holds nothing of ours must never be wrong about one that does."""

from __future__ import annotations

from array import array
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.genres import GENRES
from pipeline.genres.stages import walk
from pipeline.judging.reach import nothing, reached
from pipeline.knowledge.tables import home, manifest
from pipeline.knowledge.treatments import LOST
from pipeline.model import Text, Witness
from pipeline.reading.bare import SIGNS, bare
from pipeline.reading.early import may_hold, says_nothing
from pipeline.reading.indications import read_indications
from pipeline.reading.segment import segment_jiayi
from pipeline.sources.normalize import layer, layer_of, unread
from pipeline.sources.read import read
from pipeline.sources.recognise import _genres, layout, script
from pipeline.sources.silent import silent
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


@pytest.mark.parametrize("siglum", SPECS)
def test_a_silent_part_has_nothing_in_any_layout(siglum: str) -> None:
    """Parts of sources of all layouts: where words tell that there is nothing, reading them whole
    finds nothing either, and no cue of any kind of book.
    """
    book = read(SPECS[siglum])
    lines = book.text.split("\n")
    parts = ["\n".join(lines[i : i + 4]) for i in range(0, len(lines), 4)]
    for part in parts:
        form, hand = layout(part), script(part)
        if not silent(part, form, hand):
            continue
        chars = layer(part, form, hand).chars
        assert not [cue.pattern for _, cue in _genres() if cue.search(chars)], part
        spec = replace(book.spec, format=form, script=hand, grammar="jiayi")
        witness = Witness(spec, part, "utf-8", "")
        if says_nothing(witness):
            assert reached(witness, walk(GENRES["jiayi"], witness)) == nothing(
                witness, unread(witness)
            )


@pytest.mark.parametrize(
    "text",
    [
        "神庭，在髮際，刺入三分。",
        "灸\n三壯",
        "灸〣壯",
        "<目录>卷三<篇名>頭\n属性：中\n府穴：在雲門下",
        "神庭（甲乙）髮際",
        "頭痛，神\n庭主之。",
        "頭痛，神（音）庭主之。",
        "头痛，神庭（一作王）主之。",
        "足太\n陽脈氣所發",
        "刂入三分",
        "&#28792;三壯",
        "谓攒竹（名）穴也",
        "頭凡二十\n八穴第一",
    ],
)
def test_what_is_not_silent(text: str) -> None:
    form, hand = layout(text), script(text)
    spec = replace(SPECS["jiayi"], format=form, script=hand, grammar="jiayi")
    assert not says_nothing(Witness(spec, text, "utf-8", ""))


def test_what_is_silent() -> None:
    text = "<目录>卷一<篇名>桂枝汤\n属性：桂枝（三两，去皮） 芍药（三\n两）\n上七味，桂枝汤主之。\n"
    spec = replace(SPECS["jiayi"], format="tagged", script="hans", grammar="jiayi")
    assert says_nothing(Witness(spec, text * 9, "utf-8", ""))
