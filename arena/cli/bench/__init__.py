"""Speed on this machine, beside what users would pick instead, measured in the same run."""

from collections.abc import Callable, Iterable
from importlib import import_module

from arena.cli.bench.timing import Report
from arena.errors import UsageError

BENCHES: dict[str, str] = {
    "maze": "steps/s of every maze, beside MiniGrid",
    "atari": "frames/s of a headless duel, beside bare emulators",
    "versus": "frames/s of Pong for two in training, beside PettingZoo",
    "tournament": "frames/s of a tournament at Pong, beside matches one after the other",
    "explore": "frames/s of Go-Explore exploring Montezuma, beside bare emulators",
    "ppo": "steps/s of PPO learning Pong, beside Stable-Baselines3",
    "dqn": "steps/s of DQN learning Pong, beside Stable-Baselines3",
}
"""Name -> what is measured. Each is a module here with `measure(progress) -> Report`."""


def check_known(names: Iterable[str]) -> None:
    """Raises UsageError for a name that is no bench."""
    for name in names:
        if name not in BENCHES:
            raise UsageError(f"no bench is called '{name}'; there are {', '.join(BENCHES)}")


def run_bench(name: str, progress: Callable[[str], None]) -> Report:
    """Run one bench; `progress` is told what is being measured."""
    measure: Callable[[Callable[[str], None]], Report] = import_module(f"arena.cli.bench.{name}").measure
    return measure(progress)
