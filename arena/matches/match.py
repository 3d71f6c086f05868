"""The match loop: players at a game with one seed, from reset to result. No I/O, no clock, no global RNG."""

import hashlib
import math
import operator
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from arena.errors import ArenaError, UsageError
from arena.games import catalog
from arena.games.game import Game, Snapshot
from arena.matches.player import Player
from arena.store.records import MatchResult, Option, Replay, SeatResult, check_seed

DIGEST_EVERY = 120
"""Ticks between two digests of a replay: a divergence is located to two seconds of Atari."""

MOST_ACTIONS = 256
"""Of a game: a replay has a byte for each action."""

_LONGEST_REASON = 200

SLOWEST = 2_000
"""Milliseconds of reaction at most."""

OF_THE_MATCH = ("together", "teams", "reaction_ms")
"""Options that are no game's: that all play for one score, or in how many teams, and how long agents take to
react."""


def seat_players(
    game_id: str, players: Sequence[Player], options: Mapping[str, Option]
) -> tuple[list[Game], dict[str, Option]]:
    """The games for `players`: one shared world where it has seats for all (versus), else a copy each (duel).

    Returns them with the options they were made with, as a replay keeps them.
    Raises UsageError where so many cannot play this game.
    """
    entry = catalog.find(game_id)
    entry.check_players(len(players))
    slow = next((p.identity.name for p in players if p.deliberates), None)
    if slow and entry.family == "atari" and any(p.identity.kind == "human" for p in players):
        raise UsageError(
            f"{slow} thinks for seconds between its moves at {game_id}, which waits for nobody: play against "
            "another agent, or let agents meet it"
        )
    made = dict(options)
    if entry.seats != (1,):
        made["seats"] = len(players)
    for player in players:
        for option, value in player.needs.items():
            if made.setdefault(option, value) != value:
                raise UsageError(
                    f"{player.identity.name} learned {game_id} with {option}={value}, and cannot play it with"
                    f" {option}={made[option]}"
                )
    if entry.emulated and "sticky" not in made:
        made["sticky"] = 0.0 if any(p.identity.kind == "human" for p in players) else 0.25
    if entry.together:
        made["together"] = True
    elif "together" in made:
        raise UsageError(f"{entry.id} is played against each other: leave the option together out")
    teams = entry.teams if len(players) > entry.teams else 0
    if made.setdefault("teams", teams) != teams:
        raise UsageError(f"who plays {entry.id} with whom is the game's to say: leave the option teams out")
    if not teams:
        del made["teams"]
    if made.get("reaction_ms") == 0:
        del made["reaction_ms"]
    of_the_game = {name: value for name, value in made.items() if name not in OF_THE_MATCH}
    if entry.seats == (1,):
        return [catalog.make(game_id, **of_the_game) for _ in players], made
    return [catalog.make(game_id, **of_the_game)], made


