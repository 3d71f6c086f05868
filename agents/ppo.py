"""Proximal policy optimisation with the clipped objective (Schulman 2017, arXiv 1707.06347).

The details that papers leave out follow Huang 2022, "The 37 implementation details of PPO": orthogonal
weights, Adam with eps 1e-5, a learning rate that falls linearly to zero, generalised advantage estimation
(Schulman 2016, arXiv 1506.02438), advantages normalised per minibatch, a clipped value loss, an entropy
bonus and a limit on the gradient's norm. An episode cut off by a time limit is bootstrapped with the value
of its last observation (Pardo 2018, arXiv 1712.00378).
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

import gymnasium
import numpy as np
import torch
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray
from torch import Tensor, nn

from agents import limits
from agents.agent import Insight, Progress
from agents.cores import in_parts
from agents.network_learner import NetworkLearner, averaged, last_observations, put
from agents.networks import ActorCritic
from agents.rollout import Rollout, generalized_advantages


@dataclass(frozen=True, slots=True)
class Config:
    """What can be chosen. The defaults are those of Huang 2022 for vectors, such as CartPole's."""

    total_steps: int = 500_000
    """Environment steps after which learning is over; the learning rate is zero there."""
    num_envs: int = 8
    """Environments stepped together (N)."""
    num_steps: int = 128
    """Steps of each environment in a rollout (T)."""
    epochs: int = 4
    """Passes over each rollout."""
    minibatches: int = 4
    """Gradient steps in a pass: the rollout is shuffled and split into so many parts."""
    learning_rate: float = 2.5e-4
    """Adam's step size at the start."""
    anneal: bool = True
    """Let the learning rate fall linearly to zero over `total_steps`."""
    gamma: float = 0.99
    """Discount of the next step's return."""
    gae_lambda: float = 0.95
    """Advantage estimates: 0 trusts the value one step on, 1 the rewards seen to the rollout's end."""
    clip_range: float = 0.2
    """How far the probability ratio (and the value, if `clip_value`) may move from the rollout's."""
    clip_value: bool = True
    """Clip the value loss like the policy's."""
    value_coefficient: float = 0.5
    """Weight of the value loss."""
    entropy_coefficient: float = 0.01
    """Weight of the policy's entropy, which keeps it exploring."""
    max_grad_norm: float = 0.5
    """The gradient is scaled down to this length."""
    sign_rewards: bool = False
    """Learn from the rewards' signs only (Mnih 2015); episode returns are reported unchanged."""
    hidden_size: int = 64
    """Units in each fully connected hidden layer."""
    bfloat16: bool = False
    """Learn in bfloat16 where the processor has it, which is faster where networks see pictures; weights and
    what is decided by are kept in float32."""
    value_gain: float = 1.0
    """Scale of the value layer's first weights. Where rewards are rare, values of about 1 that mean nothing
    mislead the policy for a long time: then close to 0."""

    def __post_init__(self) -> None:
        limits.check(
            self,
            counts=("total_steps", "num_envs", "num_steps", "epochs", "minibatches", "hidden_size"),
            positive=("learning_rate", "clip_range", "max_grad_norm"),
            not_negative=("value_coefficient", "entropy_coefficient", "value_gain"),
            shares=("gamma", "gae_lambda"),
        )


