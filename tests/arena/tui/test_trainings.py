"""What the launcher asks of its children for a training, and what it makes of what they say."""

import asyncio
import contextlib
import json
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from arena.errors import ArenaError
from arena.store import runs
from arena.tui import playing, trainings
from arena.tui.app import ArenaApp
from arena.tui.screens.train import TrainScreen
from arena.tui.screens.train_form import TrainForm
from tests.arena.tui.piloting import children_say, kept, seen, settle, shows, told

TRAINER = """
import json, os, sys
from pathlib import Path
given = sys.argv[1:]
seed = int(given[given.index("--seed") + 1]) if "--seed" in given else 0
seeds = int(given[given.index("--seeds") + 1]) if "--seeds" in given else 1
run = given[given.index("--resume") + 1] if "--resume" in given else f"run-{seed}"
told = Path(os.environ["ARENA_SAVES"]) / f"told-{run}.json"
told.parent.mkdir(parents=True, exist_ok=True)
told.write_text(json.dumps([given, os.environ.get("OMP_NUM_THREADS")]))
if seeds > 1:
    print(json.dumps({"event": "created", "runs": [f"run-{seed + n}" for n in range(seeds)]}), flush=True)
print(json.dumps({"event": "started", "run": run, "about": {}}), flush=True)
sys.stdin.read()
print(json.dumps({"event": "stopped"}), flush=True)
"""
"""Writes down how it was started, and goes on until it is asked to stop."""

COMPLAINING = """
import json, sys
print(json.dumps({"event": "error", "message": "nothing to set is called 'learning'"}), flush=True)
sys.exit(2)
"""


async def order(pilot: Pilot[None], app: ArenaApp, **typed: str) -> None:
    """Fill the form and start."""
    await pilot.press("2")
    await settle(pilot)
    await pilot.press("a")
    assert await shows(pilot, app, "Train an agent")
    for name, value in typed.items():
        app.screen.query_one(f"#{name}", Input).value = value
    await pilot.press("enter")


async def test_several_seeds_are_several_runs_that_share_the_cores(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch, saves: Path
) -> None:
    """What they begin with is asked for once: a run that still trains would tell each of them another."""
    children_say(monkeypatch, TRAINER)
    monkeypatch.setattr(trainings, "cores", lambda: 6)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await order(
            pilot, app, steps="5k", seed="7", seeds="3", set="gamma=0.9, clip_range=0.1", **{"from": "ppo"}
        )
        for _ in range(600):
            if len([*saves.glob("told-*.json")]) == 3:
                break
            await pilot.pause(0.1)
        given = {path.stem: json.loads(path.read_text()) for path in saves.glob("told-*.json")}
        assert {name: arguments for name, (arguments, _) in given.items()} == {
            "told-run-7": ["--agent", "ppo", "--game", "maze/run", "--seed", "7", "--seeds", "3",
                           "--from", "ppo", "--steps", "5000", "--set", "gamma=0.9",
                           "--set", "clip_range=0.1"],
            "told-run-8": ["--resume", "run-8"],
            "told-run-9": ["--resume", "run-9"],
        }  # fmt: skip
        assert {threads for _, threads in given.values()} == {"2"}
        assert len(app.processes.running("training")) == 3
        await pilot.press("q")
        assert await shows(pilot, app, "3 trainings")
        await pilot.press("n")
        await app.end_children()


async def test_an_order_that_the_trainer_refuses_is_asked_for_again_as_it_was_typed(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    children_say(monkeypatch, COMPLAINING)
    async with app.run_test(size=(80, 24)) as pilot:
        await order(pilot, app, steps="5k", seed="7", seeds="3", set="learning=0.9")
        assert await shows(pilot, app, "nothing to set is called 'learning'")
        assert isinstance(app.screen, TrainForm)
        typed = [app.screen.query_one(f"#{name}", Input).value for name in ("steps", "seed", "seeds", "set")]
        assert typed == ["5k", "7", "3", "learning=0.9"]
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, TrainScreen)
        assert not app.processes.running()


