"""The rules of the Gymnasium environments that the arena lists, as plain data: what each really is."""

from dataclasses import dataclass, replace

from arena.games.catalog import Entry


def rules(entry: Entry) -> str:
    """The rules for people, in the sections that every game's have."""
    told = _told(entry.id.removeprefix("gym/"))
    sections = {
        "Observation": told.observation,
        "Actions": told.actions,
        "Rewards": told.rewards,
        "Score": "the sum of the rewards.",
        "Termination": told.termination,
        "Options": told.options,
    }
    words = (f"{name}\n    {text}" for name, text in sections.items())
    return f"{entry.title}. {entry.summary}\n\n" + "\n".join(words)


def _told(environment: str) -> "Rules":
    if environment.startswith("MiniGrid-"):
        return replace(MINIGRID, **DIFFERENCES.get(environment.removeprefix("MiniGrid-"), {}))
    return RULES.get(environment, OWN)


@dataclass(frozen=True, slots=True)
class Rules:
    """In sentences for people."""

    observation: str
    """What an agent is given, and its shape."""
    actions: str
    rewards: str
    termination: str
    options: str = "none."


def _frozen_lake(side: int, steps: int) -> Rules:
    return Rules(
        observation=f"which of the {side * side} tiles it stands on, one-hot: ({side * side},) float32.",
        actions="left, down, right, up. The ice is slippery: one move in three goes where it is meant to, "
        "the others to either side of that.",
        rewards="+1 at the gift, else 0.",
        termination=f"at the gift, in a hole, or after {steps} steps.",
        options="is_slippery, success_rate (of moves on slippery ice), map_name (4x4 or 8x8).",
    )


RULES = {
    "CartPole-v1": Rules(
        observation="the cart's place and velocity, the pole's angle and angular velocity: (4,) float32.",
        actions="left, right: the cart is pushed that way with the same force at every step.",
        rewards="+1 at every step.",
        termination="when the pole leans by more than 12 degrees, the cart is 2.4 units from the middle, or "
        "after 500 steps.",
        options="sutton_barto_reward (0 at every step and -1 when it falls).",
    ),
    "MountainCar-v0": Rules(
        observation="the car's place and velocity: (2,) float32.",
        actions="left, noop, right: where the engine pushes. It is too weak for the hill without a swing.",
        rewards="-1 at every step.",
        termination="at the flag, or after 200 steps.",
        options="goal_velocity (the least at the flag).",
    ),
    "Acrobot-v1": Rules(
        observation="cosine and sine of both joints' angles, and their angular velocities: (6,) float32.",
        actions="left, noop, right: the torque at the joint between the two links.",
        rewards="-1 at every step, 0 at the line.",
        termination="when the free end is above the line, or after 500 steps.",
    ),
    "LunarLander-v3": Rules(
        observation="place, velocity, angle and angular velocity of the lander, and for each leg whether it "
        "stands: (8,) float32.",
        actions="noop, left, up, right: no engine, the left one, the main one, the right one.",
        rewards="for coming nearer, slower and more upright, and the other way about; 10 for each leg that "
        "stands; -0.3 for the main engine and -0.03 for another at every step; +100 for a landing, -100 for "
        "a crash. It counts as solved at 200.",
        termination="at a crash, out of the picture, when the lander has come to rest, or after 1,000 steps.",
        options="gravity, enable_wind, wind_power, turbulence_power.",
    ),
    "FrozenLake-v1": _frozen_lake(4, 100),
    "FrozenLake8x8-v1": _frozen_lake(8, 200),
    "CliffWalking-v1": Rules(
        observation="which of the 48 tiles it stands on, one-hot: (48,) float32.",
        actions="up, right, down, left.",
        rewards="-1 at every step; -100 over the cliff, and from there back to the start.",
        termination="at the other end, or after 1,000 steps.",
        options="is_slippery.",
    ),
    "Taxi-v4": Rules(
        observation="where the taxi and the passenger are and where they want to be, as the number of one of "
        "500 states, one-hot: (500,) float32.",
        actions="down, up, right, left, pickup, drop.",
        rewards="-1 at every step; +20 for a passenger who is where they want to be; -10 for pickup or drop "
        "where that cannot be.",
        termination="when the passenger is where they want to be, or after 200 steps.",
        options="is_rainy (a move may go to either side), fickle_passenger (may change their mind).",
    ),
    "Blackjack-v1": Rules(
        observation="the sum of one's cards, the dealer's open card, and whether one has an ace that counts "
        "11, one-hot: (45,) float32.",
        actions="stick, hit: no more cards, or one more.",
        rewards="+1 for a game won, -1 for one lost, 0 for a draw.",
        termination="after stick, or above 21; no game is longer than 1,000 steps.",
        options="sab (the rules of Sutton and Barto's book, as here), natural (1.5 for an ace and a ten, "
        "where sab is false).",
    ),
}

MINIGRID = Rules(
    observation="the seven by seven cells ahead, each as three numbers: what is there, its colour, its "
    "state. Neither the direction nor what lies behind is told: (7, 7, 3) uint8.",
    actions="left, right (turns), forward, pickup, drop, toggle (a door), done (which does nothing).",
    rewards="1 - 0.9 x steps / limit when it is done, else 0.",
    termination="when it is done, or at the limit of steps, which is larger the larger the grid.",
)

_LAVA = {"termination": "at the green square, in the lava, or at the limit of steps."}

DIFFERENCES: dict[str, dict[str, str]] = {
    "LavaCrossingS9N1-v0": _LAVA,
    "LavaGapS7-v0": _LAVA,
    "Dynamic-Obstacles-8x8-v0": {
        "actions": "left, right (turns), forward.",
        "rewards": "1 - 0.9 x steps / limit at the green square; -1 for walking into a ball.",
        "termination": "at the green square, at a ball, or at the limit of steps.",
    },
    "MemoryS7-v0": {"termination": "at either of the two things, or at the limit of steps."},
    "RedBlueDoors-6x6-v0": {
        "termination": "when the blue door is opened, after the red one or before, or at the limit of steps."
    },
}
"""Where one of MiniGrid's differs from the others."""

OWN = Rules(
    observation="what the environment gives. Vectors are made float32; the number of a state becomes "
    "one-hot, and several numbers one vector; a picture stays as it is. Where there are several things by "
    'name and one is called "image", it is that one alone.',
    actions="the environment's own, by number where it has no names for them.",
    rewards="the environment's own.",
    termination="when the environment says so, or at its time limit; after 1,000 steps where it has none.",
    options="the environment's own.",
)
"""Of an environment that is not listed."""
