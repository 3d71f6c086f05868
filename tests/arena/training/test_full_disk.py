"""A disk that fills up while a checkpoint is written costs no checkpoint that was there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, shutil, subprocess, sys
from pathlib import Path
from arena.errors import ArenaError
from arena.store import checkpoints, runs
from arena.training.run import train
from arena.training.settings import Settings

agent, saves = sys.argv[1], Path(sys.argv[2])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(saves)], check=True)
small = {"num_envs": "4", "hidden_size": "16"} | (
    {"num_steps": "16"} if agent == "ppo" else {"report_steps": "100", "learning_starts": "50"}
)
settings = Settings(agent, "gym/CartPole-v1", steps=10**6, overrides=small, checkpoint_seconds=0)
saved, message = [], ""
try:
    for event in train(settings):
        if event.event == "saved":
            saved.append(event.step)
        if len(saved) >= 3:
            with (saves / "filler").open("ab") as filler:
                filler.write(bytes(max(0, shutil.disk_usage(saves).free - 8_000)))
except ArenaError as error:
    message = str(error)
[run] = runs.runs()
left = [path.name for path in (run.folder / "checkpoints").iterdir()]
learner, meta = checkpoints.resume(run.checkpoint)
(saves / "filler").unlink()
*_, last = train(Settings(resume=run.id, steps=meta.step + 500))
print(json.dumps([saved, message, run.state, run.why, left, meta.step, last.event]))
"""


@pytest.mark.skipif(
    not sys.platform.startswith("linux")
    or subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode != 0,
    reason="needs a Linux that lets users mount a small disk of their own",
)
@pytest.mark.parametrize("agent", ["ppo", "dqn"])
def test_a_full_disk_stops_the_run_with_one_line_and_keeps_the_last_checkpoint(
    agent: str, tmp_path: Path
) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-c", PROGRAM, agent, str(folder)],
        env={**os.environ, "ARENA_SAVES": str(folder), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    saved, message, state, why, left, resumed_at, last = json.loads(done.stdout)
    assert "the disk is full; free some space there" in message and "\n" not in message
    assert (state, why) == ("failed", message)
    assert resumed_at == saved[-1] and str(saved[-1]) in left
    assert not [name for name in left if name.startswith(".")], "half a checkpoint stayed"
    assert last == "finished"
