"""A set of files that changes all at once, in a folder where each has its fixed place.

    output/entries.csv -> .tables/entries.csv      for each file a link, always the same
    output/.tables     -> .tables-1f0c93d2a7b4     the one link that is switched
    output/.tables-1f0c93d2a7b4/entries.csv        the files themselves

Renaming files one by one leaves old and new side by side where the program is killed between two
of them. Here the new set is complete on disk before one rename, which a file system does whole or
not at all, makes it the set that everybody reads. Other files of the folder are not touched.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CURRENT = ".tables"
WRITING = ".writing-"
LINKS = os.name == "posix"
"""Elsewhere links need rights that few users have: files take their places one by one there."""


@contextmanager
def workplace(directory: Path) -> Iterator[Path]:
    """A new folder inside ``directory`` to write a set into; gone afterwards, whatever happens.

    OSError where ``directory`` is no folder or nothing can be written there. Of two programs that
    write into one folder the second waits for the first.
    """
    if directory.exists() and not directory.is_dir():
        raise NotADirectoryError(f"{directory}: is a file; the tables need a folder")
    directory.mkdir(parents=True, exist_ok=True)
    with _alone(directory):
        # Nobody else is writing here now: this is what a killed program left.
        for left in directory.glob(f"{WRITING}*"):
            _remove(left)
        beside = directory / f"{WRITING}{os.getpid()}"
        beside.mkdir()
        try:
            yield beside
        finally:
            _remove(beside)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Hold the lock of a folder, where there are locks; whoever is killed lets go of it."""
    if not LINKS:
        yield
        return
    import fcntl  # not on every system

    handle = os.open(directory, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def publish(beside: Path, possible: Iterable[str] = ()) -> None:
    """Make the files in a workplace those of the folder it lies in, all at once.

    ``possible``: files that may be part of a set; those that are not in this one are no longer
    there afterwards.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, workplace(Path(folder)) as beside:
    ...     _ = (beside / "entries.csv").write_text("神庭")
    ...     publish(beside)
    ...     (Path(folder) / "entries.csv").read_text()
    '神庭'
    """
    directory = beside.parent
    files = sorted(path.name for path in beside.iterdir())
    places = sorted({*files, *possible})
    for name in places:
        if (directory / name).is_dir():
            raise IsADirectoryError(f"{directory / name}: is a folder; a table has its place there")
    if not LINKS:
        for name in files:
            (beside / name).replace(directory / name)
    else:
        _adopt(directory, places)
        current = _settle(beside)
        for name in files:
            _link(f"{CURRENT}/{name}", directory / name)
        _link(current.name, directory / CURRENT)
        for other in directory.glob(f"{CURRENT}-*"):
            if other != current:
                _remove(other)
    for name in set(places).difference(files):
        (directory / name).unlink(missing_ok=True)


def _settle(beside: Path) -> Path:
    """A folder of files under the name of a set, which is that of its content."""
    digest = hashlib.sha256()
    for path in sorted(beside.iterdir()):
        _sync(path)
        digest.update(path.name.encode() + path.read_bytes())
    target = beside.parent / f"{CURRENT}-{digest.hexdigest()[:12]}"
    if target.is_dir():
        # The same files again: what was changed in them by hand is put right.
        for path in sorted(beside.iterdir()):
            path.replace(target / path.name)
    else:
        beside.rename(target)
    return target


def _adopt(directory: Path, places: Iterable[str]) -> None:
    """Files that lie at their places themselves become links to files that say the same."""
    present = [name for name in places if (directory / name).is_file()]
    if all((directory / name).is_symlink() for name in present):
        return
    found = directory / f"{WRITING}found"
    found.mkdir()
    for name in present:
        shutil.copyfile(directory / name, found / name)
    _link(_settle(found).name, directory / CURRENT)
    for name in present:
        _link(f"{CURRENT}/{name}", directory / name)


def _link(to: str, place: Path) -> None:
    """Have ``place`` be a link to ``to``, in one step."""
    if place.is_symlink() and place.readlink() == Path(to):
        return
    new = place.parent / f"{WRITING}link"
    new.symlink_to(to)
    new.replace(place)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Have the bytes on disk before the name is, lest a crash leave an empty file under it."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
