"""The lexer: the tokens of Lark's own, with free characters that touch taken together."""

from __future__ import annotations

import pytest
import regex
from lark import Tree
from lark.exceptions import GrammarError
from lark.lexer import Token
from lark.utils import TextSlice

from pipeline.knowledge.tables import home
from pipeline.reading.lexer import can_begin
from pipeline.reading.parse import build, lexer, parser, starts
from pipeline.reading.segment import segment_jiayi
from pipeline.sources.normalize import normalize
from tests import corpus

GRAMMARS = sorted(p.stem for p in (home() / "grammars").glob("*.lark") if p.stem != "common")


def leaves(tree: Tree[Token]) -> list[tuple[str, str, int | None]]:
    """The tokens of a tree, one after the other, free characters that touch taken together."""
    found: list[tuple[str, str, int | None]] = []
    for token in tree.scan_values(lambda _: True):
        kind, text, start = found[-1] if found else ("", "", 0)
        if token.type == kind == "TEXT" and (start or 0) + len(text) == token.start_pos:
            found[-1] = (kind, text + token, start)
        else:
            found.append((token.type, str(token), token.start_pos))
    return found


@pytest.mark.parametrize("start", ["entry", "note"])
def test_tokens_are_those_of_larks_own_lexer(start: str) -> None:
    witness = corpus.result("jiayi-j3").witnesses[0]
    text, _ = normalize(witness)
    segments, _ = segment_jiayi(text, "", "")
    slices = (
        [(segments.main.chars, e.head[1], e.end) for e in segments.entries]
        if start == "entry"
        else [(text.chars, n.start, n.end) for n in segments.notes]
    )
    own, other = parser("jiayi", start), build("jiayi", start)
    for chars, a, b in slices:
        part = TextSlice(chars, a, b)
        assert leaves(own.parse(part)) == leaves(other.parse(part)), chars[a:b]


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_no_word_is_claimed_by_an_expression_of_its_rank(grammar: str) -> None:
    """Lark takes 寸 for INCH even where an expression of the same rank matches it; the lexer here
    knows no such rule.
    """
    for start in starts(grammar):
        terminals = parser(grammar, start).terminals
        words = [t for t in terminals if t.pattern.type == "str"]
        for name, pattern in lexer(parser(grammar, start)).patterns.items():
            rank = next(t.priority for t in terminals if t.name == name)
            claimed = {
                t.name for t in words if t.priority == rank and pattern.fullmatch(t.pattern.value)
            }
            assert claimed <= {name}


def test_a_terminal_that_can_be_empty_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "pipeline.reading.parse._whole", lambda name: "entry: (A | TEXT)*\nA: /也*/\nTEXT: /./"
    )
    with pytest.raises(GrammarError, match="A can be empty"):
        parser("empty", "entry")


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_a_terminal_is_left_out_only_where_it_cannot_begin(grammar: str) -> None:
    """All that a terminal finds in 卷三 and in the commentary begins with a character that it is
    asked about.
    """
    texts = [normalize(corpus.witness(name))[0].chars for name in ("jiayi-j3", "suwen-wang")]
    for start in starts(grammar):
        for name, pattern in lexer(parser(grammar, start)).patterns.items():
            begins = {match[0][0] for text in texts for match in pattern.finditer(text)}
            assert {char for char in begins if not can_begin(pattern, char)} == set(), name


def test_a_terminal_that_looks_back_is_asked_everywhere() -> None:
    assert not can_begin(regex.compile("[刺鍼]入"), "灸")
    assert can_begin(regex.compile("(?<=可)[刺鍼]入"), "灸")
