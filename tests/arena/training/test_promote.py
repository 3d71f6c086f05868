"""A champion is measured, compared with the one before it, and frozen."""

import dataclasses
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from arena.errors import ArenaError
from arena.store import checkpoints, runs
from arena.training import promote
from arena.training.estimates import Estimate, wilson
from arena.training.evaluate import Done, Strength, strength
from arena.training.promote import Candidate, Champion, Meeting, crown, measure
from arena.training.run import train
from arena.training.settings import Settings

TINY = {"num_envs": "32", "num_steps": "32", "hidden_size": "32"}


def trained(game: str = "gym/CartPole-v1", steps: int = 1000, **more: Any) -> str:
    """The id of a run."""
    *_, last = train(Settings("ppo", game, steps=steps, overrides=TINY, **more))
    return last.run


def test_a_run_becomes_a_champion_with_a_card_and_beats_random(saves: Path) -> None:
    run = runs.find(trained("maze/run", 60_000, options={"size": 7}))
    candidate = measure(run.id, games=100)
    assert candidate.verdict == "first"
    assert "is the first champion of maze/run: it solves " in str(candidate)
    meta = crown(candidate)
    assert meta.folder == saves / "champions/maze/run/ppo"
    assert [champion.digest for champion in checkpoints.champions("maze/run")] == [meta.digest]
    card = meta.card
    assert card["interval"][0] <= card["score"] <= card["interval"][1]
    assert card["score"] > card["random"]["score"]
    assert (card["game"], card["episodes"], card["steps"]) == ("maze/run", 100, run.step)
    assert card["summary"].startswith("solves ")
    assert card["machine"]["cores"] >= 1
    assert card["seconds"] > 0
    assert meta.options == {}, "a champion plays the game as it is offered, not the size it was trained on"
    agent, _ = checkpoints.load_agent(meta.folder)
    again = strength(agent, "maze/run", games=100, seed=20_000, greedy=meta.greedy)
    assert again.estimate.mean == pytest.approx(card["score"], abs=0.03)  # half precision


def test_a_run_without_a_checkpoint_makes_no_champion() -> None:
    opened = runs.create(agent="ppo", game="maze/run", options={}, seed=0, config={"total_steps": 100})
    opened.close()
    with pytest.raises(ArenaError, match="no checkpoint yet"):
        measure(opened.id)
    assert checkpoints.champions() == []


def test_measuring_names_what_it_measures_and_ends_each_part() -> None:
    run, told = trained(), dict[str, list[Done]]()
    measure(run, games=10, progress=lambda what, done: told.setdefault(what, []).append(done))
    assert {what: done[-1] for what, done in told.items()} == {
        f"{run} with its best actions": Done(5, 5, 0),
        f"{run} with drawn actions": Done(5, 5, 0),
        run: Done(10, 10, 0),
        "random": Done(10, 10, 0),
    }
    for done in told.values():
        assert [one.ended for one in done] == sorted(one.ended for one in done)


def test_what_was_measured_is_not_measured_again_until_there_is_another_checkpoint() -> None:
    run, told = trained(), list[str]()

    def measured(games: int = 10) -> Candidate:
        told.clear()
        return measure(run, games=games, progress=lambda what, done: told.append(what))

    first = measured()
    assert {run, "random"} <= set(told)
    again = measured()
    assert not told
    assert (again.strength, again.greedy, again.card) == (first.strength, first.greedy, first.card)
    crown(first)
    assert measured().champion is not None and not told
    measured(games=11)
    assert {run, "random", "the champion"} <= set(told), "by another protocol everyone anew"
    measured(games=11)
    assert not told
    list(train(Settings(resume=run, steps=4000)))
    assert measured().source.step > first.source.step
    assert run in told and "random" not in told


