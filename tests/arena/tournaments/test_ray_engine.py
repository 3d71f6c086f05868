import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest

from arena import places
from arena.errors import ArenaError
from arena.store.tournaments import Plan
from arena.tournaments import ray_engine, report
from arena.tournaments.engines import Engine, Local, Lost, Word
from arena.tournaments.entering import enter
from arena.tournaments.lots import Going
from arena.tournaments.ray_engine import OnRay
from arena.tournaments.runner import job, run
from arena.tournaments.tournament import Tournament

# Ray itself is imported by the engine, which first says that it is to stay on the loopback.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(240),
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed"),
]

BUNDLED = Path(__file__).parents[3] / "saves" / "champions"

CLUSTER = """
import sys, ray
context = ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, _temp_dir=sys.argv[1])
print(context.address_info["gcs_address"], flush=True)
sys.stdin.read()
"""


def planned(games: list[str], players: list[str], monkeypatch: pytest.MonkeyPatch, pairs: int = 1) -> Plan:
    monkeypatch.setattr(places, "champions", lambda: (BUNDLED,))
    return enter(
        format="round-robin",
        games=games,
        players=players,
        options={},
        seats=2,
        pairs=pairs,
        rounds=1,
        seed=3,
        me="me",
    )


def mazes(monkeypatch: pytest.MonkeyPatch) -> Plan:
    return planned(["maze/run", "maze/race"], ["ppo", "random", "noop", "pathfinder"], monkeypatch)


def standings(plan: Plan, engine: Engine) -> dict[str, Any]:
    """All that is told of a tournament that is played by an engine, but for when it was."""
    known = Tournament.load(plan)
    try:
        run(known, engine, lambda news: None)
    finally:
        engine.close()
    assert known.over
    told = report.as_json(known)
    return {name: told[name] for name in told if name not in ("id", "created")}


def no_process_stays() -> None:
    _, alive = psutil.wait_procs(psutil.Process().children(recursive=True), timeout=10)
    assert not [process for process in alive if "ray" in " ".join(process.cmdline())]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a cluster that is somebody else's, on the loopback."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as folder:
        process = subprocess.Popen(
            [sys.executable, "-c", CLUSTER, folder],
            env={**os.environ, **on_the_loopback()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdin is not None and process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            process.wait(30)
            process.stdout.close()


def on_the_loopback() -> dict[str, str]:
    return {
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": ray_engine._token(),
        "RAY_USAGE_STATS_ENABLED": "0",
    }


def test_the_standings_are_those_of_this_machines_processes(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    plan = mazes(monkeypatch)
    on_ray = standings(plan, OnRay(job(plan), 2, None))
    assert signal.getsignal(signal.SIGTERM) is before
    no_process_stays()
    assert capfd.readouterr() == ("", "")

    again = mazes(monkeypatch)
    assert again.id != plan.id
    assert json.dumps(on_ray) == json.dumps(standings(again, Local(job(again), 2)))


class Killing:
    """An engine of which a worker is killed when matches are being played."""

    def __init__(self, engine: OnRay) -> None:
        self.engine, self.killed = engine, 0
        self.submit, self.close = engine.submit, engine.close
        self.lost: list[Lost] = []

    def words(self, seconds: float) -> list[Word]:
        found = self.engine.words(seconds)
        self.lost += [word for word in found if isinstance(word, Lost)]
        if not self.killed and any(isinstance(word, Going) for word in found):
            (self.killed,) = self.engine.processes
            os.kill(self.killed, signal.SIGKILL)
        return found


def test_a_worker_that_is_killed_in_a_match_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(["atari/pong"], ["random", "noop"], monkeypatch, pairs=2)
    engine = Killing(OnRay(job(plan), 1, None))
    on_ray = standings(plan, engine)
    assert engine.killed and len(engine.lost) == 1

    again = planned(["atari/pong"], ["random", "noop"], monkeypatch, pairs=2)
    assert on_ray == standings(again, Local(job(again), 1))


def test_it_plays_on_a_cluster_that_there_is_and_leaves_it(
    cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in on_the_loopback().items():
        monkeypatch.setenv(name, value)
    plan = planned(["maze/run"], ["ppo", "random"], monkeypatch)
    told = standings(plan, OnRay(job(plan), 2, cluster))
    assert told["played"] == told["matches"]

    # An agent that is no longer the one that entered.
    plan = planned(["maze/run"], ["ppo", "random"], monkeypatch)
    weights = plan.folder / "players" / "0-0" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    with pytest.raises(ArenaError, match=r"weights\.safetensors"):
        standings(plan, OnRay(job(plan), 2, cluster))


def test_where_no_cluster_is_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(["maze/run"], ["random", "noop"], monkeypatch)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ArenaError, match=f"no Ray cluster answers at {address}"):
        OnRay(job(plan), 2, address)
    for nonsense in ("here", "127.0.0.1", "127.0.0.1:x", ""):
        with pytest.raises(ArenaError, match="is no address of a Ray cluster"):
            OnRay(job(plan), 2, nonsense)


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(["maze/run"], ["random", "noop"], monkeypatch)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ArenaError, match="pip install ray"):
        OnRay(job(plan), 2, None)
