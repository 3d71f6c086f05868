"""Runs: one training of one learner on one game with one seed, in a folder of its own.

`config.json` is written once; `metrics.jsonl` gets a line an iteration; `checkpoints/<step>/` are whole
or not there; `status.json` says how it ended. A lock that the operating system releases with the process
tells whether somebody is training it. Nothing here needs torch to be read.
"""

import contextlib
import json
import math
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any, Literal

from agents.catalog import WITHOUT_POLICY
from arena import places
from arena.errors import ArenaError, UsageError
from arena.store import checkpoint_files, checkpoints, home, locks
from arena.store.records import Option

KEPT = 3
"""The latest checkpoints that stay."""

MILESTONES = 10
"""Beside them stays the first checkpoint of each tenth of the run."""

CUT_SHORT = "its process was cut short; what it learned after the last checkpoint is lost"

LARGE = 1 << 26
"""Of what only going on needs, such as a replay buffer, so many bytes stay in older checkpoints. Where it is
more, the latest checkpoint alone has it; the others can be watched and promoted."""

_TAIL = 1 << 16

_KINDS = {"agent": str, "game": str, "options": dict, "seed": int, "config": dict}
"""What a run's description holds beside its time, and as what."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run as its folder tells it now."""

    id: str
    folder: Path
    agent: str
    game: str
    options: Mapping[str, Option]
    seed: int
    config: Mapping[str, Any]
    group: str
    """What runs that were started together have in common, such as all but the seed; empty for one alone."""
    origin: Mapping[str, Any]
    """With whose weights it began: `player`, its `game`, `digest` and `steps`, and what is told of how that
    was trained; empty where it began with new ones."""
    created: datetime
    state: Literal["running", "stopped", "done", "failed"]
    why: str
    """Why it failed, or that it was cut short: its process ended without a word; else empty."""
    checkpoint: Path | None
    """The latest, whole."""
    latest: Mapping[str, float]
    """The last line of the metrics, with `step` and `seconds` (of training so far)."""
    opponents: str = "self"
    """In a game for several, whom it meets: `self`, as it is now, or its `past` as well."""

    @property
    def total_steps(self) -> int:
        return int(self.config["total_steps"])

    @property
    def has_policy(self) -> bool:
        """Whether what it learns can play, or else is only looked at."""
        return self.agent not in WITHOUT_POLICY

    @property
    def step(self) -> int:
        return int(self.latest.get("step", 0))

    @property
    def checkpoints(self) -> list[Path]:
        return _checkpoints(self.folder)

    def seconds_at(self, step: int) -> float:
        """Of training up to a step that has been told of; 0 for another."""
        return next((line["seconds"] for line in self.metrics() if line["step"] == step), 0.0)

    def metrics(self) -> list[dict[str, float]]:
        """Every iteration's metrics, oldest first. A last line that is still being written is left out."""
        try:
            return _lines((self.folder / "metrics.jsonl").read_bytes())
        except OSError:
            return []


def runs() -> list[Run]:
    """Every run that is kept, newest first. A folder that is no run is passed over."""
    found = []
    root = places.saves() / "runs"
    for folder in root.iterdir() if root.is_dir() else ():
        with contextlib.suppress(ArenaError):
            found.append(read_run(folder))
    return sorted(found, key=lambda run: (run.created, run.id), reverse=True)


def find(run_id: str) -> Run:
    """The run of that id. Raises UsageError, naming the nearest, when there is none."""
    folder = home.inside(places.saves() / "runs", run_id)
    if (folder / "config.json").is_file():
        return read_run(folder)
    if members := of_group(run_id):
        several = ", ".join(run.id for run in members)
        raise UsageError(f"{run_id} is a group of several runs; name one of them: {several}")
    ids = [run.id for run in runs()]
    near = get_close_matches(run_id, ids, n=3, cutoff=0.6) or [i for i in ids if i.startswith(run_id)][:3]
    hint = f" (did you mean {' or '.join(near)}?)" if near else ""
    raise UsageError(f"no run is called '{run_id}'{hint}; `arena runs` lists them all")


