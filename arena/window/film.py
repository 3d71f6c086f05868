"""Films of replays: what the window shows, as .mp4 or .gif, picture by picture at its true speed."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # quiet while encoders are tried
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")

import cv2
import numpy as np
import pygame
from numpy.typing import NDArray

from arena.errors import ArenaError, UsageError
from arena.store.records import Replay
from arena.window import overlays
from arena.window.gif import GifWriter
from arena.window.lettering import text_size
from arena.window.rerun import Viewing
from arena.window.view import View

HOLD = 2.5
"""Seconds that the result stands at the end."""

MOST = {".mp4": (1680, 720), ".gif": (800, 420)}
"""Width and height of the pictures of the games together, in pixels; what is larger is shrunk."""

WIDEST = 3.2
"""Panels stand in one row while it is at most so many times as wide as high."""

GIF_RATE = 20
"""Pictures a second: the format counts hundredths, and browsers slow down what is below two of them."""


class Writer(Protocol):
    """What takes a film's pictures, (H, W, 3), one by one."""

    def add(self, picture: NDArray[np.uint8]) -> None: ...
    def close(self) -> None:
        """All has been added: write what is still to be written."""

    def abandon(self) -> None:
        """Let go of everything at once; the file is nobody's."""


def export(recorded: Replay, path: Path, progress: Callable[[float], None] | None = None) -> str:
    """Write the film of a replay to `path` (.mp4 or .gif) and return what it was coded with.

    An .mp4 has a picture for every tick of games of 30 ticks a second and more (60 for Atari), else 30 a
    second; a .gif has 20. `progress` is told the share that is done; what it raises ends the work, and
    leaves nothing of it. The mp4 is H.264 where the machine has the `ffmpeg` program or OpenCV an encoder
    for it, else MPEG-4, which players know but browsers do not.
    Raises UsageError for another ending, ArenaError where the film cannot be written or the replay not shown.
    """
    kind = path.suffix.lower()
    if kind not in MOST:
        raise UsageError(f"a film ends in .mp4 or .gif, and '{path.name}' does not")
    viewing = _Uncut(recorded)
    try:
        rate = viewing.bout.pace.tick_rate
        pictures = GIF_RATE if kind == ".gif" else rate if rate >= 30 else 30.0
        surface = pygame.Surface(_size(viewing, MOST[kind]), depth=32)
        with (
            whole_or_not_at_all(path) as temporary,
            writer(temporary, kind, surface, pictures) as (taker, codec),
        ):
            for done, picture in _pictures(viewing, surface, pictures):
                taker.add(picture)
                if progress is not None:
                    progress(done)
        return codec
    finally:
        viewing.close()


class _Uncut(Viewing):
    """A replay as a film shows it: no keys to press, no word of its being one."""

    def hint(self) -> str:
        return ""

    def status(self) -> str:
        return ""

    def position(self) -> float | None:
        return None


def _pictures(
    viewing: Viewing, surface: pygame.Surface, rate: float
) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """(share done, (H, W, 3)) at exactly `rate` a second of the match's time, and the result at the end."""
    bout, view = viewing.bout, View()
    match = bout.match
    number = 0
    while True:
        due = number * bout.pace.tick_rate / rate
        while not match.finished and match.ticks + 1 <= due + 1e-9:
            match.tick()
        bout.pace.owed = min(max(due - match.ticks, 0.0), 1.0)
        view.draw(surface, viewing)
        yield min(match.ticks / bout.total, 1.0), pixels(surface)
        if match.finished:
            break
        number += 1
    viewing.update(0.0)
    overlays.draw(surface, viewing)
    result = pixels(surface)
    for _ in range(round(HOLD * rate)):
        yield 1.0, result


def pixels(surface: pygame.Surface) -> NDArray[np.uint8]:
    width, height = surface.get_size()
    return np.frombuffer(pygame.image.tobytes(surface, "RGB"), np.uint8).reshape(height, width, 3)


