"""Somebody else's players, for tests: what is installed as `arena.players` in a folder of its own."""

from pathlib import Path

import pytest

PLAYERS = '''
import os, random, signal, subprocess, sys, threading, time
import numpy as np


class Counting:
    """Counts, and knows what it was told."""

    def __init__(self, *, game, actions, observation_shape, seed, **more):
        assert not more, more
        assert isinstance(actions, tuple) and isinstance(observation_shape, tuple)
        self.told = game, actions, observation_shape, seed
        self.rng = np.random.default_rng(seed)

    def act(self, observation):
        return 1


class Random(Counting):
    def act(self, observation):
        generators = self.rng.integers, random.randrange, np.random.randint
        return random.choice(generators)(len(self.told[1]))


class Noting(Counting):
    """Keeps what it sees in a file."""

    def act(self, observation):
        observation[...] += 0  # it is its own to write on
        with open(os.environ["NOTES"], "ab") as notes:
            notes.write(repr((observation.dtype.str, observation.shape)).encode() + observation.tobytes())
        return self.rng.integers(len(self.told[1]))


class Telling(Counting):
    """Answers whether it was told what is so."""

    def act(self, observation):
        return int(self.told[:3] == ("test/together", ("idle", "count", "gamble"), (2,)))


class Printing(Counting):
    def act(self, observation):
        print("hello " * 10_000)
        os.write(1, b"\\x00" * 100)
        assert sys.stdin.read() == ""
        return 1


def doing(what):
    """A player that does something at its third decision."""

    class Doing(Counting):
        decisions = 0

        def act(self, observation):
            self.decisions += 1
            return what() if self.decisions == 3 else 1

    return Doing


def _shout_and_exit():
    print("out of\\nluck", file=sys.stderr)
    os._exit(3)


def _eat():
    eaten = []
    while True:
        eaten.append(np.ones(1_250_000))
        time.sleep(0.002)


def _eat_elsewhere():
    subprocess.run([sys.executable, "-c", "import time; b = b'x' * 500_000_000; time.sleep(60)"])


def _interrupt():
    os.kill(os.getpid(), signal.SIGINT)
    return 1


def _speak_out_of_turn():
    """Finds the pipe on which its process answers, and writes to it."""
    for fd in range(3, 64):
        try:
            os.write(fd, b"\\xff" * 64)
        except OSError:
            pass
    return 1


def _stop_all_threads():
    import re
    re.match(r"(a+)+$", "a" * 64 + "b")  # keeps the interpreter to itself for years


crashing = doing(lambda: 1 / 0)
hanging = doing(lambda: time.sleep(60))
freezing = doing(_stop_all_threads)
exiting = doing(lambda: sys.exit("enough"))
vanishing = doing(_shout_and_exit)
eating = doing(_eat)
feeding = doing(_eat_elsewhere)
interrupting = doing(_interrupt)
intruding = doing(_speak_out_of_turn)
out_of_range = doing(lambda: 3)
negative = doing(lambda: -1)
huge = doing(lambda: 10**5000)
word = doing(lambda: "left")
nothing = doing(lambda: None)
half = doing(lambda: 0.5)
several = doing(lambda: np.array([1, 2]))


class Unwilling(Counting):
    def __init__(self, **match):
        raise RuntimeError("not today")


class Slow(Counting):
    def __init__(self, **match):
        time.sleep(60)


number = 7
'''


def install(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str = "visitors", version: str = "1.0"
) -> None:
    """Have a distribution of `PLAYERS`, as a package manager would leave it."""
    players = [line.split()[0] for line in PLAYERS.splitlines() if " = doing(" in line]
    players += ["Counting", "Random", "Noting", "Telling", "Printing", "Unwilling", "Slow", "number"]
    (folder / "visiting.py").write_text(PLAYERS)
    (folder / "broken.py").write_text("raise ImportError('somebody forgot something')\n")
    lines = [f"{player.lower()} = visiting:{player}" for player in players]
    lines += ["broken = broken:Player", "missing = visiting:Nobody"]
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text("\n".join(["[arena.players]", *lines]) + "\n")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", str(folder))
