"""Whether a text can hold anything of ours at all: told by what costs next to nothing, before its
notes, sections and heads are looked for.
"""

from __future__ import annotations

import re
from functools import cache

from pipeline.knowledge.glyphs import standard
from pipeline.knowledge.lexicon import lexicon
from pipeline.knowledge.patterns import pattern
from pipeline.knowledge.treatments import LOST, damaged, forms, named, remains
from pipeline.model import Witness
from pipeline.reading.bare import SIGNS
from pipeline.reading.treatments import LONGEST, closing, tails
from pipeline.sources.recognise import DEFAULT
from pipeline.sources.silent import signed, silent, words

NOTE = re.compile(r"（[^（）\n]*）")
NOTE_OVER_LINES = re.compile(r"（[^（）<]*）")
OPEN = re.compile("（")
SIGN = re.compile(f"[{re.escape(SIGNS + LOST)}]")
NEAR = 60
"""Characters before a formula in which the names of two points stand, with their signs."""


def may_hold(chars: str) -> bool:
    """Whether a text like the 甲乙經 can have an entry or a statement of illness, or states a dose.

    >>> may_hold("太陽病，頭痛發熱，桂枝湯主之。"), may_hold("頭痛，神庭主之。"), may_hold("灸三壯")
    (False, True, True)
    """
    if pattern("anything-stated").search(chars):
        return True
    main = _without_notes(chars)
    if pattern("anything-stated").search(main) or any(map(_names_treat, {chars, main})):
        return True
    # Where a note ends that is never closed is not known here: what stands before it may go on.
    return _cut(main)


def placed(chars: str) -> bool:
    """Whether points are placed, one after the other: 上星在顱上。囟會在上星後.

    >>> placed("上星在顱上。囟會在上星後。前頂在囟會後。"), placed("病在上星。")
    (True, False)
    """
    known = lexicon().senses
    found = pattern("placed-at-start").finditer("\n" + chars)
    return len({match["name"] for match in found if match["name"] in known}) >= FEWEST


def _may_place(words: str) -> bool:
    """The same of words without their signs, wherever a sentence may begin in them."""
    known = lexicon().senses
    before = (words[max(0, m.start() - 4) : m.start()] for m in pattern("place").finditer(words))
    names = {near[i:] for near in before for i in range(len(near) - 1) if near[i:] in known}
    return len(names) >= FEWEST


FEWEST = 3
"""Points that a list must place to be one."""


def says_nothing(witness: Witness) -> bool:
    """Whether a witness has nothing of ours and no cue, as far as its words tell without their
    layout: then it has none in any.
    """
    spec = witness.spec
    if spec.grammar != DEFAULT or not silent(witness.text, spec.format, spec.script):
        return False
    chars = signed(witness.text, spec.script)
    main = standard(_without_notes(chars, NOTE_OVER_LINES))
    if pattern("anything-stated").search(main) or _cut(main):
        return False
    bare = words(witness.text, spec.script)
    return not (_may_place(bare) or any(map(_names_treat, (bare, main))))


def _cut(chars: str) -> bool:
    """Whether a note stands where it may have cut a dose, a formula or what stands before one."""
    places = (m.start() for m in OPEN.finditer(chars))
    before = (SIGN.sub("", chars[max(0, place - NEAR) : place]) for place in places)
    return any(pattern("cut-by-note").search(words) or _named(words) for words in before)


def _without_notes(chars: str, note: re.Pattern[str] = NOTE) -> str:
    """A text without the notes that are closed."""
    found = 1
    while found:
        chars, found = note.subn("", chars)
    return chars


def _names_treat(words: str) -> bool:
    """Whether 主之 or the like stands behind a name, or behind one and the torn end of another."""
    for place in pattern("formula-or-misprint").finditer(words):
        near = SIGN.sub("", words[max(0, place.start() - NEAR) : place.start() + 9])
        # A lost glyph may stand between 之 and 者, and then the two are not read together.
        near = pattern("behind-formula").sub("", near)
        if any(_treats(near[: m.start()]) for m in closing().finditer(near, overlapped=True)):
            return True
    return False


def _treats(words: str) -> bool:
    if _named(words):
        return True
    torn = [words[:i] for i in range(len(words)) if words[i:] in tails()]
    return any(_named(before) or _named(before.rstrip("".join(forms("list")))) for before in torn)


def _named(words: str) -> bool:
    """Whether words end in the name of a point, or in what is left of one."""
    return any(words[i:] in _names() for i in range(max(0, len(words) - LONGEST), len(words)))


@cache
def _names() -> frozenset[str]:
    return frozenset((*named(), *remains(), *(name.replace(LOST, "") for name in damaged())))
