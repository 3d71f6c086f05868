"""Whose curves are drawn, in which colours, under which names."""

from dataclasses import replace

from arena.store.runs import Run
from arena.tui import comparing
from arena.tui.comparing import MOST, colored, compared, names
from arena.tui.theme import RUNS
from arena.tui.widgets.run_list import is_meant, name_of, row_of, state_of
from tests.arena.tui.piloting import kept


def with_config(run: Run, **config: object) -> Run:
    return replace(run, config={**run.config, **config})


def test_runs_of_one_game_and_its_options_are_compared_oldest_first() -> None:
    some = [kept(seed=seed) for seed in range(3)]
    other_size = replace(kept(seed=3), options={"size": 15})
    other_game = kept(game="gym/CartPole-v1")
    everything = [other_game, other_size, *reversed(some)]
    assert compared(everything, some[1], []) == some
    assert compared(everything, other_size, []) == [other_size]
    assert compared(everything, None, []) == []
    assert compared(everything, some[0], [other_game.id, some[2].id]) == [some[2], other_game]


def test_of_many_runs_the_newest_are_compared_and_always_the_one_that_is_looked_at() -> None:
    some = [kept(seed=seed) for seed in range(MOST + 3)]
    assert compared(some, some[-1], []) == some[-MOST:]
    assert compared(some, some[0], []) == [some[0], *some[-MOST + 1 :]]


def test_who_has_a_colour_keeps_it_and_no_two_share_one() -> None:
    first = colored(["a", "b", "c"], {})
    assert [first[name] for name in "abc"] == [*RUNS[:3]]
    second = colored(["b", "c", "d"], first)
    assert (second["b"], second["c"], second["d"]) == (RUNS[1], RUNS[2], RUNS[0])
    full = colored([str(number) for number in range(MOST)], second)
    assert len(set(full.values())) == MOST


def test_a_name_tells_what_is_not_shared() -> None:
    plain = [with_config(kept(seed=seed), learning_rate=1e-3, gamma=0.9) for seed in (1, 2)]
    slow = with_config(kept(seed=3), learning_rate=1e-4, gamma=0.9)
    assert [*names([*plain, slow]).values()] == ["ppo s1", "ppo s2", "ppo s3 lr 0.0001"]
    newer = with_config(kept(seed=4), learning_rate=1e-3, gamma=0.9, what_is_new=True)
    assert names([*plain, newer])[newer.id] == "ppo s4"
    dqn = with_config(kept(agent="dqn"), learning_rate=5e-4)
    assert names([*plain, dqn])[dqn.id] == "dqn s1"
    elsewhere = kept(game="maze/coins")
    assert names([plain[0], elsewhere])[elsewhere.id] == "ppo maze/coins size 9 s1"
    assert names([replace(plain[0], id="the-best"), plain[1]]) == {
        "the-best": "the-best",
        plain[1].id: "ppo s2",
    }


def test_a_line_tells_how_far_a_run_is_and_how_long_it_takes() -> None:
    run = replace(kept(returns=[0.25]), latest={"step": 250, "seconds": 10.0, "charts/episodic_return": 0.25})
    assert not comparing.renamed(run)
    assert name_of(run) == "ppo s1 maze/run size 9"
    learning = replace(run, state="running")

    def figures(run: Run, speed: float) -> tuple[str, str, str]:
        return row_of(run, speed=speed, curve=None, marked=False).figures

    assert figures(learning, 10.0) == ("25%", "0.25", "1:15 left")
    assert figures(learning, 0.0) == ("25%", "0.25", "30 s left")
    assert figures(replace(learning, latest={}), 0.0) == ("0%", "", "starting")
    assert figures(learning, 0.1) == ("25%", "0.25", "2:05:00")
    assert figures(run, 0.0) == ("25%", "0.25", "now")
    assert state_of(replace(run, state="stopped", why="its process was cut short")) == "cut short"
    assert is_meant(run, ["ppo", "s1", "done"])
    assert not is_meant(run, ["ppo", "s2"])
