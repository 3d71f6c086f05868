"""Scores that others have published, to set a card's beside. Protocols differ: read them before comparing.

`random` and `human` (a professional tester): Mnih 2015, Nature 518, extended data table 2, Wang 2016, arXiv
1511.06581, table 2. `DQN`: Mnih 2015. `PPO`: Schulman 2017, table 6, after 40 million frames. `Rainbow`:
Dopamine's, sticky actions, training returns at 200 million frames. The first four have no sticky actions.
"""

from collections.abc import Mapping

SCORES: Mapping[str, Mapping[str, float]] = {
    "atari/pong": {"random": -20.7, "human": 14.6, "DQN": 18.9, "PPO": 20.7, "Rainbow": 20.1},
    "atari/breakout": {"random": 1.7, "human": 30.5, "DQN": 401.2, "PPO": 274.8, "Rainbow": 111.0},
    "atari/freeway": {"random": 0.0, "human": 29.6, "DQN": 30.3, "PPO": 32.5, "Rainbow": 33.7},
    "atari/boxing": {"random": 0.1, "human": 12.1, "DQN": 71.8, "PPO": 94.6, "Rainbow": 98.6},
    "atari/ms_pacman": {"random": 307.3, "human": 6951.6, "DQN": 2311.0, "PPO": 2097.0, "Rainbow": 3914.0},
    "atari/space_invaders": {
        "random": 148.0,
        "human": 1668.7,
        "DQN": 1976.0,
        "PPO": 943.0,
        "Rainbow": 4072.0,
    },
    "atari/seaquest": {"random": 68.4, "human": 42054.7, "DQN": 5286.0, "PPO": 1205.0, "Rainbow": 9828.0},
    "atari/qbert": {"random": 163.9, "human": 13455.0, "DQN": 10596.0, "PPO": 14293.0, "Rainbow": 18011.0},
    "atari/montezuma_revenge": {"random": 0.0, "human": 4753.3, "DQN": 0.0, "PPO": 42.0, "Rainbow": 489.0},
}


def told(game: str) -> str | None:
    """In words: "random -20.7, human 14.6, ..."; None where nothing is known."""
    scores = SCORES.get(game)
    return ", ".join(f"{who} {score:,.1f}" for who, score in scores.items()) if scores else None


def human_normalized(game: str, score: float) -> float | None:
    """0 as good as random play, 1 as a human tester (Mnih 2015); None where these are not known."""
    scores = SCORES.get(game)
    if scores is None:
        return None
    return (score - scores["random"]) / (scores["human"] - scores["random"])
