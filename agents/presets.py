"""Settings that are known to work, by agent and kind of environment, as plain data.

A preset names what differs from the algorithm's defaults. "atari" is the published recipe (Schulman 2017;
stable-baselines3's zoo and CleanRL agree on it); its rewards' signs, no-ops and lives are the environment's
affair but for `sign_rewards`. "maze" was tuned on the arena's mazes on two CPU cores.
"""

from collections.abc import Mapping
from typing import Any

PRESETS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "ppo": {
        "atari": {
            "total_steps": 10_000_000,
            "num_envs": 8,
            "num_steps": 128,
            "epochs": 4,
            "minibatches": 4,
            "learning_rate": 2.5e-4,
            "clip_range": 0.1,
            "entropy_coefficient": 0.01,
            "sign_rewards": True,
            "hidden_size": 512,
        },
        "maze": {
            "total_steps": 20_000_000,
            "num_envs": 256,
            "num_steps": 128,
            "epochs": 3,
            "minibatches": 8,
            "learning_rate": 1e-3,
            "gamma": 0.995,
            "entropy_coefficient": 0.01,
            "hidden_size": 128,
            "value_gain": 0.01,
        },
        "vector": {
            "total_steps": 500_000,
            "num_envs": 8,
            "num_steps": 128,
            "learning_rate": 1e-3,
        },
    },
}
