"""The tables decided by people: heads, keys, order, and what refers to what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import opencc
import pytest

from bench.mutants import LISTS, mutants, noticing
from pipeline.knowledge.glyphs import variants
from pipeline.knowledge.lexicon import folded, lexicon
from pipeline.knowledge.tables import home, rows, table

CORPUS = home() / "corpus"
TABLES = sorted(p.relative_to(CORPUS).as_posix() for p in CORPUS.glob("*/*.tsv"))
KEYS = {
    "authority/arrangement.tsv": ("place",),
    "authority/channels.tsv": ("name",),
    "authority/cited.tsv": ("work", "part"),
    "authority/counts.tsv": ("kind", "form"),
    "authority/names.tsv": ("name", "code", "context"),
    "authority/points.tsv": ("code",),
    "authority/ranges.tsv": ("field", "tradition"),
    "authority/regions.tsv": ("word",),
    "authority/symptoms.tsv": ("head", "form"),
    "authority/transport.tsv": ("office",),
    "authority/treatments.tsv": ("kind", "form"),
    "authority/works.tsv": ("cited",),
    "normalization/codepoints.tsv": ("first",),
    "normalization/compositions.tsv": ("composition",),
    "normalization/entities.tsv": ("entity",),
    "normalization/lost.tsv": ("sign",),
    "normalization/marks.tsv": ("mark",),
    "normalization/numerals.tsv": ("sign",),
    "normalization/punctuation.tsv": ("sign",),
    "normalization/quoted.tsv": ("written",),
    "normalization/radicals.tsv": ("sign",),
    "normalization/variants.tsv": ("variant",),
}
SORTED_BY = {
    "authority/counts.tsv": "kind",
    "authority/names.tsv": "name",
    "authority/ranges.tsv": "field",
    "authority/regions.tsv": "word",
    "authority/symptoms.tsv": "head",
    "authority/treatments.tsv": "kind",
    "normalization/entities.tsv": "entity",
    "normalization/compositions.tsv": "composition",
    "normalization/numerals.tsv": "sign",
    "normalization/punctuation.tsv": "sign",
    "normalization/quoted.tsv": "written",
    "normalization/radicals.tsv": "sign",
    "normalization/variants.tsv": "variant",
    "normalization/words.tsv": "word",
}
WHO = {
    "LU": 11, "LI": 20, "ST": 45, "SP": 21, "HT": 9, "SI": 19, "BL": 67, "KI": 27,
    "PC": 9, "TE": 23, "GB": 44, "LR": 14, "GV": 28, "CV": 24,
}  # fmt: skip
"""Points of each channel in the standard, in its order."""
REGIONS = {"head", "back", "face", "ear", "neck", "shoulder", "chest", "axilla", "abdomen"} | {
    "hand",
    "foot",
}
CODES = [f"{channel}{n}" for channel, count in WHO.items() for n in range(1, count + 1)]


def repeated(values: Iterable[object]) -> list[object]:
    return [value for value, times in Counter(values).items() if times > 1]


@pytest.mark.parametrize("name", TABLES)
def test_head_lines_say_what_the_table_is(name: str) -> None:
    lines = (CORPUS / name).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    header = next(line for line in lines if not line.startswith("#")).split("\t")
    head = "\n".join(line for line in lines if line.startswith("#"))
    assert len(set(header)) == len(header)
    assert any(column in head for column in header)
    assert "#" not in {line[:1] for line in lines[lines.index("\t".join(header)) :]}


@pytest.mark.parametrize("name", TABLES)
def test_cells_are_clean_and_keys_unique(name: str) -> None:
    found = list(rows(CORPUS / name))
    assert [cell for row in found for cell in row.values() if cell != cell.strip()] == []
    if name in KEYS:
        assert repeated(tuple(row[key] for key in KEYS[name]) for row in found) == []


@pytest.mark.parametrize("name", SORTED_BY)
def test_tables_are_sorted_as_their_heads_say(name: str) -> None:
    keys = [row[SORTED_BY[name]] for row in rows(CORPUS / name)]
    assert keys == sorted(keys)


# --- points ---------------------------------------------------------------------------------------


def test_the_points_are_those_of_the_standard() -> None:
    points = table("authority/points.tsv")
    assert [row["code"] for row in points] == CODES
    assert len(CODES) == 361
    for column in ("traditional", "simplified", "english"):
        assert repeated(row[column] for row in points) == []
    for row in points:
        assert (row["laterality"] == "midline") == (row["code"][:2] in ("GV", "CV")), row
        assert set(row["region"].split("|")) <= REGIONS, row


def test_points_have_a_channel_of_the_channel_table() -> None:
    canonical = {row["canonical"] for row in table("authority/channels.tsv")}
    by_channel: dict[str, set[str]] = {}
    for row in table("authority/points.tsv"):
        by_channel.setdefault(row["channel"], set()).add(row["code"].rstrip("0123456789"))
    assert set(by_channel) <= canonical
    assert all(len(prefixes) == 1 for prefixes in by_channel.values())
    assert len(by_channel) == 14


def test_simplified_and_traditional_names_are_one_name() -> None:
    """Folded to simplified, both columns agree."""
    simplify = opencc.OpenCC("t2s").convert
    for row in table("authority/points.tsv"):
        assert len(row["simplified"]) == len(row["traditional"]), row
        if simplify(row["traditional"]) != row["simplified"]:
            # The national standard keeps or chooses another glyph: the fold knows it.
            pairs = zip(row["traditional"], row["simplified"], strict=True)
            assert any(simplify(a) == b for a, b in pairs) or len(row["code"]) > 3, row


# --- names ----------------------------------------------------------------------------------------


def test_every_name_is_of_a_point_and_its_context_can_be_met() -> None:
    canonical = {row["canonical"] for row in table("authority/channels.tsv")}
    kinds = {"standard_homonym", "alias", "variant", "part", "misprint"}
    for row in table("authority/names.tsv"):
        assert row["code"] in lexicon().standard, row
        assert row["kind"] in kinds, row
        assert row["reason"], row
        for condition in filter(None, row["context"].split(";")):
            key, _, values = condition.partition("=")
            known = {"region": REGIONS, "channel": canonical, "collective": {""}}
            assert set(values.split("|")) <= known[key], row


def test_a_name_of_several_points_says_what_decides() -> None:
    """But for aliases, where no book decides, which say so."""
    for name, senses in lexicon().senses.items():
        heads = [s for s in senses if s.kind not in ("alias", "misprint")]
        if len({s.code for s in heads}) > 1:
            bare = [s for s in heads if not s.context and s.kind != "standard"]
            assert bare == [] or all(s.kind == "part" for s in bare), (name, senses)


def test_names_are_found_in_their_folded_form() -> None:
    lex = lexicon()
    for row in table("authority/points.tsv"):
        assert row["code"] in {s.code for s in lex.senses[folded(row["traditional"])]}
    for row in table("authority/names.tsv"):
        assert row["code"] in {s.code for s in lex.senses[folded(row["name"])]}
    assert all(folded(name) == name for name in lex.senses)


# --- channels, works, doses -----------------------------------------------------------------------


def test_every_channel_has_its_canonical_form_in_the_table() -> None:
    channels = table("authority/channels.tsv")
    names = {folded(row["name"]) for row in channels}
    assert {folded(row["canonical"]) for row in channels} <= names
    regular = {row["canonical"] for row in channels if row["kind"] == "regular"}
    assert len(regular) == 12
    for row in channels:
        again = next(r for r in channels if folded(r["name"]) == folded(row["canonical"]))
        assert again["canonical"] == row["canonical"], row


def test_works_say_where_they_can_be_looked_up() -> None:
    works = {row["witness_work"] for row in table("authority/works.tsv")}
    assert works <= {"", "suwen", "jiayi"}
    for row in table("authority/works.tsv"):
        assert row["part"] != "surname" or not row["chapter"], row
        assert all(1 <= int(n) <= 81 for n in filter(None, row["chapter"].split("|"))), row


def test_a_year_is_that_of_a_work_that_is_cited() -> None:
    works = {(row["work"], row["part"] == "commentary") for row in table("authority/works.tsv")}
    named = {work for work, _ in works}
    for row in table("authority/cited.tsv"):
        assert row["work"] in named, row
        assert not row["part"] or (row["work"], True) in works, row


def test_ranges_and_transport_points_are_possible() -> None:
    for row in table("authority/ranges.tsv"):
        assert 0 < int(row["least"]) <= int(row["most"]), row
    phases = {"木", "火", "土", "金", "水", ""}
    assert all({r["yin"], r["yang"]} <= phases for r in table("authority/transport.tsv"))


# --- normalization --------------------------------------------------------------------------------


def test_a_standard_glyph_is_not_itself_a_variant() -> None:
    for row in table("normalization/variants.tsv"):
        assert len(row["variant"]) == len(row["standard"]) == 1, row
        assert ord(row["standard"]) not in variants(), row


def test_entities_that_are_known_have_a_character() -> None:
    for row in table("normalization/entities.tsv"):
        assert (row["character"] == "") == (row["certainty"] == "unknown"), row


def test_the_dictionary_keeps_lengths_and_has_every_key_once() -> None:
    path = CORPUS / "normalization/opencc/mingtang.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if not line.startswith("#")]
    assert all(len(key) == len(value) for key, value in pairs)
    assert [key for key, _ in pairs] == sorted({key for key, _ in pairs})


@pytest.mark.parametrize("name", LISTS)
def test_every_mutant_stands_once_and_its_tests_are_there(name: str) -> None:
    for mutant in mutants(name):
        assert mutant.before != mutant.after
        for word in noticing(mutant).split():
            assert "/" not in word or (home() / word).is_file(), mutant
