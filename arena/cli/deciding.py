"""Is one player better than another? Matches until that is known, and no more."""

import contextlib
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from arena.cli.arguments import GameId, Json, Options, Workers
from arena.cli.ending import asked_as_by_ctrl_c
from arena.cli.output import StatusLine, announce, duration, note, say, say_json, table
from arena.cli.showing import PANEL, PLAYERS, Seed, new_seed
from arena.cli.trusting import Trusted, trust
from arena.errors import UsageError
from arena.games.processes import cores
from arena.store.keeping import keep
from arena.store.options import key_values
from arena.store.records import MatchResult, Option, Replay

if TYPE_CHECKING:
    from arena.matches.player import Player
    from arena.tournaments.lots import Going
    from arena.tournaments.sequential import Evidence, Finding, Question

_AHEAD = 0.95
"""How likely somebody is the stronger one before it is said who leads."""

Ending = Literal["decided", "limit", "alike", "interrupted"]
"""Why no more was played."""


def add_to(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(compare)


def compare(
    game: GameId,
    one: Annotated[str, typer.Argument(metavar="A", help=f"Who may be better: {PLAYERS}")],
    other: Annotated[str, typer.Argument(metavar="B", help="Than whom.")],
    elo0: Annotated[
        float, typer.Option(metavar="ELO", help="No is: A is stronger by this or less; 0 is as strong as B.")
    ] = 0.0,
    elo1: Annotated[
        float,
        typer.Option(
            metavar="ELO",
            help="Yes is: A is stronger by this or more. 50 is 57% of the points, 100 is 64%, 200 is 76%. "
            "The nearer to elo0, the more matches.",
        ),
    ] = 50.0,
    alpha: Annotated[
        float, typer.Option(metavar="RATE", help="How often yes may be answered where no is true.")
    ] = 0.05,
    beta: Annotated[
        float, typer.Option(metavar="RATE", help="How often no may be answered where yes is true.")
    ] = 0.05,
    max_games: Annotated[
        int, typer.Option("--max-games", min=1, max=100_000, metavar="N", help="Give up after N matches.")
    ] = 1000,
    seed: Seed = None,
    option: Options = None,
    workers: Workers = None,
    trusted: Trusted = False,
    as_json: Json = False,
) -> None:
    """Is A better than B? Matches are played until that is known, and no more.

    A sequential test (GSPRT), by which chess engines are tested too: it takes
    about half of the matches that a test of fixed size does, and far fewer where
    the difference is plain. Between elo0 and elo1 either answer may come.

    In a game for several each level or opening is played from both seats, and
    such a pair counts as one. On a one-seat game each plays a copy with the same
    seed. All that count are kept, and the same seed brings the same again, with
    any number of workers.

    \b
    Examples:
      arena compare maze/race ppo random --seed 1
      arena compare maze/run ppo dqn --elo1 100
      arena compare versus/pong ppo ppo@atari/pong --max-games 200 --json
    """
    from arena.games import catalog
    from arena.matches import roster
    from arena.tournaments.sequential import Question

    entry = catalog.find(game)
    if entry.together:
        raise UsageError(f"{game} is played together for one score, by which nobody is better than another")
    entry.check_players(2)
    question = Question(elo0, elo1, alpha, beta)
    of_a_round = 1 if entry.seats == (1,) else 2
    if max_games % of_a_round:
        raise UsageError(
            f"--max-games {max_games}: {game} is played in pairs, from both seats, so take an even number"
        )
    trust((one, other), game, trusted)
    options = key_values(option or ())
    players = [roster.resolve(name, game, options=options) for name in (one, other)]
    if players[0].identity.id == players[1].identity.id:
        raise UsageError(f"{one} and {other} are the same player, and nobody is better than itself")
    for player in players:
        if player.deliberates:
            note(f"{player.identity.name} explores in a copy of the game before each match, for some seconds")
    names = [player.identity.name for player in players]
    trial = _Trial(game, (one, other) if names[0] == names[1] else (names[0], names[1]), question, of_a_round)
    seed = new_seed() if seed is None else seed
    began = time.monotonic()
    _decide(trial, (one, other), players, max_games, seed, options, cores() if workers is None else workers)
    if as_json:
        ids = [player.identity.id for player in players]
        say_json({"game": game, "seed": seed, "max_games": max_games, **_as_data(trial, ids)})
    else:
        _show(trial)
    for name, why in trial.why.items():
        note(f"{name} lost {_many(trial.forfeits[name], 'match')} by forfeit, the last one by {why}")
    note(
        f"{_many(trial.played, 'match')} in {duration(time.monotonic() - began)}, all kept; "
        f"series seed {seed}; `arena leaderboard {game}`"
    )
    if trial.ending == "interrupted":
        raise typer.Exit(130)


@dataclass(slots=True)
class _Trial:
    """What is asked of two players, and what is known so far."""

    game: str
    names: tuple[str, str]
    question: "Question"
    of_a_round: int
    """Matches: 2, or 1 in a duel."""
    ending: Ending = "limit"
    options: Mapping[str, Option] = field(default_factory=dict)
    """With which the matches were played."""
    played: int = 0
    """Matches that are kept. The last may be half of a pair, and then does not count."""
    forfeits: Counter[str] = field(default_factory=Counter)
    """By name, as `why`."""
    why: dict[str, str] = field(default_factory=dict)
    evidence: "Evidence" = field(init=False)
    finding: "Finding" = field(init=False)

    def __post_init__(self) -> None:
        from arena.tournaments.sequential import Evidence, weigh

        self.evidence = Evidence(self.of_a_round)
        self.finding = weigh(self.evidence.counted, self.question)

    def keep(self, replay: Replay, order: Sequence[int]) -> None:
        """Keep a match, and remember what does not go into the test."""
        result = keep(replay)
        self.played += 1
        self.options = result.options
        for seat, index in zip(result.seats, order, strict=True):
            if seat.forfeit is not None:
                self.forfeits[self.names[index]] += 1
                self.why[self.names[index]] = seat.forfeit

    def add(self, played: Sequence[tuple[Replay, tuple[int, ...]]]) -> None:
        """A round: its matches, each with who sat where."""
        from arena.tournaments.sequential import weigh

        moves = " ".join(replay.moves for replay, _ in played).encode()
        self.evidence.add([_points(replay.result, order) for replay, order in played], moves)
        self.finding = weigh(self.evidence.counted, self.question)

    @property
    def fixed(self) -> int:
        """Matches of a test of fixed size."""
        return self.finding.fixed * self.of_a_round

    @property
    def ahead(self) -> str | None:
        """Who is likely the stronger one; None where that is open."""
        chance = self.finding.superiority
        return self.names[0] if chance >= _AHEAD else self.names[1] if chance <= 1 - _AHEAD else None


def _decide(
    trial: _Trial,
    names: Sequence[str],
    players: "Sequence[Player]",
    limit: int,
    seed: int,
    options: Mapping[str, Option],
    workers: int,
) -> None:
    """Play until the answer is known, or `limit` matches, or the same comes again and again, or Ctrl-C."""
    from arena.matches.match import series
    from arena.tournaments.series import play_series

    announce(trial.game)
    status = StatusLine()
    began = time.monotonic()
    series_of_two = play_series(
        trial.game,
        names,
        players,
        series(trial.game, 2, limit, seed),
        options,
        workers=workers,
        tell=lambda going: status.show(_progress(trial, limit, going, time.monotonic() - began)),
    )
    played: list[tuple[Replay, tuple[int, ...]]] = []
    try:
        with asked_as_by_ctrl_c(), contextlib.closing(series_of_two):
            for replay, order in series_of_two:
                trial.keep(replay, order)
                played.append((replay, order))
                if len(played) == trial.of_a_round:
                    trial.add(played)
                    played = []
                    if trial.finding.verdict is not None or trial.evidence.exhausted:
                        trial.ending = "decided" if trial.finding.verdict is not None else "alike"
                        return
    except KeyboardInterrupt:
        trial.ending = "interrupted"
    finally:
        status.clear()


def _points(result: MatchResult, order: Sequence[int]) -> float:
    """Of the first of the two, whichever seat it had."""
    mine, theirs = (result.seats[order.index(index)].place for index in (0, 1))
    return 1.0 if mine < theirs else 0.5 if mine == theirs else 0.0


def _progress(trial: _Trial, limit: int, going: "Going", elapsed: float) -> str:
    of, question = trial.evidence.outcomes, trial.question
    return (
        f"{trial.played}/{limit}: {of.wins} won, {of.draws} drawn, {of.losses} lost, "
        f"LLR {trial.finding.llr:.2f} ({question.lower:.2f} to {question.upper:.2f}), "
        f"{duration(elapsed)}, {len(going.ticks)} being played, tick {max(going.ticks.values(), default=0):,}"
    )


def _answer(trial: _Trial) -> str:
    """One sentence: what is known, and who leads where it does not say so."""
    one, other = trial.names
    low, high = trial.question.elo0, trial.question.elo1
    better = f"{one} is better than {other}"
    yes = f"{better}{_by(low)}" if low >= 0 else f"{one} is not weaker than {other} by {-low:g} Elo or more"
    no = (
        f"{one} is not better than {other} by {high:g} Elo or more"
        if high > 0
        else f"{one} is weaker than {other}{_by(-high)}"
    )
    verdict = trial.finding.verdict
    if verdict is not None:
        text, complete = (yes, low >= 0) if verdict == "better" else (no, high <= 0)
    else:
        complete = trial.ending == "alike"
        text = (
            f"It cannot be told whether {better}: {trial.game} always brings the same match between them"
            if complete
            else f"It is not known yet whether {better}"
        )
    return text if complete or trial.ahead is None else f"{text}; {trial.ahead} is ahead"


def _by(elo: float) -> str:
    return f" by more than {elo:g} Elo" if elo else ""


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}{'es' if what.endswith('ch') else 's'}"


