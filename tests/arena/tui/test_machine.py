"""How busy the machine is, as far as it tells."""

import os
import time
from pathlib import Path

import psutil
import pytest

from arena.tui import machine
from arena.tui.app import ArenaApp
from arena.tui.machine import Gpu, Load, Machine, Trainer, size_words
from arena.tui.widgets.load_line import LoadLine
from tests.arena.tui.piloting import seen, shows


def test_the_machine_is_told_and_so_is_a_process_that_works() -> None:
    looking = Machine()
    first = looking.look(os.getpid())
    assert first is not None
    assert first.cores == ()
    until = time.process_time() + 0.2
    while time.process_time() < until:
        pass
    load = looking.look(os.getpid())
    assert load is not None
    assert len(load.cores) == os.cpu_count()
    assert all(0 <= share <= 1 for share in load.cores)
    assert 0 < load.memory < load.memory_there
    assert load.disk_free > 0
    assert load.trainer is not None
    assert load.trainer.cores > 0.05
    assert load.trainer.memory > 1e6


def test_a_process_that_is_gone_is_told_as_none() -> None:
    looking = Machine()
    for pid in (None, 2**22 + 5):
        load = looking.look(pid)
        assert load is not None
        assert load.trainer is None


async def test_a_machine_that_does_not_tell_has_no_line(
    app: ArenaApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise PermissionError(13, "/proc/meminfo")

    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        assert await shows(pilot, app, "memory")
        monkeypatch.setattr(psutil, "virtual_memory", refuse)
        await pilot.pause(1.5)
        assert "memory" not in seen(app)


@pytest.fixture
def smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `nvidia-smi` of the test's own, to be written."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return folder / "nvidia-smi"


def says(smi: Path, script: str) -> None:
    smi.write_text(f"#!/bin/sh\n{script}\n")
    smi.chmod(0o755)


def test_gpus_are_told_by_their_driver(smi: Path) -> None:
    says(smi, 'echo "34, 3120, 143771"; echo "[N/A], 0, 1024"; echo "nonsense"')
    assert machine.has_gpu()
    assert machine.gpus() == [Gpu(0.34, 3120 << 20, 143771 << 20), Gpu(None, 0, 1024 << 20)]


@pytest.mark.parametrize("script", ["exit 9", "echo No devices were found; exit 6", "sleep 60"])
def test_a_driver_that_does_not_work_is_left_alone(
    smi: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    monkeypatch.setattr(machine, "GPU_PATIENCE", 0.3)
    says(smi, script)
    assert machine.gpus() == []


def test_without_a_driver_there_is_none(smi: Path) -> None:
    assert not machine.has_gpu()
    assert machine.gpus() == []


@pytest.mark.parametrize(
    ("count", "said"),
    [(420e6, "420 MB"), (6.12e9, "6.1 GB"), (143e9, "143 GB"), (1.5e12, "1.5 TB"), (900, "1 kB")],
)
def test_sizes_are_told_in_few_characters(count: float, said: str) -> None:
    assert size_words(count) == said


LOAD = Load((1.0, 0.5), 6_100_000_000, 25_000_000_000, 83_000_000_000, Trainer(1.25, 420_000_000))


def told(load: Load, *gpus: Gpu) -> list[str]:
    line = LoadLine()
    line._load, line._gpus = load, gpus
    return ["".join(text for text, _ in part) for part in line._parts()]


def test_the_line_tells_what_there_is() -> None:
    gpu = Gpu(0.34, 3 << 30, 143 << 30)
    assert told(LOAD, gpu) == [
        "cpu ▕█▄▏ 75%",
        "memory 6.1 of 25 GB",
        "gpu 34%  3.2 of 154 GB",
        "this run 125% of a core, 420 MB",
        "disk 83 GB free",
    ]
    assert told(LOAD, gpu, Gpu(None, 0, 1 << 30))[2:4] == ["gpu 0 34%  3.2 of 154 GB", "gpu 1 0 kB of 1.1 GB"]


def test_many_cores_have_no_bars_and_a_first_look_no_share() -> None:
    assert told(Load((0.5,) * 64, 1, 2, 3))[0] == "cpu  50%"
    assert told(Load((), 1, 2, 3))[0] == "cpu    …"
