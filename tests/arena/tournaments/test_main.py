"""A tournament as the launcher starts it: a child process with pipes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from arena.errors import ArenaError
from arena.store import tournaments
from arena.tournaments.__main__ import main
from arena.tournaments.tournament import Tournament

GAME = "gym/CartPole-v1"

SHORT = ["--game", GAME, "--player", "random", "--player", "noop", "--seed", "3", "--workers", "1"]

LONG = ["--game", "atari/pong", "--player", "random", "--player", "noop", "--games", "8", "--workers", "1"]


def started(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "arena.tournaments", *arguments],
        cwd=Path(__file__).parents[3],
        env=dict(os.environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: "subprocess.Popen[str]") -> list[dict[str, Any]]:
    """What it still says, until it has ended; its stdin stays open until then."""
    assert process.stdout is not None and process.stderr is not None
    with process:
        out, err = process.stdout.read(), process.stderr.read()
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return [json.loads(line) for line in out.splitlines()]


def heard(process: "subprocess.Popen[str]", event: str) -> dict[str, Any]:
    """The next event of a kind."""
    assert process.stdout is not None
    for line in process.stdout:
        said: dict[str, Any] = json.loads(line)
        if said["event"] == event:
            return said
    raise AssertionError(f"it ended without {event}")


def whole(tournament: str) -> list[tuple[str, int, str]]:
    known = Tournament.load(tournaments.find(tournament))
    return [
        (one.result.game, one.result.seed, one.result.digest) for p in known.played().values() for one in p
    ]


def test_it_tells_its_id_how_far_it_is_and_that_it_is_done() -> None:
    process = started(*SHORT, "--games", "3")
    first, *_, last = ended(process)
    assert first["event"] == "started"
    assert last == {"event": "finished", "played": 3, "matches": 3, "waiting": 0}
    assert len(whole(first["tournament"])) == 3


def say_quit(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("quit\n")
    process.stdin.flush()


ENDINGS = {
    "quit": say_quit,
    "SIGTERM": lambda process: process.send_signal(signal.SIGTERM),
    "SIGINT": lambda process: process.send_signal(signal.SIGINT),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_it_stops_when_asked_and_lets_go_of_its_lock(ending: str) -> None:
    process = started(*LONG)
    plan = tournaments.find(heard(process, "started")["tournament"])
    heard(process, "progress")
    assert tournaments.is_played(plan)
    assert tournaments.player(plan) == process.pid
    with pytest.raises(ArenaError, match="played by another process"):
        tournaments.lock(plan)
    ENDINGS[ending](process)
    assert ended(process)[-1]["event"] == "stopped"
    assert not tournaments.is_played(plan)


def test_what_was_stopped_is_gone_on_with_to_the_same_end() -> None:
    whole_one = ended(started(*SHORT, "--games", "40"))[0]["tournament"]
    process = started(*SHORT, "--games", "40")
    cut = heard(process, "started")["tournament"]
    heard(process, "progress")
    say_quit(process)
    ended(process)
    again = ended(started("--resume", cut))
    assert again[0] == {"event": "started", "tournament": cut}
    assert again[-1]["event"] == "finished"
    assert sorted(whole(cut)) == sorted(whole(whole_one))


def test_people_are_waited_for() -> None:
    process = started(*SHORT, "--player", "human", "--me", "Ann", "--games", "2")
    first, *_, last = ended(process)
    assert last == {"event": "finished", "played": 2, "matches": 6, "waiting": 4}
    assert tournaments.find(first["tournament"]).entrants[2].name == "Ann"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--game", GAME, "--player", "random"], "needs 2 at least"),
        (["--game", "maze/nothing", "--player", "random", "--player", "noop"], "no game is called"),
        ([*SHORT, "--format", "chess"], "no format 'chess'"),
        ([*SHORT, "--player", "entry:theirs"], "--trust"),
        (["--resume", "nothing"], "no tournament is called"),
        (["--player", "random"], "name games and players"),
        ([*SHORT, "--workers", "0"], "from 1 to"),
    ],
)
def test_what_cannot_be_is_said_and_leaves_nothing(
    arguments: list[str], why: str, saves: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = json.loads(capsys.readouterr().out)
    assert said["event"] == "error"
    assert why in said["message"]
    assert not [*saves.glob("tournaments/*")]
