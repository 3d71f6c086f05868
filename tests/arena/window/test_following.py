"""A run is read from its folder while it is written there."""

import shutil
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from arena.errors import ArenaError, UsageError
from arena.store import watched
from arena.window import following
from arena.window.following import Following, Story, as_trained, follow, name_apart, shared_curve
from arena.window.session import Setup
from tests.arena.window.learners import Learning


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "LOOK", 0.01)


@pytest.fixture
def learning() -> Iterator[Learning]:
    made = Learning()
    yield made
    made.close()


@pytest.fixture
def followed(learning: Learning) -> Iterator[Following]:
    made = Following(learning.opened.read())
    yield made
    made.close()


def until(met: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not met():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


def values(story: Story) -> list[float]:
    return [] if story.curve is None else story.curve.values.tolist()


def test_a_curve_grows_with_the_run_and_a_line_counts_when_it_is_whole(
    learning: Learning, followed: Following
) -> None:
    learning.log(100, 1.0, episodic_return=1.0)
    learning.log(200, 2.0, episodic_return=2.0, SPS=3.0)
    until(lambda: values(followed.story) == [1.0, 2.0])
    assert followed.story.curve is not None and followed.story.curve.figure == "return"
    assert followed.story.rate == pytest.approx(100.0) and followed.story.step == 200
    rest = learning.tear(300)
    time.sleep(0.05)
    assert values(followed.story) == [1.0, 2.0]
    with (learning.folder / "metrics.jsonl").open("ab") as file:
        file.write(rest)
    until(lambda: values(followed.story) == [1.0, 2.0, 7.0])
    assert followed.story.step == 300 and followed.story.state == "running"


def test_lines_that_are_no_figures_are_passed_over(learning: Learning, followed: Following) -> None:
    with (learning.folder / "metrics.jsonl").open("ab") as file:
        file.write(b'garbage\n[1]\n{"step": "x", "seconds": 1}\n{"step": NaN, "seconds": 1}\n')
        file.write(b'{"step": 5, "seconds": 1.0, "charts/episodic_return": Infinity, "charts/solved": "1"}\n')
    learning.log(10, 2.0, episodic_return=4.0)
    until(lambda: values(followed.story) == [4.0])


def test_the_speed_is_that_of_the_last_half_minute(learning: Learning, followed: Following) -> None:
    for second in range(100):
        learning.log(10 * second if second < 60 else 600 + 500 * (second - 60), float(second))
    until(lambda: followed.story.seconds == 99.0)
    assert followed.story.rate == pytest.approx(500.0)


def test_a_run_that_was_gone_on_with_from_an_earlier_step_is_read_anew(
    learning: Learning, followed: Following
) -> None:
    for step in (100, 200, 300):
        learning.log(step, step / 100, episodic_return=float(step))
    until(lambda: values(followed.story) == [100.0, 200.0, 300.0])
    learning.opened._metrics.close()  # type: ignore[union-attr]
    learning.opened._metrics = None
    learning.opened.rewind(200)
    learning.log(250, 2.5, episodic_return=250.0)
    until(lambda: values(followed.story) == [100.0, 200.0, 250.0])


def test_weights_are_asked_for_and_taken_once_each_as_they_come(
    learning: Learning, followed: Following
) -> None:
    until(lambda: (learning.folder / watched.ASKED).exists())
    assert followed.player() is None and not followed.take_up()
    learning.leave(10, seed=1)
    until(lambda: followed.player() is not None)
    assert followed.facing == 10
    assert not followed.take_up(), "these are playing already"
    learning.leave(20, seed=2)
    until(followed.take_up)
    assert followed.facing == 20 and followed.age < 5 and not followed.take_up()
    seen = np.random.default_rng(1).integers(0, 256, (4, 5, 7, 7)).astype(np.uint8)
    player = followed.player()
    thought, expected = (agent.inspect(seen) for agent in (player.agent, learning.learner(0, seed=2)))  # type: ignore[union-attr]
    assert np.array_equal(thought.actions, expected.actions)


def test_half_written_weights_are_waited_for(learning: Learning, followed: Following) -> None:
    learning.checkpoint(5)
    until(lambda: followed.player() is not None)
    live = learning.folder / watched.LIVE
    live.write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00{")
    time.sleep(0.05)
    assert not followed.take_up() and followed.facing == 5
    learning.leave(9, seed=3)
    until(followed.take_up)
    assert followed.facing == 9


@pytest.mark.parametrize("state", ["done", "stopped", "failed"])
def test_a_run_that_is_over_says_so_and_is_asked_nothing(state: str, followed: Following) -> None:
    learning = Learning(seed=5).checkpoint(40).end(state)
    other = Following(learning.opened.read())
    other.looked.wait(5)
    assert other.story.state == state and other.player() is not None and other.facing == 40
    assert not (learning.folder / watched.ASKED).exists()
    other.close()


def test_a_run_whose_folder_is_deleted_is_gone_but_plays_on(learning: Learning, followed: Following) -> None:
    learning.checkpoint(7)
    until(lambda: followed.player() is not None)
    shutil.rmtree(learning.folder)
    until(lambda: followed.story.state == "gone")
    assert followed.player() is not None and followed.facing == 7


def test_runs_have_the_shortest_names_that_tell_them_apart() -> None:
    def named(*made: Learning) -> list[str]:
        each = [Following(learning.opened.read()) for learning in made]
        name_apart(each)
        for one, learning in zip(each, made, strict=True):
            one.close()
            learning.close()
        return [one.label for one in each]

    assert named(Learning()) == ["ppo"]
    assert named(Learning(seed=1), Learning(seed=2)) == ["ppo s1", "ppo s2"]
    first, second = named(Learning(seed=3), Learning(seed=3))
    assert first != second and first.startswith("ppo ") and len(first) < 16


def test_several_runs_are_compared_by_a_figure_that_all_of_them_have() -> None:
    def story(*figures: str) -> Story:
        curves = tuple(following.Curve(figure, np.zeros(1), np.zeros(1)) for figure in figures)
        return Story(None, "running", "", 0, 0.0, None, curves)  # type: ignore[arg-type]

    assert shared_curve([story("solved", "return"), story("solved", "return")]) == "solved"
    assert shared_curve([story("solved", "return"), story("return")]) == "return"
    assert shared_curve([story("solved", "return"), story()]) == "solved"
    assert shared_curve([story()]) is None and shared_curve([]) is None


def test_a_run_plays_with_the_options_that_it_was_trained_with() -> None:
    small, large = Learning(size=7), Learning(size=9)
    setup = Setup("maze/run", (small.id, small.id), endless=True)
    followed = follow(setup)
    assert followed[0] is followed[1] is not None
    assert as_trained(setup, followed).options == {"size": 7}
    chosen = Setup("maze/run", (small.id,), options={"size": 11}, endless=True)
    assert as_trained(chosen, followed).options == {"size": 11}
    both = follow(Setup("maze/run", (small.id, large.id), endless=True))
    with pytest.raises(UsageError, match="trained with different size: choose, --option size=7 or 9"):
        as_trained(setup, both)
    for each in filter(None, {*followed, *both}):
        each.close()
    small.close()
    large.close()


def test_who_is_no_run_is_not_followed_and_a_run_of_another_game_is_refused(learning: Learning) -> None:
    assert follow(Setup("maze/run", ("random", "ppo", "human", "noop", "pathfinder"))) == (None,) * 5
    with pytest.raises(UsageError, match="learns maze/run, and cannot play maze/vault"):
        follow(Setup("maze/vault", (learning.id,), endless=True))
    with pytest.raises(ArenaError, match="no run is called"):
        follow(Setup("maze/run", ("human", "ppo@nothing")))


def test_in_a_rated_series_of_agents_the_checkpoint_plays(learning: Learning) -> None:
    assert follow(Setup("maze/run", (learning.id, "random"))) == (None, None)
