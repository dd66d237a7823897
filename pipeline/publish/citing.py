"""Who cites whom: what each text states on the authority of each work."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import regex

from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.script import to_traditional
from pipeline.knowledge.works import work_of, year_of
from pipeline.model import CitationRow, DoseRow, Indication, Reading, Result

VERDICTS = ("confirmed", "nearly", "contradicted", "not_found")


def citing(result: Result) -> list[CitationRow]:
    """A row for each witness and each work or person that it cites, those most cited first."""
    places = {row.note_id: row.witness for row in result.notes}
    places |= {row.entry_id: row.witness for row in result.entries}
    doses, readings, indications = (
        _grouped((row.witness, row) for row in result.doses),
        _grouped((places[row.note_id or row.entry_id or ""], row) for row in result.readings),
        _grouped((row.witness, row) for row in result.indications),
    )
    return [
        row
        for siglum in (w.spec.siglum for w in result.witnesses)
        for row in cited_by(siglum, doses[siglum], readings[siglum], indications[siglum])
    ]


Row = TypeVar("Row")


def _grouped(pairs: Iterable[tuple[str, Row]]) -> defaultdict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for siglum, row in pairs:
        found[siglum].append(row)
    return found


def cited_by(
    witness: str,
    doses: Iterable[DoseRow],
    readings: Iterable[Reading],
    indications: Iterable[Indication],
) -> list[CitationRow]:
    """What one witness cites, from its rows."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    held: dict[str, tuple[str | None, int | None]] = {}
    for cited in _cited(doses, readings, indications):
        counts[cited.work].update((cited.table, cited.verdict))
        siglum, year = held.get(cited.work, (None, None))
        own = year_of(cited.source, cited.work)
        held[cited.work] = siglum or cited.witness, year or own
    found = [
        CitationRow(
            witness,
            work,
            *held[work],
            *(said[name] for name in ("doses", "readings", "indications", *VERDICTS)),
        )
        for work, said in counts.items()
    ]
    return sorted(found, key=lambda row: (-row.doses - row.readings, row.work))


@dataclass(frozen=True, slots=True)
class _Cited:
    table: str
    work: str
    source: str
    verdict: str = ""
    witness: str | None = None


def _cited(
    doses: Iterable[DoseRow], readings: Iterable[Reading], indications: Iterable[Indication]
) -> Iterator[_Cited]:
    for dose in doses:
        for work in _works(dose.source, dose.work):
            yield _Cited("doses", work, dose.source, dose.verdict, dose.cited_witness)
    for said in readings:
        for work in _works(said.source, None, said.note_id is not None):
            yield _Cited("readings", work, said.source, said.verdict, said.cited_witness)
    for row in indications:
        for work in _works(row.source, None):
            yield _Cited("indications", work, row.source)


def _works(source: str, work: str | None, noted: bool = False) -> Iterator[str]:
    """The works that a source names, else the name as printed; nothing for one without a name. In
    notes only works that are known: other words before what they say are no names (入作).

    >>> list(_works("甲乙、铜人", None)), list(_works("又", "甲乙經")), list(_works("一曰", None))
    (['甲乙經', '銅人腧穴鍼灸圖經'], ['甲乙經'], [])
    """
    if work:
        yield from dict.fromkeys(work.split("、"))
        return
    for form in filter(None, regex.split("[、，]", source)):
        known = work_of(form, simplified=True)
        printed = to_traditional(regex.sub(r"[《》〈〉「」\s]", "", form))
        if known and known.title:
            yield known.title
        elif (
            not noted
            and not known
            and regex.search(r"^\p{Han}+$", printed)
            and not pattern("nobody-named").fullmatch(printed)
        ):
            yield printed
