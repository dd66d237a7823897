"""A result as rows of every table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any

from pipeline.knowledge.tables import table
from pipeline.model import Diagnostic, Issue, PointRow, Result, WitnessRow
from pipeline.publish.citing import citing
from pipeline.publish.schema import TABLES
from pipeline.sources.read import line_of, line_starts


def rows(result: Result, names: Collection[str] = tuple(TABLES)) -> dict[str, Sequence[Any]]:
    """The rows of every table, or of those that are named, in the order of ``TABLES``."""
    made: dict[str, Callable[[Result], Sequence[Any]]] = {
        "witnesses": _witnesses,
        "points": lambda _: points(),
        "citations": citing,
        "issues": _issues,
    }
    return {
        name: made[name](result) if name in made else getattr(result, name)
        for name in TABLES
        if name in names
    }


def _witnesses(result: Result) -> list[WitnessRow]:
    return [
        WitnessRow(
            witness=w.spec.siglum,
            work=w.spec.work,
            title=w.spec.title,
            script=w.spec.script,
            format=w.spec.format,
            path=w.spec.name,
            encoding=w.encoding,
            sha256=w.sha256,
            chars=len(w.text),
            licence=w.spec.licence,
            origin=w.spec.origin,
            edition=w.spec.edition,
            files=tuple(f"{name}:{start}" for name, start in w.files),
            author=w.spec.author,
            year=w.spec.year,
            year_basis=w.spec.year_basis,
        )
        for w in result.witnesses
    ]


@cache
def points() -> tuple[PointRow, ...]:
    """The points of the standard, the same whatever was read.

    >>> points()[0].pinyin, points()[0].tara
    ('Zhōngfǔ', 'TARA:0913913')
    """
    tara = {row["code"]: row["tara"] for row in table("authority/tara.tsv")}
    return tuple(
        PointRow(
            code=row["code"],
            ord=number,
            name=row["traditional"],
            simplified=row["simplified"],
            pinyin=row["pinyin"],
            english=row["english"],
            laterality=row["laterality"],
            channel=row["channel"],
            region=tuple(row["region"].split("|")),
            tara=tara[row["code"]],
        )
        for number, row in enumerate(table("authority/points.tsv"), 1)
    )


def _issues(result: Result) -> list[Issue]:
    """Diagnostics as rows, by witness and position, whatever order the stages reported them in."""
    order = {w.spec.siglum: i for i, w in enumerate(result.witnesses)}
    starts = {w.spec.siglum: line_starts(w.text) for w in result.witnesses}
    issues = [issue_of(d, line_of(starts[d.witness], d.start)) for d in result.diagnostics]
    return sorted(issues, key=lambda i: (order[i.witness], *issue_place(i)))


def issue_of(d: Diagnostic, line: int) -> Issue:
    """A diagnostic on a line of its source as a row."""
    return Issue(
        witness=d.witness,
        section=d.section,
        entry_id=d.entry_id,
        start=d.start,
        end=d.end,
        line=line,
        severity=d.severity,
        rule=d.code,
        message=d.message,
    )


def issue_place(issue: Issue) -> tuple[int, int, str, str]:
    """By what the issues of a witness are sorted."""
    return issue.start, issue.end, issue.rule, issue.message
