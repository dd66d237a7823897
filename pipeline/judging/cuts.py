"""What is cut off: lines that end without a stop, and what the entry that breaks off lacks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import regex

from pipeline.model import Diagnostic, Entry, Text
from pipeline.text.layer import span
from pipeline.text.slice import Slice

OPEN = regex.compile(r"^[^\n]*[\p{Han}\p{Co}]$", regex.M)
"""A line that ends in the middle of a sentence, as text with stops does not."""


def cut_lines(
    siglum: str,
    text: Text,
    whole: Collection[tuple[int, int]],
    entries: Sequence[Entry],
    owner: Callable[[int], tuple[int | None, bool]],
) -> tuple[list[Entry], list[Diagnostic]]:
    """Lines that end without a stop, most of them after a rare glyph: the rest of them is lost.

    ``whole``: lines that need no stop (titles). ``owner`` says in the words of which entry a place
    of the text stands, and whether they are the book's own.
    """
    flagged = list(entries)
    diagnostics: list[Diagnostic] = []
    for line in OPEN.finditer(text.chars):
        if line.span() in whole:
            continue
        a, b = line.span()
        mine, own = owner(b)
        after = Slice(text, max(a, b - 4), b).verbatim
        section, entry_id, lost = None, None, "what follows is lost"
        if mine is not None:
            entry = flagged[mine]
            placing = own and "在" in regex.split("[，。]", line.group())[-1]
            place = ("location_damaged",) if placing else ()
            flags = dict.fromkeys((*entry.flags, "text_truncated", *place))
            flagged[mine] = replace(entry, flags=tuple(flags))
            section, entry_id, lost = entry.section, entry.entry_id, _missing(entry)
        message = f"the line ends without a stop after {after}: {lost}"
        where = (siglum, *span(text, b - 1, b), section, entry_id)
        diagnostics.append(Diagnostic("text-truncated", "warning", message, *where))
    return flagged, diagnostics


def _missing(entry: Entry) -> str:
    """What an entry that breaks off lacks."""
    held = {
        "place": entry.location,
        "channel": entry.channels,
        "needling": entry.depth_min_fen or entry.needling_forbidden,
        "moxa": entry.moxa_min or entry.moxa_forbidden,
    }
    lacks = ", ".join(what for what, value in held.items() if not value)
    return f"{entry.name_raw} has no {lacks}" if lacks else "words are lost"
