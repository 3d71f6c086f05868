"""Asking a training to stop, from wherever: a signal, a parent, another thread."""

import contextlib
import signal
from collections.abc import Iterator
from typing import Any


class Stop:
    """Set when a training shall stop. Once it learns, it looks at this between two iterations; until then,
    while environments are made and kernels compiled, nothing would be lost: `stop_on_signals` interrupts.

    It is no `threading.Event`, which has a lock: a signal that came while another was heard would wait for it
    for ever."""

    def __init__(self) -> None:
        self._asked = False
        self.learning = False
        """Whether there has been an iteration: from then on a stop is heard within a moment."""
        self._signals = False

    def is_set(self) -> bool:
        return self._asked

    def set(self) -> None:
        self._asked = True

    def ask(self) -> None:
        """From any thread."""
        if self._signals and not self.learning and not self.is_set():
            signal.raise_signal(signal.SIGTERM)  # its handler runs in the main thread, whatever that does
        else:
            self.set()


@contextlib.contextmanager
def stop_on_signals(stop: Stop) -> Iterator[None]:
    """Within, SIGINT (Ctrl-C) and SIGTERM set `stop`. Before anything has been learned they also raise
    KeyboardInterrupt, and so does a second SIGINT, at once."""

    def handle(number: int, _: Any) -> None:
        again = stop.is_set()
        stop.set()
        if (again and number == signal.SIGINT) or (not again and not stop.learning):
            raise KeyboardInterrupt

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    stop._signals = True
    try:
        yield
    finally:
        stop._signals = False
        for number, handler in before.items():
            signal.signal(number, handler)
