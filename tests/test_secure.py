"""What stands in a source is text, in every file that is written and everything that is printed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from pipeline import extract, to_pandas
from pipeline.commands.cli import app
from pipeline.model import Result
from pipeline.publish.export import export

HOSTILE = {
    "html": "<script>alert('刺')</script><img src=x onerror=alert(1)>",
    "sql": "'; DROP TABLE entries; --",
    "formula": "=cmd|'/C calc'!A0,@SUM(1+1)*1,=HYPERLINK(\"http://x\")",
    "entities": "&lt;b&gt;&amp;&#65;&xxe;",
    "doctype": '<!DOCTYPE a [<!ENTITY xxe SYSTEM "file:///etc/passwd">]>&xxe;',
    "shell": "$(touch owned) `touch owned` ; touch owned | touch owned",
    "format": "%s {0} {witness} %(x)s \\N{DIGIT ONE} ${x}",
    "terminal": "\x1b[31m\x1b]0;title\x07",
    "json": '"}],"x":{"\\u0000',
    "path": "../../../../etc/passwd",
    "markup": "[red]red[/red] [link=http://x]x[/link]",
}


def book(words: str) -> str:
    return (
        f"# 頭凡一穴第一\n\n神庭，一名{words}，在髮際{words}（《素問》{words}），"
        f"刺入三分，灸三壯。{words}\n"
    )


@pytest.fixture(params=HOSTILE)
def words(request: pytest.FixtureRequest) -> str:
    return HOSTILE[request.param]


@pytest.fixture
def found(words: str) -> Result:
    return extract(book(words))


def texts(value: Any) -> Iterator[str]:
    """All strings of a JSON document."""
    if isinstance(value, dict):
        yield from (t for item in value.items() for t in texts(item))
    elif isinstance(value, list | tuple):
        yield from (t for item in value for t in texts(item))
    elif isinstance(value, str):
        yield value


def test_it_is_read_as_text(found: Result, words: str) -> None:
    (entry,) = found.entries
    assert entry.code == "GV24"
    assert words in entry.text
    assert words in found.witnesses[0].text[entry.start : entry.end]


def test_csv(found: Result, words: str, tmp_path: Path) -> None:
    export(found, tmp_path, ["csv"])
    with (tmp_path / "entries.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, strict=True))
    assert [row["text"] for row in rows] == [entry.text for entry in found.entries]
    assert rows[0]["location"] == found.entries[0].location


def test_parquet(found: Result, tmp_path: Path) -> None:
    export(found, tmp_path, ["parquet"])
    rows = pq.read_table(tmp_path / "entries.parquet").to_pylist()
    assert [row["text"] for row in rows] == [entry.text for entry in found.entries]
    assert [tuple(row["aliases"]) for row in rows] == [entry.aliases for entry in found.entries]


def test_json(found: Result, words: str, tmp_path: Path) -> None:
    export(found, tmp_path)
    for path in (p for p in tmp_path.iterdir() if p.suffix in (".json", ".jsonld")):
        json.loads(path.read_text(encoding="utf-8"))
    if (tmp_path / "claims.jsonld").exists():
        said = set(texts(json.loads((tmp_path / "claims.jsonld").read_text(encoding="utf-8"))))
        assert {claim.text for claim in found.claims if claim.text} <= said


def test_data_frame(found: Result) -> None:
    assert to_pandas(found).text.tolist() == [entry.text for entry in found.entries]


def test_printed(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No output of a command sends the terminal what a source has of control characters."""
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(book(words) + f"\n### 面凡九穴第三\n{words}）\n", encoding="utf-8")
    for arguments in (
        ["extract", "a.txt"],
        ["check", "a.txt"],
        ["check", "a.txt", "--json"],
        ["parse", "a.txt", "--entry", "a/01/001"],
    ):
        said = CliRunner().invoke(app, arguments)
        assert said.exit_code == 0, said.output
        assert not [char for char in said.output if char < " " and char not in "\n\t"]
        if "--json" in arguments:
            assert json.loads(said.output)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.txt", "output"]


def test_a_name_is_never_a_path_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "=cmd() <b> ';-- $(x).txt"
    path.write_text(book(""), encoding="utf-8")
    said = CliRunner().invoke(app, ["extract", str(path), "-o", "out"])
    assert said.exit_code == 0, said.output
    table = (tmp_path / "out" / "witnesses.csv").read_text(encoding="utf-8")
    (row,) = csv.DictReader(io.StringIO(table))
    assert row["path"] == path.name
    assert row["witness"].replace("-", "").isalnum()
