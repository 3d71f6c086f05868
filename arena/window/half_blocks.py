"""The same match in the terminal: half-block characters, two pixels each, and words. Works over SSH."""

import contextlib
import math
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from agents.agent import Insight
from arena.errors import ArenaError
from arena.store.records import in_figures
from arena.window import telling, theme
from arena.window.banner import Banner, banner
from arena.window.bout import Bout, Sight
from arena.window.canvas import Canvas
from arena.window.exploring import LEGENDS, Exploring
from arena.window.layout import Place, Rect, Shape, arrange
from arena.window.pictures import fitted
from arena.window.session import Session
from arena.window.terminal_keys import READABLE, TerminalKeys

if TYPE_CHECKING:
    from arena.window.following import Following

PICTURES = 30
"""A second, at most: a slow line gets fewer, and the match keeps its time."""

NARROWEST = 26
"""A panel's least width, in characters."""

LOWEST = 14
"""Lines that a terminal has at least where learners get a line each."""

SPARK = 16
"""Characters of a learning curve."""


def run(session: Session, signalled: Sequence[int]) -> None:
    """Show `session` until it is left, or `signalled` has something in it. Raises ArenaError as `check`."""
    check(session)
    session.lens = None  # maps over the boards need finer pixels
    with _alternate_screen(), TerminalKeys(sys.stdin.fileno()) as keys:
        canvas = Canvas(sys.stdout.fileno())
        last = time.perf_counter()
        while not session.closed and not signalled:
            began = time.perf_counter()
            keys.handle(session, began)
            session.update(began - last)
            last = began
            size = os.get_terminal_size(sys.stdout.fileno())
            canvas.begin(size.columns or 80, size.lines or 24)  # some serial lines do not know their size
            draw(canvas, session, by_repeat=not keys.releases_known)
            canvas.show()
            keys.wait(began + 1 / min(PICTURES, session.pictures) - time.perf_counter())


def check(session: Session, no_display: str = "") -> None:
    """Raises ArenaError where stdout is no terminal whose keys can be read, or a person should play and
    stdin is none.

    `no_display` is why it is not drawn in a window, if that was wanted.
    """
    if not sys.stdout.isatty():
        why = f"{no_display}, and the output is no terminal" if no_display else "the output is no terminal"
        raise ArenaError(f"{why}: nothing to draw on; run it in a terminal")
    if not READABLE:
        why = f"{no_display}, and " if no_display else ""
        raise ArenaError(
            f"{why}single keys cannot be read in a terminal on {sys.platform}; it needs a window"
        )
    if session.joysticks and not sys.stdin.isatty():
        raise ArenaError("a person cannot play here: the input is not a keyboard")


def draw(canvas: Canvas, session: Session, *, by_repeat: bool) -> None:
    """Everything on `canvas`, which is blank."""
    bout = session.bout
    if isinstance(session, Exploring):
        _atlas(canvas, session)
    if bout is not None:
        thoughts = bout.think() if session.insight else None
        sights = bout.sights(session.whole)
        learners = session.learners() if session.rail and canvas.lines >= LOWEST else []
        session.rail_shown = bool(learners)
        for sight, place in zip(sights, _places(canvas, bout, sights, thoughts, len(learners)), strict=True):
            _panel(canvas, session, sight, place, thoughts)
        for number, (seat, learner) in enumerate(learners):
            _learner(canvas, seat, learner, canvas.lines - 1 - len(learners) + number)
        _footer(canvas, session, by_repeat)
    _overlay(canvas, session)


def _atlas(canvas: Canvas, session: Exploring) -> None:
    """The map of an archive, its figures in a line above, and the keys below."""
    survey, atlas = session.surveyor.survey, session.atlas
    if atlas is None or not survey.screens:
        return
    story, x = session.following.story, 0
    told = [(figure, meaning) for figure, meaning in session.figures()]
    if story.state == "running":
        told.append((telling.steps(story.step), f"of {telling.steps(story.run.total_steps)} steps"))
    x = canvas.words(0, 0, story.run.agent, theme.seat(0), bold=True) + 2
    for figure, meaning in told:
        if x + len(figure) + len(meaning) + 1 > canvas.columns:
            break
        x = canvas.words(0, x, figure, theme.TEXT) + 1
        x = canvas.words(0, x, meaning, theme.MUTED) + 2
    canvas.picture(1, 0, session.map(canvas.columns, max(2 * (canvas.lines - 2), 2)))
    canvas.words(canvas.lines - 1, 0, f"colours: {LEGENDS[session.measure][0]}", theme.MUTED)
    hint = "O colours   H keys   Esc leave"
    canvas.words(canvas.lines - 1, canvas.columns - len(hint), hint, theme.MUTED)


