"""Lark parses bounded slices: one entry or one note at a time, with whole-document positions."""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path

import regex
from lark import Lark, Tree
from lark import __version__ as lark_version
from lark.exceptions import UnexpectedInput
from lark.lexer import Token
from lark.utils import TextSlice

from pipeline.knowledge import tables
from pipeline.knowledge.lexicon import alternatives, any_name, folded
from pipeline.knowledge.patterns import pattern, piece
from pipeline.knowledge.works import cited, works
from pipeline.reading import lexer as lexer_module
from pipeline.reading.cache import keep, recall
from pipeline.reading.lexer import Cues, Thread
from pipeline.text.slice import Slice

Node = Tree[Token] | Token


def expand(name: str) -> str:
    """A grammar with its named pieces put in: ``//let NAME = regex`` of itself and of common, and
    those of the table of patterns.

    >>> "<" in expand("common").split("// ---- Everything")[0].split("ISSUE.7:")[1].split()[0]
    False
    """
    pieces = {
        "CHANNEL_NAME": _channel_names(),
        "CITED": alternatives(cited()),
        "SIGLUM": alternatives(cited(short=True)),
        "TITLED": alternatives(form for form in cited() if works()[form].named),
        "UNTITLED": alternatives(form for form in cited() if not works()[form].named),
        "NAME": any_name(),
    }
    source = _with_blocks(tables.grammar(name))
    lets = tables.grammar("common") + ("" if name == "common" else source)
    for given, body in regex.findall(r"^//let (\w+) = (.*)$", lets, regex.M):
        pieces[given] = _substitute(body, pieces)
    return "\n".join(
        line if line.startswith("//") else _with_groups(_substitute(line, pieces))
        for line in source.split("\n")
    )


def _with_blocks(source: str) -> str:
    """A grammar with the rules of ``common`` that it uses, where it asks for that under names of
    their own (``//use doses as n_``).
    """
    block = r"^//block (\w+)\n((?:[a-z_]+:.*\n?)+)"
    blocks = dict(regex.findall(block, tables.grammar("common"), regex.M))

    def rules(use: regex.Match[str]) -> str:
        body, prefix = str(blocks[use[1]]), use[2]
        if prefix is None:
            return body
        body = regex.sub(r"\b(_?)([a-z]\w+)", rf"\1{prefix}\2", body)
        return regex.sub(rf"^({prefix}(\w+):.*)", r"\1 -> \2", body, flags=regex.M)

    return str(regex.sub(r"^//use (\w+)(?: as (\w+))?$", rules, source, flags=regex.M))


def _substitute(text: str, pieces: dict[str, str]) -> str:
    return regex.sub(r"<([A-Z_]+)>", lambda m: pieces.get(m[1]) or piece(m[1]), text)


def _with_groups(line: str) -> str:
    """A terminal whose named groups are its own: Lark's lexers make one expression of all."""
    terminal = line.partition(":")[0].partition(".")[0]
    return str(regex.sub(r"(?<=\(\?(?:P<|&))[a-z]+(?=[>)])", rf"\g<0>_{terminal}", line))


def _channel_names() -> str:
    names = {row["name"] for row in tables.table("authority/channels.tsv")}
    # The twelve regular channels are spelled out in the grammar, where 應手 is told apart.
    regular = pattern("regular-name")
    return alternatives(folded(n) for n in names if len(n) > 1 and not regular.fullmatch(n))


@cache
def parser(name: str, start: str) -> Lark:
    """The parser of a grammar for one of its start rules, ``entry`` or ``note``.

    Each has its own: sharing states would offer the words of one to the other. It is kept on disk,
    with its terminals compiled: making it takes a hundred times as long as reading it back.
    """
    place, key = f"{name}-{start}", _key(name, start)
    kept = recall(place, key)
    if kept is not None:
        # Pickles of other releases have other keys; what still cannot be read is made anew.
        with suppress(Exception):
            return _read(BytesIO(kept))
    made = build(name, start, ContextualLexer=Cues)
    lexer(made).patterns = lexer(made).compile()
    file = BytesIO()
    made.save(file)
    pickle.dump(lexer(made).patterns, file, pickle.HIGHEST_PROTOCOL)
    keep(place, key, file.getvalue())
    return made


def build(name: str, start: str, **plugins: type) -> Lark:
    """A parser made anew, with parts of Lark's replaced by ours."""
    return Lark(
        _whole(name),
        parser="lalr",
        lexer="contextual",
        start=start,
        regex=True,
        maybe_placeholders=False,
        _plugins={"LexerThread": Thread, **plugins},
    )


