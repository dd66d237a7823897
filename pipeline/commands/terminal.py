"""What is printed: strings that are not ours as text, and every trouble as one line."""

from __future__ import annotations

import gc
import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from pipeline.commands.speech import Speaking, UsageError, asked, explained
from pipeline.judging.diagnostics import UNSEEN, shown
from pipeline.knowledge.tables import MisuseError
from pipeline.language import speaking, told
from pipeline.sources.recognise import NOTES

LANGUAGE = "language"
"""The option that all commands have."""


ELSEWHERE: Mapping[str, str] = {
    "diff": "diff",
    "show": "diff",
    "decide": "decide",
    "carry": "decide",
    "load": "load",
    "sample": "sample",
    "site": "site",
    "library": "library",
}
"""The commands that are loaded when they are asked for, each with the module that registers it."""


class Commands(TyperGroup):
    """The commands of the program; what they say fits the terminal they say it to."""

    context_class = Speaking

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands, as the help has them."""
        own = (name for name in super().list_commands(ctx) if name not in ELSEWHERE)
        return [*own, *ELSEWHERE]

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; a character that the terminal's encoding has not is written out."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        NOTES.addFilter(_translate)
        given = args[0] if args else kwargs.get("args")
        with speaking(asked(sys.argv[1:] if given is None else given)):
            return super().main(*args, **kwargs)

    def get_command(self, ctx: Any, name: str) -> Any:
        """A command, which takes the language as the program does."""
        # For a name that no command has the most like of all are proposed.
        known = name in self.commands or name in ELSEWHERE
        for one in (name,) if known else ELSEWHERE:
            if one not in self.commands:
                self._load(ELSEWHERE[one])
        command = super().get_command(ctx, name)
        if command is not None and command.context_class is not Speaking:
            command.context_class = Speaking
            command.params.append(next(p for p in self.params if p.name == LANGUAGE))
        return command

    def _load(self, module: str) -> None:
        part = typer.Typer(rich_markup_mode=None)
        part.callback()(lambda: None)  # a program of one command is no group
        import_module(f"pipeline.commands.{module}").register(part)
        self.commands.update(typer.main.get_group(part).commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands, each with the first sentence of its help."""
        found = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        with formatter.section("Commands"):
            formatter.write_dl([(name, (c.help or "").split("\n\n")[0]) for name, c in found])

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands before the command."""
        with _usage():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Parse what stands behind the command, and run it."""
        with _usage():
            return super().invoke(ctx)


def _translate(record: logging.LogRecord) -> bool:
    """What is noted while sources are looked for, in the language that is spoken."""
    record.msg, record.args = told("skipped", record.getMessage()), ()
    return True


@contextmanager
def _usage() -> Iterator[None]:
    """A message about the command line repeats what was typed there."""
    try:
        yield
    except UsageError as error:
        vars(error)["message"] = shown(vars(error)["message"])
        explained(error)
        raise


@contextmanager
def trouble() -> Iterator[None]:
    """What is wrong with the command line or its files, as one message and exit status 2."""
    try:
        yield
    except BrokenPipeError:  # whoever reads what is printed has read enough
        raise
    except (MisuseError, OSError, MemoryError) as error:
        typer.echo(f"mingtang: {told('trouble', shown(_reason(error)))}", err=True)
        raise typer.Exit(2) from error


@contextmanager
def uncollected() -> Iterator[None]:
    """What a command makes is kept until its end: to look for what is not takes a twentieth of the
    time of an extract and a quarter of that of a comparison, and to look through it once more when
    the program ends takes a part of a second.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _reason(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "there is not enough memory for these sources; read fewer or shorter ones at a time"
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def folder(given: str | Path) -> Path:
    """A path of the command line; an empty one (``-o "$UNSET"``) is not the current folder.

    >>> folder("output").name
    'output'
    """
    if not str(given).strip() or "\0" in str(given):
        raise typer.BadParameter("the path is empty")
    return Path(given)


def console(error: bool = False) -> Console:
    """A console that takes text for text: no markup, no names of pictures."""
    return Console(file=sys.stderr if error else sys.stdout, markup=False, emoji=False)


def examples(*lines: str) -> str:
    """Commands as the help shows them."""
    # \b keeps the lines as they are.
    return "\n".join(("\b\nExamples:", *(f"  mingtang {line}" for line in lines)))


def say(text: str, error: bool = False) -> None:
    """Print a line of which each part that is not ours was ``shown``."""
    typer.echo(text, err=error)


def put(text: str) -> None:
    """Print data: as it is into a file or another program, made visible on a terminal."""
    if sys.stdout.isatty():
        text = UNSEEN.sub(lambda match: match[0] if match[0] in "\n\t" else shown(match[0]), text)
    sys.stdout.write(text)


def put_json(text: str) -> None:
    """Print JSON; where the encoding is none of Unicode, in ASCII."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    if not encoding.startswith("utf"):
        text = "".join(char if char < "\x80" else json.dumps(char)[1:-1] for char in text)
    sys.stdout.write(text)
