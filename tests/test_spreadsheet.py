import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model import Entry
from pipeline.publish.cells import CELL
from pipeline.publish.export import FORMATS, WRITERS, export
from pipeline.publish.schema import TABLES, TITLES, columns
from tests.test_export import entry
from tests.test_load import HOSTILE, small

FORMULA = "=+-@＝＋－＠"


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def test_the_files_open_as_chinese(tmp_path: Path) -> None:
    export(small(), tmp_path, ["csv-excel", "csv-excel-zh"])
    for name, row in TABLES.items():
        for suffix in ("excel.csv", "excel-zh.csv"):
            content = (tmp_path / f"{name}.{suffix}").read_bytes()
            assert content.startswith(b"\xef\xbb\xbf")
            assert content.count(b"\xef\xbb\xbf") == 1
        titles = content.decode("utf-8-sig").split("\r\n")[0].split(",")
        assert titles == [TITLES[c.name] for c in columns(row)]
    (first, second) = cells(tmp_path / "entries.excel-zh.csv")
    assert (first["條目編號"], second["原文穴名"]) == ("s/01/000", "顴髎，一名兌骨")
    assert [row["name_raw"] for row in cells(tmp_path / "entries.excel.csv")] == [
        "上星一穴",
        "顴髎，一名兌骨",
    ]


def test_asked_for_with_the_others_and_not_by_default(tmp_path: Path) -> None:
    export(small(), tmp_path)
    assert not list(tmp_path.glob("*.excel*"))
    export(small(), tmp_path, list(FORMATS))
    assert len(list(tmp_path.glob("entries.*"))) == len(FORMATS)
    export(small(), tmp_path)
    assert not list(tmp_path.glob("*.excel*"))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=cmd|'/C calc'!A0", "'=cmd|'/C calc'!A0"),
        ("＝1+1", "'＝1+1"),
        (" =1+1", "' =1+1"),
        ("\t上星", "'\t上星"),
        ("\r\n=1", "'\r\n=1"),
        ("\u3000－刺入三分", "'\u3000－刺入三分"),
        ("\x00\ufeff@SUM(A1)", "'\x00\ufeff@SUM(A1)"),
        ("上星=一穴", "上星=一穴"),
        ("<script>", "<script>"),
        ("'; DROP TABLE entries; --", "'; DROP TABLE entries; --"),
    ],
)
def test_what_would_be_run_is_text(text: str, cell: str, tmp_path: Path) -> None:
    WRITERS["csv-excel"]([entry(text=text)], columns(Entry), tmp_path / "t.csv")
    assert cells(tmp_path / "t.csv")[0]["text"] == cell


@settings(max_examples=80, deadline=None)
@given(st.text(st.sampled_from(FORMULA + "'\t\r\n\x00\x0b\xa0\u3000\u200b\ufeff \",;|\\上a1")))
def test_no_cell_is_a_formula_and_none_is_lost(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        WRITERS["csv-excel"]([entry(text=text, aliases=(text, "乙"))], columns(Entry), path)
        (row,) = cells(path)
    assert row["text"] in (text, f"'{text}")
    for cell in row.values():
        shown = [c for c in cell if c.isprintable() and not c.isspace()]
        assert not shown or shown[0] not in FORMULA
        assert cell[:1] not in ("\t", "\r", "\n")


def test_hostile_text_stays_in_its_cell(tmp_path: Path) -> None:
    export(small(HOSTILE, HOSTILE), tmp_path, ["csv-excel"])
    found = [row["text"].removeprefix("'") for row in cells(tmp_path / "notes.excel.csv")]
    assert found == [text.removeprefix("'") for text in HOSTILE]


@pytest.mark.parametrize("char", ["穴", "𩩲"])
def test_a_text_longer_than_a_cell_is_cut_and_says_so(char: str, tmp_path: Path) -> None:
    long = char * CELL
    WRITERS["csv-excel"]([entry(text=long)], columns(Entry), tmp_path / "t.csv")
    WRITERS["csv"]([entry(text=long)], columns(Entry), tmp_path / "whole.csv")
    (row,) = cells(tmp_path / "t.csv")
    if char == "穴":
        assert row["text"] == long  # just fits
    else:
        assert row["text"].endswith("𩩲…")
        assert CELL - 2 <= len(row["text"].encode("utf-16-le")) // 2 <= CELL
    csv.field_size_limit(10**6)
    assert cells(tmp_path / "whole.csv")[0]["text"] == long
