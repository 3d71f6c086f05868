"""The processor's cores, each given a part of the work.

A minibatch is learned from in as many parts as there are cores, each part forward and backward by one thread,
and their gradients are added up. That is as fast as sharing out every single operation where nothing else
runs, and far faster where something does: operations that are shared out wait for each other hundreds of
times in a gradient step, and spin while they wait. Who plays asks for few positions at a time, which are not
worth dividing at all.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import torch

CORES = torch.get_num_threads()
"""As many as torch would use: `OMP_NUM_THREADS`, or the machine's."""

Result = TypeVar("Result")

_doing = threading.local()
"""What each thread is at: `part`, whether it computes a part."""


def in_parts(compute: Callable[[slice], Result], rows: int, parts: int = CORES) -> list[Result]:
    """`compute` of `parts` slices of rows 0 to `rows` - 1 at the same time, in their order.

    Within such a part, another is no longer divided: all cores have something to do.
    """
    parts = max(1, min(parts, rows))
    if parts == 1 or getattr(_doing, "part", False):
        return [compute(slice(0, rows))]

    def computed(part: slice) -> Result:
        _doing.part = True
        try:
            return compute(part)
        finally:
            _doing.part = False

    slices = [slice(rows * part // parts, rows * (part + 1) // parts) for part in range(parts)]
    others = [_threads().submit(computed, part) for part in slices[1:]]
    return [computed(slices[0]), *(other.result() for other in others)]


def share_out() -> None:
    """From now on in this thread, and in later ones, torch leaves the sharing out to `in_parts`."""
    torch.set_num_threads(1)


@contextlib.contextmanager
def on_one_thread() -> Iterator[None]:
    """Within, torch does not share the work out."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max(1, CORES - 1), thread_name_prefix="core")
