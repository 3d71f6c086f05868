"""What learners with one network and one optimizer share: acting's inputs, and being kept."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

import gymnasium
import numpy as np
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from numpy.typing import NDArray
from torch import Tensor, nn

from agents.agent import Learner, State
from agents.cores import CORES, in_parts, share_out
from agents.episodes import Episodes
from agents.networks import is_picture

Result = TypeVar("Result")

LEAST_PICTURES, LEAST_WORK = 16, 10_000_000
"""What is worth handing to another core, which takes it up to a tenth of a millisecond later: so many
pictures, or rows of anything else times the network's weights."""


class NetworkLearner(Learner):
    """A learner whose actions depend on `network` alone. A subclass makes `network` and `generator` (on
    `device`, the only source of its chance) and calls `learn`'s environments `envs`."""

    network: nn.Module
    generator: torch.Generator

    def __init__(
        self,
        observation_space: gymnasium.Space[Any],
        action_space: gymnasium.Space[Any],
        config: Any,
        seed: int,
        device: str,
    ) -> None:
        if not isinstance(action_space, spaces.Discrete):
            name = type(self).__name__
            raise ValueError(f"{name} here chooses among discrete actions, and this game has {action_space}")
        share_out()
        self.config = config
        self.seed = seed
        self.device = torch.device(device)
        self.mixed = config.bfloat16 and has_bfloat16(self.device)
        """Whether it learns in bfloat16. What it plays by is float32 in any case."""
        self.step = 0
        self.observation_space = observation_space
        self.actions, self.first_action = int(action_space.n), int(action_space.start)
        self.episodes = Episodes(config.num_envs)
        self.envs: VectorEnv[Any, Any, Any] | None = None
        self.carried: dict[str, NDArray[Any]] = {}
        """From one iteration to the next: `observations`, and `resetting` (N,) where a reset step comes."""
        self._stored_envs: dict[str, NDArray[Any]] = {}

    @abstractmethod
    def new_optimizer(self) -> torch.optim.Optimizer:
        """Of the network's weights, without anything learned yet."""

    @cached_property
    def optimizer(self) -> torch.optim.Optimizer:
        """Made when something is to be learned: who only plays is there a second earlier."""
        return self.new_optimizer()

    def begin(self, envs: VectorEnv[Any, Any, Any]) -> bool:
        """Reset the environments, or put them back where a restored learner left them: then it is True."""
        mode = AutoresetMode(envs.metadata.get("autoreset_mode", AutoresetMode.NEXT_STEP))
        name = type(self).__name__
        if mode is AutoresetMode.DISABLED:
            needed = "NEXT_STEP or SAME_STEP autoreset, not DISABLED"
            raise ValueError(f"{name} needs environments that reset themselves: {needed}")
        if envs.num_envs != self.config.num_envs:
            raise ValueError(
                f"{name} is set to {self.config.num_envs} environments and was given {envs.num_envs}"
            )
        self.envs, self.same_step = envs, mode is AutoresetMode.SAME_STEP
        set_state = getattr(envs, "set_state", None)
        put_back = bool(self._stored_envs) and set_state is not None
        if put_back and set_state is not None:
            envs.reset()
            set_state(self._stored_envs)
        else:
            # A resumed run must not play its first episodes again.
            [seed] = np.random.SeedSequence([self.seed, self.step]).generate_state(1)
            observations, _ = envs.reset(seed=int(seed >> 1))
            self.carried = {
                "observations": np.array(observations),
                "resetting": np.zeros(envs.num_envs, dtype=bool),
            }
            self.episodes.begin()
        self._stored_envs = {}
        return put_back

    # What the network is given, and how it computes

    def learning(self, *, reuse: bool = False) -> torch.autocast:
        """Within, the network computes as `config.bfloat16` says. With `reuse` it rounds its weights but
        once: for where nobody learns meanwhile."""
        # All threads share the rounded weights. Those made without gradients must not be learned with.
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.mixed, cache_enabled=reuse)

    def parts(self, envs: VectorEnv[Any, Any, Any]) -> list[tuple[VectorEnv[Any, Any, Any], slice]]:
        """The environments in parts, each to be stepped by a core of its own, and their slots: one part of
        all, where they cannot be `divided`."""
        divided = getattr(envs, "divided", None)
        if divided is None or self.device.type != "cpu":
            return [(envs, slice(0, envs.num_envs))]
        parts = divided(CORES)
        ends = np.cumsum([part.num_envs for part in parts]).tolist()
        return [(part, slice(end - part.num_envs, end)) for part, end in zip(parts, ends, strict=True)]

    def empty(self, *leading: int) -> Tensor:
        """Room for observations: (*leading, *observation), a picture's colours last in memory where they
        are computed with so."""
        shape = self.observation_space.shape or ()
        dtype = self.observation_dtype()
        if is_picture(self.observation_space) and shape[0] < shape[2]:
            channels, height, width = shape
            room = torch.empty((*leading, height, width, channels), dtype=dtype, device=self.device)
            return room.movedim(-1, -3)
        return torch.empty((*leading, *shape), dtype=dtype, device=self.device)

    def tensor(self, observations: NDArray[Any]) -> Tensor:
        """(B, *observation) on the learner's device, in the type that the network reads."""
        tensor = self.empty(len(observations))
        put(tensor, observations)
        return tensor

    def on_device(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(array).to(self.device)

    def observation_dtype(self) -> torch.dtype:
        if isinstance(self.observation_space, spaces.Discrete):
            return torch.int64
        return torch.uint8 if self.observation_space.dtype == np.uint8 else torch.float32

    # Learning

    def in_parts(self, compute: Callable[[slice], Result], rows: int) -> list[Result]:
        """`compute` of one slice of the rows for each core; of all at once where they are too few for it to
        be worth while, and on a GPU."""
        if self.device.type != "cpu":
            return [compute(slice(0, rows))]
        weights = sum(parameter.numel() for parameter in self.network.parameters())
        least = LEAST_PICTURES if is_picture(self.observation_space) else LEAST_WORK // weights + 1
        return in_parts(compute, rows, min(CORES, max(1, rows // least)))

    def set_gradients(self, loss: Callable[[slice], tuple[Tensor, Result]], rows: int) -> list[Result]:
        """Give the parameters the gradient of the sum of `loss` over the parts of a minibatch of `rows`.

        Returns what else `loss` gave, of each part.
        """
        parameters = list(self.network.parameters())

        def gradients(part: slice) -> tuple[tuple[Tensor, ...], Result]:
            value, more = loss(part)
            return torch.autograd.grad(value, parameters, materialize_grads=True), more

        first, *others = self.in_parts(gradients, rows)
        for index, parameter in enumerate(parameters):
            parameter.grad = first[0][index]
            for other in others:
                parameter.grad += other[0][index]
        return [more for _, more in (first, *others)]

    # Keeping

    def weights(self) -> dict[str, NDArray[Any]]:
        return {name: copied(tensor) for name, tensor in self.network.state_dict().items()}

    def load_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        own = self.network.state_dict()
        if own.keys() != weights.keys():
            odd = ", ".join(sorted(own.keys() ^ weights.keys()))
            raise ValueError(f"the weights do not fit this network: {odd} is missing or not known")
        for name, tensor in own.items():
            if tuple(tensor.shape) != weights[name].shape:
                shapes = f"{weights[name].shape}, not {tuple(tensor.shape)}"
                raise ValueError(f"the weights do not fit this network: {name} has shape {shapes}")
        for name, tensor in own.items():
            tensor.copy_(torch.from_numpy(np.array(weights[name], dtype=np.float32)))

    def state(self) -> State:
        tensors = {"generator": copied(self.generator.get_state()), "episodes": self.episodes.finished()}
        for name, parameter in self.network.named_parameters():
            for moment, tensor in self.optimizer.state.get(parameter, {}).items():
                tensors[f"optimizer/{name}/{moment}"] = copied(tensor)
        # An environment that can be put back goes on exactly; the others will start new episodes.
        get_state = getattr(self.envs, "get_state", None)
        if get_state is not None:
            tensors |= {f"envs/{name}": np.array(array) for name, array in get_state().items()}
            tensors |= {f"carried/{name}": np.array(array) for name, array in self.carried.items()}
            tensors["carried/returns"] = self.episodes.returns.copy()
            tensors["carried/lengths"] = self.episodes.lengths.copy()
            tensors["carried/first"] = self.episodes.first.copy()
        values = {"step": self.step, "told": self.episodes.told, "device": self.device.type}
        return State(tensors, values)

    def restore(self, state: State) -> None:
        """Raises ValueError or KeyError when the state is not one of this learner's."""
        self.step = int(state.values["step"])
        if state.values["device"] == self.device.type:
            self.generator.set_state(torch.from_numpy(np.array(state.tensors["generator"])))
        else:  # a GPU's generator cannot go on a CPU; the run goes on, but not to the same bits
            [seed] = np.random.SeedSequence([self.seed, self.step]).generate_state(1)
            self.generator.manual_seed(int(seed))
        self.episodes.restore(state.tensors["episodes"], told=bool(state.values["told"]))
        groups = self.optimizer.state_dict()["param_groups"]
        moments: dict[int, dict[str, Tensor]] = {}
        for index, (name, _) in enumerate(self.network.named_parameters()):
            found = {
                key: torch.from_numpy(array)
                for key, array in under(f"optimizer/{name}/", state.tensors).items()
            }
            if found:
                moments[index] = found
        self.optimizer.load_state_dict({"state": moments, "param_groups": groups})
        for parameter, known in self.optimizer.state.items():
            for moment, tensor in known.items():
                if tensor.shape == parameter.shape:  # in its order in memory, by which sums are rounded
                    known[moment] = torch.empty_like(parameter).copy_(tensor)
        self._stored_envs = under("envs/", state.tensors)
        self.carried = under("carried/", state.tensors)
        if self.carried:
            self.episodes.returns = self.carried.pop("returns")
            self.episodes.lengths = self.carried.pop("lengths")
            self.episodes.first = self.carried.pop("first", self.episodes.first)  # not in older checkpoints


def has_bfloat16(device: torch.device) -> bool:
    """Whether the processor multiplies in bfloat16 itself: otherwise it would be slower, not faster."""
    if device.type == "cpu":
        able = torch.cpu.get_capabilities()
        return bool(able.get("avx512_bf16") or able.get("amx_bf16") or able.get("bf16"))
    return device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)


def started(envs: VectorEnv[Any, Any, Any], actions: NDArray[Any]) -> Callable[[], Any]:
    """Begin a step of the environments, which those that can take in the background. The result's call waits
    for it and returns what `step` does."""
    if hasattr(envs, "step_async") and hasattr(envs, "step_wait"):
        envs.step_async(actions)
        wait: Callable[[], Any] = envs.step_wait
        return wait
    result = envs.step(actions)
    return lambda: result


def last_observations(infos: Any, ended: NDArray[np.bool_]) -> NDArray[Any]:
    """(K, *observation): the last of each of K episodes that ended at this step, where the next ones' first
    have taken their places. Raises ValueError where the environments do not give them."""
    if "final_obs" not in infos:
        raise ValueError("environments with autoreset SAME_STEP must give `final_obs` in their infos")
    return np.stack([infos["final_obs"][slot] for slot in np.flatnonzero(ended)])


def averaged(reports: Sequence[Tensor], names: Sequence[str]) -> dict[str, float]:
    """The means, by name, of what gradient steps have reported; none where there was no step.

    Raises FloatingPointError where one is not finite.
    """
    if not reports:
        return {}
    means = torch.stack(tuple(reports)).mean(0).tolist()
    metrics = dict(zip(names, means, strict=True))
    if not np.isfinite(means).all():
        which = ", ".join(name for name, value in metrics.items() if not np.isfinite(value))
        raise FloatingPointError(f"learning diverged: {which} became infinite or not a number")
    return metrics


def put(row: Tensor, array: NDArray[Any]) -> None:
    """Copy once, whatever the array's type and memory order."""
    if row.device.type == "cpu":
        if row.ndim > 2 and row.stride(-3) == 1:  # one colour after the other: four times as fast
            for colour in range(row.shape[-3]):
                np.copyto(row[..., colour, :, :].numpy(), array[..., colour, :, :])
        else:
            np.copyto(row.numpy(), array, casting="same_kind")
    else:
        row.copy_(torch.tensor(np.ascontiguousarray(array)))


def copied(tensor: Tensor) -> NDArray[Any]:
    return np.array(tensor.detach().cpu().numpy(), order="C")


def under(prefix: str, tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Copies of what is called `prefix`..., by the rest of the name."""
    return {
        name.removeprefix(prefix): np.array(array)
        for name, array in tensors.items()
        if name.startswith(prefix)
    }
