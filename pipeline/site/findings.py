"""Verdicts and diagnostics as lists to be filtered: by what they say, channel and witness.

Rows are loaded as script files, those of verdicts apart from those of diagnostics, of which a
damaged transcription has thousands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.judging.diagnostics import shown
from pipeline.knowledge.lexicon import lexicon
from pipeline.model import DoseRow, Entry
from pipeline.site import search
from pipeline.site.addresses import Places, at_position, point_file, slug
from pipeline.site.gather import Corpus, of_entry, of_witness, point_of
from pipeline.site.interface import message
from pipeline.site.points import stated
from pipeline.site.spans import words
from pipeline.site.synopsis import span

VERDICTS = (
    *("contradicted", "nearly", "not_found", "confirmed"),
    *("not_in_corpus", "not_checkable"),
)
"""What became of what is said on the word of others, the gravest first."""
MEANINGS = (
    ("contradicted", "the work that is named has it otherwise"),
    ("nearly", "it has it but for a word"),
    ("not_found", "it has it not where it was looked for"),
    ("confirmed", "it has it so"),
    ("not_in_corpus", "the work is not among the texts here"),
    ("not_checkable", "it cannot be told what is meant, or where"),
)
"""What verdicts mean, in words of the interface."""
SAID = (
    ("places", ("location",)),
    ("channels", ("channels",)),
    ("names", ("name", "aliases", "point")),
)
"""What verdicts are about, as one asks for it, and fields of readings; doses have their acts."""
ROWS = 4000
"""Rows of a file: with 300 characters each it stays below 2 MB."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The files of a site's lists with their contents, and how many rows there are of each kind."""

    files: tuple[tuple[str, str], ...]
    of: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    """By witness the files of verdicts and of diagnostics."""
    verdicts: dict[str, int]
    """How many rows have each verdict."""
    issues: dict[str, int]
    """How many diagnostics there are of each code."""
    counts: dict[tuple[str, str], int]
    """By witness and kind; all diagnostics of a witness are of the kind ``issues``."""


def findings(corpus: Corpus, where: Places) -> Findings:
    """All verdicts and diagnostics."""
    files: list[tuple[str, str]] = []
    of = []
    counts: Counter[tuple[str, str]] = Counter()
    for siglum in corpus.witnesses:
        held: dict[str, list[list[Any]]] = {
            "verdicts": sorted(_verdicts(corpus, where, siglum), key=_grave),
            "issues": list(_issues(corpus, where, siglum)),
        }
        counts.update((siglum, str(row[KIND])) for rows in held.values() for row in rows)
        counts[siglum, "issues"] = len(held["issues"])
        names = {name: tuple(_files(siglum, name, rows, files)) for name, rows in held.items()}
        of.append((siglum, names["verdicts"], names["issues"]))
    totals: Counter[str] = Counter()
    for (_, kind), count in counts.items():
        totals[kind] += count
    rules = sorted({i.rule for i in corpus.tables["issues"]}, key=lambda rule: -totals[rule])
    return Findings(
        tuple(files),
        tuple(of),
        {name: totals[name] for name in VERDICTS if totals[name]},
        {rule: totals[rule] for rule in rules},
        dict(counts),
    )


def said(corpus: Corpus) -> list[tuple[str, str]]:
    """What verdicts can be asked for by what they are about: fields, and what they are called."""
    acts = sorted({*ACTS, *(dose.act for dose in corpus.tables["doses"])})
    asked = [("doses and prohibitions", acts), *SAID]
    known = {field for _, fields in asked for field in fields}
    others = sorted({r.field for r in corpus.tables["readings"]} - known)
    return [(" ".join(fields), name) for name, fields in (*asked, ("other words", others))]


ACTS = {"depth": "needling"}
"""Acts of doses by what fields of readings call them, where it is otherwise."""
KIND = 3
"""Where in a row its kind stands: what is before is address, words of it, and point."""


def _grave(row: Sequence[Any]) -> int:
    return VERDICTS.index(row[KIND])


