"""The two commands on any machine and any day: the locks are whole, and make says what it needs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pipeline.knowledge.tables import home, manifest

LOCKS = {
    name: (home() / name).read_text("utf-8")
    for name in ("requirements.txt", "requirements-dev.txt")
}
RUNTIME, DEV = LOCKS
EXTRA = {RUNTIME: "build", DEV: "dev"}
PIN = re.compile(
    r"^([a-z0-9.-]+)==(\S+)(?: ; (.+?))? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.M
)
HERE = "{}.{}".format(*sys.version_info)
PYTHONS = sorted({"3.11", "3.12", "3.13", HERE})
BROUGHT = {"pip"}  # comes with every environment

Versions = dict[str, str]


@dataclass(frozen=True)
class Pin:
    name: str
    version: str
    marker: str
    hashes: str


def pins(lock: str) -> list[Pin]:
    return [Pin(*found) for found in PIN.findall(LOCKS[lock])]


def holds(marker: str, python: str, extra: str = "") -> bool:
    versions = {"python_version": python, "python_full_version": f"{python}.0", "extra": extra}
    return not marker or Marker(marker).evaluate(versions)


def needs(who: Requirement, python: str, versions: Versions) -> Iterator[Requirement]:
    """What a distribution declares to need; nothing where another release of it is here."""
    try:
        found = distribution(who.name)
    except PackageNotFoundError:
        return
    if found.version != versions.get(canonicalize_name(who.name), found.version):
        return
    for need in map(Requirement, found.requires or ()):
        if any(holds(str(need.marker or ""), python, extra) for extra in {"", *who.extras}):
            yield need


def everything(extra: str, python: str, versions: Versions) -> list[Requirement]:
    """What the program with an extra needs, and what that needs, to the end."""
    found: dict[str, Requirement] = {}
    todo = [Requirement(f"mingtang[{extra}]")]
    while todo:
        new = [n for n in needs(todo.pop(), python, versions) if str(n) not in found]
        found |= {str(need): need for need in new}
        todo += new
    return [need for need in found.values() if need.name not in BROUGHT | {"mingtang"}]


@pytest.mark.parametrize("lock", LOCKS)
def test_each_line_of_a_lock_is_a_pin_with_hashes_or_a_remark(lock: str) -> None:
    rest = PIN.sub("", LOCKS[lock])
    assert pins(lock)
    assert [line for line in rest.splitlines() if line and not line.lstrip().startswith("#")] == []
    assert not re.search(r"://|index|find-links|@ ", rest)


def test_both_locks_agree() -> None:
    assert {(p.name, p.version, p.hashes) for p in pins(RUNTIME)} < {
        (p.name, p.version, p.hashes) for p in pins(DEV)
    }


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_whole(lock: str, python: str) -> None:
    """Every requirement of every package is met by one pin, so that nothing has to be resolved."""
    locked = [pin for pin in pins(lock) if holds(pin.marker, python)]
    versions = {pin.name: pin.version for pin in locked}
    assert len(versions) == len(locked)
    needed = everything(EXTRA[lock], python, versions)
    for need in needed:
        version = versions.get(canonicalize_name(need.name), "no version")
        assert need.specifier.contains(version, prereleases=True), f"{need}: locked is {version}"
    if python == HERE:
        assert set(versions) == {canonicalize_name(need.name) for need in needed}


def test_what_builds_the_program_is_in_the_runtime_lock() -> None:
    project = tomllib.loads((home() / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    assert project["build-system"]["requires"] == extras["build"]


def test_nobody_is_sent_to_the_index_for_this_program() -> None:
    folders = ("pipeline", "docs", "tests", "grammars", "output")
    files = [*home().glob("*.md"), *(f for d in folders for f in (home() / d).rglob("*.*"))]
    texts = [f for f in files if f.suffix in (".md", ".py", ".html", ".lark") and f.is_file()]
    wrong = re.compile(r"pip3? install ['\"]?mingtan[g]")
    assert [file.name for file in texts if wrong.search(file.read_text("utf-8"))] == []


def made(python: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """``make extract`` with a Python in which some code has run before."""
    (folder / "python").write_text(f"#!{sys.executable}\nimport sys\n{python}\nexec(sys.argv[2])\n")
    (folder / "python").chmod(0o755)
    command = ("make", "extract", f"PYTHON={folder / 'python'}", f"VENV={folder / 'venv'}")
    return subprocess.run(command, cwd=home(), capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("python", "message"),
    [
        ("sys.version_info = (3, 10, 13)", "needs Python 3.11 or newer"),
        ("sys.modules['ensurepip'] = None", "apt install python3-venv"),
    ],
)
def test_make_says_what_it_needs_before_it_makes_anything(
    python: str, message: str, tmp_path: Path
) -> None:
    done = made(python, tmp_path)
    assert done.returncode != 0
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "venv").exists()


def test_how_to_cite_names_the_version_and_the_licence() -> None:
    said = (home() / "CITATION.cff").read_text(encoding="utf-8")
    about = tomllib.loads((home() / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"\nversion: {about['version']}\n" in said
    assert f"\nlicense: {about['license']}\n" in said
    # Each edition that comes with the program is there to be cited, as the manifest describes it.
    for spec in manifest(home() / "corpus" / "witnesses.toml"):
        for words in (spec.title, spec.edition, spec.origin):
            assert json.dumps(words, ensure_ascii=False) in said
