"""What stands beside the boards while learners are watched: how they learn, and what they think.

One learner: how far it is, its curve, the value of what it sees, its actions. Several: one chart of all
their curves, and a line for each. Agents that do not learn have no curve. What there is no room for is left
out, the least telling first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pygame

from agents.agent import Insight
from arena.window import rail_parts as paint
from arena.window import theme
from arena.window.bout import HISTORY, Bout
from arena.window.chart import Axes, Line, across, axes, draw_chart
from arena.window.following import Following, shared_curve
from arena.window.layout import Rect
from arena.window.session import Session

NARROWEST = 15
"""The rail's least width, in text heights."""

LOWEST = 13
"""Its least height, where it lies below the boards."""

ROWS = 8
"""Actions that get a line each; more of them stand side by side."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the rail, from top to bottom."""

    least: int
    """Its least height, in pixels."""
    grows: float
    """Its share of the height that is left over."""
    matters: int
    """Where there is no room for all, the greatest go first."""
    draw: Callable[[Rect], None]


class Rail:
    """Draws it; remembers all of it from picture to picture, and the charts for longer."""

    def __init__(self) -> None:
        self._drawn: tuple[object, pygame.Surface] | None = None
        self._kept: list[object] = []
        """What is told apart by its identity, which must not be taken by something else meanwhile."""
        self._charts: dict[str, tuple[object, pygame.Surface]] = {}

    def draw(
        self,
        surface: pygame.Surface,
        session: Session,
        box: Rect,
        size: int,
        thoughts: Sequence[Insight | None] | None,
        bars: bool,
    ) -> None:
        """Everything in `box`; `thoughts` by seat, where they are to be shown, `bars` for the actions too."""
        if box.width < 1 or box.height < 1:
            return
        learners, layer, bout = session.learners(), session.layer_of_interest(), session.bout
        assert bout is not None
        stories = [learner.story for _, learner in learners]
        known = [(learner.facing, int(learner.age), learner.label) for _, learner in learners]
        looks = box[2:], size, bars, thoughts is None, surface.get_bitsize()
        content = (*map(id, (bout, layer and layer[1], *stories)), *known, bout.decision)
        if self._drawn is None or self._drawn[0] != (looks, content):
            drawn = pygame.Surface(box[2:], depth=surface.get_bitsize())
            self._draw(drawn, session, size, thoughts, bars)
            self._drawn, self._kept = ((looks, content), drawn), [bout, layer, *stories]
        surface.blit(self._drawn[1], box[:2])

    def _draw(
        self,
        surface: pygame.Surface,
        session: Session,
        size: int,
        thoughts: Sequence[Insight | None] | None,
        bars: bool,
    ) -> None:
        box = Rect(0, 0, *surface.get_size())
        surface.fill(theme.BACKGROUND)
        pygame.draw.rect(surface, theme.CARD, box, border_radius=size // 3)
        pad = size * 2 // 3
        inner = Rect(box.x + pad, box.y + pad, box.width - 2 * pad, box.height - 2 * pad)
        if inner.width < 4 * size or inner.height < 2 * size:
            return
        below = inner.width > 2.2 * inner.height  # then it has two columns
        half = (inner.width - 2 * pad) // 2
        parts = self._parts(surface, session, half if below else inner.width, size, thoughts, bars)
        if below and len(parts) > 1:
            first = [part for part in parts if part.matters <= 2]
            rest = [part for part in parts if part.matters > 2]
            _stack(first, inner._replace(width=half), size)
            _stack(rest, Rect(inner.x + half + 2 * pad, inner.y, half, inner.height), size)
        else:
            _stack(parts, inner, size)

    def _parts(
        self,
        surface: pygame.Surface,
        session: Session,
        width: int,
        size: int,
        thoughts: Sequence[Insight | None] | None,
        bars: bool,
    ) -> list[Part]:
        """What there is to tell, for columns of that width."""
        bout = session.bout
        assert bout is not None
        learners = session.learners()
        parts = []
        if len(learners) == 1:
            [(seat, learner)] = learners
            tall = paint.head_height(learner, width, size)
            parts.append(Part(tall, 0, 0, lambda box: paint.head(surface, learner, seat, box, size)))
            parts.append(
                Part(
                    round(3.3 * size),
                    0,
                    1,
                    lambda box: paint.progress(surface, learner, seat, box, size),
                )
            )
        elif not learners:
            parts.append(Part(4 * size, 0, 0, lambda box: paint.players(surface, bout, box, size)))
        if learners:
            parts.append(Part(5 * size, 3, 2, lambda box: self._curves(surface, learners, box, size)))
        if len(learners) > 1:
            tall = round(1.35 * size * (len(learners) + 1))
            parts.append(Part(tall, 0, 1, lambda box: paint.table(surface, session, learners, box, size)))
        if thoughts is not None:
            parts += self._thinking(surface, session, thoughts, size, bars)
        layer = session.layer_of_interest()
        if layer is not None:
            seat, shown = layer
            shared = any(len(sight.seats) > 1 for sight in bout.sights(session.whole))
            parts.append(
                Part(
                    round(2.8 * size),
                    0,
                    3,
                    lambda box: paint.legend(surface, bout.match, seat, shown, shared, box, size),
                )
            )
        return parts

    def _thinking(
        self,
        surface: pygame.Surface,
        session: Session,
        thoughts: Sequence[Insight | None],
        size: int,
        bars: bool,
    ) -> list[Part]:
        bout = session.bout
        assert bout is not None
        parts = []
        valued = [seat for seat, values in enumerate(bout.values) if values]
        if valued:
            parts.append(Part(4 * size, 1.6, 4, lambda box: self._values(surface, bout, valued, box, size)))
        known = [(seat, thought) for seat, thought in enumerate(thoughts) if thought is not None]
        if not bars or not known:
            return parts
        names = bout.match.games[0].spec.actions
        if len(known) == 1 and len(names) <= ROWS:
            [(seat, thought)] = known
            least = round(1.4 * size + 1.2 * size * len(names))
            parts.append(
                Part(
                    least,
                    0,
                    5,
                    lambda box: paint.rows(surface, names, thought, theme.seat(seat), box, size),
                )
            )
        else:
            least = round(1.4 * size) + 5 * size // 2 * -(-len(known) // 2)
            parts.append(Part(least, 1, 5, lambda box: paint.columns(surface, names, known, box, size)))
        return parts

    def _curves(
        self, surface: pygame.Surface, learners: Sequence[tuple[int, Following]], box: Rect, size: int
    ) -> None:
        stories = [learner.story for _, learner in learners]
        figure = shared_curve(stories)
        now = ""
        if len(learners) == 1 and figure is not None:
            now = paint.latest(stories[0], figure)
        title = {"solved": "levels solved", "return": "return"}.get(figure or "", "learning curve")
        inner = paint.titled(surface, title, now, theme.seat(learners[0][0]), box, size)
        if figure is None:
            waiting = any(story.state == "running" for story in stories)
            words = "the curve begins with the first figures" if waiting else "there are no figures"
            paint.put_in_middle(surface, words, inner, size)
            return

        def draw(chart: pygame.Surface, room: Rect) -> None:
            lines = [
                Line(curve.steps, curve.values, theme.seat(seat))
                for seat, learner in learners
                for curve in learner.story.curves
                if curve.figure == figure
            ]
            end = max(float(story.run.total_steps) for story in stories)
            around = axes(lines, end, figure, max(room.height // (3 * size), 1))
            last, words = around.ticks[-1]
            around = around._replace(ticks=[*around.ticks[:-1], (last, f"{words} steps")])
            draw_chart(chart, lines, around, room, round(size * 0.85))

        self._chart(surface, "curve", tuple(id(story) for story in stories), inner, draw)

    def _values(
        self, surface: pygame.Surface, bout: Bout, seats: Sequence[int], box: Rect, size: int
    ) -> None:
        every = bout.match.games[0].spec.ticks_per_decision
        seconds = HISTORY * every / bout.pace.tick_rate
        now = f"{bout.values[seats[0]][-1]:+.2f}" if len(seats) == 1 else ""
        inner = paint.titled(
            surface, f"state value, last {seconds:.0f} s", now, theme.seat(seats[0]), box, size
        )

        def draw(chart: pygame.Surface, room: Rect) -> None:
            lines = []
            for seat in seats:
                values = np.array(bout.values[seat], np.float64)
                lines.append(
                    Line(
                        np.linspace(HISTORY - len(values), HISTORY - 1, len(values)), values, theme.seat(seat)
                    )
                )
            low, high, ruled = across(*bout.value_range, max(room.height // (3 * size), 1))
            marks = [(at, f"{at + 0.0:.4g}") for at in ruled]
            around = Axes(low, high, 0.0, HISTORY - 1.0, marks, ())
            draw_chart(chart, lines, around, room, round(size * 0.85))

        self._chart(surface, "values", (id(bout), bout.decisions), inner, draw)

    def _chart(
        self,
        surface: pygame.Surface,
        name: str,
        content: object,
        box: Rect,
        draw: Callable[[pygame.Surface, Rect], None],
    ) -> None:
        """Draw a chart where what it shows has changed, else what was drawn before."""
        if box.width < 8 or box.height < 8:
            return
        key = (content, box.width, box.height, surface.get_bitsize())
        known = self._charts.get(name)
        if known is None or known[0] != key:
            drawn = pygame.Surface((box.width, box.height), depth=surface.get_bitsize())
            drawn.fill(theme.CARD)
            draw(drawn, Rect(0, 0, box.width, box.height))
            known = key, drawn
            self._charts[name] = known
        surface.blit(known[1], box[:2])


def _stack(parts: Sequence[Part], box: Rect, size: int) -> None:
    """Parts one below the other, as many as there is room for."""
    gap = size // 2
    shown = list(parts)
    while shown and sum(part.least for part in shown) + gap * (len(shown) - 1) > box.height:
        shown.remove(max(shown, key=lambda part: part.matters))
    left = box.height - sum(part.least for part in shown) - gap * max(len(shown) - 1, 0)
    grows = sum(part.grows for part in shown) or 1.0
    y = box.y
    for part in shown:
        tall = part.least + round(left * part.grows / grows)
        part.draw(Rect(box.x, y, box.width, tall))
        y += tall + gap
