"""What mattered is what an agent looks at, and nothing else."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agents.agent import Agent, Insight
from agents.saliency import Saliency, is_picture, of_cells, of_picture


class Looker(Agent):
    """Leans by one part of what it sees, and values another."""

    def __init__(self, choice: Any, value: Any, kind: Any = "probability") -> None:
        self.choice, self.value, self.kind = choice, value, kind

    def act(self, observations: NDArray[Any], *, rng: Any = None) -> NDArray[np.int64]:
        raise NotImplementedError

    def inspect(self, observations: NDArray[Any]) -> Insight:
        def mean(part: Any) -> NDArray[np.float32]:
            seen = observations[(slice(None), *part)].astype(np.float32)
            means: NDArray[np.float32] = seen.reshape(len(seen), -1).mean(1) / 255
            return means

        up = 1 / (1 + np.exp(-4 * mean(self.choice)))
        actions = np.stack([up, 1 - up], axis=1).astype(np.float32)
        return Insight(actions, self.kind, None if self.value is None else mean(self.value))

    def weights(self) -> dict[str, NDArray[Any]]:
        return {}

    def load_weights(self, weights: Any) -> None:
        pass


def hottest(grid: NDArray[np.float32]) -> tuple[int, int]:
    row, column = np.unravel_index(int(grid.argmax()), grid.shape)
    return int(row), int(column)


@pytest.mark.parametrize("colours_last", [False, True])
@pytest.mark.parametrize("kind", ["probability", "value"])
def test_in_a_picture_what_the_agent_looks_at_shines(colours_last: bool, kind: Any) -> None:
    picture = np.zeros((4, 84, 84), np.uint8)
    picture[:, 20:23, 60:63] = 255  # looked at for the choice
    picture[:, 70:73, 10:13] = 255  # looked at for the value
    picture[:, 40:43, 40:43] = 255  # seen by nobody
    choice, value = (..., slice(20, 23), slice(60, 63)), (..., slice(70, 73), slice(10, 13))
    if colours_last:
        picture = np.moveaxis(picture[:3], 0, 2).copy()
        choice, value = (..., *choice[1:], slice(None)), (..., *value[1:], slice(None))
    found = of_picture(Looker(choice, value, kind), picture, 12)
    assert found.choice.shape == (12, 12) and found.value is not None
    assert hottest(found.choice) == (21 // 7, 61 // 7)
    assert hottest(found.value) == (71 // 7, 11 // 7)
    for grid, (row, column) in ((found.choice, (3, 8)), (found.value, (10, 1))):
        away = np.hypot(*(np.indices(grid.shape) - np.array([row, column])[:, None, None]))
        assert grid[away > 4].max() < 0.01 * grid.max()


def test_what_is_all_one_colour_tells_nothing() -> None:
    found = of_picture(Looker((..., slice(10), slice(10)), None), np.full((4, 84, 84), 90, np.uint8), 6)
    assert found.choice.max() < 1e-6 and found.value is None


def test_in_planes_each_tile_counts_by_itself_and_what_shows_no_place_is_left_alone() -> None:
    planes = np.zeros((5, 7, 7), np.uint8)
    planes[0, 1, 2] = planes[2, 5, 5] = 255
    planes[3:] = 140  # a compass: the same all over
    agent = Looker((slice(0, 3), 1, 2), (slice(None), slice(5, 6), slice(5, 6)))
    found = of_cells(agent, planes, 3)
    assert found.value is not None
    assert hottest(found.choice) == (1, 2) and np.count_nonzero(found.choice) == 1
    assert hottest(found.value) == (5, 5) and np.count_nonzero(found.value) == 1


def test_where_nothing_lies_there_could_be_a_wall() -> None:
    found = of_cells(Looker((0, 3, 4), None), np.zeros((5, 7, 7), np.uint8), 3)
    assert hottest(found.choice) == (3, 4)


def test_only_pictures_can_be_blurred() -> None:
    assert is_picture((4, 84, 84)) and is_picture((96, 96, 3))
    assert not is_picture((5, 7, 7)) and not is_picture((4,)) and not is_picture(())


def test_an_agent_that_thinks_in_nothing_finite_breaks_nothing() -> None:
    class Lost(Looker):
        def inspect(self, observations: NDArray[Any]) -> Insight:
            return Insight(np.full((len(observations), 2), np.nan, np.float32), "value", None)

    found: Saliency = of_cells(Lost((0,), None), np.zeros((3, 7, 7), np.uint8), 3)
    assert np.array_equal(found.choice, np.zeros((7, 7)))