def of_group(group: str) -> list[Run]:
    """The runs of a group, by seed; none where no run is of a group of that name."""
    found = [run for run in runs() if run.group == group and group]
    return sorted(found, key=lambda run: (run.seed, run.id))


def read_run(folder: Path) -> Run:
    """Raises ArenaError when `folder` is no run, or its description is damaged."""
    try:
        described = json.loads((folder / "config.json").read_bytes())
        created = datetime.fromisoformat(described["created"]).astimezone(UTC)
        int(described["config"]["total_steps"])
        fields = {name: described[name] for name in _KINDS}
        if not all(isinstance(value, _KINDS[name]) for name, value in fields.items()):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise ArenaError(f"{folder} is no run, or its config.json is damaged") from error
    locked = locks.is_held(folder / "lock")  # before the status: who lets go of it has said how it ended
    status: dict[str, str] = {}
    with contextlib.suppress(OSError, ValueError, TypeError):
        status = dict(**json.loads((folder / "status.json").read_bytes()))
    state = status.get("state", "stopped")
    whole, latest = _checkpoints(folder), _last_line(folder / "metrics.jsonl")
    return Run(
        id=folder.name,
        folder=folder,
        group=str(described.get("group", "")),
        opponents="past" if described.get("opponents") == "past" else "self",
        origin=described["origin"] if isinstance(described.get("origin"), dict) else {},
        created=created,
        state="running" if locked else state if state in ("done", "failed") else "stopped",  # type: ignore[arg-type]
        why=str(status.get("why", CUT_SHORT if latest and not locked and not status else "")),
        checkpoint=whole[-1] if whole else None,
        latest=latest,
        **fields,
    )


def trainer(run: Run) -> int | None:
    """The process on this machine that trains `run` now; None where there is none, or it cannot be told."""
    return locks.holder(run.folder / "lock")


