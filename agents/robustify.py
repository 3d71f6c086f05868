"""Go-Explore's second phase: from trajectories that win once to a policy that wins whatever chance does.

    find demonstrations, or be given one                    (where exploring has led: `go_explore.py`)
    imitate them: make their actions likely
    repeat
        PPO, each episode begun where the backward algorithm says    (`backward.py`)
        imitate again what the policy has not yet done as well       (self-imitation)

Ecoffet et al. 2021, Methods, "Robustification": the backward algorithm (Salimans & Chen 2018) with PPO and
self-imitation (Oh et al. 2018, arXiv 1806.05635). To imitate before anything else is the arena's own: it
spares most of the practice. Where levels differ, as in mazes, episodes begin at their start as always: there
demonstrations of many levels are imitated, and PPO betters a policy for all of them.
"""

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

import gymnasium
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from agents import limits, ppo
from agents.agent import CannotLearn, Learner, Progress, State
from agents.atlas import read
from agents.backward import Backward
from agents.demonstrations import Demonstration, Lessons, Recording, Scouted
from agents.go_explore import GoExplore
from agents.network_learner import averaged, under
from agents.ppo import PPO
from agents.rollout import Rollout
from agents.trajectories import packed, unpacked


@dataclass(frozen=True, slots=True)
class Config(ppo.Config):
    """What can be chosen beside what PPO lets choose."""

    demonstrations: int = 1
    """How many are found before anything is learned from them, where the learner finds them itself; fewer
    where half of all steps are spent by then."""
    explore_steps: int = 1_000_000
    """Actions of the exploring for one of them, at most, where the learner has to find them itself."""
    until_score: float = 0.0
    """Demonstrations are followed until they have scored so much; 0 follows them to their best score."""
    imitation_epochs: int = 10
    """Passes over all demonstrations before practice begins."""
    imitation_batch: int = 256
    """Decisions of demonstrations in a gradient step."""
    imitation_learning_rate: float = 5e-4
    """Adam's step size in those passes."""
    imitation_steps: int = 4
    """Gradient steps of self-imitation after each rollout."""
    imitation_coefficient: float = 0.1
    """Weight of self-imitation beside PPO's loss; 0 is none."""
    success_share: float = 0.2
    """Of the attempts from a starting point, so many have to do as well as the demonstration before there is
    an earlier one (Salimans & Chen 2018: 0.2)."""
    attempts: int = 48
    """The latest attempts, of which that is the share."""
    stride: int = 8
    """Decisions by which a starting point moves back."""

    def __post_init__(self) -> None:
        ppo.Config.__post_init__(self)
        limits.check(
            self,
            counts=("demonstrations", "explore_steps", "imitation_batch", "attempts", "stride"),
            positive=("imitation_learning_rate",),
            not_negative=("until_score", "imitation_epochs", "imitation_steps", "imitation_coefficient"),
            shares=("success_share",),
        )


class Practice(Protocol):
    """What `Robustify` learns in, beside that it is a vector environment."""

    num_envs: int
    finds: bool
    """Whether it finds demonstrations itself."""
    begins_anywhere: bool
    """Whether episodes can begin in the middle of a demonstration."""
    openings: int
    """Ticks by which the opening of an episode may differ from a demonstration's."""

    def metrics(self) -> dict[str, float]:
        """How far practice is: `practice/...`."""

    def scout(self, seeds: Sequence[int], steps: int) -> Iterator[Scouted | None]:
        """Explore levels with at most so many actions each. What comes of them, in order; and None now and
        then."""

    def record(self, demonstration: Demonstration) -> Recording:
        """What it looks like to who acts. Raises ValueError for actions that the game does not have."""

    def grow_up(self) -> None:
        """Leave out what is for beginners."""

    def attempt(self, demonstrations: Sequence[Demonstration], backward: Backward) -> None:
        """From the next reset on, episodes begin in the demonstrations where `backward` says, which is told
        of what comes of them."""


