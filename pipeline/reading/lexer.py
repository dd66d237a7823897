"""The lexer of the parser: each terminal of a grammar is compiled once and looked for ahead.

Lark's own builds for each state of the parser one expression of all terminals allowed there, which
holds the names of the points again and again, and tries it at each character. This one gives the
same tokens, except that words in which no cue begins are one TEXT.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from math import inf
from typing import Any

import regex
from lark.common import LexerConf
from lark.exceptions import GrammarError, UnexpectedCharacters
from lark.lexer import Lexer, LexerState, LexerThread, LineCounter, TerminalDef, Token
from lark.parsers.lalr_analysis import Shift
from lark.parsers.lalr_parser_state import ParserState
from lark.utils import TextSlice

FREE = "TEXT"
"""The terminal that takes a character where nothing else begins."""

Patterns = Mapping[str, "regex.Pattern[str]"]


class Thread(LexerThread):
    """Begins a slice where it begins: Lark counts lines from the beginning of the document for
    each slice, which nobody here asks for and which makes a long text take the square of its time.
    """

    @classmethod
    def from_text(cls, lexer: Lexer, text_or_slice: str | TextSlice[str]) -> Thread:
        """A lexer at the beginning of a slice."""
        text = TextSlice.cast_from(text_or_slice)
        lines = LineCounter("\n")  # type: ignore[no-untyped-call]
        lines.char_pos = text.start
        return cls(lexer, LexerState(text, lines))


class Cues(Lexer):
    """Tokens of a slice, by what the state of the parser allows, in Lark's order of terminals."""

    def __init__(
        self, conf: LexerConf, states: Mapping[int, Collection[str]], always_accept: Any = ()
    ):
        self.terminals = conf.terminals_by_name
        self.patterns: Patterns = {}
        """Each terminal, compiled, once there is something to read."""
        self.cues: Sequence[str] | None = None
        self.beginning: dict[tuple[int, str], Sequence[str]] = {}
        """By state and character the terminals that can begin there, as far as that was asked."""
        order = sorted(
            conf.terminals,
            key=lambda t: (-t.priority, -_width(t)[1], -len(t.pattern.value), t.name),
        )
        names = [terminal.name for terminal in order]
        self.allowed = {
            state: tuple(name for name in names if name in accepted)
            for state, accepted in states.items()
        }

    def compile(self) -> Patterns:
        """Each terminal, compiled."""
        made = {name: regex.compile(t.pattern.to_regexp()) for name, t in self.terminals.items()}
        for name, terminal in self.terminals.items():
            least, _ = _width(terminal)
            if least == 0 or made[name].match(""):
                raise GrammarError(f"terminal {name} can be empty")
        return made

    def lex(self, lexer_state: LexerState, parser_state: ParserState[int]) -> Iterator[Token]:
        """The tokens of a slice, without line and column."""
        text = lexer_state.text
        ahead = _Ahead(self.patterns, text.text, text.end)
        cues = self._cues(parser_state)
        at = text.start
        while at < text.end:
            key = parser_state.position, text.text[at]
            names = self.beginning.get(key) or self._begin(*key)
            name, stop = ahead.here(names, at)
            if name == FREE:
                following, stop = ahead.next(cues, stop)
                yield _token(FREE, text.text, at, stop)
                if not following:
                    return
                name, at, stop = following, *ahead.places[following]
            elif not name:
                raise UnexpectedCharacters(text.text, at, 1, at)  # type: ignore[no-untyped-call]
            yield _token(name, text.text, at, stop)
            at = stop

    def _begin(self, state: int, char: str) -> Sequence[str]:
        """The terminals of a state that can begin with a character: most cannot, and to look for
        them in vain takes most of a lexer's time.
        """
        found = tuple(name for name in self.allowed[state] if can_begin(self.patterns[name], char))
        self.beginning[state, char] = found
        return found

    def _cues(self, parser_state: ParserState[int]) -> Sequence[str]:
        """What ends a run of free characters: the parser is in one state after each."""
        if self.cues is None:
            actions = [row[FREE] for row in parser_state.parse_conf.states.values() if FREE in row]
            (state,) = {to for action, to in actions if action is Shift}
            self.cues = tuple(name for name in self.allowed[state] if name != FREE)
        return self.cues


class _Ahead:
    """Where each terminal stands next in a slice, as far as that was asked."""

    def __init__(self, patterns: Patterns, chars: str, end: int):
        self.patterns = patterns
        self.chars = chars
        self.end = end
        self.places: dict[str, tuple[int, int]] = {}

    def here(self, names: Sequence[str], at: int) -> tuple[str, int]:
        """The first of the terminals that stands at a place, and its end."""
        for name in names:
            start, stop = self.places.get(name, NOWHERE)
            if start == at:
                return name, stop
            if start < at and (match := self.patterns[name].match(self.chars, at, self.end)):
                return name, match.end()
        return "", at

    def next(self, names: Sequence[str], at: int) -> tuple[str, int]:
        """The first of the terminals that stands at a place or after it, and its beginning."""
        first, nearest = "", self.end
        for name in names:
            start, _ = self.places.get(name, NOWHERE)
            if start < at:
                match = self.patterns[name].search(self.chars, at, self.end)
                start, _ = self.places[name] = match.span() if match else (self.end, self.end)
            if start < nearest:
                first, nearest = name, start
        return first, nearest


NOWHERE = (-1, -1)


@lru_cache(maxsize=8192)  # of a book of 6 MB there are ten times as many
def can_begin(terminal: regex.Pattern[str], char: str) -> bool:
    """Whether a terminal can begin with a character, whatever is around; yes, if it looks back."""
    return _looks_back(terminal) or terminal.fullmatch(char, partial=True) is not None


@cache
def _looks_back(terminal: regex.Pattern[str]) -> bool:
    return "(?<=" in terminal.pattern


def _width(terminal: TerminalDef) -> tuple[int, float]:
    """The least and the most that a terminal takes. Where groups are called, Lark would compile it
    to tell the same.
    """
    if "(?&" in terminal.pattern.value:
        return 1, inf
    return terminal.pattern.min_width, terminal.pattern.max_width


def _token(name: str, chars: str, start: int, end: int) -> Token:
    return Token(name, chars[start:end], start, end_pos=end)
