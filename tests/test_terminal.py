"""What reaches a terminal, what is misuse, and what a wrong file makes of a run: one line."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from pipeline import disk
from pipeline.commands import cli, terminal
from pipeline.commands import diff as differing
from pipeline.commands.cli import app
from pipeline.judging.diagnostics import as_text, shown, width
from pipeline.knowledge.shapes import SHAPES
from pipeline.knowledge.tables import TableError, home, manifest, path_of, rows, words
from pipeline.model import Spec
from pipeline.sources.recognise import sources
from tests.test_files import BOOK, files, mingtang

ROOT = Path(__file__).parent.parent
HOSTILE = {
    "osc": "\x1b]0;PWN\x07",
    "csi": "\x1b[31mred",
    "c1": "\x9b31m\x85",
    "bidi": "\u202egnp.\u2066exe",
    "line ends": "a\nb\rc\u2028d\u2029e",
    "markup": "[/a]",
    "coloured": "[red]a[/red]",
    "picture": ":warning:",
    "invisible": "a\u200bb\u00adc\ufeff",
}


def obeyed(text: str) -> list[str]:
    """Characters that a terminal acts on, but for the ends of our own lines."""
    return [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs")]


def run(
    *arguments: str | Path,
    root: Path = ROOT,
    given: bytes = b"",
    before: Callable[[], None] | None = None,
    **environment: str,
) -> subprocess.CompletedProcess[bytes]:
    """The program in a process of its own."""
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); "
        "from pipeline.commands.cli import app; app()"
    )
    return subprocess.run(
        [sys.executable, "-c", code, str(root), *arguments],
        capture_output=True,
        timeout=300,
        input=given,
        preexec_fn=before,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- ids -----------------------------------------------------------------------------------------


def test_a_siglum_is_never_broken(place: Path) -> None:
    """However narrow the terminal: it can be copied into the next command."""
    name = "針灸資生經-of-a-long-name-卷一"
    (place / f"{name}.txt").write_text("神庭，在髮際直鼻，刺入三分，灸三壯。\n", encoding="utf-8")
    shown = run("check", f"{name}.txt", COLUMNS="40").stdout.decode()
    assert sum(line.startswith(f"{name} ") for line in shown.splitlines()) == 2


# --- strings that are not ours -------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_shown_leaves_nothing_to_obey_and_loses_nothing_to_see(text: str) -> None:
    assert obeyed(shown(text)) == []
    assert "\n" not in shown(text)
    assert [c for c in text if c.isprintable()] == [c for c in text if c in shown(text)][
        : sum(c.isprintable() for c in text)
    ] or not text.isprintable()
    assert width(shown(text)) > 0


@pytest.mark.parametrize("words", HOSTILE.values(), ids=list(HOSTILE))
def test_names_of_files_and_words_of_texts_are_shown_as_text(words: str, place: Path) -> None:
    """A file named so, whose headings, names and values say so, in every command."""
    path = place / f"{words.replace('/', '')}x.txt"
    line = f"神庭，一名{words}，在髮際{words}，刺入三分，灸三壯。{words}）"
    juan = f"## [卷{words.replace(chr(10), '')}三] 頭凡一穴第一\n\n{line}\n"
    path.write_text(juan + "\n### 面凡九穴第三\n", encoding="utf-8", newline="")
    other = place / "other.txt"
    other.write_text(BOOK.replace("三壯", "九壯"), encoding="utf-8")
    for arguments in (
        ["check", path],
        ["check", path, "--json"],
        ["extract", path, "-o", "t"],
        ["diff", path, other],
        ["diff", path, other, "--format", "json"],
        ["diff", path, other, "--format", "markdown"],
        ["show", "神庭", "--in", path],
        ["show", "神庭", "--in", path, "--json"],
        ["show", "神庭", "--in", "t"],
        ["check", f"no{words}"],
        ["check", path, "-w", words],
        ["check", path, "--layout", words],
        ["nothing" + words],
        ["check", path, "--siglum", words],
        ["parse", path, "--entry", words],
        ["diff", path, other, "--explain", "--all"],
    ):
        status, said = mingtang(*arguments)
        assert status in (0, 1, 2)
        assert obeyed(said) == [], (arguments, said)


def test_markup_is_text_in_every_cell(place: Path) -> None:
    for name in ("[red]a.txt", "[bold].txt"):
        (place / name).write_text(BOOK.replace("神庭，", "神庭，一名[/red]，"), encoding="utf-8")
    toml = place / "m.toml"
    toml.write_text(block(siglum="[red]", file="[bold].txt"), encoding="utf-8")
    assert "[red]" in mingtang("check", "--witnesses", "m.toml")[1]
    (place / "[dim]").mkdir()
    for name in ("a", "b"):
        (place / "[dim]" / f"{name}.txt").write_text(BOOK, encoding="utf-8")
    said = mingtang("diff", "[dim]", "[bold].txt", "--all")[1]
    assert "[dim]" in said


def test_a_bar_of_progress_takes_names_as_text(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "a.txt").write_text(BOOK, encoding="utf-8")
    toml = block(siglum="[red]", file="a.txt")
    (place / "m.toml").write_text(toml, encoding="utf-8")
    seen: list[str] = []

    def on_terminal(error: bool = False) -> Console:
        made = terminal.console(error)
        made._force_terminal = True
        seen.append("made")
        return made

    monkeypatch.setattr(cli, "console", on_terminal)
    status, said = mingtang("check", "--witnesses", "m.toml")
    assert status == 0
    assert "[red]" in said
    assert seen


def test_json_is_escaped_and_says_the_same() -> None:
    for text in HOSTILE.values():
        said = as_text({"name": text, "a": [text]})
        assert obeyed(said) == []
        assert json.loads(said) == {"name": text, "a": [text]}
    assert "\\ud83d" in as_text({"a": "\ud83d"})


def test_data_are_exact_in_a_pipe_and_visible_on_a_terminal(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "上\x1b[31m星\t。\n"
    (place / "a.txt").write_text(text, encoding="utf-8")
    assert "\x1b[31m" in run("normalize", "a.txt").stdout.decode()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    terminal.put(text)
    assert capsys.readouterr().out == "上␛[31m星\t。\n"


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "big5", "ascii", "koi8-r"])
def test_any_encoding_of_the_terminal_will_do(encoding: str, place: Path) -> None:
    # 𦘔 and 颧 are in none of them.
    (place / "a.txt").write_text(BOOK.replace("直鼻", "直鼻颧𦘔é"), encoding="utf-8")
    (place / "b.txt").write_text(BOOK.replace("直鼻", "直鼻颧𦘔"), encoding="utf-8")
    for arguments in (
        ["check", "a.txt"],
        ["diff", "a.txt", "b.txt"],
        ["diff", "a.txt", "b.txt", "--format", "json"],
        ["show", "神庭", "--in", "a.txt", "--json"],
        ["normalize", "a.txt"],
        ["show", "無此"],
    ):
        found = CliRunner(charset=encoding).invoke(app, arguments)
        assert found.exception is None or isinstance(found.exception, SystemExit), arguments
        assert found.exit_code in (0, 1, 2)
        if arguments[-1].endswith("json"):
            said = json.loads(found.stdout_bytes.decode(encoding))
            assert "颧𦘔" in json.dumps(said, ensure_ascii=False)


# --- files that are no files ---------------------------------------------------------------------


def test_names_of_bytes_that_are_no_text(place: Path) -> None:
    (place / "d").mkdir()
    for name in (b"\xff.txt", b"\xe9\xbc.md", "卷三.txt".encode("gbk")):
        path = place / "d" / os.fsdecode(name)
        path.write_text(BOOK, encoding="utf-8")
        status, said = mingtang("check", path)
        assert status == 0, said
        assert obeyed(said) == []
    status, said = mingtang("extract", "d", "-o", "t")
    assert status == 0, said
    assert r"\xff.txt" in (place / "t/witnesses.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", ["check", "extract", "normalize", "diff", "show", "parse"])
@pytest.mark.parametrize("kind", ["zero", "fifo", "manifest", "stored"])
def test_devices_and_pipes_are_refused_at_once(command: str, kind: str, place: Path) -> None:
    (place / "a.txt").write_text(BOOK, encoding="utf-8")
    match kind:
        case "zero":
            path = Path("/dev/zero")
        case "fifo":
            path = place / "pipe.txt"
            os.mkfifo(path)
        case "manifest":
            path = place / "witnesses.toml"
            os.mkfifo(path)
        case _:
            path = place / "s"
            path.mkdir()
            os.mkfifo(path / "manifest.json")
    arguments: dict[str, list[str | Path]] = {
        "check": ["check", path],
        "extract": ["extract", path, "-o", "t"],
        "normalize": ["normalize", path],
        "diff": ["diff", "a.txt", path],
        "show": ["show", "神庭", "--in", path],
        "parse": ["parse", path, "--entry", "a/01/001"],
    }
    signal.alarm(60)
    status, said = mingtang(*arguments[command])
    signal.alarm(0)
    assert (status, said.count("\n")) == (2, 1), said
    assert not (place / "t").exists()


@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
def test_a_pipe_is_read_once(name: str, place: Path) -> None:
    found = run("extract", name, "-o", "t", "--format", "csv", given=BOOK.encode())
    assert found.returncode == 0, found.stderr
    (place / "stdin.txt").write_text(BOOK, encoding="utf-8")
    assert run("extract", "stdin.txt", "-o", "u", "--format", "csv").returncode == 0
    for table in ("entries.csv", "witnesses.csv", "coverage.csv", "issues.csv"):
        assert (place / "t" / table).read_bytes() == (place / "u" / table).read_bytes()


@pytest.mark.parametrize("said", ["", "神庭", BOOK * 3])
def test_what_a_pipe_says_is_kept(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "SECONDS", 0.1)
    monkeypatch.setattr(disk, "MOST", len(BOOK.encode()))
    reading, writing = os.pipe()
    os.write(writing, said.encode())
    os.close(writing)
    pipe = Path(f"/dev/fd/{reading}")
    disk.kept.cache_clear()
    if said == "神庭":
        assert disk.kept(pipe).read_text(encoding="utf-8") == said
        assert disk.kept(pipe) == disk.kept(pipe)
    else:
        with pytest.raises(OSError, match="without end" if said else "says nothing"):
            disk.kept(pipe)
    os.close(reading)


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "SECONDS", 0.1)
    os.mkfifo(tmp_path / "p")
    with pytest.raises(OSError, match="says nothing"):
        disk.kept(tmp_path / "p")


def test_more_than_the_memory_that_is_allowed(place: Path) -> None:
    """400 MB for a program that may have 3 GB."""
    with (place / "a.txt").open("wb") as file:
        file.write(BOOK.encode() * 10)
        file.truncate(400_000_000)

    def limit() -> None:  # pragma: no cover - in the other process
        resource.setrlimit(resource.RLIMIT_AS, (3_000_000_000, 3_000_000_000))

    found = run("check", "a.txt", before=limit)
    assert found.returncode == 2, found.stderr[-2000:]
    assert found.stderr.startswith(b"mingtang: a.txt: 0.4 GB are too long")
    assert found.stderr.count(b"\n") == 1


def test_memory_that_ends_on_the_way_is_a_message(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(specs: object) -> None:
        raise MemoryError

    (place / "a.txt").write_text(BOOK, encoding="utf-8")
    monkeypatch.setattr(cli, "run", fails)
    monkeypatch.setattr(differing, "unjudged", fails)
    for arguments in (["check", "a.txt"], ["extract", "a.txt"], ["diff", "a.txt", "a.txt"]):
        status, said = mingtang(*arguments)
        assert (status, said.count("\n")) == (2, 1)
        assert "not enough memory" in said


def test_a_folder_as_other_programs_leave_it(place: Path) -> None:
    folder = place / "d"
    folder.mkdir()
    (folder / "a.txt").write_text(BOOK, encoding="utf-8")
    (folder / "._a.txt").write_bytes(b"\x00\x05\x16\x07" + bytes(200))
    (folder / ".hidden.md").write_bytes(b"\xff\xfe\xff")
    (folder / "x.txt").mkdir()
    assert [s.siglum for s in sources([folder])] == ["a"]
    (folder / "b.txt").symlink_to("nowhere.txt")
    status, said = mingtang("check", folder)
    assert (status, "b.txt: no such file" in said) == (2, True)


def test_names_that_give_one_siglum(place: Path) -> None:
    folder = place / "d"
    folder.mkdir()
    names = ["a b.txt", "a-b.txt", "a+b.txt", "a-b-2.txt", "a-b.md", "。。.txt"]
    for number, name in enumerate(names):
        (folder / name).write_text(BOOK + "神庭" * number, encoding="utf-8")
    found = {spec.name: spec.siglum for spec in sources([folder])}
    assert set(found) == set(names)
    assert len(set(found.values())) == len(names)
    assert found["a-b.txt"] == "a-b" or found["a-b.md"] == "a-b"
    assert found["a-b-2.txt"] == "a-b-2"
    assert found["。。.txt"] == "text"
    assert mingtang("extract", folder, "-o", "t")[0] == 0
    assert mingtang("extract", folder, "-o", "t", "--siglum", "x")[0] == 2


# --- manifests -----------------------------------------------------------------------------------


def block(**words: str) -> str:
    told = {
        "siglum": "own",
        "work": "jiayi",
        "title": "題",
        "edition": "",
        "file": "a.txt",
        "format": "markdown",
        "grammar": "jiayi",
        "script": "hant",
        "licence": "",
        "origin": "",
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in (told | words).items()]
    return "\n".join(["[[witness]]", *lines, ""])


GOOD = block()
MANIFESTS = {
    "nothing": ("", "no [[witness]]"),
    "remarks only": ("# nothing\n", "no [[witness]]"),
    "misspelt": ("[[witnesses]]\nsiglum = 'a'\n", "1: 'witnesses' is none of"),
    "misspelt after a good one": (GOOD + "[[witnes]]\n", "12: 'witnes' is none of"),
    "other program": ("[tool.x]\na = 1\n", "1: 'tool' is none of"),
    "edition only": ("[[edition]]\nid='X'\nbase='Y'\nsiglum='z'\n", "no [[witness]]"),
    "words": ('witness = "x"\n', "1: witness must be written as"),
    "number": ("witness = 5\n", "1: witness must be written as"),
    "table": ("[witness]\nsiglum = 'a'\n", "1: witness must be written as"),
    "numbers": ("witness = [1, 2]\n", "1: witness must be written as"),
    "mixed": ("witness = [{}, 'a']\n", "1: witness must be written as"),
    "empty block": ("[[witness]]\n", "1: witness 1: no siglum, file, work"),
    "unknown key": (GOOD + 'formt = "plain"\n', "12: witness 1: 'formt' is none of"),
    "unknown key, second": (GOOD + GOOD.replace("own", "b") + "a.b = 1\n", "23: witness 2: 'a'"),
    "encoding": (GOOD + "encoding = 3\n", "12: witness 1: encoding is 3"),
    "juan": (GOOD + "juan = 3\n", "12: witness 1: juan is 3"),
    "title": (GOOD.replace('"題"', "['題']").replace('"\\u984c"', "['x']"), "title is ['x']"),
    "script": (block(script="hans-typo"), "9: witness 1: script 'hans-typo' is none of hans"),
    "format": (block(format="scroll"), "format 'scroll' is none of"),
    "grammar": (block(grammar="../../x"), "8: witness 1: grammar '../../x' is none of"),
    "profile": (
        block(grammar="catalogue", profile="placd"),
        "12: witness 1: profile 'placd' is none of bracket, colon,",
    ),
    "profile of another grammar": (block(profile="placed"), "12: witness 1: profile is a way"),
    "slash": (block(siglum="a/b"), "2: witness 1: siglum 'a/b'"),
    "markup": (block(siglum="[/a]"), "siglum '[/a]'"),
    "empty siglum": (block(siglum=""), "siglum ''"),
    "blank": (block(siglum="a b"), "siglum 'a b'"),
    "escape": (block(siglum="a\x1b[31m"), "siglum"),
    "bidi": (block(siglum="a\u202e"), "siglum"),
    "unknown key in capitals": (GOOD + 'Juan = "x"\n', "12: witness 1: 'Juan' is none of"),
    "unknown key in Han": (GOOD + '"題名" = "x"\n', "12: witness 1: '題名' is none of"),
    "unknown table inside": (GOOD + "[witness.meta]\na = 1\n", "witness 1: 'meta' is none of"),
    "siglum of digits": (GOOD.replace('"own"', "5"), "2: witness 1: siglum is 5"),
    "list of files": (GOOD.replace('"a.txt"', "['a.txt']"), "6: witness 1: file is ['a.txt']"),
    "date": (GOOD.replace('"jiayi"', "2026-01-01", 1), "3: witness 1: work is "),
    "three": (GOOD + block(siglum="b") + GOOD, "24: witness 3: siglum own stands twice"),
    "twice in other case": (GOOD + block(siglum="Own"), "13: witness 2: siglum Own stands twice"),
    "twice decomposed": (block(siglum="\u00e9") + block(siglum="e\u0301"), "stands twice"),
    "key twice": (GOOD + 'siglum = "x"\n', "(at line 12"),
    "mark inside": (GOOD + "\ufeff" + block(siglum="b"), "(at line 12"),
    "carriage returns": (GOOD.replace("\n", "\r"), "(at line 1"),
    "twice": (GOOD + GOOD, "13: witness 2: siglum own stands twice"),
    "outside": (block(file="../a.txt"), "6: witness 1: file '../a.txt' is not inside"),
    "absolute": (block(file="/etc/passwd"), "file '/etc/passwd' is not inside"),
    "out and in": (block(file="x/../../t/a.txt"), "is not inside"),
    "no file": (block(file=""), "is not inside"),
    "NUL": (block(file="a\0.txt"), "is not inside"),
    "no such file": (block(file="b.txt"), "b.txt: no such file (witness own)"),
    "no toml": ("[[witness]\n", "(at line 1"),
    "edition with a number": (
        GOOD + "[[edition]]\nid = 3\nbase = ''\nsiglum = 'z'\n",
        "13: edition",
    ),
    "key of an edition": (GOOD + "[[edition]]\nid=''\nbase=''\nsiglum='z'\nx=''\n", "16: edition"),
}


@pytest.fixture
def made(place: Path) -> Path:
    """A folder with tables, a text, and a place for a manifest."""
    (place / "a.txt").write_text(BOOK, encoding="utf-8")
    assert mingtang("extract", "a.txt", "-o", "out")[0] == 0
    return place


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_wrong_manifest_is_misuse_and_wipes_nothing(name: str, made: Path) -> None:
    text, message = MANIFESTS[name]
    path = made / "witnesses.toml"
    path.write_text(text, encoding="utf-8", newline="")
    before = files(made / "out")
    for arguments in (["extract", "."], ["extract", "--witnesses", "witnesses.toml"]):
        status, said = mingtang(*arguments, "-o", "out")
        assert (status, said.count("\n")) == (2, 1), said
        assert message in said
        assert "witnesses.toml" in said or "b.txt" in said or "format" in said
        assert files(made / "out") == before


def test_a_manifest_of_another_encoding(made: Path) -> None:
    path = made / "witnesses.toml"
    path.write_text(GOOD.replace("\\u984c", "題"), encoding="utf-8-sig", newline="\r\n")
    assert mingtang("check", ".")[0] == 0
    for encoding in ("gbk", "big5", "euc_jp", "cp932", "euc_kr"):
        path.write_bytes(GOOD.replace("\\u984c", "題").encode(encoding))
        status, said = mingtang("check", ".")
        assert (status, said.count("\n")) == (2, 1)
        assert "witnesses.toml:4: byte" in said and "save it as UTF-8" in said
    for encoding in ("utf-16", "utf-16-le", "utf-32"):
        path.write_bytes(GOOD.encode(encoding))
        assert mingtang("check", ".")[0] == 2
    path.write_text(GOOD + "x = 1\n", encoding="utf-8-sig", newline="\r\n")
    assert "witnesses.toml:12: witness 1: 'x' is none of" in mingtang("check", ".")[1]


def test_sigla_of_the_command_line_are_held_to_the_same(made: Path) -> None:
    for siglum in ("a/b", "[/a]", "a b", "a\x1b"):
        assert mingtang("check", "a.txt", "--siglum", siglum)[0] == 2
    assert mingtang("check", "a.txt", "--grammar", "typo")[0] == 2


def test_the_manifest_of_the_corpus_is_sound() -> None:
    assert all(isinstance(spec, Spec) for spec in manifest(home() / "corpus/witnesses.toml"))


CASES = ROOT / "../../shared/cases/attack/manifest"


@pytest.mark.parametrize("path", sorted(CASES.glob("*.toml")), ids=lambda p: p.stem)
def test_wrong_manifests_on_record(path: Path, made: Path) -> None:
    shutil.copy(path, made / "witnesses.toml")
    before = files(made / "out")
    assert mingtang("extract", ".", "-o", "out")[0] == 2
    assert files(made / "out") == before


# --- tables decided by people --------------------------------------------------------------------

POINTS = "authority/points.tsv"
RANGES = "authority/ranges.tsv"
NAMES = "authority/names.tsv"
COUNTS = "authority/counts.tsv"
VARIANTS = "normalization/variants.tsv"
SPOILT = {
    "cells": (POINTS, ("\tpaired\t", "\t"), "cells, 8 expected"),
    "renamed": (POINTS, ("code\ttraditional", "id\ttraditional"), "the columns are id"),
    "missing": (RANGES, ("\tleast\t", "\tfewest\t"), "they must be field, least"),
    "no header": (RANGES, ("field\tleast\tmost\ttradition\treason\n", ""), "the columns are depth"),
    "number": (RANGES, ("\t25\t", "\tmany\t"), "most is 'many'"),
    "negative": (RANGES, ("\t25\t", "\t-25\t"), "most is '-25'"),
    "wide number": (RANGES, ("\t25\t", "\t２５\t"), "most is"),
    "falling": (RANGES, ("\t1\t25", "\t30\t25"), "least is more than most"),
    "column": (RANGES, ("depth_max_fen", "depth"), "field is 'depth'"),
    "code": (POINTS, ("LU1\t", "XX1\t"), "code is 'XX1'"),
    "unknown point": (NAMES, ("\tST36\t", "\tST99\t"), "code 'ST99' is not in authority/points"),
    "kind": (NAMES, ("\talias\t", "\talais\t"), "kind is 'alais'"),
    "context": (NAMES, ("region=", "regoin="), "context is"),
    "two glyphs": (VARIANTS, ("㑹\t會", "㑹㑹\t會"), "variant is '㑹㑹'"),
    "no glyph": (VARIANTS, ("㑹\t會", "㑹\t"), "standard is ''"),
    "expression": (COUNTS, ("chapter\t凡N穴", "chapter\t凡N[穴"), "form is no regular expression"),
    "no number in it": (COUNTS, ("chapter\t凡N穴", "chapter\t凡穴"), "form is '凡穴'"),
    "three sides": (COUNTS, ("穴\t2\t", "穴\t3\t"), "sides is '3'"),
    "blank": (VARIANTS, ("㑹\t會", "㑹\t會 "), "standard is"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_wrong_table_is_named_with_line_and_reason(name: str, tmp_path: Path) -> None:
    table, (before, after), message = SPOILT[name]
    text = path_of(table).read_text(encoding="utf-8")
    at = text.index(f"\n{before}" if f"\n{before}" in text else before)
    assert before in text[at:]
    path = tmp_path / "t.tsv"
    path.write_text(text[:at] + text[at:].replace(before, after, 1), encoding="utf-8")
    with pytest.raises(TableError) as raised:
        list(rows(path, SHAPES[table]))
    assert str(raised.value).startswith(f"{path}:")
    assert str(raised.value).split(":")[1].isdecimal()
    assert message in str(raised.value)


@pytest.mark.parametrize("table", SHAPES)
def test_every_table_is_of_its_shape_in_any_order_and_with_any_line_ends(
    table: str, tmp_path: Path
) -> None:
    source = path_of(table)
    found = list(rows(source, SHAPES[table]))
    path = tmp_path / "t.tsv"
    path.write_bytes(source.read_bytes().replace(b"\n", b"\r\n"))
    assert list(rows(path, SHAPES[table])) == found
    header = list(found[0])
    turned = ["\t".join(header[::-1]), *("\t".join(row[c] for c in header[::-1]) for row in found)]
    path.write_text("\n".join(turned) + "\n", encoding="utf-8")
    assert list(rows(path, SHAPES[table])) == found


@pytest.mark.parametrize("table", SHAPES)
@pytest.mark.parametrize("how", ["gbk", "big5", "utf-16", "utf-8-sig", "twice", "cr", "empty"])
def test_tables_as_other_programs_save_them(table: str, how: str, tmp_path: Path) -> None:
    text = path_of(table).read_text(encoding="utf-8")
    path = tmp_path / "t.tsv"
    match how:
        case "twice":
            last = text.rstrip("\n").rsplit("\n", 1)[1]
            path.write_text(text + last + "\n", encoding="utf-8")
        case "cr":
            path.write_bytes(text.replace("\n", "\r").encode())
        case "empty":
            path.write_bytes(b"")
        case _:
            path.write_bytes(text.encode(how, "replace"))
    with pytest.raises(TableError, match=r"t\.tsv:") as raised:
        list(rows(path, SHAPES[table]))
    assert how == "empty" or str(raised.value).split(":")[1].isdecimal()


def test_every_table_has_a_shape() -> None:
    corpus = home() / "corpus"
    known = {p.relative_to(corpus).as_posix() for p in corpus.glob("*/*.tsv")}
    assert known | {p.name for p in (home() / "grammars").glob("*.tsv")} == set(SHAPES)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A copy of what the program needs to know, to be spoilt."""
    for name in ("pipeline", "grammars", "corpus"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.pyc"))
    (tmp_path / "a.txt").write_text(BOOK.replace("鼻", "鼻後谿"), encoding="utf-8")
    yield tmp_path


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (POINTS, b"code\t", b"id\t"),
        ("normalization/opencc/mingtang.txt", b"\t", b"\t\xff"),
        ("normalization/opencc/s2t_mingtang.json", b"{", b"["),
    ],
)
def test_the_program_says_which_table_is_wrong(
    name: str, before: bytes, after: bytes, checkout: Path
) -> None:
    path = checkout / "corpus" / name
    path.write_bytes(path.read_bytes().replace(before, after))
    found = run("check", checkout / "a.txt", root=checkout)
    assert found.returncode == 2, found.stderr.decode()
    assert found.stderr.count(b"\n") == 1
    assert f"{path}".encode() in found.stderr


