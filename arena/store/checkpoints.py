"""Checkpoints: what a learner knows, in a folder that cannot run code.

`meta.json` says what it is and gives the SHA-256 of every other file; `weights.safetensors` is what the
agent acts by; `optimizer.safetensors` and `state/*.npy` are there in a run's checkpoints, to go on exactly.
Reading a `Meta` needs no torch.
"""

import contextlib
import hashlib
import importlib.metadata
import json
import platform
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agents.catalog import AGENTS, load, plays_as
from arena import places
from arena.errors import ArenaError
from arena.store import checkpoint_files, home
from arena.store.checkpoint_files import META, last_whole, replaced
from arena.store.records import Option
from arena.store.spaces import describe_space, make_space

if TYPE_CHECKING:
    import gymnasium

    from agents.agent import Learner

FORMAT = 1
WEIGHTS, OPTIMIZER = "weights.safetensors", "optimizer.safetensors"
_FILE = re.compile(r"(weights|optimizer)\.safetensors|state(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+\.npy")
_GAME = re.compile(r"[a-z]+(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")
_LARGEST_META = 1 << 20


@dataclass(frozen=True, slots=True)
class Meta:
    """What `meta.json` says, checked."""

    folder: Path
    agent: str
    game: str
    options: Mapping[str, Option]
    """The game's options that the agent was trained with."""
    config: Mapping[str, Any]
    """The fields of the algorithm's `Config`."""
    step: int
    seed: int
    observation_space: Mapping[str, Any]
    """`{"shape", "dtype"}` of a box, or `{"n", "start"}`."""
    action_space: Mapping[str, Any]
    greedy: bool
    """Whether it plays its best action, or draws from its policy."""
    card: Mapping[str, Any]
    """How it was trained and how strong it was measured to be; empty for a run's checkpoint."""
    versions: Mapping[str, str]
    files: Mapping[str, str]
    """SHA-256 in hex of every file beside `meta.json`, by its path in the folder."""
    state: Mapping[str, Any]
    """The JSON values of the learner's `State`."""

    @property
    def digest(self) -> str:
        """The agent's identity: hex SHA-256 over its frozen weights, its config, and how it plays."""
        content = [self.agent, self.config, self.greedy, self.files[WEIGHTS]]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def player(self) -> str:
        """The name under which it sits down as a champion."""
        return plays_as(self.agent)

    @property
    def steps_before(self) -> int:
        """Environment steps from which came what its run began with, as far as its card tells."""
        steps, before = 0, self.card.get("began_with")
        while isinstance(before, dict):
            told = before.get("steps")
            steps += told if type(told) is int and 0 <= told < 2**53 else 0
            before = before.get("began_with")
        return steps

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return sum((self.folder / name).stat().st_size for name in [*self.files, META])


def save(
    folder: Path,
    learner: "Learner",
    *,
    agent: str,
    game: str,
    options: Mapping[str, Option],
    seed: int,
    spaces: "tuple[gymnasium.Space[Any], gymnasium.Space[Any]]",
) -> Meta:
    """Keep all of a learner in `folder`, so that it can go on exactly: see `resume`.

    `agent` is its name in the catalog, `spaces` what it was built with. Raises FloatingPointError for weights
    that are not finite, and ArenaError where it cannot be written; what was in `folder` before is then still
    there.
    """
    from safetensors.numpy import save as to_bytes

    weights = learner.weights()
    if not all(np.isfinite(w).all() for w in weights.values()):
        raise FloatingPointError("learning diverged: a weight became infinite or not a number")
    state = learner.state()
    optimizer = {name: tensor for name, tensor in state.tensors.items() if name.startswith("optimizer/")}
    files: dict[str, bytes | NDArray[Any]] = {
        f"state/{name}.npy": array for name, array in state.tensors.items() if name not in optimizer
    }
    files[WEIGHTS] = to_bytes(weights)
    if optimizer:
        files[OPTIMIZER] = to_bytes(optimizer)
    return _write(
        folder,
        files,
        agent=agent,
        game=game,
        options=dict(options),
        config=asdict(learner.config),
        step=learner.step,
        seed=seed,
        observation_space=describe_space(spaces[0]),
        action_space=describe_space(spaces[1]),
        greedy=True,
        card={},
        state=dict(state.values),
    )


