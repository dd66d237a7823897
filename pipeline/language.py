"""In which language people are spoken to: English, or that of a catalogue, read with gettext.

Tables and JSON are English whatever the locale: their bytes must not depend on it. What is shown
is translated where it is shown. Most of it has values filled in by then, so a message of the
catalogue can have named fields (section {number} stands again: {title}), and a sentence is found
again by the words between them.
"""

from __future__ import annotations

import gettext
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

DOMAIN = "mingtang"
LOCALES = Path(__file__).parent / "locale"
LANGUAGES = ("en", "zh")
WISH = "LANGUAGE"
"""The variable that gettext asks before all others."""
CONTEXT = "\x04"
"""What gettext puts between the context of a message and the message."""
ANY = "any"
"""The context of what is put before messages of any context; its field ``ALSO`` is the message."""
ALSO = "message"


@dataclass(frozen=True, slots=True)
class Template:
    """A message with named fields: the words between them, one more than there are fields."""

    words: tuple[str, ...]
    fields: tuple[str, ...]
    translation: str = ""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A language: its words, and the messages of each context, the longest beginning first."""

    words: gettext.NullTranslations
    templates: Mapping[str, Sequence[Template]]


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language, whatever the locale; so do the processes begun meanwhile."""
    before = os.environ.get(WISH)
    if language:
        os.environ[WISH] = language
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(WISH, None)
        else:
            os.environ[WISH] = before


def made(language: str) -> bool:
    """Whether a language can be spoken: English always can, of another one there is a catalogue."""
    return language in ("", LANGUAGES[0]) or gettext.find(DOMAIN, LOCALES, [language]) is not None


def translated(english: str, language: str = "") -> str:
    """Words of the program in the language that is spoken, or in another one."""
    catalogue = _of(language) if language else _spoken()
    return catalogue.words.gettext(english) if english else ""


def told(context: str, english: str, language: str = "") -> str:
    """A sentence with its values filled in, in the language that is spoken, or in another one.
    Context is the code of a diagnostic, or what else says such things. What the catalogue does not
    have stays as it is.

    >>> told("section-missing", "section 24 is missing: 23 is followed by 25", "zh")
    '缺第 24 篇：第 23 篇後接第 25 篇'
    """
    return _told(_of(language) if language else _spoken(), context, english)


def worded(context: str, english: str, language: str) -> str:
    """A remark made of phrases that the catalogue has, the longest first; what it does not have
    (names, chapters, words of a text) stays as it is.

    >>> worded("names", "graphic form of 窗: 窗籠; later books", "zh")
    '異體字，正作窗：窗籠；後世之書'
    """
    held = phrases(context, language)
    if not held:
        return english
    said = _any_of(context, language).sub(lambda match: held[match[0]], english)
    for sign, ours in SIGNS.items():
        said = said.replace(sign, ours)
    return re.sub(r"(?<=[^\x00-\xff]) | (?=[^\x00-\xff])", "", said)


@cache
def _any_of(context: str, language: str) -> re.Pattern[str]:
    longest = sorted(map(re.escape, phrases(context, language)), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(longest)})\b")


@cache
def phrases(context: str, language: str) -> Mapping[str, str]:
    """The messages of a context that have no values in them, in English and in the language."""
    held = _of(language).templates.get(context, ())
    return {one.words[0]: one.translation for one in held if not one.fields}


SIGNS = {", ": "，", ": ": "：", "; ": "；", " (": "（", ")": "）"}
"""Signs of a remark as they stand among Chinese words."""


def _told(catalogue: Catalogue, context: str, english: str) -> str:
    for template in (*catalogue.templates.get(context, ()), *catalogue.templates.get(ANY, ())):
        values = _between(template.words, english)
        if values is not None:
            given = zip(template.fields, values, strict=True)
            filled = {name: _field(catalogue, context, name, value) for name, value in given}
            return template.translation.format_map(filled)
    return english


def _field(catalogue: Catalogue, context: str, name: str, value: str) -> str:
    """The value of a field; where the catalogue has the field as a context, in its words."""
    if name == ALSO:
        return _told(catalogue, context, value)
    context = f"{{{name}}}"
    if context not in catalogue.templates:
        return value
    parts = value.split(", ")
    told = [_told(catalogue, context, part) for part in parts]
    listed = all(ours != part for ours, part in zip(told, parts, strict=True))
    return "、".join(told) if listed else _told(catalogue, context, value)


def _between(words: Sequence[str], text: str) -> list[str] | None:
    """What stands in a text between words, each at its first place; None where it has others.

    >>> _between(("", ": ", " is missing"), "卷三: 第二 is missing")
    ['卷三', '第二']
    """
    first, *others = words
    if not others:
        return [] if text == first else None
    *inner, last = others
    end = len(text) - len(last)
    if not text.startswith(first) or not text.endswith(last):
        return None
    found, at = [], len(first)
    for word in inner:
        there = text.find(word, at, end)
        if there < 0:
            return None
        found.append(text[at:there])
        at = there + len(word)
    return [*found, text[at:end]] if at <= end else None


def _spoken() -> Catalogue:
    """The language of the environment, as gettext finds it: LANGUAGE, LC_ALL, LC_MESSAGES, LANG."""
    return _catalogue(gettext.find(DOMAIN, LOCALES))


def _of(language: str) -> Catalogue:
    return _catalogue(gettext.find(DOMAIN, LOCALES, [language]))


@cache
def _catalogue(path: str | None) -> Catalogue:
    if path is None:
        return Catalogue(gettext.NullTranslations(), {})
    with Path(path).open("rb") as file:
        words = gettext.GNUTranslations(file)
    templates: dict[str, list[Template]] = {}
    # gettext looks messages up, and lists them nowhere else
    for key, translation in vars(words)["_catalog"].items():
        context, mark, message = key.partition(CONTEXT)
        if mark:
            templates.setdefault(context, []).append(template(message, translation))
    for held in templates.values():
        held.sort(key=lambda t: (-len(t.words[0]), -sum(map(len, t.words)), t.words))
    return Catalogue(words, templates)


def template(message: str, translation: str = "") -> Template:
    """A message cut at its fields.

    >>> template("section {number} is missing").words
    ('section ', ' is missing')
    """
    words, fields = [""], []
    for literal, name, _, _ in Formatter().parse(message):
        words[-1] += literal
        if name is not None:
            fields.append(name)
            words.append("")
    return Template(tuple(words), tuple(fields), translation)
