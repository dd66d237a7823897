"""A stretch of a text: a position that knows which text it counts in."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.model import Diagnostic, Severity, Text
from pipeline.text.layer import span, verbatim


@dataclass(frozen=True, slots=True)
class Slice:
    """``layer.chars[start:end]`` and what it was read from.

    >>> from pipeline.text.layer import plain, rewrite
    >>> place = Slice(rewrite(plain("在（音）髮際"), [(1, 4, "", "note")]), 0, 3)
    >>> place.words, place.source, place.printed, place.verbatim
    ('在髮際', (0, 6), '在（音）髮際', '在髮際')
    """

    layer: Text
    start: int
    end: int

    @property
    def words(self) -> str:
        """The words in the normalized form."""
        return self.layer.chars[self.start : self.end]

    @property
    def source(self) -> tuple[int, int]:
        """Where they stand in the source."""
        return span(self.layer, self.start, self.end)

    @property
    def printed(self) -> str:
        """The whole stretch of the source."""
        return self.layer.source[slice(*self.source)]

    @property
    def verbatim(self) -> str:
        """The words as the source writes them; what was lifted out is out, white space too."""
        return verbatim(self.layer.source, self.layer, self.start, self.end)


def at(
    code: str,
    where: Slice,
    message: str,
    siglum: str,
    severity: Severity = "warning",
    entry_id: str | None = None,
) -> Diagnostic:
    """A diagnostic on a stretch of a text."""
    return Diagnostic(code, severity, message, siglum, *where.source, entry_id=entry_id)
