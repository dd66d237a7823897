"""Two extracts compared: what is said of a value, a row, a table; where the tables come from."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from pipeline.knowledge.tables import home
from pipeline.publish.export import export
from tests.corpus import extract, invented
from tests.difference import (
    LIMIT,
    WIDTH,
    Records,
    checked_out,
    extracted,
    renamed,
    report,
    rows,
    shown,
)

SHENTING = "神庭，在髮際直鼻，禁不可刺，灸三壯。"
TEXT = f"# 頭凡四穴第一\n\n{SHENTING}\n\n上星，在顱上直鼻中央，刺入三分，留六呼。\n"


def tables(text: str, folder: Path) -> Path:
    export(extract(invented(text)), folder)
    return folder


def told(before: str, after: str, folder: Path) -> list[str]:
    old, new = rows(tables(before, folder / "old")), rows(tables(after, folder / "new"))
    return [line for line in report(old, new) if "sha256" not in line]


def test_a_value_is_told_with_its_entry_and_name(tmp_path: Path) -> None:
    lines = told(TEXT, TEXT.replace("留六呼", "留七呼"), tmp_path)
    assert "  differs w/01/002 上星 retention_breaths: 6 → 7" in lines
    assert "  differs w/01/002 retention_breaths 上星 value: 6 → 7" in lines
    assert lines[0] == "entries: 2 differs"


def test_a_row_is_new_or_gone(tmp_path: Path) -> None:
    lines = told(TEXT, TEXT.replace(SHENTING, ""), tmp_path)
    assert any(line.startswith("  gone w/01/002 上星: ") for line in lines)
    assert any(line.startswith("  new w section-count-differs ") for line in lines)


def test_an_entry_that_has_another_id_is_told(tmp_path: Path) -> None:
    before, after = (
        tables(TEXT, tmp_path / "old"),
        tables(TEXT.replace(SHENTING, ""), tmp_path / "new"),
    )
    lines = renamed(rows(before), rows(after))
    assert lines == ["1 entries have another id", "  w/01/002 is now w/01/001"]
    assert renamed(rows(before), rows(before)) == []


def test_equal_tables_have_nothing_to_tell(tmp_path: Path) -> None:
    assert told(TEXT, TEXT, tmp_path) == []


def test_long_values_are_shown_where_they_differ() -> None:
    a, b = ("在" * 99 + glyph + "下" * 99 for glyph in "上中")
    left, right = shown(a, b).split(" → ")
    assert "上" in left and "中" in right
    assert len(left) == len(right) == WIDTH + 2
    assert shown(None, "上") == "— → 上"
    assert shown("在" * 99, "在" * 100) == " → ".join(["…" + "在" * 20, "…" + "在" * 21])


def test_the_rest_of_many_differences_is_counted() -> None:
    old: Records = {f"entry w/01/{n:03}": {"moxa_min": 3} for n in range(LIMIT + 5)}
    new: Records = {key: {"moxa_min": 5} for key in old}
    assert len(list(report(old, new))) == 1 + LIMIT + 1
    assert list(report(old, new))[-1] == "  … and 5 more"
    assert len(list(report(old, new, 0))) == 1 + len(old)


def test_a_checkout_extracts_by_its_own_program(tmp_path: Path) -> None:
    source = tmp_path / "w.txt"
    source.write_text(TEXT, encoding="utf-8")
    found = extracted(home(), [source], tmp_path / "tables")
    assert found["entries w/01/001"]["code"] == "GV24"


def test_what_is_no_revision_is_refused(tmp_path: Path) -> None:
    with pytest.raises(typer.BadParameter):
        checked_out("no-such-revision", tmp_path / "tree")
