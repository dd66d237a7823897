"""Illnesses: with which points each witness treats them, of the words that are looked for most."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

import regex
from markupsafe import Markup

from pipeline.compare.treats import illness, matched
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.script import to_simplified
from pipeline.knowledge.tables import table
from pipeline.knowledge.treatments import LOST
from pipeline.model import Indication
from pipeline.site.addresses import Places, at_position, point_file, slug
from pipeline.site.gather import Corpus, standing
from pipeline.site.spans import Span, layout, woven

MOST = 60
"""Clauses that have a page beside the head words of the table."""
SHORT = range(2, 5)
"""Glyphs of a clause that names an illness and does not describe one."""
IN_A_CELL = 3
"""Statements that a cell leads to; how many more there are is said."""
IN_WORDS = 1500
"""Statements that a page shows with their words, each witness as many."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of illness: its words, the clauses that name the illness marked."""

    row: Indication
    points: tuple[str, ...]
    html: Markup
    address: str | None


@dataclass(frozen=True, slots=True)
class Treated:
    """A point and, witness by witness, the statements that treat an illness with it."""

    point: str
    name: str
    known: bool
    """Whether it has a page."""
    cells: tuple[tuple[Statement, ...], ...]
    unread: tuple[str | None, ...]
    """Where a cell is empty and the entry of the point has the words all the same: its address."""
    witnesses: int
    """How many witnesses treat the illness with it."""


@dataclass(frozen=True, slots=True)
class Illness:
    """An illness: the witnesses that speak of it, the points, and the statements themselves."""

    word: str
    simplified: str
    file: str
    head: bool
    """Whether it is a head word of the table, with the forms in which it is found."""
    witnesses: tuple[str, ...]
    columns: tuple[str, ...]
    """Those, and the witnesses that have the words in no statement that was read."""
    absent: tuple[str, ...]
    """The witnesses that do not have the words."""
    rows: tuple[Treated, ...]
    statements: tuple[tuple[str, tuple[Statement, ...]], ...]
    """By witness, in order of time."""
    forms: tuple[tuple[str, int], ...]
    """The words that were taken for it, variants folded, and in how many statements each stands."""


def illness_file(word: str) -> str:
    """The page of an illness."""
    return f"illness-{slug(word)}.html"


def heads() -> list[str]:
    """The head words of the table."""
    return list(dict.fromkeys(row["head"] for row in table("authority/symptoms.tsv")))


def words(corpus: Corpus) -> list[str]:
    """The words that have a page: head words, and the short clauses that most statements have."""
    counted: Counter[str] = Counter()
    for symptoms in corpus.by_statement.values():
        counted.update({s.key for s in symptoms if len(s.key) in SHORT and _whole(s.key)})
    known = {matched(head) for head in heads()}
    clauses = [key for key, times in counted.most_common() if times > 1 and key not in known]
    return [*heads(), *clauses[:MOST]]


def _whole(key: str) -> bool:
    """Whether a clause names an illness: no glyph of it is lost, and it is no treatment."""
    return bool(regex.fullmatch(r"\p{Han}+", key)) and not pattern("no-illness").search(key)


def illnesses(corpus: Corpus, where: Places) -> Iterator[Illness]:
    """The illnesses that at least one statement has, with all that treat them."""
    told: dict[str, list[Indication]] = defaultdict(list)
    for row in corpus.tables["indications"]:
        told[row.statement_id].append(row)
    texts = {name: matched(rows[0].syndrome) for name, rows in told.items()}
    whole = {siglum: _clauses(text) for siglum, text in corpus.texts.items()}
    entries = {name: _clauses(entry.text) for name, entry in corpus.entries.items()}
    for word in words(corpus):
        sought = illness(word)
        found = [told[name] for name, text in texts.items() if sought.search(text)]
        if found:
            having = {siglum for siglum, text in whole.items() if sought.search(text)}
            under = {name for name, text in entries.items() if sought.search(text)}
            yield _illness(corpus, where, word, found, having, under)


