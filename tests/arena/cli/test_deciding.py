"""Two players are compared until it is known who is better, and what is not known is not claimed."""

import json
import math
from collections.abc import Callable
from typing import Any

import pytest

from arena import cli
from arena.cli import deciding
from arena.matches import player
from arena.matches.player import Player
from arena.store.database import Database
from arena.store.records import Identity, MatchResult
from arena.tournaments import series


class Always(Player):
    """One action for ever."""

    identity = Identity("builtin:always", "always", "builtin")

    def act(self) -> int:
        return 1


class Broken(Player):
    identity = Identity("builtin:broken", "broken", "builtin")

    def act(self) -> int:
        raise ValueError("no idea")


@pytest.fixture(autouse=True)
def guests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(player.BUILT_IN, "always", Always)
    monkeypatch.setitem(player.BUILT_IN, "broken", Broken)
    monkeypatch.setattr(series, "HERE", math.inf)  # other processes do not know them


Compare = Callable[..., dict[str, Any]]


@pytest.fixture
def compare(capsys: pytest.CaptureFixture[str]) -> Compare:
    """What the command says to programs."""

    def said(*arguments: str, code: int = 0) -> dict[str, Any]:
        assert cli.run(["compare", *arguments, "--json"]) == code
        report: dict[str, Any] = json.loads(capsys.readouterr().out)
        return report

    return said


def kept() -> list[MatchResult]:
    with Database.open() as log:
        return [match.result for match in log.matches()]


def test_who_wins_every_pair_is_better_after_few(compare: Compare) -> None:
    report = compare("maze/coins", "pathfinder", "random", "--seed", "1")
    assert report["verdict"] == "better" and report["ending"] == "decided"
    assert report["answer"] == "pathfinder is better than random" and report["ahead"] == "pathfinder"
    assert report["llr"] >= report["llr_bounds"][1] > 0
    assert report["elo"] > 200 and report["superiority"] > 0.99
    assert report["matches"] == len(kept()) == 2 * report["rounds"] < 60
    assert report["wins"] + report["draws"] + report["losses"] == report["matches"]
    assert sum(report["counted_rounds_by_points"].values()) == report["rounds"]
    assert report["saved"] == report["fixed_size"] - report["matches"]
    by_seed: dict[int, list[str]] = {}
    for result in kept():
        by_seed.setdefault(result.seed, []).append(result.seats[0].player.name)
    assert all(sorted(first) == ["pathfinder", "random"] for first in by_seed.values()), "both had each seat"


def test_who_loses_is_not_better_and_it_is_said_who_is_ahead(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["compare", "maze/run", "random", "pathfinder", "--seed", "1"]) == 0
    said = capsys.readouterr()
    answer, _, *rows = said.out.splitlines()
    assert answer == "random is not better than pathfinder by 50 Elo or more; pathfinder is ahead."
    assert rows[0].split() == ["random", "against", "pathfinder", "maze/run"]
    assert [row.split("  ")[0] for row in rows[1:]] == [
        "Elo difference",
        "random is the stronger (LOS)",
        "won, drawn, lost",
        "evidence (LLR)",
        "played",
    ], "a duel has no pairs"
    assert "<0.1%" in rows[2] and rows[3].split()[-3:-1] == ["0,", "0,"]
    assert "all kept; series seed 1" in said.err


def test_the_same_seed_brings_the_same_answer(capsys: pytest.CaptureFixture[str]) -> None:
    said = []
    for form in ([], [], ["--json"], ["--json"]):
        assert cli.run(["compare", "maze/race", "pathfinder", "random", "--seed", "5", *form]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] and said[2] == said[3]