def _banner(canvas: Canvas, told: Banner) -> None:
    """Over the bottom line; where that is too short, less of it."""

    def length(banner: Banner) -> int:
        words = [banner.head, *(part for part, _ in banner.words), banner.hint]
        return sum(len(each) + 3 for each in words if each) - 3

    shorter = (each for each in told.ever_shorter() if length(each) <= canvas.columns)
    told = next(shorter, Banner(told.head, told.accent))
    line, x = canvas.lines - 1, 0
    canvas.words(line, 0, " " * canvas.columns, theme.TEXT, over=theme.CARD)
    for number, (words, colour) in enumerate([(told.head, told.accent), *told.words]):
        x = canvas.words(line, x, words, colour, bold=number == 0, over=theme.CARD) + 3
    canvas.words(line, canvas.columns - len(told.hint), told.hint, theme.TEXT, over=theme.CARD)


def _places(
    canvas: Canvas, bout: Bout, sights: list[Sight], thoughts: list[Insight | None] | None, learners: int
) -> list[Place]:
    shapes = []
    for sight in sights:
        height, width = bout.shape(sight)
        strip = 2 * len(sight.seats) if thoughts is not None else 0
        narrowest = NARROWEST * min(len(sight.seats), 2)
        shapes.append(Shape(width, height, 2 * _header_lines(sight, canvas.columns), strip, narrowest))
    return arrange(Rect(0, 0, canvas.columns, max(2 * (canvas.lines - 1 - learners), 1)), shapes, gap=2)


def _header_lines(sight: Sight, columns: int) -> int:
    return 1 if columns >= NARROWEST * len(sight.seats) else len(sight.seats)


def _panel(
    canvas: Canvas, session: Session, sight: Sight, place: Place, thoughts: list[Insight | None] | None
) -> None:
    bout = session.bout
    assert bout is not None
    line = place.block.y // 2
    rows = place.header.height // 2
    count = len(sight.seats)
    for index, seat in enumerate(telling.from_the_left(sight.game.spec, sight.seats)):
        if rows >= count:
            _name_plate(canvas, session, seat, line + index, place.block.x, place.block.width)
        elif rows:
            left = place.block.x + place.block.width * index // count
            right = place.block.x + place.block.width * (index + 1) // count - (2 if index < count - 1 else 0)
            _name_plate(canvas, session, seat, line, left, right - left)
    line += rows
    if min(place.picture.width, place.picture.height) > 0:
        picture = fitted(bout.frame(sight), place.picture.width, place.picture.height)
        left = place.picture.x + (place.picture.width - picture.shape[1]) // 2
        canvas.picture(line, left, picture)
        line += math.ceil(picture.shape[0] / 2)
    if thoughts is not None and place.strip.height:
        for index, seat in enumerate(sight.seats):
            _thought(canvas, bout, seat, thoughts[seat], line + index, place.block)


def _name_plate(canvas: Canvas, session: Session, seat: int, line: int, left: int, width: int) -> None:
    bout = session.bout
    assert bout is not None
    match, colour = bout.match, theme.seat(seat)
    told, state = session.plate(seat)
    score = in_figures(match.scores[seat])
    canvas.words(line, left + width - len(score), score, colour, bold=True)
    room = width - len(score) - 1
    name = f"● {told}"
    if len(name) > room:
        name = name[: max(room - 1, 0)] + "…"
    canvas.words(line, left, name, colour)
    for shorter in telling.ever_shorter(state):
        if len(name) + 2 + len(shorter) <= room:
            canvas.words(line, left + len(name) + 2, shorter, theme.MUTED)
            break


