"""How the documents are built: ``make docs``.

Two pages are made from what the program itself knows, so that they cannot grow old: the tables from
the row classes of ``pipeline.model``, the diagnostics from ``diagnostics.tsv`` and
``tests/cases/check.txt``. A line
``%made: NAME`` in a page is where they go.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.search import languages
from sphinx.search.en import SearchEnglish

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pipeline.knowledge.tables import manifest, rows
from pipeline.publish.export import describe
from tests.cases import cases

HERE = Path(__file__).resolve().parent
project = "mingtang"
release = metadata.version("mingtang")
language = "en"
html_search_language = "han"
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"page_width": "1100px", "fixed_sidebar": True}
html_copy_source = False
highlight_language = "none"
myst_heading_anchors = 3
suppress_warnings = ["misc.highlighting_failure"]


HAN = "\u3400-\u9fff\uf900-\ufaff"


class SearchHan(SearchEnglish):
    """English words and, of what is written in Han characters, each one and each two together: a
    search for 神庭 or 足三里 finds them, although nothing divides the words.
    """

    lang = "han"
    js_splitter_code = f"""
function splitQuery(query) {{
  const words = query.match(/[{HAN}]+|(?:(?![{HAN}])[\\p{{L}}\\p{{N}}_])+/gu) ?? [];
  return words.flatMap(word => {{
    if (!/[{HAN}]/u.test(word) || word.length < 2) return [word];
    return Array.from({{ length: word.length - 1 }}, (_, n) => word.slice(n, n + 2));
  }});
}}
"""

    def split(self, input: str) -> list[str]:
        """The words that a text is found by."""
        found: list[str] = []
        for word in re.findall(rf"[{HAN}]+|[^\W{HAN}]+", input):
            if re.match(f"[{HAN}]", word):
                found += [*word, *(word[n : n + 2] for n in range(len(word) - 1))]
            else:
                found.append(word)
        return found


languages["han"] = SearchHan


def tables() -> str:
    """Every table and column, as in ``output/README.md``."""
    return describe().split("\n", 1)[1]


def diagnostics() -> str:
    """Each diagnostic: what it means, known false alarms, what to do; a passage that has it."""
    shown = passages()
    return "\n".join(
        f"## {row['code']}\n\n{row['meaning']}\n\n"
        + "".join(
            f"*{title}:* {row[column]}\n\n"
            for title, column in (("Known false alarms", "false"), ("What to do", "do"))
            if row[column] != "-"
        )
        + shown.get(row["code"], "")
        for row in rows(HERE / "diagnostics.tsv")
    )


def passages() -> dict[str, str]:
    """For each code a passage that has it and what is said of it."""
    found: dict[str, str] = {}
    for case in cases("check.txt"):
        if case.known:
            continue
        codes = dict.fromkeys(re.findall(r"^\S+ (\w+)\[([a-z-]+)\]", case.expected, re.M))
        for severity, code in codes:
            if code in found:
                continue
            lines = "\n".join(line for line in case.expected.split("\n") if f"[{code}]" in line)
            title = re.sub(r" *\[[^\]]*\]$", "", case.title)
            remark = title.partition(": ")[2] or ("" if title == code else title)
            found[code] = (
                f"{severity}{remark and f': {remark}'}\n\n"
                f"````text\n{case.given}\n````\n\n````text\n{lines}\n````\n"
            )
    return found


def sources() -> str:
    """The editions that come with the program, and where each transcription is from."""
    held = manifest(HERE.parent / "corpus" / "witnesses.toml")
    return "\n".join(
        f"## {spec.siglum}\n\n**{spec.title}.** {spec.edition}\n\n"
        f"- file: `corpus/{spec.name}`\n- origin: {spec.origin}\n- terms: {spec.licence}\n"
        for spec in held
    )


def cited() -> str:
    """The works that notes cite, with the words that stand for each."""
    forms: dict[str, dict[str, None]] = {}
    for row in rows(HERE.parent / "corpus" / "authority" / "works.tsv"):
        if row["work"]:
            forms.setdefault(row["work"], {})[row["cited"]] = None
    lines = (f"| {work} | {'、'.join(said)} |" for work, said in sorted(forms.items()))
    return "\n".join(("| work | cited as |", "| --- | --- |", *lines))


MADE = {"tables": tables, "diagnostics": diagnostics, "sources": sources, "cited": cited}


def put_in(app: Sphinx, name: str, source: list[str]) -> None:
    """Put what is made into a page."""
    source[0] = re.sub(r"^%made: (\w+)$", lambda m: MADE[m[1]](), source[0], flags=re.M)


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", put_in)
