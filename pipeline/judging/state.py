"""Which rows may be counted without a second look: the state of each entry."""

from __future__ import annotations

from dataclasses import replace

from pipeline.model import Entry, Result

UNDECIDED = "scope-undecided"
"""The source of a dose of which it cannot be told for how many points it is meant."""


def stated(result: Result) -> Result:
    """A result with the state of each of its entries."""
    said = ((entry, state(entry)) for entry in result.entries)
    entries = (e if known == e.state else replace(e, state=known) for e, known in said)
    return replace(result, entries=tuple(entries))


def state(entry: Entry) -> str:
    """The gravest of what can be said against an entry; ``sound`` where nothing can.

    上□ whose one glyph tells the point is ``restored``; a name that is lost as a whole, and is the
    one that the other entries leave, ``by_elimination``.
    """
    if UNDECIDED in (entry.needling_source, entry.retention_source, entry.moxa_source):
        return "scope_undecided"
    if entry.name_basis == "restored":
        return "by_elimination" if "name_lost" in entry.flags else "restored"
    return "damaged_near" if set(entry.flags) - {"duplicate"} else "sound"
