"""Views and queries: the rows they promise, by plain SQL, in each of the databases."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.knowledge.tables import home
from pipeline.model import Result
from pipeline.publish.databases.views import QUERIES, VIEWS
from pipeline.publish.load import load
from pipeline.publish.rows import points
from pipeline.publish.schema import TABLES, columns
from tests.test_load import Place, extracted, found, place, postgres


@pytest.fixture
def loaded(place: Place, extracted: Path) -> Place:
    load(place.url, extracted)
    return place


def ask(place: Place, sql: str, names: str = "*") -> list[tuple[Any, ...]]:
    return [tuple(row) for row in place.ask(f"SELECT {names} FROM ({sql}) AS answer")]


def test_views_have_the_rows_they_promise(loaded: Place, found: Result) -> None:
    standard = {p.code: p for p in points()}
    assert len(ask(loaded, "SELECT * FROM points")) == 361
    channels = ask(loaded, "SELECT entry_id, ord, channel, relation FROM entry_channels")
    assert sorted(channels) == sorted(
        (e.entry_id, i, *c.split(":")) for e in found.entries for i, c in enumerate(e.channels, 1)
    )
    seen = ask(loaded, "SELECT * FROM synopsis", "entry_id, pinyin, tara, depth_min_fen, moxa_max")
    assert sorted(seen, key=str) == sorted(
        (
            (
                e.entry_id,
                standard[e.code].pinyin,
                standard[e.code].tara,
                e.depth_min_fen,
                e.moxa_max,
            )
            for e in found.entries
            if e.code and not e.duplicate_of
        ),
        key=str,
    )
    doses = ask(loaded, "SELECT entry_id, source, condition_words FROM doses_wide")
    assert sorted(doses) == sorted({(d.entry_id, d.source, d.condition) for d in found.doses})
    words = ask(loaded, "SELECT entry_id, field, begins, ends FROM claim_words")
    assert sorted(words) == sorted((c.entry_id, c.field, c.start, c.end) for c in found.claims)
    told = ask(loaded, "SELECT table_name, column_name FROM dictionary")
    assert told == [(t, c.name) for t, row in TABLES.items() for c in columns(row)]


@pytest.mark.parametrize("name", QUERIES)
def test_queries_run(loaded: Place, found: Result, name: str) -> None:
    query = QUERIES[name]
    values = query.example | {"witness": "suwen-wang"}
    sql = re.sub(r":(\w+)", lambda m: f"'{values[m[1]]}'", query.sql)
    rows = ask(loaded, sql)
    assert len(rows) == ANSWERS[name](found)


def _of_code(found: Result) -> int:
    return sum(e.code == "GV24" and not e.duplicate_of for e in found.entries)


def _that_differ(found: Result) -> int:
    depths: dict[str, set[float]] = {}
    for e in found.entries:
        if e.code and not e.duplicate_of and e.depth_min_fen is not None:
            assert e.depth_max_fen is not None
            depths.setdefault(e.code, set()).update((e.depth_min_fen, e.depth_max_fen))
    return sum(min(both) < max(both) for both in depths.values())


ANSWERS: dict[str, Callable[[Result], int]] = {
    "who_says_what": _of_code,
    "depths_that_differ": _that_differ,
    "forbidden": lambda found: sum(
        bool(e.code and not e.duplicate_of and (e.needling_forbidden or e.moxa_forbidden))
        for e in found.entries
    ),
    "points_of_a_channel": lambda found: sum(
        c.startswith("督脈:") for e in found.entries for c in e.channels
    ),
    "citations_that_fail": lambda found: sum(r.verdict == "contradicted" for r in found.readings),
    "sound_moxa": lambda found: sum(
        bool(e.code) and not e.duplicate_of and e.state == "sound" and e.moxa_min is not None
        for e in found.entries
        if e.witness == "suwen-wang"
    ),
}


def test_no_name_in_them_needs_quotation_marks() -> None:
    reserved = {"start", "end", "condition", "min", "max", "order", "table", "column", "group"}
    for view in VIEWS.values():
        shown = re.findall(r" AS (\w+)", view.sql)
        assert not reserved & set(shown)
    for query in QUERIES.values():
        assert '"' not in query.sql


def test_the_query_of_the_documents_runs(loaded: Place) -> None:
    page = (home() / "docs" / "databases.md").read_text(encoding="utf-8")
    (sql,) = re.findall(r"^```sql\n(.*?)^```$", page, re.M | re.S)
    rows = [tuple(row) for row in loaded.ask(sql)]
    assert all(least < most for *_, least, most in rows)


def test_loading_again_keeps_the_views(loaded: Place, extracted: Path) -> None:
    before: Sequence[Any] = ask(loaded, "SELECT entry_id FROM synopsis")
    assert {(c.added, c.changed, c.removed) for c in load(loaded.url, extracted).counts} == {
        (0, 0, 0)
    }
    assert ask(loaded, "SELECT entry_id FROM synopsis") == before
