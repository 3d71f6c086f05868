"""Models of Stable-Baselines3 sit down where they fit, and say why where they do not."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

import arena.games.registration  # noqa: F401 - the mazes' environments
from arena.errors import ArenaError, UsageError
from arena.matches import foreign_names, roster, stable_baselines
from arena.matches.foreign import ForeignPlayer
from arena.matches.match import Match
from arena.matches.player import Noop, Player
from arena.matches.stable_baselines import Wants

sb3 = pytest.importorskip("stable_baselines3")

Save = Callable[..., Path]


@pytest.fixture(scope="module")
def save(tmp_path_factory: pytest.TempPathFactory) -> Save:
    """Saves a model that has learned nothing, and returns the file."""
    folder, saved = tmp_path_factory.mktemp("models"), {}

    def save(algorithm: str, env_id: str, **options: Any) -> Path:
        key = algorithm, env_id, *options.items()
        if key not in saved:
            env = gymnasium.make(env_id, **options)
            small = {"PPO": {"n_steps": 8, "batch_size": 8}, "DQN": {"buffer_size": 100}}
            model = getattr(sb3, algorithm)(
                "MlpPolicy", env, device="cpu", seed=1, **small.get(algorithm, {})
            )
            path = folder / f"{len(saved)}" / f"{algorithm.lower()}.zip"
            path.parent.mkdir()
            model.save(path)
            saved[key] = path
            env.close()
        return saved[key]

    return save


def play(player: str | Player, game: str, seed: int = 1, **options: Any) -> Match:
    if isinstance(player, str):
        player = roster.resolve(player, game, options=options)
    match = Match(game, [player, Noop()], seed, options)
    for _ in range(40):
        if not match.finished:
            match.tick()
    match.close()
    return match


@pytest.mark.parametrize("algorithm", ["PPO", "A2C", "DQN"])
def test_a_model_plays_what_it_was_trained_on(save: Save, algorithm: str) -> None:
    path = save(algorithm, "arena/MazeRun-v0")
    player = roster.resolve(f"sb3:{path}", "maze/run")
    first, other, again = (play(player, "maze/run", seed) for seed in (1, 2, 1))
    assert not first.forfeits and not other.forfeits
    assert first.digest() == again.digest() != other.digest()
    identity = first.players[0].identity
    assert identity.id == f"agent:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    assert identity.name == f"sb3:{algorithm.lower()}" and identity.kind == "agent"
    assert identity.detail == f"Stable-Baselines3 model, {algorithm}"
    assert player.insight() is None


def test_it_answers_what_the_library_itself_does(save: Save) -> None:
    """With the likeliest action, which has no chance in it."""
    path = save("A2C", "CartPole-v1")
    match = Match("gym/CartPole-v1", [roster.resolve(f"sb3:{path}", "gym/CartPole-v1")], 3)
    model = sb3.A2C.load(path, device="cpu")
    for _ in range(8):
        expected, _ = model.predict(match.games[0].observe(0), deterministic=True)
        match.tick()
        assert match._actions[-1] == int(expected)
    match.close()


def test_a_state_is_given_as_its_number(save: Save) -> None:
    path = save("DQN", "FrozenLake-v1")
    assert not play(f"sb3:{path}", "gym/FrozenLake-v1").forfeits


def test_a_maze_is_made_to_show_what_the_model_learned_to_see(save: Save) -> None:
    path = save("A2C", "arena/MazeRun-v0", observation="grid")
    assert roster.resolve(f"sb3:{path}", "maze/run").needs == {"observation": "grid"}
    assert not play(f"sb3:{path}", "maze/run").forfeits
    with pytest.raises(UsageError, match="cannot sit at maze/run"):
        roster.resolve(f"sb3:{path}", "maze/run", options={"size": 7})
    with pytest.raises(UsageError, match="cannot sit at maze/run"):
        roster.resolve(f"sb3:{path}", "maze/run", options={"observation": "planes"})
    small = save("A2C", "arena/MazeRun-v0", observation="grid", size=7)
    assert not play(f"sb3:{small}", "maze/run", size=7, reaction_ms=100).forfeits


def test_a_model_for_something_else_is_refused(save: Save) -> None:
    path = save("PPO", "arena/MazeRun-v0")
    words = r"trained on \(5, 7, 7\) uint8 with 6 actions; there an agent is given \(4, 84, 84\) uint8 with 6"
    with pytest.raises(UsageError, match=words):
        roster.resolve(f"sb3:{path}", "atari/pong")
    with pytest.raises(UsageError, match="cannot sit at versus/pong"):
        roster.resolve(f"sb3:{path}", "versus/pong")


def test_what_cannot_play_here_says_why(save: Save) -> None:
    path = save("PPO", "Pendulum-v1")
    with pytest.raises(ArenaError, match="its actions are Box, and games here have Discrete ones"):
        roster.resolve(f"sb3:{path}", "maze/run")


def test_one_that_changes_after_it_was_named_forfeits(save: Save, tmp_path: Path) -> None:
    path = tmp_path / "mine.zip"
    path.write_bytes(save("PPO", "arena/MazeRun-v0").read_bytes())
    player = roster.resolve(f"sb3:{path}", "maze/run")
    path.write_bytes(save("A2C", "arena/MazeRun-v0").read_bytes())
    assert "has been changed since it was named" in str(Match("maze/run", [player], 1).forfeits[0][1])


def test_the_algorithm_can_be_said_where_the_file_does_not_tell(save: Save, tmp_path: Path) -> None:
    whole, bare = save("DQN", "arena/MazeRun-v0"), tmp_path / "bare.zip"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(bare, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "data":
                data = json.loads(content)
                del data["policy_class"]["__module__"], data["exploration_initial_eps"]
                content = json.dumps(data).encode()
            target.writestr(name, content)
    with pytest.raises(ArenaError, match=r"does not tell its algorithm; say it, as in sb3:dqn:bare\.zip"):
        roster.resolve(f"sb3:{bare}", "maze/run")
    assert roster.resolve(f"sb3:dqn:{bare}", "maze/run").identity.detail == "Stable-Baselines3 model, DQN"
    wrong = Match("maze/run", [roster.resolve(f"sb3:ppo:{bare}", "maze/run")], 1)
    assert wrong.forfeits[0][1].startswith("its process ended: ")


def test_without_the_library_it_says_what_to_install(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign_names, "find_spec", lambda name: None)
    with pytest.raises(ArenaError, match=r"needs stable-baselines3, .* `pip install stable-baselines3`"):
        roster.resolve(f"sb3:{save('PPO', 'arena/MazeRun-v0')}", "maze/run")


def zipped(path: Path, data: str | None) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        if data is not None:
            archive.writestr("data", data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        None, "", "{", "[]", "7", "{}", '{"observation_space": 1, "action_space": 2}',
        '{"observation_space": {":type:": "Box"}, "action_space": {":type:": "Discrete"}, "clip_range": 1}',
        '{"observation_space": {":type:": "Box", "_shape": "f(", "dtype": "uint8"},'
        ' "action_space": {":type:": "Discrete", "n": "6"}, "clip_range": 1}',
        '{"observation_space": {":type:": "Box", "_shape": [[]], "dtype": "x"},'
        ' "action_space": {":type:": "Discrete", "n": []}, "clip_range": 1}',
        '{"observation_space": {":type:": "Box", "_shape": [4], "dtype": "uint8"},'
        ' "action_space": {":type:": "Discrete", "n": Infinity}, "clip_range": 1}',
        '{"observation_space": {":type:": "Box", "_shape": "%s1", "dtype": "uint8"},'
        ' "action_space": {":type:": "Discrete", "n": 6}, "clip_range": 1}' % ("-" * 200_000),
    ],
)  # fmt: skip
def test_a_file_that_is_no_model_is_a_clear_error(tmp_path: Path, data: str | None) -> None:
    path = zipped(tmp_path / "model.zip", data)
    with pytest.raises(ArenaError, match=r"is no model|does not tell what it sees"):
        stable_baselines.read(path)


def test_a_zip_with_damaged_settings_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data", json.dumps({"clip_range": "x" * 100}))
    content = path.read_bytes()
    path.write_bytes(content[:40] + bytes(byte ^ 0xFF for byte in content[40:50]) + content[50:])
    with pytest.raises(ArenaError, match="is no model"):
        stable_baselines.read(path)


def test_a_file_that_is_no_zip_or_that_there_is_not_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("hello")
    with pytest.raises(ArenaError, match="is no model that Stable-Baselines3 has saved"):
        roster.resolve(f"sb3:{tmp_path / 'text.zip'}", "maze/run")
    for name in (f"sb3:{tmp_path / 'nowhere.zip'}", f"sb3:{tmp_path}", f"sb3:dqn:{tmp_path}"):
        with pytest.raises(UsageError, match="there is no file"):
            roster.resolve(name, "maze/run")
    for name in ("sb3:", "sb3:dqn:"):
        with pytest.raises(UsageError, match=r"write sb3:PATH\.zip"):
            roster.resolve(name, "maze/run")


def test_a_picture_is_turned_to_where_the_model_has_its_channels() -> None:
    picture = np.arange(4 * 8 * 6).reshape(4, 8, 6).astype(np.uint8)
    last, first = Wants((8, 6, 4), "uint8", None, 6), Wants((4, 8, 6), "uint8", None, 6)
    assert last.fits((4, 8, 6), "uint8", 6) and first.fits((8, 6, 4), "uint8", 6)
    assert (last.given(picture) == np.moveaxis(picture, 0, -1)).all()
    assert (first.given(np.moveaxis(picture, 0, -1)) == picture).all()
    assert (first.given(picture) == picture).all()


def test_what_differs_does_not_fit() -> None:
    wants = Wants((4,), "float32", None, 2)
    assert wants.fits((4,), "float32", 2) and wants.fits((4,), "float64", 2)
    for shape, dtype, actions in (
        ((5,), "float32", 2),
        ((4,), "uint8", 2),
        ((4,), "float32", 3),
        ((), "float32", 2),
    ):
        assert not wants.fits(shape, dtype, actions)
    assert Wants((), "int64", 16, 4).fits((16,), "float32", 4)
    assert not Wants((), "int64", 16, 4).fits((15,), "float32", 4)


def test_it_starts_no_process_before_its_first_match(save: Save) -> None:
    player = roster.resolve(f"sb3:{save('PPO', 'arena/MazeRun-v0')}", "maze/run")
    assert isinstance(player, ForeignPlayer) and player._process is None
