"""The pages of ``mingtang site`` as files: what they say is what tables and texts say."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipeline.commands.cli import app
from pipeline.knowledge.tables import table
from pipeline.model import Result
from pipeline.publish.export import export
from pipeline.run import run_witnesses
from pipeline.site.addresses import divided, places
from pipeline.site.build import write
from pipeline.site.interface import HERE, chinese
from pipeline.site.reading import lines
from pipeline.site.spans import Span, woven
from tests.corpus import invented, result, whole
from tests.pages import gathered, shipped, site

ENTRY = "# 頭凡一穴第一\n\n上星，一名神堂，在顱上直鼻中央，刺入三分，留六呼，灸三壯。\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return site(tmp_path_factory.mktemp("pages"))


def words(page: str) -> str:
    """What an element says, tags taken out, as a browser reads references."""
    return html.unescape(re.sub(r"<[^>]*>", "", page))


# --- spans ----------------------------------------------------------------------------------------


@given(st.data())
def test_spans_are_nested_none_is_lost_and_the_text_stays(data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet="上星<&\r\n\u202e", min_size=1, max_size=12))
    place = st.integers(0, len(text))
    pairs = data.draw(st.lists(st.tuples(place, place).map(sorted), max_size=6))
    cuts = data.draw(st.sets(place, max_size=3))
    spans = [Span(a, b, "v", (("n", str(n)),)) for n, (a, b) in enumerate(pairs) if a < len(text)]
    pieces = woven(text, 0, len(text), spans, cuts)
    assert "".join(map(words, pieces)) == text
    assert len(pieces) == 1 + len([cut for cut in cuts if 0 < cut < len(text)])
    marked: dict[int, str] = {}
    for piece in pieces:
        stack: list[int | None] = []
        for token in re.findall(r"<[^>]*>|[^<]+", piece):
            if token == "</span>":
                stack.pop()
            elif token.startswith("<span"):
                number = re.search(r'data-n="(\d+)"', token)
                stack.append(int(number[1]) if number else None)
                if number:
                    marked.setdefault(int(number[1]), "")
            else:
                for n in {n for n in stack if n is not None}:
                    marked[n] += html.unescape(token)
        assert stack == []
    assert marked == {int(s.data[0][1]): text[s.start : s.end] for s in spans}


@given(
    st.integers(0, 300),
    st.lists(st.integers(0, 300), max_size=9).map(sorted),
    st.lists(st.integers(0, 300), max_size=30).map(sorted),
)
def test_parts_make_up_the_text(length: int, sections: Sequence[int], starts: list[int]) -> None:
    found = divided(length, sections, starts, 40)
    assert found[0][0] == 0
    assert found[-1][1] == length
    assert all(one[1] == other[0] for one, other in pairwise(found))
    assert all(b - a <= 40 for a, b in found)


# --- pages ----------------------------------------------------------------------------------------


def test_reading_pages_have_the_text_of_record() -> None:
    found = shipped()
    where = places(found)
    for siglum, text in found.texts.items():
        pages = [lines(found, where, part) for part in where.parts[siglum]]
        assert "".join(words(line.html) for page in pages for line in page) == text


def test_every_link_leads_somewhere(folder: Path) -> None:
    pages = {p.name: p.read_text(encoding="utf-8") for p in folder.glob("*.html")}
    ids = {
        name: {html.unescape(found) for found in re.findall(r'\bid="([^"]*)"', page)}
        for name, page in pages.items()
    }
    files = {path.name for path in folder.iterdir()}
    for name, page in pages.items():
        if name.startswith("diff-"):
            continue
        for link in set(re.findall(r'(?:href|src)="([^"]*)"', page)):
            target, _, anchor = unquote(html.unescape(link)).partition("#")
            if target.startswith("data:"):
                continue
            assert not target or target in files, (name, link)
            if anchor and "=" not in anchor:
                assert anchor in ids[target or name], (name, link)


def test_every_point_of_the_standard_has_a_page_and_a_row(folder: Path) -> None:
    index = (folder / "index.html").read_text(encoding="utf-8")
    rows = re.findall(r'<tr data-p="([^"]*)"', index)
    assert rows[:361] == [row["code"] for row in table("authority/points.tsv")]
    assert all((folder / f"point-{code}.html").is_file() for code in rows[:361])


def test_cells_of_the_synopsis_are_the_values_of_the_tables(folder: Path) -> None:
    index = (folder / "index.html").read_text(encoding="utf-8")
    shown = {}
    for entry_id, cell in re.findall(r'href="point-[^"#]*#([^"]*)">(.*?)</a></td>', index):
        shown[unquote(entry_id)] = words(cell).strip()
    assert shown["jiayi-j3/01/001"] == "× 3"
    for entry in result("jiayi-j3").entries:
        if entry.entry_id in shown and entry.depth_min_fen == entry.depth_max_fen is not None:
            assert shown[entry.entry_id].startswith(f"{entry.depth_max_fen:g}")


def test_the_same_tables_give_the_same_pages(folder: Path, tmp_path: Path) -> None:
    again = site(tmp_path)
    for path in folder.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes()


def test_a_site_is_small(folder: Path) -> None:
    sizes = [path.stat().st_size for path in folder.iterdir()]
    assert sum(sizes) < 10_000_000
    assert max(sizes) < 2_000_000


def test_tables_without_a_row_break_no_page(tmp_path: Path) -> None:
    write(gathered(Result()), tmp_path)
    assert "×" not in words((tmp_path / "point-GV24.html").read_text(encoding="utf-8"))[:200]
    assert (tmp_path / "index.html").stat().st_size > 10_000


def test_a_text_of_ones_own(tmp_path: Path) -> None:
    site(tmp_path, ENTRY)
    page = (tmp_path / "point-GV23.html").read_text(encoding="utf-8")
    assert '<span class="v v-dose" data-f="moxa_min moxa_max"' in page
    assert "神堂" in page


CATALOGUE = (
    "# 手陽明大腸經\n\n"
    "肩髃 膊骨頭肩端上。《銅人》灸七壯，至二七壯，以瘥爲度；若灸偏風，灸七七壯。"
    "《明堂》鍼八分，留三呼，瀉五吸；灸七壯，增至二七壯。《素注》鍼一寸；又云：鍼六分。主中風手足不隨，偏風，風痪。\n\n"
    "巨骨 肩尖端上行兩叉骨罅間陷中。《銅人》灸五壯，鍼一寸半。主驚癇，破心吐血，臂膊痛。\n\n"
    "天鼎 頸缺盆上，直扶突後一寸。《素注》鍼四分。《銅人》灸三壯，鍼三分。《明堂》灸七壯。"
    "主暴瘖氣哽，喉痹嗌腫。\n"
)


def test_what_authorities_say_stands_apart_from_the_book(tmp_path: Path) -> None:
    site(tmp_path, CATALOGUE)
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    (cell,) = re.findall(r'<tr data-p="LI15".*?<td class="([^"]*)" title="([^"]*)"', index)
    assert (cell[0].split()[-1], cell[1]) == ("by", "明堂、銅人")
    page = (tmp_path / "point-LI15.html").read_text(encoding="utf-8")
    table = words(re.findall(r"(?s)Doses, and whose they are.*?</table>", page)[0])
    for said in ("7–14 壯銅人", "49 壯銅人若灸偏風", "5 吸明堂", "6 分又"):
        assert said in table
    assert 'class="ring"' in page
    assert 'class="dot"' not in page
    assert '<span class="v v-dose" data-by="銅人">灸七壯，至二七壯</span>' in page


def test_marks_of_one_witness_do_not_lie_upon_each_other(folder: Path) -> None:
    for path in sorted(folder.glob("point-CV*.html")):
        page = path.read_text(encoding="utf-8")
        marks = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="[\d.]+" class="(\w+)"', page)
        dots = [(float(x), float(y)) for x, y, kind in marks if kind == "dot"]
        assert all(abs(x - u) > 12 or abs(y - v) > 12 for (x, y), (u, v) in combinations(dots, 2))


LISTED = (
    "# 頭凡二穴第一\n\n神庭，在髮際直鼻，灸三壯。\n\n上星，在顱上，刺入三分，灸三壯。\n\n"
    "# 鍼灸禁忌第二\n\n神庭禁不可刺。上關禁不可刺深。三里刺無見血。\n\n頭維禁不可灸。\n\n"
    "# 雜論第三\n\n上星、神庭可灸。承光忌灸。大便不禁，灸關元。\n"
)


def test_what_lists_forbid_stands_on_the_page_of_the_point(tmp_path: Path) -> None:
    site(tmp_path, LISTED)

    def said(code: str) -> str:
        page = (tmp_path / f"point-{code}.html").read_text(encoding="utf-8")
        return words("".join(re.findall(r'(?s)<section id="bans">.*?</section>', page)))

    assert "神庭禁不可刺" in said("GV24")
    assert "可灸" not in said("GV24").replace("禁不可灸", "")
    assert "頭維禁不可灸" in said("ST8")
    assert "承光忌灸" in said("BL6")
    assert "can also mean" in said("ST36")
    assert said("GV23") == said("CV4") == ""


def test_a_suspect_number_has_what_others_say_beside_it(folder: Path) -> None:
    page = words((folder / "point-CV13.html").read_text(encoding="utf-8"))
    assert "depth is 80, outside 1–25; others have 8 (suwen-wang)" in page


def test_a_dashed_cell_says_why(folder: Path) -> None:
    index = (folder / "index.html").read_text(encoding="utf-8")
    cells = re.findall(r'<td class="[^"]*damaged[^"]*"([^>]*)>', index)
    assert cells
    assert all(re.search('title="[^"]+" data-zh-title="[^"]*[疑殘闕脫]', cell) for cell in cells)


def test_a_dose_that_was_not_read_is_not_shown_as_none(tmp_path: Path) -> None:
    folder = site(
        tmp_path,
        "# 頭凡二穴第一\n\n神庭，在髮際直鼻，刺入十百分，灸三壯。\n\n上星，在顱上，灸三壯。\n",
    )
    rows = (folder / "index.html").read_text(encoding="utf-8").split("<tr ")
    asked = {row[8:12] for row in rows if "<sup>?</sup>" in row and "data-p" in row}
    assert asked == {"GV24"}


def test_a_point_that_is_none_of_the_361_has_a_row_and_a_page(tmp_path: Path) -> None:
    found = run_witnesses([invented(ENTRY.replace("上星", "膝眼"))])
    extra: dict[str, Any] = {"kind": "extra", "code": None, "name": "膝眼", "name_basis": "unknown"}
    entries = tuple(replace(entry, **extra) for entry in found.entries)
    write(gathered(replace(found, entries=entries)), tmp_path)
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<tr data-p="([^"]*)"', index)[361:] == ["膝眼"]
    page = (tmp_path / "point-膝眼.html").read_text(encoding="utf-8")
    assert "none of the 361" in page
    assert "神堂" in words(page)


def test_illnesses_stand_under_their_point_with_the_clauses_that_are_shared(
    tmp_path: Path,
) -> None:
    other = invented(CATALOGUE.replace("風痪", "瘖"), grammar="catalogue", siglum="w1")
    site(tmp_path, CATALOGUE, replace(other, spec=replace(other.spec, work="another")))
    page = (tmp_path / "point-LI15.html").read_text(encoding="utf-8")
    assert "Under the point" in page
    shared = words(re.findall(r"(?s)Clauses that several works have.*?</ul>", page)[0])
    assert "偏風" in shared
    assert "風痪" not in shared
    assert "Where an illness names the point" not in page


def test_every_word_of_the_interface_has_its_chinese() -> None:
    for path in (HERE / "templates").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        for word in re.findall(r'\b(?:t|attr|option)\((?:"[^"]*", )?"([^"]+)"\)', text):
            assert chinese(word)


# --- the command ----------------------------------------------------------------------------------


def test_command_writes_pages_and_replaces_only_its_own(tmp_path: Path) -> None:
    export(whole(), tmp_path / "tables", ["csv"])
    arguments = ["site", "--in", str(tmp_path / "tables"), "-o", str(tmp_path / "site")]
    first = CliRunner().invoke(app, arguments)
    assert first.exit_code == 0, first.output
    assert "open" in first.output
    assert CliRunner().invoke(app, arguments).exit_code == 0
    own = tmp_path / "site" / "texts.html"
    own.write_text("mine", encoding="utf-8")
    refused = CliRunner().invoke(app, arguments)
    assert refused.exit_code == 2
    assert "texts.html" in refused.output
    assert own.read_text(encoding="utf-8") == "mine"


def test_what_an_earlier_run_wrote_and_this_one_does_not_is_gone(tmp_path: Path) -> None:
    site(tmp_path, ENTRY, ENTRY.replace("三分", "四分"))
    assert (tmp_path / "read-w1-1.html").exists()
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    site(tmp_path, ENTRY)
    assert not (tmp_path / "read-w1-1.html").exists()
    assert (tmp_path / "notes.txt").exists()


def test_without_the_text_there_are_no_reading_pages_and_it_is_said(tmp_path: Path) -> None:
    text = tmp_path / "some.txt"
    text.write_text(ENTRY, encoding="utf-8")
    tables, pages = str(tmp_path / "tables"), str(tmp_path / "site")
    assert CliRunner().invoke(app, ["extract", str(text), "-o", tables]).exit_code == 0
    made = CliRunner().invoke(app, ["site", "--in", tables, "-o", pages])
    assert "its text is not at hand" in made.output
    assert list(Path(pages).glob("read-*")) == []
    made = CliRunner().invoke(app, ["site", "--in", tables, "-o", pages, str(text)])
    assert "not at hand" not in made.output
    assert list(Path(pages).glob("read-*")) != []


def test_folder_without_tables_is_refused(tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["site", "--in", str(tmp_path), "-o", str(tmp_path / "s")])
    assert refused.exit_code == 2
    assert not (tmp_path / "s").exists()
