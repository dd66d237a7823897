from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from lxml import etree

from pipeline.compare.align import groups
from pipeline.compare.book import book
from pipeline.compare.collate import collate
from pipeline.compare.difference import Collation
from pipeline.compare.edition import Edition, edition
from pipeline.compare.tei import METHODS, TEI, sigla, tei
from pipeline.run import alone
from pipeline.sources.read import read
from pipeline.sources.recognise import sources
from tests.corpus import EDITIONS, extract, invented, result, side

XML = "{http://www.w3.org/XML/1998/namespace}"

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
        return re.sub(r"\s", "", inside) if tag == "app" else inside

    return text(block)


def texts_of(order: Sequence[Edition]) -> dict[str, list[str]]:
    """The texts of all witnesses, block by block."""
    document = ElementTree.fromstring(tei(collate(order)))
    names = sigla(order)
    found: dict[str, list[str]] = {name: [] for name in names}
    for block in document.findall(f".//{{{TEI}}}ab"):
        lacking = {
            ref
            for note in block.iter(f"{{{TEI}}}note")
            for ref in note.attrib.get("target", "").split()
        }
        for name in names:
            if f"#{name}" not in lacking:
                found[name].append(readings_of(document, name, block))
    return found


@pytest.mark.parametrize("order", list(permutations([A, B, C])))
def test_the_document_holds_every_text_whole(order: Sequence[Edition]) -> None:
    found = texts_of(order)
    for one, name in zip(order, sigla(order), strict=True):
        whole = book(one)
        assert sorted("".join(found[name])) == sorted(whole.text(range(len(whole.chars))))
        for i in range(len(one.entries)):
            entry = whole.text(g for g, owner in enumerate(whole.entry) if owner == i)
            assert entry in found[name]


def test_groups_are_the_same_in_any_order() -> None:
    sides = [A, B, C]
    found = {
        frozenset(
            frozenset((sides[order[n]].label, i) for n, i in group.items())
            for group in groups([sides[k] for k in order], [book(sides[k]) for k in order])
        )
        for order in permutations(range(3))
    }
    assert len(found) == 1
    assert sorted(map(len, next(iter(found)))) == [1, 2, 3]


@pytest.mark.parametrize("order", [[A, B, C], [C, A, B]])
def test_what_only_others_have_stands_where_they_have_it(order: list[Edition]) -> None:
    found = []
    for passage in collate(order).passages:
        found += [order[n].entries[i].code for n, i in list(passage.entries.items())[:1]]
    assert found == ["GV24", "GV23", "GV20"]


# --- TEI -----------------------------------------------------------------------------------------

# No schema of TEI is at hand without network, so its rules for what is used here are written out:
# element: elements allowed in it, attributes it may have.
RULES: dict[str, tuple[str, str]] = {
    "TEI": ("teiHeader text", ""),
    "teiHeader": ("fileDesc encodingDesc", ""),
    "classDecl": ("taxonomy", ""),
    "taxonomy": ("category", "id"),
    "category": ("catDesc", "id"),
    "catDesc": ("", ""),
    "fileDesc": ("titleStmt publicationStmt sourceDesc", ""),
    "titleStmt": ("title", ""),
    "title": ("", ""),
    "publicationStmt": ("p", ""),
    "p": ("", ""),
    "sourceDesc": ("listWit", ""),
    "listWit": ("witness", ""),
    "witness": ("g", "id"),
    "encodingDesc": ("classDecl variantEncoding", ""),
    "variantEncoding": ("", "method location"),
    "text": ("body", "lang"),
    "body": ("div", ""),
    "div": ("ab", "type"),
    "ab": ("app note milestone g", "id n"),
    "milestone": ("", "unit edRef n"),
    "note": ("", "type target n ana"),
    "app": ("lem rdg", "type n ana"),
    "lem": ("g", "wit id"),
    "rdg": ("g", "wit id type corresp"),
    "g": ("", "n"),
}
MIXED = {"catDesc", "title", "p", "witness", "ab", "lem", "rdg"}


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
    assert violations(ElementTree.fromstring(tei(collate([A, B, C])))) == []


def test_the_corpus_keeps_the_rules_of_tei() -> None:
    sides = [edition(result("jiayi")), edition(result("jiayi-j3"))]
    assert violations(ElementTree.fromstring(tei(collate(sides)))) == []


