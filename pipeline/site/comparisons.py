"""Witnesses compared two by two, on the page that ``mingtang diff --html`` writes."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from pipeline.compare.collate import collate
from pipeline.compare.display import summary
from pipeline.compare.edition import Edition, chosen
from pipeline.compare.page import page
from pipeline.site import search
from pipeline.site.addresses import slug
from pipeline.site.interface import environment
from pipeline.site.synopsis import spoken

ENOUGH = 10
"""Points of which both state a dose that make a comparison worth a page."""
MOST = 12
"""Pairs that are compared entry by entry, which is much to read and takes its time."""
LISTED = 60
"""Pairs that are set side by side part by part of the body."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two witnesses, how many points both have, and, where they are compared entry by entry, the
    page and their differences by kind.
    """

    first: str
    second: str
    common: int
    file: str
    counts: dict[str, int]
    html: str


def comparisons(whole: Edition) -> Iterator[Pair]:
    """The pairs of witnesses with most points in common; the first of them compared in full."""
    for n, (a, b, common) in enumerate(pairs(whole)[:LISTED]):
        if n < MOST:
            sides = [chosen([whole], [siglum])[0] for siglum in (a, b)]
            collation = collate(sides, True)
            counts = {str(kind): n for kind, n in summary(collation).items()}
            whole_page = page(collation).replace("<body>", f"<body>\n{_back()}", 1)
            html = packed(f"{a} : {b}", whole_page)
            yield Pair(a, b, common, f"diff-{slug(a)}-{slug(b)}.html", counts, html)
        else:
            yield Pair(a, b, common, "", {}, "")


def pairs(whole: Edition) -> list[tuple[str, str, int]]:
    """Two witnesses, the earlier first, and how many points both state doses of: first those of
    each two works that have most in common, then the others.
    """
    codes: dict[str, set[str]] = {
        siglum: set()
        for siglum, row in sorted(whole.witnesses.items(), key=lambda w: w[1].year or 9999)
    }
    for entry in whole.entries:
        if entry.code and spoken(entry):
            codes[entry.witness].add(entry.code)
    common = {(a, b): len(codes[a] & codes[b]) for a, b in combinations(codes, 2)}
    order = sorted((p for p in common if common[p] >= ENOUGH), key=lambda p: -common[p])
    work = {siglum: row.work for siglum, row in whole.witnesses.items()}
    firsts = {tuple(sorted((work[a], work[b]))): (a, b) for a, b in reversed(order)}
    found = dict.fromkeys([*sorted(firsts.values(), key=order.index), *order])
    return [(a, b, common[a, b]) for a, b in found]


def _back() -> str:
    """The pages of the site, as all of them name them."""
    return environment().get_template("pages.html").render(here="compare.html")


def packed(title: str, html: str) -> str:
    """A page that unpacks another, which says the same things many times and is large."""
    data = gzip.compress(search.writable(html).encode("utf-8"), mtime=0)
    template = environment().get_template("packed.html")
    return template.render(title=title, data=base64.b64encode(data).decode())
