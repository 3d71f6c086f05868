"""Atari: what agents see is what they were trained on; what is saved can be gone back to."""

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from ale_py.vector_env import AtariVectorEnv as PublishedEnv
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.errors import ArenaError, UsageError
from arena.games import catalog, console, roms
from arena.games.atari import AtariGame
from arena.games.atari_vector import slot_seeds
from arena.games.eyes import TICKS_PER_DECISION

ROMS = list(roms.rom_paths())

SEEN = ("pong", "breakout", "ms_pacman", "qbert", "montezuma_revenge", "air_raid", "backgammon")
"""Paddles, lives, flicker, a snapshot by replay, 250 lines, no "noop" of its own."""


def game_of(rom: str, **options: Any) -> AtariGame:
    game = catalog.make(f"atari/{rom}", **options)
    assert isinstance(game, AtariGame)
    return game


def decide(game: AtariGame, action: int) -> tuple[float, bool]:
    """One decision of an agent: its action held. The rewards' sum, and whether the game ended."""
    total = 0.0
    for _ in range(TICKS_PER_DECISION):
        tick = game.tick([action])
        total += tick.rewards[0]
        if tick.ended:
            return total, True
    return total, False


def start_like(game: AtariGame, seed: int, frames: int) -> None:
    """Reset so that the opening is as long as the vector environment's, which has played `frames` so far."""
    game.reset(seed, noops=0)
    before = game._ale.getEpisodeFrameNumber()  # some cartridges take a few frames to start
    game.reset(seed, noops=frames - before)


@pytest.mark.parametrize(("rom", "sticky"), [*((rom, 0.25) for rom in SEEN), ("pong", 0.0)])
def test_a_match_and_training_see_equal_bytes_over_a_thousand_decisions(rom: str, sticky: float) -> None:
    game = game_of(rom, sticky=sticky)
    envs = catalog.vector(f"atari/{rom}", 1, 0, sticky=sticky)
    rng = np.random.default_rng(1)
    decisions, seed, ended = 0, 100, True
    life_lost = False
    while decisions < 1000:
        if ended:
            seed += 1
            observations, infos = envs.reset(seed=[seed])
            start_like(game, seed, int(infos["episode_frame_number"][0]))
            life_lost, begun = False, decisions
            assert np.array_equal(game.observe(0), observations[0])
        action = int(rng.integers(len(game.spec.actions)))
        observations, rewards, terminated, _, infos = envs.step(np.array([action]))
        reward, ended = decide(game, 0 if life_lost else action)
        decisions += 1
        assert np.array_equal(game.observe(0), observations[0]), f"decision {decisions}, seed {seed}"
        assert rewards[0] == (0.0 if life_lost else np.clip(reward, -1, 1))
        assert ended == bool(infos.get("_episode", [False])[0])
        if ended:
            assert infos["episode"]["r"][0] == game.scores()[0]
            assert infos["episode"]["l"][0] == decisions - begun
            assert terminated[0]
        life_lost = bool(terminated[0])
    envs.close()


def test_training_is_what_ale_py_publishes_but_for_lives_and_clipping() -> None:
    ours = catalog.vector("atari/breakout", 3, 7, sticky=0.25, episodic_life=False, reward_clipping=False)
    theirs = PublishedEnv(
        "breakout", 3, repeat_action_probability=0.25, use_fire_reset=False, reward_clipping=False
    )
    seen, _ = ours.reset()
    published, _ = theirs.reset(seed=slot_seeds(7, 3))
    rng = np.random.default_rng(2)
    for _ in range(600):
        assert np.array_equal(seen, published)
        actions = rng.integers(0, 4, 3)
        seen, rewards, terminated, truncated, _ = ours.step(actions)
        published, *other, _ = theirs.step(actions)
        for mine, its in zip((rewards, terminated, truncated), other, strict=True):
            assert np.array_equal(mine, its)
    ours.close()
    theirs.close()


def test_observations_do_not_depend_on_when_they_are_asked_for() -> None:
    often, seldom = game_of("ms_pacman"), game_of("ms_pacman")
    often.reset(3)
    seldom.reset(3)
    rng = np.random.default_rng(3)
    for tick in range(900):
        action = [int(rng.integers(len(often.spec.actions)))]
        often.tick(action)
        seldom.tick(action)
        seen = often.observe(0)
        if tick % 173 == 0:
            assert np.array_equal(seldom.observe(0), seen)
    assert np.array_equal(seldom.observe(0), often.observe(0))
    seen[:] = 0
    assert often.observe(0).any(), "what was handed out is the caller's own"


