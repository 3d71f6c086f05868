"""What every test stands on."""

from pathlib import Path

import pytest

from arena import places


@pytest.fixture(autouse=True)
def saves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `saves/` of the test's own, not made yet: nothing a test does reaches the user's."""
    folder = tmp_path / "saves"
    monkeypatch.setenv("ARENA_SAVES", str(folder))
    monkeypatch.setattr(places, "champions", lambda: (folder / "champions",))  # none came with the arena
    return folder
