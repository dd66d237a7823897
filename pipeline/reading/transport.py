"""The lists of 井滎俞經合 before the points of a channel: 肺出於少商，少商者木也 and so on."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

import regex

from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.profiles import sign
from pipeline.model import EntrySegment, Result, Segments
from pipeline.reading.entries import read_entries
from pipeline.reading.order import resolve_points
from pipeline.text.layer import rewrite, span

KIND = "transport"


def read_transport(siglum: str, segments: Segments) -> tuple[Result, list[tuple[int, int]]]:
    """Entries of the lists of a catalogue, kind ``transport``, and where they stand in the source.

    What is said of a point there is one statement with its bracket, and no entry of its own: the
    point comes again among those of the channel.
    """
    found = list(_statements(segments))
    edits = [(at, at + 1, "", "markup") for match in found for at in _brackets(match)]
    text = rewrite(segments.text, edits)
    lists = list(_segments(segments, found))
    inside = replace(segments, text=text, main=text, entries=tuple(lists), notes=(), blocks=())
    read = read_entries(siglum, inside, "catalogue") if lists else Result()
    entries, _ = resolve_points(read.entries, inside)
    read = replace(read, entries=tuple(replace(e, kind=KIND) for e in entries))
    return read, [span(text, one.start, one.end) for one in lists]


def _statements(segments: Segments) -> Iterator[regex.Match[str]]:
    """Statements of the lists, before, between and behind the entries."""
    text, main = segments.text, segments.main
    taken = [span(main, entry.start, entry.end) for entry in segments.entries]
    places = [(bisect_left(text.starts, a), bisect_left(text.starts, b)) for a, b in taken]
    ends = [0, *(b for _, b in places)]
    for start, stop in zip(ends, [*(a for a, _ in places), len(text.chars)], strict=True):
        yield from sign(KIND).finditer(text.chars, start, stop)


def _brackets(match: regex.Match[str]) -> list[int]:
    """Where the bracket behind a statement opens and closes."""
    start, end = match.span("body")
    return [at for at in (start, end - 1) if start < end and match.string[at] in "（）"]


def _segments(segments: Segments, found: Sequence[regex.Match[str]]) -> Iterator[EntrySegment]:
    """The statements in the text without their brackets."""
    begins = [section.source[0] for section in segments.sections]
    out = 0
    for order, match in enumerate(found, 1):
        at = segments.text.starts[match.start()]
        section = max(0, bisect_right(begins, at) - 1)
        inside = len(_brackets(match))
        a, b = match.span("point")
        stop = match.end() - out - inside
        season = pattern("season").search(match.group())
        yield EntrySegment(
            f"{segments.sections[section].section_id}/t{order:03d}",
            section,
            order,
            (a - out, b - out),
            match.start() - out,
            stop,
            body=(b - out, stop - len(season.group()) if season else stop),
        )
        out += inside
