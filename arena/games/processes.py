"""Processes at work for this one."""

import contextlib
import os
import signal
from collections.abc import Iterator


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def as_a_worker() -> Iterator[None]:
    """Processes begun within compute with one thread, as there are as many of them as should be at work, and
    do not hear Ctrl-C."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    # A child hears Ctrl-C only when it says what to do about it: until then it would be torn from its start.
    blocked = None
    if hasattr(signal, "pthread_sigmask"):
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if blocked is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def ignore_interrupts() -> None:
    """For a process at work: Ctrl-C is for whoever employs it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