def _files(
    siglum: str, name: str, rows: Sequence[list[Any]], files: list[tuple[str, str]]
) -> Iterator[str]:
    """The names of the files of some rows, which are added to ``files``."""
    for n, start in enumerate(range(0, len(rows), ROWS), 1):
        file = f"{name}-{slug(siglum)}-{n}.js"
        some = rows[start : start + ROWS]
        files.append((file, search.script("rows", {"w": siglum, "t": name, "rows": some})))
        yield file


def _verdicts(corpus: Corpus, where: Places, siglum: str) -> Iterator[list[Any]]:
    """Address, words of it, point; verdict; what is said, of what, on whose word, in whose note;
    the words; what it was compared with.
    """
    for row in of_witness(corpus, "readings", siglum):
        yield [
            *_place(corpus, where, siglum, row),
            row.verdict,
            row.field,
            row.value,
            row.source,
            corpus.editors.get(row.note_id or "", ""),
            words(row.text),
            row.cited_entry or "",
            words(row.cited_text),
        ]
    for dose in of_witness(corpus, "doses", siglum):
        if dose.source and not _read_already(corpus, dose):
            said = f"{span(dose.min, dose.max)} {dose.unit}".strip()
            yield [
                *_place(corpus, where, siglum, dose),
                dose.verdict,
                dose.act,
                "forbidden" if dose.forbidden else said or dose.expr,
                dose.source,
                _editors(corpus, dose),
                words(dose.text),
                dose.cited_entry or "",
                _there(corpus, dose),
            ]


def _read_already(corpus: Corpus, dose: DoseRow) -> bool:
    """Whether a dose is a reading of a note too: of the same act, in the same words."""
    return any(
        ACTS.get(reading.field, reading.field) == dose.act
        and reading.verdict == dose.verdict
        and reading.start < dose.end
        and dose.start < reading.end
        for reading in of_entry(corpus, "readings", dose.entry_id)
    )


def _editors(corpus: Corpus, dose: DoseRow) -> str:
    """The editors in whose note a dose stands."""
    notes = of_entry(corpus, "notes", dose.entry_id)
    held = (n.note_id for n in notes if n.start <= dose.start < n.end)
    return next((who for note in held if (who := corpus.editors.get(note))), "")


def _there(corpus: Corpus, dose: DoseRow) -> str:
    """What the entry that a dose was compared with has of its act."""
    cited = corpus.entries.get(dose.cited_entry or "")
    if cited is None:
        return ""
    return stated(cited, of_entry(corpus, "doses", cited.entry_id)).get(dose.act, "")


def _issues(corpus: Corpus, where: Places, siglum: str) -> Iterator[list[Any]]:
    """Address, words of it, point; code; severity, message in English and in Chinese."""
    for row in of_witness(corpus, "issues", siglum):
        english, chinese = message(row)
        yield [
            *_place(corpus, where, siglum, row),
            row.rule,
            row.severity,
            shown(english),
            shown(chinese) if chinese != english else "",
        ]


def _place(corpus: Corpus, where: Places, siglum: str, row: Any) -> list[Any]:
    """Address, what it is called, and the point: of an entry its page, else the text."""
    entry = corpus.entries.get(row.entry_id or "")
    address = at_position(where, siglum, row.start) or ""
    called = entry.entry_id if entry else f"{siglum} {address.rpartition('#L')[2]}".strip()
    return [address, called, _point(entry)]


def _point(entry: Entry | None) -> str:
    return (point_of(entry) or "") if entry else ""


def names(corpus: Corpus, found: Findings, pages: Sequence[str]) -> dict[str, Any]:
    """What the lists need besides their rows: files, titles and points."""
    return {
        "of": found.of,
        "titles": {siglum: row.title for siglum, row in corpus.witnesses.items()},
        "points": {
            point: [lexicon().standard.get(point, point), lexicon().channel.get(point, ""), file]
            for point in pages
            for file in (point_file(point),)
        },
    }
