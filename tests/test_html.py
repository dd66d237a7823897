from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline.compare.collate import collate
from pipeline.compare.edition import Edition, edition
from pipeline.compare.page import page
from tests.corpus import result, side

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
VOID = frozenset(["meta", "link", "br", "input", "img", "hr"])

A = side("神庭，在髮際，刺入三分。\n\n上星，在顱上，直鼻中央，刺入三分，灸三壯。", "a")
B = side(
    "神庭，在发际，刺入五分。\n\n上星，在颅上，直鼻中央陷者中，刺入三分，灸三壮。", "b", "hans"
)
C = side("上星在顱<上>直鼻中刺入三分灸三壯\n\n百㑹在前頂後一寸五分刺入三分", "c")


class Checker(HTMLParser):
    """Elements that are left open or closed twice, ids that stand twice, what is loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        names = [name for name, _ in attrs]
        self.wrong += [f"{tag} has {name} twice" for name in names if names.count(name) > 1]
        self.wrong += [f"{tag} loads {value}" for name, value in attrs if name in ("src", "href")]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")


@pytest.mark.parametrize("sides", [[A, B], [A, B, C], [C, A]], ids=len)
def test_the_page_is_well_formed_and_loads_nothing(sides: list[Edition]) -> None:
    text = page(collate(sides), explained=True)
    checker = Checker()
    checker.feed(text)
    checker.close()
    assert (checker.wrong, checker.open) == ([], [])
    assert len(checker.ids) == len(set(checker.ids))
    assert not re.search(r"https?:|url\(|@import", text)
    assert "<上>" not in text


def test_every_difference_is_on_the_page_with_its_place() -> None:
    found = collate([A, B, C])
    text = page(found)
    numbers = re.findall(r'data-differences="([^"]*)"', text)
    assert {int(n) for group in numbers for n in group.split()} == found.kinds.keys()
    assert "刺入<mark>三</mark>分" in text
    assert "刺入<mark>五</mark>分" in text
    assert "line 3" in text


def test_a_page_is_the_same_every_time() -> None:
    assert page(collate([A, B])) == page(collate([A, B]))


# --- in a browser --------------------------------------------------------------------------------


def dom(file: Path, query: str = "") -> str:
    """The page as a browser has it when its script has run."""
    assert BROWSER
    done = subprocess.run(
        [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={file.parent}/b",
         "--virtual-time-budget=4000", "--dump-dom", f"{file.as_uri()}{query}"],
        capture_output=True, text=True, encoding="utf-8", timeout=120, check=True,
    )  # fmt: skip
    return done.stdout


def rows(text: str) -> Iterator[tuple[str, str, bool]]:
    """Kind, field and whether it is shown, of every row."""
    for tag in re.findall(r'<div class="row [^>]*>', text):
        kind = re.search(r'data-kind="([^"]*)"', tag)
        field = re.search(r'data-field="([^"]*)"', tag)
        assert kind and field
        yield kind[1], field[1], "hidden" not in tag


needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")


@needs_browser
def test_the_browser_filters_by_kind_and_field(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page(collate([A, B])), encoding="utf-8")
    opened = list(rows(dom(file)))
    assert {kind for kind, _, seen in opened if not seen} == {"orthographic"}
    assert {kind for kind, _, seen in opened if seen} == {"numeric", "substantive"}
    chosen = list(rows(dom(file, "#kind=orthographic&kind=numeric&field=location")))
    assert {row[:2] for row in chosen if row[2]} == {("orthographic", "location")}
    found = dom(file, "#find=GV24&kind=numeric&kind=substantive")
    assert [row[:2] for row in rows(found) if row[2]] == [("numeric", "depth")]


@needs_browser
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen(tmp_path: Path, width: int) -> None:
    sides = [edition(result("jiayi-j3")), edition(result("jiayi")), C]
    text = page(collate(sides)).replace("&", "&amp;").replace('"', "&quot;")
    frame = (
        f'<iframe id="f" style="width:{width}px;height:800px;border:0" srcdoc="{text}"></iframe>'
    )
    script = (
        "<script>onload = () => { const d = f.contentDocument.documentElement;"
        "document.title = 'wide ' + d.scrollWidth; }</script>"
    )
    file = tmp_path / "frame.html"
    file.write_text(f"<!DOCTYPE html><title>x</title>{script}{frame}", encoding="utf-8")
    wide = re.search(r"<title>wide (\d+)</title>", dom(file))
    assert wide
    assert int(wide[1]) <= width
