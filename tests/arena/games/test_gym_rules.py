"""Each Gymnasium environment is described by what it is: held against the environment itself."""

import gymnasium
import pytest

from arena.games import catalog, gym_listing, gym_rules
from arena.games.gym import MAX_STEPS, GymGame, vector

LISTED = [entry for entry in gym_listing.gym_entries() if entry.missing is None]
NAMES = [f"gym/{name}" for name, _, _ in gym_listing.GYMNASIUM]


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: entry.id)
def test_the_rules_fit_the_environment(entry: catalog.Entry) -> None:
    rules = catalog.rules(entry)
    assert rules.startswith(f"{entry.title}. {entry.summary}\n\n")
    game = GymGame(entry.id, {})
    for action in game.spec.actions:
        assert action in rules, f"nothing is said of the action {action}"
    game.close()
    envs = vector(entry.id, 1, 0)
    space = envs.single_observation_space
    assert f"{space.shape} {space.dtype}" in rules
    envs.close()
    if not entry.id.startswith("gym/MiniGrid-"):
        limit = gymnasium.spec(entry.id.removeprefix("gym/")).max_episode_steps or MAX_STEPS
        assert f"{limit:,} steps" in rules


@pytest.mark.parametrize("entry", gym_listing.gym_entries(), ids=lambda entry: entry.id)
def test_nothing_is_told_of_other_environments(entry: catalog.Entry) -> None:
    rules = catalog.rules(entry)
    assert "MiniGrid" not in rules
    assert ("seven by seven cells" in rules) == entry.id.startswith("gym/MiniGrid-")


def test_every_listed_environment_has_rules_of_its_own_and_none_has_them_in_vain() -> None:
    assert {f"gym/{name}" for name in gym_rules.RULES} == set(NAMES)
    assert gym_rules.DIFFERENCES.keys() <= {name for name, _, _ in gym_listing.MINIGRIDS}


def test_of_an_environment_of_your_own_is_told_what_holds_for_all() -> None:
    rules = catalog.rules(gym_listing.gym_entry("gym/Mine-v0"))
    assert "what the environment gives" in rules and f"{MAX_STEPS:,} steps" in rules
