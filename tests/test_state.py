"""The state of an entry: what has to be known before its numbers are counted."""

from __future__ import annotations

import pytest

from pipeline.judging.state import UNDECIDED, state
from tests import corpus
from tests.test_export import entry


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"flags": ()}, "sound"),
        ({"flags": ("duplicate",)}, "sound"),
        ({"flags": ("location_damaged",)}, "damaged_near"),
        ({"flags": ("duplicate", "text_truncated")}, "damaged_near"),
        ({"name_basis": "restored", "flags": ("name_damaged",)}, "restored"),
        ({"name_basis": "restored", "flags": ("name_lost",)}, "by_elimination"),
        ({"moxa_source": UNDECIDED, "flags": ("name_lost",)}, "scope_undecided"),
    ],
)
def test_the_gravest_is_said(said: dict[str, object], expected: str) -> None:
    assert state(entry(text="上星一穴", **said)) == expected


def test_entries_of_the_corpus() -> None:
    """卷三 as transcribed: 上髎 is printed 上, and of 臑俞 no glyph is left."""
    found = {e.name: e.state for e in corpus.result("jiayi-j3").entries}
    assert found["上星"] == "sound"
    assert found["膽俞"] == "damaged_near"
    assert found["上髎"] == "restored"
    assert found["臑俞"] == "by_elimination"