async def test_the_form_is_there_until_the_training_has_begun(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    children_say(monkeypatch, "import time; time.sleep(2)\n" + TRAINER)
    async with app.run_test(size=(80, 24)) as pilot:
        await order(pilot, app)
        assert await shows(pilot, app, "Checking")
        await pilot.press("d", "x")  # keys of the screen under it
        assert isinstance(app.screen, TrainForm)
        for _ in range(600):
            if not isinstance(app.screen, TrainForm):
                break
            await pilot.pause(0.1)
        [child] = app.processes.running("training")
        assert child.facts["run"] == "run-0"
        await app.end_children()


async def test_a_training_that_is_given_up_before_it_has_begun_is_ended(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    children_say(monkeypatch, "import sys; sys.stdin.read()")
    async with app.run_test(size=(80, 24)) as pilot:
        await order(pilot, app)
        for _ in range(600):
            if app.processes.running("training"):
                break
            await pilot.pause(0.1)
        [child] = app.processes.running("training")
        await pilot.press("escape")
        await asyncio.wait_for(child.process.wait(), 60)
        assert isinstance(app.screen, TrainScreen)
        assert not app._notifications


async def test_a_disk_without_room_is_told_where_the_training_was_ordered(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log of the child cannot even be made."""
    async with app.run_test(size=(80, 24)) as pilot:

        def full(purpose: str) -> Path:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(app, "_new_log", full)
        await order(pilot, app)
        assert await shows(pilot, app, "could not be started")
        assert isinstance(app.screen, TrainForm)
        assert runs.runs() == []


async def test_what_a_run_complains_about_on_the_way_is_a_notice(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    children_say(monkeypatch, TRAINER.replace("sys.stdin.read()", "") + COMPLAINING)
    async with app.run_test(size=(80, 24)) as pilot:
        await order(pilot, app)
        assert await told(pilot, app, "nothing to set is called 'learning'")
        assert isinstance(app.screen, TrainScreen)


async def test_w_watches_the_run_or_the_marked_ones_side_by_side(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[playing.Setup] = []

    async def play(_: ArenaApp, setup: playing.Setup, *, terminal: bool) -> None:
        shown.append(setup)

    monkeypatch.setattr(playing, "play", play)
    other = kept(game="gym/CartPole-v1", agent="dqn")
    some = [kept(seed=seed) for seed in range(5)]
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("w", "v")
        await settle(pilot)
        last = f"ppo@{some[-1].id}"
        assert [(s.game, s.players, s.watched) for s in shown] == [
            ("maze/run", (last,), True),
            ("maze/run", ("human", last), False),
        ]
        assert shown[0].options == {"size": 9}
        await pilot.press("space", "down", "space", "w")
        await settle(pilot)
        assert shown[-1].players == (last, f"ppo@{some[-2].id}")
        await pilot.press("down", "space", "down", "space", "down", "space", "w")
        assert await told(pilot, app, "4 runs can be watched together, and 5 are marked")
        await pilot.press("u", "space", "down", "space", "w")
        assert await told(pilot, app, "together they can only be watched at one game")
        assert other.id in " ".join(notice.message for notice in app._notifications)
        await settle(pilot)
        assert len(shown) == 3


async def test_a_run_of_a_game_for_two_plays_against_itself_to_be_watched() -> None:
    run = kept(game="maze/race")
    setup = await asyncio.to_thread(playing.watching, run)
    assert setup.players == (f"ppo@{run.id}",) * 2
    assert playing.against(run).players == ("human", f"ppo@{run.id}")


async def test_a_marked_run_without_a_checkpoint_is_named(app: ArenaApp) -> None:
    runs.create(agent="ppo", game="maze/run", options={}, seed=1, config={"total_steps": 9}).close()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await settle(pilot)
        assert "w Watch" not in seen(app)
        await pilot.press("space")
        await settle(pilot)
        await pilot.press("w")
        assert await told(pilot, app, "has saved no checkpoint yet")


async def test_a_run_that_trains_can_be_watched_before_its_first_checkpoint(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[playing.Setup] = []

    async def play(app: ArenaApp, setup: playing.Setup, *, terminal: bool) -> None:
        shown.append(setup)

    monkeypatch.setattr(playing, "play", play)
    run = runs.create(agent="ppo", game="maze/run", options={}, seed=1, config={"total_steps": 9})
    with contextlib.closing(run):
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("2")
            await settle(pilot)
            assert "w Watch" in seen(app) and "c Champion" not in seen(app)
            await pilot.press("w")
            await settle(pilot)
            await pilot.press("v")
            await settle(pilot)
    assert [setup.players for setup in shown] == [(f"ppo@{run.id}",), ("human", f"ppo@{run.id}")]


async def test_a_run_that_is_gone_on_with_says_so_at_once_and_is_not_started_twice(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept("stopped")
    children_say(monkeypatch, "import sys; sys.stdin.read()")
    async with app.run_test(size=(130, 38)) as pilot:
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("r")
        assert await shows(pilot, app, "─ starting ─")
        await pilot.press("r")
        assert await told(pilot, app, "is starting already")
        assert len(app.processes.running("training")) == 1
        await app.end_children()


async def test_a_trainer_that_is_killed_is_told_so(app: ArenaApp, monkeypatch: pytest.MonkeyPatch) -> None:
    children_say(monkeypatch, TRAINER)
    async with app.run_test(size=(80, 24)) as pilot:
        await order(pilot, app)
        for _ in range(600):
            if any(child.facts for child in app.processes.running("training")):
                break
            await pilot.pause(0.1)
        (child,) = app.processes.running("training")
        child.process.kill()
        assert await told(pilot, app, "was killed (SIGKILL)")


async def test_a_run_is_gone_on_with_as_soon_as_its_last_process_has_let_go(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That one has said that it has stopped, and still takes a moment to end."""
    run = kept("stopped")
    said = f"import json; print(json.dumps({{'event': 'started', 'run': '{run.id}'}}), flush=True)\n"
    children_say(monkeypatch, said + "import sys, time; sys.stdin.read(); time.sleep(1.5)")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await settle(pilot)
        await pilot.press("r")
        for _ in range(600):
            await pilot.pause(0.1)
            if any(child.facts for child in app.processes.running("training")):
                break
        (first,) = app.processes.running("training")
        trainings.stop(app, run)
        await pilot.press("r")
        for _ in range(600):
            await pilot.pause(0.1)
            if app.processes.running("training") not in ([first], []):
                break
        (second,) = app.processes.running("training")
        assert second is not first
        assert first.process.returncode == 0
        await app.end_children()


async def test_a_run_that_is_asked_for_twice_at_once_gets_one_trainer(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    children_say(monkeypatch, TRAINER)
    run = kept()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        first = asyncio.create_task(trainings.resume(app, run, lambda _: None))
        await asyncio.sleep(0)
        with pytest.raises(ArenaError, match="starting already"):
            await asyncio.wait_for(trainings.resume(app, run, lambda _: None), 5)
        for _ in range(100):
            if app.processes.running("training"):
                break
            await pilot.pause(0.05)
        assert len(app.processes.running("training")) == 1
        await app.end_children()
        await first