def reaction(options: Mapping[str, Option], tick_rate: float) -> int:
    """Ticks between what an agent sees and what it does. Raises UsageError for a time that makes no sense."""
    time = options.get("reaction_ms", 0)
    if isinstance(time, bool) or not isinstance(time, int) or not 0 <= time <= SLOWEST:
        raise UsageError(f"reaction_ms={time!r}: milliseconds from 0 to {SLOWEST:,} are wanted")
    return math.ceil(time * tick_rate / 1000)


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of a match, to go back to. Never stored."""

    ticks: int
    forfeits: Mapping[int, tuple[int, str]]
    ended: tuple[bool, ...]
    digests: int
    snapshots: tuple[Snapshot, ...]


class Match:
    """One match, advanced tick by tick by whoever draws, waits or does neither."""

    def __init__(
        self,
        game_id: str,
        players: Sequence[Player],
        seed: int,
        options: Mapping[str, Option] | None = None,
    ) -> None:
        """Raises UsageError where so many cannot play this game, or it cannot be recorded."""
        check_seed(seed)
        reaction(options or {}, 1.0)
        self.game_id, self.players, self.seed = game_id, list(players), seed
        self.games, self.options = seat_players(game_id, players, options or {})
        delay = reaction(self.options, self.games[0].spec.tick_rate)
        self._decided_on: dict[int, deque[int]] = {
            seat: deque([self.games[0].spec.idle_action] * delay)
            for seat, player in enumerate(players)
            if delay and player.identity.kind == "agent"
        }
        """By seats of agents that take time to react: what they are about to do."""
        if (actions := len(self.games[0].spec.actions)) > MOST_ACTIONS:
            self.close()
            raise UsageError(
                f"{game_id} has {actions:,} actions; a match is played with {MOST_ACTIONS} at most"
            )
        self.duel = len(self.games) == len(self.players)
        self.ticks = 0
        self.forfeits: dict[int, tuple[int, str]] = {}
        """Seat -> (tick, why)."""
        self._ended = [False] * len(self.games)
        """Which games their own rules, or the time, have ended."""
        self._actions = bytearray()
        self._digests: list[str] = []
        for game in self.games:
            game.reset(seed)
        for seat, player in enumerate(self.players):
            try:
                player.begin(*self.place(seat), _player_seed(seed, seat))
            except Exception as error:
                self.forfeit(seat, _reason(error))

    def place(self, seat: int) -> tuple[Game, int]:
        """The game that the player of `seat` is at, and its seat there."""
        return (self.games[seat], 0) if self.duel else (self.games[0], seat)

    @property
    def finished(self) -> bool:
        return self._decided or not any(map(self.playing, range(len(self.players))))

    @property
    def _decided(self) -> bool:
        """Whether forfeits have left nobody to play against."""
        return bool(self.forfeits) and len(self.players) - len(self.forfeits) <= 1

    @property
    def counts(self) -> bool:
        """Whether it may tell who is stronger: several play, each for a score of its own, at full speed."""
        return len(self.players) > 1 and not {"together", "reaction_ms"} & self.options.keys()

    @property
    def scores(self) -> tuple[float, ...]:
        return tuple(game.scores()[at] for game, at in map(self.place, range(len(self.players))))

    def playing(self, seat: int) -> bool:
        """Whether the player of `seat` still has moves to make."""
        return seat not in self.forfeits and not self._decided and not self._over(seat)

    def _over(self, seat: int) -> bool:
        return self._ended[seat if self.duel else 0]

    def tick(self) -> None:
        """Ask every player who still plays, and advance every game that still runs."""
        if self.finished:
            raise ValueError("the match is finished")
        asked = [self.playing(seat) for seat in range(len(self.players))]  # all, whoever of them fails first
        actions = [
            self._ask(seat) if asked[seat] else self.place(seat)[0].spec.idle_action
            for seat in range(len(self.players))
        ]
        self._actions += bytes(actions)
        for index, game in enumerate(self.games):
            if self._runs(index):
                tick = game.tick([actions[index]] if self.duel else actions)
                limit = game.spec.max_ticks
                self._ended[index] |= tick.ended or (limit is not None and self.ticks + 1 >= limit)
        self.ticks += 1
        if self.ticks % DIGEST_EVERY == 0:
            self._digests.append(self.digest())

    def _runs(self, index: int) -> bool:
        """Whether a game goes on: a copy while its player plays, a world while anybody does."""
        seats = (index,) if self.duel else range(len(self.players))
        return any(map(self.playing, seats))

    def _ask(self, seat: int) -> int:
        game, _ = self.place(seat)
        try:
            action = operator.index(self.players[seat].act())
            if not 0 <= action < len(game.spec.actions):
                raise ValueError(
                    f"answered action {action}, and there are {len(game.spec.actions)} (0 is the first)"
                )
            if (to_come := self._decided_on.get(seat)) is not None:
                to_come.append(action)
                return to_come.popleft()
            return action
        except Exception as error:  # a player's failure is its own, never the match's
            self.forfeit(seat, _reason(error))
            return game.spec.idle_action

    def forfeit(self, seat: int, why: str) -> None:
        """The player of `seat` loses, unless the game is over for it. The match goes on while two are left;
        the last one wins with the score it has, unless it forfeits at the same tick: then nobody wins."""
        together = any(tick == self.ticks for tick, _ in self.forfeits.values())
        if seat in self.forfeits or self._over(seat) or (self._decided and not together):
            return
        self.forfeits[seat] = (self.ticks, why)

    def digest(self) -> str:
        """Hex: of all moves so far and of every game's state."""
        digest = hashlib.blake2b(self._actions, digest_size=8)
        for game in self.games:
            digest.update(game.digest().to_bytes(8, "little"))
        return digest.hexdigest()

    def result(self) -> MatchResult:
        """Who came where. Raises ValueError before the end, and ArenaError for a score that is no finite
        number: such a match is void."""
        if not self.finished:
            raise ValueError("the match is not finished")
        scores = self.scores
        for seat, score in enumerate(scores):
            if not math.isfinite(score):
                raise ArenaError(
                    f"{self.game_id} gave {self.players[seat].identity.name} the score {score}: the match is"
                    " void, since a score is a finite number; mend the game"
                )
        lost = set(self.forfeits)
        ranks = [(seat not in lost, scores[seat] if seat not in lost else 0.0) for seat in range(len(scores))]
        seats = tuple(
            SeatResult(
                player=player.identity,
                score=scores[seat],
                place=1 + sum(other > ranks[seat] for other in ranks),
                forfeit=self.forfeits[seat][1] if seat in lost else None,
            )
            for seat, player in enumerate(self.players)
        )
        return MatchResult(self.game_id, self.options, self.seed, seats, self.ticks, self.digest())

    def replay(self) -> Replay:
        """All that was played. Raises as `result`."""
        result = self.result()
        digests = (
            self._digests
            if self.ticks and self.ticks % DIGEST_EVERY == 0
            else [*self._digests, result.digest]
        )
        forfeits = {seat: tick for seat, (tick, _) in self.forfeits.items()}
        return Replay(result, bytes(self._actions), tuple(digests), forfeits)

    def mark(self) -> Mark:
        """This moment, for `rewind`."""
        return Mark(
            self.ticks,
            dict(self.forfeits),
            tuple(self._ended),
            len(self._digests),
            tuple(game.snapshot() for game in self.games),
        )

    def rewind(self, mark: Mark) -> None:
        """Go back to an earlier moment of this match. The games and the record go back; what players
        remember does not, so that this is for the recorded players of a playback."""
        for game, snapshot in zip(self.games, mark.snapshots, strict=True):
            game.restore(snapshot)
        self.ticks, self.forfeits, self._ended = mark.ticks, dict(mark.forfeits), list(mark.ended)
        del self._actions[mark.ticks * len(self.players) :]
        del self._digests[mark.digests :]

    def play(self) -> MatchResult:
        """The whole match at once."""
        while not self.finished:
            self.tick()
        return self.result()

    def close(self) -> None:
        for game in self.games:
            game.close()


