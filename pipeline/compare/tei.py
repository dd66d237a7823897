"""The apparatus as TEI P5: parallel segmentation, or a base text with its apparatus apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from lxml import etree
from lxml.builder import ElementMaker

from pipeline.compare.difference import RANK, Collation
from pipeline.compare.edition import Edition, place
from pipeline.compare.passages import Passage
from pipeline.compare.segments import Segment, headings, kind, segments
from pipeline.knowledge.tables import table

TEI = "http://www.tei-c.org/ns/1.0"
XML = "{http://www.w3.org/XML/1998/namespace}"
E = ElementMaker(namespace=TEI, nsmap={None: TEI})
FORBIDDEN = "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""Characters that XML cannot hold."""
GAIJI = re.compile(rf"&(?P<entity>\w+);|(?P<forbidden>{FORBIDDEN})")
NCNAME = re.compile(r"[^\W\d][\w.-]*")
METHODS = ("parallel-segmentation", "double-end-point")
"""How readings are tied to the text: beside it, or by a point where they begin and one where they
end, in a list of their own."""


def tei(collation: Collation, method: str = METHODS[0]) -> str:
    """The apparatus as a TEI P5 document by one of the methods that TEI has.

    Every entry is an ``ab`` named by its point, every section of the prose behind them is one.
    ``lem`` is the reading of the first edition that has the passage; what differs in writing only
    is ``orthographic`` and names the reading that it writes otherwise: tools drop readings that are
    not children of their ``app``. ``n`` of an ``app`` names differences of the table, ``ana`` their
    kinds.
    """
    names = sigla(collation.editions)
    body = E.div({"type": "collation"})
    apps = E.listApp()
    apart = None if method == METHODS[0] else apps
    for number, passage in enumerate(collation.passages, 1):
        if passage.members:
            body.extend(_blocks(collation, passage, number, names, apart))
    # Viewers take what stands between the first and the last node of the body: line ends here.
    text = E.text({f"{XML}lang": "lzh"}, E.body("\n", body))
    body.tail = "\n"
    if len(apps):
        text.append(E.back(E.div({"type": "apparatus"}, apps)))
    named = sorted({g.get("ref") for g in text.iter(f"{{{TEI}}}g") if g.get("ref")})
    document = E.TEI(_header(collation, names, method, named), text)
    return f"{DECLARATION}\n{etree.tostring(document, encoding='unicode')}\n"


DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def sigla(editions: Sequence[Edition]) -> tuple[str, ...]:
    """Identifiers for the editions, fit for ``xml:id`` and each its own."""
    found: list[str] = []
    for edition in editions:
        plain = re.sub(r"[^\w.-]+", "-", edition.label)
        siglum = plain if NCNAME.fullmatch(plain) else f"w-{plain}"
        number = 2
        while siglum in found:
            siglum, number = f"{siglum.partition('--')[0]}--{number}", number + 1
        found.append(siglum)
    return tuple(found)


# --- header --------------------------------------------------------------------------------------


def _header(
    collation: Collation, names: Sequence[str], method: str, named: Sequence[str]
) -> etree._Element:
    editions = collation.editions
    titles = "; ".join(_title(edition) for edition in editions)
    witnesses = E.listWit()
    for edition, name in zip(editions, names, strict=True):
        witnesses.append(_filled(E.witness({f"{XML}id": name}), _title(edition)))
    where = "internal" if method == METHODS[0] else "external"
    kinds = sorted({*collation.kinds.values()}, key=RANK.__getitem__)
    taxonomy = E.taxonomy({f"{XML}id": "kinds"})
    for one in kinds:
        taxonomy.append(E.category({f"{XML}id": f"kind-{one}"}, E.catDesc(one)))
    encoding = E.encodingDesc()
    if kinds:
        encoding.append(E.classDecl(taxonomy))
    encoding.append(E.variantEncoding(method=method, location=where))
    if named:
        encoding.append(E.charDecl(*(_char(ref.removeprefix("#")) for ref in named)))
    return E.teiHeader(
        E.fileDesc(
            E.titleStmt(_filled(E.title(), f"Collation: {titles}")),
            E.publicationStmt(E.p("Made by mingtang of the editions named here.")),
            E.sourceDesc(witnesses),
        ),
        encoding,
    )


def _title(edition: Edition) -> str:
    rows = edition.witnesses.values()
    return ", ".join(f"{r.title}. {r.edition}".rstrip(". ") for r in rows) or edition.label


def _char(entity: str) -> etree._Element:
    """A glyph without a code point, and what it stands for, where that is known."""
    known = {row["entity"]: row["character"] for row in table("normalization/entities.tsv")}
    char = E.char({f"{XML}id": entity}, E.desc(f"Kanripo character {entity}"))
    if standard := known.get(f"&{entity};"):
        char.append(E.mapping({"type": "standard"}, standard))
    return char


