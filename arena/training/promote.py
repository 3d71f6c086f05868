"""A run's latest checkpoint becomes its agent's champion: measured, compared with the champion that it would
replace, and frozen with a card that tells how strong it is.

candidate = measure(run_id)
if candidate.verdict in ("first", "better"):
    crown(candidate)
"""

import math
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

from agents.agent import Learner
from arena.errors import ArenaError, UsageError
from arena.games import catalog, published
from arena.matches.roster import needs
from arena.store import checkpoints, runs
from arena.store.checkpoints import Meta
from arena.training import evaluate
from arena.training.estimates import Estimate, difference
from arena.training.evaluate import Done, Strength
from arena.training.measurements import Measurements, protocol

GAMES = {"maze": 1000, "atari": 100, "versus": 100, "gym": 100}
"""Games that are played to measure a champion, by family."""

MOST_MEETINGS = 40
"""Matches at a console against one other agent: the champion there is, or that of a game with one seat."""

SEED = 20_000
"""Of the measurement. The choice between greedy and sampled is made with the seed before: on other levels,
so that the winner's luck is not in its card. Drawing can be the stronger: whoever always does the same at the
same place may walk in circles."""

Progress = Callable[[str, Done], None]
"""Is told what is being measured, and how far that is."""


@dataclass(frozen=True, slots=True)
class Champion:
    """The champion there is, as its card tells of it."""

    summary: str
    strength: Estimate
    met: "Meeting | None" = None
    """How the candidate does against it, in a game where two can meet."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """The matches that a candidate played against another agent."""

    games: int
    won: Estimate
    """The share; a draw is half."""

    def __str__(self) -> str:
        return f"wins {self.won.mean:.1%} [{self.won.low:.1%}, {self.won.high:.1%}] of {self.games} matches"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run's latest checkpoint, measured, beside the champion that it would replace."""

    run: str
    source: Meta
    learner: Learner
    greedy: bool
    """Whether it is stronger with its best actions than when it draws from its policy."""
    strength: Strength
    card: Mapping[str, Any]
    champion: Champion | None
    """Measured by the same protocol; None where there is none, or it is damaged."""

    @property
    def lead(self) -> Estimate | None:
        """How much stronger than the champion it is."""
        return difference(self.strength.estimate, self.champion.strength) if self.champion else None

    @property
    def verdict(self) -> Literal["first", "better", "unclear", "weaker"]:
        """Better or weaker where the 95% interval of the lead says so. Where they have met, better is who
        wins there and is not weaker against `random`, and weaker is who is so at either."""
        lead = self.lead
        if self.champion is None or lead is None:
            return "first"
        won = self.champion.met.won if self.champion.met else None
        if lead.high < 0 or (won and won.high < 0.5):
            return "weaker"
        return "better" if (won.low > 0.5 if won else lead.low > 0) else "unclear"

    def __str__(self) -> str:
        """How it compares with the champion, both figures told."""
        game, lead = self.source.game, self.lead
        if self.champion is None or lead is None:
            return f"{self.run} is the first champion of {game}: it {self.strength}"
        figures = f"it {self.strength}, the champion {self.champion.summary}"
        figures += f"; it {self.champion.met} against the champion" if self.champion.met else ""
        if self.verdict != "unclear":
            return f"{self.run} is {self.verdict} than the champion of {game}: {figures}"
        if self.champion.met:
            return f"{self.run} is not shown to be better than the champion of {game}: {figures}"
        scale, unit = (1, "") if self.strength.measure == "score" else (100, "%")
        mean, low, high = (f"{scale * value:+.1f}{unit}" for value in (lead.mean, lead.low, lead.high))
        return (
            f"{self.run} is not shown to be better than the champion of {game}: {figures}; "
            f"the difference, {mean} [{low}, {high}], may be chance"
        )


