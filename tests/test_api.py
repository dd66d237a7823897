"""The library: what is a text, and what is the path of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import extract
from pipeline.sources.recognise import SourceError

ENTRY = "神庭，在髮際直鼻，刺入三分，灸三壯。"


@pytest.mark.parametrize("path", ["卷三.txt", "folder", "folder/卷三.txt"])
def test_a_string_that_names_a_file_is_read(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for place in (tmp_path, tmp_path / "folder"):
        (place / "卷三.txt").write_text(ENTRY, encoding="utf-8")
    assert [e.name for e in extract(path).entries] == ["神庭"]


@pytest.mark.parametrize("path", ["nothing.txt", "folder/nothing.md", "卷三.TXT"])
def test_a_string_that_can_only_be_a_path_is_no_text(path: str) -> None:
    with pytest.raises(SourceError, match="no such file or folder"):
        extract(path)


@pytest.mark.parametrize("text", ["", "\0", "神庭" * 5000, ENTRY, "上星"])
def test_a_text_is_a_text(text: str) -> None:
    assert extract(text).witnesses[0].text == text