# --- text ----------------------------------------------------------------------------------------


def _blocks(
    collation: Collation,
    passage: Passage,
    number: int,
    names: Sequence[str],
    apart: etree._Element | None,
) -> list[etree._Element]:
    """A passage, prose by its sections; where the apparatus stands apart, the text of the first
    edition that has it.
    """
    block = E.ab({f"{XML}id": f"e{number}", "n": _point(collation, passage)})
    for n, i in passage.entries.items():
        entry = collation.editions[n].entries[i]
        where = f"{entry.entry_id} ({place(collation.editions[n], entry, entry.start)})"
        block.append(E.milestone(unit="entry", edRef=f"#{names[n]}", n=_clean(where)))
    absent = [f"#{name}" for n, name in enumerate(names) if n not in passage.members]
    if absent:
        block.append(E.note({"type": "absent", "target": " ".join(absent)}))
    if whole := collation.whole.get(number - 1, ()):
        block.append(E.note({"type": "difference", **_numbered(collation, whole)}))
    first = min(passage.members)
    breaks = headings(collation) if not passage.entries else frozenset()
    contents: list[list[str | etree._Element]] = [[]]
    for k, segment in enumerate(segments(collation, passage, breaks)):
        key = f"e{number}.{k}"
        if breaks.intersection(segment.glyphs[0][:1]):
            contents.append([])
        here = kind(collation, segment)
        if here == "same":
            contents[-1].append(segment.readings[first])
            continue
        app = _app(collation, segment, passage, names, key)
        if apart is None:
            contents[-1].append(app)
            continue
        begin, end = (E.anchor({f"{XML}id": f"{key}{side}"}) for side in "ab")
        contents[-1] += [begin, segment.readings[first], end]
        app.set("from", f"#{key}a")
        app.set("to", f"#{key}b")
        apart.append(app)
    blocks = [_filled(block, *contents[0])]
    for k, content in enumerate(contents[1:], 1):
        blocks.append(_filled(E.ab({f"{XML}id": f"e{number}-{k}", "n": "prose"}), *content))
    return blocks


def _point(collation: Collation, passage: Passage) -> str:
    if not passage.entries:
        return "prose"
    entries = [collation.editions[n].entries[i] for n, i in passage.entries.items()]
    return _clean(next((e.code for e in entries if e.code), None) or entries[0].name_raw or "?")


def _numbered(collation: Collation, numbers: Iterable[int]) -> dict[str, str]:
    """Numbers of differences, and their kinds in the same order."""
    found = sorted(numbers)
    if not found:
        return {}
    return {
        "n": " ".join(map(str, found)),
        "ana": " ".join(f"#kind-{collation.kinds[number]}" for number in found),
    }


def _app(
    collation: Collation,
    segment: Segment,
    passage: Passage,
    names: Sequence[str],
    key: str,
) -> etree._Element:
    """An ``app``: the first witness gives the lemma; other writings of a reading name it."""
    by_form: dict[str, dict[str, list[str]]] = {}
    for n in sorted(passage.members):
        writings = by_form.setdefault(segment.forms[n], {})
        writings.setdefault(segment.readings[n], []).append(f"#{names[n]}")
    app = E.app({"type": kind(collation, segment), **_numbered(collation, segment.differences)})
    for number, writings in enumerate(by_form.values()):
        several = len(by_form) > 1 and len(writings) > 1
        for reading, witnesses in writings.items():
            one = E("rdg" if len(app) else "lem", wit=" ".join(witnesses))
            if several and reading == next(iter(writings)):
                one.set(f"{XML}id", f"{key}r{number}")
            elif several:
                one.set("type", "orthographic")
                one.set("corresp", f"#{key}r{number}")
            app.append(_filled(one, reading))
    return app


def _filled(element: etree._Element, *content: str | etree._Element) -> etree._Element:
    """Put words and elements at the end of an element; what has no code point, and what XML cannot
    hold, is a ``g`` with its name or number.
    """
    last = element[-1] if len(element) else None
    for part in content:
        for piece in _pieces(part) if isinstance(part, str) else (part,):
            if isinstance(piece, str) and not piece:
                continue
            if not isinstance(piece, str):
                element.append(piece)
                last = piece
            elif last is None:
                element.text = (element.text or "") + piece
            else:
                last.tail = (last.tail or "") + piece
    return element


def _pieces(text: str) -> Iterator[str | etree._Element]:
    done = 0
    for match in GAIJI.finditer(text):
        yield text[done : match.start()]
        if match["entity"]:
            yield E.g(ref=f"#{match['entity']}")
        else:
            yield E.g(n=f"U+{ord(match[0]):04X}")
        done = match.end()
    yield text[done:]


def _clean(text: str) -> str:
    return re.sub(FORBIDDEN, "\ufffd", text)
