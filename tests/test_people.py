"""Files as people have them, of each kind several: what they give, or why they are refused."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.model import Entry, Result
from pipeline.sources.read import ReadError, decode, read
from pipeline.sources.recognise import recognise, sources
from tests.cases import Case, cases, judge
from tests.corpus import extract, invented, misplaced, untiled

ALL = cases("people.txt")
MEMBERS = 4
"""How many members of each kind there are at least."""


def told(case: Case) -> dict[str, str]:
    """What the title says of the file."""
    pairs = (word.partition("=") for word in case.options)
    return {key: value for key, _, value in pairs}


def given_as_found(case: Case) -> str:
    """What the bytes of a file give; where it is refused, why."""
    said = told(case)
    words = re.sub(r"⟦([0-9A-F]+)⟧", lambda m: chr(int(m[1], 16)), case.given) + "\n"
    data = words.encode(said.get("encoding", "utf-8"))
    if "as" in said:
        data = data.decode(said["as"], "replace").encode()
    try:
        text, _ = decode(data)
    except ReadError as refusal:
        return f"refused: {str(refusal).partition(',')[0]}"
    seen = recognise(text, grammar=said.get("grammar", ""))
    source = invented(text, seen.format, seen.script, seen.grammar)
    found = extract(source)
    assert untiled(source, found) == ""
    assert misplaced(source, found) == []
    return "\n".join((f"{seen.format}, {seen.grammar}, {seen.script}", *lines(found)))


def lines(found: Result) -> Iterator[str]:
    for section in found.sections:
        numbers = [f"{section.number}", f"{section.declared_points} points"]
        yield f"# {section.title} ({', '.join(n for n in numbers if 'None' not in n)})"
    yield from map(entry, found.entries)
    yield from (f"（{re.sub(chr(10), '', note.text)}）" for note in found.notes)
    for row in found.identifications:
        if row.kind != "prose":
            yield f"= {row.lemma}: {' '.join(row.codes)}"
    for code, times in Counter(d.code for d in found.diagnostics).items():
        yield f"! {code}" + f" {times}" * (times > 1)


def entry(e: Entry) -> str:
    said = {
        "depth": span(e.depth_min_fen, e.depth_max_fen),
        "retention": span(e.retention_breaths, e.retention_breaths),
        "moxa": span(e.moxa_min, e.moxa_max),
        "needling": "forbidden" if e.needling_forbidden else "",
        "burning": "forbidden" if e.moxa_forbidden else "",
        "channels": " ".join(e.channels),
    }
    values = (f"{key} {value}" for key, value in said.items() if value)
    return f"- {e.code or '?'} | {e.name_raw}: {', '.join((e.location, *values))}"


def span(least: float | None, most: float | None) -> str:
    return "–".join(str(n) for n in dict.fromkeys((least, most)) if n is not None)


@pytest.mark.parametrize("case", [pytest.param(c, id=c.place) for c in ALL])
def test_a_file_gives_what_it_says(case: Case) -> None:
    judge(case, given_as_found(case))


def test_every_kind_has_members_enough() -> None:
    kinds = Counter(case.title.partition(":")[0] for case in ALL)
    assert len(kinds) > 10
    assert min(kinds.values()) >= MEMBERS, kinds


# --- folders -------------------------------------------------------------------------------------

ENTRY = "# 頭凡一穴第一\n\n神庭，在髮際直鼻，灸三壯。\n"


def part(text: str, base: str, juan: int) -> str:
    head = f"#+PROPERTY: ID {text}\n#+PROPERTY: BASEEDITION {base}\n#+PROPERTY: JUAN {juan}\n"
    return f"{head}<pb:{text}_{base}_00{juan}-1a>¶\n神庭在髮際直鼻灸三壯¶\n"


A1, A2, B1, B2 = (part("KR9x", base, juan) for base in "AB" for juan in (1, 2))
FOLDERS: dict[str, tuple[dict[str, str], list[str]]] = {
    "an edition and what tells about it": (
        {"a_1.txt": A1, "a_2.txt": A2, "README.md": "# KR9x\n\nA copy."},
        ["kr9x-a a_1.txt a_2.txt"],
    ),
    "two editions": (
        {"a_1.txt": A1, "a_2.txt": A2, "b_1.txt": B1, "b_2.txt": B2},
        ["kr9x-a a_1.txt a_2.txt", "kr9x-b b_1.txt b_2.txt"],
    ),
    "an edition and a file of another": (
        {"a_1.txt": A1, "a_2.txt": A2, "b.txt": B1},
        ["kr9x-a a_1.txt a_2.txt", "kr9x-b b.txt"],
    ),
    "an edition and another text": (
        {"a_1.txt": A1, "a_2.txt": A2, "notes.txt": ENTRY},
        ["kr9x-a a_1.txt a_2.txt", "notes notes.txt"],
    ),
    "an edition with names in capitals": (
        {"A_1.TXT": A1, "A_2.Txt": A2, "LICENSE": "free", "license.txt": "free"},
        ["kr9x-a A_1.TXT A_2.Txt"],
    ),
    "texts": ({"A.TXT": ENTRY, "b.txt": ENTRY}, ["A A.TXT", "b b.txt"]),
    "hidden files": ({"a.txt": ENTRY, "._a.txt": "\0\5\26\7", ".a.txt": ""}, ["a a.txt"]),
    "nothing but what is called so": ({"readme.md": ENTRY}, ["readme readme.md"]),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_gives_its_texts(name: str, tmp_path: Path) -> None:
    files, texts = FOLDERS[name]
    for file, text in files.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    found = [read(spec) for spec in sources([tmp_path])]
    assert [
        " ".join([w.spec.siglum, *([n for n, _ in w.files] or [w.spec.name])]) for w in found
    ] == texts
    for source in found:
        parts = texts[found.index(source)].split(" ")[1:]
        assert source.text == "".join(files[part] for part in parts)
