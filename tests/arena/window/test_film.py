import os
import shutil
import signal
import subprocess

import cv2
import numpy as np
import pytest

from arena.errors import ArenaError, UsageError
from arena.matches.match import Match
from arena.matches.player import RandomPlayer
from arena.window import film


@pytest.fixture(scope="module")
def replay():
    match = Match("gym/CartPole-v1", [RandomPlayer(), RandomPlayer()], 3)
    match.play()
    match.close()
    return match.replay()


def frames_of(path):
    video = cv2.VideoCapture(str(path))
    frames = []
    while (read := video.read())[0]:
        frames.append(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB))
    rate = video.get(cv2.CAP_PROP_FPS)
    video.release()
    return frames, rate


@pytest.mark.parametrize("encoder", ["ffmpeg", "OpenCV"])
def test_an_mp4_has_a_picture_for_every_tick_in_its_colours(replay, tmp_path, monkeypatch, encoder):
    if encoder == "OpenCV":
        monkeypatch.setattr(shutil, "which", lambda name: None)
    elif shutil.which("ffmpeg") is None:
        pytest.skip("no ffmpeg program here")
    told = []
    codec = film.export(replay, tmp_path / "film.mp4", told.append)
    assert codec in ("H.264", "MPEG-4")
    frames, rate = frames_of(tmp_path / "film.mp4")
    assert rate == 50
    assert len(frames) == len(told) == replay.result.ticks + 1 + round(film.HOLD * 50)
    assert told == sorted(told) and told[-1] == 1.0
    height, width = frames[0].shape[:2]
    sky = frames[5][height // 3, width // 8]
    np.testing.assert_allclose(sky, 255, atol=8)  # CartPole's is white
    np.testing.assert_allclose(frames[5][height - 2, width // 2], (15, 18, 23), atol=8)
    assert [p.name for p in tmp_path.iterdir()] == ["film.mp4"]


def test_a_gif_lasts_as_long_as_the_match_and_its_result(replay, tmp_path):
    film.export(replay, tmp_path / "film.gif")
    found, animation = cv2.imreadanimation(str(tmp_path / "film.gif"))
    assert found
    seconds = float(np.sum(animation.durations)) / 1000
    assert seconds == pytest.approx(replay.result.ticks / 50 + film.HOLD, abs=0.15)
    assert max(animation.frames[0].shape[:2]) <= film.MOST[".gif"][0] + 60


@pytest.mark.parametrize("name", ["film.avi", "film", "film.mp4.txt"])
def test_another_ending_is_refused(replay, tmp_path, name):
    with pytest.raises(UsageError, match=r"\.mp4 or \.gif"):
        film.export(replay, tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["film.mp4", "film.gif"])
def test_a_place_that_cannot_be_written_is_named(replay, tmp_path, name):
    with pytest.raises(ArenaError, match="cannot write the film"):
        film.export(replay, tmp_path / "nowhere" / name)


@pytest.mark.parametrize("name", ["film.mp4", "film.gif"])
def test_a_film_that_is_cut_short_leaves_the_old_one(replay, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"old")

    def stop(done):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        film.export(replay, path, stop)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg program here")
def test_a_film_that_is_cut_short_leaves_no_encoder_behind(replay, tmp_path, monkeypatch):
    started = []

    class Recorded(subprocess.Popen):
        def __init__(self, *arguments, **more):
            super().__init__(*arguments, **more)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Recorded)

    def stop(done):
        assert os.getsid(started[0].pid) != os.getsid(0), "Ctrl-C in our terminal must not reach it"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        film.export(replay, tmp_path / "film.mp4", stop)
    assert [process.returncode for process in started] == [-signal.SIGKILL]
