"""What every test stands on."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def saves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `saves/` of the test's own, not made yet: nothing a test does reaches the user's."""
    folder = tmp_path / "saves"
    monkeypatch.setenv("ARENA_SAVES", str(folder))
    return folder
