"""Deep Q-learning (Mnih 2015, Nature 518, 529-533), and what was added to it until Rainbow (Hessel 2018).

Off by default, each one a setting: double Q-learning (van Hasselt 2016, arXiv 1509.06461), dueling streams
(Wang 2016, arXiv 1511.06581), returns of several steps (Sutton 1988), prioritised replay (Schaul 2016, arXiv
1511.05952), distributions of the return (Bellemare 2017, arXiv 1707.06887) and noisy networks (Fortunato
2018, arXiv 1706.10295). An episode cut off by a time limit is bootstrapped with the value of its last
observation.
"""

import copy
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import gymnasium
import numpy as np
import torch
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray
from torch import Tensor, nn

from agents import limits
from agents.agent import Insight, Progress, State
from agents.distributions import projected
from agents.network_learner import NetworkLearner, averaged, copied, last_observations, started, under
from agents.networks import QNetwork
from agents.replay_buffer import Batch, ReplayBuffer


@dataclass(frozen=True, slots=True)
class Config:
    """What can be chosen. The defaults suit vectors, such as CartPole's."""

    total_steps: int = 500_000
    """Environment steps after which learning is over."""
    num_envs: int = 8
    """Environments stepped together (N)."""
    report_steps: int = 1_000
    """Environment steps between two reports, about."""
    buffer_size: int = 100_000
    """Observations kept, of all environments together."""
    frame_stack: int = 1
    """An observation is a stack of so many pictures, of which the buffer stores the newest."""
    planes: int = 0
    """So many planes follow the stack that are always the same in an environment, such as where one sits."""
    learning_starts: int = 1_000
    """Environment steps before the first gradient step; until then all actions are random."""
    train_every: float = 4.0
    """Environment steps for one gradient step."""
    batch_size: int = 32
    """Transitions in a gradient step."""
    target_every: int = 1_000
    """Environment steps between two copies of the network into the target network."""
    learning_rate: float = 5e-4
    """Adam's step size."""
    adam_eps: float = 1e-8
    """What Adam adds to the root of the second moment."""
    gamma: float = 0.99
    """Discount of the next step's return."""
    epsilon_start: float = 1.0
    """The share of random actions at the start."""
    epsilon_end: float = 0.05
    """The share of random actions from step `epsilon_steps` on."""
    epsilon_steps: int = 50_000
    """Environment steps over which it falls, linearly."""
    max_grad_norm: float = 10.0
    """The gradient is scaled down to this length."""
    double: bool = False
    """Let the network choose the next action that the target network values."""
    dueling: bool = False
    """Separate streams for the state's value and the actions' advantages."""
    n_step: int = 1
    """Rewards in a return before it is bootstrapped."""
    priority_exponent: float = 0.0
    """How much more often a transition is drawn by its error (alpha); 0: all alike."""
    priority_correction: float = 0.4
    """How much of that the loss corrects for at the start (beta); all of it at the end."""
    atoms: int = 1
    """Values in a return's distribution; 1: its mean only."""
    lowest_return: float = -10.0
    """The first of these values."""
    highest_return: float = 10.0
    """The last of these values."""
    noisy: bool = False
    """Explore by noisy weights, and not by random actions."""
    sign_rewards: bool = False
    """Learn from the rewards' signs only (Mnih 2015); episode returns are reported unchanged."""
    hidden_size: int = 128
    """Units in each fully connected hidden layer."""
    bfloat16: bool = False
    """Learn in bfloat16 where the processor has it, which is faster where networks see pictures; weights and
    what is decided by are kept in float32."""

    def __post_init__(self) -> None:
        limits.check(
            self,
            counts=(
                *("total_steps", "num_envs", "report_steps", "buffer_size", "frame_stack", "batch_size"),
                *("target_every", "n_step", "atoms", "hidden_size", "epsilon_steps", "learning_starts"),
            ),
            positive=("learning_rate", "adam_eps", "max_grad_norm", "train_every"),
            shares=("gamma", "epsilon_start", "epsilon_end", "priority_exponent", "priority_correction"),
        )
        if self.planes < 0 or (self.planes and self.frame_stack == 1):
            raise ValueError(f"planes is {self.planes}; there are some only behind a stack of pictures")
        shortest = 2 * self.frame_stack + self.n_step + 1
        if self.buffer_size // self.num_envs < shortest:
            raise ValueError(
                f"buffer_size is {self.buffer_size}; {self.num_envs} environments with returns of "
                f"{self.n_step} steps need {shortest * self.num_envs} at least"
            )
        if self.atoms > 1 and not self.lowest_return < self.highest_return:
            raise ValueError(f"returns from {self.lowest_return} to {self.highest_return} are no range")


