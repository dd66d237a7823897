"""Which sources a command line means, and what a file is that no manifest names."""

from __future__ import annotations

import logging
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import compress
from operator import ne
from pathlib import Path
from typing import Any, cast

import regex

from pipeline import disk
from pipeline.knowledge.books import dated, titled, told
from pipeline.knowledge.glyphs import variants
from pipeline.knowledge.numerals import NUMERAL
from pipeline.knowledge.script import to_traditional
from pipeline.knowledge.tables import (
    FIELDS,
    MANIFEST,
    MisuseError,
    TableError,
    editions,
    home,
    installed,
    manifest,
    siglum_of,
    sound,
    table,
)
from pipeline.model import Spec
from pipeline.sources.foreign import foreign_file
from pipeline.sources.mandoku import header
from pipeline.sources.normalize import FORMATS, layer, readable
from pipeline.sources.read import listed, printable, read
from pipeline.sources.silent import silent
from pipeline.text.layer import line_ends

NOTES = logging.getLogger("mingtang")
"""Says on stderr, unless the program that uses the library decides otherwise, what is left out."""
TEXTS = (".txt", ".md", ".html", ".htm", ".xhtml", ".xml", ".wiki")
"""The files of a folder that are read."""


class SourceError(MisuseError):
    """A path or siglum that names no source; the message says which and why."""


MARKED = regex.compile(
    r"^(?:> ?)?[ \t\u00a0\u3000]*+#{1,6}[ \t\u00a0\u3000]*+[^#\s]|#{1,6} \[[^\[\]\n]{1,60}\] ",
    regex.M,
)
MANDOKU = regex.compile(r"^<pb:|^#\+PROPERTY:", regex.M)
BLOCK = regex.compile(
    r"<(?:html|body|p|div|br|h[1-6]|tr|li|TEI|lb|head|pre)(?: [^<>]*)?/?>", regex.I
)
WIKITEXT = regex.compile(r"^={2,6}[^=\n]+={2,6}[ \t]*$|\{\{[^{}|\n]+\||\[\[|\'{3}", regex.M)


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a text was taken for, and why."""

    format: str
    grammar: str
    script: str
    reason: str


def recognise(text: str, form: str = "", grammar: str = "") -> Recognition:
    """Layout, genre and script of a text: the layout by its marks, the genre by how it speaks.

    What is told (``form``, ``grammar``) is not asked of the text.

    >>> recognise("兩眉頭各一（謂攢竹穴也。）").grammar, recognise("上星一穴，在顱上").grammar
    ('suwen_sbck', 'jiayi')
    >>> recognise("神庭，在髮際直鼻，灸三壯。").reason
    'layout plain, grammar jiayi (cues: 1 of catalogue, 1 of jiayi), script hant'
    """
    signs = line_ends(readable(text)).chars
    form, hand = form or layout(signs), script(signs)
    spoken = Counter() if grammar else cues(text, form, hand)
    most = grammar or max(spoken, key=lambda name: (spoken[name], name == DEFAULT), default=DEFAULT)
    said = ", ".join(f"{n} of {name}" for name, n in spoken.most_common()) or "none"
    heard = "as told" if grammar else f"cues: {said}"
    return Recognition(form, most, hand, f"layout {form}, grammar {most} ({heard}), script {hand}")


DEFAULT = "jiayi"
"""How a text is read that speaks as no genre does, or as two do alike: most are catalogues."""


def layout(text: str) -> str:
    """The layout of a text, by its marks.

    >>> layout("<篇名>头直鼻中发际傍行至头维凡七穴第一"), layout("上星一穴，在颅上")
    ('tagged', 'plain')
    """
    if MANDOKU.search(text):
        return "mandoku"
    if "<篇名>" in text:
        return "tagged"
    if regex.search(r"^[ \t\u3000]*①", text, regex.M):
        return "circled"
    if MARKED.search(text):
        return "markdown"
    if 20 * len(BLOCK.findall(text)) > text.count("\n"):
        return "html"
    if WIKITEXT.search(text):
        return "wikitext"
    return "plain"


@cache
def _genres() -> tuple[tuple[str, regex.Pattern[str]], ...]:
    number = f"[{NUMERAL}]{{1,9}}"
    return tuple(
        (row["grammar"], regex.compile(row["cue"].replace("N", number), regex.M))
        for row in table("authority/genres.tsv")
    )


def cues(text: str, form: str, hand: str) -> Counter[str]:
    """How often a text speaks as each genre does: 若灸者可灸三壯, 刺入三分."""
    if silent(text, form, hand):
        return Counter()
    chars = layer(text, form, hand).chars
    found = Counter[str]()
    for grammar, cue in _genres():
        found[grammar] += sum(1 for _ in cue.finditer(chars))
    return +found


def script(text: str) -> str:
    """``hans`` or ``hant``: in simplified text, more than one character in twenty has another
    traditional form; in traditional text, hardly any. Forms that prints and Japanese editions
    have too (会 体 当) tell nothing.

    >>> script("上星一穴，在颅上，直鼻中央"), script("上星一穴，在顱上，直鼻中央")
    ('hans', 'hant')
    >>> script("曲差、俠神庭両傍各一寸五分、足太陽脈気所発、灸五壮")
    'hant'
    """
    told = done = 0
    while done < len(text):
        part = text[done : text.find("\n", done + PART) + 1 or len(text)]
        changed = "".join(compress(part, map(ne, part, to_traditional(part))))
        told += len(_untelling().sub("", changed))
        if 20 * told > len(text):
            return "hans"
        done += len(part)
    return "hant"


PART = 1_000
"""Characters after which it is asked whether they tell the script already."""


@cache
def _untelling() -> re.Pattern[str]:
    """Forms that tell nothing of a script."""
    return re.compile(f"[{''.join(map(re.escape, map(chr, variants())))}]+")


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line says of sources that no manifest names; empty: to be recognised."""

    encoding: str = ""
    siglum: str = ""
    format: str = ""
    grammar: str = ""
    manifest: Path | None = None
    """A manifest of the user's own, asked before that of the corpus."""