def _player_seed(seed: int, seat: int) -> int:
    """Independent of the game's own chance, and of the other seats'."""
    content = f"player {seed} {seat}".encode()
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little")


def _reason(error: Exception) -> str:
    """One line that can be shown, whatever a player raised."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # even its text can be broken
        text = ""
    text = "".join(c if c.isprintable() else "?" for c in text)
    if text and isinstance(error, ArenaError):  # it is written for people
        return text[:_LONGEST_REASON]
    return f"{type(error).__name__}: {text}"[:_LONGEST_REASON] if text else type(error).__name__


@dataclass(frozen=True, slots=True)
class Pairing:
    """One match of a series."""

    seed: int
    order: tuple[int, ...]
    """Which of the series' players sits in each seat."""


def series(game_id: str, players: int, games: int, seed: int) -> Iterator[Pairing]:
    """`games` matches. Where players share a world, each seed is played once from every rotation of the
    seats before the next seed is taken; in a duel everyone has a copy, so each match has a new seed.

    Raises UsageError for a seed out of range.
    """
    check_seed(seed)
    rotations = 1 if catalog.find(game_id).seats == (1,) else players
    for index in range(games):
        number, turn = divmod(index, rotations)
        yield Pairing(
            seed=_series_seed(seed, number),
            order=tuple((seat + turn) % players for seat in range(players)),
        )


def _series_seed(seed: int, number: int) -> int:
    content = f"series {seed} {number}".encode()
    return int.from_bytes(hashlib.blake2b(content, digest_size=4).digest(), "little") >> 1