def save_champion(
    source: Meta,
    *,
    options: Mapping[str, Option],
    greedy: bool,
    card: Mapping[str, Any],
    weights: Mapping[str, NDArray[Any]] | None = None,
) -> Meta:
    """Freeze a checkpoint as its agent's champion at its game, in half precision, for acting only.

    `options` are the game's that a match needs for the agent to see what it learned to see; `weights` are
    those of `source`, where they have been read already.

    Raises ArenaError where the weights do not fit into half precision, or nothing can be written.
    """
    from safetensors.numpy import load as from_bytes
    from safetensors.numpy import save as to_bytes

    if weights is None:
        weights = from_bytes(_read(source, WEIGHTS))
    with np.errstate(over="ignore"):
        halves = {name: np.ascontiguousarray(w.astype(np.float16)) for name, w in weights.items()}
    if not all(np.isfinite(w).all() for w in halves.values()):
        raise ArenaError(f"{source.folder} has weights too large for a champion's half precision")
    folder = home.inside(places.champions()[0], f"{source.game}/{source.player}")
    return _freeze(source, folder, to_bytes(halves), options=dict(options), greedy=greedy, card=dict(card))


def copy(source: Meta, folder: Path) -> Meta:
    """Keep in `folder` what `source` needs for acting; it stays the same agent. Raises ArenaError where it
    cannot be read or written."""
    return _freeze(source, folder, _read(source, WEIGHTS))


def keep_only_acting(folder: Path) -> None:
    """Let go of what only going on needs, such as a replay buffer; its agent and its identity stay.

    Cut short at any moment it leaves a checkpoint that is whole; done again it ends what it began.
    Raises ArenaError as `read_meta`, and where nothing can be written.
    """
    meta = read_meta(folder)
    content = {
        **json.loads((folder / META).read_bytes()),
        "files": {WEIGHTS: meta.files[WEIGHTS]},
        "state": {},
    }
    home.write_atomically(folder / META, json.dumps(content, indent=1).encode())
    with contextlib.suppress(OSError):  # on Windows whoever goes on from it just now may finish
        (folder / OPTIMIZER).unlink(missing_ok=True)
    shutil.rmtree(folder / "state", ignore_errors=True)


def size_of_state(folder: Path) -> int:
    """Bytes of a checkpoint that only going on needs."""
    with contextlib.suppress(OSError):
        files = [folder / OPTIMIZER, *(folder / "state").rglob("*.npy")]
        return sum(file.stat().st_size for file in files if file.is_file())
    return 0


def champions(game: str | None = None) -> list[Meta]:
    """Every readable champion (of `game`, if given), best card first."""
    folders: dict[str, Path] = {}
    for root in places.champions():
        for path in sorted(root.rglob(META)):
            folder = replaced(path.parent) or path.parent
            here = folder.relative_to(root)
            if not any(part.startswith(".") for part in here.parts):
                folders.setdefault(here.as_posix(), last_whole(folder))
    found = []
    for name, folder in folders.items():
        with contextlib.suppress(ArenaError):  # a damaged one is reported when it is asked for by name
            meta = read_meta(folder)
            if name == f"{meta.game}/{meta.player}" and game in (None, meta.game):
                found.append(meta)
    return sorted(found, key=lambda meta: (meta.game, -float(meta.card.get("score", -np.inf)), meta.player))


def champion_folder(player: str, game: str) -> Path:
    """Where the champion of that name is, the user's own before the arena's, or else would be."""
    folders = [last_whole(home.inside(root, f"{game}/{player}")) for root in places.champions()]
    return next((folder for folder in folders if (folder / META).exists()), folders[0])


def read_meta(folder: Path) -> Meta:
    """What is in a checkpoint's folder, without opening its weights and without torch.

    Raises ArenaError when it is missing, damaged, not a checkpoint, or from a newer arena.
    """
    path = folder / META
    try:
        if path.stat().st_size > _LARGEST_META:
            raise ArenaError(f"{path} is too large for a checkpoint's description")
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ArenaError(f"{folder} is no checkpoint: it has no meta.json") from None
    except OSError as error:
        raise ArenaError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        raise ArenaError(f"{path} is damaged: it is not JSON; use another checkpoint") from None
    if not isinstance(content, dict) or not isinstance(content.get("format"), int):
        raise ArenaError(f"{path} is not the description of a checkpoint")
    if content["format"] > FORMAT:
        raise ArenaError(
            f"{folder} was written by a newer arena (format {content['format']}, this one reads {FORMAT}); "
            "update the arena"
        )
    try:
        return Meta(
            folder=folder,
            agent=_checked(content, "agent", str),
            game=_checked(content, "game", str),
            options=_checked(content, "options", dict),
            config=_checked(content, "config", dict),
            step=_checked(content, "step", int),
            seed=_checked(content, "seed", int),
            observation_space=_checked(content, "observation_space", dict),
            action_space=_checked(content, "action_space", dict),
            greedy=_checked(content, "greedy", bool),
            card=_checked(content, "card", dict),
            versions=_checked(content, "versions", dict),
            files=_files(content),
            state=_checked(content, "state", dict),
        )
    except (KeyError, ValueError) as error:
        raise ArenaError(f"{path} is damaged: {error.args[0]}; use another checkpoint") from None


