"""Chinese for people: every message has it, no message is left over, and tables never have it."""

from __future__ import annotations

import ast
import gettext
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import typer
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from pipeline.commands.cli import READ_AS, SUMMARY, app
from pipeline.commands.speech import sentence
from pipeline.compare.difference import SEVERITY
from pipeline.compare.display import DOSES
from pipeline.compare.show import ACTS, BOOK
from pipeline.judging.cite import RANK
from pipeline.judging.diagnostics import GRAVITY
from pipeline.knowledge.tables import home, rows
from pipeline.language import ALSO, DOMAIN, LOCALES, template, told, worded
from tests.cases import cases

FILE = LOCALES / "zh" / "LC_MESSAGES" / f"{DOMAIN}.po"
CODES = {row["code"] for row in rows(home() / "docs" / "diagnostics.tsv")}
PAGE = home() / "pipeline" / "compare" / "page.html"
PAGES = home() / "pipeline" / "site" / "templates"
SPEAKERS = {
    "any",
    "field",
    "help",
    "kinship",
    "names",
    "page",
    "recognised",
    "rule",
    "site",
    "skipped",
    "texts",
    "trouble",
    "usage",
}
"""What else speaks in sentences with values in them."""
NAMES = home() / "corpus" / "authority" / "names.tsv"
MANIFEST = home() / "corpus" / "witnesses.toml"
ENGLISH = re.compile(r"\b(?!mingtang |pip |datasette )[a-z]{2,} [a-z]{3,}\b")
"""Words after words: what was left untranslated, and no command, nor a list of names."""
TOLD = (
    *("work", "kind", "severity", "number", "witness", "read", "files", "characters", "cues"),
    *("outcome", "read", "nothing_of_ours", "skipped", "failed", "timed_out", "too_large"),
    *("table", "rows", "added", "changed", "removed", "renamed", "voice", "forbidden"),
    *("point", "note", "says of", "words", "there", "entry", "where", "illness", "points"),
    *("name", "aliases", "location", "channels", "shu", "phase", "role", "posture", "depth"),
    *(
        "remarks",
        "readings",
        "indications",
        "flags",
        "decided",
        "lemma",
        "warnings",
        "not forbidden",
    ),
    "see",
)
"""Heads and cells of tables on a terminal, which come from names and not from a sentence."""


def catalogue() -> list[Message]:
    with FILE.open("rb") as file:
        return [message for message in read_po(file, abort_invalid=True) if message.id]


MESSAGES = catalogue()


def fields(message: str) -> set[str]:
    return set(template(message).fields)


def test_a_message_has_its_translation_and_the_same_fields() -> None:
    for message in MESSAGES:
        assert isinstance(message.id, str) and isinstance(message.string, str)
        assert message.string and not message.fuzzy, message.id
        assert fields(message.id) == fields(message.string), message.id
        # No field stands twice in a message: what is found for one would be lost for the other.
        assert len(template(message.id).fields) == len(fields(message.id)), message.id


def test_contexts_are_codes_fields_and_speakers() -> None:
    found = {message.context for message in MESSAGES if message.context}
    meant = {context[1:-1] for context in found if context.startswith("{")}
    assert {context for context in found if not context.startswith("{")} == CODES | SPEAKERS
    named = set().union(*(fields(str(message.id)) for message in MESSAGES))
    assert meant <= named
    assert ALSO not in meant


# --- what is said ---------------------------------------------------------------------------------


def said_in_cases() -> Iterator[tuple[str, str]]:
    for case in cases("check.txt"):
        for line in case.expected.splitlines():
            if found := re.match(r"\S+ \w+\[([\w-]+)\] (.+)", line):
                yield found[1], found[2]


