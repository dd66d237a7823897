"""Help, and what is wrong with a command line, in the language that is spoken."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

import regex
import typer

from pipeline.judging.diagnostics import width
from pipeline.language import LANGUAGES, told
from pipeline.language import translated as _

UsageError = cast(type[Exception], typer.BadParameter.__mro__[1])
"""What typer raises for a command line that it cannot read; it exports this class only."""
Formatter: Any = typer.Context.formatter_class
SPACE = 2
"""Blanks between an option and what it means, and before both."""


class Help(Formatter):  # type: ignore[misc]
    """Help whose paragraphs are translated, and folded by the columns that Han characters take."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """How the command is called."""
        super().write_usage(prog, args, prefix or f"{told('help', 'Usage:')} ")

    def write_heading(self, heading: str) -> None:
        """The heading of a list."""
        super().write_heading(told("help", heading))

    def write_text(self, text: str) -> None:
        """Paragraphs; one that begins with a backspace stands as it is."""
        blank = " " * self.current_indent
        said = []
        for paragraph in text.split("\n\n"):
            if paragraph.startswith("\b\n"):
                lines = [told("help", line) for line in paragraph.split("\n")[1:]]
            else:
                lines = folded(sentence(paragraph), self.width - len(blank))
            said.append("".join(f"{blank}{line}\n" for line in lines))
        self.write("\n".join(said))

    def write_dl(self, rows: Sequence[tuple[str, str]], *_: int, **__: int) -> None:
        """A list of options or commands with what they mean."""
        most = max(len(name) for name, _meaning in rows)
        left = min(most, 30) + SPACE
        for name, meaning in rows:
            lines = folded(sentence(meaning), max(20, self.width - left - SPACE))
            if len(name) > left - SPACE:
                lines = ["", *lines]
            for n, line in enumerate(lines):
                self.write(f"{'':{self.current_indent}}{'' if n else name:{left}}{line}".rstrip())
                self.write("\n")


class Speaking(typer.Context):
    """A command line that is explained in the language that is spoken."""

    formatter_class = Help


def sentence(english: str) -> str:
    """A paragraph of help, and what stands in brackets behind it, each by itself."""
    said, mark, extra = " ".join(english.split()).partition("[default: ")
    if mark:
        return f"{told('help', said.strip())}  {told('help', mark + extra)}".strip()
    said, mark, extra = said.partition("[required]")
    return f"{told('help', said.strip())}  {told('help', mark)}{extra}".strip()


UNITS = regex.compile(r"\s+|[!-~]+|[（「『]*+.[，。、；：？）」』]*+")
"""What is not broken over lines: words of letters, a character of Han text with its signs."""


def folded(text: str, columns: int) -> list[str]:
    """The lines of a text on a terminal.

    >>> folded("由針灸古籍 (TSV) 製成表格，每一", 16)
    ['由針灸古籍 (TSV)', '製成表格，每一']
    """
    lines = [""]
    for unit in UNITS.findall(text):
        if lines[-1] and width(lines[-1] + unit.rstrip()) > columns:
            lines.append("")
        lines[-1] += unit if lines[-1] else unit.lstrip()
    return [line.rstrip() for line in lines]


def asked(arguments: Sequence[str]) -> str:
    """The language that a command line asks for, wherever in it; empty: that of the locale.

    >>> asked(["check", "--lang", "zh"]), asked(["--lang=en", "check"]), asked(["check"])
    ('zh', 'en', '')
    """
    found = ""
    for n, argument in enumerate(arguments):
        if argument == "--":
            break
        name, mark, value = argument.partition("=")
        if name == "--lang":
            found = value if mark else "".join(arguments[n + 1 : n + 2])
    return found if found in LANGUAGES else ""


def explained(error: Exception) -> None:
    """Have an error of the command line show itself in the language that is spoken."""
    if type(error).__dict__.get("show") is None:  # a call for help shows the help
        vars(error)["show"] = partial(_show, error)


def _show(error: Any, file: object = None) -> None:
    if error.ctx is not None:
        typer.echo(error.ctx.get_usage(), err=True)
        asked = f"{error.ctx.command_path} {error.ctx.help_option_names[0]}"
        typer.echo(_("Try '{command}' for help.").format(command=asked) + "\n", err=True)
    typer.echo(told("usage", f"Error: {error.format_message()}"), err=True)
