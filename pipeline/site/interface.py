"""The words of the interface, in English and Chinese, and values as pages may show them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import regex
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from pipeline.compare.page import TEMPLATES
from pipeline.judging.diagnostics import shown
from pipeline.language import phrases, told, worded
from pipeline.model import Issue
from pipeline.publish.schema import TITLES
from pipeline.site.spans import words

HERE = Path(__file__).parent


CONTEXT = "site"
"""Under which the catalogue has the words of the pages."""


MEASURED = regex.compile(r"\b(depth|moxa|retention)_(?:min|max|breaths)(?:_fen)?\b")
"""Columns of numbers that a diagnostic names."""


@cache
def translated(word: str) -> str | None:
    """The Chinese for a word of ours or of a column, None for one of the texts.

    >>> translated("name_raw"), translated("not_found"), translated("神庭")
    ('原文穴名', '未見', None)
    """
    english = word.replace("_", " ")
    found = told(CONTEXT, english, "zh")
    return TITLES.get(word.replace(" ", "_")) if found == english else found


def chinese(english: str) -> str:
    """The Chinese for words of the interface; KeyError where nobody has written it.

    >>> chinese("depth")
    '深'
    """
    found = translated(english)
    if found is None:
        raise KeyError(english)
    return found


def both(english: str) -> Markup:
    """Words that the switch of the page turns into Chinese and back: it finds them among ``WORDS``,
    see ``dictionary``.
    """
    chinese(english)
    return Markup("<span data-t>{}</span>").format(english.replace("_", " "))


def alone(english: str) -> Markup:
    """The same for pages that are not ours alone: with the Chinese beside it."""
    return _switched(english, chinese(english))


def dictionary() -> dict[str, str]:
    """All words of the interface, as pages have them, in Chinese."""
    columns = {name.replace("_", " "): title for name, title in TITLES.items()}
    return {**columns, **phrases(CONTEXT, "zh")}


def attribute(name: str, english: str) -> Markup:
    """An attribute whose words the switch of the page turns too."""
    return Markup('{}="{}" data-zh-{}="{}"').format(name, english, name, chinese(english))


def option(value: str, english: str) -> Markup:
    """An item of a list to choose from."""
    return Markup('<option value="{}" data-zh="{}">{}</option>').format(
        value, chinese(english), english.replace("_", " ")
    )


def known(word: str) -> Markup:
    """A word of the tables (confirmed, alias), in both languages where it is ours to say."""
    return both(word) if translated(word) else escape(shown(word))


def words_of(issue: Issue) -> Markup:
    """What a diagnostic says, in both languages."""
    return _switched(*message(issue))


def of_texts(english: str) -> Markup:
    """What the manifest says of a text, in both languages where the catalogue has it."""
    return _switched(english, told("texts", english, "zh"))


def of_names(english: str) -> Markup:
    """What the table of names says of one, in both languages."""
    return _switched(english, worded("names", english, "zh"))


def _switched(english: str, zh: str) -> Markup:
    if english == zh:
        return escape(shown(english))
    return Markup('<span data-zh="{}">{}</span>').format(shown(zh), shown(english))


def message(issue: Issue) -> tuple[str, str]:
    """What a diagnostic says, in English and Chinese, columns called by what they measure."""
    return (
        MEASURED.sub(lambda m: m[1], issue.message),
        MEASURED.sub(lambda m: chinese(m[1]), told(issue.rule, issue.message, "zh")),
    )


def why(english: Iterable[str]) -> Markup:
    """An attribute that tells why, in words that the switch of the page turns."""
    words = [word.replace("_", " ") for word in english]
    zh = "、".join(translated(word) or word for word in words)
    return Markup('title="{}" data-zh-title="{}"').format(", ".join(words), zh)


@cache
def environment() -> Environment:
    """Templates in which every value is text, whatever it says."""
    made = Environment(
        loader=FileSystemLoader([HERE / "templates", TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_text,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "t": both,
        "alone": alone,
        "attr": attribute,
        "option": option,
        "known_word": known,
    }
    made.globals |= {"words_of": words_of, "why": why}
    made.globals |= {"words": words, "of_texts": of_texts, "of_names": of_names}
    return made


def _text(value: Any) -> Any:
    return value if isinstance(value, Markup) else shown(value)
