"""Tournaments that are really played, by processes that may be lost at any moment."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from arena.errors import ArenaError
from arena.matches import roster
from arena.matches.foreign import Limits
from arena.matches.match import Match
from arena.matches.player import Noop, Player
from arena.store import tournaments
from arena.store.database import Database
from arena.store.keeping import keep
from arena.store.records import Placing
from arena.store.tournaments import Plan
from arena.tournaments import runner
from arena.tournaments.engines import SILENCE, Local, silence
from arena.tournaments.entering import enter
from arena.tournaments.report import as_json
from arena.tournaments.runner import News, job, run
from arena.tournaments.tournament import Tournament

pytestmark = pytest.mark.usefixtures("bundled")

KILLS = int(os.environ.get("ARENA_TEST_KILLS", "3"))

NAMES = ("ppo", "random", "noop", "pathfinder")


def entered(**changes: Any) -> Plan:
    wanted: dict[str, Any] = {
        "format": "round-robin",
        "games": ["maze/run", "maze/race"],
        "players": NAMES,
        "options": {},
        "seats": 2,
        "pairs": 1,
        "rounds": None,
        "seed": 3,
    }
    return enter(**(wanted | changes))


def told(tournament: Tournament) -> dict[str, Any]:
    """All but which of several it is."""
    content = as_json(tournament)
    return {name: value for name, value in content.items() if name not in ("id", "created", "state")}


def finished(plan: Plan, workers: int = 1, tell: Any = lambda news: None) -> Tournament:
    tournament = Tournament.load(plan)
    engine = Local(job(plan), workers)
    try:
        with tournaments.lock(plan):
            run(tournament, engine, tell)
    finally:
        engine.close()
    return tournament


def test_one_worker_and_two_bring_the_same_standings_and_all_of_it_is_in_the_log() -> None:
    one, two = finished(entered()), finished(entered(), workers=2)
    assert one.over and two.over
    assert told(one) == told(two) == told(Tournament.load(one.plan))
    with Database.open() as log:
        assert len(log.matches()) == 18, "the same matches again are no new ones"


@pytest.mark.parametrize("format", ["swiss", "gauntlet", "knockout", "double-elimination"])
def test_every_format_is_played_to_its_end(format: str) -> None:
    tournament = finished(entered(format=format, games=["maze/race"]), workers=2)
    assert tournament.over and not tournament.lots()
    played, matches = tournament.matches
    assert played == matches > 0


def play_for_people(tournament: Tournament) -> None:
    """What waits for them, as their window does it: in the log, and not in `tournament`."""
    plan = tournament.plan
    for place in tournament.waiting():
        task, seated = tournament.task(place), list[Player]()
        for entrant in task.order:
            seated.append(Noop() if plan.entrants[entrant].human else roster.resolve("random", "maze/race"))
            seated[-1].identity = plan.entrants[entrant].identities[place.game]
        match = Match("maze/race", seated, task.seed)
        match.play()
        keep(match.replay(), Placing(plan.id, place, match.replay().moves))
        match.close()


def test_what_people_play_while_agents_play_lets_the_next_round_begin() -> None:
    players = ["human:Ann", "random", "noop", "pathfinder"]
    plan = entered(format="swiss", games=["maze/race"], players=players, rounds=2)
    seen = 0

    def tell(news: News) -> None:
        nonlocal seen
        seen += 1
        if seen == 1:
            play_for_people(Tournament.load(plan))

    tournament = finished(plan, tell=tell)
    assert tournament.settled(0) and len(tournament.rounds) == 2
    assert not tournament.lots() and {place.round for place in tournament.waiting()} == {1}
    assert told(tournament) == told(Tournament.load(plan))


def test_a_worker_that_is_killed_in_a_match_is_replaced_and_nothing_differs() -> None:
    plan, other = (entered(games=["maze/race", "gym/CartPole-v1"], players=NAMES[1:3]) for _ in range(2))
    whole = finished(plan)
    engine = Local(job(other), 1)
    tournament = Tournament.load(other)
    killed: list[int] = []

    def kill(news: News) -> None:
        for process in engine.processes:
            if process not in killed and len(killed) < 2:
                killed.append(process)
                os.kill(process, signal.SIGKILL)

    try:
        run(tournament, engine, kill)
    finally:
        engine.close()
    assert len(killed) == 2
    assert told(tournament) == told(whole)


def test_a_lot_whose_players_are_lost_again_and_again_is_given_up_with_a_word() -> None:
    plan = entered(games=["maze/race"])
    engine = Local(job(plan), 1)

    def kill(news: News) -> None:
        for process in engine.processes:
            os.kill(process, signal.SIGKILL)

    try:
        with pytest.raises(
            ArenaError, match=f"maze/race was lost {runner.ATTEMPTS} times, .*--resume {plan.id}"
        ):
            run(Tournament.load(plan), engine, kill)
    finally:
        engine.close()


def test_two_processes_do_not_play_one_tournament() -> None:
    plan = entered()
    with tournaments.lock(plan), pytest.raises(ArenaError, match="is being played by another process"):
        tournaments.lock(plan)
    tournaments.lock(plan).close()


def test_an_agent_plays_as_it_entered_whatever_is_made_of_it_later(saves: Path) -> None:
    plan = entered(games=["maze/run"], players=["ppo", "random"])
    identity = plan.entrants[0].identities[0]
    frozen = plan.frozen(0, 0)
    assert frozen is not None and (frozen / "weights.safetensors").is_file()
    tournament = finished(plan)
    [match] = tournament.played()[0, 0]
    assert match.result.seats[match.order.index(0)].player == identity


def test_the_limits_of_players_reach_the_workers() -> None:
    assert job(entered(), Limits(seconds=1.0, megabytes=100)).limits == Limits(1.0, 100)


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_killed_at_any_moment_and_gone_on_with_it_ends_as_if_nothing_had_been(saves: Path) -> None:
    wanted = ["maze/run", "maze/race", "--players", ",".join(NAMES), "--format", "swiss", "--rounds", "3"]
    wanted += ["--games", str(max(KILLS // 2, 4)), "--seed", "4", "--json", "--workers", "2"]
    whole = _arena("tournament", *wanted)
    first = json.loads(whole.communicate(timeout=900)[0])
    chance = random.Random(1)
    unfinished = 0
    for kill in range(KILLS):
        kept = tournaments.tournaments()
        resumed = kept[0].id if len(kept) > 1 else None
        begun = _arena("tournament", *(["--resume", resumed, "--json"] if resumed else wanted))
        before = _placed(resumed)
        fresh = chance.randint(0, 2 * first["matches"] // KILLS)  # some are killed before anything is played
        ends = time.monotonic() + (20.0 if fresh and kill else chance.uniform(0.1, 5.0))
        while time.monotonic() < ends and begun.poll() is None and _placed(resumed) <= before + fresh:
            time.sleep(0.01)
        unfinished += begun.poll() is None
        _kill(begun)
    assert unfinished >= KILLS // 3, "so many were really cut short"
    out, err = _arena("tournament", "--resume", "last", "--json").communicate(timeout=900)
    last = json.loads(out)
    assert last["id"] != first["id"] and last["state"] == "done", err
    for name in ("standings", "crosstable", "rounds", "matches", "played"):
        assert last[name] == first[name], name
    with Database.open() as log:
        log.check()
        assert len(log.placed(last["id"])) == last["matches"], "nothing lost, and nothing twice"


def _placed(tournament: str | None) -> int:
    """How many matches of a tournament are kept."""
    if tournament is None:
        return 0
    with Database.open() as log:
        return len(log.placed(tournament))


def _arena(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "arena", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _kill(process: "subprocess.Popen[str]") -> None:
    """The whole of it, workers too, as when the machine goes down."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_a_worker_whose_players_use_the_time_they_have_is_not_taken_to_hang() -> None:
    plan = entered(games=["maze/race"], players=NAMES[1:])
    limits = Limits(seconds=300.0)
    assert silence(job(plan, limits)) == SILENCE
    theirs = replace(
        plan, entrants=tuple(replace(one, name=f"entry:{one.name}") for one in plan.entrants[:2])
    )
    assert silence(job(theirs, limits)) > SILENCE + 2 * limits.seconds


def test_a_name_that_means_somebody_else_by_now_does_not_play_as_who_entered() -> None:
    plan = entered(games=["maze/race"], players=NAMES[1:3])
    was = replace(plan.entrants[0].identities[0], id="agent:of-before")
    changed = replace(plan, entrants=(replace(plan.entrants[0], identities=(was,)), plan.entrants[1]))
    engine = Local(job(changed), 1)
    try:
        with pytest.raises(ArenaError, match="random is another player now than the one that entered"):
            run(Tournament.load(changed), engine, lambda news: None)
    finally:
        engine.close()
