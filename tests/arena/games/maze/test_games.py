"""Every maze game of the catalog: its levels, its rules, and that match and training see the same."""

from importlib import import_module
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import parallel_api_test

import arena.games.registration  # noqa: F401 - registers the mazes with Gymnasium
from arena.errors import UsageError
from arena.games import catalog
from arena.games.catalog import preparing
from arena.games.maze import kernel, make, vector
from arena.games.maze.env import MazeParallelEnv, parallel_env
from arena.games.maze.layouts import LAYOUTS, WALL
from arena.games.maze.rules import LEVELS, Options
from arena.games.maze.world import BORDER, COIN, GOAL, LAVA, STAY, USE, is_held_out

MAZES = [entry.id for entry in catalog.MAZES]
SEVERAL = [entry.name for entry in catalog.MAZES if entry.seats != (1,)]
SEATED = [(entry.id, seats) for entry in catalog.MAZES for seats in entry.seats]
SMALL = 11


def small(game_id: str, **options: object):
    return make(game_id, size=SMALL, **options)


def terrain(tiles: np.ndarray) -> np.ndarray:
    inner = tiles[BORDER:-BORDER, BORDER:-BORDER]
    return np.where((inner == WALL) | (inner == LAVA), inner, 0).astype(np.uint8)


@pytest.mark.parametrize("game_id", MAZES)
def test_no_layout_is_in_training_and_held_out(game_id: str) -> None:
    layouts: dict[str, set[bytes]] = {"train": set(), "held-out": set()}
    for levels, found in layouts.items():
        envs = vector(game_id, 24 * catalog.find(game_id).seats[0], 3, levels=levels, size=SMALL)
        for episode in range(6):
            envs.reset(options={"levels": range(24 * episode, 24 * episode + 24)})
            for tiles in envs.worlds.tiles:
                assert is_held_out(terrain(tiles)) == (levels == "held-out")
                found.add(terrain(tiles).tobytes())
            keys = envs.worlds.key % np.uint64(2)
            assert (keys == (levels == "held-out")).all()  # disjoint ranges of seeds
    assert len(layouts["train"]) > 1
    assert not layouts["train"] & layouts["held-out"]


@pytest.mark.parametrize("game_id", MAZES)
def test_the_catalog_tells_which_sizes_a_game_can_have(game_id: str) -> None:
    entry = catalog.find(game_id)

    def fits(size: int) -> bool:
        try:
            Options.of(entry.name, import_module(entry.rules).RULES, {"size": size}, levels="train")
        except UsageError:
            return False
        return True

    assert [size for size in range(100) if fits(size)] == list(entry.sizes)
    assert import_module(entry.rules).RULES.size == entry.size


@pytest.mark.parametrize(("game_id", "seats"), SEATED)
def test_there_are_levels_on_both_sides_of_the_split_at_the_smallest_size(game_id: str, seats: int) -> None:
    entry = catalog.find(game_id)
    layouts = [LAYOUTS[layout] for layout in import_module(entry.rules).RULES.layouts]
    for layout in ["mixed", *layouts]:
        for levels in LEVELS:
            envs = vector(
                game_id, 4 * seats, 1, size=entry.sizes[0], seats=seats, layout=layout, levels=levels
            )
            envs.reset(seed=2)
            assert not envs.worlds.over.any()


@pytest.mark.parametrize(("game_id", "seats"), SEATED)
def test_every_level_can_be_finished_by_who_knows_the_way(game_id: str, seats: int) -> None:
    if game_id == "maze/windy":
        pytest.skip("chance decides there; that a dry way exists is tested below")
    game = small(game_id, **({"seats": seats} if seats > 1 else {}))
    for seed in range(12):
        game.reset(seed)
        while not (tick := game.tick([game.shortest_path_action(seat) for seat in range(seats)])).ended:
            pass
        if game_id != "maze/tag":
            assert tick.terminated, f"seed {seed}"
            assert max(game.scores()) > 0


def test_windy_levels_have_a_dry_way_from_start_to_exit() -> None:
    game = small("maze/windy")
    for seed in range(60):
        game.reset(seed)
        assert game.shortest_path_action(0) != STAY