def sources(
    paths: Sequence[Path], choice: Choice = Choice(), witnesses: Sequence[str] = ()
) -> tuple[Spec, ...]:
    """The sources that ``paths`` mean, each once, in order.

    A folder means the witnesses of its ``witnesses.toml``; without one, an edition in several
    files with one header id is one witness, and other texts are each one. A
    file means the witness of the nearest manifest that is this file or has the same bytes, or else
    a witness of its own, recognised by its header and text. A path that is not there is looked for
    in the checkout; no path means the ``corpus`` there. ``witnesses`` restricts the result to these
    sigla. SourceError, TableError or ReadError where a path, siglum, manifest or file cannot be
    used.

    >>> [spec.siglum for spec in sources([Path("corpus")], witnesses=["jiayi"])]
    ['jiayi']
    """
    if choice.siglum and not sound(choice.siglum):
        raise SourceError(f"siglum {choice.siglum!r} has a blank, / or control in it")
    default = [choice.manifest] if choice.manifest else [Path("corpus")]
    specs = list(_specs(paths or default, choice))
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
        if not spec.path.exists():
            raise SourceError(_absent(spec))
        chosen = replace(spec, encoding=choice.encoding or spec.encoding)
        twin = found.get(spec.siglum)
        if twin and spec.reason and not choice.siglum and not twin.path.samefile(spec.path):
            # A second text of a book is called as its file is.
            chosen = replace(chosen, siglum=siglum_of(printable(spec.path.stem)))
        twin = found.setdefault(chosen.siglum, chosen)
        if not twin.path.samefile(spec.path):
            raise SourceError(f"{spec.siglum} stands for two files: {twin.path} and {spec.path}")
    return tuple(found.values())


def meant(path: Path, choice: Choice = Choice(), siglum: str = "") -> tuple[Spec, ...]:
    """The sources that one word of a command line means: a siglum of the corpus, or a path;
    ``siglum``: which of several there.
    """
    path = disk.kept(path)
    named = sound(str(path)) and not path.suffix and not path.exists()
    chosen = [siglum] if siglum else []
    return sources([] if named else [path], choice, [str(path)] if named else chosen)


def _absent(spec: Spec) -> str:
    if installed() and spec.path.is_relative_to(home()):
        return (
            f"this installation carries no texts, so that of {spec.siglum} is not here: "
            "name a text of your own, or use a checkout"
        )
    return f"{spec.path}: no such file (witness {spec.siglum})"


def _specs(paths: Iterable[Path], choice: Choice) -> Iterator[Spec]:
    for given in map(disk.kept, paths):
        path = given if given.exists() else home() / given
        if not path.exists():
            raise SourceError(f"{given}: no such file or folder")
        if path == choice.manifest or path.name == MANIFEST:
            yield from _witnesses(path)
        elif (path / MANIFEST).is_file():
            yield from _witnesses(path / MANIFEST)
        elif path.is_dir():
            yield from _folder(path, choice)
        else:
            yield _spec(path, choice)


def witnesses_of(path: Path) -> tuple[Spec, ...]:
    """The witnesses of a manifest, with what is known of the books that they are."""
    return tuple(map(dated, manifest(path)))


def _witnesses(path: Path) -> tuple[Spec, ...]:
    specs = witnesses_of(path)
    if not specs:
        raise TableError(f"{path}: no [[witness]]")
    return specs


ABOUT = regex.compile(
    r"(?:readme|licen[cs]e|copying|changelog|contributing|notice|authors)(?:[._-].*)?", regex.I
)
"""Files that tell about those beside them."""


def _folder(path: Path, choice: Choice) -> Iterator[Spec]:
    for file in sorted(path.iterdir()):
        if not file.name.startswith(".") and (reason := foreign_file(file)):
            NOTES.warning("mingtang: skipped %r: %s", str(file), reason)
    files = listed(path, *TEXTS)
    if not files:
        raise SourceError(f"{path}: holds neither {MANIFEST} nor any of {', '.join(TEXTS)}")
    about = [file for file in files if ABOUT.fullmatch(file.name)]
    if len(about) < len(files):
        for file in about:
            NOTES.warning("mingtang: skipped %r: it tells about the texts beside it", str(file))
        files = [file for file in files if file not in about]
    specs = list(_texts(path, files, choice))
    yield from specs if choice.siglum else _apart(specs)


