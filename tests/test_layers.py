"""Who may import whom, and what opens fast."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {"torch", "pygame", "ale_py", "numba"}


def modules_after(statement: str) -> set[str]:
    """The names of all modules loaded by `statement` in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}\nimport sys\nprint(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_every_layer_imports_only_what_is_below_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "import arena.tui.app",
        "import arena.cli",
        "import arena.games.catalog; arena.games.catalog.entries()",
        "import arena.store.database, arena.store.replays, arena.store.runs, arena.store.checkpoints",
        "import arena.matches.roster",
        "import arena.tournaments.ratings",
        "import arena.tournaments.page, arena.tui.tournament_folders, arena.tui.screens.tournament_form",
        "from arena import cli; assert cli.run(['match', 'maze/race', 'ppo']) == 2",
        "from arena import cli; assert cli.run(['match', 'maze/race', 'ppo', '--window']) == 2",
        "from arena import cli; assert cli.run(['play', 'maze/tag', '--vs', 'ppo', '--vs', 'ppo']) == 2",
    ],
)
def test_what_must_open_fast_loads_nothing_heavy(statement: str) -> None:
    assert not modules_after(statement) & HEAVY


def test_the_catalog_is_plain_data() -> None:
    loaded = modules_after("import arena.games.catalog")
    assert not loaded & (HEAVY | {"numpy", "gymnasium", "textual", "cv2"})


def test_learners_know_nothing_of_the_arena() -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / "agents").glob("*.py"))
        if path.stem != "__init__"
    ]
    loaded = modules_after("import " + ", ".join(modules))
    assert not {name for name in loaded if name.partition(".")[0] == "arena"}
