from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, permutations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipeline.compare.apparatus import TEI, groups, passages, segments, sigla, tei
from pipeline.compare.edition import Edition, edition, entry_glyphs
from pipeline.sources.glyphs import glyphs_of
from tests.corpus import extract, invented, result

XML = "{http://www.w3.org/XML/1998/namespace}"

PIECES = ["刺入", "三", "五", "分", "寸", "，", "灸", "壯", "壮", "髎", "□", "（", "㑹"]
TEXTS = st.lists(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join), min_size=2, max_size=5
)


@given(TEXTS)
def test_the_readings_of_a_witness_are_its_text(texts: list[str]) -> None:
    found = segments(glyphs_of(texts, "hans"))
    for n, text in enumerate(texts):
        assert "".join(s.readings[n] for s in found) == text


@given(TEXTS)
def test_the_order_of_witnesses_does_not_matter(texts: list[str]) -> None:
    glyphs = glyphs_of(texts, "hans")
    found = segments(glyphs)
    for order in list(permutations(range(len(texts))))[:24]:
        other = segments([glyphs[i] for i in order])
        back = [tuple(s.readings[order.index(n)] for n in range(len(texts))) for s in other]
        assert back == [s.readings for s in found]


@given(TEXTS)
def test_neighbouring_segments_differ_in_kind(texts: list[str]) -> None:
    found = segments(glyphs_of(texts, "hans"))
    simple = ["substantive" if s.kind == "numeric" else s.kind for s in found]
    assert all(a != b for a, b in pairwise(simple))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["刺入三分", "刺入五分"], [("刺入", "same"), ("三|五", "numeric"), ("分", "same")]),
        (["灸三壯", "灸三壮"], [("灸三", "same"), ("壯|壮", "orthographic")]),
        (["在上", "在膝上"], [("在", "same"), ("|膝", "substantive"), ("上", "same")]),
        (["在上，", "在上"], [("在", "same"), ("上，|上", "orthographic")]),
        (["中央", "中", "中央"], [("中", "same"), ("央||央", "substantive")]),
        (["", "上星"], [("|上星", "substantive")]),
        (["，", "，"], [("，", "same")]),
        ([""], []),
    ],
)
def test_segments(texts: list[str], expected: list[tuple[str, str]]) -> None:
    found = segments(glyphs_of(texts, "hans"))
    shown = [(s.readings[0] if s.kind == "same" else "|".join(s.readings), s.kind) for s in found]
    assert shown == expected


# --- whole editions ------------------------------------------------------------------------------


def side(text: str, siglum: str, script: str = "hant") -> Edition:
    return edition(
        extract(invented(f"## 頭凡一穴第一\n\n{text}", "markdown", script, siglum=siglum))
    )


A = side("神庭，在髮際，刺入三分。\n\n上星，在顱上，直鼻中央，刺入三分，灸三壯。", "a")
B = side(
    "神庭，在发际，刺入三分。\n\n上星，在颅上，直鼻中央陷者中，刺入五分，灸三壮。", "b", "hans"
)
C = side("上星在顱上直鼻中刺入三分灸三壯\n\n百㑹在前頂後一寸五分刺入三分", "c")


def readings_of(document: ElementTree.Element, siglum: str, block: ElementTree.Element) -> str:
    """The text of one witness in a block, as a reader of the document puts it together."""

    def text(node: ElementTree.Element) -> str:
        tag = node.tag.removeprefix(f"{{{TEI}}}")
        if tag in ("milestone", "note"):
            return ""
        if tag in ("lem", "rdg") and f"#{siglum}" not in node.attrib["wit"].split():
            return ""
        inside = (node.text or "") + "".join(text(child) + (child.tail or "") for child in node)
        return re.sub(r"\s", "", inside) if tag in ("app", "rdgGrp") else inside

    return text(block)


@pytest.mark.parametrize("order", list(permutations([A, B, C])))
def test_the_document_holds_every_text_whole(order: Sequence[Edition]) -> None:
    document = ElementTree.fromstring(tei(order))
    blocks = document.findall(f".//{{{TEI}}}ab")
    assert len(blocks) == 3
    names = sigla(order)
    found: dict[str, list[str]] = {name: [] for name in names}
    for block in blocks:
        lacking = {
            ref for note in block.iter(f"{{{TEI}}}note") for ref in note.attrib["target"].split()
        }
        for name in names:
            if f"#{name}" not in lacking:
                found[name].append(readings_of(document, name, block))
    for side, name in zip(order, names, strict=True):
        texts = sorted("".join(entry_glyphs(side, e).written) for e in side.entries)
        assert sorted(found[name]) == texts


def test_groups_are_the_same_in_any_order() -> None:
    sides = [A, B, C]
    found = {
        frozenset(
            frozenset((sides[order[n]].label, i) for n, i in group.items())
            for group in groups([sides[k] for k in order])
        )
        for order in permutations(range(3))
    }
    assert len(found) == 1
    assert sorted(map(len, next(iter(found)))) == [1, 2, 3]


def test_what_only_others_have_stands_where_they_have_it() -> None:
    codes = [next(iter(p.entries.values())).code for p in passages([A, B, C])]
    assert codes == ["GV24", "GV23", "GV20"]
    codes = [next(iter(p.entries.values())).code for p in passages([C, A, B])]
    assert codes == ["GV24", "GV23", "GV20"]


