"""`arena watch`, `arena play --vs RUN`, `arena train --watch`: who is meant, what is refused."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from arena import cli
from arena.cli import beside, watching
from arena.errors import ArenaError, UsageError
from arena.store import runs
from arena.training.run import Event, train
from arena.training.settings import Settings
from tests.arena.window.learners import Learning


@pytest.fixture
def made() -> Iterator[list[Learning]]:
    made = [Learning(seed=1).checkpoint(10), Learning(seed=2).checkpoint(10)]
    made.append(Learning("maze/race", 3).checkpoint(10))
    yield made
    for learning in made:
        learning.close()


GROUP = "ppo-maze-run-x6-0131-0930"


@pytest.fixture
def group() -> Iterator[list[Learning]]:
    """Six runs, the first of which has left nothing to look at."""
    made = [Learning(seed=seed, group=GROUP) for seed in (3, 1, 2, 4, 5, 6)]
    made.sort(key=lambda learning: learning.seed)
    for learning in made[1:]:
        learning.checkpoint(10)
    for learning in made:
        learning.end("stopped")
    yield made


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The setups that a window would have shown."""
    setups: list[Any] = []
    monkeypatch.setattr("arena.window.session.play", lambda setup, terminal: setups.append(setup) or [])
    monkeypatch.setattr(watching, "screen_is_missing", lambda: "no display")
    return setups


def said(capsys: pytest.CaptureFixture[str]) -> str:
    error = capsys.readouterr().err
    assert error.startswith("arena: ") and error.count("\n") == 1, error
    return error


def test_a_run_tells_its_game_and_fills_the_seats_that_it_needs(
    made: list[Learning], shown: list[Any]
) -> None:
    run, _, racer = made
    assert cli.run(["watch", run.id]) == cli.run(["watch", racer.id]) == 0
    assert cli.run(["watch", f"ppo@{run.id}", "maze/run"]) == 0
    told = [(setup.game, setup.players, setup.endless, setup.kept) for setup in shown]
    assert told == [
        ("maze/run", (run.id,), True, False),
        ("maze/race", (racer.id,) * 2, True, False),
        ("maze/run", (f"ppo@{run.id}",), True, False),
    ]


def test_several_race(made: list[Learning], shown: list[Any]) -> None:
    first, second, _ = made
    assert cli.run(["watch", first.id, second.id, "random", "--seed", "4"]) == 0
    assert (shown[0].players, shown[0].game, shown[0].seed) == (
        (first.id, second.id, "random"),
        "maze/run",
        4,
    )


def test_of_a_group_the_first_four_race_that_have_learned_something(
    group: list[Learning], shown: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["watch", GROUP]) == 0
    assert (shown[0].players, shown[0].game) == (tuple(run.id for run in group[1:5]), "maze/run")
    told = capsys.readouterr().err
    assert f"{GROUP} has runs of the seeds 1, 2, 3, 4, 5, 6; here are 2, 3, 4, 5" in told


def test_beside_others_a_group_has_the_room_that_is_left(group: list[Learning], shown: list[Any]) -> None:
    assert cli.run(["watch", GROUP, "random", "pathfinder", "maze/run"]) == 0
    assert cli.run(["watch", GROUP, GROUP]) == 0
    first, second = (run.id for run in group[1:3])
    assert [setup.players for setup in shown] == [
        (first, second, "random", "pathfinder"),
        (first, second) * 2,
    ]


def test_a_group_fills_no_more_seats_than_its_game_has(shown: list[Any]) -> None:
    made = [Learning("maze/tag", seed, group=GROUP).checkpoint(10).end() for seed in range(3)]
    assert cli.run(["watch", GROUP]) == 0
    assert shown[0].players == tuple(run.id for run in made[:2])


