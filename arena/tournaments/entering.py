"""Entering a tournament: names become entrants, and what cannot be played is refused before it begins."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from arena.errors import ArenaError, UsageError
from arena.games import catalog
from arena.matches import roster
from arena.matches.match import seat_players
from arena.matches.player import AgentPlayer, Human, Player
from arena.store import names, tournaments
from arena.store.records import Identity, Option, check_seed
from arena.store.tournaments import Entrant, Plan
from arena.tournaments import formats

ATTEMPTS = 5
"""To read the weights of a run before it writes the next."""


def enter(
    *,
    format: str,
    games: Sequence[str],
    players: Sequence[str],
    options: Mapping[str, Option],
    seats: int,
    pairs: int,
    rounds: int | None,
    seed: int,
    me: str | None = None,
) -> Plan:
    """A new tournament of these players (`human`, who is `me`, or `human:NAME` for people).

    Raises UsageError for what cannot be, and ArenaError where a player is damaged or nothing can be written.
    """
    check_seed(seed)
    if not games:
        raise UsageError("a tournament needs a game; `arena games` lists them")
    if not 1 <= pairs <= formats.MOST_PAIRS:
        most = f"{formats.MOST_PAIRS:,}"
        raise UsageError(f"{pairs} games for each encounter: from 1 to {most} can be played")
    ids = [catalog.find(game).id for game in games]
    _refuse_twice("game", ids)
    _refuse_twice("player", players)
    chosen = formats.check(format, len(players), seats, rounds)
    for game in ids:
        entry = catalog.find(game)
        if entry.together:
            raise UsageError(f"{game} is played together for one score: nobody can win a tournament there")
        entry.check_players(seats, seated=f"a match of this tournament has {seats} (--seats)")
    entrants: list[tuple[Entrant, list[Path | None]]] = []
    needs: list[dict[str, tuple[Option, str]]] = [
        {name: (value, "the option given") for name, value in options.items()} for _ in ids
    ]
    seated: list[list[Player]] = [[] for _ in ids]
    for name in players:
        identities: list[Identity] = []
        folders: list[Path | None] = []
        for number, game in enumerate(ids):
            player, folder = _with_checkpoint(name, game, options, me)
            _agree(player, game, needs[number])
            seated[number].append(player)
            identities.append(player.identity)
            folders.append(folder)
        person = identities[0].kind == "human"
        shown = identities[0].name if person and identities[0].name not in players else name
        entrants.append(
            (Entrant(shown, tuple(identities), tuple(one is not None for one in folders)), folders)
        )
    _refuse_same([entrant for entrant, _ in entrants])
    for number, game in enumerate(ids):  # an option that makes no sense is refused here
        for opened in seat_players(game, seated[number][:seats], options)[0]:
            opened.close()
    return tournaments.create(
        format=format,
        games=ids,
        options=options,
        entrants=entrants,
        seats=seats,
        pairs=pairs,
        rounds=chosen,
        seed=seed,
    )


def _with_checkpoint(
    name: str, game: str, options: Mapping[str, Option], me: str | None
) -> tuple[Player, Path | None]:
    """A player, and where the very weights lie that it has, if it is an agent: a run that learns may write
    others in between."""
    for _ in range(ATTEMPTS):
        player = _resolved(name, game, options, me)
        if type(player) is not AgentPlayer:
            return player, None
        found = roster.checkpoint_of(name, game)
        if player.identity.id == f"agent:{found.digest}":
            return player, found.folder
    raise ArenaError(f"{name} writes checkpoints faster than they can be read; stop its training first")


def _resolved(name: str, game: str, options: Mapping[str, Option], me: str | None) -> Player:
    if names.is_person(name):
        return Human(roster.person(me if (own := names.called(name)) is None else own), lambda: None)
    return roster.resolve(name, game, options=options)


def _agree(player: Player, game: str, needs: dict[str, tuple[Option, str]]) -> None:
    """All see the game that each has learned. Raises UsageError where two need it otherwise."""
    for option, value in player.needs.items():
        needed, who = needs.setdefault(option, (value, player.identity.name))
        if needed != value:
            raise UsageError(
                f"{player.identity.name} plays {game} with {option}={value}, and {who} has {option}={needed}:"
                " they cannot meet there"
            )


def _refuse_twice(what: str, names: Sequence[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"the {what} {twice} is named twice; each {what} can enter once")


def _refuse_same(entrants: Sequence[Entrant]) -> None:
    """Two names may mean one player."""
    seen: dict[tuple[str, ...], str] = {}
    for entrant in entrants:
        ids = tuple(identity.id for identity in entrant.identities)
        if ids in seen:
            raise UsageError(f"{seen[ids]} and {entrant.name} are the same player; let it enter once")
        seen[ids] = entrant.name
