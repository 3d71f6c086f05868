"""A checkpoint brings back exactly what was saved, or a clear line; never code, never a file elsewhere."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.ppo import PPO, Config
from arena import places
from arena.errors import ArenaError
from arena.store import checkpoint_files, checkpoints

CONFIG = Config(total_steps=2000, num_envs=2, num_steps=16, minibatches=2, epochs=1, hidden_size=8)


def cartpoles() -> Any:
    return gymnasium.make_vec("CartPole-v1", 2)


def learner(config: Config = CONFIG, seed: int = 3) -> PPO:
    envs = cartpoles()
    return PPO(envs.single_observation_space, envs.single_action_space, config, seed=seed)


def save(folder: Path, ppo: PPO, game: str = "gym/CartPole-v1") -> checkpoints.Meta:
    envs = cartpoles()
    spaces = envs.single_observation_space, envs.single_action_space
    return checkpoints.save(folder, ppo, agent="ppo", game=game, options={}, seed=3, spaces=spaces)


def trained(iterations: int = 2) -> PPO:
    ppo = learner()
    envs = cartpoles()
    for _, _ in zip(range(iterations), ppo.learn(envs), strict=False):
        pass
    return ppo


def edit(folder: Path, **changes: Any) -> None:
    path = folder / "meta.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_saved_learner_comes_back_whole(tmp_path: Path) -> None:
    ppo = trained()
    meta = save(tmp_path / "64", ppo)
    assert (meta.agent, meta.game, meta.step, meta.seed) == ("ppo", "gym/CartPole-v1", ppo.step, 3)
    again, _ = checkpoints.resume(tmp_path / "64")
    assert again.step == ppo.step
    assert all(np.array_equal(w, ppo.weights()[name]) for name, w in again.weights().items())
    one, other = ppo.state(), again.state()
    assert one.tensors.keys() == other.tensors.keys()
    assert all(
        np.array_equal(one.tensors[name], other.tensors[name], equal_nan=name == "episodes")
        for name in one.tensors
    )
    assert one.values == other.values


def test_a_loaded_agent_acts_as_the_one_that_was_saved(tmp_path: Path) -> None:
    ppo = trained()
    save(tmp_path / "a", ppo)
    agent, _ = checkpoints.load_agent(tmp_path / "a")
    seen = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    np.testing.assert_array_equal(agent.inspect(seen).actions, ppo.inspect(seen).actions)
    assert "optimizer" not in vars(agent), "who only plays need not wait for what is learned with"


def test_a_description_is_read_without_torch(tmp_path: Path) -> None:
    save(tmp_path / "a", learner())
    program = (
        "import sys; from pathlib import Path; from arena.store import checkpoints, runs; "
        f"checkpoints.read_meta(Path({str(tmp_path / 'a')!r})).digest; checkpoints.champions(); runs.runs(); "
        "print([m for m in ('torch', 'gymnasium', 'numba', 'pygame', 'ale_py') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_identity_follows_weights_config_and_way_of_playing_but_not_the_folder(saves: Path) -> None:
    ppo = trained()
    one, other = save(saves / "a", ppo), save(saves / "b", ppo)
    assert one.digest == other.digest
    assert save(saves / "c", learner()).digest != one.digest
    changed = learner(replace(CONFIG, gamma=0.9))
    changed.load_weights(ppo.weights())
    assert save(saves / "d", changed).digest != one.digest
    greedy = checkpoints.save_champion(one, options={}, greedy=True, card={})
    sampled = checkpoints.save_champion(one, options={}, greedy=False, card={"score": 1.0})
    assert greedy.digest != sampled.digest


def test_a_champion_is_in_half_precision_and_alone_in_its_folder(saves: Path) -> None:
    ppo = trained()
    meta = checkpoints.save_champion(
        save(saves / "a", ppo), options={}, greedy=False, card={"score": 0.5, "summary": "solves 50%"}
    )
    assert meta.folder == saves / "champions/gym/CartPole-v1/ppo"
    assert sorted(p.name for p in meta.folder.iterdir()) == ["meta.json", "weights.safetensors"]
    assert meta.greedy is False
    agent, _ = checkpoints.load_agent(meta.folder)
    for name, w in agent.weights().items():
        np.testing.assert_array_equal(w, ppo.weights()[name].astype(np.float16).astype(np.float32))
    assert [m.digest for m in checkpoints.champions("gym/CartPole-v1")] == [meta.digest]
    assert checkpoints.champions("maze/run") == []
    assert meta.size < 20_000


def test_weights_beyond_half_precision_make_no_champion(saves: Path) -> None:
    ppo = learner()
    weights = ppo.weights()
    weights["value.bias"][:] = 1e6
    ppo.load_weights(weights)
    with pytest.raises(ArenaError, match="half precision"):
        checkpoints.save_champion(save(saves / "a", ppo), options={}, greedy=True, card={})
    assert checkpoints.champions() == []


def test_a_users_own_champion_comes_before_the_one_that_came_with_the_arena(
    saves: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = save(saves / "a", learner())
    bundled = checkpoints.save_champion(source, options={}, greedy=True, card={})
    own = saves / "elsewhere"
    monkeypatch.setattr(places, "champions", lambda: (own, saves / "champions"))
    assert [meta.folder for meta in checkpoints.champions()] == [bundled.folder]
    assert checkpoints.champion_folder("ppo", bundled.game) == bundled.folder
    mine = checkpoints.save_champion(source, options={}, greedy=False, card={})
    assert mine.folder == own / bundled.game / "ppo" == checkpoints.champion_folder("ppo", bundled.game)
    assert [meta.digest for meta in checkpoints.champions()] == [mine.digest] != [bundled.digest]
    assert checkpoints.champion_folder("ppo", "maze/none") == own / "maze/none/ppo"


def test_a_write_that_was_killed_between_its_two_renames_loses_no_champion(saves: Path) -> None:
    source = save(saves / "a", learner())
    old = checkpoints.save_champion(source, options={}, greedy=True, card={})
    waiting = old.folder.rename(old.folder.with_name(f".{old.folder.name}.0123abcd.old"))
    assert [meta.folder for meta in checkpoints.champions()] == [waiting]
    assert checkpoints.champion_folder("ppo", old.game) == waiting
    assert checkpoints.load_agent(waiting)[1].digest == old.digest
    new = checkpoints.save_champion(source, options={}, greedy=False, card={})
    assert [meta.digest for meta in checkpoints.champions()] == [new.digest] != [old.digest]
    assert checkpoints.champion_folder("ppo", old.game) == new.folder
    assert [path.name for path in new.folder.parent.iterdir()] == ["ppo"]


def test_a_damaged_champion_is_left_out_of_the_list(saves: Path) -> None:
    meta = checkpoints.save_champion(save(saves / "a", learner()), options={}, greedy=True, card={})
    (meta.folder / "meta.json").write_text("{")
    assert checkpoints.champions() == []


@pytest.mark.parametrize("name", ["weights.safetensors", "optimizer.safetensors", "state/generator.npy"])
def test_a_file_with_one_bit_changed_is_refused(tmp_path: Path, name: str) -> None:
    save(tmp_path / "a", trained())
    path = tmp_path / "a" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ArenaError, match="is not the file that was saved"):
        checkpoints.resume(tmp_path / "a")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    save(tmp_path / "a", trained())
    (tmp_path / "a/weights.safetensors").unlink()
    with pytest.raises(ArenaError, match=r"weights\.safetensors is missing"):
        checkpoints.load_agent(tmp_path / "a")


def test_what_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArenaError, match="no checkpoint"):
        checkpoints.load_agent(tmp_path / "nothing")
    (tmp_path / "meta.json").write_text('{"name": "something else"}')
    with pytest.raises(ArenaError, match="not the description of a checkpoint"):
        checkpoints.load_agent(tmp_path)


def test_a_newer_format_asks_for_an_update(tmp_path: Path) -> None:
    save(tmp_path / "a", learner())
    edit(tmp_path / "a", format=checkpoints.FORMAT + 1)
    with pytest.raises(ArenaError, match="newer arena"):
        checkpoints.read_meta(tmp_path / "a")


@pytest.mark.parametrize("agent", ["os:system", "../ppo", "dqn-of-tomorrow", 7])
def test_only_agents_of_the_catalog_load(tmp_path: Path, agent: Any) -> None:
    save(tmp_path / "a", learner())
    edit(tmp_path / "a", agent=agent)
    with pytest.raises(ArenaError, match="agent"):
        checkpoints.load_agent(tmp_path / "a")


@pytest.mark.parametrize(
    "name", ["../secret.npy", "state/../../secret.npy", "/etc/passwd", "state/..npy", "state//x.npy", "x.pt"]
)
def test_no_name_in_a_description_leaves_the_folder(tmp_path: Path, name: str) -> None:
    meta = save(tmp_path / "a", learner())
    edit(tmp_path / "a", files={**meta.files, name: "0" * 64})
    with pytest.raises(ArenaError, match="names the file"):
        checkpoints.read_meta(tmp_path / "a")


@pytest.mark.parametrize(
    "game", ["../../x", "maze/..", "maze/../../x", "maze", "/maze/run", "maze/.hidden", ""]
)
def test_no_game_in_a_description_leaves_the_champions(saves: Path, game: str) -> None:
    save(saves / "a", learner())
    edit(saves / "a", game=game)
    with pytest.raises(ArenaError):
        checkpoints.save_champion(checkpoints.read_meta(saves / "a"), options={}, greedy=True, card={})


def test_weights_of_another_shape_do_not_fit(tmp_path: Path) -> None:
    meta = save(tmp_path / "a", learner())
    edit(tmp_path / "a", config={**meta.config, "hidden_size": 9})
    with pytest.raises(ArenaError, match="does not fit"):
        checkpoints.load_agent(tmp_path / "a")


def test_a_pickle_in_place_of_an_array_is_not_opened(tmp_path: Path) -> None:
    import hashlib

    meta = save(tmp_path / "a", learner())
    path = tmp_path / "a/state/generator.npy"
    np.save(path, np.array([object()], dtype=object), allow_pickle=True)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    edit(tmp_path / "a", files={**meta.files, "state/generator.npy": digest})
    with pytest.raises(ArenaError, match="cannot be gone on from"):
        checkpoints.resume(tmp_path / "a")


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = save(tmp_path / "a", learner())
    calls = iter(range(100))

    def full(path: Path, content: Any) -> str:
        if next(calls) == 2:
            raise OSError(28, "No space left on device")
        return put(path, content)

    put = checkpoint_files._put
    monkeypatch.setattr(checkpoint_files, "_put", full)
    with pytest.raises(ArenaError, match="disk is full"):
        save(tmp_path / "a", trained())
    assert checkpoints.read_meta(tmp_path / "a") == before
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_weights_that_are_not_finite_are_not_kept(tmp_path: Path) -> None:
    before = save(tmp_path / "a", learner())
    ppo = trained()
    weights = ppo.weights()
    weights["value.bias"][:] = np.nan
    ppo.load_weights(weights)
    with pytest.raises(FloatingPointError, match="not a number"):
        save(tmp_path / "a", ppo)
    assert checkpoints.read_meta(tmp_path / "a") == before


def test_a_checkpoint_that_keeps_only_what_acting_needs_is_the_same_agent(tmp_path: Path) -> None:
    ppo = trained()
    before = save(tmp_path / "a", ppo)
    assert checkpoints.size_of_state(tmp_path / "a") > 0
    for _ in range(2):  # the second time there is nothing left to do
        checkpoints.keep_only_acting(tmp_path / "a")
    agent, meta = checkpoints.load_agent(tmp_path / "a")
    assert meta.digest == before.digest
    assert all(np.array_equal(w, ppo.weights()[name]) for name, w in agent.weights().items())
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == ["meta.json", "weights.safetensors"]
    assert checkpoints.size_of_state(tmp_path / "a") == 0
    with pytest.raises(ArenaError, match=r"for playing only.*latest checkpoint"):
        checkpoints.resume(tmp_path / "a")


def test_what_is_let_go_of_is_gone_also_where_that_was_cut_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = save(tmp_path / "a", trained())
    with monkeypatch.context() as killed:
        killed.setattr(checkpoints.shutil, "rmtree", lambda *_, **__: None)
        checkpoints.keep_only_acting(tmp_path / "a")
    assert checkpoints.size_of_state(tmp_path / "a") > 0
    assert checkpoints.load_agent(tmp_path / "a")[1].digest == before.digest
    checkpoints.keep_only_acting(tmp_path / "a")
    assert checkpoints.size_of_state(tmp_path / "a") == 0


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    field=st.sampled_from(
        ["agent", "game", "config", "files", "observation_space", "action_space", "state", "format", "step"]
    ),
    value=_JSON,
)
def test_a_description_with_anything_in_a_field_loads_or_is_refused_in_words(
    tmp_path: Path, field: str, value: Any
) -> None:
    folder = tmp_path / "a"
    if not folder.exists():
        save(folder, learner())
        (tmp_path / "good.json").write_bytes((folder / "meta.json").read_bytes())
    (folder / "meta.json").write_bytes((tmp_path / "good.json").read_bytes())
    edit(folder, **{field: value})
    try:
        checkpoints.resume(folder)
    except ArenaError as error:
        assert len(str(error).splitlines()) == 1
