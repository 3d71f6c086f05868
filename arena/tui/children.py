"""Child processes of the launcher: everything heavy happens in one, and every one is ended properly.

A child is `python -m <module> ...`. Its stdin is a pipe: a line "quit", or the pipe's end, asks it to stop.
Its stdout is JSON lines, one event each. Its stderr, where libraries are noisy, is a file.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio import subprocess
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LINE_LIMIT = 1 << 22
"""Bytes in one line of a child's stdout: a preview's picture is the longest."""

PATIENCE: dict[str, float | None] = {
    "preview": 1.0,
    "display": 1.0,
    "window": 30.0,
    "training": None,
    "tournament": 10.0,
    "command": 5.0,
}
"""Seconds from "quit" to SIGTERM, by what the child is for: in a window the other copies of a duel play on to
the end. None is no limit: a training ends its iteration and writes a checkpoint, which may be gigabytes."""

AFTER_TERMINATE = 3.0
"""Seconds from SIGTERM to SIGKILL."""


@dataclass(eq=False)
class Child:
    """One running child process."""

    purpose: str
    """A key of `PATIENCE`."""
    title: str
    """What people call it: `the match at maze/run`, `the training of ppo at maze/run`."""
    process: subprocess.Process
    errors: Path | None
    """Where its stderr goes."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What its events have told so far, the latest value by name (`run`, `step`, ...)."""
    ending: bool = False
    """Whether it has been asked to stop, or has said that it does."""
    _given_up: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def running(self) -> bool:
        return self.process.returncode is None

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Its events as they come, until it ends. Lines that are not JSON objects are passed over."""
        assert self.process.stdout is not None
        while line := await self._line():
            with contextlib.suppress(ValueError):
                event = json.loads(line)
                if isinstance(event, dict):
                    self.facts |= {k: v for k, v in event.items() if k not in ("event", "rgb")}
                    yield event
        await self.process.wait()

    async def _line(self) -> bytes:
        assert self.process.stdout is not None
        while True:
            with contextlib.suppress(ValueError):  # a line beyond LINE_LIMIT: no event of ours
                return await self.process.stdout.readline()

    def ask_to_stop(self) -> None:
        """Write "quit" and close the pipe; the child answers when it can."""
        self.ending = True
        pipe = self.process.stdin
        if pipe is not None and not pipe.is_closing():
            with contextlib.suppress(OSError):
                pipe.write(b"quit\n")
                pipe.close()

    async def end(self) -> None:
        """Ask, wait, terminate, kill: when this returns, the process and its own children are gone."""
        self.ask_to_stop()
        drained = asyncio.create_task(self._drain())
        try:
            if not await self._gone_unless_given_up(PATIENCE[self.purpose]):
                self._signal(signal.SIGTERM)
                if not await self._gone_within(AFTER_TERMINATE):
                    self._signal(signal.SIGKILL)
                    await self.process.wait()
        finally:
            self._signal(signal.SIGKILL)  # what the child itself has started and left
            drained.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await drained

    def give_up(self) -> None:
        """Whoever waits in `end` waits no longer, whatever is lost by that."""
        self._given_up.set()

    async def _gone_unless_given_up(self, seconds: float | None) -> bool:
        """Whether it has ended by itself, in time and before somebody gave it up."""
        gone = asyncio.create_task(self.process.wait())
        given_up = asyncio.create_task(self._given_up.wait())
        try:
            await asyncio.wait((gone, given_up), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            given_up.cancel()
        return not self.running

    async def _gone_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self.process.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def _drain(self) -> None:
        """Read on, so that a child that still talks is not stuck on a full pipe."""
        with contextlib.suppress(RuntimeError):  # whoever iterates over `events` reads already
            while await self._line():
                pass

    def _signal(self, number: int) -> None:
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, number)
            elif self.running:
                self.process.send_signal(number)

    def last_words(self) -> str:
        """The last line it wrote to stderr, for a notice; empty where there is none."""
        if self.errors is None:
            return ""
        try:
            text = self.errors.read_text(encoding="utf-8", errors="replace")[-4000:]
        except OSError:
            return ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return lines[-1] if lines else ""


UNHEARD = ("preview", "display")
"""What such a child says on stderr is of no use to anybody."""


class Children:
    """The children of one launcher."""

    def __init__(self) -> None:
        self._all: list[Child] = []

    def running(self, purpose: str | None = None) -> list[Child]:
        """Those that have not ended, of one purpose or of all."""
        self._all = [child for child in self._all if child.running]
        return [child for child in self._all if purpose in (None, child.purpose)]

    async def start(
        self,
        purpose: str,
        title: str,
        module: str,
        *arguments: str,
        errors: Path | None = None,
        threads: int | None = None,
    ) -> Child:
        """Start `python -m module arguments`, which computes with so many `threads`, or as many as it likes.
        Raises OSError where that cannot be done."""
        stderr = errors.open("wb") if errors is not None else subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                *command(module, arguments),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                limit=LINE_LIMIT,
                env=environment(threads),
                start_new_session=True,  # a hang-up of the terminal reaches it through us, as "quit"
            )
        finally:
            if not isinstance(stderr, int):
                stderr.close()
        child = Child(purpose, title, process, errors)
        self._all.append(child)
        return child

    async def end_all(self) -> None:
        """End every child, all at once."""
        await asyncio.gather(*(child.end() for child in self.running()))


def command(module: str, arguments: Sequence[str]) -> list[str]:
    """The command line of `python -m module arguments`, with this interpreter."""
    return [sys.executable, "-m", module, *arguments]


def environment(threads: int | None = None) -> dict[str, str]:
    """The environment of a child: ours, able to import what we import, whatever its folder."""
    limit = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
    root = str(Path(__file__).resolve().parents[2])
    path = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {**limit, **os.environ} | {
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(path)),
        "PYTHONUNBUFFERED": "1",
        "PYGAME_HIDE_SUPPORT_PROMPT": "1",
    }
