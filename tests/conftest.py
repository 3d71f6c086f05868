"""What every test stands on."""

import os
from pathlib import Path

import pytest

from arena import places

# Tests run side by side, one a core: a second thread for small networks would only wait for another test.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(autouse=True)
def saves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `saves/` of the test's own, not made yet: nothing a test does reaches the user's."""
    folder = tmp_path / "saves"
    monkeypatch.setenv("ARENA_SAVES", str(folder))
    monkeypatch.setattr(places, "champions", lambda: (folder / "champions",))  # none came with the arena
    return folder


@pytest.fixture
def bundled(saves: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The champions that come with the arena."""
    folder = Path(__file__).parents[1] / "saves" / "champions"
    monkeypatch.setattr(places, "champions", lambda: (folder,))
