"""A collation as one self-contained page: in columns or dense, with filters and two orders."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from pipeline.compare.difference import QUIET, RANK, SEVERITY, Collation
from pipeline.compare.display import Marked, Shown, label, readings, summary
from pipeline.compare.edition import Edition, place
from pipeline.compare.passages import Passage
from pipeline.compare.reasons import explain
from pipeline.compare.segments import kind, segments
from pipeline.judging.diagnostics import shown
from pipeline.language import told, translated

TEMPLATES = Path(__file__).parent
"""Where the page is, and the head of all pages."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A place or a column in which editions differ, and what each of them has."""

    kind: str
    field: str
    numbers: tuple[int, ...]
    cells: dict[int, tuple[Marked, str | None]]
    source: str | None
    rules: tuple[str, ...]

    @property
    def severity(self) -> str:
        return SEVERITY[self.kind]  # type: ignore[index]

    @property
    def quiet(self) -> bool:
        return self.kind in QUIET


@dataclass(slots=True)
class _Article:
    """An entry, or a section of prose, with its rows; ``at`` is its place in the base."""

    title: str
    section: str
    at: int
    rows: list[_Row]
    texts: list[tuple[Markup, str] | None]

    @property
    def rank(self) -> int:
        return min(RANK[row.kind] for row in self.rows)

    @property
    def quiet(self) -> bool:
        return all(row.quiet for row in self.rows)


def page(collation: Collation, explained: bool = False) -> str:
    """The page, as HTML. Differences of writing are in it, and hidden until asked for."""
    editions = collation.editions
    articles = sorted(_articles(collation), key=lambda a: (a.rank, a.at))
    counts = summary(collation)
    return _template().render(
        editions=editions,
        langs=[_lang(edition) for edition in editions],
        works=[_work(edition) for edition in editions],
        sources=[
            (e.label, [f"{w.title}. {w.edition}" for w in e.witnesses.values()]) for e in editions
        ],
        counts=[(name, n, SEVERITY[name], name in QUIET) for name, n in counts.items()],
        loud=sum(n for name, n in counts.items() if name not in QUIET),
        fields=list(dict.fromkeys(row.field for a in articles for row in a.rows)),
        sections=_sections(articles),
        articles=articles,
        explained=explained,
        explain=explain,
        marked=_marked,
        cite=lambda article, row: _citation(editions, article, row),
    )


def _titles(edition: Edition) -> list[str]:
    return [f"{row.title}. {row.edition}" for row in edition.witnesses.values()]


@cache
def _template() -> Template:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: shown(value) if type(value) is str else value,
    )
    made.globals |= {"t": _words, "w": _word, "f": _field, "option": _option}
    return made.get_template("page.html")


def _both(english: str, chinese: str) -> Markup:
    """Words that the button of the page turns into Chinese and back."""
    return Markup('<span data-zh="{}">{}</span>').format(shown(chinese), shown(english))


def _words(english: str) -> Markup:
    return _both(english, told("page", english, "zh"))


def _word(english: str) -> Markup:
    """A kind of difference."""
    return _both(english, translated(english, "zh"))


def _field(name: str) -> Markup:
    return _both(name, told("field", name, "zh"))


def _option(value: str, words: Markup) -> Markup:
    """An item of a list: no element can stand in it, so it is turned itself."""
    opened = Markup('<option value="{}"').format(shown(value))
    return words.replace("<span", opened, 1).replace("</span>", Markup("</option>"))


