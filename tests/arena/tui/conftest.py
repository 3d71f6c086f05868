"""A launcher under a pilot, whose failures fail the test."""

from collections.abc import AsyncIterator

import pytest

from arena.tui.app import ArenaApp
from arena.tui.widgets import preview


@pytest.fixture(autouse=True)
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def app(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ArenaApp]:
    """Not run yet. Pictures rest for ever: a test that wants one says so."""
    monkeypatch.setattr(preview, "REST", 1e6)
    launcher = ArenaApp()
    yield launcher
    await launcher.end_children()
    assert launcher.failures == []
