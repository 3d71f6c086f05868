"""What the window itself does beside drawing."""

import os
import subprocess
import sys
from pathlib import Path

import pygame
import pytest

from arena import places
from arena.window import screen, thrift
from arena.window.session import Session


def test_pictures_are_kept_beside_each_other_and_told_of(saves: Path) -> None:
    surface = pygame.Surface((20, 10), depth=32)
    surface.fill((1, 2, 3))
    told = {screen.keep_picture(surface, Session()) for _ in range(3)}
    kept = list((places.saves() / "pictures").iterdir())
    assert len(kept) == len(told) == 3 and told == {f"the picture is in {path}" for path in kept}
    assert tuple(pygame.image.load(kept[0]).get_at((5, 5)))[:3] == (1, 2, 3)


def test_a_picture_that_cannot_be_kept_is_one_line(saves: Path) -> None:
    places.saves().mkdir(parents=True)
    (places.saves() / "pictures").write_text("a file in the way")
    told = screen.keep_picture(pygame.Surface((2, 2)), Session())
    assert "pictures" in told and "\n" not in told and "picture is in" not in told


@pytest.mark.skipif(not hasattr(os, "setpriority"), reason="a system without priorities")
def test_a_guest_stands_back_and_computes_on_one_thread_and_so_do_its_threads_old_and_new() -> None:
    code = "import os, threading, torch; from arena.window import thrift\n"
    code += "told = lambda: print(os.getpriority(os.PRIO_PROCESS, 0), torch.get_num_threads())\n"
    code += "go = threading.Event(); old = threading.Thread(target=lambda: (go.wait(), told()))\n"
    code += "old.start()\n"
    code += "thrift.stand_back(); thrift.stand_back(); told(); go.set(); old.join()\n"
    code += "new = threading.Thread(target=told); new.start(); new.join()"
    env = {**os.environ, "OMP_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=env,
        check=True,
        start_new_session=True,
    )
    assert done.stdout.split() == [str(thrift.POLITENESS), "1"] * 3


def test_a_display_that_cannot_be_reached_is_no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    """SDL falls back on a driver that draws into memory, where a match would be played unseen."""
    code = "from arena.window import screen; print(screen.why_not())"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("SDL_VIDEO", "WAYLAND"))}
    env |= {"DISPLAY": ":4711", "XDG_RUNTIME_DIR": "/nowhere"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert done.stdout.startswith("no display: DISPLAY=:4711 cannot be reached")
    env["SDL_VIDEODRIVER"] = "dummy"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert done.stdout.strip() == "", "who asks for it gets it"
