"""Arguments that several commands take."""

from typing import Annotated

import typer


def complete_game(incomplete: str) -> list[str]:
    from arena.games import catalog

    return [entry.id for entry in catalog.entries() if entry.id.startswith(incomplete)]


def complete_run(incomplete: str) -> list[str]:
    """Of runs, and of groups of them."""
    from arena.store.runs import runs

    found = runs()
    names = [run.id for run in found] + list(dict.fromkeys(run.group for run in found if run.group))
    return [name for name in names if name.startswith(incomplete)]


def complete_tournament(incomplete: str) -> list[str]:
    from arena.store.tournaments import tournaments

    return [name for name in ("last", *(plan.id for plan in tournaments())) if name.startswith(incomplete)]


GameId = Annotated[
    str,
    typer.Argument(metavar="GAME", help="A game's id, as in `arena games`.", autocompletion=complete_game),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout instead of words.")]
Workers = Annotated[
    int | None,
    typer.Option("--workers", "-w", min=1, max=1024, help="Processes that play; one a core by default."),
]
Reaction = Annotated[
    int | None,
    typer.Option(
        "--reaction-ms",
        metavar="N",
        help="Milliseconds from what an agent sees to what it does; a person takes about 200.",
    ),
]
Options = Annotated[
    list[str] | None,
    typer.Option("--option", "-o", metavar="KEY=VALUE", help="An option of the game; may be repeated."),
]


def with_reaction(option: list[str] | None, reaction: int | None) -> list[str]:
    """The options of a match, with how long agents take to react where that was said."""
    return [*(option or ()), *([] if reaction is None else [f"reaction_ms={reaction}"])]
