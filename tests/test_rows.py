"""Rows of entries: every column is filled in one place, from what is said."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args

import pytest

from pipeline.model import Entry, Result
from pipeline.reading import statements
from pipeline.reading.rows import COLUMNS, FIELDS, WORDS, Home, cells, complaints, entry_of
from pipeline.reading.statements import (
    Aside,
    Channel,
    Count,
    Cut,
    Dose,
    Forbidden,
    Lost,
    Place,
    PointId,
    Posture,
    Says,
    Statement,
    Warns,
    Words,
)
from pipeline.text.layer import plain
from pipeline.text.slice import Slice
from tests.corpus import extract, invented

IDENTITY = {
    "entry_id",
    "witness",
    "section",
    "seq",
    "note",
    "name_raw",
    "name",
    "code",
    "name_basis",
    "candidates",
    "duplicate_of",
    "state",
    "anchor",
    "flags",
    "start",
    "end",
    "line",
    "page",
    "page_line",
    "text",
    "kind",
    "needling_source",
    "retention_source",
    "moxa_source",
}
"""What says which entry it is, where it stands, and what was found out about its name."""
SOURCE = plain("神庭\n在髮際直鼻，刺入三分，刺入五分。")
HOME = Home("w/01/001", "w", 1, 1, Slice(SOURCE, 0, 2), (0, len(SOURCE.chars)))


def entry(*said: Says) -> Entry:
    return entry_of(HOME, stated(*said))[0]


def stated(*said: Says) -> list[Statement]:
    return [Statement(PointId(0), says, Slice(SOURCE, 3, 8)) for says in said]


def test_columns_and_identity_are_an_entry() -> None:
    assert sorted([*COLUMNS, *IDENTITY]) == sorted(field.name for field in fields(Entry))


def test_all_words_have_a_place_in_entries_or_in_readings() -> None:
    kinds = {k for k in vars(statements).values() if isinstance(k, type) and issubclass(k, Words)}
    # What is said of another point, what is cut off or lost, is no word of the entry.
    assert kinds - {Words, Aside, Cut, Lost} == set(WORDS) | set(FIELDS)
    assert set(WORDS.values()) <= {*COLUMNS, "name_raw"}


def test_every_other_class_fills_columns_or_is_read_elsewhere() -> None:
    said: list[Says] = [
        Channel("足太陽", "會"),
        Count(2),
        Dose("moxa", 3, 5, "壯"),
        Forbidden("needling"),
    ]
    assert {type(says) for says in said} <= set(get_args(Says))
    assert {column for says in said for column, _ in cells(says)} == {
        "channels",
        "count",
        "moxa_min",
        "moxa_max",
        "needling_forbidden",
    }


def test_an_entry_stands_where_its_home_is() -> None:
    found = entry()
    assert (found.name_raw, found.start, found.line, found.text) == ("神庭", 0, 1, SOURCE.source)
    assert (found.location, found.channels, found.depth_min_fen) == ("", (), None)


def test_places_are_joined_and_channels_listed_once() -> None:
    meets = Channel("足太陽", "會")
    found = entry(Place("在髮際"), meets, Place("也"), meets, Place("直鼻"))
    assert found.location == "在髮際，直鼻"
    assert found.channels == ("足太陽:會",)


def test_what_is_said_in_words_is_kept_in_order() -> None:
    found = entry(Warns("令人癲疾"), Posture("側臥取之"), Warns("目失精"))
    assert found.warnings == ("令人癲疾", "目失精")
    assert found.posture == ("側臥取之",)


def test_the_first_dose_stands_and_another_contradicts_it() -> None:
    said = stated(Dose("needling", 3, 3, "分"), Dose("needling", 3, 5, "分"))
    found, claims, _ = entry_of(HOME, said)
    assert (found.depth_min_fen, found.depth_max_fen) == (3, 3)
    assert [(c.field, c.value) for c in claims] == [
        ("depth_min_fen", "3"),
        ("depth_max_fen", "3"),
        ("depth_min_fen", "3"),
    ]
    assert [(d.code, d.message) for d in complaints(found, said)] == [
        ("value-contradicts", "depth_max_fen: 5 against 3 before")
    ]


@pytest.mark.parametrize("says", [Dose("retention", None, None, "呼"), Count(None)])
def test_a_number_that_cannot_be_read_is_reported_and_gives_no_value(says: Says) -> None:
    found, claims, _ = entry_of(HOME, stated(says))
    assert (found.retention_breaths, found.count, claims) == (None, None, [])
    assert [(d.code, d.severity) for d in complaints(found, stated(says))] == [
        ("numeral-unreadable", "error")
    ]


def test_half_a_measure_is_a_value() -> None:
    found, claims, _ = entry_of(HOME, stated(Dose("needling", 3.5, 3.5, "分")))
    assert (found.depth_min_fen, claims[0].value) == (3.5, "3.5")


def test_a_prohibition_is_a_column_of_its_own() -> None:
    found, claims, _ = entry_of(HOME, stated(Forbidden("moxa"), Dose("moxa", 3, 3, "壯")))
    assert found.moxa_forbidden
    assert not found.needling_forbidden
    assert (claims[0].field, claims[0].value) == ("moxa_forbidden", "true")


def test_a_note_that_something_is_missing_says_so_of_its_entry() -> None:
    """甲乙經 3.31, 陰包: 此處有缺. A note that names 缺盆 (氣舍) says nothing of the kind."""
    words = (
        "## 頸凡二穴第一\n\n氣舍，在頸（一云近缺盆），灸三壯。\n\n水突，在頸（此處有缺），灸三壯。"
    )
    found = extract(invented(words)).entries
    assert [entry.flags for entry in found] == [(), ("text_truncated",)]


def catalogue(words: str) -> Result:
    """What a catalogue gives that says something of 神庭 among other points."""
    others = "上星一穴。在神庭後五分。灸三壯。\n\n囟會一穴。在上星後一寸。灸五壯。"
    given = f"## 頭部\n\n神庭一穴。在鼻直入髮際五分{words}\n\n{others}"
    return extract(invented(given, grammar="catalogue"))


def test_doses_are_numbered_as_they_stand_notes_among_them() -> None:
    found = catalogue("（銅人云鍼二分）。灸二壯（明堂云三壯）。甲乙云：鍼三分。").doses
    doses = [(dose.ord, dose.source, dose.min) for dose in found if dose.entry_id.endswith("001")]
    assert doses == [(1, "銅人", 2), (2, "", 2), (3, "明堂", 3), (4, "甲乙", 3)]


def test_a_dose_of_which_it_is_not_known_whose_it_is_is_no_value() -> None:
    words = "。甲乙云：灸三壯。患大風者，先補後瀉，留五呼。鍼七分。"
    found = catalogue(words)
    assert [d.source for d in found.doses if d.act == "needling"] == ["scope-undecided"]
    assert (found.entries[0].depth_min_fen, found.entries[0].moxa_min) == (None, 3)


def test_a_note_of_a_catalogue_that_names_no_source_is_no_reading() -> None:
    assert catalogue("（橫直目上）。灸二壯（鍼三分）。").readings == ()
