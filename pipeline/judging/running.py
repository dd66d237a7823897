"""Whether words in running text are surely those of the authority named before them.

In a catalogue nothing ends a quotation: 甲乙經云只可針五分。此膊井脈足陽明之會。乃連入五臟氣。 Sure
is what follows on the name at once, and what follows on that as long as it is understood; whose
words come later nobody can tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import regex

from pipeline.judging.saying import LONGEST, SAYS, glyphs
from pipeline.judging.shelf import head
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.works import works
from pipeline.model import DoseRow, Entry, Reading, Result
from pipeline.sources.glyphs import is_sign

ARGUED = ("other", "warnings")
"""Fields of words that are not understood; who says them may have changed."""
AGAIN = ("又", "亦", "同上")
DOSE = "針针鍼刺留灸分呼吸壯壮"
"""What is left of a dose whose number is lost, in either script."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said in an entry by somebody, and where; ``known``: it is a value, not mere words,
    and of no point that is named in it.
    """

    source: str
    start: int
    end: int
    known: bool
    field: str = ""
    condition: str = ""


def sayings(result: Result) -> Mapping[str, Sequence[Said]]:
    """All that is said in running text on somebody's authority, by entry."""
    found: defaultdict[str, list[Said]] = defaultdict(list)
    for one in result.readings:
        if one.note_id is None and one.entry_id:
            known = one.field not in ARGUED and not head().search(glyphs([one.value])[0])
            found[one.entry_id].append(Said(one.source, one.start, one.end, known, one.field))
    for dose in result.doses:
        if dose.source:
            said = Said(dose.source, dose.start, dose.end, True, condition=dose.condition)
            found[dose.entry_id].append(said)
    return found


def sure(one: Reading | DoseRow, entry: Entry, source: str, said: Sequence[Said]) -> bool:
    """Whether the words follow on the name of whoever says them, with nothing but values between;
    ``source``: the text of the witness.
    """
    name = r"[\s\p{P}]*+".join(map(regex.escape, _bare(one.source)))
    cues = list(regex.finditer(name, source[entry.start : one.start])) if name else []
    if name and _named_behind(name, one, source, said):
        return True
    if not cues:
        return False
    at = entry.start + cues[-1].end()
    for value in sorted(said, key=lambda value: value.start):
        if at <= value.start < one.start and value.source == one.source:
            if not value.known and not _led_to(value, one):
                continue
            words = _bare(source[at : value.start])
            if not _nothing(words) and words != _bare(value.condition):
                return False
            at = value.end
    words = _bare(source[at : one.start])
    return _nothing(words) or (isinstance(one, DoseRow) and words == _bare(one.condition))


def another(one: Reading | DoseRow, start: int, source: str) -> str:
    """The name of the last work, not that of a row, that is named between its own and the words:
    they are rather that one's (素注刺三分。千注肝臟卷云). ``start``: of the entry.
    """
    words, name = glyphs([source[start : one.start], one.source])
    here = words.rpartition(name)[2] if name and name in words else ""
    for at in range(len(here) - 2, -1, -1):
        for end in range(min(len(here), at + LONGEST), at + 1, -1):
            if here[at:end] in works() and works()[here[at:end]].named:
                return here[at:end]
    return ""


def sources_again(result: Result) -> Mapping[str, str]:
    """For readings and doses that have their source from the one before, which that is, by id."""
    rows = [
        (r.entry_id or r.note_id or "", r.start, r.reading_id, r.source) for r in result.readings
    ]
    rows += [(d.entry_id, d.start, d.dose_id, d.source) for d in result.doses]
    found: dict[str, str] = {}
    last = ("", "")
    for place, _, row, source in sorted(rows):
        if source in AGAIN and last[0] == place:
            found[row] = last[1]
        elif source and source not in AGAIN:
            last = (place, source)
    return found


def near(one: Reading | DoseRow, start: int, source: str) -> bool:
    """Whether words stand a sentence behind the name of whoever says them, and no more; ``start``:
    of the entry or note.
    """
    before = _bare(source[start : one.start])
    at = before.rfind(_bare(one.source))
    return at >= 0 and len(before) - at <= SENTENCE


SENTENCE = 16
"""Glyphs of a sentence, with the name of whoever says it."""


def _named_behind(name: str, one: Reading | DoseRow, source: str, said: Sequence[Said]) -> bool:
    """Whether the name of whoever says words stands in brackets behind them, and behind all else
    that is said so: 自大椎至腰俞。長同身寸三尺。折量取穴。（甲）.
    """
    at = one.end
    for value in sorted(said, key=lambda value: value.start):
        between = pattern("name-again").sub("", _bare(source[at : max(at, value.start)]))
        if value.source == one.source and value.start >= at and _nothing(between):
            at = value.end
    return bool(regex.compile(rf"[\s\p{{Po}}]*+[（(]{name}[）)]").match(source, at))


def _led_to(value: Said, one: Reading | DoseRow) -> bool:
    """Whether words go on with what comes of those before them: 刺深，令人耳無所聞."""
    warns = isinstance(one, Reading) and one.field == "warnings"
    return warns and value.field == "warnings" and value.end >= one.start - ASIDE


ASIDE = 3
"""Characters, signs and blanks, between the two halves of a sentence."""


def _bare(words: str) -> str:
    return "".join(c for c in words if not is_sign(c) and not c.isspace())


def _nothing(words: str) -> bool:
    """Whether words are none but those of a name, of a dose by reference or its manner
    (針如腰俞法同, 得氣則先瀉), or of one that has lost its number (針 呼).
    """
    return not set(pattern("by-reference").sub("", _bare(words))) - {*SAYS, *DOSE}


def by_entry(doses: Iterable[DoseRow]) -> Mapping[str, Sequence[DoseRow]]:
    """Doses by the entry in which they stand."""
    found: defaultdict[str, list[DoseRow]] = defaultdict(list)
    for dose in doses:
        found[dose.entry_id].append(dose)
    return found


def repeated(dose: DoseRow, doses: Sequence[DoseRow]) -> bool:
    """Whether 又 would have its authority state another amount of what it has stated: 又 is then
    somebody else (甲乙經云針二寸 … 又云針五分), and so what follows on it (留十呼); ``doses``:
    those of its entry.
    """
    again = [d for d in doses if (d.source, d.work) == (dose.source, dose.work)]
    return dose.source in AGAIN and any(
        (d.act, d.work) == (one.act, one.work)
        and d.ord < one.ord <= dose.ord
        and (d.min, d.max, d.forbidden) != (one.min, one.max, one.forbidden)
        for one in again
        for d in doses
    )
