"""The commands ``mingtang diff`` and ``mingtang show``: editions side by side.

Exit status of ``diff``: 0 no difference beyond orthography, 1 differences, 2 trouble; of
``show``: 0 found, 1 no witness has the point, 2 trouble.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline import disk
from pipeline.commands.abreast import abreast
from pipeline.commands.collation import render
from pipeline.commands.options import Encoding, Witnesses
from pipeline.commands.point import render as render_point
from pipeline.commands.point import render_illness
from pipeline.commands.terminal import (
    console,
    examples,
    folder,
    put,
    put_json,
    trouble,
    uncollected,
)
from pipeline.compare.apparatus import Agreement, Variant, agreement, apparatus
from pipeline.compare.collate import collated, differs, prepared
from pipeline.compare.collatex import collatex
from pipeline.compare.difference import Collation, Difference
from pipeline.compare.display import as_json, markdown
from pipeline.compare.edition import (
    Edition,
    chosen,
    edition,
    known,
    only,
    read_edition,
    stored_edition,
)
from pipeline.compare.show import codes, statements
from pipeline.compare.sides import Side
from pipeline.compare.tei import METHODS, tei
from pipeline.compare.treats import matched, treatments
from pipeline.judging.diagnostics import as_text
from pipeline.knowledge.tables import TableError, home, manifest
from pipeline.model import Spec
from pipeline.publish.export import origins, rules, write_csv, write_parquet
from pipeline.publish.schema import columns
from pipeline.publish.stored import Row, StoredError, holds, manifest_of, stored
from pipeline.publish.switch import publish, workplace
from pipeline.run import unjudged
from pipeline.sources.read import read
from pipeline.sources.recognise import Choice, SourceError, sources

FORMATS = {
    "csv": "collation.csv",
    "parquet": "collation.parquet",
    "json": "collation.json",
    "markdown": "collation.md",
    "tei": "apparatus.xml",
    "tei-standoff": "apparatus-standoff.xml",
    "collatex-json": "collatex.json",
}
"""The formats of a collation, and the files they are written to."""


def diff(
    editions: Annotated[
        list[str],
        typer.Argument(
            metavar="A B [C…]",
            help="Sigla of the corpus, files, folders of texts, or folders of tables written by "
            "extract. All are compared with the first, or with --base.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", parser=folder, help="Write tables there."),
    ] = None,
    formats: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="LIST",
            help=f"Of {', '.join(FORMATS)}; with -o, csv,parquet if not given; without, the one "
            "text format to print.",
        ),
    ] = "",
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", parser=folder, help="Write one self-contained page."),
    ] = None,
    base: Annotated[
        str,
        typer.Option(metavar="A", help="The edition that the others are compared with."),
    ] = "",
    every: Annotated[
        bool, typer.Option("--all", help="List differences of writing and what is the same.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Name the rules that made unlike glyphs one.")
    ] = False,
    witness: Witnesses = None,
    encoding: Encoding = "",
) -> None:
    """Compare editions: entries, then fields, then glyphs; the gravest differences first.

    Exit status: 0 no difference beyond orthography, 1 differences, 2 trouble.
    """
    wanted = _formats(formats, output)
    if len(editions) < 2:
        raise typer.BadParameter("two editions at least are needed to compare")
    with trouble(), uncollected():
        sides = _sides(_from_base(editions, base), witness or [], encoding)
        result = collated(sides, every, every or explain or bool(html or wanted))
        if html:
            write_page(html, result, explain)
        if output:
            write(result, output, wanted, every, explain)
        elif wanted:
            text = _text(wanted[0], result, every, explain)
            (put_json if wanted[0].endswith("json") else put)(text)
        if not wanted or output:
            render(result, console(), every, explain)
    raise typer.Exit(1 if differs(result) else 0)


def show(
    point: Annotated[
        str,
        typer.Argument(
            metavar="POINT|ILLNESS",
            help="Name in any script, alias or code (CV13); an illness.",
        ),
    ],
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--in",
            metavar="PATH",
            help="A siglum, file, folder or folder of tables; may be repeated. The corpus if not "
            "given.",
        ),
    ] = None,
    as_object: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    witness: Witnesses = None,
    encoding: Encoding = "",
) -> None:
    """Show what every witness says of one point, side by side in the order of time, or treats an
    illness with.
    """
    with trouble():
        found = codes(point)
        sides = chosen([_side(given, encoding) for given in source or ["corpus"]], witness or [])
        if not found:
            _show_illness(sides, point, as_object)
            return
        said = {code: statements(sides, code) for code in found}
        if as_object:
            document = {code: [asdict(s) for s in group] for code, group in said.items()}
            put_json(as_text(document))
        else:
            for code, group in said.items():
                render_point(group, code, console())
    raise typer.Exit(0 if any(said.values()) else 1)


def _show_illness(sides: Sequence[Edition], word: str, as_object: bool) -> None:
    treated = list(treatments(sides, word)) if matched(word) else []
    if not treated:
        raise SourceError(
            f"{word!r} is no name, alias or code of a point, and in the words of no illness"
        )
    if as_object:
        put_json(as_text({word: [asdict(one) for one in treated]}))
    else:
        render_illness(treated, word, console())


def register(app: typer.Typer) -> None:
    """Add ``diff`` and ``show`` to an application."""
    app.command(
        epilog=examples(
            "diff jiayi suwen-wang",
            "diff jiayi my-edition.txt --html collation.html",
            "diff jiayi old-tables -o tables --format csv,parquet,tei",
        )
    )(diff)
    app.command(epilog=examples("show 上脘", "show CV13 --json", "show 喉痹"))(show)


# --- files ---------------------------------------------------------------------------------------


def write(
    collation: Collation,
    directory: Path,
    formats: Sequence[str] = ("csv", "parquet"),
    every: bool = False,
    explained: bool = False,
) -> None:
    """Write a collation in each of the formats; all files take their places at once, and whole.

    OSError where a file of one of these names is no collation.
    """
    with workplace(directory) as beside:
        for name in formats:
            path = beside / FORMATS[name]
            if name in ("csv", "parquet"):
                for stem, row, rows in _tables(collation):
                    (write_csv if name == "csv" else write_parquet)(
                        rows, columns(row), path.with_stem(stem)
                    )
            else:
                disk.write(path, _text(name, collation, every, explained).encode("utf-8"))
        publish(beside, (), _collation)


ROWS: dict[str, type[Any]] = {
    "collation": Difference,
    "apparatus": Variant,
    "agreement": Agreement,
}
"""The tables of a comparison; of two editions ``collation`` says all."""


def _tables(collation: Collation) -> Iterator[tuple[str, type[Any], Sequence[Any]]]:
    yield "collation", Difference, collation.differences
    if len(collation.editions) > 2:
        yield "apparatus", Variant, list(apparatus(collation))
        yield "agreement", Agreement, agreement(collation)


def write_page(path: Path, collation: Collation, explained: bool) -> None:
    """Write a page; OSError where the file that is there is no such page."""
    from pipeline.compare.page import page  # templates take a while to load

    text = page(collation, explained)
    with workplace(path.parent) as beside:
        disk.write(beside / path.name, text.encode("utf-8"))
        publish(beside, (), lambda old: PAGE in disk.read(old)[:1000])


PAGE = b'<meta name="generator" content="mingtang">'
OPENINGS = {
    "collation.json": b'{\n "editions": [',
    "collatex.json": b'{\n "witnesses": [',
    "collation.md": b"# Collation of ",
    "apparatus.xml": b"<?xml",
    "apparatus-standoff.xml": b"<?xml",
}
"""What a file of a collation begins with: what begins otherwise is not ours."""


def _collation(path: Path) -> bool:
    content = disk.read(path)
    if path.name in OPENINGS:
        return content.startswith(OPENINGS[path.name])
    names = [c.name for c in columns(ROWS[path.stem])]
    if path.suffix == ".csv":
        return content.startswith(",".join(names).encode() + b"\r\n")
    from pipeline.publish.arrow import read as parquet  # see there

    try:
        found: list[str] = parquet(content).column_names
    except TableError:
        return False
    return found == names


def _text(name: str, collation: Collation, every: bool, explained: bool) -> str:
    match name:
        case "json":
            return as_json(collation, every, explained)
        case "markdown":
            return markdown(collation, every, explained)
        case "tei":
            return tei(collation)
        case "tei-standoff":
            return tei(collation, METHODS[1])
        case "collatex-json":
            return collatex(collation)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "collation.csv"
        write_csv(collation.differences, columns(Difference), path)
        return path.read_bytes().decode()


def _formats(given: str, output: Path | None) -> list[str]:
    """The formats asked for; without a folder to write to, one that can be printed, or none."""
    chosen = given.split(",") if given else ["csv", "parquet"] if output else []
    if unknown := set(chosen).difference(FORMATS):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: not of {', '.join(FORMATS)}")
    if not output and (len(chosen) > 1 or "parquet" in chosen):
        raise typer.BadParameter("several formats, or parquet, need a folder (-o)")
    return chosen


def _from_base(editions: Sequence[str], base: str) -> list[str]:
    """The editions as they are compared: the base first, the others in their order."""
    if base and base not in editions:
        raise typer.BadParameter(f"--base {base}: not of {', '.join(editions)}")
    first = [e for e in editions if e == base][:1]
    return [*first, *(e for e in editions if not first or e != base)]


# --- editions ------------------------------------------------------------------------------------


def _sides(given: Sequence[str], witnesses: Sequence[str], encoding: str) -> list[Side]:
    """The editions that the command line names, each with entries and with its own label."""
    found = list(abreast(partial(_prepared, witnesses=witnesses, encoding=encoding), given))
    known(witnesses, (siglum for sigla, _ in found for siglum in sigla))
    sides = [side for _, side in found]
    for name, side in zip(given, sides, strict=True):
        if not side.edition.entries:
            raise SourceError(f"{name}: nothing to compare, no entry was found in it")
    labels = [side.edition.label for side in sides]
    return [
        replace(side, edition=replace(side.edition, label=f"{label} ({name})"))
        if labels.count(label) > 1
        else side
        for name, label, side in zip(given, labels, sides, strict=True)
    ]


def _prepared(given: str, witnesses: Sequence[str], encoding: str) -> tuple[list[str], Side]:
    """An edition as it is compared, and the sigla of all that were there to choose from."""
    whole = _side(given, encoding)
    return [*whole.witnesses], prepared(only(whole, witnesses) if witnesses else whole)


def _side(given: str, encoding: str) -> Edition:
    """An edition by siglum of the corpus, by its files, or from the tables of an earlier run."""
    path = folder(given)
    if holds(path):
        return read_edition(path)
    corpus = home() / "corpus"
    if any(spec.siglum == given for spec in manifest(corpus / "witnesses.toml")):
        specs = sources([corpus], Choice(encoding), [given])
    else:
        specs = sources([path], Choice(encoding))
    label = "" if len(specs) == 1 else path.resolve().name
    kept = None if encoding else _kept(specs)
    return stored_edition(*kept, label) if kept else edition(unjudged(specs), label)


OUTPUT = Path("output")
"""Where ``mingtang extract`` writes unless told otherwise."""


def _kept(specs: Sequence[Spec]) -> tuple[dict[str, list[Row]], dict[str, str]] | None:
    """The tables of an earlier extract, if an extract of these sources would write the same, and
    the sources.
    """
    try:
        manifest = manifest_of(OUTPUT)
        witnesses = [read(spec) for spec in specs]
        now = {**origins(witnesses), "rules": rules(witnesses)}
        fits = {name: manifest.get(name) for name in now} == now
        tables, found = stored(OUTPUT) if fits else ({}, None)
        texts = {w.spec.siglum: w.text for w in witnesses}
        return (tables, texts) if found == manifest else None
    except StoredError:
        return None
