"""Who may sit down: names as people type them, and the players they mean.

What `available` tells is found without loading an agent, so that the launcher can ask; `resolve` loads it.
"""

import difflib
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agents.catalog import AGENTS, WITHOUT_POLICY, plays_as
from arena.errors import UsageError
from arena.games import catalog
from arena.matches.foreign_names import is_foreign
from arena.store import checkpoints, names, runs
from arena.store.checkpoints import Meta
from arena.store.records import Identity, Kind, Option
from arena.store.runs import Run
from arena.store.titles import CHAMPION

if TYPE_CHECKING:
    from agents.agent import Learner
    from arena.matches.foreign import Limits
    from arena.matches.foreign_names import Foreign
    from arena.matches.player import Player
    from arena.store.watched import Weights

_DETAILS = {
    "human": "you, at the keyboard",
    "pathfinder": "takes a shortest way; sees the whole maze",
    "random": "a random action at every decision; the zero of every rating",
    "noop": "does nothing, ever",
}
PLANNER = "go-explore"
"""Who plans where it has no champion, by exploring in a copy of the game."""

_NO_PLANS = "plans only in games that can be put back: mazes, and most Atari games"
_PLANS = "plans: explores in a copy of the game, and so knows what will come"
_NO_PATHFINDER = "knows the way in mazes only"


@dataclass(frozen=True, slots=True)
class Choice:
    """A player on offer at a game."""

    name: str
    """What `resolve` takes."""
    kind: Kind
    label: str
    """What people read: for a champion its agent's name, for a run's checkpoint also the run's."""
    detail: str
    """How it was made and how strong it is, or what it does."""
    why_not: str | None = None
    """Why it cannot sit here; None where it can."""


def available(game_id: str, *, foreign: bool = False) -> list[Choice]:
    """Who may sit at a game, best first: you, its champions, the built-in players and the newest runs; then
    who may not, with the reason; with `foreign` also what is installed of other people's, whose code is not
    run for that, and is not to be run without asking. Raises UsageError for an unknown game."""
    entry = catalog.find(game_id)
    champions = checkpoints.champions(entry.id)
    found = [Choice("human", "human", "human", _DETAILS["human"])]
    held = {meta.player for meta in champions}
    found += [Choice(meta.player, "agent", meta.player, _champion_detail(meta)) for meta in champions]
    if entry.yardstick:
        found += [_yardstick(meta) for meta in checkpoints.champions(entry.yardstick)]
    if entry.pathfinder:
        found.append(Choice("pathfinder", "builtin", "pathfinder", _DETAILS["pathfinder"]))
    for run in runs.runs():
        if run.game == entry.id and run.checkpoint is not None and run.has_policy:
            detail = f"run {run.id} at step {int(run.checkpoint.name):,}"
            found.append(Choice(f"{run.agent}@{run.id}", "agent", f"{run.agent}@{run.id}", detail))
    found += [Choice(name, "builtin", name, _DETAILS[name]) for name in ("random", "noop")]
    if not entry.pathfinder:
        found.append(Choice("pathfinder", "builtin", "pathfinder", _DETAILS["pathfinder"], _NO_PATHFINDER))
    absent = [name for name in AGENTS if plays_as(name) == name and name not in held]
    damaged = {name for name in absent if _has_champion(name, entry.id)}
    if entry.restorable and PLANNER in absent and PLANNER not in damaged:
        found.append(Choice(PLANNER, "agent", PLANNER, _PLANS))
        absent.remove(PLANNER)
    for name in absent:
        why_not = (
            "its champion here is damaged"
            if name in damaged
            else _NO_PLANS
            if name == PLANNER
            else f"no champion here yet; {_training(name, entry.id)}"
        )
        found.append(Choice(name, "agent", name, CHAMPION, why_not))
    return found + (_installed() if foreign else [])


def _installed() -> list[Choice]:
    from arena.matches.foreign_names import clash, installed

    return [
        Choice(name, "agent", name, same[0].identity.detail, clash(same) if len(same) > 1 else None)
        for name, same in installed().items()
    ]


