"""How busy this machine is, and one process on it. Looking takes milliseconds, the GPUs more: in a thread."""

import contextlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from arena import places

GPU_PATIENCE = 4.0
"""Seconds until a driver that does not answer is left alone."""

_ASKED = "--query-gpu=utilization.gpu,memory.used,memory.total"


@dataclass(frozen=True, slots=True)
class Trainer:
    """What a process takes, with the processes it has started."""

    cores: float
    """Of the processor's, lately: 1.0 is one of them, all of the time."""
    memory: int
    """In bytes."""


@dataclass(frozen=True, slots=True)
class Load:
    """What the machine is doing."""

    cores: tuple[float, ...]
    """The share of the time since the last look in which each was busy; none at the first look."""
    memory: int
    """That is taken, in bytes, of `memory_there`."""
    memory_there: int
    disk_free: int
    """Bytes, where the saves are."""
    trainer: Trainer | None = None

    @property
    def busy(self) -> float:
        return sum(self.cores) / max(len(self.cores), 1)


@dataclass(frozen=True, slots=True)
class Gpu:
    busy: float | None
    """A share; None where the driver does not tell, as of a part of a GPU."""
    memory: int
    memory_there: int
    """In bytes."""


class Machine:
    """Looks again and again; shares are those of the time between two looks."""

    def __init__(self) -> None:
        self._known: dict[int, object] = {}
        """The processes of the last look, by their numbers."""
        self._began = False

    def look(self, pid: int | None = None) -> Load | None:
        """The load, with that of the process `pid` if there is such a one. None where it cannot be told."""
        with contextlib.suppress(ImportError, OSError, NotImplementedError, RuntimeError):
            return self._look(pid)
        return None

    def _look(self, pid: int | None) -> Load:
        import psutil  # 25 ms: not before the first picture

        memory = psutil.virtual_memory()
        cores = psutil.cpu_percent(percpu=True)  # of the time since it was called last
        began, self._began = self._began, True
        return Load(
            cores=tuple(min(share / 100, 1.0) for share in cores) if began else (),
            memory=memory.total - memory.available,
            memory_there=memory.total,
            disk_free=_disk_free(places.saves()),
            trainer=None if pid is None else self._trainer(pid),
        )

    def _trainer(self, pid: int) -> Trainer | None:
        import psutil

        cores, memory, seen = 0.0, 0, {}
        with contextlib.suppress(psutil.Error):
            first = psutil.Process(pid)
            for process in (first, *first.children(recursive=True)):
                known = self._known.get(process.pid)
                one = known if isinstance(known, psutil.Process) and known == process else process
                with contextlib.suppress(psutil.Error):
                    cores += one.cpu_percent() / 100
                    memory += one.memory_info().rss
                    seen[one.pid] = one
        self._known = dict(seen)
        return Trainer(cores, memory) if seen else None


def _disk_free(folder: Path) -> int:
    """Where `folder` is, or will be made."""
    for place in (folder, *folder.parents):
        with contextlib.suppress(OSError):
            return shutil.disk_usage(place).free
    return 0


def has_gpu() -> bool:
    """Whether there may be one that tells of itself."""
    return shutil.which("nvidia-smi") is not None


def gpus() -> list[Gpu]:
    """NVIDIA's, as their driver tells of them; none where it does not."""
    try:
        told = subprocess.run(
            ["nvidia-smi", _ASKED, "--format=csv,noheader,nounits"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=GPU_PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return []
    return [gpu for line in told.stdout.splitlines() if (gpu := _gpu(line)) is not None]


def _gpu(line: str) -> Gpu | None:
    """`34, 3120, 143771`, in per cent and MiB; `[N/A]` for what the driver does not know."""
    busy, *memory = (part.strip() for part in line.split(","))
    try:
        used, there = (int(part) << 20 for part in memory)
    except ValueError:
        return None
    return Gpu(int(busy) / 100 if busy.isdecimal() else None, used, there)


def size_words(count: float) -> str:
    """`420 MB`, `6.1 GB`, `143 GB`."""
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= scale:
            number = count / scale
            return f"{number:.1f} {unit}" if number < 10 and unit != "MB" else f"{number:.0f} {unit}"
    return f"{count / 1e3:.0f} kB"
