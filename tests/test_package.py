import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import frictionless
import pyarrow.parquet as pq
import pytest

from pipeline.model import Claim, Result, Witness
from pipeline.publish import schema
from pipeline.publish.export import export
from pipeline.publish.schema import KEYS, NUMBERED, TABLES, TITLES, columns
from tests import corpus
from tests.test_export import RESULT, SPEC
from tests.test_load import HOSTILE, small

TEXT = "𩩲骬一穴，<script>'; DROP TABLE entries; --，=cmd()，&amp;上星。"
SHA = hashlib.sha256(TEXT.encode()).hexdigest()


def claimed(text: str) -> Result:
    """A result whose claims are the words of a text, each as its own value."""
    one = small([text])
    places = [(i, i + 3) for i in range(0, len(text) - 3, 3)]
    return replace(
        one,
        witnesses=(Witness(SPEC, text, "utf-8", SHA),),
        claims=tuple(
            Claim("s/01/000", "text", text[a:b], "direct", "ref" if a else None, text[a:b], a, b)
            for a, b in places
        ),
    )


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


# --- Data Package -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["nothing", "made up", "hostile", "wiki-ki"])
def test_the_package_is_valid(name: str, tmp_path: Path) -> None:
    results = {
        "nothing": Result(),
        "made up": replace(RESULT, entries=RESULT.entries[:1], diagnostics=()),
        "hostile": small(HOSTILE, HOSTILE),
    }
    export(results[name] if name in results else corpus.result(name), tmp_path)
    report = frictionless.validate(tmp_path / "datapackage.json")
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "message"])
    assert [task.name for task in report.tasks] == list(TABLES)


def test_a_broken_table_is_noticed(tmp_path: Path) -> None:
    export(small(), tmp_path, ["csv"])
    path = tmp_path / "entries.csv"
    path.write_bytes(path.read_bytes().replace(b"s/01/001", b"s/01/000"))
    kinds = {
        kind
        for task in frictionless.validate(tmp_path / "datapackage.json").tasks
        for (kind,) in task.flatten(["type"])
    }
    assert {"primary-key", "hash-count"} <= kinds


def test_every_column_is_described(tmp_path: Path) -> None:
    export(RESULT, tmp_path)
    package = read(tmp_path / "datapackage.json")
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    for resource in package["resources"]:
        table = resource["name"]
        fields = resource["schema"]["fields"]
        assert [f["name"] for f in fields] == [c.name for c in columns(TABLES[table])]
        assert all(f["description"] and f["title"] for f in fields)
        assert resource["schema"].get("primaryKey") == (
            None if table in NUMBERED else list(KEYS[table])
        )
        content = (tmp_path / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    (entries,) = (r for r in package["resources"] if r["path"] == "entries.csv")
    fields = {f["name"]: f for f in entries["schema"]["fields"]}
    assert fields["depth_min_fen"]["unit"] == "分 (1 寸 = 10 分)"
    assert fields["aliases"]["type"] == "list"


def test_sources_and_their_terms_are_named(tmp_path: Path) -> None:
    export(corpus.result("wiki-ki"), tmp_path, ["csv"])
    package = read(tmp_path / "datapackage.json")
    assert package["licenses"][0]["name"] == "CC-BY-SA-4.0"
    (source,) = package["sources"]
    assert source["siglum"] == "wiki-ki"
    assert source["sha256"] == corpus.witness("wiki-ki").sha256
    export(claimed(TEXT), tmp_path, ["csv"])
    assert "licenses" not in read(tmp_path / "datapackage.json")


def test_without_csv_the_package_names_parquet(tmp_path: Path) -> None:
    export(RESULT, tmp_path, ["parquet"])
    paths = [r["path"] for r in read(tmp_path / "datapackage.json")["resources"]]
    assert paths == [f"{name}.parquet" for name in TABLES]
    export(RESULT, tmp_path, ["csv-excel"])
    resources = read(tmp_path / "datapackage.json")["resources"]
    assert [r["path"] for r in resources] == [f"{name}.excel.csv" for name in TABLES]
    assert not any("schema" in r for r in resources)
    assert frictionless.validate(tmp_path / "datapackage.json").valid


def test_every_column_has_one_title_of_its_own() -> None:
    for row in TABLES.values():
        titles = [TITLES[c.name] for c in columns(row)]
        assert len(set(titles)) == len(titles), row
    assert set(TITLES) == {c.name for row in TABLES.values() for c in columns(row)}


# --- Parquet ------------------------------------------------------------------------------------


def test_parquet_says_what_it_holds_and_what_it_was_made_from(tmp_path: Path) -> None:
    manifest = export(RESULT, tmp_path)
    for name in TABLES:
        found = pq.read_schema(tmp_path / f"{name}.parquet")
        assert found.metadata[b"description"].decode() == schema.about(name)
        inside = json.loads(found.metadata[b"manifest"])
        assert inside == {
            key: value for key, value in manifest.items() if key not in ("output", "rules")
        }
        assert all(field.metadata[b"description"] for field in found)


# --- annotations --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hostile", "wiki-ki"])
def test_an_annotation_points_at_what_was_read(name: str, tmp_path: Path) -> None:
    result = claimed(TEXT) if name == "hostile" else corpus.result(name)
    export(result, tmp_path, ["csv"])
    page = read(tmp_path / "claims.jsonld")
    (witness,) = result.witnesses
    assert page["@context"][0] == "http://www.w3.org/ns/anno.jsonld"
    assert page["type"] == "AnnotationPage"
    assert page["unit"].startswith("Unicode code points")
    assert len(page["items"]) == len(result.claims) > 5
    assert len({item["id"] for item in page["items"]}) == len(page["items"])
    digest = page["witnesses"][0]["id"].removeprefix("ni:///sha-256;")
    assert base64.urlsafe_b64decode(digest + "=").hex() == witness.sha256
    for item, claim in zip(page["items"], result.claims, strict=True):
        position, quotation = item["target"]["selector"]
        start, end = position["start"], position["end"]
        around = quotation["prefix"] + quotation["exact"] + quotation["suffix"]
        assert item["target"]["source"] == page["witnesses"][0]["id"]
        assert witness.text[start:end] == quotation["exact"] == claim.text
        assert witness.text[start - len(quotation["prefix"]) :].startswith(around)
        assert item["body"]["value"] == claim.value
        assert (item["entry"], item["field"], item.get("ref")) == (
            claim.entry_id,
            claim.field,
            claim.ref,
        )


def test_no_claims_are_an_empty_page(tmp_path: Path) -> None:
    export(Result(), tmp_path, ["csv"])
    assert read(tmp_path / "claims.jsonld")["items"] == []
