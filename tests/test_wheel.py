"""The wheel, in an environment that holds nothing else of ours, from a folder that is not ours."""

from __future__ import annotations

import csv
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from pipeline.knowledge.tables import home

TEXT = "# 頭凡一穴第一\n\n上星，在顱上直鼻中央，入髮際一寸，刺入三分，留六呼，灸三壯。\n"


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=home())
    (found,) = folder.glob("mingtang-*.whl")
    return found


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel; the libraries it needs are those of this one."""
    place = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", place, cwd=place)
    python = place / "bin" / "python"
    command = ("-m", "uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--python")
    run(sys.executable, *command, python, wheel, cwd=place)
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place


def test_wheel_holds_what_it_needs_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for part in (
        "py.typed",
        "api.py",
        "data/grammars/jiayi.lark",
        "site/templates/base.html",
        "locale/zh/LC_MESSAGES/mingtang.mo",
        "data/corpus/witnesses.toml",
    ):
        assert f"pipeline/{part}" in names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"pipeline"}
    assert not [name for name in names if name.endswith((".pyc", ".txt")) and "/jiayi/" in name]


def test_command_works_from_any_folder(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "some.txt").write_text(TEXT, encoding="utf-8")
    run(environment / "bin" / "mingtang", "extract", "some.txt", cwd=tmp_path)
    with (tmp_path / "output" / "entries.csv").open(encoding="utf-8", newline="") as lines:
        (entry,) = csv.DictReader(lines)
    assert (entry["code"], entry["depth_max_fen"], entry["moxa_max"]) == ("GV23", "3", "3")


@pytest.mark.parametrize("arguments", [["check"], ["show", "上脘"], ["diff", "jiayi", "some.txt"]])
def test_it_says_that_it_carries_no_texts(
    arguments: list[str], environment: Path, tmp_path: Path
) -> None:
    (tmp_path / "some.txt").write_text(TEXT, encoding="utf-8")
    command = [str(environment / "bin" / "mingtang"), *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "this installation carries no texts" in done.stderr


def test_command_speaks_chinese_from_any_folder(environment: Path, tmp_path: Path) -> None:
    assert "由針灸古籍文本" in run(
        environment / "bin" / "mingtang", "--lang", "zh", "--help", cwd=tmp_path
    )


def test_library_works_from_any_folder(environment: Path, tmp_path: Path) -> None:
    code = (
        "import pipeline; from pipeline import extract, to_pandas;"
        f"print(pipeline.__file__, to_pandas(extract({TEXT!r})).name[0])"
    )
    file, name = run(environment / "bin" / "python", "-c", code, cwd=tmp_path).split()
    assert Path(file).is_relative_to(environment)
    assert name == "上星"