def load_agent(folder: Path, *, device: str = "cpu") -> "tuple[Learner, Meta]":
    """The agent that is kept in `folder`, ready to act. Raises ArenaError as `read_meta`, and when a file
    is not the one that was written or does not fit the agent."""
    meta = read_meta(folder)
    return _build(meta, device), meta


def resume(folder: Path, *, device: str = "cpu", config: Any = None) -> "tuple[Learner, Meta]":
    """The learner that was kept in `folder` by `save`, ready to go on; with `config` instead of its own
    where one is given. Raises ArenaError as `load_agent`."""
    from agents.agent import State

    meta = read_meta(folder)
    if not meta.state:
        raise ArenaError(f"{folder} is kept for playing only; go on from its run's latest checkpoint")
    learner = _build(meta, device, config)
    try:
        tensors = _optimizer(meta) | {
            name.removeprefix("state/").removesuffix(".npy"): checkpoint_files.read_array(
                folder, name, digest
            )
            for name, digest in meta.files.items()
            if name.startswith("state/")
        }
        learner.restore(State(tensors, meta.state))
    except (ValueError, KeyError, TypeError, EOFError, RuntimeError) as error:
        raise ArenaError(
            f"{folder} cannot be gone on from: {_line(error)}; use another checkpoint"
        ) from error
    return learner, meta


def versions() -> dict[str, str]:
    """What a checkpoint was made with."""
    packages = ("arena", "torch", "numpy", "gymnasium", "ale-py")
    return {"python": platform.python_version(), **{p: v for p in packages if (v := _version(p))}}


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # the arena itself, run from its source
        return None


def _freeze(source: Meta, folder: Path, weights: bytes, **other: Any) -> Meta:
    """`source` for acting only, with such weights; `other` fields are not its own."""
    derived = {"folder", "versions", "files", "state"}
    own = {f.name: getattr(source, f.name) for f in fields(source) if f.name not in derived}
    return _write(folder, {WEIGHTS: weights}, **own | other, state={})


def _write(folder: Path, files: Mapping[str, bytes | NDArray[Any]], **fields: Any) -> Meta:
    checkpoint_files.write(
        folder,
        files,
        lambda digests: {"format": FORMAT, **fields, "versions": versions(), "files": dict(digests)},
    )
    return read_meta(folder)


def _read(meta: Meta, name: str) -> bytes:
    return checkpoint_files.read(meta.folder, name, meta.files[name])


def _optimizer(meta: Meta) -> dict[str, NDArray[Any]]:
    from safetensors.numpy import load as from_bytes

    return from_bytes(_read(meta, OPTIMIZER)) if OPTIMIZER in meta.files else {}


def _build(meta: Meta, device: str, config: Any = None) -> "Learner":
    from safetensors import SafetensorError
    from safetensors.numpy import load as from_bytes

    weights = _read(meta, WEIGHTS)
    try:
        learner_type = load(meta.agent)
        learner = learner_type(
            make_space(meta.observation_space),
            make_space(meta.action_space),
            config or learner_type.config_type(**meta.config),
            seed=meta.seed,
            device=device,
        )
        learner.load_weights(from_bytes(weights))
    except (ValueError, TypeError, KeyError, RuntimeError, MemoryError, SafetensorError) as error:
        raise ArenaError(f"{meta.folder} does not fit this arena's {meta.agent}: {_line(error)}") from error
    return learner


def _checked(content: dict[str, Any], name: str, kind: type[Any]) -> Any:
    value = content.get(name)
    if not isinstance(value, kind) or (kind is int and not (type(value) is int and abs(value) < 2**63)):
        raise ValueError(f"its {name} is {value!r:.60}")
    if name == "agent" and value not in AGENTS:
        raise ValueError(f"it is for the agent {value!r:.60}, which this arena does not have")
    if name == "game" and not _GAME.fullmatch(value):
        raise ValueError(f"its game is {value!r:.60}")
    return value


def _files(content: dict[str, Any]) -> dict[str, str]:
    files: dict[str, Any] = _checked(content, "files", dict)
    for name, digest in files.items():
        if not _FILE.fullmatch(name) or not isinstance(digest, str):
            raise ValueError(f"it names the file {name!r:.60}")
    if WEIGHTS not in files:
        raise ValueError("it has no weights")
    return files


def _line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
