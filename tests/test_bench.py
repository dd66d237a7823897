"""The benches run; what they measure is theirs to say."""

from __future__ import annotations

import pytest

from bench import core


def test_speed_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "ROUNDS", 1)
    found = core.measure("jiayi-j3")
    assert found.chars > 10_000
    assert min(found.pipeline, found.bare, found.script) > 0
    assert core.report([found]).count("jiayi-j3") == 1
