"""Films, made while a line tells how far they are."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from arena.cli.output import StatusLine, agree, note
from arena.store.options import key_values

if TYPE_CHECKING:
    from arena.store.records import Replay
    from arena.store.runs import Run

Shown = Literal["choice", "value", "values", "visits"]
"""What can lie over the boards of a film: `arena.window.lens.Kind`, which is not imported for the help."""


def may_be_written(path: Path, force: bool) -> None:
    if path.exists() and not force:
        agree(
            f"{path} is there already. Write over it?",
            f"{path} is there already; choose another name, or write over it with --force",
        )


def film_of_watching(
    players: Sequence[str],
    game: str,
    seed: int,
    option: Sequence[str] | None,
    path: Path,
    seconds: float,
    show: Shown | None,
) -> None:
    from arena.window import footage
    from arena.window.session import Setup

    setup = Setup(game, tuple(players), seed=seed, options=key_values(option or ()), kept=False, endless=True)
    _make_film(
        path, lambda progress: footage.export(setup, path, seconds=seconds, show=show, progress=progress)
    )


def film_of_exploring(run: "Run", path: Path, seconds: float) -> None:
    from arena.window import map_film

    _make_film(path, lambda progress: map_film.export(run, path, seconds=seconds, progress=progress))


def film(recorded: "Replay", path: Path) -> None:
    from arena.window import film as films

    _make_film(path, lambda progress: films.export(recorded, path, progress))


def _make_film(path: Path, make: Callable[[Callable[[float], None]], str]) -> None:
    """Make the film. Asked to end, leave no part of it."""
    from arena.window.signals import asked_to_end

    status = StatusLine()
    with asked_to_end() as asked:

        def progress(done: float) -> None:
            if asked:
                raise KeyboardInterrupt
            status.show(f"the film: {done:.0%}")

        try:
            codec = make(progress)
        except KeyboardInterrupt:
            status.clear()
            note(f"stopped; {path} was not written")
            raise typer.Exit(130) from None
        finally:
            status.clear()
    better = "; install ffmpeg for H.264, which browsers play too" if codec == "MPEG-4" else ""
    note(f"the film is in {path} ({codec}{better})")
