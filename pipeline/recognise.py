"""Which sources a command line means, and what a file is that no manifest names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.model import Spec
from pipeline.normalize import FORMATS
from pipeline.read import read
from pipeline.script import to_traditional
from pipeline.tables import TableError, home, manifest

MANIFEST = "witnesses.toml"


class SourceError(Exception):
    """A path or siglum that names no source; the message says which and why."""


def recognise(text: str) -> tuple[str, str]:
    """Format and grammar of a text, by the marks of its layout.

    >>> recognise("<篇名>头直鼻中发际傍行至头维凡七穴第一"), recognise("上星一穴，在颅上")
    (('tagged', 'jiayi'), ('plain', 'jiayi'))
    """
    if "<篇名>" in text:
        return "tagged", "jiayi"
    if re.search(r"^[ \t\u3000]*①", text, re.M):
        return "circled", "suwen_wang"
    if re.search(r"^#{1,6}[ \u3000]*[^#\s]", text, re.M):
        return "markdown", "jiayi"
    return "plain", "jiayi"


def script(text: str) -> str:
    """``hans`` or ``hant``: in simplified text, more than one character in twenty has another
    traditional form; in traditional text, hardly any.

    >>> script("上星一穴，在颅上，直鼻中央"), script("上星一穴，在顱上，直鼻中央")
    ('hans', 'hant')
    """
    changed = sum(a != b for a, b in zip(text, to_traditional(text), strict=True))
    return "hans" if 20 * changed > len(text) else "hant"


def sources(
    paths: Sequence[Path], encoding: str = "", witnesses: Sequence[str] = ()
) -> tuple[Spec, ...]:
    """The sources that ``paths`` mean, each once, in order.

    A folder means the witnesses of its ``witnesses.toml`` or, without one, its ``.txt`` and ``.md``
    files; a file means the witness of the nearest manifest that is this file or has the same
    bytes, or else a witness of its own, recognised by its text. A path that is not there is looked
    for in the checkout; no path means the ``corpus`` there. ``encoding`` overrules what is found;
    ``witnesses`` restricts the result to these sigla. SourceError, TableError or ReadError where a
    path, siglum, manifest or file cannot be used.

    >>> [spec.siglum for spec in sources([Path("corpus")], witnesses=["jiayi"])]
    ['jiayi']
    """
    specs = list(_specs(paths or [Path("corpus")], encoding))
    sigla = {spec.siglum for spec in specs}
    for siglum in witnesses:
        if siglum not in sigla:
            raise SourceError(f"no witness {siglum!r}; there are {', '.join(sorted(sigla))}")
    found: dict[str, Spec] = {}
    for spec in specs:
        if witnesses and spec.siglum not in witnesses:
            continue
        if spec.format not in FORMATS:
            raise TableError(
                f"{spec.siglum}: format {spec.format!r} is none of {', '.join(FORMATS)}"
            )
        if not spec.path.is_file():
            raise SourceError(f"{spec.path}: no such file (witness {spec.siglum})")
        twin = found.setdefault(spec.siglum, replace(spec, encoding=encoding or spec.encoding))
        if not twin.path.samefile(spec.path):
            raise SourceError(f"{spec.siglum} stands for two files: {twin.path} and {spec.path}")
    return tuple(found.values())


def _specs(paths: Iterable[Path], encoding: str) -> Iterator[Spec]:
    for given in paths:
        path = given if given.exists() else home() / given
        if not path.exists():
            raise SourceError(f"{given}: no such file or folder")
        if path.name == MANIFEST:
            yield from manifest(path)
        elif (path / MANIFEST).is_file():
            yield from manifest(path / MANIFEST)
        elif path.is_dir():
            files = sorted(p for p in path.iterdir() if p.suffix in (".txt", ".md"))
            if not files:
                raise SourceError(f"{given}: holds neither {MANIFEST} nor .txt or .md files")
            yield from (_spec(file, encoding) for file in files)
        else:
            yield _spec(path, encoding)


def _spec(path: Path, encoding: str) -> Spec:
    """The spec of a single file: that of the manifest, or a guess."""
    here = path.resolve()
    nearest = (folder / MANIFEST for folder in (*here.parents, home() / "corpus"))
    specs = next((manifest(m) for m in nearest if m.is_file()), ())
    present = [spec for spec in specs if spec.path.is_file()]
    for spec in present:
        if spec.path.samefile(path):
            return spec
    digest = _sha256(path)
    for spec in present:
        if _sha256(spec.path) == digest:
            return replace(spec, path=path)
    siglum = re.sub(r"[^\w.-]+", "-", path.stem).strip("-")
    guess = Spec(
        siglum=siglum,
        work=siglum,
        title=path.stem,
        edition="",
        path=path,
        name=path.name,
        format="plain",
        grammar="",
        script="",
        licence="",
        origin="",
        encoding=encoding,
    )
    text = read(guess).text
    form, grammar = recognise(text)
    return replace(guess, format=form, grammar=grammar, script=script(text))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
