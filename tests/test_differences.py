"""Nothing is left out: every character that one side has otherwise is in one difference."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise, permutations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.compare.collate import collate
from pipeline.compare.columns import blocks, columns
from pipeline.compare.difference import Collation
from pipeline.compare.display import markdown, readings, summary
from pipeline.compare.edition import Edition, edition
from pipeline.compare.page import page
from pipeline.compare.segments import segments
from tests.corpus import extract, invented

TEXT = """# 諸穴

凡刺之道，必中氣穴，無中肉節，中氣穴則針遊於巷。（一本作針染於巷）黃帝問曰：願聞其道。

## 頭直鼻中入髮際一寸凡三穴第一

上星一穴，在顱上，直鼻中央，入髮際一寸陷者中，可容豆，督脈氣所發，刺入三分，留六呼，灸三壯。（《素問》注云：灸五壯）

囟會，在上星後一寸骨間陷者中，督脈氣所發，刺入四分，灸五壯。

前頂，在囟會後一寸五分骨間陷者中，督脈氣所發，（一曰不可刺）刺入四分，灸五壯。

## 論第二

頭痛身熱，鼻窒，喘息不利，煩滿汗不出，曲差主之。頭痛，目眩，上星主之。（一云承漿）
"""
SIGNS = "，。：（）《》#"
Edits = list[tuple[str, float, str, float]]
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["insert", "delete", "replace", "move"]),
        st.floats(0, 1, exclude_max=True),
        st.sampled_from("三五分寸灸刺髮發在頭，"),
        st.floats(0, 1, exclude_max=True),
    ),
    max_size=5,
)


def edited(edits: Edits) -> str:
    """The text with some of its characters inserted, deleted, replaced, or moved by clauses."""
    text = TEXT
    for edit, where, char, to in edits:
        at = int(where * len(text))
        if text[at] in "\n#" or text[at] in "（）":
            continue
        if edit == "insert":
            text = text[:at] + char + text[at:]
        elif edit == "delete":
            text = text[:at] + text[at + 1 :]
        elif edit == "replace":
            text = text[:at] + char + text[at + 1 :]
        else:
            clauses = re.split(r"(?<=[，。])", text)
            clauses.insert(int(to * len(clauses)), clauses.pop(int(where * len(clauses))))
            text = "".join(clauses)
    return text


def side(text: str, siglum: str) -> Edition:
    return edition(extract(invented(text, "markdown", siglum=siglum)))


def stretches(found: Collation, which: str, n: int) -> Iterator[tuple[int, int]]:
    """What is changed on a side, of each difference once."""
    seen = set()
    for d in found.differences:
        if d.difference not in seen and found.editions_of[d.difference or 0] == n:
            seen.add(d.difference)
            for span in getattr(d, which):
                start, end = map(int, span.split(":"))
                yield start, end


def unchanged(text: str, spans: list[tuple[int, int]]) -> str:
    """A text without what is changed, white space and the marks of headings."""
    kept = list(text)
    for start, end in spans:
        kept[start:end] = [""] * (end - start)
    return "".join("".join(kept).split()).replace("#", "")


@settings(deadline=None, max_examples=60)
@given(EDITS, EDITS)
@example([], [("move", 0.015625, "三", 0.96875), ("move", 0.6875, "三", 0.984375)])
@example([], [("move", 0.15625, "三", 0.0), ("move", 0.75, "三", 0.0)])
def test_without_what_is_changed_the_texts_are_one(one: Edits, other: Edits) -> None:
    a, b = edited(one), edited(other)
    found = collate([side(a, "a"), side(b, "b")])
    spans = [sorted(stretches(found, f"changed_{x}", 1)) for x in "ab"]
    for own in spans:
        assert all(x[1] <= y[0] for x, y in pairwise(own)), own
    assert unchanged(a, spans[0]) == unchanged(b, spans[1])


@settings(deadline=None, max_examples=25)
@given(EDITS, EDITS, EDITS)
@example([], [], [("move", 0.75, "三", 0.3125)])
@example([], [], [("move", 0.15625, "三", 0.0), ("move", 0.75, "三", 0.0)])
def test_three_texts_read_down_the_columns_are_themselves(x: Edits, y: Edits, z: Edits) -> None:
    texts = [edited(e) for e in (x, y, z)]
    sides = [side(t, x) for t, x in zip(texts, "abc", strict=True)]
    found = collate(sides)
    for n, text in enumerate(texts):
        read = "".join(
            s.readings[n] for passage in found.passages for s in segments(found, passage)
        )
        assert sorted(read.replace("#", "")) == sorted(unchanged(text, []))
    for n in (1, 2):
        one, other = (sorted(stretches(found, f"changed_{x}", n)) for x in "ab")
        assert unchanged(texts[0], one) == unchanged(texts[n], other)


@settings(deadline=None, max_examples=15)
@given(EDITS, EDITS)
def test_the_order_of_witnesses_changes_nothing(one: Edits, other: Edits) -> None:
    base = side(TEXT, "a")
    sides = [side(edited(one), "b"), side(edited(other), "c")]

    def said(order: list[Edition]) -> list[tuple[object, ...]]:
        return sorted(
            (d.witness_b, d.kind, d.field, d.changed_a, d.changed_b)
            for d in collate([base, *order]).differences
        )

    assert said(sides) == said(sides[::-1])


@settings(deadline=None, max_examples=15)
@given(EDITS, EDITS)
def test_all_formats_count_the_same(one: Edits, other: Edits) -> None:
    formats_agree(collate([side(edited(one), "a"), side(edited(other), "b")]))


def formats_agree(found: Collation) -> None:
    """Summary, rows, terminal, Markdown and page have the same differences."""
    counts = Counter(found.kinds.values())
    assert dict(counts) == summary(found)
    assert counts == Counter({d.difference: d.kind for d in found.differences}.values())
    shown = {s.difference.difference: s.difference.kind for s in readings(found, every=True)}
    assert counts == Counter(shown.values())
    text = markdown(found, every=True)
    for kind, number in counts.items():
        assert f"| {kind} | " in text
        assert re.search(rf"^\| {kind} \| \w+ \| {number} \|$", text, re.M)
    numbers = re.findall(r'data-differences="([^"]*)"', page(found))
    assert {int(n) for group in numbers for n in group.split()} == found.kinds.keys()


# --- what moved ----------------------------------------------------------------------------------


def kinds(a: str, b: str) -> list[tuple[str, str]]:
    head = "## 頭凡一穴第一\n\n"
    found = collate([side(head + a, "a"), side(head + b, "b")])
    return [(d.kind, d.field) for d in found.differences if d.kind not in ("punctuation",)]


def test_a_clause_in_another_place_is_one_difference() -> None:
    a = "上星，在顱上，直鼻中央陷者中，可容豆，刺入三分。"
    b = "上星，在顱上，可容豆，直鼻中央陷者中，刺入三分。"
    assert ("substantive", "location") not in kinds(a, b)
    assert [k for k, _ in kinds(a, b)] == ["moved"]


def test_a_heading_before_other_entries_is_one_difference() -> None:
    one = "上星，在顱上，刺入三分。\n\n"
    two = "囟會，在上星後一寸骨間陷者中，刺入四分，灸五壯。\n\n"
    three = "前頂，在囟會後一寸五分骨間陷者中，刺入四分。\n\n"
    heading = "## 頂凡一穴第二\n\n"
    a, b = one + heading + two + three, one + two + heading + three
    assert kinds(a, b) == kinds(b, a) == [("moved", "text")]


def test_an_entry_on_another_side_of_much_prose_is_one_difference() -> None:
    one, two = "上星，在顱上，刺入三分。\n\n", "囟會，在上星後一寸，刺入四分。\n\n"
    prose = "## 論第二\n\n凡刺之道，必中氣穴，無中肉節，中氣穴則針遊於巷，中肉節則皮膚痛。\n\n"
    again = "## 頂凡一穴第三\n\n"
    assert kinds(one + two + prose + again, one + prose + again + two) == [("moved", "entry")]


def test_a_note_in_another_place_is_one_difference_and_takes_no_words_apart() -> None:
    a = "上星，在顱上（一云在頭上），直鼻中央，刺入三分。"
    b = "上星，在顱上，直鼻中央（一云在頭上），刺入三分。"
    assert kinds(a, b) == [("moved", "note")]


def test_a_reading_of_a_note_is_compared_as_what_it_says() -> None:
    a = "上星，在顱上，刺入三分。（《素問》注云：刺入四分，灸三壯）"
    b = "上星，在顱上，刺入三分。（《素問》注云：刺入五分，灸三壯）"
    assert kinds(a, b) == [("numeric", "depth")]


def test_a_lost_line_is_one_difference() -> None:
    a = "上星，在顱上，刺入三分，留六呼，灸三壯。\n\n囟會，在上星後一寸，刺入四分。"
    head = "## 頭凡二穴第一\n\n"
    whole = side(head + a, "a")
    broken = side(head + a.replace("刺入三分，留六呼，灸三壯。", ""), "b")
    entries = (replace(broken.entries[0], flags=("text_truncated",)), *broken.entries[1:])
    found = collate([whole, replace(broken, entries=entries)])
    rows = [d for d in found.differences if d.severity != "none"]
    assert {(d.difference, d.kind) for d in rows} == {(1, "lost")}
    assert {d.field for d in rows} >= {"depth_min_fen", "retention_breaths", "moxa_max"}


def test_words_that_are_not_there_are_one_difference_for_each_column() -> None:
    a = "上星，在顱上，直鼻中央，刺入三分，留六呼，灸三壯。\n\n囟會，在上星後一寸，刺入四分。"
    b = a.replace("直鼻中央，刺入三分，留六呼，灸三壯。", "")
    found = kinds(a, b)
    assert ("substantive", "location") in found
    assert {("numeric", "depth_min_fen"), ("numeric", "moxa_max")} <= {*found}


# --- doses by authority --------------------------------------------------------------------------

DOSED = """# 考正穴法

