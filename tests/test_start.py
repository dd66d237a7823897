"""What a start costs: only what is needed is loaded, and tables that are there are used."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

import pipeline
from pipeline.commands.cli import app
from pipeline.knowledge.tables import home
from pipeline.publish.export import export
from pipeline.run import unjudged

SHOWN = ["show", "足三里"]


def loaded(*words: str) -> set[str]:
    """The modules that are loaded after a command."""
    code = (
        "import sys; from pipeline.commands.start import main\n"
        "sys.argv = ['mingtang', *sys.argv[1:]]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('', *(name for name, module in sys.modules.items() if module))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=home(), capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_version_is_known_before_the_program_is_loaded() -> None:
    assert not {"lark", "regex", "rich", "typer", "pandas", "pipeline.api"} & loaded("--version")


def test_pandas_is_for_data_frames_only(tmp_path: Path) -> None:
    assert "pandas" not in loaded("extract", "corpus", "-w", "wiki-ki", "-o", str(tmp_path))
    assert "pandas" not in loaded("show", "CV13", "--in", str(tmp_path))
    assert not {"pandas", "pyarrow"} & loaded("show", "CV13", "--in", "wiki-ki")


def test_an_extract_loads_no_other_command(tmp_path: Path) -> None:
    found = loaded("extract", "corpus", "-w", "jiayi-j3", "-o", str(tmp_path))
    heavy = {"numpy", "pydantic", "mwparserfromhell", "lxml", "multiprocessing", "rich.progress"}
    rooms = ("pipeline.compare", "pipeline.site", "pipeline.library", "pipeline.commands.diff")
    assert not heavy & found
    assert not [name for name in found if name.startswith(rooms)]


def test_the_library_says_what_it_has_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        pipeline.nothing  # noqa: B018


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with corpus and its tables, as a checkout has them."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(home() / "corpus", folder / "corpus")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        result = pipeline.extract(Path("corpus"))
    export(result, folder / "output")
    return folder


@pytest.fixture
def checkout(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(made, tmp_path / "checkout", symlinks=True)
    monkeypatch.chdir(tmp_path / "checkout")
    return tmp_path / "checkout"


def shown(monkeypatch: pytest.MonkeyPatch) -> tuple[str, int]:
    """What ``show`` prints, and how often it extracts for it."""
    runs = []

    def counted(*specs: object) -> object:
        runs.append(specs)
        return unjudged(*specs)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.commands.diff.unjudged", counted)
        found = CliRunner().invoke(app, SHOWN)
    assert found.exit_code == 0
    return found.output, len(runs)


def test_tables_that_fit_are_shown(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from_tables, runs = shown(monkeypatch)
    assert runs == 0
    shutil.rmtree(checkout / "output")
    assert shown(monkeypatch) == (from_tables, 1)


def source_changed(folder: Path) -> None:
    path = next((folder / "corpus" / "encyclopedia").glob("*.txt"))
    path.write_bytes(path.read_bytes() + b"\n")


def read_otherwise(folder: Path) -> None:
    path = folder / "corpus" / "witnesses.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('title = "', 'title = "x'), "utf-8")


def table_changed(folder: Path) -> None:
    path = folder / "output" / "entries.parquet"
    path.write_bytes(path.read_bytes() + b"\n")


def older_program(folder: Path) -> None:
    path = folder / "output" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**manifest, "rules": "0"}), encoding="utf-8")


def without_rules(folder: Path) -> None:
    path = folder / "output" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    del manifest["rules"]
    path.write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize(
    "change", [source_changed, read_otherwise, table_changed, older_program, without_rules]
)
def test_tables_that_do_not_fit_are_not(
    change: Callable[[Path], None], checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(checkout)
    assert shown(monkeypatch)[1] == 1
