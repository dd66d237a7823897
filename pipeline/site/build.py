"""A folder of pages out of a folder of tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import disk
from pipeline.compare.edition import stored_edition
from pipeline.knowledge.tables import table
from pipeline.publish.switch import publish, workplace
from pipeline.site import (
    comparisons,
    draw,
    findings,
    illnesses,
    mentions,
    parts,
    plots,
    points,
    reading,
    search,
    synopsis,
)
from pipeline.site.addresses import Part, Places, at_entry, at_position, places, point_file
from pipeline.site.gather import Corpus, of_witness
from pipeline.site.interface import HERE, chinese, dictionary, environment

LIST = "site.json"
"""The files of a site, with their hashes: what is not in it is not ours to replace."""
LANGUAGES = {"hans": "zh-Hans", "hant": "zh-Hant"}


def write(corpus: Corpus, folder: Path) -> dict[str, int]:
    """Write all pages, and remove those that an earlier run wrote and this one does not; the size
    of each file. OSError where files of these names are not ours.
    """
    with workplace(folder) as beside:
        sizes, hashes = {}, {}
        for name, content in files(corpus):
            data = search.writable(content).encode("utf-8")
            (beside / name).write_bytes(data)
            sizes[name] = len(data)
            hashes[name] = hashlib.sha256(data).hexdigest()
        document = {"files": hashes, "rules": corpus.manifest.get("rules")}
        disk.write(beside / LIST, json.dumps(document, indent=1, sort_keys=True).encode())
        old = _listed(folder)
        publish(beside, [*old, LIST], lambda path: _ours(path, old))
    return sizes


def _listed(folder: Path) -> dict[str, str]:
    """What an earlier run wrote into a folder."""
    try:
        found = json.loads(disk.read(folder / LIST))["files"]
        return {str(name): str(digest) for name, digest in found.items() if Path(name).name == name}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def _ours(path: Path, old: Mapping[str, str]) -> bool:
    return (path.name == LIST and bool(old)) or old.get(path.name) == disk.sha256(path)


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages are made from."""

    corpus: Corpus
    where: Places
    points: tuple[str, ...]
    """Points that have a page, in the order of their codes."""
    bans: Mapping[str, Sequence[mentions.Ban]]
    illnesses: Sequence[illnesses.Illness]
    ills: Mapping[str, Sequence[tuple[str, str, int]]]
    """The illnesses of each point."""


def files(corpus: Corpus) -> Iterator[tuple[str, str]]:
    """All files of a site: names and contents."""
    known = [row["code"] for row in table("authority/points.tsv")]
    others = sorted(point for point in corpus.points if point not in set(known))
    where = places(corpus)
    ills = tuple(illnesses.illnesses(corpus, where))
    site = Site(
        corpus,
        where,
        (*known, *others),
        mentions.bans(corpus, where),
        ills,
        illnesses.by_point(corpus, ills),
    )
    for name in ("site.css", "site.js"):
        yield name, (HERE / "static" / name).read_text(encoding="utf-8")
    words = json.dumps(dictionary(), ensure_ascii=False, separators=(",", ":"))
    yield "words.js", f'"use strict";\nconst WORDS = {words};\n'
    yield from _synopsis(site)
    for n, point in enumerate(site.points):
        yield point_file(point), _point(site, n)
    for held in site.where.parts.values():
        for part in held:
            yield part.file, _read(site, part)
    yield from _illnesses(site)
    yield "texts.html", _texts(site)
    yield from _search(site)
    yield from _findings(site)
    yield from _plots(site)
    yield from _compare(site)


def page(template: str, here: str, **given: Any) -> str:
    """A page of a template; ``here`` is the item of the navigation that it belongs to."""
    return environment().get_template(template).render(here=here, **given)


def _synopsis(site: Site) -> Iterator[tuple[str, str]]:
    groups = synopsis.pages(synopsis.columns(site.corpus))
    names = [f"synopsis-{n}.html" if n else "index.html" for n in range(len(groups))]
    unknown = [(e, at_entry(site.where, e)) for e in points.unidentified(site.corpus)]
    for name, columns in zip(names, groups, strict=True):
        rows = list(synopsis.rows(site.corpus, columns, site.bans))
        yield (
            name,
            page(
                "index.html",
                "index.html",
                this=name,
                pages=[(n, g[0], g[-1]) for n, g in zip(names, groups, strict=True) if g],
                columns=columns,
                years=site.corpus.years,
                titles=_witnesses(site.corpus)["titles"],
                texts={siglum: _first(site, siglum) for siglum in columns},
                rows=rows,
                voices=synopsis.heard(rows),
                file=point_file,
                channels=synopsis.channels(),
                regions=synopsis.regions(),
                unknown=unknown,
            ),
        )