雲門：巨骨下，俠氣戶旁二寸陷中。《銅人》針三分，灸五壯。《素注》針七分。

天府：腋下三寸，動脈中。針四分，留三呼。

俠白：天府下，去肘五寸動脈中。《銅人》針三分，灸五壯。

尺澤：肘中約紋上，動脈中。《明堂》灸七壯，至二百壯。《銅人》針三分，灸五壯；小兒灸三壯。
"""


def by_voice(a: str, b: str) -> list[tuple[object, ...]]:
    sides = [
        edition(extract(invented(text, "markdown", grammar="catalogue", siglum=siglum)))
        for text, siglum in ((a, "a"), (b, "b"))
    ]
    found = collate(sides)
    formats_agree(found)
    return [
        (d.kind, d.name, d.field, d.source, d.value_a, d.value_b)
        for d in found.differences
        if d.severity != "none"
    ]


def test_a_dose_is_compared_with_that_of_the_same_authority() -> None:
    assert by_voice(DOSED, DOSED.replace("針七分", "針六分")) == [
        ("numeric", "雲門", "depth_min_fen", "素注", "7", "6"),
        ("numeric", "雲門", "depth_max_fen", "素注", "7", "6"),
    ]


def test_the_columns_of_entries_say_whose_dose_differs() -> None:
    b = DOSED.replace("灸七壯，至二百壯", "灸七壯，至百壯")
    assert by_voice(DOSED, b) == [("numeric", "尺澤", "moxa_max", "明堂", "200", "100")]


def test_a_dose_for_somebody_is_compared_in_its_words() -> None:
    b = DOSED.replace("小兒灸三壯", "小兒灸一壯")
    assert by_voice(DOSED, b) == [
        ("numeric", "尺澤", "moxa_min", "銅人", "3", "1"),
        ("numeric", "尺澤", "moxa_max", "銅人", "3", "1"),
    ]


def test_one_number_of_two_authorities_is_two_statements() -> None:
    assert by_voice(DOSED, DOSED.replace("針四分，留三呼", "《甲乙》針四分，留三呼")) == [
        ("only_b", "天府", "depth_min_fen", "甲乙", None, "4"),
        ("only_b", "天府", "depth_max_fen", "甲乙", None, "4"),
        ("only_b", "天府", "retention_breaths", "甲乙", None, "3"),
    ]


def test_an_authority_that_one_book_has_alone() -> None:
    assert by_voice(DOSED, DOSED.replace("《素注》針七分。", "")) == [
        ("only_a", "雲門", "depth_min_fen", "素注", "7", None),
        ("only_a", "雲門", "depth_max_fen", "素注", "7", None),
    ]


# --- statements of illness -----------------------------------------------------------------------

ILLS = """# 諸病

