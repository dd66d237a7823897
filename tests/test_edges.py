"""Small questions with an edge: what lies on either side of it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline.compare.carry import led
from pipeline.genres.commentary.entries import _owner
from pipeline.genres.glosses import _id
from pipeline.judging.beside import _told
from pipeline.judging.cite import _of_its_part
from pipeline.judging.decided import _names
from pipeline.judging.reach import _named_before
from pipeline.judging.running import near, sure
from pipeline.model import Change, SectionRow
from pipeline.reading.heads import _beside, _outside
from pipeline.reading.order import _between, _by_neighbours
from pipeline.sources.quotes import letters, places, quote, spans, whole
from pipeline.sources.titles import headings
from pipeline.sources.wraps import _close, lines_of
from pipeline.text.layer import plain, rewrite, span, verbatim
from pipeline.text.slice import Slice
from tests.corpus import result


def thing(**values: Any) -> Any:
    """Something of which only these attributes are asked."""
    return SimpleNamespace(**values)


# --- texts and their lines -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "divides"),
    [
        ("。，。。。，。", False),  # two of six
        ("。，。。。。。", True),  # one of six
        ("，，，，，", False),
        ("，，，，", True),  # of so few it is not told
    ],
)
def test_blank_lines_divide_where_most_lines_end_in_a_sign(ends: str, divides: bool) -> None:
    text = "\n\n".join("足太陽之脈起於目內眥上額" + end for end in ends)
    assert any(line.after_blank for line in _close(lines_of(text))) == divides


def test_a_blank_line_after_some_lines_only_divides() -> None:
    lines = ["足太陽之脈起於目內眥上額，"] * 6
    assert any(one.after_blank for one in _close(lines_of("\n\n".join(lines) + "\n" + lines[0])))


@pytest.mark.parametrize(
    ("start", "end", "where"),
    [(0, 2, (0, 2)), (1, 3, (1, 5)), (2, 2, (4, 4)), (3, 3, (5, 5)), (4, 4, (6, 6))],
)
def test_where_words_stand_in_the_source(start: int, end: int, where: tuple[int, int]) -> None:
    # 在（音）髮際 without its note: 在髮際; an empty stretch stands where the next glyph does.
    source = "在髮(音隘)際鼻"
    text = rewrite(plain("在髮xx際鼻"), [(2, 4, "", "note")])
    assert text.chars == "在髮際鼻"
    assert span(text, start, end) == where
    assert verbatim(source, plain(source), 0, 2) == "在髮"


def test_a_sign_put_in_stands_where_the_next_glyph_does() -> None:
    text = rewrite(plain("在xx髮"), [(1, 3, "", "note")])
    found = rewrite(text, [(1, 1, "，", "pause")])
    assert found.chars == "在，髮"
    assert found.log[-1] == Change(3, 3, "", "，", "pause")
    assert (list(found.starts), list(found.ends)) == ([0, 3, 3], [1, 3, 4])


@pytest.mark.parametrize(
    ("text", "titled"),
    [
        ("神庭，在髮際直鼻。\n卷三\n\n上星，在顱上。", True),
        ("神庭，在髮際直鼻，\n卷三\n\n上星，在顱上。", False),  # the line before is not at its end
        ("灸三壯。\n神庭，在髮際直鼻，\n卷三\n\n上星，在顱上。", False),
        ("頭凡七穴第一\n卷三\n\n上星，在顱上。", True),  # a title comes after a title
    ],
)
def test_a_title_never_breaks_a_sentence(text: str, titled: bool) -> None:
    assert ("#卷三#" in headings(plain(text)).chars) == titled


# --- heads and names -----------------------------------------------------------------------------


def test_a_line_that_begins_with_a_note_begins_outside_of_it() -> None:
    notes = [thing(outer=(5, 10)), thing(outer=(20, 24))]
    places = [0, 4, 5, 6, 9, 10, 20, 23, 24]
    assert list(_outside(notes, places)) == [0, 4, 5, 10, 20, 24]


@pytest.mark.parametrize(("at", "beside"), [(0, False), (301, True), (300, False), (1699, True)])
def test_a_known_head_is_not_far_away(at: int, beside: bool) -> None:
    assert _beside([1000], at) == beside


def name(code: str) -> Any:
    return thing(code=code, section=1)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("GB16", "GV20", ["GB15"]),  # 目窗 before 臨泣, another channel behind it
        ("GB18", "", ["GB15"]),  # three points away
        ("GB19", "", []),  # four
        ("", "GB12", ["GB15"]),
        ("", "GB11", []),
        ("GB40", "GB42", ["GB41"]),
        ("GB16", "GB42", ["GB15", "GB41"]),  # beside both
        ("", "", []),
    ],
)
def test_a_name_of_two_points_is_the_one_beside_its_neighbours(
    before: str, after: str, found: list[str]
) -> None:
    one = thing(codes=("GB15", "GB41"))
    near = ([name(before)] if before else [], [name(after)] if after else [])
    assert list(_by_neighbours(one, *near)) == found


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [("GB14", "GB16", ["GB15"]), ("GB16", "GV20", []), ("GB14", "", []), ("", "GB16", [])],
)
def test_between_two_neighbours_both_are_near(before: str, after: str, found: list[str]) -> None:
    one = thing(codes=("GB15", "GB41"))
    near = ([name(before)] if before else [], [name(after)] if after else [])
    assert list(_between(one, *near)) == found


@pytest.mark.parametrize(
    ("words", "length"),
    [
        ("神庭禁不可刺", 2),
        ("，神庭禁不可刺", 2),
        ("取神庭禁不可刺", 0),  # the sentence does not open with the name
        ("，頭臨泣禁不可刺", 3),
        ("，人之禁不可刺", 0),
    ],
)
def test_a_sentence_opens_with_the_name_of_a_point(words: str, length: int) -> None:
    at = words.index("禁")
    assert _named_before(Slice(plain(words), at, len(words))) == length


# --- what is said of a place ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "told"), [((0, 10), False), ((0, 11), True), ((19, 25), True), ((20, 25), False)]
)
def test_words_that_touch_a_statement_do_not_stand_in_it(
    place: tuple[int, int], told: bool
) -> None:
    assert _told(thing(spans={"s": (10, 20)}), place) == told


@pytest.mark.parametrize(("between", "close"), [(14, True), (15, False)])
def test_a_sentence_behind_a_source_is_its_own(between: int, close: bool) -> None:
    source = "甲乙" + "頭" * between + "灸"
    assert near(thing(source="甲乙", start=len(source) - 1), 0, source) == close
    assert not near(thing(source="千金", start=len(source) - 1), 0, source)


@pytest.mark.parametrize(("condition", "certain"), [("小兒", True), ("", False), ("婦人", False)])
def test_between_a_source_and_its_words_stand_values_with_their_conditions(
    condition: str, certain: bool
) -> None:
    moxa = thing(start=4, end=7, source="甲乙", known=True, condition=condition)
    needling = thing(start=7, end=10, source="甲乙")
    assert sure(needling, thing(start=0), "甲乙小兒灸三壯針五分", [moxa]) == certain


@pytest.mark.parametrize(
    ("field", "verb", "own"),
    [
        ("channels", "says", True),
        ("location", "says", False),
        ("depth", "says", False),
        ("depth", "reads", True),
    ],
)
def test_what_a_work_says_stands_in_its_main_text(field: str, verb: str, own: bool) -> None:
    said = thing(work=thing(part="text"), code="GV24", field=field, verb=verb, value="在髮際")
    assert _of_its_part(said, [thing(main=["凡刺之道"])]) == own
    assert _of_its_part(thing(work=None), [])


def test_a_point_that_no_words_name_is_not_decided_by_its_place() -> None:
    rows = result("jiayi").indications
    row = next(row for row in rows if row.point_start is not None and row.point_end is not None)
    everywhere = (0, 10**9)
    assert _names(row, everywhere)
    assert not _names(replace(row, point_start=None), everywhere)
    assert not _names(replace(row, point_end=None), everywhere)


def section(title: str, start: int, end: int) -> SectionRow:
    return SectionRow("s", "w", "", None, title, start, end, None, None, 0, "undeclared")


@pytest.mark.parametrize(("title", "where"), [("足", [0]), ("腹", [9]), ("背", [0, 9])])
def test_a_quotation_from_a_section_is_looked_for_there_first(title: str, where: list[int]) -> None:
    here = letters(plain("神庭，灸三壯。\n\n神庭，灸三壯。"))
    sections = [section("足", 0, 9), section("腹", 9, 16)]
    meant = replace(quote("{神庭}，灸三壯") or pytest.fail(), title=title)
    assert [whole(spans(here, at))[0] for at in places(here, meant, sections)] == where


@pytest.mark.parametrize(
    ("kind", "owner"), [("all", None), ("rest", None), ("these", 0), ("next", 0)]
)
def test_what_breaks_off_in_words_on_all_points_is_no_point_s(kind: str, owner: int | None) -> None:
    page = thing(
        moves=thing(end=lambda at: at), remarks=[], blocks=[thing(where=thing(start=0, end=100))]
    )
    book = thing(
        turns=[thing(scope=thing(block=0, kind=kind), start=5)],
        drafts=[thing(block=0, head=thing(start=3), end=50)],
    )
    assert _owner(page, book, 20) == (owner, True)


@pytest.mark.parametrize(
    ("number", "place", "section"),
    [(None, 0, "00"), (None, 1, "s001"), (58, 0, "58"), (58, 3, "58")],
)
def test_a_chapter_without_a_number_is_called_by_its_place(
    number: int | None, place: int, section: str
) -> None:
    assert _id(thing(number=number), place) == section


# --- what became of a place in another text ------------------------------------------------------


def way(to: dict[int, int]) -> Any:
    """Two texts of forty glyphs, of which some stand beside each other."""
    text = thing(chars="頭" * 40)
    return thing(old=text, new=text, order=[*range(40)], starts=[*range(40)], to=to)


@pytest.mark.parametrize(
    ("to", "outcome"),
    [
        ({9: 9, 10: 10, 11: 11}, ("carried", (10, 11))),
        ({9: 9, 11: 11}, ("changed", (10, 11))),
        ({9: 9, 11: 17}, ("changed", (10, 17))),  # six glyphs more than there were
        ({9: 9, 11: 18}, ("lost", (0, 0))),
        ({9: 9, 11: 10}, ("lost", (0, 0))),  # nothing stands there
        ({4: 4, 16: 16}, ("changed", (10, 11))),  # the sixth glyph on either side tells the place
        ({3: 3, 16: 16}, ("lost", (0, 0))),
        ({4: 4, 17: 17}, ("lost", (0, 0))),
        ({11: 11}, ("lost", (0, 0))),
    ],
)
def test_what_became_of_a_glyph(to: dict[int, int], outcome: tuple[str, tuple[int, int]]) -> None:
    assert led(way(to), (10, 11)) == outcome
