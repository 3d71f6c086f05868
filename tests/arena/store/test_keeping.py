import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from arena.errors import ArenaError
from arena.matches.match import Match
from arena.matches.playback import verify
from arena.matches.player import Noop, RandomPlayer
from arena.store import home, replays
from arena.store.database import Database
from arena.store.keeping import keep
from arena.store.records import Replay
from tests.arena.store.test_replays import a_replay

CHECKOUT = Path(__file__).resolve().parents[3]

KILLS = 50

PLAYER = """
import os, sys
from arena.matches.match import Match
from arena.matches.player import Noop, RandomPlayer
from arena.store.keeping import keep
import arena.store.checkpoints
def one(seed):
    match = Match("maze/run", [RandomPlayer(), Noop()], seed, {"size": 7})
    match.play()
    return match.replay()
one(0)  # what is slow the first time is behind us: a child is killed while it plays and keeps
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        print("pid", os.getpid(), flush=True)
        for seed in range(int(line), int(line) + 10_000):
            os.write(1, f"kept {keep(one(seed)).id}\\n".encode())  # whole, or not at all
        os._exit(0)
    os.waitpid(child, 0)
    print("dead", flush=True)
"""
"""Plays in children of its own, which we kill one after the other: 50 starts of Python would take longer."""


def a_real_replay(seed: int = 0) -> Replay:
    match = Match("maze/run", [RandomPlayer(), Noop()], seed, {"size": 7})
    match.play()
    return match.replay()


def test_what_is_kept_is_in_the_log_and_has_its_replay() -> None:
    replay = a_replay()
    assert keep(replay) == replay.result
    with Database.open() as log:
        assert [kept.result for kept in log.matches()] == [replay.result]
    assert replays.load(replay.result.id) == replay


def test_a_match_kept_twice_is_kept_once() -> None:
    keep(a_replay())
    keep(a_replay())
    with Database.open() as log:
        assert len(log.matches()) == 1
    assert len(replays.ids()) == 1


def test_a_replay_that_cannot_be_written_leaves_no_match(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise ArenaError("the disk is full")

    with monkeypatch.context() as patched, pytest.raises(ArenaError, match="full"):
        patched.setattr(home, "write_atomically", full)
        keep(a_replay())
    with Database.open() as log:
        assert log.matches() == []


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_moment_no_match_that_was_reported_is_lost(saves: Path) -> None:
    chance = random.Random(0)
    player = subprocess.Popen(
        [sys.executable, "-c", PLAYER], cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert player.stdin and player.stdout
    reported = []
    try:
        for kill in range(KILLS):
            print(kill * 10_000 + 1, file=player.stdin, flush=True)
            word, pid = player.stdout.readline().split()
            assert word == "pid"
            reported += [_reported(player.stdout.readline()) for _ in range(chance.randrange(3))]
            time.sleep(chance.uniform(0.0, 0.05))
            os.kill(int(pid), signal.SIGKILL)
            reported += [_reported(line) for line in iter(player.stdout.readline, "dead\n")]
    finally:
        player.stdin.close()
        assert player.wait(timeout=60) == 0
        player.stdout.close()
    assert len(set(reported)) == len(reported) > KILLS // 2, "it had time to play"
    with Database.open() as log:
        log.check()
        kept = {one.result.id: one.result for one in log.matches()}
        assert sum(tally.matches for tally in log.tallies("maze/run")) == 2 * len(kept)
    connection = sqlite3.connect(saves / "arena.db")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    for match_id in reported:
        assert replays.load(match_id).result == kept[match_id]
    for match_id in chance.sample(reported, 10):
        verify(replays.load(match_id))
    assert kept.keys() <= set(replays.ids()), "a match without a replay"
    assert len(replays.ids()) <= len(kept) + KILLS, "at most a replay too many a kill"


def _reported(line: str) -> str:
    word, match_id = line.split()
    assert word == "kept"
    return match_id
