"""The command line, as a person or a script meets it."""

import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from arena import cli
from arena.errors import ArenaError, UsageError
from arena.store.database import Database

ROOT = Path(__file__).parents[2]
ARENA = [sys.executable, "-m", "arena"]
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
COMMANDS = [
    "play", "match", "compare", "tournament", "watch", "replay", "games", "agents", "runs", "leaderboard",
    "train", "promote", "bench", "doctor",
]  # fmt: skip


def arena(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `arena` in a process of its own, without a terminal or a display."""
    inherited = {k: v for k, v in os.environ.items() if k not in DISPLAYS}
    return subprocess.run(
        [*ARENA, *arguments],
        cwd=ROOT,
        env={**inherited, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def damaged_replay(saves: Path) -> tuple[str, ...]:
    played = arena("match", "maze/run", "pathfinder", "random", "--seed", "1", "--json")
    match_id = json.loads(played.stdout)["matches"][0]["id"]
    path = saves / "replays" / f"{match_id}.replay"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    return ("replay", match_id, "--verify")


def damaged_database(saves: Path) -> tuple[str, ...]:
    saves.mkdir(parents=True)
    (saves / "arena.db").write_bytes(b"this is no database, whatever its name says" * 100)
    return ("leaderboard",)


def damaged_checkpoint(saves: Path) -> tuple[str, ...]:
    folder = saves / "mine"
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text('{"agent": "ppo"')
    return ("match", "maze/run", str(folder), "random")


def wrong_rom(saves: Path) -> tuple[str, ...]:
    roms = saves.parent / "roms"
    roms.mkdir()
    (roms / "my_game.bin").write_bytes(bytes(4096))
    return ("match", "atari/my_game", "random")


def below_a_file(saves: Path) -> tuple[str, ...]:
    saves.write_text("a file where the folder should be")
    return ("match", "maze/run", "random")


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        ("match maze/rnu random", 2, "did you mean maze/run"),
        ("play pong", 2, "atari/pong"),
        ("match maze/run radnom", 2, "random"),
        ("match maze/run ppo@no-such-run random", 2, "no-such-run"),
        ("match maze/race random random random random random", 2, "2 to 4 players, and 5 were named"),
        ("match maze/tag random random random", 2, "is for 2 players"),
        ("match maze/race random", 2, "is for 2 to 4 players, and 1 was named"),
        ("match maze/run human", 2, "--window"),
        ("match versus/pong random random random", 2, "is for 2 or 4 players, and 3 were named"),
        ("match versus/boxing random random --reaction-ms 9999", 2, "milliseconds from 0 to 2,000"),
        ("match versus/boxing ppo@atari/pong random", 2, "a champion of atari/pong cannot sit at"),
        ("train ppo maze/run --opponents past", 2, "maze/run is played alone"),
        ("train ppo versus/pong --opponents nobody", 2, "opponents are self or past"),
        ("train ppo versus/pong --envs 2", 2, "it needs 3 environments at least"),
        ("train go-explore versus/pong", 2, "cannot be explored"),
        ("match maze/run random --option size", 2, "KEY=VALUE"),
        ("match maze/run random --option no_such=1", 2, "no_such"),
        ("match maze/run random --games 0", 2, "--games"),
        ("match maze/run random --games many", 2, "--games"),
        ("match atari/pong pathfinder", 2, "pathfinder"),
        ("match maze/run", 2, "PLAYER"),
        ("train pqo maze/run", 2, "ppo"),
        ("train ppo maze/rnu", 2, "maze/run"),
        ("train ppo maze/run --set no_such=1", 2, "no_such"),
        ("train --resume no-such-run", 2, "no-such-run"),
        ("train", 2, "--resume"),
        ("watch no-such-run", 2, "no-such-run"),
        ("watch ppo", 2, "arena watch ppo maze/run"),
        ("replay 00000000", 1, "00000000"),
        ("replay ../../etc/passwd", 1, "match id"),
        ("leaderboard maze/rnu", 2, "maze/run"),
        ("agents maze/rnu", 2, "maze/run"),
        ("promote no-such-run", 2, "no-such-run"),
        ("bench mazes", 2, "maze"),
        ("matches", 2, "match"),
        ("games --jsn", 2, "--json"),
        ("match maze/run random random --window", 1, "display"),
        (damaged_replay, 1, "damaged"),
        (damaged_database, 1, "arena.db"),
        (damaged_checkpoint, 1, "meta.json"),
        (wrong_rom, 1, "my_game"),
        (below_a_file, 1, "is a file"),
    ],
)
def test_bad_input_is_one_clear_line_and_an_exit_code(command, code, says, saves, tmp_path) -> None:
    arguments = shlex.split(command) if isinstance(command, str) else command(saves)
    done = arena(*arguments, ARENA_ROMS=str(tmp_path / "roms"))
    complaints = [line for line in done.stderr.splitlines() if line.startswith("arena: ")]
    assert done.returncode == code, done.stderr
    assert len(complaints) == 1, done.stderr
    assert says in complaints[0]
    assert "Traceback" not in done.stderr + done.stdout
    assert not done.stdout


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that even root cannot write in")
def test_saves_that_cannot_be_written_are_named_before_a_match_is_reported() -> None:
    done = arena("match", "maze/run", "random", "--seed", "1", ARENA_SAVES="/proc/self/saves")
    assert done.returncode == 1
    assert "/proc/self/saves" in done.stderr
    assert not done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([command, "--help"]) == 0
    assert "Usage: arena " + command in capsys.readouterr().out


def test_the_list_of_commands_is_the_list_of_what_works(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    listed = re.findall(r"^│ ([a-z]+) ", capsys.readouterr().out, re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)


def readme_commands() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^arena .*$", text, re.MULTILINE) + re.findall(r"`(arena [^`]*)`", text)


@pytest.mark.parametrize("command", sorted(set(readme_commands())))
def test_every_command_in_the_readme_can_be_parsed(command: str) -> None:
    words = shlex.split(command)[1:]
    group = cli.commands()
    with group.make_context("arena", list(words[:1]), resilient_parsing=True) as context:
        name, found, _ = group.resolve_command(context, list(words))
        assert found is not None, f"no command {name}"
        found.make_context(name, words[1:], parent=context)


def test_the_same_seed_brings_the_same_bytes(tmp_path: Path) -> None:
    command = ("match", "maze/race", "pathfinder", "random", "--games", "4", "--seed", "1", "--json")
    one = arena(*command, ARENA_SAVES=str(tmp_path / "one"))
    two = arena(*command, ARENA_SAVES=str(tmp_path / "two"))
    again = arena(*command, ARENA_SAVES=str(tmp_path / "two"))
    assert one.returncode == 0, one.stderr
    assert one.stdout == two.stdout == again.stdout
    assert len(json.loads(one.stdout)["matches"]) == 4


def test_a_reported_match_is_kept_and_verified(saves: Path) -> None:
    done = arena("match", "maze/coins", "pathfinder", "random", "--games", "2", "--seed", "3", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    ids = [match["id"] for match in report["matches"]]
    with Database.open() as database:
        assert sorted(ids) == sorted(kept.result.id for kept in database.matches())
    for match_id in ids:
        assert cli.run(["replay", match_id, "--verify"]) == 0
    assert sum(player["wins"] + player["draws"] for player in report["players"]) >= 2


def test_interrupted_series_keeps_what_it_reported(saves: Path) -> None:
    process = subprocess.Popen(
        [*ARENA, "match", "maze/run", "random", "random", "--games", "100000", "--seed", "5"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    reported = [process.stdout.readline() for _ in range(3)]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "are kept" in err
    reported += [line for line in out.splitlines() if "/100000" in line]
    with Database.open() as database:
        kept = {match.result.id[:8] for match in database.matches()}
    assert {line.split()[1] for line in reported} <= kept


def test_a_reader_that_leaves_early_is_no_error() -> None:
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {shlex.join([*ARENA, 'games', '--json'])} | head -c 1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_bug_is_one_line_that_names_the_log(
    saves: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("a bug\nin two lines")

    monkeypatch.setattr("arena.games.catalog.entries", broken)
    assert cli.run(["games"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    path = Path(re.search(r"(/\S+\.log)", error)[1])
    assert path.is_relative_to(saves)
    assert "ZeroDivisionError: a bug" in path.read_text()


def test_json_commands_print_nothing_else_on_stdout(saves: Path) -> None:
    for command in (
        "games",
        "agents",
        "runs",
        "leaderboard",
        "replay",
        "agents maze/run",
        "leaderboard maze/run",
    ):
        done = arena(*command.split(), "--json")
        assert done.returncode == 0, done.stderr
        json.loads(done.stdout)


def test_without_a_terminal_a_demonstration_is_played(saves: Path) -> None:
    done = arena()
    assert done.returncode == 0, done.stderr
    assert "arena play" in done.stdout + done.stderr
    with Database.open() as database:
        assert len(database.matches()) == 1


def test_names_cannot_write_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from arena.cli.output import table

    table(("NAME", "SCORE"), [("\x1b[2Jevil\r", "1"), ("宽", "2")], right=(1,))
    shown = capsys.readouterr().out
    assert "\x1b" not in shown and "\r" not in shown
    assert [line.index(digit) for line, digit in zip(shown.splitlines()[1:], "12", strict=True)] == [15, 14]


def test_the_exit_codes_of_errors_differ() -> None:
    assert (ArenaError.exit_code, UsageError.exit_code) == (1, 2)


def test_an_old_sqlite_file_of_somebody_else_is_left_alone(saves: Path) -> None:
    saves.mkdir(parents=True)
    with sqlite3.connect(saves / "arena.db") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    before = (saves / "arena.db").read_bytes()
    done = arena("match", "maze/run", "random", "--seed", "1")
    assert done.returncode == 1, done.stderr
    assert (saves / "arena.db").read_bytes() == before


def test_where_nothing_can_be_drawn_only_that_is_said() -> None:
    done = arena("match", "maze/run", "random", "--window")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1 and "no terminal" in done.stderr and "instead" not in done.stderr


def test_a_film_says_how_it_is_coded_and_what_would_be_better(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.run(["match", "maze/run", "pathfinder", "--seed", "1"])
    shares: list[float] = []

    def export(recorded: object, path: Path, progress: Callable[[float], None]) -> str:
        progress(0.5)
        shares.append(0.5)
        return "MPEG-4" if path.suffix == ".mp4" else "GIF"

    monkeypatch.setattr("arena.window.film.export", export)
    assert cli.run(["replay", "last", "--export", str(tmp_path / "a.mp4")]) == 0
    assert "(MPEG-4; install ffmpeg for H.264" in capsys.readouterr().err and shares
    assert cli.run(["replay", "last", "--export", str(tmp_path / "a.gif")]) == 0
    assert "(GIF)" in capsys.readouterr().err


def test_a_file_that_is_there_is_written_over_only_by_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.run(["match", "maze/run", "pathfinder", "--seed", "1"])
    film = tmp_path / "a.gif"
    film.write_text("mine")
    capsys.readouterr()
    assert cli.run(["replay", "last", "--export", str(film)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and str(film) in error and "--force" in error
    assert film.read_text() == "mine"
    assert cli.run(["replay", "last", "--export", str(film), "--force"]) == 0
    assert film.read_bytes().startswith(b"GIF89a")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_film_that_is_interrupted_leaves_nothing_and_says_so(
    saves: Path, tmp_path: Path, number: signal.Signals
) -> None:
    assert arena("match", "atari/pong", "noop", "--seed", "1").returncode == 0
    folder = tmp_path / "films"
    folder.mkdir()
    process = subprocess.Popen(
        [*ARENA, "replay", "last", "--export", str(folder / "match.mp4")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not any(folder.iterdir()) and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)  # also the encoder has let go of stderr
    assert (process.returncode, out) == (130, "")
    assert [line for line in err.splitlines() if not line.startswith("the film: ")] == [
        f"stopped; {folder / 'match.mp4'} was not written"
    ]
    assert not list(folder.iterdir())


def test_who_plays_under_the_login_name_is_told_how_to_take_another(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from arena.tui import settings

    monkeypatch.setenv("LOGNAME", "ada")
    monkeypatch.setattr("arena.window.session.play", lambda setup, terminal: [])
    hint = "you play as ada, your login name; `arena play --name NAME`"
    assert cli.run(["play", "maze/race", "--vs", "random"]) == 0
    assert hint in capsys.readouterr().err
    assert cli.run(["play", "maze/race", "--vs", "random", "--name", "Grace"]) == 0
    assert cli.run(["watch", "random", "maze/run"]) == 0
    settings.remember(settings.load(), name="Grace")
    assert cli.run(["play", "maze/race", "--vs", "random"]) == 0
    assert hint not in capsys.readouterr().err


def test_the_seed_of_a_series_and_that_of_a_match_have_names_of_their_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.run(["match", "maze/run", "pathfinder", "--seed", "7"]) == 0
    said = capsys.readouterr()
    assert re.search(r"\(match seed \d+, ", said.out) and "series seed 7;" in said.err


def test_a_check_that_breaks_does_not_hide_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from arena.cli import doctor

    def _gpu() -> Iterator[doctor.Check]:
        raise ModuleNotFoundError("No module named 'torch'")
        yield

    monkeypatch.setattr(doctor, "_gpu", _gpu)
    monkeypatch.setattr(doctor, "_screen_and_sound", lambda: iter(()))
    assert cli.run(["doctor", "--json"]) == 1
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)}
    assert checks["gpu"]["state"] == "problem" and "torch" in checks["gpu"]["found"]
    assert "database" in checks
