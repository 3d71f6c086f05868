"""A run may begin with what another has learned, and says so for ever."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from agents.dqn import DQN
from agents.dqn import Config as DQNConfig
from agents.robustify import Robustify
from arena.errors import UsageError
from arena.matches import roster
from arena.matches.planner import Planner
from arena.store import checkpoints, run_upkeep, runs
from arena.store.records import Option
from arena.training import comparison, group, origins
from arena.training.__main__ import main as child
from arena.training.promote import crown, measure
from arena.training.run import check, train
from arena.training.settings import Settings
from arena.training.stopping import Stop
from tests.arena.training.test_run import TINY

CARTPOLE = {"num_envs": "4", "num_steps": "16", "hidden_size": "16", "epochs": "1"}


def trained(game: str = "gym/CartPole-v1", steps: int = 300, agent: str = "ppo", **more: object) -> runs.Run:
    *_, last = train(Settings(agent, game, steps=steps, overrides=CARTPOLE, **more))  # type: ignore[arg-type]
    return runs.find(last.run)


def weights(run: runs.Run) -> dict[str, np.ndarray]:
    assert run.checkpoint is not None
    return checkpoints.load_agent(run.checkpoint)[0].weights()


def test_it_begins_with_the_weights_of_a_run_and_learns_on() -> None:
    first = trained()
    _, origin = check(Settings("ppo", "gym/CartPole-v1", overrides=CARTPOLE, origin=first.id))
    assert origin is not None and origin.told()["steps"] == first.step
    second = trained(seed=2, origin=f"ppo@{first.id}")
    assert second.origin["digest"] == origin.meta.digest and second.origin["player"] == f"ppo@{first.id}"
    assert second.origin["seconds"] == first.latest["seconds"] > 0
    assert second.step < first.step + 100, "its own steps are counted from 0"
    moved = [np.abs(weights(first)[name] - array).max() for name, array in weights(second).items()]
    fresh = trained(seed=2)
    farther = [np.abs(weights(first)[name] - array).max() for name, array in weights(fresh).items()]
    assert 0 < max(moved) < 0.1 < max(farther)
    assert fresh.origin == {}


def test_a_champion_tells_what_it_began_with_and_how_that_was_trained() -> None:
    first = trained("maze/run", options={"size": 7})
    crown(measure(first.id, games=10))
    [champion] = checkpoints.champions("maze/run")
    second = trained("maze/run", options={"size": 7}, origin="ppo")
    card = measure(second.id, games=10).card
    assert card["began_with"]["digest"] == champion.digest
    assert card["began_with"]["steps"] == first.step
    assert card["began_with"]["seconds"] == champion.card["seconds"] > 0
    assert "began_with" not in champion.card and champion.steps_before == 0
    third = crown(measure(trained("maze/run", options={"size": 7}, origin=second.id).id, games=10))
    assert third.steps_before == first.step + second.step


def explored(game: str = "atari/freeway", **options: Option) -> runs.Run:
    """Of Freeway so much that a chicken has crossed."""
    overrides = {"num_envs": "1", "explorations": "20"}
    *_, last = train(Settings("go-explore", game, steps=6000, options=options, overrides=overrides))
    return runs.find(last.run)


def robust(origin: str, game: str = "atari/freeway", **more: str) -> Settings:
    small = {"num_envs": "2", "num_steps": "16", "imitation_epochs": "2", "hidden_size": "16"}
    return Settings("robustify", game, steps=64, overrides={**small, **more}, origin=origin)


def test_what_exploring_found_is_learned_from_where_it_was_found() -> None:
    found = explored()
    *_, last = train(robust(found.id, until_score="1"))
    run = runs.find(last.run)
    assert run.origin["player"] == found.id and run.origin["steps"] == found.step
    assert run.checkpoint is not None and run.step < 100, "nothing was explored anew"
    learner, _ = checkpoints.resume(run.checkpoint)
    assert isinstance(learner, Robustify) and len(learner.demonstrations) == 1
    with pytest.raises(
        UsageError, match="has explored atari/freeway, and its trajectories lead nowhere in atari/po"
    ):
        check(robust(found.id, "atari/pong"))
    with pytest.raises(UsageError, match=r"exploring has scored [12], and not 9"):
        check(robust(found.id, until_score="9"))
    with pytest.raises(UsageError, match="ppo cannot begin with what go-explore has learned"):
        check(Settings("ppo", "atari/freeway", origin=found.id))
    with pytest.raises(UsageError, match="go-explore explores a game from its start"):
        check(Settings("go-explore", "atari/freeway", origin=found.id))
    with pytest.raises(UsageError, match="begins with a run that has explored it, not with a policy"):
        check(robust(run.id))
    with pytest.raises(UsageError, match="first `arena train go-explore atari/freeway`"):
        check(robust(""))


def test_imitation_is_kept_and_gone_on_with_though_it_takes_no_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    found = explored()
    events = train(replace(robust(found.id, imitation_epochs="6", until_score="1"), checkpoint_seconds=0))
    seen = [event for event in events if event.event in ("progress", "saved")]
    for event in seen:
        if event.event == "saved":
            assert event.folder is not None
    passes = [event.metrics.get("imitation/epochs") for event in seen if event.event == "progress"]
    assert passes[:6] == [1, 2, 3, 4, 5, 6]
    stop = Stop()
    for event in train(robust(found.id, imitation_epochs="6", until_score="1"), stop):
        if event.metrics.get("imitation/epochs") == 3:
            stop.set()
    run = runs.find(event.run)
    assert event.event == "stopped" and run.checkpoint is not None
    learner, _ = checkpoints.resume(run.checkpoint)
    assert isinstance(learner, Robustify) and learner.imitated == 3


def test_mazes_are_explored_by_who_practises_in_them() -> None:
    found = explored("maze/run", size=7)
    with pytest.raises(
        UsageError, match="robustify explores levels of maze/run itself, small ones; leave --from"
    ):
        check(replace(robust(found.id, "maze/run"), options={"size": 7}))


def test_its_champion_plays_as_go_explore_and_says_what_it_is() -> None:
    assert isinstance(roster.resolve("go-explore", "maze/run"), Planner)
    settings = replace(robust("", "maze/run", demonstrations="1"), options={"size": 7}, steps=9000)
    *_, last = train(settings)
    crown(measure(last.run, games=10))
    [champion] = [meta for meta in checkpoints.champions("maze/run") if meta.agent == "robustify"]
    assert champion.player == "go-explore" and champion.folder.name == "go-explore"
    player = roster.resolve("go-explore", "maze/run")
    assert not isinstance(player, Planner)
    assert player.identity.name == "go-explore"
    assert player.identity.detail.startswith("champion, robustify: solves ")
    [choice] = [choice for choice in roster.available("maze/run") if choice.name == "go-explore"]
    assert choice.detail == player.identity.detail and choice.why_not is None
    assert not [choice for choice in roster.available("maze/run") if choice.name == "robustify"]
    with pytest.raises(UsageError, match="robustify makes champions that play as go-explore"):
        roster.resolve("robustify", "maze/run")
    _, origin = check(replace(settings, origin="go-explore"))
    assert origin is not None and origin.meta.digest == champion.digest
    (champion.folder / "meta.json").write_text("{")
    [choice] = [choice for choice in roster.available("maze/run") if choice.name == "go-explore"]
    assert choice.why_not == "its champion here is damaged"


def test_a_run_that_was_stopped_before_its_first_checkpoint_begins_so_again_whatever_became_of_the_other(
    monkeypatch: pytest.MonkeyPatch, saves: Path
) -> None:
    first = trained()
    assert first.checkpoint is not None
    settings = Settings("ppo", "gym/CartPole-v1", steps=300, overrides=CARTPOLE, origin=first.id)
    config, origin = check(settings)
    whole = trained(origin=str(first.checkpoint))
    [waiting, other] = group.create(settings, [0, 1], asdict(config), origin)
    assert waiting.origin["digest"] == other.origin["digest"] == whole.origin["digest"]
    list(train(Settings(resume=first.id, steps=600)))
    run_upkeep.delete(runs.find(first.id))
    *_, last = train(Settings(resume=waiting.id))
    for name, array in weights(runs.find(last.run)).items():
        np.testing.assert_array_equal(array, weights(whole)[name])
    assert len(comparison.settings_of([runs.find(last.run)])) == 1


def test_all_seeds_of_a_group_begin_with_the_same_weights_whatever_the_source_learns_meanwhile(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = trained()
    sets = [word for name, value in CARTPOLE.items() for word in ("--set", f"{name}={value}")]
    arguments = [
        "--agent",
        "ppo",
        "--game",
        "gym/CartPole-v1",
        "--seed",
        "4",
        "--seeds",
        "2",
        "--steps",
        "300",
    ]
    assert child([*arguments, *sets, "--from", first.id]) == 0
    created, started, *_ = map(json.loads, capsys.readouterr().out.splitlines())
    assert (created["event"], started["run"]) == ("created", created["runs"][0])
    list(train(Settings(resume=first.id, steps=600)))
    assert child(["--resume", created["runs"][1]]) == 0
    one, other = map(runs.find, created["runs"])
    assert (one.seed, other.seed) == (4, 5) and one.group == other.group != ""
    assert (one.state, other.state) == ("done", "done")
    assert one.origin == other.origin and one.origin["steps"] == first.step
    kept = [checkpoints.load_agent(run.folder / origins.KEPT)[1].digest for run in (one, other)]
    assert kept == [one.origin["digest"]] * 2


def test_a_checkpoint_is_known_for_its_runs_whatever_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    first = trained()
    second = trained(origin=first.id)
    assert second.checkpoint is not None
    monkeypatch.chdir(second.folder / "checkpoints")
    _, origin = check(
        Settings(
            "ppo", "gym/CartPole-v1", overrides=CARTPOLE, origin=f"../checkpoints/{second.checkpoint.name}"
        )
    )
    assert origin is not None and origin.told()["began_with"]["steps"] == first.step


def test_runs_that_began_with_something_are_no_samples_of_those_that_did_not() -> None:
    first, other = trained(), trained(seed=1)
    later = [trained(seed=seed, origin=first.id) for seed in (2, 3)]
    settings = comparison.settings_of([first, other, *later])
    assert [len(setting.runs) for setting in settings] == [2, 2]
    assert comparison.differences(settings) == ["ppo", f"ppo from={first.id}"]


@pytest.mark.parametrize(
    ("origin", "says"),
    [
        ("dqn", "dqn has no champion for gym/CartPole-v1"),
        ("random", "random has learned nothing"),
        ("human", "human has learned nothing"),
        ("ppo-of-nobody", "no player is called 'ppo-of-nobody'"),
    ],
)
def test_who_has_learned_nothing_cannot_be_begun_with(origin: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        check(Settings("ppo", "gym/CartPole-v1", overrides=CARTPOLE, origin=origin))
    assert runs.runs() == []


def test_who_explores_begins_with_the_game_alone() -> None:
    *_, last = train(Settings("go-explore", "maze/run", steps=300, options={"size": 7}))
    with pytest.raises(UsageError, match="go-explore explores a game from its start"):
        check(Settings("go-explore", "maze/run", steps=300, options={"size": 7}, origin=last.run))
    with pytest.raises(UsageError, match="ppo cannot begin with what go-explore has learned"):
        check(Settings("ppo", "maze/run", steps=300, options={"size": 7}, origin=last.run))


def test_weights_that_do_not_fit_are_refused_with_both_games_named() -> None:
    first = trained()
    with pytest.raises(UsageError, match=f"ppo at maze/run cannot begin with {first.id}, of gym/CartPole-v1"):
        check(Settings("ppo", "maze/run", options={"size": 7}, overrides=TINY, origin=first.id))
    with pytest.raises(UsageError, match="dqn cannot begin with what ppo has learned"):
        check(Settings("dqn", "gym/CartPole-v1", origin=first.id))


def test_what_is_stopped_at_once_is_kept_and_goes_on() -> None:
    first = trained()
    stop = Stop()
    stop.set()
    *_, last = train(Settings("ppo", "gym/CartPole-v1", steps=300, overrides=CARTPOLE, origin=first.id), stop)
    *_, last = train(Settings(resume=last.run))
    assert last.event == "finished" and runs.find(last.run).origin["player"] == first.id


def test_a_target_network_begins_like_the_other() -> None:
    import gymnasium

    spaces = gymnasium.spaces.Box(-1, 1, (4,)), gymnasium.spaces.Discrete(2)
    one, other = (DQN(*spaces, DQNConfig(hidden_size=8), seed=seed) for seed in (1, 2))
    other.load_weights(one.weights())
    for name, tensor in other.target.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), one.weights()[name])
