"""Steps a second of DQN at Pong, beside Stable-Baselines3's."""

from collections.abc import Callable
from typing import Any

from arena.cli.bench import learners
from arena.cli.bench.timing import Report

STARTS = 2_000
"""Random steps before learning begins; how many they are does not change its speed."""
BUFFER = 20_000
TURN = 400


def measure(progress: Callable[[str], None]) -> Report:
    """Raises ArenaError where Stable-Baselines3 or the ROM is missing."""
    # Epsilon at its end: acting costs most there.
    overrides = {
        "learning_starts": STARTS,
        "buffer_size": BUFFER,
        "epsilon_start": 0.01,
        "report_steps": TURN,
    }
    return learners.measure("dqn", overrides, _rival, _samples, progress)


def _rival() -> Callable[[], int]:
    """As its zoo's settings for Atari are: one environment, and a batch of 32 for every 4 steps."""
    from stable_baselines3 import DQN

    model = DQN(
        "CnnPolicy",
        learners.pong(1),
        learning_rate=1e-4,
        buffer_size=BUFFER,
        learning_starts=STARTS,
        batch_size=32,
        train_freq=4,
        gradient_steps=1,
        target_update_interval=1_000,
        exploration_initial_eps=0.01,
        exploration_final_eps=0.01,
        seed=1,
        device="cpu",
    )
    model.set_logger(learners.nothing_logged())

    def advance() -> int:
        model.learn(TURN, reset_num_timesteps=False)
        return TURN

    model.learn(STARTS + TURN)
    return advance


def _samples(config: Any) -> tuple[float, float]:
    updates = config.batch_size / config.train_every
    return 1 - config.epsilon_end + updates, updates
