"""What is done to a point, and which columns and which field hold its doses."""

from __future__ import annotations

from typing import NamedTuple


class Columns(NamedTuple):
    """The columns of entries with the least and the most of an act, its prohibition; the field of
    readings.
    """

    least: str
    most: str
    forbidden: str
    field: str


ACTS = {
    "needling": Columns("depth_min_fen", "depth_max_fen", "needling_forbidden", "depth"),
    "retention": Columns(
        "retention_breaths", "retention_breaths", "needling_forbidden", "retention"
    ),
    "moxa": Columns("moxa_min", "moxa_max", "moxa_forbidden", "moxa"),
}
BANS = {amount: of.forbidden for of in ACTS.values() for amount in (of.least, of.most)}
"""For each column of a dose the one that rules it out."""
ACT_OF = {
    column: act
    for act, of in reversed(ACTS.items())
    for column in (of.least, of.most, of.forbidden)
}
"""For each of these columns the act."""


def amounts(act: str) -> tuple[str, ...]:
    """The columns of entries with the amounts of an act, if there are any.

    >>> amounts("moxa"), amounts("retention"), amounts("drain")
    (('moxa_min', 'moxa_max'), ('retention_breaths',), ())
    """
    return tuple(dict.fromkeys(ACTS[act][:2])) if act in ACTS else ()
