"""Before something is lost, the person at the terminal is asked."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from arena.cli.output import agree
from arena.errors import ArenaError

ASK = """
from arena.cli.output import agree
from arena.errors import ArenaError
try:
    agree("Sure?", "nobody to ask")
    print("agreed")
except ArenaError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"y\n", b"agreed"),
        (b"Yes\n", b"agreed"),
        (b"n\n", b"nothing has been changed"),
        (b"\n", b"nothing has been changed"),
        (b"\x04", b"nothing has been changed"),
    ],
)
def test_only_a_yes_at_the_terminal_is_a_yes(answer: bytes, outcome: bytes) -> None:
    master, slave = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", ASK],
        cwd=Path(__file__).parents[3],
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=slave,
    )
    os.close(slave)
    asked = b""
    while b"[y/N] " not in asked:
        asked += os.read(master, 1024)
    assert asked.startswith(b"Sure?")
    os.write(master, answer)
    out, _ = child.communicate(timeout=60)
    os.close(master)
    assert out.strip() == outcome


def test_where_there_is_no_terminal_nobody_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ArenaError, match="nobody to ask"):
        agree("Sure?", "nobody to ask")
    assert capsys.readouterr() == ("", "")
