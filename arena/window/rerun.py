"""A replay on show: the same match again, with a position to go to."""

import time
from collections.abc import Callable

from arena.matches.match import DIGEST_EVERY, Mark
from arena.matches.playback import playback
from arena.store.records import Replay
from arena.window import telling
from arena.window.bout import Bout
from arena.window.session import Session

MARK_SECONDS = 5.0
"""Of the match, between two moments that can be gone back to at once."""

LEAP_SECONDS = 5.0
"""How far one press of a key goes."""

SETTLE = 4
"""Ticks played after a restored snapshot before a picture is shown: an emulator's first ones may be stale."""

SEEKING_BUDGET = 0.03
"""Seconds of ticks between two pictures while a position is being gone to."""


class Rerun(Bout):
    """A recorded match. Going back restores the last snapshot before the wanted tick and plays from there."""

    def __init__(self, recorded: Replay) -> None:
        super().__init__(playback(recorded))
        self.people = ()  # nobody plays: everything may be looked at
        self.recorded = recorded
        self.total = max(recorded.result.ticks, 1)
        self._every = max(round(self.pace.tick_rate * MARK_SECONDS), 1)
        self._marks: list[Mark] = []
        self._target: int | None = None
        self._faithful = True
        self._rewound = False

    @property
    def position(self) -> float:
        """How far it is, from 0 to 1."""
        return min((self.match.ticks if self._target is None else self._target) / self.total, 1.0)

    @property
    def seeking(self) -> bool:
        """Whether it is on the way to another position, which it goes to even while paused."""
        return self._target is not None

    def advance(self, elapsed: float, clock: Callable[[], float] = time.perf_counter) -> None:
        if self._target is None:
            super().advance(elapsed, clock)
            return
        until = clock() + SEEKING_BUDGET
        while self.match.ticks < self._target and not self.match.finished and clock() < until:
            self.tick()
        if self.match.ticks >= self._target or self.match.finished:
            self._target, self.pace.owed = None, 0.0

    def tick(self) -> None:
        super().tick()
        match = self.match
        if self._rewound and self._astray():
            # Some emulators do not come back from a snapshot as they were: play from the start instead.
            self._faithful = False
            self._marks.clear()
            target = match.ticks if self._target is None else self._target
            self._restart()
            self.seek(target)
            return
        farthest = self._marks[-1].ticks if self._marks else 0
        if self._faithful and not match.finished and match.ticks >= farthest + self._every:
            self._marks.append(match.mark())

    def seek(self, tick: int) -> None:
        """Go to a tick, over the next pictures."""
        tick = min(max(tick, 0), self.recorded.result.ticks)
        if tick < self.match.ticks:
            before = [mark for mark in self._marks if mark.ticks <= tick - SETTLE]
            if before:
                self.match.rewind(before[-1])
                self._rewound = True
            else:
                self._restart()
        self._target = tick
        self.redraw()

    def _astray(self) -> bool:
        index, rest = divmod(self.match.ticks, DIGEST_EVERY)
        digests = self.recorded.digests
        return rest == 0 and 0 < index <= len(digests) and self.match.digest() != digests[index - 1]

    def _restart(self) -> None:
        self.match.close()
        self.match, self._rewound = playback(self.recorded), False

    def command(self, name: str) -> bool:
        """Move as a key says; whether it was one of these."""
        now = self.match.ticks if self._target is None else self._target
        leap = round(LEAP_SECONDS * self.pace.tick_rate)
        goals = {"back": now - leap, "forward": now + leap, "first": 0, "last": self.total}
        if name in goals:
            self.seek(goals[name])
        return name in goals


class Viewing(Session):
    """A window on a replay."""

    bout: Rerun

    def __init__(self, recorded: Replay) -> None:
        self.strengths = {}
        self.bout = Rerun(recorded)
        self.recorded = recorded
        self.loading = ""

    @property
    def may_think(self) -> bool:
        return False

    def update(self, elapsed: float) -> None:
        if not self.halted or self.bout.seeking:
            self.bout.advance(elapsed)
        over = self.bout.match.finished and not self.bout.seeking
        if over and self.card is None:
            self.card = telling.card(self.recorded.result, {}, {}, kept=True)
        elif not over:
            self.card = None

    def more(self, name: str) -> None:
        if name == "space" and self.card is None:
            self.paused = not self.paused
        elif name == "accept" and self.card is not None:
            self.leave()
        elif name == "replay" and self.card is not None:
            self.bout.command("first")
        else:
            self.bout.command(name)

    def status(self) -> str:
        return "replay"

    def position(self) -> float | None:
        return self.bout.position

    def hint(self) -> str:
        if self.card is not None:
            return "W again   left seek   Esc leave"
        return "left right seek   P pause   H keys   Esc leave"

    def key_help(self) -> list[tuple[str, str]]:
        return [*telling.SEEK_KEYS, *super().key_help()]
