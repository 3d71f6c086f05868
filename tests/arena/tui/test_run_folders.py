"""The list of runs is looked at twice a second, and reads what has changed."""

import shutil
from pathlib import Path

import pytest

from arena.store import runs
from arena.tui import run_folders
from tests.arena.tui.piloting import kept


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the folders that are read, as they are."""
    names: list[str] = []
    read = runs.read_run

    def counted(folder: Path) -> runs.Run:
        names.append(folder.name)
        return read(folder)

    monkeypatch.setattr(runs, "read_run", counted)
    return names


def test_before_anything_was_trained_there_is_nothing() -> None:
    assert run_folders.runs() == []


def test_what_has_ended_is_read_once(reads: list[str]) -> None:
    some = [kept(seed=seed) for seed in range(3)]
    reads.clear()
    for _ in range(3):
        assert [run.id for run in run_folders.runs()] == [run.id for run in reversed(some)]
    assert sorted(reads) == sorted(run.id for run in some)


def test_what_is_no_run_is_read_once_too(reads: list[str], saves: Path) -> None:
    (saves / "runs" / "nonsense").mkdir(parents=True)
    (saves / "runs" / "a-file").touch()
    for _ in range(3):
        assert run_folders.runs() == []
    assert reads == ["nonsense"]


def test_a_run_that_learns_comes_first_and_is_read_each_time(reads: list[str]) -> None:
    older, newer = kept(seed=1), kept(seed=2)
    run_folders.runs()
    going_on = runs.OpenRun(older.folder)
    going_on.rewind(1000)
    reads.clear()
    assert [(run.id, run.state) for run in run_folders.runs()] == [(older.id, "running"), (newer.id, "done")]
    going_on.log(1500, 4.0, {})
    assert run_folders.runs()[0].step == 1500
    going_on.end("done")
    assert [run.id for run in run_folders.runs()] == [newer.id, older.id]
    assert set(reads) == {older.id}
    reads.clear()
    run_folders.runs()
    assert reads == []


def test_a_run_that_is_deleted_or_renamed_elsewhere_is_gone() -> None:
    one, other = kept(seed=1), kept(seed=2)
    run_folders.runs()
    shutil.rmtree(one.folder)
    other.folder.rename(other.folder.with_name("another"))
    assert [run.id for run in run_folders.runs()] == ["another"]


def test_a_run_is_seen_as_soon_as_it_is_one(saves: Path) -> None:
    run_folders.runs()
    run = kept()
    moved = run.folder.with_name("config-comes-later")
    run.folder.rename(moved)
    text = (moved / "config.json").read_bytes()
    (moved / "config.json").unlink()
    assert run_folders.runs() == []
    (moved / "config.json").write_bytes(text)
    assert [run.id for run in run_folders.runs()] == [moved.name]
