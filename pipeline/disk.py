"""The few operations by which files are read and changed, all in one place.

``step`` is called before each change: a test that stops the program there sees what a kill at
that moment leaves behind.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path


def step(operation: str, path: Path) -> None:
    """An operation is about to change a file or folder."""


def write(path: Path, content: bytes) -> None:
    """Write a new file and have its bytes on disk: a crash leaves no empty file under the name."""
    step("open", path)
    try:
        with path.open("wb") as file:
            step("write", path)
            file.write(content)
            file.flush()
            step("sync", path)
            os.fsync(file.fileno())
    except OSError as error:  # a full disk does not say for which file
        raise named(error, path) from error


def replace(path: Path, target: Path) -> None:
    """Have a file or folder under another name, in one step."""
    step("replace", target)
    path.replace(target)


def unlink(path: Path) -> None:
    """Remove a file or link, if it is there."""
    step("unlink", path)
    path.unlink(missing_ok=True)


def mkdir(path: Path) -> None:
    """Make a folder, and those above it."""
    step("mkdir", path)
    path.mkdir(parents=True, exist_ok=True)


def rmdir(path: Path) -> None:
    """Remove an empty folder."""
    step("rmdir", path)
    path.rmdir()


def settle(directory: Path) -> None:
    """Have the names in a folder on disk, where the system can say so."""
    step("settle", directory)
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def found(path: Path) -> os.stat_result | None:
    """What the system says of a file, if one is there."""
    try:
        there = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return there if stat.S_ISREG(there.st_mode) else None


def regular(path: Path) -> os.stat_result:
    """What the system says of a file; OSError for what is none.

    A pipe can be read once only and may never begin, a device may never end.
    """
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(f"{path}: is a folder, not a file")
    if not stat.S_ISREG(found.st_mode):
        raise OSError(f"{path}: is a pipe or a device; save what it says as a file first")
    return found


STDIN = Path("/dev/stdin")
PART = 1 << 20
MOST = 1 << 30
"""Bytes that a pipe may say: no text has so many."""
SECONDS = 2.0
"""How long a pipe may have nobody who writes to it."""


@cache
def kept(path: Path) -> Path:
    """A file with what a pipe says (``-``: the standard input), which can be read once only, for as
    long as the program runs; any other path is itself.
    """
    asked = STDIN if path == Path("-") else path
    if not asked.is_fifo():
        return asked
    folder = tempfile.TemporaryDirectory(prefix="mingtang-")
    atexit.register(folder.cleanup)
    name = "stdin" if asked == STDIN else f"pipe-{asked.name}"
    file = Path(folder.name, name).with_suffix(".txt")
    with file.open("wb") as into:
        for part in _said(asked):
            into.write(part)
            if into.tell() > MOST:
                raise OSError(f"{path}: is a pipe without end; save a part of it as a file first")
    if not file.stat().st_size:
        raise OSError(f"{path}: is a pipe that says nothing")
    return file


def _said(pipe: Path) -> Iterator[bytes]:
    """What a pipe says up to its end. One to which nobody writes yet is not waited for long."""
    handle = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(handle, "rb", buffering=0) as file:
        end = time.monotonic() + SECONDS
        part = file.read(PART)
        while part == b"" and time.monotonic() < end:
            time.sleep(0.05)
            part = file.read(PART)
        os.set_blocking(handle, True)
        if part is None:  # somebody is about to write
            part = file.read(PART)
        while part:
            yield part
            part = file.read(PART)


def read(path: Path) -> bytes:
    """The bytes of a file; OSError where it is none or cannot be read."""
    regular(path)
    return path.read_bytes()


def sha256(path: Path) -> str:
    """The hash of a file."""
    return hashlib.sha256(read(path)).hexdigest()


def named(error: OSError, path: Path) -> OSError:
    """An error of the system that says which file it is about."""
    if error.filename is not None or error.errno is None:
        return error
    return OSError(error.errno, error.strerror, str(path))