class Robustify(PPO):
    """A policy from demonstrations."""

    learns_in: ClassVar[Literal["environments", "simulators", "practice"]] = "practice"
    config_type: ClassVar[type[Any]] = Config
    config: Config

    def __init__(
        self,
        observation_space: gymnasium.Space[Any],
        action_space: gymnasium.Space[Any],
        config: Config | None = None,
        *,
        seed: int = 0,
        device: str = "cpu",
    ) -> None:
        super().__init__(observation_space, action_space, config or Config(), seed=seed, device=device)
        self.demonstrations: list[Demonstration] = []
        self.scouted = 0
        """Levels that have been explored, with or without success."""
        self.imitated = 0
        """Passes over all demonstrations."""
        self.practised_from = 0
        """The step at which practice begins."""
        self.backward: Backward | None = None
        self._stored_backward: dict[str, NDArray[Any]] = {}

    def demonstrate(self, demonstration: Demonstration) -> None:
        """Learn from this one too."""
        self.demonstrations.append(demonstration)

    def begin_with(self, other: Learner) -> None:
        """With a trajectory that exploring has found, or with a policy, which has imitated already."""
        if isinstance(other, GoExplore):
            ladder, goal = read(other.weights()).ladder, self.config.until_score
            enough = [score for score in ladder if score >= goal]
            if not enough:
                best = max(ladder, default=0)
                raise ValueError(f"exploring has scored {best:g}" + (f", and not {goal:g}" if goal else ""))
            self.demonstrate(Demonstration(other.seed, ladder[min(enough) if goal else max(enough)]))
        else:
            super().begin_with(other)
            self.imitated = self.config.imitation_epochs

    # Learning

    def learn(self, envs: Any) -> Iterator[Progress]:
        """Find demonstrations, imitate them, practise; `envs` is a `Practice`, and a vector environment.

        Raises CannotLearn where there are none and none can be found, or they do not lead where they should.
        """
        practice: Practice = envs
        if practice.finds and self.config.until_score:
            raise CannotLearn("levels are followed to their reward; leave until_score out")
        if self.imitated < self.config.imitation_epochs or practice.begins_anywhere or self.imitates_again:
            if practice.finds:
                yield from self._scout(practice)
            if not self.demonstrations:
                raise CannotLearn(
                    "there is no demonstration to learn from; begin with a run that has explored this game"
                )
            self.lessons = self._lessons(practice)
            yield from self._imitate(self.lessons)
        if practice.begins_anywhere:
            config, lengths = self.config, self.lessons.lengths
            self.backward = Backward(
                lengths,
                share=config.success_share,
                attempts=config.attempts,
                stride=config.stride,
                openings=practice.openings,
            )
            if self._stored_backward:
                with contextlib.suppress(ValueError):  # they are followed less far now: from their ends again
                    self.backward.restore(self._stored_backward)
            followed = [
                demonstration._replace(actions=demonstration.actions[:length])
                for demonstration, length in zip(self.demonstrations, lengths, strict=True)
            ]
            practice.attempt(followed, self.backward)
        elif not self.demonstrations:
            practice.grow_up()
        for progress in super().learn(envs):
            yield Progress(progress.step, {**progress.metrics, **practice.metrics()})

    def _scout(self, practice: Practice) -> Iterator[Progress]:
        """Explore level after level, until there are demonstrations enough, or some when half of all steps
        are spent. Raises CannotLearn where there is no hope of any."""
        config, began_at, before = self.config, time.perf_counter(), self.step
        while (missing := config.demonstrations - len(self.demonstrations)) > 0 and not self._spent():
            first = self.seed * MOST_LEVELS + self.scouted
            for scouted in practice.scout(range(first, first + missing), config.explore_steps):
                if scouted is not None:
                    self.step += scouted.steps
                    self.practised_from = self.step
                    self.scouted += 1
                    if scouted.demonstration is not None:
                        self.demonstrate(scouted.demonstration)
                    if self.scouted >= FRUITLESS and not self.demonstrations:
                        raise CannotLearn(
                            f"exploring {self.scouted} levels with {config.explore_steps:,} actions each "
                            "found no reward; allow more with explore_steps"
                        )
                yield Progress(
                    self.step,
                    {
                        "demonstrations/found": float(len(self.demonstrations)),
                        "demonstrations/levels": float(self.scouted),
                        "charts/SPS": (self.step - before) / (time.perf_counter() - began_at),
                    },
                )
                if self._spent():
                    break

    def _spent(self) -> bool:
        """Whether there is something to learn from, and half of all steps for that."""
        return bool(self.demonstrations) and self.step >= self.config.total_steps / 2

    def _lessons(self, practice: Practice) -> Lessons:
        recordings = [practice.record(demonstration) for demonstration in self.demonstrations]
        if goal := self.config.until_score:
            try:
                recordings = [recording.until(goal) for recording in recordings]
            except ValueError as error:
                raise CannotLearn(f"{error}; set until_score lower") from error
        return Lessons(recordings, self.config.gamma, sign_rewards=self.config.sign_rewards)

    def _imitate(self, lessons: Lessons) -> Iterator[Progress]:
        """Make the demonstrations' actions likely: behavioural cloning."""
        config = self.config
        while self.imitated < config.imitation_epochs:
            for group in self.optimizer.param_groups:
                group["lr"] = config.imitation_learning_rate
            order = torch.randperm(len(lessons), generator=self.generator, device=self.device)
            reports = [
                self._descend_on(lessons, chosen, clone)
                for chosen in torch.split(order, config.imitation_batch)
            ]
            self.imitated += 1
            if self.imitated == config.imitation_epochs:
                self.optimizer = self.new_optimizer()
            losses = averaged(reports, ("losses/imitation_loss", "imitation/agreement"))
            yield Progress(self.step, {**losses, "imitation/epochs": float(self.imitated)})

    def _update(self, rollout: Rollout) -> dict[str, float]:
        losses = super()._update(rollout)
        if not self.imitates_again:
            return losses
        config = self.config
        count = config.imitation_steps * config.imitation_batch
        chosen = torch.randint(len(self.lessons), (count,), generator=self.generator, device=self.device)

        def excel(logits: Tensor, values: Tensor, actions: Tensor, returns: Tensor) -> tuple[Tensor, Tensor]:
            loss, report = excelled(logits, values, actions, returns)
            return config.imitation_coefficient * loss, report

        reports = [
            self._descend_on(self.lessons, some, excel)
            for some in torch.split(chosen, config.imitation_batch)
        ]
        return losses | averaged(reports, ("losses/self_imitation_loss", "imitation/agreement"))

    def _descend_on(self, lessons: Lessons, chosen: Tensor, judge: "Judge") -> Tensor:
        """One gradient step on the decisions `chosen`. Returns the loss and the share of them that the policy
        would take too."""
        numbers = chosen.cpu().numpy()
        observations = self.tensor(lessons.observations(numbers))
        actions = self.on_device(lessons.actions[numbers])
        returns = self.on_device(lessons.returns[numbers])

        def loss(part: slice) -> tuple[Tensor, Tensor]:
            with self.learning():
                logits, values = self.network(observations[part])
            value, agreement = judge(logits, values, actions[part], returns[part])
            share = len(actions[part]) / len(chosen)
            return value * share, torch.stack((value.detach(), agreement)) * share

        reports = self.set_gradients(loss, len(chosen))
        nn.utils.clip_grad_norm_(self.network.parameters(), self.config.max_grad_norm)
        self.optimizer.step()
        return torch.stack(reports).sum(0)

    @property
    def imitates_again(self) -> bool:
        """Whether there is self-imitation while it practises."""
        return self.config.imitation_coefficient > 0 and self.config.imitation_steps > 0

    @property
    def done(self) -> float:
        """The share of practice that is over: exploring is before it."""
        all_of_it = max(1, self.config.total_steps - self.practised_from)
        return (self.step - self.practised_from) / all_of_it

    # Keeping

    def state(self) -> State:
        state = super().state()
        actions, ends = packed([demonstration.actions for demonstration in self.demonstrations])
        tensors = {
            **state.tensors,
            "demonstrations/seeds": np.array([d.seed for d in self.demonstrations], np.int64),
            "demonstrations/actions": actions,
            "demonstrations/ends": ends,
        }
        backward = self.backward.state() if self.backward else self._stored_backward
        tensors |= {f"backward/{name}": array for name, array in backward.items()}
        values = {name: getattr(self, name) for name in ("scouted", "imitated", "practised_from")}
        return State(tensors, {**state.values, **values})

    def restore(self, state: State) -> None:
        super().restore(state)
        tensors = state.tensors
        actions = unpacked(tensors["demonstrations/actions"], tensors["demonstrations/ends"])
        seeds: list[int] = tensors["demonstrations/seeds"].tolist()
        self.demonstrations = [Demonstration(*row) for row in zip(seeds, actions, strict=True)]
        for name in ("scouted", "imitated", "practised_from"):
            setattr(self, name, int(state.values[name]))
        self._stored_backward = under("backward/", tensors)


