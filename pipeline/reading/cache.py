"""What is slow to make and needed at every start, kept on disk from one run to the next.

It lies in the user's cache folder, never in the checkout. ``MINGTANG_CACHE`` names another folder,
or is ``off``. Whatever is wrong with a file, it is as if there were none; nothing fails for want
of a place to write.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

SIZE = hashlib.sha256().digest_size


def recall(name: str, key: bytes) -> bytes | None:
    """What was kept under a name, if it is whole and was made from what ``key`` stands for."""
    folder = _folder()
    if folder is None:
        return None
    try:
        with (folder / name).open("rb") as file:
            if not _ours(os.fstat(file.fileno())):
                return None
            content = file.read()
    except OSError:
        return None
    made, data = content[:SIZE], content[SIZE:]
    return data if made == _digest(key + data) else None


def keep(name: str, key: bytes, data: bytes) -> None:
    """Keep ``data`` in place of what was kept under the name before, where that can be written.

    The file is written beside its place and renamed: of two programs one comes last, and who reads
    meanwhile reads the one or the other.
    """
    folder = _folder()
    if folder is None:
        return
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=folder, prefix=f".{name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_digest(key + data) + data)
            Path(beside).replace(folder / name)
        finally:
            Path(beside).unlink(missing_ok=True)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _ours(info: os.stat_result) -> bool:
    """Whether nobody but the user can have written a file: what is kept are pickles, and to read
    one is to run what it says. Elsewhere than on POSIX systems the folder is the user's alone.
    """
    return os.name != "posix" or (info.st_uid == os.getuid() and not info.st_mode & 0o022)


def _folder() -> Path | None:
    chosen = os.environ.get("MINGTANG_CACHE", "")
    if chosen:
        return None if chosen == "off" else Path(chosen)
    if sys.platform == "win32":
        base, below = os.environ.get("LOCALAPPDATA", ""), "AppData/Local"
    elif sys.platform == "darwin":
        base, below = "", "Library/Caches"
    else:
        base, below = os.environ.get("XDG_CACHE_HOME", ""), ".cache"
    try:
        return (Path(base) if base else Path.home() / below) / "mingtang"
    except RuntimeError:  # nobody's home
        return None
