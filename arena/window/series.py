"""Matches played one after another: loading, the start, the match, its result, then the next or a rematch.

The start: where one person plays, the match waits for that person's first key, which is also the first move;
where two do, 3-2-1 follows that key; agents alone begin after 3-2-1.

Leaving: a rated match with a person and others in it is lost by the person who leaves it once it has begun,
as on a chess server. Escape and the window's close button ask first. Being asked to end (SIGTERM, SIGINT,
SIGHUP, the launcher's `x`) is leaving too, without the question, since nobody could tell one from the other.
Before the first key, and for who plays alone, nothing is lost. A process that crashes, or is killed outright,
keeps nothing of the match.
"""

import time
from collections.abc import Iterator, Mapping

from arena.errors import ArenaError, UsageError
from arena.games.catalog import preparing
from arena.games.game import GameSpec
from arena.matches.match import Match, Pairing, series
from arena.matches.player import Player
from arena.store import names
from arena.store.keeping import keep
from arena.store.records import MatchResult, Replay, in_figures
from arena.window import keyboard, telling
from arena.window.bout import Bout, warm_up
from arena.window.following import Following, as_trained, follow
from arena.window.lens import Kind, Lens, kinds
from arena.window.rerun import Rerun
from arena.window.session import Report, Session, Setup
from arena.window.task import Task
from arena.window.telling import Card, Strength

COUNTDOWN = 3.0
"""Seconds before the start."""

BETWEEN = 4.0
"""Seconds that a result stands before the next match of a series without people."""

BREATH = 1.0
"""Seconds after a match of two people in which W, still pressed to go up, shows no replay."""

LEFT = "left the match"

GUEST = "guest"
"""Who sits at the other half of the keyboard."""