def _first(site: Site, siglum: str) -> str:
    held = site.where.parts.get(siglum)
    return held[0].file if held else f"texts.html#{siglum}"


def _point(site: Site, n: int) -> str:
    corpus, where, point = site.corpus, site.where, site.points[n]
    known = next((row for row in table("authority/points.tsv") if row["code"] == point), None)
    listed = [row for row in table("authority/names.tsv") if row["code"] == point]
    entries = corpus.points.get(point, ())
    return page(
        "point.html",
        "index.html",
        point=point,
        name=known["traditional"] if known else point,
        known=known,
        before=_neighbour(site, n - 1),
        after=_neighbour(site, n + 1),
        names=points.names(corpus, point, listed),
        plot=_through_time(corpus, point),
        table=list(points.side_by_side(corpus, entries)),
        many=len(entries) > points.ABREAST,
        said=[points.said(corpus, where, entry) for entry in entries],
        glosses=[
            (row, at_position(where, row.witness, row.start))
            for row in corpus.by_code["identifications"].get(point, ())
        ],
        shared=points.shared(corpus, point),
        pointfirst=list(points.statements(corpus, where, point, "point_first")),
        illnessfirst=list(points.statements(corpus, where, point, "illness_first")),
        emendations=points.emendations(corpus, entries),
        bans=site.bans.get(point, ()),
        ills=site.ills.get(point, ()),
        amount=synopsis.span,
        **_witnesses(corpus),
    )


def _illnesses(site: Site) -> Iterator[tuple[str, str]]:
    given = _witnesses(site.corpus)
    for one in site.illnesses:
        most = illnesses.IN_WORDS // len(one.witnesses)
        limits = {"cell": illnesses.IN_A_CELL, "most": most}
        yield (
            one.file,
            page(
                "illness.html",
                "illnesses.html",
                one=one,
                file=point_file,
                limits=limits,
                **given,
            ),
        )
    found = sorted(site.illnesses, key=lambda one: (not one.head, -len(one.rows)))
    yield "illnesses.html", page("illnesses.html", "illnesses.html", illnesses=found)


def _witnesses(corpus: Corpus) -> dict[str, Any]:
    return {
        "years": corpus.years,
        "titles": {siglum: row.title for siglum, row in corpus.witnesses.items()},
        "langs": {s: LANGUAGES.get(row.script, "zh") for s, row in corpus.witnesses.items()},
    }


def _neighbour(site: Site, n: int) -> tuple[str, str] | None:
    if not 0 <= n < len(site.points):
        return None
    return site.points[n], point_file(site.points[n])


def _through_time(corpus: Corpus, point: str) -> Any:
    """The picture of the doses of a point, where at least one witness states any."""
    marks, columns = points.marks(corpus, point)
    return draw.through_time(point, columns, marks) if marks else None


def _read(site: Site, part: Part) -> str:
    corpus = site.corpus
    witness = corpus.witnesses[part.witness]
    sections = [
        (row, at_position(site.where, part.witness, row.start))
        for row in of_witness(corpus, "sections", part.witness)
        if part.start <= row.start < part.end
    ]
    before = corpus.texts[part.witness][max(0, part.start - 1) : part.start]
    return page(
        "read.html",
        "texts.html",
        witness=witness,
        part=part,
        parts=site.where.parts[part.witness],
        lang=LANGUAGES.get(witness.script, "zh"),
        sections=sections,
        bar=_bar(corpus, part.witness),
        prose=_share(corpus, part.witness, "prose"),
        lines=reading.lines(corpus, site.where, part),
        edited=sorted(
            {
                corpus.editors[note.note_id]
                for note in of_witness(corpus, "notes", part.witness)
                if note.note_id in corpus.editors
            }
        ),
        continued=bool(before) and before not in "\r\n",
    )


def _bar(corpus: Corpus, siglum: str) -> Any:
    return draw.bars(siglum, [(siglum, list(reading.shares(corpus, siglum).items()))])


