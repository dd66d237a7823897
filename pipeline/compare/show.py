"""What every witness says of one point, side by side."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.compare.edition import Edition, place
from pipeline.compare.sides import shown_value
from pipeline.knowledge.lexicon import folded, lexicon, ranked
from pipeline.knowledge.script import to_traditional
from pipeline.knowledge.tables import table
from pipeline.knowledge.treatments import FORMULA
from pipeline.knowledge.vocabulary import unit
from pipeline.knowledge.works import year_of
from pipeline.model import DoseRow, Entry, Identification
from pipeline.sources.signs import cleared
from pipeline.text.layer import plain as as_it_is


def codes(name: str) -> tuple[str, ...]:
    """The points that a code, name or alias in any script can mean.

    >>> codes("上脘"), codes("ST-36"), codes("Shangwan"), codes("三里")
    (('CV13',), ('ST36',), ('CV13',), ('LI10', 'ST36'))
    """
    key = "".join(cleared(as_it_is(name)).chars.split())
    plain = _plain(key)
    rows = table("authority/points.tsv")
    for row in rows:
        if plain in (_plain(row["code"]), _plain(row["pinyin"])) or key == row["simplified"]:
            return (row["code"],)
    found = lexicon().senses.get(folded(to_traditional(key)), ())
    return ranked({sense.code for sense in found})


def _plain(word: str) -> str:
    """Letters and figures without tone marks, case or hyphen."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    return "".join(c for c in decomposed if c.isalnum())


@dataclass(frozen=True, slots=True)
class Statement:
    """What one witness says of a point, field by field."""

    witness: str
    where: str
    fields: dict[str, str]
    text: str
    doses: tuple[DoseRow, ...] = ()
    year: int | None = None
    """When the work of the witness was written, as far as it is known."""


def statements(editions: Sequence[Edition], code: str) -> list[Statement]:
    """Everything the editions say of a point, in the order of time, those without a year last;
    repetitions are left out, and so are glosses of which an entry is a part.
    """
    years = {siglum: row.year for side in editions for siglum, row in side.witnesses.items()}
    found = [replace(one, year=years.get(one.witness)) for one in _statements(editions, code)]
    return sorted(found, key=lambda one: (one.year is None, one.year or 0))


def _statements(editions: Sequence[Edition], code: str) -> Iterator[Statement]:
    for side in editions:
        seen = set()
        for entry in side.entries:
            if entry.duplicate_of is None and (entry.code == code or code in entry.candidates):
                told = "" if entry.witness in seen else _good_for(side, code, entry.witness)
                seen.add(entry.witness)
                yield _of_entry(side, entry, told)
        for found in side.identifications.get(code, ()):
            if found.witness not in seen:
                yield _of_gloss(found)
        for witness in side.witnesses:
            told = _good_for(side, code, witness)
            if told and witness not in seen:
                yield Statement(witness, "", {"indications": told}, "")


def _good_for(side: Edition, code: str, witness: str) -> str:
    """The illnesses that a witness treats with a point, each with the verb where it is not 主之."""
    return "；".join(
        "".join(row.syndrome.split())
        + (f" ({row.act})" if row.direction == "illness_first" and row.act != FORMULA else "")
        + "".join(f" [{flag}]" for flag in row.flags)
        for row in side.indications
        if row.code == code and row.witness == witness and row.stratum == "mingtang"
    )


