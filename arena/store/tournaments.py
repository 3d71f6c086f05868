"""Tournaments on disk: what was planned, and the agents as they entered.

A folder each in `saves/tournaments/`. `plan.json` is written once; `players/<n>-<g>/` holds the frozen
agent of entrant n at game g, so that nothing that is trained or promoted later changes who plays. Its
matches are in the match log, each with its place in the tournament (`records.Place`), written in the
transaction of the match itself: what has been played is what the log says, and nothing else has to agree.
"""

import contextlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any

from arena import places
from arena.errors import ArenaError, UsageError
from arena.store import checkpoints, home
from arena.store.database import Database
from arena.store.locks import hold, holder, is_held
from arena.store.records import Identity, Option

PLAN, STATUS, LOCK = "plan.json", "status.json", "lock"


@dataclass(frozen=True, slots=True)
class Entrant:
    name: str
    """As it was typed, and what people read."""
    identities: tuple[Identity, ...]
    """As the match log knows it, at each of the games: a champion's name means another agent at each."""
    frozen: tuple[bool, ...]
    """Whether it is, at each, an agent that lies in the tournament's folder."""

    @property
    def human(self) -> bool:
        return self.identities[0].kind == "human"

    def alone(self, game: int) -> bool:
        """Whether it thinks about one match at a time at one of the games: it has a process of its own, or
        thinks for seconds."""
        return self.identities[game].kind == "agent" and not self.frozen[game]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that decides what is played, so that the same plan has the same standings."""

    id: str
    format: str
    games: tuple[str, ...]
    options: Mapping[str, Option]
    entrants: tuple[Entrant, ...]
    """From the strongest expected to the weakest, where the format asks."""
    seats: int
    """Of an encounter."""
    pairs: int
    """Seeds for each encounter and game."""
    rounds: int
    seed: int
    created: datetime

    @property
    def folder(self) -> Path:
        return places.saves() / "tournaments" / self.id

    def frozen(self, entrant: int, game: int) -> Path | None:
        """Where the agent that an entrant is at a game lies, where it is one."""
        if not self.entrants[entrant].frozen[game]:
            return None
        return self.folder / "players" / f"{entrant}-{game}"


def tournaments() -> list[Plan]:
    """All that are kept, newest first. A folder that is none is passed over."""
    found = []
    root = places.saves() / "tournaments"
    for folder in root.iterdir() if root.is_dir() else ():
        with contextlib.suppress(ArenaError):
            found.append(read(folder))
    return sorted(found, key=lambda plan: (plan.created, plan.id), reverse=True)


def find(tournament_id: str) -> Plan:
    """The tournament of that id, or of the only one that begins so, or the latest for `last`. Raises
    UsageError, naming the nearest, where there is none, and ArenaError where its plan is damaged."""
    if tournament_id == "last" and (kept := tournaments()):
        return kept[0]
    folder = home.inside(places.saves() / "tournaments", tournament_id)
    if (folder / PLAN).is_file():
        return read(folder)
    ids = [plan.id for plan in tournaments()]
    begin = [one for one in ids if tournament_id and one.startswith(tournament_id)]
    if len(begin) == 1:
        return read(folder.with_name(begin[0]))
    if begin:
        raise UsageError(f"'{tournament_id}' may be {' or '.join(begin[:5])}; type more of it")
    near = get_close_matches(tournament_id, ids, n=3, cutoff=0.6)
    hint = f" (did you mean {' or '.join(near)}?)" if near else ""
    raise UsageError(f"no tournament is called '{tournament_id}'{hint}; `arena tournament` lists them all")


def read(folder: Path) -> Plan:
    """Raises ArenaError where `folder` is no tournament, or its plan is damaged."""
    try:
        content = json.loads((folder / PLAN).read_bytes())
        entrants = tuple(
            Entrant(
                str(one["name"]),
                tuple(map(_identity, one["identities"])),
                tuple(map(bool, one["frozen"])),
            )
            for one in content["entrants"]
        )
        numbers = {name: int(content[name]) for name in ("seats", "pairs", "rounds", "seed")}
        return Plan(
            id=folder.name,
            format=str(content["format"]),
            games=tuple(map(str, content["games"])),
            options=dict(content["options"]),
            entrants=entrants,
            created=datetime.fromisoformat(content["created"]).astimezone(UTC),
            **numbers,
        )
    except Exception as error:  # what is in a file of somebody else's may be anything
        raise ArenaError(f"{folder} is no tournament, or its {PLAN} is damaged") from error


def _identity(content: Mapping[str, Any]) -> Identity:
    if not all(isinstance(value, str) for value in content.values()):
        raise ValueError("a player is told in words")
    return Identity(**content)


def create(
    *,
    format: str,
    games: Sequence[str],
    options: Mapping[str, Option],
    entrants: Sequence[tuple[Entrant, Sequence[Path | None]]],
    seats: int,
    pairs: int,
    rounds: int,
    seed: int,
) -> Plan:
    """A new tournament; of each entrant the checkpoint that it is at each game, if any, is copied. Its id
    says what and when: `round-robin-1122-1714`. Raises ArenaError where it cannot be written."""
    now = datetime.now(UTC)
    name = f"{format}-{now.astimezone().strftime('%m%d-%H%M')}"
    root = home.make_folder(places.saves() / "tournaments")
    with Database.open() as log:
        known = log.tournaments()  # of one whose folder is gone the log may have matches
    folder, number = root / name, 1
    with home.writing(root):
        while True:
            try:
                if folder.name not in known:
                    folder.mkdir()
                    break
            except FileExistsError:
                pass
            number += 1
            folder = root / f"{name}-{number}"
    plan = Plan(
        id=folder.name,
        format=format,
        games=tuple(games),
        options=dict(options),
        entrants=tuple(entrant for entrant, _ in entrants),
        seats=seats,
        pairs=pairs,
        rounds=rounds,
        seed=seed,
        created=now,
    )
    try:
        for number, (_, found) in enumerate(entrants):
            for game, checkpoint in enumerate(found):
                folder_of_agent = plan.frozen(number, game)
                if checkpoint is not None and folder_of_agent is not None:
                    checkpoints.copy(checkpoints.read_meta(checkpoint), folder_of_agent)
        home.write_atomically(folder / PLAN, json.dumps(_as_json(plan), indent=1).encode())
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return plan


def _as_json(plan: Plan) -> dict[str, Any]:
    return {
        "format": plan.format,
        "games": plan.games,
        "options": dict(plan.options),
        "entrants": [asdict(entrant) for entrant in plan.entrants],
        "seats": plan.seats,
        "pairs": plan.pairs,
        "rounds": plan.rounds,
        "seed": plan.seed,
        "created": plan.created.isoformat(),
    }


def lock(plan: Plan) -> IO[bytes]:
    """Held, until it is closed, by who plays the tournament. Raises ArenaError where another process does."""
    return hold(
        plan.folder / LOCK, f"tournament {plan.id} is being played by another process; stop that first"
    )


def is_played(plan: Plan) -> bool:
    """Whether a process is playing it now."""
    return is_held(plan.folder / LOCK)


def player(plan: Plan) -> int | None:
    """The process on this machine that plays it; None where there is none, or it cannot be told."""
    return holder(plan.folder / LOCK)


def tell(plan: Plan, status: Mapping[str, Any]) -> None:
    """Leave word for whoever looks on: what is in play just now. Raises ArenaError where it cannot be
    written."""
    home.write_atomically(plan.folder / STATUS, json.dumps(status).encode())


def told(plan: Plan) -> dict[str, Any]:
    """What `tell` left; nothing where it is not being played."""
    with contextlib.suppress(OSError, ValueError):
        content = json.loads((plan.folder / STATUS).read_bytes())
        if isinstance(content, dict) and is_played(plan):
            return content
    return {}


def delete(plan: Plan) -> None:
    """Remove the tournament; its matches stay in the log, without their places. Raises ArenaError where it is
    being played, or nothing can be removed."""
    if is_played(plan):
        raise ArenaError(f"tournament {plan.id} is being played; stop it first")
    with home.writing(plan.folder):
        (plan.folder / PLAN).unlink(missing_ok=True)
        with Database.open() as log:
            log.forget(plan.id)  # another may be called so one day
        shutil.rmtree(plan.folder)
