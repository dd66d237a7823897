"""What people ask the tables, as views and queries in plain SQL, the same in every database.

No name in them is a word of SQL, so that none needs quotation marks: where the tables have
``start`` and ``end``, the views have ``begins`` and ``ends``.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.publish.databases.names import literal
from pipeline.publish.schema import TABLES, columns


@dataclass(frozen=True, slots=True)
class View:
    """A view: what it shows, and its statement, in which a database puts its ``{pieces}``."""

    about: str
    sql: str


@dataclass(frozen=True, slots=True)
class Query:
    """A question with its answer: a statement whose ``:parameters`` are asked for."""

    title: str
    about: str
    sql: str
    example: dict[str, str]
    """Values of the parameters that are shown first."""


VIEWS: dict[str, View] = {
    "entry_channels": View(
        "One channel of one entry, and what the point is to it (會, 脈氣所發).",
        """
SELECT i.entry_id, e.witness, e.code, e.name, i.ord,
       {before} AS channel, {after} AS relation
FROM ({items}) i JOIN entries e ON e.entry_id = i.entry_id
""",
    ),
    "synopsis": View(
        "What each witness says of each point, in the order of the points; repeated passages once.",
        """
SELECT p.code, p.ord, p.name, p.pinyin, p.english, p.laterality, p.tara, e.witness, e.entry_id,
       e.name_raw, e.depth_min_fen, e.depth_max_fen, e.needling_forbidden, e.needling_source,
       e.retention_breaths, e.moxa_min, e.moxa_max, e.moxa_forbidden, e.moxa_source,
       e.location, e.state
FROM points p JOIN entries e ON e.code = p.code
WHERE e.duplicate_of IS NULL
ORDER BY p.ord, e.witness, e.entry_id
""",
    ),
    "doses_wide": View(
        "The doses of an entry side by side, a row for each authority and condition.",
        """
SELECT d.entry_id, d.witness, e.code, e.name, d.source, d.{condition} AS condition_words,
       MAX(CASE WHEN d.act = 'needling' THEN d.{min} END) AS needling_min,
       MAX(CASE WHEN d.act = 'needling' THEN d.{max} END) AS needling_max,
       MAX(CASE WHEN d.act = 'needling' AND d.forbidden THEN 1 ELSE 0 END) AS needling_forbidden,
       MAX(CASE WHEN d.act = 'retention' THEN d.{min} END) AS retention_min,
       MAX(CASE WHEN d.act = 'retention' THEN d.{max} END) AS retention_max,
       MAX(CASE WHEN d.act = 'drain' THEN d.{min} END) AS drain_min,
       MAX(CASE WHEN d.act = 'drain' THEN d.{max} END) AS drain_max,
       MAX(CASE WHEN d.act = 'moxa' THEN d.{min} END) AS moxa_min,
       MAX(CASE WHEN d.act = 'moxa' THEN d.{max} END) AS moxa_max,
       MAX(CASE WHEN d.act = 'moxa' AND d.forbidden THEN 1 ELSE 0 END) AS moxa_forbidden
FROM doses d JOIN entries e ON e.entry_id = d.entry_id
GROUP BY d.entry_id, d.witness, e.code, e.name, d.source, d.{condition}
""",
    ),
    "claim_words": View(
        "Where each value was read, with the point.",
        """
SELECT c.entry_id, e.witness, e.code, e.name, c.field, c.value, c.basis, c.source, c.ref,
       c.text AS words, c.{start} AS begins, c.{end} AS ends
FROM claims c JOIN entries e ON e.entry_id = c.entry_id
""",
    ),
}


def _dictionary() -> str:
    """The statement of a view that says what columns mean."""
    rows = (
        ", ".join(
            f"{literal(words).translate(BRACES)} AS {name}"
            for name, words in (
                ("table_name", table),
                ("column_name", column.name),
                ("kind", column.type),
                ("unit", column.unit),
                ("meaning", column.doc),
            )
        )
        for table, row in TABLES.items()
        for column in columns(row)
    )
    return " UNION ALL ".join(f"SELECT {row}" for row in rows)


BRACES = str.maketrans({"{": "{{", "}": "}}"})
VIEWS["dictionary"] = View("What the columns of the tables mean.", _dictionary())

QUERIES: dict[str, Query] = {
    "who_says_what": Query(
        "Who says what of one point",
        "Every witness on the point of a code.",
        "SELECT * FROM synopsis WHERE code = :code ORDER BY witness, entry_id",
        {"code": "GV24"},
    ),
    "depths_that_differ": Query(
        "Points that witnesses needle to different depths",
        "Points with the least and the greatest depth, in 分, over all witnesses.",
        """
SELECT code, name, pinyin, MIN(depth_min_fen) AS least, MAX(depth_max_fen) AS most,
       COUNT(DISTINCT witness) AS witnesses
FROM synopsis WHERE depth_min_fen IS NOT NULL
GROUP BY code, ord, name, pinyin HAVING MIN(depth_min_fen) < MAX(depth_max_fen)
ORDER BY ord
""",
        {},
    ),
    "forbidden": Query(
        "Points that must not be needled or burned",
        "What each witness forbids.",
        """
SELECT code, name, pinyin, witness, needling_forbidden, moxa_forbidden FROM synopsis
WHERE needling_forbidden OR moxa_forbidden ORDER BY ord, witness, entry_id
""",
        {},
    ),
    "points_of_a_channel": Query(
        "Points of a channel",
        "Entries that name the channel, with what the point is to it.",
        """
SELECT c.code, c.name, c.witness, c.entry_id, c.relation FROM entry_channels c
WHERE c.channel = :channel ORDER BY c.code, c.entry_id
""",
        {"channel": "督脈"},
    ),
    "citations_that_fail": Query(
        "Citations that the cited work contradicts",
        "What a note says that a work says, and the work does not.",
        """
SELECT reading_id, entry_id, source, cited_witness, cited_entry, field, value, text AS words
FROM readings WHERE verdict = 'contradicted' ORDER BY reading_id
""",
        {},
    ),
    "sound_moxa": Query(
        "Cones of a witness that can be counted",
        "Numbers of entries against which nothing can be said.",
        """
SELECT code, name, moxa_min, moxa_max FROM synopsis
WHERE witness = :witness AND state = 'sound' AND moxa_min IS NOT NULL ORDER BY ord, entry_id
""",
        {"witness": "jiayi-j3"},
    ),
}

QUOTED = {name: f'"{name}"' for name in ("condition", "start", "end", "min", "max")}
"""Columns of the tables whose names are words of SQL somewhere."""


def statement(name: str, pieces: dict[str, str]) -> str:
    """The statement of a view in a database with these pieces.

    >>> statement("claim_words", {"before": "", "after": "", "items": ""}).splitlines()[-1]
    'FROM claims c JOIN entries e ON e.entry_id = c.entry_id'
    """
    return VIEWS[name].sql.format(**QUOTED, **pieces).strip()