def _share(corpus: Corpus, siglum: str, kind: str) -> str:
    shares = reading.shares(corpus, siglum)
    return f"{100 * shares.get(kind, 0) / (sum(shares.values()) or 1):.1f}"


def _texts(site: Site) -> str:
    corpus = site.corpus
    return page(
        "texts.html",
        "texts.html",
        witnesses=[
            {
                "row": row,
                "year": corpus.years[siglum],
                "file": site.where.parts[siglum][0].file if siglum in site.where.parts else None,
                "bar": _bar(corpus, siglum),
                "prose": _share(corpus, siglum, "prose"),
                "unparsed": reading.shares(corpus, siglum).get("unparsed", 0),
                "entries": len(of_witness(corpus, "entries", siglum)),
                "statements": len(
                    {i.statement_id for i in of_witness(corpus, "indications", siglum)}
                ),
                "notes": len(of_witness(corpus, "notes", siglum)),
                "issues": len(of_witness(corpus, "issues", siglum)),
            }
            for siglum, row in corpus.witnesses.items()
        ],
    )


def _search(site: Site) -> Iterator[tuple[str, str]]:
    found: dict[str, list[str]] = {}
    for part, data in search.parts(site.corpus, site.where):
        name = part.file.replace("read-", "search-", 1).replace(".html", ".js")
        found.setdefault(part.witness, []).append(name)
        yield name, data
    names = {
        "points": search.points(site.corpus, site.points),
        "fold": search.folds(site.corpus.texts.values()),
        "parts": [
            (siglum, site.corpus.witnesses[siglum].title, held) for siglum, held in found.items()
        ],
    }
    yield "search-names.js", search.script("points", names)
    witnesses = [(siglum, site.corpus.witnesses[siglum].title) for siglum in found]
    yield "search.html", page("search.html", "search.html", witnesses=witnesses)


def _findings(site: Site) -> Iterator[tuple[str, str]]:
    found = findings.findings(site.corpus, site.where)
    yield from found.files
    names = findings.names(site.corpus, found, site.points)
    yield "findings-names.js", search.script("given", names)
    yield (
        "findings.html",
        page(
            "findings.html",
            "findings.html",
            found=found,
            kinds=[*found.verdicts, "issues"],
            meanings=findings.MEANINGS,
            said=findings.said(site.corpus),
            editors=sorted(set(site.corpus.editors.values())),
            witnesses=list(site.corpus.witnesses),
            channels=synopsis.channels(),
            zh=chinese,
            **_witnesses(site.corpus),
        ),
    )


def _plots(site: Site) -> Iterator[tuple[str, str]]:
    found = list(plots.plots(site.corpus))
    for plot in found:
        yield f"rows-{plot.name}.csv", plots.as_csv(plot.rows)
    yield "plots.html", page("plots.html", "plots.html", plots=found)


def _compare(site: Site) -> Iterator[tuple[str, str]]:
    rows = {
        name: [tuple(getattr(row, f) for f in row.__slots__) for row in found]
        for name, found in site.corpus.tables.items()
    }
    pairs = list(comparisons.comparisons(stored_edition(rows, {})))
    yield from ((pair.file, pair.html) for pair in pairs if pair.file)
    kinds = list(dict.fromkeys(kind for pair in pairs for kind in pair.counts))
    sides = {(pair.first, pair.second): parts.file(pair.first, pair.second) for pair in pairs}
    yield (
        "compare.html",
        page(
            "compare.html",
            "compare.html",
            pairs=pairs,
            kinds=kinds,
            sides=sides,
            **_witnesses(site.corpus),
        ),
    )
    yield from _parts(site, {(pair.first, pair.second): pair.file for pair in pairs})


def _parts(site: Site, pairs: Mapping[tuple[str, str], str]) -> Iterator[tuple[str, str]]:
    columns = synopsis.columns(site.corpus)
    rows = list(synopsis.rows(site.corpus, columns, site.bans)) if pairs else []
    for pair, whole in pairs.items():
        yield (
            parts.file(*pair),
            page(
                "parts.html",
                "compare.html",
                pair=pair,
                parts=list(parts.parts(rows, columns, pair)),
                whole=whole,
                file=point_file,
                **_witnesses(site.corpus),
            ),
        )
