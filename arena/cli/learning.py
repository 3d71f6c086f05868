"""Training: runs started, gone on with, and made champions."""

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from arena.cli.arguments import Json, Options, complete_game, complete_run
from arena.cli.output import StatusLine, agree, announce, duration, note, say, say_json
from arena.errors import ArenaError, UsageError
from arena.store.options import key_values, pairs, whole_number
from arena.store.records import LARGEST_SEED

if TYPE_CHECKING:
    from arena.training.evaluate import Done
    from arena.training.settings import Settings

PANEL = "Learn"


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(train)
    app.command(rich_help_panel=PANEL)(promote)


def _complete_agent(incomplete: str) -> list[str]:
    from agents.catalog import AGENTS

    return [name for name in AGENTS if name.startswith(incomplete)]


def _count(text: str) -> int | None:
    try:
        return whole_number("--steps", str(text), 1, 10**15)
    except UsageError as error:
        raise typer.BadParameter(str(error).removeprefix("--steps: ")) from error


def train(
    agent: Annotated[
        str | None,
        typer.Argument(metavar="AGENT", help="What learns, such as ppo.", autocompletion=_complete_agent),
    ] = None,
    game: Annotated[
        str | None,
        typer.Argument(
            metavar="GAME", help="A game's id, as in `arena games`.", autocompletion=complete_game
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=_count,
            help="Environment steps in all, such as 200k or 5M; the agent's preset when not given.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=LARGEST_SEED, help="Of the run; with --seeds, of the first.")
    ] = 0,
    seeds: Annotated[
        int | None, typer.Option(min=2, metavar="N", help="Train N runs that differ by their seed.")
    ] = None,
    at_once: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="K", help="With several: so many at the same time; one a core otherwise."
        ),
    ] = None,
    envs: Annotated[int | None, typer.Option(min=1, help="Environments stepped together.")] = None,
    device: Annotated[
        str, typer.Option(metavar="auto|cpu|cuda", help="Where the network computes.")
    ] = "auto",
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="One of the agent's settings; may be repeated."),
    ] = None,
    option: Options = None,
    origin: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="PLAYER",
            help="Begin with what it has learned: the agent's own name for its champion, a run's id or a "
            "checkpoint's folder; robustify at Atari games with a run of go-explore.",
            autocompletion=complete_run,
        ),
    ] = "",
    opponents: Annotated[
        str,
        typer.Option(
            metavar="self|past",
            help="In a game for several, whom it meets: itself as it is now, or its past as well.",
        ),
    ] = "",
    resume: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            help="Go on with a stopped run, or with what is not done of several.",
            autocompletion=complete_run,
        ),
    ] = None,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write TensorBoard's event files too, in the run's folder.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Open a window on it: what it has learned so far, playing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """An agent learns a game, with a live table of how it goes.

    Ctrl-C stops with a checkpoint, and --resume goes on from it. The run is kept
    in saves/runs/; its player is ppo@RUN. A checkpoint is made every minute, or
    as seldom as writing it takes less than 3% of the time.

    With --seeds several runs are trained, each in a process of its own, and at
    the end it is told how they did: the mean over seeds, the interquartile mean
    (IQM), and their 95% bootstrap intervals.

    \b
    Examples:
      arena train ppo maze/run
      arena train ppo maze/run --watch
      arena train ppo gym/CartPole-v1 --steps 100000 --set learning_rate=0.001
      arena train dqn gym/CartPole-v1 --seeds 5
      arena train ppo atari/pong --from ppo --steps 2000000
      arena train go-explore maze/vault --watch
      arena train robustify maze/vault
      arena train ppo versus/pong
      arena train --resume ppo-maze-run-s0-0131-0930
    """
    if resume is None and (agent is None or game is None):
        raise UsageError("name an agent and a game (`arena train ppo maze/run`), or a run with --resume")
    if resume is not None and agent is not None:
        raise UsageError(f"--resume {resume} goes on with that run's agent and game; leave '{agent}' out")
    if resume is not None and origin:
        raise UsageError(f"--resume {resume} goes on with what that run has learned; leave --from out")
    if resume is not None and opponents:
        raise UsageError(f"--resume {resume} goes on against whom it has met; leave --opponents out")
    if resume is not None and seeds is not None:
        raise UsageError(f"--resume {resume} goes on with the runs there are; leave --seeds out")
    from arena.cli import seeds as several
    from arena.store import runs
    from arena.training.settings import Settings

    members = runs.of_group(resume) if resume is not None else []
    if watch and (seeds or members):
        raise UsageError("--watch opens a window on one run; watch several with `arena watch GROUP`")
    if at_once is not None and not (seeds or members):
        raise UsageError("--at-once is for several runs: say --seeds N too, or --resume several")
    settings = Settings(
        agent=agent or "",
        game=game or "",
        steps=steps,
        seed=seed,
        envs=envs,
        device=device,
        overrides=pairs(overrides or (), "the setting"),
        options=key_values(option or ()),
        opponents=opponents,
        origin=origin,
        resume=resume,
        tensorboard=tensorboard,
    )
    if seeds is not None:
        several.begin(settings, seeds, at_once, as_json=as_json)
    elif members:
        several.resume(members, settings, at_once, as_json=as_json)
    else:
        _train_one(settings, watch, as_json)