MOST_LEVELS = 1 << 20
"""Of one learner's exploring: those of the next seed are others."""

FRUITLESS = 20
"""Levels without a reward after which there is no hope of any."""


class Judge(Protocol):
    """(a loss, the share of decisions that the policy would take too), of the policy's logits (K, A) and
    values (K,) where a demonstration took actions (K,) with returns (K,)."""

    def __call__(
        self, logits: Tensor, values: Tensor, actions: Tensor, returns: Tensor
    ) -> tuple[Tensor, Tensor]: ...


def clone(logits: Tensor, values: Tensor, actions: Tensor, returns: Tensor) -> tuple[Tensor, Tensor]:
    """Behavioural cloning: the cross-entropy of the demonstrations' actions."""
    return nn.functional.cross_entropy(logits, actions), agreeing(logits, actions)


def excelled(logits: Tensor, values: Tensor, actions: Tensor, returns: Tensor) -> tuple[Tensor, Tensor]:
    """Self-imitation (Oh et al. 2018, equations 2 and 3): only of what came to more than is expected, and by
    so much."""
    better = (returns - values).clamp(min=0)
    log_probabilities = logits.log_softmax(1).gather(1, actions.unsqueeze(1)).squeeze(1)
    policy_loss = -(log_probabilities * better.detach()).mean()
    value_loss = 0.5 * better.square().mean()
    return policy_loss + SELF_IMITATION_VALUE * value_loss, agreeing(logits, actions)


SELF_IMITATION_VALUE = 0.01
"""Weight of the value loss in self-imitation: Oh et al. 2018, table 3."""


def agreeing(logits: Tensor, actions: Tensor) -> Tensor:
    return (logits.argmax(1) == actions).float().mean()