@pytest.mark.parametrize(("game_id", "seats"), SEATED)
def test_levels_with_several_seats_look_the_same_from_each(game_id: str, seats: int) -> None:
    if seats == 1:
        return
    game = small(game_id, seats=seats)
    turns = 2 if seats == 2 else 1
    for seed in range(10):
        game.reset(seed)
        tiles = game.worlds.tiles[0]
        assert (tiles == np.rot90(tiles, turns)).all()
        side = tiles.shape[0]
        row, column = game.worlds.at[0, 0]
        for seat in range(seats):
            assert tuple(game.worlds.at[0, seat]) == (row, column)
            row, column = (side - 1 - row, side - 1 - column) if turns == 2 else (column, side - 1 - row)


@pytest.mark.parametrize(("game_id", "seats"), SEATED)
def test_observations_in_a_match_equal_those_in_training_for_a_thousand_decisions(
    game_id: str, seats: int
) -> None:
    options = {"seats": seats} if seats > 1 else {}
    game = make(game_id, levels="train", **options)
    envs = vector(game_id, 3 * seats, 0, **options)
    rng = np.random.default_rng(1)
    decisions, level = 0, 5
    while decisions < 1000:
        observations, _ = envs.reset(options={"levels": [level + 1000, level, level + 2000]})
        game.reset(level)
        mine = slice(seats, 2 * seats)
        while True:
            for seat in range(seats):
                np.testing.assert_array_equal(game.observe(seat), observations[mine][seat])
            decisions += 1
            actions = rng.integers(0, 6, envs.num_envs)
            tick = game.tick(actions[mine])
            observations, rewards, terminated, truncated, _ = envs.step(actions)
            assert tick.rewards == tuple(rewards[mine])
            assert (tick.terminated, tick.truncated) == (terminated[mine][0], truncated[mine][0])
            if tick.ended:
                break
        level += 1


@pytest.mark.parametrize(("game_id", "seats"), SEATED)
def test_a_snapshot_brings_everything_back(game_id: str, seats: int) -> None:
    game = small(game_id, **({"seats": seats} if seats > 1 else {}))
    rng = np.random.default_rng(2)
    actions = rng.integers(0, 6, (40, seats))
    game.reset(9)

    def play(rows: np.ndarray) -> list[object]:
        seen: list[object] = []
        for row in rows:
            tick = game.tick(row)
            seen.append((tick, game.digest(), [game.observe(seat).tobytes() for seat in range(seats)]))
            if tick.ended:
                break
        return seen

    play(actions[:8])
    snapshot, digest = game.snapshot(), game.digest()
    first = play(actions[8:])
    game.restore(snapshot)
    assert game.digest() == digest
    assert play(actions[8:]) == first


@pytest.mark.parametrize("game_id", MAZES)
def test_a_seed_names_a_level_and_others_differ(game_id: str) -> None:
    one, other = small(game_id), small(game_id)
    for game in (one, other):
        game.reset(7)
    assert one.digest() == other.digest()
    other.reset(8)
    assert one.digest() != other.digest()
    other.reset(7)
    assert one.digest() == other.digest()


@pytest.mark.parametrize("game_id", MAZES)
def test_worlds_do_not_depend_on_how_they_are_batched(game_id: str) -> None:
    """Chance is keyed by what it is for, and threads share no world."""
    seats = catalog.find(game_id).seats[0]
    many = vector(game_id, 520 * seats, 4, size=SMALL, threads=2)
    few = vector(game_id, 520 * seats, 4, size=SMALL)
    rng = np.random.default_rng(0)
    a, _ = many.reset(seed=11)
    b, _ = few.reset(seed=11)
    for _ in range(30):
        np.testing.assert_array_equal(a, b)
        actions = rng.integers(0, 6, many.num_envs)
        a, *_ = many.step(actions)
        b, *_ = few.step(actions)
    few.close()
    many.close()


@pytest.mark.parametrize("game_id", MAZES)
def test_training_goes_on_exactly_from_a_saved_state(game_id: str) -> None:
    seats = catalog.find(game_id).seats[0]
    envs = vector(game_id, 8 * seats, 4, size=SMALL)
    envs.reset()
    rng = np.random.default_rng(0)
    actions = rng.integers(0, 6, (120, envs.num_envs))
    for row in actions[:50]:
        envs.step(row)
    state = envs.get_state()
    after = [envs.step(row)[0] for row in actions[50:]]
    fresh = vector(game_id, 8 * seats, 999, size=SMALL)
    fresh.set_state(state)
    for row, expected in zip(actions[50:], after, strict=True):
        np.testing.assert_array_equal(fresh.step(row)[0], expected)


