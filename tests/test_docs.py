"""README and CONTRIBUTING: what they show is what happens."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.commands.cli import app
from pipeline.genres import GENRES
from pipeline.knowledge.tables import home
from pipeline.sources.normalize import FORMATS
from tests.cases import FOLDER

README = (home() / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (home() / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (home() / "Makefile").read_text(encoding="utf-8")
DOCUMENTS = {"README.md": README, "CONTRIBUTING.md": CONTRIBUTING}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
RECIPE = "extract corpus -o output"


def mingtang(arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, shlex.split(arguments, comments=True))
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder where the tables were made as `make extract` makes them; the working directory."""
    assert f"mingtang {RECIPE}\n" in MAKEFILE
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("docs")
        patch.chdir(folder)
        (folder / "corpus").symlink_to(home() / "corpus")
        assert mingtang(RECIPE)[0] == 0
        yield folder


def test_two_commands_stand_at_the_top() -> None:
    title, (language, commands) = README.split("\n", 1)[0], BLOCK.findall(README)[0]
    assert (title, language) == ("# mingtang", "sh")
    assert [line.split("#")[0].split() for line in commands.splitlines()] == [
        ["make", "extract"],
        ["make", "test"],
    ]
    assert README.index("```sh") < 20


def test_it_is_said_how_the_command_is_reached() -> None:
    top = README.split("\n## ")[0]
    assert ".venv/bin/mingtang" in top
    assert "source .venv/bin/activate" in top


@pytest.mark.parametrize("name", DOCUMENTS)
def test_make_has_every_target_that_is_named(name: str) -> None:
    for target in re.findall(r"(?:^|`)make\s(\w+)", DOCUMENTS[name], re.M):
        assert re.search(rf"^{target}:", MAKEFILE, re.M), target


def commands() -> list[str]:
    shell = "".join(body for language, body in BLOCK.findall(README) if language == "sh")
    return re.findall(r"^mingtang (.*)$", shell, re.M)


@pytest.mark.parametrize("command", commands())
def test_commands_run(command: str, made: Path) -> None:
    """Into another folder, so that the tables that are shown stay whole."""
    status, output = mingtang(command.replace("-o output", "-o elsewhere"))
    assert status == (1 if "--strict" in command or command.startswith("diff") else 0), output
    assert output


def shown() -> Iterator[tuple[str, str]]:
    """Each Python block with the output that is printed under it."""
    blocks = BLOCK.findall(README)
    for (language, code), (after, output) in pairwise(blocks):
        if language == "python":
            assert after == "text"
            yield code, output


@pytest.mark.parametrize(("code", "output"), list(shown()))
def test_python_prints_what_is_shown(code: str, output: str, made: Path) -> None:
    printed = io.StringIO()
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), names)
    assert printed.getvalue() == output


def test_differences_are_those_that_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    (rows,) = (body for _, body in BLOCK.findall(README) if body.startswith("│"))
    (command,) = (line for line in commands() if line.startswith("diff"))
    assert f"`mingtang {command.split('#')[0].strip()}`" in README
    monkeypatch.setenv("COLUMNS", "80")
    _, output = mingtang(command)
    rule = re.compile(r"^├.*┤$\n", re.M)
    shown_rows, all_rows = rule.split(rows), rule.split(output)
    assert len(shown_rows) >= 3
    assert set(shown_rows) <= set(all_rows)


def test_the_point_that_is_shown_stands_in_several_witnesses() -> None:
    command, _ = (line for line in commands() if line.startswith("show"))
    _, output = mingtang(command)
    heads = [
        cell.strip() for line in re.findall("^┃.*┃$", output, re.M) for cell in line.split("┃")
    ]
    assert set(heads) >= {"jiayi-j3", "jiayi", "suwen-wang"}


def test_what_is_shipped_gives_no_emendations(made: Path) -> None:
    """As README says; they need an edition beside it."""
    assert "there it is empty" in README
    table = (made / "output" / "emendations.csv").read_text(encoding="utf-8")
    assert len(table.splitlines()) == 1


def test_the_rows_shown_are_those_of_the_table(made: Path) -> None:
    lines = [line for line in README.splitlines() if line.startswith("| ")]
    header, _, *body = [[c.strip() for c in line[1:-1].split("|")] for line in lines]
    with (made / "output" / "entries.csv").open(encoding="utf-8", newline="") as file:
        entries = {row["entry_id"]: row for row in csv.DictReader(file)}
    assert len(body) >= 3
    for cells in body:
        row = dict(zip(header, (cell.replace("&#124;", "|") for cell in cells), strict=True))
        assert row == {name: entries[row["entry_id"]][name] for name in header}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_that_are_named_are_there(name: str) -> None:
    named = r"\]\(([^)#]+)\)|`((?:corpus|grammars|tests|pipeline)/[^`<*]*)`"
    paths = re.findall(named, DOCUMENTS[name])
    assert paths
    for path in map("".join, paths):
        assert (home() / path).exists(), path


def test_the_case_that_is_shown_is_a_case() -> None:
    (shown_case,) = (body for language, body in BLOCK.findall(CONTRIBUTING) if language == "text")
    assert shown_case in (FOLDER / "parse.txt").read_text(encoding="utf-8")


def test_formats_that_are_named_are_all_there_are() -> None:
    (words,) = re.findall(r"laid out: ([^)]*)\)", CONTRIBUTING.replace("\n", " "))
    assert set(re.findall(r"`(\w+)`", words)) == set(FORMATS)
    assert set(GENRES) <= {path.stem for path in (home() / "grammars").glob("*.lark")}
