"""Statements of illness: what holds of all of them, and how they stand in the books."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import lru_cache

import pytest
import regex

from pipeline.genres import GENRES
from pipeline.model import Indication, Result, Witness
from pipeline.reading import treatments
from pipeline.reading.bare import bare
from pipeline.text.layer import plain
from tests.corpus import result, witness

SIGNS = regex.compile(r"(?<!属性)[，。、；：？！,.;:?!∶“”‘’「」『』]")


@lru_cache(maxsize=1)
def book() -> Witness:
    return witness("jiayi")


@lru_cache(maxsize=1)
def told() -> Result:
    return result("jiayi")


def test_a_row_stands_where_it_says() -> None:
    source = book().text
    for row in told().indications:
        assert row.text == source[row.start : row.end]
        if row.point_start is not None:
            assert row.start <= row.point_start < row.end
            printed = "".join(source[row.point_start : row.point_end].split())
            assert row.name_raw.replace("□", "") in printed or "、" in printed


def test_each_character_of_a_statement_is_one_in_the_coverage() -> None:
    kinds = [(row.start, row.end, row.kind) for row in told().coverage]
    firsts = {row.start for row in told().indications if row.stratum == "mingtang"}
    for start in firsts:
        assert next(kind for a, b, kind in kinds if a <= start < b) == "statement"


def test_signs_change_no_point() -> None:
    """Of a text without any sign but brackets each point is read as in the text with them."""
    source = book().text
    gone = {match.start() for match in SIGNS.finditer(source)}
    kept = [i for i in range(len(source)) if i not in gone]
    without = GENRES["jiayi"](replace(book(), text="".join(source[i] for i in kept)))

    def points(rows: tuple[Indication, ...], at: list[int] | range) -> Counter[tuple[object, ...]]:
        return Counter(
            (row.code, row.act, None if row.point_start is None else at[row.point_start])
            for row in rows
        )

    there, here = points(told().indications, range(len(source))), points(without.indications, kept)
    assert there == here


def test_what_the_verb_says_of_needle_and_moxa() -> None:
    """序例: 諸言主之者可灸可刺，其言刺之者不可灸，言灸之者不可刺."""
    for row in told().indications:
        if row.act == "刺":
            assert (row.needle, row.moxa) == ("allowed", "forbidden")
        elif row.act == "灸":
            assert (row.needle, row.moxa) == ("forbidden", "allowed")
        elif row.act == "主之":
            assert (row.needle, row.moxa) == ("allowed", "allowed")
        else:
            assert (row.needle, row.moxa) == (None, None)


def test_clauses_are_those_of_the_illness() -> None:
    illness = {row.statement_id: row for row in told().indications}
    words: dict[str, str] = {}
    for clause in told().symptoms:
        row = illness[clause.statement_id]
        assert row.start <= clause.start < clause.end <= row.end
        words[row.statement_id] = words.get(row.statement_id, "") + clause.key
    for statement_id, said in words.items():
        han = regex.sub(r"[\W□]", "", illness[statement_id].syndrome)
        assert abs(len(han) - len(said.replace("□", ""))) <= 8, statement_id


@pytest.mark.parametrize("piece", ["咳逆上氣魄戶主之", "神庭及", "□", "刺", "神庭", "先取譩譆後"])
def test_the_work_grows_with_the_text(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0
    name = treatments._name

    def counted(*given: object) -> object:
        nonlocal looked
        looked += 1
        return name(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(treatments, "_name", counted)
    work = []
    for times in (200, 400):
        looked = 0
        text = plain(piece * times)
        treatments.ailments(bare(text, 0, len(text.chars)))
        work.append(looked)
    assert work[1] <= 2.2 * work[0] + 50
