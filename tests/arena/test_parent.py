"""A child process stops when its parent says so or is gone, and hears nobody else."""

import subprocess
import sys
from pathlib import Path

import pytest

CHILD = """
import threading
from arena import parent
asked = threading.Event()
parent.on_quit(asked.set)
listens = threading.active_count() > 1 or asked.is_set()  # it may have heard already, and be done
print(listens, flush=True)
if listens:
    asked.wait()
"""


def started(stdin: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", CHILD], cwd=Path(__file__).parents[2], stdin=stdin, stdout=subprocess.PIPE
    )


@pytest.mark.parametrize("said", [b"quit\n", b"go on\nqui", b"go on\n quit \nmore\n"])
def test_a_line_quit_or_the_end_of_the_pipe_is_heard(said: bytes) -> None:
    child = started(subprocess.PIPE)
    out, _ = child.communicate(said, timeout=60)  # and closes the pipe
    assert (child.returncode, out) == (0, b"True\n")


def test_quit_is_heard_while_the_pipe_stays_open() -> None:
    child = started(subprocess.PIPE)
    assert child.stdin is not None and child.stdout is not None
    child.stdin.write(b"stay\nqu")
    child.stdin.flush()
    child.stdin.write(b"it\n")
    child.stdin.flush()
    assert child.wait(timeout=60) == 0
    child.communicate()


def test_a_process_without_a_parents_pipe_listens_to_nobody() -> None:
    child = started(subprocess.DEVNULL)
    out, _ = child.communicate(timeout=60)
    assert (child.returncode, out) == (0, b"False\n")
