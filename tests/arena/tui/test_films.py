"""A film of a replay: asked for by name, made out of sight, never over another file."""

from pathlib import Path

import pytest
from textual.widgets import Input

from arena.tui.app import ArenaApp
from arena.tui.screens.dialogs import Ask
from arena.tui.screens.replays import ReplaysScreen
from tests.arena.tui.piloting import play, seen, settle, told


async def test_a_film_is_made_in_the_current_folder_and_over_nothing(
    app: ArenaApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    show, shown = ReplaysScreen._show, list[str]()

    def watched(screen: ReplaysScreen) -> None:
        show(screen)
        shown.append(str(screen.query_one("#matches").border_subtitle))

    monkeypatch.setattr(ReplaysScreen, "_show", watched)
    result = play("gym/CartPole-v1", 1, "random", "noop")
    name = f"gym-CartPole-v1-{result.id[:8]}"
    (tmp_path / f"{name}.mp4").write_text("mine")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        await settle(pilot)
        await pilot.press("e")
        await pilot.pause()
        field = app.screen.query_one(Input)
        assert field.value == f"{name}-2.mp4"
        for typed, refused in (
            (f"{name}.mp4", "exists already"),
            ("film.avi", "does not end in"),
            ("nowhere/film.gif", "no folder"),
        ):
            field.value = typed
            await pilot.press("enter")
            await pilot.pause()
            assert isinstance(app.screen, Ask)
            assert refused in " ".join(seen(app).split())
        field.value = "film.gif"
        await pilot.press("enter")
        assert await told(pilot, app, str(tmp_path / "film.gif"))
        assert "film.gif" not in seen(app).splitlines()[-2]
        assert shown[-1] == "1 match"
        assert "film.gif 0% · 1 match" in shown and len(set(shown)) > 2, "how far it is"
    assert (tmp_path / "film.gif").read_bytes()[:3] == b"GIF"
    assert (tmp_path / f"{name}.mp4").read_text() == "mine"


async def test_a_film_that_cannot_be_made_is_told(
    app: ArenaApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saves: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    result = play("gym/CartPole-v1", 1, "random", "noop")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5")
        await settle(pilot)
        (saves / "replays" / f"{result.id}.replay").write_bytes(b"no replay")
        await pilot.press("e")
        await pilot.pause()
        await pilot.press("enter")
        assert await told(pilot, app, "is no replay")
    assert not list(tmp_path.glob("*.mp4"))