def _show(trial: _Trial) -> None:
    """For people."""
    evidence, finding, question = trial.evidence, trial.finding, trial.question
    one, other = trial.names
    say(f"{_answer(trial)}.")
    if not evidence.rounds:
        return
    say()
    of = evidence.outcomes
    round_ = "pair" if trial.of_a_round == 2 else "match"
    rows = [
        ("Elo difference", f"{round(finding.elo) + 0:+d} ± {round(finding.error)} (95%)"),
        (f"{one} is the stronger (LOS)", _chance(finding.superiority)),
        ("won, drawn, lost", f"{of.wins:,}, {of.draws:,}, {of.losses:,}"),
    ]
    if trial.of_a_round > 1:
        spread = zip(("0", "½", "1", "1½", "2"), evidence.counted, strict=True)
        rows.append(("pairs by points", ", ".join(f"{points}: {count:,}" for points, count in spread)))
    if len(evidence.seen) < evidence.rounds:
        rows.append(("different", f"{len(evidence.seen):,} of {_many(evidence.rounds, round_)}"))
    rows.append(
        ("evidence (LLR)", f"{finding.llr:.2f}; yes from {question.upper:.2f}, no from {question.lower:.2f}")
    )
    saved = trial.fixed - trial.played
    told = f", {saved:,} saved" if finding.verdict is not None and saved > 0 else ""
    rows.append(
        ("played", f"{_many(trial.played, 'match')}; a test of fixed size takes {trial.fixed:,}{told}")
    )
    table((f"{one} against {other}", trial.game), rows)
    if trial.ending == "limit" and finding.verdict is None:
        note("more matches may tell: --max-games")
    elif trial.ending == "alike":
        note(f"the last {_many(evidence.rounds - 1, round_)} had the same moves and scores as the first")