class Series(Session):
    """A series of matches, each kept when it ends."""

    rest = BETWEEN

    def __init__(self, setup: Setup, report: Report) -> None:
        self.followed = follow(setup)
        """For each of the series' players its run, where it is one's: read anew before every match, and never
        within one, so that a result tells of one player."""
        self.setup, self.report = as_trained(setup, self.followed), report
        self.strengths = {}
        persons = [name for name in setup.players if names.is_person(name)]
        layouts = keyboard.layouts(len(persons))
        self.joysticks = tuple(keyboard.Joystick(layout) for layout in layouts)
        self.results: list[MatchResult] = []
        self.points = [0.0] * len(setup.players)
        """Wins of each of the series' players; those who share a win share the point."""
        self._seated: list[Player] = []
        self._order: tuple[int, ...] = ()
        self._pairings = self._series()
        self._loading: Task[tuple[Bout, Mapping[str, Strength]]] | None = None
        self._settling: Task[tuple[MatchResult, Mapping[str, Strength]]] | None = None
        if not persons:
            self.lens = Lens()
        self._replay: Replay | None = None
        self._ended: tuple[Bout, Card] | None = None
        """The match whose replay is being shown, to come back to."""
        self._waited = 0.0
        self._next()

    # One match after another.

    def _series(self) -> Iterator[Pairing]:
        return series(self.setup.game, len(self.setup.players), 1 << 30, self.setup.seed)

    def _next(self) -> None:
        pairing = next(self._pairings)
        self._order = pairing.order
        self.loading = "Getting the next match ready" if self._seated else "Loading the game and its players"
        self._loading = Task(lambda: self._load(pairing))

    def _load(self, pairing: Pairing) -> tuple[Bout, Mapping[str, Strength]]:
        setup, first = self.setup, not self._seated
        if words := preparing(setup.game):
            self.loading = words[0].upper() + words[1:]
        if first or setup.endless or any(self.followed):
            self._seated = self._resolve()
        players = [self._seated[index] for index in pairing.order]
        if first and not any(player.deliberates for player in players):  # it would think twice
            warm_up(setup.game, setup.options, players, pairing.seed)
        if slow := next((player.identity.name for player in players if player.deliberates), None):
            self.loading = f"{slow} explores in a copy of the game first"
        match = Match(setup.game, players, pairing.seed, setup.options)
        speed = self.bout.pace.speed if self.bout else 1.0
        return Bout(match, speed), telling.strengths(setup.game)

    def _resolve(self) -> list[Player]:
        from arena.matches import roster

        game, sticks = self.setup.game, iter(self.joysticks)
        self.people = self._called(roster.person(self.setup.me))
        people = iter(self.people)
        return [
            roster.resolve(names.HUMAN, game, joystick=next(sticks), me=next(people))
            if names.is_person(name)
            else roster.resolve(name, game, options=self.setup.options)
            if following is None
            else self._learner(following)
            for name, following in zip(self.setup.players, self.followed, strict=True)
        ]

    def _called(self, me: str) -> tuple[str, ...]:
        """How the people are called: the first without a name of their own is `me`."""
        told = [names.called(name) for name in self.setup.players if names.is_person(name)]
        free = iter(name for name in dict.fromkeys((me, GUEST, f"{GUEST} 2")) if name not in told)
        return tuple(next(free) if name is None else name for name in told)

    def _learner(self, following: Following) -> Player:
        """The run's player as it is now. Waits for a training that has left nothing to play with yet."""
        run = following.run
        following.looked.wait()
        while (player := following.player()) is None:
            if following.story.state != "running":
                raise UsageError(
                    f"run {run.id} has no checkpoint, and nobody trains it; `arena train --resume {run.id}`"
                    " goes on with it"
                )
            if self.closed:
                raise ArenaError("left while waiting")
            self.loading = f"{run.id} has only begun: waiting for what it learns first"
            time.sleep(0.1)
        return player

    def _begin(self, task: Task[tuple[Bout, Mapping[str, Strength]]]) -> None:
        previous = self._ended[0] if self._ended else self.bout
        self.bout, self.strengths = task.result()
        if previous is not None:
            previous.match.close()
        self._loading, self.loading, self.card, self._replay, self._ended = None, "", None, None, None
        self.paused, self.whole, self._waited = False, False, 0.0
        self.waiting = bool(self.bout.people)
        self.countdown = 0.0 if self.setup.endless else COUNTDOWN if not self.results else COUNTDOWN / 2
        if self.waiting:
            self.countdown = 0.0 if len(self.bout.people) == 1 else COUNTDOWN
        for joystick in self.joysticks:
            joystick.bind(self._spec)
        match = self.bout.match
        self.report(
            {
                "event": "started",
                "game": match.game_id,
                "seed": match.seed,
                "players": [player.identity.name for player in match.players],
                "number": len(self.results) + 1,
            }
        )

    @property
    def _spec(self) -> GameSpec:
        assert self.bout is not None
        return self.bout.match.games[0].spec

    def update(self, elapsed: float) -> None:
        self._go_on(elapsed)
        if self.lens is not None and self.bout is not None and self._ended is None:
            self.lens.follow(self.bout, self._versions(), paused=self.halted)

    def _versions(self) -> list[object]:
        """What tells the weights of each seat's player from its later ones."""
        return [self.followed[player].taken if self.followed[player] else 0 for player in self._order]  # type: ignore[union-attr]

    def _go_on(self, elapsed: float) -> None:
        if self._loading is not None:
            if not self._loading.is_alive():
                self._begin(self._loading)
        elif self._settling is not None:
            if not self._settling.is_alive():
                self._settled(self._settling)
        elif self.bout is None or (self.halted and not self.bout.seeking):
            if self.waiting:  # what is pressed meanwhile begins nothing
                self.let_go()
        elif self._ended is not None:
            self.bout.advance(elapsed)
            if self.bout.match.finished:
                self._back()
        elif self.card is not None:
            self._waited += elapsed
            if self._more_to_come and not self.bout.people and self._waited >= self.rest:
                self._next()
        elif self.waiting:
            if any(joystick.touched for joystick in self.joysticks):
                self._start()
        elif self.countdown > 0:
            self.countdown = max(self.countdown - elapsed, 0.0)
        else:
            self.bout.advance(elapsed)
            if self.bout.match.finished:
                self._settle(self.bout.match)

    def _start(self) -> None:
        """A person has pressed a key."""
        assert self.bout is not None
        self.waiting = False
        if terms := telling.terms(self.bout.match):
            self.notice = terms

    def _settle(self, match: Match) -> None:
        game, kept = self.setup.game, self.setup.kept

        def work() -> tuple[MatchResult, Mapping[str, Strength]]:
            if not match.finished:  # a person left a duel: the others' copies are played to their ends
                match.play()
            self._replay = match.replay()
            if not kept:
                return self._replay.result, {}
            return self._keep(self._replay), telling.strengths(game)

        self._settling = Task(work)

    def _keep(self, replay: Replay) -> MatchResult:
        return keep(replay)

    def _settled(self, task: Task[tuple[MatchResult, Mapping[str, Strength]]]) -> None:
        self._settling, self.loading = None, ""
        if self.bout is not None:
            self.bout.frozen = False
        result, after = task.result()
        self.results.append(result)
        firsts = len(result.winners)
        if len(result.seats) > 1:
            for seat, player in zip(result.seats, self._order, strict=True):
                self.points[player] += 1 / firsts if seat in result.winners else 0.0
        self.card = telling.card(result, self.strengths, after, self.setup.kept)
        self.report(telling.event(result, self.strengths, after))

    @property
    def _more_to_come(self) -> bool:
        return self.setup.endless or len(self.results) < self.setup.games

    # What is at stake, and what the keys do.

    @property
    def staked(self) -> bool:
        """Whether leaving now loses a rated match."""
        bout = self.bout
        return (
            self.setup.kept
            and bout is not None
            and self._loading is None
            and bool(bout.people)
            and bout.match.counts
            and bout.match.ticks > 0
            and not bout.match.finished
        )

    @property
    def may_slow(self) -> bool:
        """A person who plays for a rating has no more time to think than anybody."""
        bout = self.bout
        counts = bout is not None and self.setup.kept and bool(bout.people) and bout.match.counts
        return not counts or self._ended is not None or (bout is not None and bout.pace.speed > 1)

    @property
    def may_think(self) -> bool:
        return self._ended is None and super().may_think

    @property
    def possible_maps(self) -> tuple[Kind, ...]:
        shown = self.lens is not None and self._ended is None
        return kinds(self.bout) if shown and self.bout is not None else ()

    def learners(self) -> list[tuple[int, Following]]:
        found: dict[str, tuple[int, Following]] = {}
        for seat, player in enumerate(self._order):
            if (following := self.followed[player]) is not None:
                found.setdefault(following.run.id, (seat, following))
        return list(found.values())

    def plate(self, seat: int) -> tuple[str, str]:
        following = self.followed[self._order[seat]]
        name, state = super().plate(seat)
        if following is None or following.facing is None:
            return name, state
        assert self.bout is not None
        told = f"step {telling.steps(following.facing)}"
        detail = self.bout.match.players[seat].identity.detail
        return following.label, telling.PART.join(
            [told, *(p for p in state.split(telling.PART) if p not in ("", detail))]
        )

    def escape(self) -> None:
        if self._ended is not None:
            self._back()
        elif self.staked:
            self.question = "Leave this rated match? It counts as a loss."
        else:
            self.leave()

    def leave(self) -> None:
        bout = self.bout
        if self.staked and self._settling is None and bout is not None:
            for seat in bout.people:
                bout.match.forfeit(seat, LEFT)
            bout.frozen = True
            self.loading = "" if bout.match.finished else "The others play on to the end"
            self._settle(bout.match)
        else:
            self.closed = True

    def quit(self) -> None:
        if self.question:
            self.question = ""
            self.leave()
            self.closed = True
        elif self.staked and self._settling is None and self._ended is None:
            self.escape()
        else:
            self.closed = True

    def close(self) -> None:
        if self._settling is not None:
            self._settled(self._settling)  # what has been played is kept, also when the window goes first
        if self._ended is not None:
            self._ended[0].match.close()
        for following in filter(None, self.followed):
            following.close()
        super().close()

    def focus_lost(self) -> None:
        super().focus_lost()
        playing = self.bout is not None and self.card is None and self._ended is None and not self.waiting
        self.paused |= playing and bool(self.joysticks)

    def more(self, name: str) -> None:
        if self._loading is not None or self._settling is not None:
            return
        if self._ended is not None and isinstance(self.bout, Rerun) and self.bout.command(name):
            return
        over = self.card is not None or self._ended is not None
        if name == "rematch" and over:
            self._back()
            self._next()
        elif name == "accept" and self.card is not None and self._more_to_come:
            self._next()
        elif name == "replay" and self.card and self._replay is not None and self.bout is not None:
            if len(self.joysticks) > 1 and self._waited < BREATH:
                return
            self._ended, self.card = (self.bout, self.card), None
            self.bout, self.insight = Rerun(self._replay), False
        elif name == "accept" and self.waiting:
            self._start()
        elif name == "accept" and self.countdown > 0:
            self.countdown = 0.0

    def _back(self) -> None:
        if self._ended is not None and self.bout is not None:
            self.bout.match.close()
            self.bout, self.card = self._ended
            self._ended, self.paused = None, False

    # What stands on the screen.

    def status(self) -> str:
        number, parts = len(self.results) + (self.card is None and self._ended is None), []
        if self._ended is not None:
            parts.append("replay")
        elif self.setup.endless:
            parts.append(f"game {number}")
        elif self.setup.games > 1 or number > 1:
            parts.append(f"game {number} of {max(self.setup.games, number)}")
        if len(self.points) > 1 and self.results and number + len(self.results) > 2 and self._seated:
            names = [
                player.identity.name if learner is None else learner.label
                for player, learner in zip(self._seated, self.followed, strict=False)
            ]
            parts.append(" ".join(f"{n} {in_figures(p)}" for n, p in zip(names, self.points, strict=True)))
        return "   ".join(parts)

    def hint(self) -> str:
        if self._ended is not None:
            return "left right seek   Esc back"
        if self.card is not None:
            next_one = "Enter next   " if self._more_to_come else ""
            return f"{next_one}R rematch   W replay   Esc leave"
        return super().hint()

    def key_help(self) -> list[tuple[str, str]]:
        lines: list[tuple[str, str]] = []
        if self.bout is not None and self._ended is None:
            people = [player for player in self._seated if player.identity.kind == "human"]
            for joystick, player in zip(self.joysticks, people, strict=True):
                lines += [("", player.identity.name), *keyboard.legend(self._spec, joystick.layout)]
        if self.card is not None:
            lines += [("", "after the match"), ("R", "rematch"), ("W", "watch the replay")]
        if self._ended is not None:
            lines += [("", "replay"), *telling.SEEK_KEYS]
        return [*lines, *([("", "always")] if lines else []), *super().key_help()]

    def before_the_start(self) -> list[tuple[int, str]]:
        if self.bout is None or not self.joysticks:
            return []
        sticks = iter(self.joysticks)
        layouts = [next(sticks).layout if p.identity.kind == "human" else None for p in self._seated]
        return [
            (seat, keyboard.summary(self._spec, layout))
            for seat, player in enumerate(self._order)
            if (layout := layouts[player]) is not None
        ]

    def position(self) -> float | None:
        return self.bout.position if isinstance(self.bout, Rerun) else None
