"""Every regular expression of the program, the texts that are worst for it, and the steps it takes.

A compiled expression does not tell how often it tried. So a small matcher of our own walks its
parse tree and counts each look at a character, going all the ways that a backtracking engine has
to go where nothing matches; what an engine spares by cleverness it does not spare.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

import regex

import pipeline
from pipeline.knowledge import patterns
from pipeline.knowledge.tables import home
from pipeline.reading.parse import parser, starts

tree_of: Callable[[str, int], Any] = vars(re)["_parser"].parse
sre: Any = vars(re)["_constants"]

# --- the expressions ------------------------------------------------------------------------------

METHODS = {"compile", "search", "match", "fullmatch", "finditer", "findall", "sub", "split"}


class Expression(NamedTuple):
    """An expression; whether ^ and $ mean lines in it; whether it is only tried where a text begins
    (``match``), not searched for.
    """

    words: str
    lines: bool = False
    once: bool = False


def grammars() -> list[str]:
    """The names of the grammars that have a start."""
    return sorted(p.stem for p in (home() / "grammars").glob("*.lark") if starts(p.stem))


def terminals(grammar: str) -> dict[Expression, str]:
    """The terminals of a grammar as Lark compiles them, with their names."""
    return {
        Expression(without_calls(terminal.pattern.to_regexp())): terminal.name
        for start in starts(grammar)
        for terminal in parser(grammar, start).terminals
    }


def without_calls(words: str) -> str:
    """An expression with a group written out wherever it is called, which Python's own parser of
    expressions does not know.

    >>> without_calls("(?P<a>十(?P<b>[一二]))、(?&a)(?&b)")
    '(?P<a>十(?P<b>[一二]))、(?:十(?:[一二]))(?:[一二])'
    """
    group = regex.compile(r"(\((?:[^()]++|(?1))*+\))")
    for name in reversed(re.findall(r"\(\?P<(\w+)>", words)):
        found = group.match(words, words.index(f"(?P<{name}>"))
        assert found is not None
        body = re.sub(r"\(\?P<\w+>", "(?:", found[0])
        words = words.replace(f"(?&{name})", body)
    return words


def named() -> dict[str, Expression]:
    """The patterns of the table, and in the place of what the program gives them a character."""
    found = {}
    for name in filter(str.islower, patterns.rows()):
        words = patterns.GIVEN.sub(FILLER, patterns.written(name))
        once = {method for _, method in asked()[name]} <= {"match", "fullmatch"}
        found[name] = Expression(words.removeprefix("(?m)"), words.startswith("(?m)"), once)
    return found


@cache
def asked() -> dict[str, set[tuple[str, str]]]:
    """The patterns that the program asks for: the rooms that ask, and for which method of it; for
    none where it is one of several.
    """
    found: dict[str, set[tuple[str, str]]] = {}
    for file in sorted((home() / "pipeline").rglob("*.py")):
        room = file.relative_to(home() / "pipeline").parts[0]
        nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        methods = {id(node.value): node.attr for node in nodes if isinstance(node, ast.Attribute)}
        for node in nodes:
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("pattern", "written"):
                name = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
                if isinstance(name, str):
                    found.setdefault(name, set()).add((room, methods.get(id(node), "")))
    return found


def modules() -> list[str]:
    """The modules of the program that have regular expressions."""
    names = [info.name for info in pkgutil.walk_packages(pipeline.__path__, "pipeline.")]
    return [name for name in names if not name.endswith("__main__") and written(name)]


@cache
def written(module: str) -> dict[Expression, str]:
    """The expressions of a module: written where they are used, compiled, or made of the tables by
    a function without arguments.
    """
    code = importlib.import_module(module)
    source = inspect.getsource(code)
    found: dict[Expression, str] = {}
    anchored: set[ast.Call] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            # Compiled under a name: how it is used tells whether it begins anywhere.
            uses = set(re.findall(rf"\b{ast.unparse(node.targets[0])}\.(\w+)", source))
            if uses and uses <= {"match", "fullmatch"}:
                anchored.add(node.value)
                for one in _given(node.value, vars(code)):
                    found[one._replace(once=True)] = f"line {node.lineno}"
        if isinstance(node, ast.Call) and node not in anchored:
            found |= dict.fromkeys(_given(node, vars(code)), f"line {node.lineno}")
        if isinstance(node, ast.FunctionDef) and _makes_one(node):
            made = vars(code)[node.name]()
            for one in made if isinstance(made, tuple) else (made,):
                if isinstance(one, regex.Pattern):
                    found[Expression(one.pattern)] = node.name
    return found


def _makes_one(function: ast.FunctionDef) -> bool:
    """Whether a function makes an expression of the tables alone."""
    made = ast.unparse(function.returns) if function.returns else ""
    given = function.args
    return "Pattern" in made and not (given.args or given.posonlyargs)


def _given(call: ast.Call, names: Mapping[str, Any]) -> Iterator[Expression]:
    """The expression given to a function of ``regex`` or ``re``, or to ``substitute``."""
    library, _, method = ast.unparse(call.func).partition(".")
    edits = library == "substitute"
    if not edits and not (library in ("re", "regex") and method in METHODS):
        return
    try:
        found = eval(ast.unparse(call.args[1 if edits else 0]), dict(names))
    except NameError:  # made of what the function is given
        return
    if isinstance(found, str):
        lines = edits or any(ast.unparse(a) in ("regex.M", "re.M") for a in call.args)
        yield Expression(found, lines, method in ("match", "fullmatch"))


# --- texts ----------------------------------------------------------------------------------------

FILLER = "口"
"""A character that no expression names."""
MOST = 8
"""Units taken from one expression, evenly from all that it has."""


CLASSES = {
    r"\p{Han}": "一-鿿〇",
    r"\P{Han}": "^一-鿿〇",
    r"\p{L}": "一-鿿a-z",
    r"\p{P}": "，。、：",
    r"\p{Z}": " \u3000",
    r"\p{Co}": "\ue000-\uf8ff",
    r"\p{Cc}": "\x01-\x1f",
    r"\p{Cf}": "\u200b-\u200f",
    r"\p{Cs}": "\ud800",
    r"\p{Zl}": "\u2028",
    r"\p{Zp}": "\u2029",
}
"""Classes of Unicode that expressions name, and members of each."""


@cache
def parsed(expression: Expression) -> Any:
    """The parse tree; the classes of Unicode that the program uses as ranges."""
    words = expression.words
    for name, members in CLASSES.items():
        while (again := re.sub(rf"(\[[^\]]*){re.escape(name)}", rf"\1{members}", words)) != words:
            words = again
        words = words.replace(name, f"[{members}]")
    groups = re.findall(r"\(\?P<(\w+)>", words)
    if len(groups) > len(set(groups)):  # regex lets several groups have one name
        words = re.sub(r"\(\?P<\w+>", "(", words)
    return tree_of(words, re.M if expression.lines else 0)


def samples(items: Sequence[Any]) -> list[str]:
    """Some words that a part of an expression matches, the first alternatives first."""
    found = [""]
    for op, value in items:
        more = _samples(op, value) or [""]
        found = [found[0] + one for one in more] + [one + more[0] for one in found[1:]]
    return list(dict.fromkeys(found))[:12]


def _samples(op: Any, value: Any) -> list[str]:
    if op is sre.LITERAL:
        return [chr(value)]
    if op is sre.IN and value[0][0] is not sre.NEGATE:
        return [chr(v[0] if o is sre.RANGE else v) for o, v in value if o is not sre.CATEGORY][:6]
    if op in (sre.ANY, sre.NOT_LITERAL, sre.IN):
        return [FILLER]
    if op is sre.BRANCH:
        return [one for way in value[1] for one in samples(way)[:3]][:12]
    if op in REPEATS:
        inside = samples(value[2])
        return [one * max(1, value[0]) for one in inside]
    if op is sre.ASSERT and value[0] > 0:
        return samples(value[1])
    if op is sre.SUBPATTERN:
        return samples(value[3])
    return samples(value) if op is sre.ATOMIC_GROUP else []


REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)


def units(items: Sequence[Any], before: str = "") -> Iterator[tuple[str, str]]:
    """What to repeat, and what to put before it: all that stands in a repetition after what leads
    to it, the alternatives, the whole.
    """
    lead = ""
    for op, value in items:
        lead += (_samples(op, value) or [""])[0]
        yield "", lead
    yield from (("", one) for one in samples(items))
    for op, value in items:
        if op in REPEATS:
            inside = samples(value[2])
            yield from ((before, one) for one in inside if one)
            yield from ((before, a + b) for a in inside[:3] for b in inside[:3] if a != b)
        parts = value[1] if op is sre.BRANCH else [_inner(op, value)]
        for part in parts[:8]:
            yield from units(part, before)
        before += (_samples(op, value) or [""])[0]


def _inner(op: Any, value: Any) -> Sequence[Any]:
    if op in REPEATS:
        return value[2]  # type: ignore[no-any-return]
    if op is sre.SUBPATTERN:
        return value[3]  # type: ignore[no-any-return]
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        return value[1]  # type: ignore[no-any-return]
    return value if op is sre.ATOMIC_GROUP else ()


def adversaries(expression: Expression, most: int = MOST) -> list[Callable[[int], str]]:
    """Texts of any length made of an expression's own alternatives, none of which ends well."""
    found = dict.fromkeys(pair for pair in units(parsed(expression)) if pair[1])
    chosen = list(found)[:: max(1, len(found) // most)]
    return [partial(_text, before, unit) for before, unit in chosen]


def _text(before: str, unit: str, length: int) -> str:
    return (before + unit * (length // len(unit) + 1))[:length] + FILLER


# --- steps ----------------------------------------------------------------------------------------

Ways = Callable[[int, Callable[[int], bool]], bool]
"""Tries all ends of a match that begins at a place, until one is welcome."""


class EndlessError(Exception):
    """More steps than anyone wants to count."""


class Matcher:
    """An expression that counts its steps over one text."""

    def __init__(self, expression: Expression, text: str, most: int):
        self.text, self.steps, self.most = text, 0, most
        self.lines, self.once = expression.lines, expression.once
        self.groups: dict[int, tuple[int, int]] = {}
        self.ways = self.sequence(parsed(expression))

    def search(self) -> int:
        """The steps of a search through the whole text, which goes on after each match."""
        at = 0
        while at <= (0 if self.once else len(self.text)):
            end = self.end(self.ways, at)
            at += 1 if end is None else max(1, end - at)
        return self.steps

    def end(self, ways: Ways, at: int) -> int | None:
        """Where the first match ends."""
        ends: list[int] = []

        def take(end: int) -> bool:
            ends.append(end)
            return True

        return ends[0] if ways(at, take) else None

    def step(self) -> None:
        self.steps += 1
        if self.steps > self.most:
            raise EndlessError

    def sequence(self, items: Sequence[Any]) -> Ways:
        parts = [self.part(op, value) for op, value in items]
        if len(parts) == 1:
            return parts[0]

        def run(at: int, then: Callable[[int], bool], k: int = 0) -> bool:
            if k == len(parts):
                return then(at)
            return parts[k](at, lambda end: run(end, then, k + 1))

        return run

    def part(self, op: Any, value: Any) -> Ways:
        made: Callable[..., Ways] = getattr(self, f"on_{str(op).lower()}", self.character)
        return made(op, value)

    def character(self, op: Any, value: Any) -> Ways:
        fits = _fits(op, value)

        def run(at: int, then: Callable[[int], bool]) -> bool:
            self.step()
            return at < len(self.text) and fits(self.text[at]) and then(at + 1)

        return run

    def on_branch(self, _op: Any, value: Any) -> Ways:
        """Alternatives in their order; of words (the names of the points) those that stand here."""
        words = ["".join(chr(v) for o, v in way if o is sre.LITERAL) for way in value[1]]
        if any(len(word) != len(way) for word, way in zip(words, value[1], strict=True)):
            ways = [self.sequence(way) for way in value[1]]
            return lambda at, then: any(way(at, then) for way in ways)
        order = {word: place for place, word in reversed(list(enumerate(words)))}
        lengths = sorted({len(word) for word in words})

        def run(at: int, then: Callable[[int], bool]) -> bool:
            self.step()
            here = {self.text[at : at + length] for length in lengths} & order.keys()
            return any(then(at + len(word)) for word in sorted(here, key=order.__getitem__))

        return run

    def on_subpattern(self, _op: Any, value: Any) -> Ways:
        inside, group = self.sequence(value[3]), value[0]

        def run(at: int, then: Callable[[int], bool]) -> bool:
            def noted(end: int) -> bool:
                self.groups[group] = (at, end)
                return then(end)

            return inside(at, noted)

        return inside if group is None else run

    def on_groupref(self, _op: Any, value: Any) -> Ways:
        def run(at: int, then: Callable[[int], bool]) -> bool:
            self.step()
            words = self.text[slice(*self.groups.get(value, (0, 0)))]
            return self.text.startswith(words, at) and then(at + len(words))

        return run

    def on_groupref_exists(self, _op: Any, value: Any) -> Ways:
        ways = [self.sequence(way or ()) for way in value[1:]]
        return lambda at, then: any(way(at, then) for way in ways)

    def on_atomic_group(self, _op: Any, value: Any) -> Ways:
        return self.first(self.sequence(value))

    def first(self, inside: Ways) -> Ways:
        """Of all ends the first one only."""

        def run(at: int, then: Callable[[int], bool]) -> bool:
            end = self.end(inside, at)
            return end is not None and then(end)

        return run

    def on_possessive_repeat(self, _op: Any, value: Any) -> Ways:
        return self.first(self.on_max_repeat(_op, value))

    def on_max_repeat(self, _op: Any, value: Any) -> Ways:
        return self.repeat(*value, greedy=True)

    def on_min_repeat(self, _op: Any, value: Any) -> Ways:
        return self.repeat(*value, greedy=False)

    def repeat(self, least: int, most: int, items: Any, *, greedy: bool) -> Ways:
        """A repeat that tries one more first, or one that tries to stop first."""
        single = _single(items)
        if single is not None:
            return partial(self.run_of, single, least, most, greedy)
        inside = self.sequence(items)

        def run(at: int, then: Callable[[int], bool], times: int = 0) -> bool:
            def again(end: int) -> bool:
                return end > at and run(end, then, times + 1)

            if not greedy and times >= least and then(at):
                return True
            more = times < most and inside(at, again)
            return more or (greedy and times >= least and then(at))

        return run

    def run_of(
        self,
        fits: Callable[[str], bool],
        least: int,
        most: int,
        greedy: bool,
        at: int,
        then: Callable[[int], bool],
    ) -> bool:
        """A repetition of one character needs no calls within calls."""
        end = at
        if greedy:
            while end - at < most and end < len(self.text) and fits(self.text[end]):
                end += 1
                self.step()
            return any(then(stop) for stop in range(end, at + least - 1, -1))
        while True:
            if end - at >= least and then(end):
                return True
            self.step()
            if not (end - at < most and end < len(self.text) and fits(self.text[end])):
                return False
            end += 1

    def on_assert(self, _op: Any, value: Any) -> Ways:
        seen = self.looked(value)
        return lambda at, then: seen(at) and then(at)

    def on_assert_not(self, _op: Any, value: Any) -> Ways:
        seen = self.looked(value)
        return lambda at, then: not seen(at) and then(at)

    def looked(self, value: Any) -> Callable[[int], bool]:
        inside = self.sequence(value[1])
        if value[0] > 0:
            return lambda at: inside(at, lambda _: True)
        least, most = value[1].getwidth()
        return lambda at: any(
            inside(begin, lambda end: end == at)
            for begin in range(at - least, max(0, at - most) - 1, -1)
            if begin >= 0
        )

    def on_at(self, _op: Any, value: Any) -> Ways:
        def run(at: int, then: Callable[[int], bool]) -> bool:
            if value in (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING):
                line = self.lines and value is sre.AT_BEGINNING
                stands = at == 0 or (line and self.text[at - 1] == "\n")
            elif value in (sre.AT_END, sre.AT_END_STRING):
                line = self.lines and value is sre.AT_END
                stands = at == len(self.text) or (line and self.text[at] == "\n")
            else:
                stands = True
            return stands and then(at)

        return run


def _single(items: Sequence[Any]) -> Callable[[str], bool] | None:
    """The test of a part that is one character."""
    if len(items) == 1 and items[0][0] in (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN):
        return _fits(*items[0])
    return None


def _fits(op: Any, value: Any) -> Callable[[str], bool]:
    if op is sre.LITERAL:
        return chr(value).__eq__
    if op is sre.NOT_LITERAL:
        return chr(value).__ne__
    if op is sre.ANY:
        return "\n".__ne__
    if op is sre.ANY_ALL:
        return bool
    return _class(value)


def _class(value: Sequence[Any]) -> Callable[[str], bool]:
    compiled = []
    for op, member in value:
        if op is sre.LITERAL:
            compiled.append(re.escape(chr(member)))
        elif op is sre.RANGE:
            compiled.append(f"{re.escape(chr(member[0]))}-{re.escape(chr(member[1]))}")
        elif op is sre.CATEGORY:
            compiled.append(CATEGORIES[member])
    negated = "^" if value[0][0] is sre.NEGATE else ""
    fits = re.compile(f"[{negated}{''.join(compiled)}]").match

    @cache
    def holds(char: str) -> bool:
        return fits(char) is not None

    return holds


CATEGORIES = {
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
}


def steps(expression: Expression, text: str, most: int = 10**9) -> int:
    """How many looks at a character it takes to search a text; EndlessError beyond ``most``."""
    return Matcher(expression, text, most).search()