def measure(run_id: str, *, games: int | None = None, progress: Progress | None = None) -> Candidate:
    """Measure the latest checkpoint of a run on the game as it is offered by default, beside the champion.

    It plays greedily or sampled, whichever is stronger. The champion's card is believed where it was made
    by the same protocol, else it is measured as well. What has been measured before is not measured again.
    Raises UsageError for an unknown run, and ArenaError when there is no checkpoint yet.
    """
    run = runs.find(run_id)
    if not run.has_policy:
        raise UsageError(f"run {run.id} has explored, and has no policy to make a champion of")
    if run.checkpoint is None:
        raise ArenaError(f"run {run.id} has no checkpoint yet; let it train for a minute")
    learner, meta = checkpoints.load_agent(run.checkpoint)
    tell = progress or (lambda what, done: None)
    options = needs(meta)
    games = games or GAMES[catalog.find(meta.game).family]
    kept = Measurements(run.folder, meta.game, options)
    best, drawn = (
        kept.strength(
            learner,
            meta.digest,
            games=max(1, games // 2),
            seed=SEED - 1,
            greedy=way,
            progress=partial(tell, f"{run.id} with {how}"),
        )
        for way, how in ((True, "its best actions"), (False, "drawn actions"))
    )
    greedy = (best.estimate.mean, best.score.mean) >= (drawn.estimate.mean, drawn.score.mean)
    measured, random = (
        kept.strength(who, meta.digest, games=games, seed=SEED, greedy=greedy, progress=partial(tell, name))
        for who, name in ((learner, run.id), (None, "random"))
    )
    card = {
        "summary": str(measured),
        "game": meta.game,
        "measure": measured.measure,
        "score": measured.estimate.mean,
        "interval": [measured.estimate.low, measured.estimate.high],
        "episodes": games,
        "plays": "greedy" if greedy else "sampled",
        "own_score": asdict(measured.score),
        "random": {"summary": str(random), **_numbers(random)},
        "protocol": protocol(meta.game, games, SEED, options),
        "published": published.told(meta.game),
        "steps": meta.step,
        "seconds": round(run.seconds_at(meta.step), 1),
        **({"began_with": run.origin} if run.origin else {}),
        "machine": {"cores": os.cpu_count(), "cpu": cpu()},
        "seed": meta.seed,
        "run": run.id,
        "date": datetime.now(UTC).date().isoformat(),
    }
    if beside := _beside_the_yardstick(
        learner, meta, greedy, games, partial(tell, f"{run.id} against the yardstick")
    ):
        card["yardstick"] = beside
    champion = _champion(run.folder, meta, games, partial(tell, "the champion"))
    if champion and measured.measure == "won":
        met = _meeting_of_champions(
            learner, meta, greedy, games, partial(tell, f"{run.id} against the champion")
        )
        champion = replace(champion, met=met)
    return Candidate(run.id, meta, learner, greedy, measured, card, champion)


def crown(candidate: Candidate) -> Meta:
    """Make it the champion, whatever its verdict. Raises ArenaError when nothing can be written; an earlier
    champion is then still there."""
    return checkpoints.save_champion(
        candidate.source,
        weights=candidate.learner.weights(),  # a run that goes on may have removed the checkpoint by now
        options=needs(candidate.source),
        greedy=candidate.greedy,
        card=candidate.card,
    )


def _champion(run: Path, source: Meta, games: int, progress: evaluate.Progress) -> Champion | None:
    """The champion that `source` would replace, measured as that was; `run` is the folder of its run."""
    folder = checkpoints.champion_folder(source.player, source.game)
    try:
        meta = checkpoints.read_meta(folder)
        options = needs(meta)
        by_the_same = meta.card.get("protocol") == protocol(meta.game, games, SEED, options)
        if by_the_same and (told := _told(meta.card)):
            return told
        learner, _ = checkpoints.load_agent(folder)
        found = Measurements(run, meta.game, options).strength(
            learner, meta.digest, games=games, seed=SEED, greedy=meta.greedy, progress=progress
        )
    except ArenaError:  # there is none, or it is damaged and can play against nobody
        return None
    return Champion(str(found), found.estimate)


def _beside_the_yardstick(
    learner: Learner, meta: Meta, greedy: bool, games: int, progress: evaluate.Progress
) -> dict[str, Any] | None:
    """How it does against the best champion of the game with one seat whose players can sit here; None where
    there is none."""
    yardstick = catalog.find(meta.game).yardstick
    champions = checkpoints.champions(yardstick) if yardstick else []
    if not champions or needs(meta).get("seats") != 2:
        return None
    best = champions[0]
    other, _ = checkpoints.load_agent(best.folder)
    met = _meet(learner, meta, greedy, other, best, games, progress)
    return {
        "player": f"{best.player}@{yardstick}",
        "digest": best.digest,
        "summary": str(met),
        "games": met.games,
        "score": met.won.mean,
        "interval": [met.won.low, met.won.high],
    }


def _meeting_of_champions(
    learner: Learner, meta: Meta, greedy: bool, games: int, progress: evaluate.Progress
) -> Meeting | None:
    """How it does against the champion that it would replace; None where there is none, or it plays another
    game, or more than two would meet."""
    try:
        other, champion = checkpoints.load_agent(checkpoints.champion_folder(meta.player, meta.game))
    except ArenaError:
        return None
    options = needs(meta)
    if needs(champion) != options or options.get("seats", catalog.find(meta.game).seats[0]) != 2:
        return None
    return _meet(learner, meta, greedy, other, champion, games, progress)


def _meet(
    learner: Learner,
    meta: Meta,
    greedy: bool,
    other: Learner,
    others: Meta,
    games: int,
    progress: evaluate.Progress,
) -> Meeting:
    games = games if catalog.find(meta.game).family == "maze" else min(games, MOST_MEETINGS)
    won = evaluate.against(
        learner,
        other,
        meta.game,
        games=games,
        seed=SEED,
        greedy=(greedy, others.greedy),
        options=needs(meta),
        progress=progress,
    )
    return Meeting(games, won)


def _told(card: Mapping[str, Any]) -> Champion | None:
    """What a card says, None where it does not say it in numbers."""
    try:
        mean, (low, high) = float(card["score"]), map(float, card["interval"])
        return Champion(str(card["summary"]), Estimate(mean, low, high)) if math.isfinite(mean) else None
    except (KeyError, TypeError, ValueError):
        return None


def _numbers(measured: Strength) -> dict[str, Any]:
    estimate = measured.estimate
    return {
        "score": estimate.mean,
        "interval": [estimate.low, estimate.high],
        "own_score": asdict(measured.score),
    }


def cpu() -> str:
    """The processor's name, as the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
