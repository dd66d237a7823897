"""A collation as one self-contained page: synoptic columns, filters, every reading placed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from pipeline.compare.apparatus import Passage, passages
from pipeline.compare.collate import RANK, SEVERITY, Collation, Difference, explain
from pipeline.compare.display import QUIET, Marked, point, readings, summary
from pipeline.compare.edition import Edition, place
from pipeline.judging.diagnostics import shown
from pipeline.model import Entry


@dataclass(slots=True)
class _Row:
    """A field of an entry: its difference of the severest kind, and what each edition has."""

    difference: Difference
    name: str
    cells: dict[int, tuple[Marked, str | None]] = field(default_factory=dict)
    rules: dict[str, None] = field(default_factory=dict)


def page(collation: Collation, explained: bool = False) -> str:
    """The page, as HTML. Differences of orthography are in it, and hidden until asked for."""
    editions = collation.editions
    rows = _rows(collation)
    found = passages(editions)
    counts = summary(collation)
    fields = list(dict.fromkeys(row.name for group in rows.values() for row in group))
    return Template(_template()).substitute(
        title=_text(f"Collation of {', '.join(e.label for e in editions)}"),
        columns=str(len(editions)),
        sources="\n".join(map(_source, editions)),
        kinds="\n".join(_box(kind, n) for kind, n in counts.items()),
        fields="".join(f'<option value="{_text(f)}">{_text(f)}</option>' for f in fields),
        articles="\n".join(_articles(editions, rows, found, explained)),
    )


@cache
def _template() -> str:
    return Path(__file__).with_name("page.html").read_text(encoding="utf-8")


Key = tuple[str | None, str | None]
"""An entry by its id in the first edition or, where that has it not, in the other."""


def _rows(collation: Collation) -> dict[Key, list[_Row]]:
    """The fields to be shown of every entry."""
    labels = {e.label: n for n, e in reversed(list(enumerate(collation.editions)))}
    owners = {
        entry.entry_id: n
        for n, e in reversed(list(enumerate(collation.editions)))
        for entry in e.entries
        if n
    }
    found: dict[Key, dict[str, _Row]] = {}
    for one in readings(collation, every=True):
        d = one.difference
        if d.kind == "same":
            continue
        key = (d.entry_a, None) if d.entry_a else (None, d.entry_b)
        row = found.setdefault(key, {}).setdefault(one.field, _Row(d, one.field))
        if RANK[d.kind] < RANK[row.difference.kind]:  # type: ignore[index]
            row.difference = d
        if d.entry_a:
            old = row.cells.get(0)
            row.cells[0] = (one.a, d.place_a) if old is None else (_both(old[0], one.a), old[1])
        other = owners.get(d.entry_b or "", labels.get(d.witness_b, 1))
        row.cells[other] = (one.b, d.place_b)
        row.rules.update(dict.fromkeys(d.rules))
    return {key: list(group.values()) for key, group in found.items()}


def _both(one: Marked, other: Marked) -> Marked:
    """One text marked twice: what either marks is marked."""
    flags = [[d for text, d in pieces for _ in text] for pieces in (one, other)]
    text = "".join(text for text, _ in one)
    return tuple((char, any(marks)) for char, *marks in zip(text, *flags, strict=True))


def _source(edition: Edition) -> str:
    rows = edition.witnesses.values()
    said = "<br>".join(_text(f"{row.title}. {row.edition}") for row in rows)
    return f"<dt>{_text(edition.label)}</dt><dd><small>{said}</small></dd>"


def _box(kind: str, count: int) -> str:
    checked = "" if kind in QUIET else " checked"
    severity = SEVERITY[kind]  # type: ignore[index]
    return (
        f'<label class="{severity}"><input type="checkbox" name="kind" value="{kind}"{checked}> '
        f'<span class="kind">{kind} {count}</span></label>'
    )


def _articles(
    editions: Sequence[Edition],
    rows: dict[Key, list[_Row]],
    found: Sequence[Passage],
    explained: bool,
) -> Iterator[str]:
    """Entries by their severest difference; those that stand in no passage are repetitions."""
    blocks: list[tuple[int, str]] = []
    left = dict(rows)
    for passage in found:
        ids = {n: entry.entry_id for n, entry in passage.entries.items()}
        keys = [(ids[0], None)] if 0 in ids else [(None, i) for i in ids.values()]
        mine = [row for key in keys for row in left.pop(key, [])]
        if mine:
            blocks.append((_rank(mine), _article(editions, passage, mine, explained)))
    for group in left.values():
        blocks.append((_rank(group), _article(editions, None, group, explained)))
    for _, block in sorted(blocks, key=lambda b: b[0]):
        yield block


def _rank(rows: Sequence[_Row]) -> int:
    return min(RANK[row.difference.kind] for row in rows)  # type: ignore[index]


def _article(
    editions: Sequence[Edition], passage: Passage | None, rows: Sequence[_Row], explained: bool
) -> str:
    d = rows[0].difference
    named = next(iter(passage.entries.values())).name_raw if passage else ""
    title = point(d) if d.code or d.name else named
    hidden = " hidden" if all(row.difference.kind in QUIET for row in rows) else ""
    parts = [f'<article{hidden}><header><h2 lang="zh-Hant">{_text(title)}</h2></header>']
    parts += [_row(editions, passage, row, explained) for row in rows]
    if passage:
        parts.append(_texts(editions, passage))
    parts.append("</article>")
    return "".join(parts)


def _row(editions: Sequence[Edition], passage: Passage | None, row: _Row, explained: bool) -> str:
    d = row.difference
    hidden = " hidden" if d.kind in QUIET else ""
    data = f'data-kind="{d.kind}" data-field="{_text(row.name)}"{hidden}'
    parts = [
        f'<div class="row {d.severity}" {data}>'
        f'<h3><span class="kind">{d.kind}</span>{_text(row.name)}</h3>'
        f'<div class="{_columns(editions)}">'
    ]
    for n, edition in enumerate(editions):
        has = passage is None or n in passage.entries
        pieces, where = row.cells.get(n, ((), None))
        said = (
            _marked(pieces)
            or f'<span class="same">{"—" if n in row.cells or not has else "="}</span>'
        )
        note = f'<span class="place">{_text(_work(edition) + where)}</span>' if where else ""
        parts.append(
            f'<div><span class="siglum">{_text(edition.label)}</span>'
            f'<div class="han"{_lang(edition)}>{said}</div>{note}</div>'
        )
    parts.append("</div>")
    if explained and row.rules:
        items = "".join(f"<li>{_text(explain(rule))}</li>" for rule in row.rules)
        parts.append(f'<ul class="rules">{items}</ul>')
    parts.append("</div>")
    return "".join(parts)


def _columns(editions: Sequence[Edition]) -> str:
    return "columns many" if len(editions) > 2 else "columns"


def _texts(editions: Sequence[Edition], passage: Passage) -> str:
    """The whole entry in all witnesses, what differs in words marked."""
    cells: dict[int, str] = {}
    for k, (n, entry) in enumerate(passage.entries.items()):
        words = "".join(
            f"<mark>{_text(s.readings[k])}</mark>"
            if s.kind not in QUIET and s.readings[k]
            else _text(s.readings[k])
            for s in passage.segments
        )
        cells[n] = f'<div class="han"{_lang(editions[n])}>{words}</div>{_where(editions[n], entry)}'
    columns = "".join(
        f'<div><span class="siglum">{_text(edition.label)}</span>{cells.get(n, "—")}</div>'
        for n, edition in enumerate(editions)
    )
    return (
        f"<details><summary>whole entry</summary>"
        f'<div class="{_columns(editions)}">{columns}</div></details>'
    )


def _where(edition: Edition, entry: Entry) -> str:
    where = _work(edition) + place(edition, entry, entry.start)
    return f'<span class="place">{_text(where)}</span>'


def _work(edition: Edition) -> str:
    """The title of an edition of one witness, to stand before a place in it."""
    titles = [row.title for row in edition.witnesses.values()]
    return f"{titles[0]}, " if len(titles) == 1 and titles[0] else ""


def _lang(edition: Edition) -> str:
    scripts = {row.script for row in edition.witnesses.values()}
    return {"hans": ' lang="zh-Hans"', "hant": ' lang="zh-Hant"'}.get("".join(scripts), "")


def _marked(pieces: Marked) -> str:
    return "".join(f"<mark>{_text(t)}</mark>" if d else _text(t) for t, d in pieces)


def _text(text: str) -> str:
    return escape(shown(text))