class PPO(NetworkLearner):
    """PPO for discrete actions, over any observations that `ActorCritic` can see."""

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
        super().__init__(observation_space, action_space, config or Config(), seed, device)
        initial = torch.Generator().manual_seed(seed)  # on the CPU: equal weights on every device
        self.network = ActorCritic(
            observation_space, self.actions, self.config.hidden_size, self.config.value_gain, initial
        ).to(self.device)
        self.generator = torch.Generator(self.device).manual_seed(seed)

    def new_optimizer(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.network.parameters(), lr=self.config.learning_rate, eps=1e-5, fused=True)

    # Learning

    @property
    def done(self) -> float:
        """The share of all learning that is over."""
        return self.step / self.config.total_steps

    def learn(self, envs: VectorEnv[Any, Any, Any]) -> Iterator[Progress]:
        """Collect a rollout, learn from it, report; until `config.total_steps`."""
        self.begin(envs)
        while self.step < self.config.total_steps:
            began = time.perf_counter()
            # The last rollout is no longer than it need be.
            missing = math.ceil((self.config.total_steps - self.step) / self.config.num_envs)
            rollout, seconds = self._collect(envs, min(self.config.num_steps, missing))
            steps = int(rollout.valid.sum())
            collected = time.perf_counter()
            losses = self._update(rollout)
            self.step += steps
            ended = time.perf_counter()
            charts = {
                "charts/learning_rate": float(self.optimizer.param_groups[0]["lr"]),
                "charts/SPS": steps / (ended - began),
            }
            seconds["time/learn"] = ended - collected
            yield Progress(self.step, self.episodes.metrics() | charts | losses | seconds)

    def _collect(self, envs: VectorEnv[Any, Any, Any], length: int) -> tuple[Rollout, dict[str, float]]:
        """Let the policy act for `length` steps. Also gives the seconds of acting and of the environments:
        means over the parts of the environments that are played at the same time."""
        num_envs = self.config.num_envs

        def empty(rows: int, dtype: torch.dtype) -> Tensor:
            return torch.empty((rows, num_envs), dtype=dtype, device=self.device)

        rollout = Rollout(
            observations=self.empty(length + 1, num_envs),
            actions=empty(length, torch.int64),
            log_probabilities=empty(length, torch.float32),
            values=empty(length + 1, torch.float32),
            next_values=empty(length, torch.float32),
            rewards=empty(length, torch.float32),
            terminated=empty(length, torch.bool),
            ended=empty(length, torch.bool),
            valid=empty(length, torch.bool),
        )
        put(rollout.observations[0], self.carried["observations"])
        clocks = torch.empty((length, num_envs, self.actions), device=self.device)
        clocks.exponential_(generator=self.generator)
        parts = self.parts(envs)

        def play(which: slice) -> list[Played]:
            return [self._play(rollout, clocks, some, slots) for some, slots in parts[which]]

        played = [part for several in in_parts(play, len(parts), len(parts)) for part in several]

        rollout.values[length] = self._judge(rollout.observations[length])[1]
        # With NEXT_STEP the observation after an end is the episode's last; with SAME_STEP it is the next
        # episode's first, and `_value_truncated` has filled in what the cut-off episode led to.
        replaced = rollout.ended if self.same_step else torch.zeros_like(rollout.ended)
        torch.where(replaced, rollout.next_values, rollout.values[1:], out=rollout.next_values)
        for steps in zip(*(part.told for part in played), strict=True):
            for (_, slots), (rewards, ended, resetting, infos) in zip(parts, steps, strict=True):
                self.episodes.add(rewards, ended, resetting, infos, slots)
        self.carried = {
            "observations": rollout.observations[length].cpu().numpy().copy(),
            "resetting": np.concatenate([part.resetting for part in played]),
        }
        seconds = {name: sum(getattr(part, name) for part in played) / len(played) for name in ("act", "env")}
        return rollout, {f"time/{name}": value for name, value in seconds.items()}

    @torch.no_grad()
    def _play(self, rollout: Rollout, clocks: Tensor, envs: Any, slots: slice) -> "Played":
        """Fill in the columns `slots` of the rollout, which are those of `envs`. `clocks` is (T, N, A): at
        each step an exponential variable of rate 1 for each action."""
        played = Played(self.carried["resetting"][slots])
        with self.learning(reuse=True):
            for t in range(len(rollout.actions)):
                began = time.perf_counter()
                logits, rollout.values[t, slots] = self._judge(rollout.observations[t, slots])
                log_probabilities = logits.log_softmax(1)
                # The first of the clocks to ring, at rates p(a) instead of 1, is a with probability p(a).
                actions = (log_probabilities.exp() / clocks[t, slots]).argmax(1, keepdim=True)
                rollout.actions[t, slots] = actions.squeeze(1)
                rollout.log_probabilities[t, slots] = log_probabilities.gather(1, actions).squeeze(1)
                chosen = rollout.actions[t, slots].cpu().numpy() + self.first_action
                acted = time.perf_counter()

                observations, rewards, terminated, truncated, infos = envs.step(chosen)
                played.env += time.perf_counter() - acted
                played.act += acted - began

                ended, resetting = terminated | truncated, played.resetting
                put(rollout.observations[t + 1, slots], observations)
                put(rollout.rewards[t, slots], np.sign(rewards) if self.config.sign_rewards else rewards)
                put(rollout.terminated[t, slots], terminated)
                put(rollout.ended[t, slots], ended)
                put(rollout.valid[t, slots], ~resetting)
                episodes = {name: infos[name] for name in ("episode", "_episode") if name in infos}
                played.told.append((np.array(rewards), np.array(ended), resetting, episodes))
                if self.same_step:
                    cut_off = truncated & ~terminated
                    self._value_truncated(rollout.next_values[t, slots], cut_off, infos)
                else:
                    played.resetting = np.array(ended)
        return played

    def _judge(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """(N, A) logits and (N,) values of (N, *observation), as they are learned from."""

        @torch.no_grad()
        def judge(part: slice) -> tuple[Tensor, Tensor]:
            with self.learning(reuse=True):
                logits, values = self.network(observations[part])
            return logits, values

        logits, values = zip(*self.in_parts(judge, len(observations)), strict=True)
        return torch.cat(logits), torch.cat(values)

    def _value_truncated(self, next_values: Tensor, truncated: NDArray[np.bool_], infos: Any) -> None:
        """Fill in the value of the last observation of every episode that was cut off at this step."""
        next_values.zero_()
        if not truncated.any():
            return
        last = self.tensor(last_observations(infos, truncated))
        next_values[self.on_device(truncated)] = self._judge(last)[1]

    def _update(self, rollout: Rollout) -> dict[str, float]:
        """Several epochs of minibatch steps on the clipped objective. Returns the losses, averaged."""
        config = self.config
        if config.anneal:
            for group in self.optimizer.param_groups:
                group["lr"] = config.learning_rate * max(0.0, 1 - self.done)
        advantages = generalized_advantages(rollout, config.gamma, config.gae_lambda)
        returns = advantages + rollout.values[:-1]
        steps = Steps(
            rollout.observations[:-1].flatten(0, 1),
            rollout.actions.flatten(),
            rollout.log_probabilities.flatten(),
            rollout.values[:-1].flatten(),
            advantages.flatten(),
            returns.flatten(),
        )
        valid = rollout.valid.flatten().nonzero().squeeze(1)
        if not len(valid):  # a rollout of nothing but resets
            return {}
        reports = []
        for _ in range(config.epochs):
            order = torch.randperm(len(valid), generator=self.generator, device=self.device)
            minibatches = valid[order].tensor_split(min(config.minibatches, len(valid)))
            reports += [self._descend(steps, chosen) for chosen in minibatches]
        metrics = averaged(reports, REPORTED)
        variance = steps.returns[valid].var(correction=0)
        unexplained = (steps.returns - steps.values)[valid].var(correction=0)
        if variance > 0:
            metrics["losses/explained_variance"] = 1 - float(unexplained / variance)
        return metrics

    def _descend(self, steps: "Steps", chosen: Tensor) -> Tensor:
        """One gradient step on the minibatch `chosen`. Returns what it was like: `REPORTED`."""
        advantages = steps.advantages[chosen]
        if len(chosen) > 1:
            advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)

        def loss(part: slice) -> tuple[Tensor, Tensor]:
            some = steps.at(chosen[part])._replace(advantages=advantages[part])
            with self.learning():
                logits, values = self.network(some.observations)
            loss, report = clipped_loss(self.config, logits, values, some)
            share = len(some.actions) / len(chosen)
            return loss * share, torch.stack(report) * share

        reports = self.set_gradients(loss, len(chosen))
        grad_norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.config.max_grad_norm)
        self.optimizer.step()
        return torch.cat([torch.stack(reports).sum(0), grad_norm.detach().unsqueeze(0)])

    # Acting

    def act(self, observations: NDArray[Any], *, rng: np.random.Generator | None = None) -> NDArray[np.int64]:
        if rng is None:
            best: NDArray[np.int64] = self._logits(observations).argmax(1).cpu().numpy()
            return best + self.first_action
        cumulative = self._logits(observations).double().softmax(1).cumsum(1).cpu().numpy()
        below: NDArray[np.bool_] = (
            cumulative < rng.random(len(cumulative))[:, np.newaxis]
        )  # one draw a row: inverse CDF
        actions: NDArray[np.int64] = np.minimum(below.sum(1), cumulative.shape[1] - 1)
        return actions + self.first_action

    @torch.no_grad()
    def inspect(self, observations: NDArray[Any]) -> Insight:
        logits, values = self.network(self.tensor(observations))
        return Insight(logits.softmax(1).cpu().numpy(), "probability", values.cpu().numpy())

    @torch.no_grad()
    def _logits(self, observations: NDArray[Any]) -> Tensor:
        logits: Tensor = self.network(self.tensor(observations))[0]
        return logits


