"""Settings that are known to work, by agent and kind of environment, as plain data.

A preset names what differs from the algorithm's defaults. "atari" is the published recipe (Schulman 2017;
stable-baselines3's zoo and CleanRL agree on it); its rewards' signs, no-ops and lives are the environment's
affair but for `sign_rewards`. For DQN it is the zoo's, for Rainbow that of Hessel 2018, table 1, and for
Go-Explore its defaults; for robustify it is PPO's, with what was found to work at Montezuma's Revenge.
"versus" is as "atari", with 16 seats at 128 steps (CleanRL's self-play recipe) and fewer epochs, since two
cores emulate faster than they learn. "maze" was tuned on the arena's mazes on two CPU cores: there a pixel is
a tile, and where two corridors are one cell, what lies behind the second is never found.
"""

from collections.abc import Mapping
from typing import Any

_RAINBOW: Mapping[str, Any] = {
    "double": True,
    "dueling": True,
    "n_step": 3,
    "priority_exponent": 0.5,
    "atoms": 51,
    "noisy": True,
}

_DQN_MAZE: Mapping[str, Any] = {
    "total_steps": 8_000_000,
    "num_envs": 128,
    "report_steps": 32_768,
    "buffer_size": 500_000,
    "learning_starts": 20_000,
    "train_every": 64,
    "batch_size": 512,
    "target_every": 30_000,
    "learning_rate": 5e-4,
    "gamma": 0.99,
    "epsilon_steps": 1_000_000,
    "n_step": 3,
    "double": True,
    "dueling": True,
    "hidden_size": 128,
}

_PPO_ATARI: Mapping[str, Any] = {
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
    "bfloat16": True,
}

_PPO_MAZE: Mapping[str, Any] = {
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
}

_DQN_ATARI: Mapping[str, Any] = {
    "total_steps": 10_000_000,
    "num_envs": 8,
    "buffer_size": 100_000,
    "frame_stack": 4,
    "learning_starts": 80_000,
    "train_every": 4,
    "batch_size": 32,
    "target_every": 1_000,
    "learning_rate": 1e-4,
    "epsilon_end": 0.01,
    "epsilon_steps": 1_000_000,
    "sign_rewards": True,
    "hidden_size": 512,
    "bfloat16": True,
}

_RAINBOW_ATARI: Mapping[str, Any] = {
    **_RAINBOW,
    "total_steps": 10_000_000,
    "num_envs": 8,
    "buffer_size": 100_000,
    "frame_stack": 4,
    "learning_starts": 20_000,
    "train_every": 4,
    "batch_size": 32,
    "target_every": 8_000,
    "learning_rate": 6.25e-5,
    "adam_eps": 1.5e-4,
    "sign_rewards": True,
    "hidden_size": 512,
    "bfloat16": True,
}

PRESETS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "dqn": {
        "atari": _DQN_ATARI,
        "versus": _DQN_ATARI,
        "maze": _DQN_MAZE,
        "vector": {
            "total_steps": 100_000,
            "learning_rate": 1e-3,
            "batch_size": 64,
            "target_every": 500,
            "epsilon_steps": 10_000,
        },
    },
    "go-explore": {
        "maze": {
            "total_steps": 1_000_000,
            "explore_steps": 30,
            "repeat": 0.5,
            "cell_width": 63,
            "cell_height": 63,
        },
    },
    "ppo": {
        "atari": _PPO_ATARI,
        "versus": {**_PPO_ATARI, "num_envs": 16, "epochs": 3, "minibatches": 8},
        "maze": _PPO_MAZE,
        "vector": {
            "total_steps": 500_000,
            "num_envs": 8,
            "num_steps": 128,
            "learning_rate": 1e-3,
        },
    },
    "rainbow": {
        "atari": _RAINBOW_ATARI,
        "versus": _RAINBOW_ATARI,
        "maze": {**_DQN_MAZE, **_RAINBOW, "lowest_return": -1.0, "highest_return": 1.0},
        "vector": {
            **_RAINBOW,
            "total_steps": 100_000,
            "learning_rate": 1e-3,
            "batch_size": 64,
            "target_every": 500,
            "lowest_return": 0.0,
            "highest_return": 100.0,
        },
    },
    "robustify": {
        "atari": {
            **_PPO_ATARI,
            "num_envs": 16,
            "gamma": 0.999,
            "entropy_coefficient": 0.001,
            "imitation_epochs": 200,
            "success_share": 0.6,
            "value_gain": 0.01,
        },
        "maze": {
            **_PPO_MAZE,
            "total_steps": 60_000_000,
            "demonstrations": 200,
            "imitation_epochs": 40,
            "imitation_coefficient": 0.0,
        },
    },
}
