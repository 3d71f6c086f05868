"""Training: iterate, and a run learns, keeps itself in its folder, and tells how it goes.

for event in train(Settings("ppo", "maze/run")):
    print(event)
"""

import contextlib
import dataclasses
import math
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import torch

from agents.agent import CannotLearn, Learner
from agents.catalog import load
from agents.robustify import Robustify
from arena.errors import ArenaError, UsageError
from arena.games import catalog
from arena.store import checkpoints, runs, watched
from arena.training import event_files, origins, past
from arena.training.cadence import Cadence
from arena.training.origins import Origin
from arena.training.past import AgainstThePast
from arena.training.settings import Settings, configure, opponents_of, parse
from arena.training.stopping import Stop

RATE_SECONDS = 30.0
"""The time left is told from the speed of so many seconds."""

EXPLODED = 1e12
"""A loss or a norm of this size comes before numbers overflow: from there nothing is learned any more."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened. Every event tells where the run is."""

    event: Literal["started", "progress", "saved", "finished", "stopped"]
    run: str
    step: int
    total_steps: int
    seconds: float
    """Of training so far, in all sessions."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """With "progress": the iteration's, by CleanRL's names."""
    steps_per_second: float | None = None
    """With "progress": over the last half minute."""
    seconds_left: float | None = None
    folder: str | None = None
    """With "started": the run's folder; with "saved": the checkpoint's."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """With "started": agent, game, options, seed, device and config, and as `preparing`, what it has to wait
    for first, if anything."""


def train(settings: Settings, stop: Stop | None = None) -> Iterator[Event]:
    """Train to the end, or until `stop` is set or the iterator is closed: then the run is kept as it is,
    to be resumed.

    Raises UsageError for settings that make no sense, and ArenaError where it cannot go on (diverged, disk
    full, another process trains this run); the last checkpoint is kept, and the run marked as failed.
    """
    device = _device(settings.device)
    if settings.tensorboard:
        event_files.check()
    opened = _resumed(settings, device) if settings.resume else _fresh(settings, device)
    outlet = watched.Outlet(opened.folder.folder)
    try:
        yield from _learn(opened, settings, device, stop or Stop(), outlet)
    finally:
        outlet.close()
        opened.envs.close()
        opened.folder.close()


def check(settings: Settings) -> tuple[Any, Origin | None]:
    """The config that a new run with `settings` would have, and what it would begin with; nothing is begun.

    Raises UsageError and ArenaError as `train` would before its first event.
    """
    if settings.tensorboard:
        event_files.check()
    learner, envs, origin = _new(settings, _device(settings.device))
    envs.close()
    return learner.config, origin


def _device(name: str) -> str:
    """What `--device` means here."""
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise UsageError(f"there is no GPU for --device {name} here; use auto or cpu")
    if name != "cpu" and not name.startswith("cuda"):
        raise UsageError(f"the device is auto, cpu or cuda, not '{name}'")
    return name


@dataclass(slots=True)
class _Opened:
    """A run, ready to learn."""

    folder: runs.OpenRun
    run: runs.Run
    learner: Learner
    envs: Any
    seconds: float
    """Of training before."""
    step: int
    """Where it begins."""


def _fresh(settings: Settings, device: str) -> _Opened:
    learner, envs, origin = _new(settings, device)
    folder = runs.create(
        agent=settings.agent,
        game=settings.game,
        options=settings.options,
        seed=settings.seed,
        config=asdict(learner.config),
        origin=origin.told() if origin else None,
        opponents=opponents_of(settings),
    )
    if origin:
        origin.keep(folder.folder)
    if isinstance(envs, AgainstThePast):
        envs.settle(folder.folder)
    return _Opened(folder, folder.read(), learner, envs, 0.0, learner.step)


def _new(settings: Settings, device: str) -> tuple[Learner, Any, Origin | None]:
    """A learner, its environments, and what it begins with."""
    config, opponents = configure(settings), opponents_of(settings)
    learner, envs = _learner(
        settings.agent, settings.game, settings.options, settings.seed, config, device, opponents
    )
    origin = None
    with _closed_on_failure(envs):
        if settings.origin:
            origin = origins.begin_with(
                learner, settings.origin, settings.agent, settings.game, settings.options
            )
        if isinstance(learner, Robustify):
            _check_demonstrated(learner, envs, settings)
    return learner, envs, origin


def _check_demonstrated(learner: Robustify, envs: Any, settings: Settings) -> None:
    """Raises UsageError where it would have nothing to learn from, or what leads nowhere."""
    agent, game = settings.agent, settings.game
    if envs.finds and learner.demonstrations:
        raise UsageError(f"{agent} explores levels of {game} itself, small ones; leave --from out")
    if envs.finds and learner.config.until_score:
        raise UsageError(f"{agent} follows levels of {game} to their reward; leave until_score out")
    if envs.finds or learner.demonstrations:
        return
    if settings.origin:
        raise UsageError(
            f"{agent} at {game} begins with a run that has explored it, not with a policy; a run of {agent} "
            "goes on with --resume"
        )
    raise UsageError(
        f"{agent} learns {game} from a run that has explored it: first `arena train go-explore {game}`, then "
        "name that run with --from"
    )


@contextlib.contextmanager
def _closed_on_failure(envs: Any) -> Iterator[None]:
    try:
        yield
    except BaseException:
        envs.close()
        raise


def _resumed(settings: Settings, device: str) -> _Opened:
    assert settings.resume is not None
    if settings.envs is not None or "num_envs" in settings.overrides or settings.options:
        raise UsageError("a run goes on in the environments it began with; leave --envs and --option out")
    folder = runs.OpenRun(runs.find(settings.resume).folder)
    try:
        run = folder.read()
        config_type = load(run.agent).config_type
        changed = parse(config_type, settings.overrides)
        if settings.steps is not None:
            changed["total_steps"] = settings.steps
        config = dataclasses.replace(config_type(**run.config), **changed)
        if run.checkpoint is None:  # it was stopped before its first checkpoint: from the start
            learner, envs = _learner(
                run.agent, run.game, run.options, run.seed, config, device, run.opponents
            )
            if run.origin:
                with _closed_on_failure(envs):
                    origins.begin_again(learner, run)
        else:
            learner, _ = checkpoints.resume(run.checkpoint, device=device, config=config)
            envs = _environments(run.agent, run.game, config, run.seed, run.options, device, run.opponents)
        with _closed_on_failure(envs):
            if isinstance(envs, AgainstThePast):
                envs.settle(run.folder, -1 if run.checkpoint is None else learner.step)
            if "total_steps" in changed and config.total_steps < learner.step:
                raise UsageError(
                    f"run {run.id} has taken {learner.step:,} steps already; --steps is how many in all, and "
                    f"{config.total_steps:,} is less"
                )
            if changed:  # only now, when it is known to fit what has been learned
                folder.configure(asdict(config))
                run = folder.read()
            return _Opened(folder, run, learner, envs, folder.rewind(learner.step), learner.step)
    except (TypeError, ValueError, KeyError) as error:
        folder.close()
        raise UsageError(f"run {folder.id} cannot be gone on with so: {error}") from error
    except BaseException:
        folder.close()
        raise


def _learner(
    agent: str,
    game: str,
    options: Mapping[str, Any],
    seed: int,
    config: Any,
    device: str,
    opponents: str,
) -> tuple[Learner, Any]:
    """A new learner and the environments it learns in."""
    envs = _environments(agent, game, config, seed, options, device, opponents)
    try:
        spaces = envs.single_observation_space, envs.single_action_space
        return load(agent)(*spaces, config, seed=seed, device=device), envs
    except ValueError as error:
        envs.close()
        raise UsageError(f"{agent} cannot learn {game}: {error}") from error


def _environments(
    agent: str, game: str, config: Any, seed: int, options: Mapping[str, Any], device: str, opponents: str
) -> Any:
    """What an agent learns in. Raises UsageError where there are too few or too many of them."""
    count = config.num_envs
    match load(agent).learns_in:
        case "simulators":
            from arena.games.expedition import Expedition

            return Expedition(game, count, seed, options)
        case "practice":
            return catalog.practice(game, count, seed, **options)
        case "environments":
            try:
                if opponents == "past":
                    return past.environments(agent, game, config, seed, options, device)
                return catalog.vector(game, count, seed, **options)
            except ValueError as error:
                raise UsageError(f"{agent} cannot learn {game} so: {error}") from error


def _learn(
    opened: _Opened, settings: Settings, device: str, stop: Stop, outlet: watched.Outlet
) -> Iterator[Event]:
    folder, run, learner, envs = opened.folder, opened.run, opened.learner, opened.envs
    spaces = envs.single_observation_space, envs.single_action_space
    began = time.monotonic() - opened.seconds
    cadence, unsaved = Cadence(settings.checkpoint_seconds), False
    rates: deque[tuple[float, int]] = deque([(time.monotonic(), learner.step)])
    about = {
        "agent": run.agent,
        "game": run.game,
        "options": dict(run.options),
        "seed": run.seed,
        "device": device,
        "config": asdict(learner.config),
    }

    def event(kind: Literal["started", "progress", "saved", "finished", "stopped"], **more: Any) -> Event:
        return Event(kind, run.id, learner.step, run.total_steps, time.monotonic() - began, **more)

    def save() -> Event:
        nonlocal unsaved
        at = folder.checkpoint(learner.step)
        if unsaved:
            with cadence.keeping():
                checkpoints.save(
                    at,
                    learner,
                    agent=run.agent,
                    game=run.game,
                    options=run.options,
                    seed=run.seed,
                    spaces=spaces,
                )
                folder.prune()
            unsaved = False
        return event("saved", folder=str(at))

    def end() -> Event:
        done = learner.step >= run.total_steps
        folder.end("done" if done else "stopped")
        return event("finished" if done else "stopped")

    curves = _curves(settings, run, learner.step, about)
    preparing = catalog.preparing(run.game)
    try:
        try:
            yield event("started", folder=str(run.folder), about=_with(about, preparing=preparing))
            past.remember(envs, learner)
            for progress in learner.learn(envs):
                progress = past.told(envs, learner, progress)
                stop.learning = unsaved = True
                now = time.monotonic()
                rates.append((now, progress.step))
                while len(rates) > 2 and now - rates[1][0] > RATE_SECONDS:
                    rates.popleft()
                rate = (progress.step - rates[0][1]) / max(now - rates[0][0], 1e-9)
                _check_losses(progress.metrics)
                folder.log(progress.step, now - began, progress.metrics)
                if curves:
                    curves.add(progress.step, progress.metrics)
                yield event(
                    "progress",
                    metrics=progress.metrics,
                    steps_per_second=rate,
                    seconds_left=max(0, run.total_steps - progress.step) / rate if rate else None,
                )
                if stop.is_set():
                    break
                outlet.offer(learner, spaces)
                if cadence.due():
                    yield save()
            if unsaved:
                yield save()
            yield end()
        except GeneratorExit:  # whoever iterated has stopped, between two iterations: nothing is lost
            save()
            end()
            raise
        except KeyboardInterrupt:
            if stop.learning:
                raise
            folder.end("stopped")  # before its first iteration had ended, of which nothing is kept
            yield dataclasses.replace(event("stopped"), step=opened.step)
    except FloatingPointError as error:
        why = f"{error} at step {learner.step:,}"
        folder.end("failed", why)
        raise ArenaError(f"run {run.id}: {why}; {_remedy(folder.read(), learner.config)}") from error
    except CannotLearn as error:
        folder.end("failed", str(error))
        raise ArenaError(f"run {run.id}: {error}") from error
    except ArenaError as error:
        folder.end("failed", str(error))
        raise
    except Exception as error:
        with contextlib.suppress(ArenaError):  # the fault itself is what is told
            folder.end("failed", f"an unexpected {type(error).__name__}: {' '.join(str(error).split())}")
        raise
    finally:
        if curves:
            curves.close()


def _with(about: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {**about, **{name: value for name, value in more.items() if value is not None}}


def _curves(
    settings: Settings, run: runs.Run, step: int, about: Mapping[str, Any]
) -> event_files.EventFile | None:
    """TensorBoard's file, where it is asked for, or was when the run began."""
    if not settings.tensorboard and not event_files.begun(run.folder):
        return None
    event_files.check(run.folder)
    flat = {**about, **about["config"]}
    return event_files.EventFile(run.folder, step, {k: v for k, v in flat.items() if k != "config"})


def _check_losses(metrics: Mapping[str, float]) -> None:
    """Raises FloatingPointError where learning has diverged, though perhaps to numbers that are finite."""
    for name, value in metrics.items():
        # The share of variance explained may be any number below 1 where there is next to no variance.
        if name.startswith("losses/") and name != "losses/explained_variance" and not abs(value) < EXPLODED:
            became = f"grew to {value:.1g}" if math.isfinite(value) else "became infinite or not a number"
            raise FloatingPointError(f"learning diverged: {name} {became}")


def _remedy(run: runs.Run, config: Any) -> str:
    """What to do about a run that has diverged."""
    smaller = ""
    if rate := getattr(config, "learning_rate", None):
        smaller = f" --set learning_rate={min(rate / 3, type(config)().learning_rate):.1g}"
    if run.checkpoint is None:
        return f"it had no checkpoint yet: train anew with a smaller learning rate ({smaller.strip()})"
    return (
        f"the last good checkpoint, of step {int(run.checkpoint.name):,}, is kept: resume with a smaller "
        f"learning rate (--resume {run.id}{smaller})"
    )
