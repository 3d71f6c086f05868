"""What stands in the bottom line while nothing moves: how to begin, and how it ended. It hides no board."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from arena.window import telling, theme
from arena.window.session import Session
from arena.window.theme import Colour

Part = tuple[str, Colour]
"""Words, and their colour."""


@dataclass(frozen=True, slots=True)
class Banner:
    """Words for people, in the order in which they stand."""

    head: str
    accent: Colour
    parts: tuple[Part, ...] = ()
    """What must be known, each part by itself."""
    notes: tuple[Part, ...] = ()
    """What is good to know."""
    hint: str = ""
    """The keys that matter now."""

    @property
    def words(self) -> tuple[Part, ...]:
        """What stands beside the head, from the left."""
        return (*self.parts, *self.notes)

    def ever_shorter(self) -> Iterator["Banner"]:
        """For lines that are too short for all of it: itself, then without its last notes, then without its
        hint, then without its last parts; at the end the head alone."""
        for kept in range(len(self.notes), -1, -1):
            yield replace(self, notes=self.notes[:kept])
        for kept in range(len(self.parts), -1, -1):
            yield replace(self, notes=(), hint="", parts=self.parts[:kept])


def banner(session: Session) -> Banner | None:
    """What `session` has to say now, if anything."""
    card = session.card
    notice = ((session.notice, theme.TEXT),) if session.notice else ()
    if card is not None:
        accent = theme.seat(card.winner) if card.winner is not None else theme.TEXT
        notes = tuple((words, theme.MUTED) for words in (card.note, session.status()) if words)
        return Banner(card.headline, accent, notice, notes, session.hint())
    if session.bout is None or not (session.waiting or session.countdown > 0):
        return None
    people = session.before_the_start()
    players = session.bout.match.players
    keys = tuple((f"{players[seat].identity.name}: {held}", theme.seat(seat)) for seat, held in people)
    head = "Press a key to start" if session.waiting else f"Starts in {math.ceil(session.countdown)}"
    accent = theme.seat(people[0][0]) if people else theme.TEXT
    told = session.status(), telling.terms(session.bout.match)
    notes = tuple((words, theme.MUTED) for words in told if words)
    return Banner(head, accent, notice or keys, notes, session.hint())
