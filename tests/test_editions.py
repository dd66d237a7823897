"""Two transcribed editions that are not part of the project: read where they are at hand."""

from __future__ import annotations

import os
from collections.abc import Callable
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

import opencc
import pytest
import regex

from pipeline.knowledge.lexicon import folded, lexicon
from pipeline.model import Result
from pipeline.reading.segment import segment_jiayi
from pipeline.run import alone, run
from pipeline.sources.normalize import normalize
from pipeline.sources.read import read
from pipeline.sources.recognise import sources
from tests.corpus import SPECS, untiled

FOLDER = os.environ.get("MINGTANG_EDITIONS", "")
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="MINGTANG_EDITIONS does not name the folder of the editions"
)


@cache
def wyg() -> Result:
    return run(sources([Path(FOLDER) / "KR3e0005"]))


def test_the_book_has_349_points_each_once() -> None:
    found = [entry.code for entry in wyg().entries]
    assert len(found) == len(set(found)) == 349
    assert None not in found


def test_the_points_it_lacks_are_those_of_later_books() -> None:
    lacking = set(lexicon().order) - {entry.code for entry in wyg().entries}
    names = sorted(lexicon().standard[code] for code in lacking)
    assert names[:6] == ["中樞", "厥陰俞", "急脈", "氣海俞", "眉衝", "督俞"]
    assert names[6:] == ["腰陽關", "膏肓", "關元俞", "靈臺", "青靈", "風市"]


def test_its_sections_are_reconciled_or_the_difference_is_explained() -> None:
    counted = [s for s in wyg().sections if s.declared_points is not None]
    assert [s.number for s in counted] == list(range(1, 36))
    differing = {s.number for s in counted if s.status == "differs"}
    explained = {d.section for d in wyg().diagnostics if d.code == "section-count-differs"}
    assert differing == explained == {8, 10, 13, 20, 21, 35}


def test_nothing_of_the_edition_is_unaccounted_for() -> None:
    assert untiled(wyg().witnesses[0], wyg()) == ""
    told = {(d.start, d.end) for d in wyg().diagnostics if d.code == "dose-unread"}
    unparsed = [row for row in wyg().coverage if row.kind == "unparsed"]
    assert all((row.start, row.end) in told for row in unparsed)
    assert len(unparsed) == 1, "此别腦之㑹, in a note that quotes"
    text = wyg().witnesses[0].text
    rows: tuple[Any, ...] = (*wyg().entries, *wyg().readings, *wyg().claims)
    for row in rows:
        assert text[row.start : row.end] == row.text


VALUES = (
    *("entry_id", "code", "depth_min_fen", "depth_max_fen", "retention_breaths", "moxa_min"),
    *("moxa_max", "needling_forbidden", "moxa_forbidden", "channels", "aliases"),
)
OTHER_BLANKS: dict[str, dict[str, str]] = {
    "tabs": {"\u3000": "\t"},
    "tabs for all": {"\u3000": "\t", " ": "\t"},
    "tabs for pairs": {"\u3000\u3000": "\t"},
    "pairs": {"\u3000": "  "},
    "single": {"\u3000": " "},
}


def converted(folder: Path, edition: str, to: Callable[[str], str]) -> Result:
    """What an edition gives that somebody converted."""
    for path in sorted((Path(FOLDER) / edition).glob("*.txt")):
        (folder / path.name).write_text(to(path.read_text(encoding="utf-8")), encoding="utf-8")
    (spec,) = sources([folder])
    return alone(read(spec))


def said(found: Result) -> list[list[Any]]:
    return [[getattr(entry, column) for column in VALUES] for entry in found.entries]


