"""By what an entry is known from one release to the next: its words, and where they stand.

Ids are ordinals: a head that is found anew shifts all behind it. An anchor changes only with the
title of its section or the first words of its entry.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import replace

import regex

from pipeline.model import Result

WORDS = 12
"""Characters that tell an entry from all others of its section, but for repetitions."""
SIGNS = regex.compile(r"[^\p{L}\p{Co}□〇]+")


def anchored(result: Result) -> Result:
    """A result with the anchor of each of its entries; it has one witness.

    神庭 of 甲乙經 卷三 is 頭直鼻中髮際傍行至頭維凡七穴第一/神庭在髮際直鼻督脈足太陽.
    """
    sections = sorted(result.sections, key=lambda section: section.start)
    begins = [section.start for section in sections]
    seen = Counter[str]()
    entries = []
    for entry in result.entries:
        at = bisect_right(begins, entry.start) - 1
        title = sections[at].title if at >= 0 else ""
        words = f"{title}/{SIGNS.sub('', entry.text)[:WORDS]}"
        seen[words] += 1
        again = f"~{seen[words]}" if seen[words] > 1 else ""
        entries.append(replace(entry, anchor=words + again))
    return replace(result, entries=tuple(entries))
