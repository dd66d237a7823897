"""The library: a text or a path in, typed rows out.

>>> from pipeline import extract
>>> result = extract('''# 頭直鼻中髮際傍行至頭維凡七穴第一
...
... 神庭，在髮際直鼻，督脈、足太陽、陽明之會，禁不可刺，令人癲疾，目失精，灸三壯。
...
... 曲差，一名鼻衝，俠神庭兩傍各一寸五分，在髮際，足太陽脈氣所發，刺入三分，灸五壯。
... ''')
>>> for entry in result.entries:
...     print(entry.code, entry.name, entry.location, entry.channels, entry.moxa_min)
GV24 神庭 在髮際直鼻 ('督脈:會', '足太陽:會', '足陽明:會') 3
BL4 曲差 俠神庭兩傍各一寸五分，在髮際 ('足太陽:脈氣所發',) 5

Every value says where it was read:

>>> source = result.witnesses[0].text
>>> [(c.field, c.value, source[c.start : c.end]) for c in result.claims if c.field == "aliases"]
[('aliases', '鼻衝', '鼻衝')]

The fields of the rows are described in ``pipeline.model``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.model import Result, Spec, Witness
from pipeline.publish.rows import rows
from pipeline.publish.schema import TABLES, columns
from pipeline.run import run, run_witnesses
from pipeline.sources.normalize import FORMATS
from pipeline.sources.recognise import Choice, SourceError, recognise, sources

if TYPE_CHECKING:
    import pandas as pd


def extract(
    source: str | Path,
    *,
    siglum: str = "",
    format: str = "",
    grammar: str = "",
    encoding: str = "",
    witnesses: Sequence[str] = (),
) -> Result:
    """Everything the text ``source`` holds, or, for a path, the files it names.

    A string of one line that names a file or folder is its path; one that looks like a path and
    names nothing raises: it is no text.

    A text is recognised by its layout, as a file that no manifest names; ``siglum`` (text, if none
    is given), ``format`` and ``grammar`` overrule that. A path may be a file, a folder of files or
    a folder with a manifest, of whose witnesses those named by ``witnesses`` are taken.
    SourceError, ReadError or TableError where a file, manifest or name cannot be used; never for
    what a text says: that is in ``result.diagnostics``.

    >>> result = extract(Path("corpus"), witnesses=["jiayi-j3"])
    >>> len(result.entries) > 300
    True
    """
    path = _path(source)
    if path is not None:
        choice = Choice(encoding, siglum, format, grammar)
        return run(sources([path], choice, witnesses))
    if format and format not in FORMATS:
        raise SourceError(f"format {format!r} is none of {', '.join(FORMATS)}")
    source = str(source)
    seen = recognise(source, format, grammar)
    spec = Spec(
        siglum=siglum or "text",
        work=siglum or "text",
        title="",
        edition="",
        path=Path(),
        name="",
        format=seen.format,
        grammar=seen.grammar,
        script=seen.script,
        licence="",
        origin="",
        reason=seen.reason,
    )
    # Half a character (a lone surrogate) has no bytes of its own in any encoding.
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()
    return run_witnesses([Witness(spec, source, "utf-8", digest)])


NAMED = re.compile(r"[^\n，。、；：]*\.(?:txt|md|html?|xml|wiki|toml)", re.I)
"""What can be nothing but the name of a file."""


def _path(source: str | Path) -> Path | None:
    """The path that is meant; none where a text is given."""
    if isinstance(source, Path):
        return source
    if NAMED.fullmatch(source):
        return Path(source)
    try:
        there = "\n" not in source and source != "" and Path(source).exists()
    except (OSError, ValueError):  # longer than a path can be, or with a NUL in it
        return None
    return Path(source) if there else None


def to_pandas(result: Result, table: str = "entries") -> pd.DataFrame:
    r"""A table of a result as a data frame, with the types of the columns.

    >>> result = extract("# 頭凡一穴第一\n\n上星，在顱上直鼻中央，刺入三分，留六呼，灸三壯。")
    >>> to_pandas(result)[["code", "name", "depth_min_fen", "retention_breaths"]]
       code name  depth_min_fen  retention_breaths
    0  GV23   上星            3.0                  6
    >>> to_pandas(result)["count"].dtype
    Int64Dtype()
    """
    if table not in TABLES:
        raise KeyError(f"no table {table!r}; there are {', '.join(TABLES)}")
    import pandas as pd  # takes longer to load than anything else, and nothing else needs it

    from pipeline.publish import arrow

    types: dict[Any, Any] = {
        arrow.TYPES["string"]: pd.StringDtype(),
        arrow.TYPES["int"]: pd.Int64Dtype(),
        arrow.TYPES["number"]: pd.Float64Dtype(),
        arrow.TYPES["bool"]: pd.BooleanDtype(),
    }
    content = arrow.table(rows(result, [table])[table], columns(TABLES[table]))
    frame: pd.DataFrame = content.to_pandas(types_mapper=types.get)
    return frame
