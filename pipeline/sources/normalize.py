"""The normalized layer: markup lifted, wrapped lines joined, signs folded, every step logged.

The text of record is never touched. A ``Text`` carries for each of its code points the span of
the source it was read from; each step composes these spans, so that any value can be traced back
exactly. Paragraphs are separated by line feeds; a heading is a line ``#path#title`` (tags and
Markdown alike), so that what follows need not know the format.
"""

from __future__ import annotations

from collections.abc import Callable

import regex

from pipeline.knowledge.glyphs import variants
from pipeline.knowledge.script import to_traditional
from pipeline.model import Diagnostic, Text, Witness
from pipeline.sources.layouts import circled, hypertext, markdown, prose, tagged, wikitext
from pipeline.sources.mandoku import inspect, mandoku
from pipeline.sources.signs import amounts, cleared, punctuated
from pipeline.text.layer import fold, plain, rewrite


def normalize(witness: Witness) -> tuple[Text, list[Diagnostic]]:
    """The normalized layer of a witness and what was found damaged on the way.

    >>> from pipeline.text.layer import plain
    >>> fold_signs(plain("刺入三分,灸三壮 ∶")).chars
    '刺入三分，灸三壮：'
    """
    text = FORMATS[witness.spec.format](cleared(plain(witness.text)))
    text = matched(text, witness.spec.script)
    diagnostics = [_lost(witness, position) for position in text.lost]
    if text.columns:
        diagnostics += inspect(witness, text)
    return text, diagnostics


def _lost(witness: Witness, position: int) -> Diagnostic:
    context = witness.text[max(0, position - 6) : position + 7]
    around = "".join(context.split())
    return Diagnostic(
        "glyph-lost",
        "warning",
        f"a glyph is lost at a blank or mark: {around}",
        witness.spec.siglum,
        position,
        min(position + 1, len(witness.text)),
    )


BLANKS = regex.compile(r"[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")


def fold_signs(text: Text) -> Text:
    """Punctuation in one form, blanks out: what is left is text, signs and paragraph ends."""
    text = punctuated(text)
    return rewrite(text, ((m.start(), m.end(), "", "blank") for m in BLANKS.finditer(text.chars)))


def matched(text: Text, script: str) -> Text:
    """The words of a running text in the form in which they are matched."""
    text = amounts(fold_signs(text))
    if script == "hans":
        text = fold(text, "script", to_traditional)
    return fold(text, "variant", lambda chars: chars.translate(variants()))


FORMATS: dict[str, Callable[[Text], Text]] = {
    "markdown": markdown,
    "html": hypertext,
    "wikitext": wikitext,
    "tagged": tagged,
    "plain": prose,
    "mandoku": mandoku,
    "circled": circled,
}
