"""All tables in one workbook, for people: a sheet a table, nothing that runs, nothing converted."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from pipeline import disk
from pipeline.knowledge.tables import MisuseError
from pipeline.publish.cells import as_text, fitting
from pipeline.publish.schema import SHEETS, TABLES, TITLES, Column, columns

ROWS = 1_048_576
"""Rows of a sheet."""
NARROW, WIDE = 6, 48
"""Widths of columns: of the narrowest, and of one whose cells go on beyond it."""
LOOKED_AT = 200
"""Rows by whose cells the width of a column is chosen: more of them hardly ever change it."""
MADE = datetime(1980, 1, 1)
"""The same tables give the same bytes, so that no workbook says when it was made."""


class WorkbookError(MisuseError):
    """Tables that no workbook holds."""


def write_workbook(tables: Mapping[str, Sequence[Any]], path: Path, chinese: bool = False) -> None:
    """Write tables as a workbook, with Chinese titles of sheets and columns on request.

    Text is text, whatever it begins with. A list is joined as in CSV; a text longer than a cell
    may be is cut and ends in ``…`` (CSV and Parquet have it whole).
    """
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"created": MADE})
        bold = book.add_format({"bold": True, "bottom": 1})
        for name, content in tables.items():
            sheet = book.add_worksheet(SHEETS[name] if chinese else name)
            head = columns(TABLES[name])
            if len(content) >= ROWS:
                raise WorkbookError(f"{name}: {len(content)} rows are too many for a sheet")
            titles = [TITLES[c.name] if chinese else c.name for c in head]
            for at, title in enumerate(titles):
                sheet.write_string(0, at, title, bold)
            for at, (title, column) in enumerate(zip(titles, head, strict=True)):
                cells = [getattr(row, column.name) for row in content]
                _fill(sheet, at, column, cells)
                sheet.set_column(at, at, _width([title, *map(as_text, cells[:LOOKED_AT])]))
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, len(content), len(head) - 1)
    disk.write(path, file.getvalue())


def _fill(sheet: Worksheet, at: int, column: Column, cells: Sequence[Any]) -> None:
    """Write the cells of a column below its title; where nothing is said, there is no cell."""
    for row, value in enumerate(cells, 1):
        if value is None or value in ("", ()):
            continue
        if column.type in ("int", "number"):
            sheet.write_number(row, at, value)
        elif column.type == "bool":
            sheet.write_boolean(row, at, value)
        else:
            text = fitting(as_text(value)).encode("utf-8", "replace").decode()
            sheet.write_string(row, at, text)


def _width(cells: Sequence[str]) -> int:
    """The width that shows most cells: a Han character is as wide as two letters."""
    longest = max(sum(1 + (char >= "\u2e80") for char in cell[:WIDE]) for cell in cells)
    return max(NARROW, min(longest + 2, WIDE))