REPORTED = (
    "losses/policy_loss",
    "losses/value_loss",
    "losses/entropy",
    "losses/old_approx_kl",
    "losses/approx_kl",
    "losses/clipfrac",
    "losses/grad_norm",
)
"""What a minibatch reports, in order: `clipped_loss`'s, then the gradient's norm before it is clipped."""


@dataclass(slots=True)
class Played:
    """What else there is to say of a rollout's part."""

    resetting: NDArray[np.bool_]
    """(n,): where a reset step comes next."""
    told: list[tuple[NDArray[Any], NDArray[np.bool_], NDArray[np.bool_], Any]] = field(default_factory=list)
    """Of each step, as `Episodes.add` takes them: rewards, what ended, where it was a reset, all (n,), and
    what infos say of episodes."""
    act: float = 0.0
    """Seconds of choosing actions."""
    env: float = 0.0
    """Seconds of the environments."""


class Steps(NamedTuple):
    """B steps to learn from."""

    observations: Tensor
    actions: Tensor
    log_probabilities: Tensor
    """Of the actions, when they were chosen."""
    values: Tensor
    """Of the observations, at that time."""
    advantages: Tensor
    """Of the actions; normalised over a minibatch before the loss is computed."""
    returns: Tensor
    """What the values should have been."""

    def at(self, chosen: Tensor) -> "Steps":
        """Some of them, copied in the order in which they lie in memory, which is several times faster."""
        axes = sorted(range(self.observations.ndim), key=self.observations.stride, reverse=True)
        lying = self.observations.permute(axes).index_select(0, chosen)
        back = [axes.index(axis) for axis in range(len(axes))]
        return Steps(lying.permute(back), *(column[chosen] for column in self[1:]))


