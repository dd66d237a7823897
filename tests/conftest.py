"""What the end of a test run tells beside its result: the known failures of the case files,
and the tests that need what is not at hand.
"""

from __future__ import annotations

import os

import pytest

from hatch_build import catalogues
from pipeline.knowledge.tables import home
from tests.browser import ABSENT
from tests.cases import FOLDER, cases
from tests.office import NO_OFFICE

catalogues(home())
os.environ["LANGUAGE"] = "en"  # of tests that speak another one, whatever the machine does


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    absent = sum(ABSENT in str(report.longrepr) for report in skipped)
    if absent:
        terminalreporter.write_line(f"NOT RUN: {absent} tests of pages in a browser ({ABSENT})")
    if any(NO_OFFICE in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"NOT RUN: a workbook in LibreOffice ({NO_OFFICE})")
    for path in sorted(FOLDER.glob("*.txt")):
        if "\n.\n" not in path.read_text(encoding="utf-8"):
            continue  # a table
        known = [case for case in cases(path.name) if case.known]
        if known:
            terminalreporter.write_line(f"known failures: {len(known)} in tests/cases/{path.name}")