def _texts(path: Path, files: Sequence[Path], choice: Choice) -> Iterator[Spec]:
    """The texts of a folder: an edition in several files is one, any other file is one."""
    editions: dict[tuple[str, str], list[Path]] = {}
    for file in files:
        if file.suffix.lower() == ".txt" and (key := _edition(file, choice)):
            editions.setdefault(key, []).append(file)
    first = {parts[0]: parts for parts in editions.values()}
    inside = {part for parts in editions.values() for part in parts}
    for file in files:
        if len(parts := first.get(file, [])) > 1:
            whole = len(parts) == len(listed(path, ".txt"))
            yield guess(path, choice, () if whole else tuple(part.name for part in parts))
        elif file not in inside or file in first:
            yield _spec(file, choice)


def _edition(file: Path, choice: Choice) -> tuple[str, str] | None:
    """Text and base of the edition that a file is a part of, if its header says so."""
    text = "" if choice.format not in ("", "mandoku") else read(_unread(file, choice)).text
    head = header(text) if MANDOKU.search(text) else {}
    return (head.get("ID", ""), head.get("BASEEDITION", "")) if head else None


def _apart(specs: Sequence[Spec]) -> Iterator[Spec]:
    """The texts of a folder, no two under one siglum (``a b.txt`` beside ``a-b.txt``).

    Whose name is its siglum keeps it; others get a number.
    """
    names = {spec.path.stem for spec in specs}
    taken: set[str] = set()
    for spec in specs:
        siglum, number = spec.siglum, 1
        while siglum in taken or (siglum in names and siglum != spec.path.stem):
            number += 1
            siglum = f"{spec.siglum}-{number}"
        taken.add(siglum)
        work = siglum if spec.work == spec.siglum else spec.work
        yield replace(spec, siglum=siglum, work=work)


def _spec(path: Path, choice: Choice) -> Spec:
    """The spec of a single file: that of a manifest, or a guess."""
    found = disk.regular(path)
    here = path.resolve()
    own = [choice.manifest] if choice.manifest else []
    nearest = [*own, *(folder / MANIFEST for folder in (*here.parents, home() / "corpus"))]
    specs = next((witnesses_of(m) for m in nearest if m.is_file()), ())
    present = [(spec, there) for spec in specs if (there := disk.found(spec.path))]
    for spec, there in present:
        if os.path.samestat(there, found):
            return spec
    twins = [spec for spec, there in present if there.st_size == found.st_size]
    digest = disk.sha256(path) if twins else ""
    for spec in twins:
        if disk.sha256(spec.path) == digest:
            return replace(spec, path=path)
    return guess(path, choice)


def guess(path: Path, choice: Choice, parts: tuple[str, ...] = ()) -> Spec:
    """The spec of a source that no manifest lists: by its header, else by its name and text."""
    guess = _unread(path, choice, parts)
    text = read(guess).text
    seen = recognise(text, choice.format, choice.grammar)
    guess = replace(
        guess,
        format=seen.format,
        grammar=seen.grammar,
        script=seen.script,
        reason=seen.reason,
    )
    if guess.format != "mandoku":
        return told(guess, text, choice.siglum)
    return _by_header(guess, header(readable(text).chars), choice)


def _unread(path: Path, choice: Choice, parts: tuple[str, ...] = ()) -> Spec:
    """What is known of a source before it is read."""
    title = printable(path.stem)
    siglum = choice.siglum or siglum_of(title) or "text"
    return Spec(
        siglum=siglum,
        work=siglum,
        title=title,
        edition="",
        path=path,
        name=printable(path.name),
        format=choice.format or "plain",
        grammar=choice.grammar,
        script="",
        licence="",
        origin="",
        encoding=choice.encoding,
        parts=parts,
    )


def _by_header(guess: Spec, head: dict[str, str], choice: Choice) -> Spec:
    """A spec with what the header of the file says of text and edition."""
    text, base = head.get("ID", ""), head.get("BASEEDITION", "")
    known: dict[str, str] = {}
    for path in filter(None, (choice.manifest, home() / "corpus" / MANIFEST)):
        known = known or editions(path).get((text, base), {})
    if not known:
        book = titled(head.get("TITLE", ""), "")
        plain = replace(
            guess,
            siglum=choice.siglum or siglum_of(f"{text}-{base}").lower() or guess.siglum,
            work=book.work if book else text or guess.work,
            title=head.get("TITLE", guess.title),
            edition=base,
        )
        return dated(plain) if book else plain
    # The script is the file's own: an edition can be converted.
    said = {field: known[field] for field in FIELDS if field in known and field != "script"}
    if choice.grammar:
        said["grammar"] = choice.grammar
    said["reason"] = f"known by its header: {text} {base}"
    said["siglum"] = choice.siglum or known["siglum"]
    return dated(replace(guess, **cast(dict[str, Any], said)))