def _chance(probability: float) -> str:
    """Nothing is quite sure."""
    return ">99.9%" if probability > 0.999 else "<0.1%" if probability < 0.001 else f"{probability:.1%}"


def _as_data(trial: _Trial, ids: Sequence[str]) -> dict[str, Any]:
    """For programs. It holds no time of day, so that equal tests are equal here too."""
    evidence, finding, question = trial.evidence, trial.finding, trial.question
    points = [f"{half / 2:g}" for half in range(len(evidence.counted))]
    return {
        "options": dict(trial.options),
        "players": [
            {"name": name, "id": player, "forfeits": trial.forfeits[name]}
            for name, player in zip(trial.names, ids, strict=True)
        ],
        "question": asdict(question),
        "verdict": finding.verdict,
        "ending": trial.ending,
        "answer": _answer(trial),
        "ahead": trial.ahead,
        "elo": finding.elo,
        "elo_error": finding.error,
        "superiority": finding.superiority,
        "llr": finding.llr,
        "llr_bounds": [question.lower, question.upper],
        **asdict(evidence.outcomes),
        "matches_of_a_round": trial.of_a_round,
        "rounds": evidence.rounds,
        "different_rounds": len(evidence.seen),
        "counted_rounds_by_points": dict(zip(points, evidence.counted, strict=True)),
        "matches": trial.played,
        "fixed_size": trial.fixed,
        "saved": trial.fixed - trial.played if finding.verdict is not None else None,
    }
