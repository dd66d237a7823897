"""Wikitext: which of its characters are templates, links and emphasis."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import mwparserfromhell
import regex
from mwparserfromhell.nodes import ExternalLink, Heading, Tag, Template, Wikilink

from pipeline.knowledge.tables import table
from pipeline.sources.markup import HAN, MARKUP
from pipeline.text.layer import Edit

NAMESPACE = regex.compile(r"(?i)(?:file|image|category|文件|檔案|档案|圖像|图像|分類|分类)[:：]")


@lru_cache(maxsize=1)
def _templates() -> dict[str, str]:
    return {row["template"]: row["kind"] for row in table("normalization/templates.tsv")}


def parsed(chars: str) -> Iterator[Edit]:
    """What is taken out of a wikitext."""
    return _wiki(mwparserfromhell.parse(chars), 0)


def _wiki(code: Any, at: int) -> Iterator[Edit]:
    """What is taken out of wikitext that begins at ``at``; its nodes, printed, are its text."""
    for node in code.nodes:
        size = len(str(node))
        if isinstance(node, Template):
            yield from _template(node, at, size)
        elif isinstance(node, Wikilink):
            yield from _link(node, at, size)
        elif isinstance(node, Tag):
            yield from _element(node, at, size)
        elif isinstance(node, Heading):
            yield from _wiki(node.title, at + node.level)
        elif isinstance(node, ExternalLink) and node.brackets:
            words = node.title or ""
            begin = at + size - 1 - len(str(words))
            yield at, begin, "", MARKUP
            yield at + size - 1, at + size, "", MARKUP
        at += size


def _template(node: Template, at: int, size: int) -> Iterator[Edit]:
    kind = _templates().get(str(node.name).strip().lower(), "")
    begin = at + 2 + len(str(node.name))
    for parameter in node.params:
        end = begin + 1 + len(str(parameter))
        value = str(parameter.value)
        if kind != "noise" and not parameter.showkey and HAN.search(value):
            bracketed = kind == "note" and value.strip()[0] not in "（("
            yield at, begin + 1, "（" if bracketed else "", MARKUP
            yield from _wiki(parameter.value, begin + 1)
            yield end, at + size, "）" if bracketed else "", MARKUP
            return
        begin = end
    yield at, at + size, "", MARKUP


def _link(node: Wikilink, at: int, size: int) -> Iterator[Edit]:
    title = len(str(node.title))
    if NAMESPACE.match(str(node.title).strip()):
        yield at, at + size, "", MARKUP
    elif node.text is None:
        yield at, at + 2, "", MARKUP
        yield at + 2 + title, at + size, "", MARKUP
    else:
        yield at, at + 3 + title, "", MARKUP
        yield from _wiki(node.text, at + 3 + title)
        yield at + size - 2, at + size, "", MARKUP


def _element(node: Tag, at: int, size: int) -> Iterator[Edit]:
    """Emphasis and tables; tags of HTML are left to ``lift_tags``, but for the notes of editors."""
    contents = str(node.contents or "")
    mark = node.wiki_markup or ""
    if str(node.tag).lower() == "ref":
        yield at, at + size, "", MARKUP
    elif contents:
        words = str(node)
        begin = at + (len(mark) if mark.startswith("'") else words.index(contents, len(mark) or 1))
        if mark:
            yield at, begin, "\n" if mark in ("{|", "|-") else "", MARKUP
        yield from _wiki(node.contents, begin)
        if mark and begin + len(contents) < at + size:
            yield begin + len(contents), at + size, "", MARKUP
    elif mark in ("{|", "|-", "|", "!"):
        yield at, at + size, "", MARKUP