def _size(viewing: Viewing, most: tuple[int, int]) -> tuple[int, int]:
    """The least surface, even both ways, on which the panels have the scale that `most` pixels allow."""
    view, bout = View(), viewing.bout
    tall, wide = bout.frame(bout.sights()[0]).shape[:2]
    count = len(bout.sights())
    columns = count if count * wide <= WIDEST * tall else -(-count // 2)
    rows = -(-count // columns)
    scale = min(most[0] / (columns * wide), most[1] / (rows * tall))
    scale = float(int(scale)) if scale >= 1 else scale
    width, height = max(int(columns * wide * scale), 320), int(rows * tall * scale)
    for _ in range(200):  # names, clock and gaps: as much as they need
        size = text_size(height, width)
        width = max(width, int(columns * wide * scale) + (columns + 1) * max(size // 2, 4) + 2)
        if min(place.scale for place in view.places(width, height, viewing, False)[1]) >= scale - 1e-3:
            break
        height += 4
    return width + width % 2, height + height % 2


@contextmanager
def whole_or_not_at_all(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`, which takes its place when all has been written and is on the disk."""
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{path.suffix}")
    try:
        temporary.touch(exist_ok=False)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise ArenaError(
            f"cannot write the film {path}: {error.strerror or error}; choose another place"
        ) from error
    finally:
        if temporary.exists():
            temporary.unlink()


@contextmanager
def writer(path: Path, kind: str, surface: pygame.Surface, rate: float) -> Iterator[tuple[Writer, str]]:
    size = surface.get_size()
    writer, codec = _gif(path, size, rate) if kind == ".gif" else _mp4(path, size, rate)
    try:
        yield writer, codec
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    if path.stat().st_size == 0:
        raise ArenaError(f"the film could not be coded as {codec}: its file is empty; try .gif")


def _gif(path: Path, size: tuple[int, int], rate: float) -> tuple[Writer, str]:
    return _Gif(path, size, round(100 / rate)), "GIF"


class _Gif:
    def __init__(self, path: Path, size: tuple[int, int], delay: int) -> None:
        self._file, self._delay = path.open("wb"), delay
        self._gif = GifWriter(self._file, *size)

    def add(self, picture: NDArray[np.uint8]) -> None:
        self._gif.add(picture, self._delay)

    def close(self) -> None:
        self._gif.close()
        self._file.close()

    def abandon(self) -> None:
        self._file.close()


def _mp4(path: Path, size: tuple[int, int], rate: float) -> tuple[Writer, str]:
    """H.264 by the ffmpeg program, else by OpenCV where the system brings an encoder, else its MPEG-4, which
    browsers do not play. (Its VP9, which they do, takes a quarter of a second a picture.)"""
    if program := shutil.which("ffmpeg"):
        return _Ffmpeg(program, path, size, rate), "H.264"
    for code, name in (("avc1", "H.264"), ("mp4v", "MPEG-4")):
        video = cv2.VideoWriter(str(path), cv2.CAP_ANY, cv2.VideoWriter.fourcc(*code), rate, size)
        if video.isOpened():
            return _OpenCV(video), name
    raise ArenaError("this machine has no encoder for .mp4; install ffmpeg, or choose .gif")


class _OpenCV:
    def __init__(self, video: cv2.VideoWriter) -> None:
        self._video = video

    def add(self, picture: NDArray[np.uint8]) -> None:
        self._video.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))

    def close(self) -> None:
        self._video.release()

    def abandon(self) -> None:
        self._video.release()


class _Ffmpeg:
    """Raw pictures into the ffmpeg program. Plain 4:2:0 H.264, which everything plays; pixels of one colour
    come in squares of two and more, so that halved chroma costs little."""

    def __init__(self, program: str, path: Path, size: tuple[int, int], rate: float) -> None:
        command = [program, "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"]
        command += ["-s", f"{size[0]}x{size[1]}", "-r", f"{rate:g}", "-i", "-"]
        command += ["-vf", "scale=out_color_matrix=bt709:out_range=tv", "-pix_fmt", "yuv420p"]
        command += ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]
        command += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18"]
        command += ["-movflags", "+faststart", str(path)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for us, and we tell it what to do
        )

    def add(self, picture: NDArray[np.uint8]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(picture.tobytes())
        except BrokenPipeError:
            self.close()

    def close(self) -> None:
        """Raises ArenaError where ffmpeg could not do it."""
        _, complaint = self._process.communicate()
        if self._process.returncode:
            last = complaint.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
            raise ArenaError(f"ffmpeg could not write the film: {last[0]}")

    def abandon(self) -> None:
        self._process.kill()
        self._process.communicate()
