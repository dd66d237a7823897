"""The pages that tests look at: of the corpus, and of a text made up for a test."""

from __future__ import annotations

from functools import cache
from pathlib import Path

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
