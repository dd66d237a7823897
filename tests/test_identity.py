"""Entries keep their identity from one release to the next, whatever their ids."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import extract
from pipeline.model import Result
from pipeline.publish.export import export
from pipeline.publish.identity import Known, successors
from pipeline.publish.load import load
from tests import corpus
from tests.test_load import Place, call, place, postgres

TEXT = corpus.witness("jiayi-j3").text


def known(result: Result) -> list[Known]:
    return [
        Known(e.entry_id, e.witness, e.anchor, e.name_raw, e.text)
        for e in sorted(result.entries, key=lambda e: e.start)
    ]


@pytest.fixture(scope="module")
def before() -> Result:
    return extract(TEXT, siglum="j")


@pytest.fixture(scope="module")
def after() -> Result:
    """The same with a heading and an entry before all others, and a glyph more in the first."""
    heading = "## [卷三\\诸穴] 头凡一穴第一\n\n玉枕，在络却后七分，刺入三分，留三呼，灸三壮。\n\n"
    at = TEXT.index("## [卷三\\诸穴]")
    more = TEXT[:at] + heading + TEXT[at:].replace("神庭，在发际直鼻", "神庭，在前发际直鼻", 1)
    return extract(more, siglum="j")


def test_all_other_entries_keep_their_identity(before: Result, after: Result) -> None:
    assert len(after.entries) == len(before.entries) + 1
    became = successors(known(before), known(after))
    names = {e.entry_id: e.name_raw for e in after.entries}
    assert became.keys() == {e.entry_id for e in before.entries}
    assert len(set(became.values())) == len(became)
    for entry in before.entries:
        assert names[became[entry.entry_id]] == entry.name_raw
    assert sum(was != now for was, now in became.items()) > 0


def test_loading_renames_them(place: Place, before: Result, after: Result, tmp_path: Path) -> None:
    export(before, tmp_path / "before", ["parquet"])
    export(after, tmp_path / "after", ["parquet"])
    load(place.url, tmp_path / "before")
    done = load(place.url, tmp_path / "after")
    counts = {c.table: c for c in done.counts}
    assert (counts["entries"].added, counts["entries"].removed) == (1, 0)
    assert counts["entries"].renamed == len(done.ids) > 0
    assert (counts["notes"].added, counts["notes"].removed) == (0, 0)
    assert (counts["doses"].removed, counts["readings"].removed) == (0, 0)
    found = place.ask("SELECT entry_id, name_raw, text FROM entries")
    assert sorted(map(tuple, found)) == sorted(
        (e.entry_id, e.name_raw, e.text) for e in after.entries
    )
    assert load(place.url, tmp_path / "after").ids == ()


def test_what_became_of_each_is_written(before: Result, after: Result, tmp_path: Path) -> None:
    for name, result in (("before", before), ("after", after)):
        export(result, tmp_path / name, ["parquet"])
        ids = tmp_path / "ids.tsv"
        code, said, _ = call(str(tmp_path / "t.db"), str(tmp_path / name), "--ids", str(ids))
        assert code == 0
    head, *lines = ids.read_text(encoding="utf-8").splitlines()
    assert head == "old\tnew"
    assert f"{len(lines)} entries have another id now" in said


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("神庭 上星", "上星 神庭", {"1": "2", "2": "1"}),
        ("神庭 神庭", "神庭 神庭", {"1": "1", "2": "2"}),
        ("神庭 上星", "上星", {"2": "1"}),
        ("上星", "百會", {}),
    ],
)
def test_moved_repeated_and_lost(old: str, new: str, expected: dict[str, str]) -> None:
    def entries(names: str) -> list[Known]:
        return [
            Known(str(i), "w", f"/{name}~{i}" if names.count(name) > 1 else f"/{name}", name, name)
            for i, name in enumerate(names.split(), 1)
        ]

    assert successors(entries(old), entries(new)) == expected
