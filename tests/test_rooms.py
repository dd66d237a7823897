"""The rooms of pipeline/: which may ask which, and that each module keeps its own name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import regex
import typer

from pipeline.commands.cli import app
from pipeline.knowledge.tables import home

FOLDER = home() / "pipeline"
FILES = sorted(FOLDER.rglob("*.py"))
ORDER = (
    "model",
    "disk",
    "language",
    "knowledge",
    "text",
    "sources",
    "reading",
    "judging",
    "genres",
    "run",
    "publish",
    "compare",
    "site",
    "api",
    "library",
    "commands",
)
"""From what knows least of the others: each room asks those before it, and its own modules."""
NEVER = {("publish", "genres"), ("publish", "run"), ("compare", "genres"), ("compare", "run")}
NEVER |= {("site", "genres"), ("site", "run")}
"""What is made of results asks for no reading: it takes what a run has found."""


def room(path: Path) -> str:
    return path.relative_to(FOLDER).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Dotted names of what a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "pipeline":
                yield from (f"pipeline.{alias.name}" for alias in node.names)
            else:
                yield node.module


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(FOLDER)))
def test_rooms_ask_only_those_before_them(path: Path) -> None:
    here = room(path)
    asked = {name.split(".")[1] for name in imports(path) if name.startswith("pipeline.")}
    if here == "__init__":
        return
    later = {there for there in asked if ORDER.index(there) > ORDER.index(here)}
    assert later == set()
    assert {(here, there) for there in asked} & NEVER == set()


def test_no_name_hides_a_module() -> None:
    """What a package offers by name is never called as one of its modules is."""
    for path in FILES:
        if path.name == "__init__.py":
            modules = {p.stem for p in path.parent.iterdir() if not p.name.startswith("_")}
            tree = ast.parse(path.read_text(encoding="utf-8"))
            bound = {
                alias.asname or alias.name
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom)
                and node.module != "pipeline." + ".".join(path.parent.relative_to(FOLDER).parts)
                for alias in node.names
            }
            assert bound & modules == set()


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(FOLDER)))
def test_only_commands_know_a_terminal(path: Path) -> None:
    asked = {name.split(".")[0] for name in imports(path)}
    assert room(path) == "commands" or not asked & {"rich", "typer"}


LINES, PARAMETERS, ATTRIBUTES = 60, 6, 5
"""No function is longer or asks for more, and no class has more that can change."""


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in FILES:
        yield path.relative_to(FOLDER), ast.parse(path.read_text(encoding="utf-8"))


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return {one.arg for one in every if one} - {"self", "cls"}


def commands() -> set[str]:
    """The functions that are a command of the terminal: typer reads a parameter for each option."""
    program: Any = typer.main.get_command(app)
    context = program.make_context("mingtang", [], resilient_parsing=True)
    return {
        program.get_command(context, name).callback.__qualname__
        for name in program.list_commands(context)
    }


def test_functions_are_short_and_ask_for_little() -> None:
    of_terminal = commands()
    found = [
        (str(path), node.name)
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (
            (node.end_lineno or 0) - node.lineno >= LINES
            or (
                len(parameters(node)) > PARAMETERS
                and not (path.parts[0] == "commands" and node.name in of_terminal)
            )
        )
    ]
    assert found == []


def changeable(node: ast.ClassDef) -> set[str]:
    """The attributes of a class that can be given another value: fields of data that is not frozen,
    what methods assign to ``self``; not what is ``Final``.
    """
    made = " ".join(ast.unparse(one) for one in (*node.decorator_list, *node.bases))
    if "frozen=True" in made or "NamedTuple" in made:
        return set()
    fields = node.body if "dataclass" in made else []
    names = {
        ast.unparse(one.target): ast.unparse(one.annotation)
        for one in (*fields, *ast.walk(node))
        if isinstance(one, ast.AnnAssign)
        and (one in fields or ast.unparse(one.target).startswith("self."))
    }
    plain = {
        ast.unparse(part)
        for one in ast.walk(node)
        if isinstance(one, ast.Assign)
        for target in one.targets
        for part in ast.walk(target)
        if isinstance(part, ast.Attribute) and ast.unparse(part).startswith("self.")
    }
    return {name for name, kind in names.items() if not kind.startswith("Final")} | plain


def test_classes_have_few_attributes_that_change() -> None:
    found = [
        (str(path), node.name)
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and len(changeable(node)) > ATTRIBUTES
    ]
    assert found == []


# --- knowledge ------------------------------------------------------------------------------------

TITLES = ("schema.py", "model.py")
"""Modules that say what columns of the tables mean."""
MOST = 120
"""Words of the texts that Python may hold: single signs where a name would say less."""


def chinese(source: str) -> list[tuple[int, str]]:
    """The values in a module that have Chinese words in them, with their lines: no docstrings."""
    tree = ast.parse(source)
    told = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
        if regex.search(r"\p{Han}", node.value)
    ]


def test_values_are_told_from_docstrings() -> None:
    source = 'def f():\n    """灸."""\n    return f"灸{n}壯", "moxa"  # 灸\n"""刺"""\n'
    assert chinese(source) == [(3, "灸"), (3, "壯")]


def test_knowledge_of_the_texts_stands_in_tables_and_grammars() -> None:
    found = {
        path.relative_to(FOLDER): words
        for path in FILES
        if path.name not in TITLES and (words := chinese(path.read_text(encoding="utf-8")))
    }
    assert sum(map(len, found.values())) <= MOST, found
