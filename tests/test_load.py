import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import duckdb
import psycopg
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from pipeline.commands.load import register
from pipeline.model import Entry, Note, Result, Witness, join
from pipeline.publish import schema
from pipeline.publish.databases.base import Database
from pipeline.publish.databases.duck import DuckDB
from pipeline.publish.databases.names import DatabaseError
from pipeline.publish.databases.postgres import PostgreSQL
from pipeline.publish.databases.sqlite import SQLite
from pipeline.publish.databases.views import QUERIES, VIEWS
from pipeline.publish.export import export
from pipeline.publish.load import Count
from pipeline.publish.load import load as loaded
from pipeline.publish.schema import KEYS, LINKS, NUMBERED, TABLES, columns
from pipeline.publish.search import grams
from pipeline.publish.stored import StoredError, stored
from tests import corpus
from tests.browser import browser
from tests.postgres import server
from tests.serving import datasette, fetched
from tests.test_export import SPEC, entry

HOSTILE = (
    "上星'; DROP TABLE entries; --",
    "=cmd|'/C calc'!A0",
    "<script>alert(1)</script>",
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;',
    'a"b\\c%s{}?|$1',
    "行\r\n二\t列",
    "",
)


# --- three databases, asked as their users ask them ---------------------------------------------


@dataclass
class Place:
    """A new database of some kind: its URL, and its rows by its own driver."""

    kind: type[Database]
    url: str

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        if self.kind is SQLite:
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as lite:
                found = lite.execute(sql).fetchall()
                lite.commit()
                return found
        if self.kind is DuckDB:
            with closing(duckdb.connect(self.url.removeprefix("duckdb:///"))) as duck:
                return duck.execute(sql).fetchall()
        with psycopg.connect(self.url) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def table(self, name: str) -> list[tuple[Any, ...]]:
        """The rows of a table, values as in Parquet, without what only the database has."""
        names = ", ".join(f'"{c.name}"' for c in columns(TABLES[name]))
        return [
            tuple(map(self.value, row, columns(TABLES[name])))
            for row in self.ask(f"SELECT {names} FROM {name}")
        ]

    def value(self, cell: Any, column: schema.Column) -> Any:
        if self.kind is SQLite and column.type == "list":
            return json.loads(cell)
        if self.kind is SQLite and column.type == "bool":
            return {0: False, 1: True}[cell]
        return cell


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with server() as url:
        yield url


schemas = count(1)