def _train_one(settings: "Settings", watch: bool, as_json: bool) -> None:
    """In this process."""
    from arena.cli.beside import check_display, with_a_window
    from arena.cli.training_table import follow

    if watch:
        check_display()
    from arena.store import runs
    from arena.training.run import train as learn
    from arena.training.stopping import Stop, stop_on_signals

    events, stop = with_a_window if watch else iter, Stop()
    before = runs.find(settings.resume).step if settings.resume else 0
    try:
        with stop_on_signals(stop):
            last = follow(events(learn(settings, stop)), stop, as_json=as_json)
    except KeyboardInterrupt:
        if stop.learning:
            note("stopped at once")
        elif settings.resume:
            note(f"stopped before it went on; {settings.resume} is as it was")
        else:
            note("stopped before it began; nothing is kept of it")
        raise
    if last.event == "stopped":
        kept = "with a checkpoint" if runs.find(last.run).checkpoint else "before it learned anything"
        note(f"stopped at step {last.step:,}, {kept}; go on with")
        note(f"arena train --resume {last.run}")
        raise typer.Exit(130)
    if settings.resume and runs.find(last.run).step == before:
        note(f"it was done already, with {last.step:,} steps; --steps N lets it go on to N")
    crowns = runs.find(last.run).has_policy
    crowning = f", make it champion with `arena promote {last.run}`" if crowns else ""
    note(f"done; look at it with `arena watch {last.run}`{crowning}")


class _Measuring:
    """Shows how far a measurement is, one part of it after the other."""

    def __init__(self, status: StatusLine) -> None:
        self._status, self._what, self._began = status, "", 0.0

    def __call__(self, what: str, done: "Done") -> None:
        now = time.monotonic()
        if what != self._what:
            self._what, self._began = what, now
        elapsed = now - self._began
        left = "" if done.left is None else f", about {duration(elapsed * done.left)} left"
        self._status.show(
            f"measuring {what}: {done.ended} of {done.games} games, {duration(elapsed)} so far{left}"
        )


def promote(
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help="A run's id, as in `arena runs`.", autocompletion=complete_run),
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
    champion it would replace, measured on the same levels; in a game for two they
    also meet. If it is not shown to be better, you are asked; where there is no
    terminal, nothing is changed.

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
        candidate = measure(run, games=games, progress=_Measuring(status))
    except KeyboardInterrupt:
        status.clear()
        note("stopped before all was measured; the champion is the same as before")
        raise
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
    before = ""
    if candidate.champion is not None:
        met = candidate.champion.met
        before = f"; the champion before it {candidate.champion.summary}"
        before += f", against which it {met}" if met else ""
    source = candidate.source
    name = f" {source.player}" if source.player != source.agent else ""
    done = f"{candidate.run} is now the champion{name} of {source.game}: it {candidate.strength}{before}"
    if as_json:
        say_json(report | {"event": "promoted", "message": done}, compact=True)
    else:
        say(done)