def test_nothing_of_the_corpus_is_lost() -> None:
    sides = [edition(result("jiayi")), edition(result("jiayi-j3"))]
    seen = 0
    for passage in passages(sides):
        for k, (n, entry) in enumerate(passage.entries.items()):
            text = "".join(s.readings[k] for s in passage.segments)
            assert text == "".join(entry_glyphs(sides[n], entry).written)
            seen += 1
    assert seen == sum(e.duplicate_of is None for side in sides for e in side.entries)


# --- TEI -----------------------------------------------------------------------------------------

# No schema of TEI is at hand without network, so its rules for what is used here are written out:
# element: elements allowed in it, attributes it may have.
RULES: dict[str, tuple[str, str]] = {
    "TEI": ("teiHeader text", ""),
    "teiHeader": ("fileDesc encodingDesc", ""),
    "fileDesc": ("titleStmt publicationStmt sourceDesc", ""),
    "titleStmt": ("title", ""),
    "title": ("", ""),
    "publicationStmt": ("p", ""),
    "p": ("", ""),
    "sourceDesc": ("listWit", ""),
    "listWit": ("witness", ""),
    "witness": ("g", "id"),
    "encodingDesc": ("variantEncoding", ""),
    "variantEncoding": ("", "method location"),
    "text": ("body", "lang"),
    "body": ("div", ""),
    "div": ("ab", "type"),
    "ab": ("app note milestone g", "id n"),
    "milestone": ("", "unit edRef n"),
    "note": ("", "type target"),
    "app": ("lem rdg rdgGrp", "type"),
    "rdgGrp": ("lem rdg", "type"),
    "lem": ("g", "wit"),
    "rdg": ("g", "wit"),
    "g": ("", "n"),
}
MIXED = {"title", "p", "witness", "ab", "lem", "rdg"}


def violations(document: ElementTree.Element) -> list[str]:
    """What breaks the rules of TEI, or of parallel segmentation, in a document."""
    found: list[str] = []
    ids = [node.attrib[f"{XML}id"] for node in document.iter() if f"{XML}id" in node.attrib]
    found += [f"id {i} stands twice" for i in {i for i in ids if ids.count(i) > 1}]
    witnesses = {f"#{node.attrib[f'{XML}id']}" for node in document.iter(f"{{{TEI}}}witness")}

    def check(node: ElementTree.Element) -> None:
        tag = node.tag.removeprefix(f"{{{TEI}}}")
        inside, attributes = (words.split() for words in RULES.get(tag, ("", "")))
        children = [child.tag.removeprefix(f"{{{TEI}}}") for child in node]
        if tag not in RULES:
            found.append(f"{tag} is not known")
        found.extend(f"{c} in {tag}" for c in children if c not in inside)
        have = {name.removeprefix(XML) for name in node.attrib}
        found.extend(f"@{name} on {tag}" for name in have.difference(attributes))
        strings = [node.text, *(child.tail for child in node)]
        if tag not in MIXED and any(s and s.strip() for s in strings):
            found.append(f"text in {tag}")
        if tag == "app":
            readings = [*node.iter(f"{{{TEI}}}lem"), *node.iter(f"{{{TEI}}}rdg")]
            cited = [w for r in readings for w in r.attrib["wit"].split()]
            first = next(r for r in node.iter() if r.tag.endswith(("lem", "rdg")))
            if len(list(node.iter(f"{{{TEI}}}lem"))) != 1 or not first.tag.endswith("lem"):
                found.append("an app opens with one lem")
            if len(cited) != len(set(cited)) or not set(cited) <= witnesses:
                found.append(f"witnesses of an app: {cited}")
        for child in node:
            check(child)

    check(document)
    return found


def test_the_document_keeps_the_rules_of_tei() -> None:
    assert violations(ElementTree.fromstring(tei([A, B, C]))) == []


def test_the_corpus_keeps_the_rules_of_tei() -> None:
    sides = [edition(result("jiayi")), edition(result("jiayi-j3"))]
    assert violations(ElementTree.fromstring(tei(sides))) == []


def test_one_text_in_several_writings_is_a_group() -> None:
    document = tei([side("上星，在顱上。", "x"), side("上星，在颅上。", "y", "hans"),
                    side("上星，在頭上。", "z")])  # fmt: skip
    assert (
        '<app type="substantive"><rdgGrp type="orthographic"><lem wit="#x">顱</lem>'
        '<rdg wit="#y">颅</rdg></rdgGrp><rdg wit="#z">頭</rdg></app>'
    ) in document


def test_a_character_that_xml_cannot_hold_is_not_dropped() -> None:
    odd = side("上星，在顱\x01上&<，刺入三分。", "1 odd/siglum")
    document = tei([odd, A])
    assert violations(ElementTree.fromstring(document)) == []
    assert '<g n="U+0001"/>' in document


def test_sigla_are_fit_for_ids_and_differ() -> None:
    sides = [replace(A, label=label) for label in ("004_x", "a", "a", "甲 乙", "a")]
    assert sigla(sides) == ("w-004_x", "a", "a--2", "甲-乙", "a--3")


def test_the_apparatus_is_valid_by_the_schema_of_tei() -> None:
    folder = Path(__file__).parent / "schema"
    with gzip.open(folder / "tei_all.rng.gz") as schema:
        rules = etree.RelaxNG(etree.parse(schema))
    editions = [edition(result(siglum), siglum) for siglum in ("jiayi-j3", "jiayi", "suwen-wang")]
    for chosen in (editions[:2], editions[1:], editions):
        document = etree.fromstring(tei(chosen).encode("utf-8"))
        assert rules.validate(document), rules.error_log.last_error