def test_a_group_that_has_learned_nothing_yet_says_how_to_go_on(
    shown: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in (1, 2):
        Learning(seed=seed, group=GROUP).end("stopped")
    assert cli.run(["watch", GROUP]) == 2
    expected = f"none of the 2 runs of {GROUP} has a checkpoint yet; `arena train --resume {GROUP}`"
    assert expected in said(capsys) and shown == []


@pytest.mark.parametrize("words", ["play --vs {}", "match maze/run {}", "watch ppo@{}"])
def test_one_opponent_is_no_group_and_its_runs_are_named(
    group: list[Learning], shown: list[Any], capsys: pytest.CaptureFixture[str], words: str
) -> None:
    assert cli.run(words.format(GROUP).split()) == 2
    several = ", ".join(run.id for run in group)
    assert said(capsys) == f"arena: {GROUP} is a group of several runs; name one of them: {several}\n"


def test_a_checkpoints_folder_tells_its_game_too(made: list[Learning], shown: list[Any]) -> None:
    folder = str(runs.find(made[0].id).checkpoint)
    assert cli.run(["watch", folder]) == cli.run(["watch", folder, "maze/run"]) == 0
    assert [setup.players for setup in shown] == [(folder,)] * 2


def test_against_a_run_the_game_need_not_be_named(made: list[Learning], shown: list[Any]) -> None:
    assert cli.run(["play", "--vs", made[2].id, "--name", "Ann"]) == 0
    assert (shown[0].game, shown[0].players, shown[0].kept) == ("maze/race", ("human", made[2].id), True)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "watch {0} {2}",
            "learns maze/run and .* learns maze/race: they can only be seen together at one game",
        ),
        ("watch {0} {0} {1} {1} {0}", "4 can be watched side by side, and 5 were named"),
        ("watch maze/run", "name who is to be watched, before the game: arena watch ppo maze/run"),
        ("watch random", "name the game too: arena watch random maze/run"),
        ("watch nobody-s1", "no run is called 'nobody-s1'"),
        ("watch ppo@nothing", "no run is called 'nothing'"),
        ("watch {0} --show values", "--show is for films, with --export"),
        ("watch {0} --export a.avi", "a film ends in .mp4 or .gif"),
        ("watch {2} {2} {2} {2} {2}", "4 can be watched"),
        ("play", "name the game too: arena play"),
        ("play --vs ppo", "name the game too: arena play"),
    ],
)
def test_what_cannot_be_watched_is_refused_in_one_line(
    made: list[Learning], shown: list[Any], capsys: pytest.CaptureFixture[str], words: str, expected: str
) -> None:
    assert cli.run(words.format(*(learning.id for learning in made)).split()) == 2
    assert re.search(expected, said(capsys)) and shown == []


def test_of_what_explores_its_growing_map_is_filmed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    overrides = {"explorations": "5", "num_envs": "1"}
    *_, last = train(Settings("go-explore", "maze/run", 900, options={"size": 7}, overrides=overrides))
    film = tmp_path / "film.gif"
    for odd, said in ((["--show", "values"], "leave out --show values"), ([last.run], "leave out 2 of them")):
        assert cli.run(["watch", last.run, *odd, "--export", str(film)]) == 2
        assert said in capsys.readouterr().err and not film.exists()
    assert cli.run(["watch", last.run, "--export", str(film), "--seconds", "1"]) == 0
    assert "the film is in" in capsys.readouterr().err and film.read_bytes().startswith(b"GIF89a")


def test_a_mistyped_run_is_told_the_nearest(
    made: list[Learning], shown: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["watch", made[0].id[:-1]]) == 2
    assert re.search(f"did you mean .*{made[0].id}", said(capsys))


