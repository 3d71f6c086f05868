"""A champion is called so until another takes its place, wherever the log is read."""

from dataclasses import replace
from pathlib import Path

import pytest

from arena import cli
from arena.store import checkpoints
from arena.store.database import Database
from arena.store.records import Identity, MatchResult, SeatResult
from arena.store.titles import today
from arena.tournaments.ratings import leaderboard
from tests.arena.store.test_checkpoints import save, trained

RANDOM = Identity("builtin:random", "random", "builtin")
PPO = Identity("agent:1", "ppo", "agent", "champion, solves 98%")


def plays(identity: Identity, game: str = "gym/CartPole-v1", seed: int = 1) -> None:
    seats = (SeatResult(identity, 1.0, 1), SeatResult(RANDOM, 0.0, 2))
    with Database.open() as log:
        log.add(MatchResult(game, {}, seed, seats, 9, "0" * 16))


def test_the_former_champion_and_the_one_of_today_are_told_apart_wherever_names_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    identities = []
    for number in (1, 2):
        source = save(tmp_path / str(number), trained(number))
        champion = checkpoints.save_champion(source, options={}, greedy=True, card={})
        identities.append(Identity(f"agent:{champion.digest}", "ppo", "agent", f"champion, {number}"))
        plays(identities[-1], seed=number)
    former, present = identities
    called = {s.player.id: (s.player.name, s.player.detail) for s in leaderboard("gym/CartPole-v1")}
    assert called[present.id] == ("ppo", "champion, 2")
    assert called[former.id] == ("ppo (former)", "former champion, 1")
    with Database.open() as log:
        newest, oldest = log.matches()
        assert [one.result.seats[0].player.name for one in (newest, oldest)] == ["ppo", "ppo (former)"]
        assert oldest.result.id == log.find(oldest.result.id).result.id
    assert cli.run(["leaderboard", "gym/CartPole-v1"]) == 0
    said = capsys.readouterr().out
    assert "ppo (former)  former champion, 1" in said and "ppo           champion, 2" in said


@pytest.mark.parametrize(
    "player",
    [
        RANDOM,
        Identity("human:champion", "champion", "human", "champion"),
        Identity("agent:2", "ppo@run", "agent", "run champion at step 3"),
        Identity("agent:2", "ppo", "agent", "champion at step 3"),  # a folder of that name
    ],
)
def test_who_was_no_champion_is_none_that_was(player: Identity) -> None:
    assert today(player, ()) == player


def test_a_champion_that_is_gone_was_one() -> None:
    assert today(PPO, {PPO.id}) == PPO
    assert today(PPO, {"agent:2"}) == replace(PPO, name="ppo (former)", detail="former champion, solves 98%")
    assert today(replace(PPO, detail="champion"), ()).detail == "former champion"
