"""A value as the cell of a table that people open: as text, and as long as a cell may be."""

from __future__ import annotations

CELL = 32_767
"""Characters (UTF-16 units) a cell of a spreadsheet holds."""


def as_text(value: str | float | bool | tuple[str, ...] | None) -> str:
    r"""A value as a cell of CSV.

    >>> as_text(("督脈:會", "a|b")), as_text(3.0), as_text(None), as_text(True)
    ('督脈:會|a\\|b', '3', '', 'true')
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case tuple():
            return "|".join(item.replace("\\", r"\\").replace("|", r"\|") for item in value)
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def fitting(cell: str) -> str:
    """A cell that is too long for a spreadsheet cut, which ``…`` at its end says."""
    units = cell.encode("utf-16-le", "surrogatepass")
    if len(units) > 2 * CELL:
        return units[: 2 * (CELL - 1)].decode("utf-16-le", "ignore") + "…"  # no half a character
    return cell
