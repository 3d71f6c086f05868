"""What goes on in the window or the terminal, and what the keys do to it. No drawing here.

`play` and `replay` open the window (or draw in the terminal) and return when it has been left.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from arena.store.records import MatchResult, Option, Place, Replay
from arena.window import telling
from arena.window.bout import Bout, Sight
from arena.window.keyboard import Joystick
from arena.window.lens import MAPS, SALIENCY, Kind, Layer, Lens
from arena.window.signals import asked_to_end
from arena.window.telling import Card, Strength

if TYPE_CHECKING:
    from arena.window.following import Following

NOTICE = 6.0
"""Seconds that what is to be told stands."""

Report = Callable[[dict[str, Any]], None]
"""Takes the events of the child protocol: `{"event": "started", ...}`."""


@dataclass(frozen=True)
class Setup:
    """A series to be played."""

    game: str
    players: tuple[str, ...]
    """As on the command line: `human`, `ppo`, `random`, ..."""
    games: int = 1
    seed: int = 0
    options: Mapping[str, Option] = field(default_factory=dict)
    me: str | None = None
    """The name of the person who plays."""
    kept: bool = True
    """Whether the matches are kept and rated."""
    endless: bool = False
    """Go on until it is left, and read the agents anew before each match: a window on a training."""


class Session:
    """What is on show: everything that a view needs to know."""

    bout: Bout | None = None
    """The match that is drawn."""
    strengths: Mapping[str, Strength]
    """Ratings before the match, by a player's identity."""
    joysticks: tuple[Joystick, ...] = ()
    """One a person, in the order in which they were named."""
    people: tuple[str, ...] = ()
    """Their names."""
    loading: str = "Loading"
    """What is being waited for."""
    waiting: bool = False
    """Whether the match begins with the first key of a person who plays."""
    countdown: float = 0.0
    """Seconds until the start."""
    question: str = ""
    """Asked before something is lost: Enter says yes, Escape says no."""
    card: Card | None = None
    """The result, where it is shown now."""
    paused = helping = insight = whole = muted = closed = False
    has_sound: bool = False
    """Whether there is something to play sound with."""
    lens: Lens | None = None
    """What lies over the boards, where agents play."""
    whose: int = 0
    """The seat whose map lies over a board that several share."""
    rail: bool = False
    """Whether what learners tell of themselves stands beside the boards, where there is room for it."""
    rail_pinned: bool = False
    """Whether it stands there at the boards' cost."""
    rail_shown: bool = False
    """Whether it stood there in the last picture."""
    picture_wanted: bool = False
    """Whether somebody has asked for a picture of the window."""
    pictures: float = 60.0
    """How many times a second it is drawn."""
    _told: tuple[str, float] = "", 0.0
    """The latest notice, and when it was given."""

    @property
    def notice(self) -> str:
        """Something to be told for a while; empty where there is nothing."""
        words, since = self._told
        return words if time.perf_counter() < since + NOTICE else ""

    @notice.setter
    def notice(self, words: str) -> None:
        self._told = words, time.perf_counter()

    @property
    def halted(self) -> bool:
        """Whether time stands still."""
        return self.paused or self.helping or bool(self.question)

    def update(self, elapsed: float) -> None:
        """Let `elapsed` seconds go by. Raises ArenaError where what was asked for cannot be played."""
        raise NotImplementedError

    def command(self, name: str) -> None:
        """Do what a key stands for; what means nothing now is passed over."""
        if self.question:
            if name in ("accept", "escape"):
                self.question = ""
            if name == "accept":
                self.leave()
        elif name == "help":
            self.helping = not self.helping
        elif self.helping and name in ("escape", "accept"):
            self.helping = False
        elif self.bout and (why_not := self._why_not(name)):
            self.notice = why_not
        elif name == "insight" and self.bout:
            self.insight = not self.insight
        elif name == "views" and self.bout:
            self.whole = not self.whole
        elif name == "saliency" and self.lens is not None:
            self._turn(self.lens, SALIENCY)
        elif name == "map" and self.lens is not None:
            self._turn(self.lens, MAPS)
        elif name.startswith("seat ") and self.bout and int(name[5:]) <= len(self.bout.match.players):
            self.whose = int(name[5:]) - 1
        elif name == "picture" and self.bout:
            self.picture_wanted = True
        elif name == "sound" and self.bout:
            self.muted = not self.muted
        elif name == "escape":
            self.escape()
        elif name == "pause" and self.bout and not self.card:
            self.paused = not self.paused
        elif name == "faster" and self.bout:
            self.bout.pace.faster()
        elif name == "slower" and self.bout:
            self.bout.pace.slower()
        else:
            self.more(name)

    def _why_not(self, name: str) -> str:
        """Why a key that shows (or sounds) something has nothing to show here; empty where it has."""
        assert self.bout is not None
        if name == "insight" and not self.may_think:
            return telling.NO_THOUGHTS
        if name == "views" and not self.may_look:
            return telling.FOG_STAYS if self.bout.veiled else telling.NO_FOG
        if name == "slower" and not self.may_slow:
            return telling.NOT_SLOWER
        if name == "sound" and not self.may_hear:
            return telling.NO_SPEAKER if self.bout.audible else telling.NO_SOUND
        return ""

    def _turn(self, lens: Lens, among: tuple[Kind, ...]) -> None:
        """The next of several kinds of maps, and after the last none."""
        possible = [kind for kind in among if kind in self.possible_maps]
        at = possible.index(lens.kind) + 1 if lens.kind in possible else 0
        if possible:
            lens.show(possible[at] if at < len(possible) else None)

    @property
    def possible_maps(self) -> tuple[Kind, ...]:
        """What can be laid over the boards now."""
        return ()

    def more(self, name: str) -> None:
        """The commands that only this kind of session knows."""

    def escape(self) -> None:
        """One step back; from the last, out."""
        self.leave()

    def leave(self) -> None:
        """Out, whatever is lost by it; also where the process is asked to end."""
        self.closed = True

    def quit(self) -> None:
        """The window's own close button: as `escape`, and a second time as `leave`."""
        if self.question:
            self.question = ""
            self.leave()
        self.closed = not self.question

    def focus_lost(self) -> None:
        """Who has no keyboard cannot play."""
        self.let_go()

    def let_go(self) -> None:
        """Forget what is held and was pressed."""
        for joystick in self.joysticks:
            joystick.let_go()

    def close(self) -> None:
        """Let go of the games."""
        if self.lens is not None:
            self.lens.close()
        if self.bout is not None:
            self.bout.match.close()

    @property
    def may_think(self) -> bool:
        """Whether there is an agent to look into; a replay holds moves, not thoughts."""
        return self.bout is not None and any(p.identity.kind == "agent" for p in self.bout.match.players)

    @property
    def may_look(self) -> bool:
        """Whether the whole of a world may be shown whose seats see less: not to a person who plays."""
        bout = self.bout
        return bout is not None and bout.veiled and (not bout.people or bout.match.finished)

    @property
    def may_hear(self) -> bool:
        """Whether the match has sound that can be played here."""
        return self.has_sound and self.bout is not None and self.bout.audible

    @property
    def may_slow(self) -> bool:
        """Whether the match may go slower than it does."""
        return True

    @property
    def has_rail(self) -> bool:
        """Whether something stands beside the boards."""
        return self.rail

    @property
    def studied(self) -> bool:
        """Whether somebody looks closely, so that nothing may lie over the boards while time stands still."""
        return self.has_rail or (self.lens is not None and self.lens.kind is not None)

    def learners(self) -> list[tuple[int, "Following"]]:
        """The runs that play, each once, with their first seats."""
        return []

    def plate(self, seat: int) -> tuple[str, str]:
        """A player's name, and what stands beside it."""
        assert self.bout is not None
        match = self.bout.match
        told = telling.state(match, seat, self.strengths, self.card)
        place = match.games[0].spec.places[seat : seat + 1]
        return match.players[seat].identity.name, telling.PART.join((*place, *([told] if told else [])))

    def layer(self, sight: Sight) -> tuple[int, Layer] | None:
        """The map that lies over a board now, and whose it is."""
        if self.lens is None:
            return None
        of_several = len(sight.seats) > 1 and sight.seat is None
        seats = [sight.seats[0] if sight.seat is None else sight.seat]
        if of_several:
            seats = sorted(sight.seats, key=lambda seat: seat != self.whose)
        return next(((seat, self.lens.layers[seat]) for seat in seats if seat in self.lens.layers), None)

    def layer_of_interest(self) -> tuple[int, Layer] | None:
        """The first of the maps that lie over the boards, whose scale is told."""
        if self.bout is None or self.lens is None or self.lens.kind is None:
            return None
        found = [self.layer(sight) for sight in self.bout.sights(self.whole)]
        return next((layer for layer in found if layer is not None), None)

    def title(self) -> str:
        return self.bout.match.games[0].spec.title if self.bout else "arena"

    def status(self) -> str:
        """What stands beside the clock."""
        return ""

    def key_help(self) -> list[tuple[str, str]]:
        """Every key that works now and what it does; a line without a key is a heading."""
        keys = [telling.INSIGHT_KEY] if self.may_think else []
        keys += [telling.VIEW_KEY] if self.may_look else []
        maps = self.possible_maps
        keys += [telling.SALIENCY_KEY] if "choice" in maps else []
        keys += [telling.MAP_KEY] if "values" in maps else []
        shared = self.bout is not None and any(len(sight.seats) > 1 for sight in self.bout.sights(self.whole))
        keys += [telling.SEAT_KEY] if maps and shared else []
        keys += [telling.SOUND_KEY] if self.may_hear else []
        return [*telling.COMMON_KEYS[:2], *keys, *telling.COMMON_KEYS[2:]]

    def hint(self) -> str:
        """The most useful keys, for the bottom line."""
        return "H keys   Esc leave"

    def before_the_start(self) -> list[tuple[int, str]]:
        """(seat, keys) of every person, before the match begins."""
        return []

    def position(self) -> float | None:
        """How far the match is, from 0 to 1, where its length is known."""
        return None