MOST_TOGETHER = 8
"""Minibatches that are held in memory at once."""

REPORTED = ("losses/td_loss", "losses/q_values", "losses/grad_norm")
"""What a gradient step reports: the loss, the mean value of what was done, the gradient's norm."""


class DQN(NetworkLearner):
    """DQN for discrete actions, over any observations that `QNetwork` can see."""

    config_type: ClassVar[type[Any]] = Config
    config: Config
    network: QNetwork

    def __init__(
        self,
        observation_space: gymnasium.Space[Any],
        action_space: gymnasium.Space[Any],
        config: Config | None = None,
        *,
        seed: int = 0,
        device: str = "cpu",
    ) -> None:
        config = config or Config()
        super().__init__(observation_space, action_space, config, seed, device)
        initial = torch.Generator().manual_seed(seed)  # on the CPU: equal weights on every device
        self.network = QNetwork(
            observation_space,
            self.actions,
            config.hidden_size,
            initial,
            dueling=config.dueling,
            atoms=config.atoms,
            lowest=config.lowest_return,
            highest=config.highest_return,
            noisy=config.noisy,
        ).to(self.device)
        self.target = copy.deepcopy(self.network).requires_grad_(False)
        self.generator = torch.Generator(self.device).manual_seed(seed)
        self.rng = np.random.default_rng(seed)
        self.buffer: ReplayBuffer | None = None
        self._owed = 0.0
        """Gradient steps that the environment steps so far call for, not yet made."""
        self._copied_at = 0

    def new_optimizer(self) -> torch.optim.Optimizer:
        config = self.config
        return torch.optim.Adam(
            self.network.parameters(), lr=config.learning_rate, eps=config.adam_eps, fused=True
        )

    # Learning

    def learn(self, envs: VectorEnv[Any, Any, Any]) -> Iterator[Progress]:
        """Step the environments, and learn from what was lived through before while they go on; report every
        `report_steps`; until `config.total_steps`."""
        config = self.config
        buffer = self._begin(envs)
        while self.step < config.total_steps:
            began, first_step = time.perf_counter(), self.step
            seconds = {"time/act": 0.0, "time/env": 0.0, "time/learn": 0.0}
            losses: list[Tensor] = []
            while self.step < min(first_step + config.report_steps, config.total_steps):
                acting = time.perf_counter()
                actions = self._choose()
                stepping = time.perf_counter()
                stepped = started(envs, actions + self.first_action)
                learning = time.perf_counter()
                losses += self._learn(buffer)
                waiting = time.perf_counter()
                result = stepped()
                storing = time.perf_counter()
                steps = self._store(buffer, actions, result)
                self.step += steps
                if self.step >= max(config.learning_starts, config.n_step * config.num_envs):
                    self._owed += steps / config.train_every
                if self.step - self._copied_at >= config.target_every:
                    self.target.load_state_dict(self.network.state_dict())
                    self._copied_at = self.step
                seconds["time/act"] += stepping - acting
                seconds["time/env"] += learning - stepping + storing - waiting
                seconds["time/learn"] += waiting - learning + time.perf_counter() - storing
            charts = {
                "charts/epsilon": self.epsilon,
                "charts/SPS": (self.step - first_step) / (time.perf_counter() - began),
            }
            yield Progress(self.step, self.episodes.metrics() | charts | averaged(losses, REPORTED) | seconds)

    def _begin(self, envs: VectorEnv[Any, Any, Any]) -> ReplayBuffer:
        put_back = self.begin(envs)
        if self.buffer is None:
            self.buffer = self._new_buffer()
        if not put_back:
            self.buffer.begin(np.arange(self.config.num_envs), self.carried["observations"])
        return self.buffer

    def _new_buffer(self) -> ReplayBuffer:
        config, space = self.config, self.observation_space
        return ReplayBuffer(
            config.buffer_size,
            config.num_envs,
            space.shape or (),
            np.dtype(space.dtype or np.float32),
            stack=config.frame_stack,
            planes=config.planes,
            alpha=config.priority_exponent,
        )

    @property
    def epsilon(self) -> float:
        """The share of random actions at this step."""
        config = self.config
        if self.step < config.learning_starts:
            return 1.0
        if config.noisy:
            return 0.0
        done = min(1.0, self.step / config.epsilon_steps)
        return config.epsilon_start + done * (config.epsilon_end - config.epsilon_start)

    def _choose(self) -> NDArray[np.int64]:
        """(N,) actions, counted from 0: the best, but for a share of `epsilon`."""
        count = self.config.num_envs
        actions = self.rng.integers(self.actions, size=count)
        greedy = self.rng.random(count) >= self.epsilon
        if greedy.any():
            self.network.draw_noise(self.generator if self.config.noisy else None)
            observations = self.carried["observations"]

            def values(part: slice) -> NDArray[np.float32]:
                with self.learning():
                    return self._values(observations[part])

            best = np.concatenate(self.in_parts(values, count)).argmax(1)
            actions = np.where(greedy, best, actions)
        return actions

    def _store(
        self,
        buffer: ReplayBuffer,
        actions: NDArray[np.int64],
        result: tuple[NDArray[Any], NDArray[Any], NDArray[np.bool_], NDArray[np.bool_], Any],
    ) -> int:
        """Put one step of every environment into the buffer. Returns how many were no reset."""
        observations, rewards, terminated, truncated, infos = result
        resetting = self.carried["resetting"]
        ended, going = terminated | truncated, np.flatnonzero(~resetting)
        after = observations = np.array(observations)
        if self.same_step and ended.any():
            after = observations.copy()
            after[ended] = last_observations(infos, ended)
        learned = np.sign(rewards) if self.config.sign_rewards else rewards
        buffer.add(going, actions[going], learned[going], terminated[going], truncated[going], after[going])
        self.episodes.add(rewards, ended, resetting, infos)
        beginning = np.flatnonzero(ended if self.same_step else resetting)
        if len(beginning):
            buffer.begin(beginning, observations[beginning])
        self.carried = {
            "observations": observations,
            "resetting": np.zeros_like(resetting) if self.same_step else np.array(ended),
        }
        return len(going)

    def _learn(self, buffer: ReplayBuffer) -> list[Tensor]:
        """The gradient steps that are owed. Returns what each was like, as `_descend` does."""
        config = self.config
        done = min(1.0, self.step / config.total_steps)
        beta = config.priority_correction + done * (1 - config.priority_correction)
        # Unless a step changes what the next one draws or is held against, the target network is asked once
        # for all of them.
        alone = config.double or config.noisy or buffer.priorities is not None
        reports: list[Tensor] = []
        while self._owed >= 1:
            batches = [
                buffer.sample(config.batch_size, self.rng, steps=config.n_step, gamma=config.gamma, beta=beta)
                for _ in range(1 if alone else min(int(self._owed), MOST_TOGETHER))
            ]
            if config.noisy:
                self.network.draw_noise(self.generator)
                self.target.draw_noise(self.generator)
            following = self._following(np.concatenate([batch.next_observations for batch in batches]))
            for batch, values in zip(batches, following.tensor_split(len(batches)), strict=True):
                reports.append(self._descend(buffer, batch, values))
            self._owed -= len(batches)
        return reports

    def _descend(self, buffer: ReplayBuffer, batch: Batch, following: Tensor) -> Tensor:
        """One gradient step. Returns what it was like: `REPORTED`."""

        def loss(part: slice) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
            some = batch.part(part)
            with self.learning():
                outputs = self.network(self.tensor(some.observations))
            losses, errors, values = self._losses(some, outputs, following[part])
            total = (losses * self.on_device(some.weights)).sum() / len(following)
            return total, (errors, total.detach(), values.detach().sum() / len(following))

        errors, losses, values = zip(*self.set_gradients(loss, len(following)), strict=True)
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.config.max_grad_norm)
        self.optimizer.step()
        if buffer.priorities is not None:
            buffer.surprise(batch.places, torch.cat(errors).cpu().numpy())
        return torch.stack([sum(losses), sum(values), norm.detach()])

    def _following(self, next_observations: NDArray[Any]) -> Tensor:
        """(B,) values of (B, *observation) and of the best action there, or (B, atoms) logarithms of their
        distributions' probabilities."""

        @torch.no_grad()
        def judge(part: slice) -> Tensor:
            observations = self.tensor(next_observations[part])
            with self.learning():
                outputs = self.target(observations)
                chooser = self.network if self.config.double else self.target
                choosing = self.network(observations) if self.config.double else outputs
            best = chooser.values(choosing).argmax(1)
            values: Tensor = outputs[torch.arange(len(best), device=self.device), best]
            return values

        return torch.cat(self.in_parts(judge, len(next_observations)))

    def _losses(self, batch: Batch, outputs: Tensor, following: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B,) losses, errors by which to draw transitions again, and values of what was done.

        `outputs` are the network's for the observations, and `following` is what `_following` gave."""
        rows = torch.arange(len(batch.actions), device=self.device)
        done = outputs[rows, self.on_device(batch.actions)]
        returns, discounts = self.on_device(batch.returns), self.on_device(batch.discounts)
        if self.config.atoms == 1:
            errors = done - (returns + discounts * following)
            losses = nn.functional.huber_loss(errors, torch.zeros_like(errors), reduction="none")
            return losses, errors.detach(), done
        wanted = projected(following.exp(), returns, discounts, self.network.support)
        losses = -(wanted * done).sum(1)
        return losses, losses.detach(), (done.exp() * self.network.support).sum(1)

    # Acting

    def act(self, observations: NDArray[Any], *, rng: np.random.Generator | None = None) -> NDArray[np.int64]:
        """Greedy; with `rng`, as many actions are random as at the end of training (Mnih 2015, methods,
        evaluation), or one in a thousand where its network explores by noise."""
        self.network.draw_noise(None)
        actions = self._values(observations).argmax(1)
        if rng is not None:
            at_random = rng.random(len(actions)) < self.drawn
            actions = np.where(at_random, rng.integers(self.actions, size=len(actions)), actions)
        chosen: NDArray[np.int64] = actions + self.first_action
        return chosen

    @property
    def drawn(self) -> float:
        """The share of random actions where it does not play greedily."""
        return 0.001 if self.config.noisy else self.config.epsilon_end

    def inspect(self, observations: NDArray[Any]) -> Insight:
        self.network.draw_noise(None)
        values = self._values(observations)
        return Insight(values, "value", values.max(1), self.drawn)

    @torch.no_grad()
    def _values(self, observations: NDArray[Any]) -> NDArray[np.float32]:
        """(B, A) action values."""
        outputs = self.network(self.tensor(observations))
        values: NDArray[np.float32] = self.network.values(outputs).cpu().numpy()
        return values

    # Keeping

    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        super().load_weights(weights)
        self.target.load_state_dict(self.network.state_dict())

    def state(self) -> State:
        state = super().state()
        tensors = dict(state.tensors)
        tensors |= {f"target/{name}": copied(tensor) for name, tensor in self.target.state_dict().items()}
        if self.buffer is not None:
            tensors |= {f"buffer/{name}": array for name, array in self.buffer.state().items()}
        more = {"rng": self.rng.bit_generator.state, "owed": self._owed, "copied_at": self._copied_at}
        return State(tensors, {**state.values, **more})

    def restore(self, state: State) -> None:
        super().restore(state)
        target = {name: torch.from_numpy(array) for name, array in under("target/", state.tensors).items()}
        self.target.load_state_dict(target)
        # Straight from what may be a file: a buffer can be most of the memory, and is never there twice.
        kept = {n.removeprefix("buffer/"): a for n, a in state.tensors.items() if n.startswith("buffer/")}
        if kept:
            self.buffer = self._new_buffer()
            self.buffer.restore(kept)
        self.rng.bit_generator.state = state.values["rng"]
        self._owed, self._copied_at = float(state.values["owed"]), int(state.values["copied_at"])
