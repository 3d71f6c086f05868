"""Steps a second of PPO at Pong, beside Stable-Baselines3's."""

from collections.abc import Callable
from typing import Any

from arena.cli.bench import learners
from arena.cli.bench.timing import Report


def measure(progress: Callable[[str], None]) -> Report:
    """Raises ArenaError where Stable-Baselines3 or the ROM is missing."""
    return learners.measure("ppo", {}, _rival, _samples, progress)


def _rival() -> Callable[[], int]:
    """As its zoo's settings for Atari are: 8 environments, 128 steps, 4 epochs of minibatches of 256."""
    from stable_baselines3 import PPO

    model = PPO(
        "CnnPolicy",
        learners.pong(8),
        learning_rate=2.5e-4,
        n_steps=128,
        batch_size=256,
        n_epochs=4,
        clip_range=0.1,
        ent_coef=0.01,
        vf_coef=0.5,
        seed=1,
        device="cpu",
    )
    model.set_logger(learners.nothing_logged())

    def advance() -> int:
        model.learn(8 * 128, reset_num_timesteps=False)
        return 8 * 128

    advance()
    return advance


def _samples(config: Any) -> tuple[float, float]:
    return 1 + 1 / config.num_steps, config.epochs