class OpenRun:
    """A run in training: the one process that may write in its folder."""

    def __init__(self, folder: Path) -> None:
        """Raises ArenaError when another process is training it, or it cannot be written."""
        self.folder = folder
        self._lock = locks.hold(
            folder / "lock", f"run {folder.name} is being trained by another process; stop that first"
        )
        with home.writing(folder):
            for left in (folder / "checkpoints").glob(".*"):
                before = checkpoint_files.replaced(left)
                if before and not before.exists() and (left / checkpoint_files.META).exists():
                    left.rename(before)  # a write was cut short between its two renames
                else:
                    shutil.rmtree(left, ignore_errors=True)
        self._metrics: IO[bytes] | None = None

    @property
    def id(self) -> str:
        return self.folder.name

    def read(self) -> Run:
        return read_run(self.folder)

    def configure(self, config: Mapping[str, Any]) -> None:
        """Go on with another config."""
        path = self.folder / "config.json"
        described = {**json.loads(path.read_bytes()), "config": dict(config)}
        home.write_atomically(path, json.dumps(described, indent=1).encode())

    def rewind(self, step: int) -> float:
        """Forget how it ended, and the metrics after `step`, where a checkpoint is gone on from. Returns the
        seconds of training until there. Raises ArenaError where that cannot be written."""
        kept = [line for line in self.read().metrics() if line["step"] <= step]
        data = b"".join(json.dumps(line).encode() + b"\n" for line in kept)
        home.write_atomically(self.folder / "metrics.jsonl", data)
        with home.writing(self.folder):
            (self.folder / "status.json").unlink(missing_ok=True)
        return float(kept[-1]["seconds"]) if kept else 0.0

    def log(self, step: int, seconds: float, metrics: Mapping[str, float]) -> None:
        """Append one iteration. Raises ArenaError when the disk is full."""
        with home.writing(self.folder):
            if self._metrics is None:
                self._metrics = (self.folder / "metrics.jsonl").open("ab")
            self._metrics.write(json.dumps({"step": step, "seconds": seconds, **metrics}).encode() + b"\n")
            self._metrics.flush()

    def checkpoint(self, step: int) -> Path:
        """Where the checkpoint of `step` goes."""
        return self.folder / "checkpoints" / str(step)

    def prune(self) -> None:
        """Remove the checkpoints that need not stay; after a new one has been written."""
        found = _checkpoints(self.folder)
        total = self.read().total_steps
        kept = set(found[-KEPT:])
        for tenth in range(1, MILESTONES + 1):
            kept |= set([path for path in found if int(path.name) * MILESTONES >= tenth * total][:1])
        for path in set(found) - kept:
            gone = path.with_name(f".{path.name}.gone")
            with contextlib.suppress(OSError):  # whoever reads one just now may finish
                path.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)
        for path in sorted(kept - set(found[-1:])):
            if checkpoints.size_of_state(path) > LARGE:
                with contextlib.suppress(ArenaError):  # a damaged one says so to whoever asks for it
                    checkpoints.keep_only_acting(path)

    def end(self, state: Literal["stopped", "done", "failed"], why: str = "") -> None:
        """Say how it ended, and let go of it."""
        try:
            content = json.dumps({"state": state, "why": why})
            home.write_atomically(self.folder / "status.json", content.encode())
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the run; done twice does no harm."""
        if self._metrics is not None:
            with contextlib.suppress(OSError):
                self._metrics.close()
            self._metrics = None
        self._lock.close()


def create(
    *,
    agent: str,
    game: str,
    options: Mapping[str, Option],
    seed: int,
    config: Mapping[str, Any],
    origin: Mapping[str, Any] | None = None,
    group: str = "",
    opponents: str = "self",
) -> OpenRun:
    """A new run, open for training. Its id says agent, game, seed and when: `ppo-maze-run-s1-1122-1714`;
    two that start in the same minute get different ones. Raises ArenaError where it cannot be written."""
    now = datetime.now(UTC)
    name = "-".join([agent, *game.split("/"), f"s{seed}", now.astimezone().strftime("%m%d-%H%M")])
    root = home.make_folder(places.saves() / "runs")
    folder = home.inside(root, name)
    number = 1
    with home.writing(root):
        while True:
            try:
                folder.mkdir()
                break
            except FileExistsError:
                number += 1
                folder = root / f"{name}-{number}"
    described = {
        "agent": agent,
        "game": game,
        "options": dict(options),
        "seed": seed,
        "config": dict(config),
        "origin": dict(origin or {}),
        "group": group,
        "opponents": opponents,
        "created": now.isoformat(),
    }
    run = OpenRun(folder)
    try:
        home.write_atomically(folder / "config.json", json.dumps(described, indent=1).encode())
    except ArenaError:
        run.close()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return run


def _checkpoints(folder: Path) -> list[Path]:
    """Oldest first. What has a plain number for a name was renamed when it was whole."""
    with contextlib.suppress(OSError):
        found = [p for p in (folder / "checkpoints").iterdir() if p.name.isdecimal() and p.name.isascii()]
        return sorted((p for p in found if (p / "meta.json").is_file()), key=lambda path: int(path.name))
    return []


def _lines(data: bytes) -> list[dict[str, float]]:
    found = []
    for line in data.splitlines():
        with contextlib.suppress(ValueError, OverflowError):  # a line that a crash tore
            content = json.loads(line)
            if isinstance(content, dict) and all(_is_number(content.get(key)) for key in ("step", "seconds")):
                found.append(content)
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _last_line(path: Path) -> dict[str, float]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL))
            lines = reversed(file.read().splitlines())
            return next((found[0] for line in lines if (found := _lines(line))), {})
    except OSError:
        return {}