def play(game: AtariGame, actions: list[int]) -> list[tuple[Any, ...]]:
    """What can be seen of each tick, to the end of the game or of the actions."""
    seen = []
    for action in actions:
        tick = game.tick([action])
        seen.append((tick, game.scores(), game.digest(), game.frame().tobytes(), game.observe(0).tobytes()))
        if tick.ended:
            break
    return seen


def check_snapshots(game: AtariGame, points: int, before: int, after: int) -> None:
    """From each of `points` snapshots, `after` ticks bring the same again, also in another game."""
    rng = np.random.default_rng(11)
    actions = len(game.spec.actions)
    other = game_of(game.spec.id.removeprefix("atari/"))
    game.reset(5)
    for _ in range(points):
        for action in rng.integers(0, actions, int(rng.integers(before // 2, before))).tolist():
            if game.tick([action]).ended:
                game.reset(6)
        snapshot, digest = game.snapshot(), game.digest()
        picture, seen, scores = game.frame(), game.observe(0), game.scores()
        ahead = rng.integers(0, actions, after).tolist()
        first = play(game, ahead)
        for at in (game, other):
            at.restore(snapshot)
            assert at.digest() == digest
            assert at.scores() == scores
            assert np.array_equal(at.frame(), picture)
            assert np.array_equal(at.observe(0), seen)
            assert play(at, ahead) == first
        if first[-1][0].ended:
            game.reset(7)


@pytest.mark.parametrize("rom", ROMS)
def test_every_cartridge_starts_plays_a_second_and_goes_back_to_a_snapshot(rom: str) -> None:
    game = game_of(rom)
    game.reset(1)
    height = game.cartridge.height
    assert 210 <= height <= 250
    assert game.spec.actions[0] == "noop"
    assert len(set(game.spec.actions)) == len(game.spec.actions)
    rng = np.random.default_rng(4)
    actions = rng.integers(0, len(game.spec.actions), 100).tolist()
    before = play(game, actions[:60])
    assert game.frame().shape == (height, 160, 3)
    assert game.frame().dtype == np.uint8
    assert game.observe(0).shape == (4, 84, 84)
    assert game.observe(0).dtype == np.uint8
    assert len(game.audio()) == 512
    snapshot, digest, picture = game.snapshot(), game.digest(), game.frame()
    first = play(game, actions[60:])
    game.restore(snapshot)
    assert game.digest() == digest
    assert np.array_equal(game.frame(), picture)
    assert play(game, actions[60:]) == first
    game.reset(1)
    assert play(game, actions[:60]) == before


@pytest.mark.parametrize("rom", ["pong", "breakout", "ms_pacman", "qbert", "yars_revenge"])
def test_snapshots_are_exact_with_sticky_actions_here_and_in_another_game(rom: str) -> None:
    check_snapshots(game_of(rom), points=4, before=60, after=40)


@pytest.mark.slow
@pytest.mark.parametrize("rom", ROMS)
def test_snapshots_of_every_cartridge_are_exact(rom: str) -> None:
    check_snapshots(game_of(rom), points=3, before=80, after=20)


@pytest.mark.parametrize("rom", ["pong", "qbert"])
def test_a_console_that_another_game_has_left_starts_like_a_new_one(rom: str) -> None:
    actions = [tick // 7 % 6 for tick in range(200)]
    new = game_of(rom)
    new.reset(4)
    first = play(new, actions)
    before = game_of(rom)
    before.reset(9)
    play(before, actions[::-1])
    before.close()
    after = game_of(rom)
    assert after._ale is before._ale
    after.reset(4)
    assert play(after, actions) == first


def test_there_is_sound() -> None:
    game = game_of("space_invaders")
    game.reset(4)
    sounds = set()
    for tick in range(240):
        game.tick([tick // 5 % 5])
        sounds.add(game.audio())
    assert len(sounds) > 10
    game.restore(game.snapshot())
    assert game.audio() == b""


def test_another_chance_goes_another_way_and_its_snapshots_are_exact() -> None:
    game = game_of("pong")
    game.reset(4)
    play(game, [tick // 5 % 6 for tick in range(120)])
    here = game.snapshot()
    ways = []
    for seed in (4, 5, 5):
        game.restore(here)
        game.gamble(seed)
        middle = [game.digest()]
        play(game, [tick % 6 for tick in range(40)])
        before = game.snapshot()
        first = play(game, [tick % 6 for tick in range(40)])
        game.restore(before)
        assert play(game, [tick % 6 for tick in range(40)]) == first
        ways.append((middle, first))
    assert ways[0] != ways[1] == ways[2]
    replayed = game_of("qbert")
    replayed.reset(4)
    replayed.gamble(7)
    replayed.tick((0,))
    with pytest.raises(ValueError, match="cannot have another chance"):
        replayed.gamble(8)


def test_a_snapshot_of_another_game_is_refused() -> None:
    pong, boxing = game_of("pong"), game_of("boxing")
    pong.reset(1)
    boxing.reset(1)
    with pytest.raises(ValueError, match="atari/pong"):
        boxing.restore(pong.snapshot())


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**40), moves=st.lists(st.integers(0, 3), min_size=1, max_size=60))
def test_equal_seeds_and_actions_make_equal_games(seed: int, moves: list[int]) -> None:
    one, two = game_of("breakout"), game_of("breakout")
    one.reset(seed)
    two.reset(seed)
    assert play(one, moves) == play(two, moves)


def test_different_seeds_open_differently() -> None:
    game = game_of("pong")
    openings, digests = set(), set()
    for seed in range(16):
        game.reset(seed)
        openings.add(game._noops)
        digests.add(game.digest())
    assert openings <= set(range(1, 31))
    assert len(openings) > 8
    assert len(digests) == 16


DIGESTS = """
import sys
from arena.games import catalog
for rom in sys.argv[1:]:
    game = catalog.make(f"atari/{rom}")
    game.reset(12)
    for tick in range(90):
        game.tick([tick // 4 % len(game.spec.actions)])
    print(rom, game.digest())
"""


def digests_elsewhere(names: list[str], hash_seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", DIGESTS, *names],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )
    return done.stdout


def test_digests_are_the_same_in_every_process() -> None:
    names = ["pong", "qbert", "ms_pacman"]
    first = digests_elsewhere(names, "1").splitlines()
    assert sorted(first) == sorted(digests_elsewhere(names[::-1], "2").splitlines())


@pytest.mark.slow
def test_digests_of_every_cartridge_are_the_same_in_every_process(capsys: pytest.CaptureFixture[str]) -> None:
    exec(DIGESTS.replace("sys.argv[1:]", repr(ROMS)), {})
    first = capsys.readouterr().out.splitlines()
    assert sorted(first) == sorted(digests_elsewhere(ROMS[::-1], "2").splitlines())
    assert len({line.split()[1] for line in first}) == len(ROMS)


def test_a_sticky_console_holds_actions_as_often_as_it_says() -> None:
    game = game_of("pong", sticky=0.25)
    game.reset(1)
    game.tick([0])
    held = game._obeys.count(False) / len(game._obeys)
    assert 0.22 < held < 0.28
    game = game_of("pong", sticky=0.0)
    game.reset(1)
    game.tick([0])
    assert all(game._obeys)


def test_modes_and_difficulties_change_the_game() -> None:
    digests = set()
    for options in ({}, {"mode": 4}, {"difficulty": 1}):
        game = game_of("breakout", **options)
        game.reset(1)
        digests.add(game.digest())
    assert len(digests) == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mode": 7}, "mode=7 .* 0, 4, 8"),
        ({"difficulty": 9}, "difficulty=9 .* 0, 1"),
        ({"mode": True}, "mode=True"),
        ({"sticky": 1.0}, "sticky=1.0"),
        ({"sticky": "much"}, "sticky='much'"),
        ({"lives": 3}, "lives"),
    ],
)
def test_options_that_make_no_sense_are_named(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        catalog.make("atari/breakout", **options)


@pytest.mark.parametrize("options", [{"mode": 4}, {"difficulty": 1}, {"seats": 2}, {"sticky": -1}])
def test_training_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ArenaError):
        catalog.vector("atari/breakout", 2, 1, **options)


@pytest.mark.parametrize("actions", [[4], [-1]])
def test_actions_out_of_range_are_refused_in_a_match(actions: list[int]) -> None:
    game = game_of("breakout")
    game.reset(1)
    with pytest.raises(ValueError, match="0 to 3"):
        game.tick(actions)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("actions", [[0, 4], [-1, 0], [0], [0.0, 1.0]])
def test_actions_out_of_range_are_refused_in_training_and_do_not_hang(actions: list[Any]) -> None:
    envs = catalog.vector("atari/breakout", 2, 1)
    envs.reset()
    with pytest.raises(ValueError, match=r"0 to 3|whole numbers"):
        envs.step(np.array(actions))
    envs.step(np.array([0, 3]))
    envs.close()


def test_a_lost_life_ends_an_episode_but_not_the_game() -> None:
    envs = catalog.vector("atari/breakout", 2, 3)
    _, infos = envs.reset()
    lives = infos["lives"].copy()
    rng = np.random.default_rng(1)
    ends, games, after = 0, 0, np.zeros(2, np.bool_)
    for _ in range(700):
        _, rewards, terminated, _, infos = envs.step(rng.integers(0, 4, 2))
        assert not rewards[after].any(), "the step after an end is no data"
        finished = infos.get("_episode", np.zeros(2, np.bool_))
        assert not (finished & ~terminated).any()
        lost = (infos["lives"] < lives) & ~finished
        assert np.array_equal(terminated & ~finished, lost)
        ends += int(lost.sum())
        games += int(finished.sum())
        lives, after = infos["lives"].copy(), terminated
    assert games >= 4
    assert 4 * games <= ends <= 4 * games + 8
    envs.close()


def test_seeds_of_slots_are_apart_and_repeat() -> None:
    assert len(set(slot_seeds(1, 64).tolist()) | set(slot_seeds(2, 64).tolist())) == 128
    first = [catalog.vector("atari/pong", 2, 9) for _ in range(2)]
    seen = [envs.reset()[1]["episode_frame_number"].tolist() for envs in first]
    assert seen[0] == seen[1]
    for _ in range(50):
        one, two = (envs.step(np.array([2, 3]))[0] for envs in first)
        assert np.array_equal(one, two)
    for envs in first:
        envs.close()


def test_names_of_actions_are_words() -> None:
    assert game_of("boxing").spec.actions[-1] == "down left fire"
    assert game_of("pong").spec.actions == ("noop", "fire", "right", "left", "right fire", "left fire")
    assert console.words(14) == "up right fire"


def test_what_happens_in_a_slot_does_not_depend_on_the_threads_nor_on_who_steps_it() -> None:
    alone, together, apart = (catalog.vector("atari/breakout", 5, 3, threads=n) for n in (1, 2, 3))
    assert [len(envs.divided(9)) for envs in (alone, together, apart)] == [1, 2, 3]
    assert [part.num_envs for part in apart.divided(2)] == [4, 1]
    seen = [envs.reset()[0] for envs in (alone, together, apart)]
    np.testing.assert_array_equal(seen[1], seen[0])
    np.testing.assert_array_equal(seen[2], seen[0])
    rng = np.random.default_rng(4)
    plan = rng.integers(4, size=(400, 5))
    told: list[dict[str, Any]] = []
    kept = []
    for actions in plan:
        *one, infos = alone.step(actions)
        *two, others = together.step(actions)
        told.append(infos)
        kept.append(one)
        for mine, its in zip(one, two, strict=True):
            np.testing.assert_array_equal(mine, its)
        assert set(others) == set(infos)
        for name in ("r", "l"):
            if "episode" in infos:
                np.testing.assert_array_equal(others["episode"][name], infos["episode"][name])
    assert any("episode" in infos for infos in told)
    first = 0
    for part in apart.divided(2):  # one after the other, as far as it goes
        last = first + part.num_envs
        for actions, one in zip(plan, kept, strict=True):
            *three, _ = part.step(actions[first:last])
            for mine, its in zip(one, three, strict=True):
                np.testing.assert_array_equal(mine[first:last], its)
        first = last
    for envs in (alone, together, apart):
        envs.close()


@pytest.mark.parametrize("threads", [-1, 1.5, "two", True])
def test_a_number_of_threads_that_makes_no_sense_is_refused(threads: Any) -> None:
    with pytest.raises(UsageError, match=f"threads={threads}: a whole number"):
        catalog.vector("atari/pong", 2, 1, threads=threads)
