"""Checkpoints: what a learner knows, in a folder that cannot run code.

`meta.json` says what it is and gives the SHA-256 of every other file; `weights.safetensors` is what the
agent acts by; `optimizer.safetensors` and `state/*.npy` are there in a run's checkpoints, to go on exactly.
A folder is written under another name and renamed when it is whole. Reading a `Meta` needs no torch.
"""

import contextlib
import hashlib
import importlib.metadata
import io
import json
import os
import platform
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agents.catalog import AGENTS, load
from arena import places
from arena.errors import ArenaError
from arena.store import home
from arena.store.records import Option

if TYPE_CHECKING:
    import gymnasium

    from agents.agent import Learner

FORMAT = 1
WEIGHTS, OPTIMIZER = "weights.safetensors", "optimizer.safetensors"
_FILE = re.compile(r"(weights|optimizer)\.safetensors|state(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+\.npy")
_GAME = re.compile(r"[a-z]+(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")
_LEFT = re.compile(r"\.(.+)\.[0-9a-f]{8}\.old")
"""The name under which a folder waits while the one that replaces it takes its place."""
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
    def size(self) -> int:
        """Bytes on the disk."""
        return sum((self.folder / name).stat().st_size for name in [*self.files, "meta.json"])


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

    `agent` is its name in the catalog, `spaces` what it was built with. Raises ArenaError where it cannot
    be written; what was in `folder` before is then still there.
    """
    from safetensors.numpy import save as to_bytes

    state = learner.state()
    optimizer = {name: tensor for name, tensor in state.tensors.items() if name.startswith("optimizer/")}
    files = {WEIGHTS: to_bytes(learner.weights())}
    if optimizer:
        files[OPTIMIZER] = to_bytes(optimizer)
    for name in state.tensors.keys() - optimizer.keys():
        buffer = io.BytesIO()
        np.save(buffer, state.tensors[name], allow_pickle=False)
        files[f"state/{name}.npy"] = buffer.getvalue()
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
    return _write(
        home.inside(places.champions()[0], f"{source.game}/{source.agent}"),
        {WEIGHTS: to_bytes(halves)},
        agent=source.agent,
        game=source.game,
        options=dict(options),
        config=dict(source.config),
        step=source.step,
        seed=source.seed,
        observation_space=dict(source.observation_space),
        action_space=dict(source.action_space),
        greedy=greedy,
        card=dict(card),
        state={},
    )


def champions(game: str | None = None) -> list[Meta]:
    """Every readable champion (of `game`, if given), best card first."""
    folders: dict[str, Path] = {}
    for root in places.champions():
        for path in sorted(root.rglob("meta.json")):
            left = _LEFT.fullmatch(path.parent.name)
            folder = path.parent.with_name(left[1]) if left else path.parent
            here = folder.relative_to(root)
            if not any(part.startswith(".") for part in here.parts):
                folders.setdefault(here.as_posix(), _last_whole(folder))
    found = []
    for name, folder in folders.items():
        with contextlib.suppress(ArenaError):  # a damaged one is reported when it is asked for by name
            meta = read_meta(folder)
            if name == f"{meta.game}/{meta.agent}" and game in (None, meta.game):
                found.append(meta)
    return sorted(found, key=lambda meta: (meta.game, -float(meta.card.get("score", -np.inf)), meta.agent))


def champion_folder(agent: str, game: str) -> Path:
    """Where that champion is, the user's own before the one that came with the arena, or else would be."""
    folders = [_last_whole(home.inside(root, f"{game}/{agent}")) for root in places.champions()]
    return next((folder for folder in folders if (folder / "meta.json").exists()), folders[0])


def read_meta(folder: Path) -> Meta:
    """What is in a checkpoint's folder, without opening its weights and without torch.

    Raises ArenaError when it is missing, damaged, not a checkpoint, or from a newer arena.
    """
    path = folder / "meta.json"
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
    learner = _build(meta, device, config)
    try:
        tensors = _optimizer(meta) | {
            name.removeprefix("state/").removesuffix(".npy"): np.load(
                io.BytesIO(_read(meta, name)), allow_pickle=False
            )
            for name in meta.files
            if name.startswith("state/")
        }
        learner.restore(State(tensors, meta.state))
    except (ValueError, KeyError, TypeError, EOFError, RuntimeError) as error:
        raise ArenaError(
            f"{folder} cannot be gone on from: {_line(error)}; use another checkpoint"
        ) from error
    return learner, meta


