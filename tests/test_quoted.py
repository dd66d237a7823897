"""What catalogues say on the authority of others, judged across books."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.compare.edition import edition
from pipeline.compare.show import BOOK, by_voice, statements, through_time
from pipeline.judging.cite import verdicts
from pipeline.judging.quoted import quoted
from pipeline.model import Result, join
from pipeline.publish.citing import citing
from tests.corpus import extract, invented

OTHERS = "上星一穴。在神庭後五分。灸三壯。\n\n囟會一穴。在上星後一寸。灸五壯。"


def book(words: str, siglum: str, work: str) -> Result:
    """A catalogue that says something of 神庭."""
    text = f"## 頭部\n\n神庭一穴。在鼻直入髮際五分。{words}\n\n{OTHERS}"
    found = extract(invented(text, grammar="catalogue", siglum=siglum))
    own = tuple(replace(w, spec=replace(w.spec, work=work)) for w in found.witnesses)
    return replace(found, witnesses=own)


def test_two_books_that_quote_an_authority_differently_are_told() -> None:
    one = book("灸七壯。明堂云、灸三壯。", "a", "one")
    other = book("灸七壯。明云、五壯。", "b", "other")
    (said,) = quoted(join([one, other]))
    assert (said.code, said.witness) == ("quoted-differently", "b")
    assert said.message == "GV24 moxa, 明堂: 5 壯 here, 3 壯 in a"


@pytest.mark.parametrize(
    "words", ["灸七壯。明云、三壯。", "灸七壯。明云、若灸偏風。灸九壯。", "灸五壯。"]
)
def test_what_is_quoted_alike_or_not_at_all_is_not_told(words: str) -> None:
    one = book("灸七壯。明堂云、灸三壯。又云灸五壯。", "a", "one")
    assert list(quoted(join([one, book(words, "b", "other")]))) == []


@pytest.mark.parametrize(
    ("words", "verdicts_"),
    [
        ("灸七壯。甲乙云、灸三壯。", ["confirmed"]),
        ("灸七壯。甲乙云、灸五壯。", ["contradicted"]),
        ("灸七壯。甲乙云、禁灸。", ["contradicted"]),
        ("灸七壯。銅人云、灸三壯。", ["not_in_corpus"]),
        ("灸七壯。甲乙云、鍼三分。又云灸三壯。", ["contradicted", "confirmed"]),
        ("灸七壯。甲乙云、小兒灸一壯。", ["not_checkable"]),
    ],
)
def test_a_dose_is_judged_by_the_work_that_is_named(words: str, verdicts_: list[str]) -> None:
    cited = "## 頭直鼻中凡一穴第一\n\n神庭，在髮際直鼻，禁不可刺，灸三壯。"
    held = extract(invented(cited, siglum="j"))
    works = tuple(replace(w, spec=replace(w.spec, work="jiayi")) for w in held.witnesses)
    judged = verdicts(join([replace(held, witnesses=works), book(words, "a", "one")]))
    assert [row.verdict for row in judged.doses if row.source] == verdicts_


def test_doses_stand_in_the_order_of_those_who_state_them() -> None:
    words = "灸七壯。明堂云、日灸三壯。甲乙經云、灸五壯。銅人云、鍼三分。山眺經云、灸九壯。"
    older = edition(book("灸三壯。", "a", "one"))
    sides = [
        replace(side, witnesses={w: replace(row, year=year) for w, row in side.witnesses.items()})
        for side, year in ((edition(book(words, "b", "two")), 1220), (older, 282))
    ]
    assert [(h.year, h.voice, h.witness) for h in through_time(statements(sides, "GV24"))] == [
        (282, BOOK, "a"),
        (282, "甲乙經", "b"),
        (992, "明堂", "b"),
        (1026, "銅人", "b"),
        (None, "山眺經", "b"),
        (1220, BOOK, "b"),
    ]


def test_who_cites_whom() -> None:
    words = "灸七壯。明堂云、日灸三壯。若灸偏風、灸七七壯。甲乙、銅人云、鍼三分。一曰灸五壯。"
    rows = citing(book(words, "a", "one"))
    assert [(r.work, r.year, r.doses) for r in rows] == [
        ("明堂", 992, 2),
        ("甲乙經", 282, 1),
        ("銅人腧穴鍼灸圖經", 1026, 1),
    ]


def test_the_doses_of_a_point_are_told_apart_by_voice() -> None:
    found = book("灸七壯。明堂云、日灸三壯。若灸偏風、灸七七壯。鍼三分。", "a", "one")
    (said, *_) = statements([edition(found)], "GV24")
    assert list(by_voice(said.doses)) == [
        (BOOK, {"needling": "3 分", "moxa": "7 壯"}),
        ("明堂", {"moxa": "3 壯 a day; 49 壯 (若灸偏風)"}),
    ]


def test_what_is_forbidden_to_women_has_them_as_its_condition() -> None:
    text = "## 腹凡一穴第一\n\n石門，在臍下二寸，刺入五分，灸三壯，女子禁不可刺，灸中央。"
    found = extract(invented(text, siglum="j"))
    assert found.entries[0].needling_forbidden
    assert [d.condition for d in found.doses if d.forbidden] == ["女子"]


def test_a_state_that_names_the_point_holds_for_the_needle_that_follows() -> None:
    words = "鍼三分。明云、舌急不言。如何治。舌急鍼神庭。舌緩鍼風府。得氣即瀉。鍼入八分。留三呼。"
    said = [(d.act, d.condition) for d in book(words, "a", "one").doses if d.source]
    assert said == [("needling", "舌急"), ("retention", "舌急")]
