import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.commands.cli import app
from pipeline.knowledge.tables import home
from pipeline.model import Coverage, Diagnostic, Result, Spec
from pipeline.sources.read import read
from pipeline.sources.recognise import recognise, script, sources

TEXT = "上星一穴，在颅上，直鼻中央。刺入三分，灸三壮。\n"
MANIFEST = """
[[witness]]
siglum = "own"
work = "jiayi"
title = "題"
edition = ""
file = "texts/a.txt"
format = "plain"
grammar = "jiayi"
script = "hans"
licence = ""
origin = ""
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> list[Spec]:
    """A pipeline that finds one error and one warning in each source; the specs it was given."""
    given: list[Spec] = []

    def pretend(specs: Sequence[Spec]) -> Result:
        given.extend(specs)
        witnesses = tuple(map(read, specs))
        return Result(
            witnesses=witnesses,
            coverage=tuple(Coverage(w.spec.siglum, 0, 7, "unparsed") for w in witnesses),
            diagnostics=tuple(
                Diagnostic("a-rule", severity, "look here", w.spec.siglum, 2, 3)
                for w in witnesses
                for severity in ("error", "warning")
            ),
        )

    monkeypatch.setattr("pipeline.commands.cli.run", pretend)
    return given


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a manifest and its text, and the working directory in it."""
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "witnesses.toml").write_text(MANIFEST, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_extract_writes_tables_and_a_summary(run: list[Spec], folder: Path) -> None:
    status, out, err = call("extract", ".", "-o", "tables")
    assert status == 0
    assert (folder / "tables" / "coverage.csv").is_file()
    row = next(line for line in out.splitlines() if "own" in line)
    assert row.split() == ["own", "0", "0", "0", "0", "7", "1", "1"]
    assert out.endswith("\n0 entries; all tables are in tables\n")
    assert "texts/a.txt:1:3: error[a-rule]: look here" in err
    assert "warning[" not in err


def test_extract_writes_only_the_formats_asked_for(run: list[Spec], folder: Path) -> None:
    assert call("extract", ".", "-o", "t", "--format", "csv")[0] == 0
    assert not list((folder / "t").glob("*.parquet"))
    assert call("extract", ".", "-o", "t", "--format", "xml")[0] == 2
    code, _, err = call("extract", ".", "-o", "t", "--format", "markdown")
    assert code == 2
    assert "--layout names the layout of a source" in " ".join(err.replace("│", " ").split())
    assert call("extract", ".", "-o", "t", "--format", "xlsx")[0] == 0
    assert {p.name for p in (folder / "t").glob("*.*")} == {
        "tables.xlsx",
        "claims.jsonld",
        "datapackage.json",
        "manifest.json",
    }


def test_strict_makes_errors_count(run: list[Spec], folder: Path) -> None:
    assert call("extract", ".", "-o", "t", "--strict")[0] == 1
    assert call("check", ".", "--strict")[0] == 1
    assert call("check", ".")[0] == 0


def test_check_shows_everything_and_writes_nothing(run: list[Spec], folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    _, out, _ = call("check", ".")
    assert "error[a-rule]" in out
    assert "warning[a-rule]" in out
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("command", [("check",), ("extract", "-o", "t")])
def test_json_is_json_alone(run: list[Spec], folder: Path, command: tuple[str, ...]) -> None:
    status, out, err = call(*command, ".", "--json")
    document = json.loads(out)
    assert (status, err) == (0, "")
    assert document["summary"][0]["unparsed"] == 7
    assert [d["severity"] for d in document["diagnostics"]] == ["error", "warning"]
    assert document["diagnostics"][0]["column"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("check", "nowhere"), "nowhere: no such file or folder"),
        (("check", ".", "--witness", "other"), "no witness 'other'; there are own"),
        (("check", "broken"), "witnesses.toml"),
        (("check", "lost"), "no such file (witness own)"),
        (("check", "strange"), "format 'scroll' is none of"),
        (("check", "empty"), "holds neither witnesses.toml nor"),
        (("check", ".", "bytes.txt"), "bytes.txt"),
        (("check", ".", "--encoding", "klingon"), "klingon"),
        (("check", "texts/a.txt", "twin/a.txt", "twin/b/a.txt"), "stands for two files"),
        (("extract", ".", "-o", "texts/a.txt"), "texts/a.txt"),
        (("normalize", "nowhere.txt"), "nowhere.txt"),
    ],
)
def test_misuse_is_told_in_one_line(
    run: list[Spec], folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    for name in ("broken", "lost", "strange", "empty", "twin/b"):
        (folder / name).mkdir(parents=True)
    (folder / "broken" / "witnesses.toml").write_text("[[witness", encoding="utf-8")
    (folder / "lost" / "witnesses.toml").write_text(MANIFEST, encoding="utf-8")
    strange = MANIFEST.replace('"plain"', '"scroll"')
    (folder / "strange" / "witnesses.toml").write_text(strange, encoding="utf-8")
    (folder / "bytes.txt").write_bytes(b"\xe4\xb8\x8a\xff\xff\x00" * 9)
    (folder / "twin" / "a.txt").write_text("囟会，在上星后一寸。", encoding="utf-8")
    (folder / "twin" / "b" / "a.txt").write_text("前顶，在囟会后。", encoding="utf-8")
    status, out, err = call(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("mingtang: ")
    assert err.count("\n") == 1
    assert message in err


def test_options_that_do_not_exist_are_misuse() -> None:
    assert call("extract", "--nonsense")[0] == 2
    assert call("parse-everything")[0] == 2


def test_a_file_is_the_witness_the_manifest_says(run: list[Spec], folder: Path) -> None:
    (folder / "copy.txt").write_text(TEXT, encoding="utf-8")
    call("check", "texts/a.txt")
    call("check", "copy.txt")
    assert [(s.siglum, s.path) for s in run] == [
        ("own", folder / "texts" / "a.txt"),
        ("own", Path("copy.txt")),
    ]


def test_a_file_no_manifest_names_is_recognised(run: list[Spec], folder: Path) -> None:
    (folder / "卷 三.txt").write_bytes("<篇名>头直鼻中\n属性：上星一穴，在颅上".encode("gb18030"))
    call("check", "卷 三.txt")
    (spec,) = run
    assert (spec.siglum, spec.name, spec.format, spec.grammar, spec.script) == (
        "卷-三",
        "卷 三.txt",
        "tagged",
        "jiayi",
        "hans",
    )


def test_a_folder_without_manifest_means_its_texts(run: list[Spec], folder: Path) -> None:
    (folder / "texts" / "b.md").write_text("# 題\n上星", encoding="utf-8")
    (folder / "texts" / "c.pdf").write_bytes(b"")
    call("check", "texts")
    assert [(s.siglum, s.format) for s in run] == [("own", "plain"), ("b", "markdown")]


def test_paths_that_mean_one_file_twice_are_read_once(run: list[Spec], folder: Path) -> None:
    call("check", ".", "witnesses.toml", "texts/a.txt")
    assert [s.siglum for s in run] == ["own"]


def test_encoding_overrules(run: list[Spec], folder: Path) -> None:
    call("check", ".", "--encoding", "big5hkscs")
    call("check", "texts/a.txt", "--encoding", "utf-8")
    assert [s.encoding for s in run] == ["big5hkscs", "utf-8"]


def test_the_corpus_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    expected = ["jiayi-j3", "jiayi", "suwen-wang", "suwen-zhijie", "wiki-ki"]
    assert [s.siglum for s in sources([])] == expected
    assert sources([Path("corpus")]) == sources([home() / "corpus"]) == sources([])


def test_shipped_sources_are_recognised() -> None:
    for spec in sources([]):
        text = read(spec).text
        assert recognise(text).format == spec.format
        assert script(text) == spec.script, spec.siglum


def test_normalize_prints_the_text_or_the_log(folder: Path) -> None:
    (folder / "b.txt").write_text("上星,灸三壮\t。\n", encoding="utf-8")
    assert call("normalize", "b.txt")[1].startswith("上星，灸三")
    head, *log = call("normalize", "b.txt", "--log")[1].splitlines()
    assert head.split("\t") == ["start", "end", "before", "after", "rule"]
    cells = [line.split("\t") for line in log]
    assert ["2", "3", ",", "，", "sign"] in cells
    assert ["6", "7", r"\t", "", "blank"] in cells


def test_help_has_examples() -> None:
    for command in ("extract", "check", "normalize"):
        assert f"\n    mingtang {command} " in call(command, "--help")[1]
    assert "extract" in call("--help")[1]


def test_version() -> None:
    assert call("--version")[1].startswith("mingtang ")


LOST = "# 頭凡一穴第一\n\n神庭，在髮際□直□鼻，□刺入三分□，灸三壯□。\n"


def checked(tmp_path: Path, text: str, *options: str) -> str:
    path = tmp_path / "t.txt"
    path.write_text(text, encoding="utf-8")
    status, out, _ = call("check", str(path), *options)
    assert status == 0
    return out


def test_three_of_each_rule_are_shown_and_all_where_asked(tmp_path: Path) -> None:
    assert checked(tmp_path, LOST).count("a glyph is lost") == 3
    assert "2 more of 5; --rule glyph-lost --all" in checked(tmp_path, LOST)
    assert checked(tmp_path, LOST, "--all").count("a glyph is lost") == 5


def test_rules_and_severities_are_chosen(tmp_path: Path) -> None:
    assert "glyph-lost" not in checked(tmp_path, LOST, "--severity", "error")
    assert "glyph-lost" not in checked(tmp_path, LOST, "--rule", "name-unknown")
    assert call("check", "--severity", "grave")[0] == 2


def test_it_is_said_what_a_file_was_taken_for(tmp_path: Path) -> None:
    out = checked(tmp_path, "氣府論篇第五十九\n\n兩眉頭各一（謂攢竹穴也。在眉頭陷者中。）\n")
    assert "t.txt: layout plain, grammar suwen_sbck (cues: 1 of suwen_sbck), script hant" in out


def test_an_entry_is_named_by_what_stands_in_it(tmp_path: Path) -> None:
    document = json.loads(checked(tmp_path, LOST, "--json"))
    assert {d["entry_id"] for d in document["diagnostics"]} == {"t/01/001"}


@pytest.mark.parametrize(
    ("siglum", "word", "listed", "line"),
    [
        ("jiayi-j3", "神庭", "jiayi-j3/01/001  神庭 → 神庭 GV24", "moxa  灸三壯"),
        ("suwen-wang", "GV24", "suwen-wang/15.3/001  神庭 → 神庭 GV24", "moxa  可灸三壯"),
        (
            "suwen-zhijie", "下關", "suwen-zhijie/58/18  下关二穴。 → 下關 ST7", "POINT  下關",
        ),
        ("wiki-ki", "KI1", "wiki-ki/00/001  湧泉 → 湧泉 KI1", "OFFICE  井穴"),
    ],
)  # fmt: skip
def test_every_genre_lists_its_entries_and_shows_the_trees_of_one(
    siglum: str, word: str, listed: str, line: str
) -> None:
    code, out, _ = call("parse", siglum)
    assert (code, listed in out.splitlines()) == (0, True)
    code, out, _ = call("parse", siglum, "--entry", word)
    assert (code, listed in out.splitlines(), line in out.splitlines()) == (0, True, True)
    assert call("parse", siglum, "--entry", "無此")[0] == 2
