"""Weights for whoever watches a run: asked for by touching one file of its folder, and left in another.

The folder is all that a training and its watchers share, so that either may come, go or crash. A watcher
touches `watched` every few seconds; while that is done the training leaves `live.safetensors` there: what
the learner acts by and nothing else, always whole, of no use once the training has ended. It spends at most
half a hundredth of its time on that, and nothing while nobody asks.
"""

import contextlib
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from agents.catalog import load
from arena.errors import ArenaError
from arena.store import checkpoints
from arena.store.runs import Run
from arena.store.spaces import describe_space, make_space

if TYPE_CHECKING:
    import gymnasium

    from agents.agent import Learner

ASKED, LIVE = "watched", "live.safetensors"

EVERY = 3.0
"""Seconds between two looks whether somebody asks, and between two weights that are left."""

FRESH = 15.0
"""Seconds that a question stands."""

SHARE = 0.005
"""Of the training's time that may be spent on this."""

_LARGEST_HEADER = 1 << 24


class Outlet:
    """A training's side."""

    def __init__(self, run: Path) -> None:
        """Clears away what an earlier training left, answers and questions."""
        self._asked, self._live = run / ASKED, run / LIVE
        self._seen: int | None = None
        self._until = self._next = 0.0
        self.close()

    def offer(self, learner: "Learner", spaces: "tuple[gymnasium.Space[Any], gymnasium.Space[Any]]") -> None:
        """Leave the learner's weights if somebody asks and it is time; call it as often as you like. What
        cannot be written is left out: no training ends for its watchers."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + EVERY
        with contextlib.suppress(OSError):
            touched = self._asked.stat().st_mtime_ns
            if touched != self._seen:  # not compared with our clock: the folder may be another machine's
                self._seen, self._until = touched, now + FRESH
        if now < self._until:
            with contextlib.suppress(OSError, ArenaError):
                _leave(self._live, learner, spaces)
            self._next = now + max(EVERY, (time.monotonic() - now) / SHARE)

    def close(self) -> None:
        """The training has ended: its checkpoints say all."""
        for path in (self._asked, self._live, *self._live.parent.glob(f".{LIVE}.*")):
            with contextlib.suppress(OSError):
                path.unlink()


def _leave(
    path: Path, learner: "Learner", spaces: "tuple[gymnasium.Space[Any], gymnasium.Space[Any]]"
) -> None:
    """Whole or not at all, but without waiting for the disk: after a power cut nobody needs it."""
    from safetensors.numpy import save as to_bytes

    described = [describe_space(space) for space in spaces]
    about = {"step": str(learner.step), "spaces": json.dumps(described)}
    temporary = path.with_name(f".{LIVE}.{secrets.token_hex(4)}")
    try:
        temporary.write_bytes(to_bytes(learner.weights(), metadata=about))
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a run's newest weights are, and of when."""

    path: Path
    """`live.safetensors`, or a checkpoint's folder."""
    written: int
    """Nanoseconds, by the clock of the folder's machine."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What a run's learner acted by at one of its steps."""

    step: int
    tensors: Mapping[str, NDArray[Any]]
    spaces: tuple[Mapping[str, Any], Mapping[str, Any]]
    """Observations and actions, as `spaces.describe_space` describes them."""
    digest: str
    """SHA-256 in hex."""


def ask(run: Path) -> None:
    """Ask a training for its weights; it counts for `FRESH` seconds. In a folder that cannot be written
    there are the checkpoints."""
    with contextlib.suppress(OSError):
        (run / ASKED).touch()


def newest(run: Run) -> Mark | None:
    """The weights that were written last, if any were."""
    found = []
    for path, file in ((run.folder / LIVE, ""), *([(run.checkpoint, "meta.json")] if run.checkpoint else [])):
        with contextlib.suppress(OSError):
            found.append(Mark(path, (path / file if file else path).stat().st_mtime_ns))
    return max(found, key=lambda mark: mark.written, default=None)


def read(mark: Mark) -> Weights:
    """Raises ArenaError where they are gone by now, or damaged."""
    if mark.path.name != LIVE:
        meta = checkpoints.read_meta(mark.path)
        data = _bytes(mark.path / checkpoints.WEIGHTS)
        digest = hashlib.sha256(data).hexdigest()
        if digest != meta.files[checkpoints.WEIGHTS]:
            raise ArenaError(f"{mark.path} is damaged: its weights are not the ones that were saved")
        return Weights(meta.step, _tensors(data), (meta.observation_space, meta.action_space), digest)
    data = _bytes(mark.path)
    try:
        length = int.from_bytes(data[:8], "little")
        if length > min(len(data), _LARGEST_HEADER):
            raise ValueError("it is cut off")
        about = json.loads(data[8 : 8 + length])["__metadata__"]
        observation, action = json.loads(about["spaces"])
        step = int(about["step"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArenaError(f"{mark.path} is damaged: {error!r:.100}") from error
    return Weights(step, _tensors(data), (observation, action), hashlib.sha256(data).hexdigest())


def build(run: Run, weights: Weights) -> "Learner":
    """The run's agent as it was at that step, to act on the CPU. Raises ArenaError where they do not fit."""
    try:
        learner_type = load(run.agent)
        observation, action = map(make_space, weights.spaces)
        config = learner_type.config_type(**run.config)
        learner = learner_type(observation, action, config, seed=run.seed, device="cpu")
        learner.load_weights(weights.tensors)
    except (ValueError, TypeError, KeyError, RuntimeError, MemoryError) as error:
        raise ArenaError(
            f"run {run.id} does not fit this arena's {run.agent}: {' '.join(str(error).split()):.200}"
        ) from error
    learner.step = weights.step
    return learner


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ArenaError(f"{path} cannot be read: {error.strerror}") from error


def _tensors(data: bytes) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    try:
        return from_bytes(data)
    except (SafetensorError, ValueError, KeyError) as error:
        raise ArenaError(f"the weights are damaged: {' '.join(str(error).split()):.200}") from error