@pytest.mark.parametrize("blanks", OTHER_BLANKS)
@pytest.mark.parametrize("edition", ["KR3e0001", "KR3e0005"])
def test_other_blanks_change_nothing(edition: str, blanks: str, tmp_path: Path) -> None:
    def to(text: str) -> str:
        for left, blank in OTHER_BLANKS[blanks].items():
            text = text.replace(left, blank)
        return text

    (sound,) = sources([Path(FOLDER) / edition])
    assert said(converted(tmp_path, edition, to)) == said(alone(read(sound)))


@pytest.mark.parametrize(("edition", "lost"), [("KR3e0001", set()), ("KR3e0005", {"僕叅"})])
def test_an_edition_in_simplified_characters_says_the_same(
    edition: str, lost: set[str], tmp_path: Path
) -> None:
    """The manifest knows it as traditional; the file is not. 叅 becomes 参, and 僕 is 仆."""
    found = converted(tmp_path, edition, opencc.OpenCC("t2s").convert)
    (sound,) = sources([Path(FOLDER) / edition])
    assert {w.spec.script for w in found.witnesses} == {"hans"}
    right = alone(read(sound))
    for entry, row, other in zip(right.entries, said(right), said(found), strict=True):
        if entry.name_raw in lost:
            assert other[1] is None
            continue
        assert row[:-1] == other[:-1]


def test_every_entry_names_its_page() -> None:
    first = wyg().entries[0]
    assert (first.name, first.page, first.page_line) == ("神庭", "003-9b", 6)
    assert all(entry.page and entry.page_line for entry in wyg().entries)


def test_what_the_simplified_witness_lost_is_proposed_from_the_edition() -> None:
    specs = (*sources([], witnesses=["jiayi"]), *sources([Path(FOLDER) / "KR3e0005"]))
    proposed = {
        (e.entry_id, e.field): e.emended or e.proposed
        for e in run(specs).emendations
        if e.witness == "jiayi"
    }
    assert proposed["jiayi/10/011", "name"] == "颧髎"
    assert proposed["jiayi/10/007", "location"] == "在目内眥外"
    assert proposed["jiayi/06/003", "location"] == "在颞顬后发际陷者中"
    assert "灸三壯" in proposed["jiayi/35/007", "text"]
    assert proposed["jiayi/08/007", "text"] == "脈氣所發"


@cache
def formulas(siglum: str) -> tuple[str, tuple[int, ...]]:
    """The words of 卷七 to 卷十二 without notes and signs, and where 主之 stands in them."""
    spec = SPECS[siglum] if siglum in SPECS else sources([Path(FOLDER) / siglum])[0]
    source = read(spec)
    layer, _ = normalize(source)
    segments, _ = segment_jiayi(layer, spec.siglum, spec.juan)
    start = min(s.start for s in segments.sections if s.juan.startswith("卷七"))
    words = folded(regex.sub(r"[\s\p{P}□]", "", segments.main.chars[start:]))
    return words, tuple(m.start() for m in regex.finditer("主之", words))


def test_the_formulas_that_the_simplified_witness_lost() -> None:
    """43 that it has not, 42 of them with lost lines; 水溝主之 it has alone (KR3e0005: 止之)."""
    (one, here), (other, there) = formulas("jiayi"), formulas("KR3e0005")
    assert (len(here), len(there)) == (767, 809)
    pairs = [[words[i : i + 5] for i in range(len(words) - 4)] for words in (one, other)]
    same: dict[int, int] = {}
    for a, b, n in SequenceMatcher(None, pairs[0], pairs[1], autojunk=False).get_matching_blocks():
        same |= {b + i: a + i for i in range(n + 4 if n else 0)}
    alone = [at for at in there if same.get(at) not in here]
    met = {same[at] for at in there if at in same}
    assert len(alone) - len(set(here) - met) == len(there) - len(here) == 42
    assert sum("本神" in other[at - 2 : at] for at in alone) == 1
    names = {other[at - 2 : at] for at in alone}
    assert {"巨闕", "曲澤", "俞府", "丘墟", "中窌", "扶承", "長強", "乳根", "照海"} <= names
