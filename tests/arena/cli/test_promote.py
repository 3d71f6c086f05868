"""`arena promote`: a champion that is not beaten stays."""

import json

import pytest

from arena import cli
from arena.store import checkpoints
from arena.training.run import train
from arena.training.settings import Settings


@pytest.fixture
def two_runs() -> tuple[str, str]:
    """A run that has learned CartPole, and one that has only begun."""
    strong, weak = (
        [*train(Settings("ppo", "gym/CartPole-v1", steps=steps, seed=seed))][-1].run
        for seed, steps in ((1, 20_000), (2, 1))
    )
    return strong, weak


def test_a_weaker_run_is_refused_with_both_figures_unless_forced(
    two_runs: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    strong, weak = two_runs
    assert cli.run(["promote", weak, "--games", "10"]) == 0
    assert capsys.readouterr().out.startswith(f"{weak} is now the champion of gym/CartPole-v1: it scores ")
    assert cli.run(["promote", strong, "--games", "10"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{strong} is now the champion of gym/CartPole-v1: it scores ")
    assert "; the champion before it scores " in said
    [champion] = checkpoints.champions("gym/CartPole-v1")
    assert champion.card["run"] == strong

    assert cli.run(["promote", weak, "--games", "10"]) == 1
    said, complaint = capsys.readouterr()
    assert not said
    assert complaint.splitlines()[-1].startswith(f"arena: {weak} is weaker than the champion of gym/CartPole")
    assert complaint.count("scores ") == 2 and complaint.rstrip().endswith(
        "--force makes it champion all the same"
    )
    assert checkpoints.champions("gym/CartPole-v1") == [champion]

    assert cli.run(["promote", weak, "--games", "10", "--json"]) == 1
    event = json.loads(capsys.readouterr().out)
    assert (event["event"], event["verdict"]) == ("refused", "weaker")
    assert weak in event["message"] and event["champion"]["summary"] == champion.card["summary"]
    assert checkpoints.champions("gym/CartPole-v1") == [champion]

    assert cli.run(["promote", weak, "--games", "10", "--json", "--force"]) == 0
    out = capsys.readouterr().out
    event = json.loads(out)
    assert out.count("\n") == 1, "an event is a line"
    assert (event["event"], event["run"], event["agent"]) == ("promoted", weak, "ppo")
    assert checkpoints.champions("gym/CartPole-v1")[0].card["run"] == weak == event["card"]["run"]
