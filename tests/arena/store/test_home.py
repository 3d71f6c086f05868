import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.errors import ArenaError
from arena.store import home

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("name", ["maze/run/ppo", "ppo-maze-run-3", "a..b", "gym/CartPole-v1", "名前"])
def test_plain_names_stay_inside(tmp_path: Path, name: str) -> None:
    assert home.inside(tmp_path, name) == tmp_path / name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/../../x", "/etc/passwd", "a//b", "a/", "a\\b", "a\0b", "a\nb", "\x1b[2J"],
)
def test_names_that_are_not_plain_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArenaError, match="plain name"):
        home.inside(tmp_path, name)


def test_a_symbolic_link_does_not_lead_out(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "out").symlink_to(tmp_path)
    with pytest.raises(ArenaError, match="does not stay inside"):
        home.inside(root, "out/secret")


def test_saves_may_itself_be_a_symbolic_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "saves").symlink_to(tmp_path / "disk")
    assert home.inside(tmp_path / "saves", "a/b") == tmp_path / "saves/a/b"


@given(name=st.text())
def test_no_name_ever_leaves_its_root(name: str) -> None:
    root = Path("/nowhere/root")
    try:
        path = home.inside(root, name)
    except ArenaError:
        return
    assert path.resolve().is_relative_to(root) and path != root


def test_a_write_makes_the_folder_and_leaves_nothing_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file"
    home.write_atomically(path, b"one")
    home.write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


FAILURES = [
    (errno.ENOSPC, "disk is full"),
    (errno.EROFS, "read-only"),
    (errno.EACCES, "permission denied"),
    (errno.EIO, "Input/output error"),
]


@pytest.mark.parametrize(("number", "words"), FAILURES)
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_write_that_fails_says_so_and_keeps_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str, call: str
) -> None:
    path = tmp_path / "file"
    home.write_atomically(path, b"before")

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched, pytest.raises(ArenaError, match=words) as caught:
        patched.setattr(Path if call == "replace" else os, call, fail)
        home.write_atomically(path, b"after")
    assert str(tmp_path) in str(caught.value) and "ARENA_SAVES" in str(caught.value)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_in_the_folders_place_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "saves").write_bytes(b"")
    with pytest.raises(ArenaError, match="not a folder") as caught:
        home.write_atomically(tmp_path / "saves" / "replays" / "x", b"")
    assert str(tmp_path / "saves" / "replays") in str(caught.value)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_really_full_disk_is_reported(tmp_path: Path) -> None:
    with (
        pytest.raises(ArenaError, match="disk is full"),
        home.writing(tmp_path),
        Path("/dev/full").open("wb") as f,
    ):
        f.write(b"x")
        f.flush()


def test_leftovers_of_a_crash_are_swept_and_nothing_else(tmp_path: Path) -> None:
    old, young, other = tmp_path / ".a.1234.tmp", tmp_path / ".b.1234.tmp", tmp_path / "mine.tmp"
    for path in (old, young, other):
        path.write_bytes(b"half")
    for path in (old, other):
        os.utime(path, (0, 0))
    home.write_atomically(tmp_path / "file", b"")
    assert sorted(tmp_path.iterdir()) == sorted([young, other, tmp_path / "file"])


def test_importing_home_loads_nothing_heavy() -> None:
    code = (
        "import sys, arena.store.home; print([m for m in ('numpy', 'torch', 'sqlite3') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