def _is_game(name: str) -> bool:
    """Whether it is written as games are."""
    return name.partition("/")[0] in catalog.FAMILIES and "/" in name


def _yardstick(meta: Meta) -> Choice:
    """A champion of a game with one seat, who sees and does the same in one of these."""
    name = f"{meta.player}@{meta.game}"
    return Choice(name, "agent", name, f"{CHAMPION} of {meta.game}, which it learned against the console")


def _has_champion(name: str, game_id: str) -> bool:
    """Whether there is one, though it may be damaged."""
    return (checkpoints.champion_folder(name, game_id) / "meta.json").exists()


def resolve(
    name: str,
    game_id: str,
    *,
    joystick: Callable[[], int | None] | None = None,
    me: str | None = None,
    options: Mapping[str, Option] | None = None,
    limits: "Limits | None" = None,
) -> "Player":
    """The player called `name` at a game: `human`, a built-in, an agent's name for its champion there, a
    run's id (or `AGENT@RUN`) for its latest checkpoint, a checkpoint's folder, `AGENT@GAME` for its
    champion of a game with one seat that is a yardstick here, or somebody else's (`foreign_names`).

    A human needs a `joystick`, which tells which action is held down now, and is called `me`, but for
    `human:NAME`. Somebody else's
    player has `limits`, and is looked at whether it fits the game with the match's `options`; its code first
    runs when it begins a match, and whoever calls this has asked whether it may.
    Raises UsageError for a name that nobody has or who cannot sit here, naming the nearest; ArenaError when
    a checkpoint is damaged.
    """
    from arena.matches.player import BUILT_IN, Human

    entry = catalog.find(game_id)
    if names.is_person(name):
        if joystick is None:
            raise UsageError("a person cannot play headless; `arena play` opens a window to play in")
        return Human(person(me if (own := names.called(name)) is None else own), joystick)
    if name in BUILT_IN:
        if name == "pathfinder" and not entry.pathfinder:
            raise UsageError(f"pathfinder {_NO_PATHFINDER}, and not in {entry.id}; take random or an agent")
        return BUILT_IN[name]()
    if is_foreign(name):
        from arena.matches.foreign import ForeignPlayer
        from arena.matches.foreign_names import find

        found = find(name)
        return ForeignPlayer(found, limits, _foreign_needs(found, entry, options or {}))
    if name == PLANNER and not _has_champion(name, entry.id):
        from arena.matches.planner import Planner

        if not entry.restorable:
            raise UsageError(f"{name} {_NO_PLANS}; {entry.id} is none")
        return Planner(entry.family)
    return _agent(*_named(name, entry.id), entry.id)


def checkpoint_of(name: str, game_id: str) -> Meta:
    """The checkpoint that a player's name means: a champion's at the game, a run's latest or a folder's (of
    any game). Raises UsageError where it means none, and ArenaError where that is damaged."""
    if is_foreign(name):
        raise UsageError(
            f"{name} is no checkpoint of the arena's; name a champion, a run or a checkpoint's folder"
        )
    if name in _DETAILS:
        raise UsageError(f"{name} has learned nothing; name a champion, a run or a checkpoint's folder")
    return _named(name, catalog.find(game_id).id)[0]


def run_of(name: str) -> Run | None:
    """The run that a player's name means: `AGENT@RUN`, or the run's id alone; None for any other player.

    Raises UsageError for a run that there is not, for one of another agent, and for a group of several.
    """
    if is_foreign(name):
        return None
    agent, at, run_id = name.partition("@")
    is_run = at and agent in AGENTS
    if is_run and _is_game(run_id):
        return None
    if runs.of_group(group := run_id if is_run else name):
        runs.find(group)  # it is none, and this names the runs
    if is_run:
        run = runs.find(run_id)
        if run.agent != agent:
            raise UsageError(
                f"run {run.id} trains {run.agent}, not {agent}; its latest is {run.agent}@{run.id}"
            )
        return run
    return next((run for run in runs.runs() if run.id == name), None)


