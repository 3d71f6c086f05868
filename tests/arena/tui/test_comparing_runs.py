"""Runs side by side on the training screen: whose curves are drawn, of what, and when."""

import time
from itertools import pairwise

import pytest

from arena.store import runs
from arena.tui import comparing, run_folders
from arena.tui.app import ArenaApp
from arena.tui.widgets.panel import Panel
from arena.tui.widgets.run_list import RunList
from tests.arena.tui.piloting import kept, seen, settle, shows, told
from tests.arena.tui.training_screen import drawn, on, opened, press


@pytest.mark.parametrize("size", [(80, 24), (130, 38), (200, 60)])
async def test_all_that_matters_of_a_run_is_in_view(app: ArenaApp, size: tuple[int, int]) -> None:
    returns = [n / 50 for n in range(50)]
    seconds = {"time__act": 0.02, "time__env": 0.01, "time__learn": 0.025}
    kept(returns=returns, charts__solved=0.5, losses__entropy=1.1, **seconds)
    async with opened(app, size) as pilot:
        assert await shows(pilot, app, "cpu ")
        text = seen(app)
        for words in ("ppo s1 maze/run", "100%", "return", "0.98", "solved 50%", "1 k of 1 k", "trained 3 s",
                      "learn 42%", "entropy 1.10", "memory", "free", "steps", "size 9", "Train"):  # fmt: skip
            assert words in text, words
        assert any("⠀" < c <= "⣿" for c in text)
        assert not app.screen.query("Scrollbar")
        for widget in app.screen.query("#plot, #figures, #load, #run-list").results():
            assert app.screen.region.contains_region(widget.region)


async def test_runs_of_a_game_are_drawn_together_each_in_its_colour(app: ArenaApp) -> None:
    for seed in (1, 2, 3):
        kept(seed=seed, returns=[0.1 * seed, 0.2 * seed])
    kept(agent="dqn", returns=[0.9])
    kept(game="gym/CartPole-v1", returns=[20.0])
    async with opened(app, (130, 38)) as pilot:
        assert set(drawn(app)) == {"ppo s1"}
        assert "CartPole" in str(on(app).query_one("#large").border_title)
        await press(pilot, "down")
        lines = drawn(app)
        assert list(lines) == ["ppo s1", "ppo s2", "ppo s3", "dqn s1"]
        assert len({line.color for line in lines.values()}) == 4
        assert [name for name, line in lines.items() if line.in_front] == ["dqn s1"]
        assert "━━ ppo s2 0.40" in seen(app)
        await press(pilot, "down")
        again = drawn(app)
        assert {n: line.color for n, line in again.items()} == {n: line.color for n, line in lines.items()}
        assert [name for name, line in again.items() if line.in_front] == ["ppo s3"]


async def test_marked_runs_are_drawn_and_no_others_also_of_different_games(app: ArenaApp) -> None:
    kept(seed=1, returns=[0.1])
    kept(seed=2, returns=[0.2])
    kept(game="gym/CartPole-v1", returns=[20.0])
    async with opened(app, (130, 38)) as pilot:
        await press(pilot, "space", "down", "space")
        assert set(drawn(app)) == {"ppo gym/CartPole-v1 s1", "ppo maze/run size 9 s2"}
        assert "2 marked" in seen(app)
        await press(pilot, "down")
        assert len(drawn(app)) == 2
        await press(pilot, "up", "space")
        assert set(drawn(app)) == {"ppo s1"}
        await press(pilot, "u")
        assert set(drawn(app)) == {"ppo s1", "ppo s2"}
        assert "marked" not in seen(app)


async def test_no_more_runs_can_be_marked_than_can_be_told_apart(app: ArenaApp) -> None:
    for seed in range(comparing.MOST + 1):
        kept(seed=seed)
    async with opened(app) as pilot:
        assert len(drawn(app)) == comparing.MOST
        await press(pilot, *["space", "down"] * comparing.MOST, "space")
        assert await told(pilot, app, "as many as can be told apart")
        assert len(drawn(app)) == comparing.MOST