def test_a_training_is_watched_in_a_session_of_its_own(
    made: list[Learning], shown: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    apart: list[Any] = []
    monkeypatch.setattr(watching, "screen_is_missing", lambda: "")
    monkeypatch.setattr(watching, "watch_apart", lambda *arguments: apart.append(arguments))
    assert cli.run(["watch", made[0].id, "--seed", "3", "-o", "size=9"]) == 0
    assert apart == [([made[0].id], "maze/run", 3, ["size=9"])] and shown == []
    made[0].end()
    assert cli.run(["watch", made[0].id]) == 0
    assert len(apart) == len(shown) == 1, "who trains no more needs no room"


def window(monkeypatch: pytest.MonkeyPatch, *lines: object, code: int = 0) -> None:
    """In place of the window, a process that says `lines` and ends."""
    script = f"import sys; print({chr(10).join(map(json.dumps, lines))!r}); sys.exit({code})"
    monkeypatch.setattr(beside, "_command", lambda *_: [sys.executable, "-c", script])


def test_what_the_window_says_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    window(monkeypatch, {"event": "started"}, {"event": "closed", "frames": 3})
    beside.watch_apart(["random"], "maze/run", 1, ["size=7"])
    window(monkeypatch, {"event": "error", "message": "no run"}, code=2)
    with pytest.raises(UsageError, match="no run"):
        beside.watch_apart(["random"], "maze/run", 1, [])
    window(monkeypatch, {"event": "error", "message": "damaged"}, code=1)
    with pytest.raises(ArenaError, match="damaged"):
        beside.watch_apart(["random"], "maze/run", 1, [])
    window(monkeypatch, {"event": "closed"}, code=9)
    with pytest.raises(ArenaError, match="ended with code 9"):
        beside.watch_apart(["random"], "maze/run", 1, [])


def event(kind: Any, game: str = "maze/race") -> Event:
    return Event(kind, "ppo-race-1", 0, 10, 0.0, about={"game": game} if kind == "started" else {})


def test_a_training_opens_one_window_and_goes_on_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[list[str]] = []

    def popen(command: list[str], **how: Any) -> None:
        assert how["start_new_session"] and how["stdin"] == subprocess.DEVNULL
        opened.append(command)
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(subprocess, "Popen", popen)
    ended = []

    def training() -> Iterator[Event]:
        try:
            for kind in ("started", "progress", "finished"):
                yield event(kind)
        finally:
            ended.append(True)

    told = [one.event for one in beside.with_a_window(training())]
    assert told == ["started", "progress", "finished"]
    assert len(opened) == 1 and opened[0].count("ppo-race-1") == 2, "two seats, one run"
    stopped = beside.with_a_window(training())
    next(stopped)
    stopped.close()  # type: ignore[attr-defined]
    assert len(ended) == 2, "whoever stops listening stops the training"


@pytest.mark.parametrize(
    ("lines", "code", "says"),
    [
        (
            [{"event": "error", "message": "the display is gone"}],
            1,
            ["the window closed: the display is gone"],
        ),
        ([], 9, ["the window closed: it ended with code 9"]),
        ([{"event": "closed"}], 0, []),
    ],
)
def test_a_window_that_cannot_go_on_is_told_once_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, lines: list[Any], code: int, says: list[str]
) -> None:
    window(monkeypatch, *lines, code=code)
    windows: list[beside._Window] = []
    heard: list[str] = []
    monkeypatch.setattr(beside, "note", heard.append)
    monkeypatch.setattr(
        beside, "_Window", lambda *of, made=beside._Window: windows.append(made(*of)) or windows[0]
    )

    def training() -> Iterator[Event]:
        yield event("started")
        if (process := windows[0]._process) is not None:  # None: it has been complained of already
            process.wait(20)
        yield from [event("progress")] * 3

    for _ in beside.with_a_window(training()):
        pass
    assert [line.partition(";")[0] for line in heard] == says


def test_without_a_display_a_training_says_so_before_it_begins(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], saves: Path
) -> None:
    monkeypatch.setattr(beside, "screen_is_missing", lambda: "no display: neither DISPLAY nor")
    assert cli.run(["train", "ppo", "maze/run", "--watch"]) == 2
    assert "--watch cannot open a window" in said(capsys) and not (saves / "runs").exists()