def test_another_writing_of_a_reading_names_it() -> None:
    sides = [side("上星，在顱上。", "x"), side("上星，在颅上。", "y", "hans"),
             side("上星，在頭上。", "z")]  # fmt: skip
    document = re.sub(r' (n|ana)="[^"]*"', "", tei(collate(sides)))
    assert (
        '<app type="substantive"><lem wit="#x" xml:id="e1.1r0">顱</lem>'
        '<rdg wit="#y" type="orthographic" corresp="#e1.1r0">颅</rdg><rdg wit="#z">頭</rdg></app>'
    ) in document


def seen(document: etree._Element) -> list[etree._Element]:
    """What a viewer (EVT) takes for the text of a document without pages: the nodes of its body but
    for the first and the last one, which in a document set in lines are line ends.
    """
    (body,) = document.iter(f"{{{TEI}}}body")
    first, last = body.text, body[-1].tail
    return list(body)[0 if first else 1 : None if last else -1]


def readings_seen(app: etree._Element) -> dict[str, str]:
    """What viewers (EVT, the Critical Apparatus Toolbox) read of an app, by witness: one lemma and
    the readings, all of them its children, each with its witnesses behind number signs.
    """
    found = {}
    lemma = app.findall(f"{{{TEI}}}lem")
    assert len(lemma) == 1
    for reading in (*lemma, *app.findall(f"{{{TEI}}}rdg")):
        for name in "".join(reading.get("wit").split()).split("#")[1:]:
            assert name not in found
            found[name] = "".join(reading.itertext())
    return found


@pytest.mark.parametrize("order", list(permutations([A, B, C])))
def test_viewers_find_all_readings(order: Sequence[Edition]) -> None:
    """The text of each witness, put together from what viewers take of lemmas and readings."""
    document = etree.fromstring(tei(collate(order)).encode())
    assert [etree.QName(node).localname for node in seen(document)] == ["div"]
    listed = [w.get(f"{XML}id") for w in document.iter(f"{{{TEI}}}witness")]
    assert listed == list(sigla(order))
    for block in seen(document)[0]:
        notes = block.iter(f"{{{TEI}}}note")
        lacking = {ref for note in notes for ref in note.get("target", "").split()}
        members = {name for name in listed if f"#{name}" not in lacking}
        for app in block.iter(f"{{{TEI}}}app"):
            assert set(readings_seen(app)) == members
        for name in members:
            parts = [block.text or ""]
            for child in block:
                parts += readings_seen(child)[name] if child.tag.endswith("app") else ""
                parts.append(child.tail or "")
            node = ElementTree.fromstring(etree.tostring(block))
            assert "".join(parts) == readings_of(node, name, node)


def test_a_character_that_xml_cannot_hold_is_not_dropped() -> None:
    odd = side("上星，在顱\x01上&<，刺入三分。", "1 odd/siglum")
    document = tei(collate([odd, A]))
    assert violations(ElementTree.fromstring(document)) == []
    assert '<g n="U+0001"/>' in document


def test_sigla_are_fit_for_ids_and_differ() -> None:
    sides = [replace(A, label=label) for label in ("004_x", "a", "a", "甲 乙", "a")]
    assert sigla(sides) == ("w-004_x", "a", "a--2", "甲-乙", "a--3")


@pytest.fixture(scope="module")
def schema() -> etree.RelaxNG:
    with gzip.open(Path(__file__).parent / "schema" / "tei_all.rng.gz") as file:
        return etree.RelaxNG(etree.parse(file))


@pytest.mark.parametrize("method", METHODS)
def test_the_apparatus_is_valid_by_the_schema_of_tei(schema: etree.RelaxNG, method: str) -> None:
    names = ("jiayi-j3", "suwen-wang")
    editions = [edition(result(siglum), siglum) for siglum in names]
    odd = side("顴&KR1038;，在面&KR0008;骨下，刺入三分。", "odd")
    for chosen in (editions, [A, B, C], [A, odd, B]):
        document = etree.fromstring(tei(collate(chosen), method).encode("utf-8"))
        assert schema.validate(document), schema.error_log.last_error


def test_a_glyph_without_a_code_point_is_named_and_explained() -> None:
    sides = [side("上&KR1038;，在第一空。", "x"), side("上髎，在第一空。", "y")]
    document = tei(collate(sides))
    assert '<g ref="#KR1038"/>' in document
    assert '<char xml:id="KR1038">' in document
    assert "&amp;KR" not in document