def test_our_words_are_pairs_of_one_length() -> None:
    assert all(len(a) == len(b) for a, b in words("normalization/opencc/mingtang.txt").items())


# --- the rest ------------------------------------------------------------------------------------


def test_the_same_bytes_without_docstrings(place: Path) -> None:
    (place / "a.txt").write_text(BOOK, encoding="utf-8")
    for level in ("", "2"):
        found = run("extract", "a.txt", "-o", f"t{level}", PYTHONOPTIMIZE=level)
        assert found.returncode == 0, found.stderr.decode()
    assert files(place / "t") == files(place / "t2")


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "上脘", "--in", "jiayi-j3", "-w", "typo"],
        ["show", "上脘", "--in", "t", "-w", "typo"],
        ["show", "上脘", "--in", "t", "-w", "a", "-w", "typo"],
        ["diff", "a.txt", "t", "-w", "typo"],
        ["extract", "a.txt", "-w", "typo"],
        ["check", "a.txt", "-w", "typo"],
        ["parse", "typo", "--entry", "x"],
        ["diff", "a.txt", "typo"],
    ],
)
def test_a_siglum_that_is_none_is_named(arguments: list[str], place: Path) -> None:
    (place / "a.txt").write_text(BOOK, encoding="utf-8")
    assert mingtang("extract", "a.txt", "-o", "t")[0] == 0
    status, said = mingtang(*arguments)
    assert (status, said.count("\n")) == (2, 1), said
    assert "typo" in said


def test_only_what_a_witness_says_is_shown(place: Path) -> None:
    """A gloss of another witness is none of it."""
    found = CliRunner().invoke(app, ["show", "百會", "--json", "-w", "jiayi-j3"]).output
    assert {said["witness"] for group in json.loads(found).values() for said in group} == {
        "jiayi-j3"
    }
