"""How fast a learner learns `atari/pong`, beside Stable-Baselines3's with the same hyperparameters."""

import statistics
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from agents.catalog import load
from agents.cores import CORES, share_out
from agents.network_learner import has_bfloat16
from agents.presets import PRESETS
from arena.cli.bench.timing import Line, Report, compare, rate
from arena.errors import ArenaError
from arena.games import catalog, roms

GAME, ROM = "atari/pong", "pong"
SAMPLES = 32
"""Over which a network's operations are counted."""

MATRIX = 2048


def measure(
    name: str,
    overrides: dict[str, Any],
    rival: Callable[[], Callable[[], int]],
    samples: Callable[[Any], tuple[float, float]],
    progress: Callable[[str], None],
) -> Report:
    """Compare the learner `name`, as its preset for Atari is but for `overrides`, with `rival`.

    `rival` builds Stable-Baselines3's and returns what learns on for a while and tells of how many steps.
    `samples` tells, by a config, how many samples go through the network for each environment step:
    forward only, and forward and backward. Raises ArenaError where Stable-Baselines3 or the ROM is missing.
    """
    if find_spec("stable_baselines3") is None:
        raise ArenaError(
            f"the {name} bench compares with Stable-Baselines3, which is not installed; "
            "pip install stable-baselines3 brings it"
        )
    rival_name = f"Stable-Baselines3 {name.upper()}"
    progress(f"building {name} and {rival_name}")
    rom = roms.rom_path(ROM)
    assert rom
    config = load(name).config_type(**{**PRESETS[name]["atari"], **overrides})
    plain = load(name).config_type(**{**PRESETS[name]["atari"], **overrides, "bfloat16": False})
    mixed = has_bfloat16(torch.device("cpu")) and config.bfloat16
    candidates = {
        rival_name: _all_cores(rival()),
        **({f"{name}, bfloat16": _ours(name, config)} if mixed else {}),
        f"{name}, float32": _ours(name, plain),
        "environments alone": _environments(config.num_envs),
    }
    lines = compare(candidates, rival_name, progress)
    progress("the peak of matrix products")
    peaks = {torch.float32: _peak(torch.float32), torch.bfloat16: _peak(torch.bfloat16)}
    peak = peaks[torch.bfloat16 if mixed else torch.float32]
    work = _work(name, config, samples)
    ours = lines[1].rate
    limit = Line(
        "matrix products at their peak", peak / work, peak / work, peak / work, peak / work / lines[0].rate
    )
    return Report(
        bench=name,
        unit="steps/s",
        baseline=rival_name,
        lines=(*lines, limit),
        setting=f"{GAME}, Nature network, published hyperparameters, {CORES} cores, learning under way. "
        f"A step takes {work / 1e9:.2f} GFLOP in the network; products of {MATRIX}x{MATRIX} matrices reach "
        f"{peaks[torch.float32] / 1e9:,.0f} GFLOP/s in float32 and {peaks[torch.bfloat16] / 1e9:,.0f} in "
        f"bfloat16, of which {lines[1].name} is {ours * work / peak:.0%}",
    )


def _all_cores(advance: Callable[[], int]) -> Callable[[], float]:
    """The rate of what leaves it to torch to share each operation out among the cores, as users have it."""

    def measured() -> float:
        torch.set_num_threads(CORES)
        return rate(advance)

    return measured


def _ours(name: str, config: Any) -> Callable[[], float]:
    envs = catalog.vector(GAME, config.num_envs, 1)
    learner = load(name)(envs.single_observation_space, envs.single_action_space, config, seed=1)
    going = learner.learn(envs)
    while learner.step < getattr(config, "learning_starts", 0):
        next(going)
    next(going)

    def advance() -> int:
        before = learner.step
        next(going)
        return learner.step - before

    def measured() -> float:
        share_out()
        return rate(advance)

    return measured


def _environments(num_envs: int) -> Callable[[], float]:
    envs = catalog.vector(GAME, num_envs, 1)
    envs.reset()
    rng = np.random.default_rng(1)
    batches: NDArray[np.int64] = rng.integers(6, size=(64, num_envs))

    def advance() -> int:
        for actions in batches:
            envs.step(actions)
        return batches.size

    return partial(rate, advance)


def _work(name: str, config: Any, samples: Callable[[Any], tuple[float, float]]) -> float:
    """Floating-point operations in the network for each environment step."""
    envs = catalog.vector(GAME, 1, 1)
    learner: Any = load(name)(envs.single_observation_space, envs.single_action_space, config, seed=1)
    envs.close()
    network: nn.Module = learner.network
    observations = learner.tensor(np.zeros((SAMPLES, 4, 84, 84), np.uint8))
    with FlopCounterMode(display=False) as forward:
        outputs = network(observations)
    loss = sum(part.sum() for part in (outputs if isinstance(outputs, tuple) else (outputs,)))
    with FlopCounterMode(display=False) as backward:
        torch.autograd.grad(loss, list(network.parameters()))
    only_forward, both = samples(config)
    once = forward.get_total_flops() / SAMPLES
    work: float = only_forward * once + both * (once + backward.get_total_flops() / SAMPLES)
    return work


def _peak(dtype: torch.dtype) -> float:
    """Operations a second of a large matrix product on all cores: the median of several."""
    torch.set_num_threads(CORES)
    one, other = (torch.randn(MATRIX, MATRIX).to(dtype) for _ in range(2))
    found = []
    for _ in range(8):
        began = time.perf_counter()
        one @ other
        found.append(2 * MATRIX**3 / (time.perf_counter() - began))
    return statistics.median(found[1:])


def nothing_logged() -> Any:
    """For a model of Stable-Baselines3, which otherwise leaves a folder among the temporary files."""
    from stable_baselines3.common.logger import Logger

    return Logger(folder=None, output_formats=[])


def pong(num_envs: int) -> Any:
    """The environments that Stable-Baselines3's own recipe makes of Pong."""
    import ale_py
    import gymnasium
    from stable_baselines3.common.env_util import make_atari_env
    from stable_baselines3.common.vec_env import VecFrameStack

    gymnasium.register_envs(ale_py)
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    return VecFrameStack(make_atari_env("PongNoFrameskip-v4", n_envs=num_envs, seed=1), 4)
