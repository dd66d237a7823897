"""The pages that tests look at: of the corpus, and of a text made up for a test."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pipeline.knowledge.script import to_simplified
from pipeline.model import Result, Witness
from pipeline.publish.rows import rows
from pipeline.run import run_witnesses
from pipeline.site.build import write
from pipeline.site.gather import Corpus, corpus
from pipeline.sources.recognise import recognise
from tests.corpus import invented, whole


def gathered(result: Result) -> Corpus:
    """What a run found, as the pages are made from it."""
    texts = {w.spec.siglum: w.text for w in result.witnesses}
    tables = {name: tuple(found) for name, found in rows(result).items()}
    return corpus(tables, {}, texts)


@cache
def shipped() -> Corpus:
    return gathered(whole())


def as_it_speaks(text: str, siglum: str) -> Witness:
    """A text in memory, read by the genre that its words tell of."""
    seen = recognise(text)
    return invented(text, seen.format, seen.script, seen.grammar, siglum)


NAMES = (
    *("神庭", "上星", "囟會", "前頂", "百會", "後頂"),
    *("強間", "腦戶", "風府", "瘂門", "大椎", "陶道"),
)
HOSTILE = "<b onclick=alert(1)>&lt;i&gt;\u202e"
"""What would be markup, or turn the words after it, if it did not stay text."""
CATALOGUE = (
    "<篇名>督脉十二穴\n属性："
    + "\n".join(
        f"\\x{name}\\x（一名<img src=x onerror=alert(2)>）∶在顶上一寸{HOSTILE}陷中。"
        "《铜人》针二分，灸五壮。《素注》禁针。\n主头痛，喉痹，目眩。"
        for name in map(to_simplified, NAMES)
    )
    + "\n<篇名>禁灸穴歌\n属性：禁灸之穴四十五，百会大椎风府真。脑户不可灸。\n"
)
LISTS = (
    "# 頭凡十二穴第一\n\n"
    + "\n\n".join(
        f"{name}，一名<script>alert(3)</script>，在顱上{HOSTILE}一寸，督脈、足太陽之會，刺入四分，"
        f"灸三壯。（《銅人》云：刺入三分。{'治頭痛。' * (name == '陶道')}）"
        for name in NAMES
    )
    + "\n\n# 頭痛第二\n\n"
    + "\n\n".join(f"頭痛{HOSTILE}，喉痹，{name}主之。" for name in NAMES[:10])
    + "\n"
)
PROSE = "# 序\n\n頭痛之病，古人言之詳矣。\n\n# 頭凡一穴第一\n\n上星，在顱上，灸三壯。\n"


def shelf() -> list[Witness]:
    """A catalogue, a book that has lists of illnesses, and one that speaks of them in prose; so
    that a site has pages of every kind. What can be hostile in them is.
    """
    return [
        invented(CATALOGUE, "tagged", "hans", "catalogue", "w0"),
        invented(LISTS, siglum="w1"),
        invented(PROSE, siglum="w2"),
    ]


def site(folder: Path, *texts: str | Witness) -> Path:
    """A folder of pages of texts; of the corpus where none is given."""
    if not texts:
        write(shipped(), folder)
        return folder
    witnesses = [
        text if isinstance(text, Witness) else as_it_speaks(text, f"w{n}")
        for n, text in enumerate(texts)
    ]
    write(gathered(run_witnesses(witnesses)), folder)
    return folder
