"""A small live picture of a game for the launcher: somebody who can, playing it over and over. No window."""

import base64
import hashlib
import time
from collections.abc import Iterator
from typing import Any

from arena.errors import ArenaError
from arena.games import catalog
from arena.matches.match import Match
from arena.matches.player import Player
from arena.store.records import in_figures
from arena.window.bout import glides
from arena.window.pictures import fitted
from arena.window.session import Report
from arena.window.signals import asked_to_end

PICTURES = 10
"""A second."""

REST = 1.5
"""Seconds that the end of a match stands."""


def run(game_id: str, player: str | None, columns: int, rows: int, report: Report) -> None:
    """Play `game_id` and report a `picture` event ten times a second: `width`, `height` and base64 `rgb`
    (row by row), at most `columns` wide and twice `rows` high. Ends on SIGTERM.

    Raises ArenaError or UsageError where the game or the player cannot be had.
    """

    with asked_to_end() as asked:
        seated = _players(game_id, player)
        report({"event": "started", "game": game_id, "players": [p.identity.name for p in seated]})
        number = 0
        while not asked:
            match = Match(game_id, seated, _seed(game_id, number))
            try:
                for event in _pictures(match, columns, rows):
                    report(event)
                    if asked:
                        break
            finally:
                match.close()
            number += 1
    report({"event": "closed"})


def _players(game_id: str, name: str | None) -> list[Player]:
    """As many as the game needs: `name`, or else who plays it best here and can be had."""
    from arena.matches import roster

    entry = catalog.find(game_id)
    if name is not None:
        return [roster.resolve(name, game_id) for _ in range(min(entry.seats))]
    names = [
        c.name for c in roster.available(game_id) if c.why_not is None and c.name not in ("human", "noop")
    ]
    for candidate in names:
        try:
            return [roster.resolve(candidate, game_id) for _ in range(min(entry.seats))]
        except ArenaError:  # a damaged champion is told of elsewhere; the game can still be shown
            continue
    return [roster.resolve("random", game_id) for _ in range(min(entry.seats))]


def _pictures(match: Match, columns: int, rows: int) -> Iterator[dict[str, Any]]:
    """One match at its own speed, asleep most of the time; a picture is not sent twice."""
    game = match.games[0]
    rate = game.spec.tick_rate
    began, sent = time.monotonic(), b""
    ended = None
    while ended is None or time.monotonic() < ended + REST:
        due = (time.monotonic() - began) * rate
        if due > match.ticks + rate:  # a second late: this machine is busy, so go on from here
            began, due = began + (due - match.ticks) / rate, float(match.ticks)
        while not match.finished and match.ticks + 1 <= due:
            match.tick()
        if match.finished and ended is None:
            ended = time.monotonic()
        blend = min(max(due - match.ticks, 0.0), 1.0) if glides(game.spec) and ended is None else 1.0
        picture = fitted(game.frame(None, blend=blend), columns, 2 * rows)
        if (rgb := picture.tobytes()) != sent:
            sent = rgb
            yield {
                "event": "picture",
                "width": picture.shape[1],
                "height": picture.shape[0],
                "rgb": base64.b64encode(rgb).decode("ascii"),
                "scores": [in_figures(score) for score in match.scores],
            }
        time.sleep(1 / PICTURES)


def _seed(game_id: str, number: int) -> int:
    content = f"preview {game_id} {number}".encode()
    return int.from_bytes(hashlib.blake2b(content, digest_size=4).digest(), "little") >> 1
