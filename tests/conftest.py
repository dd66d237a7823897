"""What the end of a test run tells beside its result: the known failures of the case files."""

from __future__ import annotations

import pytest

from tests.cases import FOLDER, cases


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for path in sorted(FOLDER.glob("*.txt")):
        if "\n.\n" not in path.read_text(encoding="utf-8"):
            continue  # a table
        known = [case for case in cases(path.name) if case.known]
        if known:
            terminalreporter.write_line(f"known failures: {len(known)} in tests/cases/{path.name}")
