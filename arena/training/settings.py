"""What a training is to be: agent, game, preset, and what the user set otherwise."""

import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from agents.catalog import AGENTS, load
from agents.presets import PRESETS
from arena.errors import UsageError
from arena.games import catalog
from arena.games.versus_list import cartridge
from arena.store.records import Option, check_seed

PRESET_OF_FAMILY = {"maze": "maze", "atari": "atari", "versus": "versus", "gym": "vector"}
"""Which of an agent's presets suits a family of games."""


@dataclass(frozen=True, slots=True)
class Settings:
    """As given on a command line. Either `agent` and `game`, or `resume`."""

    agent: str = ""
    game: str = ""
    steps: int | None = None
    """Environment steps in all; None leaves it to the preset, or to the run that is resumed."""
    seed: int = 0
    envs: int | None = None
    device: str = "auto"
    overrides: Mapping[str, str] = field(default_factory=dict)
    """`--set`: fields of the algorithm's config, as text."""
    options: Mapping[str, Option] = field(default_factory=dict)
    """`--option`: the game's."""
    opponents: str = ""
    """In a game for several, whom it meets: `self`, as it is now, or its `past` as well; empty leaves it to
    the game."""
    origin: str = ""
    """The player with whose weights it begins; empty for new ones."""
    resume: str | None = None
    """The id of a run to go on with."""
    checkpoint_seconds: float = 60.0
    """Time between two checkpoints; longer where one takes long to write (see `cadence`)."""
    tensorboard: bool = False
    """Whether to write TensorBoard's event files as well; a run that has begun to goes on with them."""

    @property
    def going_on(self) -> "Settings":
        """What of these is left to say once there is a run, whose own description tells the rest."""
        return dataclasses.replace(
            self, agent="", game="", steps=None, envs=None, overrides={}, options={}, opponents="", origin=""
        )


OPPONENTS = ("self", "past")


def usual_opponents(game: str) -> str:
    """Whom a run meets where nothing is said."""
    return "past" if catalog.find(game).family == "versus" else "self"


def opponents_of(settings: Settings) -> str:
    """Whom a new run meets: its past as well on consoles, where it pays; in mazes itself alone.

    Raises UsageError for opponents that there are not, or where nobody is met.
    """
    entry = catalog.find(settings.game)
    if not settings.opponents:
        return usual_opponents(settings.game)
    if settings.opponents not in OPPONENTS:
        raise UsageError(f"opponents are self or past, not '{settings.opponents}'")
    if seats_of(settings) == 1:
        raise UsageError(f"{entry.id} is played alone: leave --opponents out")
    return settings.opponents


def seats_of(settings: Settings) -> int:
    """Of a world. Raises UsageError for an option `seats` that is none."""
    entry = catalog.find(settings.game)
    seats = settings.options.get("seats", entry.seats[0])
    if isinstance(seats, bool) or not isinstance(seats, int) or seats not in entry.seats:
        raise UsageError(
            f"{entry.id} is for {entry.seats_in_words} players, and seats={seats!r} was asked for"
        )
    return seats


FEW_ENVS = 256
"""So many are made in a moment, however few steps they are for."""


def configure(settings: Settings) -> Any:
    """The algorithm's config: its defaults, then the preset of the game's family, then what was set.

    Raises UsageError for an unknown agent, game or key, and for a seed or value that makes no sense.
    """
    check_seed(settings.seed)
    if settings.agent not in AGENTS:
        near = get_close_matches(settings.agent, AGENTS, n=1, cutoff=0.5)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise UsageError(f"no agent is called '{settings.agent}'{hint}; there {_are(list(AGENTS))}")
    entry = catalog.find(settings.game)
    values = dict(PRESETS.get(settings.agent, {}).get(PRESET_OF_FAMILY.get(entry.family, ""), {}))
    if entry.family == "versus" and "frame_stack" in values:
        values["planes"] = cartridge(entry.id).planes(seats_of(settings))
    if settings.steps is not None:
        values["total_steps"] = settings.steps
    if settings.envs is not None:
        values["num_envs"] = settings.envs
    config_type = load(settings.agent).config_type
    values |= parse(config_type, settings.overrides)
    try:
        config = config_type(**values)
        if config.num_envs > max(config.total_steps, FEW_ENVS):
            raise ValueError(
                f"{config.num_envs:,} environments take more than {config.total_steps:,} steps at once"
            )
        return config
    except ValueError as error:
        raise UsageError(f"{settings.agent}: {error}") from error


def parse(config_type: type[Any], overrides: Mapping[str, str]) -> dict[str, Any]:
    """`--set` values in the types of the config's fields. Raises UsageError for an unknown or wrong one."""
    kinds = typing.get_type_hints(config_type)
    names = [f.name for f in dataclasses.fields(config_type)]
    values = {}
    for name, text in overrides.items():
        if name not in names:
            near = get_close_matches(name, names, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else f"there {_are(names)}"
            raise UsageError(f"nothing to set is called '{name}'; {hint}")
        try:
            values[name] = _value(kinds[name], text)
        except ValueError:
            if choices := typing.get_args(kinds[name]):
                raise UsageError(f"{name} is one of {', '.join(choices)}, not '{text}'") from None
            wanted = {bool: "true or false", int: "a whole number", float: "a number"}.get(
                kinds[name], "text"
            )
            raise UsageError(f"{name} is {wanted}, not '{text}'") from None
    return values


def _value(kind: type[Any], text: str) -> Any:
    if kind is bool:
        return (
            {"true": True, "false": False}.get(text.lower()) if text.lower() in ("true", "false") else _no()
        )
    if kind is int:
        number = float(text.replace("_", ""))  # 2e6 and 2_000_000 are whole numbers too
        return int(number) if number.is_integer() else _no()
    if choices := typing.get_args(kind):
        return text if text in choices else _no()
    return kind(text)


def _no() -> Any:
    raise ValueError


def _are(names: list[str]) -> str:
    return f"is {names[0]}" if len(names) == 1 else f"are {', '.join(names)}"
