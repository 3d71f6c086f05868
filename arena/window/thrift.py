"""Being a guest: who watches a training takes little of the processor it runs on."""

import contextlib
import os
import time
from pathlib import Path

from arena.games.processes import cores

SHARE = 0.01
"""Of all the machine's processors that a window on a training may take: at most 5 in a hundred is
how much it may slow the training down, whose threads wait for each other."""

LEAST, GUEST, MOST = 6.0, 15.0, 60.0
"""Pictures a second: at least, as a guest at most, and where nobody else needs the processor."""

LOOK = 1.0
"""Seconds over which it is measured what was taken."""

POLITENESS = 19
"""How far back a process stands that watches a training, by `nice`."""


def stand_back() -> None:
    """Let everybody else go first, and compute on one thread. For this process and all its threads.

    It is for who has something to show: what is loaded by who stands back takes minutes on a busy machine.
    """
    import torch

    torch.set_num_threads(1)
    for thread in _threads():
        with contextlib.suppress(OSError):  # one that has just ended
            if hasattr(os, "setpriority"):
                os.setpriority(os.PRIO_PROCESS, thread, POLITENESS)
            if hasattr(os, "SCHED_BATCH"):  # who wakes up waits: nobody is torn from its work
                os.sched_setscheduler(thread, os.SCHED_BATCH, os.sched_param(0))
    with contextlib.suppress(OSError, AttributeError):
        # Linux shares the processors out among sessions first: one of our own stands back as a whole.
        if os.getsid(0) == os.getpid():
            Path("/proc/self/autogroup").write_text(str(POLITENESS))


def _threads() -> list[int]:
    """Linux has a priority for each thread; elsewhere there is one for all of a process, 0."""
    try:
        return [int(entry.name) for entry in Path("/proc/self/task").iterdir()]
    except OSError:
        return [0]


class Thrift:
    """How many pictures a second there may be, from the processor's time that this process has taken."""

    def __init__(self) -> None:
        self.pictures = MOST
        self._since: tuple[float, float] | None = None

    def measure(self, guest: bool) -> float:
        """Pictures a second from now on; all of them where it is nobody's `guest`. Call it with every one."""
        now, taken = time.monotonic(), time.process_time()
        if not guest:
            self.pictures, self._since = MOST, None
        elif self._since is None:
            self.pictures, self._since = GUEST, (now, taken)
        elif now - self._since[0] >= LOOK:
            share = (taken - self._since[1]) / (now - self._since[0]) / cores()
            change = min(max(SHARE / max(share, 1e-6), 0.6), 1.25)
            self.pictures = min(max(self.pictures * change, LEAST), GUEST)
            self._since = now, taken
        return self.pictures
