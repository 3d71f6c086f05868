"""What a child process hears from its parent: a line "quit" on stdin, or that the parent is gone."""

import os
import stat
import threading
from collections.abc import Callable


def on_quit(act: Callable[[], object]) -> None:
    """Call `act`, in a thread, at a line "quit" on stdin, or at its end.

    Only where stdin is somebody's pipe: at a terminal, a file or nothing there is nobody to hear.
    """
    try:
        mode = os.fstat(0).st_mode
    except OSError:  # no stdin at all
        return
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        threading.Thread(target=_listen, args=(act,), daemon=True).start()


def _listen(act: Callable[[], object]) -> None:
    # Not through sys.stdin: a thread that waits in its lock would stop the interpreter from ending.
    heard = b""
    while data := os.read(0, 4096):
        *lines, heard = (heard + data).split(b"\n")
        if any(line.strip() == b"quit" for line in lines):
            break
    act()