def game_of(name: str) -> str | None:
    """The game that a player is for: a run's or a checkpoint's; None for those who may be for several.

    Raises UsageError for a name that nobody has, and ArenaError for a folder that is no checkpoint.
    """
    if name in (*AGENTS, "random", "noop", "pathfinder") or names.is_person(name) or is_foreign(name):
        return None
    if (run := run_of(name)) is not None:
        return run.game
    agent, _, other = name.partition("@")
    if agent in AGENTS and _is_game(other):  # its champion of one game, who may sit at another
        return None
    folder = Path(name).expanduser()
    if folder.is_dir() or "/" in name or "\\" in name:
        return checkpoints.read_meta(folder).game
    runs.find(name)  # it is none, and this names the nearest
    return None


def seats(game_id: str, run: Run | None = None) -> int:
    """How many sit in a world of a game, or of a run's: alone to be watched, a player has all of them."""
    usual = catalog.find(game_id).seats[0]
    return int(run.options.get("seats", usual)) if run is not None else usual


def learning(agent: "Learner", run: Run, weights: "Weights") -> "Player":
    """A player of a run that may still be in training, at one of its steps: it draws its actions from its
    policy, as it does while it learns."""
    from arena.matches.player import Learning

    content = json.dumps([run.agent, run.config, False, weights.digest], sort_keys=True).encode()
    identity = Identity(
        f"agent:{hashlib.sha256(content).hexdigest()}",
        f"{run.agent}@{run.id}",
        "agent",
        f"run {run.id} at step {weights.step:,}",
    )
    return Learning(identity, agent, greedy=False, needs=_needs(run.game, run.options))


def person(name: str | None = None) -> str:
    """A person's name as the leaderboard keeps it; the login name where none is given.

    Raises UsageError for one that cannot be shown.
    """
    if name is None:
        return names.login()
    if not name or name != names.clean(name):
        raise UsageError(
            f"{name!r} is no name for the leaderboard; take 1 to {names.LONGEST} characters that can be shown"
        )
    return name


def needs(meta: Meta) -> dict[str, Option]:
    """The options of a game that an agent must be given to see what it learned to see. The size and the like
    are the match's to choose, whatever it was trained on."""
    return _needs(meta.game, meta.options)


def _needs(game_id: str, options: Mapping[str, Option]) -> dict[str, Option]:
    needed = {name: value for name, value in options.items() if name == "observation"}
    if game_id.startswith("versus/"):  # a picture there tells how many play
        needed["seats"] = options.get("seats", catalog.find(game_id).seats[0])
    return needed


def _foreign_needs(
    found: "Foreign", entry: catalog.Entry, options: Mapping[str, Option]
) -> dict[str, Option]:
    """The options beside the match's with which a game shows what somebody else's model learned to see. An
    entry point is told what it will see, and needs none.

    Raises UsageError where no options do, or the game has another number of actions.
    """
    if found.model is None:
        return {}
    told = {name: value for name, value in options.items() if name not in ("together", "reaction_ms")}
    wants, shown = found.model.wants, ""
    for more in _ways_to_see(entry, told):
        game = catalog.make(entry.id, **{**told, **more})
        try:
            game.reset(0)
            seen, actions = game.observe(0), len(game.spec.actions)
        finally:
            game.close()
        if wants.fits(seen.shape, seen.dtype.name, actions):
            return more
        shown = shown or f"{seen.shape} {seen.dtype.name} with {actions} actions"
    raise UsageError(
        f"{found.name} cannot sit at {entry.id}: it was trained on {wants}; there an agent is given {shown}"
    )


