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
    "robustify": "agents.robustify:Robustify",
}

WITHOUT_POLICY = frozenset({"go-explore"})
"""Those that find trajectories, and have nothing to play any other game by."""

_PHASES = {"robustify": "go-explore"}
"""The second phase of an algorithm and the first, from whose trajectories it makes a policy."""


def plays_as(agent: str) -> str:
    """The name under which an agent's champions sit down: that of the whole algorithm."""
    return _PHASES.get(agent, agent)


def begins_with(agent: str) -> tuple[str, ...]:
    """With what others have learned it can begin: its own kind, and the phase before."""
    return (agent, _PHASES[agent]) if agent in _PHASES else (agent,)


def load(name: str) -> type["Learner"]:
    """The learner class called `name`. Raises KeyError for a name that is not in `AGENTS`."""
    module, _, attribute = AGENTS[name].partition(":")
    loaded: type[Learner] = getattr(import_module(module), attribute)
    return loaded
