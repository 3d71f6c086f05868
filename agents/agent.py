"""The whole contract between an algorithm and whoever uses it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import gymnasium
import numpy as np
from numpy.typing import NDArray


class CannotLearn(Exception):
    """There is nothing to be learned from what a learner was given: why, and what to do, for a person."""


@dataclass(frozen=True, slots=True)
class Insight:
    """What an agent thinks of a batch of B observations, for people to look at."""

    actions: NDArray[np.float32]
    """(B, A): a probability, or a value, for each action; `kind` says which."""
    kind: Literal["probability", "value"]
    value: NDArray[np.float32] | None = None
    """(B,): the state's value (expected discounted return), where the agent has an opinion."""
    random: float = 0.0
    """How often it takes any action instead, where it draws its actions."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One iteration of learning."""

    step: int
    """Environment steps taken since the run began (agent decisions, not emulator frames)."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """By CleanRL's names: `charts/episodic_return`, `charts/SPS`, `losses/value_loss`, `time/learn`, ..."""


@dataclass(frozen=True, slots=True)
class State:
    """All that a learner needs to go on exactly where it stopped, without pickle."""

    tensors: Mapping[str, NDArray[Any]]
    """Optimizer moments, running statistics, generators' states: by name, any shape."""
    values: Mapping[str, Any]
    """Counters and other JSON values."""


class Agent(ABC):
    """Chooses actions for batches of observations."""

    @abstractmethod
    def act(self, observations: NDArray[Any], *, rng: np.random.Generator | None = None) -> NDArray[np.int64]:
        """(B, *observation) -> (B,) actions: greedy, or sampled with `rng` where one is given."""

    @abstractmethod
    def inspect(self, observations: NDArray[Any]) -> Insight:
        """What the agent thinks of (B, *observation)."""

    @abstractmethod
    def weights(self) -> dict[str, NDArray[Any]]:
        """The parameters `act` depends on, by name. Copies: later learning does not change them."""

    @abstractmethod
    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Take over what `weights` returned, perhaps in half precision.

        Raises ValueError when a name or a shape does not fit.
        """


class Learner(Agent):
    """An agent that also learns. Built as `Learner(observation_space, action_space, config, seed=, device=)`
    from single-environment spaces and the algorithm's frozen `Config`."""

    learns_in: ClassVar[Literal["environments", "simulators", "practice"]] = "environments"
    """What `learn` is given: a vector environment, simulators that can be put back to where they were, or a
    vector environment that knows of demonstrations."""
    config_type: ClassVar[type[Any]]
    """The algorithm's frozen dataclass of hyperparameters; it has `total_steps` and `num_envs`."""
    config: Any
    """The one it was built with."""
    step: int
    """Environment steps taken since the run began."""

    @abstractmethod
    def __init__(
        self,
        observation_space: gymnasium.Space[Any],
        action_space: gymnasium.Space[Any],
        config: Any,
        *,
        seed: int = 0,
        device: str = "cpu",
    ) -> None: ...

    @abstractmethod
    def learn(self, envs: Any) -> Iterator[Progress]:
        """Learn in `envs`, a `gymnasium.vector.VectorEnv` or what else it `learns_in`, for as long as the
        caller iterates, or until `config.total_steps`.

        Each item is one iteration. Whoever iterates decides when to log, save, draw or stop;
        between two items the learner is in a state that can be saved.
        Raises FloatingPointError when learning diverges (a loss or a weight is not finite), and CannotLearn.
        """

    def begin_with(self, other: "Learner") -> None:
        """Begin, before anything has been learned, with what another has learned.

        Raises ValueError where that does not fit.
        """
        self.load_weights(other.weights())

    @abstractmethod
    def state(self) -> State:
        """Everything beside `weights()` that is needed to go on exactly."""

    @abstractmethod
    def restore(self, state: State) -> None:
        """Go on from what `state` returned."""
