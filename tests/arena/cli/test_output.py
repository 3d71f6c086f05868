"""Before something is lost, the person at the terminal is asked."""

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from arena.cli.output import agree, table
from arena.errors import ArenaError

ASK = """
from arena.cli.output import agree, table
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


STATE = "stopped: its process ended without a word"
WIDE = ("RUN", "STATE", "STEPS"), [("ppo-maze-run-s0-1125-2053", STATE, "9")]


def test_a_table_too_wide_for_the_terminal_folds_sentences_and_no_word(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table(*WIDE, right=(2,))
    whole = capsys.readouterr().out
    assert max(map(len, whole.splitlines())) == 25 + 2 + len(STATE) + 2 + 5, (
        "through a pipe it is as wide as it is"
    )
    for room in (60, 45, 20):
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        monkeypatch.setattr(shutil, "get_terminal_size", lambda room=room: os.terminal_size((room, 24)))
        table(*WIDE, right=(2,))
        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines)) <= max(room, 25 + 2 + len("stopped:") + 2 + 5)
        assert sorted(" ".join(lines).split()) == sorted(whole.split())
        assert lines[1].endswith("9") and len({line.find("STEPS") for line in lines[:1]}) == 1


def test_what_is_drawn_is_not_folded(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((30, 24)))
    table(("WHO", "RATING"), [("somebody with a long name", "  ├──●──┤  "), ("me", "├●┤        ")])
    assert capsys.readouterr().out.splitlines() == [
        "WHO                RATING",
        "somebody with a      ├──●──┤",
        "long name",
        "me                 ├●┤",
    ]