async def test_m_takes_the_next_metric_and_t_the_other_axis(app: ArenaApp) -> None:
    kept(returns=[0.25, 0.5], charts__solved=0.75, losses__value_loss=3.0, losses__new_thing=1.0)
    kept(seed=2, returns=[0.5])
    async with opened(app) as pilot:
        titles = []
        for _ in range(5):
            titles.append(str(on(app).query_one("#large").border_title).partition(" · ")[0])
            await press(pilot, "m")
        assert titles == ["return", "solved", "value loss", "new thing", "return"]
        assert "near exits too" in seen(app)  # what is solved in training
        assert set(drawn(app)) == {"ppo s1"}
        await press(pilot, "M")
        assert list(drawn(app)["ppo s1"].across) == [500.0, 1000.0]
        assert "steps" in seen(app)
        await press(pilot, "t")
        assert list(drawn(app)["ppo s1"].across) == [1.5, 3.0]
        assert "─ time" in seen(app)


async def test_a_large_screen_has_small_pictures_of_the_next_metrics(app: ArenaApp) -> None:
    kept(returns=[0.5], charts__solved=0.5, losses__value_loss=3.0, losses__entropy=1.0)
    async with opened(app, (200, 60)) as pilot:
        titles = [str(on(app).query_one(f"#small-{n}").border_title) for n in range(3)]
        assert titles == ["solved", "value loss", "entropy"]
        assert on(app).query_one("#small").display
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert not on(app).query_one("#small").display


async def test_a_curve_goes_on_while_it_is_looked_at(app: ArenaApp) -> None:
    run = runs.create(agent="ppo", game="maze/run", options={}, seed=1, config={"total_steps": 1000})
    async with opened(app) as pilot:
        assert "begins with the first figures" in seen(app)
        assert "s Stop" in seen(app)
        run.log(100, 1.0, {"charts/episodic_return": 0.25})
        assert await shows(pilot, app, "10%")
        run.log(200, 2.0, {"charts/episodic_return": 0.5})
        assert await shows(pilot, app, "8 s left")
        assert [*drawn(app)["ppo s1"].up] == [0.25, 0.5]
        with (run.folder / "metrics.jsonl").open("ab") as file:
            file.write(b'{"step": 300, "sec')
        await pilot.pause(0.6)
        assert [*drawn(app)["ppo s1"].up] == [0.25, 0.5]
        run.end("done")
        assert await shows(pilot, app, "✓ ppo s1")


async def test_what_does_not_change_is_not_drawn_again(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(returns=[0.1, 0.2, 0.3])
    async with opened(app, (200, 60)) as pilot:
        await pilot.pause(1.0)
        screen = on(app)
        painted: list[str] = []
        for widget in (screen.query_one("#plot"), screen.query_one("#figures"), screen.query_one(RunList),
                       screen.query_one(Panel), screen.query_one("#metrics")):  # fmt: skip
            monkeypatch.setattr(widget, "refresh", lambda *a, name=str(widget), **k: painted.append(name))
        await pilot.pause(1.6)
        assert painted == []


async def test_an_empty_screen_rests(app: ArenaApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """What scrolls or draws at every look keeps a terminal from being cleared of a notice that has gone."""
    async with opened(app) as pilot:
        await pilot.pause(0.6)
        done: list[str] = []
        for name in ("refresh", "_reveal"):
            monkeypatch.setattr(
                on(app).query_one(RunList), name, lambda *a, name=name, **k: done.append(name)
            )
        await pilot.pause(1.2)
        assert done == []


async def test_a_slow_disk_is_waited_for(app: ArenaApp, monkeypatch: pytest.MonkeyPatch) -> None:
    kept()
    look, looks = run_folders.runs, []

    def slowly() -> list[runs.Run]:
        looks.append(time.monotonic())
        time.sleep(1.2)
        return look()

    async with opened(app) as pilot:
        monkeypatch.setattr(run_folders, "runs", slowly)
        kept(seed=2)
        assert await shows(pilot, app, "ppo s2")
        await pilot.pause(3.0)
        assert all(b - a > 1.1 for a, b in pairwise(looks))
