"""Work that copies of the process do meanwhile: as if one process had done it all."""

import os
import subprocess
import sys
import threading

from pipeline.commands.abreast import abreast

SCRIPT = """
import logging, os, sys
from pipeline.commands import abreast as module
from pipeline.sources.recognise import NOTES

NOTES.addHandler(logging.StreamHandler(sys.stdout))
module._cores = lambda: 2
here = os.getpid()

def work(name):
    if name == "gone" and os.getpid() != here:
        os._exit(1)
    NOTES.warning("noted: %s", name)
    return name, os.getpid() == here, len(name) // (name != "wrong")

print(list(module.abreast(work, sys.argv[1:])), flush=True)
"""


def done(*names: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *names], capture_output=True, text=True, check=False
    )


def test_a_copy_does_the_second_and_what_it_notes_is_told_once_and_in_order() -> None:
    said = done("first", "second", "third").stdout.splitlines()
    assert said[-1] == "[('first', True, 5), ('second', False, 6), ('third', True, 5)]"
    assert said[:-1] == ["noted: first", "noted: second", "noted: third"]


def test_what_goes_wrong_in_a_copy_goes_wrong_as_ever() -> None:
    wrong = done("first", "wrong")
    assert wrong.returncode == 1
    assert "ZeroDivisionError" in wrong.stderr
    assert wrong.stderr.count("Traceback") == 1


def test_what_a_copy_that_is_killed_leaves_is_done_here() -> None:
    assert "[('first', True, 5), ('gone', True, 4)]" in done("first", "gone").stdout


def test_one_process_does_all_where_others_work_in_it_too() -> None:
    ended = threading.Event()
    other = threading.Thread(target=ended.wait)
    other.start()
    found = [*abreast(lambda name: os.getpid(), ["a", "b"])]
    ended.set()
    other.join()
    assert found == [os.getpid()] * 2