def play(setup: Setup, *, terminal: bool = False, report: Report | None = None) -> list[MatchResult]:
    """Play a series where people can see it, and return the results of its finished matches.

    Without a display the terminal is drawn on instead, and stderr says so.
    Raises ArenaError or UsageError for what cannot be played or shown.
    """
    from arena.window.following import runs_among
    from arena.window.series import Series
    from arena.window.watching import Watching

    if setup.endless and any(run and not run.has_policy for run in runs_among(setup)):
        from arena.window.exploring import Exploring

        _show(Exploring(setup), terminal, report)
        return []
    session = (Watching if setup.endless else Series)(setup, report or _nobody)
    _show(session, terminal, report)
    return session.results


def replay(recorded: Replay, *, terminal: bool = False, report: Report | None = None) -> None:
    """Show a match again. Raises ArenaError as `play`, and where the replay does not fit the game."""
    from arena.window.rerun import Viewing

    _show(Viewing(recorded), terminal, report)


def fixture(tournament: str, place: Place, *, terminal: bool = False, report: Report | None = None) -> None:
    """Show a match of a tournament; one that waits for a person is played and kept. Raises as `play`."""
    from arena.window.fixture import Fixture

    _show(Fixture(tournament, place, report or _nobody), terminal, report)


def _show(session: Session, terminal: bool, report: Report | None) -> None:
    with asked_to_end() as signalled:  # also while the last match is being settled
        try:
            _draw(session, terminal, report, signalled)
            if signalled and not session.closed:
                session.leave()
        finally:
            session.close()


def _draw(session: Session, terminal: bool, report: Report | None, signalled: list[int]) -> None:
    if not terminal:
        from arena.window import screen

        no_display = screen.why_not()
        if not no_display:
            screen.run(session, report or _nobody, signalled)
            return
    from arena.window import half_blocks

    if not terminal:
        half_blocks.check(session, no_display)
        print(f"{no_display}; drawing in the terminal instead", file=sys.stderr)
    half_blocks.run(session, signalled)


def _nobody(event: dict[str, Any]) -> None:
    pass
