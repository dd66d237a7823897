"""The lexer of the parser: each terminal is compiled once, and tried where it can begin.

Lark's own builds for each state of the parser one expression of all terminals allowed there, which
holds the names of the points again and again, and tries it at each character. This one gives the
same tokens, except that words in which no cue begins are one TEXT.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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

IN_FREE = -1
"""The state of the parser behind free characters, where the next of them is not asked for."""

Patterns = Mapping[str, "regex.Pattern[str]"]
Way = tuple[str, Callable[[str, int, int], "regex.Match[str] | None"] | None]
"""A terminal and how it is matched; those that look back are searched for instead."""


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
        self.ways: dict[str, Way] = {}
        """By terminal its way, once there is something to read."""
        self.beginning: dict[tuple[int, str], Sequence[Way]] = {}
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
        chars, at, end = lexer_state.text.text, lexer_state.text.start, lexer_state.text.end
        if IN_FREE not in self.allowed:
            self.allowed[IN_FREE] = self._cues(parser_state)
        places: dict[str, tuple[int, int]] = {}
        while at < end:
            name, stop = self._here(parser_state.position, chars, at, end, places)
            if name == FREE:
                begin, at, name = at, stop, ""
                while at < end and not name:
                    name, stop = self._here(IN_FREE, chars, at, end, places)
                    at += not name
                yield Token(FREE, chars[begin:at], begin, end_pos=at)
                if not name:
                    return
            elif not name:
                raise UnexpectedCharacters(chars, at, 1, at)  # type: ignore[no-untyped-call]
            yield Token(name, chars[at:stop], at, end_pos=stop)
            at = stop

    def _cues(self, parser_state: ParserState[int]) -> tuple[str, ...]:
        """What ends a run of free characters: the parser is in one state after each."""
        actions = [row[FREE] for row in parser_state.parse_conf.states.values() if FREE in row]
        (state,) = {to for action, to in actions if action is Shift}
        return tuple(name for name in self.allowed[state] if name != FREE)

    def _here(
        self, state: int, chars: str, at: int, end: int, places: dict[str, tuple[int, int]]
    ) -> tuple[str, int]:
        """The first of the terminals of a state that stands at a place, and its end; ``places``:
        where those that look back stand next, as far as that was asked.
        """
        names = self.beginning.get((state, chars[at]))
        for name, match in self._begin(state, chars[at]) if names is None else names:
            if match is not None:
                if found := match(chars, at, end):
                    return name, found.end()
                continue
            start, stop = places.get(name, NOWHERE)
            if start < at:
                ahead = self.patterns[name].search(chars, at, end)
                start, stop = places[name] = ahead.span() if ahead else (end, end)
            if start == at:
                return name, stop
        return "", at

    def _begin(self, state: int, char: str) -> Sequence[Way]:
        """The terminals of a state that can begin with a character: most cannot, and to look for
        them in vain takes most of a lexer's time.
        """
        if not self.ways:
            self.ways = {
                name: (name, None if _looks_back(pattern) else pattern.match)
                for name, pattern in self.patterns.items()
            }
        found = tuple(
            self.ways[name] for name in self.allowed[state] if can_begin(self.patterns[name], char)
        )
        self.beginning[state, char] = found
        return found


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
