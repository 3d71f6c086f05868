"""An atlas tells of an archive what people look at."""

import numpy as np
import pytest

from agents.archive import Archive
from agents.atlas import drawn, read
from agents.exploring import NOWHERE, Find, Known
from agents.go_explore import Alone
from agents.trajectories import START, Place
from tests.agents.chain_world import Chain, go_explore


def explored() -> tuple[Archive, bytes]:
    learner = go_explore(total_steps=3_000)
    for _ in learner.learn(Alone(Chain())):
        pass
    return learner.archive, learner.trajectory


def test_every_cell_is_where_it_was_seen_and_every_room_has_a_way() -> None:
    archive, trajectory = explored()
    atlas = read(drawn(archive, trajectory, [0, 1]))
    assert atlas.xs.tolist() == [archive.spot(n).x for n in range(len(archive))]
    assert set(atlas.ways) == {room for room in atlas.rooms.tolist() if room >= 0} and len(atlas.ways) > 1
    for room, way in atlas.ways.items():
        chain = Chain()
        for action in way:
            chain.step(action)
        assert chain.spot().room == room
    assert atlas.latest.tolist() == [0, 1]


def test_every_score_is_told_with_the_fewest_actions_that_lead_to_it() -> None:
    archive, put = Archive(), iter(range(10))
    for score, actions in ((0.0, b"abc"), (5.0, b"abcdef"), (5.0, b"bcde"), (7.0, b"xy"), (-1.0, b"z")):
        branch = archive.tree.grow(START, actions)
        known = Known(bytes([next(put)]), score, len(actions))
        archive.put(Find(known, len(actions), None, NOWHERE), Place(branch, len(actions)))
    arrays = drawn(archive, b"xy", [])
    assert read(arrays).ladder == {5.0: b"bcde", 7.0: b"xy"}
    earlier = {name: array for name, array in arrays.items() if not name.startswith("rung")}
    assert read(earlier).ladder == {7.0: b"xy"}


def test_an_atlas_of_an_earlier_time_has_the_cells_of_that_time() -> None:
    archive, trajectory = explored()
    atlas = read(drawn(archive, trajectory, [0, 1]))
    assert atlas.born[0] == 0 and (atlas.born[1:] > 0).all() and atlas.born.max() <= 3_000
    assert len(atlas.until(0).xs) == 1
    early, late = atlas.until(200), atlas.until(3_000)
    assert 1 < len(early.xs) < len(late.xs) == len(atlas.xs)
    assert set(early.ways) == set(early.rooms.tolist()) < set(atlas.ways)
    earlier = {name: array for name, array in drawn(archive, trajectory, []).items() if name != "born"}
    assert not read(earlier).born.any()


def test_where_nothing_has_scored_the_longest_way_is_told() -> None:
    archive, _ = explored()
    atlas = read(drawn(archive, b"", []))
    assert len(atlas.trajectory) == archive.lengths.array.max()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("xs", np.zeros(3, np.int16)),
        ("latest", np.array([10_000])),
        ("latest", np.array([-1])),
        ("way_ends", np.array([10**9])),
        ("way_rooms", np.zeros(0, np.int32)),
    ],
)
def test_what_is_no_atlas_is_refused(name: str, value: np.ndarray) -> None:
    archive, trajectory = explored()
    arrays = {**drawn(archive, trajectory, []), name: value}
    with pytest.raises(ValueError, match=r"."):
        read(arrays)
