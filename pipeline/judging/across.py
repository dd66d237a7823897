"""References out of one witness followed into the others: 與氣穴同法 → the entry of 素問 58."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.knowledge.acts import BANS
from pipeline.knowledge.lexicon import folded
from pipeline.knowledge.works import chapter_of, works
from pipeline.model import Claim, Diagnostic, Entry, Reference, Result
from pipeline.reading.references import named_work


def external(results: Sequence[Result]) -> list[Result]:
    """Results in which references out of one witness are followed into the others.

    The model is the one entry of the cited chapter for the same point. Of a chapter that no witness
    has, the reference stays as it is.
    """
    chapters = _chapters(results)
    referring = frozenset(r.entry_id for result in results for r in result.references)
    rounds = sum(len(result.references) for result in results)
    done = list(results)
    while rounds:
        entries = {entry.entry_id: entry for result in done for entry in result.entries}
        after = [_follow(result, chapters, entries, referring, report=False) for result in done]
        if all(a.entries == b.entries for a, b in zip(after, done, strict=True)):
            break
        done, rounds = after, rounds - 1
    entries = {entry.entry_id: entry for result in done for entry in result.entries}
    return [_follow(result, chapters, entries, referring, report=True) for result in done]


def _chapters(results: Sequence[Result]) -> dict[tuple[str, int], dict[str, list[str]]]:
    """For each chapter of a work that some witness has: its entries by code."""
    titles = {work.work: work.title for work in works().values() if work.title}
    found: dict[tuple[str, int], dict[str, list[str]]] = {}
    for result in results:
        work_of = {w.spec.siglum: titles.get(w.spec.work, w.spec.work) for w in result.witnesses}
        for section in result.sections:
            chapter = chapter_of(section.title) or chapter_of(section.juan)
            if chapter is None or section.witness not in work_of:
                continue
            points = found.setdefault((work_of[section.witness], chapter), {})
            for entry in result.entries:
                inside = section.start <= entry.start < section.end
                if inside and entry.witness == section.witness and entry.code:
                    points.setdefault(entry.code, []).append(entry.entry_id)
    return found


def _follow(
    result: Result,
    chapters: Mapping[tuple[str, int], Mapping[str, Sequence[str]]],
    entries: Mapping[str, Entry],
    referring: frozenset[str],
    report: bool,
) -> Result:
    updated = {entry.entry_id: entry for entry in result.entries}
    rows = list(result.claims)
    diagnostics = list(result.diagnostics)
    for reference in result.references:
        points = chapters.get((reference.work, reference.chapter or 0))
        if points is None:
            continue
        entry = updated[reference.entry_id]
        found = _models(reference, points, entries)
        others = [] if found else _elsewhere(reference, chapters, entries, referring)
        if report and len(found) != 1:
            diagnostics.append(_unfound(reference, found, others))
        models = found or others
        if len(models) == 1:
            named = "" if found else named_work(reference)
            model = entries[models[0]]
            updated[reference.entry_id], rows = _fill(entry, model, reference, rows, named)
    return replace(
        result,
        entries=tuple(updated[entry.entry_id] for entry in result.entries),
        claims=tuple(rows),
        diagnostics=tuple(diagnostics),
    )


def _models(
    reference: Reference, points: Mapping[str, Sequence[str]], entries: Mapping[str, Entry]
) -> list[str]:
    """The entries of a chapter for the point of a reference; of several those of its very name."""
    found = [e for e in points.get(reference.code or "", ()) if e != reference.entry_id]
    name = folded(entries[reference.entry_id].name_raw)
    same = [e for e in found if folded(entries[e].name_raw) == name]
    return same if len(found) > 1 and len(same) == 1 else found


def _elsewhere(
    reference: Reference,
    chapters: Mapping[tuple[str, int], Mapping[str, Sequence[str]]],
    entries: Mapping[str, Entry],
    referring: frozenset[str],
) -> list[str]:
    """Entries of other chapters of the work, where the cited one lacks the point (髃骨氣穴注中無,
    水熱穴注骨空論注中有之): of those with the same numbers of their own the first.
    """
    found = [
        entries[model]
        for (work, chapter), points in sorted(chapters.items())
        if work == reference.work and chapter != reference.chapter
        for model in _models(reference, points, entries)
        if model not in referring
    ]
    columns = [c for c in reference.columns if c.endswith(("_fen", "_min", "_max"))]
    told = {tuple(getattr(e, c) for c in columns): e.entry_id for e in reversed(found)}
    told = {values: model for values, model in told.items() if any(values)}
    return list(told.values())


def _unfound(reference: Reference, found: Sequence[str], others: Sequence[str]) -> Diagnostic:
    if len(others) == 1:
        code = "reference-elsewhere"
        message = f"{named_work(reference)} has no such point; taken from {others[0]}"
    elif others:
        among = ", ".join(sorted(others))
        code = "reference-ambiguous"
        message = f"{named_work(reference)} has no such point; other chapters differ: {among}"
    elif found:
        among = ", ".join(found)
        code, message = "reference-ambiguous", f"{named_work(reference)} has it twice: {among}"
    else:
        code, message = "reference-missing", f"{named_work(reference)} has no such point"
    return Diagnostic(
        code,
        "warning",
        message,
        reference.witness,
        reference.start,
        reference.end,
        entry_id=reference.entry_id,
    )


def _fill(
    entry: Entry, model: Entry, reference: Reference, rows: list[Claim], named: str
) -> tuple[Entry, list[Claim]]:
    """An entry with the columns of its model that it lacks, and the claims that say so; ``named``:
    the place that was named, where the model stands in another.
    """
    values: dict[str, object] = {}
    for column in reference.columns:
        if column == "distance" or getattr(entry, column) or not getattr(model, column):
            continue
        if BANS.get(column) and getattr(entry, BANS[column]):
            continue
        values[column] = getattr(model, column)
    if not values:
        return entry, rows
    open_row = next(
        (r for r in rows if r.entry_id == entry.entry_id and r.basis == "external"), None
    )
    kept = [
        r
        for r in rows
        if not (r.entry_id == entry.entry_id and r.basis == "external" and r.field in values)
    ]
    text = open_row.text if open_row else ""
    for column, value in values.items():
        shown = value if isinstance(value, tuple) else (value,)
        kept += [
            Claim(
                entry.entry_id,
                column,
                str(one).lower() if isinstance(one, bool) else str(one),
                "like",
                model.entry_id,
                text,
                reference.start,
                reference.end,
                named=named,
            )
            for one in shown
        ]
    return replace(entry, **values), kept  # type: ignore[arg-type]
