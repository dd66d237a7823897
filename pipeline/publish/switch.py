"""A set of files that changes all at once, each a file like any other in its fixed place.

    output/.writing-4711/     the new set, while it is written
    output/.switching/        the new set, complete, with a journal of what is to be done
    output/entries.csv        each file takes its place; the journal is removed last

Renaming files one by one leaves old and new side by side where the program is killed between two
of them. Here one rename, from ``.writing-`` to ``.switching``, decides: a change that was stopped
before it never happened, and one that was stopped after it is completed by the next command that
reads or writes the folder, before it does so.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline import disk

WRITING = ".writing-"
SWITCHING = ".switching"
JOURNAL = ".journal"
LEFT = re.compile(r"\.writing-(\d+|link|found)")
"""What a killed program leaves of its work, the last two that of earlier versions."""
FORMER = re.compile(r"\.tables-[0-9a-f]{12}")
"""Folders of earlier versions, whose tables were links (to .tables, a link) into one of these."""


@contextmanager
def workplace(directory: Path) -> Iterator[Path]:
    """A new folder inside ``directory`` to write a set into; gone afterwards, whatever happens.

    OSError where ``directory`` is no folder or nothing can be written there. Of two programs that
    write into one folder the second waits for the first.
    """
    if directory.exists() and not directory.is_dir():
        raise NotADirectoryError(f"{directory}: is a file; the tables need a folder")
    if not directory.is_dir():
        disk.mkdir(directory)
    with still(directory):
        # Nobody else is writing here now: this is what a killed program left.
        for left in directory.iterdir():
            if LEFT.fullmatch(left.name):
                _remove(left)
        beside = directory / f"{WRITING}{os.getpid()}"
        disk.mkdir(beside)
        try:
            yield beside
        finally:
            _remove(beside)


@contextmanager
def still(directory: Path) -> Iterator[None]:
    """Hold a folder as it is, after completing a change that was interrupted.

    Nobody else changes the folder meanwhile, where the system has locks; whoever is killed lets
    go of his.
    """
    handle = _locked(directory)
    try:
        _complete(directory)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _locked(directory: Path) -> int | None:
    if os.name != "posix" or not directory.is_dir():
        return None
    import fcntl  # not on every system

    handle = os.open(directory, os.O_RDONLY)
    with suppress(OSError):  # a file system without locks
        fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def publish(beside: Path, possible: Iterable[str], ours: Callable[[Path], bool]) -> None:
    """Make the files in a workplace those of the folder it lies in, all at once.

    ``possible``: files that may be part of a set; those that are not in this one are no longer
    there afterwards. A file that is not ``ours`` is neither replaced nor removed: OSError.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, workplace(Path(folder)) as beside:
    ...     _ = (beside / "entries.csv").write_text("神庭")
    ...     publish(beside, (), lambda path: False)
    ...     (Path(folder) / "entries.csv").read_text()
    '神庭'
    """
    directory = beside.parent
    files = sorted(path.name for path in beside.iterdir())
    places = {*files, *possible}
    claim(directory, places, ours)
    if _present(directory / SWITCHING):
        raise FileExistsError(f"{directory / SWITCHING}: not made by mingtang; move it away")
    gone = [name for name in sorted(places.difference(files)) if _present(directory / name)]
    former = sorted(path.name for path in directory.iterdir() if _former(path))
    hashes = {name: _sha256(beside / name) for name in files}
    journal = {"files": hashes, "gone": [*gone, *former]}
    disk.write(beside / JOURNAL, json.dumps(journal).encode())
    disk.settle(beside)
    disk.replace(beside, directory / SWITCHING)
    disk.settle(directory)
    _complete(directory)


def claim(directory: Path, places: Iterable[str], ours: Callable[[Path], bool]) -> None:
    """OSError where something that is not ours lies at one of the places of our files."""
    for name in sorted(places):
        path = directory / name
        if path.is_dir():
            raise IsADirectoryError(f"{path}: is a folder; a table has its place there")
        if _present(path) and not ours(path):
            raise FileExistsError(
                f"{path}: not written by mingtang, or changed since; nothing was replaced: "
                "move it away, or name another place"
            )


def _complete(directory: Path) -> None:
    """Do what the journal says is still to be done; nothing where there is none."""
    switch = directory / SWITCHING
    if switch.is_symlink() or not switch.is_dir():
        return
    if (switch / JOURNAL).is_file():
        files, gone = _journal(switch / JOURNAL)
        for name, digest in files.items():
            if _present(switch / name):
                if _sha256(switch / name) != digest:
                    raise OSError(f"{switch / name}: differs from its journal; extract again")
                disk.replace(switch / name, directory / name)
        for name in gone:
            _remove(directory / name)
        disk.settle(directory)
        disk.unlink(switch / JOURNAL)
    if not any(switch.iterdir()):
        disk.rmdir(switch)


def _journal(path: Path) -> tuple[dict[str, str], list[str]]:
    """The files of a journal with their hashes, and what is to be removed: names, never paths."""
    try:
        journal = json.loads(path.read_bytes())
        files = {str(name): str(digest) for name, digest in journal["files"].items()}
        gone = [str(name) for name in journal["gone"]]
        if any(Path(name).name != name for name in (*files, *gone)):
            raise ValueError("a path")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise OSError(f"{path}: {error!r}: not the journal of a change; remove it") from error
    return files, gone


def _former(path: Path) -> bool:
    """Whether earlier versions made it: the link to a set of files, or the set."""
    if path.is_symlink():
        return path.name == ".tables" and bool(FORMER.fullmatch(str(path.readlink())))
    return bool(FORMER.fullmatch(path.name)) and path.is_dir()


def _present(path: Path) -> bool:
    return os.path.lexists(path)


def _remove(path: Path) -> None:
    """Remove a file, or a folder of files that a program made here."""
    ours = LEFT.fullmatch(path.name) or FORMER.fullmatch(path.name)
    if ours and path.is_dir() and not path.is_symlink():
        for child in sorted(path.iterdir()):
            disk.unlink(child)
        disk.rmdir(path)
    elif _present(path):
        disk.unlink(path)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
