"""A match of a tournament, where people can see it: the very one that is planned, with its seed, seats and
options, and agents as they entered.

One that waits for a person is played by that person, and kept with its place in the tournament. Any other is
only looked at: it is the same match as the tournament's own, from its start, and not kept a second time.
"""

from collections.abc import Iterator

from arena.errors import UsageError
from arena.matches import roster
from arena.matches.match import Pairing
from arena.matches.player import Human, Player
from arena.store import names, tournaments
from arena.store.keeping import keep
from arena.store.records import MatchResult, Place, Placing, Replay
from arena.tournaments.lots import check_entered
from arena.tournaments.tournament import Tournament
from arena.window.series import Series
from arena.window.session import Report, Setup


class Fixture(Series):
    def __init__(self, tournament: str, place: Place, report: Report) -> None:
        """Raises UsageError where there is no such match, or it cannot be played now."""
        known = Tournament.load(tournaments.find(tournament))
        _check(known, place)
        self._plan, self._task = known.plan, known.task(place)
        super().__init__(
            Setup(
                game=known.plan.games[place.game],
                players=tuple(map(self._named, self._task.order)),
                seed=self._task.seed,
                options=known.plan.options,
                kept=known.has_people(place),
            ),
            report,
        )

    def _named(self, entrant: int) -> str:
        one = self._plan.entrants[entrant]
        folder = self._plan.frozen(entrant, self._task.place.game)
        return names.HUMAN if one.human else str(folder or one.name)

    def _series(self) -> Iterator[Pairing]:
        """It alone; looked at once more, it is the same again."""
        while True:
            yield Pairing(self._task.seed, tuple(range(len(self._task.order))))

    def _resolve(self) -> list[Player]:
        sticks, players = iter(self.joysticks), list[Player]()
        for entrant, name in zip(self._task.order, self.setup.players, strict=True):
            identity = self._plan.entrants[entrant].identities[self._task.place.game]
            if name == names.HUMAN:
                players.append(Human(identity.name, next(sticks)))
                continue
            player = roster.resolve(name, self.setup.game, options=self.setup.options)
            if self._plan.frozen(entrant, self._task.place.game) is None:
                check_entered(name, identity, player)
            player.identity = identity
            players.append(player)
        self.people = tuple(player.identity.name for player in players if player.identity.kind == "human")
        return players

    def _keep(self, replay: Replay) -> MatchResult:
        return keep(replay, Placing(self._plan.id, self._task.place, replay.moves))

    def more(self, name: str) -> None:
        if name != "rematch" or not self.setup.kept:  # what has been played in a tournament stands
            super().more(name)

    def status(self) -> str:
        parts = super().status().split("   ") if self._ended is not None else []
        return "   ".join([f"round {self._task.place.round + 1} of {self._plan.id}", *parts])

    def hint(self) -> str:
        return super().hint().replace("R rematch   ", "" if self.setup.kept else "R again   ")

    def key_help(self) -> list[tuple[str, str]]:
        keys = super().key_help()
        return [line for line in keys if line != ("R", "rematch")] if self.setup.kept else keys


def _check(known: Tournament, place: Place) -> None:
    """Raises UsageError where the match is not to be played, or has been and was a person's."""
    people = place in known.waiting()
    if known.done(place) and known.has_people(place):
        raise UsageError("this match has been played; its replay shows it")
    agents = any(task.place == place for lot in known.lots() for task in lot.tasks)
    if not (people or agents or known.done(place)):
        raise UsageError(f"tournament {known.plan.id} has no such match, or not yet")
