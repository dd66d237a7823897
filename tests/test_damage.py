"""A copyist's slip changes nothing far from it without a word; what still does is counted."""

from __future__ import annotations

import random

import pytest

from tests.corpus import extract, untiled, witness
from tests.damage import FAR, OPERATORS, Damage, damaged, trial, unsaid

TRIALS = {"jiayi-j3": 60, "suwen-wang": 60, "suwen-zhijie": 150, "wiki-ki": 30}
SILENT = {"jiayi-j3": 0, "suwen-wang": 1, "suwen-zhijie": 0, "wiki-ki": 0}
"""How many of them still change a far row without a word. These numbers may only fall: most are
values taken from a model or from the channel of a paragraph whose line is lost as a whole.
"""


@pytest.mark.parametrize("siglum", TRIALS)
def test_damage_changes_nothing_far_away_without_a_word(siglum: str) -> None:
    source = witness(siglum)
    silent: list[str] = []
    for number in range(TRIALS[siglum]):
        name, damage = trial(source, number)
        spoilt = damaged(source, damage)
        found = extract(spoilt)
        assert untiled(spoilt, found) == ""
        changes = unsaid(source, damage, found)
        silent += [f"{number} {name} at {damage.start}: {change}" for change in changes[:1]]
    assert len(silent) == SILENT[siglum], "\n".join(silent)


def test_there_are_slips_enough() -> None:
    assert sum(TRIALS.values()) >= 300


@pytest.mark.parametrize("name", OPERATORS)
def test_every_slip_changes_a_text(name: str) -> None:
    text = witness("jiayi-j3").text
    damages = [OPERATORS[name](random.Random(number), text) for number in range(5)]
    assert all(damage.done(text) != text for damage in damages)


def test_a_far_change_without_a_word_is_noticed() -> None:
    """A number of another entry replaced is no business of a damage at the end of the text."""
    source = witness("jiayi-j3")
    at = source.text.index("刺入三分")
    both = damaged(source, Damage(at + 2, at + 3, "四"))
    end = len(source.text)
    assert at + FAR < end
    found = unsaid(source, Damage(end, end), extract(both))
    assert {change.column for change in found} == {"depth_min_fen", "depth_max_fen", "text"}