def said_in_goldens() -> Iterator[tuple[str, str]]:
    for path in sorted((home() / "tests" / "golden").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            for row in json.loads(line).values():
                if isinstance(row, dict) and {"rule", "message"} <= set(row):
                    yield row["rule"], row["message"]


def test_every_diagnostic_of_cases_and_goldens_is_chinese() -> None:
    found = {*said_in_cases(), *said_in_goldens()}
    assert len({code for code, _ in found}) > len(CODES) / 2
    left = [
        (code, english, chinese)
        for code, english in sorted(found)
        if (chinese := told(code, english, "zh")) == english or ENGLISH.search(chinese)
    ]
    assert left == []


def literals(path: Path) -> Iterator[tuple[str, bool]]:
    """The strings of a module that people may read, and whether it is a message: docstrings,
    and the documentation of columns, are none.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    raised = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
        for part in ast.walk(node.exc)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value, id(node) in raised


def modules(*rooms: str) -> list[Path]:
    found = (home() / "pipeline" / room for room in rooms)
    return [
        path for top in found for path in ([top] if top.is_file() else sorted(top.rglob("*.py")))
    ]


UNSAID = (
    "changed the length of a text",  # a wrong program
    "can be empty",
    "there is no piece",  # a wrong table
    "a blank stands in its place",  # evidence: a cell of the table of emendations
    "the witness has",
    "entries have notes there, all but",
    "of them here too",
    "the other has such a glyph only here",
    "also written",
    "the entry is truncated",
    "the name is damaged",
    "doubtful there",
    "the entry has no such dose",
    "no stage gives a",  # a wrong program
    "the other has such a glyph only here",
    "the words around agree, a line is lost",
    "page missing",  # words of a source
)


@pytest.mark.parametrize(
    "path",
    modules("disk.py", "knowledge", "sources", "text", "reading", "judging", "genres", "run.py"),
    ids=lambda path: path.stem,
)
def test_what_reading_says_is_in_the_catalogue(path: Path) -> None:
    known = "\n".join(str(message.id) for message in MESSAGES)
    kinds = "this is a picture, this is an archive, a compressed file"  # each of some format
    for words, _ in literals(path):
        bare = words.strip(" :;,.()")
        if re.search(r"[a-z]{2,} [a-z]{2,}", bare) and not any(u in bare for u in UNSAID):
            bare = bare.removeprefix("mingtang: skipped %r: ").removesuffix(", no text")
            assert bare in known or re.sub(r" \([\w .]+\)?$", "", bare) in kinds, words


@pytest.mark.parametrize("path", modules("commands", "publish", "library", "compare"))
def test_what_is_raised_is_in_the_catalogue(path: Path) -> None:
    known = "\n".join(str(message.id) for message in MESSAGES)
    for words, raised in literals(path):
        bare = words.strip(" :;,.()")
        if raised and re.search(r"[a-z]{2,} [a-z]{2,}", bare):
            assert bare in known or bare == "csv); extract again", words


def help_texts() -> Iterator[str]:
    program: Any = typer.main.get_command(app)
    context = program.make_context("mingtang", [], resilient_parsing=True)
    commands = [program.get_command(context, name) for name in program.list_commands(context)]
    for command in (program, *commands):
        yield from command.help.split("\n\n")
        for parameter in command.get_params(context):
            if getattr(parameter, "help", ""):
                yield parameter.help


def test_every_help_text_is_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "zh")
    for text in help_texts():
        chinese = sentence(text)
        assert chinese != " ".join(text.split()), text
        assert not ENGLISH.search(chinese), chinese


def called() -> set[str]:
    """What commands say through gettext."""
    found = set()
    for path in (*modules("commands"), home() / "pipeline" / "judging" / "diagnostics.py"):
        with path.open("rb") as file:
            found |= {
                str(message) for _, message, _, _ in extract("python", file, keywords={"_": None})
            }
    return found


def test_every_word_of_the_commands_is_in_the_catalogue_and_no_other() -> None:
    names = (*SUMMARY, *READ_AS, *GRAVITY, *RANK, *SEVERITY, *SEVERITY.values(), *ACTS, BOOK, *TOLD)
    assert {m.id for m in MESSAGES if not m.context} == called() | set(names)


def test_every_word_of_the_page_is_in_the_catalogue() -> None:
    words = re.findall(r"\bt\(\"([^\"]+)\"\)", PAGE.read_text(encoding="utf-8"))
    assert len(words) > 10
    assert [w for w in words if told("page", w, "zh") == w] == []


def test_what_pages_show_of_texts_names_and_codes_is_chinese() -> None:
    """Whatever the manifest says of a text, and the table of names of a name."""
    manifest = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))
    texts = [one for held in manifest.values() for one in held]
    said = {one[name] for one in texts for name in ("edition", "licence", "origin")}
    assert {text for text in said if told("texts", text, "zh") == text} == set()
    reasons = {row["reason"] for row in rows(NAMES)}
    said = {SIGLA.sub("", worded("names", reason, "zh")) for reason in reasons}
    assert {words for words in said if re.search("[a-z]{2}", words)} == set()
    assert {code for code in CODES if told("site", code, "zh") == code} == set()


SIGLA = re.compile(r"suwen-wang|wiki-ki")


def test_no_message_is_stale() -> None:
    """The words between the fields of a message are those of the program, or of its libraries."""
    files = [*(home() / "pipeline").rglob("*.py"), PAGE, *PAGES.glob("*.html"), NAMES, MANIFEST]
    ours = [path.read_text(encoding="utf-8") for path in files]
    theirs = [p.read_text(encoding="utf-8") for p in Path(typer.__file__).parent.rglob("*.py")]
    said = re.sub(r"\"\s*\n\s*f?\"", "", "\n".join([*ours, *theirs]))
    said += said.replace("_", " ")  # names of values, as pages show them
    said = re.sub(r"\s+", " ", said.replace("\\'", "'").replace("\\ufffd", "\ufffd"))
    elsewhere = "|".join(map(re.escape, OF_THE_SYSTEM))
    stale = [
        (message.context, message.id, words)
        for message in MESSAGES
        if not re.fullmatch(elsewhere, str(message.id))
        for between in template(str(message.id)).words
        for words in re.split("[:;] ", between)
        if (bare := words.strip(" :;,.()[]'")) not in JOINED and bare not in said
    ]
    assert stale == []


OF_THE_SYSTEM = (
    *("No such file or directory", "Permission denied", "Is a directory", "Not a directory"),
    *("File exists", "No space left on device", "Read-only file system"),
)
THREE = ("needling", "retention", "moxa")
JOINED = {
    *(" and ".join(acts) for n in (2, 3) for acts in combinations(THREE, n)),
    *(f"{end}{name}" for name, _, end in DOSES.values()),
}
"""Words that the program puts together: least depth."""


# --- in which language ----------------------------------------------------------------------------


def mingtang(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    code = "from pipeline.commands.start import main; main()"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    given = {"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1", "COLUMNS": "80", **environment}
    return subprocess.run(
        command, cwd=home(), env=given, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("environment", "options", "speaks"),
    [
        ({}, [], "no such file"),
        ({"LANG": "zh_TW.UTF-8"}, [], "無此檔案"),
        ({"LANG": "zh_CN.GB18030"}, [], "無此檔案"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_HK"}, [], "無此檔案"),
        ({"LANG": "zh_TW.UTF-8", "LC_ALL": "C"}, [], "no such file"),
        ({"LANG": "zh_TW.UTF-8"}, ["--lang", "en"], "no such file"),
        ({"LANG": "ja_JP.UTF-8"}, [], "no such file"),
        ({}, ["--lang=zh"], "無此檔案"),
    ],
)
def test_language_is_that_of_the_option_or_the_locale(
    environment: dict[str, str], options: list[str], speaks: str
) -> None:
    done = mingtang("check", "absent.txt", *options, **environment)
    assert (done.returncode, speaks in done.stderr) == (2, True), done.stderr


def test_a_wrong_command_line_is_explained() -> None:
    done = mingtang("sample", "-n", "0", "--lang", "zh")
    assert done.returncode == 2
    assert done.stderr.startswith("用法：")
    assert done.stderr.endswith("錯誤：'-n' 之值不合：0 不在 x>=1 之內\n")
    assert "無此選項：--bogus" in mingtang("--lang", "zh", "check", "--bogus").stderr
    assert "'fr'" in mingtang("check", "--lang", "fr").stderr


def test_a_check_and_its_tables(tmp_path: Path) -> None:
    """What is shown is Chinese; JSON and tables are the same bytes in every language."""
    source = home() / "corpus" / "jiayi" / "001_22ee83bfdcec024b.txt"
    for language in ("en", "zh"):
        done = mingtang("extract", source, "-o", tmp_path / language, "--lang", language)
        assert done.returncode == 0, done.stderr
    assert "328 條；各表皆在" in done.stdout
    assert "錯誤[section-missing]: 缺第 24–28 篇：第 23 篇後接第 29 篇" in done.stderr
    names = {path.name for path in (tmp_path / "en").iterdir()}
    assert "issues.csv" in names
    for name in names:
        one, other = ((tmp_path / language / name).read_bytes() for language in ("en", "zh"))
        assert one == other, name
    shown = mingtang("check", source, "--lang", "zh").stdout
    messages = [line for line in shown.splitlines() if re.match(r"\S+:\d+:\d+: ", line)]
    assert len(messages) > 10
    assert not [line for line in messages if ENGLISH.search(line)]
    for language in ("en", "zh"):
        found = mingtang("check", source, "--json", "--lang", language).stdout
        assert "sections 24–28 are missing" in found


def test_catalogue_is_read_with_gettext() -> None:
    """Python's own gettext finds and reads it, so other programs can."""
    found = gettext.translation(DOMAIN, LOCALES, ["zh_TW.UTF-8"])
    assert found.gettext("error") == "錯誤"
    with (LOCALES / "zh" / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
        assert len(gettext.GNUTranslations(file)._catalog) == len(MESSAGES) + 1  # type: ignore[attr-defined]
