"""Why unlike glyphs are one: the rules, and where they are written down."""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.knowledge.tables import table
from pipeline.sources.signs import cleared
from pipeline.text.layer import plain

ENTITY = re.compile(r"&\w+;$")


@lru_cache(maxsize=8192)
def steps(written: str, scripted: str, char: str) -> tuple[str, ...]:
    """How a glyph came to be matched as it is: entity &KR1038;→髎, script 会→會, variant 㑹→會."""
    found = []
    if ENTITY.search(written):
        found.append(f"entity {written}→{scripted}")
    elif written != scripted and cleared(plain(written)).chars == scripted:
        found.append(f"form {written}→{scripted}")
    elif written != scripted:
        found.append(f"script {written}→{scripted}")
    if scripted != char:
        found.append(f"variant {scripted}→{char}")
    return tuple(found)


def explain(rule: str) -> str:
    """A rule in full: where it is written down, and why.

    >>> explain("variant 㑹→會")
    '㑹 = 會: corpus/normalization/variants.tsv, print: glyph variant of the print'
    """
    if rule == "signs":
        return "punctuation differs: signs are not compared"
    kind, _, step = rule.partition(" ")
    before, _, after = step.partition("→")
    head = f"{before} = {after}: "
    if kind == "script":
        return f"{head}simplified to traditional, corpus/normalization/opencc"
    if kind == "form":
        return f"{head}one glyph as Unicode has it, corpus/normalization/README.md"
    if kind == "entity":
        rows = {row["entity"]: row for row in table("normalization/entities.tsv")}
        row = rows.get(before, {"certainty": "", "reason": ""})
        return f"{head}corpus/normalization/entities.tsv, {row['certainty']}: {row['reason']}"
    rows = {row["variant"]: row for row in table("normalization/variants.tsv")}
    if before not in rows:
        return f"{head}in words of corpus/normalization/words.tsv"
    row = rows[before]
    return f"{head}corpus/normalization/variants.tsv, {row['class']}: {row['reason']}"
