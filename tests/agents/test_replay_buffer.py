"""The buffer against a plain list of everything that happened."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.replay_buffer import ReplayBuffer, SumTree

GAMMA = 0.9


@dataclass
class Moment:
    """One step as it was, and what it led to."""

    observation: np.ndarray
    action: int
    reward: float
    terminated: bool
    truncated: bool
    after: np.ndarray


class Life:
    """Random episodes of stacked pictures in several environments, into a buffer and into lists."""

    def __init__(self, buffer: ReplayBuffer, seed: int) -> None:
        self.buffer, self.rng = buffer, np.random.default_rng(seed)
        self.envs = np.arange(buffer.num_envs)
        self.moments: list[list[Moment]] = [[] for _ in self.envs]
        self.seen = np.stack([self._first() for _ in self.envs])
        self.ended = np.zeros(buffer.num_envs, np.bool_)
        self.count = 0
        buffer.begin(self.envs, self.seen)

    def _picture(self) -> np.ndarray:
        return self.rng.integers(0, 256, (3, 3), dtype=np.uint8)

    def _first(self) -> np.ndarray:
        """Some games begin with a stack of the same, others with black ones: here they are all different."""
        stack = self.buffer.stack
        return np.stack([self._picture() for _ in range(stack)]) if stack > 1 else self._picture()

    def step(self) -> None:
        """All environments; those that have ended begin anew instead, as with NEXT_STEP autoreset."""
        going = self.envs[~self.ended]
        after = self.seen.copy()
        for env in going:
            picture = self._picture()
            after[env] = np.concatenate([after[env, 1:], picture[None]]) if self.buffer.stack > 1 else picture
        actions = self.rng.integers(0, 6, len(going))
        self.count += 1
        rewards = self.count + going / 100  # every step has a reward of its own
        terminated = self.rng.random(len(going)) < 0.1
        truncated = self.rng.random(len(going)) < 0.1
        self.buffer.add(going, actions, rewards, terminated, truncated, after[going])
        for i, env in enumerate(going):
            moment = Moment(
                self.seen[env].copy(),
                int(actions[i]),
                float(rewards[i]),
                bool(terminated[i]),
                bool(truncated[i]),
                after[env].copy(),
            )
            self.moments[env].append(moment)
        beginning = self.envs[self.ended]
        for env in beginning:
            after[env] = self._first()
        if len(beginning):
            self.buffer.begin(beginning, after[beginning])
        self.ended = np.zeros_like(self.ended)
        self.ended[going] = terminated | truncated
        self.seen = after

    def expected(self, reward: float, steps: int) -> tuple[Moment, float, float, np.ndarray]:
        """The moment with that first reward; return, discount and last observation over `steps` steps."""
        [(env, at)] = [
            (env, i)
            for env, moments in enumerate(self.moments)
            for i, moment in enumerate(moments)
            if abs(moment.reward - reward) < 1e-4
        ]
        total, discount = 0.0, 1.0
        for number, moment in enumerate(self.moments[env][at : at + steps]):
            total += GAMMA**number * moment.reward
            discount = GAMMA ** (number + 1) * (not moment.terminated)
            if moment.terminated or moment.truncated:
                break
        else:
            assert number == steps - 1, "drawn before it was whole"
        return self.moments[env][at], total, discount, moment.after


def lived(capacity: int, num_envs: int, stack: int, moves: int, seed: int, alpha: float = 0.0) -> Life:
    shape = (stack, 3, 3) if stack > 1 else (3, 3)
    life = Life(ReplayBuffer(capacity, num_envs, shape, np.dtype(np.uint8), stack=stack, alpha=alpha), seed)
    for _ in range(moves):
        life.step()
    return life


@given(
    num_envs=st.integers(1, 4),
    stack=st.sampled_from([1, 2, 4]),
    steps=st.integers(1, 4),
    moves=st.integers(8, 60),
    seed=st.integers(0, 2**31),
    alpha=st.sampled_from([0.0, 0.6]),
)
@settings(max_examples=60, deadline=None)
def test_what_is_drawn_is_what_happened_however_long_ago_the_ring_began_anew(
    num_envs: int, stack: int, steps: int, moves: int, seed: int, alpha: float
) -> None:
    life = lived(16 * num_envs, num_envs, stack, moves, seed, alpha)
    if not any(
        moment.terminated or moment.truncated or number + steps <= len(moments)
        for moments in life.moments
        for number, moment in enumerate(moments)
    ):
        return  # nothing is whole yet
    batch = life.buffer.sample(64, np.random.default_rng(seed), steps=steps, gamma=GAMMA)
    first_rewards = life.buffer.rewards.reshape(-1)[batch.places]
    for row in range(64):
        moment, total, discount, after = life.expected(float(first_rewards[row]), steps)
        assert np.array_equal(batch.observations[row], moment.observation)
        assert batch.actions[row] == moment.action
        assert batch.returns[row] == pytest.approx(total, rel=1e-5)
        assert batch.discounts[row] == pytest.approx(discount, rel=1e-5)
        assert np.array_equal(batch.next_observations[row], after)


def test_all_whole_transitions_that_are_held_are_drawn_alike() -> None:
    life = lived(40, 2, 2, 30, seed=3)
    batch = life.buffer.sample(20_000, np.random.default_rng(1))
    drawn, counts = np.unique(batch.places, return_counts=True)
    rewards = {round(float(r), 2) for r in life.buffer.rewards.reshape(-1)[drawn]}
    latest = {round(m.reward, 2) for moments in life.moments for m in moments[-10:]}
    assert latest <= rewards
    assert counts.min() > 0.8 * counts.mean()
    assert counts.max() < 1.2 * counts.mean()


def test_what_surprised_more_is_drawn_more_often_and_weighs_less() -> None:
    life = lived(64, 1, 1, 40, seed=5, alpha=0.5)
    buffer, rng = life.buffer, np.random.default_rng(2)
    places = np.unique(buffer.sample(2_000, rng).places)
    errors = np.ones(len(places))
    errors[0] = 16.0
    buffer.surprise(places, errors)
    batch = buffer.sample(20_000, rng, beta=1.0)
    often = (batch.places == places[0]).mean() / (batch.places == places[1]).mean()
    assert often == pytest.approx(4, rel=0.1)  # 16 ** 0.5
    assert batch.weights[batch.places == places[0]].max() == pytest.approx(1 / 4, rel=1e-3)
    assert batch.weights.max() == 1


def test_a_transition_of_a_stack_of_four_costs_one_picture() -> None:
    buffer = ReplayBuffer(10_000, 4, (4, 84, 84), np.dtype(np.uint8), stack=4)
    kept = (buffer.pictures, buffer.actions, buffer.rewards, buffer.follows)
    assert sum(array.nbytes for array in kept) / 10_000 <= 7_500


def test_a_buffer_that_is_put_back_draws_the_same() -> None:
    for alpha in (0.0, 0.7):
        life = lived(48, 3, 2, 25, seed=7, alpha=alpha)
        kept = {name: np.array(array) for name, array in life.buffer.state().items()}
        again = ReplayBuffer(48, 3, (2, 3, 3), np.dtype(np.uint8), stack=2, alpha=alpha)
        again.restore(kept)
        one, other = (b.sample(32, np.random.default_rng(4), steps=2) for b in (life.buffer, again))
        for name in ("observations", "actions", "returns", "discounts", "next_observations", "weights"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), name


def test_planes_behind_a_stack_are_kept_once_an_environment_and_come_with_every_observation() -> None:
    buffer = ReplayBuffer(60, 3, (4, 2, 2), np.dtype(np.uint8), stack=2, planes=2)
    envs, rng = np.arange(3), np.random.default_rng(0)
    planes = np.broadcast_to(np.arange(6, dtype=np.uint8).reshape(3, 2, 1, 1), (3, 2, 2, 2))

    def seen(number: int) -> np.ndarray:
        pictures = np.full((3, 2, 2, 2), number, np.uint8)
        pictures[:, 0] -= 1
        return np.concatenate([pictures, planes], axis=1)

    buffer.begin(envs, seen(1))
    nothing = np.zeros(3, bool)
    for number in range(2, 40):
        buffer.add(envs, np.zeros(3, int), np.zeros(3), nothing, nothing, seen(number))
    assert buffer.pictures.shape == (3, 20, 2, 2)
    again = ReplayBuffer(60, 3, (4, 2, 2), np.dtype(np.uint8), stack=2, planes=2)
    again.restore(buffer.state())
    for one in (buffer, again):
        batch = one.sample(64, rng)
        for now, after, place in zip(batch.observations, batch.next_observations, batch.places, strict=True):
            number = int(now[1, 0, 0])
            assert np.array_equal(now, seen(number)[place // 20])
            assert np.array_equal(after, seen(number + 1)[place // 20])


@pytest.mark.parametrize(
    ("capacity", "shape", "stack"), [(8, (4, 2), 4), (100, (3, 2), 4), (100, (4, 2), 2), (100, (), 2)]
)
def test_a_buffer_that_cannot_hold_what_it_is_for_is_refused(
    capacity: int, shape: tuple[int, ...], stack: int
) -> None:
    with pytest.raises(ValueError, match=r"too small|no stacks"):
        ReplayBuffer(capacity, 2, shape, np.dtype(np.uint8), stack=stack)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=40), st.data())
def test_a_sum_tree_finds_who_is_at_a_share_of_the_sum(numbers: list[int], data: Any) -> None:
    tree = SumTree(len(numbers))
    tree.set(np.arange(len(numbers)), np.array(numbers, np.float64))
    assert tree.total == sum(numbers)
    if sum(numbers):
        sums = np.array(data.draw(st.lists(st.integers(0, sum(numbers) - 1), min_size=1)), np.float64)
        found = tree.find(sums)
        assert np.array_equal(found, np.searchsorted(np.cumsum(numbers), sums, side="right"))


def test_a_buffer_that_is_full_goes_on_in_its_own_size_only() -> None:
    """Where an entry lies depends on the size; what is not yet full lies the same in any that holds it."""
    full = lived(48, 3, 2, 25, seed=7)
    kept = {name: np.array(array) for name, array in full.buffer.state().items()}
    for capacity in (45, 60):
        other = ReplayBuffer(capacity, 3, (2, 3, 3), np.dtype(np.uint8), stack=2)
        with pytest.raises(ValueError):
            other.restore(kept)
    part = lived(300, 3, 2, 25, seed=7)
    kept = {name: np.array(array) for name, array in part.buffer.state().items()}
    larger = ReplayBuffer(600, 3, (2, 3, 3), np.dtype(np.uint8), stack=2)
    larger.restore(kept)
    one, other = (b.sample(64, np.random.default_rng(1)) for b in (part.buffer, larger))
    assert np.array_equal(one.observations, other.observations)
    assert np.array_equal(one.next_observations, other.next_observations)
