import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model import Coverage, Diagnostic, Entry, Note, Reading, Result, Spec, Witness
from pipeline.publish import export as stage
from pipeline.publish.export import DEFAULT, TABLES, Column, columns, describe, export

TEXT = "上星一穴，在颅上。\r\n囟会，在上星后一寸|骨\\间。\r\n"
SPEC = Spec(
    "s", "jiayi", "題", "edition", Path("s.txt"), "a/s.txt", "plain", "jiayi", "hans", "", ""
)
VALUES: dict[Any, Any] = {
    str: "s",
    int: 3,
    float: 3.5,
    bool: True,
    tuple[str, ...]: ("a|b\\", "", "c"),
}


def entry(**values: Any) -> Entry:
    """An entry with every optional value missing but those given."""
    hints = get_type_hints(Entry)
    blank: dict[str, Any] = {f.name: VALUES.get(hints[f.name]) for f in fields(Entry)}
    return Entry(**(blank | values))


RESULT = Result(
    witnesses=(Witness(SPEC, TEXT, "utf-8", "00"),),
    entries=(entry(), entry(text='他说 "上\r星",\n', note=1, name="上星", aliases=())),
    coverage=(Coverage("s", 0, len(TEXT), "prose"),),
    diagnostics=(
        Diagnostic("b-rule", "warning", "later", "s", 12, 13),
        Diagnostic("a-rule", "error", "earlier", "s", 1, 2, section=1, entry_id="s/01/001"),
    ),
)


def read_csv(path: Path, head: Sequence[Column]) -> list[dict[str, Any]]:
    """A table read as its description says, knowing nothing of how it was written."""
    with path.open(encoding="utf-8", newline="") as lines:
        found = list(csv.DictReader(lines, strict=True))
    assert all(list(row) == [c.name for c in head] for row in found)
    return [{c.name: value(row[c.name], c) for c in head} for row in found]


def value(cell: str, column: Column) -> Any:
    if column.type == "list":
        return items(cell)
    if cell == "" and column.nullable:
        return None
    if column.type == "bool":
        return {"true": True, "false": False}[cell]
    return {"int": int, "number": float}.get(column.type, str)(cell)


def items(cell: str) -> list[str]:
    found, escaped = [""], False
    for char in cell:
        if char == "|" and not escaped:
            found.append("")
        elif char == "\\" and not escaped:
            escaped = True
            continue
        else:
            found[-1] += char
        escaped = False
    return found if cell else []


def digests(directory: Path) -> dict[str, str]:
    return {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest()
        for p in directory.iterdir()
        if p.is_file()
    }


def test_every_table_is_written_in_both_formats_with_the_columns_of_its_class(
    tmp_path: Path,
) -> None:
    export(RESULT, tmp_path)
    names = {f"{t}.{s}" for t in TABLES for s in DEFAULT}
    names |= {"manifest.json", "datapackage.json", "claims.jsonld"}
    assert {p.name for p in tmp_path.iterdir() if p.name[0] != "."} == names
    for name, row in TABLES.items():
        expected = [f.name for f in fields(row)]
        assert pq.read_schema(tmp_path / f"{name}.parquet").names == expected
        first = (tmp_path / f"{name}.csv").read_bytes().split(b"\r\n")[0]
        assert first.decode("utf-8").split(",") == expected


@pytest.mark.parametrize("name", TABLES)
def test_parquet_and_csv_read_back_equal(name: str, tmp_path: Path) -> None:
    export(RESULT, tmp_path)
    parquet = pq.read_table(tmp_path / f"{name}.parquet").to_pylist()
    assert read_csv(tmp_path / f"{name}.csv", columns(TABLES[name])) == parquet


CELL = st.text(
    st.one_of(st.sampled_from('|\\",\r\n \t\x00囟'), st.characters(exclude_categories=["Cs"]))
)
# A list of one empty item is, in CSV, an empty list: no column can hold one.
LIST = st.lists(CELL).map(tuple).filter(lambda found: found != ("",))


@settings(max_examples=60, deadline=None)
@given(
    text=CELL, name=st.none() | CELL.filter(bool), aliases=LIST, count=st.none() | st.integers(0)
)
def test_any_text_comes_back(
    text: str, name: str | None, aliases: tuple[str, ...], count: int | None
) -> None:
    count = count and count % 2**63
    row = entry(text=text, name=name, aliases=aliases, count=count)
    with tempfile.TemporaryDirectory() as folder:
        for suffix, write in stage.WRITERS.items():
            write([row], columns(Entry), Path(folder) / f"entries.{suffix}")
        (back,) = read_csv(Path(folder) / "entries.csv", columns(Entry))
        (typed,) = pq.read_table(Path(folder) / "entries.parquet").to_pylist()
    assert back == typed
    assert back["text"] == text
    assert back["name"] == name
    assert back["aliases"] == list(aliases)
    assert back["count"] == count


