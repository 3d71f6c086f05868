"""Runs to be watched, without the time that a training takes."""

import json
import time
from dataclasses import asdict
from typing import Any

from agents.ppo import PPO, Config
from arena.games import catalog
from arena.store import checkpoints, runs, watched
from arena.window.session import Setup
from arena.window.watching import Watching


class Learning:
    """A run as its training would leave it, moment by moment."""

    def __init__(
        self,
        game: str = "maze/run",
        seed: int = 0,
        total_steps: int = 1000,
        *,
        group: str = "",
        **options: Any,
    ) -> None:
        self.config = Config(total_steps=total_steps, num_envs=2, hidden_size=8)
        envs = catalog.vector(game, 2, 0, **options)
        self.spaces = envs.single_observation_space, envs.single_action_space
        envs.close()
        self.game, self.seed, self.options = game, seed, options
        self.opened = runs.create(
            agent="ppo",
            game=game,
            options=options,
            seed=seed,
            config=asdict(self.config),
            group=group,
        )
        self.id, self.folder = self.opened.id, self.opened.folder

    def learner(self, step: int, seed: int = 1) -> PPO:
        ppo = PPO(*self.spaces, self.config, seed=seed)
        ppo.step = step
        return ppo

    def checkpoint(self, step: int, seed: int = 1) -> "Learning":
        about: dict[str, Any] = {"agent": "ppo", "game": self.game, "options": self.options}
        learner = self.learner(step, seed)
        checkpoints.save(self.opened.checkpoint(step), learner, seed=0, spaces=self.spaces, **about)
        return self

    def leave(self, step: int, seed: int) -> None:
        """What a training leaves for whoever asks."""
        watched._leave(self.folder / watched.LIVE, self.learner(step, seed), self.spaces)

    def log(self, step: int, seconds: float, **metrics: float) -> None:
        self.opened.log(step, seconds, {f"charts/{name}": value for name, value in metrics.items()})

    def tear(self, step: int) -> bytes:
        """A line of which only the beginning is on the disk; returns the rest."""
        line = json.dumps({"step": step, "seconds": 9.0, "charts/episodic_return": 7.0}).encode() + b"\n"
        with (self.folder / "metrics.jsonl").open("ab") as file:
            file.write(line[:20])
        return line[20:]

    def end(self, state: Any = "done") -> "Learning":
        self.opened.end(state)
        return self

    def close(self) -> None:
        self.opened.close()


def shown(*names: str, game: str = "maze/run", **settings: Any) -> Watching:
    """A session that has loaded."""
    settings.setdefault("options", {"size": 7} if game.startswith("maze/") else {})
    session = Watching(Setup(game, names, seed=7, kept=False, endless=True, **settings), lambda event: None)
    until(session, lambda: session.bout is not None)
    return session


def until(session: Any, met: Any, seconds: float = 20.0) -> None:
    """Let time go by until something is so."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "it never came"
        session.update(1 / 60)
        time.sleep(0.001)
