"""Every learning agent by name, loaded only when asked for."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agents.agent import Learner

AGENTS: dict[str, str] = {
    "ppo": "agents.ppo:PPO",
    "dqn": "agents.dqn:DQN",
    "rainbow": "agents.dqn:DQN",
    "go-explore": "agents.go_explore:GoExplore",
}

WITHOUT_POLICY = frozenset({"go-explore"})
"""Those that find trajectories, and have nothing to play any other game by."""


def load(name: str) -> type["Learner"]:
    """The learner class called `name`. Raises KeyError for a name that is not in `AGENTS`."""
    module, _, attribute = AGENTS[name].partition(":")
    loaded: type[Learner] = getattr(import_module(module), attribute)
    return loaded