def _thought(canvas: Canvas, bout: Bout, seat: int, thought: Insight | None, line: int, block: Rect) -> None:
    """`value ▁▂▃▅▇▆▅ 0.62  up ███▌ down ▌ left ▏`: the most likely actions first, as many as fit."""
    if thought is None:
        return
    x, colour = block.x, theme.seat(seat)
    if values := list(bout.values[seat])[-12:]:
        x = canvas.words(line, x, _spark(values), colour) + 1
        x = canvas.words(line, x, f"{values[-1]:+.2f}", theme.MUTED) + 2
    names = bout.match.games[0].spec.actions
    lengths = telling.bars(thought)
    for action in np.argsort(-lengths, kind="stable"):
        eighths = round(float(lengths[action]) * 32)
        bar = "█" * (eighths // 8) + ("", *"▏▎▍▌▋▊▉")[eighths % 8]
        if x + len(names[action]) + 6 > block.right:
            break
        x = canvas.words(line, x, names[action], theme.MUTED) + 1
        canvas.words(line, x, bar, colour)
        x += 5


def _spark(values: Sequence[float]) -> str:
    """A curve of as many characters, between its least and its greatest value."""
    low, high = min(values), max(values)
    scale = 7 / (high - low) if high > low else 0.0
    return "".join("▁▂▃▄▅▆▇█"[round((value - low) * scale)] for value in values)


def _learner(canvas: Canvas, seat: int, learner: "Following", line: int) -> None:
    """`ppo  step 1.24 M of 3 M  12,400 steps/s  solved ▁▂▃▅▇ 62%  training, plays step 1.22 M, 6 s ago`"""
    story, colour = learner.story, theme.seat(seat)
    doing, tint = telling.state_of_run(story)
    running = story.state == "running"
    parts = [(learner.label, colour)]
    parts.append((f"step {telling.steps(story.step)} of {telling.steps(story.run.total_steps)}", theme.TEXT))
    if running and story.rate:
        parts.append((f"{story.rate:,.0f} steps/s", theme.MUTED))
    if (curve := story.curve) is not None:
        means = [float(part.mean()) for part in np.array_split(curve.values, min(len(curve.values), SPARK))]
        now = curve.values[-1]
        figure = f"{now:.0%}" if curve.figure == "solved" else f"{now + 0.0:,.4g}"
        parts += [(curve.figure, theme.MUTED), (_spark(means), colour), (figure, theme.TEXT)]
    parts.append((doing, tint))
    if running and learner.facing is not None:
        parts.append((f"plays step {telling.steps(learner.facing)}, {telling.ago(learner.age)}", theme.MUTED))
    x = 0
    for words, shade in parts:
        if x + len(words) > canvas.columns:
            break
        x = canvas.words(line, x, words, shade) + 2


def _footer(canvas: Canvas, session: Session, by_repeat: bool) -> None:
    bout = session.bout
    assert bout is not None
    line = canvas.lines - 1
    x = canvas.words(line, 0, telling.clock(bout.seconds), theme.TEXT, bold=True) + 2
    x = canvas.words(line, x, telling.speed(bout.pace.speed), theme.MUTED) + 2
    position = session.position()
    status = session.notice or session.status()
    if position is not None:
        filled = round(10 * position)
        status = f"{status} {'━' * filled}{'─' * (10 - filled)}"
    if session.paused:
        status = f"paused   {status}"
    x = canvas.words(line, x, status, theme.TEXT if session.notice else theme.MUTED) + 2
    hint = session.hint()
    if by_repeat and session.joysticks:
        hint = f"keys work by repeat   {hint}"
    if x + len(hint) > canvas.columns:
        hint = session.hint()
    if x + len(hint) <= canvas.columns:
        canvas.words(line, canvas.columns - len(hint), hint, theme.MUTED)


def _overlay(canvas: Canvas, session: Session) -> None:
    """The one thing that lies over the match now, if any."""
    accent = theme.LINE
    lines: list[tuple[str, theme.Colour]] = []
    if session.question:
        accent = theme.BAD
        lines = [(session.question, theme.TEXT), ("", theme.TEXT), ("Enter leave   Esc play on", theme.MUTED)]
    elif session.helping:
        windows = (telling.FULL_SCREEN_KEY, telling.PICTURE_KEY)
        entries = [entry for entry in session.key_help() if entry not in windows]
        width = max(len(key) for key, _ in entries) + 2
        lines = [
            (f"{key:<{width}}{meaning}", theme.TEXT) if key else (meaning, theme.SEATS[0])
            for key, meaning in entries
        ]
        if session.joysticks:
            lines.append(("Terminals tell of keys by repeating them.", theme.MUTED))
    elif session.loading:
        lines = [(session.loading + " ...", theme.TEXT)]
    elif session.paused and session.card is None and not session.studied:
        lines = [("Paused", theme.TEXT), ("P go on", theme.MUTED)]
    elif (told := banner(session)) is not None:
        _banner(canvas, told)
    if lines:
        canvas.box(lines, accent, centred=not session.helping)


@contextmanager
def _alternate_screen() -> Iterator[None]:
    out = sys.stdout
    out.write("\x1b[?1049h\x1b[?25l\x1b[2J")
    out.flush()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # the terminal may be gone
            out.write("\x1b[0m\x1b[?25h\x1b[?1049l")
            out.flush()
