from pathlib import Path

import pytest

from pipeline.judging.diagnostics import WINDOW, as_json, render, width
from pipeline.model import Diagnostic, Spec, Witness


def witness(text: str, siglum: str = "s") -> Witness:
    spec = Spec(siglum, "", "", "", Path("s.txt"), "a/s.txt", "plain", "jiayi", "hans", "", "")
    return Witness(spec, text, "utf-8", "")


def rendered(text: str, start: int, end: int, **more: object) -> list[str]:
    found = Diagnostic("glyph-lost", "warning", "a glyph is lost", "s", start, end, **more)  # type: ignore[arg-type]
    (block,) = render([found], [witness(text)])
    return block.split("\n")


def under(line: str, carets: str) -> str:
    """The characters of ``line`` over the carets, as a terminal shows them."""
    columns = [c for c in line for _ in range(width(c))]
    return "".join(
        dict.fromkeys(c for c, mark in zip(columns, carets, strict=False) if mark == "^")
    )


def test_place_severity_and_code_come_first() -> None:
    head, *_ = rendered("颧髎\r\n一名兑骨", 6, 8)
    assert head == "a/s.txt:2:3: warning[glyph-lost]: a glyph is lost"


def test_caret_stands_under_the_han_character() -> None:
    _, line, carets = rendered("上星 a一穴，在颅上", 8, 9)
    assert line == "    上星 a一穴，在颅上"
    assert under(line, carets) == "颅"
    assert carets == "    " + " " * 14 + "^^"


@pytest.mark.parametrize("at", [0, 1, 19, 20, 21, 150, 280, 298, 299])
def test_long_lines_are_cut_around_the_place(at: int) -> None:
    text = "".join(chr(0x4E00 + i) for i in range(300))
    _, line, carets = rendered(text, at, at + 1)
    assert under(line, carets) == text[at]
    assert len(line.strip().strip("…")) == WINDOW
    assert line.strip().startswith("…") == (at > WINDOW // 2)


def test_a_span_over_lines_ends_with_its_first_line() -> None:
    _, line, carets = rendered("上星一穴\n在颅上", 2, 7)
    assert under(line, carets) == "一穴"


@pytest.mark.parametrize(("text", "at"), [("", 0), ("上星", 2), ("上星\n", 3), ("上\n\n星", 2)])
def test_an_empty_place_has_one_caret(text: str, at: int) -> None:
    assert rendered(text, at, at)[2].strip() == "^"


def test_control_characters_do_not_reach_the_terminal() -> None:
    _, line, carets = rendered("上\x1b[31m星\t穴", 6, 7)
    assert "\x1b" not in line
    assert under(line, carets) == "星"


def test_combining_marks_take_no_column() -> None:
    assert width("é髎") == 1 + 2 == width("e\u0301髎")


def test_further_places_follow() -> None:
    lines = rendered("上星\n囟会", 0, 1, see=(("s", 3, 5),))
    assert lines[3:] == ["  see a/s.txt:2:1:", "    囟会", "    ^^^^"]


def test_json_has_places_and_values() -> None:
    found = Diagnostic("c", "error", "m", "s", 3, 4, 2, "s/02/001", (("t", 0, 1),))
    (row,) = as_json([found], [witness("上星\n囟会"), witness("会", "t")])
    path = {"path": "a/s.txt"}
    assert row == {
        "code": "c",
        "severity": "error",
        "message": "m",
        "witness": "s",
        **path,
        "start": 3,
        "end": 4,
        "line": 2,
        "column": 1,
        "section": 2,
        "entry_id": "s/02/001",
        "see": [{"witness": "t", **path, "start": 0, "end": 1, "line": 1, "column": 1}],
    }