def test_columns_are_typed_and_described() -> None:
    with tempfile.TemporaryDirectory() as folder:
        export(RESULT, Path(folder), ["parquet"])
        schema = pq.read_schema(Path(folder) / "entries.parquet")
    assert schema.field("depth_min_fen").type == pa.float64()
    assert schema.field("depth_min_fen").nullable
    assert schema.field("aliases").type == pa.list_(pa.string())
    assert schema.field("moxa_forbidden").type == pa.bool_()
    assert not schema.field("entry_id").nullable
    assert schema.field("moxa_min").metadata == {
        b"description": b"moxa cones, least",
        b"unit": "壯 (cones)".encode(),
    }


def test_a_value_of_the_wrong_type_is_refused(tmp_path: Path) -> None:
    with pytest.raises((pa.ArrowInvalid, pa.ArrowTypeError)):
        export(replace(RESULT, entries=(entry(count="7"),)), tmp_path)
    with pytest.raises(pa.ArrowInvalid):
        export(replace(RESULT, entries=(entry(line=None),)), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_issues_have_lines_and_stand_in_the_order_of_the_text(tmp_path: Path) -> None:
    export(RESULT, tmp_path)
    found = read_csv(tmp_path / "issues.csv", columns(TABLES["issues"]))
    assert [(row["rule"], row["line"], row["entry_id"]) for row in found] == [
        ("a-rule", 1, "s/01/001"),
        ("b-rule", 2, None),
    ]


def test_same_result_same_bytes(tmp_path: Path) -> None:
    export(RESULT, tmp_path)
    first = digests(tmp_path)
    export(replace(RESULT, diagnostics=RESULT.diagnostics[::-1]), tmp_path)
    assert digests(tmp_path) == first


def test_hash_seed_and_locale_change_nothing(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from tests.test_export import RESULT; "
        "from pipeline.publish.export import export; export(RESULT, pathlib.Path(sys.argv[1]))"
    )
    runs = []
    for seed, locale in (("1", "C"), ("2", "C.UTF-8")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": locale}
        command = [sys.executable, "-c", program, str(tmp_path / seed)]
        root = Path(__file__).parent.parent
        runs.append(subprocess.Popen(command, env=environment, cwd=root))
    assert [run.wait() for run in runs] == [0, 0]
    assert digests(tmp_path / "1") == digests(tmp_path / "2")


def test_a_failure_leaves_the_old_output_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "README.md").write_text("kept")
    export(RESULT, tmp_path)
    before = digests(tmp_path)

    def fails(content: Sequence[Any], head: Sequence[Column], path: Path) -> None:
        if path.stem == "readings":
            raise OSError("disk full")
        stage.write_csv(content, head, path)

    monkeypatch.setitem(stage.WRITERS, "csv", fails)
    with pytest.raises(OSError, match="disk full"):
        export(replace(RESULT, entries=()), tmp_path)
    assert digests(tmp_path) == before
    assert not list(tmp_path.glob(".writing-*"))


def test_other_files_stay_and_tables_in_other_formats_go(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("kept")
    export(RESULT, tmp_path)
    export(RESULT, tmp_path, ["csv"])
    assert (tmp_path / "README.md").read_text() == "kept"
    assert not list(tmp_path.glob("*.parquet"))
    assert len(list(tmp_path.glob("*.csv"))) == len(TABLES)


def test_the_manifest_names_what_went_in_and_what_came_out(tmp_path: Path) -> None:
    returned = export(RESULT, tmp_path)
    text = (tmp_path / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert manifest == returned
    assert text == json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    assert manifest["sources"] == {"s": {"path": "a/s.txt", "sha256": "00"}}
    assert manifest["output"]["entries.csv"]["rows"] == 2
    made = digests(tmp_path)
    del made["manifest.json"]
    assert {name: out["sha256"] for name, out in manifest["output"].items()} == made
    assert "authority/points.tsv" in manifest["tables"]
    assert "jiayi.lark" in manifest["grammars"]
    assert "mingtang" in manifest["versions"]


def test_repeated_values_are_stored_as_a_dictionary(tmp_path: Path) -> None:
    note = Note("s/n1", None, "s", 1, "作三壮", 0, 3)
    texts = [Reading(f"s/n1/r{i}", "s/n1", None, "", None, "moxa", "3", f"t{i}", 0, 1, "confirmed")
             for i in range(10)]  # fmt: skip
    export(replace(RESULT, notes=(note,), readings=tuple(texts)), tmp_path)
    group = pq.ParquetFile(tmp_path / "readings.parquet").metadata.row_group(0)
    coded = {
        group.column(i).path_in_schema: group.column(i).has_dictionary_page
        for i in range(group.num_columns)
    }
    assert coded["verdict"]
    assert not coded["reading_id"]


def test_readme_of_output_is_current() -> None:
    readme = Path(__file__).parent.parent / "output" / "README.md"
    assert readme.read_text(encoding="utf-8") == describe()


def test_every_column_is_documented() -> None:
    text = describe()
    for name, row in TABLES.items():
        assert f"\n## {name}\n" in text
        for column in columns(row):
            assert column.doc
            assert f"| `{column.name}` |" in text