def test_at_the_limit_it_is_not_known(compare: Compare, capsys: pytest.CaptureFixture[str]) -> None:
    terms = ("maze/coins", "pathfinder", "random", "--seed", "1", "--max-games", "4")
    report = compare(*terms)
    assert (report["verdict"], report["ending"], report["matches"]) == (None, "limit", 4)
    assert report["saved"] is None and report["fixed_size"] > 4
    assert cli.run(["compare", *terms]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("It is not known yet whether pathfinder is better than random")
    assert "--max-games" in said.err and "saved" not in said.out


def test_a_game_that_always_goes_the_same_way_is_played_no_longer(
    compare: Compare, capsys: pytest.CaptureFixture[str]
) -> None:
    terms = ("gym/CliffWalking-v1", "noop", "always", "--seed", "1")
    report = compare(*terms)
    assert (report["verdict"], report["ending"]) == (None, "alike")
    assert (report["matches"], report["different_rounds"]) == (21, 1)
    assert report["wins"] + report["draws"] + report["losses"] == 1
    assert cli.run(["compare", *terms]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(
        "It cannot be told whether noop is better than always: gym/CliffWalking-v1 always brings the same "
        "match between them."
    )
    assert "1 of 21 matches" in said.out and "same moves and scores as the first" in said.err


def test_a_game_of_chance_with_few_ways_to_go_is_played_on(compare: Compare) -> None:
    report = compare("gym/Blackjack-v1", "noop", "random", "--seed", "1", "--max-games", "200")
    assert report["matches"] > report["different_rounds"] > 1
    assert report["wins"] + report["draws"] + report["losses"] == report["matches"]


def test_interrupted_it_says_what_is_known_so_far(
    compare: Compare, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the middle of the second pair, of which one match is kept and does not count."""
    keep, calls = deciding.keep, []

    def interrupted(replay: Any) -> MatchResult:
        if len(calls) == 3:
            raise KeyboardInterrupt
        calls.append(replay)
        return keep(replay)

    monkeypatch.setattr(deciding, "keep", interrupted)
    terms = ("maze/coins", "pathfinder", "random", "--seed", "1")
    report = compare(*terms, code=130)
    assert (report["ending"], report["verdict"]) == ("interrupted", None)
    assert (report["matches"], report["rounds"]) == (3, 1)
    assert report["wins"] + report["draws"] + report["losses"] == 2
    assert len(kept()) == 3
    assert cli.run(["compare", *terms]) == 130
    said = capsys.readouterr()
    assert said.out.startswith("It is not known yet") and "0 matches" in said.err


def test_who_cannot_play_loses_by_forfeit_and_it_is_said_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["compare", "maze/run", "broken", "random", "--seed", "1"]) == 0
    said = capsys.readouterr()
    assert "random is ahead" in said.out
    assert "broken lost" in said.err and "by forfeit, the last one by ValueError: no idea" in said.err


def test_of_another_question_the_answer_is_another(compare: Compare) -> None:
    """That somebody is no weaker, or is stronger by much."""
    terms = ("maze/run", "pathfinder", "random", "--seed", "1")
    report = compare(*terms, "--elo0", "-50", "--elo1", "0")
    assert report["answer"] == "pathfinder is not weaker than random by 50 Elo or more; pathfinder is ahead"
    report = compare(*terms, "--elo0", "100", "--elo1", "200", "--alpha", "0.2")
    assert report["answer"] == "pathfinder is better than random by more than 100 Elo"
    assert report["question"] == {"elo0": 100, "elo1": 200, "alpha": 0.2, "beta": 0.05}
    report = compare("maze/run", "random", "pathfinder", "--seed", "1", "--elo0", "-100", "--elo1", "-50")
    assert report["answer"] == "random is weaker than pathfinder by more than 50 Elo"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("maze/rnu ppo random", "did you mean maze/run"),
        ("maze/run random radnom", "no player is called 'radnom'"),
        ("maze/run random random", "random and random are the same player"),
        ("maze/run human random", "a person cannot play headless"),
        ("versus/entombed_together noop random", "is played together for one score"),
        ("versus/quadrapong noop random", "is for 4 players, and 2 were named"),
        ("maze/run noop random --elo0 50 --elo1 0", "elo0=50 and elo1=0: elo1 must be greater"),
        ("maze/run noop random --elo1 nan", "elo1=nan"),
        ("maze/run noop random --alpha 0.7", "alpha=0.7: how often to err is above 0 and below 0.5"),
        ("maze/race noop random --max-games 7", "--max-games 7: maze/race is played in pairs"),
        ("maze/run noop random --max-games 0", "--max-games"),
        ("maze/run noop random --option size", "KEY=VALUE"),
        ("maze/run noop random --option no_such=1", "no_such"),
        ("maze/run noop", "B"),
    ],
)
def test_what_makes_no_sense_is_one_clear_line(
    command: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["compare", *command.split()]) == 2
    said = capsys.readouterr()
    assert not said.out and "Traceback" not in said.err
    (complaint,) = [line for line in said.err.splitlines() if line.startswith("arena: ")]
    assert says in complaint
