"""LibreOffice for the test of the workbook, as the system has it."""

from __future__ import annotations

import shutil

OFFICE = shutil.which("soffice")
NO_OFFICE = "no LibreOffice: apt install libreoffice-calc-nogui"
SHEETS_AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false,false,false,false,-1"
"""Comma, quotation mark, UTF-8, text quoted, values and not what is shown of them, all sheets."""
