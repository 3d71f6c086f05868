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
from arena.matches.match import Match
from arena.window import heat, telling, theme
from arena.window.bout import HISTORY, Bout
from arena.window.chart import Axes, Line, across, axes, draw_chart
from arena.window.following import Following, Story, shared_curve
from arena.window.insight import draw_bars
from arena.window.layout import Rect
from arena.window.lens import TITLES, Layer
from arena.window.lettering import fitted, font, text
from arena.window.session import Session
from arena.window.telling import steps
from arena.window.theme import Colour

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
        parts = self._parts(surface, session, size, thoughts, bars)
        if inner.width > 2.2 * inner.height and len(parts) > 1:  # below the boards: in two columns
            half = (inner.width - 2 * pad) // 2
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
        size: int,
        thoughts: Sequence[Insight | None] | None,
        bars: bool,
    ) -> list[Part]:
        bout = session.bout
        assert bout is not None
        learners = session.learners()
        parts = []
        if len(learners) == 1:
            [(seat, learner)] = learners
            parts.append(Part(2 * size, 0, 0, lambda box: _head(surface, learner, seat, box, size)))
            parts.append(
                Part(round(3.3 * size), 0, 1, lambda box: _progress(surface, learner, seat, box, size))
            )
        elif not learners:
            parts.append(Part(4 * size, 0, 0, lambda box: _players(surface, bout, box, size)))
        if learners:
            parts.append(Part(5 * size, 3, 2, lambda box: self._curves(surface, learners, box, size)))
        if len(learners) > 1:
            tall = round(1.35 * size * (len(learners) + 1))
            parts.append(Part(tall, 0, 1, lambda box: _table(surface, session, learners, box, size)))
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
                    lambda box: _legend(surface, bout.match, seat, shown, shared, box, size),
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
                Part(least, 0, 5, lambda box: _rows(surface, names, thought, theme.seat(seat), box, size))
            )
        else:
            least = round(1.4 * size) + 5 * size // 2 * -(-len(known) // 2)
            parts.append(Part(least, 1, 5, lambda box: _columns(surface, names, known, box, size)))
        return parts

    def _curves(
        self, surface: pygame.Surface, learners: Sequence[tuple[int, Following]], box: Rect, size: int
    ) -> None:
        stories = [learner.story for _, learner in learners]
        figure = shared_curve(stories)
        now = ""
        if len(learners) == 1 and figure is not None:
            now = _now(stories[0], figure)
        title = {"solved": "levels solved", "return": "return"}.get(figure or "", "learning curve")
        inner = _titled(surface, title, now, theme.seat(learners[0][0]), box, size)
        if figure is None:
            waiting = any(story.state == "running" for story in stories)
            words = "the curve begins with the first figures" if waiting else "there are no figures"
            _put_in_middle(surface, words, inner, size)
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
        inner = _titled(surface, f"state value, last {seconds:.0f} s", now, theme.seat(seats[0]), box, size)

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


def _titled(surface: pygame.Surface, title: str, now: str, colour: Colour, box: Rect, size: int) -> Rect:
    """A title with the latest figure at its right; returns the room below."""
    figure = text(now, round(size * 1.15), colour)
    surface.blit(figure, (box.right - figure.get_width(), box.y))
    surface.blit(fitted(title, size, theme.TEXT, box.width - figure.get_width() - size), (box.x, box.y))
    top = round(size * 1.4)
    return Rect(box.x, box.y + top, box.width, max(box.height - top, 0))


