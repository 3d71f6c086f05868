"""The window as the launcher starts it: a child process with pipes."""

import base64
import importlib
import json
import os
import signal
import subprocess
import sys

import pytest

from arena.matches.match import Match
from arena.matches.player import RandomPlayer
from arena.store import keeping, watched
from tests.arena.window.learners import Learning


def started(tmp_path, *arguments):
    env = {**os.environ, "ARENA_SAVES": str(tmp_path)}
    command = [sys.executable, "-m", "arena.window", *arguments]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, text=True
    )


def ended(process, ask):
    ask(process)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return [json.loads(line) for line in out.splitlines()]


def say_quit(process):
    process.stdin.write("quit\n")
    process.stdin.flush()


ENDINGS = {
    "quit": say_quit,
    "end of stdin": lambda process: process.stdin.close() or setattr(process, "stdin", None),
    "SIGTERM": lambda process: process.send_signal(signal.SIGTERM),
    "SIGINT": lambda process: process.send_signal(signal.SIGINT),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_match_ends_cleanly_when_asked(tmp_path, ending):
    process = started(tmp_path, "play", "--game", "gym/CartPole-v1", "--player", "random", "--player", "noop")
    assert json.loads(process.stdout.readline())["event"] == "started"
    events = ended(process, ENDINGS[ending])
    assert events[-1]["event"] == "closed" and "frames" in events[-1]


@pytest.mark.parametrize("ending", ["quit", "SIGTERM"])
def test_a_window_on_a_run_that_trains_ends_cleanly_and_asks_no_more(tmp_path, monkeypatch, ending):
    monkeypatch.setenv("ARENA_SAVES", str(tmp_path))
    learning = Learning("gym/CartPole-v1").checkpoint(10)
    arguments = ["--game", learning.game, "--player", learning.id, "--endless", "--unrated"]
    process = started(tmp_path, "play", *arguments)
    assert json.loads(process.stdout.readline())["event"] == "started"
    assert (learning.folder / watched.ASKED).exists()
    assert ended(process, ENDINGS[ending])[-1]["event"] == "closed"
    learning.close()


@pytest.mark.parametrize("ending", ["quit", "SIGTERM"])
def test_a_preview_sends_pictures_that_fit_until_it_is_asked_to_end(tmp_path, ending):
    process = started(
        tmp_path, "preview", "gym/CartPole-v1", "--player", "random", "--columns", "40", "--rows", "9"
    )
    assert json.loads(process.stdout.readline())["event"] == "started"
    for _ in range(3):
        event = json.loads(process.stdout.readline())
        assert event["event"] == "picture"
        assert 0 < event["width"] <= 40 and 0 < event["height"] <= 18
        assert len(base64.b64decode(event["rgb"])) == 3 * event["width"] * event["height"]
    assert ended(process, ENDINGS[ending])[-1] == {"event": "closed"}


def kept_match(tmp_path, monkeypatch):
    """The id of a match that takes a while to film."""
    monkeypatch.setenv("ARENA_SAVES", str(tmp_path))
    match = Match("maze/run", [RandomPlayer(), RandomPlayer()], 3)
    match.play()
    match.close()
    return keeping.keep(match.replay()).id


def test_a_film_tells_how_far_it_is(tmp_path, monkeypatch):
    match_id = kept_match(tmp_path, monkeypatch)
    process = started(tmp_path, "film", match_id, str(tmp_path / "a.gif"))
    *progress, last = map(json.loads, process.stdout)
    process.communicate()
    assert process.returncode == 0
    shares = [event["done"] for event in progress if event["event"] == "progress"]
    assert len(shares) > 10 and shares == sorted(set(shares)) and shares[-1] == 1
    assert last == {"event": "finished", "codec": "GIF"} and (tmp_path / "a.gif").stat().st_size > 1000


def test_a_film_that_is_asked_to_end_leaves_nothing_behind(tmp_path, monkeypatch):
    match_id = kept_match(tmp_path, monkeypatch)
    (tmp_path / "films").mkdir()
    process = started(tmp_path, "film", match_id, str(tmp_path / "films" / "a.mp4"))
    assert json.loads(process.stdout.readline())["event"] == "progress"
    say_quit(process)
    process.communicate(timeout=30)
    assert process.returncode == 130 and list((tmp_path / "films").iterdir()) == []


def test_in_the_terminal_events_go_to_a_file(tmp_path, monkeypatch, capsys):
    main = importlib.import_module("arena.window.__main__")
    arguments = ["play", "--game", "maze/run", "--player", "random", "--terminal"]
    assert main.main([*arguments, "--events", str(tmp_path / "events")]) == 1
    [event] = map(json.loads, (tmp_path / "events").read_text().splitlines())
    assert event["event"] == "error" and "no terminal" in event["message"]
    said = capsys.readouterr()
    assert said.out == "" and event["message"] in said.err


@pytest.mark.parametrize(
    ("arguments", "word", "code"),
    [
        (["play", "--game", "gym/Nothing-v9", "--player", "random"], "Nothing", (1, 2)),
        (["play", "--game", "gym/CartPole-v1", "--player", "nobody"], "nobody", (2,)),
        (["play", "--game", "gym/CartPole-v1", *["--player", "random"] * 5], "5 were named", (2,)),
        (["replay", "ffffffff"], "ffffffff", (1, 2)),
        (["preview", "maze/nothing", "--columns", "9", "--rows", "9"], "nothing", (2,)),
    ],
)
def test_what_cannot_be_shown_is_one_error_event(tmp_path, arguments, word, code):
    process = started(tmp_path, *arguments)
    out, err = process.stdout.read(), process.stderr.read()  # stdin stays open: its end would end it too
    assert process.wait(30) in code
    process.communicate()
    errors = [e for e in map(json.loads, out.splitlines()) if e["event"] == "error"]
    assert len(errors) == 1 and word in errors[0]["message"] and "\n" not in errors[0]["message"]
    assert "Traceback" not in err


@pytest.mark.parametrize("module", ["arena.window", "arena.training"])
def test_a_bug_of_ours_is_one_line_too(tmp_path, module, capsys, monkeypatch):
    main = importlib.import_module(f"{module}.__main__")

    def fail(*_, **__):
        raise RuntimeError("a bug")

    monkeypatch.setattr("arena.window.session.play", fail)
    monkeypatch.setattr("arena.training.run.train", fail)
    arguments = {
        "arena.window": ["play", "--game", "maze/run", "--player", "random"],
        "arena.training": ["--agent", "ppo", "--game", "maze/run"],
    }
    assert main.main(arguments[module]) == 1
    [event] = map(json.loads, capsys.readouterr().out.splitlines())
    assert event["event"] == "error" and "RuntimeError: a bug" in event["message"]
    assert main.main([*arguments[module], *(["--terminal"] if module == "arena.window" else [])]) == 1
    said = capsys.readouterr()
    assert "RuntimeError: a bug" in said.out + said.err and "Traceback" not in said.err


def test_who_asks_for_a_display_is_told_why_there_is_none(tmp_path, monkeypatch):
    for name in ("SDL_VIDEODRIVER", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":4711")
    process = started(tmp_path, "display")
    assert json.loads(process.stdout.readline()) == {
        "event": "display",
        "why_not": "no display: DISPLAY=:4711 cannot be reached",
    }
    assert ended(process, lambda process: process.wait(30)) == []