def test_a_card_of_the_same_protocol_is_believed_and_any_other_measured_anew() -> None:
    run = trained()
    first = measure(run, games=10)
    card = dict(first.card) | {"summary": "scores 9,000.0", "score": 9000.0, "interval": [8999.0, 9001.0]}
    crown(dataclasses.replace(first, card=card))
    believed = measure(run, games=10)
    assert believed.champion == Champion("scores 9,000.0", Estimate(9000, 8999, 9001))
    assert believed.verdict == "weaker"
    told: list[str] = []
    other = measure(run, games=11, progress=lambda what, done: told.append(what))
    assert told[-1] == "the champion"
    assert other.champion is not None and other.champion.strength.mean < 500
    assert "in 11 games" in other.champion.summary
    crown(dataclasses.replace(first, card=card | {"interval": "none"}))
    damaged = measure(run, games=10)
    assert damaged.champion is not None and damaged.champion.strength.mean < 500


def test_a_damaged_champion_is_no_rival() -> None:
    run = trained()
    meta = crown(measure(run, games=10))
    (meta.folder / "meta.json").write_text("{")
    assert measure(run, games=10).verdict == "first"


def test_a_run_that_goes_on_may_remove_the_checkpoint_while_it_is_measured() -> None:
    run = runs.find(trained())
    candidate = measure(run.id, games=10)
    assert run.checkpoint is not None
    shutil.rmtree(run.checkpoint)
    assert checkpoints.load_agent(crown(candidate).folder)[1].card == candidate.card


def test_in_a_game_for_two_it_meets_the_champion_on_equal_terms() -> None:
    run = trained("maze/race", 1000)
    crown(measure(run, games=40))
    told: list[str] = []
    again = measure(run, games=40, progress=lambda what, done: told.append(what))
    assert f"{run} against the champion" in told
    assert again.champion is not None and again.champion.met is not None
    met = again.champion.met
    assert met.games == 40 and met.won.low < 0.5 < met.won.high, "it has met itself"
    assert again.verdict == "unclear" and f"it {met} against the champion" in str(again)


def test_of_four_nobody_meets_the_champion_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promote, "needs", lambda meta: {"seats": 4})
    run = trained("maze/coins", 1000)
    crown(measure(run, games=10))
    champion = measure(run, games=10).champion
    assert champion is not None and champion.met is None


def compared(solved: int, champion: int, games: int = 1000) -> Candidate:
    """A candidate that solved so many levels, beside a champion that solved so many."""
    rate, before = wilson(solved, games), wilson(champion, games)
    measured = Strength("solved", games, rate, rate)
    told = Champion(str(Strength("solved", games, before, before)), before)
    source: Any = SimpleNamespace(game="maze/run")
    learner: Any = None  # neither plays here
    return Candidate("ppo-maze-run-s0-1122-1825", source, learner, True, measured, {}, told)


@pytest.mark.parametrize(
    ("solved", "champion", "verdict", "words"),
    [
        (900, 600, "better", "is better than the champion of maze/run: it solves 90.0% "),
        (600, 900, "weaker", "is weaker than the champion of maze/run: it solves 60.0% "),
        (
            905,
            900,
            "unclear",
            "is not shown to be better .* the difference, \\+0.5% \\[-2.1%, \\+3.1%\\], may",
        ),
        (900, 900, "unclear", "the difference, \\+0.0% "),
    ],
)
def test_better_is_what_the_intervals_say(solved: int, champion: int, verdict: str, words: str) -> None:
    candidate = compared(solved, champion)
    assert candidate.verdict == verdict
    with pytest.raises(ArenaError, match=words):
        raise ArenaError(str(candidate))
    assert f"the champion solves {champion / 10:.1f}% [" in str(candidate)


@pytest.mark.parametrize(
    ("won", "against_random", "verdict"),
    [
        (600, (997, 1000), "better"),
        (600, (900, 1000), "weaker"),
        (500, (990, 900), "unclear"),
        (400, (990, 900), "weaker"),
    ],
)
def test_who_wins_against_the_champion_is_better_unless_weaker_against_random(
    won: int, against_random: tuple[int, int], verdict: str
) -> None:
    candidate = compared(*against_random)
    assert candidate.champion is not None
    met = Meeting(1000, wilson(won, 1000))
    candidate = dataclasses.replace(candidate, champion=dataclasses.replace(candidate.champion, met=met))
    assert candidate.verdict == verdict
