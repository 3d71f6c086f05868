"""A run's metrics are followed as they grow: none is read twice, no torn one believed, no length hurts."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.store import progress as following
from arena.store.progress import MOST, Curve, Follower, progress
from tests.arena.tui.piloting import kept

RETURN = "charts/episodic_return"


def line(step: float, value: float = 0.5, **more: float) -> bytes:
    told = {"step": step, "seconds": step / 100, RETURN: value}
    return json.dumps(told | {name.replace("__", "/"): v for name, v in more.items()}).encode() + b"\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"


def test_what_is_new_is_read_on_and_where_nothing_is_it_is_the_same(file: Path) -> None:
    file.write_bytes(line(100) + line(200))
    follower = Follower(file)
    first = follower.read()
    assert [*first.curves[RETURN].steps] == [100, 200]
    assert follower.read() is first
    with file.open("ab") as more:
        more.write(line(300, 0.75))
    second = follower.read()
    assert [*second.curves[RETURN].values] == [0.5, 0.5, 0.75]
    assert [*first.curves[RETURN].steps] == [100, 200]
    assert second.latest["step"] == 300


def test_a_line_that_is_still_written_waits_and_is_read_whole(file: Path) -> None:
    text = line(100) + line(200)
    follower = Follower(file)
    for size in range(1, len(text) + 1):
        file.write_bytes(text[:size])
        os.utime(file)
        steps = [*getattr(follower.read().curves.get(RETURN), "steps", [])]
        assert steps == [100, 200][: text[:size].count(b"\n")]


def test_what_is_no_line_of_metrics_is_passed_over(file: Path) -> None:
    torn = b'{"step": 5, "sec\n[1]\n7\nnull\n{"step": 6}\n\xff\xfe\n' + b"[" * 5000 + b"\n"
    odd = b'{"step": 7, "seconds": "x"}\n{"step": NaN, "seconds": 1}\n'
    odd += b'{"step": 8, "seconds": 1, "a": Infinity}\n'
    huge = b'{"step": 1' + b"0" * 400 + b', "seconds": 1}\n'
    file.write_bytes(line(1) + torn + odd + huge + line(9))
    known = Follower(file).read()
    assert [*known.curves[RETURN].steps] == [1, 9]
    assert set(known.curves) == {RETURN}


def test_a_run_that_was_gone_on_with_has_a_new_file_and_a_new_curve(file: Path) -> None:
    file.write_bytes(line(100) + line(200) + line(300))
    follower = Follower(file)
    follower.read()
    other = file.with_name("other")
    other.write_bytes(line(100) + line(150) + line(175) + line(190))
    other.replace(file)
    assert [*follower.read().curves[RETURN].steps] == [100, 150, 175, 190]


def test_a_folder_that_is_deleted_leaves_what_was_known(file: Path) -> None:
    file.write_bytes(line(100))
    follower = Follower(file)
    known = follower.read()
    file.unlink()
    assert follower.read() is known
    assert Follower(file).read().curves == {}


def test_of_a_long_file_little_is_read_evenly_and_both_ends(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BLOCKS", 20)
    monkeypatch.setattr(following, "BLOCK", 500)
    monkeypatch.setattr(following, "TAIL", 1000)
    count = 20_000
    spent = {"time__act": 0.002, "time__env": 0.004, "time__learn": 0.004}  # of a hundredth of a second
    file.write_bytes(b"".join(line(step, step / count, **spent) for step in range(1, count + 1)))
    follower = Follower(file)
    taken: list[int] = []
    take = follower._take_all
    monkeypatch.setattr(follower, "_take_all", lambda data: (taken.append(len(data)), take(data)))
    known = follower.read()
    assert sum(taken) < 22 * 500
    assert known.latest["step"] == count
    assert known.shares == pytest.approx({"act": 0.2, "env": 0.4, "learn": 0.4, "other": 0}, abs=1e-6)
    assert known.speed == pytest.approx(100)
    curve = known.curves[RETURN]
    gaps = [b - a for a, b in zip(curve.steps, curve.steps[1:], strict=False)]
    assert min(gaps) > 0
    assert max(gaps) < 1.2 * count / 20
    assert curve.steps[0] < count / 20
    assert all(
        abs(step / count - value) < 1e-9 for step, value in zip(curve.steps, curve.values, strict=True)
    )
    with file.open("ab") as more:
        more.write(line(count + 1))
    assert follower.read().latest["step"] == count + 1
    assert sum(taken) < 23 * 500


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=3000), st.integers(2, 40).map(lambda n: 2 * n))
def test_a_curve_stays_small_and_tells_the_same(values: list[float], most: int) -> None:
    before = following.MOST
    following.MOST = most
    try:
        curve = Curve()
        for number, value in enumerate(values):
            curve.add(number, number, value)
        shown = curve.copy()
    finally:
        following.MOST = before
    assert 1 <= len(shown.values) <= most
    assert len(shown.steps) == len(shown.seconds) == len(shown.values)
    assert list(shown.steps) == sorted(shown.steps)
    assert min(values) - 1e-6 <= min(shown.values)
    assert max(shown.values) <= max(values) + 1e-6
    assert shown.steps[-1] >= len(values) - 1 - curve._each


def test_the_last_value_is_seen_at_once_however_long_the_curve(file: Path) -> None:
    curve = Curve()
    for number in range(4 * MOST + 1):
        curve.add(number, number, 0.0)
    curve.add(4 * MOST + 1, 0, 6.0)
    assert curve.copy().values[-1] > 0
    assert len(curve.copy().values) <= MOST


def test_speed_and_shares_are_those_of_the_last_half_minute(file: Path) -> None:
    slow = b"".join(line(100 * n, time__act=1.0) for n in range(1, 11))  # a second each, 100 steps
    fast = [
        {"step": 1000 + 500 * n, "seconds": 10.0 + n, "time/act": 0.2, "time/env": 0.3, "time/learn": 0.4}
        for n in range(1, 61)
    ]
    file.write_bytes(slow + b"".join(json.dumps(told).encode() + b"\n" for told in fast))
    known = Follower(file).read()
    assert known.speed == pytest.approx(500)
    assert known.shares == pytest.approx({"act": 0.2, "env": 0.3, "learn": 0.4, "other": 0.1})


def test_only_the_runs_that_were_looked_at_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "FOLLOWED", 2)
    some = [kept(seed=seed, returns=[seed]) for seed in range(4)]
    assert [progress(run).latest[RETURN] for run in some] == [0, 1, 2, 3]
    assert len(following._followed) == 2
    assert progress(some[0]).latest[RETURN] == 0
