"""Which ROMs are found, and what is said of files that are none."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.errors import ArenaError, UsageError
from arena.games import catalog, roms


@pytest.fixture(autouse=True)
def _fresh_catalog() -> Iterator[None]:
    """Nothing that a test finds is remembered by the next."""
    catalog.entries.cache_clear()
    yield
    catalog.entries.cache_clear()


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder, empty."""
    monkeypatch.setenv("ARENA_ROMS", str(tmp_path))
    return tmp_path


def test_every_shipped_rom_but_those_for_several_players_is_listed() -> None:
    shipped = {file.stem for file in roms._known().folder.glob("*.bin")}
    listed = {entry.name for entry in roms.atari_entries()}
    assert listed == shipped - roms.MULTIPLAYER_ONLY
    assert len(listed) == 104


def test_the_roms_left_out_are_those_that_the_emulator_cannot_play_with_one_player() -> None:
    import ale_py

    folder = roms._known().folder
    supported = {file.stem: ale_py.ALEInterface.isSupportedROM(file) for file in folder.glob("*.bin")}
    assert {name for name, known in supported.items() if known is None} == roms.MULTIPLAYER_ONLY
    assert all(known in (None, name) for name, known in supported.items())


def test_listing_loads_no_emulator() -> None:
    code = (
        "import sys\n"
        "from arena.games import catalog; count = len(catalog.entries())\n"
        "heavy = {'ale_py', 'gymnasium', 'numpy', 'cv2', 'pygame', 'torch', 'numba'} & set(sys.modules)\n"
        "print(count, sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, rest = done.stdout.split(" ", 1)
    assert int(count) > 110
    assert rest.strip() == "[]"


def test_titles_are_what_stands_on_the_box() -> None:
    titles = {entry.name: entry.title for entry in roms.atari_entries()}
    assert titles["space_invaders"] == "Space Invaders"
    assert titles["ms_pacman"] == "Ms. Pac-Man"
    assert titles["qbert"] == "Q*bert"
    assert titles["hero"] == "H.E.R.O."
    assert set(roms.TITLES) <= set(titles)
    assert set(roms.SUMMARIES) <= set(titles)
    assert len(set(titles.values())) == len(titles)


def test_a_users_file_is_found_by_its_content_whatever_it_is_called(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(roms.rom_path("breakout"), own / "my game.A26")
    shutil.copy(roms.rom_path("pong"), own / "breakout.bin")
    monkeypatch.setattr(roms, "_known", lambda: roms._Known(own / "nothing shipped", names))
    assert roms.rom_paths() == {"breakout": own / "my game.A26", "pong": own / "breakout.bin"}
    assert roms.rom_path("pong") == own / "breakout.bin"
    assert roms.rom_problems() == []


names = dict(roms._known().names)


def test_a_rom_of_the_users_own_is_played(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(roms.rom_path("breakout"), own / "pong.bin")
    monkeypatch.setattr(roms, "_known", lambda: roms._Known(own / "nothing shipped", names))
    game = catalog.make("atari/breakout")
    game.reset(1)
    assert game.spec.actions == ("noop", "fire", "right", "left")
    envs = catalog.vector("atari/breakout", 1, 1)
    assert envs.reset()[1]["lives"].tolist() == [5]
    envs.close()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "0 bytes"), (b"x" * 70_000, "70,000 bytes"), (b"not a cartridge" * 100, "MD5")],
    ids=["empty", "too large", "unknown"],
)
def test_a_wrong_file_is_a_problem_with_a_reason_and_no_game(own: Path, content: bytes, said: str) -> None:
    (own / "pong.bin").write_bytes(content)
    [(file, why)] = roms.rom_problems()
    assert file == own / "pong.bin"
    assert said in why
    assert own not in {path.parent for path in roms.rom_paths().values()}


def test_a_cartridge_for_several_players_is_named_as_such(own: Path) -> None:
    shutil.copy(roms._known().folder / "combat.bin", own)
    [(_, why)] = roms.rom_problems()
    assert "combat" in why
    assert "one player" in why
    with pytest.raises(UsageError, match="one player"):
        roms.rom_path("combat")


def test_other_files_and_a_missing_folder_are_no_problem(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own / "README.md").write_text("mine")
    assert roms.rom_problems() == []
    monkeypatch.setenv("ARENA_ROMS", str(own / "nowhere"))
    assert roms.rom_problems() == []
    assert len(roms.rom_paths()) == 104


def test_a_folder_called_like_a_rom_is_a_problem_and_no_crash(own: Path) -> None:
    (own / "pong.bin").mkdir()
    [(_, why)] = roms.rom_problems()
    assert why


def test_a_shipped_file_that_was_damaged_is_an_error_and_never_the_end_of_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pong.bin").write_bytes(b"damaged" * 300)
    monkeypatch.setattr(roms, "_known", lambda: roms._Known(tmp_path, names))
    with pytest.raises(ArenaError, match="MD5"):
        catalog.make("atari/pong")


def test_an_unknown_rom_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no_such_game"):
        roms.rom_path("no_such_game")


def test_the_problem_of_a_file_is_found_again_when_the_file_changes(own: Path) -> None:
    file = own / "pong.bin"
    file.write_bytes(b"wrong" * 10)
    assert len(roms.rom_problems()) == 1
    shutil.copy(roms._known().folder / "pong.bin", file)
    assert roms.rom_problems() == []