def _put_in_middle(surface: pygame.Surface, words: str, box: Rect, size: int) -> None:
    drawn = fitted(words, size, theme.MUTED, box.width)
    surface.blit(drawn, drawn.get_rect(center=(box.x + box.width // 2, box.y + box.height // 2)))


def _head(surface: pygame.Surface, learner: Following, seat: int, box: Rect, size: int) -> None:
    """● ppo  maze/run, seed 1                    training"""
    run, colour, middle = learner.run, theme.seat(seat), box.y + box.height // 2
    words, tint = telling.state_of_run(learner.story)
    state = text(words, size, tint)
    surface.blit(state, (box.right - state.get_width(), middle - state.get_height() // 2))
    room = box.width - state.get_width() - size
    name = fitted(run.agent, round(size * 1.3), colour, room)
    surface.blit(name, (box.x, middle - name.get_height() // 2))
    x = box.x + name.get_width() + size // 2
    about = fitted(f"{run.game}, seed {run.seed}", size, theme.MUTED, max(box.x + room - x, 0))
    surface.blit(about, (x, middle - about.get_height() // 2))


def _progress(surface: pygame.Surface, learner: Following, seat: int, box: Rect, size: int) -> None:
    """How far, how fast, how old the weights are that play; and a bar."""
    story, third = learner.story, box.width // 3
    cells = [(steps(story.step), f"of {steps(story.run.total_steps)} steps")]
    if story.state != "running":
        cells.append((telling.clock(story.seconds), "of training"))
    elif story.rate:
        cells.append((f"{story.rate:,.0f}", "steps/s"))
    if learner.facing is not None:
        taken = f"plays, {telling.ago(learner.age)}" if story.state == "running" else "plays"
        cells.append((steps(learner.facing), taken))
    for number, (figure, meaning) in enumerate(cells):
        x, room = box.x + number * third, third - size // 2
        surface.blit(fitted(figure, round(size * 1.25), theme.TEXT, room), (x, box.y))
        surface.blit(fitted(meaning, round(size * 0.9), theme.MUTED, room), (x, box.y + round(size * 1.4)))
    bar = pygame.Rect(box.x, box.y + round(size * 2.9), box.width, max(size // 4, 3))
    pygame.draw.rect(surface, theme.LINE, bar, border_radius=bar.height // 2)
    share = min(story.step / max(story.run.total_steps, 1), 1.0)
    bar.width = max(round(bar.width * share), bar.height)
    pygame.draw.rect(surface, theme.seat(seat), bar, border_radius=bar.height // 2)


def _players(surface: pygame.Surface, bout: Bout, box: Rect, size: int) -> None:
    """Who plays, where nobody learns."""
    identity = bout.match.players[0].identity
    name = fitted(identity.name, round(size * 1.3), theme.seat(0), box.width)
    surface.blit(name, (box.x, box.y))
    y, words = box.y + round(size * 1.6), identity.detail.split()
    while words and y + size <= box.bottom:
        line = next(
            (n for n in range(len(words), 1, -1) if font(size).size(" ".join(words[:n]))[0] <= box.width), 1
        )
        surface.blit(fitted(" ".join(words[:line]), size, theme.MUTED, box.width), (box.x, y))
        y, words = y + round(size * 1.2), words[line:]


def _table(
    surface: pygame.Surface,
    session: Session,
    learners: Sequence[tuple[int, Following]],
    box: Rect,
    size: int,
) -> None:
    """A line for each learner: its name, its step, its speed, and where its curve is now."""
    figure = shared_curve([learner.story for _, learner in learners])
    row = box.height / (len(learners) + 1)
    ends = [round(box.width * share) for share in (0.36, 0.58, 0.8, 1.0)]
    heads = ("", "step", "steps/s", figure or "")
    small = round(size * 0.9)

    def line(y: float, cells: Sequence[tuple[str, Colour]]) -> None:
        left = 0
        for number, ((words, colour), end) in enumerate(zip(cells, ends, strict=True)):
            drawn = fitted(words, size if number == 0 else small, colour, end - left - size // 3)
            x = box.x + size if number == 0 else box.x + end - drawn.get_width()
            surface.blit(drawn, (x, y + (row - drawn.get_height()) / 2))
            left = end

    line(box.y, [(words, theme.MUTED) for words in heads])
    for number, (seat, learner) in enumerate(learners, start=1):
        y, story, colour = box.y + number * row, learner.story, theme.seat(seat)
        radius = max(size // 4, 3)
        filled = 0 if story.state == "running" else 1
        pygame.draw.circle(surface, colour, (box.x + radius, y + row / 2), radius, filled)
        running = story.state == "running"
        rate = f"{story.rate:,.0f}" if running and story.rate else telling.state_of_run(story)[0]
        now = _now(story, figure) if figure else ""
        cells = [
            (learner.label, colour),
            (steps(story.step), theme.TEXT),
            (rate, theme.TEXT if running else theme.MUTED),
            (now, theme.TEXT),
        ]
        line(y, cells)


def _now(story: Story, figure: str) -> str:
    value = next((float(c.values[-1]) for c in story.curves if c.figure == figure), None)
    if value is None:
        return ""
    return f"{value:.0%}" if figure == "solved" else f"{value + 0.0:,.4g}"


def _rows(
    surface: pygame.Surface,
    names: Sequence[str],
    thought: Insight,
    colour: Colour,
    box: Rect,
    size: int,
) -> None:
    """A line for each action: its name, a bar, a figure."""
    inner = _titled(surface, telling.what_bars_mean(thought), "", colour, box, size)
    lengths, numbers = telling.bars(thought), thought.actions[0]
    best = int(np.argmax(lengths))
    row = min(inner.height / len(names), 1.9 * size)
    figures = [f"{n:.0%}" if thought.kind == "probability" else f"{n:+,.2f}" for n in numbers]
    room = max(text(each, size, theme.TEXT).get_width() for each in figures)
    label = min(max(text(name, size, theme.TEXT).get_width() for name in names), inner.width // 3)
    for action, (name, figure) in enumerate(zip(names, figures, strict=True)):
        y, tint = inner.y + action * row, theme.TEXT if action == best else theme.MUTED
        words, number = fitted(name, size, tint, label), text(figure, size, tint)
        surface.blit(words, (inner.x, y + (row - words.get_height()) / 2))
        surface.blit(number, (inner.right - number.get_width(), y + (row - number.get_height()) / 2))
        left, right = inner.x + label + size // 2, inner.right - room - size // 2
        tall = max(round(row * 0.5), 3)
        bar = pygame.Rect(left, round(y + (row - tall) / 2), max(right - left, 1), tall)
        pygame.draw.rect(surface, theme.LINE, bar, border_radius=2)
        bar.width = max(round(bar.width * float(lengths[action])), 1)
        shown = colour if action == best else theme.mix(theme.CARD, colour, 0.5)
        pygame.draw.rect(surface, shown, bar, border_radius=2)


def _columns(
    surface: pygame.Surface,
    names: Sequence[str],
    thoughts: Sequence[tuple[int, Insight]],
    box: Rect,
    size: int,
) -> None:
    """The bars of each player side by side, two players a row."""
    inner = _titled(surface, telling.what_bars_mean(thoughts[0][1]), "", theme.TEXT, box, size)
    across = min(len(thoughts), 2)
    down = -(-len(thoughts) // across)
    wide, tall = (inner.width + size) // across, inner.height // down
    for number, (seat, thought) in enumerate(thoughts):
        row, column = divmod(number, across)
        place = Rect(inner.x + column * wide, inner.y + row * tall, wide - size, tall - size // 3)
        draw_bars(surface, names, thought, place, theme.seat(seat), size)


def _legend(
    surface: pygame.Surface, match: Match, seat: int, layer: Layer, shared: bool, box: Rect, size: int
) -> None:
    title = TITLES[layer.kind]
    if shared:
        title += f", seat {seat + 1}"
    elif len(match.players) > 1 and not layer.glows:
        title += " to each" if layer.kind == "values" else ", each"
    inner = _titled(surface, title, "", theme.TEXT, box, size)
    if shared:
        radius = max(size // 4, 3)
        pygame.draw.circle(surface, theme.seat(seat), (box.right - radius, box.y + size // 3), radius)
    heat.draw_scale(surface, layer, theme.seat(seat), inner._replace(height=size), round(size * 0.9))
