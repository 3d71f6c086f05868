"""What stands across the bottom while nothing moves: how to begin, and how it ended. The boards stay seen."""

from typing import NamedTuple

from arena.window import theme
from arena.window.session import Session
from arena.window.theme import Colour


class Banner(NamedTuple):
    """Words for people, the most important first."""

    head: str
    accent: Colour
    parts: tuple[tuple[str, Colour], ...]
    """More to know, each part by itself."""
    hint: str
    """The keys that matter now."""


def banner(session: Session) -> Banner | None:
    """What `session` has to say now, if anything."""
    card, bout = session.card, session.bout
    if card is not None:
        accent = theme.seat(card.winner) if card.winner is not None else theme.TEXT
        parts = [(words, theme.MUTED) for words in (card.note, session.notice or session.status()) if words]
        return Banner(card.headline, accent, tuple(parts), session.hint())
    if session.waiting and bout is not None:
        people = session.before_the_start()
        names = [bout.match.players[seat].identity.name for seat, _ in people]
        keys = [f"{name}: {keys}" for name, (_, keys) in zip(names, people, strict=True)]
        told = [(words, theme.seat(seat)) for words, (seat, _) in zip(keys, people, strict=True)]
        return Banner("Press a key to start", theme.seat(people[0][0]), tuple(told), session.hint())
    return None