def test_a_comma_is_never_part_of_another_reading() -> None:
    document = tei(collate([side("神庭，在髮際。", "x"), side("神庭在髮際", "y")]))
    assert 'ana="#kind-punctuation"><lem wit="#x">，</lem><rdg wit="#y"/></app>' in document
    assert "庭，</lem>" not in document


def test_every_difference_has_its_place_in_the_document() -> None:
    found = collate([A, B, C])
    for method in METHODS:
        document = ElementTree.fromstring(tei(found, method))
        named: dict[int, str] = {}
        for node in document.iter():
            if node.tag.endswith(("app", "note")) and "ana" in node.attrib:
                kinds = [kind.removeprefix("#kind-") for kind in node.attrib["ana"].split()]
                named.update(zip(map(int, node.attrib["n"].split()), kinds, strict=True))
        assert named == found.kinds


VOICES = """# 考正穴法

雲門：巨骨下，俠氣戶旁二寸陷中。《銅人》針三分，灸五壯。《素注》針七分。

天府：腋下三寸，動脈中。針四分，留三呼。

俠白：天府下，去肘五寸動脈中。《銅人》針三分，灸五壯。
"""


@pytest.mark.parametrize("method", METHODS)
def test_the_dose_of_an_authority_is_in_the_document(method: str) -> None:
    """Where its words differ in an ``app``, where another authority is named for words that do not
    (留三呼) in a note of its entry.
    """
    other = VOICES.replace("《素注》針七分", "《素注》針六分").replace("針四分", "《甲乙》針四分")
    found = collate(
        [
            edition(extract(invented(text, "markdown", grammar="catalogue", siglum=siglum)))
            for text, siglum in ((VOICES, "x"), (other, "y"))
        ]
    )
    doses = {(d.field, d.source): str(d.difference) for d in found.differences if d.source}
    document = ElementTree.fromstring(tei(found, method))
    shown = {n: node for node in document.iter() for n in node.get("n", "").split()
             if "ana" in node.attrib}  # fmt: skip
    app = shown[doses["depth_min_fen", "素注"]]
    assert ["".join(reading.itertext()) for reading in app] == ["七", "六"]
    app = shown[doses["depth_min_fen", "甲乙"]]
    assert ["".join(reading.itertext()) for reading in app] == ["", "《甲乙》"]
    note = shown[doses["retention_breaths", "甲乙"]]
    assert note.tag == f"{{{TEI}}}note"
    (entry,) = (block for block in document.iter(f"{{{TEI}}}ab") if note in [*block])
    assert entry.get("n") == "LU3"


# --- a whole book ---------------------------------------------------------------------------------

WHOLE = ("jiayi", "jiayi-j3", "suwen-wang")
ID = "{http://www.w3.org/XML/1998/namespace}id"
T = f"{{{TEI}}}"


@pytest.fixture(scope="module")
def book_side_by_side() -> Collation:
    """The longest text of the corpus beside two others, or beside its other edition."""
    others = [alone(read(spec)) for spec in sources(EDITIONS[:1])] if EDITIONS else []
    return collate([edition(result(siglum)) for siglum in WHOLE] + [edition(o) for o in others])


@pytest.mark.parametrize("method", METHODS)
def test_a_whole_book_is_valid_and_has_what_editors_of_editions_ask_for(
    schema: etree.RelaxNG, book_side_by_side: Collation, method: str
) -> None:
    """What readers of such files build on: the schema; witnesses in a list; how the apparatus is
    encoded; in each app a lemma first, and no witness in it twice; identifiers that are there, and
    each its own.
    """
    document = etree.fromstring(tei(book_side_by_side, method).encode("utf-8"))
    assert schema.validate(document), schema.error_log.last_error
    ids = [node.get(ID) for node in document.iter() if node.get(ID)]
    assert len(ids) == len(set(ids))
    witnesses = {f"#{w.get(ID)}" for w in document.iter(f"{T}witness")}
    assert len(witnesses) == len(book_side_by_side.editions)
    (encoding,) = document.iter(f"{T}variantEncoding")
    assert encoding.get("method") == method
    pointed = {a.get(end, "").removeprefix("#") for a in document.iter(f"{T}app") for end in ENDS}
    assert pointed - {""} <= set(ids)
    for app in document.iter(f"{T}app"):
        held = list(app.iter(f"{T}lem", f"{T}rdg"))
        assert held[0].tag == f"{T}lem"
        said = [ref for node in held for ref in node.get("wit").split()]
        assert len(said) == len(set(said))
        assert {*said} <= witnesses


ENDS = ("from", "to")
