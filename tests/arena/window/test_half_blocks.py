import os
import pty
import re
import select
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.window.canvas import Canvas, nearest_of_256
from arena.window.terminal_keys import TerminalKeys


def written(draw, columns=20, lines=5, frames=1) -> list[str]:
    reader, writer = os.pipe()
    canvas, texts = Canvas(writer), []
    for _ in range(frames):
        canvas.begin(columns, lines)
        draw(canvas)
        canvas.show()
        ready, _, _ = select.select([reader], [], [], 0)
        texts.append(os.read(reader, 1 << 16).decode() if ready else "")
    os.close(reader)
    os.close(writer)
    return texts


def test_a_pixel_is_half_a_character_with_its_own_colour(monkeypatch):
    monkeypatch.setenv("COLORTERM", "truecolor")
    picture = np.array([[[255, 0, 0]], [[0, 0, 255]]], np.uint8)
    (text,) = written(lambda canvas: canvas.picture(1, 2, picture))
    assert "\x1b[48;2;0;0;255m\x1b[38;2;255;0;0m▀" in text


def test_nothing_is_written_while_nothing_changes():
    texts = written(lambda canvas: canvas.words(1, 2, "hello", (1, 2, 3)), frames=2)
    assert "hello" in texts[0] and texts[1] == ""


def test_only_the_line_that_changes_is_written():
    words = iter(["one", "two"])
    texts = written(
        lambda c: (c.words(3, 2, next(words), (9, 9, 9)), c.words(1, 0, "same", (9, 9, 9))), frames=2
    )
    assert "two" in texts[1].replace("\x1b", "") and "same" not in texts[1]


@given(st.integers(-30, 30), st.integers(-10, 10), st.integers(1, 40), st.integers(1, 20))
def test_what_does_not_fit_is_clipped(column, line, width, height):
    def draw(canvas):
        canvas.picture(line, column, np.full((height, width, 3), 7, np.uint8))
        canvas.words(line, column, "x" * width, (1, 1, 1))
        canvas.box([("word" * width, (1, 1, 1))] * height, (2, 2, 2), centred=True)

    assert written(draw)[0].count("\n") == 0


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_the_nearest_of_256_colours_is_near(colour):
    def rgb(index):
        if index >= 232:
            return (8 + 10 * (index - 232),) * 3
        steps = (0, 95, 135, 175, 215, 255)
        index -= 16
        return steps[index // 36], steps[index // 6 % 6], steps[index % 6]

    def distance(index):
        return sum((a - b) ** 2 for a, b in zip(rgb(index), colour, strict=True))

    assert distance(nearest_of_256(*colour)) <= 1.3 * min(map(distance, range(16, 256))) + 60


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        ("\x1b[A\x1b[D", [("up", 1), ("left", 1)]),
        ("\x1bOC", [("right", 1)]),
        ("\x1b", [("escape", 1)]),
        ("wP +", [("w", 1), ("p", 1), ("space", 1), ("+", 1)]),
        ("\x1b[1;1:3A\x1b[119;1:2u", [("up", 3), ("w", 2)]),
        ("\x1b[27u\x1b[13;1:1u", [("escape", 1), ("return", 1)]),
    ],
)
def test_keys_are_read_from_what_terminals_send(data, keys):
    assert TerminalKeys(0).parse(data) == keys


def test_a_sequence_in_two_pieces_is_one_key():
    keys = TerminalKeys(0)
    assert keys.parse("\x1b[") == []
    assert keys.parse("B") == [("down", 1)]


def test_a_terminal_that_tells_of_releases_is_believed():
    keys = TerminalKeys(0)
    assert keys.parse("\x1b[?11u") == [] and keys.releases_known


def test_where_the_system_has_no_termios_that_is_said_and_nothing_else_breaks(tmp_path):
    code = (
        "import sys; sys.modules['termios'] = None; from arena.window.__main__ import main; sys.exit(main())"
    )
    arguments = ["play", "--game", "gym/CartPole-v1", "--player", "random", "--terminal"]
    master, slave = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        stdin=slave,
        stdout=slave,
        stderr=subprocess.PIPE,
        env={**os.environ, "ARENA_SAVES": str(tmp_path)},
        text=True,
        timeout=100,
    )
    os.close(slave)
    os.close(master)
    assert done.returncode == 1
    assert done.stderr == f"single keys cannot be read in a terminal on {sys.platform}; it needs a window\n"


def spawned(tmp_path, *arguments):
    """A match in a pseudo-terminal: (process, everything it has drawn)."""
    master, slave = pty.openpty()
    env = {**os.environ, "ARENA_SAVES": str(tmp_path), "TERM": "xterm-256color"}
    command = [
        sys.executable,
        "-m",
        "arena.window",
        "play",
        "--game",
        "gym/CartPole-v1",
        *arguments,
        "--terminal",
    ]
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=subprocess.PIPE, env=env)
    os.close(slave)
    return process, master


def read_until(master, pattern, seconds=60.0):
    text, end = "", time.monotonic() + seconds
    while not re.search(pattern, text):
        assert time.monotonic() < end, text[-500:]
        if select.select([master], [], [], 0.2)[0]:
            try:
                text += os.read(master, 1 << 16).decode(errors="replace")
            except OSError:
                break
    return text


def test_the_terminal_is_put_back_however_the_match_ends(tmp_path):
    for ending in (lambda p, m: os.write(m, b"\x1b"), lambda p, m: p.terminate()):
        process, master = spawned(tmp_path, "--player", "random", "--player", "random")
        text = read_until(master, "H keys")
        ending(process, master)
        text += read_until(master, r"\x1b\[\?1049l")
        assert process.wait(20) == 0
        assert text.count("\x1b[?1049h") == 1 and "\x1b[?25h" in text
        assert process.stderr.read() == b""
        process.stderr.close()
        os.close(master)


def test_without_display_and_terminal_one_line_says_so(tmp_path):
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")}
    done = subprocess.run(
        [sys.executable, "-m", "arena.window", "play", "--game", "gym/CartPole-v1", "--player", "random"],
        env={**env, "ARENA_SAVES": str(tmp_path)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert done.returncode == 1
    assert '"event": "error"' in done.stdout and "no terminal" in done.stdout
    assert "Traceback" not in done.stderr


def test_drawing_in_the_terminal_and_previews_load_no_pygame():
    code = "import sys\nfrom arena.window import half_blocks, preview, session, series\n"
    code += "assert 'pygame' not in sys.modules and 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