def _clauses(text: str) -> str:
    """A text as illnesses are looked for in it: line ends part no words, signs do."""
    return matched(regex.sub(r"\p{P}", LOST, regex.sub(r"<[^<>]*>|\N{PILCROW SIGN}|\s", "", text)))


def _illness(
    corpus: Corpus,
    where: Places,
    word: str,
    found: Sequence[Sequence[Indication]],
    having: Collection[str],
    under: Collection[str],
) -> Illness:
    sought = illness(word)
    by_witness: dict[str, list[Statement]] = defaultdict(list)
    by_point: dict[str, dict[str, list[Statement]]] = defaultdict(lambda: defaultdict(list))
    for rows in found:
        first = rows[0]
        statement = Statement(
            first,
            tuple(dict.fromkeys(name for row in rows if (name := _name(row)))),
            _words(corpus, first, sought),
            at_position(where, first.witness, first.start),
        )
        by_witness[first.witness].append(statement)
        for point in dict.fromkeys(row.code or _name(row) for row in rows):
            if point:
                by_point[point][first.witness].append(statement)
    witnesses = tuple(siglum for siglum in corpus.witnesses if siglum in by_witness)
    columns = tuple(s for s in corpus.witnesses if s in by_witness or s in having)
    treated = [
        Treated(
            point,
            _standard().get(point, point),
            point in _standard() or point in corpus.points,
            tuple(tuple(held.get(siglum, ())) for siglum in columns),
            tuple(
                None if siglum in held else _entry(corpus, point, siglum, under)
                for siglum in columns
            ),
            len(held),
        )
        for point, held in by_point.items()
    ]
    return Illness(
        word,
        to_simplified(word),
        illness_file(word),
        word in heads(),
        witnesses,
        columns,
        tuple(siglum for siglum in corpus.witnesses if siglum not in columns),
        tuple(sorted(treated, key=lambda r: (-r.witnesses, standing(r.point), r.point))),
        tuple((siglum, tuple(by_witness[siglum])) for siglum in witnesses),
        _forms(sought, found),
    )


def _forms(
    sought: regex.Pattern[str], found: Sequence[Sequence[Indication]]
) -> tuple[tuple[str, int], ...]:
    """As what an illness stands in statements, the most frequent first."""
    texts = (matched(rows[0].syndrome) for rows in found)
    return tuple(Counter(form for text in texts for form in {*sought.findall(text)}).most_common())


def _entry(corpus: Corpus, point: str, siglum: str, under: Collection[str]) -> str | None:
    """Where the entry of a point that has the words stands."""
    entries = (e for e in corpus.points.get(point, ()) if e.witness == siglum)
    having = (e for e in entries if e.entry_id in under)
    return next((f"{quote(point_file(point))}#{quote(e.entry_id)}" for e in having), None)


@cache
def _standard() -> dict[str, str]:
    return {row["code"]: row["traditional"] for row in table("authority/points.tsv")}


def _name(row: Indication) -> str:
    return row.name or row.name_raw


def _words(corpus: Corpus, row: Indication, sought: regex.Pattern[str]) -> Markup:
    """The words of a statement, the clauses of the illness marked, and the point."""
    spans = [
        Span(s.start - row.start, s.end - row.start, "sought")
        for s in corpus.by_statement.get(row.statement_id, ())
        if sought.search(s.key) and row.start <= s.start
    ]
    return woven(row.text, 0, len(row.text), [*spans, *layout(row.text)])[0]


def by_point(corpus: Corpus, found: Sequence[Illness]) -> dict[str, list[tuple[str, str, int]]]:
    """The illnesses of each point that have a page: word, file, how many witnesses."""
    of: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for one in found:
        for row in one.rows:
            of[row.point].append((one.word, one.file, row.witnesses))
    return {point: sorted(rows, key=lambda r: -r[2]) for point, rows in of.items()}
