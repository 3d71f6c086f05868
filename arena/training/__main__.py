"""`python -m arena.training`: a run as a child process. JSON lines on stdout; "quit" on stdin, or the end of
a stdin that is a pipe, or SIGINT or SIGTERM, stops it with a checkpoint.

Events are those of `arena.training.run.Event`; {"event": "error", "message": ...} comes before exit code
1 or 2. With --seeds N there is {"event": "created", "runs": [...]} first: a group of N runs that begin with
the same weights, of which the first is trained here, and each other by whoever resumes it.
"""

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from arena import parent
from arena.errors import ArenaError, UsageError
from arena.store import faults
from arena.store.options import key_values, pairs
from arena.store.records import check_seed
from arena.training.settings import Settings
from arena.training.stopping import Stop, stop_on_signals


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 finished or stopped, 1 it could not be done, 2 wrong usage."""
    stop = Stop()
    try:
        settings, seeds = _settings(arguments)
        with stop_on_signals(stop):
            parent.on_quit(stop.ask)
            from arena.training.run import train

            events = train(_first_of(settings, seeds) if seeds > 1 else settings, stop)
            for event in events:
                try:
                    _say({name: value for name, value in asdict(event).items() if value not in (None, {})})
                except BrokenPipeError:  # whoever listened is gone
                    events.close()  # type: ignore[attr-defined]
                    _silence()
                    break
    except ArenaError as error:
        with contextlib.suppress(BrokenPipeError):
            _say({"event": "error", "message": str(error)})
        return error.exit_code
    except KeyboardInterrupt:  # asked twice, or before there was a run
        return 130 if stop.learning else 0
    except Exception as error:
        if stop.is_set() and not stop.learning:  # interrupted in the middle of an import, which then failed
            return 0
        with contextlib.suppress(BrokenPipeError):
            _say({"event": "error", "message": faults.in_a_line(error)})
        return 1
    return 0


def _first_of(settings: Settings, seeds: int) -> Settings:
    """Make a group of new runs. Returns how the first is gone on with."""
    from arena.training import group
    from arena.training.run import check

    check_seed(settings.seed + seeds - 1)
    config, origin = check(settings)
    numbers = range(settings.seed, settings.seed + seeds)
    members = group.create(settings, numbers, asdict(config), origin)
    _say({"event": "created", "runs": [run.id for run in members]})
    return replace(settings.going_on, resume=members[0].id)


def _say(content: dict[str, Any]) -> None:
    print(json.dumps(content), flush=True)


def _silence() -> None:
    """Nobody reads stdout: let the interpreter's last flush go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        raise UsageError(message)


def _settings(arguments: Sequence[str] | None) -> tuple[Settings, int]:
    """What is to be trained, and with how many seeds."""
    parser = _Parser(prog="python -m arena.training", description=__doc__)
    parser.add_argument("--agent", default="")
    parser.add_argument("--game", default="")
    parser.add_argument("--steps", type=_whole)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--envs", type=int)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--set", dest="overrides", metavar="KEY=VALUE", action="append", default=[])
    parser.add_argument("--option", dest="options", metavar="KEY=VALUE", action="append", default=[])
    parser.add_argument("--opponents", default="")
    parser.add_argument("--from", dest="origin", default="")
    parser.add_argument("--resume", metavar="RUN")
    parser.add_argument("--checkpoint-seconds", type=float, default=60.0)
    parser.add_argument("--tensorboard", action="store_true")
    given = parser.parse_args(arguments)
    if not given.resume and not (given.agent and given.game):
        raise UsageError("name what to train, --agent and --game, or a run to go on with, --resume")
    settings = Settings(
        agent=given.agent,
        game=given.game,
        steps=given.steps,
        seed=given.seed,
        envs=given.envs,
        device=given.device,
        overrides=pairs(given.overrides, "the setting"),
        options=key_values(given.options),
        opponents=given.opponents,
        origin=given.origin,
        resume=given.resume,
        checkpoint_seconds=given.checkpoint_seconds,
        tensorboard=given.tensorboard,
    )
    return settings, given.seeds


def _whole(text: str) -> int:
    return int(float(text.replace("_", "")))


if __name__ == "__main__":
    sys.exit(main())
