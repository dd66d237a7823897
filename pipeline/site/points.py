"""The page of a point: its names, what each witness says of it, and with which words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from pipeline.knowledge.script import to_traditional
from pipeline.knowledge.vocabulary import unit
from pipeline.model import Claim, DoseRow, Entry, Issue, Note, Reading
from pipeline.site.addresses import Places, at_entry, at_position
from pipeline.site.draw import Mark
from pipeline.site.gather import Corpus, grouped, of_entry, of_witness, point_of
from pipeline.site.reading import by_editors, noted, values, voices
from pipeline.site.spans import Span, layout, woven
from pipeline.site.synopsis import DAMAGED, out_of_range, spoken
from pipeline.site.synopsis import span as amount

FIELDS = (
    "name_raw",
    "aliases",
    "location",
    "channels",
    "shu",
    "phase",
    "role",
    "posture",
    "needling",
    "retention",
    "moxa",
    "warnings",
    "remarks",
    "flags",
)
"""What is set side by side, in this order; acts with their numbers or prohibitions."""
ABREAST = 6
"""Entries that are set side by side; more stand one below the other."""
GONE = "□ "
"""What a name is of which all glyphs are lost."""
SHARED = 2
"""Works that have a clause, for it to be shown as shared."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a point as it is written, and who has it: witnesses, or the table of names."""

    forms: tuple[str, ...]
    """In one script and the other (承漿, 承浆)."""
    kind: str
    witnesses: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """An entry as it is shown: its words marked, what was read elsewhere or decided by people, what
    is said of it.
    """

    entry: Entry
    html: Markup
    address: str | None
    elsewhere: tuple[tuple[Claim, Markup, str | None], ...]
    doses: tuple[DoseRow, ...]
    """Those of authorities, under a condition, or of a kind that the fields do not have."""
    readings: tuple[Reading, ...]
    issues: tuple[Issue, ...]
    editors: dict[str, str]
    """Readings and doses that stand in a note of later editors, by id, and who they are."""
    doubts: tuple[str, ...]
    """What is damaged or doubtful in it."""
    against: tuple[tuple[str, str], ...]
    """Where a number is suspect: what the others have, and who."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of illness: its words, the name of the point and the clauses marked."""

    row: Any
    html: Markup
    address: str | None


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of illness that several works have of a point."""

    key: str
    forms: tuple[str, ...]
    witnesses: tuple[str, ...]
    works: int


def names(corpus: Corpus, point: str, known: Iterable[dict[str, str]]) -> list[Name]:
    """The names of a point: as witnesses print them, then those only the table of names has."""
    found: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for form, kind, witness in _printed(corpus, point):
        found[to_traditional(form), kind].append((form, witness))
    listed = {row["name"]: row for row in known}
    printed = [
        Name(
            tuple(dict.fromkeys(form for form, _ in who)),
            kind,
            tuple(dict.fromkeys(witness for _, witness in who)),
            listed.pop(name, {}).get("reason", ""),
        )
        for (name, kind), who in found.items()
    ]
    return printed + [Name((form,), row["kind"], (), row["reason"]) for form, row in listed.items()]


def _printed(corpus: Corpus, point: str) -> Iterator[tuple[str, str, str]]:
    """Names of a point in the texts: as printed, what kind of name, by which witness."""
    for entry in corpus.points.get(point, ()):
        forms = [(entry.name_raw, "name"), *((alias, "alias") for alias in entry.aliases)]
        yield from ((form, kind, entry.witness) for form, kind in forms if form.strip(GONE))
    for row in corpus.by_code["identifications"].get(point, ()):
        for name, code in zip(row.points_raw, row.codes, strict=False):
            if code == point:
                yield name, "name", row.witness


def side_by_side(corpus: Corpus, entries: Sequence[Entry]) -> Iterator[tuple[str, list[str]]]:
    """The fields of entries, one after the other, those that none has left out."""
    columns = [stated(entry, of_entry(corpus, "doses", entry.entry_id)) for entry in entries]
    for name in FIELDS:
        cells = [column[name] for column in columns]
        if any(cells):
            yield name, cells


def stated(entry: Entry, doses: Sequence[DoseRow]) -> dict[str, str]:
    """What an entry states, field by field, in words; empty where it states nothing. For whom
    something is forbidden stands beside it.
    """
    of = {dose.act: dose.condition for dose in doses if dose.forbidden and dose.condition}
    lists = {name: getattr(entry, name) for name in ("aliases", "channels", "posture", "warnings")}
    acts = {
        "needling": (
            amount(entry.depth_min_fen, entry.depth_max_fen),
            unit("needling"),
            entry.needling_forbidden,
            entry.needling_source,
        ),
        "retention": (
            amount(entry.retention_breaths, entry.retention_breaths),
            unit("retention"),
            False,
            entry.retention_source,
        ),
        "moxa": (
            amount(entry.moxa_min, entry.moxa_max),
            unit("moxa"),
            entry.moxa_forbidden,
            entry.moxa_source,
        ),
    }
    return {
        **{name: getattr(entry, name) or "" for name in ("name_raw", "location", "shu", "phase")},
        "role": entry.role or "",
        **{name: "、".join(items) for name, items in lists.items()},
        **{name: _act(*given, of.get(name, "")) for name, given in acts.items()},
        "remarks": "、".join(entry.remarks),
        "flags": "、".join(entry.flags),
    }


def _act(number: str, unit: str, forbidden: bool, source: str, condition: str) -> str:
    words = [f"{number} {unit}"] if number else []
    words += [f"× {condition}".strip()] if forbidden else []
    return " ".join([*words, f"({source})"] if words and source else words)


def said(corpus: Corpus, where: Places, entry: Entry) -> Said:
    """An entry with the words of its values marked."""
    claims = of_entry(corpus, "claims", entry.entry_id)
    doses = of_entry(corpus, "doses", entry.entry_id)
    inside = [c for c in claims if entry.start <= c.start and c.end <= entry.end]
    issues = [
        Span(i.start, i.end, f"issue {i.severity}", (("rule", i.rule),))
        for i in of_entry(corpus, "issues", entry.entry_id)
        if entry.start <= i.start and i.end <= entry.end
    ]
    own = of_entry(corpus, "notes", entry.entry_id)
    notes = [
        Span(n.start, n.end, "k-note", by_editors(corpus, n))
        for n in own
        if entry.start <= n.start and n.end <= entry.end
    ]
    readings = of_entry(corpus, "readings", entry.entry_id)
    said = noted(r for r in readings if entry.start <= r.start and r.end <= entry.end)
    elsewhere = tuple(
        (claim, _piece(claim), at_position(where, entry.witness, claim.start))
        for claim in claims
        if claim not in inside or claim.basis == "decided"
    )
    return Said(
        entry,
        _marked(entry.text, entry.start, [*notes, *values(inside), *voices(doses), *said, *issues]),
        at_entry(where, entry),
        elsewhere,
        tuple(dose for dose in doses if _further(dose)),
        readings,
        of_entry(corpus, "issues", entry.entry_id),
        _editors(corpus, own, readings, doses),
        tuple(flag for flag in entry.flags if flag in DAMAGED),
        against(corpus, entry),
    )


def _editors(
    corpus: Corpus, notes: Sequence[Note], readings: Sequence[Reading], doses: Sequence[DoseRow]
) -> dict[str, str]:
    """Of readings and doses those that editors of a commentary tell, and who they are."""
    theirs = [(n, who) for n in notes if (who := corpus.editors.get(n.note_id))]
    places = {r.reading_id: r.start for r in readings} | {d.dose_id: d.start for d in doses}
    return {
        name: who
        for name, place in places.items()
        for note, who in theirs
        if note.start <= place < note.end
    }


MEASURED = ("depth_max_fen", "moxa_max", "retention_breaths")
"""Columns of numbers that can be out of range."""


def against(corpus: Corpus, entry: Entry) -> tuple[tuple[str, str], ...]:
    """What others have where a number of an entry is out of range: 上脘 80 分, elsewhere 8."""
    suspect = out_of_range(corpus, entry)
    column = next((c for c in MEASURED if any(c in message for message in suspect)), None)
    if column is None:
        return ()
    others = grouped(
        (e for e in corpus.points.get(point_of(entry) or "", ())),
        lambda e: value if (value := getattr(e, column)) != getattr(entry, column) else None,
    )
    return tuple(
        (f"{value:g}", ", ".join(dict.fromkeys(e.witness for e in found)))
        for value, found in others.items()
    )


def _further(dose: DoseRow) -> bool:
    """Whether a dose is more than what the fields of its entry say already."""
    words = (dose.source, dose.condition, dose.expr)
    return any(words) or dose.daily or dose.act == "drain"


def _piece(claim: Claim) -> Markup:
    return _marked(claim.text, claim.start, list(values([claim])))


def _marked(text: str, start: int, spans: Iterable[Span]) -> Markup:
    moved = (replace(s, start=s.start - start, end=s.end - start) for s in spans)
    return woven(text, 0, len(text), [*moved, *layout(text)])[0]


def statements(corpus: Corpus, where: Places, point: str, direction: str) -> Iterator[Statement]:
    """The statements of illness about a point, in order of time, each once."""
    rows = [r for r in corpus.by_code["indications"].get(point, ()) if r.direction == direction]
    for siglum in corpus.witnesses:
        seen = set()
        for row in rows:
            if row.witness != siglum or row.statement_id in seen:
                continue
            seen.add(row.statement_id)
            yield Statement(
                row, _statement(corpus, row), at_position(where, row.witness, row.start)
            )


def _statement(corpus: Corpus, row: Any) -> Markup:
    clauses = [Span(s.start, s.end, "symptom") for s in _symptoms(corpus, row)]
    if row.point_start is not None and row.start <= row.point_start:
        clauses.append(Span(row.point_start, row.point_end, "v v-name"))
    return _marked(row.text, row.start, clauses)


def _symptoms(corpus: Corpus, row: Any) -> tuple[Any, ...]:
    return corpus.by_statement.get(row.statement_id, ())


def shared(corpus: Corpus, point: str) -> list[Clause]:
    """The clauses of illness that several works have of a point, those of the most first."""
    forms: defaultdict[str, dict[str, None]] = defaultdict(dict)
    who: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for row in corpus.by_code["indications"].get(point, ()):
        for symptom in _symptoms(corpus, row):
            forms[symptom.key][symptom.text] = None
            who[symptom.key][row.witness] = None
    found = [
        Clause(
            key,
            tuple(forms[key]),
            tuple(who[key]),
            len({corpus.witnesses[w].work for w in who[key]}),
        )
        for key in forms
    ]
    return sorted((c for c in found if c.works >= SHARED), key=lambda c: (-c.works, c.key))


def marks(corpus: Corpus, point: str) -> tuple[list[Mark], list[str]]:
    """The doses of a point and the witnesses that state any, in order of time."""
    stating = [e for e in corpus.points.get(point, ()) if spoken(e)]
    columns = list(dict.fromkeys(e.witness for e in stating))
    found: dict[Mark, None] = {}
    for entry in stating:
        n = columns.index(entry.witness)
        acts = (
            ("needling", entry.depth_max_fen, entry.needling_forbidden, entry.needling_source),
            ("moxa", entry.moxa_max, entry.moxa_forbidden, entry.moxa_source),
        )
        for act, value, forbidden, source in acts:
            if value is not None:
                found[n, act, value, source] = None
            if forbidden:
                found[n, act, None, source] = None
        for dose in of_entry(corpus, "doses", entry.entry_id):
            if dose.act in ("needling", "moxa") and dose.source and not dose.condition:
                if dose.max is not None:
                    found[n, dose.act, dose.max, dose.source] = None
                elif dose.forbidden:
                    found[n, dose.act, None, dose.source] = None
    return list(found), columns


def emendations(corpus: Corpus, entries: Iterable[Entry]) -> list[Any]:
    """What other witnesses have where these entries have a gap."""
    return [row for e in entries for row in of_entry(corpus, "emendations", e.entry_id)]


def unidentified(corpus: Corpus) -> list[Entry]:
    """Entries whose point is not known."""
    return [
        e for s in corpus.witnesses for e in of_witness(corpus, "entries", s) if not point_of(e)
    ]
