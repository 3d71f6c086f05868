"""Somebody else's players play like others, and whatever they do costs nobody but them."""

import gc
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from agents.agent import Agent
from arena.errors import ArenaError, UsageError
from arena.matches import foreign_names, roster
from arena.matches.foreign import ForeignPlayer, Limits
from arena.matches.match import Match
from arena.matches.player import AgentPlayer, Noop
from arena.store.records import Identity, MatchResult
from tests.arena.matches.counting import ALONE, TOGETHER, counting
from tests.arena.matches.visitors import install

__all__ = ["counting"]

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def visitors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    install(folder, monkeypatch)
    return folder


def visitor(name: str, **limits: Any) -> ForeignPlayer:
    player = roster.resolve(f"entry:{name}", TOGETHER, limits=Limits(**limits))
    assert isinstance(player, ForeignPlayer)
    return player


def against_noop(player: ForeignPlayer, seed: int = 1) -> MatchResult:
    match = Match(TOGETHER, [player, Noop()], seed)
    try:
        return match.play()
    finally:
        match.close()


def child_of(player: ForeignPlayer) -> psutil.Process:
    assert player._process is not None
    return psutil.Process(player._process._child.pid)


def gone(process: psutil.Process) -> bool:
    """Whether a process ends within some seconds."""
    try:
        process.wait(10)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


def test_it_plays_a_match_in_one_process_after_another() -> None:
    player = visitor("counting")
    results = [against_noop(player, seed) for seed in (1, 2)]
    assert [result.seats[0].score for result in results] == [5.0, 5.0]
    child = child_of(player)
    against_noop(player, 3)
    assert child_of(player) == child, "matches share it while nothing goes wrong"
    assert player.insight() is None
    player.close()
    assert gone(child)
    assert against_noop(player).seats[0].score == 5.0
    player.close()


def test_it_is_told_the_game_its_actions_and_the_shape_of_what_it_will_see() -> None:
    assert against_noop(visitor("telling")).seats[0].score == 5.0


def test_the_same_seed_brings_the_same_match_and_another_seed_another() -> None:
    def actions(seed: int, player: ForeignPlayer) -> bytes:
        match = Match(TOGETHER, [player, Noop()], seed, {"length": 100})
        match.play()
        return match.replay().actions

    player = visitor("random")
    first = actions(1, player)
    assert first == actions(1, player) == actions(1, visitor("random")) != actions(2, player)


class Recording(Agent):
    """Notes what it sees, in the way of `Noting`."""

    def __init__(self) -> None:
        self.notes = b""

    def act(self, observations: Any, *, rng: Any = None) -> Any:
        one = observations[0]
        self.notes += repr((one.dtype.str, one.shape)).encode() + one.tobytes()
        return rng.integers(6, size=1)

    def inspect(self, observations: Any) -> Any:
        raise NotImplementedError

    def weights(self) -> dict[str, Any]:
        return {}

    def load_weights(self, weights: Any) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("game", ["maze/run", "atari/pong", "versus/pong"])
def test_it_sees_what_an_agent_sees_byte_for_byte_and_does_what_an_agent_does(
    game: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if game != "maze/run":
        monkeypatch.undo()
        (tmp_path / "again").mkdir()
        install(tmp_path / "again", monkeypatch)
    monkeypatch.setenv("NOTES", str(tmp_path / "notes"))
    agent = Recording()
    played = []
    for player in (
        roster.resolve("entry:noting", game),
        AgentPlayer(Identity("agent:1", "recording", "agent"), agent, greedy=False),
    ):
        match = Match(game, [Noop(), player], 4)
        for _ in range(30):
            match.tick()
        played.append((match.digest(), match.forfeits))
        match.close()
    assert played[0] == played[1] and not played[0][1]
    assert (tmp_path / "notes").read_bytes() == agent.notes != b""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("crashing", "its process ended: ZeroDivisionError: division by zero"),
        ("exiting", "its process ended: SystemExit: enough"),
        ("vanishing", "its process ended: exit code 3, luck"),
        ("out_of_range", "answered action 3, and there are 3 (0 is the first)"),
        ("negative", "answered action -1, and there are 3 (0 is the first)"),
        ("huge", "answered a number of 16,610 bits, which is no action's number"),
        ("word", "answered 'left', which is no action's number"),
        ("nothing", "answered None, which is no action's number"),
        ("half", "answered 0.5, which is no action's number"),
        ("several", "answered array([1, 2]), which is no action's number"),
        ("intruding", "its process sent a message that makes no sense"),
    ],
)
def test_whatever_it_does_wrong_it_forfeits_and_begins_the_next_match(name: str, why: str) -> None:
    player = visitor(name)
    for seed in (1, 2):
        result = against_noop(player, seed)
        bad, good = result.seats
        assert bad.forfeit is not None and bad.forfeit.startswith(why)
        assert (result.ticks, bad.place, good.place) == (3, 2, 1)
    player.close()


@pytest.mark.parametrize("name", ["hanging", "freezing"])
def test_who_does_not_answer_in_time_forfeits_and_begins_the_next_match(name: str) -> None:
    player = visitor(name, seconds=0.5)
    for seed in (1, 2):
        before = time.monotonic()
        result = against_noop(player, seed)
        assert result.seats[0].forfeit == "did not answer within 0.5 s" and result.ticks == 3
        assert time.monotonic() - before < 15
    player.close()


