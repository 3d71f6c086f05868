import sys
from pathlib import Path

import pytest

from arena import places
from arena.places import champions  # of its own, since every test is given none but its user's

CHECKOUT = Path(__file__).resolve().parents[2]


def test_saves_is_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARENA_SAVES", str(tmp_path / "here"))
    assert places.saves() == tmp_path / "here"


def test_champions_that_came_with_the_arena_are_found_wherever_saves_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARENA_SAVES", str(tmp_path / "here"))
    assert champions() == (tmp_path / "here" / "champions", CHECKOUT / "saves" / "champions")
    monkeypatch.delenv("ARENA_SAVES")
    assert champions() == (CHECKOUT / "saves" / "champions",)


def test_saves_of_a_checkout_is_in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARENA_SAVES")
    monkeypatch.delenv("ARENA_ROMS", raising=False)
    assert places.saves() == CHECKOUT / "saves"
    assert places.roms() == CHECKOUT / "roms"


def test_a_home_folder_may_be_written_as_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARENA_ROMS", "~/roms")
    assert places.roms() == Path.home() / "roms"


def test_saves_of_an_installed_copy_is_in_the_users_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ARENA_SAVES")
    monkeypatch.delenv("ARENA_ROMS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(places, "__file__", str(tmp_path / "site-packages/arena/places.py"))
    assert places.saves() == tmp_path / "arena"
    assert places.roms() == tmp_path / "arena" / "roms"
    assert champions() == (tmp_path / "arena" / "champions",)
