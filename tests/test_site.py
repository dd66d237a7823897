"""The pages of ``docs``: they build without a warning, and what they show is what happens."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import shlex
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.commands.cli import app
from pipeline.knowledge.tables import home
from pipeline.publish.export import TABLES
from tests.browser import browser
from tests.cases import cases

DOCS = home() / "docs"
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}
BLOCK = re.compile(r"^```(\{?[a-z]+\}?)(?: ([\w.-]+))?\n(.*?)^```$", re.M | re.S)
BLOCKS = [
    pytest.param(page, language, name, body, id=f"{page}-{number}")
    for page, text in PAGES.items()
    if page != "catalogues"  # a test of its own reads it by what it says
    for number, (language, name, body) in enumerate(BLOCK.findall(text), 1)
]
CHECKED = {"console", "pycon", "lark", "sql", "text", "toml", "{toctree}"}


@pytest.mark.parametrize(("page", "language", "name", "body"), BLOCKS)
def test_every_block_is_of_a_kind_that_is_checked(
    page: str, language: str, name: str, body: str
) -> None:
    assert language in CHECKED
    assert bool(name) == (language in ("text", "toml"))


@pytest.mark.parametrize("page", [p for p, text in PAGES.items() if "```console" in text])
def test_commands_give_what_is_shown(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files of the page are there, commands run in their order; … stands for what is left out."""
    monkeypatch.chdir(tmp_path)
    for language, name, body in BLOCK.findall(PAGES[page]):
        if name:
            Path(name).write_text(body, encoding="utf-8")
        if language != "console":
            continue
        _, *runs = re.split(r"^\$ ", body, flags=re.M)
        for command, _, shown in (run.partition("\n") for run in runs):
            program, *arguments = shlex.split(command)
            assert program == "mingtang"
            found = CliRunner().invoke(app, arguments)
            assert found.exit_code == 0, found.output
            expected = [re.escape(part.strip("\n")) for part in shown.split("…")]
            if any(expected):
                assert re.search("(?s:.*?)".join(expected), found.output), found.output


@pytest.mark.parametrize("page", [p for p, text in PAGES.items() if "```pycon" in text])
def test_examples_are_true(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home())
    text = "\n".join(
        body for language, _, body in BLOCK.findall(PAGES[page]) if language == "pycon"
    )
    flags = doctest.IGNORE_EXCEPTION_DETAIL
    test = doctest.DocTestParser().get_doctest(text, {}, page, None, 0)
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()):
        failed = doctest.DocTestRunner(optionflags=flags).run(test, out=said.write).failed
    assert failed == 0, said.getvalue()


def test_rules_shown_stand_in_the_grammars() -> None:
    grammars = "\n".join(
        p.read_text(encoding="utf-8") for p in (home() / "grammars").glob("*.lark")
    )
    lines = {" ".join(line.split()) for line in grammars.splitlines()}
    shown = [
        " ".join(line.split())
        for text in PAGES.values()
        for language, _, body in BLOCK.findall(text)
        if language == "lark"
        for line in body.splitlines()
        if line
    ]
    assert shown
    assert [line for line in shown if line not in lines] == []


def test_manifests_shown_can_be_read() -> None:
    for text in PAGES.values():
        for language, _, body in BLOCK.findall(text):
            if language == "toml":
                assert tomllib.loads(body)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site")
    options = ("-m", "sphinx", "-W", "--keep-going", "-q", "-d", place / "trees")
    command: list[str | Path] = [sys.executable, *options, DOCS, place]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return place


def test_site_builds_without_a_warning(site: Path) -> None:
    assert {path.stem for path in site.glob("*.html")} >= set(PAGES)


def test_every_table_and_every_diagnostic_has_its_place(site: Path) -> None:
    for page, names in {
        "tables": set(TABLES),
        "diagnostics": {
            code
            for case in cases("check.txt")
            if not case.known
            for code in re.findall(r"^\S+ \w+\[([a-z-]+)\]", case.expected, re.M)
        },
    }.items():
        html = (site / f"{page}.html").read_text(encoding="utf-8")
        assert names <= set(re.findall(r'<section id="([a-z-]+)"', html))


def test_links_lead_somewhere(site: Path) -> None:
    for path in site.glob("*.html"):
        for target, anchor in re.findall(
            r'class="reference internal" href="([^"#:]*)(?:#([^"]*))?"', path.read_text("utf-8")
        ):
            html = (site / target if target else path).read_text(encoding="utf-8")
            assert not anchor or f'id="{anchor}"' in html, (path.name, target, anchor)


@pytest.mark.parametrize("word", ["神庭", "足三里", "甲乙經", "coverage"])
def test_search_finds_han_and_english(site: Path, word: str) -> None:
    with browser() as opened:
        page = opened.new_page()
        page.goto(f"{site.as_uri()}/search.html?q={word}")
        page.wait_for_selector("#search-results li")


def test_passages_stand_as_text(site: Path) -> None:
    """Nothing that a page quotes from a text becomes markup."""
    html = (site / "diagnostics.html").read_text(encoding="utf-8")
    for before, after in pairwise(re.findall(r"<h2>([a-z-]+)", html)):
        assert before < after
