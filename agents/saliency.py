"""What in an observation mattered: by hiding a little of it at a time, and asking the agent again.

After Greydanus 2018, "Visualizing and Understanding Atari Agents" (arXiv 1711.00138, section 3.1): a place is
salient for the choice where blurring it changes the policy (equation 2), and for the value where it changes
the value (equation 3). It needs nothing of an agent but `inspect`.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.agent import Agent, Insight

SPREAD = 5 / 80
"""Of the Gaussian that says what is hidden, as a share of the picture's height: 5 of 80 pixels there."""

BLUR = 3 / 80
"""Of the blur that hides it: 3 of 80 pixels there."""

BATCH = 32
"""Variants that are looked at together."""


class Saliency(NamedTuple):
    """How much hiding each place changed: 0 where it changed nothing."""

    choice: NDArray[np.float32]
    """(rows, columns): half the squared change of the actions' log-probabilities, or values, where only
    their differences count."""
    value: NDArray[np.float32] | None
    """(rows, columns): half the squared change of the state's value, where the agent has one."""


def is_picture(shape: tuple[int, ...]) -> bool:
    """Whether observations of this shape can be blurred: a stack of pictures, or one in colour."""
    return len(shape) == 3 and sorted(shape)[1] >= 16


def of_picture(agent: Agent, observation: NDArray[Any], places: int) -> Saliency:
    """Of a uint8 picture (channels first or last), with `places` rows of places and as many columns.

    A place is hidden in all of a stack's pictures.
    """
    last = observation.shape[2] < observation.shape[0]
    picture = np.moveaxis(observation, 2, 0) if last else observation
    sharp = picture.astype(np.float32)
    change = _blurred(sharp) - sharp

    def variants() -> Iterator[NDArray[np.uint8]]:
        for mask in _masks(*picture.shape[1:], places):
            hidden = np.rint(sharp + change * mask).astype(np.uint8)
            yield np.moveaxis(hidden, 0, 2) if last else hidden

    return _changes(agent, observation, variants(), (places, places))


def of_cells(agent: Agent, observation: NDArray[Any], things: int, walls: int = 0) -> Saliency:
    """Of planes (planes, rows, columns) of uint8, the first `things` of which show what lies where: of each
    cell what lies there is hidden, and where nothing lies there is a wall, which plane `walls` shows."""
    rows, columns = observation.shape[1:]

    def variants() -> Iterator[NDArray[np.uint8]]:
        for row in range(rows):
            for column in range(columns):
                hidden = observation.copy()
                empty = not hidden[:things, row, column].any()
                hidden[:things, row, column] = 0
                if empty:
                    hidden[walls, row, column] = 255
                yield hidden

    return _changes(agent, observation, variants(), (rows, columns))


def _changes(
    agent: Agent, observation: NDArray[Any], variants: Iterator[NDArray[Any]], shape: tuple[int, int]
) -> Saliency:
    """What the agent thinks of each variant, against what it thinks of the observation itself."""
    before = agent.inspect(observation[np.newaxis])
    leaning, choices, values = _leaning(before), [], []
    while batch := [variant for _, variant in zip(range(BATCH), variants, strict=False)]:
        after = agent.inspect(np.stack(batch))
        choices.append(0.5 * ((_leaning(after) - leaning) ** 2).sum(1))
        if before.value is not None and after.value is not None:
            values.append(0.5 * (after.value - before.value) ** 2)

    def mapped(parts: list[NDArray[Any]]) -> NDArray[np.float32]:
        changes: NDArray[np.float32] = np.nan_to_num(np.concatenate(parts)).astype(np.float32)
        return changes.reshape(shape)

    return Saliency(mapped(choices), mapped(values) if values else None)


def _leaning(thought: Insight) -> NDArray[np.float64]:
    """(B, A): logits or values less their mean, which leads to the same choice."""
    numbers = thought.actions.astype(np.float64)
    if thought.kind == "probability":
        numbers = np.log(np.maximum(numbers, 1e-8))
    leaning: NDArray[np.float64] = numbers - numbers.mean(1, keepdims=True)
    return leaning


@lru_cache(maxsize=4)
def _masks(height: int, width: int, places: int) -> NDArray[np.float32]:
    """(places x places, height, width): a bell around the middle of each place."""

    def bells(length: int) -> NDArray[Any]:
        middles = (np.arange(places) + 0.5) * length / places
        away: NDArray[Any] = np.arange(length) + 0.5 - middles[:, np.newaxis]
        return np.exp(-0.5 * (away / (SPREAD * height)) ** 2)

    down, across = bells(height), bells(width)
    masks = down[:, np.newaxis, :, np.newaxis] * across[np.newaxis, :, np.newaxis, :]
    flat: NDArray[np.float32] = masks.reshape(places * places, height, width).astype(np.float32)
    return flat


def _blurred(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """(channels, height, width), each blurred: one product of matrices along each axis."""
    height, width = pictures.shape[1:]
    down, across = _smoothing(height, BLUR * height), _smoothing(width, BLUR * height)
    return np.asarray(down @ pictures @ across.T, np.float32)


@lru_cache(maxsize=4)
def _smoothing(length: int, spread: float) -> NDArray[np.float32]:
    """(length, length): a Gaussian in each row, which sums to 1."""
    at = np.arange(length)
    bells = np.exp(-0.5 * ((at[:, np.newaxis] - at) / spread) ** 2)
    return np.asarray(bells / bells.sum(1, keepdims=True), np.float32)
