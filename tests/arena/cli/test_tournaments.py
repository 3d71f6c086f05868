"""`arena tournament`, within this process."""

import os
import shutil
import signal

import pytest

from arena import cli
from arena.cli import tournaments as commands
from arena.store import tournaments
from arena.store.tournaments import Plan
from arena.tournaments.engines import Local
from arena.tournaments.entering import enter
from arena.tournaments.runner import job, run
from arena.tournaments.tournament import Tournament


def entered() -> Plan:
    return enter(
        format="round-robin",
        games=["maze/race"],
        players=["random", "noop"],
        options={},
        seats=2,
        pairs=1,
        rounds=None,
        seed=1,
    )


def played(plan: Plan) -> None:
    engine = Local(job(plan), 1)
    try:
        run(Tournament.load(plan), engine, lambda news: None)
    finally:
        engine.close()


def test_what_another_process_played_while_one_was_asked_is_not_played_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = entered()

    def not_again(*_: object) -> None:
        raise AssertionError("it has been played")

    def ask(*_: object) -> None:
        played(plan)
        monkeypatch.setattr(Local, "submit", not_again)

    monkeypatch.setattr(commands, "trust", ask)
    assert cli.run(["tournament", "--resume", plan.id]) == 0
    assert "2 of 2 matches" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--resume", "last", "--rounds", "5"], "leave --rounds out"),
        (["--resume", "last", "--show", "last"], "take one of them"),
        (["maze/run", "-p", "random,noop", "--option", "sze=9"], "no option 'sze'"),
        (["maze/run", "-p", "random,noop", "--csv", "nowhere/x.csv"], "choose a file in a folder"),
        (["maze/run", "-p", "random,noop", "--csv", "-"], "--json prints on stdout"),
        (["maze/run", "-p", "random,noop", "--csv", "x", "--html", "x"], "give each a file of its own"),
        (["--csv", "x.csv"], "name games and --players"),
        (["maze/run", "-p", "random"], "needs 2 at least"),
    ],
)
def test_what_cannot_be_is_said_before_a_tournament_is_made(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["tournament", *arguments]) in (1, 2)
    assert words in capsys.readouterr().err
    assert not tournaments.tournaments()


def test_for_several_games_one_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(commands, "trust", lambda players, games, trusted: asked.append(games))
    names = ["tournament", "maze/race", "maze/run", "-p", "random,noop", "--games", "0"]
    assert cli.run(names) == 2
    assert asked == ["maze/race, maze/run"]


def test_a_plan_that_nobody_can_play_does_not_hide_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    plan, broken = entered(), entered()
    path = broken.folder / "plan.json"
    path.write_text(path.read_text().replace("maze/race", "maze/gone"))
    assert cli.run(["tournament"]) == 0
    said = capsys.readouterr()
    assert plan.id in said.out and f"{broken.id} cannot be played" in said.err
    for damaged in (
        '{"seats": 1e999}',
        "[" * 100_000,
        '{"entrants": [{"name": "A", "identities": [{"id": []}]}]}',
    ):
        path.write_text(damaged)
        assert tournaments.tournaments() == [plan]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_that_is_asked_to_stop_says_how_to_go_on(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(Local, "submit", lambda *_: os.kill(os.getpid(), number))
    assert cli.run(["tournament", "--resume", entered().id]) == 130
    assert "stopped after 0 of 2 matches" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_new_one_has_no_matches_of_one_whose_folder_is_gone() -> None:
    plan = entered()
    played(plan)
    shutil.rmtree(plan.folder)
    for _ in range(3):
        other = entered()
        assert other.id != plan.id and Tournament.load(other).matches == (0, 2)