def clipped_loss(
    config: Config, logits: Tensor, values: Tensor, steps: Steps
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """The loss of B steps (Schulman 2017, equation 9, negated), and what it is made of."""
    clip = config.clip_range
    advantages = steps.advantages
    log_probabilities = logits.log_softmax(1)
    chosen = log_probabilities.gather(1, steps.actions.unsqueeze(1)).squeeze(1)
    log_ratio = chosen - steps.log_probabilities
    ratio = log_ratio.exp()

    policy_loss = torch.max(-advantages * ratio, -advantages * ratio.clamp(1 - clip, 1 + clip)).mean()

    squared_error = (values - steps.returns).square()
    if config.clip_value:
        clipped_values = steps.values + (values - steps.values).clamp(-clip, clip)
        squared_error = torch.max(squared_error, (clipped_values - steps.returns).square())
    value_loss = 0.5 * squared_error.mean()

    entropy = -(log_probabilities.exp() * log_probabilities).sum(1).mean()
    loss = policy_loss - config.entropy_coefficient * entropy + config.value_coefficient * value_loss

    with torch.no_grad():
        old_approx_kl = -log_ratio.mean()
        approx_kl = ((ratio - 1) - log_ratio).mean()  # low variance: http://joschu.net/blog/kl-approx.html
        clip_fraction = ((ratio - 1).abs() > clip).float().mean()
    report = (policy_loss, value_loss, entropy, old_approx_kl, approx_kl, clip_fraction)
    return loss, tuple(x.detach() for x in report)
