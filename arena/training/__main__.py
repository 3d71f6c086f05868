"""`python -m arena.training`: a run as a child process. JSON lines on stdout; "quit" on stdin, or the end of
a stdin that is a pipe, or SIGINT or SIGTERM, stops it with a checkpoint.

Events are those of `arena.training.run.Event`; {"event": "error", "message": ...} comes before exit code
1 or 2.
"""

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from arena import parent
from arena.errors import ArenaError, UsageError
from arena.store import faults
from arena.store.options import key_values, pairs
from arena.training.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 finished or stopped, 1 it could not be done, 2 wrong usage."""
    stop = threading.Event()
    try:
        settings = _settings(arguments)
        with stop_on_signals(stop):
            parent.on_quit(stop.set)
            from arena.training.run import train

            events = train(settings, stop)
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
    except KeyboardInterrupt:  # asked twice
        return 130
    except Exception as error:
        with contextlib.suppress(BrokenPipeError):
            _say({"event": "error", "message": faults.in_a_line(error)})
        return 1
    return 0


@contextlib.contextmanager
def stop_on_signals(stop: threading.Event) -> Iterator[None]:
    """Within, SIGINT (Ctrl-C) and SIGTERM set `stop`; a second SIGINT interrupts at once."""

    def handle(number: int, _: Any) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(content: dict[str, Any]) -> None:
    print(json.dumps(content), flush=True)


def _silence() -> None:
    """Nobody reads stdout: let the interpreter's last flush go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        raise UsageError(message)


def _settings(arguments: Sequence[str] | None) -> Settings:
    parser = _Parser(prog="python -m arena.training", description=__doc__)
    parser.add_argument("--agent", default="")
    parser.add_argument("--game", default="")
    parser.add_argument("--steps", type=_whole)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--envs", type=int)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--set", dest="overrides", metavar="KEY=VALUE", action="append", default=[])
    parser.add_argument("--option", dest="options", metavar="KEY=VALUE", action="append", default=[])
    parser.add_argument("--resume", metavar="RUN")
    parser.add_argument("--checkpoint-seconds", type=float, default=60.0)
    given = parser.parse_args(arguments)
    if not given.resume and not (given.agent and given.game):
        raise UsageError("name what to train, --agent and --game, or a run to go on with, --resume")
    return Settings(
        agent=given.agent,
        game=given.game,
        steps=given.steps,
        seed=given.seed,
        envs=given.envs,
        device=given.device,
        overrides=pairs(given.overrides, "the setting"),
        options=key_values(given.options),
        resume=given.resume,
        checkpoint_seconds=given.checkpoint_seconds,
    )


def _whole(text: str) -> int:
    return int(float(text.replace("_", "")))


if __name__ == "__main__":
    sys.exit(main())
