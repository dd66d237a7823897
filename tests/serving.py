"""Datasette, as it serves a database in a folder while a test looks at it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError


def fetched(address: str) -> str:
    """What stands at an address of this machine."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(address, timeout=20) as response:
        text: str = response.read().decode("utf-8")
        return text


@contextmanager
def datasette(folder: Path, name: str) -> Iterator[str]:
    """The address of a database that was loaded in a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "datasette", "serve", f"{name}.db"]
    command += ["-m", f"{name}.metadata.json", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        run = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}/{name}"
    try:
        for _ in range(300):
            assert run.poll() is None, (folder / "log").read_text()
            try:
                fetched(address)
                break
            except URLError:
                time.sleep(0.1)
        yield address
    finally:
        run.terminate()
        run.wait(10)
