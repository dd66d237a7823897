"""Pictures as SVG, made of numbers: no library, no script, readable without colour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from typing import Any, TypeAlias

from markupsafe import Markup, escape

from pipeline.judging.diagnostics import shown
from pipeline.knowledge.vocabulary import unit
from pipeline.site.interface import translated

LEFT = 92
"""Room for the names of rows."""
STEP = 34
ROW = 24


def element(name: str, content: str = "", **given: object) -> str:
    """An element; ``class_`` is its class, underscores in names of attributes are hyphens."""
    attributes = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(shown(value))}"'
        for key, value in given.items()
    )
    return f"<{name}{attributes}>{content}</{name}>"


def words(x: float, y: float, text: object, anchor: str = "start", kind: str = "") -> str:
    """A word at a place."""
    given: dict[str, object] = {"class_": kind} if kind else {}
    if isinstance(text, str) and (turned := translated(text)):
        given["data_zh"] = turned
    return element("text", escape(shown(text)), x=f"{x:g}", y=f"{y:g}", text_anchor=anchor, **given)


def picture(width: float, height: float, title: str, parts: Sequence[str]) -> Markup:
    """A picture with a title for those who do not see it."""
    return Markup(
        element(
            "svg",
            "".join(parts),
            viewBox=f"0 0 {width:g} {height:g}",
            width=f"{width:g}",
            height=f"{height:g}",
            role="img",
            aria_label=title,
        )
    )


def bubbles(
    title: str,
    rows: Sequence[str],
    values: Sequence[float],
    counts: Mapping[tuple[str, float], int],
) -> Markup:
    """How often each value stands in each row: circles as large as the number in them."""
    most = max(counts.values(), default=1)
    parts = [
        words(LEFT + STEP * (n + 0.5), 14, f"{value:g}", "middle") for n, value in enumerate(values)
    ]
    for m, row in enumerate(rows):
        y = 24 + ROW * (m + 0.5)
        parts.append(words(LEFT - 8, y + 4, row, "end", "han"))
        for n, value in enumerate(values):
            if count := counts.get((row, value), 0):
                x = LEFT + STEP * (n + 0.5)
                radius = max(3 + 9 * sqrt(count / most), 3 + 3 * len(str(count)))
                label = _tip(f"{row}, {value:g}: {count}")
                parts.append(element("circle", label, cx=x, cy=y, r=f"{radius:.1f}", class_="dot"))
                parts.append(words(x, y + 4, count, "middle", "in"))
    return picture(LEFT + STEP * len(values) + 8, 28 + ROW * len(rows), title, parts)


def matrix(
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Mapping[tuple[str, str], tuple[float, str]],
    left: int = 200,
) -> Markup:
    """Cells with a share (0 to 1) as shade and words; none where nothing can be said."""
    head, wide = 118, 64
    parts = []
    for n, column in enumerate(columns):
        x = left + wide * (n + 0.5)
        turn = {"transform": f"translate({x:g} {head - 8}) rotate(-55)"}
        parts.append(element("text", escape(shown(column)), **turn))
    for m, row in enumerate(rows):
        y = head + ROW * m
        parts.append(words(left - 8, y + 16, row, "end", "han"))
        for n, column in enumerate(columns):
            share, said = cells.get((row, column), (-1.0, ""))
            kind = "none" if share < 0 else f"q{min(4, int(share * 5))}"
            x = left + wide * n
            box: dict[str, Any] = {"x": x + 1, "y": y + 1, "width": wide - 2, "height": ROW - 2}
            parts.append(element("rect", class_=kind, **box))
            parts.append(words(x + wide / 2, y + 16, said, "middle", "cell"))
    return picture(left + wide * len(columns) + 60, head + ROW * len(rows) + 4, title, parts)


def bars(title: str, rows: Sequence[tuple[str, Sequence[tuple[str, int]]]]) -> Markup:
    """Shares of a whole, one bar for each row."""
    left, wide = 120, 560
    parts = []
    for m, (name, given) in enumerate(rows):
        y, x = 4 + ROW * m, float(left)
        whole = sum(count for _, count in given) or 1
        parts.append(words(left - 8, y + 16, name, "end"))
        for kind, count in given:
            width = wide * count / whole
            label = element(
                "title", escape(f"{name}, {kind}: {count} ({100 * count / whole:.1f} %)")
            )
            box: dict[str, Any] = {
                "x": f"{x:.1f}",
                "y": y + 2,
                "width": f"{width:.1f}",
                "height": ROW - 4,
            }
            parts.append(element("rect", label, class_=f"b-{kind}", **box))
            x += width
    return picture(left + wide + 8, 8 + ROW * len(rows), title, parts)


def pairs(title: str, rows: Sequence[tuple[str, int, int]]) -> Markup:
    """Two numbers in a row: a ring where the first stands, a dot for the second."""
    left, wide = 330, 360
    most = max((max(a, b) for _, a, b in rows), default=1)
    parts = []
    for m, (name, declared, found) in enumerate(rows):
        y = 12 + 18 * m
        a, b = (left + wide * n / most for n in (declared, found))
        kind = "same" if declared == found else "differs"
        parts.append(words(left - 12, y + 4, name, "end", "han"))
        parts.append(element("line", x1=f"{a:.1f}", x2=f"{b:.1f}", y1=y, y2=y, class_=kind))
        parts.append(element("circle", cx=f"{a:.1f}", cy=y, r=6, class_="ring"))
        parts.append(element("circle", cx=f"{b:.1f}", cy=y, r=3.5, class_=f"dot {kind}"))
        said = str(found) if declared == found else f"{declared} : {found}"
        parts.append(words(max(a, b) + 10, y + 4, said, "start", kind))
    return picture(left + wide + 70, 18 + 18 * len(rows), title, parts)


Mark: TypeAlias = "tuple[int, str, float | None, str]"
"""A dose: its column, the act, the value (None: forbidden), the authority (empty: the book)."""
ACTS = ("needling", "moxa")
TALL = 110
"""Of the band of an act."""
LANE, NEAR = 30, 13
"""Of a mark with its number; marks nearer to each other than this stand side by side."""


def through_time(title: str, columns: Sequence[str], marks: Sequence[Mark]) -> Markup:
    """The doses of a point: a band for each act, a column for each witness; a full dot is the
    book's own, a ring an authority's, a cross forbids.
    """
    acts = [act for act in ACTS if any(mark[1] == act for mark in marks)]
    foot = 14 + TALL * len(acts)
    bands = {act: _placed([mark for mark in marks if mark[1] == act]) for act in acts}
    lanes = max(lane for placed in bands.values() for _, _, lane, _ in placed)
    wide = max(84, LANE * (lanes + 1) + 14)
    parts = [
        words(LEFT + wide * (n + 0.5), foot + 12, column, "middle")
        for n, column in enumerate(columns)
    ]
    for k, act in enumerate(acts):
        parts += _band(14 + TALL * k, wide, act, columns, bands[act])
    return picture(LEFT + wide * len(columns), foot + 22, title, parts)


Placed: TypeAlias = "tuple[int, float | None, int, tuple[str, ...]]"
"""What is drawn once: its column, the value, the lane, and all who say so."""


def _placed(marks: Sequence[Mark]) -> list[Placed]:
    """The marks of a band; those of one value are one, and none lies upon another.

    >>> _placed([(0, "moxa", value, "") for value in (5, 5, 4.5, 50)])
    [(0, 4.5, 0, ('',)), (0, 5, 1, ('',)), (0, 50, 0, ('',))]
    """
    who: dict[tuple[int, float | None], list[str]] = {}
    for n, _, value, authority in sorted(marks, key=lambda mark: (mark[0], mark[2] or 0)):
        who.setdefault((n, value), []).append(authority)
    most = max((value for _, value in who if value is not None), default=0) or 1
    taken: dict[tuple[int, int], float] = {}
    placed = []
    for (n, value), sayers in who.items():
        height = _height(value, most)
        lane = next(k for k in range(len(who)) if height - taken.get((n, k), -NEAR) >= NEAR)
        taken[n, lane] = height
        placed.append((n, value, lane, tuple(dict.fromkeys(sayers))))
    return placed


def _height(value: float | None, most: float) -> float:
    return (TALL - 44) * (value or 0) / most


def _band(
    top: float, wide: float, act: str, columns: Sequence[str], placed: Sequence[Placed]
) -> Iterator[str]:
    most = max((value for _, value, _, _ in placed if value is not None), default=0) or 1
    base = top + TALL - 22
    yield words(LEFT - 12, top + 12, unit(act), "end", "han")
    yield element("line", x1=LEFT, x2=LEFT + wide * len(columns), y1=base, y2=base, class_="axis")
    for n, value, lane, sayers in placed:
        x, y = LEFT + wide * n + 14 + LANE * lane, base - _height(value, most)
        number = "×" if value is None else f"{value:g} {unit(act)}"
        said = _tip(f"{columns[n]}: {number} {'、'.join(filter(None, sayers))}".strip())
        if value is None:
            at = {"x": f"{x:g}", "y": f"{y - 4:g}", "text_anchor": "middle"}
            yield element("text", f"×{said}", **at, class_="ban")
            continue
        own, others = "" in sayers, any(sayers)
        if others:
            radius = 7.5 if own else 5
            yield element("circle", said, cx=f"{x:g}", cy=f"{y:.1f}", r=radius, class_="ring")
        if own:
            yield element("circle", said, cx=f"{x:g}", cy=f"{y:.1f}", r=5, class_="dot")
        yield words(x + 9, y + 4, f"{value:g}")


def _tip(text: str) -> str:
    return element("title", escape(shown(text)))
