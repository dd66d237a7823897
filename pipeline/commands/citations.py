"""What ``mingtang check --citations`` prints: whether the works cited say what notes say."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from pipeline.judging.cite import RANK, citations
from pipeline.judging.diagnostics import shown
from pipeline.judging.saying import DOSES
from pipeline.language import translated as _
from pipeline.model import Entry, Reading, Result

IDS = ("note", "entry")
"""Columns of ids, which are never broken over lines."""


def render(result: Result, console: Console) -> None:
    """Print how many citations there are, by work and verdict, and those that are contradicted."""
    summary = Table()
    for head in ("work", *RANK):
        summary.add_column(_(head), justify="left" if head == "work" else "right", overflow="fold")
    for title, counts in citations(result):
        summary.add_row(shown(title), *(str(n or "") for n in counts.values()))
    console.print(summary)
    entries = {entry.entry_id: entry for entry in result.entries}
    wrong = Table(title=_("contradicted"), title_justify="left")
    for head in ("point", "note", "says of", "words", "there", "entry"):
        wrong.add_column(_(head), overflow="fold", no_wrap=head in IDS)
    for reading in result.readings:
        if reading.verdict != "contradicted":
            continue
        entry, other = entries.get(reading.entry_id or ""), entries.get(reading.cited_entry or "")
        wrong.add_row(
            shown(f"{entry.code} {entry.name}" if entry else ""),
            shown(reading.note_id),
            shown(reading.source),
            shown("".join(reading.text.split())),
            shown(_stated(reading, other)),
            shown(reading.cited_entry),
        )
    if wrong.row_count:
        console.print(wrong)


def _stated(reading: Reading, entry: Entry | None) -> str:
    """What an entry has in the field of a reading."""
    if entry is None or reading.field not in DOSES:
        return (
            "、".join(entry.channels)
            if entry and reading.field == "channels"
            else reading.cited_text
        )
    least, most, forbidden = (getattr(entry, column) for column in DOSES[reading.field])
    if least is None:
        return _("forbidden") if forbidden else ""
    return str(least) if least == most else f"{least}–{most}"