def test_the_step_after_an_end_begins_the_next_level_and_brings_nothing() -> None:
    envs = vector("maze/run", 64, 0, size=7)
    envs.reset()
    rng = np.random.default_rng(0)
    ended = np.zeros(64, bool)
    seen = 0
    for _ in range(400):
        _, rewards, terminated, truncated, infos = envs.step(rng.integers(0, 6, 64))
        assert not rewards[ended].any()
        assert not (terminated | truncated)[ended].any()
        assert (envs.worlds.time[ended] == 0).all()
        ended = terminated | truncated
        assert ended.any() == ("episode" in infos)
        if ended.any():
            np.testing.assert_array_equal(infos["_episode"], ended)
            np.testing.assert_array_equal(infos["episode"]["r"][ended], rewards[ended])
            np.testing.assert_array_equal(infos["episode"]["solved"][ended], terminated[ended])
            assert (infos["episode"]["l"][truncated] == 2 * 49).all()
            seen += int(ended.sum())
    assert seen > 50


def test_rewards_and_scores_of_a_race_go_to_who_arrives_first() -> None:
    game = small("maze/race", seats=2)
    game.reset(3)
    while not (tick := game.tick([game.shortest_path_action(0), STAY])).ended:
        pass
    assert tick.rewards == (1.0, -1.0)
    assert game.scores() == (1.0, 0.0)


def test_tag_gives_the_chaser_a_point_and_swaps_roles_at_half_time() -> None:
    game = small("maze/tag")
    game.reset(1)
    assert game.worlds.chaser[0].tolist() == [1, 0]
    caught = 0
    for now in range(1, 20 * SMALL + 1):
        chaser = int(np.argmax(game.worlds.chaser[0]))
        tick = game.tick([game.shortest_path_action(s) if s == chaser else STAY for s in range(2)])
        if tick.rewards[chaser]:
            assert tick.rewards == ((1.0, -1.0) if chaser == 0 else (-1.0, 1.0))
            np.testing.assert_array_equal(game.worlds.at[0], game.worlds.start[0])
            caught += 1
        assert game.worlds.chaser[0].tolist() == ([1, 0] if now < 10 * SMALL else [0, 1])
    assert tick.truncated
    assert caught == sum(game.scores()) > 2


def test_coins_are_counted_once_and_the_last_ends_the_game() -> None:
    game = small("maze/coins", seats=3)
    game.reset(2)
    total = int((game.worlds.tiles == COIN).sum())
    brought = np.zeros(3)
    while not (tick := game.tick([game.shortest_path_action(seat) for seat in range(3)])).ended:
        brought += tick.rewards
    brought += tick.rewards
    assert tick.terminated
    assert tuple(brought) == game.scores()
    assert sum(game.scores()) == total


def test_lava_ends_windy_with_a_loss_and_chance_moves_players_as_often_as_it_says() -> None:
    envs = vector("maze/windy", 512, 0, size=15)
    envs.reset()
    slips = moves = 0
    lost = False
    for _ in range(60):
        worlds = envs.worlds
        before, tiles, over = worlds.at[:, 0].copy(), worlds.tiles.copy(), worlds.over.copy()
        _, rewards, terminated, _, _ = envs.step(np.zeros(512, int))  # up
        row, column = before[:, 0], before[:, 1]
        index = np.arange(512)
        free = (tiles[index, row - 1, column] == 0) & (tiles[index, row, column - 1] == 0)
        free &= (tiles[index, row, column + 1] == 0) & (over == 0)
        sideways = worlds.at[:, 0, 1] != column
        slips += int(sideways[free].sum())
        moves += int(free.sum())
        here = tiles[index, worlds.at[:, 0, 0], worlds.at[:, 0, 1]]
        assert ((rewards == -1) == (terminated & (here == LAVA))).all()
        assert ((rewards == 1) == (terminated & (here == GOAL))).all()
        lost |= bool((rewards == -1).any())
    assert lost
    assert moves > 1000
    assert abs(slips / moves - 0.1) < 0.03