def describe_space(space: "gymnasium.Space[Any]") -> dict[str, Any]:
    """A space as JSON. Raises ArenaError for one that no agent here can use."""
    from gymnasium import spaces

    match space:
        case spaces.Box():
            return {"shape": list(space.shape), "dtype": str(space.dtype)}
        case spaces.Discrete():
            return {"n": int(space.n), "start": int(space.start)}
        case _:
            raise ArenaError(f"agents see boxes and numbered states, not {space}; choose another game")


def make_space(described: Mapping[str, Any]) -> "gymnasium.Space[Any]":
    """The space that `describe_space` described (a box's bounds are its type's).

    Raises ValueError, KeyError or TypeError for what it did not.
    """
    from gymnasium import spaces

    if "n" in described:
        return spaces.Discrete(int(described["n"]), start=int(described["start"]))
    shape, dtype = tuple(map(int, described["shape"])), np.dtype(str(described["dtype"]))
    if dtype.kind == "f":
        return spaces.Box(-np.inf, np.inf, shape, dtype.type)
    if dtype.kind not in "iu":
        raise ValueError(f"observations of type {dtype}")
    return spaces.Box(int(np.iinfo(dtype).min), int(np.iinfo(dtype).max), shape, dtype.type)


def versions() -> dict[str, str]:
    """What a checkpoint was made with."""
    packages = ("arena", "torch", "numpy", "gymnasium", "ale-py")
    return {"python": platform.python_version(), **{p: v for p in packages if (v := _version(p))}}


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # the arena itself, run from its source
        return None


def _write(folder: Path, files: Mapping[str, bytes], **fields: Any) -> Meta:
    """All of a checkpoint at once: a folder of another name, every file on the disk, then the rename."""
    content = {
        "format": FORMAT,
        **fields,
        "versions": versions(),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
    }
    home.make_folder(folder.parent)
    token = secrets.token_hex(4)
    temporary, old = (folder.parent / f".{folder.name}.{token}.{end}" for end in ("tmp", "old"))
    with home.writing(folder.parent):
        try:
            temporary.mkdir()
            for name, data in files.items():
                _put(temporary / name, data)
            _put(temporary / "meta.json", json.dumps(content, indent=1).encode())
            home.sync_folder(temporary)
            if folder.exists():
                folder.rename(old)
            temporary.rename(folder)
            home.sync_folder(folder.parent)
            for left in _left(folder):
                shutil.rmtree(left, ignore_errors=True)
        except BaseException:
            if old.exists() and not folder.exists():
                old.rename(folder)
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    return read_meta(folder)


def _last_whole(folder: Path) -> Path:
    """`folder`, or what a write left of it that was cut short between its two renames."""
    whole = [folder, *_left(folder)] if not (folder / "meta.json").exists() else [folder]
    return next((path for path in whole if (path / "meta.json").exists()), folder)


def _left(folder: Path) -> list[Path]:
    """What stood at `folder` before writes that were cut short, or are not done yet; newest first."""
    with contextlib.suppress(OSError):
        near = [(path, _LEFT.fullmatch(path.name)) for path in folder.parent.iterdir()]
        found = [path for path, left in near if left and left[1] == folder.name]
        return sorted(found, key=lambda path: path.stat().st_ctime, reverse=True)
    return []


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _read(meta: Meta, name: str) -> bytes:
    """A file of a checkpoint, if it is the one that was written."""
    path = meta.folder / name
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ArenaError(f"{meta.folder} is damaged: {name} is missing; use another checkpoint") from None
    except OSError as error:
        raise ArenaError(f"{path} cannot be read: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != meta.files[name]:
        raise ArenaError(f"{path} is damaged: it is not the file that was saved; use another checkpoint")
    return data


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
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
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