def _of_entry(side: Edition, entry: Entry, told: str = "") -> Statement:
    fields = {"name": entry.name_raw, "aliases": "、".join(entry.aliases)}
    for name in ("location", "channels", "shu", "phase", "role", "posture"):
        fields[name] = shown_value(entry, name) or ""
    fields["depth"] = _range(entry.depth_min_fen, entry.depth_max_fen, unit("needling"))
    fields["retention"] = _range(
        entry.retention_breaths, entry.retention_breaths, unit("retention")
    )
    fields["moxa"] = _range(entry.moxa_min, entry.moxa_max, unit("moxa"))
    forbidden = {"needling": entry.needling_forbidden, "moxa": entry.moxa_forbidden}
    fields["forbidden"] = ", ".join(act for act, banned in forbidden.items() if banned)
    fields["warnings"] = shown_value(entry, "warnings") or ""
    fields["remarks"] = shown_value(entry, "remarks") or ""
    fields["readings"] = "; ".join(
        f"{r.source or 'note'}: {r.field} {r.value}" for r in side.readings.get(entry.entry_id, ())
    )
    fields["indications"] = told
    fields["flags"] = ", ".join(entry.flags)
    decided = (c for c in side.claimed.get(entry.entry_id, ()) if c.basis == "decided")
    fields["decided"] = ", ".join(f"{c.field} {c.value} ({c.source})" for c in decided)
    return Statement(
        entry.witness,
        place(side, entry, entry.start),
        {name: value for name, value in fields.items() if value},
        "".join(entry.text.split()),
        side.doses.get(entry.entry_id, ()),
    )


def _range(least: float | None, most: float | None, unit: str) -> str:
    if least is None:
        return ""
    return f"{least} {unit}" if least == most else f"{least}–{most} {unit}"


def _of_gloss(found: Identification) -> Statement:
    fields = {
        "lemma": found.lemma,
        "name": "、".join(found.points_raw),
        "location": found.location,
    }
    return Statement(
        found.witness,
        f"{found.section}.{found.seq}",
        {name: value for name, value in fields.items() if value},
        found.gloss,
    )


FIELDS = (
    *("lemma", "name", "aliases", "location", "channels", "shu", "phase", "role", "posture"),
    *("depth", "retention", "moxa", "forbidden", "warnings", "remarks", "readings"),
    *("indications", "flags", "decided"),
)
"""What a statement can have, in the order in which it is shown."""
ACTS = ("needling", "retention", "drain", "moxa")
BOOK = "(the book)"


@dataclass(frozen=True, slots=True)
class Heard:
    """The doses of one voice in one witness: those of 銅人 (1026) as 大成 has them."""

    year: int | None
    voice: str
    witness: str
    said: dict[str, str]


def through_time(found: Sequence[Statement]) -> list[Heard]:
    """The doses of a point in the order in which those wrote who state them. One whose year is not
    known stands before the witness that cites him.
    """
    heard = []
    for one in found:
        named = {row.source or BOOK: row for row in one.doses}
        for voice, said in by_voice(one.doses):
            row = named[voice]
            year = year_of(row.source, row.work) if row.source else one.year
            latest = one.year or LATER
            heard.append(
                ((year or latest, year is not None, latest), Heard(year, voice, one.witness, said))
            )
    return [one for _, one in sorted(heard, key=lambda item: item[0])]


LATER = 9999
"""In place of a year that is not known."""


def by_voice(doses: Sequence[DoseRow]) -> Iterator[tuple[str, dict[str, str]]]:
    """What each voice of an entry states of each act, the book first, in the order of the text:
    銅人, needling 3 分.
    """
    voices = sorted(dict.fromkeys(row.source for row in doses), key=bool)
    for voice in voices:
        said: dict[str, list[str]] = {}
        for row in doses:
            if row.source == voice:
                said.setdefault(row.act, []).append(_dose(row))
        yield voice or BOOK, {act: "; ".join(said[act]) for act in ACTS if act in said}


def _dose(row: DoseRow) -> str:
    """A dose in a line: 7–14 壯 a day (若灸偏風)."""
    least, most = ("" if n is None else f"{n:g}" for n in (row.min, row.max))
    number = least if least == most else f"{least}–{most}"
    words = ("forbidden" if row.forbidden else "", row.expr, f"{number} {row.unit}" * bool(number))
    condition = f"({row.condition})" if row.condition else ""
    return " ".join(filter(None, (*words, "a day" * row.daily, condition)))


def title(code: str) -> str:
    """A point by code, name, reading and English name."""
    row = next(row for row in table("authority/points.tsv") if row["code"] == code)
    return f"{code} {row['traditional']} {row['pinyin']}, {row['english']}"