def terminal(name: str, start: str, kind: str) -> regex.Pattern[str]:
    """A terminal of a grammar by itself."""
    return lexer(parser(name, start)).patterns[kind]


def lexer(lark: Lark) -> Cues:
    """The lexer of a parser."""
    found = lark.parser.lexer
    assert isinstance(found, Cues)
    return found


def _read(file: BytesIO) -> Lark:
    lark = Lark.load(file)
    lexer(lark).patterns = pickle.load(file)
    return lark


def _key(name: str, start: str) -> bytes:
    """What a parser is made from: grammar and tables (the words are in it), programs."""
    programs = (sys.version, lark_version, regex.__version__)
    sources = (Path(__file__), Path(lexer_module.__file__))
    parts = [start, _whole(name), *programs, *(p.read_text(encoding="utf-8") for p in sources)]
    return hashlib.sha256("\0".join(parts).encode()).digest()


@cache
def starts(name: str) -> tuple[str, ...]:
    """The start rules of a grammar."""
    return tuple(map(str, regex.findall(r"^(entry|note):", expand(name), regex.M)))


@cache
def _whole(name: str) -> str:
    """A grammar as one text: Lark reads imports from files, where the pieces are not put in."""
    common = {
        line.split(":", 1)[0].split(".")[0].strip(): line
        for line in expand("common").split("\n")
        if regex.match(r"[A-Z_]+(?:\.-?\d+)?:", line)
    }

    def inline(match: regex.Match[str]) -> str:
        return "\n".join(common[n.strip()] for n in match.group(1).split(","))

    return str(regex.sub(r"^%import \.common \(([^)]*)\)$", inline, expand(name), flags=regex.M))


REACH = 40
"""How many characters before the place of failure the failed clause can begin."""


Parsed = tuple[Slice, Tree[Token]]
_seen: ContextVar[list[Parsed] | None] = ContextVar("_seen", default=None)


@contextmanager
def watched() -> Iterator[list[Parsed]]:
    """The trees that are made meanwhile, each with the words it is of."""
    seen: list[Parsed] = []
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


def parse(grammar: str, start: str, where: Slice) -> tuple[Tree[Token], list[tuple[int, int]]]:
    """The tree of a slice and the spans that no rule understood.

    A clause that cannot be parsed costs itself: what stands before it is kept, and the parse takes
    up again where it failed (刺入一寸五，留七呼 without 分 loses the depth, nothing else).
    """
    chars, begin, end = where.layer.chars, where.start, where.end
    tree: Tree[Token] = Tree(start, [])
    failed: list[tuple[int, int]] = []
    lark = parser(grammar, start)
    while begin < end:
        try:
            tree.children += lark.parse(TextSlice(chars, begin, end)).children
            break
        except UnexpectedInput as error:
            at = _failure(error, begin, end)
            for clause in range(at, max(begin, at - REACH) - 1, -1):
                head = _try(lark, chars, begin, clause)
                if head is not None:
                    break
            tree.children += head.children if head else []
            failed.append((clause, max(at, clause + 1)))
            begin = failed[-1][1]
    seen = _seen.get()
    if seen is not None:
        seen.append((where, tree))
    return tree, failed


def _failure(error: UnexpectedInput, begin: int, end: int) -> int:
    """Where a parse failed; at the end of the slice where it ended too early."""
    token = getattr(error, "token", None)
    at = end if token is not None and token.type == "$END" else error.pos_in_stream
    return min(max(at if at is not None else begin, begin), end)


def _try(lark: Lark, chars: str, begin: int, end: int) -> Tree[Token] | None:
    try:
        return lark.parse(TextSlice(chars, begin, end)) if begin < end else Tree("", [])
    except UnexpectedInput:
        return None


# --- trees ---------------------------------------------------------------------------------------


def bounds(node: Node) -> tuple[int, int]:
    """Where a node stands: every token of a clause is kept in its tree, so its ends are theirs."""
    first = last = node
    while isinstance(first, Tree):
        first = first.children[0]
    while isinstance(last, Tree):
        last = last.children[-1]
    assert first.start_pos is not None and last.end_pos is not None
    return first.start_pos, last.end_pos


def rule_of(node: Node) -> str:
    """The rule or the kind of token that a node is."""
    return node.type if isinstance(node, Token) else str(node.data)


def tokens(tree: Tree[Token], kind: str) -> list[Token]:
    """The direct tokens of a kind in a clause."""
    return [t for t in tree.children if isinstance(t, Token) and t.type == kind]
