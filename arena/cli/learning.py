"""Training: runs started, gone on with, and made champions."""

from dataclasses import asdict
from typing import Annotated

import typer

from arena.cli.arguments import Json, Options, complete_game
from arena.cli.output import StatusLine, agree, announce, note, say, say_json
from arena.errors import ArenaError, UsageError
from arena.store.options import key_values, pairs
from arena.store.records import LARGEST_SEED

PANEL = "Learn"


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(train)
    app.command(rich_help_panel=PANEL)(promote)


def _complete_agent(incomplete: str) -> list[str]:
    from agents.catalog import AGENTS

    return [name for name in AGENTS if name.startswith(incomplete)]


def _complete_run(incomplete: str) -> list[str]:
    from arena.store.runs import runs

    return [run.id for run in runs() if run.id.startswith(incomplete)]


def train(
    agent: Annotated[
        str | None,
        typer.Argument(metavar="AGENT", help="What learns: ppo.", autocompletion=_complete_agent),
    ] = None,
    game: Annotated[
        str | None,
        typer.Argument(
            metavar="GAME", help="A game's id, as in `arena games`.", autocompletion=complete_game
        ),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Environment steps in all; the agent's preset when not given.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Of the run.")] = 0,
    envs: Annotated[int | None, typer.Option(min=1, help="Environments stepped together.")] = None,
    device: Annotated[
        str, typer.Option(metavar="auto|cpu|cuda", help="Where the network computes.")
    ] = "auto",
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="One of the agent's settings; may be repeated."),
    ] = None,
    option: Options = None,
    resume: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Go on with a stopped run.", autocompletion=_complete_run),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Open a window on it: what it has learned so far, playing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """An agent learns a game, with a live table of how it goes.

    Ctrl-C stops with a checkpoint, and --resume goes on from it. The run is kept
    in saves/runs/; its player is ppo@RUN.

    \b
    Examples:
      arena train ppo maze/run
      arena train ppo maze/run --watch
      arena train ppo gym/CartPole-v1 --steps 100000 --set learning_rate=0.001
      arena train --resume ppo-maze-run-s0-0131-0930
    """
    if resume is None and (agent is None or game is None):
        raise UsageError("name an agent and a game (`arena train ppo maze/run`), or a run with --resume")
    if resume is not None and agent is not None:
        raise UsageError(f"--resume {resume} goes on with that run's agent and game; leave '{agent}' out")
    from arena.cli.beside import check_display, with_a_window
    from arena.cli.training_table import follow

    if watch:
        check_display()
    from arena.training.run import train as learn
    from arena.training.settings import Settings
    from arena.training.stopping import Stop, stop_on_signals

    settings = Settings(
        agent=agent or "",
        game=game or "",
        steps=steps,
        seed=seed,
        envs=envs,
        device=device,
        overrides=pairs(overrides or (), "the setting"),
        options=key_values(option or ()),
        resume=resume,
    )
    events, stop = with_a_window if watch else iter, Stop()
    with stop_on_signals(stop):
        last = follow(events(learn(settings, stop)), stop, as_json=as_json)
    if last.event == "stopped":
        note(f"stopped at step {last.step:,}, with a checkpoint; go on with")
        note(f"arena train --resume {last.run}")
        raise typer.Exit(130)
    note(f"done; look at it with `arena watch {last.run}`, make it champion with `arena promote {last.run}`")


def promote(
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help="A run's id, as in `arena runs`.", autocompletion=_complete_run),
    ],
    games: Annotated[
        int | None, typer.Option(min=10, help="Games to measure it by; by the game's family when not given.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Make it champion even if it is not shown to be better.")
    ] = False,
    as_json: Json = False,
) -> None:
    """A run's latest checkpoint becomes the champion that `ppo` means at its game.

    It is measured first, on levels it has never seen, and compared with the
    champion it would replace, measured on the same levels. If it is not shown to
    be better, you are asked; where there is no terminal, nothing is changed.

    \b
    Examples:
      arena promote ppo-maze-run-s0-0131-0930
      arena promote ppo-maze-run-s0-0131-0930 --force
    """
    from arena.store import runs

    announce(runs.find(run).game)  # an unknown run is refused before torch is loaded
    from arena.training.promote import crown, measure

    status = StatusLine()
    try:
        status.show(f"getting {run} ready")
        candidate = measure(
            run, games=games, progress=lambda what, share: status.show(f"measuring {what}: {share:.0%}")
        )
    finally:
        status.clear()
    report = {
        "event": "refused",
        "run": candidate.run,
        "agent": candidate.source.agent,
        "game": candidate.source.game,
        "step": candidate.source.step,
        "verdict": candidate.verdict,
        "message": str(candidate),
        "card": dict(candidate.card),
        "champion": None if candidate.champion is None else asdict(candidate.champion),
    }
    if candidate.verdict in ("unclear", "weaker") and not force:
        try:
            agree(
                f"{candidate}. Make it champion all the same?",
                f"{candidate}; --force makes it champion all the same",
            )
        except ArenaError:
            if as_json:
                say_json(report, compact=True)
            raise
    crown(candidate)
    before = f"; the champion before it {candidate.champion.summary}" if candidate.champion else ""
    done = f"{candidate.run} is now the champion of {candidate.source.game}: it {candidate.strength}{before}"
    if as_json:
        say_json(report | {"event": "promoted", "message": done}, compact=True)
    else:
        say(done)
