"""Being asked to end."""

import contextlib
import signal
from collections.abc import Iterator


@contextlib.contextmanager
def asked_as_by_ctrl_c() -> Iterator[None]:
    """Within, SIGTERM, by which the launcher stops what a command line began, and SIGHUP, which a terminal
    sends that is closed, do what Ctrl-C does: what was begun is put away."""
    asked = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {each: signal.signal(each, signal.default_int_handler) for each in asked}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