def _ways_to_see(entry: catalog.Entry, told: Mapping[str, Option]) -> list[dict[str, Option]]:
    """Options on which it depends what an agent is given, the usual ones first."""
    if entry.family == "versus" and "seats" not in told:
        return [{"seats": seats} for seats in entry.seats]
    if entry.family == "maze" and "observation" not in told:
        return [{}, {"observation": "grid"}, {"observation": "picture"}]
    return [{}]


def _named(name: str, game_id: str) -> tuple[Meta, str, str]:
    """The checkpoint that an agent's name means, what people read, and how it was made. Raises as
    `checkpoint_of`."""
    if plays_as(name) != name:
        raise UsageError(f"{name} makes champions that play as {plays_as(name)}; name that, or a run")
    if name in AGENTS:
        meta = checkpoints.read_meta(_champion_folder(name, game_id))
        return meta, name, _champion_detail(meta)
    agent, _, other = name.partition("@")
    if agent in AGENTS and _is_game(other):
        if catalog.find(other).id == game_id:
            return _named(agent, game_id)
        if other != catalog.find(game_id).yardstick:
            raise UsageError(f"a champion of {other} cannot sit at {game_id}: it sees and does other things")
        meta = checkpoints.read_meta(_champion_folder(agent, other))
        return meta, name, _yardstick(meta).detail
    if (run := run_of(name)) is not None:
        if run.checkpoint is None:
            raise UsageError(f"run {run.id} has no checkpoint yet; let it train a little longer")
        meta = checkpoints.read_meta(run.checkpoint)
        return meta, f"{run.agent}@{run.id}", f"run {run.id} at step {meta.step:,}"
    folder = Path(name).expanduser()
    if (name and folder.is_dir()) or "/" in name or "\\" in name:
        meta = checkpoints.read_meta(folder)
        return meta, meta.agent, f"{folder.name} at step {meta.step:,}"
    raise UsageError(_unknown(name, game_id))


def _champion_folder(name: str, game_id: str) -> Path:
    folder = checkpoints.champion_folder(name, game_id)
    if not (folder / "meta.json").exists():
        others = [meta.game for meta in checkpoints.champions() if meta.player == name]
        where = f"it has them for {', '.join(others)}" if others else "it has none at all"
        raise UsageError(f"{name} has no champion for {game_id} ({where}); {_training(name, game_id)}")
    return folder


def _agent(meta: Meta, name: str, detail: str, game_id: str) -> "Player":
    from arena.matches.player import AgentPlayer

    if meta.agent in WITHOUT_POLICY:
        raise UsageError(f"{name} has explored {meta.game}, and has no policy to play by")
    if meta.game not in (game_id, catalog.find(game_id).yardstick):
        raise UsageError(f"the checkpoint {meta.folder} is for {meta.game}, not {game_id}")
    learner, meta = checkpoints.load_agent(meta.folder)
    identity = Identity(f"agent:{meta.digest}", name, "agent", detail)
    needed = needs(meta) if meta.game == game_id else {"seats": 2}  # a yardstick is one for two
    return AgentPlayer(identity, learner, greedy=meta.greedy, needs=needed)


def _champion_detail(meta: Meta) -> str:
    summary, how = meta.card.get("summary"), f"{meta.agent}: " if meta.agent != meta.player else ""
    return f"{CHAMPION}, {how}{summary}" if isinstance(summary, str) and summary.isprintable() else CHAMPION


def _training(player: str, game_id: str) -> str:
    agent = next(name for name in reversed(AGENTS) if plays_as(name) == player)
    return f"`arena train {agent} {game_id}` trains one"


def _unknown(name: str, game_id: str) -> str:
    choices = [choice.name for choice in available(game_id) if choice.why_not is None]
    ids = [run.id for run in runs.runs() if run.game == game_id]
    near = difflib.get_close_matches(name, [*choices, *ids, *AGENTS, "pathfinder"], n=3, cutoff=0.5)
    hint = f" (did you mean {' or '.join(dict.fromkeys(near))}?)" if near else ""
    return f"no player is called '{name}'{hint}; at {game_id} there are {', '.join(choices)}"