@pytest.fixture(params=["sqlite", "duckdb", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    match request.param:
        case "sqlite":
            return Place(SQLite, f"sqlite:///{tmp_path / 'a b 穴.db'}")
        case "duckdb":
            return Place(DuckDB, f"duckdb:///{tmp_path / 'a b 穴.duckdb'}")
    return new_schema(request.getfixturevalue("postgres"))


def load(url: str, folder: Path) -> tuple[Count, ...]:
    return loaded(url, folder).counts


def new_schema(url: str) -> Place:
    name = f"s{next(schemas)}"
    with psycopg.connect(url) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return Place(PostgreSQL, f"{url}&options={quote(f'-csearch_path={name}')}")


@pytest.fixture(scope="session")
def found() -> Result:
    return join([corpus.result(name) for name in ("suwen-wang", "wiki-ki")])


@pytest.fixture(scope="session")
def extracted(found: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("extracted")
    export(found, folder)
    return folder


def small(
    texts: Sequence[str] = ("上星一穴", "顴髎，一名兌骨"), notes: Sequence[str] = ()
) -> Result:
    """A result of a few entries (the second repeats the first) with a note each."""
    return Result(
        witnesses=(Witness(SPEC, "".join(texts), "utf-8", "00"),),
        entries=tuple(
            entry(
                entry_id=f"s/01/{i:03}",
                text=text,
                name_raw=text,
                aliases=(text, "丙"),
                duplicate_of="s/01/000" if i else None,
            )
            for i, text in enumerate(texts)
        ),
        notes=tuple(
            Note(f"s/01/000/n{i}", "s/01/000", "s", i, text, 0, 1) for i, text in enumerate(notes)
        ),
    )


def total(counts: Sequence[Count]) -> tuple[int, int, int]:
    return (
        sum(c.added for c in counts),
        sum(c.changed for c in counts),
        sum(c.removed for c in counts),
    )


def in_order(rows: Sequence[Sequence[Any]]) -> list[str]:
    return sorted(repr(list(row)) for row in rows)


def exported(folder: Path, name: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in pq.read_table(folder / f"{name}.parquet").to_pylist()]


def same(place: Place, folder: Path) -> None:
    for name in TABLES:
        assert in_order(place.table(name)) == in_order(exported(folder, name)), name


# --- round trips --------------------------------------------------------------------------------


def test_what_is_loaded_is_what_was_exported_and_loading_again_changes_nothing(
    place: Place, extracted: Path
) -> None:
    first = load(place.url, extracted)
    same(place, extracted)
    assert total(first) == (sum(c.rows for c in first), 0, 0)
    assert {c.table: c.rows for c in first} == {
        name: len(exported(extracted, name)) for name in TABLES
    }
    before = place.ask("SELECT key, value FROM mingtang ORDER BY key")
    file = Path(place.url.removeprefix("sqlite:///"))
    content = file.read_bytes() if place.kind is SQLite else b""
    assert total(load(place.url, extracted)) == (0, 0, 0)
    assert place.kind is not SQLite or file.read_bytes() == content
    same(place, extracted)
    assert place.ask("SELECT key, value FROM mingtang ORDER BY key") == before


def test_a_changed_extract_changes_what_differs(
    place: Place, found: Result, extracted: Path, tmp_path: Path
) -> None:
    load(place.url, extracted)
    one, *rest = (e for e in found.entries if e.witness == "wiki-ki")
    gone = rest[-1].entry_id
    kept = [replace(e, location="別處") if e == one else e for e in found.entries]
    claims = [c for c in found.claims if c.entry_id != gone]
    now = replace(
        found,
        entries=tuple(e for e in kept if e.entry_id != gone),
        claims=(*claims, replace(claims[0], value="又"), replace(claims[0], value="再")),
        notes=(*found.notes, Note("wiki-ki/n9999", None, "wiki-ki", 1, "新注", 0, 0)),
    )
    export(now, tmp_path / "now")
    counts = {c.table: (c.added, c.changed, c.removed) for c in load(place.url, tmp_path / "now")}
    assert counts["entries"] == (0, 1, 1)
    assert counts["notes"] == (1, 0, 0)
    assert counts["claims"] == (2, 0, len(found.claims) - len(claims))
    assert counts["coverage"] == counts["witnesses"] == (0, 0, 0)
    same(place, tmp_path / "now")
    assert finds(place, "新注", "notes") == {"wiki-ki/n9999"}
    assert one.entry_id in finds(place, "別處")
    assert gone not in finds(place, rest[-1].name or "")


def test_an_extract_in_csv_alone_loads_the_same(place: Place, tmp_path: Path) -> None:
    result = small(HOSTILE, HOSTILE)
    export(result, tmp_path / "both")
    export(result, tmp_path / "csv", ["csv"])
    load(place.url, tmp_path / "csv")
    same(place, tmp_path / "both")
    assert total(load(place.url, tmp_path / "both")) == (0, 0, 0)


def test_nothing_extracted_is_loaded_as_nothing(place: Place, tmp_path: Path) -> None:
    export(small(), tmp_path / "some")
    export(Result(), tmp_path / "none")
    load(place.url, tmp_path / "some")
    assert total(load(place.url, tmp_path / "none")) == (0, 0, 3)
    # The points are a reference, exported whole whatever was extracted.
    assert {name for name in TABLES if place.table(name)} == {"points"}
    same(place, tmp_path / "none")


def test_hostile_text_is_text(place: Place, tmp_path: Path) -> None:
    export(small(HOSTILE, HOSTILE), tmp_path / "t")
    load(place.url, tmp_path / "t")
    same(place, tmp_path / "t")
    assert sorted(row[0] for row in place.ask("SELECT text FROM notes")) == sorted(HOSTILE)
    export(small([text + "又" for text in HOSTILE], HOSTILE[:2]), tmp_path / "u")
    load(place.url, tmp_path / "u")
    same(place, tmp_path / "u")


def test_the_character_0_is_kept_or_refused(place: Place, tmp_path: Path) -> None:
    export(small(["上\0星"]), tmp_path / "t")
    if place.kind is PostgreSQL:
        with pytest.raises(DatabaseError, match=r"U\+0000"):
            load(place.url, tmp_path / "t")
        assert place.ask("SELECT 1 FROM pg_class WHERE relname = 'x'") == []
    else:
        load(place.url, tmp_path / "t")
        same(place, tmp_path / "t")


# --- schema -------------------------------------------------------------------------------------


def test_links_hold_in_every_table(extracted: Path) -> None:
    tables, _ = stored(extracted)
    assert set(KEYS) == set(LINKS) == set(TABLES) == set(tables)
    assert set(TABLES) > NUMBERED
    order = list(TABLES)
    for table, links in LINKS.items():
        assert all(order.index(to) <= order.index(table) for to in links.values())


def test_tables_have_types_keys_links_indexes_and_comments(place: Place, tmp_path: Path) -> None:
    export(small(), tmp_path / "t")
    load(place.url, tmp_path / "t")
    if place.kind is SQLite:
        keys = place.ask("SELECT name FROM pragma_table_info('claims') WHERE pk ORDER BY pk")
        links = place.ask('SELECT "from", "table" FROM pragma_foreign_key_list(\'entries\')')
        types = dict(place.ask("SELECT name, type FROM pragma_table_info('entries')"))
        sql = place.ask("SELECT sql FROM sqlite_schema WHERE name = 'entries'")[0][0]
        assert "-- needling depth, least; 分 (1 寸 = 10 分)" in sql
        indexes = place.ask("SELECT name FROM sqlite_schema WHERE type = 'index'")
        assert types["aliases"] == "TEXT"
    elif place.kind is DuckDB:
        listed = "SELECT constraint_column_names FROM duckdb_constraints() WHERE "
        ((names,),) = place.ask(
            listed + "table_name = 'claims' AND constraint_type = 'PRIMARY KEY'"
        )
        keys = [(name,) for name in names]
        links = place.ask(
            "SELECT constraint_column_names[1], referenced_table FROM duckdb_constraints() "
            "WHERE table_name = 'entries' AND constraint_type = 'FOREIGN KEY'"
        )
        types = dict(
            place.ask(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'entries'"
            )
        )
        comments = place.ask(
            "SELECT comment FROM duckdb_columns() "
            "WHERE table_name = 'entries' AND column_name = 'depth_min_fen'"
        )
        assert comments == [("needling depth, least; 分 (1 寸 = 10 分)",)]
        indexes = place.ask("SELECT index_name FROM duckdb_indexes()")
        assert types["aliases"] == "VARCHAR[]"
    else:
        keys = place.ask(
            "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indexrelid "
            "WHERE indrelid = 'claims'::regclass AND indisprimary ORDER BY attnum"
        )
        links = place.ask(
            "SELECT a.attname, c.confrelid::regclass::text FROM pg_constraint c "
            "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
            "WHERE c.conrelid = 'entries'::regclass AND c.contype = 'f'"
        )
        types = dict(
            place.ask(
                "SELECT column_name, data_type FROM information_schema.columns "
                "WHERE table_name = 'entries'"
            )
        )
        ((comment,),) = place.ask(
            "SELECT col_description(attrelid, attnum) FROM pg_attribute "
            "WHERE attrelid = 'entries'::regclass AND attname = 'depth_min_fen'"
        )
        assert comment == "needling depth, least; 分 (1 寸 = 10 分)"
        assert place.ask("SELECT obj_description('notes'::regclass)") == [
            ("An inserted editorial note.",)
        ]
        indexes = place.ask("SELECT indexname FROM pg_indexes")
        assert types["aliases"] == "ARRAY"
    assert [name for (name,) in keys] == ["entry_id", "field", "start", "end", "n"]
    assert sorted(links) == [("duplicate_of", "entries"), ("witness", "witnesses")]
    assert {"entries_code", "entries_name", "claims_field"} <= {name for (name,) in indexes}
    assert types["depth_min_fen"].upper() in ("REAL", "DOUBLE", "DOUBLE PRECISION")
    assert types["moxa_min"].upper() in ("INTEGER", "BIGINT")


def test_a_table_of_the_user_that_links_to_ours_stays(place: Place, tmp_path: Path) -> None:
    export(small(), tmp_path / "t")
    load(place.url, tmp_path / "t")
    place.ask("CREATE TABLE mine (entry_id text REFERENCES entries (entry_id), remark text)")
    place.ask("INSERT INTO mine VALUES ('s/01/001', 'see the plate')")
    if place.kind is DuckDB:
        # It changes no row and drops no table that another links to: nothing is loaded.
        before = {name: place.table(name) for name in TABLES}
        export(small(["上星一穴", "顴髎", "囟會"]), tmp_path / "t")
        with pytest.raises(DatabaseError, match='table "mine"'):
            load(place.url, tmp_path / "t")
        assert {name: place.table(name) for name in TABLES} == before
        assert place.ask("SELECT remark FROM mine") == [("see the plate",)]
        return
    export(small(["上星一穴", "顴髎", "囟會"]), tmp_path / "t")
    assert total(load(place.url, tmp_path / "t")) == (1, 2, 0)
    assert place.ask("SELECT remark FROM mine") == [("see the plate",)]
    export(small(["上星一穴"]), tmp_path / "t")
    with pytest.raises(DatabaseError, match=r"(?i)foreign key"):
        load(place.url, tmp_path / "t")
    assert len(place.table("entries")) == 3


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE mingtang SET value = '99' WHERE key = 'schema'",
        "ALTER TABLE issues ADD COLUMN severest text",
    ],
)
def test_a_newer_schema_is_refused(place: Place, change: str, tmp_path: Path) -> None:
    export(small(), tmp_path / "t")
    load(place.url, tmp_path / "t")
    place.ask(change)
    export(small(["別"]), tmp_path / "t")
    with pytest.raises(DatabaseError, match=r"this version knows schema \d+: update mingtang"):
        load(place.url, tmp_path / "t")
    assert len(place.table("entries")) == 2


def test_an_older_schema_is_brought_up_to_date(place: Place, tmp_path: Path) -> None:
    export(small(), tmp_path / "t")
    load(place.url, tmp_path / "t")
    place.ask("DROP TABLE emendations")
    place.ask("UPDATE mingtang SET value = '0' WHERE key = 'schema'")
    assert total(load(place.url, tmp_path / "t")) == (0, 0, 0)
    same(place, tmp_path / "t")
    assert place.ask("SELECT value FROM mingtang WHERE key = 'schema'") == [(str(schema.VERSION),)]
    assert finds(place, "上星") == {"s/01/000"}


def test_tables_of_others_are_not_touched(place: Place, tmp_path: Path) -> None:
    export(small(), tmp_path / "t")
    place.ask("CREATE TABLE notes (mine text)")
    with pytest.raises(DatabaseError, match="'notes' that mingtang did not make"):
        load(place.url, tmp_path / "t")
    assert place.ask("SELECT * FROM notes") == []


def test_a_failure_leaves_what_was_there(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(small(), tmp_path / "old")
    export(small(["別", "又別"], ["注"]), tmp_path / "new")
    load(place.url, tmp_path / "old")
    whole = place.kind.index

    def fails(self: Database, table: str, words: Any) -> None:
        if table == "notes":
            raise OSError("disk full")
        whole(self, table, words)

    monkeypatch.setattr(place.kind, "index", fails)
    with pytest.raises(DatabaseError, match="disk full"):
        load(place.url, tmp_path / "new")
    same(place, tmp_path / "old")
    assert finds(place, "上星") == {"s/01/000"}


# --- search -------------------------------------------------------------------------------------


def finds(place: Place, word: str, table: str = "entries") -> set[str]:
    key = KEYS[table][0]
    if place.kind is SQLite:
        sql = (
            f"SELECT {key} FROM {table} WHERE rowid IN "
            f"(SELECT rowid FROM {table}_fts WHERE {table}_fts MATCH '\"{word}\"')"
        )
    else:
        sql = f"SELECT {key} FROM {table}_grams WHERE gram = '{word}'"
    return {row[0] for row in place.ask(sql)}


WORDS = [
    ("颧髎", "顴髎"),
    ("顴髎", "颧髎"),
    ("后溪", "後谿"),
    ("後谿", "后溪"),
    ("足三里", "三\n里，足\u3000三里"),
    ("三里", "足三里也"),
    ("合谷", "在合 谷下"),
    ("脉气所发", "足太陽脈氣所發"),
    ("上□", "上□一穴"),
    ("骨", "骨"),
    ("𩩲骬", "在𩩲骬下"),
    ("\uf9f6泣", "頭\uf9f6泣"),
]


def test_names_of_two_characters_are_found_in_every_script(place: Place, tmp_path: Path) -> None:
    texts = [text for _, text in WORDS]
    export(small(texts, texts), tmp_path / "t")
    load(place.url, tmp_path / "t")
    for i, (word, _) in enumerate(WORDS):
        assert f"s/01/{i:03}" in finds(place, word), word
        assert f"s/01/000/n{i}" in finds(place, word, "notes"), word
    assert finds(place, "里足") == finds(place, "谷合") == set()


def test_search_finds_all_entries_that_hold_a_name_and_no_other(
    extracted: Path, tmp_path: Path
) -> None:
    place = Place(SQLite, f"sqlite:///{tmp_path / 't.db'}")
    load(place.url, extracted)
    tables, _ = stored(extracted)
    at = [c.name for c in columns(Entry)].index
    for name in ("合谷", "三里", "颧髎", "顴髎", "頭臨泣"):
        expected = {
            row[at("entry_id")]
            for row in tables["entries"]
            if name
            in grams(
                cell
                for c in ("name_raw", "name", "location", "text", "aliases", "posture", "remarks",
                          "warnings")
                for cell in (row[at(c)] if isinstance(row[at(c)], tuple) else [row[at(c)] or ""])
            )
        }  # fmt: skip
        assert expected
        assert finds(place, name) == expected
        # Row numbers are what ties search to its table: they outlast what moves rows about.
    place.ask("DELETE FROM claims")
    place.ask("PRAGMA foreign_keys = OFF")
    before = finds(place, "三里")
    with closing(sqlite3.connect(tmp_path / "t.db", isolation_level=None)) as connection:
        connection.execute("DELETE FROM entries WHERE note % 2 = 1")
        connection.execute("VACUUM")
    left = {row[0] for row in place.ask("SELECT entry_id FROM entries")}
    assert finds(place, "三里") == before & left != before


# --- Datasette ----------------------------------------------------------------------------------


def test_datasette_serves_and_searches(extracted: Path, tmp_path: Path) -> None:
    load(f"sqlite:///{tmp_path / 'points.db'}", extracted)
    with datasette(tmp_path, "points") as base:

        def page(path: str) -> str:
            return fetched(base + path)

        assert "entries" in page("")
        assert "One statement of a witness about one point." in page("/entries")
        found = page(f"/entries?_search={quote('合谷')}&_facet=witness")
        assert "suwen-wang" in found
        assert "合谷" in found
        rows = json.loads(page(f"/entries.json?_search={quote('颧髎')}&_shape=array"))
        assert {row["name"] for row in rows} == {"顴髎"}
        ids = json.loads(page(f"/entries.json?_search={quote('三里')}&_shape=arrays"))["rows"]
        assert len(ids) > 1
        shown = page("/entries?_size=50&depth_min_fen__gt=1")
        assert "3.0\u00a0分" in shown or "3.0&nbsp;分" in shown
        assert "_facet=" in shown  # offered, and not laid before the rows
        assert "name_basis" in page("/entries?_facet=name_basis")
        # Nothing but a line on the table, the search and the counts stands before the rows.
        before = page("/entries").partition("<tbody")[0].partition("<body")[2]
        assert "column-descriptions" not in before
        assert before.count("<p") + before.count("<li") < 30
        answer = page("/who_says_what?code=GV24")
        assert "suwen-wang" in answer
        # The points in their order: the first page begins on the channel of the large intestine.
        assert "Shāngyáng" in page("/synopsis")
        assert "Zhōngzhù" in page("/synopsis?code=KI15")


WIDTH, HEIGHT = 1280, 720
"""A small screen of today."""
LINE = 30
"""So much of a row, in pixels, that its first line is seen; some are taller than a screen."""
FIRST = "document.querySelector('.content table tbody tr, main table tbody tr')"


def test_datasette_begins_with_rows_on_the_first_screen(extracted: Path, tmp_path: Path) -> None:
    """Every table, view and query, and a search: a row of data is seen without scrolling."""
    load(f"sqlite:///{tmp_path / 'points.db'}", extracted)
    addresses = [f"/{name}" for name in (*TABLES, *VIEWS)]
    addresses += [f"/{name}?{urlencode(query.example)}" for name, query in QUERIES.items()]
    addresses.append(f"/entries?_search={quote('三里')}")
    with datasette(tmp_path, "points") as base, browser() as opened:
        page = opened.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        tops = {}
        for address in addresses:
            page.goto(base + address)
            if page.evaluate(f"{FIRST} !== null"):
                tops[address] = page.evaluate(f"{FIRST}.getBoundingClientRect().top")
    assert len(tops) > 15
    assert {address: top for address, top in tops.items() if top + LINE > HEIGHT} == {}


def test_metadata_is_the_same_every_time(tmp_path: Path) -> None:
    export(small(HOSTILE), tmp_path / "t")
    load(f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "t")
    path = tmp_path / "a.metadata.json"
    first = path.read_bytes()
    load(f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "t")
    assert path.read_bytes() == first
    tables = json.loads(first)["databases"]["a"]["tables"]
    assert tables.keys() > TABLES.keys()
    assert tables["entries"]["units"]["depth_min_fen"] == "分"
    assert tables["entries"]["fts_table"] == "entries_fts"


# --- the command --------------------------------------------------------------------------------

app = typer.Typer()
app.callback()(lambda: None)
register(app)


def call(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["load", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def test_the_command_reports_what_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    export(small(), tmp_path / "output")
    status, out, err = call("sqlite:///mingtang.db")
    assert (status, err) == (0, "")
    heads = ["table", "rows", "added", "changed", "removed", "renamed"]
    cells = [line.split()[1::2] for line in out.splitlines()]
    assert heads in cells
    assert [row for row in cells if "entries" in row] == [["entries", "2", "2", "0", "0", "0"]]
    document = json.loads(call("mingtang.db", "output", "--json")[1])
    assert [count["table"] for count in document["tables"]] == list(TABLES)
    assert document["tables"][list(TABLES).index("entries")] == {
        "table": "entries",
        "rows": 2,
        "added": 0,
        "changed": 0,
        "removed": 0,
        "renamed": 0,
    }
    assert document["ids"] == []
    assert (tmp_path / "mingtang.metadata.json").is_file()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://u:geheim@h/d", "begins with none of"),
        ("points.txt", "begins with none of"),
        ("sqlite://points.db", "is followed by /file"),
        ("sqlite:///no/where.db", "no such folder"),
        ("folder.db", "is a folder"),
        ("text.db", "not a database"),
        ("text.duckdb", "text.duckdb"),
        ("postgresql://u:geheim@127.0.0.1:1/d", "refused"),
        ("postgresql://u@127.0.0.1:1/d?password=geheim", "refused"),
        ("postgresql://u:geheim%zz@127.0.0.1:1/d", "not a URL"),
        ("postgresql://u:gehe/im@127.0.0.1:1/d", "%-codes"),
        ("postgresql://u:gehe?im@127.0.0.1:1/d", "%-codes"),
        ("postgresql://u:2/gehe@127.0.0.1:1/d", "%-codes"),
        ("postgresql://u:gehe@im@127.0.0.1:1/d", "%-codes"),
        ("postgresql://127.0.0.1:1/d?application_name=a@b", "refused"),
        ("postgresql://[::1]:1/d", "1"),
        ("postgresql://u:geheim@127.0.0.1:port/d", '"port"'),
        ("postgresql://u:geheim@127.0.0.1:1/d?nonsense=1", "not a URL"),
    ],
)
def test_misuse_is_told_in_one_line_and_no_password(
    url: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    export(Result(), tmp_path / "output")
    (tmp_path / "folder.db").mkdir()
    (tmp_path / "text.db").write_text("上星一穴" * 1000)
    (tmp_path / "text.duckdb").write_text("上星一穴" * 1000)
    status, out, err = call(url)
    assert (status, out) == (2, "")
    assert err.startswith("mingtang: ")
    assert err.count("\n") == 1
    assert message in err
    assert "gehe" not in err
    assert "im@" not in err


def test_folders_that_hold_no_sound_extract_are_refused(tmp_path: Path) -> None:
    url = str(tmp_path / "t.db")

    def refused(folder: Path, message: str) -> None:
        status, _, err = call(url, str(folder))
        assert status == 2
        assert message in err
        assert not Path(url).exists()

    refused(tmp_path / "nowhere", "no manifest.json")
    good = tmp_path / "good"
    export(small(), good, ["csv"])

    def copy(name: str) -> Path:
        return Path(shutil.copytree(good, tmp_path / name))

    (copy("a") / "manifest.json").write_text("[]")
    refused(tmp_path / "a", "not the manifest")
    other = copy("b")
    text = (other / "entries.csv").read_text(encoding="utf-8")
    (other / "entries.csv").write_text(text.replace("上", "下"), encoding="utf-8")
    refused(other, "differs from the manifest")
    (copy("c") / "notes.csv").unlink()
    refused(tmp_path / "c", "notes.csv")
    export(small(), tmp_path / "d", ["csv-excel"])
    refused(tmp_path / "d", "no table 'witnesses' as Parquet or CSV")
    twice = small()
    export(replace(twice, entries=twice.entries * 2), tmp_path / "e")
    refused(tmp_path / "e", "s/01/000 stands twice")
    export(replace(twice, entries=twice.entries[1:]), tmp_path / "f")
    refused(tmp_path / "f", "duplicate_of 's/01/000' is not among the entries")


def test_other_columns_are_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export(small(), tmp_path / "t")
    monkeypatch.setitem(TABLES, "coverage", Note)
    with pytest.raises(StoredError, match="another version of mingtang"):
        stored(tmp_path / "t")


@pytest.mark.parametrize(
    ("url", "module", "named"),
    [
        ("t.duckdb", "duckdb", "pip install duckdb"),
        ("postgresql://h/d", "psycopg", "pip install 'psycopg[binary]'"),
    ],
)
def test_a_driver_that_is_not_installed_is_named(
    url: str, module: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    export(Result(), tmp_path / "t")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(DatabaseError, match=re.escape(named)):
        load(url, tmp_path / "t")


def test_rows_that_name_each_other_in_a_circle(tmp_path: Path) -> None:
    result = small()
    first, second = result.entries
    export(
        replace(result, entries=(replace(first, duplicate_of=second.entry_id), second)),
        tmp_path / "t",
    )
    load(str(tmp_path / "t.db"), tmp_path / "t")
    with pytest.raises(DatabaseError, match="circle"):
        load(str(tmp_path / "t.duckdb"), tmp_path / "t")


def test_a_killed_load_leaves_the_old_tables(tmp_path: Path) -> None:
    place = Place(SQLite, f"sqlite:///{tmp_path / 't.db'}")
    export(small(), tmp_path / "old")
    export(small(["別", "又別"]), tmp_path / "new")
    load(place.url, tmp_path / "old")
    program = (
        "import os, signal, sys, pathlib; from pipeline.publish import load; "
        "from pipeline.publish.databases.sqlite import SQLite; "
        "SQLite.commit = lambda self: os.kill(os.getpid(), signal.SIGKILL); "
        "load.load(sys.argv[1], pathlib.Path(sys.argv[2]))"
    )
    root = Path(__file__).parent.parent
    command = [sys.executable, "-c", program, place.url, str(tmp_path / "new")]
    killed = subprocess.run(command, cwd=root, env=os.environ)
    assert killed.returncode == -9
    same(place, tmp_path / "old")
