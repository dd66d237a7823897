"""What holds for every text: values point at their words, nothing is lost, nothing is chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model import Entry, Result, Text, Witness
from pipeline.sources.normalize import normalize
from pipeline.text.layer import changes, plain, rewrite, span, verbatim
from tests.cases import FOLDER, Case, cases
from tests.corpus import SPECS, extract, invented, misplaced, result, untiled, witness
from tests.test_refer import commentary

BOOKS = ("jiayi-j3", "jiayi")
SIGNS = regex.compile(r"[，。、；：？！∶《》\s]")
PLACE = {"entry_id", "witness", "section", "seq", "note", "start", "end", "line", "text", "page"}
FINDINGS = {"page_line", "duplicate_of", "flags", "candidates", "state", "anchor"}
VALUES = [f.name for f in fields(Entry) if f.name not in PLACE | FINDINGS]
VERBATIM = ("warnings", "remarks", "posture")
"""Lists whose items are clauses: where one ends and the next begins is told by punctuation."""


def bare(value: Any, column: str = "") -> Any:
    """A value without punctuation and blanks."""
    if isinstance(value, tuple):
        items = [SIGNS.sub("", item) for item in value]
        return "".join(items) if column in VERBATIM else tuple(items)
    return SIGNS.sub("", value) if isinstance(value, str) else value


# --- every witness --------------------------------------------------------------------------------


@pytest.mark.parametrize("siglum", SPECS)
def test_every_text_is_what_stands_at_its_offsets(siglum: str) -> None:
    assert misplaced(witness(siglum), result(siglum)) == []


@pytest.mark.parametrize("siglum", SPECS)
def test_coverage_tiles_the_file(siglum: str) -> None:
    assert untiled(witness(siglum), result(siglum)) == ""


@pytest.mark.parametrize("siglum", SPECS)
def test_identifiers_are_unique_and_lead_somewhere(siglum: str) -> None:
    found = result(siglum)
    entries = [e.entry_id for e in found.entries]
    notes = [n.note_id for n in found.notes]
    readings = [r.reading_id for r in found.readings]
    for ids in (entries, notes, readings, [s.section_id for s in found.sections]):
        assert len(set(ids)) == len(ids)
        assert all(i.startswith(f"{siglum}/") for i in ids)
    assert {r.note_id for r in found.readings} <= set(notes)
    assert {c.entry_id for c in found.claims} <= set(entries)
    owners = {n.entry_id for n in found.notes} | {r.entry_id for r in found.readings}
    owners |= {d.entry_id for d in found.diagnostics} | {e.duplicate_of for e in found.entries}
    assert owners - {None} <= set(entries)


@pytest.mark.parametrize("siglum", SPECS)
def test_the_same_again(siglum: str) -> None:
    again, found = extract(witness(siglum)), result(siglum)
    assert replace(again, layers=()) == replace(found, layers=())
    assert [told.text.chars for told in again.layers] == [told.text.chars for told in found.layers]


@pytest.mark.parametrize("siglum", BOOKS)
def test_nothing_in_an_entry_is_left_unparsed_without_a_word(siglum: str) -> None:
    found = result(siglum)
    said = [(d.start, d.end) for d in found.diagnostics if d.code == "clause-unparsed"]
    missed = [(c.start, c.end) for c in found.coverage if c.kind == "unparsed"]
    assert all(any(a <= start and end <= b for a, b in said) for start, end in missed)


# --- the normalized layer -------------------------------------------------------------------------


@pytest.mark.parametrize("siglum", BOOKS)
def test_normalizing_again_changes_nothing(siglum: str) -> None:
    """What is normalized is plain text in traditional characters, and stays as it is."""
    text, _ = normalize(witness(siglum))
    again, _ = normalize(invented(text.chars, "plain"))
    assert again.chars == text.chars


@pytest.mark.parametrize("siglum", BOOKS)
def test_every_change_is_in_the_log(siglum: str) -> None:
    """A character of the source is in the text, or a change says where it went."""
    source = witness(siglum).text
    text, _ = normalize(witness(siglum))
    logged = bytearray(len(source))
    for change in changes(text):
        logged[change.start : change.end] = b"\1" * (change.end - change.start)
    kept = bytearray(len(source))
    for char, a, b in zip(text.chars, text.starts, text.ends, strict=True):
        kept[a:b] = b"\1" * (b - a)
        assert source[a:b] == char or all(logged[a:b]), (a, b, source[a:b], char)
    assert [i for i in range(len(source)) if not kept[i] and not logged[i]] == []


@pytest.mark.parametrize("siglum", BOOKS)
def test_offsets_run_forward(siglum: str) -> None:
    text, _ = normalize(witness(siglum))
    assert list(text.starts) == sorted(text.starts)
    assert list(text.ends) == sorted(text.ends)
    assert all(a < b for a, b in zip(text.starts, text.ends, strict=True))


@st.composite
def rewritten(draw: st.DrawFn) -> tuple[str, Text]:
    """A text and what some rounds of edits make of it."""
    source = draw(st.text("神庭在髮際，。\n 三", min_size=1, max_size=30))
    text = plain(source)
    for _ in range(draw(st.integers(0, 4))):
        size = len(text.chars)
        ends = draw(st.lists(st.integers(0, size), max_size=8).map(sorted))
        pairs = [(a, b) for a, b in zip(ends[::2], ends[1::2], strict=False) if a < b]
        new = st.text("□甲乙", max_size=3)
        text = rewrite(text, [(a, b, draw(new), "test") for a, b in pairs])
    return source, text


@given(rewritten())
def test_composed_offsets_lead_back_to_the_source(case: tuple[str, Text]) -> None:
    source, text = case
    assert list(text.starts) == sorted(text.starts)
    for i, char in enumerate(text.chars):
        a, b = span(text, i, i + 1)
        assert 0 <= a < b <= len(source)
        assert char in "□甲乙" or source[a:b] == char
        assert verbatim(source, text, i, i + 1) == "".join(source[a:b].split())


@given(st.text("神庭在髮際，。\n　三", max_size=40), st.data())
def test_what_is_lifted_out_is_out_and_the_rest_verbatim(source: str, data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.integers(0, max(0, len(source) - 1)), max_size=len(source)))
    text = rewrite(plain(source), [(i, i + 1, "", "test") for i in sorted(gone) if i < len(source)])
    rest = "".join(c for i, c in enumerate(source) if i not in gone)
    assert text.chars == rest
    found = verbatim(source, text, 0, len(rest))
    if not any(source[i] in "，。" for i in gone if i < len(source)):
        assert found == "".join(rest.split())
    assert SIGNS.sub("", found) == SIGNS.sub("", rest)  # a pause between two characters stands


CLAUSES = st.sampled_from(
    [
        *("神庭", "曲差", "，在髮際直鼻", "，一名鼻衝", "，督脈、足太陽之會", "者，木也", "□"),
        *("，刺入三分", "，留六呼", "，灸三壯", "，禁不可灸", "，令人癲疾", "，取之", "三"),
        *("（一曰五壯）", "（氣府論注云：刺入四分", "）", "《素問》", "作", "。", "\n\n"),
        *("，女子", "#", "同身寸之", "別走", "足太陽", "之郄", "## 頭凡七穴第一\n\n"),
    ]
)


@given(st.lists(CLAUSES, max_size=25).map("".join))
def test_any_clauses_in_any_order_are_traced_and_accounted_for(text: str) -> None:
    source = invented(f"## 頭凡一穴第一\n\n{text}")
    found = extract(source)
    assert untiled(source, found) == ""
    assert misplaced(source, found) == []


# --- two layouts of one text ----------------------------------------------------------------------

# What the layouts themselves change: section and order, column, Markdown, tagged. The mark that a
# typesetting code left in place of a glyph (擿) is in lower case in the one, in upper in the other.
LAYOUT = {("11/002", "warnings"): (("耳中有干ht抵，不可灸",), ("耳中有干HT抵,不可灸",))}


def test_both_layouts_of_the_book_give_the_same_entries() -> None:
    first = {e.entry_id.split("/", 1)[1]: e for e in result("jiayi-j3").entries}
    second = {e.entry_id.split("/", 1)[1]: e for e in result("jiayi").entries}
    assert list(first) == list(second)
    found = {
        (key, column): (getattr(e, column), getattr(second[key], column))
        for key, e in first.items()
        for column in VALUES
        if signs(getattr(e, column)) != signs(getattr(second[key], column))
    }
    assert found == LAYOUT


def signs(value: Any) -> Any:
    """A value with its signs as the Markdown layout writes them."""
    if isinstance(value, tuple):
        return tuple(map(signs, value))
    return value.translate(str.maketrans(",;:?", "，；：？")) if isinstance(value, str) else value


def test_both_layouts_of_the_book_give_the_same_readings() -> None:
    def said(siglum: str) -> list[tuple[Any, ...]]:
        return [
            (r.entry_id.split("/", 1)[1], bare(signs(r.source)), r.field, bare(signs(r.value)))
            for r in result(siglum).readings
            if r.entry_id
        ]

    first, second = said("jiayi-j3"), said("jiayi")
    differing = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    assert differing == []


# --- a text that stands twice ---------------------------------------------------------------------


def changed_by_doubling(source: Witness) -> list[tuple[str, str]]:
    """Entries and columns of the first copy that are otherwise because a second one follows."""
    alone = extract(source).entries
    both = extract(replace(source, text=source.text + source.text)).entries
    assert len(both) == 2 * len(alone)
    return [
        (before.entry_id, field.name)
        for before, after in zip(alone, both, strict=False)
        for field in fields(Entry)
        if getattr(before, field.name) != getattr(after, field.name)
    ]


@pytest.mark.parametrize("siglum", ["suwen-wang", "suwen-zhijie", "wiki-ki"])
def test_a_text_that_stands_twice_gives_its_first_copy_the_same_values(siglum: str) -> None:
    assert changed_by_doubling(witness(siglum)) == []


@pytest.mark.parametrize("case", cases("refer.txt"), ids=lambda case: case.place)
def test_a_model_is_taken_from_the_same_copy(case: Case) -> None:
    source = commentary(case.given)
    assert changed_by_doubling(replace(source, text=source.text + "\n")) == []


# --- without punctuation --------------------------------------------------------------------------


@cache
def unpunctuated() -> Result:
    """卷三 with all punctuation deleted, headings and brackets of notes left."""
    source = witness("jiayi-j3")
    front = source.text.index("---", 4) + 4
    body = regex.sub("[，。、；：？！∶《》 ]", "", source.text[front:])
    body = regex.sub(r"(?<=##)(?=\[)|(?<=^##\[[^\]\n]*\])", " ", body, flags=regex.M)
    return extract(replace(source, text=source.text[:front] + body))


def exceptions() -> Iterator[str]:
    for line in (FOLDER / "unpunctuated.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def test_punctuation_is_a_hint_and_never_needed() -> None:
    first = {e.entry_id: e for e in result("jiayi-j3").entries}
    second = {e.entry_id: e for e in unpunctuated().entries}
    assert list(first) == list(second)

    def differing(a: Entry, b: Entry) -> Iterator[str]:
        for column in VALUES:
            before, after = (bare(getattr(e, column), column) for e in (a, b))
            if before != after:
                yield f"{a.entry_id}\t{a.name_raw}\t{column}\t{before} → {after}"

    found = [line for key, e in first.items() for line in differing(e, second[key])]
    assert found == list(exceptions())


def test_notes_say_the_same_without_punctuation() -> None:
    def said(found: Result) -> list[tuple[Any, ...]]:
        return [(r.entry_id, bare(r.source), r.field, bare(r.value)) for r in found.readings]

    assert said(unpunctuated()) == said(result("jiayi-j3"))


# --- line ends ------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_any_kind_give_the_same_values(end: str) -> None:
    source: Witness = witness("jiayi-j3")
    other = extract(replace(source, text=source.text.replace("\n", end)))
    assert untiled(replace(source, text=source.text.replace("\n", end)), other) == ""
    for a, b in zip(result("jiayi-j3").entries, other.entries, strict=True):
        assert [getattr(a, c) for c in VALUES] == [getattr(b, c) for c in VALUES]
        assert a.line == b.line