def _sections(articles: Iterable[_Article]) -> list[tuple[str, dict[str, int]]]:
    """The sections in the order of the book, and how many differences each has of a severity."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for article in sorted(articles, key=lambda a: a.at):
        seen = {n: row.severity for row in article.rows for n in row.numbers}
        found[article.section].update(seen.values())
    return [(name, dict(counts)) for name, counts in found.items()]


# --- articles ------------------------------------------------------------------------------------

Key = tuple[str | None, str | None, str | None]
"""An entry of the base, else one of another edition, else a section of prose."""


def _articles(collation: Collation) -> Iterator[_Article]:
    groups: defaultdict[Key, list[Shown]] = defaultdict(list)
    for one in readings(collation, every=True):
        d = one.difference
        if d.kind != "same":
            entry = d.entry_a or d.entry_b
            groups[
                d.entry_a, None if d.entry_a else d.entry_b, None if entry else d.section
            ].append(one)
    places = _places(collation)
    last = len(places)
    for k, (key, group) in enumerate(groups.items()):
        first = group[0].difference
        at, passage = places.get(key, (last + (first.start_a or first.start_b or k), None))
        yield _Article(
            title=label(first),
            section=first.section or "—",
            at=at,
            rows=_rows(collation, group),
            texts=_texts(collation, passage) if passage else [],
        )


def _places(collation: Collation) -> dict[Key, tuple[int, Passage]]:
    found: dict[Key, tuple[int, Passage]] = {}
    for at, passage in enumerate(collation.passages):
        ids = {n: collation.editions[n].entries[i].entry_id for n, i in passage.entries.items()}
        for n, entry_id in ids.items():
            key = (entry_id, None, None) if n == 0 else (None, entry_id, None)
            found.setdefault(key, (at, passage))
    return found


def _rows(collation: Collation, group: Sequence[Shown]) -> list[_Row]:
    """The rows of an article: what several editions have for one reading of the base is one."""
    found: dict[tuple[object, ...], dict[int, Shown]] = {}
    for one in group:
        d = one.difference
        other = collation.editions_of[d.difference or 0]
        key: tuple[object, ...] = (
            one.field,
            d.source,
            d.value_a,
            one.a,
            d.kind in QUIET,
            d.note_a,
        )
        while other in found.setdefault(key, {}):
            key = (*key, None)
        found[key][other] = one
    return [_row(each) for each in found.values()]


def _row(those: Mapping[int, Shown]) -> _Row:
    """A row of what each edition, by its number, has for one reading of the base."""
    all_of = [one.difference for one in those.values()]
    last = [*those.values()][-1]
    return _Row(
        min((d.kind for d in all_of), key=RANK.__getitem__),
        last.field,
        tuple(dict.fromkeys(d.difference for d in all_of if d.difference is not None)),
        {
            0: (last.a, last.difference.place_a),
            **{n: (one.b, one.difference.place_b) for n, one in those.items()},
        },
        last.difference.source,
        tuple(dict.fromkeys(rule for d in all_of for rule in d.rules)),
    )


def _texts(collation: Collation, passage: Passage) -> list[tuple[Markup, str] | None]:
    """The whole entry in all editions, what differs in words marked."""
    parts: list[list[str | Markup]] = [[] for _ in collation.editions]
    for segment in segments(collation, passage):
        loud = kind(collation, segment) not in QUIET
        for n, reading in enumerate(segment.readings):
            if reading:
                text = shown(reading)
                parts[n].append(Markup("<mark>{}</mark>").format(text) if loud else text)
    found: list[tuple[Markup, str] | None] = []
    for n, edition in enumerate(collation.editions):
        if n in passage.entries:
            entry = edition.entries[passage.entries[n]]
            where = _work(edition) + place(edition, entry, entry.start)
            found.append((Markup("").join(parts[n]), where))
        else:
            found.append(None)
    return found


def _citation(editions: Sequence[Edition], article: _Article, row: _Row) -> str:
    """A row as it is cited: 腰俞, depth: 刺入三分 (jiayi, line 813)] 刺入二分 (jiayi-wyg …)."""
    said = []
    for n, (pieces, where) in sorted(row.cells.items()):
        words = "".join(text for text, _ in pieces) or "om."
        places = ", ".join(filter(None, (editions[n].label, where)))
        said.append(f"{words} ({places})")
    return f"{article.title}, {row.field}: {said[0]}] {'; '.join(said[1:])}"


def _work(edition: Edition) -> str:
    """The title of an edition of one witness, to stand before a place in it."""
    titles = [row.title for row in edition.witnesses.values()]
    return f"{titles[0]}, " if len(titles) == 1 and titles[0] else ""


def _lang(edition: Edition) -> str:
    scripts = {row.script for row in edition.witnesses.values()}
    return {"hans": "zh-Hans", "hant": "zh-Hant"}.get("".join(scripts), "zh")


def _marked(pieces: Marked) -> Markup:
    return Markup("").join(
        Markup("<mark>{}</mark>").format(shown(text)) if differs else shown(text)
        for text, differs in pieces
    )
