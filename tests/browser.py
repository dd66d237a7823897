"""A browser for the tests of pages: Chromium or Chrome as the system has it.

MINGTANG_BROWSER names another one; ``required`` makes a test fail where there is none.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ABSENT = "no browser: apt install chromium, or name one in MINGTANG_BROWSER"


def program() -> str | None:
    """The browser that is at hand; None where there is none."""
    wish = os.environ.get("MINGTANG_BROWSER", "")
    if wish and wish != "required":
        return wish
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser; the test is skipped, or fails where it is required, if there is none."""
    path = program()
    if path is None:
        if os.environ.get("MINGTANG_BROWSER") == "required":
            pytest.fail(ABSENT)
        pytest.skip(ABSENT)
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path)
        yield opened
        opened.close()


@dataclass
class Window:
    """A page of a folder, opened from the disk without a network, and what went wrong on it."""

    folder: Path
    page: Page
    trouble: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        self.page.goto(f"{self.folder.as_uri()}/{address}")
        return self.page


@contextmanager
def window(opened: Browser, folder: Path, **options: Any) -> Iterator[Window]:
    """A window without a network. Whatever its pages complain of, and whatever they ask for that
    is not beside them, ends the test.
    """
    context = opened.new_context(offline=True, **options)
    page = context.new_page()
    found = Window(folder, page)
    here = folder.as_uri()
    page.on("pageerror", lambda error: found.trouble.append(str(error)))
    page.on(
        "console",
        lambda message: found.trouble.append(message.text) if message.type == "error" else None,
    )
    page.on("dialog", lambda dialog: found.trouble.append(f"dialog {dialog.message}"))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((f"{here}/", "data:"))
            else found.trouble.append(request.url)
        ),
    )
    yield found
    context.close()
    assert found.trouble == [], found.trouble
