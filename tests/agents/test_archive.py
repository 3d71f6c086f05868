"""The archive takes what is better, and trajectories that were played in one go."""

import numpy as np
import pytest

from agents.archive import Archive
from agents.exploring import END, NOWHERE, Exploration, Find, Known, Spot
from agents.trajectories import START


def find(cell: bytes, score: float, length: int, actions: int) -> Find:
    return Find(Known(cell, score, length), actions, b"state of " + cell, NOWHERE)


def exploration(actions: bytes, *finds: Find, visits: tuple[bytes, ...] = ()) -> Exploration:
    return Exploration(0, actions, visits or tuple(f.known.cell for f in finds), finds, None, None)


def begun() -> Archive:
    archive = Archive()
    archive.put(find(b"start", 0, 0, 0), START)
    return archive


def explore(
    archive: Archive, cell: bytes, actions: bytes, *finds: Find, visits: tuple[bytes, ...] = ()
) -> None:
    archive.merge(archive.set_out(archive.numbers[cell]), exploration(actions, *finds, visits=visits))


def test_a_new_cell_comes_with_its_trajectory_and_its_state() -> None:
    archive = begun()
    explore(archive, b"start", b"\1\2\3", find(b"a", 0, 1, 1), find(b"b", 5, 3, 3))
    explore(archive, b"a", b"\7", find(b"c", 0, 2, 1))
    b, c = archive.numbers[b"b"], archive.numbers[b"c"]
    assert archive.actions(b) == b"\1\2\3" and archive.scores[b] == 5
    assert archive.actions(c) == b"\1\7" and archive.way(c) == (b"state of c", b"")


@pytest.mark.parametrize(
    ("score", "length", "taken"), [(1, 9, True), (0, 3, True), (0, 4, False), (0, 5, False), (-1, 1, False)]
)
def test_higher_scores_are_taken_and_as_high_ones_by_fewer_actions(
    score: float, length: int, taken: bool
) -> None:
    archive = begun()
    explore(archive, b"start", bytes(4), find(b"a", 0, 4, 4))
    explore(archive, b"start", bytes(range(length)), find(b"a", score, length, length))
    number = archive.numbers[b"a"]
    assert (archive.actions(number) == bytes(range(length))) is taken
    assert archive.lengths[number] == (length if taken else 4)


def test_a_cell_is_seen_once_an_exploration_and_anew_when_it_is_bettered() -> None:
    archive = begun()
    explore(archive, b"start", bytes(4), find(b"a", 0, 4, 4))
    number = archive.numbers[b"a"]
    for _ in range(3):
        explore(archive, b"start", bytes(2), visits=(b"a", b"start"))
    assert archive.seen[number] == 3
    explore(archive, b"start", bytes(2), find(b"a", 0, 2, 2))
    assert archive.seen[number] == 0


def test_a_trajectory_is_what_was_played_though_its_cell_was_bettered_meanwhile() -> None:
    archive = begun()
    explore(archive, b"start", b"\1\1\1\1", find(b"a", 0, 4, 4))
    origin = archive.set_out(archive.numbers[b"a"])
    explore(archive, b"start", b"\2", find(b"a", 0, 1, 1))  # another way to the same cell, from elsewhere
    archive.merge(origin, exploration(b"\3", find(b"b", 0, 5, 1)))
    assert archive.actions(archive.numbers[b"b"]) == b"\1\1\1\1\3"
    assert archive.actions(archive.numbers[b"a"]) == b"\2"


def test_what_is_seen_seldom_is_chosen_more_often_and_the_end_never() -> None:
    archive = begun()
    explore(archive, b"start", bytes(3), find(b"a", 0, 1, 1), find(b"b", 0, 2, 2), find(END, 9, 3, 3))
    archive.seen[archive.numbers[b"a"]] = 8  # weights 1, 1/3, 1
    drawn = np.bincount(archive.select(7_000, np.random.default_rng(0)), minlength=4)
    assert drawn[archive.numbers[END]] == 0
    assert abs(drawn[archive.numbers[b"a"]] - 1_000) < 100
    assert archive.names[archive.best()] == END


def test_an_archive_that_was_kept_goes_on_the_same() -> None:
    archive = begun()
    explore(archive, b"start", b"\1\2\3", find(b"a", 0, 1, 1), find(b"b", 5, 3, 3))
    explore(archive, b"a", b"\4", find(b"b", 6, 2, 1))
    again = Archive.of(archive.state())
    assert again.known() == archive.known()
    assert [again.actions(n) for n in range(3)] == [archive.actions(n) for n in range(3)]
    assert again.tree.holds == archive.tree.holds
    assert again.way(2) == (None, b"\1\4"), "no emulator's state comes out of a file"


def test_an_archive_that_was_kept_empty_fills_again() -> None:
    again = Archive.of(Archive().state())
    for number in range(100):
        again.put(find(bytes([number]), 0, number, 0), START)
    assert again.lengths.array.tolist() == [*range(100)]


@pytest.mark.parametrize("name", ["names", "scores", "places", "seen"])
def test_a_damaged_archive_is_refused(name: str) -> None:
    archive = begun()
    explore(archive, b"start", b"\1\2\3", find(b"a", 0, 1, 1), find(b"b", 5, 3, 3))
    state = archive.state()
    state[name] = state[name][:-1]
    with pytest.raises(ValueError, match=r"end|archive|branch"):
        Archive.of(state)


def test_of_cells_that_become_one_the_best_remains() -> None:
    archive = begun()
    explore(archive, b"start", b"\1\2\3", find(b"a", 0, 1, 1), find(b"b", 5, 3, 3))
    archive.seen[archive.numbers[b"b"]] = 4
    renamed = archive.renamed([b"s", b"x", b"x"])
    assert renamed.known() == [Known(b"s", 0, 0), Known(b"x", 5, 3)]
    assert renamed.actions(1) == b"\1\2\3" and renamed.seen[1] == 4
    assert renamed.tree.holds == [1]


def test_a_hundred_thousand_cells_fit_in_a_gigabyte() -> None:
    import tracemalloc

    rng = np.random.default_rng(0)
    tracemalloc.start()
    archive = begun()
    states = rng.integers(0, 256, (1_000, 400), np.uint8)  # more than a packed state of an emulator takes
    for number in range(2_000):
        origin = archive.set_out(int(rng.integers(len(archive))))
        cells = [rng.bytes(88) for _ in range(10)]
        length = 1 + number
        finds = [
            Find(
                Known(cell, 0.0, length + at), at + 1, states[(number + at) % 1_000].tobytes(), Spot(1, 2, 3)
            )
            for at, cell in enumerate(cells)
        ]
        archive.merge(origin, Exploration(0, rng.bytes(100), tuple(cells), tuple(finds), None, None))
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used / len(archive) * 100_000 < 1e9 / 5