@pytest.mark.parametrize("entry", [e for e in catalog.MAZES if e.seats == (1,)], ids=lambda e: e.name)
@pytest.mark.parametrize("observation", ["planes", "grid", "picture"])
@pytest.mark.filterwarnings("ignore:.*:UserWarning", "ignore:.*:DeprecationWarning")
def test_gymnasium_accepts_the_mazes(entry: catalog.Entry, observation: str) -> None:
    env = gymnasium.make(
        f"arena/Maze{entry.name.title()}-v0", render_mode="rgb_array", observation=observation, size=SMALL
    )
    check_env(env.unwrapped, skip_render_check=False)
    env.close()


def test_gymnasium_makes_vectors_of_mazes() -> None:
    envs = gymnasium.make_vec("arena/MazeRun-v0", num_envs=5, size=SMALL)
    observations, _ = envs.reset(seed=1)
    assert observations.shape == (5, 5, 7, 7)
    observations, rewards, *_ = envs.step(envs.action_space.sample())
    assert envs.observation_space.contains(observations)
    assert rewards.shape == (5,)
    envs.close()


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_pettingzoo_accepts_the_mazes(name: str) -> None:
    for seats in catalog.find(f"maze/{name}").seats:
        env = parallel_env(name, seats=seats, size=SMALL)
        assert isinstance(env, MazeParallelEnv)
        parallel_api_test(env, num_cycles=200)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"size": 10}, "size 10"),
        ({"size": 999}, "size 999"),
        ({"layout": "spiral"}, "layout 'spiral'"),
        ({"levels": "all"}, "levels 'all'"),
        ({"observation": "smell"}, "observation 'smell'"),
        ({"seats": 2}, "2 seats"),
        ({"colour": "red"}, "no option 'colour'"),
    ],
)
def test_options_that_make_no_sense_are_refused_with_what_is_possible(
    options: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        make("maze/run", **options)


def test_actions_out_of_range_are_refused() -> None:
    game = small("maze/run")
    game.reset(0)
    for actions in ([6], [-1], [], [0, 0]):
        with pytest.raises(ValueError, match="actions"):
            game.tick(actions)
    envs = vector("maze/run", 4, 0)
    envs.reset()
    with pytest.raises(ValueError, match="actions"):
        envs.step(np.array([0, 0, 6, 0]))


def test_use_alone_never_moves_anybody() -> None:
    game = small("maze/vault", layout="wilson")
    game.reset(0)
    at = game.worlds.at.copy()
    game.tick([USE])
    np.testing.assert_array_equal(game.worlds.at, at)


def test_the_first_use_of_a_maze_says_that_it_is_compiled_and_the_next_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make("maze/run", size=7).reset(0)
    assert preparing("maze/run") is None
    monkeypatch.setattr(kernel, "FOLDER", tmp_path)
    assert "half a minute" in str(preparing("maze/run"))
    assert preparing("gym/CartPole-v1") is None


@pytest.mark.parametrize("without_name", [False, True])
def test_compiled_code_is_another_where_an_instruction_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without_name: bool
) -> None:
    """Also for a user whom the system knows by number only."""
    here = Path(kernel.__file__).parent
    for source in here.glob("*.py"):
        (tmp_path / source.name).write_bytes(source.read_bytes())
    monkeypatch.setattr(kernel, "__file__", str(tmp_path / "kernel.py"))
    if without_name:
        monkeypatch.setattr("getpass.getuser", lambda: {}["uid not found"])
    before = kernel._cache_folder()
    assert before.parent.parent == tmp_path
    (tmp_path / "words.py").write_text((tmp_path / "words.py").read_text() + "# changed")
    assert kernel._cache_folder() != before


@pytest.mark.parametrize(
    ("name", "where", "value"),
    [
        ("worlds.at", (0, 0, 0), -3000),
        ("worlds.start", (3, 0, 1), 3000),
        ("worlds.tiles", (0, 4, 4), 200),
        ("worlds.tiles", (0, 0, 0), 0),
    ],
)
def test_a_state_that_would_lead_out_of_the_maze_is_refused_and_changes_nothing(
    name: str, where: tuple[int, ...], value: int
) -> None:
    envs = vector("maze/run", 4, 0, size=SMALL)
    envs.reset()
    state, before = envs.get_state(), envs.get_state()
    state[name][where] = value
    with pytest.raises(ValueError, match="does not fit"):
        envs.set_state(state)
    for part, array in envs.get_state().items():
        np.testing.assert_array_equal(array, before[part])
