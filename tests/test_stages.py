"""Genres as lists of stages: each asks for what was found before it, and nothing is done twice."""

from __future__ import annotations

from collections import Counter
from inspect import signature
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from pipeline.compare.collate import collate
from pipeline.compare.edition import edition
from pipeline.genres import GENRES
from pipeline.genres.stages import FIRST, LAST, Stage, walk
from pipeline.model import Result, Text, Witness
from pipeline.run import run_witnesses
from pipeline.sources import normalize as normalizing
from tests import corpus


def given(stage: Stage) -> dict[str, Any]:
    """What a stage asks for, and of which type."""
    hints = get_type_hints(stage.function)
    return {name: hints[name] for name in signature(stage.function).parameters}


@pytest.mark.parametrize("grammar", GENRES)
def test_each_stage_asks_for_what_was_found_before_it(grammar: str) -> None:
    known: dict[str, Any] = {"witness": Witness}
    for stage in GENRES[grammar]:
        for name, kind in given(stage).items():
            assert known[name] == kind, (stage.name, name)
        known[stage.name] = get_type_hints(stage.function)["return"]
    assert GENRES[grammar][0].name == FIRST
    assert GENRES[grammar][-1].name == LAST
    assert known[LAST] is Result


@pytest.mark.parametrize("grammar", GENRES)
def test_no_stage_is_idle(grammar: str) -> None:
    asked = {name for stage in GENRES[grammar] for name in given(stage)}
    assert {stage.name for stage in GENRES[grammar]} - asked == {LAST}


def test_a_walk_takes_the_stages_in_order_and_keeps_the_layer() -> None:
    witness, taken = corpus.witness("jiayi-j3"), list[str]()

    def step(stage: Stage, found: Any) -> Any:
        taken.append(stage.name)
        return stage.function(**found)

    result = walk(GENRES["jiayi"], witness, step)
    assert taken == [stage.name for stage in GENRES["jiayi"]]
    (layer,) = result.layers
    assert (layer.witness, layer.text.source) == ("jiayi-j3", witness.text)


def test_a_text_of_nothing_ours_ends_early() -> None:
    taken = []

    def step(stage: Stage, found: Any) -> Any:
        taken.append(stage.name)
        return stage.function(**found)

    walk(GENRES["jiayi"], corpus.invented("天地玄黃，宇宙洪荒。\n"), step)
    assert taken[-1] == LAST
    assert "entries" not in taken


def test_nothing_is_normalized_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither in a run over more witnesses than are kept in a cache, nor when they are compared."""
    texts = [
        f"# 頭凡一穴第一\n\n上星，在顱上直鼻中央，刺入{n}分，灸三壯。\n"
        for n in "一二三四五六七八九"
    ]
    witnesses = [corpus.invented(text, siglum=f"w{n}") for n, text in enumerate(texts)]
    times = Counter[str]()
    whole = normalizing.matched

    def counted(text: Text, script: str) -> Text:
        times[text.source] += 1
        return whole(text, script)

    monkeypatch.setattr(normalizing, "matched", counted)
    normalizing.layer.cache_clear()
    found = run_witnesses(witnesses)
    collate([edition(found, "a"), edition(found, "b")])
    assert {source: times[source] for source in texts} == dict.fromkeys(texts, 1)
    assert times.total() == len(texts)
