"""The workbook: every cell as the tables have it, and nothing that runs."""

from __future__ import annotations

import csv
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from pipeline.knowledge.tables import MisuseError
from pipeline.model import Result
from pipeline.publish import workbook
from pipeline.publish.cells import CELL, as_text
from pipeline.publish.export import export
from pipeline.publish.rows import rows
from pipeline.publish.schema import SHEETS, TABLES, TITLES, columns
from tests import corpus
from tests.office import NO_OFFICE, OFFICE, SHEETS_AS_CSV
from tests.test_export import entry
from tests.test_load import HOSTILE, small

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def parts(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as file:
        return {n: etree.fromstring(file.read(n)) for n in file.namelist() if n.endswith(".xml")}


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    """The cells of each sheet, row by row, as a program for spreadsheets reads them."""
    found = parts(path)
    shared = ["".join(si.itertext()) for si in found["xl/sharedStrings.xml"]]
    names = [sheet.get("name") for sheet in found["xl/workbook.xml"].iter(f"{SPACE}sheet")]
    tables = {}
    for number, name in enumerate(names, 1):
        tables[name] = [
            [_value(cell, shared) for cell in row]
            for row in found[f"xl/worksheets/sheet{number}.xml"].iter(f"{SPACE}row")
        ]
    return tables


def _value(cell: Any, shared: list[str]) -> tuple[str, Any]:
    column = re.sub(r"\d", "", cell.get("r"))
    value = cell.findtext(f"{SPACE}v")
    match cell.get("t"):
        case "s":
            text = shared[int(value)]
            return column, re.sub(r"_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), text)
        case "b":
            return column, value == "1"
    return column, float(value)


def letters(number: int) -> str:
    return (chr(64 + number // 26) if number >= 26 else "") + chr(65 + number % 26)


def expected(row: Any, head: Any) -> list[tuple[str, Any]]:
    cells = []
    for at, column in enumerate(head):
        value = getattr(row, column.name)
        if value not in (None, "", ()):
            plain = value if column.type in ("int", "number", "bool") else as_text(value)
            cells.append((letters(at), plain))
    return cells


@pytest.mark.parametrize("found", [corpus.result("wiki-ki"), small(HOSTILE, HOSTILE)])
def test_every_cell_is_as_the_tables_have_it(found: Result, tmp_path: Path) -> None:
    export(found, tmp_path, ["xlsx", "csv"])
    book = sheets(tmp_path / "tables.xlsx")
    assert list(book) == list(TABLES)
    for name, content in rows(found).items():
        head = columns(TABLES[name])
        titles, *cells = book[name]
        assert [value for _, value in titles] == [c.name for c in head]
        assert [row for row in cells if row] == [expected(row, head) for row in content]


def test_nothing_runs_and_heads_stay(tmp_path: Path) -> None:
    export(small(HOSTILE, HOSTILE), tmp_path, ["xlsx"])
    for name, part in parts(tmp_path / "tables.xlsx").items():
        assert not list(part.iter(f"{SPACE}f")), name
        assert not list(part.iter(f"{SPACE}hyperlink")), name
        if name.startswith("xl/worksheets/"):
            assert next(part.iter(f"{SPACE}pane")).get("state") == "frozen"
            assert list(part.iter(f"{SPACE}autoFilter"))
            assert list(part.iter(f"{SPACE}col"))


def test_titles_in_chinese_and_the_same_bytes_again(tmp_path: Path) -> None:
    found = corpus.result("wiki-ki")
    export(found, tmp_path / "a", ["xlsx-zh", "csv"])
    export(found, tmp_path / "b", ["xlsx-zh", "csv"])
    book = sheets(tmp_path / "a/tables.zh.xlsx")
    assert list(book) == [SHEETS[name] for name in TABLES]
    assert [v for _, v in book["條目"][0]] == [TITLES[c.name] for c in columns(TABLES["entries"])]
    first, second = ((tmp_path / d / "tables.zh.xlsx").read_bytes() for d in "ab")
    assert first == second


def test_what_a_sheet_does_not_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.xlsx"
    workbook.write_workbook({"entries": [entry(text="穴" * (CELL + 1))]}, path)
    (cell,) = [v for _, v in sheets(path)["entries"][1] if str(v).startswith("穴穴")]
    assert len(cell) == CELL
    assert cell.endswith("穴…")
    monkeypatch.setattr(workbook, "ROWS", 2)
    with pytest.raises(MisuseError, match="entries: 2 rows are too many for a sheet"):
        workbook.write_workbook({"entries": [entry(text="上星")] * 2}, path)


@pytest.mark.skipif(OFFICE is None, reason=NO_OFFICE)
def test_libreoffice_gives_back_every_cell(tmp_path: Path) -> None:
    """The workbook of the five sources, opened and written as CSV, is the CSV that we write."""
    export(corpus.whole(), tmp_path / "tables", ["xlsx", "csv"])
    own = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = (str(OFFICE), own, "--headless", "--convert-to", SHEETS_AS_CSV)
    book = tmp_path / "tables" / "tables.xlsx"
    subprocess.run([*command, "--outdir", tmp_path, book], check=True, capture_output=True)
    cells = 0
    for name in TABLES:
        head = columns(TABLES[name])
        ours = read(tmp_path / "tables" / f"{name}.csv")
        theirs = read(tmp_path / f"tables-{name}.csv")
        assert len(theirs) == len(ours)
        for mine, given in zip(ours, theirs, strict=True):
            for column, value, cell in zip(head, mine, given, strict=True):
                truth = column.type == "bool" and cell in ("TRUE", "FALSE")
                assert value == (cell.lower() if truth else cell), (name, column.name, mine)
                cells += 1
    assert cells > 250_000


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
