"""Models that Stable-Baselines3 has saved, read as data: none of their code is run here.

A file of theirs is a zip with the networks' weights and `data`, a JSON object of everything else. What JSON
cannot say is pickled in it, and stands beside that in words: of a space its class, its shape and so on. The
algorithm is named nowhere; the policy's module and the settings that are there tell it.

Source: `stable_baselines3/common/save_util.py` (`data_to_json`, `load_from_zip_file`), 2.9.
"""

import ast
import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arena.errors import ArenaError, UsageError

ALGORITHMS: Mapping[str, str] = {
    "ppo": "stable_baselines3:PPO",
    "a2c": "stable_baselines3:A2C",
    "dqn": "stable_baselines3:DQN",
    "qrdqn": "sb3_contrib:QRDQN",
    "trpo": "sb3_contrib:TRPO",
    "recurrentppo": "sb3_contrib:RecurrentPPO",
    "maskableppo": "sb3_contrib:MaskablePPO",
}
"""Those with discrete actions, and where they are loaded from."""

_BY_POLICY = {
    "stable_baselines3.dqn": "dqn",
    "sb3_contrib.qrdqn": "qrdqn",
    "sb3_contrib.common.recurrent": "recurrentppo",
    "sb3_contrib.common.maskable": "maskableppo",
}
"""The beginning of a policy's module tells the algorithm, where each has a policy of its own."""

_BY_SETTING = {
    "exploration_initial_eps": "dqn",
    "cg_max_steps": "trpo",
    "clip_range": "ppo",
    "gae_lambda": "a2c",
}
"""What only one of those has that are left, the first that is there."""

_MOST_DATA = 1 << 26
"""Bytes of `data` at most: a zip can hold more than memory does."""

_PICTURE_ORDERS = ((0, 1, 2), (1, 2, 0), (2, 0, 1))
"""As it is, channels moved to the end, channels moved to the beginning."""


@dataclass(frozen=True, slots=True)
class Wants:
    """What a model is given and answers."""

    shape: tuple[int, ...]
    dtype: str
    states: int | None
    """It is given the number of a state, one of so many; else None."""
    actions: int

    def __str__(self) -> str:
        sees = f"{self.shape} {self.dtype}" if self.states is None else f"one of {self.states} states"
        return f"{sees} with {self.actions} actions"

    def order(self, shape: Sequence[int]) -> tuple[int, ...] | None:
        """How the axes of an observation are to be ordered for the model; None where it fits in no order."""
        if self.states is not None:
            return () if tuple(shape) == (self.states,) else None
        orders = _PICTURE_ORDERS if len(shape) == 3 else (tuple(range(len(shape))),)
        return next((axes for axes in orders if tuple(shape[axis] for axis in axes) == self.shape), None)

    def fits(self, shape: Sequence[int], dtype: str, actions: int) -> bool:
        """Whether a game's observations and number of actions are what the model knows."""
        if self.order(shape) is None or actions != self.actions:
            return False
        mine, given = np.dtype(self.dtype), np.dtype(dtype)
        return self.states is not None or mine == given or (mine.kind == given.kind == "f")

    def given(self, observation: NDArray[Any]) -> Any:
        """An observation that fits, as the model wants it: a one-hot state as its number, a picture with its
        channels where the model has them."""
        if self.states is not None:
            return np.int64(observation.argmax())
        order = self.order(observation.shape)
        assert order is not None
        return observation.transpose(order)


@dataclass(frozen=True, slots=True)
class Model:
    """A saved model."""

    path: Path
    sha256: str
    algorithm: str
    """A name of `ALGORITHMS`."""
    wants: Wants


def read(path: Path, algorithm: str | None = None) -> Model:
    """What a file says of itself; `algorithm` is who saved it, where the file is not to be asked.

    Raises UsageError where there is no such file, and ArenaError for one that Stable-Baselines3 has not saved
    or that cannot play here.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}; name one that Stable-Baselines3 has saved (model.save)")
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        with zipfile.ZipFile(path) as archive, archive.open("data") as file:
            content = file.read(_MOST_DATA + 1)
        if len(content) > _MOST_DATA:
            raise ValueError(f"more than {_MOST_DATA >> 20} MB of settings")
        data = json.loads(content)
        sees, does = data["observation_space"], data["action_space"]
        kinds = [str(space[":type:"]).strip("<>' ").rpartition(".")[2] for space in (sees, does)]
        known = algorithm or _algorithm(data)
    except OSError as error:
        raise ArenaError(f"{path} cannot be read: {error.strerror or error}") from error
    except Exception as error:  # what is in a file of somebody else's may be anything
        raise ArenaError(f"{path} is no model that Stable-Baselines3 has saved ({_why(error)})") from error
    if kinds[1] != "Discrete":
        raise ArenaError(
            f"{path} cannot play here: its actions are {kinds[1]}, and games here have Discrete ones"
        )
    if kinds[0] not in ("Box", "Discrete"):
        raise ArenaError(
            f"{path} cannot play here: it sees a {kinds[0]}, and games here show one array (Box)"
        )
    if known is None:
        names = ", ".join(ALGORITHMS)
        raise ArenaError(f"{path} does not tell its algorithm; say it, as in sb3:dqn:{path.name} ({names})")
    try:
        wants = Wants(
            shape=() if kinds[0] == "Discrete" else _numbers(sees.get("_shape", sees.get("shape"))),
            dtype=np.dtype(sees["dtype"]).name,
            states=int(sees["n"]) if kinds[0] == "Discrete" else None,
            actions=int(does["n"]),
        )
    except Exception as error:  # here too
        raise ArenaError(f"{path} does not tell what it sees and does ({_why(error)})") from error
    return Model(path, digest, known, wants)


def _algorithm(data: Mapping[str, Any]) -> str | None:
    policy = data.get("policy_class")
    module = str(policy.get("__module__", "")) if isinstance(policy, dict) else ""
    for beginning, algorithm in _BY_POLICY.items():
        if module.startswith(beginning):
            return algorithm
    return next((algorithm for setting, algorithm in _BY_SETTING.items() if setting in data), None)


def _numbers(shape: Any) -> tuple[int, ...]:
    """Of a list, or of what Python prints for one."""
    return tuple(int(n) for n in (ast.literal_eval(shape) if isinstance(shape, str) else shape))


def _why(error: Exception) -> str:
    if isinstance(error, KeyError):
        what = str(error.args[0]) if error.args else "what was looked for"
        return what if " " in what else f"it has no {what}"  # a zip's own words are a sentence
    return " ".join(str(error).split())[:120]