## 六經受病第一

頭痛身熱，鼻窒，喘息不利，煩滿汗不出，曲差主之。頭痛，目眩，上星主之。

頸項痛不可以俛仰，頭痛，振寒，瘈瘲，氣實則脇滿，天柱及風池主之。熱病煩心，灸臍中。
"""


def of_statements(a: str, b: str) -> list[tuple[object, ...]]:
    found = collate([side(a, "a"), side(b, "b")])
    formats_agree(found)
    fields = ("statement", "point", "act", "syndrome")
    return [(d.kind, d.field, d.value_a, d.value_b) for d in found.differences if d.field in fields]


def test_another_point() -> None:
    assert of_statements(ILLS, ILLS.replace("上星主之", "神庭主之")) == [
        ("substantive", "point", "上星 GV23", "神庭 GV24"),
    ]


def test_a_point_that_one_list_has_not() -> None:
    assert of_statements(ILLS, ILLS.replace("天柱及風池", "天柱")) == [
        ("substantive", "point", "風池 GB20", None),
    ]


def test_another_verb() -> None:
    assert of_statements(ILLS, ILLS.replace("灸臍中", "刺臍中")) == [
        ("substantive", "act", "灸", "刺"),
    ]


def test_other_words_for_an_illness() -> None:
    (one,) = of_statements(ILLS, ILLS.replace("鼻窒", "鼻塞"))
    assert one[:2] == ("substantive", "syndrome")


def test_a_statement_that_one_edition_has_alone() -> None:
    assert of_statements(ILLS, ILLS.replace("頭痛，目眩，上星主之。", "")) == [
        ("only_a", "statement", "頭痛，目眩 → 上星 GV23", None),
    ]


def test_a_statement_fused_with_the_next_is_not_the_same() -> None:
    b = ILLS.replace("曲差主之。頭痛，目眩，", "")
    assert of_statements(ILLS, b) == [
        ("substantive", "point", "曲差 BL4", "上星 GV23"),
        ("only_a", "statement", "頭痛，目眩 → 上星 GV23", None),
    ]


# --- whole books ---------------------------------------------------------------------------------


def test_prose_has_its_section_and_no_code() -> None:
    found = collate([side(TEXT, "a"), side(TEXT.replace("鼻窒", "鼻塞"), "b")])
    (d,) = found.differences
    assert (d.kind, d.field, d.section, d.code) == ("substantive", "syndrome", "論第二", None)
    assert d.value_a and "鼻窒" in d.value_a
    assert TEXT[d.start_a : d.end_a] == d.text_a
    assert d.place_a == "line 15"


LONG = st.text("甲乙丙丁戊己庚辛", min_size=40, max_size=80)


@settings(deadline=None)
@given(LONG, st.integers(0, 30))
def test_long_texts_are_set_side_by_side_from_their_words(text: str, at: int) -> None:
    a = "".join(f"{chr(0x4E00 + n)}{chr(0x5E00 + n)}{chr(0x6E00 + n)}" for n in range(1500)) + text
    b = a[: at * 100] + text + a[at * 100 + 7 :]
    found = list(blocks(a, b))
    assert all(a[i : i + n] == b[j : j + n] for i, j, n in found)
    assert sum(n for _, _, n in found) > len(a) - 200


@settings(deadline=None)
@given(st.lists(st.text("三五分寸灸", max_size=8), min_size=2, max_size=4))
def test_columns_are_the_same_in_any_order(texts: list[str]) -> None:
    found = columns(texts, texts)
    for order in list(permutations(range(len(texts))))[:12]:
        other = columns([texts[n] for n in order], [texts[n] for n in order])
        assert [tuple(c[order.index(n)] for n in range(len(texts))) for c in other] == found
