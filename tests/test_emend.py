"""Repair by witness: on two made-up witnesses of one work, and on those of the corpus."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
import regex

from pipeline.judging.emend import AHEAD, emend
from pipeline.knowledge.lexicon import lexicon
from pipeline.model import Emendation, Entry, Result, Witness, join
from pipeline.sources.glyphs import glyphs_of, is_sign
from pipeline.sources.normalize import normalize
from tests.corpus import extract, invented, with_editions
from tests.test_suwen_sbck import needs_editions
from tests.work import calls

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
    found = {(row.field, row.value): row for row in proposals()}
    assert found["name", "顴"].emended == "顴髎"
    assert found["location", "在目內外"].emended == "在目內眥外"
    assert found["location", "在面骨下廉陷者中"].emended == "在面頄骨下廉陷者中"
    assert [row.proposed for row in found.values()] == ["眥", "髎", "頄"]
    assert (
        found["location", "在目內外"].evidence
        == "孔在目內[眥]外手足太: the witness has 眥 nowhere; the other has such a glyph only here"
    )


def test_a_proposal_points_at_the_gap() -> None:
    row = next(row for row in proposals() if row.value == "在目內外")
    assert DAMAGED[: row.start].endswith("在目內") and DAMAGED[row.end :].startswith("外")


def test_a_difference_is_no_loss() -> None:
    assert not [row for row in proposals() if "三" in row.proposed or "四" in row.proposed]


def test_a_glyph_the_witness_has_elsewhere_is_not_proposed() -> None:
    elsewhere = DAMAGED.replace("一名淚孔", "一名眥孔")
    assert not [row for row in proposals(elsewhere) if row.value == "在目內外"]


@pytest.mark.parametrize(
    ("end", "proposed"), [("", ["灸三壯"]), ("，灸五壯", []), ("，禁不可灸", [])]
)
def test_a_dose_that_an_entry_lacks_at_its_end(end: str, proposed: list[str]) -> None:
    whole = WHOLE.replace("刺入三分", "刺入三分，灸三壯")
    damaged = WHOLE.replace("刺入三分", f"刺入三分{end}")
    assert [row.proposed for row in proposals(damaged, whole)] == proposed


@pytest.mark.parametrize(("others", "proposed"), [(30, ["（氣府論注云三脈之會）"]), (3, [])])
def test_a_note_that_one_entry_alone_lacks(others: int, proposed: list[str]) -> None:
    """Editions that have the same notes in nearly all entries have them by origin."""
    points = list(lexicon().standard.values())
    entries = [f"{name}，在骨下一寸，刺入三分（氣府論注云二分）。" for name in points[:others]]
    last = "顴髎，在面頄骨下廉陷者中，刺入三分"
    text = "## 面凡二十九穴第十\n\n" + "\n\n".join([*entries, last])
    found = proposals(f"{text}。\n", f"{text}（氣府論注云三脈之會）。\n")
    assert [row.proposed for row in found] == proposed


def test_the_whole_witness_needs_nothing() -> None:
    assert proposals(WHOLE, WHOLE) == []


def test_one_glyph_that_agrees_beside_a_gap_is_too_little() -> None:
    whole = WHOLE.replace("目內眥外", "目下眥頰傍")
    damaged = DAMAGED.replace("目內外", "目內頰中")
    assert not [row for row in proposals(damaged, whole) if "眥" in row.proposed]


def test_a_damaged_name_says_nothing_of_the_rest_of_its_entry() -> None:
    whole = WHOLE.replace("陷者中，手少陽", "陷者骨中，手少陽")
    assert not [row for row in proposals(DAMAGED, whole) if "骨中" in row.proposed]


@pytest.mark.parametrize(
    ("damaged", "whole", "emended"),
    [
        # a note between, and the loss after it
        ("僕參，在跟骨下陷者中（刺腰痛論注云陷者中），拱足得之，足。",
         "僕參，在跟骨下陷者中，拱足得之，足太陽脈之所行也，刺入五分（刺腰痛論注云陷者中）。", ""),
        # the words stand in another place, but for a glyph
        ("長強，在脊端，督脈別絡，少陰所結，刺入三分。",
         "長強，督脈別絡，在脊骶端，少陰所結，刺入三分。",
         "在脊骶端，督脈別絡，少陰所結，刺入三分。"),
        # after the sign that ends a measure
        ("陽陵泉，在膝下一寸，外廉陷者中，刺入六分。",
         "陽陵泉，在膝下一寸䯒外廉陷者中，刺入六分。", "在膝下一寸，䯒外廉陷者中，刺入六分。"),
        # what opens a quotation stays before it
        ("委中，在中央約文中（骨空論注云：謂膝解之後），刺入五分。",
         "委中，在中央約文中（骨空論注云膕謂膝解之後），刺入五分。",
         "在中央約文中（骨空論注云：膕謂膝解之後），刺入五分。"),
        # a misprint of the other witness: it has another glyph in the same words itself
        ("承筋，在□腸中央陷者中（刺腰痛論注云在□中央），灸三壯。",
         "承筋，在腨腸中央陷者中（刺腰痛論注云在臑中央），灸三壯。",
         "在腨腸中央陷者中（刺腰痛論注云在□中央），灸三壯。"),
        # between the notes between which it stands in the other witness
        ("腦空，一名顳（音熱）（音儒），在承靈後一寸五分。",
         "腦空，一名顳（音熱）顬（音儒），在承靈後一寸五分。",
         "一名顳（音熱）顬（音儒），在承靈後一寸五分。"),
        # a glyph that the witness has nowhere, beside words that are read otherwise
        ("陽交，一名別陽，陽維之，在內踝上七寸。", "陽交，一名別陽，陽維之郄，在外踝上七寸。",
         "一名別陽，陽維之郄，在內踝上七寸。"),
        ("秉風，俠肩□在外肩上小骨後。", "秉風，俠人髎在外肩上小骨後。",
         "俠肩髎在外肩上小骨後。"),
    ],
)  # fmt: skip
def test_where_the_gap_is(damaged: str, whole: str, emended: str) -> None:
    heading = "## 足太陽及股并陽蹻六穴凡三十四穴第三十五\n\n"
    rows = proposals(heading + damaged, heading + whole)
    text = heading + damaged
    for row in sorted(rows, key=lambda row: -row.start):
        assert text[row.start : row.end] == row.printed
        text = text[: row.start] + row.proposed + text[row.end :]
    if emended:
        assert text.endswith(f"，{emended}")


@pytest.fixture(scope="module")
def repaired() -> tuple[Result, list[Emendation]]:
    found = with_editions()
    rows = [row for row in found.emendations if row.entry_id is not None]
    return found, [row for row in rows if row.witness in ("jiayi", "jiayi-j3")]


@needs_editions
def test_a_proposal_gives_the_words_of_the_other_edition(
    repaired: tuple[Result, list[Emendation]],
) -> None:
    found, rows = repaired
    texts = {w.spec.siglum: w for w in found.witnesses}
    entries = {e.entry_id: e for e in found.entries}
    assert len(rows) > 150
    wrong = []
    for row in rows:
        source = texts[row.witness].text
        left = source[max(0, row.start - 12) : row.start]
        filled = glyphs_of([left + row.proposed], texts[row.witness].spec.script)[0].chars
        model = _reading_order(found, entries[row.from_entry or ""])
        words = row.proposed.strip("（）")
        beside = len(words) + min(1, len(filled) - len(words))
        right = glyphs_of([source[row.end : row.end + 12]], texts[row.witness].spec.script)[0].chars
        both = filled[-beside:] in model or words + right[:AHEAD] in model
        if not both and row.field != "name":
            wrong.append(row)
        assert not row.printed.strip("□ \u3000"), "no sign is in a gap"
    assert wrong == []


@needs_editions
@pytest.mark.parametrize(
    ("entry", "glyph"),
    [("02/007", "瘂"), ("07/011", "骶"), ("07/011", "郄"), ("10/001", "顬"), ("10/002", "顬"),
     ("10/003", "顬"), ("34/010", "郄"), ("13/008", "髎"), ("35/002", "灸三壯"),
     ("35/007", "太陽脈之所行也爲經刺入五分留十呼灸三壯"),
     ("11/001", "（氣府論注云手足太陽少陽足陽明三脈之會氣穴刺注與甲乙經同）")],
)  # fmt: skip
def test_losses_that_are_proposed(
    repaired: tuple[Result, list[Emendation]], entry: str, glyph: str
) -> None:
    told = {(row.entry_id, row.proposed) for row in repaired[1]}
    assert (f"jiayi/{entry}", glyph) in told
    assert (f"jiayi-j3/{entry}", glyph) in told


@needs_editions
def test_a_lost_line_of_statements_gives_the_words_of_the_other_edition() -> None:
    found = with_editions()
    rows = [row for row in found.emendations if row.statement_id]
    texts = {w.spec.siglum: w for w in found.witnesses}
    models = {s: _main_text(w) for s, w in texts.items()}
    assert len(rows) > 30
    for row in rows:
        assert row.start == row.end, "no word and no sign is replaced"
        assert row.proposed in models[row.from_witness]
        told = row.evidence.split(":")[0].translate(dict.fromkeys(map(ord, "[]")))
        assert told in models[row.from_witness]


def _main_text(witness: Witness) -> str:
    text = normalize(witness)[0].chars
    return "".join(c for c in regex.sub("（[^）]*）", "", text) if not is_sign(c))


@needs_editions
def test_what_is_no_loss_is_not_proposed(repaired: tuple[Result, list[Emendation]]) -> None:
    told = {((row.entry_id or "").partition("/")[2], row.proposed) for row in repaired[1]}
    assert ("07/011", "在脊骶端") not in told
    assert ("35/011", "臑") not in told
    assert not [words for entry, words in told if entry == "35/007" and words.startswith("拱")]


def _reading_order(found: Result, entry: Entry) -> str:
    """The glyphs of an entry, signs left out: with its notes, and without them."""
    (witness,) = (w for w in found.witnesses if w.spec.siglum == entry.witness)
    notes = [(n.start, n.end) for n in found.notes if n.entry_id == entry.entry_id]
    text = normalize(witness)[0]
    glyphs = [
        (char, any(a <= start < b for a, b in notes))
        for char, start in zip(text.chars, text.starts, strict=True)
        if entry.start <= start < entry.end and not is_sign(char)
    ]
    return "\n".join(("".join(c for c, _ in glyphs), "".join(c for c, note in glyphs if not note)))


REPEATED = [("直鼻上下", "當鼻下上左"), ("在上", "上在"), ("之", "中"), ("髮際直鼻", "髮直際")]


@pytest.mark.parametrize(("one", "other"), REPEATED)
def test_places_of_repeated_words_take_work_in_proportion(one: str, other: str) -> None:
    def found(times: int) -> Result:
        text = "## 面凡一穴第十\n\n睛明，在{}，刺入六分，灸三壯。\n"
        sides = ((one, "a"), (other, "b"))
        return join([extract(of(text.format(words * times), name)) for words, name in sides])

    small, large = (calls(partial(emend, found(times))) for times in (100, 400))
    assert large < 6 * small + 1_000
