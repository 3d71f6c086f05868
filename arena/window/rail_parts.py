"""How each piece of what stands beside the boards is drawn, in the box that it is given."""

from collections.abc import Sequence

import numpy as np
import pygame

from agents.agent import Insight
from arena.matches.match import Match
from arena.window import heat, telling, theme
from arena.window.bout import Bout
from arena.window.following import Following, Story, shared_curve
from arena.window.insight import draw_bars
from arena.window.layout import Rect
from arena.window.lens import TITLES, Layer
from arena.window.lettering import fitted, font, text
from arena.window.session import Session
from arena.window.telling import steps
from arena.window.theme import Colour


def titled(surface: pygame.Surface, title: str, now: str, colour: Colour, box: Rect, size: int) -> Rect:
    """A title with the latest figure at its right; returns the room below."""
    figure = text(now, round(size * 1.15), colour)
    surface.blit(figure, (box.right - figure.get_width(), box.y))
    surface.blit(fitted(title, size, theme.TEXT, box.width - figure.get_width() - size), (box.x, box.y))
    top = round(size * 1.4)
    return Rect(box.x, box.y + top, box.width, max(box.height - top, 0))


def put_in_middle(surface: pygame.Surface, words: str, box: Rect, size: int) -> None:
    drawn = fitted(words, size, theme.MUTED, box.width)
    surface.blit(drawn, drawn.get_rect(center=(box.x + box.width // 2, box.y + box.height // 2)))


def head_height(learner: Following, width: int, size: int) -> int:
    """Of `head` in a box that is so wide: what is trained gets a line of its own where one is too short."""
    _, name, about, state = _head(learner, theme.TEXT, size)
    one = name.get_width() + about.get_width() + state.get_width() + 3 * size // 2 <= width
    return 2 * size if one else 3 * size


def head(surface: pygame.Surface, learner: Following, seat: int, box: Rect, size: int) -> None:
    """● ppo  maze/run, seed 1                    training"""
    words, name, about, state = _head(learner, theme.seat(seat), size)
    two_lines = box.height >= 3 * size
    middle = box.y + (size * 2 // 3 if two_lines else box.height // 2)
    surface.blit(state, (box.right - state.get_width(), middle - state.get_height() // 2))
    surface.blit(name, (box.x, middle - name.get_height() // 2))
    if two_lines:
        about = fitted(words, size, theme.MUTED, box.width)
        surface.blit(about, (box.x, box.y + size * 3 // 2))
    else:
        surface.blit(about, (box.x + name.get_width() + size // 2, middle - about.get_height() // 2))


def _head(
    learner: Following, colour: Colour, size: int
) -> tuple[str, pygame.Surface, pygame.Surface, pygame.Surface]:
    """What is trained, in words; the agent's name, these words, and what it does now."""
    run = learner.run
    words, (doing, tint) = f"{run.game}, seed {run.seed}", telling.state_of_run(learner.story)
    name = text(run.agent, round(size * 1.3), colour)
    return words, name, text(words, size, theme.MUTED), text(doing, size, tint)


def progress(surface: pygame.Surface, learner: Following, seat: int, box: Rect, size: int) -> None:
    """How far, how fast, how old the weights are that play; and a bar."""
    story = learner.story
    told = [(steps(story.step), f"of {steps(story.run.total_steps)} steps")]
    if story.state != "running":
        told.append((telling.clock(story.seconds), "of training"))
    elif story.rate:
        told.append((f"{story.rate:,.0f}", "steps/s"))
    if learner.facing is not None:
        taken = f"plays, {telling.ago(learner.age)}" if story.state == "running" else "plays"
        told.append((steps(learner.facing), taken))
    _figures(surface, told, box, size)
    bar = pygame.Rect(box.x, box.y + round(size * 2.9), box.width, max(size // 4, 3))
    pygame.draw.rect(surface, theme.LINE, bar, border_radius=bar.height // 2)
    share = min(story.step / max(story.run.total_steps, 1), 1.0)
    bar.width = max(round(bar.width * share), bar.height)
    pygame.draw.rect(surface, theme.seat(seat), bar, border_radius=bar.height // 2)


def _figures(surface: pygame.Surface, told: Sequence[tuple[str, str]], box: Rect, size: int) -> None:
    """Figures side by side, with what each means below it. Each takes the room that its words need, and what
    is left over stands between them; where that is nothing, the words are smaller."""
    gap = size // 2
    for scale in (1.0, 0.85, 0.7):
        big, small = round(size * 1.25 * scale), round(size * 0.9 * scale)
        cells = [(text(f, big, theme.TEXT), text(m, small, theme.MUTED)) for f, m in told]
        wide = [max(figure.get_width(), meaning.get_width()) for figure, meaning in cells]
        spare = box.width - sum(wide) - gap * (len(cells) - 1)
        if spare >= 0:
            break
    x = box.x
    for (figure, meaning), room in zip(cells, wide, strict=True):
        surface.blit(figure, (x, box.y))
        surface.blit(meaning, (x, box.y + round(size * 1.4)))
        x += room + gap + max(spare, 0) // len(cells)


def players(surface: pygame.Surface, bout: Bout, box: Rect, size: int) -> None:
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


def table(
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
        now = latest(story, figure) if figure else ""
        cells = [
            (learner.label, colour),
            (steps(story.step), theme.TEXT),
            (rate, theme.TEXT if running else theme.MUTED),
            (now, theme.TEXT),
        ]
        line(y, cells)


def latest(story: Story, figure: str) -> str:
    value = next((float(c.values[-1]) for c in story.curves if c.figure == figure), None)
    if value is None:
        return ""
    return f"{value:.0%}" if figure == "solved" else f"{value + 0.0:,.4g}"


def rows(
    surface: pygame.Surface,
    names: Sequence[str],
    thought: Insight,
    colour: Colour,
    box: Rect,
    size: int,
) -> None:
    """A line for each action: its name, a bar, a figure."""
    inner = titled(surface, telling.what_bars_mean(thought), "", colour, box, size)
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


def columns(
    surface: pygame.Surface,
    names: Sequence[str],
    thoughts: Sequence[tuple[int, Insight]],
    box: Rect,
    size: int,
) -> None:
    """The bars of each player side by side, two players a row."""
    inner = titled(surface, telling.what_bars_mean(thoughts[0][1]), "", theme.TEXT, box, size)
    across = min(len(thoughts), 2)
    down = -(-len(thoughts) // across)
    wide, tall = (inner.width + size) // across, inner.height // down
    for number, (seat, thought) in enumerate(thoughts):
        row, column = divmod(number, across)
        place = Rect(inner.x + column * wide, inner.y + row * tall, wide - size, tall - size // 3)
        draw_bars(surface, names, thought, place, theme.seat(seat), size)


def legend(
    surface: pygame.Surface, match: Match, seat: int, layer: Layer, shared: bool, box: Rect, size: int
) -> None:
    title = TITLES[layer.kind]
    if shared:
        title += f", seat {seat + 1}"
    elif len(match.players) > 1 and not layer.glows:
        title += " to each" if layer.kind == "values" else ", each"
    inner = titled(surface, title, "", theme.TEXT, box, size)
    if shared:
        radius = max(size // 4, 3)
        pygame.draw.circle(surface, theme.seat(seat), (box.right - radius, box.y + size // 3), radius)
    heat.draw_scale(surface, layer, theme.seat(seat), inner._replace(height=size), round(size * 0.9))