@pytest.mark.parametrize("name", ["eating", "feeding"])
def test_who_takes_too_much_memory_forfeits_and_leaves_nothing_behind(name: str) -> None:
    player = visitor(name, megabytes=300)
    result = against_noop(player)
    assert result.seats[0].forfeit == "used more than 300 MB of memory"
    children = psutil.Process().children(recursive=True)
    assert all(child.memory_info().rss < 300e6 for child in children)
    assert against_noop(player).ticks == 3, "the next match begins"


@pytest.mark.parametrize("name", ["printing", "interrupting"])
def test_what_it_prints_and_reads_and_interrupts_reaches_nobody(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    result = against_noop(visitor(name))
    assert result.seats[0].forfeit is None and result.seats[0].score == 5.0
    assert capfd.readouterr() == ("", "")


def test_one_that_is_killed_from_outside_forfeits_if_it_was_playing() -> None:
    player = visitor("counting")
    match = Match(TOGETHER, [player, Noop()], 1)
    match.tick()
    child_of(player).kill()
    assert match.play().seats[0].forfeit == "its process ended: killed by SIGKILL"
    assert against_noop(player).seats[0].forfeit is None
    child = child_of(player)
    child.kill()
    assert gone(child)
    assert against_noop(player).seats[0].forfeit is None, "between matches it is started anew"
    player.close()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("broken", "its process ended: ImportError: somebody forgot something"),
        ("missing", "its process ended: AttributeError: module 'visiting' has no attribute 'Nobody'"),
        ("unwilling", "its process ended: RuntimeError: not today"),
        ("number", "its process ended: TypeError: 'int' object is not callable"),
        ("slow", "did not answer within 1.5 s"),
    ],
)
def test_one_that_cannot_be_loaded_or_does_not_sit_down_forfeits(name: str, why: str) -> None:
    result = against_noop(visitor(name, starting=1.5 if name == "slow" else 60.0))
    assert result.seats[0].forfeit == why and result.ticks == 0


def test_it_ends_when_its_player_is_forgotten() -> None:
    player = visitor("counting")
    against_noop(player)
    child = child_of(player)
    del player
    gc.collect()
    assert gone(child)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("name", ["counting", "hanging"])
def test_it_ends_when_the_process_that_plays_is_killed(name: str) -> None:
    code = (
        "import sys, threading\n"
        "from arena.matches import roster\n"
        "from arena.matches.match import Match\n"
        f"player = roster.resolve('entry:{name}', 'maze/run')\n"
        "match = Match('maze/run', [player], 1)\n"
        "match.tick()\n"
        "print(player._process._child.pid, flush=True)\n"
        "while not match.finished: match.tick()\n"
        "threading.Event().wait()\n"
    )
    ours = subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    try:
        assert ours.stdout is not None
        theirs = psutil.Process(int(ours.stdout.readline()))
        time.sleep(0.3)
        assert theirs.is_running()
    finally:
        ours.send_signal(signal.SIGKILL)
        ours.communicate()
    assert gone(theirs)


def test_what_is_installed_is_listed_without_running_any_of_it(visitors: Path) -> None:
    (visitors / "visiting.py").write_text("raise SystemExit('this must not run')\n")
    choices = {choice.name: choice for choice in roster.available("maze/run", foreign=True)}
    for name in ("entry:counting", "entry:broken"):
        assert choices[name].why_not is None and choices[name].kind == "agent"
    assert choices["entry:counting"].detail == "visiting:Counting of visitors 1.0"
    assert not {"visiting", "broken"} & sys.modules.keys()
    assert not any(foreign_names.is_foreign(choice.name) for choice in roster.available("maze/run"))


def test_who_it_is_changes_with_the_version(visitors: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = visitor("counting").identity
    assert before.name == "entry:counting" and before.kind == "agent"
    assert visitor("counting").identity == before != visitor("random").identity
    shutil.rmtree(visitors / "visitors-1.0.dist-info")
    install(visitors, monkeypatch, version="1.1")
    after = visitor("counting").identity
    assert after.id != before.id and after.id.startswith("agent:") and len(after.id) == len("agent:") + 64


def test_one_that_there_is_not_is_refused_and_so_is_one_of_whom_there_are_two(
    visitors: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match=r"'entry:couting' \(did you mean entry:counting"):
        visitor("couting")
    install(visitors, monkeypatch, name="others", version="2.0")
    with pytest.raises(
        UsageError, match=r"several .*visitors 1\.0.*others 2\.0|several .*others 2\.0.*visitors"
    ):
        visitor("counting")
    choices = {choice.name: choice for choice in roster.available("maze/run", foreign=True)}
    assert "several have this name" in str(choices["entry:counting"].why_not)


def test_a_distribution_that_has_nothing_that_makes_sense_is_told_of(visitors: Path) -> None:
    info = visitors / "visitors-1.0.dist-info"
    (info / "entry_points.txt").write_text("[arena.players]\nnonsense\nno thing = \n")
    for ask in (foreign_names.installed, lambda: roster.available(ALONE, foreign=True)):
        try:
            assert ask() is not None
        except ArenaError as error:
            assert "cannot be read" in str(error)


def test_it_is_no_run_no_checkpoint_and_for_no_game_of_its_own() -> None:
    for name in ("entry:counting", "sb3:model.zip", "sb3:some/where/model.zip"):
        assert roster.run_of(name) is None and roster.game_of(name) is None
        with pytest.raises(UsageError, match="no checkpoint of the arena's"):
            roster.checkpoint_of(name, "maze/run")
